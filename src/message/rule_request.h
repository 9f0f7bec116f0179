/*
 * rule_request.h
 *		Where things stand in a request, shared by its two tables.
 */
#ifndef OOTSPG_MESSAGE_RULE_REQUEST_H
#define OOTSPG_MESSAGE_RULE_REQUEST_H

#define REQUEST		"q:QueryRequest"
#define QUERY		REQUEST "/q:Query"
#define SLOT(name)	REQUEST "/rim:Slot[" name "]/rim:SlotValue"
#define QUERY_SLOT(name) QUERY "/rim:Slot[" name "]/rim:SlotValue"

#define REQUIREMENT	SLOT("Requirements") "/rim:Element/sdg:Requirement"
#define REQUESTER	SLOT("EvidenceRequester") "/rim:Element/sdg:Agent"
#define PROVIDER	SLOT("EvidenceProvider") "/sdg:Agent"
#define CLASSIFIER	SLOT("EvidenceProviderClassification") "/rim:Element/sdg:EvidenceProviderClassification"
#define EVIDENCE_TYPE QUERY_SLOT("EvidenceRequest") "/sdg:DataServiceEvidenceType"
#define DISTRIBUTION EVIDENCE_TYPE "/sdg:DistributedAs"
#define PERSON		QUERY_SLOT("NaturalPerson") "/sdg:Person"
#define COMPANY		QUERY_SLOT("LegalPerson") "/sdg:LegalPerson"
#define AGENT_PERSON QUERY_SLOT("AuthorizedRepresentative") "/sdg:Person"
#define AGENT_COMPANY QUERY_SLOT("AuthorizedRepresentativeLegalPerson") "/sdg:LegalPerson"

#define RULE(id, v10, v12, v20, ...) {"R-EDM-REQ-" id, v10, v12, v20, 0, __VA_ARGS__}

#endif							/* OOTSPG_MESSAGE_RULE_REQUEST_H */
