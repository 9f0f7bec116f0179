/*
 * texts.h
 *		The texts of the pages in every language (po/, compiled into the
 *		program). gettext() itself would need the process's locale, one for all
 *		threads and generated on the machine; the files are read here instead.
 */
#ifndef PREVIEW_TEXTS_H
#define PREVIEW_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "languages.h"

typedef enum TextId
{
#define TEXT(id, key, english) TEXT_##id,
#define TEXTS(id, key, one, many) TEXT_##id,
#include "texts.def"
#undef TEXT
#undef TEXTS
	TEXT_COUNT
} TextId;

/* Reads all languages; ends the program when one of the files is wrong. */
extern void texts_load(void);

/* Never NULL: what a language does not have is said in English (text_language tells). */
extern const char *text_get(const Language *language, TextId id);
extern const char *text_plural(const Language *language, TextId id, long n);
extern const Language *text_language(const Language *language, TextId id);
extern const char *text_key(TextId id);

/* No human has reviewed it (mark in the file's header). */
extern bool text_is_draft(const Language *language);

#endif
