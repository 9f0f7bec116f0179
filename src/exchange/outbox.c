/*
 * outbox.c
 *		The answer of an exchange goes to the outbox: its message id is chosen and committed with
 *		the whole submission, before the first call (access point §5.3).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

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
	query_run("SELECT ootspg_internal.outbox_add($1, $2, $3, $4, $5)", &arguments, false, 1, SPI_OK_SELECT);
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
