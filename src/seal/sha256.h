/*
 * sha256.h
 *		SHA-256 of bytes in memory; the one digest everything else is named by.
 */
#ifndef OOTSPG_SEAL_SHA256_H
#define OOTSPG_SEAL_SHA256_H

#define SHA256_BYTES 32

extern void sha256_bytes(const void *bytes, size_t length, uint8 digest[SHA256_BYTES]);

#endif							/* OOTSPG_SEAL_SHA256_H */
