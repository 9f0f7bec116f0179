-- Functions where a plain INSERT would be error-prone: they try what a row promises.

CREATE FUNCTION ootspg_internal.raise_configuration(message text, hint text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = 'OT003', MESSAGE = message, HINT = hint;
END $$;

CREATE FUNCTION ootspg_internal.require_column(relation regclass, column_name text, purpose text) RETURNS regtype
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	column_type regtype;
BEGIN
	SELECT a.atttypid INTO column_type FROM pg_attribute a
	 WHERE a.attrelid = relation AND a.attname = column_name AND a.attnum > 0 AND NOT a.attisdropped;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(
			format('%s has no column "%s"', relation, column_name),
			format('It is needed as %s; give the view such a column.', purpose));
	END IF;
	RETURN column_type;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_column(regclass, text, text) IS 'the column''s type, or OT003 when the relation lacks it';

-- The columns that matching reads (doc/publish.md).
CREATE FUNCTION ootspg_internal.require_subject_columns(relation regclass, subject text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	birth regtype;
BEGIN
	PERFORM ootspg_internal.require_column(relation, 'person_id', 'the registry''s key of the subject');
	IF subject = 'natural person' THEN
		PERFORM ootspg_internal.require_column(relation, 'family_name', 'an attribute to match');
		PERFORM ootspg_internal.require_column(relation, 'given_name', 'an attribute to match');
		birth := ootspg_internal.require_column(relation, 'date_of_birth', 'an attribute to match');
		IF birth NOT IN ('date'::regtype, 'text'::regtype, 'character varying'::regtype) THEN
			PERFORM ootspg_internal.raise_configuration(
				format('column "date_of_birth" of %s is neither date nor text', relation),
				'Cast it in the view; a register with incomplete dates keeps them as text YYYY-MM-DD.');
		END IF;
	ELSIF ootspg_internal.require_column(relation, 'person_id', 'the company number')
			NOT IN ('text'::regtype, 'character varying'::regtype) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('column "person_id" of %s is not text', relation),
			'Cast the company number to text in the view and index that expression.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_subject_columns(regclass, text) IS 'OT003 unless the relation has what matching needs';

CREATE FUNCTION ootspg_internal.check_document_column(relation regclass, column_name text, media_type text, model text, version text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_check_document_column'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.check_document_column(regclass, text, text, text, text) IS
'true when the column can hold documents of the media type and model; raises OT003 otherwise';

CREATE FUNCTION ootspg_internal.check_source(relation regclass, d ootspg.distribution) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	column_type regtype;
	optional text;
BEGIN
	PERFORM ootspg_internal.require_column(relation, 'person_id', 'the registry''s key of the subject');
	PERFORM ootspg_internal.require_column(relation, d.document, 'the document');
	PERFORM ootspg_internal.check_document_column(relation, d.document, d.media_type, d.model, d.model_version);
	IF ootspg_internal.require_column(relation, 'issuing_date', 'the issuing date every evidence carries (D-MOD-01)') <> 'date'::regtype THEN
		PERFORM ootspg_internal.raise_configuration(
			format('column "issuing_date" of %s is not a date', relation), 'Cast it in the view.');
	END IF;
	FOREACH optional IN ARRAY ARRAY['valid_from', 'valid_until'] LOOP
		SELECT a.atttypid INTO column_type FROM pg_attribute a
		 WHERE a.attrelid = relation AND a.attname = optional AND NOT a.attisdropped;
		IF FOUND AND column_type <> 'date'::regtype THEN
			PERFORM ootspg_internal.raise_configuration(
				format('column "%s" of %s is not a date', optional, relation), 'Cast it in the view.');
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_source(regclass, ootspg.distribution) IS 'OT003 unless the relation has what the distribution reads';

CREATE FUNCTION ootspg_internal.check_distribution() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	relation regclass := NEW.source;
BEGIN
	IF NEW.source_function IS NOT NULL THEN
		SELECT t.typrelid::regclass INTO relation
		  FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
		 WHERE p.oid = to_regprocedure(NEW.source_function || '(text[])') AND p.proretset AND t.typrelid <> 0;
		IF NOT FOUND THEN
			PERFORM ootspg_internal.raise_configuration(
				format('"%s" is no set-returning function of one text[] that returns rows of a table, view or composite type', NEW.source_function),
				'Write its name with schema and without arguments, as in registry.births_of.');
		END IF;
	END IF;
	PERFORM ootspg_internal.check_source(relation, NEW);
	IF NEW.sample_source IS NOT NULL THEN
		PERFORM ootspg_internal.check_source(NEW.sample_source, NEW);
	END IF;
	RETURN NEW;
END $$;

CREATE TRIGGER check_distribution BEFORE INSERT OR UPDATE ON ootspg.distribution
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_distribution();

CREATE FUNCTION ootspg_internal.check_evidence_type() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NEW.subject_source IS NOT NULL THEN
		PERFORM ootspg_internal.require_subject_columns(NEW.subject_source, NEW.subject);
	END IF;
	IF NEW.entitlement IS NOT NULL AND NOT EXISTS (
			SELECT FROM pg_proc p
			 WHERE p.oid = to_regprocedure(NEW.entitlement || '(ootspg.entitlement_question)')
			   AND p.prorettype = 'boolean'::regtype) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('"%s" is no function of one ootspg.entitlement_question that returns boolean', NEW.entitlement),
			'Write its name with schema and without arguments, as in registry.may_see_birth.');
	END IF;
	PERFORM regexp_match('', NEW.legal_number);
	RETURN NEW;
END $$;

CREATE TRIGGER check_evidence_type BEFORE INSERT OR UPDATE ON ootspg.evidence_type
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_evidence_type();

CREATE FUNCTION ootspg.set_seal_key(seal_key text, provider text, key_uri text, certificate_uri text)
RETURNS TABLE (algorithm text, subject text, not_before timestamptz, not_after timestamptz, certificate_sha256 bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT ootspg_internal.has_duty(session_user, 'configure', provider) THEN
		RAISE EXCEPTION 'role "%" may not configure provider "%"', session_user, provider
			USING ERRCODE = 'insufficient_privilege', HINT = 'ootspg.grant_duty() gives duties.';
	END IF;
	-- try it before it is written down
	RETURN QUERY SELECT f.* FROM ootspg_internal.key_facts(set_seal_key.seal_key, set_seal_key.key_uri, set_seal_key.certificate_uri) f;
	INSERT INTO ootspg.seal_key AS k VALUES (set_seal_key.seal_key, set_seal_key.provider, set_seal_key.key_uri, set_seal_key.certificate_uri)
	ON CONFLICT ON CONSTRAINT seal_key_pkey DO UPDATE
	   SET key_uri = EXCLUDED.key_uri, certificate_uri = EXCLUDED.certificate_uri
	 WHERE k.provider = EXCLUDED.provider;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(
			format('seal key "%s" belongs to another provider', set_seal_key.seal_key), 'Choose another name.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.set_seal_key(text, text, text, text) IS
'registers or replaces a seal key by reference, after loading it and checking that key and certificate belong together and may seal';

-- Where roles are to answer, one of them at least must be able to read: else each answer would fail.
CREATE FUNCTION ootspg_internal.check_readers(type ootspg.evidence_type) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missing record;
BEGIN
	SELECT p.role_name, array_agg(s.source::text ORDER BY s.source::text)
			FILTER (WHERE NOT (has_table_privilege(p.role_name, s.source, 'SELECT')
							   AND has_schema_privilege(p.role_name, c.relnamespace, 'USAGE'))) AS views
	  INTO missing
	  FROM ootspg.provider_role p,
		   (SELECT type.subject_source AS source
			UNION SELECT d.source FROM ootspg.distribution d WHERE d.evidence_type = type.evidence_type
			UNION SELECT d.sample_source FROM ootspg.distribution d WHERE d.evidence_type = type.evidence_type) s
	  JOIN pg_class c ON c.oid = s.source
	 WHERE p.duty = 'exchange' AND (p.provider IS NULL OR p.provider = type.provider)
	   AND to_regrole(quote_ident(p.role_name::text)) IS NOT NULL
	 GROUP BY p.role_name
	 ORDER BY 2 NULLS FIRST, 1 LIMIT 1;
	IF missing.views IS NOT NULL THEN
		PERFORM ootspg_internal.raise_configuration(
			format('role "%s" has to answer but may not read %s', missing.role_name, array_to_string(missing.views, ', ')),
			'Grant SELECT on the views, USAGE on their schema, and what functions in the views need.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_readers(ootspg.evidence_type) IS 'OT003 when there are roles with duty exchange for the type and none of them may read its views';

CREATE FUNCTION ootspg_internal.check_activation(type ootspg.evidence_type) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	d ootspg.distribution;
	companion ootspg.distribution;
	missing text;
BEGIN
	IF type.preview <> 'exempt' THEN
		PERFORM ootspg_internal.raise_configuration(
			format('evidence type "%s" needs a preview, which this version cannot offer', type.evidence_type),
			'Only types with preview = ''exempt'' can be activated until the preview exchange is available.');
	END IF;
	IF NOT EXISTS (SELECT FROM ootspg.evidence_type_line l WHERE l.evidence_type = type.evidence_type) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('evidence type "%s" is served on no line', type.evidence_type),
			'Add its classification for each line to ootspg.evidence_type_line.');
	END IF;
	IF NOT EXISTS (SELECT FROM ootspg.distribution x WHERE x.evidence_type = type.evidence_type) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('evidence type "%s" has no distribution', type.evidence_type),
			'Add at least one row to ootspg.distribution.');
	END IF;
	FOR d IN SELECT * FROM ootspg.distribution x WHERE x.evidence_type = type.evidence_type LOOP
		IF type.subject_source IS NULL THEN
			IF d.source IS NULL THEN
				PERFORM ootspg_internal.raise_configuration(
					format('evidence type "%s" has no view to match subjects against', type.evidence_type),
					'A source function needs evidence_type.subject_source.');
			END IF;
			PERFORM ootspg_internal.require_subject_columns(d.source, type.subject);
		END IF;
		IF d.readable IS NOT NULL THEN
			SELECT * INTO companion FROM ootspg.distribution x
			 WHERE x.evidence_type = d.evidence_type AND x.distribution = d.readable;
			IF companion.media_type IN ('application/xml', 'application/json')
				OR companion.source IS DISTINCT FROM d.source
				OR companion.source_function IS DISTINCT FROM d.source_function THEN
				PERFORM ootspg_internal.raise_configuration(
					format('distribution "%s" cannot be the human-readable version of "%s"', d.readable, d.distribution),
					'It must be a document for people (PDF or image) in a column of the same source.');
			END IF;
		ELSIF d.media_type IN ('application/xml', 'application/json') AND d.model IS NULL THEN
			PERFORM ootspg_internal.raise_configuration(
				format('distribution "%s" conforms to no data model and has no human-readable version', d.distribution),
				'Name its model, or a distribution in column "readable" (D-MOD-02).');
		END IF;
		IF d.model IS NOT NULL THEN
			SELECT l.line INTO missing FROM ootspg.evidence_type_line l
			 WHERE l.evidence_type = type.evidence_type
			   AND NOT EXISTS (SELECT FROM ootspg.data_model_location u
								WHERE u.model = d.model AND u.version = d.model_version AND u.line = l.line)
			 ORDER BY l.line LIMIT 1;
			IF FOUND THEN
				PERFORM ootspg_internal.raise_configuration(
					format('data model "%s" %s has no URL for %s', d.model, d.model_version, missing),
					'Add it to ootspg.data_model_location.');
			END IF;
			IF type.seal = 'require' AND d.media_type = 'application/xml'
				AND NOT (SELECT m.sealable FROM ootspg.data_model m WHERE m.model = d.model AND m.version = d.model_version) THEN
				PERFORM ootspg_internal.raise_configuration(
					format('data model "%s" %s leaves no room for a seal', d.model, d.model_version),
					'Set evidence_type.seal to none or prefer (D-SIG-05).');
			END IF;
		END IF;
	END LOOP;
	IF type.seal <> 'none' THEN
		PERFORM f.algorithm FROM ootspg.seal_key k, ootspg_internal.key_facts(k.seal_key, k.key_uri, k.certificate_uri) f
		  WHERE k.seal_key = type.seal_key;
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_activation(ootspg.evidence_type) IS 'OT003 or OT004 when the type cannot be served as configured';

CREATE FUNCTION ootspg.activate(evidence_type text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	type ootspg.evidence_type;
BEGIN
	SELECT * INTO type FROM ootspg.evidence_type t WHERE t.evidence_type = activate.evidence_type;
	IF NOT FOUND OR NOT ootspg_internal.has_duty(session_user, 'configure', type.provider) THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to configure', activate.evidence_type
			USING ERRCODE = 'OT006', HINT = 'ootspg.grant_duty() gives the duty to configure.';
	END IF;
	PERFORM ootspg_internal.check_activation(type);
	PERFORM ootspg_internal.check_readers(type);
	INSERT INTO ootspg.activation (evidence_type) VALUES (activate.evidence_type) ON CONFLICT DO NOTHING;
END $$;
COMMENT ON FUNCTION ootspg.activate(text) IS
'puts an evidence type into service after checking views, lines, models, companions and seal key; refuses with a hint otherwise';

-- What activate() promised must stay true: a change to a type in service is checked
-- when its transaction ends, so that several rows may change together. New rows are not:
-- a restored dump brings them in any order.
CREATE FUNCTION ootspg_internal.check_active() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	type ootspg.evidence_type;
BEGIN
	SELECT t.* INTO type FROM ootspg.evidence_type t JOIN ootspg.activation a USING (evidence_type)
	 WHERE t.evidence_type = coalesce(NEW.evidence_type, OLD.evidence_type);
	IF FOUND THEN
		PERFORM ootspg_internal.check_activation(type);
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_active() IS 'refuses a change that leaves an active evidence type unservable';

CREATE CONSTRAINT TRIGGER check_active AFTER UPDATE ON ootspg.evidence_type
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_active();
CREATE CONSTRAINT TRIGGER check_active AFTER UPDATE OR DELETE ON ootspg.evidence_type_line
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_active();
CREATE CONSTRAINT TRIGGER check_active AFTER UPDATE OR DELETE ON ootspg.distribution
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_active();

CREATE FUNCTION ootspg.deactivate(evidence_type text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = deactivate.evidence_type
					AND ootspg_internal.has_duty(session_user, 'configure', t.provider)) THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to configure', deactivate.evidence_type
			USING ERRCODE = 'OT006', HINT = 'ootspg.grant_duty() gives the duty to configure.';
	END IF;
	DELETE FROM ootspg.activation a WHERE a.evidence_type = deactivate.evidence_type;
END $$;
COMMENT ON FUNCTION ootspg.deactivate(text) IS 'takes an evidence type out of service; requests for it get EDM:ERR:0004';

-- An unusable key is a row that says so, not an error that hides the others.
CREATE FUNCTION ootspg_internal.key_status(seal_key text,
	OUT state text, OUT algorithm text, OUT subject text, OUT not_after timestamptz, OUT certificate_sha256 bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT f.algorithm, f.subject, f.not_after, f.certificate_sha256
	  INTO algorithm, subject, not_after, certificate_sha256
	  FROM ootspg.seal_key k, ootspg_internal.key_facts(k.seal_key, k.key_uri, k.certificate_uri) f
	 WHERE k.seal_key = key_status.seal_key
	   AND (ootspg_internal.has_duty(session_user, 'configure', k.provider) OR ootspg_internal.has_duty(session_user, 'monitor', k.provider));
	state := CASE WHEN NOT FOUND THEN NULL
				  WHEN not_after < now() + make_interval(days => current_setting('ootspg.key_warning')::integer)
				  THEN 'expires soon' ELSE 'usable' END;
EXCEPTION WHEN SQLSTATE 'OT004' THEN
	state := SQLERRM;
END $$;

CREATE VIEW ootspg.seal_key_status WITH (security_barrier, security_invoker) AS
SELECT k.seal_key, k.provider, s.*
  FROM ootspg.seal_key k, LATERAL ootspg_internal.key_status(k.seal_key) s;
COMMENT ON VIEW ootspg.seal_key_status IS 'whether each seal key can be used, and until when; warns ootspg.key_warning days ahead (D-SEC-08)';
