/*
 * rule_request.c
 *		Rules on evidence requests: R-EDM-REQ-S* (EDM §2.1) and those
 *		R-EDM-REQ-C* that are not about the identity of persons (§2.2; the others
 *		stand in rule_identity.c).
 *
 * Left out: S017 (twin of S016), S054, S057, S058, C112, C116, C117, whose texts
 * were not seen (§2.6).
 */
#include "postgres.h"

#include "message/rule_request.h"
#include "message/rule_shared.h"
#include "message/shape.h"

/* S001, S002: the argument tells which half of the name is looked at. */
static void
check_root(RuleRun *run, const void *local)
{
	const char *found = local ? xml_local(run->root) : xml_namespace(run->root);

	if (strcmp(found, local ? (const char *) local : NS_QUERY) != 0)
		rule_fail(run, run->root);
}

/* S016 */
static void
check_one_subject(RuleRun *run, const void *argument)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, QUERY))
	{
		int			count = list_length(nodes_below(lfirst(cell), "rim:Slot[NaturalPerson]")) +
			list_length(nodes_below(lfirst(cell), "rim:Slot[LegalPerson]"));

		if (count != 1)
			rule_fail(run, lfirst(cell));
	}
}

/* S019: ReturnLocation came with 2.0; the 1.0 list also names the slots of the query. */
static bool
value_slot_name(const RuleRun *run, const char *value)
{
	static const char *const always[] = {
		"SpecificationIdentifier", "IssueDateTime", "Procedure", "PreviewLocation",
		"PossibilityForPreview", "ExplicitRequestGiven", "Requirements", "EvidenceRequester",
		"EvidenceProvider", "EvidenceProviderClassification"
	};
	static const char *const in_v10[] = {
		"EvidenceRequest", "LegalPerson", "NaturalPerson", "AuthorizedRepresentative"
	};

	for (int i = 0; i < (int) lengthof(always); i++)
		if (strcmp(value, always[i]) == 0)
			return true;
	for (int i = 0; run->line == EDM_V10 && i < (int) lengthof(in_v10); i++)
		if (strcmp(value, in_v10[i]) == 0)
			return true;
	return run->line == EDM_V20 && strcmp(value, "ReturnLocation") == 0;
}

/* S022 and C003: the slot Procedure changed its type with 2.0. */
static void
check_procedure_type(RuleRun *run, const void *argument)
{
	static const TypeRule international = {SLOT("Procedure"), "InternationalStringValueType"};
	static const TypeRule string = {SLOT("Procedure"), "StringValueType"};

	check_type(run, line_traits(run->line)->procedure_is_string ? &string : &international);
}

static void
check_procedure(RuleRun *run, const void *argument)
{
	static const ValueRule localized = {SLOT("Procedure"), "//rim:LocalizedString/@value", value_procedure};
	static const ValueRule plain = {SLOT("Procedure"), "//rim:Value", value_procedure};

	check_value(run, line_traits(run->line)->procedure_is_string ? &plain : &localized);
}

/* S039: in 1.0 one agent among the elements is enough. */
static void
check_requester_agents(RuleRun *run, const void *argument)
{
	static const CountRule any = {SLOT("EvidenceRequester"), "rim:Element/sdg:Agent", 1, -1};
	static const CountRule each = {SLOT("EvidenceRequester") "/rim:Element", "sdg:Agent", 1, -1};

	check_count(run, run->line == EDM_V10 ? &any : &each);
}

/* S059 */
static void
check_no_language(RuleRun *run, const void *argument)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, REQUEST))
		if (xml_attribute(lfirst(cell), NS_XML, "lang") != NULL)
			rule_fail(run, lfirst(cell));
}

/* S062 */
static void
check_locations_together(RuleRun *run, const void *argument)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, REQUEST))
	{
		bool		preview = node_below(lfirst(cell), "rim:Slot[PreviewLocation]") != NULL;
		bool		back = node_below(lfirst(cell), "rim:Slot[ReturnLocation]") != NULL;

		if (preview != back)
			rule_fail(run, lfirst(cell));
	}
}

/* C008 */
static bool
value_requirement(const RuleRun *run, const char *value)
{
	return shape_requirement(value);
}

/* C014: the 1.0 assertion takes any agent code. */
static bool
value_requester_role(const RuleRun *run, const char *value)
{
	if (run->line == EDM_V10)
		return code_in(CODES_AGENT_CLASSIFICATION, run->line, value);
	return strcmp(value, "ER") == 0 || strcmp(value, "IP") == 0;
}

static bool
node_is_requester(const RuleRun *run, const XmlNode *agent)
{
	ListCell   *cell;

	foreach(cell, nodes_below(agent, "sdg:Classification"))
		if (strcmp(xml_text(lfirst(cell)), "ER") == 0)
			return true;
	return false;
}

/* C032: at most one until 1.2, at least one in 2.0 */
static void
check_distribution_count(RuleRun *run, const void *argument)
{
	static const CountRule at_most_one = {EVIDENCE_TYPE, "sdg:DistributedAs", 0, 1};
	static const CountRule at_least_one = {EVIDENCE_TYPE, "sdg:DistributedAs", 1, -1};

	check_count(run, run->line == EDM_V20 ? &at_least_one : &at_most_one);
}

/* C035 */
static bool
value_transformation(const RuleRun *run, const char *value)
{
	return shape_transformation(run->line, value);
}

/* C072 */
static bool
node_is_transformed(const RuleRun *run, const XmlNode *distribution)
{
	return node_below(distribution, "sdg:Transformation") != NULL;
}

/* C073, in the form of 2.0 on both lines, which is how chapter 4.6 reads */
static void
check_requester_country(RuleRun *run, const void *argument)
{
	ListCell   *agent;

	foreach(agent, nodes_at(run, REQUESTER))
	{
		List	   *levels;

		if (!node_is_requester(run, lfirst(agent)))
			continue;
		levels = nodes_below(lfirst(agent), "sdg:Address/sdg:AdminUnitLevel1");
		if (list_length(levels) != 1 || *xml_trimmed(linitial(levels)) == '\0')
			rule_fail(run, lfirst(agent));
	}
}

/* C074 */
static void
check_one_requester(RuleRun *run, const void *argument)
{
	ListCell   *slot;

	foreach(slot, nodes_at(run, REQUEST "/rim:Slot[EvidenceRequester]"))
	{
		int			count = 0;
		ListCell   *agent;

		foreach(agent, nodes_below(lfirst(slot), "rim:SlotValue/rim:Element/sdg:Agent"))
			count += node_is_requester(run, lfirst(agent));
		if (count != 1)
			rule_fail(run, lfirst(slot));
	}
}

/* types of provider classifications (C095 ff.), compared raw */
static bool
has_type(const XmlNode *classifier, const char *type)
{
	ListCell   *cell;

	foreach(cell, nodes_below(classifier, "sdg:Type"))
		if (strcmp(xml_text(lfirst(cell)), type) == 0)
			return true;
	return false;
}

static bool
node_is_codelist(const RuleRun *run, const XmlNode *classifier)
{
	return has_type(classifier, "codelist");
}

static bool
node_is_boolean(const RuleRun *run, const XmlNode *classifier)
{
	return has_type(classifier, "boolean");
}

static bool
node_is_text(const RuleRun *run, const XmlNode *classifier)
{
	return has_type(classifier, "codelist") || has_type(classifier, "string");
}

static bool
node_is_typed(const RuleRun *run, const XmlNode *classifier)
{
	return node_is_text(run, classifier) || node_is_boolean(run, classifier);
}

/* C097 to C099 */
static bool
value_codelist(const RuleRun *run, const char *value)
{
	return shape_codelist(value);
}

static bool
value_codelist_country(const RuleRun *run, const char *value)
{
	return shape_codelist_country(value);
}

static bool
value_codelist_name(const RuleRun *run, const char *value)
{
	return shape_codelist_name(value);
}

/* C114, C115: an acceptance environment is worth a remark, no more */
static bool
value_production(const RuleRun *run, const char *value)
{
	return !shape_has_infix(value);
}

#define ONE_SLOT(name)	COUNT(REQUEST, "rim:Slot[" name "]", 1, 1)
#define ONE_IN_QUERY(name) COUNT(QUERY, "rim:Slot[" name "]", 1, 1)
#define HOLDS(path, name) COUNT(path, "sdg:" name, 1, -1)
#define LANGUAGE(path)	VALUE(path, "@lang", value_language)
#define HAS_LANGUAGE(path) VALUE(path, "@lang", .required = true)

/*
 * In the order of the sheet, but for C001: a wrong version explains most of
 * what follows it, and must be what an error names (EDM §6).
 */
static const Rule rules[] = {
	RULE("S001", 'F', 'F', 'F', check_root, "QueryRequest", "the root element is QueryRequest"),
	RULE("S002", 'F', 'F', 'F', check_root, NULL, "the root element is in the RegRep 4.0 query namespace"),
	/* 1.0 has no such assertion, but its schema requires the attribute */
	RULE("S003", 'F', 'F', 'F', VALUE(REQUEST, "@id", .required = true), "the request has an id"),
	RULE("S004", 'F', 'F', 'F', VALUE(REQUEST, "@id", value_urn_uuid, .normalized = true), "the id is urn:uuid: and a UUID"),
	RULE("S005", 'F', 'F', 'F', ONE_SLOT("SpecificationIdentifier"), "there is one slot SpecificationIdentifier"),
	RULE("C001", 'F', 'F', 'F', VALUE(SLOT("SpecificationIdentifier"), "//rim:Value", value_specification, .required = true),
	"the specification identifier is that of the version"),
	RULE("S006", 'F', 'F', 'F', ONE_SLOT("IssueDateTime"), "there is one slot IssueDateTime"),
	/* 1.1 is read as tolerantly as 1.0 here (EDM §2.7) */
	{"R-EDM-REQ-S007", 'W', 'F', 'F', 'W', ONE_SLOT("Procedure"), "there is one slot Procedure"},
	RULE("S008", 'C', 'C', 'C', HINT, "slot PreviewLocation may be present"),
	RULE("S009", 'F', 'F', 'F', ONE_SLOT("PossibilityForPreview"), "there is one slot PossibilityForPreview"),
	RULE("S010", 'F', 'F', 'F', ONE_SLOT("ExplicitRequestGiven"), "there is one slot ExplicitRequestGiven"),
	{"R-EDM-REQ-S011", 'W', 'F', 'F', 'W', ONE_SLOT("Requirements"), "there is one slot Requirements"},
	RULE("S012", 'F', 'F', 'F', ONE_SLOT("EvidenceRequester"), "there is one slot EvidenceRequester"),
	RULE("S013", 'F', 'F', 'F', ONE_SLOT("EvidenceProvider"), "there is one slot EvidenceProvider"),
	RULE("S014", 'C', 'C', 'C', HINT, "slot EvidenceProviderClassification may be present"),
	RULE("S015", 'F', 'F', 'F', ONE_IN_QUERY("EvidenceRequest"), "there is one slot EvidenceRequest in the query"),
	RULE("S016", 'F', 'F', 'F', check_one_subject, NULL, "the query has either slot NaturalPerson or slot LegalPerson"),
	RULE("S018", ' ', 'C', 'C', HINT, "slot AuthorizedRepresentative may be present"),
	RULE("S019", 'F', 'F', 'F', VALUE(REQUEST "/rim:Slot", "@name", value_slot_name, .required = true),
	"slots of the request are those of the specification"),
	RULE("S020", 'F', 'F', 'F', TYPE(SLOT("SpecificationIdentifier"), "StringValueType"),
	"slot SpecificationIdentifier is a StringValueType"),
	RULE("S021", 'F', 'F', 'F', TYPE(SLOT("IssueDateTime"), "DateTimeValueType"), "slot IssueDateTime is a DateTimeValueType"),
	RULE("S022", 'F', 'F', 'F', check_procedure_type, NULL,
	"slot Procedure is an InternationalStringValueType, in 2.0 a StringValueType"),
	RULE("S023", 'F', 'F', 'F', TYPE(SLOT("PreviewLocation"), "StringValueType"), "slot PreviewLocation is a StringValueType"),
	RULE("S024", 'F', 'F', 'F', TYPE(SLOT("PossibilityForPreview"), "BooleanValueType"),
	"slot PossibilityForPreview is a BooleanValueType"),
	RULE("S025", 'F', 'F', 'F', TYPE(SLOT("ExplicitRequestGiven"), "BooleanValueType"),
	"slot ExplicitRequestGiven is a BooleanValueType"),
	RULE("S026", 'F', 'F', 'F', TYPE(SLOT("Requirements"), "CollectionValueType"), "slot Requirements is a CollectionValueType"),
	RULE("S027", 'F', 'F', 'F', TYPE(SLOT("Requirements") "/rim:Element", "AnyValueType"), "elements of Requirements are AnyValueType"),
	RULE("S028", 'F', 'F', 'F', TYPE(SLOT("EvidenceRequester"), "CollectionValueType"),
	"slot EvidenceRequester is a CollectionValueType"),
	RULE("S029", 'F', 'F', 'F', TYPE(SLOT("EvidenceRequester") "/rim:Element", "AnyValueType"),
	"elements of EvidenceRequester are AnyValueType"),
	RULE("S030", 'F', 'F', 'F', TYPE(SLOT("EvidenceProvider"), "AnyValueType"), "slot EvidenceProvider is an AnyValueType"),
	RULE("S031", 'F', 'F', 'F', TYPE(SLOT("EvidenceProviderClassification"), "CollectionValueType"),
	"slot EvidenceProviderClassification is a CollectionValueType"),
	RULE("S032", 'F', 'F', 'F', TYPE(SLOT("EvidenceProviderClassification") "/rim:Element", "AnyValueType"),
	"elements of EvidenceProviderClassification are AnyValueType"),
	RULE("S033", 'F', 'F', 'F', TYPE(QUERY_SLOT("EvidenceRequest"), "AnyValueType"), "slot EvidenceRequest is an AnyValueType"),
	RULE("S034", 'F', 'F', 'F', TYPE(QUERY_SLOT("LegalPerson"), "AnyValueType"), "slot LegalPerson is an AnyValueType"),
	RULE("S035", 'F', 'F', 'F', TYPE(QUERY_SLOT("NaturalPerson"), "AnyValueType"), "slot NaturalPerson is an AnyValueType"),
	RULE("S036", 'F', 'F', 'F', TYPE(QUERY_SLOT("AuthorizedRepresentative"), "AnyValueType"),
	"slot AuthorizedRepresentative is an AnyValueType"),
	RULE("S037", 'F', 'F', 'F', HOLDS(SLOT("Requirements") "/rim:Element", "Requirement"), "elements of Requirements hold a Requirement"),
	RULE("S038", 'F', 'F', 'F', CHILDREN(REQUIREMENT, WORDS("Identifier", "Name", "Description"), WORDS("Identifier", "Name")),
	"a Requirement has only Identifier, Name and Description"),
	RULE("S039", 'F', 'F', 'F', check_requester_agents, NULL, "elements of EvidenceRequester hold an Agent"),
	RULE("S040", 'F', 'F', 'F', CHILDREN(REQUESTER, WORDS("Identifier", "Name", "Address", "Classification"),
										 WORDS("Identifier", "Name"), "Jurisdiction"),
	"a requester's Agent has only Identifier, Name, Address and Classification"),
	RULE("S041", 'F', 'F', 'F', HOLDS(SLOT("EvidenceProviderClassification") "/rim:Element", "EvidenceProviderClassification"),
	"elements of EvidenceProviderClassification hold an EvidenceProviderClassification"),
	RULE("S042", 'F', 'F', 'F', HOLDS(SLOT("EvidenceProvider"), "Agent"), "slot EvidenceProvider holds an Agent"),
	RULE("S043", 'F', 'F', 'F', CHILDREN(PROVIDER, WORDS("Identifier", "Name"), WORDS("Identifier", "Name")),
	"the provider's Agent has only Identifier and Name"),
	RULE("S044", 'F', 'F', 'F', HOLDS(QUERY_SLOT("EvidenceRequest"), "DataServiceEvidenceType"),
	"slot EvidenceRequest holds a DataServiceEvidenceType"),
	/* the 1.0 test is always true */
	RULE("S045", ' ', 'F', 'F', CHILDREN(EVIDENCE_TYPE, WORDS("Identifier", "EvidenceTypeClassification", "Title", "Description", "DistributedAs")),
	"a DataServiceEvidenceType has only Identifier, EvidenceTypeClassification, Title, Description and DistributedAs"),
	RULE("S046", 'F', 'F', 'F', HOLDS(QUERY_SLOT("NaturalPerson"), "Person"), "slot NaturalPerson holds a Person"),
	RULE("S047", 'F', 'F', 'F', HOLDS(QUERY_SLOT("LegalPerson"), "LegalPerson"), "slot LegalPerson holds a LegalPerson"),
	RULE("S048", 'F', 'F', 'F', HOLDS(QUERY_SLOT("AuthorizedRepresentative"), "Person"), "slot AuthorizedRepresentative holds a Person"),
	RULE("S049", ' ', 'F', 'F', VALUE(QUERY "/rim:Slot", "@name", .required = true,
									  .words = WORDS("EvidenceRequest", "NaturalPerson", "LegalPerson",
													 "AuthorizedRepresentative", "AuthorizedRepresentativeLegalPerson")),
	"slots of the query are those of the specification"),
	RULE("S050", ' ', 'F', 'F', check_one_slot_value, NULL, "a Slot has one SlotValue"),
	RULE("S051", ' ', 'F', 'F', check_slot_value_filled, NULL, "a SlotValue has a child element"),
	RULE("S052", ' ', 'F', 'F', check_collection_filled, NULL, "a collection has an Element"),
	RULE("S053", ' ', 'F', 'F', check_collection_set, NULL, "a collection is a Set"),
	RULE("S055", ' ', 'F', 'F', TYPE(QUERY_SLOT("AuthorizedRepresentativeLegalPerson"), "AnyValueType"),
	"slot AuthorizedRepresentativeLegalPerson is an AnyValueType"),
	RULE("S056", ' ', 'F', 'F', HOLDS(QUERY_SLOT("AuthorizedRepresentativeLegalPerson"), "LegalPerson"),
	"slot AuthorizedRepresentativeLegalPerson holds a LegalPerson"),
	RULE("S059", ' ', ' ', 'F', check_no_language, NULL, "a request of 2.0 has no xml:lang"),
	RULE("S060", ' ', ' ', 'C', HINT, "slot ReturnLocation may be present"),
	RULE("S061", ' ', ' ', 'F', TYPE(SLOT("ReturnLocation"), "StringValueType"), "slot ReturnLocation is a StringValueType"),
	RULE("S062", ' ', ' ', 'F', check_locations_together, NULL, "slots PreviewLocation and ReturnLocation are both there or both absent"),

	RULE("C002", 'F', 'F', 'F', VALUE(SLOT("IssueDateTime"), "//rim:Value", value_date_time, .normalized = true),
	"IssueDateTime is a date and time"),
	RULE("C003", 'F', 'F', 'F', check_procedure, NULL, "the procedure is in the code list Procedures"),
	RULE("C004", 'F', 'F', ' ', VALUE(SLOT("Procedure"), "//rim:LocalizedString/@xml:lang", value_language),
	"the procedure's language is in the code list LanguageCode"),
	RULE("C005", 'F', 'F', 'F', VALUE(SLOT("PreviewLocation"), "//rim:Value", value_https, .required = true),
	"PreviewLocation starts with https://"),
	/* only the workbook and the schema of 1.0 say so */
	RULE("C006", 'F', ' ', ' ', VALUE(SLOT("PossibilityForPreview"), "//rim:Value", value_boolean, .normalized = true),
	"PossibilityForPreview is a boolean"),
	RULE("C007", 'F', ' ', ' ', VALUE(SLOT("ExplicitRequestGiven"), "//rim:Value", value_boolean, .normalized = true),
	"ExplicitRequestGiven is a boolean"),
	/* in 1.0 these two look for a slot that never exists */
	RULE("C008", ' ', 'F', 'F', VALUE(REQUIREMENT "/sdg:Identifier", "", value_requirement, .normalized = true),
	"a requirement's identifier is its address in the semantic repository"),
	RULE("C009", ' ', 'F', 'F', LANGUAGE(REQUIREMENT "/sdg:Name"), "the language of a requirement's name is in LanguageCode"),
	RULE("C010", ' ', 'F', 'F', HAS_LANGUAGE(REQUIREMENT "/sdg:Name"), "a requirement's name has a language"),
	RULE("C011", 'F', 'F', 'F', VALUE(REQUESTER "/sdg:Identifier", "@schemeID", .required = true), "a requester's identifier has a schemeID"),
	RULE("C012", 'F', 'F', 'F', check_agent_identifier, REQUESTER "/sdg:Identifier",
	"a requester's identifier has a known scheme and fewer than 256 characters"),
	RULE("C013", 'F', 'F', 'F', VALUE(REQUESTER, "sdg:Classification", value_filled, .required = true), "a requester's Agent has a classification"),
	RULE("C014", 'F', 'F', 'F', VALUE(REQUESTER "/sdg:Classification", "", value_requester_role), "a requester's classification is ER or IP"),
	RULE("C015", 'F', 'F', 'F', VALUE(REQUESTER "/sdg:Address/sdg:AdminUnitLevel1", "", value_country),
	"a requester's country is in CountryIdentificationCode"),
	/* chapter 4.6 of 1.2 publishes it, the rules of 1.2 do not contain it: logged */
	RULE("C016", ' ', 'W', 'F', VALUE(REQUESTER "/sdg:Address/sdg:AdminUnitLevel2", "", value_nuts), "a requester's region is in NUTS"),
	RULE("C017", 'F', 'F', 'F', VALUE(PROVIDER "/sdg:Identifier", "@schemeID", .required = true), "the provider's identifier has a schemeID"),
	RULE("C018", 'F', 'F', 'F', check_agent_identifier, PROVIDER "/sdg:Identifier",
	"the provider's identifier has a known scheme and fewer than 256 characters"),
	RULE("C019", 'F', 'F', 'F', VALUE(CLASSIFIER "/sdg:Identifier", "", value_uuid, .normalized = true),
	"a provider classification's identifier is a UUID"),
	RULE("C020", 'F', 'F', 'F', VALUE(CLASSIFIER, "sdg:Type", value_filled, .required = true), "a provider classification has a type"),
	RULE("C021", 'F', 'F', 'F', LANGUAGE(CLASSIFIER "/sdg:Description"), "the language of its description is in LanguageCode"),
	RULE("C022", 'F', 'F', 'F', VALUE(CLASSIFIER "/sdg:Description", "@lang", value_filled, .required = true), "its description has a language"),
	RULE("C023", 'F', 'F', 'F', VALUE(CLASSIFIER, "sdg:SupportedValue", value_filled, .required = true), "a provider classification has a value"),
	RULE("C024", 'F', 'F', 'F', VALUE(REQUEST "/q:ResponseOption", "@returnType", .required = true, .words = WORDS("LeafClassWithRepositoryItem")),
	"returnType is LeafClassWithRepositoryItem"),
	RULE("C025", 'F', 'F', 'F', VALUE(QUERY, "@queryDefinition", .required = true, .words = WORDS("DocumentQuery")),
	"queryDefinition is DocumentQuery"),
	RULE("C026", 'F', 'F', 'F', VALUE(EVIDENCE_TYPE "/sdg:Identifier", "", value_uuid, .normalized = true), "the data service's identifier is a UUID"),
	RULE("C027", 'F', 'F', 'F', VALUE(EVIDENCE_TYPE "/sdg:EvidenceTypeClassification", "", value_classification),
	"the evidence type's classification is its address in the semantic repository"),
	RULE("C028", 'F', 'F', 'F', LANGUAGE(EVIDENCE_TYPE "/sdg:Title"), "the title's language is in LanguageCode"),
	RULE("C029", 'F', 'F', 'F', VALUE(EVIDENCE_TYPE "/sdg:Title", "@lang", value_filled, .required = true), "the title has a language"),
	RULE("C030", 'F', 'F', 'F', LANGUAGE(EVIDENCE_TYPE "/sdg:Description"), "the description's language is in LanguageCode"),
	RULE("C031", 'F', 'F', 'F', VALUE(EVIDENCE_TYPE "/sdg:Description", "@lang", value_filled, .required = true), "the description has a language"),
	RULE("C032", 'F', 'F', 'F', check_distribution_count, NULL, "there is at most one DistributedAs, in 2.0 at least one"),
	RULE("C033", 'F', 'F', 'F', VALUE(DISTRIBUTION "/sdg:Format", "", value_media_type), "the format is in OOTSMediaTypes"),
	RULE("C034", 'F', 'F', 'F', VALUE(DISTRIBUTION "/sdg:ConformsTo", "", value_data_model, .normalized = true),
	"ConformsTo is an address of a data model in the semantic repository"),
	RULE("C035", 'F', 'F', ' ', VALUE(DISTRIBUTION "/sdg:Transformation", "", value_transformation, .normalized = true),
	"Transformation is an address in the semantic repository"),
	RULE("C069", ' ', 'F', ' ', VALUE(REQUEST, "@xml:lang", value_language), "the request's language is in LanguageCode"),
	RULE("C070", ' ', 'W', 'W', COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, -1, node_is_structured), "a structured format has ConformsTo"),
	RULE("C071", ' ', 'W', 'W', COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, -1, node_is_structured), "a structured format has ConformsTo"),
	/* 2.0 still publishes it, but has no Transformation any more */
	RULE("C072", ' ', 'F', ' ', COUNT(DISTRIBUTION, "sdg:ConformsTo", 1, 1, node_is_transformed), "a Transformation comes with one ConformsTo"),
	RULE("C073", ' ', 'F', 'F', check_requester_country, NULL, "the agent classified ER has one AdminUnitLevel1"),
	RULE("C074", ' ', 'F', 'F', check_one_requester, NULL, "one agent is classified ER"),
	RULE("C092", ' ', 'F', 'F', check_lengths, &(const LengthRule) {false}, "a text is not shorter than its least length"),
	RULE("C093", ' ', 'F', 'F', LANGUAGE(REQUIREMENT "/sdg:Description"), "the language of a requirement's description is in LanguageCode"),
	RULE("C094", ' ', 'F', 'F', HAS_LANGUAGE(REQUIREMENT "/sdg:Description"), "a requirement's description has a language"),
	RULE("C095", ' ', 'F', 'F', VALUE(CLASSIFIER "/sdg:Type", "", .words = WORDS("string", "boolean", "codelist")),
	"a provider classification's type is string, boolean or codelist"),
	RULE("C096", ' ', 'F', 'F', VALUE(CLASSIFIER, "sdg:Identifier/@schemeID", value_filled, .required = true, .applies = node_is_codelist),
	"the identifier of a codelist has a schemeID"),
	RULE("C097", ' ', 'F', 'F', VALUE(CLASSIFIER "/sdg:Identifier", "@schemeID", value_codelist, .normalized = true),
	"the schemeID is the address of a code list in the semantic repository"),
	RULE("C098", ' ', 'F', 'F', VALUE(CLASSIFIER "/sdg:Identifier", "@schemeID", value_codelist_country, .normalized = true),
	"the code list's country is an OOTS country"),
	RULE("C099", ' ', 'F', 'F', VALUE(CLASSIFIER "/sdg:Identifier", "@schemeID", value_codelist_name),
	"the code list's name has 2 to 50 letters or digits"),
	RULE("C100", ' ', 'F', 'F', VALUE(CLASSIFIER, "sdg:ValueExpression", value_filled, .required = true, .applies = node_is_codelist),
	"a codelist has a ValueExpression"),
	RULE("C101", ' ', 'F', 'F', VALUE(CLASSIFIER, "sdg:ValueExpression", value_https, .applies = node_is_codelist),
	"a codelist's ValueExpression starts with https://"),
	RULE("C102", ' ', 'F', 'F', VALUE(CLASSIFIER, "sdg:SupportedValue", value_filled, .required = true, .applies = node_is_typed),
	"a typed provider classification has a value"),
	RULE("C103", ' ', 'F', 'F', COUNT(CLASSIFIER, "sdg:SupportedValue/sdg:StringValue", 1, -1, node_is_text),
	"a codelist or string has a StringValue"),
	RULE("C104", ' ', 'F', 'F', COUNT(CLASSIFIER, "sdg:SupportedValue/sdg:BooleanValue", 1, -1, node_is_boolean),
	"a boolean has a BooleanValue"),
	RULE("C105", ' ', 'F', 'F', COUNT(CLASSIFIER, "sdg:SupportedValue", 1, 1), "a provider classification has one SupportedValue"),
	RULE("C106", ' ', 'F', 'F', VALUE(EVIDENCE_TYPE, "sdg:Identifier", value_filled, .required = true), "the data service has an identifier"),
	RULE("C107", ' ', 'F', 'F', COUNT(DISTRIBUTION, "sdg:ConformsTo", 0, 0, node_is_unstructured), "an unstructured format has no ConformsTo"),
	RULE("C108", ' ', 'F', 'F', LANGUAGE(REQUESTER "/sdg:Name"), "the language of a requester's name is in LanguageCode"),
	RULE("C109", ' ', 'F', 'F', HAS_LANGUAGE(REQUESTER "/sdg:Name"), "a requester's name has a language"),
	RULE("C110", ' ', 'F', 'F', LANGUAGE(PROVIDER "/sdg:Name"), "the language of the provider's name is in LanguageCode"),
	RULE("C111", ' ', 'F', 'F', HAS_LANGUAGE(PROVIDER "/sdg:Name"), "the provider's name has a language"),
	RULE("C113", ' ', 'C', ' ', HINT, "Transformation may be present"),
	RULE("C114", ' ', 'C', 'C', VALUE(DISTRIBUTION "/sdg:ConformsTo", "", value_production, .normalized = true),
	"ConformsTo names a test environment"),
	RULE("C115", ' ', 'C', 'C', VALUE(EVIDENCE_TYPE "/sdg:EvidenceTypeClassification", "", value_production, .normalized = true),
	"the classification names a test environment"),
	RULE("C118", ' ', ' ', 'F', VALUE(DISTRIBUTION "/sdg:Language", "", value_language), "the requested language is in LanguageCode"),
	RULE("C119", ' ', ' ', 'F', VALUE(DISTRIBUTION "/sdg:AssociatedDocumentRequest", "", .words = WORDS("Annex", "HumanReadableVersion", "Translation")),
	"an associated document is Annex, HumanReadableVersion or Translation"),
	RULE("C120", ' ', ' ', 'F', VALUE(SLOT("ReturnLocation"), "//rim:Value", value_https, .required = true), "ReturnLocation starts with https://"),
};

const RuleTable rules_request = {rules, lengthof(rules)};
