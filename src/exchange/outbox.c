/*
 * outbox.c
 *		The answer of an exchange goes to the outbox: its message id is chosen and committed with
 *		the whole submission, before the first call (access point §5.3).
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "audit/data_key.h"
#include "exchange/outbox.h"
#include "exchange/parts.h"
#include "row.h"

/* Evidence is of no use after T1; an error may come late. */
static TimestampTz
expiry(const Exchange *exchange)
{
	return IS_EXCEPTION(exchange) ? DT_NOEND : exchange_deadline(exchange);
}

static Oid
table(const char *name)
{
	return get_relname_relid(name, get_namespace_oid("ootspg_internal", false));
}

/* What history and queue both know. */
static void
add_common(Row *row, int64 id, const char *access_point, const Exchange *exchange)
{
	row->arguments.count = 0;
	row_add(row, "outbox_id", INT8OID, Int64GetDatum(id), false);
	row_add_text(row, "access_point", access_point);
	row_add(row, "exchange_id", INT8OID, Int64GetDatum(exchange->id), false);
	row_add_text(row, "message_id", exchange->answer_message_id);
}

static void
add_times(Row *row, TimestampTz created_at, TimestampTz expires_at)
{
	row_add(row, "created_at", TIMESTAMPTZOID, TimestampTzGetDatum(created_at), false);
	row_add(row, "expires_at", TIMESTAMPTZOID, TimestampTzGetDatum(expires_at), TIMESTAMP_NOT_FINITE(expires_at));
}

/* As ootspg_internal.outbox_add() does it, without a statement. */
static int64
insert_row(const char *access_point, const Exchange *exchange)
{
	int64		id = row_next_number("ootspg_internal", "outbox_history_outbox_id_seq");
	TimestampTz now = GetCurrentTimestamp();
	Row			row;

	add_common(&row, id, access_point, exchange);
	row_add_text(&row, "action", IS_EXCEPTION(exchange) ? "ExceptionResponse" : "ExecuteQueryResponse");
	add_times(&row, now, expiry(exchange));
	rows_insert(table("outbox_history"), &row, 1);
	add_common(&row, id, access_point, exchange);
	add_times(&row, now, expiry(exchange));
	row_add_text(&row, "state", "waiting");
	row_add(&row, "attempts", INT2OID, Int16GetDatum(0), false);
	row_add(&row, "checks", INT2OID, Int16GetDatum(0), false);
	rows_insert(table("outbox_queue"), &row, 1);
	return id;
}

/* What expires is answered once more from the request, which the audit does not show to the server. */
static void
keep_request(Parts *parts, const Exchange *exchange)
{
	const char *provider = exchange->provider ? exchange->provider->name : NULL;

	if (TIMESTAMP_NOT_FINITE(expiry(exchange)) || exchange->body == NULL || data_key(provider) == NULL)
		return;
	if (exchange->header_bytes != NULL)
		parts_add_as(parts, PART_REQUEST_HEADER, NULL, NULL, exchange->header_bytes, exchange->header_length);
	parts_add_as(parts, PART_REQUEST_BODY, NULL, NULL, exchange->body, exchange->body_length);
}

void
outbox_add(const char *access_point, const Exchange *exchange)
{
	int64		id = insert_row(access_point, exchange);
	Parts		parts = {0};
	ListCell   *cell;

	parts_add(&parts, NULL, NULL, exchange->answer_header.data, exchange->answer_header.len);
	parts_add(&parts, exchange->content_id, "application/x-ebrs+xml", exchange->message.data, exchange->message.len);
	foreach(cell, exchange->pieces)
	{
		const Piece *piece = lfirst(cell);

		parts_add(&parts, piece->content_id, piece->media_type, piece->content, piece->length);
	}
	keep_request(&parts, exchange);
	parts_store_out(&parts, id);
}
