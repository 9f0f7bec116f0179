/*
 * rule.c
 *		The engine that runs the rule tables (EDM §2.0) over a message and its
 *		header. It knows which tables concern which kind of message and which
 *		column concerns which line; what a rule looks at is the tables' business.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "message/rule.h"
#include "message/rule_shared.h"
#include "settings.h"

#define STATUS "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"

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

MessageKind
message_kind(const XmlNode *root)
{
	char	   *status;

	if (root == NULL)
		return MESSAGE_OTHER;
	if (xml_is(root, NS_QUERY, "QueryRequest"))
		return MESSAGE_REQUEST;
	if (!xml_is(root, NS_QUERY, "QueryResponse"))
		return MESSAGE_OTHER;
	if (xml_child(root, NS_RS, "Exception") != NULL)
		return MESSAGE_ERROR;
	/* an absent or unknown status is a fault of a response (RESP-S005, -S006) */
	status = xml_attribute(root, NULL, "status");
	return status != NULL && strcmp(status, STATUS "Failure") == 0 ? MESSAGE_ERROR : MESSAGE_RESPONSE;
}

/* Without a body, the action tells what the header belongs to (EDM §5). */
static MessageKind
header_kind(const Header *header)
{
	if (header->action == NULL)
		return MESSAGE_OTHER;
	if (strcmp(header->action, "ExecuteQueryRequest") == 0)
		return MESSAGE_REQUEST;
	if (strcmp(header->action, "ExecuteQueryResponse") == 0)
		return MESSAGE_RESPONSE;
	if (strcmp(header->action, "ExceptionResponse") == 0)
		return MESSAGE_ERROR;
	return MESSAGE_OTHER;
}

const char *
message_specification(const XmlNode *root)
{
	XmlNode    *slot = root ? xml_child(root, NS_RIM, "Slot") : NULL;

	for (; slot != NULL; slot = xml_next_same(slot, NS_RIM, "Slot"))
	{
		char	   *name = xml_attribute(slot, NULL, "name");
		XmlNode    *value;

		if (name == NULL || strcmp(name, "SpecificationIdentifier") != 0)
			continue;
		value = node_below(slot, "rim:SlotValue//rim:Value");
		/* Stripped, so that the verdict on blanks (C001, raw) is that of the right line. */
		return value ? xml_trimmed(value) : NULL;
	}
	return NULL;
}

/*
 * The line whose rules decide (EDM §6): the header property exists only in
 * 2.0 and goes before the slot, whatever its value (ebMS-038 judges that).
 */
static EdmLine
line_to_check(const XmlNode *root, const Header *header)
{
	EdmLine		line;

	if (header != NULL && header_property(header, "SpecificationId") != NULL)
		return EDM_V20;
	line = line_from_identifier(message_specification(root));
	if (line != EDM_NONE)
		return line;
	return header != NULL && header_property(header, "ExchangeId") != NULL ? EDM_V20 : EDM_V12;
}

List *
rules_check(const XmlDocument *message, const XmlDocument *header, EdmLine line)
{
	RuleRun		run = {0};

	run.root = message ? xml_root(message) : NULL;
	run.header = header ? header_read(header) : NULL;
	run.line = line != EDM_NONE ? line : line_to_check(run.root, run.header);
	run.accept_eidas2 = oots_accept_eidas2;
	run.paths = palloc0(sizeof(PathCache));
	if (run.root != NULL)
		run.kind = message_kind(run.root);
	else
		run.kind = run.header ? header_kind(run.header) : MESSAGE_OTHER;

	if (run.header != NULL)
		rule_run(&run, &rules_header);
	if (run.root == NULL)
		return run.violations;

	switch (run.kind)
	{
		case MESSAGE_REQUEST:
			rule_run(&run, &rules_request);
			rule_run(&run, &rules_identity);
			break;
		case MESSAGE_RESPONSE:
			rule_run(&run, &rules_response);
			break;
		case MESSAGE_ERROR:
			rule_run(&run, &rules_error);
			break;
		case MESSAGE_OTHER:
			/* only REQ-S001 and S002 find anything: every other context starts at a request */
			rule_run(&run, &rules_request);
			break;
	}
	return run.violations;
}
