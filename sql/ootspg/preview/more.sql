-- Who the user is, where the first request left several persons (D-PRE-10, D-PRE-13): a new sign-in, and what the type
-- declares and the user says, narrow to exactly one, or nothing is shown. What was said goes into the matching log, and nowhere else.

CREATE FUNCTION ootspg_internal.narrow_preview(session_id bigint, link text, columns text[], vals text[], identifier text,
	OUT matching text, OUT reason text, OUT candidates integer, OUT linked boolean) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_narrow_preview'
LANGUAGE C VOLATILE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg_internal.narrow_preview(bigint, text, text[], text[], text) IS
'asks the registry once more, as the role that answered the first request, with columns of the view of persons and what is said of them, and an identifier of the new sign-in (empty: none); when exactly one person is left the pieces are built and put aside. matching: done, open (nobody, or still several), not found or no record (one, who gets nothing)';

CREATE FUNCTION ootspg_internal.keep_preview_claims(s ootspg_internal.preview_session, claims jsonb) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
	INSERT INTO ootspg_internal.preview_content (session_id, kind, number, sealed)
	VALUES ((s).session_id, 'claims', 0, ootspg_internal.preview_seal((s).public_key, (s).session_id, 'claims', 0, convert_to(claims::text, 'UTF8')))
	ON CONFLICT ON CONSTRAINT preview_content_pkey DO UPDATE SET sealed = EXCLUDED.sealed
$$;
COMMENT ON FUNCTION ootspg_internal.keep_preview_claims(ootspg_internal.preview_session, jsonb) IS 'keeps what the new sign-in said until it is known who the user is, encrypted to the link';

-- The end of a preview that shows nothing: the requester is told in its second request, now or when it comes (D-PRE-29).
CREATE FUNCTION ootspg_internal.end_unmatched(s ootspg_internal.preview_session, link text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM ootspg_internal.preview_content c WHERE c.session_id = s.session_id AND c.kind NOT IN ('request', 'return');
	IF s.second_exchange_id IS NOT NULL THEN
		PERFORM ootspg_internal.answer_preview(s.session_id, link);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.end_unmatched(ootspg_internal.preview_session, text) IS 'erases what was kept of a preview that ends without evidence, and answers its second request when it is there';

-- Three wrong answers are the end: who guesses has to begin at the portal again (D-PRE-28).
CREATE FUNCTION ootspg_internal.match_preview(INOUT s ootspg_internal.preview_session, link text, declared jsonb DEFAULT '{}')
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	claims jsonb := coalesce(ootspg_internal.preview_kept(s, link, 'claims'), '{}');
	about jsonb := ootspg_internal.preview_kept(s, link, 'about');
	known jsonb := ootspg_internal.preview_known(s, link);
	further jsonb;
	asked integer := jsonb_array_length(ootspg_internal.preview_questions(s, link)->'ask');
	result record;
BEGIN
	further := known - '{kind,family_name,given_name,date_of_birth,identifier,legal_name}'::text[] || declared;
	SELECT r.* INTO result FROM ootspg_internal.narrow_preview(s.session_id, link, ARRAY(SELECT f.key FROM jsonb_each_text(further) f ORDER BY 1),
		ARRAY(SELECT f.value FROM jsonb_each_text(further) f ORDER BY f.key), CASE WHEN about->>'kind' = 'self' THEN coalesce(claims->>'identifier', '') ELSE '' END) r;
	UPDATE ootspg_internal.preview_session x
	   SET attempts = x.attempts + (result.matching = 'open' AND declared <> '{}')::integer,
		   matching = CASE WHEN result.matching = 'open' AND (asked = 0 OR declared <> '{}' AND x.attempts >= 2) THEN 'not found' ELSE result.matching END
	 WHERE x.session_id = s.session_id RETURNING x.* INTO s;
	IF s.matching IN ('not found', 'no record') THEN
		UPDATE ootspg_internal.preview_session x SET state = 'decided' WHERE x.session_id = s.session_id RETURNING x.* INTO s;
	END IF;
	PERFORM ootspg_internal.tell_preview(s, CASE s.matching WHEN 'done' THEN 'preview_matched' WHEN 'open' THEN 'preview_unmatched' ELSE 'preview_not_found' END,
		jsonb_build_object('attributes', ARRAY(SELECT f.key FROM jsonb_each(further) f ORDER BY 1), 'declared', ARRAY(SELECT d.key FROM jsonb_each(declared) d ORDER BY 1),
			'candidates', result.candidates, 'linked', result.linked, 'attempts', s.attempts), result.reason);
	IF s.matching = 'done' THEN
		DELETE FROM ootspg_internal.preview_content c WHERE c.session_id = s.session_id AND c.kind IN ('first', 'claims');
	ELSIF s.matching <> 'open' THEN
		PERFORM ootspg_internal.end_unmatched(s, link);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.match_preview(ootspg_internal.preview_session, text, jsonb) IS 'matches the user by the new sign-in and what was declared, with an event that names the attributes and no value (D-IDM-26); ends the preview when nothing more can be asked, or the third answer fits nobody';

CREATE FUNCTION ootspg_internal.preview_attribute_faults(ask jsonb, attributes jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'
AS $$
DECLARE
	q record;
	given text;
	faults jsonb := '{}';
BEGIN
	FOR q IN SELECT a->>'attribute' AS name, (a->>'date')::boolean AS is_date FROM jsonb_array_elements(ask) a LOOP
		given := attributes->>q.name;
		IF coalesce(btrim(given), '') = '' THEN
			faults := faults || jsonb_build_object(q.name, 'missing');
		ELSIF jsonb_typeof(attributes->q.name) <> 'string' OR length(given) > 512 OR q.is_date AND given !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
			faults := faults || jsonb_build_object(q.name, 'invalid');
		ELSIF q.is_date THEN
			BEGIN
				PERFORM given::date;
			EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
				faults := faults || jsonb_build_object(q.name, 'invalid');
			END;
		END IF;
	END LOOP;
	RETURN faults;
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_attribute_faults(jsonb, jsonb) IS 'what is wrong with what a user says of themselves, by attribute: missing, or invalid; {}: nothing';

CREATE FUNCTION ootspg.preview_add(link text, browser text, attributes jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.preview_session := ootspg_internal.preview_of(link);
	ask jsonb;
	faults jsonb;
	about jsonb;
	claims jsonb;
BEGIN
	SELECT x.* INTO s FROM ootspg_internal.preview_session x WHERE x.session_id = s.session_id FOR UPDATE;
	IF ootspg_internal.preview_page(s, browser) <> 'more' THEN
		RETURN ootspg.preview_look(link, browser);
	END IF;
	ask := ootspg_internal.preview_questions(s, link)->'ask';
	IF jsonb_typeof(attributes) IS DISTINCT FROM 'object' OR length(attributes::text) > 10000
		OR EXISTS (SELECT FROM jsonb_object_keys(attributes) k WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(ask) a WHERE a->>'attribute' = k)) THEN
		RAISE EXCEPTION 'attributes are those that preview_look() asks for' USING ERRCODE = 'OT009', HINT = 'Each attribute of facts.ask has its text.';
	END IF;
	faults := ootspg_internal.preview_attribute_faults(ask, attributes);
	IF faults <> '{}' THEN
		RETURN jsonb_build_object('errors', faults);
	END IF;
	about := ootspg_internal.preview_kept(s, link, 'about');
	claims := ootspg_internal.preview_kept(s, link, 'claims');
	s := ootspg_internal.match_preview(s, link, attributes);
	PERFORM ootspg_internal.log_matching(s, about, claims, CASE s.matching WHEN 'open' THEN 'not matched' WHEN 'not found' THEN 'not matched' ELSE 'matched' END, attributes);
	IF s.matching = 'open' THEN
		RETURN jsonb_build_object('errors', (SELECT jsonb_object_agg(a->>'attribute', 'unmatched') FROM jsonb_array_elements(ask) a));
	END IF;
	RETURN ootspg.preview_look(link, browser);
END $$;
COMMENT ON FUNCTION ootspg.preview_add(text, text, jsonb) IS
'what the user says of themselves, as facts.ask of page "more" asks: used for matching only. {"errors": {attribute: missing | invalid | unmatched}} where it does not do: unmatched says that all of them together fit nobody, and the third time ends the preview; answers as preview_look() does otherwise';
