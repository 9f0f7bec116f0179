/*
 * jws_json.c
 *		A small strict reader (RFC 8259). The server's parser reports no member that
 *		stands twice, raises errors, and differs between the versions we support.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "seal/jws_json.h"

#define MAX_DEPTH	12
#define MAX_VALUES	256

typedef struct Reader
{
	const char *at;
	const char *end;
	int			values;
	const char *reason;
} Reader;

static JwsValue *read_value(Reader *r, int depth);

static void *
refuse(Reader *r, const char *reason)
{
	if (r->reason == NULL)
		r->reason = reason;
	return NULL;
}

static void *
malformed(Reader *r)
{
	return refuse(r, "the header is not JSON");
}

static void
skip_space(Reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' || *r->at == '\n'))
		r->at++;
}

/* Is this the next character? Moves beyond. */
static bool
take(Reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

/* The same after white space. */
static bool
take_mark(Reader *r, char c)
{
	skip_space(r);
	return take(r, c);
}

static bool
take_word(Reader *r, const char *word)
{
	size_t		length = strlen(word);

	if ((size_t) (r->end - r->at) < length || memcmp(r->at, word, length) != 0)
		return false;
	r->at += length;
	return true;
}

/* Four hexadecimal digits as a number; -1 when they are not there. */
static int
take_hex(Reader *r)
{
	int			value = 0;

	for (int i = 0; i < 4; i++)
	{
		char		c = r->at < r->end ? *r->at++ : '\0';

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value << 4 | (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/* The character of \u, as UTF-8 at to; its length, or 0 when there is none: no half of a pair, no NUL. */
static int
take_unicode(Reader *r, char *to)
{
	int			high = take_hex(r);
	int			low;
	pg_wchar	c = high;

	if (high <= 0 || (high >= 0xDC00 && high <= 0xDFFF))
		return 0;
	if (high >= 0xD800 && high <= 0xDBFF)
	{
		if (!take_word(r, "\\u") || (low = take_hex(r)) < 0xDC00 || low > 0xDFFF)
			return 0;
		c = 0x10000 + ((high & 0x3FF) << 10 | (low & 0x3FF));
	}
	unicode_to_utf8(c, (unsigned char *) to);
	return pg_utf_mblen((unsigned char *) to);
}

/* The character after a backslash; its length, or 0 when it may not stand there. */
static int
take_escape(Reader *r, char *to)
{
	static const char names[] = "\"\\/bfnrt";
	static const char characters[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (take(r, 'u'))
		return take_unicode(r, to);
	if (r->at == r->end || *r->at == '\0' || (found = strchr(names, *r->at)) == NULL)
		return 0;
	r->at++;
	*to = characters[found - names];
	return 1;
}

/* After the opening quote. Escapes are resolved: names that only look different are the same name. */
static char *
read_string(Reader *r)
{
	char	   *text = palloc(r->end - r->at + 1);
	char	   *to = text;

	while (r->at < r->end && *r->at != '"')
	{
		int			length = 1;

		if ((unsigned char) *r->at < 0x20)
			return malformed(r);
		if (take(r, '\\'))
		{
			/* an escape is never shorter than what it stands for */
			if ((length = take_escape(r, to)) == 0)
				return malformed(r);
		}
		else
			*to = *r->at++;
		to += length;
	}
	if (!take(r, '"'))
		return malformed(r);
	*to = '\0';
	return repalloc(text, to - text + 1);
}

static bool
take_digits(Reader *r)
{
	const char *start = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return r->at > start;
}

/* They need only be some: whoever computes with one reads its text. */
static bool
take_number(Reader *r)
{
	(void) take(r, '-');
	if (!take(r, '0') && !take_digits(r))
		return false;
	if (take(r, '.') && !take_digits(r))
		return false;
	if (take(r, 'e') || take(r, 'E'))
	{
		if (!take(r, '+'))
			(void) take(r, '-');
		return take_digits(r);
	}
	return true;
}

/* One value into the list of an object or array; its place in *last. */
static bool
read_item(Reader *r, JwsValue *holder, JwsValue **last, int depth)
{
	const char *name = NULL;
	JwsValue   *item;

	if (holder->kind == JWS_OBJECT)
	{
		if (!take_mark(r, '"'))
			return malformed(r);
		name = read_string(r);
		if (name == NULL)
			return false;
		if (!take_mark(r, ':'))
			return malformed(r);
		if (jws_json_member(holder, name) != NULL)
			return refuse(r, "the header has a member twice");
	}
	item = read_value(r, depth + 1);
	if (item == NULL)
		return false;
	item->name = name;
	if (*last == NULL)
		holder->first = item;
	else
		(*last)->next = item;
	*last = item;
	holder->count++;
	return true;
}

static JwsValue *
read_items(Reader *r, JwsValue *holder, char close, int depth)
{
	JwsValue   *last = NULL;

	if (take_mark(r, close))
		return holder;
	do
	{
		if (!read_item(r, holder, &last, depth))
			return NULL;
	} while (take_mark(r, ','));
	return take_mark(r, close) ? holder : malformed(r);
}

static JwsValue *
read_value(Reader *r, int depth)
{
	JwsValue   *value;
	const char *start;

	if (depth > MAX_DEPTH || ++r->values > MAX_VALUES)
		return refuse(r, "the header is too deep or has too many values");
	value = palloc0(sizeof(JwsValue));
	skip_space(r);
	start = r->at;
	if (take(r, '{'))
	{
		value->kind = JWS_OBJECT;
		return read_items(r, value, '}', depth);
	}
	if (take(r, '['))
	{
		value->kind = JWS_ARRAY;
		return read_items(r, value, ']', depth);
	}
	if (take(r, '"'))
	{
		value->kind = JWS_STRING;
		value->text = read_string(r);
		return value->text ? value : NULL;
	}
	if (take_word(r, "true"))
		value->kind = JWS_TRUE;
	else if (take_word(r, "false"))
		value->kind = JWS_FALSE;
	else if (take_word(r, "null"))
		value->kind = JWS_NULL;
	else if (take_number(r))
	{
		value->kind = JWS_NUMBER;
		value->text = pnstrdup(start, r->at - start);
	}
	else
		return malformed(r);
	return value;
}

const JwsValue *
jws_json_read(const char *bytes, size_t length, const char **reason)
{
	Reader		r = {.at = bytes, .end = bytes + length};
	JwsValue   *value = NULL;

	if (pg_encoding_verifymbstr(PG_UTF8, bytes, (int) length) != (int) length)
		malformed(&r);
	else
		value = read_value(&r, 1);
	if (value != NULL)
	{
		skip_space(&r);
		if (value->kind != JWS_OBJECT || r.at != r.end)
			value = malformed(&r);
	}
	*reason = r.reason;
	return value;
}

const JwsValue *
jws_json_member(const JwsValue *object, const char *name)
{
	if (object == NULL || object->kind != JWS_OBJECT)
		return NULL;
	for (const JwsValue *member = object->first; member != NULL; member = member->next)
		if (strcmp(member->name, name) == 0)
			return member;
	return NULL;
}

const char *
jws_json_string(const JwsValue *value)
{
	return value != NULL && value->kind == JWS_STRING ? value->text : NULL;
}

int64
jws_json_integer(const JwsValue *value)
{
	size_t		length = value != NULL && value->kind == JWS_NUMBER ? strlen(value->text) : 0;

	if (length == 0 || length > 15 || strspn(value->text, "0123456789") != length)
		return -1;
	return strtoll(value->text, NULL, 10);
}
