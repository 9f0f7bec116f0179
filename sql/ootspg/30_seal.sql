-- Sealing and verifying (XAdES). The functions that take URIs are for the functions on
-- top of ootspg.seal_key and for tests: whoever may call them chooses the key file.

CREATE FUNCTION ootspg_internal.seal_with(document bytea, name text, key_uri text, certificate_uri text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_seal_with'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.seal_with(bytea, text, text, text) IS
'the XML document in canonical form with an enveloped XAdES-BASELINE-B seal; raises OT004 when the key cannot be used';

CREATE FUNCTION ootspg_internal.key_facts(name text, key_uri text, certificate_uri text)
RETURNS TABLE (algorithm text, subject text, not_before timestamptz, not_after timestamptz, certificate_sha256 bytea)
AS 'MODULE_PATHNAME', 'ootspg_key_facts'
LANGUAGE C VOLATILE STRICT ROWS 1 PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.key_facts(text, text, text) IS
'loads the key, checks it as for sealing, and shows what its certificate says; raises OT004 when it cannot be used';
