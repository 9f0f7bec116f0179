--
-- Users who sign in again: compared with the request by the rules of matching, logged with the values encrypted, and
-- shown nothing until they are the person of the request.
--
\set ECHO none
\set own regress_ootspg_reauthentication
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/ask.sql'
\i :fixture
SELECT (current_setting('ootspg.key_directory') || '/matching/civil') AS place \gset
\setenv place :place
\! mkdir -p -m 700 "$place" && umask 077 && printf 'the first key of the matching log' > "$place/one.key" && printf 'the second key of the matching log' > "$place/two.key" && printf 'short' > "$place/short.key"
\set ECHO all
\pset tuples_only on
\set VERBOSITY terse

-- Two sign-ins of one person, and of two: by the rules that registers are matched with; identifiers of different pairs of countries say nothing (D-IDM-09)
SELECT what, ootspg_internal.identity_differences(ootspg.natural_person('Ozoliņš', 'Jānis Pēteris', '1990-01-01', 'DE/LV/A1B2C3D4E'), p, false) AS all_given_names,
	   ootspg_internal.identity_differences(ootspg.natural_person('Ozoliņš', 'Jānis Pēteris', '1990-01-01', 'DE/LV/A1B2C3D4E'), p, true) AS first_given_name
  FROM (VALUES
	('the same', ootspg.natural_person('Ozoliņš', 'Jānis Pēteris', '1990-01-01', 'DE/LV/A1B2C3D4E')),
	('another spelling', ootspg.natural_person('OZOLINS', 'PETERIS JANIS', '1990-01-01')),
	('another pair of countries', ootspg.natural_person('Ozolins', 'Janis Peteris', '1990-01-01', 'DE/FR/ZZZ')),
	('small letters of the pair', ootspg.natural_person('Ozolins', 'Janis Peteris', '1990-01-01', 'de/lv/A1B2C3D4E')),
	('another identifier of the pair', ootspg.natural_person('Ozoliņš', 'Jānis Pēteris', '1990-01-01', 'DE/LV/A1B2C3D4F')),
	('one name less', ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01')),
	('another day', ootspg.natural_person('Ozoliņš', 'Jānis Pēteris', '1990-01-02')),
	('another family', ootspg.natural_person('Ozols', 'Jānis Pēteris', '1990-01-01')),
	('another person', ootspg.natural_person('Bērziņa', 'Anna', '1991-02-02', 'DE/LV/X')),
	('a company', ootspg.legal_person('DE/LV/A1B2C3D4E', 'Ozoliņš'))) c(what, p);
SELECT what, ootspg_internal.identity_differences(ootspg.legal_person('LV/DE/40003000001', 'Alfa'), p, false) FROM (VALUES
	('renamed', ootspg.legal_person('LV/DE/40003000001', 'Beta')), ('another', ootspg.legal_person('LV/DE/40003000002', 'Alfa')),
	('of another pair, which cannot be compared', ootspg.legal_person('LV/FR/40003000001', 'Alfa')), ('without', ootspg.legal_person(NULL, 'Alfa')),
	('a person', ootspg.natural_person('Alfa', 'Alfa', '1990-01-01', 'LV/DE/40003000001'))) c(what, p);

-- What a sign-in is taken for
SELECT what, ootspg_internal.judge_sign_in('{"kind": "natural person", "family_name": "Ozoliņš", "given_name": "Jānis", "date_of_birth": "1990-01-01"}',
	ootspg_internal.known_claims('{"family_name": "Ozolins", "given_name": "Janis", "date_of_birth": "1990-01-01", "level_of_assurance": "High", "source": "eidas"}'::jsonb || claims), 'Substantial', false)
  FROM (VALUES ('the same', '{}'::jsonb), ('level by address', '{"level_of_assurance": "http://eidas.europa.eu/LoA/substantial"}'), ('level too low', '{"level_of_assurance": "Low"}'), ('no level', '{"level_of_assurance": null}'),
	('odd level', '{"level_of_assurance": "notified"}'), ('no source', '{"source": ""}'), ('no name', '{"given_name": null}'), ('no text', '{"given_name": ["Janis"]}'), ('too long', jsonb_build_object('given_name', repeat('Janis ', 100))),
	('no day', '{"date_of_birth": "1990-02-30"}'), ('another form', '{"date_of_birth": "01.01.1990"}'), ('today', '{"date_of_birth": "today"}'), ('another', '{"family_name": "Ozols"}'), ('another at a low level', '{"family_name": "Ozols", "level_of_assurance": "Low"}'),
	('more is left out', '{"shoe_size": "44"}')) c(what, claims);
SELECT ootspg_internal.known_claims(c) FROM unnest(ARRAY['null', '[]', '"x"', '{"a": "b"}']::jsonb[]) c;

-- Kept for 6 to 12 months, longer only by a law (art. 5(3))
INSERT INTO ootspg.matching_policy (provider, key_uri) VALUES ('civil', 'file:one.key');
SELECT retention_months FROM ootspg.matching_policy;
UPDATE ootspg.matching_policy SET retention_months = 5;
UPDATE ootspg.matching_policy SET retention_months = 13;
UPDATE ootspg.matching_policy SET retention_months = 13, law = ' ';
UPDATE ootspg.matching_policy SET key_uri = '/etc/passwd';
UPDATE ootspg.matching_policy SET retention_months = 24, law = 'Law on Registers, section 7';
UPDATE ootspg.matching_policy SET retention_months = 12, law = NULL;

-- A type that asks for it has where users do so, and a log
UPDATE ootspg.evidence_type SET reauthentication = 'perhaps';
UPDATE ootspg.evidence_type SET reauthentication = 'required';
INSERT INTO ootspg.preview_space (provider, base_url) VALUES ('civil', 'https://preview.example.lv/p/');
UPDATE ootspg.evidence_type SET reauthentication = 'required';
UPDATE ootspg.preview_space SET authentication = 'proxy';
UPDATE ootspg.matching_policy SET key_uri = 'file:short.key';
UPDATE ootspg.evidence_type SET reauthentication = 'required';
UPDATE ootspg.matching_policy SET key_uri = 'file:../civil/one.key';
UPDATE ootspg.evidence_type SET reauthentication = 'required';
UPDATE ootspg.matching_policy SET key_uri = 'file:one.key';
UPDATE ootspg.evidence_type SET reauthentication = 'required';

-- Then the requester's flag does not matter, nor does a level that was too low (IR 11(3), 14(2), 16(1)); a person who is not matched sees nothing all the same
\set browser 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ'
SELECT line, flag, level, a.outcome, a.code, a.evidence FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, unnest(ARRAY['true', 'false']) flag, unnest(ARRAY['Low', 'High']) level,
	ask(request(line, subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', level), preview => flag), test_header(line)) a ORDER BY 1, 2, 3;
SELECT a.outcome, a.code FROM ask(request(subject => test_person('Nezināms', 'Jānis', '1990-01-01', NULL, 'High'))) a;
CREATE TEMP TABLE link (name text, link text);
CREATE FUNCTION offer(name text, subject text, more text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ask(request('oots-edm:v1.2', subject, more_query => more), test_header('oots-edm:v1.2'));
	INSERT INTO link SELECT name, substring(f FROM '[^/]*$') FROM found('PreviewLocation"><rim:SlotValue xsi:type="rim:StringValueType"><rim:Value>([^<]*)') f;
	RETURN (SELECT ootspg.preview_look(l.link, NULL)->>'page' FROM link l WHERE l.name = offer.name);
END $$;
CREATE FUNCTION sign_in(name text, claims jsonb, browser text DEFAULT 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ') RETURNS text LANGUAGE sql AS $$
	SELECT r->>'page' || coalesce(' ' || (r->'facts'->>'about'), '') || coalesce(' ' || jsonb_array_length(r->'pieces'), '') || CASE WHEN r->'facts'->>'locked_until' IS NOT NULL THEN ' until later' ELSE '' END
	  FROM link l, ootspg.preview_authenticate(l.link, browser, '{"family_name": "Ozolins", "given_name": "Janis", "date_of_birth": "1990-01-01", "level_of_assurance": "High", "source": "eidas"}'::jsonb || claims) r WHERE l.name = sign_in.name
$$;
SELECT offer('one', test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'Low'));
SELECT link AS one FROM link WHERE name = 'one' \gset
SELECT r->>'page', r->'facts'->'reauthentication', r->'facts'->'about' AS about, r->'pieces' AS pieces FROM ootspg.preview_open(:'one', :'browser') r;
-- nothing is shown or decided before
SELECT count(*) FROM ootspg.preview_part(:'one', :'browser', 1, 1);
SELECT ootspg.preview_decide(:'one', :'browser', '{1}', '{}')->>'page';
-- somebody else, whatever differs; another browser's sign-in is nobody's
SELECT sign_in('one', '{"family_name": "Ozols"}'), sign_in('one', '{"date_of_birth": "1990-01-02"}'), sign_in('one', '{"level_of_assurance": "Low"}'), sign_in('one', '{}', 'x');
SELECT count(*) FROM ootspg.preview_part(:'one', :'browser', 1, 1);
SELECT sign_in('one', '{}');
SELECT count(*) FROM ootspg.preview_part(:'one', :'browser', 1, 1);
-- once an exchange (D-PRE-34)
SELECT sign_in('one', '{"family_name": "Ozols"}');
SELECT ootspg.preview_decide(:'one', :'browser', '{1}', '{}')->>'page';
SELECT event_type, facts, detail FROM ootspg.exchange_event WHERE event_type ~ '^preview_(auth|lock)' ORDER BY event_id;
SELECT count(*) AS kept FROM ootspg_internal.preview_content WHERE kind = 'person' AND session_id = (SELECT max(session_id) FROM ootspg_internal.preview_session);
-- in another browser the owner signs in anew
UPDATE ootspg.preview_space SET takeover = true;
SELECT offer('moved', test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'Low'));
SELECT link AS moved FROM link WHERE name = 'moved' \gset
SELECT ootspg.preview_open(:'moved', :'browser')->>'page', sign_in('moved', '{}');
SELECT ootspg.preview_open(:'moved', reverse(:'browser'))->>'page';
SELECT ootspg.preview_look(:'moved', :'browser')->>'page' AS before, sign_in('moved', '{}') AS there, sign_in('moved', '{"family_name": "Ozols"}', reverse(:'browser')) AS stolen;
SELECT sign_in('moved', '{}', reverse(:'browser')) AS owner;
UPDATE ootspg.preview_space SET takeover = false;
-- tries are counted
UPDATE ootspg.matching_policy SET tries = 2;
SELECT offer('tried', test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'Low'));
SELECT link AS tried FROM link WHERE name = 'tried' \gset
SELECT ootspg.preview_open(:'tried', :'browser')->>'page';
SELECT sign_in('tried', '{"family_name": "Ozols"}');
SELECT sign_in('tried', '{"family_name": "Ozols"}');
SELECT sign_in('tried', '{}');
UPDATE ootspg_internal.preview_session SET locked_until = clock_timestamp() WHERE locked_until IS NOT NULL;
SELECT sign_in('tried', '{}');
-- a representative signs in, not the subject
UPDATE ootspg.evidence_type SET representation = true;
CREATE FUNCTION registry.may(question ootspg.entitlement_question) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
UPDATE ootspg.evidence_type SET entitlement = 'registry.may';
SELECT offer('represented', test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High'),
	test_slot('AuthorizedRepresentative', 'AnyValueType', test_person('Bērziņa', 'Anna Marija', '1991-02-02', 'DE/LV/A1B2C3D4F', 'High')));
SELECT link AS represented FROM link WHERE name = 'represented' \gset
SELECT ootspg.preview_open(:'represented', :'browser')->>'page';
SELECT sign_in('represented', '{}');
SELECT sign_in('represented', '{"family_name": "Berzina", "given_name": "Marija Anna", "date_of_birth": "1991-02-02"}');

-- The log: when, by whom, with which result; the values are for who has the duty, and each reading is recorded
SELECT result, source, level_of_assurance, policy_version, key_uri, count(*) FROM ootspg.matching_log GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 3;
SELECT count(*) AS readable FROM ootspg.matching_log l WHERE position(convert_to('Ozol', 'UTF8') IN l.sealed) > 0 OR l::text ~* 'ozol';
SELECT ootspg.matching_values(min(matching_id)) FROM ootspg.matching_log;
SELECT event_type, provider, facts ? 'matching_id' AS which, written_by = session_user AS by_whom FROM ootspg.exchange_event WHERE event_type = 'matching_read';
-- a new key; older rows keep theirs, and no row opens as another
UPDATE ootspg.matching_policy SET key_uri = 'file:two.key';
SELECT offer('later', test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'Low'));
SELECT link AS later FROM link WHERE name = 'later' \gset
SELECT ootspg.preview_open(:'later', :'browser')->>'page', sign_in('later', '{}');
SELECT key_uri, ootspg.matching_values(matching_id)->'verified'->>'family_name' FROM ootspg.matching_log WHERE matching_id IN (SELECT min(matching_id) FROM ootspg.matching_log UNION SELECT max(matching_id) FROM ootspg.matching_log) ORDER BY 1;
SELECT ootspg_internal.matching_open(provider, key_uri, matching_id + 1, sealed) FROM ootspg.matching_log LIMIT 1;
SELECT ootspg_internal.matching_open('road', key_uri, matching_id, sealed) FROM ootspg.matching_log LIMIT 1;
-- without its key nobody is let in (D-LOG-26)
SELECT offer('keyless', test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'Low'));
SELECT link AS keyless FROM link WHERE name = 'keyless' \gset
SELECT ootspg.preview_open(:'keyless', :'browser')->>'page';
\! rm "$place/two.key"
SELECT sign_in('keyless', '{}');
SELECT ootspg.preview_look(:'keyless', :'browser')->>'page';

-- Whose duty it is
CREATE ROLE regress_ootspg_matching;
CREATE ROLE regress_ootspg_matching_audit;
SELECT ootspg.grant_duty('regress_ootspg_matching', 'matching_log', 'civil'), ootspg.grant_duty('regress_ootspg_matching_audit', 'audit');
SET SESSION AUTHORIZATION regress_ootspg_matching_audit;
SELECT count(*) FROM ootspg.matching_log;
SELECT ootspg.matching_values(1);
SET SESSION AUTHORIZATION regress_ootspg_matching;
SELECT count(*) > 5 AS seen FROM ootspg.matching_log;
SELECT ootspg.matching_values(1)->'asked'->>'given_name';
SELECT ootspg.matching_values(0);
SELECT count(*) FROM ootspg.exchange_event;
DELETE FROM ootspg.matching_log;
RESET SESSION AUTHORIZATION;
DELETE FROM ootspg.matching_log;
UPDATE ootspg.matching_log SET result = 'same';
TRUNCATE ootspg.matching_log;

-- Rows go when their time is over, by ootspg.purge() and nothing else
SELECT ootspg_internal.purge_matching();
INSERT INTO ootspg.matching_log (logged_at, exchange_id, provider, evidence_type, result, policy_version, key_uri, sealed)
SELECT now() - make_interval(months => m), -m, p, 'birth', 'same', 1, 'file:one.key', '\x' FROM unnest(ARRAY[5, 7, 11, 13]) m, unnest(ARRAY['civil', 'gone']) p;
SELECT ootspg.purge() IS NOT NULL;
SELECT provider, exchange_id FROM ootspg.matching_log WHERE exchange_id < 0 ORDER BY 1, 2 DESC;
UPDATE ootspg.matching_policy SET retention_months = 6;
SELECT ootspg.purge() IS NOT NULL;
SELECT provider, exchange_id FROM ootspg.matching_log WHERE exchange_id < 0 ORDER BY 1, 2 DESC;

\set ECHO none
\! rm -r "$place"
DROP OWNED BY regress_ootspg_matching, regress_ootspg_matching_audit;
DROP ROLE regress_ootspg_matching, regress_ootspg_matching_audit;
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
