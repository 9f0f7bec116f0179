/*
 * turn.c
 *		What the exchange worker tries in a transaction of others' results: an error
 *		undoes that alone. Whoever may write to a table may lock it, and hold it as
 *		long as they like: the worker waits a moment, and goes on with what it knows.
 *		Calls that ended before they could begin wait here for the next turn.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "worker/session.h"
#include "worker/turn.h"

static bool told_locked = false;
static List *unable = NIL;		/* Call *, never sent for want of credentials */

/* Once, not at every try. */
static void
tell_locked(void)
{
	if (!told_locked)
		ereport(LOG,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("ootspg exchange worker goes on without reading its configuration: somebody has locked it"),
				 errhint("SELECT reason FROM ootspg.status tells which table and who.")));
	told_locked = true;
}

int
turn_try(void (*todo) (void *argument), void *argument)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile int sqlstate = 0;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		todo(argument);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		sqlstate = geterrcode();
		MemoryContextSwitchTo(context);
		if (sqlstate == ERRCODE_LOCK_NOT_AVAILABLE)
			tell_locked();
		else
			EmitErrorReport();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return sqlstate;
}

int
turn_try_briefly(void (*todo) (void *argument), void *argument)
{
	int			sqlstate;

	session_hurry();
	sqlstate = turn_try(todo, argument);
	session_hurry_ends();
	if (sqlstate == 0)
		told_locked = false;
	return sqlstate;
}

void
turn_unable(struct Call *call)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

	unable = lappend(unable, call);
	MemoryContextSwitchTo(caller);
}

bool
turn_has_unable(void)
{
	return unable != NIL;
}

List *
turn_take_unable(void)
{
	List	   *all = list_copy(unable);

	list_free(unable);
	unable = NIL;
	return all;
}
