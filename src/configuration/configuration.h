/*
 * configuration.h
 *		Providers, evidence types and distributions as the answering code sees
 *		them: read from the tables of sql/ootspg/configuration with the
 *		caller's privileges, so that row-level security applies, and kept (kept.h):
 *		nobody changes what is given here.
 */
#ifndef OOTSPG_CONFIGURATION_H
#define OOTSPG_CONFIGURATION_H

#include "datatype/timestamp.h"
#include "message/line.h"
#include "message/request.h"
#include "nodes/pg_list.h"

typedef struct Provider
{
	char	   *name;			/* local name */
	Agent	   *agent;
	char	   *content_domain;
	char	   *environment;
	EdmLine		preferred_line;
	/* of a provider that was looked up by itself */
	bool		has_answer_role;
	Oid			answer_role;	/* then; InvalidOid when the role is gone */
} Provider;

typedef enum SealPolicy
{
	SEAL_NONE,
	SEAL_PREFER,
	SEAL_REQUIRE
} SealPolicy;

/* A view or table of the registry as a row of the configuration names it. */
typedef struct NamedRelation
{
	char	   *name;			/* as it was last seen, qualified; NULL: the row names none */
	char	   *owner;			/* then; NULL when not known */
	Oid			id;				/* as the row has it: it may be gone */
} NamedRelation;

/* In readable and document: neither the name of a distribution nor of a column. */
#define GENERATED "generated"

/* How documents of a distribution are sealed where their type says that they are. */
typedef enum SealChoice
{
	CHOICE_STANDARD,			/* as their media type has it: XML, SVG and PDF; others not */
	CHOICE_COMPACT,				/* JSON in a JWS of one of two forms */
	CHOICE_FLATTENED,
	CHOICE_DETACHED,			/* by a document beside them, in packages */
	CHOICE_OWN,					/* they bear their issuer's signature and leave as they are */
	CHOICE_NONE
} SealChoice;

typedef struct Distribution
{
	char	   *name;
	char	   *media_type;
	NamedRelation source;		/* without name: function stands in */
	char	   *function;		/* schema.name, NULL when source is set */
	NamedRelation sample_source;
	char	   *document;		/* column */
	char	   *model,
			   *model_version,
			   *subset;
	char	   *conforms_to;	/* of the model on the line, with the subset; NULL when none */
	char	   *readable;		/* name of the companion, or that it is generated; NULL when none */
	SealChoice	seal_form;
	bool		companion_only; /* leaves as another's companion, never by itself */
	struct Distribution *companion;
	bool		generated;		/* PDF made of a structured document of the same row, not one in a column */
	struct Distribution *origin;	/* then: whose document that is, unless it accompanies another; its media type NULL: as its column's type says */
} Distribution;

/* When users sign in again before they see anything. */
typedef enum Reauthentication
{
	REAUTHENTICATION_NONE,
	REAUTHENTICATION_REQUIRED,
	REAUTHENTICATION_ON_AMBIGUITY	/* where it is not sure who they are: several persons, a level that is too low */
} Reauthentication;

typedef struct EvidenceType
{
	char	   *name;
	Provider   *provider;
	char	   *data_service;
	List	   *titles;			/* LocalText *, EN first */
	bool		legal;
	NamedRelation subject_source;	/* without name: the distribution's source */
	List	   *procedures;		/* char * */
	char	   *level_of_assurance;
	bool		preview_exempt;
	bool		first_given_name;	/* policy 'first' */
	char	   *legal_number;
	bool		representation;
	char	   *entitlement;	/* function, NULL: own record only */
	SealPolicy	seal;
	bool		stamped;		/* seals are of level T */
	char	   *seal_key,
			   *key_uri,
			   *certificate_uri;
	bool		empty_when_no_record;	/* decided for the line */
	int64		t1_ms,			/* 0: no limit */
				t2_ms,
				t3_ms;
	Reauthentication reauthentication;
	bool		narrows;		/* who is not matched for sure may tell more of themselves in the preview space */
	bool		active;
	char	   *classification; /* on the line; NULL: not served there */
	List	   *distributions;	/* Distribution * */
} EvidenceType;

/*
 * All inside an SPI connection; results last as long as the current memory context. Providers are looked up as
 * their owner: a caller to whom row-level security shows one of several must not take the database for that one's.
 */
extern Provider *provider_by_identifier(const char *scheme, const char *identifier);	/* NULL when unknown */
extern Provider *provider_only_one(void);	/* the only provider, or NULL */
extern EvidenceType *evidence_type_by_service(const char *data_service, EdmLine line);	/* NULL when unknown */
extern EvidenceType *evidence_type_by_name(const char *name, EdmLine line);	/* NULL when unknown */
extern char *data_model_location(const char *model, const char *version, EdmLine line); /* its URL on the line; NULL: none */
extern Distribution *distribution_by_name(const EvidenceType *type, const char *name);

/* jsonb {"EN": …} to LocalText *, EN first, then by language */
extern List *localized_texts(Datum jsonb);

#endif							/* OOTSPG_CONFIGURATION_H */
