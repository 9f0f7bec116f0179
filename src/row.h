/*
 * row.h
 *		Rows of our own tables written without a statement. Starting one costs more than the row:
 *		of an answer that writes six rows, a third of all instructions.
 */
#ifndef OOTSPG_ROW_H
#define OOTSPG_ROW_H

#include "access/stratnum.h"
#include "query.h"

/* Values by column, best named in the order of the table; arguments.values[i] is that of names[i]. */
typedef struct Row
{
	const char *names[QUERY_MAX_ARGUMENTS];
	QueryArguments arguments;
} Row;

extern void row_add(Row *row, const char *name, Oid type, Datum value, bool isnull);
extern void row_add_text(Row *row, const char *name, const char *text); /* NULL: SQL NULL */
extern void row_add_bytes(Row *row, const char *name, const void *bytes, size_t length);	/* NULL: SQL NULL */

/* The number that the sequence of schema ootspg_internal or ootspg gives next. */
extern int64 row_next_number(const char *schema, const char *sequence);

/*
 * Insert rows into the table as the owner of our tables, inside an SPI connection; the next command sees them. What is
 * right for a statement holds: a table that has triggers (but after each row) or rules for it, generated columns, defaults or checks that are
 * not of our making, or is no plain table gets its rows by statements. Columns that the table has not yet, before
 * an update of the extension, are left out.
 */
extern void rows_insert(Oid table, const Row *rows, int count);

/* Is there a row with these texts in the first columns of the index, which are these of the table? As the next statement would see it. */
extern bool row_is_there(const char *table, const char *index, const char *const *columns, const char *const *texts, int count);

/* What a row is looked for by: a column that the index begins with, and how its value compares. */
typedef struct RowKey
{
	const char *column;
	StrategyNumber strategy;
	RegProcedure function;
	Datum		value;
} RowKey;

#define ROW_MAX_KEYS 2

/*
 * Has the table of schema ootspg, now, a row that its index finds? Nearly always not, where this is asked, and an index that is empty or
 * old tells so at the price of a look; what there is to say else takes a statement. True where there is no such index.
 */
extern bool row_may_be(const char *table, const char *index, const RowKey *keys, int count);

/* Has the table of schema ootspg ever had rows, as far as its pages tell? Where it has not, nobody needs to plan a statement that looks for one. */
extern bool table_was_used(const char *table);

/* Would a statement do more at the table than insert its rows? Of a partitioned one: before they are routed. */
extern bool row_needs_statement(Relation relation);

#endif							/* OOTSPG_ROW_H */
