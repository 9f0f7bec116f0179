-- One look for operators: the access points of this database, and the directories it is
-- read back from.

CREATE VIEW ootspg.status WITH (security_barrier) AS
SELECT current_database()::text AS database, a.access_point, NULL AS directory,
	   CASE WHEN w.state <> 'running' THEN w.state
			WHEN a.access_point IS NULL THEN 'no access point'
			WHEN s.state = 'running' AND s.copy IS DISTINCT FROM ootspg_internal.this_copy() THEN 'silent'
			WHEN s.state IS NULL THEN 'paused'
			WHEN s.state = 'running' AND g.last_error_at > coalesce(g.last_success, '-infinity') THEN 'failing'
			ELSE s.state END AS state,
	   CASE WHEN s.state = 'running' AND s.copy IS DISTINCT FROM ootspg_internal.this_copy()
			THEN 'this copy of the database is not the one that was resumed; ootspg.resume() makes it so'
			WHEN a.access_point IS NOT NULL AND s.state IS NULL THEN 'not resumed yet'
			WHEN s.state <> 'paused' THEN coalesce(s.reason, ootspg_internal.in_the_way() || ': what reads it waits', (SELECT f FROM ootspg_internal.answering_faults(a.access_point) f LIMIT 1), ootspg_internal.row_keeper())
			ELSE s.reason END AS reason,
	   s.changed_at AS since,
	   CASE WHEN a.server = 'probe' THEN s.plugin ELSE a.server END AS server,
	   CASE WHEN a.server = '5.0' OR (a.server = 'probe' AND s.plugin = '5.0') THEN 'one-phase retrieval'
			WHEN a.server = '5.1.0' OR (a.server = 'probe' AND s.plugin = '5.1') THEN 'retrieved twice'
			WHEN a.server = '5.1.1' OR (a.server = 'probe' AND s.plugin = '5.2') THEN 'retrieved, then marked' END AS receiving,
	   g.last_success, g.last_error_at, g.last_error, CASE WHEN g.last_error IS NOT NULL THEN concat_ws(': ', t.description, g.cause) END AS last_error_text, g.next_attempt,
	   coalesce(g.pending, 0) AS pending,
	   i.waiting, i.quarantined, i.oldest_unanswered, i.overdue,
	   o.to_send, o.in_flight, o.parked, o.given_up, o.oldest_undelivered,
	   g.clock_offset, w.exchange_worker, w.answering AS answer_workers, NULL AS evidence_type, NULL::text AS seal_key
  FROM ootspg_internal.worker_state() w
  LEFT JOIN ootspg_internal.access_points_now() a ON true
  LEFT JOIN ootspg_internal.access_point_state s USING (access_point)
  LEFT JOIN ootspg_internal.gateway_state() g USING (access_point)
  LEFT JOIN ootspg_internal.gateway_troubles() t ON t.sqlstate = g.last_error
  CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE i.state <> 'quarantined') AS waiting, count(*) FILTER (WHERE i.state = 'quarantined') AS quarantined,
		   min(i.received_at) FILTER (WHERE i.state = 'waiting') AS oldest_unanswered,
		   count(*) FILTER (WHERE i.state = 'waiting' AND i.received_at < now() - interval '6 min') AS overdue
	  FROM ootspg_internal.inbox_queue i WHERE i.access_point = a.access_point AND i.state <> 'directory') i
  CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE o.state = 'waiting') AS to_send, count(*) FILTER (WHERE o.state IN ('submitting', 'doubtful', 'submitted')) AS in_flight,
		   count(*) FILTER (WHERE o.state = 'parked') AS parked, count(*) FILTER (WHERE o.state = 'given up') AS given_up,
		   min(o.created_at) FILTER (WHERE o.state IN ('waiting', 'submitting', 'doubtful', 'submitted', 'parked')) AS oldest_undelivered
	  FROM ootspg_internal.outbox_queue o WHERE o.access_point = a.access_point) o
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user)
UNION ALL
SELECT current_database()::text, NULL, s.environment || ' ' || s.service,
	   CASE WHEN w.state <> 'running' THEN w.state
			WHEN ootspg_internal.is_silent_copy() THEN 'silent'
			WHEN r.readings = 0 THEN 'nothing to read'
			WHEN r.failure IS NOT NULL THEN 'failing'
			ELSE r.state END,
	   nullif(concat_ws('; ', CASE WHEN r.others > 0 THEN format('%s of %s readings are not as served: %s', r.others, r.readings, r.which) END, c.cautions), ''),
	   r.changed_at, NULL, NULL,
	   r.checked_at, NULL, NULL, r.failure, r.next_at,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, w.exchange_worker, w.answering, NULL, NULL
  FROM ootspg_internal.worker_state() w
  CROSS JOIN ootspg_internal.directory_sources_now() s
  CROSS JOIN LATERAL (
	SELECT count(*) AS readings, min(d.failure) AS failure, max(d.changed_at) AS changed_at, max(d.checked_at) AS checked_at, min(d.next_at) AS next_at,
		   ootspg_internal.worst(array_agg(ootspg_internal.verdict_now(d.verdict, d.checked_at, s.read_every))) AS state,
		   count(*) FILTER (WHERE d.verdict <> 'published') AS others,
		   string_agg(DISTINCT d.evidence_type, ', ' ORDER BY d.evidence_type) FILTER (WHERE d.verdict <> 'published') AS which
	  FROM ootspg_internal.directory_reading d WHERE d.environment = s.environment AND d.service = s.service) r
  LEFT JOIN ootspg_internal.directory_trust c ON c.environment = s.environment AND c.service = s.service
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user)
UNION ALL
SELECT current_database()::text, NULL, NULL, e.state, e.reason, e.since, NULL, NULL,
	   e.last_success, e.last_failure, e.sqlstate, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, w.exchange_worker, w.answering, e.evidence_type, NULL
  FROM ootspg_internal.worker_state() w
  CROSS JOIN ootspg_internal.evidence_types_now() e
 WHERE e.state IN ('failing', 'out of service')
   AND ((SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user))
UNION ALL
SELECT current_database()::text, NULL, NULL, 'promises overdue', p.reason, p.since, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, w.exchange_worker, w.answering, p.evidence_type, NULL
  FROM ootspg_internal.worker_state() w
  CROSS JOIN ootspg_internal.promises_overdue() p
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user)
UNION ALL
SELECT current_database()::text, NULL, NULL, l.state, l.reason, l.since, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, w.exchange_worker, w.answering, NULL, NULL
  FROM ootspg_internal.worker_state() w
  CROSS JOIN ootspg_internal.trust_lists_now() l
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user)
UNION ALL
SELECT current_database()::text, NULL, NULL, 'job failing', format('job "%s" of the exchange worker fails with SQLSTATE %s, %s times in a row', j.job, j.sqlstate, j.failures), j.last_success, NULL, NULL,
	   j.last_success, j.last_run, j.sqlstate, NULL, j.next_run,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, w.exchange_worker, w.answering, NULL, NULL
  FROM ootspg_internal.worker_state() w
  CROSS JOIN ootspg_internal.job_run j
 WHERE j.sqlstate IS NOT NULL AND j.failures > 2
   AND ((SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user))
UNION ALL
SELECT current_database()::text, NULL, NULL,
	   CASE WHEN s.state = 'expires soon' THEN s.state ELSE 'unusable' END,
	   CASE WHEN s.state = 'expires soon' THEN format('the certificate ends at %s', s.not_after) ELSE s.state END,
	   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, w.exchange_worker, w.answering, NULL, k.seal_key
  FROM ootspg_internal.worker_state() w
  CROSS JOIN ootspg.seal_key k
  CROSS JOIN LATERAL ootspg_internal.key_status(k.seal_key) s
 WHERE s.state <> 'usable'
   AND ((SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user))
UNION ALL
SELECT current_database()::text, NULL, NULL, e.state, e.reason, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, w.exchange_worker, w.answering, NULL, NULL
  FROM ootspg_internal.worker_state() w
  CROSS JOIN ootspg_internal.encryption_faults() e
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.status IS 'each access point of this database, or one row without any: whether it is used and why not, what works and what does not, what is stuck and since when; each directory it is read back from; each evidence type that fails, cannot be served or has overdue promises; each trusted list that is over or soon will be; each job of the worker that failed three times in a row; each seal key that cannot be used or will soon be none; and what is not encrypted that should be';
COMMENT ON COLUMN ootspg.status.database IS 'this database; views of several clusters can be put together';
COMMENT ON COLUMN ootspg.status.access_point IS 'access point that the row is about; NULL: see directory, evidence_type and seal_key, or there is none';
COMMENT ON COLUMN ootspg.status.reason IS 'why it is in that state: what an operator said, what the worker found, which table or role is in the way, or whose transaction keeps rows that are gone';
COMMENT ON COLUMN ootspg.status.since IS 'begin of the state, as far as it is recorded';
COMMENT ON COLUMN ootspg.status.last_success IS 'last call, reading or answer that went well';
COMMENT ON COLUMN ootspg.status.last_error_at IS 'last one that failed';
COMMENT ON COLUMN ootspg.status.last_error IS 'its SQLSTATE; doc/troubleshooting.md has each';
COMMENT ON COLUMN ootspg.status.last_error_text IS 'what that SQLSTATE means, and the cause as far as known; of a directory, why the last reading failed';
COMMENT ON COLUMN ootspg.status.next_attempt IS 'when the worker tries next';
COMMENT ON COLUMN ootspg.status.waiting IS 'requests here that are not answered yet';
COMMENT ON COLUMN ootspg.status.quarantined IS 'messages for an operator to ootspg.release() or ootspg.dismiss()';
COMMENT ON COLUMN ootspg.status.oldest_unanswered IS 'when the oldest request that waits came';
COMMENT ON COLUMN ootspg.status.to_send IS 'answers that wait for their first call, or their next';
COMMENT ON COLUMN ootspg.status.parked IS 'answers for an operator to ootspg.retry() or ootspg.give_up()';
COMMENT ON COLUMN ootspg.status.given_up IS 'answers that operators gave up';
COMMENT ON COLUMN ootspg.status.oldest_undelivered IS 'when the oldest answer that is not delivered was made';
COMMENT ON COLUMN ootspg.status.exchange_worker IS 'process id of the exchange worker of this database; NULL: none';
COMMENT ON COLUMN ootspg.status.answer_workers IS 'answering workers that run for this database now';
COMMENT ON COLUMN ootspg.status.state IS 'running; failing: see last_error_text; paused; draining; stopped: by the worker, see reason; silent: a copy of the database nobody said go for; no access point: none is described; of a seal key, expires soon or unusable; of an evidence type, promises overdue: see ootspg.overdue_promise; trusted list over, or ends soon: load a newer one, see reason; job failing: see ootspg.job; audit not encrypted, audit unreadable, audit reader or contents not encrypted: see reason; or what is the matter with the workers';
COMMENT ON COLUMN ootspg.status.directory IS 'environment and directory, in rows about one: their state is the worst of ootspg.registration, since is its last change';
COMMENT ON COLUMN ootspg.status.evidence_type IS 'in rows about one: it is failing, or out of service, see ootspg.evidence_type_status; or it has promises that are overdue';
COMMENT ON COLUMN ootspg.status.server IS 'line of the WS plugin, declared or found out';
COMMENT ON COLUMN ootspg.status.receiving IS 'how messages are taken over, which follows from the server';
COMMENT ON COLUMN ootspg.status.pending IS 'messages known to be pending at the access point';
COMMENT ON COLUMN ootspg.status.overdue IS 'requests waiting longer than T1 and its grace (D-TMO-11)';
COMMENT ON COLUMN ootspg.status.in_flight IS 'messages handed over, or about to be, and not yet confirmed by the receiver''s access point (D-SEC-03)';
COMMENT ON COLUMN ootspg.status.clock_offset IS 'how much the access point''s clock is ahead of ours, to a second (D-LOG-27)';
COMMENT ON COLUMN ootspg.status.seal_key IS 'in rows about a seal key: which; only those have a row that expire soon (ootspg.key_warning) or cannot be used';
