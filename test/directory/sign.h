/*
 * sign.h
 *		The headers digest and oots-response-sig of answers.
 */
#ifndef DIRECTORY_SIGN_H
#define DIRECTORY_SIGN_H

#include <time.h>

#include "base.h"

typedef struct Signer Signer;

/* Files in PEM, the leaf first; ends the program when they cannot be used. */
extern Signer *signer_load(const char *key, const char *chain);
extern void signer_free(Signer *signer);

/* To be freed. */
extern char *digest_of(const char *bytes, size_t len);

/*
 * A detached JWS over the digest header; to be freed. The algorithm NULL is that
 * of the key; "none" has no signature, one with HS is keyed by the public key,
 * and any other name is put before a signature by the key. Moment: what the
 * header tells of when it was signed.
 */
extern char *signer_sign(const Signer *signer, const char *digest, const char *algorithm, time_t moment);

/* Another signature of the same form. */
extern void spoil_signature(char *jws);

#endif
