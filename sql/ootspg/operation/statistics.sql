-- What was exchanged, by month (D-OPS-13; SDGR art. 24, 36): counts of days that are over, kept apart from the log and longer than it. The
-- job sums up whole days of ootspg.exchange; answers pay nothing for it. Nothing in here is about a person.

CREATE TABLE ootspg.exchange_statistics (
	day				date NOT NULL,
	environment		text,
	provider		text,
	evidence_type	text,
	procedure_code	text,
	requester_country text,
	outcome			text NOT NULL,
	error_code		text,
	decision		text,
	answers			bigint NOT NULL,
	durations		bigint[] NOT NULL
);
CREATE INDEX exchange_statistics_day ON ootspg.exchange_statistics (day);
COMMENT ON TABLE ootspg.exchange_statistics IS 'answers of each day that is over (UTC) by what they were about and what became of them; system checks are not counted';
COMMENT ON COLUMN ootspg.exchange_statistics.day IS 'day the requests came, in UTC';
COMMENT ON COLUMN ootspg.exchange_statistics.environment IS 'environment of the provider then; outside production they are no exchanges of citizens (D-LOG-30)';
COMMENT ON COLUMN ootspg.exchange_statistics.provider IS 'who was asked; NULL: nobody known here';
COMMENT ON COLUMN ootspg.exchange_statistics.evidence_type IS 'what for; NULL: nothing known here';
COMMENT ON COLUMN ootspg.exchange_statistics.procedure_code IS 'procedure, as R1; other: none of the code list';
COMMENT ON COLUMN ootspg.exchange_statistics.requester_country IS 'country of the requester, as LV; NULL: none that is written like one';
COMMENT ON COLUMN ootspg.exchange_statistics.outcome IS 'as in ootspg.exchange';
COMMENT ON COLUMN ootspg.exchange_statistics.error_code IS 'code of the error that was answered';
COMMENT ON COLUMN ootspg.exchange_statistics.decision IS 'of a request answered with a link to a preview: approved (some of it, or all), rejected, abandoned; NULL: of all others';
COMMENT ON COLUMN ootspg.exchange_statistics.answers IS 'how many';
COMMENT ON COLUMN ootspg.exchange_statistics.durations IS 'of these, how many took up to 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600 s and longer; second requests, which wait for a user, are not among them';
ALTER TABLE ootspg.exchange_statistics REPLICA IDENTITY FULL;

CREATE TABLE ootspg_internal.statistics_done (
	one				boolean PRIMARY KEY DEFAULT true CHECK (one),
	until			date NOT NULL
);
COMMENT ON TABLE ootspg_internal.statistics_done IS 'days before this one are summed up';

ALTER TABLE ootspg.exchange_statistics ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_provider ON ootspg.exchange_statistics FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*', provider]);
SELECT pg_catalog.pg_extension_config_dump('ootspg.exchange_statistics', '');
SELECT pg_catalog.pg_extension_config_dump('ootspg_internal.statistics_done', '');

CREATE FUNCTION ootspg_internal.duration_bounds() RETURNS numeric[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '{0.1,0.25,0.5,1,2.5,5,10,30,60,300,900,3600}'::numeric[];
END;
COMMENT ON FUNCTION ootspg_internal.duration_bounds() IS 'upper bounds of the cells of durations, in seconds; the last cell has none';

CREATE FUNCTION ootspg_internal.sum_up_day(day date) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET jit = off
BEGIN ATOMIC
	DELETE FROM ootspg.exchange_statistics s WHERE s.day = sum_up_day.day;
	WITH x AS (
		SELECT e.environment, e.provider, e.evidence_type,
			   CASE WHEN e.procedure_code ~ '^[A-Z]{1,2}[0-9]{1,3}$' THEN e.procedure_code WHEN e.procedure_code IS NOT NULL THEN 'other' END AS procedure_code,
			   CASE WHEN e.requester_country ~ '^[A-Z]{2}$' THEN e.requester_country END AS requester_country, e.outcome, e.error_code,
			   CASE WHEN e.outcome = 'preview' THEN
					(SELECT CASE WHEN bool_or(v.decision = 'approved') THEN 'approved' WHEN bool_or(v.decision = 'rejected') THEN 'rejected' ELSE 'abandoned' END
					   FROM ootspg.evidence_event v WHERE v.exchange_id = e.exchange_id AND v.event_time >= sum_up_day.day) END AS decision,
			   CASE WHEN e.first_exchange_id IS NULL AND e.answered_at IS NOT NULL
					THEN 1 + (SELECT count(*) FROM unnest(ootspg_internal.duration_bounds()) b WHERE b < extract(epoch FROM e.answered_at - e.received_at)) END AS cell
		  FROM ootspg.exchange e
		 WHERE e.received_at >= sum_up_day.day AND e.received_at < sum_up_day.day + 1 AND NOT e.system_check AND e.outcome <> 'held')
	INSERT INTO ootspg.exchange_statistics (day, environment, provider, evidence_type, procedure_code, requester_country, outcome, error_code, decision, answers, durations)
	SELECT sum_up_day.day, x.environment, x.provider, x.evidence_type, x.procedure_code, x.requester_country, x.outcome, x.error_code, x.decision, count(*),
		   ARRAY[count(*) FILTER (WHERE x.cell = 1), count(*) FILTER (WHERE x.cell = 2), count(*) FILTER (WHERE x.cell = 3), count(*) FILTER (WHERE x.cell = 4),
				 count(*) FILTER (WHERE x.cell = 5), count(*) FILTER (WHERE x.cell = 6), count(*) FILTER (WHERE x.cell = 7), count(*) FILTER (WHERE x.cell = 8),
				 count(*) FILTER (WHERE x.cell = 9), count(*) FILTER (WHERE x.cell = 10), count(*) FILTER (WHERE x.cell = 11), count(*) FILTER (WHERE x.cell = 12),
				 count(*) FILTER (WHERE x.cell = 13)]
	  FROM x GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
END;
COMMENT ON FUNCTION ootspg_internal.sum_up_day(date) IS 'counts the exchanges of a day anew';

-- A day is summed up three hours after its end, when its previews are over, 31 days a run at most. A database that had no such job
-- begins with its oldest exchange.
CREATE FUNCTION ootspg_internal.keep_statistics() RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
	due date := (clock_timestamp() - interval '3 hours')::date;
	first date := (SELECT d.until FROM ootspg_internal.statistics_done d FOR UPDATE);
	day date;
	days integer := 0;
BEGIN
	first := coalesce(first, (SELECT min(e.received_at)::date FROM ootspg.exchange e), due);
	-- the day before once more: previews of its evening may have ended since
	IF first = due - 1 THEN
		PERFORM ootspg_internal.sum_up_day(first - 1);
	END IF;
	FOR day IN SELECT g::date FROM generate_series(first::timestamp, due::timestamp - interval '1 day', interval '1 day') g LIMIT 31 LOOP
		PERFORM ootspg_internal.sum_up_day(day);
		days := days + 1;
	END LOOP;
	INSERT INTO ootspg_internal.statistics_done AS d (until) VALUES (first + days)
	ON CONFLICT ON CONSTRAINT statistics_done_pkey DO UPDATE SET until = EXCLUDED.until;
	RETURN format('%s days summed up', days);
END $$;
COMMENT ON FUNCTION ootspg_internal.keep_statistics() IS 'the job that keeps ootspg.exchange_statistics';

-- The cell in which the n-th hundredth lies, by its upper bound: no more is known, and no more is said.
CREATE FUNCTION ootspg_internal.percentile_of(durations bigint[], hundredths integer) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT (ootspg_internal.duration_bounds() || 'Infinity'::numeric)[min(c.n)]
	  FROM (SELECT u.n, sum(u.d) OVER (ORDER BY u.n) AS so_far, sum(u.d) OVER () AS whole FROM unnest(durations) WITH ORDINALITY u(d, n)) c
	 WHERE c.whole > 0 AND c.so_far * 100 >= c.whole * hundredths;
END;
COMMENT ON FUNCTION ootspg_internal.percentile_of(bigint[], integer) IS 'seconds within which so many of 100 were answered, rounded up to a bound; Infinity: beyond all bounds; NULL: there were none';

-- Each dimension is a table of its own with the same total, so that one cell of it could be told from the total and the rest: small cells are left
-- out, and with them the smallest others until what is left out together says nothing of any of them.
CREATE FUNCTION ootspg_internal.suppressed(counts bigint[], minimum bigint) RETURNS boolean[]
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	hidden boolean[] := ARRAY(SELECT c < minimum FROM unnest(counts) WITH ORDINALITY u(c, n) ORDER BY n);
	cells bigint;
	whole bigint;
	next integer;
BEGIN
	LOOP
		SELECT count(*), sum(c) INTO cells, whole FROM unnest(counts, hidden) u(c, h) WHERE h;
		-- one cell is the difference; all ones, or all as great as may be, are told by their sum
		EXIT WHEN cells = 0 OR cells > 1 AND whole >= minimum AND whole <> cells AND whole <> cells * (minimum - 1);
		SELECT n INTO next FROM unnest(counts, hidden) WITH ORDINALITY u(c, h, n) WHERE NOT h ORDER BY c, n LIMIT 1;
		IF next IS NULL THEN
			RETURN NULL;
		END IF;
		hidden[next] := true;
	END LOOP;
	RETURN hidden;
END $$;
COMMENT ON FUNCTION ootspg_internal.suppressed(bigint[], bigint) IS 'which of the counts of a table are left out when it is published with its total; NULL: then not even the total may be';

CREATE FUNCTION ootspg_internal.counted_in_month(month date, OUT dimension text, OUT value text, OUT answers bigint, OUT durations bigint[]) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH s AS MATERIALIZED (
		SELECT * FROM ootspg.exchange_statistics x
		 WHERE x.day >= date_trunc('month', counted_in_month.month::timestamp)::date AND x.day < (date_trunc('month', counted_in_month.month::timestamp) + interval '1 month')::date
		   AND x.environment IS NOT DISTINCT FROM 'production' AND ootspg_internal.is_own(x.provider))
	SELECT d.dimension, d.value, sum(s.answers)::bigint, 
		   ARRAY[sum(s.durations[1])::bigint, sum(s.durations[2])::bigint, sum(s.durations[3])::bigint, sum(s.durations[4])::bigint, sum(s.durations[5])::bigint, sum(s.durations[6])::bigint, sum(s.durations[7])::bigint,
				 sum(s.durations[8])::bigint, sum(s.durations[9])::bigint, sum(s.durations[10])::bigint, sum(s.durations[11])::bigint, sum(s.durations[12])::bigint, sum(s.durations[13])::bigint]
	  FROM s, LATERAL (VALUES ('total', 'total'), ('evidence type', coalesce(s.evidence_type, 'unknown')), ('procedure', coalesce(s.procedure_code, 'unknown')),
			('country', coalesce(s.requester_country, 'unknown')), ('outcome', coalesce(s.error_code, s.outcome)), ('preview', coalesce(s.decision, 'none'))) d(dimension, value)
	 GROUP BY 1, 2;
END;
COMMENT ON FUNCTION ootspg_internal.counted_in_month(date) IS 'answers of a month in production, of the session''s providers, by each dimension for itself';

CREATE FUNCTION ootspg.statistics(month date DEFAULT (now() - interval '1 month')::date, minimum integer DEFAULT 5,
	OUT dimension text, OUT value text, OUT answers bigint, OUT seconds_50 numeric, OUT seconds_95 numeric, OUT seconds_99 numeric) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH c AS MATERIALIZED (SELECT * FROM ootspg_internal.counted_in_month(month) m),
	h AS (SELECT a.dimension, u.value, u.hidden
			FROM (SELECT c.dimension, array_agg(c.value ORDER BY c.value) AS names, ootspg_internal.suppressed(array_agg(c.answers ORDER BY c.value), minimum) AS hidden FROM c GROUP BY 1) a,
				 LATERAL unnest(a.names, a.hidden) u(value, hidden)),
	-- each dimension adds up to the total: where it tells too much in one of them, all say nothing
	t AS (SELECT bool_or(h.hidden IS NULL) AS small FROM h)
	SELECT c.dimension, c.value, s.answers, ootspg_internal.percentile_of(s.durations, 50), ootspg_internal.percentile_of(s.durations, 95), ootspg_internal.percentile_of(s.durations, 99)
	  FROM c JOIN h USING (dimension, value) CROSS JOIN t
	  LEFT JOIN LATERAL (SELECT c.answers, c.durations WHERE NOT (h.hidden OR t.small)) s ON true
	 ORDER BY c.dimension <> 'total', c.dimension, c.value COLLATE "C";
END $$;
COMMENT ON FUNCTION ootspg.statistics(date, integer) IS
'answers of a month in production, last month unless another one is named, as they may be published: cells below the minimum are NULL, and so are those that could be computed from the others. seconds_…: within which so many of 100 were answered, rounded up to 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600. minimum 0 leaves nothing out: not for publication';

CREATE FUNCTION ootspg.statistics_json(month date DEFAULT (now() - interval '1 month')::date, minimum integer DEFAULT 5) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT jsonb_build_object('month', to_char(statistics_json.month, 'YYYY-MM'), 'minimum', statistics_json.minimum,
		'rows', coalesce(jsonb_agg(jsonb_build_object('dimension', s.dimension, 'value', s.value, 'answers', s.answers,
			'seconds_50', s.seconds_50, 'seconds_95', s.seconds_95, 'seconds_99', s.seconds_99) ORDER BY s.n), '[]'))
	  FROM ootspg.statistics(statistics_json.month, statistics_json.minimum) WITH ORDINALITY s(dimension, value, answers, seconds_50, seconds_95, seconds_99, n);
END;
COMMENT ON FUNCTION ootspg.statistics_json(date, integer) IS 'ootspg.statistics() as JSON';

CREATE FUNCTION ootspg.statistics_csv(month date DEFAULT (now() - interval '1 month')::date, minimum integer DEFAULT 5) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT concat(E'dimension,value,answers,seconds_50,seconds_95,seconds_99\r\n',
		string_agg(concat_ws(',', s.dimension, '"' || replace(s.value, '"', '""') || '"', coalesce(s.answers::text, ''), coalesce(s.seconds_50::text, ''), coalesce(s.seconds_95::text, ''), coalesce(s.seconds_99::text, '')),
				   E'\r\n' ORDER BY s.n), CASE WHEN count(*) > 0 THEN E'\r\n' END)
	  FROM ootspg.statistics(statistics_csv.month, statistics_csv.minimum) WITH ORDINALITY s(dimension, value, answers, seconds_50, seconds_95, seconds_99, n);
END;
COMMENT ON FUNCTION ootspg.statistics_csv(date, integer) IS 'ootspg.statistics() as CSV (RFC 4180)';

-- One bar a value, with its count as text, so that it is read without colours.
CREATE FUNCTION ootspg.statistics_svg(month date DEFAULT (now() - interval '1 month')::date, dimension text DEFAULT 'outcome', minimum integer DEFAULT 5) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH s AS (SELECT x.value, x.answers, row_number() OVER (ORDER BY x.n) - 1 AS row, count(*) OVER () AS rows, max(x.answers) OVER () AS most
				 FROM ootspg.statistics(statistics_svg.month, statistics_svg.minimum) WITH ORDINALITY x(dimension, value, answers, seconds_50, seconds_95, seconds_99, n)
				WHERE x.dimension = statistics_svg.dimension),
	c AS (SELECT s.*, replace(replace(replace(s.value, '&', '&amp;'), '<', '&lt;'), '>', '&gt;') AS shown FROM s)
	SELECT format(E'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 %s" font-family="sans-serif" font-size="14">\n<title>Answers of %s by %s</title>\n', 50 + 24 * coalesce(max(c.rows), 0),
				  to_char(statistics_svg.month, 'YYYY-MM'), replace(replace(statistics_svg.dimension, '&', '&amp;'), '<', '&lt;'))
		|| format(E'<text x="8" y="24" font-size="16">Answers of %s by %s</text>\n', to_char(statistics_svg.month, 'YYYY-MM'), replace(replace(statistics_svg.dimension, '&', '&amp;'), '<', '&lt;'))
		|| coalesce(string_agg(format(E'<text x="190" y="%s" text-anchor="end">%s</text><rect x="200" y="%s" width="%s" height="16" fill="#004494"/><text x="%s" y="%s">%s</text>\n',
				54 + 24 * c.row, c.shown, 41 + 24 * c.row, coalesce(360 * c.answers / greatest(c.most, 1), 0), 206 + coalesce(360 * c.answers / greatest(c.most, 1), 0), 54 + 24 * c.row,
				coalesce(c.answers::text, 'not shown')), '' ORDER BY c.row), '')
		|| '</svg>'
	  FROM c;
END;
COMMENT ON FUNCTION ootspg.statistics_svg(date, text, integer) IS 'a dimension of ootspg.statistics() as a plot: total, evidence type, procedure, country, outcome or preview';
