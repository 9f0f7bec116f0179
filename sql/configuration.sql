--
-- Configuration: the way the manual tells it works; whatever is wrong is refused when it
-- is written or activated, with a SQLSTATE to branch on and a hint, never when a citizen's
-- request meets it. The extension's own objects are documented and closed.
--
\set ECHO none
\set own regress_ootspg_configuration
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/pdf.sql'
\i :fixture
\set ECHO all

-- No privilege for PUBLIC on anything the extension made, but to compare names (doc/security.md)
SELECT 'schema' AS kind, nspname AS name FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a
 WHERE nspname IN ('ootspg', 'ootspg_internal') AND a.grantee = 0
UNION ALL
SELECT 'relation', c.oid::regclass::text
  FROM pg_class c, aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, relowner))) a
 WHERE relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) AND a.grantee = 0 AND relkind <> 'i'
UNION ALL
SELECT 'function', p.oid::regprocedure::text FROM pg_proc p, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
 WHERE pronamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) AND a.grantee = 0
UNION ALL
SELECT 'type', t.oid::regtype::text FROM pg_type t, aclexplode(coalesce(typacl, acldefault('T', typowner))) a
 WHERE typnamespace IN ('ootspg'::regnamespace) AND a.grantee = 0 AND typelem = 0
   AND (typtype = 'd' OR (SELECT relkind FROM pg_class WHERE oid = typrelid) = 'c')
 ORDER BY 1, 2;

-- Every public object is documented
SELECT 'relation' AS kind, c.oid::regclass::text AS name FROM pg_class c
 WHERE relnamespace = 'ootspg'::regnamespace AND relkind IN ('r', 'v', 'p', 'c') AND obj_description(oid, 'pg_class') IS NULL
   AND NOT EXISTS (SELECT FROM pg_type t WHERE t.typrelid = c.oid AND obj_description(t.oid, 'pg_type') IS NOT NULL)
UNION ALL
SELECT 'function', p.oid::regprocedure::text FROM pg_proc p
 WHERE pronamespace = 'ootspg'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
UNION ALL
SELECT 'domain', t.oid::regtype::text FROM pg_type t
 WHERE typnamespace = 'ootspg'::regnamespace AND typtype = 'd' AND obj_description(oid, 'pg_type') IS NULL
UNION ALL
SELECT 'schema', nspname FROM pg_namespace WHERE nspname LIKE 'ootspg%' AND obj_description(oid, 'pg_namespace') IS NULL;

-- And every column of what is public: what it is, in which unit, by which rule
SELECT a.attrelid::regclass AS relation, a.attname AS "says nothing" FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'ootspg'::regnamespace AND c.relkind IN ('r', 'v', 'p', 'c') AND a.attnum > 0 AND NOT a.attisdropped
   AND coalesce(lower(col_description(a.attrelid, a.attnum)), '') IN ('', a.attname, replace(a.attname, '_', ' '), 'the ' || replace(a.attname, '_', ' '))
 ORDER BY c.relname, a.attnum;

-- Whoever runs as owner looks at pg_catalog first and temporary objects last
SELECT p.oid::regprocedure AS definer_without_path FROM pg_proc p
 WHERE pronamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) AND prosecdef
   AND NOT coalesce(proconfig, '{}') && ARRAY['search_path=pg_catalog, pg_temp', 'search_path=pg_catalog, ootspg, pg_temp'];
-- Any other function either pins the path, was parsed when it was made, or is C
SELECT p.oid::regprocedure AS floating FROM pg_proc p JOIN pg_language l ON l.oid = prolang
 WHERE pronamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace)
   AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c LIKE 'search_path=pg_catalog%pg_temp')
   AND NOT (l.lanname = 'c' OR p.prosqlbody IS NOT NULL);

-- Retention has a floor of twelve months, no ceiling in sight, and is the server's to set (D-LOG-16)
SELECT setting, min_val, max_val::integer >= 24 AS can_be_raised, context FROM pg_settings WHERE name = 'ootspg.retention';
\set VERBOSITY sqlstate
ALTER SYSTEM SET ootspg.retention = 11;
\set VERBOSITY default
SELECT * FROM refusal('SET ootspg.retention = 24');
SELECT * FROM refusal('SET ootspg.no_such_setting = 1');

-- A registry
CREATE SCHEMA registry;
CREATE TABLE registry.person (code text PRIMARY KEY, family_name text, given_name text, born date);
INSERT INTO registry.person VALUES ('1', 'Ozoliņš', 'Jānis', '1990-01-01');
CREATE VIEW registry.people AS SELECT code AS person_id, family_name, given_name, born AS date_of_birth FROM registry.person;
CREATE TYPE registry.certificate AS (number text, born date);
CREATE VIEW registry.births AS
	SELECT code AS person_id, born + 10 AS issuing_date, NULL::date AS valid_from, NULL::date AS valid_until, 'LV' AS language,
		   ROW(code, born)::registry.certificate AS document, pdf_of('') AS pdf, xml '<a/>' AS x, jsonb '{}' AS j
	  FROM registry.person;

-- The way of the manual, step by step
INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain)
VALUES ('civil', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000001', '{"EN": "Civil Register"}', 'LV', 'civil.example.lv');
SELECT ootspg.install_data_model('birth', '1.0', root => 'Birth', published => DATE '2026-01-01', namespace => 'urn:example:birth',
	locations => '{"oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0"}');
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
VALUES ('birth', 'civil', 'b1c2d3e4-2222-4333-8444-555566667777', '{"EN": "Birth certificate"}', 'registry.people', '{R1}', 'Substantial', 'exempt');
INSERT INTO ootspg.evidence_type_line VALUES
	('birth', 'oots-edm:v1.2', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888');
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, readable) VALUES
	('birth', 'pdf', 'application/pdf', 'registry.births', 'pdf', NULL, NULL, NULL),
	('birth', 'xml', 'application/xml', 'registry.births', 'document', 'birth', '1.0', 'pdf');
SELECT ootspg.activate('birth');
SELECT evidence_type, activated_by = session_user AS by_me FROM ootspg.activation;
SELECT role, media_type, piece FROM ootspg.evidence('birth', ootspg.natural_person('Ozolins', 'Janis', '1990-01-01'), 'oots-edm:v1.2', 'xml');
-- twice is once; out of service and back
SELECT ootspg.activate('birth');
SELECT ootspg.deactivate('birth');
SELECT * FROM refusal($$SELECT * FROM ootspg.evidence('birth', '{1}'::text[])$$);
SELECT ootspg.activate('birth');

-- Wrong values are refused as they are written
SELECT what, r.* FROM (VALUES
	('scheme', $$INSERT INTO ootspg.provider VALUES ('p', 'EAS:9939', '1', '{"EN": "Name"}', 'LV', NULL, NULL, 'a.lv')$$),
	('scheme of some lines', $$INSERT INTO ootspg.provider VALUES ('p', 'urn:cef.eu:names:identifier:EAS:0000', '1', '{"EN": "Name"}', 'LV', NULL, NULL, 'a.lv')$$),
	('identifier', $$INSERT INTO ootspg.provider VALUES ('p', 'urn:cef.eu:names:identifier:EAS:9939', '1 2', '{"EN": "Name"}', 'LV', NULL, NULL, 'a.lv')$$),
	('country', $$INSERT INTO ootspg.provider VALUES ('p', 'urn:cef.eu:names:identifier:EAS:9939', '1', '{"EN": "Name"}', 'GR', NULL, NULL, 'a.lv')$$),
	('nuts', $$INSERT INTO ootspg.provider VALUES ('p', 'urn:cef.eu:names:identifier:EAS:9939', '1', '{"EN": "Name"}', 'LV', 'Riga', NULL, 'a.lv')$$),
	('name', $$INSERT INTO ootspg.provider VALUES ('p q', 'urn:cef.eu:names:identifier:EAS:9939', '1', '{"EN": "Name"}', 'LV', NULL, NULL, 'a.lv')$$),
	('language', $$INSERT INTO ootspg.provider VALUES ('p', 'urn:cef.eu:names:identifier:EAS:9939', '1', '{"en": "Name"}', 'LV', NULL, NULL, 'a.lv')$$),
	('no text', $$INSERT INTO ootspg.provider VALUES ('p', 'urn:cef.eu:names:identifier:EAS:9939', '1', '{}', 'LV', NULL, NULL, 'a.lv')$$),
	('text within a text', $$INSERT INTO ootspg.provider VALUES ('p', 'urn:cef.eu:names:identifier:EAS:9939', '1', '{"EN": {"LV": "abc"}}', 'LV', NULL, NULL, 'a.lv')$$),
	('content domain', $$INSERT INTO ootspg.provider VALUES ('p', 'urn:cef.eu:names:identifier:EAS:9939', '1', '{"EN": "Name"}', 'LV', NULL, NULL, 'a@b')$$),
	('preferred line', $$UPDATE ootspg.provider SET preferred_line = 'oots-edm:v3.0'$$),
	('level of assurance', $$UPDATE ootspg.evidence_type SET level_of_assurance = 'high'$$),
	('procedure', $$UPDATE ootspg.evidence_type SET procedures = '{R1,Z9}'$$),
	('no procedure', $$UPDATE ootspg.evidence_type SET procedures = '{}'$$),
	('title', $$UPDATE ootspg.evidence_type SET title = '{"EN": "x"}'$$),
	('line', $$INSERT INTO ootspg.evidence_type_line VALUES ('birth', 'oots-edm:v1.3', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888')$$),
	('classification', $$UPDATE ootspg.evidence_type_line SET classification = 'https://example.com/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888'$$),
	('classification of 1.0 on 2.0', $$INSERT INTO ootspg.evidence_type_line VALUES ('birth', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/lv/C1D2E3F4-3333-4444-8555-666677778888')$$),
	('model URL of 2.0 on 1.0', $$INSERT INTO ootspg.data_model_location VALUES ('birth', '1.0', 'oots-edm:v1.0', 'https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0')$$),
	('model URL of 1.0 on 2.0', $$INSERT INTO ootspg.data_model_location VALUES ('birth', '1.0', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/distributions/birth-1.0')$$),
	('media type', $$UPDATE ootspg.distribution SET media_type = 'text/plain'$$),
	('link', $$INSERT INTO ootspg.identity_link VALUES ('civil', 'LV-1', '1', 'clerk', 'High')$$),
	('level of a link', $$INSERT INTO ootspg.identity_link VALUES ('civil', 'DE/LV/123456', '1', 'clerk', 'Medium')$$)
	) c(what, statement), refusal(statement) r;

-- Views must have the columns that are read, of types that can be read
CREATE FUNCTION registry.without(relation text, name text, type text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	made text := relation || '_' || name || coalesce('_as_' || type, '');
BEGIN
	EXECUTE format('CREATE OR REPLACE VIEW %s AS SELECT %s FROM %s', made, (SELECT string_agg(CASE WHEN attname = name
		THEN 'NULL::' || type || ' AS ' || attname ELSE attname END, ', ') FROM pg_attribute WHERE attrelid = relation::regclass AND attnum > 0
		AND (attname <> name OR type IS NOT NULL)), relation);
	RETURN made;
END $$;
SELECT what, r.* FROM (VALUES ('person_id', NULL), ('family_name', NULL), ('given_name', NULL), ('date_of_birth', NULL),
							  ('date_of_birth', 'integer'), ('date_of_birth', 'text')) c(what, type),
	refusal(format('UPDATE ootspg.evidence_type SET subject_source = %L', registry.without('registry.people', what, type))) r;
SELECT what, type, r.* FROM (VALUES ('person_id', NULL), ('issuing_date', NULL), ('issuing_date', 'text'), ('valid_from', 'text'), ('valid_until', 'timestamptz'),
									('document', NULL), ('document', 'bytea'), ('document', 'text'), ('document', 'integer')) c(what, type),
	refusal(format($$UPDATE ootspg.distribution SET source = %L WHERE distribution = 'xml'$$, registry.without('registry.births', what, type))) r;
SELECT what, type, r.* FROM (VALUES ('pdf', NULL), ('pdf', 'text'), ('pdf', 'xml')) c(what, type),
	refusal(format($$UPDATE ootspg.distribution SET source = %L WHERE distribution = 'pdf'$$, registry.without('registry.births', what, type))) r;
SELECT r.* FROM refusal(format($$UPDATE ootspg.distribution SET sample_source = %L WHERE distribution = 'pdf'$$, registry.without('registry.births', 'issuing_date'))) r;
-- a relation that is not there at all is PostgreSQL's own error
SELECT * FROM refusal($$UPDATE ootspg.distribution SET source = 'registry.nowhere'$$);
-- companies are found by a number of type text
SELECT r.* FROM refusal(format($$UPDATE ootspg.evidence_type SET subject = 'legal person', subject_source = %L$$, registry.without('registry.people', 'person_id', 'integer'))) r;

-- Functions that stand in or decide must exist with the right arguments and result
CREATE FUNCTION registry.births_of(text[]) RETURNS SETOF registry.births LANGUAGE sql STABLE AS 'SELECT * FROM registry.births WHERE person_id = ANY ($1)';
CREATE FUNCTION registry.one_birth(text) RETURNS registry.births LANGUAGE sql STABLE AS 'SELECT * FROM registry.births WHERE person_id = $1';
CREATE FUNCTION registry.names_of(text[]) RETURNS SETOF text LANGUAGE sql STABLE AS 'SELECT person_id FROM registry.births';
CREATE FUNCTION registry.people_of(text[]) RETURNS SETOF registry.people LANGUAGE sql STABLE AS 'SELECT * FROM registry.people';
CREATE FUNCTION registry.may(ootspg.entitlement_question) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION registry.may_be(ootspg.entitlement_question) RETURNS text LANGUAGE sql AS $$SELECT 'true'$$;
CREATE FUNCTION registry.may_anybody(text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
SELECT name, r.* FROM unnest(ARRAY['registry.births_of', 'registry.one_birth', 'registry.names_of', 'registry.people_of', 'registry.missing', 'births_of']) name,
	refusal(format($$UPDATE ootspg.distribution SET source = NULL, source_function = %L WHERE distribution = 'pdf'$$, name)) r;
SELECT * FROM refusal($$UPDATE ootspg.distribution SET source_function = 'registry.births_of' WHERE distribution = 'pdf'$$);
SELECT name, r.* FROM unnest(ARRAY['registry.may', 'registry.may_be', 'registry.may_anybody', 'registry.missing', 'may', 'registry.may(NULL); SELECT registry.may']) name,
	refusal(format('UPDATE ootspg.evidence_type SET entitlement = %L', name)) r;
SELECT * FROM refusal($$UPDATE ootspg.evidence_type SET legal_number = '('$$);

-- Data models
SELECT what, r.* FROM (VALUES
	('root', $$SELECT ootspg.install_data_model('m', '1', root => 'a b', published => '2026-01-01')$$),
	('prefix', $$SELECT ootspg.install_data_model('m', '1', root => 'a', published => '2026-01-01', namespace => 'urn:x', prefix => 'ds')$$),
	('prefix for nothing', $$SELECT ootspg.install_data_model('m', '1', root => 'a', published => '2026-01-01', prefix => 'p')$$),
	('schema', $$SELECT ootspg.install_data_model('m', '1', root => 'a', published => '2026-01-01', schema => '<a/>')$$),
	('checksum', $$SELECT ootspg.install_data_model('m', '1', root => 'a', published => '2026-01-01', schema => '<a/>', sha256 => '\x00')$$),
	('changed', $$SELECT ootspg.install_data_model('birth', '1.0', root => 'Other', published => '2026-01-01')$$),
	('changed URL', $$SELECT ootspg.install_data_model('birth', '1.0', root => 'Birth', published => '2026-01-01', namespace => 'urn:example:birth',
		locations => '{"oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/other-1.0"}')$$),
	('changed by hand', $$UPDATE ootspg.data_model SET root = 'Other'$$),
	('in use', $$DELETE FROM ootspg.data_model$$)
	) c(what, statement), refusal(statement) r;

-- What no single row can tell is refused at activation
CREATE FUNCTION activation(preparation text, OUT state text, OUT message text, OUT hint text) LANGUAGE sql AS $$
	SELECT r.* FROM refusal('DO $do$ BEGIN PERFORM ootspg.deactivate(''birth''); ' || preparation || '; PERFORM ootspg.activate(''birth''); END $do$') r
$$;
SELECT what, r.* FROM (VALUES
	('nothing wrong', 'NULL'),
	('preview', $$UPDATE ootspg.evidence_type SET preview = 'required'$$),
	('no line', 'DELETE FROM ootspg.evidence_type_line'),
	('no distribution', 'DELETE FROM ootspg.distribution'),
	('model without URL for a line', $$INSERT INTO ootspg.evidence_type_line VALUES ('birth', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888')$$),
	('structured, neither model nor readable', $$UPDATE ootspg.distribution SET model = NULL, model_version = NULL, readable = NULL, document = 'x' WHERE distribution = 'xml'$$),
	('structured, no model but readable', $$UPDATE ootspg.distribution SET model = NULL, model_version = NULL, document = 'x' WHERE distribution = 'xml'$$),
	('structured, no readable but model', $$UPDATE ootspg.distribution SET readable = NULL WHERE distribution = 'xml'$$),
	('readable is not for people', $$UPDATE ootspg.distribution SET media_type = 'application/json', document = 'j', readable = 'xml' WHERE distribution = 'pdf'$$),
	('readable of another source', $$UPDATE ootspg.distribution SET source = 'registry.births_document_as_bytea' WHERE distribution = 'pdf'$$),
	('readable is missing', $$UPDATE ootspg.distribution SET readable = 'svg' WHERE distribution = 'xml'$$),
	('nowhere to match', $$UPDATE ootspg.evidence_type SET subject_source = NULL$$),
	('a function cannot be matched against', $$UPDATE ootspg.evidence_type SET subject_source = NULL; DELETE FROM ootspg.distribution WHERE distribution = 'xml'; UPDATE ootspg.distribution SET source = NULL, source_function = 'registry.births_of'$$),
	('seal without key', $$UPDATE ootspg.evidence_type SET seal = 'require'$$),
	('seal key unknown', $$UPDATE ootspg.evidence_type SET seal = 'require', seal_key = 'none'$$),
	('seal key file missing', $$INSERT INTO ootspg.seal_key VALUES ('k', 'civil', 'file:k.key', 'file:k.crt'); UPDATE ootspg.evidence_type SET seal = 'prefer', seal_key = 'k'$$),
	('no room for a seal', $$UPDATE ootspg.data_model SET sealable = false; INSERT INTO ootspg.seal_key VALUES ('k', 'civil', 'file:k.key', 'file:k.crt'); UPDATE ootspg.evidence_type SET seal = 'require', seal_key = 'k'; UPDATE ootspg.distribution SET readable = NULL; DELETE FROM ootspg.distribution WHERE distribution = 'pdf'$$),
	('a seal required of PDF', $$INSERT INTO ootspg.seal_key VALUES ('k', 'civil', 'file:k.key', 'file:k.crt'); UPDATE ootspg.evidence_type SET seal = 'require', seal_key = 'k'; UPDATE ootspg.distribution SET seal_form = 'none' WHERE distribution = 'pdf'$$),
	('a seal required of bytes', $$INSERT INTO ootspg.seal_key VALUES ('k', 'civil', 'file:k.key', 'file:k.crt'); UPDATE ootspg.evidence_type SET seal = 'require', seal_key = 'k'; UPDATE ootspg.distribution SET readable = NULL; DELETE FROM ootspg.distribution WHERE distribution = 'pdf'; UPDATE ootspg.distribution SET source = 'registry.births_document_as_bytea'$$),
	('a role that answers cannot read', $$CREATE ROLE regress_ootspg_reader; PERFORM ootspg.grant_duty('regress_ootspg_reader', 'exchange')$$),
	('not there', $$UPDATE ootspg.evidence_type SET evidence_type = 'other'$$)
	) c(what, preparation), activation(preparation) r;
-- What was true at activation stays true: an active type cannot be broken by a later change
SELECT what, r.* FROM (VALUES
	('preview', $$UPDATE ootspg.evidence_type SET preview = 'required'$$),
	('no line', 'DELETE FROM ootspg.evidence_type_line'),
	('no distribution', 'DELETE FROM ootspg.distribution'),
	('one distribution less', $$DELETE FROM ootspg.distribution WHERE distribution = 'xml'$$),
	('out of service first', $$SELECT ootspg.deactivate('birth'); DELETE FROM ootspg.distribution$$)
	) c(what, statement), refusal(statement) r;

-- an access point's values: what is wrong, and what is right
SELECT c.changed, f.* FROM (VALUES ('{}'::jsonb), ('{"url": "https://ap.example/domibus/services/wsplugin?wsdl"}'), ('{"url": "https://ap.example/wsplugin#a"}'), ('{"party_id": ""}'),
	('{"party_id_type": ""}'), ('{"user_name": "civil"}'), ('{"password_uri": "file:p"}'), ('{"certificate_uri": "file:c"}'), ('{"key_uri": "file:k"}'),
	('{"server": "5.2"}'), ('{"final_recipient": ""}'), ('{"poll_interval": "10"}'), ('{"poll_interval": "0"}'), ('{"poll_interval": "2 h"}'), ('{"connections": 0}'), ('{"connections": 17}'),
	('{"connect_timeout": "6 min"}'), ('{"stall_timeout": "-1 s"}'), ('{"call_timeout": "3 h"}'), ('{"inline_limit": -1}'), ('{"resubmit_after": "2 d"}'), ('{"resubmit_after": "0.01 s"}'),
	('{"give_up_after": "31 d"}'), ('{"give_up_after": "4 min"}'), ('{"poll_interval": null}')) c(changed),
	ootspg_internal.access_point_fault(jsonb_populate_record(NULL::ootspg.access_point, '{"access_point": "ap", "url": "https://ap.example/wsplugin", "party_id": "A", "party_id_type": "t", "server": "probe",
	"poll_interval": "10 s", "connections": 4, "connect_timeout": "10 s", "stall_timeout": "30 s", "call_timeout": "2 min", "inline_limit": 2048, "resubmit_after": "4 min", "give_up_after": "24 h"}' || c.changed)) f;

-- a seal key is tried before it is registered, and stays its provider's
SELECT * FROM refusal($$SELECT ootspg.set_seal_key('k', 'civil', 'file:none.key', 'file:none.crt')$$);
SELECT * FROM refusal($$SELECT ootspg.set_seal_key('k', 'civil', 'file:none.key', 'none.crt')$$);
SELECT * FROM refusal($$SELECT ootspg.set_seal_key('k', 'civil', 'file:../../etc/passwd', 'file:none.crt')$$);
SELECT count(*) AS registered FROM ootspg.seal_key;

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
