
-- Keys: each provider's files in a place of its own, and the place is asked for wherever a key is loaded.
DROP FUNCTION ootspg_internal.key_facts(text, text, text);
