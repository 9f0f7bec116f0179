/*
 * calls.c
 *		One request after the other on one connection, each in a transaction of its
 *		own: answered by ootspg.answer(), or "bare": only the record looked up and
 *		rows of the same sizes inserted into tables with the same indexes, all
 *		statements prepared and sent at once (pipeline mode).
 *
 *		calls answer|bare FIRST COUNT	(connects by the environment)
 *		prints "CPU ELAPSED BOTH": µs for each request, CPU of the backend, and of client and backend.
 *
 *		calls first|discarded FIRST COUNT
 *		the same of the first request in each of COUNT sessions, or after DISCARD ALL.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

#define TABLES 4

static Table tables[TABLES] = {
	{.name = "used_request"}, {.name = "exchange"}, {.name = "exchange_event"}, {.name = "evidence_event"}
};

/* columns of the requests */
enum
{
	ID, BODY, HEADER, BORN, FAMILY_NAME
};

static PGresult *requests;
static uint64_t next_exchange;	/* of the bare transactions */

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
		send_table(&tables[i]);
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
		started = seconds_of(CLOCK_MONOTONIC);
		prepare_answer();
		answer(i);
		elapsed += seconds_of(CLOCK_MONOTONIC) - started;
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
	double		client = 0;
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
			client = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
			started = seconds_of(CLOCK_MONOTONIC);
		}
		if (is_bare)
			bare(i);
		else
			answer(i);
	}
	started = seconds_of(CLOCK_MONOTONIC) - started;
	client = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - client;
	if (is_bare)
		PQexitPipelineMode(connection);
	cpu = backend_cpu() - cpu;
	count -= warm_up;
	printf("%.3f %.3f %.3f\n", cpu / 1e3 / count, started * 1e6 / count, client * 1e6 / count + cpu / 1e3 / count);
	PQfinish(connection);
	return 0;
}
