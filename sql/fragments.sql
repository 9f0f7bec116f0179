--
-- The whole state or nothing: fragments of other providers are collected, compared and
-- merged; a submission that would remove entries of others is not finalized unless each
-- removal is confirmed by its name.
--
\set ECHO none
\set own regress_ootspg_fragments
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\o /dev/null
\i :fixture
\o
\set fixture :folder '/test/fixtures/directory.sql'
\i :fixture
\set ECHO all

-- Providers behind one access point of different databases must list the same lines: they agree on them
UPDATE ootspg.access_service SET lines = '{oots-edm:v1.0,oots-edm:v1.1,oots-edm:v1.2,oots-edm:v2.0}';

CREATE TABLE kept (name text PRIMARY KEY, content xml);
INSERT INTO kept SELECT 'whole ' || service, ootspg.submission(service) FROM unnest(ARRAY['dsd', 'eb']) service;
INSERT INTO kept SELECT 'schools ' || service, ootspg.export_fragment('schools', service) FROM unnest(ARRAY['dsd', 'eb']) service;

-- A fragment has the form of a submission and says that it is none
SELECT substring(content::text FROM 'comment="[^"]*"') AS remark FROM kept WHERE name LIKE 'schools%';
SELECT o.kind, o.identifier FROM kept, ootspg_internal.submission_objects(convert_to(content::text, 'UTF8')) o WHERE name = 'schools dsd' ORDER BY place;
SELECT * FROM refusal($$SELECT ootspg.export_fragment('nobody')$$);

-- The schools move to a database of their own: the authority imports what they export
UPDATE ootspg.directory_entry SET publish = false WHERE evidence_type = 'diploma';
DELETE FROM ootspg.requirement_framework WHERE requirement = '315cfd75-0000-49c4-b0fe-000000000002';
DELETE FROM ootspg.evidence_type_list WHERE provider = 'schools';
SELECT ootspg.import_fragment('schools', content, 'Ministry of Education') AS objects FROM kept WHERE name LIKE 'schools%' ORDER BY name;
SELECT environment, service, fragment, owner, valid_from = current_date AS from_today, valid_until FROM ootspg.fragment ORDER BY service;
-- nothing has changed for the directory, but one requirement that the authority dropped from its procedure
SELECT service, d.* FROM unnest(ARRAY['dsd', 'eb']) service, kept k, ootspg.submission_diff(service, published => convert_to(k.content::text, 'UTF8')) d WHERE k.name = 'whole ' || service;
INSERT INTO ootspg.requirement_framework VALUES ('315cfd75-0000-49c4-b0fe-000000000002', '118fd444-0000-42be-a084-000000000001');
SELECT service, d.* FROM unnest(ARRAY['dsd', 'eb']) service, kept k, ootspg.submission_diff(service, published => convert_to(k.content::text, 'UTF8')) d WHERE k.name = 'whole ' || service;
SELECT service, ootspg.submission(service)::text LIKE '%fragment of%' AS remark_travels FROM unnest(ARRAY['dsd', 'eb']) service;

-- Neither indentation nor comments nor prefixes make a difference
CREATE FUNCTION schools() RETURNS text LANGUAGE sql AS $$SELECT content::text FROM kept WHERE name = 'schools dsd'$$;
SELECT ootspg.import_fragment('schools', convert_to(regexp_replace(replace(replace(replace(schools(), 'sdg:', 'oots:'), ':sdg', ':oots'), 'gymnasium', ' gymnasium'), '><', E'>\n  <!-- ours -->\n<', 'g'), 'UTF8'), 'Ministry of Education');
SELECT d.* FROM kept k, ootspg.submission_diff('dsd', published => convert_to(k.content::text, 'UTF8')) d WHERE k.name = 'whole dsd';

-- What is refused at the door
SELECT what, r.* FROM (VALUES
	('no XML', $$SELECT ootspg.import_fragment('x', '<a'::bytea, 'X')$$),
	('no submission', $$SELECT ootspg.import_fragment('x', '<a/>'::xml, 'X')$$),
	('a document type', $$SELECT ootspg.import_fragment('x', '<!DOCTYPE a><a/>'::bytea, 'X')$$),
	('empty', $$SELECT ootspg.import_fragment('x', '<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:4.0"/>'::xml, 'X')$$),
	('a prefix of ours for something else', $$SELECT ootspg.import_fragment('x', replace(schools(), '<sdg:Name ', '<sdg:Name xmlns:rim="urn:x" rim:y="" ')::xml, 'X')$$),
	('another scheme', $$SELECT ootspg.import_fragment('x', replace(schools(), 'classification:dsd', 'classification:xyz')::xml, 'X')$$),
	('both directories', $$SELECT ootspg.import_fragment('x', regexp_replace(schools(), 'classification:dsd', 'classification:eb')::xml, 'X')$$),
	('a fatal rule', $$SELECT ootspg.import_fragment('x', replace(schools(), '>High<', '>Higher<')::xml, 'X')$$),
	('a file of the two-object model', $$UPDATE ootspg.directory_target SET line = 'oots-edm:v1.0'; SELECT ootspg.import_fragment('x', schools()::xml, 'X')$$),
	('no owner', $$SELECT ootspg.import_fragment('x', schools()::xml, '')$$),
	('validity', $$SELECT ootspg.import_fragment('x', schools()::xml, 'X', valid_until => DATE '2000-01-01')$$),
	('name', $$SELECT ootspg.import_fragment('x y', schools()::xml, 'X')$$)) c(what, statement), refusal(statement) r;

-- Conflicts: listed, and no submission is made
CREATE FUNCTION with_fragment(content text, service text DEFAULT 'dsd', change text DEFAULT 'SELECT') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	found text;
	message text;
BEGIN
	EXECUTE change;
	PERFORM ootspg.import_fragment('other', content::xml, 'Somebody');
	SELECT string_agg(concat_ws(' ', c.conflict, '|', c.kind, c.identifier, c.owners), E'\n') INTO found FROM ootspg.submission_conflicts(service) c;
	BEGIN
		PERFORM ootspg.submission(service);
		message := 'a submission is made';
	EXCEPTION WHEN SQLSTATE 'OT003' THEN
		message := SQLERRM;
	END;
	RAISE SQLSTATE '00001' USING MESSAGE = concat_ws(E'\n', found, message);
EXCEPTION WHEN SQLSTATE '00001' THEN
	RETURN QUERY SELECT regexp_split_to_table(SQLERRM, E'\n');
END $$;
-- the same again agrees
SELECT with_fragment(schools());
-- other content under the same id; a shared access point that lists other lines
SELECT with_fragment(replace(schools(), 'lyceum', 'academy'));
SELECT with_fragment(replace(schools(), '<sdg:ConformsTo>oots-edm:v2.0</sdg:ConformsTo>', ''));
-- the same entry under another id
SELECT with_fragment(replace(schools(), object_id, 'urn:uuid:99999999-0000-4000-8000-000000000001'))
  FROM ootspg_internal.submission_objects(convert_to(schools(), 'UTF8')) WHERE kind = 'DataServiceEvidenceType';
-- an association with something that nobody has
SELECT with_fragment(regexp_replace(schools(), ' id="[^"]*"( sourceObject="[^"]*") targetObject="[^"]*"', ' id="urn:uuid:99999999-0000-4000-8000-000000000001"\1 targetObject="urn:uuid:99999999-0000-4000-8000-000000000002"'));
-- another state
SELECT with_fragment(replace(replace(schools(), '/LV/', '/EE/'), '>LV<', '>EE<'), change => 'DELETE FROM ootspg.fragment');
SELECT with_fragment(schools(), change => $$UPDATE ootspg.directory_target SET country = 'EE'$$) LIMIT 2;
-- another object model
SELECT * FROM refusal($$UPDATE ootspg.directory_target SET line = 'oots-edm:v1.0'; SELECT ootspg.submission()$$);
-- requirements are common: a fragment of the EB may point to them only, except in 1.0
CREATE FUNCTION without_requirement() RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(content::text, '<rim:RegistryObject id="urn:uuid:315cfd75-0000-49c4-b0fe-000000000002">.*?</rim:RegistryObject>', '') FROM kept WHERE name = 'schools eb'
$$;
SELECT with_fragment(without_requirement(), 'eb', 'DELETE FROM ootspg.fragment; DELETE FROM ootspg.requirement_framework WHERE requirement::text LIKE ''%2''');
SELECT with_fragment(replace(without_requirement(), 'datamodels', 'distributions'), 'eb', $$DELETE FROM ootspg.fragment; DELETE FROM ootspg.requirement_framework WHERE requirement::text LIKE '%2'; UPDATE ootspg.directory_target SET line = 'oots-edm:v1.0'$$);

-- Finalizing: what the directory holds must be known first
SELECT * FROM refusal('SELECT ootspg.finalize_submission()');
SELECT * FROM refusal($$SELECT ootspg.set_published('dsd', '<a/>')$$);
SELECT * FROM refusal($$SELECT ootspg.set_published('dsd', NULL); SELECT ootspg.finalize_submission()$$);
-- nothing changes
SELECT ootspg.set_published('dsd', convert_to(content::text, 'UTF8')) FROM kept WHERE name = 'whole dsd';
SELECT ootspg.finalize_submission(id => '00000000-0000-4000-8000-000000000001');
SELECT submission_id, environment, service, removals, (xpath('string(/*/@id)', convert_from(message, 'UTF8')::xml))[1] AS id FROM ootspg.final_submission;
-- a fragment ends: its entries would go, and its owner has not said so
UPDATE ootspg.fragment SET valid_from = current_date - 10, valid_until = current_date - 1 WHERE service = 'dsd';
SELECT * FROM ootspg.submission_diff();
SELECT * FROM refusal('SELECT ootspg.finalize_submission()');
SELECT * FROM refusal($$SELECT ootspg.finalize_submission(removals => '{EvidenceProvider urn:cef.eu:names:identifier:EAS:9939::LV90000000002}')$$);
SELECT ootspg.finalize_submission(id => '00000000-0000-4000-8000-000000000002', removals => ARRAY['EvidenceProvider urn:cef.eu:names:identifier:EAS:9939::LV90000000002', 'DataServiceEvidenceType b1c2d3e4-2222-4333-8444-555566667778']);
SELECT submission_id, removals FROM ootspg.final_submission ORDER BY 1;
-- entries of which nothing is known here are of others, too
SELECT change, entry, owner, must_confirm FROM ootspg.submission_diff(published => convert_to(replace((SELECT content::text FROM kept WHERE name = 'whole dsd'),
	'b1c2d3e4-2222-4333-8444-555566667778', 'b1c2d3e4-2222-4333-8444-55556666ffff'), 'UTF8')) WHERE entry LIKE 'DataService%';
-- our own entries may go and change as we say
UPDATE ootspg.fragment SET valid_until = NULL;
INSERT INTO ootspg.access_service VALUES ('civil', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:LV', 'AP_LV_9', '{"EN": "New access point"}');
DELETE FROM ootspg.access_service WHERE provider = 'civil' AND party_id = 'AP_LV_1';
UPDATE ootspg.evidence_type SET title = '{"EN": "Certificate of birth"}' WHERE evidence_type = 'birth';
SELECT * FROM ootspg.submission_diff();
SELECT ootspg.finalize_submission() IS NOT NULL AS final;
-- a fragment that is not valid yet
UPDATE ootspg.fragment SET valid_from = current_date + 1 WHERE service = 'dsd';
SELECT change, entry, must_confirm FROM ootspg.submission_diff() WHERE must_confirm;
-- what breaks a fatal rule is not finalized
UPDATE ootspg.directory_target SET publisher_element = 'AccessService' WHERE service = 'dsd';
SELECT * FROM refusal('SELECT ootspg.finalize_submission()');

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
