/*
 * submit.c
 *		submitMessage: read the header, pair parts and payloads, check against
 *		the PMode, store. The order of the checks is that of the plugin: parts
 *		first, then the header, then the PMode, then the id.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "operation.h"
#include "store.h"
#include "wire.h"

#define GATEWAY_ROLE "http://sdg.europa.eu/edelivery/gateway"
#define SERVICE_TYPE "urn:oasis:names:tc:ebcore:ebrs:ebms:binding:1.0"
#define MAX_ATTACHMENTS 28

static const struct
{
	const char *service;
	const char *action;
}			legs[] = {
	{"QueryManager", "ExecuteQueryRequest"},
	{"QueryManager", "ExecuteQueryResponse"},
	{"QueryManager", "ExceptionResponse"},
	{"LifecycleManager", "SubmitObjectsRequest"},
	{"LifecycleManager", "SubmitObjectsResponse"},
	{"LifecycleManager", "ExceptionResponse"},
};

static const struct
{
	const char *name;
	bool		required;
}			message_properties[] = {
	{"originalSender", true},
	{"finalRecipient", true},
	{"ExchangeId", false},
	{"SpecificationId", false},
};

static bool
read_properties(Call *call, const xmlNode *parent, Properties *properties)
{
	bool		fits = true;

	for (xmlNode *node = node_first(parent); node && fits; node = node_next(node))
	{
		char	   *name = node_attribute(node, "name");
		char	   *type = node_attribute(node, "type");
		char	   *value = node_text(node);

		if (name == NULL || *name == '\0')
			fits = fault_set(&call->fault, FAULT_HEADER, "Property name", NULL);
		else if (xmlUTF8Strlen((const xmlChar *) value) > 1024)
			fits = fault_set(&call->fault, FAULT_TOO_LONG, name, "1024");
		else
			properties_add(properties, name, type, value);
		free(name);
		free(type);
		free(value);
	}
	return fits;
}

/* The payload of the body that a PartInfo means, compared as whole strings without regard to case. */
static const xmlNode *
payload_of(Call *call, const char *href)
{
	const xmlNode *found = NULL;

	if (href == NULL)
		return node_child(call->request.element, NULL, "bodyload");
	for (xmlNode *payload = node_first(call->request.element); payload && found == NULL; payload = node_next(payload))
	{
		char	   *id = node_attribute(payload, "payloadId");

		if (id && strcasecmp(id, href) == 0)
			found = payload;
		free(id);
	}
	return found;
}

static bool
read_content(Call *call, const xmlNode *payload, const char *href, Part *part)
{
	const xmlNode *value = node_child(payload, NULL, "value");
	Buffer		bytes = {0};
	bool		read = value && request_content(&call->request, value, &bytes);

	if (read)
		part->content = blob_make(bytes.data, bytes.len);
	else
		fault_set(&call->fault, FAULT_PAYLOAD_EMPTY, href, NULL);
	buffer_free(&bytes);
	return read;
}

/* MimeType of the part, else contentType of the payload, else what the server makes of that. */
static void
complete_media_type(const xmlNode *payload, Part *part)
{
	char	   *content_type;

	if (properties_find(&part->properties, "MimeType"))
		return;
	content_type = node_attribute(payload, "contentType");
	properties_add(&part->properties, "MimeType", NULL, content_type ? content_type : "text/xml");
	free(content_type);
}

static bool
check_part_properties(Call *call, const xmlNode *info, const Part *part)
{
	const xmlNode *properties = node_child(info, NS_EBMS, "PartProperties");

	if (properties && part->properties.count == 0)
		return fault_set(&call->fault, FAULT_PAYLOAD, "PartProperties should not be empty.", NULL);
	if (properties_find(&part->properties, "FilePath"))
		return fault_set(&call->fault, FAULT_PAYLOAD, "the FilePath of a part cannot be read", NULL);
	if (properties_find(&part->properties, "CompressionType"))
		return fault_set(&call->fault, FAULT_COMPRESSION, NULL, NULL);
	return true;
}

static bool
read_part(Call *call, const xmlNode *info, UserMessage *user)
{
	char	   *href = node_attribute(info, "href");
	Part	   *part = message_add_part(user, href);
	const xmlNode *properties = node_child(info, NS_EBMS, "PartProperties");
	const xmlNode *payload = payload_of(call, href);
	bool		read = read_properties(call, properties, &part->properties) && check_part_properties(call, info, part);

	if (read && payload == NULL)
		/* without properties the plugin runs into a null pointer */
		read = fault_set(&call->fault, properties ? FAULT_PAYLOAD : FAULT_UNTYPED, "No payload found for a PartInfo", NULL);
	if (read)
	{
		read = read_content(call, payload, href ? href : "bodyload", part);
		complete_media_type(payload, part);
	}
	free(href);
	return read;
}

/* The ids of the payloads in the body, whether the header lists them or not. */
static bool
check_payload_ids(Call *call)
{
	for (xmlNode *payload = node_first(call->request.element); payload; payload = node_next(payload))
	{
		char	   *id = node_attribute(payload, "payloadId");
		bool		bodyload = node_is(payload, NULL, "bodyload");
		bool		blank = id == NULL || *id == '\0';

		free(id);
		if (bodyload && !blank)
			return fault_set(&call->fault, FAULT_PAYLOAD, "Attribute 'payloadId' must not appear on element 'bodyload'.", NULL);
		if (!bodyload && blank)
			return fault_set(&call->fault, FAULT_PAYLOAD, "Attribute 'payloadId' must appear on element 'payload'.", NULL);
	}
	return true;
}

/* Payloads that no PartInfo lists are dropped without a word. */
static bool
read_parts(Call *call, const xmlNode *source, UserMessage *user)
{
	const xmlNode *list = node_child(source, NS_EBMS, "PayloadInfo");
	int			attachments = 0;

	if (!check_payload_ids(call))
		return false;
	for (xmlNode *info = node_first(list); info; info = node_next(info))
	{
		if (!read_part(call, info, user))
			return false;
		attachments += user->parts[user->part_count - 1].href != NULL;
	}
	if (attachments > MAX_ATTACHMENTS)
	{
		char	   *number = format_text("%d", attachments);

		fault_set(&call->fault, FAULT_TOO_MANY, number, NULL);
		free(number);
		return false;
	}
	return true;
}

static bool
mandatory(Call *call, const char *name, const char *value)
{
	if (value == NULL || *value == '\0')
		return fault_set(&call->fault, FAULT_HEADER, name, NULL);
	if (xmlUTF8Strlen((const xmlChar *) value) > 255)
		return fault_set(&call->fault, FAULT_TOO_LONG, name, "255");
	return true;
}

static bool
read_party(Call *call, const xmlNode *parties, const char *name, PartyRef *party)
{
	const xmlNode *node = node_child(parties, NS_EBMS, name);

	party->id = node_text(node_child(node, NS_EBMS, "PartyId"));
	party->type = node_attribute(node_child(node, NS_EBMS, "PartyId"), "type");
	party->role = node_text(node_child(node, NS_EBMS, "Role"));
	return mandatory(call, name, party->id) && mandatory(call, "PartyId type", party->type) &&
		mandatory(call, "Role", party->role);
}

static bool
read_collaboration(Call *call, const xmlNode *source, UserMessage *user)
{
	const xmlNode *node = node_child(source, NS_EBMS, "CollaborationInfo");

	user->agreement = node_text(node_child(node, NS_EBMS, "AgreementRef"));
	user->service = node_text(node_child(node, NS_EBMS, "Service"));
	user->service_type = node_attribute(node_child(node, NS_EBMS, "Service"), "type");
	user->action = node_text(node_child(node, NS_EBMS, "Action"));
	user->conversation = node_text(node_child(node, NS_EBMS, "ConversationId"));
	if (user->conversation == NULL || *user->conversation == '\0')
	{
		char		uuid[37];

		random_uuid(uuid);
		free(user->conversation);
		user->conversation = copy_text(uuid);
	}
	return mandatory(call, "Service", user->service) && mandatory(call, "Action", user->action) &&
		mandatory(call, "ConversationId", user->conversation);
}

static bool
check_id(Call *call, const char *id)
{
	if (xmlUTF8Strlen((const xmlChar *) id) > 255)
		return fault_set(&call->fault, FAULT_TOO_LONG, "MessageId", "255");
	for (const char *c = id; *c; c++)
	{
		if (*c < 0x20 || *c > 0x7e)
			return fault_set(&call->fault, FAULT_PATTERN, id, NULL);
	}
	return true;
}

static bool
read_message_info(Call *call, const xmlNode *source, UserMessage *user, char **id)
{
	const xmlNode *node = node_child(source, NS_EBMS, "MessageInfo");
	char		uuid[37];

	*id = node_text(node_child(node, NS_EBMS, "MessageId"));
	user->ref_to = node_text(node_child(node, NS_EBMS, "RefToMessageId"));
	if (*id == NULL || **id == '\0')
	{
		free(*id);
		random_uuid(uuid);
		*id = format_text("%s@domibus.eu", uuid);
	}
	return check_id(call, *id) && (user->ref_to == NULL || check_id(call, user->ref_to));
}

static bool
check_leg(Call *call, const UserMessage *user)
{
	for (size_t i = 0; i < lengthof(legs); i++)
	{
		if (strcmp(legs[i].service, user->service) == 0 && strcmp(legs[i].action, user->action) == 0 &&
			user->service_type && strcmp(user->service_type, SERVICE_TYPE) == 0 &&
			(user->agreement == NULL || *user->agreement == '\0'))
			return true;
	}
	return fault_set(&call->fault, FAULT_PMODE, user->service, user->action);
}

static bool
check_message_properties(Call *call, const UserMessage *user)
{
	for (size_t i = 0; i < lengthof(message_properties); i++)
	{
		if (message_properties[i].required && !properties_find(&user->properties, message_properties[i].name))
			return fault_set(&call->fault, FAULT_PROPERTY_MISSING, message_properties[i].name, NULL);
	}
	for (int p = 0; p < user->properties.count; p++)
	{
		size_t		i = 0;

		while (i < lengthof(message_properties) &&
			   strcasecmp(message_properties[i].name, user->properties.items[p].name) != 0)
			i++;
		if (i == lengthof(message_properties))
			return fault_set(&call->fault, FAULT_PROPERTY_UNKNOWN, user->properties.items[p].name, NULL);
	}
	return true;
}

/* The PMode: who is who, and what may be exchanged. */
static bool
check_pmode(Call *call, const UserMessage *user, Party **from)
{
	*from = party_find(user->from.id, user->from.type);
	if (*from == NULL)
		return fault_set(&call->fault, FAULT_SENDER_PARTY, user->from.id, user->from.type);
	if (party_find(user->to.id, user->to.type) == NULL)
		return fault_set(&call->fault, FAULT_PARTY, user->to.id, user->to.type);
	if (strcmp(user->from.role, GATEWAY_ROLE) != 0)
		return fault_set(&call->fault, FAULT_ROLE, user->from.role, NULL);
	if (strcmp(user->to.role, GATEWAY_ROLE) != 0)
		return fault_set(&call->fault, FAULT_ROLE, user->to.role, NULL);
	if (!check_leg(call, user))
		return false;
	if (call->caller && call->caller != *from)
		return fault_set(&call->fault, FAULT_NOT_SENDER, user->from.id, call->caller->id);
	return check_message_properties(call, user);
}

static bool
read_message(Call *call, UserMessage *user, char **id, Party **from)
{
	const xmlNode *source = node_child(call->request.messaging, NS_EBMS, "UserMessage");
	const xmlNode *parties = node_child(source, NS_EBMS, "PartyInfo");

	if (source == NULL)
		return fault_set(&call->fault, FAULT_UNTYPED, NULL, NULL);
	return read_parts(call, source, user) &&
		read_message_info(call, source, user, id) &&
		read_party(call, parties, "From", &user->from) &&
		read_party(call, parties, "To", &user->to) &&
		read_collaboration(call, source, user) &&
		read_properties(call, node_child(source, NS_EBMS, "MessageProperties"), &user->properties) &&
		check_pmode(call, user, from);
}

static bool
id_is_taken(const Party *owner, const char *id)
{
	Role		role = settings.personality->duplicates == UNIQUE_IN_NODE ? ROLE_ANY : ROLE_SENDING;

	return store_find(owner, role, id) != NULL;
}

static void
answer_submitted(Call *call, const Message *message)
{
	char	   *shown = call_shown_id(call, message->id);

	answer_open(&call->answer);
	answer_open_body(&call->answer, "submitResponse");
	answer_element(&call->answer, "messageID", shown);
	if (settings.personality->entity_id)
		buffer_format(&call->answer.xml, "<messageEntityID>%018lld</messageEntityID>", (long long) (260131080000000042 + message->serial));
	answer_close(&call->answer, "submitResponse");
	free(shown);
}

bool
run_submit(Call *call)
{
	UserMessage *user = allocate(sizeof(UserMessage));
	char	   *id = NULL;
	Party	   *from = NULL;
	Message    *message;
	bool		accepted = read_message(call, user, &id, &from);

	if (accepted && id_is_taken(from, id))
	{
		settings.duplicates++;
		accepted = fault_set(&call->fault, fault_duplicate(settings.personality), id, NULL);
	}
	if (accepted)
	{
		message = store_submit(user, from, id, now());
		answer_submitted(call, message);
		wire_send(message);
	}
	else
		message_free(user);
	free(id);
	return accepted;
}
