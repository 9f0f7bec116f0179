/*
 * readers.c
 *		Who reads the audit of a provider, and a key wrapped to all of them as one row.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "audit/readers.h"
#include "compat.h"
#include "errors.h"
#include "query.h"

/* Whose certificates are wrapped to. What is of no provider is for those who read all, or else for everybody who reads some of it. */
#define FIND_READERS \
	"WITH r AS (SELECT r.* FROM ootspg.audit_reader r WHERE r.provider IS NULL OR r.provider = $1 " \
	"OR ($1 = '' AND NOT EXISTS (SELECT FROM ootspg.audit_reader o WHERE o.provider IS NULL))) " \
	"SELECT r.certificate, r.reader, r.since <= $2 AND (r.until > $2) IS NOT FALSE, " \
	"(SELECT min(t.t) FROM r o CROSS JOIN LATERAL (VALUES (o.since), (o.until)) t(t) WHERE t.t > $2) " \
	"FROM r ORDER BY 3 DESC, r.provider NULLS FIRST, r.reader"

Readers
readers_find(const char *provider, TimestampTz moment)
{
	QueryArguments arguments = {0};
	Readers		found = {.until = DT_NOEND};
	bool		isnull;

	query_add_text(&arguments, provider);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(moment), false);
	found.total = query_run(FIND_READERS, &arguments, false, 0, SPI_OK_SELECT);
	found.recipients = palloc0(sizeof(Recipient) * Max(found.total, 1));
	found.names = palloc(sizeof(char *) * Max(found.total, 1));
	for (int i = 0; i < found.total && query_bool(i, 3); i++)
	{
		found.recipients[i].certificate = query_text(i, 1);
		found.names[i] = query_text(i, 2);
		found.count++;
	}
	if (found.total > 0)
	{
		Datum		until = query_value(0, 4, &isnull);

		if (!isnull)
			found.until = DatumGetTimestampTz(until);
	}
	return found;
}

static void
raise_certificate(const char *reader, const char *fault)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_KEY),
			 errmsg("the certificate of audit reader \"%s\" cannot be used: %s", reader, fault)));
}

void
readers_identify(Readers *readers)
{
	for (int i = 0; i < readers->count; i++)
	{
		const char *fault = recipient_identify(&readers->recipients[i]);

		if (fault != NULL)
			raise_certificate(readers->names[i], fault);
	}
}

static Datum
digests_of(const Readers *found)
{
	Datum	   *values = palloc(sizeof(Datum) * found->count);

	for (int i = 0; i < found->count; i++)
		values[i] = PointerGetDatum(cstring_to_text_with_len((const char *) found->recipients[i].sha256, SHA256_BYTES));
	return PointerGetDatum(construct_array(values, found->count, BYTEAOID, -1, false, TYPALIGN_INT));
}

/* The DER as a value; the library's copy is freed before anything can raise. */
static bytea *
wrap(const DataKey *key, Readers *found)
{
	uint8	   *der;
	size_t		length;
	int			which;
	const char *fault = recipients_wrap(key->key, found->recipients, found->count, &which, &der, &length);
	bytea	   *value;

	if (fault != NULL)
	{
		if (which >= 0)
			raise_certificate(found->names[which], fault);
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("a key of the audit cannot be wrapped: %s", fault)));
	}
	value = MemoryContextAllocExtended(CurrentMemoryContext, VARHDRSZ + length, MCXT_ALLOC_NO_OOM);
	if (value != NULL)
	{
		SET_VARSIZE(value, VARHDRSZ + length);
		memcpy(VARDATA(value), der, length);
	}
	free(der);
	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	return value;
}

void
readers_write_key(const DataKey *key, const char *provider, TimestampTz made_at, TimestampTz wrapped_at, Readers *readers)
{
	QueryArguments arguments = {0};
	pg_uuid_t	id;

	memcpy(id.data, key->id, CLOSED_ID_BYTES);
	query_add(&arguments, UUIDOID, UUIDPGetDatum(&id), false);
	query_add_text(&arguments, provider[0] ? provider : NULL);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(made_at), false);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(wrapped_at), false);
	query_add(&arguments, BYTEAOID, PointerGetDatum(wrap(key, readers)), false);
	query_add(&arguments, BYTEAARRAYOID, digests_of(readers), false);
	query_run("INSERT INTO ootspg.audit_key (key_id, provider, made_at, wrapped_at, wrapped, readers) VALUES ($1, $2, $3, $4, $5, $6)",
			  &arguments, false, 0, SPI_OK_INSERT);
}
