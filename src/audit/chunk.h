/*
 * chunk.h
 *		Leaves as they are kept beside a head (ootspg_internal.audit_leaf), so that a row can be named that is not as it was.
 *		A chunk is a whole subtree; the last one of a head may have fewer leaves.
 */
#ifndef OOTSPG_AUDIT_CHUNK_H
#define OOTSPG_AUDIT_CHUNK_H

#include "audit/leaf.h"

#define CHUNK_LEAVES 1024		/* a power of two */

/* Digest over the leaves of a chunk, as they are written. */
extern void chunk_root(const uint8 *leaves, int count, uint8 root[SHA256_BYTES]);

/* Which of a chunk's leaves are of rows that ootspg.purge() took; a bit each. */
#define CHUNK_PURGED_OCTETS (CHUNK_LEAVES / 8)
#define chunk_is_purged(purged, place) ((purged) != NULL && ((purged)[(place) / 8] & (1 << ((place) % 8))) != 0)

#endif							/* OOTSPG_AUDIT_CHUNK_H */
