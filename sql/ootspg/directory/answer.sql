-- Answers of the directories of the Common Services: is one signed by whoever runs the
-- directory (src/seal), and what does it say (src/directory)? For diagnosis and tests, by
-- the owner only. Volatile, though they only compute, so that no duty comes to execute them.

CREATE FUNCTION ootspg_internal.verify_directory_answer(body bytea, digest text, signature text, trusted bytea,
	moment timestamptz DEFAULT now(),
	OUT valid boolean, OUT refused text, OUT reason text, OUT subject text, OUT not_after timestamptz,
	OUT certificate_sha256 bytea, OUT root_sha256 bytea, OUT root_not_after timestamptz, OUT signed_at timestamptz) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_verify_directory_answer'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.verify_directory_answer(bytea, text, text, bytea, timestamptz) IS
'is the body what its sender signed? digest and signature are the headers digest and oots-response-sig, as they came; trusted holds the roots of that directory and environment as PEM. refused names the step that failed; unless valid, the signer is only what the answer claims';

CREATE FUNCTION ootspg_internal.read_directory_answer(http_status integer, content_type text, body bytea,
	OUT class text, OUT reason text, OUT retryable boolean, OUT code text, OUT message_code text, OUT specification text,
	OUT object integer, OUT data_service text, OUT classification text, OUT level_of_assurance text, OUT service_values jsonb,
	OUT access_service text, OUT access_service_scheme text, OUT conforms_to text[],
	OUT publisher text, OUT publisher_scheme text, OUT country text, OUT jurisdiction jsonb, OUT publisher_values jsonb,
	OUT media_type text, OUT languages text[], OUT data_model text, OUT transformation text,
	OUT input text, OUT input_id text, OUT input_level text, OUT input_type text, OUT input_list text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_read_directory_answer'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.read_directory_answer(integer, text, bytea) IS
'what a data service directory answered: class registered (one row for each object, access service, publisher and distribution), additional input (one for each thing it asks for), not registered, refused, failed or unreadable (one row). Only not registered says that nothing is there. Never raises for what is in the answer; http_status NULL: there was none. To be asked after verify_directory_answer()';

CREATE FUNCTION ootspg_internal.read_broker_answer(http_status integer, content_type text, body bytea,
	OUT class text, OUT reason text, OUT retryable boolean, OUT code text, OUT message_code text, OUT specification text,
	OUT requirement text, OUT list text, OUT match text, OUT list_countries text[],
	OUT classification text, OUT type_countries text[]) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_read_broker_answer'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.read_broker_answer(integer, text, bytea) IS
'what the evidence broker answered: class registered (one row for each evidence type of each list of each requirement; classification NULL: a list of none), not registered, refused, failed or unreadable (one row). Countries are those of jurisdictions, of the list since 2.0 and of the type before. Only not registered says that nothing is there. Never raises for what is in the answer; http_status NULL: there was none. To be asked after verify_directory_answer()';
