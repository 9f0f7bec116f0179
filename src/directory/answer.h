/*
 * answer.h
 *		What a directory answered to a query: data services as they are registered, or from
 *		the evidence broker which evidence types prove what; a question back, a refusal, or
 *		nothing that can be relied on. To be read after its signature was verified
 *		(seal/jws.h), never before.
 *
 *		All strings are palloc'd or constants; a string is NULL when the answer does not say
 *		it. Text stands as in the answer, without white space at both ends.
 */
#ifndef OOTSPG_DIRECTORY_ANSWER_H
#define OOTSPG_DIRECTORY_ANSWER_H

#include "nodes/pg_list.h"

/*
 * Only the second may ever be taken for "it is gone": whoever acts on an answer must be
 * able to tell a directory that says so from one that fails.
 */
typedef enum DirectoryClass
{
	DIRECTORY_REGISTERED,		/* data services were found */
	DIRECTORY_NOT_REGISTERED,	/* the directory says that it has none */
	DIRECTORY_ADDITIONAL_INPUT, /* registered; which provider depends on what the user says */
	DIRECTORY_REFUSED,			/* the query is not one the directory answers */
	DIRECTORY_FAILED,			/* HTTP failed, so nothing is known */
	DIRECTORY_UNREADABLE		/* an answer, but none that is understood: nothing is known */
} DirectoryClass;

/* A question by which evidence providers are told apart, and answers to it. */
typedef struct DirectoryConcept
{
	const char *identifier;
	const char *type;			/* Codelist, string, boolean; case differs */
	const char *list;			/* its ValueExpression, or the scheme of its identifier */
	List	   *values;			/* char *: supported */
} DirectoryConcept;

/* A code of a list of a member state, by which a jurisdiction is narrowed (2.0). */
typedef struct DirectoryArea
{
	const char *list;
	const char *code;
} DirectoryArea;

typedef struct DirectoryPublisher
{
	const char *identifier;
	const char *scheme;
	const char *country;		/* of its address */
	const char *levels[3];		/* of its jurisdiction: country, NUTS, LAU */
	List	   *areas;			/* DirectoryArea */
	List	   *concepts;		/* DirectoryConcept */
} DirectoryPublisher;

typedef struct DirectoryAccess
{
	const char *identifier;		/* the access point's party id and its type */
	const char *scheme;
	List	   *conforms_to;	/* char * */
	List	   *publishers;		/* DirectoryPublisher */
} DirectoryAccess;

typedef struct DirectoryDistribution
{
	const char *media_type;
	List	   *languages;		/* char * (2.0) */
	const char *data_model;
	const char *transformation; /* 1.x */
} DirectoryDistribution;

typedef struct DirectoryService
{
	const char *identifier;
	const char *classification;
	const char *level_of_assurance;
	List	   *distributions;	/* DirectoryDistribution */
	List	   *accesses;		/* DirectoryAccess */
	List	   *concepts;		/* DirectoryConcept */
} DirectoryService;

/* Of the broker: an evidence type, and where it is issued (said by the list since 2.0). */
typedef struct DirectoryEvidenceType
{
	const char *classification;
	List	   *countries;		/* char *, each once */
} DirectoryEvidenceType;

/* Evidence types that together prove a requirement; several lists are alternatives. */
typedef struct DirectoryTypeList
{
	const char *identifier;
	const char *match;			/* NoMatch: the state declares that it has no evidence (2.0) */
	List	   *countries;		/* char *, each once */
	List	   *types;			/* DirectoryEvidenceType */
} DirectoryTypeList;

typedef struct DirectoryRequirement
{
	const char *identifier;
	List	   *lists;			/* DirectoryTypeList */
} DirectoryRequirement;

/* What a directory wants to know before it can name a provider (DSD:ERR:0005). */
typedef struct DirectoryInput
{
	const char *kind;			/* jurisdiction, concept */
	const char *identifier;		/* of the context, or of the concept */
	const char *level;			/* of a jurisdiction */
	const char *type;			/* of a concept */
	const char *list;			/* of a concept */
} DirectoryInput;

typedef struct DirectoryAnswer
{
	DirectoryClass class;
	const char *reason;			/* constant text; NULL unless failed or unreadable */
	bool		retryable;		/* failed: the same query may be answered later */
	const char *code;			/* DSD:ERR:0001 and the like */
	const char *message_code;	/* detail of the exception when it is one word */
	const char *specification;	/* SpecificationIdentifier of the answer */
	List	   *services;		/* DirectoryService: of the list, or the one asked about */
	List	   *requirements;	/* DirectoryRequirement: of the list of a broker */
	List	   *inputs;			/* DirectoryInput */
} DirectoryAnswer;

/* Never raises for what is in an answer. http_status 0: there was none; content_type may be NULL. */
extern void directory_read_answer(int http_status, const char *content_type,
								  const char *body, size_t length, DirectoryAnswer *answer);

/* The same for an answer of the evidence broker, by its own codes: those of the other do not count. */
extern void directory_read_broker_answer(int http_status, const char *content_type,
										 const char *body, size_t length, DirectoryAnswer *answer);

extern const char *directory_class_name(DirectoryClass class);

#endif							/* OOTSPG_DIRECTORY_ANSWER_H */
