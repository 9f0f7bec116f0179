/*
 * outbox_due.h
 *		When a message of the outbox is due, in the memory of the exchange worker: it alone
 *		changes them, so it need not look for what it knows. Of what others add they tell the
 *		number (hooks.c), and from the smallest one on is looked.
 */
#ifndef OOTSPG_QUEUE_OUTBOX_DUE_H
#define OOTSPG_QUEUE_OUTBOX_DUE_H

#include "queue/outbox_queue.h"

extern void outbox_due_begin(void); /* nothing is known yet, of no access point */
extern void outbox_due_reported(int64 id);	/* fresh ones, of any access point, from this number on */
extern void outbox_due_again(const char *access_point, int64 id, OutboxTask task, TimestampTz at);

extern TimestampTz outbox_due(const char *access_point);	/* to be taken in a transaction; DT_NOEND: nothing is */

/* What is asked for next was read ahead: questions change nothing, and each would cost a transaction. */
extern TimestampTz outbox_question_due(const char *access_point);
extern Outgoing *outbox_question(const char *access_point); /* one that is due, NULL: none; the caller's to pfree */

/* Of outbox_queue.c. */
extern int64 outbox_due_low(const char *access_point);
extern void outbox_due_set_low(const char *access_point, int64 low, bool in_other_hands);
extern void outbox_due_pop(const char *access_point, int most, List **submit, List **ask);	/* int64 * */
extern void outbox_due_read_ahead(const Outgoing *message);

#endif							/* OOTSPG_QUEUE_OUTBOX_DUE_H */
