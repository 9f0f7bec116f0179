/*
 * leaf.c
 *		What a row of the audit is to a Merkle tree. Its text has a line for the form and one for the table, then for each
 *		column that is not NULL, by the octets of their names: name, blank, octets of the value, line feed, value, line
 *		feed. What is NULL is left out, so that a column that a later version adds changes no older row. Octets
 *		(bytea) stand as their SHA-256 in hexadecimal digits: whoever may not see a message can check its row.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "audit/leaf.h"
#include "audit/tree.h"
#include "compat.h"
#include "query.h"

#define ROWS_AT_ONCE 200

static const char *const tables[LEAF_TABLES] = {"exchange_event", "evidence_event"};

const char *
leaf_table_name(int table)
{
	return table >= 0 && table < LEAF_TABLES ? tables[table] : NULL;
}

static uint8 *
write_number(uint8 *octets, int64 number)
{
	uint64		swapped = pg_hton64((uint64) number);

	memcpy(octets, &swapped, sizeof(swapped));
	return octets + sizeof(swapped);
}

static int64
read_number(const uint8 **octets)
{
	uint64		swapped;

	memcpy(&swapped, *octets, sizeof(swapped));
	*octets += sizeof(swapped);
	return (int64) pg_ntoh64(swapped);
}

void
leaf_write(const Leaf *leaf, uint8 *octets)
{
	octets = write_number(octets, leaf->event_id);
	octets = write_number(octets, leaf->event_time);
	octets = write_number(octets, leaf->exchange_id);
	*octets++ = (uint8) leaf->table;
	memcpy(octets, leaf->digest, SHA256_BYTES);
}

void
leaf_read(const uint8 *octets, Leaf *leaf)
{
	leaf->event_id = read_number(&octets);
	leaf->event_time = read_number(&octets);
	leaf->exchange_id = read_number(&octets);
	leaf->table = *octets++;
	memcpy(leaf->digest, octets, SHA256_BYTES);
}

/* In UTC with microseconds, whatever the session's settings. */
static char *
moment_text(TimestampTz moment)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (TIMESTAMP_NOT_FINITE(moment) || timestamp2tm(moment, NULL, &tm, &fraction, NULL, NULL) != 0)
		return pstrdup(TIMESTAMP_IS_NOBEGIN(moment) ? "-infinity" : "infinity");
	return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int) fraction);
}

static char *
digest_text(Datum value)
{
	bytea	   *octets = DatumGetByteaPP(value);
	uint8		digest[SHA256_BYTES];
	char	   *text = palloc0(2 * SHA256_BYTES + 1);

	sha256_bytes(VARDATA_ANY(octets), VARSIZE_ANY_EXHDR(octets), digest);
	hex_encode((const char *) digest, SHA256_BYTES, text);
	if ((Pointer) octets != DatumGetPointer(value))
		pfree(octets);
	return text;
}

static char *
value_text(Oid type, Datum value)
{
	Oid			output;
	bool		varlena;
	char	   *text;
	char	   *utf8;

	switch (type)
	{
		case TIMESTAMPTZOID:
			return moment_text(DatumGetTimestampTz(value));
		case BYTEAOID:
			return digest_text(value);
		case INT8OID:
			return psprintf(INT64_FORMAT, DatumGetInt64(value));
		default:
			getTypeOutputInfo(type, &output, &varlena);
			text = OidOutputFunctionCall(output, value);
			utf8 = pg_server_to_any(text, strlen(text), PG_UTF8);
			return utf8;
	}
}

/* Numbers of the columns by their names; few enough to be sorted for each statement. */
static int
order_columns(TupleDesc columns, int *order)
{
	int			count = 0;

	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);
		int			place = count++;

		if (column->attisdropped)
		{
			count--;
			continue;
		}
		for (; place > 0 && strcmp(NameStr(TupleDescAttr(columns, order[place - 1])->attname), NameStr(column->attname)) > 0; place--)
			order[place] = order[place - 1];
		order[place] = i;
	}
	return count;
}

void
leaf_text(int table, HeapTuple tuple, TupleDesc columns, StringInfo text)
{
	int			order[MaxHeapAttributeNumber];
	int			count = order_columns(columns, order);

	resetStringInfo(text);
	appendStringInfo(text, "ootspg audit row 1\n%s\n", tables[table]);
	for (int i = 0; i < count; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, order[i]);
		bool		isnull;
		Datum		value = SPI_getbinval(tuple, columns, order[i] + 1, &isnull);
		char	   *as_text;

		if (isnull)
			continue;
		as_text = value_text(column->atttypid, value);
		appendStringInfo(text, "%s %zu\n%s\n", NameStr(column->attname), strlen(as_text), as_text);
		pfree(as_text);
	}
}

static int64
number_of(HeapTuple tuple, TupleDesc columns, const char *name)
{
	bool		isnull;

	return DatumGetInt64(SPI_getbinval(tuple, columns, SPI_fnumber(columns, name), &isnull));
}

void
leaf_of_row(int table, HeapTuple tuple, TupleDesc columns, StringInfo text, Leaf *leaf, char **provider)
{
	char	   *name = SPI_getvalue(tuple, columns, SPI_fnumber(columns, "provider"));

	leaf->event_id = number_of(tuple, columns, "event_id");
	leaf->event_time = number_of(tuple, columns, "event_time");
	leaf->exchange_id = number_of(tuple, columns, "exchange_id");
	leaf->table = table;
	leaf_text(table, tuple, columns, text);
	/* the prefix goes before it */
	appendStringInfoChar(text, '\0');
	memmove(text->data + 1, text->data, text->len - 1);
	tree_leaf(text->data, text->len, leaf->digest);
	*provider = name ? name : pstrdup("");
}

static Portal
open_rows(int table, int64 after, int64 until)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(after), false);
	query_add(&arguments, INT8OID, Int64GetDatum(until), false);
	return query_cursor(psprintf("SELECT * FROM ootspg.%s WHERE event_id > $1 AND event_id <= $2", tables[table]), &arguments);
}

void
leaves_each(int table, int64 after, int64 until, LeafVisit visit, void *context)
{
	Portal		rows = open_rows(table, after, until);
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext batch = AllocSetContextCreate(caller, "ootspg leaves", ALLOCSET_DEFAULT_SIZES);

	for (;;)
	{
		StringInfoData text;

		SPI_cursor_fetch(rows, true, ROWS_AT_ONCE);
		if (SPI_processed == 0)
			break;
		MemoryContextSwitchTo(batch);
		initStringInfo(&text);
		for (uint64 row = 0; row < SPI_processed; row++)
		{
			Leaf		leaf;
			char	   *provider;

			leaf_of_row(table, SPI_tuptable->vals[row], SPI_tuptable->tupdesc, &text, &leaf, &provider);
			MemoryContextSwitchTo(caller);
			visit(context, &leaf, provider);
			MemoryContextSwitchTo(batch);
		}
		MemoryContextSwitchTo(caller);
		MemoryContextReset(batch);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(rows);
	MemoryContextDelete(batch);
}
