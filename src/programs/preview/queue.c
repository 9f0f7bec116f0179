/*
 * queue.c
 *		A ring of requests and the threads that serve it.
 */
#include <pthread.h>
#include <stdlib.h>

#include "log.h"
#include "queue.h"

/* A wait of some seconds at most: what comes later is told to come again. */
#define MOST_WAITING 256

typedef struct Entry
{
	Request    *request;
	void	   *owner;
} Entry;

static struct
{
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	Entry		entries[MOST_WAITING];
	int			first;
	int			count;
	bool		stopping;
	const Config *config;
	QueueHandler handler;
	QueueDone	done;
	pthread_t  *threads;
} queue = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static bool
take(Entry *entry)
{
	bool		some;

	pthread_mutex_lock(&queue.mutex);
	while (queue.count == 0 && !queue.stopping)
		pthread_cond_wait(&queue.changed, &queue.mutex);
	some = queue.count > 0;
	if (some)
	{
		*entry = queue.entries[queue.first];
		queue.first = (queue.first + 1) % MOST_WAITING;
		queue.count--;
	}
	pthread_mutex_unlock(&queue.mutex);
	return some;
}

static void *
work(void *unused)
{
	Db		   *db = db_open(queue.config);
	Entry		entry;

	while (take(&entry))
	{
		queue.handler(entry.request, db);
		queue.done(entry.owner);
	}
	db_close(db);
	return unused;
}

void
queue_start(const Config *config, QueueHandler handler, QueueDone done)
{
	queue.config = config;
	queue.handler = handler;
	queue.done = done;
	queue.threads = take_memory(sizeof(pthread_t) * (size_t) config->workers);
	for (long i = 0; i < config->workers; i++)
		if (pthread_create(&queue.threads[i], NULL, work, NULL) != 0)
			log_fatal("could not start a thread");
}

bool
queue_add(Request *request, void *owner)
{
	bool		room;

	pthread_mutex_lock(&queue.mutex);
	room = queue.count < MOST_WAITING && !queue.stopping;
	if (room)
		queue.entries[(queue.first + queue.count++) % MOST_WAITING] = (Entry) {request, owner};
	pthread_cond_signal(&queue.changed);
	pthread_mutex_unlock(&queue.mutex);
	return room;
}

void
queue_stop(void)
{
	pthread_mutex_lock(&queue.mutex);
	queue.stopping = true;
	pthread_cond_broadcast(&queue.changed);
	pthread_mutex_unlock(&queue.mutex);
	for (long i = 0; i < queue.config->workers; i++)
		pthread_join(queue.threads[i], NULL);
	free(queue.threads);
}
