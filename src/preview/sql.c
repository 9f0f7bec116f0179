/*
 * sql.c
 *		Opening and closing what is kept for a link, for the functions of the preview
 *		space (sql/ootspg/preview), which decide who sees it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errors.h"
#include "preview/envelope.h"
#include "preview/kept.h"
#include "preview/link.h"

PG_FUNCTION_INFO_V1(ootspg_preview_digest);
PG_FUNCTION_INFO_V1(ootspg_preview_seal);
PG_FUNCTION_INFO_V1(ootspg_preview_unseal);

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
