-- What code lists have beside what is built in: lists of messages grow without a new line, and
-- a provider that knew the old one only would refuse honest requests on the day they do (D-MOD-18).

CREATE TABLE ootspg.added_code (
	code_list		text NOT NULL CHECK (code_list IN ('Procedures', 'EAS', 'CountryIdentificationCode', 'OOTS_Country', 'LanguageCode', 'NUTS',
		'OOTSMediaTypes', 'IdentifierSchemes', 'Gender')),
	code			text NOT NULL CHECK (ootspg_internal.require('code', code)),
	source			text NOT NULL,
	added_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (code_list, code)
);
COMMENT ON TABLE ootspg.added_code IS 'codes that messages may use beside those built in, on every line: so lists grow without a new release (D-MOD-18). For those who configure every provider';
COMMENT ON COLUMN ootspg.added_code.code_list IS 'name of the list as in the EDM';
COMMENT ON COLUMN ootspg.added_code.code IS 'the code as it stands in messages, letter case included; of EAS what follows the prefix';
COMMENT ON COLUMN ootspg.added_code.source IS 'where that is known from: the version of the list, or who said so';
COMMENT ON COLUMN ootspg.added_code.added_at IS 'when it was added';

ALTER TABLE ootspg.added_code ENABLE ROW LEVEL SECURITY;
CREATE POLICY any_duty ON ootspg.added_code FOR SELECT USING (true);
CREATE POLICY whole_state ON ootspg.added_code USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*']);
SELECT pg_catalog.pg_extension_config_dump('ootspg.added_code', '');

CREATE FUNCTION ootspg_internal.code_known(code_list text, line text, code text) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_code_known'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.code_known(text, text, text) IS
'does the list have the code on that line, built in or added? agent scheme: is it one that the line has';

-- Codes are checked by their form when a row is written, and by the lists when the type goes into service.
CREATE FUNCTION ootspg_internal.check_codes(type ootspg.evidence_type) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wrong record;
BEGIN
	SELECT c.code INTO wrong FROM unnest(type.procedures) c(code)
	 WHERE NOT ootspg_internal.code_known('Procedures', 'oots-edm:v2.0', c.code) ORDER BY 1 LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(
			format('procedure "%s" of evidence type "%s" is in no code list', wrong.code, type.evidence_type),
			'Correct evidence_type.procedures, or add the code to ootspg.added_code (list Procedures) if the list has grown.');
	END IF;
	SELECT l.line, p.scheme INTO wrong FROM ootspg.evidence_type_line l, ootspg.provider p
	 WHERE l.evidence_type = type.evidence_type AND p.provider = type.provider
	   AND NOT ootspg_internal.code_known('agent scheme', l.line, p.scheme) ORDER BY 1 LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(
			format('%s does not have the provider''s scheme %s', wrong.line, wrong.scheme),
			'Serve the type on the lines that have it only, or take a scheme of every line: no answer of the others could name the provider.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_codes(ootspg.evidence_type) IS 'OT003 when the type has a procedure that no list has, or a line that does not have the provider''s scheme';
