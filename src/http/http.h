/*
 * http.h
 *		One HTTP request in, one result out, many at a time and none of them
 *		blocking: libcurl's sockets and timer, the process latch and the postmaster
 *		stand in one wait. The only room that knows libcurl. Knows nothing of XML,
 *		tables or transactions; must be called while no transaction is open.
 *
 * For background workers: a client lives as long as its process and is never torn
 * down (a resolver thread that hangs must not delay shutdown). Nothing is raised
 * inside libcurl's callbacks, which use malloc and flags only. A connection that is
 * used again and turns out to be gone before any answer makes libcurl send the
 * request once more by itself: callers' requests must bear that.
 */
#ifndef OOTSPG_HTTP_HTTP_H
#define OOTSPG_HTTP_HTTP_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

typedef struct HttpClient HttpClient;
typedef struct HttpCall HttpCall;

/* How a peer is reached. Paths of files are absolute; NULL where there is none.
 * Copied by http_start(). */
typedef struct HttpPeer
{
	const char *url;			/* https, or http to this very host only */
	const char *user,			/* Basic authentication, sent ahead */
			   *password;
	const char *ca_file;		/* PEM; NULL: the system's */
	const char *certificate_file,	/* client certificate, PEM */
			   *key_file;		/* its key, PEM */
	const char *proxy;			/* URL */
	const char *ciphers,		/* of TLS 1.2; each in OpenSSL's words, NULL: its defaults */
			   *ciphersuites,	/* of TLS 1.3 */
			   *curves;
	bool		elsewhere;		/* https to addresses of the public network only; a proxy sees to it itself */
	int			connect_ms,		/* name, connection and TLS; 0: libcurl's five minutes */
				stall_ms,		/* no byte in either direction, counted in seconds; 0: no limit */
				total_ms;		/* 0: no limit */
} HttpPeer;

typedef struct HttpHeader
{
	const char *name,
			   *value;
} HttpHeader;

typedef struct HttpRequest
{
	const char *path;			/* appended to the peer's URL; NULL for none */
	const char *body;			/* POST; NULL: GET. Borrowed until the call is finished */
	size_t		length;
	const char *content_type;	/* of body */
	const char *accept;			/* NULL: not sent */
	const HttpHeader *headers;	/* further ones */
	int			header_count;
	size_t		max_answer;		/* bytes of body; more ends the call with HTTP_TOO_LARGE */
} HttpRequest;

typedef enum HttpFailure
{
	HTTP_ANSWERED,				/* a whole answer came, whatever its status */
	HTTP_UNRESOLVED,			/* no address for the name of peer or proxy, or not in time */
	HTTP_UNREACHABLE,			/* no connection */
	HTTP_TLS,					/* no TLS 1.2 or better, certificate not trusted, client certificate refused */
	HTTP_TIMEOUT,
	HTTP_CUT,					/* connection lost before the answer was whole */
	HTTP_TOO_LARGE,				/* more bytes than max_answer, or too many headers */
	HTTP_NO_MEMORY,				/* for the answer, while it came or before */
	HTTP_LOCAL					/* our own fault: bad URL, file not readable */
} HttpFailure;

typedef struct HttpResult
{
	HttpFailure failure;
	bool		may_have_arrived;	/* the peer may have read the request: some of it has left */
	int			status;			/* 0 when there is none */
	const char *content_type;	/* "" when there is none */
	const char *body;
	size_t		length;
	TimestampTz date;			/* of header Date; 0 when there is none */
	TimestampTz sent_at,
				done_at;
	const char *detail;			/* libcurl's words, one line; "" when there are none. May name hosts, never secrets */
} HttpResult;

/* max_calls bounds the calls under way; raises when libcurl can't be set up or is too old. */
extern HttpClient *http_open(int max_calls);
extern int	http_free_calls(const HttpClient *client);

/* Never raises for what the peer or the configuration does: that is a result. tag is the caller's. */
extern HttpCall *http_start(HttpClient *client, const HttpPeer *peer, const HttpRequest *request, void *tag);

/*
 * Somebody else whose sockets stand in the same wait. http_wait() calls these with
 * signals blocked; they never raise.
 */
typedef struct HttpCompanion
{
	void		(*serve) (int socket, bool readable, bool writable);	/* socket -1: its time has come */
	long		(*timeout_ms) (void);	/* from now until it wants to be served; -1: by its sockets only */
	bool		(*done) (void);	/* it has something for the caller of http_wait() */
} HttpCompanion;

extern void http_accompany(HttpClient *client, const HttpCompanion *companion);	/* one; kept, not copied */
/* Watch its socket from now on; neither: no more, and before it is closed. False: no memory. Never raises. */
extern bool http_watch(HttpClient *client, int socket, bool readable, bool writable);

/*
 * Sleep until the latch is set, the postmaster dies (then the process exits), timeout_ms
 * is over (-1: none), a call is done or the companion is. Resets the latch. Signals are served by the caller.
 */
extern void http_wait(HttpClient *client, long timeout_ms, uint32 wait_event);

/* A call that is done, or NULL. Its result is valid until http_finish(). */
extern HttpCall *http_done(HttpClient *client);
extern void *http_tag(const HttpCall *call);
extern const HttpResult *http_result(const HttpCall *call);
/* Value of an answer's header, NULL when absent; more than one: NULL and *repeated true. */
extern const char *http_answer_header(const HttpCall *call, const char *name, bool *repeated);
extern void http_finish(HttpCall *call);	/* done or not: an unfinished one is dropped */

#endif							/* OOTSPG_HTTP_HTTP_H */
