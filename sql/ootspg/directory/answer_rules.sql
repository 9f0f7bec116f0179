-- Answers of the directories to queries, by rule: what is published about a state, and
-- what of it does not hold (src/directory/check_answer.c). Rules are those of submission_rules().

CREATE FUNCTION ootspg.check_directory_answer(
	answer bytea, line text DEFAULT NULL, service text DEFAULT NULL,
	OUT rule_id text, OUT severity text, OUT location text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_check_directory_answer'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.check_directory_answer(bytea, text, text) IS
'rules that an answer of the Data Services Directory or the Evidence Broker to a query breaks: one row for each place. Without line (oots-cs:v1.0 and so on) its slot SpecificationIdentifier decides, which answers of 1.0 do not have; without service (dsd, eb) its content. Unreadable input is one row of rule XML, never an error';

CREATE FUNCTION ootspg_internal.broken_answer_rules(body bytea, data_service text, publisher_scheme text, publisher text) RETURNS text[]
AS 'MODULE_PATHNAME', 'ootspg_broken_answer_rules'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.broken_answer_rules(bytea, text, text, text) IS
'fatal rules that the entries of one publisher for one data service break in an answer of the Data Services Directory: what stands below their access services, and in their registry objects but below none. Empty for what cannot be read, is refused or has no such entry: read_directory_answer() tells that';
