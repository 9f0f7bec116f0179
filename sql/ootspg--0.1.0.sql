\echo Use "CREATE EXTENSION ootspg" to load this file. \quit

DO $$
BEGIN
	IF pg_catalog.current_setting('server_encoding') <> 'UTF8' THEN
		RAISE EXCEPTION 'ootspg needs a database of encoding UTF8'
			USING ERRCODE = 'feature_not_supported',
			DETAIL = 'Messages and evidence are UTF-8; names that another encoding cannot hold could not be matched.',
			HINT = 'Create the database with ENCODING ''UTF8'' and move the registry or its views there.';
	END IF;
END $$;

-- ootspg is for people: configuration, functions, views. ootspg_internal is
-- for the extension itself and may change with any release.
CREATE SCHEMA ootspg_internal;
COMMENT ON SCHEMA ootspg IS 'OOTS evidence provider: configuration, functions and reports';
COMMENT ON SCHEMA ootspg_internal IS 'internals of ootspg, subject to change; use schema ootspg';

CREATE FUNCTION ootspg.library_version() RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_library_version'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.library_version() IS
'version of the loaded library; differs from the installed extension''s until ALTER EXTENSION ootspg UPDATE';

-- Canonical XML and XML Schemas (src/xml).
CREATE FUNCTION ootspg.canonical(document bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_canonical'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.canonical(bytea) IS
'exclusive canonical XML 1.0 without comments, the bytes that a seal''s digest is made of; refuses what the limits of ootspg refuse';

CREATE FUNCTION ootspg_internal.canonical_rewrite(document bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_canonical_rewrite'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.canonical_rewrite(bytea) IS
'the same by the writer that evidence is written with; a test that both agree. Refuses processing instructions';

CREATE FUNCTION ootspg_internal.require_schema(schema bytea) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_require_schema'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.require_schema(bytea) IS
'true when it is an XML Schema that stands alone and compiles; raises OT003 otherwise; NULL passes';

CREATE FUNCTION ootspg_internal.schema_fault(schema bytea, document bytea) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_schema_fault'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.schema_fault(bytea, bytea) IS
'where the document first breaks the schema: element and line, no content; NULL when it is valid';
-- Checks of configuration values. Each returns true or raises SQLSTATE OT003 with
-- a hint, so that a wrong row is refused in words at configuration time.

CREATE FUNCTION ootspg_internal.require(kind text, value text) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_require'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.require(text, text) IS
'true when the value is of that kind (country, language, agent scheme, level of assurance, procedure, media type, line, identifier, name); raises OT003 otherwise; NULL passes';

CREATE FUNCTION ootspg_internal.require_url(kind text, line text, url text) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_require_url'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.require_url(text, text, text) IS
'true when the URL has the shape the line asks of a classification or a data model (R-EDM-REQ-C027, C034; D-MOD-08); raises OT003 otherwise';

CREATE FUNCTION ootspg_internal.require_localized(texts jsonb) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_require_localized'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.require_localized(jsonb) IS
'true when it is an object of upper-case language codes to texts of at least two characters (R-EDM-REQ-C028, C092); raises OT003 otherwise; NULL passes';

CREATE DOMAIN ootspg.localized_text AS jsonb
	CHECK (ootspg_internal.require_localized(VALUE));
COMMENT ON DOMAIN ootspg.localized_text IS
'text in one or more languages, as in {"EN": "Birth certificate", "LV": "Dzimšanas apliecība"}';

CREATE DOMAIN ootspg.edm_line AS text
	CHECK (ootspg_internal.require('line', VALUE));
COMMENT ON DOMAIN ootspg.edm_line IS
'a line of the evidence exchange data model: oots-edm:v1.0, v1.1, v1.2 or v2.0';
-- Who we are, which keys seal, which evidence types we serve, from which views.
-- Rows with foreign keys and checks; functions only where an INSERT would be error-prone.

CREATE TABLE ootspg.provider (
	provider		text PRIMARY KEY CHECK (ootspg_internal.require('name', provider)),
	scheme			text NOT NULL CHECK (ootspg_internal.require('agent scheme', scheme)),
	identifier		text NOT NULL CHECK (ootspg_internal.require('identifier', identifier)),
	name			ootspg.localized_text NOT NULL,
	country			text NOT NULL CHECK (ootspg_internal.require('country', country)),
	nuts			text CHECK (ootspg_internal.require('nuts', nuts)),
	full_address	text,
	content_domain	text NOT NULL CHECK (content_domain ~ '^[a-z0-9]+([.-][a-z0-9]+)*$'),
	environment		text NOT NULL DEFAULT 'production' CHECK (environment IN ('production', 'acceptance', 'test')),
	preferred_line	ootspg.edm_line NOT NULL DEFAULT 'oots-edm:v1.2',
	UNIQUE (scheme, identifier)
);
COMMENT ON TABLE ootspg.provider IS 'evidence providers this database answers for';
COMMENT ON COLUMN ootspg.provider.provider IS 'short local name';
COMMENT ON COLUMN ootspg.provider.scheme IS 'agent scheme, as in urn:cef.eu:names:identifier:EAS:9934';
COMMENT ON COLUMN ootspg.provider.identifier IS 'identifier under that scheme, as registered in the Data Services Directory';
COMMENT ON COLUMN ootspg.provider.name IS 'name by language; the first in alphabetical order of languages, EN preferred, goes into errors';
COMMENT ON COLUMN ootspg.provider.country IS 'country of the address (AdminUnitLevel1)';
COMMENT ON COLUMN ootspg.provider.nuts IS 'NUTS code of the address (AdminUnitLevel2)';
COMMENT ON COLUMN ootspg.provider.full_address IS 'address in one line';
COMMENT ON COLUMN ootspg.provider.content_domain IS 'domain after the @ of content ids';
COMMENT ON COLUMN ootspg.provider.environment IS 'test and acceptance exchanges are marked in the audit (D-LOG-30)';
COMMENT ON COLUMN ootspg.provider.preferred_line IS 'line of an error about a request whose own line cannot be told';

CREATE TABLE ootspg.seal_key (
	seal_key		text PRIMARY KEY CHECK (ootspg_internal.require('name', seal_key)),
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE,
	key_uri			text NOT NULL,
	certificate_uri	text NOT NULL,
	UNIQUE (provider, seal_key)
);
COMMENT ON TABLE ootspg.seal_key IS 'seal keys by reference; written by ootspg.set_seal_key(), which tries the key first. Key material is never in a table';
COMMENT ON COLUMN ootspg.seal_key.key_uri IS 'file: URI below ootspg.key_directory, or a URI served by an OpenSSL provider';
COMMENT ON COLUMN ootspg.seal_key.certificate_uri IS 'PEM file with the seal certificate first, then intermediates';

CREATE TABLE ootspg.data_model (
	model			text NOT NULL CHECK (ootspg_internal.require('name', model)),
	version			text NOT NULL,
	namespace		text NOT NULL DEFAULT '',
	prefix			text NOT NULL DEFAULT '',
	root			text NOT NULL,
	element_names	text NOT NULL DEFAULT 'camel' CHECK (element_names IN ('camel', 'as written')),
	schema			bytea CHECK (ootspg_internal.require_schema(schema)),
	schema_sha256	bytea GENERATED ALWAYS AS (sha256(schema)) STORED,
	published		date NOT NULL,
	sealable		boolean NOT NULL DEFAULT true,
	PRIMARY KEY (model, version)
);
COMMENT ON TABLE ootspg.data_model IS 'data models of structured evidence; install one with ootspg.install_data_model(), which checks schema and checksum (D-MOD-15)';
COMMENT ON COLUMN ootspg.data_model.namespace IS 'namespace of the elements; empty for none and for JSON';
COMMENT ON COLUMN ootspg.data_model.prefix IS 'prefix written; empty for a default namespace';
COMMENT ON COLUMN ootspg.data_model.root IS 'local name of the root element';
COMMENT ON COLUMN ootspg.data_model.element_names IS 'camel: attribute family_name becomes FamilyName; as written: unchanged';
COMMENT ON COLUMN ootspg.data_model.schema IS 'self-contained XSD; evidence is validated against it before it is sealed';
COMMENT ON COLUMN ootspg.data_model.published IS 'day of publication in the semantic repository (D-MOD-05)';
COMMENT ON COLUMN ootspg.data_model.sealable IS 'the schema leaves room for ds:Signature as last child of the root (D-SIG-05)';

CREATE TABLE ootspg.data_model_location (
	model			text NOT NULL,
	version			text NOT NULL,
	line			ootspg.edm_line NOT NULL,
	conforms_to		text NOT NULL,
	PRIMARY KEY (model, version, line),
	FOREIGN KEY (model, version) REFERENCES ootspg.data_model ON UPDATE CASCADE ON DELETE CASCADE,
	CONSTRAINT data_model_location_conforms_to_check CHECK (ootspg_internal.require_url('model', line, conforms_to))
);
COMMENT ON TABLE ootspg.data_model_location IS 'persistent URL of a data model on each line: below /distributions/ in 1.0, /datamodels/ later (D-MOD-08)';

CREATE TABLE ootspg.evidence_type (
	evidence_type	text PRIMARY KEY CHECK (ootspg_internal.require('name', evidence_type)),
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE,
	data_service	uuid NOT NULL UNIQUE,
	title			ootspg.localized_text NOT NULL,
	description		ootspg.localized_text,
	subject			text NOT NULL DEFAULT 'natural person' CHECK (subject IN ('natural person', 'legal person')),
	subject_source	regclass,
	procedures		text[] NOT NULL CHECK (ootspg_internal.require('procedures', procedures::text)),
	level_of_assurance text NOT NULL CHECK (ootspg_internal.require('level of assurance', level_of_assurance)),
	preview			text NOT NULL DEFAULT 'required' CHECK (preview IN ('required', 'exempt')),
	given_names		text NOT NULL DEFAULT 'set' CHECK (given_names IN ('set', 'first')),
	legal_number	text NOT NULL DEFAULT '^(.+)$',
	representation	boolean NOT NULL DEFAULT false,
	entitlement		text,
	seal			text NOT NULL DEFAULT 'none' CHECK (seal IN ('none', 'prefer', 'require')),
	seal_key		text,
	no_record		text NOT NULL DEFAULT 'by line' CHECK (no_record IN ('by line', 'empty', 'not found')),
	t1				interval NOT NULL DEFAULT '5 min' CHECK (t1 >= '0'),
	CONSTRAINT evidence_type_seal_key_fkey FOREIGN KEY (provider, seal_key) REFERENCES ootspg.seal_key (provider, seal_key) ON UPDATE CASCADE,
	CONSTRAINT evidence_type_seal_needs_key CHECK (seal = 'none' OR seal_key IS NOT NULL)
);
COMMENT ON TABLE ootspg.evidence_type IS 'evidence types; served once ootspg.activate() has accepted them';
COMMENT ON COLUMN ootspg.evidence_type.data_service IS 'identifier of the data service evidence type in the Data Services Directory';
COMMENT ON COLUMN ootspg.evidence_type.subject_source IS 'view of persons or companies to match against; NULL: the distribution''s own view. With it, a known person without a record can be told from an unknown one';
COMMENT ON COLUMN ootspg.evidence_type.procedures IS 'procedure codes the type is served for; 00 (system check) is answered always, with sample evidence';
COMMENT ON COLUMN ootspg.evidence_type.level_of_assurance IS 'lowest level of assurance accepted: Low, Substantial or High (D-IDM-05)';
COMMENT ON COLUMN ootspg.evidence_type.preview IS 'exempt: the type is served to requests without PossibilityForPreview only; required: needs the preview exchange';
COMMENT ON COLUMN ootspg.evidence_type.given_names IS 'set: all given names equal in any order; first: the first equal, plus a further attribute (D-IDM-13)';
COMMENT ON COLUMN ootspg.evidence_type.legal_number IS 'regular expression whose first group takes the company number out of the last segment of an eIDAS legal identifier asserted by the provider''s country (D-IDM-19)';
COMMENT ON COLUMN ootspg.evidence_type.representation IS 'requests by a representative are served, if entitlement says so (D-IDM-17, D-IDM-18)';
COMMENT ON COLUMN ootspg.evidence_type.entitlement IS 'function (ootspg.entitlement_question) returning boolean that decides whether the user may use the evidence; NULL: own record only (D-IDM-16)';
COMMENT ON COLUMN ootspg.evidence_type.seal IS 'none; prefer: unsealed and logged when the key fails; require: no evidence without seal (D-SIG-01, D-SIG-08)';
COMMENT ON COLUMN ootspg.evidence_type.no_record IS 'answer for a known person without record: by line (1.x EDM:ERR:0004, 2.0 empty list), empty, not found';
COMMENT ON COLUMN ootspg.evidence_type.t1 IS 'time limit from the request''s sending to its answer (D-TMO-01); 0 switches it off';

CREATE TABLE ootspg.evidence_type_line (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	line			ootspg.edm_line NOT NULL,
	classification	text NOT NULL,
	PRIMARY KEY (evidence_type, line),
	CONSTRAINT evidence_type_line_classification_check CHECK (ootspg_internal.require_url('classification', line, classification))
);
COMMENT ON TABLE ootspg.evidence_type_line IS 'lines on which an evidence type is served, with its EvidenceTypeClassification there';

CREATE TABLE ootspg.distribution (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	distribution	text NOT NULL CHECK (ootspg_internal.require('name', distribution)),
	media_type		text NOT NULL CHECK (ootspg_internal.require('media type', media_type)),
	source			regclass,
	source_function	text,
	sample_source	regclass,
	document		text NOT NULL DEFAULT 'document',
	model			text,
	model_version	text,
	subset			text CHECK (subset ~ '^[A-Za-z0-9._-]+$'),
	readable		text,
	PRIMARY KEY (evidence_type, distribution),
	FOREIGN KEY (model, model_version) REFERENCES ootspg.data_model ON UPDATE CASCADE,
	FOREIGN KEY (evidence_type, readable) REFERENCES ootspg.distribution ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT distribution_one_source CHECK (num_nonnulls(source, source_function) = 1),
	CONSTRAINT distribution_model_and_version CHECK ((model IS NULL) = (model_version IS NULL)),
	CONSTRAINT distribution_subset_of_model CHECK (subset IS NULL OR model IS NOT NULL)
);
COMMENT ON TABLE ootspg.distribution IS 'formats of an evidence type: a view or function, one row of it per piece of evidence, and its document column';
COMMENT ON COLUMN ootspg.distribution.source IS 'view with person_id, issuing_date and the document column; see doc/publish.md for the optional ones';
COMMENT ON COLUMN ootspg.distribution.source_function IS 'set-returning function (person_ids text[]) standing in for the view';
COMMENT ON COLUMN ootspg.distribution.sample_source IS 'view of fictitious evidence, one row, for procedure 00 (D-OPS-10)';
COMMENT ON COLUMN ootspg.distribution.document IS 'column of the document: a composite value, xml, jsonb or bytea';
COMMENT ON COLUMN ootspg.distribution.model IS 'data model the structured document conforms to';
COMMENT ON COLUMN ootspg.distribution.subset IS 'last path segment of the Transformation (1.x) or of the subset''s own URL (2.0); the source then yields only that subset (D-MOD-09)';
COMMENT ON COLUMN ootspg.distribution.readable IS 'distribution of the same source that is the human-readable version of this one (D-MOD-02)';

CREATE TABLE ootspg.activation (
	evidence_type	text PRIMARY KEY REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	activated_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	activated_by	text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ootspg.activation IS 'evidence types in service; written by ootspg.activate() and ootspg.deactivate()';

CREATE TABLE ootspg.identity_link (
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE,
	identifier		text NOT NULL CHECK (ootspg_internal.require('person identifier', identifier)),
	person_id		text NOT NULL,
	source			text NOT NULL,
	level_of_assurance text NOT NULL CHECK (ootspg_internal.require('level of assurance', level_of_assurance)),
	linked_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	revoked_at		timestamptz,
	PRIMARY KEY (provider, identifier, linked_at)
);
CREATE UNIQUE INDEX identity_link_live ON ootspg.identity_link (provider, upper(identifier)) WHERE revoked_at IS NULL;
COMMENT ON TABLE ootspg.identity_link IS 'lawful links from an eIDAS identifier, whole triple, to a person or company of the registry (D-IDM-09, D-IDM-10)';

CREATE TABLE ootspg.code_map (
	code_map		text NOT NULL CHECK (ootspg_internal.require('name', code_map)),
	registry_value	text NOT NULL,
	code			text NOT NULL,
	PRIMARY KEY (code_map, registry_value)
);
COMMENT ON TABLE ootspg.code_map IS 'registry values to code list values, for views; see ootspg.code()';

CREATE FUNCTION ootspg.code(code_map text, registry_value text) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan	-- so that no plan shows the value (D-LOG-06)
AS $$
DECLARE
	result text;
BEGIN
	SELECT m.code INTO result FROM ootspg.code_map m
	 WHERE m.code_map = code.code_map AND m.registry_value = code.registry_value;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'code map "%" does not know a registry value', code.code_map
			USING ERRCODE = 'OT005', HINT = 'Add the missing value to ootspg.code_map; evidence is never built with a guessed code (D-MOD-16).';
	END IF;
	RETURN result;
END $$;
COMMENT ON FUNCTION ootspg.code(text, text) IS
'the code of a registry value; raises OT005 when the map lacks it (D-MOD-16)';

CREATE TABLE ootspg.provider_role (
	role_name		name NOT NULL,
	duty			text NOT NULL CHECK (duty IN ('configure', 'exchange', 'audit', 'maintain', 'monitor')),
	provider		text REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	UNIQUE NULLS NOT DISTINCT (role_name, duty, provider)
);
COMMENT ON TABLE ootspg.provider_role IS 'which role has which duty for which provider (NULL: all); written by ootspg.grant_duty() and ootspg.revoke_duty()';
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
-- Sealing and verifying (XAdES). The functions that take URIs are for the functions on
-- top of ootspg.seal_key and for tests: whoever may call them chooses the key file.

CREATE FUNCTION ootspg_internal.seal_with(document bytea, name text, key_uri text, certificate_uri text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_seal_with'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.seal_with(bytea, text, text, text) IS
'the XML document in canonical form with an enveloped XAdES-BASELINE-B seal; raises OT004 when the key cannot be used';

CREATE FUNCTION ootspg_internal.key_facts(name text, key_uri text, certificate_uri text)
RETURNS TABLE (algorithm text, subject text, not_before timestamptz, not_after timestamptz, certificate_sha256 bytea)
AS 'MODULE_PATHNAME', 'ootspg_key_facts'
LANGUAGE C VOLATILE STRICT ROWS 1 PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.key_facts(text, text, text) IS
'loads the key, checks it as for sealing, and shows what its certificate says; raises OT004 when it cannot be used';

CREATE FUNCTION ootspg.verify_seal(document bytea, trusted bytea DEFAULT NULL)
RETURNS TABLE (valid boolean, step text, reason text, algorithm text, signing_time timestamptz,
			   certificate_sha256 bytea, certificate_subject text, chain text, revocation text, signed_content bytea)
AS 'MODULE_PATHNAME', 'ootspg_verify_seal'
LANGUAGE C STABLE ROWS 1 PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.verify_seal(bytea, bytea) IS
'verifies the enveloped XAdES seal of an XML document. valid: the signature covers the whole document and its signed properties, and the certificate is the one they name; otherwise step and reason say what was refused, and the other columns are claims only. chain: valid or untrusted against the PEM certificates in trusted, now; not checked without them. A valid seal with an untrusted chain proves nothing about who made it. Revocation is not checked. signed_content: the canonical octets the seal covers, the only thing to read on';
-- The business rules of the EDM, and their verdict on any message.
CREATE FUNCTION ootspg.check_message(
	message bytea, header bytea DEFAULT NULL,
	OUT rule_id text, OUT severity text, OUT location text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_check_message'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.check_message(bytea, bytea) IS
'rules that a request, response or error of any line breaks, alone or with its ebMS header: one row for each place; only severity fatal justifies a refusal. Unreadable input is one row of rule XML, never an error. Nothing of the content is repeated';

CREATE FUNCTION ootspg.rules(
	OUT rule_id text, OUT message text,
	OUT v10 text, OUT v11 text, OUT v12 text, OUT v20 text, OUT expects text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_rules'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.rules() IS
'every rule that check_message() knows: severity on each EDM line (NULL: not on that line, or it can never fire) and what it asks for';
-- Names: coarse key for the index, exact comparison, given name policies (D-IDM-11 … -13).

CREATE FUNCTION ootspg.name_policy_version() RETURNS integer
AS 'MODULE_PATHNAME', 'ootspg_name_policy_version'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.name_policy_version() IS
'version of the name normalisation this release applies; recorded with each match (D-IDM-12)';

-- What stands in indexes is not for parallel workers: a build would load the library in the
-- midst of a parallel operation, where the server refuses to set its settings.
CREATE FUNCTION ootspg.name_key(name text) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_name_key'
LANGUAGE C IMMUTABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg.name_key(text) IS
'coarse key of a name, the same for all its spellings; index it: CREATE INDEX ON person (date_of_birth, ootspg.name_key(family_name))';

CREATE FUNCTION ootspg.name_key(name text, version integer) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_name_key_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg.name_key(text, integer) IS
'coarse key of a name under that policy version; raises 22023 for a version this release does not know';

CREATE FUNCTION ootspg.names_match(a text, b text) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_names_match'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.names_match(text, text) IS
'true when the names share a documented spelling; equality after normalisation, not similarity (D-IDM-11)';

CREATE FUNCTION ootspg.given_names_match(a text, b text, policy text DEFAULT 'set') RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_given_names_match'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.given_names_match(text, text, text) IS
'policy set: all given names equal in any order; policy first: the first equal, to be combined with a further attribute (D-IDM-13)';

CREATE FUNCTION ootspg_internal.name_table(OUT source text, OUT spellings text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_name_table'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 120;
COMMENT ON FUNCTION ootspg_internal.name_table() IS 'lines of the folding table as compiled in';

CREATE FUNCTION ootspg_internal.name_alternatives(OUT source text, OUT alternative text) RETURNS SETOF record
LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 300
BEGIN ATOMIC
	SELECT t.source, a.alternative
	FROM ootspg_internal.name_table() t,
		pg_catalog.unnest(pg_catalog.string_to_array(CASE WHEN t.spellings = '' THEN '|' ELSE t.spellings END, '|')) a (alternative)
	GROUP BY t.source, a.alternative;
END;
COMMENT ON FUNCTION ootspg_internal.name_alternatives() IS
'folding table of the name policy: letters and what they may be spelt like';
-- Data models as data, and a look at documents while a view is being designed (src/evidence).

CREATE FUNCTION ootspg_internal.is_xml_name(name text) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_is_xml_name'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.is_xml_name(text) IS
'can it be the name of an element, or a prefix: an NCName of Namespaces in XML';

CREATE FUNCTION ootspg.install_data_model(
	model			text,
	version			text,
	root			text,
	published		date,
	namespace		text DEFAULT '',
	prefix			text DEFAULT '',
	schema			bytea DEFAULT NULL,
	sha256			bytea DEFAULT NULL,
	element_names	text DEFAULT 'camel',
	sealable		boolean DEFAULT true,
	locations		jsonb DEFAULT '{}'
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	m		ALIAS FOR $1;
	v		ALIAS FOR $2;
	differs	boolean;
BEGIN
	IF sha256 IS NOT NULL AND sha256(schema) IS DISTINCT FROM sha256 THEN
		RAISE EXCEPTION 'schema of data model "%" version % does not have the checksum given', m, v
			USING ERRCODE = 'OT003', HINT = 'Fetch the schema again, or ask its publisher for the checksum (D-MOD-15).';
	END IF;
	IF ootspg_internal.is_xml_name(root) IS NOT TRUE THEN
		RAISE EXCEPTION 'root of data model "%" version % is not an XML name', m, v
			USING ERRCODE = 'OT003', HINT = 'Give the local name of the root element, without prefix.';
	END IF;
	IF prefix <> '' AND (namespace = '' OR prefix IN ('xml', 'xmlns', 'ds', 'xades')
			OR NOT ootspg_internal.is_xml_name(prefix)) THEN
		RAISE EXCEPTION 'prefix of data model "%" version % cannot be used', m, v
			USING ERRCODE = 'OT003', HINT = 'A prefix is an XML name other than xml, xmlns, ds and xades, and stands for a namespace; leave it empty for a default namespace.';
	END IF;
	PERFORM ootspg_internal.require_schema(schema);

	INSERT INTO ootspg.data_model (model, version, namespace, prefix, root, element_names, schema, published, sealable)
	VALUES (m, v, install_data_model.namespace, install_data_model.prefix, install_data_model.root,
			install_data_model.element_names, install_data_model.schema, install_data_model.published,
			install_data_model.sealable)
	ON CONFLICT DO NOTHING;
	SELECT (d.namespace, d.prefix, d.root, d.element_names, d.schema_sha256, d.published, d.sealable)
		   IS DISTINCT FROM
		   (install_data_model.namespace, install_data_model.prefix, install_data_model.root,
			install_data_model.element_names, sha256(install_data_model.schema),
			install_data_model.published, install_data_model.sealable)
	  INTO STRICT differs
	  FROM ootspg.data_model d WHERE d.model = m AND d.version = v;

	INSERT INTO ootspg.data_model_location (model, version, line, conforms_to)
	SELECT m, v, l.key, l.value FROM jsonb_each_text(locations) l
	ON CONFLICT DO NOTHING;
	IF differs OR EXISTS (
		SELECT FROM ootspg.data_model_location l JOIN jsonb_each_text(locations) given ON given.key = l.line
		 WHERE l.model = m AND l.version = v AND l.conforms_to <> given.value)
	THEN
		RAISE EXCEPTION 'data model "%" version % is installed already and differs', m, v
			USING ERRCODE = 'OT003', HINT = 'A published version never changes; install the changed model under a version of its own.';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.install_data_model(text, text, text, date, text, text, bytea, bytea, text, boolean, jsonb) IS
'adds a version of a data model: root element, namespace, XML Schema with its SHA-256, and its persistent URL by line, as in {"oots-edm:v1.2": "https://…"}. The same again does nothing but add further lines; another content under the same version is refused with OT003';

CREATE FUNCTION ootspg_internal.keep_data_model() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION 'data model "%" version % is published and never changes', OLD.model, OLD.version
		USING ERRCODE = 'OT003', HINT = 'Install the changed model under a version of its own.';
END $$;

CREATE TRIGGER keep_data_model BEFORE UPDATE ON ootspg.data_model
	FOR EACH ROW WHEN ((OLD.namespace, OLD.prefix, OLD.root, OLD.element_names, OLD.schema, OLD.published)
		IS DISTINCT FROM (NEW.namespace, NEW.prefix, NEW.root, NEW.element_names, NEW.schema, NEW.published))
	EXECUTE FUNCTION ootspg_internal.keep_data_model();

CREATE FUNCTION ootspg.document(value anyelement, media_type text, model text DEFAULT NULL, version text DEFAULT NULL) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_document'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg.document(anyelement, text, text, text) IS
'the document that a distribution would make of a value of its document column: checked, not yet sealed; NULL for NULL';
-- One exchange is one row with one state; its immutable history is in the audit.

CREATE TABLE ootspg.exchange (
	exchange_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	received_at		timestamptz NOT NULL,
	answered_at		timestamptz,
	state			text NOT NULL CHECK (state IN ('answered', 'unanswerable')),
	outcome			text NOT NULL CHECK (outcome IN ('evidence', 'empty', 'error', 'unanswerable')),
	provider		text,
	environment		text,
	line			text,
	evidence_type	text,
	data_service	text,
	procedure_code	text,
	system_check	boolean NOT NULL DEFAULT false,
	request_id		text,
	conversation_id	text,
	wire_exchange_id text,
	message_id		text,
	requester_scheme text,
	requester_identifier text,
	requester_country text,
	subject_kind	text,
	subject_key		bytea,
	subject_identifier_key bytea,
	representative_key bytea,
	representative_identifier_key bytea,
	response_id		uuid,
	error_code		text,
	reason			text,
	answer_header	bytea
);
CREATE INDEX exchange_received_at ON ootspg.exchange USING brin (received_at) WITH (pages_per_range = 16);
CREATE INDEX exchange_request_id ON ootspg.exchange (request_id);
CREATE INDEX exchange_conversation_id ON ootspg.exchange (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX exchange_requester ON ootspg.exchange (requester_identifier, received_at);
CREATE INDEX exchange_evidence_type ON ootspg.exchange (evidence_type, received_at);
CREATE INDEX exchange_procedure ON ootspg.exchange (procedure_code, received_at);
CREATE INDEX exchange_subject ON ootspg.exchange (subject_key);
CREATE INDEX exchange_subject_identifier ON ootspg.exchange (subject_identifier_key) WHERE subject_identifier_key IS NOT NULL;
CREATE INDEX exchange_representative ON ootspg.exchange (representative_key) WHERE representative_key IS NOT NULL;
COMMENT ON TABLE ootspg.exchange IS 'exchanges: a request and what became of it, searchable by the elements of Implementing Regulation (EU) 2022/1463 art. 13(1) (D-LOG-04)';
COMMENT ON COLUMN ootspg.exchange.outcome IS 'evidence; empty: success with an empty list; error: see error_code; unanswerable: no valid answer exists';
COMMENT ON COLUMN ootspg.exchange.system_check IS 'procedure 00: sample evidence, excluded from statistics (D-OPS-10, D-LOG-30)';
COMMENT ON COLUMN ootspg.exchange.wire_exchange_id IS 'ExchangeId of the ebMS header (2.0)';
COMMENT ON COLUMN ootspg.exchange.subject_key IS 'digest of names and birth date, or of the legal identifier; compare with ootspg.subject_key() (D-LOG-22)';
COMMENT ON COLUMN ootspg.exchange.subject_identifier_key IS 'digest of the eIDAS identifier; compare with ootspg.identifier_key()';
COMMENT ON COLUMN ootspg.exchange.reason IS 'rule id or internal reason of an error; never personal data (D-LOG-09)';
COMMENT ON COLUMN ootspg.exchange.answer_header IS 'eb:Messaging element for the answer, when the request came with a header';

-- Request ids are unique for ever (TDD 4.4, D-TMO-07): the first to register one owns it.
CREATE TABLE ootspg_internal.used_request (
	request_key		text PRIMARY KEY,
	exchange_id		bigint NOT NULL
);
COMMENT ON TABLE ootspg_internal.used_request IS 'request ids already processed, lower case; kept as long as the audit';

CREATE TYPE ootspg.subject AS (
	kind			text,
	identifier		text,
	family_name		text,
	given_name		text,
	date_of_birth	date,
	birth_name		text,
	place_of_birth	text,
	legal_name		text,
	legal_identifiers jsonb
);
COMMENT ON TYPE ootspg.subject IS 'a natural or legal person as an application or a request names it; make one with ootspg.natural_person() or ootspg.legal_person()';

CREATE FUNCTION ootspg.natural_person(family_name text, given_name text, date_of_birth date,
	identifier text DEFAULT NULL, birth_name text DEFAULT NULL, place_of_birth text DEFAULT NULL)
RETURNS ootspg.subject LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ROW('natural person', identifier, family_name, given_name, date_of_birth, birth_name, place_of_birth, NULL, NULL)::ootspg.subject;
END;
COMMENT ON FUNCTION ootspg.natural_person(text, text, date, text, text, text) IS 'a natural person to be matched';

CREATE FUNCTION ootspg.legal_person(identifier text, legal_name text, legal_identifiers jsonb DEFAULT NULL)
RETURNS ootspg.subject LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ROW('legal person', identifier, NULL, NULL, NULL, NULL, NULL, legal_name, legal_identifiers)::ootspg.subject;
END;
COMMENT ON FUNCTION ootspg.legal_person(text, text, jsonb) IS
'a legal person to be matched; legal_identifiers as in {"VAT": "LV40003000000", "LEI": "…"}';

CREATE TYPE ootspg.entitlement_question AS (
	evidence_type	text,
	procedure_code	text,
	requester_scheme text,
	requester_identifier text,
	person_id		text,
	subject			ootspg.subject,
	representative	ootspg.subject,
	powers			text[]
);
COMMENT ON TYPE ootspg.entitlement_question IS
'what an entitlement function is asked: may this evidence about the matched person_id be used? representative is NULL when the user acts for themselves (D-IDM-16, D-IDM-17)';

CREATE FUNCTION ootspg.subject_key(subject ootspg.subject) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_subject_key'
LANGUAGE C IMMUTABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg.subject_key(ootspg.subject) IS
'search key of a person (names and birth date) or company (identifier) in ootspg.exchange (D-LOG-21, D-LOG-22)';

CREATE FUNCTION ootspg.identifier_key(identifier text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_identifier_key'
LANGUAGE C IMMUTABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg.identifier_key(text) IS 'search key of an eIDAS identifier in ootspg.exchange';
-- The audit: insert-only, partitioned by month (UTC), written in the transaction of
-- the effect it records (D-LOG-01 ff., IR (EU) 2022/1463 art. 17). The parents have no
-- indexes on purpose: partitions carry their own, so that a dump of the partitions
-- restores into a freshly created extension.

CREATE SEQUENCE ootspg_internal.event_seq;

CREATE TABLE ootspg.exchange_event (
	event_id		bigint NOT NULL DEFAULT nextval('ootspg_internal.event_seq'),
	event_time		timestamptz NOT NULL,
	written_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	exchange_id		bigint NOT NULL,
	provider		text,
	event_type		text NOT NULL,
	direction		text CHECK (direction IN ('in', 'out')),
	written_by		text NOT NULL DEFAULT session_user,
	facts			jsonb,
	media_type		text,
	first_part		bytea,
	first_part_sha256 bytea GENERATED ALWAYS AS (sha256(first_part)) STORED,
	header			bytea,
	exception_code	text,
	exception_type	text,
	severity		text,
	detail			text
) PARTITION BY RANGE (event_time);
COMMENT ON TABLE ootspg.exchange_event IS 'what happened in each exchange, one row an event, never changed (D-LOG-01)';
COMMENT ON COLUMN ootspg.exchange_event.event_type IS 'request_received, request_unreadable, duplicate_request, match, preview_not_required, response_built, error_built, no_answer';
COMMENT ON COLUMN ootspg.exchange_event.facts IS 'elements of art. 13(1) and of the decision: flags, levels of assurance, requirements, match policy, attributes used, candidates; never evidence, never attribute values (D-LOG-05, D-IDM-26)';
COMMENT ON COLUMN ootspg.exchange_event.first_part IS 'first MIME part byte for byte as received or built (D-LOG-03)';
COMMENT ON COLUMN ootspg.exchange_event.detail IS 'rule or reason applied (D-LOG-09)';

-- Messages compress well; lz4 does it at a tenth of the price, where the server has it.
DO $$
BEGIN
	ALTER TABLE ootspg.exchange_event ALTER first_part SET COMPRESSION lz4, ALTER header SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END $$;

CREATE TABLE ootspg.evidence_event (
	event_id		bigint NOT NULL DEFAULT nextval('ootspg_internal.event_seq'),
	event_time		timestamptz NOT NULL,
	exchange_id		bigint NOT NULL,
	provider		text,
	evidence_id		uuid NOT NULL,
	role			text NOT NULL,
	media_type		text NOT NULL,
	content_id		text NOT NULL,
	size_bytes		bigint NOT NULL,
	sha256_as_held	bytea NOT NULL,
	conforms_to		text,
	language		text,
	seal_key		text,
	certificate_sha256 bytea,
	decision		text NOT NULL CHECK (decision IN ('approved', 'rejected', 'left_without_decision', 'not_required'))
) PARTITION BY RANGE (event_time);
COMMENT ON TABLE ootspg.evidence_event IS 'pieces of evidence that left in an answer: identity, size and digest, never content (D-LOG-05)';
COMMENT ON COLUMN ootspg.evidence_event.sha256_as_held IS 'digest of the document as held; not the digest AS4 signs, which is of the part as transmitted (D-LOG-12)';
COMMENT ON COLUMN ootspg.evidence_event.decision IS 'the user''s decision after preview, or not_required (D-LOG-07, D-LOG-08)';

CREATE FUNCTION ootspg_internal.audit_guard() RETURNS trigger
AS 'MODULE_PATHNAME', 'ootspg_audit_guard'
LANGUAGE C;
COMMENT ON FUNCTION ootspg_internal.audit_guard() IS 'refuses UPDATE and TRUNCATE always, DELETE outside ootspg.purge() (D-LOG-13)';

CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.exchange_event
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.evidence_event
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
-- under session_replication_role = replica as well
ALTER TABLE ootspg.exchange_event ENABLE ALWAYS TRIGGER audit_guard;
ALTER TABLE ootspg.evidence_event ENABLE ALWAYS TRIGGER audit_guard;

-- Partitions are made when first needed and are not members of the extension:
-- pg_dump dumps them with their rows.
CREATE FUNCTION ootspg_internal.ensure_partitions(moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
	month	timestamptz := date_trunc('month', moment);
	parent	text;
	child	text;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('ootspg audit partitions', 0));
	FOREACH parent IN ARRAY ARRAY['exchange_event', 'evidence_event'] LOOP
		child := parent || to_char(month, '_"y"YYYY"m"MM');
		CONTINUE WHEN to_regclass('ootspg_internal.' || child) IS NOT NULL;
		EXECUTE format('CREATE TABLE ootspg_internal.%I (LIKE ootspg.%I INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION)', child, parent);
		EXECUTE format('CREATE INDEX %I ON ootspg_internal.%I (exchange_id)', child || '_exchange', child);
		EXECUTE format('CREATE INDEX %I ON ootspg_internal.%I USING brin (event_time)', child || '_time', child);
		IF parent = 'evidence_event' THEN
			EXECUTE format('CREATE INDEX %I ON ootspg_internal.%I (evidence_id)', child || '_evidence', child);
		END IF;
		EXECUTE format('CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg_internal.%I FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard()', child);
		EXECUTE format('ALTER TABLE ootspg_internal.%I ENABLE ALWAYS TRIGGER audit_guard', child);
		EXECUTE format('ALTER TABLE ootspg.%I ATTACH PARTITION ootspg_internal.%I FOR VALUES FROM (%L) TO (%L)',
					   parent, child, month, month + interval '1 month');
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.ensure_partitions(timestamptz) IS 'makes the audit partitions of a month when they are missing';

CREATE FUNCTION ootspg.maintain() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT ootspg_internal.ensure_partitions(now());
	SELECT ootspg_internal.ensure_partitions(now() + interval '1 month');
END;
COMMENT ON FUNCTION ootspg.maintain() IS 'prepares next month''s audit partitions; run it daily, or let the first answer of a month do it';

CREATE TABLE ootspg.purge_record (
	purged_at		timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
	older_than		timestamptz NOT NULL,
	exchanges		bigint NOT NULL,
	events			bigint NOT NULL,
	pieces			bigint NOT NULL,
	purged_by		text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ootspg.purge_record IS 'what ootspg.purge() removed: counts only (D-LOG-18)';

CREATE FUNCTION ootspg.purge() RETURNS ootspg.purge_record
AS 'MODULE_PATHNAME', 'ootspg_purge'
LANGUAGE C
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.purge() IS
'removes exchanges whose latest event is older than ootspg.retention months, whole exchanges only (D-LOG-16 to -18)';
-- The one function that exchanges go through (src/exchange).

CREATE FUNCTION ootspg.answer(request bytea, header bytea DEFAULT NULL,
	OUT exchange_id bigint, OUT outcome text, OUT part integer, OUT content_id text, OUT media_type text, OUT content bytea)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_answer'
LANGUAGE C VOLATILE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.answer(bytea, bytea) IS
'answers an evidence request: one row per MIME part, part 1 the RegRep message, 2… the evidence; the exchange and its audit are stored in the caller''s transaction. header is the received eb:Messaging element. An unanswerable request gives one row without part';
-- Evidence and seals for applications, without an exchange around them.

CREATE FUNCTION ootspg.evidence(evidence_type text, subject ootspg.subject,
	line ootspg.edm_line DEFAULT 'oots-edm:v2.0', distribution text DEFAULT NULL,
	OUT person_id text, OUT piece integer, OUT role text, OUT evidence_id uuid, OUT media_type text, OUT conforms_to text,
	OUT language text, OUT title text, OUT issuing_date date, OUT content bytea, OUT sha256 bytea, OUT sealed boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_evidence_subject'
LANGUAGE C VOLATILE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.evidence(text, ootspg.subject, ootspg.edm_line, text) IS
'the sealed pieces of evidence for the one person or company that matches; raises OT007 when none, several or a protected one does. distribution: by default the first by name';

CREATE FUNCTION ootspg.evidence(evidence_type text, person_ids text[],
	line ootspg.edm_line DEFAULT 'oots-edm:v2.0', distribution text DEFAULT NULL,
	OUT person_id text, OUT piece integer, OUT role text, OUT evidence_id uuid, OUT media_type text, OUT conforms_to text,
	OUT language text, OUT title text, OUT issuing_date date, OUT content bytea, OUT sha256 bytea, OUT sealed boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_evidence_persons'
LANGUAGE C VOLATILE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.evidence(text, text[], ootspg.edm_line, text) IS
'the sealed pieces of evidence for many subjects, named by the registry''s own key, in one scan of the view';

CREATE FUNCTION ootspg.seal(document bytea, seal_key text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_seal'
LANGUAGE C VOLATILE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.seal(bytea, text) IS
'the XML document in canonical form with an enveloped XAdES-BASELINE-B seal by the named key; raises OT004 when the key cannot be used, OT001 when it is no XML';

CREATE FUNCTION ootspg.seal(document xml, seal_key text) RETURNS bytea
LANGUAGE sql VOLATILE STRICT
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT ootspg.seal(convert_to(document::text, 'UTF8'), seal_key);
END;
COMMENT ON FUNCTION ootspg.seal(xml, text) IS 'the same for a value of type xml';
-- Who may do what. Roles are the cluster's, so the script makes none: the DBA names
-- them to grant_duty(). Duties: configure (rows and keys), exchange (answer, evidence,
-- seal), audit (read the audit), maintain (partitions, purge), monitor (status without
-- personal data).
-- Run-time roles write nothing themselves: the functions do, as owner of the tables.

CREATE FUNCTION ootspg_internal.has_duty(who name, duty text, provider text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = who AND r.rolsuper)
		OR EXISTS (SELECT FROM ootspg.provider_role p
					WHERE p.duty = has_duty.duty
					  AND (p.provider IS NULL OR p.provider = has_duty.provider)
					  AND pg_has_role(who, to_regrole(quote_ident(p.role_name::text)), 'MEMBER'));
END;
COMMENT ON FUNCTION ootspg_internal.has_duty(name, text, text) IS 'does the role, or one it is a member of, have the duty for the provider?';

-- One array a statement, not one question a row: policies compare with it.
CREATE FUNCTION ootspg_internal.own_providers(who name, duty text) RETURNS text[]
AS 'MODULE_PATHNAME', 'ootspg_own_providers'
LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.own_providers(name, text) IS 'row-level security: providers that the role has the duty for, or any duty when it is NULL; * stands for all';

CREATE FUNCTION ootspg_internal.forget_duties() RETURNS trigger
AS 'MODULE_PATHNAME', 'ootspg_forget_duties'
LANGUAGE C;
COMMENT ON FUNCTION ootspg_internal.forget_duties() IS 'makes every backend ask ootspg.provider_role again';

CREATE TRIGGER forget_duties AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ootspg.provider_role
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.forget_duties();

-- Functions that do something belong to one duty; all others in schema ootspg only
-- compute and go with every duty.
CREATE FUNCTION ootspg_internal.duty_functions(duty text) RETURNS SETOF regprocedure
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT p.oid::regprocedure
	  FROM pg_catalog.pg_proc p
	  LEFT JOIN (VALUES
		('answer', 'exchange'), ('evidence', 'exchange'), ('seal', 'exchange'),
		('activate', 'configure'), ('deactivate', 'configure'), ('set_seal_key', 'configure'), ('install_data_model', 'configure'),
		('maintain', 'maintain'), ('purge', 'maintain'),
		('grant_duty', NULL), ('revoke_duty', NULL)) acting(name, owner) ON acting.name = p.proname
	 WHERE p.pronamespace = to_regnamespace('ootspg')
	   AND (acting.name IS NULL OR acting.owner = duty_functions.duty)
	UNION ALL
	SELECT p.oid::regprocedure
	  FROM pg_catalog.pg_proc p
	 WHERE p.pronamespace = to_regnamespace('ootspg_internal')
	   AND (p.proname IN ('own_providers', 'has_duty', 'require', 'require_localized')	-- domains ask the last two
			OR (duty_functions.duty = 'configure' AND p.provolatile IN ('i', 's') AND p.prorettype <> 'trigger'::regtype)
			OR (duty_functions.duty = 'monitor' AND p.proname = 'key_status')
			OR (duty_functions.duty = 'maintain' AND p.proname = 'ensure_partitions'));
END;
COMMENT ON FUNCTION ootspg_internal.duty_functions(text) IS 'functions that ootspg.grant_duty() lets a duty execute';

CREATE FUNCTION ootspg_internal.duty_tables(duty text, OUT object regclass, OUT privileges text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT t.object::regclass, t.privileges
	  FROM (VALUES
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.provider', 'ootspg.data_model', 'ootspg.data_model_location',
			'ootspg.evidence_type', 'ootspg.evidence_type_line', 'ootspg.distribution', 'ootspg.identity_link', 'ootspg.code_map']),
		('configure', 'SELECT', ARRAY['ootspg.seal_key', 'ootspg.activation', 'ootspg.seal_key_status', 'ootspg.provider_role']),
		('exchange', 'SELECT', ARRAY['ootspg.provider', 'ootspg.seal_key', 'ootspg.data_model', 'ootspg.data_model_location',
			'ootspg.evidence_type', 'ootspg.evidence_type_line', 'ootspg.distribution', 'ootspg.activation',
			'ootspg.identity_link', 'ootspg.code_map']),
		('audit', 'SELECT', ARRAY['ootspg.exchange', 'ootspg.exchange_event', 'ootspg.evidence_event', 'ootspg.purge_record']),
		('monitor', 'SELECT', ARRAY['ootspg.seal_key', 'ootspg.seal_key_status', 'ootspg.activation', 'ootspg.purge_record',
			'ootspg.evidence_type'])	-- whose provider is asked by the policy of activation
		) d(duty, privileges, objects), LATERAL unnest(d.objects) t0(object), LATERAL (SELECT t0.object, d.privileges) t
	 WHERE d.duty = duty_tables.duty;
END;
COMMENT ON FUNCTION ootspg_internal.duty_tables(text) IS 'table privileges that ootspg.grant_duty() grants';

CREATE FUNCTION ootspg_internal.apply_duty(role_name name, duty text, verb text, preposition text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	item record;
BEGIN
	FOR item IN SELECT f::text AS name FROM ootspg_internal.duty_functions(duty) f LOOP
		EXECUTE format('%s EXECUTE ON FUNCTION %s %s %I', verb, item.name, preposition, role_name);
	END LOOP;
	FOR item IN SELECT object::text AS name, privileges FROM ootspg_internal.duty_tables(duty) LOOP
		EXECUTE format('%s %s ON TABLE %s %s %I', verb, item.privileges, item.name, preposition, role_name);
	END LOOP;
END $$;

CREATE FUNCTION ootspg_internal.public_types() RETURNS SETOF regtype
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT t.oid::regtype FROM pg_catalog.pg_type t
	 WHERE t.typnamespace = to_regnamespace('ootspg') AND t.typtype IN ('d', 'c')
	   AND (t.typtype = 'd' OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'));
END;
COMMENT ON FUNCTION ootspg_internal.public_types() IS 'domains and composite types of schema ootspg; every duty may use them';

CREATE FUNCTION ootspg.grant_duty(role_name name, duty text, provider text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	item record;
BEGIN
	INSERT INTO ootspg.provider_role VALUES (grant_duty.role_name, grant_duty.duty, grant_duty.provider) ON CONFLICT DO NOTHING;
	EXECUTE format('GRANT USAGE ON SCHEMA ootspg, ootspg_internal TO %I', role_name);
	FOR item IN SELECT t::text AS name FROM ootspg_internal.public_types() t LOOP
		EXECUTE format('GRANT USAGE ON TYPE %s TO %I', item.name, role_name);
	END LOOP;
	PERFORM ootspg_internal.apply_duty(role_name, duty, 'GRANT', 'TO');
END $$;
COMMENT ON FUNCTION ootspg.grant_duty(name, text, text) IS
'gives a role a duty (configure, exchange, audit, maintain, monitor), for one provider or, without one, for all; call it again after an update of the extension';

CREATE FUNCTION ootspg.revoke_duty(role_name name, duty text, provider text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	other text;
BEGIN
	DELETE FROM ootspg.provider_role p
	 WHERE p.role_name = revoke_duty.role_name AND p.duty = revoke_duty.duty
	   AND p.provider IS NOT DISTINCT FROM revoke_duty.provider;
	IF EXISTS (SELECT FROM ootspg.provider_role p WHERE p.role_name = revoke_duty.role_name AND p.duty = revoke_duty.duty) THEN
		RETURN;
	END IF;
	PERFORM ootspg_internal.apply_duty(role_name, duty, 'REVOKE', 'FROM');
	-- duties overlap: what the others need comes back
	FOR other IN SELECT DISTINCT p.duty FROM ootspg.provider_role p WHERE p.role_name = revoke_duty.role_name LOOP
		PERFORM ootspg_internal.apply_duty(role_name, other, 'GRANT', 'TO');
	END LOOP;
	IF NOT FOUND THEN
		FOR other IN SELECT t::text FROM ootspg_internal.public_types() t LOOP
			EXECUTE format('REVOKE USAGE ON TYPE %s FROM %I', other, role_name);
		END LOOP;
		EXECUTE format('REVOKE USAGE ON SCHEMA ootspg, ootspg_internal FROM %I', role_name);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.revoke_duty(name, text, text) IS 'takes a duty back';

-- Row-level security between the providers of one database (D-SEC-04). Any duty for a
-- provider lets its configuration be read, where the duty's privileges allow it; writing
-- it takes the duty to configure, and reading the audit the duty to audit, for that very
-- provider: a role may have different duties for different providers.
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['provider', 'seal_key', 'evidence_type', 'identity_link'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY own_provider ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY[''*'', provider])', t);
		EXECUTE format('CREATE POLICY own_configuration ON ootspg.%I USING ((SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*'', provider])', t);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['evidence_type_line', 'distribution', 'activation'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY own_provider ON ootspg.%1$I FOR SELECT USING (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = %1$I.evidence_type))', t);
		EXECUTE format('CREATE POLICY own_configuration ON ootspg.%1$I USING (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = %1$I.evidence_type'
					   ' AND (SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*'', t.provider]))', t);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['exchange', 'exchange_event', 'evidence_event'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY own_audit ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, ''audit'')) && ARRAY[''*'', provider])', t);
	END LOOP;
END $$;

-- What a dump carries: configuration, exchanges, audit; partitions dump themselves.
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['ootspg.provider', 'ootspg.seal_key', 'ootspg.data_model', 'ootspg.data_model_location',
			'ootspg.evidence_type', 'ootspg.evidence_type_line', 'ootspg.distribution', 'ootspg.activation',
			'ootspg.identity_link', 'ootspg.code_map', 'ootspg.provider_role', 'ootspg.exchange',
			'ootspg.exchange_exchange_id_seq', 'ootspg_internal.used_request', 'ootspg_internal.event_seq',
			'ootspg.purge_record'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(t::regclass, '');
	END LOOP;
END $$;
-- Nothing for PUBLIC (design decision; D-SEC-04). Roles get their rights by ootspg.grant_duty().
REVOKE ALL ON SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
DO $$
DECLARE
	t regtype;
BEGIN
	FOR t IN SELECT p FROM ootspg_internal.public_types() p LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON TYPE %s FROM PUBLIC', t);
	END LOOP;
END $$;
