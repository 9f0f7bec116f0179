/*
 * revocation.h
 *		Was a certificate of the chain revoked? Known from CRLs that the caller gives, and from CRLs and OCSP responses that a
 *		seal brings; no network is used. For the files of src/seal only.
 */
#ifndef OOTSPG_SEAL_REVOCATION_H
#define OOTSPG_SEAL_REVOCATION_H

#include <openssl/x509.h>

#include "seal/verdict.h"

/* CRLs that are given, in bytes and in number */
#define REVOCATION_MAX_CRLS		1000

/*
 * Add the CRLs of bytes in PEM form, or the one in DER, to the stack. Raises when they can't be read, with the stack as it was or longer.
 */
extern void revocation_read(STACK_OF(X509_CRL) *crls, const char *bytes, size_t length);

/*
 * The verdict's revocation, of a signer whose chain is valid: good, revoked, revoked later (than a trusted stamp), unknown, or not checked:
 * nothing was given, and what the seal brings does not tell. The sub-indication of EN 319 102-1 when the seal
 * can't pass for it, else NULL. given may be NULL.
 */
extern const char *revocation_judge(SealVerdict *verdict, X509 *signer, STACK_OF(X509) *others, STACK_OF(X509) *anchors,
									STACK_OF(X509_CRL) *given);

#endif							/* OOTSPG_SEAL_REVOCATION_H */
