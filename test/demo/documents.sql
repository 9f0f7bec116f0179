-- Two registers more, without a document among them: periods of social insurance and diplomas. What people get to read is generated from labels, on the
-- civil register's letterhead. Run as registry_owner; scripts like this are what ootspg.propose() writes.
CREATE SCHEMA insurance;
CREATE TYPE insurance.period AS ("from" date, "to" date, employer text, income numeric(12,2));
COMMENT ON COLUMN insurance.period."from" IS 'From';
COMMENT ON COLUMN insurance.period."to" IS 'To';
COMMENT ON COLUMN insurance.period.employer IS 'Employer';
COMMENT ON COLUMN insurance.period.income IS 'Insured income';
CREATE TYPE insurance.periods AS (insured_person text, date_of_birth date, period insurance.period[]);
COMMENT ON TYPE insurance.periods IS 'Periods of social insurance';
COMMENT ON COLUMN insurance.periods.insured_person IS 'Insured person';
COMMENT ON COLUMN insurance.periods.date_of_birth IS 'Date of birth';
COMMENT ON COLUMN insurance.periods.period IS 'Periods';
CREATE TABLE insurance.entry (person_code text NOT NULL, "from" date NOT NULL, "to" date NOT NULL, employer text NOT NULL, income numeric(12,2) NOT NULL);
INSERT INTO insurance.entry
SELECT p.person_code, d.day, (d.day + interval '1 month - 1 day')::date, (ARRAY['SIA "Rīgas Piens"', 'AS "Latvijas Finieris"', 'Latvijas Universitāte'])[1 + n / 70], 980 + n * 7.35
  FROM (SELECT person_code FROM population.person WHERE NOT secret ORDER BY person_code LIMIT 20) p, generate_series(0, 199) n, LATERAL (SELECT (DATE '2008-01-01' + n * interval '1 month')::date) d(day);
CREATE INDEX ON insurance.entry (person_code);
CREATE VIEW insurance.periods_evidence AS
	SELECT p.person_code AS person_id, DATE '2026-11-30' AS issuing_date, 'EN' AS language,
		   ROW(p.given_name || ' ' || p.family_name, p.born, (SELECT array_agg(ROW(e."from", e."to", e.employer, e.income)::insurance.period ORDER BY e."from") FROM insurance.entry e WHERE e.person_code = p.person_code))::insurance.periods AS document
	  FROM population.person p WHERE EXISTS (SELECT FROM insurance.entry e WHERE e.person_code = p.person_code);

CREATE SCHEMA diplomas;
CREATE TYPE diplomas.course AS (code text, name text, credits numeric(4,1), grade text);
CREATE TYPE diplomas.term AS (name text, course diplomas.course[]);
CREATE TYPE diplomas.diploma AS (number text, holder text, degree text, awarded date, term diplomas.term[]);
COMMENT ON TYPE diplomas.diploma IS 'Diploma supplement';
CREATE VIEW diplomas.diploma_evidence AS
	SELECT p.person_code AS person_id, DATE '2015-06-20' AS issuing_date, 'LV' AS language,
		   ROW('PD ' || right(p.person_code, 5), p.given_name || ' ' || p.family_name, 'Maģistrs', DATE '2015-06-20',
			   (SELECT array_agg(ROW(t || '. semestris', ARRAY[ROW('DatZ' || t, 'Algoritmi un datu struktūras', 6, '9'), ROW('DatK' || t, 'Kriptogrāfija', 4.5, '10')]::diplomas.course[])::diplomas.term ORDER BY t) FROM generate_series(1, 4) t))::diplomas.diploma AS document
	  FROM (SELECT * FROM population.person WHERE NOT secret ORDER BY person_code LIMIT 20) p;

SELECT ootspg.install_data_model(m, '1.0', root => r, published => DATE '2026-01-01',
	locations => jsonb_build_object('oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/datamodels/' || m || '-1.0'))
  FROM (VALUES ('periods', 'InsurancePeriods'), ('diploma', 'Diploma')) v(m, r);
SELECT ootspg.import_labels('periods', '1.0', 'insurance.periods', 'EN'), ootspg.import_labels('diploma', '1.0', 'diplomas.diploma', 'EN');
INSERT INTO ootspg.data_model_label (model, version, path, language, label) VALUES
	('periods', '1.0', 'InsurancePeriods', 'DE', 'Sozialversicherungszeiten'), ('periods', '1.0', 'InsuredPerson', 'DE', 'Versicherte Person'), ('periods', '1.0', 'DateOfBirth', 'DE', 'Geburtsdatum'),
	('periods', '1.0', 'Period', 'DE', 'Zeiten'), ('periods', '1.0', 'Period/From', 'DE', 'Von'), ('periods', '1.0', 'Period/To', 'DE', 'Bis'),
	('periods', '1.0', 'Period/Employer', 'DE', 'Arbeitgeber'), ('periods', '1.0', 'Period/Income', 'DE', 'Versichertes Einkommen'),
	('diploma', '1.0', 'Number', 'LV', 'Numurs'), ('diploma', '1.0', 'Holder', 'LV', 'Īpašnieks'), ('diploma', '1.0', 'Degree', 'LV', 'Grāds'), ('diploma', '1.0', 'Awarded', 'LV', 'Piešķirts'),
	('diploma', '1.0', 'Term', 'LV', 'Semestris'), ('diploma', '1.0', 'Name', 'LV', 'Nosaukums'), ('diploma', '1.0', 'Course', 'LV', 'Kursi'), ('diploma', '1.0', 'Code', 'LV', 'Kods'),
	('diploma', '1.0', 'Credits', 'LV', 'Kredītpunkti'), ('diploma', '1.0', 'Grade', 'LV', 'Atzīme');

INSERT INTO ootspg.letterhead (provider, media_type, image, alternative, colour, footer)
VALUES ('civil', 'image/svg+xml', convert_to('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"><path fill="#7a1020" d="M30 2 44 8V20C44 30 37 36 30 39 23 36 16 30 16 20V8Z"/><path fill="#fff" d="M30 12l2.4 5h5.4l-4.3 3.4 1.6 5.4L30 22.6l-5.1 3.2 1.6-5.4L22.2 17h5.4z"/></svg>', 'UTF8'),
	'{"EN": "Mark of the civil register", "LV": "Civilstāvokļa reģistra zīme"}', '#7a1020', '{"EN": "Civil Register, Čiekurkalna 1. līnija 1, Rīga", "LV": "Civilstāvokļa reģistrs, Čiekurkalna 1. līnija 1, Rīga"}');

INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview, seal, seal_key) VALUES
	('periods', 'civil', 'b1c2d3e4-0005-4333-8444-555566667777', '{"EN": "Periods of social insurance", "DE": "Sozialversicherungszeiten"}', 'population.people', '{W1}', 'Substantial', 'exempt', 'require', 'civil-seal'),
	('diploma', 'civil', 'b1c2d3e4-0006-4333-8444-555566667777', '{"EN": "Diploma supplement", "LV": "Diploma pielikums"}', 'population.people', '{T3}', 'Substantial', 'exempt', 'require', 'civil-seal');
INSERT INTO ootspg.evidence_type_line
SELECT evidence_type, 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/' || overlay(data_service::text PLACING 'c0de' FROM 1 FOR 4)
  FROM ootspg.evidence_type WHERE evidence_type IN ('periods', 'diploma');
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, readable) VALUES
	('periods', 'xml', 'application/xml', 'insurance.periods_evidence', 'document', 'periods', '1.0', 'generated'),
	('diploma', 'xml', 'application/xml', 'diplomas.diploma_evidence', 'document', 'diploma', '1.0', 'generated'),
	('diploma', 'pdf', 'application/pdf', 'diplomas.diploma_evidence', 'generated', NULL, NULL, NULL);
GRANT USAGE ON SCHEMA insurance, diplomas TO registry_service;
GRANT SELECT ON insurance.periods_evidence, diplomas.diploma_evidence TO registry_service;
SET client_min_messages = warning;
SELECT ootspg.activate('periods'), ootspg.activate('diploma');
