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
#include "worker/leaving.h"
#include "worker/listing.h"
#include "worker/outgoing.h"
#include "worker/reading.h"
#include "worker/receiving.h"
#include "worker/recording.h"
#include "worker/sending.h"
#include "worker/session.h"
#include "worker/stamps.h"
#include "worker/turn.h"
#include "worker/worker.h"

#define MAX_CALLS		(2 * MAX_GATEWAYS * 16)	/* twice: those of an earlier configuration may still be under way */
#define DRAIN_LOOK_MS	500
#define ANSWER_LOOK_MS	1000
#define MOST_LOOK_MS	30000
#define LOOK_SHARE		50		/* a look at all that waits takes so small a part of the time, however much it is */
#define LOCKED_MS		2000	/* before what somebody has locked is tried again */
#define SHARE_MS		5		/* while calls are under way, between two transactions: what comes meanwhile shares the second */

PGDLLEXPORT void ootspg_exchange_worker_main(Datum database);

/* this process's own */
static HttpClient *client;
static List *ended = NIL;		/* Call *, answers read, not yet recorded */
static Oid	extension;			/* as it was when the access points were loaded */
static bool one_role = false;	/* answers all there is */
static TimestampTz next_answer; /* a message of the inbox may be answered then */
static TimestampTz next_load = DT_NOEND;	/* of access points that could not be read */
static int	woken = 0;			/* what we were woken for, and have not seen to */
static TimestampTz last_transaction = 0;
static bool postponed = false;	/* the next one, until SHARE_MS after it */

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
	sending_answered(call);
	ended = lappend(ended, call);
}

static void
collect_answers(void)
{
	HttpCall   *http;
	List	   *unable;
	ListCell   *cell;

	while ((http = http_done(client)) != NULL)
		if (!reading_ended(http) && !stamps_ended(http))
			read_answer(http);
	discovery_collect();
	unable = turn_take_unable();
	foreach(cell, unable)
		sending_answered(lfirst(cell));
	ended = list_concat(ended, unable);
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

/* Is there anything for the database? */
static bool
transaction_needed(int wake, TimestampTz now)
{
	bool		needed = wake != 0 || Min(next_answer, next_load) <= now || Min(reading_due(), discovery_due()) <= now ||
		reading_has_answers() || discovery_has_answers() || stamps_has_answers() || stamps_due() <= now ||
		recording_due() <= now || recording_needed(ended);
	ListCell   *cell;

	foreach(cell, gateways)
		needed |= listing_has_new(lfirst(cell)) || ((Gateway *) lfirst(cell))->point->state == ACCESS_POINT_DRAINING ||
			outgoing_due(lfirst(cell), now);
	return needed;
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
	static long again_ms = ANSWER_LOOK_MS;
	Look		look = {whole, NIL};
	TimestampTz started = GetCurrentTimestamp();
	ListCell   *cell;

	/* whose it is nobody need ask when there is one role, and no more of its processes can be had */
	if (!whole && one_role && answering_wake_some(received))
	{
		next_answer = Min(next_answer, TimestampTzPlusMilliseconds(now, again_ms));
		return;
	}
	if (turn_try_briefly(start_answering, &look) != 0)
		next_answer = TimestampTzPlusMilliseconds(now, LOCKED_MS);
	if (whole)
		again_ms = Min(Max(TimestampDifferenceMilliseconds(started, GetCurrentTimestamp()) * LOOK_SHARE, ANSWER_LOOK_MS), MOST_LOOK_MS);
	foreach(cell, look.demands)
		if (((InboxDemand *) lfirst(cell))->due > 0)
			next_answer = Min(next_answer, TimestampTzPlusMilliseconds(now, again_ms));
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

/* Nothing of this turn but what can be asked for again. */
static bool
may_be_lost(int wake)
{
	ListCell   *cell;

	if ((wake & (WAKE_CONFIGURATION | WAKE_ANSWERER_LEFT)) != 0 || next_load <= GetCurrentTimestamp() || reading_has_answers() || discovery_has_answers() || stamps_has_answers())
		return false;
	foreach(cell, gateways)
		if (((Gateway *) lfirst(cell))->plugin == PLUGIN_5_0 && listing_has_new(lfirst(cell)))
			return false;
	return recording_may_be_lost(ended);
}

/* What is known here decides what is asked of an access point, or what is said of it: then nothing may wait to be recorded. */
static bool
looks_up(void)
{
	ListCell   *cell;

	foreach(cell, gateways)
		if (listing_has_new(lfirst(cell)) || ((Gateway *) lfirst(cell))->point->state == ACCESS_POINT_DRAINING)
			return true;
	return false;
}

/* What the tables hold for this turn; what is taken lives in the turn's memory. */
static void
turn_transaction(MemoryContext turn)
{
	int			wake = woken;
	TimestampTz now = GetCurrentTimestamp();
	ListCell   *cell;
	bool		lossy = may_be_lost(wake);
	bool		others;
	int			received;

	worker_transaction_begin("exchanging");
	MemoryContextSwitchTo(turn);
	if (wake & WAKE_CONFIGURATION)
		check_extension();
	recording_all(ended, (wake & ~(WAKE_ANSWER | WAKE_SEND)) != 0 || next_load <= now || looks_up());
	if ((wake & WAKE_CONFIGURATION) != 0 || next_load <= now)
		load();
	if (wake & WAKE_ANSWERER_LEFT)
		answering_free_left();
	if (wake & (WAKE_STAMPS | WAKE_CONFIGURATION))
		stamps_look_again();
	foreach(cell, gateways)
		listing_look_up(lfirst(cell));
	outgoing_take(now);
	outgoing_finish_drained();
	look_at_directories(wake, now);
	/* of what this turn stored nobody else need tell */
	others = (wake & (WAKE_ANSWER | WAKE_CONFIGURATION | WAKE_ROLES)) != 0 || next_answer <= now;
	if ((stamps_has_answers() || stamps_due() <= now) && stamps_take())
		others = true;
	received = hooks_take_received();
	if (received > 0 || others)
		look_for_answers(now, others, received);
	/* a submission leaves when that it does, and the answer itself, are on the disk */
	if (lossy && !outgoing_submits())
		(void) set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	worker_transaction_end();
	answering_committed();
	woken = 0;
	last_transaction = GetCurrentTimestamp();
	MemoryContextSwitchTo(turn);
	/* terminated while it waited for a synchronous standby: no call may follow from it */
	CHECK_FOR_INTERRUPTS();
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
		outgoing_ask(client, gateway, now);
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
		due = Min(due, Min(outbox_due(gateway->point->name), outbox_question_due(gateway->point->name)));
	if (gateway->point->state == ACCESS_POINT_DRAINING)
		due = Min(due, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), DRAIN_LOOK_MS));
	return Max(due, gateway->quiet_until);
}

static long
milliseconds_to_sleep(void)
{
	TimestampTz due = Min(Min(Min(next_answer, next_load), Min(housekeeping_due(), recording_due())), Min(Min(reading_due(), discovery_due()), stamps_due()));
	ListCell   *cell;

	if (turn_has_unable())
		return 0;
	if (postponed)
		return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), TimestampTzPlusMilliseconds(last_transaction, SHARE_MS));
	foreach(cell, gateways)
		due = Min(due, due_of(lfirst(cell)));
	if (TIMESTAMP_IS_NOEND(due))
		return -1;
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), due);
}

/*
 * Under load each commit is shared: a turn that needs a transaction right after another one's waits a
 * moment for what else comes, and makes calls meanwhile. An operator's word does not wait.
 */
static bool
may_share(TimestampTz now)
{
	ListCell   *cell;
	int			calls = 0;

	if ((woken & ~(WAKE_ANSWER | WAKE_SEND)) != 0 || !recording_may_be_shared(ended) || now >= TimestampTzPlusMilliseconds(last_transaction, SHARE_MS))
		return false;
	foreach(cell, gateways)
		calls += ((Gateway *) lfirst(cell))->calls;
	return calls > 0;
}

static void
turn(MemoryContext context)
{
	bool		needed;

	woken |= take_wake_ups();
	MemoryContextSwitchTo(TopMemoryContext);
	collect_answers();
	ended = recording_put_off(ended);
	MemoryContextSwitchTo(context);
	needed = transaction_needed(woken, GetCurrentTimestamp());
	if (!needed)
	{
		recording_in_memory(ended);
		free_ended();
		/* a list may have named new messages: nothing else would wake us for them before the next one */
		needed = transaction_needed(0, GetCurrentTimestamp());
	}
	postponed = needed && may_share(GetCurrentTimestamp());
	if (postponed)
	{
		recording_release(ended);
		start_calls(GetCurrentTimestamp());
		return;
	}
	if (needed)
		turn_transaction(context);
	if (housekeeping_due() <= GetCurrentTimestamp())
		housekeeping();
	start_calls(GetCurrentTimestamp());
	free_ended();
}

/* No call is begun any more; what is known is written down. */
static void
leave(MemoryContext context)
{
	MemoryContextSwitchTo(TopMemoryContext);
	leaving_patience_begins();	/* an answer that consumed its message is written down at once */
	collect_answers();
	while (sending_under_way() > 0 && leaving_in_time())
	{
		http_wait(client, leaving_ms(), PG_WAIT_EXTENSION);
		collect_answers();
	}
	MemoryContextSwitchTo(context);
	leaving_patience_begins();	/* what is known by now has a moment of its own */
	worker_transaction_begin("leaving");
	MemoryContextSwitchTo(context);
	recording_all(ended, true);
	worker_transaction_end();
	leaving_patience_ends();
	leaving_now();
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
	stamps_take_up();
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
	leaving_prepare();
	for (;;)
	{
		if (leaving_asked())
			leave(context);
		leaving_patience_begins();
		turn(context);
		leaving_patience_ends();
		MemoryContextSwitchTo(TopMemoryContext);
		MemoryContextReset(context);
		Assert(!IsTransactionState());
		if (!leaving_asked())
			http_wait(client, milliseconds_to_sleep(), PG_WAIT_EXTENSION);
		if (worker_serve_signals())
			wake_database(MyDatabaseId, WAKE_CONFIGURATION);
	}
}
