/*
 * partition.c
 *		Which partition of the audit takes a row. Whoever answers makes none: to
 *		attach one takes locks until the end of the transaction, and that may be long
 *		(a slow view, an application's own work), while others have answers to write.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "fmgr.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "audit/partition.h"
#include "library.h"
#include "row.h"

PG_FUNCTION_INFO_V1(ootspg_audit_partition);
PG_FUNCTION_INFO_V1(ootspg_prepare_audit);

static const char *const parents[] = {"exchange_event", "evidence_event"};

/*
 * The partition whose bounds hold the moment, else the catch-all (its name says nothing: a
 * month may be of any era). InvalidOid: there is neither.
 */
static Oid
partition_of(Oid parent, TimestampTz moment, bool *catches_all)
{
	Relation	relation = table_open(parent, AccessShareLock);
	PartitionKey key = RelationGetPartitionKey(relation);
	PartitionDesc partitions = RelationGetPartitionDesc(relation, true);
	Datum		value = TimestampTzGetDatum(moment);
	Oid			found = InvalidOid;

	*catches_all = false;
	if (partitions->nparts > 0)
	{
		bool		equal;
		int			bound = partition_range_datum_bsearch(key->partsupfunc, key->partcollation, partitions->boundinfo, 1, &value, &equal);
		int			index = partitions->boundinfo->indexes[bound + 1];

		*catches_all = index < 0;
		found = index < 0 ? get_default_oid_from_partdesc(partitions) : partitions->oids[index];
	}
	table_close(relation, AccessShareLock);
	return found;
}

/*
 * The catch-all is locked before the row is routed: a partition attached between the two would
 * have the row refused.
 */
void
audit_prepare(TimestampTz moment)
{
	Oid			schema = get_namespace_oid("ootspg", false);

	for (int i = 0; i < (int) lengthof(parents); i++)
	{
		bool		catches_all;
		Oid			place = partition_of(get_relname_relid(parents[i], schema), moment, &catches_all);

		if (catches_all && OidIsValid(place))
			LockRelationOid(place, RowExclusiveLock);
	}
}

/* The lock on the parent is that of a statement, and is kept as such. */
Oid
audit_place(const char *parent, TimestampTz moment)
{
	Oid			id = get_relname_relid(parent, get_namespace_oid("ootspg", false));
	Relation	relation = table_open(id, RowExclusiveLock);
	bool		by_statement = row_needs_statement(relation);
	bool		catches_all;
	Oid			place;

	table_close(relation, NoLock);
	if (by_statement)
		return id;
	place = partition_of(id, moment, &catches_all);
	/* a partition that was attached while its lock was waited for takes the row */
	if (catches_all && OidIsValid(place))
	{
		LockRelationOid(place, RowExclusiveLock);
		place = partition_of(id, moment, &catches_all);
	}
	return OidIsValid(place) ? place : id;
}

/* Only of tables whose key is known. */
static Oid
parent_called(const char *name)
{
	for (int i = 0; i < (int) lengthof(parents); i++)
		if (strcmp(parents[i], name) == 0)
			return get_relname_relid(name, get_namespace_oid("ootspg", false));
	elog(ERROR, "no table of the audit: %s", name);
}

/* audit_partition(parent, moment): NULL when it is the catch-all, or nothing at all. */
Datum
ootspg_audit_partition(PG_FUNCTION_ARGS)
{
	bool		catches_all;
	Oid			partition = partition_of(parent_called(text_to_cstring(PG_GETARG_TEXT_PP(0))), PG_GETARG_TIMESTAMPTZ(1), &catches_all);

	if (catches_all || !OidIsValid(partition))
		PG_RETURN_NULL();
	PG_RETURN_OID(partition);
}

Datum
ootspg_prepare_audit(PG_FUNCTION_ARGS)
{
	library_require_objects();
	audit_prepare(PG_GETARG_TIMESTAMPTZ(0));
	PG_RETURN_VOID();
}
