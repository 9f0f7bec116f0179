/*
 * exchange_worker.c
 *		One process for each database with the extension: talks to its access
 *		points and sees to it that what comes in is answered. It never answers
 *		itself, so that nothing of a registry can hold up the network.
 *
 *		Its loop: read the answers that came; record all of them, and take new work,
 *		in one transaction; start calls; sleep until a socket, the latch or a time
 *		asks for more. While it sleeps no transaction is open. An idle worker makes
 *		one call per interval and no transaction at all.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "exchange/inbox.h"
#include "query.h"
#include "queue/outbox_due.h"
#include "settings.h"
#include "worker/answering.h"
#include "worker/attempt.h"
#include "worker/discovery.h"
#include "worker/gateways.h"
#include "worker/hooks.h"
#include "worker/housekeeping.h"
#include "worker/judgement.h"
#include "worker/listing.h"
#include "worker/reading.h"
#include "worker/receiving.h"
#include "worker/sending.h"
#include "worker/session.h"
#include "worker/stamps.h"
#include "worker/turn.h"
#include "worker/worker.h"

#define MAX_CALLS		(2 * MAX_GATEWAYS * 16)	/* twice: those of an earlier configuration may still be under way */
#define DRAIN_LOOK_MS	500
#define ANSWER_LOOK_MS	1000
#define LOCKED_MS		2000	/* before what somebody has locked is tried again */

PGDLLEXPORT void ootspg_exchange_worker_main(Datum database);

/* this process's own */
static HttpClient *client;
static List *ended = NIL;		/* Call *, answers read, not yet recorded */
static Oid	extension;			/* as it was when the access points were loaded */
static bool one_role = false;	/* answers all there is */
static TimestampTz next_answer; /* a message of the inbox may be answered then */
static TimestampTz next_load = DT_NOEND;	/* of access points that could not be read */

/* An answer that is the only copy of a message is committed before anybody looks at it. */
static void
keep_if_consumed(Call *call, const HttpResult *result)
{
	if (call->purpose != CALL_RETRIEVE || call->gateway->plugin != PLUGIN_5_0 ||
		result->failure != HTTP_ANSWERED || result->status != 200)
		return;
	worker_transaction_begin("keeping a message");
	receiving_keep_raw(call, result);
	worker_transaction_end();
	call->raw_kept = true;
}

/* What can't be read for want of memory, or raises for another reason, is that answer's trouble and nobody else's. */
static GatewayAnswer *
read_or_trouble(const Call *call, const HttpResult *result)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext reading = AllocSetContextCreate(call->context, "ootspg answer", ALLOCSET_DEFAULT_SIZES);
	GatewayAnswer *volatile answer = NULL;

	MemoryContextSwitchTo(reading);
	PG_TRY();
	{
		answer = gateway_read(call->operation, call->message_id[0] ? call->message_id : NULL, result);
	}
	PG_CATCH();
	{
		bool		no_memory = geterrcode() == ERRCODE_OUT_OF_MEMORY;

		MemoryContextSwitchTo(caller);
		EmitErrorReport();
		FlushErrorState();
		MemoryContextDelete(reading);
		MemoryContextSwitchTo(call->context);
		answer = gateway_trouble(call->operation, no_memory ? TROUBLE_NO_MEMORY : TROUBLE_UNREADABLE, NULL);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	return answer;
}

static void
read_answer(HttpCall *http)
{
	Call	   *call = http_tag(http);
	const HttpResult *result = http_result(http);

	keep_if_consumed(call, result);
	attempt_begin(call, result);
	call->answer = read_or_trouble(call, result);
	call->server_date = result->date;
	call->done_at = result->done_at;
	http_finish(http);
	call->http = NULL;
	ended = lappend(ended, call);
}

static void
collect_answers(void)
{
	HttpCall   *http;

	while ((http = http_done(client)) != NULL)
		if (reading_is(http_tag(http)))
			reading_ended(http);
		else if (stamps_is(http_tag(http)))
			stamps_ended(http);
		else
			read_answer(http);
	discovery_collect();
	ended = list_concat(ended, turn_take_unable());
}

static int
take_wake_ups(void)
{
	DatabaseSlot *slot;
	int64		sent = PG_INT64_MAX;
	int			bits = 0;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(MyDatabaseId);
	if (slot != NULL)
	{
		bits = slot->wake;
		sent = slot->outbox_first;
		slot->wake = 0;
		slot->outbox_first = PG_INT64_MAX;
	}
	LWLockRelease(shared->lock);
	outbox_due_reported(sent);
	return bits;
}

static bool
is_receiving(const Call *call)
{
	return call->purpose <= CALL_RECOVER;
}

static bool
needs_recording(const Call *call)
{
	return !is_receiving(call) || receiving_needs_transaction(call) || gateway_judgement_matters(call);
}

static void
record(Call *call)
{
	gateway_judge(call);
	if (is_receiving(call))
		receiving_record(call);
	else
		sending_record(call);
	if (!call->gateway->dropped)
		gateway_report(call->gateway, call);
}

static bool
sending_due(const Gateway *gateway, TimestampTz now)
{
	return oots_send && gateway->probed && gateway->quiet_until <= now && gateway->calls < gateway->point->connections &&
		outbox_due(gateway->point->name) <= now;
}

/* Is there anything for the database? */
static bool
transaction_needed(int wake, TimestampTz now)
{
	bool		needed = wake != 0 || Min(next_answer, next_load) <= now || Min(reading_due(), discovery_due()) <= now ||
		reading_has_answers() || discovery_has_answers() || stamps_has_answers() || stamps_due() <= now;
	ListCell   *cell;

	foreach(cell, ended)
		needed |= needs_recording(lfirst(cell));
	foreach(cell, gateways)
		needed |= listing_has_new(lfirst(cell)) || ((Gateway *) lfirst(cell))->point->state == ACCESS_POINT_DRAINING ||
			sending_due(lfirst(cell), now);
	return needed;
}

static void
try_to_record(void *call)
{
	record(call);
}

typedef struct Refusal
{
	Call	   *call;
	int			sqlstate;
} Refusal;

static void
try_to_refuse(void *argument)
{
	const Refusal *refusal = argument;

	receiving_refuse(refusal->call, refusal->sqlstate);
}

/*
 * What a single record raises concerns that one alone. What was to be sent is then
 * found "submitting" by the next life, which asks for it; what was received is still
 * pending there, and would end that life as well if it is the message that can't be
 * stored: it goes to quarantine, or is tried again when memory was short.
 */
static bool
record_safely(Call *call)
{
	int			sqlstate = turn_try(try_to_record, call);

	if (sqlstate != 0 && receiving_may_refuse(call, sqlstate))
	{
		Refusal		refusal = {call, sqlstate};

		sqlstate = turn_try(try_to_refuse, &refusal);
	}
	return sqlstate == 0;
}

static void
record_all(void)
{
	ListCell   *cell;
	int			failed = 0;

	foreach(cell, ended)
		failed += !record_safely(lfirst(cell));
	/* our memory may not agree with the tables any more: begin anew, a little later */
	if (failed > 0)
	{
		worker_transaction_end();
		attempts_innocent();
		ereport(FATAL,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("ootspg exchange worker begins anew: %d results of calls could not be recorded", failed)));
	}
}

/* Half of what is free to each side when both want to call; a single call to each in turn. */
static int
room_for_sending(Gateway *gateway, TimestampTz now)
{
	int			room = gateway->point->connections - gateway->calls;
	int			wanted;

	if (room <= 0 || !gateway->probed || gateway->quiet_until > now)
		return 0;
	wanted = receiving_wanted(gateway);
	if (wanted == 0)
		return room;
	if (room > 1)
		return Max(room / 2, room - wanted);
	gateway->sends_next = !gateway->sends_next;
	return gateway->receive_calls > 0 || gateway->sends_next;
}

static void
take_outgoing(TimestampTz now)
{
	ListCell   *cell;

	foreach(cell, gateways)
	{
		Gateway    *gateway = lfirst(cell);
		int			room = room_for_sending(gateway, now);

		if (oots_send && room > 0 && outbox_due(gateway->point->name) <= now)
			sending_take(gateway, room);
	}
}

static void
finish_drained(void)
{
	ListCell   *cell;

	foreach(cell, gateways)
	{
		const Gateway *gateway = lfirst(cell);

		if (gateway->point->state == ACCESS_POINT_DRAINING && gateway->calls == 0 && outbox_empty(gateway->point->name))
			access_point_drained(gateway->point->name);
	}
}

/* After DROP EXTENSION, or another one of the name, nothing in memory holds any more. */
static void
check_extension(void)
{
	bool		present = worker_extension_present();

	if (present && worker_extension() == extension)
		return;
	worker_transaction_end();
	proc_exit(present ? 1 : 0);
}

static void
read_points(void *points)
{
	*(List **) points = access_points_read();
}

/* What cannot be read now stays as it is known; an operator's word counts at once. */
static void
load(void)
{
	List	   *points = NIL;

	extension = worker_extension();
	next_load = DT_NOEND;
	if (turn_try_briefly(read_points, &points) == 0)
	{
		gateways_load(points);
		housekeeping_look_again();
		return;
	}
	gateways_heed(access_point_states_read());
	next_load = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOCKED_MS);
}

/*
 * Answering workers look for more by themselves, and tell when they leave; in case one
 * could not be started it is tried again after a while.
 */
typedef struct Look
{
	bool		whole;
	List	   *demands;
} Look;

static void
start_answering(void *argument)
{
	Look	   *look = argument;

	look->demands = inbox_demand(look->whole, &next_answer);
	if (look->whole)
	{
		one_role = inbox_has_one_role();
		if (inbox_demand_overlooked())
			answering_begin_anew();
	}
	answering_start(look->demands, look->whole);
}

static void
look_for_answers(TimestampTz now, bool whole, int received)
{
	Look		look = {whole, NIL};
	ListCell   *cell;

	/* whose it is nobody need ask when there is one role, and no more of its processes can be had */
	if (!whole && one_role && answering_wake_some(received))
	{
		next_answer = Min(next_answer, TimestampTzPlusMilliseconds(now, ANSWER_LOOK_MS));
		return;
	}
	if (turn_try_briefly(start_answering, &look) != 0)
		next_answer = TimestampTzPlusMilliseconds(now, LOCKED_MS);
	foreach(cell, look.demands)
		if (((InboxDemand *) lfirst(cell))->due > 0)
			next_answer = Min(next_answer, TimestampTzPlusMilliseconds(now, ANSWER_LOOK_MS));
}

/* Where they are comes first: what is found has them read at once. */
static void
look_at_directories(int wake, TimestampTz now)
{
	bool		again = (wake & WAKE_CONFIGURATION) != 0;

	session_hurry();
	if (again)
		discovery_look_again();
	if (discovery_has_answers())
	{
		discovery_record();
		again = true;
	}
	if (discovery_due() <= now)
		discovery_take();
	if (again)
		reading_look_again();
	if (reading_has_answers())
		reading_record();
	if (reading_due() <= now)
		reading_take();
	session_hurry_ends();
}

/*
 * Results that can be asked for again: of an acknowledgement, a submission, a question. Lost with a
 * crash, they are asked for by the next life. What was received is not, nor what a call follows from.
 */
static bool
may_be_lost(int wake)
{
	ListCell   *cell;

	if ((wake & (WAKE_CONFIGURATION | WAKE_ANSWERER_LEFT)) != 0 || next_load <= GetCurrentTimestamp() || reading_has_answers() || discovery_has_answers() || stamps_has_answers())
		return false;
	foreach(cell, ended)
	{
		const Call *call = lfirst(cell);

		if ((is_receiving(call) && call->purpose != CALL_ACKNOWLEDGE) || gateway_judgement_matters(call))
			return false;
	}
	foreach(cell, gateways)
		if (((Gateway *) lfirst(cell))->plugin == PLUGIN_5_0 && listing_has_new(lfirst(cell)))
			return false;
	return true;
}

static bool
submits(void)
{
	ListCell   *cell;
	ListCell   *message;

	foreach(cell, gateways)
		foreach(message, ((Gateway *) lfirst(cell))->taken)
			if (((Outgoing *) lfirst(message))->task == OUTBOX_SUBMIT)
				return true;
	return false;
}

/* What the tables hold for this turn; what is taken lives in the turn's memory. */
static void
turn_transaction(int wake, MemoryContext turn)
{
	TimestampTz now = GetCurrentTimestamp();
	ListCell   *cell;
	bool		lossy = may_be_lost(wake);
	bool		others;
	int			received;

	worker_transaction_begin("exchanging");
	MemoryContextSwitchTo(turn);
	if (wake & WAKE_CONFIGURATION)
		check_extension();
	record_all();
	if ((wake & WAKE_CONFIGURATION) != 0 || next_load <= now)
		load();
	if (wake & WAKE_ANSWERER_LEFT)
		answering_free_left();
	if (wake & (WAKE_STAMPS | WAKE_CONFIGURATION))
		stamps_look_again();
	foreach(cell, gateways)
		listing_look_up(lfirst(cell));
	take_outgoing(now);
	finish_drained();
	look_at_directories(wake, now);
	/* of what this turn stored nobody else need tell */
	others = (wake & (WAKE_ANSWER | WAKE_CONFIGURATION | WAKE_ROLES)) != 0 || next_answer <= now;
	if ((stamps_has_answers() || stamps_due() <= now) && stamps_take())
		others = true;
	received = hooks_take_received();
	if (received > 0 || others)
		look_for_answers(now, others, received);
	/* a submission leaves when that it does, and the answer itself, are on the disk */
	if (lossy && !submits())
		(void) set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	worker_transaction_end();
	answering_committed();
	MemoryContextSwitchTo(turn);
	/* terminated while it waited for a synchronous standby: no call may follow from it */
	CHECK_FOR_INTERRUPTS();
}

/* Answers that change nothing in the tables, as an empty list. */
static void
record_in_memory(void)
{
	ListCell   *cell;

	foreach(cell, ended)
		record(lfirst(cell));
}

static void
start_calls(TimestampTz now)
{
	ListCell   *cell;

	foreach(cell, ended)
	{
		const Call *call = lfirst(cell);

		if (call->ask_errors)
			sending_ask_errors(client, call);
	}
	discovery_start();
	reading_start(client);
	stamps_start(client);
	foreach(cell, gateways)
	{
		Gateway    *gateway = lfirst(cell);

		sending_start(client, gateway);
		if (gateway->quiet_until <= now && gateway->calls < gateway->point->connections)
			receiving_start(client, gateway, gateway->point->connections - gateway->calls);
	}
}

static void
free_ended(void)
{
	ListCell   *cell;

	foreach(cell, ended)
		call_free(lfirst(cell));
	list_free(ended);
	ended = NIL;
}

static TimestampTz
due_of(const Gateway *gateway)
{
	TimestampTz due = receiving_due(gateway);

	/* a call that ends wakes us */
	if (gateway->calls >= gateway->point->connections || (!gateway->probed && gateway->calls > 0))
		return DT_NOEND;
	if (oots_send)
		due = Min(due, outbox_due(gateway->point->name));
	if (gateway->point->state == ACCESS_POINT_DRAINING)
		due = Min(due, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), DRAIN_LOOK_MS));
	return Max(due, gateway->quiet_until);
}

static long
milliseconds_to_sleep(void)
{
	TimestampTz due = Min(Min(Min(next_answer, next_load), housekeeping_due()), Min(Min(reading_due(), discovery_due()), stamps_due()));
	ListCell   *cell;

	if (turn_has_unable())
		return 0;
	foreach(cell, gateways)
		due = Min(due, due_of(lfirst(cell)));
	if (TIMESTAMP_IS_NOEND(due))
		return -1;
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), due);
}

static void
turn(MemoryContext context)
{
	int			wake = take_wake_ups();

	MemoryContextSwitchTo(TopMemoryContext);
	collect_answers();
	MemoryContextSwitchTo(context);
	if (transaction_needed(wake, GetCurrentTimestamp()))
		turn_transaction(wake, context);
	else
	{
		record_in_memory();
		free_ended();
		/* a list may have named new messages: nothing else would wake us for them before the next one */
		if (transaction_needed(0, GetCurrentTimestamp()))
			turn_transaction(0, context);
	}
	if (housekeeping_due() <= GetCurrentTimestamp())
		housekeeping();
	start_calls(GetCurrentTimestamp());
	free_ended();
}

/*
 * What an earlier life committed may not have reached a synchronous standby, if that life
 * ended while it waited for it. The commit of this record comes after it, so that nothing
 * is acknowledged to an access point that only this server knows.
 */
static void
wait_for_standbys(void)
{
	worker_transaction_begin("waiting for standbys");
	query_run("SELECT pg_catalog.pg_logical_emit_message(true, 'ootspg'::text, ''::text)", NULL, false, 1, SPI_OK_SELECT);
	worker_transaction_end();
	CHECK_FOR_INTERRUPTS();
}

/*
 * There is no statement of anybody's to cancel, and the wait for a standby must not be; but this is
 * also how a process tells itself that it has waited long enough for a lock.
 */
static void
on_cancel(SIGNAL_ARGS)
{
	if (get_timeout_indicator(LOCK_TIMEOUT, false))
		StatementCancelHandler(postgres_signal_arg);
}

static void
begin(Oid database)
{
	worker_begin(database, InvalidOid, "ootspg exchange");
	/* it looks up rows; a table of which nothing is known seems small, and worth reading from end to end */
	SetConfigOption("enable_seqscan", "off", PGC_USERSET, PGC_S_OVERRIDE);
	/* what is to be avoided counts as very dear, and would be compiled */
	SetConfigOption("jit", "off", PGC_USERSET, PGC_S_OVERRIDE);
	pqsignal(SIGINT, on_cancel);
	client = http_open(MAX_CALLS);
	discovery_open(client);
	wait_for_standbys();
	attempts_take_up();
	housekeeping();
	worker_transaction_begin("taking up the work");
	outbox_take_up();
	answering_free_left();
	inbox_free_leases(answering_living());
	load();
	look_for_answers(GetCurrentTimestamp(), true, 0);
	worker_transaction_end();
	answering_committed();
}

void
ootspg_exchange_worker_main(Datum database)
{
	MemoryContext context;

	begin(DatumGetObjectId(database));
	context = AllocSetContextCreate(TopMemoryContext, "ootspg turn", ALLOCSET_DEFAULT_SIZES);
	for (;;)
	{
		turn(context);
		MemoryContextSwitchTo(TopMemoryContext);
		MemoryContextReset(context);
		Assert(!IsTransactionState());
		http_wait(client, milliseconds_to_sleep(), PG_WAIT_EXTENSION);
		if (worker_serve_signals())
			wake_database(MyDatabaseId, WAKE_CONFIGURATION);
	}
}
