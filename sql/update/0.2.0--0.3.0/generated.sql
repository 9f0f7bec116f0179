-- Readable versions need not be distributions any more: they may be generated.
ALTER TABLE ootspg.distribution DROP CONSTRAINT distribution_evidence_type_readable_fkey;
ALTER TABLE ootspg.distribution ADD COLUMN readable_row text GENERATED ALWAYS AS (nullif(readable, 'generated')) STORED,
	ADD CONSTRAINT distribution_readable_fkey FOREIGN KEY (evidence_type, readable_row) REFERENCES ootspg.distribution DEFERRABLE INITIALLY DEFERRED;
