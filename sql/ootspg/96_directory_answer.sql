-- Answers of the directories of the Common Services: is one signed by whoever runs the
-- directory (src/seal), and what does it say (src/directory)? For diagnosis and tests, by
-- the owner only. Volatile, though they only compute, so that no duty comes to execute them.

CREATE FUNCTION ootspg_internal.verify_directory_answer(body bytea, digest text, signature text, trusted bytea,
	moment timestamptz DEFAULT now(),
	OUT valid boolean, OUT refused text, OUT reason text, OUT subject text, OUT not_after timestamptz,
	OUT certificate_sha256 bytea, OUT root_sha256 bytea, OUT root_not_after timestamptz) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_verify_directory_answer'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.verify_directory_answer(bytea, text, text, bytea, timestamptz) IS
'is the body what its sender signed? digest and signature are the headers digest and oots-response-sig, as they came; trusted holds the roots of that directory and environment as PEM. refused names the step that failed; unless valid, the signer is only what the answer claims';
