-- The preview: its time limits on types, its outcomes on exchanges.
ALTER TABLE ootspg.evidence_type ADD COLUMN t2 interval NOT NULL DEFAULT '16 min' CHECK (t2 >= '0'), ADD COLUMN t3 interval NOT NULL DEFAULT '40 min' CHECK (t3 >= '0');
ALTER TABLE ootspg.exchange ADD COLUMN first_exchange_id bigint,
	DROP CONSTRAINT exchange_state_check, ADD CONSTRAINT exchange_state_check CHECK (state IN ('answered', 'unanswerable', 'quarantined', 'held')),
	DROP CONSTRAINT exchange_outcome_check, ADD CONSTRAINT exchange_outcome_check CHECK (outcome IN ('evidence', 'empty', 'deferred', 'error', 'unanswerable', 'preview', 'held'));
