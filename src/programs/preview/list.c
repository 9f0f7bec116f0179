/*
 * list.c
 *		Several pieces: a card each with its own choice (UX-13).
 */
#include "page.h"
#include "pages.h"
#include "piece_parts.h"

static void
write_title(Visit *visit, const Json *piece)
{
	html(&visit->writer, "<h2>");
	write_words(&visit->writer, visit_title(visit, piece));
	html(&visit->writer, "</h2>\n");
	piece_own_title(visit, piece);
}

static void
write_card(Visit *visit, const Json *piece, const Choices *choices, bool incomplete)
{
	Writer	   *writer = &visit->writer;
	long		n = json_long(piece, "piece", 0);

	html(writer, "<section class=\"card\">\n");
	write_title(visit, piece);
	if (!piece_is_ready(piece))
	{
		set_words(writer, "evidence", visit_title(visit, piece));
		set_text(writer, "available", visit_moment_of(visit, piece, "available_at"));
		say_paragraph(writer, TEXT_NOT_YET);
		html(writer, "</section>\n");
		return;
	}
	piece_facts(visit, piece);
	html(writer, "<p><button type=\"submit\" class=\"button quiet\" name=\"go\"");
	write_attribute(writer, "value", arena_format(writer->arena, "piece-%ld", n));
	/* the titles tell apart what the words alone do not */
	html(writer, ">");
	say(writer, TEXT_PIECE_LOOK);
	html(writer, "<span class=\"hidden\">: ");
	write_words(writer, visit_title(visit, piece));
	html(writer, "</span></button></p>\n");
	choices_ask(visit, piece, n <= MOST_PIECES ? choices->of[n] : CHOICE_OPEN, incomplete);
	html(writer, "</section>\n");
}

void
page_list(Visit *visit, const Choices *choices, bool incomplete)
{
	Writer	   *writer = &visit->writer;

	visit->switch_form = arena_format(writer->arena, "%s/choose", visit->root);
	page_begin(visit, &(PageHead) {.status = incomplete ? 422 : 200, .title = TEXT_LIST_TITLE,
		.object = choose_words(writer, json_get(visit->facts, "evidence")), .error = incomplete, .warn = true});
	if (incomplete)
		choices_summary(visit, choices, 0);
	page_facts(visit, false);
	say_paragraph(writer, TEXT_PIECE_COPY);
	page_form(visit, visit->switch_form, "choose", "choices");
	page_hidden(visit, "step", "list");
	/* Enter in a form presses its first button: it must not be one that opens a piece. */
	html(writer, "<button type=\"submit\" class=\"hidden\" name=\"go\" value=\"check\" tabindex=\"-1\" aria-hidden=\"true\"></button>\n");
	for (const Json *piece = visit->pieces->first; piece; piece = piece->next)
		write_card(visit, piece, choices, incomplete);
	html(writer, "<div class=\"buttons\">\n");
	page_button(visit, "button", "go", "check", TEXT_SITE_CONTINUE);
	page_button(visit, "button quiet", "go", "all", TEXT_CHOICE_ALL);
	page_button(visit, "button quiet", "go", "none", TEXT_CHOICE_NONE);
	html(writer, "</div>\n");
	page_form_end(visit);
	html(writer, "<p>");
	page_link(visit, NULL, arena_format(writer->arena, "%s/later", visit->root), TEXT_CHOICE_LATER);
	html(writer, "</p>\n");
	page_end(visit);
}
