/*
 * outbox.c
 *		Sending: the states of a message on its way out. The message id is chosen
 *		and committed with the whole submission before the first call, and every
 *		call is noted before it is made; so whatever ends in the middle, the next
 *		life knows what may have happened (access point §5.3).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "exchange/outbox.h"
#include "exchange/parts.h"
#include "query.h"

/* Evidence is of no use after T1; an error may come late. */
static TimestampTz
expiry(const Exchange *exchange)
{
	return IS_EXCEPTION(exchange) ? DT_NOEND : exchange_deadline(exchange);
}

static int64
insert_row(const char *access_point, const Exchange *exchange)
{
	QueryArguments arguments = {0};
	TimestampTz expires_at = expiry(exchange);
	OwnerSwitch caller;
	bool		isnull;

	query_add_text(&arguments, access_point);
	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	query_add_text(&arguments, exchange->answer_message_id);
	query_add_text(&arguments, IS_EXCEPTION(exchange) ? "ExceptionResponse" : "ExecuteQueryResponse");
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(expires_at), TIMESTAMP_NOT_FINITE(expires_at));
	owner_begin(&caller);
	query_run("INSERT INTO ootspg.outbox (access_point, exchange_id, message_id, action, created_at, expires_at, state, next_attempt_at) "
			  "VALUES ($1, $2, $3, $4, clock_timestamp(), $5, 'waiting', clock_timestamp()) RETURNING outbox_id",
			  &arguments, false, 0, SPI_OK_INSERT_RETURNING);
	owner_end(&caller);
	return DatumGetInt64(query_value(0, 1, &isnull));
}

void
outbox_add(const char *access_point, const Exchange *exchange)
{
	int64		id = insert_row(access_point, exchange);
	Parts		parts;
	ListCell   *cell;

	parts_begin(&parts);
	parts_add(&parts, NULL, NULL, exchange->answer_header.data, exchange->answer_header.len);
	parts_add(&parts, exchange->content_id, "application/x-ebrs+xml", exchange->message.data, exchange->message.len);
	foreach(cell, exchange->pieces)
	{
		const Piece *piece = lfirst(cell);

		parts_add(&parts, piece->content_id, piece->media_type, piece->content, piece->length);
	}
	parts_store_out(&parts, id);
}

void
outbox_interrupted(void)
{
	/* nor does anybody ask any more for those that were being asked for: their leases are over */
	query_run("UPDATE ootspg.outbox SET state = CASE state WHEN 'submitting' THEN 'doubtful' ELSE state END, next_attempt_at = clock_timestamp() "
			  "WHERE state IN ('submitting', 'doubtful', 'submitted')", NULL, false, 0, SPI_OK_UPDATE);
}

/* Into the caller's memory: it sends them when the transaction is over. */
static void
load_parts(Outgoing *message)
{
	QueryArguments arguments = {0};
	uint64		count;

	query_add(&arguments, INT8OID, Int64GetDatum(message->id), false);
	count = query_run("SELECT content_id, media_type, content FROM ootspg_internal.outbox_part WHERE outbox_id = $1 ORDER BY part",
					  &arguments, false, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
	{
		GatewayPart *part = palloc0(sizeof(GatewayPart));
		bool		isnull;
		bytea	   *content = DatumGetByteaPP(query_value(row, 3, &isnull));

		part->content_id = query_text(row, 1);
		part->media_type = query_text(row, 2);
		part->length = VARSIZE_ANY_EXHDR(content);
		part->bytes = memcpy(palloc(part->length + 1), VARDATA_ANY(content), part->length);
		if (row > 0)
			message->parts = lappend(message->parts, part);
		else
		{
			message->header = unconstify(char *, part->bytes);
			message->header_length = part->length;
		}
	}
}

static TimestampTz
time_or(uint64 row, int column, TimestampTz otherwise)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);

	return isnull ? otherwise : DatumGetTimestampTz(value);
}

static Outgoing *
read_taken(uint64 row)
{
	Outgoing   *message = palloc0(sizeof(Outgoing));
	const char *state = query_text(row, 4);
	bool		isnull;

	message->id = DatumGetInt64(query_value(row, 1, &isnull));
	message->exchange_id = DatumGetInt64(query_value(row, 2, &isnull));
	message->message_id = query_text(row, 3);
	message->task = strcmp(state, "submitting") == 0 ? OUTBOX_SUBMIT : strcmp(state, "doubtful") == 0 ? OUTBOX_ASK : OUTBOX_FOLLOW;
	message->attempts = DatumGetInt16(query_value(row, 5, &isnull));
	message->checks = DatumGetInt16(query_value(row, 6, &isnull));
	message->created_at = time_or(row, 7, 0);
	message->last_attempt_at = time_or(row, 8, message->created_at);
	message->expired = query_bool(row, 9);
	return message;
}

/* Oldest first; what waits for its first call goes before what is asked for again and again. */
#define TAKE \
	"UPDATE ootspg.outbox o SET " \
	"state = CASE o.state WHEN 'waiting' THEN 'submitting' ELSE o.state END, " \
	"attempts = o.attempts + (o.state = 'waiting')::integer::smallint, " \
	"first_attempt_at = CASE o.state WHEN 'waiting' THEN coalesce(o.first_attempt_at, clock_timestamp()) ELSE o.first_attempt_at END, " \
	"last_attempt_at = CASE o.state WHEN 'waiting' THEN clock_timestamp() ELSE o.last_attempt_at END, " \
	"next_attempt_at = clock_timestamp() + $3 * interval '1 ms' " \
	"WHERE o.outbox_id IN (SELECT d.outbox_id FROM ootspg.outbox d WHERE d.access_point = $1 " \
	"AND d.state IN ('waiting', 'submitting', 'doubtful', 'submitted') AND d.state <> 'submitting' AND d.next_attempt_at <= now() " \
	"ORDER BY d.state <> 'waiting', d.next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED) " \
	"RETURNING o.outbox_id, o.exchange_id, o.message_id, o.state, o.attempts, o.checks, o.created_at, o.last_attempt_at, " \
	"o.gateway_status IS NULL AND o.expires_at < clock_timestamp()"

#define NEXT_DUE \
	"SELECT min(next_attempt_at) FROM ootspg.outbox WHERE access_point = $1 " \
	"AND state IN ('waiting', 'submitting', 'doubtful', 'submitted') AND state <> 'submitting'"

List *
outbox_take(const char *access_point, int most, long lease_ms, TimestampTz *next_due)
{
	QueryArguments arguments = {0};
	QueryArguments name = {0};
	List	   *messages = NIL;
	ListCell   *cell;
	uint64		count;

	query_add_text(&arguments, access_point);
	query_add(&arguments, INT8OID, Int64GetDatum(most), false);
	query_add(&arguments, INT8OID, Int64GetDatum(lease_ms), false);
	count = query_run(TAKE, &arguments, false, 0, SPI_OK_UPDATE_RETURNING);
	for (uint64 row = 0; row < count; row++)
		messages = lappend(messages, read_taken(row));
	foreach(cell, messages)
	{
		Outgoing   *message = lfirst(cell);

		if (message->task == OUTBOX_SUBMIT)
			load_parts(message);
	}
	query_add_text(&name, access_point);
	query_run(NEXT_DUE, &name, false, 1, SPI_OK_SELECT);
	*next_due = time_or(0, 1, DT_NOEND);
	return messages;
}

bool
outbox_empty(const char *access_point)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, access_point);
	return query_run("SELECT FROM ootspg.outbox WHERE access_point = $1 AND state IN ('waiting', 'submitting', 'doubtful', 'submitted') "
					 "UNION ALL SELECT FROM ootspg.inbox WHERE access_point = $1 AND state IN ('waiting', 'fetching')",
					 &arguments, false, 1, SPI_OK_SELECT) == 0;
}

/* A gateway event (D-LOG-10), joined to its exchange by the message id. */
static void
tell(const Outgoing *message, const char *type, const char *status, const char *detail, const List *errors)
{
	ExchangeEvent event = {.time = GetCurrentTimestamp(),.type = type,.direction = "out",.detail = detail};
	List	   *texts = NIL;
	const ListCell *cell;
	Facts		facts;

	foreach(cell, errors)
	{
		const GatewayError *error = lfirst(cell);

		texts = lappend(texts, psprintf("%s %s %s", error->timestamp ? error->timestamp : "",
										error->code ? error->code : "", error->role ? error->role : ""));
	}
	facts_begin(&facts);
	facts_text(&facts, "message_id", message->message_id);
	facts_number(&facts, "attempt", message->attempts);
	facts_text(&facts, "status", status);
	facts_texts(&facts, "errors", texts);
	event.facts = facts_end(&facts);
	audit_prepare(event.time);
	audit_events(message->exchange_id, NULL, &event, 1);
}

/*
 * The one way from state to state. An operator who gave the message up meanwhile has
 * the last word: then nothing is changed and false returned.
 */
static bool
change(const Outgoing *message, const char *to, int sqlstate, const char *status, const char *reason, long delay_ms)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(message->id), false);
	query_add_text(&arguments, to);
	query_add_text(&arguments, sqlstate ? unpack_sql_state(sqlstate) : NULL);
	query_add_text(&arguments, status);
	query_add_text(&arguments, reason);
	query_add(&arguments, INT8OID, Int64GetDatum(delay_ms), false);
	return query_run("UPDATE ootspg.outbox SET checks = CASE WHEN state = $2 THEN checks + 1 ELSE 0 END, state = $2, "
					 "last_error = coalesce($3, CASE WHEN $2 IN ('waiting', 'doubtful', 'parked') THEN last_error END), "
					 "gateway_status = coalesce($4, gateway_status), reason = $5, "
					 "next_attempt_at = clock_timestamp() + $6 * interval '1 ms', "
					 "submitted_at = CASE WHEN $2 IN ('submitted', 'delivered') THEN coalesce(submitted_at, clock_timestamp()) ELSE submitted_at END, "
					 "final_at = CASE WHEN $2 IN ('delivered', 'expired') THEN clock_timestamp() END "
					 "WHERE outbox_id = $1 AND state IN ('submitting', 'doubtful', 'submitted')",
					 &arguments, false, 0, SPI_OK_UPDATE) > 0;
}

void
outbox_submitted(const Outgoing *message, long delay_ms)
{
	if (change(message, "submitted", 0, "SEND_ENQUEUED", NULL, delay_ms))
		tell(message, "message_submitted", NULL, NULL, NIL);
}

void
outbox_again(const Outgoing *message, int sqlstate, long delay_ms)
{
	change(message, "waiting", sqlstate, NULL, NULL, delay_ms);
}

/* Of a long row of questions without answer only the first is an event. */
void
outbox_doubtful(const Outgoing *message, int sqlstate, long delay_ms)
{
	if (change(message, "doubtful", sqlstate, NULL, NULL, delay_ms) && message->task == OUTBOX_SUBMIT)
		tell(message, "message_doubtful", NULL, unpack_sql_state(sqlstate), NIL);
}

void
outbox_unknown(const Outgoing *message)
{
	change(message, "waiting", 0, "NOT_FOUND", NULL, 0);
}

void
outbox_pending(const Outgoing *message, const char *status, long delay_ms)
{
	bool		first = message->task != OUTBOX_FOLLOW;

	if (change(message, "submitted", 0, status, NULL, delay_ms) && first)
		tell(message, "message_submitted", status, "found when asked for", NIL);
}

static void
erase(const Outgoing *message)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(message->id), false);
	query_run("DELETE FROM ootspg_internal.outbox_part WHERE outbox_id = $1", &arguments, false, 0, SPI_OK_DELETE);
}

/* D-SEC-06: nothing of the evidence stays once the other side has it. */
void
outbox_delivered(const Outgoing *message, const char *status)
{
	if (!change(message, "delivered", 0, status, NULL, 0))
		return;
	erase(message);
	tell(message, "message_acknowledged", status, NULL, NIL);
}

void
outbox_expired(const Outgoing *message)
{
	if (!change(message, "expired", 0, NULL, "time limit T1 passed", 0))
		return;
	erase(message);
	tell(message, "message_expired", NULL, "time limit T1 passed", NIL);
}

void
outbox_parked(const Outgoing *message, int sqlstate, const char *status, const char *reason, const List *errors)
{
	if (change(message, "parked", sqlstate, status, reason, 0))
		tell(message, status != NULL && strcmp(status, "SEND_FAILURE") == 0 ? "message_failed" : "message_parked", status, reason, errors);
}
