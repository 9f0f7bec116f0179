/*
 * decide.c
 *		Before anything leaves: what goes and what stays (UX-15); sending
 *		nothing asked once more, and deciding later, which is neither (UX-16).
 */
#include "page.h"
#include "pages.h"

static void
write_pieces(Visit *visit, const Choices *choices, Choice choice, TextId heading)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<h2>");
	say(writer, heading);
	html(writer, "</h2>\n<ul class=\"pieces\">\n");
	for (const Json *piece = visit->pieces->first; piece; piece = piece->next)
	{
		long		n = json_long(piece, "piece", 0);

		if (n < 1 || n > MOST_PIECES || choices->of[n] != choice || !piece_is_ready(piece))
			continue;
		html(writer, "<li>");
		write_words(writer, visit_title(visit, piece));
		html(writer, "</li>\n");
	}
	html(writer, "</ul>\n");
}

static void
begin_form(Visit *visit, const Choices *choices, const char *step)
{
	page_form(visit, arena_format(&visit->request->arena, "%s/decide", visit->root), "decide", "choices");
	page_hidden(visit, "step", step);
	choices_carry(visit, choices, 0);
}

/* Back to the choices, which go along. */
static void
write_back(Visit *visit, TextId text)
{
	html(&visit->writer, "<button type=\"submit\" class=\"button quiet\" name=\"go\" value=\"list\"");
	write_attribute(&visit->writer, "formaction", visit->switch_form);
	html(&visit->writer, ">");
	say(&visit->writer, text);
	html(&visit->writer, "</button>\n");
}

void
page_check(Visit *visit, const Choices *choices)
{
	Writer	   *writer = &visit->writer;

	visit->switch_form = arena_format(writer->arena, "%s/choose", visit->root);
	page_begin(visit, &(PageHead) {.status = 200, .title = TEXT_CHECK_TITLE, .object = choose_words(writer, json_get(visit->facts, "evidence")), .warn = true});
	page_facts(visit, false);
	write_pieces(visit, choices, CHOICE_USE, TEXT_CHECK_GOING);
	if (choices->refuse > 0)
		write_pieces(visit, choices, CHOICE_REFUSE, TEXT_CHECK_STAYING);
	say_paragraph(writer, TEXT_CHECK_FINAL);
	begin_form(visit, choices, "check");
	html(writer, "<div class=\"buttons\">\n<button type=\"submit\" class=\"button\">");
	say_count(writer, TEXT_CHECK_SEND, choices->use);
	html(writer, "</button>\n");
	write_back(visit, TEXT_CHECK_CHANGE);
	html(writer, "</div>\n");
	page_form_end(visit);
	page_end(visit);
}

void
page_send_nothing(Visit *visit, const Choices *choices)
{
	Writer	   *writer = &visit->writer;

	visit->switch_form = arena_format(writer->arena, "%s/choose", visit->root);
	page_begin(visit, &(PageHead) {.status = 200, .title = TEXT_NONE_TITLE, .object = choose_words(writer, json_get(visit->facts, "evidence")), .warn = true});
	say_paragraph(writer, TEXT_NONE_EFFECT);
	say_paragraph(writer, TEXT_CHECK_FINAL);
	begin_form(visit, choices, "none");
	html(writer, "<div class=\"buttons\">\n");
	page_button(visit, "button", NULL, NULL, TEXT_NONE_BUTTON);
	write_back(visit, TEXT_NONE_KEEP);
	html(writer, "</div>\n");
	page_form_end(visit);
	page_end(visit);
}

void
page_later(Visit *visit)
{
	visit->self = arena_format(&visit->request->arena, "%s/later", visit->root);
	page_begin(visit, &(PageHead) {.status = 200, .title = TEXT_LATER_TITLE, .warn = true});
	say_paragraph(&visit->writer, TEXT_LATER_TEXT);
	page_way_back(visit);
	html(&visit->writer, "<p>");
	page_link(visit, NULL, visit->root, TEXT_LATER_LOOK);
	html(&visit->writer, "</p>\n");
	page_end(visit);
}
