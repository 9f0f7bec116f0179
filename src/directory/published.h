/*
 * published.h
 *		Rules on what directories publish: their answers to queries. rule_dsd_answer.c
 *		and rule_eb_answer.c have the tables, check_answer.c runs them.
 */
#ifndef OOTSPG_DIRECTORY_PUBLISHED_H
#define OOTSPG_DIRECTORY_PUBLISHED_H

#include "message/rule_answer.h"

#define ANSWER_OBJECT	"q:QueryResponse/rim:RegistryObjectList/rim:RegistryObject"
#define SERVICE_IN_OBJECT	"rim:Slot[DataServiceEvidenceType]/rim:SlotValue/sdg:DataServiceEvidenceType"

/*
 * 2.0.1 has the conditions of 1.0 under other numbers, few of which are known. Where
 * its own is not, the rule of 2.0 is called by that of 1.0, behind a V10 that no
 * published number has: S013 is something else in each of them.
 */
#define CARRIED(family, id, ...) \
	{family "-" id, 'F', 'F', ' ', 0, __VA_ARGS__}, \
	{family "-V10-" id, ' ', ' ', 'F', 0, __VA_ARGS__}

/* the rules of every family on the answer as a whole */
#define SUCCESS_RULES(family) \
	CARRIED(family, "S001", check_answer_name, NULL, "the root element is named QueryResponse"), \
	CARRIED(family, "S002", check_answer_namespace, NULL, "the root element is in the RegRep 4.0 query namespace"), \
	CARRIED(family, "S005", VALUE(.context = "q:QueryResponse", .item = "@status", .required = true), "status is present"), \
	CARRIED(family, "S006", VALUE(.context = "q:QueryResponse", .item = "@status", .required = true, .words = WORDS(STATUS_SUCCESS)), "status is Success"), \
	CARRIED(family, "S007", COUNT("q:QueryResponse", "rim:RegistryObjectList", 1, 1, node_in_success), "one RegistryObjectList"), \
	CARRIED(family, "S008", COUNT("q:QueryResponse", "rs:Exception", 0, 0, node_in_success), "no rs:Exception")

extern const RuleTable rules_dsd_answer;	/* R-DSD-RESP-* */
extern const RuleTable rules_dsd_refusal;	/* R-DSD-ERR-* */
extern const RuleTable rules_eb_answer; /* R-EB-EVI-* */

#endif							/* OOTSPG_DIRECTORY_PUBLISHED_H */
