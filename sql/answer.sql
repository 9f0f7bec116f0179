--
-- Answers: what a requester gets for every kind of request on every line. Each answer
-- built here is held against the rules for answers at the end.
--
\set ECHO none
\set own regress_ootspg_answer
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

-- A request becomes evidence, on every line, with and without its header
SELECT line, headed, a.* FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, (VALUES (false), (true)) h(headed),
	ask(request(line), CASE WHEN headed THEN test_header(line) END) a ORDER BY 1, 2;
SELECT line, conversation_id IS NOT NULL AS conversation, wire_exchange_id IS NOT NULL AS exchange, answer_header IS NOT NULL AS header,
	   (SELECT count(*) FROM regexp_matches(convert_from(answer_header, 'UTF8'), '<eb:PartInfo', 'g')) AS parts,
	   (SELECT count(*) FROM regexp_matches(convert_from(answer_header, 'UTF8'), '<eb:MessageProperties>.*?</eb:MessageProperties>')) AS properties
  FROM ootspg.exchange ORDER BY exchange_id;
-- System check: procedure 00 gets sample evidence about nobody, whoever is asked for
SELECT line, a.* FROM unnest(ARRAY['oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line,
	ask(request(line, procedure_code => '00', subject => test_person('Nobody', 'At All', '1900-01-01', 'DE/LV/A1B2C3D4E', 'Low'), preview => 'true')) a;
SELECT system_check, outcome, count(*) FROM ootspg.exchange WHERE procedure_code = '00' GROUP BY 1, 2;

-- Formats: the requester's order decides; 1.x sends the human-readable version along, 2.0 on request
SELECT what, a.* FROM (VALUES
	('xml', 'oots-edm:v1.2', wanted('application/xml')),
	('xml of the model', 'oots-edm:v1.2', wanted('application/xml', '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0</sdg:ConformsTo>')),
	('xml of the model in 1.0', 'oots-edm:v1.0', wanted('application/xml', '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/distributions/birth-1.0</sdg:ConformsTo>')),
	('xml of another model', 'oots-edm:v1.2', wanted('application/xml', '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-2.0</sdg:ConformsTo>')),
	('xml', 'oots-edm:v2.0', wanted('application/xml', '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0</sdg:ConformsTo>')),
	('xml and readable', 'oots-edm:v2.0', wanted('application/xml', '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0</sdg:ConformsTo><sdg:AssociatedDocumentRequest>HumanReadableVersion</sdg:AssociatedDocumentRequest>')),
	('xml and annex', 'oots-edm:v2.0', wanted('application/xml', '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0</sdg:ConformsTo><sdg:AssociatedDocumentRequest>Annex</sdg:AssociatedDocumentRequest>')),
	('pdf before xml', 'oots-edm:v2.0', wanted('application/pdf') || wanted('application/xml')),
	('png or xml or pdf', 'oots-edm:v2.0', wanted('image/png') || wanted('application/xml') || wanted('application/pdf')),
	('png', 'oots-edm:v2.0', wanted('image/png')),
	('json', 'oots-edm:v1.2', wanted('application/json'))
	) c(what, line, w), ask(request(line, wanted => w)) a;

-- Minimisation: a subset is its own distribution, by Transformation (1.x) or by its own URL (2.0)
CREATE TYPE registry.short_document AS (family_name text);
CREATE VIEW registry.birth_short AS
	SELECT b.code AS person_id, b.entered AS issuing_date, ROW(p.family_name)::registry.short_document AS document
	  FROM registry.birth b JOIN registry.person p USING (code);
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, model, model_version, subset)
VALUES ('birth', 'short', 'application/xml', 'registry.birth_short', 'birth', '1.0', 'name');
CREATE TEMP TABLE sent (part integer, content bytea);
CREATE FUNCTION send(request bytea) RETURNS text LANGUAGE sql AS $$
	DELETE FROM sent;
	INSERT INTO sent SELECT part, content FROM ootspg.answer(request);
	SELECT (SELECT string_agg(convert_from(content, 'UTF8'), ' ') FROM sent WHERE part = 2)
$$;
SELECT send(request('oots-edm:v1.2', wanted => wanted('application/xml',
	'<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0</sdg:ConformsTo><sdg:Transformation>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0/name</sdg:Transformation>')));
SELECT found('<sdg:ConformsTo>([^<]*)');
SELECT send(request('oots-edm:v2.0', wanted => wanted('application/xml', '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0/name</sdg:ConformsTo>')));
SELECT found('<sdg:ConformsTo>([^<]*)');
SELECT * FROM ask(request('oots-edm:v1.2', wanted => wanted('application/xml',
	'<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0</sdg:ConformsTo><sdg:Transformation>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0/other</sdg:Transformation>')));
SELECT send(request('oots-edm:v2.0', wanted => wanted('application/xml')));

-- The matched subject is repeated as asked for, never as the registry writes it (D-IDM-21)
SELECT * FROM ask(request(subject => test_person('OZOLINS', 'Janis', '1990-01-01', 'de/LV/a1B2c3D4e', 'High')));
SELECT found('<sdg:IsAbout>(.*?)</sdg:IsAbout>');
-- and without an identifier just as well (D-IDM-08)
SELECT * FROM ask(request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', NULL, 'High')));
SELECT found('<sdg:IsAbout>(.*?)</sdg:IsAbout>');

-- Unknown, ambiguous, protected, of another kind: the same words outside, the reason inside (D-IDM-22)
CREATE FUNCTION registry.may(question ootspg.entitlement_question) RETURNS boolean LANGUAGE sql STABLE
	AS $$SELECT (question).person_id <> '020291-10002' AND (question).representative IS NULL OR 'R1' = ANY ((question).powers) OR (question).powers IS NULL AND (question).representative IS NOT NULL$$;
UPDATE ootspg.evidence_type SET entitlement = 'registry.may';
CREATE TEMP TABLE refusals (what text, line text, message text);
CREATE FUNCTION refuse(what text, line text, subject text, OUT case_ text, OUT line_ text, OUT outcome text, OUT code text, OUT detail text, OUT reason text)
LANGUAGE plpgsql AS $$
BEGIN
	SELECT a.outcome, a.code, a.detail, a.reason INTO outcome, code, detail, reason FROM ask(request(line, subject)) a;
	INSERT INTO refusals SELECT what, line, regexp_replace(regexp_replace(last_message(), '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'id', 'g'), '\d{4}-\d\d-\d\dT[0-9:.]+Z', 'time', 'g');
	case_ := what; line_ := line;
END $$;
SELECT r.* FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, (VALUES
	('unknown', test_person('Nezināms', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High')),
	('known by another date', test_person('Ozoliņš', 'Jānis', '1990-01-02', 'DE/LV/A1B2C3D4E', 'High')),
	('known by another given name', test_person('Ozoliņš', 'Juris', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High')),
	('ambiguous', test_person('Kalniņš', 'Pēteris', '1992-03-03', 'DE/LV/A1B2C3D4E', 'High')),
	('protected', test_person('Slepens', 'Aivars', '1993-04-04', 'DE/LV/A1B2C3D4E', 'High')),
	('not entitled', test_person('Bērziņa', 'Anna Marija', '1991-02-02', 'DE/LV/A1B2C3D4E', 'High')),
	('company', test_company('DE/LV/A1B2C3D4E', 'Company', 'High'))
	) c(what, subject), refuse(what, line, subject) r;
SELECT line, count(DISTINCT message) AS different_messages FROM refusals GROUP BY 1 ORDER BY 1;
UPDATE ootspg.evidence_type SET entitlement = NULL;

-- A known person without record gets an empty list, or what the type says (DUTY §3.2)
\set ilze 'test_person(''Liepa'', ''Ilze'', ''1994-05-05'', ''DE/LV/A1B2C3D4E'', ''High'')'
SELECT line, a.* FROM unnest(ARRAY['oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line, :ilze)) a;
UPDATE ootspg.evidence_type SET no_record = 'by line';
SELECT line, a.* FROM unnest(ARRAY['oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line, :ilze)) a;
SELECT found('(<rim:RegistryObjectList.*</rim:RegistryObjectList>)');
UPDATE ootspg.evidence_type SET no_record = 'not found';
SELECT line, a.* FROM unnest(ARRAY['oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line, :ilze)) a;
UPDATE ootspg.evidence_type SET no_record = DEFAULT;

-- Level of assurance: the published level or more (D-IDM-05)
CREATE FUNCTION at_level(published text, stated text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	UPDATE ootspg.evidence_type SET level_of_assurance = published WHERE evidence_type = 'birth';
	RETURN (SELECT coalesce(code || ' ' || detail, outcome) FROM ask(request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', NULL, stated))));
END $$;
SELECT published, stated, at_level(published, stated) FROM unnest(ARRAY['Low', 'Substantial', 'High']) published, unnest(ARRAY['Low', 'Substantial', 'High']) stated;
UPDATE ootspg.evidence_type SET level_of_assurance = 'Substantial';

-- Known procedure, type, provider, classification, line: else 0004
SELECT what, a.* FROM (VALUES
	('procedure', request(procedure_code => 'T1')),
	('data service', request(service => '00000000-2222-4333-8444-555566667777')),
	('classification', request(classification => 'LV/00000000-3333-4444-8555-666677778888')),
	('classification of another country', request(classification => 'DE/c1d2e3f4-3333-4444-8555-666677778888')),
	('provider', request(provider_id => 'LV90000000002'))
	) c(what, request), ask(request) a;
DELETE FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v1.1';
SELECT * FROM ask(request('oots-edm:v1.1'));
SELECT ootspg.deactivate('birth');
SELECT * FROM ask(request());
SELECT ootspg.activate('birth');

-- Preview: not offered yet, so a request that insists gets no evidence; a link was never issued
SELECT line, a.* FROM unnest(ARRAY['oots-edm:v1.2', 'oots-edm:v2.0']) line, ask(request(line, preview => 'true')) a;
SELECT line, a.* FROM (VALUES ('oots-edm:v1.2', ''), ('oots-edm:v2.0', test_slot('ReturnLocation', 'StringValueType', '<rim:Value>https://return.example.de/x</rim:Value>'))) l(line, more),
	ask(request(line, more_slots => test_slot('PreviewLocation', 'StringValueType', '<rim:Value>https://preview.example.lv/secret-link</rim:Value>') || more)) a;
SELECT count(*) AS echoes FROM found('(secret-link)');

-- Time: at most T1 from the sending to the answer; a hopeless request is refused for its real reason however late (D-TMO-03, -04)
\set late 'to_char(now() AT TIME ZONE ''UTC'' - interval ''6 minutes'', ''YYYY-MM-DD"T"HH24:MI:SS"Z"'')'
\set soon 'to_char(now() AT TIME ZONE ''UTC'' + interval ''1 minute'', ''YYYY-MM-DD"T"HH24:MI:SS"Z"'')'
SELECT what, a.* FROM (VALUES
	('late', request(), :late), ('from the future', request(), :soon),
	('late, zone', request(), to_char(now() AT TIME ZONE 'UTC' + interval '2 hours' - interval '6 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"+02:00"')),
	('late and unknown type', request(service => '00000000-2222-4333-8444-555566667777'), :late),
	('late and unknown format', request(wanted => wanted('image/png')), :late),
	('late and unknown person', request(subject => test_person('Nezināms', 'Jānis', '1990-01-01', NULL, 'High')), :late),
	('late and invalid', change(request(), 'DocumentQuery', 'Documents'), :late),
	('late and preview', request(preview => 'true'), :late)
	) c(what, request, sent), ask(request, test_header('oots-edm:v2.0', sent => sent)) a;
UPDATE ootspg.evidence_type SET t1 = '10 min';
SELECT * FROM ask(request(), test_header('oots-edm:v2.0', sent => :late));
UPDATE ootspg.evidence_type SET t1 = '0';
SELECT * FROM ask(request(), test_header('oots-edm:v2.0', sent => '2020-01-01T00:00:00Z'));
-- work that ends too late is told too late
CREATE VIEW registry.birth_slow AS SELECT b.*, pg_sleep(0.1)::text AS title FROM registry.birth_evidence b;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview, t1)
SELECT 'slow', provider, 'b1c2d3e4-2222-4333-8444-555566667778', title, subject_source, procedures, level_of_assurance, preview, '100 ms' FROM ootspg.evidence_type;
INSERT INTO ootspg.evidence_type_line VALUES ('slow', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888');
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) VALUES ('slow', 'pdf', 'application/pdf', 'registry.birth_slow', 'pdf');
SELECT ootspg.activate('slow');
SELECT * FROM ask(request(service => 'b1c2d3e4-2222-4333-8444-555566667778'));
UPDATE ootspg.evidence_type SET t1 = DEFAULT;

-- Replay: an id is good for one request, whatever became of it and however it is written (D-TMO-07)
SELECT * FROM ask(request(id => 'aaaaaaaa-0000-4000-8000-000000000001'));
SELECT * FROM ask(request(id => 'aaaaaaaa-0000-4000-8000-000000000001'));
SELECT * FROM ask(request(id => 'AAAAAAAA-0000-4000-8000-000000000001'));
SELECT found('requestId="([^"]*)"');
SELECT * FROM ask(change(request(id => 'aaaaaaaa-0000-4000-8000-000000000002'), 'DocumentQuery', 'Documents'));
SELECT * FROM ask(request(id => 'aaaaaaaa-0000-4000-8000-000000000002'));
SELECT * FROM ask(change(request(id => 'aaaaaaaa-0000-4000-8000-000000000002'), 'id="urn', 'id=" urn'));

-- An id that is none is not repeated; the answer says which rule, or that there are several
SELECT what, a.*, found_after(a.outcome, '(requestId|status="[^"]*")') AS root FROM (VALUES
	('no prefix', 'aaaaaaaa-0000-4000-8000-000000000009'), ('empty', ''), ('no uuid', 'urn:uuid:x'), ('blank', 'urn:uuid: ')) c(what, id),
	ask(change(request(id => 'bbbbbbbb-0000-4000-8000-000000000009'), 'urn:uuid:bbbbbbbb-0000-4000-8000-000000000009', id)) a;
SELECT * FROM ask(change(request(id => 'bbbbbbbb-0000-4000-8000-000000000009'), 'id="urn:uuid:bbbbbbbb-0000-4000-8000-000000000009"', ''));

-- A fatal rule names itself, the version's before the body's, the header's before all
SELECT what, a.* FROM (VALUES
	('body', change(request(), 'DocumentQuery', 'Documents'), NULL),
	('version and body', change(change(request(), 'DocumentQuery', 'Documents'), '>oots-edm:v2.0<', '>oots-edm:v9<'), NULL),
	('header and body', change(request(), 'DocumentQuery', 'Documents'), change(test_header('oots-edm:v2.0'), 'application/x-ebrs+xml', 'text/xml')),
	('header alone', request(), change(test_header('oots-edm:v2.0'), '"originalSender"', '"sender"')),
	('no subject', convert_to(regexp_replace(convert_from(request(), 'UTF8'), '<rim:Slot name="NaturalPerson">.*?</sdg:Person></rim:SlotValue></rim:Slot>', ''), 'UTF8'), NULL),
	('two subjects', request(more_query => test_slot('LegalPerson', 'AnyValueType', test_company('DE/LV/A1B2C3D4E', 'Company', 'High'))), NULL),
	('30 February', request(subject => test_person('Ozoliņš', 'Jānis', '1990-02-30', NULL, 'High')), NULL),
	('no date', request(subject => test_person('Ozoliņš', 'Jānis', '1990', NULL, 'High')), NULL),
	('no day at all', request(subject => test_person('Ozoliņš', 'Jānis', '1990-13-01', NULL, 'High')), NULL),
	('unknown level', request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', NULL, 'Medium')), NULL),
	('explicit request', change(request(), '<rim:Value>true</rim:Value>', '<rim:Value>perhaps</rim:Value>'), NULL),
	('preview', request(preview => 'perhaps'), NULL)
	) c(what, request, header), ask(request, header) a;

-- Versions: header and body must agree (the matrix of the sheet); the answer speaks the request's version
CREATE FUNCTION answered_as() RETURNS SETOF text LANGUAGE sql AS $$SELECT found('<rim:Value>(oots-edm:[^<]*)')$$;
CREATE FUNCTION header_with(specification text, exchange boolean DEFAULT true) RETURNS bytea LANGUAGE sql AS $$
	SELECT CASE WHEN specification IS NULL AND NOT exchange THEN test_header('oots-edm:v1.2')
		WHEN specification IS NULL THEN change(test_header('oots-edm:v2.0'), '<eb:Property name="SpecificationId">oots-edm:v2.0</eb:Property>', '')
		WHEN NOT exchange THEN change(test_header('oots-edm:v2.0'), '<eb:Property name="ExchangeId">e0e0e0e0-1234-4abc-8def-00112233aabb</eb:Property>', '')
		ELSE change(test_header('oots-edm:v2.0'), '>oots-edm:v2.0<', '>' || specification || '<') END
$$;
CREATE FUNCTION body_with(slot text) RETURNS bytea LANGUAGE sql AS $$
	SELECT CASE WHEN slot IS NULL THEN change(request(), test_slot('SpecificationIdentifier', 'StringValueType', '<rim:Value>oots-edm:v2.0</rim:Value>'), '')
		WHEN slot LIKE 'oots-edm:v%.%' AND slot IN ('oots-edm:v1.0', 'oots-edm:v1.2', 'oots-edm:v2.0') THEN request(slot)
		ELSE change(request(CASE WHEN slot LIKE '%v1%' THEN 'oots-edm:v1.2' ELSE 'oots-edm:v2.0' END), '<rim:Value>oots-edm:v' , '<rim:Value>' || slot || 'v') END
$$;
CREATE TABLE matrix (header text, exchange_id boolean, body text, outcome text, code text, detail text, reason text, answered_as text);
DO $$
DECLARE
	h text; e boolean; b text; a record;
BEGIN
	FOR h, e IN VALUES (NULL, false), (NULL, true), ('oots-edm:v2.0', true), ('oots-edm:v2.0', false), ('oots-edm:v1.2', true), ('oots-edm:v9', true) LOOP
		FOREACH b IN ARRAY ARRAY['oots-edm:v1.0', 'oots-edm:v1.2', 'oots-edm:v2.0', 'unknown', NULL] LOOP
			SELECT * INTO a FROM ask(body_with(b), header_with(h, e));
			INSERT INTO matrix VALUES (h, e, b, a.outcome, a.code, a.detail, a.reason, CASE WHEN a.outcome <> 'unanswerable' THEN (SELECT answered_as()) END);
		END LOOP;
	END LOOP;
END $$;
SELECT * FROM matrix ORDER BY ctid;
-- without a header the slot decides alone; what it does not tell, the provider's preference does
UPDATE ootspg.provider SET preferred_line = 'oots-edm:v1.1';
SELECT body, a.* FROM (VALUES ('unknown'), (NULL)) b(body), ask(body_with(body)) a;
SELECT answered_as();
SELECT * FROM ask('<query:QueryRequest xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0"/>');
SELECT answered_as();
UPDATE ootspg.provider SET preferred_line = DEFAULT;

-- Requests that have no valid answer are kept and not answered; those that have one without an addressee get it
SELECT what, line, a.* FROM (VALUES ('oots-edm:v1.0'), ('oots-edm:v1.1'), ('oots-edm:v1.2'), ('oots-edm:v2.0')) l(line), (VALUES
	('no requester', '<rim:Slot name="EvidenceRequester">.*?</rim:SlotValue></rim:Slot>', ''),
	('no ER', '<sdg:Classification>ER</sdg:Classification>', '<sdg:Classification>IP</sdg:Classification>'),
	('two ER', '(<rim:Element xsi:type="rim:AnyValueType"><sdg:Agent>.*?</rim:Element>)', '\1\1'),
	('ER without identifier', 'DE-REQ-0001', ''),
	('ER of unknown scheme', 'EAS:0204', 'EAS:0000'),
	('ER without name', '<sdg:Name lang="EN">Sample University Office</sdg:Name>', ''),
	('ER named in no language', 'lang="EN">Sample University', 'lang="XX">Sample University')
	) c(what, this, that), ask(convert_to(regexp_replace(convert_from(request(line), 'UTF8'), this, that), 'UTF8')) a;
SELECT what, a.* FROM (VALUES
	('no conversation', 'oots-edm:v1.2', '', 'e0e0e0e0-1234-4abc-8def-00112233aabb'), ('conversation', 'oots-edm:v1.2', 'abc', 'e0e0e0e0-1234-4abc-8def-00112233aabb'),
	('no exchange', 'oots-edm:v2.0', 'c0ffee00-1234-4abc-8def-00112233aabb', ''), ('exchange', 'oots-edm:v2.0', 'c0ffee00-1234-4abc-8def-00112233aabb', 'abc'),
	('exchange in 1.2', 'oots-edm:v1.2', 'c0ffee00-1234-4abc-8def-00112233aabb', 'abc')
	) c(what, line, conversation, exchange), ask(request(line), test_header(line, conversation, exchange)) a;
SELECT what, a.* FROM (VALUES
	('not XML', 'hello'), ('broken', '<query:QueryRequest'), ('another root', '<a/>'), ('a response', '<query:QueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0"/>'),
	('another namespace', '<QueryRequest/>'), ('empty', ''), ('bare', '<query:QueryRequest xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0"/>')) c(what, body),
	(VALUES (NULL), (test_header('oots-edm:v1.2')), (test_header('oots-edm:v1.2', 'abc')), ('<a/>'::bytea)) h(header), ask(convert_to(body, 'UTF8'), header) a;

-- Several requesters: the ER is answered, an intermediary platform noted
SELECT position, a.* FROM (VALUES ('before'), ('after')) p(position), LATERAL (SELECT '<rim:Element xsi:type="rim:AnyValueType"><sdg:Agent>'
	|| '<sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:0204">DE-PLATFORM</sdg:Identifier><sdg:Name lang="EN">Platform</sdg:Name>'
	|| '<sdg:Address><sdg:AdminUnitLevel1>DE</sdg:AdminUnitLevel1></sdg:Address><sdg:Classification>IP</sdg:Classification></sdg:Agent></rim:Element>') x(agent),
	ask(convert_to(regexp_replace(convert_from(request(), 'UTF8'), '(<rim:Element xsi:type="rim:AnyValueType"><sdg:Agent>.*?</rim:Element>)',
		CASE position WHEN 'before' THEN agent || '\1' ELSE '\1' || agent END), 'UTF8')) a;
SELECT found('EAS:0204">([^<]*)');
SELECT facts->>'platform_identifier' FROM ootspg.exchange_event WHERE event_type = 'request_received' ORDER BY event_id DESC LIMIT 1;

-- Representation: not supported unless the type says so, then entitlement decides, and in 2.0 the scope must cover the procedure
CREATE FUNCTION representative(level text, scope text) RETURNS text LANGUAGE sql AS $$
	SELECT test_slot('AuthorizedRepresentative', 'AnyValueType', test_person('Vecāks', 'Māra', '1960-01-01', 'DE/LV/Z9Y8X7W6V', level,
		coalesce('<sdg:SectorSpecificAttribute><sdg:AttributeName>PowerOfRepresentationScope</sdg:AttributeName><sdg:AttributeURI>https://example.eu/scope</sdg:AttributeURI><sdg:AttributeValue>' || scope || '</sdg:AttributeValue></sdg:SectorSpecificAttribute>', '')))
$$;
CREATE TEMP TABLE representation (what text, line text, level text, scope text);
INSERT INTO representation VALUES ('no scope', 'oots-edm:v1.2', 'High', NULL), ('no scope', 'oots-edm:v2.0', 'High', NULL), ('within scope', 'oots-edm:v2.0', 'High', 'R1'),
	('outside scope', 'oots-edm:v2.0', 'High', 'T1'), ('low level', 'oots-edm:v2.0', 'Low', 'R1');
SELECT what, line, a.* FROM representation, ask(request(line, more_query => representative(level, scope))) a;
UPDATE ootspg.evidence_type SET representation = true WHERE evidence_type = 'birth';
SELECT what, line, a.* FROM representation, ask(request(line, more_query => representative(level, scope))) a;
UPDATE ootspg.evidence_type SET entitlement = 'registry.may' WHERE evidence_type = 'birth';
SELECT what, line, a.* FROM representation, ask(request(line, more_query => representative(level, scope))) a;
UPDATE ootspg.evidence_type SET representation = false, entitlement = NULL WHERE evidence_type = 'birth';

-- A registered link narrows two namesakes to one, for that very identifier; it never overrides the attributes (D-IDM-01, -09, -10)
CREATE FUNCTION peteris(identifier text, family text DEFAULT 'Kalniņš') RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(code || ' ' || reason, outcome) FROM ask(request(subject => test_person(family, 'Pēteris', '1992-03-03', identifier, 'High')))
$$;
INSERT INTO ootspg.identity_link (provider, identifier, person_id, source, level_of_assurance) VALUES ('civil', 'DE/LV/K1K2K3K4K', '030392-10003', 'clerk', 'High');
SELECT peteris('DE/LV/K1K2K3K4K') AS linked, peteris('de/lv/K1K2K3K4K') AS other_case, peteris('DE/LV/k1K2K3K4K') AS another_one, peteris('DE/LT/K1K2K3K4K') AS other_country, peteris('DE/LV/A1B2C3D4E') AS not_linked,
	   peteris('DE/LV/K1K2K3K4K', 'Liepa') AS linked_but_other_name;
-- The country's own part may be Base64: there letter case tells two persons apart
INSERT INTO ootspg.identity_link (provider, identifier, person_id, source, level_of_assurance) VALUES ('civil', 'DE/LV/k1K2K3K4K', '030392-10004', 'clerk', 'High');
SELECT peteris('DE/LV/K1K2K3K4K') AS linked, peteris('dE/lV/k1K2K3K4K') AS another_one;
INSERT INTO ootspg.identity_link (provider, identifier, person_id, source, level_of_assurance) VALUES ('civil', 'de/lv/k1K2K3K4K', '030392-10003', 'clerk', 'High');
UPDATE ootspg.identity_link SET revoked_at = now();
SELECT peteris('DE/LV/K1K2K3K4K') AS revoked;

-- Given names: all of them in any order, or the first with one more attribute (D-IDM-13)
CREATE FUNCTION anna(given text, more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(code || ' ' || reason, outcome) FROM ask(request(subject => test_person('Berzina', given, '1991-02-02', 'DE/LV/A1B2C3D4E', 'High', more)))
$$;
\set cesis '''<sdg:PlaceOfBirth>Cesis</sdg:PlaceOfBirth>'''
\set riga '''<sdg:PlaceOfBirth>Riga</sdg:PlaceOfBirth>'''
SELECT anna('Anna Marija'), anna('Marija Anna'), anna('Anna'), anna('Anna', :cesis);
UPDATE ootspg.evidence_type SET given_names = 'first' WHERE evidence_type = 'birth';
SELECT anna('Anna Marija'), anna('Anna Marija', :cesis), anna('Anna', :cesis), anna('Anna', :riga), anna('Marija', :cesis);
UPDATE ootspg.evidence_type SET given_names = DEFAULT WHERE evidence_type = 'birth';

-- Incomplete dates of an old register match nothing, a missing date neither (D-IDM-14)
CREATE VIEW registry.old_people AS SELECT * FROM (VALUES
	('010190-10001', 'Ozoliņš', 'Jānis', '1990-01-01'), ('x1', 'Senais', 'Ivars', '1990-00-00'), ('x2', 'Senais', 'Ivars', '1990'), ('x3', 'Senais', 'Ivars', NULL), ('x4', 'Senais', 'Ivars', '1990-01'))
	v(person_id, family_name, given_name, date_of_birth);
UPDATE ootspg.evidence_type SET subject_source = 'registry.old_people' WHERE evidence_type = 'birth';
SELECT family, a.* FROM (VALUES ('Ozoliņš', 'Jānis'), ('Senais', 'Ivars')) p(family, given), ask(request(subject => test_person(family, given, '1990-01-01', NULL, 'High'))) a;
UPDATE ootspg.evidence_type SET subject_source = 'registry.people' WHERE evidence_type = 'birth';

-- One person, several records: all of them (D-IDM-03); rows of one evidence_key are translations, the wanted one is sent (D-MOD-12)
CREATE TABLE registry.vehicle (owner text, plate text, language text, wording text);
INSERT INTO registry.vehicle VALUES ('010190-10001', 'LV-1', 'LV', 'Auto'), ('010190-10001', 'LV-1', 'EN', 'Car'), ('010190-10001', 'LV-2', 'LV', 'Kuģis');
CREATE VIEW registry.vehicle_evidence AS
	SELECT owner AS person_id, DATE '2020-01-01' AS issuing_date, language, wording AS title, plate AS evidence_key, plate || (language = 'EN') AS piece_order,
		   pdf_of(wording) AS document, DATE '2020-01-01' AS valid_from, DATE '2030-01-01' AS valid_until FROM registry.vehicle;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
VALUES ('vehicle', 'civil', 'b1c2d3e4-2222-4333-8444-555566667779', '{"EN": "Registration"}', 'registry.people', '{R1}', 'Low', 'exempt');
INSERT INTO ootspg.evidence_type_line SELECT 'vehicle', line, classification FROM ootspg.evidence_type_line WHERE evidence_type = 'birth';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source) VALUES ('vehicle', 'pdf', 'application/pdf', 'registry.vehicle_evidence');
SELECT ootspg.activate('vehicle');
SELECT what, a.evidence, found_after(a.outcome, 'xlink:title="([^"]*)"') AS titles, found_after(a.outcome, '<sdg:Language>([^<]*)') AS languages FROM (VALUES
	('no wish, 2.0', request('oots-edm:v2.0', service => 'b1c2d3e4-2222-4333-8444-555566667779')),
	('EN, 2.0', request('oots-edm:v2.0', service => 'b1c2d3e4-2222-4333-8444-555566667779', wanted => wanted('application/pdf', '<sdg:Language>EN</sdg:Language>'))),
	('FR then EN, 2.0', request('oots-edm:v2.0', service => 'b1c2d3e4-2222-4333-8444-555566667779', wanted => wanted('application/pdf', '<sdg:Language>FR</sdg:Language><sdg:Language>EN</sdg:Language>'))),
	('FR, 2.0', request('oots-edm:v2.0', service => 'b1c2d3e4-2222-4333-8444-555566667779', wanted => wanted('application/pdf', '<sdg:Language>FR</sdg:Language>'))),
	('EN, 1.2', change(request('oots-edm:v1.2', service => 'b1c2d3e4-2222-4333-8444-555566667779'), ' id="urn', ' xml:lang="EN" id="urn')),
	('no wish, 1.0', request('oots-edm:v1.0', service => 'b1c2d3e4-2222-4333-8444-555566667779'))) c(what, request), LATERAL ask(request) a;

-- Companies: by their number under their own country's identifier, or by a further one; never by name (D-IDM-19)
CREATE TABLE registry.company (number text PRIMARY KEY, name text, vat text, lei text, secret boolean DEFAULT false);
INSERT INTO registry.company VALUES ('40003000001', 'Alfa SIA', 'LV40003000001', '5493001KJTIIGC8Y1R12', false), ('40003000002', 'Beta SIA', 'LV40003000002', NULL, false),
	('40003000003', 'Gamma SIA', NULL, NULL, true), ('40003000004', 'Delta SIA', 'LV40003000099', NULL, false), ('40003000005', 'Delta Group', 'LV40003000099', NULL, false);
CREATE VIEW registry.companies AS SELECT number AS person_id, vat, lei, secret AS protected FROM registry.company;
CREATE VIEW registry.company_extract AS SELECT number AS person_id, CURRENT_DATE AS issuing_date, pdf_of('') AS document FROM registry.company;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject, subject_source, procedures, level_of_assurance, preview)
VALUES ('extract', 'civil', 'b1c2d3e4-2222-4333-8444-55556666777a', '{"EN": "Company extract"}', 'legal person', 'registry.companies', '{R1}', 'Low', 'exempt');
INSERT INTO ootspg.evidence_type_line SELECT 'extract', line, classification FROM ootspg.evidence_type_line WHERE evidence_type = 'birth';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source) VALUES ('extract', 'pdf', 'application/pdf', 'registry.company_extract');
SELECT ootspg.activate('extract');
CREATE FUNCTION company(eidas text, other text DEFAULT '', name text DEFAULT 'Alfa SIA', line text DEFAULT 'oots-edm:v2.0') RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(code || ' ' || reason, outcome) FROM ask(request(line, service => 'b1c2d3e4-2222-4333-8444-55556666777a', subject => test_company(eidas, name, 'High', other)))
$$;
CREATE FUNCTION also(scheme text, identifier text) RETURNS text LANGUAGE sql AS $$SELECT '<sdg:Identifier schemeID="' || scheme || '">' || identifier || '</sdg:Identifier>'$$;
SELECT line, company('LV/DE/40003000001', line => line) FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.2', 'oots-edm:v2.0']) line;
SELECT found('<sdg:IsAbout>(.*?)</sdg:IsAbout>');
SELECT what, outcome FROM (VALUES
	('renamed', company('LV/DE/40003000001', name => 'Alpha Holding')),
	('unknown number', company('LV/DE/49999999999')),
	('another country''s identifier', company('DE/LV/40003000001')),
	('another country''s, and VAT', company('DE/LV/X9999999999', also('VAT', 'LV40003000001'))),
	('another country''s, and LEI', company('DE/LV/X9999999999', also('LEI', '5493001KJTIIGC8Y1R12'))),
	('number and LEI agree', company('LV/DE/40003000001', also('LEI', '5493001KJTIIGC8Y1R12'))),
	('number, and a LEI the register lacks', company('LV/DE/40003000002', also('LEI', '5493001KJTIIGC8Y1R99'))),
	('number of one, VAT of another', company('LV/DE/40003000001', also('VAT', 'LV40003000002'))),
	('number of one, VAT of nobody', company('LV/DE/40003000001', also('VAT', 'LV40003000077'))),
	('VAT of two', company('DE/LV/X9999999999', also('VAT', 'LV40003000099'))),
	('protected', company('LV/DE/40003000003')),
	('a scheme the register does not keep', company('DE/LV/X9999999999', also('EORI', 'LV40003000001')))
	) c(what, outcome);
INSERT INTO ootspg.identity_link (provider, identifier, person_id, source, level_of_assurance) VALUES ('civil', 'DE/LV/X9999999999', '40003000002', 'clerk', 'High');
SELECT company('DE/LV/X9999999999') AS linked, company('DE/LV/X9999999999', also('VAT', 'LV40003000001')) AS linked_but_vat_of_another;
-- the company number inside the eIDAS value, as the type's expression tells
UPDATE ootspg.evidence_type SET legal_number = '^LVR([0-9]+)$' WHERE evidence_type = 'extract';
SELECT company('LV/DE/LVR40003000001') AS inside, company('LV/DE/40003000001') AS bare;
SELECT * FROM ask(request(service => 'b1c2d3e4-2222-4333-8444-55556666777a'));

-- Spelling of the XML means nothing: prefixes, default namespaces, comments, instructions, blanks around values
CREATE FUNCTION unprefixed(message bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(replace(replace(replace(convert_from(message, 'UTF8'), '<query:QueryRequest xmlns:query', '<QueryRequest xmlns'), '</query:', '</'), '<query:', '<'), 'UTF8')
$$;
CREATE FUNCTION local_defaults(message bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(regexp_replace(regexp_replace(regexp_replace(convert_from(message, 'UTF8'),
		'<sdg:(Agent|Person|DataServiceEvidenceType|Requirement)>', '<\1 xmlns="http://data.europa.eu/p4s">', 'g'), '<(/?)sdg:', '<\1', 'g'),
		'>([^<>]+)</(FamilyName|GivenName|DateOfBirth)>', E'>\n  \\1 <!-- c --></\\2>', 'g'), 'UTF8')
$$;
SELECT line, u.outcome, u.detail, l.outcome, l.detail, b.outcome, b.detail FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.2', 'oots-edm:v2.0']) line,
	LATERAL ask(unprefixed(request(line))) u, LATERAL ask(convert_to('<?xml version="1.0"?><!-- c --><?pi x?>' || replace(convert_from(request(line), 'UTF8'), '<rim:Slot ', E'<!-- c -->\n<?pi x?>\t<rim:Slot '), 'UTF8')) b, LATERAL ask(local_defaults(request(line))) l;
SELECT found('<sdg:IsAbout>(.*?)</sdg:IsAbout>');

-- A hostile length is no way out of the log: what no index can hold is answered and kept all the same
SELECT what, a.outcome, a.code, a.detail FROM (SELECT string_agg(md5(i::text), '') AS long FROM generate_series(1, 1000) i) l, LATERAL (VALUES
	('id', request(id => 'aaaa' || long), NULL), ('requester', change(request(), 'DE-REQ-0001', long), NULL), ('procedure', request(procedure_code => long), NULL),
	('data service', request(service => long), NULL), ('conversation', request(), test_header('oots-edm:v2.0', long)), ('message id', request(), change(test_header('oots-edm:v2.0'), 'm-1@', long || '@')),
	('identifier', request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/' || long, 'High')), NULL),
	('name', request(subject => test_person(long, 'Jānis', '1990-01-01', NULL, 'High')), NULL)) c(what, request, header), ask(request, header) a;

-- Nobody has such a name: refused in every place, and not a character earlier; its search key is of the bytes as they came
SELECT c.what, within.code AS within, beyond.code, beyond.detail, marks.detail AS marks FROM (VALUES
	('family name', request(subject => test_person('§', 'Jānis', '1990-01-01', NULL, 'High'))),
	('given name', request(subject => test_person('Ozoliņš', '§', '1990-01-01', NULL, 'High'))),
	('place of birth', request(subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', NULL, 'High', '<sdg:PlaceOfBirth>§</sdg:PlaceOfBirth>'))),
	('legal name', request(subject => test_company('DE/LV/X40003000001', '§', 'High'))),
	('legal identifier', request(subject => test_company('DE/LV/X40003000001', 'SIA', 'High', '<sdg:Identifier schemeID="VAT">§</sdg:Identifier>'))),
	('representative', request(more_query => test_slot('AuthorizedRepresentative', 'AnyValueType', test_person('Ozoliņš', '§', '1990-01-01', NULL, 'High')))),
	('representing company', request(more_query => test_slot('AuthorizedRepresentativeLegalPerson', 'AnyValueType', test_company('DE/LV/X40003000001', '§', 'High')))),
	('requester', change(request(), 'Sample University Office', '§')), ('provider', change(request(), 'Sample Register', '§'))) c(what, request),
	LATERAL ask(change(request, '§', repeat('ž', 512))) within, LATERAL ask(change(change(request, '§', repeat('ž', 513)), 'id="urn:uuid:0', 'id="urn:uuid:1')) beyond,
	LATERAL ask(change(change(request, '§', 'z' || repeat(U&'\0301', 31)), 'id="urn:uuid:0', 'id="urn:uuid:2')) marks;
SELECT count(DISTINCT ootspg.subject_key(ootspg.natural_person(name, 'A', '1990-01-01'))) AS keys FROM (VALUES
	(repeat('ž', 512)), (repeat('Ž', 512)), (repeat(U&'z\030C', 256)), (repeat('ž', 256)), (repeat('ž', 513)), (repeat('Ž', 513)), ('z' || repeat(U&'\0301', 31)), ('z' || repeat(U&'\0301', 30))) n(name);

-- All that left in this test keeps the rules for answers, on its line; the one warning is about a person without identifier
SELECT x.line, x.outcome, count(*) > 0 AS sent FROM ootspg.exchange_event e JOIN ootspg.exchange x USING (exchange_id) WHERE direction = 'out' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT DISTINCT x.line, x.outcome, x.reason, c.rule_id, c.severity FROM ootspg.exchange_event e JOIN ootspg.exchange x USING (exchange_id),
	ootspg.check_message(e.first_part, e.header) c WHERE e.direction = 'out' AND c.severity IN ('fatal', 'warning') ORDER BY 1, 2, 3, 4;

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
