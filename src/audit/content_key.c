/*
 * content_key.c
 *		Each process closes with a key of its own for an hour, which is the HMAC-SHA-256 of a random salt under the secret:
 *		so values are numbered, and no two processes ever use one key with one nonce. The salt is the id
 *		of the key in the value.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "audit/content_key.h"
#include "compat.h"
#include "errors.h"
#include "seal/keyfile.h"
#include "seal/keyring.h"
#include "seal/sha256.h"
#include "settings.h"

#define PURPOSE "ootspg content"

typedef struct ContentKey
{
	DataKey		data;
	char		id[KEYRING_MAX_ID];
	char		path[KEYRING_MAX_PATH];
	TimestampTz made_at;		/* 0: none */
	int			process;
} ContentKey;

static ContentKey closing;
static ContentKey opening;

static const char *
setting(void)
{
	return oots_content_keys ? oots_content_keys : "";
}

/* The key of the salt in key->data.id. */
static const char *
derive(ContentKey *key)
{
	uint8		secret[KEYRING_MAX_SECRET];
	uint8		text[sizeof(PURPOSE) - 1 + CLOSED_ID_BYTES];
	size_t		length;
	const char *fault = keyring_read(PLACE_OF_CONTENT_KEYS, key->path, secret, &length);

	if (fault != NULL)
		return fault;
	memcpy(text, PURPOSE, sizeof(PURPOSE) - 1);
	memcpy(text + sizeof(PURPOSE) - 1, key->data.id, CLOSED_ID_BYTES);
	hmac_sha256_bytes(secret, length, text, sizeof(text), key->data.key);
	explicit_bzero(secret, sizeof(secret));
	return NULL;
}

static void
use(ContentKey *key)
{
	const char *fault = derive(key);

	if (fault == NULL)
		return;
	explicit_bzero(&key->data, sizeof(key->data));
	key->made_at = 0;
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_KEY),
			 errmsg("content key \"%s\" cannot be used: %s", key->id, fault),
			 errhint("Its file lies in the directory content below ootspg.key_directory, owned by the server's user with mode 0600, or by root with mode 0640.")));
}

/* Does the setting still name this one first, and is it young? */
static bool
is_current(const ContentKey *key, const char *id, const char *path, TimestampTz now)
{
	return key->made_at != 0 && key->process == MyProcPid && strcmp(key->id, id) == 0 && strcmp(key->path, path) == 0 &&
		now >= key->made_at && now - key->made_at < (int64) oots_audit_key_lifetime * USECS_PER_SEC;
}

static bool
be_current(void)
{
	const char *rest = setting();
	TimestampTz now = GetCurrentTimestamp();
	char		id[KEYRING_MAX_ID];
	char		path[KEYRING_MAX_PATH];

	if (!keyring_next(&rest, id, path))
		return false;
	if (is_current(&closing, id, path, now))
		return true;
	closing.made_at = 0;
	closing.data.used = 0;
	strlcpy(closing.id, id, sizeof(closing.id));
	strlcpy(closing.path, path, sizeof(closing.path));
	if (!pg_strong_random(closing.data.id, CLOSED_ID_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not make a key")));
	use(&closing);
	closing.process = MyProcPid;
	closing.made_at = now;
	return true;
}

bytea *
content_close(const ClosedPlace *place, const void *bytes, size_t length, const char **key_id)
{
	*key_id = NULL;
	if (!be_current())
		return NULL;
	*key_id = closing.id;
	return closed_make(&closing.data, place, bytes, length);
}

bool
content_key_usable(void)
{
	const char *rest = setting();
	uint8		secret[KEYRING_MAX_SECRET];
	char		id[KEYRING_MAX_ID];
	char		path[KEYRING_MAX_PATH];
	size_t		length;
	bool		usable;

	if (!keyring_next(&rest, id, path) || is_current(&closing, id, path, GetCurrentTimestamp()))
		return true;
	usable = keyring_read(PLACE_OF_CONTENT_KEYS, path, secret, &length) == NULL;
	explicit_bzero(secret, sizeof(secret));
	return usable;
}

/* Of the salt, by the secret of that id. */
static void
be_able_to_open(const char *id, const uint8 salt[CLOSED_ID_BYTES])
{
	const char *rest = setting();

	if (opening.made_at != 0 && strcmp(opening.id, id) == 0 && memcmp(opening.data.id, salt, CLOSED_ID_BYTES) == 0)
		return;
	opening.made_at = 0;
	while (keyring_next(&rest, opening.id, opening.path))
		if (strcmp(opening.id, id) == 0)
		{
			memcpy(opening.data.id, salt, CLOSED_ID_BYTES);
			use(&opening);
			opening.made_at = GetCurrentTimestamp();
			return;
		}
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_KEY),
			 errmsg("content key \"%s\" is not configured, but contents have it", id),
			 errhint("Name it in ootspg.content_keys, behind the current one, until what waits is answered and delivered.")));
}

char *
content_open(const char *key_id, const ClosedPlace *place, bytea *value, size_t *length)
{
	uint8		salt[CLOSED_ID_BYTES];
	char	   *bytes = NULL;

	if (key_id == NULL)
	{
		*length = VARSIZE_ANY_EXHDR(value);
		return VARDATA_ANY(value);
	}
	if (closed_key_id(value, salt))
	{
		be_able_to_open(key_id, salt);
		bytes = closed_open(&opening.data, place, value, length);
	}
	if (bytes == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_AUDIT),
				 errmsg("the content of a message cannot be opened"),
				 errdetail("Row " INT64_FORMAT " of table \"%s\" was changed, or its content belongs to another row.", place->row, place->table),
				 errhint("The file of a secret keeps what it has; a new secret has another id.")));
	return bytes;
}

const char *
content_add_argument(QueryArguments *arguments, const ClosedPlace *place, const void *bytes, size_t length)
{
	const char *key_id = NULL;
	bytea	   *closed = bytes ? content_close(place, bytes, length, &key_id) : NULL;

	if (closed != NULL)
		query_add(arguments, BYTEAOID, PointerGetDatum(closed), false);
	else
		query_add_bytes(arguments, bytes, length);
	return key_id;
}

void
content_add(Row *row, const ClosedPlace *place, const void *bytes, size_t length)
{
	const char *key_id = NULL;
	bytea	   *closed = bytes ? content_close(place, bytes, length, &key_id) : NULL;

	if (closed != NULL)
		row_add(row, place->column, BYTEAOID, PointerGetDatum(closed), false);
	else
		row_add_bytes(row, place->column, bytes, length);
	row_add_text(row, "content_key", key_id);
}

char *
content_of_result(uint64 row, int column, const ClosedPlace *place, size_t *length)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);

	*length = 0;
	return isnull ? NULL : content_open(query_text(row, column + 1), place, DatumGetByteaPP(value), length);
}

char *
content_key_entry(int n, const char **fault)
{
	const char *rest = setting();
	ContentKey	key;

	for (int i = 0; keyring_next(&rest, key.id, key.path); i++)
		if (i == n)
		{
			uint8		secret[KEYRING_MAX_SECRET];
			size_t		length;

			*fault = keyring_read(PLACE_OF_CONTENT_KEYS, key.path, secret, &length);
			explicit_bzero(secret, sizeof(secret));
			return pstrdup(key.id);
		}
	return NULL;
}
