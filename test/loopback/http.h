/*
 * http.h
 *		The HTTP side: listeners, and how an answer gets out, misbehaviour
 *		included. A thread for each connection, so that a slow or hanging one is
 *		nobody else's business.
 */
#ifndef LOOPBACK_HTTP_H
#define LOOPBACK_HTTP_H

#include <stdint.h>

typedef struct TlsFiles
{
	const char *certificate;	/* NULL: plain HTTP */
	const char *key;
	const char *client_ca;		/* NULL: no certificate is asked of clients */
} TlsFiles;

/* Listens on 127.0.0.1; the port 0 picks a free one. Returns the port. */
extern uint16_t http_listen(uint16_t port, const TlsFiles *tls);
extern void http_stop(void);

#endif
