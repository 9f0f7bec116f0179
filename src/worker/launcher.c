/*
 * launcher.c
 *		One process for the cluster, without a database: reads the list of
 *		databases and sees to it that each one with the extension has its exchange
 *		worker. It never looks into a database itself: a worker goes and sees, and
 *		leaves again when there is nothing for it. One at a time does so, because
 *		the cluster's worker processes are few.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "fmgr.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "settings.h"
#include "worker/worker.h"

#define RESCAN_MS			60000	/* changes that no hook told */
#define LET_OTHERS_MS		2000	/* to a worker that does not get into its database, before the next one starts */
#define NO_PLACE_MS			10000	/* before the next try when there is no place for a worker */
#define LEAVING_MS			500		/* … when the place may only not be free yet */

PGDLLEXPORT void ootspg_launcher_main(Datum argument);

/* this process's own: workers on their way, by slot; NULL after the launcher's own restart */
static BackgroundWorkerHandle *on_their_way[MAX_DATABASES];

void
launcher_register(void)
{
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = 2
	};

	strlcpy(worker.bgw_name, "ootspg launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "ootspg launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, "ootspg", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "ootspg_launcher_main", BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}

/*
 * Databases that a worker may connect to. Templates have no connections of ours: they could not be
 * copied. What an interrupted DROP DATABASE left takes none of anybody's.
 */
static List *
list_databases(void)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *databases = NIL;
	Relation	relation;
	TableScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	relation = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(relation, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);
		MemoryContext transaction = MemoryContextSwitchTo(context);

		if (database->datallowconn && !database->datistemplate && database->datconnlimit != OOTS_INVALID_DATABASE)
			databases = lappend_oid(databases, database->oid);
		MemoryContextSwitchTo(transaction);
	}
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return databases;
}

/* Slots for all databases that may have workers, and for no others. Lock held. */
static void
match_slots(const List *databases)
{
	ListCell   *cell;
	static bool told = false;

	for (int i = 0; i < MAX_DATABASES; i++)
	{
		DatabaseSlot *slot = &shared->slots[i];

		if (!OidIsValid(slot->database) || list_member_oid(databases, slot->database))
			continue;
		slot_terminate(slot);
		if (!slot_has_processes(slot) && slot->holder == 0)
			slot->database = InvalidOid;
	}
	foreach(cell, databases)
		if (slot_make(lfirst_oid(cell)) == NULL && !told)
		{
			told = true;
			ereport(LOG,
					(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
					 errmsg("ootspg looks after %d databases at most", MAX_DATABASES)));
		}
}

/*
 * Did a worker that was registered end before it came? One may wait long for a database
 * that somebody has locked: another one would only wait beside it.
 */
static bool
never_came(const DatabaseSlot *slot, TimestampTz now)
{
	BackgroundWorkerHandle *handle = on_their_way[slot - shared->slots];
	pid_t		pid;

	if (handle == NULL)
		return TimestampDifferenceExceeds(slot->registered_at, now, START_TIMEOUT_MS);
	return GetBackgroundWorkerPid(handle, &pid) == BGWH_STOPPED;
}

/* A holder that died did not let go. Lock held. */
static void
forget_the_dead(DatabaseSlot *slot, TimestampTz now)
{
	if (slot->holder != 0 && BackendPidGetProc(slot->holder) == NULL)
		slot->holder = 0;
	if (slot->pid != 0 && BackendPidGetProc(slot->pid) == NULL)
	{
		slot->pid = 0;
		slot->state = SLOT_STOPPED;
	}
	if (slot->state == SLOT_STARTING && slot->pid == 0 && never_came(slot, now))
	{
		slot->state = SLOT_STOPPED;
		slot->not_before = TimestampTzPlusMilliseconds(now, LET_OTHERS_MS);
	}
	for (int i = 0; i < MAX_ANSWERERS; i++)
	{
		AnswererSlot *answerer = &slot->answerers[i];

		if (OidIsValid(answerer->role) &&
			(answerer->pid != 0 ? BackendPidGetProc(answerer->pid) == NULL :
			 TimestampDifferenceExceeds(answerer->registered_at, now, START_TIMEOUT_MS)))
		{
			memset(answerer, 0, sizeof(AnswererSlot));
			slot->wake |= WAKE_ANSWERER_LEFT;
		}
	}
}

/* The next one to start, or NULL; *wait_ms shrinks to when another one is due. Lock held. */
static DatabaseSlot *
next_to_start(TimestampTz now, long *wait_ms)
{
	DatabaseSlot *next = NULL;
	bool		one_at_a_time = false;

	for (int i = 0; i < MAX_DATABASES; i++)
	{
		DatabaseSlot *slot = &shared->slots[i];

		if (!OidIsValid(slot->database))
			continue;
		forget_the_dead(slot, now);
		if (slot->state == SLOT_STARTING)
		{
			*wait_ms = Min(*wait_ms, LET_OTHERS_MS);
			one_at_a_time |= !TimestampDifferenceExceeds(slot->registered_at, now, LET_OTHERS_MS);
			continue;
		}
		if (slot->holder != 0 || slot->pid != 0 || (slot->state != SLOT_UNKNOWN && slot->state != SLOT_STOPPED))
			continue;
		if (slot->state == SLOT_STOPPED && slot->not_before > now)
			*wait_ms = Min(*wait_ms, TimestampDifferenceMilliseconds(now, slot->not_before) + 1);
		else if (next == NULL)
			next = slot;
	}
	return one_at_a_time ? NULL : next;
}

static bool
start_worker(const DatabaseSlot *slot, Oid database)
{
	BackgroundWorkerHandle **handle = &on_their_way[slot - shared->slots];
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	bool		started;

	if (*handle != NULL)
		pfree(*handle);
	*handle = NULL;
	started = worker_start("ootspg exchange", "ootspg_exchange_worker_main", database, InvalidOid, handle);
	MemoryContextSwitchTo(caller);
	return started;
}

/* Returns how long to sleep at most. */
static long
start_workers(void)
{
	static int	refused = 0;	/* times in a row */
	TimestampTz now = GetCurrentTimestamp();
	long		wait_ms = RESCAN_MS;
	DatabaseSlot *slot;
	Oid			database = InvalidOid;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = oots_exchange ? next_to_start(now, &wait_ms) : NULL;
	if (slot != NULL)
	{
		database = slot->database;
		slot->state = SLOT_STARTING;
		slot->registered_at = now;
	}
	LWLockRelease(shared->lock);
	if (!OidIsValid(database))
		return wait_ms;
	if (start_worker(slot, database))
	{
		refused = 0;
		return LET_OTHERS_MS;
	}
	/* a process that told us that it leaves has not always left */
	wait_ms = refused++ == 0 ? LEAVING_MS : NO_PLACE_MS;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot->state = SLOT_STOPPED;
	slot->not_before = TimestampTzPlusMilliseconds(now, wait_ms);
	LWLockRelease(shared->lock);
	if (refused == 2)
		worker_tell_no_place();
	return wait_ms;
}

/* Switched off: the workers leave, and come back when it is on again. */
static void
stop_all(void)
{
	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < MAX_DATABASES; i++)
		if (OidIsValid(shared->slots[i].database))
			slot_terminate(&shared->slots[i]);
	LWLockRelease(shared->lock);
}

static void
leave(int code, Datum argument)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (shared->launcher == MyProcPid)
		shared->launcher = 0;
	LWLockRelease(shared->lock);
}

static bool
take_rescan(void)
{
	bool		rescan;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	rescan = shared->rescan;
	shared->rescan = false;
	LWLockRelease(shared->lock);
	return rescan;
}

static void
look_at_databases(MemoryContext turn)
{
	List	   *databases;

	MemoryContextSwitchTo(turn);
	databases = list_databases();
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	match_slots(databases);
	LWLockRelease(shared->lock);
	MemoryContextReset(turn);
}

static void
begin(void)
{
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	before_shmem_exit(leave, (Datum) 0);
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->launcher = MyProcPid;
	shared->rescan = true;
	LWLockRelease(shared->lock);
	pgstat_report_activity(STATE_IDLE, NULL);
}

void
ootspg_launcher_main(Datum argument)
{
	MemoryContext turn;
	TimestampTz looked_at = 0;

	begin();
	turn = AllocSetContextCreate(TopMemoryContext, "ootspg launcher turn", ALLOCSET_DEFAULT_SIZES);
	for (;;)
	{
		long		wait_ms;

		if (take_rescan() || TimestampDifferenceExceeds(looked_at, GetCurrentTimestamp(), RESCAN_MS))
		{
			look_at_databases(turn);
			looked_at = GetCurrentTimestamp();
		}
		if (!oots_exchange)
			stop_all();
		wait_ms = start_workers();
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, wait_ms, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		(void) worker_serve_signals();
	}
}
