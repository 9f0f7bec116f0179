-- Evidence that was not there yet, and that a requester was told the day of (src/exchange/promise.c). Nothing is sent by itself
-- later: the requester asks anew (D-TMO-10, IR (EU) 2022/1463 art. 15(5)).

CREATE TABLE ootspg.promise (
	exchange_id		bigint PRIMARY KEY,
	provider		text NOT NULL,
	evidence_type	text NOT NULL,
	requester_scheme text,
	requester_identifier text,
	subject_key		bytea,
	subject_identifier_key bytea,
	promised_at		timestamptz NOT NULL,
	available_at	timestamptz NOT NULL,
	state			text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'kept', 'renewed', 'settled')),
	last_asked_at	timestamptz,
	ended_at		timestamptz,
	ended_by		bigint
);
CREATE INDEX promise_open ON ootspg.promise (evidence_type, requester_identifier) WHERE state = 'open';
CREATE INDEX promise_due ON ootspg.promise (available_at) WHERE state = 'open';
COMMENT ON TABLE ootspg.promise IS 'deferred answers: what was promised to whom, and whether a later request found it; ootspg.purge() takes each with its exchange (D-TMO-10)';
COMMENT ON COLUMN ootspg.promise.exchange_id IS 'exchange whose answer promised it';
COMMENT ON COLUMN ootspg.promise.provider IS 'whose promise it is';
COMMENT ON COLUMN ootspg.promise.evidence_type IS 'what was promised';
COMMENT ON COLUMN ootspg.promise.requester_scheme IS 'agent scheme of the evidence requester to whom';
COMMENT ON COLUMN ootspg.promise.requester_identifier IS 'its identifier under that scheme';
COMMENT ON COLUMN ootspg.promise.subject_key IS 'whom the evidence is about, as ootspg.exchange has it; compare with = ANY (ootspg.subject_keys(subject))';
COMMENT ON COLUMN ootspg.promise.subject_identifier_key IS 'the same of the eIDAS identifier; NULL: the request had none';
COMMENT ON COLUMN ootspg.promise.promised_at IS 'when the answer was built';
COMMENT ON COLUMN ootspg.promise.available_at IS 'ResponseAvailableDateTime of the answer: from then on all of it should be there';
COMMENT ON COLUMN ootspg.promise.state IS 'open; kept: a later request found all of it; renewed: a later request was told another moment, in a promise of its own; settled: by ootspg.settle_promise()';
COMMENT ON COLUMN ootspg.promise.last_asked_at IS 'when the requester last asked for it; NULL: never came back';
COMMENT ON COLUMN ootspg.promise.ended_at IS 'when it was kept, renewed or settled';
COMMENT ON COLUMN ootspg.promise.ended_by IS 'exchange that found it, or that was told another moment';
SELECT pg_catalog.pg_extension_config_dump('ootspg.promise', '');
ALTER TABLE ootspg.promise ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_audit ON ootspg.promise FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, 'audit')) && ARRAY['*', provider]);

CREATE VIEW ootspg.overdue_promise WITH (security_barrier) AS
SELECT p.exchange_id, p.provider, p.evidence_type, p.requester_scheme, p.requester_identifier, p.promised_at, p.available_at,
	   p.last_asked_at, coalesce(p.last_asked_at >= p.available_at, false) AS asked_in_vain
  FROM ootspg.promise p
 WHERE p.state = 'open' AND p.available_at <= now()
   AND ((SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*', p.provider] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user));
COMMENT ON VIEW ootspg.overdue_promise IS 'promises of the session''s providers whose day has passed and that no later request has found kept: see that the evidence is there, or settle them';
COMMENT ON COLUMN ootspg.overdue_promise.exchange_id IS 'exchange whose answer promised it; the audit has the request';
COMMENT ON COLUMN ootspg.overdue_promise.provider IS 'whose promise it is';
COMMENT ON COLUMN ootspg.overdue_promise.evidence_type IS 'what was promised';
COMMENT ON COLUMN ootspg.overdue_promise.requester_scheme IS 'agent scheme of the evidence requester to whom';
COMMENT ON COLUMN ootspg.overdue_promise.requester_identifier IS 'its identifier under that scheme';
COMMENT ON COLUMN ootspg.overdue_promise.promised_at IS 'when the answer was built';
COMMENT ON COLUMN ootspg.overdue_promise.available_at IS 'moment that was promised';
COMMENT ON COLUMN ootspg.overdue_promise.last_asked_at IS 'when the requester last asked for it; NULL: never came back';
COMMENT ON COLUMN ootspg.overdue_promise.asked_in_vain IS 'true: the requester came back after that moment, and did not get it. false: nobody has asked since, and nobody here knows whether it is there';

CREATE FUNCTION ootspg_internal.promises_overdue() RETURNS TABLE (evidence_type text, since timestamptz, reason text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT p.evidence_type, min(p.available_at),
		   format('%s promised pieces of evidence are overdue, %s of them were asked for in vain', count(*), count(*) FILTER (WHERE p.asked_in_vain))
	  FROM ootspg.overdue_promise p GROUP BY p.evidence_type;
END;
COMMENT ON FUNCTION ootspg_internal.promises_overdue() IS 'overdue promises of the session''s providers by evidence type, for ootspg.status';

CREATE FUNCTION ootspg.settle_promise(exchange_id bigint, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	promised ootspg.promise;
BEGIN
	SELECT * INTO promised FROM ootspg.promise p WHERE p.exchange_id = settle_promise.exchange_id AND p.state = 'open' FOR UPDATE;
	IF NOT FOUND OR NOT ootspg_internal.has_duty(session_user, 'operate', promised.provider) THEN
		RAISE EXCEPTION 'there is no open promise of exchange %, or it is not yours to settle', settle_promise.exchange_id
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT * FROM ootspg.overdue_promise shows those that are overdue; ootspg.grant_duty() gives the duty to operate.';
	END IF;
	UPDATE ootspg.promise p SET state = 'settled', ended_at = clock_timestamp() WHERE p.exchange_id = settle_promise.exchange_id;
	PERFORM ootspg_internal.prepare_audit(clock_timestamp());
	INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type, detail)
	VALUES (clock_timestamp(), settle_promise.exchange_id, promised.provider, 'promise_settled', settle_promise.reason);
END $$;
COMMENT ON FUNCTION ootspg.settle_promise(bigint, text) IS 'end a promise that no later request will find: the evidence is there and nobody has asked for it, or it will never be. The reason, without personal data, is in the audit';
