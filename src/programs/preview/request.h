/*
 * request.h
 *		A request as the pages see it, and the response that they make: the
 *		HTTP library is known to http.c only. Everything lives in the request's
 *		own memory.
 */
#ifndef PREVIEW_REQUEST_H
#define PREVIEW_REQUEST_H

#include "config.h"
#include "languages.h"
#include "memory.h"

#define LINK_LENGTH 43
#define SECRET_LENGTH 43
#define MOST_BODY (64 * 1024)

typedef struct Field
{
	const char *name;
	const char *value;
	struct Field *next;
} Field;

/* Which headers go along (headers.c) */
typedef enum Policy
{
	POLICY_PAGE,				/* nothing but our own style sheet, script and pictures */
	POLICY_PAGE_RETURN,			/* the same; a form leads to the portal */
	POLICY_PDF,					/* a document that our page shows in a frame */
	POLICY_PICTURE,				/* what a page shows as a picture */
	POLICY_FILE,				/* bytes to be saved */
	POLICY_ASSET				/* the same for everybody: may be kept by browsers */
} Policy;

typedef struct Response
{
	unsigned int status;
	const char *type;
	Policy		policy;
	Buffer		body;
	Field	   *headers;
} Response;

typedef struct Request
{
	Arena		arena;
	const Config *config;
	bool		json;			/* came through the JSON interface */
	const char *method;			/* HEAD is GET here */
	const char *path;			/* without the query */
	Field	   *query;
	Field	   *headers;
	Buffer		body;
	bool		too_large;
	const char *source;			/* address of the client, "" when unknown */

	/* Found out by request_prepare() */
	Field	   *form;
	const char *browser;		/* the secret of the cookie; NULL: none came */
	const Language *cookie_language;
	bool		prefetch;
	bool		from_proxy;		/* shows the secret of the proxy */

	/* Of the route */
	const char *route;			/* its name, for log and counters */
	const char *link;			/* the token: LINK_LENGTH characters; NULL: nothing that can be one */
	const Language *language;
	bool		fresh_browser;	/* the secret was made by us just now */

	Response	response;
} Request;

extern void request_prepare(Request *request);

extern const char *field_get(const Field *fields, const char *name);
extern void field_add(Arena *arena, Field **fields, const char *name, const char *value);
/* Name and value pairs of a query or form body, at most 400; those that are no UTF-8 are left out. */
extern Field *fields_read(Arena *arena, const char *text, size_t len);
extern const char *request_header(const Request *request, const char *name);
/* NULL also where there are several: what only a proxy may say comes once, and a second one is somebody else's. */
extern const char *request_only_header(const Request *request, const char *name);

extern void response_header(Request *request, const char *name, const char *value);
/* 303: the browser asks the path by GET. */
extern void response_see_other(Request *request, const char *path);

/* Percent-encoded, for a query. */
extern const char *query_encode(Arena *arena, const char *text);
extern bool utf8_valid(const char *text);

#endif
