/*
 * request.c
 *		SOAP 1.2 requests to the WS plugin (access point §1, §2.2).
 *
 * Elements of the plugin are qualified, their children are not, so no default
 * namespace may be set; requests are valid against the plugin's schema whether or
 * not the server looks.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "accesspoint/base64.h"
#include "accesspoint/gateway.h"
#include "message/header.h"
#include "message/moment.h"
#include "uuid.h"
#include "xml/canon.h"

#define SOAP_TYPE "application/soap+xml"

static CanonWriter *
open_body(StringInfo out, const char *header, size_t length)
{
	CanonWriter *w = canon_begin(out);

	canon_open(w, "s", NS_SOAP, "Envelope");
	canon_declare(w, "w", NS_WSPLUGIN);
	if (header != NULL)
	{
		canon_open(w, "s", NS_SOAP, "Header");
		canon_raw(w, header, length);
		canon_close(w);
	}
	canon_open(w, "s", NS_SOAP, "Body");
	return w;
}

static void
close_body(CanonWriter *w)
{
	canon_close(w);
	canon_close(w);
	canon_end(w);
}

static GatewayRequest *
new_request(void)
{
	GatewayRequest *request = palloc0(sizeof(GatewayRequest));

	initStringInfo(&request->body);
	request->content_type = SOAP_TYPE "; charset=UTF-8";
	return request;
}

static void
plain_leaf(CanonWriter *w, const char *local, const char *text)
{
	canon_leaf(w, "", "", local, text);
}

/* Whole seconds, the window never narrower than asked for; the zone is dropped by the server, so UTC (§1.4). */
static void
moment_leaf(CanonWriter *w, const char *local, TimestampTz moment, bool upwards)
{
	TimestampTz rest = moment % USECS_PER_SEC;
	char	   *text;

	if (rest < 0)
		rest += USECS_PER_SEC;
	moment -= rest;
	if (upwards && rest > 0)
		moment += USECS_PER_SEC;
	text = moment_text(moment);
	/* …:02.000Z */
	strcpy(strchr(text, '.'), "Z");
	plain_leaf(w, local, text);
}

GatewayRequest *
gateway_list(const GatewayFilter *filter)
{
	GatewayRequest *request = new_request();
	CanonWriter *w = open_body(&request->body, NULL, 0);

	canon_open(w, "w", NS_WSPLUGIN, "listPendingMessagesRequest");
	if (filter != NULL && filter->final_recipient != NULL)
		plain_leaf(w, "finalRecipient", filter->final_recipient);
	if (filter != NULL && filter->received_from != 0 && !TIMESTAMP_NOT_FINITE(filter->received_from))
		moment_leaf(w, "receivedFrom", filter->received_from, false);
	if (filter != NULL && filter->received_to != 0 && !TIMESTAMP_NOT_FINITE(filter->received_to))
		moment_leaf(w, "receivedTo", filter->received_to, true);
	canon_close(w);
	close_body(w);
	return request;
}

/* An element with messageID in it, and what the operation has besides. */
static GatewayRequest *
about_message(const char *element, const char *message_id, const char *mark, const char *role)
{
	GatewayRequest *request = new_request();
	CanonWriter *w = open_body(&request->body, NULL, 0);

	canon_open(w, "w", NS_WSPLUGIN, element);
	if (mark != NULL)
		canon_attribute(w, "markAsDownloaded", mark);
	plain_leaf(w, "messageID", message_id);
	if (role != NULL)
		plain_leaf(w, "accessPointRole", role);
	canon_close(w);
	close_body(w);
	return request;
}

GatewayRequest *
gateway_retrieve(const char *message_id, bool consume)
{
	/* exactly this word, or none: all else means true, and line 5.0, which always consumes, does not know the attribute (§1.5) */
	return about_message("retrieveMessageRequest", message_id, consume ? NULL : "false", NULL);
}

GatewayRequest *
gateway_mark(const char *message_id)
{
	return about_message("markMessageAsDownloadedRequest", message_id, NULL, NULL);
}

/* The request elements are not named after their operations (§1.3). */
GatewayRequest *
gateway_status(const char *message_id, bool with_role)
{
	return with_role ?
		about_message("statusRequestWithAccessPointRole", message_id, NULL, "SENDING") :
		about_message("statusRequest", message_id, NULL, NULL);
}

GatewayRequest *
gateway_errors(const char *message_id, bool with_role)
{
	return with_role ?
		about_message("getErrorsRequestWithAccessPointRole", message_id, NULL, "SENDING") :
		about_message("getErrorsRequest", message_id, NULL, NULL);
}

static int
parts_named(const Header *header, const char *href)
{
	int			count = 0;
	const ListCell *cell;

	foreach(cell, header->parts)
	{
		const HeaderPart *part = lfirst(cell);

		if (part->href != NULL && pg_strcasecmp(part->href, href) == 0)
			count++;
	}
	return count;
}

const Header *
gateway_header(const char *bytes, size_t length)
{
	XmlFault	fault;
	XmlDocument *document = xml_read(bytes, length, &fault);
	const Header *header = document ? header_read(document) : NULL;

	if (header != NULL && (!xml_is(xml_root(document), NS_EB, "Messaging") || length < 2 || bytes[0] != '<' || bytes[1] == '?' || bytes[1] == '!'))
		header = NULL;
	xml_release(document);
	return header;
}

/*
 * The server drops payloads that the header does not name and answers success all
 * the same (§1.7): so whatever does not fit is our own mistake, found before it is sent.
 */
static void
check_submission(const Header *header, const List *parts)
{
	const ListCell *cell;

	if (header == NULL)
		elog(ERROR, "the header of a submission is not one eb:Messaging element");
	if (header->message_id == NULL || *header->message_id == '\0')
		elog(ERROR, "the header of a submission has no MessageId");
	if (list_length(header->parts) != list_length(parts))
		elog(ERROR, "the header of a submission names %d parts instead of %d", list_length(header->parts), list_length(parts));
	foreach(cell, parts)
		if (parts_named(header, psprintf("cid:%s", ((GatewayPart *) lfirst(cell))->content_id)) != 1)
			elog(ERROR, "the header of a submission does not name each part once");
}

/* SOAP body with all payloads: in base64, or, when mtom is an id, as Includes of p1@id, p2@id … */
static void
write_submission(StringInfo out, const char *header, size_t length, const List *parts, const char *mtom)
{
	CanonWriter *w = open_body(out, header, length);
	const ListCell *cell;

	canon_open(w, "w", NS_WSPLUGIN, "submitRequest");
	foreach(cell, parts)
	{
		const GatewayPart *part = lfirst(cell);

		canon_open(w, "", "", "payload");
		canon_attribute(w, "payloadId", psprintf("cid:%s", part->content_id));
		if (part->media_type != NULL)
			canon_attribute(w, "contentType", part->media_type);
		canon_open(w, "", "", "value");
		if (mtom != NULL)
		{
			canon_open(w, "x", NS_XOP, "Include");
			canon_attribute(w, "href", psprintf("cid:p%d@%s", foreach_current_index(cell) + 1, mtom));
			canon_close(w);
		}
		else
		{
			canon_raw(w, "", 0);	/* ends the start tag */
			base64_append(out, part->bytes, part->length);
		}
		canon_close(w);
		canon_close(w);
	}
	canon_close(w);
	close_body(w);
}

/* A media type that can stand in a header line; else the general one. It only matters to a reader of traces. */
static const char *
header_safe(const char *media_type)
{
	if (media_type != NULL && *media_type != '\0')
	{
		const char *p = media_type;

		while (*p >= 0x20 && *p < 0x7f)
			p++;
		if (*p == '\0')
			return media_type;
	}
	return "application/octet-stream";
}

/* The root is one line, longer than 8bit may have (RFC 2045 §2.8). */
static void
write_mtom(GatewayRequest *request, const char *header, size_t length, const List *parts)
{
	StringInfo	out = &request->body;
	char	   *id = uuid_hex();
	const ListCell *cell;

	request->content_type = psprintf("multipart/related; type=\"application/xop+xml\"; start=\"<root@%s>\"; "
									 "start-info=\"" SOAP_TYPE "\"; boundary=\"%s\"", id, id);
	appendStringInfo(out, "--%s\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"" SOAP_TYPE "\"\r\n"
					 "Content-Transfer-Encoding: binary\r\nContent-ID: <root@%s>\r\n\r\n", id, id);
	write_submission(out, header, length, parts, id);
	foreach(cell, parts)
	{
		const GatewayPart *part = lfirst(cell);

		appendStringInfo(out, "\r\n--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <p%d@%s>\r\n\r\n",
						 id, header_safe(part->media_type), foreach_current_index(cell) + 1, id);
		appendBinaryStringInfo(out, part->bytes, (int) part->length);
	}
	appendStringInfo(out, "\r\n--%s--\r\n", id);
}

GatewayRequest *
gateway_submit(const char *header, size_t length, const Header *read, const List *parts, size_t mtom_bytes)
{
	GatewayRequest *request = new_request();
	size_t		sum = 0;
	const ListCell *cell;

	check_submission(read, parts);
	foreach(cell, parts)
		sum += ((GatewayPart *) lfirst(cell))->length;
	if (sum > mtom_bytes)
		write_mtom(request, header, length, parts);
	else
		write_submission(&request->body, header, length, parts, NULL);
	return request;
}
