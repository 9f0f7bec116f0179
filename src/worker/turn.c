/*
 * turn.c
 *		What the exchange worker tries in a transaction of others' results: an error
 *		undoes that alone. Whoever may write to a table may lock it, and hold it as
 *		long as they like: the worker waits a moment, and goes on with what it knows.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "worker/gateways.h"
#include "worker/session.h"

static bool told_locked = false;

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
exchange_worker_try(void (*todo) (void *argument), void *argument)
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
exchange_worker_try_briefly(void (*todo) (void *argument), void *argument)
{
	int			sqlstate;

	session_hurry();
	sqlstate = exchange_worker_try(todo, argument);
	session_hurry_ends();
	if (sqlstate == 0)
		told_locked = false;
	return sqlstate;
}
