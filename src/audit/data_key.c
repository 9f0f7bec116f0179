/*
 * data_key.c
 *		A key lives in the process that made it. Its row is written by the transaction that uses it first, and where that
 *		one, or a subtransaction, is undone, the key is forgotten: no value stands without the row that
 *		opens it. What is prepared (two-phase commit) may be undone by somebody else, and takes its keys along too.
 *
 *		Who reads is looked up when a key is made, and again when ootspg.audit_reader has changed: its triggers invalidate
 *		the table's cache entry, as those of the configuration do (configuration/kept.c).
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "audit/data_key.h"
#include "audit/readers.h"
#include "errors.h"
#include "query.h"
#include "settings.h"

/* What is known of a provider: its key, or that it has none. */
typedef struct Kept
{
	struct Kept *next;
	char	   *provider;		/* "": no provider */
	bool		known;
	bool		closed;			/* there is a key */
	DataKey		data;
	TimestampTz made_at;
	TimestampTz until;			/* readers begin or end then */
	SubTransactionId pending;	/* that writes its row; Invalid: it stands */
	bool		passing;		/* looked up by an old snapshot: for this transaction */
	int			process;
} Kept;

static Kept *all = NULL;
static Oid	readers = InvalidOid;

static void
forget(Kept *kept)
{
	explicit_bzero(&kept->data, sizeof(kept->data));
	kept->known = kept->closed = kept->passing = false;
	kept->pending = InvalidSubTransactionId;
}

/*
 * A reader came or went: the next value asks anew. Called in the middle of anything; a key that is just being used is used
 * to the end of its row, for which it stays where it is.
 */
static void
on_readers(Datum argument, Oid relation)
{
	if (relation != InvalidOid && relation != readers)
		return;
	for (Kept *kept = all; kept != NULL; kept = kept->next)
		kept->known = false;
}

static void
on_end(XactEvent event, void *argument)
{
	bool		committed = event == XACT_EVENT_COMMIT || event == XACT_EVENT_PARALLEL_COMMIT;

	if (!committed && event != XACT_EVENT_ABORT && event != XACT_EVENT_PARALLEL_ABORT && event != XACT_EVENT_PREPARE)
		return;
	for (Kept *kept = all; kept != NULL; kept = kept->next)
	{
		if ((kept->pending != InvalidSubTransactionId && !committed) || kept->passing)
			forget(kept);
		kept->pending = InvalidSubTransactionId;
	}
}

static void
on_subtransaction_end(SubXactEvent event, SubTransactionId own, SubTransactionId parent, void *argument)
{
	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	for (Kept *kept = all; kept != NULL; kept = kept->next)
		if (kept->pending == own)
		{
			if (event == SUBXACT_EVENT_ABORT_SUB)
				forget(kept);
			else
				kept->pending = parent;
		}
}

static void
watch(void)
{
	static bool watching = false;

	if (watching)
		return;
	CacheRegisterRelcacheCallback(on_readers, (Datum) 0);
	RegisterXactCallback(on_end, NULL);
	RegisterSubXactCallback(on_subtransaction_end, NULL);
	watching = true;
}

static Kept *
kept_of(const char *provider)
{
	Kept	   *kept = all;

	while (kept != NULL && strcmp(kept->provider, provider) != 0)
		kept = kept->next;
	if (kept == NULL)
	{
		kept = MemoryContextAllocZero(TopMemoryContext, sizeof(Kept));
		kept->provider = MemoryContextStrdup(TopMemoryContext, provider);
		kept->next = all;
		all = kept;
	}
	return kept;
}

/* Not in the clear because somebody's time was over. */
static void
raise_unreadable(const char *provider)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_KEY),
			 provider[0] ? errmsg("all readers of the audit of provider \"%s\" have ended", provider) : errmsg("all readers of the audit have ended"),
			 errhint("Add one by ootspg.add_audit_reader(). Where their rows are deleted nothing is encrypted.")));
}

static void
make_key(Kept *kept)
{
	if (!pg_strong_random(kept->data.id, CLOSED_ID_BYTES) || !pg_strong_random(kept->data.key, AEAD_KEY_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not make a key")));
	/* version 4, RFC 4122 */
	kept->data.id[6] = (kept->data.id[6] & 0x0f) | 0x40;
	kept->data.id[8] = (kept->data.id[8] & 0x3f) | 0x80;
	kept->data.used = 0;
}

/* As the owner of our tables. Nothing is kept of what raises on the way. */
static void
look_up(Kept *kept, TimestampTz now)
{
	Readers		found;

	readers = get_relname_relid("audit_reader", get_namespace_oid("ootspg", false));
	found = readers_find(kept->provider, now);
	if (found.total > 0 && found.count == 0)
		raise_unreadable(kept->provider);
	kept->made_at = now;
	kept->until = found.until;
	kept->process = MyProcPid;
	kept->passing = IsolationUsesXactSnapshot();
	if (found.count > 0)
	{
		make_key(kept);
		readers_write_key(&kept->data, kept->provider, now, now, &found);
		kept->pending = GetCurrentSubTransactionId();
	}
	kept->closed = found.count > 0;
	kept->known = true;
}

static bool
serves(const Kept *kept, TimestampTz now)
{
	return kept->known && kept->process == MyProcPid && now >= kept->made_at && now < kept->until &&
		(!kept->closed || now - kept->made_at < (int64) oots_audit_key_lifetime * USECS_PER_SEC);
}

DataKey *
data_key(const char *provider)
{
	TimestampTz now = GetCurrentTimestamp();
	OwnerSwitch caller;
	Kept	   *kept;

	watch();
	AcceptInvalidationMessages();
	kept = kept_of(provider ? provider : "");
	if (!serves(kept, now))
	{
		forget(kept);
		owner_begin(&caller);
		look_up(kept, now);
		owner_end(&caller);
	}
	return kept->closed ? &kept->data : NULL;
}
