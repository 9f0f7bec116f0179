/*
 * call.h
 *		What the files of this room share: one call, and the client that drives
 *		all of them. Nobody else includes it, or libcurl.
 *
 * libcurl's callbacks run below frames that must not be jumped over, and some
 * of what they fill outlives every memory context: so calls use malloc, their
 * sizes are capped, and what goes wrong is a flag.
 */
#ifndef OOTSPG_HTTP_CALL_H
#define OOTSPG_HTTP_CALL_H

#include <curl/curl.h>

#include "http/http.h"

/* storage/latch.h names the type of the set in every version */
struct WaitEventSet;

typedef enum CallState
{
	CALL_FREE,
	CALL_UNDER_WAY,
	CALL_DONE,					/* its result is waiting to be fetched */
	CALL_FETCHED
} CallState;

struct HttpCall
{
	HttpClient *client;
	CallState	state;
	void	   *tag;
	CURL	   *easy;			/* made when first needed, used again and again */
	bool		in_multi;
	struct curl_slist *headers; /* of the request */

	size_t		max_answer;
	char	   *body;
	size_t		body_room;

	/* headers of the answer: name NUL value NUL, one after the other */
	char	   *answer_headers;
	size_t		answer_headers_length;
	size_t		header_bytes;	/* all that came, interim answers and trailers too */
	int			header_lines;
	bool		header_kept;	/* of the last line, so that what goes on it does as well */
	bool		headers_whole;

	bool		not_elsewhere;	/* its name leads to this host or its network, which was not wanted */
	bool		too_large;
	bool		out_of_memory;
	char		words[CURL_ERROR_SIZE];
	HttpResult	result;
};

/* A socket that libcurl, or the companion, wants to be told about. */
typedef struct Watched
{
	curl_socket_t socket;
	int			what;			/* CURL_POLL_IN … */
	bool		is_companions;
} Watched;

struct HttpClient
{
	CURLM	   *multi;
	HttpCall   *calls;
	int			max_calls;
	int			done;			/* calls whose result waits */

	Watched    *watched;		/* malloc'd */
	int			watched_count;
	int			watched_room;
	struct WaitEventSet *set;	/* NULL: to be built before the next wait */
	bool		set_stale;
	int64		timer_due;		/* monotonic milliseconds; -1 when libcurl has no timer */
	const HttpCompanion *companion; /* NULL: none */
};

/* options.c: NULL, or why the call can't be made: a constant */
extern const char *call_set_options(HttpCall *call, const HttpPeer *peer, const HttpRequest *request);

/* address.c */
extern bool address_is_elsewhere(const struct sockaddr *address);	/* neither this host nor a private network */
extern bool call_stay_away(HttpCall *call);	/* from all addresses that are not elsewhere */

/* result.c */
extern bool call_listen(HttpCall *call);	/* set the callbacks that gather the answer */
extern void call_conclude(HttpCall *call, CURLcode code);
extern void call_refuse(HttpCall *call, const char *reason);

/* wait.c */
extern bool wait_prepare(HttpClient *client);	/* set the callbacks for sockets and timer */

#endif							/* OOTSPG_HTTP_CALL_H */
