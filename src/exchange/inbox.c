/*
 * inbox.c
 *		Receiving: from the answer of an access point to a row that is ours. What
 *		is no evidence request, or can't be had, is a row in quarantine.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "audit/content_key.h"
#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "exchange/exchange.h"
#include "exchange/inbox.h"
#include "exchange/parts.h"
#include "message/header.h"
#include "query.h"
#include "row.h"

static const char *const states[] = {"fetching", "waiting", "directory", "answered", "unanswerable", "quarantined", "dismissed", "held"};

/* What a received header says, and what follows from it. */
typedef struct Routing
{
	const Header *header;		/* NULL: unreadable */
	const char *quarantine;		/* reason; NULL: to be dealt with */
	InboxState	state;
} Routing;

static InboxState
state_from(const char *state)
{
	int			i = 0;

	while (strcmp(states[i], state) != 0)
		i++;
	return i;
}

static void
add_texts(QueryArguments *arguments, const List *texts)
{
	Datum	   *values = palloc(sizeof(Datum) * list_length(texts));
	const ListCell *cell;

	foreach(cell, texts)
		values[foreach_current_index(cell)] = CStringGetTextDatum(lfirst(cell));
	query_add(arguments, TEXTARRAYOID,
			  PointerGetDatum(construct_array(values, list_length(texts), TEXTOID, -1, false, TYPALIGN_INT)), false);
}

List *
inbox_find(const char *access_point, const List *message_ids)
{
	QueryArguments arguments = {0};
	List	   *entries = NIL;
	uint64		count;

	query_add_text(&arguments, access_point);
	add_texts(&arguments, message_ids);
	/* each by both columns of its key, whatever the planner knows of the table */
	count = query_run("SELECT i.inbox_id, i.message_id, coalesce(i.queued, i.state, 'answered'), i.acknowledged_at, "
					  "EXISTS (SELECT FROM ootspg_internal.inbox_part p WHERE p.inbox_id = i.inbox_id AND p.part >= 0) "
					  "FROM unnest($2) m(id) CROSS JOIN LATERAL (SELECT b.inbox_id, b.message_id, b.state, b.acknowledged_at, "
					  "(SELECT q.state FROM ootspg_internal.inbox_queue q WHERE q.inbox_id = b.inbox_id) AS queued "
					  "FROM ootspg_internal.inbox_history b WHERE b.access_point = $1 AND b.message_id = m.id OFFSET 0) i",
					  &arguments, false, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
	{
		InboxEntry *entry = palloc(sizeof(InboxEntry));
		Datum		acknowledged_at;
		bool		isnull;

		entry->id = DatumGetInt64(query_value(row, 1, &isnull));
		entry->message_id = query_text(row, 2);
		entry->state = state_from(query_text(row, 3));
		acknowledged_at = query_value(row, 4, &isnull);
		entry->acknowledged_at = isnull ? 0 : DatumGetTimestampTz(acknowledged_at);
		entry->has_content = query_bool(row, 5);
		entries = lappend(entries, entry);
	}
	return entries;
}

/* An event of a message; facts name it, and count what it holds. */
static void
tell(int64 exchange_id, const char *type, const char *direction, const char *message_id, int parts, int64 bytes, const char *detail)
{
	ExchangeEvent event = {.time = GetCurrentTimestamp(),.type = type,.direction = direction,.detail = detail};
	Facts		facts;

	facts_begin(&facts);
	facts_text(&facts, "message_id", message_id);
	if (parts > 0)
	{
		facts_number(&facts, "parts", parts);
		facts_number(&facts, "bytes", bytes);
	}
	event.facts = facts_end(&facts);
	audit_prepare(event.time);
	audit_events(exchange_id, NULL, &event, 1);
}

static bool
says(const char *text, const char *expected)
{
	return text != NULL && strcmp(text, expected) == 0;
}

/* What a directory answers to a submission of ours (life cycle management over AS4). */
static bool
is_directory_answer(const Header *header)
{
	return says(header->service, "LifecycleManager") &&
		(says(header->action, "SubmitObjectsResponse") || says(header->action, "ExceptionResponse"));
}

/* Service and action decide before any body is opened. */
static Routing
route(const GatewayAnswer *message)
{
	XmlFault	fault;
	XmlDocument *document = xml_read(message->header, message->header_length, &fault);
	Routing		routing = {.state = INBOX_QUARANTINED};

	if (document != NULL)
		routing.header = header_read(document);
	if (routing.header == NULL)
		routing.quarantine = "the ebMS header cannot be read";
	else if (message->parts == NIL)
		routing.quarantine = "no part";
	else if (is_directory_answer(routing.header))
		routing.state = INBOX_DIRECTORY;
	else if (!says(routing.header->service, "QueryManager"))
		routing.quarantine = "unknown service";
	else if (!says(routing.header->action, "ExecuteQueryRequest"))
		routing.quarantine = "unknown action";
	else
		routing.state = INBOX_WAITING;
	return routing;
}

/* An exchange that ends before an answer was tried (D-LOG-02, D-LOG-09). */
static void
record_quarantined(int64 exchange_id, const char *message_id, const Header *header, const char *reason)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(exchange_id), false);
	query_add_text(&arguments, message_id);
	query_add_text(&arguments, header ? header->conversation_id : NULL);
	query_add_text(&arguments, reason);
	query_run("INSERT INTO ootspg.exchange (exchange_id, received_at, state, outcome, message_id, conversation_id, reason) OVERRIDING SYSTEM VALUE "
			  "VALUES ($1, clock_timestamp(), 'quarantined', 'unanswerable', $2, $3, $4)",
			  &arguments, false, 0, SPI_OK_INSERT);
}

/* Longer ones name no provider of ours. */
#define RECIPIENT_BYTES 255

/* Whom the header names, NULL: nobody; which role is to open the body follows from it (inbox_answer.c). */
static const HeaderProperty *
recipient_of(const Header *header)
{
	const HeaderProperty *recipient = header ? header_property(header, "finalRecipient") : NULL;
	bool		known = recipient != NULL && recipient->type != NULL && recipient->value != NULL &&
		strlen(recipient->type) <= RECIPIENT_BYTES && strlen(recipient->value) <= RECIPIENT_BYTES;

	return known ? recipient : NULL;
}

static void
add_recipient(QueryArguments *arguments, const Header *header)
{
	const HeaderProperty *recipient = recipient_of(header);

	query_add_text(arguments, recipient ? recipient->type : NULL);
	query_add_text(arguments, recipient ? recipient->value : NULL);
}

static Oid
internal_table(const char *name)
{
	return get_relname_relid(name, get_namespace_oid("ootspg_internal", false));
}

/* For an operator to see, within the limits of what is kept of messages that nobody asked for. */
static void
put_aside(int64 inbox_id, const char *reason)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(inbox_id), false);
	query_add_text(&arguments, reason);
	query_run("SELECT ootspg_internal.put_aside($1, NULL, $2)", &arguments, false, 1, SPI_OK_SELECT);
}

/* Both keys of history: by this access point, or by another one (D-TMO-07). Nobody but the exchange worker adds to it. */
static bool
is_known(const char *access_point, const GatewayAnswer *message)
{
	static const char *const by_access_point[] = {"access_point", "message_id"};
	static const char *const by_sender[] = {"from_party_type", "from_party", "message_id"};

	return row_is_there("inbox_history", "inbox_history_access_point_message_id_key", by_access_point, (const char *const[]) {access_point, message->message_id}, 2) ||
		(message->from_party != NULL && message->from_party_type != NULL &&
		 row_is_there("inbox_history", "inbox_history_sender", by_sender, (const char *const[]) {message->from_party_type, message->from_party, message->message_id}, 3));
}

static void
add_recipient_columns(Row *row, const HeaderProperty *recipient)
{
	row_add_text(row, "recipient_scheme", recipient ? recipient->type : NULL);
	row_add_text(row, "recipient", recipient ? recipient->value : NULL);
}

static void
insert_history(int64 id, const char *access_point, const GatewayAnswer *message, const Routing *routing, int64 exchange_id, TimestampTz now, bool consumed)
{
	Row			row;

	row.arguments.count = 0;
	row_add(&row, "inbox_id", INT8OID, Int64GetDatum(id), false);
	row_add_text(&row, "access_point", access_point);
	row_add_text(&row, "message_id", message->message_id);
	row_add_text(&row, "from_party", message->from_party);
	row_add_text(&row, "from_party_type", message->from_party_type);
	row_add_text(&row, "service", routing->header ? routing->header->service : NULL);
	row_add_text(&row, "action", routing->header ? routing->header->action : NULL);
	row_add(&row, "received_at", TIMESTAMPTZOID, TimestampTzGetDatum(now), false);
	row_add(&row, "acknowledged_at", TIMESTAMPTZOID, TimestampTzGetDatum(now), !consumed);
	row_add(&row, "exchange_id", INT8OID, Int64GetDatum(exchange_id), false);
	row_add_text(&row, "reason", routing->quarantine);
	row_add(&row, "duplicates", INT4OID, Int32GetDatum(0), false);
	add_recipient_columns(&row, recipient_of(routing->header));
	rows_insert(internal_table("inbox_history"), &row, 1);
}

static void
insert_queue(int64 id, const char *access_point, const Routing *routing, int64 exchange_id, TimestampTz now)
{
	Row			row;

	row.arguments.count = 0;
	row_add(&row, "inbox_id", INT8OID, Int64GetDatum(id), false);
	row_add_text(&row, "access_point", access_point);
	row_add(&row, "exchange_id", INT8OID, Int64GetDatum(exchange_id), false);
	row_add(&row, "received_at", TIMESTAMPTZOID, TimestampTzGetDatum(now), false);
	add_recipient_columns(&row, recipient_of(routing->header));
	row_add_text(&row, "state", states[routing->state]);
	row_add(&row, "attempts", INT2OID, Int16GetDatum(0), false);
	rows_insert(internal_table("inbox_queue"), &row, 1);
}

static void
insert_unacknowledged(int64 id, const char *access_point, const char *message_id)
{
	Row			row;

	row.arguments.count = 0;
	row_add_text(&row, "access_point", access_point);
	row_add_text(&row, "message_id", message_id);
	row_add(&row, "inbox_id", INT8OID, Int64GetDatum(id), false);
	rows_insert(internal_table("inbox_unacknowledged"), &row, 1);
}

/* 0 when the message is ours already. */
static int64
insert_row(const char *access_point, const GatewayAnswer *message, const Routing *routing, int64 exchange_id, bool consumed)
{
	TimestampTz now = GetCurrentTimestamp();
	int64		id;

	if (is_known(access_point, message))
		return 0;
	id = row_next_number("ootspg_internal", "inbox_history_inbox_id_seq");
	insert_history(id, access_point, message, routing, exchange_id, now, consumed);
	if (!consumed)
		insert_unacknowledged(id, access_point, message->message_id);
	insert_queue(id, access_point, routing, exchange_id, now);
	return id;
}

static void
erase_parts(int64 inbox_id)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(inbox_id), false);
	query_run("DELETE FROM ootspg_internal.inbox_part WHERE inbox_id = $1", &arguments, false, 0, SPI_OK_DELETE);
}

/* Nothing but its id is known: asked for, or given up before it came after all. */
static bool
is_empty(const InboxEntry *entry)
{
	return entry->acknowledged_at == 0 && !entry->has_content &&
		(entry->state == INBOX_FETCHING || entry->state == INBOX_QUARANTINED);
}

/* The same sender and id, by another access point (D-TMO-07): counted there, and true. */
static bool
came_another_way(const char *access_point, const GatewayAnswer *message)
{
	QueryArguments arguments = {0};
	bool		isnull;

	query_add_text(&arguments, message->from_party_type);
	query_add_text(&arguments, message->from_party);
	query_add_text(&arguments, message->message_id);
	query_add_text(&arguments, access_point);
	if (query_run("UPDATE ootspg_internal.inbox_history SET duplicates = duplicates + 1 WHERE from_party_type = $1 AND from_party = $2 AND message_id = $3 "
				  "AND access_point <> $4 RETURNING exchange_id", &arguments, false, 0, SPI_OK_UPDATE_RETURNING) == 0)
		return false;
	tell(DatumGetInt64(query_value(0, 1, &isnull)), "message_duplicate", "in", message->message_id, 0, 0, access_point);
	return true;
}

static void
forget_row(const InboxEntry *entry)
{
	QueryArguments arguments = {0};

	erase_parts(entry->id);
	query_add(&arguments, INT8OID, Int64GetDatum(entry->id), false);
	query_run("WITH q AS (DELETE FROM ootspg_internal.inbox_queue WHERE inbox_id = $1) DELETE FROM ootspg_internal.inbox_history WHERE inbox_id = $1", &arguments, false, 0, SPI_OK_DELETE);
}

static void
queue_anew(int64 inbox_id, const char *state, int64 exchange_id)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(inbox_id), false);
	query_add_text(&arguments, state);
	query_add(&arguments, INT8OID, Int64GetDatum(exchange_id), false);
	query_run("SELECT ootspg_internal.inbox_back($1, $2, $3)", &arguments, false, 1, SPI_OK_SELECT);
}

/*
 * A journalled row takes what was fetched, and a message that could not be had before
 * may have come now.
 */
static int64
fill_row(const InboxEntry *entry, const GatewayAnswer *message, const Routing *routing, int64 exchange_id, bool consumed)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(entry->id), false);
	query_add_text(&arguments, message->from_party);
	query_add_text(&arguments, message->from_party_type);
	query_add_text(&arguments, routing->header ? routing->header->service : NULL);
	query_add_text(&arguments, routing->header ? routing->header->action : NULL);
	query_add(&arguments, BOOLOID, BoolGetDatum(consumed), false);
	add_recipient(&arguments, routing->header);
	query_run("WITH u AS (INSERT INTO ootspg_internal.inbox_unacknowledged SELECT h.access_point, h.message_id, h.inbox_id "
			  "FROM ootspg_internal.inbox_history h WHERE h.inbox_id = $1 AND NOT $6 ON CONFLICT DO NOTHING) "
			  "UPDATE ootspg_internal.inbox_history SET from_party = $2, from_party_type = $3, service = $4, action = $5, "
			  "recipient_scheme = $7, recipient = $8, acknowledged_at = CASE WHEN $6 THEN clock_timestamp() END WHERE inbox_id = $1",
			  &arguments, false, 0, SPI_OK_UPDATE);
	queue_anew(entry->id, states[routing->state], exchange_id);
	erase_parts(entry->id);
	return entry->id;
}

/* Returns the bytes of all but the header. */
static int64
store_contents(int64 inbox_id, const GatewayAnswer *message)
{
	const ListCell *cell;
	Parts		parts = {0};
	int64		bytes = 0;

	parts_add(&parts, NULL, NULL, message->header, message->header_length);
	foreach(cell, message->parts)
	{
		const GatewayPart *part = lfirst(cell);

		parts_add(&parts, part->content_id, part->media_type, part->bytes, part->length);
		bytes += part->length;
	}
	parts_store_in(&parts, inbox_id);
	return bytes;
}

static InboxEntry *
known(const char *access_point, const char *message_id)
{
	List	   *entries = inbox_find(access_point, list_make1(pstrdup(message_id)));

	return entries ? linitial(entries) : NULL;
}

/* What is ours already under this id; only one of which nothing is here takes the message. */
static InboxStored
store_again(const char *access_point, const GatewayAnswer *message, const Routing *routing, int64 exchange_id, bool consumed, int64 *inbox_id)
{
	InboxEntry *entry = known(access_point, message->message_id);

	if (entry != NULL && !is_empty(entry))
	{
		if (entry->acknowledged_at == 0)
			return INBOX_STORED_BEFORE;
		inbox_came_again(entry);
		return INBOX_DUPLICATE;
	}
	if (came_another_way(access_point, message) || entry == NULL)
	{
		if (entry != NULL)
			forget_row(entry);
		return INBOX_DUPLICATE;
	}
	*inbox_id = fill_row(entry, message, routing, exchange_id, consumed);
	return INBOX_STORED;
}

InboxStored
inbox_store(const char *access_point, const GatewayAnswer *message, bool consumed)
{
	Routing		routing = route(message);
	int64		exchange_id = exchange_new_id();
	int64		inbox_id = insert_row(access_point, message, &routing, exchange_id, consumed);
	int64		bytes;

	if (inbox_id == 0)
	{
		InboxStored stored = store_again(access_point, message, &routing, exchange_id, consumed, &inbox_id);

		if (stored != INBOX_STORED)
			return stored;
	}
	bytes = store_contents(inbox_id, message);
	tell(exchange_id, "message_received", "in", message->message_id, list_length(message->parts), bytes, message->detail);
	if (routing.quarantine != NULL)
	{
		record_quarantined(exchange_id, message->message_id, routing.header, routing.quarantine);
		put_aside(inbox_id, routing.quarantine);
	}
	return routing.state == INBOX_DIRECTORY ? INBOX_STORED_FOR_DIRECTORY : INBOX_STORED;
}

List *
inbox_unacknowledged(const char *access_point)
{
	QueryArguments arguments = {0};
	List	   *message_ids = NIL;
	uint64		count;

	query_add_text(&arguments, access_point);
	/* what could not be had is none of these: it stays pending there, until an operator decides */
	count = query_run("SELECT u.message_id FROM ootspg_internal.inbox_unacknowledged u WHERE u.access_point = $1 ORDER BY u.inbox_id",
					  &arguments, false, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
		message_ids = lappend(message_ids, query_text(row, 1));
	return message_ids;
}

static void
add_times(QueryArguments *arguments, const TimestampTz *times, int count)
{
	Datum	   *values = palloc(sizeof(Datum) * count);

	for (int i = 0; i < count; i++)
		values[i] = TimestampTzGetDatum(times[i]);
	query_add(arguments, TIMESTAMPTZARRAYOID,
			  PointerGetDatum(construct_array(values, count, TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)), false);
}

void
inbox_acknowledged(const char *access_point, const List *message_ids, const TimestampTz *times)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, access_point);
	add_texts(&arguments, message_ids);
	add_times(&arguments, times, list_length(message_ids));
	/* each by both columns of its keys, whatever the planner knows of the tables */
	query_run("WITH m AS MATERIALIZED (SELECT (SELECT b.inbox_id FROM ootspg_internal.inbox_history b WHERE b.access_point = $1 AND b.message_id = n.id "
			  "AND b.acknowledged_at IS NULL) AS inbox_id, n.at FROM unnest($2, $3) n(id, at)), "
			  "u AS (DELETE FROM ootspg_internal.inbox_unacknowledged WHERE ctid = ANY (ARRAY(SELECT (SELECT k.ctid FROM ootspg_internal.inbox_unacknowledged k "
			  "WHERE k.access_point = $1 AND k.message_id = n.id) FROM unnest($2) n(id)))) "
			  "UPDATE ootspg_internal.inbox_history h SET acknowledged_at = (SELECT m.at FROM m WHERE m.inbox_id = h.inbox_id LIMIT 1) "
			  "WHERE h.inbox_id = ANY (ARRAY(SELECT m.inbox_id FROM m))",
			  &arguments, false, 0, SPI_OK_UPDATE);
}

void
inbox_came_again(const InboxEntry *entry)
{
	QueryArguments arguments = {0};
	bool		isnull;

	query_add(&arguments, INT8OID, Int64GetDatum(entry->id), false);
	query_run("UPDATE ootspg_internal.inbox_history SET duplicates = duplicates + 1 WHERE inbox_id = $1 RETURNING exchange_id",
			  &arguments, false, 0, SPI_OK_UPDATE_RETURNING);
	tell(DatumGetInt64(query_value(0, 1, &isnull)), "message_duplicate", "in", entry->message_id, 0, 0, NULL);
}

void
inbox_quarantine(const char *access_point, const char *message_id, int sqlstate, const char *reason)
{
	QueryArguments arguments = {0};
	int64		exchange_id = exchange_new_id();

	query_add_text(&arguments, access_point);
	query_add_text(&arguments, message_id);
	query_add(&arguments, INT8OID, Int64GetDatum(exchange_id), false);
	query_add_text(&arguments, unpack_sql_state(sqlstate));
	query_add_text(&arguments, reason);
	if (query_run("WITH h AS (INSERT INTO ootspg_internal.inbox_history AS i (access_point, message_id, received_at, exchange_id, reason) "
				  "VALUES ($1, $2, clock_timestamp(), $3, $5) ON CONFLICT (access_point, message_id) DO UPDATE SET exchange_id = $3, reason = $5 "
				  "WHERE EXISTS (SELECT FROM ootspg_internal.inbox_queue q WHERE q.inbox_id = i.inbox_id AND q.state = 'fetching') RETURNING i.inbox_id, i.received_at) "
				  "INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, state, last_error) "
				  "SELECT h.inbox_id, $1, $3, h.received_at, 'quarantined', $4 FROM h "
				  "ON CONFLICT (inbox_id) DO UPDATE SET state = 'quarantined', exchange_id = $3, last_error = $4",
				  &arguments, false, 0, SPI_OK_INSERT) == 0)
		return;
	record_quarantined(exchange_id, message_id, NULL, reason);
	tell(exchange_id, "message_quarantined", "in", message_id, 0, 0, reason);
}

void
inbox_journal(const char *access_point, const char *message_id)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, access_point);
	query_add_text(&arguments, message_id);
	query_run("WITH h AS (INSERT INTO ootspg_internal.inbox_history (access_point, message_id, received_at, exchange_id) "
			  "VALUES ($1, $2, clock_timestamp(), 0) ON CONFLICT DO NOTHING RETURNING inbox_id, received_at) "
			  "INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, state) "
			  "SELECT h.inbox_id, $1, 0, h.received_at, 'fetching' FROM h", &arguments, false, 0, SPI_OK_INSERT);
}

void
inbox_keep_raw(const char *access_point, const char *message_id, const char *content_type, const char *bytes, size_t length)
{
	InboxEntry *entry = known(access_point, message_id);
	ClosedPlace place = {.table = "inbox_part",.column = "content",.part = -1};
	QueryArguments arguments = {0};

	if (entry == NULL || !is_empty(entry))
		return;
	place.row = entry->id;
	/* an earlier one could not be read */
	erase_parts(entry->id);
	query_add(&arguments, INT8OID, Int64GetDatum(entry->id), false);
	query_add_text(&arguments, content_type);
	query_add_text(&arguments, content_add_argument(&arguments, &place, bytes, length));
	query_run("INSERT INTO ootspg_internal.inbox_part (inbox_id, part, media_type, content, content_key) VALUES ($1, -1, $2, $3, $4)",
			  &arguments, false, 0, SPI_OK_INSERT);
}

List *
inbox_unfinished(const char *access_point)
{
	QueryArguments arguments = {0};
	List	   *result = NIL;
	uint64		count;

	query_add_text(&arguments, access_point);
	count = query_run("SELECT i.message_id, coalesce(p.media_type, ''), p.content, p.content_key, q.inbox_id FROM ootspg_internal.inbox_queue q "
					  "JOIN ootspg_internal.inbox_history i ON i.inbox_id = q.inbox_id "
					  "LEFT JOIN ootspg_internal.inbox_part p ON p.inbox_id = q.inbox_id AND p.part = -1 "
					  "WHERE q.access_point = $1 AND q.state <> 'waiting' AND q.state = 'fetching' ORDER BY q.inbox_id",
					  &arguments, false, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
	{
		InboxRaw   *raw = palloc0(sizeof(InboxRaw));
		ClosedPlace place = {.table = "inbox_part",.column = "content",.part = -1};
		bool		isnull;

		place.row = DatumGetInt64(query_value(row, 5, &isnull));
		raw->message_id = query_text(row, 1);
		raw->bytes = content_of_result(row, 3, &place, &raw->length);
		if (raw->bytes != NULL)
			raw->content_type = query_text(row, 2);
		result = lappend(result, raw);
	}
	return result;
}
