/*
 * heads.h
 *		Heads of the audit (sql/ootspg/audit/head.sql) as a job of the exchange worker: one database, one process, never on a
 *		standby. A step is a transaction; after a crash it goes on from the last one.
 */
#ifndef OOTSPG_WORKER_HEADS_H
#define OOTSPG_WORKER_HEADS_H

#include "datatype/timestamp.h"

extern TimestampTz heads_due(void);
extern void heads_make(void);	/* one step, in a transaction of its own */
extern void heads_look_again(void);	/* the configuration changed */

#endif							/* OOTSPG_WORKER_HEADS_H */
