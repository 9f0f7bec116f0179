/*
 * worker.h
 *		The background workers: one launcher for the cluster, one exchange worker
 *		for each database that has the extension, answering workers as needed.
 *
 *	shared.c     slots in shared memory, wake-ups
 *	hooks.c      what backends tell the workers
 *	launcher.c   finds databases, starts exchange workers
 *	process.c    what every worker process does first and last; session.c its settings
 *	exchange_worker.c   its loop: calls, results, transactions
 *	gateways.c   the access points in use
 *	receiving.c, sending.c   what is called next, and what an answer means
 *	listing.c    what waits at an access point
 *	judgement.c  what an answer says of the access point as a whole
 *	call.c       one call and the access point it is made to; peer.c how its server is reached
 *	attempt.c    messages whose reading ends the worker
 *	discovery.c  finds out where directories are; reading.c reads back what they publish
 *	turn.c       what the worker tries, and does without for a while
 *	answering.c         starts and wakes answering workers
 *	answer_worker.c     answers messages of the inbox
 *	housekeeping.c      the audit's partitions, ahead; jobs.c what else comes at regular times
 *	report.c     what SQL may know of the workers
 */
#ifndef OOTSPG_WORKER_WORKER_H
#define OOTSPG_WORKER_WORKER_H

#include "datatype/timestamp.h"
#include "postmaster/bgworker.h"
#include "worker/shared.h"

extern void launcher_register(void);	/* from _PG_init of the postmaster */

/* How a worker process is registered; false when the cluster has no place left. */
extern bool worker_start(const char *type, const char *function, Oid database, Oid role, BackgroundWorkerHandle **handle);
extern void worker_tell_no_place(void);

/* Signals, database connection, the extension's presence. Returns the slot; leaves the
 * process when the database is held or has no extension of this library's version. */
extern void worker_begin(Oid database, Oid role, const char *type);
extern bool worker_extension_present(void);	/* in a transaction; sets the slot's state when it is not */
extern bool worker_serve_signals(void);	/* interrupts; true when the configuration file was read again */

/* A transaction of a worker, with SPI; activity says what it does, without any value. */
extern void worker_transaction_begin(const char *activity);
extern void worker_transaction_end(void);
extern void worker_transaction_abort(void);

/*
 * What stands for itself is done where somebody said go for an access point of this copy of the database (resume()): another may
 * be in the middle of its restore, which brings rows and partitions of its own.
 */
#define COPY_HAS_GO "EXISTS (SELECT FROM ootspg_internal.access_point_state WHERE copy = ootspg_internal.this_copy())"

/* The extension as these workers find it, InvalidOid when it is gone. */
extern Oid worker_extension(void);

/* Delay before attempt number n (1 …): from first doubling up to most, ± 20 %, in ms. */
extern long backoff_ms(int attempt, long first, long most);

#endif							/* OOTSPG_WORKER_WORKER_H */
