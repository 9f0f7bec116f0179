/*
 * detached.h
 *		Seals that lie beside what they are upon: CMS signatures (CAdES-BASELINE-B) of any octets, as
 *		`openssl cms -verify` takes them.
 */
#ifndef OOTSPG_SEAL_DETACHED_H
#define OOTSPG_SEAL_DETACHED_H

#include "seal/key.h"

/* The DER of the signature upon the octets, palloc'd. Raises ERRCODE_OOTS_KEY when it can't be made. */
extern uint8 *detached_seal(SealKey *key, const char *octets, size_t length, size_t *size);

/* NULL, or why the signature does not hold: a constant text. certificate_sha256: the signer's, when it is known. */
extern const char *detached_fault(const uint8 *der, size_t size, const char *octets, size_t length, bool *has_certificate,
								  uint8 certificate_sha256[32]);

#endif							/* OOTSPG_SEAL_DETACHED_H */
