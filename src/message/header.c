/*
 * header.c
 *		Read the ebMS user-message header (EDM §5) that came with a message.
 *		Only what rules and answers need is taken; what is missing stays NULL and
 *		is the rules' business.
 */
#include "postgres.h"

#include "message/header.h"
#include "message/occurs.h"

/* the descendant reached by one or two steps below parent, NULL when there is none */
static XmlNode *
below(const XmlNode *parent, const char *first, const char *second)
{
	XmlNode    *node = parent ? xml_child(parent, NS_EB, first) : NULL;

	if (node != NULL && second != NULL)
		node = xml_child(node, NS_EB, second);
	return node;
}

static char *
text_or_null(const XmlNode *node)
{
	return node ? xml_trimmed(node) : NULL;
}

static List *
read_properties(const XmlNode *parent)
{
	List	   *properties = NIL;

	if (parent == NULL)
		return NIL;
	for (XmlNode *node = xml_child(parent, NS_EB, "Property"); node != NULL;
		 node = xml_next_same(node, NS_EB, "Property"))
	{
		HeaderProperty *property = palloc0(sizeof(HeaderProperty));
		char	   *name = xml_attribute(node, NULL, "name");

		property->name = name ? name : pstrdup("");
		property->type = xml_attribute_trimmed(node, NULL, "type");
		property->value = xml_trimmed(node);
		property->raw = xml_text(node);
		property->node = node;
		properties = lappend(properties, property);
	}
	return properties;
}

static char *
part_mime_type(const XmlNode *part)
{
	ListCell   *cell;

	foreach(cell, read_properties(xml_child(part, NS_EB, "PartProperties")))
	{
		HeaderProperty *property = lfirst(cell);

		if (strcmp(property->name, "MimeType") == 0)
			return property->value;
	}
	return NULL;
}

static List *
read_parts(const XmlNode *payload_info)
{
	List	   *parts = NIL;

	if (payload_info == NULL)
		return NIL;
	for (XmlNode *node = xml_child(payload_info, NS_EB, "PartInfo"); node != NULL;
		 node = xml_next_same(node, NS_EB, "PartInfo"))
	{
		HeaderPart *part = palloc0(sizeof(HeaderPart));

		part->href = xml_attribute_trimmed(node, NULL, "href");
		part->mime_type = part_mime_type(node);
		part->node = node;
		parts = lappend(parts, part);
	}
	return parts;
}

static void
read_party(const XmlNode *user_message, const char *which, char **party, char **type)
{
	XmlNode    *id = below(below(user_message, "PartyInfo", which), "PartyId", NULL);

	*party = text_or_null(id);
	*type = id ? xml_attribute_trimmed(id, NULL, "type") : NULL;
}

/* Of all PartyIds of all From of all PartyInfo: an honest header has one. */
static int
count_parties(const XmlNode *user_message)
{
	int			count = 0;
	XmlNode    *info = xml_child(user_message, NS_EB, "PartyInfo");

	for (; info != NULL; info = xml_next_same(info, NS_EB, "PartyInfo"))
		for (XmlNode *from = xml_child(info, NS_EB, "From"); from != NULL; from = xml_next_same(from, NS_EB, "From"))
			count += xml_count(from, NS_EB, "PartyId");
	return count;
}

/* With several user messages nobody knows which one is meant. */
static int
count_senders(const XmlNode *user_message)
{
	int			count = 0;

	for (; user_message != NULL; user_message = xml_next_same(user_message, NS_EB, "UserMessage"))
		count += count_parties(user_message);
	return count;
}

Header *
header_read(const XmlDocument *document)
{
	XmlNode    *message = xml_root(document);
	Header	   *header;

	if (message != NULL && xml_is(message, NS_EB, "Messaging"))
		message = xml_child(message, NS_EB, "UserMessage");
	if (message == NULL || !xml_is(message, NS_EB, "UserMessage"))
		return NULL;

	header = palloc0(sizeof(Header));
	header->twice = occurs_too_often(xml_root(document));
	header->user_message = message;
	header->timestamp = text_or_null(below(message, "MessageInfo", "Timestamp"));
	header->message_id = text_or_null(below(message, "MessageInfo", "MessageId"));
	header->ref_to_message_id = text_or_null(below(message, "MessageInfo", "RefToMessageId"));
	read_party(message, "From", &header->from_party, &header->from_party_type);
	header->from_parties = count_senders(message);
	read_party(message, "To", &header->to_party, &header->to_party_type);
	header->service = text_or_null(below(message, "CollaborationInfo", "Service"));
	header->action = text_or_null(below(message, "CollaborationInfo", "Action"));
	header->conversation_node = below(message, "CollaborationInfo", "ConversationId");
	header->conversation_id = text_or_null(header->conversation_node);
	header->properties_node = below(message, "MessageProperties", NULL);
	header->properties = read_properties(header->properties_node);
	header->parts = read_parts(below(message, "PayloadInfo", NULL));
	return header;
}

const HeaderProperty *
header_property(const Header *header, const char *name)
{
	ListCell   *cell;

	foreach(cell, header->properties)
	{
		HeaderProperty *property = lfirst(cell);

		if (strcmp(property->name, name) == 0)
			return property;
	}
	return NULL;
}
