-- Signing in once more (D-PRE-10 to -13, -34; D-IDM-23): the space hands in what a trusted proxy says of the user, and it is
-- compared with the request by the house's own rules for names. What was compared goes into a log of its own, which
-- Implementing Regulation (EU) 2025/846 art. 5 asks for, and nobody reads without a key that the database does not have.

CREATE TABLE ootspg.matching_log (
	logged_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	entry			bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	provider		text NOT NULL,
	exchange_id		bigint NOT NULL,
	result			text NOT NULL CHECK (result IN ('same person', 'somebody else', 'level too low', 'matched', 'not matched')),
	source			text,
	level			text,
	key_digest		bytea NOT NULL,
	sealed			bytea NOT NULL,
	erase_at		timestamptz NOT NULL
);
CREATE INDEX matching_log_erase_at ON ootspg.matching_log (erase_at);
COMMENT ON TABLE ootspg.matching_log IS 'what users who signed in again said of themselves, and what it was compared with; sealed to preview_space.matching_key (D-LOG-29)';
COMMENT ON COLUMN ootspg.matching_log.logged_at IS 'when it was compared';
COMMENT ON COLUMN ootspg.matching_log.entry IS 'number of the entry';
COMMENT ON COLUMN ootspg.matching_log.provider IS 'whose evidence was asked for; who has the duty to read its log sees it';
COMMENT ON COLUMN ootspg.matching_log.exchange_id IS 'exchange that offered the preview';
COMMENT ON COLUMN ootspg.matching_log.result IS 'of a new sign-in: same person, somebody else, or level too low; of what the user said besides: matched, or not matched';
COMMENT ON COLUMN ootspg.matching_log.source IS 'who vouched for the user, as the proxy says';
COMMENT ON COLUMN ootspg.matching_log.level IS 'level of assurance, as the proxy says; NULL: none that is known';
COMMENT ON COLUMN ootspg.matching_log.key_digest IS 'SHA-256 of the public key that it is sealed to';
COMMENT ON COLUMN ootspg.matching_log.sealed IS 'the values, for ootspg.read_matching_log()';
COMMENT ON COLUMN ootspg.matching_log.erase_at IS 'when it goes: 6 to 12 months after it was written, or later where a law says so';
ALTER TABLE ootspg.matching_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_log ON ootspg.matching_log FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, 'matching')) && ARRAY['*', provider]);
SELECT pg_catalog.pg_extension_config_dump('ootspg.matching_log', '');

CREATE FUNCTION ootspg.new_matching_key(OUT public_key bytea, OUT private_key bytea) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_new_matching_key'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION ootspg.new_matching_key() IS
'a key pair for the matching log: public_key goes into preview_space.matching_key, private_key to whoever is to read the log, outside of this database, which does not keep it';

CREATE FUNCTION ootspg_internal.open_matching(private_key bytea, exchange_id bigint, sealed bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_open_matching'
LANGUAGE C IMMUTABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.open_matching(bytea, bigint, bytea) IS 'values of an entry of the matching log; raises OT009 when the key is another';

CREATE FUNCTION ootspg_internal.matching_key_digest(private_key bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_matching_key_digest'
LANGUAGE C IMMUTABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.matching_key_digest(bytea) IS 'by which entries of the matching log are known to be sealed to a key';

CREATE FUNCTION ootspg.read_matching_log(private_key bytea, exchange_id bigint DEFAULT NULL,
	OUT logged_at timestamptz, OUT exchange bigint, OUT result text, OUT source text, OUT level text, OUT entry_values jsonb) RETURNS SETOF record
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT m.logged_at, m.exchange_id, m.result, m.source, m.level, convert_from(ootspg_internal.open_matching(read_matching_log.private_key, m.exchange_id, m.sealed), 'UTF8')::jsonb
	  FROM ootspg.matching_log m
	 WHERE m.key_digest = ootspg_internal.matching_key_digest(read_matching_log.private_key) AND (read_matching_log.exchange_id IS NULL OR m.exchange_id = read_matching_log.exchange_id)
	 ORDER BY m.entry;
END;
COMMENT ON FUNCTION ootspg.read_matching_log(bytea, bigint) IS 'entries that are sealed to the key, of all exchanges or of one, with their values';

CREATE FUNCTION ootspg_internal.identity_differences(asked ootspg.subject, verified ootspg.subject, first_given_name boolean) RETURNS text[]
AS 'MODULE_PATHNAME', 'ootspg_identity_differences'
LANGUAGE C IMMUTABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.identity_differences(ootspg.subject, ootspg.subject, boolean) IS
'mandatory attributes in which two sign-ins are not those of one person, by the rules of matching; identifiers count where they are of one pair of countries; {}: one person (D-PRE-10, D-PRE-12)';

CREATE FUNCTION ootspg_internal.level_rank(level text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT array_position(ARRAY['low', 'substantial', 'high'], lower(substring(level FROM '[^/]*$')));
END;
COMMENT ON FUNCTION ootspg_internal.level_rank(text) IS 'levels of assurance in their order, 1 to 3, by name or by the address that eIDAS gives them; NULL: none of them';

-- Whatever else a sign-in tells is left where it came from (GDPR art. 5(1)(c)).
CREATE FUNCTION ootspg_internal.known_claims(claims jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(c.key, c.value), '{}') FROM jsonb_each(claims) c
	 WHERE c.key IN ('kind', 'family_name', 'given_name', 'date_of_birth', 'identifier', 'legal_name', 'birth_name', 'place_of_birth', 'person_id', 'level', 'source')
	   AND jsonb_typeof(c.value) = 'string' AND length(c.value #>> '{}') BETWEEN 1 AND 512;
END;
COMMENT ON FUNCTION ootspg_internal.known_claims(jsonb) IS 'attributes, level and source of a sign-in as far as they are texts of at most 512 characters';

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
COMMENT ON FUNCTION ootspg_internal.person_of(jsonb) IS 'attributes of a request or a sign-in as a subject; NULL when a mandatory one is missing, or the day is none';

-- Whom the request is about, or who acts for them: one of these persons is in front of the screen.
CREATE FUNCTION ootspg_internal.preview_same_person(s ootspg_internal.preview_session, about jsonb, claims jsonb) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT EXISTS (SELECT FROM jsonb_array_elements(about->'persons') p LEFT JOIN ootspg.evidence_type t ON t.evidence_type = (s).evidence_type
		WHERE ootspg_internal.identity_differences(ootspg_internal.person_of(p), ootspg_internal.person_of(claims), coalesce(t.given_names = 'first', false)) = '{}')
$$;
COMMENT ON FUNCTION ootspg_internal.preview_same_person(ootspg_internal.preview_session, jsonb, jsonb) IS 'do the mandatory attributes of a new sign-in say the person of the request? By names and birth date, for another sign-in may give an identifier for another pair of countries (D-PRE-12); of a company by the identifier';

CREATE FUNCTION ootspg_internal.preview_compare(s ootspg_internal.preview_session, about jsonb, claims jsonb) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT CASE WHEN coalesce(ootspg_internal.level_rank(claims->>'level') < ootspg_internal.level_rank(
						(SELECT t.level_of_assurance FROM ootspg.evidence_type t WHERE t.evidence_type = (s).evidence_type)), true) THEN 'level too low'
				WHEN ootspg_internal.preview_same_person(s, about, claims) THEN 'same person' ELSE 'somebody else' END
$$;
COMMENT ON FUNCTION ootspg_internal.preview_compare(ootspg_internal.preview_session, jsonb, jsonb) IS 'what comes of a new sign-in, as ootspg.matching_log.result has it';

CREATE FUNCTION ootspg_internal.log_matching(s ootspg_internal.preview_session, about jsonb, claims jsonb, result text, declared jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO ootspg.matching_log (logged_at, provider, exchange_id, result, source, level, key_digest, sealed, erase_at)
	SELECT n.now, p.provider, (s).exchange_id, result, left(claims->>'source', 200), (ARRAY['Low', 'Substantial', 'High'])[ootspg_internal.level_rank(claims->>'level')], sha256(p.matching_key),
		   ootspg_internal.preview_seal(p.matching_key, (s).exchange_id, 'matching', 0,
				convert_to(jsonb_strip_nulls(jsonb_build_object('signed_in', claims, 'declared', declared, 'requested', coalesce(about->'subject', about->'persons')))::text, 'UTF8')), n.now + p.matching_retention
	  FROM ootspg.preview_space p, (SELECT clock_timestamp() AS now) n WHERE p.provider = (s).provider AND p.matching_key IS NOT NULL;
	-- what the law wants logged and is not does not happen (D-LOG-26)
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('users sign in again, and provider "%s" keeps no log of it', s.provider), 'Set preview_space.matching_key to a key of ootspg.new_matching_key().');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.log_matching(ootspg_internal.preview_session, jsonb, jsonb, text, jsonb) IS 'an entry of the matching log; OT003 when there is no key to seal it to';

CREATE FUNCTION ootspg.preview_authenticate(link text, browser text, claims jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.preview_session := ootspg_internal.preview_of(link);
	about jsonb;
	result text;
BEGIN
	SELECT x.* INTO s FROM ootspg_internal.preview_session x WHERE x.session_id = s.session_id FOR UPDATE;
	IF ootspg_internal.preview_page(s, browser) <> 'authenticate' THEN
		RETURN ootspg.preview_look(link, browser);
	END IF;
	IF jsonb_typeof(claims) IS DISTINCT FROM 'object' OR length(claims::text) > 10000 THEN
		RAISE EXCEPTION 'claims are an object of attributes' USING ERRCODE = 'OT009', HINT = 'They are family_name, given_name, date_of_birth, level and source.';
	END IF;
	claims := ootspg_internal.known_claims(claims);
	about := ootspg_internal.preview_kept(s, link, 'about');
	result := ootspg_internal.preview_compare(s, about, claims);
	PERFORM ootspg_internal.log_matching(s, about, claims, result);
	UPDATE ootspg_internal.preview_session x
	   SET authenticated_at = CASE result WHEN 'same person' THEN clock_timestamp() END,
		   failures = CASE WHEN result = 'same person' OR x.failures >= 4 THEN 0 ELSE x.failures + 1 END,
		   locked_until = CASE WHEN result <> 'same person' AND x.failures >= 4 THEN clock_timestamp() + interval '15 min' END
	 WHERE x.session_id = s.session_id RETURNING x.* INTO s;
	PERFORM ootspg_internal.tell_preview(s, CASE result WHEN 'same person' THEN 'preview_authenticated' ELSE 'preview_not_authenticated' END,
		jsonb_build_object('level', (ARRAY['Low', 'Substantial', 'High'])[ootspg_internal.level_rank(claims->>'level')]), result);
	IF result = 'same person' AND s.matching = 'open' THEN
		PERFORM ootspg_internal.keep_preview_claims(s, claims);
		PERFORM ootspg_internal.match_preview(s, link);
	ELSIF s.locked_until IS NOT NULL THEN
		PERFORM ootspg_internal.tell_preview(s, 'preview_locked', jsonb_build_object('tries', 5), 'too many failed sign-ins');
	ELSIF result <> 'same person' THEN
		RETURN jsonb_build_object('page', 'somebody_else', 'facts', ootspg_internal.preview_facts(s, link));
	END IF;
	RETURN ootspg.preview_look(link, browser);
END $$;
COMMENT ON FUNCTION ootspg.preview_authenticate(text, text, jsonb) IS
'the user signed in again, and the proxy says {"family_name", "given_name", "date_of_birth", "identifier", "birth_name", "place_of_birth", "person_id", "level", "source"}, of a company {"kind": "legal person", "identifier", "legal_name", …}: compared with the request, other claims are left out; {"page": "somebody_else"} when it differs or the level is too low, locked after five';
