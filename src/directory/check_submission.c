/*
 * check_submission.c
 *		ootspg.check_submission() and ootspg.submission_rules(): which tables a
 *		message of life cycle management meets, on which line, and the verdicts.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "compat.h"
#include "directory/published.h"
#include "directory/submission.h"
#include "library.h"
#include "message/rule_rows.h"

PG_FUNCTION_INFO_V1(ootspg_check_submission);
PG_FUNCTION_INFO_V1(ootspg_submission_rules);

static bool
is_answer(const XmlNode *root)
{
	return strcmp(xml_namespace(root), NS_RS) == 0 || strcmp(xml_local(root), "RegistryResponse") == 0;
}

/* What has an exception or says Failure is held against the rules of errors. */
static bool
is_error(const XmlNode *root)
{
	char	   *status = xml_attribute(root, NULL, "status");

	return xml_child(root, NS_RS, "Exception") != NULL || (status != NULL && strcmp(status, STATUS_FAILURE) == 0);
}

/* The directory is told by the first classification scheme that is known. */
static const char *
service_of(const XmlNode *root)
{
	ListCell   *cell;

	foreach(cell, nodes_below(root, "//rim:Classification"))
	{
		const char *service = submission_scheme_service(xml_attribute_trimmed(lfirst(cell), NULL, "classificationScheme"));

		if (service != NULL)
			return service;
	}
	return "dsd";
}

/* The object model is not named in a message: three objects show by what 1.0 does not have. */
static EdmLine
line_of(const XmlNode *root)
{
	ListCell   *cell;

	foreach(cell, nodes_below(root, "//rim:RegistryObject"))
	{
		const char *type = submission_association_type(lfirst(cell));

		if (type != NULL && (strcmp(type, "ProvidesEvidenceType") == 0 || strcmp(type, "UsesAccessService") == 0))
			return EDM_V12;
	}
	foreach(cell, nodes_below(root, "//rim:Classification"))
	{
		char	   *node = xml_attribute(lfirst(cell), NULL, "classificationNode");

		if (node != NULL && strcmp(node, "AccessService") == 0)
			return EDM_V12;
	}
	return EDM_V10;
}

static List *
run_rules(const XmlNode *root, EdmLine line, const char *service, const char *submission)
{
	SubmissionRun run = {0};

	run.run.root = unconstify(XmlNode *, root);
	/* the kinds are those of evidence exchange; here it matters only whether the root is one of ours */
	run.run.kind = xml_is(root, NS_LCM, "SubmitObjectsRequest") || xml_is(root, NS_RS, "RegistryResponse") ?
		MESSAGE_REQUEST : MESSAGE_OTHER;
	run.run.line = line;
	run.run.context = CurrentMemoryContext;
	run.run.paths = palloc0(sizeof(PathCache));
	run.submission = submission;
	if (is_answer(root))
		rule_run(&run.run, is_error(root) ? &rules_lcm_error : &rules_lcm_success);
	else
	{
		run.service = service;
		submission_index(&run);
		rule_run(&run.run, strcmp(service, "eb") == 0 ? &rules_eb : &rules_dsd);
	}
	return run.run.violations;
}

static char *
text_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

/* Arguments: message, line, service, id of the submission that an answer belongs to. */
Datum
ootspg_check_submission(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *line_name = text_argument(fcinfo, 1);
	char	   *service = text_argument(fcinfo, 2);
	EdmLine		line = line_from_identifier(line_name);
	XmlFault	fault;
	XmlDocument *message;
	bytea	   *bytes;

	InitMaterializedSRF(fcinfo, 0);
	library_require_objects();
	if (line_name != NULL && line == EDM_NONE)
		ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("\"%s\" is not a line", line_name),
				errhint("It is oots-edm:v1.0, oots-edm:v1.1, oots-edm:v1.2 or oots-edm:v2.0."));
	submission_require_service(service);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	bytes = PG_GETARG_BYTEA_PP(0);
	message = xml_read(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), &fault);
	if (message == NULL)
	{
		rule_put_unreadable(result, "message", fault.reason);
		return (Datum) 0;
	}
	rule_put_violations(result, run_rules(xml_root(message), line != EDM_NONE ? line : line_of(xml_root(message)),
										  service ? service : service_of(xml_root(message)), text_argument(fcinfo, 3)));
	xml_release(message);
	return (Datum) 0;
}

Datum
ootspg_submission_rules(PG_FUNCTION_ARGS)
{
	const struct
	{
		const RuleTable *table;
		const char *message;
	}			tables[] = {
		{&rules_dsd, "dsd"}, {&rules_eb, "eb"}, {&rules_lcm_success, "success"}, {&rules_lcm_error, "error"},
		{&rules_dsd_answer, "dsd answer"}, {&rules_dsd_refusal, "dsd refusal"}, {&rules_eb_answer, "eb answer"}
	};

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(tables); i++)
		rule_put_table((ReturnSetInfo *) fcinfo->resultinfo, tables[i].table, tables[i].message);
	return (Datum) 0;
}
