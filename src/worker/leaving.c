/*
 * leaving.c
 *		A planned restart leaves no message in doubt: told to end, the exchange worker begins no
 *		call any more, waits a moment for the submissions that are under way, and records what it
 *		knows. Without that the next life would have to ask for each, and to wait until the
 *		access point can be believed that it has not got it (access point §5.3).
 *
 *		Whatever waits for others meanwhile, a lock, a standby, the disk, has the same time and
 *		not more: then the process ends as any does.
 */
#include "postgres.h"

#include <signal.h>

#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "worker/leaving.h"

#define LEAVE_MS 2000

static volatile sig_atomic_t asked = false;
static volatile sig_atomic_t patience_over = false;
static TimeoutId patience;
static TimestampTz until = 0;

static void
on_terminate(SIGNAL_ARGS)
{
	if (patience_over)
		die(postgres_signal_arg);
	else
	{
		int			saved = errno;

		asked = true;
		SetLatch(MyLatch);
		errno = saved;
	}
}

static void
patience_ends(void)
{
	patience_over = true;
	if (asked)
		die(SIGTERM);
}

void
leaving_prepare(void)
{
	patience = RegisterTimeout(USER_TIMEOUT, patience_ends);
	pqsignal(SIGTERM, on_terminate);
}

void
leaving_patience_begins(void)
{
	patience_over = false;
	enable_timeout_after(patience, LEAVE_MS);
}

void
leaving_patience_ends(void)
{
	disable_timeout(patience, false);
	patience_over = false;
}

bool
leaving_asked(void)
{
	return asked;
}

long
leaving_ms(void)
{
	if (until == 0)
		until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LEAVE_MS);
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);
}

bool
leaving_in_time(void)
{
	return leaving_ms() > 0;
}

void
leaving_now(void)
{
	die(SIGTERM);
	CHECK_FOR_INTERRUPTS();
	pg_unreachable();
}
