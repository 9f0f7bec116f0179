
-- Evidence that is not there yet: a column of evidence(). Types whose views say nothing of it go on as they did.
DROP FUNCTION ootspg.evidence(text, ootspg.subject, ootspg.edm_line, text);
DROP FUNCTION ootspg.evidence(text, text[], ootspg.edm_line, text);
