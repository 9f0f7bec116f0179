/*
 * xades_verify.c
 *		Strict verification of a XAdES seal, the steps of SEAL §4 in order; the
 *		first failure is the verdict. Nothing outside of the two references
 *		is protected by a signature, so everything that could smuggle in a second
 *		meaning is refused before any cryptography: duplicate ids, a seal that is not
 *		a child of the root, more than one ds:Object, unexpected references.
 */
#include "postgres.h"

#include <libxml/tree.h>

#include "miscadmin.h"

#include "compat.h"
#include "errors.h"
#include "seal/beside.h"
#include "seal/claims.h"
#include "seal/engine.h"
#include "seal/references.h"
#include "seal/unsigned.h"
#include "xml/canon.h"

/* The next element in document order below root, or NULL. */
static xmlNode *
following(xmlNode *node, const xmlNode *root)
{
	xmlNode    *next = xml_first(node);

	for (; next == NULL && node != root; node = node->parent)
		next = xml_next(node);
	return next;
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Still step 2: a document the engine can't canonicalise would look like a forged one. */
static bool
check_namespaces(Verifying *v)
{
	const char *refusal = canon_namespace_refusal(v->root);

	return refusal == NULL || verifying_refuse(v, STEP_PARSING, refusal);
}

/*
 * Step 3, and the number of signatures. Any attribute called id, in any case and of any namespace, xml:id among them:
 * an engine that registers one of two equal ones as an ID may not be the one that reads.
 */
static bool
check_identifiers(Verifying *v)
{
	char	  **ids = palloc(64 * sizeof(char *));
	size_t		count = 0;
	size_t		room = 64;

	for (xmlNode *node = v->root; node != NULL; node = following(node, v->root))
	{
		CHECK_FOR_INTERRUPTS();
		v->signatures += xml_is(node, NS_DS, "Signature");
		for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		{
			if (pg_strcasecmp((const char *) a->name, "id") != 0)
				continue;
			if (count == room)
				ids = repalloc_huge(ids, (room *= 2) * sizeof(char *));
			ids[count++] = xml_attribute_trimmed(node, a->ns ? (const char *) a->ns->href : NULL,
												 (const char *) a->name);
		}
	}
	qsort(ids, count, sizeof(char *), compare_strings);
	for (size_t i = 1; i < count; i++)
		if (strcmp(ids[i - 1], ids[i]) == 0)
			return verifying_refuse(v, STEP_IDENTIFIERS, "two elements have the same identifier");
	return true;
}

/* A document of its own is the seal of what is given beside it, and of nothing else. */
static bool
take_detached(Verifying *v)
{
	v->detached = true;
	v->signature = v->root;
	return v->verdict->beside != NULL ||
		verdict_refuse_as(v->verdict, STEP_REFERENCES, "SIGNED_DATA_NOT_FOUND", "the seal is of a document beside it, and none is given");
}

/* Step 4: by position, never by search through the document. */
static bool
find_signature(Verifying *v)
{
	if (xml_is(v->root, NS_DS, "Signature"))
		return take_detached(v);
	if (v->verdict->beside != NULL)
		return verifying_refuse(v, STEP_POSITION, NOT_BESIDE);
	switch (xml_count(v->root, NS_DS, "Signature"))
	{
		case 0:
			return verifying_refuse(v, STEP_POSITION, "the root has no signature as its child");
		case 1:
			v->signature = xml_child(v->root, NS_DS, "Signature");
			return true;
		default:
			return verifying_refuse(v, STEP_POSITION, "the root has more than one signature");
	}
}

/*
 * The engine reads attributes of XML-DSig by their local names: x:URI beside URI might be
 * taken for it. Neither vocabulary has attributes of a namespace; those that name a schema
 * (xsi) are called like none of its own.
 */
static bool
check_attributes(Verifying *v, const xmlNode *node)
{
	if (strcmp(xml_namespace(node), NS_DS) == 0 || strcmp(xml_namespace(node), NS_XADES) == 0)
		for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
			if (a->ns != NULL && strcmp((const char *) a->ns->href, NS_XSI) != 0)
				return verifying_refuse(v, STEP_STRUCTURE, "an element of the signature has an attribute of another vocabulary");
	return true;
}

/* What calls itself a signature inside of it is a countersignature, which nobody judges here, or a trap for readers. */
static bool
check_inner_signature(Verifying *v, const xmlNode *node)
{
	const XmlNode *first;

	if (!xml_is(node, NS_DS, "Signature") || node == v->signature)
		return true;
	first = xml_first(node);
	if (xml_is(node->parent, NS_XADES, "CounterSignature") && first != NULL && xml_is(first, NS_DS, "SignedInfo"))
		return true;
	return verifying_refuse(v, STEP_STRUCTURE, "there is a signature inside of the signature that is no countersignature");
}

static bool
check_inside(Verifying *v)
{
	for (xmlNode *node = v->signature; node != NULL; node = following(node, v->signature))
		if (!check_attributes(v, node) || !check_inner_signature(v, node))
			return false;
	return true;
}

/* Step 5: one of everything, so that there is only one meaning. */
static bool
check_structure(Verifying *v)
{
	static const char *const parts[] = {"SignedInfo", "SignatureValue", "KeyInfo", "Object"};
	XmlNode    *found[lengthof(parts)];
	XmlNode    *qualifying;
	XmlNode    *unsigned_properties;

	if (!verifying_children_are(v->signature, NS_DS, parts, lengthof(parts), found))
		return verifying_refuse(v, STEP_STRUCTURE, "the signature is not SignedInfo, SignatureValue, KeyInfo and one Object");
	v->signed_info = found[0];
	v->signature_value = found[1];
	v->key_info = found[2];

	qualifying = xml_first(found[3]);
	if (qualifying == NULL || xml_next(qualifying) != NULL ||
		!xml_is(qualifying, NS_XADES, "QualifyingProperties"))
		return verifying_refuse(v, STEP_STRUCTURE, "the Object is not one QualifyingProperties");
	v->signed_properties = xml_first(qualifying);
	if (v->signed_properties == NULL || !xml_is(v->signed_properties, NS_XADES, "SignedProperties"))
		return verifying_refuse(v, STEP_STRUCTURE, "there are no SignedProperties");
	unsigned_properties = xml_next(v->signed_properties);
	if (unsigned_properties != NULL &&
		(!xml_is(unsigned_properties, NS_XADES, "UnsignedProperties") || xml_next(unsigned_properties) != NULL))
		return verifying_refuse(v, STEP_STRUCTURE, "QualifyingProperties hold more than signed and unsigned properties");
	v->unsigned_properties = unsigned_properties;
	if (!verifying_points_to(xml_attribute(qualifying, NULL, "Target"), xml_attribute(v->signature, NULL, "Id")))
		return verifying_refuse(v, STEP_STRUCTURE, "the properties do not name their signature");
	return true;
}

static bool
digest_accepted(const Reference *reference)
{
	return reference->node == NULL ||
		(reference->digest_uri != NULL && suite_digest_by_uri(reference->digest_uri) != NULL);
}

/* Step 7: only algorithms of the table, so no SHA-1 and no HMAC. */
static bool
check_algorithms(Verifying *v)
{
	XmlNode    *c14n = xml_first(v->signed_info);
	XmlNode    *method = xml_next(c14n);
	char	   *uri;

	v->c14n_uri = xml_attribute(c14n, NULL, "Algorithm");
	if (!verifying_canonicalisation(v->c14n_uri) || xml_first(c14n) != NULL)
		return verifying_refuse(v, STEP_ALGORITHMS, "the canonicalisation method is not accepted");
	uri = xml_attribute(method, NULL, "Algorithm");
	v->suite = uri ? suite_by_uri(uri) : NULL;
	if (v->suite == NULL || xml_first(method) != NULL)
		return verifying_refuse(v, STEP_ALGORITHMS, "the signature method is not accepted");
	if (!digest_accepted(&v->document) || !digest_accepted(&v->properties) || !digest_accepted(&v->key))
		return verifying_refuse(v, STEP_ALGORITHMS, "a digest method is not accepted");
	v->verdict->algorithm = v->suite->name;
	return true;
}

bool
xades_verify(const char *bytes, size_t length, SealVerdict *verdict, STACK_OF(X509) *certificates)
{
	Verifying	v = {.verdict = verdict, .certificates = certificates};
	XmlFault	fault;
	XmlDocument *document = xml_read(bytes, length, &fault);
	bool		valid;

	if (document == NULL)
		return verdict_refuse(verdict, fault.sqlstate == ERRCODE_OOTS_LIMIT ? STEP_LIMITS : STEP_PARSING, fault.reason);
	v.root = xml_root(document);
	valid = check_namespaces(&v) && check_identifiers(&v) && find_signature(&v) &&
		check_inside(&v) && check_structure(&v) && references_check(&v) && check_algorithms(&v) &&
		claims_certificate(&v) && (v.detached ? beside_verify(&v) : engine_verify(&v)) && claims_properties(&v);
	if (valid)
	{
		unsigned_note_stamps(&v);
		unsigned_note_revocation(&v);
	}
	xml_release(document);
	return valid;
}
