/*
 * client.c
 *		Open the client, start calls, hand out those that are done.
 *
 * A client is made once per process, after the fork, and lasts as long: at exit
 * the kernel closes its sockets, and no thread that hangs in a name look-up is
 * waited for.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "http/call.h"
#include "signals.h"

#define MAX_IDLE_SECONDS	60	/* of a connection that is kept for the next call */
#define MAX_CONNECTION_SECONDS	600 /* then a name is looked up anew */

/* Once per process: libcurl's own initialisation, and what it must be able to do. */
static void
ready_library(void)
{
	static bool ready = false;
	const curl_version_info_data *version;
	CURLcode	code;
	sigset_t	saved;

	if (ready)
		return;
	if (!IsUnderPostmaster)
		elog(ERROR, "libcurl must not be started in the postmaster");

	signals_block(&saved);
	code = curl_global_init(CURL_GLOBAL_DEFAULT);
	version = curl_version_info(CURLVERSION_NOW);
	signals_restore(&saved);

	if (code != CURLE_OK)
		ereport(ERROR, errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				errmsg("libcurl could not be set up"),
				errdetail("%s", curl_easy_strerror(code)));
	if (version->version_num < 0x075500)
		ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("libcurl %s is too old", version->version),
				errhint("Install libcurl 7.85 or later."));
	if ((version->features & CURL_VERSION_ASYNCHDNS) == 0 || (version->features & CURL_VERSION_SSL) == 0)
		ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("libcurl %s lacks TLS or asynchronous name look-ups", version->version),
				errhint("Install the libcurl of the operating system."));
	ready = true;
}

static bool
multi_prepare(HttpClient *client)
{
	return curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long) client->max_calls) == CURLM_OK &&
		curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long) CURLPIPE_NOTHING) == CURLM_OK &&
		oots_curl_resolve_threads(client->multi, client->max_calls) == CURLM_OK &&
		wait_prepare(client);
}

HttpClient *
http_open(int max_calls)
{
	HttpClient *client;
	sigset_t	saved;
	bool		fine;

	Assert(max_calls > 0);
	ready_library();
	client = MemoryContextAllocZero(TopMemoryContext, sizeof(HttpClient));
	client->calls = MemoryContextAllocZero(TopMemoryContext, mul_size(max_calls, sizeof(HttpCall)));
	client->max_calls = max_calls;
	client->timer_due = -1;

	signals_block(&saved);
	client->multi = curl_multi_init();
	fine = client->multi != NULL && multi_prepare(client);
	if (!fine && client->multi != NULL)
		curl_multi_cleanup(client->multi);
	signals_restore(&saved);

	if (!fine)
	{
		pfree(client->calls);
		pfree(client);
		ereport(ERROR, errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				errmsg("libcurl could not be set up"));
	}
	return client;
}

int
http_free_calls(const HttpClient *client)
{
	int			count = 0;

	for (int i = 0; i < client->max_calls; i++)
		if (client->calls[i].state == CALL_FREE)
			count++;
	return count;
}

static HttpCall *
free_call(HttpClient *client)
{
	for (int i = 0; i < client->max_calls; i++)
		if (client->calls[i].state == CALL_FREE)
			return &client->calls[i];
	elog(ERROR, "more than %d HTTP calls at a time", client->max_calls);
}

/* NULL, or why it can't be made. */
static const char *
begin(HttpCall *call, const HttpPeer *peer, const HttpRequest *request)
{
	const char *reason;

	if (call->easy == NULL)
		call->easy = curl_easy_init();
	if (call->easy == NULL)
		return "out of memory";
	curl_easy_reset(call->easy);	/* keeps connections */
	reason = call_set_options(call, peer, request);
	if (reason != NULL)
		return reason;
	if (!call_listen(call) ||
		curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call) != CURLE_OK ||
		curl_easy_setopt(call->easy, CURLOPT_MAXAGE_CONN, (long) MAX_IDLE_SECONDS) != CURLE_OK ||
		curl_easy_setopt(call->easy, CURLOPT_MAXLIFETIME_CONN, (long) MAX_CONNECTION_SECONDS) != CURLE_OK)
		return "libcurl refuses an option";
	if (curl_multi_add_handle(call->client->multi, call->easy) != CURLM_OK)
		return "libcurl refuses the call";
	call->in_multi = true;
	return NULL;
}

HttpCall *
http_start(HttpClient *client, const HttpPeer *peer, const HttpRequest *request, void *tag)
{
	HttpCall   *call = free_call(client);
	CURL	   *easy = call->easy;
	const char *reason;
	sigset_t	saved;

	memset(call, 0, sizeof(HttpCall));
	call->client = client;
	call->easy = easy;
	call->tag = tag;
	call->max_answer = request->max_answer;
	call->result.sent_at = GetCurrentTimestamp();

	signals_block(&saved);
	reason = begin(call, peer, request);
	signals_restore(&saved);

	if (reason == NULL)
		call->state = CALL_UNDER_WAY;
	else
		call_refuse(call, reason);
	return call;
}

HttpCall *
http_done(HttpClient *client)
{
	for (int i = 0; client->done > 0 && i < client->max_calls; i++)
	{
		HttpCall   *call = &client->calls[i];

		if (call->state == CALL_DONE)
		{
			client->done--;
			call->state = CALL_FETCHED;
			return call;
		}
	}
	return NULL;
}

void *
http_tag(const HttpCall *call)
{
	return call->tag;
}

const HttpResult *
http_result(const HttpCall *call)
{
	Assert(call->state == CALL_DONE || call->state == CALL_FETCHED);
	return &call->result;
}

void
http_finish(HttpCall *call)
{
	sigset_t	saved;

	if (call->state == CALL_FREE)
		return;
	if (call->state == CALL_DONE)
		call->client->done--;
	signals_block(&saved);
	if (call->in_multi)
		curl_multi_remove_handle(call->client->multi, call->easy);
	/* the handle is idle now and must not keep what it points to, secrets least of all */
	if (call->easy != NULL)
		curl_easy_reset(call->easy);
	curl_slist_free_all(call->headers);
	signals_restore(&saved);

	free(call->body);
	free(call->answer_headers);
	call->in_multi = false;
	call->headers = NULL;
	call->body = NULL;
	call->answer_headers = NULL;
	call->state = CALL_FREE;
}
