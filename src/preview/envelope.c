/*
 * envelope.c
 *		version (1 byte), ephemeral public key (32), ciphertext, tag (16). The key of
 *		AES is the HKDF of the shared secret under both public keys; it is used once,
 *		so that its nonce may be zero. The place is authenticated with the bytes.
 *
 *		OpenSSL's objects are freed before anything is raised.
 */
#include "postgres.h"

#include <openssl/evp.h>

#include "compat.h"
#include "preview/envelope.h"
#include "seal/sha256.h"

#define VERSION		1
#define TAG_BYTES	16
#define NONCE_BYTES	12
#define HEAD_BYTES	(1 + ENVELOPE_KEY_BYTES)

static void
raise_failure(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INTERNAL_ERROR),
			 errmsg("could not encrypt what is kept for a preview")));
}

void
hkdf_sha256_bytes(const uint8 *secret, size_t length, const uint8 *salt, size_t salt_length, const char *purpose, uint8 key[32])
{
	static const uint8 no_salt[SHA256_BYTES] = {0};
	uint8		extracted[SHA256_BYTES];
	char		block[128];
	size_t		purpose_length = strlen(purpose);

	Assert(purpose_length < sizeof(block));
	if (salt == NULL)
	{
		salt = no_salt;
		salt_length = sizeof(no_salt);
	}
	hmac_sha256_bytes(salt, salt_length, secret, length, extracted);
	memcpy(block, purpose, purpose_length);
	block[purpose_length] = 1;
	hmac_sha256_bytes(extracted, sizeof(extracted), block, purpose_length + 1, key);
	explicit_bzero(extracted, sizeof(extracted));
}

void
envelope_public_key(const uint8 private_key[ENVELOPE_KEY_BYTES], uint8 public_key[ENVELOPE_KEY_BYTES])
{
	EVP_PKEY   *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, ENVELOPE_KEY_BYTES);
	size_t		length = ENVELOPE_KEY_BYTES;
	bool		done = pair != NULL && EVP_PKEY_get_raw_public_key(pair, public_key, &length) == 1 && length == ENVELOPE_KEY_BYTES;

	EVP_PKEY_free(pair);
	if (!done)
		raise_failure();
}

/* False when OpenSSL fails, or the other key is none (all of its multiples are zero). */
static bool
shared_secret(const uint8 private_key[ENVELOPE_KEY_BYTES], const uint8 public_key[ENVELOPE_KEY_BYTES], uint8 secret[ENVELOPE_KEY_BYTES])
{
	EVP_PKEY   *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, ENVELOPE_KEY_BYTES);
	EVP_PKEY   *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public_key, ENVELOPE_KEY_BYTES);
	EVP_PKEY_CTX *context = own != NULL ? EVP_PKEY_CTX_new(own, NULL) : NULL;
	size_t		length = ENVELOPE_KEY_BYTES;
	bool		done = context != NULL && other != NULL && EVP_PKEY_derive_init(context) == 1 &&
		EVP_PKEY_derive_set_peer(context, other) == 1 && EVP_PKEY_derive(context, secret, &length) == 1 && length == ENVELOPE_KEY_BYTES;

	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(other);
	EVP_PKEY_free(own);
	return done;
}

/* The key of AES from the shared secret, bound to both public keys. */
static void
content_key(uint8 secret[ENVELOPE_KEY_BYTES], const uint8 *ephemeral, const uint8 *recipient, uint8 key[32])
{
	uint8		salt[2 * ENVELOPE_KEY_BYTES];

	memcpy(salt, ephemeral, ENVELOPE_KEY_BYTES);
	memcpy(salt + ENVELOPE_KEY_BYTES, recipient, ENVELOPE_KEY_BYTES);
	hkdf_sha256_bytes(secret, ENVELOPE_KEY_BYTES, salt, sizeof(salt), "ootspg preview: content", key);
	explicit_bzero(secret, ENVELOPE_KEY_BYTES);
}

/* Both ways; the tag is written, or compared. The key is wiped. */
static bool
cipher(bool closing, uint8 key[32], const char *place, const uint8 *in, size_t length, uint8 *out, uint8 *tag)
{
	static const uint8 nonce[NONCE_BYTES] = {0};
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int			n = 0;
	bool		done = context != NULL && length <= INT_MAX &&
		EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce, closing) == 1 &&
		EVP_CipherUpdate(context, NULL, &n, (const uint8 *) place, (int) strlen(place)) == 1 &&
		(length == 0 || (EVP_CipherUpdate(context, out, &n, in, (int) length) == 1 && n == (int) length)) &&
		(closing || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1) &&
		EVP_CipherFinal_ex(context, out + length, &n) == 1 &&
		(!closing || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) == 1);

	EVP_CIPHER_CTX_free(context);
	explicit_bzero(key, 32);
	return done;
}

bytea *
envelope_close(const uint8 public_key[ENVELOPE_KEY_BYTES], const char *place, const void *bytes, size_t length)
{
	size_t		size = HEAD_BYTES + length + TAG_BYTES;
	bytea	   *closed = palloc(VARHDRSZ + size);
	uint8	   *head = (uint8 *) VARDATA(closed);
	uint8		ephemeral[ENVELOPE_KEY_BYTES];
	uint8		secret[ENVELOPE_KEY_BYTES];
	uint8		key[32];
	bool		done;

	SET_VARSIZE(closed, VARHDRSZ + size);
	head[0] = VERSION;
	if (!pg_strong_random(ephemeral, sizeof(ephemeral)))
		raise_failure();
	envelope_public_key(ephemeral, head + 1);
	done = shared_secret(ephemeral, public_key, secret);
	explicit_bzero(ephemeral, sizeof(ephemeral));
	if (!done)
		raise_failure();
	content_key(secret, head + 1, public_key, key);
	if (!cipher(true, key, place, bytes, length, head + HEAD_BYTES, head + HEAD_BYTES + length))
		raise_failure();
	return closed;
}

char *
envelope_open(const uint8 private_key[ENVELOPE_KEY_BYTES], const char *place, const bytea *closed, size_t *length)
{
	const uint8 *head = (const uint8 *) VARDATA_ANY(closed);
	size_t		size = VARSIZE_ANY_EXHDR(closed);
	uint8		public_key[ENVELOPE_KEY_BYTES];
	uint8		secret[ENVELOPE_KEY_BYTES];
	uint8		key[32];
	uint8		tag[TAG_BYTES];
	char	   *bytes;

	if (size < HEAD_BYTES + TAG_BYTES || head[0] != VERSION)
		return NULL;
	*length = size - HEAD_BYTES - TAG_BYTES;
	envelope_public_key(private_key, public_key);
	if (!shared_secret(private_key, head + 1, secret))
		return NULL;
	content_key(secret, head + 1, public_key, key);
	/* one byte more than GCM writes, and the end of a string */
	bytes = palloc(*length + 1);
	memcpy(tag, head + HEAD_BYTES + *length, TAG_BYTES);
	if (!cipher(false, key, place, head + HEAD_BYTES, *length, (uint8 *) bytes, tag))
	{
		explicit_bzero(bytes, *length);
		return NULL;
	}
	bytes[*length] = '\0';
	return bytes;
}
