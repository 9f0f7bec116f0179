/*
 * source.h
 *		Views and functions that yield registry rows: their columns by name, and
 *		the FROM clause that reads them. They change under us: what the configuration
 *		named when it was written is looked at again where it is used, and what does
 *		not fit any more is told in words (OT003), with evidence type and remedy.
 *		Column names are documented in doc/evidence_types.md.
 */
#ifndef OOTSPG_EVIDENCE_SOURCE_H
#define OOTSPG_EVIDENCE_SOURCE_H

#include "configuration/configuration.h"
#include "lib/stringinfo.h"

/* What is read, and who reads it, for the words of an error. */
typedef struct RegistrySource
{
	const EvidenceType *type;
	const Distribution *distribution;	/* NULL: the type's subject view */
	Oid			relation;		/* whose columns the rows have */
	char	   *name;			/* of the relation or function, qualified and quoted */
} RegistrySource;

/*
 * Inside an SPI connection. The view that subjects are matched against; what a distribution
 * reads evidence, or sample evidence, from. Raise OT003 when it is gone.
 */
extern RegistrySource source_of_subjects(const EvidenceType *type, const Distribution *distribution);
extern RegistrySource source_of_evidence(const EvidenceType *type, const Distribution *distribution);
extern RegistrySource source_of_sample(const EvidenceType *type, const Distribution *distribution);

/* The entitlement function's name, once it is sure that it is a function of one question that returns one boolean; else OT003. */
extern const char *source_entitlement(const EvidenceType *type);

/* Type of a column of the relation, InvalidOid when there is no such column. */
extern Oid	source_column_type(Oid relation, const char *column);

/* The same, or OT003 when there is no such column. */
extern Oid	source_require_column(const RegistrySource *source, const char *column);

/* Condition on person_id: one of the keys of text[] $1. */
extern char *source_any_key(const RegistrySource *source);

/* Append the column as text, or NULL when the relation lacks it. */
extern void source_append_text(StringInfo sql, const RegistrySource *source, const char *column);

/* Append the column as date, or NULL when the relation lacks it; OT003 when it is anything but a date. */
extern void source_append_date(StringInfo sql, const RegistrySource *source, const char *column);

/* Append the column as timestamptz, or NULL when the relation lacks it; OT003 when it is anything else: without a zone it says nothing. */
extern void source_append_moment(StringInfo sql, const RegistrySource *source, const char *column);

/* Can values of the type be cast to boolean? */
extern bool source_is_truth(Oid type);

/* Append the column as boolean, or false when the relation lacks it; OT003 when it cannot be cast. */
extern void source_append_boolean(StringInfo sql, const RegistrySource *source, const char *column);
#endif							/* OOTSPG_EVIDENCE_SOURCE_H */
