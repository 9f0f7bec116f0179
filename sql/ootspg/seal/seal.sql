-- Sealing and verifying (XAdES, PAdES, JAdES). The functions that take URIs are for the functions on
-- top of ootspg.seal_key and for tests: whoever may call them chooses the key file.

CREATE FUNCTION ootspg_internal.seal_with(document bytea, name text, key_uri text, certificate_uri text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_seal_with'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.seal_with(bytea, text, text, text) IS
'the document with a seal of the form that fits it (XML, PDF), by a key anywhere in ootspg.key_directory; raises OT004 when it cannot be used';

CREATE FUNCTION ootspg_internal.seal_with(document bytea, name text, key_uri text, certificate_uri text, form text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_seal_with'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.seal_with(bytea, text, text, text, text) IS
'the same with a seal of the form that is named: xades, pades, compact or flattened; detached: the seal alone';

CREATE FUNCTION ootspg_internal.key_facts(name text, key_uri text, certificate_uri text, provider text DEFAULT NULL)
RETURNS TABLE (algorithm text, subject text, not_before timestamptz, not_after timestamptz, certificate_sha256 bytea, seals_json boolean)
AS 'MODULE_PATHNAME', 'ootspg_key_facts'
LANGUAGE C VOLATILE ROWS 1 PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.key_facts(text, text, text, text) IS
'loads the key, checks it as for sealing, and shows what its certificate says; raises OT004 when it cannot be used, or lies outside of the provider''s place below ootspg.key_directory';

CREATE FUNCTION ootspg.verify_seal(document bytea, trusted bytea DEFAULT NULL, revoked bytea[] DEFAULT NULL, beside bytea DEFAULT NULL)
RETURNS TABLE (valid boolean, step text, reason text, algorithm text, signing_time timestamptz,
			   certificate_sha256 bytea, certificate_subject text, chain text, revocation text, signed_content bytea,
			   form text, policy text, format text, indication text, sub_indication text, level text, stamp text, stamped_at timestamptz)
AS 'MODULE_PATHNAME', 'ootspg_verify_seal'
LANGUAGE C STABLE ROWS 1 PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.verify_seal(bytea, bytea, bytea[], bytea) IS
'verifies the seal of a document: enveloped XAdES of XML, PAdES of a PDF that it covers to its end, JAdES with its payload, or a detached XAdES or JAdES seal of what is given in beside. valid: the signature covers the whole document and its signed properties, and the certificate is the one they name; otherwise step and reason say what was refused, and the other columns are claims only. chain: valid or untrusted against the PEM certificates in trusted, now; not checked without them. A valid seal with an untrusted chain proves nothing about who made it. revocation: of all certificates up to the anchor, by the lists of revoked ones (CRL) in revoked, each in DER or several as PEM, and by those and OCSP responses that XAdES and JAdES bring: good; revoked, or revoked later than a valid stamp; unknown; not checked, when no lists are given and the seal does not tell. No network is used. signed_content: what the seal covers, the only thing to read on: canonical octets of XML, the payload of a JWS, a PDF as a whole, what lies beside. form: baseline, or former for one of the former list of formats. policy: the policy that the signer names and nobody followed. format: XAdES, PAdES or JAdES. indication, sub_indication: the result''s names after EN 319 102-1; TOTAL-PASSED needs chain = valid. level: B, or T with a time stamp that holds. stamp: what that one is worth, or else the first one: valid, untrusted, not checked, or why it does not hold; a stamp that does not hold takes nothing from the seal. stamped_at: its time, before which the seal was made. doc/reference.md says what is taken';
