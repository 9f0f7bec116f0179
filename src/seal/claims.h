/*
 * claims.h
 *		What a seal says about its signer. For verify.c only.
 */
#ifndef OOTSPG_SEAL_CLAIMS_H
#define OOTSPG_SEAL_CLAIMS_H

#include "seal/verifying.h"

/* Step 8: the signer's certificate, to stand first in v->certificates, and whether it may sign. */
extern bool claims_certificate(Verifying *v);

/* Step 11, once the properties are known to be signed. */
extern bool claims_properties(Verifying *v);

#endif							/* OOTSPG_SEAL_CLAIMS_H */
