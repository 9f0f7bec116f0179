
-- Evidence that is not there yet: an outcome, and a column of evidence(). Types whose views say nothing of it go on as they did.
ALTER TABLE ootspg.exchange DROP CONSTRAINT exchange_outcome_check,
	ADD CONSTRAINT exchange_outcome_check CHECK (outcome IN ('evidence', 'empty', 'deferred', 'error', 'unanswerable'));
DROP FUNCTION ootspg.evidence(text, ootspg.subject, ootspg.edm_line, text);
DROP FUNCTION ootspg.evidence(text, text[], ootspg.edm_line, text);
