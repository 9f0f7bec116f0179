/*
 * answer_broker_sql.c
 *		An answer of the evidence broker as rows: one for each evidence type of each list of
 *		each requirement, and one where a level below has nothing.
 */
#include "postgres.h"

#include "directory/answer_rows.h"

PG_FUNCTION_INFO_V1(ootspg_read_broker_answer);

enum
{
	COLUMN_REQUIREMENT = COLUMNS_OF_ANSWER,
	COLUMN_LIST,
	COLUMN_MATCH,
	COLUMN_LIST_COUNTRIES,
	COLUMN_CLASSIFICATION,
	COLUMN_TYPE_COUNTRIES,
	COLUMNS
};

StaticAssertDecl(COLUMNS <= MAX_ANSWER_COLUMNS, "an answer has as many columns as its rows");

static void
add_list(AnswerRows *rows, const DirectoryTypeList *list)
{
	const ListCell *cell;

	rows_put_text(rows, COLUMN_LIST, list->identifier);
	rows_put_text(rows, COLUMN_MATCH, list->match);
	rows_put_texts(rows, COLUMN_LIST_COUNTRIES, list->countries);
	rows_clear(rows, COLUMN_CLASSIFICATION, COLUMNS - 1);
	if (list->types == NIL)
		rows_end(rows);
	foreach(cell, list->types)
	{
		const DirectoryEvidenceType *type = lfirst(cell);

		rows_put_text(rows, COLUMN_CLASSIFICATION, type->classification);
		rows_put_texts(rows, COLUMN_TYPE_COUNTRIES, type->countries);
		rows_end(rows);
	}
}

static void
add_requirement(AnswerRows *rows, const DirectoryRequirement *requirement)
{
	const ListCell *cell;

	rows_put_text(rows, COLUMN_REQUIREMENT, requirement->identifier);
	rows_clear(rows, COLUMN_LIST, COLUMNS - 1);
	if (requirement->lists == NIL)
		rows_end(rows);
	foreach(cell, requirement->lists)
		add_list(rows, lfirst(cell));
}

static int64
cells_of(const DirectoryRequirement *requirement)
{
	int64		cells = COLUMNS;
	const ListCell *cell;
	const ListCell *inner;

	foreach(cell, requirement->lists)
	{
		const DirectoryTypeList *list = lfirst(cell);

		cells += (int64) Max(list_length(list->types), 1) * (COLUMNS + list_length(list->countries));
		foreach(inner, list->types)
			cells += list_length(((DirectoryEvidenceType *) lfirst(inner))->countries);
	}
	return cells;
}

static bool
is_too_wide(const DirectoryAnswer *answer)
{
	int64		cells = 0;
	const ListCell *cell;

	foreach(cell, answer->requirements)
		cells += cells_of(lfirst(cell));
	return cells > MAX_ANSWER_CELLS;
}

static void
add_answer(AnswerRows *rows, const DirectoryAnswer *answer)
{
	const ListCell *cell;

	if (answer->requirements == NIL)
		rows_end(rows);
	foreach(cell, answer->requirements)
		add_requirement(rows, lfirst(cell));
}

/* (http_status integer, content_type text, body bytea) returns setof record */
Datum
ootspg_read_broker_answer(PG_FUNCTION_ARGS)
{
	return rows_of_answer(fcinfo, directory_read_broker_answer, is_too_wide, add_answer);
}
