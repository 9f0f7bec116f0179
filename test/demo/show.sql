-- The show: readable lines of what was played, for test/bin/run-demo. Loaded after
-- scenarios.sql; all functions are read by registry_auditor.
SET search_path = demo, public;

-- Blanks behind a text up to a width, counting characters
CREATE FUNCTION demo.pad(value text, width integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN length(value) > width THEN left(value, width - 1) || '…' ELSE rpad(value, width) END
$$;
CREATE FUNCTION demo.line(label text, content text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT '      ' || rpad(label, 9) || content
$$;

CREATE FUNCTION demo.asked(scenario text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE s.special WHEN 'no xml' THEN 'six bytes that are no XML, with a header that names the addressee'
				ELSE format('%s as %s, about %s, level %s, procedure %s%s%s', s.evidence_type, upper(s.format), s.who, s.level,
							CASE WHEN s.system_check THEN '00' ELSE d.procedure END, CASE WHEN s.readable THEN ', with a readable version' ELSE '' END,
							CASE s.special WHEN 'replay' THEN ', same request id as scenario 1' WHEN 'nobody addressed' THEN ', to another provider' ELSE '' END) END
	  FROM demo.scenario s JOIN demo.directory d ON d.evidence_type = s.evidence_type AND d.line = 'oots-edm:' || s.line
	 WHERE s.scenario = asked.scenario
$$;

-- One scenario, without its seals, which xmlsec1 judges
CREATE FUNCTION demo.block(scenario text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
	SELECT demo.line('asked', demo.asked(block.scenario))
	UNION ALL
	SELECT demo.line('answer', CASE r.outcome WHEN 'evidence' THEN 'evidence' WHEN 'empty' THEN 'success with an empty list: known here, but no such record'
									WHEN 'unanswerable' THEN 'none: nobody to answer as' ELSE format('%s %s', r.error_code, r.message) END
							 || coalesce(': ' || r.detail, '') || format('  [%s ms in a new session]', round(r.milliseconds, 1)))
	  FROM demo.result r WHERE r.scenario = block.scenario
	UNION ALL
	SELECT demo.line('audit', 'exchange ' || x.exchange_id || coalesce(', the true reason: ' || x.reason, '')) FROM demo.result r JOIN ootspg.exchange x USING (exchange_id)
	 WHERE r.scenario = block.scenario AND x.outcome <> 'evidence'
	UNION ALL
	(SELECT demo.line('part ' || p.part, format('%s %s bytes  %s', rpad(p.media_type, 22), lpad(octet_length(p.content)::text, 6),
				CASE p.part WHEN 1 THEN 'the response itself' ELSE (demo.said(first.content, '//rim:RepositoryItemRef/@xlink:title'))[p.part - 1] END))
	   FROM demo.part p JOIN demo.part first ON first.scenario = p.scenario AND first.part = 1
	  WHERE p.scenario = block.scenario AND EXISTS (SELECT FROM demo.part m WHERE m.scenario = p.scenario AND m.part = 2) ORDER BY p.part)
$$;

-- The audit of one exchange in the order it was written, with what the access point said
CREATE FUNCTION demo.exchange_trail(exchange_id bigint) RETURNS SETOF text LANGUAGE sql STABLE AS $$
	WITH entry AS (
		SELECT e.event_id, e.event_type || coalesce(' (' || e.direction || ')', '') AS what, concat_ws('; ', e.detail,
			   'kept, sha-256 ' || left(encode(e.first_part_sha256, 'hex'), 16) || '…',
			   CASE WHEN e.event_type = 'match' THEN format('by %s; %s candidate(s), name policy %s', e.facts ->> 'attributes', e.facts ->> 'candidates', e.facts ->> 'policy_version')
					WHEN e.event_type = 'request_received' THEN format('from %s, level %s', e.facts #>> '{requester_names,0}', e.facts ->> 'level_of_assurance')
					WHEN e.event_type LIKE 'message%' THEN concat_ws(', ', e.facts ->> 'status', 'attempt ' || (e.facts ->> 'attempt'),
						(e.facts ->> 'parts') || ' part(s) of ' || (e.facts ->> 'bytes') || ' bytes', 'message ' || left(e.facts ->> 'message_id', 8) || '…') END) AS about
		  FROM ootspg.exchange_event e WHERE e.exchange_id = exchange_trail.exchange_id
		UNION ALL
		SELECT e.event_id, 'evidence: ' || e.role, concat_ws('; ', e.media_type, e.size_bytes || ' bytes, content not kept, sha-256 ' || left(encode(e.sha256_as_held, 'hex'), 16) || '…',
			   'sealed with ' || e.seal_key, nullif(e.decision, 'not_required'))
		  FROM ootspg.evidence_event e WHERE e.exchange_id = exchange_trail.exchange_id)
	SELECT '      ' || demo.pad(what, 32) || about FROM entry ORDER BY event_id
$$;
CREATE FUNCTION demo.trail(scenario text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
	SELECT t FROM demo.result r, demo.exchange_trail(r.exchange_id) t WHERE r.scenario = trail.scenario
$$;

CREATE FUNCTION demo.times() RETURNS SETOF text LANGUAGE sql STABLE AS $$
	SELECT format('   %s %s %s %s %s', '  ', demo.pad('scenario', 42), demo.pad('outcome', 26), lpad('first ms', 9), lpad('median of ' || count(*) FILTER (WHERE repetition > 0) / count(DISTINCT scenario), 13))
	  FROM demo.run
	UNION ALL
	(SELECT format('   %s %s %s %s %s', lpad(r.number::text, 2), demo.pad(scenario, 42),
			demo.pad(coalesce(r.error_code, nullif(concat_ws(' + ', VARIADIC r.pieces), ''), r.outcome), 26), lpad(round(r.milliseconds, 1)::text, 9),
			lpad(round(again.median::numeric, 1)::text, 13))
	   FROM demo.result r
	   LEFT JOIN (SELECT scenario, percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) AS median FROM demo.run WHERE repetition > 0 GROUP BY 1) again USING (scenario)
	  ORDER BY r.number)
$$;

-- Rules that an answer of ours breaks, each answer with its header as it would leave
CREATE FUNCTION demo.broken_rules() RETURNS TABLE (scenario text, rule_id text, severity text) LANGUAGE sql STABLE AS $$
	SELECT p.scenario, c.rule_id, c.severity
	  FROM demo.part p JOIN demo.result r USING (scenario) JOIN ootspg.exchange x USING (exchange_id), ootspg.check_message(p.content, x.answer_header) c
	 WHERE p.part = 1 AND c.severity = 'fatal'
$$;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA demo TO registry_auditor;
