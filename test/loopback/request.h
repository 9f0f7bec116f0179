/*
 * request.h
 *		A SOAP request, plain or as MTOM. The parts of a multipart request point
 *		into its bytes, which the caller keeps as long as the request.
 */
#ifndef LOOPBACK_REQUEST_H
#define LOOPBACK_REQUEST_H

#include "base.h"
#include "fault.h"
#include "node.h"

#define NS_SOAP "http://www.w3.org/2003/05/soap-envelope"
#define NS_WS "http://eu.domibus.wsplugin/"
#define NS_EBMS "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
#define NS_XOP "http://www.w3.org/2004/08/xop/include"

typedef struct MimePart
{
	char	   *id;				/* Content-ID without the angle brackets, or NULL */
	const char *bytes;
	size_t		len;
} MimePart;

typedef struct Request
{
	xmlDoc	   *doc;
	xmlNode    *messaging;		/* e:Messaging, or NULL */
	xmlNode    *element;		/* the first element of the body */
	MimePart   *parts;
	int			part_count;
} Request;

extern bool request_parse(Request *request, const char *content_type, const char *bytes, size_t len, Fault *fault);
extern void request_free(Request *request);

/* The bytes of a payload's value, inline or by xop:Include; false when they cannot be had. */
extern bool request_content(const Request *request, const xmlNode *value, Buffer *out);

/* mime.c: root of a multipart message, or false; fills parts. */
extern bool mime_split(Request *request, const char *content_type, const char *bytes, size_t len, MimePart *root);

#endif
