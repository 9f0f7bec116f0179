/*
 * listing.h
 *		What waits at an access point: its list, and what became of the messages on it.
 */
#ifndef OOTSPG_WORKER_LISTING_H
#define OOTSPG_WORKER_LISTING_H

#include "worker/call.h"

extern Arrival *arrival_of(Gateway *gateway, const char *message_id, ArrivalState state);	/* made when new; NULL: no id */
extern Arrival *arrival_find(const Call *call);	/* NULL: forgotten */
extern void arrival_later(Arrival *arrival, ArrivalState state);	/* after a while */
extern void arrival_settle(Arrival *arrival);
extern void listing_take(Call *call);	/* a list that came */
extern bool listing_has_new(const Gateway *gateway);
extern void listing_look_up(Gateway *gateway);	/* in a transaction: which of the new ones are ours already? */

#endif							/* OOTSPG_WORKER_LISTING_H */
