--
-- What a backend keeps of the configuration is what it would read: its own changes count at once, those
-- that are rolled back never did, and no role is given what another one read.
--
\set ECHO none
\set own regress_ootspg_kept
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/ask.sql'
\i :fixture
CREATE FUNCTION now_asked() RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', outcome, code, coalesce(reason, detail)) FROM ask(request(), test_header('oots-edm:v2.0')) $$;
\set ECHO all
\pset tuples_only on
\set VERBOSITY terse

-- Every table that is kept has the triggers, and no other
SELECT t.tgrelid::regclass, count(*) FROM pg_trigger t WHERE t.tgfoid = 'ootspg_internal.forget_configuration()'::regprocedure AND t.tgenabled = 'A' GROUP BY 1 ORDER BY t.tgrelid::regclass::text COLLATE "C";

-- In one transaction, by one statement after the other
SELECT now_asked();
BEGIN;
UPDATE ootspg.evidence_type SET procedures = '{S1}';
SELECT now_asked();
SAVEPOINT s;
UPDATE ootspg.evidence_type SET procedures = '{R1}';
SELECT now_asked();
ROLLBACK TO s;
SELECT now_asked();
ROLLBACK;
SELECT now_asked();
BEGIN;
SELECT ootspg.deactivate('birth');
SELECT now_asked();
ROLLBACK;
BEGIN;
DELETE FROM ootspg.evidence_type_line;
SELECT now_asked();
ROLLBACK;
BEGIN;
UPDATE ootspg.distribution SET source = 'registry.birth_sample' WHERE distribution = 'pdf';
UPDATE ootspg.distribution SET media_type = 'image/png' WHERE distribution = 'pdf';
SELECT now_asked();
ROLLBACK;
BEGIN;
UPDATE ootspg.provider SET identifier = 'LV90000000002';
SELECT now_asked();
INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
SELECT 'other', scheme, 'LV90000000003', name, country, content_domain, environment FROM ootspg.provider;
SELECT now_asked();
ROLLBACK;
BEGIN;
INSERT INTO ootspg.accepted_party (environment, party_id_type, party_id, name, source) VALUES ('test', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots', 'AP_FR_01', 'France', 'test');
SELECT now_asked();
SET LOCAL client_min_messages = error;
TRUNCATE ootspg.accepted_party CASCADE;
SELECT now_asked();
ROLLBACK;
SELECT now_asked();

-- Replication applies rows, and fires no trigger but those that always do
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE ootspg.evidence_type SET procedures = '{S1}';
SET LOCAL session_replication_role = origin;
SELECT now_asked();
ROLLBACK;

-- A transaction with one snapshot goes by it: of what it changed itself as well
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT now_asked();
UPDATE ootspg.evidence_type SET procedures = '{S1}';
SELECT now_asked();
ROLLBACK;

-- A view that is gone is looked for, whatever is kept of the row that names it
BEGIN;
SET LOCAL client_min_messages = error;
DROP VIEW registry.birth_evidence;
SELECT now_asked();
ROLLBACK;

-- What a view's function configures while it is asked takes nothing away from the answer under way
CREATE FUNCTION registry.meddle() RETURNS text LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
	UPDATE ootspg.evidence_type SET procedures = '{S1}';
	PERFORM count(*) FROM ootspg.answer(request('oots-edm:v1.2'));
	UPDATE ootspg.provider SET content_domain = 'other.example.lv';
	RETURN 'LV';
END $$;
BEGIN;
CREATE OR REPLACE VIEW registry.birth_evidence AS
	SELECT b.code AS person_id, b.entered AS issuing_date, registry.meddle() AS language,
		   ROW('LV', b.entry_no, p.family_name, p.given_name, p.born, p.birthplace, ARRAY[ROW('mother', b.mother)::registry.parent])::registry.birth_document AS document,
		   pdf_of('') AS pdf
	  FROM registry.birth b JOIN registry.person p USING (code);
SELECT outcome, part, content_id ~ '@civil.example.lv$' FROM ootspg.answer(request('oots-edm:v1.2'));
SELECT now_asked();
ROLLBACK;

-- Each role has what it may read, also one after the other
CREATE ROLE regress_ootspg_kept_one;
CREATE ROLE regress_ootspg_kept_none;
SELECT ootspg.grant_duty('regress_ootspg_kept_one', 'exchange', 'civil');
SELECT ootspg.grant_duty('regress_ootspg_kept_none', 'exchange', 'civil');
GRANT USAGE ON SCHEMA registry TO regress_ootspg_kept_one, regress_ootspg_kept_none;
GRANT SELECT ON ALL TABLES IN SCHEMA registry TO regress_ootspg_kept_one, regress_ootspg_kept_none;
CREATE TABLE question AS SELECT n, request() AS request FROM generate_series(1, 9) n;
GRANT SELECT ON question TO regress_ootspg_kept_one, regress_ootspg_kept_none;
CREATE FUNCTION answered(number integer) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', outcome, substring(convert_from(content, 'UTF8') FROM ' code="([^"]*)"')) FROM question, ootspg.answer(request) WHERE n = number ORDER BY part LIMIT 1
$$;
SET ROLE regress_ootspg_kept_one;
SELECT answered(1);
RESET ROLE;
SET client_min_messages = error;
SELECT ootspg.revoke_duty('regress_ootspg_kept_none', 'exchange', 'civil');
INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
SELECT 'other', scheme, 'LV90000000003', name, country, content_domain, environment FROM ootspg.provider;
SELECT ootspg.grant_duty('regress_ootspg_kept_none', 'exchange', 'other');
RESET client_min_messages;
SET ROLE regress_ootspg_kept_none;
SELECT answered(2);
SELECT count(*) FROM ootspg.evidence('birth', ARRAY['010190-10001']);
RESET ROLE;
SET ROLE regress_ootspg_kept_one;
SELECT answered(3);
SELECT count(*) FROM ootspg.evidence('birth', ARRAY['010190-10001']);
RESET ROLE;
REVOKE SELECT ON ootspg.distribution FROM regress_ootspg_kept_one;
SET ROLE regress_ootspg_kept_one;
SELECT count(*) FROM ootspg.evidence('birth', ARRAY['010190-10001']);
RESET ROLE;

\set ECHO none
SELECT format('DROP OWNED BY regress_ootspg_kept_%1$s; DROP ROLE regress_ootspg_kept_%1$s', name) FROM unnest(ARRAY['one', 'none']) name \gexec
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
