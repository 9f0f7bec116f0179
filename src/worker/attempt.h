/*
 * attempt.h
 *		Attempts to read messages, counted across lives of the exchange worker.
 */
#ifndef OOTSPG_WORKER_ATTEMPT_H
#define OOTSPG_WORKER_ATTEMPT_H

#include "worker/call.h"

/* When a life begins, outside of transactions: what ended two lives goes to quarantine. */
extern void attempts_take_up(void);

/* Before an answer is read, outside of transactions: noted, where it may be dangerous. */
extern void attempt_begin(Call *call, const HttpResult *result);

/* In the transaction that records what became of it. */
extern void attempt_ended(Call *call);

/* In the transaction that gives the message up, or reads it from what was kept of it: what an earlier life has noted. */
extern void attempt_forget(const char *access_point, const char *message_id);

/* This life ends for a reason that is no message's. */
extern void attempts_innocent(void);

#endif							/* OOTSPG_WORKER_ATTEMPT_H */
