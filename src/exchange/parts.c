/*
 * parts.c
 *		Store the parts of a message by one statement: starting a statement costs
 *		more than inserting a row.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "exchange/parts.h"
#include "query.h"

void
parts_begin(Parts *parts)
{
	parts->count = 0;
	parts->room = 8;
	parts->content_ids = palloc(parts->room * sizeof(Datum));
	parts->media_types = palloc(parts->room * sizeof(Datum));
	parts->contents = palloc(parts->room * sizeof(Datum));
}

static void
grow(Parts *parts)
{
	parts->room *= 2;
	parts->content_ids = repalloc(parts->content_ids, parts->room * sizeof(Datum));
	parts->media_types = repalloc(parts->media_types, parts->room * sizeof(Datum));
	parts->contents = repalloc(parts->contents, parts->room * sizeof(Datum));
}

static Datum
text_or_none(const char *text)
{
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

void
parts_add(Parts *parts, const char *content_id, const char *media_type, const char *bytes, size_t length)
{
	if (parts->count == parts->room)
		grow(parts);
	parts->content_ids[parts->count] = text_or_none(content_id);
	parts->media_types[parts->count] = text_or_none(media_type);
	parts->contents[parts->count++] = PointerGetDatum(cstring_to_text_with_len(bytes, length));
}

static void
add_array(QueryArguments *arguments, Datum *values, int count, Oid type, Oid array_type)
{
	bool	   *nulls = palloc(count * sizeof(bool));
	int			lower_bound = 1;

	for (int i = 0; i < count; i++)
		nulls[i] = values[i] == (Datum) 0;
	query_add(arguments, array_type,
			  PointerGetDatum(construct_md_array(values, nulls, 1, &count, &lower_bound, type, -1, false, TYPALIGN_INT)), false);
}

static void
store(Parts *parts, int64 id, const char *statement)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;

	query_add(&arguments, INT8OID, Int64GetDatum(id), false);
	add_array(&arguments, parts->content_ids, parts->count, TEXTOID, TEXTARRAYOID);
	add_array(&arguments, parts->media_types, parts->count, TEXTOID, TEXTARRAYOID);
	add_array(&arguments, parts->contents, parts->count, BYTEAOID, BYTEAARRAYOID);
	owner_begin(&caller);
	query_run(statement, &arguments, false, 0, SPI_OK_INSERT);
	owner_end(&caller);
}

#define FROM_ARRAYS " (%s, part, content_id, media_type, content) SELECT $1, p.number - 1, p.content_id, p.media_type, p.content " \
	"FROM ROWS FROM (unnest($2, $3, $4)) WITH ORDINALITY p(content_id, media_type, content, number)"

void
parts_store_in(Parts *parts, int64 inbox_id)
{
	store(parts, inbox_id, psprintf("INSERT INTO ootspg_internal.inbox_part" FROM_ARRAYS, "inbox_id"));
}

void
parts_store_out(Parts *parts, int64 outbox_id)
{
	store(parts, outbox_id, psprintf("INSERT INTO ootspg_internal.outbox_part" FROM_ARRAYS, "outbox_id"));
}
