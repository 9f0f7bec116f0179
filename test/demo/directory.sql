-- What the owner of the registers adds so that requesters find them: the facts that only
-- the Data Services Directory and the Evidence Broker want, and how they are reached. Run as registry_owner after
-- publish.sql and access_point.sql; everything else in a submission comes from the rows
-- that serve requests. See doc/register.md.

INSERT INTO ootspg.publisher (provider, post_code, post_city_name, thoroughfare, locator_designator, jurisdiction) VALUES
	('civil', 'LV-1026', 'Rīga', 'Čiekurkalna 1. līnija', '1', 'LV'),
	('road', 'LV-1001', 'Rīga', 'Miera iela', '25', 'LV'),
	('companies', 'LV-1011', 'Rīga', 'Pērses iela', '2', 'LV');

-- One access point for all three: the party that requesters address already
INSERT INTO ootspg.access_service (provider, party_id_type, party_id, name)
SELECT p.provider, a.party_id_type, a.party_id, '{"EN": "State access point"}' FROM ootspg.provider p, ootspg.access_point a;

INSERT INTO ootspg.directory_entry (evidence_type, note) VALUES
	('birth', '{"EN": "Births registered in Latvia"}'),
	('residence', NULL),
	('vehicle', '{"EN": "All vehicles of the owner"}'),
	('company', NULL);
INSERT INTO ootspg.distribution_language SELECT evidence_type, distribution, 'LV' FROM ootspg.distribution;

-- What the evidence proves, and a procedure that asks for it
INSERT INTO ootspg.requirement (requirement, name) VALUES
	('7e5a0b6c-0000-4c1d-9d5e-000000000001', '{"EN": "Proof of birth"}'),
	('7e5a0b6c-0000-4c1d-9d5e-000000000002', '{"EN": "Proof of residence"}'),
	('7e5a0b6c-0000-4c1d-9d5e-000000000003', '{"EN": "Proof of ownership of a vehicle"}'),
	('7e5a0b6c-0000-4c1d-9d5e-000000000004', '{"EN": "Proof of registration of a company"}');
INSERT INTO ootspg.evidence_type_list (evidence_type_list, provider, requirement)
SELECT overlay(r.requirement::text PLACING '3' FROM 1 FOR 1)::uuid, e.provider, r.requirement
  FROM (VALUES ('birth', 1), ('residence', 2), ('vehicle', 3), ('company', 4)) t(evidence_type, n)
  JOIN ootspg.evidence_type e USING (evidence_type) JOIN ootspg.requirement r ON r.requirement::text LIKE '%' || n;
INSERT INTO ootspg.evidence_type_list_member
SELECT l.evidence_type_list, t.evidence_type
  FROM (VALUES ('birth', 1), ('residence', 2), ('vehicle', 3), ('company', 4)) t(evidence_type, n)
  JOIN ootspg.evidence_type_list l ON l.requirement::text LIKE '%' || n;
INSERT INTO ootspg.reference_framework (reference_framework, provider, title, procedures, country)
VALUES ('118fd444-0000-42be-a084-000000000001', 'civil', '{"EN": "Registering a change of address"}', '{S1}', 'LV');
INSERT INTO ootspg.requirement_framework SELECT requirement, '118fd444-0000-42be-a084-000000000001' FROM ootspg.requirement;

-- The instances: their object model, the party that takes submissions, where they are read
-- back, and that they hold nothing of ours so far
INSERT INTO ootspg.directory_target (environment, service, line) VALUES ('test', 'dsd', 'oots-edm:v2.0'), ('test', 'eb', 'oots-edm:v2.0');
INSERT INTO ootspg.directory_route (environment, service, access_point, party_id, party_id_type, properties)
SELECT 'test', s, 'gateway', 'cs-lcm-demo', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots', '{"SpecificationId": "oots-lcm:v1.0"}'
  FROM unnest(ARRAY['dsd', 'eb']) s;
INSERT INTO ootspg.directory_source (environment, service, base_url, country, roots_uri, signer_subject)
SELECT 'test', s, :'url' || '/' || s, 'LV', 'file:roots.pem', 'CN=leaf,O=Test,C=XA' FROM unnest(ARRAY['dsd', 'eb']) s;
SELECT ootspg.set_published('dsd', NULL), ootspg.set_published('eb', NULL);
