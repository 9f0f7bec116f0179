--
-- Who a request leaves in doubt signs in again, and tells more of themselves where the type asks for it, until exactly one
-- person is left; else nothing is shown, and the requester gets what it would have got at once.
--
\set ECHO none
\set own regress_ootspg_preview_ambiguity
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/ask.sql'
\i :fixture
\set fixture :folder '/test/fixtures/preview.sql'
\i :fixture
-- Two of one name and birthday, with more in the view than every request has; and a third whose place is not known
INSERT INTO registry.person VALUES ('060695-10007', 'Egle', 'Anda', '1995-06-06', 'Rīga', false), ('060695-10008', 'Egle', 'Anda', '1995-06-06', NULL, false);
INSERT INTO registry.award SELECT code, 1, 'medal of ' || birthplace FROM registry.person WHERE family_name = 'Kalniņš';
CREATE OR REPLACE VIEW registry.people AS
	SELECT code AS person_id, family_name, given_name, born AS date_of_birth, birthplace AS place_of_birth, secret AS protected,
		   CASE birthplace WHEN 'Liepāja' THEN 'Zeltīte' WHEN 'Ventspils' THEN 'Austra' END AS mother, born - 8000 AS mother_born
	  FROM registry.person;
CREATE FUNCTION kalnins(preview text DEFAULT 'true', line text DEFAULT 'oots-edm:v2.0', more text DEFAULT '', level text DEFAULT 'High') RETURNS bytea LANGUAGE sql AS $$
	SELECT award_request(line, preview, more, subject => test_person('Kalniņš', 'Pēteris', '1992-03-03', NULL, level))
$$;
CREATE FUNCTION sign_in(name text, more jsonb DEFAULT '{}', family text DEFAULT 'KALNINS', given text DEFAULT 'Peteris', born text DEFAULT '1992-03-03', browser integer DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN ootspg.preview_authenticate(link(name), browser(browser), jsonb_build_object('family_name', family, 'given_name', given, 'date_of_birth', born, 'level', 'High', 'source', 'eIDAS node') || more)->>'page';
END $$;
CREATE FUNCTION add(name text, attributes jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said jsonb := ootspg.preview_add(link(name), browser(), attributes);
BEGIN
	RETURN coalesce(said->>'page', said::text);
END $$;
CREATE FUNCTION files(name text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(convert_from(d.content, 'UTF8'), ' ') FROM ootspg.preview_part(link(name), browser(), 1, 1) d
$$;
CREATE FUNCTION kept(name text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(DISTINCT c.kind, ' ' ORDER BY c.kind) FROM asked_for a JOIN ootspg_internal.preview_session s ON s.exchange_id = a.first JOIN ootspg_internal.preview_content c USING (session_id) WHERE a.name = kept.name
$$;
-- who answers, and who shows; neither is a superuser
CREATE ROLE regress_ootspg_ambiguity_answer;
\o /dev/null
SELECT ootspg.grant_duty('regress_ootspg_ambiguity_answer', 'exchange');
\o
GRANT USAGE ON SCHEMA registry TO regress_ootspg_ambiguity_answer;
GRANT SELECT ON ALL TABLES IN SCHEMA registry TO regress_ootspg_ambiguity_answer;
CREATE ROLE regress_ootspg_ambiguity_space;
\o /dev/null
SELECT ootspg.grant_duty('regress_ootspg_ambiguity_space', 'preview');
\o
GRANT USAGE ON SEQUENCE asked TO regress_ootspg_ambiguity_answer;
GRANT SELECT, INSERT, UPDATE ON asked_for TO regress_ootspg_ambiguity_answer, regress_ootspg_ambiguity_space;
SELECT public_key, private_key FROM ootspg.new_matching_key() \gset
\set ECHO all
\pset tuples_only on

-- What users are asked for is declared, and is in the view that they are matched against
UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = :'public_key';
SELECT attributes, r.* FROM unnest(ARRAY['[]', '{"Birth": {}}', '{"family_name": {}}', '{"birth_name": {"en": "x"}}', '{"birth_name": "x"}', '{"shoe_size": {}}',
	(SELECT jsonb_object_agg('a' || n, '{}'::jsonb) FROM generate_series(1, 9) n)::text]) attributes,
	refusal(format('UPDATE ootspg.evidence_type SET reauthentication = %L, additional_attributes = %L WHERE evidence_type = %L', 'on ambiguity', attributes, 'award')) r;
SELECT * FROM refusal($$UPDATE ootspg.evidence_type SET additional_attributes = '{"mother": {}}' WHERE evidence_type = 'award'$$);
SELECT * FROM refusal($$UPDATE ootspg.evidence_type SET reauthentication = 'on ambiguity', preview = 'exempt' WHERE evidence_type = 'award'$$);
UPDATE ootspg.evidence_type SET reauthentication = 'on ambiguity' WHERE evidence_type = 'award';

-- Who is matched for sure is asked nothing; nobody, and a protected person, get no link
SELECT what, first(what, request) FROM (VALUES
	('sure', award_request()), ('sure, no preview', award_request(preview => 'false')),
	('nobody', award_request(subject => test_person('Nezināms', 'Jānis', '1990-01-01', NULL, 'High'))),
	('protected', award_request(subject => test_person('Slepens', 'Aivars', '1993-04-04', NULL, 'High')))) c(what, request) ORDER BY what;
SELECT ootspg.preview_look(link('sure'), NULL)->'facts'->'reauthentication';

-- Several do, whatever the flag says; the link shows nothing before the sign-in, and there is nothing yet
SET ROLE regress_ootspg_ambiguity_answer;
SELECT first('two', kalnins('false')), first('held', kalnins(line => 'oots-edm:v1.2'), NULL);
RESET ROLE;
SELECT ootspg.preview_look(link('two'), NULL)->'facts'->'about' AS about, ootspg.preview_look(link('two'), NULL)->'facts'->'reauthentication' AS reauthentication, kept('two'), page('two');
SET SESSION AUTHORIZATION regress_ootspg_ambiguity_space;
SELECT open('two'), add('two', '{}'), files('two'), decide('two', '{}', '{}');
-- somebody else is somebody else; the person of the request may say where they were born, if the sign-in vouches for it
SELECT sign_in('two', family => 'Berzins'), sign_in('two', '{"place_of_birth": "LIEPAJA"}'), files('two');
SELECT ootspg.preview_look(link('two'), browser())->'facts'->'about' AS about;
RESET SESSION AUTHORIZATION;
SELECT kept('two'), trail('two');
SELECT second('two', kalnins('false', more => second_slots('two'))), decide('two', '{1}', '{}'), late_answer('two'), decisions('two'), page('two');
-- by the register's own number, and by an identifier that is linked
SELECT first('number', kalnins()), open('number'), sign_in('number', '{"person_id": "030392-10004"}'), files('number');
SELECT first('another number', kalnins()), open('another number'), sign_in('another number', '{"person_id": "010190-10001"}'), files('another number');
INSERT INTO ootspg.identity_link (provider, identifier, person_id, source, level_of_assurance) VALUES ('civil', 'EE/LV/1234567', '030392-10003', 'counter', 'High');
SELECT first('linked', kalnins()), open('linked'), sign_in('linked', '{"identifier": "EE/LV/1234567"}'), files('linked');
-- what the row of another lacks does not exclude them, and what excludes all but one must confirm that one (D-IDM-02)
SELECT first('unsure', award_request(subject => test_person('Egle', 'Anda', '1995-06-06', NULL, 'High'))), open('unsure'), sign_in('unsure', '{"place_of_birth": "Rīga"}', 'Egle', 'Anda', '1995-06-06');
SELECT first('unconfirmed', award_request(subject => test_person('Egle', 'Anda', '1995-06-06', NULL, 'High'))), open('unconfirmed'), sign_in('unconfirmed', '{"place_of_birth": "Daugavpils"}', 'Egle', 'Anda', '1995-06-06');

-- Nothing more is asked: the end. The second request gets what the first one would have got, whoever comes last
SELECT open('held'), second('held', kalnins(line => 'oots-edm:v1.2', more => second_slots('held', 'oots-edm:v1.2')), NULL), sign_in('held'), late_answer('held'), page('held');
SELECT trail('held'), kept('held'), decisions('held');
SELECT first('early', kalnins()), open('early'), sign_in('early'), page('early'), decide('early', '{}', '{}'), kept('early');
SELECT second('early', kalnins(more => second_slots('early'))), page('early'), page('early', 2);
-- nobody signs in: the time is over as ever
SELECT first('late', kalnins()), open('late'), second('late', kalnins(more => second_slots('late'))), later('late', '41 min'), ootspg.expire_previews(), late_answer('late'), page('late'), kept('late');

-- What the type declares is asked for, when the sign-in is not enough; what is known is not (D-PRE-13)
UPDATE ootspg.evidence_type SET additional_attributes = '{"mother": {"EN": "First name of your mother", "LV": "Mātes vārds"}, "mother_born": {"EN": "Her birthday"}, "place_of_birth": {}}' WHERE evidence_type = 'award';
SET ROLE regress_ootspg_ambiguity_answer;
SELECT first('asked', kalnins()), first('guessing', kalnins());
RESET ROLE;
SET SESSION AUTHORIZATION regress_ootspg_ambiguity_space;
SELECT open('asked'), sign_in('asked');
SELECT jsonb_pretty(ootspg.preview_look(link('asked'), browser())->'facts'->'ask'), ootspg.preview_look(link('asked'), browser())->'facts'->'known', ootspg.preview_look(link('asked'), browser()) ? 'pieces';
SELECT what, add('asked', attributes) FROM (VALUES ('missing', '{"mother": " ", "mother_born": "1970-04-08"}'::jsonb), ('invalid', '{"mother": ["Zeltīte"], "mother_born": "11.4.1970", "place_of_birth": "x"}'),
	('no day', '{"mother": "Zeltīte", "mother_born": "1970-02-30", "place_of_birth": "Liepāja"}'), ('too long', jsonb_build_object('mother', repeat('x', 513), 'mother_born', '1970-04-08', 'place_of_birth', 'x'))) c(what, attributes);
SELECT what, r.* FROM (VALUES ('not asked for', '{"shoe_size": "44"}'), ('nothing', NULL), ('no object', '[]')) c(what, attributes), refusal(format('SELECT ootspg.preview_add(link(%L), browser(), %L)', 'asked', attributes)) r;
SELECT add('asked', '{"mother": "Austra", "mother_born": "1970-04-08", "place_of_birth": "Liepāja"}') AS "of two persons";
SELECT add('asked', '{"mother": "ZELTITE", "mother_born": "1970-04-08", "place_of_birth": "liepaja"}'), files('asked'), add('asked', '{"mother": "x"}') AS again;
SELECT open('guessing'), sign_in('guessing', '{"place_of_birth": "Cēsis"}');
SELECT ootspg.preview_look(link('guessing'), browser())->'facts'->'known' AS known, jsonb_path_query_array(ootspg.preview_look(link('guessing'), browser()), '$.facts.ask[*].attribute') AS ask;
SELECT add('guessing', jsonb_build_object('mother', 'Guess ' || n, 'mother_born', '1970-04-08')) FROM generate_series(1, 4) n;
RESET SESSION AUTHORIZATION;
SELECT trail('asked'), trail('guessing');
SELECT e.event_type, e.facts FROM asked_for a JOIN ootspg.exchange_event e ON e.exchange_id = a.first WHERE a.name = 'asked' AND e.event_type ~ 'matched' ORDER BY e.event_id;
SELECT count(*) FROM ootspg.exchange_event e WHERE e.facts::text ~* 'austra|zelt|guess|1970' OR e.detail ~* 'austra|zelt|guess|1970';
SELECT result, entry_values->'declared' FROM ootspg.read_matching_log(:'private_key', (SELECT first FROM asked_for WHERE name = 'asked'));
SELECT decide('asked', '{1}', '{}'), second('asked', kalnins(more => second_slots('asked'))), kept('asked'), second('guessing', kalnins(more => second_slots('guessing'))) AS guessing;
-- a request that has it already is not asked for it, and nothing that is said takes its place (D-IDM-06)
SELECT first('known', award_request(subject => replace(test_person('Kalniņš', 'Pēteris', '1992-03-03', NULL, 'High'), '</sdg:DateOfBirth>', '</sdg:DateOfBirth><sdg:PlaceOfBirth>Ventspils</sdg:PlaceOfBirth>'))), open('known'), sign_in('known', '{"place_of_birth": "Liepāja"}'), files('known');
-- another browser signs in anew, and is not shown what the first one's sign-in said
UPDATE ootspg.preview_space SET takeover = true;
SELECT first('moved', kalnins()), open('moved'), sign_in('moved', '{"birth_name": "Kalnins"}');
SELECT ootspg.preview_look(link('moved'), browser())->'facts'->'known'->>'birth_name' AS known;
SELECT open('moved', 2), kept('moved'), page('moved', 2), sign_in('moved', browser => 2);
SELECT ootspg.preview_look(link('moved'), browser(2))->'facts'->'known'->>'birth_name' AS known;
UPDATE ootspg.preview_space SET takeover = false;
-- types that ask everybody to sign in narrow as well, where they declare what to ask for
UPDATE ootspg.evidence_type SET reauthentication = 'required', additional_attributes = '{"place_of_birth": {}}' WHERE evidence_type = 'award';
SELECT first('required', kalnins()), open('required'), sign_in('required'), add('required', '{"place_of_birth": "Ventspils"}'), files('required');
UPDATE ootspg.evidence_type SET additional_attributes = '{}' WHERE evidence_type = 'award';
SELECT first('required, nothing declared', kalnins());

-- A level that is too low is in doubt as well; the policy of first given names, where the request lacks what it asks for
UPDATE ootspg.evidence_type SET reauthentication = 'on ambiguity' WHERE evidence_type = 'award';
SELECT what, first(what, request) FROM (VALUES ('low', award_request(preview => 'false', subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', NULL, 'Low'))), ('low and two', kalnins(level => 'Low'))) c(what, request);
SELECT open('low'), sign_in('low', '{}', 'Ozolins', 'Janis', '1990-01-01'), files('low') LIKE '%medal 1%' AS shown;
UPDATE ootspg.evidence_type SET given_names = 'first' WHERE evidence_type = 'award';
SELECT first('first name', award_request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', NULL, 'High'))), open('first name'), sign_in('first name', '{"place_of_birth": "Riga"}', 'Ozolins', 'Janis', '1990-01-01'), files('first name') LIKE '%medal 1%' AS shown;
UPDATE ootspg.evidence_type SET given_names = 'set', reauthentication = 'none' WHERE evidence_type = 'award';
SELECT first('none', kalnins()), first('none, low', award_request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', NULL, 'Low')));
UPDATE ootspg.evidence_type SET reauthentication = 'on ambiguity' WHERE evidence_type = 'award';

-- One person without a record; one who is not to be told of; one who may not have it
DELETE FROM registry.award WHERE body = 'medal of Ventspils';
SELECT first('no record', kalnins()), open('no record'), sign_in('no record', '{"place_of_birth": "Ventspils"}'), second('no record', kalnins(more => second_slots('no record')));
UPDATE registry.person SET secret = true WHERE birthplace = 'Liepāja';
SELECT first('secret', kalnins()), open('secret'), sign_in('secret', '{"place_of_birth": "Liepāja"}'), second('secret', kalnins(more => second_slots('secret')));
UPDATE registry.person SET secret = false;
CREATE FUNCTION registry.entitled(q ootspg.entitlement_question) RETURNS boolean LANGUAGE sql AS 'SELECT false';
UPDATE ootspg.evidence_type SET entitlement = 'registry.entitled' WHERE evidence_type = 'award';
SELECT first('not entitled', kalnins()), open('not entitled'), sign_in('not entitled', '{"place_of_birth": "Liepāja"}'), second('not entitled', kalnins(more => second_slots('not entitled')));
UPDATE ootspg.evidence_type SET entitlement = NULL WHERE evidence_type = 'award';

-- Who acts for somebody signs in as themselves: what that sign-in says is not the other's (D-IDM-17)
CREATE OR REPLACE FUNCTION registry.entitled(q ootspg.entitlement_question) RETURNS boolean LANGUAGE sql AS 'SELECT true';
INSERT INTO registry.award VALUES ('030392-10004', 1, 'medal of Ventspils');
UPDATE ootspg.evidence_type SET representation = true, entitlement = 'registry.entitled', additional_attributes = '{"place_of_birth": {}}' WHERE evidence_type = 'award';
SELECT first('represented', change(kalnins(line => 'oots-edm:v1.2'), '</query:Query>', test_slot('AuthorizedRepresentative', 'AnyValueType', test_person('Muster', 'Max', '1980-01-01', NULL, 'High')) || '</query:Query>'), NULL), open('represented');
SELECT sign_in('represented'), sign_in('represented', '{"place_of_birth": "Liepāja"}', 'Muster', 'Max', '1980-01-01');
SELECT ootspg.preview_look(link('represented'), browser())->'facts'->'known' AS known, ootspg.preview_look(link('represented'), browser())->'facts'->'about' AS about;
SELECT add('represented', '{"place_of_birth": "Ventspils"}'), files('represented');
SELECT first('represented, linked', change(award_request('oots-edm:v1.2', subject => test_person('Kalniņš', 'Pēteris', '1992-03-03', 'DE/LV/A1B2C3D4E', 'High')), '</query:Query>', test_slot('AuthorizedRepresentative', 'AnyValueType', test_person('Muster', 'Max', '1980-01-01', NULL, 'High')) || '</query:Query>'), NULL), open('represented, linked');
SELECT sign_in('represented, linked', '{"identifier": "EE/LV/1234567"}', 'Muster', 'Max', '1980-01-01');
UPDATE ootspg.evidence_type SET representation = false, entitlement = NULL, additional_attributes = '{}' WHERE evidence_type = 'award';

-- The registry is asked as the role that answered, as long as it may; what it fails with ends nothing
SET ROLE regress_ootspg_ambiguity_answer;
SELECT first('as whom', kalnins());
RESET ROLE;
CREATE TABLE asked_as (who text);
GRANT INSERT ON asked_as TO PUBLIC;
CREATE FUNCTION registry.note() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.asked_as VALUES (current_user || ', ' || session_user || ', ' || current_setting('search_path'));
	RETURN NULL;
END $$;
CREATE OR REPLACE VIEW registry.award_evidence WITH (security_invoker) AS
	SELECT a.code AS person_id, DATE '2026-01-01' + a.number AS issuing_date, a.number AS piece_order, 'LV'::text AS language, 'Award ' || a.number || coalesce(registry.note(), '') AS title,
		   jsonb_build_object('number', a.number, 'for', a.body) AS json, pdf_of(a.body) AS pdf
	  FROM registry.award a;
SELECT open('as whom');
SELECT ootspg.revoke_duty('regress_ootspg_ambiguity_answer', 'exchange');
SET SESSION AUTHORIZATION regress_ootspg_ambiguity_space;
SELECT r.* FROM refusal($$SELECT sign_in('as whom', '{"place_of_birth": "Liepāja"}')$$) r;
RESET SESSION AUTHORIZATION;
SELECT ootspg.grant_duty('regress_ootspg_ambiguity_answer', 'exchange');
ALTER TABLE registry.award RENAME COLUMN body TO words;
ALTER TABLE registry.award RENAME TO taken_away;
SET SESSION AUTHORIZATION regress_ootspg_ambiguity_space;
CREATE TEMP TABLE award (code text, number integer, body text);
SET search_path = pg_temp, registry, public;
SELECT sign_in('as whom', '{"place_of_birth": "Liepāja"}'), files('as whom');
RESET search_path;
RESET SESSION AUTHORIZATION;
SELECT * FROM asked_as;
CREATE OR REPLACE FUNCTION registry.note() RETURNS text LANGUAGE sql AS $$SELECT (1 / 0)::text$$;
SELECT first('broken', kalnins()), open('broken');
SELECT r.* FROM refusal($$SELECT sign_in('broken', '{"place_of_birth": "Liepāja"}')$$) r;
SELECT page('broken'), trail('broken');
CREATE OR REPLACE FUNCTION registry.note() RETURNS text LANGUAGE sql AS $$SELECT NULL::text$$;
SELECT sign_in('broken', '{"place_of_birth": "Liepāja"}'), trail('broken');

-- While the space is closed, whatever leads nowhere says until when; who began goes on (D-OPS-12)
UPDATE ootspg.preview_space SET closed_from = '2020-01-01', closed_until = '2999-01-01 00:00:00+00';
SELECT ootspg.preview_look(repeat('A', 43), browser()), ootspg.preview_look(link('broken'), browser(2)), page('broken'), ootspg.preview_look(link('broken'), browser())->'facts'->>'closed_until' AS until;
UPDATE ootspg.preview_space SET closed_from = '2998-01-01 00:00:00+00';
SELECT ootspg.preview_look(repeat('A', 43), browser()), ootspg.preview_look(link('broken'), browser())->'facts'->>'closed_from' AS "from";
UPDATE ootspg.preview_space SET closed_from = NULL, closed_until = NULL, texts = '{"procedure.R1": {"LV": "Dzimšanas apliecības pieprasīšana"}}';
SELECT ootspg.preview_look(link('broken'), browser())->'facts'->'procedure';
DROP OWNED BY regress_ootspg_ambiguity_answer, regress_ootspg_ambiguity_space;
DROP ROLE regress_ootspg_ambiguity_answer, regress_ootspg_ambiguity_space;
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
