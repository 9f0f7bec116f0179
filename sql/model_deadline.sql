--
-- Model versions and their deadlines: a new version is applied within twelve months, the
-- former stays for twelve; who is behind is warned, and early withdrawal is refused.
--
\set ECHO none
\set own regress_ootspg_model_deadline
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\o /dev/null
\i :fixture
\o
\set ECHO all

-- What the deadlines say for a version whose successor was published some time ago. Days
-- are counted from today, so that the test means the same tomorrow.
CREATE VIEW deadline AS
	SELECT model, version, apply_by - published BETWEEN 365 AND 366 AS twelve_months, behind, apply_warning, successor,
		   keep_until > current_date AS to_be_kept, served_by, keep_warning FROM ootspg.model_deadline;
-- one version, no successor: nothing to do
SELECT * FROM deadline;

-- A successor that is not installed here counts from its publication
CREATE FUNCTION released(ago interval) RETURNS SETOF deadline LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ootspg.model_release VALUES ('birth', '1.1', (current_date - ago)::date)
	ON CONFLICT ON CONSTRAINT model_release_pkey DO UPDATE SET published = EXCLUDED.published;
	RETURN QUERY SELECT * FROM deadline ORDER BY version;
END $$;
CREATE FUNCTION warnings(ago interval) RETURNS TABLE (version text, behind text[], apply_warning text, to_be_kept boolean, keep_warning text) LANGUAGE sql AS $$
	SELECT version, behind, apply_warning, to_be_kept, keep_warning FROM released(ago)
$$;
-- the former version is older than each of them
DELETE FROM ootspg.activation;
DELETE FROM ootspg.distribution;
DELETE FROM ootspg.data_model;
SELECT ootspg.install_data_model('birth', '1.0', 'BirthEvidence', (current_date - interval '3 years')::date, namespace => 'urn:example:birth:1.0', prefix => 'b',
	locations => '{"oots-edm:v1.0": "https://sr.oots.tech.ec.europa.eu/distributions/birth-1.0", "oots-edm:v1.1": "https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0",
				   "oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0", "oots-edm:v2.0": "https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0"}');
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, readable) VALUES
	('birth', 'pdf', 'application/pdf', 'registry.birth_evidence', 'pdf', NULL, NULL, NULL),
	('birth', 'xml', 'application/xml', 'registry.birth_evidence', 'document', 'birth', '1.0', 'pdf');
SELECT ootspg.activate('birth');
SELECT ago, w.* FROM unnest(ARRAY['0', '5 months', '7 months', '10 months', '11 months 15 days', '12 months', '2 years']::interval[]) ago, warnings(ago) w;

-- The former version may not go before its time
SELECT count(*) FROM released('7 months');
SELECT state, regexp_replace(message, '\d{4}-\d\d-\d\d', 'DATE') AS message, hint FROM refusal($$DELETE FROM ootspg.distribution WHERE distribution = 'xml'$$);
SELECT ootspg.install_data_model('birth', '1.1', 'BirthEvidence', (current_date - interval '7 months')::date, namespace => 'urn:example:birth:1.1', prefix => 'b',
	locations => '{"oots-edm:v1.0": "https://sr.oots.tech.ec.europa.eu/distributions/birth-1.1", "oots-edm:v1.1": "https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.1",
				   "oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.1", "oots-edm:v2.0": "https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.1"}');
SELECT state, regexp_replace(message, '\d{4}-\d\d-\d\d', 'DATE') AS message FROM refusal($$UPDATE ootspg.distribution SET model_version = '1.1' WHERE distribution = 'xml'$$);
-- both versions beside each other: nobody is behind, and the old one still may not go
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, readable)
VALUES ('birth', 'xml-1.1', 'application/xml', 'registry.birth_evidence', 'document', 'birth', '1.1', 'pdf');
SELECT version, behind, apply_warning, served_by, keep_warning FROM deadline ORDER BY version;
SELECT state FROM refusal($$DELETE FROM ootspg.distribution WHERE distribution = 'xml'$$);
-- a version may move from one distribution to another, and what is no withdrawal is none
SELECT what, r.state FROM (VALUES
	('moves', $$UPDATE ootspg.distribution SET model_version = CASE model_version WHEN '1.0' THEN '1.1' ELSE '1.0' END WHERE model IS NOT NULL$$),
	('the newer version', $$DELETE FROM ootspg.distribution WHERE distribution = 'xml-1.1'$$),
	('another column', $$UPDATE ootspg.distribution SET readable = NULL WHERE distribution = 'xml'$$),
	('the whole type', $$DELETE FROM ootspg.activation; DELETE FROM ootspg.evidence_type$$),
	('out of service', $$SELECT ootspg.deactivate('birth'); DELETE FROM ootspg.distribution WHERE distribution = 'xml'$$)) c(what, statement), refusal(statement) r;
-- renaming the type is no withdrawal
SELECT state FROM refusal($$UPDATE ootspg.evidence_type SET evidence_type = 'birth2'$$);

-- unless somebody says why
SELECT * FROM refusal($$SELECT ootspg.confirm_withdrawal('birth', 'birth', '1.0', ' ')$$);
SELECT * FROM refusal($$SELECT ootspg.confirm_withdrawal('births', 'birth', '1.0', 'x')$$);
SELECT ootspg.confirm_withdrawal('birth', 'birth', '1.0', 'The model was withdrawn by its publisher');
DELETE FROM ootspg.distribution WHERE distribution = 'xml';
SELECT evidence_type, model, version, reason, confirmed_by = session_user AS by_me FROM ootspg.model_withdrawal;

-- Lines are versions of the metadata model; no end is known for those without a published successor
SELECT state FROM refusal($$DELETE FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v1.0'$$);
INSERT INTO ootspg.model_release VALUES ('oots-edm', 'v1.2', current_date - 1000), ('oots-edm', 'v2.0', (current_date - interval '8 months')::date);
SELECT * FROM deadline WHERE model = 'oots-edm' ORDER BY version;
SELECT state, regexp_replace(message, '\d{4}-\d\d-\d\d', 'DATE') AS message, hint FROM refusal($$DELETE FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v1.2'$$);
SELECT state FROM refusal($$SELECT ootspg.confirm_withdrawal('birth', 'oots-edm', 'v1.2', 'The access point ends'); DELETE FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v1.2'$$);
SELECT state FROM refusal($$UPDATE ootspg.model_release SET published = (current_date - interval '12 months')::date WHERE version = 'v2.0'; DELETE FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v1.2'$$);

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
