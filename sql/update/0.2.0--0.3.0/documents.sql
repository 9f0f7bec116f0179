-- document() makes readable documents as well.
DROP FUNCTION ootspg.document(anyelement, text, text, text);
