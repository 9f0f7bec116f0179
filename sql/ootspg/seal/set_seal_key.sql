-- Keys are tried before they are written down, and looked at afterwards.

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
	-- try it before it is written down
	RETURN QUERY SELECT f.* FROM ootspg_internal.key_facts(set_seal_key.seal_key, set_seal_key.key_uri, set_seal_key.certificate_uri) f;
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
	  FROM ootspg.seal_key k, ootspg_internal.key_facts(k.seal_key, k.key_uri, k.certificate_uri) f
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
