/*
 * envelope.h
 *		Bytes closed to a public key: X25519 with a key pair of its own for each, and
 *		AES-256-GCM. src/seal and this file are the rooms that know OpenSSL.
 */
#ifndef OOTSPG_PREVIEW_ENVELOPE_H
#define OOTSPG_PREVIEW_ENVELOPE_H

#define ENVELOPE_KEY_BYTES 32

/* HKDF (RFC 5869) with SHA-256, one block of output; salt NULL: none. */
extern void hkdf_sha256_bytes(const uint8 *secret, size_t length, const uint8 *salt, size_t salt_length,
							  const char *purpose, uint8 key[32]);

extern void envelope_public_key(const uint8 private_key[ENVELOPE_KEY_BYTES], uint8 public_key[ENVELOPE_KEY_BYTES]);

/*
 * Close bytes for a place, which only opens them again under the same name. A bytea,
 * palloc'd. Raises when OpenSSL fails.
 */
extern bytea *envelope_close(const uint8 public_key[ENVELOPE_KEY_BYTES], const char *place, const void *bytes, size_t length);

/*
 * Open what envelope_close() gave. NULL when the key or the place is another, or a byte
 * was changed; palloc'd and NUL terminated beyond *length otherwise.
 */
extern char *envelope_open(const uint8 private_key[ENVELOPE_KEY_BYTES], const char *place, const bytea *closed, size_t *length);

#endif							/* OOTSPG_PREVIEW_ENVELOPE_H */
