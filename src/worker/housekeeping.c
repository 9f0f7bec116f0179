/*
 * housekeeping.c
 *		The audit's partitions are made ahead, in a transaction of their own, before
 *		anything is written to them. Where that fails nothing is lost: the catch-all
 *		takes what comes, and it is tried again. Answers of directories that could not
 *		be filed at once are filed. Previews whose time is over end (D-TMO-05). Heads of the audit are made.
 *		What comes at regular times and is told to operators is a job (jobs.c).
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/timestamp.h"

#include "directory/filing.h"
#include "query.h"
#include "worker/heads.h"
#include "worker/housekeeping.h"
#include "worker/jobs.h"
#include "worker/turn.h"
#include "worker/worker.h"

#define LOOK_MS			3600000
#define LOOK_AGAIN_MS	600000	/* somebody was in the way */
#define FILE_AGAIN_MS	2000
#define SWEEP_MS		10000

static TimestampTz next_look = 0;
static TimestampTz next_filing = 0; /* an earlier life may have left some */
static TimestampTz next_sweep = 0;

TimestampTz
housekeeping_due(void)
{
	return Min(Min(Min(next_look, next_filing), next_sweep), Min(heads_due(), jobs_due()));
}

static TimestampTz
after(long ms)
{
	return TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ms);
}

void
housekeeping_look_again(void)
{
	next_look = 0;
	heads_look_again();
	jobs_look_again();
}

void
housekeeping_file_later(void)
{
	next_filing = after(FILE_AGAIN_MS);
}

static void
make_partitions(void *all_there)
{
	query_run("SELECT ootspg_internal.ensure_partitions(now()), ootspg_internal.ensure_partitions(now() + interval '1 month') "
			  "WHERE " COPY_HAS_GO,
			  NULL, false, 1, SPI_OK_SELECT);
	query_run("SELECT bool_and(ootspg_internal.audit_partition(parent, moment) IS NOT NULL) "
			  "FROM unnest(ARRAY['exchange_event', 'evidence_event']) parent, unnest(ARRAY[now(), now() + interval '1 month']) moment",
			  NULL, false, 1, SPI_OK_SELECT);
	*(bool *) all_there = query_bool(0, 1);
}

static void
file_answers(void *all_filed)
{
	*(bool *) all_filed = directory_file_answers();
}

/* Whoever is at a preview just now ends it, or leaves it to the next sweep, which follows at once when there were as many as one ends. */
static void
end_previews(void *more)
{
	*(bool *) more = query_run("SELECT ootspg.expire_previews() >= 1000 WHERE " COPY_HAS_GO, NULL, false, 1, SPI_OK_SELECT) == 1 && query_bool(0, 1);
}

static bool
try_alone(const char *activity, void (*todo) (void *argument))
{
	bool		done = false;

	worker_transaction_begin(activity);
	(void) turn_try_briefly(todo, &done);
	worker_transaction_end();
	return done;
}

void
housekeeping(void)
{
	TimestampTz now = GetCurrentTimestamp();

	if (next_look <= now)
		next_look = after(try_alone("preparing the audit", make_partitions) ? LOOK_MS : LOOK_AGAIN_MS);
	if (next_filing <= now)
		next_filing = try_alone("filing answers of directories", file_answers) ? DT_NOEND : after(FILE_AGAIN_MS);
	if (next_sweep <= now)
	{
		next_sweep = after(try_alone("ending previews", end_previews) ? 0 : SWEEP_MS);
	}
	if (heads_due() <= now)
		heads_make();
	jobs_run();
}
