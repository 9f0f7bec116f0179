/*
 * verifying.h
 *		A XAdES seal being verified: what the steps have found so far and hand on to each
 *		other. Lies below the files that take the steps; for them only.
 *
 *		Certificates are freed by seal_verify() on every path, nodes belong to
 *		the document, the rest to the memory context that is current.
 */
#ifndef OOTSPG_SEAL_VERIFYING_H
#define OOTSPG_SEAL_VERIFYING_H

#include "seal/verdict.h"
#include "xml/read.h"

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
	bool		detached;		/* the root is the signature, and the document lies beside */
	int			signatures;		/* elements ds:Signature, at any depth */
	XmlNode    *signature;
	XmlNode    *signed_info;
	XmlNode    *signature_value;
	XmlNode    *key_info;
	XmlNode    *signed_properties;
	XmlNode    *unsigned_properties;	/* NULL: there are none */
	char	   *properties_id;
	char	   *key_info_id;	/* NULL: it has none */
	Reference	document;
	Reference	properties;
	Reference	key;			/* to KeyInfo, which may be signed as well */
	char	   *c14n_uri;		/* of SignedInfo */
	const SealSuite *suite;
	bool		former;			/* bound by SigningCertificate, not by its successor */

	STACK_OF(X509) *certificates;	/* of KeyInfo; once step 8 has found it, the signer's first */
} Verifying;

/*
 * xades_verify.c: all steps. Fills certificates with those of KeyInfo; once the signer's is
 * known it stands first.
 */
extern bool xades_verify(const char *bytes, size_t length, SealVerdict *verdict, STACK_OF(X509) *certificates);

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
