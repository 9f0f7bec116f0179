/*
 * jws.h
 *		Are the bytes of a directory's answer what its operator signed? A detached JAdES
 *		signature of HTTP headers (RFC 7515, RFC 7797, ETSI TS 119 182-1): the signature is
 *		over the digest header, and the digest over the body. To be asked before anything
 *		reads the body. A wrong signature is a result, not an error.
 */
#ifndef OOTSPG_SEAL_JWS_H
#define OOTSPG_SEAL_JWS_H

#include "datatype/timestamp.h"

/* What came with the call, as it came. */
typedef struct JwsAnswer
{
	const char *body;
	size_t		length;
	const char *digest;			/* the header of that name; NULL when there was none */
	const char *signature;		/* oots-response-sig; NULL when there was none */
} JwsAnswer;

/* Steps, as the verdict names them; the first that fails is the verdict. */
#define JWS_STEP_DIGEST			"1 digest"
#define JWS_STEP_PARTS			"2 parts"
#define JWS_STEP_HEADER			"3 header"
#define JWS_STEP_ALGORITHM		"4 algorithm"
#define JWS_STEP_CERTIFICATE	"5 certificate"
#define JWS_STEP_CHAIN			"6 chain"
#define JWS_STEP_SIGNATURE		"7 signature"

/*
 * Strings are constants or palloc'd. Unless valid, what is filled in of the signer is
 * only what the answer claims.
 */
typedef struct JwsVerdict
{
	bool		valid;
	const char *step;			/* that refused it; NULL when valid */
	const char *reason;			/* constant text; NULL when valid */
	bool		has_certificate;
	const char *subject;
	TimestampTz not_after;
	uint8		certificate_sha256[32];
	bool		has_root;		/* the configured certificate the chain ends in */
	uint8		root_sha256[32];
	TimestampTz root_not_after;
	bool		has_signing_time;
	TimestampTz signed_at;		/* iat: what the signer's clock said */
} JwsVerdict;

/*
 * trusted holds the roots of the one directory and environment that was asked, as PEM;
 * certificates are judged as of moment. Raises only on unusable roots or moments and when
 * memory runs out.
 */
extern void jws_verify(const JwsAnswer *answer, const char *trusted, size_t trusted_length,
					   TimestampTz moment, JwsVerdict *verdict);

#endif							/* OOTSPG_SEAL_JWS_H */
