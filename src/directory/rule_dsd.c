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

#include "directory/rule_service.h"
#include "directory/submission.h"

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
 * S018. The provider's element is not established (it is a setting of the target), but
 * there is one, and the access service has a slot of its own. In 1.0, whose provider is
 * an access service, the rule does not concern submissions.
 */
static void
check_provider_content(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, PROVIDER_SLOT))
	{
		int			services = list_length(nodes_below(lfirst(cell), "rim:SlotValue/sdg:AccessService"));
		int			all = list_length(nodes_below(lfirst(cell), "rim:SlotValue/sdg:*"));

		if (services != 0 || all != 1)
			rule_fail(run, lfirst(cell));
	}
	foreach(cell, nodes_at(run, OBJECT "/rim:Slot[AccessService]"))
		if (list_length(nodes_below(lfirst(cell), "rim:SlotValue/sdg:AccessService")) != 1)
			rule_fail(run, lfirst(cell));
}

#define RULE(id, v10, v12, v20, ...) {"R-DSD-SUB-" id, v10, v12, v20, 0, __VA_ARGS__}

static const Rule rules[] = {
	/* id, 1.0, 1.2 (and 1.1), 2.0, check, argument, what is expected */
	RULE("S001", 'F', 'F', 'F', check_submission_root, NULL, "the root element is named SubmitObjectsRequest"),
	RULE("S002", 'F', 'F', 'F', check_submission_namespace, NULL, "the root element is in the RegRep 4.0 LCM namespace"),
	RULE("S003", 'F', 'F', 'F', PRESENT(REQUEST, "@id"), "id is present"),
	RULE("S004", 'F', 'F', 'F', SOUND_ID(REQUEST, "@id", value_urn_uuid), "id is urn:uuid: and a UUID"),
	RULE("S005", 'F', 'F', 'F', COUNT(REQUEST, "rim:RegistryObjectList", 1, -1), "a RegistryObjectList"),
	RULE("S036", 'F', 'F', 'F', COUNT(LIST, "rim:RegistryObject", 1, -1), "at least one RegistryObject"),
	RULE("S006", 'F', 'F', 'F', FILLED(OBJECT, "@id"), "id is present"),
	RULE("S007", 'F', 'F', 'F', check_classified, NULL, "a Classification, unless the object is an association"),
	RULE("S008", 'F', 'F', 'F', FILLED(CLASSIFICATION, "@id"), "id is present"),
	RULE("S009", 'F', 'F', 'F', SOUND_ID(CLASSIFICATION, "@id", value_urn_uuid), "id is urn:uuid: and a UUID"),
	RULE("S010", 'F', 'F', 'F', FILLED(CLASSIFICATION, "@classificationScheme"), "classificationScheme is present"),
	RULE("S011", 'F', 'F', 'F', FILLED(CLASSIFICATION, "@classificationNode"), "classificationNode is present"),
	RULE("S012", 'F', 'F', 'F', VALUE(.context = CLASSIFICATION, .item = "@classificationScheme", .required = true, .words = WORDS(SCHEME_DSD)), "the classification scheme of the DSD"),
	RULE("S013", 'F', 'F', 'F', VALUE(.context = CLASSIFICATION, .item = "@classificationNode", .test = value_node, .required = true), "EvidenceProvider or DataServiceEvidenceType, from 1.1 on also AccessService"),
	RULE("S014", 'F', 'F', 'F', check_slot_of_node, WORDS("EvidenceProvider", "AccessService"), "the slot of its classification node and no other"),
	RULE("S015", 'F', 'F', 'F', check_slot_of_node, WORDS("DataServiceEvidenceType"), "the slot DataServiceEvidenceType and no other"),
	RULE("S016", 'F', 'F', 'F', TYPE(PROVIDER_SLOT "/rim:SlotValue", "AnyValueType"), "slot value of type AnyValueType"),
	RULE("S017", 'F', 'F', 'F', TYPE(TYPE_SLOT "/rim:SlotValue", "AnyValueType"), "slot value of type AnyValueType"),
	RULE("S018", ' ', 'F', 'F', check_provider_content, NULL, "one element other than sdg:AccessService, and one sdg:AccessService in the slot of that name"),
	RULE("S019", 'F', 'F', 'F', COUNT(TYPE_SLOT, "rim:SlotValue/sdg:DataServiceEvidenceType", 1, 1), "exactly one sdg:DataServiceEvidenceType"),
	/* the workbook also forbids the level of assurance, which C037 and recorded data have */
	RULE("S020", 'F', 'F', 'F', check_absent, EVIDENCE_TYPE "/sdg:AccessService", "no AccessService"),
	/* C009, C039 and the published example have it; in 2.0 it is gone */
	RULE("S021", 'C', 'C', 'F', check_absent, DISTRIBUTION "/sdg:Transformation", "no Transformation"),
	RULE("S022", 'F', 'F', 'F', check_classified, NULL, "an object without classification is an association"),
	RULE("S023", 'F', 'F', 'F', check_linked_pair, NULL, "source and target are objects of the message that may be linked"),
	RULE("S023", 'F', 'F', 'F', check_distinct_ids, NULL, "ids of objects are distinct"),
	RULE("S024", 'F', 'F', 'F', END(.target = false), "sourceObject is present"),
	RULE("S025", 'F', 'F', 'F', END(.target = false, .nodes = WORDS("EvidenceProvider")), "the source is an EvidenceProvider of the message"),
	RULE("S026", 'F', 'F', 'F', END(.target = true), "targetObject is present"),
	RULE("S027", 'F', ' ', ' ', END(.target = true, .nodes = WORDS("DataServiceEvidenceType")), "the target is a DataServiceEvidenceType of the message"),
	RULE("S027", ' ', 'F', 'F', END(.target = true, .nodes = WORDS("DataServiceEvidenceType", "AccessService")), "the target is a DataServiceEvidenceType or an AccessService of the message"),
	RULE("S028a", 'F', ' ', ' ', END("ServesEvidenceType", false, WORDS("EvidenceProvider"), .owed = true), "the source of ServesEvidenceType is an EvidenceProvider"),
	RULE("S028b", 'F', ' ', ' ', END("ServesEvidenceType", true, WORDS("DataServiceEvidenceType"), .owed = true), "the target of ServesEvidenceType is a DataServiceEvidenceType"),
	RULE("S028a", ' ', 'F', 'F', END("ProvidesEvidenceType", false, WORDS("EvidenceProvider"), .owed = true), "the source of ProvidesEvidenceType is an EvidenceProvider"),
	RULE("S028b", ' ', 'F', 'F', END("ProvidesEvidenceType", true, WORDS("DataServiceEvidenceType"), .owed = true), "the target of ProvidesEvidenceType is a DataServiceEvidenceType"),
	RULE("S028a", ' ', 'F', 'F', END("UsesAccessService", false, WORDS("EvidenceProvider"), .owed = true), "the source of UsesAccessService is an EvidenceProvider"),
	RULE("S028b", ' ', 'F', 'F', END("UsesAccessService", true, WORDS("AccessService"), .owed = true), "the target of UsesAccessService is an AccessService"),
	RULE("S029", 'F', 'F', 'F', check_link_type, NULL, "the association type of the model for what is linked"),
	RULE("S030", 'C', 'C', 'C', check_other_slots, NULL, "no slot of the request but SpecificationIdentifier"),
	RULE("S031", 'F', 'F', 'F', COUNT(CONCEPT, "sdg:SupportedValue", 1, -1), "a SupportedValue"),
	RULE("S032", 'F', 'F', 'F', VALUE(.context = OBJECT, .item = "@id", .test = value_urn_uuid, .normalized = true), "id is urn:uuid: and a UUID"),
	RULE("S033", 'F', 'F', 'F', COUNT(LIST, "rim:RegistryObject/rim:Slot[EvidenceProvider]", 1, -1), "at least one slot EvidenceProvider"),
	RULE("S034", 'F', 'F', 'F', COUNT(LIST, "rim:RegistryObject/rim:Slot[DataServiceEvidenceType]", 1, -1), "at least one slot DataServiceEvidenceType"),
	RULE("S035", 'F', 'F', 'F', check_some_association, NULL, "at least one rim:AssociationType"),

	/* C*: answers to queries have the same conditions */
#define EVERY_LINE(submission, answer, ...)		RULE(submission, 'F', 'F', 'F', __VA_ARGS__),
#define UNTIL_2_0(submission, answer, ...)		RULE(submission, 'F', 'F', ' ', __VA_ARGS__),
#define OTHERWISE_2_0(submission, answer, ...)	EVERY_LINE(submission, answer, __VA_ARGS__)
#define IS(place, test)							HOLDS(place, test)
#define IS_THERE(place, item_, test_)			VALUE(.context = place, .item = item_, .test = test_, .required = true)
#include "directory/service_conditions.h"
};

const RuleTable rules_dsd = {rules, lengthof(rules)};
