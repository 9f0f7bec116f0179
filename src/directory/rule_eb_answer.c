/*
 * rule_eb_answer.c
 *		R-EB-EVI-*: what the Evidence Broker answers when it is asked for the evidence
 *		types that prove a requirement. The rules on the answer as a whole, and those
 *		on lists that say that a state has no evidence.
 */
#include "postgres.h"

#include "directory/published.h"

#define TYPE_LIST	ANSWER_OBJECT "/rim:Slot[Requirement]/rim:SlotValue/sdg:Requirement/sdg:EvidenceTypeList"

/* S015 of 2.0: only a list that says NoMatch may be empty. */
static bool
node_says_match(const RuleRun *run, const XmlNode *list)
{
	const XmlNode *match = xml_child(list, NS_SDG, "MatchType");

	return match == NULL || strcmp(xml_trimmed(match), "NoMatch") != 0;
}

#define RULE(id, v10, v12, v20, ...) {"R-EB-EVI-" id, v10, v12, v20, 0, __VA_ARGS__}

static const Rule rules[] = {
	/* id, 1.0, 1.2 (and 1.1), 2.0, check, argument, what is expected */
	SUCCESS_RULES("R-EB-EVI"),
	RULE("S015", 'F', 'F', ' ', COUNT(TYPE_LIST, "sdg:EvidenceType", 1, -1), "an EvidenceType"),
	RULE("S015", ' ', ' ', 'F', COUNT(TYPE_LIST, "sdg:EvidenceType", 1, -1, node_says_match), "an EvidenceType, unless MatchType is NoMatch"),
	RULE("C043", ' ', ' ', 'F', VALUE(.context = TYPE_LIST "/sdg:MatchType", .item = "", .words = WORDS("NoMatch"), .normalized = true), "NoMatch"),
};

const RuleTable rules_eb_answer = {rules, lengthof(rules)};
