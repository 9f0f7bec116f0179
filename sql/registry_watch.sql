--
-- Views and functions that evidence is read from are dropped, made again, renamed and changed by others. Whoever does it is
-- told at once and never hindered; what is made again under the same name by the same owner is served again; everything
-- else says in one sentence which type and distribution it is about and what to do, wherever it shows.
--
\set ECHO none
\set own regress_ootspg_registry_watch
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/ask.sql'
\i :fixture
RESET client_min_messages;
\set ECHO all
\pset tuples_only on
SELECT pg_get_viewdef('registry.people') AS people, pg_get_viewdef('registry.birth_evidence') AS births \gset
-- numbers differ from run to run: a relation that is there shows by its name
CREATE FUNCTION named(relation regclass) RETURNS text LANGUAGE sql AS $$ SELECT coalesce((SELECT relation::text FROM pg_class WHERE oid = relation), 'a number') $$;
CREATE VIEW rows AS SELECT evidence_type, NULL AS distribution, named(subject_source) AS source, subject_source_name AS name, subject_source_owner AS owner, NULL AS sample FROM ootspg.evidence_type
	UNION ALL SELECT evidence_type, distribution, named(source), source_name, source_owner, sample_source_name FROM ootspg.distribution ORDER BY 1, 2;
CREATE VIEW told AS SELECT evidence_type, provider, fault, remedy, since IS NOT NULL AS noticed, changed_by FROM ootspg.out_of_service;
TABLE rows;
TABLE told;

-- Made again within one transaction, as every column type change does
BEGIN;
DROP VIEW registry.people;
CREATE VIEW registry.people AS :people
COMMIT;
TABLE rows;
SELECT outcome, reason FROM ask(request());

-- Gone: each place says so
DROP VIEW registry.birth_evidence;
TABLE rows;
TABLE told;
SELECT state, reason, since IS NOT NULL AS since, evidence_type FROM ootspg.status WHERE evidence_type IS NOT NULL;
SELECT outcome, code, reason FROM ask(request());
SELECT * FROM refusal($$SELECT * FROM ootspg.evidence('birth', ootspg.natural_person('Ozolins', 'Janis', '1990-01-01'))$$);
SELECT * FROM refusal($$SELECT * FROM ootspg.evidence('birth', ARRAY['010190-10001'])$$);
SELECT * FROM refusal($$SELECT ootspg.activate('birth')$$);
-- the rest of the configuration can still be written
UPDATE ootspg.distribution SET subset = NULL;
-- made again with something missing, then rightly: both are told
CREATE VIEW registry.birth_evidence AS SELECT b.code AS person_id, b.entered AS issuing_date, NULL::bytea AS pdf FROM registry.birth b;
SELECT * FROM refusal($$SELECT * FROM ootspg.evidence('birth', ARRAY['010190-10001'], distribution => 'xml')$$);
DROP VIEW registry.birth_evidence;
CREATE VIEW registry.birth_evidence AS :births
TABLE told;
SELECT outcome, reason FROM ask(request());

-- Renamed, moved, given away: rows follow
ALTER VIEW registry.people RENAME TO persons;
CREATE SCHEMA elsewhere;
ALTER VIEW registry.birth_evidence SET SCHEMA elsewhere;
ALTER SCHEMA elsewhere RENAME TO "Else where";
CREATE ROLE regress_ootspg_owner;
ALTER VIEW registry.persons OWNER TO regress_ootspg_owner;
TABLE rows;
DROP VIEW registry.persons;
-- a free name is not everybody's to take
CREATE ROLE regress_ootspg_stranger;
GRANT USAGE, CREATE ON SCHEMA registry TO regress_ootspg_owner, regress_ootspg_stranger;
GRANT SELECT ON registry.person TO regress_ootspg_owner, regress_ootspg_stranger;
SET SESSION AUTHORIZATION regress_ootspg_stranger;
CREATE VIEW registry.persons AS :people
DROP VIEW registry.persons;
-- and a stranger's statement is no more than told, and theirs do not need any right here
CREATE TABLE registry.nothing_of_ours (a integer);
CREATE TEMP TABLE people (a integer);
DROP TABLE registry.nothing_of_ours;
CREATE VIEW registry.persons AS :people
RESET SESSION AUTHORIZATION;
SELECT outcome, reason FROM ask(request());
-- unless it is given to the owner, or named anew
ALTER VIEW registry.persons OWNER TO regress_ootspg_owner;
SELECT outcome, reason FROM ask(request());
DROP VIEW registry.persons;
SET ROLE regress_ootspg_stranger;
CREATE VIEW registry.persons AS :people
RESET ROLE;
UPDATE ootspg.evidence_type SET subject_source = 'registry.persons' WHERE evidence_type = 'birth';
TABLE told;
SELECT outcome, reason FROM ask(request());

-- Changed in place
ALTER VIEW registry.persons RENAME COLUMN family_name TO surname;
ALTER VIEW registry.persons RENAME COLUMN surname TO family_name;
ALTER TYPE registry.birth_document RENAME ATTRIBUTE entry_number TO "1";
ALTER TYPE registry.birth_document RENAME ATTRIBUTE "1" TO entry_number;

-- Functions, which are named by their text
CREATE FUNCTION registry.may(ootspg.entitlement_question) RETURNS boolean LANGUAGE sql AS 'SELECT true';
UPDATE ootspg.evidence_type SET entitlement = 'registry.may' WHERE evidence_type = 'birth';
DROP FUNCTION registry.may;
CREATE FUNCTION registry.may(ootspg.entitlement_question) RETURNS text LANGUAGE sql AS $$SELECT 'yes'$$;
TABLE told;
DROP FUNCTION registry.may;
CREATE FUNCTION registry.may(ootspg.entitlement_question) RETURNS boolean LANGUAGE sql AS 'SELECT true';
TABLE told;
-- changed by a later statement of a transaction that does not last
BEGIN;
DROP FUNCTION registry.may;
ROLLBACK;
TABLE told;
-- a whole schema
BEGIN;
DROP SCHEMA registry CASCADE;
TABLE told;
ROLLBACK;
TABLE told;

-- What is not in service is followed, and nobody told
SELECT ootspg.deactivate('birth');
DROP VIEW registry.persons;
CREATE VIEW registry.persons AS :people
TABLE rows;
-- the stranger's view was dropped; this one is the superuser's
SELECT ootspg.activate('birth');

-- With event triggers off nothing is noticed, but it is found where it is used
ALTER EVENT TRIGGER ootspg_registry_dropped DISABLE;
ALTER EVENT TRIGGER ootspg_registry_changed DISABLE;
DROP VIEW registry.persons;
TABLE told;
SELECT outcome, reason FROM ask(request());
CREATE VIEW registry.persons AS :people
SELECT source, name FROM rows WHERE distribution IS NULL;
SELECT outcome, reason FROM ask(request());
TABLE told;
-- any later change of the row writes it down
UPDATE ootspg.evidence_type SET title = title;
SELECT source, name FROM rows WHERE distribution IS NULL;
ALTER EVENT TRIGGER ootspg_registry_dropped ENABLE ALWAYS;
ALTER EVENT TRIGGER ootspg_registry_changed ENABLE ALWAYS;
-- a session that applies changes of another server is noticed as well
SET session_replication_role = replica;
DROP VIEW registry.persons;
CREATE VIEW registry.persons AS :people
RESET session_replication_role;

-- a number of nothing is no source
SELECT * FROM refusal($$UPDATE ootspg.distribution SET source = 1 WHERE distribution = 'pdf'$$);

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
DROP ROLE regress_ootspg_owner, regress_ootspg_stranger;
