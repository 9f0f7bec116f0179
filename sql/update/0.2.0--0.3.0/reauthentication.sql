
-- Types that are there go on without.
ALTER TABLE ootspg.evidence_type ADD COLUMN reauthentication text NOT NULL DEFAULT 'none' CHECK (ootspg_internal.require('reauthentication', reauthentication));
