-- What the registry's owners change under an evidence type is noticed when they do it, told to them, and looked at again
-- wherever it is used. It is told, not refused: views are dropped and made again by every tool that redeploys a schema, and
-- a registry must be able to change; whoever did it is the one who can mend it. Nothing here may make their statement fail.

CREATE TABLE ootspg_internal.out_of_service (
	evidence_type	text PRIMARY KEY REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	since			timestamptz NOT NULL DEFAULT clock_timestamp(),
	changed_by		text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ootspg_internal.out_of_service IS 'since when, and by whose statement, evidence types in service cannot be served as their registry is; noticed by event triggers. ootspg.out_of_service tells what is the matter now';
COMMENT ON COLUMN ootspg_internal.out_of_service.changed_by IS 'role whose statement was noticed';
SELECT pg_catalog.pg_extension_config_dump('ootspg_internal.out_of_service', '');

CREATE VIEW ootspg_internal.registry_source AS
SELECT t.evidence_type, NULL::text AS distribution, 'subject_source' AS named_in, t.subject_source AS relation,
	   t.subject_source_name AS name, t.subject_source_owner AS owner, NULL::text AS function
  FROM ootspg.evidence_type t WHERE t.subject_source IS NOT NULL
UNION ALL
SELECT t.evidence_type, NULL, 'entitlement', NULL, NULL, NULL, t.entitlement FROM ootspg.evidence_type t WHERE t.entitlement IS NOT NULL
UNION ALL
SELECT d.evidence_type, d.distribution, 'source', d.source, d.source_name, d.source_owner, NULL FROM ootspg.distribution d WHERE d.source IS NOT NULL
UNION ALL
SELECT d.evidence_type, d.distribution, 'sample_source', d.sample_source, d.sample_source_name, d.sample_source_owner, NULL
  FROM ootspg.distribution d WHERE d.sample_source IS NOT NULL
UNION ALL
SELECT d.evidence_type, d.distribution, 'source_function', (SELECT y.typrelid::regclass FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_type y ON y.oid = p.prorettype
		 WHERE p.oid = ootspg_internal.find_function(d.source_function, 'text[]'::regtype) AND y.typrelid <> 0), NULL, NULL, d.source_function
  FROM ootspg.distribution d WHERE d.source_function IS NOT NULL;
COMMENT ON VIEW ootspg_internal.registry_source IS 'every view and function of the registry that the configuration names, and where it does';

-- One sentence with type, distribution and remedy, as src/evidence/source.c says it where rows are read.
CREATE FUNCTION ootspg_internal.raise_gone(s ootspg_internal.registry_source) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	new_name text := CASE WHEN s.function IS NULL THEN 'schema.view' ELSE 'schema.function' END;
BEGIN
	PERFORM ootspg_internal.raise_configuration(
		CASE s.named_in
			WHEN 'entitlement' THEN format('there is no function %s(ootspg.entitlement_question) that returns boolean any more', s.function)
			WHEN 'source_function' THEN format('there is no function %s(text[]) that returns a set of rows any more', s.function)
			ELSE concat(coalesce(s.name, 'relation number ' || s.relation::oid), ' of role "' || s.owner || '"', ', which it is read from, is gone') END,
		CASE WHEN s.named_in = 'entitlement' THEN 'Make it again, not as a set, and it is asked again; or name another one: '
			WHEN s.named_in = 'source_function' THEN 'Make it again, and it is read again; or name another one: '
			WHEN s.owner IS NULL THEN 'Name another one: '
			ELSE format('Make it again under its name, owned by "%s", and it is read again; or name another one: ', s.owner) END
		|| CASE WHEN s.distribution IS NULL THEN format('UPDATE ootspg.evidence_type SET %s = %L WHERE evidence_type = %L', s.named_in, new_name, s.evidence_type)
		   ELSE format('UPDATE ootspg.distribution SET %s = %L WHERE evidence_type = %L AND distribution = %L', s.named_in, new_name, s.evidence_type, s.distribution) END || '.');
END $$;

CREATE FUNCTION ootspg_internal.check_function(s ootspg_internal.registry_source) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF s.named_in = 'source_function' THEN
		RETURN ootspg_internal.require_source_function(s.function);
	END IF;
	PERFORM ootspg_internal.require_entitlement(s.function);
	RETURN NULL;
EXCEPTION WHEN SQLSTATE 'OT003' THEN
	PERFORM ootspg_internal.raise_gone(s);
END $$;
COMMENT ON FUNCTION ootspg_internal.check_function(ootspg_internal.registry_source) IS 'the relation whose rows a source function returns, NULL of another function; OT003 unless it is there and can be called as what it is named for';

CREATE FUNCTION ootspg_internal.check_registry_source(type ootspg.evidence_type, s ootspg_internal.registry_source) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	relation regclass := s.relation;
	d ootspg.distribution;
BEGIN
	SELECT * INTO d FROM ootspg.distribution x WHERE x.evidence_type = s.evidence_type AND x.distribution = s.distribution;
	IF s.named_in = 'entitlement' THEN
		PERFORM ootspg_internal.check_function(s);
	ELSIF s.named_in = 'source_function' THEN
		PERFORM ootspg_internal.require_evidence_columns(ootspg_internal.check_function(s), d);
	ELSE
		IF NOT ootspg_internal.is_there(relation) THEN
			relation := ootspg_internal.relation_again(s.name, s.owner);
		END IF;
		IF relation IS NULL THEN
			PERFORM ootspg_internal.raise_gone(s);
		ELSIF s.named_in = 'subject_source' THEN
			PERFORM ootspg_internal.require_subject_columns(relation, type.subject);
		ELSE
			PERFORM ootspg_internal.require_evidence_columns(relation, d);
		END IF;
		IF s.named_in = 'source' AND type.subject_source IS NULL THEN
			PERFORM ootspg_internal.require_subject_columns(relation, type.subject);
		END IF;
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_registry_source(ootspg.evidence_type, ootspg_internal.registry_source) IS 'OT003 unless the view or function is there and has what is read from it';

CREATE FUNCTION ootspg_internal.check_registry(type ootspg.evidence_type) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.registry_source;
	fault_hint text;
BEGIN
	FOR s IN SELECT * FROM ootspg_internal.registry_source r WHERE r.evidence_type = type.evidence_type ORDER BY r.distribution NULLS FIRST, r.named_in LOOP
		BEGIN
			PERFORM ootspg_internal.check_registry_source(type, s);
		EXCEPTION WHEN SQLSTATE 'OT003' THEN
			GET STACKED DIAGNOSTICS fault_hint = PG_EXCEPTION_HINT;
			PERFORM ootspg_internal.raise_configuration(
				concat('evidence type "', s.evidence_type, '"', ', distribution "' || s.distribution || '"', ': ', SQLERRM), fault_hint);
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_registry(ootspg.evidence_type) IS 'OT003, naming type, distribution and remedy, unless every view and function that the type is served from is there and has what is read from it';

CREATE FUNCTION ootspg_internal.registry_fault(type ootspg.evidence_type, OUT fault text, OUT remedy text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.check_registry(type);
EXCEPTION WHEN SQLSTATE 'OT003' THEN
	GET STACKED DIAGNOSTICS fault = MESSAGE_TEXT, remedy = PG_EXCEPTION_HINT;
END $$;
COMMENT ON FUNCTION ootspg_internal.registry_fault(ootspg.evidence_type) IS 'what check_registry() finds, in words; NULL when nothing';

CREATE FUNCTION ootspg_internal.key_fault(type ootspg.evidence_type) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF type.seal = 'require' THEN
		PERFORM f.algorithm FROM ootspg.seal_key k, ootspg_internal.key_facts(k.seal_key, k.key_uri, k.certificate_uri, k.provider) f
		  WHERE k.seal_key = type.seal_key;
	END IF;
	RETURN NULL;
EXCEPTION WHEN SQLSTATE 'OT004' THEN
	RETURN format('evidence type "%s": ', type.evidence_type) || SQLERRM;
END $$;
COMMENT ON FUNCTION ootspg_internal.key_fault(ootspg.evidence_type) IS 'why the key that evidence of the type must be sealed with cannot be used; NULL when it can';

-- Rows follow a rename, and find again what was made again. A row that somebody else holds stays as it is: answers and
-- views look by the name as well.
CREATE FUNCTION ootspg_internal.follow_registry(evidence_types text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
	s record;
BEGIN
	FOR s IN SELECT DISTINCT r.evidence_type, r.distribution
			   FROM ootspg_internal.registry_source r CROSS JOIN LATERAL ootspg_internal.identity_of(r.relation) seen
			  WHERE r.evidence_type = ANY (evidence_types) AND r.function IS NULL
				AND CASE WHEN seen.name IS NULL THEN ootspg_internal.relation_again(r.name, r.owner) IS NOT NULL
						 ELSE (seen.name, seen.owner) IS DISTINCT FROM (r.name, r.owner) END LOOP
		BEGIN
			IF s.distribution IS NULL THEN
				UPDATE ootspg.evidence_type t SET subject_source = t.subject_source
				 WHERE t.evidence_type IN (SELECT l.evidence_type FROM ootspg.evidence_type l WHERE l.evidence_type = s.evidence_type FOR NO KEY UPDATE SKIP LOCKED);
			ELSE
				UPDATE ootspg.distribution d SET source = d.source
				 WHERE (d.evidence_type, d.distribution) IN (SELECT l.evidence_type, l.distribution FROM ootspg.distribution l
															  WHERE l.evidence_type = s.evidence_type AND l.distribution = s.distribution FOR NO KEY UPDATE SKIP LOCKED);
			END IF;
		EXCEPTION WHEN SQLSTATE 'OT003' THEN
			NULL;	-- it does not fit: told by whoever called
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.follow_registry(text[]) IS 'writes down numbers, names and owners of relations that were made again, renamed or given away';

CREATE FUNCTION ootspg_internal.review_registry(evidence_types text[], concerned boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'		-- who changes something else at the same time, and does not end, is not waited for
AS $$
DECLARE
	type ootspg.evidence_type;
	found_now record;
BEGIN
	PERFORM ootspg_internal.follow_registry(evidence_types);
	FOR type IN SELECT t.* FROM ootspg.evidence_type t JOIN ootspg.activation a USING (evidence_type) WHERE t.evidence_type = ANY (evidence_types) ORDER BY 1 LOOP
		found_now := ootspg_internal.registry_fault(type);
		IF found_now.fault IS NOT NULL THEN
			INSERT INTO ootspg_internal.out_of_service (evidence_type) VALUES (type.evidence_type) ON CONFLICT DO NOTHING;
			CONTINUE WHEN NOT FOUND AND NOT concerned;
			RAISE WARNING '%', found_now.fault
				USING ERRCODE = 'OT003', DETAIL = 'As long as it is so, requests that need it are answered with EDM:ERR:0008.', HINT = found_now.remedy;
		ELSE
			DELETE FROM ootspg_internal.out_of_service o WHERE o.evidence_type = type.evidence_type;
			IF FOUND THEN
				RAISE NOTICE 'evidence type "%" can be served again', type.evidence_type;
			END IF;
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.review_registry(text[], boolean) IS 'looks at what evidence types are served from, notes and tells what does not fit any more, or fits again; what was noted before is told again to those whose statement concerns it';

CREATE FUNCTION ootspg_internal.is_own(provider text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT ootspg_internal.own_providers(session_user, NULL) && ARRAY['*', provider]
		OR EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = session_user AND r.rolsuper);
END;
COMMENT ON FUNCTION ootspg_internal.is_own(text) IS 'has the session''s role any duty for the provider (NULL: for all), or is it a superuser?';

-- What cannot be served, as it is now, whether or not the change was noticed. PL/pgSQL keeps its plans: monitors ask again and again.
CREATE FUNCTION ootspg_internal.service_faults(OUT evidence_type text, OUT provider text, OUT fault text, OUT remedy text, OUT since timestamptz, OUT changed_by text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT t.evidence_type, t.provider, coalesce(f.fault, k.fault), CASE WHEN f.fault IS NOT NULL THEN f.remedy
			ELSE format('Mend the files of seal key "%s"; ootspg.seal_key_status shows its state.', t.seal_key) END,
		   CASE WHEN f.fault IS NOT NULL THEN o.since END, CASE WHEN f.fault IS NOT NULL THEN o.changed_by END
	  FROM ootspg.evidence_type t JOIN ootspg.activation a USING (evidence_type)
	 CROSS JOIN LATERAL ootspg_internal.registry_fault(t) f
	 CROSS JOIN LATERAL (SELECT CASE WHEN f.fault IS NULL THEN ootspg_internal.key_fault(t) END) k(fault)
	  LEFT JOIN ootspg_internal.out_of_service o USING (evidence_type)
	 WHERE coalesce(f.fault, k.fault) IS NOT NULL
	   AND ootspg_internal.is_own(t.provider);
END $$;
COMMENT ON FUNCTION ootspg_internal.service_faults() IS 'evidence types in service, of the session''s providers, that cannot be served as their registry and keys are now';

CREATE VIEW ootspg.out_of_service WITH (security_barrier) AS
SELECT f.evidence_type, f.provider, f.fault, f.remedy, f.since, f.changed_by FROM ootspg_internal.service_faults() f;
COMMENT ON VIEW ootspg.out_of_service IS 'evidence types in service that cannot be served now, in whole or in part, because what they are read from is gone or does not fit, or their key cannot be used: requests that need it get EDM:ERR:0008';
COMMENT ON COLUMN ootspg.out_of_service.evidence_type IS 'its name';
COMMENT ON COLUMN ootspg.out_of_service.provider IS 'whose it is';
COMMENT ON COLUMN ootspg.out_of_service.fault IS 'what is the matter, as it is now; the first fault that is found';
COMMENT ON COLUMN ootspg.out_of_service.remedy IS 'what to do';
COMMENT ON COLUMN ootspg.out_of_service.since IS 'when the change was noticed; NULL when it was not: event triggers were off, or it is about a key';
COMMENT ON COLUMN ootspg.out_of_service.changed_by IS 'role whose statement changed it, if it was noticed';
