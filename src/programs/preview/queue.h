/*
 * queue.h
 *		The workers: threads with a connection to the database each, which
 *		take requests from a queue that has an end.
 */
#ifndef PREVIEW_QUEUE_H
#define PREVIEW_QUEUE_H

#include "db.h"
#include "request.h"

typedef void (*QueueHandler) (Request *request, Db *db);
/* Called by the worker when the response stands; owner is what was handed in with the request. */
typedef void (*QueueDone) (void *owner);

extern void queue_start(const Config *config, QueueHandler handler, QueueDone done);
/* False when too much waits already. */
extern bool queue_add(Request *request, void *owner);
/* Ends when all that was taken is answered. */
extern void queue_stop(void);

#endif
