-- What came in and what goes out, a row a message. Contents stand apart and go when
-- they are not needed any more; the rows stay as long as the audit, because they know
-- which messages were received (D-TMO-07) and which ids were used.

CREATE TABLE ootspg.inbox (
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
	state			text NOT NULL CHECK (state IN ('fetching', 'waiting', 'directory', 'answered', 'unanswerable', 'quarantined', 'dismissed', 'held')),
	attempts		smallint NOT NULL DEFAULT 0,
	next_attempt_at	timestamptz NOT NULL,
	leased_by		integer,
	last_error		text,
	reason			text,
	duplicates		integer NOT NULL DEFAULT 0,
	recipient_scheme text,
	recipient		text,
	UNIQUE (access_point, message_id)
);
CREATE UNIQUE INDEX inbox_sender ON ootspg.inbox (from_party_type, from_party, message_id) WHERE from_party IS NOT NULL;
CREATE INDEX inbox_due ON ootspg.inbox (next_attempt_at) WHERE state IN ('waiting', 'fetching');
CREATE INDEX inbox_unacknowledged ON ootspg.inbox (access_point) WHERE acknowledged_at IS NULL;
CREATE INDEX inbox_quarantined ON ootspg.inbox (inbox_id) WHERE state = 'quarantined';
CREATE INDEX inbox_exchange ON ootspg.inbox (exchange_id);
COMMENT ON TABLE ootspg.inbox IS 'messages received through access points, without their contents';
COMMENT ON COLUMN ootspg.inbox.inbox_id IS 'number of the message, by which operators decide';
COMMENT ON COLUMN ootspg.inbox.access_point IS 'access point it came through; stays when that is deleted';
COMMENT ON COLUMN ootspg.inbox.message_id IS 'ebMS MessageId; taken once for each access point (D-TMO-07)';
COMMENT ON COLUMN ootspg.inbox.from_party IS 'PartyId of the sender''s access point; NULL: not known yet';
COMMENT ON COLUMN ootspg.inbox.from_party_type IS 'type of that PartyId';
COMMENT ON COLUMN ootspg.inbox.service IS 'ebMS Service of its header';
COMMENT ON COLUMN ootspg.inbox.action IS 'ebMS Action of its header';
COMMENT ON COLUMN ootspg.inbox.received_at IS 'when it came here; T1 counts from then, unless access_point.trust_timestamp';
COMMENT ON COLUMN ootspg.inbox.next_attempt_at IS 'when it is taken up again';
COMMENT ON COLUMN ootspg.inbox.reason IS 'why it waits, failed or is in quarantine, in words without personal data';
COMMENT ON COLUMN ootspg.inbox.acknowledged_at IS 'when the access point confirmed that the message is ours now; NULL: it is still pending there';
COMMENT ON COLUMN ootspg.inbox.exchange_id IS 'the exchange it began';
COMMENT ON COLUMN ootspg.inbox.state IS 'fetching: asked for by a server that forgets what it handed over; waiting for its answer; directory: a directory''s answer to a submission, to be filed at once; answered, or filed; unanswerable: no valid answer exists; quarantined: see reason, for an operator to ootspg.release() or ootspg.dismiss(); dismissed; held: read, its answer waits for a user''s decision';
COMMENT ON COLUMN ootspg.inbox.attempts IS 'how often an answer was begun';
COMMENT ON COLUMN ootspg.inbox.leased_by IS 'process that is answering';
COMMENT ON COLUMN ootspg.inbox.last_error IS 'SQLSTATE of the last attempt that failed';
COMMENT ON COLUMN ootspg.inbox.recipient IS 'identifier of the provider that it is for, as far as is known: by its header, or by its body once that was opened. The role that answers for this provider takes it';
COMMENT ON COLUMN ootspg.inbox.recipient_scheme IS 'scheme of recipient';
COMMENT ON COLUMN ootspg.inbox.duplicates IS 'how often the same message came again';

CREATE TABLE ootspg_internal.inbox_part (
	inbox_id		bigint NOT NULL,
	part			smallint NOT NULL,
	content_id		text,
	media_type		text,
	content			bytea NOT NULL,
	PRIMARY KEY (inbox_id, part)
);
COMMENT ON TABLE ootspg_internal.inbox_part IS 'contents of messages not yet answered, or in quarantine; part 0 is the eb:Messaging header, part -1 an answer of the access point as it came';

CREATE TABLE ootspg.outbox (
	outbox_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	access_point	text NOT NULL,
	exchange_id		bigint NOT NULL,
	message_id		text NOT NULL UNIQUE,
	action			text NOT NULL,
	created_at		timestamptz NOT NULL,
	expires_at		timestamptz,
	state			text NOT NULL CHECK (state IN ('waiting', 'submitting', 'doubtful', 'submitted', 'delivered', 'parked', 'given up', 'expired')),
	attempts		smallint NOT NULL DEFAULT 0,
	checks			smallint NOT NULL DEFAULT 0,
	next_attempt_at	timestamptz NOT NULL,
	first_attempt_at timestamptz,
	last_attempt_at	timestamptz,
	submitted_at	timestamptz,
	final_at		timestamptz,
	gateway_status	text,
	last_error		text,
	reason			text
);
CREATE INDEX outbox_due ON ootspg.outbox (access_point, next_attempt_at) WHERE state IN ('waiting', 'submitting', 'doubtful', 'submitted');
CREATE INDEX outbox_parked ON ootspg.outbox (outbox_id) WHERE state IN ('parked', 'given up');
CREATE INDEX outbox_exchange ON ootspg.outbox (exchange_id);
COMMENT ON TABLE ootspg.outbox IS 'messages to be sent through access points, without their contents';
COMMENT ON COLUMN ootspg.outbox.outbox_id IS 'number of the message, by which operators decide';
COMMENT ON COLUMN ootspg.outbox.access_point IS 'access point it leaves through';
COMMENT ON COLUMN ootspg.outbox.exchange_id IS 'ootspg.exchange it answers; a submission to a directory has a number of its own and no row there';
COMMENT ON COLUMN ootspg.outbox.action IS 'ebMS Action of its header';
COMMENT ON COLUMN ootspg.outbox.created_at IS 'when the answer, or the submission, was committed';
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

CREATE TABLE ootspg_internal.outbox_part (
	outbox_id		bigint NOT NULL,
	part			smallint NOT NULL,
	content_id		text,
	media_type		text,
	content			bytea NOT NULL,
	PRIMARY KEY (outbox_id, part)
);
COMMENT ON TABLE ootspg_internal.outbox_part IS 'contents of messages on their way; part 0 is the eb:Messaging header. Removed with the final state (D-SEC-06)';

-- Evidence and messages are compressed cheaply where the server can.
DO $$
BEGIN
	ALTER TABLE ootspg_internal.inbox_part ALTER content SET COMPRESSION lz4;
	ALTER TABLE ootspg_internal.outbox_part ALTER content SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END $$;

CREATE TRIGGER wake_worker AFTER INSERT ON ootspg.inbox
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('answer');
CREATE TRIGGER wake_worker AFTER INSERT ON ootspg.outbox
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('send');

ALTER TABLE ootspg.inbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY any_duty ON ootspg.inbox FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*']);
ALTER TABLE ootspg.outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY any_duty ON ootspg.outbox FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*']);

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['ootspg.inbox', 'ootspg.inbox_inbox_id_seq', 'ootspg_internal.inbox_part',
			'ootspg.outbox', 'ootspg.outbox_outbox_id_seq', 'ootspg_internal.outbox_part'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(t::regclass, '');
	END LOOP;
END $$;
