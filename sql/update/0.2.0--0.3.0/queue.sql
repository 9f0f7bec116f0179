-- What came in and goes out: history, queue and what the access point has not been told yet stand apart; the names that operators know show them together.
ALTER TABLE ootspg.inbox RENAME TO inbox_before;
ALTER TABLE ootspg.outbox RENAME TO outbox_before;
DROP VIEW ootspg.submission_status;
\part queue/inbox.sql
\part queue/outbox.sql
INSERT INTO ootspg_internal.inbox_history OVERRIDING SYSTEM VALUE
SELECT b.inbox_id, b.access_point, b.message_id, b.from_party, b.from_party_type, b.service, b.action, b.received_at, b.acknowledged_at, b.exchange_id,
	   CASE WHEN b.state IN ('answered', 'unanswerable', 'dismissed') THEN b.state END, CASE WHEN b.state IN ('answered', 'unanswerable', 'dismissed') THEN b.attempts END,
	   b.last_error, b.reason, b.duplicates, NULL, NULL FROM ootspg.inbox_before b;
INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, state, attempts, next_attempt_at, last_error)
SELECT b.inbox_id, b.access_point, b.exchange_id, b.received_at, b.state, b.attempts, CASE WHEN b.attempts > 0 THEN least(b.next_attempt_at, clock_timestamp()) END, b.last_error
  FROM ootspg.inbox_before b WHERE b.state NOT IN ('answered', 'unanswerable', 'dismissed');
INSERT INTO ootspg_internal.inbox_unacknowledged
SELECT b.access_point, b.message_id, b.inbox_id FROM ootspg.inbox_before b WHERE b.acknowledged_at IS NULL AND b.state <> 'fetching'
   AND (b.state <> 'quarantined' OR EXISTS (SELECT FROM ootspg_internal.inbox_part p WHERE p.inbox_id = b.inbox_id));
INSERT INTO ootspg_internal.outbox_history OVERRIDING SYSTEM VALUE
SELECT b.outbox_id, b.access_point, b.exchange_id, b.message_id, b.action, b.created_at, b.expires_at, CASE WHEN b.state IN ('delivered', 'expired') THEN b.state END, b.attempts, b.checks,
	   b.next_attempt_at, b.first_attempt_at, b.last_attempt_at, b.submitted_at, b.final_at, b.gateway_status, b.last_error, b.reason FROM ootspg.outbox_before b;
INSERT INTO ootspg_internal.outbox_queue
SELECT b.outbox_id, b.access_point, b.exchange_id, b.message_id, b.created_at, b.expires_at, b.state, b.attempts, b.checks, b.next_attempt_at, b.first_attempt_at, b.last_attempt_at,
	   b.submitted_at, b.gateway_status, b.last_error, b.reason FROM ootspg.outbox_before b WHERE b.state NOT IN ('delivered', 'expired');
SELECT setval('ootspg_internal.inbox_history_inbox_id_seq', s.last_value, s.is_called), setval('ootspg_internal.outbox_history_outbox_id_seq', o.last_value, o.is_called)
  FROM ootspg.inbox_inbox_id_seq s, ootspg.outbox_outbox_id_seq o;
ALTER EXTENSION ootspg DROP TABLE ootspg.inbox_before;
ALTER EXTENSION ootspg DROP TABLE ootspg.outbox_before;
ALTER EXTENSION ootspg DROP SEQUENCE ootspg.inbox_inbox_id_seq;
ALTER EXTENSION ootspg DROP SEQUENCE ootspg.outbox_outbox_id_seq;
DROP TABLE ootspg.inbox_before, ootspg.outbox_before;
ALTER TABLE ootspg_internal.inbox_part SET (toast_tuple_target = 8160);
ALTER TABLE ootspg_internal.outbox_part SET (toast_tuple_target = 8160);
