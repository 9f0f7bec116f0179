-- What goes out. History, a row a message, is written when the answer is committed and once more when the message has
-- come to its end; every change in between is made in place, in a narrow row of the queue. Only the exchange worker
-- changes those, and it knows in its memory when each is due: no index is about what changes.

CREATE TABLE ootspg_internal.outbox_history (
	outbox_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	access_point	text NOT NULL,
	exchange_id		bigint NOT NULL,
	message_id		text NOT NULL UNIQUE,
	action			text NOT NULL,
	created_at		timestamptz NOT NULL,
	expires_at		timestamptz,
	state			text CHECK (state IN ('delivered', 'expired', 'given up')),
	attempts		smallint,
	checks			smallint,
	next_attempt_at	timestamptz,
	first_attempt_at timestamptz,
	last_attempt_at	timestamptz,
	submitted_at	timestamptz,
	final_at		timestamptz,
	gateway_status	text,
	last_error		text,
	reason			text
) WITH (fillfactor = 75);
CREATE INDEX outbox_history_exchange ON ootspg_internal.outbox_history (exchange_id);
COMMENT ON TABLE ootspg_internal.outbox_history IS 'messages to be sent; ootspg.outbox shows them with what the queue knows. A state of NULL: as the queue says';

CREATE TABLE ootspg_internal.outbox_queue (
	outbox_id		bigint PRIMARY KEY,
	access_point	text NOT NULL,
	exchange_id		bigint NOT NULL,
	message_id		text NOT NULL,
	created_at		timestamptz NOT NULL,
	expires_at		timestamptz,
	state			text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'submitting', 'doubtful', 'submitted', 'parked', 'given up')),
	attempts		smallint NOT NULL DEFAULT 0,
	checks			smallint NOT NULL DEFAULT 0,
	next_attempt_at	timestamptz,
	first_attempt_at timestamptz,
	last_attempt_at	timestamptz,
	submitted_at	timestamptz,
	gateway_status	text,
	last_error		text,
	reason			text
) WITH (fillfactor = 40);
COMMENT ON TABLE ootspg_internal.outbox_queue IS 'messages that are not delivered, nor replaced; those that were given up stay here, to be counted. attempts 0, waiting: fresh, to be submitted in the order of outbox_id';

CREATE VIEW ootspg.outbox WITH (security_barrier) AS
SELECT h.outbox_id, h.access_point, h.exchange_id, h.message_id, h.action, h.created_at, h.expires_at, coalesce(q.state, h.state) AS state,
	   coalesce(q.attempts, h.attempts, 0::smallint) AS attempts, coalesce(q.checks, h.checks, 0::smallint) AS checks,
	   coalesce(q.next_attempt_at, h.next_attempt_at, h.created_at) AS next_attempt_at, coalesce(q.first_attempt_at, h.first_attempt_at) AS first_attempt_at,
	   coalesce(q.last_attempt_at, h.last_attempt_at) AS last_attempt_at, coalesce(q.submitted_at, h.submitted_at) AS submitted_at, h.final_at,
	   coalesce(q.gateway_status, h.gateway_status) AS gateway_status, coalesce(q.last_error, h.last_error) AS last_error, coalesce(q.reason, h.reason) AS reason
  FROM ootspg_internal.outbox_history h LEFT JOIN ootspg_internal.outbox_queue q ON q.outbox_id = h.outbox_id
 WHERE (SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
	OR (SELECT c.relowner = r.oid FROM pg_catalog.pg_class c, pg_catalog.pg_roles r WHERE c.oid = 'ootspg_internal.outbox_history'::regclass AND r.rolname = current_user);
COMMENT ON VIEW ootspg.outbox IS 'messages to be sent through access points, without their contents';
COMMENT ON COLUMN ootspg.outbox.outbox_id IS 'number of the message, by which operators decide';
COMMENT ON COLUMN ootspg.outbox.access_point IS 'access point it leaves through';
COMMENT ON COLUMN ootspg.outbox.exchange_id IS 'ootspg.exchange it answers; a submission to a directory has a number of its own and no row there';
COMMENT ON COLUMN ootspg.outbox.action IS 'ebMS Action of its header';
COMMENT ON COLUMN ootspg.outbox.created_at IS 'when the answer, or the submission, was committed; or when an operator had it sent once more';
COMMENT ON COLUMN ootspg.outbox.attempts IS 'calls that were begun to hand it over';
COMMENT ON COLUMN ootspg.outbox.next_attempt_at IS 'when it is taken up again: sent, or asked after';
COMMENT ON COLUMN ootspg.outbox.first_attempt_at IS 'begin of the first call; NULL: none yet';
COMMENT ON COLUMN ootspg.outbox.last_attempt_at IS 'begin of the last call';
COMMENT ON COLUMN ootspg.outbox.submitted_at IS 'when the access point took it';
COMMENT ON COLUMN ootspg.outbox.final_at IS 'when its state became one that does not change any more; its contents go then';
COMMENT ON COLUMN ootspg.outbox.last_error IS 'SQLSTATE of the last call that failed';
COMMENT ON COLUMN ootspg.outbox.reason IS 'why it is parked or was given up, in words without personal data';
COMMENT ON COLUMN ootspg.outbox.message_id IS 'chosen and committed before the first call, kept in every repetition of it';
COMMENT ON COLUMN ootspg.outbox.expires_at IS 'end of T1: evidence not handed over by then is replaced by EDM:ERR:0005 (D-TMO-03)';
COMMENT ON COLUMN ootspg.outbox.state IS 'waiting; submitting: a call is under way; doubtful: a call ended without answer, its status is asked for; submitted: the access point has it; delivered: the receiver''s access point confirmed it; parked: for an operator to ootspg.retry() or ootspg.give_up(); given up; expired: replaced by another answer';
COMMENT ON COLUMN ootspg.outbox.checks IS 'how often its status was asked for since it changed';
COMMENT ON COLUMN ootspg.outbox.gateway_status IS 'last status that the access point told';

-- The message goes into both at once.
CREATE FUNCTION ootspg_internal.outbox_add(access_point text, exchange_id bigint, message_id text, action text, expires_at timestamptz) RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH h AS (INSERT INTO ootspg_internal.outbox_history AS o (access_point, exchange_id, message_id, action, created_at, expires_at)
		VALUES (outbox_add.access_point, outbox_add.exchange_id, outbox_add.message_id, outbox_add.action, clock_timestamp(), outbox_add.expires_at)
		RETURNING o.outbox_id, o.created_at)
	INSERT INTO ootspg_internal.outbox_queue AS q (outbox_id, access_point, exchange_id, message_id, created_at, expires_at)
	SELECT h.outbox_id, outbox_add.access_point, outbox_add.exchange_id, outbox_add.message_id, h.created_at, outbox_add.expires_at FROM h
	RETURNING q.outbox_id;
END;
COMMENT ON FUNCTION ootspg_internal.outbox_add(text, bigint, text, text, timestamptz) IS 'a message to be sent, without its contents; returns its number';

CREATE TRIGGER wake_worker AFTER INSERT ON ootspg_internal.outbox_queue
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.wake_worker('send');

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['outbox_history', 'outbox_history_outbox_id_seq', 'outbox_queue'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(('ootspg_internal.' || t)::regclass, '');
	END LOOP;
END $$;
