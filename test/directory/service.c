/*
 * service.c
 *		Where requests go: queries below the bases /dsd and /eb, which take GET
 *		only, and the control interface.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "canned.h"
#include "command.h"
#include "query.h"
#include "reply.h"
#include "service.h"

#define MAX_LOG (1024 * 1024)

Signers		signers;
Counters	counters;
Buffer		query_log;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
service_lock(void)
{
	pthread_mutex_lock(&lock);
}

void
service_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

/* /dsd/rest/search, or with a country as the test platform has it: /dsd/CC/rest/search */
static bool
is_search(const char *url, Service *service)
{
	const char *end = strchr(url + 1, '/');

	if (end == NULL || !service_parse(url + 1, end - url - 1, service))
		return false;
	if (strlen(end) > 3 && end[3] == '/')
		end += 3;
	return strcmp(end, "/rest/search") == 0;
}

static const char *
header_of(struct MHD_Connection *connection, const char *name)
{
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

	return value ? value : "-";
}

static void
log_query(struct MHD_Connection *connection, const Query *query)
{
	if (query_log.len > MAX_LOG)
		return;
	buffer_format(&query_log, "%s\t%s\t%s\t", service_name(query->service), header_of(connection, "Accept-Version"),
				  header_of(connection, "Accept"));
	for (int i = 0; i < query->count; i++)
		buffer_format(&query_log, "%s%s=%s", i > 0 ? "&" : "", query->parameters[i].name, query->parameters[i].value);
	buffer_text(&query_log, "\n");
}

static void
find_answer(const Query *query, Buffer *bytes)
{
	Answer		answer;

	if (canned_find(query, bytes))
	{
		counters.canned++;
		return;
	}
	answer_begin(&answer, query->version);
	query_run(query, &answer);
	answer_render(&answer, bytes);
	if (answer.exception)
		counters.refusals++;
	else
		counters.successes++;
	answer_free(&answer);
}

static enum MHD_Result
search(struct MHD_Connection *connection, const char *url, Service service)
{
	Query		query = {.service = service};
	Buffer		bytes = {0};
	Action		action;
	enum MHD_Result result;

	service_lock();
	query_read(&query, connection);
	log_query(connection, &query);
	counters.queries[service]++;
	action = script_choose(service);
	if (action.kind != ACTION_NONE)
		counters.misbehaved++;
	service_unlock();
	if (!reply_instead(connection, url, &action, &result))
	{
		service_lock();
		find_answer(&query, &bytes);
		service_unlock();
		result = reply_signed(connection, &action, &bytes);
	}
	query_free(&query);
	free(action.text);
	return result;
}

/* The answers are those the interface for submissions would give. */
static enum MHD_Result
publish(struct MHD_Connection *connection, Service service, const char *country, const Buffer *body)
{
	Buffer		out = {0};
	char	   *id;
	Objection	objection;

	service_lock();
	objection = catalogue_publish(service, country, body->data ? body->data : "", body->len, &id);
	service_unlock();
	buffer_format(&out, "<rs:RegistryResponse xmlns:rs=\"%s\" xmlns:xsi=\"%s\" status=\"urn:oasis:names:tc:ebxml-regrep:"
				  "ResponseStatusType:%s\"", NS_RS, NS_XSI, objection.code ? "Failure" : "Success");
	if (id)
	{
		buffer_text(&out, " requestId=\"");
		buffer_xml(&out, id);
		buffer_text(&out, "\"");
	}
	if (objection.code)
	{
		buffer_format(&out, "><rs:Exception xsi:type=\"rs:InvalidRequestExceptionType\" severity=\"urn:oasis:names:tc:"
					  "ebxml-regrep:ErrorSeverityType:Error\" code=\"%s\" message=\"Not published\" detail=\"", objection.code);
		buffer_xml(&out, objection.detail);
		buffer_text(&out, "\"/></rs:RegistryResponse>");
	}
	else
		buffer_text(&out, "/>");
	free(objection.detail);
	free(id);
	return reply_plain(connection, objection.code ? 400 : 200, TYPE_XML, &out);
}

static enum MHD_Result
publish_answer(struct MHD_Connection *connection, Service service, const Buffer *body)
{
	Query		pattern = {.service = service};
	Buffer		out = {0};

	service_lock();
	query_read(&pattern, connection);
	canned_set(&pattern, body);
	service_unlock();
	return reply_plain(connection, 200, TYPE_TEXT, &out);
}

static enum MHD_Result
run_commands(struct MHD_Connection *connection, const Buffer *body)
{
	Buffer		out = {0};
	bool		done;

	service_lock();
	done = command_run(body->data ? body->data : "", &out);
	service_unlock();
	return reply_plain(connection, done ? 200 : 400, TYPE_TEXT, &out);
}

static enum MHD_Result
control(struct MHD_Connection *connection, const char *url, const Buffer *body)
{
	const char *rest = url + strlen("/control");
	Service		service;

	if (*rest == '\0')
		return run_commands(connection, body);
	if (strncmp(rest, "/publish-answer/", 16) == 0 && service_parse(rest + 16, strlen(rest + 16), &service))
		return publish_answer(connection, service, body);
	if (strncmp(rest, "/publish/", 9) == 0 && strlen(rest) > 10)
	{
		const char *country = strrchr(rest, '/') + 1;

		if (country > rest + 9 && strlen(country) == 2 && service_parse(rest + 9, country - rest - 10, &service))
			return publish(connection, service, country, body);
	}
	return reply_json(connection, 404, url, NULL);
}

enum MHD_Result
service_answer(struct MHD_Connection *connection, const char *url, const char *method, const Incoming *incoming)
{
	bool		is_control = strncmp(url, "/control", 8) == 0;
	Service		service = SERVICE_DSD;

	if (!is_control && !is_search(url, &service))
		return reply_json(connection, 404, url, NULL);
	if (strcmp(method, is_control ? "POST" : "GET") != 0)
		return reply_json(connection, 405, url, is_control ? "POST" : "GET");
	if (incoming->too_large)
		return reply_json(connection, 413, url, NULL);
	return is_control ? control(connection, url, &incoming->body) : search(connection, url, service);
}
