/*
 * event.c
 *		Write audit rows.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "audit/data_key.h"
#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "row.h"
#include "seal/sha256.h"

PG_FUNCTION_INFO_V1(ootspg_next_event_id);

/*
 * A transaction has its xid before it has a number: when all transactions with smaller xids are over, no row comes any more with a
 * number given before (sql/ootspg/audit/head.sql).
 */
static int64
next_event_id(void)
{
	PreventCommandIfReadOnly("INSERT");
	(void) GetTopTransactionId();
	return row_next_number("ootspg_internal", "event_seq");
}

/* What rows get that are written by statements. */
Datum
ootspg_next_event_id(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(next_event_id());
}

static void
add_facts(Row *row, const char *facts)
{
	Datum		value = facts ? DirectFunctionCall1(jsonb_in, CStringGetDatum(facts)) : (Datum) 0;

	row_add(row, "facts", JSONBOID, value, facts == NULL);
}

/* Bytes of others as they stand in the row: closed where the audit has readers. */
typedef struct Stored
{
	const void *bytes;			/* NULL: none */
	size_t		length;
} Stored;

static Stored
stored_as(DataKey *key, const char *column, int64 event_id, const char *bytes, size_t length)
{
	ClosedPlace place = {.table = "exchange_event",.column = column,.row = event_id};
	bytea	   *closed;

	if (bytes == NULL || key == NULL)
		return (Stored) {bytes, length};
	closed = closed_make(key, &place, bytes, length);
	return (Stored) {VARDATA(closed), VARSIZE(closed) - VARHDRSZ};
}

/* The column is generated where others write it: this digest is the same, at the price of the digest. */
static void
add_digest(Row *row, const Stored *first_part)
{
	uint8		digest[SHA256_BYTES];

	if (first_part->bytes != NULL)
		sha256_bytes(first_part->bytes, first_part->length, digest);
	row_add_bytes(row, "first_part_sha256", first_part->bytes ? digest : NULL, SHA256_BYTES);
}

static void
add_key(Row *row, const DataKey *key)
{
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));

	if (key != NULL)
		memcpy(id->data, key->id, CLOSED_ID_BYTES);
	row_add(row, "audit_key", UUIDOID, UUIDPGetDatum(id), key == NULL);
}

/* In the order of the columns. */
static void
event_row(Row *row, int64 exchange_id, const char *provider, const ExchangeEvent *event)
{
	int64		id = next_event_id();
	DataKey    *key = event->first_part != NULL || event->header != NULL ? data_key(provider) : NULL;
	Stored		first_part = stored_as(key, "first_part", id, event->first_part, event->first_part_length);
	Stored		header = stored_as(key, "header", id, event->header, event->header_length);

	row->arguments.count = 0;
	row_add(row, "event_id", INT8OID, Int64GetDatum(id), false);
	row_add(row, "event_time", TIMESTAMPTZOID, TimestampTzGetDatum(event->time), false);
	row_add(row, "written_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()), false);
	row_add(row, "exchange_id", INT8OID, Int64GetDatum(exchange_id), false);
	row_add_text(row, "provider", provider);
	row_add_text(row, "event_type", event->type);
	row_add_text(row, "direction", event->direction);
	row_add_text(row, "written_by", GetUserNameFromId(GetSessionUserId(), false));
	add_facts(row, event->facts);
	row_add_text(row, "media_type", event->media_type);
	row_add_bytes(row, "first_part", first_part.bytes, first_part.length);
	add_digest(row, &first_part);
	row_add_bytes(row, "header", header.bytes, header.length);
	row_add_text(row, "exception_code", event->error ? event->error->code : NULL);
	row_add_text(row, "exception_type", event->error ? event->error->type : NULL);
	row_add_text(row, "severity", event->severity);
	row_add_text(row, "detail", event->detail);
	add_key(row, key);
}

/* Rows that go to one place by one call: of an exchange all do, but at the end of a month. */
static void
write_events(const int64 *exchange_ids, bool one_exchange, const char *provider, const ExchangeEvent *events, int count)
{
	Row		   *rows = palloc(count * sizeof(Row));
	Oid			place = InvalidOid;
	int			first = 0;

	for (int i = 0; i < count; i++)
	{
		Oid			own = i > 0 && events[i].time == events[i - 1].time ? place : audit_place("exchange_event", events[i].time);

		if (i > 0 && own != place)
		{
			rows_insert(place, rows + first, i - first);
			first = i;
		}
		place = own;
		event_row(&rows[i], exchange_ids[one_exchange ? 0 : i], provider, &events[i]);
	}
	if (count > 0)
		rows_insert(place, rows + first, count - first);
	pfree(rows);
}

void
audit_events(int64 exchange_id, const char *provider, const ExchangeEvent *events, int count)
{
	write_events(&exchange_id, true, provider, events, count);
}

void
audit_events_of(const int64 *exchange_ids, const ExchangeEvent *events, int count)
{
	write_events(exchange_ids, false, NULL, events, count);
}

void
audit_evidence(TimestampTz time, int64 exchange_id, const char *provider,
			   const Piece *piece, const char *decision)
{
	Row			row;

	row.arguments.count = 0;
	row_add(&row, "event_id", INT8OID, Int64GetDatum(next_event_id()), false);
	row_add(&row, "event_time", TIMESTAMPTZOID, TimestampTzGetDatum(time), false);
	row_add(&row, "exchange_id", INT8OID, Int64GetDatum(exchange_id), false);
	row_add_text(&row, "provider", provider);
	row_add(&row, "evidence_id", UUIDOID, DirectFunctionCall1(uuid_in, CStringGetDatum(piece->evidence_id)), false);
	row_add_text(&row, "role", piece->role);
	row_add_text(&row, "media_type", piece->media_type);
	row_add_text(&row, "content_id", piece->content_id);
	row_add(&row, "size_bytes", INT8OID, Int64GetDatum((int64) piece->length), false);
	row_add_bytes(&row, "sha256_as_held", piece->sha256, SHA256_BYTES);
	row_add_text(&row, "conforms_to", piece->conforms_to);
	row_add_text(&row, "language", piece->language);
	row_add_text(&row, "seal_key", piece->seal_key);
	row_add_bytes(&row, "certificate_sha256", piece->certificate_sha256, SHA256_BYTES);
	row_add_text(&row, "decision", decision);
	row_add_text(&row, "seal_level", piece->seal_level);
	rows_insert(audit_place("evidence_event", time), &row, 1);
}

void
facts_begin(Facts *facts)
{
	initStringInfo(&facts->json);
	appendStringInfoChar(&facts->json, '{');
}

static void
facts_name(Facts *facts, const char *name)
{
	if (facts->json.len > 1)
		appendStringInfoString(&facts->json, ", ");
	escape_json(&facts->json, name);
	appendStringInfoString(&facts->json, ": ");
}

void
facts_text(Facts *facts, const char *name, const char *value)
{
	if (value == NULL)
		return;
	facts_name(facts, name);
	escape_json(&facts->json, value);
}

void
facts_number(Facts *facts, const char *name, int64 value)
{
	facts_name(facts, name);
	appendStringInfo(&facts->json, INT64_FORMAT, value);
}

void
facts_flag(Facts *facts, const char *name, bool value)
{
	facts_name(facts, name);
	appendStringInfoString(&facts->json, value ? "true" : "false");
}

void
facts_texts(Facts *facts, const char *name, const List *values)
{
	const ListCell *cell;
	const char *separator = "[";

	if (values == NIL)
		return;
	facts_name(facts, name);
	foreach(cell, values)
	{
		appendStringInfoString(&facts->json, separator);
		escape_json(&facts->json, lfirst(cell));
		separator = ", ";
	}
	appendStringInfoChar(&facts->json, ']');
}

const char *
facts_end(Facts *facts)
{
	appendStringInfoChar(&facts->json, '}');
	return facts->json.data;
}
