/*
 * outbox.h
 *		Answers of exchanges on their way to access points. Inside a transaction with SPI.
 */
#ifndef OOTSPG_EXCHANGE_OUTBOX_H
#define OOTSPG_EXCHANGE_OUTBOX_H

#include "exchange/exchange.h"
#include "queue/outbox_queue.h"

/* The answer of an exchange that came through an access point. */
extern void outbox_add(const char *access_point, const Exchange *exchange);

#endif							/* OOTSPG_EXCHANGE_OUTBOX_H */
