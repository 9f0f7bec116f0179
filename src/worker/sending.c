/*
 * sending.c
 *		Sending messages so that each arrives once (access point §5.3): what is to
 *		be submitted is noted before the call; a call without a clear answer is
 *		followed by the question whether the message is there; the same id is
 *		submitted again only when it certainly is not; and what was submitted is
 *		followed until the receiver's access point has confirmed it.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "queue/outbox_due.h"
#include "worker/sending.h"
#include "worker/turn.h"
#include "worker/worker.h"

#define FIRST_FOLLOW_MS	1000
#define MOST_FOLLOW_MS	300000
#define FIRST_RETRY_MS	1000
#define MOST_RETRY_MS	60000

static int	under_way = 0;		/* submissions without an answer */

static long
follow_delay(const Outgoing *message)
{
	return backoff_ms(message->task == OUTBOX_FOLLOW ? message->checks + 2 : 1, FIRST_FOLLOW_MS, MOST_FOLLOW_MS);
}

static bool
too_old(const Gateway *gateway, const Outgoing *message)
{
	return GetCurrentTimestamp() > message->created_at + gateway->point->give_up_ms * 1000;
}

/* A message that names another sender than ours is a mistake of ours, not the network's. */
static bool
is_ours(const Gateway *gateway, Outgoing *message)
{
	const Header *header = message->read = gateway_header(message->header, message->header_length);

	return header != NULL && header->from_party != NULL && header->from_party_type != NULL &&
		strcmp(header->from_party, gateway->point->party_id) == 0 &&
		strcmp(header->from_party_type, gateway->point->party_id_type) == 0;
}

typedef struct Expiry
{
	const Gateway *gateway;
	const Outgoing *message;
	bool		replaced;
} Expiry;

static void
try_to_expire(void *argument)
{
	Expiry	   *expiry = argument;

	expiry->replaced = exchange_expire(expiry->gateway->point->name, expiry->message->exchange_id);
}

/* The answer in its place is written from the configuration, which somebody may have locked. 0, or the SQLSTATE raised. */
static int
expire(const Gateway *gateway, const Outgoing *message, bool *replaced)
{
	Expiry		expiry = {gateway, message, false};
	int			sqlstate = turn_try_briefly(try_to_expire, &expiry);

	*replaced = sqlstate == 0 && expiry.replaced;
	return sqlstate;
}

/* What may not be submitted at all is replaced, or goes to an operator. */
static bool
may_submit(const Gateway *gateway, Outgoing *message)
{
	bool		replaced = false;
	int			sqlstate = message->expired ? expire(gateway, message, &replaced) : 0;

	if (replaced)
		outbox_expired(message);
	else if (too_old(gateway, message))
		outbox_parked(message, 0, NULL, "older than give_up_after", NIL);
	else if (!is_ours(gateway, message))
		outbox_parked(message, 0, NULL, "its sender is not the party of the access point", NIL);
	else if (sqlstate != 0)
		outbox_again(message, sqlstate, backoff_ms(message->attempts, FIRST_RETRY_MS, MOST_RETRY_MS));
	else
		return true;
	return false;
}

void
sending_take(Gateway *gateway, int most)
{
	ListCell   *cell;

	foreach(cell, outbox_take(gateway->point->name, most))
	{
		Outgoing   *message = lfirst(cell);

		if (may_submit(gateway, message))
			gateway->taken = lappend(gateway->taken, message);
	}
}

/* Our words, then the server's, which tell the operator what to mend. */
static const char *
with_detail(const GatewayAnswer *answer)
{
	return answer->detail ? psprintf("%s: %s", answer->trouble->text, answer->detail) : answer->trouble->text;
}

static bool
is_success(const char *status)
{
	/* the last three: role-less answers of line 5.0 about a message to oneself */
	static const char *const successes[] = {"ACKNOWLEDGED", "ACKNOWLEDGED_WITH_WARNING", "RECEIVED", "RECEIVED_WITH_WARNINGS", "DOWNLOADED"};

	for (int i = 0; i < (int) lengthof(successes); i++)
		if (strcmp(status, successes[i]) == 0)
			return true;
	return false;
}

static bool
says_trouble(const char *status)
{
	return strcmp(status, "NOT_FOUND") == 0 || strcmp(status, "SEND_FAILURE") == 0 || strcmp(status, "DELETED") == 0;
}

bool
sending_goes_well(const Call *call)
{
	return !call_failed(call) && (call->purpose == CALL_SUBMIT ||
								  ((call->purpose == CALL_ASK || call->purpose == CALL_FOLLOW) && !says_trouble(call->answer->status)));
}

static OutboxNews *
news_of(const Call *call)
{
	OutboxNews *news = palloc0(sizeof(OutboxNews));

	news->message = call->message;
	news->taken = call->purpose == CALL_SUBMIT;
	news->status = news->taken ? "SEND_ENQUEUED" : call->answer->status;
	news->delivered = !news->taken && is_success(news->status);
	news->told_at = call->done_at;
	news->delay_ms = follow_delay(call->message);
	return news;
}

void
sending_record_well(const List *calls)
{
	List	   *news = NIL;
	const ListCell *cell;

	foreach(cell, calls)
		news = lappend(news, news_of(lfirst(cell)));
	outbox_goes_well(news);
}

/* Nothing new is known of it: it is asked for later. */
static void
ask_later(const Outgoing *message, long delay_ms)
{
	OutboxNews	news = {.message = message,.told_at = GetCurrentTimestamp(),.delay_ms = delay_ms};

	outbox_goes_well(list_make1(&news));
}

/* A duplicate counts as unknown: the status tells what became of the first one. */
static void
submission_ended(const Call *call)
{
	const Outgoing *message = call->message;
	const Trouble *trouble = call->answer->trouble;

	/* under ours it may never be found, and would be submitted again and again */
	if (trouble->class == TROUBLE_CONTENT_LOST)
		outbox_parked(message, 0, NULL, "the access point gave it another id", NIL);
	else if (call->answer->outcome_unknown)
		outbox_doubtful(message, trouble->sqlstate, FIRST_RETRY_MS);
	else if (trouble->scope == SCOPE_MESSAGE && trouble->permanent)
		outbox_parked(message, trouble->sqlstate, NULL, with_detail(call->answer), NIL);
	else
		outbox_again(message, trouble->sqlstate, backoff_ms(message->attempts, FIRST_RETRY_MS, MOST_RETRY_MS));
}

/*
 * NOT_FOUND right after a call says little: it may still be running inside the server.
 * Later it says that the message never got there; but not for ever, because a server
 * forgets ids (access point §5.3, guards).
 */
static void
not_found(const Call *call)
{
	const Outgoing *message = call->message;
	int64		resubmit_us = call->gateway->point->resubmit_ms * 1000;
	TimestampTz now = GetCurrentTimestamp();

	if (message->task == OUTBOX_FOLLOW)
		outbox_parked(message, 0, "NOT_FOUND", "the access point had it and forgot it", NIL);
	else if (too_old(call->gateway, message))
		outbox_parked(message, 0, "NOT_FOUND", "older than give_up_after", NIL);
	else if (now < message->last_attempt_at + resubmit_us)
		outbox_doubtful(message, 0, TimestampDifferenceMilliseconds(now, message->last_attempt_at + resubmit_us) + 10);
	else
		outbox_unknown(message);
}

static void
status_came(Call *call)
{
	const Outgoing *message = call->message;
	const char *status = call->answer->status;

	if (call_failed(call))
	{
		long		delay = backoff_ms(message->checks + 1, FIRST_RETRY_MS, MOST_RETRY_MS);

		if (message->task == OUTBOX_ASK)
			outbox_doubtful(message, call->answer->trouble->sqlstate, delay);
		else
			ask_later(message, delay);
	}
	else if (strcmp(status, "NOT_FOUND") == 0)
		not_found(call);
	else if (strcmp(status, "SEND_FAILURE") == 0)
		call->ask_errors = true;
	else
		outbox_parked(message, 0, status, "the access point erased it; nothing tells whether it was delivered", NIL);
}

void
sending_record(Call *call)
{
	if (sending_goes_well(call))
	{
		sending_record_well(list_make1(call));
		return;
	}
	switch (call->purpose)
	{
		case CALL_SUBMIT:
			submission_ended(call);
			break;
		case CALL_ASK:
		case CALL_FOLLOW:
			status_came(call);
			break;
		case CALL_ERRORS:
			outbox_parked(call->message, trouble_of(TROUBLE_REJECTED)->sqlstate, "SEND_FAILURE", "not delivered",
						  call_failed(call) ? NIL : call->answer->errors);
			break;
		default:
			elog(ERROR, "no call of sending: %d", call->purpose);
	}
}

/* The call keeps what names the message; its contents are in the request. */
static Outgoing *
without_content(const Outgoing *message)
{
	Outgoing   *copy = palloc(sizeof(Outgoing));

	*copy = *message;
	copy->access_point = pstrdup(message->access_point);
	copy->message_id = pstrdup(message->message_id);
	copy->header = NULL;
	copy->read = NULL;
	copy->parts = NIL;
	return copy;
}

static void
start(HttpClient *client, Gateway *gateway, CallPurpose purpose, const Outgoing *message)
{
	bool		with_role = gateway->plugin != PLUGIN_5_0;
	GatewayOperation operation = purpose == CALL_SUBMIT ? GATEWAY_SUBMIT : purpose == CALL_ERRORS ? GATEWAY_ERRORS : GATEWAY_STATUS;
	Call	   *call = call_new(gateway, purpose, operation, message->message_id);
	MemoryContext caller = MemoryContextSwitchTo(call->context);
	GatewayRequest *request;

	call->message = without_content(message);
	if (operation == GATEWAY_SUBMIT)
		request = gateway_submit(message->header, message->header_length, message->read, message->parts, gateway->point->inline_bytes);
	else if (operation == GATEWAY_ERRORS)
		request = gateway_errors(message->message_id, with_role);
	else
		request = gateway_status(message->message_id, with_role);
	call_start(client, call, request);
	under_way += purpose == CALL_SUBMIT;
	MemoryContextSwitchTo(caller);
}

int
sending_under_way(void)
{
	return under_way;
}

void
sending_answered(const Call *call)
{
	under_way -= call->purpose == CALL_SUBMIT;
}

void
sending_start(HttpClient *client, Gateway *gateway)
{
	ListCell   *cell;

	foreach(cell, gateway->taken)
		start(client, gateway, CALL_SUBMIT, lfirst(cell));
	gateway->taken = NIL;
}

void
sending_ask(HttpClient *client, Gateway *gateway, int most)
{
	Outgoing   *message;

	while (most-- > 0 && (message = outbox_question(gateway->point->name)) != NULL)
	{
		start(client, gateway, message->task == OUTBOX_ASK ? CALL_ASK : CALL_FOLLOW, message);
		pfree(message);
	}
}

void
sending_ask_errors(HttpClient *client, const Call *call)
{
	start(client, call->gateway, CALL_ERRORS, call->message);
}
