/*
 * expire.c
 *		An answer with evidence that could not be handed over within T1 does not
 *		leave any more; the requester gets EDM:ERR:0005 instead (D-TMO-03). The
 *		request is read once more from the audit, because the inbox has erased it;
 *		the registry is not asked.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "exchange/exchange.h"
#include "exchange/outbox.h"
#include "query.h"

static const char *
bytes_of(int column, size_t *length)
{
	bool		isnull;
	Datum		value = query_value(0, column, &isnull);
	bytea	   *bytes = isnull ? NULL : DatumGetByteaPP(value);

	*length = bytes ? VARSIZE_ANY_EXHDR(bytes) : 0;
	return bytes ? VARDATA_ANY(bytes) : NULL;
}

/* NULL when the audit does not have it any more. */
static Exchange *
load(int64 exchange_id)
{
	QueryArguments arguments = {0};
	Exchange   *exchange = palloc0(sizeof(Exchange));
	bool		isnull;

	query_add(&arguments, INT8OID, Int64GetDatum(exchange_id), false);
	if (query_run("SELECT e.first_part, e.header, x.received_at FROM ootspg.exchange x JOIN ootspg.exchange_event e USING (exchange_id) "
				  "WHERE x.exchange_id = $1 AND e.event_type = 'request_received' AND x.state = 'answered'",
				  &arguments, false, 1, SPI_OK_SELECT) == 0)
		return NULL;
	exchange->id = exchange_id;
	exchange->body = bytes_of(1, &exchange->body_length);
	exchange->header_bytes = bytes_of(2, &exchange->header_length);
	exchange->received_at = DatumGetTimestampTz(query_value(0, 3, &isnull));
	return exchange;
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
