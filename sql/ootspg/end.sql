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

-- Nor what default privileges of the cluster gave to others: from what this script made, for what an update found
-- (sql/update) has been given by grant_duty() and by hand.
DO $$
DECLARE
	given record;
BEGIN
	FOR given IN
		SELECT DISTINCT o.kind, o.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
		  FROM (
			SELECT 'SCHEMA' AS kind, quote_ident(n.nspname) AS name, n.nspacl AS acl, n.nspowner AS owner, 'schema ' || n.oid AS id FROM pg_namespace n WHERE n.nspname IN ('ootspg', 'ootspg_internal')
			UNION ALL SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relacl, c.relowner, 'class ' || c.oid
			  FROM pg_class c WHERE c.relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace)
			UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, p.proacl, p.proowner, 'proc ' || p.oid
			  FROM pg_proc p WHERE p.pronamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace)
			UNION ALL SELECT 'TYPE', t.oid::regtype::text, t.typacl, t.typowner, 'type ' || t.oid
			  FROM pg_type t WHERE t.typnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace)) o, aclexplode(o.acl) a
		 WHERE a.grantee <> o.owner AND o.id <> ALL (string_to_array(coalesce(current_setting('ootspg_script.known', true), ''), ',')) LOOP
		EXECUTE format('REVOKE ALL ON %s %s FROM %s CASCADE', given.kind, given.name, given.grantee);
	END LOOP;
END $$;

-- With one exception: names are compared in indexes, generated columns and checks of the registry's own tables, which
-- PostgreSQL computes as their owner, in a restore before any GRANT. These functions read nothing but their arguments.
GRANT USAGE ON SCHEMA ootspg TO PUBLIC;
GRANT EXECUTE ON FUNCTION ootspg.name_key(text), ootspg.name_key(text, integer), ootspg.names_match(text, text),
	ootspg.given_names_match(text, text, text), ootspg.name_policy_version() TO PUBLIC;
