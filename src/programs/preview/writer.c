/*
 * writer.c
 *		Escaping, and the texts with what they name put in.
 */
#include <string.h>

#include "writer.h"

void
write_text(Writer *writer, const char *text)
{
	const char *start = text;

	for (; *text; text++)
	{
		const char *instead = NULL;

		switch (*text)
		{
			case '&':
				instead = "&amp;";
				break;
			case '<':
				instead = "&lt;";
				break;
			case '>':
				instead = "&gt;";
				break;
			case '"':
				instead = "&quot;";
				break;
			case '\'':
				instead = "&#39;";
				break;
			default:
				/* control characters are none of HTML's */
				if ((unsigned char) *text < ' ' && *text != '\n' && *text != '\t')
					instead = "\xEF\xBF\xBD";
		}
		if (instead == NULL)
			continue;
		buffer_add(writer->out, start, (size_t) (text - start));
		buffer_text(writer->out, instead);
		start = text + 1;
	}
	buffer_add(writer->out, start, (size_t) (text - start));
}

void
write_number(Writer *writer, long n)
{
	buffer_format(writer->out, "%ld", n);
}

static bool
is_foreign(const Writer *writer, Words words)
{
	return words.lang && strcmp(words.lang, writer->language->code) != 0;
}

void
write_words(Writer *writer, Words words)
{
	if (words.text == NULL)
		return;
	if (!is_foreign(writer, words))
	{
		write_text(writer, words.text);
		return;
	}
	html(writer, "<span");
	write_attribute(writer, "lang", words.lang);
	html(writer, ">");
	write_text(writer, words.text);
	html(writer, "</span>");
}

void
write_attribute(Writer *writer, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buffer_format(writer->out, " %s=\"", name);
	write_text(writer, value);
	html(writer, "\"");
}

void
write_fragment(Writer *writer, const char *markup)
{
	buffer_text(writer->out, markup);
}

void
set_words(Writer *writer, const char *name, Words words)
{
	for (int i = 0; i < writer->argument_count; i++)
		if (strcmp(writer->arguments[i].name, name) == 0)
		{
			writer->arguments[i].words = words;
			return;
		}
	if (writer->argument_count < MOST_ARGUMENTS)
		writer->arguments[writer->argument_count++] = (Argument) {name, words};
}

void
set_text(Writer *writer, const char *name, const char *text)
{
	set_words(writer, name, (Words) {text, NULL});
}

static const Words *
find_argument(const Writer *writer, const char *name, size_t len)
{
	for (int i = 0; i < writer->argument_count; i++)
		if (strncmp(writer->arguments[i].name, name, len) == 0 && writer->arguments[i].name[len] == '\0')
			return writer->arguments[i].words.text ? &writer->arguments[i].words : NULL;
	return NULL;
}

/* The text with its names, each handed to one of two; a name that nothing is known of gives nothing. */
static void
fill(Writer *writer, const char *text, void (*literal) (Writer *writer, const char *text), void (*name) (Writer *writer, Words words))
{
	while (*text)
	{
		size_t		len = strcspn(text, "{");
		const char *close;

		if (len > 0)
			literal(writer, arena_copy(writer->arena, text, len));
		text += len;
		if (*text == '\0')
			break;
		close = strchr(text, '}');
		if (close == NULL)
		{
			literal(writer, text);
			break;
		}
		const Words *words = find_argument(writer, text + 1, (size_t) (close - text) - 1);

		if (words)
			name(writer, *words);
		text = close + 1;
	}
}

Words
choose_words(const Writer *writer, const Json *by_language)
{
	const char *text;

	if (by_language == NULL)
		return (Words) {NULL, NULL};
	if (by_language->kind == JSON_STRING)
		return (Words) {by_language->text, NULL};
	if (by_language->kind != JSON_OBJECT)
		return (Words) {NULL, NULL};
	if ((text = json_string(by_language, writer->language->code)) != NULL)
		return (Words) {text, writer->language->code};
	if ((text = json_string(by_language, "en")) != NULL)
		return (Words) {text, "en"};
	for (const Json *child = by_language->first; child; child = child->next)
		if (child->kind == JSON_STRING)
			return (Words) {child->text, child->name};
	return (Words) {NULL, NULL};
}

/* What is said, and in which language. */
static Words
find_text(const Writer *writer, TextId id)
{
	const char *own = json_string(json_get(writer->settings->texts, text_key(id)), writer->language->code);

	if (own)
		return (Words) {own, writer->language->code};
	return (Words) {text_get(writer->language, id), text_language(writer->language, id)->code};
}

static void
say_words(Writer *writer, Words words)
{
	if (is_foreign(writer, words))
	{
		html(writer, "<span");
		write_attribute(writer, "lang", words.lang);
		html(writer, ">");
		fill(writer, words.text, write_text, write_words);
		html(writer, "</span>");
	}
	else
		fill(writer, words.text, write_text, write_words);
}

void
say(Writer *writer, TextId id)
{
	say_words(writer, find_text(writer, id));
}

void
say_count(Writer *writer, TextId id, long n)
{
	set_text(writer, "n", arena_format(writer->arena, "%ld", n));
	say_words(writer, (Words) {text_plural(writer->language, id, n), text_language(writer->language, id)->code});
}

void
say_paragraph(Writer *writer, TextId id)
{
	html(writer, "<p>");
	say(writer, id);
	html(writer, "</p>\n");
}

static void
plain_text(Writer *writer, const char *text)
{
	buffer_text(writer->out, text);
}

static void
plain_words(Writer *writer, Words words)
{
	buffer_text(writer->out, words.text);
}

const char *
said(Writer *writer, TextId id)
{
	Buffer		plain = {.arena = writer->arena};
	Buffer	   *out = writer->out;

	writer->out = &plain;
	fill(writer, find_text(writer, id).text, plain_text, plain_words);
	writer->out = out;
	return plain.data ? plain.data : "";
}
