/*
 * response.h
 *		Write the answer to a request: response, error, and the ebMS header of
 *		either (EDM §1.5, §1.6, §5), shaped by the request's line.
 */
#ifndef OOTSPG_MESSAGE_RESPONSE_H
#define OOTSPG_MESSAGE_RESPONSE_H

#include "lib/stringinfo.h"
#include "message/codelist.h"
#include "message/request.h"

/* One file that travels as a further MIME part, with its metadata. */
typedef struct ResponseItem
{
	const char *role;			/* MainEvidence, HumanReadableVersion, Translation, Annex */
	const char *evidence_id;
	const char *content_id;		/* without cid: */
	const char *media_type;
	const char *language;		/* NULL when unknown */
	const char *conforms_to;	/* NULL when none */
	const char *title;			/* of the file */
	const Agent *authority;		/* who issued it; NULL: the provider */
	const char *issuing_date;	/* YYYY-MM-DD */
	const char *valid_from;		/* NULL when unknown */
	const char *valid_until;
} ResponseItem;

/* What every answer repeats; strings are borrowed. */
typedef struct ResponseFrame
{
	EdmLine		line;
	const char *request_id;		/* NULL only with EDM:ERR:0003 (ERR-C025) */
	const char *response_id;	/* bare UUID */
	const char *issued;			/* xsd:dateTime with zone */
	const char *available;		/* the same: when what is missing will probably be there; NULL: nothing is missing */
	const Agent *provider;
	const Agent *requester;		/* NULL only with EDM:ERR:0003 from 1.2 on */
} ResponseFrame;

/*
 * A response with evidence, or with none (items NIL: empty list); a deferral where
 * the frame says when the rest is available (D-TMO-08). items is a
 * list of ResponseItem *, every companion behind its main evidence. titles:
 * LocalText * of the evidence type.
 */
extern void response_write(StringInfo out, const ResponseFrame *frame, const Subject *subject,
						   const char *classification, const List *titles, const List *items);

/* What goes with EDM:ERR:0002 when a user is to look at the evidence first (EDM §3.2). */
typedef struct PreviewNotice
{
	const char *location;
	const List *descriptions;	/* LocalText *, one a language */
	const char *method;			/* NULL: GET; in 2.0 there is no slot for it */
} PreviewNotice;

/* An error; detail (NULL for none) is constant text or a rule id, preview NULL for none. */
extern void response_write_error(StringInfo out, const ResponseFrame *frame,
								 const ErrorCode *error, const char *detail, const PreviewNotice *preview);

/*
 * eb:Messaging for the answer to a message with the given header. action is
 * ExecuteQueryResponse or ExceptionResponse; parts: ResponsePart *.
 */
typedef struct ResponsePart
{
	const char *content_id;		/* without cid: */
	const char *media_type;
} ResponsePart;

extern void response_write_header(StringInfo out, const ResponseFrame *frame, const Header *request,
								  const char *action, const char *message_id, const List *parts);

#endif							/* OOTSPG_MESSAGE_RESPONSE_H */
