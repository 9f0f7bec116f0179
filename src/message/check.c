/*
 * check.c
 *		ootspg.check_message() and ootspg.rules(): the rules as SQL sees them.
 *		check_message() never fails for what is in a message: what cannot be read
 *		is a row, so that a query over hostile messages runs to its end.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"

#include "compat.h"
#include "message/rule_rows.h"
#include "message/rules.h"

PG_FUNCTION_INFO_V1(ootspg_check_message);
PG_FUNCTION_INFO_V1(ootspg_rules);

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
		rule_put_unreadable((ReturnSetInfo *) fcinfo->resultinfo, location, fault.reason);
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

	/* no rows mean that no rule is broken: not so of nothing */
	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("there is neither a message nor a header to check")));
	InitMaterializedSRF(fcinfo, 0);
	message = read_argument(fcinfo, 0, "message", &unreadable);
	header = read_argument(fcinfo, 1, "header", &unreadable);
	if (header != NULL && header_read(header) == NULL)
	{
		rule_put_unreadable(result, "header", "the root is neither eb:Messaging nor eb:UserMessage");
		unreadable = true;
	}
	if (!unreadable && (message != NULL || header != NULL))
		rule_put_violations(result, rules_check(message, header, EDM_NONE));
	if (message != NULL)
		xml_release(message);
	if (header != NULL)
		xml_release(header);
	return (Datum) 0;
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
		rule_put_table((ReturnSetInfo *) fcinfo->resultinfo, tables[i].table, tables[i].message);
	return (Datum) 0;
}
