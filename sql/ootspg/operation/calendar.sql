-- Working days, by which the notice of maintenance is counted (Implementing Regulation (EU) 2022/1463 art. 27(2), (3)): neither Saturday
-- nor Sunday nor a public holiday. Holidays of the Union's states are known here as far as a rule gives them; rows add to them and take away.

CREATE TABLE ootspg.holiday (
	country			text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
	day				date NOT NULL,
	working			boolean NOT NULL DEFAULT false,
	source			text,
	PRIMARY KEY (country, day)
);
COMMENT ON TABLE ootspg.holiday IS 'public holidays beside those that ootspg.working_days() knows, and such of these as are none';
COMMENT ON COLUMN ootspg.holiday.country IS 'country, as LV';
COMMENT ON COLUMN ootspg.holiday.day IS 'date of the holiday, or of the day that is none';
COMMENT ON COLUMN ootspg.holiday.working IS 'true: it is worked on that day, whatever is known here; also of a Saturday that stands in for another day';
COMMENT ON COLUMN ootspg.holiday.source IS 'law or decision that says so';
ALTER TABLE ootspg.holiday ENABLE ROW LEVEL SECURITY;
CREATE POLICY any_duty ON ootspg.holiday FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*']);
CREATE POLICY own_calendar ON ootspg.holiday USING ((SELECT ootspg_internal.own_providers(current_user, 'operate')) && ARRAY['*']);
SELECT pg_catalog.pg_extension_config_dump('ootspg.holiday', '');

-- Sunday of Easter: after Gauss, in the calendar of the western churches or of the orthodox ones (1900 to 2099).
CREATE FUNCTION ootspg_internal.easter(year integer, orthodox boolean) RETURNS date
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	century integer := year / 100;
	golden integer := year % 19;
	epact integer;
	weekday integer;
	days integer;
BEGIN
	IF orthodox THEN
		epact := (19 * golden + 15) % 30;
		days := epact + (2 * (year % 4) + 4 * (year % 7) - epact + 34) % 7 + 114;
		RETURN make_date(year, days / 31, days % 31 + 1) + 13;
	END IF;
	epact := (19 * golden + century - century / 4 - (8 * century + 13) / 25 + 15) % 30;
	epact := epact - (epact / 28) * (1 - (epact / 28) * (29 / (epact + 1)) * ((21 - golden) / 11));
	weekday := (year + year / 4 + epact + 2 - century + century / 4) % 7;
	RETURN make_date(year, 3, 28) + (epact - weekday);
END $$;
COMMENT ON FUNCTION ootspg_internal.easter(integer, boolean) IS 'Sunday of Easter in a year';

-- Nation-wide holidays as laws had them in 2026: fixed days, and days from Easter on (-2 is Good Friday). Days that a government
-- moves, and holidays of parts of a country, are rows of ootspg.holiday.
CREATE FUNCTION ootspg_internal.is_known_holiday(country text, day date) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT EXISTS (
		SELECT FROM (VALUES
			('AT', false, '0101 0106 0501 0815 1026 1101 1208 1225 1226', '{1,39,50,60}'::integer[]),
			('BE', false, '0101 0501 0721 0815 1101 1111 1225', '{1,39,50}'),
			('BG', true, '0101 0303 0501 0506 0524 0906 0922 1224 1225 1226', '{-2,1}'),
			('CY', true, '0101 0106 0325 0401 0501 0815 1001 1028 1225 1226', '{-48,-2,1,50}'),
			('CZ', false, '0101 0501 0508 0705 0706 0928 1028 1117 1224 1225 1226', '{-2,1}'),
			('DE', false, '0101 0501 1003 1225 1226', '{-2,1,39,50}'),
			('DK', false, '0101 1225 1226', '{-3,-2,1,39,50}'),
			('EE', false, '0101 0224 0501 0623 0624 0820 1224 1225 1226', '{-2}'),
			('ES', false, '0101 0106 0501 0815 1012 1101 1206 1208 1225', '{-2}'),
			('FI', false, '0101 0106 0501 1206 1225 1226', '{-2,1,39}'),
			('FR', false, '0101 0501 0508 0714 0815 1101 1111 1225', '{1,39,50}'),
			('GR', true, '0101 0106 0325 0501 0815 1028 1225 1226', '{-48,-2,1,50}'),
			('HR', false, '0101 0106 0501 0530 0622 0805 0815 1101 1118 1225 1226', '{1,60}'),
			('HU', false, '0101 0315 0501 0820 1023 1101 1224 1225 1226', '{-2,1,50}'),
			('IE', false, '0101 0317 1225 1226', '{1}'),
			('IT', false, '0101 0106 0425 0501 0602 0815 1101 1208 1225 1226', '{1}'),
			('LT', false, '0101 0216 0311 0501 0624 0706 0815 1101 1102 1224 1225 1226', '{1}'),
			('LU', false, '0101 0501 0509 0623 0815 1101 1225 1226', '{1,39,50}'),
			('LV', false, '0101 0501 0504 0623 0624 1118 1224 1225 1226 1231', '{-2,1}'),
			('MT', false, '0101 0210 0319 0331 0501 0607 0629 0815 0908 0921 1208 1213 1225', '{-2}'),
			('NL', false, '0101 0427 1225 1226', '{1,39,50}'),
			('PL', false, '0101 0106 0501 0503 0815 1101 1111 1224 1225 1226', '{1,60}'),
			('PT', false, '0101 0425 0501 0610 0815 1005 1101 1201 1208 1225', '{-2,60}'),
			('RO', true, '0101 0102 0106 0107 0124 0501 0601 0815 1130 1201 1225 1226', '{-2,1,50}'),
			('SE', false, '0101 0106 0501 0606 1225 1226', '{-2,1,39}'),
			('SI', false, '0101 0102 0208 0427 0501 0502 0625 0815 1031 1101 1225 1226', '{1}'),
			('SK', false, '0101 0106 0501 0508 0705 0829 0915 1101 1224 1225 1226', '{-2,1}')
			) h(country, orthodox, fixed, moving)
		 WHERE h.country = is_known_holiday.country
		   AND (to_char(day, 'MMDD') = ANY (string_to_array(h.fixed, ' '))
				OR day - ootspg_internal.easter(extract(year FROM day)::integer, h.orthodox) = ANY (h.moving)
				-- Ireland's Mondays: the first of four months, the last of October
				OR h.country = 'IE' AND extract(isodow FROM day) = 1
				   AND (extract(month FROM day) IN (2, 5, 6, 8) AND extract(day FROM day) < 8 OR extract(month FROM day) = 10 AND extract(day FROM day) > 24)));
END;
COMMENT ON FUNCTION ootspg_internal.is_known_holiday(text, date) IS 'is the day a nation-wide holiday of the state, as far as a rule says?';

CREATE FUNCTION ootspg.working_days(country text, after date, before date) RETURNS integer
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF before - after > 3700 THEN
		RAISE EXCEPTION 'working days are counted over ten years at most' USING ERRCODE = 'program_limit_exceeded';
	END IF;
	RETURN (SELECT count(*) FROM generate_series(1, before - after - 1) n, LATERAL (SELECT after + n AS day) d
			  LEFT JOIN ootspg.holiday h ON h.country = working_days.country AND h.day = d.day
			 WHERE coalesce(h.working, extract(isodow FROM d.day) < 6 AND NOT ootspg_internal.is_known_holiday(working_days.country, d.day)));
END $$;
COMMENT ON FUNCTION ootspg.working_days(text, date, date) IS 'whole working days of a country between two days, neither of which is counted (Regulation (EEC, Euratom) 1182/71 art. 2, 3)';

CREATE TABLE ootspg.maintenance_window (
	window_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	component_kind	text CHECK (component_kind IN ('access point', 'preview space', 'evidence type')),
	component		text,
	country			text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
	starts_at		timestamptz NOT NULL,
	ends_at			timestamptz NOT NULL,
	computer_room	boolean NOT NULL DEFAULT false,
	reason			text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
	switches		boolean NOT NULL DEFAULT true,
	announced_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	announced_by	text NOT NULL DEFAULT session_user,
	cancelled_at	timestamptz,
	CONSTRAINT maintenance_window_ends CHECK (starts_at < ends_at AND ends_at - starts_at <= interval '6 days'),
	CONSTRAINT maintenance_window_component CHECK (component IS NULL OR component_kind IS NOT NULL)
);
CREATE INDEX maintenance_window_time ON ootspg.maintenance_window (ends_at);
COMMENT ON TABLE ootspg.maintenance_window IS 'the maintenance calendar (D-OPS-03): what ootspg.announce_maintenance() announced; a row is never changed but by its cancellation';
COMMENT ON COLUMN ootspg.maintenance_window.window_id IS 'number of the notice';
COMMENT ON COLUMN ootspg.maintenance_window.component_kind IS 'what is maintained: access point, preview space or evidence type; NULL: all there is';
COMMENT ON COLUMN ootspg.maintenance_window.component IS 'its name, of a preview space its provider''s; NULL: all of that kind';
COMMENT ON COLUMN ootspg.maintenance_window.country IS 'whose working days count';
COMMENT ON COLUMN ootspg.maintenance_window.starts_at IS 'begin';
COMMENT ON COLUMN ootspg.maintenance_window.ends_at IS 'end, within six days';
COMMENT ON COLUMN ootspg.maintenance_window.computer_room IS 'work on a computer room, for six days a year (art. 27(2)(c)); longer windows than 12 hours count so in any case';
COMMENT ON COLUMN ootspg.maintenance_window.reason IS 'what for, as others are told; without personal data';
COMMENT ON COLUMN ootspg.maintenance_window.switches IS 'the worker drains access points and closes preview spaces when it begins, and takes them into use again when it ends';
COMMENT ON COLUMN ootspg.maintenance_window.announced_at IS 'when it was announced here';
COMMENT ON COLUMN ootspg.maintenance_window.announced_by IS 'session user who did';
COMMENT ON COLUMN ootspg.maintenance_window.cancelled_at IS 'when it was called off, or ended early; NULL: it stands';

CREATE TABLE ootspg.weekly_window (
	component_kind	text NOT NULL CHECK (component_kind IN ('access point', 'preview space', 'evidence type')),
	component		text NOT NULL,
	weekday			integer NOT NULL CHECK (weekday BETWEEN 1 AND 7),
	starts			time NOT NULL,
	length			interval NOT NULL CHECK (length > '0' AND length <= '12 h'),
	time_zone		text NOT NULL DEFAULT current_setting('TimeZone') CHECK (now() AT TIME ZONE time_zone IS NOT NULL),
	country			text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
	announced_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	ended_at		timestamptz,
	PRIMARY KEY (component_kind, component, weekday, starts, announced_at)
);
COMMENT ON TABLE ootspg.weekly_window IS 'fixed weekly windows, announced once (art. 27(3)); they are left out of availability, and nothing is switched';
COMMENT ON COLUMN ootspg.weekly_window.component_kind IS 'what is maintained';
COMMENT ON COLUMN ootspg.weekly_window.component IS 'its name, of a preview space its provider''s';
COMMENT ON COLUMN ootspg.weekly_window.weekday IS '1 Monday … 7 Sunday';
COMMENT ON COLUMN ootspg.weekly_window.starts IS 'time of the day, in time_zone';
COMMENT ON COLUMN ootspg.weekly_window.length IS 'how long, 12 hours at most';
COMMENT ON COLUMN ootspg.weekly_window.time_zone IS 'time zone of starts';
COMMENT ON COLUMN ootspg.weekly_window.country IS 'whose working days count';
COMMENT ON COLUMN ootspg.weekly_window.announced_at IS 'when it was announced; weeks before the notice period is over count as down';
COMMENT ON COLUMN ootspg.weekly_window.ended_at IS 'from when on it is not used any more; NULL: it still is';
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['maintenance_window', 'weekly_window'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY any_duty ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY[''*''])', t);
		PERFORM pg_catalog.pg_extension_config_dump(format('ootspg.%I', t)::regclass, '');
	END LOOP;
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.maintenance_window_window_id_seq'::regclass, '');
END $$;

CREATE FUNCTION ootspg_internal.notice_days(length interval, computer_room boolean) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN computer_room OR length > interval '12 h' THEN 30 WHEN length > interval '4 h' THEN 10 ELSE 5 END;
END;
COMMENT ON FUNCTION ootspg_internal.notice_days(interval, boolean) IS 'working days that maintenance is announced ahead (art. 27(2))';

-- Of a year's days of work on computer rooms six are left out of availability: those that are announced first.
CREATE FUNCTION ootspg_internal.calendar(OUT window_id bigint, OUT component_kind text, OUT component text, OUT span tstzrange, OUT in_time boolean, OUT flaw text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT w.window_id, w.component_kind, w.component, tstzrange(w.starts_at, coalesce(w.cancelled_at, w.ends_at)), f.flaw IS NULL, f.flaw
	  FROM (SELECT x.*, ootspg_internal.notice_days(x.ends_at - x.starts_at, x.computer_room) AS needed,
				   ootspg.working_days(x.country, x.announced_at::date, least(x.starts_at::date, x.announced_at::date + 100)) AS given,
				   sum(x.ends_at - x.starts_at) FILTER (WHERE x.computer_room OR x.ends_at - x.starts_at > interval '12 h')
						OVER (PARTITION BY x.component_kind, x.component, date_trunc('year', x.starts_at) ORDER BY x.window_id) AS room
			  FROM ootspg.maintenance_window x WHERE x.cancelled_at IS NULL OR x.cancelled_at > x.starts_at) w,
		   LATERAL (SELECT CASE WHEN w.given < w.needed THEN format('announced %s working days ahead, where %s are needed', w.given, w.needed)
								WHEN w.needed = 30 AND w.room > interval '6 days' THEN 'more than six days in the year' END AS flaw) f
	UNION ALL
	SELECT NULL, w.component_kind, w.component, tstzrange(s.begins, s.begins + w.length), ootspg.working_days(w.country, w.announced_at::date, least(s.begins::date, w.announced_at::date + 100)) >= ootspg_internal.notice_days(w.length, false),
		   CASE WHEN ootspg.working_days(w.country, w.announced_at::date, least(s.begins::date, w.announced_at::date + 100)) < ootspg_internal.notice_days(w.length, false) THEN 'announced too late for this week' END
	  FROM ootspg.weekly_window w, LATERAL (SELECT (d::date + w.starts) AT TIME ZONE w.time_zone AS begins
			  FROM generate_series(greatest(w.announced_at, now() - interval '13 months')::date::timestamp, least(w.ended_at, now() + interval '1 month')::date::timestamp, interval '1 day') d
			 WHERE extract(isodow FROM d) = w.weekday) s;
END;
COMMENT ON FUNCTION ootspg_internal.calendar() IS 'maintenance, past and coming, and what is wrong with its notice';
