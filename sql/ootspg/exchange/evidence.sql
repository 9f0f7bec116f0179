-- Evidence and seals for applications, without an exchange around them.

CREATE FUNCTION ootspg.evidence(evidence_type text, subject ootspg.subject,
	line ootspg.edm_line DEFAULT 'oots-edm:v2.0', distribution text DEFAULT NULL,
	OUT person_id text, OUT piece integer, OUT role text, OUT evidence_id uuid, OUT media_type text, OUT conforms_to text,
	OUT language text, OUT title text, OUT issuing_date date, OUT content bytea, OUT sha256 bytea, OUT sealed boolean,
	OUT available_at timestamptz)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_evidence_subject'
LANGUAGE C VOLATILE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.evidence(text, ootspg.subject, ootspg.edm_line, text) IS
'the sealed pieces of evidence for the one person or company that matches; raises OT007 when none, several or a protected one does. distribution: by default the first by name that can be requested. What is not there yet is a row without content, with available_at. The call is recorded in exchange_event';

CREATE FUNCTION ootspg.evidence(evidence_type text, person_ids text[],
	line ootspg.edm_line DEFAULT 'oots-edm:v2.0', distribution text DEFAULT NULL,
	OUT person_id text, OUT piece integer, OUT role text, OUT evidence_id uuid, OUT media_type text, OUT conforms_to text,
	OUT language text, OUT title text, OUT issuing_date date, OUT content bytea, OUT sha256 bytea, OUT sealed boolean,
	OUT available_at timestamptz)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_evidence_persons'
LANGUAGE C VOLATILE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.evidence(text, text[], ootspg.edm_line, text) IS
'the sealed pieces of evidence for many subjects, named by the registry''s own key, in one scan of the view; raises OT007 when one of them is protected. What is not there yet is a row without content, with available_at. The call is recorded in exchange_event';

CREATE FUNCTION ootspg.seal(document bytea, seal_key text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_seal'
LANGUAGE C VOLATILE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.seal(bytea, text) IS
'the document with a seal by the named key, of the form that fits it: XML in canonical form with enveloped XAdES-BASELINE-B, a PDF with PAdES-BASELINE-B appended to it; raises OT004 when the key cannot be used, OT001 when it is neither, OT005 when it cannot be sealed. JSON needs a form to be named';

CREATE FUNCTION ootspg.seal(document bytea, seal_key text, form text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_seal'
LANGUAGE C VOLATILE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.seal(bytea, text, text) IS
'the document with a seal of that form by the named key: xades (XML), pades (PDF), compact or flattened (JSON as payload of a JWS)';

CREATE FUNCTION ootspg.seal(document xml, seal_key text) RETURNS bytea
LANGUAGE sql VOLATILE STRICT
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT ootspg.seal(convert_to(document::text, 'UTF8'), seal_key);
END;
COMMENT ON FUNCTION ootspg.seal(xml, text) IS 'the same for a value of type xml';
