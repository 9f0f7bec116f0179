-- The one function that exchanges go through (src/exchange).

CREATE FUNCTION ootspg.answer(request bytea, header bytea DEFAULT NULL,
	OUT exchange_id bigint, OUT outcome text, OUT part integer, OUT content_id text, OUT media_type text, OUT content bytea)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_answer'
LANGUAGE C VOLATILE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.answer(bytea, bytea) IS
'answers an evidence request: one row per MIME part, part 1 the RegRep message, 2… the evidence; the exchange and its audit are stored in the caller''s transaction. header is the received eb:Messaging element. An unanswerable request gives one row without part, and so does one that waits for its user (outcome held): ootspg.answer_of() has its answer later';
