/*
 * instance_json.c
 *		JSON to an instance tree (instance.h). Each item of an array is a node of the
 *		array's name, as elements repeat in XML. Keys stand in the order they are
 *		written, and twice where they are written twice: what leaves is shown. The
 *		server's parser has judged the text before, so that this reader only needs to
 *		follow it; it still stops at the end of what it was given.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "compat.h"
#include "document/instance.h"
#include "errors.h"
#include "evidence/document.h"
#include "lib/stringinfo.h"
#include "settings.h"

typedef struct Reader
{
	const char *p,
			   *end;
	int			nodes;
} Reader;

static void read_value(Reader *reader, Instance ***last, const char *name);

static void
refuse(void)
{
	ereport(ERROR, errcode(ERRCODE_OOTS_UNREADABLE), errmsg("document is not JSON"));
}

static void
skip_blanks(Reader *reader)
{
	while (reader->p < reader->end && strchr(" \t\r\n", *reader->p) != NULL && *reader->p != '\0')
		reader->p++;
}

/* The next character that means something. */
static char
peek(Reader *reader)
{
	skip_blanks(reader);
	if (reader->p == reader->end)
		refuse();
	return *reader->p;
}

static void
expect(Reader *reader, char c)
{
	if (peek(reader) != c)
		refuse();
	reader->p++;
}

static bool
take(Reader *reader, char c)
{
	if (peek(reader) != c)
		return false;
	reader->p++;
	return true;
}

/* Control characters are none of XML, HTML or a page: each is shown as what it is, a character that cannot be. */
static void
append_character(StringInfo out, uint32 c)
{
	unsigned char utf8[8] = {0};

	if ((c < ' ' && c != '\n' && c != '\t') || (c >= 0xd800 && c <= 0xdfff) || (c >= 0xfffe && c <= 0xffff) || c > 0x10ffff)
		c = 0xfffd;
	unicode_to_utf8(c, utf8);
	appendStringInfoString(out, (char *) utf8);
}

static uint32
read_hex(Reader *reader)
{
	uint32		value = 0;

	if (reader->end - reader->p < 4)
		refuse();
	for (int i = 0; i < 4; i++, reader->p++)
	{
		char		c = *reader->p;

		if (!isxdigit((unsigned char) c))
			refuse();
		value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

static uint32
read_unicode_escape(Reader *reader)
{
	uint32		c = read_hex(reader);

	if (c >= 0xd800 && c <= 0xdbff && reader->end - reader->p >= 6 && reader->p[0] == '\\' && reader->p[1] == 'u')
	{
		const char *before = reader->p;
		uint32		low;

		reader->p += 2;
		low = read_hex(reader);
		if (low >= 0xdc00 && low <= 0xdfff)
			return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		reader->p = before;
	}
	return c;
}

static void
read_escape(Reader *reader, StringInfo out)
{
	static const char escaped[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (reader->p == reader->end)
		refuse();
	if (*reader->p == 'u')
	{
		reader->p++;
		append_character(out, read_unicode_escape(reader));
		return;
	}
	found = *reader->p != '\0' ? strchr(escaped, *reader->p) : NULL;
	if (found == NULL)
		refuse();
	append_character(out, (unsigned char) meant[found - escaped]);
	reader->p++;
}

static char *
read_string(Reader *reader)
{
	StringInfoData out;

	initStringInfo(&out);
	expect(reader, '"');
	for (;;)
	{
		const char *run = reader->p;

		while (reader->p < reader->end && *reader->p != '"' && *reader->p != '\\')
			reader->p++;
		appendBinaryStringInfo(&out, run, reader->p - run);
		if (reader->p == reader->end)
			refuse();
		if (*reader->p++ == '"')
			return out.data;
		read_escape(reader, &out);
	}
}

static void
read_literal(Reader *reader, Instance *node)
{
	const char *from = reader->p;

	while (reader->p < reader->end && *reader->p != '\0' && strchr(",]} \t\r\n", *reader->p) == NULL)
		reader->p++;
	if (reader->p == from)
		refuse();
	node->text = pnstrdup(from, reader->p - from);
	node->number = *from == '-' || isdigit((unsigned char) *from);
	node->truth = *from == 't' || *from == 'f';
	if (strcmp(node->text, "null") == 0)
		node->text = "";
}

static void
read_object(Reader *reader, Instance *node)
{
	Instance  **last = &node->children;

	expect(reader, '{');
	if (!take(reader, '}'))
	{
		do
		{
			char	   *key = read_string(reader);

			expect(reader, ':');
			read_value(reader, &last, key);
		} while (take(reader, ','));
		expect(reader, '}');
	}
	if (node->children == NULL)
		node->text = "";
}

static void
read_array(Reader *reader, Instance ***last, const char *name)
{
	expect(reader, '[');
	if (take(reader, ']'))
		return;
	do
	{
		if (peek(reader) == '[')
		{
			Instance   *node = instance_append(last, name, NULL);
			Instance  **inner = &node->children;

			read_array(reader, &inner, name);
			if (node->children == NULL)
				node->text = "";
		}
		else
			read_value(reader, last, name);
	} while (take(reader, ','));
	expect(reader, ']');
}

static void
read_value(Reader *reader, Instance ***last, const char *name)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (++reader->nodes > oots_max_elements)
		ereport(ERROR, errcode(ERRCODE_OOTS_LIMIT), errmsg("document has more values than ootspg.max_elements"));
	switch (peek(reader))
	{
		case '{':
			read_object(reader, instance_append(last, name, NULL));
			break;
		case '[':
			read_array(reader, last, name);
			break;
		case '"':
			instance_append(last, name, read_string(reader));
			break;
		default:
			read_literal(reader, instance_append(last, name, NULL));
	}
}

Instance *
instance_from_json(const char *bytes, size_t length, const char *root)
{
	Reader		reader = {bytes, bytes + length};
	Instance   *node = palloc0(sizeof(Instance));
	Instance  **last = &node->children;

	if (!media_type_fits("application/json", bytes, length))
		refuse();
	node->name = root;
	if (peek(&reader) == '{')
		read_object(&reader, node);
	else
		read_value(&reader, &last, root);
	if (node->children == NULL)
		node->text = "";
	return node;
}
