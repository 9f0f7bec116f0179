-- Structured evidence as people read it: labels, forms and codes, fields, groups and tables, in one language or two.
\set VERBOSITY terse
CREATE SCHEMA paper;
SET search_path = paper;
CREATE FUNCTION html(value anyelement, model text DEFAULT NULL, languages text[] DEFAULT '{EN}', facts jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace(convert_from(ootspg.document(value, 'text/html', model, CASE WHEN model IS NOT NULL THEN '1.0' END, languages, facts), 'UTF8'), '(</(?:div|tr|thead|caption|h\d|header|section|dl|table)>)', E'\\1\n', 'g') $$;

-- A type with comments is enough
CREATE TYPE place AS (country_code text, city text);
CREATE TYPE parent AS ("role" text, full_name text, born date);
CREATE TYPE charge AS ("@currency" text, "." numeric(12,2));
CREATE TYPE certificate AS (number text, family_name text, given_name text[], birth_date date, birth_place place, parent parent[], fee charge, share numeric, twin boolean, registered timestamptz);
COMMENT ON TYPE certificate IS 'Birth certificate';
COMMENT ON COLUMN certificate.birth_date IS 'Date of birth';
COMMENT ON COLUMN parent.full_name IS 'Name & "surname"';
SELECT html(ROW('2026/17', 'Bērziņa', ARRAY['Anna', 'Marija'], '2026-01-03', ROW('LV', 'Rīga <& Co>'), ARRAY[ROW('mother', 'Ilze Bērziņa', '1999-05-06'), ROW('father', 'Jānis', NULL)]::parent[],
	ROW('EUR', 12345.5), 0.25, false, '2026-01-10 10:00:01.5+02')::certificate, facts => '{"title": {"EN": "Birth", "LV": "Dzimšana"}, "issuer": "Civil register", "issued": "2026-02-01", "valid_until": "2027-02-01", "identifier": "urn:uuid:1"}');

-- Rows of labels: the language, else English, else the evidence's own, else the name; whole paths before their ends
SELECT ootspg.install_data_model('certificate', '1.0', 'Certificate', '2026-01-01');
SELECT ootspg.import_labels('certificate', '1.0', 'certificate', 'EN');
SELECT ootspg.import_labels('certificate', '1.0', 'certificate', 'EN') AS nothing_new;
SELECT path, form FROM ootspg.data_model_field WHERE model = 'certificate' ORDER BY path COLLATE "C";
INSERT INTO ootspg.data_model_label (model, version, path, code, language, label) VALUES
	('certificate', '1.0', 'Certificate', '', 'LV', 'Dzimšanas apliecība'), ('certificate', '1.0', 'City', '', 'LV', 'Pilsēta'),
	('certificate', '1.0', 'BirthPlace/City', '', 'DE', 'Geburtsort'), ('certificate', '1.0', 'CountryCode', '', 'LV', 'Valsts'),
	('certificate', '1.0', 'CountryCode', 'LV', 'LV', 'Latvija'), ('certificate', '1.0', 'CountryCode', 'LV', 'EN', 'Latvia'),
	('certificate', '1.0', 'Parent/Role', 'mother', 'LV', 'māte');
CREATE FUNCTION sample() RETURNS certificate LANGUAGE sql AS $$
	SELECT ROW('1', 'B', NULL, '2026-01-03', ROW('LV', 'Rīga'), ARRAY[ROW('mother', 'I', '1999-05-06'), ROW('father', 'J', NULL)]::parent[], ROW('EUR', -12345678.5), 0.25, true, NULL)::certificate $$;
SELECT html(sample(), 'certificate', '{lv}', '{"language": "LV"}');
SELECT html(sample(), 'certificate', '{DE,LV}', '{"language": "LV"}');
SELECT * FROM ootspg.missing_labels('certificate', '1.0', '{LV}');
SELECT count(*) FROM ootspg.missing_labels('certificate', '1.0');

-- Labels of a schema come along with it
SELECT ootspg.install_data_model('schema', '1.0', 'Extract', '2026-01-01', sealable => false, namespace => 'urn:x', schema => convert_to($$
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:x="urn:x" targetNamespace="urn:x" elementFormDefault="qualified">
 <xs:element name="Extract"><xs:annotation><xs:documentation xml:lang="en">Extract of a register</xs:documentation></xs:annotation>
  <xs:complexType><xs:sequence><xs:element ref="x:Person" maxOccurs="unbounded"/><xs:element name="Total" type="xs:decimal" minOccurs="0"/><xs:any namespace="##other" processContents="lax" minOccurs="0"/></xs:sequence>
   <xs:attribute name="kind" type="x:Kind"/></xs:complexType></xs:element>
 <xs:element name="Person" type="x:Person"><xs:annotation><xs:documentation xml:lang="lv-LV">Persona</xs:documentation><xs:documentation xml:lang="xx">?</xs:documentation><xs:documentation>A person</xs:documentation></xs:annotation></xs:element>
 <xs:complexType name="Person"><xs:sequence><xs:element name="Name" type="xs:string"><xs:annotation><xs:documentation xml:lang="lv">
   Vārds  un uzvārds</xs:documentation></xs:annotation></xs:element><xs:element name="Child" type="x:Person" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
 <xs:simpleType name="Kind"><xs:annotation><xs:documentation xml:lang="en">Kind of extract</xs:documentation></xs:annotation><xs:restriction base="xs:string">
   <xs:enumeration value="F"><xs:annotation><xs:documentation xml:lang="en">full</xs:documentation></xs:annotation></xs:enumeration><xs:enumeration value="P"/></xs:restriction></xs:simpleType>
</xs:schema>$$, 'UTF8'));
SELECT path, code, language, label FROM ootspg.data_model_label WHERE model = 'schema' ORDER BY path COLLATE "C", code, language;
SELECT path, form FROM ootspg.data_model_field WHERE model = 'schema';
SELECT * FROM ootspg.missing_labels('schema', '1.0');
SELECT html('<Extract xmlns="urn:x" kind="F"><Person><Name>Anna</Name><Child><Name>Ilze</Name></Child></Person><Person><Name> Jānis
 Kalns </Name></Person><Total>-1234.50</Total></Extract>'::xml, 'schema');

-- JSON: keys in their order, twice where they are twice; what is empty is shown as empty
SELECT html('{"b": 1.5, "a": [true, null, "x"], "a": "again", "rows": [{"n": 1, "d": "2026-01-31"}, {"n": 22222.25}], "o": {"deep": [[1, 2], []], "none": {}}, "text": "a\u0001\n\"<\ud83d\ude00\ud83dx"}'::json);
SELECT html('[1, {"a": 2}]'::jsonb, facts => '{"root": "figures"}');
SELECT html('{"שם": "דוד", "name": "محمد"}'::json);

-- What cannot be read or understood is refused
CREATE FUNCTION refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ' ' || sqlerrm;
END $$;
SELECT refusal($$SELECT paper.html('{"a": 1}'::json, facts => '{"titel": "x"}')$$);
SELECT refusal($$SELECT paper.html('{"a": 1}'::json, facts => '{"issued": "31.01.2026"}')$$);
SELECT refusal($$SELECT paper.html('{"a": 1}'::json, facts => '{"title": {"English": "x"}}')$$);
SELECT refusal($$SELECT paper.html('{"a": 1}'::json, languages => '{English}')$$);
SELECT refusal($$SELECT paper.html('{"a": 1}'::json, languages => '{EN,LV,DE}')$$);
SELECT refusal($$SELECT paper.html('<a'::text::bytea)$$);
SELECT refusal($$SELECT paper.html('{"a"'::text::bytea)$$);
SELECT refusal(format($$SELECT paper.html(%L::text::bytea)$$, repeat('[', 300) || repeat(']', 300)));
SELECT refusal($$SELECT ootspg_internal.html_rendering(NULL, NULL, 'image/png', '\x', '{EN}', NULL)$$);
SELECT refusal($$SELECT ootspg.import_labels('nothing', '1.0', 'paper.place', 'EN')$$);
SELECT refusal($$SELECT ootspg.import_labels('certificate', '1.0', 'integer', 'EN')$$);
SELECT refusal($$INSERT INTO ootspg.data_model_label (model, version, path, language, label) VALUES ('certificate', '1.0', 'x', 'en', 'x')$$);
SELECT refusal($$INSERT INTO ootspg.data_model_label (model, version, path, language, label) VALUES ('certificate', '1.0', 'x', 'EN', ' ')$$);
SELECT refusal($$INSERT INTO ootspg.data_model_field (model, version, path, form) VALUES ('certificate', '1.0', 'x', 'bold')$$);
SET ootspg.max_elements = 100;
SELECT refusal(format($$SELECT paper.html(%L::json)$$, (SELECT json_agg(n) FROM generate_series(1, 100) n)));
RESET ootspg.max_elements;

-- Dates and numbers as 24 languages write them
SELECT l AS language, string_agg(v[1], ' | ') AS written
  FROM unnest('{BG,CS,DA,DE,EL,EN,ES,ET,FI,FR,GA,HR,HU,IT,LT,LV,MT,NL,PL,PT,RO,SK,SL,SV,UK}'::text[]) l,
	   regexp_matches(html('{"day": "2026-03-09", "amount": 1234567.50, "truth": true}'::json, languages => ARRAY[l], facts => '{"issued": "2026-03-09", "identifier": "x"}'), '<d[dt][^>]*>([^<]*)</d[dt]>', 'g') v
 GROUP BY l ORDER BY l;

DROP SCHEMA paper CASCADE;
DELETE FROM ootspg.data_model WHERE model IN ('certificate', 'schema');
