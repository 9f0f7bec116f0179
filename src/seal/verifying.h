/*
 * verifying.h
 *		A seal being verified: what the steps find and hand on to each other. For
 *		the files of src/seal only.
 *
 *		OpenSSL's objects are freed by seal_verify() on every path, nodes belong to
 *		the document, the rest to the memory context that is current.
 */
#ifndef OOTSPG_SEAL_VERIFYING_H
#define OOTSPG_SEAL_VERIFYING_H

#include <openssl/x509.h>

#include "seal/suite.h"
#include "seal/verify.h"
#include "xml/read.h"

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

typedef struct Reference
{
	XmlNode    *node;
	char	   *digest_uri;
	char	   *c14n_uri;		/* of its last transform */
} Reference;

typedef struct Verifying
{
	SealVerdict *verdict;
	XmlNode    *root;
	XmlNode    *signature;
	XmlNode    *signed_info;
	XmlNode    *signature_value;
	XmlNode    *key_info;
	XmlNode    *signed_properties;
	char	   *properties_id;
	char	   *reference_id;	/* Id of the reference to the document */
	Reference	document;
	Reference	properties;
	char	   *c14n_uri;		/* of SignedInfo */
	const SealSuite *suite;

	STACK_OF(X509) *certificates;	/* of KeyInfo, the signer's first */
	STACK_OF(X509) *anchors;	/* trust anchors, or NULL */
} Verifying;

/* Notes the refusal; always false. */
extern bool verifying_refuse(Verifying *v, const char *step, const char *reason);

/* claims.c: steps 8 and 11, and the chain */
extern bool claims_certificate(Verifying *v);
extern bool claims_properties(Verifying *v);
extern STACK_OF(X509) *claims_read_anchors(const char *pem, size_t length);
extern const char *claims_chain(const Verifying *v);

/*
 * The octets of base64 text in which only XML white space may stand between the
 * digits; NULL when it is anything else, or empty.
 */
extern uint8 *claims_base64(const char *text, size_t *length);

/* engine.c: steps 7 (second wall), 9, 10 and 12 */
extern bool engine_verify(Verifying *v);

#endif							/* OOTSPG_SEAL_VERIFYING_H */
