/*
 * search_key.c
 *		Search keys are digests of names, and whoever knows a name could make the
 *		digest too: so they take a secret key, and the provider as well, that
 *		nobody looks for the exchanges of another (D-LOG-15, D-SEC-04). Keys are
 *		replaced without touching rows: each row has the id of its key, and old
 *		ones stay configured as long as rows have them.
 *
 *		The file is read for each use and wiped: an exchange takes longer by far.
 */
#include "postgres.h"

#include "audit/search_key.h"
#include "errors.h"
#include "seal/keyfile.h"
#include "settings.h"

#define MIN_SECRET 32
#define MAX_PATH 1024
#define SCHEME "=file:"

/*
 * Take the next ID=file:PATH of a list with commas off *rest. False at its end, and where
 * it has not that form: then *rest is not at the end.
 */
static bool
next_entry(const char **rest, char id[SEARCH_KEY_MAX_ID], char path[MAX_PATH])
{
	const char *start = *rest + strspn(*rest, " ");
	size_t		id_length = strspn(start, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
	const char *file = start + id_length + strlen(SCHEME);
	size_t		length;

	if (*start == '\0')
	{
		*rest = start;
		return false;
	}
	if (id_length == 0 || id_length >= SEARCH_KEY_MAX_ID || strncmp(start + id_length, SCHEME, strlen(SCHEME)) != 0)
		return false;
	length = strcspn(file, ", ");
	if (length == 0 || length >= MAX_PATH)
		return false;
	memcpy(id, start, id_length);
	id[id_length] = '\0';
	memcpy(path, file, length);
	path[length] = '\0';
	file += length + strspn(file + length, " ");
	if (*file != '\0' && *file++ != ',')
		return false;
	*rest = file;
	return true;
}

bool
search_keys_well_formed(const char *setting)
{
	char		id[SEARCH_KEY_MAX_ID];
	char		path[MAX_PATH];

	while (next_entry(&setting, id, path))
		;
	return *setting == '\0';
}

/* NULL, or why the file can't be used. */
static const char *
read_secret(SearchKey *key, const char *path)
{
	KeyFileState state;
	const char *fault = key_file_inspect(PLACE_OF_SEARCH_KEYS, path, KEY_FILE_SECRET, &state,
										 (char *) key->secret, sizeof(key->secret), &key->length);

	/* an editor's end of line is no part of it */
	while (fault == NULL && key->length > 0 && strchr("\r\n", key->secret[key->length - 1]) != NULL)
		key->length--;
	if (fault == NULL && key->length < MIN_SECRET)
		fault = "it has less than 32 bytes";
	if (fault != NULL)
		search_key_forget(key);
	return fault;
}

static void
load(SearchKey *key, const char *path, const char *provider)
{
	const char *fault = read_secret(key, path);

	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("search key \"%s\" cannot be used: %s", key->id, fault),
				 errhint("Its file lies in the directory search below ootspg.key_directory, owned by the server's user with mode 0600, or by root with mode 0640.")));
	key->provider = provider;
}

bool
search_key_current(SearchKey *key, const char *provider)
{
	const char *rest = oots_search_keys ? oots_search_keys : "";
	char		path[MAX_PATH];

	if (!next_entry(&rest, key->id, path))
		return false;
	load(key, path, provider);
	return true;
}

void
search_key_by_id(SearchKey *key, const char *id, const char *provider)
{
	const char *rest = oots_search_keys ? oots_search_keys : "";
	char		path[MAX_PATH];

	while (next_entry(&rest, key->id, path))
		if (strcmp(key->id, id) == 0)
		{
			load(key, path, provider);
			return;
		}
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_KEY),
			 errmsg("search key \"%s\" is not configured, but exchanges have it", id),
			 errhint("Name it in ootspg.search_keys, behind the current one, until ootspg.purge() has removed the last of them.")));
}

void
search_key_forget(SearchKey *key)
{
	explicit_bzero(key->secret, sizeof(key->secret));
}

char *
search_key_entry(int n, const char **fault)
{
	const char *rest = oots_search_keys ? oots_search_keys : "";
	SearchKey	key;
	char		path[MAX_PATH];

	for (int i = 0; next_entry(&rest, key.id, path); i++)
		if (i == n)
		{
			*fault = read_secret(&key, path);
			search_key_forget(&key);
			return pstrdup(key.id);
		}
	return NULL;
}
