/*
 * store.c
 *		Copies of messages in memory: looking them up, changing them, and the
 *		journal of the changes.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "journal.h"
#include "store.h"

#define BUCKETS (1 << 17)

/* The serials of finished copies, oldest first, whose content or metadata may go. */
typedef struct Queue
{
	int64_t    *serials;
	size_t		first;
	size_t		end;
	size_t		size;
	long		limit;			/* -1: none */
} Queue;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Message *buckets[BUCKETS];
static Message **by_serial;
static int64_t next_serial;
static StoreCounts counts;
static Queue with_content = {.limit = -1};
static Queue with_metadata = {.limit = -1};

void
store_lock(void)
{
	pthread_mutex_lock(&lock);
}

void
store_unlock(void)
{
	journal_commit();
	pthread_mutex_unlock(&lock);
}

static unsigned int
hash(const char *id)
{
	uint32_t	value = 2166136261u;

	for (; *id; id++)
		value = (value ^ (unsigned char) *id) * 16777619u;
	return value % BUCKETS;
}

Message *
store_find(const Party *owner, Role role, const char *id)
{
	Message    *best = NULL;

	for (Message *message = buckets[hash(id)]; message; message = message->next_same_hash)
	{
		if (message->forgotten || (owner && message->owner != owner) ||
			(role != ROLE_ANY && message->role != role) || strcmp(message->id, id) != 0)
			continue;
		/* the chain starts with the newest: a listed one that comes later is older */
		if (best == NULL || message->listed)
			best = message;
	}
	return best;
}

Message *
store_by_serial(int64_t serial)
{
	return serial >= 0 && serial < next_serial ? by_serial[serial] : NULL;
}

int64_t
store_next_serial(void)
{
	return next_serial;
}

StoreCounts
store_counts(void)
{
	return counts;
}

static Message *
add_copy(UserMessage *user, Party *owner, Role role, const char *id, int64_t moment)
{
	Message    *message = allocate(sizeof(Message));
	unsigned int bucket = hash(id);

	if (next_serial % 1024 == 0)
		by_serial = reallocate(by_serial, (next_serial + 1024) * sizeof(Message *));
	message->serial = next_serial;
	by_serial[next_serial++] = message;
	message->id = copy_text(id);
	message->role = role;
	message->owner = owner;
	message->status = role == ROLE_SENDING ? STATUS_SEND_ENQUEUED : STATUS_RECEIVED;
	message->arrived = moment;
	message->user = user;
	user->references++;
	user->readers++;
	message->next_same_hash = buckets[bucket];
	buckets[bucket] = message;
	counts.messages++;
	return message;
}

Message *
store_submit(UserMessage *user, Party *owner, const char *id, int64_t moment)
{
	journal_begin("submit");
	journal_number(owner->number);
	journal_text(id);
	journal_number(moment);
	message_write(user);
	journal_end();
	return add_copy(user, owner, ROLE_SENDING, id, moment);
}

static void
list_pending(Message *message)
{
	Party	   *owner = message->owner;

	message->listed = true;
	message->previous_pending = owner->last_pending;
	if (owner->last_pending)
		owner->last_pending->next_pending = message;
	else
		owner->first_pending = message;
	owner->last_pending = message;
	owner->pending++;
	counts.pending++;
}

Message *
store_deliver(Message *sent, Party *owner, const char *id, int64_t moment)
{
	Message    *message;

	journal_begin("deliver");
	journal_number(sent->serial);
	journal_number(owner->number);
	journal_text(id);
	journal_number(moment);
	journal_end();
	message = add_copy(sent->user, owner, ROLE_RECEIVING, id, moment);
	list_pending(message);
	return message;
}

static void
erase_content(Message *message)
{
	if (message->erased)
		return;
	message->erased = true;
	if (--message->user->readers == 0)
		message_drop_content(message->user);
}

static void
remove_row(Message *message)
{
	Party	   *owner = message->owner;

	if (!message->listed)
		return;
	message->listed = false;
	if (message->previous_pending)
		message->previous_pending->next_pending = message->next_pending;
	else
		owner->first_pending = message->next_pending;
	if (message->next_pending)
		message->next_pending->previous_pending = message->previous_pending;
	else
		owner->last_pending = message->previous_pending;
	message->next_pending = message->previous_pending = NULL;
	owner->pending--;
	counts.pending--;
}

static void
free_copy(Message *message)
{
	Message   **link = &buckets[hash(message->id)];

	while (*link != message)
		link = &(*link)->next_same_hash;
	*link = message->next_same_hash;
	by_serial[message->serial] = NULL;
	erase_content(message);
	while (message->errors)
	{
		ErrorItem  *item = message->errors;

		message->errors = item->older;
		free(item->code);
		free(item->detail);
		free(item);
	}
	if (--message->user->references == 0)
		message_free(message->user);
	free(message->id);
	free(message);
	counts.messages--;
}

static void
forget(Message *message, bool keep_row)
{
	message->forgotten = true;
	erase_content(message);
	if (keep_row && message->listed)
		return;
	remove_row(message);
	free_copy(message);
}

static void
queue_add(Queue *queue, int64_t serial)
{
	if (queue->end == queue->size)
	{
		/* half of it is behind us more often than not: move before growing */
		if (queue->first > queue->size / 2)
		{
			memmove(queue->serials, queue->serials + queue->first, (queue->end - queue->first) * sizeof(int64_t));
			queue->end -= queue->first;
			queue->first = 0;
		}
		else
		{
			queue->size = queue->size ? queue->size * 2 : 1024;
			queue->serials = reallocate(queue->serials, queue->size * sizeof(int64_t));
		}
	}
	queue->serials[queue->end++] = serial;
}

/* Not in the journal: replaying the statuses and the retention does the same again. */
static void
apply_retention(void)
{
	while (with_content.limit >= 0 && (long) (with_content.end - with_content.first) > with_content.limit)
	{
		Message    *message = by_serial[with_content.serials[with_content.first++]];

		if (message)
			erase_content(message);
	}
	while (with_metadata.limit >= 0 && (long) (with_metadata.end - with_metadata.first) > with_metadata.limit)
	{
		Message    *message = by_serial[with_metadata.serials[with_metadata.first++]];

		if (message)
			forget(message, false);
	}
}

void
store_set_retention(long contents, long metadata)
{
	with_content.limit = contents;
	with_metadata.limit = metadata;
	apply_retention();
}

static bool
is_final(Status status)
{
	return status == STATUS_ACKNOWLEDGED || status == STATUS_SEND_FAILURE || status == STATUS_DOWNLOADED ||
		status == STATUS_DELETED;
}

/* The message stays until at least one more is finished: the limit of metadata is never 0. */
void
store_set_status(Message *message, Status status)
{
	bool		finished = is_final(status) && !is_final(message->status);

	journal_begin("status");
	journal_number(message->serial);
	journal_text(status_name(status));
	journal_end();
	message->status = status;
	if (finished)
	{
		counts.finished++;
		queue_add(&with_content, message->serial);
		queue_add(&with_metadata, message->serial);
		apply_retention();
	}
}

void
store_add_error(Message *message, const char *code, const char *detail, Role role, int64_t moment)
{
	ErrorItem  *item = allocate(sizeof(ErrorItem));

	journal_begin("error");
	journal_number(message->serial);
	journal_text(code);
	journal_text(detail);
	journal_text(role_name(role));
	journal_number(moment);
	journal_end();
	*item = (ErrorItem)
	{
		.older = message->errors, .code = copy_text(code), .detail = copy_text(detail), .role = role, .moment = moment
	};
	message->errors = item;
	if (role == ROLE_SENDING)
		message->attempts++;
}

static void
journal_simple(const char *kind, const Message *message, bool flag)
{
	journal_begin(kind);
	journal_number(message->serial);
	journal_number(flag);
	journal_end();
}

void
store_unlist(Message *message)
{
	if (!message->listed)
		return;
	journal_simple("unlist", message, false);
	remove_row(message);
}

void
store_erase(Message *message)
{
	journal_simple("erase", message, false);
	erase_content(message);
}

void
store_forget(Message *message, bool keep_row)
{
	journal_simple("forget", message, keep_row);
	forget(message, keep_row);
}

void
store_set_push_failed(Message *message, bool failed)
{
	journal_simple("push-failed", message, failed);
	message->push_failed = failed;
}

static void
replay_submit(void)
{
	Party	   *owner = party_by_number(journal_read_number());
	char	   *id = journal_read_text();
	int64_t		moment = journal_read_number();

	if (owner == NULL || id == NULL)
		fatal("the state has a message without party or id");
	store_submit(message_read(), owner, id, moment);
	free(id);
}

static void
replay_deliver(Message *message)
{
	Party	   *owner = party_by_number(journal_read_number());
	char	   *id = journal_read_text();

	if (owner == NULL || id == NULL)
		fatal("the state has a delivery without party or id");
	store_deliver(message, owner, id, journal_read_number());
	free(id);
}

static void
replay_status(Message *message)
{
	char	   *name = journal_read_text();
	Status		status;

	if (name == NULL || !status_parse(name, &status))
		fatal("the state has an unknown status");
	store_set_status(message, status);
	free(name);
}

static void
replay_error(Message *message)
{
	char	   *code = journal_read_text();
	char	   *detail = journal_read_text();
	char	   *name = journal_read_text();
	Role		role;

	if (code == NULL || detail == NULL || name == NULL || !role_parse(name, &role))
		fatal("the state has an error that is not complete");
	store_add_error(message, code, detail, role, journal_read_number());
	free(code);
	free(detail);
	free(name);
}

static void
replay_forget(Message *message)
{
	store_forget(message, journal_read_number() != 0);
}

static void
replay_push_failed(Message *message)
{
	store_set_push_failed(message, journal_read_number() != 0);
}

static const struct
{
	const char *kind;
	void		(*replay) (Message *message);
}			changes[] = {
	{"deliver", replay_deliver},
	{"status", replay_status},
	{"error", replay_error},
	{"unlist", store_unlist},
	{"erase", store_erase},
	{"forget", replay_forget},
	{"push-failed", replay_push_failed},
};

bool
store_replay(const char *kind)
{
	if (strcmp(kind, "submit") == 0)
	{
		replay_submit();
		return true;
	}
	for (size_t i = 0; i < lengthof(changes); i++)
	{
		if (strcmp(changes[i].kind, kind) == 0)
		{
			Message    *message = store_by_serial(journal_read_number());

			if (message)
				changes[i].replay(message);
			return true;
		}
	}
	return false;
}

static void
queue_free(Queue *queue)
{
	free(queue->serials);
	*queue = (Queue) {.limit = -1};
}

void
store_forget_all(void)
{
	for (int64_t serial = 0; serial < next_serial; serial++)
	{
		if (by_serial[serial])
			forget(by_serial[serial], false);
	}
	free(by_serial);
	by_serial = NULL;
	next_serial = 0;
	counts = (StoreCounts) {0};
	queue_free(&with_content);
	queue_free(&with_metadata);
}
