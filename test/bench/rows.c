/*
 * rows.c
 *		The rows that one answer wrote, as statements that write rows of the same sizes: the sample's
 *		values, but for those that a caller sets. On one connection, in pipeline mode.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

PGconn	   *connection;

void
die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, PQerrorMessage(connection));
	exit(1);
}

PGresult *
run(const char *sql, int format)
{
	PGresult   *result = PQexecParams(connection, sql, 0, NULL, NULL, NULL, NULL, format);

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		die(sql);
	return result;
}

void
prepare(const char *name, const char *sql, int count, const Oid *types)
{
	PGresult   *result = PQprepare(connection, name, sql, count, types);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		die(sql);
	PQclear(result);
}

void
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

void
set_value(Table *table, int row, const char *column, const void *value, int length)
{
	int			columns = PQnfields(table->rows);

	for (int i = row * columns; i < (row + 1) * columns; i++)
		if (strcmp(PQfname(table->rows, i % columns), column) == 0)
		{
			table->values[i] = value;
			table->lengths[i] = length;
		}
}

void
send_prepared(const char *name, int count, const char *const *values, const int *lengths, const int *formats)
{
	if (PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1) != 1)
		die(name);
}

void
send_table(const Table *table)
{
	send_prepared(table->name, table->count, table->values, table->lengths, table->formats);
}

/* Results of one pipeline, up to its end. */
void
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
			die("transaction");
	}
}

int64_t
backend_cpu(void)
{
	PGresult   *result = run("SELECT bench.cpu()", 0);
	int64_t		cpu = strtoll(PQgetvalue(result, 0, 0), NULL, 10);

	PQclear(result);
	return cpu;
}

void
connect_anew(void)
{
	if (connection != NULL)
		PQfinish(connection);
	connection = PQconnectdb("");
	if (PQstatus(connection) != CONNECTION_OK)
		die("connecting");
}

double
seconds_of(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}
