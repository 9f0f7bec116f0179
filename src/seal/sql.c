/*
 * sql.c
 *		The SQL functions of the room: seal with a key given by URIs, what a key
 *		is, and the verdict on a sealed document.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "seal/keydata.h"
#include "seal/xades.h"
#include "xml/canon.h"

PG_FUNCTION_INFO_V1(ootspg_seal_with);
PG_FUNCTION_INFO_V1(ootspg_key_facts);

static SealKey *
key_of_arguments(FunctionCallInfo fcinfo, int first)
{
	return seal_key_get(text_to_cstring(PG_GETARG_TEXT_PP(first)),
						text_to_cstring(PG_GETARG_TEXT_PP(first + 1)),
						text_to_cstring(PG_GETARG_TEXT_PP(first + 2)));
}

static Datum
bytea_datum(const void *bytes, size_t length)
{
	bytea	   *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	return PointerGetDatum(result);
}

/* (document bytea, name text, key_uri text, certificate_uri text) returns bytea */
Datum
ootspg_seal_with(PG_FUNCTION_ARGS)
{
	bytea	   *document = PG_GETARG_BYTEA_PP(0);
	SealKey    *key = key_of_arguments(fcinfo, 1);
	StringInfo	canonical = canon_from_xml(VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document), "document");
	StringInfoData sealed;

	initStringInfo(&sealed);
	seal_canonical(key, canonical->data, canonical->len, &sealed);
	PG_RETURN_DATUM(bytea_datum(sealed.data, sealed.len));
}

/* (name text, key_uri text, certificate_uri text) returns table: one row */
Datum
ootspg_key_facts(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	SealKey    *key = key_of_arguments(fcinfo, 0);
	Datum		values[5];
	bool		nulls[5] = {false};

	InitMaterializedSRF(fcinfo, 0);
	values[0] = CStringGetTextDatum(seal_key_algorithm(key));
	values[1] = CStringGetTextDatum(key_subject(sk_X509_value(key->certificates, 0)));
	values[2] = TimestampTzGetDatum(key->not_before);
	values[3] = TimestampTzGetDatum(seal_key_not_after(key));
	values[4] = bytea_datum(seal_key_certificate_sha256(key), 32);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}
