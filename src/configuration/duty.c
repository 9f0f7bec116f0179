/*
 * duty.c
 *		Which providers a role has duties for: asked by the row-level security
 *		policies in every statement, hence remembered per backend. Forgotten when
 *		ootspg.provider_role changes (its trigger invalidates the table's cache
 *		entry, here and in every other backend, at commit and at rollback), and
 *		when roles or memberships do.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "compat.h"
#include "configuration/duty.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_own_providers);
PG_FUNCTION_INFO_V1(ootspg_forget_duties);

/* Answers remembered: policies ask for any duty, configure and audit of one role or two. */
#define MAX_ANSWERS 8

typedef struct Answer
{
	Oid			role;
	char		duty[16];		/* "" for any */
	ArrayType  *providers;		/* in TopMemoryContext */
} Answer;

static Answer answers[MAX_ANSWERS];
static int	answer_count = 0;
static uint64 changes = 0;			/* invalidations seen */
static Oid	duty_table = InvalidOid;

static void
forget(void)
{
	answer_count = 0;
	changes++;
}

static void
forget_on_table(Datum argument, Oid relation)
{
	if (relation == duty_table || relation == InvalidOid)
		forget();
}

static void
forget_on_role(Datum argument, int cache, uint32 hash)
{
	forget();
}

static void
watch_changes(void)
{
	static bool watching = false;

	duty_table = get_relname_relid("provider_role", get_namespace_oid("ootspg", false));
	if (watching)
		return;
	CacheRegisterRelcacheCallback(forget_on_table, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, forget_on_role, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, forget_on_role, (Datum) 0);
	watching = true;
}

/* Objects of an earlier version of the extension may serve until they are updated: there duties go by name. */
#define PROVIDERS_BY(role) \
	"SELECT coalesce(pg_catalog.array_agg(DISTINCT coalesce(p.provider, '*')), '{}'::pg_catalog.text[]) " \
	"FROM ootspg.provider_role p WHERE ($2 OPERATOR(pg_catalog.=) '' OR p.duty OPERATOR(pg_catalog.=) $2) " \
	"AND pg_catalog.pg_has_role($1::pg_catalog.name, " role ", 'MEMBER')"

static const char *
providers_query(void)
{
	AttrNumber	role_name = get_attnum(duty_table, "role_name");

	return get_atttype(duty_table, role_name) == NAMEOID ?
		PROVIDERS_BY("pg_catalog.to_regrole(pg_catalog.quote_ident(p.role_name::pg_catalog.text))::pg_catalog.oid") :
		PROVIDERS_BY("ootspg_internal.bound_role_oid(p.role_name)");
}

/*
 * In the caller's memory context. Read by a new snapshot, not the transaction's: an
 * answer outlives the transaction, and nobody would correct one that was out of date
 * when it was given. As for catalogs, because a parallel plan may ask as well, and
 * has no other new one.
 */
static ArrayType *
read_providers(const char *role_name, const char *duty)
{
	MemoryContext caller_context = CurrentMemoryContext;
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	ArrayType  *providers;
	bool		isnull;

	PushActiveSnapshot(GetCatalogSnapshot(duty_table));
	SPI_connect();
	query_add_text(&arguments, role_name);
	query_add_text(&arguments, duty);
	owner_begin(&caller);
	query_run(providers_query(), &arguments, true, 1, SPI_OK_SELECT);
	owner_end(&caller);
	providers = DatumGetArrayTypeP(query_value(0, 1, &isnull));
	MemoryContextSwitchTo(caller_context);
	providers = DatumGetArrayTypePCopy(PointerGetDatum(providers));
	SPI_finish();
	PopActiveSnapshot();
	return providers;
}

static const ArrayType *
remembered(Oid role, const char *duty)
{
	for (int i = 0; i < answer_count; i++)
		if (answers[i].role == role && strcmp(answers[i].duty, duty) == 0)
			return answers[i].providers;
	return NULL;
}

/* A forgotten slot keeps its array until it is used again. */
static void
remember(Oid role, const char *duty, const ArrayType *providers)
{
	Answer	   *answer = &answers[answer_count < MAX_ANSWERS ? answer_count : 0];
	ArrayType  *copy = MemoryContextAlloc(TopMemoryContext, VARSIZE(providers));

	memcpy(copy, providers, VARSIZE(providers));
	if (answer->providers != NULL)
		pfree(answer->providers);
	answer->providers = copy;
	answer->role = role;
	strlcpy(answer->duty, duty, sizeof(answer->duty));
	if (answer_count < MAX_ANSWERS)
		answer_count++;
}

/* Remembered, or else in the caller's memory context. */
static const ArrayType *
own_providers(Oid role, const char *duty)
{
	const ArrayType *providers = remembered(role, duty);
	uint64		seen;

	if (providers != NULL)
		return providers;
	watch_changes();
	seen = changes;
	providers = read_providers(GetUserNameFromId(role, false), duty);
	if (seen == changes)		/* else a change came while reading */
		remember(role, duty, providers);
	return providers;
}

Datum
ootspg_own_providers(PG_FUNCTION_ARGS)
{
	const char *role_name = PG_ARGISNULL(0) ? "" : NameStr(*PG_GETARG_NAME(0));
	const char *duty = PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1));

	PG_RETURN_ARRAYTYPE_P(DatumGetArrayTypePCopy(PointerGetDatum(own_providers(get_role_oid(role_name, false), duty))));
}

bool
duty_covers(const char *duty, const char *provider)
{
	Datum	   *names;
	int			count;
	bool		covered = false;

	if (check_enable_rls(get_relname_relid("provider", get_namespace_oid("ootspg", false)), InvalidOid, true) != RLS_ENABLED)
		return true;
	deconstruct_array((ArrayType *) own_providers(GetUserId(), duty), TEXTOID, -1, false, TYPALIGN_INT, &names, NULL, &count);
	while (count > 0 && !covered)
	{
		const char *name = TextDatumGetCString(names[--count]);

		covered = strcmp(name, "*") == 0 || strcmp(name, provider) == 0;
	}
	return covered;
}

/* Statement trigger of ootspg.provider_role. */
Datum
ootspg_forget_duties(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		elog(ERROR, "ootspg_forget_duties: not called as a trigger");
	CacheInvalidateRelcacheByRelid(RelationGetRelid(trigger->tg_relation));
	return PointerGetDatum(NULL);
}
