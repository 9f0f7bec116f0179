/*
 * db.c
 *		Calls of the database by libpq. A connection that was lost is made again
 *		and the call once more: each of the functions may be called twice.
 */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "log.h"

#define MOST_BUFFERED ((size_t) 4 * 1024 * 1024)

struct Db
{
	const Config *config;
	PGconn	   *connection;		/* NULL: none */
};

typedef struct Call
{
	const char *text;
	int			parameters;
	bool		reads;			/* in a transaction that can change nothing */
} Call;

static const Call calls[] = {
	[DB_SETTINGS] = {"SELECT ootspg.preview_space_settings()", 0, true},
	[DB_LOOK] = {"SELECT ootspg.preview_look($1, $2)", 2, true},
	[DB_OPEN] = {"SELECT ootspg.preview_open($1, $2, $3, $4)", 4, false},
	[DB_AUTHENTICATE] = {"SELECT ootspg.preview_authenticate($1, $2, $3::jsonb)", 3, false},
	[DB_ADD] = {"SELECT ootspg.preview_add($1, $2, $3::jsonb)", 3, false},
	[DB_DECIDE] = {"SELECT ootspg.preview_decide($1, $2, $3::int[], $4::int[])", 4, false},
	[DB_REFUSED_COUNT] = {"SELECT ootspg.preview_refused($1, $2)", 2, false},
	[DB_PING] = {"SELECT '{}'", 0, true},
};
static const Call part_call = {"SELECT media_type, language, file_name, content FROM ootspg.preview_part($1, $2, $3::int, $4::int)", 4, true};
static const Call rendering_call = {"SELECT ootspg.preview_rendering($1, $2, $3::int, $4)", 4, true};

Db *
db_open(const Config *config)
{
	Db		   *db = take_memory(sizeof(Db));

	db->config = config;
	return db;
}

void
db_close(Db *db)
{
	PQfinish(db->connection);
	free(db);
}

static void
ignore_notice(void *unused, const PGresult *result)
{
	(void) unused, (void) result;
}

/* Defaults stand before what the operator has written, so that that prevails. */
static bool
connect_again(Db *db)
{
	const char *names[] = {"connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "options",
	"fallback_application_name", "client_encoding", "dbname", NULL};
	const char *values[] = {"5", "10", "5", "3", "15000", "-c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=20s",
	"ootspg-preview", "UTF8", db->config->database, NULL};

	PQfinish(db->connection);
	db->connection = PQconnectdbParams(names, values, 1);
	if (PQstatus(db->connection) == CONNECTION_OK)
	{
		PQsetNoticeReceiver(db->connection, ignore_notice, NULL);
		return true;
	}
	log_line("no connection to the database: %s", PQerrorMessage(db->connection));
	PQfinish(db->connection);
	db->connection = NULL;
	return false;
}

static bool
command(Db *db, const char *text)
{
	PGresult   *result = PQexec(db->connection, text);
	bool		done = PQresultStatus(result) == PGRES_COMMAND_OK;

	PQclear(result);
	return done;
}

/* NULL: the connection is gone. */
static PGresult *
try_call(Db *db, const Call *call, const char *const *parameters, int format)
{
	PGresult   *result;

	if (call->reads && !command(db, "BEGIN READ ONLY") && PQstatus(db->connection) != CONNECTION_OK)
		return NULL;
	result = PQexecParams(db->connection, call->text, call->parameters, NULL, parameters, NULL, NULL, format);
	if (call->reads && PQstatus(db->connection) == CONNECTION_OK)
		command(db, "COMMIT");
	if (PQstatus(db->connection) == CONNECTION_OK)
		return result;
	PQclear(result);
	return NULL;
}

/* A server that shuts down, starts or has become a standby: somebody else, or the same one, will serve soon. */
static bool
is_passing(const char *state)
{
	return strncmp(state, "57P", 3) == 0 || strcmp(state, "25006") == 0;
}

/* The message of the server may name things of persons: only its SQLSTATE is said. */
static DbOutcome
run(Db *db, const Call *call, const char *const *parameters, int format, PGresult **result)
{
	const char *state;

	*result = NULL;
	for (int attempt = 0; attempt < 2 && *result == NULL; attempt++)
	{
		if ((db->connection == NULL || PQstatus(db->connection) != CONNECTION_OK) && !connect_again(db))
			return DB_GONE;
		*result = try_call(db, call, parameters, format);
	}
	if (*result == NULL)
		return DB_GONE;
	if (PQresultStatus(*result) == PGRES_TUPLES_OK)
		return DB_DONE;
	state = PQresultErrorField(*result, PG_DIAG_SQLSTATE);
	log_line("the database refused a call with SQLSTATE %s (%.24s...)", state ? state : "unknown", call->text + strlen("SELECT "));
	if (state && is_passing(state))
	{
		PQclear(*result);
		*result = NULL;
		PQfinish(db->connection);
		db->connection = NULL;
		return DB_GONE;
	}
	PQclear(*result);
	*result = NULL;
	return DB_REFUSED;
}

DbOutcome
db_call(Db *db, Arena *arena, DbFunction function, const char *const *parameters, const char **text)
{
	PGresult   *result;
	DbOutcome	outcome = run(db, &calls[function], parameters, 0, &result);

	*text = NULL;
	if (outcome == DB_DONE && PQntuples(result) == 1 && !PQgetisnull(result, 0, 0))
		*text = arena_copy(arena, PQgetvalue(result, 0, 0), (size_t) PQgetlength(result, 0, 0));
	PQclear(result);
	return outcome;
}

static char *
column(Arena *arena, const PGresult *result, int n)
{
	return PQgetisnull(result, 0, n) ? NULL : arena_copy(arena, PQgetvalue(result, 0, n), (size_t) PQgetlength(result, 0, n));
}

DbOutcome
db_part(Db *db, Arena *arena, const char *link, const char *browser, long piece, long part, DbPart *out)
{
	const char *parameters[] = {link, browser, arena_format(arena, "%ld", piece), arena_format(arena, "%ld", part)};
	PGresult   *result;
	DbOutcome	outcome = run(db, &part_call, parameters, 1, &result);

	*out = (DbPart) {0};
	if (outcome == DB_DONE && PQntuples(result) == 1)
	{
		out->media_type = column(arena, result, 0);
		out->language = column(arena, result, 1);
		out->file_name = column(arena, result, 2);
		out->content = column(arena, result, 3);
		out->len = (size_t) PQgetlength(result, 0, 3);
	}
	PQclear(result);
	/* libpq keeps a buffer of the largest row as long as the connection lives */
	if (out->len > MOST_BUFFERED)
	{
		PQfinish(db->connection);
		db->connection = NULL;
	}
	return outcome;
}

DbOutcome
db_rendering(Db *db, Arena *arena, const char *link, const char *browser, long piece, const char *language, const char **html)
{
	const char *parameters[] = {link, browser, arena_format(arena, "%ld", piece), language};
	PGresult   *result;
	DbOutcome	outcome = run(db, &rendering_call, parameters, 0, &result);

	*html = outcome == DB_DONE && PQntuples(result) == 1 ? column(arena, result, 0) : NULL;
	PQclear(result);
	return outcome;
}
