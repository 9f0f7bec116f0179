/*
 * building.h
 *		What the files that build evidence have in common (build.c, describe.c, generate.c):
 *		the columns of the statement that reads the registry's rows, and the question they are read for.
 */
#ifndef OOTSPG_EVIDENCE_BUILDING_H
#define OOTSPG_EVIDENCE_BUILDING_H

#include "compat.h"
#include "evidence/build.h"
#include "lib/stringinfo.h"
#include "query.h"
#include "seal/key.h"

/* columns of the statement that reads the rows */
enum
{
	PERSON_ID = 1,
	ISSUING_DATE,
	VALID_FROM,
	VALID_UNTIL,
	LANGUAGE,
	TITLE,
	EVIDENCE_ID,
	EVIDENCE_KEY,
	AUTHORITY_SCHEME,
	AUTHORITY_IDENTIFIER,
	AUTHORITY_NAME,
	AVAILABLE_AT,
	DOCUMENT,
	READABLE
};

/* What stays the same for all rows of one question. */
typedef struct Builder
{
	const BuildQuestion *question;
	const DataModel *model;		/* NULL for unstructured documents */
	const Distribution *shown;	/* whose column is read: the question's, or what its documents are generated from */
	const DataModel *shown_model;
	SealKey    *key;			/* NULL: unsealed */
} Builder;

/* A document as its column has it, before it is sealed. */
typedef struct RowDocument
{
	StringInfoData bytes;
	const char *media_type;
	const DataModel *model;		/* NULL: none, or made up of the composite type */
	Oid			composite;		/* type whose comments are labels where no model is configured; else InvalidOid */
	bool		canonical;		/* it is XML that we have written */
} RowDocument;

/* describe.c: what a row says of its evidence beside the document. */
extern Piece *piece_describe(const Builder *builder, HeapTuple tuple, TupleDesc desc, const Distribution *distribution, const DataModel *model);

/* describe.c: what every evidence carries; refuses what no answer could carry. there: it has a document. */
extern void piece_complete(const BuildQuestion *question, Piece *piece, const char *row_evidence_id, bool there);

/* describe.c: OT005, the fault in a row. */
OOTS_NORETURN extern void row_refuse(const BuildQuestion *question, const char *fault, const char *hint);

/* generate.c: the document in the row's column; false when it is NULL. */
extern bool document_of_row(const Builder *builder, HeapTuple tuple, TupleDesc desc, int column, RowDocument *document);

/* generate.c: the language of a document made for people: the row's own, else the best wanted that has labels, else English; upper case. */
extern const char *shown_language(const Builder *builder, const RowDocument *document, const char *own);

/* generate.c: a language wanted in which a translation can be made of what is in another; NULL: none. */
extern const char *translated_language(const Builder *builder, const RowDocument *document, const char *original);

/* generate.c: PDF of the document in a language, in place of *out; original: the language it is translated from, or NULL. */
extern void generate_pdf(const Builder *builder, const RowDocument *document, const Piece *main_piece, const char *language, const char *original, StringInfo out);

#endif							/* OOTSPG_EVIDENCE_BUILDING_H */
