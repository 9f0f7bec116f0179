
-- Levels of seals. Rows are changed by a new default, which types in service need not be looked at for.
ALTER TABLE ootspg.evidence_type ADD COLUMN seal_level text NOT NULL DEFAULT 'B';
ALTER TABLE ootspg.evidence_type ADD CONSTRAINT evidence_type_seal_level_check CHECK (ootspg_internal.require('seal level', seal_level));
ALTER TABLE ootspg.evidence_event ADD COLUMN seal_level text;
