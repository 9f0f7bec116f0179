--
-- What is wrong with a view comes to light before the first foreign request: evidence is
-- rehearsed, and anybody can write the request that a foreign authority would send.
--
\set ECHO none
\set own regress_ootspg_rehearse
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/ask.sql'
\i :fixture
\set ECHO all
\pset tuples_only on

-- A request for a person breaks no rule of its line, and is answered like any other
CREATE FUNCTION sample(line text, distribution text DEFAULT 'xml', given text DEFAULT 'Jānis') RETURNS bytea
RETURN ootspg.sample_request('birth', ootspg.natural_person('Ozoliņš', given, '1990-01-01', 'DE/LV/A1B2C3D4E', 'Ozoliņš', 'Rīga'), line, distribution);
SELECT line, distribution, array(SELECT rule_id || ' ' || severity FROM ootspg.check_message(sample(line, distribution)) WHERE severity <> 'caution')
  FROM ootspg.evidence_type_line, unnest('{pdf,xml}'::text[]) distribution ORDER BY 1, 2;
SELECT line, array(SELECT outcome || ' ' || media_type FROM ootspg.answer(sample(line))) FROM ootspg.evidence_type_line ORDER BY 1;
SELECT * FROM ask(sample(NULL, given => 'Janis'));
SELECT * FROM ask(sample(NULL, given => 'Ilze'));
SELECT sample(NULL) <> sample(NULL) AS "each is a new one";
SELECT * FROM refusal($$SELECT ootspg.sample_request('none', ootspg.natural_person('A', 'B', '1990-01-01'))$$);
SELECT * FROM refusal($$SELECT ootspg.sample_request('birth', ootspg.legal_person('LV/LV/1', 'A'))$$);
SELECT * FROM refusal($$SELECT ootspg.sample_request('birth', NULL)$$);
SELECT * FROM refusal($$SELECT sample('oots-edm:v1.2', 'none')$$);

-- All is well
SELECT * FROM ootspg.rehearse('birth');
SELECT * FROM refusal($$SELECT ootspg.rehearse('none')$$);
SELECT * FROM refusal($$DELETE FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v2.0'; SELECT ootspg.rehearse('birth', line => 'oots-edm:v2.0')$$);

-- A view with a row for each mistake
CREATE TABLE registry.faulty (code text, made date, kind text);
INSERT INTO registry.faulty SELECT 'k' || i, '2020-01-01', kind FROM unnest('{right,missing,undated,language,validity,scalar,raises,title,stranger}'::text[]) WITH ORDINALITY k(kind, i);
CREATE VIEW registry.faulty_people AS
	SELECT code AS person_id, kind AS family_name, 'X' AS given_name, '01.02.1990' AS date_of_birth, 'yes' AS protected FROM registry.faulty WHERE kind <> 'stranger';
CREATE VIEW registry.faulty_evidence AS
	SELECT code AS person_id, CASE kind WHEN 'undated' THEN NULL ELSE made END AS issuing_date, CASE kind WHEN 'language' THEN 'lv' ELSE 'LV' END AS language,
		   CASE kind WHEN 'validity' THEN DATE '2021-01-01' END AS valid_from, DATE '2020-06-01' AS valid_until, 'x' AS lang,
		   CASE kind WHEN 'title' THEN E'two\nlines' END AS title, 'b1c2d3e4-2222-4333-8444-555566667777'::uuid AS evidence_id,
		   CASE kind WHEN 'missing' THEN NULL WHEN 'scalar' THEN '1' WHEN 'raises' THEN to_jsonb(1 / (length(kind) - 6)) ELSE jsonb_build_object('kind', kind) END AS document
	  FROM registry.faulty;
SELECT ootspg.install_data_model('faulty', '1', 'Faulty', DATE '2026-01-01', locations => '{"oots-edm:v2.0": "https://sr.oots.tech.ec.europa.eu/datamodels/faulty-1"}');
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
VALUES ('faulty', 'civil', 'b1c2d3e4-2222-4333-8444-55556666aaaa', '{"EN": "Faulty"}', 'registry.faulty_people', '{R1}', 'Low', 'exempt');
INSERT INTO ootspg.evidence_type_line SELECT 'faulty', line, classification FROM ootspg.evidence_type_line WHERE evidence_type = 'birth' AND line = 'oots-edm:v2.0';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, model, model_version) VALUES ('faulty', 'json', 'application/json', 'registry.faulty_evidence', 'faulty', '1');
SELECT * FROM ootspg.rehearse('faulty');
SELECT * FROM ootspg.rehearse('faulty', 0) WHERE persons IS NOT NULL;

-- Large tables without an index are told by the plan of the very question
INSERT INTO registry.person SELECT 'x' || i, repeat('Garš', 20), repeat('Vārds', 20), '1990-01-01', 'Rīga', false FROM generate_series(1, 10000) i;
ANALYZE registry.person;
SELECT * FROM ootspg.rehearse('birth', 1) WHERE fault LIKE '%index%';
DROP INDEX registry.person_match;
SELECT * FROM ootspg.rehearse('birth', 1) WHERE fault LIKE '%index%';
DROP INDEX registry.birth_person;
INSERT INTO registry.birth SELECT 'x' || i, '2000-01-01', repeat('R', 100), 'x', 'y' FROM generate_series(1, 10000) i;
ANALYZE registry.birth;
SELECT * FROM ootspg.rehearse('birth', 1) WHERE fault LIKE '%index%';

-- Nothing is left of it; the duty to configure may do it with what it may read
SELECT count(*) FROM ootspg.exchange;
CREATE ROLE regress_ootspg_rehearser;
SELECT ootspg.grant_duty('regress_ootspg_rehearser', 'configure', 'civil');
SET ROLE regress_ootspg_rehearser;
SELECT * FROM refusal($$SELECT ootspg.rehearse('faulty')$$);
RESET ROLE;
GRANT USAGE ON SCHEMA registry TO regress_ootspg_rehearser;
GRANT SELECT ON registry.faulty_people, registry.faulty_evidence TO regress_ootspg_rehearser;
SET ROLE regress_ootspg_rehearser;
SELECT distribution, persons FROM ootspg.rehearse('faulty') WHERE fault IS NULL;
SELECT length(ootspg.sample_request('faulty', ootspg.natural_person('right', 'X', '1990-02-01'))) > 1000;
RESET ROLE;

\set ECHO none
DROP OWNED BY regress_ootspg_rehearser;
DROP ROLE regress_ootspg_rehearser;
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
