/*
 * calls.c
 *		One request after the other on one connection, each in a transaction of its
 *		own: answered by ootspg.answer(), or "bare": only the record looked up and
 *		rows of the same sizes inserted into tables with the same indexes, all
 *		statements prepared and sent at once (pipeline mode).
 *
 *		calls answer|bare FIRST COUNT	(connects by the environment)
 *		prints "CPU ELAPSED": µs for each request, CPU of the backend.
 *
 *		calls first|discarded FIRST COUNT
 *		the same of the first request in each of COUNT sessions, or after DISCARD ALL.
 */
#include <endian.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TABLES 4
#define MAX_PARAMETERS 128

/* A table of the bare transaction with the rows that one answer wrote. */
typedef struct Table
{
	const char *name;
	PGresult   *rows;
	int			count;			/* parameters of its INSERT: all fields of all rows */
	const char *values[MAX_PARAMETERS];
	int			lengths[MAX_PARAMETERS];
	int			formats[MAX_PARAMETERS];
} Table;

static Table tables[TABLES] = {
	{.name = "used_request"}, {.name = "exchange"}, {.name = "exchange_event"}, {.name = "evidence_event"}
};

/* columns of the requests */
enum
{
	ID, BODY, HEADER, BORN, FAMILY_NAME
};

static PGconn *connection;
static PGresult *requests;
static uint64_t next_exchange;	/* of the bare transactions */

static void
die(const char *what)
{
	fprintf(stderr, "calls: %s: %s\n", what, PQerrorMessage(connection));
	exit(1);
}

static PGresult *
run(const char *sql, int format)
{
	PGresult   *result = PQexecParams(connection, sql, 0, NULL, NULL, NULL, NULL, format);

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		die(sql);
	return result;
}

static void
prepare(const char *name, const char *sql, int count, const Oid *types)
{
	PGresult   *result = PQprepare(connection, name, sql, count, types);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		die(sql);
	PQclear(result);
}

static void
prepare_table(Table *table)
{
	char		sql[8192];
	int			length;
	Oid			types[MAX_PARAMETERS];
	int			columns;

	snprintf(sql, sizeof(sql), "SELECT * FROM bench.sample_%s", table->name);
	table->rows = run(sql, 1);
	columns = PQnfields(table->rows);
	table->count = PQntuples(table->rows) * columns;
	if (table->count == 0 || table->count > MAX_PARAMETERS)
		die("sample rows");
	length = snprintf(sql, sizeof(sql), "INSERT INTO bench.%s VALUES ", table->name);
	for (int i = 0; i < table->count; i++)
	{
		int			row = i / columns;
		int			column = i % columns;

		types[i] = PQftype(table->rows, column);
		table->formats[i] = 1;
		table->lengths[i] = PQgetlength(table->rows, row, column);
		table->values[i] = PQgetisnull(table->rows, row, column) ? NULL : PQgetvalue(table->rows, row, column);
		length += snprintf(sql + length, sizeof(sql) - length, "%s$%d%s",
						   column > 0 ? ", " : row > 0 ? ", (" : "(", i + 1, column == columns - 1 ? ")" : "");
	}
	prepare(table->name, sql, table->count, types);
}

/* The rows of this request: its own ids, all other values as in the sample. */
static void
set_ids(Table *table, const uint64_t *exchange, int request)
{
	int			columns = PQnfields(table->rows);

	for (int i = 0; i < table->count; i++)
	{
		const char *name = PQfname(table->rows, i % columns);

		if (strcmp(name, "exchange_id") == 0)
			table->values[i] = (const char *) exchange;
		else if (strcmp(name, "request_key") == 0 || strcmp(name, "request_id") == 0)
		{
			table->values[i] = PQgetvalue(requests, request, ID);
			table->lengths[i] = PQgetlength(requests, request, ID);
		}
	}
}

static void
send_prepared(const char *name, int count, const char *const *values, const int *lengths, const int *formats)
{
	if (PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1) != 1)
		die(name);
}

/* Results of one pipeline, up to its end. */
static void
finish_pipeline(void)
{
	if (PQpipelineSync(connection) != 1)
		die("pipeline");
	for (;;)
	{
		PGresult   *result = PQgetResult(connection);
		ExecStatusType status = PQresultStatus(result);

		if (result == NULL)
			continue;			/* between two statements */
		PQclear(result);
		if (status == PGRES_PIPELINE_SYNC)
			return;
		if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			die("bare transaction");
	}
}

static void
bare(int request)
{
	uint64_t	exchange = htobe64(next_exchange++);
	const char *key[] = {PQgetvalue(requests, request, BORN), PQgetvalue(requests, request, FAMILY_NAME)};
	int			lengths[] = {PQgetlength(requests, request, BORN), PQgetlength(requests, request, FAMILY_NAME)};
	int			formats[] = {1, 1};

	send_prepared("begin", 0, NULL, NULL, NULL);
	send_prepared("look up", 2, key, lengths, formats);
	for (int i = 0; i < TABLES; i++)
	{
		set_ids(&tables[i], &exchange, request);
		send_prepared(tables[i].name, tables[i].count, tables[i].values, tables[i].lengths, tables[i].formats);
	}
	send_prepared("commit", 0, NULL, NULL, NULL);
	finish_pipeline();
}

static void
answer(int request)
{
	const char *values[] = {PQgetvalue(requests, request, BODY), PQgetvalue(requests, request, HEADER)};
	int			lengths[] = {PQgetlength(requests, request, BODY), PQgetlength(requests, request, HEADER)};
	int			formats[] = {1, 1};
	PGresult   *result = PQexecPrepared(connection, "answer", 2, values, lengths, formats, 1);

	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 2)
		die("answer");
	PQclear(result);
}

static int64_t
backend_cpu(void)
{
	PGresult   *result = run("SELECT bench.cpu()", 0);
	int64_t		cpu = strtoll(PQgetvalue(result, 0, 0), NULL, 10);

	PQclear(result);
	return cpu;
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void
connect_anew(void)
{
	if (connection != NULL)
		PQfinish(connection);
	connection = PQconnectdb("");
	if (PQstatus(connection) != CONNECTION_OK)
		die("connecting");
}

static void
read_requests(const char *first, const char *count)
{
	char		sql[256];

	snprintf(sql, sizeof(sql), "SELECT id, body, header, born, family_name FROM bench.request WHERE n > %d ORDER BY n LIMIT %d", atoi(first), atoi(count));
	requests = run(sql, 1);
}

static void
prepare_answer(void)
{
	const Oid	bytea[] = {17, 17};

	prepare("answer", "SELECT part, content_id, media_type, content FROM ootspg.answer($1, $2)", 2, bytea);
}

/* What the session has to learn for the answer; the look at its CPU is learnt before. */
static void
first_calls(int discarding)
{
	int			count = PQntuples(requests);
	int64_t		cpu = 0;
	double		elapsed = 0;

	for (int i = 0; i < count; i++)
	{
		int64_t		before;
		double		started;

		if (discarding)
			PQclear(run("DISCARD ALL", 0));
		else
			connect_anew();
		backend_cpu();
		before = backend_cpu();
		started = now();
		prepare_answer();
		answer(i);
		elapsed += now() - started;
		cpu += backend_cpu() - before;
	}
	printf("%.3f %.3f\n", cpu / 1e3 / count, elapsed * 1e6 / count);
}

int
main(int argc, char **argv)
{
	const Oid	key[] = {1082, 25};
	int			count;
	int			warm_up;
	int			is_bare;
	int64_t		cpu = 0;
	double		started = 0;

	if (argc != 4 || strspn(argv[2], "0123456789") != strlen(argv[2]))
	{
		fprintf(stderr, "usage: calls answer|bare|first|discarded FIRST COUNT\n");
		return 2;
	}
	is_bare = strcmp(argv[1], "bare") == 0;
	connect_anew();
	read_requests(argv[2], argv[3]);
	if (strcmp(argv[1], "first") == 0 || strcmp(argv[1], "discarded") == 0)
	{
		first_calls(strcmp(argv[1], "discarded") == 0);
		return 0;
	}
	count = PQntuples(requests);
	next_exchange = (uint64_t) (atoi(argv[2]) + 1) << 20;
	warm_up = count / 10;
	if (is_bare)
	{
		prepare("begin", "BEGIN", 0, NULL);
		prepare("commit", "COMMIT", 0, NULL);
		prepare("look up", "SELECT e.* FROM bench.people s JOIN bench.residence_evidence e USING (person_id) "
				"WHERE s.date_of_birth = $1 AND ootspg.name_key(s.family_name) = ootspg.name_key($2)", 2, key);
		for (int i = 0; i < TABLES; i++)
			prepare_table(&tables[i]);
		if (PQenterPipelineMode(connection) != 1)
			die("pipeline");
	}
	else
		prepare_answer();
	for (int i = 0; i < count; i++)
	{
		if (i == warm_up)
		{
			if (is_bare)
				PQexitPipelineMode(connection);
			cpu = backend_cpu();
			if (is_bare)
				PQenterPipelineMode(connection);
			started = now();
		}
		if (is_bare)
			bare(i);
		else
			answer(i);
	}
	started = now() - started;
	if (is_bare)
		PQexitPipelineMode(connection);
	printf("%.3f %.3f\n", (backend_cpu() - cpu) / 1e3 / (count - warm_up), started * 1e6 / (count - warm_up));
	PQfinish(connection);
	return 0;
}
