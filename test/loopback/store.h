/*
 * store.h
 *		The copies of messages at their access points: one on the sending side,
 *		one (or more) on the receiving side, and the pending rows. Everything
 *		here, parties and wire included, is used under store_lock() only. Each
 *		change is also a record of the journal, and replaying calls the same
 *		functions.
 */
#ifndef LOOPBACK_STORE_H
#define LOOPBACK_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "party.h"

typedef enum Role
{
	ROLE_ANY,
	ROLE_SENDING,
	ROLE_RECEIVING
} Role;

typedef enum Status
{
	STATUS_NOT_FOUND,
	STATUS_READY_TO_SEND,
	STATUS_READY_TO_PULL,
	STATUS_BEING_PULLED,
	STATUS_SEND_ENQUEUED,
	STATUS_SEND_IN_PROGRESS,
	STATUS_WAITING_FOR_RECEIPT,
	STATUS_ACKNOWLEDGED,
	STATUS_ACKNOWLEDGED_WITH_WARNING,
	STATUS_SEND_ATTEMPT_FAILED,
	STATUS_SEND_FAILURE,
	STATUS_WAITING_FOR_RETRY,
	STATUS_RECEIVED,
	STATUS_RECEIVED_WITH_WARNINGS,
	STATUS_DELETED,
	STATUS_DOWNLOADED
} Status;

/* One failure that getMessageErrors tells; the newest is the first of its list. */
typedef struct ErrorItem
{
	struct ErrorItem *older;
	char	   *code;
	char	   *detail;
	Role		role;
	int64_t		moment;
} ErrorItem;

typedef struct Message
{
	int64_t		serial;			/* counts copies since the start */
	char	   *id;
	Role		role;
	Party	   *owner;			/* whose access point holds this copy */
	Status		status;
	int64_t		arrived;
	bool		listed;			/* has a pending row */
	bool		erased;			/* content is gone */
	bool		forgotten;		/* metadata are gone, only the pending row is left */
	bool		push_failed;
	int			attempts;
	ErrorItem  *errors;
	UserMessage *user;
	struct Message *next_same_hash;
	struct Message *next_pending;
	struct Message *previous_pending;
} Message;

typedef struct StoreCounts
{
	long		messages;
	long		pending;
	long		finished;
} StoreCounts;

extern void store_lock(void);
extern void store_unlock(void); /* commits the journal first */

extern const char *status_name(Status status);
extern bool status_parse(const char *name, Status *status);
extern const char *role_name(Role role);
extern bool role_parse(const char *name, Role *role);

/* The owner NULL stands for any. Of several copies the oldest with a pending row comes first. */
extern Message *store_find(const Party *owner, Role role, const char *id);
extern Message *store_by_serial(int64_t serial);
extern int64_t store_next_serial(void);
extern StoreCounts store_counts(void);

/* Takes over the user message. */
extern Message *store_submit(UserMessage *user, Party *owner, const char *id, int64_t moment);
extern Message *store_deliver(Message *sent, Party *owner, const char *id, int64_t moment);
extern void store_set_status(Message *message, Status status);
extern void store_add_error(Message *message, const char *code, const char *detail, Role role, int64_t moment);
extern void store_unlist(Message *message);
extern void store_erase(Message *message);
extern void store_forget(Message *message, bool keep_row);
extern void store_set_push_failed(Message *message, bool failed);

/* Finished copies that keep their content, and their metadata; -1 for all. */
extern void store_set_retention(long contents, long metadata);
extern bool store_replay(const char *kind);
extern void store_forget_all(void);

#endif
