-- As whom requests are answered. A row that names a role decides as whom code runs that others have written, in views and functions:
-- it must be a role that has nothing but what it was granted, and nobody names one that they could not be themselves.

-- These functions are asked whenever somebody looks at the status, and by workers: in PL/pgSQL, which keeps its plans.
-- One function decides; what it says may change at any time, for privileges of a role go and come without a word to us.
CREATE FUNCTION ootspg_internal.answer_role_excess(role oid) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
	SELECT CASE WHEN r.rolsuper THEN format('role "%s" is a superuser', r.rolname)
			ELSE (SELECT CASE WHEN m.oid = r.oid THEN format('role "%s" %s', r.rolname, w.why)
						 ELSE format('role "%s" is a member of "%s", which %s', r.rolname, m.rolname, w.why) END
					FROM pg_catalog.pg_roles m
					CROSS JOIN LATERAL (SELECT CASE
						WHEN m.rolsuper THEN 'is a superuser'
						WHEN m.rolname ^@ 'pg_' THEN 'has more than it was granted'
						WHEN m.rolbypassrls THEN 'bypasses row-level security'
						WHEN m.rolcreaterole THEN 'may create roles'
						WHEN m.rolreplication THEN 'may replicate the cluster'
						WHEN m.oid IN (SELECT e.extowner FROM pg_catalog.pg_extension e WHERE e.extname = 'ootspg'
									   UNION SELECT n.nspowner FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('ootspg', 'ootspg_internal')) THEN 'owns the extension' END AS why) w
				   WHERE w.why IS NOT NULL AND pg_has_role(r.oid, m.oid, 'MEMBER')
				   ORDER BY m.oid <> r.oid, m.rolname LIMIT 1) END
	  FROM pg_catalog.pg_roles r WHERE r.oid = answer_role_excess.role);
END $$;
COMMENT ON FUNCTION ootspg_internal.answer_role_excess(oid) IS
'why the role must not answer: it is, directly or by membership, a superuser, a predefined role, the database''s or the extension''s owner, or may bypass row-level security, create roles or replicate; NULL when it is none of these';

CREATE FUNCTION ootspg_internal.answer_role_fault(answer_role ootspg.bound_role, provider text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
	SELECT CASE
			WHEN r.oid IS NULL THEN format('role "%s" does not exist', ootspg_internal.bound_role_name(answer_role_fault.answer_role))
			WHEN ootspg_internal.answer_role_excess(r.oid) IS NOT NULL THEN ootspg_internal.answer_role_excess(r.oid)
			WHEN NOT r.rolcanlogin AND current_setting('server_version_num')::integer < 170000 THEN format('role "%s" may not log in', r.rolname)
			WHEN NOT has_database_privilege(r.oid, current_database(), 'CONNECT') THEN format('role "%s" may not connect to this database', r.rolname)
			WHEN NOT EXISTS (SELECT FROM ootspg.provider_role p WHERE p.duty = 'exchange'
					AND (p.provider IS NULL OR answer_role_fault.provider IS NULL OR p.provider = answer_role_fault.provider)
					AND pg_has_role(r.oid, ootspg_internal.bound_role_oid(p.role_name), 'MEMBER'))
				THEN format('role "%s" has not the duty to exchange', r.rolname) || coalesce(' for provider "' || answer_role_fault.provider || '"', '') END
	  FROM (VALUES (true)) one LEFT JOIN pg_catalog.pg_roles r ON r.oid = ootspg_internal.bound_role_oid(answer_role_fault.answer_role));
END $$;
COMMENT ON FUNCTION ootspg_internal.answer_role_fault(ootspg.bound_role, text) IS 'why the role cannot answer requests, to the provider or to any; NULL when it can';

-- A dump is restored by a superuser with row security off: its rows come in as they were, and wait where their role may not answer.
CREATE FUNCTION ootspg_internal.require_answer_role(answer_role ootspg.bound_role) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	role pg_roles;
	fault text;
	hint text := 'It answers with what it was granted, and nothing more.';
BEGIN
	SELECT * INTO role FROM pg_roles r WHERE r.oid = ootspg_internal.bound_role_oid(answer_role);
	fault := ootspg_internal.answer_role_excess(role.oid);
	IF role.oid IS NULL OR NOT (role.rolcanlogin OR current_setting('server_version_num')::integer >= 170000) THEN
		fault := format('there is no role "%s" that a worker can be', ootspg_internal.bound_role_name(answer_role));
		hint := 'Create it with LOGIN, without password; ootspg.grant_duty() gives it the duty to exchange.';
	ELSIF fault IS NULL AND NOT pg_has_role(session_user, role.oid, 'MEMBER') THEN
		RAISE EXCEPTION 'role "%" is no member of "%" and cannot have requests answered as it', session_user, role.rolname
			USING ERRCODE = 'insufficient_privilege', HINT = format('GRANT %I TO %I, or let a member write the row.', role.rolname, session_user);
	END IF;
	IF fault IS NULL THEN
		RETURN;
	END IF;
	IF current_setting('row_security') = 'off' AND (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
		RAISE WARNING '%: requests will wait', fault USING HINT = hint;
	ELSE
		PERFORM ootspg_internal.raise_configuration(fault, hint);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_answer_role(ootspg.bound_role) IS 'OT003 unless a worker may be this role, 42501 unless the session''s role is a member of it';

-- Without a role of its own a provider is answered by that of the access point, which may read for others: who configures only
-- this provider cannot choose that.
CREATE FUNCTION ootspg_internal.check_provider_answer_role() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF TG_OP = 'UPDATE' AND OLD.answer_role::text IS NOT DISTINCT FROM NEW.answer_role::text THEN
		RETURN NEW;
	END IF;
	IF NEW.answer_role IS NOT NULL THEN
		PERFORM ootspg_internal.require_answer_role(NEW.answer_role);
	ELSIF TG_OP = 'UPDATE' AND NOT ootspg_internal.has_duty(session_user, 'configure', NULL) THEN
		RAISE EXCEPTION 'role "%" may not have requests answered as the access point''s role', session_user
			USING ERRCODE = 'insufficient_privilege', HINT = 'It takes the duty to configure for all providers to leave provider.answer_role empty.';
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_provider_answer_role() IS 'who may decide as whom requests to a provider are answered';
CREATE TRIGGER check_answer_role BEFORE INSERT OR UPDATE OF answer_role ON ootspg.provider
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_provider_answer_role();
