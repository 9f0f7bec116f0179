/*
 * suite.h
 *		Signature and digest algorithms we make and accept, in one table named
 *		after the edition of ETSI TS 119 312 it was checked against
 *		(SEAL §2, D-SIG-12).
 */
#ifndef OOTSPG_SEAL_SUITE_H
#define OOTSPG_SEAL_SUITE_H

#include <openssl/evp.h>

/* the Algorithm of RSA-PSS with one of the digests (RFC 9231 §2.3.10) */
#define PSS_URI(digest)	"http://www.w3.org/2007/05/xmldsig-more#" digest "-rsa-MGF1"

/* a signature method: kind of key, its smallest sizes, and its names */
typedef struct SealSuite
{
	const char *name;			/* ecdsa-sha256 */
	const char *uri;			/* Algorithm of ds:SignatureMethod */
	const char *digest;			/* OpenSSL's name of the digest */
	const char *key_type;		/* "EC" or "RSA" */
	const char *curves[2];		/* curves we make seals with; NULL: none */
	int			bits_to_create; /* smallest RSA modulus for new seals; 0: never made */
	int			bits_to_accept; /* smallest RSA modulus or curve accepted */
} SealSuite;

/* The suite a key makes seals with, an RSA key with either padding; NULL when it may not make any. */
extern const SealSuite *suite_for_key(const EVP_PKEY *key, bool pss);

/* The suite of a ds:SignatureMethod, or NULL. */
extern const SealSuite *suite_by_uri(const char *uri);

/* The suite of that name, or NULL. */
extern const SealSuite *suite_by_name(const char *name);

/* Is its padding that of RSA-PSS? */
extern bool suite_is_pss(const SealSuite *suite);

/* Ready a context for the suite: digest and padding, the salt as long as the digest. */
extern bool suite_prepare(const SealSuite *suite, EVP_PKEY_CTX *context, const EVP_MD *digest);

/* May this public key stand behind a signature of that suite? */
extern bool suite_accepts_key(const SealSuite *suite, const EVP_PKEY *key);

/* OpenSSL's name of the digest of a ds:DigestMethod, or NULL when not accepted. */
extern const char *suite_digest_by_uri(const char *uri);

/* Bytes of one of r and s for an EC key: the length of its order. */
extern int	suite_ec_octets(const EVP_PKEY *key);

#endif							/* OOTSPG_SEAL_SUITE_H */
