/*
 * outbox_queue.h
 *		Messages on their way to access points: one row with one state, every
 *		change a function, every change with its audit row (D-LOG-10). Every
 *		function runs inside a transaction with SPI. When a message is due again its
 *		caller knows by heart: only the exchange worker changes these rows.
 */
#ifndef OOTSPG_QUEUE_OUTBOX_QUEUE_H
#define OOTSPG_QUEUE_OUTBOX_QUEUE_H

#include "accesspoint/gateway.h"
#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

/* What is to be done for a message. */
typedef enum OutboxTask
{
	OUTBOX_SUBMIT,				/* header and parts are loaded */
	OUTBOX_ASK,					/* a call had no answer: does the access point know the message? */
	OUTBOX_FOLLOW				/* it has it: where is it? */
} OutboxTask;

typedef struct Outgoing
{
	int64		id;
	int64		exchange_id;
	char	   *access_point;
	char	   *message_id;
	OutboxTask	task;
	bool		expired;		/* T1 is over, and the access point never had it */
	int			attempts;
	int			checks;
	TimestampTz created_at,
				last_attempt_at,
				due_at;			/* of a question */
	char	   *header;
	size_t		header_length;
	const Header *read;			/* the header, by whoever reads it first */
	List	   *parts;			/* GatewayPart * */
} Outgoing;

/* When a life begins: calls of an earlier one, of which nobody knows how they ended, and all that is under way. */
extern void outbox_take_up(void);

/*
 * Take what is to be submitted, at most so many: it is noted as being so before the call. What is to
 * be asked for is read ahead, for outbox_question(). When there is more to take says outbox_due().
 */
extern List *outbox_take(const char *access_point, int most);

/* *done: nothing of it is left for the worker (waiting, on its way). */
extern bool outbox_empty(const char *access_point);

/* What the access point tells of a message that goes its way. */
typedef struct OutboxNews
{
	const Outgoing *message;
	bool		taken;			/* by the access point, just now */
	bool		delivered;		/* its end; its contents are erased */
	const char *status;			/* NULL: what it was */
	TimestampTz told_at;
	long		delay_ms;		/* from then to the next question */
} OutboxNews;

extern void outbox_goes_well(const List *news); /* OutboxNews *, of different messages, by a statement for all of a kind */

extern void outbox_expired(const Outgoing *message);	/* its contents are erased */
extern void outbox_again(const Outgoing *message, int sqlstate, long delay_ms);	/* the call never reached the server */
extern void outbox_doubtful(const Outgoing *message, int sqlstate, long delay_ms);
extern void outbox_unknown(const Outgoing *message);	/* never got there: submit once more, same id */
extern void outbox_parked(const Outgoing *message, int sqlstate, const char *status, const char *reason, const List *errors);

#endif							/* OOTSPG_QUEUE_OUTBOX_QUEUE_H */
