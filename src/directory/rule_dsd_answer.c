/*
 * rule_dsd_answer.c
 *		R-DSD-RESP-* and R-DSD-ERR-*: what the Data Services Directory answers. The
 *		numbers of 1.0 are those of the published Schematron, which mixes up the two
 *		families in its file of refusals; here these are R-DSD-ERR. Of refusals only
 *		the rules on the question DSD:ERR:0005 stand here, because only that tells
 *		something of what is registered.
 */
#include "postgres.h"

#include "directory/published.h"
#include "directory/rule_service.h"
#include "directory/submission.h"
#include "message/shape.h"

#define EVIDENCE_TYPE	ANSWER_OBJECT "/" SERVICE_IN_OBJECT
#define DISTRIBUTION	EVIDENCE_TYPE "/sdg:DistributedAs"
#define QUESTION		EVIDENCE_TYPE "/sdg:EvidenceProviderClassification"
#define DETERMINATION	EVIDENCE_TYPE "/sdg:EvidenceProviderJurisdictionDetermination"
#define ACCESS_SERVICE	EVIDENCE_TYPE "/sdg:AccessService"
#define PUBLISHER		ACCESS_SERVICE "/sdg:Publisher"
#define CONCEPT			PUBLISHER "/sdg:ClassificationConcept"
#define SLOT_VALUE		ANSWER_OBJECT "/rim:Slot[DataServiceEvidenceType]/rim:SlotValue"

#define EXCEPTION		"q:QueryResponse/rs:Exception"
#define ASKED			EXCEPTION "/rim:Slot[UserRequestedClassificationConcepts]/rim:SlotValue/rim:Element/sdg:EvidenceProviderClassification"

/* S009: both of its assertions have this number. */
static void
check_only_slot(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, ANSWER_OBJECT))
		if (node_below(lfirst(cell), "rim:Slot[DataServiceEvidenceType]") == NULL || xml_count(lfirst(cell), NS_RIM, "Slot") != 1)
			rule_fail(run, lfirst(cell));
}

/* S012: from 1.2 on the values may stand at the questions themselves. */
static void
check_supported_values(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, EVIDENCE_TYPE))
	{
		int			values = list_length(nodes_below(lfirst(cell), "sdg:AccessService/sdg:Publisher/sdg:ClassificationConcept/sdg:SupportedValue"));

		if (run->line != EDM_V10)
			values += list_length(nodes_below(lfirst(cell), "sdg:EvidenceProviderClassification/sdg:SupportedValue"));
		if (values < xml_count(lfirst(cell), NS_SDG, "EvidenceProviderClassification"))
			rule_fail(run, lfirst(cell));
	}
}

/* C010 of 2.0: below datamodels/ and no longer below distributions/, which is all that 1.0 has. */
static bool
value_new_data_model(const RuleRun *run, const char *value)
{
	return shape_data_model(EDM_V20, value) && !shape_data_model(EDM_V10, value);
}

typedef struct ModelRule
{
	NodeTest	structured;
} ModelRule;

/* C039 and C041 of 2.0: excused by an unstructured distribution of the same evidence type. */
static void
check_model_owed(RuleRun *run, const void *argument)
{
	const ModelRule *rule = argument;
	ListCell   *type;

	foreach(type, nodes_at(run, EVIDENCE_TYPE))
	{
		List	   *distributions = nodes_below(lfirst(type), "sdg:DistributedAs");
		bool		excused = false;
		ListCell   *cell;

		foreach(cell, distributions)
			excused = excused || node_is_unstructured(run, lfirst(cell));
		foreach(cell, distributions)
			if (!excused && rule->structured(run, lfirst(cell)) && xml_child(lfirst(cell), NS_SDG, "ConformsTo") == NULL)
				rule_fail(run, lfirst(cell));
	}
}

static bool
node_asks_user(const RuleRun *run, const XmlNode *exception)
{
	return attribute_is(exception, "code", "DSD:ERR:0005");
}

/* ERR-S022: 2.0 has no determination of the jurisdiction any more. */
static void
check_question(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, EXCEPTION))
		if (node_asks_user(run, lfirst(cell)) &&
			node_below(lfirst(cell), "rim:Slot[UserRequestedClassificationConcepts]") == NULL &&
			(run->line == EDM_V20 || node_below(lfirst(cell), "rim:Slot[JurisdictionDetermination]") == NULL))
			rule_fail(run, lfirst(cell));
}

/* ERR-C031 wants it in lower case; what is meant is plain in any. */
static bool
node_is_code_list(const RuleRun *run, const XmlNode *concept)
{
	const XmlNode *type = xml_child(concept, NS_SDG, "Type");

	return type != NULL && pg_strcasecmp(xml_trimmed(type), "codelist") == 0;
}

static bool
value_code_list(const RuleRun *run, const char *value)
{
	return shape_codelist(value);
}

#define RESP(id, v10, v12, v20, ...) {"R-DSD-RESP-" id, v10, v12, v20, 0, __VA_ARGS__}
#define RESP_CARRIED(id, ...) CARRIED("R-DSD-RESP", id, __VA_ARGS__)

static const Rule answer[] = {
	/* id, 1.0, 1.2 (and 1.1), 2.0, check, argument, what is expected */
	SUCCESS_RULES("R-DSD-RESP"),
	/* answers of 1.2 with two objects are known, and one is all that this asks for */
	RESP("S0015", 'C', ' ', ' ', COUNT("q:QueryResponse", "rim:RegistryObjectList/rim:RegistryObject", 1, 1, node_in_success), "exactly one RegistryObject"),
	RESP_CARRIED("S009", check_only_slot, NULL, "the slot DataServiceEvidenceType and no other"),
	RESP_CARRIED("S010", TYPE(SLOT_VALUE, "AnyValueType"), "slot value of type AnyValueType"),
	RESP_CARRIED("S011", COUNT(SLOT_VALUE, "sdg:DataServiceEvidenceType", 1, 1), "exactly one sdg:DataServiceEvidenceType"),
	RESP("S012", 'F', 'F', ' ', check_supported_values, NULL, "a SupportedValue for each EvidenceProviderClassification"),
	/* where the values of 2.0 stand is not established */
	RESP("V10-S012", ' ', ' ', 'C', check_supported_values, NULL, "a SupportedValue for each EvidenceProviderClassification"),
	RESP("S013", 'F', 'F', ' ', COUNT(EVIDENCE_TYPE, "sdg:AccessService", 1, -1), "an AccessService"),
	RESP("S014", ' ', ' ', 'F', COUNT(EVIDENCE_TYPE, "sdg:AccessService", 1, -1), "an AccessService"),
	RESP_CARRIED("S014", URN_UUID(ANSWER_OBJECT, "id"), "id is urn:uuid: and a UUID"),
	RESP("S027", ' ', ' ', 'F', COUNT(EVIDENCE_TYPE, "sdg:DistributedAs", 1, -1), "a DistributedAs"),

#define EVERY_LINE(submission, answer, ...)		RESP_CARRIED(answer, __VA_ARGS__),
#define UNTIL_2_0(submission, answer, ...)		RESP(answer, 'F', 'F', ' ', __VA_ARGS__),
#define OTHERWISE_2_0(submission, answer, ...)	UNTIL_2_0(submission, answer, __VA_ARGS__)
	/* answers are indented */
#define IS(place, test)							TEXT(place, test)
#define IS_THERE(place, item_, test_)			VALUE(.context = place, .item = item_, .test = test_, .required = true, .normalized = true)
#include "directory/service_conditions.h"

	RESP("C010", ' ', ' ', 'F', TEXT(DISTRIBUTION "/sdg:ConformsTo", value_new_data_model), "a data model of the Semantic Repository, below datamodels/"),
	RESP("C015", ' ', ' ', 'F', IS_THERE(ACCESS_SERVICE, "sdg:ConformsTo", value_edm_version), "oots-edm:v, a major and a minor number"),
	RESP("C039", ' ', ' ', 'F', check_model_owed, &(const ModelRule) {node_has_xml}, "a data model beside XML, unless there is an unstructured distribution"),
	RESP("C041", ' ', ' ', 'F', check_model_owed, &(const ModelRule) {node_has_json}, "a data model beside JSON, unless there is an unstructured distribution"),
	RESP("C067", ' ', ' ', 'F', COUNT(DISTRIBUTION, "sdg:ConformsTo", 0, 0, node_is_unstructured), "no data model beside an unstructured format"),
};

#define ERR(id, v10, v12, v20, ...) {"R-DSD-ERR-" id, v10, v12, v20, 0, __VA_ARGS__}

static const Rule refusal[] = {
	ERR("S013", 'F', 'F', 'F', COUNT(EXCEPTION, "rim:Slot[DataServiceEvidenceType]", 1, 1, node_asks_user), "the slot DataServiceEvidenceType"),
	ERR("S022", 'F', 'F', 'F', check_question, NULL, "the slot UserRequestedClassificationConcepts or, until 2.0, JurisdictionDetermination"),
	ERR("S023", ' ', ' ', 'F', check_absent, ASKED "/sdg:SupportedValue", "no SupportedValue"),
	ERR("C031", ' ', ' ', 'F', VALUE(.context = ASKED "/sdg:Type", .item = "", .words = WORDS("string", "boolean", "codelist"), .normalized = true), "string, boolean or codelist"),
	ERR("C032", ' ', ' ', 'F', VALUE(.context = ASKED, .item = "sdg:Identifier/@schemeID", .test = value_filled, .required = true, .applies = node_is_code_list), "schemeID names the code list"),
	ERR("C033", ' ', ' ', 'F', VALUE(.context = ASKED "/sdg:Identifier", .item = "@schemeID", .test = value_code_list, .normalized = true), "schemeID is a code list of the Semantic Repository"),
	ERR("C037", ' ', ' ', 'F', VALUE(.context = ASKED, .item = "sdg:ValueExpression", .test = value_filled, .required = true, .applies = node_is_code_list), "a ValueExpression beside a code list"),
	ERR("C038", ' ', ' ', 'F', VALUE(.context = ASKED, .item = "sdg:ValueExpression", .test = value_https, .normalized = true, .applies = node_is_code_list), "the ValueExpression of a code list starts with https://"),
};

const RuleTable rules_dsd_answer = {answer, lengthof(answer)};
const RuleTable rules_dsd_refusal = {refusal, lengthof(refusal)};
