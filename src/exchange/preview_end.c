/*
 * preview_end.c
 *		How a held request is answered: with what the user accepted, in the transaction
 *		of the decision, or with EDM:ERR:0005 when the time is over. The answer goes
 *		the way that the request came: through the outbox of its access point, or to
 *		the application that asks ootspg.answer_of().
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "audit/content_key.h"
#include "audit/partition.h"
#include "compat.h"
#include "exchange/exchange.h"
#include "exchange/inbox.h"
#include "library.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_answer_preview);
PG_FUNCTION_INFO_V1(ootspg_expire_preview);

/* Who asks for it may be late: evidence waits for a moment, what tells nothing of anybody for a day. */
#define EVIDENCE_WAITS_MS	(10 * 60 * 1000)
#define ERROR_WAITS_MS		(24 * 60 * 60 * 1000)

static TimestampTz
forget_at(const Exchange *exchange, const PreviewSession *session)
{
	TimestampTz now = GetCurrentTimestamp();

	if (exchange->pieces == NIL)
		return TimestampTzPlusMilliseconds(now, ERROR_WAITS_MS);
	return Max(session->forget_at, TimestampTzPlusMilliseconds(now, EVIDENCE_WAITS_MS));
}

static void
put_part(const Exchange *exchange, const PreviewSession *session, int part, const char *content_id, const char *media_type,
		 const char *content, size_t length)
{
	ClosedPlace place = {.table = "late_answer",.column = "content",.row = exchange->id,.part = part};
	QueryArguments arguments = {0};
	const char *content_key;
	OwnerSwitch caller;

	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	query_add(&arguments, INT4OID, Int32GetDatum(part), false);
	query_add_text(&arguments, outcome_name(exchange->verdict.outcome));
	query_add_text(&arguments, content_id);
	query_add_text(&arguments, media_type);
	content_key = content_add_argument(&arguments, &place, content, length);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(forget_at(exchange, session)), false);
	query_add_text(&arguments, content_key);
	owner_begin(&caller);
	query_run("INSERT INTO ootspg_internal.late_answer (exchange_id, part, outcome, content_id, media_type, content, forget_at, content_key) "
			  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", &arguments, false, 0, SPI_OK_INSERT);
	owner_end(&caller);
}

/* For who asked by ootspg.answer(); part 1 is there in any case, so that the outcome can be told. */
static void
keep_answer(const Exchange *exchange, const PreviewSession *session)
{
	int			part = 1;
	ListCell   *cell;

	put_part(exchange, session, part++, exchange->content_id, "application/x-ebrs+xml", exchange->message.data, exchange->message.len);
	foreach(cell, exchange->pieces)
	{
		const Piece *piece = lfirst(cell);

		put_part(exchange, session, part++, piece->content_id, piece->media_type, piece->content, piece->length);
	}
}

/* The verdict is there: write the answer, record it, hand it over. */
static void
finish(Exchange *exchange, const PreviewSession *session)
{
	exchange->answered_at = GetCurrentTimestamp();
	audit_prepare(exchange->answered_at);
	exchange_reply(exchange);
	exchange_record_again(exchange);
	exchange_count(exchange, outcome_name(exchange->verdict.outcome));
	if (!inbox_finish_held(exchange->id, exchange))
		keep_answer(exchange, session);
}

static Provider *
provider_called(const char *name)
{
	QueryArguments arguments = {0};
	Provider   *provider = NULL;
	OwnerSwitch caller;

	query_add_text(&arguments, name);
	owner_begin(&caller);
	if (query_run("SELECT p.scheme, p.identifier FROM ootspg.provider p WHERE p.provider = $1", &arguments, true, 1, SPI_OK_SELECT) > 0)
		provider = provider_by_identifier(query_text(0, 1), query_text(0, 2));
	owner_end(&caller);
	return provider;
}

static Exchange *
held_exchange(const PreviewSession *session)
{
	Exchange   *exchange = palloc0(sizeof(Exchange));

	exchange->id = session->second_exchange_id;
	exchange->first_id = session->exchange_id;
	exchange->received_at = session->second_received_at;
	exchange->deadline = session->ends_at;
	exchange->header_bytes = session->second_header;
	exchange->header_length = session->second_header_length;
	return exchange;
}

/*
 * It was read and judged when it came; now it is read once more, for what an answer repeats.
 * The type answers as it was asked, whatever became of its row since.
 */
static Exchange *
held_request(const PreviewSession *session, LinkKeys *keys)
{
	Exchange   *exchange = held_exchange(session);
	OwnerSwitch caller;

	exchange->sender_accepted = true;
	exchange->body = preview_second_body(session, keys, &exchange->body_length);
	if (exchange->body == NULL)
		elog(ERROR, "the held request of a preview is gone");
	exchange_receive(exchange);
	exchange->provider = provider_called(session->provider);
	if (exchange->provider == NULL)
		verdict_outcome(exchange, OUTCOME_UNANSWERABLE, "the provider is gone");
	owner_begin(&caller);
	exchange->type = evidence_type_by_name(session->evidence_type, exchange->line);
	owner_end(&caller);
	if (exchange->type == NULL)
		verdict_error(exchange, 8, NULL, "the evidence type is gone");
	else if (exchange->type->classification == NULL)
	{
		/* others of this backend use what was read as well */
		exchange->type = memcpy(palloc(sizeof(EvidenceType)), exchange->type, sizeof(EvidenceType));
		exchange->type->classification = exchange->request->classification;
	}
	return exchange;
}

Datum
ootspg_answer_preview(PG_FUNCTION_ARGS)
{
	PreviewSession *session;
	Exchange   *exchange;
	LinkKeys	keys;

	library_require_objects();
	SPI_connect();
	(void) link_keys(text_to_cstring(PG_GETARG_TEXT_PP(1)), &keys);
	session = preview_by_id(PG_GETARG_INT64(0));
	if (session == NULL || session->state != PREVIEW_DECIDED || session->second_exchange_id == 0)
		elog(ERROR, "the preview is not one to be answered");
	exchange = held_request(session, &keys);
	exchange_take_result(exchange, session, &keys);
	link_forget(&keys);
	finish(exchange, session);
	preview_answered(session, exchange->id);
	SPI_finish();
	PG_RETURN_VOID();
}

/* Nothing that is encrypted is needed: who asked, by which id, and the header stand apart. */
static void
answer_too_late(const PreviewSession *session)
{
	Exchange   *exchange = held_exchange(session);
	XmlDocument *document;

	exchange->line = session->line;
	exchange->provider = provider_called(session->provider);
	exchange->request = palloc0(sizeof(Request));
	exchange->request->id = session->second_request_id;
	exchange->request->requester = session->requester;
	if (exchange->header_bytes != NULL)
	{
		document = xml_read(exchange->header_bytes, exchange->header_length, &exchange->fault);
		exchange->header = document ? header_read(document) : NULL;
	}
	verdict_error(exchange, 5, NULL, "time limit T3 passed");
	finish(exchange, session);
}

Datum
ootspg_expire_preview(PG_FUNCTION_ARGS)
{
	PreviewSession *session;

	library_require_objects();
	SPI_connect();
	session = preview_overdue(PG_GETARG_INT64(0));
	if (session != NULL)
	{
		preview_expired(session, session->second_exchange_id != 0 ? "time limit T3 passed" : "time limit T2 passed");
		if (session->second_exchange_id != 0)
			answer_too_late(session);
	}
	SPI_finish();
	PG_RETURN_BOOL(session != NULL);
}
