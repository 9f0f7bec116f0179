/*
 * outgoing.h
 *		What goes out, of all access points.
 */
#ifndef OOTSPG_WORKER_OUTGOING_H
#define OOTSPG_WORKER_OUTGOING_H

#include "worker/call.h"

extern bool outgoing_due(const Gateway *gateway, TimestampTz now);	/* in a transaction */
extern void outgoing_take(TimestampTz now); /* in a transaction; what there is room for */
extern bool outgoing_submits(void); /* what was taken */
extern void outgoing_ask(HttpClient *client, Gateway *gateway, TimestampTz now);
extern void outgoing_finish_drained(void);	/* in a transaction */

#endif							/* OOTSPG_WORKER_OUTGOING_H */
