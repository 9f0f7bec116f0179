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
	duty			text NOT NULL CHECK (duty IN ('configure', 'exchange', 'operate', 'audit', 'maintain', 'monitor')),
	provider		text REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	UNIQUE NULLS NOT DISTINCT (role_name, duty, provider)
);
COMMENT ON TABLE ootspg.provider_role IS 'which role has which duty for which provider (NULL: all); written by ootspg.grant_duty() and ootspg.revoke_duty()';
