-- How evidence types fare, from the history of exchanges: the same in every session, with workers and without, and nothing
-- that answers would have to write or wait for. Failures are few and have an index of their own; what is counted is the last hour.
-- PL/pgSQL keeps its plans, where SQL would plan at each call: monitors ask again and again.

-- As src/exchange/record.c has it, which writes the lines of the log.
CREATE FUNCTION ootspg_internal.failing(evidence_type text, OUT failing boolean, OUT last_failure timestamptz, OUT sqlstate text, OUT last_success timestamptz, OUT since timestamptz)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	SELECT coalesce(f.received_at > now() - interval '1 day' AND coalesce(g.last_success <= f.received_at + interval '15 min', true), false),
		   f.received_at, f.sqlstate, g.last_success,
		   (SELECT min(x.received_at) FROM ootspg.exchange x
			 WHERE x.evidence_type = failing.evidence_type AND x.sqlstate IS NOT NULL AND NOT x.system_check AND x.received_at > now() - interval '1 day'
			   AND x.received_at > coalesce((SELECT max(s.received_at) FROM ootspg.exchange s
											  WHERE s.evidence_type = failing.evidence_type AND s.outcome IN ('evidence', 'empty', 'deferred', 'preview') AND NOT s.system_check
												AND s.received_at < f.received_at), '-infinity'))
	  INTO failing, last_failure, sqlstate, last_success, since
	  FROM (SELECT x.received_at AS last_success FROM ootspg.exchange x
			 WHERE x.evidence_type = failing.evidence_type AND x.outcome IN ('evidence', 'empty', 'deferred', 'preview') AND NOT x.system_check
			 ORDER BY x.received_at DESC LIMIT 1) g
	  FULL JOIN (SELECT x.received_at, x.sqlstate FROM ootspg.exchange x
				  WHERE x.evidence_type = failing.evidence_type AND x.sqlstate IS NOT NULL AND NOT x.system_check
				  ORDER BY x.received_at DESC LIMIT 1) f ON true;
END $$;
COMMENT ON FUNCTION ootspg_internal.failing(text) IS 'does an evidence type fail: its registry failed within a day, and it was not answered well later than a quarter of an hour after that; since: the first failure after the last success before';

CREATE FUNCTION ootspg_internal.evidence_type_state(OUT evidence_type text, OUT provider text, OUT state text, OUT reason text, OUT since timestamptz,
	OUT last_success timestamptz, OUT last_failure timestamptz, OUT sqlstate text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT t.evidence_type, t.provider,
		   CASE WHEN a.evidence_type IS NULL THEN 'not in service' WHEN o.evidence_type IS NOT NULL THEN 'out of service' WHEN f.failing THEN 'failing' ELSE 'served' END,
		   CASE WHEN a.evidence_type IS NULL THEN NULL WHEN o.evidence_type IS NOT NULL THEN o.fault
				WHEN f.failing THEN format('evidence type "%s": answers fail with SQLSTATE %s', t.evidence_type, f.sqlstate) END,
		   CASE WHEN a.evidence_type IS NULL THEN NULL WHEN o.evidence_type IS NOT NULL THEN coalesce(o.since, f.since) WHEN f.failing THEN f.since ELSE a.activated_at END,
		   f.last_success, f.last_failure, f.sqlstate
	  FROM ootspg.evidence_type t
	  LEFT JOIN ootspg.activation a USING (evidence_type)
	  LEFT JOIN ootspg_internal.service_faults() o USING (evidence_type)
	 CROSS JOIN LATERAL ootspg_internal.failing(t.evidence_type) f
	 WHERE ootspg_internal.is_own(t.provider);
END $$;
COMMENT ON FUNCTION ootspg_internal.evidence_type_state() IS 'evidence types of the session''s providers: served, failing, out of service or not in service, and why';

CREATE FUNCTION ootspg_internal.evidence_type_figures(evidence_type text, OUT answers bigint, OUT evidence bigint, OUT empty bigint, OUT deferred bigint, OUT previews bigint, OUT errors jsonb, OUT failures bigint,
	OUT recent_failure_rate numeric, OUT latency_median interval, OUT latency_95 interval)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
BEGIN ATOMIC
	WITH x AS MATERIALIZED (
		SELECT x.outcome, x.error_code, x.sqlstate, x.received_at,
			   CASE WHEN x.first_exchange_id IS NULL THEN x.answered_at - x.received_at END AS latency	-- of a second request it is the user's
		  FROM ootspg.exchange x
		 WHERE x.evidence_type = evidence_type_figures.evidence_type AND x.received_at > now() - interval '1 hour' AND NOT x.system_check
		   AND EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = x.evidence_type AND ootspg_internal.is_own(t.provider)))
	SELECT count(*), count(*) FILTER (WHERE outcome = 'evidence'), count(*) FILTER (WHERE outcome = 'empty'), count(*) FILTER (WHERE outcome = 'deferred'), count(*) FILTER (WHERE outcome = 'preview'),
		   (SELECT coalesce(jsonb_object_agg(e.error_code, e.times), '{}') FROM (SELECT x.error_code, count(*) AS times FROM x WHERE x.outcome = 'error' GROUP BY 1) e),
		   count(sqlstate),
		   round(count(sqlstate) FILTER (WHERE received_at > now() - interval '15 min')::numeric
				 / nullif(count(*) FILTER (WHERE received_at > now() - interval '15 min'), 0), 3),
		   percentile_cont(0.5) WITHIN GROUP (ORDER BY latency), percentile_cont(0.95) WITHIN GROUP (ORDER BY latency)
	  FROM x;
END;
COMMENT ON FUNCTION ootspg_internal.evidence_type_figures(text) IS 'what became of the requests of the last hour, if the type belongs to a provider of the session''s role';

CREATE VIEW ootspg.evidence_type_status WITH (security_barrier) AS
SELECT s.evidence_type, s.provider, s.state, s.reason, s.since, f.answers, f.evidence, f.empty, f.deferred, f.previews, f.errors, f.failures, f.recent_failure_rate,
	   s.last_success, s.last_failure, s.sqlstate, f.latency_median, f.latency_95
  FROM ootspg_internal.evidence_type_state() s CROSS JOIN LATERAL ootspg_internal.evidence_type_figures(s.evidence_type) f;
COMMENT ON VIEW ootspg.evidence_type_status IS 'each evidence type: whether it can be served, whether answers fail, and what became of the requests of the last hour; system checks are not counted';
COMMENT ON COLUMN ootspg.evidence_type_status.evidence_type IS 'its name';
COMMENT ON COLUMN ootspg.evidence_type_status.provider IS 'whose it is';
COMMENT ON COLUMN ootspg.evidence_type_status.state IS 'served; failing: its registry failed within a day, and was not answered well later than 15 minutes after that; out of service: it cannot be served, see ootspg.out_of_service; not in service: not activated';
COMMENT ON COLUMN ootspg.evidence_type_status.reason IS 'why it is not served well';
COMMENT ON COLUMN ootspg.evidence_type_status.since IS 'of the state; failing: the first failure after the last success before it';
COMMENT ON COLUMN ootspg.evidence_type_status.answers IS 'requests of the last hour that were answered for it, well or not';
COMMENT ON COLUMN ootspg.evidence_type_status.evidence IS 'of these, with evidence';
COMMENT ON COLUMN ootspg.evidence_type_status.empty IS 'of these, with an empty list: a known person without a record';
COMMENT ON COLUMN ootspg.evidence_type_status.deferred IS 'of these, with a deferral: evidence that is not there yet';
COMMENT ON COLUMN ootspg.evidence_type_status.previews IS 'of these, with a link to a preview';
COMMENT ON COLUMN ootspg.evidence_type_status.errors IS 'of these, with an error: how many of each code, as in {"EDM:ERR:0004": 3}';
COMMENT ON COLUMN ootspg.evidence_type_status.failures IS 'of these, for which the registry, or building evidence from it, failed';
COMMENT ON COLUMN ootspg.evidence_type_status.recent_failure_rate IS 'part of the requests of the last 15 minutes that failed so, 0 to 1; NULL when there were none';
COMMENT ON COLUMN ootspg.evidence_type_status.last_success IS 'arrival of the last request that was answered with evidence, a link to it, an empty list or a deferral';
COMMENT ON COLUMN ootspg.evidence_type_status.last_failure IS 'arrival of the last request for which the registry failed';
COMMENT ON COLUMN ootspg.evidence_type_status.sqlstate IS 'what it failed with';
COMMENT ON COLUMN ootspg.evidence_type_status.latency_median IS 'from arrival to answer, half of the requests of the last hour; second requests, which wait for the user, are not in it';
COMMENT ON COLUMN ootspg.evidence_type_status.latency_95 IS 'the same, 95 of 100';
