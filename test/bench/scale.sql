-- A million messages that were, 100 000 that wait at an access point which is not in use, in every table that grows; never analysed.
-- psql variables: old, waiting
INSERT INTO ootspg_internal.inbox_history (access_point, message_id, from_party, from_party_type, received_at, acknowledged_at, exchange_id)
SELECT 'ap', 'old' || n, 'AP_DE_01', 'type', now(), now(), -n FROM generate_series(1, :old) n;
INSERT INTO ootspg_internal.outbox_history (access_point, exchange_id, message_id, action, created_at, state, final_at)
SELECT 'ap', -n, 'old' || n, 'ExecuteQueryResponse', now(), 'delivered', now() FROM generate_series(1, :old) n;
INSERT INTO ootspg.exchange (exchange_id, received_at, answered_at, state, outcome, provider, evidence_type, request_id, conversation_id, requester_identifier, subject_key) OVERRIDING SYSTEM VALUE
SELECT -n, now(), now(), 'answered', 'evidence', 'civil', 'residence', 'urn:uuid:' || gen_random_uuid(), gen_random_uuid(), 'DE-REQ-0001', sha256(n::text::bytea) FROM generate_series(1, :old) n;
INSERT INTO ootspg_internal.used_request SELECT gen_random_uuid()::text, -n FROM generate_series(1, :old) n;
INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type) SELECT now(), -n, 'civil', 'match' FROM generate_series(1, :old) n;
INSERT INTO ootspg.evidence_event (event_time, exchange_id, provider, evidence_id, role, media_type, content_id, size_bytes, sha256_as_held, decision)
SELECT now(), -n, 'civil', gen_random_uuid(), 'MainEvidence', 'application/xml', 'x', 1, '\x', 'not_required' FROM generate_series(1, :old) n;
INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role) VALUES ('silent', 'http://localhost:1', 'x', 'x', 'answerer');
WITH h AS (INSERT INTO ootspg_internal.inbox_history (access_point, message_id, from_party, from_party_type, received_at, exchange_id)
	SELECT 'silent', 'waits' || n, 'AP_DE_01', 'type', now(), -n FROM generate_series(1, :waiting) n RETURNING *)
INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, state) SELECT inbox_id, access_point, exchange_id, received_at, 'waiting' FROM h;
WITH h AS (INSERT INTO ootspg_internal.outbox_history (access_point, exchange_id, message_id, action, created_at) SELECT 'silent', -n, 'waits' || n, 'x', now() FROM generate_series(1, :waiting) n RETURNING *)
INSERT INTO ootspg_internal.outbox_queue (outbox_id, access_point, exchange_id, message_id, created_at) SELECT outbox_id, access_point, exchange_id, message_id, created_at FROM h;
