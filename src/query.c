/*
 * query.c
 *		SPI statements with kept plans. The cache is keyed by statement text,
 *		belongs to the backend, lives in TopMemoryContext, and is bounded.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/params.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "compat.h"
#include "errors.h"
#include "query.h"

#define MAX_PLANS 512

typedef struct PlanEntry
{
	uint32		hash;			/* of the text; hash key */
	char	   *sql;
	SPIPlanPtr	plan;
} PlanEntry;

static HTAB *plans = NULL;

void
query_add(QueryArguments *arguments, Oid type, Datum value, bool isnull)
{
	int			i = arguments->count++;

	Assert(i < QUERY_MAX_ARGUMENTS);
	arguments->types[i] = type;
	arguments->values[i] = value;
	arguments->nulls[i] = isnull ? 'n' : ' ';
}

void
query_add_text(QueryArguments *arguments, const char *text)
{
	query_add(arguments, TEXTOID, text ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

void
query_add_bytes(QueryArguments *arguments, const void *bytes, size_t length)
{
	Datum		value = (Datum) 0;

	if (bytes != NULL)
		value = PointerGetDatum(cstring_to_text_with_len(bytes, length));
	query_add(arguments, BYTEAOID, value, bytes == NULL);
}

static void
create_cache(void)
{
	HASHCTL		control = {.keysize = sizeof(uint32),.entrysize = sizeof(PlanEntry),.hcxt = TopMemoryContext};

	plans = hash_create("ootspg plans", MAX_PLANS, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static SPIPlanPtr
prepare(const char *sql, const QueryArguments *arguments, int options)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(sql, arguments->count, (Oid *) arguments->types, options);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	return plan;
}

/*
 * A plan that can't be kept, because the cache is full or another text has the
 * same hash, lasts until the SPI connection ends. Kept ones are never dropped: a
 * registry's function may call back, and a plan must not go while it runs.
 */
static SPIPlanPtr
plan_for(const char *sql, const QueryArguments *arguments, int options)
{
	uint32		hash = string_hash(sql, strlen(sql) + 1);
	PlanEntry  *entry;
	SPIPlanPtr	plan;
	char	   *copy;

	if (plans == NULL)
		create_cache();
	entry = hash_search(plans, &hash, HASH_FIND, NULL);
	if (entry != NULL && strcmp(entry->sql, sql) == 0)
		return entry->plan;
	plan = prepare(sql, arguments, options);
	if (entry != NULL || hash_get_num_entries(plans) >= MAX_PLANS)
		return plan;

	copy = MemoryContextStrdup(TopMemoryContext, sql);
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");
	entry = hash_search(plans, &hash, HASH_ENTER, NULL);
	entry->sql = copy;
	entry->plan = plan;
	return plan;
}

/* Where the values are; that it is asked for them is the point (see below). */
static ParamExternData *
fetch_argument(ParamListInfo list, int number, bool speculative, ParamExternData *workspace)
{
	return &list->params[number - 1];
}

/* A list that hands its values out one by one, as that of PL/pgSQL does. */
static ParamListInfo
argument_list(const QueryArguments *arguments)
{
	ParamListInfo list;

	if (arguments->count == 0)
		return NULL;
	list = makeParamList(arguments->count);
	list->paramFetch = fetch_argument;
	for (int i = 0; i < arguments->count; i++)
		list->params[i] = (ParamExternData) {
			.value = arguments->values[i],
			.isnull = arguments->nulls[i] == 'n',
			.pflags = PARAM_FLAG_CONST,
			.ptype = arguments->types[i]
		};
	return list;
}

/*
 * Generic plans: in a custom one the arguments stand as constants, and what
 * shows plans (auto_explain) would show persons and messages (D-LOG-06). Since
 * PostgreSQL 16 it shows the arguments as well, unless they must be fetched.
 */
uint64
query_run(const char *sql, const QueryArguments *arguments, bool read_only, long limit, int expected)
{
	static const QueryArguments none = {0};
	MemoryContext caller = CurrentMemoryContext;
	SPIExecuteOptions options = {.read_only = read_only,.tcount = limit};
	int			result;

	if (arguments == NULL)
		arguments = &none;
	options.params = argument_list(arguments);
	result = SPI_execute_plan_extended(plan_for(sql, arguments, CURSOR_OPT_GENERIC_PLAN), &options);
	/* SPI leaves its own, whatever was current; what the caller makes of the rows may have to outlive it */
	MemoryContextSwitchTo(caller);
	if (options.params != NULL)
		pfree(options.params);
	if (result != expected)
		elog(ERROR, "unexpected SPI result %s", SPI_result_code_string(result));
	return SPI_processed;
}

Portal
query_cursor(const char *sql, const QueryArguments *arguments)
{
	return SPI_cursor_open(NULL, plan_for(sql, arguments, CURSOR_OPT_CUSTOM_PLAN | CURSOR_OPT_NO_SCROLL),
						   (Datum *) arguments->values, arguments->nulls, true);
}

/* What a registry's function was to give, or a row that is always there: neither may be read where there is none. */
static HeapTuple
row_there(uint64 row)
{
	if (SPI_tuptable == NULL || row >= SPI_tuptable->numvals)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("a statement gave no row where one is needed")));
	return SPI_tuptable->vals[row];
}

Datum
query_value(uint64 row, int column, bool *isnull)
{
	return SPI_getbinval(row_there(row), SPI_tuptable->tupdesc, column, isnull);
}

char *
query_text(uint64 row, int column)
{
	return SPI_getvalue(row_there(row), SPI_tuptable->tupdesc, column);
}

bool
query_bool(uint64 row, int column)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);

	if (SPI_gettypeid(SPI_tuptable->tupdesc, column) != BOOLOID)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("a statement gave a value of type %s where a boolean is needed",
						format_type_be(SPI_gettypeid(SPI_tuptable->tupdesc, column)))));
	return !isnull && DatumGetBool(value);
}

bool
query_has_column(const char *table, const char *column)
{
	return get_attnum(get_relname_relid(table, get_namespace_oid("ootspg", false)), column) != InvalidAttrNumber;
}

/* The owner of schema ootspg_internal owns everything the script created. */
void
owner_begin(OwnerSwitch *saved)
{
	Oid			schema = get_namespace_oid("ootspg_internal", false);
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for namespace %u", schema);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);

	GetUserIdAndSecContext(&saved->user, &saved->context);
	SetUserIdAndSecContext(owner, saved->context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
}

void
owner_end(const OwnerSwitch *saved)
{
	SetUserIdAndSecContext(saved->user, saved->context);
}

uint64
query_run_as_owner(const char *sql, const QueryArguments *arguments, int expected)
{
	OwnerSwitch caller;
	uint64		count;

	owner_begin(&caller);
	count = query_run(sql, arguments, false, 0, expected);
	owner_end(&caller);
	return count;
}
