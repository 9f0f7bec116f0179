/*
 * signature.h
 *		A signature value by itself: checked with OpenSSL, of the suites of our table.
 *		For the files of src/seal only.
 */
#ifndef OOTSPG_SEAL_SIGNATURE_H
#define OOTSPG_SEAL_SIGNATURE_H

#include "seal/suite.h"

/*
 * Is value the signature of bytes by that key? For EC it is r || s, each as long as the
 * order (joined), or the DER of both. False for everything else, errors included.
 */
extern bool signature_verify(const SealSuite *suite, EVP_PKEY *key, const void *bytes, size_t length,
							 const uint8 *value, size_t value_length, bool joined);

#endif							/* OOTSPG_SEAL_SIGNATURE_H */
