/*
 * routes.c
 *		The paths of the pages:
 *
 *			/LINK                          where the session stands; POST and PUT: a portal sends the user so
 *			/LINK/open, more, choose, decide   POST: the buttons
 *			/LINK/piece/N, /LINK/piece/N/part/M    looking at it
 *			/LINK/later, state             deciding later; whether there is news
 *			/LINK/help, privacy, accessibility     also without a link
 *			/signin/LINK                   behind the proxy that signs users in
 *			/static/…, /healthz
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api.h"
#include "ask.h"
#include "assets.h"
#include "counters.h"
#include "page.h"
#include "pages.h"
#include "part.h"
#include "routes.h"
#include "secret.h"
#include "trouble.h"

typedef struct Path
{
	const char *action;			/* after the link; "" for the link itself */
	long		piece;
	long		part;
} Path;

static bool
is_get(const Request *request)
{
	return strcmp(request->method, "GET") == 0;
}

static bool
is_post(const Request *request)
{
	return strcmp(request->method, "POST") == 0;
}

/*
 * The token of a link, and what follows it. What portals and people append by mistake is cut off: blanks, an
 * ampersand with what ought to be a query.
 */
static const char *
take_link(Request *request, const char *text)
{
	size_t		len;

	while (strncmp(text, "%20", 3) == 0)
		text += 3;
	len = strspn(text, BASE64URL);
	if (len != LINK_LENGTH || (text[len] != '\0' && strchr("/&%", text[len]) == NULL))
		return NULL;
	request->link = arena_copy(&request->arena, text, LINK_LENGTH);
	text += len;
	if (*text == '&' || strncmp(text, "%3F", 3) == 0 || strncmp(text, "%26", 3) == 0)
	{
		text += *text == '&' ? 1 : 3;
		if (request->query == NULL)
			request->query = fields_read(&request->arena, text, strlen(text));
		return "";
	}
	while (strncmp(text, "%20", 3) == 0)
		text += 3;
	return *text == '\0' || *text == '/' ? text : NULL;
}

static bool
read_number(const char **text, long *number)
{
	char	   *end;

	if (**text < '1' || **text > '9')
		return false;
	*number = strtol(*text, &end, 10);
	if (end - *text > 5)
		return false;
	*text = end;
	return true;
}

/* piece/N, piece/N/part/M, or one word. */
static bool
read_action(const char *text, Path *path)
{
	static const char *const words[] = {"open", "more", "choose", "decide", "later", "state", "help", "privacy", "accessibility"};

	if (*text == '/')
		text++;
	path->action = "";
	if (*text == '\0')
		return true;
	for (size_t i = 0; i < lengthof(words); i++)
		if (strcmp(text, words[i]) == 0)
		{
			path->action = words[i];
			return true;
		}
	if (strncmp(text, "piece/", 6) != 0)
		return false;
	text += 6;
	path->action = "piece";
	if (!read_number(&text, &path->piece))
		return false;
	if (*text == '\0')
		return true;
	if (strncmp(text, "/part/", 6) != 0)
		return false;
	text += 6;
	path->action = "part";
	return read_number(&text, &path->part) && *text == '\0';
}

void
pages_show(Visit *visit)
{
	Choices		choices;

	choices_read(visit, &choices);
	if (visit_is(visit, "welcome"))
		page_welcome(visit);
	else if (visit_is(visit, "authenticate"))
		page_sign_in(visit);
	else if (visit_is(visit, "more"))
		page_more(visit, NULL);
	else if (visit_is(visit, "list") && json_count(visit->pieces) > 1)
		page_list(visit, &choices, false);
	else if (visit_is(visit, "list") && json_count(visit->pieces) == 1 && piece_is_ready(visit->pieces->first))
		page_piece(visit, visit->pieces->first, &choices, false);
	else if (visit_is(visit, "list") && visit->pieces && visit->pieces->first)
		page_list(visit, &choices, false);
	else if (visit_is(visit, "waiting"))
		page_waiting(visit);
	else if (visit_is(visit, "done"))
		page_done(visit);
	else if (visit_is(visit, "not_found"))
		page_nothing_found(visit);
	else if (visit_is(visit, "somebody_else"))
		page_somebody_else(visit);
	else if (visit_is(visit, "other_browser"))
		page_other_browser(visit);
	else if (visit_is(visit, "over"))
		page_over(visit);
	else if (visit_is(visit, "locked"))
		trouble_locked(visit, json_string(visit->facts, "locked_until"));
	else if (visit_is(visit, "closed"))
		trouble_closed(visit);
	else
		trouble_neutral(visit, true);
}

/* A 1.x portal may send the user by POST or PUT: he arrives by GET, with our cookie and what the portal told (UX-29). */
static void
arrive(Visit *visit)
{
	Request    *request = visit->request;
	const char *url = field_get(request->query, "returnurl");
	const char *method = field_get(request->query, "returnmethod");

	if (url == NULL)
		url = field_get(request->form, "returnurl");
	if (method == NULL)
		method = field_get(request->form, "returnmethod");
	if (url_host(&request->arena, url) == NULL)
		response_see_other(request, visit->root);
	else
		response_see_other(request, arena_format(&request->arena, "%s?returnurl=%s%s%s", visit->root, query_encode(&request->arena, url),
												 method ? "&returnmethod=" : "", method ? query_encode(&request->arena, method) : ""));
}

static void
open_session(Visit *visit)
{
	Request    *request = visit->request;
	const char *url = field_get(request->form, "returnurl");
	const char *method = field_get(request->form, "returnmethod");
	const char *parameters[] = {request->link, request->browser, url, method};

	if (!visit_form_is_ours(visit, "open"))
		return;
	if (url_host(&request->arena, url) == NULL)
		parameters[2] = parameters[3] = NULL;
	if (!visit_call(visit, DB_OPEN, parameters))
		return;
	if (visit_is(visit, "neutral") || visit_is(visit, "locked") || visit_is(visit, "closed"))
		pages_show(visit);
	else
		response_see_other(request, visit->root);
}

static void
add_details(Visit *visit)
{
	const char *parameters[] = {visit->request->link, visit->request->browser, NULL};
	const Json *errors;
	Visit		asked;

	if (!visit_form_is_ours(visit, "more") || !visit_look(visit))
		return;
	if (!visit_is(visit, "more"))
		return response_see_other(visit->request, visit->root);
	if (field_get(visit->request->form, "lang"))
		return page_more(visit, NULL);
	parameters[2] = more_answers(visit);
	asked = *visit;
	if (!visit_call(visit, DB_ADD, parameters))
		return;
	errors = json_get(visit->answer, "errors");
	if (json_count(errors) == 0)
		return response_see_other(visit->request, visit->root);
	/* the answer has the errors; what was asked stands in the one before */
	asked.writer = visit->writer;
	page_more(&asked, errors);
}

static void
decide(Visit *visit, const Choices *choices)
{
	const char *use = choices_array(visit, choices, CHOICE_USE);
	const char *refuse = choices_array(visit, choices, CHOICE_REFUSE);
	const char *parameters[] = {visit->request->link, visit->request->browser, use, refuse};

	if (visit_call(visit, DB_DECIDE, parameters))
		response_see_other(visit->request, visit->root);
}

/* What the user's choices lead to: missing ones, the check, the question whether nothing is to be sent. */
static void
check_choices(Visit *visit, Choices *choices)
{
	if (choices->open > 0)
		page_list(visit, choices, true);
	else if (choices->use == 0)
		page_send_nothing(visit, choices);
	else
		page_check(visit, choices);
}

static void
choose_one(Visit *visit, Choices *choices)
{
	const Json *piece = visit->pieces->first;

	if (choices->open > 0)
		page_piece(visit, piece, choices, true);
	else if (choices->use == 0)
		page_send_nothing(visit, choices);
	else if (visit_form_is_ours(visit, "choose"))
		decide(visit, choices);
}

/* Shows the step that the form belongs to, with its choices: for another language. */
static void
show_step(Visit *visit, Choices *choices, const char *step)
{
	long		n = strncmp(step, "piece-", 6) == 0 ? strtol(step + 6, NULL, 10) : 0;
	const Json *piece = visit_piece(visit, n);

	if (piece && piece_is_ready(piece))
		page_piece(visit, piece, choices, false);
	else if (strcmp(step, "check") == 0 && choices->use > 0)
		page_check(visit, choices);
	else if (strcmp(step, "none") == 0)
		page_send_nothing(visit, choices);
	else if (json_count(visit->pieces) == 1 && piece_is_ready(visit->pieces->first))
		page_piece(visit, visit->pieces->first, choices, false);
	else
		page_list(visit, choices, false);
}

/* Buttons that lead on among the pages of the choice. Nothing is recorded by it, except for a single piece. */
static void
choose(Visit *visit)
{
	Choices		choices;
	const char *go = field_get(visit->request->form, "go");
	const char *step = field_get(visit->request->form, "step");

	if (!visit_look(visit))
		return;
	if (!visit_is(visit, "list") || visit->pieces == NULL || visit->pieces->first == NULL)
		return response_see_other(visit->request, visit->root);
	visit_browser(visit);
	choices_read(visit, &choices);
	if (field_get(visit->request->form, "lang") || go == NULL)
		show_step(visit, &choices, step ? step : "");
	else if (strcmp(go, "decide") == 0 && json_count(visit->pieces) == 1)
		choose_one(visit, &choices);
	else if (strcmp(go, "check") == 0)
		check_choices(visit, &choices);
	else if (strcmp(go, "all") == 0 || strcmp(go, "none") == 0)
	{
		choices_set(visit, &choices, strcmp(go, "all") == 0 ? CHOICE_USE : CHOICE_REFUSE);
		check_choices(visit, &choices);
	}
	else
		show_step(visit, &choices, go);
}

static void
confirm(Visit *visit)
{
	Choices		choices;

	if (!visit_form_is_ours(visit, "decide") || !visit_look(visit))
		return;
	if (!visit_is(visit, "list"))
		return response_see_other(visit->request, visit->root);
	choices_read(visit, &choices);
	/* a piece that came in between has to be asked for */
	if (choices.open > 0)
		return page_list(visit, &choices, true);
	decide(visit, &choices);
}

static void
show_piece(Visit *visit, long n)
{
	Choices		choices = {0};
	const Json *piece;

	if (!visit_look(visit))
		return;
	piece = visit_is(visit, "list") ? visit_piece(visit, n) : NULL;
	if (piece == NULL || !piece_is_ready(piece))
		return pages_show(visit);
	visit_browser(visit);
	page_piece(visit, piece, &choices, false);
}

/* For the script of the waiting page: one word. */
static void
tell_state(Visit *visit)
{
	if (!visit_look(visit))
		return;
	visit->request->response.status = 200;
	visit->request->response.policy = POLICY_PAGE;
	visit->request->response.type = "application/json";
	buffer_format(&visit->request->response.body, "{\"waiting\": %s}\n", visit_is(visit, "waiting") ? "true" : "false");
}

static void
show_about(Visit *visit, const char *action)
{
	/* without a living link it is the same page as without any */
	if (visit->request->link)
	{
		if (!visit_look(visit))
			return;
		if (visit_is(visit, "neutral"))
		{
			visit->root = "";
			visit->facts = NULL;
		}
	}
	if (strcmp(action, "help") == 0)
		page_help(visit);
	else if (strcmp(action, "privacy") == 0)
		page_privacy(visit);
	else
		page_accessibility(visit);
}

static void
show_later(Visit *visit)
{
	if (!visit_look(visit))
		return;
	if (visit_is(visit, "list") || visit_is(visit, "welcome") || visit_is(visit, "authenticate") || visit_is(visit, "more"))
		page_later(visit);
	else
		pages_show(visit);
}

static const char *
claims_of(const Request *request, Arena *arena)
{
	Buffer		out = {.arena = arena};

	buffer_text(&out, "{");
	for (int i = 0; i < request->config->claim_count; i++)
	{
		const ClaimSource *claim = &request->config->claims[i];
		const char *value = claim->value ? claim->value : request_only_header(request, claim->header);

		if (value == NULL || *value == '\0' || !utf8_valid(value))
			continue;
		if (out.len > 1)
			buffer_text(&out, ",");
		json_write(&out, claim->claim);
		buffer_text(&out, ":");
		json_write(&out, value);
	}
	buffer_text(&out, "}");
	return out.data;
}

/* Only through the proxy: without its secret the path is nobody's. */
static void
sign_in(Visit *visit)
{
	const char *parameters[] = {visit->request->link, visit->request->browser, NULL};

	if (!visit->request->from_proxy || !visit->settings->by_proxy)
		return trouble_neutral(visit, false);
	if (is_get(visit->request))
	{
		if (!visit_look(visit))
			return;
		visit_browser(visit);
		if (visit_is(visit, "authenticate") || visit_is(visit, "somebody_else"))
			page_signed_in(visit);
		else
			response_see_other(visit->request, visit->root);
		return;
	}
	if (!visit_form_is_ours(visit, "signin"))
		return;
	parameters[2] = claims_of(visit->request, &visit->request->arena);
	if (!visit_call(visit, DB_AUTHENTICATE, parameters))
		return;
	if (visit_is(visit, "somebody_else"))
		trouble_count(visit, "sign-in");
	if (visit_is(visit, "somebody_else") || visit_is(visit, "locked") || visit_is(visit, "neutral"))
		pages_show(visit);
	else
		response_see_other(visit->request, visit->root);
}

static void
show_session(Visit *visit)
{
	if (!visit_look(visit))
		return;
	if (!visit_is(visit, "neutral"))
		visit_browser(visit);
	pages_show(visit);
}

static void
serve_get(Visit *visit, const Path *path)
{
	const char *action = path->action;

	if (*action == '\0')
		show_session(visit);
	else if (strcmp(action, "piece") == 0)
		show_piece(visit, path->piece);
	else if (strcmp(action, "part") == 0)
		part_serve(visit, path->piece, path->part);
	else if (strcmp(action, "later") == 0)
		show_later(visit);
	else if (strcmp(action, "state") == 0)
		tell_state(visit);
	else if (strcmp(action, "help") == 0 || strcmp(action, "privacy") == 0 || strcmp(action, "accessibility") == 0)
		show_about(visit, action);
	else
		/* reload or bookmark of what a button led to */
		response_see_other(visit->request, visit->root);
}

static void
serve_post(Visit *visit, const Path *path)
{
	if (strcmp(path->action, "open") == 0)
		open_session(visit);
	else if (strcmp(path->action, "more") == 0)
		add_details(visit);
	else if (strcmp(path->action, "choose") == 0)
		choose(visit);
	else if (strcmp(path->action, "decide") == 0)
		confirm(visit);
	else if (*path->action == '\0')
		arrive(visit);
	else
		trouble_method(visit, "GET, HEAD");
}

/* The base path may or may not have been cut off by a proxy. */
static const char *
after_base(const Settings *settings, const char *path)
{
	size_t		len = strlen(settings->base);

	return len > 0 && strncmp(path, settings->base, len) == 0 && path[len] == '/' ? path + len : path;
}

static void
serve_path(Visit *visit, const char *path, const char *rest)
{
	Request    *request = visit->request;
	Path		found = {.action = ""};

	if (rest && strncmp(path, "/signin/", 8) == 0)
	{
		request->route = "signin";
		if (*rest == '\0' && (is_get(request) || is_post(request)))
			return sign_in(visit);
	}
	else if (rest && read_action(rest, &found))
	{
		request->route = *found.action ? found.action : "link";
		if (is_get(request))
			return serve_get(visit, &found);
		if (is_post(request))
			return serve_post(visit, &found);
		if (strcmp(request->method, "PUT") == 0 && *found.action == '\0')
			return arrive(visit);
		return trouble_method(visit, "GET, HEAD, POST");
	}
	else if (is_get(request) && (strcmp(path, "/help") == 0 || strcmp(path, "/privacy") == 0 || strcmp(path, "/accessibility") == 0))
	{
		request->route = path[1] == 'h' ? "help" : path[1] == 'p' ? "privacy" : "accessibility";
		return show_about(visit, request->route);
	}
	trouble_neutral(visit, is_get(request));
}

static void
serve_health(Request *request, Db *db)
{
	const char *text;
	bool		well = db_call(db, &request->arena, DB_PING, NULL, &text) == DB_DONE;

	request->route = "healthz";
	request->response.status = well ? 200 : 503;
	request->response.policy = POLICY_PAGE;
	request->response.type = "text/plain; charset=utf-8";
	buffer_text(&request->response.body, well ? "ok\n" : "no database\n");
}

bool
routes_quick(Request *request)
{
	const char *asset = strstr(request->path, "/static/");

	request->route = "static";
	return asset && !request->json && is_get(request) && asset_serve(request, asset + strlen("/static/"));
}

void
routes_serve(Request *request, Db *db)
{
	Visit		visit;
	const char *path;
	const char *rest;
	DbOutcome	known = settings_refresh(db);

	if (strcmp(request->path, "/healthz") == 0)
		return serve_health(request, db);
	if (request->json)
		return api_serve(request, db);
	request->route = "none";
	{
		Settings   *settings = settings_take();

		path = after_base(settings, request->path);
		rest = take_link(request, path + (strncmp(path, "/signin/", 8) == 0 ? 8 : *path == '/' ? 1 : 0));
		settings_release(settings);
	}
	visit_begin(&visit, request, db);
	/* without settings no path is known: links would look like none, and their users like guessers */
	if (known == DB_DONE)
		serve_path(&visit, path, rest);
	else
		trouble_problem(&visit, known == DB_GONE);
	if (visit.settings->counters)
		counters_add(request->route, visit.page ? visit.page : "none", request->response.status);
	visit_end(&visit);
}
