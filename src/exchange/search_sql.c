/*
 * search_sql.c
 *		The SQL functions of search keys. Who audits finds exchanges of a person by
 *		comparing with all keys that exchanges of the own providers may have.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "audit/search_key.h"
#include "audit/subject_key.h"
#include "compat.h"
#include "errors.h"
#include "exchange/subject_row.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_subject_key);
PG_FUNCTION_INFO_V1(ootspg_identifier_key);
PG_FUNCTION_INFO_V1(ootspg_subject_keys);
PG_FUNCTION_INFO_V1(ootspg_identifier_keys);
PG_FUNCTION_INFO_V1(ootspg_search_keys);

/* What is looked for: a subject, or an identifier. */
typedef struct Sought
{
	Subject    *subject;
	char	   *identifier;
} Sought;

static Datum
digest_datum(const uint8 digest[SHA256_BYTES])
{
	return PointerGetDatum(cstring_to_text_with_len((const char *) digest, SHA256_BYTES));
}

static bool
digest_of(const Sought *sought, const SearchKey *key, uint8 digest[SHA256_BYTES])
{
	if (sought->subject != NULL)
		return subject_key(sought->subject, key, digest);
	identifier_key(sought->identifier, key, digest);
	return true;
}

/* One key does for all exchanges as long as no secret makes them differ. */
static void
require_unkeyed(const char *instead)
{
	const char *fault;

	if (search_key_entry(0, &fault) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("search keys differ by secret key and provider"),
				 errhint("Compare with = ANY (%s).", instead)));
}

Datum
ootspg_subject_key(PG_FUNCTION_ARGS)
{
	Sought		sought = {.subject = subject_from_row(PG_GETARG_HEAPTUPLEHEADER(0))};
	uint8		digest[SHA256_BYTES];

	require_unkeyed("ootspg.subject_keys(subject)");
	if (!digest_of(&sought, NULL, digest))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(digest_datum(digest));
}

Datum
ootspg_identifier_key(PG_FUNCTION_ARGS)
{
	Sought		sought = {.identifier = text_to_cstring(PG_GETARG_TEXT_PP(0))};
	uint8		digest[SHA256_BYTES];

	require_unkeyed("ootspg.identifier_keys(identifier)");
	digest_of(&sought, NULL, digest);
	PG_RETURN_DATUM(digest_datum(digest));
}

/* Keys in use for exchanges that the caller may audit; rows of SPI_tuptable. */
static uint64
find_scopes(void)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	Datum		providers;
	bool		isnull;
	uint64		count;

	query_run("SELECT CASE WHEN pg_catalog.row_security_active('ootspg.exchange'::pg_catalog.regclass) "
			  "THEN ootspg_internal.own_providers(current_user, 'audit') ELSE '{*}'::pg_catalog.text[] END",
			  NULL, true, 1, SPI_OK_SELECT);
	providers = query_value(0, 1, &isnull);
	query_add(&arguments, TEXTARRAYOID, providers, false);
	owner_begin(&caller);
	count = query_run("SELECT s.key_id, s.provider FROM ootspg_internal.search_scope s "
					  "WHERE $1 OPERATOR(pg_catalog.&&) ARRAY['*', s.provider] ORDER BY 1, 2",
					  &arguments, true, 0, SPI_OK_SELECT);
	owner_end(&caller);
	return count;
}

static ArrayType *
all_digests(const Sought *sought)
{
	MemoryContext caller = CurrentMemoryContext;
	ArrayBuildState *found = NULL;
	uint8		digest[SHA256_BYTES];
	uint64		scopes;

	if (!digest_of(sought, NULL, digest))
		return NULL;
	/* rows from before there was a key */
	found = accumArrayResult(found, digest_datum(digest), false, BYTEAOID, caller);
	SPI_connect();
	scopes = find_scopes();
	for (uint64 row = 0; row < scopes; row++)
	{
		SearchKey	key;

		CHECK_FOR_INTERRUPTS();
		search_key_by_id(&key, query_text(row, 1), query_text(row, 2));
		digest_of(sought, &key, digest);
		search_key_forget(&key);
		found = accumArrayResult(found, digest_datum(digest), false, BYTEAOID, caller);
	}
	SPI_finish();
	return DatumGetArrayTypeP(makeArrayResult(found, caller));
}

Datum
ootspg_subject_keys(PG_FUNCTION_ARGS)
{
	Sought		sought = {.subject = subject_from_row(PG_GETARG_HEAPTUPLEHEADER(0))};
	ArrayType  *digests = all_digests(&sought);

	if (digests == NULL)
		PG_RETURN_NULL();
	PG_RETURN_ARRAYTYPE_P(digests);
}

Datum
ootspg_identifier_keys(PG_FUNCTION_ARGS)
{
	Sought		sought = {.identifier = text_to_cstring(PG_GETARG_TEXT_PP(0))};

	PG_RETURN_ARRAYTYPE_P(all_digests(&sought));
}

/* returns table (place integer, key_id text, fault text): entries of the setting */
Datum
ootspg_search_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *fault;
	char	   *id;

	InitMaterializedSRF(fcinfo, 0);
	for (int n = 0; (id = search_key_entry(n, &fault)) != NULL; n++)
	{
		Datum		values[3] = {Int32GetDatum(n), CStringGetTextDatum(id), (Datum) 0};
		bool		nulls[3] = {false, false, fault == NULL};

		if (fault != NULL)
			values[2] = CStringGetTextDatum(fault);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
