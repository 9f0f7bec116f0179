/*
 * model.c
 *		Load data models (D-MOD-15). Schemas may be large and are needed with every
 *		document, so the backend keeps the bytes of those it has seen, known by
 *		their checksum, and only the rest of the row is read each time.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "evidence/lexical.h"
#include "evidence/model.h"

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
" m.schema_sha256, l.conforms_to"
" FROM ootspg.data_model m LEFT JOIN ootspg.data_model_location l"
" ON l.model OPERATOR(pg_catalog.=) m.model AND l.version OPERATOR(pg_catalog.=) m.version"
" AND l.line OPERATOR(pg_catalog.=) $3"
" WHERE m.model OPERATOR(pg_catalog.=) $1 AND m.version OPERATOR(pg_catalog.=) $2";

static const char schema_query[] =
"SELECT m.schema FROM ootspg.data_model m"
" WHERE m.model OPERATOR(pg_catalog.=) $1 AND m.version OPERATOR(pg_catalog.=) $2";

static void
run(SPIPlanPtr *plan, const char *query, int arguments, Datum *values)
{
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID};
	int			result;

	if (*plan == NULL)
	{
		SPIPlanPtr	prepared = SPI_prepare(query, arguments, types);

		if (prepared == NULL)
			elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
		SPI_keepplan(prepared);
		*plan = prepared;
	}
	result = SPI_execute_plan(*plan, values, NULL, true, 1);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
}

/* A column of the first row in UTF-8, in the given context; NULL when it is null. */
static char *
column_text(int column, MemoryContext context)
{
	char	   *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);
	size_t		length;
	const char *utf8;

	if (text == NULL)
		return NULL;
	utf8 = lexical_utf8(text, strlen(text), &length);
	return MemoryContextStrdup(context, utf8);
}

static bytea *
column_bytes(int column)
{
	bool		null;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &null);

	return null ? NULL : DatumGetByteaPP(value);
}

static bool
column_boolean(int column)
{
	bool		null;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &null);

	return !null && DatumGetBool(value);
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
load_schema(DataModel *model, Datum *values, MemoryContext context)
{
	static SPIPlanPtr plan = NULL;
	bytea	   *bytes;
	char	   *copy;

	if (find_schema(model))
		return;
	run(&plan, schema_query, 2, values);
	bytes = SPI_processed == 1 ? column_bytes(1) : NULL;
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
	model->camel = column_boolean(4);
	model->sealable = column_boolean(5);
	model->conforms_to = column_text(7, context);
	if (sha256 == NULL)
		return false;
	if (VARSIZE_ANY_EXHDR(sha256) != sizeof(model->schema_sha256))
		elog(ERROR, "unexpected length of a schema's checksum");
	memcpy(model->schema_sha256, VARDATA_ANY(sha256), sizeof(model->schema_sha256));
	return true;
}

DataModel *
data_model_load(const char *name, const char *version, EdmLine line)
{
	static SPIPlanPtr plan = NULL;
	MemoryContext context = CurrentMemoryContext;
	DataModel  *model = NULL;
	Datum		values[3];

	SPI_connect();
	values[0] = CStringGetTextDatum(name);
	values[1] = CStringGetTextDatum(version);
	values[2] = CStringGetTextDatum(line != EDM_NONE ? line_traits(line)->identifier : "");
	run(&plan, row_query, 3, values);
	if (SPI_processed == 1)
	{
		model = MemoryContextAllocZero(context, sizeof(DataModel));
		model->model = MemoryContextStrdup(context, name);
		model->version = MemoryContextStrdup(context, version);
		if (read_row(model, context))
			load_schema(model, values, context);
	}
	SPI_finish();
	return model;
}
