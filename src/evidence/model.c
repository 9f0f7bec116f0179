/*
 * model.c
 *		Load data models (D-MOD-15). Schemas may be large and are needed with every
 *		document, so the backend keeps the bytes of those it has seen, known by
 *		their checksum, and only the rest of the row is read each time.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "compat.h"
#include "configuration/configuration.h"
#include "evidence/model.h"
#include "query.h"

/* Schemas kept; never given up, for models that are in use point at them. More
 * than these are read each time. */
#define MAX_SCHEMAS 16

static struct
{
	uint8		sha256[32];
	const char *bytes;
	size_t		length;
}			schemas[MAX_SCHEMAS];
static int	schema_count = 0;

static const char row_query[] =
"SELECT m.namespace, m.prefix, m.root, m.element_names OPERATOR(pg_catalog.=) 'camel', m.sealable,"
" m.schema_sha256"
" FROM ootspg.data_model m"
" WHERE m.model OPERATOR(pg_catalog.=) $1 AND m.version OPERATOR(pg_catalog.=) $2";

static const char schema_query[] =
"SELECT m.schema FROM ootspg.data_model m"
" WHERE m.model OPERATOR(pg_catalog.=) $1 AND m.version OPERATOR(pg_catalog.=) $2";

/* A column of the first row in the given context; NULL when it is null. */
static char *
column_text(int column, MemoryContext context)
{
	char	   *text = query_text(0, column);

	return text != NULL ? MemoryContextStrdup(context, text) : NULL;
}

static bytea *
column_bytes(int column)
{
	bool		null;
	Datum		value = query_value(0, column, &null);

	return null ? NULL : DatumGetByteaPP(value);
}

static bool
find_schema(DataModel *model)
{
	for (int i = 0; i < schema_count; i++)
	{
		if (memcmp(schemas[i].sha256, model->schema_sha256, sizeof(model->schema_sha256)) == 0)
		{
			model->schema = schemas[i].bytes;
			model->schema_length = schemas[i].length;
			return true;
		}
	}
	return false;
}

/* The schema's bytes: kept ones, or from the table into the cache while it has room. */
static void
load_schema(DataModel *model, const QueryArguments *key, MemoryContext context)
{
	bytea	   *bytes;
	char	   *copy;

	if (find_schema(model))
		return;
	bytes = query_run(schema_query, key, true, 1, SPI_OK_SELECT) == 1 ? column_bytes(1) : NULL;
	if (bytes == NULL)
		elog(ERROR, "data model vanished while it was read");
	model->schema_length = VARSIZE_ANY_EXHDR(bytes);
	copy = MemoryContextAlloc(schema_count < MAX_SCHEMAS ? TopMemoryContext : context,
							  model->schema_length);
	memcpy(copy, VARDATA_ANY(bytes), model->schema_length);
	model->schema = copy;
	if (schema_count < MAX_SCHEMAS)
	{
		memcpy(schemas[schema_count].sha256, model->schema_sha256, sizeof(model->schema_sha256));
		schemas[schema_count].bytes = copy;
		schemas[schema_count].length = model->schema_length;
		schema_count++;
	}
}

/* The row that SPI holds, but for its schema; true when it has one. */
static bool
read_row(DataModel *model, MemoryContext context)
{
	bytea	   *sha256 = column_bytes(6);

	model->namespace = column_text(1, context);
	/* without a namespace there is nothing a prefix could stand for */
	model->prefix = *model->namespace != '\0' ? column_text(2, context) : "";
	model->root = column_text(3, context);
	model->camel = query_bool(0, 4);
	model->sealable = query_bool(0, 5);
	if (sha256 == NULL)
		return false;
	if (VARSIZE_ANY_EXHDR(sha256) != sizeof(model->schema_sha256))
		elog(ERROR, "unexpected length of a schema's checksum");
	memcpy(model->schema_sha256, VARDATA_ANY(sha256), sizeof(model->schema_sha256));
	return true;
}

static char *
location_in(const DataModel *model, EdmLine line, MemoryContext context)
{
	char	   *location = data_model_location(model->model, model->version, line);

	return location != NULL ? MemoryContextStrdup(context, location) : NULL;
}

DataModel *
data_model_load(const char *name, const char *version, EdmLine line)
{
	MemoryContext context = CurrentMemoryContext;
	DataModel  *model = NULL;
	QueryArguments arguments = {0};

	SPI_connect();
	query_add_text(&arguments, name);
	query_add_text(&arguments, version);
	if (query_run(row_query, &arguments, true, 1, SPI_OK_SELECT) == 1)
	{
		model = MemoryContextAllocZero(context, sizeof(DataModel));
		model->model = MemoryContextStrdup(context, name);
		model->version = MemoryContextStrdup(context, version);
		if (read_row(model, context))
			load_schema(model, &arguments, context);
		if (line != EDM_NONE)
			model->conforms_to = location_in(model, line, context);
	}
	SPI_finish();
	return model;
}
