-- Keys are tried before they are written down, and looked at afterwards. A provider seals with
-- its own key only (D-SEC-04, D-SIG-07): files lie in a place of its own, what is no file is granted
-- to it, and no certificate is two providers'.

CREATE FUNCTION ootspg_internal.require_key_grant(provider text, uri text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- without any scheme it is refused in words when it is tried
	IF uri LIKE '%:%' AND uri !~* '^file:' AND NOT EXISTS (SELECT FROM ootspg.key_grant g WHERE g.provider = require_key_grant.provider AND g.uri = require_key_grant.uri) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('provider "%s" may use keys in files only', require_key_grant.provider),
			'A superuser, or the owner of the extension, grants the exact URI of a token by a row of ootspg.key_grant.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_key_grant(text, text) IS 'OT003 unless it is a file: URI, or one that the provider was granted';

CREATE FUNCTION ootspg_internal.require_own_certificate(provider text, certificate_sha256 bytea) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	other ootspg.seal_key;
	digest bytea;
BEGIN
	FOR other IN SELECT k.* FROM ootspg.seal_key k WHERE k.provider <> require_own_certificate.provider LOOP
		BEGIN
			SELECT f.certificate_sha256 INTO digest FROM ootspg_internal.key_facts(other.seal_key, other.key_uri, other.certificate_uri, other.provider) f;
		EXCEPTION WHEN SQLSTATE 'OT004' THEN
			CONTINUE;	-- whoever has it finds it in ootspg.seal_key_status
		END;
		IF digest = require_own_certificate.certificate_sha256 THEN
			PERFORM ootspg_internal.raise_configuration('the certificate is that of another provider''s seal key',
				'Each provider seals with a certificate of its own.');
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_own_certificate(text, bytea) IS 'OT003 when another provider seals with the certificate';

CREATE FUNCTION ootspg.set_seal_key(seal_key text, provider text, key_uri text, certificate_uri text)
RETURNS TABLE (algorithm text, subject text, not_before timestamptz, not_after timestamptz, certificate_sha256 bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT ootspg_internal.has_duty(session_user, 'configure', provider) THEN
		RAISE EXCEPTION 'role "%" may not configure provider "%"', session_user, provider
			USING ERRCODE = 'insufficient_privilege', HINT = 'ootspg.grant_duty() gives duties.';
	END IF;
	PERFORM ootspg_internal.require_key_grant(set_seal_key.provider, uri) FROM unnest(ARRAY[set_seal_key.key_uri, set_seal_key.certificate_uri]) uri;
	-- try it before it is written down
	SELECT f.* INTO algorithm, subject, not_before, not_after, certificate_sha256
	  FROM ootspg_internal.key_facts(set_seal_key.seal_key, set_seal_key.key_uri, set_seal_key.certificate_uri, set_seal_key.provider) f;
	PERFORM ootspg_internal.require_own_certificate(set_seal_key.provider, set_seal_key.certificate_sha256);
	RETURN NEXT;
	INSERT INTO ootspg.seal_key AS k VALUES (set_seal_key.seal_key, set_seal_key.provider, set_seal_key.key_uri, set_seal_key.certificate_uri)
	ON CONFLICT ON CONSTRAINT seal_key_pkey DO UPDATE
	   SET key_uri = EXCLUDED.key_uri, certificate_uri = EXCLUDED.certificate_uri
	 WHERE k.provider = EXCLUDED.provider;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(
			format('seal key "%s" belongs to another provider', set_seal_key.seal_key), 'Choose another name.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.set_seal_key(text, text, text, text) IS
'registers or replaces a seal key by reference, after loading it and checking that key and certificate belong together and may seal';

-- An unusable key is a row that says so, not an error that hides the others.
CREATE FUNCTION ootspg_internal.key_status(seal_key text,
	OUT state text, OUT algorithm text, OUT subject text, OUT not_after timestamptz, OUT certificate_sha256 bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT f.algorithm, f.subject, f.not_after, f.certificate_sha256
	  INTO algorithm, subject, not_after, certificate_sha256
	  FROM ootspg.seal_key k, ootspg_internal.key_facts(k.seal_key, k.key_uri, k.certificate_uri, k.provider) f
	 WHERE k.seal_key = key_status.seal_key
	   AND (ootspg_internal.has_duty(session_user, 'configure', k.provider) OR ootspg_internal.has_duty(session_user, 'monitor', k.provider)
			OR ootspg_internal.has_duty(session_user, 'operate', k.provider));
	state := CASE WHEN NOT FOUND THEN NULL
				  WHEN not_after < now() + make_interval(days => current_setting('ootspg.key_warning')::integer)
				  THEN 'expires soon' ELSE 'usable' END;
EXCEPTION WHEN SQLSTATE 'OT004' THEN
	state := SQLERRM;
END $$;

CREATE VIEW ootspg.seal_key_status WITH (security_barrier, security_invoker) AS
SELECT k.seal_key, k.provider, s.*
  FROM ootspg.seal_key k, LATERAL ootspg_internal.key_status(k.seal_key) s;
COMMENT ON VIEW ootspg.seal_key_status IS 'whether each seal key can be used, and until when; warns ootspg.key_warning days ahead (D-SEC-08)';
COMMENT ON COLUMN ootspg.seal_key_status.seal_key IS 'the key';
COMMENT ON COLUMN ootspg.seal_key_status.provider IS 'whose seal it makes';
COMMENT ON COLUMN ootspg.seal_key_status.state IS 'usable; expires soon: within ootspg.key_warning days; else what is the matter';
COMMENT ON COLUMN ootspg.seal_key_status.algorithm IS 'signature algorithm it seals with';
COMMENT ON COLUMN ootspg.seal_key_status.subject IS 'subject of its certificate';
COMMENT ON COLUMN ootspg.seal_key_status.not_after IS 'end of its certificate; it seals no more after it';
COMMENT ON COLUMN ootspg.seal_key_status.certificate_sha256 IS 'SHA-256 of its certificate (DER), as in ootspg.evidence_event';
