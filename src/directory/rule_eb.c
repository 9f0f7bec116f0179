/*
 * rule_eb.c
 *		R-EB-SUB-*: submissions to the Evidence Broker. Ids as in the workbook of
 *		1.0, which calls every rule fatal; the published Schematron mixes three
 *		families of ids, and where file and workbook give a number to different
 *		conditions both stand here under it (C007, S054, S055).
 *
 * Later lines have the same rules, but let a state refer to requirements and
 * frameworks that it did not write: what 1.0 asks for in the message is a caution.
 */
#include "postgres.h"

#include "directory/submission.h"
#include "message/shape.h"

#define REQUEST			"lcm:SubmitObjectsRequest"
#define LIST			REQUEST "/rim:RegistryObjectList"
#define CLASSIFICATION	OBJECT "/rim:Classification"
#define CONTENT(name)	OBJECT "/rim:Slot[" name "]/rim:SlotValue/sdg:" name
#define EVIDENCE_TYPE	CONTENT("EvidenceType")
#define TYPE_LIST		CONTENT("EvidenceTypeList")
#define REQUIREMENT		CONTENT("Requirement")
#define FRAMEWORK		CONTENT("ReferenceFramework")
#define NODES			WORDS("EvidenceType", "EvidenceTypeList", "Requirement", "ReferenceFramework")

static bool
value_requirement(const RuleRun *run, const char *value)
{
	return shape_requirement_on(run->line, value);
}

/* S028: requirements stand alone. */
static void
check_requirement_alone(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, REQUIREMENT))
		if (xml_child(lfirst(cell), NS_SDG, "EvidenceType") != NULL ||
			xml_child(lfirst(cell), NS_SDG, "EvidenceTypeList") != NULL ||
			xml_child(lfirst(cell), NS_SDG, "ReferenceFramework") != NULL)
			rule_fail(run, lfirst(cell));
}

/* S029: a procedure is named by its code and nothing else. */
static void
check_related(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, FRAMEWORK "/sdg:RelatedTo"))
	{
		const XmlNode *first = xml_first(lfirst(cell));

		if (first == NULL || !xml_is(first, NS_SDG, "Identifier") || xml_next(first) != NULL)
			rule_fail(run, lfirst(cell));
	}
}

/* S054 and S055 name different ends in file and workbook. */
static void
check_fulfilling_lists(RuleRun *run, const void *unused)
{
	check_end(run, &(const EndRule) {"ContainsEvidence", false, WORDS("EvidenceTypeList")});
	check_end(run, &(const EndRule) {"FulfillsRequirement", false, WORDS("EvidenceTypeList")});
}

static void
check_containing_ends(RuleRun *run, const void *unused)
{
	check_end(run, &(const EndRule) {"ContainsEvidence", false, WORDS("EvidenceTypeList")});
	check_end(run, &(const EndRule) {"ContainsEvidence", true, WORDS("EvidenceType")});
}

#define RULE(id, v10, v12, v20, ...) {"R-EB-SUB-" id, v10, v12, v20, 0, __VA_ARGS__}
#define SLOT_TYPE(name) TYPE(OBJECT "/rim:Slot[" name "]/rim:SlotValue", "AnyValueType"), "slot value of type AnyValueType"
#define SLOT_CONTENT(name) COUNT(OBJECT "/rim:Slot[" name "]/rim:SlotValue", "sdg:" name, 1, -1), "sdg:" name
#define SLOT_OF(name) check_slot_of_node, WORDS(name), "the slot " name " and no other"
#define SLOTS(name) COUNT(LIST, "rim:RegistryObject/rim:Slot[" name "]", 1, -1), "at least one slot " name
#define LANG_IS_CODE "lang is a language code in upper case"
#define LANG_IS_THERE "lang is present"

static const Rule rules[] = {
	/* id, 1.0, 1.2 (and 1.1), 2.0, check, argument, what is expected */
	RULE("S001", 'F', 'F', 'F', check_submission_root, NULL, "the root element is named SubmitObjectsRequest"),
	RULE("S002", 'F', 'F', 'F', check_submission_namespace, NULL, "the root element is in the RegRep 4.0 LCM namespace"),
	RULE("S003", 'F', 'F', 'F', PRESENT(REQUEST, "@id"), "id is present"),
	RULE("S004", 'F', 'F', 'F', SOUND_ID(REQUEST, "@id", value_urn_uuid), "id is urn:uuid: and a UUID"),
	RULE("S005", 'F', 'F', 'F', COUNT(REQUEST, "rim:RegistryObjectList", 1, -1), "a RegistryObjectList"),
	RULE("S006", 'F', 'F', 'F', FILLED(OBJECT, "@id"), "id is present"),
	RULE("S007", 'F', 'F', 'F', check_classified, NULL, "a Classification, unless the object is an association"),
	RULE("S008", 'F', 'F', 'F', FILLED(CLASSIFICATION, "@id"), "id is present"),
	RULE("S009", 'F', 'F', 'F', SOUND_ID(CLASSIFICATION, "@id", value_urn_uuid), "id is urn:uuid: and a UUID"),
	RULE("S010", 'F', 'F', 'F', FILLED(CLASSIFICATION, "@classificationScheme"), "classificationScheme is present"),
	RULE("S011", 'F', 'F', 'F', FILLED(CLASSIFICATION, "@classificationNode"), "classificationNode is present"),
	RULE("S012", 'F', 'F', 'F', VALUE(.context = CLASSIFICATION, .item = "@classificationScheme", .required = true, .words = WORDS(SCHEME_EB)), "the classification scheme of the EB"),
	RULE("S013", 'F', 'F', 'F', VALUE(.context = CLASSIFICATION, .item = "@classificationNode", .required = true, .words = NODES), "EvidenceType, EvidenceTypeList, Requirement or ReferenceFramework"),
	RULE("S014", 'F', 'F', 'F', SLOT_OF("EvidenceType")),
	RULE("S015", 'F', 'F', 'F', SLOT_OF("EvidenceTypeList")),
	RULE("S016", 'F', 'F', 'F', SLOT_OF("Requirement")),
	RULE("S017", 'F', 'F', 'F', SLOT_OF("ReferenceFramework")),
	RULE("S018", 'F', 'F', 'F', SLOT_TYPE("EvidenceType")),
	RULE("S019", 'F', 'F', 'F', SLOT_TYPE("EvidenceTypeList")),
	RULE("S020", 'F', 'F', 'F', SLOT_TYPE("Requirement")),
	RULE("S021", 'F', 'F', 'F', SLOT_TYPE("ReferenceFramework")),
	RULE("S022", 'F', 'F', 'F', SLOT_CONTENT("EvidenceType")),
	RULE("S023", 'F', 'F', 'F', SLOT_CONTENT("EvidenceTypeList")),
	RULE("S023", 'F', 'F', 'F', check_distinct_ids, NULL, "ids of objects are distinct"),
	RULE("S024", 'F', 'F', 'F', SLOT_CONTENT("Requirement")),
	RULE("S025", 'F', 'F', 'F', SLOT_CONTENT("ReferenceFramework")),
	RULE("S026", 'F', 'F', 'F', check_absent, EVIDENCE_TYPE "/sdg:Distribution", "no Distribution"),
	RULE("S027", 'F', 'F', 'F', check_absent, TYPE_LIST "/sdg:EvidenceType", "no EvidenceType"),
	RULE("S028", 'F', 'F', 'F', check_requirement_alone, NULL, "no EvidenceType, EvidenceTypeList or ReferenceFramework"),
	RULE("S029", 'F', 'F', 'F', check_related, NULL, "an Identifier and nothing else"),
	RULE("S030", 'F', 'F', 'F', check_classified, NULL, "an object without classification is an association"),
	RULE("S031", 'F', 'F', 'F', check_linked, NULL, "every classified object takes part in an association"),
	RULE("S032", 'F', 'F', 'F', END(.target = false), "sourceObject is present"),
	RULE("S033", 'F', 'F', 'F', END(.target = false, .nodes = NODES, .bare = true), "the source is an object of the message, or urn:uuid: of one that is not"),
	RULE("S034", 'F', 'F', 'F', END(.target = true), "targetObject is present"),
	RULE("S035", 'F', 'F', 'F', END(.target = true, .nodes = NODES, .bare = true), "the target is an object of the message, or urn:uuid: of one that is not"),
	RULE("S036a", 'F', 'F', 'F', END("ContainsEvidence", false, WORDS("EvidenceTypeList"), .owed = true), "the source of ContainsEvidence is an EvidenceTypeList"),
	RULE("S036b", 'F', 'F', 'F', END("ContainsEvidence", true, WORDS("EvidenceType"), .owed = true), "the target of ContainsEvidence is an EvidenceType"),
	RULE("S037", 'F', 'F', 'F', check_link_type, "ContainsEvidence", "a list and a type are linked by ContainsEvidence"),
	RULE("S038a", 'F', 'F', 'F', END("FulfillsRequirement", false, WORDS("EvidenceTypeList"), .owed = true), "the source of FulfillsRequirement is an EvidenceTypeList"),
	RULE("S038b", 'F', 'C', 'C', END("FulfillsRequirement", true, WORDS("Requirement"), .owed = true), "the target of FulfillsRequirement is a Requirement"),
	RULE("S039", 'F', 'F', 'F', check_link_type, "FulfillsRequirement", "a list and a requirement are linked by FulfillsRequirement"),
	RULE("S040a", 'F', 'C', 'C', END("DerivesFromReferenceFramework", false, WORDS("Requirement"), .owed = true), "the source of DerivesFromReferenceFramework is a Requirement"),
	RULE("S040b", 'F', 'F', 'F', END("DerivesFromReferenceFramework", true, WORDS("ReferenceFramework"), .owed = true), "the target of DerivesFromReferenceFramework is a ReferenceFramework"),
	RULE("S041", 'F', 'F', 'F', check_link_type, "DerivesFromReferenceFramework", "a requirement and a framework are linked by DerivesFromReferenceFramework"),
	RULE("S042", 'C', 'C', 'C', check_other_slots, NULL, "no slot of the request but SpecificationIdentifier"),
	RULE("S043", 'F', 'F', 'F', VALUE(.context = OBJECT, .item = "@id", .test = value_urn_uuid, .normalized = true), "id is urn:uuid: and a UUID"),
	RULE("S044", 'F', 'F', 'F', SLOTS("EvidenceType")),
	RULE("S045", 'F', 'F', 'F', SLOTS("EvidenceTypeList")),
	RULE("S046", 'F', 'C', 'C', SLOTS("Requirement")),
	RULE("S047", 'F', 'F', 'F', check_some_association, NULL, "at least one rim:AssociationType"),
	RULE("S048", 'F', 'C', 'C', SLOTS("ReferenceFramework")),
	RULE("S049", 'F', 'F', 'F', PRESENT(FRAMEWORK, "sdg:RelatedTo"), "a RelatedTo"),
	RULE("S050", 'F', 'F', 'F', PRESENT(FRAMEWORK, "sdg:Jurisdiction"), "a Jurisdiction"),
	RULE("S051", 'F', 'C', 'C', END("DerivesFromReferenceFramework", false, WORDS("Requirement"), .owed = true), "the source of DerivesFromReferenceFramework is a Requirement"),
	RULE("S052", 'F', 'F', 'F', END("DerivesFromReferenceFramework", true, WORDS("ReferenceFramework"), .owed = true), "the target of DerivesFromReferenceFramework is a ReferenceFramework"),
	RULE("S053", 'F', 'C', 'C', END("FulfillsRequirement", true, WORDS("Requirement"), .owed = true), "the target of FulfillsRequirement is a Requirement"),
	RULE("S054", 'F', 'F', 'F', check_fulfilling_lists, NULL, "the source of ContainsEvidence and of FulfillsRequirement is an EvidenceTypeList"),
	RULE("S055", 'F', 'F', 'F', check_containing_ends, NULL, "ContainsEvidence links an EvidenceTypeList to an EvidenceType"),
	RULE("S056", 'F', 'F', 'F', END("ContainsEvidence", true, WORDS("EvidenceType")), "the target of ContainsEvidence is an EvidenceType"),

	RULE("C001", 'F', 'F', 'F', HOLDS(EVIDENCE_TYPE "/sdg:EvidenceTypeClassification", value_classification), "an evidence type classification of the Semantic Repository"),
	RULE("C002", 'F', 'F', 'F', LANG_LISTED(EVIDENCE_TYPE "/sdg:Title"), LANG_IS_CODE),
	RULE("C003", 'F', 'F', 'F', LANG_FILLED(EVIDENCE_TYPE "/sdg:Title"), LANG_IS_THERE),
	RULE("C004", 'F', 'F', 'F', LANG_LISTED(EVIDENCE_TYPE "/sdg:Description"), LANG_IS_CODE),
	RULE("C005", 'F', 'F', 'F', LANG_FILLED(EVIDENCE_TYPE "/sdg:Description"), LANG_IS_THERE),
	/* 2.0 moves the jurisdiction from the type to the list */
	RULE("C006", 'F', 'F', ' ', HOLDS(EVIDENCE_TYPE "/sdg:Jurisdiction/sdg:AdminUnitLevel1", value_country), "a country code"),
	RULE("C006", ' ', ' ', 'F', HOLDS(TYPE_LIST "/sdg:Jurisdiction/sdg:AdminUnitLevel1", value_country), "a country code"),
	RULE("C007", 'F', 'F', ' ', HOLDS(EVIDENCE_TYPE "/sdg:Jurisdiction/sdg:AdminUnitLevel2", value_nuts), "a NUTS code (workbook)"),
	RULE("C007", 'F', 'F', 'F', HOLDS(TYPE_LIST "/sdg:Identifier", value_uuid), "the list's identifier is a UUID (Schematron)"),
	RULE("C008", 'F', 'F', ' ', HOLDS(EVIDENCE_TYPE "/sdg:Jurisdiction/sdg:AdminUnitLevel3", value_lau), "a code of a local administrative unit"),
	RULE("C009", 'F', 'F', 'F', HOLDS(TYPE_LIST "/sdg:Identifier", value_uuid), "a UUID"),
	RULE("C010", 'F', 'F', 'F', LANG_LISTED(TYPE_LIST "/sdg:Name"), LANG_IS_CODE),
	RULE("C011", 'F', 'F', 'F', LANG_FILLED(TYPE_LIST "/sdg:Name"), LANG_IS_THERE),
	RULE("C012", 'F', 'F', 'F', VALUE(REQUIREMENT "/sdg:Identifier", "", value_requirement, .normalized = true), "a requirement of the Semantic Repository"),
	RULE("C013", 'F', 'F', 'F', LANG_LISTED(REQUIREMENT "/sdg:Name"), LANG_IS_CODE),
	RULE("C014", 'F', 'F', 'F', LANG_FILLED(REQUIREMENT "/sdg:Name"), LANG_IS_THERE),
	RULE("C015", 'F', 'F', 'F', VALUE(FRAMEWORK "/sdg:Identifier", "", value_uuid, .normalized = true), "a UUID"),
	RULE("C016", 'F', 'F', 'F', LANG_LISTED(FRAMEWORK "/sdg:Title"), LANG_IS_CODE),
	RULE("C017", 'F', 'F', 'F', LANG_FILLED(FRAMEWORK "/sdg:Title"), LANG_IS_THERE),
	RULE("C018", 'F', 'F', 'F', LANG_LISTED(FRAMEWORK "/sdg:Description"), LANG_IS_CODE),
	RULE("C019", 'F', 'F', 'F', LANG_FILLED(FRAMEWORK "/sdg:Description"), LANG_IS_THERE),
	RULE("C020", 'F', 'F', 'F', HOLDS(FRAMEWORK "/sdg:Jurisdiction/sdg:AdminUnitLevel1", value_country), "a country code"),
	RULE("C021", 'F', 'F', ' ', HOLDS(FRAMEWORK "/sdg:Jurisdiction/sdg:AdminUnitLevel2", value_nuts), "a NUTS code"),
	RULE("C022", 'F', 'F', ' ', HOLDS(FRAMEWORK "/sdg:Jurisdiction/sdg:AdminUnitLevel3", value_lau), "a code of a local administrative unit"),
	RULE("C023", 'F', 'F', 'F', HOLDS(FRAMEWORK "/sdg:RelatedTo/sdg:Identifier", value_procedure), "a code of the list of procedures"),
};

const RuleTable rules_eb = {rules, lengthof(rules)};
