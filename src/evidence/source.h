/*
 * source.h
 *		Views and functions that yield registry rows: their columns by name, and
 *		the FROM clause that reads them. Column names are documented in doc/publish.md.
 */
#ifndef OOTSPG_EVIDENCE_SOURCE_H
#define OOTSPG_EVIDENCE_SOURCE_H

#include "configuration/configuration.h"
#include "lib/stringinfo.h"

/* Type of a column of the relation, InvalidOid when there is no such column. */
extern Oid	source_column_type(Oid relation, const char *column);

/* Schema-qualified, quoted name of the relation; raises when it is gone. */
extern char *source_relation_name(Oid relation);

/* Append "column::cast" when the relation has it, else "substitute". */
extern void source_append_column(StringInfo sql, Oid relation, const char *column,
								 const char *cast, const char *substitute);

/* The relation type a source function returns, for its columns; InvalidOid when it
 * returns an anonymous record. */
extern Oid	source_function_row_type(const char *function);
#endif							/* OOTSPG_EVIDENCE_SOURCE_H */
