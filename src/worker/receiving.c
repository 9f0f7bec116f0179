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

#include "directory/filing.h"
#include "exchange/inbox.h"
#include "settings.h"
#include "uuid.h"
#include "worker/gateways.h"
#include "worker/worker.h"

#define MAX_LISTED			5000	/* messages looked after at the same time */
#define MAX_ATTEMPTS		6		/* to retrieve one while the list can be had */
#define FIRST_RETRY_MS		1000
#define MOST_RETRY_MS		60000
#define STUCK_LIST			10		/* a list of so many, all stuck, may hide others behind them */
#define FIRST_WINDOW_US		(INT64CONST(60) * USECS_PER_SEC)
#define MOST_WINDOW_US		(INT64CONST(30) * USECS_PER_DAY)

static Arrival *
arrival_of(Gateway *gateway, const char *message_id, ArrivalState state)
{
	bool		found;
	Arrival    *arrival;

	if (strlen(message_id) >= MESSAGE_ID_BYTES)
		return NULL;
	arrival = hash_search(gateway->arrivals, message_id, HASH_ENTER, &found);
	if (!found)
	{
		memset((char *) arrival + offsetof(Arrival, state), 0, sizeof(Arrival) - offsetof(Arrival, state));
		arrival->state = state;
	}
	return arrival;
}

static Arrival *
arrival_find(const Call *call)
{
	return call->gateway->dropped ? NULL : hash_search(call->gateway->arrivals, call->message_id, HASH_FIND, NULL);
}

static void
later(Arrival *arrival, ArrivalState state)
{
	arrival->state = state;
	arrival->not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													  backoff_ms(arrival->attempts, FIRST_RETRY_MS, MOST_RETRY_MS));
}

/* Nothing is left to do; a list that was under way may name it all the same. */
static void
settle(Arrival *arrival)
{
	arrival->state = ARRIVAL_STUCK;
	arrival->settled++;
	arrival->settled_at = GetCurrentTimestamp();
}

#define UNSTORABLE "it cannot be stored"

/* A message of ours; what a directory answered is filed with it. */
static void
store(const char *access_point, const GatewayAnswer *answer, bool consumed)
{
	if (inbox_store(access_point, answer, consumed) == INBOX_STORED_FOR_DIRECTORY)
		directory_file_answers();
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
	int			sqlstate = exchange_worker_try(try_to_store, &raw);

	if (is_of_content(sqlstate))
		inbox_quarantine(gateway->point->name, answer->message_id, sqlstate, UNSTORABLE);
	else if (sqlstate != 0)
		ereport(FATAL,
				(errcode(sqlstate),
				 errmsg("ootspg exchange worker begins anew: a message could not be stored")));
}

/* The bytes that a consumed message came as; read in the next life if not in this one. */
static void
read_raw(Gateway *gateway, const InboxRaw *raw)
{
	HttpResult	result = {
		.failure = HTTP_ANSWERED,
		.status = 200,
		.content_type = raw->content_type,
		.body = raw->bytes,
		.length = raw->length,
		.detail = ""
	};
	GatewayAnswer *answer = gateway_read(GATEWAY_RETRIEVE, raw->message_id, &result);

	if (answer->trouble->class == TROUBLE_NONE)
		store_raw(gateway, answer);
	else if (answer->outcome_unknown)
		arrival_of(gateway, raw->message_id, ARRIVAL_UNCERTAIN);
	else
		inbox_quarantine(gateway->point->name, raw->message_id, answer->trouble->sqlstate, answer->trouble->text);
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

/* What is not listed any more, and needs nothing, is forgotten; what was noted as being fetched needs an end. */
static void
forget_unlisted(Gateway *gateway)
{
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;

	gateway->stuck = 0;
	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
	{
		if (!arrival->listed && arrival->state == ARRIVAL_WANTED && gateway->plugin == PLUGIN_5_0)
			arrival->state = ARRIVAL_UNCERTAIN;
		else if (!arrival->listed && (arrival->state == ARRIVAL_STUCK || arrival->state == ARRIVAL_LISTED || arrival->state == ARRIVAL_WANTED))
			hash_search(gateway->arrivals, arrival->message_id, HASH_REMOVE, NULL);
		else if (arrival->state == ARRIVAL_STUCK)
			gateway->stuck++;
	}
}

static void
clear_listed(Gateway *gateway)
{
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;

	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
		arrival->listed = false;
}

/*
 * The list is cut at the oldest so many. When all of a long list is stuck, younger ones
 * may stand behind it: the next lists ask for the last minute, then for twice as much …
 */
static void
choose_window(Gateway *gateway, int count, int stuck)
{
	if (count >= STUCK_LIST && stuck == count)
		gateway->window_us = gateway->window_us == 0 ? FIRST_WINDOW_US : Max(gateway->window_us / 2, USECS_PER_SEC);
	else if (gateway->window_us > 0)
		gateway->window_us = gateway->window_us >= MOST_WINDOW_US ? 0 : gateway->window_us * 2;
}

static void
take_list(Call *call)
{
	Gateway    *gateway = call->gateway;
	int			stuck = 0;
	int			fresh = 0;
	ListCell   *cell;

	if (!call->filtered)
		clear_listed(gateway);
	foreach(cell, call->answer->message_ids)
	{
		Arrival    *arrival;

		if (hash_get_num_entries(gateway->arrivals) >= MAX_LISTED)
			break;
		arrival = arrival_of(gateway, lfirst(cell), ARRIVAL_LISTED);
		if (arrival == NULL)
			continue;
		arrival->listed = true;
		arrival->listed_at = call->begun_at;
		/* one that was acknowledged came once more; or that does not help here, which the second time shows */
		if (arrival->state == ARRIVAL_STUCK && arrival->settled == 1 && call->begun_at > arrival->settled_at)
			arrival->state = ARRIVAL_LISTED;
		stuck += arrival->state == ARRIVAL_STUCK;
		fresh += arrival->state == ARRIVAL_LISTED;
	}
	if (!call->filtered)
		forget_unlisted(gateway);
	choose_window(gateway, list_length(call->answer->message_ids), stuck);
	gateway->listed_at = GetCurrentTimestamp();
	gateway->next_list = TimestampTzPlusMilliseconds(gateway->listed_at, gateway->point->poll_ms);
	gateway->list_again = fresh > 0;
}

static void
end_list(Call *call)
{
	Gateway    *gateway = call->gateway;

	if (gateway->dropped)
		return;
	gateway->listing = false;
	if (!call_failed(call))
		take_list(call);
	else
		gateway->next_list = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), gateway->point->poll_ms);
}

bool
receiving_has_listed(const Gateway *gateway)
{
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;
	bool		found = false;

	hash_seq_init(&scan, gateway->arrivals);
	while (!found && (arrival = hash_seq_search(&scan)) != NULL)
		found = arrival->state == ARRIVAL_LISTED;
	if (found)
		hash_seq_term(&scan);
	return found;
}

/*
 * A message that is ours and acknowledged, but listed all the same: acknowledge it
 * once more; if that does not help it is stuck there (access point §1.6).
 */
static void
settle_known(Gateway *gateway, const InboxEntry *entry)
{
	Arrival    *arrival = hash_search(gateway->arrivals, entry->message_id, HASH_FIND, NULL);

	if (arrival == NULL || arrival->state != ARRIVAL_LISTED)
		return;
	if (entry->acknowledged_at > arrival->listed_at)
	{
		/* the list is older than that */
		settle(arrival);
		return;
	}
	if (entry->acknowledged_at != 0)
		inbox_came_again(entry);
	arrival->state = entry->acknowledged_at != 0 || entry->has_content || entry->state != INBOX_QUARANTINED ? ARRIVAL_OURS : ARRIVAL_STUCK;
	if (entry->state == INBOX_FETCHING)
		arrival->state = ARRIVAL_UNCERTAIN;
}

void
receiving_look_up(Gateway *gateway)
{
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;
	List	   *message_ids = NIL;
	ListCell   *cell;

	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
		if (arrival->state == ARRIVAL_LISTED)
			message_ids = lappend(message_ids, arrival->message_id);
	if (message_ids == NIL)
		return;
	foreach(cell, inbox_find(gateway->point->name, message_ids))
		settle_known(gateway, lfirst(cell));
	foreach(cell, message_ids)
	{
		arrival = hash_search(gateway->arrivals, lfirst(cell), HASH_FIND, NULL);
		if (arrival->state != ARRIVAL_LISTED)
			continue;
		if (gateway->plugin == PLUGIN_5_0)
			inbox_journal(gateway->point->name, arrival->message_id);
		arrival->state = ARRIVAL_WANTED;
	}
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
	inbox_quarantine(call->gateway->point->name, call->message_id, call->answer->trouble->sqlstate, call->answer->trouble->text);
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
	if (gateway->plugin == PLUGIN_5_0 && may_be_consumed(call))
		later(arrival, ARRIVAL_UNCERTAIN);
	else if ((trouble->scope == SCOPE_MESSAGE && trouble->permanent) || arrival->attempts >= MAX_ATTEMPTS)
		give_up(call, arrival);
	else
		later(arrival, ARRIVAL_WANTED);
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
		settle(arrival);
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
		inbox_acknowledged(call->gateway->point->name, call->message_id);
		if (arrival != NULL)
			settle(arrival);
	}
	else if (arrival != NULL)
	{
		/* another server than it was */
		if (class == TROUBLE_NOT_UNDERSTOOD)
			call->gateway->probed = false;
		arrival->attempts++;
		later(arrival, ARRIVAL_OURS);
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
	inbox_quarantine(call->gateway->point->name, call->message_id, trouble->sqlstate, reason);
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
		later(arrival, ARRIVAL_UNCERTAIN);
	}
	else if (strcmp(status, "NOT_FOUND") == 0)
		lost(call, arrival, TROUBLE_MESSAGE_UNKNOWN, trouble_of(TROUBLE_MESSAGE_UNKNOWN)->text);
	else if (strcmp(status, "RECEIVED") != 0 && strcmp(status, "RECEIVED_WITH_WARNINGS") != 0)
		lost(call, arrival, TROUBLE_CONTENT_LOST, "the access point handed the message over, but its answer was lost; recover it there");
	else if (arrival->attempts >= MAX_ATTEMPTS)
		lost(call, arrival, TROUBLE_CONTENT_LOST, "the access point has the message, but does not hand it over");
	else
		later(arrival, ARRIVAL_WANTED);
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
	return call->purpose == CALL_RETRIEVE && is_of_content(sqlstate);
}

void
receiving_refuse(Call *call)
{
	Arrival    *arrival = arrival_find(call);

	inbox_quarantine(call->gateway->point->name, call->message_id, ERRCODE_DATA_EXCEPTION, UNSTORABLE);
	if (arrival != NULL)
		arrival->state = ARRIVAL_STUCK;
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
