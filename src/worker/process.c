/*
 * process.c
 *		What every worker process does first and last: signals, connection, its
 *		place in shared memory, transactions. A worker that is terminated or fails
 *		is started again by the launcher; one that finds no extension says so in
 *		its slot and is not.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "common/pg_prng.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "query.h"
#include "worker/session.h"
#include "worker/worker.h"

#define SHORT_LIFE_MS	10000
#define MAX_PAUSE_MS	60000

/* this process's place */
static Oid	my_database = InvalidOid;
static Oid	my_role = InvalidOid;	/* InvalidOid: exchange worker */
static TimestampTz born_at;

long
backoff_ms(int attempt, long first, long most)
{
	double		delay = first;

	for (int i = 1; i < attempt && delay < most; i++)
		delay *= 2;
	return (long) (Min(delay, most) * (0.8 + 0.4 * pg_prng_double(&pg_global_prng_state)));
}

bool
worker_start(const char *type, const char *function, Oid database, Oid role, BackgroundWorkerHandle **handle)
{
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_main_arg = ObjectIdGetDatum(database),
		.bgw_notify_pid = MyProcPid
	};

	snprintf(worker.bgw_name, BGW_MAXLEN, "%s worker for database %u", type, database);
	strlcpy(worker.bgw_type, type, BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, "ootspg", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, function, BGW_MAXLEN);
	memcpy(worker.bgw_extra, &role, sizeof(role));
	return RegisterDynamicBackgroundWorker(&worker, handle);
}

/* Told by the caller once each time the places run out, not at every try. */
void
worker_tell_no_place(void)
{
	ereport(LOG,
			(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			 errmsg("ootspg could not start a worker: all background worker processes are in use"),
			 errhint("Raise max_worker_processes; ootspg needs one for itself and, for each database that has the extension, one and ootspg.answer_workers.")));
}

static AnswererSlot *
my_answerer(DatabaseSlot *slot)
{
	for (int i = 0; i < MAX_ANSWERERS; i++)
		if (slot->answerers[i].pid == MyProcPid)
			return &slot->answerers[i];
	return NULL;
}

/* The next worker waits the longer, the more of them lived shortly. Lock held. */
static void
exchange_worker_left(DatabaseSlot *slot)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		short_life = !TimestampDifferenceExceeds(born_at, now, SHORT_LIFE_MS);

	slot->pid = 0;
	memset(slot->gateways, 0, sizeof(slot->gateways));
	/* the extension may have come, or come back, after the worker had looked for it */
	if ((slot->state == SLOT_ABSENT || slot->state == SLOT_OUTDATED) && (slot->wake & WAKE_CONFIGURATION) != 0)
		slot->state = SLOT_UNKNOWN;
	if (slot->state != SLOT_RUNNING && slot->state != SLOT_STARTING)
		return;
	slot->failures = short_life && slot->holder == 0 ? slot->failures + 1 : 0;
	slot->state = SLOT_STOPPED;
	slot->not_before = TimestampTzPlusMilliseconds(now, slot->failures == 0 ? 100 : backoff_ms(slot->failures, 500, MAX_PAUSE_MS));
}

/*
 * Whoever could not even connect would do no better a moment later: its place stays taken
 * for a while, but nobody waits for it. Lock held.
 */
static void
answerer_never_came(DatabaseSlot *slot)
{
	for (int i = 0; i < MAX_ANSWERERS; i++)
	{
		AnswererSlot *answerer = &slot->answerers[i];

		if (answerer->role != my_role || answerer->pid != 0 || answerer->failed)
			continue;
		if (slot->holder != 0)
			memset(answerer, 0, sizeof(AnswererSlot));
		else
			answerer->failed = true;
		return;
	}
}

/* It waits for the exchange worker to count its attempt; until then nobody takes it for a fresh one. Lock held. */
static void
leave_message(DatabaseSlot *slot, const AnswererSlot *answerer)
{
	if (answerer->in_hand == 0)
		return;
	if (slot->left_count < MAX_ANSWERERS)
		slot->left[slot->left_count++] = (LeftMessage) {answerer->in_hand, answerer->counted};
	else
		slot->inbox_put_back++;	/* as if it had just come */
}

static void
leave(int code, Datum argument)
{
	DatabaseSlot *slot;
	pid_t		exchange_worker = 0;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(my_database);
	if (slot != NULL && !OidIsValid(my_role) && (slot->pid == MyProcPid || (slot->pid == 0 && slot->state == SLOT_STARTING)))
		exchange_worker_left(slot);
	else if (slot != NULL && OidIsValid(my_role) && my_answerer(slot) != NULL)
	{
		leave_message(slot, my_answerer(slot));
		memset(my_answerer(slot), 0, sizeof(AnswererSlot));
		slot->wake |= WAKE_ANSWER | WAKE_ANSWERER_LEFT;
		exchange_worker = slot->pid;
	}
	else if (slot != NULL && OidIsValid(my_role))
		answerer_never_came(slot);
	LWLockRelease(shared->lock);
	set_latch_of(exchange_worker);
	wake_launcher();
}

/* A place registered for a worker of our role. Lock held. */
static bool
take_answerer_place(DatabaseSlot *slot)
{
	for (int i = 0; i < MAX_ANSWERERS; i++)
	{
		AnswererSlot *answerer = &slot->answerers[i];

		if (answerer->role == my_role && answerer->pid == 0 && !answerer->failed)
		{
			answerer->pid = MyProcPid;
			return true;
		}
	}
	return false;
}

/* False: somebody else has the place, or a backend needs the database for itself. */
static bool
take_place(void)
{
	DatabaseSlot *slot;
	bool		taken;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(my_database);
	taken = slot != NULL && slot->holder == 0 && (OidIsValid(my_role) ? take_answerer_place(slot) : slot->pid == 0);
	if (taken && !OidIsValid(my_role))
	{
		slot->pid = MyProcPid;
		slot->wake = 0;
	}
	else if (slot != NULL && slot->holder != 0 && !OidIsValid(my_role) && slot->state == SLOT_STARTING)
	{
		slot->state = SLOT_STOPPED;
		slot->not_before = 0;
	}
	LWLockRelease(shared->lock);
	return taken;
}

static void
set_state(SlotState state)
{
	DatabaseSlot *slot;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(my_database);
	if (slot != NULL && !OidIsValid(my_role))
		slot->state = state;
	LWLockRelease(shared->lock);
}

/* Objects that this library does not know, or does not find, are left alone until the update. */
static void
tell_outdated(const char *version)
{
	ereport(LOG,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("ootspg workers wait: the extension is of version %s, the library of version %s", version, OOTSPG_VERSION),
			 errhint("ALTER EXTENSION ootspg UPDATE in database \"%s\", after a restart of the server with the new library.",
					 get_database_name(MyDatabaseId))));
}

bool
worker_extension_present(void)
{
	char	   *version;

	if (!OidIsValid(get_extension_oid("ootspg", true)))
	{
		set_state(SLOT_ABSENT);
		return false;
	}
	query_run("SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'ootspg'", NULL, true, 1, SPI_OK_SELECT);
	version = query_text(0, 1);
	if (strcmp(version, OOTSPG_VERSION) == 0)
		return true;
	set_state(SLOT_OUTDATED);
	if (!OidIsValid(my_role))	/* the others leave without a word of their own */
		tell_outdated(version);
	return false;
}

Oid
worker_extension(void)
{
	return get_extension_oid("ootspg", true);
}

void
worker_begin(Oid database, Oid role, const char *type)
{
	bool		present;

	my_database = database;
	my_role = role;
	born_at = GetCurrentTimestamp();
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	before_shmem_exit(leave, (Datum) 0);
	BackgroundWorkerInitializeConnectionByOid(database, role, OidIsValid(role) ? OOTS_WORKER_ROLE_FLAGS : 0);
	/* only now: a process is looked for among those that are connected */
	if (!take_place())
		proc_exit(0);
	SetConfigOption("application_name", type, PGC_USERSET, PGC_S_SESSION);
	session_settle();
	worker_transaction_begin("looking for the extension");
	present = worker_extension_present();
	worker_transaction_end();
	if (!present)
		proc_exit(0);
	set_state(SLOT_RUNNING);
	/* it starts one exchange worker at a time, and waits for this one */
	if (!OidIsValid(role))
		wake_launcher();
}

bool
worker_serve_signals(void)
{
	CHECK_FOR_INTERRUPTS();
	if (!ConfigReloadPending)
		return false;
	ConfigReloadPending = false;
	ProcessConfigFile(PGC_SIGHUP);
	session_reloaded();
	return true;
}

void
worker_transaction_begin(const char *activity)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	SPI_connect();
	PushActiveSnapshot(GetTransactionSnapshot());
	pgstat_report_activity(STATE_RUNNING, activity);
}

void
worker_transaction_end(void)
{
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
	pgstat_report_stat(false);
	pgstat_report_activity(STATE_IDLE, NULL);
}

/* After an error that was copied and flushed. */
void
worker_transaction_abort(void)
{
	AbortCurrentTransaction();
	pgstat_report_stat(false);
	pgstat_report_activity(STATE_IDLE, NULL);
}
