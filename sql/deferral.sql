--
-- Deferral: evidence that exists and is not there yet is promised, found by a later request,
-- and never taken for "no record", for maintenance, or told to who is not identified.
--
\set ECHO none
\set own regress_ootspg_deferral
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/ask.sql'
\i :fixture
\set ECHO all
\pset tuples_only on

-- Diplomas on paper: who asks makes somebody scan them
CREATE TABLE registry.diploma (code text, number text, issued date, scan bytea, scanned_at timestamptz, language text DEFAULT 'LV', key text);
INSERT INTO registry.diploma VALUES
	('010190-10001', 'A-1', '2010-06-01', pdf_of('A-1'), NULL),
	('010190-10001', 'A-2', NULL, NULL, '2999-01-02 10:00:00.001+02'),
	('010190-10001', 'A-3', '2012-06-01', NULL, '2999-01-01 10:00+02'),
	('020291-10002', 'B-1', '2010-06-01', NULL, '2999-01-02 10:00+02'),
	('040493-10005', 'C-1', '2010-06-01', NULL, '2999-01-02 10:00+02');
CREATE VIEW registry.diplomas AS
	SELECT code AS person_id, issued AS issuing_date, number AS title, language, key AS evidence_key, scanned_at AS available_at, number AS piece_order, scan FROM registry.diploma;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
VALUES ('diploma', 'civil', 'b1c2d3e4-2222-4333-8444-000000000002', '{"EN": "Diploma"}', 'registry.people', '{R1}', 'Substantial', 'exempt');
INSERT INTO ootspg.evidence_type_line SELECT 'diploma', line, classification FROM ootspg.evidence_type_line;
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) VALUES ('diploma', 'pdf', 'application/pdf', 'registry.diplomas', 'scan');
SET client_min_messages = warning;
SELECT ootspg.activate('diploma');
RESET client_min_messages;
\set diploma 'service => ''b1c2d3e4-2222-4333-8444-000000000002'''
\set anna 'subject => test_person(''Bērziņa'', ''Anna Marija'', ''1991-02-02'', ''DE/LV/A1B2C3D4F'', ''High'')'

-- On every line: what is there goes along, and the latest moment of all is told, in whole seconds
SELECT line, a.outcome, a.code, a.reason, a.evidence, found_after(a.outcome, 'status="[^"]*:([A-Za-z]*)"') AS status,
	   found_after(a.outcome, 'name="ResponseAvailableDateTime"><rim:SlotValue xsi:type="rim:DateTimeValueType"><rim:Value>([^<]*)') AS available, found_after(a.outcome, '(<rim:RegistryObjectList)') IS NOT NULL AS list
  FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line, :diploma), test_header(line)) a ORDER BY 1;
SELECT line, a.outcome, a.evidence, found_after(a.outcome, '(<rim:RegistryObjectList>.*</rim:RegistryObjectList>)') AS list,
	   found_after(a.outcome, 'name="ResponseAvailableDateTime"><rim:SlotValue xsi:type="rim:DateTimeValueType"><rim:Value>([^<]*)') AS available
  FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line, :anna, :diploma), test_header(line)) a ORDER BY 1;
SELECT count(*) AS answers, (SELECT count(*) FROM ootspg.exchange_event, ootspg.check_message(first_part) WHERE direction = 'out') AS violations
  FROM ootspg.exchange_event WHERE direction = 'out';
SELECT e.event_type, e.facts, e.detail FROM ootspg.exchange_event e WHERE direction = 'out' ORDER BY event_id DESC LIMIT 1;
SELECT event_type, count(*) FROM ootspg.exchange_event GROUP BY 1 ORDER BY 1;
SELECT count(*) AS pieces_recorded FROM ootspg.evidence_event;
SELECT deferred, evidence, state FROM ootspg.evidence_type_status WHERE evidence_type = 'diploma';

-- Only who is identified and entitled is told that there is something to wait for (D-TMO-09)
SELECT what, a.* FROM (VALUES
	('unknown', test_person('Nezināms', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High')),
	('protected', test_person('Slepens', 'Aivars', '1993-04-04', 'DE/LV/A1B2C3D4E', 'High')),
	('level too low', test_person('Bērziņa', 'Anna Marija', '1991-02-02', 'DE/LV/A1B2C3D4E', 'Low')),
	('known, without record', test_person('Liepa', 'Ilze', '1994-05-05', 'DE/LV/A1B2C3D4G', 'High'))) c(what, subject), ask(request(subject => subject, :diploma)) a;
-- ... and not who comes too late: the time limit goes before (D-TMO-04)
SELECT a.* FROM ask(request(:anna, :diploma), test_header('oots-edm:v2.0', sent => to_char(now() AT TIME ZONE 'UTC' - interval '6 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))) a;
-- ... nor is a sample waited for
UPDATE ootspg.distribution SET sample_source = 'registry.diplomas' WHERE evidence_type = 'diploma';
SELECT a.* FROM ask(request(:diploma, procedure_code => '00')) a;

-- Promises: one each, newer ones instead of older ones; nothing in them names anybody
SELECT exchange_id, evidence_type, state, requester_identifier, ended_by, available_at AT TIME ZONE 'UTC' AS available FROM ootspg.promise ORDER BY 1;
SELECT count(*) AS by_its_keys FROM ootspg.promise WHERE state = 'open' AND subject_key = ANY (ootspg.subject_keys(ootspg.natural_person('Bērziņa', 'Anna Marija', '1991-02-02')));
SELECT count(*) AS overdue FROM ootspg.overdue_promise;

-- The day passes, and nothing is there: no "no record", but a failure that comes to light, and an overdue promise
UPDATE registry.diploma SET scanned_at = now() - interval '1 day' WHERE number = 'B-1';
UPDATE ootspg.promise SET available_at = now() - interval '1 day' WHERE state = 'open';
SELECT evidence_type, asked_in_vain FROM ootspg.overdue_promise ORDER BY exchange_id;
SELECT a.* FROM ask(request(:anna, :diploma)) a;
SELECT evidence_type, asked_in_vain FROM ootspg.overdue_promise ORDER BY exchange_id;
SELECT evidence_type, state, reason, since = (SELECT min(available_at) FROM ootspg.overdue_promise) AS since FROM ootspg.status WHERE evidence_type = 'diploma' ORDER BY state;
SELECT * FROM ootspg.rehearse('diploma') WHERE fault IS NOT NULL ORDER BY 2;

-- A later request finds it, whatever its spelling: by the identifier
UPDATE registry.diploma SET scan = pdf_of('B-1') WHERE number = 'B-1';
SELECT a.* FROM ask(request(subject => test_person('Berzina', 'Anna Marija', '1991-02-02', 'DE/LV/A1B2C3D4F', 'High'), :diploma)) a;
SELECT p.state, p.ended_by = x.last AS ended_by_it, e.facts->'promised_in_exchange' = to_jsonb(p.exchange_id) AS audited
  FROM ootspg.promise p, (SELECT max(exchange_id) AS last FROM ootspg.exchange) x, ootspg.exchange_event e WHERE p.state = 'kept' AND e.exchange_id = x.last AND e.direction = 'out';
-- Another requester's request finds nothing of it
SELECT a.outcome FROM ask(change(request(:diploma), 'DE-REQ-0001', 'DE-REQ-0002')) a;
SELECT requester_identifier, state, count(*) FROM ootspg.promise GROUP BY 1, 2 ORDER BY 1, 2;
-- What an operator knows better
SELECT ootspg.settle_promise(max(exchange_id), 'scanned; nobody came') FROM ootspg.promise WHERE state = 'open' AND requester_identifier = 'DE-REQ-0001';
SELECT event_type, provider, detail FROM ootspg.exchange_event WHERE event_type = 'promise_settled';
SELECT ootspg.settle_promise(max(exchange_id), 'again') FROM ootspg.promise WHERE state = 'settled';
SELECT state FROM ootspg.status WHERE evidence_type = 'diploma' ORDER BY 1;

-- evidence() gives what is there, and rows without content for what is not; reading by key as well
SELECT piece, title, issuing_date, evidence_id IS NOT NULL AS id, length(content), sha256 IS NOT NULL AS digest, available_at AT TIME ZONE 'UTC' AS available
  FROM ootspg.evidence('diploma', ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01'));
SELECT person_id, piece, title, content IS NULL AS awaited FROM ootspg.evidence('diploma', ARRAY['010190-10001', '020291-10002']) ORDER BY 1, 2;
SELECT facts->'pieces' AS pieces FROM ootspg.exchange_event WHERE event_type = 'evidence_handed_out' ORDER BY event_id;

-- A translation that is to come is no better than the original that is there; alone it is waited for
INSERT INTO registry.diploma VALUES
	('050594-10006', 'D-1', '2010-06-01', pdf_of('D-1'), NULL, 'LV', 'D'),
	('050594-10006', 'D-1', '2010-06-01', NULL, '2999-01-01 10:00+02', 'EN', 'D');
\set ilze 'subject => test_person(''Liepa'', ''Ilze'', ''1994-05-05'', ''DE/LV/A1B2C3D4G'', ''High'')'
\set english 'wanted => wanted(''application/pdf'', ''<sdg:Language>EN</sdg:Language>'')'
SELECT a.outcome, a.evidence, found_after(a.outcome, '<sdg:Language>([^<]*)') AS language FROM ask(request(:ilze, :diploma, :english)) a;
UPDATE registry.diploma SET scan = NULL WHERE number = 'D-1' AND language = 'LV';
SELECT a.outcome FROM ask(request(:ilze, :diploma, :english)) a;

-- With a preview: what is there is looked at first, and what is not is told of there; with nothing to look at there is no preview (D-PRE-04)
INSERT INTO ootspg.preview_space (provider, base_url) VALUES ('civil', 'https://preview.example.lv/p/');
UPDATE ootspg.evidence_type SET preview = 'required' WHERE evidence_type = 'diploma';
UPDATE registry.diploma SET scan = NULL, scanned_at = '2999-01-02 10:00+02' WHERE number = 'B-1';
SELECT line, a.outcome, a.code, a.evidence, (SELECT count(*) FROM ootspg_internal.preview_session) AS previews
  FROM unnest(ARRAY['oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line, :anna, :diploma, preview => 'true'), test_header(line)) a;
SELECT a.outcome, a.code, a.evidence FROM ask(request('oots-edm:v1.2', :diploma, preview => 'true'), test_header('oots-edm:v1.2')) a;
SELECT substring(f FROM '[^/]*$') AS link FROM found('PreviewLocation"><rim:SlotValue xsi:type="rim:StringValueType"><rim:Value>([^<]*)') f \gset
\set browser abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ
SELECT ootspg.preview_open(:'link', :'browser')->>'page' AS page;
SELECT p->>'piece' AS piece, p->>'title' AS title, p->>'available_at' AS available, jsonb_array_length(p->'parts') AS parts
  FROM jsonb_array_elements(ootspg.preview_look(:'link', :'browser')->'pieces') p;
SELECT count(*) AS documents FROM ootspg.preview_part(:'link', :'browser', 2, 1);
-- nothing can be decided on what is not there, and nothing has to be
SELECT ootspg.preview_decide(:'link', :'browser', '{1,2}', '{3}');
SELECT ootspg.preview_decide(:'link', :'browser', '{1}', '{}')->>'page' AS page;
SELECT count(*) AS kept FROM ootspg_internal.preview_content WHERE kind = 'awaited';
SELECT a.outcome, a.evidence FROM ask(request('oots-edm:v1.2', :diploma, more_slots => test_slot('PreviewLocation', 'StringValueType', '<rim:Value>https://preview.example.lv/p/' || :'link' || '</rim:Value>')),
	test_header('oots-edm:v1.2')) a;
-- Evidence behind a link keeps the promise
UPDATE registry.diploma SET scan = pdf_of('') WHERE number = 'B-1';
SELECT state, count(*) FROM ootspg.promise WHERE state IN ('open', 'kept') GROUP BY 1 ORDER BY 1;
SELECT a.outcome FROM ask(request('oots-edm:v1.2', :anna, :diploma, preview => 'true'), test_header('oots-edm:v1.2')) a;
SELECT state, count(*) FROM ootspg.promise WHERE state IN ('open', 'kept') GROUP BY 1 ORDER BY 1;
UPDATE ootspg.evidence_type SET preview = 'exempt' WHERE evidence_type = 'diploma';

-- Evidence goes with its human-readable version, or neither does
CREATE OR REPLACE VIEW registry.diplomas AS
	SELECT code AS person_id, issued AS issuing_date, number AS title, language, key AS evidence_key, scanned_at AS available_at, number AS piece_order, scan,
		   jsonb_build_object('number', number) AS entry FROM registry.diploma;
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, readable) VALUES ('diploma', 'json', 'application/json', 'registry.diplomas', 'entry', 'pdf');
SELECT line, a.outcome, a.evidence FROM unnest(ARRAY['oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line, wanted => wanted('application/json'), :diploma)) a;

-- What no answer can say is the view's fault
CREATE FUNCTION promise(moment timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	UPDATE registry.diploma SET scan = NULL, scanned_at = moment WHERE number = 'B-1';
	RETURN (SELECT concat_ws(' ', a.outcome, a.code, a.reason) FROM ask(request(subject => test_person('Bērziņa', 'Anna Marija', '1991-02-02', NULL, 'High'),
		service => 'b1c2d3e4-2222-4333-8444-000000000002')) a) || coalesce(' ' || (SELECT string_agg(f, ' ') FROM found('name="ResponseAvailableDateTime"><rim:SlotValue xsi:type="rim:DateTimeValueType"><rim:Value>([^<]*)') f), '');
END $$;
SELECT m, promise(m::timestamptz) FROM unnest(ARRAY['infinity', '-infinity', '10000-01-01 00:00Z', '9999-12-31 23:59:59.5Z', '9999-12-31 23:59:58.5Z', '1970-01-01 00:00Z']) m;
SELECT promise(clock_timestamp() + interval '1 hour') ~ '^deferred evidence is not there yet \S+\.000Z$' AS soon;

-- ... also when it changes under us, for a day says nothing of the hour; and no other view is taken
\set VERBOSITY terse
DELETE FROM ootspg.distribution WHERE evidence_type = 'diploma' AND distribution = 'json';
CREATE VIEW registry.days AS SELECT code AS person_id, issued AS issuing_date, DATE '2999-01-01' AS available_at, scan FROM registry.diploma;
UPDATE ootspg.distribution SET source = 'registry.days' WHERE evidence_type = 'diploma';
SET client_min_messages = error;
DROP VIEW registry.diplomas;
CREATE VIEW registry.diplomas AS SELECT * FROM registry.days;
RESET client_min_messages;
SELECT a.* FROM ask(request(:anna, :diploma)) a;

-- A registry that is closed promises nothing (D-TMO-09)
CREATE FUNCTION registry.closed() RETURNS timestamptz LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION USING ERRCODE = '57P03'; END$$;
SET client_min_messages = error;
DROP VIEW registry.diplomas;
CREATE VIEW registry.diplomas AS SELECT code AS person_id, issued AS issuing_date, registry.closed() AS available_at, NULL::bytea AS scan FROM registry.diploma;
RESET client_min_messages;
SELECT a.* FROM ask(request(:anna, :diploma)) a;

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
