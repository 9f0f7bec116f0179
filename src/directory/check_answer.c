/*
 * check_answer.c
 *		ootspg.check_directory_answer(): which tables an answer of a directory to a
 *		query meets, on which line. And ootspg_internal.broken_answer_rules(): what
 *		the entry of one provider breaks in it, whatever else is wrong with the answer.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "directory/published.h"
#include "directory/submission.h"
#include "message/rule_rows.h"
#include "message/rules.h"

PG_FUNCTION_INFO_V1(ootspg_check_directory_answer);
PG_FUNCTION_INFO_V1(ootspg_broken_answer_rules);

#define LINE_PREFIX	"oots-cs:"

typedef struct AnswerRun
{
	RuleRun		run;			/* first, so that checks can go from one to the other */
	List	   *own;			/* registry objects and access services of the provider, by address */
} AnswerRun;

/* The lines of the common services are those of evidence exchange; EDM_NONE when unknown or NULL. */
static EdmLine
line_from_service_version(const char *version)
{
	if (version == NULL || strncmp(version, LINE_PREFIX, strlen(LINE_PREFIX)) != 0)
		return EDM_NONE;
	return line_from_identifier(psprintf("oots-edm:%s", version + strlen(LINE_PREFIX)));
}

/* An answer without version has the shape of 1.0; one that is not known is newer than all that are. */
static EdmLine
line_of(const XmlNode *root)
{
	const char *version = message_specification(root);
	EdmLine		line = line_from_service_version(version);

	if (version == NULL)
		return EDM_V10;
	return line != EDM_NONE ? line : EDM_V20;
}

/* The broker is told by its codes, or by what its objects hold. */
static bool
is_of_broker(const XmlNode *root)
{
	const XmlNode *exception = xml_child(root, NS_RS, "Exception");
	const char *code = exception ? xml_attribute_trimmed(exception, NULL, "code") : NULL;
	const XmlNode *slot = node_below(root, "rim:RegistryObjectList/rim:RegistryObject/rim:Slot");

	return (code != NULL && strncmp(code, "EB:", strlen("EB:")) == 0) ||
		(slot != NULL && attribute_is(slot, "name", "Requirement"));
}

/* What says Success is held against the rules of a success, exceptions or not. */
static bool
is_refusal(const XmlNode *root)
{
	return xml_child(root, NS_RS, "Exception") != NULL && !attribute_is(root, "status", STATUS_SUCCESS);
}

static void
begin_run(RuleRun *run, const XmlNode *root, EdmLine line)
{
	run->root = unconstify(XmlNode *, root);
	run->kind = message_kind(root);
	run->line = line;
	run->context = CurrentMemoryContext;
	run->paths = palloc0(sizeof(PathCache));
}

static List *
run_rules(const XmlNode *root, EdmLine line, bool broker)
{
	RuleRun		run = {0};

	begin_run(&run, root, line);
	if (!is_refusal(root))
		rule_run(&run, broker ? &rules_eb_answer : &rules_dsd_answer);
	else if (!broker)
		rule_run(&run, &rules_dsd_refusal);
	return run.violations;
}

/* Arguments: answer, line, service. */
Datum
ootspg_check_directory_answer(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *version = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *service = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	EdmLine		line = line_from_service_version(version);
	XmlFault	fault;
	XmlDocument *answer;
	const XmlNode *root;
	bytea	   *bytes;

	InitMaterializedSRF(fcinfo, 0);
	if (version != NULL && line == EDM_NONE)
		ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("\"%s\" is not a line of the common services", version),
				errhint("It is oots-cs:v1.0, oots-cs:v1.1, oots-cs:v1.2 or oots-cs:v2.0."));
	submission_require_service(service);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	bytes = PG_GETARG_BYTEA_PP(0);
	answer = xml_read(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), &fault);
	if (answer == NULL)
	{
		rule_put_unreadable(result, "message", fault.reason);
		return (Datum) 0;
	}
	root = xml_root(answer);
	rule_put_violations(result, run_rules(root, line != EDM_NONE ? line : line_of(root),
										  service ? strcmp(service, "eb") == 0 : is_of_broker(root)));
	xml_release(answer);
	return (Datum) 0;
}

static int
compare_addresses(const ListCell *a, const ListCell *b)
{
	return lfirst(a) < lfirst(b) ? -1 : lfirst(a) > lfirst(b);
}

static bool
is_own(const List *own, const XmlNode *node)
{
	int			low = 0;
	int			high = list_length(own);

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if ((const XmlNode *) list_nth(own, middle) < node)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list_length(own) && list_nth(own, low) == node;
}

/* Below an access service of the provider, or in its registry object but below no access service. */
static bool
concerns_provider(const RuleRun *run, const XmlNode *where)
{
	const List *own = ((const AnswerRun *) run)->own;

	for (; where != NULL; where = xml_parent(where))
		if (xml_is(where, NS_RIM, "RegistryObject"))
			return is_own(own, where);
		else if (xml_is(where, NS_SDG, "AccessService") && !is_own(own, where))
			return false;
	return false;
}

/* UUIDs are written in any case. */
static bool
is_service(const XmlNode *node, const char *data_service)
{
	const XmlNode *identifier = xml_child(node, NS_SDG, "Identifier");

	return identifier != NULL && pg_strcasecmp(xml_trimmed(identifier), data_service) == 0;
}

static bool
is_publisher(const XmlNode *node, const char *scheme, const char *publisher)
{
	const XmlNode *identifier = xml_child(node, NS_SDG, "Identifier");
	const char *found = identifier ? xml_attribute_trimmed(identifier, NULL, "schemeID") : NULL;

	return found != NULL && strcmp(found, scheme) == 0 && strcmp(xml_trimmed(identifier), publisher) == 0;
}

static List *
own_nodes(const XmlNode *root, const char *data_service, const char *scheme, const char *publisher)
{
	List	   *own = NIL;
	ListCell   *object;
	ListCell   *service;
	ListCell   *access;

	foreach(object, nodes_below(root, "rim:RegistryObjectList/rim:RegistryObject"))
	{
		int			before = list_length(own);

		CHECK_FOR_INTERRUPTS();
		foreach(service, nodes_below(lfirst(object), SERVICE_IN_OBJECT))
		{
			if (!is_service(lfirst(service), data_service))
				continue;
			foreach(access, nodes_below(lfirst(service), "sdg:AccessService"))
			{
				const XmlNode *node = xml_child(lfirst(access), NS_SDG, "Publisher");

				while (node != NULL && !is_publisher(node, scheme, publisher))
					node = xml_next_same(node, NS_SDG, "Publisher");
				if (node != NULL)
					own = lappend(own, lfirst(access));
			}
		}
		if (list_length(own) > before)
			own = lappend(own, lfirst(object));
	}
	list_sort(own, compare_addresses);
	return own;
}

/* (body bytea, data_service text, publisher_scheme text, publisher text) returns text[]; strict */
Datum
ootspg_broken_answer_rules(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	XmlFault	fault;
	XmlDocument *answer = xml_read(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), &fault);
	AnswerRun	run = {.run.concerns = concerns_provider};
	Datum	   *ids;
	int			count = 0;
	const char *last = "";
	ListCell   *cell;

	if (answer == NULL)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(TEXTOID));
	begin_run(&run.run, xml_root(answer), line_of(xml_root(answer)));
	run.own = own_nodes(run.run.root, text_to_cstring(PG_GETARG_TEXT_PP(1)),
						text_to_cstring(PG_GETARG_TEXT_PP(2)), text_to_cstring(PG_GETARG_TEXT_PP(3)));
	if (!is_refusal(run.run.root) && run.own != NIL)
		rule_run(&run.run, &rules_dsd_answer);
	ids = palloc(sizeof(Datum) * (list_length(run.run.violations) + 1));
	foreach(cell, run.run.violations)
	{
		const RuleViolation *violation = lfirst(cell);

		/* violations of one rule stand together */
		if (violation->severity != RULE_FATAL || strcmp(violation->rule_id, last) == 0)
			continue;
		last = violation->rule_id;
		ids[count++] = CStringGetTextDatum(last);
	}
	xml_release(answer);
	PG_RETURN_ARRAYTYPE_P(construct_array(ids, count, TEXTOID, -1, false, TYPALIGN_INT));
}
