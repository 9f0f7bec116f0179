/*
 * message.c
 *		User messages: making, freeing, and as fields of the journal.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "journal.h"
#include "message.h"

Blob *
blob_make(const void *bytes, size_t size)
{
	Blob	   *blob = allocate(sizeof(Blob) + size);

	blob->references = 1;
	blob->size = size;
	if (size > 0)
		memcpy(blob->bytes, bytes, size);
	return blob;
}

Blob *
blob_share(Blob *blob)
{
	if (blob)
		blob->references++;
	return blob;
}

void
blob_release(Blob *blob)
{
	if (blob && --blob->references == 0)
		free(blob);
}

void
properties_add(Properties *properties, const char *name, const char *type, const char *value)
{
	properties->items = reallocate(properties->items, (properties->count + 1) * sizeof(Property));
	properties->items[properties->count++] = (Property)
	{
		copy_text(name), copy_text(type), copy_text(value)
	};
}

/* Names of properties are compared without regard to case, as the plugin does. */
const Property *
properties_find(const Properties *properties, const char *name)
{
	for (int i = 0; i < properties->count; i++)
	{
		if (strcasecmp(properties->items[i].name, name) == 0)
			return &properties->items[i];
	}
	return NULL;
}

const char *
properties_value(const Properties *properties, const char *name)
{
	const Property *property = properties_find(properties, name);

	return property ? property->value : NULL;
}

static void
properties_free(Properties *properties)
{
	for (int i = 0; i < properties->count; i++)
	{
		free(properties->items[i].name);
		free(properties->items[i].type);
		free(properties->items[i].value);
	}
	free(properties->items);
}

Part *
message_add_part(UserMessage *message, const char *href)
{
	Part	   *part;

	message->parts = reallocate(message->parts, (message->part_count + 1) * sizeof(Part));
	part = &message->parts[message->part_count++];
	*part = (Part) {.href = copy_text(href)};
	return part;
}

void
message_drop_content(UserMessage *message)
{
	for (int i = 0; i < message->part_count; i++)
	{
		blob_release(message->parts[i].content);
		message->parts[i].content = NULL;
	}
}

static void
party_ref_free(PartyRef *party)
{
	free(party->id);
	free(party->type);
	free(party->role);
}

void
message_free(UserMessage *message)
{
	message_drop_content(message);
	for (int i = 0; i < message->part_count; i++)
	{
		free(message->parts[i].href);
		properties_free(&message->parts[i].properties);
	}
	free(message->parts);
	properties_free(&message->properties);
	party_ref_free(&message->from);
	party_ref_free(&message->to);
	free(message->ref_to);
	free(message->conversation);
	free(message->agreement);
	free(message->service);
	free(message->service_type);
	free(message->action);
	free(message);
}

static void
properties_write(const Properties *properties)
{
	journal_number(properties->count);
	for (int i = 0; i < properties->count; i++)
	{
		journal_text(properties->items[i].name);
		journal_text(properties->items[i].type);
		journal_text(properties->items[i].value);
	}
}

static void
properties_read(Properties *properties)
{
	int64_t		count = journal_read_number();

	for (int64_t i = 0; i < count; i++)
	{
		Property	property;

		property.name = journal_read_text();
		property.type = journal_read_text();
		property.value = journal_read_text();
		properties->items = reallocate(properties->items, (properties->count + 1) * sizeof(Property));
		properties->items[properties->count++] = property;
	}
}

static void
party_ref_write(const PartyRef *party)
{
	journal_text(party->id);
	journal_text(party->type);
	journal_text(party->role);
}

static void
party_ref_read(PartyRef *party)
{
	party->id = journal_read_text();
	party->type = journal_read_text();
	party->role = journal_read_text();
}

void
message_write(const UserMessage *message)
{
	journal_text(message->ref_to);
	journal_text(message->conversation);
	journal_text(message->agreement);
	journal_text(message->service);
	journal_text(message->service_type);
	journal_text(message->action);
	party_ref_write(&message->from);
	party_ref_write(&message->to);
	properties_write(&message->properties);
	journal_number(message->part_count);
	for (int i = 0; i < message->part_count; i++)
	{
		const Part *part = &message->parts[i];

		journal_text(part->href);
		properties_write(&part->properties);
		journal_bytes(part->content->bytes, part->content->size);
	}
}

UserMessage *
message_read(void)
{
	UserMessage *message = allocate(sizeof(UserMessage));
	int64_t		parts;

	message->ref_to = journal_read_text();
	message->conversation = journal_read_text();
	message->agreement = journal_read_text();
	message->service = journal_read_text();
	message->service_type = journal_read_text();
	message->action = journal_read_text();
	party_ref_read(&message->from);
	party_ref_read(&message->to);
	properties_read(&message->properties);
	parts = journal_read_number();
	for (int64_t i = 0; i < parts; i++)
	{
		char	   *href = journal_read_text();
		Part	   *part = message_add_part(message, href);
		const char *bytes;
		size_t		size;

		free(href);
		properties_read(&part->properties);
		bytes = journal_read_bytes(&size);
		part->content = blob_make(bytes, size);
	}
	return message;
}
