/*
 * sql.c
 *		Opening and closing what is kept for a link, for the functions of the preview
 *		space (sql/ootspg/preview), which decide who sees it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errors.h"
#include "preview/envelope.h"
#include "preview/kept.h"
#include "preview/link.h"
#include "seal/sha256.h"

PG_FUNCTION_INFO_V1(ootspg_preview_digest);
PG_FUNCTION_INFO_V1(ootspg_preview_seal);
PG_FUNCTION_INFO_V1(ootspg_preview_unseal);
PG_FUNCTION_INFO_V1(ootspg_new_matching_key);
PG_FUNCTION_INFO_V1(ootspg_matching_key_digest);
PG_FUNCTION_INFO_V1(ootspg_open_matching);

Datum
ootspg_preview_digest(PG_FUNCTION_ARGS)
{
	LinkKeys	keys;
	bytea	   *digest;

	(void) link_keys(PG_ARGISNULL(0) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(0)), &keys);
	digest = (bytea *) cstring_to_text_with_len((char *) keys.digest, sizeof(keys.digest));
	link_forget(&keys);
	PG_RETURN_BYTEA_P(digest);
}

Datum
ootspg_preview_seal(PG_FUNCTION_ARGS)
{
	bytea	   *public_key = PG_GETARG_BYTEA_PP(0);
	bytea	   *content = PG_GETARG_BYTEA_PP(4);

	if (VARSIZE_ANY_EXHDR(public_key) != ENVELOPE_KEY_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_PREVIEW),
				 errmsg("the key of a preview has 32 bytes")));
	PG_RETURN_BYTEA_P(kept_close((uint8 *) VARDATA_ANY(public_key), PG_GETARG_INT64(1), text_to_cstring(PG_GETARG_TEXT_PP(2)), PG_GETARG_INT32(3),
								 VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)));
}

Datum
ootspg_preview_unseal(PG_FUNCTION_ARGS)
{
	LinkKeys	keys;
	size_t		length;
	char	   *content;

	(void) link_keys(text_to_cstring(PG_GETARG_TEXT_PP(0)), &keys);
	content = kept_open(&keys, PG_GETARG_INT64(1), text_to_cstring(PG_GETARG_TEXT_PP(2)), PG_GETARG_INT32(3), PG_GETARG_BYTEA_PP(4), &length);
	link_forget(&keys);
	PG_RETURN_BYTEA_P((bytea *) cstring_to_text_with_len(content, length));
}

static bytea *
bytes(const uint8 *from, size_t length)
{
	return (bytea *) cstring_to_text_with_len((const char *) from, length);
}

Datum
ootspg_new_matching_key(PG_FUNCTION_ARGS)
{
	uint8		private_key[ENVELOPE_KEY_BYTES];
	uint8		public_key[ENVELOPE_KEY_BYTES];
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (!pg_strong_random(private_key, sizeof(private_key)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random key")));
	envelope_public_key(private_key, public_key);
	values[0] = PointerGetDatum(bytes(public_key, sizeof(public_key)));
	values[1] = PointerGetDatum(bytes(private_key, sizeof(private_key)));
	explicit_bzero(private_key, sizeof(private_key));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

static const uint8 *
private_key_of(const bytea *key)
{
	if (VARSIZE_ANY_EXHDR(key) != ENVELOPE_KEY_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_PREVIEW),
				 errmsg("the private key of a matching log has 32 bytes")));
	return (const uint8 *) VARDATA_ANY(key);
}

/* Of the public half, so that entries of other keys are left out. */
Datum
ootspg_matching_key_digest(PG_FUNCTION_ARGS)
{
	uint8		public_key[ENVELOPE_KEY_BYTES];
	uint8		digest[SHA256_BYTES];

	envelope_public_key(private_key_of(PG_GETARG_BYTEA_PP(0)), public_key);
	sha256_bytes(public_key, sizeof(public_key), digest);
	PG_RETURN_BYTEA_P(bytes(digest, sizeof(digest)));
}

Datum
ootspg_open_matching(PG_FUNCTION_ARGS)
{
	LinkKeys	keys = {0};
	size_t		length;
	char	   *content;

	memcpy(keys.private_key, private_key_of(PG_GETARG_BYTEA_PP(0)), sizeof(keys.private_key));
	content = kept_open(&keys, PG_GETARG_INT64(1), "matching", 0, PG_GETARG_BYTEA_PP(2), &length);
	link_forget(&keys);
	PG_RETURN_BYTEA_P((bytea *) cstring_to_text_with_len(content, length));
}
