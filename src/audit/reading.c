/*
 * reading.c
 *		Values of the audit opened with the private key of a reader, who hands it in or names a file in the directory audit
 *		below ootspg.key_directory; and keys wrapped anew for readers who came later. The key is used and
 *		gone: it stays in no table and no log, and a statement that has it in its text is refused.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "audit/readers.h"
#include "compat.h"
#include "errors.h"
#include "library.h"
#include "query.h"
#include "seal/keyfile.h"

PG_FUNCTION_INFO_V1(ootspg_open_events);
PG_FUNCTION_INFO_V1(ootspg_rewrap_keys);

#define SCHEME "file:"

/* Data keys that the reader's key opens, and one that it does not as a key of no bytes. */
typedef struct Opened
{
	struct Opened *next;
	DataKey		data;
	bool		ours;
} Opened;

typedef struct Reading
{
	struct evp_pkey_st *private_key;	/* NULL: none was given */
	Opened	   *opened;
} Reading;

static struct evp_pkey_st *
key_from_file(const char *path)
{
	char	   *pem = palloc(RECIPIENT_MAX_PEM);
	struct evp_pkey_st *key = NULL;
	KeyFileState state;
	size_t		length = 0;
	const char *fault = key_file_inspect(PLACE_OF_AUDIT_KEYS, path, KEY_FILE_SECRET, &state, pem, RECIPIENT_MAX_PEM, &length);

	if (fault == NULL)
		key = recipient_key(pem, length);
	explicit_bzero(pem, RECIPIENT_MAX_PEM);
	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("the reader's key cannot be used: %s", fault),
				 errhint("Its file lies in the directory audit below ootspg.key_directory, owned by the server's user with mode 0600, or by root with mode 0640.")));
	return key;
}

/* Not if it stands in what is logged, and shown to others, as the statement. */
static struct evp_pkey_st *
key_from_text(text *value)
{
	char	   *pem = text_to_cstring(value);
	struct evp_pkey_st *key;

	if (debug_query_string != NULL && strstr(debug_query_string, "PRIVATE KEY-----") != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("the reader's key stands in the text of the statement"),
				 errhint("Name a file of the server by file:NAME, or read with ootspg-audit elsewhere. A parameter is logged as well where statements are, unless log_parameter_max_length is 0. Where statements are logged this key is known by now: replace it."),
				 errhidestmt(true)));
	key = recipient_key(pem, strlen(pem));
	explicit_bzero(pem, strlen(pem));
	return key;
}

static struct evp_pkey_st *
reader_key(text *value)
{
	bool		names_file = VARSIZE_ANY_EXHDR(value) > strlen(SCHEME) && strncmp(VARDATA_ANY(value), SCHEME, strlen(SCHEME)) == 0;
	struct evp_pkey_st *key = names_file ? key_from_file(text_to_cstring(value) + strlen(SCHEME)) : key_from_text(value);

	if (key == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("the reader's key cannot be used: it is no private key in PEM without pass phrase")));
	return key;
}

/* By any of its rows. */
static bool
unwrap(struct evp_pkey_st *private_key, DataKey *key)
{
	QueryArguments arguments = {0};
	pg_uuid_t	id;
	uint64		count;

	memcpy(id.data, key->id, CLOSED_ID_BYTES);
	query_add(&arguments, UUIDOID, UUIDPGetDatum(&id), false);
	count = query_run("SELECT k.wrapped FROM ootspg.audit_key k WHERE k.key_id = $1 ORDER BY k.wrapped_at", &arguments, true, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
	{
		bool		isnull;
		bytea	   *wrapped = DatumGetByteaPP(query_value(row, 1, &isnull));

		if (recipients_unwrap(private_key, (const uint8 *) VARDATA_ANY(wrapped), VARSIZE_ANY_EXHDR(wrapped), key->key))
			return true;
	}
	return false;
}

static const Opened *
opened_key(Reading *reading, const uint8 id[CLOSED_ID_BYTES])
{
	Opened	   *opened = reading->opened;
	SPITupleTable *table = SPI_tuptable;

	while (opened != NULL && memcmp(opened->data.id, id, CLOSED_ID_BYTES) != 0)
		opened = opened->next;
	if (opened != NULL)
		return opened;
	opened = palloc0(sizeof(Opened));
	memcpy(opened->data.id, id, CLOSED_ID_BYTES);
	opened->next = reading->opened;
	reading->opened = opened;
	opened->ours = unwrap(reading->private_key, &opened->data);
	SPI_tuptable = table;
	return opened;
}

static void
forget(Reading *reading)
{
	for (Opened *opened = reading->opened; opened != NULL; opened = opened->next)
		explicit_bzero(&opened->data, sizeof(opened->data));
	recipient_key_free(reading->private_key);
}

/* What became of a value: "" when it is there. */
static const char *
open_value(Reading *reading, const char *column, int64 event_id, bytea *value, Datum *result, bool *isnull)
{
	ClosedPlace place = {.table = "exchange_event",.column = column,.row = event_id};
	const Opened *opened;
	uint8		id[CLOSED_ID_BYTES];
	size_t		length;
	char	   *bytes;

	*isnull = true;
	if (!closed_key_id(value, id))
		return "changed";
	if (reading->private_key == NULL)
		return "closed";
	opened = opened_key(reading, id);
	if (!opened->ours)
		return "closed to others";
	bytes = closed_open(&opened->data, &place, value, &length);
	if (bytes == NULL)
		return "changed";
	*result = PointerGetDatum(cstring_to_text_with_len(bytes, (int) length));
	*isnull = false;
	return "";
}

/* event_id, event_time, exchange_id, event_type, direction, media_type, first_part, header, state */
#define FIND_EVENTS \
	"SELECT e.event_id, e.event_time, e.exchange_id, e.event_type, e.direction, e.media_type, e.first_part, e.header, e.audit_key IS NOT NULL " \
	"FROM ootspg.exchange_event e WHERE e.exchange_id = ANY ($1) AND $2 && ARRAY['*', e.provider] ORDER BY e.event_id"
#define COLUMNS 9

static void
put_event(Reading *reading, ReturnSetInfo *result, uint64 row)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
	const char *state = "";
	bool		closed = query_bool(row, COLUMNS);

	for (int i = 0; i < COLUMNS - 1; i++)
		values[i] = query_value(row, i + 1, &nulls[i]);
	for (int i = 6; closed && i < 8; i++)
		if (!nulls[i])
		{
			const char *became = open_value(reading, i == 6 ? "first_part" : "header", DatumGetInt64(values[0]), DatumGetByteaPP(values[i]), &values[i], &nulls[i]);

			if (became[0] != '\0')
				state = became;
		}
	values[COLUMNS - 1] = CStringGetTextDatum(state[0] ? state : closed ? "opened" : "not encrypted");
	nulls[COLUMNS - 1] = false;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* open_events(exchange_ids, providers, reader_key): who calls it has written down who reads. */
Datum
ootspg_open_events(PG_FUNCTION_ARGS)
{
	QueryArguments arguments = {0};
	Reading		reading = {0};
	uint64		count;

	library_require_objects();
	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	SPI_connect();
	if (!PG_ARGISNULL(2))
		reading.private_key = reader_key(PG_GETARG_TEXT_PP(2));
	PG_TRY();
	{
		query_add(&arguments, INT8ARRAYOID, PG_GETARG_DATUM(0), false);
		query_add(&arguments, TEXTARRAYOID, PG_GETARG_DATUM(1), false);
		count = query_run(FIND_EVENTS, &arguments, true, 0, SPI_OK_SELECT);
		for (uint64 row = 0; row < count; row++)
		{
			CHECK_FOR_INTERRUPTS();
			put_event(&reading, (ReturnSetInfo *) fcinfo->resultinfo, row);
		}
	}
	PG_FINALLY();
	{
		forget(&reading);
	}
	PG_END_TRY();
	SPI_finish();
	return (Datum) 0;
}

/* Keys of the providers that not every reader of now can open. */
#define FIND_KEYS \
	"SELECT DISTINCT ON (k.key_id) k.key_id, coalesce(k.provider, ''), k.made_at, " \
	"(SELECT array_agg(r) FROM ootspg.audit_key o, unnest(o.readers) r WHERE o.key_id = k.key_id) FROM ootspg.audit_key k " \
	"WHERE $1 && ARRAY['*', k.provider] ORDER BY k.key_id, k.wrapped_at"

/* Leaves those that the key is not wrapped to yet. */
static void
keep_missing(Readers *found, const bytea *const *known, int count)
{
	int			kept = 0;

	for (int i = 0; i < found->count; i++)
	{
		bool		there = false;

		for (int n = 0; n < count; n++)
			if (VARSIZE_ANY_EXHDR(known[n]) == SHA256_BYTES && memcmp(VARDATA_ANY(known[n]), found->recipients[i].sha256, SHA256_BYTES) == 0)
				there = true;
		if (there)
			continue;
		found->recipients[kept] = found->recipients[i];
		found->names[kept++] = found->names[i];
	}
	found->count = kept;
}

static Readers
missing_readers(const char *provider, Datum known)
{
	Readers		found = readers_find(provider, GetCurrentTimestamp());
	ArrayType  *array = DatumGetArrayTypeP(known);
	Datum	   *digests;
	bool	   *nulls;
	int			count;

	readers_identify(&found);
	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &digests, &nulls, &count);
	keep_missing(&found, (const bytea *const *) digests, count);
	return found;
}

/* Returns whether the key was wrapped. */
static bool
wrap_anew(struct evp_pkey_st *private_key, uint64 row)
{
	bool		isnull;
	char	   *provider = query_text(row, 2);
	TimestampTz made_at = DatumGetTimestampTz(query_value(row, 3, &isnull));
	Datum		known = query_value(row, 4, &isnull);
	DataKey		key = {0};
	Readers		missing;
	bool		ours;

	memcpy(key.id, DatumGetUUIDP(query_value(row, 1, &isnull))->data, CLOSED_ID_BYTES);
	missing = missing_readers(provider, known);
	if (missing.count == 0)
		return false;
	ours = unwrap(private_key, &key);
	if (ours)
		readers_write_key(&key, provider, made_at, GetCurrentTimestamp(), &missing);
	explicit_bzero(&key, sizeof(key));
	return ours;
}

/* rewrap_keys(providers, reader_key): how many keys were wrapped to readers that could not open them. */
Datum
ootspg_rewrap_keys(PG_FUNCTION_ARGS)
{
	QueryArguments arguments = {0};
	struct evp_pkey_st *private_key;
	volatile int64 wrapped = 0;

	library_require_objects();
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	SPI_connect();
	private_key = reader_key(PG_GETARG_TEXT_PP(1));
	PG_TRY();
	{
		SPITupleTable *table;
		uint64		count;

		query_add(&arguments, TEXTARRAYOID, PG_GETARG_DATUM(0), false);
		count = query_run(FIND_KEYS, &arguments, true, 0, SPI_OK_SELECT);
		table = SPI_tuptable;
		for (uint64 row = 0; row < count; row++)
		{
			CHECK_FOR_INTERRUPTS();
			SPI_tuptable = table;
			wrapped += wrap_anew(private_key, row);
		}
	}
	PG_FINALLY();
	{
		recipient_key_free(private_key);
	}
	PG_END_TRY();
	SPI_finish();
	PG_RETURN_INT64(wrapped);
}
