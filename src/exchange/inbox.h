/*
 * inbox.h
 *		Messages received through access points, from the moment they are ours to
 *		their answer. Every function runs inside a transaction with SPI and writes
 *		the audit row of what it does.
 */
#ifndef OOTSPG_EXCHANGE_INBOX_H
#define OOTSPG_EXCHANGE_INBOX_H

#include "accesspoint/gateway.h"
#include "datatype/timestamp.h"
#include "exchange/exchange.h"
#include "nodes/pg_list.h"
#include "queue/inbox_queue.h"

typedef enum InboxState
{
	INBOX_FETCHING,				/* journalled before a retrieval that consumes */
	INBOX_WAITING,
	INBOX_DIRECTORY,			/* a directory's answer, to be filed */
	INBOX_ANSWERED,
	INBOX_UNANSWERABLE,
	INBOX_QUARANTINED,
	INBOX_DISMISSED,
	INBOX_HELD					/* for a user to decide about */
} InboxState;

/* A message that we know. */
typedef struct InboxEntry
{
	int64		id;
	char	   *message_id;
	InboxState	state;
	TimestampTz acknowledged_at;	/* 0: not yet */
	bool		has_content;
} InboxEntry;

typedef enum InboxStored
{
	INBOX_STORED,
	INBOX_STORED_FOR_DIRECTORY, /* a directory's answer: file it in this transaction */
	INBOX_STORED_BEFORE,		/* ours already, not yet acknowledged to the access point */
	INBOX_DUPLICATE				/* came again after that, or another way (D-TMO-07) */
} InboxStored;

/* The known ones of these ids (char *). */
extern List *inbox_find(const char *access_point, const List *message_ids);

/* Commit, and the message is ours; consumed: and not pending there any more. */
extern InboxStored inbox_store(const char *access_point, const GatewayAnswer *message, bool consumed);
extern List *inbox_unacknowledged(const char *access_point);	/* ids (char *) of ours that are still pending there */
extern void inbox_acknowledged(const char *access_point, const List *message_ids, const TimestampTz *times);	/* char *; a time for each */
extern void inbox_came_again(const InboxEntry *entry);

/* A message that can't be had; nothing of it is known but its id. */
extern void inbox_quarantine(const char *access_point, const char *message_id, int sqlstate, const char *reason);

/* Servers that forget what they hand over: note what is asked for, keep what comes before it is read. */
extern void inbox_journal(const char *access_point, const char *message_id);
extern void inbox_keep_raw(const char *access_point, const char *message_id, const char *content_type, const char *bytes, size_t length);
typedef struct InboxRaw
{
	char	   *message_id;
	char	   *content_type;	/* NULL: nothing came */
	char	   *bytes;
	size_t		length;
} InboxRaw;
extern List *inbox_unfinished(const char *access_point);	/* InboxRaw * */

/* Answering, as the role that answers, in the transaction that claimed the message. */
extern void inbox_answer(const InboxClaim *claim);
extern void inbox_give_up(const InboxClaim *claim, int sqlstate);

/*
 * A message whose answer a user decides about: it was read, its request id is used, its contents
 * are erased here; nobody claims it, it has no attempts. inbox_answer() holds it when the
 * exchange says so (Exchange.held); whoever decides ends it in a transaction of their own, as
 * any role. finish: the answer goes to the outbox of the message's access point; one without
 * header leaves nothing but the end of the message. False when it is not held any more:
 * somebody else has ended it, and nothing was done. The exchange's own row is the caller's to write.
 */
extern void inbox_hold(const InboxClaim *claim);
extern bool inbox_finish_held(int64 exchange_id, const Exchange *answer);

#endif							/* OOTSPG_EXCHANGE_INBOX_H */
