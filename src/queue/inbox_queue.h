/*
 * inbox_queue.h
 *		Messages that have no end yet: who answers which next, and what became of the attempt.
 *		A claim is the lock upon a row of the queue, held until the answer is committed: it
 *		costs no write, and whoever ends lets go of it. What is answered at the first attempt
 *		is never written but for its receipt and its end. Every function runs inside a
 *		transaction with SPI; those of the answering role act as the tables' owner.
 */
#ifndef OOTSPG_QUEUE_INBOX_QUEUE_H
#define OOTSPG_QUEUE_INBOX_QUEUE_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

/* SQL: access points that this copy of the database uses */
#define POINTS_IN_USE \
	"ootspg.access_point a JOIN ootspg_internal.access_point_state s ON s.access_point = a.access_point " \
	"AND s.state IN ('running', 'draining', 'stopped') AND s.copy = ootspg_internal.this_copy() "

typedef struct InboxClaim
{
	int64		id;
	int			attempt;		/* this one's number, 1 … */
	bool		counted;		/* it is written down already: its process may end with it */
	char	   *access_point;
	int64		exchange_id;
	TimestampTz received_at;
} InboxClaim;
#define INBOX_LAST_ATTEMPT 5	/* answers EDM:ERR:0008 without asking the registry */

/* What this role may claim changes with the configuration: read anew. True when it is another than before. */
extern bool inbox_scope_read(void);

/*
 * One message of this role's, locked; NULL: none to be had now. Fresh ones are looked for from
 * *low on, which follows them; *next_due: when one that was tried before is due, DT_NOEND for never.
 */
extern InboxClaim *inbox_claim(int64 *low, TimestampTz *next_due);
extern bool inbox_lock(const InboxClaim *claim);	/* again, in another transaction; false: it has its end */
extern void inbox_count(InboxClaim *claim); /* the attempt, before it is begun */
extern void inbox_failed(const InboxClaim *claim, int sqlstate, long delay_ms);
extern void inbox_postpone(const InboxClaim *claim, int sqlstate, long delay_ms);	/* no attempt was begun */
extern void inbox_wait(const InboxClaim *claim, TimestampTz until); /* nor now: something must come from elsewhere first */
extern void inbox_hand_over(const InboxClaim *claim, const char *scheme, const char *identifier);	/* nor now: another role's */

/* It leaves the queue; with its contents, as the first attempt's answer when there is no more to say. Raises when somebody else ended it. */
extern void inbox_ended(const InboxClaim *claim, const char *state, const char *reason);
extern void inbox_set_aside(const InboxClaim *claim, const char *reason);	/* stays, for an operator */

/* Roles with messages to answer, as the exchange worker sees them. */
typedef struct InboxDemand
{
	char	   *role_name;
	Oid			role;			/* InvalidOid: it is gone */
	char	   *provider;		/* that the role has not the duty for: its messages wait; NULL otherwise */
	int			due;			/* messages that may be answered now */
} InboxDemand;

/* whole: of all that waits, however much; else of what came since the last look, and of those tried before. next_due: of those that are due later. */
extern List *inbox_demand(bool whole, TimestampTz *next_due);
extern bool inbox_demand_overlooked(void);	/* by the last look at all: one that was the oldest before is so still */
extern bool inbox_has_one_role(void);	/* that answers all there is */

/* A process ended with it in hand: it waits, and counts an attempt unless that is written down. */
extern void inbox_left(int64 id, bool counted);
extern void inbox_free_leases(const List *living);	/* process ids; what others wrote down before the server ended may be claimed again */

#endif							/* OOTSPG_QUEUE_INBOX_QUEUE_H */
