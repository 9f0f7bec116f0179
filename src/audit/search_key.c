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
#include "seal/keyring.h"
#include "settings.h"

static const char *
setting(void)
{
	return oots_search_keys ? oots_search_keys : "";
}

/* NULL, or why the file can't be used. */
static const char *
read_secret(SearchKey *key, const char *path)
{
	return keyring_read(PLACE_OF_SEARCH_KEYS, path, key->secret, &key->length);
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
	const char *rest = setting();
	char		path[KEYRING_MAX_PATH];

	if (!keyring_next(&rest, key->id, path))
		return false;
	load(key, path, provider);
	return true;
}

void
search_key_by_id(SearchKey *key, const char *id, const char *provider)
{
	const char *rest = setting();
	char		path[KEYRING_MAX_PATH];

	while (keyring_next(&rest, key->id, path))
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
	const char *rest = setting();
	SearchKey	key;
	char		path[KEYRING_MAX_PATH];

	for (int i = 0; keyring_next(&rest, key.id, path); i++)
		if (i == n)
		{
			*fault = read_secret(&key, path);
			search_key_forget(&key);
			return pstrdup(key.id);
		}
	return NULL;
}
