/*
 * answer_worker.c
 *		Answers messages of the inbox as the role that the access point names, which
 *		is no superuser: claim some, answer each in its own transaction, by the same
 *		code as ootspg.answer(). What an attempt raises is noted, and the message
 *		waits for the next one; the last attempt does not ask the registry any more.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "exchange/inbox.h"
#include "settings.h"
#include "worker/answering.h"
#include "worker/worker.h"

#define CLAIM_AT_ONCE	4		/* so few wait behind one that takes long */
#define IDLE_MS			30000	/* then the process is given back */
#define LOCKED_MS		500
#define FIRST_RETRY_MS	1000
#define MOST_RETRY_MS	60000

PGDLLEXPORT void ootspg_answer_worker_main(Datum database);

static List *
claim(MemoryContext turn, TimestampTz *next_due)
{
	List	   *claims;

	worker_transaction_begin("claiming messages");
	if (!worker_extension_present())
	{
		worker_transaction_end();
		proc_exit(0);
	}
	MemoryContextSwitchTo(turn);
	claims = inbox_claim(CLAIM_AT_ONCE, next_due);
	worker_transaction_end();
	MemoryContextSwitchTo(turn);
	return claims;
}

/* 0, or the SQLSTATE of what went wrong; the message and its words are the registry's and stay there. */
static int
answer(const InboxClaim *message, MemoryContext turn)
{
	volatile int sqlstate = 0;

	PG_TRY();
	{
		worker_transaction_begin("answering a request");
		if (oots_answer_timeout_ms > 0)
			enable_timeout_after(STATEMENT_TIMEOUT, oots_answer_timeout_ms);
		inbox_answer(message);
		disable_timeout(STATEMENT_TIMEOUT, false);
		worker_transaction_end();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(turn);
		error = CopyErrorData();
		FlushErrorState();
		disable_timeout(STATEMENT_TIMEOUT, false);
		QueryCancelPending = false;
		sqlstate = error->sqlerrcode;
		worker_transaction_abort();
		ereport(LOG,
				(errcode(sqlstate),
				 errmsg("message %lld could not be answered in attempt %d", (long long) message->id, message->attempt)));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(turn);
	return sqlstate;
}

/* No message is to blame for a role that may not answer any: the exchange worker sees to the next process. */
static void
note_failure(const InboxClaim *message, int sqlstate)
{
	bool		role_fails;

	worker_transaction_begin("noting a failure");
	role_fails = answering_role_fails();
	if (message->attempt >= INBOX_LAST_ATTEMPT && !role_fails)
		inbox_give_up(message, sqlstate);
	else
		inbox_failed(message, sqlstate, backoff_ms(message->attempt, FIRST_RETRY_MS, MOST_RETRY_MS));
	worker_transaction_end();
	if (role_fails)
		proc_exit(0);
}

/* An attempt beyond the last one was begun before and never ended: not even a refusal is tried again. */
static void
work_on(const InboxClaim *message, MemoryContext turn)
{
	int			sqlstate = message->attempt > INBOX_LAST_ATTEMPT ? 0 : answer(message, turn);

	if (sqlstate != 0 || message->attempt > INBOX_LAST_ATTEMPT)
		note_failure(message, sqlstate);
	(void) worker_serve_signals();
}

/* True when something may be there to be answered. */
static bool
wait_for_work(TimestampTz next_due)
{
	long		wait_ms = IDLE_MS;
	int			events;

	/* what is due and was not to be had is in other hands */
	if (!TIMESTAMP_IS_NOEND(next_due))
		wait_ms = Min(wait_ms, next_due > GetCurrentTimestamp() ? TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next_due) + 1 : LOCKED_MS);
	events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, wait_ms, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	(void) worker_serve_signals();
	return (events & WL_LATCH_SET) != 0 || !TIMESTAMP_IS_NOEND(next_due);
}

void
ootspg_answer_worker_main(Datum database)
{
	MemoryContext turn;
	TimestampTz next_due;
	Oid			role;

	memcpy(&role, MyBgworkerEntry->bgw_extra, sizeof(role));
	worker_begin(DatumGetObjectId(database), role, "ootspg answer");
	turn = AllocSetContextCreate(TopMemoryContext, "ootspg answer turn", ALLOCSET_DEFAULT_SIZES);
	do
	{
		List	   *claims;
		ListCell   *cell;

		MemoryContextSwitchTo(turn);
		while ((claims = claim(turn, &next_due)) != NIL)
		{
			foreach(cell, claims)
				work_on(lfirst(cell), turn);
			MemoryContextReset(turn);
		}
	} while (wait_for_work(next_due));
	proc_exit(0);
}
