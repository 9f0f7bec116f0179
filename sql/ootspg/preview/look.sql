-- What a preview space asks. Each function takes the link's token, and the secret that the program put into the browser's
-- cookie; whatever is not a live link of the session's role is told alike: page neutral (D-PRE-07).

CREATE FUNCTION ootspg_internal.preview_of(link text) RETURNS ootspg_internal.preview_session
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT s.* FROM ootspg_internal.preview_session s
	 WHERE s.link_digest = ootspg_internal.preview_digest(link) AND ootspg_internal.has_duty(session_user, 'preview', s.provider)
$$;
COMMENT ON FUNCTION ootspg_internal.preview_of(text) IS 'the preview of a link, if the session''s role serves its provider';

CREATE FUNCTION ootspg_internal.preview_is_bound(s ootspg_internal.preview_session, browser text) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT coalesce(sha256(convert_to(preview_is_bound.browser, 'UTF8')) = (s).browser_digest, false);
END;
COMMENT ON FUNCTION ootspg_internal.preview_is_bound(ootspg_internal.preview_session, text) IS 'did the preview begin in this browser?';

-- Time over, answered, decided: told to the browser that began, and to nobody else (UX-24).
CREATE FUNCTION ootspg_internal.preview_page(s ootspg_internal.preview_session, browser text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT CASE
		WHEN (s).session_id IS NULL THEN 'neutral'
		WHEN (s).browser_digest IS NULL THEN CASE WHEN (s).state = 'issued' AND clock_timestamp() <= (s).ends_at THEN 'welcome' ELSE 'neutral' END
		WHEN NOT ootspg_internal.preview_is_bound(s, preview_page.browser) THEN
			CASE WHEN (s).state = 'open' AND clock_timestamp() <= (s).ends_at
					AND EXISTS (SELECT FROM ootspg.preview_space p WHERE p.provider = (s).provider AND p.takeover) THEN 'other_browser' ELSE 'neutral' END
		WHEN (s).state = 'answered' THEN 'done'
		WHEN (s).state = 'expired' OR clock_timestamp() > (s).ends_at THEN 'over'
		WHEN (s).state = 'decided' THEN 'waiting'
		WHEN (s).authentication AND (s).authenticated_at IS NULL THEN CASE WHEN (s).locked_until > clock_timestamp() THEN 'locked' ELSE 'authenticate' END
		ELSE 'list' END;
END;
COMMENT ON FUNCTION ootspg_internal.preview_page(ootspg_internal.preview_session, text) IS 'which page a browser is to see';

-- Something that is kept for the link, as JSON; NULL when it is not there (any more).
CREATE FUNCTION ootspg_internal.preview_kept(s ootspg_internal.preview_session, link text, kind text, number integer DEFAULT 0) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT convert_from(ootspg_internal.preview_unseal(preview_kept.link, c.session_id, c.kind, c.number, c.sealed), 'UTF8')::jsonb
	  FROM ootspg_internal.preview_content c WHERE c.session_id = (s).session_id AND c.kind = preview_kept.kind AND c.number = preview_kept.number
$$;
COMMENT ON FUNCTION ootspg_internal.preview_kept(ootspg_internal.preview_session, text, text, integer) IS 'what is kept for a link, as JSON';

CREATE FUNCTION ootspg_internal.preview_time(moment timestamptz) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT CASE WHEN isfinite(moment) THEN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END;
END;
COMMENT ON FUNCTION ootspg_internal.preview_time(timestamptz) IS 'a time as pages get it; NULL for never';

CREATE FUNCTION ootspg_internal.preview_facts(s ootspg_internal.preview_session, link text) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT jsonb_build_object(
		'reference', (s).exchange_id::text,
		'requester', jsonb_build_object('names', ootspg_internal.by_language((s).requester->'names'), 'official', ootspg_internal.by_language((s).requester->'names'),
			'country', (s).requester->>'country'),
		'provider', jsonb_build_object('names', ootspg_internal.by_language(coalesce(x.authority, p.name)), 'official', ootspg_internal.by_language(p.name), 'country', p.country),
		'procedure', jsonb_build_object('code', (s).procedure_code, 'names', '{}'::jsonb),
		'evidence', ootspg_internal.by_language(t.title),
		'about', ootspg_internal.preview_kept(s, preview_facts.link, 'about') - 'persons' - CASE WHEN (s).authentication AND (s).authenticated_at IS NULL THEN 'name' ELSE '' END,
		'deadline', ootspg_internal.preview_time((s).ends_at - x.margin),
		'second_request', (s).second_exchange_id IS NOT NULL,
		'return', ootspg_internal.preview_kept(s, preview_facts.link, 'return'),
		'line', substr((s).line, strpos((s).line, ':v') + 2),
		'reauthentication', jsonb_build_object('required', (s).authentication, 'level', t.level_of_assurance, 'done', (s).authenticated_at IS NOT NULL),
		'ask', '[]'::jsonb, 'known', '{}'::jsonb,
		'correction_url', ootspg_internal.by_language(x.correction_url),
		'decided_at', ootspg_internal.preview_time((s).decided_at),
		'sent', (SELECT count(*) FROM ootspg_internal.preview_piece q WHERE q.session_id = (s).session_id AND q.accepted AND q.part = 1),
		'locked_until', ootspg_internal.preview_time((s).locked_until), 'closed_until', NULL)
	  FROM ootspg.provider p JOIN ootspg.preview_space x USING (provider) LEFT JOIN ootspg.evidence_type t ON t.evidence_type = (s).evidence_type
	 WHERE p.provider = (s).provider
$$;
COMMENT ON FUNCTION ootspg_internal.preview_facts(ootspg_internal.preview_session, text) IS 'what every page of a preview may say';

CREATE FUNCTION ootspg_internal.preview_pieces(s ootspg_internal.preview_session, link text) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT jsonb_agg(l.item ORDER BY l.piece) FROM (
	SELECT m.piece, jsonb_build_object(
		'piece', m.piece,
		'titles', ootspg_internal.by_language(t.title), 'title', f->>'title',
		'issuer', ootspg_internal.by_language(coalesce(f->'issuer', p.name)),
		'issued', f->>'issued', 'valid_from', f->>'valid_from', 'valid_until', f->>'valid_until',
		'language', lower(m.language), 'available_at', NULL, 'sealed', m.seal_key IS NOT NULL,
		'rendering', ootspg_internal.preview_is_rendered(m),
		'parts', (SELECT jsonb_agg(jsonb_build_object('part', q.part, 'role', CASE q.role WHEN 'MainEvidence' THEN 'main' WHEN 'Translation' THEN 'translation' ELSE 'readable' END,
						'media_type', q.media_type, 'language', lower(q.language), 'size', q.size_bytes) ORDER BY q.part)
					FROM ootspg_internal.preview_piece q WHERE q.session_id = m.session_id AND q.piece = m.piece)) AS item
	  FROM ootspg_internal.preview_piece m
	  JOIN ootspg.provider p ON p.provider = (s).provider
	  LEFT JOIN ootspg.evidence_type t ON t.evidence_type = (s).evidence_type
	 CROSS JOIN LATERAL ootspg_internal.preview_kept(s, preview_pieces.link, 'facts', m.number) f
	 WHERE m.session_id = (s).session_id AND m.part = 1
	UNION ALL
	-- not there yet, so that there is nothing to look at or to decide on (D-TMO-08)
	SELECT c.number, jsonb_build_object(
		'piece', c.number,
		'titles', ootspg_internal.by_language(t.title), 'title', f->>'title',
		'issuer', ootspg_internal.by_language(coalesce(f->'issuer', p.name)),
		'issued', f->>'issued', 'valid_from', f->>'valid_from', 'valid_until', f->>'valid_until',
		'language', lower(f->>'language'), 'available_at', ootspg_internal.preview_time((f->>'available_at')::timestamptz), 'sealed', false,
		'rendering', false, 'parts', '[]'::jsonb)
	  FROM ootspg_internal.preview_content c
	  JOIN ootspg.provider p ON p.provider = (s).provider
	  LEFT JOIN ootspg.evidence_type t ON t.evidence_type = (s).evidence_type
	 CROSS JOIN LATERAL ootspg_internal.preview_kept(s, preview_pieces.link, 'awaited', c.number) f
	 WHERE c.session_id = (s).session_id AND c.kind = 'awaited') l
$$;
COMMENT ON FUNCTION ootspg_internal.preview_pieces(ootspg_internal.preview_session, text) IS 'the pieces of a preview, as its list shows them';

CREATE FUNCTION ootspg.preview_look(link text, browser text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.preview_session := ootspg_internal.preview_of(link);
	page text := ootspg_internal.preview_page(s, browser);
BEGIN
	IF page IN ('neutral', 'other_browser') THEN
		RETURN jsonb_build_object('page', page);
	END IF;
	RETURN jsonb_build_object('page', page, 'facts', ootspg_internal.preview_facts(s, link))
		|| CASE WHEN page = 'list' THEN jsonb_build_object('pieces', ootspg_internal.preview_pieces(s, link)) ELSE '{}' END;
END $$;
COMMENT ON FUNCTION ootspg.preview_look(text, text) IS
'what a browser is to see behind a link, {"page": …, "facts": …, "pieces": …}; changes nothing. page is welcome, authenticate, locked, list, waiting, done, over, other_browser or neutral, which has nothing else';

CREATE FUNCTION ootspg.preview_part(link text, browser text, piece integer, part integer, OUT media_type text, OUT language text, OUT content bytea, OUT file_name text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.preview_session := ootspg_internal.preview_of(link);
BEGIN
	IF ootspg_internal.preview_page(s, browser) <> 'list' THEN
		RETURN;
	END IF;
	RETURN QUERY
	SELECT q.media_type, lower(q.language), ootspg_internal.preview_unseal(preview_part.link, c.session_id, c.kind, c.number, c.sealed),
		   format('%s-%s%s.%s', s.evidence_type, q.piece, CASE WHEN q.part > 1 THEN '-' || q.part END,
				  CASE q.media_type WHEN 'image/jpeg' THEN 'jpg' WHEN 'image/svg+xml' THEN 'svg' ELSE split_part(q.media_type, '/', 2) END)
	  FROM ootspg_internal.preview_piece q JOIN ootspg_internal.preview_content c ON c.session_id = q.session_id AND c.number = q.number AND c.kind = 'document'
	 WHERE q.session_id = s.session_id AND q.piece = preview_part.piece AND q.part = preview_part.part;
END $$;
COMMENT ON FUNCTION ootspg.preview_part(text, text, integer, integer) IS 'the bytes of a document that would be sent; no row when the browser may not see it';

CREATE FUNCTION ootspg_internal.preview_is_rendered(q ootspg_internal.preview_piece) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT (q).media_type IN ('application/xml', 'application/json');
END;
COMMENT ON FUNCTION ootspg_internal.preview_is_rendered(ootspg_internal.preview_piece) IS 'is the document structured, so that a readable rendering is made of it?';

CREATE FUNCTION ootspg.preview_rendering(link text, browser text, piece integer, language text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.preview_session := ootspg_internal.preview_of(link);
	q ootspg_internal.preview_piece;
	facts jsonb;
BEGIN
	IF ootspg_internal.preview_page(s, browser) <> 'list' THEN
		RETURN NULL;
	END IF;
	SELECT x.* INTO q FROM ootspg_internal.preview_piece x WHERE x.session_id = s.session_id AND x.piece = preview_rendering.piece AND x.part = 1;
	IF NOT FOUND OR NOT ootspg_internal.preview_is_rendered(q) THEN
		RETURN NULL;
	END IF;
	facts := ootspg_internal.preview_kept(s, link, 'facts', q.number) || jsonb_build_object('identifier', q.evidence_id, 'language', q.language);
	RETURN ootspg_internal.html_rendering(q.data_model, q.data_model_version, q.media_type, (SELECT p.content FROM ootspg.preview_part(link, browser, q.piece, 1) p),
		ARRAY[preview_rendering.language], facts);
END $$;
COMMENT ON FUNCTION ootspg.preview_rendering(text, text, integer, text) IS 'structured evidence as HTML for people, made of the very bytes that would be sent; NULL when the piece is a document of its own, or not to be seen';
