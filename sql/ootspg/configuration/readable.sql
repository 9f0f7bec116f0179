-- What a role may read of the registry: asked of whoever configures a source, and of the roles that are to answer from it.

CREATE FUNCTION ootspg_internal.may_read(role oid, relation regclass) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce((SELECT has_table_privilege(may_read.role, c.oid, 'SELECT') AND has_schema_privilege(may_read.role, c.relnamespace, 'USAGE')
					   FROM pg_catalog.pg_class c WHERE c.oid = may_read.relation), true);
END;
COMMENT ON FUNCTION ootspg_internal.may_read(oid, regclass) IS 'may the role read the relation? True also when there is none: that is another matter';

CREATE FUNCTION ootspg_internal.may_execute(role oid, function regprocedure) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce((SELECT has_function_privilege(may_execute.role, p.oid, 'EXECUTE') AND has_schema_privilege(may_execute.role, p.pronamespace, 'USAGE')
					   FROM pg_catalog.pg_proc p WHERE p.oid = may_execute.function), true);
END;
COMMENT ON FUNCTION ootspg_internal.may_execute(oid, regprocedure) IS 'may the role execute the function? True also when there is none: that is another matter';

CREATE FUNCTION ootspg_internal.unreadable(evidence_type text, role oid) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT string_agg(o.name, ', ' ORDER BY o.name)
	  FROM (SELECT r.source::text AS name
			  FROM (SELECT t.subject_source AS source FROM ootspg.evidence_type t WHERE t.evidence_type = unreadable.evidence_type
					UNION SELECT d.source FROM ootspg.distribution d WHERE d.evidence_type = unreadable.evidence_type
					UNION SELECT d.sample_source FROM ootspg.distribution d WHERE d.evidence_type = unreadable.evidence_type) r
			 WHERE NOT ootspg_internal.may_read(unreadable.role, r.source)
			UNION
			SELECT f.function::text
			  FROM (SELECT ootspg_internal.find_function(t.entitlement, to_regtype('ootspg.entitlement_question')) AS function FROM ootspg.evidence_type t WHERE t.evidence_type = unreadable.evidence_type
					UNION SELECT ootspg_internal.find_function(d.source_function, 'text[]'::regtype) FROM ootspg.distribution d WHERE d.evidence_type = unreadable.evidence_type) f
			 WHERE NOT ootspg_internal.may_execute(unreadable.role, f.function)) o;
END;
COMMENT ON FUNCTION ootspg_internal.unreadable(text, oid) IS 'views and functions of an evidence type that the role may not use; NULL when it may use all';

-- Who configures serves what it may read itself; by the session's user, whatever SET ROLE says.
CREATE FUNCTION ootspg_internal.require_readable(relations regclass[], function regprocedure) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	configuring oid := to_regrole(quote_ident(session_user));
	missing text;
BEGIN
	SELECT r::text INTO missing FROM unnest(relations) r WHERE NOT ootspg_internal.may_read(configuring, r) LIMIT 1;
	IF NOT ootspg_internal.may_execute(configuring, function) THEN
		missing := function::text;
	END IF;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'role "%" may not use % itself', session_user, missing
			USING ERRCODE = 'insufficient_privilege',
			HINT = 'Who configures a source serves what it may read: grant it SELECT on views, EXECUTE on functions, and USAGE on their schema.';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_readable(regclass[], regprocedure) IS '42501 unless the session''s role may read the relations and execute the function itself';
