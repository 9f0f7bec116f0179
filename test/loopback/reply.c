/*
 * reply.c
 *		From a call to bytes on the connection.
 */
#include <stdlib.h>
#include <string.h>

#include "reply.h"
#include "store.h"
#include "stream.h"

static void
add_date(struct MHD_Response *response)
{
	char		date[64];
	int64_t		shift;

	store_lock();
	shift = settings.clock_shift;
	store_unlock();
	format_time(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", now() + shift * 1000000);
	MHD_add_response_header(response, "Date", date);
}

static enum MHD_Result
queue(struct MHD_Connection *connection, unsigned int code, struct MHD_Response *response, const char *type)
{
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	add_date(response);
	if (type)
		MHD_add_response_header(response, "Content-Type", type);
	result = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result
reply_text(struct MHD_Connection *connection, unsigned int code, Buffer *bytes)
{
	return queue(connection, code, stream_whole(bytes), "text/plain;charset=UTF-8");
}

enum MHD_Result
reply_html(struct MHD_Connection *connection, unsigned int code, const char *header, const char *value)
{
	Buffer		page = {0};
	struct MHD_Response *response;

	buffer_format(&page, "<!doctype html><html lang=\"en\"><head><title>HTTP Status %u</title></head>"
				  "<body><h1>HTTP Status %u</h1></body></html>", code, code);
	response = stream_whole(&page);
	if (response && header)
		MHD_add_response_header(response, header, value);
	return queue(connection, code, response, "text/html;charset=utf-8");
}

static void
set_rule_fault(Call *call, FaultKind kind)
{
	char	   *id = call->request.element ? node_text(node_child(call->request.element, NULL, "messageID")) : NULL;

	if (kind == FAULT_DUPLICATE)
		kind = fault_duplicate(settings.personality);
	fault_set(&call->fault, kind, id ? id : "unknown", "unknown");
	answer_fault(&call->answer, &call->fault);
	free(id);
}

/* A document type in front of the root, in the XML whatever it is packed in. */
static void
add_document_type(Answer *answer)
{
	static const char text[] = "<!DOCTYPE soap:Envelope [<!ENTITY e \"e\">]>";
	Buffer		xml = {0};

	buffer_text(&xml, text);
	buffer_add(&xml, answer->xml.data, answer->xml.len);
	buffer_free(&answer->xml);
	answer->xml = xml;
	for (int i = 0; i < answer->insert_count; i++)
		answer->inserts[i].at += sizeof(text) - 1;
}

static enum MHD_Result
send_answer(struct MHD_Connection *connection, Call *call, bool mtom)
{
	Buffer		bytes = {0};
	unsigned int code = call->fault.kind == FAULT_NONE ? 200 : 500;
	char	   *type = answer_render(&call->answer, mtom, &bytes);
	struct MHD_Response *response;
	enum MHD_Result result;

	if (call->action.kind == ACTION_TRUNCATE)
		/* the closing boundary has 45 bytes; in XML it is the end of the envelope */
		bytes.len -= bytes.len > 50 ? 50 : bytes.len;
	if (call->action.kind == ACTION_CUT_MIDWAY)
		response = stream_pieces(&bytes, bytes.len / 2, 0);
	else if (call->action.kind == ACTION_SLOW)
		response = stream_pieces(&bytes, bytes.len, call->action.number);
	else
		response = stream_whole(&bytes);
	result = queue(connection, code, response, type);
	free(type);
	return result;
}

/* Under one lock: what the call does, and what of the settings its answer needs. */
static bool
run_call(Call *call)
{
	bool		mtom;

	store_lock();
	mtom = settings.mtom;
	if (call->action.kind == ACTION_FAULT)
		set_rule_fault(call, call->action.number);
	else if (call->fault.kind != FAULT_NONE)
		answer_fault(&call->answer, &call->fault);
	else
		operation_run(call);
	if (call->action.kind == ACTION_FAULT_AFTER)
		set_rule_fault(call, call->action.number);
	store_unlock();
	if (call->action.kind == ACTION_DTD)
		add_document_type(&call->answer);
	return mtom;
}

static enum MHD_Result
reply_garbage(struct MHD_Connection *connection)
{
	Buffer		bytes = {0};

	buffer_text(&bytes, "{\"status\": \"this is not SOAP & not XML <either\"}");
	return queue(connection, 200, stream_whole(&bytes), "application/soap+xml;charset=UTF-8");
}

enum MHD_Result
reply_call(struct MHD_Connection *connection, Call *call)
{
	bool		mtom;

	store_lock();
	call->action = rule_apply(call->operation ? call->operation->name : NULL, call->user);
	store_unlock();
	switch (call->action.kind)
	{
		case ACTION_CUT_BEFORE:
			return MHD_NO;
		case ACTION_HANG:
			return stream_hang(connection);
		case ACTION_HTTP:
			return reply_html(connection, call->action.number, NULL, NULL);
		case ACTION_REDIRECT:
			return reply_html(connection, 302, "Location", call->action.text);
		case ACTION_GARBAGE:
			return reply_garbage(connection);
		case ACTION_DELAY:
			sleep_ms(call->action.number);
			break;
		default:
			break;
	}
	mtom = run_call(call);
	switch (call->action.kind)
	{
		case ACTION_CUT_AFTER:
			return MHD_NO;
		case ACTION_HTTP_AFTER:
			return reply_html(connection, call->action.number, NULL, NULL);
		default:
			return send_answer(connection, call, mtom);
	}
}
