/*
 * inbox_answer.c
 *		Answering what the inbox holds. A message is claimed first, in a transaction
 *		of its own that counts the attempt: one that takes the whole server down
 *		is counted all the same. Then it is answered in one transaction together
 *		with everything that follows from it.
 *
 *		The answering role has no privilege on the inbox: these statements run as
 *		its owner; what asks the registry runs as the role.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "exchange/exchange.h"
#include "exchange/inbox.h"
#include "exchange/outbox.h"
#include "query.h"

/* A lease ends with its process; this is for processes whose end nobody saw. */
#define LEASE "interval '10 min'"


/*
 * Messages of access points in use by this copy of the database that are this role's to
 * answer: for providers whose answer_role it is, or, of an access point whose answer_role
 * it is, for those that have none and for whom no provider is known. Of messages that were
 * tried before only one is taken at a time, so that a poisonous one takes no others along.
 */
#define POINTS_IN_USE \
	"ootspg.access_point a JOIN ootspg_internal.access_point_state s ON s.access_point = a.access_point " \
	"AND s.state IN ('running', 'draining', 'stopped') AND s.copy = ootspg_internal.this_copy() "
#define IS_ROLE(expression) "ootspg_internal.bound_role_oid(" expression ") = (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = session_user) "
#define IN_USE \
	"i.state = 'waiting' AND ((i.access_point, i.recipient_scheme, i.recipient) IN (" \
	"SELECT a.access_point, p.scheme, p.identifier FROM " POINTS_IN_USE ", ootspg.provider p " \
	"WHERE " IS_ROLE("coalesce(p.answer_role, a.answer_role)") \
	"AND ootspg_internal.own_providers(session_user, 'exchange') && ARRAY['*', p.provider]) " \
	"OR (i.access_point IN (SELECT a.access_point FROM " POINTS_IN_USE "WHERE " IS_ROLE("a.answer_role") ") " \
	"AND (coalesce(i.recipient_scheme, ''), coalesce(i.recipient, '')) NOT IN (SELECT p.scheme, p.identifier FROM ootspg.provider p))) "
#define CLAIMABLE "SELECT i.inbox_id FROM ootspg.inbox i WHERE i.next_attempt_at <= now() AND " IN_USE

static List *
claim_rows(const char *sql, const QueryArguments *arguments)
{
	List	   *claims = NIL;
	uint64		count = query_run(sql, arguments, false, 0, SPI_OK_UPDATE_RETURNING);

	for (uint64 row = 0; row < count; row++)
	{
		InboxClaim *claim = palloc(sizeof(InboxClaim));
		bool		isnull;

		claim->id = DatumGetInt64(query_value(row, 1, &isnull));
		claim->attempt = DatumGetInt16(query_value(row, 2, &isnull));
		claims = lappend(claims, claim);
	}
	return claims;
}

static TimestampTz
time_or_never(uint64 row, int column)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);

	return isnull ? DT_NOEND : DatumGetTimestampTz(value);
}

/* Fresh messages, several at once. */
#define CLAIM_FRESH \
	"UPDATE ootspg.inbox SET attempts = attempts + 1, leased_by = $1, next_attempt_at = clock_timestamp() + " LEASE \
	" WHERE inbox_id IN (" CLAIMABLE "AND i.attempts = 0 ORDER BY i.next_attempt_at LIMIT $2 FOR UPDATE OF i SKIP LOCKED) " \
	"RETURNING inbox_id, attempts"
/* One that was tried before. */
#define CLAIM_TRIED \
	"UPDATE ootspg.inbox SET attempts = attempts + 1, leased_by = $1, next_attempt_at = clock_timestamp() + " LEASE \
	" WHERE inbox_id IN (" CLAIMABLE "AND i.attempts > 0 AND $2 > 0 ORDER BY i.next_attempt_at LIMIT 1 FOR UPDATE OF i SKIP LOCKED) " \
	"RETURNING inbox_id, attempts"

List *
inbox_claim(int most, TimestampTz *next_due)
{
	static bool tried_first = false;	/* in turn, so that neither starves */
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	List	   *claims;

	query_add(&arguments, INT4OID, Int32GetDatum(MyProcPid), false);
	query_add(&arguments, INT8OID, Int64GetDatum(most), false);
	owner_begin(&caller);
	claims = claim_rows(tried_first ? CLAIM_TRIED : CLAIM_FRESH, &arguments);
	if (claims == NIL)
		claims = claim_rows(tried_first ? CLAIM_FRESH : CLAIM_TRIED, &arguments);
	tried_first = !tried_first;
	*next_due = DT_NOEND;
	if (claims == NIL)
	{
		query_run("SELECT min(i.next_attempt_at) FROM ootspg.inbox i WHERE i.leased_by IS NULL AND " IN_USE, NULL, false, 1, SPI_OK_SELECT);
		*next_due = time_or_never(0, 1);
	}
	owner_end(&caller);
	return claims;
}

static void
add_id(QueryArguments *arguments, const InboxClaim *claim)
{
	query_add(arguments, INT8OID, Int64GetDatum(claim->id), false);
}

static char *
bytes_of(uint64 row, int column, size_t *length)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);
	bytea	   *bytes;

	*length = 0;
	if (isnull)
		return NULL;
	bytes = DatumGetByteaPP(value);
	*length = VARSIZE_ANY_EXHDR(bytes);
	return VARDATA_ANY(bytes);
}

/*
 * The message; NULL when somebody else dealt with it. Locked so that nobody claims or
 * dismisses it, but the exchange worker can note what becomes of it at the access point:
 * an answer may take long, and the network must not wait for the registry.
 */
static Exchange *
load(const InboxClaim *claim, char **access_point)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	Exchange   *exchange = NULL;
	uint64		count;
	Datum		role;
	bool		isnull;

	add_id(&arguments, claim);
	owner_begin(&caller);
	count = query_run("SELECT i.access_point, i.exchange_id, i.received_at, coalesce(a.trust_timestamp, false), h.content, b.content, "
					  "ootspg_internal.bound_role_oid(a.answer_role) "
					  "FROM ootspg.inbox i LEFT JOIN ootspg.access_point a USING (access_point) "
					  "LEFT JOIN ootspg_internal.inbox_part h ON h.inbox_id = i.inbox_id AND h.part = 0 "
					  "LEFT JOIN ootspg_internal.inbox_part b ON b.inbox_id = i.inbox_id AND b.part = 1 "
					  "WHERE i.inbox_id = $1 AND i.state = 'waiting' FOR KEY SHARE OF i",
					  &arguments, false, 1, SPI_OK_SELECT);
	owner_end(&caller);
	if (count == 0)
		return NULL;
	exchange = palloc0(sizeof(Exchange));
	*access_point = query_text(0, 1);
	exchange->id = DatumGetInt64(query_value(0, 2, &isnull));
	exchange->received_at = DatumGetTimestampTz(query_value(0, 3, &isnull));
	exchange->untrusted_timestamp = !query_bool(0, 4);
	exchange->header_bytes = bytes_of(0, 5, &exchange->header_length);
	exchange->body = bytes_of(0, 6, &exchange->body_length);
	exchange->by_worker = true;
	role = query_value(0, 7, &isnull);
	exchange->default_role = isnull ? InvalidOid : DatumGetObjectId(role);
	return exchange;
}

static uint64
run_as_owner(const char *sql, const QueryArguments *arguments, int expected)
{
	OwnerSwitch caller;
	uint64		count;

	owner_begin(&caller);
	count = query_run(sql, arguments, false, 0, expected);
	owner_end(&caller);
	return count;
}

/* Two processes may hold the same message when a lease ended too early: one answer counts. */
static void
finish(const InboxClaim *claim, const char *state, const char *reason)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim);
	query_add_text(&arguments, state);
	query_add_text(&arguments, reason);
	if (run_as_owner("UPDATE ootspg.inbox SET state = $2, reason = $3, leased_by = NULL WHERE inbox_id = $1 AND state = 'waiting'",
					 &arguments, SPI_OK_UPDATE) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("the message was answered by another process")));
}

/* What was received is in the audit now, byte for byte (D-LOG-03). */
static void
erase(const InboxClaim *claim)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim);
	run_as_owner("DELETE FROM ootspg_internal.inbox_part WHERE inbox_id = $1", &arguments, SPI_OK_DELETE);
}

/*
 * Opened, it turned out to be for a provider that another role answers for. Nothing was
 * done with it: this was no attempt.
 */
static void
hand_over(const InboxClaim *claim, const Agent *recipient)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim);
	query_add_text(&arguments, recipient->scheme);
	query_add_text(&arguments, recipient->identifier);
	run_as_owner("UPDATE ootspg.inbox SET recipient_scheme = $2, recipient = $3, attempts = attempts - 1, leased_by = NULL, "
				 "next_attempt_at = clock_timestamp() WHERE inbox_id = $1 AND state = 'waiting'", &arguments, SPI_OK_UPDATE);
	run_as_owner("SELECT ootspg_internal.wake_for_work()", NULL, SPI_OK_SELECT);
}

void
inbox_answer(const InboxClaim *claim)
{
	char	   *access_point;
	Exchange   *exchange = load(claim, &access_point);

	if (exchange == NULL)
		return;
	if (claim->attempt >= INBOX_LAST_ATTEMPT)
		exchange->refusal = psprintf("given up after %d attempts", claim->attempt - 1);
	exchange_answer(exchange);
	if (exchange->elsewhere != NULL)
	{
		hand_over(claim, exchange->elsewhere);
		return;
	}
	if (exchange->held)
	{
		inbox_hold(claim);
		return;
	}
	if (exchange->answer_header.data != NULL)
		outbox_add(access_point, exchange);
	/* kept for an operator, who may put the sender on the list and then release it */
	if (exchange->sender_refused || exchange->refusal != NULL)
	{
		finish(claim, "quarantined", exchange->sender_refused ? exchange->verdict.reason : exchange->refusal);
		return;
	}
	finish(claim, exchange->verdict.outcome == OUTCOME_UNANSWERABLE ? "unanswerable" : "answered", exchange->verdict.reason);
	erase(claim);
}

void
inbox_failed(const InboxClaim *claim, int sqlstate, long delay_ms)
{
	QueryArguments arguments = {0};

	add_id(&arguments, claim);
	query_add_text(&arguments, unpack_sql_state(sqlstate));
	query_add(&arguments, INT8OID, Int64GetDatum(delay_ms), false);
	run_as_owner("UPDATE ootspg.inbox SET last_error = $2, leased_by = NULL, next_attempt_at = clock_timestamp() + $3 * interval '1 ms' "
				 "WHERE inbox_id = $1 AND state = 'waiting'", &arguments, SPI_OK_UPDATE);
}

/* Not even a refusal could be written: the message is kept for an operator. */
void
inbox_give_up(const InboxClaim *claim, int sqlstate)
{
	char	   *access_point;
	Exchange   *exchange = load(claim, &access_point);
	char	   *reason = sqlstate ? psprintf("could not be answered: SQLSTATE %s", unpack_sql_state(sqlstate)) :
		"could not be answered: the process ended each time";
	ExchangeEvent event = {.time = GetCurrentTimestamp(),.type = "message_quarantined",.direction = "in",.detail = reason};
	QueryArguments arguments = {0};

	if (exchange == NULL)
		return;
	event.media_type = "application/x-ebrs+xml";
	event.first_part = exchange->body;
	event.first_part_length = exchange->body_length;
	event.header = exchange->header_bytes;
	event.header_length = exchange->header_length;
	audit_prepare(event.time);
	audit_events(exchange->id, NULL, &event, 1);
	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(exchange->received_at), false);
	query_add_text(&arguments, reason);
	run_as_owner("INSERT INTO ootspg.exchange (exchange_id, received_at, state, outcome, reason) OVERRIDING SYSTEM VALUE "
				 "VALUES ($1, $2, 'quarantined', 'unanswerable', $3)", &arguments, SPI_OK_INSERT);
	finish(claim, "quarantined", reason);
}

/*
 * A row for each role; and one for each provider whose role has not the duty to answer for
 * it, which names the provider.
 */
#define DEMAND \
	"WITH there AS MATERIALIZED (SELECT i.access_point, i.recipient_scheme, i.recipient, i.next_attempt_at FROM ootspg.inbox i WHERE i.state IN ('waiting', 'fetching') AND i.state = 'waiting'), " \
	"waiting AS (SELECT i.access_point, i.recipient_scheme, i.recipient, count(*) FILTER (WHERE i.next_attempt_at <= clock_timestamp()) AS due, " \
	"min(i.next_attempt_at) FILTER (WHERE i.next_attempt_at > clock_timestamp()) AS later FROM there i GROUP BY 1, 2, 3), " \
	"answering AS (SELECT coalesce(p.answer_role, a.answer_role) AS answer_role, p.provider, w.due, w.later FROM waiting w JOIN " POINTS_IN_USE \
	"ON w.access_point = a.access_point LEFT JOIN ootspg.provider p ON p.scheme = w.recipient_scheme AND p.identifier = w.recipient), " \
	"judged AS (SELECT r.answer_role, r.due, r.later, CASE WHEN NOT EXISTS (SELECT FROM ootspg.provider_role d WHERE d.duty = 'exchange' " \
	"AND (d.provider IS NULL OR d.provider = r.provider) AND pg_catalog.pg_has_role(ootspg_internal.bound_role_oid(r.answer_role), " \
	"ootspg_internal.bound_role_oid(d.role_name), 'MEMBER')) THEN r.provider END AS refused FROM answering r) " \
	"SELECT j.answer_role::text, ootspg_internal.bound_role_oid(j.answer_role), j.refused, sum(j.due)::bigint, min(j.later) FROM judged j GROUP BY j.answer_role, j.refused"

List *
inbox_demand(TimestampTz *next_due)
{
	List	   *demands = NIL;
	uint64		count;
	bool		isnull;

	*next_due = DT_NOEND;
	count = query_run(DEMAND, NULL, false, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
	{
		InboxDemand *demand = palloc(sizeof(InboxDemand));
		Datum		role = query_value(row, 2, &isnull);

		demand->role_name = query_text(row, 1);
		demand->role = isnull ? InvalidOid : DatumGetObjectId(role);
		demand->provider = query_text(row, 3);
		demand->due = (int) DatumGetInt64(query_value(row, 4, &isnull));
		if (demand->provider == NULL)
			*next_due = Min(*next_due, time_or_never(row, 5));
		demands = lappend(demands, demand);
	}
	return demands;
}

/*
 * They wait: the server may just have gone down because of one of them, or of something that has
 * nothing to do with it and comes again soon. Before its last attempt a message has waited for
 * 0.2 + 1.2 + 7.2 + 43.2 s, so that whatever ends processes for less than 50 s refuses none.
 */
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
	query_run("UPDATE ootspg.inbox SET leased_by = NULL, next_attempt_at = clock_timestamp() + power(6, least(attempts, 4) - 1) * interval '0.2 s' "
			  "WHERE state = 'waiting' AND leased_by IS NOT NULL AND leased_by <> ALL ($1)", &arguments, false, 0, SPI_OK_UPDATE);
}
