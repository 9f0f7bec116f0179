/*
 * retrieved.c
 *		The message in a retrieveMessage answer (access point §1.5): its ebMS
 *		header as a document of its own, and the payloads it announces.
 *
 * A payload belongs to the PartInfo whose href is its payloadId, never to the one
 * in its place. Whatever is announced and not there is content lost, never empty
 * content. What one answer says once is content once: a MIME part is included by one
 * payload, or what is kept could be many times what came. eb:Timestamp is not looked at: in 5.0 and 5.1 it is the time of the call.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "accesspoint/answer.h"
#include "accesspoint/base64.h"
#include "message/header.h"
#include "xml/canon.h"

#define MAX_PARTS	256			/* the server's own limit is 28 attachments (§1.7) */
#define MAX_ID		1024		/* bytes of a payloadId, href or Content-ID: they are compared with one another */

/* A payload (or bodyload) of the answer, not decoded yet. */
typedef struct Payload
{
	char	   *id;				/* payloadId; NULL for a bodyload */
	XmlNode    *value;			/* NULL when absent */
	bool		taken;
} Payload;

static bool
lost(Reading *reading, const char *detail)
{
	return reading_fails(reading, TROUBLE_CONTENT_LOST, detail);
}

/* Percent-decoding in place (RFC 3986 §2.1); false when malformed. */
static bool
percent_decode(char *text)
{
	char	   *to = text;

	for (const char *p = text; *p != '\0'; p++)
	{
		unsigned int octet;

		if (*p != '%')
		{
			*to++ = *p;
			continue;
		}
		if (strspn(p + 1, "0123456789abcdefABCDEF") < 2 || sscanf(p + 1, "%2x", &octet) != 1 || octet == 0)
			return false;
		*to++ = (char) octet;
		p += 2;
	}
	*to = '\0';
	return true;
}

static MimePart *
part_of_id(const List *parts, const char *content_id)
{
	const ListCell *cell;

	if (strlen(content_id) > MAX_ID)
		return NULL;
	foreach(cell, parts)
		if (strcmp(((MimePart *) lfirst(cell))->content_id, content_id) == 0)
			return lfirst(cell);
	return NULL;
}

/*
 * The MIME part that an Include refers to (XOP, RFC 2392); NULL with *reason. Some
 * stacks write the id percent-encoded in both places.
 */
static MimePart *
included_part(Reading *reading, const XmlNode *include, const char **reason)
{
	char	   *href = xml_attribute_trimmed(include, NULL, "href");
	char	   *decoded;
	MimePart   *part;

	*reason = "a payload includes something else than a MIME part";
	if (href == NULL || pg_strncasecmp(href, "cid:", 4) != 0)
		return NULL;
	decoded = pstrdup(href + 4);
	if (!percent_decode(decoded) || *decoded == '\0')
		return NULL;
	part = part_of_id(reading->mime_parts, decoded);
	if (part == NULL)
		part = part_of_id(reading->mime_parts, href + 4);
	if (part == NULL)
	{
		*reason = "the MIME part of a payload is missing";
		return NULL;
	}
	if (part->included)
	{
		*reason = "two payloads include one MIME part";
		return NULL;
	}
	part->included = true;
	return part;
}

/* The bytes of a value: base64, or one Include and nothing else. */
static bool
read_value(Reading *reading, const XmlNode *value, const char **bytes, size_t *length)
{
	XmlNode    *include = xml_first(value);
	char	   *text = xml_text(value);
	const char *reason = NULL;

	if (include != NULL)
	{
		const MimePart *part;

		if (!xml_is(include, NS_XOP, "Include") || xml_next(include) != NULL || strspn(text, " \t\r\n") != strlen(text))
			return reading_fails(reading, TROUBLE_UNREADABLE, "a payload is neither base64 nor one Include");
		part = included_part(reading, include, &reason);
		if (part == NULL)
			return lost(reading, reason);
		/* the answer's own bytes go with its HTTP call */
		*bytes = memcpy(palloc(part->length + 1), part->bytes, part->length);
		*length = part->length;
	}
	else
	{
		const InlineText *taken_out = inline_find(reading->texts, text);

		*bytes = base64_decode(taken_out ? taken_out->text : text, taken_out ? taken_out->length : strlen(text), length);
		if (*bytes == NULL)
			return reading_fails(reading, TROUBLE_UNREADABLE, "a payload is not base64");
	}
	if (*length == 0)
		return lost(reading, "a payload is empty");
	return true;
}

static List *
collect_payloads(Reading *reading)
{
	List	   *payloads = NIL;

	for (XmlNode *node = xml_first(reading->content); node != NULL; node = xml_next(node))
	{
		Payload    *payload;
		bool		bodyload = xml_is(node, "", "bodyload");

		if (!bodyload && !xml_is(node, "", "payload"))
			continue;
		payload = palloc0(sizeof(Payload));
		payload->id = bodyload ? NULL : xml_attribute_trimmed(node, NULL, "payloadId");
		if (!bodyload && payload->id == NULL)
			payload->id = pstrdup("");
		payload->value = xml_count(node, "", "value") == 1 ? xml_child(node, "", "value") : NULL;
		if (xml_attribute(node, NULL, "contentType") != NULL)
			reading->answer->speaks_5_2 = true;
		payloads = lappend(payloads, payload);
	}
	return payloads;
}

/* The one payload of that href (NULL: the bodyload); NULL when there is none or more than one. */
static Payload *
payload_of(const List *payloads, const char *href)
{
	Payload    *found = NULL;
	const ListCell *cell;

	foreach(cell, payloads)
	{
		Payload    *payload = lfirst(cell);

		/* compared as the server does: whole, with cid:, case aside (§1.7) */
		if (href == NULL ? payload->id != NULL : payload->id == NULL || pg_strcasecmp(payload->id, href) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = payload;
	}
	return found;
}

static char *
bare_content_id(const char *href)
{
	if (href == NULL)
		return pstrdup("");
	if (pg_strncasecmp(href, "cid:", 4) == 0)
		href += 4;
	if (href[0] == '<' && href[strlen(href) - 1] == '>' && href[1] != '\0')
		return pnstrdup(href + 1, strlen(href) - 2);
	return pstrdup(href);
}

static bool
has_long_id(const List *payloads)
{
	const ListCell *cell;

	foreach(cell, payloads)
	{
		const char *id = ((const Payload *) lfirst(cell))->id;

		if (id != NULL && strlen(id) > MAX_ID)
			return true;
	}
	return false;
}

static bool
read_part(Reading *reading, const List *payloads, const HeaderPart *announced)
{
	Payload    *payload = payload_of(payloads, announced->href);
	GatewayPart *part;

	if (payload == NULL || payload->taken)
		return lost(reading, "an announced part does not have one payload of its own");
	payload->taken = true;
	if (payload->value == NULL)
		return lost(reading, "a payload has no content");
	part = palloc0(sizeof(GatewayPart));
	part->content_id = bare_content_id(announced->href);
	part->media_type = announced->mime_type;
	if (!read_value(reading, payload->value, &part->bytes, &part->length))
		return false;
	reading->answer->parts = lappend(reading->answer->parts, part);
	return true;
}

/* eb:Messaging with one message as canonical bytes, and read again from these: what is kept is what was understood. */
static Header *
read_header(Reading *reading)
{
	XmlNode    *messaging = reading->header ? xml_child(reading->header, NS_EB, "Messaging") : NULL;
	StringInfo	canonical;
	XmlDocument *document;
	XmlFault	fault;
	Header	   *header;

	if (messaging == NULL || xml_count(messaging, NS_EB, "UserMessage") != 1 ||
		xml_count(reading->header, NS_EB, "Messaging") != 1)
	{
		lost(reading, "the answer does not have the header of one message");
		return NULL;
	}
	canonical = canon_from_node(messaging);
	if (canonical == NULL || strstr(canonical->data, reading->texts->mark) != NULL)
	{
		reading_fails(reading, TROUBLE_UNREADABLE, "the message's header cannot be made canonical");
		return NULL;
	}
	document = xml_read(canonical->data, canonical->len, &fault);
	header = document ? header_read(document) : NULL;
	if (header == NULL)
	{
		reading_fails(reading, TROUBLE_UNREADABLE, "the message's header cannot be read");
		return NULL;
	}
	reading->answer->header = canonical->data;
	reading->answer->header_length = canonical->len;
	return header;
}

bool
retrieved_read(Reading *reading)
{
	GatewayAnswer *answer = reading->answer;
	Header	   *header = read_header(reading);
	List	   *payloads = collect_payloads(reading);
	ListCell   *cell;

	if (header == NULL)
		return false;
	answer->message_id = header->message_id;
	/* of several senders none is known to have been authenticated */
	if (header->from_parties == 1)
	{
		answer->from_party = header->from_party;
		answer->from_party_type = header->from_party_type;
	}
	if (header->message_id == NULL || (reading->asked != NULL && strcmp(header->message_id, reading->asked) != 0))
		return lost(reading, "the answer holds another message");
	if (list_length(header->parts) > MAX_PARTS || list_length(payloads) > MAX_PARTS)
		return reading_fails(reading, TROUBLE_ANSWER_TOO_LARGE, "the message has too many parts");
	if (has_long_id(payloads))
		return reading_fails(reading, TROUBLE_ANSWER_TOO_LARGE, "the id of a payload is too long");
	foreach(cell, header->parts)
	{
		CHECK_FOR_INTERRUPTS();
		if (!read_part(reading, payloads, lfirst(cell)))
		{
			answer->parts = NIL;
			return false;
		}
	}
	return true;
}
