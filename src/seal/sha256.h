/*
 * sha256.h
 *		SHA-256 of bytes in memory; the one digest everything else is named by.
 */
#ifndef OOTSPG_SEAL_SHA256_H
#define OOTSPG_SEAL_SHA256_H

#define SHA256_BYTES 32

/* OpenSSL's EVP_MD, fetched once per backend and never freed. */
extern const struct evp_md_st *sha256_algorithm(void);

extern void hmac_sha256_bytes(const void *key, size_t key_length, const void *bytes, size_t length, uint8 digest[SHA256_BYTES]);
extern void sha256_bytes(const void *bytes, size_t length, uint8 digest[SHA256_BYTES]);

#endif							/* OOTSPG_SEAL_SHA256_H */
