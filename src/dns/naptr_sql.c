/*
 * naptr_sql.c
 *		The NAPTR records of an answer as rows, in the order in which they are tried.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "dns/naptr.h"

PG_FUNCTION_INFO_V1(ootspg_read_naptr_answer);

enum
{
	COLUMN_RANK,
	COLUMN_PREFERENCE,
	COLUMN_FLAGS,
	COLUMN_SERVICES,
	COLUMN_REGEXP,
	COLUMN_URI,
	COLUMN_REFUSED,
	COLUMN_TTL,
	COLUMNS
};

static void
put_record(ReturnSetInfo *result, const NaptrAnswer *answer, const NaptrRecord *record)
{
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS] = {0};

	values[COLUMN_RANK] = Int32GetDatum(record->order);
	values[COLUMN_PREFERENCE] = Int32GetDatum(record->preference);
	values[COLUMN_FLAGS] = CStringGetTextDatum(record->flags);
	values[COLUMN_SERVICES] = CStringGetTextDatum(record->services);
	values[COLUMN_REGEXP] = CStringGetTextDatum(record->regexp);
	if (record->refused == NULL)
		values[COLUMN_URI] = CStringGetTextDatum(record->uri);
	else
		values[COLUMN_REFUSED] = CStringGetTextDatum(record->refused);
	nulls[COLUMN_URI] = record->refused != NULL;
	nulls[COLUMN_REFUSED] = record->refused == NULL;
	values[COLUMN_TTL] = Int32GetDatum((int32) answer->ttl);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_failure(ReturnSetInfo *result, const char *failure)
{
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS];

	memset(nulls, true, sizeof(nulls));
	values[COLUMN_REFUSED] = CStringGetTextDatum(failure);
	nulls[COLUMN_REFUSED] = false;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* (message bytea) returns setof record; nothing in a message is an error. */
Datum
ootspg_read_naptr_answer(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bytea	   *message = PG_GETARG_BYTEA_PP(0);
	NaptrAnswer *answer = palloc(sizeof(NaptrAnswer));
	const char *failure;

	InitMaterializedSRF(fcinfo, 0);
	failure = naptr_read((const uint8 *) VARDATA_ANY(message), VARSIZE_ANY_EXHDR(message), answer);
	if (failure != NULL)
		put_failure(result, failure);
	for (int i = 0; failure == NULL && i < answer->count; i++)
		put_record(result, answer, &answer->records[i]);
	return (Datum) 0;
}
