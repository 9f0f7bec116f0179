--
-- Who may ask, and what was in service: the lists of accepted access points and requesters
-- (D-REG-08), and evidence types that are withdrawn (D-REG-09).
--
\set ECHO none
\set own regress_ootspg_accepted
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
\set oots 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots'
\set header 'test_header(''oots-edm:v2.0'')'

-- Nobody is listed: everybody is answered, and an operator is told so
SELECT * FROM ootspg.acceptance;
SELECT * FROM ask(request(), :header);

-- Once there is a list, only who is on it, exactly and now, for that environment
INSERT INTO ootspg.accepted_party (environment, party_id_type, party_id, name, source) VALUES ('test', :'oots', 'AP_FR_01', 'France', 'EU list of 2026-09');
SELECT environment, accepted, parties, narrowed, next_end FROM ootspg.acceptance;
SELECT * FROM ask(request(), :header);
CREATE FUNCTION accepted_as(environment text, party_id_type text, party_id text, valid_from text DEFAULT '-1 h', valid_until text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	INSERT INTO ootspg.accepted_party (environment, party_id_type, party_id, name, source, valid_from, valid_until)
	VALUES (environment, party_id_type, party_id, 'Germany', 'test', now() + valid_from::interval, now() + valid_until::interval);
	SELECT concat_ws(' ', a.outcome, a.code, a.reason) INTO result FROM ask(request(), test_header('oots-edm:v2.0')) a;
	DELETE FROM ootspg.accepted_party p WHERE p.name = 'Germany';
	RETURN result;
END $$;
SELECT what, accepted_as(environment, type, party_id, valid_from, valid_until) FROM (VALUES
	('listed', 'test', :'oots', 'AP_DE_01', '-1 h', NULL), ('until later', 'test', :'oots', 'AP_DE_01', '-1 h', '1 h'),
	('another type', 'test', :'oots' || '-simulator', 'AP_DE_01', '-1 h', NULL), ('another case', 'test', :'oots', 'ap_de_01', '-1 h', NULL),
	('the beginning of it', 'test', :'oots', 'AP_DE', '-1 h', NULL), ('not any more', 'test', :'oots', 'AP_DE_01', '-2 h', '-1 h'), ('not yet', 'test', :'oots', 'AP_DE_01', '1 h', NULL),
	('another environment', 'production', :'oots', 'AP_DE_01', '-1 h', NULL)
	) c(what, environment, type, party_id, valid_from, valid_until);

-- The sender counts, whatever else the message says; its body is not opened
SELECT what, a.* FROM (VALUES
	('no body', '<a/>'::bytea, :header), ('not XML', '\x00', :header), ('no sender', request(), change(:header, '>AP_DE_01<', '><')), ('no type', request(), change(:header, ' type="' || :'oots' || '">AP_DE_01', '>AP_DE_01')),
	('two names', request(), change(:header, '<eb:From>', '<eb:From><eb:PartyId type="' || :'oots' || '">AP_FR_01</eb:PartyId>')),
	('our own name', request(), change(:header, '>AP_DE_01<', '>AP_LV_01<')), ('unreadable', request(), '<eb'), ('blanks around it', request(), change(:header, '>AP_DE_01<', '> AP_FR_01 <')),
	('as 1.0', request('oots-edm:v1.0'), test_header('oots-edm:v1.0')), ('to nobody', request(), test_header('oots-edm:v2.0', recipient => 'nobody')), ('no header', request(), NULL)
	) c(what, body, header), ask(body, header) a;
-- It leaves the message as it came, who sent it, and nothing that an opened body would tell (D-LOG-02, D-LOG-09)
CREATE TABLE refused AS SELECT request() AS body, :header AS header;
SELECT outcome, part, content_id, content FROM refused, ootspg.answer(body, header);
SELECT state, outcome, provider, environment, request_id, requester_identifier, subject_key, message_id, conversation_id, reason, answer_header FROM ootspg.exchange ORDER BY exchange_id DESC LIMIT 1;
SELECT event_type, direction, facts, first_part = r.body AS body, e.header = r.header AS header, detail FROM ootspg.exchange_event e, refused r
 WHERE exchange_id = (SELECT max(exchange_id) FROM ootspg.exchange) ORDER BY event_id;
-- and the id of the request is not used up: accepted, it is answered
INSERT INTO ootspg.accepted_party (environment, party_id_type, party_id, name, source) VALUES ('test', :'oots', 'AP_DE_01', 'Germany', 'test');
SELECT a.* FROM refused, ask(body, header) a;

-- Requesters behind an access point, where they are listed. 1.0 has no error of authorisation (ERR-C015)
UPDATE ootspg.accepted_party SET requesters = 'listed' WHERE party_id = 'AP_DE_01';
SELECT * FROM ootspg.acceptance;
SELECT line, a.* FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line), test_header(line)) a ORDER BY 1;
SELECT * FROM ask(request(procedure_code => '00'), :header);
-- each a valid error of its line
SELECT exception_code, e.severity, count(*), count(m.rule_id) AS broken FROM ootspg.exchange_event e LEFT JOIN LATERAL ootspg.check_message(e.first_part, e.header) m ON m.severity = 'fatal'
 WHERE exception_code IS NOT NULL GROUP BY 1, 2 ORDER BY 1;
INSERT INTO ootspg.accepted_requester (environment, party_id_type, party_id, scheme, identifier, name) VALUES
	('test', :'oots', 'AP_FR_01', 'urn:cef.eu:names:identifier:EAS:0204', 'DE-REQ-0001', 'of another access point'),
	('test', :'oots', 'AP_DE_01', 'urn:cef.eu:names:identifier:EAS:9939', 'DE-REQ-0001', 'under another scheme'),
	('test', :'oots', 'AP_DE_01', 'urn:cef.eu:names:identifier:EAS:0204', 'DE-REQ-0002', 'another');
SELECT * FROM ask(request(), :header);
INSERT INTO ootspg.accepted_requester (environment, party_id_type, party_id, scheme, identifier, name) VALUES ('test', :'oots', 'AP_DE_01', 'urn:cef.eu:names:identifier:EAS:0204', 'DE-REQ-0001', 'the one that asks');
SELECT * FROM ask(request(), :header);

-- A broken rule is told first, whoever asks (EDM §2.0, order of checks)
SELECT * FROM ask(change(request(), 'DocumentQuery', 'Documents'), :header);

-- Wrong rows
SELECT what, r.* FROM (VALUES
	('blanks', $$INSERT INTO ootspg.accepted_party (party_id_type, party_id, name, source) VALUES ('x', ' x', 'x', 'x')$$), ('nothing', $$INSERT INTO ootspg.accepted_party (party_id_type, party_id, name, source) VALUES ('', 'x', 'x', 'x')$$),
	('end before begin', $$UPDATE ootspg.accepted_party SET valid_until = valid_from - interval '1 s'$$), ('twice', $$INSERT INTO ootspg.accepted_party (environment, party_id_type, party_id, name, source) SELECT environment, party_id_type, party_id, name, source FROM ootspg.accepted_party$$),
	('scheme', $$UPDATE ootspg.accepted_requester SET scheme = 'x'$$), ('of nobody', $$UPDATE ootspg.accepted_requester SET environment = 'production'$$)) c(what, statement), refusal(statement) r;

-- Who configures all providers writes it; who answers need not see it, and is bound by it
\set ECHO none
SET client_min_messages = error;
CREATE ROLE regress_ootspg_accepted_configure; CREATE ROLE regress_ootspg_accepted_civil; CREATE ROLE regress_ootspg_accepted_operate; CREATE ROLE regress_ootspg_accepted_exchange;
RESET client_min_messages;
\set ECHO all
SELECT count(ootspg.grant_duty('regress_ootspg_accepted_' || name, duty, provider)) FROM (VALUES ('configure', 'configure', NULL), ('civil', 'configure', 'civil'), ('operate', 'operate', NULL), ('exchange', 'exchange', 'civil')) v(name, duty, provider);
GRANT USAGE ON SCHEMA registry TO regress_ootspg_accepted_exchange;
GRANT SELECT ON registry.people, registry.birth_evidence, registry.birth_sample TO regress_ootspg_accepted_exchange;
GRANT SELECT ON refused TO PUBLIC;
CREATE FUNCTION as_role(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', 'regress_ootspg_accepted_' || role);
	EXECUTE statement INTO result;
	RESET SESSION AUTHORIZATION;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT role, what, as_role(role, statement) FROM unnest(ARRAY['configure', 'civil', 'operate', 'exchange']) WITH ORDINALITY r(role, n), (VALUES
	(1, 'see', 'SELECT count(*) FROM ootspg.accepted_party'), (2, 'what it amounts to', 'SELECT count(*) FROM ootspg.acceptance'), (3, 'see requesters', 'SELECT count(*) FROM ootspg.accepted_requester'),
	(4, 'add', $$INSERT INTO ootspg.accepted_party (party_id_type, party_id, name, source) VALUES ('x', 'x', 'x', 'x') RETURNING 'added'$$), (5, 'end', $$WITH u AS (UPDATE ootspg.accepted_party SET valid_until = 'infinity' RETURNING 1) SELECT count(*) FROM u$$),
	(6, 'remove', $$WITH d AS (DELETE FROM ootspg.accepted_party WHERE party_id = 'x' RETURNING 1) SELECT count(*) FROM d$$), (7, 'history', 'SELECT count(*) FROM ootspg.past_activation')) a(m, what, statement) ORDER BY n, m;
UPDATE refused SET body = request();
SELECT as_role('exchange', 'SELECT outcome FROM refused, ootspg.answer(body, header)');
UPDATE ootspg.accepted_party SET valid_until = now() WHERE party_id = 'AP_DE_01' AND valid_from < now();
UPDATE refused SET body = request();
SELECT as_role('exchange', 'SELECT outcome FROM refused, ootspg.answer(body, header)');

-- A list whose rows have all ended accepts nobody; only an empty one accepts everybody, and says so
UPDATE ootspg.accepted_party SET valid_until = now() WHERE valid_from < now();
SELECT * FROM ootspg.acceptance WHERE environment = 'test';
SELECT * FROM ask(request(), :header);
DELETE FROM ootspg.accepted_party WHERE party_id = 'AP_DE_01';
DELETE FROM ootspg.accepted_party;
SELECT * FROM ootspg.acceptance WHERE environment = 'test';
SELECT * FROM ask(request(), :header);

-- Out of service: EDM:ERR:0004 on every line; when it was in service is kept, and what is published is reminded of (D-REG-09)
SELECT ootspg.deactivate('birth');
SELECT line, a.* FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line), test_header(line)) a ORDER BY 1;
SELECT * FROM ask(request(procedure_code => '00'));
SELECT ootspg.deactivate('birth');
INSERT INTO ootspg.directory_entry (evidence_type) VALUES ('birth');
SELECT ootspg.activate('birth');
SELECT ootspg.deactivate('birth');
UPDATE ootspg.directory_entry SET publish = false;
SELECT ootspg.activate('birth');
SELECT ootspg.deactivate('birth');
SELECT evidence_type, provider, data_service, activated_at < deactivated_at AS ended, activated_by = session_user AND deactivated_by = session_user AS by_us FROM ootspg.past_activation ORDER BY deactivated_at;
SELECT ootspg.activate('birth');
-- Deleted while in service, and known under another name before: the history stays
UPDATE ootspg.evidence_type SET evidence_type = 'birth_certificate';
UPDATE ootspg.directory_entry SET publish = true;
DELETE FROM ootspg.evidence_type;
SELECT line, a.* FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line), test_header(line)) a ORDER BY 1;
SELECT evidence_type, count(*), count(DISTINCT data_service) FROM ootspg.past_activation GROUP BY 1 ORDER BY 1;
SELECT r.* FROM unnest(ARRAY['UPDATE ootspg.past_activation SET provider = provider', 'DELETE FROM ootspg.past_activation', 'TRUNCATE ootspg.past_activation']) statement, refusal(statement) r;
SELECT name, as_role(name, 'SELECT count(*) FROM ootspg.past_activation') FROM unnest(ARRAY['configure', 'civil', 'operate', 'exchange']) name;

\set ECHO none
SELECT format('DROP OWNED BY regress_ootspg_accepted_%1$s; DROP ROLE regress_ootspg_accepted_%1$s', name) FROM unnest(ARRAY['configure', 'civil', 'operate', 'exchange']) name \gexec
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
