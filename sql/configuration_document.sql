--
-- The configuration of a provider as one document: exported, compared and applied, from one
-- database to another, by whoever may configure it and by nobody else.
--
\set ECHO none
\set own regress_ootspg_document
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/directory.sql'
\i :fixture
-- two formats are enough here
DELETE FROM ootspg.distribution WHERE distribution LIKE 'adult%';
\set ECHO all
\pset tuples_only on

-- Every table is in the document, or left out for a reason; those that refer come after those referred to
CREATE TABLE left_out (name text, why text);
INSERT INTO left_out SELECT unnest(string_to_array(names, ' ')), why FROM (VALUES
	('provider_role', 'roles are the cluster''s'),
	('holiday weekly_window maintenance_window availability_interval availability_target incident doubt change_notice exchange_statistics', 'how the service is run, and what became of it'),
	('identity_link', 'personal data'),
	('code_map added_code model_release classification_code_list classification_code', 'shared, and no row says which provider uses them'),
	('key_grant', 'for the owner of the extension alone'),
	('access_point access_point_event accepted_party accepted_requester', 'of the access point, and of every provider'),
	('audit_reader', 'certificates of people, a matter of the place'),
	('directory_target directory_route directory_source time_stamp_authority trust_list trust_service registry_object fragment published_data_set final_submission sent_submission published_code_list', 'of the environment, and of the whole state'),
	('model_withdrawal activation_on_acceptance past_activation registration_check', 'history, and what is under way'),
	('inbox outbox exchange exchange_event evidence_event promise purge_record matching_log audit_key audit_access security_event audit_head hold', 'messages and the audit')) l(names, why);
SELECT c.relname AS "in no list" FROM pg_class c
 WHERE c.relnamespace = 'ootspg'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT IN (SELECT name FROM left_out UNION ALL SELECT name FROM ootspg_internal.configuration_tables());
SELECT name AS "in both, or gone" FROM (SELECT name FROM left_out UNION ALL SELECT name FROM ootspg_internal.configuration_tables()) l GROUP BY 1 HAVING count(*) > 1 OR to_regclass('ootspg.' || name) IS NULL;
SELECT k.conrelid::regclass, k.confrelid::regclass FROM pg_constraint k JOIN ootspg_internal.configuration_tables() t ON k.conrelid = ('ootspg.' || t.name)::regclass
 WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND NOT EXISTS (SELECT FROM ootspg_internal.configuration_tables() r WHERE k.confrelid = ('ootspg.' || r.name)::regclass AND r.rank < t.rank);

-- One provider's, the same every time
SELECT t.key, jsonb_array_length(t.value) FROM jsonb_each(ootspg.export_configuration('civil')->'tables') t ORDER BY t.key COLLATE "C";
SELECT d - 'tables', d->'tables'->'provider', d->'tables'->'activation' FROM ootspg.export_configuration('civil') d;
SELECT x->>'source', x->>'sample_source', x->>'readable', x ?| '{source_name,source_owner,sample_source_name,sample_source_owner}' FROM jsonb_array_elements(ootspg.export_configuration('civil')->'tables'->'distribution') x WHERE x->>'distribution' = 'xml';
SET search_path = registry, public;
SET intervalstyle = iso_8601;
SET datestyle = 'SQL, DMY';
SELECT string_agg(x->>'source', ' '), string_agg(x->>'t1', ' ') FROM ootspg.export_configuration('civil') d, jsonb_array_elements(d->'tables'->'distribution' || (d->'tables'->'evidence_type')) x;
SELECT * FROM ootspg.compare_configuration(ootspg.export_configuration('civil'));
SELECT * FROM ootspg.apply_configuration(ootspg.export_configuration('schools'), true);
RESET search_path;
RESET intervalstyle;
RESET datestyle;
SELECT * FROM refusal($$SELECT ootspg.export_configuration('none')$$);

-- Differences, and only they are applied
SELECT ootspg.export_configuration('civil') AS document, ootspg.export_configuration('schools') AS schools \gset
CREATE TABLE doc (civil jsonb, schools jsonb);
INSERT INTO doc VALUES (:'document', :'schools');
UPDATE ootspg.evidence_type SET t1 = '1 min', title = '{"EN": "Other"}' WHERE evidence_type = 'birth';
UPDATE ootspg.distribution SET sample_source = NULL WHERE distribution = 'xml';
DELETE FROM ootspg.distribution_language WHERE language = 'EN';
INSERT INTO ootspg.distribution_language VALUES ('birth', 'pdf', 'FR');
SELECT c.* FROM doc, ootspg.compare_configuration(civil) c;
SELECT c.table_name, c.key, c.column_name FROM doc, ootspg.apply_configuration(civil) c;
SELECT c.* FROM doc, ootspg.compare_configuration(civil) c;
SELECT c.* FROM doc, ootspg.apply_configuration(civil) c;
SELECT c.table_name, c.here FROM doc, ootspg.apply_configuration(civil, remove => true) c;
SELECT civil = ootspg.export_configuration('civil') AS "as it was", schools = ootspg.export_configuration('schools') AS "nothing else" FROM doc;
-- written by hand, in any spelling of a value, and without what is not to be said
SELECT c.* FROM ootspg.apply_configuration('{"format": 1, "provider": "civil", "tables": {"evidence_type": [{"evidence_type": "birth", "provider": "civil", "t1": "300 s", "subject_source": "registry . people"}]}}') c;
-- out of service, and back
SELECT ootspg.deactivate('birth');
SELECT c.* FROM doc, ootspg.compare_configuration(civil) c;
SELECT c.table_name, c.key FROM doc, ootspg.apply_configuration(civil) c;
SELECT c.table_name, c.key FROM doc, ootspg.apply_configuration(jsonb_set(civil, '{tables,activation}', '[]')) c;
SELECT c.table_name, c.key FROM doc, ootspg.apply_configuration(jsonb_set(civil, '{tables,activation}', '[]'), true) c;
SELECT evidence_type FROM ootspg.activation;
SELECT c.table_name, c.key FROM doc, ootspg.apply_configuration(civil) c;

-- What could not be served is refused as when it is written by hand: nothing of it stays
SELECT r.* FROM (VALUES
	('column', $$SELECT ootspg.apply_configuration(jsonb_set(civil, '{tables,distribution,0,document}', '"nothing"')) FROM doc$$),
	('companion, of a type in service', $$SELECT ootspg.apply_configuration(jsonb_set(civil, '{tables,distribution,1,readable}', '"xml"')) FROM doc$$),
	('new row of a type in service', $$SELECT ootspg.apply_configuration(jsonb_set(civil, '{tables,distribution,-1}', civil #> '{tables,distribution,-1}' || '{"distribution": "zip", "readable": "xml"}', true)) FROM doc$$),
	('model in service', $$SELECT ootspg.apply_configuration(jsonb_set(civil, '{tables,data_model,0,root}', '"Other"')) FROM doc$$),
	('relations', $$SELECT ootspg.apply_configuration(jsonb_set(jsonb_set(civil, '{tables,distribution,0,source}', '"registry.none"'), '{tables,evidence_type,0,subject_source}', '"none"')) FROM doc$$),
	('relation by number', $$SELECT ootspg.apply_configuration(jsonb_set(civil, '{tables,distribution,0,source}', '1259')) FROM doc$$),
	('later format', $$SELECT ootspg.apply_configuration(jsonb_set(civil, '{format}', '2')) FROM doc$$),
	('no format', $$SELECT ootspg.compare_configuration('{"provider": "civil", "tables": {}}')$$),
	('something else', $$SELECT ootspg.compare_configuration('[]')$$),
	('NULL', $$SELECT ootspg.compare_configuration(NULL)$$),
	('table', $$SELECT ootspg.compare_configuration(civil || '{"tables": {"exchange": []}}') FROM doc$$),
	('no rows', $$SELECT ootspg.compare_configuration(civil || '{"tables": {"provider": {}}}') FROM doc$$),
	('no object', $$SELECT ootspg.compare_configuration(civil || '{"tables": {"provider": [1]}}') FROM doc$$),
	('later column', $$SELECT ootspg.compare_configuration(jsonb_set(civil, '{tables,provider,0,colour}', '"blue"')) FROM doc$$),
	('column of the place', $$SELECT ootspg.compare_configuration(jsonb_set(civil, '{tables,provider,0,environment}', '"production"')) FROM doc$$),
	('no key', $$SELECT ootspg.compare_configuration(civil #- '{tables,distribution,0,distribution}') FROM doc$$),
	('twice', $$SELECT ootspg.compare_configuration(jsonb_set(civil, '{tables,distribution,0,distribution}', '"xml"')) FROM doc$$),
	('value', $$SELECT ootspg.compare_configuration(jsonb_set(civil, '{tables,evidence_type,0,t1}', '"soon"')) FROM doc$$),
	('row of another', $$SELECT ootspg.compare_configuration(jsonb_set(civil, '{tables,evidence_type,0,provider}', '"schools"')) FROM doc$$),
	('child of another', $$SELECT ootspg.compare_configuration(jsonb_set(civil, '{tables,directory_entry,0,evidence_type}', '"diploma"')) FROM doc$$),
	('name of another', $$SELECT ootspg.compare_configuration(replace(civil::text, '"birth"', '"diploma"')::jsonb) FROM doc$$),
	('environment', $$SELECT ootspg.apply_configuration(civil, environment => 'production') FROM doc$$)) r0(what, statement), LATERAL (SELECT r0.what, (refusal(r0.statement)).*) r;
SELECT civil = ootspg.export_configuration('civil') FROM doc;

-- Who configures one provider applies what is its own; what all share takes more, and is told at once
CREATE ROLE regress_ootspg_civil;
SELECT ootspg.grant_duty('regress_ootspg_civil', 'configure', 'civil');
GRANT USAGE ON SCHEMA registry TO regress_ootspg_civil;
GRANT SELECT ON registry.people, registry.birth_evidence, registry.birth_sample, doc TO regress_ootspg_civil;
SET SESSION AUTHORIZATION regress_ootspg_civil;
SELECT civil = ootspg.export_configuration('civil') FROM doc;
SELECT c.table_name, c.column_name FROM doc, ootspg.apply_configuration(jsonb_set(civil, '{tables,evidence_type,0,t1}', '"00:09:00"'), true) c;
SELECT c.table_name, c.column_name FROM doc, ootspg.apply_configuration(civil, true) c;
SELECT r.* FROM (VALUES
	('export', $$SELECT ootspg.export_configuration('schools')$$),
	('compare', $$SELECT ootspg.compare_configuration(schools) FROM doc$$),
	('apply', $$SELECT ootspg.apply_configuration(schools) FROM doc$$),
	('new provider', $$SELECT ootspg.apply_configuration(replace(civil::text, '"civil"', '"other"')::jsonb, environment => 'test') FROM doc$$),
	('shared', $$SELECT ootspg.apply_configuration(jsonb_set(jsonb_set(civil, '{tables,data_model_location,0,conforms_to}', '"https://sr.oots.tech.ec.europa.eu/distributions/other"'), '{tables,requirement,0,description}', 'null')) FROM doc$$)) r0(what, statement),
	LATERAL (SELECT r0.what, (public.refusal(r0.statement)).*) r;
RESET SESSION AUTHORIZATION;
DROP OWNED BY regress_ootspg_civil;
DROP ROLE regress_ootspg_civil;

-- Another database, which has the views only
\set ECHO none
CREATE DATABASE regress_ootspg_document_there TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
ALTER DATABASE regress_ootspg_document_there SET lc_messages = 'C';
\c regress_ootspg_document_there
SET client_min_messages = error;
CREATE EXTENSION ootspg;
\set ECHO all
CREATE TABLE doc (civil jsonb);
INSERT INTO doc VALUES (:'document');
\set VERBOSITY terse
SELECT ootspg.apply_configuration(civil) FROM doc;
CREATE SCHEMA registry;
CREATE TYPE registry.birth_document AS (family_name text);
CREATE VIEW registry.people AS SELECT '1'::text AS person_id, 'A'::text AS family_name, 'B'::text AS given_name, DATE '2000-01-01' AS date_of_birth;
CREATE VIEW registry.birth_evidence AS SELECT '1'::text AS person_id, DATE '2020-01-01' AS issuing_date, ROW('A')::registry.birth_document AS document, '\x'::bytea AS pdf;
CREATE VIEW registry.birth_sample AS TABLE registry.birth_evidence;
SELECT ootspg.apply_configuration(civil) FROM doc;
SELECT c.table_name, count(*) FROM doc, ootspg.apply_configuration(civil, environment => 'acceptance') c GROUP BY 1 ORDER BY c.table_name COLLATE "C";
SELECT provider, environment, preferred_line FROM ootspg.provider;
SELECT evidence_type, activated_by FROM ootspg.activation;
SELECT civil = ootspg.export_configuration('civil') FROM doc;
-- all that is the provider's is taken away when it is asked, and nothing that others may use
SELECT count(*) AS "of tables that are not named" FROM doc, ootspg.apply_configuration(civil || '{"tables": {}}', true) c;
SELECT c.table_name, count(*) FROM doc, ootspg.apply_configuration(civil || jsonb_build_object('tables', (SELECT jsonb_object_agg(t.name, '[]'::jsonb) FROM ootspg_internal.configuration_tables() t)), true) c GROUP BY 1 ORDER BY c.table_name COLLATE "C";
SELECT t.key FROM jsonb_each(ootspg.export_configuration('civil')->'tables') t WHERE t.value <> '[]';
SELECT count(*) FROM ootspg.data_model_location;
SELECT count(*) FROM doc, ootspg.apply_configuration(civil) c;
SELECT civil = ootspg.export_configuration('civil') FROM doc;

\set ECHO none
\c :own
DROP DATABASE regress_ootspg_document_there;
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
