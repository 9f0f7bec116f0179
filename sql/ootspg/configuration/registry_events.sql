-- Who changes what evidence types are served from is told at once (registry_watch.sql). These stand last, so that they do
-- not look at the extension's own making. They cost others next to nothing: what a statement touched is compared with a few rows.

CREATE FUNCTION ootspg_internal.types_served_from(object oid, name text[]) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET jit = off
BEGIN ATOMIC
	SELECT array_agg(DISTINCT s.evidence_type) FROM ootspg_internal.registry_source s
	 WHERE s.relation = types_served_from.object OR ootspg_internal.parts_of_name(s.name) = types_served_from.name
		OR ootspg_internal.parts_of_name(s.function) = types_served_from.name;
END;
COMMENT ON FUNCTION ootspg_internal.types_served_from(oid, text[]) IS 'evidence types that read from, or ask, the relation or function of that number or name; NULL when none does';

CREATE FUNCTION ootspg_internal.registry_dropped() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	touched text[];
	o record;
BEGIN
	IF EXISTS (SELECT FROM ootspg.evidence_type) THEN
		FOR o IN SELECT d.objid, d.address_names FROM pg_event_trigger_dropped_objects() d
				  WHERE d.classid IN ('pg_class'::regclass, 'pg_proc'::regclass) AND d.objsubid = 0 AND NOT d.is_temporary LOOP
			touched := touched || ootspg_internal.types_served_from(o.objid, o.address_names);
		END LOOP;
	END IF;
	IF touched IS NOT NULL THEN
		PERFORM ootspg_internal.review_registry(touched, true);
	END IF;
EXCEPTION WHEN OTHERS THEN
	RAISE WARNING 'ootspg could not look at what evidence types are served from: SQLSTATE %', SQLSTATE
		USING HINT = 'TABLE ootspg.out_of_service shows it.';
END $$;
COMMENT ON FUNCTION ootspg_internal.registry_dropped() IS 'event trigger: something was dropped that evidence is read from?';

CREATE FUNCTION ootspg_internal.registry_changed() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	at_large boolean := tg_tag IN ('ALTER SCHEMA', 'ALTER TYPE');	-- may concern any of them
	touched text[];
	o record;
BEGIN
	IF at_large THEN
		touched := (SELECT array_agg(t.evidence_type) FROM ootspg.evidence_type t);
	ELSIF EXISTS (SELECT FROM ootspg.evidence_type) THEN
		FOR o IN SELECT c.classid, c.objid FROM pg_event_trigger_ddl_commands() c
				  WHERE c.classid IN ('pg_class'::regclass, 'pg_proc'::regclass) AND c.schema_name IS DISTINCT FROM 'pg_temp' LOOP
			touched := touched || ootspg_internal.types_served_from(o.objid, (pg_identify_object_as_address(o.classid, o.objid, 0)).object_names);
		END LOOP;
	END IF;
	IF touched IS NOT NULL THEN
		PERFORM ootspg_internal.review_registry(touched, NOT at_large);
	END IF;
EXCEPTION WHEN OTHERS THEN
	RAISE WARNING 'ootspg could not look at what evidence types are served from: SQLSTATE %', SQLSTATE
		USING HINT = 'TABLE ootspg.out_of_service shows it.';
END $$;
COMMENT ON FUNCTION ootspg_internal.registry_changed() IS 'event trigger: something was made, renamed or changed that evidence is read from?';

CREATE EVENT TRIGGER ootspg_registry_dropped ON sql_drop
	EXECUTE FUNCTION ootspg_internal.registry_dropped();
CREATE EVENT TRIGGER ootspg_registry_changed ON ddl_command_end
	WHEN TAG IN ('CREATE VIEW', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE MATERIALIZED VIEW', 'CREATE FOREIGN TABLE', 'IMPORT FOREIGN SCHEMA',
		'CREATE SCHEMA', 'CREATE FUNCTION', 'ALTER VIEW', 'ALTER TABLE', 'ALTER MATERIALIZED VIEW', 'ALTER FOREIGN TABLE', 'ALTER FUNCTION', 'ALTER ROUTINE',
		'ALTER TYPE', 'ALTER SCHEMA')
	EXECUTE FUNCTION ootspg_internal.registry_changed();
COMMENT ON EVENT TRIGGER ootspg_registry_dropped IS 'tells whoever drops a view or function that an evidence type is served from';
COMMENT ON EVENT TRIGGER ootspg_registry_changed IS 'follows what evidence types are served from when it is made again, renamed or changed, and tells when it does not fit any more';
ALTER EVENT TRIGGER ootspg_registry_dropped ENABLE ALWAYS;
ALTER EVENT TRIGGER ootspg_registry_changed ENABLE ALWAYS;
