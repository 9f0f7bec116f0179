-- Where users look at evidence before it leaves, and what the pages there say of whose they are. One row a provider; a
-- platform that serves several has one for each, with one address.

CREATE FUNCTION ootspg_internal.require_texts(texts jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF jsonb_typeof(texts) <> 'object' THEN
		PERFORM ootspg_internal.raise_configuration('texts of a preview space are no object', 'Write them as in {"welcome.title": {"EN": "…", "LV": "…"}}.');
	END IF;
	PERFORM ootspg_internal.require_localized(t.value) FROM jsonb_each(texts) t;
	RETURN true;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_texts(jsonb) IS 'true when it is an object of texts in one or more languages; raises OT003 otherwise; NULL passes';

CREATE FUNCTION ootspg_internal.require_matching_retention(retention interval, law text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF retention < interval '6 months' OR retention > interval '12 months' AND law IS NULL THEN
		PERFORM ootspg_internal.raise_configuration('the matching log is kept for 6 to 12 months', 'Longer only where matching_law names the law that asks for it (Implementing Regulation (EU) 2025/846 art. 5(3)).');
	END IF;
	RETURN true;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_matching_retention(interval, text) IS 'true when the law allows it; raises OT003 otherwise';

CREATE TABLE ootspg.preview_space (
	provider		text PRIMARY KEY REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	base_url		text NOT NULL CHECK (ootspg_internal.require('preview url', base_url)),
	description		ootspg.localized_text NOT NULL DEFAULT '{"EN": "Look at the document and decide whether it is used."}',
	method			text NOT NULL DEFAULT 'GET' CHECK (ootspg_internal.require('preview method', method)),
	languages		text[] NOT NULL DEFAULT '{EN}' CHECK (ootspg_internal.require('languages', languages::text)),
	national_language text NOT NULL DEFAULT 'EN' CHECK (ootspg_internal.require('language', national_language)),
	authority		ootspg.localized_text,
	texts			jsonb NOT NULL DEFAULT '{}' CHECK (ootspg_internal.require_texts(texts)),
	contact			jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(contact) = 'object'),
	logo			bytea,
	logo_media_type	text CHECK (ootspg_internal.require('logo', logo_media_type)),
	your_europe		boolean NOT NULL DEFAULT false,
	feedback_url	text CHECK (ootspg_internal.require('public url', feedback_url)),
	privacy_url		ootspg.localized_text,
	accessibility_url ootspg.localized_text,
	correction_url	ootspg.localized_text,
	authentication	text NOT NULL DEFAULT 'none' CHECK (ootspg_internal.require('preview authentication', authentication)),
	takeover		boolean NOT NULL DEFAULT false,
	matching_key	bytea CHECK (length(matching_key) = 32),
	matching_retention interval NOT NULL DEFAULT '6 months',
	matching_law	text,
	return_pattern	text NOT NULL DEFAULT '^https://' CHECK ('' ~ return_pattern OR '' !~ return_pattern),
	margin			interval NOT NULL DEFAULT '60 s' CHECK (margin >= '0'),
	counters		boolean NOT NULL DEFAULT false,
	closed_from		timestamptz,
	closed_until	timestamptz,
	CONSTRAINT preview_space_logo CHECK ((logo IS NULL) = (logo_media_type IS NULL)),
	CONSTRAINT preview_space_matching_retention CHECK (ootspg_internal.require_matching_retention(matching_retention, matching_law)),
	CONSTRAINT preview_space_closed CHECK (closed_from < closed_until)
);
COMMENT ON TABLE ootspg.preview_space IS 'where users preview evidence of a provider: the address that links begin with, and what the pages say (D-PRE-06, D-PRE-24)';
COMMENT ON COLUMN ootspg.preview_space.provider IS 'whose evidence is previewed there';
COMMENT ON COLUMN ootspg.preview_space.base_url IS 'public address that a link''s token is put behind, as https://preview.example.lv/p/ (at most 200 characters, ending in a slash)';
COMMENT ON COLUMN ootspg.preview_space.description IS 'what the requester''s portal is told about the link (PreviewDescription), by language';
COMMENT ON COLUMN ootspg.preview_space.method IS 'how portals of 1.x send the user (PreviewMethod): GET, POST or PUT; in oots-edm:v1.0 GET in any case (R-EDM-ERR-C021)';
COMMENT ON COLUMN ootspg.preview_space.languages IS 'languages of the pages, as {EN,LV}, in the order of the switch';
COMMENT ON COLUMN ootspg.preview_space.national_language IS 'language of users whose browser asks for none of these';
COMMENT ON COLUMN ootspg.preview_space.authority IS 'name of the authority as its users know it, by language; NULL: the provider''s name';
COMMENT ON COLUMN ootspg.preview_space.texts IS 'own wording in place of the program''s, as {"welcome.title": {"EN": "…"}}';
COMMENT ON COLUMN ootspg.preview_space.contact IS 'whom users may ask: email, phone, url, as far as there are';
COMMENT ON COLUMN ootspg.preview_space.logo IS 'mark of the authority; NULL: none';
COMMENT ON COLUMN ootspg.preview_space.logo_media_type IS 'its media type: image/png or image/svg+xml';
COMMENT ON COLUMN ootspg.preview_space.your_europe IS 'show the mark of Your Europe';
COMMENT ON COLUMN ootspg.preview_space.feedback_url IS 'page for feedback, linked when all is done; NULL: none';
COMMENT ON COLUMN ootspg.preview_space.privacy_url IS 'information of GDPR art. 13 and 14, address by language; NULL: the program''s own page';
COMMENT ON COLUMN ootspg.preview_space.accessibility_url IS 'accessibility statement, address by language';
COMMENT ON COLUMN ootspg.preview_space.correction_url IS 'where wrong data are corrected, address by language';
COMMENT ON COLUMN ootspg.preview_space.authentication IS 'how users sign in again where a type asks for it: none, or proxy: a proxy in front of the program vouches';
COMMENT ON COLUMN ootspg.preview_space.takeover IS 'a user who began in one browser may go on in another; false: the link is dead there (UX-30)';
COMMENT ON COLUMN ootspg.preview_space.matching_key IS 'public key of ootspg.new_matching_key(), which the matching log is sealed to; needed where a type asks users to sign in again';
COMMENT ON COLUMN ootspg.preview_space.matching_retention IS 'how long entries of the matching log are kept: 6 to 12 months (D-LOG-29)';
COMMENT ON COLUMN ootspg.preview_space.matching_law IS 'law that asks for a longer time; NULL: none does';
COMMENT ON COLUMN ootspg.preview_space.return_pattern IS 'regular expression that addresses to return to must match; others are not shown (D-PRE-33)';
COMMENT ON COLUMN ootspg.preview_space.margin IS 'time before the real limit that users are told as theirs, so that a choice made in time is answered in time';
COMMENT ON COLUMN ootspg.preview_space.counters IS 'the program counts views of pages, without persons';
COMMENT ON COLUMN ootspg.preview_space.closed_from IS 'from when no new preview begins, while running ones go on (D-OPS-12); NULL: at once when closed_until is set';
COMMENT ON COLUMN ootspg.preview_space.closed_until IS 'until when; NULL: open';

ALTER TABLE ootspg.preview_space ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_provider ON ootspg.preview_space FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*', provider]);
CREATE POLICY own_configuration ON ootspg.preview_space USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', provider]);
SELECT pg_catalog.pg_extension_config_dump('ootspg.preview_space', '');

-- Types in service that need the space keep it.
CREATE FUNCTION ootspg_internal.keep_preview_space() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	needing text;
BEGIN
	SELECT string_agg(t.evidence_type, ', ' ORDER BY t.evidence_type) INTO needing FROM ootspg.evidence_type t JOIN ootspg.activation a USING (evidence_type)
	 WHERE t.provider = OLD.provider AND t.preview = 'required' AND NOT EXISTS (SELECT FROM ootspg.preview_space p WHERE p.provider = t.provider);
	IF needing IS NOT NULL THEN
		PERFORM ootspg_internal.raise_configuration(format('evidence types in service need the preview space of provider "%s": %s', OLD.provider, needing),
			'Take them out of service first, or set their preview to ''offered'' or ''exempt''. For a time, set closed_until.');
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.keep_preview_space() IS 'refuses to take the preview space from evidence types in service that need it';
CREATE CONSTRAINT TRIGGER keep_preview_space AFTER UPDATE OF provider OR DELETE ON ootspg.preview_space
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.keep_preview_space();

-- As pages and programs name languages: in small letters.
CREATE FUNCTION ootspg_internal.by_language(texts jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN coalesce((SELECT jsonb_object_agg(lower(t.key), t.value) FROM jsonb_each(texts) t), '{}');
END $$;
COMMENT ON FUNCTION ootspg_internal.by_language(jsonb) IS 'texts by language with the language codes in small letters; {} for NULL';

CREATE FUNCTION ootspg.preview_space_settings() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg.preview_space;
	result jsonb;
BEGIN
	SELECT x.* INTO s FROM ootspg.preview_space x WHERE ootspg_internal.has_duty(session_user, 'preview', x.provider) ORDER BY x.provider LIMIT 1;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('role "%s" serves no preview space', session_user),
			'Write a row of ootspg.preview_space, and call ootspg.grant_duty() for the role with the duty preview.');
	END IF;
	SELECT jsonb_build_object('space', s.provider, 'base_url', s.base_url, 'languages', (SELECT jsonb_agg(lower(l) ORDER BY n) FROM unnest(s.languages) WITH ORDINALITY u(l, n)),
		'national_language', lower(s.national_language), 'authority', ootspg_internal.by_language(coalesce(s.authority, p.name)),
		'texts', (SELECT coalesce(jsonb_object_agg(t.key, ootspg_internal.by_language(t.value)), '{}') FROM jsonb_each(s.texts) t),
		'contact', s.contact, 'your_europe', s.your_europe, 'feedback_url', s.feedback_url,
		'logo', CASE WHEN s.logo IS NOT NULL THEN jsonb_build_object('media_type', s.logo_media_type, 'content', translate(encode(s.logo, 'base64'), E'\n', '')) END,
		'privacy_url', ootspg_internal.by_language(s.privacy_url), 'accessibility_url', ootspg_internal.by_language(s.accessibility_url),
		'authentication', s.authentication, 'counters', s.counters)
	  INTO result FROM ootspg.provider p WHERE p.provider = s.provider;
	RETURN result;
END $$;
COMMENT ON FUNCTION ootspg.preview_space_settings() IS
'what the program of a preview space needs to know of it; of several providers that the role serves, what the first by name says';
