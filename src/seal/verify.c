/*
 * verify.c
 *		Strict verification of a seal, the steps of SEAL §4 in order; the
 *		first failure is the verdict. Nothing outside of the two references
 *		is protected by a signature, so everything that could smuggle in a second
 *		meaning is refused before any cryptography: duplicate ids, a seal that is not
 *		a child of the root, more than one ds:Object, unexpected references.
 */
#include "postgres.h"

#include <libxml/tree.h>
#include <openssl/err.h>

#include "miscadmin.h"

#include "compat.h"
#include "errors.h"
#include "seal/verifying.h"

#define URI_ENVELOPED	"http://www.w3.org/2000/09/xmldsig#enveloped-signature"
#define URI_EXC_C14N	"http://www.w3.org/2001/10/xml-exc-c14n#"
#define TYPE_PROPERTIES	"http://uri.etsi.org/01903#SignedProperties"

static const char *const canonicalisations[] = {
	URI_EXC_C14N,
	"http://www.w3.org/2006/12/xml-c14n11",
	"http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
};

bool
verifying_refuse(Verifying *v, const char *step, const char *reason)
{
	v->verdict->step = step;
	v->verdict->reason = reason;
	return false;
}

static bool
is_canonicalisation(const char *uri)
{
	for (int i = 0; i < (int) lengthof(canonicalisations); i++)
		if (uri != NULL && strcmp(uri, canonicalisations[i]) == 0)
			return true;
	return false;
}

/* "#" followed by id */
static bool
points_to(const char *uri, const char *id)
{
	return uri != NULL && id != NULL && id[0] != '\0' && uri[0] == '#' && strcmp(uri + 1, id) == 0;
}

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

/*
 * Step 3. Any attribute called id, in any case and of any namespace, xml:id among them:
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

/* Step 4: by position, never by search through the document. */
static bool
find_signature(Verifying *v)
{
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

/* Are the element children of parent exactly these, in this order? Fills found[]. */
static bool
children_are(const XmlNode *parent, const char *ns, const char *const *names, int count, XmlNode **found)
{
	XmlNode    *child = xml_first(parent);

	for (int i = 0; i < count; i++, child = xml_next(child))
	{
		if (child == NULL || !xml_is(child, ns, names[i]))
			return false;
		found[i] = child;
	}
	return child == NULL;
}

/* Step 5: one of everything, so that there is only one meaning. */
static bool
check_structure(Verifying *v)
{
	static const char *const parts[] = {"SignedInfo", "SignatureValue", "KeyInfo", "Object"};
	XmlNode    *found[lengthof(parts)];
	XmlNode    *qualifying;
	XmlNode    *unsigned_properties;

	if (!children_are(v->signature, NS_DS, parts, lengthof(parts), found))
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
	if (!points_to(xml_attribute(qualifying, NULL, "Target"), xml_attribute(v->signature, NULL, "Id")))
		return verifying_refuse(v, STEP_STRUCTURE, "the properties do not name their signature");
	return true;
}

/* One ds:Transform: its algorithm, or NULL when it has content that is not understood. */
static char *
transform_of(const XmlNode *transform)
{
	XmlNode    *content = xml_first(transform);
	char	   *uri = xml_attribute(transform, NULL, "Algorithm");

	if (uri == NULL || !xml_is(transform, NS_DS, "Transform"))
		return NULL;
	if (content != NULL &&
		(strcmp(uri, URI_EXC_C14N) != 0 || xml_next(content) != NULL || xml_first(content) != NULL ||
		 !xml_is(content, URI_EXC_C14N, "InclusiveNamespaces")))
		return NULL;
	return uri;
}

/* Take a ds:Reference apart; its transforms must be [enveloped,] c14n. */
static bool
read_reference(Verifying *v, XmlNode *node, bool enveloped, Reference *reference)
{
	static const char *const parts[] = {"Transforms", "DigestMethod", "DigestValue"};
	XmlNode    *found[lengthof(parts)];
	XmlNode    *transform;
	char	   *uri;

	if (!children_are(node, NS_DS, parts, lengthof(parts), found))
		return verifying_refuse(v, STEP_REFERENCES, "a reference is not Transforms, DigestMethod and DigestValue");
	reference->node = node;
	reference->digest_uri = xml_attribute(found[1], NULL, "Algorithm");

	transform = xml_first(found[0]);
	if (enveloped)
	{
		uri = transform ? transform_of(transform) : NULL;
		if (uri == NULL || strcmp(uri, URI_ENVELOPED) != 0)
			return verifying_refuse(v, STEP_REFERENCES, "the reference to the document does not begin with the enveloped signature transform");
		transform = xml_next(transform);
	}
	uri = transform ? transform_of(transform) : NULL;
	if (uri == NULL || !is_canonicalisation(uri) || xml_next(transform) != NULL)
		return verifying_refuse(v, STEP_REFERENCES, "a reference has transforms other than one canonicalisation");
	reference->c14n_uri = uri;
	return true;
}

/* Step 6: exactly the document and the properties of step 5, in either order. */
static bool
check_references(Verifying *v)
{
	static const char *const parts[] = {"CanonicalizationMethod", "SignatureMethod", "Reference", "Reference"};
	XmlNode    *found[lengthof(parts)];
	XmlNode    *document;
	XmlNode    *properties;
	char	   *type;
	char	   *uri;

	if (!children_are(v->signed_info, NS_DS, parts, lengthof(parts), found))
		return verifying_refuse(v, STEP_REFERENCES, "SignedInfo does not have exactly two references");
	uri = xml_attribute(found[2], NULL, "URI");
	document = uri != NULL && uri[0] == '\0' ? found[2] : found[3];
	properties = document == found[2] ? found[3] : found[2];

	uri = xml_attribute(document, NULL, "URI");
	if (uri == NULL || uri[0] != '\0')
		return verifying_refuse(v, STEP_REFERENCES, "no reference covers the document");
	v->properties_id = xml_attribute(v->signed_properties, NULL, "Id");
	type = xml_attribute(properties, NULL, "Type");
	if (type == NULL || strcmp(type, TYPE_PROPERTIES) != 0)
		return verifying_refuse(v, STEP_REFERENCES, "no reference has the type of signed properties");
	if (!points_to(xml_attribute(properties, NULL, "URI"), v->properties_id))
		return verifying_refuse(v, STEP_REFERENCES, "the reference to the properties points elsewhere");
	v->reference_id = xml_attribute(document, NULL, "Id");
	return read_reference(v, document, true, &v->document) &&
		read_reference(v, properties, false, &v->properties);
}

/* Step 7: only algorithms of the table, so no SHA-1 and no HMAC. */
static bool
check_algorithms(Verifying *v)
{
	XmlNode    *c14n = xml_first(v->signed_info);
	XmlNode    *method = xml_next(c14n);
	char	   *uri;

	v->c14n_uri = xml_attribute(c14n, NULL, "Algorithm");
	if (!is_canonicalisation(v->c14n_uri) || xml_first(c14n) != NULL)
		return verifying_refuse(v, STEP_ALGORITHMS, "the canonicalisation method is not accepted");
	uri = xml_attribute(method, NULL, "Algorithm");
	v->suite = uri ? suite_by_uri(uri) : NULL;
	if (v->suite == NULL || xml_first(method) != NULL)
		return verifying_refuse(v, STEP_ALGORITHMS, "the signature method is not accepted");
	if (v->document.digest_uri == NULL || suite_digest_by_uri(v->document.digest_uri) == NULL ||
		v->properties.digest_uri == NULL || suite_digest_by_uri(v->properties.digest_uri) == NULL)
		return verifying_refuse(v, STEP_ALGORITHMS, "a digest method is not accepted");
	v->verdict->algorithm = v->suite->name;
	return true;
}

static void
verify_document(Verifying *v, const char *bytes, size_t length)
{
	XmlFault	fault;
	XmlDocument *document = xml_read(bytes, length, &fault);

	if (document == NULL)
	{
		verifying_refuse(v, fault.sqlstate == ERRCODE_OOTS_LIMIT ? STEP_LIMITS : STEP_PARSING, fault.reason);
		return;
	}
	v->root = xml_root(document);
	v->verdict->valid = check_identifiers(v) && find_signature(v) && check_structure(v) &&
		check_references(v) && check_algorithms(v) && claims_certificate(v) &&
		engine_verify(v) && claims_properties(v);
	if (v->verdict->valid && v->anchors != NULL)
		v->verdict->chain = claims_chain(v);
	if (!v->verdict->valid)
		v->verdict->signed_content = NULL;
	xml_release(document);
}

void
seal_verify(const char *bytes, size_t length, const char *trusted, size_t trusted_length,
			SealVerdict *verdict)
{
	Verifying	v = {.verdict = verdict};

	memset(verdict, 0, sizeof(*verdict));
	verdict->chain = "not checked";
	verdict->revocation = "not checked";
	ERR_clear_error();
	if (trusted != NULL)
		v.anchors = claims_read_anchors(trusted, trusted_length);
	PG_TRY();
	{
		verify_document(&v, bytes, length);
	}
	PG_FINALLY();
	{
		sk_X509_pop_free(v.certificates, X509_free);
		sk_X509_pop_free(v.anchors, X509_free);
		ERR_clear_error();
	}
	PG_END_TRY();
}
