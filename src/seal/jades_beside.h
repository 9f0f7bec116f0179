/*
 * jades_beside.h
 *		What a detached JAdES seal is of (ETSI TS 119 182-1 §5.2.8). For jades_verify.c only.
 */
#ifndef OOTSPG_SEAL_JADES_BESIDE_H
#define OOTSPG_SEAL_JADES_BESIDE_H

#include "lib/stringinfo.h"
#include "seal/jws_json.h"
#include "seal/verdict.h"

/*
 * Is the document the one that sigD (NULL: the header has none) names, and alone? payload takes what the signature has in its
 * place, which with ObjectIdByURIHash is nothing. encoded: b64 is not false. False with the refusal in verdict.
 */
extern bool jades_beside(const JwsValue *sigd, const StringInfoData *document, bool encoded, SealVerdict *verdict, StringInfo payload);

#endif							/* OOTSPG_SEAL_JADES_BESIDE_H */
