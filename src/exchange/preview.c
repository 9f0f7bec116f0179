/*
 * preview.c
 *		Evidence that a user must see before it leaves (D-PRE-01): the first request is
 *		matched, its pieces built, sealed and put aside, and answered with a link; the
 *		second one is known by the link, and waits for the user, or finds the decision
 *		made. Whichever of decision and second request comes last answers, under the
 *		lock of the preview's row (D-PRE-17).
 */
#include "postgres.h"

#include "utils/formatting.h"
#include "utils/timestamp.h"

#include "exchange/exchange.h"
#include "message/header.h"

/*
 * The requester's flag rules, not a list of ours (D-PRE-03): with it evidence leaves after a
 * preview or not at all; without it the user may still be asked to sign in again there (D-PRE-02). What the user will be told is known before anybody is looked up.
 */
void
exchange_check_preview(Exchange *exchange)
{
	Reauthentication reauthentication = exchange->type->reauthentication;
	PreviewSpace *space = NULL;
	bool		preview = true;

	if (IS_SECOND(exchange) || !request_boolean(exchange->request->possibility_for_preview, &preview) ||
		!(preview || reauthentication != REAUTHENTICATION_NONE))
		return;
	if (!exchange->type->preview_exempt)
		space = preview_space_of(exchange->provider->name);
	if (space != NULL && !space->closed && reauthentication != REAUTHENTICATION_NONE)
		exchange->sign_in_space = space;
	if (!preview && reauthentication != REAUTHENTICATION_REQUIRED)
		return;
	exchange->space = space;
	if (space == NULL)
		verdict_error(exchange, 7, "preview is not offered for this evidence type", "preview required but not offered");
	else if (space->closed)
		verdict_error(exchange, 8, "no preview begins for the time being", "preview space closed");
}

static const char *
wire_exchange_id(const Exchange *exchange)
{
	const HeaderProperty *property = exchange->header ? header_property(exchange->header, "ExchangeId") : NULL;

	return exchange->line == EDM_V20 && property != NULL ? property->value : NULL;
}

void
exchange_offer_preview(Exchange *exchange)
{
	PreviewOffer offer = {
		.exchange_id = exchange->id,
		.type = exchange->type,
		.line = exchange->line,
		.request = exchange->request,
		.wire_exchange_id = wire_exchange_id(exchange),
		.data_model = exchange->distribution->model,
		.data_model_version = exchange->distribution->model_version,
		.pieces = exchange->pieces,
		.awaited = exchange->awaited,
		.sign_in = exchange->sign_in || exchange->ambiguous || exchange->type->reauthentication == REAUTHENTICATION_REQUIRED,
		.ambiguous = exchange->ambiguous,
		.body = exchange->body,
		.body_length = exchange->body_length
	};
	const PreviewSpace *space = exchange->ambiguous ? exchange->sign_in_space : exchange->space;
	PreviewNotice *notice = exchange->notice = palloc(sizeof(PreviewNotice));

	notice->location = psprintf("%s%s", space->base_url, preview_begin(&offer));
	notice->descriptions = space->descriptions;
	notice->method = space->method;
	exchange->verdict = (Verdict) {OUTCOME_PREVIEW, error_code(2), NULL, offer.sign_in ? "preview required, after a new sign-in" : "preview required"};
}

/* False when the location names no link at all; the keys are such as nothing is found by then. */
static bool
keys_of(const Exchange *exchange, LinkKeys *keys)
{
	const char *token = link_token_of(exchange->request->preview_location);

	return link_keys(token ? token : "", keys);
}

bool
exchange_repeats_first(const Exchange *exchange)
{
	const PreviewSession *session;
	LinkKeys	keys;
	const char *id;

	if (!IS_SECOND(exchange) || exchange->line == EDM_V20)
		return false;
	id = exchange->request->id;
	(void) keys_of(exchange, &keys);
	session = preview_by_link(&keys, false);
	link_forget(&keys);
	return session != NULL && session->second_exchange_id == 0 && session->state != PREVIEW_ANSWERED &&
		strcmp(asc_tolower(id, strlen(id)), session->request_key) == 0;
}

/* Links, and errors about them, tell nobody whether there ever was one, and never repeat it (D-PRE-18). */
static void
refuse(Exchange *exchange, const char *reason)
{
	verdict_error(exchange, 3, "the preview location is not known here", reason);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* NULL, or what of it is another's (EDM §3.2 step 6). */
static const char *
foreign(const Exchange *exchange, const PreviewSession *session, const LinkKeys *keys)
{
	const Request *request = exchange->request;
	uint8		digest[32];

	if (strcmp(session->provider, exchange->provider->name) != 0 || strcmp(session->evidence_type, exchange->type->name) != 0 ||
		session->line != exchange->line)
		return "preview location of another evidence type, provider or line";
	if (!same_text(session->requester->scheme, request->requester->scheme) ||
		!same_text(session->requester->identifier, request->requester->identifier))
		return "preview location of another requester";
	if (!same_text(session->wire_exchange_id, wire_exchange_id(exchange)))
		return "preview location of another ExchangeId";
	preview_subject_digest(keys, request->subject, digest);
	if (memcmp(digest, session->subject_digest, sizeof(digest)) != 0)
		return "preview location of another person";
	return NULL;
}

/* T3 counts from when the second request was sent (D-TMO-02). */
static TimestampTz
end_of_t3(const Exchange *exchange, const PreviewSession *session)
{
	return session->t3_ms > 0 ? exchange_sent_at(exchange) + session->t3_ms * 1000 : DT_NOEND;
}

/* Too late, for whatever the user did meanwhile (EDM §3, amended 7): true when it is. */
static bool
is_over(Exchange *exchange, const PreviewSession *session)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		over = session->state == PREVIEW_EXPIRED;

	if (!over && (now > session->ends_at || now > exchange->deadline))
	{
		preview_expired(session, now > session->ends_at ? "time limit T2 passed" : "time limit T3 passed");
		over = true;
	}
	if (over)
		verdict_error(exchange, 5, NULL, "the time for the preview is over");
	return over;
}

void
exchange_take_result(Exchange *exchange, const PreviewSession *session, LinkKeys *keys)
{
	switch (session->matching)
	{
		case PREVIEW_MATCHED:
			exchange->pieces = preview_accepted(session, keys);
			if (exchange->pieces != NIL)
				verdict_outcome(exchange, OUTCOME_EVIDENCE, NULL);
			else
				verdict_outcome(exchange, OUTCOME_EMPTY, "no piece accepted");
			break;
		case PREVIEW_NO_RECORD:
			verdict_outcome(exchange, OUTCOME_EMPTY, "no record of this type");
			break;
		case PREVIEW_UNMATCHED:
		case PREVIEW_NOT_FOUND:
			verdict_error(exchange, 4, NULL, "not matched after a new sign-in");
			break;
	}
	if (exchange->verdict.outcome != OUTCOME_EVIDENCE)
		exchange->pieces = NIL;
}

static void
answer_decided(Exchange *exchange, const PreviewSession *session, LinkKeys *keys)
{
	exchange_take_result(exchange, session, keys);
	preview_keep_return(session, exchange->request);
	preview_answered(session, exchange->id);
}

static void
hold(Exchange *exchange, const PreviewSession *session)
{
	preview_hold(session, exchange->id, exchange->request, exchange->body, exchange->body_length,
				 exchange->header_bytes, exchange->header_length, exchange->deadline);
	verdict_outcome(exchange, OUTCOME_HELD, NULL);
	exchange->held = true;
}

static void
serve_second(Exchange *exchange, LinkKeys *keys)
{
	const PreviewSession *session = preview_by_link(keys, true);
	const char *reason;

	if (session == NULL)
	{
		refuse(exchange, "unknown preview location");
		return;
	}
	reason = foreign(exchange, session, keys);
	if (reason == NULL && (session->second_exchange_id != 0 || session->state == PREVIEW_ANSWERED))
		reason = "preview location used before";
	if (reason != NULL)
	{
		refuse(exchange, reason);
		return;
	}
	exchange->first_id = session->exchange_id;
	exchange->deadline = end_of_t3(exchange, session);
	if (is_over(exchange, session))
		return;
	if (session->state == PREVIEW_DECIDED)
		answer_decided(exchange, session, keys);
	else
		hold(exchange, session);
}

void
exchange_second(Exchange *exchange)
{
	LinkKeys	keys;

	(void) keys_of(exchange, &keys);
	serve_second(exchange, &keys);
	link_forget(&keys);
}
