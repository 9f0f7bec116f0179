/*
 * stamp.h
 *		Time stamps of RFC 3161: what is asked of a time-stamping authority, what it answers, and what
 *		a token proves. No network is used here. For src/seal and those who carry questions
 *		and answers.
 */
#ifndef OOTSPG_SEAL_STAMP_H
#define OOTSPG_SEAL_STAMP_H

#include <openssl/x509.h>

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"

#define STAMP_IMPRINT		32	/* octets: SHA-256 */
#define STAMP_MAX_TOKEN		12288	/* octets that a token may have: PDF keeps room for it */
#define STAMP_ROOM			(STAMP_MAX_TOKEN + 64)	/* of the attribute around it */
#define STAMP_MAX_ANSWER	65536
#define STAMP_MAX_POLICY	80	/* characters of an object identifier in digits */

/* What a token is worth. */
typedef struct StampVerdict
{
	const char *state;			/* valid, untrusted, not checked (no anchors), invalid */
	const char *reason;			/* constant text; NULL unless invalid */
	TimestampTz time;			/* that it tells; 0 when it can't be read */
} StampVerdict;

/* May it stand in a request? An object identifier in digits. */
extern bool stamp_is_policy(const char *policy);

/* Append the DER of a request for a stamp upon the imprint, with the authority's certificate; policy may be NULL. */
extern void stamp_request(const uint8 *imprint, const char *policy, StringInfo out);

/*
 * Append the token of an answer that grants a stamp upon the imprint, under that policy unless NULL, by an
 * authority that the anchors vouch for. NULL, or why it is not taken: a constant text.
 */
extern const char *stamp_read_answer(const char *answer, size_t length, const uint8 *imprint, const char *policy,
									 STACK_OF(X509) *anchors, StringInfo token);

/* What a token is worth that is said to be upon these octets. anchors may be NULL. */
extern StampVerdict stamp_judge(const uint8 *token, size_t length, const char *stamped, size_t stamped_length,
								STACK_OF(X509) *anchors);

#endif							/* OOTSPG_SEAL_STAMP_H */
