/*
 * piece.c
 *		One piece: what it says, what will be sent, and, when it is the only one,
 *		the choice (UX-15).
 */
#include <string.h>

#include "page.h"
#include "pages.h"
#include "piece_parts.h"

/* Structured evidence as text; a picture in place; a PDF by the script, where there is room for it (UX-08, UX-09). */
static void
write_content(Visit *visit, const Json *piece)
{
	Writer	   *writer = &visit->writer;
	const Json *main = piece_main(piece);
	const char *media = json_string(main, "media_type");
	const char *markup = NULL;

	if (json_true(piece, "rendering"))
		db_rendering(visit->db, writer->arena, visit->request->link, visit->request->browser, json_long(piece, "piece", 0), writer->language->code, &markup);
	if (markup)
	{
		html(writer, "<section class=\"document\">\n");
		write_fragment(writer, markup);
		html(writer, "</section>\n");
	}
	else if (media_is_picture(media))
	{
		html(writer, "<figure class=\"document\"><img");
		write_attribute(writer, "src", part_path(visit, piece, main));
		write_attribute(writer, "alt", visit_title(visit, piece).text);
		html(writer, "></figure>\n");
	}
	else if (media_is(media, "application/pdf"))
	{
		html(writer, "<div class=\"frame\"");
		write_attribute(writer, "data-frame", part_path(visit, piece, main));
		write_attribute(writer, "data-title", said(writer, TEXT_PIECE_FRAME));
		html(writer, "></div>\n");
	}
}

static void
write_sending(Visit *visit, const Json *piece)
{
	Writer	   *writer = &visit->writer;
	Words		correction = choose_words(writer, json_get(visit->facts, "correction_url"));

	html(writer, "<h2>");
	say(writer, TEXT_PIECE_SENT);
	html(writer, "</h2>\n");
	piece_links(visit, piece);
	if (json_true(piece, "sealed"))
		say_paragraph(writer, TEXT_PIECE_SEAL);
	say_paragraph(writer, TEXT_PIECE_COPY);
	say_paragraph(writer, TEXT_PIECE_WRONG);
	if (correction.text)
		page_elsewhere(visit, correction.text, TEXT_PIECE_CORRECTION);
}

/*
 * Of one piece the button itself says what it does (UX-15): of its three texts the style sheet shows the one that
 * belongs to the choice.
 */
static void
write_send_button(Visit *visit)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<button type=\"submit\" class=\"button\" name=\"go\" value=\"decide\"><span class=\"when-open\">");
	say(writer, TEXT_CHOICE_BUTTON);
	html(writer, "</span><span class=\"when-use\">");
	say(writer, TEXT_CHECK_ONE);
	html(writer, "</span><span class=\"when-refuse\">");
	say(writer, TEXT_NONE_BUTTON);
	html(writer, "</span></button>\n");
}

static void
write_choice(Visit *visit, const Json *piece, const Choices *choices, bool single, bool incomplete)
{
	Writer	   *writer = &visit->writer;
	long		n = json_long(piece, "piece", 0);

	page_form(visit, visit->switch_form, "choose", "choices");
	page_hidden(visit, "step", arena_format(writer->arena, "piece-%ld", n));
	choices_carry(visit, choices, n);
	choices_ask(visit, piece, n <= MOST_PIECES ? choices->of[n] : CHOICE_OPEN, incomplete);
	html(writer, "<div class=\"buttons\">\n");
	set_words(writer, "evidence", visit_title(visit, piece));
	if (single)
	{
		html(writer, "<p class=\"final\">");
		say(writer, TEXT_CHECK_FINAL);
		html(writer, "</p>\n");
		write_send_button(visit);
	}
	else
		page_button(visit, "button", "go", "list", TEXT_PIECE_BACK);
	html(writer, "</div>\n");
	page_form_end(visit);
}

void
page_piece(Visit *visit, const Json *piece, const Choices *choices, bool incomplete)
{
	Writer	   *writer = &visit->writer;
	bool		single = json_count(visit->pieces) == 1;

	visit->switch_form = arena_format(writer->arena, "%s/choose", visit->root);
	page_begin(visit, &(PageHead) {.status = incomplete ? 422 : 200, .title = single ? TEXT_PIECE_TITLE : TEXT_PIECE_SHOWN,
		.object = visit_title(visit, piece), .error = incomplete, .warn = true});
	if (incomplete)
		choices_summary(visit, choices, json_long(piece, "piece", 0));
	html(writer, "<p class=\"lead\">");
	write_words(writer, visit_title(visit, piece));
	html(writer, "</p>\n");
	piece_own_title(visit, piece);
	if (single)
		page_facts(visit, false);
	piece_facts(visit, piece);
	write_content(visit, piece);
	write_sending(visit, piece);
	write_choice(visit, piece, choices, single, incomplete);
	html(writer, "<p>");
	page_link(visit, NULL, arena_format(writer->arena, "%s/later", visit->root), TEXT_CHOICE_LATER);
	html(writer, "</p>\n");
	page_end(visit);
}
