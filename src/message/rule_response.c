/*
 * rule_response.c
 *		R-EDM-RESP-*: success and deferral (EDM §2.3). The table stands at the
 *		end; a rule of a common shape is only a line of it. Checks about objects,
 *		packages and associations are in rule_packaging.c.
 *
 * Not in the table because no line can break them: S031, S032, C001, C014,
 * C034. Because their text was never seen (EDM §2.6): S038-S040, S043, S044,
 * C045, C048, C051-C054, C056, C057.
 */
#include "postgres.h"

#include "message/rule_answer.h"
#include "message/rule_packaging.h"
#include "message/shape.h"
#include "miscadmin.h"

#define RESPONSE			"q:QueryResponse"
#define PROVIDER_SLOT		RESPONSE "/rim:Slot[EvidenceProvider]"
#define PROVIDER_ELEMENT	PROVIDER_SLOT "/rim:SlotValue/rim:Element"
#define PROVIDER			PROVIDER_ELEMENT "/sdg:Agent"
#define REQUESTER			RESPONSE "/rim:Slot[EvidenceRequester]/rim:SlotValue/sdg:Agent"
/* At every depth: the published 2.0 content rules look into packages, and those
 * that do not (C050) are to be satisfied there as well (EDM §2.3, known oddity). */
#define OBJECTS				RESPONSE "/rim:RegistryObjectList//rim:RegistryObject"
#define METADATA			OBJECTS "/rim:Slot[EvidenceMetadata]/rim:SlotValue"
#define EVIDENCE			METADATA "/sdg:Evidence"
#define NATURAL_PERSON		EVIDENCE "/sdg:IsAbout/sdg:NaturalPerson"
#define LEGAL_PERSON		EVIDENCE "/sdg:IsAbout/sdg:LegalPerson"
#define AUTHORITY			EVIDENCE "/sdg:IssuingAuthority"
#define CONFORMANT			EVIDENCE "/sdg:IsConformantTo"
#define DISTRIBUTION		EVIDENCE "/sdg:Distribution"

static const char *const response_slots[] = {
	"SpecificationIdentifier", "EvidenceResponseIdentifier", "IssueDateTime",
	"EvidenceProvider", "EvidenceRequester", "ResponseAvailableDateTime", NULL
};

/* the first five of them are due in every response */
#define SLOTS_DUE 5

static int
count_slot(const XmlNode *parent, const char *name)
{
	int			count = 0;

	for (XmlNode *slot = xml_child(parent, NS_RIM, "Slot"); slot != NULL;
		 slot = xml_next_same(slot, NS_RIM, "Slot"))
	{
		char	   *found = xml_attribute(slot, NULL, "name");

		count += found != NULL && strcmp(found, name) == 0;
	}
	return count;
}

/* S007: 1.x asks it of a success only. */
static void
check_object_list(RuleRun *run, const void *unused)
{
	if ((run->line == EDM_V20 || status_is(run, STATUS_SUCCESS)) &&
		xml_child(run->root, NS_RIM, "RegistryObjectList") == NULL)
		rule_fail(run, run->root);
}

/* S008: later lines mean the exception of a success; S016 covers the deferral. */
static void
check_no_exception(RuleRun *run, const void *unused)
{
	if (run->line == EDM_V10 || status_is(run, STATUS_SUCCESS))
		check_absent(run, RESPONSE "/rs:Exception");
}

/* S014: only a deferral says when; 1.0 merely wants it said once. */
static void
check_available_allowed(RuleRun *run, const void *unused)
{
	int			count = count_slot(run->root, "ResponseAvailableDateTime");
	bool		broken = run->line == EDM_V10 ? count > 1 :
		count > 0 && !status_is(run, STATUS_UNAVAILABLE);

	if (broken)
		rule_fail(run, run->root);
}

/* S045 */
static void
check_available_due(RuleRun *run, const void *unused)
{
	if (status_is(run, STATUS_UNAVAILABLE) &&
		count_slot(run->root, "ResponseAvailableDateTime") != 1)
		rule_fail(run, run->root);
}

/* 1.0 repeats S009-S013 here but for doubled slots, and is content once the sixth slot is there. */
static void
check_slots_of_v10(RuleRun *run)
{
	if (count_slot(run->root, "ResponseAvailableDateTime") > 0)
		return;
	for (int i = 0; i < SLOTS_DUE; i++)
		if (count_slot(run->root, response_slots[i]) == 0)
		{
			rule_fail(run, run->root);
			return;
		}
}

static bool
is_response_slot(const XmlNode *node)
{
	char	   *name = xml_attribute(node, NULL, "name");

	for (const char *const *slot = response_slots; name != NULL && *slot != NULL; slot++)
		if (strcmp(name, *slot) == 0)
			return true;
	return false;
}

/* S016 */
static void
check_closed(RuleRun *run, const void *unused)
{
	if (run->line == EDM_V10)
	{
		check_slots_of_v10(run);
		return;
	}
	for (XmlNode *child = xml_first(run->root); child != NULL; child = xml_next(child))
	{
		bool		known = xml_is(child, NS_RIM, "Slot") ? is_response_slot(child) :
			xml_is(child, NS_RIM, "RegistryObjectList");

		CHECK_FOR_INTERRUPTS();
		if (!known)
			rule_fail(run, child);
	}
}

/* C011: the 1.0 assertion takes any code of the list. */
static bool
value_provider_class(const RuleRun *run, const char *value)
{
	if (run->line == EDM_V10)
		return code_in(CODES_AGENT_CLASSIFICATION, run->line, value);
	return strcmp(value, "EP") == 0 || strcmp(value, "IP") == 0;
}

static bool
node_is_evidence_provider(const RuleRun *run, const XmlNode *agent)
{
	XmlNode    *class = xml_child(agent, NS_SDG, "Classification");

	return class != NULL && strcmp(xml_text(class), "EP") == 0;
}

/* C046 */
static void
check_one_provider(RuleRun *run, const void *unused)
{
	ListCell   *slot;
	ListCell   *agent;

	foreach(slot, nodes_at(run, PROVIDER_SLOT))
	{
		int			count = 0;

		foreach(agent, nodes_below(lfirst(slot), "rim:SlotValue/rim:Element/sdg:Agent"))
			count += node_is_evidence_provider(run, lfirst(agent));
		if (count != 1)
			rule_fail(run, lfirst(slot));
	}
}

/* C028: 1.0 has its own shape, 2.0 looks at eIDAS identifiers only, as REQ-C040 does. */
static void
check_natural_identifier(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, NATURAL_PERSON "/sdg:Identifier"))
	{
		char	   *value = xml_text(lfirst(cell));

		if (run->line == EDM_V20 && !node_is_eidas(run, lfirst(cell)))
			continue;
		if (run->line == EDM_V10 ? !shape_person_identifier_v10(value) : !shape_person_identifier(value))
			rule_fail(run, lfirst(cell));
	}
}

/* C017: 1.0 normalises the URL first, later lines compare it as it stands (EDM §1.4.4). */
static bool
value_classification_url(const RuleRun *run, const char *value)
{
	return shape_classification(run->line, run->line == EDM_V10 ? xml_normalize(value) : value);
}

static bool
value_transformation(const RuleRun *run, const char *value)
{
	return shape_transformation(run->line, value);
}

static bool
value_cid(const RuleRun *run, const char *value)
{
	return shape_cid(run->line, value);
}

/*
 * C044: 1.0 looks for the words in the media type, so image/svg+xml is caught as well. A supplementary document must not have what
 * the rule asks for (S063), whatever its format: a seal that lies beside is XML, or JSON.
 */
static bool
node_needs_model(const RuleRun *run, const XmlNode *distribution)
{
	ListCell   *cell;
	const XmlNode *object = distribution;

	while (object != NULL && !xml_is(object, NS_RIM, "RegistryObject"))
		object = xml_parent(object);
	if (run->line != EDM_V10)
		return node_is_structured(run, distribution) && !(run->line == EDM_V20 && object != NULL && node_is_companion(object));
	foreach(cell, nodes_below(distribution, "sdg:Format"))
	{
		char	   *format = xml_text(lfirst(cell));

		if (strstr(format, "xml") != NULL || strstr(format, "json") != NULL)
			return true;
	}
	return false;
}

/* EDM §2.3: the types of the reverse rules cross the numbers of the forward ones */
#define SOURCE(word)	check_association_end, &(const AssociationEnd) {word, "sourceObject", word}
#define TARGET(word)	check_association_end, &(const AssociationEnd) {word, "targetObject", "MainEvidence"}

/* entries of the table that recur here */
#define SCHEME(context_)			VALUE(.context = context_, .item = "@schemeID", .test = value_person_scheme, .required = true)
#define SUCCESS_ATTRIBUTE(context_, name) \
	VALUE(.context = context_, .item = "@" name, .test = value_filled, .required = true, .applies = node_in_success)
#define SLOT(name)					RESPONSE "/rim:Slot[" name "]"
#define ONE_SLOT(name)				COUNT(RESPONSE, "rim:Slot[" name "]", 1, 1)
#define RULE(id, v10, v12, v20, ...) {"R-EDM-RESP-" id, v10, v12, v20, 0, __VA_ARGS__}

static const Rule rules[] = {
	/* id, 1.0, 1.2 (and 1.1), 2.0, check, argument, what is expected */
	RULE("S001", 'F', 'F', 'F', check_answer_name, NULL, "the root element is named QueryResponse"),
	RULE("S002", 'F', 'F', 'F', check_answer_namespace, NULL, "the root element is in the RegRep 4.0 query namespace"),
	RULE("S003", 'F', 'F', 'F', ATTRIBUTE(RESPONSE, "requestId"), "requestId is present"),
	RULE("S004", 'F', 'F', 'F', URN_UUID(RESPONSE, "requestId"), "requestId is urn:uuid: and a UUID"),
	RULE("S005", 'F', 'F', 'F', ATTRIBUTE(RESPONSE, "status"), "status is present"),
	RULE("S006", 'F', 'F', 'F', VALUE(.context = RESPONSE, .item = "@status", .words = WORDS(STATUS_SUCCESS, STATUS_UNAVAILABLE)), "status is Success or Unavailable"),
	RULE("S007", 'F', 'F', 'F', check_object_list, NULL, "a RegistryObjectList is present"),
	RULE("S008", 'F', 'F', 'F', check_no_exception, NULL, "no rs:Exception"),
	RULE("S009", 'F', 'F', 'F', ONE_SLOT("SpecificationIdentifier"), "exactly one slot SpecificationIdentifier"),
	RULE("S010", 'F', 'F', 'F', ONE_SLOT("EvidenceResponseIdentifier"), "exactly one slot EvidenceResponseIdentifier"),
	RULE("S011", 'F', 'F', 'F', ONE_SLOT("IssueDateTime"), "exactly one slot IssueDateTime"),
	RULE("S012", 'F', 'F', 'F', ONE_SLOT("EvidenceProvider"), "exactly one slot EvidenceProvider"),
	RULE("S013", 'F', 'F', 'F', ONE_SLOT("EvidenceRequester"), "exactly one slot EvidenceRequester"),
	RULE("S014", 'C', 'F', 'F', check_available_allowed, NULL, "slot ResponseAvailableDateTime only in a deferral, and once"),
	RULE("S015", 'F', 'F', 'F', check_metadata_slot, NULL, "exactly one slot EvidenceMetadata in each document"),
	RULE("S016", 'F', 'F', 'F', check_closed, NULL, "the slots of a response and the object list, nothing else"),
	RULE("S017", 'F', 'F', 'F', TYPE(SLOT("SpecificationIdentifier") "/rim:SlotValue", "StringValueType"), "slot value of type StringValueType"),
	RULE("S018", 'F', 'F', 'F', TYPE(SLOT("EvidenceResponseIdentifier") "/rim:SlotValue", "StringValueType"), "slot value of type StringValueType"),
	RULE("S019", 'F', 'F', 'F', TYPE(SLOT("IssueDateTime") "/rim:SlotValue", "DateTimeValueType"), "slot value of type DateTimeValueType"),
	RULE("S020", 'F', 'F', 'F', TYPE(SLOT("EvidenceProvider") "/rim:SlotValue", "CollectionValueType"), "slot value of type CollectionValueType"),
	RULE("S021", ' ', 'F', 'F', TYPE(PROVIDER_ELEMENT, "AnyValueType"), "elements of type AnyValueType"),
	RULE("S022", 'F', 'F', 'F', TYPE(SLOT("EvidenceRequester") "/rim:SlotValue", "AnyValueType"), "slot value of type AnyValueType"),
	RULE("S023", 'F', 'F', 'F', TYPE(SLOT("ResponseAvailableDateTime") "/rim:SlotValue", "DateTimeValueType"), "slot value of type DateTimeValueType"),
	RULE("S024", 'F', 'F', 'F', TYPE(METADATA, "AnyValueType"), "slot value of type AnyValueType"),
	RULE("S025", ' ', 'F', 'F', COUNT(PROVIDER_ELEMENT, "sdg:Agent", 1, -1), "an sdg:Agent in each element"),
	RULE("S026", ' ', 'F', 'F', CHILDREN(PROVIDER, WORDS("Identifier", "Name", "Address", "Classification")), "only Identifier, Name, Address and Classification"),
	RULE("S027", 'F', 'F', 'F', COUNT(SLOT("EvidenceRequester") "/rim:SlotValue", "sdg:Agent", 1, -1), "an sdg:Agent in the slot value"),
	RULE("S028", 'F', 'F', 'F', CHILDREN(REQUESTER, WORDS("Identifier", "Name"), WORDS("Identifier", "Name")), "Identifier and Name, nothing else"),
	RULE("S029", 'F', 'F', 'F', COUNT(METADATA, "sdg:Evidence", 1, -1), "an sdg:Evidence in the slot value"),
	RULE("S030", ' ', 'F', 'F', CHILDREN(CONFORMANT, WORDS("EvidenceTypeClassification", "Title", "Description")), "only EvidenceTypeClassification, Title and Description"),
	RULE("S033", 'F', 'F', 'F', check_item_reference, NULL, "a RepositoryItemRef in each document"),
	RULE("S034", ' ', 'F', 'F', SUCCESS_ATTRIBUTE(OBJECTS "/rim:RepositoryItemRef", "xlink:href"), "xlink:href is present"),
	RULE("S035", ' ', 'F', 'F', SUCCESS_ATTRIBUTE(OBJECTS "/rim:RepositoryItemRef", "xlink:title"), "xlink:title is present"),
	RULE("S036", 'F', 'F', 'F', VALUE(.context = OBJECTS, .item = "@id", .required = true, .applies = node_in_success), "id is present"),
	RULE("S037", 'F', 'F', 'F', URN_UUID(OBJECTS, "id"), "id is urn:uuid: and a UUID"),
	RULE("S041", ' ', 'F', 'F', CHILDREN(NATURAL_PERSON, WORDS("Identifier", "FamilyName", "GivenName", "DateOfBirth", "PlaceOfBirth")), "only Identifier, FamilyName, GivenName, DateOfBirth and PlaceOfBirth"),
	RULE("S042", ' ', 'F', 'F', CHILDREN(LEGAL_PERSON, WORDS("LegalPersonIdentifier", "LegalName")), "only LegalPersonIdentifier and LegalName"),
	RULE("S045", ' ', 'F', 'F', check_available_due, NULL, "exactly one slot ResponseAvailableDateTime in a deferral"),
	RULE("S046", ' ', ' ', 'F', check_nested_list, NULL, "exactly one RegistryObjectList in a package"),
	RULE("S047", ' ', ' ', 'F', check_main_evidence, NULL, "a document classified MainEvidence in a package"),
	RULE("S048", ' ', ' ', 'F', check_classified_once, NULL, "exactly one Classification of the EDM scheme"),
	RULE("S049", ' ', ' ', 'F', check_classification_node, NULL, "MainEvidence, Annex, HumanReadableVersion or Translation"),
	RULE("S050", ' ', ' ', 'F', check_companion_joined, NULL, "an association from each supplementary document"),
	RULE("S051", ' ', ' ', 'F', check_association_attribute, "sourceObject", "sourceObject is present"),
	RULE("S052", ' ', ' ', 'F', SOURCE("Annex"), "the source is classified Annex"),
	RULE("S053", ' ', ' ', 'F', SOURCE("HumanReadableVersion"), "the source is classified HumanReadableVersion"),
	RULE("S054", ' ', ' ', 'F', SOURCE("Translation"), "the source is classified Translation"),
	RULE("S055", ' ', ' ', 'F', check_association_attribute, "targetObject", "targetObject is present"),
	RULE("S056", ' ', ' ', 'F', TARGET("Annex"), "the target is classified MainEvidence"),
	RULE("S057", ' ', ' ', 'F', TARGET("HumanReadableVersion"), "the target is classified MainEvidence"),
	RULE("S058", ' ', ' ', 'F', TARGET("Translation"), "the target is classified MainEvidence"),
	RULE("S059", ' ', ' ', 'F', check_association_type, "Annex", "an Annex is joined as Annex"),
	RULE("S060", ' ', ' ', 'F', check_association_type, "Translation", "a Translation is joined as Translation"),
	RULE("S061", ' ', ' ', 'F', check_association_type, "HumanReadableVersion", "a HumanReadableVersion is joined as HumanReadableVersion"),
	RULE("S062", ' ', ' ', 'F', check_main_complete, NULL, "Identifier, IssuingDate, IsAbout, IssuingAuthority, IsConformantTo and Distribution"),
	RULE("S063", ' ', ' ', 'F', check_companion_bare, NULL, "only Identifier and a Distribution without ConformsTo"),
	RULE("S065", ' ', ' ', 'F', URN_UUID(OBJECTS "/rim:Classification", "id"), "id is urn:uuid: and a UUID"),
	RULE("S066", ' ', ' ', 'F', check_package_type, NULL, "only packages in the list of a response"),

	RULE("C002", 'F', 'F', 'F', VALUE_OF(SLOT("SpecificationIdentifier"), value_specification), "the specification identifier of the line"),
	RULE("C003", 'F', 'F', 'F', VALUE_IF_ANY(SLOT("EvidenceResponseIdentifier"), value_uuid), "a UUID without prefix"),
	RULE("C004", 'F', 'F', 'F', VALUE_IF_ANY(SLOT("IssueDateTime"), value_date_time), "a date and time"),
	RULE("C005", 'F', 'F', 'F', VALUE_IF_ANY(SLOT("ResponseAvailableDateTime"), value_date_time), "a date and time"),
	RULE("C006", 'F', 'F', 'F', ATTRIBUTE(PROVIDER "/sdg:Identifier", "schemeID"), "schemeID is present"),
	RULE("C007", 'F', 'F', 'F', check_agent_identifier, PROVIDER "/sdg:Identifier", "a known agent identifier scheme and a value below 256 characters"),
	RULE("C008", 'F', 'F', 'F', RAW(PROVIDER "/sdg:Address/sdg:AdminUnitLevel1", value_country), "a country code"),
	RULE("C009", ' ', ' ', 'F', RAW(PROVIDER "/sdg:Address/sdg:AdminUnitLevel2", value_nuts), "a NUTS code"),
	RULE("C010", 'F', 'F', 'F', ELEMENT(PROVIDER, "sdg:Classification"), "a Classification"),
	RULE("C011", 'F', 'F', 'F', RAW(PROVIDER "/sdg:Classification", value_provider_class), "EP or IP"),
	RULE("C012", 'F', 'F', 'F', ATTRIBUTE(REQUESTER "/sdg:Identifier", "schemeID"), "schemeID is present"),
	RULE("C013", 'F', 'F', 'F', check_agent_identifier, REQUESTER "/sdg:Identifier", "a known agent identifier scheme and a value below 256 characters"),
	RULE("C015", 'F', 'F', 'F', TEXT(EVIDENCE "/sdg:Identifier", value_uuid), "a UUID without prefix"),
	RULE("C016", 'F', 'F', 'F', TEXT(EVIDENCE "/sdg:IssuingDate", value_date), "a date"),
	RULE("C017", 'F', 'F', 'F', RAW(CONFORMANT "/sdg:EvidenceTypeClassification", value_classification_url), "the URL of an evidence type in the semantic repository"),
	RULE("C018", 'F', 'F', 'F', LANGUAGE(CONFORMANT "/sdg:Title"), "lang is a language code in upper case"),
	RULE("C019", 'F', 'F', 'F', ATTRIBUTE(CONFORMANT "/sdg:Title", "lang"), "lang is present"),
	RULE("C020", 'F', 'F', 'F', LANGUAGE(CONFORMANT "/sdg:Description"), "lang is a language code in upper case"),
	RULE("C021", 'F', 'F', 'F', ATTRIBUTE(CONFORMANT "/sdg:Description", "lang"), "lang is present"),
	RULE("C022", 'F', 'F', 'F', TEXT(DISTRIBUTION "/sdg:ConformsTo", value_data_model), "the URL of a data model in the semantic repository"),
	RULE("C023", 'F', 'F', 'F', RAW(DISTRIBUTION "/sdg:Format", value_media_type), "a media type of the list"),
	RULE("C026", 'F', 'F', 'F', RAW(DISTRIBUTION "/sdg:Language", value_language), "a language code in upper case"),
	RULE("C027", 'W', 'W', 'W', ELEMENT(NATURAL_PERSON, "sdg:Identifier"), "an Identifier"),
	RULE("C028", 'F', 'F', 'F', check_natural_identifier, NULL, "two country codes and a suffix, parted by slashes"),
	RULE("C030", 'F', 'F', 'F', ATTRIBUTE(NATURAL_PERSON "/sdg:Identifier", "schemeID"), "schemeID is present"),
	RULE("C031", 'F', 'F', 'F', SCHEME(NATURAL_PERSON "/sdg:Identifier"), "schemeID is eidas"),
	RULE("C032", 'F', 'F', 'F', TEXT(NATURAL_PERSON "/sdg:DateOfBirth", value_date), "a date"),
	RULE("C033", 'F', 'F', 'F', ELEMENT(LEGAL_PERSON, "sdg:LegalPersonIdentifier"), "a LegalPersonIdentifier"),
	RULE("C035", ' ', 'F', 'F', RAW(LEGAL_PERSON "/sdg:LegalPersonIdentifier", value_person_identifier), "two country codes and a suffix, parted by slashes"),
	RULE("C036", ' ', 'F', 'F', ATTRIBUTE(LEGAL_PERSON "/sdg:LegalPersonIdentifier", "schemeID"), "schemeID is present"),
	RULE("C037", ' ', 'F', 'F', SCHEME(LEGAL_PERSON "/sdg:LegalPersonIdentifier"), "schemeID is eidas"),
	RULE("C038", 'F', 'F', 'F', ATTRIBUTE(AUTHORITY "/sdg:Identifier", "schemeID"), "schemeID is present"),
	RULE("C039", 'F', 'F', 'F', check_agent_identifier, AUTHORITY "/sdg:Identifier", "a known agent identifier scheme and a value below 256 characters"),
	RULE("C040", 'F', 'F', 'F', TEXT(EVIDENCE "/sdg:ValidityPeriod/sdg:StartDate", value_date), "a date"),
	RULE("C041", 'F', 'F', 'F', TEXT(EVIDENCE "/sdg:ValidityPeriod/sdg:EndDate", value_date), "a date"),
	RULE("C042", 'F', 'F', 'F', VALUE(.context = OBJECTS "/rim:RepositoryItemRef", .item = "@xlink:href", .test = value_cid, .required = true), "cid: and a content identifier"),
	RULE("C043", 'F', 'F', ' ', TEXT(DISTRIBUTION "/sdg:Transformation", value_transformation), "the URL of a subset in the semantic repository"),
	RULE("C044", 'F', 'F', 'F', COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, -1, node_needs_model), "ConformsTo with a structured format"),
	RULE("C046", ' ', 'F', 'F', check_one_provider, NULL, "exactly one agent classified EP"),
	RULE("C047", ' ', 'F', 'F', COUNT(PROVIDER, "sdg:Address/sdg:AdminUnitLevel1", 1, 1, node_is_evidence_provider), "exactly one AdminUnitLevel1 of the agent classified EP"),
	RULE("C049", ' ', 'F', 'F', check_lengths, &(const LengthRule) {.string_value_two = false}, "texts of at least the minimum length"),
	RULE("C050", ' ', 'F', 'F', COUNT(DISTRIBUTION, "sdg:ConformsTo", 0, 0, node_is_unstructured), "no ConformsTo with an unstructured format"),
	RULE("C055", ' ', 'C', ' ', HINT, "a hint on Transformation"),
	RULE("C058", ' ', ' ', 'F', COUNT(DISTRIBUTION, "sdg:Format", 1, 1), "exactly one Format"),
};

const RuleTable rules_response = {rules, lengthof(rules)};
