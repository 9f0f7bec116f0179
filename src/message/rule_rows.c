/*
 * rule_rows.c
 *		Verdicts and rules as rows.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "message/rule_rows.h"

static void
put_verdict(ReturnSetInfo *result, const char *rule_id, char severity, const char *location, const char *detail)
{
	Datum		values[4];
	bool		nulls[4] = {0};

	values[0] = CStringGetTextDatum(rule_id);
	values[1] = CStringGetTextDatum(rule_severity_word(severity));
	values[2] = CStringGetTextDatum(location);
	values[3] = CStringGetTextDatum(detail);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

void
rule_put_unreadable(ReturnSetInfo *result, const char *location, const char *reason)
{
	put_verdict(result, "XML", RULE_FATAL, location, reason);
}

void
rule_put_violations(ReturnSetInfo *result, const List *violations)
{
	const ListCell *cell;

	foreach(cell, violations)
	{
		const RuleViolation *violation = lfirst(cell);

		put_verdict(result, violation->rule_id, violation->severity, violation->location, violation->detail);
	}
}

static void
put_rule(ReturnSetInfo *result, const Rule *rule, const char *message)
{
	const EdmLine lines[] = {EDM_V10, EDM_V11, EDM_V12, EDM_V20};
	Datum		values[7];
	bool		nulls[7] = {0};

	values[0] = CStringGetTextDatum(rule->id);
	values[1] = CStringGetTextDatum(message);
	for (int i = 0; i < (int) lengthof(lines); i++)
	{
		const char *word = rule_severity_word(rule_severity(rule, lines[i]));

		nulls[2 + i] = word == NULL;
		values[2 + i] = word ? CStringGetTextDatum(word) : (Datum) 0;
	}
	values[6] = CStringGetTextDatum(rule->expects);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

void
rule_put_table(ReturnSetInfo *result, const RuleTable *table, const char *message)
{
	for (int i = 0; i < table->count; i++)
		put_rule(result, &table->rules[i], message);
}
