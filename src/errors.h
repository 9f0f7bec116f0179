/*
 * errors.h
 *		SQLSTATEs of our own, class OT, so that applications can branch on them.
 *		No message, detail or hint raised with them may carry personal data.
 */
#ifndef OOTSPG_ERRORS_H
#define OOTSPG_ERRORS_H

/* the bytes are not a document we read: not UTF-8, not well-formed, DTD, wrong root */
#define ERRCODE_OOTS_UNREADABLE			MAKE_SQLSTATE('O','T','0','0','1')
/* a limit on bytes, depth, count or size was exceeded */
#define ERRCODE_OOTS_LIMIT				MAKE_SQLSTATE('O','T','0','0','2')
/* a configuration row does not fit what it describes */
#define ERRCODE_OOTS_CONFIGURATION		MAKE_SQLSTATE('O','T','0','0','3')
/* a seal key or certificate cannot be used */
#define ERRCODE_OOTS_KEY				MAKE_SQLSTATE('O','T','0','0','4')
/* a registry value cannot become evidence: forbidden character, unmapped code, wrong media type, invalid against its model */
#define ERRCODE_OOTS_EVIDENCE			MAKE_SQLSTATE('O','T','0','0','5')
/* no such evidence type, or it is not active */
#define ERRCODE_OOTS_EVIDENCE_TYPE		MAKE_SQLSTATE('O','T','0','0','6')
/* the subject does not match exactly one person or company */
#define ERRCODE_OOTS_SUBJECT			MAKE_SQLSTATE('O','T','0','0','7')
/* the row may not be changed: the audit is insert-only */
#define ERRCODE_OOTS_AUDIT				MAKE_SQLSTATE('O','T','0','0','8')

/* a preview was asked for what does not fit it, or what is kept for it was changed */
#define ERRCODE_OOTS_PREVIEW			MAKE_SQLSTATE('O','T','0','0','9')

/* reading the audit cannot be recorded, or has no purpose: nothing is shown */
#define ERRCODE_OOTS_ACCESS				MAKE_SQLSTATE('O','T','0','1','0')

/* calls to the access point; what is to be done is in accesspoint/trouble.c */
/* the access point's host name has no address */
#define ERRCODE_OOTS_UNRESOLVED			MAKE_SQLSTATE('O','T','1','0','1')
/* no connection to the access point */
#define ERRCODE_OOTS_UNREACHABLE		MAKE_SQLSTATE('O','T','1','0','2')
/* no trusted TLS connection to the access point */
#define ERRCODE_OOTS_TLS				MAKE_SQLSTATE('O','T','1','0','3')
/* the access point did not answer in time */
#define ERRCODE_OOTS_TIMEOUT			MAKE_SQLSTATE('O','T','1','0','4')
/* the connection to the access point broke off */
#define ERRCODE_OOTS_CUT				MAKE_SQLSTATE('O','T','1','0','5')
/* the access point's answer is larger than we read */
#define ERRCODE_OOTS_ANSWER_TOO_LARGE	MAKE_SQLSTATE('O','T','1','0','6')
/* the access point's answer is not what its interface describes */
#define ERRCODE_OOTS_ANSWER_UNREADABLE	MAKE_SQLSTATE('O','T','1','0','7')
/* content that the access point announced is not there */
#define ERRCODE_OOTS_CONTENT_LOST		MAKE_SQLSTATE('O','T','1','0','8')
/* the access point refused the login */
#define ERRCODE_OOTS_LOGIN				MAKE_SQLSTATE('O','T','1','0','9')
/* the access point did not understand the request */
#define ERRCODE_OOTS_NOT_UNDERSTOOD		MAKE_SQLSTATE('O','T','1','1','0')
/* there is no access point at the address */
#define ERRCODE_OOTS_WRONG_ADDRESS		MAKE_SQLSTATE('O','T','1','1','1')
/* the access point does not serve for the time being */
#define ERRCODE_OOTS_UNAVAILABLE		MAKE_SQLSTATE('O','T','1','1','2')
/* the access point failed inside */
#define ERRCODE_OOTS_SERVER_FAULT		MAKE_SQLSTATE('O','T','1','1','3')
/* the access point has no such message */
#define ERRCODE_OOTS_MESSAGE_UNKNOWN	MAKE_SQLSTATE('O','T','1','1','4')
/* the message was already downloaded */
#define ERRCODE_OOTS_ALREADY_DOWNLOADED	MAKE_SQLSTATE('O','T','1','1','5')
/* somebody else downloads the message */
#define ERRCODE_OOTS_MESSAGE_BUSY		MAKE_SQLSTATE('O','T','1','1','6')
/* a message with that identifier was submitted before */
#define ERRCODE_OOTS_DUPLICATE_MESSAGE	MAKE_SQLSTATE('O','T','1','1','7')
/* the access point does not take the message */
#define ERRCODE_OOTS_MESSAGE_REJECTED	MAKE_SQLSTATE('O','T','1','1','8')
/* the message is too large for the access point */
#define ERRCODE_OOTS_MESSAGE_TOO_LARGE	MAKE_SQLSTATE('O','T','1','1','9')
/* our own configuration of the connection to the access point cannot be used */
#define ERRCODE_OOTS_CONNECTION			MAKE_SQLSTATE('O','T','1','2','0')
/* there was no memory for the access point's answer */
#define ERRCODE_OOTS_NO_MEMORY			MAKE_SQLSTATE('O','T','1','2','1')

#endif							/* OOTSPG_ERRORS_H */
