/*
 * identity.c
 *		Signing in once more, and what may come of it. The proxy in front of us
 *		does it; the way to it is the path /signin/LINK, which it guards.
 */
#include <string.h>
#include <strings.h>

#include "page.h"
#include "pages.h"

static const char *
sign_in_path(Visit *visit)
{
	return arena_format(&visit->request->arena, "%s/signin/%s", visit->settings->base, visit->request->link);
}

/* The proxy knows the user still: without leaving first the same one would come back. */
static const char *
sign_in_again_path(Visit *visit)
{
	const char *path = visit->request->config->sign_out;
	const char *place = path ? strstr(path, "{link}") : NULL;

	if (place == NULL)
		return path ? path : sign_in_path(visit);
	return arena_format(&visit->request->arena, "%.*s%s%s", (int) (place - path), path, visit->request->link, place + strlen("{link}"));
}

static void
write_level(Visit *visit)
{
	static const struct
	{
		const char *level;
		TextId		text;
	}			levels[] = {{"low", TEXT_LEVEL_LOW}, {"substantial", TEXT_LEVEL_SUBSTANTIAL}, {"high", TEXT_LEVEL_HIGH}};
	const char *level = json_string(json_get(visit->facts, "reauthentication"), "level");

	/* the database may name it by its short word or by its URI (…/LoA/substantial) */
	if (level && strrchr(level, '/'))
		level = strrchr(level, '/') + 1;
	for (size_t i = 0; level && i < lengthof(levels); i++)
		if (strcasecmp(level, levels[i].level) == 0)
		{
			set_text(&visit->writer, "level", said(&visit->writer, levels[i].text));
			say_paragraph(&visit->writer, TEXT_SIGNIN_LEVEL);
		}
}

void
page_sign_in(Visit *visit)
{
	Writer	   *writer = &visit->writer;

	page_begin(visit, &(PageHead) {.status = 200, .title = TEXT_SIGNIN_TITLE, .object = choose_words(writer, json_get(visit->facts, "evidence")), .warn = true});
	html(writer, "<p class=\"lead\">");
	say(writer, TEXT_SIGNIN_WHY);
	html(writer, "</p>\n");
	page_facts(visit, false);
	write_level(visit);
	if (visit->settings->by_proxy && visit->request->config->proxy_secret)
	{
		html(writer, "<p>");
		page_link(visit, "button", sign_in_path(visit), TEXT_SIGNIN_BUTTON);
		html(writer, "</p>\n");
	}
	else
		say_paragraph(writer, TEXT_SIGNIN_UNAVAILABLE);
	page_way_back(visit);
	page_end(visit);
}

/* Where the proxy lets the user through: still a GET, which changes nothing. */
void
page_signed_in(Visit *visit)
{
	visit->self = sign_in_path(visit);
	page_begin(visit, &(PageHead) {.status = 200, .title = TEXT_SIGNED_TITLE, .warn = true});
	say_paragraph(&visit->writer, TEXT_SIGNED_TEXT);
	page_form(visit, sign_in_path(visit), "signin", NULL);
	page_button(visit, "button", NULL, NULL, TEXT_SITE_CONTINUE);
	page_form_end(visit);
	page_end(visit);
}

/* Neither's data, and the same words whatever differs (UX-27). */
void
page_somebody_else(Visit *visit)
{
	page_begin(visit, &(PageHead) {.status = 403, .title = TEXT_OTHER_TITLE});
	say_paragraph(&visit->writer, TEXT_OTHER_TEXT);
	if (visit->settings->by_proxy && visit->request->config->proxy_secret)
	{
		html(&visit->writer, "<p>");
		page_link(visit, "button", sign_in_again_path(visit), TEXT_OTHER_AGAIN);
		html(&visit->writer, "</p>\n");
	}
	page_way_back(visit);
	page_end(visit);
}

/* Starting again is the welcome page's button; whether it may move here the database decides (UX-30). */
void
page_other_browser(Visit *visit)
{
	page_begin(visit, &(PageHead) {.status = 200, .title = TEXT_BROWSER_TITLE});
	say_paragraph(&visit->writer, TEXT_BROWSER_TEXT);
	page_form(visit, arena_format(&visit->request->arena, "%s/open", visit->root), "open", NULL);
	page_button(visit, "button", NULL, NULL, TEXT_BROWSER_BUTTON);
	page_form_end(visit);
	page_end(visit);
}
