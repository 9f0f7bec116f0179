/*
 * judgement.h
 *		What an answer says of the access point as a whole.
 */
#ifndef OOTSPG_WORKER_JUDGEMENT_H
#define OOTSPG_WORKER_JUDGEMENT_H

#include "worker/call.h"

/* In a transaction if it matters: is something to be written about it? */
extern bool gateway_judgement_matters(const Call *call);
extern void gateway_judge(Call *call);
extern void gateway_report(const Gateway *gateway, const Call *call);

#endif							/* OOTSPG_WORKER_JUDGEMENT_H */
