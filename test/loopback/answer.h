/*
 * answer.h
 *		A SOAP answer being written: the XML, and where in it the bytes of
 *		payloads belong. They are put in without the lock of the store, as
 *		base64 or as parts of a multipart message.
 */
#ifndef LOOPBACK_ANSWER_H
#define LOOPBACK_ANSWER_H

#include "base.h"
#include "fault.h"
#include "message.h"

typedef struct Insert
{
	size_t		at;				/* offset in xml */
	Blob	   *content;
} Insert;

typedef struct Answer
{
	Buffer		xml;
	Insert	   *inserts;
	int			insert_count;
	size_t		body_at;		/* where the content of the response element starts */
} Answer;

extern void answer_open(Answer *answer);
extern void answer_open_body(Answer *answer, const char *element);
extern void answer_close(Answer *answer, const char *element);
extern void answer_fault(Answer *answer, const Fault *fault);
extern void answer_element(Answer *answer, const char *name, const char *text);

/* Takes a share of the blob. */
extern void answer_content(Answer *answer, Blob *content);
extern void answer_free(Answer *answer);

/* Writes the bytes for HTTP and returns their Content-Type, to be freed. */
extern char *answer_render(const Answer *answer, bool mtom, Buffer *out);

#endif
