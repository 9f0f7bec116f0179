/*
 * page.c
 *		The frame of a page, and what several pages have in common.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "assets.h"
#include "page.h"
#include "secret.h"

const char *
url_host(Arena *arena, const char *url)
{
	const char *host;
	size_t		len;

	if (url == NULL || strncasecmp(url, "https://", 8) != 0 || strlen(url) > 2048)
		return NULL;
	for (const char *c = url; *c; c++)
		if ((unsigned char) *c <= ' ' || strchr("\"'<>\\^`{|}", *c) || (unsigned char) *c >= 0x7F)
			return NULL;
	host = url + 8;
	len = strcspn(host, "/?#");
	/* user@host shows another name than it leads to */
	if (len == 0 || len > 255 || memchr(host, '@', len))
		return NULL;
	return arena_copy(arena, host, len);
}

/* Task – document – authority */
static void
write_title(Visit *visit, const PageHead *head)
{
	Writer	   *writer = &visit->writer;
	Words		authority = choose_words(writer, visit->settings->authority);

	html(writer, "<title>");
	if (head->error)
	{
		write_text(writer, said(writer, TEXT_SITE_ERROR));
		html(writer, ": ");
	}
	write_text(writer, said(writer, head->title));
	if (head->object.text)
	{
		html(writer, " – ");
		write_text(writer, head->object.text);
	}
	if (authority.text)
	{
		html(writer, " – ");
		write_text(writer, authority.text);
	}
	html(writer, "</title>\n");
}

static void
write_data(Visit *visit, const PageHead *head)
{
	Writer	   *writer = &visit->writer;

	if (head->warn && visit->has_deadline)
	{
		write_attribute(writer, "data-left", arena_format(writer->arena, "%lld", (long long) (visit->deadline - time(NULL))));
		/* the script puts the minutes in */
		set_text(writer, "minutes", "{minutes}");
		write_attribute(writer, "data-warning", said(writer, TEXT_WARN_TIME));
	}
	if (head->poll)
	{
		write_attribute(writer, "data-poll", head->poll);
		write_attribute(writer, "data-news", said(writer, TEXT_WAITING_NEWS));
	}
}

static void
write_head(Visit *visit, const PageHead *head)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<!DOCTYPE html>\n<html");
	write_attribute(writer, "lang", writer->language->code);
	html(writer, ">\n<head>\n<meta charset=\"utf-8\">\n");
	write_title(visit, head);
	html(writer, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"stylesheet\"");
	write_attribute(writer, "href", asset_path(visit->settings, writer->arena, "style"));
	html(writer, ">\n<link rel=\"icon\" type=\"image/svg+xml\"");
	write_attribute(writer, "href", asset_path(visit->settings, writer->arena, "icon"));
	html(writer, ">\n<script defer");
	write_attribute(writer, "src", asset_path(visit->settings, writer->arena, "script"));
	html(writer, "></script>\n</head>\n<body");
	write_data(visit, head);
	html(writer, ">\n");
}

/* One entry of the switch: a link, or on pages with choices a button that hands them in. */
static void
write_language(Visit *visit, const Language *language)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<li>");
	if (visit->switch_form)
	{
		html(writer, "<button type=\"submit\" form=\"choices\" name=\"lang\" formnovalidate");
		write_attribute(writer, "formaction", visit->switch_form);
		write_attribute(writer, "value", language->code);
	}
	else
	{
		html(writer, "<a");
		write_attribute(writer, "href", arena_format(writer->arena, "%s?lang=%s", visit->self, language->code));
		write_attribute(writer, "hreflang", language->code);
	}
	write_attribute(writer, "lang", language->code);
	if (language == writer->language)
		html(writer, " aria-current=\"true\"");
	html(writer, ">");
	write_text(writer, language->name);
	if (visit->switch_form)
		html(writer, "</button></li>\n");
	else
		html(writer, "</a></li>\n");
}

static void
write_languages(Visit *visit)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<details class=\"languages\"><summary><span class=\"quiet\">");
	say(writer, TEXT_SITE_LANGUAGE);
	html(writer, ":</span> ");
	write_text(writer, writer->language->name);
	html(writer, "</summary>\n<ul>\n");
	for (int i = 0; i < LANGUAGE_COUNT; i++)
		if (visit->settings->offered & 1U << i)
			write_language(visit, &languages[i]);
	html(writer, "</ul></details>\n");
}

static void
write_header(Visit *visit)
{
	Writer	   *writer = &visit->writer;
	Words		authority = choose_words(writer, visit->settings->authority);

	html(writer, "<a class=\"skip\" href=\"#main\">");
	say(writer, TEXT_SITE_SKIP);
	html(writer, "</a>\n<header class=\"site\"><div class=\"bar\">\n<div class=\"mark\">");
	if (visit->settings->logo_type)
	{
		html(writer, "<img alt=\"\"");
		write_attribute(writer, "src", arena_format(writer->arena, "%s/static/logo-%s", visit->settings->base, visit->settings->logo_name));
		html(writer, ">");
	}
	html(writer, "<p><strong>");
	write_words(writer, authority);
	html(writer, "</strong><span>");
	say(writer, TEXT_SITE_SUBTITLE);
	html(writer, "</span></p></div>\n");
	write_languages(visit);
	html(writer, "</div></header>\n");
}

void
page_begin(Visit *visit, const PageHead *head)
{
	Writer	   *writer = &visit->writer;
	Response   *response = &visit->request->response;

	response->status = head->status;
	response->type = "text/html; charset=utf-8";
	response->policy = POLICY_PAGE;
	write_head(visit, head);
	write_header(visit);
	html(writer, "<main id=\"main\">\n");
	if (text_is_draft(writer->language))
	{
		html(writer, "<div class=\"draft\"><p>");
		say(writer, TEXT_SITE_DRAFT);
		html(writer, "</p>\n<ul>\n");
		write_language(visit, language_english());
		if (visit->settings->national != language_english() && visit->settings->national != writer->language)
			write_language(visit, visit->settings->national);
		html(writer, "</ul></div>\n");
	}
	/* an empty one first: what comes into it is read out, what stands in it from the start is not */
	html(writer, "<div id=\"live\" role=\"status\"></div>\n");
	if (head->error)
		html(writer, "<h1>");
	else
		html(writer, "<h1 tabindex=\"-1\" autofocus>");
	say(writer, head->title);
	html(writer, "</h1>\n");
}

static void
write_footer_link(Visit *visit, const char *name, TextId text)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<li><a");
	write_attribute(writer, "href", arena_format(writer->arena, "%s/%s", *visit->root ? visit->root : visit->settings->base, name));
	html(writer, ">");
	say(writer, text);
	html(writer, "</a></li>\n");
}

void
page_end(Visit *visit)
{
	Writer	   *writer = &visit->writer;

	html(writer, "</main>\n<footer class=\"site\"><div class=\"bar\">\n<ul>\n");
	write_footer_link(visit, "help", TEXT_SITE_HELP);
	write_footer_link(visit, "privacy", TEXT_SITE_PRIVACY);
	write_footer_link(visit, "accessibility", TEXT_SITE_ACCESSIBILITY);
	html(writer, "</ul>\n");
	if (visit->settings->your_europe)
		html(writer, "<p class=\"europe\" lang=\"en\">Your Europe</p>\n");
	html(writer, "</div></footer>\n</body>\n</html>\n");
}

void
page_row_begin(Writer *writer, TextId name)
{
	html(writer, "<div><dt>");
	say(writer, name);
	html(writer, "</dt><dd>");
}

/* Name, country and, when it is another, the official name below. */
static void
write_party(Visit *visit, const char *name, TextId label)
{
	Writer	   *writer = &visit->writer;
	const Json *party = json_get(visit->facts, name);
	Words		known = choose_words(writer, json_get(party, "names"));
	Words		official = choose_words(writer, json_get(party, "official"));
	const char *country = country_name(writer->language, json_string(party, "country"));

	if (known.text == NULL && official.text == NULL)
		return;
	page_row_begin(writer, label);
	html(writer, "<strong>");
	write_words(writer, known.text ? known : official);
	html(writer, "</strong>");
	if (country)
	{
		html(writer, " (");
		write_text(writer, country);
		html(writer, ")");
	}
	if (known.text && official.text && strcmp(known.text, official.text) != 0)
	{
		html(writer, "<br><small>");
		write_words(writer, official);
		html(writer, "</small>");
	}
	html(writer, "</dd></div>\n");
}

static void
write_words_row(Visit *visit, TextId label, Words words)
{
	if (words.text == NULL)
		return;
	page_row_begin(&visit->writer, label);
	write_words(&visit->writer, words);
	html(&visit->writer, "</dd></div>\n");
}

static void
write_about(Visit *visit)
{
	Writer	   *writer = &visit->writer;
	const char *kind = json_string(json_get(visit->facts, "about"), "kind");
	const char *name = json_string(json_get(visit->facts, "about"), "name");

	if (kind == NULL)
		return;
	page_row_begin(writer, TEXT_FACTS_ABOUT);
	if (strcmp(kind, "self") == 0)
	{
		if (name)
		{
			write_text(writer, name);
			html(writer, " (");
		}
		say(writer, TEXT_ABOUT_YOU);
		if (name)
			html(writer, ")");
	}
	else if (strcmp(kind, "representative") == 0 && name)
		say(writer, TEXT_ABOUT_REPRESENTED);
	else if (name)
		write_text(writer, name);
	html(writer, "</dd></div>\n");
}

/* The order of UX-02: who asks, for what, which document, who holds it, about whom, until when. */
void
page_facts(Visit *visit, bool all)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<dl class=\"facts\">\n");
	write_party(visit, "requester", TEXT_FACTS_REQUESTER);
	if (all)
	{
		Words		procedure = choose_words(writer, json_get(json_get(visit->facts, "procedure"), "names"));

		write_words_row(visit, TEXT_FACTS_PROCEDURE, procedure);
		write_words_row(visit, TEXT_FACTS_EVIDENCE, choose_words(writer, json_get(visit->facts, "evidence")));
		write_party(visit, "provider", TEXT_FACTS_PROVIDER);
	}
	write_about(visit);
	if (visit->has_deadline)
	{
		page_row_begin(writer, TEXT_FACTS_DEADLINE);
		say(writer, TEXT_FACTS_UNTIL);
		html(writer, "</dd></div>\n");
	}
	html(writer, "</dl>\n");
}

void
page_form(Visit *visit, const char *path, const char *action, const char *id)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<form method=\"post\" novalidate");
	write_attribute(writer, "action", path);
	write_attribute(writer, "id", id);
	html(writer, ">\n");
	page_hidden(visit, "form", form_token(writer->arena, visit_browser(visit), visit->request->link, action));
}

void
page_form_end(Visit *visit)
{
	html(&visit->writer, "</form>\n");
}

void
page_hidden(Visit *visit, const char *name, const char *value)
{
	html(&visit->writer, "<input type=\"hidden\"");
	write_attribute(&visit->writer, "name", name);
	write_attribute(&visit->writer, "value", value);
	html(&visit->writer, ">\n");
}

void
page_link(Visit *visit, const char *class, const char *path, TextId text)
{
	html(&visit->writer, "<a");
	write_attribute(&visit->writer, "class", class);
	write_attribute(&visit->writer, "href", path);
	html(&visit->writer, ">");
	say(&visit->writer, text);
	html(&visit->writer, "</a>\n");
}

void
page_button(Visit *visit, const char *class, const char *name, const char *value, TextId text)
{
	html(&visit->writer, "<button type=\"submit\"");
	write_attribute(&visit->writer, "class", class);
	write_attribute(&visit->writer, "name", name);
	write_attribute(&visit->writer, "value", value);
	html(&visit->writer, ">");
	say(&visit->writer, text);
	html(&visit->writer, "</button>\n");
}

void
page_elsewhere(Visit *visit, const char *url, TextId text)
{
	Writer	   *writer = &visit->writer;
	const char *host = url_host(writer->arena, url);
	const Words former = {json_string(json_get(visit->facts, "return"), "host"), NULL};

	if (host == NULL)
		return;
	html(writer, "<p><a rel=\"noreferrer\"");
	write_attribute(writer, "href", url);
	html(writer, ">");
	set_text(writer, "host", host);
	say(writer, text);
	set_words(writer, "host", former);
	html(writer, "</a></p>\n");
}

/* The portal names GET, POST or PUT; a page has no PUT, and what counts is that the user comes (UX-21). */
void
page_way_back(Visit *visit)
{
	Writer	   *writer = &visit->writer;
	const Json *back = json_get(visit->facts, "return");
	const char *url = json_string(back, "url");
	const char *method = json_string(back, "method");
	const char *host = url_host(writer->arena, url);

	if (host == NULL)
	{
		say_paragraph(writer, TEXT_BACK_UNKNOWN);
		return;
	}
	set_text(writer, "host", host);
	if (method == NULL || strcasecmp(method, "GET") == 0)
	{
		html(writer, "<p><a class=\"button\" rel=\"noreferrer\"");
		write_attribute(writer, "href", url);
		html(writer, ">");
		say(writer, TEXT_BACK_BUTTON);
		html(writer, "</a></p>\n");
		return;
	}
	visit->request->response.policy = POLICY_PAGE_RETURN;
	html(writer, "<form method=\"post\"");
	write_attribute(writer, "action", url);
	html(writer, "><p>");
	page_button(visit, "button", NULL, NULL, TEXT_BACK_BUTTON);
	html(writer, "</p></form>\n");
}
