/*
 * mime.c
 *		Take a multipart/related body apart (RFC 2046 §5.1, RFC 2387; access
 *		point §2.1). Parts stay where they are unless they must be decoded.
 *
 * Strict where sloppiness could hide the loss of content: a body without its
 * closing delimiter was cut, and two parts of one name are ambiguous.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "accesspoint/base64.h"
#include "accesspoint/gateway.h"
#include "accesspoint/media.h"

#define MAX_PARTS			256		/* an access point sends 28 payloads at most (§1.7) */
#define MAX_BOUNDARY		200		/* the standard's 70 is exceeded by some */
#define MAX_PART_HEADERS	16384	/* bytes of one part's headers */
#define MAX_CONTENT_ID		1024	/* bytes: ids are compared with one another */

/* One part's headers, of those that count; "" when absent. */
typedef struct PartHeaders
{
	char	   *content_id,
			   *content_type,
			   *encoding;
} PartHeaders;

static bool
fail(const char **reason, const char *why)
{
	*reason = why;
	return false;
}

/*
 * The next delimiter at or after from: CR LF -- boundary, blanks, CR LF; or with --
 * behind the boundary, which closes. The very first one needs no line end before it.
 * *begin is where it begins, *after where what follows begins.
 */
static bool
next_delimiter(const char *from, const char *body, const char *end, const char *boundary,
			   const char **begin, const char **after, bool *closing)
{
	size_t		length = strlen(boundary);
	const char *dashes = from;

	while ((dashes = memmem(dashes, end - dashes, boundary, length)) != NULL)
	{
		const char *p = dashes + length;
		bool		at_start = dashes == body;
		bool		after_line = dashes - from >= 2 && dashes[-2] == '\r' && dashes[-1] == '\n';

		*closing = end - p >= 2 && p[0] == '-' && p[1] == '-';
		if (*closing)
			p += 2;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if ((at_start || after_line) && (*closing ? (p == end || *p == '\r') : (end - p >= 2 && p[0] == '\r' && p[1] == '\n')))
		{
			*begin = at_start ? dashes : dashes - 2;
			*after = *closing ? p : p + 2;
			return true;
		}
		dashes += length;
	}
	return false;
}

/* Without <> and blanks, in place. */
static char *
bare_id(char *id)
{
	size_t		length = strlen(id);

	if (length >= 2 && id[0] == '<' && id[length - 1] == '>')
	{
		id[length - 1] = '\0';
		id++;
	}
	return id;
}

/* A header's value, folded lines joined and blanks at the ends left out. */
static char *
header_value(const char *value, const char *end)
{
	char	   *copy = palloc(end - value + 1);
	char	   *to = copy;

	for (; value < end; value++)
		if (*value == '\r' || *value == '\n' || *value == '\t' || *value == ' ')
		{
			if (to > copy && to[-1] != ' ')
				*to++ = ' ';
		}
		else
			*to++ = *value;
	while (to > copy && to[-1] == ' ')
		to--;
	*to = '\0';
	return copy;
}

static bool
take_header(const char *line, const char *end, PartHeaders *headers, const char **reason)
{
	const char *colon = memchr(line, ':', end - line);
	size_t		length;
	char	  **slot;

	if (colon == NULL || memchr(line, '\0', end - line) != NULL)
		return fail(reason, "a header of a MIME part is malformed");
	length = colon - line;
	if (length == 10 && pg_strncasecmp(line, "Content-ID", length) == 0)
		slot = &headers->content_id;
	else if (length == 12 && pg_strncasecmp(line, "Content-Type", length) == 0)
		slot = &headers->content_type;
	else if (length == 25 && pg_strncasecmp(line, "Content-Transfer-Encoding", length) == 0)
		slot = &headers->encoding;
	else
		return true;
	if (*slot != NULL)
		return fail(reason, "a header of a MIME part is repeated");
	*slot = header_value(colon + 1, end);
	return true;
}

/* Headers up to and with the empty line; *content is what follows. */
static bool
read_headers(const char *at, const char *end, PartHeaders *headers, const char **content, const char **reason)
{
	const char *limit = end - at > MAX_PART_HEADERS ? at + MAX_PART_HEADERS : end;

	memset(headers, 0, sizeof(*headers));
	for (;;)
	{
		const char *stop = at;

		if (limit - at >= 2 && at[0] == '\r' && at[1] == '\n')
			break;
		/* a line that begins with a blank goes on with the one before */
		do
		{
			stop = memmem(stop, limit - stop, "\r\n", 2);
			if (stop == NULL)
				return fail(reason, "the headers of a MIME part do not end");
			stop += 2;
		} while (stop < limit && (*stop == ' ' || *stop == '\t'));
		if (!take_header(at, stop - 2, headers, reason))
			return false;
		at = stop;
	}
	*content = at + 2;
	if (headers->content_id == NULL)
		headers->content_id = pstrdup("");
	if (headers->content_type == NULL)
		headers->content_type = pstrdup("");
	if (headers->encoding == NULL)
		headers->encoding = pstrdup("");
	return true;
}

static int
hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 2045 §6.7; NULL when malformed. */
static char *
quoted_printable_decode(const char *text, size_t text_length, size_t *length)
{
	const char *end = text + text_length;
	char	   *octets = palloc_extended(text_length + 1, MCXT_ALLOC_HUGE);
	char	   *to = octets;

	while (text < end)
	{
		if (*text != '=')
			*to++ = *text++;
		else if (end - text >= 3 && text[1] == '\r' && text[2] == '\n')
			text += 3;
		else if (end - text >= 3 && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0)
		{
			*to++ = (char) (hex_value(text[1]) << 4 | hex_value(text[2]));
			text += 3;
		}
		else
			return NULL;
	}
	*length = to - octets;
	return octets;
}

static bool
decode(const char *encoding, MimePart *part, const char **reason)
{
	if (*encoding == '\0' || pg_strcasecmp(encoding, "binary") == 0 ||
		pg_strcasecmp(encoding, "8bit") == 0 || pg_strcasecmp(encoding, "7bit") == 0)
		return true;
	if (pg_strcasecmp(encoding, "base64") == 0)
		part->bytes = base64_decode(part->bytes, part->length, &part->length);
	else if (pg_strcasecmp(encoding, "quoted-printable") == 0)
		part->bytes = quoted_printable_decode(part->bytes, part->length, &part->length);
	else
		return fail(reason, "a MIME part has a transfer encoding that is not known");
	if (part->bytes == NULL)
		return fail(reason, "a MIME part is not what its transfer encoding says");
	return true;
}

static bool
read_part(const char *begin, const char *end, const List *parts, MimePart *part, const char **reason)
{
	PartHeaders headers;
	const char *content;
	const ListCell *cell;

	if (!read_headers(begin, end, &headers, &content, reason))
		return false;
	part->content_id = bare_id(headers.content_id);
	if (strlen(part->content_id) > MAX_CONTENT_ID)
		return fail(reason, "the Content-ID of a MIME part is too long");
	part->content_type = headers.content_type;
	part->bytes = content;
	part->length = end - content;
	foreach(cell, parts)
		if (*part->content_id != '\0' && strcmp(((MimePart *) lfirst(cell))->content_id, part->content_id) == 0)
			return fail(reason, "two MIME parts have the same Content-ID");
	return decode(headers.encoding, part, reason);
}

/* All parts between the delimiters; NIL with *reason. */
static List *
read_parts(const char *body, size_t length, const char *boundary, const char **reason)
{
	const char *end = body + length;
	const char *begin,
			   *after;
	bool		closing;
	List	   *parts = NIL;

	if (!next_delimiter(body, body, end, boundary, &begin, &after, &closing) || closing)
	{
		*reason = "the MIME message has no parts";
		return NIL;
	}
	while (!closing)
	{
		MimePart   *part = palloc0(sizeof(MimePart));
		const char *content = after;

		if (!next_delimiter(content, body, end, boundary, &begin, &after, &closing))
		{
			*reason = "the MIME message has no closing delimiter";
			return NIL;
		}
		CHECK_FOR_INTERRUPTS();
		if (list_length(parts) == MAX_PARTS)
		{
			*reason = "the MIME message has too many parts";
			return NIL;
		}
		if (!read_part(content, begin, parts, part, reason))
			return NIL;
		parts = lappend(parts, part);
	}
	return parts;
}

List *
mime_read(const char *content_type, const char *body, size_t length, const MimePart **root, const char **reason)
{
	char	   *boundary;
	char	   *start;
	List	   *parts;
	ListCell   *cell;

	*reason = NULL;
	if (!media_type_is(content_type, "multipart/related"))
	{
		*reason = "the Content-Type is not multipart/related";
		return NIL;
	}
	boundary = media_parameter(content_type, "boundary");
	if (boundary == NULL || *boundary == '\0' || strlen(boundary) > MAX_BOUNDARY)
	{
		*reason = "the MIME message names no boundary";
		return NIL;
	}
	parts = read_parts(body, length, psprintf("--%s", boundary), reason);
	if (parts == NIL)
		return NIL;

	*root = linitial(parts);
	start = media_parameter(content_type, "start");
	if (start == NULL)
		return parts;
	start = bare_id(start);
	foreach(cell, parts)
		if (strcmp(((MimePart *) lfirst(cell))->content_id, start) == 0)
		{
			*root = lfirst(cell);
			return parts;
		}
	*reason = "the MIME message has no root part";
	return NIL;
}
