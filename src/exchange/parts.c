/*
 * parts.c
 *		Store the parts of a message.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

#include "audit/content_key.h"
#include "exchange/parts.h"
#include "row.h"

typedef struct Part
{
	int			number;
	const char *content_id;
	const char *media_type;
	const char *bytes;
	size_t		length;
} Part;

void
parts_add(Parts *parts, const char *content_id, const char *media_type, const char *bytes, size_t length)
{
	parts_add_as(parts, list_length(parts->parts), content_id, media_type, bytes, length);
}

void
parts_add_as(Parts *parts, int number, const char *content_id, const char *media_type, const char *bytes, size_t length)
{
	Part	   *part = palloc(sizeof(Part));

	*part = (Part) {number, content_id, media_type, bytes, length};
	parts->parts = lappend(parts->parts, part);
}

static void
store(const Parts *parts, const char *table, const char *number, int64 id)
{
	Row		   *rows = palloc(sizeof(Row) * list_length(parts->parts));
	const ListCell *cell;

	foreach(cell, parts->parts)
	{
		const Part *part = lfirst(cell);
		Row		   *row = &rows[foreach_current_index(cell)];
		ClosedPlace place = {.table = table,.column = "content",.row = id,.part = part->number};

		row->arguments.count = 0;
		row_add(row, number, INT8OID, Int64GetDatum(id), false);
		row_add(row, "part", INT2OID, Int16GetDatum(part->number), false);
		row_add_text(row, "content_id", part->content_id);
		row_add_text(row, "media_type", part->media_type);
		content_add(row, &place, part->bytes, part->length);
	}
	rows_insert(get_relname_relid(table, get_namespace_oid("ootspg_internal", false)), rows, list_length(parts->parts));
	pfree(rows);
}

void
parts_store_in(const Parts *parts, int64 inbox_id)
{
	store(parts, "inbox_part", "inbox_id", inbox_id);
}

void
parts_store_out(const Parts *parts, int64 outbox_id)
{
	store(parts, "outbox_part", "outbox_id", outbox_id);
}
