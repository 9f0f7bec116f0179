-- Queues: answers that operators gave up are counted by an index, too.
DROP INDEX ootspg.outbox_parked;

-- Messages whose answer waits for a user.
ALTER TABLE ootspg.inbox DROP CONSTRAINT inbox_state_check,
	ADD CONSTRAINT inbox_state_check CHECK (state IN ('fetching', 'waiting', 'directory', 'answered', 'unanswerable', 'quarantined', 'dismissed', 'held'));
