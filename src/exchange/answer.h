/*
 * answer.h
 *		Answer one exchange; used by SQL and by the workers alike.
 */
#ifndef OOTSPG_EXCHANGE_ANSWER_H
#define OOTSPG_EXCHANGE_ANSWER_H

#include "exchange/exchange.h"

/*
 * body and header are set, everything else is zero; afterwards the verdict, the
 * message and the pieces are there and all of it is recorded in the current
 * transaction. Inside an SPI connection. Raises only what concerns the backend.
 */
extern void exchange_answer(Exchange *exchange);

#endif							/* OOTSPG_EXCHANGE_ANSWER_H */
