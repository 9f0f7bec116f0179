-- What the owner of the registers does to publish them: views, data models, providers,
-- seal keys, evidence types. Run as registry_owner, with the keys in place.

-- Population register: births and residence

CREATE VIEW population.people AS
	SELECT person_code AS person_id, family_name, given_name, born AS date_of_birth, birthplace AS place_of_birth, secret AS protected
	  FROM population.person
	UNION ALL	-- the original spelling is a second row of the same person
	SELECT person_code, original_family_name, original_given_name, born, birthplace, secret
	  FROM population.person
	 WHERE original_family_name IS NOT NULL;

CREATE TYPE population.birth_place AS (city text, country_code text);
CREATE TYPE population.child AS (family_name text, given_name text[], date_of_birth date, place_of_birth population.birth_place);
CREATE TYPE population.parent AS ("@role" text, "." text);
CREATE TYPE population.birth_certificate AS (
	"@version" text, entry_number text, entry_date date, registered_by text, child population.child, parent population.parent[]
);

CREATE VIEW population.birth_evidence AS
	SELECT b.person_code AS person_id, b.entered AS issuing_date, 'LV' AS language, 'Dzimšanas apliecība ' || b.entry_number AS title,
		   ROW('1.0', b.entry_number, b.entered, b.office,
			   ROW(p.family_name, string_to_array(p.given_name, ' '), p.born, ROW(p.birthplace, 'LV')),
			   ARRAY[ROW('mother', b.mother)::population.parent, CASE WHEN b.father IS NOT NULL THEN ROW('father', b.father)::population.parent END]
			   )::population.birth_certificate AS document,
		   paper.pdf('Dzimšanas apliecība', ARRAY[['Entry number', b.entry_number], ['Family name', p.family_name], ['Given names', p.given_name],
			   ['Date of birth', to_char(p.born, 'YYYY-MM-DD')], ['Place of birth', p.birthplace], ['Mother', coalesce(b.mother, '-')],
			   ['Father', coalesce(b.father, '-')]], b.office) AS pdf
	  FROM population.birth b JOIN population.person p USING (person_code);

CREATE VIEW population.birth_sample AS
	SELECT 'sample' AS person_id, DATE '2020-01-01' AS issuing_date, 'LV' AS language, 'Paraugs' AS title,
		   ROW('1.0', '0000/000000', '2020-01-01', 'Paraugu nodaļa', ROW('Paraugs', '{Paula}', '2019-12-24', ROW('Rīga', 'LV')), NULL
			   )::population.birth_certificate AS document,
		   paper.pdf('Dzimšanas apliecība', ARRAY[['Entry number', '0000/000000'], ['Family name', 'Paraugs']], 'Sample') AS pdf;

CREATE VIEW population.residence_evidence AS
	SELECT r.person_code AS person_id, r.since AS issuing_date, 'LV' AS language, 'Deklarētā dzīvesvieta' AS title,
		   jsonb_build_object('familyName', p.family_name, 'givenName', p.given_name, 'dateOfBirth', p.born, 'residentSince', r.since,
			   'address', jsonb_build_object('street', r.street, 'house', r.house, 'city', r.city, 'postalCode', r.postal_code, 'country', 'LV')) AS document,
		   paper.pdf('Izziņa par deklarēto dzīvesvietu', ARRAY[['Family name', p.family_name], ['Given names', p.given_name],
			   ['Address', r.street || ' ' || r.house || ', ' || r.city || ', ' || r.postal_code], ['Since', to_char(r.since, 'YYYY-MM-DD')]],
			   'Fictitious register of the ootspg demo') AS pdf
	  FROM population.residence r JOIN population.person p USING (person_code);

-- Vehicle register: a row, so a piece of evidence, for each vehicle

CREATE TYPE vehicles.make AS (name text, model text);
CREATE TYPE vehicles.mass AS ("@unit" text, "." integer);
CREATE TYPE vehicles.registration AS (
	registration_number text, vehicle_identification_number text, make vehicles.make, fuel text, mass vehicles.mass, first_registration date,
	inspected_until date
);
INSERT INTO ootspg.code_map VALUES
	('fuel', 'benzīns', 'petrol'), ('fuel', 'dīzeļdegviela', 'diesel'), ('fuel', 'elektrība', 'electric'), ('fuel', 'benzīns un elektrība', 'hybrid');

CREATE VIEW vehicles.vehicle_evidence AS
	SELECT owner_code AS person_id, first_registered AS issuing_date, first_registered AS valid_from, inspected_until AS valid_until,
		   'LV' AS language, make || ' ' || model || ', ' || plate AS title, plate AS piece_order,
		   ROW(plate, vin, ROW(make, model), ootspg.code('fuel', fuel), ROW('kg', mass_kg), first_registered, inspected_until
			   )::vehicles.registration AS document
	  FROM vehicles.vehicle;

-- Company register

CREATE VIEW companies.subjects AS SELECT number AS person_id, vat FROM companies.company;

CREATE TYPE companies.amount AS ("@currency" text, "." numeric(12,2));
CREATE TYPE companies.office AS (street text, city text, country_code text);
CREATE TYPE companies.member AS ("@since" date, "." text);
CREATE TYPE companies.extract AS (
	registration_number text, name text, legal_form text, founded date, registered_office companies.office, share_capital companies.amount,
	board_member companies.member[]
);

CREATE VIEW companies.extract_evidence AS
	SELECT c.number AS person_id, c.founded AS issuing_date, 'LV' AS language, 'Izraksts ' || c.name AS title,
		   ROW(c.number, c.name, c.legal_form, c.founded, ROW(c.street, c.city, 'LV'), ROW('EUR', c.share_capital),
			   ARRAY(SELECT ROW(b.since, b.full_name)::companies.member FROM companies.board_member b WHERE b.number = c.number ORDER BY b.position)
			   )::companies.extract AS document,
		   c.extract AS pdf
	  FROM companies.company c;

-- Data models. A schema leaves room for the seal as last child of the root.

SELECT ootspg.install_data_model(m.model, '1.0', m.root, DATE '2026-01-15', namespace => m.namespace, prefix => m.prefix, sealable => m.schema IS NOT NULL,
	schema => convert_to(replace('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="' || m.namespace || '" targetNamespace="' || m.namespace
		|| '" elementFormDefault="qualified">' || m.schema || '</xs:schema>',
		'<seal/>', '<xs:any namespace="##other" processContents="lax" minOccurs="0"/>'), 'UTF8'),
	locations => (SELECT jsonb_object_agg('oots-edm:' || v, 'https://sr.oots.tech.ec.europa.eu/'
					|| CASE v WHEN 'v1.0' THEN 'distributions/' ELSE 'datamodels/' END || m.model || '-1.0') FROM unnest(ARRAY['v1.0', 'v1.1', 'v1.2', 'v2.0']) v))
  FROM (VALUES
	('birth', 'BirthCertificate', 'urn:example:lv:birth:1.0', 'b', '
		<xs:element name="BirthCertificate"><xs:complexType><xs:sequence>
			<xs:element name="EntryNumber" type="t:EntryNumber"/>
			<xs:element name="EntryDate" type="xs:date"/>
			<xs:element name="RegisteredBy" type="t:Text"/>
			<xs:element name="Child"><xs:complexType><xs:sequence>
				<xs:element name="FamilyName" type="t:Text"/>
				<xs:element name="GivenName" type="t:Text" maxOccurs="unbounded"/>
				<xs:element name="DateOfBirth" type="xs:date"/>
				<xs:element name="PlaceOfBirth"><xs:complexType><xs:sequence>
					<xs:element name="City" type="t:Text"/>
					<xs:element name="CountryCode"><xs:simpleType><xs:restriction base="xs:token"><xs:pattern value="[A-Z]{2}"/></xs:restriction></xs:simpleType></xs:element>
				</xs:sequence></xs:complexType></xs:element>
			</xs:sequence></xs:complexType></xs:element>
			<xs:element name="Parent" minOccurs="0" maxOccurs="2"><xs:complexType><xs:simpleContent><xs:extension base="t:Text">
				<xs:attribute name="role" use="required"><xs:simpleType><xs:restriction base="xs:token"><xs:enumeration value="mother"/><xs:enumeration value="father"/></xs:restriction></xs:simpleType></xs:attribute>
			</xs:extension></xs:simpleContent></xs:complexType></xs:element>
			<seal/>
		</xs:sequence><xs:attribute name="version" fixed="1.0" use="required"/></xs:complexType></xs:element>
		<xs:simpleType name="EntryNumber"><xs:restriction base="xs:token"><xs:pattern value="[0-9]{4}/[0-9]{6}"/></xs:restriction></xs:simpleType>
		<xs:simpleType name="Text"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="200"/></xs:restriction></xs:simpleType>'),
	('vehicle', 'VehicleRegistration', 'urn:example:lv:vehicle:1.0', 'v', '
		<xs:element name="VehicleRegistration"><xs:complexType><xs:sequence>
			<xs:element name="RegistrationNumber" type="xs:token"/>
			<xs:element name="VehicleIdentificationNumber"><xs:simpleType><xs:restriction base="xs:token"><xs:length value="17"/></xs:restriction></xs:simpleType></xs:element>
			<xs:element name="Make"><xs:complexType><xs:sequence><xs:element name="Name" type="xs:string"/><xs:element name="Model" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
			<xs:element name="Fuel"><xs:simpleType><xs:restriction base="xs:token">
				<xs:enumeration value="petrol"/><xs:enumeration value="diesel"/><xs:enumeration value="electric"/><xs:enumeration value="hybrid"/>
			</xs:restriction></xs:simpleType></xs:element>
			<xs:element name="Mass"><xs:complexType><xs:simpleContent><xs:extension base="xs:positiveInteger"><xs:attribute name="unit" fixed="kg"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
			<xs:element name="FirstRegistration" type="xs:date"/>
			<xs:element name="InspectedUntil" type="xs:date"/>
			<seal/>
		</xs:sequence></xs:complexType></xs:element>'),
	('company', 'CompanyExtract', 'urn:example:lv:company:1.0', 'c', '
		<xs:element name="CompanyExtract"><xs:complexType><xs:sequence>
			<xs:element name="RegistrationNumber"><xs:simpleType><xs:restriction base="xs:token"><xs:pattern value="[0-9]{11}"/></xs:restriction></xs:simpleType></xs:element>
			<xs:element name="Name" type="xs:string"/>
			<xs:element name="LegalForm" type="xs:token"/>
			<xs:element name="Founded" type="xs:date"/>
			<xs:element name="RegisteredOffice"><xs:complexType><xs:sequence>
				<xs:element name="Street" type="xs:string"/><xs:element name="City" type="xs:string"/><xs:element name="CountryCode" type="xs:token"/>
			</xs:sequence></xs:complexType></xs:element>
			<xs:element name="ShareCapital"><xs:complexType><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="currency" use="required" type="xs:token"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
			<xs:element name="BoardMember" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:simpleContent><xs:extension base="xs:string"><xs:attribute name="since" type="xs:date"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
			<seal/>
		</xs:sequence></xs:complexType></xs:element>'),
	('residence', 'Residence', '', '', NULL)	-- JSON: nothing of XML applies
	) m(model, root, namespace, prefix, schema);

-- Who we are, and what seals

INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, nuts, full_address, content_domain, environment) VALUES
	('civil', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000001', '{"EN": "Population Register", "LV": "Fizisko personu reģistrs"}', 'LV', 'LV006',
	 'Čiekurkalna 1. līnija 1, Rīga', 'civil.example.lv', 'test'),
	('road', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000002', '{"EN": "Vehicle Register", "LV": "Transportlīdzekļu reģistrs"}', 'LV', 'LV006',
	 'Miera iela 25, Rīga', 'road.example.lv', 'test'),
	('companies', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000003', '{"EN": "Company Register", "LV": "Uzņēmumu reģistrs"}', 'LV', 'LV006',
	 'Pērses iela 2, Rīga', 'companies.example.lv', 'test');

SELECT FROM (VALUES ('civil'), ('road'), ('companies')) p(provider),
	LATERAL ootspg.set_seal_key(provider || '-seal', provider, 'file:' || provider || '.key', 'file:' || provider || '.pem');

-- What we serve

INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject, subject_source, procedures, level_of_assurance, preview, seal, seal_key) VALUES
	('birth', 'civil', 'b1c2d3e4-0001-4333-8444-555566667777', '{"EN": "Birth certificate", "LV": "Dzimšanas apliecība"}', 'natural person',
	 'population.people', '{R1,S1,T3}', 'Substantial', 'exempt', 'prefer', 'civil-seal'),
	('residence', 'civil', 'b1c2d3e4-0002-4333-8444-555566667777', '{"EN": "Proof of residence", "LV": "Izziņa par dzīvesvietu"}', 'natural person',
	 'population.people', '{S1,V1}', 'Substantial', 'exempt', 'none', NULL),
	('vehicle', 'road', 'b1c2d3e4-0003-4333-8444-555566667777', '{"EN": "Vehicle registration", "LV": "Transportlīdzekļa reģistrācija"}', 'natural person',
	 'population.people', '{V3}', 'Substantial', 'exempt', 'prefer', 'road-seal'),
	('company', 'companies', 'b1c2d3e4-0004-4333-8444-555566667777', '{"EN": "Company extract", "LV": "Uzņēmuma izraksts"}', 'legal person',
	 'companies.subjects', '{X1,X2}', 'Substantial', 'exempt', 'prefer', 'companies-seal');

INSERT INTO ootspg.evidence_type_line
SELECT evidence_type, 'oots-edm:' || v, 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/' || overlay(data_service::text PLACING 'c0de' FROM 1 FOR 4)
  FROM ootspg.evidence_type, unnest(ARRAY['v1.0', 'v1.1', 'v1.2', 'v2.0']) v;

INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, sample_source, document, model, model_version, readable) VALUES
	('birth', 'pdf', 'application/pdf', 'population.birth_evidence', 'population.birth_sample', 'pdf', NULL, NULL, NULL),
	('birth', 'xml', 'application/xml', 'population.birth_evidence', 'population.birth_sample', 'document', 'birth', '1.0', 'pdf'),
	('residence', 'pdf', 'application/pdf', 'population.residence_evidence', NULL, 'pdf', NULL, NULL, NULL),
	('residence', 'json', 'application/json', 'population.residence_evidence', NULL, 'document', 'residence', '1.0', 'pdf'),
	('vehicle', 'xml', 'application/xml', 'vehicles.vehicle_evidence', NULL, 'document', 'vehicle', '1.0', NULL),
	('company', 'pdf', 'application/pdf', 'companies.extract_evidence', NULL, 'pdf', NULL, NULL, NULL),
	('company', 'xml', 'application/xml', 'companies.extract_evidence', NULL, 'document', 'company', '1.0', NULL);

GRANT USAGE ON SCHEMA population, vehicles, companies TO registry_service;
GRANT USAGE ON SCHEMA paper TO registry_service;	-- a view's functions run with the rights of who reads it
GRANT SELECT ON population.people, population.birth_evidence, population.birth_sample, population.residence_evidence,
	vehicles.vehicle_evidence, companies.subjects, companies.extract_evidence TO registry_service;

SELECT ootspg.activate(evidence_type) FROM ootspg.evidence_type;
