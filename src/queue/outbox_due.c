/*
 * outbox_due.c
 *		A heap for each access point of what is on its way, by the time when it is to be sent
 *		again or asked for, and the number from which fresh ones are looked for. What will be asked
 *		for within a moment is read ahead, some of it at a time.
 */
#include "postgres.h"

#include "lib/pairingheap.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "queue/outbox_due.h"

#define LOCKED_MS 200			/* before what somebody has locked is tried again */
#define AHEAD_MS 250
#define MOST_AHEAD 64

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
	pairingheap questions;		/* read ahead */
	int			question_count;
} Road;

typedef struct Question
{
	pairingheap_node node;
	Outgoing   *message;
	TimestampTz at;
} Question;

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

static int
compare_questions(const pairingheap_node *a, const pairingheap_node *b, void *argument)
{
	TimestampTz first = pairingheap_const_container(Question, node, a)->at;
	TimestampTz second = pairingheap_const_container(Question, node, b)->at;

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
	road->questions.ph_compare = compare_questions;
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

	if (due == NULL || (due->task != OUTBOX_SUBMIT && road->question_count >= MOST_AHEAD))
		return fresh;
	return Min(fresh, due->at);
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

/* To be sent again: what is due. To be asked for: what will be due in a moment as well. */
void
outbox_due_pop(const char *access_point, int most, List **submit, List **ask)
{
	Road	   *road = road_of(access_point);
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz ahead = TimestampTzPlusMilliseconds(now, AHEAD_MS);
	int			most_ask = MOST_AHEAD - road->question_count;
	Due		   *due;

	while ((due = first_of(road)) != NULL)
	{
		bool		sends = due->task == OUTBOX_SUBMIT;
		List	  **list = sends ? submit : ask;
		int64	   *id;

		if (due->at > (sends ? now : ahead) || list_length(*list) >= (sends ? most : most_ask))
			break;
		id = palloc(sizeof(int64));
		*id = due->id;
		*list = lappend(*list, id);
		(void) pairingheap_remove_first(&road->heap);
		pfree(due);
	}
}

static Question *
first_question(Road *road)
{
	return pairingheap_is_empty(&road->questions) ? NULL : pairingheap_container(Question, node, pairingheap_first(&road->questions));
}

/* In one piece. */
static Outgoing *
copy_of(const Outgoing *message)
{
	size_t		point_bytes = strlen(message->access_point) + 1;
	size_t		id_bytes = strlen(message->message_id) + 1;
	Outgoing   *copy = MemoryContextAlloc(memory, sizeof(Outgoing) + point_bytes + id_bytes);

	*copy = *message;
	copy->access_point = memcpy((char *) (copy + 1), message->access_point, point_bytes);
	copy->message_id = memcpy(copy->access_point + point_bytes, message->message_id, id_bytes);
	return copy;
}

void
outbox_due_read_ahead(const Outgoing *message)
{
	Road	   *road = road_of(message->access_point);
	Question   *question = MemoryContextAlloc(memory, sizeof(Question));

	question->message = copy_of(message);
	question->at = message->due_at;
	pairingheap_add(&road->questions, &question->node);
	road->question_count++;
}

TimestampTz
outbox_question_due(const char *access_point)
{
	const Question *question = first_question(road_of(access_point));

	return question ? question->at : DT_NOEND;
}

Outgoing *
outbox_question(const char *access_point)
{
	Road	   *road = road_of(access_point);
	Question   *question = first_question(road);
	Outgoing   *message;

	if (question == NULL || question->at > GetCurrentTimestamp())
		return NULL;
	message = question->message;
	(void) pairingheap_remove_first(&road->questions);
	road->question_count--;
	pfree(question);
	return message;
}
