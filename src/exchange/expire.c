/*
 * expire.c
 *		An answer with evidence that could not be handed over within T1 does not
 *		leave any more; the requester gets EDM:ERR:0005 instead (D-TMO-03). The
 *		request is read once more, from the audit or, where that is closed to its
 *		readers, from what the outbox keeps of it, because the inbox has erased it;
 *		the registry is not asked.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "audit/content_key.h"
#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "exchange/exchange.h"
#include "exchange/outbox.h"
#include "exchange/parts.h"
#include "query.h"

/* The request as the outbox keeps it where the audit is closed, as the audit has it where not. */
#define FIND_REQUEST \
	"SELECT x.received_at, o.outbox_id, " \
	"CASE WHEN e.audit_key IS NULL THEN e.first_part ELSE b.content END, CASE WHEN e.audit_key IS NOT NULL THEN b.content_key END, " \
	"CASE WHEN e.audit_key IS NULL THEN e.header ELSE h.content END, CASE WHEN e.audit_key IS NOT NULL THEN h.content_key END " \
	"FROM ootspg.exchange x JOIN ootspg.exchange_event e USING (exchange_id) " \
	"LEFT JOIN ootspg_internal.outbox_history o ON o.exchange_id = x.exchange_id AND o.state IS NULL " \
	"LEFT JOIN ootspg_internal.outbox_part h ON h.outbox_id = o.outbox_id AND h.part = -1 " \
	"LEFT JOIN ootspg_internal.outbox_part b ON b.outbox_id = o.outbox_id AND b.part = -2 " \
	"WHERE x.exchange_id = $1 AND e.event_type = 'request_received' AND x.state = 'answered' ORDER BY o.outbox_id DESC NULLS LAST"

static const char *
bytes_of(int column, int part, size_t *length)
{
	ClosedPlace place = {.table = "outbox_part",.column = "content",.part = part};
	bool		isnull;
	Datum		id = query_value(0, 2, &isnull);

	place.row = isnull ? 0 : DatumGetInt64(id);
	return content_of_result(0, column, &place, length);
}

/* NULL when nobody has it any more. */
static Exchange *
load(int64 exchange_id)
{
	QueryArguments arguments = {0};
	Exchange   *exchange = palloc0(sizeof(Exchange));
	bool		isnull;

	query_add(&arguments, INT8OID, Int64GetDatum(exchange_id), false);
	if (query_run(FIND_REQUEST, &arguments, false, 1, SPI_OK_SELECT) == 0)
		return NULL;
	exchange->id = exchange_id;
	exchange->body = bytes_of(3, PART_REQUEST_BODY, &exchange->body_length);
	exchange->header_bytes = bytes_of(5, PART_REQUEST_HEADER, &exchange->header_length);
	exchange->received_at = DatumGetTimestampTz(query_value(0, 1, &isnull));
	return exchange->body ? exchange : NULL;
}

bool
exchange_expire(const char *access_point, int64 exchange_id)
{
	Exchange   *exchange = load(exchange_id);

	if (exchange == NULL)
		return false;
	exchange->sender_accepted = true;
	exchange_receive(exchange);
	(void) exchange_address(exchange);
	exchange_resolve(exchange);
	exchange->verdict.outcome = OUTCOME_PENDING;
	verdict_error(exchange, 5, NULL, "time limit T1 passed before the answer could be handed over");
	exchange->answered_at = GetCurrentTimestamp();
	audit_prepare(exchange->answered_at);
	exchange_reply(exchange);
	if (exchange->answer_header.data == NULL)
		return false;
	exchange_record_again(exchange);
	exchange_count(exchange, "expired");
	outbox_add(access_point, exchange);
	return true;
}
