/*
 * access.c
 *		What must stand whatever the caller's transaction comes to, is committed by somebody else: a background worker for the one
 *		row. It takes a process for some milliseconds, and reading the audit is rare. Nothing is shown before the
 *		worker says that it committed; where none can be started, nothing is shown at all (D-LOG-24).
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/snapmgr.h"

#include "errors.h"
#include "library.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_commit_access);
extern PGDLLEXPORT void ootspg_access_main(Datum segment);

typedef struct Record
{
	bool		committed;
	char		json[FLEXIBLE_ARRAY_MEMBER];
} Record;

static void
write_record(const char *json)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	SPI_connect();
	owner_begin(&caller);
	query_add_text(&arguments, json);
	query_run("SELECT ootspg_internal.write_access($1::pg_catalog.jsonb)", &arguments, false, 1, SPI_OK_SELECT);
	owner_end(&caller);
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
}

void
ootspg_access_main(Datum handle)
{
	dsm_segment *segment;
	Record	   *record;
	Oid			database;

	memcpy(&database, MyBgworkerEntry->bgw_extra, sizeof(database));
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	segment = dsm_attach(DatumGetUInt32(handle));
	if (segment == NULL)
		proc_exit(1);
	record = dsm_segment_address(segment);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	/* whoever asked waits, and may hold what this one would wait for */
	SetConfigOption("lock_timeout", "5s", PGC_SUSET, PGC_S_SESSION);
	SetConfigOption("synchronous_commit", "on", PGC_USERSET, PGC_S_SESSION);
	SetConfigOption("default_transaction_read_only", "off", PGC_USERSET, PGC_S_SESSION);
	write_record(record->json);
	record->committed = true;
}

static void
describe(BackgroundWorker *worker, dsm_segment *segment)
{
	*worker = (BackgroundWorker) {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(segment)),
		.bgw_notify_pid = MyProcPid
	};
	strlcpy(worker->bgw_name, "ootspg audit access", BGW_MAXLEN);
	strlcpy(worker->bgw_type, "ootspg audit access", BGW_MAXLEN);
	strlcpy(worker->bgw_library_name, "ootspg", BGW_MAXLEN);
	strlcpy(worker->bgw_function_name, "ootspg_access_main", BGW_MAXLEN);
	memcpy(worker->bgw_extra, &MyDatabaseId, sizeof(MyDatabaseId));
}

static bool
commit_elsewhere(const char *json)
{
	size_t		length = strlen(json) + 1;
	dsm_segment *segment = dsm_create(offsetof(Record, json) + length, 0);
	Record	   *record = dsm_segment_address(segment);
	BackgroundWorker worker;
	BackgroundWorkerHandle *handle;
	bool		committed;

	record->committed = false;
	memcpy(record->json, json, length);
	describe(&worker, segment);
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_ACCESS),
				 errmsg("this reading of the audit cannot be recorded: no background worker is free"),
				 errhint("Nothing is shown that is not recorded. Raise max_worker_processes.")));
	WaitForBackgroundWorkerShutdown(handle);
	committed = record->committed;
	dsm_detach(segment);
	return committed;
}

/* commit_access(record jsonb): it stands when this returns, whatever the caller's transaction comes to. */
Datum
ootspg_commit_access(PG_FUNCTION_ARGS)
{
	library_require_objects();
	if (PG_ARGISNULL(0))
		PG_RETURN_VOID();
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_ACCESS),
				 errmsg("this reading of the audit cannot be recorded: the server is a standby"),
				 errhint("Nothing is shown that is not recorded. Read on the primary server, or an export elsewhere.")));
	if (!commit_elsewhere(DatumGetCString(DirectFunctionCall1(jsonb_out, PG_GETARG_DATUM(0)))))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_ACCESS),
				 errmsg("this reading of the audit could not be recorded"),
				 errhint("Nothing is shown that is not recorded. The server's log says why.")));
	PG_RETURN_VOID();
}
