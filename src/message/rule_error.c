/*
 * rule_error.c
 *		R-EDM-ERR-*: error answers (EDM §2.4, workbook numbering). S005 is not
 *		in the table: an absent status breaks S006.
 */
#include "postgres.h"

#include "message/rule_answer.h"
#include "miscadmin.h"

#define ANSWER			"q:QueryResponse"
#define PROVIDER_VALUE	ANSWER "/rim:Slot[ErrorProvider]/rim:SlotValue"
#define PROVIDER		PROVIDER_VALUE "/sdg:Agent"
#define REQUESTER		ANSWER "/rim:Slot[EvidenceRequester]/rim:SlotValue/sdg:Agent"
#define EXCEPTION		ANSWER "/rs:Exception"

#define SEVERITY_ERROR	"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"
#define PREVIEW_REQUIRED \
	"urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:EDMErrorResponse:PreviewRequired"
/* as the April 2023 snapshot has it (EDM §0, trap 1) */
#define PREVIEW_REQUIRED_2023 \
	"urn:sr.oots.tech.europa.eu:codes:ErrorSeverity:EDMErrorResponse:PreviewRequired"

#define AUTHORIZATION	"rs:AuthorizationExceptionType"
#define INVALID_REQUEST	"rs:InvalidRequestExceptionType"

static bool
exception_is(const XmlNode *exception, const char *type)
{
	char	   *found = xml_xsi_type(exception);

	return found != NULL && strcmp(found, type) == 0;
}

/* S006 */
static void
check_status(RuleRun *run, const void *unused)
{
	if (!status_is(run, STATUS_FAILURE) &&
		!(run->line == EDM_V10 && status_is(run, STATUS_UNAVAILABLE)))
		rule_fail(run, run->root);
}

static bool
value_slot_name(const RuleRun *run, const char *value)
{
	return strcmp(value, "SpecificationIdentifier") == 0 ||
		strcmp(value, "EvidenceResponseIdentifier") == 0 ||
		strcmp(value, "ErrorProvider") == 0 ||
		strcmp(value, "EvidenceRequester") == 0;
}

/* S027: 2.0 no longer has the method. */
static bool
value_exception_slot_name(const RuleRun *run, const char *value)
{
	return strcmp(value, "Timestamp") == 0 ||
		strcmp(value, "PreviewLocation") == 0 ||
		strcmp(value, "PreviewDescription") == 0 ||
		(strcmp(value, "PreviewMethod") == 0 && line_traits(run->line)->preview_method);
}

/* An element and the language it says it is in */
typedef struct Localized
{
	const XmlNode *node;
	const char *name;
	char	   *language;
} Localized;

static int
compare_localized(const void *a, const void *b)
{
	const Localized *one = a;
	const Localized *other = b;
	int			order = strcmp(one->name, other->name);

	return order != 0 ? order : strcmp(one->language, other->language);
}

static void
check_siblings(RuleRun *run, const XmlNode *parent)
{
	Localized  *children;
	int			room = 0;
	int			count = 0;

	for (XmlNode *child = xml_first(parent); child != NULL; child = xml_next(child))
		room++;
	if (room < 2)
		return;

	children = palloc(sizeof(Localized) * room);
	for (XmlNode *child = xml_first(parent); child != NULL; child = xml_next(child))
	{
		char	   *language = xml_attribute(child, NULL, "lang");

		if (language != NULL)
			children[count++] = (Localized) {child, xml_local(child), language};
	}
	qsort(children, count, sizeof(Localized), compare_localized);
	for (int i = 1; i < count; i++)
		if (compare_localized(&children[i - 1], &children[i]) == 0)
			rule_fail(run, children[i].node);
	pfree(children);
}

/* S030. Sorted, not compared pair by pair: the number of siblings is the sender's choice. */
static void
check_one_text_per_language(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	check_siblings(run, run->root);
	foreach(cell, nodes_below(run->root, "//*"))
	{
		CHECK_FOR_INTERRUPTS();
		check_siblings(run, lfirst(cell));
	}
}

static bool
node_has_preview(const RuleRun *run, const XmlNode *exception)
{
	return node_below(exception, "rim:Slot[PreviewLocation]") != NULL;
}

/* C008: the 1.0 list has a slip that leaves only ERRP (EDM §2.0). */
static bool
value_provider_class(const RuleRun *run, const char *value)
{
	if (strcmp(value, "ERRP") == 0)
		return true;
	return run->line != EDM_V10 && (strcmp(value, "EP") == 0 || strcmp(value, "IP") == 0);
}

/* C011: exactly one until 1.1.2, at least one since. */
static void
check_exceptions(RuleRun *run, const void *unused)
{
	int			count = xml_count(run->root, NS_RS, "Exception");

	if (status_is(run, STATUS_FAILURE) && (count < 1 || (run->line == EDM_V10 && count > 1)))
		rule_fail(run, run->root);
}

/* C012 */
static void
check_exception_typed(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, EXCEPTION))
		if (xml_xsi_type(lfirst(cell)) == NULL)
			rule_fail(run, lfirst(cell));
}

/* C013, C017: the first eight numbers are all there are. */
#define ERROR_CODES 8

/* C013 compares the type with its prefix (EDM §0, trap 2). */
static void
check_exception_type(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, EXCEPTION))
	{
		int			number = 1;

		while (number <= ERROR_CODES && !exception_is(lfirst(cell), error_code(number)->type))
			number++;
		if (number > ERROR_CODES && xml_xsi_type(lfirst(cell)) != NULL)
			rule_fail(run, lfirst(cell));
	}
}

static bool
value_error_code(const RuleRun *run, const char *value)
{
	for (int number = 1; number <= ERROR_CODES; number++)
		if (strcmp(error_code(number)->code, value) == 0)
			return true;
	return false;
}

static bool
value_preview_required(const RuleRun *run, const char *value)
{
	return strcmp(value, PREVIEW_REQUIRED) == 0 ||
		(run->line == EDM_V10 && strcmp(value, PREVIEW_REQUIRED_2023) == 0);
}

/* C014 */
static bool
value_severity(const RuleRun *run, const char *value)
{
	return strcmp(value, SEVERITY_ERROR) == 0 || value_preview_required(run, value);
}

/*
 * C015: every code but that of the preview is an Error. The 1.0 assertion is
 * the converse: what has the type of the preview must not be an Error.
 */
static void
check_severity_of_code(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, EXCEPTION))
	{
		bool		is_error = attribute_is(lfirst(cell), "severity", SEVERITY_ERROR);
		bool		broken = run->line == EDM_V10 ?
			is_error && exception_is(lfirst(cell), AUTHORIZATION) :
			!is_error && xml_attribute(lfirst(cell), NULL, "code") != NULL &&
			!attribute_is(lfirst(cell), "code", error_code(2)->code);

		if (broken)
			rule_fail(run, lfirst(cell));
	}
}

/* C021: a misspelt path makes POST fail in the 1.0 file, 1.2 adds PUT. */
static bool
value_method(const RuleRun *run, const char *value)
{
	if (strcmp(value, "GET") == 0)
		return true;
	return run->line != EDM_V10 && (strcmp(value, "POST") == 0 || strcmp(value, "PUT") == 0);
}

/* C024. 1.2 anchors it on the Address; the prose of every line wants exactly one of those. */
static void
check_one_country(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, PROVIDER))
		if (xml_count(lfirst(cell), NS_SDG, "Address") != 1 ||
			list_length(nodes_below(lfirst(cell), "sdg:Address/sdg:AdminUnitLevel1")) != 1)
			rule_fail(run, lfirst(cell));
}

/* C025 */
static void
check_request_named(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	if (xml_attribute(run->root, NULL, "requestId") != NULL)
		return;
	foreach(cell, nodes_at(run, EXCEPTION))
		if (exception_is(lfirst(cell), INVALID_REQUEST))
			return;
	rule_fail(run, run->root);
}

/* entries of the table that recur here */
#define SLOT(name)					ANSWER "/rim:Slot[" name "]"
#define EXCEPTION_SLOT(name)		EXCEPTION "/rim:Slot[" name "]"
#define SLOTS(context, name, least, most)	COUNT(context, "rim:Slot[" name "]", least, most)
#define RULE(id, v10, v12, v20, ...) {"R-EDM-ERR-" id, v10, v12, v20, 0, __VA_ARGS__}

static const Rule rules[] = {
	/* id, 1.0, 1.2 (and 1.1), 2.0, check, argument, what is expected */
	RULE("S001", 'F', 'F', 'F', check_answer_name, NULL, "the root element is named QueryResponse"),
	RULE("S002", 'F', 'F', 'F', check_answer_namespace, NULL, "the root element is in the RegRep 4.0 query namespace"),
	RULE("S003", ' ', 'C', 'C', ATTRIBUTE(ANSWER, "requestId"), "requestId should be present"),
	RULE("S004", 'F', 'F', 'F', URN_UUID(ANSWER, "requestId"), "requestId is urn:uuid: and a UUID"),
	RULE("S006", 'F', 'F', 'F', check_status, NULL, "status is Failure"),
	RULE("S007", ' ', 'F', 'F', check_absent, ANSWER "/rim:RegistryObjectList", "no RegistryObjectList"),
	RULE("S008", 'F', 'F', 'F', COUNT(ANSWER, "rs:Exception", 1, -1), "at least one rs:Exception"),
	RULE("S009", 'F', 'F', 'F', SLOTS(ANSWER, "SpecificationIdentifier", 1, 1), "exactly one slot SpecificationIdentifier"),
	RULE("S010", 'F', 'F', 'F', SLOTS(ANSWER, "EvidenceResponseIdentifier", 1, 1), "exactly one slot EvidenceResponseIdentifier"),
	RULE("S011", 'F', 'F', 'F', SLOTS(ANSWER, "ErrorProvider", 1, 1), "exactly one slot ErrorProvider"),
	RULE("S012", 'F', 'C', 'C', SLOTS(ANSWER, "EvidenceRequester", 1, -1), "a slot EvidenceRequester"),
	RULE("S013", 'F', 'F', 'F', SLOTS(EXCEPTION, "Timestamp", 1, 1), "exactly one slot Timestamp"),
	/* what may be there may be there once */
	RULE("S014", ' ', 'C', 'C', SLOTS(EXCEPTION, "PreviewLocation", 0, 1), "at most one slot PreviewLocation"),
	RULE("S015", 'F', 'C', 'C', SLOTS(EXCEPTION, "PreviewDescription", 0, 1), "at most one slot PreviewDescription"),
	RULE("S016", 'F', 'C', ' ', SLOTS(EXCEPTION, "PreviewMethod", 0, 1), "at most one slot PreviewMethod"),
	RULE("S017", ' ', 'F', 'F', VALUE(.context = ANSWER "/rim:Slot", .item = "@name", .test = value_slot_name, .required = true), "the slots of an error, no others"),
	RULE("S018", 'F', 'F', 'F', TYPE(SLOT("SpecificationIdentifier") "/rim:SlotValue", "StringValueType"), "slot value of type StringValueType"),
	RULE("S019", 'F', 'F', 'F', TYPE(SLOT("EvidenceResponseIdentifier") "/rim:SlotValue", "StringValueType"), "slot value of type StringValueType"),
	RULE("S020", 'F', 'F', 'F', TYPE(PROVIDER_VALUE, "AnyValueType"), "slot value of type AnyValueType"),
	RULE("S021", 'F', 'F', 'F', TYPE(SLOT("EvidenceRequester") "/rim:SlotValue", "AnyValueType"), "slot value of type AnyValueType"),
	RULE("S022", ' ', 'F', 'F', TYPE(EXCEPTION_SLOT("Timestamp") "/rim:SlotValue", "DateTimeValueType"), "slot value of type DateTimeValueType"),
	RULE("S023", 'F', 'F', 'F', TYPE(EXCEPTION_SLOT("PreviewLocation") "/rim:SlotValue", "StringValueType"), "slot value of type StringValueType"),
	RULE("S024", 'F', 'F', 'F', TYPE(EXCEPTION_SLOT("PreviewDescription") "/rim:SlotValue", "InternationalStringValueType"), "slot value of type InternationalStringValueType"),
	RULE("S025", 'F', 'F', ' ', TYPE(EXCEPTION_SLOT("PreviewMethod") "/rim:SlotValue", "StringValueType"), "slot value of type StringValueType"),
	RULE("S026", 'F', 'F', 'F', COUNT(PROVIDER_VALUE, "sdg:Agent", 1, 1), "exactly one sdg:Agent"),
	RULE("S027", ' ', 'F', 'F', VALUE(.context = EXCEPTION "/rim:Slot", .item = "@name", .test = value_exception_slot_name, .required = true), "the slots of an exception, no others"),
	RULE("S028", ' ', 'F', 'F', check_one_slot_value, NULL, "exactly one SlotValue in a slot"),
	RULE("S029", ' ', 'F', 'F', check_slot_value_filled, NULL, "a SlotValue that is not empty"),
	RULE("S030", ' ', 'F', 'F', check_one_text_per_language, NULL, "no two siblings of one name in one language"),
	RULE("S031", ' ', 'F', ' ', COUNT(EXCEPTION, "rim:Slot[PreviewMethod]", 1, -1, node_has_preview), "a slot PreviewMethod beside PreviewLocation"),

	RULE("C001", 'F', 'F', 'F', VALUE_OF(SLOT("SpecificationIdentifier"), value_specification), "the specification identifier of the line"),
	RULE("C002", 'F', 'F', 'F', VALUE_IF_ANY(SLOT("EvidenceResponseIdentifier"), value_uuid), "a UUID without prefix"),
	RULE("C003", 'F', 'F', 'F', ATTRIBUTE(PROVIDER "/sdg:Identifier", "schemeID"), "schemeID is present"),
	RULE("C004", 'F', 'F', 'F', check_agent_identifier, PROVIDER "/sdg:Identifier", "a known agent identifier scheme and a value below 256 characters"),
	RULE("C005", 'F', 'F', 'F', RAW(PROVIDER "/sdg:Address/sdg:AdminUnitLevel1", value_country), "a country code"),
	RULE("C006", ' ', ' ', 'F', RAW(PROVIDER "/sdg:Address/sdg:AdminUnitLevel2", value_nuts), "a NUTS code"),
	RULE("C007", 'F', 'F', 'F', ELEMENT(PROVIDER, "sdg:Classification"), "a Classification"),
	RULE("C008", 'F', 'F', 'F', RAW(PROVIDER "/sdg:Classification", value_provider_class), "EP, IP or ERRP"),
	RULE("C009", 'F', 'F', 'F', ATTRIBUTE(REQUESTER "/sdg:Identifier", "schemeID"), "schemeID is present"),
	RULE("C010", 'F', 'F', 'F', check_agent_identifier, REQUESTER "/sdg:Identifier", "a known agent identifier scheme and a value below 256 characters"),
	RULE("C011", 'F', 'F', 'F', check_exceptions, NULL, "an rs:Exception in a failure"),
	RULE("C012", 'F', 'F', 'F', check_exception_typed, NULL, "xsi:type is present"),
	RULE("C013", 'F', 'F', 'F', check_exception_type, NULL, "one of the eight exception types"),
	RULE("C014", 'F', 'F', 'F', VALUE(.context = EXCEPTION, .item = "@severity", .test = value_severity), "severity is Error or PreviewRequired"),
	RULE("C015", 'F', 'F', 'F', check_severity_of_code, NULL, "the severity fits the error"),
	RULE("C016", 'F', 'F', 'F', ATTRIBUTE(EXCEPTION, "message"), "message is present"),
	RULE("C017", 'F', 'F', 'F', VALUE(.context = EXCEPTION, .item = "@code", .test = value_error_code), "one of the eight error codes"),
	RULE("C018", 'F', 'F', 'F', VALUE_IF_ANY(EXCEPTION_SLOT("Timestamp"), value_date_time), "a date and time"),
	RULE("C019", 'F', 'F', 'F', VALUE_OF(EXCEPTION_SLOT("PreviewLocation"), value_https), "an address that starts with https://"),
	RULE("C020", 'F', 'F', 'F', VALUE(.context = EXCEPTION_SLOT("PreviewDescription") "//rim:LocalizedString", .item = "@xml:lang", .test = value_language), "xml:lang is a language code in upper case"),
	RULE("C021", 'F', 'F', ' ', VALUE_OF(EXCEPTION_SLOT("PreviewMethod"), value_method), "GET, POST or PUT"),
	/* only this half of the rule is executed from 1.2 on */
	RULE("C022", ' ', 'F', 'F', VALUE(.context = EXCEPTION, .item = "@severity", .test = value_preview_required, .required = true, .applies = node_has_preview), "severity PreviewRequired beside PreviewLocation"),
	RULE("C023", ' ', 'F', 'F', COUNT(PROVIDER_VALUE, "sdg:Agent", 1, 1), "exactly one sdg:Agent"),
	RULE("C024", ' ', 'F', 'F', check_one_country, NULL, "exactly one Address with exactly one AdminUnitLevel1"),
	RULE("C025", ' ', 'F', 'F', check_request_named, NULL, "requestId, unless the request was invalid"),
	RULE("C026", ' ', 'F', 'F', ATTRIBUTE(EXCEPTION, "code"), "code is present"),
	RULE("C027", ' ', 'F', 'F', check_lengths, &(const LengthRule) {.string_value_two = true}, "texts of at least the minimum length"),
	RULE("C028", ' ', 'F', 'F', LANGUAGE(REQUESTER "/sdg:Name"), "lang is a language code in upper case"),
	RULE("C029", ' ', 'F', 'F', ATTRIBUTE(REQUESTER "/sdg:Name", "lang"), "lang is present"),
	RULE("C030", ' ', 'F', 'F', LANGUAGE(PROVIDER "/sdg:Name"), "lang is a language code in upper case"),
	RULE("C031", ' ', 'F', 'F', ATTRIBUTE(PROVIDER "/sdg:Name", "lang"), "lang is present"),
};

const RuleTable rules_error = {rules, lengthof(rules)};
