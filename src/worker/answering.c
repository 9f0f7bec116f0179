/*
 * answering.c
 *		Answering workers come when there is something to answer and go when there
 *		was nothing for a while; each is the role that its providers name, or their
 *		access point. At most ootspg.answer_workers of them, but one for each role at least.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "exchange/inbox.h"
#include "query.h"
#include "settings.h"
#include "worker/answering.h"
#include "worker/worker.h"

static List *told_faults = NIL;	/* of roles, as last told */
static List *to_wake = NIL;		/* roles, one for each message; InvalidOid: any … */
static List *to_start = NIL;	/* … and roles that a process is started for, at the end of the transaction */
static int	freed = 0;			/* messages of processes that ended, dealt with in this transaction */

/* Before what they are to look for is committed they would not see it, and go back to sleep. */
static void
at_end(List **list, Oid role)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

	*list = lappend_oid(*list, role);
	MemoryContextSwitchTo(caller);
}

List *
answering_living(void)
{
	const DatabaseSlot *slot;
	List	   *living = NIL;
	pid_t		pids[MAX_ANSWERERS];
	int			count = 0;

	LWLockAcquire(shared->lock, LW_SHARED);
	slot = slot_find(MyDatabaseId);
	for (int i = 0; slot != NULL && i < MAX_ANSWERERS; i++)
		if (slot->answerers[i].pid != 0)
			pids[count++] = slot->answerers[i].pid;
	LWLockRelease(shared->lock);
	while (count > 0)
		living = lappend_int(living, pids[--count]);
	return living;
}

/* Those that are there are woken; a place is taken for one more when there is reason for it. */
static bool
wake_or_take_place(Oid role, int due)
{
	DatabaseSlot *slot;
	AnswererSlot *place = NULL;
	TimestampTz now = GetCurrentTimestamp();
	bool		pause = false;
	int			of_role;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(MyDatabaseId);
	for (int i = 0; slot != NULL && i < MAX_ANSWERERS; i++)
	{
		AnswererSlot *answerer = &slot->answerers[i];

		if (answerer->failed && TimestampDifferenceExceeds(answerer->registered_at, now, START_TIMEOUT_MS))
			memset(answerer, 0, sizeof(AnswererSlot));
		pause |= answerer->failed && answerer->role == role;
		if (!OidIsValid(answerer->role) && place == NULL)
			place = answerer;
	}
	of_role = slot ? slot_answerers(slot, role) : 0;
	if (place != NULL && !pause && (of_role == 0 || (of_role < due && slot_answerers(slot, InvalidOid) < oots_answer_workers)))
	{
		place->role = role;
		place->pid = 0;
		place->registered_at = now;
	}
	else
		place = NULL;
	LWLockRelease(shared->lock);
	for (int i = 0; i < Min(due, of_role); i++)
		at_end(&to_wake, role);
	return place != NULL;
}

bool
answering_wake_some(int messages)
{
	const DatabaseSlot *slot;
	int			living = 0;

	LWLockAcquire(shared->lock, LW_SHARED);
	slot = slot_find(MyDatabaseId);
	for (int i = 0; slot != NULL && i < MAX_ANSWERERS; i++)
		living += slot->answerers[i].pid != 0;
	LWLockRelease(shared->lock);
	while (living >= oots_answer_workers && messages-- > 0)
		at_end(&to_wake, InvalidOid);
	return living >= oots_answer_workers;
}

static void
give_back_place(Oid role)
{
	DatabaseSlot *slot;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(MyDatabaseId);
	for (int i = 0; slot != NULL && i < MAX_ANSWERERS; i++)
		if (slot->answerers[i].role == role && slot->answerers[i].pid == 0 && !slot->answerers[i].failed)
		{
			memset(&slot->answerers[i], 0, sizeof(AnswererSlot));
			break;
		}
	LWLockRelease(shared->lock);
}

static AnswererSlot *
my_place(DatabaseSlot *slot)
{
	for (int i = 0; slot != NULL && i < MAX_ANSWERERS; i++)
		if (slot->answerers[i].pid == MyProcPid)
			return &slot->answerers[i];
	return NULL;
}

void
answering_in_hand(int64 id, bool counted)
{
	AnswererSlot *place;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	place = my_place(slot_find(MyDatabaseId));
	if (place != NULL)
	{
		place->in_hand = id;
		place->counted = counted;
	}
	LWLockRelease(shared->lock);
}

AnsweringNews
answering_news(void)
{
	const DatabaseSlot *slot;
	AnsweringNews news = {0};

	LWLockAcquire(shared->lock, LW_SHARED);
	slot = slot_find(MyDatabaseId);
	if (slot != NULL)
		news = (AnsweringNews) {slot->configuration, slot->inbox_put_back, slot->inbox_last, slot->left_count > 0};
	LWLockRelease(shared->lock);
	return news;
}

/* In a transaction; forgotten when that is committed. */
void
answering_free_left(void)
{
	const DatabaseSlot *slot;
	LeftMessage left[MAX_ANSWERERS];
	int			count = 0;

	LWLockAcquire(shared->lock, LW_SHARED);
	slot = slot_find(MyDatabaseId);
	if (slot != NULL)
		count = slot->left_count;
	if (count > 0)
		memcpy(left, slot->left, sizeof(left));
	LWLockRelease(shared->lock);
	for (int i = 0; i < count; i++)
		inbox_left(left[i].id, left[i].counted);
	freed = count;
}

void
answering_begin_anew(void)
{
	DatabaseSlot *slot;
	bool		busy = false;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(MyDatabaseId);
	for (int i = 0; slot != NULL && i < MAX_ANSWERERS; i++)
		busy |= slot->answerers[i].in_hand != 0;
	if (slot != NULL && !busy)
		slot->inbox_put_back++;
	LWLockRelease(shared->lock);
}

static void
forget_left(void)
{
	DatabaseSlot *slot;

	if (freed == 0)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(MyDatabaseId);
	if (slot != NULL)
	{
		slot->left_count -= freed;
		memmove(slot->left, slot->left + freed, slot->left_count * sizeof(LeftMessage));
	}
	LWLockRelease(shared->lock);
	freed = 0;
}

static char *
fault_of_role(const char *role, const char *provider)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;

	query_add_text(&arguments, role);
	query_add_text(&arguments, provider);
	owner_begin(&caller);
	query_run("SELECT ootspg_internal.answer_role_fault($1::ootspg.bound_role, $2)", &arguments, true, 1, SPI_OK_SELECT);
	owner_end(&caller);
	return query_text(0, 1);
}

bool
answering_role_fails(void)
{
	return fault_of_role(GetUserNameFromId(GetSessionUserId(), false), NULL) != NULL;
}

static bool
is_told(const char *fault)
{
	ListCell   *cell;

	foreach(cell, told_faults)
		if (strcmp(lfirst(cell), fault) == 0)
			return true;
	return false;
}

/* Once, not each time that somebody looks: what was told last is remembered. */
static List *
tell_fault(const char *fault, List *faults)
{
	if (!is_told(fault))
		ereport(LOG,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("requests wait to be answered: %s", fault),
				 errhint("SELECT * FROM ootspg.status shows for which access points; ootspg.grant_duty() gives a role the duty to exchange.")));
	return lappend(faults, MemoryContextStrdup(TopMemoryContext, fault));
}

/* A look at what came since the last one says nothing of the others. */
static void
remember_faults(List *faults, bool whole)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	List	   *before = told_faults;
	ListCell   *cell;

	told_faults = list_copy(faults);
	foreach(cell, before)
	{
		if (!whole && !is_told(lfirst(cell)))
			told_faults = lappend(told_faults, lfirst(cell));
		else
			pfree(lfirst(cell));
	}
	list_free(before);
	MemoryContextSwitchTo(caller);
}

/* A process for a place that was taken. */
static void
start(Oid role)
{
	static int	refused = 0;	/* times in a row */

	if (worker_start("ootspg answer", "ootspg_answer_worker_main", MyDatabaseId, role, NULL))
	{
		refused = 0;
		return;
	}
	give_back_place(role);
	/* the first time a process may only be about to leave */
	if (++refused == 2)
		worker_tell_no_place();
}

/* A role that may not answer is asked nothing: that would only use up attempts. */
void
answering_start(const List *demands, bool whole)
{
	const ListCell *cell;
	List	   *faults = NIL;

	foreach(cell, demands)
	{
		const InboxDemand *demand = lfirst(cell);
		bool		answers = OidIsValid(demand->role) && demand->provider == NULL;
		const char *fault;

		if (demand->due == 0 || (answers && !wake_or_take_place(demand->role, demand->due)))
			continue;
		fault = fault_of_role(demand->role_name, demand->provider);
		if (fault != NULL)
			faults = tell_fault(fault, faults);
		if (answers && fault == NULL)
			at_end(&to_start, demand->role);
		else if (answers)
			give_back_place(demand->role);
	}
	remember_faults(faults, whole);
}

/*
 * One for each message, of those that have none in hand. Whoever has looks for more afterwards, and then
 * finds what was told at this commit; so only now may be seen who is idle.
 */
static void
wake_idle(void)
{
	DatabaseSlot *slot;
	pid_t		pids[MAX_ANSWERERS];
	int			count = 0;

	if (to_wake == NIL)
		return;
	LWLockAcquire(shared->lock, LW_SHARED);
	slot = slot_find(MyDatabaseId);
	for (int i = 0; slot != NULL && i < MAX_ANSWERERS && to_wake != NIL; i++)
	{
		const AnswererSlot *answerer = &slot->answerers[i];
		Oid			role = list_member_oid(to_wake, answerer->role) ? answerer->role : InvalidOid;

		if (answerer->pid == 0 || answerer->in_hand != 0 || !list_member_oid(to_wake, role))
			continue;
		pids[count++] = answerer->pid;
		to_wake = list_delete_oid(to_wake, role);
	}
	LWLockRelease(shared->lock);
	for (int i = 0; i < count; i++)
		set_latch_of(pids[i]);
}

void
answering_committed(void)
{
	ListCell   *cell;

	wake_idle();
	foreach(cell, to_start)
		start(lfirst_oid(cell));
	forget_left();
	list_free(to_wake);
	list_free(to_start);
	to_wake = to_start = NIL;
}
