/*
 * shape.c
 *		Hold requests against the tables of what may stand in them.
 */
#include <stdlib.h>
#include <string.h>
#include <libxml/xmlstring.h>

#include "request.h"
#include "shape.h"
#include "store.h"

const Shape shape_id[] = {
	{"messageID", 1, 1, SHAPE_TEXT_255, NULL, NULL},
	{0}
};

const Shape shape_id_and_role[] = {
	{"messageID", 1, 1, SHAPE_TEXT_255, NULL, NULL},
	{"accessPointRole", 1, 1, SHAPE_ROLE, NULL, NULL},
	{0}
};

const Shape shape_list[] = {
	{"messageId", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"conversationId", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"refToMessageId", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"fromPartyId", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"finalRecipient", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"originalSender", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"receivedFrom", 0, 1, SHAPE_TIME, NULL, NULL},
	{"receivedTo", 0, 1, SHAPE_TIME, NULL, NULL},
	{0}
};

const Shape shape_list_push_failed[] = {
	{"messageId", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"finalRecipient", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"originalSender", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"receivedFrom", 0, 1, SHAPE_TIME, NULL, NULL},
	{"receivedTo", 0, 1, SHAPE_TIME, NULL, NULL},
	{0}
};

const Shape shape_repush[] = {
	{"messageID", 0, MANY, SHAPE_TEXT, NULL, NULL},
	{0}
};

static const Shape payload[] = {
	{"value", 1, 1, SHAPE_BASE64, NULL, NULL},
	{0}
};

const Shape shape_submit[] = {
	{"bodyload", 0, 1, SHAPE_CHILDREN, payload, NULL},
	{"payload", 0, MANY, SHAPE_CHILDREN, payload, NULL},
	{0}
};

static const Shape message_info[] = {
	{"Timestamp", 0, 1, SHAPE_TIME, NULL, NULL},
	{"MessageId", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"RefToMessageId", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{0}
};

static const Shape party[] = {
	{"PartyId", 1, 1, SHAPE_TEXT_255, NULL, NULL},
	{"Role", 1, 1, SHAPE_TEXT_255, NULL, NULL},
	{0}
};

static const Shape party_info[] = {
	{"From", 1, 1, SHAPE_CHILDREN, party, NULL},
	{"To", 0, 1, SHAPE_CHILDREN, party, NULL},
	{0}
};

static const Shape collaboration[] = {
	{"AgreementRef", 0, 1, SHAPE_TEXT_255, NULL, NULL},
	{"Service", 1, 1, SHAPE_TEXT_255, NULL, NULL},
	{"Action", 1, 1, SHAPE_TEXT, NULL, NULL},
	{"ConversationId", 0, 1, SHAPE_TEXT, NULL, NULL},
	{0}
};

static const Shape properties[] = {
	{"Property", 1, MANY, SHAPE_TEXT_1024, NULL, "name"},
	{0}
};

static const Shape part[] = {
	{"PartProperties", 0, 1, SHAPE_CHILDREN, properties, NULL},
	{0}
};

static const Shape payload_info[] = {
	{"PartInfo", 1, MANY, SHAPE_CHILDREN, part, NULL},
	{0}
};

static const Shape user_message[] = {
	{"MessageInfo", 0, 1, SHAPE_CHILDREN, message_info, NULL},
	{"PartyInfo", 1, 1, SHAPE_CHILDREN, party_info, NULL},
	{"CollaborationInfo", 1, 1, SHAPE_CHILDREN, collaboration, NULL},
	{"MessageProperties", 0, 1, SHAPE_CHILDREN, properties, NULL},
	{"PayloadInfo", 0, 1, SHAPE_CHILDREN, payload_info, NULL},
	{"ProcessingType", 0, 1, SHAPE_TEXT, NULL, NULL},
	{0}
};

const Shape shape_messaging[] = {
	{"UserMessage", 0, 1, SHAPE_CHILDREN, user_message, NULL},
	{0}
};

static bool
unexpected(const xmlNode *node, const Shape *shapes, const char *ns, Fault *fault)
{
	Buffer		text = {0};

	buffer_format(&text, "unexpected element (uri:\"%s\", local:\"%s\"). Expected elements are ",
				  node->ns ? (const char *) node->ns->href : "", node->name);
	for (const Shape *shape = shapes; shape->name; shape++)
		buffer_format(&text, "%s<{%s}%s>", shape == shapes ? "" : ",", ns ? ns : "", shape->name);
	fault_set(fault, FAULT_UNMARSHALLING, text.data, NULL);
	buffer_free(&text);
	return false;
}

static bool
invalid(const char *rule, const char *name, Fault *fault)
{
	char	   *text = format_text("%s: element '%s' is not valid here.", rule, name);

	fault_set(fault, FAULT_UNMARSHALLING, text, NULL);
	free(text);
	return false;
}

static bool
text_fits(const xmlNode *node, ShapeKind kind)
{
	xmlChar    *text = xmlNodeGetContent(node);
	int			len = xmlUTF8Strlen(text);
	Role		role;
	bool		fits = true;

	switch (kind)
	{
		case SHAPE_CHILDREN:
		case SHAPE_TEXT:
		case SHAPE_BASE64:
			break;
		case SHAPE_TEXT_255:
			fits = len >= 1 && len <= 255;
			break;
		case SHAPE_TEXT_1024:
			fits = len >= 1 && len <= 1024;
			break;
		case SHAPE_TIME:
			fits = parse_time((const char *) text) >= 0;
			break;
		case SHAPE_ROLE:
			fits = role_parse((const char *) text, &role);
			break;
	}
	xmlFree(text);
	return fits;
}

static bool
check_one(const xmlNode *node, const Shape *shape, const char *ns, bool strict, Fault *fault)
{
	if (strict && shape->required && !xmlHasProp(node, (const xmlChar *) shape->required))
		return invalid("cvc-complex-type.4", shape->name, fault);
	if (shape->kind == SHAPE_CHILDREN)
		return shape_check(node, shape->children, ns, strict, fault);
	if (strict && !text_fits(node, shape->kind))
		return invalid("cvc-type.3.1.3", shape->name, fault);
	return true;
}

/* How often each element of the table stands below parent. */
static bool
check_counts(const xmlNode *parent, const Shape *shapes, const char *ns, Fault *fault)
{
	for (const Shape *shape = shapes; shape->name; shape++)
	{
		int			count = 0;

		for (xmlNode *child = node_first(parent); child; child = node_next(child))
			count += node_is(child, ns, shape->name);
		if (count < shape->least || count > shape->most)
			return invalid("cvc-complex-type.2.4", shape->name, fault);
	}
	return true;
}

/* In the header almost all is xsd:all, and of the rest there is one kind of child only. */
static bool
in_order(const Shape *previous, const Shape *shape, const char *ns)
{
	return ns != NULL || previous == NULL || shape >= previous;
}

bool
shape_check(const xmlNode *parent, const Shape *shapes, const char *ns, bool strict, Fault *fault)
{
	const Shape *previous = NULL;

	for (xmlNode *child = node_first(parent); child; child = node_next(child))
	{
		const Shape *shape = shapes;

		while (shape->name && !node_is(child, ns, shape->name))
			shape++;
		if (shape->name == NULL)
			return unexpected(child, shapes, ns, fault);
		if (strict && !in_order(previous, shape, ns))
			return invalid("cvc-complex-type.2.4.a", shape->name, fault);
		previous = shape;
		if (!check_one(child, shape, ns, strict, fault))
			return false;
	}
	return !strict || check_counts(parent, shapes, ns, fault);
}
