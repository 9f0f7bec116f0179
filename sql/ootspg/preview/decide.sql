-- What changes a preview: each transition is one function with one event in the audit (D-LOG-01).

CREATE FUNCTION ootspg_internal.tell_preview(s ootspg_internal.preview_session, event_type text, facts jsonb DEFAULT NULL, detail text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.prepare_audit(clock_timestamp());
	INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type, facts, detail)
	VALUES (clock_timestamp(), s.exchange_id, s.provider, tell_preview.event_type, tell_preview.facts, tell_preview.detail);
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_preview(ootspg_internal.preview_session, text, jsonb, text) IS 'an event of a preview, in the audit of the exchange that began it';

-- Every piece that was offered, and what became of it (D-LOG-07).
CREATE FUNCTION ootspg_internal.tell_decisions(s ootspg_internal.preview_session) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.prepare_audit(clock_timestamp());
	INSERT INTO ootspg.evidence_event (event_time, exchange_id, provider, evidence_id, role, media_type, content_id, size_bytes, sha256_as_held,
									   conforms_to, language, seal_key, certificate_sha256, seal_level, decision)
	SELECT clock_timestamp(), s.exchange_id, s.provider, q.evidence_id, q.role, q.media_type, q.content_id, q.size_bytes, q.sha256,
		   q.conforms_to, q.language, q.seal_key, q.certificate_sha256, q.seal_level,
		   CASE q.accepted WHEN true THEN 'approved' WHEN false THEN 'rejected' ELSE 'left_without_decision' END
	  FROM ootspg_internal.preview_piece q WHERE q.session_id = s.session_id ORDER BY q.number;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_decisions(ootspg_internal.preview_session) IS 'a row of ootspg.evidence_event for each document that a preview offered';

-- In 1.x it comes by the browser and is nobody's word: https only, shown and never followed (D-PRE-19, D-PRE-33).
CREATE FUNCTION ootspg_internal.preview_return(provider text, url text, method text) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT jsonb_build_object('url', url, 'host', (regexp_match(url, '^https://([^/?#]+)'))[1],
							  'method', CASE WHEN upper(method) IN ('POST', 'PUT') THEN upper(method) ELSE 'GET' END)
	 WHERE length(url) <= 2048 AND url ~ '^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][!-~]*)?$' AND url !~ E'["<>\\\\^`{|}]'
	   AND EXISTS (SELECT FROM ootspg.preview_space p WHERE p.provider = preview_return.provider AND preview_return.url ~ p.return_pattern)
$$;
COMMENT ON FUNCTION ootspg_internal.preview_return(text, text, text) IS 'an address to return to as pages get it; NULL when it is none that may be shown';

CREATE FUNCTION ootspg_internal.keep_preview_return(s ootspg_internal.preview_session, url text, method text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
	INSERT INTO ootspg_internal.preview_content (session_id, kind, number, sealed)
	SELECT (s).session_id, 'return', 0, ootspg_internal.preview_seal((s).public_key, (s).session_id, 'return', 0, convert_to(a.address::text, 'UTF8'))
	  FROM ootspg_internal.preview_return((s).provider, url, method) a(address) WHERE a.address IS NOT NULL
	ON CONFLICT DO NOTHING
$$;
COMMENT ON FUNCTION ootspg_internal.keep_preview_return(ootspg_internal.preview_session, text, text) IS 'keeps the first address to return to that may be shown';

CREATE FUNCTION ootspg.preview_open(link text, browser text, return_url text DEFAULT NULL, return_method text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.preview_session := ootspg_internal.preview_of(link);
	page text;
BEGIN
	SELECT x.* INTO s FROM ootspg_internal.preview_session x WHERE x.session_id = s.session_id FOR UPDATE;
	page := ootspg_internal.preview_page(s, browser);
	IF page IN ('welcome', 'other_browser') AND browser ~ '^[A-Za-z0-9_-]{43}$' THEN
		UPDATE ootspg_internal.preview_session x
		   SET state = 'open', opened_at = coalesce(x.opened_at, clock_timestamp()), authenticated_at = NULL, browser_digest = sha256(convert_to(browser, 'UTF8'))
		 WHERE x.session_id = s.session_id;
		DELETE FROM ootspg_internal.preview_content c WHERE c.session_id = s.session_id AND c.kind = 'claims';
		PERFORM ootspg_internal.tell_preview(s, CASE page WHEN 'welcome' THEN 'preview_visited' ELSE 'preview_moved' END);
	END IF;
	IF page IN ('welcome', 'authenticate', 'more', 'list', 'waiting') AND s.line <> 'oots-edm:v2.0' THEN
		PERFORM ootspg_internal.keep_preview_return(s, return_url, return_method);
	END IF;
	RETURN ootspg.preview_look(link, browser);
END $$;
COMMENT ON FUNCTION ootspg.preview_open(text, text, text, text) IS 'the user begins: the link is bound to the browser, and the address to return to noted (1.x); answers as preview_look() does';

CREATE FUNCTION ootspg.preview_decide(link text, browser text, use integer[], refuse integer[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg_internal.preview_session := ootspg_internal.preview_of(link);
BEGIN
	SELECT x.* INTO s FROM ootspg_internal.preview_session x WHERE x.session_id = s.session_id FOR UPDATE;
	IF ootspg_internal.preview_page(s, browser) <> 'list' THEN
		RETURN ootspg.preview_look(link, browser);
	END IF;
	IF (SELECT array_agg(d ORDER BY d) FROM unnest(coalesce(use, '{}') || coalesce(refuse, '{}')) d)
	   IS DISTINCT FROM (SELECT array_agg(q.piece ORDER BY q.piece) FROM ootspg_internal.preview_piece q WHERE q.session_id = s.session_id AND q.part = 1) THEN
		RAISE EXCEPTION 'a decision says of every piece once whether it is used'
			USING ERRCODE = 'OT009', HINT = 'Each piece of preview_look() stands in one of the two lists, and those that are not there yet (available_at) in none.';
	END IF;
	UPDATE ootspg_internal.preview_piece q SET accepted = q.piece = ANY (coalesce(use, '{}')) WHERE q.session_id = s.session_id;
	UPDATE ootspg_internal.preview_session x SET state = 'decided', decided_at = clock_timestamp() WHERE x.session_id = s.session_id RETURNING x.* INTO s;
	DELETE FROM ootspg_internal.preview_content c
	 USING ootspg_internal.preview_piece q
	 WHERE c.session_id = s.session_id AND c.kind IN ('facts', 'document') AND q.session_id = c.session_id AND q.number = c.number AND NOT q.accepted;
	DELETE FROM ootspg_internal.preview_content c WHERE c.session_id = s.session_id AND c.kind = 'awaited';
	PERFORM ootspg_internal.tell_preview(s, 'preview_decided', (SELECT jsonb_build_object('approved', count(*) FILTER (WHERE q.accepted), 'rejected', count(*) FILTER (WHERE NOT q.accepted))
		FROM ootspg_internal.preview_piece q WHERE q.session_id = s.session_id AND q.part = 1));
	PERFORM ootspg_internal.tell_decisions(s);
	IF s.second_exchange_id IS NOT NULL THEN
		PERFORM ootspg_internal.answer_preview(s.session_id, link);
	END IF;
	RETURN ootspg.preview_look(link, browser);
END $$;
COMMENT ON FUNCTION ootspg.preview_decide(text, text, integer[], integer[]) IS
'the user decides, once, on every piece; the answer is built in this transaction when the second request is there, else when it comes. Pieces that are not there yet (available_at) stand in neither list. Raises OT009 when a piece is missing or said twice';
