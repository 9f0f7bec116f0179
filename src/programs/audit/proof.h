/*
 * proof.h
 *		Digests, and inclusion proofs by the letter of RFC 6962 §2.1.1 and RFC 9162 §2.1.3.2; texts of rows.
 */
#ifndef AUDIT_PROOF_H
#define AUDIT_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST 32

extern void digest_of(const void *bytes, size_t size, uint8_t digest[DIGEST]);
extern bool digest_is(const uint8_t digest[DIGEST], const char *hex);	/* NULL is none */
extern bool digest_read(const char *hex, uint8_t digest[DIGEST]);	/* 64 digits, no more */

extern void proof_leaf(const uint8_t *row, size_t size, uint8_t digest[DIGEST]);

/* One step up. first and last are the places of the leaf and of the tree's last leaf at that height; false: the path is too long. */
extern bool proof_step(uint8_t digest[DIGEST], const uint8_t other[DIGEST], uint64_t *first, uint64_t *last);

/* The value of a column in the text of a row; false: it is not there (NULL), or the text is none. */
extern bool row_value(const uint8_t *row, size_t size, const char *column, const char **value, size_t *length);
extern bool row_is(const uint8_t *row, size_t size, const char *column, const char *value);	/* "" stands for NULL */

#endif
