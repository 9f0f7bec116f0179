/*
 * recording.h
 *		What came of calls, written down.
 */
#ifndef OOTSPG_WORKER_RECORDING_H
#define OOTSPG_WORKER_RECORDING_H

#include "worker/call.h"

/*
 * Calls that ended well and whose result can be asked for again: taken out of the list, they wait for others
 * of their kind, a moment at most. They count as under way no longer.
 */
extern List *recording_put_off(List *ended);
extern TimestampTz recording_due(void); /* of those that wait; DT_NOEND: none does */

extern bool recording_needed(const List *ended);	/* in a transaction */
extern bool recording_may_be_shared(const List *ended); /* nothing is lost when that is a few milliseconds later */
extern void recording_release(const List *ended);	/* then: messages that were retrieved count as under way no longer */
extern bool recording_may_be_lost(const List *ended);
extern void recording_all(const List *ended, bool whole);	/* in a transaction; whole: with those that wait, due or not. Ends the process when one could not be */
extern void recording_in_memory(const List *ended); /* such as need no transaction */

#endif							/* OOTSPG_WORKER_RECORDING_H */
