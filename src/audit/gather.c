/*
 * gather.c
 *		Rows of the audit that nobody can add to any more become leaves of their providers' trees. A call reads a range of
 *		event_id and adds to the chunks of a run; which range is safe, and when a run has all of its leaves, says
 *		ootspg_internal.audit_head_step().
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/xid8.h"

#include "audit/chunk.h"
#include "audit/tree.h"
#include "compat.h"
#include "library.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_next_xid);
PG_FUNCTION_INFO_V1(ootspg_gather_leaves);

/* Leaves of a range, with whose they are. */
typedef struct Gathered
{
	Leaf		leaf;
	const char *provider;
} Gathered;

typedef struct Range
{
	Gathered   *rows;
	uint64		count;
	uint64		room;
	List	   *providers;		/* char *; each once, so that rows compare fast and cost little */
} Range;

/* Whoever has an xid by now has a smaller one. */
Datum
ootspg_next_xid(PG_FUNCTION_ARGS)
{
	PG_RETURN_FULLTRANSACTIONID(ReadNextFullTransactionId());
}

void
chunk_root(const uint8 *leaves, int count, uint8 root[SHA256_BYTES])
{
	tree_root(leaves + LEAF_DIGEST_OFFSET, LEAF_OCTETS, count, root);
}

static const char *
known_provider(Range *range, const char *name)
{
	ListCell   *cell;

	foreach(cell, range->providers)
		if (strcmp(lfirst(cell), name) == 0)
			return lfirst(cell);
	range->providers = lappend(range->providers, pstrdup(name));
	return llast(range->providers);
}

static Gathered *
next_place(Range *range)
{
	if (range->count == range->room)
	{
		Size		size;

		range->room = range->room > 0 ? range->room * 2 : 1024;
		size = mul_size(range->room, sizeof(Gathered));
		range->rows = range->rows ? repalloc_huge(range->rows, size) : MemoryContextAllocHuge(CurrentMemoryContext, size);
	}
	return &range->rows[range->count++];
}

static void
take(void *range, const Leaf *leaf, const char *provider)
{
	Gathered   *place = next_place(range);

	place->leaf = *leaf;
	place->provider = known_provider(range, provider);
}

/* By provider, then in the order of writing; what has one number twice has an order all the same. */
static int
compare_rows(const void *a, const void *b)
{
	const Gathered *x = a;
	const Gathered *y = b;
	int			order = x->provider == y->provider ? 0 : strcmp(x->provider, y->provider);

	if (order == 0 && x->leaf.event_id != y->leaf.event_id)
		order = x->leaf.event_id < y->leaf.event_id ? -1 : 1;
	if (order == 0)
		order = x->leaf.table - y->leaf.table;
	return order != 0 ? order : memcmp(x->leaf.digest, y->leaf.digest, SHA256_BYTES);
}

/* The chunk of the run that has room; otherwise the next one, which begins a head's when it is the first. */
static void
open_chunk(int64 run, const char *provider, int64 *number, int *chunk, StringInfo leaves)
{
	QueryArguments arguments = {0};
	bool		isnull;
	bytea	   *kept;

	query_add(&arguments, INT8OID, Int64GetDatum(run), false);
	query_add_text(&arguments, provider);
	query_run("SELECT coalesce(l.number, (SELECT max(h.number) FROM ootspg.audit_head h WHERE h.provider = $2) + 1, 1), coalesce(l.chunk, 0), coalesce(l.leaves, '') "
			  "FROM (VALUES (1)) one LEFT JOIN LATERAL (SELECT * FROM ootspg_internal.audit_leaf x WHERE x.run = $1 AND x.provider = $2 ORDER BY x.chunk DESC LIMIT 1) l ON true",
			  &arguments, false, 1, SPI_OK_SELECT);
	*number = DatumGetInt64(query_value(0, 1, &isnull));
	*chunk = DatumGetInt32(query_value(0, 2, &isnull));
	kept = DatumGetByteaPP(query_value(0, 3, &isnull));
	if (VARSIZE_ANY_EXHDR(kept) == CHUNK_LEAVES * LEAF_OCTETS)
		(*chunk)++;
	else
		appendBinaryStringInfo(leaves, VARDATA_ANY(kept), VARSIZE_ANY_EXHDR(kept));
}

static void
write_chunk(int64 run, const char *provider, int64 number, int chunk, const StringInfoData *leaves)
{
	QueryArguments arguments = {0};
	int			count = leaves->len / LEAF_OCTETS;
	uint8		root[SHA256_BYTES];
	Leaf		first;
	Leaf		last;

	chunk_root((uint8 *) leaves->data, count, root);
	leaf_read((uint8 *) leaves->data, &first);
	leaf_read((uint8 *) leaves->data + (count - 1) * LEAF_OCTETS, &last);
	query_add_text(&arguments, provider);
	query_add(&arguments, INT8OID, Int64GetDatum(number), false);
	query_add(&arguments, INT4OID, Int32GetDatum(chunk), false);
	query_add(&arguments, INT8OID, Int64GetDatum(run), false);
	query_add(&arguments, INT4OID, Int32GetDatum(count), false);
	query_add(&arguments, INT8OID, Int64GetDatum(first.event_id), false);
	query_add(&arguments, INT8OID, Int64GetDatum(last.event_id), false);
	query_add_bytes(&arguments, root, SHA256_BYTES);
	query_add_bytes(&arguments, leaves->data, leaves->len);
	query_run("INSERT INTO ootspg_internal.audit_leaf AS l (provider, number, chunk, run, count, first_event, last_event, root, leaves) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
			  "ON CONFLICT ON CONSTRAINT audit_leaf_pkey DO UPDATE SET count = EXCLUDED.count, last_event = EXCLUDED.last_event, root = EXCLUDED.root, leaves = EXCLUDED.leaves",
			  &arguments, false, 0, SPI_OK_INSERT);
}

/* Rows of one provider, in order. */
static void
append_rows(int64 run, const Gathered *rows, uint64 count)
{
	StringInfoData leaves;
	int64		number;
	int			chunk;

	initStringInfo(&leaves);
	open_chunk(run, rows->provider, &number, &chunk, &leaves);
	for (uint64 i = 0; i < count; i++)
	{
		enlargeStringInfo(&leaves, LEAF_OCTETS);
		leaf_write(&rows[i].leaf, (uint8 *) leaves.data + leaves.len);
		leaves.len += LEAF_OCTETS;
		if (leaves.len == CHUNK_LEAVES * LEAF_OCTETS || i == count - 1)
		{
			write_chunk(run, rows->provider, number, chunk++, &leaves);
			resetStringInfo(&leaves);
		}
	}
	pfree(leaves.data);
}

/* gather_leaves(run, after, until): rows with after < event_id <= until; their number. */
Datum
ootspg_gather_leaves(PG_FUNCTION_ARGS)
{
	int64		run = PG_GETARG_INT64(0);
	Range		range = {0};

	library_require_objects();
	SPI_connect();
	for (int table = 0; table < LEAF_TABLES; table++)
		leaves_each(table, PG_GETARG_INT64(1), PG_GETARG_INT64(2), take, &range);
	if (range.count > 0)
		qsort(range.rows, range.count, sizeof(Gathered), compare_rows);
	for (uint64 first = 0, i = 1; first < range.count; i++)
		if (i == range.count || range.rows[i].provider != range.rows[first].provider)
		{
			append_rows(run, range.rows + first, i - first);
			first = i;
		}
	SPI_finish();
	PG_RETURN_INT64((int64) range.count);
}
