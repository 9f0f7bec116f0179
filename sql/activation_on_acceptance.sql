--
-- Changes that wait for the directory (D-REG-04): submissions say them, requests are served
-- as before, and acceptance of a submission that says them carries them out.
--
\set ECHO none
\set own regress_ootspg_activation_on_acceptance
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

CREATE FUNCTION url(last text) RETURNS text LANGUAGE sql AS
$$SELECT 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-66667777' || last$$;
CREATE VIEW waits AS SELECT evidence_type, change, right(classification, 4) AS classification, level_of_assurance AS level, asked_by = session_user AS ours FROM ootspg.activation_on_acceptance ORDER BY 1, 2;
CREATE VIEW serves AS
	SELECT evidence_type, level_of_assurance AS level, string_agg(right(line, 4) || ' ' || right(classification, 4), ', ' ORDER BY line) AS lines,
		   EXISTS (SELECT FROM ootspg.activation a WHERE a.evidence_type = e.evidence_type) AS active
	  FROM ootspg.evidence_type e JOIN ootspg.evidence_type_line USING (evidence_type) GROUP BY 1, 2 ORDER BY 1;
-- an entry as submissions tell it, with the lines of the access service
CREATE FUNCTION told(message text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', (SELECT string_agg(m[1], ' ') FROM regexp_matches(message, '<sdg:ConformsTo>oots-edm:(v...)<', 'g') m),
		(SELECT string_agg(right(m[1], 4) || ' ' || m[2], ' ' ORDER BY 1)
		   FROM regexp_matches(message, '<sdg:EvidenceTypeClassification>([^<]*)<(?:(?!<sdg:EvidenceTypeClassification).)*<sdg:AuthenticationLevelOfAssurance>([^<]*)<', 'g') m)) $$;
-- what is accepted: the submission that was made under this name
CREATE TABLE made (name text PRIMARY KEY, id uuid);
CREATE FUNCTION made(name text) RETURNS text LANGUAGE sql AS $$
	INSERT INTO made VALUES (name, ootspg.finalize_submission('dsd'));
	SELECT told(convert_from(f.message, 'UTF8')) FROM ootspg.final_submission f JOIN made m ON m.id = f.submission_id WHERE m.name = made.name $$;
CREATE FUNCTION accepted(name text) RETURNS void LANGUAGE sql AS $$
	SELECT ootspg.set_published('dsd', f.message) FROM ootspg.final_submission f JOIN made m ON m.id = f.submission_id WHERE m.name = accepted.name $$;

DELETE FROM ootspg.evidence_type_line WHERE line IN ('oots-edm:v1.1', 'oots-edm:v2.0');
SELECT ootspg.set_published('dsd', NULL);
SELECT * FROM serves;
SELECT made('before');

-- A line and a level are planned: the submission says them, the tables do not
SELECT ootspg.activate_when_accepted('birth', line => 'oots-edm:v2.0', classification => url('8888'), level_of_assurance => 'High');
SELECT * FROM waits;
SELECT * FROM serves;
SELECT told(ootspg.submission()::text) AS whole, told(ootspg.export_fragment('civil')::text) AS fragment;
-- the ids of what was told so stay known
TRUNCATE ootspg.registry_object;
SELECT made('both');
SELECT count(*) AS unknown FROM made m JOIN ootspg.final_submission f ON f.submission_id = m.id, ootspg_internal.submission_objects(f.message) o
 WHERE m.name = 'both' AND o.object_id NOT IN (SELECT 'urn:uuid:' || object_id FROM ootspg.registry_object);

-- What was made before cannot have said it
SELECT accepted('before');
SELECT change, entry FROM ootspg.submission_diff();
SELECT * FROM waits;
SELECT accepted('both');
SELECT * FROM waits;
SELECT * FROM serves;
SELECT count(*) AS differences FROM ootspg.submission_diff();

-- Another classification of a line, and a line that counts more for this directory: of two
-- plans the accepted submission has one, of two lines the entry has one classification
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v2.0', url('2222'));
SELECT made('one');
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v1.2', url('1212'));
SELECT made('two');
SELECT accepted('one');
SELECT * FROM waits;
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v2.0', url('2020'));
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v1.1', url('1111'));
SELECT made('three');
SELECT accepted('two');
SELECT * FROM waits;
SELECT accepted('three');
SELECT * FROM waits;
SELECT * FROM serves;
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v2.0', url('2021'));
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v1.2', url('1213'));
SELECT made('both lines');
SELECT accepted('both lines');
SELECT * FROM waits;
-- Planned later, though the access service has the line already; and another classification, as if it had been planned in time
SELECT ootspg.activate_when_accepted('diploma', 'oots-edm:v2.0', url('8889'));
INSERT INTO ootspg.activation_on_acceptance (evidence_type, line, classification, asked_at) VALUES ('birth', 'oots-edm:v1.2', url('9999'), '2000-01-01');
SELECT accepted('both lines');
SELECT * FROM waits;
DELETE FROM ootspg.activation_on_acceptance;

-- A plan that was changed since is another one; the same one again stays as old as it is
SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'Low');
SELECT made('low');
SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'Substantial');
SELECT accepted('low');
SELECT * FROM waits;
SELECT made('substantial');
SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'Substantial');
SELECT accepted('substantial');
SELECT * FROM waits;
SELECT * FROM serves;

-- It is the message that counts: a directory that is told no level accepts none
SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'High');
UPDATE ootspg.directory_target SET level_of_assurance = false;
SELECT made('no level');
SELECT accepted('no level');
SELECT * FROM waits;
SELECT * FROM refusal($$SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'Low')$$);
UPDATE ootspg.directory_target SET level_of_assurance = true;
DELETE FROM ootspg.activation_on_acceptance;

-- The two-object model ties a line to the entry, and a directory of 1.0 lists what it is told to
UPDATE ootspg.directory_target SET line = 'oots-edm:v1.0' WHERE service = 'dsd';
DELETE FROM ootspg.evidence_type_line WHERE line <> 'oots-edm:v1.0';
SELECT * FROM refusal($$SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v2.0', url('2020'))$$);
UPDATE ootspg.directory_target SET lines = '{oots-edm:v1.0,oots-edm:v2.0}' WHERE service = 'dsd';
SELECT ootspg.activate_when_accepted('diploma', 'oots-edm:v2.0', url('8889'));
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v2.0', url('2020'));
DELETE FROM ootspg.activation_on_acceptance WHERE evidence_type = 'diploma';
SELECT made('two objects');
-- asked earlier, yet not in the message, whose other entry has the line
INSERT INTO ootspg.activation_on_acceptance (evidence_type, line, classification, asked_at) VALUES ('diploma', 'oots-edm:v2.0', url('8889'), '2000-01-01');
SELECT accepted('two objects');
SELECT * FROM waits;
SELECT * FROM serves;
DELETE FROM ootspg.activation_on_acceptance;
UPDATE ootspg.directory_target SET line = DEFAULT, lines = NULL WHERE service = 'dsd';

-- Into service, on a line that is planned as well
DELETE FROM ootspg.activation WHERE evidence_type = 'birth';
DELETE FROM ootspg.evidence_type_line WHERE evidence_type = 'birth';
SELECT * FROM refusal($$SELECT ootspg.activate_when_accepted('birth')$$);
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v1.2', url('1212'));
SELECT ootspg.activate_when_accepted('birth');
SELECT made('into service');
SELECT accepted('into service');
SELECT * FROM waits;
SELECT * FROM serves;

-- What can no longer be carried out is told, not left out
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v2.0', url('2020'));
SELECT made('soon impossible');
DELETE FROM ootspg.data_model_location WHERE line = 'oots-edm:v2.0';
SELECT * FROM refusal('SELECT ootspg.submission()');
SELECT * FROM refusal($$SELECT accepted('soon impossible')$$);
SELECT * FROM serves;
SELECT * FROM refusal($$SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'High')$$);
DELETE FROM ootspg.activation_on_acceptance;
UPDATE ootspg.access_service SET lines = '{oots-edm:v1.0,oots-edm:v1.2}';
SELECT ootspg.activate_when_accepted('diploma', 'oots-edm:v2.0', url('8889'));
SELECT * FROM refusal('SELECT ootspg.submission()');
UPDATE ootspg.access_service SET lines = NULL;
DELETE FROM ootspg.activation_on_acceptance;

-- The Evidence Broker is told it, too; it is the DSD that decides
SELECT ootspg.set_published('eb', NULL);
SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v1.2', url('3333'));
SELECT ootspg.submission('eb')::text LIKE '%77773333<%' AS told;
SELECT ootspg.finalize_submission('eb') IS NOT NULL AS final;
SELECT ootspg.set_published('eb', message) FROM ootspg.final_submission WHERE service = 'eb';
SELECT * FROM waits;
DELETE FROM ootspg.activation_on_acceptance;

-- What is refused
SELECT what, r.* FROM (VALUES
	('no classification', $$SELECT ootspg.activate_when_accepted('birth', line => 'oots-edm:v2.0')$$),
	('no line', $$SELECT ootspg.activate_when_accepted('birth', classification => url('2020'))$$),
	('no such line', $$SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v3.0', url('2020'))$$),
	('no such level', $$SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'Highest')$$),
	('no classification of 2.0', $$SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v2.0', 'https://example.lv/birth')$$),
	('no such type', $$SELECT ootspg.activate_when_accepted('death')$$)) t(what, statement), refusal(statement) r;
SELECT * FROM waits;

-- Whose it is: seen, planned and withdrawn by those who configure the provider
CREATE ROLE regress_ootspg_civil;
CREATE ROLE regress_ootspg_schools;
SELECT ootspg.grant_duty('regress_ootspg_civil', 'configure', 'civil');
SELECT ootspg.grant_duty('regress_ootspg_schools', 'configure', 'schools');
GRANT SELECT ON waits TO PUBLIC;
SET SESSION AUTHORIZATION regress_ootspg_civil;
SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'Low');
SELECT evidence_type, change, asked_by FROM ootspg.activation_on_acceptance;
INSERT INTO ootspg.activation_on_acceptance (evidence_type) VALUES ('birth');
SET SESSION AUTHORIZATION regress_ootspg_schools;
SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'High');
SELECT count(*) FROM ootspg.activation_on_acceptance;
DELETE FROM ootspg.activation_on_acceptance;
RESET SESSION AUTHORIZATION;
SELECT * FROM waits;
SET SESSION AUTHORIZATION regress_ootspg_civil;
SELECT ootspg.export_fragment('civil')::text LIKE '%LevelOfAssurance>Low<%' AS told;
DELETE FROM ootspg.activation_on_acceptance;
RESET SESSION AUTHORIZATION;
SELECT * FROM waits;
SELECT ootspg.revoke_duty('regress_ootspg_civil', 'configure', 'civil');
SELECT ootspg.revoke_duty('regress_ootspg_schools', 'configure', 'schools');

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
DROP ROLE regress_ootspg_civil, regress_ootspg_schools;
