/*
 * jades.h
 *		JAdES-BASELINE-B (ETSI TS 119 182-1): seals in and on JSON. Whoever receives one has a
 *		JWS whose payload is the document, octet for octet, or lies beside it.
 */
#ifndef OOTSPG_SEAL_JADES_H
#define OOTSPG_SEAL_JADES_H

#include <openssl/x509.h>

#include "lib/stringinfo.h"
#include "seal/key.h"
#include "seal/verify.h"

/* How a detached JWS names what it is of (TS 119 182-1 §5.2.8.3) */
#define JADES_BY_URI	"http://uri.etsi.org/19182/ObjectIdByURI"
#define JADES_BY_HASH	"http://uri.etsi.org/19182/ObjectIdByURIHash"

typedef enum JadesForm
{
	JADES_COMPACT,				/* three parts and two dots */
	JADES_FLATTENED,			/* an object of JSON (RFC 7515 §7.2.2) */
	JADES_DETACHED				/* likewise, without the document, whose digest it has */
} JadesForm;

/*
 * Seal the octets of a JSON document and append the JWS to out. Raises ERRCODE_OOTS_KEY when the
 * signature cannot be made, or JOSE has no name for the key's algorithm.
 */
extern void jades_seal(SealKey *key, const char *json, size_t length, JadesForm form, StringInfo out);

/* Do the first octets say that this is a JWS, and neither XML nor PDF? */
extern bool jades_looks_like(const char *bytes, size_t length);

/* Is it a JWS at all, signed by whomever? For documents that must bear a seal of their own. */
extern bool jades_is_there(const char *bytes, size_t length);

/*
 * The verdict on a JWS, see verify.h. certificates, empty, take those of x5c, the signer's
 * first.
 */
extern bool jades_verify(const char *bytes, size_t length, SealVerdict *verdict, STACK_OF(X509) *certificates);

#endif							/* OOTSPG_SEAL_JADES_H */
