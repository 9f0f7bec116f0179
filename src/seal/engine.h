/*
 * engine.h
 *		The cryptographic part of verification. For verify.c only.
 */
#ifndef OOTSPG_SEAL_ENGINE_H
#define OOTSPG_SEAL_ENGINE_H

#include "seal/verifying.h"

/* Steps 7 (second wall), 9, 10 and 12; raises when libxmlsec1 is not fit to run. */
extern bool engine_verify(Verifying *v);

#endif							/* OOTSPG_SEAL_ENGINE_H */
