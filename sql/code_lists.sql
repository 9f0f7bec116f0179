--
-- Code lists of the state: what refers to a list that is kept is in it, a code in use is
-- not removed, and none is added without a new version, before the service says so (D-REG-07).
--
\set ECHO none
\set own regress_ootspg_code_lists
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
\set kinds https://sr.oots.tech.ec.europa.eu/codelists/LV/SchoolKind
\set areas https://sr.oots.tech.ec.europa.eu/codelists/LV/Areas
-- here https://sr.oots.tech.ec.europa.eu/codelists/LV stands as …
CREATE FUNCTION here(url text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT replace(url, 'https://sr.oots.tech.ec.europa.eu/codelists/LV', '…') $$;
CREATE FUNCTION refused(statement text) RETURNS TABLE (state text, message text) LANGUAGE sql AS $$ SELECT r.state, here(r.message) FROM refusal(statement) r $$;
CREATE FUNCTION faults() RETURNS TABLE (list text, code text, fault text, place text) LANGUAGE sql AS $$ SELECT here(c.list), c.code, c.fault, c.place FROM ootspg.check_code_lists() c $$;
INSERT INTO ootspg.directory_target (environment, service, line) VALUES ('test', 'dsd', 'oots-edm:v2.0'), ('test', 'eb', 'oots-edm:v2.0');

-- A list that is not kept is not checked, and one without codes is not kept
INSERT INTO ootspg.classification_code_list VALUES (:'kinds', '2024-01');
SELECT state FROM refused($$UPDATE ootspg.provider_concept SET supported = '{whatever}'$$);
SELECT * FROM faults();

-- Versions are numbers
SELECT version, state FROM unnest(ARRAY['1', '1.10', '2024-01-31', '', 'v1', '1.', '1..2', '1.9999999999', '1.2.3.4.5.6.7.8.9']) version,
	refused(format('UPDATE ootspg.classification_code_list SET version = %L', version));
SELECT a, b, ootspg_internal.version_key(a) < ootspg_internal.version_key(b) AS rises
  FROM (VALUES ('1', '2'), ('1.9', '1.10'), ('1', '1.0'), ('1.0', '1.0.1'), ('2022-12', '2023-01'), ('2022-10', '2022-9'), ('2', '1.9')) v(a, b);

-- Codes are as XML gives them, without space around
SELECT code, state FROM unnest(ARRAY['a', 'two words', '', ' a', 'a ', 'a  b']) code, refused(format('INSERT INTO ootspg.classification_code SELECT code_list, %L FROM ootspg.classification_code_list', code));

-- Genericode: the key column has the codes, columns that tell their language the names; a code that comes twice is one
CREATE FUNCTION genericode(version text, codes text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<gc:CodeList xmlns:gc="http://docs.oasis-open.org/codelist/ns/genericode/1.0/"><Identification><ShortName>Kinds</ShortName><Version>%s</Version></Identification>'
	'<ColumnSet><Column Id="name" Use="optional"><Data Type="string" Lang="en"/></Column><Column Id="note"><Data Type="string" Lang="en"/></Column><Column Id="name-Value"><Data Type="string" Lang="Value"/></Column>'
	'<Column Id="latvian" Use="optional"><Data Type="string" Lang="LV"/></Column><Column Id="the code" Use="required"><Data Type="string" Lang="lv"/></Column>'
	'<Key Id="k"><ColumnRef Ref="the code"/></Key></ColumnSet><SimpleCodeList>%s</SimpleCodeList></gc:CodeList>', version,
	(SELECT string_agg(format('<Row><Value ColumnRef="name"><SimpleValue>%s school</SimpleValue></Value><Value ColumnRef="note"><SimpleValue>none</SimpleValue></Value>'
		'<Value ColumnRef="the code"><SimpleValue> %s</SimpleValue></Value><Value ColumnRef="latvian"><SimpleValue>%s</SimpleValue></Value></Row>', initcap(code), code, left(code, 2)), '') FROM unnest(codes::text[]) code))
$$;
SELECT ootspg.import_code_list(:'kinds', replace(genericode('2024-02', '{primary,gymnasium,lyceum,PRIMARY}'), ' PRIMARY', 'primary')::xml);
SELECT here(code_list) AS list, version FROM ootspg.classification_code_list;
SELECT code, name FROM ootspg.classification_code ORDER BY code;
SELECT what, r.* FROM (VALUES
	('no XML', '<a'),
	('no genericode', '<a/>'),
	('a document type', '<!DOCTYPE a><a/>'),
	('no version', genericode('', '{a}')),
	('a version of words', genericode('latest', '{a}')),
	('no codes', genericode('1', '{}')),
	('an empty code', genericode('1', '{a,""}')),
	('a language that there is not', replace(genericode('1', '{gymnasium,lyceum}'), 'Lang="LV"', 'Lang="QQ"')),
	('no key', regexp_replace(genericode('1', '{a}'), '<Key.*</Key>', '')),
	('a list of no state', 'elsewhere')) c(what, content),
	refused(format('SELECT ootspg.import_code_list(%L, convert_to(%L, ''UTF8''))', CASE content WHEN 'elsewhere' THEN 'https://example.lv/kinds' ELSE 'https://sr.oots.tech.ec.europa.eu/codelists/LV/SchoolKind' END,
		CASE content WHEN 'elsewhere' THEN genericode('1', '{a}') ELSE content END)) r;
SET ootspg.max_elements = 100;
SELECT * FROM refused(format('SELECT ootspg.import_code_list(%L, %L::xml)', 'https://sr.oots.tech.ec.europa.eu/codelists/LV/SchoolKind', genericode('1', array(SELECT n FROM generate_series(1, 20) n)::text)));
RESET ootspg.max_elements;

-- What refers to a list that is kept is in it
INSERT INTO ootspg.classification_code_list VALUES (:'areas', '1');
INSERT INTO ootspg.classification_code VALUES (:'areas', 'north'), (:'areas', 'south');
SELECT what, r.* FROM (VALUES
	('in the list', $$UPDATE ootspg.provider_concept SET supported = '{primary}'$$),
	('a new answer', $$UPDATE ootspg.provider_concept SET supported = '{gymnasium,college}'$$),
	('a new row', $$DELETE FROM ootspg.provider_concept; INSERT INTO ootspg.provider_concept SELECT 'civil', concept, '{Primary}' FROM ootspg.classification_concept$$),
	('a place', format($$UPDATE ootspg.publisher SET jurisdiction_list = %L, jurisdiction_codes = '{south,east}' WHERE provider = 'schools'$$, 'https://sr.oots.tech.ec.europa.eu/codelists/LV/Areas')),
	('a place of a list that is not kept', $$UPDATE ootspg.publisher SET jurisdiction_list = 'https://example.lv/areas', jurisdiction_codes = '{east}'$$),
	('another list', format('UPDATE ootspg.classification_concept SET code_list = %L', 'https://sr.oots.tech.ec.europa.eu/codelists/LV/Areas')),
	('no list any more', $$UPDATE ootspg.classification_concept SET kind = 'string'; UPDATE ootspg.provider_concept SET supported = '{college}'$$)) c(what, statement), refused(statement) r;
-- and a code in use is not removed, but may change its name everywhere; nor is a list kept for ever
UPDATE ootspg.publisher SET jurisdiction_list = :'areas', jurisdiction_codes = '{north}' WHERE provider = 'civil';
SELECT what, r.* FROM (VALUES
	('not in use', $$DELETE FROM ootspg.classification_code WHERE code = 'primary'$$),
	('in use', $$DELETE FROM ootspg.classification_code WHERE code = 'gymnasium'$$),
	('in use as a place', $$DELETE FROM ootspg.classification_code WHERE code = 'north'$$),
	('read again', format($$SELECT ootspg.import_code_list(%L, %L::xml)$$, 'https://sr.oots.tech.ec.europa.eu/codelists/LV/SchoolKind', genericode('2024-03', '{primary,gymnasium}'))),
	('renamed', $$UPDATE ootspg.classification_code SET code = 'college' WHERE code = 'lyceum'$$),
	('renamed everywhere', $$UPDATE ootspg.classification_code SET code = 'college' WHERE code = 'lyceum'; UPDATE ootspg.provider_concept SET supported = '{gymnasium,college}'$$),
	('the list', 'DELETE FROM ootspg.classification_code_list')) c(what, statement), refused(statement) r;

-- Published: changes from here on take a new version
SELECT * FROM refused($$SELECT ootspg.publish_code_list('https://example.lv/kinds')$$);
SELECT ootspg.publish_code_list(code_list) FROM ootspg.classification_code_list;
SELECT here(code_list) AS list, version, codes, recorded_by = session_user AS by_me FROM ootspg.published_code_list ORDER BY 1;
SELECT ootspg.set_published('dsd', NULL);
CREATE FUNCTION outcome(change text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	told text;
BEGIN
	EXECUTE change;
	SET CONSTRAINTS ALL IMMEDIATE;
	told := concat_ws(E'\n', (SELECT string_agg(concat_ws(' | ', f.list, f.code, f.fault, f.place), E'\n') FROM faults() f),
		(SELECT string_agg('publish: ' || r.message, E'\n') FROM refused('SELECT ootspg.publish_code_list(code_list) FROM ootspg.classification_code_list') r),
		(SELECT string_agg('finalize: ' || r.message, E'\n') FROM refused('SELECT ootspg.finalize_submission()') r));
	RAISE SQLSTATE '00001' USING MESSAGE = told;
EXCEPTION WHEN SQLSTATE '00001' THEN
	RETURN QUERY SELECT regexp_split_to_table(SQLERRM, E'\n');
END $$;
\pset tuples_only on
-- nothing has changed, or names only
SELECT outcome('');
SELECT outcome($$UPDATE ootspg.classification_code SET name = '{"EN": "Another name"}'; UPDATE ootspg.provider_concept SET supported = '{primary}'$$);
-- added: without a new version, with a lower one, with the same in other words, with a new one
SELECT outcome($$INSERT INTO ootspg.classification_code SELECT code_list, 'academy' FROM ootspg.classification_concept$$);
SELECT outcome($$INSERT INTO ootspg.classification_code SELECT code_list, 'academy' FROM ootspg.classification_concept; UPDATE ootspg.classification_code_list SET version = '2024-01' WHERE version <> '1'$$);
SELECT outcome($$INSERT INTO ootspg.classification_code SELECT code_list, 'east' FROM ootspg.classification_code WHERE code = 'north'; UPDATE ootspg.classification_code_list SET version = '1.0' WHERE version = '1'$$);
SELECT outcome($$INSERT INTO ootspg.classification_code SELECT code_list, 'academy' FROM ootspg.classification_concept; UPDATE ootspg.classification_code_list SET version = '2024-10' WHERE version <> '1'; UPDATE ootspg.provider_concept SET supported = '{academy}'$$);
-- removed, not in use: the same
SELECT outcome($$DELETE FROM ootspg.classification_code WHERE code = 'primary'$$);
SELECT outcome($$DELETE FROM ootspg.classification_code WHERE code = 'primary'; UPDATE ootspg.classification_code_list SET version = '2025' WHERE version <> '1'$$);
-- a list that the submission does not use, as places are not told in 1.x, does not stop it
SELECT outcome($$INSERT INTO ootspg.classification_code SELECT code_list, 'east' FROM ootspg.classification_code WHERE code = 'north'; UPDATE ootspg.directory_target SET line = 'oots-edm:v1.2'$$);
-- a list that comes after the rows that use it; that it was published before is remembered
SELECT outcome($$DELETE FROM ootspg.classification_code_list; SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;
	INSERT INTO ootspg.classification_code_list SELECT code_list, '2030' FROM ootspg.classification_concept;
	INSERT INTO ootspg.classification_code SELECT code_list, 'lyceum' FROM ootspg.classification_concept$$);
SELECT outcome($$DELETE FROM ootspg.published_code_list; DELETE FROM ootspg.classification_code_list; SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;
	INSERT INTO ootspg.classification_code_list SELECT code_list, '2030' FROM ootspg.classification_concept;
	INSERT INTO ootspg.classification_code SELECT code_list, 'lyceum' FROM ootspg.classification_concept$$);
SELECT outcome($$TRUNCATE ootspg.classification_code$$);

-- In use by others: a fragment that is valid, what a directory holds; in every object model
CREATE TABLE kept (name text PRIMARY KEY, content xml);
INSERT INTO kept SELECT 'schools', ootspg.export_fragment('schools');
INSERT INTO kept SELECT 'civil', ootspg.export_fragment('civil');
CREATE FUNCTION without(fragment text) RETURNS text LANGUAGE sql AS $$
	SELECT format($s$%s; DELETE FROM ootspg.classification_code WHERE code IN ('lyceum', 'north'); UPDATE ootspg.classification_code_list SET version = version || '-1'$s$,
		'UPDATE ootspg.provider_concept SET supported = ''{primary}''; UPDATE ootspg.publisher SET jurisdiction_list = NULL, jurisdiction_codes = NULL; UPDATE ootspg.directory_entry SET publish = false; ' || fragment) $$;
SELECT outcome(without($$SELECT ootspg.import_fragment('schools', content, 'Ministry of Education') FROM kept WHERE name = 'schools'$$));
SELECT outcome(without($$SELECT ootspg.import_fragment('civil', content, 'Ministry of Justice') FROM kept WHERE name = 'civil'$$));
SELECT outcome(without($$SELECT ootspg.import_fragment(name, content, 'Ministries', valid_until => CASE name WHEN 'schools' THEN current_date END) FROM kept; UPDATE ootspg.fragment SET valid_from = current_date - 9, valid_until = current_date - 1 WHERE fragment = 'civil'$$));
-- what a directory holds stops the list, not the submission that uses the code no more: it goes first
SELECT outcome($$UPDATE ootspg.provider_concept SET supported = '{primary}'; SELECT ootspg.set_published('dsd', convert_to(content::text, 'UTF8')) FROM kept WHERE name = 'schools';
	DELETE FROM ootspg.classification_code WHERE code = 'lyceum'; UPDATE ootspg.classification_code_list SET version = '2025' WHERE version <> '1'$$);
-- 1.0 names the concept, not the list; neither indentation nor comments make a difference
UPDATE ootspg.directory_target SET line = 'oots-edm:v1.0';
INSERT INTO kept SELECT '1.0', regexp_replace(replace(ootspg.export_fragment('schools')::text, 'lyceum', 'ly<!-- -->ceum'), '<sdg:StringValue>', E'\\&\n\t', 'g')::xml;
SELECT content::text LIKE '%codelists%' FROM kept WHERE name = '1.0';
SELECT outcome(without($$SELECT ootspg.import_fragment('schools', content, 'Ministry of Education') FROM kept WHERE name = '1.0'$$));
UPDATE ootspg.directory_target SET line = 'oots-edm:v2.0';
-- the Evidence Broker is told the places of lists of evidence types
SELECT ootspg.set_published('eb', NULL);
SELECT * FROM refused($$INSERT INTO ootspg.classification_code SELECT code_list, 'east' FROM ootspg.classification_code WHERE code = 'north'; SELECT ootspg.finalize_submission('eb')$$);

-- Lists are the state's: every provider reads them, and whoever configures all of them keeps them
\set ECHO none
SET client_min_messages = error;
CREATE ROLE regress_ootspg_one;
CREATE ROLE regress_ootspg_all;
\set ECHO all
SELECT ootspg.grant_duty('regress_ootspg_one', 'configure', 'schools'), ootspg.grant_duty('regress_ootspg_all', 'configure');
CREATE FUNCTION as_role(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', role);
	EXECUTE statement;
	GET DIAGNOSTICS result = ROW_COUNT;
	SET CONSTRAINTS ALL IMMEDIATE;
	RESET SESSION AUTHORIZATION;
	RAISE SQLSTATE '00001' USING MESSAGE = result || ' rows';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || here(SQLERRM);
END $$;
SELECT what, role, as_role('regress_ootspg_' || role, statement) FROM unnest(ARRAY['one', 'all']) role, (VALUES
	(1, 'read', 'SELECT FROM ootspg.classification_code'),
	(2, 'add', $$INSERT INTO ootspg.classification_code SELECT code_list, 'college' FROM ootspg.classification_concept$$),
	(3, 'remove', $$DELETE FROM ootspg.classification_code WHERE code IN ('primary', 'south')$$),
	(4, 'answer', $$UPDATE ootspg.provider_concept SET supported = '{college}'$$),
	(5, 'check', 'SELECT ootspg.check_code_lists()'),
	(6, 'publish', 'SELECT ootspg.publish_code_list(code_list) FROM ootspg.classification_code_list'),
	(7, 'import', 'SELECT ootspg.import_code_list(code_list, ''<a/>''::xml) FROM ootspg.classification_code_list LIMIT 1'),
	(8, 'forge', 'DELETE FROM ootspg.published_code_list')) c(place, what, statement) ORDER BY role DESC, place;

\set ECHO none
\pset tuples_only off
DROP OWNED BY regress_ootspg_one, regress_ootspg_all;
DROP ROLE regress_ootspg_one, regress_ootspg_all;
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
