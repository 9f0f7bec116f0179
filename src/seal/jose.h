/*
 * jose.h
 *		Signatures as JOSE has them: names of algorithms (RFC 7518 §3.1, RFC 9864 for Brainpool),
 *		values as octets, certificates in x5c. For the files of src/seal only.
 */
#ifndef OOTSPG_SEAL_JOSE_H
#define OOTSPG_SEAL_JOSE_H

#include "seal/jws_json.h"
#include "seal/suite.h"
#include "seal/verdict.h"

/* The suite of an alg on a key of that name's curve, or NULL: none, HMAC, what is not ours. */
extern const SealSuite *jose_suite(const char *alg);

/* Is it a key for that alg? ES256 is P-256 and no other curve. */
extern bool jose_key_fits(const char *alg, const EVP_PKEY *key);

/* The alg a key signs with; NULL: JOSE has none for it that others know. */
extern const char *jose_algorithm(const SealSuite *suite, const EVP_PKEY *key);

/* Base64url of octets, appended. */
extern void jose_append_base64url(StringInfo out, const void *octets, size_t length);

#endif							/* OOTSPG_SEAL_JOSE_H */
