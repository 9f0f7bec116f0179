/*
 * session.c
 *		The settings of a worker's session. ALTER ROLE and ALTER DATABASE may set any
 *		that a user may; those that would change whether messages are exchanged, or
 *		what is written, are pinned. What concerns the registry's own statements stays
 *		as it is set (DateStyle, TimeZone, xmloption, work_mem, planner's costs), and so
 *		does what concerns the server's log.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/guc.h"

#include "compat.h"
#include "worker/session.h"

#define HURRY "200ms"

typedef struct Pinned
{
	const char *name;
	const char *value;
} Pinned;

/* Settings that this server does not know are passed over. */
static const Pinned pinned[] = {
	/* as whom, and what names mean; pg_stat_activity and query_run() speak of the extension's schemas only */
	{"role", "none"},
	{"search_path", "pg_catalog, pg_temp"},
	{"row_security", "on"},
	{"restrict_nonsystem_relation_kind", ""},
	/* transactions write, see what is committed, and end when they are done */
	{"default_transaction_read_only", "off"},
	{"default_transaction_isolation", "read committed"},
	{"default_transaction_deferrable", "off"},
	{"statement_timeout", "0"},
	{"transaction_timeout", "0"},
	{"lock_timeout", "0"},
	{"idle_in_transaction_session_timeout", "0"},
	/* DROP EXTENSION locks our tables in an order of its own: the worker is to find out first, and give way */
	{"deadlock_timeout", "50ms"},
	/* an error ends what it happened in, not the process */
	{"exit_on_error", "off"},
	/* triggers wake, check and guard; event triggers are the owner's */
	{"session_replication_role", "origin"},
	/* what literals and comparisons of our own statements mean */
	{"standard_conforming_strings", "on"},
	{"backslash_quote", "safe_encoding"},
	{"transform_null_equals", "off"},
	{"array_nulls", "on"},
	/* where partitions are made */
	{"default_tablespace", ""},
	{"default_table_access_method", "heap"},
	/* a request looks up a row; processes are few, and the workers' own */
	{"max_parallel_workers_per_gather", "0"},
	{"debug_parallel_query", "off"},
	{"force_parallel_mode", "off"},
	/* plans and errors show no values */
	{"plan_cache_mode", "auto"},
	{"plpgsql.print_strict_params", "off"}
};

static void
pin(const char *name, const char *value)
{
	if (GetConfigOption(name, true, false) != NULL)
		SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

/* What is acknowledged to an access point must not be lost with a crash: commits wait for the disk at least. */
static void
keep_commits_durable(void)
{
	if (synchronous_commit == SYNCHRONOUS_COMMIT_OFF)
		pin("synchronous_commit", "local");
}

void
session_settle(void)
{
	for (int i = 0; i < (int) lengthof(pinned); i++)
		pin(pinned[i].name, pinned[i].value);
	keep_commits_durable();
}

void
session_reloaded(void)
{
	keep_commits_durable();
}

/* By the session's own word, which holds whatever a function of the registry may have set. */
static void
wait_for_locks(const char *limit)
{
	SetConfigOption("lock_timeout", limit, PGC_SUSET, PGC_S_SESSION);
}

void
session_hurry(void)
{
	wait_for_locks(HURRY);
}

void
session_hurry_ends(void)
{
	wait_for_locks("0");
}
