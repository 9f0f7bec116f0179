/*
 * uninstall.c
 *		DROP EXTENSION takes the audit with it. The law wants it kept (IR (EU)
 *		2022/1463 art. 17(4), D-LOG-16), so an event trigger refuses while there
 *		are rows younger than the retention, unless ootspg.destroy_audit is on.
 *		A guard against a slip, not against a superuser.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "fmgr.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "audit/retention.h"
#include "errors.h"
#include "query.h"
#include "settings.h"

PG_FUNCTION_INFO_V1(ootspg_keep_audit);

static bool
names_one_of(const List *objects, const char *const names[])
{
	const ListCell *cell;

	foreach(cell, objects)
		for (int i = 0; names[i] != NULL; i++)
			if (IsA(lfirst(cell), String) && strcmp(strVal(lfirst(cell)), names[i]) == 0)
				return true;
	return false;
}

/* Our functions are written in plpgsql, so that it takes us along. */
static bool
drop_reaches_us(const DropStmt *statement)
{
	static const char *const extensions[] = {"ootspg", "plpgsql", NULL};
	static const char *const schemas[] = {"ootspg", "ootspg_internal", NULL};

	if (statement->removeType == OBJECT_EXTENSION)
		return names_one_of(statement->objects, extensions);
	return statement->removeType == OBJECT_SCHEMA && names_one_of(statement->objects, schemas);
}

static Oid
owner_of(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

static bool
drop_owned_reaches_us(const DropOwnedStmt *statement, Oid exchanges)
{
	Oid			owner = owner_of(exchanges);
	const ListCell *cell;

	foreach(cell, statement->roles)
		if (get_rolespec_oid(lfirst(cell), true) == owner)
			return true;
	return false;
}

static bool
reaches_us(const Node *statement, Oid exchanges)
{
	if (IsA(statement, DropStmt))
		return drop_reaches_us((const DropStmt *) statement);
	return IsA(statement, DropOwnedStmt) && drop_owned_reaches_us((const DropOwnedStmt *) statement, exchanges);
}

static bool
rows_to_keep(void)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	bool		found;

	SPI_connect();
	owner_begin(&caller);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(retention_limit()), false);
	found = query_run("SELECT FROM ootspg.exchange WHERE received_at >= $1 "
					  "UNION ALL SELECT FROM ootspg.exchange_event WHERE event_time >= $1 LIMIT 1",
					  &arguments, true, 1, SPI_OK_SELECT) > 0;
	owner_end(&caller);
	SPI_finish();
	return found;
}

Datum
ootspg_keep_audit(PG_FUNCTION_ARGS)
{
	EventTriggerData *event = (EventTriggerData *) fcinfo->context;
	Oid			exchanges = get_relname_relid("exchange", get_namespace_oid("ootspg", true));

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		elog(ERROR, "ootspg_keep_audit: not called as an event trigger");
	if (!oots_destroy_audit && OidIsValid(exchanges) && reaches_us(event->parsetree, exchanges) && rows_to_keep())
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_AUDIT),
				 errmsg("the audit of exchanges younger than ootspg.retention would be destroyed"),
				 errdetail("The law asks to keep it for 12 months at least."),
				 errhint("doc/uninstall.md says how to take the extension out of use. SET ootspg.destroy_audit = on lets it go.")));
	return PointerGetDatum(NULL);
}
