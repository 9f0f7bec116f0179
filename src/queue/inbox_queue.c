/*
 * inbox_queue.c
 *		Claims, attempts and ends of messages in the inbox's queue.
 *
 *		The answering role has no privilege on the queue: these statements run as its owner.
 *		Each finds its rows by the primary key, from a known number on, or by an index of the
 *		few that were tried before; so that neither history nor what waits, neither rows that
 *		an old snapshot keeps nor missing statistics make it dearer.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "query.h"
#include "queue/inbox_queue.h"

/* A lease ends with its process; this is for processes whose end nobody saw. */
#define LEASE "interval '10 min'"

/* Before its last attempt a message has waited for 0.2 + 1.2 + 7.2 + 43.2 s: what ends processes for less than 50 s refuses none. */
#define PAUSE(attempts) "power(6, least(" attempts ", 4) - 1) * interval '0.2 s'"

#define TRIED_LOOK_MS 100		/* while there are fresh ones, after none was found */

#define QUEUE "ootspg_internal.inbox_queue"

/*
 * What is this role's to answer, of access points in use by this copy of the database: for
 * providers whose answer_role it is, or, of an access point whose answer_role it is, for those
 * that have none and for whom no provider is known.
 */
#define IS_ROLE(expression) "ootspg_internal.bound_role_oid(" expression ") = (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = session_user) "
#define SCOPE \
	"SELECT ARRAY(SELECT a.access_point || E'\\x01' || p.scheme || E'\\x01' || p.identifier FROM " POINTS_IN_USE ", ootspg.provider p " \
	"WHERE " IS_ROLE("coalesce(p.answer_role, a.answer_role)") "AND ootspg_internal.own_providers(session_user, 'exchange') && ARRAY['*', p.provider] ORDER BY 1), " \
	"ARRAY(SELECT a.access_point::text FROM " POINTS_IN_USE "WHERE " IS_ROLE("a.answer_role") "ORDER BY 1), " \
	"ARRAY(SELECT p.scheme || E'\\x01' || p.identifier FROM ootspg.provider p ORDER BY 1)"
#define SCOPE_ARRAYS 3
#define IN_SCOPE \
	"(q.access_point || E'\\x01' || q.recipient_scheme || E'\\x01' || q.recipient = ANY ($1) OR (q.access_point = ANY ($2) " \
	"AND coalesce(q.recipient_scheme, '') || E'\\x01' || coalesce(q.recipient, '') <> ALL ($3))) "
#define CLAIMED "q.inbox_id, q.attempts, q.access_point, q.exchange_id, q.received_at FROM " QUEUE " q WHERE q.state = 'waiting' AND "

static struct varlena *scope[SCOPE_ARRAYS];	/* text[], of the process */

static bool
same_bytes(const struct varlena *a, const struct varlena *b)
{
	return a != NULL && VARSIZE_ANY(a) == VARSIZE_ANY(b) && memcmp(a, b, VARSIZE_ANY(a)) == 0;
}

bool
inbox_scope_read(void)
{
	bool		changed = false;

	query_run_as_owner(SCOPE, NULL, SPI_OK_SELECT);
	for (int i = 0; i < SCOPE_ARRAYS; i++)
	{
		bool		isnull;
		struct varlena *array = PG_DETOAST_DATUM(query_value(0, i + 1, &isnull));

		if (same_bytes(scope[i], array))
			continue;
		changed = true;
		if (scope[i] != NULL)
			pfree(scope[i]);
		scope[i] = memcpy(MemoryContextAlloc(TopMemoryContext, VARSIZE_ANY(array)), array, VARSIZE_ANY(array));
	}
	return changed;
}

static void
add_scope(QueryArguments *arguments)
{
	for (int i = 0; i < SCOPE_ARRAYS; i++)
		query_add(arguments, TEXTARRAYOID, PointerGetDatum(scope[i]), false);
}

static void
add_id(QueryArguments *arguments, int64 id)
{
	query_add(arguments, INT8OID, Int64GetDatum(id), false);
}

static InboxClaim *
read_claim(void)
{
	InboxClaim *claim = palloc0(sizeof(InboxClaim));
	bool		isnull;

	claim->id = DatumGetInt64(query_value(0, 1, &isnull));
	claim->attempt = DatumGetInt16(query_value(0, 2, &isnull)) + 1;
	claim->access_point = query_text(0, 3);
	claim->exchange_id = DatumGetInt64(query_value(0, 4, &isnull));
	claim->received_at = DatumGetTimestampTz(query_value(0, 5, &isnull));
	return claim;
}

static InboxClaim *
claim_fresh(int64 *low)
{
	QueryArguments arguments = {0};
	InboxClaim *claim;

	add_scope(&arguments);
	add_id(&arguments, *low);
	if (query_run("SELECT " CLAIMED "q.inbox_id >= $4 AND q.next_attempt_at IS NULL AND " IN_SCOPE "ORDER BY q.inbox_id LIMIT 1 FOR UPDATE OF q SKIP LOCKED",
				  &arguments, false, 0, SPI_OK_SELECT) == 0)
		return NULL;
	claim = read_claim();
	*low = claim->id + 1;
	return claim;
}

static InboxClaim *
claim_tried(void)
{
	QueryArguments arguments = {0};

	add_scope(&arguments);
	if (query_run("SELECT " CLAIMED "q.next_attempt_at <= now() AND " IN_SCOPE "ORDER BY q.next_attempt_at LIMIT 1 FOR UPDATE OF q SKIP LOCKED",
				  &arguments, false, 0, SPI_OK_SELECT) == 0)
		return NULL;
	return read_claim();
}

static TimestampTz
next_tried(void)
{
	QueryArguments arguments = {0};
	Datum		next;
	bool		isnull;

	add_scope(&arguments);
	query_run("SELECT (SELECT q.next_attempt_at FROM " QUEUE " q WHERE q.state = 'waiting' AND q.next_attempt_at IS NOT NULL AND q.leased_by IS NULL AND " IN_SCOPE
			  "ORDER BY q.next_attempt_at LIMIT 1)", &arguments, false, 1, SPI_OK_SELECT);
	next = query_value(0, 1, &isnull);
	return isnull ? DT_NOEND : DatumGetTimestampTz(next);
}

InboxClaim *
inbox_claim(int64 *low, TimestampTz *next_due)
{
	static bool tried_turn = false; /* in turn, so that neither starves */
	static TimestampTz none_tried_at = 0;	/* by the last look */
	bool		tried_first = tried_turn && TimestampDifferenceExceeds(none_tried_at, GetCurrentTimestamp(), TRIED_LOOK_MS);
	OwnerSwitch caller;
	InboxClaim *claim;
	int			settings = NewGUCNestLevel();

	*next_due = DT_NOEND;
	owner_begin(&caller);
	/* a table of which nothing is known seems small, and worth reading from end to end */
	(void) set_config_option("enable_seqscan", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("jit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	claim = tried_first ? claim_tried() : claim_fresh(low);
	if (claim == NULL && tried_first)
		none_tried_at = GetCurrentTimestamp();
	if (claim == NULL)
		claim = tried_first ? claim_fresh(low) : claim_tried();
	tried_turn = !tried_turn;
	if (claim == NULL)
		*next_due = next_tried();
	AtEOXact_GUC(true, settings);
	owner_end(&caller);
	return claim;
}

bool
inbox_lock(const InboxClaim *claim)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim->id);
	return query_run_as_owner("SELECT FROM " QUEUE " q WHERE q.inbox_id = $1 AND q.state = 'waiting' FOR UPDATE", &arguments, SPI_OK_SELECT) > 0;
}

void
inbox_count(InboxClaim *claim)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim->id);
	query_add(&arguments, INT4OID, Int32GetDatum(MyProcPid), false);
	query_run_as_owner("UPDATE " QUEUE " SET attempts = attempts + 1, leased_by = $2, next_attempt_at = clock_timestamp() + " LEASE " WHERE inbox_id = $1",
				 &arguments, SPI_OK_UPDATE);
	claim->counted = true;
}

static void
try_later(const InboxClaim *claim, int attempts, int sqlstate, long delay_ms)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim->id);
	query_add(&arguments, INT4OID, Int32GetDatum(attempts), false);
	query_add_text(&arguments, unpack_sql_state(sqlstate));
	query_add(&arguments, INT8OID, Int64GetDatum(delay_ms), false);
	query_run_as_owner("UPDATE " QUEUE " SET attempts = $2, last_error = $3, leased_by = NULL, next_attempt_at = clock_timestamp() + $4 * interval '1 ms' "
				 "WHERE inbox_id = $1 AND state = 'waiting'", &arguments, SPI_OK_UPDATE);
}

void
inbox_failed(const InboxClaim *claim, int sqlstate, long delay_ms)
{
	try_later(claim, claim->attempt, sqlstate, delay_ms);
}

void
inbox_postpone(const InboxClaim *claim, int sqlstate, long delay_ms)
{
	try_later(claim, claim->attempt - 1, sqlstate, delay_ms);
}

void
inbox_wait(const InboxClaim *claim, TimestampTz until)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim->id);
	query_add(&arguments, INT4OID, Int32GetDatum(claim->attempt - 1), false);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(until), false);
	query_run_as_owner("UPDATE " QUEUE " SET attempts = $2, leased_by = NULL, next_attempt_at = $3 WHERE inbox_id = $1 AND state = 'waiting'",
					   &arguments, SPI_OK_UPDATE);
}

void
inbox_hand_over(const InboxClaim *claim, const char *scheme, const char *identifier)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim->id);
	query_add_text(&arguments, scheme);
	query_add_text(&arguments, identifier);
	query_add(&arguments, INT4OID, Int32GetDatum(claim->attempt - 1), false);
	query_run_as_owner("UPDATE " QUEUE " SET recipient_scheme = $2, recipient = $3, attempts = $4, leased_by = NULL, next_attempt_at = clock_timestamp() "
				 "WHERE inbox_id = $1 AND state = 'waiting'", &arguments, SPI_OK_UPDATE);
	query_run_as_owner("SELECT ootspg_internal.wake_for_work()", NULL, SPI_OK_SELECT);
}

/* Two processes may hold the same message when a lease ended too early: one answer counts. */
static void
require_one(uint64 count)
{
	if (count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("the message was answered by another process")));
}

/* Where the end is not the usual one; what the queue knew of it goes along. */
static void
note_end(const InboxClaim *claim, const char *state, const char *reason)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim->id);
	query_add_text(&arguments, state);
	query_add_text(&arguments, reason);
	query_add(&arguments, INT4OID, Int32GetDatum(claim->attempt), false);
	query_run("UPDATE ootspg_internal.inbox_history h SET state = $2, reason = $3, attempts = $4, last_error = q.last_error, "
			  "recipient_scheme = q.recipient_scheme, recipient = q.recipient FROM " QUEUE " q WHERE h.inbox_id = $1 AND q.inbox_id = $1",
			  &arguments, false, 0, SPI_OK_UPDATE);
}

void
inbox_ended(const InboxClaim *claim, const char *state, const char *reason)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;

	owner_begin(&caller);
	if (strcmp(state, "answered") != 0 || reason != NULL || claim->attempt > 1)
		note_end(claim, state, reason);
	add_id(&arguments, claim->id);
	/* what was received is in the audit now, byte for byte (D-LOG-03) */
	require_one(query_run("WITH erased AS (DELETE FROM ootspg_internal.inbox_part WHERE inbox_id = $1) "
						  "DELETE FROM " QUEUE " WHERE inbox_id = $1 AND state = 'waiting'", &arguments, false, 0, SPI_OK_DELETE));
	owner_end(&caller);
}

void
inbox_set_aside(const InboxClaim *claim, const char *reason)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim->id);
	query_add_text(&arguments, reason);
	query_add(&arguments, INT4OID, Int32GetDatum(claim->attempt), false);
	require_one(query_run_as_owner("WITH told AS (UPDATE ootspg_internal.inbox_history SET reason = $2 WHERE inbox_id = $1) "
							 "UPDATE " QUEUE " SET state = 'quarantined', attempts = $3, leased_by = NULL WHERE inbox_id = $1 AND state = 'waiting'",
							 &arguments, SPI_OK_UPDATE));
}

void
inbox_left(int64 id, bool counted)
{
	QueryArguments arguments = {0};

	add_id(&arguments, id);
	query_add(&arguments, INT4OID, Int32GetDatum(counted ? 0 : 1), false);
	/* whoever has taken it again meanwhile is not waited for */
	query_run("UPDATE " QUEUE " SET attempts = attempts + $2, leased_by = NULL, next_attempt_at = clock_timestamp() + "
			  PAUSE("attempts + $2") " WHERE inbox_id = "
			  "(SELECT q.inbox_id FROM " QUEUE " q WHERE q.inbox_id = $1 AND q.state = 'waiting' FOR UPDATE SKIP LOCKED)", &arguments, false, 0, SPI_OK_UPDATE);
}

void
inbox_free_leases(const List *living)
{
	QueryArguments arguments = {0};
	Datum	   *pids = palloc(sizeof(Datum) * list_length(living));
	const ListCell *cell;

	foreach(cell, living)
		pids[foreach_current_index(cell)] = Int32GetDatum(lfirst_int(cell));
	query_add(&arguments, INT4ARRAYOID,
			  PointerGetDatum(construct_array(pids, list_length(living), INT4OID, sizeof(int32), true, TYPALIGN_INT)), false);
	query_run("UPDATE " QUEUE " SET leased_by = NULL, next_attempt_at = clock_timestamp() + " PAUSE("attempts")
			  " WHERE next_attempt_at IS NOT NULL AND state = 'waiting' AND leased_by IS NOT NULL AND leased_by <> ALL ($1)", &arguments, false, 0, SPI_OK_UPDATE);
}
