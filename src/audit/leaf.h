/*
 * leaf.h
 *		Rows of the audit as leaves: a text that says what is stored, the same in whatever table, database, encoding
 *		and version of the server the row stands (doc/account.md), and what is kept of it beside its digest.
 */
#ifndef OOTSPG_AUDIT_LEAF_H
#define OOTSPG_AUDIT_LEAF_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "seal/sha256.h"

typedef enum LeafTable
{
	LEAF_EVENT,					/* exchange_event */
	LEAF_EVIDENCE				/* evidence_event */
} LeafTable;

#define LEAF_TABLES 2

extern const char *leaf_table_name(int table);	/* NULL: none */

typedef struct Leaf
{
	int64		event_id;
	TimestampTz event_time;
	int64		exchange_id;
	int			table;			/* LeafTable */
	uint8		digest[SHA256_BYTES];
} Leaf;

/* As chunks have them, one after the other. */
#define LEAF_OCTETS			(3 * 8 + 1 + SHA256_BYTES)
#define LEAF_DIGEST_OFFSET	(3 * 8 + 1)
extern void leaf_write(const Leaf *leaf, uint8 *octets);
extern void leaf_read(const uint8 *octets, Leaf *leaf);

/* Replaces text by the row's. */
extern void leaf_text(int table, HeapTuple tuple, TupleDesc columns, StringInfo text);

/* The leaf of a row; text is working space. *provider is palloc'd, "" for none. */
extern void leaf_of_row(int table, HeapTuple tuple, TupleDesc columns, StringInfo text, Leaf *leaf, char **provider);

/* provider: "" for none; gone when the call returns, which is in the memory of who called leaves_each(). */
typedef void (*LeafVisit) (void *context, const Leaf *leaf, const char *provider);

/* The leaves of the table's rows with after < event_id <= until, in no order, as the caller's snapshot has them. */
extern void leaves_each(int table, int64 after, int64 until, LeafVisit visit, void *context);

#endif							/* OOTSPG_AUDIT_LEAF_H */
