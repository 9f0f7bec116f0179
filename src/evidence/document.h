/*
 * document.h
 *		From a document column's value to the bytes of the evidence: composite ->
 *		canonical XML, xml -> canonical XML, jsonb -> JSON, bytea as it is. The
 *		declared media type is checked against the content (D-MOD-11), a structured
 *		document against its model's schema.
 */
#ifndef OOTSPG_EVIDENCE_DOCUMENT_H
#define OOTSPG_EVIDENCE_DOCUMENT_H

#include "evidence/piece.h"
#include "lib/stringinfo.h"

/* The bytes that usually come of such a value, at most: what is written with so much room need not be moved as it grows. */
extern size_t document_room(Datum value, Oid type);

/*
 * Append the document to out. model may be NULL, except for a composite, whose root
 * element it names. Raises
 * ERRCODE_OOTS_EVIDENCE with constant text naming column or attribute, never a
 * value; ERRCODE_OOTS_LIMIT beyond ootspg.max_evidence_size. *canonical_xml tells whether
 * out holds canonical XML, ready for seal_canonical().
 */
extern void document_build(Datum value, Oid type, const char *column, const char *media_type,
						   const DataModel *model, StringInfo out, bool *canonical_xml);

/* May a column of this type hold documents of this media type? Raises
 * ERRCODE_OOTS_CONFIGURATION with a hint when not; for configuration time. Walks
 * the composite's attributes and refuses types that have no text form or names
 * that are no element names. */
extern void document_check_type(Oid type, const char *column, const char *media_type, const DataModel *model);

/* What a structured document is where only its column's (base) type says so: JSON or XML. */
extern const char *document_structured_type(Oid base);

/* Does the content look like the media type (magic bytes or parse)? */
extern bool media_type_fits(const char *media_type, const char *content, size_t length);

/*
 * What is wrong with a document of that media type as such, constant text: it can't be opened by those who read
 * strictly, or does something by itself. NULL: nothing.
 */
extern const char *media_fault(const char *media_type, const char *content, size_t length);

#endif							/* OOTSPG_EVIDENCE_DOCUMENT_H */
