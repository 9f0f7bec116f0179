/*
 * gateways.c
 *		Access points in use: taken into use and out of it as rows and operators say.
 *		One that is taken into use begins to receive at once.
 */
#include "postgres.h"

#include "access/xlogrecovery.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "settings.h"
#include "worker/gateways.h"
#include "worker/judgement.h"
#include "worker/receiving.h"
#include "worker/report.h"
#include "worker/worker.h"

List	   *gateways = NIL;

static HTAB *
new_arrivals(MemoryContext context)
{
	HASHCTL		control = {.keysize = MESSAGE_ID_BYTES,.entrysize = sizeof(Arrival),.hcxt = context};

	return hash_create("ootspg arrivals", 128, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
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
	if (gateway->kept == 0)
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
