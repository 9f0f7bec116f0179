/*
 * key.h
 *		Seal keys: private key and certificate by URI, loaded lazily once per
 *		backend, never from or into a table (SEAL §5, §6; D-SEC-08, D-SIG-07).
 *		src/seal is the only room that knows OpenSSL and libxmlsec1.
 */
#ifndef OOTSPG_SEAL_KEY_H
#define OOTSPG_SEAL_KEY_H

#include "datatype/timestamp.h"

typedef struct SealKey SealKey;

/*
 * The key of that name, from cache or loaded and checked: the pair belongs
 * together, within validity, usage allows signing, not a CA, algorithm and size
 * allowed (D-SIG-12). file: URIs must lie in the provider's place below
 * ootspg.key_directory, or, where provider is NULL, anywhere in it; owner and mode
 * are checked on the opened descriptor. Reloaded when the URIs or the files have
 * changed (rotation without restart). Raises ERRCODE_OOTS_KEY; the message never
 * shows key material. The result lives as long as the backend: use it at once.
 */
extern SealKey *seal_key_get(const char *name, const char *provider, const char *key_uri, const char *certificate_uri);

extern const char *seal_key_name(const SealKey *key);
extern const char *seal_key_algorithm(const SealKey *key);	/* ecdsa-sha256, ecdsa-sha384, rsa-sha256 */
extern const uint8 *seal_key_certificate_sha256(const SealKey *key);	/* 32 bytes */
extern TimestampTz seal_key_not_after(const SealKey *key);
#endif							/* OOTSPG_SEAL_KEY_H */
