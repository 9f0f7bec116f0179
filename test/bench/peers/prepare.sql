-- What peers in other languages are given, so that they need not be worse than they are: the statement that records one answer, and the
-- texts of response and header, each as answer() made it for the sample, with «names» where values differ. Values of the sample stay.
CREATE TABLE bench.peer (name text PRIMARY KEY, content text NOT NULL);

-- One row of values; what is given replaces, by "column" or by "event_type.column".
CREATE FUNCTION bench.values_of(sample jsonb, given jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT '(' || string_agg(coalesce(given ->> concat_ws('.', sample ->> 'event_type', key), given ->> key, quote_nullable(value)), ', ' ORDER BY key COLLATE "C") || ')'
	  FROM jsonb_each_text(sample)
$$;
CREATE FUNCTION bench.insert_of(name text, given jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format($q$
		SELECT format('INSERT INTO bench.%%I (%%s) VALUES %%s', %L, (SELECT string_agg(quote_ident(key), ', ' ORDER BY key COLLATE "C") FROM jsonb_object_keys(min(j::text)::jsonb) key),
					  string_agg(bench.values_of(j, $1), ', '))
		  FROM (SELECT to_jsonb(s) AS j FROM bench.%I s) t $q$, name, 'sample_' || name) INTO result USING given;
	RETURN result;
END $$;
INSERT INTO bench.peer
SELECT 'record', format('WITH a AS (%s), b AS (%s), c AS (%s) %s',
	bench.insert_of('used_request', '{"request_key": "«request_id»", "exchange_id": "«exchange_id»"}'),
	bench.insert_of('exchange', '{"exchange_id": "«exchange_id»", "received_at": "«now»", "answered_at": "«now»", "request_id": "«request_id»", "response_id": "«response_id»", "subject_key": "«subject_key»", "subject_identifier_key": "«identifier_key»", "answer_header": "«header»"}'),
	bench.insert_of('exchange_event', '{"exchange_id": "«exchange_id»", "event_time": "«now»", "request_received.first_part": "«body»", "request_received.header": "«body_header»", "request_received.first_part_sha256": "«body_sha256»", "response_built.first_part": "«response»", "response_built.header": "«header»", "response_built.first_part_sha256": "«response_sha256»"}'),
	bench.insert_of('evidence_event', '{"exchange_id": "«exchange_id»", "event_time": "«now»", "evidence_id": "«evidence_id»", "content_id": "«content_id»", "size_bytes": "«size»", "sha256_as_held": "«sha256»"}'));

CREATE FUNCTION bench.template(message bytea) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(convert_from(message, 'UTF8'),
			x.request_id, '«request_id»'), x.response_id::text, '«response_id»'), e.evidence_id::text, '«evidence_id»'), e.content_id, '«content_id»'),
			'>DE/LV/' || p.code, '>«identifier»'), '>' || replace(p.family_name, '&', '&amp;') || '<', '>«family_name»<'),
			'>' || p.given_name || '<', '>«given_name»<'), '>' || p.born || '<', '>«born»<'), 'IssuingDate>' || p.issued || '<', 'IssuingDate>«issued»<'),
		'\d{4}-\d\d-\d\dT[\d:.]+Z', '«now»', 'g'),
		'(urn:uuid:|MessageId>)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '\1«uuid»', 'g'), 'cid:[0-9a-f]{32}', 'cid:«hex»', 'g')
	  FROM bench.sample_exchange x, bench.sample_evidence_event e, bench.person p
	 WHERE p.code = '00000001'
$$;
INSERT INTO bench.peer
SELECT 'response', bench.template(first_part) FROM bench.sample_exchange_event WHERE event_type = 'response_built'
UNION ALL
SELECT 'header', bench.template(header) FROM bench.sample_exchange_event WHERE event_type = 'response_built';
