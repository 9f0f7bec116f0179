/*
 * jobs.c
 *		What the exchange worker does at regular times: a row of jobs[] each, a
 *		function that returns what it did in words. A job has a transaction of its
 *		own and waits for locks for a moment only; what it raises is told and kept
 *		(sql/ootspg/worker/job.sql), and it is tried again. On a standby there is no
 *		worker, and a copy of the database that nobody said go for does none.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "query.h"
#include "worker/jobs.h"
#include "worker/turn.h"
#include "worker/worker.h"

#define AGAIN_MS		60000	/* after a failure, or where nobody said go, unless the job comes sooner by itself */

typedef struct Job
{
	const char *name;
	const char *activity;
	const char *statement;		/* one text: what was done */
	long		every_ms;
	TimestampTz next;
	bool		without_go;		/* it waits for somebody to say go for this copy */
} Job;

static Job	jobs[] = {
	/* first: it tells what happened while nobody was here */
	{"availability", "measuring availability", "SELECT ootspg_internal.measure_availability()", 30000},
	{"maintenance", "looking at the maintenance calendar", "SELECT ootspg_internal.heed_calendar()", 30000},
	{"incidents", "looking for incidents", "SELECT ootspg_internal.find_incidents()", 60000},
	{"statistics", "summing up exchanges", "SELECT ootspg_internal.keep_statistics()", 3600000},
	{"audit", "maintaining the audit", "SELECT 'maintained' FROM (SELECT ootspg.maintain()) m", 86400000},
};

typedef struct Run
{
	const Job  *job;
	char	   *result;			/* of the caller's transaction; NULL: nothing was to be done here */
} Run;

TimestampTz
jobs_due(void)
{
	TimestampTz due = DT_NOEND;

	for (int i = 0; i < lengthof(jobs); i++)
		due = Min(due, jobs[i].next);
	return due;
}

void
jobs_look_again(void)
{
	for (int i = 0; i < lengthof(jobs); i++)
		if (jobs[i].without_go)
			jobs[i].next = 0;
}

static void
has_go(void *go)
{
	query_run("SELECT " COPY_HAS_GO, NULL, false, 1, SPI_OK_SELECT);
	*(bool *) go = query_bool(0, 1);
}

static void
run_statement(void *argument)
{
	Run		   *run = argument;

	if (query_run(run->job->statement, NULL, false, 1, SPI_OK_SELECT) > 0)
		run->result = query_text(0, 1);
}

static Datum
milliseconds(long ms)
{
	Interval   *interval = palloc0(sizeof(Interval));

	interval->time = ms * INT64CONST(1000);
	return PointerGetDatum(interval);
}

/* sqlstate 0: it went well */
static void
keep_result(const Job *job, const char *result, int sqlstate)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, job->name);
	query_add(&arguments, INTERVALOID, milliseconds(job->every_ms), false);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(job->next), false);
	query_add_text(&arguments, result);
	query_add_text(&arguments, sqlstate == 0 ? NULL : unpack_sql_state(sqlstate));
	query_run("SELECT ootspg_internal.job_ended($1, $2, $3, $4, $5)", &arguments, false, 1, SPI_OK_SELECT);
}

/* A job that could not even look is tried again; what it does waits for the copy's go. */
static void
run_job(Job *job)
{
	bool		go = false;
	Run			run = {job, NULL};
	int			sqlstate;

	worker_transaction_begin(job->activity);
	sqlstate = turn_try_briefly(has_go, &go);
	if (sqlstate == 0 && go)
		sqlstate = turn_try_briefly(run_statement, &run);
	job->next = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), sqlstate == 0 && go ? job->every_ms : Min(job->every_ms, AGAIN_MS));
	job->without_go = !go;
	if (go)
		keep_result(job, run.result, sqlstate);
	worker_transaction_end();
}

void
jobs_run(void)
{
	TimestampTz now = GetCurrentTimestamp();

	for (int i = 0; i < lengthof(jobs); i++)
		if (jobs[i].next <= now)
			run_job(&jobs[i]);
}
