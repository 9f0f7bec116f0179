/*
 * session.h
 *		Previews as rows: what an exchange that offers one writes, what the second
 *		request finds, what is left when it is over. All of it runs inside an SPI
 *		connection as the owner of the tables, whoever calls.
 */
#ifndef OOTSPG_PREVIEW_SESSION_H
#define OOTSPG_PREVIEW_SESSION_H

#include "configuration/configuration.h"
#include "datatype/timestamp.h"
#include "evidence/piece.h"
#include "message/request.h"
#include "preview/link.h"

/* Where a provider's previews are. */
typedef struct PreviewSpace
{
	char	   *base_url;
	List	   *descriptions;	/* LocalText *, EN first */
	char	   *method;			/* of 1.x */
	bool		closed;			/* no new one begins for the time being */
} PreviewSpace;

extern PreviewSpace *preview_space_of(const char *provider);	/* NULL: it has none */

/* What a preview is made of. */
typedef struct PreviewOffer
{
	int64		exchange_id;
	const EvidenceType *type;
	EdmLine		line;
	const Request *request;
	const char *wire_exchange_id;	/* NULL in 1.x */
	const char *data_model,	/* of the main evidence; NULL when it has none */
			   *data_model_version;
	const List *pieces;		/* Piece * */
	const List *awaited;	/* Piece * that are not there yet: told of, and nothing to decide on */
	bool		sign_in;	/* the user signs in again first */
	bool		ambiguous;	/* pieces are built when it is known who the user is, by the role that answers now; until then the request is kept */
	const char *body;
	size_t		body_length;
} PreviewOffer;

/* Writes it down, and returns the link's token, which nobody can have again. */
extern char *preview_begin(const PreviewOffer *offer);

/* The pieces of a preview that began without, as preview_begin() puts them. */
extern void preview_put_pieces(const PreviewOffer *offer, const LinkKeys *keys, int64 session_id);

/* Is it known who the user is, and what there is of them? */
typedef enum PreviewMatching
{
	PREVIEW_MATCHED,
	PREVIEW_UNMATCHED,			/* not yet */
	PREVIEW_NOT_FOUND,			/* nor will it be */
	PREVIEW_NO_RECORD			/* a person without a record */
} PreviewMatching;

typedef enum PreviewState
{
	PREVIEW_ISSUED,
	PREVIEW_OPEN,
	PREVIEW_DECIDED,
	PREVIEW_ANSWERED,
	PREVIEW_EXPIRED
} PreviewState;

typedef struct PreviewSession
{
	int64		id;
	int64		exchange_id;	/* of the first request */
	char	   *provider,
			   *evidence_type;
	EdmLine		line;
	char	   *request_key;
	char	   *wire_exchange_id;	/* NULL in 1.x */
	Agent	   *requester;
	PreviewState state;
	PreviewMatching matching;
	Oid			answer_role;	/* as whom the registry is asked, until it is matched; InvalidOid: gone */
	TimestampTz ends_at;		/* DT_NOEND: the timer is off */
	TimestampTz forget_at;
	int64		t3_ms;			/* 0: off */
	int64		second_exchange_id; /* 0: not here yet */
	char	   *second_request_id;
	char	   *second_header;
	size_t		second_header_length;
	TimestampTz second_received_at;
	uint8		public_key[32];
	uint8		subject_digest[32];
} PreviewSession;

/* NULL when there is none; locked until the end of the transaction where it is to be changed. */
extern PreviewSession *preview_by_link(const LinkKeys *keys, bool lock);
extern PreviewSession *preview_by_id(int64 id);	/* locked */
extern PreviewSession *preview_overdue(int64 id);	/* locked; NULL: it is not over, or somebody else has it */

/* The digest that the second request's subject is known by. */
extern void preview_subject_digest(const LinkKeys *keys, const Subject *subject, uint8 digest[32]);

/* Where the second request says that its user is to return to (2.0): kept for the link, for the pages after the decision. */
extern void preview_keep_return(const PreviewSession *session, const Request *request);

/* The second request is here; its body is kept encrypted, and its return address (2.0) as well. */
extern void preview_hold(const PreviewSession *session, int64 exchange_id, const Request *request, const char *body, size_t body_length,
						 const char *header, size_t header_length, TimestampTz ends_at);

/* The first request's body, where it is still to be matched; NULL when it is not there. */
extern char *preview_first_body(const PreviewSession *session, LinkKeys *keys, size_t *length);

/* What is kept: the second request's body, NULL when it is not; and the accepted pieces, whose digests are compared (D-PRE-15). */
extern char *preview_second_body(const PreviewSession *session, LinkKeys *keys, size_t *length);
extern List *preview_accepted(const PreviewSession *session, LinkKeys *keys);

/* Over: what was kept is erased, but for the way back. second_exchange_id 0: there was none. */
extern void preview_answered(const PreviewSession *session, int64 second_exchange_id);
extern void preview_expired(const PreviewSession *session, const char *reason);

#endif							/* OOTSPG_PREVIEW_SESSION_H */
