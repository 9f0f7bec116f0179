/*
 * receiving.h
 *		Fetching messages.
 */
#ifndef OOTSPG_WORKER_RECEIVING_H
#define OOTSPG_WORKER_RECEIVING_H

#include "worker/call.h"

extern void receiving_begin(Gateway *gateway);	/* in a transaction, when it comes into use */
extern void receiving_keep_raw(const Call *call, const HttpResult *result);	/* in a transaction */
extern bool receiving_needs_transaction(const Call *call);
extern void receiving_record(Call *call);	/* in a transaction */
extern bool receiving_goes_well(const Call *call);	/* an acknowledgement, done */
extern void receiving_settled(Call *call);	/* such a one, before it is recorded */
extern void receiving_record_well(List *calls);	/* in a transaction; such ones */
extern bool receiving_may_refuse(const Call *call, int sqlstate);
extern void receiving_refuse(Call *call, int sqlstate);	/* in a transaction, when recording it raised */
extern void receiving_start(HttpClient *client, Gateway *gateway, int most);
extern int	receiving_wanted(const Gateway *gateway);	/* calls it would make now */
extern TimestampTz receiving_due(const Gateway *gateway);

#endif							/* OOTSPG_WORKER_RECEIVING_H */
