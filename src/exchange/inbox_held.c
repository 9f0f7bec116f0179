/*
 * inbox_held.c
 *		Messages that wait for a user's decision: between the request and its answer lies a
 *		preview, in other sessions and other transactions.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "exchange/inbox.h"
#include "exchange/outbox.h"
#include "query.h"

void
inbox_hold(const InboxClaim *claim)
{
	inbox_ended(claim, "held", NULL);
}

bool
inbox_finish_held(int64 exchange_id, const Exchange *answer)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	char	   *access_point = NULL;

	query_add(&arguments, INT8OID, Int64GetDatum(exchange_id), false);
	query_add_text(&arguments, answer->verdict.outcome == OUTCOME_UNANSWERABLE ? "unanswerable" : "answered");
	query_add_text(&arguments, answer->verdict.reason);
	owner_begin(&caller);
	if (query_run("UPDATE ootspg_internal.inbox_history SET state = $2, reason = $3 WHERE exchange_id = $1 AND state = 'held' RETURNING access_point",
				  &arguments, false, 0, SPI_OK_UPDATE_RETURNING) > 0)
		access_point = query_text(0, 1);
	owner_end(&caller);
	if (access_point != NULL && answer->answer_header.data != NULL)
		outbox_add(access_point, answer);
	return access_point != NULL;
}
