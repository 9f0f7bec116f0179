/*
 * jws_sql.c
 *		The verdict on a directory's answer as an SQL function, for diagnosis and tests.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "seal/jws.h"

PG_FUNCTION_INFO_V1(ootspg_verify_directory_answer);

static const char *
text_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

static Datum
text_or_null(const char *text, bool *null)
{
	*null = text == NULL;
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

static Datum
digest_or_null(const uint8 *digest, bool known, bool *null)
{
	bytea	   *result;

	*null = !known;
	if (!known)
		return (Datum) 0;
	result = palloc(VARHDRSZ + 32);
	SET_VARSIZE(result, VARHDRSZ + 32);
	memcpy(VARDATA(result), digest, 32);
	return PointerGetDatum(result);
}

static Datum
verdict_datum(const JwsVerdict *verdict, TupleDesc descriptor)
{
	Datum		values[9];
	bool		nulls[9] = {false};

	values[0] = BoolGetDatum(verdict->valid);
	values[1] = text_or_null(verdict->step, &nulls[1]);
	values[2] = text_or_null(verdict->reason, &nulls[2]);
	values[3] = text_or_null(verdict->subject, &nulls[3]);
	values[4] = TimestampTzGetDatum(verdict->not_after);
	nulls[4] = !verdict->has_certificate;
	values[5] = digest_or_null(verdict->certificate_sha256, verdict->has_certificate, &nulls[5]);
	values[6] = digest_or_null(verdict->root_sha256, verdict->has_root, &nulls[6]);
	values[7] = TimestampTzGetDatum(verdict->root_not_after);
	nulls[7] = !verdict->has_root;
	values[8] = TimestampTzGetDatum(verdict->signed_at);
	nulls[8] = !verdict->has_signing_time;
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}

/* (body bytea, digest text, signature text, trusted bytea, moment timestamptz) returns record */
Datum
ootspg_verify_directory_answer(PG_FUNCTION_ARGS)
{
	TupleDesc	descriptor;
	JwsAnswer	answer;
	JwsVerdict	verdict;
	bytea	   *body;
	bytea	   *trusted;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				errmsg("body, trusted and moment must not be null"));
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	body = PG_GETARG_BYTEA_PP(0);
	trusted = PG_GETARG_BYTEA_PP(3);
	answer = (JwsAnswer)
	{
		.body = VARDATA_ANY(body),
		.length = VARSIZE_ANY_EXHDR(body),
		.digest = text_argument(fcinfo, 1),
		.signature = text_argument(fcinfo, 2)
	};
	jws_verify(&answer, VARDATA_ANY(trusted), VARSIZE_ANY_EXHDR(trusted), PG_GETARG_TIMESTAMPTZ(4), &verdict);
	PG_RETURN_DATUM(verdict_datum(&verdict, descriptor));
}
