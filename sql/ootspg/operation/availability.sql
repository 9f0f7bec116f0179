-- How long each access point, preview space and evidence type was there (D-OPS-02, Implementing Regulation (EU) 2022/1463 art. 27(1)).
-- A row is written when something changes, and one moment is kept on: what was not looked at, because the server or the worker was off,
-- is found at the next look and counts as down. All arithmetic is of ranges of time, so that figures are exact.

CREATE TABLE ootspg.availability_interval (
	interval_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	component_kind	text NOT NULL CHECK (component_kind IN ('access point', 'preview space', 'evidence type')),
	component		text NOT NULL,
	state			text NOT NULL CHECK (state IN ('up', 'down')),
	cause			text,
	began_at		timestamptz NOT NULL,
	ended_at		timestamptz,
	noticed_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	CONSTRAINT availability_interval_ends CHECK (ended_at >= began_at),
	CONSTRAINT availability_interval_cause CHECK (state = 'down' OR cause IS NULL)
);
CREATE UNIQUE INDEX availability_interval_open ON ootspg.availability_interval (component_kind, component) WHERE ended_at IS NULL;
CREATE INDEX availability_interval_component ON ootspg.availability_interval (component_kind, component, began_at);
COMMENT ON TABLE ootspg.availability_interval IS 'when each component was up and when down, written by the exchange worker on change; kept for three years';
COMMENT ON COLUMN ootspg.availability_interval.interval_id IS 'number, for ootspg.failure_notice()';
COMMENT ON COLUMN ootspg.availability_interval.component_kind IS 'access point, preview space or evidence type';
COMMENT ON COLUMN ootspg.availability_interval.component IS 'its name, of a preview space its provider''s';
COMMENT ON COLUMN ootspg.availability_interval.state IS 'up or down; maintenance is down, and left out of figures when it was announced in time';
COMMENT ON COLUMN ootspg.availability_interval.cause IS 'why it was down, without personal data';
COMMENT ON COLUMN ootspg.availability_interval.began_at IS 'from when, as far as is known';
COMMENT ON COLUMN ootspg.availability_interval.ended_at IS 'until when; NULL: still';
COMMENT ON COLUMN ootspg.availability_interval.noticed_at IS 'when it was found out';

CREATE TABLE ootspg.availability_target (
	component_kind	text NOT NULL CHECK (component_kind IN ('access point', 'preview space', 'evidence type')),
	component		text NOT NULL DEFAULT '*',
	target			numeric NOT NULL CHECK (target > 0 AND target <= 100),
	source			text,
	PRIMARY KEY (component_kind, component)
);
COMMENT ON TABLE ootspg.availability_target IS 'per cent of the time that components are to be there; without a row 98';
COMMENT ON COLUMN ootspg.availability_target.component_kind IS 'access point, preview space or evidence type';
COMMENT ON COLUMN ootspg.availability_target.component IS 'its name; *: all others of that kind';
COMMENT ON COLUMN ootspg.availability_target.target IS 'per cent';
COMMENT ON COLUMN ootspg.availability_target.source IS 'where that is agreed, as a national service-level agreement';

CREATE TABLE ootspg_internal.availability_seen (
	one				boolean PRIMARY KEY DEFAULT true CHECK (one),
	seen_at			timestamptz NOT NULL
) WITH (fillfactor = 10);
COMMENT ON TABLE ootspg_internal.availability_seen IS 'when components were last looked at: intervals that have not ended are known until then';

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['availability_interval', 'availability_target'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY any_duty ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY[''*''])', t);
		PERFORM pg_catalog.pg_extension_config_dump(format('ootspg.%I', t)::regclass, '');
	END LOOP;
	CREATE POLICY own_targets ON ootspg.availability_target USING ((SELECT ootspg_internal.own_providers(current_user, 'operate')) && ARRAY['*']);
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.availability_interval_interval_id_seq'::regclass, '');
	PERFORM pg_catalog.pg_extension_config_dump('ootspg_internal.availability_seen'::regclass, '');
END $$;

-- What is in use, and how it is. NULL: nothing is known now, it stays as it was. A preview space counts from when a program of it was
-- first connected on.
CREATE FUNCTION ootspg_internal.components_now(OUT component_kind text, OUT component text, OUT state text, OUT cause text, OUT since timestamptz)
RETURNS SETOF record
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT 'access point', s.access_point,
		   CASE WHEN s.state <> 'running' THEN 'down' WHEN g.last_error_at > coalesce(g.last_success, '-infinity') THEN 'down' WHEN g.last_success IS NOT NULL THEN 'up' END,
		   CASE WHEN s.state <> 'running' THEN s.state || coalesce(': ' || s.reason, '') WHEN g.last_error_at > coalesce(g.last_success, '-infinity') THEN concat_ws(': ', t.description, g.cause) END,
		   CASE WHEN s.state <> 'running' THEN s.changed_at WHEN g.last_error_at > g.last_success THEN g.last_success END
	  FROM ootspg_internal.access_point_state s
	  JOIN ootspg.access_point a USING (access_point)
	  LEFT JOIN ootspg_internal.gateway_state() g USING (access_point)
	  LEFT JOIN ootspg_internal.gateway_troubles() t ON t.sqlstate = g.last_error
	UNION ALL
	SELECT 'preview space', p.provider,
		   CASE WHEN p.closed_until > now() AND coalesce(p.closed_from <= now(), true) THEN 'down' WHEN c.connected THEN 'up' ELSE 'down' END,
		   CASE WHEN p.closed_until > now() AND coalesce(p.closed_from <= now(), true) THEN 'closed' WHEN NOT c.connected THEN 'no program of it is connected' END, NULL
	  FROM ootspg.preview_space p
	 CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_stat_activity a JOIN ootspg.provider_role r ON r.duty = 'preview' AND (r.provider IS NULL OR r.provider = p.provider)
						   WHERE a.datname = current_database() AND a.usename = ootspg_internal.bound_role_name(r.role_name)) AS connected) c
	 WHERE c.connected OR EXISTS (SELECT FROM ootspg.availability_interval i WHERE i.component_kind = 'preview space' AND i.component = p.provider)
	UNION ALL
	SELECT 'evidence type', e.evidence_type, CASE e.state WHEN 'served' THEN 'up' ELSE 'down' END, CASE WHEN e.state <> 'served' THEN e.state || coalesce(': ' || e.reason, '') END,
		   CASE WHEN e.state <> 'served' THEN e.since END
	  FROM ootspg_internal.evidence_type_state() e WHERE e.state <> 'not in service';
END;
COMMENT ON FUNCTION ootspg_internal.components_now() IS 'what others depend on, and whether it is there';

CREATE FUNCTION ootspg_internal.begin_interval(component_kind text, component text, state text, cause text, began_at timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE ootspg.availability_interval i SET ended_at = begin_interval.began_at
	 WHERE i.component_kind = begin_interval.component_kind AND i.component = begin_interval.component AND i.ended_at IS NULL;
	INSERT INTO ootspg.availability_interval (component_kind, component, state, cause, began_at)
	VALUES (begin_interval.component_kind, begin_interval.component, begin_interval.state, CASE WHEN begin_interval.state = 'down' THEN begin_interval.cause END, begin_interval.began_at);
	RAISE LOG 'ootspg %: % "%"%', begin_interval.state, begin_interval.component_kind, begin_interval.component, coalesce(': ' || begin_interval.cause, '');
END $$;
COMMENT ON FUNCTION ootspg_internal.begin_interval(text, text, text, text, timestamptz) IS 'a component is up or down from now on; a line of the log tells';

-- Looked at every 30 seconds: a pause of two minutes means that nobody could have noticed anything.
CREATE FUNCTION ootspg_internal.measure_availability() RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	looked_at timestamptz := clock_timestamp();
	seen timestamptz;
	c record;
	last ootspg.availability_interval;
	changes integer := 0;
	used text[] := '{}';
BEGIN
	SELECT s.seen_at INTO seen FROM ootspg_internal.availability_seen s FOR UPDATE;
	-- a run that failed saw nothing, but the worker was there
	seen := greatest(seen, (SELECT r.last_run FROM ootspg_internal.job_run r WHERE r.job = 'availability' AND seen IS NOT NULL));
	IF seen < looked_at - interval '2 min' THEN
		FOR last IN SELECT * FROM ootspg.availability_interval i WHERE i.ended_at IS NULL AND i.began_at <= seen LOOP
			PERFORM ootspg_internal.begin_interval(last.component_kind, last.component, 'down', 'the server or its exchange worker was off', seen);
			PERFORM ootspg_internal.begin_interval(last.component_kind, last.component, last.state, last.cause, looked_at);
			changes := changes + 1;
		END LOOP;
	END IF;
	FOR c IN SELECT * FROM ootspg_internal.components_now() LOOP
		used := used || format('%s %s', c.component_kind, c.component);
		SELECT i.* INTO last FROM ootspg.availability_interval i WHERE i.component_kind = c.component_kind AND i.component = c.component AND i.ended_at IS NULL;
		IF NOT FOUND THEN
			PERFORM ootspg_internal.begin_interval(c.component_kind, c.component, coalesce(c.state, 'up'), c.cause, looked_at);
		ELSIF c.state <> last.state THEN
			PERFORM ootspg_internal.begin_interval(c.component_kind, c.component, c.state, c.cause, greatest(last.began_at, least(c.since, looked_at)));
		ELSE
			CONTINUE;
		END IF;
		changes := changes + 1;
	END LOOP;
	-- what is not in use any more is not missed
	UPDATE ootspg.availability_interval i SET ended_at = looked_at
	 WHERE i.ended_at IS NULL AND format('%s %s', i.component_kind, i.component) <> ALL (used);
	DELETE FROM ootspg.availability_interval i WHERE i.ended_at < looked_at - interval '3 years';
	INSERT INTO ootspg_internal.availability_seen AS s (seen_at) VALUES (looked_at)
	ON CONFLICT ON CONSTRAINT availability_seen_pkey DO UPDATE SET seen_at = EXCLUDED.seen_at;
	RETURN format('%s components changed', changes);
END $$;
COMMENT ON FUNCTION ootspg_internal.measure_availability() IS 'the job that keeps ootspg.availability_interval';

CREATE FUNCTION ootspg_internal.seconds_of(spans tstzmultirange) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r))), 0) FROM unnest(spans) r;
END;
COMMENT ON FUNCTION ootspg_internal.seconds_of(tstzmultirange) IS 'length of all spans together, to a microsecond';

CREATE FUNCTION ootspg_internal.require_watcher() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT ootspg_internal.has_duty(session_user, 'operate', NULL) AND NOT ootspg_internal.has_duty(session_user, 'monitor', NULL) THEN
		RAISE EXCEPTION 'role "%" neither operates the exchange nor watches it', session_user
			USING ERRCODE = 'insufficient_privilege', HINT = 'ootspg.grant_duty() gives the duty to operate or to monitor, for all providers.';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_watcher() IS '42501 unless the session''s role has the duty to operate or to monitor for all providers';

CREATE FUNCTION ootspg.availability(first timestamptz DEFAULT date_trunc('month', now()), until timestamptz DEFAULT NULL,
	OUT component_kind text, OUT component text, OUT target numeric, OUT availability numeric, OUT counted interval, OUT up interval, OUT down interval,
	OUT left_out interval, OUT not_measured interval, OUT allowed interval, OUT budget interval, OUT forecast interval)
RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	whole tstzrange;
	past tstzmultirange;
	seen timestamptz;
BEGIN
	PERFORM ootspg_internal.require_watcher();
	whole := tstzrange(first, coalesce(until, first + interval '1 month'));
	SELECT s.seen_at INTO seen FROM ootspg_internal.availability_seen s;
	past := tstzmultirange(whole * tstzrange(NULL, seen));
	RETURN QUERY
	WITH known AS (
		SELECT i.component_kind, i.component,
			   range_agg(tstzrange(i.began_at, coalesce(i.ended_at, seen))) FILTER (WHERE coalesce(i.ended_at, seen) > i.began_at) AS measured,
			   coalesce(range_agg(tstzrange(i.began_at, coalesce(i.ended_at, seen))) FILTER (WHERE i.state = 'down' AND coalesce(i.ended_at, seen) > i.began_at), '{}') AS down
		  FROM ootspg.availability_interval i WHERE tstzrange(i.began_at, coalesce(i.ended_at, greatest(seen, i.began_at)), '[]') && whole GROUP BY 1, 2),
	announced AS MATERIALIZED (SELECT * FROM ootspg_internal.calendar() k WHERE k.in_time AND k.span && whole),
	cut AS (
		SELECT k.component_kind, k.component, k.measured * past AS measured, k.down * past AS down,
			   coalesce((SELECT range_agg(a.span) FROM announced a WHERE coalesce(a.component_kind, k.component_kind) = k.component_kind AND coalesce(a.component, k.component) = k.component), '{}') AS maintained
		  FROM known k),
	sum AS (
		SELECT c.component_kind, c.component, ootspg_internal.seconds_of(c.measured - c.maintained) AS counted, ootspg_internal.seconds_of(c.down - c.maintained) AS down,
			   ootspg_internal.seconds_of(c.measured * c.maintained) AS left_out, ootspg_internal.seconds_of(past - c.measured) AS unknown,
			   ootspg_internal.seconds_of(tstzmultirange(whole) - c.maintained) AS whole,
			   coalesce((SELECT t.target FROM ootspg.availability_target t WHERE t.component_kind = c.component_kind AND t.component IN (c.component, '*')
						  ORDER BY t.component = '*' LIMIT 1), 98) AS target
		  FROM cut c)
	SELECT s.component_kind, s.component, s.target, trunc(100 * (s.counted - s.down) / nullif(s.counted, 0), 4),
		   make_interval(secs => s.counted::float8), make_interval(secs => (s.counted - s.down)::float8), make_interval(secs => s.down::float8),
		   make_interval(secs => s.left_out::float8), make_interval(secs => s.unknown::float8),
		   make_interval(secs => (s.whole * (100 - s.target) / 100)::float8), make_interval(secs => (s.whole * (100 - s.target) / 100 - s.down)::float8),
		   make_interval(secs => round(s.whole * (100 - s.target) / 100 - s.down * s.whole / nullif(s.counted, 0), 6)::float8)
	  FROM sum s ORDER BY 1, 2;
END $$;
COMMENT ON FUNCTION ootspg.availability(timestamptz, timestamptz) IS
'how much of a time, of this month unless another one is named, each component was there, in per cent (never rounded up): up / counted. left_out: maintenance announced in time; not_measured: before it was in use; allowed: time that the target lets it be down in the whole of it; budget: what is left of that; forecast: what will be left at the end if it goes on like this';

-- Which of the failures were announced is seen from the calendar. A failure that began in a window and outlasts it is none of its.
CREATE FUNCTION ootspg_internal.failures(OUT interval_id bigint, OUT component_kind text, OUT component text, OUT began_at timestamptz, OUT ended_at timestamptz,
	OUT expected_end timestamptz, OUT cause text, OUT noticed_at timestamptz)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH announced AS MATERIALIZED (SELECT * FROM ootspg_internal.calendar())
	SELECT i.interval_id, i.component_kind, i.component, i.began_at, i.ended_at,
		   (SELECT max(upper(a.span)) FROM announced a WHERE a.span @> now() AND i.ended_at IS NULL AND coalesce(a.component_kind, i.component_kind) = i.component_kind AND coalesce(a.component, i.component) = i.component),
		   i.cause, i.noticed_at
	  FROM ootspg.availability_interval i
	 WHERE i.state = 'down' AND ootspg_internal.is_own(NULL)
	   AND NOT EXISTS (SELECT FROM announced a WHERE a.in_time AND coalesce(a.component_kind, i.component_kind) = i.component_kind AND coalesce(a.component, i.component) = i.component
						  AND a.span @> tstzrange(i.began_at, coalesce(i.ended_at, now()), '[)'));
END;
COMMENT ON FUNCTION ootspg_internal.failures() IS 'times that components were down which no notice in time had announced';

CREATE VIEW ootspg.failure WITH (security_barrier) AS
SELECT f.interval_id, f.component_kind, f.component, f.began_at, f.ended_at, f.expected_end, f.cause, f.noticed_at,
	   format('%s "%s" of %s %s since %s%s. Cause: %s.', initcap(left(f.component_kind, 1)) || substr(f.component_kind, 2), f.component, current_database(),
			  CASE WHEN f.ended_at IS NULL THEN 'is not available' ELSE 'was not available' END,
			  to_char(f.began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
			  CASE WHEN f.ended_at IS NOT NULL THEN to_char(f.ended_at AT TIME ZONE 'UTC', '", until" YYYY-MM-DD HH24:MI:SS "UTC"')
				   WHEN f.expected_end IS NOT NULL THEN to_char(f.expected_end AT TIME ZONE 'UTC', '", expected until" YYYY-MM-DD HH24:MI:SS "UTC"')
				   ELSE ', its end is not known yet' END, coalesce(f.cause, 'not known')) AS notice
  FROM ootspg_internal.failures() f
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.failure IS 'unexpected failures, and maintenance that was not announced in time (D-OPS-04): the national contact point tells the others of it through the dashboard, with the text of notice';
COMMENT ON COLUMN ootspg.failure.interval_id IS 'row of ootspg.availability_interval';
COMMENT ON COLUMN ootspg.failure.component_kind IS 'access point, preview space or evidence type';
COMMENT ON COLUMN ootspg.failure.component IS 'its name, of a preview space its provider''s';
COMMENT ON COLUMN ootspg.failure.began_at IS 'from when';
COMMENT ON COLUMN ootspg.failure.ended_at IS 'until when; NULL: still';
COMMENT ON COLUMN ootspg.failure.expected_end IS 'end of a window that was announced late; NULL: not known';
COMMENT ON COLUMN ootspg.failure.cause IS 'why, without personal data';
COMMENT ON COLUMN ootspg.failure.noticed_at IS 'when it was found out: within a minute while the worker runs';
COMMENT ON COLUMN ootspg.failure.notice IS 'what the contact point may say of it';
