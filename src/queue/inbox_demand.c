/*
 * inbox_demand.c
 *		For which roles there is something to answer. A look at all that waits is made when a
 *		life begins and when somebody else changed something; else at what came since the
 *		last look, because whoever answers finds the rest by itself.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "query.h"
#include "queue/inbox_queue.h"

#define SOME 200

#define WAITING "(SELECT q.inbox_id, q.access_point, q.recipient_scheme, q.recipient, q.next_attempt_at FROM ootspg_internal.inbox_queue q WHERE q.state = 'waiting' "

/*
 * A row for each role; and one for each provider whose role has not the duty to answer for
 * it, which names the provider.
 */
#define DEMAND(there) \
	"WITH there AS MATERIALIZED (" there "), " \
	"waiting AS MATERIALIZED (SELECT i.access_point, i.recipient_scheme, i.recipient, " \
	"count(*) FILTER (WHERE i.next_attempt_at IS NULL OR i.next_attempt_at <= clock_timestamp()) AS due, " \
	"min(i.next_attempt_at) FILTER (WHERE i.next_attempt_at > clock_timestamp()) AS later, " \
	"min(i.inbox_id) FILTER (WHERE i.next_attempt_at IS NULL) AS oldest FROM there i GROUP BY 1, 2, 3), " \
	"answering AS (SELECT coalesce(p.answer_role, a.answer_role) AS answer_role, p.provider, w.due, w.later, w.oldest FROM waiting w JOIN " POINTS_IN_USE \
	"ON w.access_point = a.access_point LEFT JOIN ootspg.provider p ON p.scheme = w.recipient_scheme AND p.identifier = w.recipient), " \
	"judged AS (SELECT r.answer_role, r.due, r.later, r.oldest, CASE WHEN NOT EXISTS (SELECT FROM ootspg.provider_role d WHERE d.duty = 'exchange' " \
	"AND (d.provider IS NULL OR d.provider = r.provider) AND pg_catalog.pg_has_role(ootspg_internal.bound_role_oid(r.answer_role), " \
	"ootspg_internal.bound_role_oid(d.role_name), 'MEMBER')) THEN r.provider END AS refused FROM answering r) " \
	"SELECT j.answer_role::text, ootspg_internal.bound_role_oid(j.answer_role), j.refused, j.due, j.later, m.last, j.oldest FROM (SELECT max(t.inbox_id) AS last FROM there t) m " \
	"LEFT JOIN (SELECT g.answer_role, g.refused, sum(g.due)::bigint AS due, min(g.later) AS later, min(g.oldest) AS oldest FROM judged g GROUP BY g.answer_role, g.refused) j ON true"

#define ALL_THERE WAITING ")"
#define SOME_THERE \
	WAITING "AND q.next_attempt_at IS NULL AND q.inbox_id > $2 ORDER BY q.inbox_id LIMIT $1) UNION ALL " \
	WAITING "AND q.next_attempt_at IS NOT NULL ORDER BY q.next_attempt_at LIMIT $1)"

static int64 seen = 0;			/* what is younger was in no look yet */
static int64 oldest = 0;		/* fresh one, in the last look at all */
static bool overlooked = false;

static TimestampTz
time_or_never(uint64 row, int column)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);

	return isnull ? DT_NOEND : DatumGetTimestampTz(value);
}

/* Still the same that was the oldest before: whoever had it let go of it without a word. */
static void
note_oldest(bool whole, uint64 count)
{
	int64		first = PG_INT64_MAX;

	if (!whole)
		return;
	for (uint64 row = 0; row < count; row++)
	{
		bool		isnull;
		int64		of_role = DatumGetInt64(query_value(row, 7, &isnull));

		if (!isnull && query_text(row, 3) == NULL)
			first = Min(first, of_role);
	}
	overlooked = first < PG_INT64_MAX && first == oldest;
	oldest = first;
}

bool
inbox_demand_overlooked(void)
{
	return overlooked;
}

List *
inbox_demand(bool whole, TimestampTz *next_due)
{
	QueryArguments arguments = {0};
	List	   *demands = NIL;
	uint64		count;
	bool		isnull;

	*next_due = DT_NOEND;
	query_add(&arguments, INT8OID, Int64GetDatum(SOME), false);
	query_add(&arguments, INT8OID, Int64GetDatum(seen), false);
	count = query_run(whole ? DEMAND(ALL_THERE) : DEMAND(SOME_THERE), whole ? NULL : &arguments, false, 0, SPI_OK_SELECT);
	note_oldest(whole, count);
	for (uint64 row = 0; row < count; row++)
	{
		InboxDemand *demand = palloc(sizeof(InboxDemand));
		Datum		role;
		int64		last = DatumGetInt64(query_value(row, 6, &isnull));

		if (!isnull)
			seen = Max(seen, last);
		role = query_value(row, 2, &isnull);
		demand->role_name = query_text(row, 1);
		if (demand->role_name == NULL && query_text(row, 3) == NULL && isnull)
			continue;			/* nothing is there */
		demand->role = isnull ? InvalidOid : DatumGetObjectId(role);
		demand->provider = query_text(row, 3);
		demand->due = (int) DatumGetInt64(query_value(row, 4, &isnull));
		if (demand->provider == NULL)
			*next_due = Min(*next_due, time_or_never(row, 5));
		demands = lappend(demands, demand);
	}
	return demands;
}

bool
inbox_has_one_role(void)
{
	query_run("SELECT count(DISTINCT r.role) = 1 FROM (SELECT a.answer_role::text AS role FROM ootspg.access_point a "
			  "UNION ALL SELECT p.answer_role::text FROM ootspg.provider p WHERE p.answer_role IS NOT NULL) r", NULL, false, 1, SPI_OK_SELECT);
	return query_bool(0, 1);
}
