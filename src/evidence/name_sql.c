/*
 * name_sql.c
 *		SQL functions of the name policy. The database is UTF-8 (sql/ootspg/begin.sql), so
 *		text needs no conversion.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "compat.h"
#include "evidence/name.h"
#include "evidence/name_fold.h"

PG_FUNCTION_INFO_V1(ootspg_name_key);
PG_FUNCTION_INFO_V1(ootspg_name_key_version);
PG_FUNCTION_INFO_V1(ootspg_name_policy_version);
PG_FUNCTION_INFO_V1(ootspg_names_match);
PG_FUNCTION_INFO_V1(ootspg_given_names_match);
PG_FUNCTION_INFO_V1(ootspg_name_table);

static Datum
key_of(text *name)
{
	char	   *key = name_key_fold(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));

	return PointerGetDatum(cstring_to_text(key));
}

Datum
ootspg_name_key(PG_FUNCTION_ARGS)
{
	return key_of(PG_GETARG_TEXT_PP(0));
}

Datum
ootspg_name_key_version(PG_FUNCTION_ARGS)
{
	int			version = PG_GETARG_INT32(1);

	if (version != NAME_POLICY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown name policy version %d", version),
				 errhint("This release knows version %d.", NAME_POLICY_VERSION)));
	return key_of(PG_GETARG_TEXT_PP(0));
}

Datum
ootspg_name_policy_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(NAME_POLICY_VERSION);
}

Datum
ootspg_names_match(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(name_equal(text_to_cstring(PG_GETARG_TEXT_PP(0)),
							  text_to_cstring(PG_GETARG_TEXT_PP(1))));
}

Datum
ootspg_given_names_match(PG_FUNCTION_ARGS)
{
	char	   *policy = text_to_cstring(PG_GETARG_TEXT_PP(2));
	GivenNamePolicy value;

	if (strcmp(policy, "set") == 0)
		value = GIVEN_NAMES_SET;
	else if (strcmp(policy, "first") == 0)
		value = GIVEN_NAMES_FIRST;
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown given name policy \"%s\"", policy),
				 errhint("Policies are set and first.")));
	PG_RETURN_BOOL(given_names_equal(text_to_cstring(PG_GETARG_TEXT_PP(0)),
									 text_to_cstring(PG_GETARG_TEXT_PP(1)), value));
}

static Datum
source_text(const NameEntry *entry)
{
	unsigned char source[9] = {0};

	unicode_to_utf8(entry->first, source);
	if (entry->second != 0)
		unicode_to_utf8(entry->second, source + pg_utf_mblen(source));
	return CStringGetTextDatum((char *) source);
}

/* A line of the table a call: its letters and its spellings, still joined by bars. */
Datum
ootspg_name_table(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;
		TupleDesc	row;

		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		call->tuple_desc = BlessTupleDesc(row);
		call->max_calls = name_entry_count;
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	if (call->call_cntr < call->max_calls)
	{
		const NameEntry *entry = &name_entries[call->call_cntr];
		bool		nulls[2] = {false, false};
		Datum		values[2];

		values[0] = source_text(entry);
		values[1] = CStringGetTextDatum(entry->alternatives);
		SRF_RETURN_NEXT(call, HeapTupleGetDatum(heap_form_tuple(call->tuple_desc, values, nulls)));
	}
	SRF_RETURN_DONE(call);
}
