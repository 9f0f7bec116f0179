/*
 * answer_worker.c
 *		Answers messages of the inbox as the role that the provider or the access point
 *		names, which is no superuser: claim one and answer it in one transaction, by the same
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
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "exchange/hold.h"
#include "exchange/inbox.h"
#include "settings.h"
#include "worker/answering.h"
#include "worker/session.h"
#include "worker/worker.h"

#define IDLE_MS			30000	/* then the process is given back */
#define CATALOGS_MS		1000
#define LOCKED_MS		500
#define FIRST_LOOK_MS	4		/* at what is in other hands, which are mostly about to let go */
#define LAST_LOOK_MS	256
#define FIRST_RETRY_MS	1000
#define MOST_RETRY_MS	60000

PGDLLEXPORT void ootspg_answer_worker_main(Datum database);

/* Whose messages it takes, and from which number on it looks for fresh ones. */
static AnsweringNews known;
static int64 low = 0;
static TimestampTz scope_read_at = 0;

/* Somebody changed a role, or who is a member of which. */
static void
roles_changed(Datum argument, int cache, uint32 hash)
{
	scope_read_at = 0;
}

/*
 * A role that has become more than one that answers, or has lost its duty, runs nobody's code: the
 * next process is not started. What nobody tells is looked for each second.
 */
static void
look_at_configuration(void)
{
	AnsweringNews news;
	TimestampTz now = GetCurrentTimestamp();

	AcceptInvalidationMessages();
	news = answering_news();
	if (scope_read_at == 0 || news.configuration != known.configuration || TimestampDifferenceExceeds(scope_read_at, now, CATALOGS_MS))
	{
		if (!worker_extension_present() || answering_role_fails())
		{
			worker_transaction_end();
			proc_exit(0);
		}
		if (inbox_scope_read())
			low = 0;
		scope_read_at = now;
	}
	if (news.put_back != known.put_back)
		low = 0;
	known = news;
}

/* The message is in hand and the transaction open; or there is none, and it is closed. */
static InboxClaim *
claim(MemoryContext turn, TimestampTz *next_due)
{
	InboxClaim *message;

	worker_transaction_begin("answering a request");
	look_at_configuration();
	MemoryContextSwitchTo(turn);
	/* none is taken for fresh that ended a process just now */
	message = NULL;
	*next_due = GetCurrentTimestamp();
	if (!known.left)
		message = inbox_claim(&low, next_due);
	if (message != NULL)
	{
		answering_in_hand(message->id, false);
		return message;
	}
	/* all that had come by then is no fresh one of ours, or in other hands */
	if (!known.left)
		low = Max(low, known.last + 1);
	worker_transaction_end();
	MemoryContextSwitchTo(turn);
	return NULL;
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
static InboxClaim *
try_to_claim(MemoryContext turn, TimestampTz *next_due)
{
	InboxClaim *volatile message = NULL;

	session_hurry();
	PG_TRY();
	{
		message = claim(turn, next_due);
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
	return message;
}

/*
 * What was here before the server's life began may have ended the one before, and what failed once
 * may fail again: its attempt is written down before it is begun. Another transaction holds it then.
 */
static bool
count_first(InboxClaim *message)
{
	if (message->attempt == 1 && message->received_at > shared->began_at)
		return true;
	inbox_count(message);
	worker_transaction_end();
	answering_in_hand(message->id, true);
	worker_transaction_begin("answering a request");
	return inbox_lock(message);
}

/* Nothing of an answer leaves before the exchange worker has noted that it does, and that is committed after it, to the disk. */
static void
commit_when_it_leaves(void)
{
	(void) set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

/* 0, or the SQLSTATE of what went wrong. *held: the configuration could be read, so that the attempt counts. */
static int
answer(InboxClaim *message, MemoryContext turn, volatile bool *held)
{
	volatile int sqlstate = 0;

	PG_TRY();
	{
		if (count_first(message) && message->attempt <= INBOX_LAST_ATTEMPT)
		{
			session_hurry();
			hold_configuration();
			session_hurry_ends();
			*held = true;
			commit_when_it_leaves();
			if (oots_answer_timeout_ms > 0)
				enable_timeout_after(STATEMENT_TIMEOUT, oots_answer_timeout_ms);
			inbox_answer(message);
			disable_timeout(STATEMENT_TIMEOUT, false);
		}
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
postpone(const InboxClaim *message, int sqlstate)
{
	worker_transaction_begin("postponing a message");
	inbox_postpone(message, sqlstate, FIRST_RETRY_MS);
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
	{
		answering_in_hand(0, false);
		proc_exit(0);
	}
}

/* An attempt beyond the last one was begun before and never ended: not even a refusal is tried again. True when it is answered. */
static bool
work_on(InboxClaim *message, MemoryContext turn)
{
	volatile bool held = false;
	int			sqlstate = answer(message, turn, &held);

	if (!held && (sqlstate == ERRCODE_LOCK_NOT_AVAILABLE || sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED))
		postpone(message, sqlstate);
	else if (sqlstate != 0 || message->attempt > INBOX_LAST_ATTEMPT)
		note_failure(message, sqlstate);
	answering_in_hand(0, false);
	(void) worker_serve_signals();
	return held && sqlstate == 0;
}

/* Nothing came since, nor is what was tried before due: a look would be in vain. */
static bool
nothing_to_claim(TimestampTz next_due)
{
	AnsweringNews news = answering_news();

	return news.configuration == known.configuration && news.put_back == known.put_back && !news.left && news.last < low &&
		next_due > GetCurrentTimestamp();
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
	TimestampTz tried_due = 0;	/* as the last look in vain found it */
	long		look_ms = FIRST_LOOK_MS;
	Oid			role;

	memcpy(&role, MyBgworkerEntry->bgw_extra, sizeof(role));
	worker_begin(DatumGetObjectId(database), role, "ootspg answer");
	CacheRegisterSyscacheCallback(AUTHOID, roles_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, roles_changed, (Datum) 0);
	turn = AllocSetContextCreate(TopMemoryContext, "ootspg answer turn", ALLOCSET_DEFAULT_SIZES);
	do
	{
		InboxClaim *message;

		MemoryContextSwitchTo(turn);
		while ((message = try_to_claim(turn, &next_due)) != NULL)
		{
			bool		answered = work_on(message, turn);

			MemoryContextReset(turn);
			look_ms = FIRST_LOOK_MS;
			if (answered && nothing_to_claim(tried_due))
			{
				next_due = tried_due;
				break;
			}
		}
		if (message == NULL)
			tried_due = next_due;
	} while (wait_for_work(next_due, &look_ms));
	proc_exit(0);
}
