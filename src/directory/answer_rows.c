/*
 * answer_rows.c
 *		What the rows of a directory's answer have in common, whichever directory gave it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "directory/answer_rows.h"

void
rows_put(AnswerRows *rows, int column, Datum value)
{
	rows->values[column] = value;
	rows->nulls[column] = false;
}

void
rows_put_text(AnswerRows *rows, int column, const char *text)
{
	rows->nulls[column] = text == NULL;
	if (text != NULL)
		rows->values[column] = CStringGetTextDatum(text);
}

void
rows_put_texts(AnswerRows *rows, int column, const List *texts)
{
	Datum	   *values = palloc(sizeof(Datum) * (list_length(texts) + 1));
	const ListCell *cell;

	foreach(cell, texts)
		values[foreach_current_index(cell)] = CStringGetTextDatum((char *) lfirst(cell));
	rows_put(rows, column, PointerGetDatum(construct_array(values, list_length(texts), TEXTOID, -1, false, TYPALIGN_INT)));
}

void
rows_clear(AnswerRows *rows, int from, int to)
{
	for (int i = from; i <= to; i++)
		rows->nulls[i] = true;
}

void
rows_end(AnswerRows *rows)
{
	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, rows->values, rows->nulls);
}

static void
put_answer(AnswerRows *rows, const DirectoryAnswer *answer)
{
	rows_clear(rows, 0, MAX_ANSWER_COLUMNS - 1);
	rows_put_text(rows, COLUMN_CLASS, directory_class_name(answer->class));
	rows_put_text(rows, COLUMN_REASON, answer->reason);
	rows_put(rows, COLUMN_RETRYABLE, BoolGetDatum(answer->retryable));
	rows_put_text(rows, COLUMN_CODE, answer->code);
	rows_put_text(rows, COLUMN_MESSAGE_CODE, answer->message_code);
	rows_put_text(rows, COLUMN_SPECIFICATION, answer->specification);
}

Datum
rows_of_answer(FunctionCallInfo fcinfo, AnswerReader read,
			   bool (*is_too_wide) (const DirectoryAnswer *answer),
			   void (*add) (AnswerRows *rows, const DirectoryAnswer *answer))
{
	AnswerRows	rows = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "answer of a directory", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller;
	DirectoryAnswer answer;
	bytea	   *body = PG_ARGISNULL(2) ? NULL : PG_GETARG_BYTEA_PP(2);

	InitMaterializedSRF(fcinfo, 0);
	caller = MemoryContextSwitchTo(work);
	read(PG_ARGISNULL(0) ? 0 : PG_GETARG_INT32(0),
		 PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)),
		 body ? VARDATA_ANY(body) : "", body ? VARSIZE_ANY_EXHDR(body) : 0, &answer);
	if (is_too_wide(&answer))
		answer = (DirectoryAnswer)
		{
			.class = DIRECTORY_UNREADABLE,
			.reason = "the answer has too many values",
			.specification = answer.specification
		};
	put_answer(&rows, &answer);
	add(&rows, &answer);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	return (Datum) 0;
}
