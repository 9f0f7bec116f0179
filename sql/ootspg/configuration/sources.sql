-- Functions where a plain INSERT would be error-prone: they try what a row promises.

CREATE FUNCTION ootspg_internal.raise_configuration(message text, hint text) RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_raise_configuration'
LANGUAGE C IMMUTABLE;
COMMENT ON FUNCTION ootspg_internal.raise_configuration(text, text) IS 'raises OT003 without CONTEXT: which function called which says nothing about a wrong row';

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

-- The columns that matching reads (doc/evidence_types.md).
CREATE FUNCTION ootspg_internal.require_subject_columns(relation regclass, subject text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	birth regtype;
BEGIN
	PERFORM ootspg_internal.require_column(relation, 'person_id', 'the registry''s key of the subject');
	PERFORM ootspg_internal.require_truth(relation, 'protected');
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

CREATE FUNCTION ootspg_internal.check_shown_column(relation regclass, column_name text, model text, version text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_check_shown_column'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.check_shown_column(regclass, text, text, text) IS
'true when documents for people can be generated from the column, false when it is bytea; raises OT003 when its type cannot be written';

CREATE FUNCTION ootspg_internal.check_source(relation regclass, d ootspg.distribution) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_evidence_columns(relation, d);
END $$;
COMMENT ON FUNCTION ootspg_internal.check_source(regclass, ootspg.distribution) IS 'OT003 unless the relation has what the distribution reads';

CREATE FUNCTION ootspg_internal.check_distribution() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	before ootspg.distribution;
BEGIN
	IF TG_OP = 'UPDATE' THEN
		before := OLD;
		-- names are noted, not given: by one a row would get what is made under it one day
		SELECT OLD.source_name, OLD.source_owner, OLD.sample_source_name, OLD.sample_source_owner
		  INTO NEW.source_name, NEW.source_owner, NEW.sample_source_name, NEW.sample_source_owner;
	END IF;
	SELECT * INTO NEW.source, NEW.source_name, NEW.source_owner
	  FROM ootspg_internal.settled(NEW.source, NEW.source_name, NEW.source_owner, before.source);
	SELECT * INTO NEW.sample_source, NEW.sample_source_name, NEW.sample_source_owner
	  FROM ootspg_internal.settled(NEW.sample_source, NEW.sample_source_name, NEW.sample_source_owner, before.sample_source);
	IF TG_OP = 'INSERT' OR ((NEW.source, NEW.source_function, NEW.sample_source, NEW.document) IS DISTINCT FROM (OLD.source, OLD.source_function, OLD.sample_source, OLD.document)
			AND NOT (ootspg_internal.only_follows(to_jsonb(OLD), to_jsonb(NEW)) AND (NEW.source_owner, NEW.sample_source_owner) IS NOT DISTINCT FROM (OLD.source_owner, OLD.sample_source_owner))) THEN
		PERFORM ootspg_internal.require_readable(ARRAY[NEW.source, NEW.sample_source], ootspg_internal.find_function(NEW.source_function, 'text[]'::regtype));
	END IF;
	IF NEW.companion_only AND (NEW.media_type IN ('application/xml', 'application/json') OR NEW.readable IS NOT NULL) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('distribution "%s" cannot be companion_only', NEW.distribution),
			'Only a document for people (PDF or image), without a human-readable version of its own, accompanies another distribution.');
	END IF;
	IF NEW.readable = 'generated' AND NEW.media_type NOT IN ('application/xml', 'application/json') THEN
		PERFORM ootspg_internal.raise_configuration(
			format('distribution "%s" is %s: no human-readable version is generated of it', NEW.distribution, NEW.media_type),
			'Only structured documents (XML, JSON) need one; set readable to NULL.');
	END IF;
	IF NEW.source_function IS NOT NULL THEN
		PERFORM ootspg_internal.check_source(ootspg_internal.require_source_function(NEW.source_function), NEW);
	ELSIF ootspg_internal.is_there(NEW.source) THEN
		PERFORM ootspg_internal.check_source(NEW.source, NEW);
	END IF;
	IF ootspg_internal.is_there(NEW.sample_source) THEN
		PERFORM ootspg_internal.check_source(NEW.sample_source, NEW);
	END IF;
	RETURN NEW;
END $$;

CREATE TRIGGER check_distribution BEFORE INSERT OR UPDATE ON ootspg.distribution
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_distribution();

-- The foreign key is on a column that follows from "readable", and so cannot cascade.
CREATE FUNCTION ootspg_internal.follow_rename() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE ootspg.distribution d SET readable = NEW.distribution
	 WHERE d.evidence_type = NEW.evidence_type AND d.readable = OLD.distribution AND OLD.distribution <> 'generated';
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.follow_rename() IS 'distributions that have this one as their human-readable version go on having it under its new name';
CREATE TRIGGER follow_rename AFTER UPDATE OF distribution ON ootspg.distribution
	FOR EACH ROW WHEN (OLD.distribution <> NEW.distribution) EXECUTE FUNCTION ootspg_internal.follow_rename();

CREATE FUNCTION ootspg_internal.require_seal_key(seal text, seal_key text, provider text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	keys text;
BEGIN
	IF (seal NOT IN ('prefer', 'require') AND seal_key IS NULL)
		OR EXISTS (SELECT FROM ootspg.seal_key k WHERE k.provider = require_seal_key.provider AND k.seal_key = require_seal_key.seal_key) THEN
		RETURN;
	END IF;
	SELECT string_agg(k.seal_key, ', ' ORDER BY k.seal_key) INTO keys FROM ootspg.seal_key k WHERE k.provider = require_seal_key.provider;
	PERFORM ootspg_internal.raise_configuration(
		CASE WHEN seal_key IS NULL THEN format('seal is "%s", and seal_key is NULL', seal)
			 ELSE format('provider "%s" has no seal key "%s"', provider, seal_key) END,
		coalesce('Its keys are: ' || keys || '.', 'It has none: register one with ootspg.set_seal_key().'));
END $$;
COMMENT ON FUNCTION ootspg_internal.require_seal_key(text, text, text) IS 'OT003, with the keys that there are, unless the provider has such a key or none is needed';

CREATE FUNCTION ootspg_internal.check_evidence_type() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	before ootspg.evidence_type;
BEGIN
	IF TG_OP = 'UPDATE' THEN
		before := OLD;
		NEW.subject_source_name := OLD.subject_source_name;
		NEW.subject_source_owner := OLD.subject_source_owner;
	END IF;
	SELECT * INTO NEW.subject_source, NEW.subject_source_name, NEW.subject_source_owner
	  FROM ootspg_internal.settled(NEW.subject_source, NEW.subject_source_name, NEW.subject_source_owner, before.subject_source);
	IF ootspg_internal.is_there(NEW.subject_source) THEN
		PERFORM ootspg_internal.require_subject_columns(NEW.subject_source, NEW.subject);
	END IF;
	PERFORM ootspg_internal.require_entitlement(NEW.entitlement);
	IF NEW.seal <> 'none' AND NEW.seal_key IS NULL OR TG_OP = 'INSERT' OR NEW.seal_key IS DISTINCT FROM OLD.seal_key THEN
		PERFORM ootspg_internal.require_seal_key(NEW.seal, NEW.seal_key, NEW.provider);
	END IF;
	IF TG_OP = 'INSERT' OR ((NEW.provider, NEW.subject_source, NEW.entitlement) IS DISTINCT FROM (OLD.provider, OLD.subject_source, OLD.entitlement)
			AND NOT (ootspg_internal.only_follows(to_jsonb(OLD), to_jsonb(NEW)) AND NEW.subject_source_owner IS NOT DISTINCT FROM OLD.subject_source_owner)) THEN
		PERFORM ootspg_internal.require_readable(ARRAY[NEW.subject_source], ootspg_internal.find_function(NEW.entitlement, 'ootspg.entitlement_question'::regtype));
	END IF;
	PERFORM regexp_match('', NEW.legal_number);
	RETURN NEW;
END $$;

CREATE TRIGGER check_evidence_type BEFORE INSERT OR UPDATE ON ootspg.evidence_type
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_evidence_type();
