/*
 * head_sql.c
 *		What the SQL of heads and proofs is made with: digests over subtrees, ways from a leaf to the root, the texts of
 *		rows, and heads as files for whoever keeps them elsewhere.
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "storage/fd.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "audit/chunk.h"
#include "audit/tree.h"
#include "compat.h"
#include "errors.h"
#include "library.h"
#include "query.h"
#include "settings.h"

PG_FUNCTION_INFO_V1(ootspg_tree_root);
PG_FUNCTION_INFO_V1(ootspg_tree_path);
PG_FUNCTION_INFO_V1(ootspg_leaf_digests);
PG_FUNCTION_INFO_V1(ootspg_leaf_place);
PG_FUNCTION_INFO_V1(ootspg_audit_rows);
PG_FUNCTION_INFO_V1(ootspg_write_head);
PG_FUNCTION_INFO_V1(ootspg_log_head);

static Datum
digest_datum(const uint8 *digest)
{
	return PointerGetDatum(cstring_to_text_with_len((const char *) digest, SHA256_BYTES));
}

/* The digests of an array, one after the other; anything else is refused. */
static uint8 *
digests_of(ArrayType *array, int *count)
{
	Datum	   *elements;
	bool	   *nulls;
	uint8	   *digests;

	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &elements, &nulls, count);
	digests = palloc(Max(*count, 1) * SHA256_BYTES);
	for (int i = 0; i < *count; i++)
	{
		bytea	   *one = nulls[i] ? NULL : DatumGetByteaPP(elements[i]);

		if (one == NULL || VARSIZE_ANY_EXHDR(one) != SHA256_BYTES)
			ereport(ERROR,
					(errcode(ERRCODE_OOTS_AUDIT),
					 errmsg("the leaves of an audit head are damaged")));
		memcpy(digests + i * SHA256_BYTES, VARDATA_ANY(one), SHA256_BYTES);
	}
	return digests;
}

/* tree_root(digests bytea[]) */
Datum
ootspg_tree_root(PG_FUNCTION_ARGS)
{
	int			count;
	uint8	   *digests = digests_of(PG_GETARG_ARRAYTYPE_P(0), &count);
	uint8		root[SHA256_BYTES];

	tree_root(digests, SHA256_BYTES, count, root);
	PG_RETURN_DATUM(digest_datum(root));
}

/* tree_path(digests bytea[], place int from 0) returns bytea[] */
Datum
ootspg_tree_path(PG_FUNCTION_ARGS)
{
	int			count;
	uint8	   *digests = digests_of(PG_GETARG_ARRAYTYPE_P(0), &count);
	int			place = PG_GETARG_INT32(1);
	uint8		path[TREE_MAX_PATH][SHA256_BYTES];
	Datum		elements[TREE_MAX_PATH];
	int			length;

	if (place < 0 || place >= count)
		PG_RETURN_NULL();
	length = tree_path(digests, SHA256_BYTES, count, place, path);
	for (int i = 0; i < length; i++)
		elements[i] = digest_datum(path[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, length, BYTEAOID, -1, false, TYPALIGN_INT));
}

/* leaf_digests(leaves bytea) returns bytea[] */
Datum
ootspg_leaf_digests(PG_FUNCTION_ARGS)
{
	bytea	   *leaves = PG_GETARG_BYTEA_PP(0);
	int			count = VARSIZE_ANY_EXHDR(leaves) / LEAF_OCTETS;
	Datum	   *elements = palloc(Max(count, 1) * sizeof(Datum));

	for (int i = 0; i < count; i++)
		elements[i] = digest_datum((uint8 *) VARDATA_ANY(leaves) + i * LEAF_OCTETS + LEAF_DIGEST_OFFSET);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, count, BYTEAOID, -1, false, TYPALIGN_INT));
}

/* leaf_place(leaves bytea, digest bytea): from 0; NULL: it is not there */
Datum
ootspg_leaf_place(PG_FUNCTION_ARGS)
{
	bytea	   *leaves = PG_GETARG_BYTEA_PP(0);
	bytea	   *digest = PG_GETARG_BYTEA_PP(1);
	int			count = VARSIZE_ANY_EXHDR(leaves) / LEAF_OCTETS;

	if (VARSIZE_ANY_EXHDR(digest) == SHA256_BYTES)
		for (int i = 0; i < count; i++)
			if (memcmp(VARDATA_ANY(leaves) + i * LEAF_OCTETS + LEAF_DIGEST_OFFSET, VARDATA_ANY(digest), SHA256_BYTES) == 0)
				PG_RETURN_INT32(i);
	PG_RETURN_NULL();
}

/* Rows of an exchange in one table, each with its text and its leaf. */
static void
put_rows(ReturnSetInfo *result, int table, int64 exchange)
{
	QueryArguments arguments = {0};
	uint64		count;
	SPITupleTable *rows;
	StringInfoData text;

	query_add(&arguments, INT8OID, Int64GetDatum(exchange), false);
	count = query_run(psprintf("SELECT * FROM ootspg.%s WHERE exchange_id = $1", leaf_table_name(table)), &arguments, true, 0, SPI_OK_SELECT);
	rows = SPI_tuptable;
	initStringInfo(&text);
	for (uint64 row = 0; row < count; row++)
	{
		Leaf		leaf;
		char	   *provider;
		Datum		values[6];
		bool		nulls[6] = {false};

		leaf_of_row(table, rows->vals[row], rows->tupdesc, &text, &leaf, &provider);
		values[0] = CStringGetTextDatum(leaf_table_name(table));
		values[1] = Int64GetDatum(leaf.event_id);
		values[2] = TimestampTzGetDatum(leaf.event_time);
		values[3] = CStringGetTextDatum(provider);
		values[4] = PointerGetDatum(cstring_to_text_with_len(text.data + 1, text.len - 1));
		values[5] = digest_datum(leaf.digest);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/* audit_rows(exchange bigint) returns (table, event_id, event_time, provider, text, leaf) */
Datum
ootspg_audit_rows(PG_FUNCTION_ARGS)
{
	library_require_objects();
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	for (int table = 0; table < LEAF_TABLES; table++)
		put_rows((ReturnSetInfo *) fcinfo->resultinfo, table, PG_GETARG_INT64(0));
	SPI_finish();
	return (Datum) 0;
}

/* A file that is there is whole: written beside, then named. */
static bool
write_whole(const char *path, const char *octets, size_t length)
{
	char		beside[MAXPGPATH];
	int			file;
	bool		written;

	snprintf(beside, sizeof(beside), "%s.new", path);
	file = OpenTransientFilePerm(beside, O_WRONLY | O_CREAT | O_TRUNC | PG_BINARY, S_IRUSR | S_IWUSR | S_IRGRP);
	if (file < 0)
		return false;
	written = write(file, octets, length) == (ssize_t) length && pg_fsync(file) == 0;
	if (CloseTransientFile(file) != 0)
		written = false;
	return written && durable_rename(beside, path, LOG) == 0;
}

/*
 * write_head(name text, kind text, octets bytea): into ootspg.audit_head_directory, when there is one. false: it could not be written;
 * the log says why. The name is made of a provider's, and else refused.
 */
Datum
ootspg_write_head(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *kind = text_to_cstring(PG_GETARG_TEXT_PP(1));
	bytea	   *octets = PG_GETARG_BYTEA_PP(2);
	char		path[MAXPGPATH];

	if (oots_audit_head_directory[0] == '\0')
		PG_RETURN_BOOL(true);
	if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-") != strlen(name) || name[0] == '.' || strspn(kind, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(kind) ||
		snprintf(path, sizeof(path), "%s/%s.%s", oots_audit_head_directory, name, kind) >= MAXPGPATH - 8)
		elog(ERROR, "no name for the file of an audit head");
	if (!write_whole(path, VARDATA_ANY(octets), VARSIZE_ANY_EXHDR(octets)))
	{
		ereport(LOG, (errcode_for_file_access(), errmsg("an audit head could not be written to ootspg.audit_head_directory: %m")));
		PG_RETURN_BOOL(false);
	}
	PG_RETURN_BOOL(true);
}

/* log_head(line text) */
Datum
ootspg_log_head(PG_FUNCTION_ARGS)
{
	ereport(LOG,
			(errmsg_internal("%s", text_to_cstring(PG_GETARG_TEXT_PP(0))),
			 errhidestmt(true), errhidecontext(true)));
	PG_RETURN_VOID();
}
