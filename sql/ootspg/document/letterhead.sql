-- How generated documents of a provider look: its mark, colour, margin and foot (src/document/letterhead.c).

CREATE FUNCTION ootspg_internal.picture_fault(media_type text, image bytea) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_picture_fault'
LANGUAGE C IMMUTABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.picture_fault(text, bytea) IS 'why the picture cannot stand in a letterhead; NULL: it can';

CREATE TABLE ootspg.letterhead (
	provider		text PRIMARY KEY REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	media_type		text CHECK (media_type IN ('image/png', 'image/jpeg', 'image/svg+xml')),
	image			bytea,
	alternative		ootspg.localized_text,
	height_mm		numeric(4,1) NOT NULL DEFAULT 16 CHECK (height_mm BETWEEN 4 AND 60),
	colour			text CHECK (colour ~ '^#[0-9a-fA-F]{6}$'),
	margin_mm		numeric(4,1) CHECK (margin_mm BETWEEN 10 AND 50),
	footer			ootspg.localized_text,
	CONSTRAINT letterhead_image_and_type CHECK ((image IS NULL) = (media_type IS NULL))
);
COMMENT ON TABLE ootspg.letterhead IS 'how documents that are generated look, as PDF and, but for colour and margin, as page: one row for each provider that wants more than the plain form; documents of the others have none';
COMMENT ON COLUMN ootspg.letterhead.provider IS 'whose documents';
COMMENT ON COLUMN ootspg.letterhead.media_type IS 'what image is: image/png, image/jpeg or image/svg+xml';
COMMENT ON COLUMN ootspg.letterhead.image IS 'mark at the head of the first page, up to 512 kB and two million pixels; an SVG of paths and plain shapes only, without texts, gradients or anything from outside. NULL: none';
COMMENT ON COLUMN ootspg.letterhead.alternative IS 'what the image shows, by language, as screen readers say it; NULL: it only decorates, and is passed over';
COMMENT ON COLUMN ootspg.letterhead.height_mm IS 'height of the image; less where it would be wider than the page';
COMMENT ON COLUMN ootspg.letterhead.colour IS 'colour of titles, heads and lines of PDF, as in #12305a; dark enough to be read on white. NULL: dark blue';
COMMENT ON COLUMN ootspg.letterhead.margin_mm IS 'margin left and right of PDF; NULL: 21.9';
COMMENT ON COLUMN ootspg.letterhead.footer IS 'one or two lines at the foot of every page of PDF, and of the page that a preview shows, by language: address, telephone';

-- WCAG 2.1, 1.4.3: contrast of a colour with white.
CREATE FUNCTION ootspg_internal.contrast_with_white(colour text) RETURNS numeric
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT round((1.05 / (0.05 + sum(w.weight * CASE WHEN c.part <= 0.03928 THEN c.part / 12.92 ELSE ((c.part + 0.055) / 1.055) ^ 2.4 END)))::numeric, 2)
	  FROM (VALUES (0, 0.2126), (1, 0.7152), (2, 0.0722)) w(place, weight),
		   LATERAL (SELECT get_byte(decode(substr(contrast_with_white.colour, 2), 'hex'), w.place) / 255.0 AS part) c;
END;
COMMENT ON FUNCTION ootspg_internal.contrast_with_white(text) IS 'how well a colour #rrggbb is read on white, from 1 to 21';

CREATE FUNCTION ootspg_internal.check_letterhead() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	fault text := ootspg_internal.picture_fault(NEW.media_type, NEW.image);
BEGIN
	IF fault IS NOT NULL THEN
		PERFORM ootspg_internal.raise_configuration(format('the letterhead of provider "%s" cannot have this picture: %s', NEW.provider, fault),
			'PNG without interlacing, JPEG in grey or RGB, or an SVG saved as plain paths; up to 512 kB and two million pixels.');
	END IF;
	IF NEW.colour ~ '^#[0-9a-fA-F]{6}$' AND ootspg_internal.contrast_with_white(NEW.colour) < 4.5 THEN
		PERFORM ootspg_internal.raise_configuration(format('colour %s of the letterhead of provider "%s" is too light to be read on white', NEW.colour, NEW.provider),
			'Its contrast must be 4.5 at least (WCAG 2.1, 1.4.3), as it is of #12305a.');
	END IF;
	IF EXISTS (SELECT FROM jsonb_each_text(NEW.footer) f WHERE length(f.value) > 300 OR f.value ~ '[[:cntrl:]]')
		OR EXISTS (SELECT FROM jsonb_each_text(NEW.alternative) a WHERE length(a.value) > 300 OR a.value ~ '[[:cntrl:]]') THEN
		PERFORM ootspg_internal.raise_configuration(format('texts of the letterhead of provider "%s" are no line of up to 300 letters', NEW.provider), 'Make them shorter, without line breaks.');
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_letterhead() IS 'refuses a letterhead whose picture, colour or texts no document could have';
CREATE TRIGGER check_letterhead BEFORE INSERT OR UPDATE ON ootspg.letterhead
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_letterhead();

-- Each backend keeps what it read (configuration/kept.sql).
CREATE TRIGGER _forget AFTER INSERT OR UPDATE OR DELETE ON ootspg.letterhead FOR EACH ROW EXECUTE FUNCTION ootspg_internal.forget_configuration();
CREATE TRIGGER _forget_all AFTER TRUNCATE ON ootspg.letterhead FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.forget_configuration();
ALTER TABLE ootspg.letterhead ENABLE ALWAYS TRIGGER _forget, ENABLE ALWAYS TRIGGER _forget_all;

ALTER TABLE ootspg.letterhead ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_provider ON ootspg.letterhead FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*', provider]);
CREATE POLICY own_configuration ON ootspg.letterhead USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', provider]);
SELECT pg_catalog.pg_extension_config_dump('ootspg.letterhead', '');
