/*
 * heads.c
 *		When the next step towards heads of the audit is due.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "query.h"
#include "settings.h"
#include "worker/heads.h"
#include "worker/turn.h"
#include "worker/worker.h"

#define MARKED_MS	1000		/* transactions that were under way are mostly over then */
#define WAITING_MS	10000
#define MORE_MS		100			/* the network has its turn in between */
#define FAILED_MS	60000

static TimestampTz next_step = 0;

TimestampTz
heads_due(void)
{
	return oots_audit_head_interval_s > 0 ? next_step : DT_NOEND;
}

void
heads_look_again(void)
{
	next_step = 0;
}

/* A copy that nobody said go for makes none: the chain would fork. */
static void
step(void *state)
{
	QueryArguments arguments = {0};
	Interval	pause = {.time = (int64) oots_audit_head_interval_s * USECS_PER_SEC};

	query_add(&arguments, INTERVALOID, IntervalPGetDatum(&pause), false);
	if (query_run("SELECT ootspg_internal.audit_head_step($1) WHERE " COPY_HAS_GO, &arguments, false, 1, SPI_OK_SELECT) > 0)
		strlcpy(state, query_text(0, 1), NAMEDATALEN);
}

static long
pause_after(const char *state)
{
	if (strcmp(state, "marked") == 0)
		return MARKED_MS;
	if (strcmp(state, "waiting") == 0)
		return WAITING_MS;
	/* what was made is filed in the next step */
	if (strcmp(state, "more") == 0 || strcmp(state, "made") == 0)
		return MORE_MS;
	return Min(oots_audit_head_interval_s * 1000L, strcmp(state, "failed") == 0 ? FAILED_MS : PG_INT32_MAX);
}

void
heads_make(void)
{
	char		state[NAMEDATALEN] = "idle";

	worker_transaction_begin("making heads of the audit");
	if (turn_try_briefly(step, state) != 0)
		strlcpy(state, "failed", sizeof(state));
	worker_transaction_end();
	next_step = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), pause_after(state));
}
