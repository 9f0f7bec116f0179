/*
 * reply.c
 *		From verdict to message: response or error for the request's line, and the
 *		ebMS header that would carry it (EDM §1.5, §1.6, §5).
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "exchange/exchange.h"
#include "message/moment.h"
#include "message/response.h"
#include "message/shape.h"
#include "uuid.h"

void
verdict_error(Exchange *exchange, int error, const char *detail, const char *reason)
{
	if (PENDING(exchange))
		exchange->verdict = (Verdict) {OUTCOME_ERROR, error_code(error), detail, reason};
}

void
verdict_outcome(Exchange *exchange, Outcome outcome, const char *reason)
{
	if (PENDING(exchange))
		exchange->verdict = (Verdict) {.outcome = outcome,.reason = reason};
}

const char *
outcome_name(Outcome outcome)
{
	switch (outcome)
	{
		case OUTCOME_PENDING:
			break;
		case OUTCOME_EVIDENCE:
			return "evidence";
		case OUTCOME_EMPTY:
			return "empty";
		case OUTCOME_DEFERRED:
			return "deferred";
		case OUTCOME_ERROR:
			return "error";
		case OUTCOME_UNANSWERABLE:
			return "unanswerable";
		case OUTCOME_PREVIEW:
			return "preview";
		case OUTCOME_HELD:
			return "held";
	}
	elog(ERROR, "exchange without verdict");
}

bool
outcome_is_success(Outcome outcome)
{
	return outcome == OUTCOME_EVIDENCE || outcome == OUTCOME_EMPTY || outcome == OUTCOME_DEFERRED;
}

/*
 * Can the requester be repeated in an answer without breaking the answer's own
 * rules (ERR-C009, C010, C027 to C029; EDM §2.0 table)?
 */
bool
requester_usable(const Exchange *exchange)
{
	const Agent *requester = exchange->request ? exchange->request->requester : NULL;
	ListCell   *cell;

	if (requester == NULL || requester->identifier == NULL || requester->names == NIL ||
		!code_is_agent_scheme(exchange->line, requester->scheme) || shape_length(requester->identifier) > 255)
		return false;
	foreach(cell, requester->names)
	{
		const LocalText *name = lfirst(cell);

		if (!code_in(CODES_LANGUAGE, exchange->line, name->language) || shape_length(name->text) < 2)
			return false;
	}
	return true;
}

const char *
usable_request_id(const Exchange *exchange)
{
	const char *id = exchange->request ? exchange->request->id : NULL;

	return (id != NULL && shape_urn_uuid(EDM_V20, id)) ? id : NULL;
}

/* In 1.0 an error must name its requester (ERR-S012): then there is no valid answer. */
static bool
answer_possible(const Exchange *exchange)
{
	return exchange->provider != NULL && (requester_usable(exchange) || exchange->line != EDM_V10);
}

static List *
response_items(const Exchange *exchange)
{
	List	   *items = NIL;
	ListCell   *cell;

	foreach(cell, exchange->pieces)
	{
		const Piece *piece = lfirst(cell);
		ResponseItem *item = palloc0(sizeof(ResponseItem));

		item->role = piece->role;
		item->evidence_id = piece->evidence_id;
		item->content_id = piece->content_id;
		item->media_type = piece->media_type;
		item->language = piece->language;
		item->conforms_to = piece->conforms_to;
		item->title = piece->title;
		item->authority = piece->authority;
		item->issuing_date = piece->issuing_date;
		item->valid_from = piece->valid_from;
		item->valid_until = piece->valid_until;
		items = lappend(items, item);
	}
	return items;
}

static ResponsePart *
response_part(const char *content_id, const char *media_type)
{
	ResponsePart *part = palloc(sizeof(ResponsePart));

	part->content_id = content_id;
	part->media_type = media_type;
	return part;
}

static void
write_header(Exchange *exchange, const ResponseFrame *frame)
{
	const char *action = IS_EXCEPTION(exchange) ? "ExceptionResponse" : "ExecuteQueryResponse";
	List	   *parts = list_make1(response_part(exchange->content_id, "application/x-ebrs+xml"));
	ListCell   *cell;

	foreach(cell, exchange->pieces)
	{
		const Piece *piece = lfirst(cell);

		parts = lappend(parts, response_part(piece->content_id, piece->media_type));
	}
	exchange->answer_message_id = psprintf("%s@%s", uuid_text(), exchange->provider->content_domain);
	initStringInfo(&exchange->answer_header);
	response_write_header(&exchange->answer_header, frame, exchange->header, action, exchange->answer_message_id, parts);
}

/* What came while the answer was written is not in it: a moment that has passed would promise nothing (D-TMO-08). */
static void
settle_available_at(Exchange *exchange)
{
	if (exchange->verdict.outcome == OUTCOME_DEFERRED)
		exchange->available_at = Max(exchange->available_at, exchange->answered_at + USECS_PER_SEC);
	else
		exchange->available_at = 0;
}

void
exchange_reply(Exchange *exchange)
{
	ResponseFrame frame = {0};

	settle_available_at(exchange);
	if (exchange->verdict.outcome == OUTCOME_ERROR && !answer_possible(exchange))
		exchange->verdict = (Verdict) {.outcome = OUTCOME_UNANSWERABLE,.reason = exchange->verdict.reason};
	if (exchange->verdict.outcome == OUTCOME_UNANSWERABLE || exchange->verdict.outcome == OUTCOME_HELD)
		return;

	exchange->response_id = uuid_text();
	exchange->content_id = psprintf("%s@%s", uuid_hex(), exchange->provider->content_domain);
	frame.line = exchange->line;
	frame.request_id = usable_request_id(exchange);
	frame.response_id = exchange->response_id;
	frame.issued = moment_text(exchange->answered_at);
	frame.available = exchange->available_at != 0 ? moment_text(exchange->available_at) : NULL;
	frame.provider = exchange->provider->agent;
	frame.requester = requester_usable(exchange) ? exchange->request->requester : NULL;
	initStringInfo(&exchange->message);
	if (IS_EXCEPTION(exchange))
		response_write_error(&exchange->message, &frame, exchange->verdict.error, exchange->verdict.detail, exchange->notice);
	else
		response_write(&exchange->message, &frame, exchange->request->subject,
					   exchange->type->classification, exchange->type->titles, response_items(exchange));
	if (exchange->header != NULL)
		write_header(exchange, &frame);
}
