/*
 * verdict.h
 *		What the verifiers of all forms of seals have in common: to refuse, to look at
 *		the signer's certificate and time, and to name the result. For the files of
 *		src/seal only.
 */
#ifndef OOTSPG_SEAL_VERDICT_H
#define OOTSPG_SEAL_VERDICT_H

#include <openssl/x509.h>

#include "seal/suite.h"
#include "seal/verify.h"

/* Steps of SEAL §4, as the verdict names them. */
#define STEP_LIMITS			"1 limits"
#define STEP_PARSING		"2 parsing"
#define STEP_IDENTIFIERS	"3 identifiers"
#define STEP_POSITION		"4 position"
#define STEP_STRUCTURE		"5 structure"
#define STEP_REFERENCES		"6 references"
#define STEP_ALGORITHMS		"7 algorithms"
#define STEP_CERTIFICATE	"8 certificate"
#define STEP_SIGNATURE		"9 signature"
#define STEP_BINDING		"10 binding"
#define STEP_PROPERTIES		"11 properties"

/* Formats of a seal, as the verdict names them. */
#define FORMAT_XADES		"XAdES"
#define FORMAT_JADES		"JAdES"
#define FORMAT_PADES		"PAdES"

/* A document is given beside a seal that lies in its own. */
#define NOT_BESIDE			"the seal is in its document, and another one is given"

/* Notes the refusal; always false. */
extern bool verdict_refuse(SealVerdict *verdict, const char *step, const char *reason);

/* The same where EN 319 102-1 has another name for it than for its step. */
extern bool verdict_refuse_as(SealVerdict *verdict, const char *step, const char *sub_indication, const char *reason);

/* Notes the signer's certificate; refuses a key that does not fit the suite, and one that may not sign. */
extern bool verdict_signer(SealVerdict *verdict, const X509 *certificate, const SealSuite *suite);

/* Notes the time the signer claims; refuses one outside of the certificate's validity, or to come. */
extern bool verdict_signing_time(SealVerdict *verdict, const X509 *certificate, TimestampTz time, const char *outside, const char *future);

/* count digits, which must be there, as a number; -1 otherwise. Moves *p beyond. */
extern int verdict_digits(const char **p, int count);

/* xs:dateTime, or RFC 3339, with a zone, which a time without meaning elsewhere must have */
extern bool verdict_parse_time(const char *text, TimestampTz *time);

/*
 * Notes a time stamp that the seal brings, upon these octets; judged once it is known that the seal holds. Both last as long as the
 * verdict. A token of NULL is one that can't be read; of too many the last ones are not looked at.
 */
extern void verdict_note_stamp(SealVerdict *verdict, const uint8 *token, size_t length, const char *octets, size_t octets_length);

/* Notes a CRL or OCSP response that the seal brings, DER; of too many the last ones are not looked at. NULL is none. */
extern void verdict_note_revocation(SealVerdict *verdict, bool is_crl, const uint8 *octets, size_t length);

/* Chain and revocation, where there are anchors, and the result's names after EN 319 102-1. signer may be NULL unless valid. */
extern void verdict_conclude(SealVerdict *verdict, X509 *signer, STACK_OF(X509) *others, STACK_OF(X509) *anchors,
							 STACK_OF(X509_CRL) *crls);

#endif							/* OOTSPG_SEAL_VERDICT_H */
