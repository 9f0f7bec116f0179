-- Who reads whom requests were about, and what for (D-LOG-24). The plain views show what needs no purpose.

CREATE TABLE ootspg.audit_access (
	access_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	accessed_at		timestamptz NOT NULL,
	session_role	text NOT NULL,
	set_role		text,
	client			inet,
	purpose			text NOT NULL,
	what			text NOT NULL,
	exchanges		bigint[] NOT NULL
);
CREATE INDEX audit_access_exchanges ON ootspg.audit_access USING gin (exchanges);
COMMENT ON TABLE ootspg.audit_access IS 'readings of what names persons in the audit, never changed; written by another process before anything is shown, so that no rollback takes them back (D-LOG-24)';
COMMENT ON COLUMN ootspg.audit_access.access_id IS 'order of writing';
COMMENT ON COLUMN ootspg.audit_access.accessed_at IS 'when it was asked for';
COMMENT ON COLUMN ootspg.audit_access.session_role IS 'who: session user';
COMMENT ON COLUMN ootspg.audit_access.set_role IS 'role that was set; NULL: none';
COMMENT ON COLUMN ootspg.audit_access.client IS 'address the session came from; NULL: this machine';
COMMENT ON COLUMN ootspg.audit_access.purpose IS 'what for, in the reader''s words; no personal data belongs there';
COMMENT ON COLUMN ootspg.audit_access.what IS 'function that was used';
COMMENT ON COLUMN ootspg.audit_access.exchanges IS 'which exchanges were shown; empty: none was found';
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.audit_access
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
ALTER TABLE ootspg.audit_access ENABLE ALWAYS TRIGGER audit_guard;
ALTER TABLE ootspg.audit_access ENABLE ROW LEVEL SECURITY;
CREATE POLICY whole_database ON ootspg.audit_access FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, 'audit')) && ARRAY['*']);
DO $$
BEGIN
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.audit_access', '');
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.audit_access_access_id_seq', '');
END $$;

CREATE FUNCTION ootspg_internal.commit_access(record jsonb) RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_commit_access'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION ootspg_internal.commit_access(jsonb) IS 'has a record of a reading committed by another process; OT010 when it cannot';

CREATE FUNCTION ootspg_internal.write_access(record jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF record ? 'refused' THEN
		PERFORM ootspg_internal.security_event('refused', record->>'what', jsonb_build_object('purpose', record->>'purpose', 'reason', record->>'refused'),
			record->>'session_role', (record->>'client')::inet);
		RETURN;
	END IF;
	INSERT INTO ootspg.audit_access (accessed_at, session_role, set_role, client, purpose, what, exchanges)
	VALUES ((record->>'accessed_at')::timestamptz, record->>'session_role', nullif(record->>'set_role', 'none'), (record->>'client')::inet, record->>'purpose', record->>'what',
			ARRAY(SELECT e::bigint FROM jsonb_array_elements_text(record->'exchanges') e));
	PERFORM ootspg_internal.security_event('audit read', record->>'what', jsonb_build_object('purpose', record->>'purpose', 'exchanges', jsonb_array_length(record->'exchanges')),
		record->>'session_role', (record->>'client')::inet);
END $$;
COMMENT ON FUNCTION ootspg_internal.write_access(jsonb) IS 'what the other process writes: a reading, or that it was refused';

CREATE FUNCTION ootspg_internal.record_access(purpose text, what text, exchanges bigint[], refused text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF refused IS NULL AND (purpose IS NULL OR length(btrim(purpose)) < 3 OR length(purpose) > 500) THEN
		RAISE EXCEPTION 'the purpose of reading the audit is missing, or too long' USING ERRCODE = 'OT010',
			HINT = 'Say in 3 to 500 characters what the data are read for, as "complaint 2026/17". It is kept with your name; name no person in it.';
	END IF;
	PERFORM ootspg_internal.commit_access(jsonb_strip_nulls(jsonb_build_object('accessed_at', clock_timestamp(), 'session_role', session_user, 'set_role', current_setting('role'),
		'client', inet_client_addr(), 'purpose', left(purpose, 500), 'what', what, 'exchanges', to_jsonb(coalesce(exchanges, '{}')), 'refused', refused)));
END $$;
COMMENT ON FUNCTION ootspg_internal.record_access(text, text, bigint[], text) IS 'writes down a reading, for good, before it returns; OT010 without a purpose, or when it cannot be written: then nothing may be shown';

-- As whom the functions below act: providers whose audit the session may read.
CREATE FUNCTION ootspg_internal.audited_providers(purpose text, what text) RETURNS text[]
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	own text[] := CASE WHEN (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN ARRAY['*'] ELSE ootspg_internal.own_providers(session_user, 'audit') END;
BEGIN
	IF own = '{}' THEN
		PERFORM ootspg_internal.record_access(purpose, what, NULL, 'no duty to audit');
		RAISE EXCEPTION 'role "%" may not read the audit', session_user USING ERRCODE = 'insufficient_privilege', HINT = 'It takes the duty: ootspg.grant_duty(role, ''audit'').';
	END IF;
	RETURN own;
END $$;
COMMENT ON FUNCTION ootspg_internal.audited_providers(text, text) IS 'providers whose audit the session may read, * for all; 42501, and a security event, for none';

CREATE FUNCTION ootspg_internal.open_events(exchanges bigint[], providers text[], reader_key text,
	OUT event_id bigint, OUT event_time timestamptz, OUT exchange_id bigint, OUT event_type text, OUT direction text, OUT media_type text,
	OUT first_part bytea, OUT header bytea, OUT state text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_open_events'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION ootspg_internal.open_events(bigint[], text[], text) IS 'events of exchanges with messages and headers, opened by the reader''s key';

CREATE FUNCTION ootspg.read_audit(exchange_ids bigint[], purpose text, reader_key text DEFAULT NULL,
	OUT event_id bigint, OUT event_time timestamptz, OUT exchange_id bigint, OUT event_type text, OUT direction text, OUT media_type text,
	OUT first_part bytea, OUT header bytea, OUT state text) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	own text[] := ootspg_internal.audited_providers(purpose, 'read_audit');
	shown bigint[] := ARRAY(SELECT DISTINCT e.exchange_id FROM ootspg.exchange_event e
							 WHERE e.exchange_id = ANY (exchange_ids) AND own && ARRAY['*', e.provider] ORDER BY 1);
BEGIN
	IF EXISTS (SELECT FROM ootspg.exchange_event e WHERE e.exchange_id = ANY (exchange_ids) AND NOT e.exchange_id = ANY (shown)) THEN
		PERFORM ootspg_internal.record_access(purpose, 'read_audit', NULL, 'exchanges of other providers');
	END IF;
	PERFORM ootspg_internal.record_access(purpose, 'read_audit', shown);
	RETURN QUERY SELECT * FROM ootspg_internal.open_events(shown, own, reader_key);
END $$;
COMMENT ON FUNCTION ootspg.read_audit(bigint[], text, text) IS
'messages and headers of exchanges, each event a row. Who reads, when, which exchanges and the purpose are written down first, for good (ootspg.audit_access). reader_key: file:NAME in the directory audit below ootspg.key_directory, or the PEM as a parameter, never as a literal; state: not encrypted, opened, closed (no key given), closed to others (the key is none of its readers''), changed';

-- Whom a search is about is personal data as well: it goes by these, which say what for, and not by keys.
CREATE FUNCTION ootspg_internal.exchanges_by(names bytea[], identifiers bytea[], purpose text, what text) RETURNS SETOF ootspg.exchange
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	own text[] := ootspg_internal.audited_providers(purpose, what);
	shown bigint[] := ARRAY(SELECT x.exchange_id FROM ootspg.exchange x
							 WHERE own && ARRAY['*', x.provider]
							   AND (x.subject_key = ANY (names) OR x.representative_key = ANY (names)
									OR x.subject_identifier_key = ANY (identifiers) OR x.representative_identifier_key = ANY (identifiers)) ORDER BY 1);
BEGIN
	PERFORM ootspg_internal.record_access(purpose, what, shown);
	RETURN QUERY SELECT * FROM ootspg.exchange x WHERE x.exchange_id = ANY (shown) ORDER BY x.exchange_id;
END $$;
COMMENT ON FUNCTION ootspg_internal.exchanges_by(bytea[], bytea[], text, text) IS 'exchanges with one of these search keys, for the session to see, written down first';

CREATE FUNCTION ootspg.exchanges_of(subject ootspg.subject, purpose text) RETURNS SETOF ootspg.exchange
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT * FROM ootspg_internal.exchanges_by(ootspg.subject_keys(subject), CASE WHEN (subject).identifier IS NOT NULL THEN ootspg.identifier_keys((subject).identifier) END, purpose, 'exchanges_of');
END;
COMMENT ON FUNCTION ootspg.exchanges_of(ootspg.subject, text) IS
'exchanges about a person or company, or in which they represented somebody, by names and birth date or by identifier (D-LOG-21). Who asks and what for is written down first, for good';

CREATE FUNCTION ootspg.exchanges_of(identifier text, purpose text) RETURNS SETOF ootspg.exchange
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT * FROM ootspg_internal.exchanges_by(NULL, ootspg.identifier_keys(identifier), purpose, 'exchanges_of');
END;
COMMENT ON FUNCTION ootspg.exchanges_of(text, text) IS 'the same by an eIDAS identifier alone';

CREATE FUNCTION ootspg_internal.rewrap_keys(providers text[], reader_key text) RETURNS bigint
AS 'MODULE_PATHNAME', 'ootspg_rewrap_keys'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION ootspg_internal.rewrap_keys(text[], text) IS 'wraps keys that the reader''s key opens to readers of now that cannot open them';

CREATE FUNCTION ootspg.rewrap_audit(reader_key text, purpose text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	own text[] := ootspg_internal.audited_providers(purpose, 'rewrap_audit');
	done bigint;
BEGIN
	PERFORM ootspg_internal.record_access(purpose, 'rewrap_audit', '{}');
	done := ootspg_internal.rewrap_keys(own, reader_key);
	PERFORM ootspg_internal.security_event('key', 'audit_key', jsonb_build_object('wrapped', done));
	RETURN done;
END $$;
COMMENT ON FUNCTION ootspg.rewrap_audit(text, text) IS
'lets readers who came later read what was written before: wraps each key that the key of an earlier reader opens to those of ootspg.audit_reader who cannot open it yet; returns how many keys. reader_key as in ootspg.read_audit(). No row of the audit is written anew';

CREATE FUNCTION ootspg.add_audit_key(key_id uuid, wrapped bytea, reader text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	own text[] := ootspg_internal.audited_providers('a key wrapped elsewhere', 'add_audit_key');
	k ootspg.audit_key;
	digest bytea;
BEGIN
	SELECT a.* INTO k FROM ootspg.audit_key a WHERE a.key_id = add_audit_key.key_id AND own && ARRAY['*', a.provider] ORDER BY a.wrapped_at LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no key % of the audit', add_audit_key.key_id USING ERRCODE = 'OT004', HINT = 'Keys are rows of ootspg.audit_key.';
	END IF;
	SELECT c.sha256 INTO digest FROM ootspg.audit_reader r, ootspg_internal.reader_certificate(r.certificate) c
	 WHERE r.reader = add_audit_key.reader AND (r.provider IS NULL OR r.provider = k.provider) LIMIT 1;
	IF digest IS NULL OR length(wrapped) > 65536 THEN
		RAISE EXCEPTION 'there is no such reader of that key, or what is wrapped is too long' USING ERRCODE = 'OT004', HINT = 'Readers are rows of ootspg.audit_reader.';
	END IF;
	INSERT INTO ootspg.audit_key (key_id, provider, made_at, wrapped_at, wrapped, readers) VALUES (k.key_id, k.provider, k.made_at, clock_timestamp(), wrapped, ARRAY[digest]);
	PERFORM ootspg_internal.security_event('key', 'audit_key', jsonb_build_object('brought', k.key_id, 'reader', reader));
END $$;
COMMENT ON FUNCTION ootspg.add_audit_key(uuid, bytea, text) IS 'a key that was wrapped to a reader elsewhere, where the key of an earlier reader lies: openssl cms -decrypt … | openssl cms -encrypt -binary -aes-256-gcm -outform DER reader.pem';
