/*
 * kept.c
 *		Configuration is read once by each backend, and again when it has changed.
 *
 *		Triggers of the tables (sql/ootspg/configuration/kept.sql) invalidate their cache entries,
 *		as ALTER TABLE does: PostgreSQL then tells every backend at commit, this one as soon
 *		as the command is over, and at rollback once more. Nothing has to be asked for that, no row
 *		is counted up that writers would queue for, it holds on standbys, and what makes
 *		privileges and policies go and come for a table invalidates it too. A notice would
 *		come between transactions only, a counter in shared memory would know nothing of
 *		rollbacks, and of neither would other databases' backends be spared.
 *
 *		Kept is what one role read, with its privileges and what row-level security shows it: no
 *		role is given what another one saw. Roles and memberships that change forget all.
 *		A transaction that goes by one snapshot reads for itself.
 *
 *		What is forgotten may be in use, also by the exchange whose view made the change: it
 *		goes when the last memory context is gone that it was given to.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "compat.h"
#include "configuration/kept.h"

PG_FUNCTION_INFO_V1(ootspg_forget_configuration);

/* Above the 1 000 types of a large state, on each line; with more, all are forgotten and begin anew. */
#define MAX_ENTRIES 4096

typedef struct Entry
{
	uint32		hash;			/* of the key; hash key */
	char	   *key;
	void	   *value;
} Entry;

/* All that was read between two changes. */
typedef struct Generation
{
	MemoryContext context;		/* this and all below */
	HTAB	   *entries;
	int			users;			/* memory contexts it was given to */
	bool		over;			/* nothing is given any more */
} Generation;

/* The tables whose rows, privileges or policies decide what is read. */
static const char *const table_names[] = {
	"provider", "seal_key", "evidence_type", "evidence_type_line", "distribution", "activation", "data_model",
	"data_model_location", "data_model_label", "data_model_field", "letterhead", "accepted_party", "accepted_requester", "provider_role"
};
static Oid	tables[lengthof(table_names)];

static Generation *current = NULL;
static uint64 changes = 0;		/* seen */

/* Called in the middle of anything: marks only. */
static void
forget(void)
{
	changes++;
	if (current != NULL)
		current->over = true;
}

static void
forget_on_table(Datum argument, Oid relation)
{
	if (relation == InvalidOid)
		forget();
	for (int i = 0; i < (int) lengthof(tables); i++)
		if (tables[i] == relation)
			forget();
}

static void
forget_on_role(Datum argument, int cache, uint32 hash)
{
	forget();
}

static void
watch(void)
{
	static bool watching = false;
	Oid			schema = get_namespace_oid("ootspg", false);

	for (int i = 0; i < (int) lengthof(tables); i++)
		tables[i] = get_relname_relid(table_names[i], schema);
	if (watching)
		return;
	CacheRegisterRelcacheCallback(forget_on_table, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, forget_on_role, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, forget_on_role, (Datum) 0);
	watching = true;
}

static void
leave(void *argument)
{
	Generation *generation = argument;

	if (--generation->users == 0 && generation->over && generation != current)
		MemoryContextDelete(generation->context);
}

/* Until the current memory context is gone. */
static void
use(Generation *generation)
{
	MemoryContextCallback *callback = palloc(sizeof(MemoryContextCallback));

	callback->func = leave;
	callback->arg = generation;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	generation->users++;
}

static void
begin(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ootspg configuration", ALLOCSET_DEFAULT_SIZES);
	HASHCTL		control = {.keysize = sizeof(uint32),.entrysize = sizeof(Entry),.hcxt = context};
	Generation *generation = MemoryContextAllocZero(context, sizeof(Generation));

	generation->context = context;
	generation->entries = hash_create("ootspg configuration", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	current = generation;
}

static void
end(void)
{
	Generation *generation = current;

	current = NULL;
	generation->over = true;
	if (generation->users == 0)
		MemoryContextDelete(generation->context);
}

/* The generation that holds what is true now, empty if need be. */
static void
be_current(void)
{
	AcceptInvalidationMessages();
	if (current != NULL && (current->over || hash_get_num_entries(current->entries) >= MAX_ENTRIES))
		end();
	if (current != NULL)
		return;
	watch();
	begin();
}

/* As whom, and under which row-level security, the key was asked for. */
static char *
key_of_role(const char *key)
{
	Oid			role;
	int			context;

	GetUserIdAndSecContext(&role, &context);
	return psprintf("%u %d %d %s", role, (context & SECURITY_NOFORCE_RLS) != 0, row_security, key);
}

static Entry *
find(uint32 hash, const char *key)
{
	Entry	   *entry = hash_search(current->entries, &hash, HASH_FIND, NULL);

	return entry != NULL && strcmp(entry->key, key) == 0 ? entry : NULL;
}

/* Of two keys with one hash, the first is kept. */
static void
keep(uint32 hash, const char *key, void *value, MemoryContext home)
{
	char	   *copy = MemoryContextStrdup(home, key);
	bool		found;
	Entry	   *entry = hash_search(current->entries, &hash, HASH_ENTER, &found);

	if (found)
		return;
	entry->key = copy;
	entry->value = value;
	MemoryContextSetParent(home, current->context);
	use(current);
}

/*
 * By a new snapshot, not the transaction's: what is kept outlives it, and nobody would correct
 * what was out of date when it was read. As for catalogs, as no other may be taken in parallel plans.
 */
static void *
read_now(KeptReader read, const void *question, MemoryContext home)
{
	MemoryContext caller = MemoryContextSwitchTo(home);
	void	   *value;

	PushActiveSnapshot(GetCatalogSnapshot(tables[0]));
	value = read(question);
	PopActiveSnapshot();
	MemoryContextSwitchTo(caller);
	return value;
}

void *
kept_get(const char *key, KeptReader read, const void *question)
{
	MemoryContext home;
	uint64		seen;
	uint32		hash;
	Entry	   *entry;
	void	   *value;

	if (IsolationUsesXactSnapshot())
		return read(question);
	be_current();
	key = key_of_role(key);
	hash = string_hash(key, strlen(key) + 1);
	entry = find(hash, key);
	if (entry != NULL)
	{
		use(current);
		return entry->value;
	}
	seen = changes;
	home = AllocSetContextCreate(CurrentMemoryContext, "ootspg configuration read", ALLOCSET_SMALL_SIZES);
	value = read_now(read, question, home);
	if (value != NULL && seen == changes)	/* else a change came while reading */
		keep(hash, key, value, home);
	return value;
}

/* Trigger of what is kept, for each row and for TRUNCATE. */
Datum
ootspg_forget_configuration(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		elog(ERROR, "ootspg_forget_configuration: not called as a trigger");
	CacheInvalidateRelcacheByRelid(RelationGetRelid(trigger->tg_relation));
	return PointerGetDatum(NULL);
}
