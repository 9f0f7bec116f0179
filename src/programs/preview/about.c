/*
 * about.c
 *		Help, the information of GDPR art. 13 and 14, accessibility: on the same
 *		host, one link away from every page, in the same place (UX-34).
 */
#include <string.h>

#include "page.h"
#include "pages.h"

static void
begin(Visit *visit, const char *name, TextId title)
{
	visit->self = arena_format(&visit->request->arena, "%s/%s", *visit->root ? visit->root : visit->settings->base, name);
	page_begin(visit, &(PageHead) {.status = 200, .title = title});
}

static void
end(Visit *visit)
{
	if (*visit->root)
	{
		html(&visit->writer, "<p>");
		page_link(visit, NULL, visit->root, TEXT_SITE_BACK_STEP);
		html(&visit->writer, "</p>\n");
	}
	page_end(visit);
}

/* Paragraphs that the authority has written, by their key. */
static void
write_own(Visit *visit, const char *key)
{
	Words		words = choose_words(&visit->writer, json_get(visit->settings->texts, key));

	if (words.text == NULL)
		return;
	html(&visit->writer, "<p class=\"own\">");
	write_words(&visit->writer, words);
	html(&visit->writer, "</p>\n");
}

static void
write_contact_value(Visit *visit, const char *name, Words words)
{
	Writer	   *writer = &visit->writer;
	bool		mail = strcmp(name, "email") == 0 && strchr(words.text, '@');
	bool		phone = strcmp(name, "phone") == 0;

	if (url_host(writer->arena, words.text))
	{
		html(writer, "<a rel=\"noreferrer\"");
		write_attribute(writer, "href", words.text);
	}
	else if (mail || phone)
	{
		html(writer, "<a");
		write_attribute(writer, "href", arena_format(writer->arena, "%s:%s", mail ? "mailto" : "tel", query_encode(writer->arena, words.text)));
	}
	else
	{
		write_words(writer, words);
		return;
	}
	html(writer, ">");
	write_words(writer, words);
	html(writer, "</a>");
}

static void
write_contact(Visit *visit)
{
	static const struct
	{
		const char *name;
		TextId		label;
	}			rows[] = {{"email", TEXT_CONTACT_EMAIL}, {"phone", TEXT_CONTACT_PHONE}, {"hours", TEXT_CONTACT_HOURS},
	{"address", TEXT_CONTACT_ADDRESS}, {"url", TEXT_CONTACT_WEB}};
	Writer	   *writer = &visit->writer;
	bool		some = false;

	for (size_t i = 0; i < lengthof(rows); i++)
	{
		Words		words = choose_words(writer, json_get(visit->settings->contact, rows[i].name));

		if (words.text == NULL)
			continue;
		if (!some)
			html(writer, "<dl class=\"facts\">\n");
		some = true;
		html(writer, "<div><dt>");
		say(writer, rows[i].label);
		html(writer, "</dt><dd>");
		write_contact_value(visit, rows[i].name, words);
		html(writer, "</dd></div>\n");
	}
	if (some)
		html(writer, "</dl>\n");
}

static bool
has_provider(const Visit *visit)
{
	return json_get(visit->facts, "provider") != NULL;
}

void
page_help(Visit *visit)
{
	begin(visit, "help", TEXT_SITE_HELP);
	say_paragraph(&visit->writer, has_provider(visit) ? TEXT_HELP_TEXT : TEXT_HELP_GENERAL);
	write_own(visit, "help");
	write_contact(visit);
	if (json_string(visit->facts, "reference"))
		say_paragraph(&visit->writer, TEXT_DONE_REFERENCE);
	end(visit);
}

void
page_privacy(Visit *visit)
{
	begin(visit, "privacy", TEXT_SITE_PRIVACY);
	if (has_provider(visit))
	{
		say_paragraph(&visit->writer, TEXT_PRIVACY_WHO);
		say_paragraph(&visit->writer, TEXT_PRIVACY_WHY);
		say_paragraph(&visit->writer, TEXT_PRIVACY_WHAT);
		say_paragraph(&visit->writer, TEXT_PRIVACY_LONG);
		say_paragraph(&visit->writer, TEXT_PRIVACY_RIGHTS);
	}
	else
		say_paragraph(&visit->writer, TEXT_PRIVACY_LONG);
	say_paragraph(&visit->writer, TEXT_PRIVACY_COOKIE);
	write_own(visit, "privacy");
	page_elsewhere(visit, choose_words(&visit->writer, visit->settings->privacy_url).text, TEXT_PRIVACY_MORE);
	write_contact(visit);
	end(visit);
}

void
page_accessibility(Visit *visit)
{
	begin(visit, "accessibility", TEXT_SITE_ACCESSIBILITY);
	say_paragraph(&visit->writer, TEXT_ACCESSIBILITY_TEXT);
	say_paragraph(&visit->writer, TEXT_ACCESSIBILITY_TELL);
	write_own(visit, "accessibility");
	page_elsewhere(visit, choose_words(&visit->writer, visit->settings->accessibility_url).text, TEXT_ACCESSIBILITY_MORE);
	write_contact(visit);
	end(visit);
}
