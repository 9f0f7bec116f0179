/*
 * hooks.c
 *		What backends tell the workers. Everything is told when the transaction
 *		ends, once a transaction: a rolled back CREATE EXTENSION is none, and a
 *		worker never looks for rows that it cannot see yet.
 *
 *		DROP, RENAME, SET TABLESPACE and CREATE … TEMPLATE need a database without
 *		connections: our workers leave it for as long as that transaction lasts.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "worker/hooks.h"
#include "worker/shared.h"

PG_FUNCTION_INFO_V1(ootspg_wake_worker);
PG_FUNCTION_INFO_V1(ootspg_wake_for_work);
PG_FUNCTION_INFO_V1(ootspg_wake_for_configuration);

#define HOLD_TIMEOUT_MS 5000

/* what this transaction has to tell at its end */
static int	pending_wake = 0;
static int64 inbox_first = PG_INT64_MAX;	/* numbers of rows that came into the queues */
static int64 inbox_last = 0;
static int	inbox_rows = 0;
static int64 outbox_first = PG_INT64_MAX;
static bool extension_changed = false;
static bool databases_changed = false;
static bool holding = false;	/* databases that must be free until then */

static object_access_hook_type previous_object_access = NULL;
static ProcessUtility_hook_type previous_utility = NULL;

static void
release_databases(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < MAX_DATABASES; i++)
		if (shared->slots[i].holder == MyProcPid)
			shared->slots[i].holder = 0;
	LWLockRelease(shared->lock);
	holding = false;
	wake_launcher();
}

/* The worker, if there is one, looks for itself; the launcher looks anew where there was none. */
static void
tell_extension_changed(void)
{
	DatabaseSlot *slot;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_make(MyDatabaseId);
	if (slot != NULL && slot->pid == 0 && slot->state != SLOT_STARTING)
		slot->state = SLOT_UNKNOWN;
	LWLockRelease(shared->lock);
	wake_database(MyDatabaseId, WAKE_CONFIGURATION);
	wake_launcher();
}

/*
 * Of what a prepared transaction did nobody would be told when it is committed, perhaps by another
 * server's life: refused, as the server refuses it after NOTIFY. What becomes of a database the
 * launcher finds out by itself, and copes with one that stays locked.
 */
static void
refuse_to_prepare(void)
{
	if ((pending_wake & ~WAKE_ROLES) != 0 || extension_changed)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot PREPARE a transaction that ootspg's workers are to be told of"),
				 errdetail("It changed access points, their states, messages, directories, or the extension."),
				 errhint("COMMIT it; ootspg.answer() and ootspg.evidence() may be in a prepared transaction.")));
}

/*
 * Whoever looks for fresh rows begins at the smallest number that may be new: in the inbox that
 * is the next one, unless somebody put back an older message.
 */
static void
tell_rows(void)
{
	DatabaseSlot *slot;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(MyDatabaseId);
	if (slot != NULL)
	{
		if (inbox_first <= slot->inbox_last)
			slot->inbox_put_back++;
		slot->inbox_last = Max(slot->inbox_last, inbox_last);
		slot->outbox_first = Min(slot->outbox_first, outbox_first);
	}
	LWLockRelease(shared->lock);
}

static void
at_transaction_end(XactEvent event, void *argument)
{
	bool		committed = event == XACT_EVENT_COMMIT || event == XACT_EVENT_PARALLEL_COMMIT || event == XACT_EVENT_PREPARE;

	if (event == XACT_EVENT_PRE_PREPARE)
		refuse_to_prepare();
	if (!committed && event != XACT_EVENT_ABORT && event != XACT_EVENT_PARALLEL_ABORT)
		return;
	if (committed && extension_changed)
		tell_extension_changed();
	if (committed && (inbox_last > 0 || outbox_first < PG_INT64_MAX))
		tell_rows();
	if (committed && pending_wake != 0)
		wake_database(MyDatabaseId, pending_wake);
	if (committed && databases_changed)
		wake_launcher();
	if (holding)
		release_databases();
	pending_wake = 0;
	inbox_first = outbox_first = PG_INT64_MAX;
	inbox_last = 0;
	inbox_rows = 0;
	extension_changed = databases_changed = false;
}

/* Without preloaded library nobody is there to be woken. */
static void
wake_at_commit(int bits)
{
	if (shared != NULL)
		pending_wake |= bits;
}

int
hooks_take_received(void)
{
	int			rows = (pending_wake & WAKE_ANSWER) != 0 ? Max(inbox_rows, 1) : 0;

	pending_wake &= ~WAKE_ANSWER;
	return rows;
}

Datum
ootspg_wake_for_work(PG_FUNCTION_ARGS)
{
	wake_at_commit(WAKE_ANSWER | WAKE_SEND);
	PG_RETURN_VOID();
}

Datum
ootspg_wake_for_configuration(PG_FUNCTION_ARGS)
{
	wake_at_commit(WAKE_CONFIGURATION);
	PG_RETURN_VOID();
}

static int
bits_of(const char *what)
{
	if (strcmp(what, "answer") == 0)
		return WAKE_ANSWER;
	if (strcmp(what, "roles") == 0)
		return WAKE_ROLES;
	if (strcmp(what, "stamps") == 0)
		return WAKE_STAMPS;
	return strcmp(what, "send") == 0 ? WAKE_SEND : WAKE_CONFIGURATION;
}

/* The first column of the queues is the number. */
static void
note_row(const TriggerData *trigger, int bits)
{
	bool		isnull;
	int64		id = DatumGetInt64(heap_getattr(trigger->tg_trigtuple, 1, RelationGetDescr(trigger->tg_relation), &isnull));

	if (shared == NULL)
		return;
	if (bits == WAKE_SEND)
		outbox_first = Min(outbox_first, id);
	else
	{
		inbox_first = Min(inbox_first, id);
		inbox_last = Max(inbox_last, id);
		inbox_rows++;
	}
}

/* Statement trigger of what is configured, row trigger of the queues. */
Datum
ootspg_wake_worker(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || trigger->tg_trigger->tgnargs != 1)
		elog(ERROR, "ootspg_wake_worker: not called as a trigger with one argument");
	wake_at_commit(bits_of(trigger->tg_trigger->tgargs[0]));
	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		note_row(trigger, bits_of(trigger->tg_trigger->tgargs[0]));
	return PointerGetDatum(NULL);
}

static bool
is_our_extension(Oid extension)
{
	char	   *name = get_extension_name(extension);

	/* a new one is not visible by its oid yet: CREATE EXTENSION is rare enough to tell any */
	return name == NULL || strcmp(name, "ootspg") == 0;
}

static void
on_object_access(ObjectAccessType access, Oid class_id, Oid object, int sub_id, void *argument)
{
	if (previous_object_access)
		previous_object_access(access, class_id, object, sub_id, argument);
	if (class_id == ExtensionRelationId &&
		(access == OAT_POST_CREATE || access == OAT_DROP || access == OAT_POST_ALTER) &&
		is_our_extension(object))
		extension_changed = true;
}

static bool
workers_left(DatabaseSlot *slot)
{
	bool		left;

	LWLockAcquire(shared->lock, LW_SHARED);
	left = !slot_has_processes(slot);
	LWLockRelease(shared->lock);
	return left;
}

/*
 * Make the workers leave a database and keep them away until the transaction ends;
 * those that are still starting see the holder and leave by themselves. When they do
 * not leave in time the statement finds out by itself. One transaction may need several
 * databases, as when two of them change names.
 */
static void
hold_database(Oid database)
{
	TimestampTz limit = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), HOLD_TIMEOUT_MS);
	DatabaseSlot *slot;

	if (!OidIsValid(database) || !oots_owns_database(database, GetUserId()))
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(database);
	if (slot != NULL)
	{
		holding = true;
		slot->holder = MyProcPid;
		slot_terminate(slot);
	}
	LWLockRelease(shared->lock);
	while (slot != NULL && !workers_left(slot) && GetCurrentTimestamp() < limit)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 20L, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

/* The database that a CREATE DATABASE copies, when it is named. */
static const char *
template_of(const CreatedbStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->options)
	{
		DefElem    *option = lfirst(cell);

		if (strcmp(option->defname, "template") == 0 && option->arg != NULL)
			return defGetString(option);
	}
	return NULL;
}

static bool
moves_tablespace(const AlterDatabaseStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->options)
		if (strcmp(((DefElem *) lfirst(cell))->defname, "tablespace") == 0)
			return true;
	return false;
}

/* The database that must be free of connections for this statement, or NULL. */
static const char *
database_needed(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_DropdbStmt:
			return ((DropdbStmt *) statement)->dbname;
		case T_CreatedbStmt:
			return template_of((CreatedbStmt *) statement);
		case T_RenameStmt:
			return ((RenameStmt *) statement)->renameType == OBJECT_DATABASE ? ((RenameStmt *) statement)->subname : NULL;
		case T_AlterDatabaseStmt:
			return moves_tablespace((AlterDatabaseStmt *) statement) ? ((AlterDatabaseStmt *) statement)->dbname : NULL;
		default:
			return NULL;
	}
}

static bool
changes_databases(Node *statement)
{
	return IsA(statement, DropdbStmt) || IsA(statement, CreatedbStmt) || IsA(statement, AlterDatabaseStmt) ||
		(IsA(statement, RenameStmt) && ((RenameStmt *) statement)->renameType == OBJECT_DATABASE);
}

static void
on_utility(PlannedStmt *statement, const char *query, bool read_only_tree, ProcessUtilityContext context,
		   ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *destination, QueryCompletion *completion)
{
	if (changes_databases(statement->utilityStmt))
	{
		const char *database = database_needed(statement->utilityStmt);

		databases_changed = true;
		if (database != NULL)
			hold_database(get_database_oid(database, true));
	}
	if (previous_utility)
		previous_utility(statement, query, read_only_tree, context, parameters, environment, destination, completion);
	else
		standard_ProcessUtility(statement, query, read_only_tree, context, parameters, environment, destination, completion);
}

/* A process that dies while it holds a database does not come to its transaction's end: the launcher sees to it. */
void
hooks_install(void)
{
	previous_object_access = object_access_hook;
	object_access_hook = on_object_access;
	previous_utility = ProcessUtility_hook;
	ProcessUtility_hook = on_utility;
	RegisterXactCallback(at_transaction_end, NULL);
}
