/*
 * references.c
 *		Step 6: the references are exactly those to the document, in which the seal lies or which lies beside it, and to the
 *		properties, perhaps one to KeyInfo, and their transforms are ones of which it
 *		is known what they leave out.
 *
 *		The signature may be left out of the document in three ways. Two of them are XPath
 *		filters that remove every ds:Signature, not only the one that is verified:
 *		where there is a second one, wherever it stands, it would be unsigned content.
 *		So they are taken in these very words only, and in a document with one
 *		signature; then they select what the enveloped signature transform selects.
 */
#include "postgres.h"

#include <libxml/tree.h>

#include "seal/references.h"

#define URI_EXC_C14N	"http://www.w3.org/2001/10/xml-exc-c14n#"
#define TYPE_PROPERTIES	"http://uri.etsi.org/01903#SignedProperties"

/* types that make something else of a reference than what it digests */
static const char *const other_types[] = {
	TYPE_PROPERTIES,
	"http://uri.etsi.org/01903#CountersignedSignature",
	"http://www.w3.org/2000/09/xmldsig#Manifest",
};

static bool
refuse(Verifying *v, const char *reason)
{
	return verifying_refuse(v, STEP_REFERENCES, reason);
}

/* The text of an element that has nothing else in it, no comment either; NULL otherwise. */
static char *
only_text(const XmlNode *node)
{
	const xmlNode *text = node->children;

	return text != NULL && text->type == XML_TEXT_NODE && text->next == NULL ? xml_trimmed(node) : NULL;
}

/* Is text before, a prefix that stands for XML-DSig at node, and after, in this order? */
static bool
names_signature(const XmlNode *node, const char *text, const char *before, const char *after)
{
	size_t		head = strlen(before);
	const char *prefix;
	const char *colon;

	if (text == NULL || strncmp(text, before, head) != 0)
		return false;
	prefix = text + head;
	colon = strchr(prefix, ':');
	return colon != NULL && colon != prefix && strcmp(colon, after) == 0 &&
		xml_prefix_is(node, pnstrdup(prefix, colon - prefix), NS_DS);
}

/*
 * The filter with which EU DSS seals unless told otherwise (XML-Signature XPath Filter
 * 2.0 §3.3). An attribute besides might be read for Filter.
 */
static bool
is_known_filter2(const XmlNode *xpath)
{
	char	   *filter = xml_attribute(xpath, NULL, "Filter");

	return xml_is(xpath, URI_XPATH2, "XPath") && filter != NULL && strcmp(filter, "subtract") == 0 &&
		xpath->properties->next == NULL &&
		names_signature(xpath, only_text(xpath), "/descendant::", ":Signature");
}

/* Its predecessor (XML-DSig §6.6.3) */
static bool
is_known_filter(const XmlNode *xpath)
{
	return xml_is(xpath, NS_DS, "XPath") &&
		names_signature(xpath, only_text(xpath), "not(ancestor-or-self::", ":Signature)");
}

/* One ds:Transform: its algorithm, or NULL when it has content that is not understood. */
static char *
transform_of(const XmlNode *transform)
{
	XmlNode    *content = xml_first(transform);
	char	   *uri = xml_attribute(transform, NULL, "Algorithm");

	if (uri == NULL || !xml_is(transform, NS_DS, "Transform"))
		return NULL;
	if (strcmp(uri, URI_XPATH2) == 0 || strcmp(uri, URI_XPATH) == 0)
		return content != NULL && xml_next(content) == NULL &&
			(strcmp(uri, URI_XPATH2) == 0 ? is_known_filter2(content) : is_known_filter(content)) ? uri : NULL;
	if (content != NULL &&
		(strcmp(uri, URI_EXC_C14N) != 0 || xml_next(content) != NULL || xml_first(content) != NULL ||
		 !xml_is(content, URI_EXC_C14N, "InclusiveNamespaces")))
		return NULL;
	return uri;
}

/* The first transform of the document's reference: what leaves the signature out. */
static bool
read_filter(Verifying *v, const XmlNode *transform, Reference *reference)
{
	char	   *uri = transform ? transform_of(transform) : NULL;

	if (uri != NULL && (strcmp(uri, URI_XPATH2) == 0 || strcmp(uri, URI_XPATH) == 0))
	{
		if (v->signatures != 1)
			return refuse(v, "the reference leaves out every signature, and the document has more than one");
	}
	else if (uri == NULL || strcmp(uri, URI_ENVELOPED) != 0)
		return refuse(v, "the reference to the document does not begin with a transform that leaves the signature out, and only it");
	reference->filter_uri = uri;
	return true;
}

/*
 * Take a ds:Reference apart: [Transforms,] DigestMethod, DigestValue; transforms are
 * [filter and] few canonicalisations. Without any, Canonical XML 1.0 is meant (XML-DSig §4.4.3.2).
 */
static bool
read_reference(Verifying *v, bool filtered, Reference *reference)
{
	static const char *const parts[] = {"Transforms", "DigestMethod", "DigestValue"};
	XmlNode    *found[lengthof(parts)] = {NULL};
	XmlNode    *transform = NULL;

	if (verifying_children_are(reference->node, NS_DS, parts, lengthof(parts), found))
	{
		transform = xml_first(found[0]);
		if (transform == NULL)
			return refuse(v, "a reference has no transform in its Transforms");
	}
	else if (!verifying_children_are(reference->node, NS_DS, parts + 1, lengthof(parts) - 1, found + 1))
		return refuse(v, "a reference is not Transforms, DigestMethod and DigestValue");
	reference->digest_uri = xml_attribute(found[1], NULL, "Algorithm");
	if (filtered)
	{
		if (!read_filter(v, transform, reference))
			return false;
		transform = xml_next(transform);
	}
	for (; transform != NULL; transform = xml_next(transform))
	{
		char	   *uri = transform_of(transform);

		if (uri == NULL || !verifying_canonicalisation(uri) || reference->c14ns == MAX_CANONICALISATIONS)
			return refuse(v, "a reference has transforms other than one or two canonicalisations");
		reference->c14n_uris[reference->c14ns++] = uri;
	}
	return true;
}

/* Does it point to something that is not the seal, nor a part of anything? Where that lies is not asked: it is given. */
static bool
points_elsewhere(const char *uri)
{
	return uri == NULL || (uri[0] != '\0' && strchr(uri, '#') == NULL);
}

/* Which of v's references is it? NULL when none, or one that is there already. */
static Reference *
place_of(Verifying *v, const XmlNode *node)
{
	char	   *uri = xml_attribute(node, NULL, "URI");
	Reference  *place = NULL;

	if (v->detached ? points_elsewhere(uri) : uri != NULL && uri[0] == '\0')
		place = &v->document;
	else if (verifying_points_to(uri, v->properties_id))
		place = &v->properties;
	else if (verifying_points_to(uri, v->key_info_id))
		place = &v->key;
	return place != NULL && place->node == NULL ? place : NULL;
}

static bool
has_type(const XmlNode *node, const char *type)
{
	char	   *own = xml_attribute(node, NULL, "Type");

	return own != NULL && strcmp(own, type) == 0;
}

/* The references of SignedInfo, in any order: each in its place, and none besides. */
static bool
sort_references(Verifying *v)
{
	const XmlNode *of_properties = NULL;
	bool		other = false;

	for (XmlNode *node = xml_child(v->signed_info, NS_DS, "Reference"); node != NULL; node = xml_next(node))
	{
		Reference  *place = xml_is(node, NS_DS, "Reference") ? place_of(v, node) : NULL;

		if (has_type(node, TYPE_PROPERTIES))
			of_properties = node;
		if (place != NULL)
			place->node = node;
		else
			other = true;
	}
	if (v->document.node == NULL)
		return refuse(v, "no reference covers the document");
	if (of_properties == NULL)
		return refuse(v, "no reference has the type of signed properties");
	if (v->properties.node == NULL || !has_type(v->properties.node, TYPE_PROPERTIES))
		return refuse(v, "the reference to the properties points elsewhere");
	if (other)
		return refuse(v, "SignedInfo has more than references to the document, the properties and KeyInfo");
	for (int i = 0; i < (int) lengthof(other_types); i++)
		if (has_type(v->document.node, other_types[i]) || (v->key.node != NULL && has_type(v->key.node, other_types[i])))
			return refuse(v, "a reference has a type that is not its own");
	return true;
}

/* One canonicalisation at most, by its name alone. */
static bool
is_plain(const Reference *reference)
{
	const XmlNode *transforms = reference->node ? xml_child(reference->node, NS_DS, "Transforms") : NULL;

	return transforms == NULL || (reference->c14ns <= 1 && xml_first(xml_first(transforms)) == NULL);
}

/* What is beside is digested octet for octet. */
static bool
check_detached(Verifying *v)
{
	if (v->document.c14ns > 0)
		return refuse(v, "the document beside the seal is made into something else before it is digested");
	return (is_plain(&v->properties) && is_plain(&v->key)) || refuse(v, "a reference has transforms other than one canonicalisation");
}

bool
references_check(Verifying *v)
{
	static const char *const heads[] = {"CanonicalizationMethod", "SignatureMethod"};
	const XmlNode *child = xml_first(v->signed_info);

	for (int i = 0; i < (int) lengthof(heads); i++, child = xml_next(child))
		if (child == NULL || !xml_is(child, NS_DS, heads[i]))
			return refuse(v, "SignedInfo does not begin with CanonicalizationMethod and SignatureMethod");
	v->properties_id = xml_attribute(v->signed_properties, NULL, "Id");
	v->key_info_id = xml_attribute(v->key_info, NULL, "Id");
	return sort_references(v) &&
		read_reference(v, !v->detached, &v->document) && read_reference(v, false, &v->properties) &&
		(v->key.node == NULL || read_reference(v, false, &v->key)) && (!v->detached || check_detached(v));
}
