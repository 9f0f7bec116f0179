-- Changes that wait for the directory (D-REG-04): an evidence type, a line or a level of
-- assurance that requests are served by once a submission that says so is accepted. The
-- submission says so already: it is made of the tables as they will be.

CREATE TABLE ootspg.activation_on_acceptance (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	change			text NOT NULL CHECK (change IN ('service', 'line', 'level of assurance')),
	line			text NOT NULL DEFAULT '' CHECK ((line <> '') = (change = 'line')),
	classification	text CHECK ((classification IS NOT NULL) = (change = 'line')),
	level_of_assurance text CHECK ((level_of_assurance IS NOT NULL) = (change = 'level of assurance')),
	asked_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	asked_by		text NOT NULL DEFAULT session_user,
	failure			text,
	PRIMARY KEY (evidence_type, change, line)
);
COMMENT ON TABLE ootspg.activation_on_acceptance IS 'changes that are made when a submission that has them is accepted (D-REG-04); written by ootspg.activate_when_accepted(), withdrawn by DELETE';
COMMENT ON COLUMN ootspg.activation_on_acceptance.change IS 'service: the evidence type goes into service; line: it is served on this line too; level of assurance: requests need this one';
COMMENT ON COLUMN ootspg.activation_on_acceptance.line IS 'empty but for a line';
COMMENT ON COLUMN ootspg.activation_on_acceptance.failure IS 'why it could not be made though the submission was accepted';

CREATE FUNCTION ootspg_internal.make_change(c ootspg.activation_on_acceptance) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CASE c.change
	WHEN 'service' THEN
		PERFORM ootspg.activate(c.evidence_type);
	WHEN 'line' THEN
		INSERT INTO ootspg.evidence_type_line AS l (evidence_type, line, classification) VALUES (c.evidence_type, c.line, c.classification)
		ON CONFLICT ON CONSTRAINT evidence_type_line_pkey DO UPDATE SET classification = EXCLUDED.classification;
	WHEN 'level of assurance' THEN
		UPDATE ootspg.evidence_type t SET level_of_assurance = c.level_of_assurance WHERE t.evidence_type = c.evidence_type;
	END CASE;
END $$;
COMMENT ON FUNCTION ootspg_internal.make_change(ootspg.activation_on_acceptance) IS 'makes a change that waited';

-- For whatever is read of the tables until the caller rolls it back. What is in service is
-- no matter to a submission.
CREATE FUNCTION ootspg_internal.foresee_changes(environment text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	c ootspg.activation_on_acceptance;
BEGIN
	FOR c IN SELECT a.* FROM ootspg.activation_on_acceptance a JOIN ootspg.evidence_type e USING (evidence_type) JOIN ootspg.provider p USING (provider)
			  WHERE p.environment = foresee_changes.environment AND a.change <> 'service' LOOP
		BEGIN
			PERFORM ootspg_internal.make_change(c);
		EXCEPTION WHEN OTHERS THEN
			PERFORM ootspg_internal.raise_configuration(
				format('ootspg.activation_on_acceptance (%s): the %s cannot become what it is to be: %s', c.evidence_type, c.change, SQLERRM),
				'Mend what is missing, or withdraw the change by deleting its row.');
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.foresee_changes(text) IS 'makes the changes that wait; OT003 names one that cannot be made';

CREATE FUNCTION ootspg.activate_when_accepted(evidence_type text, line text DEFAULT NULL, classification text DEFAULT NULL, level_of_assurance text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	type ootspg.evidence_type;
	c ootspg.activation_on_acceptance;
BEGIN
	SELECT t.* INTO type FROM ootspg.evidence_type t WHERE t.evidence_type = activate_when_accepted.evidence_type
	   AND ootspg_internal.has_duty(session_user, 'configure', t.provider);
	IF NOT FOUND THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to configure', activate_when_accepted.evidence_type
			USING ERRCODE = 'OT006', HINT = 'ootspg.grant_duty() gives the duty to configure.';
	ELSIF (line IS NULL) <> (classification IS NULL) THEN
		RAISE EXCEPTION 'a line and its classification belong together' USING ERRCODE = 'invalid_parameter_value';
	ELSIF num_nonnulls(line, level_of_assurance) = 0 THEN
		PERFORM ootspg_internal.check_activation(type);
	END IF;
	FOR c IN INSERT INTO ootspg.activation_on_acceptance AS a (evidence_type, change, line, classification, level_of_assurance)
			 SELECT type.evidence_type, x.change, coalesce(x.line, ''), x.classification, x.level
			   FROM (VALUES ('service', NULL, NULL, NULL, num_nonnulls(line, level_of_assurance) = 0), ('line', line, classification, NULL, line IS NOT NULL),
					('level of assurance', NULL, NULL, level_of_assurance, level_of_assurance IS NOT NULL)) x(change, line, classification, level, wanted)
			  WHERE x.wanted
			 ON CONFLICT ON CONSTRAINT activation_on_acceptance_pkey DO UPDATE SET classification = EXCLUDED.classification,
				level_of_assurance = EXCLUDED.level_of_assurance, asked_at = EXCLUDED.asked_at, asked_by = EXCLUDED.asked_by, failure = NULL
			 RETURNING a.* LOOP
		-- tried, and taken back
		BEGIN
			IF c.change <> 'service' THEN
				PERFORM ootspg_internal.make_change(c);
			END IF;
			RAISE SQLSTATE 'OTDRY';
		EXCEPTION WHEN SQLSTATE 'OTDRY' THEN
			NULL;
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg.activate_when_accepted(text, text, text, text) IS
'once a submission to the DSD that has it is accepted (D-REG-04): puts an evidence type into service; with line and classification serves it on that line too, with level_of_assurance asks for that level';

-- Only what the submission has: a change that was asked for later is in the next one.
CREATE FUNCTION ootspg_internal.activate_accepted(submission ootspg.final_submission) RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	c ootspg.activation_on_acceptance;
	made text[] := '{}';
BEGIN
	FOR c IN SELECT a.* FROM ootspg.activation_on_acceptance a JOIN ootspg.evidence_type e USING (evidence_type)
			  WHERE (a.change = 'service' OR a.asked_at < submission.finalized_at)
				AND e.data_service::text IN (SELECT lower(o.identifier) FROM ootspg_internal.submission_objects(submission.message) o WHERE o.kind = 'DataServiceEvidenceType')
			  ORDER BY a.change <> 'service', a.evidence_type, a.line LOOP
		BEGIN
			PERFORM ootspg_internal.make_change(c);
			DELETE FROM ootspg.activation_on_acceptance a WHERE a.evidence_type = c.evidence_type AND a.change = c.change AND a.line = c.line;
			made := made || concat_ws(' ', c.evidence_type, c.change, nullif(c.line, ''), c.level_of_assurance);
		EXCEPTION WHEN OTHERS THEN	-- an acceptance is one, whatever follows from it
			UPDATE ootspg.activation_on_acceptance a SET failure = SQLERRM WHERE a.evidence_type = c.evidence_type AND a.change = c.change AND a.line = c.line;
		END;
	END LOOP;
	RETURN nullif(made, '{}');
END $$;
COMMENT ON FUNCTION ootspg_internal.activate_accepted(ootspg.final_submission) IS 'makes the changes that waited for the acceptance of this submission, and tells which';

DO $$
BEGIN
	ALTER TABLE ootspg.activation_on_acceptance ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own_provider ON ootspg.activation_on_acceptance FOR SELECT
		USING (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = activation_on_acceptance.evidence_type));
	CREATE POLICY own_configuration ON ootspg.activation_on_acceptance FOR DELETE
		USING (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = activation_on_acceptance.evidence_type
						  AND (SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', t.provider]));
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.activation_on_acceptance', '');
END $$;
