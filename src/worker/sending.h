/*
 * sending.h
 *		Sending messages.
 */
#ifndef OOTSPG_WORKER_SENDING_H
#define OOTSPG_WORKER_SENDING_H

#include "worker/call.h"

extern void sending_take(Gateway *gateway, int most);	/* in a transaction */
extern void sending_record(Call *call);	/* in a transaction */
extern bool sending_goes_well(const Call *call);	/* of its result there is nothing but to write it down */
extern void sending_record_well(const List *calls);	/* in a transaction; such ones */
extern void sending_start(HttpClient *client, Gateway *gateway);
extern void sending_ask(HttpClient *client, Gateway *gateway, int most);	/* where messages are */
extern int	sending_under_way(void);	/* submissions without an answer */
extern void sending_answered(const Call *call); /* whatever call it is: its answer is read */
extern void sending_ask_errors(HttpClient *client, const Call *call);

#endif							/* OOTSPG_WORKER_SENDING_H */
