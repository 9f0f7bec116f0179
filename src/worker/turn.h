/*
 * turn.h
 *		A turn of the exchange worker: answers that came are read; one transaction
 *		records them all and takes new work; new calls are started; sleep. Here is what
 *		all that takes part in a turn stands on.
 */
#ifndef OOTSPG_WORKER_TURN_H
#define OOTSPG_WORKER_TURN_H

#include "nodes/pg_list.h"

struct Call;

/* In a subtransaction: 0, or the SQLSTATE raised, which was told. */
extern int	turn_try(void (*todo) (void *argument), void *argument);
extern int	turn_try_briefly(void (*todo) (void *argument), void *argument);	/* waits for locks for a moment only: 55P03 */

/* What could not be sent has its answer already: it ends with the answers of the next turn. */
extern void turn_unable(struct Call *call);
extern bool turn_has_unable(void);
extern List *turn_take_unable(void);	/* Call *, in the current memory context */

#endif							/* OOTSPG_WORKER_TURN_H */
