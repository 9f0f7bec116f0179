/*
 * tidy.c
 *		An element that others wrote as canonical bytes of our own making, for
 *		comparing what two parties say: indentation, comments and the choice of
 *		prefixes make no difference.
 */
#include "postgres.h"

#include <libxml/tree.h>

#include "miscadmin.h"

#include "errors.h"
#include "xml/canon.h"
#include "xml/read.h"

/* Beside ours, a prefix of ours may not stand for another namespace. */
static const char *
foreign_prefix(const xmlNs *ns)
{
	static const char *const ours[] = {NS_RIM, NS_QUERY, NS_RS, NS_LCM, NS_SDG, NS_XSI, NS_EB, NS_DS, NS_XADES};
	const char *prefix = ns->prefix != NULL ? (const char *) ns->prefix : "";

	for (int i = 0; i < (int) lengthof(ours); i++)
		if (strcmp(xml_usual_prefix(ours[i]), prefix) == 0)
			ereport(ERROR, errcode(ERRCODE_OOTS_UNREADABLE),
					errmsg("document uses a usual prefix for another namespace"),
					errdetail("The prefix is \"%s\".", xml_usual_prefix(ours[i])));
	return prefix;
}

static const char *
prefix_of(const xmlNs *ns)
{
	const char *usual;

	if (ns == NULL || ns->href == NULL)
		return "";
	usual = xml_usual_prefix((const char *) ns->href);
	return usual != NULL ? usual : foreign_prefix(ns);
}

/* xsi:type holds a name with a prefix: it goes along with the prefixes of elements. */
static char *
type_value(const XmlNode *node, char *value)
{
	char	   *colon = strchr(value, ':');
	const xmlNs *ns;

	if (colon == NULL)
		return value;
	ns = xmlSearchNs(node->doc, unconstify(XmlNode *, node), (const xmlChar *) pnstrdup(value, colon - value));
	return ns != NULL ? psprintf("%s%s", prefix_of(ns), colon) : value;
}

static void
tidy_attributes(CanonWriter *w, const XmlNode *node)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
	{
		const char *local = (const char *) a->name;
		const char *uri = a->ns != NULL ? (const char *) a->ns->href : NULL;
		char	   *value = xml_attribute(node, uri, local);

		if (uri == NULL)
			canon_attribute(w, local, value);
		else if (strcmp(uri, NS_XSI) == 0 && strcmp(local, "type") == 0)
			canon_attribute_ns(w, "xsi", uri, local, type_value(node, value));
		else
			canon_attribute_ns(w, prefix_of(a->ns), uri, local, value);
	}
}

static void
refuse_instructions(const XmlNode *node)
{
	for (const xmlNode *child = node->children; child != NULL; child = child->next)
		if (child->type == XML_PI_NODE)
			ereport(ERROR, errcode(ERRCODE_OOTS_UNREADABLE),
					errmsg("document contains a processing instruction"));
}

void
canon_tidy(CanonWriter *w, const XmlNode *element)
{
	CHECK_FOR_INTERRUPTS();
	refuse_instructions(element);
	canon_open(w, prefix_of(element->ns), xml_namespace(element), xml_local(element));
	tidy_attributes(w, element);
	if (xml_first(element) == NULL)
		canon_string(w, xml_trimmed(element));
	else
		for (const XmlNode *child = xml_first(element); child != NULL; child = xml_next(child))
			canon_tidy(w, child);	/* no deeper than the scan allows */
	canon_close(w);
}
