-- Changes that wait for the directory (D-REG-04). A plan is a row. Submissions are made as
-- if it were carried out, requests are served as if it were not; once the directory has
-- accepted a submission that says it, it is carried out in the same transaction.

CREATE TABLE ootspg.activation_on_acceptance (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	change			text NOT NULL GENERATED ALWAYS AS
		(coalesce(line::text, CASE WHEN level_of_assurance IS NULL THEN 'service' ELSE 'level of assurance' END)) STORED,
	line			ootspg.edm_line,
	classification	text,
	level_of_assurance text CHECK (ootspg_internal.require('level of assurance', level_of_assurance)),
	asked_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	asked_by		text NOT NULL DEFAULT session_user,
	PRIMARY KEY (evidence_type, change),
	CHECK (line IS NULL OR level_of_assurance IS NULL),
	CHECK ((line IS NULL) = (classification IS NULL)),
	CHECK (line IS NULL OR ootspg_internal.require_url('classification', line, classification))
);
COMMENT ON TABLE ootspg.activation_on_acceptance IS
'changes that are made when a submission to the DSD that says them is accepted (D-REG-04); written by ootspg.activate_when_accepted(), withdrawn by DELETE';
COMMENT ON COLUMN ootspg.activation_on_acceptance.evidence_type IS 'evidence type that is to change';
COMMENT ON COLUMN ootspg.activation_on_acceptance.line IS 'line it is to be served on; NULL: the change is none of a line';
COMMENT ON COLUMN ootspg.activation_on_acceptance.classification IS 'classification it is to have there';
COMMENT ON COLUMN ootspg.activation_on_acceptance.level_of_assurance IS 'level it is to ask for; NULL: the change is none of the level';
COMMENT ON COLUMN ootspg.activation_on_acceptance.asked_by IS 'session user of ootspg.activate_when_accepted()';
COMMENT ON COLUMN ootspg.activation_on_acceptance.change IS 'service: the evidence type goes into service; a line: it is served there, or has another classification there; level of assurance';
COMMENT ON COLUMN ootspg.activation_on_acceptance.asked_at IS 'only submissions made later can say it';

CREATE FUNCTION ootspg_internal.make_change(plan ootspg.activation_on_acceptance) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	type ootspg.evidence_type;
	hint text;
BEGIN
	IF plan.line IS NOT NULL THEN
		INSERT INTO ootspg.evidence_type_line (evidence_type, line, classification) VALUES (plan.evidence_type, plan.line, plan.classification)
		ON CONFLICT ON CONSTRAINT evidence_type_line_pkey DO UPDATE SET classification = EXCLUDED.classification;
	ELSIF plan.level_of_assurance IS NOT NULL THEN
		UPDATE ootspg.evidence_type t SET level_of_assurance = plan.level_of_assurance WHERE t.evidence_type = plan.evidence_type;
	ELSE
		INSERT INTO ootspg.activation (evidence_type) VALUES (plan.evidence_type) ON CONFLICT DO NOTHING;
	END IF;
	-- now and not at the end of the transaction: that may be the worker's, with messages of others
	SELECT t.* INTO type FROM ootspg.evidence_type t JOIN ootspg.activation a USING (evidence_type) WHERE t.evidence_type = plan.evidence_type;
	IF FOUND THEN
		PERFORM ootspg_internal.check_activation(type);
		IF plan.change = 'service' THEN
			PERFORM ootspg_internal.check_readers(type);
		END IF;
	END IF;
EXCEPTION WHEN integrity_constraint_violation OR SQLSTATE 'OT003' THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	PERFORM ootspg_internal.raise_configuration(
		format('ootspg.activation_on_acceptance ("%s", %s) cannot be carried out: %s', plan.evidence_type, plan.change, SQLERRM),
		concat_ws(' ', nullif(hint, ''), 'A row that is no longer wanted is deleted.'));
END $$;
COMMENT ON FUNCTION ootspg_internal.make_change(ootspg.activation_on_acceptance) IS 'carries out a plan; OT003 names it when that is not possible';

-- In the order in which target_classification() prefers lines, so that says_change() sees
-- those before that count more; into service last, when the lines are there.
CREATE FUNCTION ootspg_internal.planned_changes(t ootspg.directory_target) RETURNS SETOF ootspg.activation_on_acceptance
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT a.* FROM ootspg.activation_on_acceptance a JOIN ootspg.evidence_type e USING (evidence_type) JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = (t).environment
	 ORDER BY a.evidence_type, a.change = 'service', a.line::text = (t).line::text DESC NULLS LAST, a.line DESC;
END;
COMMENT ON FUNCTION ootspg_internal.planned_changes(ootspg.directory_target) IS 'plans of an environment in the order in which they are carried out';

-- What no submission can say would wait for ever.
CREATE FUNCTION ootspg_internal.require_told(t ootspg.directory_target, line ootspg.edm_line, level_of_assurance text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF line <> ALL (t.lines::text[]) THEN
		PERFORM ootspg_internal.raise_configuration(format('ootspg.directory_target (%s, dsd): column "lines" lacks %s, so that it is never published', t.environment, line),
			'Add it there, or add the row of ootspg.evidence_type_line at once.');
	END IF;
	IF level_of_assurance IS NOT NULL AND NOT t.level_of_assurance THEN
		PERFORM ootspg_internal.raise_configuration(format('ootspg.directory_target (%s, dsd): column "level_of_assurance" is false, so that no level is published', t.environment),
			'Change ootspg.evidence_type at once.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_told(ootspg.directory_target, ootspg.edm_line, text) IS 'OT003 when the directory is never told such a change';

CREATE FUNCTION ootspg.activate_when_accepted(evidence_type text, line text DEFAULT NULL, classification text DEFAULT NULL, level_of_assurance text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	type ootspg.evidence_type;
	t ootspg.directory_target;
	plan ootspg.activation_on_acceptance;
BEGIN
	SELECT e.* INTO type FROM ootspg.evidence_type e WHERE e.evidence_type = activate_when_accepted.evidence_type
	   AND ootspg_internal.has_duty(session_user, 'configure', e.provider);
	IF NOT FOUND THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to configure', activate_when_accepted.evidence_type
			USING ERRCODE = 'OT006', HINT = 'ootspg.grant_duty() gives the duty to configure.';
	END IF;
	IF (activate_when_accepted.line IS NULL) <> (activate_when_accepted.classification IS NULL) THEN
		RAISE EXCEPTION 'a line and the classification on it belong together' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give both or neither.';
	END IF;
	t := ootspg_internal.target('dsd', (SELECT p.environment FROM ootspg.provider p WHERE p.provider = type.provider));
	PERFORM ootspg_internal.require_told(t, activate_when_accepted.line, activate_when_accepted.level_of_assurance);
	INSERT INTO ootspg.activation_on_acceptance AS a (evidence_type, line, classification, level_of_assurance)
	SELECT type.evidence_type, v.line, v.classification, v.level
	  FROM (VALUES (activate_when_accepted.line, activate_when_accepted.classification, NULL), (NULL, NULL, activate_when_accepted.level_of_assurance)) v(line, classification, level)
	 WHERE num_nonnulls(v.line, v.level) > 0
	UNION ALL
	SELECT type.evidence_type, NULL, NULL, NULL WHERE num_nonnulls(activate_when_accepted.line, activate_when_accepted.level_of_assurance) = 0
	ON CONFLICT ON CONSTRAINT activation_on_acceptance_pkey DO UPDATE
	   SET classification = EXCLUDED.classification, level_of_assurance = EXCLUDED.level_of_assurance, asked_at = EXCLUDED.asked_at, asked_by = EXCLUDED.asked_by
	 WHERE (a.classification, a.level_of_assurance) IS DISTINCT FROM (EXCLUDED.classification, EXCLUDED.level_of_assurance);
	BEGIN	-- better refused now than when the answer has come
		FOR plan IN SELECT p.* FROM ootspg_internal.planned_changes(t) p WHERE p.evidence_type = type.evidence_type LOOP
			PERFORM ootspg_internal.make_change(plan);
		END LOOP;
		RAISE SQLSTATE 'OTDRY';
	EXCEPTION WHEN SQLSTATE 'OTDRY' THEN
		NULL;
	END;
END $$;
COMMENT ON FUNCTION ootspg.activate_when_accepted(text, text, text, text) IS
'once a submission to the DSD that says it is accepted (D-REG-04): serves an evidence type on a line, asks for another level of assurance, or, when neither is given, puts it into service. Submissions made from now on say it';

CREATE FUNCTION ootspg_internal.says_change(t ootspg.directory_target, message bytea, plan ootspg.activation_on_acceptance) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH o AS MATERIALIZED (SELECT s.* FROM ootspg_internal.submission_objects(message) s),
	entry AS (
		SELECT o.object_id, x.classification, x.level
		  FROM ootspg.evidence_type e JOIN o ON o.kind = 'DataServiceEvidenceType' AND lower(o.identifier) = e.data_service::text,
			   xmltable(XMLNAMESPACES('http://data.europa.eu/p4s' AS sdg), '//sdg:DataServiceEvidenceType'
						PASSING xmlparse(DOCUMENT convert_from(o.content, 'UTF8'))
						COLUMNS classification text PATH 'sdg:EvidenceTypeClassification', level text PATH 'sdg:AuthenticationLevelOfAssurance') x
		 WHERE e.evidence_type = (plan).evidence_type),
	provider AS (SELECT p.source AS object_id FROM o p JOIN entry e ON e.object_id = p.target),
	lines AS (	-- in the two-object model the access service is part of the provider
		SELECT c.line
		  FROM (SELECT p.object_id FROM provider p UNION SELECT u.target FROM o u JOIN provider p ON u.kind = 'UsesAccessService' AND u.source = p.object_id) r
		  JOIN o USING (object_id),
			   xmltable(XMLNAMESPACES('http://data.europa.eu/p4s' AS sdg), '//sdg:AccessService/sdg:ConformsTo'
						PASSING xmlparse(DOCUMENT convert_from(o.content, 'UTF8')) COLUMNS line text PATH '.') c)
	SELECT EXISTS (SELECT FROM entry e WHERE CASE (plan).change
		WHEN 'service' THEN true
		WHEN 'level of assurance' THEN e.level = (plan).level_of_assurance
		ELSE EXISTS (SELECT FROM lines l WHERE l.line = (plan).line::text)
			-- an entry has one classification: that which target_classification() would choose then
			AND e.classification = (
				SELECT ootspg_internal.at_target(t, l.classification)
				  FROM (SELECT k.line::text, k.classification FROM ootspg.evidence_type_line k WHERE k.evidence_type = (plan).evidence_type AND k.line <> (plan).line
						UNION ALL SELECT (plan).line::text, (plan).classification) l
				 WHERE l.line = ANY ((t).lines::text[])
				 ORDER BY l.line = (t).line::text DESC, l.line DESC LIMIT 1) END);
END;
COMMENT ON FUNCTION ootspg_internal.says_change(ootspg.directory_target, bytea, ootspg.activation_on_acceptance) IS 'whether the DSD is told by this submission what the plan is about';

CREATE FUNCTION ootspg_internal.activate_accepted(t ootspg.directory_target, submission ootspg.final_submission) RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	plan ootspg.activation_on_acceptance;
	made text[] := '{}';
BEGIN
	FOR plan IN SELECT p.* FROM ootspg_internal.planned_changes(t) p WHERE p.asked_at < submission.finalized_at LOOP
		CONTINUE WHEN NOT ootspg_internal.says_change(t, submission.message, plan);
		PERFORM ootspg_internal.make_change(plan);
		DELETE FROM ootspg.activation_on_acceptance a WHERE a.evidence_type = plan.evidence_type AND a.change = plan.change;
		made := made || format('%s: %s', plan.evidence_type, plan.change);
	END LOOP;
	RETURN made;
END $$;
COMMENT ON FUNCTION ootspg_internal.activate_accepted(ootspg.directory_target, ootspg.final_submission) IS 'carries out what waited for the acceptance of this submission, and tells what that was';
