--
-- Submissions: what the tables say is what the directories are told, in the object model
-- and the shapes of each line; a missing fact is named, and nothing is made without it.
--
\set ECHO none
\set own regress_ootspg_submission
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\o /dev/null
\i :fixture
\o
\set fixture :folder '/test/fixtures/directory.sql'
\i :fixture
\set ECHO all

-- A submission of a line, as registry objects
CREATE FUNCTION objects(service text, line text) RETURNS TABLE (kind text, identifier text, content text) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ootspg.directory_target (environment, service, line) VALUES ('test', objects.service, objects.line)
	ON CONFLICT ON CONSTRAINT directory_target_pkey DO UPDATE SET line = EXCLUDED.line;
	RETURN QUERY SELECT o.kind, o.identifier, regexp_replace(convert_from(o.content, 'UTF8'), ' xmlns:\w+="[^"]*"', '', 'g')
	  FROM ootspg_internal.submission_objects(convert_to(ootspg.submission(objects.service)::text, 'UTF8')) o ORDER BY o.place;
END $$;
CREATE TABLE lines (line text);
INSERT INTO lines VALUES ('oots-edm:v1.0'), ('oots-edm:v1.1'), ('oots-edm:v1.2'), ('oots-edm:v2.0');

-- Kinds of objects: two in v1.0, three later
SELECT service, line, kind, count(*) FROM lines, unnest(ARRAY['dsd', 'eb']) service, objects(service, line) GROUP BY 1, 2, 3 ORDER BY 1, 2, kind COLLATE "C";
-- What they are about
SELECT kind, identifier FROM objects('dsd', 'oots-edm:v1.0');
SELECT kind, identifier FROM objects('dsd', 'oots-edm:v1.2');
SELECT kind, identifier FROM objects('eb', 'oots-edm:v1.2');
-- and what they say: the lines differ
SELECT content FROM objects('dsd', 'oots-edm:v1.0') WHERE kind = 'EvidenceProvider' AND identifier LIKE '%1 behind%';
SELECT line, content FROM lines, objects('dsd', line) WHERE identifier = 'b1c2d3e4-2222-4333-8444-555566667777' ORDER BY line;
SELECT line, content FROM lines, objects('dsd', line) WHERE identifier = 'b1c2d3e4-2222-4333-8444-555566667778' AND line IN ('oots-edm:v1.0', 'oots-edm:v2.0') ORDER BY line;
SELECT line, kind, content FROM lines, objects('dsd', line) WHERE kind IN ('EvidenceProvider', 'AccessService') AND line IN ('oots-edm:v1.2', 'oots-edm:v2.0') ORDER BY line, kind, identifier;
SELECT line, content FROM lines, objects('eb', line) WHERE kind IN ('EvidenceType', 'EvidenceTypeList', 'Requirement', 'ReferenceFramework') AND line IN ('oots-edm:v1.0', 'oots-edm:v2.0') AND identifier !~ '(2|8889)$' ORDER BY line, kind COLLATE "C";

-- must be empty: fatal rules that our own submissions break
SELECT service, line, c.* FROM lines, unnest(ARRAY['dsd', 'eb']) service, LATERAL (SELECT count(*) FROM objects(service, line)) made,
	   LATERAL ootspg.check_submission(ootspg.submission(service), line) c WHERE c.severity = 'fatal' AND made.count > 0;

-- The next submission has the same ids but its own
SELECT count(*) > 10 AS ids_kept, count(DISTINCT object_id) = count(*) AS different FROM ootspg.registry_object;
SELECT ootspg.submission('dsd', id => '00000000-0000-4000-8000-000000000001')::text = ootspg.submission('dsd', id => '00000000-0000-4000-8000-000000000001')::text AS same,
	   ootspg.submission('dsd')::text = ootspg.submission('dsd')::text AS same_id;
-- ids taken over from another program are used
UPDATE ootspg.registry_object SET object_id = 'aaaaaaaa-0000-4000-8000-000000000001' WHERE service = 'dsd' AND kind = 'DataServiceEvidenceType' AND key LIKE '%778';
SELECT ootspg.submission('dsd')::text ~ 'targetObject="urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"' AS used;

-- Settings of the target: where the specification leaves it open
CREATE FUNCTION with_target(change text, pattern text, service text DEFAULT 'dsd') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE 'UPDATE ootspg.directory_target SET ' || change || ' WHERE service = ' || quote_literal(service);
	result := (SELECT string_agg(m[1], ' ') FROM regexp_matches(ootspg.submission(service)::text, pattern, 'g') m);
	RAISE SQLSTATE '00001' USING MESSAGE = coalesce(result, '(none)');
EXCEPTION WHEN SQLSTATE '00001' THEN
	RETURN SQLERRM;
END $$;
UPDATE ootspg.directory_target SET line = 'oots-edm:v1.2';
SELECT setting, with_target(setting, pattern) FROM (VALUES
	('line = line', '(checkReferences="[^"]*"|<rim:Value>.*?</rim:Value>)'),
	('specification = ''none''', '(checkReferences="[^"]*"|<rim:Value>.*?</rim:Value>)'),
	('specification = ''oots-lcm:v2.0''', '<rim:Value>(.*?)</rim:Value>'),
	('line = ''oots-edm:v1.0'', specification = ''oots-lcm:v1.0''', '<rim:Value>(.*?)</rim:Value>'),
	('check_references = false', '(checkReferences)'),
	('publisher_element = ''EvidenceProvider''', '<sdg:(EvidenceProvider) '),
	('supported_values = ''evidence type''', '(<sdg:(?:EvidenceProviderClassification|ClassificationConcept)|<sdg:SupportedValue>.*?</sdg:SupportedValue>)'),
	('transformation = false', '(<sdg:DistributedAs>.*?</sdg:DistributedAs>)'),
	('level_of_assurance = false', '(<sdg:AuthenticationLevelOfAssurance>)'),
	('repository = ''https://sr.acc.oots.tech.ec.europa.eu''', '>(https://sr[^<]*)<'),
	('lines = ''{oots-edm:v1.2,oots-edm:v2.0}''', '<sdg:ConformsTo>(oots-edm[^<]*)<'),
	('line = ''oots-edm:v1.0'', lines = ''{oots-edm:v1.0,oots-edm:v2.0}''', '<sdg:ConformsTo>(oots-edm[^<]*)<')) s(setting, pattern);
-- a list that says that there is no evidence, in 2.0
INSERT INTO ootspg.evidence_type_list VALUES
	('970918e4-0000-41f0-8e20-000000000003', 'civil', '315cfd75-0000-49c4-b0fe-000000000002', NULL, true, '{"EN": "Kept by schools only"}');
SELECT * FROM refusal($$SELECT ootspg.submission('eb')$$);
SELECT with_target('line = ''oots-edm:v2.0''', '(<sdg:MatchType>.*?)<sdg:Jur', 'eb');
DELETE FROM ootspg.evidence_type_list WHERE no_match;

-- What is missing is named with its table, row and column
CREATE FUNCTION without(preparation text, service text, OUT state text, OUT message text, OUT hint text) LANGUAGE sql AS $$
	SELECT r.* FROM refusal(format('DO $do$ BEGIN %s; PERFORM ootspg.submission(%L); END $do$', preparation, service)) r
$$;
SELECT what, r.* FROM (VALUES
	('nothing', 'dsd', 'NULL'), ('nothing', 'eb', 'NULL'),
	('entry of an active type', 'dsd', $$DELETE FROM ootspg.directory_entry WHERE evidence_type = 'birth'$$),
	('deliberately not published', 'dsd', $$UPDATE ootspg.directory_entry SET publish = false WHERE evidence_type = 'birth'$$),
	('nothing is published', 'dsd', $$UPDATE ootspg.directory_entry SET publish = false$$),
	('jurisdiction', 'dsd', $$DELETE FROM ootspg.publisher WHERE provider = 'schools'$$),
	('jurisdiction', 'eb', $$DELETE FROM ootspg.publisher WHERE provider = 'schools'$$),
	('access service', 'dsd', $$DELETE FROM ootspg.access_service WHERE provider = 'civil'$$),
	('two access services', 'dsd', $$INSERT INTO ootspg.access_service VALUES ('civil', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:LV', 'AP_LV_2')$$),
	('two access services, allowed', 'dsd', $$INSERT INTO ootspg.access_service VALUES ('civil', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:LV', 'AP_LV_2'); UPDATE ootspg.directory_target SET access_services = 'several'$$),
	('line of an access service', 'dsd', $$UPDATE ootspg.access_service SET lines = '{oots-edm:v1.0}'$$),
	('lines that the target lists', 'dsd', $$UPDATE ootspg.directory_target SET lines = '{oots-edm:v1.1}'$$),
	('distribution', 'dsd', $$DELETE FROM ootspg.distribution WHERE evidence_type = 'diploma'$$),
	('model of XML', 'dsd', $$UPDATE ootspg.distribution SET media_type = 'application/json', model = NULL, model_version = NULL WHERE distribution = 'xml'$$),
	('URL of a model', 'dsd', $$DELETE FROM ootspg.activation; DELETE FROM ootspg.data_model_location$$),
	('answer to a question', 'dsd', $$DELETE FROM ootspg.provider_concept$$),
	('code list in 2.0', 'dsd', $$UPDATE ootspg.directory_target SET line = 'oots-edm:v2.0'; UPDATE ootspg.classification_concept SET code_list = NULL$$),
	('definition of values in 2.0', 'dsd', $$UPDATE ootspg.directory_target SET line = 'oots-edm:v2.0'; UPDATE ootspg.classification_concept SET value_expression = NULL$$),
	('neither matters in 1.2', 'dsd', $$UPDATE ootspg.classification_concept SET value_expression = NULL, code_list = NULL$$),
	('requirement of a type', 'eb', $$DELETE FROM ootspg.evidence_type_list_member WHERE evidence_type = 'diploma'$$),
	('type of a list', 'eb', $$DELETE FROM ootspg.evidence_type_list_member; UPDATE ootspg.directory_entry SET publish = false$$),
	('requirement of a framework', 'eb', $$DELETE FROM ootspg.requirement_framework$$),
	('country', 'dsd', $$UPDATE ootspg.provider SET country = 'EE' WHERE provider = 'schools'$$),
	('forbidden character', 'dsd', $$UPDATE ootspg.publisher SET thoroughfare = E'a\x01b'$$)) c(what, service, preparation), without(preparation, service) r;
-- … and all of it at once, where several things are missing
BEGIN;
DELETE FROM ootspg.access_service;
DELETE FROM ootspg.provider_concept;
SELECT * FROM ootspg.submission_missing();
ROLLBACK;
SELECT count(*) FROM ootspg.submission_missing('eb');
-- an error is a sentence, without the way through our functions
DO $$
DECLARE
	context text;
BEGIN
	DELETE FROM ootspg.access_service;
	PERFORM ootspg.submission();
EXCEPTION WHEN SQLSTATE 'OT003' THEN
	GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
	RAISE NOTICE 'context: (%)', context;
END $$;
-- which directory, which environment
SELECT * FROM refusal($$SELECT ootspg.submission('dns')$$);
SELECT * FROM refusal($$UPDATE ootspg.provider SET environment = 'production' WHERE provider = 'schools'; SELECT ootspg.submission('dsd')$$);
SELECT * FROM refusal($$UPDATE ootspg.provider SET environment = 'production' WHERE provider = 'schools'; SELECT ootspg.submission('dsd', 'production')$$);
SELECT * FROM refusal($$SELECT ootspg.submission('dsd', 'acceptance')$$);

-- Values are refused as they are written
SELECT what, r.* FROM (VALUES
	('jurisdiction', $$UPDATE ootspg.publisher SET jurisdiction = 'GR'$$),
	('local unit', $$UPDATE ootspg.publisher SET jurisdiction_lau = 'a b'$$),
	('codes without list', $$UPDATE ootspg.publisher SET jurisdiction_codes = '{1}'$$),
	('party id type', $$UPDATE ootspg.access_service SET party_id_type = 'urn:x'$$),
	('party id', $$UPDATE ootspg.access_service SET party_id = 'a b'$$),
	('context without name', $$UPDATE ootspg.directory_entry SET context_name = NULL$$),
	('level of a context', $$UPDATE ootspg.directory_entry SET context_level = 'NUTS4'$$),
	('language', $$UPDATE ootspg.distribution_language SET language = 'Latvian'$$),
	('code list', $$UPDATE ootspg.classification_concept SET code_list = 'https://example.lv/list'$$),
	('supported values', $$UPDATE ootspg.provider_concept SET supported = '{}'$$),
	('procedures', $$UPDATE ootspg.reference_framework SET procedures = '{Z9}'$$),
	('line', $$UPDATE ootspg.directory_target SET line = 'oots-edm:v3.0'$$)) c(what, statement), refusal(statement) r;

-- A submission speaks for the whole state: the duty to configure one provider is not enough
CREATE ROLE regress_ootspg_civil;
CREATE ROLE regress_ootspg_state;
SELECT ootspg.grant_duty('regress_ootspg_civil', 'configure', 'civil');
SELECT ootspg.grant_duty('regress_ootspg_state', 'configure');
GRANT SELECT ON ootspg.publisher, ootspg.evidence_type_list, ootspg.evidence_type_list_member, ootspg.directory_target TO regress_ootspg_civil, regress_ootspg_state;
SET SESSION AUTHORIZATION regress_ootspg_civil;
SELECT ootspg.export_fragment('civil') IS NOT NULL AS own_fragment, (SELECT count(*) FROM ootspg.publisher) AS publishers,
	   (SELECT count(*) FROM ootspg.evidence_type_list_member) AS members, (SELECT count(*) FROM ootspg.directory_target) AS targets;
SELECT statement, r.state, r.message FROM (VALUES ($$SELECT ootspg.export_fragment('schools')$$), ($$SELECT ootspg.submission()$$), ($$SELECT ootspg.submission_conflicts()$$),
	($$SELECT ootspg.submission_diff()$$), ($$SELECT ootspg.finalize_submission()$$), ($$SELECT ootspg.set_published('dsd', NULL)$$),
	($$SELECT ootspg.import_fragment('x', '\x00'::bytea, 'x')$$), ($$SELECT ootspg.confirm_withdrawal('diploma', 'x', '1', 'x')$$)) c(statement), public.refusal(statement) r;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_ootspg_state;
SELECT ootspg.submission() IS NOT NULL AS whole_state, (SELECT count(*) FROM ootspg.publisher) AS publishers, (SELECT count(*) FROM ootspg.directory_target) AS targets;
RESET SESSION AUTHORIZATION;
DROP OWNED BY regress_ootspg_civil, regress_ootspg_state;
DROP ROLE regress_ootspg_civil, regress_ootspg_state;

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
