-- What became of exchanges, counted in shared memory like the server's own statistics: cheap to read, counted from the start of
-- the server or the last reset on. What has to be exact, or to reach back, is asked of ootspg.exchange.

CREATE FUNCTION ootspg_internal.counted_exchanges(OUT provider text, OUT evidence_type text, OUT line text, OUT outcome text, OUT error_code text,
	OUT requester_country text, OUT others boolean, OUT answers bigint, OUT within_100ms bigint, OUT within_1s bigint, OUT within_10s bigint,
	OUT within_1min bigint, OUT within_5min bigint, OUT seconds double precision, OUT longest double precision, OUT last_answer timestamptz, OUT since timestamptz)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_counted_exchanges'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.counted_exchanges() IS 'counters of this database, of all providers';

CREATE FUNCTION ootspg_internal.forget_counted_exchanges() RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_forget_counted_exchanges'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.forget_counted_exchanges() IS 'lets the counters of this database begin anew';

CREATE FUNCTION ootspg_internal.own_counted_exchanges(OUT provider text, OUT evidence_type text, OUT line text, OUT outcome text, OUT error_code text,
	OUT requester_country text, OUT others boolean, OUT answers bigint, OUT within_100ms bigint, OUT within_1s bigint, OUT within_10s bigint,
	OUT within_1min bigint, OUT within_5min bigint, OUT seconds double precision, OUT longest double precision, OUT last_answer timestamptz, OUT since timestamptz)
RETURNS SETOF record
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH c AS MATERIALIZED (SELECT * FROM ootspg_internal.counted_exchanges()),
	p AS MATERIALIZED (SELECT coalesce(c.provider, '') AS provider FROM c GROUP BY c.provider HAVING ootspg_internal.is_own(c.provider))
	SELECT c.* FROM c JOIN p ON p.provider = coalesce(c.provider, '');
END;
COMMENT ON FUNCTION ootspg_internal.own_counted_exchanges() IS 'of these, those of the session''s providers; those of none for duties without a provider';

CREATE VIEW ootspg.exchange_counters WITH (security_barrier) AS
SELECT provider, evidence_type, line, outcome, error_code, requester_country, others, answers, within_100ms, within_1s, within_10s, within_1min, within_5min,
	   seconds, longest, last_answer, since
  FROM ootspg_internal.own_counted_exchanges();
COMMENT ON VIEW ootspg.exchange_counters IS 'answers by what was asked for and what became of it, counted since the start of the server or the last ootspg.reset_exchange_counters(); empty where the library is not preloaded; system checks are not counted (D-LOG-30)';
COMMENT ON COLUMN ootspg.exchange_counters.provider IS 'who was asked; NULL: nobody that is known here';
COMMENT ON COLUMN ootspg.exchange_counters.evidence_type IS 'what was asked for; NULL: nothing that is known here';
COMMENT ON COLUMN ootspg.exchange_counters.line IS 'line of the answer, as oots-edm:v1.2';
COMMENT ON COLUMN ootspg.exchange_counters.outcome IS 'evidence, empty, deferred, error, unanswerable or preview as in ootspg.exchange, where held waits for its answer and is not counted yet; expired: an answer counted before was replaced by EDM:ERR:0005 because it could not leave within T1';
COMMENT ON COLUMN ootspg.exchange_counters.error_code IS 'code of the error that was answered';
COMMENT ON COLUMN ootspg.exchange_counters.requester_country IS 'country of the requester''s address, as LV; NULL: none that is written like one';
COMMENT ON COLUMN ootspg.exchange_counters.others IS 'true: there were more combinations than there are counters (4096 in the cluster); these answers are counted by outcome only';
COMMENT ON COLUMN ootspg.exchange_counters.answers IS 'how many; only ever grows until it begins anew';
COMMENT ON COLUMN ootspg.exchange_counters.within_100ms IS 'of these, answered within a tenth of a second from their arrival';
COMMENT ON COLUMN ootspg.exchange_counters.within_1s IS 'of these, within a second';
COMMENT ON COLUMN ootspg.exchange_counters.within_10s IS 'of these, within ten seconds';
COMMENT ON COLUMN ootspg.exchange_counters.within_1min IS 'of these, within a minute';
COMMENT ON COLUMN ootspg.exchange_counters.within_5min IS 'of these, within five minutes, which is T1 unless the evidence type says otherwise';
COMMENT ON COLUMN ootspg.exchange_counters.seconds IS 'sum of the seconds from arrival to answer; where a user looked at the evidence, his time is among them';
COMMENT ON COLUMN ootspg.exchange_counters.longest IS 'the longest of them';
COMMENT ON COLUMN ootspg.exchange_counters.last_answer IS 'when the last one was counted';
COMMENT ON COLUMN ootspg.exchange_counters.since IS 'when the first one was counted';

CREATE FUNCTION ootspg.reset_exchange_counters() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_operator();
	PERFORM ootspg_internal.forget_counted_exchanges();
END $$;
COMMENT ON FUNCTION ootspg.reset_exchange_counters() IS 'lets the counters of this database begin anew; for the duty to operate';
