-- What names a person in the audit is closed to those who may read it, and the server only writes (src/audit/data_key.c; D-LOG-15).

CREATE FUNCTION ootspg_internal.reader_certificate(certificate text, OUT fault text, OUT sha256 bytea, OUT not_after timestamptz) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_reader_certificate'
LANGUAGE C IMMUTABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.reader_certificate(text) IS 'why keys of the audit cannot be wrapped to a certificate in PEM, NULL when they can; its digest and its end';

CREATE TABLE ootspg.audit_reader (
	provider		text REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	reader			text NOT NULL CHECK (reader <> '' AND length(reader) <= 200),
	certificate		text NOT NULL,
	since			timestamptz NOT NULL DEFAULT clock_timestamp(),
	until			timestamptz CHECK (until > since),
	UNIQUE NULLS NOT DISTINCT (provider, reader)
);
ALTER TABLE ootspg.audit_reader REPLICA IDENTITY FULL;
COMMENT ON TABLE ootspg.audit_reader IS 'who reads what names a person in the audit of a provider: keys are wrapped to their certificates from then on. Without a row for a provider nothing of it is encrypted (D-LOG-15)';
COMMENT ON COLUMN ootspg.audit_reader.provider IS 'whose audit; NULL: of every provider, and of exchanges of none';
COMMENT ON COLUMN ootspg.audit_reader.reader IS 'name of the reader, as of an auditor or an office';
COMMENT ON COLUMN ootspg.audit_reader.certificate IS 'one certificate in PEM, of an RSA key that may encipher keys or a key of an elliptic curve that may agree on keys; its private key need not be on the server';
COMMENT ON COLUMN ootspg.audit_reader.since IS 'reads what is written from then on';
COMMENT ON COLUMN ootspg.audit_reader.until IS 'reads nothing of what is written from then on; NULL: no end. Where all readers have ended, nothing is answered';

CREATE FUNCTION ootspg_internal.check_reader() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	fault text := (ootspg_internal.reader_certificate(NEW.certificate)).fault;
BEGIN
	IF fault IS NOT NULL THEN
		RAISE EXCEPTION 'the certificate of audit reader "%" cannot be used: %', NEW.reader, fault USING ERRCODE = 'OT004',
			HINT = 'It takes one certificate in PEM, with an RSA key of 2048 bits or more, or an elliptic curve of 256 bits or more.';
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_reader() IS 'OT004 when keys cannot be wrapped to the certificate';
CREATE TRIGGER check_reader BEFORE INSERT OR UPDATE ON ootspg.audit_reader
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_reader();
CREATE TRIGGER _forget AFTER INSERT OR UPDATE OR DELETE ON ootspg.audit_reader
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.forget_configuration();
CREATE TRIGGER _forget_all AFTER TRUNCATE ON ootspg.audit_reader
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.forget_configuration();
-- under session_replication_role = replica as well
ALTER TABLE ootspg.audit_reader ENABLE ALWAYS TRIGGER _forget, ENABLE ALWAYS TRIGGER _forget_all;

CREATE TABLE ootspg.audit_key (
	key_id			uuid NOT NULL,
	provider		text,
	made_at			timestamptz NOT NULL,
	wrapped_at		timestamptz NOT NULL,
	wrapped			bytea NOT NULL,
	readers			bytea[] NOT NULL,
	PRIMARY KEY (key_id, wrapped_at)
);
ALTER TABLE ootspg.audit_key ALTER wrapped SET STORAGE EXTERNAL;	-- what is encrypted does not compress
CREATE INDEX audit_key_made_at ON ootspg.audit_key (made_at);
COMMENT ON TABLE ootspg.audit_key IS 'keys that values of the audit are closed to, wrapped to its readers; written with the first value of each, never changed; ootspg.purge() forgets those that no row needs';
COMMENT ON COLUMN ootspg.audit_key.key_id IS 'the key; exchange_event.audit_key refers to it. Wrapped anew for readers that came later, it has several rows';
COMMENT ON COLUMN ootspg.audit_key.provider IS 'whose values; NULL: of exchanges of no provider';
COMMENT ON COLUMN ootspg.audit_key.made_at IS 'when a process made it; it closes values for an hour at most (ootspg.audit_key_lifetime)';
COMMENT ON COLUMN ootspg.audit_key.wrapped_at IS 'when it was wrapped to these readers';
COMMENT ON COLUMN ootspg.audit_key.wrapped IS 'the key of 32 bytes as CMS AuthEnvelopedData (DER): openssl cms -decrypt -inform DER -inkey reader.key';
COMMENT ON COLUMN ootspg.audit_key.readers IS 'SHA-256 of the readers'' certificates (DER)';
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.audit_key
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
ALTER TABLE ootspg.audit_key ENABLE ALWAYS TRIGGER audit_guard;

ALTER TABLE ootspg.audit_reader ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_provider ON ootspg.audit_reader USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', provider]);
CREATE POLICY own_audit ON ootspg.audit_reader FOR SELECT
	USING (provider IS NULL OR (SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*', provider]);
ALTER TABLE ootspg.audit_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_audit ON ootspg.audit_key FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, 'audit')) && ARRAY['*', provider]);

DO $$
BEGIN
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.audit_reader', '');
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.audit_key', '');
END $$;

CREATE VIEW ootspg.audit_reader_status WITH (security_invoker) AS
SELECT r.provider, r.reader, encode(c.sha256, 'hex') AS certificate_sha256, c.not_after, r.since, r.until,
	   CASE WHEN r.until <= now() THEN 'ended' WHEN r.since > now() THEN 'not yet'
			WHEN c.not_after <= now() THEN 'certificate over'
			WHEN c.not_after < now() + current_setting('ootspg.key_warning', true)::integer * interval '1 day' THEN 'certificate ends soon'
			ELSE 'reads' END AS state
  FROM ootspg.audit_reader r CROSS JOIN LATERAL ootspg_internal.reader_certificate(r.certificate) c;
COMMENT ON VIEW ootspg.audit_reader_status IS 'readers of the audit with the digests that ootspg.audit_key names them by. Keys are wrapped to a certificate that is over as well: what is written must stay readable';
COMMENT ON COLUMN ootspg.audit_reader_status.provider IS 'whose audit; NULL: every provider''s';
COMMENT ON COLUMN ootspg.audit_reader_status.reader IS 'name of the reader';
COMMENT ON COLUMN ootspg.audit_reader_status.certificate_sha256 IS 'SHA-256 of the certificate (DER), in hexadecimal';
COMMENT ON COLUMN ootspg.audit_reader_status.not_after IS 'end of the certificate';
COMMENT ON COLUMN ootspg.audit_reader_status.since IS 'reads what is written from then on';
COMMENT ON COLUMN ootspg.audit_reader_status.until IS 'until then';
COMMENT ON COLUMN ootspg.audit_reader_status.state IS 'reads; not yet; ended; certificate ends soon (ootspg.key_warning), or over: replace it by a row of another name';

-- Contents that wait for the workers ----------------------------------------------

CREATE FUNCTION ootspg_internal.content_keys(OUT place integer, OUT key_id text, OUT fault text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_content_keys'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.content_keys() IS 'entries of ootspg.content_keys, the current one first, and why they cannot be used';

CREATE FUNCTION ootspg_internal.tell_unencrypted(provider text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM ootspg.provider p WHERE p.provider = tell_unencrypted.provider AND p.environment = 'production') THEN
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM ootspg.audit_reader r WHERE r.provider IS NULL OR r.provider = tell_unencrypted.provider) THEN
		RAISE WARNING 'the audit of provider "%" is not encrypted', tell_unencrypted.provider USING HINT = 'Add the certificate of its auditor to ootspg.audit_reader (doc/security.md).';
	END IF;
	IF NOT EXISTS (SELECT FROM ootspg_internal.content_keys()) THEN
		RAISE WARNING 'messages that wait are not encrypted' USING HINT = 'Name a secret in ootspg.content_keys (doc/security.md).';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_unencrypted(text) IS 'warns of what a provider in production has in the clear';

-- What ootspg.status says of all this. A provider that serves citizens should have readers, and the server a key of its own.
CREATE FUNCTION ootspg_internal.encryption_faults() RETURNS TABLE (state text, reason text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
BEGIN
	RETURN QUERY SELECT f.state, f.reason FROM (
	SELECT 'audit not encrypted', format('provider "%s" has no row of ootspg.audit_reader: who reads the database reads whom requests are about', p.provider)
	  FROM ootspg.provider p
	 WHERE p.environment = 'production' AND EXISTS (SELECT FROM ootspg.activation a JOIN ootspg.evidence_type t USING (evidence_type) WHERE t.provider = p.provider)
	   AND NOT EXISTS (SELECT FROM ootspg.audit_reader r WHERE r.provider IS NULL OR r.provider = p.provider)
	UNION ALL
	SELECT 'audit unreadable', format('all readers of the audit of provider "%s" have ended: nothing is answered', p.provider)
	  FROM ootspg.provider p
	 WHERE EXISTS (SELECT FROM ootspg.audit_reader r WHERE r.provider IS NULL OR r.provider = p.provider)
	   AND NOT EXISTS (SELECT FROM ootspg.audit_reader r WHERE (r.provider IS NULL OR r.provider = p.provider) AND r.since <= now() AND (r.until > now()) IS NOT FALSE)
	UNION ALL
	SELECT 'audit reader', format('reader "%s": %s', s.reader, s.state) FROM ootspg.audit_reader_status s WHERE s.state LIKE 'certificate%'
	UNION ALL
	SELECT 'contents not encrypted', 'ootspg.content_keys names no secret: who reads the database reads evidence that is on its way'
	 WHERE NOT EXISTS (SELECT FROM ootspg_internal.content_keys())
	   AND EXISTS (SELECT FROM ootspg.provider p JOIN ootspg.evidence_type t USING (provider) JOIN ootspg.activation a USING (evidence_type) WHERE p.environment = 'production')
	UNION ALL
	SELECT 'unusable', format('content key "%s": %s', k.key_id, k.fault) FROM ootspg_internal.content_keys() k WHERE k.fault IS NOT NULL
	) f(state, reason) WHERE ootspg_internal.is_own(NULL);
EXCEPTION WHEN lock_not_available THEN
	NULL;	-- in_the_way() tells
END $$;
COMMENT ON FUNCTION ootspg_internal.encryption_faults() IS 'what of the encryption is not as production should have it, for ootspg.status';
