/*
 * node.c
 *		Walk through a parsed document.
 */
#include <ctype.h>
#include <string.h>

#include "base.h"
#include "node.h"

bool
node_is(const xmlNode *node, const char *ns, const char *name)
{
	if (node->type != XML_ELEMENT_NODE || (name && strcmp((const char *) node->name, name) != 0))
		return false;
	if (node->ns == NULL || ns == NULL)
		return node->ns == NULL && ns == NULL;
	return strcmp((const char *) node->ns->href, ns) == 0;
}

xmlNode *
node_next(const xmlNode *node)
{
	xmlNode    *next = node->next;

	while (next && next->type != XML_ELEMENT_NODE)
		next = next->next;
	return next;
}

xmlNode *
node_first(const xmlNode *parent)
{
	xmlNode    *child = parent ? parent->children : NULL;

	return child && child->type != XML_ELEMENT_NODE ? node_next(child) : child;
}

xmlNode *
node_child(const xmlNode *parent, const char *ns, const char *name)
{
	for (xmlNode *child = node_first(parent); child; child = node_next(child))
	{
		if (node_is(child, ns, name))
			return child;
	}
	return NULL;
}

static char *
take_trimmed(xmlChar *text)
{
	const char *start = (const char *) text;
	const char *end;
	char	   *copy;

	if (text == NULL)
		return NULL;
	while (isspace((unsigned char) *start))
		start++;
	end = start + strlen(start);
	while (end > start && isspace((unsigned char) end[-1]))
		end--;
	copy = copy_bytes(start, end - start);
	xmlFree(text);
	return copy;
}

char *
node_text(const xmlNode *node)
{
	return node ? take_trimmed(xmlNodeGetContent(node)) : NULL;
}

char *
node_attribute(const xmlNode *node, const char *name)
{
	return node ? take_trimmed(xmlGetNoNsProp(node, (const xmlChar *) name)) : NULL;
}
