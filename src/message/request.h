/*
 * request.h
 *		An evidence request as read (EDM §1.4): every element of Implementing
 *		Regulation (EU) 2022/1463 art. 13(1), stripped, without any judgement.
 *		Rules judge; this only reads, as far as the message lets it.
 *
 * Strings are UTF-8, NULL when absent or blank.
 */
#ifndef OOTSPG_MESSAGE_REQUEST_H
#define OOTSPG_MESSAGE_REQUEST_H

#include "message/header.h"
#include "message/line.h"
#include "nodes/pg_list.h"

typedef struct LocalText
{
	char	   *language;		/* un-namespaced lang, NULL when absent */
	char	   *text;
} LocalText;

typedef struct Agent
{
	char	   *scheme;
	char	   *identifier;
	List	   *names;			/* LocalText * */
	char	   *full_address;	/* of our own provider only */
	char	   *country;		/* Address/AdminUnitLevel1 */
	char	   *nuts;			/* Address/AdminUnitLevel2 */
	char	   *classification; /* ER, IP; NULL in a provider slot */
} Agent;

/* sdg:Person or sdg:LegalPerson; which one tells is_legal */
typedef struct Subject
{
	bool		is_legal;
	char	   *level_of_assurance;
	char	   *identifier,		/* eIDAS identifier, original case */
			   *scheme;
	char	   *family_name,
			   *given_name,
			   *date_of_birth,
			   *birth_name,
			   *place_of_birth;
	char	   *legal_name;
	List	   *legal_identifiers;	/* LocalText *: language = schemeID (VAT …), text = value */
	List	   *sector_attributes;	/* LocalText *: language = AttributeName, text = AttributeValue */
} Subject;

/* One acceptable form of the evidence (DistributedAs) */
typedef struct Wanted
{
	char	   *format;
	char	   *conforms_to;
	char	   *transformation;
	List	   *languages;		/* char * */
	bool		wants_readable, /* AssociatedDocumentRequest HumanReadableVersion (2.0) */
				wants_translation;	/* and Translation */
} Wanted;

typedef struct Request
{
	EdmLine		line;			/* by the slot; EDM_NONE when unknown */
	char	   *specification;	/* slot SpecificationIdentifier */
	char	   *id;				/* @id */
	char	   *language;		/* @xml:lang (1.x) */
	char	   *return_type;	/* query:ResponseOption/@returnType */
	char	   *issue_time;
	char	   *procedure;
	char	   *preview_location;
	char	   *return_location;
	char	   *possibility_for_preview;	/* as written: true, false, 1, 0 … */
	char	   *explicit_request_given;
	List	   *requirements;	/* char *: identifiers */
	List	   *requesters;		/* Agent * of slot EvidenceRequester */
	Agent	   *requester;		/* the one classified ER; NULL when there is not exactly one */
	Agent	   *platform;		/* the first IP */
	Agent	   *provider;		/* slot EvidenceProvider */
	char	   *data_service;	/* DataServiceEvidenceType/Identifier */
	char	   *classification; /* EvidenceTypeClassification */
	List	   *titles;			/* LocalText * */
	List	   *wanted;			/* Wanted * */
	Subject    *subject;		/* NaturalPerson or LegalPerson */
	bool		represented;	/* there is a slot for a representative, whatever it holds */
	Subject    *representative; /* either kind */
	bool		misplaced;		/* a slot of the query stands outside it, where nobody reads it (1.0 lets it) */
	List	   *classification_values;	/* LocalText *: concept identifier, supported value */
} Request;

/* Reads what is there; root must be query:QueryRequest. Never raises for content. */
extern Request *request_read(const XmlNode *root);

/*
 * The rule about the first agent or person with a name or identifier beyond what
 * shape_ordinary() takes; NULL when there is none.
 */
extern const char *request_oversized(const Request *request);

/* The representative's powers (sectoral attribute PowerOfRepresentationScope): char *,
 * each one or more procedure codes; NIL without representative or powers. */
extern List *request_powers(const Request *request);

/* xsd:boolean: true and false by *value; false when it is neither */
extern bool request_boolean(const char *text, bool *value);

#endif							/* OOTSPG_MESSAGE_REQUEST_H */
