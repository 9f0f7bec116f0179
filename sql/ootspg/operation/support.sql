-- What technical support in the Union is told (D-OPS-07, Implementing Regulation (EU) 2022/1463 art. 21, 22(2)): nothing of persons.

CREATE FUNCTION ootspg.support_data() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_watcher();
	RETURN jsonb_build_object(
		'at', now(), 'database', current_database(),
		'versions', jsonb_build_object('ootspg', (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'ootspg'), 'postgresql', current_setting('server_version')),
		'workers', (SELECT to_jsonb(w) FROM ootspg_internal.worker_state() w),
		'jobs', (SELECT coalesce(jsonb_agg(to_jsonb(j) ORDER BY j.job), '[]') FROM ootspg_internal.job_run j),
		'providers', (SELECT coalesce(jsonb_agg(jsonb_build_object('provider', p.provider, 'scheme', p.scheme, 'identifier', p.identifier, 'name', p.name, 'country', p.country,
							'environment', p.environment, 'contact', (SELECT s.contact FROM ootspg.preview_space s WHERE s.provider = p.provider)) ORDER BY p.provider), '[]') FROM ootspg.provider p),
		'evidence_types', (SELECT coalesce(jsonb_agg(jsonb_build_object('evidence_type', t.evidence_type, 'provider', t.provider, 'state', t.state, 'reason', t.reason, 'since', t.since,
							'lines', (SELECT array_agg(l.line::text ORDER BY l.line) FROM ootspg.evidence_type_line l WHERE l.evidence_type = t.evidence_type)) ORDER BY t.evidence_type), '[]')
							 FROM ootspg_internal.evidence_type_state() t),
		'seal_keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('seal_key', k.seal_key, 'provider', k.provider, 'state', s.state, 'not_after', s.not_after) ORDER BY k.seal_key), '[]')
						FROM ootspg.seal_key k, LATERAL ootspg_internal.key_status(k.seal_key) s),
		'access_points', (SELECT coalesce(jsonb_agg(jsonb_build_object('access_point', s.access_point, 'state', s.state, 'reason', s.reason, 'server', s.server, 'last_success', s.last_success,
							'last_error_at', s.last_error_at, 'last_error', s.last_error, 'clock_offset', s.clock_offset, 'pending', s.pending, 'waiting', s.waiting, 'quarantined', s.quarantined,
							'to_send', s.to_send, 'in_flight', s.in_flight, 'parked', s.parked) ORDER BY s.access_point), '[]') FROM ootspg.status s WHERE s.access_point IS NOT NULL),
		'peers', (SELECT coalesce(jsonb_agg(jsonb_build_object('country', x.country, 'last_request', x.last_request) ORDER BY x.country), '[]')
					FROM (SELECT e.requester_country AS country, max(e.received_at) AS last_request FROM ootspg.exchange e
						   WHERE e.requester_country ~ '^[A-Z]{2}$' AND e.received_at > now() - interval '30 days' GROUP BY 1) x),
		'failures', (SELECT coalesce(jsonb_agg(jsonb_build_object('component_kind', f.component_kind, 'component', f.component, 'began_at', f.began_at, 'cause', f.cause) ORDER BY f.interval_id), '[]')
					   FROM ootspg_internal.failures() f WHERE f.ended_at IS NULL));
END $$;
COMMENT ON FUNCTION ootspg.support_data() IS
'what technical support asks for: versions, lines, keys and their ends, access points with their queues and troubles, when each country last asked, what is down now; nothing about persons';
