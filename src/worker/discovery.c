/*
 * discovery.c
 *		The directories whose address is not configured are looked up, a few at a time.
 *		An answer is filed as it came; nothing here looks into it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "dns/resolver.h"
#include "query.h"
#include "settings.h"
#include "worker/discovery.h"
#include "worker/turn.h"

#define LOOK_AGAIN_MS	1000

typedef struct Discovery
{
	MemoryContext context;		/* all of it */
	char	   *environment,
			   *service,
			   *name;
	DnsLookup  *lookup;
} Discovery;

static List *taken = NIL;		/* Discovery *, to be started */
static List *answered = NIL;
static int	under_way = 0;		/* with those that are answered */
static TimestampTz next_due = 0;

void
discovery_open(HttpClient *client)
{
	dns_open(client);
}

void
discovery_look_again(void)
{
	next_due = 0;
}

TimestampTz
discovery_due(void)
{
	return under_way >= DNS_MOST_LOOKUPS ? DT_NOEND : next_due;
}

static Discovery *
read_row(uint64 row)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ootspg discovery", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Discovery  *discovery = palloc0(sizeof(Discovery));

	discovery->context = context;
	discovery->environment = query_text(row, 1);
	discovery->service = query_text(row, 2);
	discovery->name = query_text(row, 3);
	MemoryContextSwitchTo(caller);
	return discovery;
}

static void
take(void *unused)
{
	QueryArguments arguments = {0};
	MemoryContext caller;
	uint64		count;
	bool		isnull;
	Datum		due;

	query_add(&arguments, INT4OID, Int32GetDatum(DNS_MOST_LOOKUPS - under_way), false);
	count = query_run("SELECT environment, service, name FROM ootspg_internal.take_discoveries($1)",
					  &arguments, false, 0, SPI_OK_SELECT);
	caller = MemoryContextSwitchTo(TopMemoryContext);
	for (uint64 row = 0; row < count; row++)
		taken = lappend(taken, read_row(row));
	MemoryContextSwitchTo(caller);
	query_run("SELECT min(next_at) FROM ootspg_internal.directory_discovery WHERE NOT ootspg_internal.is_silent_copy()", NULL, false, 1, SPI_OK_SELECT);
	due = query_value(0, 1, &isnull);
	/* what is due and was not taken is locked by somebody, and would be due without end */
	next_due = isnull ? DT_NOEND : Max(DatumGetTimestampTz(due), TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOOK_AGAIN_MS));
}

void
discovery_take(void)
{
	if (turn_try(take, NULL) != 0)
		next_due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOOK_AGAIN_MS);
}

void
discovery_start(void)
{
	ListCell   *cell;

	foreach(cell, taken)
	{
		Discovery  *discovery = lfirst(cell);

		discovery->lookup = dns_start(discovery->name, oots_name_servers, discovery);
		under_way++;
	}
	list_free(taken);
	taken = NIL;
}

void
discovery_collect(void)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	DnsLookup  *lookup;

	while ((lookup = dns_done()) != NULL)
		answered = lappend(answered, dns_tag(lookup));
	MemoryContextSwitchTo(caller);
}

bool
discovery_has_answers(void)
{
	return answered != NIL;
}

static void
file(void *argument)
{
	const Discovery *discovery = argument;
	QueryArguments arguments = {0};
	size_t		length;
	const uint8 *answer = dns_answer(discovery->lookup, &length);

	query_add_text(&arguments, discovery->environment);
	query_add_text(&arguments, discovery->service);
	query_add_text(&arguments, discovery->name);
	query_add_text(&arguments, dns_failure(discovery->lookup));
	query_add_bytes(&arguments, answer, length);
	query_run("SELECT ootspg_internal.file_discovery($1, $2, $3, $4, $5)", &arguments, false, 0, SPI_OK_SELECT);
}

void
discovery_record(void)
{
	ListCell   *cell;

	foreach(cell, answered)
	{
		Discovery  *discovery = lfirst(cell);

		(void) turn_try(file, discovery);	/* what can't be filed is asked for again */
		dns_finish(discovery->lookup);
		MemoryContextDelete(discovery->context);
		under_way--;
	}
	list_free(answered);
	answered = NIL;
	next_due = 0;
}
