/*
 * api.c
 *		The functions of the database as resources. The platform keeps the
 *		browser's secret and sends it in the header Ootspg-Browser; a link is
 *		part of the path, as on the pages.
 *
 *			GET  /v1/previews/LINK                 look
 *			POST /v1/previews/LINK/open            {"return_url", "return_method"}
 *			POST /v1/previews/LINK/authentication  {claim: value}
 *			POST /v1/previews/LINK/attributes      {attribute: value}
 *			POST /v1/previews/LINK/decision        {"use": [n], "refuse": [n]}
 *			GET  /v1/previews/LINK/pieces/N/rendering?language=xx
 *			GET  /v1/previews/LINK/pieces/N/parts/M
 *			GET  /v1/settings, /metrics
 */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "counters.h"
#include "secret.h"
#include "settings.h"
#include "trouble.h"

/* RFC 9457, with no more than the name of the kind. */
static void
problem(Request *request, unsigned int status, const char *title)
{
	Response   *response = &request->response;

	response->status = status;
	response->type = "application/problem+json";
	response->body.len = 0;
	buffer_format(&response->body, "{\"title\": ");
	json_write(&response->body, title);
	buffer_format(&response->body, ", \"status\": %u}\n", status);
}

static void
outcome_problem(Request *request, DbOutcome outcome)
{
	if (outcome == DB_GONE)
	{
		response_header(request, "Retry-After", "10");
		problem(request, 503, "the database is away for a moment");
	}
	else
		problem(request, 422, "the database refused it");
}

static void
answer(Request *request, Db *db, DbFunction function, const char *const *parameters)
{
	const char *text;
	DbOutcome	outcome = db_call(db, &request->arena, function, parameters, &text);

	if (outcome != DB_DONE || text == NULL)
		return outcome_problem(request, outcome);
	request->response.status = 200;
	request->response.type = "application/json";
	buffer_text(&request->response.body, text);
	buffer_text(&request->response.body, "\n");
}

/* The body as an object; NULL, and said so, when it is none. */
static const Json *
body_object(Request *request)
{
	const Json *body = request->body.len > 0 ? json_read(&request->arena, request->body.data, request->body.len) : NULL;

	if (body && body->kind == JSON_OBJECT && utf8_valid(request->body.data) && strlen(request->body.data) == request->body.len)
		return body;
	problem(request, 400, "the body is not a JSON object in UTF-8");
	return NULL;
}

/* [1, 2] as an array of the database; NULL for anything else. */
static const char *
numbers(Request *request, const Json *list)
{
	Buffer		out = {.arena = &request->arena};

	if (list == NULL || list->kind != JSON_ARRAY)
		return NULL;
	buffer_text(&out, "{");
	for (const Json *n = list->first; n; n = n->next)
	{
		if (n->kind != JSON_NUMBER || strspn(n->text, "0123456789") != strlen(n->text) || strlen(n->text) > 6)
			return NULL;
		buffer_format(&out, "%s%s", out.len > 1 ? "," : "", n->text);
	}
	buffer_text(&out, "}");
	return out.data;
}

static void
post_decision(Request *request, Db *db, const Json *body)
{
	const char *parameters[] = {request->link, request->browser, numbers(request, json_get(body, "use")), numbers(request, json_get(body, "refuse"))};

	if (parameters[2] == NULL || parameters[3] == NULL)
		return problem(request, 400, "use and refuse are both arrays of the numbers of pieces");
	answer(request, db, DB_DECIDE, parameters);
}

static void
post(Request *request, Db *db, const char *action)
{
	const Json *body;

	if (strcmp(request->method, "POST") != 0)
	{
		response_header(request, "Allow", "POST");
		return problem(request, 405, "this is done by POST");
	}
	if (request->browser == NULL)
		return problem(request, 400, "the header Ootspg-Browser must hold 43 characters of base64url");
	if ((body = body_object(request)) == NULL)
		return;
	if (strcmp(action, "open") == 0)
	{
		const char *parameters[] = {request->link, request->browser, json_string(body, "return_url"), json_string(body, "return_method")};

		answer(request, db, DB_OPEN, parameters);
	}
	else if (strcmp(action, "decision") == 0)
		post_decision(request, db, body);
	else
	{
		const char *parameters[] = {request->link, request->browser, request->body.data};

		answer(request, db, strcmp(action, "attributes") == 0 ? DB_ADD : DB_AUTHENTICATE, parameters);
	}
}

static void
get_part(Request *request, Db *db, long piece, long part)
{
	DbPart		found;
	DbOutcome	outcome = db_part(db, &request->arena, request->link, request->browser, piece, part, &found);

	if (outcome != DB_DONE)
		return outcome_problem(request, outcome);
	if (found.content == NULL)
		return problem(request, 404, "no such part for this link and browser");
	request->response.status = 200;
	request->response.policy = POLICY_FILE;
	request->response.type = found.media_type && strcspn(found.media_type, "\r\n") == strlen(found.media_type) ? found.media_type : "application/octet-stream";
	buffer_adopt(&request->response.body, found.content, found.len);
}

static void
get_rendering(Request *request, Db *db, long piece)
{
	const char *code = field_get(request->query, "language");
	const Language *language = code ? language_find(code, strlen(code)) : language_english();
	const char *markup;
	DbOutcome	outcome;

	if (language == NULL)
		return problem(request, 400, "language is no official language of the Union");
	outcome = db_rendering(db, &request->arena, request->link, request->browser, piece, language->code, &markup);
	if (outcome != DB_DONE)
		return outcome_problem(request, outcome);
	if (markup == NULL)
		return problem(request, 404, "no such rendering for this link and browser");
	request->response.status = 200;
	request->response.policy = POLICY_FILE;
	request->response.type = "text/html; charset=utf-8";
	buffer_text(&request->response.body, markup);
}

static void
get_piece(Request *request, Db *db, const char *text)
{
	char	   *end;
	long		piece = strtol(text, &end, 10);

	if (piece < 1 || piece > 99999 || *text == '+')
		return problem(request, 404, "there is no such resource");
	if (strcmp(end, "/rendering") == 0)
		return get_rendering(request, db, piece);
	if (strncmp(end, "/parts/", 7) == 0 && end[7] >= '1' && end[7] <= '9')
	{
		long		part = strtol(end + 7, &end, 10);

		if (*end == '\0' && part <= 99999)
			return get_part(request, db, piece, part);
	}
	problem(request, 404, "there is no such resource");
}

static void
serve_preview(Request *request, Db *db, const char *text)
{
	static const char *const actions[] = {"open", "authentication", "attributes", "decision"};
	const char *parameters[2];

	if (strspn(text, BASE64URL) != LINK_LENGTH || (text[LINK_LENGTH] != '\0' && text[LINK_LENGTH] != '/'))
		return problem(request, 404, "there is no such resource");
	request->link = arena_copy(&request->arena, text, LINK_LENGTH);
	text += LINK_LENGTH;
	for (size_t i = 0; *text && i < lengthof(actions); i++)
		if (strcmp(text + 1, actions[i]) == 0)
			return post(request, db, actions[i]);
	if (strcmp(request->method, "GET") != 0)
	{
		response_header(request, "Allow", "GET, HEAD");
		return problem(request, 405, "this is only read");
	}
	parameters[0] = request->link;
	parameters[1] = request->browser;
	if (*text == '\0')
		answer(request, db, DB_LOOK, parameters);
	else if (strncmp(text, "/pieces/", 8) == 0)
		get_piece(request, db, text + 8);
	else
		problem(request, 404, "there is no such resource");
}

static void
serve_metrics(Request *request)
{
	Settings   *settings = settings_take();
	bool		on = settings->counters;

	settings_release(settings);
	request->route = "metrics";
	if (!on)
		return problem(request, 404, "counters are off");
	request->response.status = 200;
	request->response.type = "text/plain; version=0.0.4; charset=utf-8";
	counters_write(&request->response.body);
}

void
api_serve(Request *request, Db *db)
{
	const char *browser = request_header(request, "Ootspg-Browser");

	request->route = "json";
	request->response.policy = POLICY_FILE;
	/* cookies are the pages' */
	request->browser = browser && strlen(browser) == SECRET_LENGTH && strspn(browser, BASE64URL) == SECRET_LENGTH ? browser : NULL;
	if (strcmp(request->path, "/metrics") == 0)
		serve_metrics(request);
	else if (strcmp(request->path, "/v1/settings") == 0 && strcmp(request->method, "GET") == 0)
		answer(request, db, DB_SETTINGS, NULL);
	else if (strncmp(request->path, "/v1/previews/", 13) == 0)
		serve_preview(request, db, request->path + 13);
	else
		problem(request, 404, "there is no such resource");
}
