/*
 * verify_audit.c
 *		The rows of a run against the leaves that were kept of them: which are missing, which were added, which were
 *		changed. One statement's view of all; rows are read in no order, so that nothing of them is sorted on disk.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "audit/chunk.h"
#include "compat.h"
#include "library.h"
#include "query.h"

#define FINDING_COLUMNS 7

PG_FUNCTION_INFO_V1(ootspg_verify_run);

typedef struct Expected
{
	Leaf		leaf;
	const char *provider;
	int64		number;			/* of the head */
	bool		purged;
	bool		seen;
} Expected;

typedef struct Run
{
	Expected   *leaves;			/* by event_id */
	uint64		count;
	int64		after;
	int64		until;
	ReturnSetInfo *result;
} Run;

static void
tell(const Run *run, const char *what, const char *provider, int64 number, const Leaf *leaf)
{
	Datum		values[FINDING_COLUMNS] = {0};
	bool		nulls[FINDING_COLUMNS] = {false};
	const char *table = leaf ? leaf_table_name(leaf->table) : NULL;

	values[0] = CStringGetTextDatum(what);
	nulls[1] = table == NULL;
	if (table != NULL)
		values[1] = CStringGetTextDatum(table);
	values[2] = CStringGetTextDatum(provider);
	nulls[3] = number == 0;
	values[3] = Int64GetDatum(number);
	nulls[4] = nulls[5] = nulls[6] = leaf == NULL;
	if (leaf != NULL)
	{
		values[4] = Int64GetDatum(leaf->event_id);
		values[5] = Int64GetDatum(leaf->exchange_id);
		values[6] = TimestampTzGetDatum(leaf->event_time);
	}
	tuplestore_putvalues(run->result->setResult, run->result->setDesc, values, nulls);
}

/* Leaves of a chunk that was not shortened; what is wrong with the chunk itself is told. */
static void
take_chunk(Run *run, uint64 row)
{
	bool		isnull;
	const char *provider = query_text(row, 1);
	int64		number = DatumGetInt64(query_value(row, 2, &isnull));
	int			count = DatumGetInt32(query_value(row, 3, &isnull));
	bytea	   *root = DatumGetByteaPP(query_value(row, 4, &isnull));
	bytea	   *leaves = DatumGetByteaPP(query_value(row, 5, &isnull));
	Datum		marks = query_value(row, 6, &isnull);
	bytea	   *purged = isnull ? NULL : DatumGetByteaPP(marks);
	const uint8 *bits = purged != NULL && VARSIZE_ANY_EXHDR(purged) == CHUNK_PURGED_OCTETS ? (const uint8 *) VARDATA_ANY(purged) : NULL;
	const uint8 *octets = (const uint8 *) VARDATA_ANY(leaves);
	uint8		digest[SHA256_BYTES];

	/* all of its rows were purged, and its leaves with them */
	if (VARSIZE_ANY_EXHDR(leaves) == 0 && count > 0)
		return;
	if (count < 1 || count > CHUNK_LEAVES || VARSIZE_ANY_EXHDR(leaves) != count * LEAF_OCTETS || VARSIZE_ANY_EXHDR(root) != SHA256_BYTES)
	{
		tell(run, "leaves changed", provider, number, NULL);
		return;
	}
	chunk_root(octets, count, digest);
	if (memcmp(digest, VARDATA_ANY(root), SHA256_BYTES) != 0)
		tell(run, "leaves changed", provider, number, NULL);
	for (int i = 0; i < count; i++)
	{
		Expected   *expected = &run->leaves[run->count++];

		leaf_read(octets + i * LEAF_OCTETS, &expected->leaf);
		expected->provider = provider;
		expected->number = number;
		expected->purged = chunk_is_purged(bits, i);
		expected->seen = false;
	}
}

static int
compare_expected(const void *a, const void *b)
{
	const Expected *x = a;
	const Expected *y = b;

	return x->leaf.event_id < y->leaf.event_id ? -1 : x->leaf.event_id > y->leaf.event_id;
}

static void
take_leaves(Run *run, int64 number)
{
	QueryArguments arguments = {0};
	uint64		chunks;
	SPITupleTable *table;

	query_add(&arguments, INT8OID, Int64GetDatum(number), false);
	chunks = query_run("SELECT provider, number, count, root, leaves, purged FROM ootspg_internal.audit_leaf WHERE run = $1 ORDER BY provider, number, chunk",
					   &arguments, true, 0, SPI_OK_SELECT);
	table = SPI_tuptable;
	run->leaves = MemoryContextAllocHuge(CurrentMemoryContext, mul_size(Max(chunks, 1), CHUNK_LEAVES * sizeof(Expected)));
	for (uint64 row = 0; row < chunks; row++)
		take_chunk(run, row);
	SPI_freetuptable(table);
	qsort(run->leaves, run->count, sizeof(Expected), compare_expected);
}

/* The first leaf of that number. */
static uint64
first_of(const Run *run, int64 event_id)
{
	uint64		low = 0;
	uint64		high = run->count;

	while (low < high)
	{
		uint64		middle = low + (high - low) / 2;

		if (run->leaves[middle].leaf.event_id < event_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A number belongs to one row; where it stands twice the one that is as it was is recognised before the other. */
static Expected *
leaf_like(Run *run, const Leaf *leaf, bool exactly)
{
	for (uint64 i = first_of(run, leaf->event_id); i < run->count && run->leaves[i].leaf.event_id == leaf->event_id; i++)
	{
		Expected   *expected = &run->leaves[i];

		if (!expected->seen && !expected->purged && expected->leaf.table == leaf->table &&
			(!exactly || memcmp(expected->leaf.digest, leaf->digest, SHA256_BYTES) == 0))
			return expected;
	}
	return NULL;
}

/* Rows that no leaf is exactly of: each is another row's place, or nobody's. */
typedef struct Stray
{
	Leaf		leaf;
	char	   *provider;
} Stray;

typedef struct Reading
{
	Run		   *run;
	List	   *strays;
} Reading;

static void
compare(void *context, const Leaf *leaf, const char *provider)
{
	Reading    *reading = context;
	Expected   *expected = leaf_like(reading->run, leaf, true);
	Stray	   *stray;

	if (expected != NULL)
	{
		expected->seen = true;
		return;
	}
	stray = palloc(sizeof(Stray));
	stray->leaf = *leaf;
	stray->provider = pstrdup(provider);
	reading->strays = lappend(reading->strays, stray);
}

static void
tell_strays(Run *run, const List *strays)
{
	const ListCell *cell;

	foreach(cell, strays)
	{
		const Stray *stray = lfirst(cell);
		Expected   *expected = leaf_like(run, &stray->leaf, false);

		if (expected != NULL)
		{
			expected->seen = true;
			tell(run, "row changed", expected->provider, expected->number, &expected->leaf);
		}
		else
			tell(run, "row added", stray->provider, 0, &stray->leaf);
	}
}

static void
tell_missing(const Run *run)
{
	for (uint64 i = 0; i < run->count; i++)
		if (!run->leaves[i].seen && !run->leaves[i].purged)
			tell(run, "row missing", run->leaves[i].provider, run->leaves[i].number, &run->leaves[i].leaf);
}

/* verify_run(run, after, until) returns (what, table, provider, head, event, exchange, time) */
Datum
ootspg_verify_run(PG_FUNCTION_ARGS)
{
	Run			run = {.after = PG_GETARG_INT64(1), .until = PG_GETARG_INT64(2), .result = (ReturnSetInfo *) fcinfo->resultinfo};
	Reading		reading = {&run, NIL};

	library_require_objects();
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	take_leaves(&run, PG_GETARG_INT64(0));
	for (int table = 0; table < LEAF_TABLES; table++)
		leaves_each(table, run.after, run.until, compare, &reading);
	tell_strays(&run, reading.strays);
	tell_missing(&run);
	SPI_finish();
	return (Datum) 0;
}
