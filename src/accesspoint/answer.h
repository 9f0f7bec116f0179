/*
 * answer.h
 *		What the readers of answers share.
 */
#ifndef OOTSPG_ACCESSPOINT_ANSWER_H
#define OOTSPG_ACCESSPOINT_ANSWER_H

#include "accesspoint/gateway.h"
#include "accesspoint/inline.h"
#include "xml/read.h"

/* An answer under way from bytes to GatewayAnswer. */
typedef struct Reading
{
	GatewayOperation operation;
	const char *asked;
	GatewayAnswer *answer;
	InlineTexts *texts;
	List	   *mime_parts;		/* MimePart *; NIL when the answer is plain XML */
	const MimePart *mime_root;	/* the one of them that holds the XML */
	XmlNode    *header;			/* s:Header or NULL */
	XmlNode    *content;		/* the element in s:Body */
} Reading;

/* Note a trouble; detail NULL or any text. Returns false, for callers to return. */
extern bool reading_fails(Reading *reading, TroubleClass class, const char *detail);

/* One line of at most 500 bytes without control characters; palloc'd. */
extern char *one_line(const char *text);

/* fault.c: a SOAP fault to class, code and detail */
extern void fault_read(Reading *reading, const XmlNode *fault);

/* EBMS_0004 to EBMS:0004; palloc'd */
extern char *fault_code(const char *code);

/* What an HTTP status says without a look at the body; TROUBLE_NONE when it says nothing. */
extern TroubleClass status_trouble(int status, const char *content_type);

/* retrieved.c: the message of a retrieveMessageResponse */
extern bool retrieved_read(Reading *reading);

#endif							/* OOTSPG_ACCESSPOINT_ANSWER_H */
