/*
 * recipients.h
 *		A key wrapped to certificates as CMS (RFC 5083, 5084, 5753): whoever has the private key of one of
 *		them opens it, with `openssl cms -decrypt` for one. Neither raises: the caller holds keys.
 */
#ifndef OOTSPG_SEAL_RECIPIENTS_H
#define OOTSPG_SEAL_RECIPIENTS_H

#include "seal/sha256.h"

#define RECIPIENT_KEY_BYTES 32
#define RECIPIENT_MAX_PEM 65536

typedef struct Recipient
{
	const char *certificate;	/* PEM, one certificate */
	uint8		sha256[SHA256_BYTES];	/* of its DER, set by recipients_wrap() */
	int64		not_after;		/* seconds since 1970, likewise */
} Recipient;

/*
 * The key as DER of AuthEnvelopedData, malloc'd, into *der. NULL, or why it can't be: a constant text, about recipient *which where
 * that is not -1.
 */
extern const char *recipients_wrap(const uint8 key[RECIPIENT_KEY_BYTES], Recipient *recipients, int count, int *which,
								   uint8 **der, size_t *length);

/* Digest and end of a certificate, as recipients_wrap() sets them; or why it can't be used. */
extern const char *recipient_identify(Recipient *recipient);

/* A private key of a reader as it is in a PEM file, without pass phrase; NULL: it is none. */
extern struct evp_pkey_st *recipient_key(const char *pem, size_t length);
extern void recipient_key_free(struct evp_pkey_st *key);

/* Open what recipients_wrap() made. False when the private key is none of the recipients', or a byte was changed. */
extern bool recipients_unwrap(struct evp_pkey_st *private_key, const uint8 *der, size_t length, uint8 key[RECIPIENT_KEY_BYTES]);

#endif							/* OOTSPG_SEAL_RECIPIENTS_H */
