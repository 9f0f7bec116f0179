--
-- The audit: what is written for each kind of exchange, what never is, who can change it
-- (nobody), how it is searched and when it goes.
--
\set ECHO none
\set own regress_ootspg_audit
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

SELECT ootspg.maintain() IS NOT NULL AS prepared;
-- Each kind of exchange leaves its events, each once, in the order they happened
CREATE VIEW registry.failing AS SELECT person_id, issuing_date, (pdf::text || 1 / (length(person_id) - 12))::bytea AS pdf FROM registry.birth_evidence;
CREATE FUNCTION registry.unreachable() RETURNS bytea LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no route to 010190-10001' USING ERRCODE = '08006'; END $$;
CREATE VIEW registry.away AS SELECT person_id, issuing_date, registry.unreachable() AS pdf FROM registry.birth_evidence;
CREATE FUNCTION registry.telling() RETURNS bytea LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'secret of 010190-10001' USING DETAIL = 'secret', HINT = 'secret', ERRCODE = 'P0001'; END $$;
CREATE VIEW registry.leaking AS SELECT person_id, issuing_date, registry.telling() AS pdf FROM registry.birth_evidence;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
SELECT name, 'civil', service::uuid, '{"EN": "Failing"}', 'registry.people', '{R1}', 'Low', 'exempt' FROM (VALUES
	('failing', 'b1c2d3e4-2222-4333-8444-000000000001'), ('away', 'b1c2d3e4-2222-4333-8444-000000000002'), ('leaking', 'b1c2d3e4-2222-4333-8444-000000000003')) v(name, service);
INSERT INTO ootspg.evidence_type_line SELECT t.evidence_type, line, classification FROM ootspg.evidence_type_line l, ootspg.evidence_type t WHERE l.evidence_type = 'birth' AND t.evidence_type <> 'birth';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document)
SELECT evidence_type, 'pdf', 'application/pdf', 'registry.' || evidence_type, 'pdf' FROM ootspg.evidence_type WHERE evidence_type <> 'birth';
SELECT count(ootspg.activate(evidence_type)) FROM ootspg.evidence_type;

CREATE TABLE scenario (name text PRIMARY KEY, number integer GENERATED ALWAYS AS IDENTITY, exchange_id bigint, body bytea, header bytea);
CREATE PROCEDURE play(name text, body bytea, header bytea DEFAULT NULL) LANGUAGE sql AS $$
	INSERT INTO scenario (name, exchange_id, body, header) SELECT name, min(exchange_id), body, header FROM ootspg.answer(body, header)
$$;
CALL play('evidence', request('oots-edm:v2.0'), test_header('oots-edm:v2.0'));
CALL play('two pieces', request('oots-edm:v1.2', wanted => wanted('application/xml')));
CALL play('system check', request(procedure_code => '00'));
CALL play('no record', request(subject => test_person('Liepa', 'Ilze', '1994-05-05', NULL, 'High')));
CALL play('no person', request(subject => test_person('Nezināms', 'Jānis', '1990-01-01', NULL, 'High')));
CALL play('protected', request(subject => test_person('Slepens', 'Aivars', '1993-04-04', NULL, 'High')));
CALL play('broken rule', change(request(), 'DocumentQuery', 'Documents'));
CALL play('unknown type', request(service => '00000000-2222-4333-8444-555566667777'));
CALL play('preview', request(preview => 'true'));
CALL play('first use', request(id => 'aaaaaaaa-0000-4000-8000-000000000001'));
CALL play('replay', request(id => 'aaaaaaaa-0000-4000-8000-000000000001'));
CALL play('late', request(), test_header('oots-edm:v2.0', sent => '2020-01-01T00:00:00Z'));
CALL play('register fails', request(service => 'b1c2d3e4-2222-4333-8444-000000000001'));
CALL play('register away', request(service => 'b1c2d3e4-2222-4333-8444-000000000002'));
CALL play('register tells', request(service => 'b1c2d3e4-2222-4333-8444-000000000003'));
CALL play('conversation', request(), test_header('oots-edm:v2.0', 'abc'));
CALL play('broken XML', '<query:QueryRequest');
CALL play('not UTF-8', '\x3c612f3eff');
CALL play('a document type', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>');
CALL play('not XML', '\x0001ff');
CALL play('nothing', '');
CALL play('another root', '<a/>');
CALL play('broken header', request(), '<eb');
SELECT s.name, x.outcome, x.error_code, x.reason, (SELECT string_agg(event_type, ' ' ORDER BY event_id) FROM ootspg.exchange_event e WHERE e.exchange_id = s.exchange_id) AS events,
	   (SELECT count(*) FROM ootspg.evidence_event v WHERE v.exchange_id = s.exchange_id) AS pieces
  FROM scenario s JOIN ootspg.exchange x USING (exchange_id) ORDER BY s.number;

-- What came is kept byte for byte, whatever it was; what left as well (D-LOG-02, -03)
SELECT count(*) AS received, bool_and(e.first_part = s.body AND e.first_part_sha256 = sha256(s.body) AND e.header IS NOT DISTINCT FROM s.header) AS exact
  FROM scenario s JOIN ootspg.exchange_event e USING (exchange_id) WHERE e.direction = 'in';
CREATE TEMP TABLE handed AS SELECT * FROM ootspg.answer(request(wanted => wanted('application/xml', '<sdg:AssociatedDocumentRequest>HumanReadableVersion</sdg:AssociatedDocumentRequest>')), test_header('oots-edm:v2.0'));
SELECT part, h.media_type, e.first_part = h.content AS message, v.sha256_as_held = sha256(h.content) AS digest, v.size_bytes = length(h.content) AS size, v.content_id = h.content_id AS content_id,
	   position('cid:' || h.content_id in convert_from(e.first_part, 'UTF8')) > 0 AS referred_to, position(v.evidence_id::text in convert_from(e.first_part, 'UTF8')) > 0 AS identified, v.role, v.decision
  FROM handed h LEFT JOIN ootspg.exchange_event e ON e.exchange_id = h.exchange_id AND e.direction = 'out' LEFT JOIN ootspg.evidence_event v ON v.exchange_id = h.exchange_id AND v.content_id = h.content_id ORDER BY part;
SELECT x.answer_header = e.header AS header FROM handed h JOIN ootspg.exchange x USING (exchange_id) JOIN ootspg.exchange_event e USING (exchange_id) WHERE part = 1 AND e.direction = 'out';
-- what could not be read is NULL
SELECT s.name, num_nonnulls(x.data_service, x.evidence_type, x.procedure_code, x.request_id, x.requester_scheme, x.requester_identifier, x.requester_country, x.subject_kind, x.subject_key, x.subject_identifier_key) AS known, e.facts, e.detail
  FROM scenario s JOIN ootspg.exchange x USING (exchange_id) JOIN ootspg.exchange_event e USING (exchange_id) WHERE e.direction = 'in' AND s.name IN ('broken XML', 'not UTF-8', 'a document type', 'not XML', 'nothing', 'another root') ORDER BY s.number;

-- Every element of art. 13(1) can be asked for (D-LOG-04)
SELECT x.line, x.evidence_type, x.data_service, x.procedure_code, x.requester_scheme, x.requester_identifier, x.requester_country, x.provider, x.environment, x.subject_kind,
	   x.subject_key = ootspg.subject_key(ootspg.natural_person('OZOLIŅŠ', 'jānis', '1990-01-01')) AS by_person, x.subject_identifier_key = ootspg.identifier_key('de/lv/a1b2c3d4e') AS by_identifier,
	   x.request_id LIKE 'urn:uuid:%' AS request_id, x.conversation_id, x.wire_exchange_id, x.message_id
  FROM scenario s JOIN ootspg.exchange x USING (exchange_id) WHERE s.name = 'evidence';
SELECT jsonb_pretty(facts) FROM scenario s JOIN ootspg.exchange_event e USING (exchange_id) WHERE s.name = 'evidence' AND e.direction = 'in';
-- The match can be explained without a value of anybody (D-IDM-26), and why no decision of the user follows (D-LOG-08)
SELECT s.name, e.event_type, e.detail, e.facts FROM scenario s JOIN ootspg.exchange_event e USING (exchange_id) WHERE e.event_type IN ('match', 'preview_not_required') ORDER BY e.event_id LIMIT 12;
-- Every error says its type, code, severity and reason, sent or not (D-LOG-09)
SELECT s.name, e.event_type, e.exception_code, e.exception_type, e.severity, e.detail FROM scenario s JOIN ootspg.exchange_event e USING (exchange_id)
 WHERE e.event_type IN ('error_built', 'no_answer') ORDER BY s.number;

-- Nothing of the evidence and nothing that a register's error tells is in any column of the extension (D-LOG-05)
CREATE FUNCTION holding(canary text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	c record;
	found boolean;
BEGIN
	FOR c IN SELECT a.attrelid::regclass AS relation, quote_ident(a.attname) AS name, a.atttypid = 'bytea'::regtype AS bytes
			   FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
			  WHERE r.relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) AND r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum LOOP
		EXECUTE format(CASE WHEN c.bytes THEN 'SELECT EXISTS (SELECT FROM %s WHERE position(convert_to($1, ''UTF8'') in %s) > 0)' ELSE 'SELECT EXISTS (SELECT FROM %s WHERE position($1 in %s::text) > 0)' END, c.relation, c.name) INTO found USING canary;
		IF found AND c.relation::text !~ '_y\d{4}m\d\d$' THEN
			RETURN NEXT c.relation || '.' || c.name;
		END IF;
	END LOOP;
END $$;
SELECT canary, array(SELECT holding(canary)) FROM unnest(ARRAY['R-10001', 'Māte', 'birth entry', 'Rīga', '010190-10001', 'secret', 'no route']) canary;
-- names are in what was asked and repeated, nowhere else: the search keeps digests
SELECT array(SELECT holding('Ozoliņš'));

-- Two different persons never share a key; one person does, however the case is written (D-LOG-22)
SELECT count(*) AS persons, count(DISTINCT ootspg.subject_key(p)) AS keys FROM unnest(ARRAY[
	ootspg.natural_person('a|b', 'c', '2000-01-01'), ootspg.natural_person('a', 'b|c', '2000-01-01'), ootspg.natural_person('a;1:b', 'c', '2000-01-01'), ootspg.natural_person('a', '1:b;c', '2000-01-01'),
	ootspg.natural_person('a', 'b', '2000-01-01'), ootspg.natural_person('ab', 'c', '2000-01-01'), ootspg.natural_person('b', 'a', '2000-01-01'), ootspg.natural_person('a;', 'b', '2000-01-01'),
	ootspg.natural_person('1:a;1:b', 'c', '2000-01-01'), ootspg.natural_person(E'a\n', 'b', '2000-01-01'), ootspg.natural_person('ā', 'b', '2000-01-01'), ootspg.natural_person('a', 'b', '2000-01-02'),
	ootspg.legal_person('a', 'b'), ootspg.legal_person('a;1:b', 'b')]) p;
SELECT ootspg.subject_key(ootspg.natural_person('ĀBOLS', 'Éva', '2000-01-01')) = ootspg.subject_key(ootspg.natural_person(U&'a\0304bols', U&'e\0301va', '2000-01-01')) AS one_person,
	   ootspg.subject_key(ootspg.legal_person('LV/DE/1', 'Old name')) = ootspg.subject_key(ootspg.legal_person('lv/de/1', 'New name')) AS one_company,
	   ootspg.identifier_key('LV/DE/1') = ootspg.subject_key(ootspg.legal_person('LV/DE/1', 'Old name')) AS identifier_is_subject;
-- asked for in one spelling, confirmed in the same, held in another: both messages are kept as they were (D-LOG-23)
CALL play('spelling', request(subject => test_person('OZOLINS', 'Janis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High')));
SELECT e.direction, position('OZOLINS' in convert_from(e.first_part, 'UTF8')) > 0 AS as_asked FROM scenario s JOIN ootspg.exchange_event e USING (exchange_id) WHERE s.name = 'spelling' AND direction IS NOT NULL ORDER BY event_id;

-- Answer, message and audit are one transaction: rolled back, nothing happened, and the id is unused
SELECT count(*) AS before FROM ootspg.exchange_event \gset
BEGIN;
SELECT outcome FROM ask(request(id => 'cccccccc-0000-4000-8000-000000000001'));
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT outcome FROM ask(request(id => 'cccccccc-0000-4000-8000-000000000001'));
ROLLBACK TO s;
COMMIT;
SELECT count(*) - :before AS more FROM ootspg.exchange_event;
SELECT outcome FROM ask(request(id => 'cccccccc-0000-4000-8000-000000000001'));
-- if the audit cannot be written, nothing leaves (D-LOG-26)
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON ootspg.exchange_event FOR EACH ROW EXECUTE FUNCTION full_disk();
SELECT state, message FROM refusal('SELECT * FROM ask(request())');
DROP TRIGGER full_disk ON ootspg.exchange_event;

-- Insert-only, for everybody, on parents and partitions (D-LOG-13)
SELECT regexp_replace(t, '_y\d{4}m\d\d$', '_month') AS relation, verb, r.state, regexp_replace(r.message, '_y\d{4}m\d\d', '_month') FROM (SELECT 'ootspg.exchange_event' UNION ALL SELECT 'ootspg.evidence_event' UNION ALL
	SELECT i.inhrelid::regclass::text FROM pg_inherits i WHERE inhparent IN ('ootspg.exchange_event'::regclass, 'ootspg.evidence_event'::regclass)) x(t),
	(VALUES ('UPDATE %s SET provider = NULL'), ('DELETE FROM %s'), ('DELETE FROM %s WHERE false'), ('TRUNCATE %s')) v(verb), refusal(format(verb, t)) r ORDER BY 1, 2;
SELECT state FROM refusal($$SET LOCAL session_replication_role = replica; DELETE FROM ootspg.exchange_event$$);
SELECT count(*) > 50 AS still_there FROM ootspg.exchange_event;
CREATE ROLE regress_ootspg_auditor;
CREATE ROLE regress_ootspg_answerer;
CREATE ROLE regress_ootspg_keeper;
SELECT ootspg.grant_duty('regress_ootspg_auditor', 'audit'), ootspg.grant_duty('regress_ootspg_answerer', 'exchange'), ootspg.grant_duty('regress_ootspg_keeper', 'maintain');
SELECT role, t, count(*), string_agg(DISTINCT state, ' ') AS states FROM unnest(ARRAY['regress_ootspg_auditor', 'regress_ootspg_answerer', 'regress_ootspg_keeper']) role,
	unnest(ARRAY['ootspg.exchange_event', 'ootspg.evidence_event', 'ootspg.exchange', 'ootspg.purge_record', 'ootspg_internal.used_request']) t,
	unnest(ARRAY['DELETE FROM %s', 'TRUNCATE %s', 'INSERT INTO %s DEFAULT VALUES', 'ALTER TABLE %s DISABLE TRIGGER ALL', 'DROP TABLE %s']) verb,
	refusal(format('SET LOCAL ROLE %I; ' || verb, role, t)) GROUP BY 1, 2 ORDER BY 1, 2;

-- Retention: whole exchanges, counted from their latest event (D-LOG-16 to -18)
CREATE PROCEDURE old(exchange bigint, months integer[], pieces boolean DEFAULT true) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ootspg.exchange (exchange_id, received_at, state, outcome) OVERRIDING SYSTEM VALUE VALUES (exchange, now() - make_interval(months => months[1]), 'answered', 'evidence');
	INSERT INTO ootspg_internal.used_request VALUES ('old ' || exchange, exchange);
	INSERT INTO ootspg.promise (exchange_id, provider, evidence_type, promised_at, available_at) VALUES (exchange, 'civil', 'birth', now() - make_interval(months => months[1]), now() + interval '1 day');
	INSERT INTO ootspg.exchange_event (event_time, exchange_id, event_type) SELECT now() - make_interval(months => m), exchange, 'shifted' FROM unnest(months) m;
	IF pieces THEN
		INSERT INTO ootspg.evidence_event (event_time, exchange_id, evidence_id, role, media_type, content_id, size_bytes, sha256_as_held, decision)
		VALUES (now() - make_interval(months => months[1]), exchange, gen_random_uuid(), 'MainEvidence', 'application/pdf', 'x', 1, '\x00', 'not_required');
	END IF;
END $$;
CALL old(-1, '{14,13}');
CALL old(-2, '{13}', false);
CALL old(-3, '{13,11}');
CALL old(-4, '{13,6}');
CALL old(-5, '{11}');
-- messages without an exchange of their own: a directory's answer, one dismissed before it was answered, a submission; one that still waits stays
CREATE PROCEDURE old_message(exchange bigint, state text, months integer[]) LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	INSERT INTO ootspg_internal.inbox_history (access_point, message_id, received_at, exchange_id, state)
	VALUES ('gone', 'old ' || exchange, now() - make_interval(months => months[1]), exchange, nullif(nullif(old_message.state, 'quarantined'), 'waiting')) RETURNING inbox_id INTO id;
	INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, state)
	SELECT id, 'gone', exchange, now(), old_message.state WHERE old_message.state IN ('quarantined', 'waiting');
	INSERT INTO ootspg_internal.inbox_part (inbox_id, part, content) VALUES (id, 1, 'x');
	INSERT INTO ootspg.exchange_event (event_time, exchange_id, event_type) SELECT now() - make_interval(months => m), exchange, 'message_received' FROM unnest(months) m;
END $$;
CALL old_message(-11, 'quarantined', '{13}');
CALL old_message(-12, 'dismissed', '{14,13}');
CALL old_message(-13, 'answered', '{14}');
CALL old_message(-14, 'quarantined', '{14,6}');
CALL old_message(-15, 'waiting', '{14}');
INSERT INTO ootspg_internal.outbox_history (access_point, exchange_id, message_id, action, created_at, state)
SELECT 'gone', x, 'old ' || x, 'SubmitObjectsRequest', now() - interval '14 months', nullif(state, 'parked') FROM (VALUES (-16, 'delivered'), (-17, 'parked')) v(x, state);
INSERT INTO ootspg_internal.outbox_queue (outbox_id, access_point, exchange_id, message_id, created_at, state)
SELECT outbox_id, access_point, exchange_id, message_id, created_at, 'parked' FROM ootspg_internal.outbox_history WHERE exchange_id = -17;
SELECT exchanges, events, pieces, purged_by = session_user AS by_me, older_than < now() - interval '360 days' AND older_than > now() - interval '370 days' AS a_year FROM ootspg.purge();
SELECT exchange_id, (SELECT count(*) FROM ootspg.exchange_event e WHERE e.exchange_id = x.exchange_id) AS events, (SELECT count(*) FROM ootspg.evidence_event e WHERE e.exchange_id = x.exchange_id) AS pieces,
	   (SELECT count(*) FROM ootspg_internal.used_request e WHERE e.exchange_id = x.exchange_id) AS ids,
	   (SELECT count(*) FROM ootspg.promise p WHERE p.exchange_id = x.exchange_id) AS promises FROM ootspg.exchange x WHERE exchange_id < 0 ORDER BY 1 DESC;
SELECT exchange_id, (SELECT count(*) FROM ootspg_internal.inbox_part p WHERE p.inbox_id = i.inbox_id) AS parts,
	   (SELECT count(*) FROM ootspg.exchange_event e WHERE e.exchange_id = i.exchange_id) AS events FROM ootspg.inbox i WHERE exchange_id < 0 ORDER BY 1 DESC;
SELECT exchange_id FROM ootspg.outbox WHERE exchange_id < 0 ORDER BY 1 DESC;
SELECT exchange_id FROM ootspg.exchange_event WHERE exchange_id IN (-11, -12, -13);
SELECT count(*) AS orphans FROM ootspg.exchange_event e WHERE NOT EXISTS (SELECT FROM ootspg.exchange x WHERE x.exchange_id = e.exchange_id) AND e.exchange_id NOT IN (-14, -15, 0);
SELECT exchanges, events, pieces FROM ootspg.purge();
DELETE FROM ootspg_internal.inbox_queue WHERE exchange_id < 0;
DELETE FROM ootspg_internal.inbox_history WHERE exchange_id < 0;
DELETE FROM ootspg_internal.outbox_queue WHERE exchange_id < 0;
DELETE FROM ootspg_internal.outbox_history WHERE exchange_id < 0;
SELECT count(*) AS records, count(*) FILTER (WHERE exchanges > 0) AS with_rows FROM ootspg.purge_record;
-- ... and is an event of the audit itself
SELECT provider, facts ->> 'table' AS "table", facts ->> 'rows' AS rows, facts ->> 'event_ids_sha256' ~ '^[0-9a-f]{64}$' AS digest FROM ootspg.exchange_event WHERE event_type = 'purged' ORDER BY event_id;
SELECT state FROM refusal('DELETE FROM ootspg.exchange_event');
-- the keeper may purge and prepare, and sees nothing
SET ROLE regress_ootspg_keeper;
SELECT exchanges FROM ootspg.purge();
SELECT ootspg.maintain();
RESET ROLE;
SELECT state FROM refusal('SET LOCAL ROLE regress_ootspg_auditor; SELECT ootspg.purge()');

-- The eight standard searches each use an index (D-LOG-04)
INSERT INTO ootspg.exchange (received_at, state, outcome, provider, evidence_type, procedure_code, request_id, conversation_id, requester_scheme, requester_identifier, subject_key, subject_identifier_key, representative_key)
SELECT now() - make_interval(mins => 40000 - i), 'answered', 'evidence', 'civil', 'type' || i % 100, 'P' || i % 100, 'urn:uuid:' || md5(i::text), md5('c' || i), 'scheme', 'R' || i % 500,
	   sha256(int8send(i)), sha256(int8send(-i)), sha256(int8send(i * 2)) FROM generate_series(1, 40000) i;
ANALYZE ootspg.exchange;
CREATE FUNCTION index_of(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) SELECT * FROM ootspg.exchange WHERE ' || condition INTO plan;
	RETURN (SELECT string_agg(DISTINCT m[1], ' ') FROM regexp_matches(plan::text, '"Index Name": "([^"]*)"', 'g') m) || CASE WHEN plan::text LIKE '%Seq Scan%' THEN ' and a scan of all' ELSE '' END;
END $$;
-- servers from 18 on may skip through another index for the date
SELECT search, CASE WHEN search = 'date' THEN 'scan of all: ' || (index_of(condition) ~ 'scan of all') ELSE index_of(condition) END FROM (VALUES
	('exchange', 'exchange_id = 17'), ('request id', $$request_id = 'urn:uuid:x'$$), ('conversation', $$conversation_id = 'x'$$), ('requester', $$requester_identifier = 'R17' AND received_at > now() - interval '1 day'$$),
	('evidence type', $$evidence_type = 'type17' AND received_at > now() - interval '1 day'$$), ('procedure', $$procedure_code = 'P17' AND received_at > now() - interval '1 day'$$),
	('person or company', 'subject_key = sha256(int8send(17))'), ('identifier', 'subject_identifier_key = sha256(int8send(17))'), ('representative', 'representative_key = sha256(int8send(17))'),
	('date', $$received_at BETWEEN now() - interval '1 hour' AND now() ORDER BY received_at$$)) s(search, condition);

-- Evidence outside an exchange: a row for each call says how much was handed out; protected persons are left out by nobody's key
SELECT count(*) FROM ootspg.evidence('birth', ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01'));
SELECT count(*) FROM ootspg.evidence('birth', '{010190-10001,020291-10002,none}'::text[], distribution => 'xml');
SELECT * FROM refusal($$SELECT ootspg.evidence('birth', '{010190-10001,040493-10005}'::text[])$$);
SELECT provider, event_type, direction, facts FROM ootspg.exchange_event WHERE exchange_id = 0 AND event_type <> 'purged' ORDER BY event_id;
SELECT state FROM refusal($$SET TRANSACTION READ ONLY; SELECT ootspg.evidence('birth', '{010190-10001}'::text[])$$);

-- A request may say anything where a code is due: columns take codes only
SELECT outcome FROM ootspg.answer(request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', NULL, 'level of Ozoliņš')));
SELECT array(SELECT holding('level of'));

\set ECHO none
DROP OWNED BY regress_ootspg_auditor, regress_ootspg_answerer, regress_ootspg_keeper;
DROP ROLE regress_ootspg_auditor, regress_ootspg_answerer, regress_ootspg_keeper;
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
