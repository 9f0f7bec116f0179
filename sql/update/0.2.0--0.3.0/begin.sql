-- From 0.2.0: what changes in objects that are there, by hand: columns, constraints, policies, and what must be
-- dropped before it is made again. The rest follows from the parts of the extension script.

-- What is there keeps the rights that were given on it; what this script makes begins without any (end.sql).
SELECT set_config('ootspg_script.known', (SELECT string_agg(o.id, ',') FROM (
	SELECT 'schema ' || n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('ootspg', 'ootspg_internal')
	UNION ALL SELECT 'class ' || c.oid FROM pg_catalog.pg_class c WHERE c.relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace)
	UNION ALL SELECT 'proc ' || p.oid FROM pg_catalog.pg_proc p WHERE p.pronamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace)
	UNION ALL SELECT 'type ' || t.oid FROM pg_catalog.pg_type t WHERE t.typnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace)) o(id)), true);

-- reads what many of these change
DROP VIEW ootspg.status;
