/*
 * rows.h
 *		The rows that one answer wrote, as statements; the connection and its clocks. See rows.c.
 */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <libpq-fe.h>
#include <stdint.h>
#include <time.h>

#define MAX_PARAMETERS 128

/* A table with the rows that one answer wrote. */
typedef struct Table
{
	const char *name;
	PGresult   *rows;
	int			count;			/* parameters of its INSERT: all fields of all rows */
	const char *values[MAX_PARAMETERS];
	int			lengths[MAX_PARAMETERS];
	int			formats[MAX_PARAMETERS];
} Table;

extern PGconn *connection;

extern void connect_anew(void);	/* by the environment */
extern void die(const char *what);
extern PGresult *run(const char *sql, int format);
extern void prepare(const char *name, const char *sql, int count, const Oid *types);

extern void prepare_table(Table *table);	/* its name is set */
extern void set_value(Table *table, int row, const char *column, const void *value, int length);

/* In pipeline mode */
extern void send_prepared(const char *name, int count, const char *const *values, const int *lengths, const int *formats);
extern void send_table(const Table *table);
extern void finish_pipeline(void);	/* what is left of its results, up to its end */

extern int64_t backend_cpu(void);	/* ns */
extern double seconds_of(clockid_t clock);

#endif							/* BENCH_ROWS_H */
