/*
 * content_key.h
 *		The server's own key, for contents that the workers must read again: messages that wait in inbox and
 *		outbox, pieces that wait for stamps (D-SEC-06). Secrets are named by the setting
 *		ootspg.content_keys, the current one first; each row says which it needs. They go with the rows.
 */
#ifndef OOTSPG_AUDIT_CONTENT_KEY_H
#define OOTSPG_AUDIT_CONTENT_KEY_H

#include "audit/closed.h"
#include "row.h"

/*
 * The bytes closed for their place, palloc'd, and the id of the secret into *key_id; NULL when none is configured. Raises
 * ERRCODE_OOTS_KEY when its file can't be used: nothing is kept in the clear then.
 */
extern bytea *content_close(const ClosedPlace *place, const void *bytes, size_t length, const char **key_id);

/*
 * What a row holds: its bytes as they are where key_id is NULL, else opened, palloc'd. Raises ERRCODE_OOTS_KEY when the secret
 * is missing, and ERRCODE_OOTS_AUDIT when the value was changed or belongs elsewhere.
 */
extern char *content_open(const char *key_id, const ClosedPlace *place, bytea *value, size_t *length);

/* Column and content_key of a row that is to be stored, the bytes as they are or closed. */
extern void content_add(Row *row, const ClosedPlace *place, const void *bytes, size_t length);

/* The same as an argument of a statement; returns the id of the secret, NULL: the bytes are as they are. */
extern const char *content_add_argument(QueryArguments *arguments, const ClosedPlace *place, const void *bytes, size_t length);

/* A content column of SPI_tuptable's row whose key stands in the column behind it; NULL for SQL NULL. */
extern char *content_of_result(uint64 row, int column, const ClosedPlace *place, size_t *length);

/* Could contents be closed now, or need they not be? Never raises. */
extern bool content_key_usable(void);

/* Entry number n of the setting, as search_key_entry(). */
extern char *content_key_entry(int n, const char **fault);

#endif							/* OOTSPG_AUDIT_CONTENT_KEY_H */
