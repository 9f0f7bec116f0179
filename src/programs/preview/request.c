/*
 * request.c
 *		Forms, cookies and headers of a request.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "request.h"
#include "secret.h"

#define MOST_FIELDS 400

const char *
field_get(const Field *fields, const char *name)
{
	for (; fields; fields = fields->next)
		if (strcmp(fields->name, name) == 0)
			return fields->value;
	return NULL;
}

void
field_add(Arena *arena, Field **fields, const char *name, const char *value)
{
	Field	   *field = arena_take(arena, sizeof(Field));

	field->name = name;
	field->value = value;
	while (*fields)
		fields = &(*fields)->next;
	*fields = field;
}

bool
utf8_valid(const char *text)
{
	for (const unsigned char *c = (const unsigned char *) text; *c;)
	{
		int			more = *c < 0x80 ? 0 : *c >= 0xC2 && *c <= 0xDF ? 1 : (*c & 0xF0) == 0xE0 ? 2 : *c >= 0xF0 && *c <= 0xF4 ? 3 : -1;

		if (more < 0 || (*c == 0xE0 && c[1] < 0xA0) || (*c == 0xED && c[1] > 0x9F) || (*c == 0xF0 && c[1] < 0x90) || (*c == 0xF4 && c[1] > 0x8F))
			return false;
		for (c++; more > 0; more--, c++)
			if ((*c & 0xC0) != 0x80)
				return false;
	}
	return true;
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* NULL for what holds a zero byte or is no UTF-8. */
static const char *
decode(Arena *arena, const char *text, size_t len)
{
	char	   *out = arena_take(arena, len + 1);
	size_t		n = 0;

	for (size_t i = 0; i < len; i++)
	{
		char		c = text[i] == '+' ? ' ' : text[i];

		if (c == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0)
		{
			c = (char) (hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
			i += 2;
		}
		if (c == '\0')
			return NULL;
		out[n++] = c;
	}
	out[n] = '\0';
	return utf8_valid(out) ? out : NULL;
}

Field *
fields_read(Arena *arena, const char *text, size_t len)
{
	Field	   *fields = NULL;
	Field	  **last = &fields;
	const char *end = text + len;

	for (int count = 0; text < end && count < MOST_FIELDS; count++)
	{
		const char *stop = memchr(text, '&', (size_t) (end - text));
		const char *equals;
		const char *name;
		const char *value;

		if (stop == NULL)
			stop = end;
		equals = memchr(text, '=', (size_t) (stop - text));
		if (equals == NULL)
			equals = stop;
		name = decode(arena, text, (size_t) (equals - text));
		value = equals < stop ? decode(arena, equals + 1, (size_t) (stop - equals) - 1) : "";
		if (name && value && *name)
		{
			field_add(arena, last, name, value);
			last = &(*last)->next;
		}
		text = stop + 1;
	}
	return fields;
}

const char *
request_header(const Request *request, const char *name)
{
	for (const Field *field = request->headers; field; field = field->next)
		if (strcasecmp(field->name, name) == 0)
			return field->value;
	return NULL;
}

const char *
request_only_header(const Request *request, const char *name)
{
	const char *found = NULL;

	for (const Field *field = request->headers; field; field = field->next)
		if (strcasecmp(field->name, name) == 0)
		{
			if (found)
				return NULL;
			found = field->value;
		}
	return found;
}

/* What stands nearest to us has come last, also where a proxy adds a line of its own. */
static const char *
last_header(const Request *request, const char *name)
{
	const char *found = NULL;

	for (const Field *field = request->headers; field; field = field->next)
		if (strcasecmp(field->name, name) == 0)
			found = field->value;
	return found;
}

/*
 * "__Host-ootspg=SECRET.lv": the only cookie there is. One that is not of our making counts as none. Browsers send
 * one of the name; should several come, somebody wants to choose for the user, and none counts.
 */
static void
read_cookie(Request *request)
{
	const char *at = request_header(request, "Cookie");
	const char *found = NULL;
	size_t		name = strlen(COOKIE_NAME "=");

	while (at && *at)
	{
		at += strspn(at, "; ");
		if (strncmp(at, COOKIE_NAME "=", name) == 0)
		{
			if (found)
				return;
			found = at + name;
		}
		at += strcspn(at, ";");
	}
	if (found == NULL || strspn(found, BASE64URL) != SECRET_LENGTH)
		return;
	request->browser = arena_copy(&request->arena, found, SECRET_LENGTH);
	if (found[SECRET_LENGTH] == '.')
		request->cookie_language = language_find(found + SECRET_LENGTH + 1, strcspn(found + SECRET_LENGTH + 1, "; "));
}

static bool
is_form(const Request *request)
{
	const char *type = request_header(request, "Content-Type");

	return type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0 && (type[33] == '\0' || type[33] == ';' || type[33] == ' ');
}

void
request_prepare(Request *request)
{
	const char *purpose = request_header(request, "Sec-Purpose");
	const char *secret = request_only_header(request, "X-Ootspg-Proxy");
	const char *forwarded;

	if (purpose == NULL)
		purpose = request_header(request, "Purpose");
	request->prefetch = purpose && strstr(purpose, "prefetch");
	request->from_proxy = secret && request->config->proxy_secret && secret_equal(secret, request->config->proxy_secret);
	/* what the nearest proxy has added is the last: what stands before it may be anybody's */
	if (request->config->forwarded && (forwarded = last_header(request, "X-Forwarded-For")) != NULL)
	{
		const char *comma = strrchr(forwarded, ',');

		forwarded = comma ? comma + 1 : forwarded;
		forwarded += strspn(forwarded, " ");
		if (strspn(forwarded, "0123456789abcdefABCDEF.:") == strlen(forwarded) && strlen(forwarded) < 46)
			request->source = forwarded;
	}
	read_cookie(request);
	if (is_form(request) && request->body.len > 0)
		request->form = fields_read(&request->arena, request->body.data, request->body.len);
}

void
response_header(Request *request, const char *name, const char *value)
{
	field_add(&request->arena, &request->response.headers, name, value);
}

void
response_see_other(Request *request, const char *path)
{
	request->response.status = 303;
	request->response.policy = POLICY_PAGE;
	response_header(request, "Location", path);
}

const char *
query_encode(Arena *arena, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	Buffer		out = {.arena = arena};

	for (; *text; text++)
		if (strchr(plain, *text))
			buffer_add(&out, text, 1);
		else
			buffer_format(&out, "%%%02X", (unsigned char) *text);
	return out.data ? out.data : "";
}
