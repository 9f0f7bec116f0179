/*
 * reply.c
 *		From an answer to bytes on the connection.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reply.h"
#include "service.h"
#include "stream.h"

static enum MHD_Result
queue(struct MHD_Connection *connection, unsigned int code, struct MHD_Response *response, const char *type)
{
	char		date[64];
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	format_time(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", now());
	MHD_add_response_header(response, "Date", date);
	MHD_add_response_header(response, "Content-Type", type);
	result = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result
reply_plain(struct MHD_Connection *connection, unsigned int code, const char *type, Buffer *bytes)
{
	return queue(connection, code, stream_whole(bytes), type);
}

enum MHD_Result
reply_json(struct MHD_Connection *connection, unsigned int code, const char *path, const char *allow)
{
	Buffer		bytes = {0};
	struct MHD_Response *response;

	buffer_format(&bytes, "{\"status\":%u,\"error\":\"not a matter of the registry\",\"path\":\"%s\"}", code, path);
	response = stream_whole(&bytes);
	if (response && allow)
		MHD_add_response_header(response, "Allow", allow);
	return queue(connection, code, response, "application/json");
}

/* A page for people, as a gateway in between might show it. */
static enum MHD_Result
reply_page(struct MHD_Connection *connection, unsigned int code, const char *location)
{
	Buffer		page = {0};
	struct MHD_Response *response;

	buffer_format(&page, "<!doctype html><html lang=\"en\"><head><title>%u</title></head>"
				  "<body><p>Sign in to use this network.</body></html>", code);
	response = stream_whole(&page);
	if (response && location)
		MHD_add_response_header(response, "Location", location);
	return queue(connection, code, response, "text/html;charset=utf-8");
}

bool
reply_instead(struct MHD_Connection *connection, const char *path, const Action *action, enum MHD_Result *result)
{
	switch (action->kind)
	{
		case ACTION_CUT:
			*result = MHD_NO;
			return true;
		case ACTION_HANG:
			*result = stream_hang(connection);
			return true;
		case ACTION_HTTP:
			*result = reply_page(connection, action->number, NULL);
			return true;
		case ACTION_HTML:
			*result = reply_page(connection, 200, NULL);
			return true;
		case ACTION_REDIRECT:
			*result = reply_page(connection, 302, action->text);
			return true;
		case ACTION_JSON_ERROR:
			*result = reply_json(connection, action->number, path, NULL);
			return true;
		case ACTION_DELAY:
			sleep_ms(action->number);
			return false;
		default:
			return false;
	}
}

/* What is wrong in the document itself is signed like what is right. */
static void
spoil_bytes(const Action *action, Buffer *bytes)
{
	Buffer		spoiled = {0};
	size_t		at = 0;

	if (action->kind == ACTION_GARBAGE)
		buffer_text(&spoiled, "{\"status\": \"neither XML & nor <text\"}");
	else if (action->kind == ACTION_DTD)
	{
		/* behind the XML declaration, where there is one */
		if (bytes->len > 5 && strncmp(bytes->data, "<?xml", 5) == 0)
			at = strcspn(bytes->data, ">") + 1;
		buffer_add(&spoiled, bytes->data, at);
		buffer_text(&spoiled, "<!DOCTYPE query:QueryResponse [<!ENTITY e \"e\">]>");
		buffer_add(&spoiled, bytes->data + at, bytes->len - at);
	}
	else
		return;
	buffer_free(bytes);
	*bytes = spoiled;
}

static void
add_signature(struct MHD_Response *response, const Action *action, const Buffer *bytes)
{
	const Signer *signer = action->kind == ACTION_WRONG_ROOT ? signers.other :
		action->kind == ACTION_EXPIRED ? signers.expired : signers.own;
	/* a wrong digest is signed as well: only whoever looks at the body finds it */
	char	   *digest = digest_of(bytes->data, action->kind == ACTION_BAD_DIGEST && bytes->len ? bytes->len - 1 : bytes->len);
	long		later = action->kind == ACTION_SIGNED_LATER ? action->number : action->kind == ACTION_SIGNED_EARLIER ? -action->number : 0;
	char	   *jws = signer_sign(signer, digest, action->kind == ACTION_ALGORITHM ? action->text : NULL, time(NULL) + later);

	if (action->kind == ACTION_BAD_SIGNATURE)
		spoil_signature(jws);
	if (action->kind != ACTION_NO_DIGEST)
		MHD_add_response_header(response, "digest", digest);
	if (action->kind != ACTION_NO_SIGNATURE)
		MHD_add_response_header(response, "oots-response-sig", jws);
	free(digest);
	free(jws);
}

static void
add_padding(struct MHD_Response *response, long size)
{
	char	   *padding = allocate(size + 1);

	memset(padding, 'x', size);
	MHD_add_response_header(response, "x-padding", padding);
	free(padding);
}

enum MHD_Result
reply_signed(struct MHD_Connection *connection, const Action *action, Buffer *bytes)
{
	struct MHD_Response *response;
	Buffer		sent;
	size_t		stop_at;

	spoil_bytes(action, bytes);
	sent = *bytes;
	stop_at = action->kind == ACTION_CUT_MIDWAY ? sent.len / 2 : sent.len;
	if (action->kind == ACTION_CUT_MIDWAY || action->kind == ACTION_SLOW)
		response = stream_pieces(bytes, stop_at, action->kind == ACTION_SLOW ? action->number : 0);
	else
		response = stream_whole(bytes);
	if (response == NULL)
		return MHD_NO;
	/* nothing has been sent yet: the response still holds the bytes */
	add_signature(response, action, &sent);
	if (action->kind == ACTION_BIG_HEADER)
		add_padding(response, action->number);
	return queue(connection, action->kind == ACTION_HTTP_AFTER ? action->number : 200, response, TYPE_EBRS);
}
