/*
 * wire.c
 *		Steps of messages on their way, and the thread that makes them in time.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base.h"
#include "operation.h"
#include "wire.h"

typedef enum Step
{
	STEP_ARRIVE,
	STEP_ARRIVE_AGAIN,
	STEP_RECEIPT,
	STEP_ATTEMPT
} Step;

typedef struct Event
{
	int64_t		due;
	int64_t		serial;			/* of the sender's copy; it may be gone by then */
	Step		step;
	struct Event *next;
	struct Event *previous;
} Event;

/* In order of time. Most events are later than all others: search from the end. */
static Event *first_event;
static Event *last_event;
static pthread_t thread;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t waiting = PTHREAD_MUTEX_INITIALIZER;
static bool stopping;
static bool woken;

static void take_step(Message *sent, Step step);

static void
wake(void)
{
	pthread_mutex_lock(&waiting);
	woken = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&waiting);
}

static void
schedule(Message *sent, long delay, Step step)
{
	Event	   *event;
	Event	   *before = last_event;

	if (delay == 0)
	{
		take_step(sent, step);
		return;
	}
	event = allocate(sizeof(Event));
	*event = (Event) {.due = now() + delay * 1000, .serial = sent->serial, .step = step};
	while (before && before->due > event->due)
		before = before->previous;
	event->previous = before;
	event->next = before ? before->next : first_event;
	if (event->next)
		event->next->previous = event;
	else
		last_event = event;
	if (before)
		before->next = event;
	else
	{
		first_event = event;
		wake();
	}
}

static void
remove_event(Event *event)
{
	if (event->previous)
		event->previous->next = event->next;
	else
		first_event = event->next;
	if (event->next)
		event->next->previous = event->previous;
	else
		last_event = event->previous;
	free(event);
}

static Party *
receiver(const Message *sent)
{
	return party_find(sent->user->to.id, sent->user->to.type);
}

/* 5.0 keeps both copies of a message to oneself apart by their id. */
static char *
received_id(const Message *sent, const Party *to)
{
	return format_text("%s%s", sent->id, settings.personality->suffix_when_same && to == sent->owner ? "_1" : "");
}

static void
deliver(Message *sent, Party *to, bool again)
{
	char	   *id = received_id(sent, to);

	/* the receiving access point knows duplicates as long as it has their metadata */
	if (again || store_find(to, ROLE_RECEIVING, id) == NULL)
		store_deliver(sent, to, id, now());
	free(id);
}

static void
arrive(Message *sent, Party *to)
{
	const WireScript *script = &to->wire;

	deliver(sent, to, false);
	if (script->mode == WIRE_LOSE_RECEIPT)
	{
		store_add_error(sent, "EBMS_0301", "No receipt received for message", ROLE_SENDING, now());
		store_set_status(sent, STATUS_SEND_FAILURE);
		return;
	}
	store_set_status(sent, STATUS_WAITING_FOR_RECEIPT);
	if (script->mode == WIRE_DUPLICATE)
	{
		schedule(sent, script->then, STEP_ARRIVE_AGAIN);
		schedule(sent, 0, STEP_RECEIPT);
	}
	else
		schedule(sent, script->then, STEP_RECEIPT);
}

/* Each failed attempt leaves what the other side said and what that meant here. */
static void
attempt(Message *sent, Party *to)
{
	if (to->wire.mode != WIRE_FAIL)
	{
		arrive(sent, to);
		return;
	}
	store_add_error(sent, "EBMS_0003", "ValueInconsistent detail: Sender party could not be found", ROLE_RECEIVING, now());
	store_add_error(sent, "EBMS_0005", "Error dispatching message to https://ap.example/services/msh", ROLE_SENDING, now());
	if (sent->attempts >= to->wire.attempts)
		store_set_status(sent, STATUS_SEND_FAILURE);
	else
	{
		store_set_status(sent, STATUS_WAITING_FOR_RETRY);
		schedule(sent, to->wire.delay, STEP_ATTEMPT);
	}
}

static void
take_step(Message *sent, Step step)
{
	Party	   *to = receiver(sent);

	switch (step)
	{
		case STEP_ARRIVE:
			arrive(sent, to);
			break;
		case STEP_ARRIVE_AGAIN:
			deliver(sent, to, true);
			break;
		case STEP_RECEIPT:
			store_set_status(sent, STATUS_ACKNOWLEDGED);
			break;
		case STEP_ATTEMPT:
			attempt(sent, to);
			break;
	}
}

void
wire_send(Message *sent)
{
	const WireScript *script = &receiver(sent)->wire;

	switch (script->mode)
	{
		case WIRE_HOLD:
			break;
		case WIRE_FAIL:
			schedule(sent, 0, STEP_ATTEMPT);
			break;
		case WIRE_DELIVER:
		case WIRE_LOSE_RECEIPT:
		case WIRE_DUPLICATE:
			schedule(sent, script->delay, STEP_ARRIVE);
			break;
	}
}

const char *
wire_script(Party *party, char **words, int count)
{
	static const struct
	{
		const char *name;
		WireMode	mode;
		int			numbers;
	}			modes[] = {
		{"deliver", WIRE_DELIVER, 2},
		{"hold", WIRE_HOLD, 0},
		{"fail", WIRE_FAIL, 2},
		{"lose-receipt", WIRE_LOSE_RECEIPT, 1},
		{"duplicate", WIRE_DUPLICATE, 2},
	};

	for (size_t i = 0; i < lengthof(modes) && count > 0; i++)
	{
		WireScript	script = {.mode = modes[i].mode, .attempts = 3};
		long	   *second = script.mode == WIRE_FAIL ? &script.attempts : &script.then;

		if (strcmp(modes[i].name, words[0]) != 0)
			continue;
		if (count - 1 > modes[i].numbers ||
			(count > 1 && !parse_number(words[1], 0, 86400000, &script.delay)) ||
			(count > 2 && !parse_number(words[2], 0, 86400000, second)))
			return "times are milliseconds";
		party->wire = script;
		return NULL;
	}
	return "wire PARTY deliver [MS [MS]] | hold | fail [MS [ATTEMPTS]] | lose-receipt [MS] | duplicate [MS [MS]]";
}

static void
forget_events(int64_t serial)
{
	Event	   *next;

	for (Event *event = first_event; event; event = next)
	{
		next = event->next;
		if (event->serial == serial)
			remove_event(event);
	}
}

/* Only what the receiver does not have yet; a message between attempts waits for its next one. */
void
wire_release(const Party *party)
{
	for (int64_t serial = 0; serial < store_next_serial(); serial++)
	{
		Message    *message = store_by_serial(serial);

		if (message && message->role == ROLE_SENDING && message->status == STATUS_SEND_ENQUEUED &&
			receiver(message) == party)
		{
			forget_events(serial);
			wire_send(message);
		}
	}
}

void
wire_resume(void)
{
	for (int64_t serial = 0; serial < store_next_serial(); serial++)
	{
		Message    *message = store_by_serial(serial);

		if (message == NULL || message->role != ROLE_SENDING)
			continue;
		if (message->status == STATUS_SEND_ENQUEUED)
			wire_send(message);
		else if (message->status == STATUS_WAITING_FOR_RETRY)
			schedule(message, receiver(message)->wire.delay, STEP_ATTEMPT);
		else if (message->status == STATUS_WAITING_FOR_RECEIPT)
			schedule(message, receiver(message)->wire.then, STEP_RECEIPT);
	}
}

void
wire_forget_all(void)
{
	while (first_event)
		remove_event(first_event);
}

/* Everything that is due; when the next event will be, or 0 for none. */
static int64_t
take_due_steps(void)
{
	int64_t		next;

	store_lock();
	while (first_event && first_event->due <= now())
	{
		Message    *message = store_by_serial(first_event->serial);
		Step		step = first_event->step;

		remove_event(first_event);
		if (message && !message->forgotten)
			take_step(message, step);
	}
	next = first_event ? first_event->due : 0;
	store_unlock();
	return next;
}

static void *
run(void *unused)
{
	(void) unused;
	for (;;)
	{
		int64_t		next = take_due_steps();
		struct timespec until = {next / 1000000, next % 1000000 * 1000};

		pthread_mutex_lock(&waiting);
		while (!woken && !stopping)
		{
			if (next == 0)
				pthread_cond_wait(&changed, &waiting);
			else if (pthread_cond_timedwait(&changed, &waiting, &until) != 0)
				break;
		}
		woken = false;
		if (stopping)
		{
			pthread_mutex_unlock(&waiting);
			return NULL;
		}
		pthread_mutex_unlock(&waiting);
	}
}

void
wire_start(void)
{
	if (pthread_create(&thread, NULL, run, NULL) != 0)
		fatal("could not start the thread of the wire");
}

void
wire_stop(void)
{
	pthread_mutex_lock(&waiting);
	stopping = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&waiting);
	pthread_join(thread, NULL);
}
