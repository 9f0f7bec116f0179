-- Maintenance is announced, and the exchange worker keeps to it: access points are drained and preview spaces closed when it begins,
-- so that running previews end, and both are in use again when it ends (D-OPS-03, D-OPS-12).

CREATE TABLE ootspg_internal.window_switch (
	window_id		bigint NOT NULL REFERENCES ootspg.maintenance_window ON DELETE CASCADE,
	component_kind	text NOT NULL,
	component		text NOT NULL,
	switched_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (window_id, component_kind, component)
);
COMMENT ON TABLE ootspg_internal.window_switch IS 'what a running window switched off; who switches it on by hand meanwhile has the last word';

CREATE FUNCTION ootspg_internal.notice_of(w ootspg.maintenance_window) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT jsonb_build_object('notice', (w).window_id, 'component_kind', (w).component_kind, 'component', (w).component, 'country', (w).country,
		'starts_at', (w).starts_at, 'ends_at', (w).ends_at, 'computer_room', (w).computer_room, 'announced_at', (w).announced_at, 'cancelled_at', (w).cancelled_at,
		'working_days_needed', ootspg_internal.notice_days((w).ends_at - (w).starts_at, (w).computer_room),
		'working_days_given', ootspg.working_days((w).country, (w).announced_at::date, (w).starts_at::date),
		'flaw', (SELECT k.flaw FROM ootspg_internal.calendar() k WHERE k.window_id = (w).window_id),
		'text', format('%s: %s will not be available from %s to %s. Reason: %s.', CASE WHEN (w).cancelled_at IS NULL THEN 'Maintenance' ELSE 'Cancelled maintenance' END,
			coalesce((w).component_kind || coalesce(' "' || (w).component || '"', 's'), 'the evidence service') || ' of ' || current_database(),
			to_char((w).starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), to_char((w).ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), (w).reason));
END;
COMMENT ON FUNCTION ootspg_internal.notice_of(ootspg.maintenance_window) IS 'what the dashboard is told of a window';

CREATE FUNCTION ootspg.announce_maintenance(starts_at timestamptz, ends_at timestamptz, reason text, component_kind text DEFAULT NULL, component text DEFAULT NULL,
	computer_room boolean DEFAULT false, switches boolean DEFAULT true, country text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	w ootspg.maintenance_window;
	notice jsonb;
	counted_in text := coalesce(country, (SELECT min(p.country) FROM ootspg.provider p HAVING min(p.country) = max(p.country)));
BEGIN
	PERFORM ootspg_internal.require_operator();
	IF counted_in IS NULL THEN
		PERFORM ootspg_internal.raise_configuration('it is not known whose working days count', 'Name the country, as country => ''LV''.');
	ELSIF starts_at < now() OR ends_at <= starts_at OR ends_at - starts_at > interval '6 days' THEN
		PERFORM ootspg_internal.raise_configuration('maintenance begins in the future and takes six days at most', 'What is down unexpectedly needs no notice: ootspg.failure has it.');
	END IF;
	INSERT INTO ootspg.maintenance_window (component_kind, component, country, starts_at, ends_at, computer_room, reason, switches)
	VALUES (announce_maintenance.component_kind, announce_maintenance.component, counted_in, announce_maintenance.starts_at, announce_maintenance.ends_at,
			announce_maintenance.computer_room, announce_maintenance.reason, announce_maintenance.switches) RETURNING * INTO w;
	notice := ootspg_internal.notice_of(w);
	IF notice ->> 'flaw' IS NOT NULL THEN
		RAISE WARNING 'this maintenance counts as down: %', notice ->> 'flaw'
			USING HINT = 'Implementing Regulation (EU) 2022/1463 art. 27(2): 5 working days for up to 4 hours, 10 for up to 12 hours, 30 for work on computer rooms.';
	END IF;
	RETURN notice;
END $$;
COMMENT ON FUNCTION ootspg.announce_maintenance(timestamptz, timestamptz, text, text, text, boolean, boolean, text) IS
'enters maintenance into the calendar and returns the notice for the dashboard; warns when it comes too late to be left out of availability';

CREATE FUNCTION ootspg.cancel_maintenance(window_id bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	w ootspg.maintenance_window;
BEGIN
	PERFORM ootspg_internal.require_operator();
	UPDATE ootspg.maintenance_window m SET cancelled_at = clock_timestamp()
	 WHERE m.window_id = cancel_maintenance.window_id AND m.cancelled_at IS NULL AND m.ends_at > clock_timestamp() RETURNING * INTO w;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'maintenance % is not to come or is cancelled', window_id USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'TABLE ootspg.maintenance_window shows all.';
	END IF;
	RETURN ootspg_internal.notice_of(w);
END $$;
COMMENT ON FUNCTION ootspg.cancel_maintenance(bigint) IS 'calls maintenance off, or ends it early: what it switched off is taken into use again at the worker''s next look';

CREATE FUNCTION ootspg.maintenance_notice(window_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_watcher();
	RETURN (SELECT ootspg_internal.notice_of(w) FROM ootspg.maintenance_window w WHERE w.window_id = maintenance_notice.window_id);
END $$;
COMMENT ON FUNCTION ootspg.maintenance_notice(bigint) IS 'the notice of a window, as it is now: how many working days ahead it was given, and what is wrong with that';

CREATE FUNCTION ootspg.announce_weekly_window(component_kind text, component text, weekday integer, starts time, length interval,
	country text DEFAULT NULL, time_zone text DEFAULT current_setting('TimeZone')) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	counted_in text := coalesce(country, (SELECT min(p.country) FROM ootspg.provider p HAVING min(p.country) = max(p.country)));
BEGIN
	PERFORM ootspg_internal.require_operator();
	IF counted_in IS NULL THEN
		PERFORM ootspg_internal.raise_configuration('it is not known whose working days count', 'Name the country, as country => ''LV''.');
	END IF;
	INSERT INTO ootspg.weekly_window (component_kind, component, weekday, starts, length, country, time_zone)
	VALUES (announce_weekly_window.component_kind, announce_weekly_window.component, announce_weekly_window.weekday, announce_weekly_window.starts,
			announce_weekly_window.length, counted_in, announce_weekly_window.time_zone);
END $$;
COMMENT ON FUNCTION ootspg.announce_weekly_window(text, text, integer, time, interval, text, text) IS 'announces a fixed weekly window, once for all';

CREATE FUNCTION ootspg.end_weekly_window(component_kind text, component text, weekday integer, starts time) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_operator();
	UPDATE ootspg.weekly_window w SET ended_at = clock_timestamp()
	 WHERE w.component_kind = end_weekly_window.component_kind AND w.component = end_weekly_window.component AND w.weekday = end_weekly_window.weekday
	   AND w.starts = end_weekly_window.starts AND w.ended_at IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no such weekly window' USING ERRCODE = 'undefined_object', HINT = 'TABLE ootspg.weekly_window shows all.';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.end_weekly_window(text, text, integer, time) IS 'a weekly window is not used any more; those of the past stay left out';

CREATE FUNCTION ootspg_internal.switch_off(w ootspg.maintenance_window) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	name text;
	switched integer := 0;
BEGIN
	FOR name IN SELECT s.access_point FROM ootspg_internal.access_point_state s JOIN ootspg.access_point a USING (access_point)
				 WHERE s.state = 'running' AND coalesce(w.component_kind, 'access point') = 'access point' AND coalesce(w.component, s.access_point) = s.access_point
				   AND NOT EXISTS (SELECT FROM ootspg_internal.window_switch x WHERE x.window_id = w.window_id AND x.component_kind = 'access point' AND x.component = s.access_point) LOOP
		INSERT INTO ootspg_internal.window_switch (window_id, component_kind, component) VALUES (w.window_id, 'access point', name);
		PERFORM ootspg_internal.decide(name, 'draining', 'draining', 'maintenance ' || w.window_id, NULL);
		switched := switched + 1;
	END LOOP;
	FOR name IN SELECT p.provider FROM ootspg.preview_space p
				 WHERE coalesce(p.closed_until <= clock_timestamp(), true) AND coalesce(w.component_kind, 'preview space') = 'preview space' AND coalesce(w.component, p.provider) = p.provider
				   AND NOT EXISTS (SELECT FROM ootspg_internal.window_switch x WHERE x.window_id = w.window_id AND x.component_kind = 'preview space' AND x.component = p.provider) LOOP
		INSERT INTO ootspg_internal.window_switch (window_id, component_kind, component) VALUES (w.window_id, 'preview space', name);
		UPDATE ootspg.preview_space p SET closed_from = w.starts_at, closed_until = w.ends_at WHERE p.provider = name;
		switched := switched + 1;
	END LOOP;
	RETURN switched;
END $$;
COMMENT ON FUNCTION ootspg_internal.switch_off(ootspg.maintenance_window) IS 'what a window takes out of use, each once';

-- Only what still is as the window left it.
CREATE FUNCTION ootspg_internal.switch_on(w ootspg.maintenance_window) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	x ootspg_internal.window_switch;
	name text;
	switched integer := 0;
BEGIN
	-- by the reason, which an access point keeps that was renamed since
	FOR name IN SELECT s.access_point FROM ootspg_internal.access_point_state s
				 WHERE s.state IN ('draining', 'paused') AND s.reason IN ('maintenance ' || w.window_id, 'drained: maintenance ' || w.window_id) LOOP
		PERFORM ootspg_internal.decide(name, 'running', 'resumed', 'maintenance ' || w.window_id || ' is over', NULL);
		switched := switched + 1;
	END LOOP;
	FOR x IN DELETE FROM ootspg_internal.window_switch s WHERE s.window_id = w.window_id RETURNING s.* LOOP
		IF x.component_kind = 'preview space' THEN
			UPDATE ootspg.preview_space p SET closed_from = NULL, closed_until = NULL WHERE p.provider = x.component AND p.closed_from = w.starts_at AND p.closed_until = w.ends_at;
			switched := switched + 1;
		END IF;
	END LOOP;
	RETURN switched;
END $$;
COMMENT ON FUNCTION ootspg_internal.switch_on(ootspg.maintenance_window) IS 'takes what a window switched off into use again';

CREATE FUNCTION ootspg_internal.heed_calendar() RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	w ootspg.maintenance_window;
	off integer := 0;
	back integer := 0;
BEGIN
	FOR w IN SELECT m.* FROM ootspg.maintenance_window m WHERE m.ends_at <= clock_timestamp() OR m.cancelled_at IS NOT NULL ORDER BY m.window_id LOOP
		CONTINUE WHEN NOT EXISTS (SELECT FROM ootspg_internal.window_switch s WHERE s.window_id = w.window_id);
		back := back + ootspg_internal.switch_on(w);
	END LOOP;
	FOR w IN SELECT m.* FROM ootspg.maintenance_window m WHERE m.switches AND m.cancelled_at IS NULL AND m.starts_at <= clock_timestamp() AND m.ends_at > clock_timestamp() ORDER BY m.window_id LOOP
		off := off + ootspg_internal.switch_off(w);
	END LOOP;
	RETURN format('%s switched off, %s on', off, back);
END $$;
COMMENT ON FUNCTION ootspg_internal.heed_calendar() IS 'the job that keeps to the calendar';
