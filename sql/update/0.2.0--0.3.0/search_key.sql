
-- Search keys may have a secret.
ALTER TABLE ootspg.exchange ADD COLUMN search_key text;
