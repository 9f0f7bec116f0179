/*
 * rule_lcm.c
 *		R-LCM-SUC-* and R-LCM-ERR-*: answers to submissions. The published contexts
 *		of ERR-009 to 017 lack a prefix and match nothing; here they match. The
 *		workbook writes R-LBM-ERR for the family, the Schematron some ids without ERR.
 */
#include "postgres.h"

#include "directory/submission.h"

#define EXCEPTION		ANSWER "/rs:Exception"
#define STATUS			"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"
#define SEVERITY		"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"
#define UNREADABLE		"LCM:ERR:0003"

static void
check_answer_name(RuleRun *run, const void *unused)
{
	if (strcmp(xml_local(run->root), "RegistryResponse") != 0)
		rule_fail(run, run->root);
}

static void
check_answer_namespace(RuleRun *run, const void *unused)
{
	if (strcmp(xml_namespace(run->root), NS_RS) != 0)
		rule_fail(run, run->root);
}

/* SUC-004, ERR-004 */
static bool
value_request_id(const RuleRun *run, const char *value)
{
	const char *submission = SUBMISSION_RUN(run)->submission;

	return value_urn_uuid(run, value) && (submission == NULL || pg_strcasecmp(submission, value) == 0);
}

/* ERR-003: only a request that could not be read may go without its name. */
static void
check_request_named(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	if (run->root == NULL || xml_attribute(run->root, NULL, "requestId") != NULL)
		return;
	foreach(cell, nodes_at(run, EXCEPTION))
	{
		char	   *code = xml_attribute(lfirst(cell), NULL, "code");

		if (code != NULL && strcmp(code, UNREADABLE) == 0)
			return;
	}
	rule_fail(run, run->root);
}

/* ERR-009 */
static void
check_exception_typed(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, EXCEPTION))
		if (xml_xsi_type(lfirst(cell)) == NULL)
			rule_fail(run, lfirst(cell));
}

/* ERR-010: all three codes have the same type. */
static void
check_exception_type(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, EXCEPTION))
	{
		char	   *type = xml_xsi_type(lfirst(cell));

		if (type != NULL && strcmp(type, "rs:InvalidRequestExceptionType") != 0)
			rule_fail(run, lfirst(cell));
	}
}

/* ERR-011: the list also has the severities of the queries and of evidence exchange. */
static bool
value_severity(const RuleRun *run, const char *value)
{
	const char *last = strrchr(value, ':');

	return strcmp(value, SEVERITY) == 0 ||
		(strncmp(value, "urn:sr.oots.tech.", strlen("urn:sr.oots.tech.")) == 0 && last != NULL &&
		 (strcmp(last, ":AdditionalInput") == 0 || strcmp(last, ":PreviewRequired") == 0));
}

#define SUC(id, ...) {"R-LCM-SUC-" id, 'F', 'F', 'F', 0, __VA_ARGS__}
#define ERR(id, ...) {"R-LCM-ERR-" id, 'F', 'F', 'F', 0, __VA_ARGS__}

static const Rule success[] = {
	SUC("001", check_answer_name, NULL, "the root element is named RegistryResponse"),
	SUC("002", check_answer_namespace, NULL, "the root element is in the RegRep 4.0 rs namespace"),
	SUC("003", PRESENT(ANSWER, "@requestId"), "requestId is present"),
	SUC("004", VALUE(.context = ANSWER, .item = "@requestId", .test = value_request_id, .normalized = true), "requestId is the id of the submission, urn:uuid: and a UUID"),
	SUC("005", PRESENT(ANSWER, "@status"), "status is present"),
	SUC("006", VALUE(.context = ANSWER, .item = "@status", .required = true, .words = WORDS(STATUS "Success")), "status is Success"),
	SUC("007", check_absent, ANSWER "/rim:RegistryObjectList", "no RegistryObjectList"),
	SUC("008", check_absent, ANSWER "/rim:Slot", "no slot"),
};

static const Rule failure[] = {
	ERR("001", check_answer_name, NULL, "the root element is named RegistryResponse"),
	ERR("002", check_answer_namespace, NULL, "the root element is in the RegRep 4.0 rs namespace"),
	ERR("003", check_request_named, NULL, "requestId, unless the request could not be read"),
	ERR("004", VALUE(.context = ANSWER, .item = "@requestId", .test = value_request_id, .normalized = true), "requestId is the id of the submission, urn:uuid: and a UUID"),
	ERR("005", PRESENT(ANSWER, "@status"), "status is present"),
	ERR("006", VALUE(.context = ANSWER, .item = "@status", .required = true, .words = WORDS(STATUS "Failure")), "status is Failure"),
	ERR("007", check_absent, ANSWER "/rim:RegistryObjectList", "no RegistryObjectList"),
	ERR("008", COUNT(ANSWER, "rs:Exception", 1, -1), "at least one rs:Exception"),
	ERR("009", check_exception_typed, NULL, "xsi:type is present"),
	ERR("010", check_exception_type, NULL, "xsi:type is rs:InvalidRequestExceptionType"),
	ERR("011", VALUE(.context = EXCEPTION, .item = "@severity", .test = value_severity, .required = true), "severity is one of the list"),
	ERR("012", VALUE(.context = EXCEPTION, .item = "@severity", .words = WORDS(SEVERITY)), "severity is Error"),
	ERR("013", PRESENT(EXCEPTION, "@message"), "message is present"),
	/* obsolete: a constant text that the workbook has dropped */
	{"R-LCM-ERR-014", ' ', ' ', ' ', 0, HINT, "message was Generic Error"},
	ERR("015", PRESENT(EXCEPTION, "@code"), "code is present"),
	ERR("016", VALUE(.context = EXCEPTION, .item = "@code", .words = WORDS("LCM:ERR:0001", "LCM:ERR:0002", UNREADABLE)), "code is one of the list of LCM error codes"),
	ERR("017", check_absent, ANSWER "/rim:Slot", "no slot"),
};

const RuleTable rules_lcm_success = {success, lengthof(success)};
const RuleTable rules_lcm_error = {failure, lengthof(failure)};
