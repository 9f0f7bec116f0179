/*
 * pades.h
 *		PAdES-BASELINE-B (ETSI EN 319 142-1): seals in PDF. The document stays as it is, octet for octet;
 *		the seal is appended to it as a revision of its own, without appearance.
 */
#ifndef OOTSPG_SEAL_PADES_H
#define OOTSPG_SEAL_PADES_H

#include <openssl/x509.h>

#include "lib/stringinfo.h"
#include "seal/key.h"
#include "seal/verify.h"

/*
 * Append the sealed document to out. NULL, or why this document can't be sealed (constant text,
 * out is as it was): it is no PDF that can be followed, or a signature in it forbids additions. Raises ERRCODE_OOTS_KEY
 * when the signature can't be made. room: octets beside the signature, for a time stamp that comes later.
 */
extern const char *pades_seal(SealKey *key, const char *pdf, size_t length, size_t room, StringInfo out);

/* The same without sealing it. */
extern const char *pades_refusal(const char *pdf, size_t length);

/* Does the PDF bear a signature, by whomever? */
extern bool pades_is_there(const char *pdf, size_t length);

/* The verdict on the signature that covers the whole file, see verify.h. certificates, empty, take those in it, the signer's first. */
extern bool pades_verify(const char *pdf, size_t length, SealVerdict *verdict, STACK_OF(X509) *certificates);

#endif							/* OOTSPG_SEAL_PADES_H */
