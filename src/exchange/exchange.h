/*
 * exchange.h
 *		One exchange on its way through the house: what was received, what it was
 *		resolved to, what is answered. Each step is one function that fills its
 *		part and may give the verdict; later steps are skipped once there is one.
 *
 *	receive.c   bytes -> document, request, line, rule verdicts
 *	sender.c    may who sent it ask?
 *	address.c   request -> provider, and may the caller answer for it?
 *	resolve.c   request -> evidence type, distribution
 *	serve.c     registry -> match, pieces of evidence
 *	reply.c     verdict -> message parts, header
 *	stamping.c  time stamps are fetched between building and answering
 *	promise.c   evidence that is not there yet: promised, and found by a later request
 *	preview.c   pieces that a user must see first; the second request of a preview
 *	preview_narrow.c  who the user is, where the request alone did not tell
 *	preview_end.c   a preview's end: the answer after the decision, or the time is over
 *	record.c    exchange row, request id, audit rows
 *	answer.c    the order of these steps, and SQL
 *	inbox.c, inbox_answer.c, inbox_held.c, outbox.c   messages on their way from and to access points
 *	expire.c    another answer when the first could not leave in time
 */
#ifndef OOTSPG_EXCHANGE_H
#define OOTSPG_EXCHANGE_H

#include "configuration/configuration.h"
#include "datatype/timestamp.h"
#include "evidence/match.h"
#include "evidence/piece.h"
#include "lib/stringinfo.h"
#include "message/codelist.h"
#include "message/request.h"
#include "message/response.h"
#include "message/rule.h"
#include "preview/session.h"

typedef enum Outcome
{
	OUTCOME_PENDING,
	OUTCOME_EVIDENCE,
	OUTCOME_EMPTY,				/* success with an empty list */
	OUTCOME_DEFERRED,			/* not all of it is there yet: the requester is told when it will be */
	OUTCOME_ERROR,
	OUTCOME_UNANSWERABLE,		/* no valid answer exists (EDM §2.0) */
	OUTCOME_PREVIEW,			/* EDM:ERR:0002 with a link: no failure */
	OUTCOME_HELD				/* a user decides; the answer comes later */
} Outcome;

typedef struct Verdict
{
	Outcome		outcome;
	const ErrorCode *error;		/* with OUTCOME_ERROR */
	const char *detail;			/* goes out; constant or a rule id; NULL for none */
	const char *reason;			/* stays in the audit; constant, rule id or SQLSTATE */
} Verdict;

typedef struct Exchange
{
	int64		id;
	TimestampTz received_at;
	TimestampTz answered_at;

	/* received */
	const char *body;
	size_t		body_length;
	const char *header_bytes;	/* NULL without header */
	size_t		header_length;
	bool		untrusted_timestamp;	/* the header's is the time of retrieval: T1 counts from received_at */
	bool		sender_accepted;	/* when it was answered: not asked again */
	bool		by_worker;		/* which answers for one role */
	Oid			default_role;	/* then: of the access point, InvalidOid when it is gone */
	const char *refusal;		/* do not ask the registry: answer EDM:ERR:0008 for this reason */
	XmlFault	fault;			/* why the body could not be read */
	Request    *request;		/* NULL when unreadable or another root */
	Header	   *header;
	EdmLine		line;			/* of the answer; never EDM_NONE after receive */
	bool		line_untold;	/* the provider's preferred line answers */
	List	   *violations;		/* RuleViolation * */
	bool		senders_listed; /* a list of those who may ask is kept */
	List	   *acceptances;	/* where the sender is on it */
	bool		sender_refused; /* nowhere: the body stays unopened, all that follows from it is missing */
	bool		duplicate;		/* request id already used */
	bool		unknown_procedure;	/* names one that is in no code list */

	/* resolved */
	Provider   *provider;		/* who answers; NULL: nobody can */
	const Agent *elsewhere;		/* another role answers for it: nothing was done */
	EvidenceType *type;
	Distribution *distribution;
	const Wanted *wanted;		/* the form of evidence chosen */
	bool		system_check;	/* procedure 00 */

	/* served */
	bool		matched;		/* matching was tried */
	List	   *further;		/* FurtherAttribute *: what is known of the person beyond the request */
	MatchResult match;
	List	   *pieces;			/* Piece * that are there */
	List	   *awaited;		/* Piece * that are not there yet: told of, never sent */
	bool		complete;		/* the registry gave evidence, and all of it is there */
	char	   *stamping_for;	/* what pieces that wait for stamps were built for; NULL: seals are of level B */
	bool		stamping_over;	/* they were taken from there, with the stamps that have come */
	bool		awaits_stamps;	/* no answer yet: see stamping_wait() */
	int			failure;		/* SQLSTATE the registry failed with; 0: it did not */

	/* preview */
	PreviewSpace *space;		/* evidence leaves after a preview there only; NULL: at once */
	PreviewSpace *sign_in_space;	/* users can sign in again there, where it is not sure who they are; NULL: they cannot */
	bool		sign_in;		/* they have to, whatever the type says otherwise */
	bool		ambiguous;		/* the request alone does not tell who it is about: nothing is built yet */
	PreviewNotice *notice;		/* with OUTCOME_PREVIEW: where the user looks at it */
	int64		first_id;		/* of a second request: the exchange that offered the preview; 0 otherwise */
	TimestampTz deadline;		/* … and the end of T3 */

	/* replied */
	bool		held;			/* no answer yet: a user decides (preview); see inbox_finish_held() */
	Verdict		verdict;
	TimestampTz available_at;	/* what a deferral says; 0: it is none */
	int64		promised_by;	/* exchange whose promise this one found, 0: none */
	char	   *response_id;
	char	   *content_id;		/* of the first part */
	char	   *answer_message_id;	/* in answer_header */
	StringInfoData message;		/* first part; data NULL when none is sent */
	StringInfoData answer_header;	/* data NULL when there is none */
} Exchange;

/* The verdict; the first one stays. */
extern void verdict_error(Exchange *exchange, int error, const char *detail, const char *reason);
extern void verdict_outcome(Exchange *exchange, Outcome outcome, const char *reason);

#define PENDING(exchange) ((exchange)->verdict.outcome == OUTCOME_PENDING)

/* Does it travel as an exception? */
#define IS_EXCEPTION(exchange) ((exchange)->verdict.outcome == OUTCOME_ERROR || (exchange)->verdict.outcome == OUTCOME_PREVIEW)

/* The second request of a preview has its location, whatever its flag says (EDM §3.1). */
#define IS_SECOND(exchange) ((exchange)->request != NULL && (exchange)->request->preview_location != NULL)

/* Can an answer repeat the requester without breaking its own rules? */
extern bool requester_usable(const Exchange *exchange);
extern const char *usable_request_id(const Exchange *exchange); /* NULL when it is none */

/*
 * All steps. body and header are set; id and received_at may be, where the message was
 * received before; everything else is zero. Afterwards verdict, message and pieces are
 * there and all of it is recorded, unless elsewhere is set. Raises only what concerns the
 * backend.
 */
extern void exchange_answer(Exchange *exchange);

extern void exchange_receive(Exchange *exchange);
extern bool exchange_accept_sender(Exchange *exchange); /* false: refused before the body is opened */
extern bool exchange_address(Exchange *exchange);	/* false: it is for another role to answer */
extern void exchange_check_requester(Exchange *exchange);
extern void exchange_resolve(Exchange *exchange);
extern void exchange_choose_distribution(Exchange *exchange);	/* of the type, by what is wanted; exchange_resolve() does */
extern void exchange_check_time(Exchange *exchange);
extern TimestampTz exchange_sent_at(const Exchange *exchange);	/* as the header says, where that can be trusted */
extern TimestampTz exchange_deadline(const Exchange *exchange);	/* end of T1, of a second request of T3; DT_NOEND without limit */
extern void exchange_serve(Exchange *exchange);
extern void exchange_reply(Exchange *exchange);

/* A number for a new exchange. */
extern int64 exchange_new_id(void);

/* Register the request id, with its addressee, before any effect; false when it was used before (TDD 4.4). */
extern bool exchange_register(Exchange *exchange);
extern void exchange_record(Exchange *exchange);
extern void exchange_count(const Exchange *exchange, const char *outcome);	/* for those who watch (audit/counters.h); exchange_record() does */
extern void exchange_record_again(const Exchange *exchange);	/* another answer than what was recorded before, or the first one */

/* Whether a preview is due, before the registry is asked. */
extern void exchange_check_preview(Exchange *exchange);
/* The pieces are put aside for a user to look at, and the answer says where. */
extern void exchange_offer_preview(Exchange *exchange);
/* A second request of 1.x may have the id of the first one (D-TMO-07). */
extern bool exchange_repeats_first(const Exchange *exchange);
/* What a preview came to that is to be answered now: pieces, verdict. The caller holds the session's lock, and ends it. */
extern void exchange_take_result(Exchange *exchange, const PreviewSession *session, LinkKeys *keys);
/* The second request: refused, held, or answered when the user has decided. */
extern void exchange_second(Exchange *exchange);

/* Answer EDM:ERR:0005 instead of what the exchange was answered with; false when it can't be. In an SPI connection. */
extern bool exchange_expire(const char *access_point, int64 exchange_id);
extern const char *outcome_name(Outcome outcome);
extern bool outcome_is_success(Outcome outcome);	/* not an error, and not nothing */

#endif							/* OOTSPG_EXCHANGE_H */
