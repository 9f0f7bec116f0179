/*
 * verifying.h
 *		A seal being verified: what the steps have found so far and hand on to each
 *		other. Lies below the files that take the steps; for them only.
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

/* Each canonicalisation after the first one reads the octets of the one before anew. */
#define MAX_CANONICALISATIONS	2

typedef struct Reference
{
	XmlNode    *node;			/* NULL: SignedInfo has no such reference */
	char	   *digest_uri;
	char	   *filter_uri;		/* what leaves the signature out: the document's only */
	char	   *c14n_uris[MAX_CANONICALISATIONS];	/* none: Canonical XML 1.0 */
	int			c14ns;
} Reference;

typedef struct Verifying
{
	SealVerdict *verdict;
	XmlNode    *root;
	int			signatures;		/* elements ds:Signature, at any depth */
	XmlNode    *signature;
	XmlNode    *signed_info;
	XmlNode    *signature_value;
	XmlNode    *key_info;
	XmlNode    *signed_properties;
	char	   *properties_id;
	char	   *key_info_id;	/* NULL: it has none */
	Reference	document;
	Reference	properties;
	Reference	key;			/* to KeyInfo, which may be signed as well */
	char	   *c14n_uri;		/* of SignedInfo */
	const SealSuite *suite;
	bool		former;			/* bound by SigningCertificate, not by its successor */

	STACK_OF(X509) *certificates;	/* of KeyInfo; once step 8 has found it, the signer's first */
	STACK_OF(X509) *anchors;	/* trust anchors, or NULL */
} Verifying;

/* Notes the refusal; always false. */
extern bool verifying_refuse(Verifying *v, const char *step, const char *reason);

/* May SignedInfo or a reference be canonicalised so? uri may be NULL. */
extern bool verifying_canonicalisation(const char *uri);

/* Is uri "#" followed by id? Either may be NULL. */
extern bool verifying_points_to(const char *uri, const char *id);

/*
 * Are the element children of parent exactly these of namespace ns, in this order?
 * Fills found[].
 */
extern bool verifying_children_are(const XmlNode *parent, const char *ns, const char *const *names,
								   int count, XmlNode **found);

#endif							/* OOTSPG_SEAL_VERIFYING_H */
