/*
 * answer_worker.c
 *		Answers messages of the inbox as the role that the provider or the access point
 *		names, which is no superuser: claim some, answer each in its own transaction, by the same
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

#include "exchange/hold.h"
#include "exchange/inbox.h"
#include "settings.h"
#include "worker/answering.h"
#include "worker/session.h"
#include "worker/worker.h"

#define CLAIM_AT_ONCE	1		/* each is an attempt that was begun: what ends the server takes no other along */
#define IDLE_MS			30000	/* then the process is given back */
#define LOCKED_MS		500
#define FIRST_LOOK_MS	4		/* at what is in other hands, which are mostly about to let go */
#define LAST_LOOK_MS	256
#define FIRST_RETRY_MS	1000
#define MOST_RETRY_MS	60000

PGDLLEXPORT void ootspg_answer_worker_main(Datum database);

static List *
claim(MemoryContext turn, TimestampTz *next_due)
{
	List	   *claims;

	worker_transaction_begin("claiming messages");
	/* a role that has become more than one that answers, or has lost its duty, runs nobody's code: the next process is not started */
	if (!worker_extension_present() || answering_role_fails())
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

/* The error that is being handled; its words are the registry's, and stay there. */
static int
end_failed(MemoryContext turn)
{
	int			sqlstate = geterrcode();

	FlushErrorState();
	disable_timeout(STATEMENT_TIMEOUT, false);
	QueryCancelPending = false;
	worker_transaction_abort();
	session_hurry_ends();
	MemoryContextSwitchTo(turn);
	return sqlstate;
}

/* Whoever has locked the configuration is waited for a moment; then it is tried again a little later. */
static List *
try_to_claim(MemoryContext turn, TimestampTz *next_due)
{
	List	   *volatile claims = NIL;

	session_hurry();
	PG_TRY();
	{
		claims = claim(turn, next_due);
		session_hurry_ends();
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_LOCK_NOT_AVAILABLE)
			PG_RE_THROW();
		(void) end_failed(turn);
		*next_due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOCKED_MS);
	}
	PG_END_TRY();
	return claims;
}

/* 0, or the SQLSTATE of what went wrong. *held: the configuration could be read, so that the attempt counts. */
static int
answer(const InboxClaim *message, MemoryContext turn, volatile bool *held)
{
	volatile int sqlstate = 0;

	PG_TRY();
	{
		worker_transaction_begin("answering a request");
		session_hurry();
		hold_configuration();
		session_hurry_ends();
		*held = true;
		if (oots_answer_timeout_ms > 0)
			enable_timeout_after(STATEMENT_TIMEOUT, oots_answer_timeout_ms);
		inbox_answer(message);
		disable_timeout(STATEMENT_TIMEOUT, false);
		worker_transaction_end();
	}
	PG_CATCH();
	{
		sqlstate = end_failed(turn);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(turn);
	if (sqlstate != 0 && *held)
		ereport(LOG,
				(errcode(sqlstate),
				 errmsg("message %lld could not be answered in attempt %d", (long long) message->id, message->attempt)));
	return sqlstate;
}

static void
postpone(const InboxClaim *message)
{
	worker_transaction_begin("postponing a message");
	hold_postpone(message, FIRST_RETRY_MS);
	worker_transaction_end();
}

/* No message is to blame for a role that may not answer any: the exchange worker sees to the next process. */
static void
note_failure(const InboxClaim *message, int sqlstate)
{
	bool		role_fails;

	worker_transaction_begin("noting a failure");
	session_hurry();
	role_fails = answering_role_fails();
	if (message->attempt >= INBOX_LAST_ATTEMPT && !role_fails)
		inbox_give_up(message, sqlstate);
	else
		inbox_failed(message, sqlstate, backoff_ms(message->attempt, FIRST_RETRY_MS, MOST_RETRY_MS));
	session_hurry_ends();
	worker_transaction_end();
	if (role_fails)
		proc_exit(0);
}

/* An attempt beyond the last one was begun before and never ended: not even a refusal is tried again. */
static void
work_on(const InboxClaim *message, MemoryContext turn)
{
	volatile bool held = false;
	int			sqlstate = message->attempt > INBOX_LAST_ATTEMPT ? 0 : answer(message, turn, &held);

	if (!held && (sqlstate == ERRCODE_LOCK_NOT_AVAILABLE || sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED))
		postpone(message);
	else if (sqlstate != 0 || message->attempt > INBOX_LAST_ATTEMPT)
		note_failure(message, sqlstate);
	(void) worker_serve_signals();
}

/*
 * True when something may be there to be answered. What is due and was not to be had is in
 * other hands, often for a moment only: it is looked for again soon, then ever less often.
 */
static bool
wait_for_work(TimestampTz next_due, long *look_ms)
{
	TimestampTz now = GetCurrentTimestamp();
	long		wait_ms = IDLE_MS;
	int			events;

	if (!TIMESTAMP_IS_NOEND(next_due) && next_due > now)
		wait_ms = Min(wait_ms, TimestampDifferenceMilliseconds(now, next_due) + 1);
	else if (!TIMESTAMP_IS_NOEND(next_due))
	{
		wait_ms = *look_ms;
		*look_ms = Min(*look_ms * 2, LAST_LOOK_MS);
	}
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
	long		look_ms = FIRST_LOOK_MS;
	Oid			role;

	memcpy(&role, MyBgworkerEntry->bgw_extra, sizeof(role));
	worker_begin(DatumGetObjectId(database), role, "ootspg answer");
	turn = AllocSetContextCreate(TopMemoryContext, "ootspg answer turn", ALLOCSET_DEFAULT_SIZES);
	do
	{
		List	   *claims;
		ListCell   *cell;

		MemoryContextSwitchTo(turn);
		while ((claims = try_to_claim(turn, &next_due)) != NIL)
		{
			foreach(cell, claims)
				work_on(lfirst(cell), turn);
			MemoryContextReset(turn);
			look_ms = FIRST_LOOK_MS;
		}
	} while (wait_for_work(next_due, &look_ms));
	proc_exit(0);
}
