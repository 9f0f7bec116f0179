--
-- Each request has one answer, a subset never brings the whole along, and wrong words are
-- refused with the right ones.
--
\set ECHO none
\set own regress_ootspg_requestable
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/ask.sql'
\i :fixture
CREATE VIEW registry.other AS SELECT person_id, issuing_date, document, to_jsonb(document) AS json, pdf_of('other') AS pdf FROM registry.birth_evidence;
\set ECHO all
\pset tuples_only on

-- Two distributions that answer the same requests: refused when the second one comes, and at every change of a type in service
SELECT * FROM refusal($$INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) VALUES ('birth', 'a', 'application/pdf', 'registry.other', 'pdf')$$);
SELECT * FROM refusal($$INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) VALUES ('birth', 'a', 'image/png', 'registry.other', 'pdf');
	UPDATE ootspg.distribution SET media_type = 'application/pdf' WHERE distribution = 'a'$$);
-- moved aside in the same transaction it answers something else
SELECT * FROM refusal($$INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) VALUES ('birth', 'a', 'application/pdf', 'registry.other', 'pdf');
	UPDATE ootspg.distribution SET readable = 'a', source = 'registry.other', sample_source = NULL WHERE distribution = 'xml'; DELETE FROM ootspg.distribution WHERE distribution = 'pdf'$$);
-- models of two names and one URL are one to whoever asks
SELECT * FROM refusal($$SELECT ootspg.install_data_model('same', '1', 'BirthEvidence', DATE '2026-01-01', namespace => 'urn:example:birth:1.0', prefix => 'b',
		locations => '{"oots-edm:v1.0": "https://sr.oots.tech.ec.europa.eu/distributions/same", "oots-edm:v1.1": "https://sr.oots.tech.ec.europa.eu/datamodels/same",
			"oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/same", "oots-edm:v2.0": "https://sr.acc.oots.tech.ec.europa.eu/datamodels/birth-1.0"}');
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, model, model_version) VALUES ('birth', 'a', 'application/xml', 'registry.other', 'same', '1')$$);

-- A subset has a document of its own
SELECT * FROM refusal($$INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, model, model_version, subset)
	VALUES ('birth', 'short', 'application/xml', 'registry.birth_evidence', 'birth', '1.0', 'short')$$);
-- … and a readable version that nobody can take for the whole
SELECT * FROM refusal($$DELETE FROM ootspg.distribution WHERE distribution = 'pdf'; UPDATE ootspg.distribution SET readable = NULL;
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, subset, readable) VALUES
	('birth', 'short', 'application/xml', 'registry.other', 'document', 'birth', '1.0', 'short', 'short-pdf'), ('birth', 'short-pdf', 'application/pdf', 'registry.other', 'pdf', NULL, NULL, NULL, NULL)$$);
-- … which is not that of the whole, either
SELECT * FROM refusal($$CREATE OR REPLACE VIEW registry.birth_evidence AS
		SELECT b.code AS person_id, b.entered AS issuing_date, 'LV'::text AS language, ROW('LV', b.entry_no, NULL, NULL, NULL, NULL, NULL)::registry.birth_document AS document, ''::bytea AS pdf,
			   ROW('LV', b.entry_no, NULL, NULL, NULL, NULL, NULL)::registry.birth_document AS short FROM registry.birth b;
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, subset, readable, companion_only) VALUES
	('birth', 'short', 'application/xml', 'registry.birth_evidence', 'short', 'birth', '1.0', 'short', 'b', false), ('birth', 'b', 'application/pdf', 'registry.birth_evidence', 'pdf', NULL, NULL, NULL, NULL, true)$$);
-- What only accompanies is for people, and accompanies something
SELECT * FROM refusal($$UPDATE ootspg.distribution SET companion_only = true WHERE distribution = 'xml'$$);
SELECT * FROM refusal($$INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, companion_only) VALUES ('birth', 'a', 'application/pdf', 'registry.other', 'pdf', true)$$);
SELECT * FROM refusal($$SELECT ootspg.deactivate('birth'); UPDATE ootspg.distribution SET companion_only = true WHERE distribution = 'pdf'; DELETE FROM ootspg.distribution WHERE distribution = 'xml'; SELECT ootspg.activate('birth')$$);

-- Told right, the subset's PDF leaves with the subset only, though it is the first by name
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, subset, readable, companion_only) VALUES
	('birth', 'a-pdf', 'application/pdf', 'registry.other', 'pdf', NULL, NULL, NULL, NULL, true),
	('birth', 'short', 'application/xml', 'registry.other', 'document', 'birth', '1.0', 'short', 'a-pdf', false);
CREATE FUNCTION got(line text, wanted text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', a.media_type, CASE WHEN a.media_type = 'application/pdf' THEN (regexp_match(convert_from(a.content, 'UTF8'), '% ([a-z]+)'))[1] END)
	  FROM ootspg.answer(request(line, wanted => wanted)) a WHERE a.part > 1 ORDER BY a.part
$$;
SELECT line, got(line, wanted('application/pdf')) FROM unnest('{oots-edm:v1.2,oots-edm:v2.0}'::text[]) line;
SELECT got('oots-edm:v1.2', wanted('application/xml', '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0</sdg:ConformsTo>'));
SELECT got('oots-edm:v1.2', wanted('application/xml', '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0</sdg:ConformsTo><sdg:Transformation>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0/short</sdg:Transformation>'));
SELECT role, (regexp_match(convert_from(content, 'UTF8'), '% ([a-z]+)'))[1] FROM ootspg.evidence('birth', '{010190-10001}'::text[]);
SELECT * FROM refusal($$SELECT ootspg.sample_request('birth', ootspg.natural_person('A', 'B', '1990-01-01'), distribution => 'a-pdf')$$);
SELECT DISTINCT distribution FROM ootspg.rehearse('birth') ORDER BY 1;

-- Rows that come in one statement are a restored dump: an ambiguity of former times is told, and nothing is lost
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
VALUES ('old', 'civil', 'b1c2d3e4-2222-4333-8444-55556666aaaa', '{"EN": "Old"}', 'registry.people', '{R1}', 'Low', 'exempt');
INSERT INTO ootspg.evidence_type_line SELECT 'old', line, classification FROM ootspg.evidence_type_line WHERE evidence_type = 'birth';
INSERT INTO ootspg.activation (evidence_type) VALUES ('old');
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document)
VALUES ('old', 'one', 'application/pdf', 'registry.other', 'pdf'), ('old', 'two', 'application/pdf', 'registry.birth_evidence', 'pdf');
SELECT * FROM refusal($$SELECT ootspg.activate('old')$$);
SELECT * FROM refusal($$UPDATE ootspg.evidence_type SET level_of_assurance = 'High' WHERE evidence_type = 'old'$$);
DELETE FROM ootspg.distribution WHERE distribution = 'two';

-- What cannot be published is said, one reason a line, when a type goes into service
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, readable)
VALUES ('old', 'json', 'application/json', 'registry.other', 'json', 'one');
SELECT ootspg.activate('old');
INSERT INTO ootspg.directory_entry (evidence_type) VALUES ('old');
INSERT INTO ootspg.publisher (provider, jurisdiction) VALUES ('civil', 'LV');
INSERT INTO ootspg.access_service (provider, party_id_type, party_id, lines)
VALUES ('civil', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:LV', 'AP_LV_1', '{oots-edm:v1.0,oots-edm:v1.1,oots-edm:v1.2}');
SELECT ootspg.activate('old');
UPDATE ootspg.distribution SET model = 'birth', model_version = '1.0' WHERE evidence_type = 'old' AND distribution = 'json';
UPDATE ootspg.access_service SET lines = NULL;
SELECT ootspg.activate('old');
UPDATE ootspg.distribution SET model = NULL, model_version = NULL WHERE evidence_type = 'old' AND distribution = 'json';
UPDATE ootspg.directory_entry SET publish = false;
SELECT ootspg.activate('old');

-- Wrong words, and the right ones
SELECT r.* FROM unnest(ARRAY[$$preview = 'no'$$, $$subject = 'person'$$, $$given_names = 'all'$$, $$seal = 'yes'$$, $$no_record = 'none'$$,
	$$seal = 'prefer'$$, $$seal_key = 'nosuch'$$]) change, refusal('UPDATE ootspg.evidence_type SET ' || change) r;
SELECT r.* FROM unnest(ARRAY[$$distribution SET subset = 'a/b', model = 'birth', model_version = '1.0'$$, $$provider SET content_domain = 'Civil..lv'$$, $$provider SET content_domain = 'civil.lv.'$$,
	$$directory_entry SET context = gen_random_uuid(), context_name = '{"EN": "Place"}', context_level = 'NUTS4'$$]) change, refusal('UPDATE ootspg.' || change) r;
SELECT r.* FROM unnest(ARRAY[$$accepted_party (party_id_type, party_id, name, source, requesters) VALUES ('t', 'p', 'n', 's', 'some')$$, $$directory_target (environment, service) VALUES ('test', 'DSD')$$,
	$$directory_target (environment, service, supported_values) VALUES ('test', 'dsd', 'x')$$, $$directory_target (environment, service, access_services) VALUES ('test', 'dsd', 'two')$$,
	$$classification_concept (concept, kind, description) VALUES (gen_random_uuid(), 'number', '{"EN": "How many"}')$$]) change, refusal('INSERT INTO ootspg.' || change) r;
SELECT * FROM refusal($$SELECT ootspg.grant_duty(current_user, 'exchanges')$$);
SELECT * FROM refusal($$SELECT ootspg.grant_duty(current_user, 'exchange', 'nosuch')$$);
INSERT INTO ootspg.seal_key VALUES ('seal-1', 'civil', 'file:a', 'file:a'), ('seal-2', 'civil', 'file:a', 'file:a');
SELECT * FROM refusal($$UPDATE ootspg.evidence_type SET seal_key = 'seal', seal = 'prefer'$$);
-- keys and providers are renamed as before
UPDATE ootspg.evidence_type SET seal_key = 'seal-1', seal = 'none';
UPDATE ootspg.seal_key SET seal_key = 'seal-3' WHERE seal_key = 'seal-1';
UPDATE ootspg.provider SET provider = 'civil2';
SELECT DISTINCT provider, seal_key FROM ootspg.evidence_type;

-- JSON is an object or an array; without a view nothing can be rehearsed, in words; too many pieces are found by rehearsing
CREATE VIEW registry.scalars AS SELECT person_id, issuing_date, d.document::jsonb, convert_to(d.document, 'UTF8') AS bytes, pdf
	FROM registry.birth_evidence, unnest(ARRAY['null', ' 1', '"x"', '[]', ' {"a": 1}']) WITH ORDINALITY d(document, n) WHERE d.n = right(person_id, 1)::integer;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
VALUES ('json', 'civil2', 'b1c2d3e4-2222-4333-8444-55556666bbbb', '{"EN": "JSON"}', 'registry.people', '{R1}', 'Low', 'exempt');
INSERT INTO ootspg.evidence_type_line SELECT 'json', line, classification FROM ootspg.evidence_type_line WHERE evidence_type = 'old';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) VALUES
	('json', 'j', 'application/json', 'registry.scalars', 'document'), ('json', 'b', 'application/json', 'registry.scalars', 'bytes');
SELECT distribution, fault, persons FROM ootspg.rehearse('json') WHERE persons IS NOT NULL;
SET ootspg.max_pieces = 1;
CREATE OR REPLACE VIEW registry.scalars AS SELECT person_id, issuing_date, '{}'::jsonb AS document, '{}'::bytea AS bytes, pdf FROM registry.birth_evidence, generate_series(1, 2);
SELECT distribution, fault, persons FROM ootspg.rehearse('json') WHERE distribution = 'j';
-- a human-readable version is a document as well: an access point counts payloads
CREATE OR REPLACE VIEW registry.scalars AS SELECT person_id, issuing_date, '{}'::jsonb AS document, '{}'::bytea AS bytes, pdf FROM registry.birth_evidence;
SELECT count(*) FROM ootspg.rehearse('json') WHERE distribution = 'j' AND persons IS NOT NULL;
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, companion_only) VALUES ('json', 'p', 'application/pdf', 'registry.scalars', 'pdf', true);
UPDATE ootspg.distribution SET readable = 'p' WHERE evidence_type = 'json' AND distribution = 'j';
SELECT distribution, fault FROM ootspg.rehearse('json') WHERE distribution = 'j' AND persons IS NOT NULL;
UPDATE ootspg.distribution SET readable = NULL WHERE evidence_type = 'json' AND distribution = 'j';
DELETE FROM ootspg.distribution WHERE evidence_type = 'json' AND distribution = 'p';
RESET ootspg.max_pieces;
SET client_min_messages = error;
DROP VIEW registry.scalars;
RESET client_min_messages;
SELECT * FROM ootspg.rehearse('json');

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
