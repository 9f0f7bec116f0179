/*
 * answering.h
 *		The exchange worker's view of the answering workers of its database, and
 *		of the roles they are.
 */
#ifndef OOTSPG_WORKER_ANSWERING_H
#define OOTSPG_WORKER_ANSWERING_H

#include "nodes/pg_list.h"

/* Wake or start workers for InboxDemand *, once the transaction is committed: the caller says when. */
extern void answering_start(const List *demands, bool whole);
extern void answering_committed(void);
extern bool answering_wake_some(int messages);	/* so many, then; false when there may be more of them */
extern List *answering_living(void);	/* process ids */

/* In a transaction: what processes had in hand when they ended may be claimed again, after a while. */
extern void answering_free_left(void);

/* What was in hands that let go of it without a word, as those of an operator, is looked for again, when nobody is busy. */
extern void answering_begin_anew(void);

/* In an answering worker: the message that it answers now; 0 for none. */
extern void answering_in_hand(int64 id, bool counted);

/* What may have changed since it last looked. */
typedef struct AnsweringNews
{
	uint32		configuration;	/* how often it did */
	uint32		put_back;		/* how often an older message came into the queue */
	int64		last;			/* number of the youngest there */
	bool		left;			/* what ended a process has not been counted yet */
} AnsweringNews;
extern AnsweringNews answering_news(void);

/* In an answering worker, in a transaction: has its role lost what it needs, or more than it may have? */
extern bool answering_role_fails(void);

#endif							/* OOTSPG_WORKER_ANSWERING_H */
