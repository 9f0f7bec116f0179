/*
 * search_key.h
 *		The secret keys of search keys: files named by the setting ootspg.search_keys,
 *		the current one first (D-LOG-15, D-LOG-22).
 */
#ifndef OOTSPG_AUDIT_SEARCH_KEY_H
#define OOTSPG_AUDIT_SEARCH_KEY_H

#include "seal/keyring.h"

typedef struct SearchKey
{
	char		id[KEYRING_MAX_ID];
	const char *provider;		/* whose exchanges, "" for nobody's: not ours to free */
	size_t		length;
	uint8		secret[KEYRING_MAX_SECRET];
} SearchKey;

/*
 * The key for new rows, false when none is configured; or that of an id. Raise
 * ERRCODE_OOTS_KEY when it is not configured or its file can't be used. The caller wipes
 * it with search_key_forget() as soon as it has made its digests.
 */
extern bool search_key_current(SearchKey *key, const char *provider);
extern void search_key_by_id(SearchKey *key, const char *id, const char *provider);
extern void search_key_forget(SearchKey *key);

/*
 * Entry number n of the setting, from 0: its id (palloc'd) and why it can't be used, NULL
 * when it can. NULL behind the last.
 */
extern char *search_key_entry(int n, const char **fault);

#endif							/* OOTSPG_AUDIT_SEARCH_KEY_H */
