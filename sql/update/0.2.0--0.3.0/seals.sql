-- verify_seal() tells more.
DROP FUNCTION ootspg.verify_seal(bytea, bytea);

-- Until now "require" said nothing of what cannot be sealed. Types in service go on as they did, but no change of
-- their rows passes until they say what they mean.
DO $$
DECLARE
	type text;
BEGIN
	FOR type IN SELECT DISTINCT t.evidence_type
				  FROM ootspg.evidence_type t JOIN ootspg.activation USING (evidence_type) JOIN ootspg.distribution d USING (evidence_type)
				 WHERE t.seal = 'require' AND d.media_type <> 'application/xml' ORDER BY 1 LOOP
		RAISE WARNING 'evidence type "%" requires a seal, but not everything it sends can have one', type
			USING HINT = 'Let distribution.seal_form say how it is sealed, or set evidence_type.seal to prefer: what can be sealed leaves sealed then, and the rest as it is.';
	END LOOP;
END $$;
