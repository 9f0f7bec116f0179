-- A user signs in again, and is, or is not, the person of the request.

CREATE FUNCTION ootspg_internal.level_rank(level text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT array_position(ARRAY['low', 'substantial', 'high'], lower(substring(level FROM '[^/]*$')));
END;
COMMENT ON FUNCTION ootspg_internal.level_rank(text) IS 'levels of assurance in their order, 1 to 3, by name or by the address that eIDAS gives them; NULL: none of them';

-- What a preview space may say of a user; everything else of its claims is left where it came from.
CREATE FUNCTION ootspg_internal.known_claims(claims jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(c.key, c.value), '{}')
	  FROM jsonb_each(CASE jsonb_typeof(claims) WHEN 'object' THEN claims ELSE '{}' END) c
	 WHERE c.key IN ('kind', 'family_name', 'given_name', 'date_of_birth', 'identifier', 'legal_name', 'level_of_assurance', 'source')
	   AND jsonb_typeof(c.value) = 'string' AND length(c.value #>> '{}') BETWEEN 1 AND 512;
END;
COMMENT ON FUNCTION ootspg_internal.known_claims(jsonb) IS 'attributes, level and source of a sign-in as far as they are texts of at most 512 characters';

-- NULL where the mandatory ones are not all there, or the day of birth is none.
CREATE FUNCTION ootspg_internal.person_of(attributes jsonb) RETURNS ootspg.subject
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'
AS $$
BEGIN
	IF attributes->>'kind' = 'legal person' THEN
		RETURN CASE WHEN attributes ? 'identifier' THEN ootspg.legal_person(attributes->>'identifier', attributes->>'legal_name') END;
	END IF;
	RETURN CASE WHEN attributes ?& '{family_name,given_name,date_of_birth}' AND attributes->>'date_of_birth' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
		THEN ootspg.natural_person(attributes->>'family_name', attributes->>'given_name', (attributes->>'date_of_birth')::date, attributes->>'identifier') END;
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow THEN
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.person_of(jsonb) IS 'attributes of a request or a sign-in as a subject; NULL when a mandatory one is missing';

CREATE FUNCTION ootspg_internal.judge_sign_in(asked jsonb, verified jsonb, needed text, first_given_name boolean) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT CASE
		WHEN ootspg_internal.person_of(verified) IS NULL OR ootspg_internal.level_rank(verified->>'level_of_assurance') IS NULL OR NOT verified ? 'source' THEN 'incomplete'
		WHEN coalesce(cardinality(ootspg_internal.identity_differences(ootspg_internal.person_of(asked), ootspg_internal.person_of(verified), first_given_name)), 1) > 0 THEN 'different'
		WHEN ootspg_internal.level_rank(verified->>'level_of_assurance') < ootspg_internal.level_rank(needed) THEN 'level too low'
		ELSE 'same' END
$$;
COMMENT ON FUNCTION ootspg_internal.judge_sign_in(jsonb, jsonb, text, boolean) IS 'what becomes of a sign-in: same, different, incomplete or level too low (D-PRE-10, D-PRE-11)';

-- Who comes late has been told so, and nothing was compared: then nothing is logged.
CREATE FUNCTION ootspg_internal.log_matching(s ootspg_internal.preview_session, asked jsonb, verified jsonb, result text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	policy ootspg.matching_policy;
	number bigint := nextval('ootspg.matching_log_matching_id_seq');
BEGIN
	SELECT * INTO policy FROM ootspg.matching_policy p WHERE p.provider = s.provider;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('provider "%s" has no matching log, and users sign in again', s.provider), 'Write a row of ootspg.matching_policy.');
	END IF;
	INSERT INTO ootspg.matching_log (matching_id, exchange_id, provider, evidence_type, result, source, level_of_assurance, policy_version, key_uri, sealed)
	OVERRIDING SYSTEM VALUE
	VALUES (number, s.exchange_id, s.provider, s.evidence_type, result, verified->>'source', verified->>'level_of_assurance', ootspg.name_policy_version(), policy.key_uri,
			ootspg_internal.matching_close(s.provider, policy.key_uri, number, convert_to(jsonb_build_object('asked', asked, 'verified', verified)::text, 'UTF8')));
END $$;
COMMENT ON FUNCTION ootspg_internal.log_matching(ootspg_internal.preview_session, jsonb, jsonb, text) IS 'a row of the matching log; OT004 when its key cannot be used: then nobody is let in (D-LOG-26)';

CREATE FUNCTION ootspg.preview_authenticate(link text, browser text, claims jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.preview_session := ootspg_internal.preview_of(link);
	verified jsonb := ootspg_internal.known_claims(claims);
	asked jsonb;
	type ootspg.evidence_type;
	result text;
BEGIN
	SELECT x.* INTO s FROM ootspg_internal.preview_session x WHERE x.session_id = s.session_id FOR UPDATE;
	IF ootspg_internal.preview_page(s, browser) <> 'authenticate' THEN
		RETURN ootspg.preview_look(link, browser);
	END IF;
	SELECT * INTO type FROM ootspg.evidence_type t WHERE t.evidence_type = s.evidence_type;
	asked := ootspg_internal.preview_kept(s, link, 'person');
	result := ootspg_internal.judge_sign_in(asked, verified, coalesce(type.level_of_assurance, 'High'), coalesce(type.given_names = 'first', false));
	PERFORM ootspg_internal.log_matching(s, asked, verified, result);
	PERFORM ootspg_internal.tell_preview(s, 'preview_authenticated', jsonb_strip_nulls(jsonb_build_object('source', verified->>'source', 'level_of_assurance', verified->>'level_of_assurance')), result);
	IF result = 'same' THEN
		UPDATE ootspg_internal.preview_session x SET authenticated_at = clock_timestamp(), failed_sign_ins = 0 WHERE x.session_id = s.session_id;
		RETURN ootspg.preview_look(link, browser);
	END IF;
	UPDATE ootspg_internal.preview_session x
	   SET failed_sign_ins = x.failed_sign_ins + 1,
		   locked_until = CASE WHEN (x.failed_sign_ins + 1) % (SELECT p.tries FROM ootspg.matching_policy p WHERE p.provider = x.provider) = 0 THEN clock_timestamp() + interval '15 min' END
	 WHERE x.session_id = s.session_id RETURNING x.* INTO s;
	IF s.locked_until IS NOT NULL THEN
		PERFORM ootspg_internal.tell_preview(s, 'preview_locked');
		RETURN ootspg.preview_look(link, browser);
	END IF;
	-- the same page whatever differs, so that nobody learns what to change (D-PRE-25, UX-27)
	RETURN ootspg.preview_look(link, browser) || '{"page": "somebody_else"}';
END $$;
COMMENT ON FUNCTION ootspg.preview_authenticate(text, text, jsonb) IS
'the user signed in again: family_name, given_name, date_of_birth, identifier (of companies kind, identifier, legal_name), level_of_assurance and source are compared with the request; answers as preview_look() does, page somebody_else when they are not of one person, or locked';
