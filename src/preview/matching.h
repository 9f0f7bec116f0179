/*
 * matching.h
 *		Values of the matching log, encrypted to a key of the provider's own (D-LOG-29).
 */
#ifndef OOTSPG_PREVIEW_MATCHING_H
#define OOTSPG_PREVIEW_MATCHING_H

/*
 * The key pair that follows from the provider's key file, a path below the provider's
 * place of the key directory. NULL, or why the file cannot be used; never raises. The
 * caller wipes the private half.
 */
extern const char *matching_keys(const char *provider, const char *path, uint8 private_key[32], uint8 public_key[32]);

#endif							/* OOTSPG_PREVIEW_MATCHING_H */
