/*
 * check.c
 *		ootspg.check_message() and ootspg.rules(): the rules as SQL sees them.
 *		check_message() never fails for what is in a message: what cannot be read
 *		is a row, so that a query over hostile messages runs to its end.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "compat.h"
#include "message/rule.h"

PG_FUNCTION_INFO_V1(ootspg_check_message);
PG_FUNCTION_INFO_V1(ootspg_rules);

static void
put_violation(ReturnSetInfo *result, const char *rule_id, const char *severity,
			  const char *location, const char *detail)
{
	Datum		values[4];
	bool		nulls[4] = {0};

	values[0] = CStringGetTextDatum(rule_id);
	values[1] = CStringGetTextDatum(severity);
	values[2] = location ? CStringGetTextDatum(location) : (Datum) 0;
	nulls[2] = location == NULL;
	values[3] = CStringGetTextDatum(detail);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Read one of the two arguments; what cannot be read becomes a row of rule XML. */
static XmlDocument *
read_argument(FunctionCallInfo fcinfo, int argument, const char *location, bool *unreadable)
{
	XmlFault	fault;
	XmlDocument *document;
	bytea	   *bytes;

	if (PG_ARGISNULL(argument))
		return NULL;
	bytes = PG_GETARG_BYTEA_PP(argument);
	document = xml_read(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), &fault);
	if (document == NULL)
	{
		put_violation((ReturnSetInfo *) fcinfo->resultinfo, "XML", "fatal", location, fault.reason);
		*unreadable = true;
	}
	return document;
}

Datum
ootspg_check_message(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		unreadable = false;
	XmlDocument *message;
	XmlDocument *header;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	message = read_argument(fcinfo, 0, "message", &unreadable);
	header = read_argument(fcinfo, 1, "header", &unreadable);
	if (header != NULL && header_read(header) == NULL)
	{
		put_violation(result, "XML", "fatal", "header", "the root is neither eb:Messaging nor eb:UserMessage");
		unreadable = true;
	}
	if (!unreadable && (message != NULL || header != NULL))
	{
		foreach(cell, rules_check(message, header, EDM_NONE))
		{
			const RuleViolation *violation = lfirst(cell);

			put_violation(result, violation->rule_id, rule_severity_word(violation->severity),
						  violation->location, violation->detail);
		}
	}
	if (message != NULL)
		xml_release(message);
	if (header != NULL)
		xml_release(header);
	return (Datum) 0;
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

Datum
ootspg_rules(PG_FUNCTION_ARGS)
{
	const struct
	{
		const RuleTable *table;
		const char *message;
	}			tables[] = {
		{&rules_header, "header"}, {&rules_request, "request"}, {&rules_identity, "request"},
		{&rules_response, "response"}, {&rules_error, "error"}
	};

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(tables); i++)
		for (int j = 0; j < tables[i].table->count; j++)
			put_rule((ReturnSetInfo *) fcinfo->resultinfo, &tables[i].table->rules[j], tables[i].message);
	return (Datum) 0;
}
