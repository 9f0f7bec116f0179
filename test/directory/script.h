/*
 * script.h
 *		Scripted misbehaviour: which queries are treated how. Guarded by the lock
 *		of the service.
 */
#ifndef DIRECTORY_SCRIPT_H
#define DIRECTORY_SCRIPT_H

#include "catalogue.h"

typedef enum ActionKind
{
	ACTION_NONE,
	/* instead of an answer */
	ACTION_CUT,
	ACTION_HANG,
	ACTION_HTTP,
	ACTION_JSON_ERROR,
	ACTION_HTML,
	ACTION_REDIRECT,
	/* before it */
	ACTION_DELAY,
	/* in the bytes that are signed */
	ACTION_GARBAGE,
	ACTION_DTD,
	/* in digest and signature */
	ACTION_BAD_DIGEST,
	ACTION_NO_DIGEST,
	ACTION_BAD_SIGNATURE,
	ACTION_NO_SIGNATURE,
	ACTION_WRONG_ROOT,
	ACTION_EXPIRED,
	ACTION_ALGORITHM,
	ACTION_SIGNED_EARLIER,
	ACTION_SIGNED_LATER,
	/* in how the answer goes out */
	ACTION_BIG_HEADER,
	ACTION_HTTP_AFTER,
	ACTION_SLOW,
	ACTION_CUT_MIDWAY
} ActionKind;

typedef struct Action
{
	ActionKind	kind;
	long		number;
	char	   *text;			/* of a chosen one to be freed */
} Action;

/* words: [service=dsd|eb] [skip=N] [times=N|always] ACTION; why not, or NULL. */
extern const char *script_add(char **words, int count);
extern void script_clear(void);

/* The first rule that has something to say about a query. */
extern Action script_choose(Service service);

#endif
