/*
 * writer.h
 *		Writes HTML. Whatever comes in as a variable is escaped; markup can only
 *		be a literal of this program (html()), or the rendering of a document
 *		that the database has written (write_fragment()).
 */
#ifndef PREVIEW_WRITER_H
#define PREVIEW_WRITER_H

#include "memory.h"
#include "settings.h"
#include "texts.h"

#define MOST_ARGUMENTS 24

/* Words in a language of their own; lang NULL: the page's, or none in particular. */
typedef struct Words
{
	const char *text;			/* NULL: there are none */
	const char *lang;
} Words;

typedef struct Argument
{
	const char *name;
	Words		words;
} Argument;

typedef struct Writer
{
	Buffer	   *out;
	Arena	   *arena;
	const Language *language;
	const Settings *settings;
	Argument	arguments[MOST_ARGUMENTS];
	int			argument_count;
} Writer;

#define html(writer, literal) buffer_add((writer)->out, "" literal "", sizeof(literal) - 1)

extern void write_text(Writer *writer, const char *text);
extern void write_number(Writer *writer, long n);
extern void write_words(Writer *writer, Words words);
/* name="value", with a space before it; value NULL: nothing. */
extern void write_attribute(Writer *writer, const char *name, const char *value);
extern void write_fragment(Writer *writer, const char *markup);

/* What {name} stands for in texts from now on. */
extern void set_words(Writer *writer, const char *name, Words words);
extern void set_text(Writer *writer, const char *name, const char *text);

/* A text of the catalogue, or the authority's own instead of it. */
extern void say(Writer *writer, TextId id);
extern void say_count(Writer *writer, TextId id, long n);
extern void say_paragraph(Writer *writer, TextId id);
/* The same as plain text, for attributes and titles. */
extern const char *said(Writer *writer, TextId id);

/* Of {"en": "…", "lv": "…"}: the page's language, else English, else the first; also of a plain string. */
extern Words choose_words(const Writer *writer, const Json *by_language);

#endif
