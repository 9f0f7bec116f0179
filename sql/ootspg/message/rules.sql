-- The business rules of the EDM, and their verdict on any message.
CREATE FUNCTION ootspg.check_message(
	message bytea, header bytea DEFAULT NULL,
	OUT rule_id text, OUT severity text, OUT location text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_check_message'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.check_message(bytea, bytea) IS
'rules that a request, response or error of any line breaks, alone or with its ebMS header: one row for each place; only severity fatal justifies a refusal. Unreadable input is one row of rule XML, never an error. Nothing of the content is repeated';

CREATE FUNCTION ootspg.rules(
	OUT rule_id text, OUT message text,
	OUT v10 text, OUT v11 text, OUT v12 text, OUT v20 text, OUT expects text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_rules'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.rules() IS
'every rule that check_message() knows: severity on each EDM line (NULL: not on that line, or it can never fire) and what it asks for';
