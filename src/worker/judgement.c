/*
 * judgement.c
 *		What the answers of its server say of an access point as a whole: is it to be
 *		called again, when, and who is told?
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "worker/judgement.h"
#include "worker/worker.h"

#define FIRST_BACKOFF_MS	1000
#define MOST_BACKOFF_MS		60000

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
