/*
 * jobs.h
 *		What the exchange worker does at regular times, told in ootspg.job.
 */
#ifndef OOTSPG_WORKER_JOBS_H
#define OOTSPG_WORKER_JOBS_H

#include "datatype/timestamp.h"

extern TimestampTz jobs_due(void);
extern void jobs_look_again(void);	/* somebody said go, perhaps */
extern void jobs_run(void);		/* those that are due, each in a transaction of its own */

#endif							/* OOTSPG_WORKER_JOBS_H */
