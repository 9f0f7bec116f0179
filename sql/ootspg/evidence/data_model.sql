-- What structured evidence conforms to, and where that is published.

CREATE TABLE ootspg.data_model (
	model			text NOT NULL CHECK (ootspg_internal.require('name', model)),
	version			text NOT NULL,
	namespace		text NOT NULL DEFAULT '',
	prefix			text NOT NULL DEFAULT '',
	root			text NOT NULL,
	element_names	text NOT NULL DEFAULT 'camel' CHECK (ootspg_internal.require('element names', element_names)),
	schema			bytea CHECK (ootspg_internal.require_schema(schema)),
	schema_sha256	bytea GENERATED ALWAYS AS (sha256(schema)) STORED,
	published		date NOT NULL,
	sealable		boolean NOT NULL DEFAULT true,
	PRIMARY KEY (model, version)
);
COMMENT ON TABLE ootspg.data_model IS 'data models of structured evidence; install one with ootspg.install_data_model(), which checks schema and checksum (D-MOD-15)';
COMMENT ON COLUMN ootspg.data_model.model IS 'short local name; distributions refer to it by name and version';
COMMENT ON COLUMN ootspg.data_model.version IS 'version as published; what is in service never changes under one version';
COMMENT ON COLUMN ootspg.data_model.schema_sha256 IS 'SHA-256 of schema, as publishers give it (D-MOD-15)';
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
COMMENT ON COLUMN ootspg.data_model_location.model IS 'with version: the data model';
COMMENT ON COLUMN ootspg.data_model_location.version IS 'its version';
COMMENT ON COLUMN ootspg.data_model_location.line IS 'line on which evidence names the URL';
COMMENT ON COLUMN ootspg.data_model_location.conforms_to IS 'the URL, as evidence and submissions name it (ConformsTo)';
