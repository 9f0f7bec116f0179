/*
 * sha256.c
 *		The algorithm is fetched once per backend: asking OpenSSL 3 for it on each
 *		call costs as much as digesting a short text.
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "seal/sha256.h"

/* per backend, never freed */
static EVP_MD *algorithm = NULL;

void
sha256_bytes(const void *bytes, size_t length, uint8 digest[SHA256_BYTES])
{
	if (algorithm == NULL)
		algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (algorithm == NULL || !EVP_Digest(bytes, length, digest, NULL, algorithm, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute a SHA-256 digest")));
}
