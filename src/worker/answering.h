/*
 * answering.h
 *		The exchange worker's view of the answering workers of its database.
 */
#ifndef OOTSPG_WORKER_ANSWERING_H
#define OOTSPG_WORKER_ANSWERING_H

#include "nodes/pg_list.h"

/* Wake or start workers for InboxDemand * . */
extern void answering_start(const List *demands);
extern List *answering_living(void);	/* process ids */
extern bool answering_some_left(void);	/* since it was last asked */

#endif							/* OOTSPG_WORKER_ANSWERING_H */
