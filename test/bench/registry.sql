-- The registry that test/bin/run-bench measures: a population register whose evidence
-- of residence is about 4 KB of XML, and an outbox. psql variable: persons. All persons are fictitious.
CREATE SCHEMA bench;
CREATE TABLE bench.person (
	code text PRIMARY KEY, family_name text NOT NULL, given_name text NOT NULL, born date NOT NULL,
	birthplace text NOT NULL, sex text NOT NULL, citizenship text NOT NULL, document_no text NOT NULL,
	issued date NOT NULL, office text NOT NULL
);
CREATE TABLE bench.residence (
	code text NOT NULL, since date NOT NULL, until date, street text NOT NULL, house text NOT NULL,
	city text NOT NULL, municipality text NOT NULL, postcode text NOT NULL, cadastre bigint NOT NULL, kind text NOT NULL
);
INSERT INTO bench.person
SELECT to_char(n, 'FM00000000'),
	   (ARRAY['Ozoliņš', 'Bērziņa', 'Kalniņš', 'Liepa', 'Krūmiņa', 'Müller & Söhne', 'Jansons'])[1 + n % 7] || '-' || to_hex(n),
	   (ARRAY['Jānis', 'Anna Marija', 'Pēteris', 'Ilze', 'Žanete'])[1 + n % 5],
	   DATE '1940-01-01' + (n * 7919 % 24000), (ARRAY['Rīga', 'Cēsis', 'Liepāja', 'Ventspils'])[1 + n % 4],
	   (ARRAY['female', 'male'])[1 + n % 2], 'LV', 'LV' || to_char(n * 31 % 10000000, 'FM0000000'),
	   DATE '2026-01-01' + n % 200, 'Office of Citizenship and Migration Affairs'
  FROM generate_series(1, :persons) n;
INSERT INTO bench.residence
SELECT to_char(n, 'FM00000000'), DATE '1990-01-01' + k * 1200, CASE WHEN k < 10 THEN DATE '1990-01-01' + k * 1200 + 1199 END,
	   (ARRAY['Brīvības iela', 'Krišjāņa Valdemāra iela', 'Lielais prospekts', 'Raiņa bulvāris'])[1 + (n + k) % 4], (1 + n * k % 200) || '-' || k,
	   (ARRAY['Rīga', 'Cēsis', 'Liepāja', 'Ventspils'])[1 + (n * k) % 4], 'Municipality of ' || (1 + n % 43),
	   'LV-' || (1000 + n % 4000), 100000000 + n * 20 + k, (ARRAY['declared', 'additional'])[1 + k % 2]
  FROM generate_series(1, :persons) n, generate_series(1, 10) k;
CREATE INDEX person_match ON bench.person (born, ootspg.name_key(family_name));
CREATE INDEX residence_code ON bench.residence (code, since);

CREATE VIEW bench.people AS
	SELECT code AS person_id, family_name, given_name, born AS date_of_birth, birthplace AS place_of_birth FROM bench.person;
CREATE TYPE bench.stay AS (
	since date, until date, street text, house text, city text, municipality text, postcode text, cadastre_number bigint, residence_kind text
);
CREATE TYPE bench.residence_document AS (
	person_code text, family_name text, given_name text, date_of_birth date, place_of_birth text, sex text, citizenship text,
	document_number text, issued date, issuing_office text, residence bench.stay[]
);
CREATE VIEW bench.residence_evidence AS
	SELECT p.code AS person_id, p.issued AS issuing_date, 'LV'::text AS language,
		   ROW(p.code, p.family_name, p.given_name, p.born, p.birthplace, p.sex, p.citizenship, p.document_no, p.issued, p.office,
			   ARRAY(SELECT ROW(r.since, r.until, r.street, r.house, r.city, r.municipality, r.postcode, r.cadastre, r.kind)::bench.stay
					   FROM bench.residence r WHERE r.code = p.code ORDER BY r.since))::bench.residence_document AS document
	  FROM bench.person p;

INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
VALUES ('civil', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000001', '{"EN": "Population Register"}', 'LV', 'civil.example.lv', 'test');
SELECT ootspg.set_seal_key('bench', 'civil', 'file:bench.key', 'file:bench.pem');
SELECT ootspg.install_data_model('residence', '1.0', 'ResidenceEvidence', DATE '2026-01-01', namespace => 'urn:example:residence:1.0', prefix => 'r',
	locations => '{"oots-edm:v2.0": "https://sr.oots.tech.ec.europa.eu/datamodels/residence-1.0"}');
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview, seal, seal_key, t1)
VALUES ('residence', 'civil', gen_random_uuid(), '{"EN": "Evidence of residence"}', 'bench.people', '{R1}', 'Substantial', 'exempt', 'require', 'bench', '0');	-- requests wait here for their turn
INSERT INTO ootspg.evidence_type_line
VALUES ('residence', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888');
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version)
VALUES ('residence', 'xml', 'application/xml', 'bench.residence_evidence', 'document', 'residence', '1.0');
SELECT ootspg.activate('residence');
SELECT ootspg.maintain();

-- What leaves, until it has left. A document of 6 KB compresses to fit its row.
CREATE TABLE bench.outbox (
	exchange_id bigint NOT NULL, part integer NOT NULL, content_id text NOT NULL, media_type text NOT NULL,
	evidence_id uuid NOT NULL, sha256 bytea NOT NULL, content bytea COMPRESSION lz4 NOT NULL, PRIMARY KEY (exchange_id, part)
) WITH (toast_tuple_target = 4080);
CREATE SEQUENCE bench.exchange_seq;

-- CPU time of this backend in ns
CREATE FUNCTION bench.cpu() RETURNS bigint LANGUAGE sql VOLATILE AS
	$$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint $$;

CREATE TABLE bench.result (name text NOT NULL, cpu float NOT NULL, elapsed float NOT NULL);

-- Runs a statement that does so many units of work; notes CPU and elapsed µs of one
CREATE PROCEDURE bench.measure(name text, statement text, units integer) LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz := clock_timestamp();
	cpu bigint := bench.cpu();
BEGIN
	EXECUTE statement;
	INSERT INTO bench.result
	VALUES (name, (bench.cpu() - cpu) / 1e3 / units, extract(epoch FROM clock_timestamp() - started) * 1e6 / units);
END $$;

-- Whom one call of evidence() is about
CREATE TABLE bench.chunk AS
	SELECT array_agg(code ORDER BY code) AS codes
	  FROM (SELECT code, (row_number() OVER (ORDER BY code) - 1) / 100 AS n FROM bench.person) p GROUP BY n;

-- The bulk job: evidence, outbox and audit in one statement. The chunks keep each
-- result of evidence() small enough for the cache.
CREATE PROCEDURE bench.bulk() LANGUAGE sql AS $$
	WITH piece AS (
		INSERT INTO bench.outbox (exchange_id, part, content_id, media_type, evidence_id, sha256, content)
		SELECT nextval('bench.exchange_seq'), 2, e.evidence_id || '@civil.example.lv', e.media_type, e.evidence_id, e.sha256, e.content
		  FROM bench.chunk c, ootspg.evidence('residence', c.codes) e
		RETURNING exchange_id, content_id, media_type, evidence_id, sha256, octet_length(content) AS size
	)
	INSERT INTO ootspg.evidence_event (event_time, exchange_id, provider, evidence_id, role, media_type, content_id, size_bytes,
		sha256_as_held, conforms_to, language, seal_key, certificate_sha256, decision)
	SELECT now(), exchange_id, 'civil', evidence_id, 'MainEvidence', media_type, content_id, size,
		   sha256, 'https://sr.oots.tech.ec.europa.eu/datamodels/residence-1.0', 'LV', 'bench', (SELECT sha256('certificate')), 'not_required'
	  FROM piece
$$;
