-- What a preview space asks. Each function takes the link's token, and the secret that the program put into the browser's
-- cookie; whatever is not a live link of the session's role is told alike: page neutral (D-PRE-07).
-- In PL/pgSQL, which keeps plans for the session: functions of SQL made them anew at each look, and that was most of its work.

CREATE FUNCTION ootspg_internal.preview_of(link text) RETURNS ootspg_internal.preview_session
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT s FROM ootspg_internal.preview_session s
	 WHERE s.link_digest = ootspg_internal.preview_digest(link) AND ootspg_internal.has_duty(session_user, 'preview', s.provider));
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_of(text) IS 'the preview of a link, if the session''s role serves its provider';

CREATE FUNCTION ootspg_internal.preview_is_bound(s ootspg_internal.preview_session, browser text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN coalesce(sha256(convert_to(preview_is_bound.browser, 'UTF8')) = (s).browser_digest, false);
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_is_bound(ootspg_internal.preview_session, text) IS 'did the preview begin in this browser?';

-- Time over, answered, decided: told to the browser that began, and to nobody else (UX-24).
CREATE FUNCTION ootspg_internal.preview_page(s ootspg_internal.preview_session, browser text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN CASE
		WHEN (s).session_id IS NULL THEN 'neutral'
		WHEN (s).browser_digest IS NULL THEN CASE WHEN (s).state = 'issued' AND clock_timestamp() <= (s).ends_at THEN 'welcome' ELSE 'neutral' END
		WHEN NOT ootspg_internal.preview_is_bound(s, preview_page.browser) THEN
			CASE WHEN (s).state = 'open' AND clock_timestamp() <= (s).ends_at
					AND EXISTS (SELECT FROM ootspg.preview_space p WHERE p.provider = (s).provider AND p.takeover) THEN 'other_browser' ELSE 'neutral' END
		WHEN (s).state = 'answered' THEN CASE WHEN (s).matching = 'done' THEN 'done' ELSE 'not_found' END
		WHEN (s).state = 'expired' OR clock_timestamp() > (s).ends_at THEN 'over'
		WHEN (s).state = 'decided' THEN CASE WHEN (s).matching = 'done' THEN 'waiting' ELSE 'not_found' END
		WHEN (s).authentication AND (s).authenticated_at IS NULL THEN CASE WHEN (s).locked_until > clock_timestamp() THEN 'locked' ELSE 'authenticate' END
		WHEN (s).matching = 'open' THEN 'more'
		ELSE 'list' END;
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_page(ootspg_internal.preview_session, text) IS 'which page a browser is to see';

-- Something that is kept for the link, as JSON; NULL when it is not there (any more).
CREATE FUNCTION ootspg_internal.preview_kept(s ootspg_internal.preview_session, link text, kind text, number integer DEFAULT 0) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT convert_from(ootspg_internal.preview_unseal(preview_kept.link, c.session_id, c.kind, c.number, c.sealed), 'UTF8')::jsonb
	  FROM ootspg_internal.preview_content c WHERE c.session_id = (s).session_id AND c.kind = preview_kept.kind AND c.number = preview_kept.number);
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_kept(ootspg_internal.preview_session, text, text, integer) IS 'what is kept for a link, as JSON';

CREATE FUNCTION ootspg_internal.preview_time(moment timestamptz) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN CASE WHEN isfinite(moment) THEN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END;
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_time(timestamptz) IS 'a time as pages get it; NULL for never';

-- The Commission's names (code list Procedures), unless the space has its own: texts "procedure.R1".
CREATE FUNCTION ootspg_internal.preview_procedure_names(p ootspg.preview_space, code text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN coalesce((SELECT jsonb_build_object('en', n.name) FROM (VALUES
		('R1', 'Requesting a birth certificate'),
		('S1', 'Requesting proof of residence'),
		('T1', 'Applying for a tertiary education study financing, such as study grants and loans from a public body or institution'),
		('T2', 'Submitting an initial application for admission to public tertiary education institution'),
		('T3', 'Requesting academic recognition of diplomas, certificates or other proof of studies or courses'),
		('U1', 'Request for determination of applicable legislation in accordance with Title II of Regulation (EC) No 883/2004'),
		('U2', 'Notifying changes in the personal or professional circumstances of the person receiving social security benefits, relevant for such benefits'),
		('U3', 'Application for a European Health Insurance Card (EHIC)'),
		('U4', 'Submitting an income tax declaration'),
		('V1', 'Registering a change of address'),
		('V2', 'Registering a motor vehicle originating from or already registered in a Member State, in standard procedures'),
		('V3', 'Obtaining stickers for the use of the national road infrastructure: time-based charges (vignette), distance-based charges (toll), issued by a public body or institution'),
		('V4', 'Obtaining emission stickers issued by a public body or institution'),
		('W1', 'Claiming pension and pre-retirement benefits from compulsory schemes'),
		('W2', 'Requesting information on the data related to pension from compulsory schemes'),
		('X1', 'Notification of business activity, permission for exercising a business activity, changes of business activity and the termination of a business activity'),
		('X2', 'Registration of an employer (a natural person) with compulsory pension and insurance schemes'),
		('X3', 'Registration of employees with compulsory pension and insurance schemes'),
		('X4', 'Submitting a corporate tax declaration'),
		('X5', 'Notification to the social security schemes of the end of contract with an employee'),
		('X6', 'Payment of social contributions for employees')) n(code, name) WHERE n.code = preview_procedure_names.code), '{}')
		|| ootspg_internal.by_language((p).texts->('procedure.' || preview_procedure_names.code));
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_procedure_names(ootspg.preview_space, text) IS 'what a procedure is called, by language: the Commission''s name in English, and the names of the space';

-- What is closed is closed for new previews; whoever began goes on (D-OPS-12, UX-26).
CREATE FUNCTION ootspg_internal.preview_closing(p ootspg.preview_space) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN jsonb_build_object('closed_from', CASE WHEN (p).closed_until > clock_timestamp() AND (p).closed_from > clock_timestamp() THEN ootspg_internal.preview_time((p).closed_from) END,
		'closed_until', CASE WHEN (p).closed_until > clock_timestamp() THEN ootspg_internal.preview_time((p).closed_until) END);
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_closing(ootspg.preview_space) IS 'from when, NULL for now, and until when no preview begins; NULL: none is planned';

-- Whatever leads nowhere, told alike; while the space of the role is closed, that it is.
CREATE FUNCTION ootspg_internal.preview_nowhere() RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT coalesce((SELECT CASE WHEN p.closed_until > clock_timestamp() AND coalesce(p.closed_from, '-infinity') <= clock_timestamp()
			THEN jsonb_build_object('page', 'closed', 'facts', ootspg_internal.preview_closing(p)
					|| jsonb_build_object('provider', jsonb_build_object('names', ootspg_internal.by_language(coalesce(p.authority, v.name)), 'official', ootspg_internal.by_language(v.name), 'country', v.country))) END
		FROM ootspg.preview_space p JOIN ootspg.provider v USING (provider)
	   WHERE ootspg_internal.has_duty(session_user, 'preview', p.provider) ORDER BY p.provider LIMIT 1), '{"page": "neutral"}')
$$;
COMMENT ON FUNCTION ootspg_internal.preview_nowhere() IS 'page neutral; page closed while the space is closed, of several that the role serves the first by name';

CREATE FUNCTION ootspg_internal.preview_facts(s ootspg_internal.preview_session, link text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT jsonb_build_object(
		'reference', (s).exchange_id::text,
		'requester', jsonb_build_object('names', ootspg_internal.by_language((s).requester->'names'), 'official', ootspg_internal.by_language((s).requester->'names'),
			'country', (s).requester->>'country'),
		'provider', jsonb_build_object('names', ootspg_internal.by_language(coalesce(x.authority, p.name)), 'official', ootspg_internal.by_language(p.name), 'country', p.country),
		'procedure', jsonb_build_object('code', (s).procedure_code, 'names', ootspg_internal.preview_procedure_names(x, (s).procedure_code)),
		'evidence', ootspg_internal.by_language(t.title),
		'about', ootspg_internal.preview_kept(s, preview_facts.link, 'about') - 'persons' - 'subject' - CASE WHEN (s).authentication AND (s).authenticated_at IS NULL THEN 'name' ELSE '' END,
		'deadline', ootspg_internal.preview_time((s).ends_at - x.margin),
		'second_request', (s).second_exchange_id IS NOT NULL,
		'return', ootspg_internal.preview_kept(s, preview_facts.link, 'return'),
		'line', substr((s).line, strpos((s).line, ':v') + 2),
		'reauthentication', jsonb_build_object('required', (s).authentication, 'level', t.level_of_assurance, 'done', (s).authenticated_at IS NOT NULL),
		'ask', '[]'::jsonb, 'known', '{}'::jsonb,	-- page "more" has them
		'correction_url', ootspg_internal.by_language(x.correction_url),
		'decided_at', ootspg_internal.preview_time((s).decided_at),
		'sent', (SELECT count(*) FROM ootspg_internal.preview_piece q WHERE q.session_id = (s).session_id AND q.accepted AND q.part = 1),
		'locked_until', ootspg_internal.preview_time((s).locked_until)) || ootspg_internal.preview_closing(x)
	  FROM ootspg.provider p JOIN ootspg.preview_space x USING (provider) LEFT JOIN ootspg.evidence_type t ON t.evidence_type = (s).evidence_type
	 WHERE p.provider = (s).provider);
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_facts(ootspg_internal.preview_session, text) IS 'what every page of a preview may say';

CREATE FUNCTION ootspg_internal.preview_pieces(s ootspg_internal.preview_session, link text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT jsonb_agg(l.item ORDER BY l.piece) FROM (
	SELECT m.piece, jsonb_build_object(
		'piece', m.piece,
		'titles', ootspg_internal.by_language(t.title), 'title', f->>'title',
		'issuer', ootspg_internal.by_language(coalesce(f->'issuer', p.name)),
		'issued', f->>'issued', 'valid_from', f->>'valid_from', 'valid_until', f->>'valid_until',
		'language', lower(m.language), 'available_at', NULL, 'sealed', m.seal_key IS NOT NULL,
		'rendering', ootspg_internal.preview_is_rendered(m),
		'parts', (SELECT jsonb_agg(jsonb_build_object('part', q.part, 'role', CASE q.role WHEN 'MainEvidence' THEN 'main' WHEN 'Translation' THEN 'translation' WHEN 'Annex' THEN 'annex' ELSE 'readable' END,
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
	 WHERE c.session_id = (s).session_id AND c.kind = 'awaited') l);
END $$;
COMMENT ON FUNCTION ootspg_internal.preview_pieces(ootspg_internal.preview_session, text) IS 'the pieces of a preview, as its list shows them';

-- What is known of the person is not asked again (UX-31); what the user says is never evidence.
CREATE FUNCTION ootspg_internal.preview_known(s ootspg_internal.preview_session, link text) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT CASE WHEN about->>'kind' = 'self' THEN coalesce(ootspg_internal.preview_kept(s, preview_known.link, 'claims'), '{}') - '{kind,level,source,legal_name}'::text[] ELSE '{}' END
		|| (about->'subject'->0) - 'kind'
	  FROM ootspg_internal.preview_kept(s, preview_known.link, 'about') about
$$;
COMMENT ON FUNCTION ootspg_internal.preview_known(ootspg_internal.preview_session, text) IS 'attributes of the person that the request is about, as it has them; what it has not by the new sign-in, where nobody acts for them';

CREATE FUNCTION ootspg_internal.preview_questions(s ootspg_internal.preview_session, link text) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT jsonb_build_object('known', k, 'ask', coalesce((
		SELECT jsonb_agg(jsonb_build_object('attribute', a.key, 'labels', ootspg_internal.by_language(a.value), 'date', EXISTS (
					SELECT FROM pg_attribute c WHERE c.attname = a.key AND c.atttypid = 'date'::regtype AND NOT c.attisdropped AND (c.attrelid = t.subject_source
						OR t.subject_source IS NULL AND c.attrelid IN (SELECT d.source FROM ootspg.distribution d WHERE d.evidence_type = t.evidence_type)))) ORDER BY a.key)
		  FROM ootspg.evidence_type t, jsonb_each(t.additional_attributes) a WHERE t.evidence_type = (s).evidence_type AND NOT k ? a.key), '[]'))
	  FROM ootspg_internal.preview_known(s, preview_questions.link) k
$$;
COMMENT ON FUNCTION ootspg_internal.preview_questions(ootspg_internal.preview_session, text) IS 'facts of page "more": what is known, and what the type declares and is not known';

CREATE FUNCTION ootspg.preview_look(link text, browser text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.preview_session := ootspg_internal.preview_of(link);
	page text := ootspg_internal.preview_page(s, browser);
BEGIN
	CASE page
		WHEN 'neutral' THEN RETURN ootspg_internal.preview_nowhere();
		WHEN 'other_browser' THEN RETURN jsonb_build_object('page', page);
		WHEN 'list' THEN RETURN jsonb_build_object('page', page, 'facts', ootspg_internal.preview_facts(s, link), 'pieces', ootspg_internal.preview_pieces(s, link));
		WHEN 'more' THEN RETURN jsonb_build_object('page', page, 'facts', ootspg_internal.preview_facts(s, link) || ootspg_internal.preview_questions(s, link));
		ELSE RETURN jsonb_build_object('page', page, 'facts', ootspg_internal.preview_facts(s, link));
	END CASE;
END $$;
COMMENT ON FUNCTION ootspg.preview_look(text, text) IS
'what a browser is to see behind a link, {"page": …, "facts": …, "pieces": …}; changes nothing. page is welcome, authenticate, locked, more, not_found, list, waiting, done, over, other_browser, closed, or neutral, which has nothing else';

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
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (q).media_type IN ('application/xml', 'application/json');
END $$;
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
	facts := ootspg_internal.preview_kept(s, link, 'facts', q.number) || jsonb_build_object('identifier', q.evidence_id, 'language', q.language, 'provider', s.provider);
	-- who issued it is said where another authority did than the provider, whose address is known
	IF facts->'issuer' IS NULL THEN
		SELECT facts || jsonb_build_object('issuer', ootspg_internal.by_language(p.name), 'place', p.full_address) INTO facts FROM ootspg.provider p WHERE p.provider = s.provider;
	END IF;
	RETURN ootspg_internal.html_rendering(q.data_model, q.data_model_version, q.media_type, (SELECT p.content FROM ootspg.preview_part(link, browser, q.piece, 1) p),
		ARRAY[preview_rendering.language], facts);
END $$;
COMMENT ON FUNCTION ootspg.preview_rendering(text, text, integer, text) IS 'structured evidence as HTML for people, made of the very bytes that would be sent; NULL when the piece is a document of its own, or not to be seen';
