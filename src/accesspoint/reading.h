/*
 * reading.h
 *		An answer being read: what its readers (answer.c, fault.c, retrieved.c) share.
 */
#ifndef OOTSPG_ACCESSPOINT_READING_H
#define OOTSPG_ACCESSPOINT_READING_H

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
extern char *reading_line(const char *text);

/* Has a call of it an effect on the server, so that its outcome can be unknown? */
extern bool operation_has_effect(GatewayOperation operation);

#endif							/* OOTSPG_ACCESSPOINT_READING_H */
