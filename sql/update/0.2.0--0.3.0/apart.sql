
-- Rights that were given on what is there stay; who has some without a duty is told.
DO $$
DECLARE
	strangers text;
BEGIN
	SELECT string_agg(DISTINCT quote_ident(r.rolname), ', ') INTO strangers
	  FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
	 WHERE c.relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) AND a.grantee <> c.relowner
	   AND NOT EXISTS (SELECT FROM ootspg.provider_role p WHERE p.role_name = r.rolname);
	IF strangers IS NOT NULL THEN
		RAISE WARNING 'roles without a duty have rights on tables of ootspg: %', strangers
			USING HINT = 'Default privileges of the database may have given them; REVOKE what was not meant.';
	END IF;
END $$;
