/*
 * housekeeping.h
 *		What the exchange worker does so that nobody need think of it.
 */
#ifndef OOTSPG_WORKER_HOUSEKEEPING_H
#define OOTSPG_WORKER_HOUSEKEEPING_H

#include "datatype/timestamp.h"

extern TimestampTz housekeeping_due(void);
extern void housekeeping(void); /* in transactions of its own */
extern void housekeeping_look_again(void);	/* the configuration changed */
extern void housekeeping_file_later(void);	/* a directory's answer waits to be filed */

#endif							/* OOTSPG_WORKER_HOUSEKEEPING_H */
