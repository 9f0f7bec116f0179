/*
 * retrieved.c
 *		The message in a retrieveMessage answer (access point §1.5): its ebMS
 *		header as a document of its own, and the payloads it announces.
 *
 * A payload belongs to the PartInfo whose href is its payloadId, never to the one
 * in its place. Whatever is announced and not there is content lost, and an empty
 * payload none at all. What one answer says once is content once: a MIME part is included
 * by one payload, or what is kept could be many times what came. eb:Timestamp is not looked
 * at: in 5.0 and 5.1 it is the time of the call.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "accesspoint/base64.h"
#include "accesspoint/retrieved.h"
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

/* Is the text, decoded, the other one? */
static bool
decodes_to(const char *text, const char *other)
{
	char	   *decoded;
	bool		same;

	if (strchr(text, '%') == NULL)
		return false;
	decoded = pstrdup(text);
	same = percent_decode(decoded) && pg_strcasecmp(decoded, other) == 0;
	pfree(decoded);
	return same;
}

/* The one part whose id means this one when it is decoded; NULL when there is none or more than one. */
static MimePart *
part_of_encoded_id(const List *parts, const char *content_id)
{
	MimePart   *found = NULL;
	const ListCell *cell;

	foreach(cell, parts)
	{
		MimePart   *part = lfirst(cell);

		if (!decodes_to(part->content_id, content_id))
			continue;
		if (found != NULL)
			return NULL;
		found = part;
	}
	return found;
}

/*
 * The MIME part that an Include refers to (XOP, RFC 2392); NULL with *reason. Some
 * stacks write the id percent-encoded in both places, or in the part's header only. The
 * part that holds the envelope is nobody's payload.
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
		part = part_of_encoded_id(reading->mime_parts, decoded);
	*reason = part == NULL ? "the MIME part of a payload is missing" :
		part == reading->mime_root ? "a payload includes the SOAP envelope itself" :
		part->included ? "two payloads include one MIME part" : NULL;
	if (*reason != NULL)
		return NULL;
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
	/* what some stacks write when they could not read it at that moment: it may be there the next time */
	if (*length == 0)
		return reading_fails(reading, TROUBLE_UNREADABLE, "a payload is empty");
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

/* Compared as the server does: whole, with cid:, case aside (§1.7). */
static bool
is_same_id(const char *id, const char *href)
{
	return pg_strcasecmp(id, href) == 0;
}

/* How many payloads have that href (NULL: the bodyload); *found is the last of them. */
static int
payloads_of(const List *payloads, const char *href, bool (*same) (const char *id, const char *href), Payload **found)
{
	int			count = 0;
	const ListCell *cell;

	foreach(cell, payloads)
	{
		Payload    *payload = lfirst(cell);

		if (href == NULL ? payload->id != NULL : payload->id == NULL || !same(payload->id, href))
			continue;
		*found = payload;
		count++;
	}
	return count;
}

/* A part without href, and one whose href is a fragment, stand in the SOAP body (ebMS 3 §5.2.2.13). */
static bool
is_in_body(const char *href)
{
	return href == NULL || href[0] == '#';
}

/* The one payload that is announced; NULL when there is none or more than one. */
static Payload *
payload_of(const List *payloads, const char *href)
{
	Payload    *found = NULL;
	int			count = payloads_of(payloads, is_in_body(href) ? NULL : href, is_same_id, &found);

	if (count == 0 && !is_in_body(href))
		count = payloads_of(payloads, href, decodes_to, &found);
	return count == 1 ? found : NULL;
}

static char *
bare_content_id(const char *href)
{
	if (is_in_body(href))
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

/* What the header does not announce is no part of the message: left out, and told. */
static void
tell_unannounced(GatewayAnswer *answer, const List *payloads)
{
	const ListCell *cell;
	int			count = 0;

	foreach(cell, payloads)
		count += !((const Payload *) lfirst(cell))->taken;
	if (count > 0)
		answer->detail = psprintf("payloads that the header does not announce were left out: %d", count);
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
	tell_unannounced(answer, payloads);
	return true;
}
