-- All of it belongs to whom the extension belongs, for functions of one owner use tables and functions of the other. An update
-- may be run by another superuser, whose is what it makes. Event triggers can only be a superuser's: they are the one's who
-- initialised the cluster, so that the rest can be given to a role that is none (REASSIGN OWNED).
DO $$
DECLARE
	extension pg_extension;
	member record;
BEGIN
	SELECT * INTO extension FROM pg_extension e WHERE e.extname = 'ootspg';
	FOR member IN
		SELECT o.type, o.identity
		  FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) o
		 WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = extension.oid AND d.deptype = 'e'
		   AND o.type IN ('schema', 'type', 'composite type', 'table', 'view', 'sequence', 'function', 'aggregate', 'operator', 'operator class', 'operator family')
		   -- since server 17 arrays and rows of tables are members of their own; they follow what they are of
		   AND NOT EXISTS (SELECT FROM pg_type t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid
			   AND (t.typcategory = 'A' OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind <> 'c')))
		   -- pg_shdepend does not speak of what the superuser of initdb owns
		   AND extension.extowner <> coalesce((SELECT s.refobjid FROM pg_shdepend s WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
			   AND s.classid = d.classid AND s.objid = d.objid AND s.objsubid = 0 AND s.deptype = 'o'), 10)
		   AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = d.classid AND i.objid = d.objid AND o.type = 'sequence' AND i.deptype IN ('a', 'i')) LOOP
		EXECUTE format('ALTER %s %s OWNER TO %I', CASE member.type WHEN 'composite type' THEN 'type' ELSE member.type END, member.identity, pg_get_userbyid(extension.extowner));
	END LOOP;
	FOR member IN
		SELECT t.evtname FROM pg_depend d JOIN pg_event_trigger t ON t.oid = d.objid
		 WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = extension.oid AND d.classid = 'pg_event_trigger'::regclass AND t.evtowner <> 10 LOOP
		EXECUTE format('ALTER EVENT TRIGGER %I OWNER TO %I', member.evtname, pg_get_userbyid(10));
	END LOOP;
END $$;

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
