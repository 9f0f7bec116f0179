/*
 * answering.h
 *		The exchange worker's view of the answering workers of its database, and
 *		of the roles they are.
 */
#ifndef OOTSPG_WORKER_ANSWERING_H
#define OOTSPG_WORKER_ANSWERING_H

#include "nodes/pg_list.h"

/* Wake or start workers for InboxDemand *, once the transaction is committed: the caller says when. */
extern void answering_start(const List *demands);
extern void answering_committed(void);
extern List *answering_living(void);	/* process ids */

/* In an answering worker, in a transaction: has its role lost what it needs, or more than it may have? */
extern bool answering_role_fails(void);

#endif							/* OOTSPG_WORKER_ANSWERING_H */
