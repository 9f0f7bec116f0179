/*
 * beside.h
 *		The cryptographic part of verification where the document lies beside its XAdES seal.
 *		For xades_verify.c only.
 */
#ifndef OOTSPG_SEAL_BESIDE_H
#define OOTSPG_SEAL_BESIDE_H

#include "seal/verifying.h"

/* Steps 9, 10 and 12, as engine_verify() takes them for a seal that lies in its document. */
extern bool beside_verify(Verifying *v);

#endif							/* OOTSPG_SEAL_BESIDE_H */
