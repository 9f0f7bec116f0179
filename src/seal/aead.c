/*
 * aead.c
 *		Algorithm and context are made once for each process: to ask OpenSSL 3 for them costs
 *		more than a short message. The context keeps no key.
 */
#include "postgres.h"

#include <limits.h>

#include <openssl/evp.h>

#include "seal/aead.h"

static EVP_CIPHER *
algorithm(void)
{
	static EVP_CIPHER *cipher = NULL;

	if (cipher == NULL)
		cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	return cipher;
}

/* Both ways; the tag is written to, or compared with, the bytes behind. */
static bool
run(EVP_CIPHER_CTX *run, bool closing, const uint8 *key, const uint8 *nonce, const AeadContext *context,
	const uint8 *in, size_t length, uint8 *out)
{
	uint8		tag[AEAD_TAG_BYTES];
	int			n = 0;

	if (algorithm() == NULL || length > INT_MAX || EVP_CipherInit_ex2(run, algorithm(), key, nonce, closing, NULL) != 1 ||
		EVP_CipherUpdate(run, NULL, &n, context->head, (int) context->head_length) != 1 ||
		EVP_CipherUpdate(run, NULL, &n, (const uint8 *) context->place, (int) strlen(context->place)) != 1 ||
		(length > 0 && (EVP_CipherUpdate(run, out, &n, in, (int) length) != 1 || n != (int) length)))
		return false;
	if (!closing)
	{
		memcpy(tag, in + length, AEAD_TAG_BYTES);
		return EVP_CIPHER_CTX_ctrl(run, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_BYTES, tag) == 1 && EVP_CipherFinal_ex(run, tag, &n) == 1;
	}
	return EVP_CipherFinal_ex(run, tag, &n) == 1 && EVP_CIPHER_CTX_ctrl(run, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_BYTES, out + length) == 1;
}

static bool
once(bool closing, const uint8 *key, const uint8 *nonce, const AeadContext *context, const uint8 *in, size_t length, uint8 *out)
{
	static EVP_CIPHER_CTX *kept = NULL;
	bool		done;

	if (kept == NULL)
		kept = EVP_CIPHER_CTX_new();
	done = kept != NULL && run(kept, closing, key, nonce, context, in, length, out);
	if (kept != NULL)
		(void) EVP_CIPHER_CTX_reset(kept);
	if (!done && !closing)
		explicit_bzero(out, length);
	return done;
}

bool
aead_close(const uint8 key[AEAD_KEY_BYTES], const uint8 nonce[AEAD_NONCE_BYTES], const AeadContext *context,
		   const uint8 *in, size_t length, uint8 *out)
{
	return once(true, key, nonce, context, in, length, out);
}

bool
aead_open(const uint8 key[AEAD_KEY_BYTES], const uint8 nonce[AEAD_NONCE_BYTES], const AeadContext *context,
		  const uint8 *in, size_t length, uint8 *out)
{
	return once(false, key, nonce, context, in, length, out);
}
