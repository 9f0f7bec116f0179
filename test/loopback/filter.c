/*
 * filter.c
 *		Criteria are ANDed and compared exactly; times are inclusive.
 */
#include <stdlib.h>
#include <string.h>

#include "filter.h"

static char *
criterion(const xmlNode *element, const char *name)
{
	char	   *value = node_text(node_child(element, NULL, name));

	if (value && *value == '\0')
	{
		free(value);
		return NULL;
	}
	return value;
}

static int64_t
time_criterion(const xmlNode *element, const char *name, int64_t otherwise)
{
	char	   *value = criterion(element, name);
	int64_t		moment = value ? parse_time(value) : -1;

	free(value);
	return moment < 0 ? otherwise : moment;
}

void
filter_read(Filter *filter, const xmlNode *element)
{
	filter->message_id = criterion(element, "messageId");
	filter->conversation = criterion(element, "conversationId");
	filter->ref_to = criterion(element, "refToMessageId");
	filter->from_party = criterion(element, "fromPartyId");
	filter->final_recipient = criterion(element, "finalRecipient");
	filter->original_sender = criterion(element, "originalSender");
	filter->from = time_criterion(element, "receivedFrom", INT64_MIN);
	filter->to = time_criterion(element, "receivedTo", INT64_MAX);
}

static bool
equal(const char *wanted, const char *value)
{
	return wanted == NULL || (value && strcmp(wanted, value) == 0);
}

bool
filter_accepts(const Filter *filter, const Message *message)
{
	const UserMessage *user = message->user;

	return message->arrived >= filter->from && message->arrived <= filter->to &&
		equal(filter->message_id, message->id) &&
		equal(filter->conversation, user->conversation) &&
		equal(filter->ref_to, user->ref_to) &&
		equal(filter->from_party, user->from.id) &&
		equal(filter->final_recipient, properties_value(&user->properties, "finalRecipient")) &&
		equal(filter->original_sender, properties_value(&user->properties, "originalSender"));
}

void
filter_free(Filter *filter)
{
	free(filter->message_id);
	free(filter->conversation);
	free(filter->ref_to);
	free(filter->from_party);
	free(filter->final_recipient);
	free(filter->original_sender);
}
