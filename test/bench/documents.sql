-- What documents are measured with: a birth certificate of one page, and periods of social insurance of as many rows as wanted, 38 of them a page.
CREATE TYPE bench.place AS (country_code text, city text);
CREATE TYPE bench.parent AS ("role" text, full_name text, date_of_birth date);
CREATE TYPE bench.birth AS (entry text, family_name text, given_name text[], date_of_birth date, place_of_birth bench.place, parent bench.parent[]);
COMMENT ON TYPE bench.birth IS 'Birth certificate';
CREATE TYPE bench.period AS ("from" date, "to" date, employer text, income numeric(12,2));
CREATE TYPE bench.insurance AS (insured text, period bench.period[]);
COMMENT ON TYPE bench.insurance IS 'Social insurance periods';

-- The values are there beforehand: what makes them is not measured.
CREATE TABLE bench.birth_value AS
SELECT n, ROW('2026/' || n, 'Bērziņa', ARRAY['Anna', 'Marija'], '2026-01-03', ROW('LV', 'Rīga'),
		   ARRAY[ROW('mother', 'Ilze Bērziņa', '1995-05-06'), ROW('father', 'Jānis Bērziņš', '1993-11-21')]::bench.parent[])::bench.birth AS value
  FROM generate_series(1, 200) n;
CREATE TABLE bench.insurance_value AS
SELECT pages, n, ROW('Kowalska, Agnieszka ' || n, (SELECT array_agg(ROW(DATE '1900-01-01' + k * 31, DATE '1900-01-31' + k * 31,
		   'Instytut Meteorologii i Gospodarki Wodnej nr ' || k * n, 1234.5 + k)::bench.period ORDER BY k) FROM generate_series(1, pages * 38) k))::bench.insurance AS value
  FROM (VALUES (20), (40)) p(pages), generate_series(1, 20) n;

CREATE FUNCTION bench.pdf(value anyelement) RETURNS bytea LANGUAGE sql AS $$
	SELECT ootspg.document(value, 'application/pdf', languages => '{PL}',
		facts => '{"issuer": "Authority", "issued": "2026-11-30", "identifier": "urn:uuid:7d9f1b6e-52a1-4c57-9a31-0a4a7d1f6c22"}')
$$;


-- NULL where the module that writes PDF is not there
CREATE FUNCTION bench.has_pdf() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
	RETURN octet_length(bench.pdf(value)) FROM bench.birth_value WHERE n = 1;
EXCEPTION WHEN SQLSTATE 'OT003' THEN
	RETURN NULL;
END $$;
