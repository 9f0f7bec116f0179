/*
 * encryption_sql.c
 *		The SQL functions of certificates and contents.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "audit/content_key.h"
#include "compat.h"
#include "seal/recipients.h"

PG_FUNCTION_INFO_V1(ootspg_reader_certificate);
PG_FUNCTION_INFO_V1(ootspg_content_keys);
PG_FUNCTION_INFO_V1(ootspg_open_content);
PG_FUNCTION_INFO_V1(ootspg_close_content);

static Datum
bytes_datum(const void *bytes, size_t length)
{
	return PointerGetDatum(cstring_to_text_with_len(bytes, (int) length));
}

static Datum
result_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "the function returns no row");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* reader_certificate(pem, OUT fault, OUT sha256, OUT not_after): to be sure, a key of zeroes is wrapped to it. */
Datum
ootspg_reader_certificate(PG_FUNCTION_ARGS)
{
	static const uint8 nothing[RECIPIENT_KEY_BYTES] = {0};
	Recipient	recipient = {.certificate = text_to_cstring(PG_GETARG_TEXT_PP(0))};
	uint8	   *der;
	size_t		length;
	int			which;
	const char *fault = recipients_wrap(nothing, &recipient, 1, &which, &der, &length);
	bool		nulls[3] = {fault == NULL, fault != NULL, fault != NULL};
	Datum		values[3] = {0};

	free(der);
	if (fault != NULL)
		values[0] = CStringGetTextDatum(fault);
	else
	{
		values[1] = bytes_datum(recipient.sha256, SHA256_BYTES);
		values[2] = TimestampTzGetDatum((recipient.not_after - (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) * USECS_PER_SEC);
	}
	PG_RETURN_DATUM(result_row(fcinfo, values, nulls));
}

/* returns table (place integer, key_id text, fault text): entries of the setting */
Datum
ootspg_content_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *fault;
	char	   *id;

	InitMaterializedSRF(fcinfo, 0);
	for (int n = 0; (id = content_key_entry(n, &fault)) != NULL; n++)
	{
		Datum		values[3] = {Int32GetDatum(n), CStringGetTextDatum(id), (Datum) 0};
		bool		nulls[3] = {false, false, fault == NULL};

		if (fault != NULL)
			values[2] = CStringGetTextDatum(fault);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* open_content(content, content_key, table, id, part) */
Datum
ootspg_open_content(PG_FUNCTION_ARGS)
{
	ClosedPlace place = {.column = "content"};
	size_t		length;
	char	   *bytes;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	place.table = text_to_cstring(PG_GETARG_TEXT_PP(2));
	place.row = PG_GETARG_INT64(3);
	place.part = PG_GETARG_INT32(4);
	bytes = content_open(text_to_cstring(PG_GETARG_TEXT_PP(1)), &place, PG_GETARG_BYTEA_PP(0), &length);
	PG_RETURN_DATUM(bytes_datum(bytes, length));
}

/* close_content(content, table, id, part, OUT closed, OUT content_key) */
Datum
ootspg_close_content(PG_FUNCTION_ARGS)
{
	ClosedPlace place = {.column = "content"};
	Datum		values[2] = {0};
	bool		nulls[2] = {true, true};
	const char *key_id = NULL;
	bytea	   *content;
	bytea	   *closed;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_DATUM(result_row(fcinfo, values, nulls));
	content = PG_GETARG_BYTEA_PP(0);
	place.table = text_to_cstring(PG_GETARG_TEXT_PP(1));
	place.row = PG_GETARG_INT64(2);
	place.part = PG_GETARG_INT32(3);
	closed = content_close(&place, VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content), &key_id);
	nulls[0] = false;
	nulls[1] = key_id == NULL;
	values[0] = PointerGetDatum(closed ? closed : content);
	values[1] = key_id ? CStringGetTextDatum(key_id) : (Datum) 0;
	PG_RETURN_DATUM(result_row(fcinfo, values, nulls));
}
