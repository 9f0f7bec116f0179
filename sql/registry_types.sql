--
-- What a registry's views and functions give is looked at in the statement that reads it, not only when the configuration
-- was written: types and counts that changed since are told (OT003, EDM:ERR:0008), and never read as something else.
--
\set ECHO none
\set own regress_ootspg_registry_types
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/ask.sql'
\i :fixture
SET client_min_messages = error;
\set ECHO all

-- A type on a view of its own for each kind of key
CREATE FUNCTION serve(type text, people text, source text, is_function boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
	VALUES (type, 'civil', md5(type)::uuid, '{"EN": "Kind"}', people::regclass, '{R1}', 'Low', 'exempt');
	INSERT INTO ootspg.evidence_type_line SELECT type, line, classification FROM ootspg.evidence_type_line WHERE evidence_type = 'birth' AND line = 'oots-edm:v2.0';
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, source_function, document)
	VALUES (type, 'pdf', 'application/pdf', CASE WHEN NOT is_function THEN source END::regclass, CASE WHEN is_function THEN source END, 'pdf');
	PERFORM ootspg.activate(type);
END $$;
CREATE DOMAIN registry.code AS char(12);
CREATE FUNCTION keyed(kind text, type text, expression text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE VIEW registry.people_%s AS SELECT %s::%s AS person_id, family_name, given_name, born AS date_of_birth FROM registry.person', kind, expression, type);
	EXECUTE format($v$CREATE VIEW registry.births_%s AS SELECT %s::%s AS person_id, entered AS issuing_date, pdf_of(entry_no) AS pdf
		FROM registry.birth JOIN registry.person USING (code)$v$, kind, expression, type);
	PERFORM serve(kind, 'registry.people_' || kind, 'registry.births_' || kind);
	RETURN kind;
END $$;
CREATE TABLE kind AS SELECT keyed(kind, type, expression) AS kind FROM (VALUES
	('character', 'char(12)', 'code'), ('domain', 'registry.code', 'code'), ('varying', 'varchar(12)', 'code'), ('bits', 'bit(12)', 'right(code, 5)::integer'),
	('varbit', 'bit varying(12)', 'right(code, 5)::integer::bit(12)'), ('number', 'bigint', 'right(code, 5)'), ('uuid', 'uuid', 'md5(code)')) k(kind, type, expression);
SELECT kind, e.person_id, (SELECT count(*) FROM ootspg.evidence(kind, ARRAY[e.person_id])) AS by_key, (SELECT count(*) FROM ootspg.evidence(kind, ARRAY[e.person_id, e.person_id])) AS twice
  FROM kind, ootspg.evidence(kind, ootspg.natural_person('Ozolins', 'Janis', '1990-01-01')) e ORDER BY 1;
-- the key of one letter is another's
CREATE TABLE registry.short (code char(12), entered date);
INSERT INTO registry.short VALUES ('0', '2020-01-01');
CREATE VIEW registry.births_short AS SELECT code AS person_id, entered AS issuing_date, pdf_of('') AS pdf FROM registry.short;
SELECT serve('short', 'registry.people', 'registry.births_short');
SELECT person_id FROM ootspg.evidence('short', ARRAY['010190-10001']);
SELECT person_id FROM ootspg.evidence('short', ARRAY['0']);

-- Who is protected: a truth value, or what can be cast to one; NULL is not protected
CREATE FUNCTION protected_as(expression text, OUT configured text, OUT outcome text, OUT reason text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE VIEW registry.people_p AS SELECT code AS person_id, family_name, given_name, born AS date_of_birth, %s AS protected FROM registry.person', expression);
	BEGIN
		UPDATE ootspg.evidence_type SET subject_source = 'registry.people_p' WHERE evidence_type = 'birth';
		SET CONSTRAINTS ALL IMMEDIATE;
		SELECT a.outcome, a.reason INTO outcome, reason FROM ask(request()) a;
		configured := 'as it is';
		UPDATE ootspg.evidence_type SET subject_source = 'registry.people' WHERE evidence_type = 'birth';
	EXCEPTION WHEN SQLSTATE 'OT003' THEN
		configured := SQLERRM;
	END;
	DROP VIEW registry.people_p;
END $$;
SELECT e.expression, p.* FROM unnest(ARRAY['true', 'false', 'NULL::boolean', '''yes''::text', '''no''::text', '''N''::char(1)', '1', '0', '''true''::jsonb', '''J''::text', '0::smallint',
	'0::numeric', '''N''::"char"', 'B''0''', 'born']) e(expression), protected_as(e.expression) p;

-- Columns that change their types under a type in service
CREATE TABLE registry.t (person_id text, issuing_date date, valid_from date, pdf bytea, language text);
INSERT INTO registry.t VALUES ('010190-10001', '1990-01-11', '1990-01-11', pdf_of(''));
SELECT serve('t', 'registry.people', 'registry.t');
CREATE FUNCTION after(change text, type text DEFAULT 't', OUT dates text, OUT bulk text, OUT outcome text, OUT reason text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE change;
	BEGIN
		SELECT e.issuing_date INTO bulk FROM ootspg.evidence(type, ARRAY['010190-10001']) e;
	EXCEPTION WHEN OTHERS THEN
		bulk := SQLSTATE || ' ' || SQLERRM;
	END;
	SELECT a.outcome, a.reason INTO outcome, reason FROM ask(request(service => md5(type)::uuid::text)) a;
	dates := (SELECT string_agg(d, ' ') FROM found('<sdg:(?:IssuingDate|StartDate)>([^<]*)') d);
END $$;
SELECT * FROM after('SELECT 1');
SELECT * FROM after('ALTER TABLE registry.t ALTER issuing_date TYPE timestamptz');
SELECT * FROM after('ALTER TABLE registry.t ALTER issuing_date TYPE text');
SELECT * FROM after('ALTER TABLE registry.t ALTER issuing_date TYPE date USING issuing_date::date');
SELECT * FROM after('ALTER TABLE registry.t ALTER valid_from TYPE timestamp');
SELECT * FROM after('ALTER TABLE registry.t DROP valid_from');
SELECT * FROM after('ALTER TABLE registry.t RENAME pdf TO document');
SELECT * FROM after('ALTER TABLE registry.t ALTER document TYPE text USING ''x''');
SELECT * FROM after('ALTER TABLE registry.t RENAME document TO pdf');
SELECT * FROM after('ALTER TABLE registry.t ALTER pdf TYPE bytea USING pdf_of('''')');
SELECT * FROM after('ALTER TABLE registry.t RENAME person_id TO key');

-- The same of a function that stands in: made again with other columns, as no set, or not at all
CREATE TYPE registry.row_t AS (person_id text, issuing_date date, pdf bytea);
CREATE FUNCTION give(type text, body text DEFAULT $$SELECT '010190-10001'::text, '1990-01-11'::date, public.pdf_of('')$$) RETURNS text LANGUAGE sql AS $$
	SELECT format('DROP FUNCTION IF EXISTS registry.f; CREATE FUNCTION registry.f(ids text[]) RETURNS %s LANGUAGE sql STABLE AS %L', type, body)
$$;
DO $$ BEGIN EXECUTE give('SETOF registry.row_t'); PERFORM serve('f', 'registry.people', 'registry.f', true); END $$;
SELECT * FROM after('SELECT 1', 'f');
SELECT * FROM after('DROP FUNCTION registry.f; ALTER TYPE registry.row_t ALTER ATTRIBUTE issuing_date TYPE timestamptz; '
	|| give('SETOF registry.row_t', $$SELECT '010190-10001'::text, '1990-01-11'::timestamptz, public.pdf_of('')$$), 'f');
SELECT * FROM after('DROP FUNCTION registry.f; ALTER TYPE registry.row_t ALTER ATTRIBUTE issuing_date TYPE date; ' || give('registry.row_t'), 'f');
SELECT * FROM after(give('SETOF text', $$SELECT 'x'$$), 'f');
SELECT * FROM after(give('SETOF registry.row_t', $$SELECT NULL::text, '1990-01-11'::date, public.pdf_of('')$$), 'f');
SELECT * FROM after('DROP FUNCTION registry.f', 'f');
SELECT * FROM after(give('SETOF registry.row_t'), 'f');

-- May evidence leave? One boolean says so: no row, several, a word or a number do not, neither when they are configured nor later
CREATE FUNCTION may(type text, body text) RETURNS text LANGUAGE sql AS $$
	SELECT format('DROP FUNCTION IF EXISTS registry.may; CREATE FUNCTION registry.may(ootspg.entitlement_question) RETURNS %s LANGUAGE sql STABLE AS %L', type, body)
$$;
CREATE FUNCTION entitled(made text, OUT configured text, OUT outcome text, OUT code text, OUT reason text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE made;
	SELECT a.outcome, a.code, a.reason INTO outcome, code, reason FROM ask(request()) a;
	SELECT coalesce(r.state || ' ' || r.message, '') INTO configured FROM refusal($r$UPDATE ootspg.evidence_type SET entitlement = 'registry.may' WHERE evidence_type = 'birth'$r$) r;
END $$;
DO $$ BEGIN EXECUTE may('boolean', 'SELECT true'); UPDATE ootspg.evidence_type SET entitlement = 'registry.may' WHERE evidence_type = 'birth'; END $$;
SELECT what, e.* FROM (VALUES
	('yes', may('boolean', 'SELECT true')), ('no', may('boolean', 'SELECT false')), ('unknown', may('boolean', 'SELECT NULL::boolean')),
	('no row', may('SETOF boolean', 'SELECT true WHERE false')), ('two rows', may('SETOF boolean', 'VALUES (true), (true)')), ('one row of a set', may('SETOF boolean', 'SELECT true')),
	('a word', may('text', $$SELECT 'no'$$)), ('a good word', may('text', $$SELECT 'yes'$$)), ('a number', may('numeric', 'SELECT 0::numeric')),
	('an aggregate', 'DROP FUNCTION registry.may; CREATE FUNCTION registry.state(boolean, ootspg.entitlement_question) RETURNS boolean LANGUAGE sql IMMUTABLE AS ''SELECT true'';'
		|| 'CREATE AGGREGATE registry.may(ootspg.entitlement_question) (SFUNC = registry.state, STYPE = boolean, INITCOND = ''true'')'),
	('gone', 'DROP AGGREGATE registry.may(ootspg.entitlement_question)'),
	('yes again', may('boolean', 'SELECT true'))) m(what, made), entitled(m.made) e;

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
