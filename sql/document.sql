-- What a document column holds becomes the evidence: composite values as canonical
-- XML, xml made canonical, json as text, bytea untouched. Whatever cannot become
-- evidence is refused, with the attribute's name and never its value.
\set VERBOSITY terse
CREATE SCHEMA paper;
SET search_path = paper;

-- Run a statement that must fail; say how it failed.
CREATE FUNCTION refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text; detail text; context text;
BEGIN
	EXECUTE statement;
	RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, context = PG_EXCEPTION_CONTEXT;
	RETURN concat_ws(E'\n  ', sqlstate || ' ' || message, nullif(detail, ''),
					 substring(context from '^attribute [^\n]*'));
END $$;

SELECT ootspg.install_data_model('paper', '1.0', 'Paper', '2026-01-01');
SELECT ootspg.install_data_model('paper', '2.0', 'Paper', '2026-01-01', namespace => 'http://example.org/paper', prefix => 'p');
SELECT ootspg.install_data_model('paper', 'written', 'paper', '2026-01-01', namespace => 'http://example.org/paper', element_names => 'as written');

CREATE FUNCTION show(value anyelement, version text DEFAULT '1.0') RETURNS text LANGUAGE sql AS
$$ SELECT convert_from(ootspg.document(value, 'application/xml', 'paper', version), 'UTF8') $$;

--
-- Composite values: attributes in order, rows nested, arrays repeated
--
CREATE TYPE address AS (street_name text, post_code text);
CREATE TYPE person AS (family_name text, given_name text[], home_address address, former_address address[]);
SELECT show(ROW('Bērziņš', ARRAY['Anna', 'Maria'], ROW('Main street', 'LV-1010'),
				ARRAY[ROW('Side street', 'LV-1011'), ROW('Back street', NULL)]::address[])::person);
SELECT show(ROW('Bērziņš', ARRAY['Anna'], ROW('Main street', NULL), NULL)::person, '2.0');
SELECT show(ROW('Bērziņš', ARRAY['Anna'], ROW('Main street', NULL), NULL)::person, 'written');

-- NULL leaves its element out, in arrays too; so does a row without content. Empty text is content.
SELECT show(ROW('', ARRAY['Anna', NULL, 'Maria'], ROW(NULL, NULL), ARRAY[NULL, ROW(NULL, NULL), ROW('x', NULL)]::address[])::person);
SELECT show(ROW('x', '{}', NULL, '{}')::person);
CREATE TYPE carton AS (inner_box address, label text);
CREATE TYPE crate AS (carton carton, cartons carton[], label text);
SELECT show(ROW(ROW(ROW(NULL, NULL), NULL), ARRAY[ROW(ROW(NULL, NULL), NULL)]::carton[], 'nothing in it')::crate);
SELECT refusal($$SELECT paper.show(ROW(NULL, NULL, ROW(NULL, NULL), NULL)::paper.person)$$);
SELECT show(NULL::person) IS NULL AS null_stays_null;

-- "@name" is an XML attribute, "." the text beside it
CREATE TYPE fee AS ("." numeric(10,2), "@currency" text, "@charged" boolean);
CREATE TYPE receipt AS ("@number" int, fee fee, fees fee[], "@kind" text);
SELECT show(ROW(7, ROW(12.5, 'EUR', true), ARRAY[ROW(1, NULL, NULL), ROW(NULL, 'SEK', NULL), ROW(NULL, NULL, NULL)]::fee[],
				E'a "b" <c> & d\'s\t\n\r')::receipt, '2.0');
SELECT show(ROW(NULL, ROW(NULL, NULL, false), NULL, NULL)::receipt);

-- Names: parts between "_" begin with a capital; a name with a capital stays as it is
CREATE TYPE names AS (id int, date_of__birth int, x_ int, "EUCitizen" int, "postCode" int, "nace-2.1" int, "ärende_nummer" int, _1 int);
SELECT refusal($$SELECT paper.show(ROW(1,2,3,4,5,6,7,8)::paper.names)$$);
ALTER TYPE names DROP ATTRIBUTE _1;
SELECT show(ROW(1,2,3,4,5,6,7)::names);
SELECT show(ROW(1,2,3,4,5,6,7)::names, 'written');
CREATE TYPE bad_name AS ("two words" int);
SELECT refusal($$SELECT paper.show(ROW(1)::paper.bad_name)$$);
CREATE TYPE bad_attribute AS ("@xmlns" text);
SELECT refusal($$SELECT paper.show(ROW('urn:x')::paper.bad_attribute)$$);
CREATE TYPE bad_prefix AS ("a:b" int);
SELECT refusal($$SELECT paper.show(ROW(1)::paper.bad_prefix)$$);
CREATE TYPE mixed AS ("." text, name text);
SELECT refusal($$SELECT paper.show(ROW('a', 'b')::paper.mixed)$$);
CREATE TYPE attribute_list AS ("@names" text[]);
SELECT refusal($$SELECT paper.show(ROW('{a}')::paper.attribute_list)$$);

-- A plan of a type is worked out once and again when the type changes, also deep inside
SELECT show(ROW('x', NULL, ROW('Main street', 'LV-1010'), NULL)::person);
ALTER TYPE address RENAME ATTRIBUTE post_code TO postal_code;
SELECT show(ROW('x', NULL, ROW('Main street', 'LV-1010'), NULL)::person);
ALTER TYPE address ADD ATTRIBUTE country text;
SELECT show(ROW('x', NULL, ROW('Main street', 'LV-1010', 'LV'), NULL)::person);
ALTER TYPE address DROP ATTRIBUTE postal_code;
SELECT show(ROW('x', NULL, ROW('Main street', 'LV'), NULL)::person);

-- Rows of a query while the type is still being found; domains are their base types
SELECT show(q) FROM (SELECT 1 AS first_try, ARRAY['a', 'b'] AS tag) q;
CREATE DOMAIN home AS address CHECK ((VALUE).street_name IS NOT NULL);
CREATE DOMAIN homes AS home[];
CREATE DOMAIN code AS varchar(3);
CREATE TYPE domains AS (home home, homes homes, code code, codes code[]);
SELECT show(ROW(ROW('a', 'LV'), ARRAY[ROW('b', NULL), ROW('c', NULL)]::homes, 'LVA', '{EST,LTU}')::domains);

--
-- Lexical forms of XML Schema, the same in every session
--
CREATE TYPE mood AS ENUM ('sad', 'happy & gay');
CREATE TYPE scalars AS (
	b boolean, i2 smallint, i4 int, i8 bigint, n numeric, f4 real, f8 float8,
	d date, t time, tz timetz, ts timestamp, tstz timestamptz, iv interval,
	tx text, vc varchar, bc char(6), nm name, en mood, id uuid, by bytea, ip inet, net cidr);
CREATE FUNCTION sample() RETURNS scalars LANGUAGE sql AS $$
	SELECT ROW(true, -32768, -2147483648, -9223372036854775808, 1234567890.1200, 0.1, 1e-7,
		date 'J2451187', time '04:05:06.7', timetz '04:05:06+05:30', timestamp 'epoch' + interval '1 us',
		timestamptz '1999-01-08 04:05:06.789-08', interval '1 year 2 mons 3 days 4 hours 5 minutes 6.7 seconds',
		'a<b>c&d"e''f', 'v', 'pad', 'name', 'happy & gay', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '\x00ff10',
		'10.0.0.1/24', '10.0.0.0/24')::scalars
$$;
SELECT replace(show(sample()), '><', E'>\n<') AS forms;
CREATE TABLE forms AS SELECT show(sample()) AS form;
SET DateStyle = 'SQL, DMY';
SET IntervalStyle = 'sql_standard';
SET TimeZone = 'Asia/Kathmandu';
SET extra_float_digits = -15;
SET bytea_output = 'escape';
INSERT INTO forms SELECT show(sample());
SET DateStyle = 'German';
SET IntervalStyle = 'postgres_verbose';
SET TimeZone = 'America/St_Johns';
INSERT INTO forms SELECT show(sample());
RESET DateStyle; RESET IntervalStyle; RESET TimeZone; RESET extra_float_digits; RESET bytea_output;
SELECT count(*), count(DISTINCT form) AS different FROM forms;

CREATE TYPE moments AS (d date[], ts timestamp[], tstz timestamptz[], t time[], tz timetz[], iv interval[], f float8[], n numeric[]);
SET TimeZone = 'UTC';
SELECT replace(show(ROW(
	'{0001-01-01,0999-12-31,2000-02-29,12026-01-01}',
	'{1969-12-31 23:59:59.999999,1899-12-31 00:00:00,2026-11-23 12:00:00.100}',
	'{2000-01-01 00:00:00+14,1996-12-31 23:59:60+00}',
	'{00:00,24:00,23:59:59.000001}',
	'{00:00+00,12:30-03:30}',
	'{0,-1 year -1 day -00:00:00.5,36:00,1 mon,00:00:10,00:01,-5 days}',
	'{0,-0,1e300,123456789,0.3,1e16}',
	'{0,-0.50,1e20,0.000000000000000001}')::moments), '><', E'>\n<') AS edges;
RESET TimeZone;

-- Values without a form stop the evidence
CREATE TYPE odd AS (d date, ts timestamp, tstz timestamptz, f4 real, f8 float8, n numeric, iv interval, tz timetz, ints int[]);
CREATE FUNCTION odd(attribute text, value text) RETURNS text LANGUAGE sql AS $$
	SELECT paper.refusal(format('SELECT paper.show(jsonb_populate_record(NULL::paper.odd, %L))', jsonb_build_object(attribute, value)))
$$;
SELECT odd(a, v) FROM (VALUES
	('d', 'infinity'), ('d', '0044-03-15 BC'), ('ts', '-infinity'), ('ts', '0001-01-01 BC'), ('tstz', 'infinity'),
	('f4', 'NaN'), ('f8', '-Infinity'), ('n', 'NaN'), ('n', 'Infinity'), ('iv', '1 mon -1 day'),
	('tz', '12:00+01:02:03'), ('ints', '{{1,2},{3,4}}')) AS v (a, v);

-- Characters that XML forbids are never written and never shown
CREATE TYPE remark AS ("@short" text, "." text);
SELECT refusal(format('SELECT paper.show(ROW(%L, %L)::paper.remark)', s, t))
  FROM (VALUES (E'secret\x01', ''), ('', E'secret\x1f'), ('', U&'secret\FFFE'), (U&'\FFFF', '')) AS v (s, t);
SELECT show(ROW(U&'\0009\0085\+01F600', U&'\D7FF\E000\FFFD\+10FFFF' || E'\t\n\r>')::remark)
	 = U&'<Paper short="&#x9;\0085\+01F600">\D7FF\E000\FFFD\+10FFFF' || E'\t\n&#xD;&gt;</Paper>' AS allowed;

-- Types that have no form
CREATE TYPE has_money AS (m money);
CREATE TYPE has_json AS (j jsonb[]);
CREATE TYPE has_xml AS (x xml);
CREATE TYPE has_range AS (r daterange);
CREATE TYPE has_oid AS (o oid);
SELECT refusal(format('SELECT paper.show(ROW(NULL)::paper.%I)', t))
  FROM unnest('{has_money,has_json,has_xml,has_range,has_oid}'::text[]) t;
SELECT refusal($$SELECT paper.show(q) FROM (SELECT 1 AS a, ROW(1, 2) AS b) q$$);

-- Limits: nesting of the type, bytes of the document
CREATE TYPE level1 AS (x text);
DO $$ BEGIN
	FOR i IN 2..17 LOOP
		EXECUTE format('CREATE TYPE paper.level%s AS (x paper.level%s, y paper.level%s)', i, i - 1, i - 1);
	END LOOP;
END $$;
SET ootspg.max_depth = 16;
CREATE TABLE deep (fits level15, too_deep level16);
INSERT INTO deep SELECT jsonb_populate_record(NULL::level15, (repeat('{"x":', 15) || '"deep"' || repeat('}', 15))::jsonb),
						jsonb_populate_record(NULL::level16, (repeat('{"x":', 16) || '"deep"' || repeat('}', 16))::jsonb);
SELECT show(fits) FROM deep;
SELECT refusal('SELECT paper.show(too_deep) FROM paper.deep');
RESET ootspg.max_depth;
SELECT length(show(too_deep)) FROM deep;
SET ootspg.max_depth = 16;
SELECT refusal('SELECT paper.show(too_deep) FROM paper.deep');
RESET ootspg.max_depth;
SET ootspg.max_evidence_size = '16kB';
SELECT length(show(ROW(repeat('x', 16000), NULL, NULL, NULL)::person));
SELECT refusal($$SELECT paper.show(ROW(repeat('x', 17000), NULL, NULL, NULL)::paper.person)$$);
SELECT refusal($$SELECT paper.show(ROW(repeat('<', 5000), NULL, NULL, NULL)::paper.person)$$);
SELECT refusal($$SELECT paper.show(ROW('x', array_fill('Anna'::text, '{2000}'), NULL, NULL)::paper.person)$$);
SELECT refusal($$SELECT ootspg.document(convert_to('"' || repeat('x', 17000) || '"', 'UTF8'), 'application/json')$$);
RESET ootspg.max_evidence_size;

--
-- What is written is canonical: libxml2's exclusive C14N changes no byte of it
--
CREATE FUNCTION random_text(seed int) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(substr(E' \t\n\r&<>"''aZ0_-]äß€\U0001F600\u0301\u00a0', 1 + abs(hashint8(seed * 1000 + i)) % 22, 1), ''), '')
	  FROM generate_series(1, abs(hashint4(seed)) % 30) i
$$;
CREATE TYPE node AS ("@a" text, "@B" text, leaf text, leaves text[], note remark, notes remark[]);
CREATE FUNCTION random_remark(seed int) RETURNS remark LANGUAGE sql AS $$
	SELECT ROW(CASE WHEN seed % 3 > 0 THEN paper.random_text(seed + 1) END, CASE WHEN seed % 4 > 0 THEN paper.random_text(seed + 2) END)::paper.remark
$$;
CREATE FUNCTION random_node(seed int) RETURNS node LANGUAGE sql AS $$
	SELECT ROW(CASE WHEN seed % 2 = 0 THEN paper.random_text(seed + 3) END, paper.random_text(seed + 4),
		CASE WHEN seed % 5 > 0 THEN paper.random_text(seed + 5) END,
		ARRAY(SELECT CASE WHEN (seed + i) % 3 > 0 THEN paper.random_text(seed * 7 + i) END FROM generate_series(1, seed % 7) i),
		paper.random_remark(seed),
		ARRAY(SELECT paper.random_remark(seed * 11 + i) FROM generate_series(1, seed % 5) i))::paper.node
$$;
CREATE TYPE tree AS (node node, nodes node[], "@id" int);
SELECT count(*), count(*) FILTER (WHERE ootspg.canonical(document) IS DISTINCT FROM document) AS not_canonical,
	   count(DISTINCT document) AS different
  FROM generate_series(1, 200) i, unnest('{1.0,2.0,written}'::text[]) version,
	   ootspg.document(ROW(random_node(i), ARRAY(SELECT random_node(i * 13 + j) FROM generate_series(1, i % 4) j), i)::tree,
					   'application/xml', 'paper', version) document;

--
-- xml is made canonical, json and bytea stay what they are
--
SELECT show('<?xml version="1.0"?><!-- gone --><Paper b="2" a=''1''><A/><![CDATA[<]]></Paper>'::xml);
SELECT show('<p:Paper xmlns:p="http://example.org/paper" xmlns:unused="urn:x"/>'::xml, '2.0');
SELECT refusal($$SELECT paper.show('<Paper/>'::xml, '2.0')$$);
SELECT refusal($$SELECT paper.show('<A/><B/>'::xml)$$);
SELECT convert_from(ootspg.document('{"b": 1.50, "aa": [true, null], "a": "ä"}'::jsonb, 'application/json'), 'UTF8') AS jsonb;
SELECT ootspg.document('{"b":1,"a":2}'::jsonb, 'application/json') = ootspg.document('{"a": 2, "b": 1}'::jsonb, 'application/json') AS deterministic;
SELECT convert_from(ootspg.document('{"b": 1.50,"a":2}'::json, 'application/json'), 'UTF8') AS json;
SELECT convert_from(ootspg.document(E'<!-- kept --><Paper a=\'1\'/>\n'::bytea, 'application/xml', 'paper', '1.0'), 'UTF8') AS bytes;

-- The content is what the media type says: by how it begins and ends; whether it is whole is asked of files that leave
SET ootspg.send_broken_documents = on;
CREATE FUNCTION fits(content bytea, media_type text) RETURNS text LANGUAGE sql AS $$
	SELECT split_part(paper.refusal(format('SELECT ootspg.document(%L::bytea, %L)', content, media_type)), E'\n', 1)
$$;
CREATE TABLE content (name text, bytes bytea);
INSERT INTO content VALUES
	('pdf', E'%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n'), ('pdf cut off', '%PDF-1.7'),
	('jpeg', '\xffd8ffe000104a464946'), ('png', '\x89504e470d0a1a0a0000000d49484452'),
	('svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'), ('svg without namespace', '<svg/>'),
	('xml cut off', '<a>'), ('with DOCTYPE', '<!DOCTYPE a><a/>'), ('json', '{"a": [1, "\\u00e4"]}'), ('json cut off', '{"a": [1'),
	('json not UTF-8', '\x22ff22'), ('json too deep', decode(repeat('5b', 101) || repeat('5d', 101), 'hex')),
	('json with brackets in text', ('{"a\\"": "' || repeat('[', 101) || '"}')::bytea), ('empty', '');
SELECT media_type, string_agg(name, ', ' ORDER BY name) AS accepted
  FROM content, unnest('{application/pdf,application/xml,application/json,image/jpeg,image/png,image/svg+xml,text/plain}'::text[]) media_type
 WHERE fits(bytes, media_type) = 'not refused' GROUP BY media_type ORDER BY media_type;
SELECT fits('<a>', 'image/png'), fits('<a>', 'application/xml');
SELECT bytes = ootspg.document(bytes, 'application/pdf') AS untouched FROM content WHERE name = 'pdf';
RESET ootspg.send_broken_documents;
SELECT refusal($$SELECT ootspg.document('<a><b></a>'::bytea, 'application/xml')$$);
SELECT convert_from(ootspg.document('<svg xmlns="http://www.w3.org/2000/svg"/>'::xml, 'image/svg+xml'), 'UTF8');
SELECT refusal($$SELECT ootspg.document('<a/>'::xml, 'image/svg+xml')$$);

-- Types, media types and models that do not go together
SELECT refusal($$SELECT ootspg.document('a'::text, 'application/xml')$$);
SELECT refusal($$SELECT ootspg.document('{}'::jsonb, 'application/xml')$$);
SELECT refusal($$SELECT ootspg.document('<a/>'::xml, 'application/json')$$);
SELECT refusal($$SELECT ootspg.document(ROW('x', 'y')::paper.remark, 'image/png', 'paper', '1.0')$$);
SELECT refusal($$SELECT ootspg.document(ROW('x', 'y')::paper.remark, 'application/xml')$$);
SELECT refusal($$SELECT ootspg.document(ROW('x', 'y')::paper.remark, 'application/xml', 'paper', '9.9')$$);
SELECT refusal($$SELECT ootspg.document(ROW('x', 'y')::paper.remark, 'application/xml', 'paper')$$);

--
-- Data models: schema, checksum, versions that never change
--
CREATE FUNCTION schema_text() RETURNS bytea LANGUAGE sql AS $_$ SELECT convert_to($$
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://example.org/paper" elementFormDefault="qualified">
  <xs:element name="Paper"><xs:complexType><xs:sequence>
    <xs:element name="FamilyName" type="xs:string"/>
    <xs:element name="BirthDate" type="xs:date" minOccurs="0"/>
    <xs:element name="Fee" minOccurs="0"><xs:complexType><xs:simpleContent><xs:extension base="xs:decimal">
      <xs:attribute name="currency" use="required"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>$$, 'UTF8') $_$;
SELECT ootspg.install_data_model('paper', '3.0', 'Paper', '2026-01-01', 'http://example.org/paper', 'p',
	schema => schema_text(), sha256 => sha256(schema_text()), locations => '{"oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/paper"}');
CREATE TYPE birth AS (family_name text, birth_date date, fee fee);
SELECT show(ROW('Bērziņš', '2001-02-03', ROW(1, 'EUR', NULL))::birth, '3.0');
SELECT refusal($$SELECT paper.show(ROW(NULL, '2001-02-03', NULL)::paper.birth, '3.0')$$);
SELECT refusal($$SELECT paper.show(ROW('secret', '2001-02-03', ROW(1, NULL, NULL))::paper.birth, '3.0')$$);
SELECT refusal($$SELECT paper.show('<Paper xmlns="http://example.org/paper"><FamilyName/></Paper>'::xml, '3.0')$$);
SELECT refusal($$SELECT ootspg.document('<Paper xmlns="http://example.org/paper"><Secret/></Paper>'::bytea, 'application/xml', 'paper', '3.0')$$);
SELECT refusal($$SELECT ootspg.document('{}'::jsonb, 'application/json', 'paper', '3.0')$$);

SELECT refusal($$SELECT ootspg.install_data_model('paper', '4.0', 'Paper', '2026-01-01', 'http://example.org/paper', schema => paper.schema_text(), sha256 => sha256('other'))$$);
SELECT refusal($$SELECT ootspg.install_data_model('paper', '4.0', 'Paper', '2026-01-01', sha256 => sha256('other'))$$);
SELECT refusal($$SELECT ootspg.install_data_model('paper', '4.0', 'Paper', '2026-01-01', schema => '<not-a-schema/>')$$) LIKE 'OT003%' AS refused;
SELECT refusal($$SELECT ootspg.install_data_model('paper', '4.0', 'p:Paper', '2026-01-01')$$);
SELECT refusal($$SELECT ootspg.install_data_model('paper', '4.0', 'Paper', '2026-01-01', prefix => 'p')$$);
SELECT refusal($$SELECT ootspg.install_data_model('paper', '4.0', 'Paper', '2026-01-01', 'urn:x', 'xmlns')$$);
SELECT refusal($$SELECT ootspg.install_data_model('paper', '4.0', 'Paper', '2026-01-01', element_names => 'snake')$$) LIKE 'OT003%' AS refused;

-- the same again is nothing new; a further line may be added; what nothing in service uses is under construction, and corrected
SELECT ootspg.install_data_model('paper', '3.0', 'Paper', '2026-01-01', 'http://example.org/paper', 'p', schema => schema_text());
SELECT ootspg.install_data_model('paper', '3.0', 'Paper', '2026-01-01', 'http://example.org/paper', 'p', schema => schema_text(),
	locations => '{"oots-edm:v2.0": "https://sr.oots.tech.ec.europa.eu/datamodels/paper"}');
SELECT ootspg.install_data_model('paper', '3.0', 'Paper', '2026-01-01', 'http://example.org/paper', 'p');
SELECT show(ROW('', '2001-02-03', NULL)::birth, '3.0') AS "not checked any more";
SELECT ootspg.install_data_model('paper', '3.0', 'Paper', '2026-01-01', 'http://example.org/paper', 'p', schema => schema_text(),
	locations => '{"oots-edm:v2.0": "https://sr.oots.tech.ec.europa.eu/datamodels/sheet"}');
SELECT refusal($$SELECT paper.show(ROW(NULL, '2001-02-03', NULL)::paper.birth, '3.0')$$);
SELECT ootspg.install_data_model('paper', '1.0', 'Sheet', '2026-01-01');
UPDATE ootspg.data_model SET published = '2026-02-01' WHERE model = 'paper' AND version = '3.0';
SELECT version, root, prefix, schema_sha256 = sha256(schema_text()) AS schema, line, conforms_to
  FROM ootspg.data_model LEFT JOIN ootspg.data_model_location USING (model, version) WHERE model = 'paper' ORDER BY version, line;

-- Nothing of this is for everyone
SELECT proname, has_function_privilege('public', oid, 'EXECUTE') AS public
  FROM pg_proc WHERE proname IN ('document', 'install_data_model', 'is_xml_name')
	AND pronamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) ORDER BY proname;

DELETE FROM ootspg.data_model WHERE model = 'paper';
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA paper CASCADE;
