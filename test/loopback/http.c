/*
 * http.c
 *		The choice between the plugin and the control interface.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control.h"
#include "http.h"
#include "reply.h"

static bool
is_plugin(const char *url)
{
	return strncmp(url, "/domibus/services/wsplugin", 26) == 0 || strncmp(url, "/services/wsplugin", 18) == 0;
}

static enum MHD_Result
control(struct MHD_Connection *connection, const Buffer *body)
{
	Buffer		out = {0};
	bool		done = control_run(body->data ? body->data : "", body->len, &out);

	return reply_text(connection, done ? 200 : 400, &out);
}

/* HTTP Basic: what the plugin takes for a log-in. */
static void
read_user(struct MHD_Connection *connection, Call *call)
{
	const char *header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
	Buffer		text = {0};
	char	   *colon;

	if (header && strncasecmp(header, "Basic ", 6) == 0 && base64_decode(&text, header + 6, strlen(header + 6)) &&
		(colon = strchr(text.data, ':')) != NULL)
	{
		call->user = copy_bytes(text.data, colon - text.data);
		call->password = copy_text(colon + 1);
	}
	buffer_free(&text);
}

static enum MHD_Result
plugin(struct MHD_Connection *connection, const Buffer *body)
{
	Call		call = {0};
	enum MHD_Result result;
	const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");

	read_user(connection, &call);
	if (request_parse(&call.request, type, body->data ? body->data : "", body->len, &call.fault))
		call.operation = operation_of(&call.request);
	result = reply_call(connection, &call);
	request_free(&call.request);
	answer_free(&call.answer);
	fault_free(&call.fault);
	free(call.user);
	free(call.password);
	free(call.action.text);
	return result;
}

enum MHD_Result
http_answer(struct MHD_Connection *connection, const char *url, const char *method, const Incoming *incoming)
{
	bool		is_control = strcmp(url, "/control") == 0;

	if (!is_control && !is_plugin(url))
		return reply_html(connection, 404, NULL, NULL);
	if (strcmp(method, "POST") != 0)
		return reply_html(connection, 405, "Allow", "POST");
	if (incoming->too_large)
		return reply_html(connection, 413, NULL, NULL);
	return is_control ? control(connection, &incoming->body) : plugin(connection, &incoming->body);
}
