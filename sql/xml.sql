-- Reading XML safely, writing it canonically, validating it.
-- Documents that differ only in ways that do not count have one canonical form.
SET bytea_output = 'escape';
SELECT ootspg.canonical(document) AS canonical, ootspg_internal.canonical_rewrite(document) = ootspg.canonical(document) AS written_alike
FROM (VALUES
	('<?xml version="1.0" encoding="UTF-8"?><!-- no --><a b="1"/>'::bytea),
	('<a b = ''1'' ></a >'),
	('\xefbbbf'::bytea || '<?xml version=''1.0'' encoding=''us-ascii'' standalone="yes" ?><a b="&#49;"/>'),
	('<p:a xmlns:q="urn:q" xmlns:p="urn:p" q:z="" p:y="" x=""><b xmlns="urn:d"><c xmlns=""/></b></p:a>'),
	('<a b="&lt;&gt;&amp;&quot;''&#9;&#10;&#13;">&lt;&gt;&amp;"''&#9;<![CDATA[<&]]>&#13;</a>')) AS d(document);

-- Processing instructions are canonical XML, but nothing that evidence is written with.
SELECT ootspg.canonical('<a><?p data?></a>');
SELECT ootspg_internal.canonical_rewrite('<a><?p data?></a>');
SELECT ootspg_internal.canonical_rewrite('<?p data?><a/>');
-- libxml2 would write this name unescaped, and a digest of malformed text helps nobody.
SELECT ootspg.canonical('<a xmlns="urn:a&amp;b"/>');
SELECT ootspg.canonical('<a xmlns="relative"/>');

-- SQLSTATE, message, detail and hint of a statement that fails.
CREATE FUNCTION pg_temp.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	state text;
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;

-- What others send is looked at before the parser sees it. Every attack is
-- answered by an SQLSTATE, at once, without a word of the content.
CREATE FUNCTION pg_temp.answer(document bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz := clock_timestamp();
	state text;
	message text := 'read';
	detail text;
BEGIN
	BEGIN
		PERFORM ootspg.canonical(document);
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	END;
	IF clock_timestamp() - began > interval '5 s' THEN
		message := message || ', after ' || (clock_timestamp() - began);
	END IF;
	RETURN concat_ws(' | ', state, message, nullif(detail, ''));
END $$;

CREATE FUNCTION pg_temp.many(count int, pattern text) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(replace(pattern, '#', n::text), '') FROM generate_series(1, count) AS n $$;

CREATE TEMP TABLE attack (id int GENERATED ALWAYS AS IDENTITY, name text, document bytea);
-- DTDs and entities
INSERT INTO attack (name, document) VALUES
	('DTD', '<!DOCTYPE a><a/>'),
	('external DTD', '<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>'),
	('external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
	('parameter entity', '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>'),
	('billion laughs', ('<!DOCTYPE a [<!ENTITY e0 "ha">' ||
		(SELECT string_agg(format('<!ENTITY e%s "%s">', n, repeat(format('&e%s;', n - 1), 10)), '') FROM generate_series(1, 9) AS n) ||
		']><a>&e9;</a>')::bytea),
	('quadratic blowup', ('<!DOCTYPE a [<!ENTITY x "' || repeat('x', 50000) || '">]><a>' || repeat('&x;', 50000) || '</a>')::bytea),
	('DTD after a comment', '<!-- > --><!DOCTYPE a><a/>'),
	('declaration in content', '<a><!ENTITY x "y"></a>'),
	('unknown entity', '<a>&nbsp;</a>'),
	('10^6 unknown entities', ('<a>' || repeat('&a;', 1000000) || '</a>')::bytea),
	('DTD in a comment', '<a><!-- <!DOCTYPE a> --></a>'),
	('DTD in CDATA', '<a><![CDATA[<!DOCTYPE a>]]></a>'),
	('DTD in an instruction', '<a><?p <!DOCTYPE a> ?></a>');
-- counts
INSERT INTO attack (name, document) VALUES
	('10^5 attributes', ('<a ' || pg_temp.many(100000, ' a#="1"') || '/>')::bytea),
	('10^5 namespaces', ('<a ' || pg_temp.many(100000, ' xmlns:a#="urn:#"') || '/>')::bytea),
	('10^5 attributes behind a bad declaration', ('<?xml version="1.0"><a ' || pg_temp.many(100000, ' a#="1"') || '?>/>')::bytea),
	('10^5 attributes behind a bad instruction', ('<r><? <a ' || pg_temp.many(100000, ' a#="1"') || '/> ?></r>')::bytea),
	('10^5 attributes behind a bad comment', ('<r><!-- -- ><a ' || pg_temp.many(100000, ' a#="1"') || '/> --></r>')::bytea),
	('128 attributes', ('<a ' || pg_temp.many(128, ' a#="1"') || '/>')::bytea),
	('129 attributes', ('<a ' || pg_temp.many(129, ' a#="1"') || '/>')::bytea),
	('namespaces of many ancestors', (pg_temp.many(90, '<a' || replace(pg_temp.many(100, ' xmlns:x_@="urn:#"'), '#', '1') || '>'))::bytea),
	('long namespace names to sort by', ('<a' || pg_temp.many(64, ' xmlns:p#="urn:' || repeat('x', 500) || '#"') || '>' ||
		repeat('<b' || pg_temp.many(64, ' p#:a=""') || '/>', 10000) || '</a>')::bytea),
	('many namespaces to look up', ('<a' || pg_temp.many(127, ' xmlns:p#="urn:#"') || '>' ||
		repeat('<b p1:a="" p2:a="" p3:a="" p4:a="" p5:a=""/>', 90000) || '</a>')::bytea),
	('long namespace name', ('<a xmlns="urn:' || repeat('x', 600) || '"/>')::bytea),
	('long name', ('<' || repeat('x', 2000) || '/>')::bytea),
	('long attribute name', ('<a ' || repeat('x', 2000) || '=""/>')::bytea),
	('depth 100', (repeat('<a>', 100) || repeat('</a>', 100))::bytea),
	('depth 101', (repeat('<a>', 101) || repeat('</a>', 101))::bytea),
	('depth 10^6', repeat('<a>', 1000000)::bytea),
	('10^5 elements', ('<a>' || repeat('<b/>', 99999) || '</a>')::bytea),
	('10^5 + 1 elements', ('<a>' || repeat('<b/>', 100000) || '</a>')::bytea),
	('10 MB of text', ('<a>' || repeat('x', 10000001) || '</a>')::bytea),
	('10 MB in an attribute', ('<a a="' || repeat('x', 10000001) || '"/>')::bytea),
	('10 MB in CDATA', ('<a><![CDATA[' || repeat('x', 10000001) || ']]></a>')::bytea),
	('too large', ('<a>' || repeat(' ', 10 * 1024 * 1024) || '</a>')::bytea),
	('comments', ('<a>' || repeat('<!---->', 1000000) || '</a>')::bytea),
	('references', ('<a>' || repeat('&#60;', 1000000) || '</a>')::bytea),
	('CDATA sections', ('<a>' || repeat('<![CDATA[]]>', 500000) || '</a>')::bytea),
	('instructions', ('<a>' || repeat('<?a?>', 100001) || '</a>')::bytea),
	('10^6 attributes', ('<a>' || repeat('<b' || pg_temp.many(50, ' a#="1"') || '/>', 10000) || '</a>')::bytea),
	('names with long namespaces', ('<p:a xmlns:p="urn:' || repeat('x', 500) || '">' || repeat('<p:b p:a="" p:b=""/>', 50000) || '</p:a>')::bytea),
	('nearly ends of CDATA', ('<a><![CDATA[' || repeat(']', 5000000) || '</a>')::bytea),
	('10^5 unbound prefixes', ('<a>' || repeat('<x:b/>', 99999) || '</a>')::bytea),
	('10^5 wrong end tags', ('<a>' || repeat('<b></c>', 99999) || '</a>')::bytea),
	('10^6 ends of CDATA', ('<a>' || repeat(']]>', 1000000) || '</a>')::bytea);
-- encodings and characters
INSERT INTO attack (name, document) VALUES
	('UTF-16 with mark', '\xfffe3c0061002f003e00'),
	('UTF-16 big-endian', '\xfeff003c0061002f003e'),
	('UTF-16 without mark', '\x3c0061002f003e00'),
	('UTF-32', '\x0000003c00000061'),
	('Latin-1 declared', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>'),
	('UTF-7 declared', '<?xml version="1.0" encoding="UTF-7"?><a>+ADw-</a>'),
	('ASCII declared, not kept', '\x3c3f786d6c2076657273696f6e3d22312e302220656e636f64696e673d2255532d4153434949223f3e3c613ec3a93c2f613e'),
	('invalid UTF-8', '\x3c613ee93c2f613e'),
	('overlong UTF-8', '\x3c613ec0bc3c2f613e'),
	('surrogate in UTF-8', '\x3c613eeda0803c2f613e'),
	('cut character', '\x3c613ec3'),
	('U+FFFF', '\x3c613eefbfbf3c2f613e'),
	('NUL', '\x3c613e003c2f613e'),
	('U+0001', '\x3c613e013c2f613e'),
	('U+0001 by reference', '<a>&#1;</a>'),
	('surrogate by reference', '<a>&#xD83D;&#xDE00;</a>'),
	('beyond Unicode', '<a>&#x110000;</a>'),
	('beyond Unicode by far', ('<a>&#' || repeat('9', 1000000) || ';</a>')::bytea);
-- well-formedness
INSERT INTO attack (name, document) VALUES
	('empty', ''),
	('white space', E' \n '),
	('text only', 'text'),
	('truncated text', E'<a>\n<b>text'),
	('truncated tag', '<a><b c="d'),
	('truncated name', '<'),
	('truncated comment', '<a><!-- </a>'),
	('truncated CDATA', '<a><![CDATA[ </a>'),
	('truncated instruction', '<a><?p </a>'),
	('truncated declaration', '<?xml version="1.0"'),
	('declaration without version', '<?xml encoding="UTF-8"?><a/>'),
	('late declaration', ' <?xml version="1.0"?><a/>'),
	('two roots', '<a/><b/>'),
	('wrong end tag', E'<a>\n<b></a></b>'),
	('end tag too many', '<a/></a>'),
	('attribute without value', '<a b/>'),
	('attribute without quotes', '<a b=c/>'),
	('attributes without space', '<a b="1"c="2"/>'),
	('attribute twice', '<a b="1" b="2"/>'),
	('attribute twice by namespace', '<a xmlns:p="urn:a" xmlns:q="urn:a" p:b="1" q:b="2"/>'),
	('unbound prefix', '<p:a/>'),
	('prefix undeclared', '<p:a xmlns:p="urn:a"><b xmlns:p=""/></p:a>'),
	('xmlns bound', '<a xmlns:xmlns="urn:a"/>'),
	('bad name', '<a><1/></a>'),
	('instruction in another script', '<a><?Ωé·1 x?></a>'),
	('instruction of no letter', '<a><?× x?></a>'),
	('instruction of a mark', '<a><?́ x?></a>'),
	('instruction for a parser', '<a><?XmL x?></a>'),
	('content of a message', '<a><secret>Anna</secret ></b></a>');
SELECT name, pg_temp.answer(document) AS answer FROM attack ORDER BY id;

-- The limits are settings; the hint names them.
SET ootspg.max_depth = 16;
SELECT pg_temp.outcome($$ SELECT ootspg.canonical((repeat('<a>', 17) || repeat('</a>', 17))::bytea) $$);
RESET ootspg.max_depth;

-- Our writer and libxml2 agree on every one of 600 nasty documents: namespaces
-- declared again, shadowed, undeclared; attributes in several namespaces; every
-- character that is escaped somewhere.
CREATE TEMP SEQUENCE draws;
CREATE FUNCTION pg_temp.draw(n int) RETURNS int LANGUAGE sql AS
$$ SELECT ('x' || substr(md5(nextval('draws')::text), 1, 7))::bit(28)::int % n $$;

CREATE FUNCTION pg_temp.some_text() RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg((ARRAY[
		'plain text', ' ', E'\t', E'\n', E'\r\n', E'\r', '&#13;', '&#9;', '&#xA;', '&#x20;', '&lt;', '&gt;', '>', '&amp;',
		'&quot;', '&apos;', ']]&gt;', ']] ', E'\u00e9', E'e\u0301', E'\U0001F600', '&#x10FFFF;', E'\uFFFD', '&#x85;',
		E'\u2028', 'a&amp;amp;b', E'\u0430\u0431\u0432'])[1 + pg_temp.draw(27)], ''), '')
	FROM generate_series(1, pg_temp.draw(6))
$$;

CREATE FUNCTION pg_temp.some_attribute(name text) RETURNS text LANGUAGE sql AS $$
	SELECT format(E'%s%s=%s', (ARRAY[' ', E'\n', E'\t  '])[1 + pg_temp.draw(3)], name,
		CASE pg_temp.draw(2) WHEN 0 THEN '"' || pg_temp.some_text() || '"' ELSE '''' || pg_temp.some_text() || '''' END)
$$;

-- scope: prefix to namespace, as in force around the element
CREATE FUNCTION pg_temp.some_element(scope jsonb, depth int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	uris CONSTANT text[] := ARRAY['urn:a', 'urn:b', 'http://c.example/', 'urn:a:b'];
	declared jsonb := '{}';
	seen text[] := '{}';
	prefix text;
	uri text;
	name text;
	tag text := '';
	content text := '';
BEGIN
	FOR i IN 1 .. pg_temp.draw(4) LOOP
		prefix := (ARRAY['', 'p', 'q', 'aa', 'P'])[1 + pg_temp.draw(5)];
		uri := uris[1 + pg_temp.draw(4)];
		IF prefix = '' AND pg_temp.draw(3) = 0 THEN
			uri := '';
		END IF;
		CONTINUE WHEN declared ? prefix;
		declared := declared || jsonb_build_object(prefix, uri);
		tag := tag || format(' xmlns%s="%s"', ':' || nullif(prefix, ''), uri);
	END LOOP;
	scope := scope || declared;

	FOR i IN 1 .. pg_temp.draw(6) LOOP
		name := (ARRAY['a', 'b', 'B', 'id', E'\u00e9', 'a-1', '_'])[1 + pg_temp.draw(7)];
		SELECT k INTO prefix FROM jsonb_object_keys(scope || '{"xml": "xml", "": ""}') AS k
		ORDER BY k COLLATE "C" OFFSET pg_temp.draw((SELECT count(*)::int FROM jsonb_object_keys(scope || '{"xml": "xml", "": ""}'))) LIMIT 1;
		IF prefix = 'xml' THEN
			name := 'lang';
		END IF;
		uri := CASE WHEN prefix = '' THEN '' ELSE coalesce(scope ->> prefix, prefix) END;
		CONTINUE WHEN uri || ' ' || name = ANY (seen);
		seen := seen || (uri || ' ' || name);
		name := pg_temp.some_attribute(concat_ws(':', nullif(prefix, ''), name));
		tag := CASE pg_temp.draw(2) WHEN 0 THEN tag || name ELSE name || tag END;
	END LOOP;

	SELECT k INTO prefix FROM jsonb_object_keys(scope || '{"": ""}') AS k
	ORDER BY k COLLATE "C" OFFSET pg_temp.draw((SELECT count(*)::int FROM jsonb_object_keys(scope || '{"": ""}'))) LIMIT 1;
	name := concat_ws(':', nullif(prefix, ''), (ARRAY['a', 'b', 'Element', E'\u0416'])[1 + pg_temp.draw(4)]);

	FOR i IN 1 .. CASE WHEN depth >= 6 THEN pg_temp.draw(2) ELSE pg_temp.draw(6) END LOOP
		content := content || CASE pg_temp.draw(8)
			WHEN 0 THEN '<![CDATA[ <&>"'' ]] ]]>'
			WHEN 1 THEN '<!-- < & > -->'
			WHEN 2 THEN pg_temp.some_text()
			WHEN 3 THEN pg_temp.some_text()
			ELSE CASE WHEN depth < 6 THEN pg_temp.some_element(scope, depth + 1) ELSE '' END
		END;
	END LOOP;
	IF content = '' AND pg_temp.draw(2) = 0 THEN
		RETURN '<' || name || tag || ' />';
	END IF;
	RETURN '<' || name || tag || '>' || content || '</' || name || '>';
END $$;

CREATE TEMP TABLE nasty AS
	SELECT n, convert_to(pg_temp.some_element('{}', 1), 'UTF8') AS document FROM generate_series(1, 600) AS n;
SELECT count(DISTINCT document) > 500 AS many,
	max(length(document)) > 5000 AS long_ones,
	count(*) FILTER (WHERE position('xmlns=""'::bytea IN ootspg.canonical(document)) > 0) > 20 AS undeclared,
	count(*) FILTER (WHERE ootspg.canonical(document) <> document) > 500 AS not_canonical
FROM nasty;
SELECT n, document FROM nasty WHERE ootspg_internal.canonical_rewrite(document) IS DISTINCT FROM ootspg.canonical(document);
-- The canonical form of a canonical form is itself.
SELECT n, document FROM nasty WHERE ootspg.canonical(ootspg.canonical(document)) <> ootspg.canonical(document);

-- What is seen to be canonical without a parser is what libxml2 makes of it. All that libxml2 has written is seen to be so, but for what is rare: names
-- beyond ASCII, attributes of the xml prefix, a default namespace that ends.
CREATE TEMP TABLE plain AS
	SELECT n, convert_to(replace(replace(replace(convert_from(document, 'UTF8'), E'\u0416', 'Zh'), E'\u00e9', 'e'), 'xml:lang', 'lang'), 'UTF8') AS document FROM nasty;
SELECT n FROM nasty WHERE ootspg_internal.is_canonical(document) AND ootspg.canonical(document) <> document;
SELECT count(*) FILTER (WHERE seen) > 200 AS many, count(*) FILTER (WHERE seen <> (position('xmlns=""'::bytea IN canonical) = 0)) AS unforeseen,
	count(*) FILTER (WHERE ootspg_internal.is_canonical(document) AND document <> canonical) AS wrong
FROM plain, LATERAL (SELECT ootspg.canonical(document)) c(canonical), LATERAL (SELECT ootspg_internal.is_canonical(canonical)) s(seen);
-- One byte more, less or other: each change is refused by all, or nobody writes it otherwise.
CREATE FUNCTION pg_temp.changed(document bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	at int := pg_temp.draw(length(document));
	put bytea := (ARRAY['', ' ', '<', '>', '/', '=', '"', '''', '&', ';', ':', 'x', 'xmlns', 'p', 'a', E'\\015', E'\\012', E'\\011', '<!---->', '&#xD;', '&quot;', '&gt;', '<![CDATA[]]>'])[1 + pg_temp.draw(23)]::bytea;
BEGIN
	RETURN substring(document FROM 1 FOR at) || put || substring(document FROM at + 1 + pg_temp.draw(2));
END $$;
CREATE FUNCTION pg_temp.written_otherwise(document bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN ootspg.canonical(document) <> document;
EXCEPTION WHEN OTHERS THEN
	RETURN true;
END $$;
CREATE TEMP TABLE changed AS
	SELECT pg_temp.changed(ootspg.canonical(document)) AS document FROM plain, generate_series(1, 10) WHERE length(document) < 3000;
SELECT count(*) > 2000 AS many, count(*) FILTER (WHERE ootspg_internal.is_canonical(document)) > 100 AS still_canonical,
	count(*) FILTER (WHERE pg_temp.written_otherwise(document)) > 500 AS no_more
FROM changed;
SELECT document FROM changed WHERE ootspg_internal.is_canonical(document) AND pg_temp.written_otherwise(document);

-- Schemas stand alone; a fault names a place and no content.
CREATE TEMP TABLE xsd (schema bytea);
INSERT INTO xsd VALUES ('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:m" xmlns="urn:m" elementFormDefault="qualified">
 <xs:element name="Person"><xs:complexType><xs:sequence>
  <xs:element name="Name" type="xs:string" maxOccurs="2"/>
  <xs:element name="Born" type="xs:date"/>
 </xs:sequence><xs:attribute name="Sex"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="F"/><xs:enumeration value="M"/></xs:restriction></xs:simpleType></xs:attribute></xs:complexType></xs:element>
</xs:schema>');
SELECT ootspg_internal.require_schema(schema) FROM xsd;
SELECT ootspg_internal.schema_fault(schema, document) FROM xsd, (VALUES
	('<Person xmlns="urn:m"><Name>Anna</Name><Born>2001-02-03</Born></Person>'::bytea),
	(E'<Person xmlns="urn:m">\n<Name>Anna</Name>\n<Born>yesterday</Born></Person>'),
	(E'<Person xmlns="urn:m" Sex="secret"><Name>Anna</Name><Born>2001-02-03</Born></Person>'),
	(E'<Person xmlns="urn:m">\n<Name>Anna</Name><Name>Berta</Name><Name>Carla</Name><Born>2001-02-03</Born></Person>'),
	('<Person xmlns="urn:other"/>'),
	('<Person xmlns="urn:m"><Name>Anna</Name><Born>2001-02-03</Born></Pers>'),
	('<Person xmlns="urn:m" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:m file:///etc/passwd"><Name>Anna</Name><Born>2001-02-03</Born></Person>')
	) AS d(document);
-- More schemas than are kept.
SELECT count(*) FILTER (WHERE fault IS NULL) AS valid, count(fault) AS invalid
FROM generate_series(1, 2) AS round, generate_series(1, 20) AS n, generate_series(n, n + 1) AS m,
	LATERAL ootspg_internal.schema_fault(format('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="e%s"/></xs:schema>', n)::bytea,
		format('<e%s/>', m)::bytea) AS fault;

SELECT pg_temp.outcome($$ SELECT ootspg_internal.require_schema('<a/>') $$);
SELECT pg_temp.outcome($$ SELECT ootspg_internal.require_schema('<xs:schema') $$);
SELECT pg_temp.outcome($$ SELECT ootspg_internal.require_schema('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="file:///etc/passwd"/></xs:schema>') $$);
SELECT pg_temp.outcome($$ SELECT ootspg_internal.require_schema(E'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n<xs:import namespace="urn:x" schemaLocation="http://localhost/x.xsd"/></xs:schema>') $$);
SELECT pg_temp.outcome($$ SELECT ootspg_internal.require_schema('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:redefine schemaLocation="x.xsd"/></xs:schema>') $$);
-- Here libxml2 says why; its words differ between versions.
SELECT left(pg_temp.outcome($$ SELECT ootspg_internal.require_schema(E'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n<xs:element name="a" type="missing"/></xs:schema>') $$), 50);
SELECT left(pg_temp.outcome($$ SELECT ootspg_internal.require_schema('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="t"><xs:restriction base="xs:string"><xs:pattern value="("/></xs:restriction></xs:simpleType></xs:schema>') $$), 50);

-- The writer looks at eight bytes at a time: a character that needs care is seen in any
-- place, with anything before and after it.
SELECT count(*) AS written, count(*) FILTER (WHERE ootspg_internal.canonical_rewrite(d) = ootspg.canonical(d)) AS same
  FROM unnest(ARRAY['&lt;', '&gt;', '&amp;', '&quot;', '&#9;', '&#10;', '&#13;', 'ž', '€', '=', '?', E'\x7f', '&#38;ž&#60;']) c,
	   generate_series(0, 9) before, generate_series(0, 9) after,
	   LATERAL (SELECT repeat('x', before) || c || repeat('y', after)) t(text),
	   LATERAL (VALUES (convert_to('<a>' || text || '</a>', 'UTF8')), (convert_to('<a b="' || text || '"></a>', 'UTF8'))) v(d);
