-- Fails unless a program's answer to a request is ours. psql variables: document, response, header in hex; first, the number
-- before the request's.
CREATE FUNCTION pg_temp.told(message bytea) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(convert_from(message, 'UTF8'),
		'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 'UUID', 'g'), '[0-9a-f]{32}@', 'ID@', 'g'), '\d{4}-\d\d-\d\dT[\d:.]+Z', 'TIME', 'g')
$$;
CREATE FUNCTION pg_temp.unsealed(document bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT substring(document FROM 1 FOR position('<ds:Signature'::bytea IN document) - 1)
$$;
CREATE TEMP TABLE ours AS
	SELECT a.exchange_id, a.part, a.content
	  FROM (SELECT body, header FROM bench.request WHERE n > :first ORDER BY n LIMIT 1) r, ootspg.answer(r.body, r.header) a;
SELECT 1 / (pg_temp.told(content) = pg_temp.told(decode(:'response', 'hex')))::integer AS response, 1 / (pg_temp.told(answer_header) = pg_temp.told(decode(:'header', 'hex')))::integer AS header
  FROM ours JOIN ootspg.exchange USING (exchange_id) WHERE part = 1;
SELECT 1 / (pg_temp.unsealed(content) = pg_temp.unsealed(decode(:'document', 'hex')))::integer AS document FROM ours WHERE part = 2;
SELECT 1 / valid::integer AS seal FROM ootspg.verify_seal(decode(:'document', 'hex'), NULL);
