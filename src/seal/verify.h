/*
 * verify.h
 *		The verdict on a sealed document (SEAL §4). A wrong seal is a
 *		result, not an error.
 */
#ifndef OOTSPG_SEAL_VERIFY_H
#define OOTSPG_SEAL_VERIFY_H

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* A token, and the octets that it is said to be upon. */
typedef struct SealStamp
{
	const uint8 *token;
	size_t		length;
	const char *octets;
	size_t		octets_length;
} SealStamp;

/* A CRL or an OCSP response that the seal brings, DER. */
typedef struct SealRevocation
{
	bool		is_crl;
	const uint8 *octets;
	size_t		length;
} SealRevocation;

/*
 * Strings are constants or palloc'd. Unless valid, what is filled in is only
 * what the document claims.
 */
typedef struct SealVerdict
{
	bool		valid;
	const char *step;			/* that refused it; NULL when valid */
	const char *reason;			/* constant text; NULL when valid */
	const char *algorithm;		/* ecdsa-sha256 … or NULL */
	bool		has_signing_time;
	TimestampTz signing_time;
	bool		has_certificate;
	uint8		certificate_sha256[32];
	const char *certificate_subject;
	const char *form;			/* baseline; former: bound by SigningCertificate; NULL: not known */
	const char *policy;			/* identifier of the signer's policy; NULL: none is named */
	const char *chain;			/* valid, untrusted, not checked */
	const char *revocation;		/* not checked, good, revoked, revoked later (than the stamp), unknown */
	const char *format;			/* XAdES, JAdES, PAdES */
	const StringInfoData *beside;	/* what a detached seal is said to be of; NULL: nothing is given */
	List	   *revocations;	/* SealRevocation * that the seal brings, not yet judged */
	List	   *stamps;			/* SealStamp * that the seal brings, not yet judged */
	const char *level;			/* B, or T: with a time stamp that holds; NULL unless valid */
	const char *stamp;			/* of that stamp, or else of the first one: valid, untrusted, not checked, or why it does not hold; NULL: none */
	TimestampTz stamped_at;		/* 0 when no stamp holds */
	const char *indication;		/* TOTAL-PASSED, TOTAL-FAILED, INDETERMINATE (EN 319 102-1) */
	const char *sub_indication;	/* NULL when passed */
	StringInfo	signed_content; /* what the seal covers, the only thing to read on; NULL unless valid */
} SealVerdict;

/*
 * Verify the one seal of a document: enveloped XAdES of XML, PAdES of a PDF that it covers to its
 * end, JAdES of anything in a JWS; which of them, the first octets say. beside: the document of a detached XAdES or JAdES seal, NULL for
 * all others. trusted holds trust anchors as PEM, NULL: the chain
 * is not checked. crls: StringInfo, lists of revoked certificates, each one in DER or several as PEM; NIL: only what the seal brings counts.
 * Raises only on unusable anchors or lists and when memory runs out.
 */
extern void seal_verify(const char *bytes, size_t length, const StringInfoData *beside, const char *trusted, size_t trusted_length, const List *crls,
						SealVerdict *verdict);

#endif							/* OOTSPG_SEAL_VERIFY_H */
