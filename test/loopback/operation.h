/*
 * operation.h
 *		The operations of the WS plugin, a call of one, and the settings they
 *		all look at.
 */
#ifndef LOOPBACK_OPERATION_H
#define LOOPBACK_OPERATION_H

#include "answer.h"
#include "party.h"
#include "personality.h"
#include "request.h"
#include "rule.h"
#include "shape.h"

/* Guarded by the lock of the store, except that a call keeps what it has read. */
typedef struct Settings
{
	const Personality *personality;
	bool		mtom;
	bool		auth;			/* plugin users must log in, and see their party's messages only */
	bool		schema;			/* requests are held against the schema */
	long		list_max;		/* 0: no limit */
	long		clock_shift;	/* seconds by which the Date of answers is wrong */
	long		duplicates;		/* submissions refused because their id was taken */
} Settings;

extern Settings settings;

struct Operation;

typedef struct Call
{
	const struct Operation *operation;	/* NULL: not recognised */
	Request		request;
	char	   *user;			/* from HTTP Basic, or NULL */
	char	   *password;
	Party	   *caller;			/* NULL: nobody logs in, everything is visible */
	Action		action;			/* of the rule for this call */
	Fault		fault;
	Answer		answer;
} Call;

typedef struct Operation
{
	const char *name;
	const char *element;		/* of the request */
	bool		role_operation; /* not known before 5.1 */
	const Shape *shape;
	bool		(*run) (Call *call);	/* false: call->fault is set */
	long		calls;
} Operation;

extern const Operation *operation_named(const char *name);
extern const Operation *operation_of(const Request *request);
extern Operation *operation_at(size_t index);	/* NULL behind the last one */

/* Log in, check and run, under the lock; the answer holds a fault when that failed. */
extern void operation_run(Call *call);
extern void settings_reset(void);

/* The messageID of a request, or NULL after setting the fault. To be freed. */
extern char *call_message_id(Call *call);

/* What an answer shows for an id: another one when a rule says so. To be freed. */
extern char *call_shown_id(const Call *call, const char *id);

/* inbox.c */
extern bool run_list_pending(Call *call);
extern bool run_retrieve(Call *call);
extern bool run_mark(Call *call);

/* submit.c */
extern bool run_submit(Call *call);

/* status.c */
extern bool run_status(Call *call);
extern bool run_status_with_role(Call *call);
extern bool run_errors(Call *call);
extern bool run_errors_with_role(Call *call);

/* push.c */
extern bool run_list_push_failed(Call *call);
extern bool run_repush(Call *call);

#endif
