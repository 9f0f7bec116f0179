/*
 * value.c
 *		Tokens and values of PDF (ISO 32000-2 §7.2, §7.3).
 */
#include "postgres.h"

#include "miscadmin.h"

#include "pdf/reading.h"

bool
pdf_white(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\0';
}

static bool
is_delimiter(char c)
{
	return c != '\0' && strchr("()<>[]{}/%", c) != NULL;
}

static bool
is_regular(char c)
{
	return !pdf_white(c) && !is_delimiter(c);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void
pdf_skip(PdfText *text)
{
	while (text->at < text->end)
	{
		if (*text->at == '%')
			while (text->at < text->end && *text->at != '\r' && *text->at != '\n')
				text->at++;
		else if (pdf_white(*text->at))
			text->at++;
		else
			break;
	}
}

bool
pdf_take_word(PdfText *text, const char *word)
{
	size_t		length = strlen(word);

	pdf_skip(text);
	if ((size_t) (text->end - text->at) < length || memcmp(text->at, word, length) != 0 ||
		(text->at + length < text->end && is_regular(text->at[length])))
		return false;
	text->at += length;
	return true;
}

bool
pdf_take_integer(PdfText *text, int64 *number)
{
	const char *start;

	pdf_skip(text);
	start = text->at;
	*number = 0;
	while (text->at < text->end && is_digit(*text->at) && text->at - start < 18)
		*number = *number * 10 + (*text->at++ - '0');
	if (text->at == start || (text->at < text->end && is_regular(*text->at)))
	{
		text->at = start;
		return false;
	}
	return true;
}

static PdfValue *
new_value(PdfKind kind, const char *source)
{
	PdfValue   *value = palloc0(sizeof(PdfValue));

	value->kind = kind;
	value->source = source;
	return value;
}

/* After the slash: the name with #xx resolved, palloc'd; NULL when it can't be one. */
static char *
read_name(PdfText *text)
{
	const char *start = text->at;
	char	   *name;
	char	   *to;

	while (text->at < text->end && is_regular(*text->at))
		text->at++;
	to = name = palloc(text->at - start + 1);
	for (const char *p = start; p < text->at; p++)
	{
		if (*p == '#' && text->at - p > 2 && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0)
		{
			*to = (char) (hex_digit(p[1]) << 4 | hex_digit(p[2]));
			p += 2;
		}
		else
			*to = *p;
		if (*to++ == '\0')
			return NULL;
	}
	*to = '\0';
	return name;
}

/* Parentheses nest, escaped ones do not count. */
static bool
skip_literal(PdfText *text)
{
	int			depth = 0;

	for (; text->at < text->end; text->at++)
	{
		if (*text->at == '\\')
			text->at++;
		else if (*text->at == '(')
			depth++;
		else if (*text->at == ')' && --depth == 0)
		{
			text->at++;
			return true;
		}
	}
	return false;
}

static bool
skip_hexadecimal(PdfText *text)
{
	for (text->at++; text->at < text->end; text->at++)
	{
		if (*text->at == '>')
		{
			text->at++;
			return true;
		}
		if (!pdf_white(*text->at) && hex_digit(*text->at) < 0)
			return false;
	}
	return false;
}

static PdfValue *read_at_depth(PdfText *text, int depth);

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Of two equal keys readers differ in which they take. */
static bool
keys_differ(const PdfValue *dictionary)
{
	const char **keys;
	int			n = 0;
	bool		differ = true;

	if (dictionary->count < 2)
		return true;
	keys = palloc(dictionary->count * sizeof(char *));
	for (const PdfValue *value = dictionary->first; value != NULL; value = value->next)
		keys[n++] = value->key;
	qsort(keys, n, sizeof(char *), compare_keys);
	for (int i = 1; i < n; i++)
		differ = differ && strcmp(keys[i - 1], keys[i]) != 0;
	pfree(keys);
	return differ;
}

/* What stands between << and >>, or [ and ]. */
static bool
read_items(PdfText *text, PdfValue *holder, const char *close, int depth)
{
	PdfValue  **last = &holder->first;
	size_t		closing = strlen(close);

	for (;;)
	{
		PdfValue   *item;
		const char *key = NULL;
		const char *key_source = NULL;
		size_t		key_length = 0;

		pdf_skip(text);
		if ((size_t) (text->end - text->at) >= closing && memcmp(text->at, close, closing) == 0)
		{
			text->at += closing;
			return holder->kind != PDF_DICTIONARY || keys_differ(holder);
		}
		if (holder->kind == PDF_DICTIONARY)
		{
			if (text->at == text->end || *text->at != '/')
				return false;
			key_source = text->at++;
			key = read_name(text);
			key_length = text->at - key_source;
			if (key == NULL)
				return false;
		}
		item = read_at_depth(text, depth + 1);
		if (item == NULL)
			return false;
		item->key = key;
		item->key_source = key_source;
		item->key_length = key_length;
		*last = item;
		last = &item->next;
		holder->count++;
	}
}

/* A number, or the first of the three words of a reference */
static PdfValue *
read_number(PdfText *text)
{
	PdfValue   *value = new_value(PDF_INTEGER, text->at);
	PdfText		ahead = *text;
	int64		generation;
	bool		sign = *text->at == '+' || *text->at == '-';
	int			points = 0;
	int			digits = 0;

	if (!sign && pdf_take_integer(&ahead, &value->number) && value->number < PDF_MAX_OBJECTS * 10LL &&
		pdf_take_integer(&ahead, &generation) && generation <= 65535 && pdf_take_word(&ahead, "R"))
	{
		value->kind = PDF_REFERENCE;
		value->generation = (int) generation;
		*text = ahead;
		return value;
	}
	value->number = 0;
	for (text->at += sign; text->at < text->end && is_regular(*text->at); text->at++)
	{
		if (*text->at == '.')
			points++;
		else if (is_digit(*text->at))
		{
			if (++digits <= 18 && points == 0)
				value->number = value->number * 10 + (*text->at - '0');
		}
		else
			return NULL;
	}
	if (digits == 0 || points > 1 || (points == 0 && digits > 18))
		return NULL;
	if (points > 0)
		value->kind = PDF_REAL;
	if (*value->source == '-')
		value->number = -value->number;
	return value;
}

static PdfValue *
read_word(PdfText *text)
{
	PdfValue   *value = new_value(PDF_NULL, text->at);

	if (pdf_take_word(text, "null"))
		return value;
	value->kind = PDF_BOOLEAN;
	if (pdf_take_word(text, "true"))
		value->number = 1;
	else if (!pdf_take_word(text, "false"))
		return NULL;
	return value;
}

static PdfValue *
read_holder(PdfText *text, PdfKind kind, int depth)
{
	PdfValue   *value = new_value(kind, text->at);

	text->at += kind == PDF_ARRAY ? 1 : 2;
	return read_items(text, value, kind == PDF_ARRAY ? "]" : ">>", depth) ? value : NULL;
}

static PdfValue *
read_string(PdfText *text)
{
	PdfValue   *value = new_value(PDF_STRING, text->at);

	return (*text->at == '(' ? skip_literal(text) : skip_hexadecimal(text)) ? value : NULL;
}

static PdfValue *
read_at_depth(PdfText *text, int depth)
{
	PdfValue   *value = NULL;

	pdf_skip(text);
	if (text->at == text->end || depth > PDF_MAX_DEPTH || ++text->values > PDF_MAX_VALUES)
		return NULL;
	if (*text->at == '<' && text->end - text->at > 1 && text->at[1] == '<')
		value = read_holder(text, PDF_DICTIONARY, depth);
	else if (*text->at == '[')
		value = read_holder(text, PDF_ARRAY, depth);
	else if (*text->at == '(' || *text->at == '<')
		value = read_string(text);
	else if (*text->at == '/')
	{
		value = new_value(PDF_NAME, text->at++);
		value->text = read_name(text);
		if (value->text == NULL)
			return NULL;
	}
	else if (is_digit(*text->at) || strchr("+-.", *text->at) != NULL)
		value = read_number(text);
	else
		value = read_word(text);
	if (value != NULL)
		value->length = text->at - value->source;
	return value;
}

PdfValue *
pdf_read_value(PdfText *text)
{
	CHECK_FOR_INTERRUPTS();
	text->values = 0;
	return read_at_depth(text, 1);
}

const PdfValue *
pdf_get(const PdfValue *dictionary, const char *key)
{
	if (dictionary == NULL || (dictionary->kind != PDF_DICTIONARY && dictionary->kind != PDF_STREAM))
		return NULL;
	for (const PdfValue *value = dictionary->first; value != NULL; value = value->next)
		if (strcmp(value->key, key) == 0)
			return value;
	return NULL;
}

bool
pdf_is_name(const PdfValue *value, const char *name)
{
	return value != NULL && value->kind == PDF_NAME && strcmp(value->text, name) == 0;
}

static char *
hexadecimal_octets(const PdfValue *value, char *to)
{
	int			held = -1;

	for (const char *p = value->source + 1; p < value->source + value->length - 1; p++)
	{
		int			digit = hex_digit(*p);

		if (digit < 0)
			continue;
		if (held >= 0)
			*to++ = (char) (held << 4 | digit);
		held = held >= 0 ? -1 : digit;
	}
	/* an odd digit has a zero after it (§7.3.4.3) */
	if (held >= 0)
		*to++ = (char) (held << 4);
	return to;
}

static char *
literal_octets(const PdfValue *value, char *to)
{
	static const char escapes[] = "nrtbf()\\";
	static const char meant[] = "\n\r\t\b\f()\\";
	const char *end = value->source + value->length - 1;

	for (const char *p = value->source + 1; p < end; p++)
	{
		const char *escape;

		if (*p != '\\' || p + 1 == end)
			*to++ = *p;
		else if (*++p >= '0' && *p <= '7')
		{
			int			octet = 0;

			for (int i = 0; i < 3 && p < end && *p >= '0' && *p <= '7'; i++)
				octet = octet << 3 | (*p++ - '0');
			p--;
			*to++ = (char) octet;
		}
		else if (*p == '\r' || *p == '\n')
			p += *p == '\r' && p + 1 < end && p[1] == '\n';
		else
			*to++ = *p != '\0' && (escape = strchr(escapes, *p)) != NULL ? meant[escape - escapes] : *p;
	}
	return to;
}

char *
pdf_string(const PdfValue *value, size_t *length)
{
	char	   *octets;
	char	   *end;

	if (value == NULL || value->kind != PDF_STRING)
		return NULL;
	octets = palloc(value->length + 1);
	end = *value->source == '<' ? hexadecimal_octets(value, octets) : literal_octets(value, octets);
	*end = '\0';
	*length = end - octets;
	return octets;
}

void
pdf_append(StringInfo out, const PdfValue *value)
{
	appendBinaryStringInfo(out, value->source, (int) value->length);
}

void
pdf_append_without(StringInfo out, const PdfValue *dictionary, const char *const *replaced, int count)
{
	for (const PdfValue *value = dictionary->first; value != NULL; value = value->next)
	{
		bool		skip = false;

		for (int i = 0; i < count; i++)
			skip = skip || strcmp(value->key, replaced[i]) == 0;
		if (skip)
			continue;
		appendBinaryStringInfo(out, value->key_source, (int) value->key_length);
		appendStringInfoChar(out, ' ');
		pdf_append(out, value);
	}
}
