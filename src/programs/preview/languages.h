/*
 * languages.h
 *		The official languages of the Union: what a page has to know of each.
 */
#ifndef PREVIEW_LANGUAGES_H
#define PREVIEW_LANGUAGES_H

#include <stdbool.h>
#include <stddef.h>

#define LANGUAGE_COUNT 24
#define MOST_PLURALS 5

typedef struct Language
{
	const char *code;			/* ISO 639-1, also the lang attribute */
	const char *name;			/* in itself */
	int			plurals;		/* forms of plural in its .po file */
	int			(*plural) (long n); /* which of them */
	const char *date;			/* D day, M month's name, Y year; all else as it stands */
	const char *clock;			/* H hours in two digits, G hours, I minutes */
	const char *moment;			/* @ clock, # date */
	char		decimal;
	const char *months[12];		/* as they stand in a date */
} Language;

/* In the one order in which they are listed everywhere: that of the Union's style guide. */
extern const Language languages[LANGUAGE_COUNT];

extern const Language *language_find(const char *code, size_t len);
extern const Language *language_english(void);
extern int	language_index(const Language *language);

/* The name of a language of a document in itself; NULL when it is none of the Union's. */
extern const char *language_own_name(const char *code);

/*
 * The best of those offered (a bit each, by index) for an Accept-Language
 * header; NULL when none of them is wanted or the header is NULL.
 */
extern const Language *language_negotiate(const char *header, unsigned int offered);

/* The name of a country (ISO 3166-1 alpha-2, EL too) in the language; NULL when unknown. */
extern const char *country_name(const Language *language, const char *code);

#endif
