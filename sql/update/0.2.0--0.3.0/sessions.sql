-- The preview: its time limits on types, its outcomes on exchanges. Functions that take a whole type let no column with a
-- default be added at once.
\part configuration/additional_attributes.sql
ALTER TABLE ootspg.evidence_type ADD COLUMN t2 interval, ADD COLUMN t3 interval, ADD COLUMN reauthentication text, ADD COLUMN additional_attributes jsonb;
SET LOCAL session_replication_role = replica;	-- not a change of the configuration: no trigger needs to look
UPDATE ootspg.evidence_type SET t2 = '16 min', t3 = '40 min', reauthentication = 'none', additional_attributes = '{}';
SET LOCAL session_replication_role = origin;
ALTER TABLE ootspg.evidence_type ALTER t2 SET DEFAULT '16 min', ALTER t3 SET DEFAULT '40 min', ALTER reauthentication SET DEFAULT 'none', ALTER reauthentication SET NOT NULL, ALTER additional_attributes SET DEFAULT '{}', ALTER additional_attributes SET NOT NULL, ALTER t2 SET NOT NULL, ALTER t3 SET NOT NULL,
	ADD CONSTRAINT evidence_type_t2_check CHECK (t2 >= '0'), ADD CONSTRAINT evidence_type_t3_check CHECK (t3 >= '0'),
	ADD CONSTRAINT evidence_type_reauthentication_check CHECK (ootspg_internal.require('reauthentication', reauthentication)),
	ADD CONSTRAINT evidence_type_additional_attributes_check CHECK (ootspg_internal.require_additional_attributes(additional_attributes));
ALTER TABLE ootspg.exchange ADD COLUMN first_exchange_id bigint,
	DROP CONSTRAINT exchange_state_check, ADD CONSTRAINT exchange_state_check CHECK (state IN ('answered', 'unanswerable', 'quarantined', 'held')),
	DROP CONSTRAINT exchange_outcome_check, ADD CONSTRAINT exchange_outcome_check CHECK (outcome IN ('evidence', 'empty', 'deferred', 'error', 'unanswerable', 'preview', 'held'));
