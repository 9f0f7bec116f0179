--
-- The preview: the user sees the evidence, decides piece by piece, and only then it leaves.
--
\set ECHO none
\set own regress_ootspg_preview
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
\set lines 'unnest(ARRAY[''oots-edm:v1.0'', ''oots-edm:v1.1'', ''oots-edm:v1.2'', ''oots-edm:v2.0'']) line'

-- A space is described in words, and what cannot be a link's beginning is refused
SELECT what, r.* FROM (VALUES
	('no https', $$base_url = 'http://preview.example.lv/p/'$$), ('no slash', $$base_url = 'https://preview.example.lv/p'$$), ('query', $$base_url = 'https://preview.example.lv/p?/'$$),
	('too long', $$base_url = 'https://preview.example.lv/' || repeat('x', 200) || '/'$$), ('user', $$base_url = 'https://a@preview.example.lv/'$$),
	('method', $$method = 'DELETE'$$), ('languages', $$languages = '{LV,lv}'$$), ('none', $$languages = '{}'$$), ('twice', $$languages = '{LV,LV}'$$), ('national', $$national_language = 'xx'$$),
	('texts', $$texts = '[]'$$), ('text', $$texts = '{"welcome.title": {"en": "x"}}'$$), ('contact', $$contact = '[]'$$), ('logo', $$logo = '\x00', logo_media_type = 'text/html'$$),
	('logo alone', $$logo = '\x00'$$), ('authentication', $$authentication = 'perhaps'$$), ('pattern', $$return_pattern = '('$$), ('margin', $$margin = '-1 s'$$),
	('closed', $$closed_from = now(), closed_until = now() - interval '1 s'$$), ('feedback', $$feedback_url = 'javascript:x'$$)) c(what, columns),
	refusal('UPDATE ootspg.preview_space SET ' || columns) r;
SELECT * FROM refusal($$DELETE FROM ootspg.preview_space; SELECT ootspg.activate('award')$$);
UPDATE ootspg.preview_space SET texts = '{"welcome.title": {"EN": "Hello", "LV": "Labdien"}}', contact = '{"email": "help@civil.example.lv"}', logo = '\x89504e47', logo_media_type = 'image/png',
	authority = '{"EN": "Births and names"}', privacy_url = '{"EN": "https://civil.example.lv/privacy"}';
SELECT ootspg.preview_space_settings();

-- Asked for a preview, every line gets a link, and no evidence; what is said breaks no rule
SELECT line, first('plain ' || line, award_request(line), CASE line WHEN 'oots-edm:v2.0' THEN test_header(line) END), found_after(line, 'name="(Preview[a-zA-Z]*)"'),
	found_after(line, 'severity="([^"]*)"'), found_after(line, '(xml:lang="..")') FROM :lines ORDER BY line;
SELECT count(*), count(DISTINCT link), min(length(link)), max(length(link)), bool_and(link ~ '^[A-Za-z0-9_-]+$') FROM asked_for;
SELECT DISTINCT c.rule_id, c.severity FROM ootspg.exchange_event e, ootspg.check_message(e.first_part, e.header) c WHERE e.direction = 'out' AND c.severity IN ('fatal', 'warning');
SELECT event_type, severity, exception_code FROM ootspg.exchange_event WHERE exchange_id = (SELECT first FROM asked_for WHERE name = 'plain oots-edm:v2.0') ORDER BY event_id;
SELECT state, outcome, error_code, answered_at IS NOT NULL AS answered FROM ootspg.exchange WHERE exchange_id = (SELECT first FROM asked_for WHERE name = 'plain oots-edm:v2.0');

-- What a user sees: nothing before the button, and the pieces then
SELECT jsonb_pretty(ootspg.preview_look(link('plain oots-edm:v1.2'), NULL) #- '{facts,deadline}' #- '{facts,reference}');
SELECT page('plain oots-edm:v1.2'), count(*) FROM ootspg.preview_part(link('plain oots-edm:v1.2'), browser(), 1, 1);
BEGIN READ ONLY;
SELECT page('plain oots-edm:v1.2');
COMMIT;
SELECT jsonb_pretty(ootspg.preview_open(link('plain oots-edm:v1.2'), browser(), 'https://portal.example.de/x?a=b', 'post')->'pieces');
SELECT ootspg.preview_look(link('plain oots-edm:v1.2'), browser())->'facts'->'return';
SELECT p.part, d.media_type, d.language, d.file_name, in_line(convert_from(d.content, 'UTF8')) FROM generate_series(1, 3) p(part), ootspg.preview_part(link('plain oots-edm:v1.2'), browser(), 2, p.part) d;
SELECT r LIKE '<article%' AS article, r LIKE '%medal 2%' AS "its content" FROM ootspg.preview_rendering(link('plain oots-edm:v1.2'), browser(), 2, 'EN') r;

-- The browser that began is the only one; whatever is no live link of it is told alike
SELECT what, ootspg.preview_look(link, browser), ootspg.preview_open(link, browser), ootspg.preview_decide(link, browser, '{1,2,3}', '{}'),
	(SELECT count(*) FROM ootspg.preview_part(link, browser, 1, 1)) AS parts, ootspg.preview_rendering(link, browser, 1, 'EN') FROM (VALUES
	('another browser', link('plain oots-edm:v1.2'), browser(2)), ('no browser', link('plain oots-edm:v1.2'), NULL), ('a wrong browser', link('plain oots-edm:v1.2'), 'x'),
	('unknown', repeat('A', 43), browser()), ('altered', translate(link('plain oots-edm:v1.2'), 'abcdefghij', 'bcdefghija'), browser()), ('longer', link('plain oots-edm:v1.2') || 'A', browser()),
	('no token', 'x', browser()), ('zero', rpad('', 43, 'A'), browser()), ('empty', '', browser()), ('null', NULL, NULL)) c(what, link, browser);
UPDATE ootspg.preview_space SET takeover = true;
SELECT page('plain oots-edm:v1.2', 2), open('plain oots-edm:v1.2', 2), page('plain oots-edm:v1.2', 1), open('plain oots-edm:v1.2', 1);
UPDATE ootspg.preview_space SET takeover = false;
SELECT trail('plain oots-edm:v1.2');

-- Addresses to return to: https, nothing hidden in them, as the authority likes them
SELECT url, ootspg_internal.preview_return('civil', url, 'PUT') FROM unnest(ARRAY['https://portal.example.de', 'https://portal.example.de:8443/a?b#c', 'http://portal.example.de/', 'javascript:alert(1)', 'data:text/html,x',
	'//portal.example.de/', '/local', 'https://portal.example.de@evil.example/', 'https://portal.example.de\@evil.example/', 'https://a b/', 'https://', 'https://x.example/"><script>', E'https://x.example/\n', 'HTTPS://X.EXAMPLE/', '', NULL]) url;
SELECT ootspg_internal.preview_return('civil', 'https://x.example/' || repeat('x', 2048), 'GET') IS NULL AS "too long";
UPDATE ootspg.preview_space SET return_pattern = '^https://[a-z]+\.example\.de/';
SELECT ootspg_internal.preview_return('civil', url, NULL) FROM unnest(ARRAY['https://portal.example.de/x', 'https://portal.example.lv/x']) url;
UPDATE ootspg.preview_space SET return_pattern = DEFAULT;

-- A decision says of every piece whether it is used
SELECT use, refuse, r.* FROM (VALUES ('{1}', '{2}'), ('{1,2,3}', '{3}'), ('{1,1,2,3}', '{}'), ('{1,2,3,4}', '{}'), ('{}', '{}'), ('{1,2}', '{NULL}'), (NULL, NULL)) c(use, refuse),
	refusal(format('SELECT ootspg.preview_decide(link(%L), browser(), %L, %L)', 'plain oots-edm:v1.2', use, refuse)) r;

-- The second request first, then the decision; and the other way round: the same answer, of all and only what was accepted
SELECT line, first(line || ' held', award_request(line), CASE line WHEN 'oots-edm:v2.0' THEN test_header(line) END), open(line || ' held') FROM :lines ORDER BY line;
SELECT line, second(line || ' held', award_request(line, more_slots => second_slots(line || ' held', line)), CASE line WHEN 'oots-edm:v2.0' THEN test_header(line) END), late_answer(line || ' held') FROM :lines ORDER BY line;
SELECT line, decide(line || ' held', '{1,3}', '{2}'), late_answer(line || ' held'), late_answer(line || ' held') = '' AS "handed over once" FROM :lines ORDER BY line;
SELECT line, first(line || ' decided', award_request(line), CASE line WHEN 'oots-edm:v2.0' THEN test_header(line) END), open(line || ' decided'), decide(line || ' decided', '{1,3}', '{2}') FROM :lines ORDER BY line;
SELECT line, second(line || ' decided', award_request(line, more_slots => second_slots(line || ' decided', line)), CASE line WHEN 'oots-edm:v2.0' THEN test_header(line) END), page(line || ' decided') FROM :lines ORDER BY line;
SELECT name, trail(name), decisions(name) FROM asked_for WHERE name IN ('oots-edm:v2.0 held', 'oots-edm:v2.0 decided') ORDER BY name;
SELECT name, f.outcome, f.state, s.outcome, s.state, s.first_exchange_id = a.first AS known, s.answered_at IS NOT NULL AS answered FROM asked_for a JOIN ootspg.exchange f ON f.exchange_id = a.first
	JOIN ootspg.exchange s ON s.exchange_id = a.second WHERE name LIKE 'oots-edm:v2.0 %' ORDER BY name;
-- the digests of what was shown are those of what left, whatever the registry says meanwhile
SELECT first('changed', award_request()), open('changed');
CREATE TABLE seen AS SELECT d.content FROM generate_series(1, 3) p, generate_series(1, 2) q, ootspg.preview_part(link('changed'), browser(), p, q) d;
UPDATE registry.award SET body = 'another ' || number;
SELECT ootspg.deactivate('award');
SELECT second('changed', award_request(more_slots => second_slots('changed'))), decide('changed', '{1,2,3}', NULL);
SELECT count(*), count(s.content) AS seen, sum((e.sha256_as_held = sha256(l.content))::integer) AS recorded FROM asked_for a, ootspg.answer_of(a.second) l
	LEFT JOIN seen s ON s.content = l.content LEFT JOIN ootspg.evidence_event e ON e.content_id = l.content_id WHERE a.name = 'changed' AND l.part > 1;
UPDATE registry.award SET body = 'medal ' || number;
SET client_min_messages = warning;
SELECT ootspg.activate('award');
RESET client_min_messages;

-- Nothing accepted is an empty list, not an error; afterwards there is nothing to choose (D-PRE-20, D-PRE-08)
SELECT first('nothing', award_request()), open('nothing'), second('nothing', award_request(more_slots => second_slots('nothing'))), decide('nothing', '{}', '{3,2,1}'), late_answer('nothing'), decisions('nothing');
SELECT page('nothing'), decide('nothing', '{1,2,3}', '{}'), open('nothing'), open('nothing', 2), ootspg.preview_look(link('nothing'), browser())->'facts'->>'sent' AS sent, late_answer('nothing');
SELECT jsonb_pretty(ootspg.preview_look(link('nothing'), browser()) #- '{facts,deadline}' #- '{facts,reference}' #- '{facts,decided_at}');

-- Hopeless requests, and those that need no preview, are answered at once, without a session (D-PRE-02, -04, -05, D-TMO-04)
CREATE FUNCTION sessions() RETURNS bigint LANGUAGE sql AS $$SELECT count(*) FROM ootspg_internal.preview_session$$;
SELECT sessions() AS before \gset
SELECT what, first(what, request) FROM (VALUES
	('nobody', award_request(subject => test_person('Nezināms', 'Jānis', '1990-01-01', NULL, 'High'))),
	('two', award_request(subject => test_person('Kalniņš', 'Pēteris', '1992-03-03', NULL, 'High'))),
	('protected', award_request(subject => test_person('Slepens', 'Aivars', '1993-04-04', NULL, 'High'))),
	('no record', award_request(subject => test_person('Liepa', 'Ilze', '1994-05-05', NULL, 'High'))),
	('level', award_request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', NULL, 'Low'))),
	('unknown type', change(award_request(), 'b1c2d3e4-2222-4333-8444-777788889999', 'b1c2d3e4-2222-4333-8444-777788880000')),
	('format', change(award_request(), 'application/json', 'image/png')),
	('flag', award_request(preview => 'maybe')),
	('not needed', award_request(preview => 'false')),
	('system check', change(award_request(), '>R1<', '>00<'))) c(what, request) ORDER BY what;
SELECT first('late', award_request(), test_header('oots-edm:v2.0', sent => to_char(now() AT TIME ZONE 'UTC' - interval '6 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
SELECT sessions() - :before AS "new sessions";
-- exempt and offered types; a space that is closed for new ones
UPDATE ootspg.evidence_type SET preview = 'exempt' WHERE evidence_type = 'award';
SELECT first('exempt', award_request());
UPDATE ootspg.evidence_type SET preview = 'offered' WHERE evidence_type = 'award';
SELECT first('offered', award_request());
UPDATE ootspg.preview_space SET closed_until = now() + interval '1 hour';
SELECT first('closed', award_request()), first('closed, not needed', award_request(preview => 'false')), open('offered');
UPDATE ootspg.preview_space SET closed_from = now() + interval '30 min';
SELECT first('soon closed', award_request());
BEGIN;
DELETE FROM ootspg.preview_space;
SELECT first('no space', award_request()), first('no space, not needed', award_request(preview => 'false'));
ROLLBACK;
UPDATE ootspg.preview_space SET closed_from = NULL, closed_until = NULL;
UPDATE ootspg.evidence_type SET preview = 'required' WHERE evidence_type = 'award';

-- The second request: with what portals append, and blanks behind; unknown, foreign and used ones are refused alike and never repeat it (D-PRE-16, -18)
SELECT what, first(what, award_request()), second(what, award_request(more_slots => location_slot(before || link(what) || after) || return_slot('oots-edm:v2.0'))) FROM (VALUES
	('as issued', 'https://preview.example.lv/p/', ''), ('line end', 'https://preview.example.lv/p/', E'\n\t\t'), ('query', 'https://preview.example.lv/p/', '?returnurl=https%3A%2F%2Fportal.example.de&amp;returnmethod=GET'),
	('ampersand', 'https://preview.example.lv/p/', '&amp;returnurl=x'), ('fragment', 'https://preview.example.lv/p/', '#x'), ('another host', 'https://preview.example.org/', ''),
	('longer token', 'https://preview.example.lv/p/', 'A'), ('token glued', 'https://preview.example.lv/pA', '')) c(what, before, after) ORDER BY what;
SELECT second('as issued', award_request(more_slots => second_slots('as issued'))) AS "used before";
SELECT first('foreign', award_request());
SELECT what, second('foreign', request, header) FROM (VALUES
	('another requester', change(award_request(more_slots => second_slots('foreign')), 'DE-REQ-0001', 'DE-REQ-0002'), test_header('oots-edm:v2.0')),
	('another person', award_request(more_slots => second_slots('foreign'), subject => test_person('Ozoliņš', 'Janis', '1990-01-01', NULL, 'High')), test_header('oots-edm:v2.0')),
	('another type', request(more_slots => second_slots('foreign')), test_header('oots-edm:v2.0')),
	('another line', award_request('oots-edm:v1.2', more_slots => second_slots('foreign', 'oots-edm:v1.2')), test_header('oots-edm:v1.2')),
	('another ExchangeId', award_request(more_slots => second_slots('foreign')), test_header('oots-edm:v2.0', exchange => 'e0e0e0e0-1234-4abc-8def-00112233aabc'))) c(what, request, header) ORDER BY what;
SELECT second('foreign', award_request(preview => 'false', more_slots => second_slots('foreign'))) AS "whatever its flag says";
SELECT count(*) FROM ootspg.exchange_event e, asked_for a WHERE e.direction = 'out' AND e.event_type <> 'preview_offered' AND position(a.link IN convert_from(e.first_part, 'UTF8')) > 0;
SELECT x.reason, count(*) FROM ootspg.exchange x WHERE x.reason LIKE '%location%' GROUP BY 1 ORDER BY 1;

-- In 1.x the second request may have the id of the first, once; in 2.0 that is a replay (D-TMO-07)
SELECT line, first(line || ' same', award_request(line, id => '00000000-0000-4000-8000-0000000000f' || n), CASE line WHEN 'oots-edm:v2.0' THEN test_header(line) END),
	second(line || ' same', award_request(line, preview => 'false', id => '00000000-0000-4000-8000-0000000000F' || n, more_slots => second_slots(line || ' same', line)), CASE line WHEN 'oots-edm:v2.0' THEN test_header(line) END) AS second,
	second(line || ' same', award_request(line, preview => 'false', id => '00000000-0000-4000-8000-0000000000f' || n, more_slots => second_slots(line || ' same', line)), CASE line WHEN 'oots-edm:v2.0' THEN test_header(line) END) AS third
	FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.2', 'oots-edm:v2.0']) WITH ORDINALITY l(line, n) ORDER BY line;

-- Time: T2 from the link to the second request, T3 from that to the decision; what is late gets EDM:ERR:0005 without anything of the preview
SELECT first('T2', award_request()), open('T2'), later('T2', '17 min'), page('T2'), decide('T2', '{1,2,3}', NULL), second('T2', award_request(more_slots => second_slots('T2'))), page('T2'), decisions('T2');
SELECT found('name="([^"]*)"');
SELECT first('T2, decided', award_request()), open('T2, decided'), decide('T2, decided', '{1,2,3}', NULL), later('T2, decided', '17 min'), second('T2, decided', award_request(more_slots => second_slots('T2, decided')));
SELECT trail('T2, decided'), decisions('T2, decided');
SELECT first('T3', award_request()), second('T3', award_request(more_slots => second_slots('T3'))), open('T3'), later('T3', '41 min'), page('T3'), decide('T3', '{1,2,3}', NULL), late_answer('T3'), page('T3'), trail('T3'), decisions('T3');
SELECT first('sent long ago', award_request()), second('sent long ago', award_request(more_slots => second_slots('sent long ago')),
	test_header('oots-edm:v2.0', sent => to_char(now() AT TIME ZONE 'UTC' - interval '41 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
SELECT first('T1 is no limit', award_request()), second('T1 is no limit', award_request(more_slots => second_slots('T1 is no limit')),
	test_header('oots-edm:v2.0', sent => to_char(now() AT TIME ZONE 'UTC' - interval '10 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
UPDATE ootspg.evidence_type SET t2 = '0', t3 = '0' WHERE evidence_type = 'award';
SELECT first('no limits', award_request()), later('no limits', '1 hour'), second('no limits', award_request(more_slots => second_slots('no limits'))), open('no limits'), later('no limits', '1 hour'),
	ootspg.preview_look(link('no limits'), browser())->'facts'->'deadline' AS deadline, decide('no limits', '{2}', '{1,3}'), late_answer('no limits');
-- ... and yet nothing is kept without end: a day
SELECT first('no limits, never decided', award_request()), second('no limits, never decided', award_request(more_slots => second_slots('no limits, never decided'))), open('no limits, never decided'), later('no limits, never decided', '2 days'),
	ootspg.expire_previews(), late_answer('no limits, never decided'), page('no limits, never decided'), decisions('no limits, never decided');
SELECT count(*) FROM ootspg_internal.preview_session s JOIN asked_for a ON a.first = s.exchange_id WHERE a.name = 'no limits, never decided';
UPDATE ootspg.evidence_type SET t2 = DEFAULT, t3 = DEFAULT WHERE evidence_type = 'award';
-- one that cannot be ended keeps no other from its end, and is not kept for it
SELECT first('spoilt', award_request('oots-edm:v1.2'), NULL), second('spoilt', award_request('oots-edm:v1.2', more_slots => second_slots('spoilt', 'oots-edm:v1.2')), NULL), first('unspoilt', award_request()), later('spoilt', '41 min'), later('unspoilt', '17 min');
UPDATE ootspg_internal.preview_session s SET public_key = '\x00' FROM asked_for a WHERE a.first = s.exchange_id AND a.name = 'spoilt';
SELECT ootspg.expire_previews();
SELECT name, state FROM ootspg_internal.preview_session s JOIN asked_for a ON a.first = s.exchange_id WHERE name ~ 'spoilt' ORDER BY name;
SELECT later('spoilt', '2 hours');
SET client_min_messages = error;
SELECT ootspg.expire_previews();
RESET client_min_messages;
SELECT name, state FROM ootspg_internal.preview_session s JOIN asked_for a ON a.first = s.exchange_id WHERE name ~ 'spoilt' ORDER BY name;
-- the sweep: once, with what is kept erased; then nothing is left at all
SELECT first('swept', award_request()), open('swept'), second('swept', award_request(more_slots => second_slots('swept'))), first('swept, no second', award_request()), later('swept', '41 min'), later('swept, no second', '17 min');
SELECT ootspg.expire_previews(), ootspg.expire_previews();
SELECT name, trail(name), decisions(name), late_answer(name), page(name) FROM asked_for WHERE name LIKE 'swept%' ORDER BY name;
SELECT s.state, array_agg(DISTINCT c.kind) FROM ootspg_internal.preview_session s LEFT JOIN ootspg_internal.preview_content c USING (session_id) GROUP BY s.state ORDER BY s.state;
UPDATE ootspg_internal.preview_session SET ends_at = ends_at - interval '2 days', forget_at = forget_at - interval '2 days';
SELECT ootspg.expire_previews() > 0 AS over;
UPDATE ootspg_internal.late_answer SET forget_at = forget_at - interval '2 days';
SELECT ootspg.expire_previews();
SELECT sessions(), (SELECT count(*) FROM ootspg_internal.preview_content) AS contents, (SELECT count(*) FROM ootspg_internal.late_answer) AS answers, page('swept');
SELECT second('swept', award_request(more_slots => second_slots('swept'))) AS "forgotten";

-- Who tries too often is locked out for a while, and it is told
SELECT count(*) FILTER (WHERE r->>'locked_until' IS NULL) AS tries, bool_or((r->>'locked_until')::timestamptz > now() + interval '14 min') AS locked
	FROM (SELECT ootspg.preview_refused('192.0.2.1', 'link') AS r FROM generate_series(1, 25)) t;
SELECT ootspg.preview_refused('192.0.2.2', 'link'), ootspg.preview_refused('192.0.2.1', 'sign-in');
SELECT count(*), min(facts->>'tries'), min(detail), bool_and(position('192.0' IN facts::text) = 0) FROM ootspg.exchange_event WHERE event_type = 'preview_source_locked';
-- ... with all addresses of a network of IPv6 as one, and as long as it was told; addresses of IPv4 and other names stay apart
SELECT what, count(*) FILTER (WHERE r->>'locked_until' IS NULL) AS tries
  FROM (SELECT what, ootspg.preview_refused(format(source, n), 'link') AS r FROM (VALUES ('network', '2001:db8:1:2:%s::1'), ('networks', '2001:db8:1:%s::1'),
	('IPv4', '::ffff:192.0.3.%s'), ('translated', '64:ff9b::c000:3%s'), ('named', 'client %s')) c(what, source), generate_series(48, 72) n) t GROUP BY 1 ORDER BY 1;
UPDATE ootspg_internal.preview_source SET began_at = began_at - interval '20 min';
SELECT ootspg.preview_refused('192.0.2.3', 'link');
SELECT count(*) AS locked FROM ootspg_internal.preview_source WHERE locked_until > now();
SELECT ootspg.preview_refused('2001:db8:1:2::9', 'link')->>'locked_until' IS NOT NULL AS locked;
SELECT what, r.* FROM (VALUES ('kind', $$'x', 'y'$$), ('source', $$NULL, 'link'$$)) c(what, arguments), refusal(format('SELECT ootspg.preview_refused(%s)', arguments)) r;

-- The role of a space: these functions, and of its provider only
CREATE ROLE regress_ootspg_space LOGIN;
SELECT ootspg.grant_duty('regress_ootspg_space', 'preview', 'civil');
SELECT first('role', award_request()), link('role') AS link \gset
SET SESSION AUTHORIZATION regress_ootspg_space;
SELECT ootspg.preview_look(:'link', NULL)->>'page', ootspg.preview_open(:'link', repeat('b', 43))->>'page', ootspg.preview_space_settings()->>'space';
SELECT ootspg.preview_decide(:'link', repeat('b', 43), '{1}', '{2,3}')->>'page';
SELECT count(*) FROM ootspg.preview_space;
SELECT count(*) FROM ootspg_internal.preview_session;
SELECT ootspg_internal.preview_unseal(:'link', 1, 'document', 1, '\x00');
SELECT * FROM ootspg.answer_of(1);
RESET SESSION AUTHORIZATION;
SELECT ootspg.revoke_duty('regress_ootspg_space', 'preview', 'civil');
INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment) VALUES ('road', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000009', '{"EN": "Road Register"}', 'LV', 'road.example.lv', 'test');
SELECT ootspg.grant_duty('regress_ootspg_space', 'preview', 'road');
SET SESSION AUTHORIZATION regress_ootspg_space;
SELECT ootspg.preview_look(:'link', repeat('b', 43));
SELECT ootspg.preview_space_settings();
RESET SESSION AUTHORIZATION;
DROP OWNED BY regress_ootspg_space;
DROP ROLE regress_ootspg_space;

-- What is kept opens with its link only, in its place only, and unchanged only
SELECT first('kept', award_request());
SELECT c.kind, count(*), bool_and(position(convert_to('Ozoli', 'UTF8') IN c.sealed) = 0 AND position(convert_to('medal', 'UTF8') IN c.sealed) = 0) AS unreadable
	FROM ootspg_internal.preview_content c JOIN ootspg_internal.preview_session s USING (session_id) JOIN asked_for a ON a.first = s.exchange_id WHERE a.name = 'kept' GROUP BY 1 ORDER BY 1;
SELECT what, r.state, r.message FROM asked_for a JOIN ootspg_internal.preview_session s ON s.exchange_id = a.first JOIN ootspg_internal.preview_content c ON c.session_id = s.session_id AND c.kind = 'document' AND c.number = 1,
	LATERAL (VALUES ('right', a.link, s.session_id, 'document', 1, c.sealed), ('another link', repeat('B', 42) || 'A', s.session_id, 'document', 1, c.sealed), ('another session', a.link, s.session_id + 1, 'document', 1, c.sealed),
		('another kind', a.link, s.session_id, 'facts', 1, c.sealed), ('another number', a.link, s.session_id, 'document', 2, c.sealed), ('changed', a.link, s.session_id, 'document', 1, set_byte(c.sealed, 40, get_byte(c.sealed, 40) # 1)),
		('tag', a.link, s.session_id, 'document', 1, set_byte(c.sealed, length(c.sealed) - 1, get_byte(c.sealed, length(c.sealed) - 1) # 1)), ('version', a.link, s.session_id, 'document', 1, set_byte(c.sealed, 0, 2)),
		('short', a.link, s.session_id, 'document', 1, substr(c.sealed, 1, 48)), ('empty', a.link, s.session_id, 'document', 1, ''::bytea), ('no key', a.link, s.session_id, 'document', 1, '\x01'::bytea || decode(repeat('00', 60), 'hex'))) t(what, link, session, kind, number, sealed),
	refusal(format('SELECT ootspg_internal.preview_unseal(%L, %s, %L, %s, %L)', t.link, session, t.kind, t.number, t.sealed)) r WHERE a.name = 'kept';
UPDATE ootspg_internal.preview_piece q SET sha256 = sha256('') FROM asked_for a JOIN ootspg_internal.preview_session s ON s.exchange_id = a.first WHERE a.name = 'kept' AND q.session_id = s.session_id;
SELECT open('kept'), second('kept', award_request(more_slots => second_slots('kept')));
SELECT * FROM refusal($$SELECT decide('kept', '{1,2,3}', NULL)$$);
SELECT page('kept'), decide('kept', NULL, '{1,2,3}'), late_answer('kept');

-- All that left breaks no rule
SELECT DISTINCT x.line, x.outcome, c.rule_id, c.severity FROM ootspg.exchange_event e JOIN ootspg.exchange x USING (exchange_id), ootspg.check_message(e.first_part, e.header) c
	WHERE e.direction = 'out' AND c.severity IN ('fatal', 'warning') ORDER BY 1, 2, 3;
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
