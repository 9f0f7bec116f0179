/*
 * gateways.c
 *		Access points in use: taken into use and out of it as rows and operators say,
 *		judged by the answers of their servers, called.
 */
#include "postgres.h"

#include "access/xlogrecovery.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "settings.h"
#include "worker/gateways.h"
#include "worker/peer.h"
#include "worker/report.h"
#include "worker/worker.h"

#define FIRST_BACKOFF_MS	1000
#define MOST_BACKOFF_MS		60000

/* base64, envelope and headers around a message of the largest size */
#define MAX_ANSWER ((size_t) oots_max_message_kb * 1024 * 3 / 2 + 1024 * 1024)

List	   *gateways = NIL;

static HTAB *
new_arrivals(MemoryContext context)
{
	HASHCTL		control = {.keysize = MESSAGE_ID_BYTES,.entrysize = sizeof(Arrival),.hcxt = context};

	return hash_create("ootspg arrivals", 128, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

static GatewayReport *
report_of(DatabaseSlot *slot, const char *name, bool make)
{
	GatewayReport *free_one = NULL;

	for (int i = 0; slot != NULL && i < MAX_GATEWAYS; i++)
	{
		GatewayReport *report = &slot->gateways[i];

		if (strcmp(NameStr(report->access_point), name) == 0)
			return report;
		if (free_one == NULL && NameStr(report->access_point)[0] == '\0')
			free_one = report;
	}
	if (!make || free_one == NULL)
		return NULL;
	memset(free_one, 0, sizeof(GatewayReport));
	namestrcpy(&free_one->access_point, name);
	return free_one;
}

static bool
in_use(const AccessPoint *point)
{
	return point->state == ACCESS_POINT_RUNNING || point->state == ACCESS_POINT_DRAINING;
}

/* The gateway of an access point of which nothing has changed; NULL: none. */
static Gateway *
kept(const AccessPoint *point)
{
	ListCell   *cell;

	foreach(cell, gateways)
		if (access_point_same(((Gateway *) lfirst(cell))->point, point))
			return lfirst(cell);
	return NULL;
}

/*
 * An access point that is not used any more keeps what was last seen of it, one that is
 * gone, or is taken into use anew, does not.
 */
static void
forget_reports(const List *points)
{
	DatabaseSlot *slot;
	const ListCell *cell;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(MyDatabaseId);
	for (int i = 0; slot != NULL && i < MAX_GATEWAYS; i++)
	{
		GatewayReport *report = &slot->gateways[i];
		bool		there = false;

		foreach(cell, points)
		{
			const AccessPoint *point = lfirst(cell);

			if (strcmp(NameStr(report->access_point), point->name) == 0)
				there = !in_use(point) || kept(point) != NULL;
		}
		if (!there)
			memset(report, 0, sizeof(GatewayReport));
		report->next_attempt = 0;
		report->pending = 0;
	}
	LWLockRelease(shared->lock);
}

/* For the status view; call is NULL when there was none. */
void
gateway_report(const Gateway *gateway, const Call *call)
{
	GatewayReport *report;
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = Max(gateway->quiet_until, gateway->next_list);

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	report = report_of(slot_find(MyDatabaseId), gateway->point->name, true);
	if (report != NULL)
	{
		report->next_attempt = next > now ? next : 0;
		report->pending = (int) hash_get_num_entries(gateway->arrivals);
		if (call != NULL && call_failed(call))
		{
			report->last_error_at = now;
			report->sqlstate = call->answer->trouble->sqlstate;
			strlcpy(report->cause, call_cause(call) ? call_cause(call) : "", sizeof(report->cause));
		}
		else if (call != NULL)
			report->last_success = now;
		if (call != NULL && call->server_date != 0)
		{
			/* Date has whole seconds: from the middle of one to the middle of our call */
			report->clock_offset = call->server_date + USECS_PER_SEC / 2 - call->done_at;
			report->clock_known = true;
		}
	}
	LWLockRelease(shared->lock);
}

/* The last of the four fields of this_copy(); may hold slashes itself. */
static const char *
site_of(const char *copy)
{
	for (int i = 0; i < 3 && copy != NULL; i++)
	{
		copy = strchr(copy, '/');
		copy = copy ? copy + 1 : NULL;
	}
	return copy ? copy : "";
}

/*
 * May this copy of the database use the access point? A promoted standby may when the
 * operators named the installation that it belongs to (ootspg.site); any other copy
 * waits until somebody says so.
 */
static bool
confirmed(const AccessPoint *point, const char *copy)
{
	const char *theirs = point->copy;

	if (theirs == NULL)
		return false;
	if (strcmp(theirs, copy) == 0)
		return true;
	if (oots_site[0] == '\0' || !PromoteIsTriggered() ||
		strcmp(site_of(theirs), oots_site) != 0 ||
		strncmp(theirs, copy, strcspn(copy, "/") + 1) != 0)
		return false;
	access_point_taken_over(point->name, copy);
	return true;
}

static void
drop(Gateway *gateway)
{
	gateway->dropped = true;
	gateways = list_delete_ptr(gateways, gateway);
	if (gateway->calls == 0)
		MemoryContextDelete(gateway->context);
}

/* What operators were told to be failing, and of which class. */
typedef struct Told
{
	char	   *name;
	int			sqlstate;
} Told;

static List *
told_failing(void)
{
	List	   *told = NIL;
	ListCell   *cell;

	foreach(cell, gateways)
	{
		const Gateway *gateway = lfirst(cell);
		Told	   *one;

		if (!gateway->told_failing)
			continue;
		one = palloc(sizeof(Told));
		one->name = pstrdup(gateway->point->name);
		one->sqlstate = gateway->told_sqlstate;
		told = lappend(told, one);
	}
	return told;
}

static int
told_before(const char *name, const List *told)
{
	const ListCell *cell;

	foreach(cell, told)
	{
		const Told *one = lfirst(cell);

		if (strcmp(one->name, name) == 0)
			return one->sqlstate;
	}
	return 0;
}

/*
 * Nothing that was learned about a server holds for another configuration of it; but that
 * it was told to be failing, so that it is told when it works again.
 */
static void
take(const AccessPoint *point, const List *told)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ootspg access point", ALLOCSET_SMALL_SIZES);
	MemoryContext caller;
	Gateway    *gateway;

	caller = MemoryContextSwitchTo(context);
	gateway = palloc0(sizeof(Gateway));
	gateway->context = context;
	gateway->point = access_point_copy(point);
	gateway->plugin = point->declared;
	gateway->arrivals = new_arrivals(context);
	gateway->told_sqlstate = told_before(point->name, told);
	gateway->told_failing = gateway->told_sqlstate != 0;
	MemoryContextSwitchTo(TopMemoryContext);
	gateways = lappend(gateways, gateway);
	MemoryContextSwitchTo(caller);
	receiving_begin(gateway);
	gateway_report(gateway, NULL);
}

/* Of a gateway that is kept: messages that were given up may be wanted again, and others are ours. */
static void
look_again(Gateway *gateway)
{
	HASH_SEQ_STATUS scan;
	Arrival    *arrival;

	hash_seq_init(&scan, gateway->arrivals);
	while ((arrival = hash_seq_search(&scan)) != NULL)
		if (arrival->state == ARRIVAL_STUCK)
			hash_search(gateway->arrivals, arrival->message_id, HASH_REMOVE, NULL);
	gateway->next_list = 0;
	gateway->next_outbox = 0;
	receiving_begin(gateway);
	gateway_report(gateway, NULL);
}

/* Those that changed, or are gone, leave; in a list of their own for want of a safe way to walk the other one. */
static void
drop_others(const List *points, const char *copy)
{
	List	   *staying = NIL;
	ListCell   *cell;

	foreach(cell, points)
	{
		const AccessPoint *point = lfirst(cell);

		if (kept(point) != NULL && in_use(point) && confirmed(point, copy))
			staying = lappend(staying, kept(point));
	}
	foreach(cell, list_copy(gateways))
		if (!list_member_ptr(staying, lfirst(cell)))
			drop(lfirst(cell));
}

/*
 * Somebody changed something: what the change concerns is taken into use anew, all else
 * goes on as it was, without another probe of servers that nobody touched. Calls under way
 * end by themselves, and their answers are recorded, because messages are known by their ids.
 */
void
gateways_load(const List *points)
{
	char	   *copy = this_copy();
	List	   *told = told_failing();
	const ListCell *cell;

	drop_others(points, copy);
	forget_reports(points);
	foreach(cell, points)
	{
		const AccessPoint *point = lfirst(cell);
		Gateway    *gateway = kept(point);

		if (gateway != NULL)
			look_again(gateway);
		else if (in_use(point) && confirmed(point, copy))
			take(point, told);
	}
}

static Gateway *
gateway_called(const char *name)
{
	ListCell   *cell;

	foreach(cell, gateways)
		if (strcmp(((Gateway *) lfirst(cell))->point->name, name) == 0)
			return lfirst(cell);
	return NULL;
}

/* While the rows of access points cannot be read, operators are obeyed all the same. */
void
gateways_heed(const List *points)
{
	const ListCell *cell;

	foreach(cell, points)
	{
		const AccessPoint *point = lfirst(cell);
		Gateway    *gateway = gateway_called(point->name);

		if (gateway == NULL)
			continue;
		gateway->point->state = point->state;
		if (!in_use(point))
			drop(gateway);
	}
}

Call *
call_new(Gateway *gateway, CallPurpose purpose, GatewayOperation operation, const char *message_id)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ootspg call", ALLOCSET_DEFAULT_SIZES);
	Call	   *call = MemoryContextAllocZero(context, sizeof(Call));

	call->context = context;
	call->gateway = gateway;
	call->purpose = purpose;
	call->operation = operation;
	if (message_id != NULL)
		strlcpy(call->message_id, message_id, MESSAGE_ID_BYTES);
	return call;
}

/* Without credentials nothing is sent; the call ends at once. */
void
call_start(HttpClient *client, Call *call, GatewayRequest *request)
{
	HttpRequest http = {
		.body = request->body.data,
		.length = request->body.len,
		.content_type = request->content_type,
		.accept = "application/soap+xml, multipart/related",
		.max_answer = MAX_ANSWER
	};
	HttpPeer	peer;
	const char *fault = peer_of(call->gateway->point, &peer);

	call->gateway->calls++;
	call->begun_at = GetCurrentTimestamp();
	if (fault != NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(call->context);

		call->answer = gateway_trouble(call->operation, TROUBLE_LOCAL, fault);
		MemoryContextSwitchTo(caller);
		exchange_worker_unable(call);
		return;
	}
	call->http = http_start(client, &peer, &http, call);
	peer_forget(&peer);
}

void
call_free(Call *call)
{
	Gateway    *gateway = call->gateway;

	if (--gateway->calls == 0 && gateway->dropped)
		MemoryContextDelete(gateway->context);
	MemoryContextDelete(call->context);
}

bool
call_failed(const Call *call)
{
	return call->answer->trouble->class != TROUBLE_NONE;
}

TroubleClass
call_trouble(const Call *call)
{
	return call->answer->trouble->class;
}

/* Words of a server may quote anybody; these are ours. */
const char *
call_cause(const Call *call)
{
	return call_trouble(call) == TROUBLE_LOCAL ? call->answer->detail : NULL;
}

/* Every class once when it begins, not at every call. */
static void
tell_failing(const Gateway *gateway, const Call *call)
{
	const Trouble *trouble = call->answer->trouble;

	ereport(LOG,
			(errcode(trouble->sqlstate),
			 errmsg("access point \"%s\": %s", gateway->point->name, trouble->text),
			 call->answer->detail ? errdetail_internal("%s", call->answer->detail) : 0,
			 trouble->hint ? errhint("%s", trouble->hint) : 0));
}

static bool
is_other_cause(const Gateway *gateway, const Call *call)
{
	const char *cause = call_cause(call);

	return cause != NULL && (gateway->told_cause == NULL || strcmp(gateway->told_cause, cause) != 0);
}

/*
 * That it is failing is told once; once more when it fails in another way after a change of
 * its configuration, or when something else is wrong with that.
 */
static bool
is_news(const Gateway *gateway, const Call *call)
{
	return !gateway->told_failing || is_other_cause(gateway, call) ||
		(gateway->failures == 0 && gateway->told_sqlstate != call->answer->trouble->sqlstate);
}

static void
note_told(Gateway *gateway, const Call *call)
{
	const char *cause = call_cause(call);

	gateway->told_failing = true;
	gateway->told_sqlstate = call->answer->trouble->sqlstate;
	if (gateway->told_cause != NULL)
		pfree(gateway->told_cause);
	gateway->told_cause = cause ? MemoryContextStrdup(gateway->context, cause) : NULL;
}

/* Calls that were under way when the first one failed tell nothing new. */
static void
back_off(Gateway *gateway, const Call *call)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		news = is_news(gateway, call);

	if (gateway->quiet_until > now)
		return;
	gateway->failures++;
	gateway->quiet_until = TimestampTzPlusMilliseconds(now, backoff_ms(gateway->failures, FIRST_BACKOFF_MS, MOST_BACKOFF_MS));
	if (!news)
		return;
	note_told(gateway, call);
	tell_failing(gateway, call);
	access_point_event(gateway->point->name, "failing", call->answer->trouble->sqlstate,
					   call_cause(call) ? psprintf("%s: %s", call->answer->trouble->text, call_cause(call)) : call->answer->trouble->text);
}

static void
works(Gateway *gateway)
{
	gateway->failures = 0;
	gateway->quiet_until = 0;
	if (!gateway->told_failing)
		return;
	gateway->told_failing = false;
	ereport(LOG, (errmsg("access point \"%s\" works again", gateway->point->name)));
	access_point_event(gateway->point->name, "working", 0, NULL);
}

/*
 * Whom an answer speaks of: a call that is about no message tells of the access point
 * whatever failed; one about a message that failed for a passing reason tells nothing.
 */
typedef enum Judgement
{
	JUDGED_NOTHING,
	JUDGED_WORKS,
	JUDGED_FAILS,
	JUDGED_HARMFUL				/* going on would do harm, as a locked account */
} Judgement;

/* A recipe of two phases loses messages where retrieving always consumes (access point §1.3). */
static bool
is_too_old(const Call *call)
{
	return call->purpose == CALL_PROBE && call->answer->trouble->class == TROUBLE_NOT_UNDERSTOOD &&
		call->gateway->point->declared > PLUGIN_5_0;
}

static Judgement
judgement(const Call *call)
{
	const Trouble *trouble = call->answer->trouble;

	if (call->gateway->dropped || call->gateway->quiet_until == DT_NOEND)
		return JUDGED_NOTHING;
	if (call->purpose == CALL_PROBE && trouble->class == TROUBLE_NOT_UNDERSTOOD)
		return is_too_old(call) ? JUDGED_HARMFUL : JUDGED_WORKS;
	switch (trouble->scope)
	{
		case SCOPE_NONE:
			return JUDGED_WORKS;
		case SCOPE_MESSAGE:
			if (call->purpose == CALL_PROBE || call->purpose == CALL_LIST)
				return JUDGED_FAILS;
			return trouble->permanent ? JUDGED_WORKS : JUDGED_NOTHING;
		case SCOPE_ACCESS_POINT:
			return JUDGED_FAILS;
		case SCOPE_STOP:
			return JUDGED_HARMFUL;
	}
	return JUDGED_NOTHING;
}

/* Is something to be written about it? */
bool
gateway_judgement_matters(const Call *call)
{
	switch (judgement(call))
	{
		case JUDGED_NOTHING:
			return false;
		case JUDGED_WORKS:
			return call->gateway->told_failing;
		case JUDGED_FAILS:
			return is_news(call->gateway, call);
		case JUDGED_HARMFUL:
			return true;
	}
	return false;
}

static void
stop(Gateway *gateway, const Call *call)
{
	const Trouble *trouble = call->answer->trouble;

	tell_failing(gateway, call);
	if (access_point_stop(gateway->point->name, trouble->sqlstate,
						  is_too_old(call) ? "its WS plugin is of line 5.0, not of the line declared in column server" : trouble->text))
		gateway->quiet_until = DT_NOEND;
	else
		gateway->quiet_until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), MOST_BACKOFF_MS);
}

void
gateway_judge(Call *call)
{
	switch (judgement(call))
	{
		case JUDGED_NOTHING:
			break;
		case JUDGED_WORKS:
			works(call->gateway);
			break;
		case JUDGED_FAILS:
			back_off(call->gateway, call);
			break;
		case JUDGED_HARMFUL:
			stop(call->gateway, call);
			break;
	}
}
