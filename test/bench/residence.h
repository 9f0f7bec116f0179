/*
 * residence.h
 *		Evidence of residence and its seal, written by hand; see residence.c.
 */
#ifndef BENCH_RESIDENCE_H
#define BENCH_RESIDENCE_H

#include <openssl/evp.h>
#include <stddef.h>
#include <string.h>

#define DOMAIN "@civil.example.lv"
#define CONFORMS_TO "https://sr.oots.tech.ec.europa.eu/datamodels/residence-1.0"
#define RESIDENCE_START "<r:ResidenceEvidence xmlns:r=\"urn:example:residence:1.0\">"
#define RESIDENCE_END "</r:ResidenceEvidence>"

#define PERSON_FIELDS 10
#define STAY_FIELDS 10			/* the first is the person's code */

typedef struct Buffer
{
	char	   *data;
	size_t		length,
				room;
} Buffer;

/* A field of a row that was read; length -1 for NULL. */
typedef struct Field
{
	const char *text;
	int			length;
} Field;

typedef struct Sealer
{
	EVP_PKEY_CTX *context;
	EVP_MD_CTX *digesting;
	EVP_MD	   *sha256;
	char	   *key_info;
	unsigned char certificate_digest[32];
	char		certificate_base64[48];
} Sealer;

extern void bench_die(const char *what, const char *why);
extern void bench_require(int condition, const char *what);

extern void buffer_grow(Buffer *b, size_t more);

static inline void
buffer_put(Buffer *b, const void *bytes, size_t length)
{
	if (b->length + length > b->room)
		buffer_grow(b, length);
	memcpy(b->data + b->length, bytes, length);
	b->length += length;
}

#define buffer_constant(b, text) buffer_put(b, text, sizeof(text) - 1)

extern void residence_person(Buffer *b, const Field *p);
extern void residence_stay(Buffer *b, const Field *s);

extern void residence_open_sealer(Sealer *s, const char *key_path, const char *certificate_path);
extern void residence_digest(const Sealer *s, const void *bytes, size_t length, unsigned char *out);
extern void residence_uuid(unsigned char *uuid, char *text);

/* Ends the root element of the document that begins at start, with the seal in it. */
extern void residence_seal(const Sealer *s, Buffer *b, size_t start, const char *end_tag, const char *moment);

#endif							/* BENCH_RESIDENCE_H */
