/*
 * seal.h
 *		Seals of every form we make, chosen by a word.
 */
#ifndef OOTSPG_SEAL_SEAL_H
#define OOTSPG_SEAL_SEAL_H

#include "lib/stringinfo.h"
#include "seal/key.h"

typedef enum SealForm
{
	FORM_XADES,					/* enveloped, in XML */
	FORM_PADES,					/* in PDF */
	FORM_PADES_T,				/* likewise, with room for a time stamp */
	FORM_COMPACT,				/* JSON as payload of a JWS */
	FORM_FLATTENED,				/* the same as an object of JSON */
	FORM_DETACHED				/* beside any document: JWS beside JSON, XAdES beside all else */
} SealForm;

/*
 * The form of that word (xades, pades, pades-t, compact, flattened, detached), or where word is NULL the one that
 * fits the document. Raises ERRCODE_INVALID_PARAMETER_VALUE for another word, and for a JSON document without one.
 */
extern SealForm seal_form(const char *word, const char *document, size_t length);

/*
 * Append the sealed document to out, or what lies beside it; XML that is sealed in itself leaves canonical, all else octet for octet. Raises ERRCODE_OOTS_KEY
 * when the signature can't be made, ERRCODE_OOTS_EVIDENCE when the document is not one to be sealed,
 * ERRCODE_OOTS_UNREADABLE when it is not XML.
 */
extern void seal_document(SealKey *key, SealForm form, const char *document, size_t length, StringInfo out);

/* The detached seal of a document, alone; media_type: NULL: as the first octets say. */
extern void seal_detached(SealKey *key, const char *media_type, const char *document, size_t length, StringInfo out);

/* Raises ERRCODE_OOTS_EVIDENCE: why a document can't be sealed. */
extern void seal_raise_refusal(const char *refusal);

#endif							/* OOTSPG_SEAL_SEAL_H */
