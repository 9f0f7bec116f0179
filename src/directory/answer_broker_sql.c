/*
 * answer_broker_sql.c
 *		An answer of the evidence broker as rows: one for each evidence type of each list of
 *		each requirement, and one where a level below has nothing.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "directory/answer.h"

PG_FUNCTION_INFO_V1(ootspg_read_broker_answer);

/* Values in all rows of an answer: each row repeats the countries of its list. */
#define MAX_CELLS	INT64CONST(200000)

enum
{
	COLUMN_CLASS,
	COLUMN_REASON,
	COLUMN_RETRYABLE,
	COLUMN_CODE,
	COLUMN_MESSAGE_CODE,
	COLUMN_SPECIFICATION,
	COLUMN_REQUIREMENT,
	COLUMN_LIST,
	COLUMN_MATCH,
	COLUMN_LIST_COUNTRIES,
	COLUMN_CLASSIFICATION,
	COLUMN_TYPE_COUNTRIES,
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
	rows->values[column] = PointerGetDatum(construct_array(values, list_length(texts), TEXTOID, -1, false, TYPALIGN_INT));
	rows->nulls[column] = false;
}

static void
end_row(Rows *rows)
{
	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, rows->values, rows->nulls);
}

static void
clear(Rows *rows, int from)
{
	for (int i = from; i < COLUMNS; i++)
		rows->nulls[i] = true;
}

static void
add_list(Rows *rows, const DirectoryTypeList *list)
{
	const ListCell *cell;

	put_text(rows, COLUMN_LIST, list->identifier);
	put_text(rows, COLUMN_MATCH, list->match);
	put_texts(rows, COLUMN_LIST_COUNTRIES, list->countries);
	clear(rows, COLUMN_CLASSIFICATION);
	if (list->types == NIL)
		end_row(rows);
	foreach(cell, list->types)
	{
		const DirectoryEvidenceType *type = lfirst(cell);

		put_text(rows, COLUMN_CLASSIFICATION, type->classification);
		put_texts(rows, COLUMN_TYPE_COUNTRIES, type->countries);
		end_row(rows);
	}
}

static void
add_requirement(Rows *rows, const DirectoryRequirement *requirement)
{
	const ListCell *cell;

	put_text(rows, COLUMN_REQUIREMENT, requirement->identifier);
	clear(rows, COLUMN_LIST);
	if (requirement->lists == NIL)
		end_row(rows);
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
	return cells > MAX_CELLS;
}

static void
add_answer(Rows *rows, const DirectoryAnswer *answer)
{
	const ListCell *cell;

	clear(rows, 0);
	put_text(rows, COLUMN_CLASS, directory_class_name(answer->class));
	put_text(rows, COLUMN_REASON, answer->reason);
	rows->values[COLUMN_RETRYABLE] = BoolGetDatum(answer->retryable);
	rows->nulls[COLUMN_RETRYABLE] = false;
	put_text(rows, COLUMN_CODE, answer->code);
	put_text(rows, COLUMN_MESSAGE_CODE, answer->message_code);
	put_text(rows, COLUMN_SPECIFICATION, answer->specification);
	if (answer->requirements == NIL)
		end_row(rows);
	foreach(cell, answer->requirements)
		add_requirement(rows, lfirst(cell));
}

/* (http_status integer, content_type text, body bytea) returns setof record */
Datum
ootspg_read_broker_answer(PG_FUNCTION_ARGS)
{
	Rows		rows = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "answer of a broker", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller;
	DirectoryAnswer answer;
	bytea	   *body = PG_ARGISNULL(2) ? NULL : PG_GETARG_BYTEA_PP(2);

	InitMaterializedSRF(fcinfo, 0);
	caller = MemoryContextSwitchTo(work);
	directory_read_broker_answer(PG_ARGISNULL(0) ? 0 : PG_GETARG_INT32(0),
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
