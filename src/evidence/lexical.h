/*
 * lexical.h
 *		Scalar values in the lexical forms of XML Schema, independent of the
 *		session's DateStyle, IntervalStyle, TimeZone, extra_float_digits and
 *		bytea_output: the same value gives the same bytes in every session.
 */
#ifndef OOTSPG_EVIDENCE_LEXICAL_H
#define OOTSPG_EVIDENCE_LEXICAL_H

#include "fmgr.h"

typedef enum LexicalKind
{
	LEXICAL_BOOLEAN,
	LEXICAL_INT2,
	LEXICAL_INT4,
	LEXICAL_INT8,
	LEXICAL_FLOAT4,
	LEXICAL_FLOAT8,
	LEXICAL_NUMERIC,
	LEXICAL_DATE,
	LEXICAL_TIME,
	LEXICAL_TIMETZ,
	LEXICAL_TIMESTAMP,
	LEXICAL_TIMESTAMPTZ,
	LEXICAL_INTERVAL,
	LEXICAL_UUID,
	LEXICAL_BYTEA,
	LEXICAL_TEXT,				/* text and varchar: the bytes themselves */
	LEXICAL_BPCHAR,				/* without its padding */
	LEXICAL_OUTPUT				/* the type's own output function, where it heeds no setting */
} LexicalKind;

typedef struct Lexical
{
	LexicalKind kind;
	FmgrInfo	output;			/* LEXICAL_OUTPUT only */
} Lexical;

/* Room for the forms of bounded length. */
#define LEXICAL_SCRATCH 64

/* The form of a value: UTF-8, in the scratch buffer, in the value itself or
 * palloc'd in the current context, valid as long as all three are. */
typedef struct LexicalForm
{
	const char *text;
	size_t		length;
	bool		plain;			/* no character of it needs escaping in XML */
	char		scratch[LEXICAL_SCRATCH];
} LexicalForm;

/* How values of this base type (no domain) are written; false when the type has
 * no form of its own that would be the same in every session. */
extern bool lexical_prepare(Oid type, Lexical *lexical, MemoryContext context);

/* Raises ERRCODE_OOTS_EVIDENCE for values without a form (infinity, NaN, …). */
extern void lexical_write(Lexical *lexical, Datum value, LexicalForm *form);

#endif							/* OOTSPG_EVIDENCE_LEXICAL_H */
