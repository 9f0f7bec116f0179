/*
 * closed.h
 *		Values closed to a data key (D-LOG-15, D-SEC-06): compressed, then AES-256-GCM. Each opens in
 *		its place only, so that values cannot be swapped.
 *
 *		version (1 byte), coding (1), length of the value (4, big-endian), id of the key (16), nonce (12),
 *		ciphertext, tag (16). Authenticated with it: the first 22 bytes, and the place as text.
 */
#ifndef OOTSPG_AUDIT_CLOSED_H
#define OOTSPG_AUDIT_CLOSED_H

#include "seal/aead.h"

#define CLOSED_ID_BYTES 16

typedef struct DataKey
{
	uint8		id[CLOSED_ID_BYTES];
	uint8		key[AEAD_KEY_BYTES];
	uint64		used;			/* how many values: the nonce of the next one. A key is one process's */
} DataKey;

/* Which column of which row; part 0 where rows have none. */
typedef struct ClosedPlace
{
	const char *table;
	const char *column;
	int64		row;
	int			part;
} ClosedPlace;

/* A value, palloc'd, that TOAST will not make smaller. Raises when OpenSSL fails. */
extern bytea *closed_make(DataKey *key, const ClosedPlace *place, const void *bytes, size_t length);

/* The id of its key into id; false when this is no closed value. */
extern bool closed_key_id(const bytea *value, uint8 id[CLOSED_ID_BYTES]);

/*
 * The value, palloc'd and NUL terminated beyond *length. NULL when the key or the place is another, or a byte was changed.
 */
extern char *closed_open(const DataKey *key, const ClosedPlace *place, const bytea *value, size_t *length);

#endif							/* OOTSPG_AUDIT_CLOSED_H */
