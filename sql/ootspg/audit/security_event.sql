-- What whoever watches over security wants to know, apart from exchanges: failed logins of ours, changes of rights and of the
-- configuration, use of keys, purges, what was refused (D-LOG-28). A row each, and a line of the server's log in one form.

CREATE TABLE ootspg.security_event (
	event_id		bigint GENERATED ALWAYS AS IDENTITY,
	event_time		timestamptz NOT NULL DEFAULT clock_timestamp(),
	kind			text NOT NULL CHECK (kind IN ('login failed', 'login locked', 'rights', 'configuration', 'key', 'audit read', 'purge', 'refused')),
	object			text NOT NULL,
	actor			text NOT NULL,
	client			inet,
	facts			jsonb NOT NULL DEFAULT '{}'
);
ALTER TABLE ootspg.security_event REPLICA IDENTITY FULL;
-- no key: what a restore writes into the configuration makes events before those of the dump are there
CREATE INDEX security_event_time ON ootspg.security_event (event_time);
COMMENT ON TABLE ootspg.security_event IS 'security events, never changed; each is a line of the server''s log as well: "ootspg security event: " and an object of JSON (D-LOG-28)';
COMMENT ON COLUMN ootspg.security_event.event_id IS 'order of writing; a restored database counts from the beginning until what it restores is there';
COMMENT ON COLUMN ootspg.security_event.event_time IS 'when it happened';
COMMENT ON COLUMN ootspg.security_event.kind IS 'login failed, login locked: of users of the preview space, or of ours at an access point; rights: a duty; configuration: a row of it; key: made, wrapped anew, or brought; audit read; purge; refused';
COMMENT ON COLUMN ootspg.security_event.object IS 'what it is about: a table, a function, a place';
COMMENT ON COLUMN ootspg.security_event.actor IS 'session user; of workers, who they are';
COMMENT ON COLUMN ootspg.security_event.client IS 'address the session came from; NULL: this machine, or a worker';
COMMENT ON COLUMN ootspg.security_event.facts IS 'of a changed row its key with old and new values, secrets by their names only; counts; never personal data';
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.security_event
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
ALTER TABLE ootspg.security_event ENABLE ALWAYS TRIGGER audit_guard;
ALTER TABLE ootspg.security_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY whole_database ON ootspg.security_event FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*']);
DO $$
BEGIN
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.security_event', '');
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.security_event_event_id_seq', '');
END $$;

CREATE FUNCTION ootspg_internal.tell_security(line text, at_once boolean) RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_tell_security'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION ootspg_internal.tell_security(text, boolean) IS 'a line of the server''s log, when the transaction commits or at once';

CREATE FUNCTION ootspg_internal.security_event(kind text, object text, facts jsonb DEFAULT '{}', actor text DEFAULT session_user, client inet DEFAULT inet_client_addr()) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
	made ootspg.security_event;
BEGIN
	INSERT INTO ootspg.security_event AS s (kind, object, actor, client, facts)
	VALUES (security_event.kind, security_event.object, security_event.actor, security_event.client, coalesce(security_event.facts, '{}')) RETURNING s.* INTO made;
	PERFORM ootspg_internal.tell_security(jsonb_build_object('event', made.event_id, 'time', made.event_time, 'database', current_database(),
		'kind', made.kind, 'object', made.object, 'actor', made.actor, 'client', made.client, 'facts', made.facts)::text, false);
END $$;
COMMENT ON FUNCTION ootspg_internal.security_event(text, text, jsonb, text, inet) IS 'a security event: its row, and at commit its line';

-- Rows of the configuration by key, with what changed. Values of columns that may hold a secret are not told.
CREATE FUNCTION ootspg_internal.tell_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET bytea_output = hex
AS $$
DECLARE
	was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ELSE '{}' END;
	is_now jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ELSE '{}' END;
	key_columns text[] := ARRAY(SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
		WHERE i.indexrelid = (SELECT u.indexrelid FROM pg_index u WHERE u.indrelid = TG_RELID AND u.indisunique ORDER BY u.indisprimary DESC, u.indexrelid LIMIT 1));
	hidden constant text := '(password|secret|token|private|certificate|picture|content|proxy|user_name)';
	facts jsonb;
BEGIN
	IF TG_OP = 'UPDATE' AND was = is_now THEN
		RETURN NULL;
	END IF;
	SELECT jsonb_build_object('change', lower(TG_OP),
			'key', (SELECT jsonb_object_agg(k, coalesce(nullif(is_now, '{}'), was)->k) FROM unnest(key_columns) k),
			'old', jsonb_object_agg(c.name, CASE WHEN c.name ~ hidden THEN '"not told"'::jsonb WHEN length((was->c.name)::text) > 1000 THEN '"long"'::jsonb ELSE was->c.name END) FILTER (WHERE TG_OP <> 'INSERT'),
			'new', jsonb_object_agg(c.name, CASE WHEN c.name ~ hidden THEN '"not told"'::jsonb WHEN length((is_now->c.name)::text) > 1000 THEN '"long"'::jsonb ELSE is_now->c.name END) FILTER (WHERE TG_OP <> 'DELETE'))
	  INTO facts FROM jsonb_object_keys(was || is_now) c(name) WHERE c.name <> ALL (key_columns) AND was->c.name IS DISTINCT FROM is_now->c.name;
	PERFORM ootspg_internal.security_event(TG_ARGV[0], TG_TABLE_NAME, jsonb_strip_nulls(facts));
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_change() IS 'security event of a changed row, of the kind that is the argument';

CREATE FUNCTION ootspg_internal.tell_login() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.security_event('login failed', 'access point ' || NEW.access_point, jsonb_build_object('sqlstate', NEW.sqlstate, 'state', NEW.event_type));
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_login() IS 'security event of an access point that refused our login';
-- what a restore brings is older
CREATE TRIGGER tell_login AFTER INSERT ON ootspg.access_point_event
	FOR EACH ROW WHEN (NEW.sqlstate = 'OT109' AND NEW.event_time > now() - interval '1 hour') EXECUTE FUNCTION ootspg_internal.tell_login();

DO $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT n.name, v.kind FROM (VALUES
			('rights', ARRAY['provider_role', 'key_grant']),
			('configuration', ARRAY['provider', 'evidence_type', 'evidence_type_line', 'distribution', 'activation', 'preview_space', 'access_point', 'accepted_party',
				'accepted_requester', 'directory_target', 'directory_route', 'directory_source', 'time_stamp_authority', 'added_code']),
			('key', ARRAY['seal_key', 'audit_reader'])) v(kind, names), unnest(v.names) n(name) LOOP
		EXECUTE format('CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON ootspg.%I FOR EACH ROW EXECUTE FUNCTION ootspg_internal.tell_change(%L)', t.name, t.kind);
	END LOOP;
END $$;
