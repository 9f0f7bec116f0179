-- The stage for requests that come through the access point: what the parties abroad
-- send, and what the show may know of it. Loaded by a superuser after show.sql.

-- Every scenario once more as a foreign party would send it, a line each
CREATE FUNCTION demo.post(repetition integer, OUT number integer, OUT line text, OUT scenario text, OUT recipient text, OUT outcome text,
	OUT error_code text, OUT detail text, OUT pieces text, OUT request text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
	SELECT s.number, s.line, s.scenario, substring(convert_from(q.header, 'UTF8') FROM 'name="finalRecipient"[^>]*>([^<]*)<'), s.outcome,
		   coalesce(s.error_code, ''), coalesce(s.detail, ''), array_to_string(s.pieces, ' '), translate(encode(q.request, 'base64'), E'\n', '')
	  FROM demo.scenario s, demo.ask(s.scenario, post.repetition) q ORDER BY 1
$$;

-- How far a message that was received has come: seconds since 1970 and states
CREATE FUNCTION demo.crossing(message_id text, OUT received numeric, OUT answered numeric, OUT inbox text, OUT outbox text, OUT exchange_id bigint)
RETURNS SETOF record LANGUAGE sql STABLE AS $$
	SELECT extract(epoch FROM i.received_at), extract(epoch FROM x.answered_at), i.state, o.state, i.exchange_id
	  FROM ootspg.inbox i LEFT JOIN ootspg.exchange x USING (exchange_id) LEFT JOIN ootspg.outbox o USING (exchange_id)
	 WHERE i.message_id = crossing.message_id
$$;

-- The requests of a preview: somebody's three vehicles, in v2.0; location is the link, once there is one
CREATE FUNCTION demo.post_preview(location text, OUT recipient text, OUT line text, OUT request text) RETURNS record LANGUAGE sql VOLATILE
SET search_path = demo, pg_catalog AS $$
	SELECT d.provider, s.line, translate(encode(demo.test_request(d.line, d.data_service, d.classification, demo.subject(s), gen_random_uuid()::text, demo.wanted(s, d), d.procedure, 'true',
			provider_id => d.provider, more_slots => CASE WHEN location = '' THEN '' ELSE
				demo.test_slot('PreviewLocation', 'StringValueType', '<rim:Value>' || location || '</rim:Value>')
				|| demo.test_slot('ReturnLocation', 'StringValueType', '<rim:Value>https://portal.example.de/application/7</rim:Value>') END), 'base64'), E'\n', '')
	  FROM demo.scenario s JOIN demo.directory d ON d.evidence_type = s.evidence_type AND d.line = 'oots-edm:' || s.line
	 WHERE s.scenario = 'three vehicles, v2.0'
$$;
