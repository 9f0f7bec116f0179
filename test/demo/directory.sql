-- What the owner of the registers adds so that requesters find them: the facts that only
-- the Data Services Directory wants, and how it is reached. Run as registry_owner after
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

-- The instance: its object model, the party that takes submissions, where it is read back,
-- and that it holds nothing of ours so far
INSERT INTO ootspg.directory_target (environment, service, line) VALUES ('test', 'dsd', 'oots-edm:v2.0');
INSERT INTO ootspg.directory_route (environment, service, access_point, party_id, party_id_type, properties)
VALUES ('test', 'dsd', 'gateway', 'cs-lcm-demo', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots', '{"SpecificationId": "oots-lcm:v1.0"}');
INSERT INTO ootspg.directory_source (environment, base_url, country, roots_uri) VALUES ('test', :'url', 'LV', 'file:roots.pem');
SELECT ootspg.set_published('dsd', NULL);
