/*
 * counters.c
 *		Counters of exchanges by what they were about and what became of them, in a
 *		hash table of shared memory. A transaction keeps what it has to count until
 *		it commits; what is rolled back was never answered.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "audit/counters.h"
#include "compat.h"

PG_FUNCTION_INFO_V1(ootspg_counted_exchanges);
PG_FUNCTION_INFO_V1(ootspg_forget_counted_exchanges);

#define TRANCHE			"ootspg counters"
#define MAX_ROWS		4096	/* what comes beyond is counted by outcome only */
#define MAX_OTHERS		256
#define NAME_BYTES		64
#define LIMITS			5

static const double limits[LIMITS] = {0.1, 1, 10, 60, 300};

/* Compared byte by byte: whoever makes one begins with zeroes. */
typedef struct CounterKey
{
	Oid			database;
	bool		others;
	char		provider[NAME_BYTES];
	char		evidence_type[NAME_BYTES];
	char		line[16];
	char		outcome[16];
	char		error_code[16];
	char		country[4];
} CounterKey;

typedef struct Counter
{
	CounterKey	key;
	TimestampTz since;
	TimestampTz last;
	int64		answers;
	int64		within[LIMITS];
	double		seconds;
	double		longest;
} Counter;

typedef struct Pending
{
	CounterKey	key;
	double		seconds;
	int			level;			/* of the transaction that did it */
	struct Pending *next;
} Pending;

enum
{
	COLUMN_PROVIDER,
	COLUMN_EVIDENCE_TYPE,
	COLUMN_LINE,
	COLUMN_OUTCOME,
	COLUMN_ERROR_CODE,
	COLUMN_COUNTRY,
	COLUMN_OTHERS,
	COLUMN_ANSWERS,
	COLUMN_WITHIN,
	COLUMN_SECONDS = COLUMN_WITHIN + LIMITS,
	COLUMN_LONGEST,
	COLUMN_LAST,
	COLUMN_SINCE,
	COLUMNS
};

static HTAB *counters = NULL;	/* NULL where the library was not preloaded */
static LWLock *lock = NULL;
static Pending *pending = NULL; /* in TopTransactionContext */

static shmem_request_hook_type previous_request = NULL;
static shmem_startup_hook_type previous_startup = NULL;

static void
request_memory(void)
{
	if (previous_request)
		previous_request();
	RequestAddinShmemSpace(hash_estimate_size(MAX_ROWS + MAX_OTHERS, sizeof(Counter)));
	RequestNamedLWLockTranche(TRANCHE, 1);
}

static void
initialise_memory(void)
{
	HASHCTL		control = {.keysize = sizeof(CounterKey),.entrysize = sizeof(Counter)};

	if (previous_startup)
		previous_startup();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	lock = &(GetNamedLWLockTranche(TRANCHE))->lock;
	counters = ShmemInitHash("ootspg counters", MAX_ROWS + MAX_OTHERS, MAX_ROWS + MAX_OTHERS, &control, HASH_ELEM | HASH_BLOBS);
	LWLockRelease(AddinShmemInitLock);
}

/* The row of a key; NULL when there is no room even for what has none of its own. */
static Counter *
find_counter(const CounterKey *key)
{
	CounterKey	others;
	Counter    *counter = hash_search(counters, key, HASH_FIND, NULL);
	bool		found = counter != NULL;

	if (found)
		return counter;
	if (hash_get_num_entries(counters) < MAX_ROWS)
		counter = hash_search(counters, key, HASH_ENTER_NULL, &found);
	else
	{
		memset(&others, 0, sizeof(others));
		others.database = key->database;
		others.others = true;
		strlcpy(others.outcome, key->outcome, sizeof(others.outcome));
		counter = hash_search(counters, &others, hash_get_num_entries(counters) < MAX_ROWS + MAX_OTHERS ? HASH_ENTER_NULL : HASH_FIND, &found);
	}
	if (counter != NULL && !found)
	{
		memset((char *) counter + sizeof(CounterKey), 0, sizeof(Counter) - sizeof(CounterKey));
		counter->since = GetCurrentTimestamp();
	}
	return counter;
}

static void
count(const Pending *exchange)
{
	Counter    *counter = find_counter(&exchange->key);

	if (counter == NULL)
		return;
	counter->answers++;
	counter->seconds += exchange->seconds;
	counter->longest = Max(counter->longest, exchange->seconds);
	counter->last = GetCurrentTimestamp();
	for (int i = 0; i < LIMITS; i++)
		if (exchange->seconds <= limits[i])
			counter->within[i]++;
}

static void
at_transaction_end(XactEvent event, void *argument)
{
	if (pending == NULL)
		return;
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
	{
		LWLockAcquire(lock, LW_EXCLUSIVE);
		for (Pending *exchange = pending; exchange != NULL; exchange = exchange->next)
			count(exchange);
		LWLockRelease(lock);
		pending = NULL;
	}
	else if (event == XACT_EVENT_ABORT)
		pending = NULL;
}

/* The newest stand first, and a subtransaction ends before those around it. */
static void
at_subtransaction_end(SubXactEvent event, SubTransactionId id, SubTransactionId parent, void *argument)
{
	int			level = GetCurrentTransactionNestLevel();

	if (event == SUBXACT_EVENT_ABORT_SUB)
		while (pending != NULL && pending->level >= level)
			pending = pending->next;
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		for (Pending *exchange = pending; exchange != NULL && exchange->level >= level; exchange = exchange->next)
			exchange->level = level - 1;
}

void
counters_request(void)
{
	previous_request = shmem_request_hook;
	shmem_request_hook = request_memory;
	previous_startup = shmem_startup_hook;
	shmem_startup_hook = initialise_memory;
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
}

static bool
is_country(const char *text)
{
	return strlen(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';
}

static void
copy_text(char *target, size_t size, const char *text)
{
	if (text != NULL)
		strlcpy(target, text, size);
}

void
counters_add(const CountedExchange *exchange)
{
	Pending    *added;

	if (counters == NULL)
		return;
	added = MemoryContextAllocZero(TopTransactionContext, sizeof(Pending));
	added->key.database = MyDatabaseId;
	copy_text(added->key.provider, sizeof(added->key.provider), exchange->provider);
	copy_text(added->key.evidence_type, sizeof(added->key.evidence_type), exchange->evidence_type);
	copy_text(added->key.line, sizeof(added->key.line), exchange->line);
	copy_text(added->key.outcome, sizeof(added->key.outcome), exchange->outcome);
	copy_text(added->key.error_code, sizeof(added->key.error_code), exchange->error_code);
	if (exchange->country != NULL && is_country(exchange->country))
		copy_text(added->key.country, sizeof(added->key.country), exchange->country);
	added->seconds = Max(exchange->seconds, 0);
	added->level = GetCurrentTransactionNestLevel();
	added->next = pending;
	pending = added;
}

static void
put_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text[0] == '\0';
	if (!nulls[column])
		values[column] = CStringGetTextDatum(text);
}

static void
put_counter(ReturnSetInfo *result, const Counter *counter)
{
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS] = {0};

	put_text(values, nulls, COLUMN_PROVIDER, counter->key.provider);
	put_text(values, nulls, COLUMN_EVIDENCE_TYPE, counter->key.evidence_type);
	put_text(values, nulls, COLUMN_LINE, counter->key.line);
	put_text(values, nulls, COLUMN_OUTCOME, counter->key.outcome);
	put_text(values, nulls, COLUMN_ERROR_CODE, counter->key.error_code);
	put_text(values, nulls, COLUMN_COUNTRY, counter->key.country);
	values[COLUMN_OTHERS] = BoolGetDatum(counter->key.others);
	values[COLUMN_ANSWERS] = Int64GetDatum(counter->answers);
	for (int i = 0; i < LIMITS; i++)
		values[COLUMN_WITHIN + i] = Int64GetDatum(counter->within[i]);
	values[COLUMN_SECONDS] = Float8GetDatum(counter->seconds);
	values[COLUMN_LONGEST] = Float8GetDatum(counter->longest);
	values[COLUMN_LAST] = TimestampTzGetDatum(counter->last);
	values[COLUMN_SINCE] = TimestampTzGetDatum(counter->since);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* The rows of this database as they are now, copied before anything is made of them: whoever answers waits for the copy only. */
static Counter *
copy_counters(int *number)
{
	Counter    *copy;
	Counter    *counter;
	HASH_SEQ_STATUS scan;

	*number = 0;
	copy = palloc((MAX_ROWS + MAX_OTHERS) * sizeof(Counter));
	LWLockAcquire(lock, LW_SHARED);
	hash_seq_init(&scan, counters);
	while ((counter = hash_seq_search(&scan)) != NULL)
		if (counter->key.database == MyDatabaseId)
			copy[(*number)++] = *counter;
	LWLockRelease(lock);
	return copy;
}

Datum
ootspg_counted_exchanges(PG_FUNCTION_ARGS)
{
	Counter    *copy;
	int			number;

	InitMaterializedSRF(fcinfo, 0);
	if (counters == NULL)
		return (Datum) 0;
	copy = copy_counters(&number);
	for (int i = 0; i < number; i++)
		put_counter((ReturnSetInfo *) fcinfo->resultinfo, &copy[i]);
	pfree(copy);
	return (Datum) 0;
}

Datum
ootspg_forget_counted_exchanges(PG_FUNCTION_ARGS)
{
	Counter    *counter;
	HASH_SEQ_STATUS scan;

	if (counters == NULL)
		PG_RETURN_VOID();
	LWLockAcquire(lock, LW_EXCLUSIVE);
	hash_seq_init(&scan, counters);
	while ((counter = hash_seq_search(&scan)) != NULL)
		if (counter->key.database == MyDatabaseId)
			hash_search(counters, &counter->key, HASH_REMOVE, NULL);
	LWLockRelease(lock);
	PG_RETURN_VOID();
}
