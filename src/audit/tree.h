/*
 * tree.h
 *		Merkle trees as RFC 6962 §2.1 has them, by SHA-256: a leaf is digested with the octet 0 before it, two
 *		subtrees with the octet 1. Subtrees of a power of two of leaves may stand for these leaves, so that a tree of
 *		any size is made from digests of its chunks.
 */
#ifndef OOTSPG_AUDIT_TREE_H
#define OOTSPG_AUDIT_TREE_H

#include "seal/sha256.h"

/* The digest of a leaf; octets[0] is the caller's to give away: it takes the prefix. */
extern void tree_leaf(char *octets, size_t length, uint8 digest[SHA256_BYTES]);

/* The digest over count digests that lie stride octets apart; none: that of nothing at all. */
extern void tree_root(const uint8 *digests, size_t stride, int count, uint8 root[SHA256_BYTES]);

/* Digests that, with that of place, give the root, the lowest first; their number. out has room for TREE_MAX_PATH. */
#define TREE_MAX_PATH 64
extern int	tree_path(const uint8 *digests, size_t stride, int count, int place, uint8 (*out)[SHA256_BYTES]);

#endif							/* OOTSPG_AUDIT_TREE_H */
