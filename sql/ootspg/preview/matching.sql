-- Users who sign in again: who they are, compared with whom the request is about, and the log of what was compared
-- (IR (EU) 2025/846 art. 5, which applies from 24 December 2026; D-PRE-10, D-IDM-23, D-LOG-29).

CREATE FUNCTION ootspg_internal.matching_key_fault(provider text, key_uri text) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_matching_key_fault'
LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION ootspg_internal.matching_key_fault(text, text) IS 'why a provider''s key file of the matching log cannot be used; NULL: it can';

CREATE FUNCTION ootspg_internal.matching_close(provider text, key_uri text, number bigint, content bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_matching_close'
LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION ootspg_internal.matching_close(text, text, bigint, bytea) IS 'content encrypted for one row of the matching log; raises OT004 when the key cannot be used';

CREATE FUNCTION ootspg_internal.matching_open(provider text, key_uri text, number bigint, sealed bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_matching_open'
LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION ootspg_internal.matching_open(text, text, bigint, bytea) IS 'content again; raises OT004 when the key cannot be used or it is another row''s';

CREATE FUNCTION ootspg_internal.identity_differences(asked ootspg.subject, verified ootspg.subject, first_given_name boolean) RETURNS text[]
AS 'MODULE_PATHNAME', 'ootspg_identity_differences'
LANGUAGE C IMMUTABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.identity_differences(ootspg.subject, ootspg.subject, boolean) IS
'mandatory attributes in which two sign-ins are not those of one person, by the rules of matching; {}: they are (D-PRE-10, D-PRE-12)';

-- Six months at least, twelve at most, and longer only where a law says so (art. 5(3)).
CREATE FUNCTION ootspg_internal.require_matching_retention(months integer, law text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF months < 6 OR months > 1200 OR (months > 12 AND coalesce(btrim(law), '') = '') THEN
		PERFORM ootspg_internal.raise_configuration(format('a matching log cannot be kept for %s months', months),
			'It is kept for 6 to 12 months; longer only where matching_law names the law that says so (Implementing Regulation (EU) 2025/846 art. 5(3)).');
	END IF;
	RETURN true;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_matching_retention(integer, text) IS 'true when a matching log may be kept for so many months; raises OT003 otherwise';

CREATE TABLE ootspg.matching_policy (
	provider		text PRIMARY KEY REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	key_uri			text NOT NULL CHECK (ootspg_internal.require('matching key', key_uri)),
	retention_months integer NOT NULL DEFAULT 6,
	law				text,
	tries			integer NOT NULL DEFAULT 5 CHECK (tries BETWEEN 1 AND 20),
	CONSTRAINT matching_policy_retention CHECK (ootspg_internal.require_matching_retention(retention_months, law))
);
COMMENT ON TABLE ootspg.matching_policy IS 'how a provider keeps the log of users who signed in again; without a row none of its types can ask for it';
COMMENT ON COLUMN ootspg.matching_policy.provider IS 'whose log it is';
COMMENT ON COLUMN ootspg.matching_policy.key_uri IS 'file: and a path below the directory matching/PROVIDER in ootspg.key_directory: 32 bytes or more that new rows are encrypted with. Older rows need theirs';
COMMENT ON COLUMN ootspg.matching_policy.retention_months IS 'months that rows are kept: 6 to 12, longer with a law';
COMMENT ON COLUMN ootspg.matching_policy.law IS 'law that asks for more than 12 months; NULL: none';
COMMENT ON COLUMN ootspg.matching_policy.tries IS 'sign-ins that may differ from the request until the link is locked for a quarter of an hour';
SELECT pg_catalog.pg_extension_config_dump('ootspg.matching_policy', '');
ALTER TABLE ootspg.matching_policy ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_provider ON ootspg.matching_policy FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*', provider]);
CREATE POLICY own_configuration ON ootspg.matching_policy USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', provider]);

CREATE TABLE ootspg.matching_log (
	matching_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	logged_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	exchange_id		bigint NOT NULL,
	provider		text NOT NULL,
	evidence_type	text NOT NULL,
	result			text NOT NULL CHECK (result IN ('same', 'different', 'incomplete', 'level too low')),
	source			text,
	level_of_assurance text,
	policy_version	integer NOT NULL,
	key_uri			text NOT NULL,
	sealed			bytea NOT NULL
);
CREATE INDEX matching_log_logged_at ON ootspg.matching_log (logged_at);
CREATE INDEX matching_log_exchange ON ootspg.matching_log (exchange_id);
COMMENT ON TABLE ootspg.matching_log IS 'sign-ins that were compared with a request: when, by what, with which result; the values themselves are encrypted (IR (EU) 2025/846 art. 5)';
COMMENT ON COLUMN ootspg.matching_log.matching_id IS 'number of the comparison';
COMMENT ON COLUMN ootspg.matching_log.logged_at IS 'when it was made; counts for its retention';
COMMENT ON COLUMN ootspg.matching_log.exchange_id IS 'exchange whose preview the user was at';
COMMENT ON COLUMN ootspg.matching_log.provider IS 'whose evidence it was about; who has the duty matching_log for it reads the row';
COMMENT ON COLUMN ootspg.matching_log.evidence_type IS 'what was asked for';
COMMENT ON COLUMN ootspg.matching_log.result IS 'same: the person of the request; different; incomplete: a mandatory attribute, level or source was not given; level too low';
COMMENT ON COLUMN ootspg.matching_log.source IS 'who vouched for the user, as the preview space says';
COMMENT ON COLUMN ootspg.matching_log.level_of_assurance IS 'level of that sign-in';
COMMENT ON COLUMN ootspg.matching_log.policy_version IS 'ootspg.name_policy_version() of the comparison (D-IDM-12)';
COMMENT ON COLUMN ootspg.matching_log.key_uri IS 'key file that sealed was closed with';
COMMENT ON COLUMN ootspg.matching_log.sealed IS 'the values of the request and of the sign-in; ootspg.matching_values() opens them';
SELECT pg_catalog.pg_extension_config_dump('ootspg.matching_log', '');
SELECT pg_catalog.pg_extension_config_dump('ootspg.matching_log_matching_id_seq', '');
ALTER TABLE ootspg.matching_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_matching ON ootspg.matching_log FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, 'matching_log')) && ARRAY['*', provider]);
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.matching_log
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
ALTER TABLE ootspg.matching_log ENABLE ALWAYS TRIGGER audit_guard;

CREATE FUNCTION ootspg.matching_values(matching_id bigint) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	m ootspg.matching_log;
	opened jsonb;
BEGIN
	SELECT * INTO m FROM ootspg.matching_log l WHERE l.matching_id = matching_values.matching_id;
	IF NOT FOUND OR NOT ootspg_internal.has_duty(session_user, 'matching_log', m.provider) THEN
		RAISE EXCEPTION 'there is no comparison % in the matching log, or it is not yours to read', matching_values.matching_id
			USING ERRCODE = 'insufficient_privilege', HINT = 'ootspg.grant_duty() gives the duty matching_log.';
	END IF;
	opened := convert_from(ootspg_internal.matching_open(m.provider, m.key_uri, m.matching_id, m.sealed), 'UTF8')::jsonb;
	PERFORM ootspg_internal.prepare_audit(clock_timestamp());
	INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type, facts)
	VALUES (clock_timestamp(), m.exchange_id, m.provider, 'matching_read', jsonb_build_object('matching_id', m.matching_id));
	RETURN opened;
END $$;
COMMENT ON FUNCTION ootspg.matching_values(bigint) IS
'the values that were compared, {"asked": …, "verified": …}, for who has the duty matching_log; that they were read, and by whom, is in the audit. Raises OT004 when their key file is gone';

-- Rows whose time is over; of a provider without a policy after the longest time that needs no law.
CREATE FUNCTION ootspg_internal.purge_matching() RETURNS bigint
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH gone AS (
		DELETE FROM ootspg.matching_log m
		 WHERE m.logged_at < now() - make_interval(months => coalesce((SELECT p.retention_months FROM ootspg.matching_policy p WHERE p.provider = m.provider), 12))
		RETURNING 1)
	SELECT count(*) FROM gone;
END;
COMMENT ON FUNCTION ootspg_internal.purge_matching() IS 'takes rows of the matching log whose time is over; part of ootspg.purge(), which alone may';
