
-- What a registry failed with, as a column of its own. Earlier failures keep it in reason only.
ALTER TABLE ootspg.exchange ADD COLUMN sqlstate text;
