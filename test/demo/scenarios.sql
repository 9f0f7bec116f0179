-- What is asked and what must come out. Loaded by a superuser after publish.sql: the
-- schema demo is the stage, no part of what a registry needs. The requests come from
-- test/fixtures/requests.sql. test/t/090_demo.pl holds every expectation here.
CREATE SCHEMA demo;
SET search_path = demo, public;
\ir ../fixtures/requests.sql

CREATE TABLE demo.scenario (
	scenario		text PRIMARY KEY,
	number			integer GENERATED ALWAYS AS IDENTITY UNIQUE,
	line			text NOT NULL,
	evidence_type	text NOT NULL,
	format			text NOT NULL,
	who				text NOT NULL,		-- family name, given names, birth date; or number and name of a company
	outcome			text NOT NULL,
	error_code		text,
	detail			text,				-- regular expression on the detail of the error
	pieces			text[] NOT NULL DEFAULT '{}',	-- media types
	level			text NOT NULL DEFAULT 'Substantial',
	readable		boolean NOT NULL DEFAULT false,
	system_check	boolean NOT NULL DEFAULT false,
	preview			boolean NOT NULL DEFAULT false,
	special			text CHECK (special IN ('replay', 'no xml', 'nobody addressed'))
);

INSERT INTO demo.scenario (scenario, line, evidence_type, format, who, outcome, error_code, detail, pieces, level, readable, system_check, preview, special) VALUES
	('birth, XML, v1.0', 'v1.0', 'birth', 'xml', 'Grauds, Martins, 1988-11-11', 'evidence', NULL, NULL, '{xml,pdf}', 'High', false, false, false, NULL),
	('birth, PDF, v1.1', 'v1.1', 'birth', 'pdf', 'Mueller, Juergen, 1979-07-07', 'evidence', NULL, NULL, '{pdf}', 'High', false, false, false, NULL),
	('birth, XML, v1.2', 'v1.2', 'birth', 'xml', 'Berzina, Anna-Marija, 1991-02-02', 'evidence', NULL, NULL, '{xml,pdf}', 'Substantial', false, false, false, NULL),
	('birth, XML with readable version, v2.0', 'v2.0', 'birth', 'xml', 'Papadopoulos, Georgios, 1984-06-17', 'evidence', NULL, NULL, '{xml,pdf}', 'High', true, false, false, NULL),
	('residence, JSON, v1.2', 'v1.2', 'residence', 'json', 'Dabrowska, Malgorzata, 1996-12-29', 'evidence', NULL, NULL, '{json,pdf}', 'Substantial', false, false, false, NULL),
	('residence, JSON, v2.0', 'v2.0', 'residence', 'json', 'Shevchenko, Yuliia, 1995-08-24', 'evidence', NULL, NULL, '{json}', 'Substantial', false, false, false, NULL),
	('three vehicles, v1.2', 'v1.2', 'vehicle', 'xml', 'Bērziņa, Marija Anna, 1991-02-02', 'evidence', NULL, NULL, '{xml,xml,xml}', 'Substantial', false, false, false, NULL),
	('three vehicles, v2.0', 'v2.0', 'vehicle', 'xml', 'Bērziņa, Anna Marija, 1991-02-02', 'evidence', NULL, NULL, '{xml,xml,xml}', 'Substantial', false, false, false, NULL),
	('company extract, finished PDF, v1.2', 'v1.2', 'company', 'pdf', 'LV/DE/40103999001, Kekavas adas un apavi', 'evidence', NULL, NULL, '{pdf}', 'Substantial', false, false, false, NULL),
	('company extract, XML, v2.0', 'v2.0', 'company', 'xml', 'LV/DE/40103999001, Kekavas adas un apavi', 'evidence', NULL, NULL, '{xml}', 'Substantial', false, false, false, NULL),
	('known person without a vehicle, v2.0', 'v2.0', 'vehicle', 'xml', 'Ozolins, Janis, 1990-01-01', 'empty', NULL, NULL, '{}', 'Substantial', false, false, false, NULL),
	('known person without a vehicle, v1.2', 'v1.2', 'vehicle', 'xml', 'Ozolins, Janis, 1990-01-01', 'empty', NULL, NULL, '{}', 'Substantial', false, false, false, NULL),
	('nobody of that name', 'v2.0', 'birth', 'xml', 'Ozolins, Janis, 1990-01-02', 'error', 'EDM:ERR:0004', NULL, '{}', 'Substantial', false, false, false, NULL),
	('two of one name and birth date', 'v2.0', 'birth', 'xml', 'Kalnins, Peteris, 1992-03-03', 'error', 'EDM:ERR:0004', NULL, '{}', 'Substantial', false, false, false, NULL),
	('protected person: answered as if unknown', 'v2.0', 'birth', 'xml', 'Kirsis, Aivars, 1993-04-04', 'error', 'EDM:ERR:0004', NULL, '{}', 'High', false, false, false, NULL),
	('level of assurance too low', 'v2.0', 'birth', 'xml', 'Ozolins, Janis, 1990-01-01', 'error', 'EDM:ERR:0001', 'level of assurance', '{}', 'Low', false, false, false, NULL),
	('format not offered', 'v1.2', 'vehicle', 'pdf', 'Bērziņa, Anna Marija, 1991-02-02', 'error', 'EDM:ERR:0007', 'formats', '{}', 'Substantial', false, false, false, NULL),
	('preview asked for, none offered', 'v2.0', 'birth', 'xml', 'Ozolins, Janis, 1990-01-01', 'error', 'EDM:ERR:0007', 'preview', '{}', 'Substantial', false, false, true, NULL),
	('a day that is in no calendar', 'v2.0', 'birth', 'xml', 'Ozolins, Janis, 1990-02-30', 'error', 'EDM:ERR:0003', '^R-EDM-REQ-C043$', '{}', 'Substantial', false, false, false, NULL),
	('invalid request', 'v2.0', 'birth', 'xml', 'Ozolins, Janis, 01.01.1990', 'error', 'EDM:ERR:0003', '^R-EDM-REQ-C043$', '{}', 'Substantial', false, false, false, NULL),
	('a request sent twice', 'v1.0', 'birth', 'xml', 'Grauds, Martins, 1988-11-11', 'error', 'EDM:ERR:0003', 'used before', '{}', 'High', false, false, false, 'replay'),
	('unreadable bytes', 'v2.0', 'birth', 'xml', 'nobody, nobody, 2000-01-01', 'error', 'EDM:ERR:0003', 'readable XML', '{}', 'Substantial', false, false, false, 'no xml'),
	('addressed to nobody here', 'v2.0', 'birth', 'xml', 'Ozolins, Janis, 1990-01-01', 'unanswerable', NULL, NULL, '{}', 'Substantial', false, false, false, 'nobody addressed'),
	('system check, procedure 00', 'v2.0', 'birth', 'xml', 'Nobody, Needed, 1970-01-01', 'evidence', NULL, NULL, '{xml}', 'Substantial', false, true, false, NULL);

-- What the requester abroad read in the Data Services Directory
CREATE TABLE demo.directory AS
SELECT t.evidence_type, t.data_service::text, p.identifier AS provider, l.line, l.classification,
	   (SELECT jsonb_object_agg(d.media_type, m.conforms_to) FROM ootspg.distribution d
		  LEFT JOIN ootspg.data_model_location m ON (m.model, m.version, m.line) = (d.model, d.model_version, l.line)
		 WHERE d.evidence_type = t.evidence_type) AS models,
	   t.procedures[1] AS procedure
  FROM ootspg.evidence_type t JOIN ootspg.provider p USING (provider) JOIN ootspg.evidence_type_line l USING (evidence_type);

CREATE FUNCTION demo.media_type(format text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'application/' || format $$;

-- The XML of the subject of a scenario
CREATE FUNCTION demo.subject(s demo.scenario) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN s.evidence_type = 'company' THEN demo.test_company(w[1], w[2], s.level)
				ELSE demo.test_person(w[1], w[2], w[3], NULL, s.level) END
	  FROM string_to_array(s.who, ', ') w
$$;

CREATE FUNCTION demo.wanted(s demo.scenario, d demo.directory) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT '<sdg:DistributedAs><sdg:Format>' || m || '</sdg:Format>'
		|| coalesce('<sdg:ConformsTo>' || (d.models ->> m) || '</sdg:ConformsTo>', '')
		|| CASE WHEN s.readable THEN '<sdg:AssociatedDocumentRequest>HumanReadableVersion</sdg:AssociatedDocumentRequest>' ELSE '' END
		|| '</sdg:DistributedAs>'
	  FROM demo.media_type(s.format) m
$$;

-- A scenario's request with its ebMS header. Each repetition has identifiers of its own,
-- except a replay, which repeats the very first request.
CREATE FUNCTION demo.ask(scenario text, repetition integer, OUT request bytea, OUT header bytea) LANGUAGE sql STABLE
SET search_path = demo, pg_catalog AS $$
	SELECT CASE s.special WHEN 'no xml' THEN '\x504b0304ff00'::bytea ELSE demo.test_request(d.line, d.data_service, d.classification, demo.subject(s),
			format('%s-0000-4000-8000-%s', lpad(to_hex(CASE s.special WHEN 'replay' THEN 1 ELSE s.number END), 8, '0'),
				   lpad(to_hex(CASE s.special WHEN 'replay' THEN 0 ELSE repetition END), 12, '0')),
			demo.wanted(s, d), CASE WHEN s.system_check THEN '00' ELSE d.procedure END, s.preview::text,
			provider_id => CASE s.special WHEN 'nobody addressed' THEN 'LV00000000000' ELSE d.provider END) END,
		demo.test_header(d.line, recipient => CASE s.special WHEN 'nobody addressed' THEN 'LV00000000000' ELSE d.provider END)
	  FROM demo.scenario s JOIN demo.directory d ON d.evidence_type = s.evidence_type AND d.line = 'oots-edm:' || s.line
	 WHERE s.scenario = ask.scenario
$$;

CREATE TABLE demo.run (
	scenario text REFERENCES demo.scenario,
	repetition integer,
	exchange_id bigint NOT NULL,
	outcome text NOT NULL,
	milliseconds numeric NOT NULL,
	PRIMARY KEY (scenario, repetition)
);
CREATE TABLE demo.part (
	scenario text REFERENCES demo.scenario,
	part integer,
	media_type text NOT NULL,
	content bytea NOT NULL,
	PRIMARY KEY (scenario, part)
);

CREATE TYPE demo.answer_part AS (exchange_id bigint, outcome text, part integer, content_id text, media_type text, content bytea);

-- Plays a scenario as whoever calls it: registry_service. The parts of the first answer
-- are kept for the show. The time is that of ootspg.answer() alone.
CREATE PROCEDURE demo.play(scenario text, repetition integer) LANGUAGE plpgsql AS $$
DECLARE
	q		record;
	part	demo.answer_part;
	parts	demo.answer_part[];
	started	timestamptz;
	ended	timestamptz;
BEGIN
	SELECT * INTO q FROM demo.ask(play.scenario, play.repetition);
	started := clock_timestamp();
	SELECT array_agg(ROW(a.*)::demo.answer_part ORDER BY a.part) INTO parts FROM ootspg.answer(q.request, q.header) a;
	ended := clock_timestamp();
	part := parts[1];
	INSERT INTO demo.run VALUES (play.scenario, play.repetition, part.exchange_id, part.outcome, extract(epoch FROM ended - started) * 1000);
	IF play.repetition = 0 THEN
		FOREACH part IN ARRAY parts LOOP
			INSERT INTO demo.part SELECT play.scenario, part.part, part.media_type, part.content WHERE part.content IS NOT NULL;
		END LOOP;
	END IF;
	COMMIT;
END $$;

CREATE PROCEDURE demo.repeat(scenario text, times integer) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. times LOOP
		CALL demo.play(repeat.scenario, i);
	END LOOP;
END $$;

-- What an answer says: its files with their titles, or its error
CREATE FUNCTION demo.namespaces() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT ARRAY[['rim', 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0'], ['rs', 'urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0'],
		['xlink', 'http://www.w3.org/1999/xlink'], ['sdg', 'http://data.europa.eu/p4s']]
$$;
CREATE FUNCTION demo.said(message bytea, path text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT xpath(path, convert_from(message, 'UTF8')::xml, demo.namespaces())::text[]
$$;

-- What came out beside what was expected
CREATE VIEW demo.result AS
SELECT scenario, s.number, r.exchange_id, r.milliseconds, r.outcome, e.code AS error_code, e.message, e.detail,
	   ARRAY(SELECT split_part(p.media_type, '/', 2) FROM demo.part p WHERE p.scenario = s.scenario AND p.part > 1 ORDER BY p.part) AS pieces
  FROM demo.scenario s JOIN demo.run r USING (scenario)
  LEFT JOIN (SELECT p.scenario, (demo.said(p.content, '//rs:Exception/@code'))[1] AS code, (demo.said(p.content, '//rs:Exception/@message'))[1] AS message,
					(demo.said(p.content, '//rs:Exception/@detail'))[1] AS detail
			   FROM demo.part p WHERE p.part = 1) e USING (scenario)
 WHERE r.repetition = 0;

CREATE VIEW demo.unexpected AS
SELECT r.* FROM demo.result r JOIN demo.scenario s USING (scenario)
 WHERE (r.outcome, r.error_code, r.pieces) IS DISTINCT FROM (s.outcome, s.error_code, s.pieces)
	OR (s.detail IS NOT NULL AND r.detail !~ s.detail IS NOT FALSE);

GRANT USAGE ON SCHEMA demo TO registry_service, registry_auditor;
GRANT SELECT ON demo.scenario, demo.directory, demo.run TO registry_service;
GRANT INSERT ON demo.run, demo.part TO registry_service;
GRANT SELECT ON ALL TABLES IN SCHEMA demo TO registry_auditor;
