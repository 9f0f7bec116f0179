/*
 * po.c
 *		A reader of .po files: comments, msgctxt, msgid, msgid_plural, msgstr
 *		and msgstr[n] with strings that go on over lines.
 */
#include <string.h>

#include "po.h"

typedef struct PoReader
{
	Arena	   *arena;
	PoEntry		entry;
	Buffer		string;			/* being put together */
	const char **target;		/* where it goes */
	bool		began;			/* the entry has something */
	void		(*use) (const PoEntry *entry, void *state);
	void	   *state;
} PoReader;

static void
end_string(PoReader *reader)
{
	if (reader->target)
		*reader->target = arena_copy(reader->arena, reader->string.data ? reader->string.data : "", reader->string.len);
	reader->string.len = 0;
	reader->target = NULL;
}

static void
end_entry(PoReader *reader)
{
	end_string(reader);
	if (reader->began && reader->entry.id)
		reader->use(&reader->entry, reader->state);
	reader->entry = (PoEntry) {0};
	reader->began = false;
}

/* "…" with escapes, added to the string; nothing but blanks after it. */
static bool
read_quoted(PoReader *reader, const char *at, const char *end)
{
	while (at < end && *at == ' ')
		at++;
	if (at >= end || *at++ != '"')
		return false;
	for (; at < end && *at != '"'; at++)
	{
		char		c = *at;

		if (c == '\\')
		{
			if (++at >= end)
				return false;
			c = *at == 'n' ? '\n' : *at == 't' ? '\t' : *at;
		}
		buffer_add(&reader->string, &c, 1);
	}
	if (at >= end)
		return false;
	while (++at < end)
		if (*at != ' ' && *at != '\r')
			return false;
	return true;
}

/* Which field a keyword opens; *len is its length. */
static const char **
field_of(PoReader *reader, const char *at, size_t left, size_t *len)
{
	static const struct
	{
		const char *word;
		size_t		offset;
	}			fields[] = {
		{"msgctxt ", offsetof(PoEntry, context)},
		{"msgid_plural ", offsetof(PoEntry, plural_id)},
		{"msgid ", offsetof(PoEntry, id)},
		{"msgstr ", offsetof(PoEntry, forms)},
	};

	for (size_t i = 0; i < lengthof(fields); i++)
	{
		*len = strlen(fields[i].word);
		if (left > *len && memcmp(at, fields[i].word, *len) == 0)
			return (const char **) ((char *) &reader->entry + fields[i].offset);
	}
	*len = 9;
	if (left > 9 && memcmp(at, "msgstr[", 7) == 0 && at[7] >= '0' && at[7] < '0' + PO_MOST_FORMS && at[8] == ']')
		return &reader->entry.forms[at[7] - '0'];
	return NULL;
}

static bool
read_line(PoReader *reader, const char *at, const char *end)
{
	size_t		len;
	const char **field;

	if (at == end || *at == '\r')
		return end_entry(reader), true;
	if (*at == '#')
	{
		if (reader->began)
			end_entry(reader);
		if (end - at > 2 && at[1] == ',' && memmem(at, (size_t) (end - at), "fuzzy", 5))
			reader->entry.fuzzy = true;
		return true;
	}
	if (*at == '"')
		return reader->target && read_quoted(reader, at, end);
	field = field_of(reader, at, (size_t) (end - at), &len);
	if (field == NULL)
		return false;
	end_string(reader);
	/* the next entry may follow without an empty line */
	if (*field)
	{
		end_entry(reader);
		field = field_of(reader, at, (size_t) (end - at), &len);
	}
	reader->began = true;
	reader->target = field;
	return read_quoted(reader, at + len, end);
}

int
po_read(Arena *arena, const char *text, size_t len, void (*use) (const PoEntry *entry, void *state), void *state)
{
	PoReader	reader = {.arena = arena, .string = {.arena = arena}, .use = use, .state = state};
	const char *end = text + len;

	for (int line = 1; text < end; line++)
	{
		const char *stop = memchr(text, '\n', (size_t) (end - text));

		if (stop == NULL)
			stop = end;
		if (!read_line(&reader, text, stop))
			return line;
		text = stop + 1;
	}
	end_entry(&reader);
	return 0;
}
