/*
 * aead.h
 *		AES-256-GCM over bytes in memory. Neither raises: the caller may hold keys.
 */
#ifndef OOTSPG_SEAL_AEAD_H
#define OOTSPG_SEAL_AEAD_H

#define AEAD_KEY_BYTES		32
#define AEAD_NONCE_BYTES	12
#define AEAD_TAG_BYTES		16

/* What is authenticated beside the ciphertext, in two pieces, the first one binary. */
typedef struct AeadContext
{
	const uint8 *head;
	size_t		head_length;
	const char *place;
} AeadContext;

/* length bytes to out, and the tag behind them. A nonce is used once with a key. False when OpenSSL fails. */
extern bool aead_close(const uint8 key[AEAD_KEY_BYTES], const uint8 nonce[AEAD_NONCE_BYTES], const AeadContext *context,
					   const uint8 *in, size_t length, uint8 *out);

/* length bytes, with the tag behind them, to out. False, and nothing in out, when anything is another than it was. */
extern bool aead_open(const uint8 key[AEAD_KEY_BYTES], const uint8 nonce[AEAD_NONCE_BYTES], const AeadContext *context,
					  const uint8 *in, size_t length, uint8 *out);

#endif							/* OOTSPG_SEAL_AEAD_H */
