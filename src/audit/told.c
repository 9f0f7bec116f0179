/*
 * told.c
 *		Security events as lines of the server's log, for whoever watches it: one line of JSON behind a fixed beginning, once the
 *		transaction that made the event is committed (D-LOG-28). What is refused is told at once, for
 *		nothing of it will be committed.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(ootspg_tell_security);

typedef struct Line
{
	SubTransactionId made_in;
	char	   *json;
} Line;

/* In the memory of the top transaction; NIL outside of one. */
static List *lines = NIL;

static void
tell(const char *json)
{
	ereport(LOG, (errmsg("ootspg security event: %s", json), errhidestmt(true), errhidecontext(true)));
}

static void
on_end(XactEvent event, void *argument)
{
	const ListCell *cell;

	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE || event == XACT_EVENT_PARALLEL_PRE_COMMIT)
		return;
	/* what is prepared will nearly always be committed, by somebody who knows nothing of it */
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
		foreach(cell, lines)
			tell(((const Line *) lfirst(cell))->json);
	lines = NIL;
}

static void
on_subtransaction_end(SubXactEvent event, SubTransactionId own, SubTransactionId parent, void *argument)
{
	ListCell   *cell;

	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	foreach(cell, lines)
	{
		Line	   *line = lfirst(cell);

		if (line->made_in != own)
			continue;
		if (event == SUBXACT_EVENT_ABORT_SUB)
			lines = foreach_delete_current(lines, cell);
		else
			line->made_in = parent;
	}
}

static void
tell_later(const char *json)
{
	static bool watching = false;
	MemoryContext caller = MemoryContextSwitchTo(TopTransactionContext);
	Line	   *line = palloc(sizeof(Line));

	if (!watching)
	{
		RegisterXactCallback(on_end, NULL);
		RegisterSubXactCallback(on_subtransaction_end, NULL);
		watching = true;
	}
	line->made_in = GetCurrentSubTransactionId();
	line->json = pstrdup(json);
	lines = lappend(lines, line);
	MemoryContextSwitchTo(caller);
}

/* tell_security(json text, now boolean) */
Datum
ootspg_tell_security(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_VOID();
	if (PG_GETARG_BOOL(1))
		tell(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	else
		tell_later(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_VOID();
}
