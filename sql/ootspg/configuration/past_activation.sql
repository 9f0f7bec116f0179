-- What was in service, from when to when (D-REG-09). ootspg.activation has what is; a row
-- that leaves it is kept here, whoever removed it and why.

CREATE TABLE ootspg.past_activation (
	evidence_type	text NOT NULL,
	provider		text NOT NULL,
	data_service	uuid NOT NULL,
	activated_at	timestamptz NOT NULL,
	activated_by	text NOT NULL,
	deactivated_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	deactivated_by	text NOT NULL DEFAULT session_user
);
CREATE INDEX past_activation_data_service ON ootspg.past_activation (data_service);
COMMENT ON TABLE ootspg.past_activation IS 'evidence types that were in service, with the time they were; never changed, and kept when the type itself is deleted (D-REG-09)';
COMMENT ON COLUMN ootspg.past_activation.provider IS 'whose evidence type it was then';
COMMENT ON COLUMN ootspg.past_activation.activated_at IS 'begin of its service';
COMMENT ON COLUMN ootspg.past_activation.activated_by IS 'session user who put it into service';
COMMENT ON COLUMN ootspg.past_activation.deactivated_at IS 'end of its service';
COMMENT ON COLUMN ootspg.past_activation.deactivated_by IS 'session user who ended it';
COMMENT ON COLUMN ootspg.past_activation.evidence_type IS 'its name when it went out of service';
COMMENT ON COLUMN ootspg.past_activation.data_service IS 'by which directories and requests know it, whatever its name here';

CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.past_activation
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
ALTER TABLE ootspg.past_activation ENABLE ALWAYS TRIGGER audit_guard;

-- At the end of service, not at its begin: a restored dump brings rows of ootspg.activation, and removes none.
CREATE FUNCTION ootspg_internal.keep_activation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO ootspg.past_activation (evidence_type, provider, data_service, activated_at, activated_by)
	SELECT t.evidence_type, t.provider, t.data_service, OLD.activated_at, OLD.activated_by
	  FROM ootspg.evidence_type t WHERE t.evidence_type = OLD.evidence_type;
	IF EXISTS (SELECT FROM ootspg.directory_entry d WHERE d.evidence_type = OLD.evidence_type AND d.publish) THEN
		RAISE NOTICE 'evidence type "%" is out of service, but published: directories, and what other states have cached of them, may lag', OLD.evidence_type
			USING HINT = 'Requests that still come get EDM:ERR:0004. To withdraw it, set publish = false in ootspg.directory_entry and submit once more.';
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.keep_activation() IS 'keeps when an evidence type was in service, and reminds of what is published';
CREATE TRIGGER keep_activation AFTER DELETE ON ootspg.activation
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.keep_activation();

-- While everything about it is still there: the cascade comes after the row is gone.
CREATE FUNCTION ootspg_internal.end_service() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM ootspg.activation a WHERE a.evidence_type = OLD.evidence_type;
	RETURN OLD;
END $$;
COMMENT ON FUNCTION ootspg_internal.end_service() IS 'takes an evidence type out of service before it is deleted';
CREATE TRIGGER end_service BEFORE DELETE ON ootspg.evidence_type
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.end_service();
