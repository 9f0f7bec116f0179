/*
 * inbox.c
 *		The receiving side: list, retrieve, mark.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "filter.h"
#include "operation.h"
#include "store.h"

#define DEFAULT_MPC NS_EBMS "defaultMPC"

/* The oldest of the rows at which the parties' lists are read just now. */
static Message *
take_oldest(Message **heads, int count)
{
	int			oldest = -1;
	Message    *message;

	for (int i = 0; i < count; i++)
	{
		if (heads[i] && (oldest < 0 || heads[i]->serial < heads[oldest]->serial))
			oldest = i;
	}
	if (oldest < 0)
		return NULL;
	message = heads[oldest];
	heads[oldest] = message->next_pending;
	return message;
}

bool
run_list_pending(Call *call)
{
	Filter		filter = {0};
	int			count = call->caller ? 1 : party_count();
	Message   **heads = allocate(count * sizeof(Message *));
	Message    *message;
	long		listed = 0;

	for (int i = 0; i < count; i++)
		heads[i] = (call->caller ? call->caller : party_by_number(i))->first_pending;
	filter_read(&filter, call->request.element);
	answer_open(&call->answer);
	answer_open_body(&call->answer, "listPendingMessagesResponse");
	while ((settings.list_max == 0 || listed < settings.list_max) && (message = take_oldest(heads, count)) != NULL)
	{
		if (filter_accepts(&filter, message))
		{
			answer_element(&call->answer, "messageID", message->id);
			listed++;
		}
	}
	answer_close(&call->answer, "listPendingMessagesResponse");
	filter_free(&filter);
	free(heads);
	return true;
}

static void
write_tag(Buffer *out, const char *prefix, const char *name, const char *attribute, const char *value, const char *text)
{
	buffer_format(out, "<%s:%s", prefix, name);
	if (value)
	{
		buffer_format(out, " %s=\"", attribute);
		buffer_xml(out, value);
		buffer_text(out, "\"");
	}
	buffer_text(out, ">");
	buffer_xml(out, text);
	buffer_format(out, "</%s:%s>", prefix, name);
}

static void
write_properties(Buffer *out, const char *prefix, const char *element, const Properties *properties)
{
	if (properties->count == 0)
		return;
	buffer_format(out, "<%s:%s>", prefix, element);
	for (int i = 0; i < properties->count; i++)
	{
		const Property *property = &properties->items[i];

		buffer_format(out, "<%s:Property name=\"", prefix);
		buffer_xml(out, property->name);
		if (property->type)
		{
			buffer_text(out, "\" type=\"");
			buffer_xml(out, property->type);
		}
		buffer_text(out, "\">");
		buffer_xml(out, property->value);
		buffer_format(out, "</%s:Property>", prefix);
	}
	buffer_format(out, "</%s:%s>", prefix, element);
}

static void
write_party(Buffer *out, const char *prefix, const char *element, const PartyRef *party)
{
	buffer_format(out, "<%s:%s>", prefix, element);
	write_tag(out, prefix, "PartyId", "type", party->type, party->id);
	write_tag(out, prefix, "Role", NULL, NULL, party->role);
	buffer_format(out, "</%s:%s>", prefix, element);
}

static void
write_message_info(Call *call, const Message *message, const char *p)
{
	Buffer	   *out = &call->answer.xml;
	char	   *id = call_shown_id(call, message->id);
	bool		zoned = settings.personality->zoned_time;
	char		moment[40];

	/* the wall clock of this very call in the older versions, which is no use to anybody */
	format_time(moment, sizeof(moment), zoned ? "%Y-%m-%dT%H:%M:%S.000Z" : "%Y-%m-%dT%H:%M:%S.%f",
				zoned ? message->arrived : now());
	buffer_format(out, "<%s:MessageInfo>", p);
	write_tag(out, p, "Timestamp", NULL, NULL, moment);
	write_tag(out, p, "MessageId", NULL, NULL, id);
	if (message->user->ref_to)
		write_tag(out, p, "RefToMessageId", NULL, NULL, message->user->ref_to);
	buffer_format(out, "</%s:MessageInfo>", p);
	free(id);
}

static void
write_parts_info(Buffer *out, const UserMessage *user, const char *p)
{
	if (user->part_count == 0)
		return;
	buffer_format(out, "<%s:PayloadInfo>", p);
	for (int i = 0; i < user->part_count; i++)
	{
		buffer_format(out, "<%s:PartInfo", p);
		if (user->parts[i].href)
		{
			buffer_text(out, " href=\"");
			buffer_xml(out, user->parts[i].href);
			buffer_text(out, "\"");
		}
		buffer_text(out, ">");
		write_properties(out, p, "PartProperties", &user->parts[i].properties);
		buffer_format(out, "</%s:PartInfo>", p);
	}
	buffer_format(out, "</%s:PayloadInfo>", p);
}

static void
write_header(Call *call, const Message *message)
{
	Buffer	   *out = &call->answer.xml;
	const UserMessage *user = message->user;
	const char *p = settings.personality->header_prefix;

	buffer_format(out, "<soap:Header><%s:Messaging xmlns:xmime=\"http://www.w3.org/2005/05/xmlmime\" xmlns:%s=\"" NS_EBMS "\" "
				  "xmlns:ns4=\"" NS_WS "\"><%s:UserMessage mpc=\"" DEFAULT_MPC "\">", p, p, p);
	write_message_info(call, message, p);
	buffer_format(out, "<%s:PartyInfo>", p);
	write_party(out, p, "From", &user->from);
	write_party(out, p, "To", &user->to);
	buffer_format(out, "</%s:PartyInfo><%s:CollaborationInfo>", p, p);
	if (user->agreement)
		write_tag(out, p, "AgreementRef", NULL, NULL, user->agreement);
	write_tag(out, p, "Service", "type", user->service_type, user->service);
	write_tag(out, p, "Action", NULL, NULL, user->action);
	write_tag(out, p, "ConversationId", NULL, NULL, user->conversation);
	buffer_format(out, "</%s:CollaborationInfo>", p);
	write_properties(out, p, "MessageProperties", &user->properties);
	write_parts_info(out, user, p);
	buffer_format(out, "</%s:UserMessage></%s:Messaging></soap:Header>", p, p);
}

/* Bytes nobody sent, to see what a reader does with a part beyond its limit. */
static Blob *
big_content(long size)
{
	Blob	   *blob = blob_make(NULL, 0);

	blob = reallocate(blob, sizeof(Blob) + size);
	blob->size = size;
	memset(blob->bytes, 'x', size);
	return blob;
}

static void
write_value(Call *call, const Message *message, const Part *part, bool first)
{
	Blob	   *content = message->erased ? NULL : blob_share(part->content);

	if (first && call->action.kind == ACTION_BIG)
	{
		blob_release(content);
		content = big_content(call->action.number);
	}
	if (content && call->action.kind != ACTION_NO_VALUE)
	{
		buffer_text(&call->answer.xml, "<value>");
		if (call->action.kind != ACTION_EMPTY_VALUE)
			answer_content(&call->answer, content);
		buffer_text(&call->answer.xml, "</value>");
	}
	blob_release(content);
}

static void
write_payload(Call *call, const Message *message, const Part *part, bool first)
{
	Buffer	   *out = &call->answer.xml;
	const char *media_type = properties_value(&part->properties, "MimeType");
	const char *element = part->href ? "payload" : "bodyload";

	buffer_format(out, "<%s", element);
	if (part->href)
	{
		buffer_text(out, " payloadId=\"");
		buffer_xml(out, part->href);
		buffer_text(out, "\"");
	}
	if (settings.personality->content_type && media_type)
	{
		buffer_text(out, " contentType=\"");
		buffer_xml(out, media_type);
		buffer_text(out, "\"");
	}
	buffer_text(out, ">");
	write_value(call, message, part, first);
	buffer_format(out, "</%s>", element);
}

static void
write_message(Call *call, const Message *message)
{
	const UserMessage *user = message->user;

	answer_open(&call->answer);
	write_header(call, message);
	answer_open_body(&call->answer, "retrieveMessageResponse");
	/* the schema wants the bodyload before the payloads */
	for (int bodyload = 1; bodyload >= 0; bodyload--)
	{
		for (int i = 0; i < user->part_count; i++)
		{
			bool		last = i == user->part_count - 1;

			if ((user->parts[i].href == NULL) == bodyload && !(last && call->action.kind == ACTION_DROP_PAYLOAD))
				write_payload(call, message, &user->parts[i], i == 0);
		}
	}
	answer_close(&call->answer, "retrieveMessageResponse");
}

/* markAsDownloaded: a few spellings of no, all else is yes. */
static bool
consumes(const xmlNode *element)
{
	static const char *const no[] = {"false", "no", "off", "f", "n"};
	char	   *value = node_attribute(element, "markAsDownloaded");
	bool		yes = true;

	for (size_t i = 0; i < lengthof(no) && value; i++)
		yes &= strcasecmp(value, no[i]) != 0;
	free(value);
	return yes || !settings.personality->keeps_unmarked;
}

static bool
retrieve(Call *call, const char *id)
{
	Message    *message = store_find(call->caller, ROLE_RECEIVING, id);
	bool		consume = consumes(call->request.element);

	if (message == NULL || message->status == STATUS_DELETED || (consume && !message->listed))
		return fault_set(&call->fault, FAULT_NOT_FOUND, id, NULL);
	if (consume && message->status == STATUS_DOWNLOADED)
		return fault_set(&call->fault, FAULT_ALREADY_DOWNLOADED, id, NULL);
	write_message(call, message);
	if (consume)
	{
		store_unlist(message);
		store_set_status(message, STATUS_DOWNLOADED);
	}
	return true;
}

bool
run_retrieve(Call *call)
{
	char	   *id = call_message_id(call);
	bool		found = id && retrieve(call, id);

	free(id);
	return found;
}

static bool
mark(Call *call, const char *id)
{
	Message    *message = store_find(call->caller, ROLE_RECEIVING, id);
	char	   *shown;

	if (message == NULL || !message->listed || message->status == STATUS_DELETED)
		return fault_set(&call->fault, FAULT_NOT_FOUND, id, NULL);
	if (message->status == STATUS_DOWNLOADED)
		return fault_set(&call->fault, FAULT_ALREADY_DOWNLOADED, id, NULL);
	if (settings.personality->mark_unlists)
		store_unlist(message);
	store_set_status(message, STATUS_DOWNLOADED);
	shown = call_shown_id(call, id);
	answer_open(&call->answer);
	answer_open_body(&call->answer, "markMessageAsDownloadedResponse");
	answer_element(&call->answer, "messageID", shown);
	answer_close(&call->answer, "markMessageAsDownloadedResponse");
	free(shown);
	return true;
}

bool
run_mark(Call *call)
{
	char	   *id = call_message_id(call);
	bool		marked = id && mark(call, id);

	free(id);
	return marked;
}
