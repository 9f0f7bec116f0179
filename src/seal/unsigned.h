/*
 * unsigned.h
 *		Unsigned properties of a XAdES seal that was found sound. For the files of src/seal only.
 */
#ifndef OOTSPG_SEAL_UNSIGNED_H
#define OOTSPG_SEAL_UNSIGNED_H

#include "seal/verifying.h"

/* Notes the time stamps upon the signature (EN 319 132-1 §5.3); what else stands there is not read. */
extern void unsigned_note_stamps(Verifying *v);

/* Notes CRLs and OCSP responses that the seal brings (EN 319 132-1 §5.4.2). */
extern void unsigned_note_revocation(Verifying *v);

#endif							/* OOTSPG_SEAL_UNSIGNED_H */
