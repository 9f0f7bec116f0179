/*
 * outbox_due.c
 *		A heap for each access point of what is on its way, by the time when it is to be sent
 *		again or asked for, and the number from which fresh ones are looked for.
 */
#include "postgres.h"

#include "lib/pairingheap.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "queue/outbox_due.h"

#define LOCKED_MS 200			/* before what somebody has locked is tried again */

typedef struct Due
{
	pairingheap_node node;
	int64		id;
	OutboxTask	task;
	TimestampTz at;
} Due;

typedef struct Road
{
	char	   *access_point;
	int64		low;			/* of fresh ones; PG_INT64_MAX: none */
	TimestampTz not_before;		/* of the next look at those */
	pairingheap heap;
} Road;

static MemoryContext memory = NULL;
static List *roads = NIL;

/* The earliest first. */
static int
compare(const pairingheap_node *a, const pairingheap_node *b, void *argument)
{
	TimestampTz first = pairingheap_const_container(Due, node, a)->at;
	TimestampTz second = pairingheap_const_container(Due, node, b)->at;

	return first < second ? 1 : first > second ? -1 : 0;
}

void
outbox_due_begin(void)
{
	if (memory != NULL)
		MemoryContextDelete(memory);
	memory = AllocSetContextCreate(TopMemoryContext, "ootspg outbox", ALLOCSET_DEFAULT_SIZES);
	roads = NIL;
}

static Road *
road_of(const char *access_point)
{
	MemoryContext caller;
	ListCell   *cell;
	Road	   *road;

	foreach(cell, roads)
		if (strcmp(((Road *) lfirst(cell))->access_point, access_point) == 0)
			return lfirst(cell);
	caller = MemoryContextSwitchTo(memory);
	road = palloc0(sizeof(Road));
	road->access_point = pstrdup(access_point);
	road->heap.ph_compare = compare;
	roads = lappend(roads, road);
	MemoryContextSwitchTo(caller);
	return road;
}

void
outbox_due_reported(int64 id)
{
	ListCell   *cell;

	foreach(cell, roads)
	{
		Road	   *road = lfirst(cell);

		road->low = Min(road->low, id);
		road->not_before = 0;
	}
}

void
outbox_due_again(const char *access_point, int64 id, OutboxTask task, TimestampTz at)
{
	Due		   *due = MemoryContextAlloc(memory, sizeof(Due));

	due->id = id;
	due->task = task;
	due->at = at;
	pairingheap_add(&road_of(access_point)->heap, &due->node);
}

static Due *
first_of(Road *road)
{
	return pairingheap_is_empty(&road->heap) ? NULL : pairingheap_container(Due, node, pairingheap_first(&road->heap));
}

TimestampTz
outbox_due(const char *access_point)
{
	Road	   *road = road_of(access_point);
	const Due  *due = first_of(road);
	TimestampTz fresh = road->low < PG_INT64_MAX ? road->not_before : DT_NOEND;

	return due ? Min(fresh, due->at) : fresh;
}

int64
outbox_due_low(const char *access_point)
{
	const Road *road = road_of(access_point);

	return road->not_before <= GetCurrentTimestamp() ? road->low : PG_INT64_MAX;
}

void
outbox_due_set_low(const char *access_point, int64 low, bool in_other_hands)
{
	Road	   *road = road_of(access_point);

	road->low = low;
	road->not_before = in_other_hands ? TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOCKED_MS) : 0;
}

void
outbox_due_pop(const char *access_point, int most, List **submit, List **ask)
{
	Road	   *road = road_of(access_point);
	TimestampTz now = GetCurrentTimestamp();
	Due		   *due;

	while (most-- > 0 && (due = first_of(road)) != NULL && due->at <= now)
	{
		List	  **list = due->task == OUTBOX_SUBMIT ? submit : ask;
		int64	   *id = palloc(sizeof(int64));

		*id = due->id;
		*list = lappend(*list, id);
		(void) pairingheap_remove_first(&road->heap);
		pfree(due);
	}
}
