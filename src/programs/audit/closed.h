/*
 * closed.h
 *		Messages of an encrypted audit, opened with a reader's private key.
 */
#ifndef AUDIT_CLOSED_H
#define AUDIT_CLOSED_H

#include <openssl/evp.h>

#include "archive.h"

#define CLOSED_KEY 32

typedef struct Clear
{
	uint8_t    *bytes;			/* to be freed */
	size_t		size;
} Clear;

/* The data key that the reader's opens; false: it is not this reader's. */
extern bool closed_key(const File *wrapped, EVP_PKEY *reader, uint8_t key[CLOSED_KEY]);

/* NULL, or why it can't be opened. place: what the value is of, as "exchange_event first_part 4711 0". */
extern const char *closed_open(const uint8_t *bytes, size_t size, const uint8_t key[CLOSED_KEY], const char *place, Clear *clear);

#endif
