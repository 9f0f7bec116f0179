--
-- Who may do what: duties are given to plain roles, each for one provider or all; the role
-- that answers reads the declared views and nothing else; nobody gains anything by names,
-- search paths or code of a registry's view.
--
\set ECHO none
\set own regress_ootspg_privileges
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

-- Two providers in one database, and a role for each duty of each
INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain)
VALUES ('traffic', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000002', '{"EN": "Road Traffic Office"}', 'LV', 'traffic.example.lv');
CREATE VIEW registry.vehicle_evidence AS SELECT code AS person_id, DATE '2020-01-01' AS issuing_date, pdf_of('vehicle') AS document FROM registry.person;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
VALUES ('vehicle', 'traffic', 'b1c2d3e4-2222-4333-8444-000000000001', '{"EN": "Vehicle"}', 'registry.people', '{R1}', 'Low', 'exempt');
INSERT INTO ootspg.evidence_type_line SELECT 'vehicle', line, classification FROM ootspg.evidence_type_line;
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source) VALUES ('vehicle', 'pdf', 'application/pdf', 'registry.vehicle_evidence');
INSERT INTO ootspg.seal_key VALUES ('civil-key', 'civil', 'file:a.key', 'file:a.crt'), ('traffic-key', 'traffic', 'file:b.key', 'file:b.crt');
SELECT ootspg.activate('vehicle');
CREATE TABLE duty_role AS SELECT duty, provider, 'regress_ootspg_' || duty || coalesce('_' || provider, '') AS name
	FROM unnest(ARRAY['configure', 'exchange', 'audit', 'maintain', 'monitor']) duty, (VALUES ('civil'), ('traffic'), (NULL)) p(provider);
INSERT INTO duty_role VALUES ('none', 'none', 'regress_ootspg_none'), ('mixed', 'mixed', 'regress_ootspg_mixed');
GRANT SELECT ON duty_role TO PUBLIC;
\set ECHO none
SET client_min_messages = error;
SELECT format('CREATE ROLE %I', name) FROM duty_role \gexec
SELECT format('GRANT USAGE ON SCHEMA registry TO %I', name) FROM duty_role WHERE duty IN ('exchange', 'configure', 'mixed') \gexec
SELECT format('GRANT SELECT ON registry.people, registry.birth_evidence, registry.birth_sample, registry.vehicle_evidence TO %I', name) FROM duty_role WHERE duty IN ('exchange', 'configure', 'mixed') \gexec
\set ECHO all
SELECT count(ootspg.grant_duty(name, duty, provider)) FROM duty_role WHERE duty NOT IN ('none', 'mixed');
SELECT * FROM refusal($$SELECT ootspg.grant_duty('regress_ootspg_none', 'everything')$$);
SELECT * FROM refusal($$SELECT ootspg.grant_duty('regress_ootspg_missing', 'audit')$$);
SELECT * FROM refusal($$SELECT ootspg.grant_duty('regress_ootspg_none', 'audit', 'missing')$$);

-- Bodies to ask with, readable by all
CREATE TABLE body AS SELECT name, request(service => service, provider_id => provider) AS request FROM (VALUES
	('birth', 'b1c2d3e4-2222-4333-8444-555566667777', 'LV90000000001'), ('vehicle', 'b1c2d3e4-2222-4333-8444-000000000001', 'LV90000000002')) v(name, service, provider);
GRANT SELECT ON body TO PUBLIC;
-- another id each time
CREATE FUNCTION body(name text) RETURNS bytea LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
	UPDATE public.body SET request = convert_to(regexp_replace(convert_from(request, 'UTF8'), '00000000-0000-4000-8000-[0-9]{12}', public.new_id()), 'UTF8') WHERE body.name = $1 RETURNING request
$$;
-- What a role gets from a statement: its value, or the SQLSTATE
CREATE FUNCTION as_role(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', role);
	EXECUTE statement INTO result;
	RESET SESSION AUTHORIZATION;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

-- The matrix: each act, and the duties that may do it
CREATE TABLE act (number integer GENERATED ALWAYS AS IDENTITY, what text, statement text);
INSERT INTO act (what, statement) VALUES
	('answer', $$SELECT outcome FROM ootspg.answer(body('birth'))$$), ('evidence', $$SELECT media_type FROM ootspg.evidence('birth', '{010190-10001}'::text[], distribution => 'pdf')$$),
	('seal', $$SELECT ootspg.seal('<a/>'::bytea, 'civil-key')$$), ('check a message', $$SELECT count(*) FROM ootspg.check_message('x')$$), ('verify a seal', $$SELECT valid FROM ootspg.verify_seal('<a/>')$$),
	('make a search key', $$SELECT length(ootspg.identifier_key('x'))$$), ('read a declared view', 'SELECT count(*) FROM registry.birth_evidence'), ('read a base table', 'SELECT count(*) FROM registry.person'),
	('read providers', 'SELECT count(*) FROM ootspg.provider'), ('read key references', 'SELECT count(*) FROM ootspg.seal_key'), ('read key status', 'SELECT count(*) FROM ootspg.seal_key_status'),
	('read links', 'SELECT count(*) FROM ootspg.identity_link'), ('read exchanges', 'SELECT count(*) >= 0 FROM ootspg.exchange'), ('read events', 'SELECT count(*) >= 0 FROM ootspg.exchange_event'),
	('read pieces', 'SELECT count(*) >= 0 FROM ootspg.evidence_event'), ('read purges', 'SELECT count(*) >= 0 FROM ootspg.purge_record'), ('read used ids', 'SELECT count(*) >= 0 FROM ootspg_internal.used_request'),
	('read duties', 'SELECT count(*) FROM ootspg.provider_role'), ('write duties', $$INSERT INTO ootspg.provider_role VALUES ('regress_ootspg_none', 'audit', NULL) RETURNING 1$$),
	('change a type', $$UPDATE ootspg.evidence_type SET t1 = t1 WHERE evidence_type = 'birth' RETURNING 1$$), ('write a key reference', $$INSERT INTO ootspg.seal_key VALUES ('x', 'civil', 'file:x', 'file:x') RETURNING 1$$),
	('activate', $$SELECT ootspg.activate('birth')::text$$), ('register a key', $$SELECT algorithm FROM ootspg.set_seal_key('civil-key', 'civil', 'file:x', 'file:x')$$), ('write an activation', $$INSERT INTO ootspg.activation VALUES ('birth') RETURNING 1$$),
	('purge', 'SELECT exchanges FROM ootspg.purge()'), ('maintain', 'SELECT ootspg.maintain()::text'), ('make partitions', $$SELECT ootspg_internal.ensure_partitions(now())::text$$),
	('load a key file', $$SELECT algorithm FROM ootspg_internal.key_facts('x', 'file:x', 'file:x')$$), ('seal with a file', $$SELECT ootspg_internal.seal_with('<a/>', 'x', 'file:x', 'file:x')$$),
	('give duties', $$SELECT ootspg.grant_duty('regress_ootspg_none', 'audit')::text$$), ('use the event sequence', $$SELECT nextval('ootspg_internal.event_seq') > 0$$), ('create in ootspg', 'CREATE TABLE ootspg.x ()'),
	('create in ootspg_internal', 'CREATE TABLE ootspg_internal.x ()');
SELECT what, (SELECT string_agg(duty || CASE WHEN r ~ '^[0-9O][0-9TPAB][0-9A-Z]{3}$' THEN ' (' || r || ')' ELSE '' END, ', ' ORDER BY duty)
				FROM (SELECT duty, as_role(name, statement) AS r FROM duty_role d WHERE d.provider = 'civil' OR duty = 'none' OFFSET 0) d WHERE r IS DISTINCT FROM '42501') AS who FROM act ORDER BY number;

-- The role that answers has rights on no table that it does not read for answering, and reads no base table
SELECT c.oid::regclass, array_agg(p ORDER BY p) FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
 WHERE relkind IN ('r', 'p', 'v') AND relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace, 'registry'::regnamespace) AND has_table_privilege('regress_ootspg_exchange_civil', c.oid, p) GROUP BY 1 ORDER BY 1::text;
SELECT as_role('regress_ootspg_exchange_civil', $$SELECT outcome FROM ootspg.answer(body('birth'))$$);
SELECT outcome, provider, written_by FROM ootspg.exchange x JOIN ootspg.exchange_event e USING (exchange_id, provider) WHERE direction = 'out' ORDER BY event_id DESC LIMIT 1;

-- Each provider's people see, answer and audit their own (D-SEC-04)
SELECT d.name, as_role(name, $$SELECT string_agg(provider, ' ' ORDER BY provider) FROM ootspg.provider$$) AS providers, as_role(name, $$SELECT string_agg(DISTINCT evidence_type, ' ') FROM ootspg.distribution$$) AS distributions,
	   as_role(name, $$SELECT string_agg(DISTINCT evidence_type, ' ') FROM ootspg.evidence_type_line$$) AS lines, as_role(name, $$SELECT string_agg(evidence_type, ' ' ORDER BY 1) FROM ootspg.activation$$) AS active,
	   as_role(name, $$SELECT string_agg(seal_key, ' ' ORDER BY seal_key) FROM ootspg.seal_key$$) AS keys
  FROM duty_role d WHERE duty IN ('configure', 'exchange') ORDER BY duty, provider;
SELECT d.name, as_role(name, $$SELECT string_agg(seal_key, ' ' ORDER BY seal_key) FROM ootspg.seal_key_status$$) AS key_states, as_role(name, $$SELECT string_agg(evidence_type, ' ' ORDER BY 1) FROM ootspg.activation$$) AS active, as_role(name, $$SELECT state IS NULL FROM ootspg_internal.key_status('traffic-key')$$) AS traffic_hidden
  FROM duty_role d WHERE duty IN ('monitor') ORDER BY duty, provider;
SELECT d.name, as_role(name, $$SELECT outcome FROM ootspg.answer(body('birth'))$$) AS birth, as_role(name, $$SELECT outcome FROM ootspg.answer(body('vehicle'))$$) AS vehicle FROM duty_role d WHERE duty = 'exchange' ORDER BY provider;
SELECT outcome FROM ootspg.answer('unreadable');
SELECT d.name, as_role(name, $$SELECT string_agg(DISTINCT coalesce(provider, '(nobody''s)'), ' ') FROM ootspg.exchange$$) AS exchanges, as_role(name, $$SELECT string_agg(DISTINCT coalesce(provider, '(nobody''s)'), ' ') FROM ootspg.exchange_event$$) AS events,
	   as_role(name, $$SELECT string_agg(DISTINCT provider, ' ') FROM ootspg.evidence_event$$) AS pieces FROM duty_role d WHERE duty = 'audit' ORDER BY provider;
-- and configure their own
SELECT what, as_role('regress_ootspg_configure_civil', statement) FROM (VALUES
	('own type', $$UPDATE ootspg.evidence_type SET t1 = '4 min' WHERE evidence_type = 'birth' RETURNING evidence_type$$), ('other type', $$UPDATE ootspg.evidence_type SET t1 = '4 min' WHERE evidence_type = 'vehicle' RETURNING evidence_type$$),
	('give away', $$UPDATE ootspg.evidence_type SET provider = 'traffic' WHERE evidence_type = 'birth' RETURNING evidence_type$$), ('new provider', $$INSERT INTO ootspg.provider SELECT 'x', scheme, 'x', name, country FROM ootspg.provider RETURNING provider$$),
	('other line', $$INSERT INTO ootspg.evidence_type_line SELECT 'vehicle', 'oots-edm:v1.0', classification FROM ootspg.evidence_type_line LIMIT 1 RETURNING line$$), ('other distribution', $$DELETE FROM ootspg.distribution WHERE evidence_type = 'vehicle' RETURNING distribution$$),
	('own distribution', $$UPDATE ootspg.distribution SET sample_source = NULL WHERE evidence_type = 'birth' AND distribution = 'pdf' RETURNING distribution$$),
	('other activation', $$SELECT ootspg.activate('vehicle')$$), ('other deactivation', $$SELECT ootspg.deactivate('vehicle')$$), ('other key', $$SELECT algorithm FROM ootspg.set_seal_key('traffic-key', 'traffic', 'file:x', 'file:x')$$),
	('other link', $$INSERT INTO ootspg.identity_link (provider, identifier, person_id, source, level_of_assurance) VALUES ('traffic', 'DE/LV/A1B2C3D4E', '1', 'x', 'High') RETURNING person_id$$),
	('own link', $$INSERT INTO ootspg.identity_link (provider, identifier, person_id, source, level_of_assurance) VALUES ('civil', 'DE/LV/A1B2C3D4E', '010190-10001', 'x', 'High') RETURNING person_id$$)) a(what, statement);
-- a duty for one provider is no other duty for another
SELECT count(ootspg.grant_duty('regress_ootspg_mixed', duty, provider)) FROM (VALUES ('exchange', 'civil'), ('configure', 'traffic'), ('audit', 'traffic')) v(duty, provider);
SELECT what, as_role('regress_ootspg_mixed', statement) FROM (VALUES
	('sees', $$SELECT string_agg(provider, ' ' ORDER BY provider) FROM ootspg.provider$$), ('changes', $$WITH u AS (UPDATE ootspg.provider SET full_address = 'x' RETURNING provider) SELECT string_agg(provider, ' ') FROM u$$),
	('changes types', $$WITH u AS (UPDATE ootspg.evidence_type SET t1 = '3 min' RETURNING provider) SELECT string_agg(provider, ' ') FROM u$$), ('removes lines', $$WITH u AS (DELETE FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v1.0' RETURNING evidence_type) SELECT string_agg(evidence_type, ' ') FROM u$$),
	('audits', $$SELECT string_agg(DISTINCT provider, ' ') FROM ootspg.exchange_event$$), ('answers', $$SELECT outcome FROM ootspg.answer(body('birth'))$$), ('activates', $$SELECT ootspg.activate('birth')$$)) a(what, statement);
-- taken back, it is gone; what another duty needs stays
SELECT ootspg.revoke_duty('regress_ootspg_mixed', 'exchange', 'civil');
SELECT as_role('regress_ootspg_mixed', $$SELECT outcome FROM ootspg.answer(body('birth'))$$), as_role('regress_ootspg_mixed', $$SELECT string_agg(provider, ' ') FROM ootspg.provider$$);
SELECT ootspg.revoke_duty('regress_ootspg_mixed', 'configure', 'traffic');
SELECT as_role('regress_ootspg_mixed', $$SELECT string_agg(provider, ' ') FROM ootspg.provider$$), as_role('regress_ootspg_mixed', $$SELECT string_agg(DISTINCT provider, ' ') FROM ootspg.exchange$$);
SELECT ootspg.revoke_duty('regress_ootspg_mixed', 'audit', 'traffic');
SELECT has_schema_privilege('regress_ootspg_mixed', 'ootspg', 'USAGE') AS usage, (SELECT count(*) FROM pg_class c WHERE relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) AND relkind IN ('r', 'p', 'v') AND has_table_privilege('regress_ootspg_mixed', c.oid, 'SELECT')) AS tables,
	   (SELECT count(*) FROM pg_type t WHERE typnamespace = 'ootspg'::regnamespace AND t.oid IN (SELECT ootspg_internal.public_types()) AND has_type_privilege('regress_ootspg_mixed', t.oid, 'USAGE')) AS types,
	   (SELECT count(*) FROM pg_proc p WHERE pronamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) AND has_function_privilege('regress_ootspg_mixed', p.oid, 'EXECUTE')) AS functions;
-- members of a duty's role have it
GRANT regress_ootspg_exchange_civil TO regress_ootspg_none;
SELECT as_role('regress_ootspg_none', $$SELECT outcome FROM ootspg.answer(body('birth'))$$);
REVOKE regress_ootspg_exchange_civil FROM regress_ootspg_none;

-- Hostile names: whatever stands first in the caller's path, or in its temporary schema, is not used
CREATE SCHEMA evil;
GRANT TEMPORARY ON DATABASE regress_ootspg_privileges TO PUBLIC;
CREATE TABLE evil.victim (called text, by_role text DEFAULT current_user);
CREATE FUNCTION evil.caught(what text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN INSERT INTO evil.victim (called) VALUES (what); RETURN true; END $$;
CREATE FUNCTION evil.equal(text, text) RETURNS boolean LANGUAGE sql AS $$SELECT evil.caught('=')$$;
CREATE OPERATOR evil.= (FUNCTION = evil.equal, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION evil.equal_date(date, date) RETURNS boolean LANGUAGE sql AS $$SELECT evil.caught('= date')$$;
CREATE OPERATOR evil.= (FUNCTION = evil.equal_date, LEFTARG = date, RIGHTARG = date);
CREATE FUNCTION evil.concat(text, text) RETURNS text LANGUAGE sql AS $$SELECT evil.caught('||')::text$$;
CREATE OPERATOR evil.|| (FUNCTION = evil.concat, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql AS $$SELECT evil.caught('lower')::text$$;
CREATE FUNCTION evil.upper(text) RETURNS text LANGUAGE sql AS $$SELECT evil.caught('upper')::text$$;
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT evil.caught('now')::text::timestamptz$$;
CREATE FUNCTION evil.to_char(date, text) RETURNS text LANGUAGE sql AS $$SELECT evil.caught('to_char')::text$$;
CREATE FUNCTION evil."substring"(text, text) RETURNS text LANGUAGE sql AS $$SELECT evil.caught('substring')::text$$;
CREATE FUNCTION evil.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$SELECT evil.caught('sha256')::text::bytea$$;
CREATE FUNCTION evil.name_key(text) RETURNS text LANGUAGE sql AS $$SELECT evil.caught('name_key')::text$$;
CREATE FUNCTION evil.own_providers(name, text) RETURNS text[] LANGUAGE sql AS $$SELECT ARRAY[evil.caught('own_providers')::text]$$;
CREATE FUNCTION evil.has_duty(name, text, text) RETURNS boolean LANGUAGE sql AS $$SELECT evil.caught('has_duty')$$;
CREATE DOMAIN evil.jsonb AS pg_catalog.jsonb CHECK (evil.caught('jsonb'));
CREATE DOMAIN evil.text AS pg_catalog.text CHECK (evil.caught('text'));
CREATE TABLE evil.provider (LIKE ootspg.provider);
CREATE TABLE evil.evidence_type (LIKE ootspg.evidence_type);
CREATE TABLE evil.exchange (LIKE ootspg.exchange);
CREATE TABLE evil.exchange_event (LIKE ootspg.exchange_event);
CREATE TABLE evil.used_request (LIKE ootspg_internal.used_request);
GRANT USAGE ON SCHEMA evil TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA evil TO PUBLIC;
CREATE FUNCTION hostile_as(role pg_catalog.text, statement pg_catalog.text) RETURNS pg_catalog.text LANGUAGE plpgsql AS $$
DECLARE
	result pg_catalog.text;
BEGIN
	EXECUTE pg_catalog.format('SET LOCAL SESSION AUTHORIZATION %I', role);
	CREATE TEMP TABLE provider (provider pg_catalog.text); CREATE TEMP TABLE exchange (x integer); CREATE TEMP TABLE exchange_event (x integer);
	CREATE TEMP TABLE used_request (x integer); CREATE TEMP TABLE pg_class (x integer); CREATE TEMP TABLE pg_attribute (x integer);
	SET LOCAL search_path = evil, pg_temp, pg_catalog, ootspg, public;
	EXECUTE statement INTO result;
	RESET SESSION AUTHORIZATION;
	SET LOCAL search_path = pg_catalog, public;
	DROP TABLE pg_temp.provider, pg_temp.exchange, pg_temp.exchange_event, pg_temp.used_request, pg_temp.pg_class, pg_temp.pg_attribute;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT what, hostile_as(role, statement) FROM (VALUES
	('answer', 'regress_ootspg_exchange_civil', $$SELECT outcome FROM ootspg.answer(public.body('birth'))$$), ('answer for another', 'regress_ootspg_exchange_civil', $$SELECT outcome FROM ootspg.answer(public.body('vehicle'))$$),
	('evidence', 'regress_ootspg_exchange_civil', $$SELECT media_type FROM ootspg.evidence('birth', ootspg.natural_person('Ozolins', 'Janis', '1990-01-01'), distribution => 'pdf')$$),
	('activate', 'regress_ootspg_configure_civil', $$SELECT ootspg.activate('birth')$$), ('activate another''s', 'regress_ootspg_configure_civil', $$SELECT ootspg.activate('vehicle')$$),
	('change', 'regress_ootspg_configure_civil', $$UPDATE ootspg.evidence_type SET t1 = '5 min' RETURNING evidence_type$$),
	('audit', 'regress_ootspg_audit_civil', $$SELECT min(provider) FROM ootspg.exchange$$), ('purge', 'regress_ootspg_maintain', $$SELECT exchanges FROM ootspg.purge()$$), ('maintain', 'regress_ootspg_maintain', $$SELECT ootspg.maintain()$$),
	('key status', 'regress_ootspg_monitor_civil', $$SELECT seal_key FROM ootspg.seal_key_status$$)) a(what, role, statement);
SELECT * FROM evil.victim WHERE by_role NOT LIKE 'regress_ootspg_%';

-- A hostile view: it runs with the rights of the role that answers, and what it changes ends with it
CREATE FUNCTION evil.attempt(what text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN what || ': done; ';
EXCEPTION WHEN OTHERS THEN
	RETURN what || ': ' || SQLSTATE || '; ';
END $$;
CREATE FUNCTION evil.attempts() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN 'as ' || current_user || ' ' || evil.attempt('become owner', 'SET ROLE postgres')
		|| evil.attempt('read exchanges', 'SELECT FROM ootspg.exchange') || evil.attempt('read used ids', 'SELECT FROM ootspg_internal.used_request') || evil.attempt('read persons', 'SELECT FROM registry.person')
		|| evil.attempt('write events', 'INSERT INTO ootspg.exchange_event DEFAULT VALUES') || evil.attempt('create', 'CREATE TABLE ootspg.x ()') || evil.attempt('keep less', 'SET ootspg.retention = 12')
		|| evil.attempt('purge', 'SELECT ootspg.purge()') || evil.attempt('path', 'SET search_path = evil, pg_catalog') || evil.attempt('zone', 'SET timezone = ''Asia/Tokyo''') || evil.attempt('dates', 'SET datestyle = ''German''');
END $$;
CREATE VIEW registry.hostile AS SELECT person_id, issuing_date, pdf_of(evil.attempts()) AS document FROM registry.birth_evidence;
GRANT SELECT ON registry.hostile TO regress_ootspg_exchange_civil;
DELETE FROM ootspg.distribution WHERE evidence_type = 'birth' AND distribution = 'xml';
UPDATE ootspg.distribution SET source = 'registry.hostile', document = 'document', sample_source = NULL WHERE evidence_type = 'birth' AND distribution = 'pdf';
DELETE FROM evil.victim;
SET SESSION AUTHORIZATION regress_ootspg_exchange_civil;
SELECT outcome, part, replace(CASE WHEN part = 2 THEN substring(convert_from(content, 'UTF8') FROM '% as [^\n]*') END, '; ', E';\n') FROM ootspg.answer(body('birth'));
SELECT outcome, part FROM ootspg.answer(body('birth'));
SELECT current_user = session_user AS still_me, current_setting('search_path') AS path, current_setting('timezone') <> 'Asia/Tokyo' AS zone;
SELECT count(*) > 0 AS called, array_agg(DISTINCT by_role) AS as_nobody_else FROM evil.victim;

\set ECHO none
RESET SESSION AUTHORIZATION;
SELECT format('DROP OWNED BY %I', name) FROM duty_role \gexec
SELECT format('DROP ROLE %I', name) FROM duty_role \gexec
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
