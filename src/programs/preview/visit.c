/*
 * visit.c
 *		Beginning and end of a visit, its language and cookie, and the facts of
 *		its exchange as words.
 */
#include <string.h>

#include "formats.h"
#include "secret.h"
#include "visit.h"

/* ?lang=, the cookie, what the browser asks for, the national language: of those that are offered. */
static const Language *
choose_language(const Visit *visit)
{
	const Request *request = visit->request;
	unsigned int offered = visit->settings->offered;
	const char *code = field_get(request->form, "lang");
	const Language *language;

	if (code == NULL)
		code = field_get(request->query, "lang");
	language = code ? language_find(code, strlen(code)) : NULL;
	if (language && offered & 1U << language_index(language))
		return language;
	language = request->cookie_language;
	if (language && offered & 1U << language_index(language))
		return language;
	language = language_negotiate(request_header(request, "Accept-Language"), offered);
	return language ? language : visit->settings->national;
}

void
visit_begin(Visit *visit, Request *request, Db *db)
{
	*visit = (Visit) {.request = request, .db = db, .settings = settings_take()};
	request->language = choose_language(visit);
	visit->writer = (Writer) {.out = &request->response.body, .arena = &request->arena, .language = request->language, .settings = visit->settings};
	visit->root = request->link ? arena_format(&request->arena, "%s/%s", visit->settings->base, request->link) : "";
	visit->self = visit->root;
}

void
visit_end(Visit *visit)
{
	settings_release(visit->settings);
}

bool
visit_is(const Visit *visit, const char *page)
{
	return visit->page && strcmp(visit->page, page) == 0;
}

const char *
visit_moment(Visit *visit, time_t moment)
{
	Words		zone = choose_words(&visit->writer, json_get(visit->settings->texts, "time_zone"));

	return format_moment(&visit->request->arena, visit->writer.language, moment, zone.text);
}

const char *
visit_moment_of(Visit *visit, const Json *object, const char *name)
{
	time_t		moment;

	return parse_moment(json_string(object, name), &moment) ? visit_moment(visit, moment) : "";
}

/* The name its users know; without one the official name. */
static void
set_party(Visit *visit, const char *name)
{
	Writer	   *writer = &visit->writer;
	const Json *party = json_get(visit->facts, name);
	Words		words = choose_words(writer, json_get(party, "names"));

	if (words.text == NULL)
		words = choose_words(writer, json_get(party, "official"));
	set_words(writer, name, words);
}

static void
set_facts(Visit *visit)
{
	Writer	   *writer = &visit->writer;
	const Json *procedure = json_get(visit->facts, "procedure");
	Words		words;

	set_party(visit, "requester");
	set_party(visit, "provider");
	words = choose_words(writer, json_get(procedure, "names"));
	set_words(writer, "procedure", words.text ? words : choose_words(writer, json_get(procedure, "code")));
	set_words(writer, "evidence", choose_words(writer, json_get(visit->facts, "evidence")));
	set_text(writer, "person", json_string(json_get(visit->facts, "about"), "name"));
	set_text(writer, "ref", json_string(visit->facts, "reference"));
	set_text(writer, "host", json_string(json_get(visit->facts, "return"), "host"));
	visit->has_deadline = parse_moment(json_string(visit->facts, "deadline"), &visit->deadline);
	if (visit->has_deadline)
		set_text(writer, "deadline", visit_moment(visit, visit->deadline));
}

bool
visit_take_answer(Visit *visit, const char *text)
{
	visit->answer = json_read(&visit->request->arena, text, strlen(text));
	visit->page = json_string(visit->answer, "page");
	visit->facts = json_get(visit->answer, "facts");
	visit->pieces = json_get(visit->answer, "pieces");
	set_facts(visit);
	return visit->page || json_get(visit->answer, "errors");
}

static void
set_cookie(Visit *visit, const char *browser)
{
	/* Lax, not Strict: portals and signing in lead here from elsewhere (UX-29) */
	response_header(visit->request, "Set-Cookie",
					arena_format(&visit->request->arena, COOKIE_NAME "=%s.%s; Path=/; Secure; HttpOnly; SameSite=Lax", browser,
								 visit->writer.language->code));
}

const char *
visit_browser(Visit *visit)
{
	Request    *request = visit->request;

	if (request->browser == NULL)
	{
		request->browser = secret_make(&request->arena);
		request->fresh_browser = true;
	}
	if (field_get(request->response.headers, "Set-Cookie") == NULL &&
		(request->fresh_browser || request->cookie_language != visit->writer.language))
		set_cookie(visit, request->browser);
	return request->browser;
}

const Json *
visit_piece(const Visit *visit, long n)
{
	for (const Json *piece = visit->pieces ? visit->pieces->first : NULL; piece; piece = piece->next)
		if (json_long(piece, "piece", 0) == n)
			return piece;
	return NULL;
}

Words
visit_title(const Visit *visit, const Json *piece)
{
	Words		words = choose_words(&visit->writer, json_get(piece, "titles"));

	if (words.text == NULL)
		words = choose_words(&visit->writer, json_get(visit->facts, "evidence"));
	return words.text ? words : (Words) {text_get(visit->writer.language, TEXT_FACTS_EVIDENCE), NULL};
}
