/*
 * sql.c
 *		The SQL functions of the room: seal with a key given by URIs, what a key
 *		is, and the verdict on a sealed document.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "library.h"
#include "seal/jose.h"
#include "seal/keydata.h"
#include "seal/seal.h"
#include "seal/verify.h"

PG_FUNCTION_INFO_V1(ootspg_seal_with);
PG_FUNCTION_INFO_V1(ootspg_key_facts);
PG_FUNCTION_INFO_V1(ootspg_verify_seal);

static Datum
bytea_datum(const void *bytes, size_t length)
{
	bytea	   *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	return PointerGetDatum(result);
}

/* (document bytea, name text, key_uri text, certificate_uri text, form text, which may be missing) returns bytea */
Datum
ootspg_seal_with(PG_FUNCTION_ARGS)
{
	bytea	   *document = PG_GETARG_BYTEA_PP(0);
	SealKey    *key = seal_key_get(text_to_cstring(PG_GETARG_TEXT_PP(1)), NULL,
								   text_to_cstring(PG_GETARG_TEXT_PP(2)), text_to_cstring(PG_GETARG_TEXT_PP(3)));
	const char *word = PG_NARGS() > 4 ? text_to_cstring(PG_GETARG_TEXT_PP(4)) : NULL;
	StringInfoData sealed;

	library_require_objects();
	initStringInfo(&sealed);
	seal_document(key, seal_form(word, VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document)),
				  VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document), &sealed);
	PG_RETURN_DATUM(bytea_datum(sealed.data, sealed.len));
}

/* (name text, key_uri text, certificate_uri text, provider text, which may be NULL) returns table: one row */
Datum
ootspg_key_facts(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	SealKey    *key;
	/* before an update of the extension there is no fourth */
	const char *provider = PG_NARGS() > 3 && !PG_ARGISNULL(3) ? text_to_cstring(PG_GETARG_TEXT_PP(3)) : NULL;
	Datum		values[6];
	bool		nulls[6] = {false};

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return (Datum) 0;
	key = seal_key_get(text_to_cstring(PG_GETARG_TEXT_PP(0)), provider,
					   text_to_cstring(PG_GETARG_TEXT_PP(1)), text_to_cstring(PG_GETARG_TEXT_PP(2)));
	values[0] = CStringGetTextDatum(seal_key_algorithm(key));
	values[1] = CStringGetTextDatum(key_subject(sk_X509_value(key->certificates, 0)));
	values[2] = TimestampTzGetDatum(key->not_before);
	values[3] = TimestampTzGetDatum(seal_key_not_after(key));
	values[4] = bytea_datum(seal_key_certificate_sha256(key), 32);
	values[5] = BoolGetDatum(jose_algorithm(key->suite, X509_get0_pubkey(sk_X509_value(key->certificates, 0))) != NULL);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}

static Datum
text_or_null(const char *text, bool *null)
{
	*null = text == NULL;
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

/* Elements that are NULL give nothing. */
static List *
lists_of(ArrayType *array)
{
	List	   *lists = NIL;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		bytea	   *bytes = nulls[i] ? NULL : DatumGetByteaPP(elements[i]);
		StringInfo	one = palloc(sizeof(StringInfoData));

		if (bytes == NULL)
			continue;
		*one = (StringInfoData) {.data = VARDATA_ANY(bytes), .len = VARSIZE_ANY_EXHDR(bytes)};
		lists = lappend(lists, one);
	}
	return lists;
}

/* (document bytea, trusted bytea, revoked bytea[], beside bytea) returns table: one row, none for NULL */
Datum
ootspg_verify_seal(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bytea	   *document;
	bytea	   *trusted;
	bytea	   *beside;
	StringInfoData octets;
	SealVerdict verdict;
	Datum		values[18] = {0};
	bool		nulls[18] = {false};

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	document = PG_GETARG_BYTEA_PP(0);
	trusted = PG_ARGISNULL(1) ? NULL : PG_GETARG_BYTEA_PP(1);
	beside = PG_NARGS() > 3 && !PG_ARGISNULL(3) ? PG_GETARG_BYTEA_PP(3) : NULL;
	if (beside != NULL)
		octets = (StringInfoData) {.data = VARDATA_ANY(beside), .len = VARSIZE_ANY_EXHDR(beside)};
	seal_verify(VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document), beside ? &octets : NULL, trusted ? VARDATA_ANY(trusted) : NULL,
				trusted ? VARSIZE_ANY_EXHDR(trusted) : 0, PG_NARGS() > 2 && !PG_ARGISNULL(2) ? lists_of(PG_GETARG_ARRAYTYPE_P(2)) : NIL, &verdict);

	values[0] = BoolGetDatum(verdict.valid);
	values[1] = text_or_null(verdict.step, &nulls[1]);
	values[2] = text_or_null(verdict.reason, &nulls[2]);
	values[3] = text_or_null(verdict.algorithm, &nulls[3]);
	values[4] = TimestampTzGetDatum(verdict.signing_time);
	nulls[4] = !verdict.has_signing_time;
	nulls[5] = !verdict.has_certificate;
	if (verdict.has_certificate)
		values[5] = bytea_datum(verdict.certificate_sha256, sizeof(verdict.certificate_sha256));
	values[6] = text_or_null(verdict.certificate_subject, &nulls[6]);
	values[7] = text_or_null(verdict.chain, &nulls[7]);
	values[8] = text_or_null(verdict.revocation, &nulls[8]);
	nulls[9] = verdict.signed_content == NULL;
	if (verdict.signed_content != NULL)
		values[9] = bytea_datum(verdict.signed_content->data, verdict.signed_content->len);
	values[10] = text_or_null(verdict.form, &nulls[10]);
	values[11] = text_or_null(verdict.policy, &nulls[11]);
	values[12] = text_or_null(verdict.format, &nulls[12]);
	values[13] = text_or_null(verdict.indication, &nulls[13]);
	values[14] = text_or_null(verdict.sub_indication, &nulls[14]);
	values[15] = text_or_null(verdict.level, &nulls[15]);
	values[16] = text_or_null(verdict.stamp, &nulls[16]);
	values[17] = TimestampTzGetDatum(verdict.stamped_at);
	nulls[17] = verdict.stamped_at == 0;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}
