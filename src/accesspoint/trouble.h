/*
 * trouble.h
 *		What can go wrong with a call to the access point, as a table: class, its
 *		SQLSTATE, its words, and what is to be done about it (access point facts
 *		§3.3). Decisions are made on the class, never on a text.
 */
#ifndef OOTSPG_ACCESSPOINT_TROUBLE_H
#define OOTSPG_ACCESSPOINT_TROUBLE_H

typedef enum TroubleClass
{
	TROUBLE_NONE,
	TROUBLE_UNRESOLVED,			/* host name has no address, or the name service says nothing */
	TROUBLE_UNREACHABLE,		/* no connection */
	TROUBLE_TLS,
	TROUBLE_TIMEOUT,
	TROUBLE_CUT,				/* connection lost before the answer was whole */
	TROUBLE_ANSWER_TOO_LARGE,	/* more than we read */
	TROUBLE_UNREADABLE,			/* no SOAP, not well-formed, MIME cut, DTD */
	TROUBLE_CONTENT_LOST,		/* announced content is not there, or is not what was asked for */
	TROUBLE_LOGIN,				/* authentication refused: stop, or the account is locked */
	TROUBLE_NOT_UNDERSTOOD,		/* Sender fault: wrong version or our mistake */
	TROUBLE_WRONG_ADDRESS,		/* 404, 405, HTML, redirect */
	TROUBLE_UNAVAILABLE,		/* 429, 502, 503, 504, plugin not enabled */
	TROUBLE_SERVER,				/* untyped fault: database, JMS, timeout inside */
	TROUBLE_MESSAGE_UNKNOWN,	/* WS_PLUGIN:0009: unknown or already downloaded */
	TROUBLE_ALREADY_DOWNLOADED, /* said in so many words */
	TROUBLE_BUSY,				/* somebody downloads it at the same time */
	TROUBLE_DUPLICATE,			/* submit: the id is taken; ask for its status */
	TROUBLE_REJECTED,			/* PMode, parties, header, payload: permanent for this message */
	TROUBLE_MESSAGE_TOO_LARGE,	/* permanent for this message */
	TROUBLE_LOCAL,				/* nothing was sent: our own configuration */
	TROUBLE_NO_MEMORY			/* the answer is more than there is memory for now */
} TroubleClass;

typedef enum TroubleScope
{
	SCOPE_NONE,
	SCOPE_MESSAGE,				/* concerns this message only; others go on */
	SCOPE_ACCESS_POINT,			/* all calls would fare the same: back off */
	SCOPE_STOP					/* all calls, and trying again does harm: wait for an operator */
} TroubleScope;

typedef struct Trouble
{
	TroubleClass class;
	const char *name;			/* for status and audit: "login refused" */
	int			sqlstate;		/* OT1nn */
	TroubleScope scope;
	bool		permanent;		/* trying the same again is of no use */
	const char *text;			/* one sentence fragment: "the access point refused the login" */
	const char *hint;			/* what an operator does; NULL for none */
} Trouble;

extern const Trouble *trouble_of(TroubleClass class);

#endif							/* OOTSPG_ACCESSPOINT_TROUBLE_H */
