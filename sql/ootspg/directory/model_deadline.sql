-- Versions of data models and of the metadata model (oots-edm, whose versions are the
-- lines): a new one is applied within twelve months of its publication (D-MOD-05), the
-- former stays available for twelve months from then on (D-MOD-06).

CREATE TABLE ootspg.model_release (
	model			text NOT NULL CHECK (ootspg_internal.require('name', model)),
	version			text NOT NULL,
	published		date NOT NULL,
	PRIMARY KEY (model, version)
);
COMMENT ON TABLE ootspg.model_release IS 'versions published in the Semantic Repository that are not installed here, or not yet; lines as versions v1.2, v2.0 of model oots-edm. Installed models stand in ootspg.data_model';
COMMENT ON COLUMN ootspg.model_release.model IS 'as in ootspg.data_model, or oots-edm';
COMMENT ON COLUMN ootspg.model_release.version IS 'version as published';
COMMENT ON COLUMN ootspg.model_release.published IS 'day of publication; deadlines count from here';

CREATE TABLE ootspg.model_withdrawal (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	model			text NOT NULL,
	version			text NOT NULL,
	reason			text NOT NULL,
	confirmed_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	confirmed_by	text NOT NULL DEFAULT session_user,
	PRIMARY KEY (evidence_type, model, version)
);
COMMENT ON TABLE ootspg.model_withdrawal IS 'early withdrawals of model versions that were confirmed; written by ootspg.confirm_withdrawal()';
COMMENT ON COLUMN ootspg.model_withdrawal.evidence_type IS 'evidence type that drops the version';
COMMENT ON COLUMN ootspg.model_withdrawal.model IS 'data model, or oots-edm';
COMMENT ON COLUMN ootspg.model_withdrawal.version IS 'version that may be dropped before its twelve months are over (D-MOD-06)';
COMMENT ON COLUMN ootspg.model_withdrawal.reason IS 'why, for those who ask for the version';
COMMENT ON COLUMN ootspg.model_withdrawal.confirmed_at IS 'when ootspg.confirm_withdrawal() was called last for it';
COMMENT ON COLUMN ootspg.model_withdrawal.confirmed_by IS 'session user of that call';

CREATE FUNCTION ootspg_internal.time_left(deadline date) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN deadline <= current_date THEN 'passed'
				WHEN deadline <= current_date + interval '1 month' THEN '1 month'
				WHEN deadline <= current_date + interval '3 months' THEN '3 months'
				WHEN deadline <= current_date + interval '6 months' THEN '6 months' END;
END;
COMMENT ON FUNCTION ootspg_internal.time_left(date) IS 'within how much time a deadline comes: 6 months, 3 months, 1 month, passed; NULL: later';

CREATE VIEW ootspg.model_deadline WITH (security_invoker) AS
WITH version AS (	-- both tables may tell of a version; when they differ, the earlier day counts
	SELECT k.model, k.version, min(k.published) AS published
	  FROM (SELECT m.model, m.version, m.published FROM ootspg.data_model m
			UNION ALL SELECT r.model, r.version, r.published FROM ootspg.model_release r) k
	 GROUP BY 1, 2),
in_use AS (
	SELECT d.evidence_type, d.model, d.model_version AS version FROM ootspg.distribution d WHERE d.model IS NOT NULL
	UNION
	SELECT l.evidence_type, split_part(l.line, ':', 1), split_part(l.line, ':', 2) FROM ootspg.evidence_type_line l),
ordered AS (
	SELECT v.*, lead(v.version) OVER w AS successor, lead(v.published) OVER w AS successor_published
	  FROM version v WINDOW w AS (PARTITION BY v.model ORDER BY v.published, v.version)),
used AS (
	SELECT u.evidence_type, u.model, u.version, v.published FROM in_use u JOIN version v USING (model, version))
SELECT o.model, o.version, o.published,
	   (o.published + interval '12 months')::date AS apply_by,
	   s.behind,
	   CASE WHEN s.behind <> '{}' THEN ootspg_internal.time_left((o.published + interval '12 months')::date) END AS apply_warning,
	   o.successor,
	   (o.successor_published + interval '12 months')::date AS keep_until,
	   s.served_by,
	   CASE WHEN s.served_by <> '{}' THEN ootspg_internal.time_left((o.successor_published + interval '12 months')::date) END AS keep_warning
  FROM ordered o,
	   LATERAL (SELECT ARRAY(SELECT u.evidence_type FROM used u WHERE u.model = o.model AND u.version = o.version ORDER BY 1) AS served_by,
					   ARRAY(SELECT u.evidence_type FROM used u WHERE u.model = o.model GROUP BY 1
							 HAVING max(u.published) < o.published ORDER BY 1) AS behind) s;
COMMENT ON VIEW ootspg.model_deadline IS 'versions of data models, and of the metadata model as oots-edm, with their two deadlines';
COMMENT ON COLUMN ootspg.model_deadline.model IS 'data model, or oots-edm for the lines';
COMMENT ON COLUMN ootspg.model_deadline.version IS 'version of it; of oots-edm, as v1.2';
COMMENT ON COLUMN ootspg.model_deadline.published IS 'day of publication; the earlier one where two rows tell it';
COMMENT ON COLUMN ootspg.model_deadline.successor IS 'next version by day of publication; NULL: it is the latest';
COMMENT ON COLUMN ootspg.model_deadline.apply_by IS 'twelve months after publication: by then every evidence type of the model serves this version or a later one (D-MOD-05)';
COMMENT ON COLUMN ootspg.model_deadline.behind IS 'evidence types that serve only earlier versions';
COMMENT ON COLUMN ootspg.model_deadline.apply_warning IS '6 months, 3 months, 1 month before apply_by, passed after it; NULL when nothing is behind, or there is more time';
COMMENT ON COLUMN ootspg.model_deadline.keep_until IS 'twelve months after the successor''s publication: until then the version stays available (D-MOD-06)';
COMMENT ON COLUMN ootspg.model_deadline.served_by IS 'evidence types that can be had in this version';
COMMENT ON COLUMN ootspg.model_deadline.keep_warning IS 'the same for keep_until; after it the version may be withdrawn';

CREATE FUNCTION ootspg.confirm_withdrawal(evidence_type text, model text, version text, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	provider text := (SELECT t.provider FROM ootspg.evidence_type t WHERE t.evidence_type = confirm_withdrawal.evidence_type);
BEGIN
	IF provider IS NULL OR NOT ootspg_internal.has_duty(session_user, 'configure', provider) THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to configure', evidence_type
			USING ERRCODE = 'OT006', HINT = 'ootspg.grant_duty() gives the duty to configure.';
	END IF;
	IF coalesce(btrim(reason), '') = '' THEN
		PERFORM ootspg_internal.raise_configuration('an early withdrawal needs a reason', 'It is kept for those who ask why the version is no longer available.');
	END IF;
	INSERT INTO ootspg.model_withdrawal (evidence_type, model, version, reason)
	VALUES (confirm_withdrawal.evidence_type, confirm_withdrawal.model, confirm_withdrawal.version, confirm_withdrawal.reason)
	ON CONFLICT ON CONSTRAINT model_withdrawal_pkey DO UPDATE
	   SET reason = EXCLUDED.reason, confirmed_at = clock_timestamp(), confirmed_by = session_user;
END $$;
COMMENT ON FUNCTION ootspg.confirm_withdrawal(text, text, text, text) IS
'allows an evidence type to drop a model version (a line as model oots-edm, version v1.2) before its twelve months are over, and keeps the reason';

-- Checked when the transaction ends, so that a version may move from one distribution to another.
CREATE FUNCTION ootspg_internal.check_withdrawal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	old_model text := CASE TG_TABLE_NAME WHEN 'distribution' THEN to_jsonb(OLD)->>'model' ELSE split_part(to_jsonb(OLD)->>'line', ':', 1) END;
	old_version text := CASE TG_TABLE_NAME WHEN 'distribution' THEN to_jsonb(OLD)->>'model_version' ELSE split_part(to_jsonb(OLD)->>'line', ':', 2) END;
	type text := CASE TG_OP WHEN 'DELETE' THEN OLD.evidence_type ELSE NEW.evidence_type END;
	keep record;
BEGIN
	IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'distribution' AND ootspg_internal.only_follows(to_jsonb(OLD), to_jsonb(NEW)) THEN
		RETURN NULL;
	END IF;
	SELECT d.successor, d.keep_until INTO keep FROM ootspg.model_deadline d
	 WHERE d.model = old_model AND d.version = old_version AND d.keep_until > current_date AND type <> ALL (d.served_by);
	IF FOUND AND EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = type)
		AND NOT EXISTS (SELECT FROM ootspg.model_withdrawal w WHERE w.evidence_type = type AND w.model = old_model AND w.version = old_version) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('evidence type "%s" may not drop %s %s before %s', type, old_model, old_version, to_char(keep.keep_until, 'YYYY-MM-DD')),
			format('Serve it beside %s until then (D-MOD-06), or give the reason to ootspg.confirm_withdrawal().', keep.successor));
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_withdrawal() IS 'refuses to drop a model version within twelve months of its successor''s publication';

CREATE CONSTRAINT TRIGGER check_withdrawal AFTER UPDATE OR DELETE ON ootspg.distribution
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_withdrawal();
CREATE CONSTRAINT TRIGGER check_withdrawal AFTER UPDATE OR DELETE ON ootspg.evidence_type_line
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_withdrawal();
