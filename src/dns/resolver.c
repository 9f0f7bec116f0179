/*
 * resolver.c
 *		Lookups by c-ares: one channel for each, so that the name servers of today are
 *		asked, nothing is cached here, and ending a lookup closes all it had.
 *
 * c-ares repeats, turns to the next name server, and asks by TCP when an answer is too
 * long for UDP. Whatever it does, a lookup ends after LOOKUP_MS.
 */
#include "postgres.h"

#include <time.h>

/* ares_query() hands out bytes in every version; its successor is not there before 1.28 */
#define CARES_NO_DEPRECATED
#include <ares.h>

#include "compat.h"
#include "dns/naptr.h"
#include "dns/resolver.h"
#include "signals.h"

#define LOOKUP_MS		10000
#define TRY_MS			2000	/* for the first try of a name server; further ones take longer */
#define TRIES			3
#define UDP_BYTES		1232	/* passes every network unfragmented */
#define MAX_NAME		256

typedef enum LookupState
{
	LOOKUP_FREE,
	LOOKUP_UNDER_WAY,
	LOOKUP_DONE,				/* waiting to be fetched */
	LOOKUP_FETCHED
} LookupState;

struct DnsLookup
{
	LookupState state;
	void	   *tag;
	char		name[MAX_NAME];
	char		servers[DNS_SERVERS_ROOM];
	ares_channel channel;		/* NULL: none */
	int64		deadline;		/* monotonic milliseconds */
	bool		once_more;		/* asked again, to learn why no name server would answer */
	bool		no_memory;		/* for a socket of its own */
	bool		ended;			/* c-ares has said its last word: status and answer */
	int			status;
	uint8	   *answer;			/* malloc'd */
	size_t		length;
};

static HttpClient *client;
static DnsLookup lookups[DNS_MOST_LOOKUPS];

static int64
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* c-ares: what it wants to know of a socket; neither before it closes it. */
static void
watch(void *argument, ares_socket_t socket, int readable, int writable)
{
	DnsLookup  *lookup = argument;

	if (!http_watch(client, socket, readable != 0, writable != 0))
		lookup->no_memory = true;
}

/* c-ares: the end of a query. */
static void
answered(void *argument, int status, int timeouts, unsigned char *bytes, int length)
{
	DnsLookup  *lookup = argument;

	if (lookup->ended || status == ARES_EDESTRUCTION)
		return;
	lookup->ended = true;
	lookup->status = status;
	if (status != ARES_SUCCESS)
		return;
	lookup->answer = malloc(length);
	if (lookup->answer == NULL)
	{
		lookup->status = ARES_ENOMEM;
		return;
	}
	memcpy(lookup->answer, bytes, length);
	lookup->length = length;
}

static void
end(DnsLookup *lookup, int status)
{
	lookup->ended = true;
	lookup->status = status;
}

static void
ask(DnsLookup *lookup)
{
	struct ares_options options = {
		.flags = ARES_FLAG_EDNS | (lookup->once_more ? ARES_FLAG_NOCHECKRESP : 0),
		.timeout = TRY_MS,
		.tries = TRIES,
		.ednspsz = UDP_BYTES,
		.sock_state_cb = watch,
		.sock_state_cb_data = lookup
	};
	int			status;

	status = ares_init_options(&lookup->channel, &options,
							   ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB);
	if (status != ARES_SUCCESS)
		lookup->channel = NULL;
	else if (lookup->servers[0] != '\0')
		status = ares_set_servers_ports_csv(lookup->channel, lookup->servers);
	if (status == ARES_SUCCESS)
		ares_query(lookup->channel, lookup->name, DNS_CLASS_IN, DNS_TYPE_NAPTR, answered, lookup);
	else
		end(lookup, status);
}

static void
leave(DnsLookup *lookup)
{
	if (lookup->channel != NULL)
		ares_destroy(lookup->channel);
	lookup->channel = NULL;
}

/*
 * After each run of c-ares. Older versions say of name servers that refuse or fail
 * that they could not be reached: then the answer itself is asked for.
 */
static void
settle(DnsLookup *lookup)
{
	if (lookup->ended && lookup->status == ARES_ECONNREFUSED && !lookup->once_more)
	{
		leave(lookup);
		lookup->once_more = true;
		lookup->ended = false;
		ask(lookup);
	}
	if (lookup->no_memory)
		end(lookup, ARES_ENOMEM);
	if (!lookup->ended && now_ms() >= lookup->deadline)
		end(lookup, ARES_ETIMEOUT);
	if (lookup->ended)
	{
		leave(lookup);
		lookup->state = LOOKUP_DONE;
	}
}

/* A socket is of one channel; the others have a look at their clocks. */
static void
serve(int socket, bool readable, bool writable)
{
	for (int i = 0; i < DNS_MOST_LOOKUPS; i++)
	{
		DnsLookup  *lookup = &lookups[i];

		if (lookup->state != LOOKUP_UNDER_WAY)
			continue;
		ares_process_fd(lookup->channel, readable ? socket : ARES_SOCKET_BAD, writable ? socket : ARES_SOCKET_BAD);
		settle(lookup);
	}
}

static long
timeout_ms(void)
{
	long		least = -1;

	for (int i = 0; i < DNS_MOST_LOOKUPS; i++)
	{
		struct timeval most,
					result,
				   *wanted;
		int64		left;

		if (lookups[i].state != LOOKUP_UNDER_WAY)
			continue;
		left = Max(lookups[i].deadline - now_ms(), 0);
		most.tv_sec = left / 1000;
		most.tv_usec = left % 1000 * 1000;
		wanted = ares_timeout(lookups[i].channel, &most, &result);
		/* rounded up: a moment too early there would be nothing to do */
		left = (int64) wanted->tv_sec * 1000 + (wanted->tv_usec + 999) / 1000;
		least = least < 0 ? left : Min(least, left);
	}
	return least;
}

static DnsLookup *
find(LookupState state)
{
	for (int i = 0; i < DNS_MOST_LOOKUPS; i++)
		if (lookups[i].state == state)
			return &lookups[i];
	return NULL;
}

static bool
done(void)
{
	return find(LOOKUP_DONE) != NULL;
}

void
dns_open(HttpClient *http_client)
{
	static const HttpCompanion companion = {serve, timeout_ms, done};
	sigset_t	saved;
	int			status;

	signals_block(&saved);
	status = ares_library_init(ARES_LIB_INIT_ALL);
	signals_restore(&saved);
	if (status != ARES_SUCCESS)
		ereport(ERROR, errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				errmsg("c-ares could not be set up"),
				errdetail("%s", ares_strerror(status)));
	client = http_client;
	http_accompany(client, &companion);
}

DnsLookup *
dns_start(const char *name, const char *servers, void *tag)
{
	DnsLookup  *lookup = find(LOOKUP_FREE);
	sigset_t	saved;

	if (lookup == NULL)
		elog(ERROR, "more than %d name lookups at a time", DNS_MOST_LOOKUPS);
	memset(lookup, 0, sizeof(DnsLookup));
	lookup->tag = tag;
	lookup->deadline = now_ms() + LOOKUP_MS;
	lookup->state = LOOKUP_UNDER_WAY;
	if (strlcpy(lookup->name, name, sizeof(lookup->name)) >= sizeof(lookup->name) ||
		strlcpy(lookup->servers, servers, sizeof(lookup->servers)) >= sizeof(lookup->servers))
		end(lookup, ARES_EBADNAME);

	signals_block(&saved);
	if (!lookup->ended)
		ask(lookup);
	settle(lookup);
	signals_restore(&saved);
	return lookup;
}

DnsLookup *
dns_done(void)
{
	DnsLookup  *lookup = find(LOOKUP_DONE);

	if (lookup != NULL)
		lookup->state = LOOKUP_FETCHED;
	return lookup;
}

void *
dns_tag(const DnsLookup *lookup)
{
	return lookup->tag;
}

/* In words for a DBA. */
const char *
dns_failure(const DnsLookup *lookup)
{
	switch (lookup->status)
	{
		case ARES_SUCCESS:
			return NULL;
		case ARES_ENOTFOUND:
			return "the name does not exist";
		case ARES_ENODATA:
			return "the name has no NAPTR record";
		case ARES_ESERVFAIL:
			return "the name server failed to find out";
		case ARES_EREFUSED:
			return "the name server refused to answer";
		case ARES_EFORMERR:
		case ARES_ENOTIMP:
			return "the name server did not understand the question";
		case ARES_ETIMEOUT:
			return "no name server answered in time";
		case ARES_ECONNREFUSED:
			return "no name server could be reached";
		case ARES_EBADRESP:
			return "the answer of the name server cannot be read";
		case ARES_ENOMEM:
			return "there was no memory for the lookup";
		default:
			return "the name could not be looked up with this configuration of name servers";
	}
}

const uint8 *
dns_answer(const DnsLookup *lookup, size_t *length)
{
	*length = lookup->length;
	return lookup->answer;
}

void
dns_finish(DnsLookup *lookup)
{
	Assert(lookup->channel == NULL);
	free(lookup->answer);
	lookup->answer = NULL;
	lookup->state = LOOKUP_FREE;
}
