-- Whoever may write to a table may lock it. What operators see and say does not wait for them long. PL/pgSQL keeps its plans: monitors
-- ask again and again.

CREATE FUNCTION ootspg_internal.in_the_way() RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
	SELECT string_agg(DISTINCT format('table %s.%s is locked by %s, process %s', c.relnamespace::regnamespace, c.relname, coalesce('role "' || a.usename || '"', 'a prepared transaction'), coalesce(l.pid::text, 'none')), '; ')
	  FROM pg_locks l
	  JOIN pg_class c ON c.oid = l.relation AND c.relnamespace = to_regnamespace('ootspg') AND c.relkind IN ('r', 'p')
	  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
	 WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'AccessExclusiveLock' AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()));
END $$;
COMMENT ON FUNCTION ootspg_internal.in_the_way() IS 'which tables of ootspg nobody can read just now, and because of whom';

CREATE FUNCTION ootspg_internal.access_points_now() RETURNS TABLE (access_point text, server text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
BEGIN
	RETURN QUERY SELECT a.access_point, a.server FROM ootspg.access_point a WHERE ootspg_internal.is_own(NULL);
EXCEPTION WHEN lock_not_available THEN
	RETURN QUERY SELECT s.access_point, NULL FROM ootspg_internal.access_point_state s WHERE ootspg_internal.is_own(NULL);
END $$;
COMMENT ON FUNCTION ootspg_internal.access_points_now() IS 'access points, for duties without a provider; when somebody has locked the table, those that operators decided about, by name';

CREATE FUNCTION ootspg_internal.directory_sources_now() RETURNS TABLE (environment text, service text, read_every interval)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
BEGIN
	RETURN QUERY SELECT s.environment, s.service, s.read_every FROM ootspg.directory_source s WHERE ootspg_internal.is_own(NULL);
EXCEPTION WHEN lock_not_available THEN
	RETURN QUERY SELECT DISTINCT d.environment, d.service, NULL::interval FROM ootspg_internal.directory_reading d WHERE ootspg_internal.is_own(NULL);
END $$;
COMMENT ON FUNCTION ootspg_internal.directory_sources_now() IS 'directories that are read back, for duties without a provider; when somebody has locked the table, those of which readings are kept';

CREATE FUNCTION ootspg_internal.evidence_types_now() RETURNS TABLE (evidence_type text, state text, reason text, since timestamptz,
	last_success timestamptz, last_failure timestamptz, sqlstate text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
BEGIN
	RETURN QUERY SELECT e.evidence_type, e.state, e.reason, e.since, e.last_success, e.last_failure, e.sqlstate
				   FROM ootspg_internal.evidence_type_state() e;
EXCEPTION WHEN lock_not_available THEN
	NULL;	-- in_the_way() tells
END $$;
COMMENT ON FUNCTION ootspg_internal.evidence_types_now() IS 'evidence types of the session''s providers and how they fare; none when somebody has locked what that is seen by';

-- Of what the server keeps for somebody's old snapshot nothing is given back; the queues stay as quick as they are, all tables grow.
CREATE FUNCTION ootspg_internal.row_keeper() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
	SELECT format('rows that are gone are kept for %s, %s transactions by now: tables grow', k.keeper, k.age)
	  FROM (SELECT format('process %s of role "%s" (%s, since %s)', a.pid, a.usename, a.state, date_trunc('second', a.xact_start)) AS keeper, age(a.backend_xmin) AS age
			  FROM pg_stat_activity a WHERE a.backend_xmin IS NOT NULL AND a.pid <> pg_backend_pid() AND a.datname = current_database()
			UNION ALL
			SELECT format('the standby at process %s', r.pid), age(r.backend_xmin) FROM pg_stat_replication r
			UNION ALL
			SELECT format('the prepared transaction "%s" of role "%s"', p.gid, p.owner), age(p.transaction) FROM pg_prepared_xacts p WHERE p.database = current_database()
			UNION ALL
			SELECT format('the replication slot "%s"', s.slot_name), age(s.xmin) FROM pg_replication_slots s WHERE s.xmin IS NOT NULL) k
	 WHERE k.age > 10000 AND ootspg_internal.is_own(NULL) ORDER BY k.age DESC LIMIT 1);
END $$;
COMMENT ON FUNCTION ootspg_internal.row_keeper() IS 'whose snapshot, transaction or slot keeps rows of more than 10 000 transactions; for duties without a provider';
