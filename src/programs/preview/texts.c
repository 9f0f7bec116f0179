/*
 * texts.c
 *		The catalogue: files of po/, which lie in the program as they are.
 */
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "log.h"
#include "po.h"
#include "texts.h"

typedef struct English
{
	const char *key;
	const char *one;
	const char *many;			/* NULL: no plural */
} English;

static const English english[TEXT_COUNT] = {
#define TEXT(id, key, text) {key, text, NULL},
#define TEXTS(id, key, one, many) {key, one, many},
#include "texts.def"
#undef TEXT
#undef TEXTS
};

typedef struct Translation
{
	const char *forms[MOST_PLURALS];
} Translation;

typedef struct Catalogue
{
	Translation texts[TEXT_COUNT];
	bool		draft;
	const Language *language;
} Catalogue;

static Catalogue catalogues[LANGUAGE_COUNT];
static Arena memory;			/* as long as the program runs */

static int
find_key(const char *key)
{
	for (int i = 0; key && i < TEXT_COUNT; i++)
		if (strcmp(english[i].key, key) == 0)
			return i;
	return -1;
}

/* Only what was translated from the present English text counts, whole, and no guess of a tool (fuzzy). */
static void
take_entry(const PoEntry *entry, void *state)
{
	Catalogue  *catalogue = state;
	int			i = find_key(entry->context);
	int			forms;

	if (*entry->id == '\0' && entry->forms[0])
		catalogue->draft = strstr(entry->forms[0], "X-Review: none") != NULL;
	if (i < 0 || entry->fuzzy || strcmp(english[i].one, entry->id) != 0)
		return;
	forms = english[i].many ? catalogue->language->plurals : 1;
	for (int form = 0; form < forms; form++)
		if (entry->forms[form] == NULL || *entry->forms[form] == '\0')
			return;
	for (int form = 0; form < forms; form++)
		catalogue->texts[i].forms[form] = entry->forms[form];
}

void
texts_load(void)
{
	for (int i = 0; i < LANGUAGE_COUNT; i++)
	{
		const Embedded *file = embedded_find("po", languages[i].code);
		int			line;

		catalogues[i].language = &languages[i];
		if (file == NULL)
			continue;			/* English */
		if ((line = po_read(&memory, (const char *) file->bytes, embedded_len(file), take_entry, &catalogues[i])) > 0)
			log_fatal("line %d of the texts in %s cannot be read", line, languages[i].code);
	}
}

static const Translation *
translation(const Language *language, TextId id)
{
	return &catalogues[language_index(language)].texts[id];
}

const char *
text_get(const Language *language, TextId id)
{
	const char *text = translation(language, id)->forms[0];

	return text ? text : english[id].one;
}

const char *
text_plural(const Language *language, TextId id, long n)
{
	const Translation *found = translation(language, id);

	if (found->forms[0])
		return found->forms[language->plural(n)];
	return n == 1 ? english[id].one : english[id].many;
}

const Language *
text_language(const Language *language, TextId id)
{
	return translation(language, id)->forms[0] ? language : language_english();
}

const char *
text_key(TextId id)
{
	return english[id].key;
}

bool
text_is_draft(const Language *language)
{
	return catalogues[language_index(language)].draft;
}
