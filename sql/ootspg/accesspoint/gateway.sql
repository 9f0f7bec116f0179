-- The access point's WS plugin as ootspg speaks it (src/accesspoint), and whether it can
-- be reached (src/http): for diagnosis and tests, by the owner only. All are volatile,
-- though most only compute, so that no duty comes to execute them.

CREATE FUNCTION ootspg_internal.gateway_request(operation text, message_id text DEFAULT NULL,
	consume boolean DEFAULT false, with_role boolean DEFAULT true,
	final_recipient text DEFAULT NULL, received_from timestamptz DEFAULT NULL, received_to timestamptz DEFAULT NULL,
	header bytea DEFAULT NULL, content_ids text[] DEFAULT '{}', media_types text[] DEFAULT '{}', contents bytea[] DEFAULT '{}',
	mtom_bytes integer DEFAULT 1048576,
	OUT content_type text, OUT body bytea) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_gateway_request'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.gateway_request(text, text, boolean, boolean, text, timestamptz, timestamptz, bytea, text[], text[], bytea[], integer) IS
'the request that would be sent to the access point for an operation: list, retrieve, mark, status, errors or submit. A submission takes its ebMS header and, one for each part, content ids, media types and contents';

CREATE FUNCTION ootspg_internal.read_gateway_answer(operation text, asked text, http_status integer, content_type text, body bytea,
	failure text DEFAULT 'answered', may_have_arrived boolean DEFAULT true,
	OUT trouble text, OUT sqlstate text, OUT outcome_unknown boolean, OUT fault_code text, OUT detail text,
	OUT message_ids text[], OUT status text, OUT errors jsonb, OUT submitted_id text,
	OUT header bytea, OUT message_id text, OUT from_party text, OUT from_party_type text, OUT parts jsonb,
	OUT speaks_5_2 boolean) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_read_gateway_answer'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.read_gateway_answer(text, text, integer, text, bytea, text, boolean) IS
'what an answer of the access point to an operation about a message (asked) is taken for; trouble none: the other columns hold. Never raises for what is in the answer. failure is what try_http() says of a call, answered for a whole answer';

CREATE FUNCTION ootspg_internal.gateway_troubles(OUT trouble text, OUT sqlstate text, OUT scope text, OUT permanent boolean,
	OUT description text, OUT hint text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_gateway_troubles'
LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.gateway_troubles() IS
'what can go wrong with a call to the access point. scope: does it concern one message, the whole access point for a while, or all calls until an operator has seen to it. permanent: trying the same again is of no use';

CREATE FUNCTION ootspg_internal.try_http(url text, body bytea DEFAULT NULL, content_type text DEFAULT NULL,
	login text DEFAULT NULL, password text DEFAULT NULL, ca_file text DEFAULT NULL, certificate_file text DEFAULT NULL,
	key_file text DEFAULT NULL, proxy text DEFAULT NULL,
	connect_ms integer DEFAULT 10000, stall_ms integer DEFAULT 30000, total_ms integer DEFAULT 60000,
	max_answer integer DEFAULT 1048576, calls integer DEFAULT 1,
	OUT failure text, OUT may_have_arrived boolean, OUT status integer, OUT answer_type text, OUT length bigint,
	OUT server_time timestamptz, OUT milliseconds integer, OUT detail text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_try_http'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 1;
COMMENT ON FUNCTION ootspg_internal.try_http(text, bytea, text, text, text, text, text, text, text, integer, integer, integer, integer, integer) IS
'calls a URL as ootspg would, from the database server: GET, or POST of a body; that many calls at the same time, one row for each. Answers the question whether the access point can be reached, and why not';
