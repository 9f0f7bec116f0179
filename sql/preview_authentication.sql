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
