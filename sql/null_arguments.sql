--
-- C functions that are not STRICT look at each argument themselves. Every one of them is listed here, from the catalog, so
-- that a new one is noticed, and is called with NULL for each argument, for all, and with odd values for the others: what it
-- gives or refuses does not matter, but the server must live, and no refusal may be an internal error (class XX).
--
\set ECHO none
\set own regress_ootspg_null_arguments
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set ECHO all

CREATE VIEW not_strict AS
SELECT p.oid::regprocedure AS function, p.pronargs, p.proargtypes::oid[] AS types, p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) AS is_trigger
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE l.lanname = 'c' AND NOT p.proisstrict AND p.pronamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace);
SELECT function, is_trigger FROM not_strict ORDER BY function::text COLLATE "C";

-- Values of a type that mean something, nothing, or too much
CREATE FUNCTION odd_values(type regtype) RETURNS text[] LANGUAGE sql AS $$
	SELECT CASE type::text
		WHEN 'anyelement' THEN ARRAY['ROW(1)', '''x''::text', '''<a/>''::xml', '''{1,2}''::int[]', '''\x''::bytea', '''infinity''::date']
		WHEN 'bytea' THEN ARRAY['''\x''', '''\x00''', 'convert_to(''<a/>'', ''UTF8'')', 'convert_to(''<rim:x'', ''UTF8'')']
		WHEN 'text' THEN ARRAY[''''' ', '''x''', '''birth''', '''application/xml''', '''application/json''', '''oots-edm:v1.2''', 'repeat(''ē'', 100000)']
		WHEN 'jsonb' THEN ARRAY['''[]''', '''{}''', '''null''', '''{"EN": {"LV": null}}''']
		WHEN 'integer' THEN ARRAY['0', '-1', '2147483647']
		WHEN 'bigint' THEN ARRAY['0', '-1', '9223372036854775807']
		WHEN 'bigint[]' THEN ARRAY['''{}''', '''{NULL}''', '''{1,-1}''']
		WHEN 'boolean' THEN ARRAY['true', 'false']
		WHEN 'regclass' THEN ARRAY['0', '1', '''registry.people''', '''registry.birth_evidence''']
		WHEN 'name' THEN ARRAY['''''', '''postgres''']
		WHEN 'timestamp with time zone' THEN ARRAY['''infinity''', '''-infinity''', 'now()']
		WHEN 'text[]' THEN ARRAY['''{}''', '''{NULL}''', '''{{a},{b}}''', '''[0:0]={a}''', '''{010190-10001,NULL}''']
		WHEN 'bytea[]' THEN ARRAY['''{}''', '''{NULL}''']
		WHEN 'ootspg.subject' THEN ARRAY['ROW(NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)', 'ROW(''natural person'',NULL,''a'',''a'',''infinity'',NULL,NULL,NULL,NULL)',
			'ROW(''legal person'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,''{"VAT": {"a": ["b", null]}}'')', 'ROW(''natural person'',NULL,''Ozolins'',''Janis'',''1990-01-01'',NULL,NULL,NULL,NULL)']
		WHEN 'ootspg.edm_line' THEN ARRAY['''oots-edm:v1.2''', '''oots-edm:v2.0''']
	END
$$;
-- a type without odd values would be left out in silence
SELECT DISTINCT t::regtype AS not_thought_of FROM not_strict, unnest(types) t WHERE odd_values(t::regtype) IS NULL;

-- One argument as it stands in a call; the other side of a cast that cannot be is as good a refusal as any
CREATE FUNCTION written(type regtype, value text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN type = 'anyelement'::regtype THEN coalesce(value, 'NULL::text') ELSE '(' || coalesce(value, 'NULL') || ')::' || type END
$$;
CREATE TABLE calls (function regprocedure, statement text, state text);
DO $$
DECLARE
	f record;
	mask integer;
	n integer;
	arguments text;
BEGIN
	FOR f IN SELECT * FROM not_strict WHERE NOT is_trigger LOOP
		-- one NULL, all NULL, none; each with the first, second … odd value of the rest
		FOR mask IN 0 .. f.pronargs + 1 LOOP
			FOR n IN 1 .. 7 LOOP
				SELECT coalesce(string_agg(written(t::regtype, CASE WHEN mask = f.pronargs + 1 OR o = mask THEN NULL
						ELSE (odd_values(t::regtype))[1 + (n + o - 2)::integer % cardinality(odd_values(t::regtype))] END), ', ' ORDER BY o), '')
				  INTO arguments FROM unnest(f.types) WITH ORDINALITY u(t, o);
				INSERT INTO calls SELECT f.function, format('SELECT count(*) FROM %s(%s) r', split_part(f.function::text, '(', 1), arguments);
				EXIT WHEN f.pronargs = 0 OR mask = f.pronargs + 1;
			END LOOP;
		END LOOP;
	END LOOP;
END $$;
CREATE FUNCTION state_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RAISE SQLSTATE '00001';		-- nothing of it stays
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SET statement_timeout = '60s';
UPDATE calls SET state = state_of(statement);
SELECT count(DISTINCT function) = (SELECT count(*) FROM not_strict WHERE NOT is_trigger) AS all_called, count(*) > 500 AS often,
	   count(*) FILTER (WHERE state = '00001') > 50 AS some_gave_something FROM calls;
-- unknown kinds are a mistake of ours, not of data: kinds stand in constraints
SELECT statement, state FROM calls WHERE state LIKE 'XX%' AND function <> 'ootspg_internal.require(text,text)'::regprocedure;
-- triggers are none without a table
SELECT function, state_of(format('SELECT %s()', split_part(function::text, '(', 1))) FROM not_strict WHERE is_trigger ORDER BY function::text COLLATE "C";

-- What is forgotten in a row is told in words, although triggers come before NOT NULL
SELECT what, r.* FROM (VALUES
	('media type', $$INSERT INTO ootspg.distribution (evidence_type, distribution, source) VALUES ('birth', 'x', 'registry.birth_evidence')$$),
	('media type taken away', $$UPDATE ootspg.distribution SET media_type = NULL$$),
	('document', $$UPDATE ootspg.distribution SET document = NULL$$),
	('source', $$INSERT INTO ootspg.distribution (evidence_type, distribution, media_type) VALUES ('birth', 'x', 'application/pdf')$$),
	('evidence type', $$INSERT INTO ootspg.distribution (distribution, media_type, source, document) VALUES ('x', 'application/pdf', 'registry.birth_evidence', 'pdf')$$),
	('subject', $$UPDATE ootspg.evidence_type SET subject = NULL$$),
	('legal number', $$UPDATE ootspg.evidence_type SET legal_number = NULL$$),
	('directly', $$SELECT ootspg_internal.check_document_column('registry.people', NULL, 'application/xml', NULL, NULL)$$),
	('of what is shown', $$SELECT ootspg_internal.check_shown_column(NULL, 'document', NULL, NULL)$$),
	('a number of nothing', $$SELECT ootspg_internal.check_document_column(1, 'document', 'application/xml', NULL, NULL)$$)
	) c(what, statement), refusal(statement) r;

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
