/*
 * mime.c
 *		Split a multipart/related request (RFC 2046, RFC 2387) into its parts.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "request.h"

/* A parameter of a Content-Type, without quotes, to be freed; NULL if absent. */
static char *
parameter(const char *header, const char *name)
{
	size_t		len = strlen(name);

	for (const char *at = strchr(header, ';'); at; at = strchr(at, ';'))
	{
		for (at++; isspace((unsigned char) *at); at++)
			;
		if (strncasecmp(at, name, len) == 0 && at[len] == '=')
		{
			at += len + 1;
			if (*at == '"')
				return copy_bytes(at + 1, strcspn(at + 1, "\""));
			return copy_bytes(at, strcspn(at, "; \t\r\n"));
		}
		/* a semicolon in quotes separates nothing */
		for (bool quoted = false; *at && (quoted || *at != ';'); at++)
			quoted ^= *at == '"';
	}
	return NULL;
}

static char *
without_brackets(const char *text, size_t len)
{
	while (len > 0 && isspace((unsigned char) *text))
		text++, len--;
	while (len > 0 && isspace((unsigned char) text[len - 1]))
		len--;
	if (len >= 2 && text[0] == '<' && text[len - 1] == '>')
		return copy_bytes(text + 1, len - 2);
	return copy_bytes(text, len);
}

/* Header lines up to the empty one; false when that does not come. */
static bool
read_part(MimePart *part, const char *at, const char *end)
{
	for (;;)
	{
		const char *stop = memmem(at, end - at, "\r\n", 2);

		if (stop == NULL)
			return false;
		if (stop == at)
			break;
		if (strncasecmp(at, "Content-ID:", 11) == 0 && part->id == NULL)
			part->id = without_brackets(at + 11, stop - at - 11);
		at = stop + 2;
	}
	part->bytes = at + 2;
	part->len = end - part->bytes;
	return true;
}

static bool
add_part(Request *request, const char *at, const char *end)
{
	request->parts = reallocate(request->parts, (request->part_count + 1) * sizeof(MimePart));
	request->parts[request->part_count] = (MimePart) {0};
	return read_part(&request->parts[request->part_count++], at, end);
}

/* Each part starts with a line end and the delimiter; so does what follows the last one. */
static bool
split_at(Request *request, const char *delimiter, const char *bytes, size_t len)
{
	size_t		delimiter_len = strlen(delimiter);
	const char *end = bytes + len;
	const char *at;

	if (len >= delimiter_len - 2 && memcmp(bytes, delimiter + 2, delimiter_len - 2) == 0)
		at = bytes + delimiter_len - 2;
	else if ((at = memmem(bytes, len, delimiter, delimiter_len)) != NULL)
		at += delimiter_len;
	while (at)
	{
		const char *line_end;
		const char *next;

		if (end - at >= 2 && memcmp(at, "--", 2) == 0)
			return request->part_count > 0;
		line_end = memmem(at, end - at, "\r\n", 2);
		next = line_end ? memmem(line_end, end - line_end, delimiter, delimiter_len) : NULL;
		if (next == NULL || !add_part(request, line_end + 2, next))
			return false;
		at = next + delimiter_len;
	}
	return false;
}

bool
mime_split(Request *request, const char *content_type, const char *bytes, size_t len, MimePart *root)
{
	char	   *boundary = parameter(content_type, "boundary");
	char	   *start = parameter(content_type, "start");
	bool		complete = false;

	if (boundary)
	{
		char	   *delimiter = format_text("\r\n--%s", boundary);

		complete = split_at(request, delimiter, bytes, len);
		free(delimiter);
	}
	if (complete)
	{
		char	   *wanted = start ? without_brackets(start, strlen(start)) : NULL;

		*root = request->parts[0];
		for (int i = 0; i < request->part_count && wanted; i++)
		{
			if (request->parts[i].id && strcmp(request->parts[i].id, wanted) == 0)
				*root = request->parts[i];
		}
		free(wanted);
	}
	free(boundary);
	free(start);
	return complete;
}
