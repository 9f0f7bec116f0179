/*
 * xades.h
 *		Sealing: XAdES-BASELINE-B, enveloped, over canonical text (SEAL §1-3), and detached, over any octets.
 */
#ifndef OOTSPG_SEAL_XADES_H
#define OOTSPG_SEAL_XADES_H

#include "lib/stringinfo.h"
#include "seal/key.h"

/*
 * Does the root of a canonical document have a signature as its child already? A second
 * one would cover it, but not the other way round: neither proves the whole document,
 * and verification refuses to choose.
 */
extern bool seal_is_there(const char *canonical, size_t length);

/*
 * Seal the canonical XML that text holds from start on, where it lies: the signature becomes the last child of the root.
 * It must end with the root's end tag (canon.h and canon_from_xml() guarantee it). Raises ERRCODE_OOTS_KEY when the signature
 * cannot be made, ERRCODE_OOTS_EVIDENCE when the document is not one to be sealed. sha256 (NULL for none) takes the digest of the
 * sealed document: both texts begin alike, so most of it is computed already.
 */
extern void seal_in_place(SealKey *key, StringInfo text, int start, uint8 *sha256);

/* The same of a copy, appended to out. */
extern void seal_canonical(SealKey *key, const char *canonical, size_t length, StringInfo out,
						   uint8 *sha256);

/*
 * Append a seal of octets that stay as they are and lie beside it: a document of its own, canonical, whose root is the signature.
 * media_type: of the octets. Raises ERRCODE_OOTS_KEY when the signature cannot be made.
 */
extern void seal_beside(SealKey *key, const char *bytes, size_t length, const char *media_type, StringInfo out);

#endif							/* OOTSPG_SEAL_XADES_H */
