/*
 * trouble.c
 *		Pages for what goes wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "page.h"
#include "trouble.h"

#define RETRY_SECONDS 10L

/* Seconds from now, at least one. */
static void
retry_after(Visit *visit, long seconds)
{
	response_header(visit->request, "Retry-After", arena_format(&visit->request->arena, "%ld", seconds < 1 ? 1 : seconds));
}

/* Nothing of the link stands on such a page, not even in the address of a link. */
static void
forget_link(Visit *visit)
{
	visit->root = "";
	visit->self = arena_format(&visit->request->arena, "%s/help", visit->settings->base);
	visit->facts = NULL;
	visit->has_deadline = false;
	visit->writer.argument_count = 0;
}

/* The switch of such a page leads to the same link again: a relative address, the same for all. */
static void
begin(Visit *visit, unsigned int status, TextId title)
{
	forget_link(visit);
	visit->self = "";
	page_begin(visit, &(PageHead) {.status = status, .title = title});
}

/* Where the address of the client is not known nobody is counted: it would be everybody. */
const char *
trouble_count(Visit *visit, const char *kind)
{
	const char *parameters[] = {visit->request->source, kind};
	const char *text;

	if (*visit->request->source == '\0' || db_call(visit->db, &visit->request->arena, DB_REFUSED_COUNT, parameters, &text) != DB_DONE || text == NULL)
		return NULL;
	return json_string(json_read(&visit->request->arena, text, strlen(text)), "locked_until");
}

void
trouble_neutral(Visit *visit, bool counts)
{
	const char *until = counts && !visit->request->prefetch ? trouble_count(visit, "link") : NULL;
	time_t		moment;

	if (parse_moment(until, &moment) && moment > time(NULL))
	{
		trouble_locked(visit, until);
		return;
	}
	begin(visit, 404, TEXT_NEUTRAL_TITLE);
	say_paragraph(&visit->writer, TEXT_NEUTRAL_TEXT);
	page_end(visit);
}

void
trouble_locked(Visit *visit, const char *until)
{
	time_t		moment;
	bool		known = parse_moment(until, &moment);

	begin(visit, 429, TEXT_LOCKED_TITLE);
	retry_after(visit, known ? (long) (moment - time(NULL)) : 60);
	set_text(&visit->writer, "until", visit_moment(visit, known ? moment : time(NULL) + 60));
	say_paragraph(&visit->writer, TEXT_LOCKED_TEXT);
	page_end(visit);
}

void
trouble_closed(Visit *visit)
{
	time_t		moment;
	bool		known = parse_moment(json_string(visit->facts, "closed_until"), &moment);

	begin(visit, 503, TEXT_CLOSED_TITLE);
	retry_after(visit, known ? (long) (moment - time(NULL)) : 300);
	if (known)
		set_text(&visit->writer, "until", visit_moment(visit, moment));
	say_paragraph(&visit->writer, known ? TEXT_CLOSED_TEXT : TEXT_CLOSED_SOON);
	page_end(visit);
}

void
trouble_problem(Visit *visit, bool passing)
{
	begin(visit, passing ? 503 : 500, TEXT_PROBLEM_TITLE);
	if (passing)
		retry_after(visit, RETRY_SECONDS);
	say_paragraph(&visit->writer, TEXT_PROBLEM_TEXT);
	if (visit->request->link)
	{
		html(&visit->writer, "<p>");
		page_link(visit, "button", arena_format(&visit->request->arena, "%s/%s", visit->settings->base, visit->request->link), TEXT_PROBLEM_AGAIN);
		html(&visit->writer, "</p>\n");
	}
	page_end(visit);
}

void
trouble_stale(Visit *visit)
{
	const char *again = visit->root;

	begin(visit, 403, TEXT_STALE_TITLE);
	say_paragraph(&visit->writer, TEXT_STALE_TEXT);
	html(&visit->writer, "<p>");
	page_link(visit, "button", again, TEXT_LATER_LOOK);
	html(&visit->writer, "</p>\n");
	page_end(visit);
}

void
trouble_method(Visit *visit, const char *allowed)
{
	response_header(visit->request, "Allow", allowed);
	begin(visit, 405, TEXT_NEUTRAL_TITLE);
	say_paragraph(&visit->writer, TEXT_NEUTRAL_TEXT);
	page_end(visit);
}

void
trouble_plain(Request *request, unsigned int status)
{
	request->route = "refused";
	request->response.status = status;
	request->response.policy = POLICY_PAGE;
	request->response.type = "text/plain; charset=utf-8";
	request->response.body.len = 0;
	if (status == 503)
	{
		response_header(request, "Retry-After", "5");
		buffer_text(&request->response.body, "Too many visitors at this moment. Nothing was sent. Please try again in some seconds.\n");
	}
	else
		buffer_text(&request->response.body, "This request is larger than any of ours. Nothing was sent.\n");
}
