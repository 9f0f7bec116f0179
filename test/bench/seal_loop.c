/*
 * seal_loop.c
 *		The cost of a seal alone: seal_canonical() again and again on the same
 *		canonical text. A library of the benchmark, made from the sources of
 *		src/seal and loaded into a backend; the extension has no such function.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "seal/xades.h"
#include "settings.h"

PG_MODULE_MAGIC;

/* A setting of the extension; weak, for where the extension's own is visible. */
__attribute__((weak)) char *oots_key_directory;

PG_FUNCTION_INFO_V1(bench_seal_loop);

/* (document bytea, name, key_uri, certificate_uri text, count integer): length of the last */
Datum
bench_seal_loop(PG_FUNCTION_ARGS)
{
	bytea	   *document = PG_GETARG_BYTEA_PP(0);
	int			count = PG_GETARG_INT32(4);
	StringInfoData out;
	SealKey    *key;

	if (oots_key_directory == NULL)
		oots_key_directory = MemoryContextStrdup(TopMemoryContext, GetConfigOption("ootspg.key_directory", false, false));
	key = seal_key_get(text_to_cstring(PG_GETARG_TEXT_PP(1)), NULL, text_to_cstring(PG_GETARG_TEXT_PP(2)),
					   text_to_cstring(PG_GETARG_TEXT_PP(3)));
	initStringInfo(&out);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		resetStringInfo(&out);
		seal_canonical(key, VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document), &out, NULL);
	}
	PG_RETURN_INT32(out.len);
}
