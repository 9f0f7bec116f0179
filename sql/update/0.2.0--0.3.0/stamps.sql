
-- Levels of seals. Functions that take a whole type let no column with a default be added at once.
ALTER TABLE ootspg.evidence_type ADD COLUMN seal_level text;
SET LOCAL session_replication_role = replica;	-- not a change of the configuration: no trigger needs to look
UPDATE ootspg.evidence_type SET seal_level = 'B';
SET LOCAL session_replication_role = origin;
ALTER TABLE ootspg.evidence_type ALTER seal_level SET DEFAULT 'B', ALTER seal_level SET NOT NULL,
	ADD CONSTRAINT evidence_type_seal_level_check CHECK (ootspg_internal.require('seal level', seal_level));
ALTER TABLE ootspg.evidence_event ADD COLUMN seal_level text;
