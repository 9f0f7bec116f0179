/*
 * listen.h
 *		Listeners on 127.0.0.1, and requests with their whole body. A thread for
 *		each connection, so that a slow or hanging one is nobody else's business.
 *		Knows nothing of what is asked: another program for tests uses it too.
 */
#ifndef LOOPBACK_LISTEN_H
#define LOOPBACK_LISTEN_H

#include <microhttpd.h>

#include "base.h"

typedef struct TlsFiles
{
	const char *certificate;	/* NULL: plain HTTP */
	const char *key;
	const char *client_ca;		/* NULL: no certificate is asked of clients */
	const char *priorities;		/* versions and ciphers, in GnuTLS's words; NULL: its defaults */
} TlsFiles;

typedef struct Incoming
{
	Buffer		body;
	bool		too_large;
} Incoming;

/* Queues an answer, or returns MHD_NO to cut the connection. */
typedef enum MHD_Result (*RequestHandler) (struct MHD_Connection *connection, const char *url, const char *method,
										   const Incoming *incoming);

/* The port 0 picks a free one; memory is for the heads of one connection. Returns the port. */
extern uint16_t listen_start(uint16_t port, const TlsFiles *tls, size_t memory, RequestHandler handler);
extern void listen_stop(void);

/* Whoever waits for the file finds a whole number in it. */
extern void listen_announce(const char *path, uint16_t port);

#endif
