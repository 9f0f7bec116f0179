
-- Who has the duty to maintain makes partitions by ootspg.maintain() only.
DO $$
DECLARE
	grantee text;
BEGIN
	FOR grantee IN SELECT a.grantee::regrole::text
					 FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
					WHERE p.oid = 'ootspg_internal.ensure_partitions(timestamptz)'::regprocedure AND a.grantee NOT IN (0, p.proowner) LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION ootspg_internal.ensure_partitions(timestamptz) FROM %s', grantee);
	END LOOP;
END $$;
