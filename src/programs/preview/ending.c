/*
 * ending.c
 *		After the decision: kept, on its way, or too late. No document any more.
 */
#include "page.h"
#include "pages.h"

static void
write_reference(Visit *visit)
{
	if (json_string(visit->facts, "reference") == NULL)
		return;
	html(&visit->writer, "<p class=\"reference\">");
	say(&visit->writer, TEXT_DONE_REFERENCE);
	html(&visit->writer, "</p>\n");
}

/* The link reloads; the script asks and says when there is news, and never leads away by itself (UX-20). */
void
page_waiting(Visit *visit)
{
	Writer	   *writer = &visit->writer;

	page_begin(visit, &(PageHead) {.status = 200, .title = TEXT_WAITING_TITLE, .object = choose_words(writer, json_get(visit->facts, "evidence")),
		.poll = arena_format(writer->arena, "%s/state", visit->root)});
	html(writer, "<p class=\"lead\">");
	say(writer, TEXT_WAITING_TEXT);
	html(writer, "</p>\n<p>");
	page_link(visit, "button", visit->root, TEXT_WAITING_REFRESH);
	html(writer, "</p>\n");
	write_reference(visit);
	if (json_get(visit->facts, "return"))
		page_way_back(visit);
	page_end(visit);
}

void
page_done(Visit *visit)
{
	Writer	   *writer = &visit->writer;
	long		sent = json_long(visit->facts, "sent", 0);

	page_begin(visit, &(PageHead) {.status = 200, .title = TEXT_DONE_TITLE, .object = choose_words(writer, json_get(visit->facts, "evidence"))});
	set_text(writer, "time", visit_moment_of(visit, visit->facts, "decided_at"));
	html(writer, "<p class=\"lead\">");
	if (sent > 0)
		say_count(writer, TEXT_DONE_SENT, sent);
	else
		say(writer, TEXT_DONE_NONE);
	html(writer, "</p>\n");
	page_way_back(visit);
	write_reference(visit);
	say_paragraph(writer, TEXT_DONE_CLOSE);
	if (url_host(writer->arena, visit->settings->feedback_url))
		page_elsewhere(visit, visit->settings->feedback_url, TEXT_SITE_FEEDBACK);
	page_end(visit);
}

void
page_over(Visit *visit)
{
	page_begin(visit, &(PageHead) {.status = 410, .title = TEXT_OVER_TITLE});
	say_paragraph(&visit->writer, TEXT_OVER_TEXT);
	page_way_back(visit);
	write_reference(visit);
	page_end(visit);
}

void
page_nothing_found(Visit *visit)
{
	page_begin(visit, &(PageHead) {.status = 200, .title = TEXT_NOTHING_TITLE});
	say_paragraph(&visit->writer, TEXT_NOTHING_TEXT);
	page_way_back(visit);
	write_reference(visit);
	page_end(visit);
}
