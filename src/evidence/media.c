/*
 * media.c
 *		Does content look like its media type (D-MOD-11)? The six media types of
 *		the OOTS code list; XML, SVG and JSON are parsed, the others looked at.
 */
#include "postgres.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "compat.h"
#include "evidence/document.h"
#include "settings.h"
#include "xml/read.h"

#define NS_SVG	"http://www.w3.org/2000/svg"

/* A PDF's end mark must be within so many bytes of its end. */
#define PDF_TAIL 1024

static bool
begins_with(const char *content, size_t length, const char *magic, size_t magic_length)
{
	return length >= magic_length && memcmp(content, magic, magic_length) == 0;
}

static bool
is_pdf(const char *content, size_t length)
{
	static const char mark[] = "%%EOF";
	size_t		mark_length = sizeof(mark) - 1;
	size_t		tail = Min(length, PDF_TAIL);

	if (!begins_with(content, length, "%PDF-", 5))
		return false;
	for (const char *p = content + length - tail; p + mark_length <= content + length; p++)
		if (memcmp(p, mark, mark_length) == 0)
			return true;
	return false;
}

static bool
is_jpeg(const char *content, size_t length)
{
	return begins_with(content, length, "\xFF\xD8\xFF", 3);
}

static bool
is_png(const char *content, size_t length)
{
	return begins_with(content, length, "\x89PNG\r\n\x1A\n", 8);
}

static bool
is_xml(const char *content, size_t length)
{
	XmlFault	fault;
	XmlDocument *document = xml_read(content, length, &fault);

	if (document == NULL)
		return false;
	xml_release(document);
	return true;
}

static bool
is_svg(const char *content, size_t length)
{
	XmlFault	fault;
	XmlDocument *document = xml_read(content, length, &fault);
	bool		result;

	if (document == NULL)
		return false;
	result = xml_is(xml_root(document), NS_SVG, "svg");
	xml_release(document);
	return result;
}

/* The server's parser recurses and raises an error when too deep, so nesting is looked at first. */
static bool
is_shallow_json(const char *content, size_t length)
{
	int			depth = 0;
	bool		string = false;

	for (size_t i = 0; i < length; i++)
	{
		char		c = content[i];

		if (c == '"')
			string = !string;
		else if (string && c == '\\')
			i++;
		else if (!string && (c == '{' || c == '['))
			depth++;
		else if (!string && (c == '}' || c == ']'))
			depth--;
		if (depth > oots_max_depth)
			return false;
	}
	return true;
}

static bool
is_json(const char *content, size_t length)
{
	/* the server's parser counts in int, and wants valid text of its encoding */
	return length <= MaxAllocSize &&
		pg_verify_mbstr(PG_UTF8, content, length, true) &&
		is_shallow_json(content, length) &&
		pg_parse_json(oots_json_lexer(content, length), &nullSemAction) == JSON_SUCCESS;
}

bool
media_type_fits(const char *media_type, const char *content, size_t length)
{
	static const struct
	{
		const char *media_type;
		bool		(*fits) (const char *content, size_t length);
	}			checks[] =
	{
		{"application/xml", is_xml},
		{"application/pdf", is_pdf},
		{"application/json", is_json},
		{"image/jpeg", is_jpeg},
		{"image/png", is_png},
		{"image/svg+xml", is_svg}
	};

	for (int i = 0; i < lengthof(checks); i++)
		if (strcmp(checks[i].media_type, media_type) == 0)
			return checks[i].fits(content, length);
	return false;
}
