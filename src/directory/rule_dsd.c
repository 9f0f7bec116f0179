/*
 * rule_dsd.c
 *		R-DSD-SUB-*: submissions to the Data Services Directory. The workbook of 1.0
 *		calls every rule fatal, and so do we, but for two that the published Schematron,
 *		the schema and the examples contradict.
 *
 * The rules of 1.1 and later (DSD-SUB_RF-*) are known by name only. Their columns
 * hold the conditions of 1.0, put to the places of the three-object model.
 */
#include "postgres.h"

#include "directory/submission.h"
#include "message/codelist.h"
#include "message/shape.h"

#define REQUEST			"lcm:SubmitObjectsRequest"
#define LIST			REQUEST "/rim:RegistryObjectList"
#define CLASSIFICATION	OBJECT "/rim:Classification"
#define PROVIDER_SLOT	OBJECT "/rim:Slot[EvidenceProvider]"
#define TYPE_SLOT		OBJECT "/rim:Slot[DataServiceEvidenceType]"
/* in the provider's slot in 1.0, in a slot of its own later */
#define ACCESS_SERVICE	OBJECT "/rim:Slot/rim:SlotValue/sdg:AccessService"
/* in the access service in 1.0, alone in the slot later */
#define PUBLISHER		PROVIDER_SLOT "//sdg:Publisher"
#define CONCEPT			PUBLISHER "/sdg:ClassificationConcept"
#define EVIDENCE_TYPE	TYPE_SLOT "/rim:SlotValue/sdg:DataServiceEvidenceType"
#define DISTRIBUTION	EVIDENCE_TYPE "/sdg:DistributedAs"
#define QUESTION		EVIDENCE_TYPE "/sdg:EvidenceProviderClassification"
#define DETERMINATION	EVIDENCE_TYPE "/sdg:EvidenceProviderJurisdictionDetermination"

/* S013 */
static bool
value_node(const RuleRun *run, const char *value)
{
	return strcmp(value, "EvidenceProvider") == 0 || strcmp(value, "DataServiceEvidenceType") == 0 ||
		(run->line != EDM_V10 && strcmp(value, "AccessService") == 0);
}

/*
 * S018. Later the provider's element is not established (it is a setting of the
 * target), but there is one, and the access service has a slot of its own.
 */
static void
check_provider_content(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, PROVIDER_SLOT))
	{
		int			services = list_length(nodes_below(lfirst(cell), "rim:SlotValue/sdg:AccessService"));
		int			all = list_length(nodes_below(lfirst(cell), "rim:SlotValue/sdg:*"));

		if (run->line == EDM_V10 ? services != 1 : services != 0 || all != 1)
			rule_fail(run, lfirst(cell));
	}
	foreach(cell, nodes_at(run, OBJECT "/rim:Slot[AccessService]"))
		if (list_length(nodes_below(lfirst(cell), "rim:SlotValue/sdg:AccessService")) != 1)
			rule_fail(run, lfirst(cell));
}

/* C001: the pattern of 1.0 has no ^. */
static bool
value_uuid_end(const RuleRun *run, const char *value)
{
	size_t		length = strlen(value);

	return shape_uuid(run->line == EDM_V10 && length > 36 ? value + length - 36 : value);
}

static bool
value_agent_scheme(const RuleRun *run, const char *value)
{
	return code_is_agent_scheme(run->line, value);
}

/* C023: oots-edm:v<major>.<minor>; until 1.0.6 and 1.1.1 it was one value. */
static bool
value_edm_version(const RuleRun *run, const char *value)
{
	const char *digits = "0123456789";
	size_t		length;

	if (strncmp(value, "oots-edm:v", strlen("oots-edm:v")) != 0)
		return false;
	value += strlen("oots-edm:v");
	length = strspn(value, digits);
	if (length == 0 || value[length] != '.')
		return false;
	value += length + 1;
	length = strspn(value, digits);
	return length > 0 && value[length] == '\0';
}

static bool
value_jurisdiction_level(const RuleRun *run, const char *value)
{
	const char *const *level = WORDS("Country", "NUTS1", "NUTS2", "NUTS3", "LAU");

	for (; *level != NULL; level++)
		if (strcmp(*level, value) == 0)
			return true;
	return false;
}

static bool
format_contains(const XmlNode *distribution, const char *word)
{
	const XmlNode *format = xml_child(distribution, NS_SDG, "Format");

	return format != NULL && strstr(xml_text(format), word) != NULL;
}

static bool
node_has_xml(const RuleRun *run, const XmlNode *distribution)
{
	return format_contains(distribution, "xml") && !format_contains(distribution, "svg");
}

static bool
node_has_json(const RuleRun *run, const XmlNode *distribution)
{
	return format_contains(distribution, "json");
}

static bool
node_has_transformation(const RuleRun *run, const XmlNode *distribution)
{
	return xml_count(distribution, NS_SDG, "Transformation") == 1;
}

#define RULE(id, v10, v12, v20, ...) {"R-DSD-SUB-" id, v10, v12, v20, 0, __VA_ARGS__}

static const Rule rules[] = {
	/* id, 1.0, 1.2 (and 1.1), 2.0, check, argument, what is expected */
	RULE("S001", 'F', 'F', 'F', check_submission_root, NULL, "the root element is named SubmitObjectsRequest"),
	RULE("S002", 'F', 'F', 'F', check_submission_namespace, NULL, "the root element is in the RegRep 4.0 LCM namespace"),
	RULE("S003", 'F', 'F', 'F', PRESENT(REQUEST, "@id"), "id is present"),
	RULE("S004", 'F', 'F', 'F', VALUE(.context = REQUEST, .item = "@id", .test = value_urn_uuid), "id is urn:uuid: and a UUID"),
	RULE("S005", 'F', 'F', 'F', COUNT(REQUEST, "rim:RegistryObjectList", 1, -1), "a RegistryObjectList"),
	RULE("S036", 'F', 'F', 'F', COUNT(REQUEST, "rim:RegistryObjectList/rim:RegistryObject", 1, -1), "at least one RegistryObject"),
	RULE("S006", 'F', 'F', 'F', FILLED(OBJECT, "@id"), "id is present"),
	RULE("S007", 'F', 'F', 'F', check_classified, NULL, "a Classification, unless the object is an association"),
	RULE("S008", 'F', 'F', 'F', PRESENT(CLASSIFICATION, "@id"), "id is present"),
	RULE("S009", 'F', 'F', 'F', VALUE(.context = CLASSIFICATION, .item = "@id", .test = value_urn_uuid), "id is urn:uuid: and a UUID"),
	RULE("S010", 'F', 'F', 'F', PRESENT(CLASSIFICATION, "@classificationScheme"), "classificationScheme is present"),
	RULE("S011", 'F', 'F', 'F', PRESENT(CLASSIFICATION, "@classificationNode"), "classificationNode is present"),
	RULE("S012", 'F', 'F', 'F', VALUE(.context = CLASSIFICATION, .item = "@classificationScheme", .words = WORDS(SCHEME_DSD)), "the classification scheme of the DSD"),
	RULE("S013", 'F', 'F', 'F', VALUE(.context = CLASSIFICATION, .item = "@classificationNode", .test = value_node), "EvidenceProvider or DataServiceEvidenceType, from 1.1 on also AccessService"),
	RULE("S014", 'F', 'F', 'F', check_slot_of_node, WORDS("EvidenceProvider", "AccessService"), "the slot of its classification node and no other"),
	RULE("S015", 'F', 'F', 'F', check_slot_of_node, WORDS("DataServiceEvidenceType"), "the slot DataServiceEvidenceType and no other"),
	RULE("S016", 'F', 'F', 'F', TYPE(PROVIDER_SLOT "/rim:SlotValue", "AnyValueType"), "slot value of type AnyValueType"),
	RULE("S017", 'F', 'F', 'F', TYPE(TYPE_SLOT "/rim:SlotValue", "AnyValueType"), "slot value of type AnyValueType"),
	RULE("S018", 'F', 'F', 'F', check_provider_content, NULL, "exactly one sdg:AccessService; from 1.1 on one other element, and one sdg:AccessService in the slot of that name"),
	RULE("S019", 'F', 'F', 'F', COUNT(TYPE_SLOT, "rim:SlotValue/sdg:DataServiceEvidenceType", 1, 1), "exactly one sdg:DataServiceEvidenceType"),
	/* the workbook also forbids the level of assurance, which C037 and recorded data have */
	RULE("S020", 'F', 'F', 'F', check_absent, EVIDENCE_TYPE "/sdg:AccessService", "no AccessService"),
	/* C009, C039 and the published example have it; in 2.0 it is gone */
	RULE("S021", 'C', 'C', 'F', check_absent, DISTRIBUTION "/sdg:Transformation", "no Transformation"),
	RULE("S022", 'F', 'F', 'F', check_classified, NULL, "an object without classification is an association"),
	RULE("S023", 'F', 'F', 'F', check_linked_pair, NULL, "source and target are objects of the message that may be linked"),
	RULE("S024", 'F', 'F', 'F', END(.target = false), "sourceObject is present"),
	RULE("S025", 'F', 'F', 'F', END(.target = false, .nodes = WORDS("EvidenceProvider")), "the source is an EvidenceProvider of the message"),
	RULE("S026", 'F', 'F', 'F', END(.target = true), "targetObject is present"),
	RULE("S027", 'F', ' ', ' ', END(.target = true, .nodes = WORDS("DataServiceEvidenceType")), "the target is a DataServiceEvidenceType of the message"),
	RULE("S027", ' ', 'F', 'F', END(.target = true, .nodes = WORDS("DataServiceEvidenceType", "AccessService")), "the target is a DataServiceEvidenceType or an AccessService of the message"),
	RULE("S028a", 'F', ' ', ' ', END("ServesEvidenceType", false, WORDS("EvidenceProvider")), "the source of ServesEvidenceType is an EvidenceProvider"),
	RULE("S028b", 'F', ' ', ' ', END("ServesEvidenceType", true, WORDS("DataServiceEvidenceType")), "the target of ServesEvidenceType is a DataServiceEvidenceType"),
	RULE("S028a", ' ', 'F', 'F', END("ProvidesEvidenceType", false, WORDS("EvidenceProvider")), "the source of ProvidesEvidenceType is an EvidenceProvider"),
	RULE("S028b", ' ', 'F', 'F', END("ProvidesEvidenceType", true, WORDS("DataServiceEvidenceType")), "the target of ProvidesEvidenceType is a DataServiceEvidenceType"),
	RULE("S028a", ' ', 'F', 'F', END("UsesAccessService", false, WORDS("EvidenceProvider")), "the source of UsesAccessService is an EvidenceProvider"),
	RULE("S028b", ' ', 'F', 'F', END("UsesAccessService", true, WORDS("AccessService")), "the target of UsesAccessService is an AccessService"),
	RULE("S029", 'F', 'F', 'F', check_link_type, NULL, "the association type of the model for what is linked"),
	RULE("S030", 'C', 'C', 'C', check_other_slots, NULL, "no slot of the request but SpecificationIdentifier"),
	RULE("S031", 'F', 'F', 'F', COUNT(CONCEPT, "sdg:SupportedValue", 1, -1), "a SupportedValue"),
	RULE("S032", 'F', 'F', 'F', VALUE(.context = OBJECT, .item = "@id", .test = value_urn_uuid), "id is urn:uuid: and a UUID"),
	RULE("S033", 'F', 'F', 'F', COUNT(LIST, "rim:RegistryObject/rim:Slot[EvidenceProvider]", 1, -1), "at least one slot EvidenceProvider"),
	RULE("S034", 'F', 'F', 'F', COUNT(LIST, "rim:RegistryObject/rim:Slot[DataServiceEvidenceType]", 1, -1), "at least one slot DataServiceEvidenceType"),
	RULE("S035", 'F', 'F', 'F', check_some_association, NULL, "at least one rim:AssociationType"),

	RULE("C001", 'F', 'F', 'F', HOLDS(EVIDENCE_TYPE "/sdg:Identifier", value_uuid_end), "a UUID"),
	RULE("C002", 'F', 'F', 'F', HOLDS(EVIDENCE_TYPE "/sdg:EvidenceTypeClassification", value_classification), "an evidence type classification of the Semantic Repository"),
	RULE("C003", 'F', 'F', 'F', LANG_LISTED(EVIDENCE_TYPE "/sdg:Title"), "lang is a language code in upper case"),
	RULE("C004", 'F', 'F', 'F', LANG_FILLED(EVIDENCE_TYPE "/sdg:Title"), "lang is present"),
	RULE("C005", 'F', 'F', 'F', LANG_LISTED(EVIDENCE_TYPE "/sdg:Description"), "lang is a language code in upper case"),
	RULE("C006", 'F', 'F', 'F', LANG_FILLED(EVIDENCE_TYPE "/sdg:Description"), "lang is present"),
	RULE("C007", 'F', 'F', 'F', HOLDS(DISTRIBUTION "/sdg:Format", value_media_type), "a media type of the list"),
	RULE("C008", 'F', 'F', 'F', HOLDS(DISTRIBUTION "/sdg:ConformsTo", value_data_model), "a data model of the Semantic Repository"),
	RULE("C009", 'F', 'F', ' ', HOLDS(DISTRIBUTION "/sdg:Transformation", value_data_model), "a data model of the Semantic Repository"),
	RULE("C010", 'F', 'F', 'F', HOLDS(QUESTION "/sdg:Identifier", value_uuid), "a UUID"),
	RULE("C011", 'F', 'F', 'F', FILLED(QUESTION, "sdg:Type"), "a Type"),
	RULE("C012", 'F', 'F', 'F', FILLED(QUESTION, "sdg:Description"), "a Description"),
	RULE("C013", 'F', 'F', 'F', LANG_LISTED(QUESTION "/sdg:Description"), "lang is a language code in upper case"),
	RULE("C014", 'F', 'F', 'F', LANG_FILLED(QUESTION "/sdg:Description"), "lang is present"),
	RULE("C015", 'F', 'F', ' ', HOLDS(DETERMINATION "/sdg:JurisdictionContextId", value_uuid), "a UUID"),
	RULE("C016", 'F', 'F', ' ', LANG_LISTED(DETERMINATION "/sdg:JurisdictionContext"), "lang is a language code in upper case"),
	RULE("C017", 'F', 'F', ' ', LANG_FILLED(DETERMINATION "/sdg:JurisdictionContext"), "lang is present"),
	RULE("C018", 'F', 'F', ' ', HOLDS(DETERMINATION "/sdg:JurisdictionLevel", value_jurisdiction_level), "Country, NUTS1, NUTS2, NUTS3 or LAU"),
	RULE("C020", 'F', 'F', 'F', FILLED(ACCESS_SERVICE "/sdg:Identifier", "@schemeID"), "schemeID is present"),
	RULE("C022", 'F', 'F', 'F', VALUE(.context = ACCESS_SERVICE "/sdg:Identifier", .item = "@schemeID", .test = value_agent_scheme), "a known identifier scheme"),
	RULE("C023", 'F', 'F', 'F', HOLDS(ACCESS_SERVICE "/sdg:ConformsTo", value_edm_version), "oots-edm:v, a major and a minor number"),
	RULE("C024", 'F', 'F', 'F', FILLED(PUBLISHER "/sdg:Identifier", "@schemeID"), "schemeID is present"),
	RULE("C025", 'F', 'F', 'F', VALUE(.context = PUBLISHER "/sdg:Identifier", .item = "@schemeID", .test = value_agent_scheme), "a known identifier scheme"),
	RULE("C026", 'F', 'F', 'F', HOLDS(PUBLISHER "/sdg:Address/sdg:AdminUnitLevel1", value_submission_country), "a country code"),
	RULE("C027", 'F', 'F', 'F', HOLDS(PUBLISHER "/sdg:Address/sdg:AdminUnitLevel2", value_nuts), "a NUTS code"),
	RULE("C028", 'F', 'F', 'F', HOLDS(PUBLISHER "/sdg:Jurisdiction/sdg:AdminUnitLevel1", value_submission_country), "a country code"),
	RULE("C029", 'F', 'F', ' ', HOLDS(PUBLISHER "/sdg:Jurisdiction/sdg:AdminUnitLevel2", value_nuts), "a NUTS code"),
	RULE("C030", 'F', 'F', ' ', HOLDS(PUBLISHER "/sdg:Jurisdiction/sdg:AdminUnitLevel3", value_lau), "a code of a local administrative unit"),
	RULE("C031", 'F', 'F', 'F', HOLDS(CONCEPT "/sdg:Identifier", value_uuid), "a UUID"),
	RULE("C032", 'F', 'F', 'F', FILLED(CONCEPT, "sdg:Type"), "a Type"),
	RULE("C033", 'F', 'F', 'F', FILLED(CONCEPT, "sdg:Description"), "a Description"),
	RULE("C034", 'F', 'F', 'F', LANG_LISTED(CONCEPT "/sdg:Description"), "lang is a language code in upper case"),
	RULE("C035", 'F', 'F', 'F', LANG_FILLED(CONCEPT "/sdg:Description"), "lang is present"),
	RULE("C036", 'F', 'F', 'F', FILLED(CONCEPT, "sdg:SupportedValue"), "a SupportedValue that is not empty"),
	RULE("C037", 'F', 'F', 'F', HOLDS(EVIDENCE_TYPE "/sdg:AuthenticationLevelOfAssurance", value_level), "Low, Substantial or High"),
	RULE("C038a", 'F', 'F', 'F', COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, -1, node_has_xml), "a data model beside XML"),
	RULE("C038b", 'F', 'F', 'F', COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, -1, node_has_json), "a data model beside JSON"),
	RULE("C039", 'F', 'F', ' ', COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, -1, node_has_transformation), "a data model beside a Transformation"),
};

const RuleTable rules_dsd = {rules, lengthof(rules)};
