/*
 * trust.h
 *		What a certificate may be used for, and whether it leads to one that is trusted:
 *		one place for seals made, seals verified and signatures of directories.
 *		For the files of src/seal only.
 */
#ifndef OOTSPG_SEAL_TRUST_H
#define OOTSPG_SEAL_TRUST_H

#include <openssl/x509.h>

/* most certificates that may come with a signature, or make a chain */
#define TRUST_MAX_CHAIN		10

/* most certificates that may be trusted at once */
#define TRUST_MAX_ANCHORS	5000

/*
 * Why this certificate's key may not sign documents, a constant text; NULL when it may.
 * Says nothing about validity, algorithm or issuer.
 */
extern const char *trust_usage_refusal(const X509 *certificate);

/* Certificates in PEM form, to be freed by the caller; raises when they can't be read. */
extern STACK_OF(X509) *trust_read_anchors(const char *pem, size_t length);

/* The anchors as OpenSSL wants them, with what holds for each chain; to be freed by the caller. NULL: no memory. */
extern X509_STORE *trust_store(STACK_OF(X509) *anchors);

/* The chain that others make from the signer to an anchor now, to be freed with its certificates; NULL: there is none. */
extern STACK_OF(X509) *trust_build_chain(X509 *signer, STACK_OF(X509) *others, STACK_OF(X509) *anchors);

/* "valid" when others can lead from the signer to an anchor now, else "untrusted". */
extern const char *trust_chain(X509 *signer, STACK_OF(X509) *others, STACK_OF(X509) *anchors);

#endif							/* OOTSPG_SEAL_TRUST_H */
