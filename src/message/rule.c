/*
 * rule.c
 *		The engine that runs rule tables (EDM §2.0). It knows which column concerns
 *		which line; what a rule looks at is the tables' business.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "message/rule.h"

/*
 * The places of one rule that are listed. A hostile message may break a rule in
 * as many places as it has elements, and finding out where each stands takes
 * time that grows with its siblings.
 */
#define MOST_PLACES 20

void
rule_fail(RuleRun *run, const XmlNode *where)
{
	MemoryContext old;
	RuleViolation *violation;

	if (run->concerns != NULL && !run->concerns(run, where))
		return;
	if (run->places++ >= MOST_PLACES)
		return;
	old = MemoryContextSwitchTo(run->context);
	violation = palloc(sizeof(RuleViolation));
	violation->rule_id = run->current->id;
	violation->severity = rule_severity(run->current, run->line);
	violation->location = where ? xml_location(where) : pstrdup("message");
	violation->detail = run->current->expects;
	run->violations = lappend(run->violations, violation);
	MemoryContextSwitchTo(old);
}

/* Nobody has seen the rules of 1.1. Its requests are read as tolerantly as those of 1.0, by which
 * many of them are written; what is emitted keeps the rules of 1.2 (EDM §2.7). */
static bool
is_about_requests(const Rule *rule)
{
	return strncmp(rule->id, "R-EDM-REQ-", strlen("R-EDM-REQ-")) == 0;
}

char
rule_severity(const Rule *rule, EdmLine line)
{
	switch (line)
	{
		case EDM_V10:
			return rule->v10;
		case EDM_V11:
			if (rule->v11 != '\0')
				return rule->v11;
			return rule->v12 == RULE_FATAL && rule->v10 == RULE_ABSENT && is_about_requests(rule) ? RULE_WARNING : rule->v12;
		case EDM_V12:
			return rule->v12;
		case EDM_V20:
			return rule->v20;
		case EDM_NONE:
			break;
	}
	return RULE_ABSENT;
}

const char *
rule_severity_word(char severity)
{
	switch (severity)
	{
		case RULE_FATAL:
			return "fatal";
		case RULE_WARNING:
			return "warning";
		case RULE_CAUTION:
			return "caution";
		default:
			return NULL;
	}
}

/* What a rule allocates goes with it: lists of nodes and copies of values of one
 * rule may take as much as the message, and there are hundreds of rules. */
void
rule_run(RuleRun *run, const RuleTable *table)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "ootspg rule", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);

	run->context = old;
	for (int i = 0; i < table->count; i++)
	{
		const Rule *rule = &table->rules[i];

		CHECK_FOR_INTERRUPTS();
		/* a rule without check is published, but says only what may be there */
		if (rule->check == NULL || rule_severity(rule, run->line) == RULE_ABSENT)
			continue;
		run->current = rule;
		run->places = 0;
		rule->check(run, rule->argument);
		MemoryContextReset(scratch);
	}
	run->current = NULL;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}
