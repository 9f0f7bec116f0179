/*
 * request.c
 *		Read the envelope of a request.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <libxml/parser.h>

#include "request.h"

/* "cid:" and a percent-encoded Content-ID */
static const MimePart *
included_part(const Request *request, const xmlNode *include)
{
	char	   *href = node_attribute(include, "href");
	const MimePart *found = NULL;

	if (href && strncmp(href, "cid:", 4) == 0)
	{
		char	   *out = href;

		for (const char *in = href + 4; *in; in++)
		{
			char		hex[3] = {in[0] == '%' ? in[1] : 0, in[0] == '%' && in[1] ? in[2] : 0, 0};

			if (isxdigit((unsigned char) hex[0]) && isxdigit((unsigned char) hex[1]))
			{
				*out++ = strtol(hex, NULL, 16);
				in += 2;
			}
			else
				*out++ = *in;
		}
		*out = '\0';
		for (int i = 0; i < request->part_count && found == NULL; i++)
		{
			if (request->parts[i].id && strcmp(request->parts[i].id, href) == 0)
				found = &request->parts[i];
		}
	}
	free(href);
	return found;
}

bool
request_content(const Request *request, const xmlNode *value, Buffer *out)
{
	const xmlNode *include = node_child(value, NS_XOP, "Include");
	xmlChar    *text;
	bool		decoded;

	if (include)
	{
		const MimePart *part = included_part(request, include);

		if (part)
			buffer_add(out, part->bytes, part->len);
		return part != NULL;
	}
	if (node_first(value))
		return false;
	text = xmlNodeGetContent(value);
	decoded = base64_decode(out, (const char *) text, strlen((const char *) text));
	xmlFree(text);
	return decoded;
}

static bool
read_envelope(Request *request, Fault *fault)
{
	xmlNode    *envelope = xmlDocGetRootElement(request->doc);

	if (!node_is(envelope, NS_SOAP, "Envelope"))
		return fault_set(fault, FAULT_UNPARSABLE, "the document is not a SOAP 1.2 envelope", NULL);
	request->messaging = node_child(node_child(envelope, NS_SOAP, "Header"), NS_EBMS, "Messaging");
	request->element = node_first(node_child(envelope, NS_SOAP, "Body"));
	if (request->element == NULL)
		return fault_set(fault, FAULT_NOT_RECOGNIZED, "", "");
	return true;
}

bool
request_parse(Request *request, const char *content_type, const char *bytes, size_t len, Fault *fault)
{
	MimePart	root = {NULL, bytes, len};
	int			options = XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

	if (content_type && strncasecmp(content_type, "multipart/", 10) == 0 &&
		!mime_split(request, content_type, bytes, len, &root))
		return fault_set(fault, FAULT_UNPARSABLE, "Couldn't determine the boundary from the message!", NULL);
	request->doc = xmlReadMemory(root.bytes, root.len, NULL, NULL, options);
	if (request->doc == NULL || xmlDocGetRootElement(request->doc) == NULL)
		return fault_set(fault, FAULT_UNPARSABLE, "the document is not well-formed", NULL);
	if (request->doc->intSubset)
		return fault_set(fault, FAULT_UNPARSABLE, "Received event DTD, instead of START_ELEMENT", NULL);
	return read_envelope(request, fault);
}

void
request_free(Request *request)
{
	for (int i = 0; i < request->part_count; i++)
		free(request->parts[i].id);
	free(request->parts);
	xmlFreeDoc(request->doc);
	*request = (Request) {0};
}
