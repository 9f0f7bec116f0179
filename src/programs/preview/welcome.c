/*
 * welcome.c
 *		The first page: the facts before any data, and one button (UX-02).
 */
#include <string.h>
#include <strings.h>

#include "page.h"
#include "pages.h"

/* Only 1.x portals tell the way back in the link; without it users have to find back by themselves. */
static void
write_no_return(Visit *visit)
{
	const char *line = json_string(visit->facts, "line");
	const char *url = field_get(visit->request->query, "returnurl");

	if (line && strncmp(line, "1.", 2) == 0 && json_get(visit->facts, "return") == NULL && url_host(&visit->request->arena, url) == NULL)
		say_paragraph(&visit->writer, TEXT_WELCOME_NORETURN);
}

static void
carry_return(Visit *visit)
{
	const char *url = field_get(visit->request->query, "returnurl");
	const char *method = field_get(visit->request->query, "returnmethod");

	if (url_host(&visit->request->arena, url) == NULL)
		return;
	page_hidden(visit, "returnurl", url);
	if (method && (strcasecmp(method, "GET") == 0 || strcasecmp(method, "POST") == 0 || strcasecmp(method, "PUT") == 0))
		page_hidden(visit, "returnmethod", method);
}

void
page_welcome(Visit *visit)
{
	Writer	   *writer = &visit->writer;
	const char *kind = json_string(json_get(visit->facts, "about"), "kind");
	const char *name = json_string(json_get(visit->facts, "about"), "name");
	bool		other = kind && strcmp(kind, "self") != 0 && name;
	const Json *sign_in = json_get(visit->facts, "reauthentication");

	page_begin(visit, &(PageHead) {.status = 200, .title = other ? TEXT_WELCOME_TITLE_OTHER : TEXT_WELCOME_TITLE,
		.object = choose_words(writer, json_get(visit->facts, "evidence")), .warn = true});
	html(writer, "<p class=\"lead\">");
	say(writer, TEXT_WELCOME_LEAD);
	html(writer, "</p>\n");
	page_facts(visit, true);
	say_paragraph(writer, TEXT_WELCOME_CHOICES);
	say_paragraph(writer, TEXT_WELCOME_VOLUNTARY);
	if (json_true(sign_in, "required") && !json_true(sign_in, "done"))
		say_paragraph(writer, TEXT_WELCOME_SIGNIN);
	write_no_return(visit);
	page_form(visit, arena_format(writer->arena, "%s/open", visit->root), "open", NULL);
	carry_return(visit);
	page_button(visit, "button", NULL, NULL, TEXT_WELCOME_BUTTON);
	page_form_end(visit);
	html(writer, "<p>");
	page_link(visit, NULL, arena_format(writer->arena, "%s/privacy", visit->root), TEXT_WELCOME_PRIVACY);
	html(writer, "</p>\n");
	page_end(visit);
}
