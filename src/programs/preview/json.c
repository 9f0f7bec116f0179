/*
 * json.c
 *		A reader of JSON (RFC 8259) and the writing of strings.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define MOST_LEVELS 32
#ifndef MOST_VALUES
#define MOST_VALUES 20000
#endif

typedef struct Reader
{
	Arena	   *arena;
	const char *at;
	const char *end;
	int			values;
} Reader;

static Json *read_value(Reader *reader, int level);

static void
skip_blanks(Reader *reader)
{
	while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at != '\0')
		reader->at++;
}

static bool
take(Reader *reader, const char *word)
{
	size_t		len = strlen(word);

	if ((size_t) (reader->end - reader->at) < len || memcmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

/* Four hexadecimal digits; -1 for anything else. */
static long
read_unit(Reader *reader)
{
	long		unit = 0;

	if (reader->end - reader->at < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		char		c = *reader->at++;
		int			digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static char *
put_utf8(char *out, long code)
{
	if (code < 0x80)
		*out++ = (char) code;
	else if (code < 0x800)
	{
		*out++ = (char) (0xC0 | code >> 6);
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	else if (code < 0x10000)
	{
		*out++ = (char) (0xE0 | code >> 12);
		*out++ = (char) (0x80 | (code >> 6 & 0x3F));
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	else
	{
		*out++ = (char) (0xF0 | code >> 18);
		*out++ = (char) (0x80 | (code >> 12 & 0x3F));
		*out++ = (char) (0x80 | (code >> 6 & 0x3F));
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	return out;
}

/* After \u: a character, of two units when it needs them; no zero byte, no half of a pair. */
static char *
read_code(Reader *reader, char *out)
{
	long		code = read_unit(reader);

	if (code >= 0xD800 && code <= 0xDBFF)
	{
		long		low;

		if (!take(reader, "\\u") || (low = read_unit(reader)) < 0xDC00 || low > 0xDFFF)
			return NULL;
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
	}
	else if (code <= 0 || (code >= 0xDC00 && code <= 0xDFFF))
		return NULL;
	return put_utf8(out, code);
}

static char *
read_escape(Reader *reader, char *out)
{
	static const char marks[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char		c;

	if (reader->at >= reader->end)
		return NULL;
	c = *reader->at++;
	if (c == 'u')
		return read_code(reader, out);
	found = c ? strchr(marks, c) : NULL;
	if (found == NULL)
		return NULL;
	*out++ = meant[found - marks];
	return out;
}

/* What is read is never longer than what is written. */
static const char *
read_string(Reader *reader)
{
	const char *end = reader->at;
	char	   *text;
	char	   *out;

	if (!take(reader, "\""))
		return NULL;
	for (end = reader->at; end < reader->end && *end != '"'; end++)
		if (*end == '\\')
			end++;
	if (end >= reader->end)
		return NULL;
	text = out = arena_take(reader->arena, (size_t) (end - reader->at) + 1);
	while (reader->at < end)
	{
		char		c = *reader->at++;

		if ((unsigned char) c < ' ')
			return NULL;
		if (c != '\\')
			*out++ = c;
		else if ((out = read_escape(reader, out)) == NULL)
			return NULL;
	}
	reader->at = end + 1;
	*out = '\0';
	return text;
}

static bool
read_number(Reader *reader, Json *value)
{
	const char *start = reader->at;

	while (reader->at < reader->end && *reader->at && strchr("+-.0123456789eE", *reader->at))
		reader->at++;
	value->kind = JSON_NUMBER;
	value->text = arena_copy(reader->arena, start, (size_t) (reader->at - start));
	return reader->at > start;
}

/* Children until the bracket that closes; objects have names. */
static bool
read_children(Reader *reader, Json *value, char close, int level)
{
	Json	  **last = &value->first;

	skip_blanks(reader);
	if (reader->at < reader->end && *reader->at == close)
		return reader->at++, true;
	for (;;)
	{
		const char *name = NULL;

		skip_blanks(reader);
		if (close == '}')
		{
			if ((name = read_string(reader)) == NULL)
				return false;
			skip_blanks(reader);
			if (!take(reader, ":"))
				return false;
		}
		if ((*last = read_value(reader, level + 1)) == NULL)
			return false;
		(*last)->name = name;
		last = &(*last)->next;
		skip_blanks(reader);
		if (reader->at < reader->end && *reader->at == close)
			return reader->at++, true;
		if (!take(reader, ","))
			return false;
	}
}

static Json *
read_value(Reader *reader, int level)
{
	Json	   *value;
	bool		good;

	if (level > MOST_LEVELS || ++reader->values > MOST_VALUES)
		return NULL;
	skip_blanks(reader);
	if (reader->at >= reader->end)
		return NULL;
	value = arena_take(reader->arena, sizeof(Json));
	switch (*reader->at)
	{
		case '{':
			value->kind = JSON_OBJECT;
			reader->at++;
			good = read_children(reader, value, '}', level);
			break;
		case '[':
			value->kind = JSON_ARRAY;
			reader->at++;
			good = read_children(reader, value, ']', level);
			break;
		case '"':
			value->kind = JSON_STRING;
			good = (value->text = read_string(reader)) != NULL;
			break;
		case 't':
			value->kind = JSON_TRUE;
			good = take(reader, "true");
			break;
		case 'f':
			value->kind = JSON_FALSE;
			good = take(reader, "false");
			break;
		case 'n':
			value->kind = JSON_NULL;
			good = take(reader, "null");
			break;
		default:
			good = read_number(reader, value);
	}
	return good ? value : NULL;
}

const Json *
json_read(Arena *arena, const char *text, size_t len)
{
	Reader		reader = {arena, text, text + len, 0};
	const Json *value = read_value(&reader, 0);

	skip_blanks(&reader);
	return reader.at == reader.end ? value : NULL;
}

const Json *
json_get(const Json *object, const char *name)
{
	if (object == NULL || object->kind != JSON_OBJECT)
		return NULL;
	for (const Json *child = object->first; child; child = child->next)
		if (strcmp(child->name, name) == 0)
			return child->kind == JSON_NULL ? NULL : child;
	return NULL;
}

const char *
json_string(const Json *object, const char *name)
{
	const Json *value = json_get(object, name);

	return value && (value->kind == JSON_STRING || value->kind == JSON_NUMBER) ? value->text : NULL;
}

long
json_long(const Json *object, const char *name, long otherwise)
{
	const char *text = json_string(object, name);

	return text ? strtol(text, NULL, 10) : otherwise;
}

bool
json_true(const Json *object, const char *name)
{
	const Json *value = json_get(object, name);

	return value && value->kind == JSON_TRUE;
}

int
json_count(const Json *value)
{
	int			count = 0;

	if (value)
		for (const Json *child = value->first; child; child = child->next)
			count++;
	return count;
}

void
json_write(Buffer *buffer, const char *text)
{
	buffer_text(buffer, "\"");
	for (const char *c = text; *c; c++)
	{
		if (*c == '"' || *c == '\\')
			buffer_format(buffer, "\\%c", *c);
		else if ((unsigned char) *c < ' ')
			buffer_format(buffer, "\\u%04x", (unsigned char) *c);
		else
			buffer_add(buffer, c, 1);
	}
	buffer_text(buffer, "\"");
}
