/*
 * listing.c
 *		What the access point lists: which messages wait there, which of them are ours
 *		already, and which are stuck there whatever is done (access point §1.6).
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "exchange/inbox.h"
#include "worker/listing.h"
#include "worker/worker.h"

#define MAX_LISTED			5000	/* messages looked after at the same time */
#define FIRST_RETRY_MS		1000
#define MOST_RETRY_MS		60000
#define STUCK_LIST			10		/* a list of so many, all stuck, may hide others behind them */
#define FIRST_WINDOW_US		(INT64CONST(60) * USECS_PER_SEC)
#define MOST_WINDOW_US		(INT64CONST(30) * USECS_PER_DAY)

Arrival *
arrival_of(Gateway *gateway, const char *message_id, ArrivalState state)
{
	bool		found;
	Arrival    *arrival;

	if (strlen(message_id) >= MESSAGE_ID_BYTES)
		return NULL;
	arrival = hash_search(gateway->arrivals, message_id, HASH_ENTER, &found);
	if (!found)
	{
		memset((char *) arrival + offsetof(Arrival, state), 0, sizeof(Arrival) - offsetof(Arrival, state));
		arrival->state = state;
	}
	return arrival;
}

Arrival *
arrival_find(const Call *call)
{
	return call->gateway->dropped ? NULL : hash_search(call->gateway->arrivals, call->message_id, HASH_FIND, NULL);
}

void
arrival_later(Arrival *arrival, ArrivalState state)
{
	arrival->state = state;
	arrival->not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													  backoff_ms(arrival->attempts, FIRST_RETRY_MS, MOST_RETRY_MS));
}

/* Nothing is left to do; a list that was under way may name it all the same. */
void
arrival_settle(Arrival *arrival)
{
	arrival->state = ARRIVAL_STUCK;
	arrival->settled++;
	arrival->settled_at = GetCurrentTimestamp();
}

/* What is not listed any more, and needs nothing, is forgotten; what was noted as being fetched needs an end. */
static void
forget_unlisted(Gateway *gateway)
{
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;

	gateway->stuck = 0;
	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
	{
		if (!arrival->listed && arrival->state == ARRIVAL_WANTED && gateway->plugin == PLUGIN_5_0)
			arrival->state = ARRIVAL_UNCERTAIN;
		else if (!arrival->listed && (arrival->state == ARRIVAL_STUCK || arrival->state == ARRIVAL_LISTED || arrival->state == ARRIVAL_WANTED))
			hash_search(gateway->arrivals, arrival->message_id, HASH_REMOVE, NULL);
		else if (arrival->state == ARRIVAL_STUCK)
			gateway->stuck++;
	}
}

static void
clear_listed(Gateway *gateway)
{
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;

	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
		arrival->listed = false;
}

/*
 * The list is cut at the oldest so many. When all of a long list is stuck, younger ones
 * may stand behind it: the next lists ask for the last minute, then for twice as much …
 */
static void
choose_window(Gateway *gateway, int count, int stuck)
{
	if (count >= STUCK_LIST && stuck == count)
		gateway->window_us = gateway->window_us == 0 ? FIRST_WINDOW_US : Max(gateway->window_us / 2, USECS_PER_SEC);
	else if (gateway->window_us > 0)
		gateway->window_us = gateway->window_us >= MOST_WINDOW_US ? 0 : gateway->window_us * 2;
}

void
listing_take(Call *call)
{
	Gateway    *gateway = call->gateway;
	int			stuck = 0;
	int			fresh = 0;
	ListCell   *cell;

	if (!call->filtered)
		clear_listed(gateway);
	foreach(cell, call->answer->message_ids)
	{
		Arrival    *arrival;

		if (hash_get_num_entries(gateway->arrivals) >= MAX_LISTED)
			break;
		arrival = arrival_of(gateway, lfirst(cell), ARRIVAL_LISTED);
		if (arrival == NULL)
			continue;
		arrival->listed = true;
		arrival->listed_at = call->begun_at;
		/* one that was acknowledged came once more; or that does not help here, which the second time shows */
		if (arrival->state == ARRIVAL_STUCK && arrival->settled == 1 && call->begun_at > arrival->settled_at)
			arrival->state = ARRIVAL_LISTED;
		stuck += arrival->state == ARRIVAL_STUCK;
		fresh += arrival->state == ARRIVAL_LISTED;
	}
	if (!call->filtered)
		forget_unlisted(gateway);
	choose_window(gateway, list_length(call->answer->message_ids), stuck);
	gateway->listed_at = GetCurrentTimestamp();
	gateway->next_list = TimestampTzPlusMilliseconds(gateway->listed_at, gateway->point->poll_ms);
	gateway->list_again = fresh > 0;
}

bool
listing_has_new(const Gateway *gateway)
{
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;
	bool		found = false;

	hash_seq_init(&scan, gateway->arrivals);
	while (!found && (arrival = hash_seq_search(&scan)) != NULL)
		found = arrival->state == ARRIVAL_LISTED;
	if (found)
		hash_seq_term(&scan);
	return found;
}

/*
 * A message that is ours and acknowledged, but listed all the same: acknowledge it
 * once more; if that does not help it is stuck there (access point §1.6).
 */
static void
settle_known(Gateway *gateway, const InboxEntry *entry)
{
	Arrival    *arrival = hash_search(gateway->arrivals, entry->message_id, HASH_FIND, NULL);

	if (arrival == NULL || arrival->state != ARRIVAL_LISTED)
		return;
	if (entry->acknowledged_at > arrival->listed_at)
	{
		/* the list is older than that */
		arrival_settle(arrival);
		return;
	}
	if (entry->acknowledged_at != 0)
		inbox_came_again(entry);
	arrival->state = entry->acknowledged_at != 0 || entry->has_content || entry->state != INBOX_QUARANTINED ? ARRIVAL_OURS : ARRIVAL_STUCK;
	if (entry->state == INBOX_FETCHING)
		arrival->state = ARRIVAL_UNCERTAIN;
}

void
listing_look_up(Gateway *gateway)
{
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;
	List	   *message_ids = NIL;
	ListCell   *cell;

	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
		if (arrival->state == ARRIVAL_LISTED)
			message_ids = lappend(message_ids, arrival->message_id);
	if (message_ids == NIL)
		return;
	foreach(cell, inbox_find(gateway->point->name, message_ids))
		settle_known(gateway, lfirst(cell));
	foreach(cell, message_ids)
	{
		arrival = hash_search(gateway->arrivals, lfirst(cell), HASH_FIND, NULL);
		if (arrival->state != ARRIVAL_LISTED)
			continue;
		if (gateway->plugin == PLUGIN_5_0)
			inbox_journal(gateway->point->name, arrival->message_id);
		arrival->state = ARRIVAL_WANTED;
	}
}
