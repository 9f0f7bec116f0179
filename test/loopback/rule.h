/*
 * rule.h
 *		Scripted misbehaviour: which calls are treated how. Guarded by the lock
 *		of the store. Rules and what is left of them survive a restart.
 */
#ifndef LOOPBACK_RULE_H
#define LOOPBACK_RULE_H

#include <stdbool.h>

typedef enum ActionKind
{
	ACTION_NONE,
	/* instead of the operation */
	ACTION_CUT_BEFORE,
	ACTION_HANG,
	ACTION_HTTP,
	ACTION_FAULT,
	ACTION_REDIRECT,
	ACTION_GARBAGE,
	/* before the operation */
	ACTION_DELAY,
	/* in the answer of the operation */
	ACTION_WRONG_ID,
	ACTION_DROP_PAYLOAD,
	ACTION_NO_VALUE,
	ACTION_EMPTY_VALUE,
	ACTION_BIG,
	/* to the answer of the operation */
	ACTION_CUT_AFTER,
	ACTION_HTTP_AFTER,
	ACTION_FAULT_AFTER,
	ACTION_CUT_MIDWAY,
	ACTION_SLOW,
	ACTION_TRUNCATE,
	ACTION_DTD
} ActionKind;

typedef struct Action
{
	ActionKind	kind;
	long		number;
	char	   *text;			/* owned by the rule, copied for a call */
} Action;

/* words: OPERATION [user=U] [skip=N] [times=N|always] [probability=P] ACTION; why not, or NULL. */
extern const char *rule_add(char **words, int count);
extern void rule_clear(void);

/* The first rule that has something to say about the call; frees nothing, copies the text. */
extern Action rule_apply(const char *operation, const char *user);
extern void rule_replay(void);
extern long rule_uses_left(void);	/* of rules that have a number of them */

#endif
