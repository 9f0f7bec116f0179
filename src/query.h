/*
 * query.h
 *		SPI in one place: plans prepared once per backend by their text, result
 *		codes checked, values fetched as C strings. Statements qualify every name;
 *		entry points pin search_path in their CREATE FUNCTION.
 */
#ifndef OOTSPG_QUERY_H
#define OOTSPG_QUERY_H

#include "executor/spi.h"

#define QUERY_MAX_ARGUMENTS 48

/* Arguments of one statement, gathered in order. */
typedef struct QueryArguments
{
	int			count;
	Oid			types[QUERY_MAX_ARGUMENTS];
	Datum		values[QUERY_MAX_ARGUMENTS];
	char		nulls[QUERY_MAX_ARGUMENTS];
} QueryArguments;

extern void query_add(QueryArguments *arguments, Oid type, Datum value, bool isnull);
extern void query_add_text(QueryArguments *arguments, const char *text);	/* NULL: SQL NULL */
extern void query_add_bytes(QueryArguments *arguments, const void *bytes, size_t length);	/* NULL: SQL NULL */

/*
 * Run a statement inside an SPI connection. limit 0 = all rows. Returns the number of
 * rows; rows are in SPI_tuptable. Raises when SPI says anything but expected.
 */
extern uint64 query_run(const char *sql, const QueryArguments *arguments, bool read_only, long limit, int expected);

/*
 * Open a read-only cursor, planned for these very arguments: an array is hashed only
 * where it is a constant of the plan.
 */
extern Portal query_cursor(const char *sql, const QueryArguments *arguments);

/*
 * Column (1-based) of a row of SPI_tuptable; text in the current memory context, NULL for
 * SQL NULL. A row that is not there, and a truth value of another type, raise OT003.
 */
extern char *query_text(uint64 row, int column);
extern Datum query_value(uint64 row, int column, bool *isnull);
extern bool query_bool(uint64 row, int column); /* NULL counts as false */

/* Does a table of schema ootspg have the column? Before ALTER EXTENSION UPDATE it lacks what is new, and this library serves it as well. */
extern bool query_has_column(const char *table, const char *column);

/* Run as the owner of the extension's tables, for the few statements that callers
 * have no privilege for. Always paired; an error restores by itself. */
typedef struct OwnerSwitch
{
	Oid			user;
	int			context;
} OwnerSwitch;

extern void owner_begin(OwnerSwitch *saved);
extern void owner_end(const OwnerSwitch *saved);

/* One statement as that owner; all rows. */
extern uint64 query_run_as_owner(const char *sql, const QueryArguments *arguments, int expected);

#endif							/* OOTSPG_QUERY_H */
