/*
 * row.c
 *		Rows written as COPY would, without the executor's start and end: tuples, several by one
 *		record of the log, their index entries, NOT NULL, triggers after each row. Our own CHECK constraints
 *		hold for what our code writes; a statement compiles them anew each time, at the price of the
 *		insertion. Whoever has added something to a table (another trigger, a check, a column with a
 *		default) gets the statement.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "row.h"

#define AT_ONCE 8				/* rows of one record of the log */
#define LEAST_COMPRESSED 256

void
row_add(Row *row, const char *name, Oid type, Datum value, bool isnull)
{
	row->names[row->arguments.count] = name;
	query_add(&row->arguments, type, value, isnull);
}

void
row_add_text(Row *row, const char *name, const char *text)
{
	row->names[row->arguments.count] = name;
	query_add_text(&row->arguments, text);
}

void
row_add_bytes(Row *row, const char *name, const void *bytes, size_t length)
{
	row->names[row->arguments.count] = name;
	query_add_bytes(&row->arguments, bytes, length);
}

int64
row_next_number(const char *schema, const char *sequence)
{
	PreventCommandIfReadOnly("INSERT");
	return nextval_internal(get_relname_relid(sequence, get_namespace_oid(schema, false)), false);
}

/* Number of the column, 0 when there is none; names mostly come in the order of the columns. */
static int
column_of(TupleDesc desc, const char *name, int after)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, (after + i) % desc->natts);

		if (!column->attisdropped && strcmp(NameStr(column->attname), name) == 0)
			return column->attnum;
	}
	return 0;
}

/* Checks that the extension's script gave these tables, and nobody else. */
static bool
is_our_check(const char *name)
{
	static const char *const ours[] = {
		"exchange_state_check", "exchange_outcome_check", "exchange_event_direction_check", "evidence_event_decision_check",
		"inbox_history_state_check", "inbox_queue_state_check", "outbox_history_state_check", "outbox_queue_state_check"
	};

	for (int i = 0; i < (int) lengthof(ours); i++)
		if (strcmp(ours[i], name) == 0)
			return true;
	return false;
}

static bool
has_other_checks(const TupleConstr *constraints)
{
	for (int i = 0; constraints != NULL && i < constraints->num_check; i++)
		if (!is_our_check(constraints->check[i].ccname))
			return true;
	return false;
}

bool
row_needs_statement(Relation relation)
{
	const TriggerDesc *triggers = relation->trigdesc;

	return relation->rd_rules != NULL ||
		(triggers != NULL && (triggers->trig_insert_before_row || triggers->trig_insert_instead_row ||
							  triggers->trig_insert_before_statement || triggers->trig_insert_after_statement)) ||
		has_other_checks(RelationGetDescr(relation)->constr);
}

/* The row's values in the order of the columns; false when one of the others would have a value of its own. */
static bool
arrange(TupleDesc desc, const Row *row, Datum *values, bool *isnull)
{
	bool		given[MaxHeapAttributeNumber] = {false};
	int			column = 0;

	memset(isnull, true, desc->natts * sizeof(bool));
	memset(values, 0, desc->natts * sizeof(Datum));
	for (int i = 0; i < row->arguments.count; i++)
	{
		int			found = column_of(desc, row->names[i], column);

		if (found == 0)
			continue;
		column = found;
		if (TupleDescAttr(desc, column - 1)->atttypid != row->arguments.types[i])
			return false;
		given[column - 1] = true;
		isnull[column - 1] = row->arguments.nulls[i] == 'n';
		values[column - 1] = row->arguments.values[i];
	}
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (!given[i] && !attribute->attisdropped && (attribute->atthasdef || attribute->attidentity || attribute->attgenerated))
			return false;
		if (isnull[i] && attribute->attnotnull)
			return false;		/* the statement tells which */
	}
	return true;
}

/* INSERT INTO table (…) VALUES ($1, …) */
static void
insert_by_statement(Relation relation, const Row *row)
{
	QueryArguments arguments = {0};
	TupleDesc	desc = RelationGetDescr(relation);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO %s (", quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)), RelationGetRelationName(relation)));
	for (int i = 0; i < row->arguments.count; i++)
	{
		int			column = column_of(desc, row->names[i], 0);

		if (column == 0 || TupleDescAttr(desc, column - 1)->attgenerated)
			continue;
		appendStringInfo(&sql, "%s%s", arguments.count > 0 ? ", " : "", quote_identifier(row->names[i]));
		query_add(&arguments, row->arguments.types[i], row->arguments.values[i], row->arguments.nulls[i] == 'n');
	}
	appendStringInfoString(&sql, ") OVERRIDING SYSTEM VALUE VALUES (");
	for (int i = 1; i <= arguments.count; i++)
		appendStringInfo(&sql, "%s$%d", i > 1 ? ", " : "", i);
	appendStringInfoChar(&sql, ')');
	query_run(sql.data, &arguments, false, 0, SPI_OK_INSERT);
}

/*
 * Where a column says lz4, texts are compressed however small the row: what is written is written to the log as well,
 * and read back from the disk. The server would begin where a row needs more than a quarter of a page.
 */
static void
compress(TupleDesc desc, Datum *values, const bool *isnull)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		Datum		smaller;

		if (isnull[i] || attribute->attcompression != TOAST_LZ4_COMPRESSION || attribute->attstorage != TYPSTORAGE_EXTENDED ||
			VARATT_IS_EXTENDED(DatumGetPointer(values[i])) || VARSIZE_ANY(DatumGetPointer(values[i])) < LEAST_COMPRESSED)
			continue;
		smaller = toast_compress_datum(values[i], TOAST_LZ4_COMPRESSION);
		if (DatumGetPointer(smaller) != NULL)
			values[i] = smaller;
	}
}

/* A relation that rows are put into, with its indexes and triggers; rows that wait to be. */
typedef struct Target
{
	Relation	relation;
	EState	   *estate;
	ResultRelInfo *info;
	TupleTableSlot *slots[AT_ONCE];
	int			count;
	bool		has_triggers;
} Target;

static void
open_target(Target *target, Relation relation)
{
	target->relation = relation;
	target->estate = CreateExecutorState();
	target->estate->es_output_cid = GetCurrentCommandId(true);
	target->info = makeNode(ResultRelInfo);
	InitResultRelInfo(target->info, relation, 0, NULL, 0);
	ExecOpenIndices(target->info, false);
	target->estate->es_opened_result_relations = list_make1(target->info);
	target->has_triggers = relation->trigdesc != NULL && relation->trigdesc->trig_insert_after_row;
	if (target->has_triggers)
		AfterTriggerBeginQuery();
}

static TupleTableSlot *
next_slot(Target *target)
{
	TupleTableSlot **slot = &target->slots[target->count];

	if (*slot == NULL)
		*slot = table_slot_create(target->relation, &target->estate->es_tupleTable);
	return ExecClearTuple(*slot);
}

static void
insert_waiting(Target *target)
{
	if (target->count == 1)
		table_tuple_insert(target->relation, target->slots[0], target->estate->es_output_cid, 0, NULL);
	else if (target->count > 1)
		table_multi_insert(target->relation, target->slots, target->count, target->estate->es_output_cid, 0, NULL);
	for (int i = 0; i < target->count; i++)
	{
		if (target->info->ri_NumIndices > 0)
			oots_insert_index_tuples(target->info, target->slots[i], target->estate);
		if (target->has_triggers)
			ExecARInsertTriggers(target->estate, target->info, target->slots[i], NIL, NULL);
		ResetPerTupleExprContext(target->estate);
	}
	target->count = 0;
}

static void
close_target(Target *target)
{
	insert_waiting(target);
	if (target->has_triggers)
		AfterTriggerEndQuery(target->estate);
	ExecCloseIndices(target->info);
	ExecResetTupleTable(target->estate->es_tupleTable, false);
	FreeExecutorState(target->estate);
}

static void
insert_rows(Relation relation, const Row *rows, int count)
{
	TupleDesc	desc = RelationGetDescr(relation);
	bool		plain = relation->rd_rel->relkind == RELKIND_RELATION && !row_needs_statement(relation);
	Target		target = {0};

	if (plain)
		open_target(&target, relation);
	for (int i = 0; i < count; i++)
	{
		TupleTableSlot *slot = plain ? next_slot(&target) : NULL;

		if (slot != NULL && arrange(desc, &rows[i], slot->tts_values, slot->tts_isnull))
		{
			compress(desc, slot->tts_values, slot->tts_isnull);
			ExecStoreVirtualTuple(slot);
			if (++target.count == AT_ONCE)
				insert_waiting(&target);
			continue;
		}
		/* in their order */
		if (plain)
			insert_waiting(&target);
		insert_by_statement(relation, &rows[i]);
	}
	if (plain)
		close_target(&target);
}

/* A key of a look through an index, by a column of the table. */
static void
set_key(ScanKey key, Relation relation, const char *column, StrategyNumber strategy, RegProcedure function, Datum value)
{
	ScanKeyEntryInitialize(key, 0, get_attnum(RelationGetRelid(relation), column), strategy, InvalidOid, DEFAULT_COLLATION_OID, function, value);
}

/* Has the table now, as the next statement would see it, a row that the index finds? */
static bool
index_finds(Relation relation, Oid index, ScanKey keys, int count)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	SysScanDesc scan = systable_beginscan(relation, index, true, snapshot, count, keys);
	bool		found = HeapTupleIsValid(systable_getnext(scan));

	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	return found;
}

bool
row_is_there(const char *table, const char *index, const char *const *columns, const char *const *texts, int count)
{
	Oid			schema = get_namespace_oid("ootspg_internal", false);
	Relation	relation = table_open(get_relname_relid(table, schema), AccessShareLock);
	ScanKeyData keys[INDEX_MAX_KEYS];
	bool		found;

	for (int i = 0; i < count; i++)
		set_key(&keys[i], relation, columns[i], BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(texts[i]));
	found = index_finds(relation, get_relname_relid(index, schema), keys, count);
	table_close(relation, AccessShareLock);
	return found;
}

bool
table_was_used(const char *table)
{
	Relation	relation = table_open(get_relname_relid(table, get_namespace_oid("ootspg", false)), AccessShareLock);
	bool		used = RelationGetNumberOfBlocks(relation) > 0;

	table_close(relation, AccessShareLock);
	return used;
}

bool
row_may_be(const char *table, const char *index, const RowKey *keys, int count)
{
	Oid			schema = get_namespace_oid("ootspg", false);
	Oid			index_id = get_relname_relid(index, schema);
	Relation	relation;
	ScanKeyData scan_keys[ROW_MAX_KEYS];
	bool		found;

	Assert(count <= ROW_MAX_KEYS);
	if (!OidIsValid(index_id))
		return true;
	relation = table_open(get_relname_relid(table, schema), AccessShareLock);
	for (int i = 0; i < count; i++)
		set_key(&scan_keys[i], relation, keys[i].column, keys[i].strategy, keys[i].function, keys[i].value);
	found = index_finds(relation, index_id, scan_keys, count);
	table_close(relation, AccessShareLock);
	return found;
}

void
rows_insert(Oid table, const Row *rows, int count)
{
	OwnerSwitch caller;
	Relation	relation;

	PreventCommandIfReadOnly("INSERT");
	PreventCommandIfParallelMode("INSERT");
	owner_begin(&caller);
	relation = table_open(table, RowExclusiveLock);
	insert_rows(relation, rows, count);
	table_close(relation, NoLock);
	owner_end(&caller);
	CommandCounterIncrement();
}
