-- Nothing for PUBLIC (design decision; D-SEC-04). Roles get their rights by ootspg.grant_duty().
REVOKE ALL ON SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
DO $$
DECLARE
	t regtype;
BEGIN
	FOR t IN SELECT p FROM ootspg_internal.public_types() p LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON TYPE %s FROM PUBLIC', t);
	END LOOP;
END $$;
