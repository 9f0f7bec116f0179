-- Whoever may write to a table may lock it. What operators see and say does not wait for them long.

CREATE FUNCTION ootspg_internal.in_the_way() RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT string_agg(DISTINCT format('table %s.%s is locked by %s, process %s', c.relnamespace::regnamespace, c.relname, coalesce('role "' || a.usename || '"', 'a prepared transaction'), coalesce(l.pid::text, 'none')), '; ')
	  FROM pg_locks l
	  JOIN pg_class c ON c.oid = l.relation AND c.relnamespace = to_regnamespace('ootspg') AND c.relkind IN ('r', 'p')
	  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
	 WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'AccessExclusiveLock' AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database());
END;
COMMENT ON FUNCTION ootspg_internal.in_the_way() IS 'which tables of ootspg nobody can read just now, and because of whom';

CREATE FUNCTION ootspg_internal.access_points_now() RETURNS TABLE (access_point text, server text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
BEGIN
	RETURN QUERY SELECT a.access_point, a.server FROM ootspg.access_point a;
EXCEPTION WHEN lock_not_available THEN
	RETURN QUERY SELECT s.access_point, NULL FROM ootspg_internal.access_point_state s;
END $$;
COMMENT ON FUNCTION ootspg_internal.access_points_now() IS 'access points; when somebody has locked the table, those that operators decided about, by name';

CREATE FUNCTION ootspg_internal.directory_sources_now() RETURNS TABLE (environment text, service text, read_every interval)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
BEGIN
	RETURN QUERY SELECT s.environment, s.service, s.read_every FROM ootspg.directory_source s;
EXCEPTION WHEN lock_not_available THEN
	RETURN QUERY SELECT DISTINCT d.environment, d.service, NULL::interval FROM ootspg_internal.directory_reading d;
END $$;
COMMENT ON FUNCTION ootspg_internal.directory_sources_now() IS 'directories that are read back; when somebody has locked the table, those of which readings are kept';
