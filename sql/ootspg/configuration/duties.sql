-- Who may do what. Roles are the cluster's, so the script makes none: the DBA names
-- them to grant_duty(). Duties: configure (rows and keys), exchange (answer, evidence,
-- seal), audit (read the audit), maintain (partitions, purge), monitor (status without
-- personal data), preview (the functions of the preview space, and no table),
-- matching (the matching log).
-- Run-time roles write nothing themselves: the functions do, as owner of the tables.

CREATE FUNCTION ootspg_internal.has_duty(who name, duty text, provider text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = who AND r.rolsuper)
		OR EXISTS (SELECT FROM ootspg.provider_role p
					WHERE p.duty = has_duty.duty
					  AND (p.provider IS NULL OR p.provider = has_duty.provider)
					  AND pg_has_role(who, ootspg_internal.bound_role_oid(p.role_name), 'MEMBER'));
END;
COMMENT ON FUNCTION ootspg_internal.has_duty(name, text, text) IS 'does the role, or one it is a member of, have the duty for the provider?';

-- One array a statement, not one question a row: policies compare with it.
CREATE FUNCTION ootspg_internal.own_providers(who name, duty text) RETURNS text[]
AS 'MODULE_PATHNAME', 'ootspg_own_providers'
LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.own_providers(name, text) IS 'row-level security: providers that the role has the duty for, or any duty when it is NULL; * stands for all';

CREATE FUNCTION ootspg_internal.forget_duties() RETURNS trigger
AS 'MODULE_PATHNAME', 'ootspg_forget_duties'
LANGUAGE C;
COMMENT ON FUNCTION ootspg_internal.forget_duties() IS 'makes every backend ask ootspg.provider_role again';

CREATE TRIGGER forget_duties AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ootspg.provider_role
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.forget_duties();

-- A restored dump may name roles that this cluster has not.
CREATE FUNCTION ootspg_internal.tell_missing_role() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF ootspg_internal.bound_role_oid(NEW.role_name) IS NULL THEN
		RAISE WARNING 'there is no role "%" here: its duty "%" is nobody''s', ootspg_internal.bound_role_name(NEW.role_name), NEW.duty
			USING HINT = 'Create the role and call ootspg.grant_duty() for it, or ootspg.revoke_duty() to remove the row.';
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_missing_role() IS 'warns of a duty whose role does not exist in this cluster';
CREATE TRIGGER tell_missing_role BEFORE INSERT ON ootspg.provider_role
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.tell_missing_role();

CREATE FUNCTION ootspg_internal.apply_duty(role_name name, duty text, verb text, preposition text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	item record;
BEGIN
	FOR item IN SELECT f::text AS name FROM ootspg_internal.duty_functions(duty) f LOOP
		EXECUTE format('%s EXECUTE ON FUNCTION %s %s %I', verb, item.name, preposition, role_name);
	END LOOP;
	FOR item IN SELECT object::text AS name, privileges FROM ootspg_internal.duty_tables(duty) LOOP
		EXECUTE format('%s %s ON TABLE %s %s %I', verb, item.privileges, item.name, preposition, role_name);
	END LOOP;
END $$;

CREATE FUNCTION ootspg_internal.public_types() RETURNS SETOF regtype
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT t.oid::regtype FROM pg_catalog.pg_type t
	 WHERE t.typnamespace = to_regnamespace('ootspg') AND t.typtype IN ('b', 'd', 'c')
	   AND (t.typtype = 'd' OR (t.typtype = 'b' AND t.typelem = 0) OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'));
END;
COMMENT ON FUNCTION ootspg_internal.public_types() IS 'base, domain and composite types of schema ootspg; every duty may use them';

-- Duties end as PostgreSQL's own grants do, where DROP ROLE, DROP OWNED or a REVOKE took them, here or in another database:
-- no later grant gives them back.
CREATE FUNCTION ootspg_internal.forget_ended_duties(role_name name) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	role oid := to_regrole(quote_ident(role_name::text));
BEGIN
	DELETE FROM ootspg.provider_role p
	 WHERE ootspg_internal.bound_role_dropped(p.role_name)
		OR (ootspg_internal.bound_role_oid(p.role_name) = role
			AND NOT EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
							 WHERE n.oid = to_regnamespace('ootspg') AND a.grantee = role AND a.privilege_type = 'USAGE'));
END $$;
COMMENT ON FUNCTION ootspg_internal.forget_ended_duties(name) IS 'removes duties of roles that are gone, and of this one when what it was granted was taken from it';

CREATE FUNCTION ootspg.grant_duty(role_name name, duty text, provider text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	item record;
BEGIN
	IF grant_duty.provider IS NOT NULL AND NOT EXISTS (SELECT FROM ootspg.provider p WHERE p.provider = grant_duty.provider) THEN
		PERFORM ootspg_internal.raise_configuration(format('there is no provider "%s"', grant_duty.provider),
			coalesce('Providers are: ' || (SELECT string_agg(p.provider, ', ' ORDER BY p.provider) FROM ootspg.provider p) || '.', 'Write its row first; without a provider the duty is for all.'));
	END IF;
	PERFORM ootspg_internal.forget_ended_duties(role_name);
	EXECUTE format('GRANT USAGE ON SCHEMA ootspg, ootspg_internal TO %I', role_name);
	INSERT INTO ootspg.provider_role VALUES (grant_duty.role_name, grant_duty.duty, grant_duty.provider) ON CONFLICT DO NOTHING;
	FOR item IN SELECT t::text AS name FROM ootspg_internal.public_types() t LOOP
		EXECUTE format('GRANT USAGE ON TYPE %s TO %I', item.name, role_name);
	END LOOP;
	PERFORM ootspg_internal.apply_duty(role_name, duty, 'GRANT', 'TO');
END $$;
COMMENT ON FUNCTION ootspg.grant_duty(name, text, text) IS
'gives a role a duty (configure, exchange, operate, audit, maintain, monitor, preview, matching), for one provider or, without one, for all; call it again after an update of the extension';

CREATE FUNCTION ootspg.revoke_duty(role_name name, duty text, provider text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	role oid := to_regrole(quote_ident(role_name::text));
	other text;
BEGIN
	DELETE FROM ootspg.provider_role p
	 WHERE ootspg_internal.bound_role_name(p.role_name) = revoke_duty.role_name AND p.duty = revoke_duty.duty
	   AND p.provider IS NOT DISTINCT FROM revoke_duty.provider;
	-- of a role that is gone only the row was left
	IF role IS NULL AND FOUND THEN
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM ootspg.provider_role p WHERE ootspg_internal.bound_role_oid(p.role_name) = role AND p.duty = revoke_duty.duty) THEN
		RETURN;
	END IF;
	PERFORM ootspg_internal.apply_duty(role_name, duty, 'REVOKE', 'FROM');
	-- duties overlap: what the others need comes back
	FOR other IN SELECT DISTINCT p.duty FROM ootspg.provider_role p WHERE ootspg_internal.bound_role_oid(p.role_name) = role LOOP
		PERFORM ootspg_internal.apply_duty(role_name, other, 'GRANT', 'TO');
	END LOOP;
	IF NOT FOUND THEN
		FOR other IN SELECT t::text FROM ootspg_internal.public_types() t LOOP
			EXECUTE format('REVOKE USAGE ON TYPE %s FROM %I', other, role_name);
		END LOOP;
		EXECUTE format('REVOKE USAGE ON SCHEMA ootspg, ootspg_internal FROM %I', role_name);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.revoke_duty(name, text, text) IS 'takes a duty back, also from a role that is gone';

-- Row-level security between the providers of one database (D-SEC-04). Any duty for a
-- provider lets its configuration be read, where the duty's privileges allow it; writing
-- it takes the duty to configure, and reading the audit the duty to audit, for that very
-- provider: a role may have different duties for different providers.
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['provider', 'seal_key', 'evidence_type', 'identity_link'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY own_provider ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY[''*'', provider])', t);
		EXECUTE format('CREATE POLICY own_configuration ON ootspg.%I USING ((SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*'', provider])', t);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['evidence_type_line', 'distribution', 'activation'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY own_provider ON ootspg.%1$I FOR SELECT USING (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = %1$I.evidence_type))', t);
		EXECUTE format('CREATE POLICY own_configuration ON ootspg.%1$I USING (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = %1$I.evidence_type'
					   ' AND (SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*'', t.provider]))', t);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['exchange', 'exchange_event', 'evidence_event'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY own_audit ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, ''audit'')) && ARRAY[''*'', provider])', t);
	END LOOP;
END $$;

-- What a dump carries: configuration, exchanges, audit; partitions dump themselves.
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['ootspg.provider', 'ootspg.seal_key', 'ootspg.data_model', 'ootspg.data_model_location',
			'ootspg.evidence_type', 'ootspg.evidence_type_line', 'ootspg.distribution', 'ootspg.activation',
			'ootspg.identity_link', 'ootspg.code_map', 'ootspg.provider_role', 'ootspg.exchange',
			'ootspg.exchange_exchange_id_seq', 'ootspg_internal.used_request', 'ootspg_internal.event_seq',
			'ootspg.purge_record'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(t::regclass, '');
	END LOOP;
END $$;
