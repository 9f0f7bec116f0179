-- What came in. History, a row a message, is written at receipt, once more when the access point has been
-- told, and else only where the end is not the usual one: its rows stay as long as the audit, because they know
-- which messages were received (D-TMO-07). What is still to be dealt with stands in the queue, a narrow row that
-- is claimed by its lock and goes with the answer; the cost of a claim does not depend on what was there before.

CREATE TABLE ootspg_internal.inbox_history (
	inbox_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	access_point	text NOT NULL,
	message_id		text NOT NULL,
	from_party		text,
	from_party_type	text,
	service			text,
	action			text,
	received_at		timestamptz NOT NULL,
	acknowledged_at	timestamptz,
	exchange_id		bigint NOT NULL,
	state			text CHECK (state IN ('answered', 'unanswerable', 'dismissed', 'held')),
	attempts		smallint,
	last_error		text,
	reason			text,
	duplicates		integer NOT NULL DEFAULT 0,
	recipient_scheme text,
	recipient		text,
	UNIQUE (access_point, message_id)
) WITH (fillfactor = 85);
-- no index is about what changes: changes in place stay so
CREATE UNIQUE INDEX inbox_history_sender ON ootspg_internal.inbox_history (from_party_type, from_party, message_id) WHERE from_party IS NOT NULL;
CREATE INDEX inbox_history_exchange ON ootspg_internal.inbox_history (exchange_id);
COMMENT ON TABLE ootspg_internal.inbox_history IS 'messages received; ootspg.inbox shows them with what the queue knows. A state of NULL: as the queue says, or answered at the first attempt when it is not there any more';

CREATE TABLE ootspg_internal.inbox_queue (
	inbox_id		bigint PRIMARY KEY,
	access_point	text NOT NULL,
	exchange_id		bigint NOT NULL,
	received_at		timestamptz NOT NULL,
	recipient_scheme text,
	recipient		text,
	state			text NOT NULL CHECK (state IN ('fetching', 'waiting', 'directory', 'quarantined')),
	attempts		smallint NOT NULL DEFAULT 0,
	next_attempt_at	timestamptz,
	leased_by		integer,
	last_error		text
) WITH (fillfactor = 70);
CREATE INDEX inbox_queue_later ON ootspg_internal.inbox_queue (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX inbox_queue_set_aside ON ootspg_internal.inbox_queue (state, received_at) WHERE state <> 'waiting';
COMMENT ON TABLE ootspg_internal.inbox_queue IS 'messages that have no end yet. next_attempt_at NULL: fresh, to be answered in the order of inbox_id. leased_by: process that has written down the attempt before it began it';

CREATE TABLE ootspg_internal.inbox_unacknowledged (
	access_point	text NOT NULL,
	message_id		text NOT NULL,
	inbox_id		bigint NOT NULL,
	PRIMARY KEY (access_point, message_id)
);
COMMENT ON TABLE ootspg_internal.inbox_unacknowledged IS 'messages that are ours and still pending at the access point; apart from the queue, so that neither waits for the other';

CREATE FUNCTION ootspg_internal.answering_now() RETURNS TABLE (inbox_id bigint, pid integer)
AS 'MODULE_PATHNAME', 'ootspg_answering_now'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.answering_now() IS 'messages whose answer is under way, and the processes that answer';

CREATE VIEW ootspg.inbox WITH (security_barrier) AS
SELECT h.inbox_id, h.access_point, h.message_id, h.from_party, h.from_party_type, h.service, h.action, h.received_at, h.acknowledged_at, h.exchange_id,
	   coalesce(q.state, h.state, 'answered') AS state, coalesce(q.attempts, h.attempts, 1::smallint) AS attempts, coalesce(q.next_attempt_at, h.received_at) AS next_attempt_at,
	   CASE WHEN q.state = 'waiting' THEN coalesce((SELECT n.pid FROM ootspg_internal.answering_now() n WHERE n.inbox_id = h.inbox_id LIMIT 1), q.leased_by) END AS leased_by,
	   coalesce(q.last_error, h.last_error) AS last_error, h.reason, h.duplicates, coalesce(q.recipient_scheme, h.recipient_scheme) AS recipient_scheme,
	   coalesce(q.recipient, h.recipient) AS recipient
  FROM ootspg_internal.inbox_history h LEFT JOIN ootspg_internal.inbox_queue q ON q.inbox_id = h.inbox_id
 WHERE (SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
	OR (SELECT c.relowner = r.oid FROM pg_catalog.pg_class c, pg_catalog.pg_roles r WHERE c.oid = 'ootspg_internal.inbox_history'::regclass AND r.rolname = current_user);
COMMENT ON VIEW ootspg.inbox IS 'messages received through access points, without their contents';
COMMENT ON COLUMN ootspg.inbox.inbox_id IS 'number of the message, by which operators decide';
COMMENT ON COLUMN ootspg.inbox.access_point IS 'access point it came through; stays when that is deleted';
COMMENT ON COLUMN ootspg.inbox.message_id IS 'ebMS MessageId; taken once for each access point (D-TMO-07)';
COMMENT ON COLUMN ootspg.inbox.from_party IS 'PartyId of the sender''s access point; NULL: not known yet';
COMMENT ON COLUMN ootspg.inbox.from_party_type IS 'type of that PartyId';
COMMENT ON COLUMN ootspg.inbox.service IS 'ebMS Service of its header';
COMMENT ON COLUMN ootspg.inbox.action IS 'ebMS Action of its header';
COMMENT ON COLUMN ootspg.inbox.received_at IS 'when it came here; T1 counts from then, unless access_point.trust_timestamp';
COMMENT ON COLUMN ootspg.inbox.next_attempt_at IS 'when it is taken up again; of a fresh one, when it came';
COMMENT ON COLUMN ootspg.inbox.reason IS 'why it waits, failed or is in quarantine, in words without personal data';
COMMENT ON COLUMN ootspg.inbox.acknowledged_at IS 'when the access point confirmed that the message is ours now; NULL: it is still pending there';
COMMENT ON COLUMN ootspg.inbox.exchange_id IS 'the exchange it began';
COMMENT ON COLUMN ootspg.inbox.state IS 'fetching: asked for by a server that forgets what it handed over; waiting for its answer; directory: a directory''s answer to a submission, to be filed at once; answered, or filed; unanswerable: no valid answer exists; quarantined: see reason, for an operator to ootspg.release() or ootspg.dismiss(); dismissed; held: read, its answer waits for a user''s decision';
COMMENT ON COLUMN ootspg.inbox.attempts IS 'how often an answer was begun and failed, or came about';
COMMENT ON COLUMN ootspg.inbox.leased_by IS 'process that is answering';
COMMENT ON COLUMN ootspg.inbox.last_error IS 'SQLSTATE of the last attempt that failed';
COMMENT ON COLUMN ootspg.inbox.recipient IS 'identifier of the provider that it is for, as far as is known: by its header, or by its body once that was opened. The role that answers for this provider takes it';
COMMENT ON COLUMN ootspg.inbox.recipient_scheme IS 'scheme of recipient';
COMMENT ON COLUMN ootspg.inbox.duplicates IS 'how often the same message came again';

-- Into quarantine with it, or out of it: whoever has a row in history has one in the queue, or an end.
CREATE FUNCTION ootspg_internal.inbox_back(inbox_id bigint, state text, exchange_id bigint) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	DELETE FROM ootspg_internal.inbox_queue q WHERE q.inbox_id = inbox_back.inbox_id;
	UPDATE ootspg_internal.inbox_history h SET state = NULL, attempts = NULL, last_error = NULL, reason = NULL, exchange_id = coalesce(inbox_back.exchange_id, h.exchange_id)
	 WHERE h.inbox_id = inbox_back.inbox_id;
	INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, recipient_scheme, recipient, state)
	SELECT h.inbox_id, h.access_point, h.exchange_id, h.received_at, h.recipient_scheme, h.recipient, inbox_back.state
	  FROM ootspg_internal.inbox_history h WHERE h.inbox_id = inbox_back.inbox_id;
END;
COMMENT ON FUNCTION ootspg_internal.inbox_back(bigint, text, bigint) IS 'puts a message into the queue anew, in that state, as that exchange unless NULL';

CREATE FUNCTION ootspg_internal.inbox_end(inbox_id bigint, state text, error text, reason text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	UPDATE ootspg_internal.inbox_history h SET state = inbox_end.state, attempts = coalesce((SELECT q.attempts FROM ootspg_internal.inbox_queue q WHERE q.inbox_id = inbox_end.inbox_id), h.attempts, 0::smallint),
		   last_error = inbox_end.error, reason = inbox_end.reason WHERE h.inbox_id = inbox_end.inbox_id;
	DELETE FROM ootspg_internal.inbox_queue q WHERE q.inbox_id = inbox_end.inbox_id;
END;
COMMENT ON FUNCTION ootspg_internal.inbox_end(bigint, text, text, text) IS 'takes a message out of the queue for good';

CREATE TRIGGER wake_worker AFTER INSERT ON ootspg_internal.inbox_queue
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.wake_worker('answer');
-- which role answers for whom: the workers know it by heart
CREATE TRIGGER wake_worker AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ootspg.provider
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('roles');
CREATE TRIGGER wake_worker AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ootspg.provider_role
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('roles');

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['inbox_history', 'inbox_history_inbox_id_seq', 'inbox_queue', 'inbox_unacknowledged'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(('ootspg_internal.' || t)::regclass, '');
	END LOOP;
END $$;
