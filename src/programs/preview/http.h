/*
 * http.h
 *		HTTP (libmicrohttpd): connections within limits, requests read whole
 *		and handed to the workers, responses sent. One thread serves all
 *		connections; it never waits for the database.
 */
#ifndef PREVIEW_HTTP_H
#define PREVIEW_HTTP_H

#include "queue.h"

/* Answers by itself what needs no database; false: a worker has to. */
typedef bool (*QuickHandler) (Request *request);

/* Requests of the JSON listener have json set. Ends the program when it cannot listen. */
extern void http_start(const Config *config, QuickHandler quick, QueueHandler handler);
extern void http_stop(void);

/* Each second: ends connections whose request or answer takes too long. */
extern void http_end_slow(void);

#endif
