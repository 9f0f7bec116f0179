/*
 * answer_sql.c
 *		An answer as rows, for diagnosis, tests and comparison with what we registered:
 *		one for each data service, access service, publisher and distribution.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "compat.h"
#include "directory/answer.h"

PG_FUNCTION_INFO_V1(ootspg_read_directory_answer);

/*
 * Values in all rows of an answer. A small answer can make very many: access services
 * times distributions, each with the values of its service.
 */
#define MAX_CELLS	INT64CONST(200000)

enum
{
	COLUMN_CLASS,
	COLUMN_REASON,
	COLUMN_RETRYABLE,
	COLUMN_CODE,
	COLUMN_MESSAGE_CODE,
	COLUMN_SPECIFICATION,
	COLUMN_OBJECT,
	COLUMN_DATA_SERVICE,
	COLUMN_CLASSIFICATION,
	COLUMN_LEVEL_OF_ASSURANCE,
	COLUMN_SERVICE_VALUES,
	COLUMN_ACCESS_SERVICE,
	COLUMN_ACCESS_SERVICE_SCHEME,
	COLUMN_CONFORMS_TO,
	COLUMN_PUBLISHER,
	COLUMN_PUBLISHER_SCHEME,
	COLUMN_COUNTRY,
	COLUMN_JURISDICTION,
	COLUMN_PUBLISHER_VALUES,
	COLUMN_MEDIA_TYPE,
	COLUMN_LANGUAGES,
	COLUMN_DATA_MODEL,
	COLUMN_TRANSFORMATION,
	COLUMN_INPUT,
	COLUMN_INPUT_ID,
	COLUMN_INPUT_LEVEL,
	COLUMN_INPUT_TYPE,
	COLUMN_INPUT_LIST,
	COLUMNS
};

/* Rows under way: what was put stays until it is put anew, so that each level sets its own columns. */
typedef struct Rows
{
	ReturnSetInfo *result;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
} Rows;

static void
put(Rows *rows, int column, Datum value)
{
	rows->values[column] = value;
	rows->nulls[column] = false;
}

static void
put_text(Rows *rows, int column, const char *text)
{
	rows->nulls[column] = text == NULL;
	if (text != NULL)
		rows->values[column] = CStringGetTextDatum(text);
}

static void
put_texts(Rows *rows, int column, const List *texts)
{
	Datum	   *values = palloc(sizeof(Datum) * (list_length(texts) + 1));
	const ListCell *cell;

	foreach(cell, texts)
		values[foreach_current_index(cell)] = CStringGetTextDatum((char *) lfirst(cell));
	put(rows, column, PointerGetDatum(construct_array(values, list_length(texts), TEXTOID, -1, false, TYPALIGN_INT)));
}

static void
end_row(Rows *rows)
{
	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, rows->values, rows->nulls);
}

/* Begin one more thing in a JSON array or object. */
static void
separate(StringInfo json)
{
	if (strchr("[{", json->data[json->len - 1]) == NULL)
		appendStringInfoChar(json, ',');
}

/* "name": "value", left out when it is not there */
static void
add_member(StringInfo json, const char *name, const char *value)
{
	if (value == NULL)
		return;
	separate(json);
	escape_json(json, name);
	appendStringInfoChar(json, ':');
	escape_json(json, value);
}

static void
put_json(Rows *rows, int column, const StringInfoData *json)
{
	put(rows, column, DirectFunctionCall1(jsonb_in, CStringGetDatum(json->data)));
}

/* [{"concept": …, "values": […]}]: an array, because nothing says that a concept stands once. */
static void
put_concepts(Rows *rows, int column, const List *concepts)
{
	StringInfoData json;
	const ListCell *cell;
	const ListCell *value;

	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	foreach(cell, concepts)
	{
		const DirectoryConcept *concept = lfirst(cell);

		separate(&json);
		appendStringInfoChar(&json, '{');
		add_member(&json, "concept", concept->identifier);
		separate(&json);
		appendStringInfoString(&json, "\"values\":[");
		foreach(value, concept->values)
		{
			separate(&json);
			escape_json(&json, lfirst(value));
		}
		appendStringInfoString(&json, "]}");
	}
	appendStringInfoChar(&json, ']');
	put_json(rows, column, &json);
}

/* {"level1": …, "areas": [{"list": …, "code": …}]} */
static void
put_jurisdiction(Rows *rows, const DirectoryPublisher *publisher)
{
	StringInfoData json;
	const ListCell *cell;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (int i = 0; i < (int) lengthof(publisher->levels); i++)
		add_member(&json, psprintf("level%d", i + 1), publisher->levels[i]);
	if (publisher->areas != NIL)
	{
		separate(&json);
		appendStringInfoString(&json, "\"areas\":[");
		foreach(cell, publisher->areas)
		{
			const DirectoryArea *area = lfirst(cell);

			separate(&json);
			appendStringInfoChar(&json, '{');
			add_member(&json, "list", area->list);
			add_member(&json, "code", area->code);
			appendStringInfoChar(&json, '}');
		}
		appendStringInfoChar(&json, ']');
	}
	appendStringInfoChar(&json, '}');
	put_json(rows, COLUMN_JURISDICTION, &json);
}

static void
clear(Rows *rows, int from, int to)
{
	for (int i = from; i <= to; i++)
		rows->nulls[i] = true;
}

/* The innermost level. One row even without distributions: that they are missing is to be seen. */
static void
add_distributions(Rows *rows, const List *distributions)
{
	const ListCell *cell;

	clear(rows, COLUMN_MEDIA_TYPE, COLUMN_TRANSFORMATION);
	if (distributions == NIL)
		end_row(rows);
	foreach(cell, distributions)
	{
		const DirectoryDistribution *distribution = lfirst(cell);

		put_text(rows, COLUMN_MEDIA_TYPE, distribution->media_type);
		put_texts(rows, COLUMN_LANGUAGES, distribution->languages);
		put_text(rows, COLUMN_DATA_MODEL, distribution->data_model);
		put_text(rows, COLUMN_TRANSFORMATION, distribution->transformation);
		end_row(rows);
	}
}

static void
add_publishers(Rows *rows, const List *publishers, const List *distributions)
{
	const ListCell *cell;

	clear(rows, COLUMN_PUBLISHER, COLUMN_PUBLISHER_VALUES);
	if (publishers == NIL)
		add_distributions(rows, distributions);
	foreach(cell, publishers)
	{
		const DirectoryPublisher *publisher = lfirst(cell);

		put_text(rows, COLUMN_PUBLISHER, publisher->identifier);
		put_text(rows, COLUMN_PUBLISHER_SCHEME, publisher->scheme);
		put_text(rows, COLUMN_COUNTRY, publisher->country);
		put_jurisdiction(rows, publisher);
		put_concepts(rows, COLUMN_PUBLISHER_VALUES, publisher->concepts);
		add_distributions(rows, distributions);
	}
}

static void
put_service(Rows *rows, int object, const DirectoryService *service)
{
	put(rows, COLUMN_OBJECT, Int32GetDatum(object));
	put_text(rows, COLUMN_DATA_SERVICE, service->identifier);
	put_text(rows, COLUMN_CLASSIFICATION, service->classification);
	put_text(rows, COLUMN_LEVEL_OF_ASSURANCE, service->level_of_assurance);
	put_concepts(rows, COLUMN_SERVICE_VALUES, service->concepts);
}

static void
add_service(Rows *rows, int object, const DirectoryService *service)
{
	const ListCell *cell;

	put_service(rows, object, service);
	clear(rows, COLUMN_ACCESS_SERVICE, COLUMN_CONFORMS_TO);
	if (service->accesses == NIL)
		add_publishers(rows, NIL, service->distributions);
	foreach(cell, service->accesses)
	{
		const DirectoryAccess *access = lfirst(cell);

		put_text(rows, COLUMN_ACCESS_SERVICE, access->identifier);
		put_text(rows, COLUMN_ACCESS_SERVICE_SCHEME, access->scheme);
		put_texts(rows, COLUMN_CONFORMS_TO, access->conforms_to);
		add_publishers(rows, access->publishers, service->distributions);
	}
}

static void
add_inputs(Rows *rows, const DirectoryAnswer *answer)
{
	const ListCell *cell;

	put_service(rows, 1, linitial(answer->services));
	foreach(cell, answer->inputs)
	{
		const DirectoryInput *input = lfirst(cell);

		put_text(rows, COLUMN_INPUT, input->kind);
		put_text(rows, COLUMN_INPUT_ID, input->identifier);
		put_text(rows, COLUMN_INPUT_LEVEL, input->level);
		put_text(rows, COLUMN_INPUT_TYPE, input->type);
		put_text(rows, COLUMN_INPUT_LIST, input->list);
		end_row(rows);
	}
}

static int64
values_of_concepts(const List *concepts)
{
	int64		values = 0;
	const ListCell *cell;

	foreach(cell, concepts)
		values += 1 + list_length(((DirectoryConcept *) lfirst(cell))->values);
	return values;
}

/* Values in all rows of a service. */
static int64
cells_of(const DirectoryService *service)
{
	int64		for_service = COLUMNS + values_of_concepts(service->concepts);
	int64		languages = 0;
	int64		rows = 0;		/* without regard to distributions */
	int64		cells = 0;
	const ListCell *cell;
	const ListCell *inner;

	foreach(cell, service->distributions)
		languages += list_length(((DirectoryDistribution *) lfirst(cell))->languages);
	foreach(cell, service->accesses)
	{
		const DirectoryAccess *access = lfirst(cell);

		rows += Max(list_length(access->publishers), 1);
		cells += (int64) Max(list_length(access->publishers), 1) * list_length(access->conforms_to);
		foreach(inner, access->publishers)
		{
			const DirectoryPublisher *publisher = lfirst(inner);

			cells += values_of_concepts(publisher->concepts) + list_length(publisher->areas);
		}
	}
	rows = Max(rows, 1);
	return (rows * for_service + cells) * Max(list_length(service->distributions), 1) + rows * languages;
}

static bool
is_too_wide(const DirectoryAnswer *answer)
{
	int64		cells = 0;
	const ListCell *cell;

	if (answer->class == DIRECTORY_ADDITIONAL_INPUT)
		cells = list_length(answer->inputs) * cells_of(linitial(answer->services));
	else
		foreach(cell, answer->services)
		{
			/* summed up carefully: each of them is far from the end of the type */
			if ((cells += cells_of(lfirst(cell))) > MAX_CELLS)
				break;
		}
	return cells > MAX_CELLS;
}

static void
add_answer(Rows *rows, const DirectoryAnswer *answer)
{
	const ListCell *cell;

	clear(rows, 0, COLUMNS - 1);
	put_text(rows, COLUMN_CLASS, directory_class_name(answer->class));
	put_text(rows, COLUMN_REASON, answer->reason);
	put(rows, COLUMN_RETRYABLE, BoolGetDatum(answer->retryable));
	put_text(rows, COLUMN_CODE, answer->code);
	put_text(rows, COLUMN_MESSAGE_CODE, answer->message_code);
	put_text(rows, COLUMN_SPECIFICATION, answer->specification);
	switch (answer->class)
	{
		case DIRECTORY_REGISTERED:
			foreach(cell, answer->services)
				add_service(rows, foreach_current_index(cell) + 1, lfirst(cell));
			break;
		case DIRECTORY_ADDITIONAL_INPUT:
			add_inputs(rows, answer);
			break;
		default:
			end_row(rows);
	}
}

/* (http_status integer, content_type text, body bytea) returns setof record */
Datum
ootspg_read_directory_answer(PG_FUNCTION_ARGS)
{
	Rows		rows = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "answer of a directory", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller;
	DirectoryAnswer answer;
	bytea	   *body = PG_ARGISNULL(2) ? NULL : PG_GETARG_BYTEA_PP(2);

	InitMaterializedSRF(fcinfo, 0);
	caller = MemoryContextSwitchTo(work);
	directory_read_answer(PG_ARGISNULL(0) ? 0 : PG_GETARG_INT32(0),
						  PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)),
						  body ? VARDATA_ANY(body) : "", body ? VARSIZE_ANY_EXHDR(body) : 0, &answer);
	if (is_too_wide(&answer))
		answer = (DirectoryAnswer)
		{
			.class = DIRECTORY_UNREADABLE,
			.reason = "the answer has too many values",
			.specification = answer.specification
		};
	add_answer(&rows, &answer);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	return (Datum) 0;
}
