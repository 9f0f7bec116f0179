-- The functions that ootspg-preview calls, without an extension: each page of it can be shown and each answer of the
-- database be had, also those that need a fault, a lock or a year of waiting. The real ones are tested together with
-- the program in 165_preview_exchange.pl; here a link's first letters choose its state.
--
--	SELECT preview_fake.link('list');      -- 43 characters that mean the page "list"
CREATE SCHEMA preview_fake;
CREATE SCHEMA IF NOT EXISTS ootspg;

CREATE TABLE preview_fake.session (
	link text PRIMARY KEY,
	page text NOT NULL,
	browser text,
	pieces int NOT NULL DEFAULT 1,
	kind text NOT NULL DEFAULT 'pdf',
	facts jsonb NOT NULL DEFAULT '{}',
	settled text NOT NULL DEFAULT 'waiting',
	used int[],
	refused int[],
	decided int NOT NULL DEFAULT 0
);
CREATE TABLE preview_fake.call (id bigint GENERATED ALWAYS AS IDENTITY, what text NOT NULL, detail jsonb);
CREATE TABLE preview_fake.settings (value jsonb NOT NULL);
CREATE TABLE preview_fake.part (kind text PRIMARY KEY, media_type text NOT NULL, language text, content bytea NOT NULL, file_name text);

CREATE FUNCTION preview_fake.link(name text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$SELECT rpad(name, 43, '_')$$;

INSERT INTO preview_fake.settings VALUES ($${
	"space": "main", "base_url": "https://preview.example.org", "languages": [], "national_language": "lv",
	"authority": {"en": "Civil Register of Latvia", "lv": "Latvijas Civilstāvokļa reģistrs"},
	"texts": {"help": {"en": "The register answers within two working days."}, "time_zone": {"en": "Riga time", "lv": "pēc Rīgas laika", "de": "Rigaer Zeit"}},
	"contact": {"email": "oots@register.example.org", "phone": "+371 6000 0000", "hours": {"en": "Monday to Friday, 9.00 to 17.00", "lv": "Pirmdien–piektdien, 9.00–17.00"}},
	"logo": {"media_type": "image/svg+xml", "content": "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0OCA0OCI+PHBhdGggZD0iTTI0IDMgNiAxMHYxM2MwIDExIDggMTkgMTggMjIgMTAtMyAxOC0xMSAxOC0yMlYxMHoiIGZpbGw9IiM3YTFmMmUiLz48cGF0aCBkPSJNMTQgMjJoMjB2NUgxNHoiIGZpbGw9IiNmZmYiLz48L3N2Zz4="},
	"your_europe": false, "feedback_url": "https://feedback.example.org/oots", "privacy_url": {"en": "https://register.example.org/privacy"},
	"accessibility_url": {"en": "https://register.example.org/accessibility"}, "authentication": "proxy", "counters": true
}$$);

-- The smallest PDF that viewers show, and a picture of one pixel.
INSERT INTO preview_fake.part VALUES
	('pdf', 'application/pdf', 'lv', convert_to(E'%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n'
		'3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n'
		'4 0 obj<</Length 69>>stream\nBT /F 28 Tf 90 740 Td (Dzimsanas aplieciba / Birth certificate) Tj ET\nendstream endobj\n'
		'5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n', 'UTF8'), 'certificate 1.pdf'),
	('xml', 'application/xml', 'lv', convert_to('<?xml version="1.0"?><script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>', 'UTF8'), E'we"ird\r\nX-Evil: 1.xml'),
	('png', 'image/png', NULL, decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64'), 'photo.png'),
	('html', 'text/html', 'en', convert_to('<script>alert(1)</script>', 'UTF8'), 'page.html');

CREATE FUNCTION preview_fake.piece(session preview_fake.session, n int) RETURNS jsonb LANGUAGE sql STABLE AS
$$
	SELECT jsonb_build_object(
		'piece', n,
		'titles', jsonb_build_object('en', 'Birth certificate' || CASE WHEN n > 1 THEN ' of child ' || n ELSE '' END,
			'lv', 'Dzimšanas apliecība' || CASE WHEN n > 1 THEN ', ' || n || '. bērns' ELSE '' END),
		'issuer', jsonb_build_object('lv', 'Rīgas pilsētas Dzimtsarakstu nodaļa'),
		'issued', '2024-0' || n || '-12', 'valid_from', '2024-01-12', 'valid_until', CASE n WHEN 1 THEN '2034-01-11' END,
		'language', 'lv', 'sealed', true, 'rendering', session.kind = 'xml',
		'available_at', CASE WHEN session.kind = 'later' AND n = 2 THEN '2027-01-15T09:00:00+02:00' END,
		'parts', CASE WHEN session.kind = 'xml'
			THEN '[{"part": 1, "role": "main", "media_type": "application/xml", "language": "lv", "size": 4120}]'::jsonb
			WHEN session.kind = 'png' THEN '[{"part": 1, "role": "main", "media_type": "image/png", "size": 70}]'::jsonb
			WHEN session.kind = 'html' THEN '[{"part": 1, "role": "main", "media_type": "text/html", "size": 26}]'::jsonb
			ELSE '[{"part": 1, "role": "main", "media_type": "application/pdf", "language": "lv", "size": 120400},
				{"part": 2, "role": "translation", "media_type": "application/pdf", "language": "en", "size": 98000}]'::jsonb END)
$$;

CREATE FUNCTION ootspg.preview_space_settings() RETURNS jsonb LANGUAGE sql STABLE AS
$$SELECT value FROM preview_fake.settings$$;

CREATE FUNCTION preview_fake.facts(session preview_fake.session) RETURNS jsonb LANGUAGE sql STABLE AS
$$
	SELECT jsonb_build_object(
		'reference', 'K7-42-QX',
		'requester', jsonb_build_object('names', jsonb_build_object('en', 'University of Tartu', 'et', 'Tartu Ülikool'), 'official', 'Tartu Ülikool', 'country', 'EE'),
		'provider', jsonb_build_object('names', jsonb_build_object('en', 'Civil Register', 'lv', 'Civilstāvokļa reģistrs'), 'official', 'Iekšlietu ministrijas Civilstāvokļa reģistrs', 'country', 'LV'),
		'procedure', jsonb_build_object('code', 'T1', 'names', jsonb_build_object('en', 'Admission to studies', 'lv', 'Uzņemšana studijās')),
		'evidence', jsonb_build_object('en', 'Birth certificate', 'lv', 'Dzimšanas apliecība'),
		'about', jsonb_build_object('kind', 'self', 'name', 'Jānis Bērziņš'),
		'deadline', to_jsonb(date_trunc('second', now()) + interval '25 min'),
		'second_request', session.page = 'done', 'return', NULL, 'line', '1.2',
		'reauthentication', jsonb_build_object('required', session.page = 'authenticate', 'level', 'substantial', 'done', false),
		'ask', '["PlaceOfBirth", "DateOfBirth"]'::jsonb, 'known', jsonb_build_object('FamilyName', 'Bērziņš', 'GivenName', 'Jānis'),
		'correction_url', jsonb_build_object('en', 'https://register.example.org/correct'),
		'decided_at', CASE WHEN session.decided > 0 THEN to_jsonb(date_trunc('second', now())) END, 'sent', cardinality(session.used),
		'locked_until', to_jsonb(date_trunc('second', now()) + interval '10 min'), 'closed_until', to_jsonb(date_trunc('second', now()) + interval '2 h')) || session.facts
$$;

CREATE FUNCTION ootspg.preview_look(link text, browser text) RETURNS jsonb LANGUAGE plpgsql STABLE AS
$$
#variable_conflict use_column
DECLARE
	seen preview_fake.session;
BEGIN
	SELECT * INTO seen FROM preview_fake.session s WHERE s.link = preview_look.link;
	IF NOT FOUND OR seen.page = 'neutral' THEN
		RETURN '{"page": "neutral"}';
	ELSIF seen.page = 'broken' THEN
		RAISE EXCEPTION 'secret words of a person' USING ERRCODE = 'XX000';
	ELSIF seen.page = 'nonsense' THEN
		RETURN '[]';
	ELSIF seen.browser IS NOT NULL AND seen.browser IS DISTINCT FROM preview_look.browser THEN
		RETURN jsonb_build_object('page', CASE WHEN seen.page = 'over' THEN 'neutral' ELSE 'other_browser' END);
	END IF;
	RETURN jsonb_build_object('page', seen.page, 'facts', preview_fake.facts(seen),
		'pieces', CASE WHEN seen.page = 'list' THEN (SELECT jsonb_agg(preview_fake.piece(seen, n)) FROM generate_series(1, seen.pieces) n) ELSE '[]' END);
END
$$;

CREATE FUNCTION preview_fake.note(what text, detail jsonb) RETURNS void LANGUAGE sql AS
$$INSERT INTO preview_fake.call (what, detail) VALUES (what, detail)$$;

CREATE FUNCTION ootspg.preview_open(link text, browser text, return_url text, return_method text) RETURNS jsonb LANGUAGE plpgsql AS
$$
#variable_conflict use_column
BEGIN
	PERFORM preview_fake.note('open', jsonb_build_object('url', return_url, 'method', return_method));
	UPDATE preview_fake.session s SET browser = preview_open.browser, page = CASE page WHEN 'welcome' THEN coalesce(facts->>'next', 'list') ELSE page END,
		facts = CASE WHEN return_url IS NULL THEN facts ELSE facts || jsonb_build_object('return', jsonb_build_object('url', return_url,
			'host', substring(return_url from 'https://([^/?#]*)'), 'method', coalesce(return_method, 'GET'))) END
		WHERE s.link = preview_open.link;
	RETURN ootspg.preview_look(link, browser);
END
$$;

CREATE FUNCTION ootspg.preview_authenticate(link text, browser text, claims jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$
#variable_conflict use_column
BEGIN
	PERFORM preview_fake.note('authenticate', claims);
	UPDATE preview_fake.session s SET page = CASE WHEN claims->>'family_name' = 'Bērziņš' THEN 'list' ELSE page END WHERE s.link = preview_authenticate.link;
	RETURN CASE WHEN claims->>'family_name' = 'Bērziņš' THEN ootspg.preview_look(link, browser)
		ELSE ootspg.preview_look(link, browser) || '{"page": "somebody_else"}' END;
END
$$;

CREATE FUNCTION ootspg.preview_add(link text, browser text, attributes jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$
#variable_conflict use_column
DECLARE
	errors jsonb = '{}';
BEGIN
	PERFORM preview_fake.note('add', attributes);
	IF attributes->>'PlaceOfBirth' = '' THEN
		errors = errors || '{"PlaceOfBirth": "missing"}';
	END IF;
	IF attributes->>'DateOfBirth' !~ '^\d{4}-\d\d-\d\d$' THEN
		errors = errors || '{"DateOfBirth": "invalid"}';
	END IF;
	IF errors = '{}' AND attributes->>'PlaceOfBirth' = 'Nowhere' THEN
		errors = '{"PlaceOfBirth": "unmatched", "DateOfBirth": "unmatched"}';
	END IF;
	IF errors <> '{}' THEN
		RETURN jsonb_build_object('errors', errors);
	END IF;
	UPDATE preview_fake.session s SET page = 'list' WHERE s.link = preview_add.link;
	RETURN ootspg.preview_look(link, browser);
END
$$;

CREATE FUNCTION ootspg.preview_part(link text, browser text, piece int, part int, OUT media_type text, OUT language text, OUT content bytea, OUT file_name text)
RETURNS SETOF record LANGUAGE sql STABLE AS
$$
	SELECT p.media_type, p.language, p.content, p.file_name
	FROM preview_fake.session s JOIN preview_fake.part p ON p.kind = CASE s.kind WHEN 'later' THEN 'pdf' ELSE s.kind END
	WHERE s.link = preview_part.link AND s.page = 'list' AND (s.browser IS NULL OR s.browser = preview_part.browser) AND piece BETWEEN 1 AND s.pieces AND part <= 2
$$;

CREATE FUNCTION ootspg.preview_rendering(link text, browser text, piece int, language text) RETURNS text LANGUAGE sql STABLE AS
$$
	SELECT '<article lang="' || language || '"><h2>' || 'Birth certificate' || '</h2><dl><dt>Family name</dt><dd>Bērziņš</dd><dt>Given name</dt><dd>Jānis</dd>'
		'<dt>Date of birth</dt><dd>12 March 1988</dd></dl><h3>Parents</h3><table><thead><tr><th scope="col">Name</th><th scope="col">Role</th></tr></thead>'
		'<tbody><tr><td>Anna Bērziņa</td><td>mother</td></tr><tr><td>Pēteris Bērziņš</td><td>father</td></tr></tbody></table></article>'
$$;

CREATE FUNCTION ootspg.preview_decide(link text, browser text, use int[], refuse int[]) RETURNS jsonb LANGUAGE plpgsql AS
$$
#variable_conflict use_column
BEGIN
	PERFORM preview_fake.note('decide', jsonb_build_object('use', use, 'refuse', refuse));
	-- as the database does: every piece once, and none that is not there yet
	IF (SELECT array_agg(d ORDER BY d) FROM unnest(use || refuse) d) IS DISTINCT FROM (SELECT array_agg(n ORDER BY n) FROM preview_fake.session s, generate_series(1, s.pieces) n
			WHERE s.link = preview_decide.link AND preview_fake.piece(s, n)->>'available_at' IS NULL) THEN
		RAISE EXCEPTION 'a decision says of every piece once whether it is used' USING ERRCODE = 'OT009';
	END IF;
	UPDATE preview_fake.session s SET page = settled, used = preview_decide.use, refused = preview_decide.refuse, decided = decided + 1
		WHERE s.link = preview_decide.link AND s.page = 'list' AND (s.browser IS NULL OR s.browser = preview_decide.browser);
	RETURN ootspg.preview_look(link, browser);
END
$$;

CREATE FUNCTION ootspg.preview_refused(source text, kind text) RETURNS jsonb LANGUAGE plpgsql AS
$$
BEGIN
	PERFORM preview_fake.note('refused', jsonb_build_object('source', source, 'kind', kind));
	RETURN jsonb_build_object('locked_until', CASE WHEN source = '198.51.100.66' THEN to_jsonb(date_trunc('second', now()) + interval '15 min') END);
END
$$;

INSERT INTO preview_fake.session (link, page) SELECT preview_fake.link(page), page
	FROM unnest('{welcome,authenticate,more,list,waiting,done,not_found,somebody_else,over,locked,closed,neutral,broken,nonsense}'::text[]) page;
INSERT INTO preview_fake.session (link, page, browser) VALUES (preview_fake.link('other_browser'), 'list', 'somebody');
UPDATE preview_fake.session SET used = '{1,2}', decided = 1 WHERE page = 'done';
INSERT INTO preview_fake.session (link, page, pieces, kind) VALUES
	(preview_fake.link('three'), 'list', 3, 'pdf'), (preview_fake.link('later'), 'list', 2, 'later'), (preview_fake.link('xml'), 'list', 1, 'xml'),
	(preview_fake.link('png'), 'list', 1, 'png'), (preview_fake.link('html'), 'list', 1, 'html');
