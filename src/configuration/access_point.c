/*
 * access_point.c
 *		Read access points, write down what the worker learned of them. The worker
 *		runs as owner of the tables; operators change states by the functions of
 *		sql/ootspg/worker/operate.sql.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "configuration/access_point.h"
#include "query.h"

static const char *const plugins[] = {NULL, "5.0", "5.1", "5.2"};

const char *
plugin_name(Plugin plugin)
{
	return plugins[plugin];
}

static Plugin
plugin_from(const char *name)
{
	for (int i = 1; i < (int) lengthof(plugins); i++)
		if (name != NULL && strcmp(plugins[i], name) == 0)
			return i;
	return PLUGIN_UNKNOWN;
}

/* Column server: its values name the first version that can do so. */
static Plugin
declared_from(const char *server)
{
	if (strcmp(server, "5.1.1") == 0)
		return PLUGIN_5_2;
	if (strcmp(server, "5.1.0") == 0)
		return PLUGIN_5_1;
	return plugin_from(server);
}

static AccessPointState
state_from(const char *state)
{
	if (strcmp(state, "running") == 0)
		return ACCESS_POINT_RUNNING;
	if (strcmp(state, "draining") == 0)
		return ACCESS_POINT_DRAINING;
	return strcmp(state, "stopped") == 0 ? ACCESS_POINT_STOPPED : ACCESS_POINT_PAUSED;
}

static int64
number(uint64 row, int column)
{
	bool		isnull;

	return DatumGetInt64(query_value(row, column, &isnull));
}

static AccessPoint *
read_row(uint64 row)
{
	AccessPoint *point = palloc0(sizeof(AccessPoint));

	point->name = query_text(row, 1);
	point->url = query_text(row, 2);
	point->party_id = query_text(row, 3);
	point->party_id_type = query_text(row, 4);
	point->answer_role = query_text(row, 5);
	point->user_name = query_text(row, 6);
	point->password_uri = query_text(row, 7);
	point->ca_uri = query_text(row, 8);
	point->certificate_uri = query_text(row, 9);
	point->key_uri = query_text(row, 10);
	point->proxy = query_text(row, 11);
	point->declared = declared_from(query_text(row, 12));
	point->final_recipient = query_text(row, 13);
	point->poll_ms = number(row, 14);
	point->connections = number(row, 15);
	point->connect_ms = number(row, 16);
	point->stall_ms = number(row, 17);
	point->call_ms = number(row, 18);
	point->inline_bytes = number(row, 19) * 1024;
	point->resubmit_ms = number(row, 20);
	point->give_up_ms = number(row, 21);
	point->state = state_from(query_text(row, 22));
	point->copy = query_text(row, 23);
	point->learned = plugin_from(query_text(row, 24));
	point->decided_at = number(row, 25);
	return point;
}

#define MILLISECONDS(column) "(extract(epoch FROM a." column ") * 1000)::bigint"

List *
access_points_read(void)
{
	List	   *points = NIL;
	uint64		count;

	count = query_run("SELECT a.access_point, a.url, a.party_id, a.party_id_type, a.answer_role::text, a.user_name, a.password_uri, "
					  "a.ca_uri, a.certificate_uri, a.key_uri, a.proxy, a.server, a.final_recipient, "
					  MILLISECONDS("poll_interval") ", a.connections::bigint, " MILLISECONDS("connect_timeout") ", "
					  MILLISECONDS("stall_timeout") ", " MILLISECONDS("call_timeout") ", a.inline_limit::bigint, "
					  MILLISECONDS("resubmit_after") ", " MILLISECONDS("give_up_after") ", "
					  "coalesce(s.state, 'paused'), s.copy, s.plugin, coalesce((extract(epoch FROM s.changed_at) * 1000000)::bigint, 0) "
					  "FROM ootspg.access_point a LEFT JOIN ootspg_internal.access_point_state s USING (access_point) ORDER BY 1",
					  NULL, false, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
		points = lappend(points, read_row(row));
	return points;
}

List *
access_point_states_read(void)
{
	List	   *points = NIL;
	uint64		count = query_run("SELECT access_point, state FROM ootspg_internal.access_point_state", NULL, false, 0, SPI_OK_SELECT);

	for (uint64 row = 0; row < count; row++)
	{
		AccessPoint *point = palloc0(sizeof(AccessPoint));

		point->name = query_text(row, 1);
		point->state = state_from(query_text(row, 2));
		points = lappend(points, point);
	}
	return points;
}

static char *
copy_text(const char *text)
{
	return text ? pstrdup(text) : NULL;
}

AccessPoint *
access_point_copy(const AccessPoint *point)
{
	AccessPoint *copy = palloc(sizeof(AccessPoint));

	*copy = *point;
	copy->name = copy_text(point->name);
	copy->url = copy_text(point->url);
	copy->party_id = copy_text(point->party_id);
	copy->party_id_type = copy_text(point->party_id_type);
	copy->answer_role = copy_text(point->answer_role);
	copy->user_name = copy_text(point->user_name);
	copy->password_uri = copy_text(point->password_uri);
	copy->ca_uri = copy_text(point->ca_uri);
	copy->certificate_uri = copy_text(point->certificate_uri);
	copy->key_uri = copy_text(point->key_uri);
	copy->proxy = copy_text(point->proxy);
	copy->final_recipient = copy_text(point->final_recipient);
	copy->copy = copy_text(point->copy);
	return copy;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
access_point_same(const AccessPoint *a, const AccessPoint *b)
{
	return same_text(a->name, b->name) && same_text(a->url, b->url) && same_text(a->party_id, b->party_id) &&
		same_text(a->party_id_type, b->party_id_type) && same_text(a->answer_role, b->answer_role) &&
		same_text(a->user_name, b->user_name) && same_text(a->password_uri, b->password_uri) && same_text(a->ca_uri, b->ca_uri) &&
		same_text(a->certificate_uri, b->certificate_uri) && same_text(a->key_uri, b->key_uri) && same_text(a->proxy, b->proxy) &&
		same_text(a->final_recipient, b->final_recipient) && same_text(a->copy, b->copy) &&
		a->declared == b->declared && a->poll_ms == b->poll_ms && a->connections == b->connections &&
		a->connect_ms == b->connect_ms && a->stall_ms == b->stall_ms && a->call_ms == b->call_ms &&
		a->inline_bytes == b->inline_bytes && a->resubmit_ms == b->resubmit_ms && a->give_up_ms == b->give_up_ms &&
		a->state == b->state && a->decided_at == b->decided_at;
}

void
access_point_event(const char *name, const char *event, int sqlstate, const char *detail)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, name);
	query_add_text(&arguments, event);
	query_add_text(&arguments, sqlstate ? unpack_sql_state(sqlstate) : NULL);
	query_add_text(&arguments, detail);
	query_run("INSERT INTO ootspg.access_point_event (access_point, event_type, sqlstate, detail) VALUES ($1, $2, $3, $4)",
			  &arguments, false, 0, SPI_OK_INSERT);
}

/*
 * Ours to write? Somebody whose decision is not committed yet may hold the row for as long
 * as they like, and the worker has others to serve.
 */
static bool
take_state(const char *name)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, name);
	return query_run("SELECT FROM ootspg_internal.access_point_state WHERE access_point = $1 FOR UPDATE SKIP LOCKED",
					 &arguments, false, 0, SPI_OK_SELECT) > 0;
}

/* Only from what the worker saw: an operator who decided meanwhile has the last word. */
static void
change_state(const char *name, const char *from, const char *to, const char *reason)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, name);
	query_add_text(&arguments, from);
	query_add_text(&arguments, to);
	query_add_text(&arguments, reason);
	query_run("UPDATE ootspg_internal.access_point_state SET state = $3, reason = $4, changed_at = clock_timestamp(), "
			  "changed_by = session_user WHERE access_point = $1 AND state = $2",
			  &arguments, false, 0, SPI_OK_UPDATE);
}

bool
access_point_stop(const char *name, int sqlstate, const char *reason)
{
	if (!take_state(name))
		return false;
	change_state(name, "running", "stopped", reason);
	change_state(name, "draining", "stopped", reason);
	access_point_event(name, "stopped", sqlstate, reason);
	return true;
}

/* Why an operator drained it stays to be read. */
void
access_point_drained(const char *name)
{
	QueryArguments arguments = {0};

	if (!take_state(name))
		return;
	query_add_text(&arguments, name);
	if (query_run("UPDATE ootspg_internal.access_point_state SET state = 'paused', reason = concat_ws(': ', 'drained', reason), "
				  "changed_at = clock_timestamp(), changed_by = session_user WHERE access_point = $1 AND state = 'draining' RETURNING reason",
				  &arguments, false, 0, SPI_OK_UPDATE_RETURNING) > 0)
		access_point_event(name, "paused", 0, query_text(0, 1));
}

void
access_point_learned(const char *name, Plugin plugin)
{
	QueryArguments arguments = {0};

	if (!take_state(name))
		return;
	query_add_text(&arguments, name);
	query_add_text(&arguments, plugin_name(plugin));
	if (query_run("UPDATE ootspg_internal.access_point_state SET plugin = $2 WHERE access_point = $1 AND plugin IS DISTINCT FROM $2",
				  &arguments, false, 0, SPI_OK_UPDATE) > 0)
		access_point_event(name, "probed", 0, psprintf("WS plugin of line %s", plugin_name(plugin)));
}

void
access_point_taken_over(const char *name, const char *copy)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, name);
	query_add_text(&arguments, copy);
	query_run("UPDATE ootspg_internal.access_point_state SET copy = $2 WHERE access_point = $1", &arguments, false, 0, SPI_OK_UPDATE);
	access_point_event(name, "taken_over", 0, "by a promoted standby of the same ootspg.site");
}
