/*
 * wait.c
 *		One sleep for the latch, the postmaster, libcurl's sockets and libcurl's
 *		timer, and those of the companion.
 *
 * libcurl tells by callbacks which sockets and which time it waits for. The set
 * of wait events is built anew whenever the sockets changed: a number that was
 * closed and given out again must not be mistaken for the socket it once was.
 */
#include "postgres.h"

#include <limits.h>
#include <time.h>

#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/memutils.h"

#include "compat.h"
#include "http/call.h"
#include "signals.h"

#define EVENTS_AT_ONCE	32

static int64
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static Watched *
find_watched(HttpClient *client, curl_socket_t socket)
{
	for (int i = 0; i < client->watched_count; i++)
		if (client->watched[i].socket == socket)
			return &client->watched[i];
	return NULL;
}

/* A new place in the list, or NULL when there is no memory. */
static Watched *
add_watched(HttpClient *client, curl_socket_t socket)
{
	if (client->watched_count == client->watched_room)
	{
		int			room = Max(client->watched_room * 2, 8);
		Watched    *larger = realloc(client->watched, room * sizeof(Watched));

		if (larger == NULL)
			return NULL;
		client->watched = larger;
		client->watched_room = room;
	}
	client->watched[client->watched_count].socket = socket;
	return &client->watched[client->watched_count++];
}

/* False: no memory. */
static bool
watch(HttpClient *client, curl_socket_t socket, int what, bool is_companions)
{
	Watched    *watched = find_watched(client, socket);

	client->set_stale = true;
	if (what == CURL_POLL_REMOVE)
	{
		if (watched != NULL)
			*watched = client->watched[--client->watched_count];
		return true;
	}
	if (watched == NULL)
		watched = add_watched(client, socket);
	if (watched == NULL)
		return false;
	watched->what = what;
	watched->is_companions = is_companions;
	return true;
}

static int
watch_socket(CURL *easy, curl_socket_t socket, int what, void *argument, void *unused)
{
	return watch(argument, socket, what, false) ? 0 : -1;	/* then libcurl ends all calls */
}

bool
http_watch(HttpClient *client, int socket, bool readable, bool writable)
{
	int			what = (readable ? CURL_POLL_IN : 0) | (writable ? CURL_POLL_OUT : 0);

	return watch(client, socket, what == 0 ? CURL_POLL_REMOVE : what, true);
}

void
http_accompany(HttpClient *client, const HttpCompanion *companion)
{
	client->companion = companion;
}

static int
watch_time(CURLM *multi, long timeout_ms, void *argument)
{
	HttpClient *client = argument;

	client->timer_due = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	return 0;
}

bool
wait_prepare(HttpClient *client)
{
	return curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, watch_socket) == CURLM_OK &&
		curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client) == CURLM_OK &&
		curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, watch_time) == CURLM_OK &&
		curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client) == CURLM_OK;
}

static uint32
events_of(int what)
{
	return ((what & CURL_POLL_IN) != 0 ? WL_SOCKET_READABLE : 0) |
		((what & CURL_POLL_OUT) != 0 ? WL_SOCKET_WRITEABLE : 0);
}

static struct WaitEventSet *
ready_set(HttpClient *client)
{
	if (client->set != NULL && client->set_stale)
	{
		FreeWaitEventSet(client->set);
		client->set = NULL;
	}
	if (client->set == NULL)
	{
		/* until all are in, should one of these raise */
		client->set_stale = true;
		client->set = oots_wait_event_set(client->watched_count + 2);
		AddWaitEventToSet(client->set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
		AddWaitEventToSet(client->set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
		for (int i = 0; i < client->watched_count; i++)
			if (events_of(client->watched[i].what) != 0)
				AddWaitEventToSet(client->set, events_of(client->watched[i].what), client->watched[i].socket, NULL, NULL);
		client->set_stale = false;
	}
	return client->set;
}

/* Tell libcurl, and take what it has finished. */
static void
act(HttpClient *client, curl_socket_t socket, int what)
{
	CURLMsg    *message;
	int			running,
				left;
	sigset_t	saved;

	signals_block(&saved);
	curl_multi_socket_action(client->multi, socket, what, &running);
	while ((message = curl_multi_info_read(client->multi, &left)) != NULL)
	{
		char	   *call = NULL;

		if (message->msg == CURLMSG_DONE &&
			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call) == CURLE_OK && call != NULL)
			call_conclude((HttpCall *) call, message->data.result);
	}
	signals_restore(&saved);
}

static void
serve_companion(HttpClient *client, int socket, int what)
{
	sigset_t	saved;

	signals_block(&saved);
	client->companion->serve(socket, (what & CURL_CSELECT_IN) != 0, (what & CURL_CSELECT_OUT) != 0);
	signals_restore(&saved);
}

static bool
any_done(const HttpClient *client)
{
	return client->done > 0 || (client->companion != NULL && client->companion->done());
}

/* Serve the sockets that something happened on; true when the latch was set. */
static bool
serve(HttpClient *client, const WaitEvent *events, int count)
{
	bool		latched = false;

	for (int i = 0; i < count; i++)
	{
		const Watched *watched;
		int			what = 0;

		if ((events[i].events & WL_LATCH_SET) != 0)
		{
			ResetLatch(MyLatch);
			latched = true;
		}
		if ((events[i].events & WL_SOCKET_READABLE) != 0)
			what |= CURL_CSELECT_IN;
		if ((events[i].events & WL_SOCKET_WRITEABLE) != 0)
			what |= CURL_CSELECT_OUT;
		/* serving another socket may have closed this one */
		watched = what == 0 ? NULL : find_watched(client, events[i].fd);
		if (watched != NULL && watched->is_companions)
			serve_companion(client, events[i].fd, what);
		else if (watched != NULL)
			act(client, events[i].fd, what);
	}
	return latched;
}

/* When the companion wants to be served, -1 for never. */
static int64
companion_due(const HttpClient *client, int64 now)
{
	long		timeout_ms = client->companion != NULL ? client->companion->timeout_ms() : -1;

	return timeout_ms < 0 ? -1 : now + timeout_ms;
}

/* The earlier of two moments, each -1 for never. */
static int64
earlier(int64 a, int64 b)
{
	return a < 0 ? b : b < 0 ? a : Min(a, b);
}

/* Milliseconds from now until a moment. */
static long
until(int64 now, int64 due)
{
	return due < 0 ? -1 : (long) Min(Max(due - now, 0), INT_MAX);
}

void
http_wait(HttpClient *client, long timeout_ms, uint32 wait_event)
{
	int64		end = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;

	while (!any_done(client))
	{
		WaitEvent	events[EVENTS_AT_ONCE];
		int64		now = now_ms();
		int64		companions = companion_due(client, now);
		int			count;

		if (client->timer_due >= 0 && client->timer_due <= now)
		{
			client->timer_due = -1; /* unless libcurl sets it again */
			act(client, CURL_SOCKET_TIMEOUT, 0);
			continue;
		}
		if (companions >= 0 && companions <= now)
		{
			serve_companion(client, -1, 0);
			continue;
		}
		count = WaitEventSetWait(ready_set(client), until(now, earlier(end, earlier(client->timer_due, companions))),
								 events, EVENTS_AT_ONCE, wait_event);
		if (serve(client, events, count))
			return;
		if (end >= 0 && now_ms() >= end)
			return;
	}
}
