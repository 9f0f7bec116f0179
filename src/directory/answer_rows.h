/*
 * answer_rows.h
 *		What the rows of a directory's answer have in common, whichever directory gave it.
 */
#ifndef OOTSPG_DIRECTORY_ANSWER_ROWS_H
#define OOTSPG_DIRECTORY_ANSWER_ROWS_H

#include "fmgr.h"
#include "nodes/execnodes.h"

#include "directory/answer.h"

#define MAX_ANSWER_COLUMNS 32
/* Values in all rows of an answer: a small answer can make very many. */
#define MAX_ANSWER_CELLS	INT64CONST(200000)

/* What an answer says as a whole: the first columns of every row. */
enum
{
	COLUMN_CLASS,
	COLUMN_REASON,
	COLUMN_RETRYABLE,
	COLUMN_CODE,
	COLUMN_MESSAGE_CODE,
	COLUMN_SPECIFICATION,
	COLUMNS_OF_ANSWER
};

/* Rows under way: what was put stays until it is put anew, so that each level sets its own columns. */
typedef struct AnswerRows
{
	ReturnSetInfo *result;
	Datum		values[MAX_ANSWER_COLUMNS];
	bool		nulls[MAX_ANSWER_COLUMNS];
} AnswerRows;

extern void rows_put(AnswerRows *rows, int column, Datum value);
extern void rows_put_text(AnswerRows *rows, int column, const char *text);	/* NULL: null */
extern void rows_put_texts(AnswerRows *rows, int column, const List *texts);
extern void rows_clear(AnswerRows *rows, int from, int to);
extern void rows_end(AnswerRows *rows);	/* one is complete */

typedef void (*AnswerReader) (int status, const char *content_type, const char *body, size_t length, DirectoryAnswer *answer);

/*
 * A function (http_status integer, content_type text, body bytea) returns setof record:
 * reads the answer, adds its rows. One that is too wide counts as unreadable.
 */
extern Datum rows_of_answer(FunctionCallInfo fcinfo, AnswerReader read,
							bool (*is_too_wide) (const DirectoryAnswer *answer),
							void (*add) (AnswerRows *rows, const DirectoryAnswer *answer));

#endif							/* OOTSPG_DIRECTORY_ANSWER_ROWS_H */
