-- A one-page PDF from a heading and labelled facts, for the readable forms of the demo's
-- evidence. Letters that WinAnsi lacks get codes of control characters by an /Encoding
-- with /Differences; a letter that has no code is an error, never a question mark.
CREATE SCHEMA paper;

CREATE FUNCTION paper.encoded(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
	SELECT translate(regexp_replace(value, '([()\\])', '\\\1', 'g'),
		'ĀāČčĒēĢģĪīĶķĻļŅņŠšŪūŽžĖėąęįųłŁśńżźćŚŻ',
		(SELECT string_agg(chr(c), '' ORDER BY c < 128, c) FROM generate_series(1, 159) c WHERE c <= 5 OR c >= 128))
$$;
COMMENT ON FUNCTION paper.encoded(text) IS 'text for a PDF string whose bytes are the Latin-1 codes of its characters';

CREATE FUNCTION paper.pdf(heading text, facts text[], footing text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	encoding constant text := '<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [ 128'
		' /Amacron /amacron /Ccaron /ccaron /Emacron /emacron /Gcommaaccent /gcommaaccent /Imacron /imacron'
		' /Kcommaaccent /kcommaaccent /Lcommaaccent /lcommaaccent /Ncommaaccent /ncommaaccent /Scaron /scaron'
		' /Umacron /umacron /Zcaron /zcaron /Edotaccent /edotaccent /aogonek /eogonek /iogonek /uogonek'
		' /lslash /Lslash /sacute /nacute 1 /zdotaccent /zacute /cacute /Sacute /Zdotaccent ] >>';
	page text := format('BT /Bold 20 Tf 72 760 Td (%s) Tj ET 72 748 m 523 748 l S', paper.encoded(heading));
	objects text[];
	body text := E'%PDF-1.4\n';
	places text := E'0000000000 65535 f \n';
BEGIN
	FOR i IN 1 .. coalesce(array_length(facts, 1), 0) LOOP
		page := page || format(E'\nBT /Plain 11 Tf 0.5 g 72 %s Td (%s) Tj 0 g 160 0 Td (%s) Tj ET',
							   740 - 20 * i, paper.encoded(facts[i][1]), paper.encoded(facts[i][2]));
	END LOOP;
	page := page || format(E'\nBT /Plain 9 Tf 72 60 Td (%s) Tj ET', paper.encoded(footing));
	objects := ARRAY[
		'<< /Type /Catalog /Pages 2 0 R >>',
		'<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>',
		'<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595 842 ] /Contents 4 0 R'
			' /Resources << /Font << /Plain 5 0 R /Bold 6 0 R >> >> >>',
		format(E'<< /Length %s >>\nstream\n%s\nendstream', length(page), page),
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding 7 0 R >>',
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding 7 0 R >>',
		encoding];
	-- one character is one byte in the end, so lengths are offsets
	FOR i IN 1 .. array_length(objects, 1) LOOP
		places := places || lpad(length(body)::text, 10, '0') || E' 00000 n \n';
		body := body || format(E'%s 0 obj\n%s\nendobj\n', i, objects[i]);
	END LOOP;
	RETURN convert_to(body || format(E'xref\n0 %s\n%strailer\n<< /Size %1$s /Root 1 0 R >>\nstartxref\n%3$s\n%%%%EOF\n',
									 array_length(objects, 1) + 1, places, length(body)), 'LATIN1');
END $$;
COMMENT ON FUNCTION paper.pdf(text, text[], text) IS 'facts are pairs of label and value';
