/*
 * purged.c
 *		Leaves of rows that ootspg.purge() takes: they are marked, so that their rows are not missed, and go with the last row
 *		of their chunk. The chunk's own digest stays, and with it the proof of every other row.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "audit/chunk.h"
#include "compat.h"
#include "library.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_mark_purged);

typedef struct Numbers
{
	int64	   *ids;			/* ascending */
	int			count;
} Numbers;

static int
compare_numbers(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

static Numbers
numbers_of(ArrayType *array)
{
	Numbers		numbers;
	Datum	   *elements;
	bool	   *nulls;

	deconstruct_array(array, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, &numbers.count);
	numbers.ids = palloc(Max(numbers.count, 1) * sizeof(int64));
	for (int i = 0; i < numbers.count; i++)
		numbers.ids[i] = nulls[i] ? 0 : DatumGetInt64(elements[i]);
	qsort(numbers.ids, numbers.count, sizeof(int64), compare_numbers);
	return numbers;
}

/* The first that is not smaller. */
static int
first_from(const Numbers *numbers, int64 id)
{
	int			low = 0;
	int			high = numbers->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (numbers->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
has_number(const Numbers *numbers, int64 id)
{
	int			place = first_from(numbers, id);

	return place < numbers->count && numbers->ids[place] == id;
}

/* Marks in one chunk; its row is locked. */
static void
mark_chunk(const char *provider, Datum number, Datum chunk, const Numbers *numbers)
{
	QueryArguments arguments = {0};
	bool		isnull;
	bytea	   *leaves;
	Datum		old;
	uint8		purged[CHUNK_PURGED_OCTETS] = {0};
	int			count;
	int			left = 0;

	query_add_text(&arguments, provider);
	query_add(&arguments, INT8OID, number, false);
	query_add(&arguments, INT4OID, chunk, false);
	query_run("SELECT leaves, purged FROM ootspg_internal.audit_leaf WHERE provider = $1 AND number = $2 AND chunk = $3 FOR UPDATE", &arguments, false, 1, SPI_OK_SELECT);
	leaves = DatumGetByteaPP(query_value(0, 1, &isnull));
	old = query_value(0, 2, &isnull);
	if (!isnull && VARSIZE_ANY_EXHDR(DatumGetByteaPP(old)) == CHUNK_PURGED_OCTETS)
		memcpy(purged, VARDATA_ANY(DatumGetByteaPP(old)), CHUNK_PURGED_OCTETS);
	count = Min(VARSIZE_ANY_EXHDR(leaves) / LEAF_OCTETS, CHUNK_LEAVES);
	for (int i = 0; i < count; i++)
	{
		Leaf		leaf;

		leaf_read((uint8 *) VARDATA_ANY(leaves) + i * LEAF_OCTETS, &leaf);
		if (has_number(numbers, leaf.event_id))
			purged[i / 8] |= 1 << (i % 8);
		left += !chunk_is_purged(purged, i);
	}
	query_add_bytes(&arguments, purged, sizeof(purged));
	query_add(&arguments, BOOLOID, BoolGetDatum(left > 0), false);
	query_run("UPDATE ootspg_internal.audit_leaf SET purged = $4, leaves = CASE WHEN $5 THEN leaves ELSE '' END WHERE provider = $1 AND number = $2 AND chunk = $3",
			  &arguments, false, 0, SPI_OK_UPDATE);
}

/* mark_purged(event_ids bigint[]): rows that are being deleted */
Datum
ootspg_mark_purged(PG_FUNCTION_ARGS)
{
	Numbers		numbers = numbers_of(PG_GETARG_ARRAYTYPE_P(0));
	QueryArguments arguments = {0};
	uint64		count;
	SPITupleTable *chunks;

	library_require_objects();
	if (numbers.count == 0)
		PG_RETURN_VOID();
	SPI_connect();
	query_add(&arguments, INT8OID, Int64GetDatum(numbers.ids[0]), false);
	query_add(&arguments, INT8OID, Int64GetDatum(numbers.ids[numbers.count - 1]), false);
	count = query_run("SELECT provider, number, chunk, first_event, last_event FROM ootspg_internal.audit_leaf WHERE last_event >= $1 AND first_event <= $2 AND leaves <> ''",
					  &arguments, false, 0, SPI_OK_SELECT);
	chunks = SPI_tuptable;
	for (uint64 row = 0; row < count; row++)
	{
		bool		isnull;
		int64		first = DatumGetInt64(SPI_getbinval(chunks->vals[row], chunks->tupdesc, 4, &isnull));
		int64		last = DatumGetInt64(SPI_getbinval(chunks->vals[row], chunks->tupdesc, 5, &isnull));
		int			place = first_from(&numbers, first);

		CHECK_FOR_INTERRUPTS();
		if (place < numbers.count && numbers.ids[place] <= last)
			mark_chunk(SPI_getvalue(chunks->vals[row], chunks->tupdesc, 1), SPI_getbinval(chunks->vals[row], chunks->tupdesc, 2, &isnull),
					   SPI_getbinval(chunks->vals[row], chunks->tupdesc, 3, &isnull), &numbers);
	}
	SPI_finish();
	PG_RETURN_VOID();
}
