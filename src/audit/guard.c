/*
 * guard.c
 *		The audit is insert-only (D-LOG-13): a statement trigger refuses UPDATE and
 *		TRUNCATE for everybody, and DELETE outside ootspg.purge(), which removes
 *		whole exchanges beyond retention (D-LOG-16 to -18), and the move of rows, as
 *		they are, from the catch-all to the partition of their month.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "funcapi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "audit/retention.h"
#include "errors.h"
#include "library.h"
#include "query.h"
#include "settings.h"

/* set only while this file runs its own DELETE statements */
static bool deleting = false;

PG_FUNCTION_INFO_V1(ootspg_audit_guard);
PG_FUNCTION_INFO_V1(ootspg_purge);
PG_FUNCTION_INFO_V1(ootspg_move_events);

Datum
ootspg_audit_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		elog(ERROR, "ootspg_audit_guard: not called as a trigger");
	if (!(deleting && TRIGGER_FIRED_BY_DELETE(trigger->tg_event)))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_AUDIT),
				 errmsg("audit rows are never changed"),
				 errdetail("Table \"%s\" takes new rows only.", RelationGetRelationName(trigger->tg_relation)),
				 errhint("ootspg.purge() removes exchanges beyond retention.")));
	return PointerGetDatum(NULL);
}

/*
 * The exchanges to go: nothing of them happened since the limit (D-LOG-17). Not all have a
 * row of their own: answers of directories, submissions and messages that were dismissed
 * before an answer was tried are known by their events and messages alone. What still waits
 * to be dealt with stays, however old it is.
 */
#define FIND_EXPIRED \
	"SELECT coalesce(pg_catalog.array_agg(d.exchange_id), '{}') FROM (SELECT o.exchange_id FROM " \
	"(SELECT x.exchange_id FROM ootspg.exchange x WHERE x.received_at < $1 " \
	"UNION SELECT i.exchange_id FROM ootspg_internal.inbox_history i WHERE i.received_at < $1 " \
	"UNION SELECT s.exchange_id FROM ootspg_internal.outbox_history s WHERE s.created_at < $1 " \
	"UNION SELECT e.exchange_id FROM ootspg.exchange_event e WHERE e.event_time < $1) o " \
	"WHERE NOT EXISTS (SELECT FROM ootspg.exchange x WHERE x.exchange_id = o.exchange_id AND x.received_at >= $1) " \
	"AND NOT EXISTS (SELECT FROM ootspg_internal.inbox_history i WHERE i.exchange_id = o.exchange_id AND (i.received_at >= $1 OR i.state = 'held' " \
	"OR EXISTS (SELECT FROM ootspg_internal.inbox_queue q WHERE q.inbox_id = i.inbox_id AND q.state <> 'quarantined'))) " \
	"AND NOT EXISTS (SELECT FROM ootspg_internal.outbox_history s WHERE s.exchange_id = o.exchange_id AND (s.created_at >= $1 " \
	"OR EXISTS (SELECT FROM ootspg_internal.outbox_queue q WHERE q.outbox_id = s.outbox_id AND q.state <> 'given up'))) " \
	"AND NOT EXISTS (SELECT FROM ootspg.exchange_event e WHERE e.exchange_id = o.exchange_id AND e.event_time >= $1) " \
	"AND NOT EXISTS (SELECT FROM ootspg.evidence_event v WHERE v.exchange_id = o.exchange_id AND v.event_time >= $1) " \
	"AND o.exchange_id <> 0 AND NOT ootspg_internal.kept_longer(o.exchange_id) ORDER BY o.exchange_id LIMIT nullif($2, 0)) d"


#define EXPIRED "(SELECT pg_catalog.unnest($1))"

/* Outside exchanges each row is by itself. */
#define OUTSIDE_EXPIRED \
	"(t.exchange_id = 0 AND t.event_time < $2 AND NOT EXISTS (SELECT FROM ootspg.retention r WHERE r.provider = t.provider AND t.event_time >= now() - make_interval(months => r.months)))"

/* Found once: the rows that tell go with the others. */
static Datum
find_expired(TimestampTz limit, int most)
{
	QueryArguments arguments = {0};
	bool		isnull;

	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(limit), false);
	query_add(&arguments, INT4OID, Int32GetDatum(most), false);
	query_run(FIND_EXPIRED, &arguments, false, 1, SPI_OK_SELECT);
	return datumCopy(query_value(0, 1, &isnull), false, -1);
}

static uint64
remove_rows(const char *statement, Datum exchanges)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8ARRAYOID, exchanges, false);
	return query_run(statement, &arguments, false, 0, SPI_OK_DELETE);
}

/* Rows of the audit: their leaves are marked, and what went is said. */
static uint64
remove_audit(const char *table, Datum exchanges, TimestampTz limit)
{
	QueryArguments arguments = {0};
	QueryArguments note = {0};
	Datum		ids;
	Datum		providers;
	bool		isnull;
	uint64		count;

	query_add(&arguments, INT8ARRAYOID, exchanges, false);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(limit), false);
	query_run(psprintf("WITH gone AS (DELETE FROM ootspg.%s t WHERE t.exchange_id IN " EXPIRED " OR " OUTSIDE_EXPIRED " RETURNING t.event_id, coalesce(t.provider, '') AS provider) "
					   "SELECT coalesce(array_agg(g.event_id), '{}'), coalesce(array_agg(g.provider), '{}'), count(*) FROM gone g", table), &arguments, false, 1, SPI_OK_SELECT);
	ids = query_value(0, 1, &isnull);
	providers = query_value(0, 2, &isnull);
	count = (uint64) DatumGetInt64(query_value(0, 3, &isnull));
	query_add_text(&note, table);
	query_add(&note, INT8ARRAYOID, ids, false);
	query_add(&note, TEXTARRAYOID, providers, false);
	query_add(&note, TIMESTAMPTZOID, TimestampTzGetDatum(limit), false);
	query_run("SELECT ootspg_internal.note_purge($1, $2, $3, $4)", &note, false, 1, SPI_OK_SELECT);
	return count;
}

TimestampTz
retention_limit(void)
{
	Interval	span = {.month = oots_retention_months};

	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_mi_interval,
												   TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
												   PointerGetDatum(&span)));
}

/* Rows that go with a message's row in history. */
static const char *const of_messages[][2] = {
	{"inbox", "part"}, {"inbox", "queue"}, {"inbox", "unacknowledged"}, {"outbox", "part"}, {"outbox", "queue"}
};

/*
 * Who read and what else watchers were told, as old as what was read; and keys that no row needs any more. A key closes rows of an hour, which have happened by then and not a day before but
 * where a message lay in quarantine: all of its partitions that are older than the key are asked.
 */
static void
forget_around(TimestampTz limit)
{
	QueryArguments arguments = {0};

	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(limit), false);
	query_run("DELETE FROM ootspg.audit_access WHERE accessed_at < $1", &arguments, false, 0, SPI_OK_DELETE);
	query_run("DELETE FROM ootspg.security_event WHERE event_time < $1", &arguments, false, 0, SPI_OK_DELETE);
	query_run("DELETE FROM ootspg.audit_key k WHERE k.made_at < $1 - interval '1 day' AND NOT EXISTS (SELECT FROM ootspg.exchange_event e "
			  "WHERE e.audit_key = k.key_id AND e.event_time < k.made_at + interval '1 day')", &arguments, false, 0, SPI_OK_DELETE);
}

static void
purge_rows(TimestampTz limit, int most, uint64 *events, uint64 *pieces, uint64 *exchanges)
{
	Datum		expired;

	/* whoever makes heads meanwhile would make leaves of what goes */
	query_run("LOCK TABLE ootspg_internal.audit_run IN SHARE ROW EXCLUSIVE MODE", NULL, false, 0, SPI_OK_UTILITY);
	expired = find_expired(limit, most);
	*pieces = remove_audit("evidence_event", expired, limit);
	*events = remove_audit("exchange_event", expired, limit);
	remove_rows("DELETE FROM ootspg.promise WHERE exchange_id IN " EXPIRED, expired);
	remove_rows("DELETE FROM ootspg_internal.used_request WHERE exchange_id IN " EXPIRED, expired);
	for (int i = 0; i < (int) lengthof(of_messages); i++)
		remove_rows(psprintf("DELETE FROM ootspg_internal.%s_%s t USING ootspg_internal.%s_history h WHERE t.%s_id = h.%s_id AND h.exchange_id IN " EXPIRED,
							 of_messages[i][0], of_messages[i][1], of_messages[i][0], of_messages[i][0], of_messages[i][0]), expired);
	remove_rows("DELETE FROM ootspg_internal.inbox_history WHERE exchange_id IN " EXPIRED, expired);
	remove_rows("DELETE FROM ootspg_internal.outbox_history WHERE exchange_id IN " EXPIRED, expired);
	*exchanges = remove_rows("DELETE FROM ootspg.exchange WHERE exchange_id IN " EXPIRED, expired);
	query_run("SELECT to_regclass('ootspg_internal.search_scope') IS NOT NULL", NULL, true, 1, SPI_OK_SELECT);
	if (*exchanges > 0 && query_bool(0, 1))		/* not before an update of the extension */
		query_run("DELETE FROM ootspg_internal.search_scope s WHERE NOT EXISTS (SELECT FROM ootspg.exchange x "
				  "WHERE x.search_key = s.key_id AND coalesce(x.provider, '') = s.provider)",
				  NULL, false, 0, SPI_OK_DELETE);
	forget_around(limit);
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

static void
tell_purge(uint64 exchanges, uint64 events, uint64 pieces)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(exchanges), false);
	query_add(&arguments, INT8OID, Int64GetDatum(events), false);
	query_add(&arguments, INT8OID, Int64GetDatum(pieces), false);
	query_run("SELECT ootspg_internal.security_event('purge', 'audit', jsonb_build_object('exchanges', $1, 'events', $2, 'pieces', $3))",
			  &arguments, false, 1, SPI_OK_SELECT);
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

/* purge(), or purge(most int) */
Datum
ootspg_purge(PG_FUNCTION_ARGS)
{
	TimestampTz limit = retention_limit();
	uint64		events,
				pieces,
				exchanges;
	OwnerSwitch caller;
	Datum		result;

	library_require_objects();
	SPI_connect();
	owner_begin(&caller);
	require_maintainer();
	deleting = true;
	PG_TRY();
	{
		purge_rows(limit, PG_NARGS() > 0 ? Max(PG_GETARG_INT32(0), 1) : 0, &events, &pieces, &exchanges);
	}
	PG_FINALLY();
	{
		deleting = false;
	}
	PG_END_TRY();
	result = purge_record(limit, events, pieces, exchanges);
	tell_purge(exchanges, events, pieces);
	owner_end(&caller);
	SPI_finish();
	PG_RETURN_DATUM(result);
}

/* Generated columns are generated there once more. */
static char *
columns_of(const char *table)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, table);
	query_run("SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
			  "WHERE a.attrelid = to_regclass('ootspg_internal.' || quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''",
			  &arguments, true, 1, SPI_OK_SELECT);
	return query_text(0, 1);
}

static uint64
move_rows(const char *from, const char *to, Datum first, Datum end)
{
	QueryArguments arguments = {0};
	const char *columns = columns_of(from);

	query_add(&arguments, TIMESTAMPTZOID, first, false);
	query_add(&arguments, TIMESTAMPTZOID, end, false);
	return query_run(psprintf("WITH moved AS (DELETE FROM ootspg_internal.%s WHERE event_time >= $1 AND event_time < $2 RETURNING %s) "
							  "INSERT INTO ootspg_internal.%s (%s) SELECT %s FROM moved",
							  quote_identifier(from), columns, quote_identifier(to), columns, columns),
					 &arguments, false, 0, SPI_OK_INSERT);
}

/* move_events(from, to, first moment, end): by the owner of both tables alone. */
Datum
ootspg_move_events(PG_FUNCTION_ARGS)
{
	const char *from = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const char *to = text_to_cstring(PG_GETARG_TEXT_PP(1));
	uint64		moved;

	library_require_objects();
	SPI_connect();
	deleting = true;
	PG_TRY();
	{
		moved = move_rows(from, to, PG_GETARG_DATUM(2), PG_GETARG_DATUM(3));
	}
	PG_FINALLY();
	{
		deleting = false;
	}
	PG_END_TRY();
	SPI_finish();
	PG_RETURN_INT64((int64) moved);
}
