/*
 * promise.h
 *		What deferred answers promised, and whether a later request found it (D-TMO-10).
 */
#ifndef OOTSPG_EXCHANGE_PROMISE_H
#define OOTSPG_EXCHANGE_PROMISE_H

#include "exchange/exchange.h"

/*
 * Inside an SPI connection, with the exchange answered and its row written. Looks whether
 * its requester was promised this evidence before, and says so in promised_by; writes a
 * new promise where the answer is a deferral.
 */
extern void promise_record(Exchange *exchange);

/* The exchange's answer did not leave: it promised nothing, and kept nothing. */
extern void promise_withdraw(int64 exchange_id);

#endif							/* OOTSPG_EXCHANGE_PROMISE_H */
