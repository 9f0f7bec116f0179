/*
 * inbox_answer.c
 *		Answering what the inbox holds: a message that was claimed is answered in one
 *		transaction together with everything that follows from it.
 *
 *		The answering role has no privilege on the inbox: these statements run as
 *		its owner; what asks the registry runs as the role.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "audit/content_key.h"
#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "exchange/exchange.h"
#include "exchange/inbox.h"
#include "exchange/outbox.h"
#include "exchange/stamping.h"
#include "query.h"

static char *
content_of(const InboxClaim *claim, int part, int column, size_t *length)
{
	ClosedPlace place = {.table = "inbox_part",.column = "content",.row = claim->id,.part = part};

	return content_of_result(0, column, &place, length);
}

/* The message; its contents live as long as the transaction. */
static Exchange *
load(const InboxClaim *claim)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	Exchange   *exchange = palloc0(sizeof(Exchange));
	Datum		role;
	bool		isnull;

	query_add(&arguments, INT8OID, Int64GetDatum(claim->id), false);
	query_add_text(&arguments, claim->access_point);
	owner_begin(&caller);
	query_run("SELECT coalesce((SELECT a.trust_timestamp FROM ootspg.access_point a WHERE a.access_point = $2), false), "
			  "(SELECT ootspg_internal.bound_role_oid(a.answer_role) FROM ootspg.access_point a WHERE a.access_point = $2), "
			  "h.content, h.content_key, b.content, b.content_key FROM (VALUES (true)) one "
			  "LEFT JOIN ootspg_internal.inbox_part h ON h.inbox_id = $1 AND h.part = 0 "
			  "LEFT JOIN ootspg_internal.inbox_part b ON b.inbox_id = $1 AND b.part = 1",
			  &arguments, false, 1, SPI_OK_SELECT);
	owner_end(&caller);
	exchange->id = claim->exchange_id;
	exchange->received_at = claim->received_at;
	exchange->untrusted_timestamp = !query_bool(0, 1);
	exchange->header_bytes = content_of(claim, 0, 3, &exchange->header_length);
	exchange->body = content_of(claim, 1, 5, &exchange->body_length);
	exchange->by_worker = true;
	role = query_value(0, 2, &isnull);
	exchange->default_role = isnull ? InvalidOid : DatumGetObjectId(role);
	return exchange;
}

void
inbox_answer(const InboxClaim *claim)
{
	Exchange   *exchange = load(claim);

	if (claim->attempt >= INBOX_LAST_ATTEMPT)
		exchange->refusal = psprintf("given up after %d attempts", claim->attempt - 1);
	exchange_answer(exchange);
	/* opened, it turned out to be for a provider that another role answers for */
	if (exchange->elsewhere != NULL)
	{
		inbox_hand_over(claim, exchange->elsewhere->scheme, exchange->elsewhere->identifier);
		return;
	}
	if (exchange->awaits_stamps)
	{
		stamping_wait(claim, exchange);
		return;
	}
	if (exchange->held)
	{
		inbox_hold(claim);
		return;
	}
	if (exchange->answer_header.data != NULL)
		outbox_add(claim->access_point, exchange);
	/* kept for an operator, who may put the sender on the list and then release it */
	if (exchange->sender_refused || exchange->refusal != NULL)
		inbox_set_aside(claim, exchange->sender_refused ? exchange->verdict.reason : exchange->refusal);
	else
		inbox_ended(claim, exchange->verdict.outcome == OUTCOME_UNANSWERABLE ? "unanswerable" : "answered", exchange->verdict.reason);
}

/* Not even a refusal could be written: the message is kept for an operator. */
void
inbox_give_up(const InboxClaim *claim, int sqlstate)
{
	Exchange   *exchange;
	char	   *reason = sqlstate ? psprintf("could not be answered: SQLSTATE %s", unpack_sql_state(sqlstate)) :
		"could not be answered: the process ended each time";
	ExchangeEvent event = {.time = GetCurrentTimestamp(),.type = "message_quarantined",.direction = "in",.detail = reason};
	QueryArguments arguments = {0};
	OwnerSwitch caller;

	if (!inbox_lock(claim))
		return;
	exchange = load(claim);
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
	owner_begin(&caller);
	query_run("INSERT INTO ootspg.exchange (exchange_id, received_at, state, outcome, reason) OVERRIDING SYSTEM VALUE "
			  "VALUES ($1, $2, 'quarantined', 'unanswerable', $3)", &arguments, false, 0, SPI_OK_INSERT);
	owner_end(&caller);
	inbox_set_aside(claim, reason);
}
