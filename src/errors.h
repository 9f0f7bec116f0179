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

#endif							/* OOTSPG_ERRORS_H */
