/*
 * leaving.h
 *		How the exchange worker leaves when it is told to.
 */
#ifndef OOTSPG_WORKER_LEAVING_H
#define OOTSPG_WORKER_LEAVING_H

#include "datatype/timestamp.h"

extern void leaving_prepare(void);	/* from now on SIGTERM asks, and ends the process after a while */
extern bool leaving_asked(void);
extern bool leaving_in_time(void);	/* there is some left to wait for calls */
extern long leaving_ms(void);	/* how much */
extern void leaving_now(void);	/* does not return */

/* Around all that may wait for somebody else: what takes too long is ended by the signal, as anywhere. */
extern void leaving_patience_begins(void);
extern void leaving_patience_ends(void);

#endif							/* OOTSPG_WORKER_LEAVING_H */
