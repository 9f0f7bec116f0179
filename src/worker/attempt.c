/*
 * attempt.c
 *		Messages whose reading ends the worker, or the whole server with it.
 *
 *		A process that is killed for want of memory, or that crashes, tells nobody
 *		which message it had in hand, and the next one would fetch the same. So the
 *		attempt is a committed row before the bytes are looked at, and goes in the
 *		transaction that records what became of them. That costs a commit; it is paid
 *		for large answers, and for all in the first minute of a life, because after
 *		an end nobody knows which one it was.
 *
 *		An end for other reasons, as a full disk, is no message's fault: whoever ends so
 *		says it in shared memory, which a crash forgets.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "errors.h"
#include "exchange/inbox.h"
#include "query.h"
#include "worker/attempt.h"
#include "worker/worker.h"

#define LARGE_ANSWER	(1024 * 1024)
#define CAUTIOUS_MS		60000
#define MOST_ENDS		"2"

static TimestampTz born_at = 0;
static bool began_with_notes = false;	/* of earlier lives */

static void
set_in_hand(bool in_hand)
{
	DatabaseSlot *slot;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(MyDatabaseId);
	if (slot != NULL)
		slot->message_in_hand = in_hand;
	LWLockRelease(shared->lock);
}

/* Did the life before this one end without a message in hand? Not when nothing is known of it. */
static bool
ended_innocently(void)
{
	DatabaseSlot *slot;
	bool		innocent = false;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	slot = slot_find(MyDatabaseId);
	if (slot != NULL)
	{
		innocent = slot->has_lived && !slot->message_in_hand;
		slot->has_lived = true;
		slot->message_in_hand = false;
	}
	LWLockRelease(shared->lock);
	return innocent;
}

static bool
is_risky(const HttpResult *result)
{
	return result->length >= LARGE_ANSWER || !TimestampDifferenceExceeds(born_at, GetCurrentTimestamp(), CAUTIOUS_MS);
}

void
attempt_begin(Call *call, const HttpResult *result)
{
	QueryArguments arguments = {0};

	if (call->purpose != CALL_RETRIEVE || result->failure != HTTP_ANSWERED || !is_risky(result))
		return;
	worker_transaction_begin("noting a message before it is read");
	/* it is this server's crash that must not lose the note; a standby that is away holds up no reading */
	(void) set_config_option("synchronous_commit", "local", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	query_add_text(&arguments, call->gateway->point->name);
	query_add_text(&arguments, call->message_id);
	query_run("INSERT INTO ootspg_internal.reading_attempt AS a (access_point, message_id) VALUES ($1, $2) "
			  "ON CONFLICT (access_point, message_id) DO UPDATE SET attempts = a.attempts + 1, begun_at = clock_timestamp()",
			  &arguments, false, 0, SPI_OK_INSERT);
	worker_transaction_end();
	call->attempt_noted = true;
	set_in_hand(true);
}

void
attempt_forget(const char *access_point, const char *message_id)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, access_point);
	query_add_text(&arguments, message_id);
	query_run("DELETE FROM ootspg_internal.reading_attempt WHERE access_point = $1 AND message_id = $2",
			  &arguments, false, 0, SPI_OK_DELETE);
}

void
attempt_ended(Call *call)
{
	/* also what an earlier life has noted and this one did not need to, once it is read */
	if (!call->attempt_noted && (!began_with_notes || call_failed(call)))
		return;
	attempt_forget(call->gateway->point->name, call->message_id);
	if (!call->attempt_noted)
		return;
	call->attempt_noted = false;
	set_in_hand(false);
}

void
attempts_innocent(void)
{
	set_in_hand(false);
}

static void
quarantine_repeated(void)
{
	List	   *points = NIL;
	List	   *ids = NIL;
	ListCell   *point,
			   *id;
	uint64		count = query_run("DELETE FROM ootspg_internal.reading_attempt WHERE attempts >= " MOST_ENDS " RETURNING access_point, message_id",
								  NULL, false, 0, SPI_OK_DELETE_RETURNING);

	for (uint64 row = 0; row < count; row++)
	{
		points = lappend(points, query_text(row, 1));
		ids = lappend(ids, query_text(row, 2));
	}
	forboth(point, points, id, ids)
	{
		ereport(LOG,
				(errcode(ERRCODE_OOTS_NO_MEMORY),
				 errmsg("access point \"%s\": a message ended the process that read it, twice", (char *) lfirst(point)),
				 errhint("SELECT * FROM ootspg.inbox shows it in quarantine.")));
		inbox_quarantine(lfirst(point), lfirst(id), ERRCODE_OOTS_NO_MEMORY, "reading it ended the exchange worker twice");
	}
}

/* What a server of line 5.0 handed over is kept as it came, and read again at once by the life that begins. */
static void
count_kept(void)
{
	query_run("UPDATE ootspg_internal.reading_attempt a SET attempts = a.attempts + 1 WHERE EXISTS (SELECT FROM ootspg_internal.inbox_history i "
			  "JOIN ootspg_internal.inbox_queue q ON q.inbox_id = i.inbox_id AND q.state = 'fetching' "
			  "JOIN ootspg_internal.inbox_part p ON p.inbox_id = i.inbox_id AND p.part = -1 "
			  "WHERE i.access_point = a.access_point AND i.message_id = a.message_id)",
			  NULL, false, 0, SPI_OK_UPDATE);
}

void
attempts_take_up(void)
{
	bool		innocent = ended_innocently();

	born_at = GetCurrentTimestamp();
	worker_transaction_begin("looking for messages that ended a worker");
	if (innocent)
		query_run("DELETE FROM ootspg_internal.reading_attempt", NULL, false, 0, SPI_OK_DELETE);
	quarantine_repeated();
	count_kept();
	began_with_notes = query_run("SELECT FROM ootspg_internal.reading_attempt", NULL, true, 1, SPI_OK_SELECT) > 0;
	worker_transaction_end();
}
