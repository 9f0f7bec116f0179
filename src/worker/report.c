/*
 * report.c
 *		What SQL may know of the workers: views and operators' functions of
 *		sql/ootspg/worker/operate.sql are made of these.
 */
#include "postgres.h"

#include <sys/stat.h>

#include "access/htup_details.h"
#include "access/xlog.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "settings.h"
#include "worker/report.h"
#include "worker/shared.h"

PG_FUNCTION_INFO_V1(ootspg_this_copy);
PG_FUNCTION_INFO_V1(ootspg_require_workers);
PG_FUNCTION_INFO_V1(ootspg_worker_state);
PG_FUNCTION_INFO_V1(ootspg_gateway_state);
PG_FUNCTION_INFO_V1(ootspg_answering_now);

#define CONTROL_FILE "global/pg_control"

/*
 * A copied data directory has another control file, a dump another system or database,
 * a copy of the whole disk at least another ootspg.site if its operator says so.
 */
char *
this_copy(void)
{
	char		path[MAXPGPATH];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", DataDir, CONTROL_FILE);
	if (stat(path, &st) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not stat file \"%s\": %m", CONTROL_FILE)));
	return psprintf(UINT64_FORMAT "/%u/" UINT64_FORMAT "/%s", GetSystemIdentifier(), MyDatabaseId, (uint64) st.st_ino,
					oots_site ? oots_site : "");
}

Datum
ootspg_this_copy(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(this_copy()));
}

Datum
ootspg_require_workers(PG_FUNCTION_ARGS)
{
	if (shared == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this server has no ootspg workers"),
				 errdetail("The library is not preloaded."),
				 errhint("Add ootspg to shared_preload_libraries in postgresql.conf and restart the server.")));
	PG_RETURN_VOID();
}

static const char *
state_text(const DatabaseSlot *slot)
{
	if (!IsPostmasterEnvironment)
		return "no workers: this server runs in single-user mode";
	if (shared == NULL)
		return "no workers: ootspg is not in shared_preload_libraries";
	if (RecoveryInProgress())
		return "no workers: this server is a standby";
	if (!oots_exchange)
		return "switched off: ootspg.exchange";
	if (slot == NULL)
		return "not seen by the launcher yet";
	if (slot->holder != 0)
		return "away: a statement needs the database for itself";
	switch (slot->state)
	{
		case SLOT_UNKNOWN:
			break;
		case SLOT_STARTING:
			return "starting";
		case SLOT_RUNNING:
			return "running";
		case SLOT_ABSENT:
			return "not seen since the extension was created";
		case SLOT_OUTDATED:
			return "waiting for ALTER EXTENSION ootspg UPDATE";
		case SLOT_STOPPED:
			return "ended, to be started again";
	}
	return "to be started";
}

Datum
ootspg_worker_state(PG_FUNCTION_ARGS)
{
	TupleDesc	descriptor;
	Datum		values[3] = {0};
	bool		nulls[3] = {true, true, false};
	const DatabaseSlot *slot = NULL;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (shared != NULL)
	{
		LWLockAcquire(shared->lock, LW_SHARED);
		slot = slot_find(MyDatabaseId);
		if (slot != NULL)
		{
			values[0] = Int32GetDatum(slot->pid);
			nulls[0] = slot->pid == 0;
			values[1] = Int32GetDatum(slot_answerers(slot, InvalidOid));
			nulls[1] = false;
		}
	}
	values[2] = CStringGetTextDatum(state_text(slot));
	if (shared != NULL)
		LWLockRelease(shared->lock);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}

static Datum
microseconds(int64 offset)
{
	Interval   *interval = palloc0(sizeof(Interval));

	interval->time = offset;
	return PointerGetDatum(interval);
}

static void
put_gateway(ReturnSetInfo *result, const GatewayReport *gateway)
{
	Datum		values[8];
	bool		nulls[8] = {false};

	values[0] = CStringGetTextDatum(NameStr(gateway->access_point));
	values[1] = TimestampTzGetDatum(gateway->last_success);
	nulls[1] = gateway->last_success == 0;
	values[2] = TimestampTzGetDatum(gateway->last_error_at);
	nulls[2] = nulls[3] = gateway->last_error_at == 0;
	values[3] = CStringGetTextDatum(unpack_sql_state(gateway->sqlstate));
	values[4] = TimestampTzGetDatum(gateway->next_attempt);
	nulls[4] = gateway->next_attempt == 0;
	values[5] = Int32GetDatum(gateway->pending);
	values[6] = microseconds(gateway->clock_offset);
	nulls[6] = !gateway->clock_known;
	values[7] = CStringGetTextDatum(gateway->cause);
	nulls[7] = gateway->cause[0] == '\0';
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
ootspg_gateway_state(PG_FUNCTION_ARGS)
{
	GatewayReport gateways[MAX_GATEWAYS] = {0};
	const DatabaseSlot *slot;

	InitMaterializedSRF(fcinfo, 0);
	if (shared == NULL)
		return (Datum) 0;
	LWLockAcquire(shared->lock, LW_SHARED);
	slot = slot_find(MyDatabaseId);
	if (slot != NULL)
		memcpy(gateways, slot->gateways, sizeof(gateways));
	LWLockRelease(shared->lock);
	for (int i = 0; i < MAX_GATEWAYS; i++)
		if (NameStr(gateways[i].access_point)[0] != '\0')
			put_gateway((ReturnSetInfo *) fcinfo->resultinfo, &gateways[i]);
	return (Datum) 0;
}

Datum
ootspg_answering_now(PG_FUNCTION_ARGS)
{
	AnswererSlot answerers[MAX_ANSWERERS] = {0};
	const DatabaseSlot *slot;

	InitMaterializedSRF(fcinfo, 0);
	if (shared == NULL)
		return (Datum) 0;
	LWLockAcquire(shared->lock, LW_SHARED);
	slot = slot_find(MyDatabaseId);
	if (slot != NULL)
		memcpy(answerers, slot->answerers, sizeof(answerers));
	LWLockRelease(shared->lock);
	for (int i = 0; i < MAX_ANSWERERS; i++)
	{
		Datum		values[2] = {Int64GetDatum(answerers[i].in_hand), Int32GetDatum(answerers[i].pid)};
		bool		nulls[2] = {false};

		if (answerers[i].in_hand != 0)
			tuplestore_putvalues(((ReturnSetInfo *) fcinfo->resultinfo)->setResult, ((ReturnSetInfo *) fcinfo->resultinfo)->setDesc, values, nulls);
	}
	return (Datum) 0;
}
