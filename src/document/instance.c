/*
 * instance.c
 *		XML to an instance tree (instance.h). Depth and number of elements are limited
 *		by the scan before the parse; attributes that only speak to parsers (xsi:…)
 *		are no fields.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "compat.h"
#include "document/instance.h"
#include "xml/read.h"

Instance *
instance_append(Instance ***last, const char *name, const char *text)
{
	Instance   *node = palloc0(sizeof(Instance));

	node->name = name;
	node->text = text;
	**last = node;
	*last = &node->next;
	return node;
}

static void
add_attribute(const char *ns, const char *local, const char *value, void *argument)
{
	if (strcmp(ns, NS_XSI) != 0)
		instance_append(argument, psprintf("@%s", local), value);
}

static void
read_element(Instance *node, const XmlNode *element)
{
	Instance  **last = &node->attributes;
	char	   *between;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	xml_each_attribute(element, add_attribute, &last);
	if (xml_first(element) == NULL)
	{
		node->text = xml_trimmed(element);
		return;
	}
	node->children = node->attributes;
	node->attributes = NULL;
	if (node->children == NULL)
		last = &node->children;
	between = xml_text_between(element);
	if (between != NULL)
		instance_append(&last, ".", between);
	for (const XmlNode *child = xml_first(element); child != NULL; child = xml_next(child))
		if (!xml_is(child, NS_DS, "Signature"))
			read_element(instance_append(&last, pstrdup(xml_local(child)), NULL), child);
	/* nothing but a seal */
	if (node->children == NULL)
		node->text = "";
}

Instance *
instance_from_xml(const char *bytes, size_t length)
{
	XmlDocument *document = xml_read_or_raise(bytes, length, "document");
	Instance   *root = palloc0(sizeof(Instance));

	root->name = pstrdup(xml_local(xml_root(document)));
	read_element(root, xml_root(document));
	xml_release(document);
	return root;
}
