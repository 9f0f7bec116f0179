--
-- Signing in once more before anything is shown: compared by the house's rules, logged where the law wants it.
--
\set ECHO none
\set own regress_ootspg_preview_authentication
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
\set ECHO all
\pset tuples_only on

-- It takes a space that can do it, with a key for the log
SELECT what, r.* FROM (VALUES
	('no way to sign in', $$SELECT$$), ('no key', $$UPDATE ootspg.preview_space SET authentication = 'proxy'$$),
	('exempt', $$UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = (ootspg.new_matching_key()).public_key; UPDATE ootspg.evidence_type SET preview = 'exempt'$$)) c(what, before),
	refusal(before || $$; UPDATE ootspg.evidence_type SET reauthentication = 'required' WHERE evidence_type = 'award'$$) r;
SELECT what, r.* FROM (VALUES ('too short', $$matching_retention = '5 months'$$), ('too long', $$matching_retention = '13 months'$$), ('by law', $$matching_retention = '13 months', matching_law = 'Act 1'$$),
	('no key', $$matching_key = '\x00'$$)) c(what, columns), refusal('UPDATE ootspg.preview_space SET ' || columns) r;
SELECT * FROM refusal($$UPDATE ootspg.evidence_type SET reauthentication = 'perhaps'$$);
SELECT public_key, private_key FROM ootspg.new_matching_key() \gset
UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = :'public_key';
UPDATE ootspg.evidence_type SET reauthentication = 'required' WHERE evidence_type = 'award';

-- Asked for also where the requester's law asks for no preview; nothing is shown before, and no name
SELECT first('p', award_request(preview => 'false')), page('p');
SELECT ootspg.preview_look(link('p'), NULL)->'facts'->'about', ootspg.preview_look(link('p'), NULL)->'facts'->'reauthentication';
SELECT open('p'), (SELECT count(*) FROM ootspg.preview_part(link('p'), browser(), 1, 1)) AS parts, decide('p', '{1,2,3}', NULL), ootspg.preview_look(link('p'), browser()) ? 'pieces' AS pieces;

-- Somebody else, in whatever way, is told so alike; the name may be spelt otherwise
CREATE FUNCTION sign_in(name text, family text DEFAULT 'OZOLINS', given text DEFAULT 'Janis', born text DEFAULT '1990-01-01', level text DEFAULT 'High', browser integer DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN ootspg.preview_authenticate(link(name), browser(browser), jsonb_build_object('family_name', family, 'given_name', given, 'date_of_birth', born, 'level', level, 'source', 'eIDAS node'))->>'page';
END $$;
SELECT sign_in('p', family => 'Kalniņš'), sign_in('p', born => '1990-01-02'), sign_in('p', level => 'Low'), sign_in('p', given => NULL);
SELECT sign_in('p', browser => 2) AS "another browser", page('p');
SELECT sign_in('p'), sign_in('p') AS again;
SELECT ootspg.preview_look(link('p'), browser())->'facts'->'about' AS about, ootspg.preview_look(link('p'), browser())->'facts'->'reauthentication' AS reauthentication;
SELECT decide('p', '{1}', '{2,3}'), second('p', award_request(preview => 'false', more_slots => second_slots('p')));
SELECT trail('p');
SELECT what, r.* FROM (VALUES ('no object', '[]'), ('null', NULL), ('huge', jsonb_build_object('x', repeat('x', 10000))::text)) c(what, claims), LATERAL (SELECT first(what, award_request()), open(what)) o,
	refusal(format('SELECT ootspg.preview_authenticate(%L, browser(), %L)', link(what), claims)) r;

-- By the rules that registers are matched with; identifiers of different pairs of countries say nothing of each other (D-IDM-09), companies are known by them
SELECT what, ootspg_internal.identity_differences(ootspg.natural_person('Ozoliņš', 'Jānis Pēteris', '1990-01-01', 'DE/LV/A1B2C3D4E'), p, false) AS all_given_names,
	   ootspg_internal.identity_differences(ootspg.natural_person('Ozoliņš', 'Jānis Pēteris', '1990-01-01', 'DE/LV/A1B2C3D4E'), p, true) AS first_given_name
  FROM (VALUES
	('another spelling', ootspg.natural_person('OZOLINS', 'PETERIS JANIS', '1990-01-01')),
	('another pair of countries', ootspg.natural_person('Ozolins', 'Janis Peteris', '1990-01-01', 'DE/FR/ZZZ')),
	('small letters of the pair', ootspg.natural_person('Ozolins', 'Janis Peteris', '1990-01-01', 'de/lv/A1B2C3D4E')),
	('another identifier of the pair', ootspg.natural_person('Ozoliņš', 'Jānis Pēteris', '1990-01-01', 'DE/LV/A1B2C3D4F')),
	('one name less', ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01')),
	('another person', ootspg.natural_person('Bērziņa', 'Anna', '1991-02-02', 'DE/LV/X')),
	('a company', ootspg.legal_person('DE/LV/A1B2C3D4E', 'Ozoliņš'))) c(what, p);
SELECT what, ootspg_internal.identity_differences(ootspg.legal_person('LV/DE/40003000001', 'Alfa'), p, false) FROM (VALUES
	('renamed', ootspg.legal_person('LV/DE/40003000001', 'Beta')), ('another', ootspg.legal_person('LV/DE/40003000002', 'Alfa')),
	('of another pair, which cannot be compared', ootspg.legal_person('LV/FR/40003000001', 'Alfa')), ('without', ootspg.legal_person(NULL, 'Alfa'))) c(what, p);
SELECT what, ootspg_internal.person_of(ootspg_internal.known_claims(claims)) FROM (VALUES
	('a person', '{"family_name": "Ozols", "given_name": "Jānis", "date_of_birth": "1990-01-01", "shoe_size": "44"}'::jsonb), ('no day', '{"family_name": "a", "given_name": "b", "date_of_birth": "1990-02-30"}'),
	('another form', '{"family_name": "a", "given_name": "b", "date_of_birth": "01.01.1990"}'), ('today', '{"family_name": "a", "given_name": "b", "date_of_birth": "today"}'), ('no text', '{"family_name": ["a"], "given_name": "b", "date_of_birth": "1990-01-01"}'),
	('too long', jsonb_build_object('family_name', repeat('a', 513), 'given_name', 'b', 'date_of_birth', '1990-01-01')), ('a company', '{"kind": "legal person", "identifier": "LV/DE/1", "legal_name": "Alfa"}'), ('one without', '{"kind": "legal person"}'), ('nothing', '{}')) c(what, claims);
SELECT level, ootspg_internal.level_rank(level) FROM unnest(ARRAY['Low', 'substantial', 'http://eidas.europa.eu/LoA/high', 'notified', '', NULL]) level;
-- who asked at a level that is too low signs in again at the right one (IR 16(1)); a person who is not matched gets no link all the same
SELECT first('low', award_request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'Low'))), open('low'), sign_in('low', level => 'http://eidas.europa.eu/LoA/low'), sign_in('low', level => 'http://eidas.europa.eu/LoA/high');
SELECT outcome, code FROM ask(award_request(subject => test_person('Nobody', 'Jānis', '1990-01-01', NULL, 'Low'))) a;
-- without a key for the log nobody is let in (D-LOG-26)
SELECT first('keyless', award_request()), open('keyless');
UPDATE ootspg.preview_space SET matching_key = NULL;
SELECT r.* FROM refusal($$SELECT sign_in('keyless')$$) r;
UPDATE ootspg.preview_space SET matching_key = :'public_key';
SELECT page('keyless');

-- Five wrong ones lock the link for a while
SELECT first('locked', award_request()), open('locked');
SELECT sign_in('locked', family => 'Nobody') FROM generate_series(1, 6);
SELECT page('locked'), (ootspg.preview_look(link('locked'), browser())->'facts'->>'locked_until')::timestamptz > now() + interval '14 min' AS until;
UPDATE ootspg_internal.preview_session SET locked_until = now() - interval '1 s';
SELECT page('locked'), sign_in('locked');
SELECT trail('locked');

-- Another browser signs in anew; who acts for the person is who signs in
UPDATE ootspg.preview_space SET takeover = true;
SELECT open('locked', 2), page('locked', 2), sign_in('locked', browser => 2);
UPDATE ootspg.preview_space SET takeover = false;
CREATE FUNCTION registry.entitled(q ootspg.entitlement_question) RETURNS boolean LANGUAGE sql AS 'SELECT true';
UPDATE ootspg.evidence_type SET representation = true, entitlement = 'registry.entitled' WHERE evidence_type = 'award';
SELECT first('representative', change(award_request('oots-edm:v1.2'), '</query:Query>', test_slot('AuthorizedRepresentative', 'AnyValueType', test_person('Muster', 'Max', '1980-01-01', NULL, 'High')) || '</query:Query>'), NULL), open('representative');
SELECT sign_in('representative'), sign_in('representative', 'Muster', 'Max', '1980-01-01');

-- The log: sealed, read by the key and the duty, for as long as the law says
SELECT entry, provider, result, source, level, erase_at = logged_at + interval '6 months' AS kept, position(convert_to('OZOLINS', 'UTF8') IN sealed) = 0 AS unreadable FROM ootspg.matching_log ORDER BY entry LIMIT 4;
SELECT result, entry_values FROM ootspg.read_matching_log(:'private_key', (SELECT first FROM asked_for WHERE name = 'p'));
SELECT count(*) FROM ootspg.read_matching_log((ootspg.new_matching_key()).private_key);
SELECT * FROM refusal($$SELECT ootspg.read_matching_log('\x00')$$);
CREATE ROLE regress_ootspg_matching;
SELECT ootspg.grant_duty('regress_ootspg_matching', 'audit');
SET ROLE regress_ootspg_matching;
SELECT count(*) FROM ootspg.read_matching_log(:'private_key');
RESET ROLE;
SELECT ootspg.grant_duty('regress_ootspg_matching', 'matching', 'civil');
SET ROLE regress_ootspg_matching;
SELECT count(*) > 0 FROM ootspg.read_matching_log(:'private_key');
RESET ROLE;
DROP OWNED BY regress_ootspg_matching;
DROP ROLE regress_ootspg_matching;
SELECT count(*) FROM ootspg.exchange_event e WHERE e.event_type ~ '^preview_' AND e.facts::text ~* 'ozolins|nobody';
UPDATE ootspg.matching_log SET erase_at = now() - interval '1 s';
SELECT ootspg.expire_previews() >= 0;
SELECT count(*) FROM ootspg.matching_log;
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
