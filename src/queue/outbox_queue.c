/*
 * outbox_queue.c
 *		Sending: the states of a message on its way out. Every call is noted before it
 *		is made; so whatever ends in the middle, the next life knows what may have
 *		happened (access point §5.3). Rows change in place and are found by their number; a
 *		message that has come to its end leaves the queue for its row in history.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "audit/content_key.h"
#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "query.h"
#include "queue/outbox_due.h"
#include "queue/outbox_queue.h"

#define LOCKED_MS 1000

#define QUEUE "ootspg_internal.outbox_queue"
#define TAKEN \
	"RETURNING o.outbox_id, o.exchange_id, o.message_id, o.state, o.attempts, o.checks, o.created_at, o.last_attempt_at, " \
	"o.gateway_status IS NULL AND o.expires_at < clock_timestamp(), o.access_point, o.next_attempt_at"

static OutboxTask
task_of(const char *state)
{
	if (strcmp(state, "waiting") == 0 || strcmp(state, "submitting") == 0)
		return OUTBOX_SUBMIT;
	return strcmp(state, "doubtful") == 0 ? OUTBOX_ASK : OUTBOX_FOLLOW;
}

/* Into the caller's memory: it sends them when the transaction is over. */
static void
load_parts(Outgoing *message)
{
	QueryArguments arguments = {0};
	uint64		count;

	query_add(&arguments, INT8OID, Int64GetDatum(message->id), false);
	count = query_run("SELECT content_id, media_type, content, content_key, part FROM ootspg_internal.outbox_part WHERE outbox_id = $1 AND part >= 0 ORDER BY part",
					  &arguments, false, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
	{
		GatewayPart *part = palloc0(sizeof(GatewayPart));
		ClosedPlace place = {.table = "outbox_part",.column = "content",.row = message->id};
		bool		isnull;
		const char *content;

		place.part = DatumGetInt16(query_value(row, 5, &isnull));
		content = content_of_result(row, 3, &place, &part->length);
		part->content_id = query_text(row, 1);
		part->media_type = query_text(row, 2);
		part->bytes = memcpy(palloc(part->length + 1), content, part->length);
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
	message->task = task_of(state);
	message->attempts = DatumGetInt16(query_value(row, 5, &isnull));
	message->checks = DatumGetInt16(query_value(row, 6, &isnull));
	message->created_at = time_or(row, 7, 0);
	message->last_attempt_at = time_or(row, 8, message->created_at);
	message->expired = query_bool(row, 9);
	message->access_point = query_text(row, 10);
	message->due_at = time_or(row, 11, 0);
	return message;
}

/* Calls of an earlier life of the worker: nobody knows how they ended. */
void
outbox_take_up(void)
{
	uint64		count;

	query_run("UPDATE " QUEUE " SET state = 'doubtful', next_attempt_at = clock_timestamp() WHERE state = 'submitting'", NULL, false, 0, SPI_OK_UPDATE);
	outbox_due_begin();
	count = query_run("SELECT access_point, outbox_id, state, next_attempt_at FROM " QUEUE
								  " WHERE state IN ('doubtful', 'submitted') OR (state = 'waiting' AND attempts > 0)", NULL, false, 0, SPI_OK_SELECT);

	for (uint64 row = 0; row < count; row++)
	{
		bool		isnull;

		outbox_due_again(query_text(row, 1), DatumGetInt64(query_value(row, 2, &isnull)), task_of(query_text(row, 3)), time_or(row, 4, 0));
	}
}

/* Before each call of a submission. */
#define SUBMITTING \
	"UPDATE " QUEUE " o SET state = 'submitting', attempts = o.attempts + 1, " \
	"first_attempt_at = coalesce(o.first_attempt_at, clock_timestamp()), last_attempt_at = clock_timestamp() "

static List *
read_all(uint64 count)
{
	List	   *messages = NIL;
	ListCell   *cell;

	for (uint64 row = 0; row < count; row++)
		messages = lappend(messages, read_taken(row));
	foreach(cell, messages)
	{
		Outgoing   *message = lfirst(cell);

		if (message->task == OUTBOX_SUBMIT)
			load_parts(message);
	}
	return messages;
}

static int
by_id(const ListCell *a, const ListCell *b)
{
	int64		first = ((const Outgoing *) lfirst(a))->id;
	int64		second = ((const Outgoing *) lfirst(b))->id;

	return first < second ? -1 : first > second;
}

/* One that somebody has locked just now is left for the next look. */
static List *
take_fresh(const char *access_point, int most, int64 *low)
{
	QueryArguments arguments = {0};
	List	   *messages;
	Datum		next;
	bool		isnull;

	query_add_text(&arguments, access_point);
	query_add(&arguments, INT8OID, Int64GetDatum(*low), false);
	query_add(&arguments, INT8OID, Int64GetDatum(most), false);
	messages = read_all(query_run(SUBMITTING "WHERE o.outbox_id = ANY (ARRAY(SELECT d.outbox_id FROM " QUEUE " d WHERE d.outbox_id >= $2 "
								  "AND d.access_point = $1 AND d.state = 'waiting' AND d.attempts = 0 ORDER BY d.outbox_id LIMIT $3 FOR UPDATE SKIP LOCKED)) " TAKEN,
								  &arguments, false, 0, SPI_OK_UPDATE_RETURNING));
	list_sort(messages, by_id);
	arguments.count--;
	query_run("SELECT (SELECT d.outbox_id FROM " QUEUE " d WHERE d.outbox_id >= $2 AND d.access_point = $1 AND d.state = 'waiting' AND d.attempts = 0 "
			  "ORDER BY d.outbox_id LIMIT 1)", &arguments, false, 1, SPI_OK_SELECT);
	next = query_value(0, 1, &isnull);
	*low = isnull ? PG_INT64_MAX : DatumGetInt64(next);
	return messages;
}

static Datum
id_array(const List *ids)
{
	Datum	   *values = palloc(sizeof(Datum) * list_length(ids));
	const ListCell *cell;

	foreach(cell, ids)
		values[foreach_current_index(cell)] = Int64GetDatum(*(int64 *) lfirst(cell));
	return PointerGetDatum(construct_array(values, list_length(ids), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* Those that an operator is deciding about just now. */
static void
leave_for_later(const QueryArguments *ids)
{
	uint64		count = query_run("SELECT access_point, outbox_id FROM " QUEUE " WHERE outbox_id = ANY ($1) AND state = 'waiting'", ids, false, 0, SPI_OK_SELECT);

	for (uint64 row = 0; row < count; row++)
	{
		bool		isnull;

		outbox_due_again(query_text(row, 1), DatumGetInt64(query_value(row, 2, &isnull)), OUTBOX_SUBMIT,
						 TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOCKED_MS));
	}
}

/* What is not in its state any more was given up meanwhile. */
static List *
take_again(const List *ids)
{
	QueryArguments arguments = {0};
	List	   *messages;

	if (ids == NIL)
		return NIL;
	query_add(&arguments, INT8ARRAYOID, id_array(ids), false);
	messages = read_all(query_run(SUBMITTING "WHERE o.outbox_id = ANY (ARRAY(SELECT d.outbox_id FROM " QUEUE " d WHERE d.outbox_id = ANY ($1) "
								  "AND d.state = 'waiting' FOR UPDATE SKIP LOCKED)) " TAKEN, &arguments, false, 0, SPI_OK_UPDATE_RETURNING));
	if (list_length(messages) < list_length(ids))
		leave_for_later(&arguments);
	return messages;
}

/* Asking changes nothing: an answer that does not come is asked for again by the next life. */
static void
read_questions(const List *ids)
{
	QueryArguments arguments = {0};
	ListCell   *cell;

	if (ids == NIL)
		return;
	query_add(&arguments, INT8ARRAYOID, id_array(ids), false);
	foreach(cell, read_all(query_run("SELECT o.outbox_id, o.exchange_id, o.message_id, o.state, o.attempts, o.checks, o.created_at, o.last_attempt_at, "
									 "false, o.access_point, o.next_attempt_at FROM " QUEUE " o WHERE o.outbox_id = ANY ($1) AND o.state IN ('doubtful', 'submitted')",
									 &arguments, false, 0, SPI_OK_SELECT)))
		outbox_due_read_ahead(lfirst(cell));
}

List *
outbox_take(const char *access_point, int most)
{
	int64		low = outbox_due_low(access_point);
	List	   *messages = NIL;
	List	   *submit = NIL;
	List	   *ask = NIL;

	if (low < PG_INT64_MAX)
	{
		messages = take_fresh(access_point, most, &low);
		outbox_due_set_low(access_point, low, messages == NIL);
	}
	outbox_due_pop(access_point, most - list_length(messages), &submit, &ask);
	read_questions(ask);
	return list_concat(messages, take_again(submit));
}

bool
outbox_empty(const char *access_point)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, access_point);
	/* running previews are let finish (D-OPS-12) */
	return query_run("SELECT FROM " QUEUE " WHERE access_point = $1 AND state IN ('waiting', 'submitting', 'doubtful', 'submitted') "
					 "UNION ALL SELECT FROM ootspg_internal.inbox_queue WHERE access_point = $1 AND state IN ('waiting', 'fetching') "
					 "UNION ALL SELECT FROM ootspg_internal.preview_session s JOIN ootspg_internal.inbox_history h ON h.exchange_id = s.second_exchange_id "
					 "WHERE h.access_point = $1 AND s.state IN ('issued', 'open', 'decided')",
					 &arguments, false, 1, SPI_OK_SELECT) == 0;
}

/* A gateway event (D-LOG-10), joined to its exchange by the message id. */
static ExchangeEvent
event_of(const Outgoing *message, const char *type, const char *status, const char *detail, const List *errors)
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
	return event;
}

static void
tell(const Outgoing *message, const char *type, const char *status, const char *detail, const List *errors)
{
	ExchangeEvent event = event_of(message, type, status, detail, errors);

	audit_prepare(event.time);
	audit_events(message->exchange_id, NULL, &event, 1);
}

/*
 * The one way from state to state, but for the last. An operator who gave the message up meanwhile has
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
	if (query_run("UPDATE " QUEUE " SET checks = CASE WHEN state = $2 THEN checks + 1 ELSE 0 END, state = $2, "
					 "last_error = coalesce($3, CASE WHEN $2 IN ('waiting', 'doubtful', 'parked') THEN last_error END), "
					 "gateway_status = coalesce($4, gateway_status), reason = $5, "
					 "next_attempt_at = clock_timestamp() + $6 * interval '1 ms', "
					 "submitted_at = CASE WHEN $2 = 'submitted' THEN coalesce(submitted_at, clock_timestamp()) ELSE submitted_at END "
					 "WHERE outbox_id = $1 AND state IN ('submitting', 'doubtful', 'submitted')",
					 &arguments, false, 0, SPI_OK_UPDATE) == 0)
		return false;
	if (strcmp(to, "parked") != 0)
		outbox_due_again(message->access_point, message->id, task_of(to), TimestampTzPlusMilliseconds(GetCurrentTimestamp(), delay_ms));
	return true;
}

/* D-SEC-06: nothing of the evidence stays when the other side will not have it. */
static bool
end_expired(const Outgoing *message, const char *reason)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(message->id), false);
	query_add_text(&arguments, reason);
	return query_run("WITH q AS (DELETE FROM " QUEUE " WHERE outbox_id = $1 AND state IN ('submitting', 'doubtful', 'submitted') RETURNING *), "
					 "erased AS (DELETE FROM ootspg_internal.outbox_part WHERE outbox_id = $1 AND EXISTS (SELECT FROM q)) "
					 "UPDATE ootspg_internal.outbox_history h SET state = 'expired', attempts = q.attempts, checks = 0, next_attempt_at = clock_timestamp(), "
					 "first_attempt_at = q.first_attempt_at, last_attempt_at = q.last_attempt_at, submitted_at = q.submitted_at, "
					 "final_at = clock_timestamp(), gateway_status = q.gateway_status, reason = $2 "
					 "FROM q WHERE h.outbox_id = $1", &arguments, false, 0, SPI_OK_UPDATE) > 0;
}

/* The arguments of a statement about all news of one kind: numbers, statuses, times of these, milliseconds to the next question. */
static void
add_news(QueryArguments *arguments, const List *news)
{
	int			count = list_length(news);
	Datum	   *ids = palloc(sizeof(Datum) * count);
	Datum	   *statuses = palloc(sizeof(Datum) * count);
	Datum	   *times = palloc(sizeof(Datum) * count);
	Datum	   *delays = palloc(sizeof(Datum) * count);
	const ListCell *cell;

	foreach(cell, news)
	{
		const OutboxNews *one = lfirst(cell);
		int			i = foreach_current_index(cell);

		ids[i] = Int64GetDatum(one->message->id);
		statuses[i] = CStringGetTextDatum(one->status ? one->status : "");
		times[i] = TimestampTzGetDatum(one->told_at);
		delays[i] = Int64GetDatum(one->delay_ms);
	}
	query_add(arguments, INT8ARRAYOID, PointerGetDatum(construct_array(ids, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)), false);
	query_add(arguments, TEXTARRAYOID, PointerGetDatum(construct_array(statuses, count, TEXTOID, -1, false, TYPALIGN_INT)), false);
	query_add(arguments, TIMESTAMPTZARRAYOID, PointerGetDatum(construct_array(times, count, TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)), false);
	query_add(arguments, INT8ARRAYOID, PointerGetDatum(construct_array(delays, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)), false);
}

/* Each row by its number; an array of values is asked by the place of the number in the first. */
#define OF(array, id) "(" array ")[array_position($1, " id ")]"
#define ON_THEIR_WAY \
	"UPDATE " QUEUE " o SET checks = CASE WHEN o.state = 'submitted' THEN o.checks + 1 ELSE 0 END, state = 'submitted', last_error = NULL, reason = NULL, " \
	"gateway_status = coalesce(nullif(" OF("$2", "o.outbox_id") ", ''), o.gateway_status), " \
	"next_attempt_at = " OF("$3", "o.outbox_id") " + " OF("$4", "o.outbox_id") " * interval '1 ms', submitted_at = coalesce(o.submitted_at, " OF("$3", "o.outbox_id") ") " \
	"WHERE o.outbox_id = ANY ($1) AND o.state IN ('submitting', 'doubtful', 'submitted') RETURNING o.outbox_id"
/* D-SEC-06: nothing of the evidence stays once the other side has it. */
#define DELIVERED \
	"WITH q AS (DELETE FROM " QUEUE " o WHERE o.outbox_id = ANY ($1) AND o.state IN ('submitting', 'doubtful', 'submitted') RETURNING *), " \
	"erased AS (DELETE FROM ootspg_internal.outbox_part p WHERE p.outbox_id = ANY ($1) AND EXISTS (SELECT FROM q WHERE q.outbox_id = p.outbox_id)) " \
	"UPDATE ootspg_internal.outbox_history h SET state = 'delivered', attempts = q.attempts, checks = 0, next_attempt_at = " OF("$3", "h.outbox_id") ", " \
	"first_attempt_at = q.first_attempt_at, last_attempt_at = q.last_attempt_at, submitted_at = coalesce(q.submitted_at, " OF("$3", "h.outbox_id") "), " \
	"final_at = " OF("$3", "h.outbox_id") ", gateway_status = " OF("$2", "h.outbox_id") ", reason = NULL " \
	"FROM q WHERE h.outbox_id = ANY ($1) AND h.outbox_id = q.outbox_id RETURNING h.outbox_id"

/* The news that a statement found its message for. An operator who gave it up meanwhile has the last word. */
static List *
found(const List *news, uint64 count)
{
	List	   *result = NIL;
	const ListCell *cell;

	foreach(cell, news)
		for (uint64 row = 0; row < count; row++)
		{
			bool		isnull;

			if (DatumGetInt64(query_value(row, 1, &isnull)) == ((const OutboxNews *) lfirst(cell))->message->id)
				result = lappend(result, lfirst(cell));
		}
	return result;
}

static List *
change_all(const List *news, bool delivered)
{
	QueryArguments arguments = {0};
	List	   *of_kind = NIL;
	const ListCell *cell;

	foreach(cell, news)
		if (((const OutboxNews *) lfirst(cell))->delivered == delivered)
			of_kind = lappend(of_kind, lfirst(cell));
	if (of_kind == NIL)
		return NIL;
	add_news(&arguments, of_kind);
	if (delivered)
		arguments.count--;
	return found(of_kind, query_run(delivered ? DELIVERED : ON_THEIR_WAY, &arguments, false, 0, SPI_OK_UPDATE_RETURNING));
}

/* Of a long row of questions only the first answer is an event. */
static bool
is_event(const OutboxNews *news)
{
	return news->delivered || news->message->task != OUTBOX_FOLLOW;
}

static void
tell_all(const List *news)
{
	ExchangeEvent *events = palloc(sizeof(ExchangeEvent) * list_length(news));
	int64	   *exchanges = palloc(sizeof(int64) * list_length(news));
	int			count = 0;
	const ListCell *cell;

	foreach(cell, news)
	{
		const OutboxNews *one = lfirst(cell);

		if (!is_event(one))
			continue;
		exchanges[count] = one->message->exchange_id;
		events[count] = event_of(one->message, one->delivered ? "message_acknowledged" : "message_submitted", one->taken ? NULL : one->status,
									 one->delivered || one->taken ? NULL : "found when asked for", NIL);
		events[count++].time = one->told_at;
	}
	for (int i = 0; i < count; i++)
		if (i == 0 || events[i].time != events[i - 1].time)
			audit_prepare(events[i].time);
	if (count > 0)
		audit_events_of(exchanges, events, count);
}

/* What is remembered comes last: it would stay after an error. */
void
outbox_goes_well(const List *news)
{
	List	   *underway = change_all(news, false);
	const ListCell *cell;

	tell_all(list_concat(change_all(news, true), underway));
	foreach(cell, underway)
	{
		const OutboxNews *one = lfirst(cell);

		outbox_due_again(one->message->access_point, one->message->id, OUTBOX_FOLLOW, TimestampTzPlusMilliseconds(one->told_at, one->delay_ms));
	}
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
outbox_expired(const Outgoing *message)
{
	if (end_expired(message, "time limit T1 passed"))
		tell(message, "message_expired", NULL, "time limit T1 passed", NIL);
}

void
outbox_parked(const Outgoing *message, int sqlstate, const char *status, const char *reason, const List *errors)
{
	if (change(message, "parked", sqlstate, status, reason, 0))
		tell(message, status != NULL && strcmp(status, "SEND_FAILURE") == 0 ? "message_failed" : "message_parked", status, reason, errors);
}
