/*
 * walk.c
 *		Elements, attributes and text of a document that was read (read.h).
 *		Namespaces count, prefixes do not.
 */
#include "postgres.h"

#include <libxml/tree.h>

#include "lib/stringinfo.h"

#include "xml/read.h"

static inline bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static XmlNode *
element_from(xmlNodePtr node)
{
	while (node != NULL && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

XmlNode *
xml_first(const XmlNode *parent)
{
	return element_from(parent->children);
}

XmlNode *
xml_next(const XmlNode *node)
{
	return element_from(node->next);
}

const XmlNode *
xml_parent(const XmlNode *node)
{
	const XmlNode *parent = node->parent;

	return parent != NULL && parent->type == XML_ELEMENT_NODE ? parent : NULL;
}

static XmlNode *
same_from(XmlNode *node, const char *ns, const char *local)
{
	while (node != NULL && !xml_is(node, ns, local))
		node = xml_next(node);
	return node;
}

XmlNode *
xml_child(const XmlNode *parent, const char *ns, const char *local)
{
	return same_from(xml_first(parent), ns, local);
}

XmlNode *
xml_next_same(const XmlNode *node, const char *ns, const char *local)
{
	return same_from(xml_next(node), ns, local);
}

int
xml_count(const XmlNode *parent, const char *ns, const char *local)
{
	int			count = 0;

	for (XmlNode *node = xml_child(parent, ns, local); node != NULL; node = xml_next_same(node, ns, local))
		count++;
	return count;
}

bool
xml_is(const XmlNode *node, const char *ns, const char *local)
{
	return strcmp(xml_local(node), local) == 0 && strcmp(xml_namespace(node), ns) == 0;
}

const char *
xml_local(const XmlNode *node)
{
	return (const char *) node->name;
}

const char *
xml_namespace(const XmlNode *node)
{
	return node->ns != NULL && node->ns->href != NULL ? (const char *) node->ns->href : "";
}

static bool
is_text(const xmlNode *node)
{
	return (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) && node->content != NULL;
}

/* The node after this one in document order, below top only; NULL at the end. */
static const xmlNode *
following(const xmlNode *node, const xmlNode *top)
{
	if (node->type == XML_ELEMENT_NODE && node->children != NULL)
		return node->children;
	while (node->next == NULL)
	{
		node = node->parent;
		if (node == top)
			return NULL;
	}
	return node->next;
}

/* Text below an element or an attribute. */
static char *
text_below(const xmlNode *top)
{
	const xmlNode *node = top->children;
	StringInfoData text;

	if (node == NULL)
		return pstrdup("");
	if (node->next == NULL && is_text(node))	/* as nearly always */
		return pstrdup((const char *) node->content);
	initStringInfo(&text);
	for (; node != NULL; node = following(node, top))
		if (is_text(node))
			appendStringInfoString(&text, (const char *) node->content);
	return text.data;
}

char *
xml_text(const XmlNode *node)
{
	return text_below(node);
}

/* Strip in place. */
static char *
strip(char *text)
{
	size_t		length;

	while (is_space(*text))
		text++;
	length = strlen(text);
	while (length > 0 && is_space(text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

/* normalize-space() in place. */
static char *
normalize(char *text)
{
	char	   *to;

	text = strip(text);
	to = text;
	for (const char *from = text; *from != '\0'; from++)
	{
		if (!is_space(*from))
			*to++ = *from;
		else if (!is_space(from[1]))
			*to++ = ' ';
	}
	*to = '\0';
	return text;
}

char *
xml_normalize(const char *text)
{
	while (is_space(*text))
		text++;
	return normalize(pstrdup(text));
}

/* A stripped copy that may be pfree'd: the text begins at its first byte. */
static char *
begin_at_front(char *text, char *stripped)
{
	if (stripped != text)
		memmove(text, stripped, strlen(stripped) + 1);
	return text;
}

char *
xml_trimmed(const XmlNode *node)
{
	char	   *text = text_below(node);

	return begin_at_front(text, strip(text));
}

char *
xml_normalized(const XmlNode *node)
{
	char	   *text = text_below(node);

	return begin_at_front(text, normalize(text));
}

static const xmlNode *
find_attribute(const XmlNode *node, const char *ns, const char *local)
{
	for (const xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next)
	{
		const char *uri = attribute->ns != NULL ? (const char *) attribute->ns->href : NULL;

		if (strcmp((const char *) attribute->name, local) == 0 &&
			(ns == NULL || uri == NULL ? ns == uri : strcmp(uri, ns) == 0))
			return (const xmlNode *) attribute;
	}
	return NULL;
}

char *
xml_attribute(const XmlNode *node, const char *ns, const char *local)
{
	const xmlNode *attribute = find_attribute(node, ns, local);

	return attribute != NULL ? text_below(attribute) : NULL;
}

bool
xml_attribute_is(const XmlNode *node, const char *local, const char *value)
{
	const xmlNode *attribute = find_attribute(node, NULL, local);
	const xmlNode *text = attribute != NULL ? attribute->children : NULL;

	if (attribute == NULL)
		return false;
	if (text != NULL && text->next == NULL && is_text(text))	/* as nearly always */
		return strcmp((const char *) text->content, value) == 0;
	return strcmp(text_below(attribute), value) == 0;
}

char *
xml_attribute_trimmed(const XmlNode *node, const char *ns, const char *local)
{
	char	   *text = xml_attribute(node, ns, local);

	return text != NULL ? begin_at_front(text, strip(text)) : NULL;
}

bool
xml_has_handler(const XmlNode *node)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		if (pg_strncasecmp((const char *) a->name, "on", 2) == 0)
			return true;
	return false;
}

char *
xml_xsi_type(const XmlNode *node)
{
	return xml_attribute(node, NS_XSI, "type");
}

const char *
xml_xsi_type_local(const XmlNode *node)
{
	const char *type = xml_xsi_type(node);
	const char *colon = type != NULL ? strchr(type, ':') : NULL;

	return colon != NULL ? colon + 1 : NULL;
}

bool
xml_prefix_is(const XmlNode *node, const char *prefix, const char *ns)
{
	const xmlNs *bound = xmlSearchNs(node->doc, (XmlNode *) node, *prefix != '\0' ? (const xmlChar *) prefix : NULL);

	return bound != NULL && bound->href != NULL && strcmp((const char *) bound->href, ns) == 0;
}

/* The prefix people know a namespace by; NULL when they know none. */
const char *
xml_usual_prefix(const char *uri)
{
	static const struct
	{
		const char *uri;
		const char *prefix;
	}			known[] = {
		{NS_RIM, "rim"}, {NS_QUERY, "query"}, {NS_RS, "rs"}, {NS_LCM, "lcm"}, {NS_SDG, "sdg"},
		{NS_XSI, "xsi"},
		{NS_EB, "eb"}, {NS_DS, "ds"}, {NS_XADES, "xades"},
	};

	for (int i = 0; i < lengthof(known); i++)
		if (strcmp(uri, known[i].uri) == 0)
			return known[i].prefix;
	return NULL;
}

/* Its place among the siblings of its name, 1 for the first; 0 when it is the only one. */
static int
place_among_same(const XmlNode *node)
{
	const char *ns = xml_namespace(node);
	const char *local = xml_local(node);
	int			place = 1;

	for (const xmlNode *before = node->prev; before != NULL; before = before->prev)
		if (before->type == XML_ELEMENT_NODE && xml_is(before, ns, local))
			place++;
	return place == 1 && xml_next_same(node, ns, local) == NULL ? 0 : place;
}

static void
append_location(StringInfo location, const XmlNode *node)
{
	const XmlNode *parent = xml_parent(node);
	const char *prefix = xml_usual_prefix(xml_namespace(node));
	int			place = place_among_same(node);

	if (parent != NULL)
		append_location(location, parent);	/* no deeper than the scan allows */
	appendStringInfoChar(location, '/');
	if (prefix != NULL)
		appendStringInfo(location, "%s:", prefix);
	appendStringInfoString(location, xml_local(node));
	if (place > 0)
		appendStringInfo(location, "[%d]", place);
}

char *
xml_location(const XmlNode *node)
{
	StringInfoData location;

	initStringInfo(&location);
	append_location(&location, node);
	return location.data;
}

void
xml_each_attribute(const XmlNode *node, XmlAttributeVisitor visit, void *argument)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		visit(a->ns != NULL && a->ns->href != NULL ? (const char *) a->ns->href : "", (const char *) a->name,
			  text_below((const xmlNode *) a), argument);
}

char *
xml_text_between(const XmlNode *node)
{
	StringInfoData text;
	char	   *stripped;

	initStringInfo(&text);
	for (const xmlNode *child = node->children; child != NULL; child = child->next)
		if (is_text(child))
			appendStringInfoString(&text, (const char *) child->content);
	stripped = strip(text.data);
	return *stripped != '\0' ? stripped : NULL;
}
