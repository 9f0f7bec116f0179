/*
 * guard.c
 *		The audit is insert-only (D-LOG-13): a statement trigger refuses UPDATE and
 *		TRUNCATE for everybody, and DELETE outside ootspg.purge(), which removes
 *		whole exchanges beyond retention (D-LOG-16 to -18).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "funcapi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "audit/retention.h"
#include "errors.h"
#include "query.h"
#include "settings.h"

/* set only while purge() runs its own DELETE statements */
static bool purging = false;

PG_FUNCTION_INFO_V1(ootspg_audit_guard);
PG_FUNCTION_INFO_V1(ootspg_purge);

Datum
ootspg_audit_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		elog(ERROR, "ootspg_audit_guard: not called as a trigger");
	if (!(purging && TRIGGER_FIRED_BY_DELETE(trigger->tg_event)))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_AUDIT),
				 errmsg("audit rows are never changed"),
				 errdetail("Table \"%s\" takes new rows only.", RelationGetRelationName(trigger->tg_relation)),
				 errhint("ootspg.purge() removes exchanges beyond retention.")));
	return PointerGetDatum(NULL);
}

/* The exchanges to go: nothing of them happened since the limit (D-LOG-17). */
#define EXPIRED \
	"(SELECT x.exchange_id FROM ootspg.exchange x WHERE x.received_at < $1 " \
	"AND NOT EXISTS (SELECT FROM ootspg.exchange_event e WHERE e.exchange_id = x.exchange_id AND e.event_time >= $1) " \
	"AND NOT EXISTS (SELECT FROM ootspg.evidence_event v WHERE v.exchange_id = x.exchange_id AND v.event_time >= $1))"

static uint64
remove_rows(const char *statement, TimestampTz limit)
{
	QueryArguments arguments = {0};

	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(limit), false);
	return query_run(statement, &arguments, false, 0, SPI_OK_DELETE);
}

TimestampTz
retention_limit(void)
{
	Interval	span = {.month = oots_retention_months};

	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_mi_interval,
												   TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
												   PointerGetDatum(&span)));
}

/* Rows of the exchanges first, the exchanges last: the condition reads them. */
static void
purge_rows(TimestampTz limit, uint64 *events, uint64 *pieces, uint64 *exchanges)
{
	*pieces = remove_rows("DELETE FROM ootspg.evidence_event WHERE exchange_id IN " EXPIRED, limit);
	*events = remove_rows("DELETE FROM ootspg.exchange_event WHERE exchange_id IN " EXPIRED, limit);
	remove_rows("DELETE FROM ootspg_internal.used_request WHERE exchange_id IN " EXPIRED, limit);
	remove_rows("DELETE FROM ootspg_internal.inbox_part WHERE inbox_id IN "
				"(SELECT i.inbox_id FROM ootspg.inbox i WHERE i.exchange_id IN " EXPIRED ")", limit);
	remove_rows("DELETE FROM ootspg.inbox WHERE exchange_id IN " EXPIRED, limit);
	remove_rows("DELETE FROM ootspg_internal.outbox_part WHERE outbox_id IN "
				"(SELECT o.outbox_id FROM ootspg.outbox o WHERE o.exchange_id IN " EXPIRED ")", limit);
	remove_rows("DELETE FROM ootspg.outbox WHERE exchange_id IN " EXPIRED, limit);
	*exchanges = remove_rows("DELETE FROM ootspg.exchange WHERE exchange_id IN " EXPIRED, limit);
	query_run("SELECT to_regclass('ootspg_internal.search_scope') IS NOT NULL", NULL, true, 1, SPI_OK_SELECT);
	if (*exchanges > 0 && query_bool(0, 1))		/* not before an update of the extension */
		query_run("DELETE FROM ootspg_internal.search_scope s WHERE NOT EXISTS (SELECT FROM ootspg.exchange x "
				  "WHERE x.search_key = s.key_id AND coalesce(x.provider, '') = s.provider)",
				  NULL, false, 0, SPI_OK_DELETE);
}

/* Counts only, no personal data (D-LOG-18). */
static Datum
purge_record(TimestampTz limit, uint64 events, uint64 pieces, uint64 exchanges)
{
	QueryArguments arguments = {0};

	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(limit), false);
	query_add(&arguments, INT8OID, Int64GetDatum(exchanges), false);
	query_add(&arguments, INT8OID, Int64GetDatum(events), false);
	query_add(&arguments, INT8OID, Int64GetDatum(pieces), false);
	query_run("INSERT INTO ootspg.purge_record (older_than, exchanges, events, pieces) "
			  "VALUES ($1, $2, $3, $4) RETURNING *", &arguments, false, 0, SPI_OK_INSERT_RETURNING);
	return HeapTupleHeaderGetDatum(SPI_returntuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc));
}

/* It takes rows of every provider: so does the duty. The owner's part is asked as its member. */
static void
require_maintainer(void)
{
	query_run("SELECT ootspg_internal.has_duty(session_user, 'maintain', NULL) OR pg_has_role(session_user, current_user, 'USAGE')",
			  NULL, true, 1, SPI_OK_SELECT);
	if (!query_bool(0, 1))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("role \"%s\" may not purge the exchanges of all providers", GetUserNameFromId(GetSessionUserId(), false)),
				 errhint("It takes the duty to maintain without a provider: ootspg.grant_duty(role, 'maintain').")));
}

Datum
ootspg_purge(PG_FUNCTION_ARGS)
{
	TimestampTz limit = retention_limit();
	uint64		events,
				pieces,
				exchanges;
	OwnerSwitch caller;
	Datum		result;

	SPI_connect();
	owner_begin(&caller);
	require_maintainer();
	purging = true;
	PG_TRY();
	{
		purge_rows(limit, &events, &pieces, &exchanges);
	}
	PG_FINALLY();
	{
		purging = false;
	}
	PG_END_TRY();
	result = purge_record(limit, events, pieces, exchanges);
	owner_end(&caller);
	SPI_finish();
	PG_RETURN_DATUM(result);
}
