/*
 * gateway.h
 *		The WS plugin of an eDelivery access point (Domibus 5.0 to 5.2, Harmony 2):
 *		write a request, read an answer. Bytes in, bytes out: no network, no tables.
 *
 *	request.c    SOAP 1.2 requests, inline or MTOM
 *	answer.c     from a call's result to the element that answers; reading.c what its readers share
 *	mime.c       multipart/related answers; media.c their Content-Type
 *	inline.c     base64 payloads taken out before the XML is parsed
 *	fault.c      SOAP faults and HTTP statuses to classes
 *	retrieved.c  the message in a retrieveMessage answer
 *	trouble.c    what each class of trouble means
 *
 * A detail may quote what the server says, party ids and the like: it is for the
 * operator's eyes, not for messages and logs.
 *
 * What an answer is read into takes no more than its own size once for its MIME parts
 * decoded, once for its payloads, and what src/xml says of the rest.
 *
 * Everything is palloc'd in the current memory context. Reading never raises for
 * content; limits are those of src/xml, which hold for an answer without its base64
 * payloads, and the caller's max_answer, which holds for all of it.
 */
#ifndef OOTSPG_ACCESSPOINT_GATEWAY_H
#define OOTSPG_ACCESSPOINT_GATEWAY_H

#include "accesspoint/trouble.h"
#include "http/http.h"
#include "lib/stringinfo.h"
#include "message/header.h"
#include "nodes/pg_list.h"

typedef enum GatewayOperation
{
	GATEWAY_LIST,
	GATEWAY_RETRIEVE,
	GATEWAY_MARK,
	GATEWAY_STATUS,
	GATEWAY_ERRORS,
	GATEWAY_SUBMIT
} GatewayOperation;

/* A request ready for http_start(). */
typedef struct GatewayRequest
{
	StringInfoData body;
	const char *content_type;
} GatewayRequest;

/* A part of a message; content_id with neither cid: nor <>, "" when it came as bodyload. */
typedef struct GatewayPart
{
	char	   *content_id;
	char	   *media_type;		/* property MimeType; NULL when absent */
	const char *bytes;
	size_t		length;
} GatewayPart;

/* NULL, 0 and infinity: no filter. Times are sent in UTC, in whole seconds outwards. */
typedef struct GatewayFilter
{
	const char *final_recipient;
	TimestampTz received_from,
				received_to;
} GatewayFilter;

extern GatewayRequest *gateway_list(const GatewayFilter *filter);
extern GatewayRequest *gateway_retrieve(const char *message_id, bool consume);
extern GatewayRequest *gateway_mark(const char *message_id);

/* with_role: 5.1 and later; asks for the sent message. */
extern GatewayRequest *gateway_status(const char *message_id, bool with_role);
extern GatewayRequest *gateway_errors(const char *message_id, bool with_role);

/*
 * header: a whole eb:Messaging element that names every part of parts
 * (GatewayPart *) once by href="cid:…" and carries our own MessageId; raises
 * ERRCODE_INTERNAL_ERROR when it does not, since the access point would drop
 * payloads without a word. Parts above mtom_bytes in sum are sent as MTOM.
 */
extern const Header *gateway_header(const char *bytes, size_t length);	/* without its nodes; NULL: not one eb:Messaging element */
extern GatewayRequest *gateway_submit(const char *header, size_t length, const Header *read, const List *parts, size_t mtom_bytes);	/* read: by gateway_header() */

typedef struct GatewayError
{
	char	   *code,			/* EBMS:0005, colon whatever the server wrote */
			   *role,			/* SENDING, RECEIVING */
			   *detail,
			   *timestamp;		/* as written; NULL when absent */
} GatewayError;

typedef struct GatewayAnswer
{
	const Trouble *trouble;		/* class TROUBLE_NONE: the fields below hold */
	bool		outcome_unknown;	/* the call may have had its effect all the same */
	char	   *fault_code;		/* of the server, normalised: EBMS:0004; NULL when untyped or no fault */
	char	   *detail;			/* server's or libcurl's words, one line, at most 500 bytes, for the operator; NULL for none.
								 * Without trouble our own, about what was left out */

	List	   *message_ids;	/* GATEWAY_LIST: char *, oldest first */
	char	   *status;			/* GATEWAY_STATUS: SEND_ENQUEUED … */
	List	   *errors;			/* GATEWAY_ERRORS: GatewayError *, oldest first */
	char	   *submitted_id;	/* GATEWAY_SUBMIT */

	/* GATEWAY_RETRIEVE */
	char	   *header;			/* eb:Messaging as a document of its own, exclusive C14N */
	size_t		header_length;
	char	   *message_id,
			   *from_party,
			   *from_party_type;
	List	   *parts;			/* GatewayPart * in the order of PayloadInfo */

	bool		speaks_5_2;		/* signs of 5.2 or later seen: messageEntityID, contentType of payloads */
} GatewayAnswer;

/*
 * Read what came for a request of that operation. asked: the message id of the
 * request, NULL for GATEWAY_LIST; another one in the answer is TROUBLE_CONTENT_LOST.
 */
extern GatewayAnswer *gateway_read(GatewayOperation operation, const char *asked, const HttpResult *result);

/* An answer that could not be had, or not be read, for reasons of our own. */
extern GatewayAnswer *gateway_trouble(GatewayOperation operation, TroubleClass class, const char *detail);

/* A multipart/related body in parts. */
typedef struct MimePart
{
	const char *content_id;		/* without <>; "" when absent */
	const char *content_type;	/* "" when absent */
	const char *bytes;			/* in the body, or decoded */
	size_t		length;
	bool		included;		/* a payload is made of it: no other may be */
} MimePart;

/* NULL when it is no whole multipart/related message: *reason says why, a constant.
 * *root is the part named by start, else the first. */
extern List *mime_read(const char *content_type, const char *body, size_t length,
					   const MimePart **root, const char **reason);

#endif							/* OOTSPG_ACCESSPOINT_GATEWAY_H */
