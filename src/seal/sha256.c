/*
 * sha256.c
 *		The algorithm is fetched once per backend: asking OpenSSL 3 for it on each
 *		call costs as much as digesting a short text.
 */
#include "postgres.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "seal/sha256.h"

static void
raise_failure(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INTERNAL_ERROR),
			 errmsg("could not compute a SHA-256 digest")));
}

const EVP_MD *
sha256_algorithm(void)
{
	static EVP_MD *algorithm = NULL;

	if (algorithm == NULL)
		algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (algorithm == NULL)
		raise_failure();
	return algorithm;
}

void
hmac_sha256_bytes(const void *key, size_t key_length, const void *bytes, size_t length, uint8 digest[SHA256_BYTES])
{
	if (HMAC(sha256_algorithm(), key, (int) key_length, bytes, length, digest, NULL) == NULL)
		raise_failure();
}

void
sha256_bytes(const void *bytes, size_t length, uint8 digest[SHA256_BYTES])
{
	if (!EVP_Digest(bytes, length, digest, NULL, sha256_algorithm(), NULL))
		raise_failure();
}
