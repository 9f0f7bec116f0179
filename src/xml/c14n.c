/*
 * c14n.c
 *		Exclusive C14N without comments by libxml2, for XML that is not ours:
 *		values of users, and the oracle that the writer of canon.c is tested by.
 */
#include "postgres.h"

#include <libxml/c14n.h>
#include <libxml/tree.h>
#include <libxml/uri.h>

#include "compat.h"
#include "errors.h"
#include "xml/canon.h"
#include "xml/quiet.h"
#include "xml/read.h"

/*
 * libxml2 writes namespace names as they are, so one with a character that
 * must be escaped would come out malformed; and it refuses relative ones, as Canonical XML does.
 */
static const char *
name_refusal(const char *name)
{
	xmlURIPtr	uri;
	bool		absolute;

	if (name == NULL || name[0] == '\0')
		return NULL;
	if (strpbrk(name, "&<\"\t\n\r") != NULL)
		return "a namespace name contains a character that needs escaping";
	uri = xmlParseURI(name);
	absolute = uri != NULL && uri->scheme != NULL && uri->scheme[0] != '\0';
	if (uri != NULL)
		xmlFreeURI(uri);
	return absolute ? NULL : "a namespace name is not an absolute URI";
}

const char *
canon_namespace_refusal(const XmlNode *node)
{
	const char *refusal = NULL;

	for (const xmlNs *ns = node->nsDef; refusal == NULL && ns != NULL; ns = ns->next)
		refusal = name_refusal((const char *) ns->href);
	for (const XmlNode *child = xml_first(node); refusal == NULL && child != NULL; child = xml_next(child))
		refusal = canon_namespace_refusal(child);	/* no deeper than the scan allows */
	return refusal;
}

/* Is node (or, for an attribute or a namespace, the element it stands on) top or below it? */
static int
is_below(void *top, xmlNodePtr node, xmlNodePtr parent)
{
	const xmlNode *at = node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE ? parent : node;

	while (at != NULL && at != top)
		at = at->parent;
	return at != NULL;
}

static StringInfo
canonical_node(const XmlNode *node, xmlC14NMode mode)
{
	XmlNode    *top = (XmlNode *) node;
	StringInfo	out = makeStringInfo();
	xmlOutputBufferPtr buffer;
	bool		fine = false;
	XmlQuiet	quiet;

	/* a namespace in use may be declared above the node */
	if (canon_namespace_refusal(xmlDocGetRootElement(node->doc)) != NULL)
		return NULL;

	xml_quiet(&quiet);
	buffer = xmlAllocOutputBuffer(NULL);
	if (buffer != NULL)
		fine = xmlC14NExecute(node->doc, is_below, top, mode, NULL, 0, buffer) >= 0;
	xml_loud(&quiet);

	PG_TRY();
	{
		if (fine)
			appendBinaryStringInfo(out, (const char *) xmlOutputBufferGetContent(buffer), xmlOutputBufferGetSize(buffer));
	}
	PG_FINALLY();
	{
		if (buffer != NULL)
			xmlOutputBufferClose(buffer);
	}
	PG_END_TRY();
	return fine && out->len > 0 ? out : NULL;
}

StringInfo
canon_from_node(const XmlNode *node)
{
	return canonical_node(node, XML_C14N_EXCLUSIVE_1_0);
}

StringInfo
canon_from_node_by(const XmlNode *node, const char *uri)
{
	static const struct
	{
		const char *uri;
		xmlC14NMode mode;
	}			modes[] = {
		{"http://www.w3.org/2001/10/xml-exc-c14n#", XML_C14N_EXCLUSIVE_1_0},
		{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", XML_C14N_1_0},
		{"http://www.w3.org/2006/12/xml-c14n11", XML_C14N_1_1},
	};

	for (int i = 0; i < (int) lengthof(modes); i++)
		if (strcmp(modes[i].uri, uri) == 0)
			return canonical_node(node, modes[i].mode);
	return NULL;
}

StringInfo
canon_from_document(const XmlDocument *document, const char *what)
{
	XmlNode    *root = xml_root(document);
	StringInfo	out = makeStringInfo();
	xmlChar    *canonical = NULL;
	int			size;
	const char *refusal = canon_namespace_refusal(root);
	XmlQuiet	quiet;

	if (refusal != NULL)
		ereport(ERROR, errcode(ERRCODE_OOTS_UNREADABLE),
				errmsg("%s cannot be made canonical: %s", what, refusal),
				errhint("Namespace names must be absolute URIs of plain characters."));

	xml_quiet(&quiet);
	size = xmlC14NDocDumpMemory(root->doc, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &canonical);
	xml_loud(&quiet);

	PG_TRY();
	{
		if (size < 0 || canonical == NULL)
			ereport(ERROR, errcode(ERRCODE_OOTS_UNREADABLE),
					errmsg("%s cannot be made canonical", what));
		appendBinaryStringInfo(out, (char *) canonical, size);
	}
	PG_FINALLY();
	{
		if (canonical != NULL)
			xmlFree(canonical);
	}
	PG_END_TRY();
	return out;
}

StringInfo
canon_from_xml(const char *bytes, size_t length, const char *what)
{
	XmlDocument *document = xml_read_or_raise(bytes, length, what);
	StringInfo	canonical = canon_from_document(document, what);

	xml_release(document);
	return canonical;
}
