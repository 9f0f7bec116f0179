/*
 * recording.c
 *		What came of calls, written down in the transaction of a turn: each in a subtransaction
 *		of its own, so that one that cannot be recorded costs the others nothing. Most calls end
 *		well, and of these an acknowledgement, a submission and a status can be asked for again
 *		by whoever comes after a crash: they wait a moment for each other, and are recorded by one
 *		statement for all of a kind.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "errors.h"
#include "worker/attempt.h"
#include "worker/judgement.h"
#include "worker/receiving.h"
#include "worker/recording.h"
#include "worker/sending.h"
#include "worker/turn.h"
#include "worker/worker.h"

#define PUT_OFF_MS		50
#define MOST_PUT_OFF	32
#define LARGE_BYTES		(256 * 1024)	/* a call of this size is not kept longer than it must be */

static List *put_off = NIL;		/* Call * */
static TimestampTz first_put_off_at;

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

bool
recording_needed(const List *ended)
{
	const ListCell *cell;

	foreach(cell, ended)
		if (needs_recording(lfirst(cell)))
			return true;
	return false;
}

/*
 * Results that can be asked for again: of an acknowledgement, a submission, a question. Lost with a
 * crash, they are asked for by the next life. What was received is not, nor what a call follows from.
 */
bool
recording_may_be_lost(const List *ended)
{
	const ListCell *cell;

	foreach(cell, ended)
	{
		const Call *call = lfirst(cell);

		if ((is_receiving(call) && call->purpose != CALL_ACKNOWLEDGE) || gateway_judgement_matters(call))
			return false;
	}
	return true;
}

static bool
is_retrieved(const Call *call)
{
	return call->purpose == CALL_RETRIEVE && !call_failed(call) && !gateway_judgement_matters(call);
}

bool
recording_may_be_shared(const List *ended)
{
	const ListCell *cell;

	foreach(cell, ended)
	{
		const Call *call = lfirst(cell);

		if (needs_recording(call) && (!is_retrieved(call) || MemoryContextMemAllocated(call->context, true) >= LARGE_BYTES))
			return false;
	}
	return list_length(ended) < MOST_PUT_OFF;
}

void
recording_release(const List *ended)
{
	const ListCell *cell;

	foreach(cell, ended)
		if (is_retrieved(lfirst(cell)))
			call_release(lfirst(cell));
}

static bool
may_wait(const Call *call)
{
	return !call->gateway->dropped && !gateway_judgement_matters(call) && (receiving_goes_well(call) || sending_goes_well(call)) &&
		MemoryContextMemAllocated(call->context, true) < LARGE_BYTES;
}

static void
report(Call *call)
{
	gateway_judge(call);
	if (!call->gateway->dropped)
		gateway_report(call->gateway, call);
}

List *
recording_put_off(List *ended)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	List	   *rest = NIL;
	ListCell   *cell;

	foreach(cell, ended)
	{
		Call	   *call = lfirst(cell);

		if (!may_wait(call))
		{
			rest = lappend(rest, call);
			continue;
		}
		if (put_off == NIL)
			first_put_off_at = GetCurrentTimestamp();
		put_off = lappend(put_off, call);
		report(call);
		if (is_receiving(call))
			receiving_settled(call);
		call_release(call);
	}
	MemoryContextSwitchTo(caller);
	list_free(ended);
	return rest;
}

TimestampTz
recording_due(void)
{
	if (put_off == NIL)
		return DT_NOEND;
	return list_length(put_off) >= MOST_PUT_OFF ? 0 : TimestampTzPlusMilliseconds(first_put_off_at, PUT_OFF_MS);
}

/* A list of calls put off, of both directions. */
static void
try_to_record_well(void *argument)
{
	List	   *acknowledged = NIL;
	List	   *sent = NIL;
	ListCell   *cell;

	foreach(cell, (List *) argument)
	{
		Call	   *call = lfirst(cell);

		if (is_receiving(call))
			acknowledged = lappend(acknowledged, call);
		else
			sent = lappend(sent, call);
	}
	receiving_record_well(acknowledged);
	if (sent != NIL)
		sending_record_well(sent);
}

/* Together; one that cannot be recorded so shows itself alone. How many could not. */
static int
record_put_off(void)
{
	List	   *calls = put_off;
	ListCell   *cell;
	int			failed = 0;

	if (calls == NIL)
		return 0;
	put_off = NIL;
	if (turn_try(try_to_record_well, calls) != 0)
		foreach(cell, calls)
			failed += turn_try(try_to_record_well, list_make1(lfirst(cell))) != 0;
	foreach(cell, calls)
		call_free(lfirst(cell));
	list_free(calls);
	return failed;
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

void
recording_all(const List *ended, bool whole)
{
	const ListCell *cell;
	int			failed = whole || recording_due() <= GetCurrentTimestamp() ? record_put_off() : 0;

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

void
recording_in_memory(const List *ended)
{
	const ListCell *cell;

	foreach(cell, ended)
		record(lfirst(cell));
}
