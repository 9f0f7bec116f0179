/*
 * receiving.c
 *		Fetching messages, losing none (access point §5.1, §5.2): list, retrieve
 *		without consuming, commit, acknowledge. Whatever ends in between, the message
 *		is either still pending there or ours here, or both, and being both is
 *		noticed by its id. Servers of line 5.0 consume what they hand over; for them
 *		the intention is committed before the call, and the bytes before they are read.
 *
 *		A message that makes trouble waits by itself and never stops the next.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "audit/content_key.h"
#include "directory/filing.h"
#include "errors.h"
#include "exchange/inbox.h"
#include "settings.h"
#include "uuid.h"
#include "worker/attempt.h"
#include "worker/housekeeping.h"
#include "worker/listing.h"
#include "worker/receiving.h"
#include "worker/turn.h"
#include "worker/worker.h"

#define KEY_AGAIN_MS 1000		/* until a secret that cannot be used is looked at again */

#define MAX_ATTEMPTS		6		/* to retrieve one while the list can be had */

#define UNSTORABLE "it cannot be stored"

/* A message of ours; what a directory answered is filed with it. */
static void
store(const char *access_point, const GatewayAnswer *answer, bool consumed)
{
	if (inbox_store(access_point, answer, consumed) == INBOX_STORED_FOR_DIRECTORY && !directory_file_answers())
		housekeeping_file_later();
}

/* That is its end here: nothing notes it any more as being read. */
static void
put_aside(const char *access_point, const char *message_id, int sqlstate, const char *reason)
{
	inbox_quarantine(access_point, message_id, sqlstate, reason);
	attempt_forget(access_point, message_id);
}

/* Errors that a message causes by what is in it, and would cause again. */
static bool
is_of_content(int sqlstate)
{
	int			class = ERRCODE_TO_CATEGORY(sqlstate);

	return class == ERRCODE_DATA_EXCEPTION || class == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION || class == ERRCODE_PROGRAM_LIMIT_EXCEEDED;
}

typedef struct RawMessage
{
	const char *access_point;
	const GatewayAnswer *answer;
} RawMessage;

static void
try_to_store(void *argument)
{
	const RawMessage *raw = argument;

	store(raw->access_point, raw->answer, true);
}

/* Other errors end this life, and the next one tries again. */
static void
store_raw(const Gateway *gateway, const GatewayAnswer *answer)
{
	RawMessage	raw = {gateway->point->name, answer};
	int			sqlstate = turn_try(try_to_store, &raw);

	if (sqlstate == 0)
		attempt_forget(gateway->point->name, answer->message_id);
	else if (is_of_content(sqlstate) || sqlstate == ERRCODE_OUT_OF_MEMORY)
		put_aside(gateway->point->name, answer->message_id, sqlstate, UNSTORABLE);
	else
		ereport(FATAL,
				(errcode(sqlstate),
				 errmsg("ootspg exchange worker begins anew: a message could not be stored")));
}

typedef struct RawReading
{
	const InboxRaw *raw;
	GatewayAnswer *answer;
} RawReading;

static void
try_to_read(void *argument)
{
	RawReading *reading = argument;
	HttpResult	result = {
		.failure = HTTP_ANSWERED,
		.status = 200,
		.content_type = reading->raw->content_type,
		.body = reading->raw->bytes,
		.length = reading->raw->length,
		.detail = ""
	};

	reading->answer = gateway_read(GATEWAY_RETRIEVE, reading->raw->message_id, &result);
}

/* The bytes that a consumed message came as; read in the next life if not in this one. */
static void
read_raw(Gateway *gateway, const InboxRaw *raw)
{
	RawReading	reading = {raw};
	const GatewayAnswer *answer;
	int			sqlstate = turn_try(try_to_read, &reading);

	if (sqlstate != 0)
	{
		put_aside(gateway->point->name, raw->message_id, sqlstate, UNSTORABLE);
		return;
	}
	answer = reading.answer;
	if (answer->trouble->class == TROUBLE_NONE)
		store_raw(gateway, answer);
	else if (answer->outcome_unknown)
		arrival_of(gateway, raw->message_id, ARRIVAL_UNCERTAIN);
	else
		put_aside(gateway->point->name, raw->message_id, answer->trouble->sqlstate, answer->trouble->text);
}

void
receiving_begin(Gateway *gateway)
{
	ListCell   *cell;

	foreach(cell, inbox_unacknowledged(gateway->point->name))
		arrival_of(gateway, lfirst(cell), ARRIVAL_OURS);
	foreach(cell, inbox_unfinished(gateway->point->name))
	{
		const InboxRaw *raw = lfirst(cell);

		if (raw->bytes != NULL)
			read_raw(gateway, raw);
		else
			arrival_of(gateway, raw->message_id, ARRIVAL_UNCERTAIN);
	}
}

static void
end_list(Call *call)
{
	Gateway    *gateway = call->gateway;

	if (gateway->dropped)
		return;
	gateway->listing = false;
	if (!call_failed(call))
		listing_take(call);
	else
		gateway->next_list = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), gateway->point->poll_ms);
}

/* Before it is looked at: the server has forgotten it. In a transaction of its own. */
void
receiving_keep_raw(const Call *call, const HttpResult *result)
{
	inbox_keep_raw(call->gateway->point->name, call->message_id, result->content_type, result->body, result->length);
}

static void
learn(Gateway *gateway, Plugin plugin)
{
	if (gateway->dropped || gateway->point->declared != PLUGIN_UNKNOWN || gateway->plugin == plugin)
		return;
	gateway->plugin = plugin;
	access_point_learned(gateway->point->name, plugin);
}

/* The probe asks 5.1's question about an id that nobody has (access point §1.3). */
static void
end_probe(Call *call)
{
	Gateway    *gateway = call->gateway;
	TroubleClass class = call_trouble(call);

	if (gateway->dropped)
		return;
	/* 5.1.1 and later show themselves by their answers; what was learned of this server before still holds */
	if (class == TROUBLE_NONE)
		learn(gateway, gateway->point->learned == PLUGIN_5_2 ? PLUGIN_5_2 : PLUGIN_5_1);
	else if (class == TROUBLE_NOT_UNDERSTOOD)
		learn(gateway, PLUGIN_5_0);
	gateway->probed = class == TROUBLE_NONE || (class == TROUBLE_NOT_UNDERSTOOD && gateway->plugin == PLUGIN_5_0);
}

static void
give_up(Call *call, Arrival *arrival)
{
	put_aside(call->gateway->point->name, call->message_id, call->answer->trouble->sqlstate, call->answer->trouble->text);
	if (arrival != NULL)
		arrival->state = ARRIVAL_STUCK;
}

/* "Not there": also when a call was cut off and made once more by the HTTP library. */
static bool
may_be_consumed(const Call *call)
{
	TroubleClass class = call_trouble(call);

	return call->answer->outcome_unknown || class == TROUBLE_MESSAGE_UNKNOWN || class == TROUBLE_ALREADY_DOWNLOADED;
}

/* Trouble with one message: is it the message's? */
static void
retrieval_failed(Call *call)
{
	Arrival    *arrival = arrival_find(call);
	Gateway    *gateway = call->gateway;
	const Trouble *trouble = call->answer->trouble;

	if (arrival == NULL)
		return;
	/* counts only while lists can be had: else it is the access point's trouble */
	if (trouble->scope == SCOPE_MESSAGE && gateway->listed_at > arrival->tried_at)
		arrival->attempts++;
	arrival->tried_at = GetCurrentTimestamp();
	/* its bytes are here, and read again when it is released */
	if (trouble->class == TROUBLE_NO_MEMORY && call->raw_kept)
		give_up(call, arrival);
	else if (gateway->plugin == PLUGIN_5_0 && may_be_consumed(call))
		arrival_later(arrival, ARRIVAL_UNCERTAIN);
	else if ((trouble->scope == SCOPE_MESSAGE && trouble->permanent) || arrival->attempts >= MAX_ATTEMPTS)
		give_up(call, arrival);
	else
		arrival_later(arrival, ARRIVAL_WANTED);
}

static void
retrieved(Call *call)
{
	Gateway    *gateway = call->gateway;
	Arrival    *arrival = arrival_find(call);

	if (call->answer->speaks_5_2)
		learn(gateway, PLUGIN_5_2);
	store(gateway->point->name, call->answer, gateway->plugin == PLUGIN_5_0);
	if (arrival == NULL)
		return;
	arrival->attempts = 0;
	arrival->not_before = 0;
	arrival->state = ARRIVAL_OURS;
	/* a consuming retrieval needs no acknowledgement */
	if (gateway->plugin == PLUGIN_5_0)
		arrival_settle(arrival);
}

bool
receiving_goes_well(const Call *call)
{
	return call->purpose == CALL_ACKNOWLEDGE && call_trouble(call) == TROUBLE_NONE;
}

void
receiving_settled(Call *call)
{
	Arrival    *arrival = arrival_find(call);

	call->gateway->receive_calls--;
	if (arrival != NULL)
		arrival_settle(arrival);
}

/* A statement for each access point: there are few. */
void
receiving_record_well(List *calls)
{
	while (calls != NIL)
	{
		const Gateway *gateway = ((Call *) linitial(calls))->gateway;
		TimestampTz *times = palloc(sizeof(TimestampTz) * list_length(calls));
		List	   *message_ids = NIL;
		List	   *others = NIL;
		ListCell   *cell;

		foreach(cell, calls)
		{
			Call	   *call = lfirst(cell);

			if (call->gateway == gateway)
			{
				times[list_length(message_ids)] = call->done_at;
				message_ids = lappend(message_ids, call->message_id);
			}
			else
				others = lappend(others, call);
		}
		inbox_acknowledged(gateway->point->name, message_ids, times);
		calls = others;
	}
}

/* "Not there any more" means done, whoever did it; anything else is tried again. */
static void
end_acknowledgement(Call *call)
{
	TroubleClass class = call_trouble(call);
	Arrival    *arrival = arrival_find(call);

	if (class == TROUBLE_NONE || class == TROUBLE_MESSAGE_UNKNOWN || class == TROUBLE_ALREADY_DOWNLOADED ||
		(call->operation == GATEWAY_RETRIEVE && class == TROUBLE_CONTENT_LOST))
	{
		inbox_acknowledged(call->gateway->point->name, list_make1(call->message_id), &call->done_at);
		if (arrival != NULL)
			arrival_settle(arrival);
	}
	else if (arrival != NULL)
	{
		/* another server than it was */
		if (class == TROUBLE_NOT_UNDERSTOOD)
			call->gateway->probed = false;
		arrival->attempts++;
		arrival_later(arrival, ARRIVAL_OURS);
	}
}

static void
lost(const Call *call, Arrival *arrival, TroubleClass class, const char *reason)
{
	const Trouble *trouble = trouble_of(class);

	ereport(LOG,
			(errcode(trouble->sqlstate),
			 errmsg("access point \"%s\": a message that it listed could not be received", call->gateway->point->name),
			 errdetail_internal("%s", reason),
			 errhint("SELECT * FROM ootspg.inbox shows it in quarantine.")));
	put_aside(call->gateway->point->name, call->message_id, trouble->sqlstate, reason);
	arrival->state = ARRIVAL_STUCK;
}

/* A retrieval that consumes had no answer: was it done? (access point §5.2) */
static void
end_recovery(Call *call)
{
	Arrival    *arrival = arrival_find(call);
	const char *status = call->answer->status;

	if (arrival == NULL)
		return;
	if (call_failed(call))
	{
		arrival->attempts++;
		arrival_later(arrival, ARRIVAL_UNCERTAIN);
	}
	else if (strcmp(status, "NOT_FOUND") == 0)
		lost(call, arrival, TROUBLE_MESSAGE_UNKNOWN, trouble_of(TROUBLE_MESSAGE_UNKNOWN)->text);
	else if (strcmp(status, "RECEIVED") != 0 && strcmp(status, "RECEIVED_WITH_WARNINGS") != 0)
		lost(call, arrival, TROUBLE_CONTENT_LOST, "the access point handed the message over, but its answer was lost; recover it there");
	else if (arrival->attempts >= MAX_ATTEMPTS)
		lost(call, arrival, TROUBLE_CONTENT_LOST, "the access point has the message, but does not hand it over");
	else
		arrival_later(arrival, ARRIVAL_WANTED);
}

bool
receiving_needs_transaction(const Call *call)
{
	return call->purpose != CALL_LIST;
}

void
receiving_record(Call *call)
{
	if (!call->gateway->dropped && call->purpose != CALL_PROBE)
		call->gateway->receive_calls--;
	switch (call->purpose)
	{
		case CALL_PROBE:
			end_probe(call);
			break;
		case CALL_LIST:
			end_list(call);
			break;
		case CALL_RETRIEVE:
			if (call_failed(call))
				retrieval_failed(call);
			else
				retrieved(call);
			attempt_ended(call);
			break;
		case CALL_ACKNOWLEDGE:
			end_acknowledgement(call);
			break;
		case CALL_RECOVER:
			end_recovery(call);
			break;
		default:
			elog(ERROR, "no call of receiving: %d", call->purpose);
	}
}

bool
receiving_may_refuse(const Call *call, int sqlstate)
{
	return call->purpose == CALL_RETRIEVE && (is_of_content(sqlstate) || sqlstate == ERRCODE_OUT_OF_MEMORY);
}

/* What there is no memory for now may find some later; what is wrong with it by itself stays wrong. */
void
receiving_refuse(Call *call, int sqlstate)
{
	Arrival    *arrival = arrival_find(call);

	if (sqlstate == ERRCODE_OUT_OF_MEMORY)
	{
		MemoryContext caller = MemoryContextSwitchTo(call->context);

		call->answer = gateway_trouble(call->operation, TROUBLE_NO_MEMORY, NULL);
		MemoryContextSwitchTo(caller);
		retrieval_failed(call);
	}
	else
	{
		put_aside(call->gateway->point->name, call->message_id, ERRCODE_DATA_EXCEPTION, UNSTORABLE);
		if (arrival != NULL)
			arrival->state = ARRIVAL_STUCK;
	}
	attempt_ended(call);
}

static bool
is_due(const Arrival *arrival, TimestampTz now)
{
	return (arrival->state == ARRIVAL_WANTED || arrival->state == ARRIVAL_OURS || arrival->state == ARRIVAL_UNCERTAIN) &&
		arrival->not_before <= now;
}

/* What waits by itself keeps nobody else waiting. */
static bool
all_settled(const Gateway *gateway)
{
	TimestampTz now = GetCurrentTimestamp();
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;

	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
		if (arrival->state != ARRIVAL_STUCK && (arrival->state == ARRIVAL_BUSY || arrival->not_before <= now))
		{
			hash_seq_term(&scan);
			return false;
		}
	return true;
}

/* A list that held something new may have been cut: the next one follows when it is worked off. */
static TimestampTz
list_due_at(const Gateway *gateway)
{
	if (gateway->listing || gateway->point->state != ACCESS_POINT_RUNNING || !oots_receive)
		return DT_NOEND;
	return gateway->list_again && all_settled(gateway) ? 0 : gateway->next_list;
}

static bool
list_due(const Gateway *gateway, TimestampTz now)
{
	return list_due_at(gateway) <= now;
}

/* A probe comes first, and alone: with a wrong password it is the only call that fails. */
static bool
must_probe(const Gateway *gateway)
{
	return !gateway->probed;
}

int
receiving_wanted(const Gateway *gateway)
{
	TimestampTz now = GetCurrentTimestamp();
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;
	int			wanted = list_due(gateway, now) ? 1 : 0;

	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
		wanted += is_due(arrival, now);
	return wanted;
}

TimestampTz
receiving_due(const Gateway *gateway)
{
	TimestampTz due = must_probe(gateway) && gateway->calls == 0 ? 0 : list_due_at(gateway);
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;

	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
		if (arrival->state == ARRIVAL_WANTED || arrival->state == ARRIVAL_OURS || arrival->state == ARRIVAL_UNCERTAIN)
			due = Min(due, arrival->not_before);
	return due;
}

static void
start(HttpClient *client, Gateway *gateway, CallPurpose purpose, GatewayOperation operation, const char *message_id)
{
	Call	   *call = call_new(gateway, purpose, operation, message_id);
	MemoryContext caller = MemoryContextSwitchTo(call->context);
	GatewayRequest *request = NULL;

	switch (operation)
	{
		case GATEWAY_LIST:
			{
				GatewayFilter filter = {.final_recipient = gateway->point->final_recipient};

				if (gateway->window_us > 0)
					filter.received_from = GetCurrentTimestamp() - gateway->window_us;
				call->filtered = gateway->window_us > 0;
				request = gateway_list(&filter);
				break;
			}
		case GATEWAY_RETRIEVE:
			request = gateway_retrieve(message_id, purpose == CALL_ACKNOWLEDGE || gateway->plugin == PLUGIN_5_0);
			break;
		case GATEWAY_MARK:
			request = gateway_mark(message_id);
			break;
		default:
			request = gateway_status(message_id, purpose == CALL_PROBE);
			break;
	}
	MemoryContextSwitchTo(caller);
	if (purpose != CALL_PROBE)
		gateway->receive_calls++;
	call_start(client, call, request);
}

static void
start_arrival(HttpClient *client, Gateway *gateway, Arrival *arrival)
{
	switch (arrival->state)
	{
		case ARRIVAL_WANTED:
			start(client, gateway, CALL_RETRIEVE, GATEWAY_RETRIEVE, arrival->message_id);
			break;
		case ARRIVAL_OURS:
			/* only a server known to forget a marked message is asked to mark */
			start(client, gateway, CALL_ACKNOWLEDGE, gateway->plugin == PLUGIN_5_2 ? GATEWAY_MARK : GATEWAY_RETRIEVE, arrival->message_id);
			break;
		case ARRIVAL_UNCERTAIN:
			start(client, gateway, CALL_RECOVER, GATEWAY_STATUS, arrival->message_id);
			break;
		default:
			return;
	}
	arrival->state = ARRIVAL_BUSY;
}

/* A server that forgets what it hands over must not be asked for what could not be kept. */
static bool
may_keep(void)
{
	static bool told = false;
	bool		may = content_key_usable();

	if (!may && !told)
		ereport(LOG,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("messages are not retrieved: the current secret of ootspg.content_keys cannot be used"),
				 errhint("SELECT * FROM ootspg.status says why.")));
	told = !may;
	return may;
}

void
receiving_start(HttpClient *client, Gateway *gateway, int most)
{
	TimestampTz now = GetCurrentTimestamp();
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;

	if (must_probe(gateway))
	{
		if (gateway->calls == 0)
			start(client, gateway, CALL_PROBE, GATEWAY_STATUS, psprintf("%s@ootspg.invalid", uuid_text()));
		return;
	}
	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL && most > 0)
		if (is_due(arrival, now))
		{
			if (arrival->state == ARRIVAL_WANTED && !may_keep())
			{
				arrival->not_before = TimestampTzPlusMilliseconds(now, KEY_AGAIN_MS);
				continue;
			}
			start_arrival(client, gateway, arrival);
			most--;
		}
	if (arrival != NULL)
		hash_seq_term(&scan);
	if (most > 0 && list_due(gateway, now))
	{
		start(client, gateway, CALL_LIST, GATEWAY_LIST, NULL);
		gateway->listing = true;
	}
}
