/*
 * answer_sql.c
 *		An answer as rows, for diagnosis, tests and comparison with what we registered:
 *		one for each data service, access service, publisher and distribution.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "directory/answer_rows.h"

PG_FUNCTION_INFO_V1(ootspg_read_directory_answer);

enum
{
	COLUMN_OBJECT = COLUMNS_OF_ANSWER,
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

StaticAssertDecl(COLUMNS <= MAX_ANSWER_COLUMNS, "an answer has as many columns as its rows");

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
put_json(AnswerRows *rows, int column, const StringInfoData *json)
{
	rows_put(rows, column, DirectFunctionCall1(jsonb_in, CStringGetDatum(json->data)));
}

/* [{"concept": …, "values": […]}]: an array, because nothing says that a concept stands once. */
static void
put_concepts(AnswerRows *rows, int column, const List *concepts)
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
put_jurisdiction(AnswerRows *rows, const DirectoryPublisher *publisher)
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

/* The innermost level. One row even without distributions: that they are missing is to be seen. */
static void
add_distributions(AnswerRows *rows, const List *distributions)
{
	const ListCell *cell;

	rows_clear(rows, COLUMN_MEDIA_TYPE, COLUMN_TRANSFORMATION);
	if (distributions == NIL)
		rows_end(rows);
	foreach(cell, distributions)
	{
		const DirectoryDistribution *distribution = lfirst(cell);

		rows_put_text(rows, COLUMN_MEDIA_TYPE, distribution->media_type);
		rows_put_texts(rows, COLUMN_LANGUAGES, distribution->languages);
		rows_put_text(rows, COLUMN_DATA_MODEL, distribution->data_model);
		rows_put_text(rows, COLUMN_TRANSFORMATION, distribution->transformation);
		rows_end(rows);
	}
}

static void
add_publishers(AnswerRows *rows, const List *publishers, const List *distributions)
{
	const ListCell *cell;

	rows_clear(rows, COLUMN_PUBLISHER, COLUMN_PUBLISHER_VALUES);
	if (publishers == NIL)
		add_distributions(rows, distributions);
	foreach(cell, publishers)
	{
		const DirectoryPublisher *publisher = lfirst(cell);

		rows_put_text(rows, COLUMN_PUBLISHER, publisher->identifier);
		rows_put_text(rows, COLUMN_PUBLISHER_SCHEME, publisher->scheme);
		rows_put_text(rows, COLUMN_COUNTRY, publisher->country);
		put_jurisdiction(rows, publisher);
		put_concepts(rows, COLUMN_PUBLISHER_VALUES, publisher->concepts);
		add_distributions(rows, distributions);
	}
}

static void
put_service(AnswerRows *rows, int object, const DirectoryService *service)
{
	rows_put(rows, COLUMN_OBJECT, Int32GetDatum(object));
	rows_put_text(rows, COLUMN_DATA_SERVICE, service->identifier);
	rows_put_text(rows, COLUMN_CLASSIFICATION, service->classification);
	rows_put_text(rows, COLUMN_LEVEL_OF_ASSURANCE, service->level_of_assurance);
	put_concepts(rows, COLUMN_SERVICE_VALUES, service->concepts);
}

static void
add_service(AnswerRows *rows, int object, const DirectoryService *service)
{
	const ListCell *cell;

	put_service(rows, object, service);
	rows_clear(rows, COLUMN_ACCESS_SERVICE, COLUMN_CONFORMS_TO);
	if (service->accesses == NIL)
		add_publishers(rows, NIL, service->distributions);
	foreach(cell, service->accesses)
	{
		const DirectoryAccess *access = lfirst(cell);

		rows_put_text(rows, COLUMN_ACCESS_SERVICE, access->identifier);
		rows_put_text(rows, COLUMN_ACCESS_SERVICE_SCHEME, access->scheme);
		rows_put_texts(rows, COLUMN_CONFORMS_TO, access->conforms_to);
		add_publishers(rows, access->publishers, service->distributions);
	}
}

static void
add_inputs(AnswerRows *rows, const DirectoryAnswer *answer)
{
	const ListCell *cell;

	put_service(rows, 1, linitial(answer->services));
	foreach(cell, answer->inputs)
	{
		const DirectoryInput *input = lfirst(cell);

		rows_put_text(rows, COLUMN_INPUT, input->kind);
		rows_put_text(rows, COLUMN_INPUT_ID, input->identifier);
		rows_put_text(rows, COLUMN_INPUT_LEVEL, input->level);
		rows_put_text(rows, COLUMN_INPUT_TYPE, input->type);
		rows_put_text(rows, COLUMN_INPUT_LIST, input->list);
		rows_end(rows);
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
			if ((cells += cells_of(lfirst(cell))) > MAX_ANSWER_CELLS)
				break;
		}
	return cells > MAX_ANSWER_CELLS;
}

static void
add_answer(AnswerRows *rows, const DirectoryAnswer *answer)
{
	const ListCell *cell;

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
			rows_end(rows);
	}
}

/* (http_status integer, content_type text, body bytea) returns setof record */
Datum
ootspg_read_directory_answer(PG_FUNCTION_ARGS)
{
	return rows_of_answer(fcinfo, directory_read_answer, is_too_wide, add_answer);
}
