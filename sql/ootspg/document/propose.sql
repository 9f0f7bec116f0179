-- From a table of the registry to the script that a DBA would write: text, to be read, mended and run by him. What only a person can know
-- is marked; everything else follows from the catalog: keys, references, types, comments.

-- The column that is meant, by what it is called in registers; the first by the order of the patterns, then of the columns.
CREATE FUNCTION ootspg_internal.guess_column(relation regclass, patterns text[], types regtype[]) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT a.attname::text
	  FROM unnest(guess_column.patterns) WITH ORDINALITY p(pattern, rank), pg_catalog.pg_attribute a
	 WHERE a.attrelid = guess_column.relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attname ~* p.pattern
	   AND (guess_column.types IS NULL OR a.atttypid = ANY (guess_column.types::oid[]))
	 ORDER BY p.rank, a.attnum LIMIT 1;
END;
COMMENT ON FUNCTION ootspg_internal.guess_column(regclass, text[], regtype[]) IS 'the column of a relation that is called as patterns say, of one of the types; NULL: none';

-- Name, type and comment of the columns of a table that make a document: keys that only join tables stay out of it.
CREATE FUNCTION ootspg_internal.told_columns(relation regclass, left_out text[], OUT name text, OUT attribute text, OUT type text, OUT label text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT a.attname::text, CASE WHEN ootspg_internal.is_xml_name(a.attname::text) THEN a.attname::text ELSE 'f' || a.attnum || '_' || regexp_replace(a.attname::text, '[^A-Za-z0-9]+', '_', 'g') END,
		   format_type(a.atttypid, a.atttypmod),
		   coalesce(regexp_replace(col_description(a.attrelid, a.attnum), '[[:cntrl:]]+', ' ', 'g'), initcap(left(a.attname::text, 1)) || replace(substr(a.attname::text, 2), '_', ' '))
	  FROM pg_catalog.pg_attribute a
	 WHERE a.attrelid = told_columns.relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (told_columns.left_out)
	   AND a.atttypid NOT IN ('bytea'::regtype, 'xml'::regtype, 'json'::regtype, 'jsonb'::regtype)
	 ORDER BY a.attnum;
END;
COMMENT ON FUNCTION ootspg_internal.told_columns(regclass, text[]) IS 'columns of a table that a proposed document has, with the name of an attribute that can be an element, and a label for each';

-- References of one column from the first table to the second, or to any.
CREATE FUNCTION ootspg_internal.references_of(relation regclass, OUT target regclass, OUT from_column text, OUT to_column text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT c.confrelid::regclass, f.attname::text, t.attname::text
	  FROM pg_catalog.pg_constraint c
	  JOIN pg_catalog.pg_attribute f ON f.attrelid = c.conrelid AND f.attnum = c.conkey[1]
	  JOIN pg_catalog.pg_attribute t ON t.attrelid = c.confrelid AND t.attnum = c.confkey[1]
	 WHERE c.conrelid = references_of.relation AND c.contype = 'f' AND cardinality(c.conkey) = 1
	 ORDER BY c.conkey[1];
END;
COMMENT ON FUNCTION ootspg_internal.references_of(regclass) IS 'foreign keys of one column';

CREATE FUNCTION ootspg_internal.is_indexed(relation regclass, column_name text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
					WHERE i.indrelid = is_indexed.relation AND a.attname = is_indexed.column_name);
END;
COMMENT ON FUNCTION ootspg_internal.is_indexed(regclass, text) IS 'does an index begin with the column?';

-- A composite type of a table's columns, its comments, and the row that makes it.
CREATE FUNCTION ootspg_internal.proposed_type(name text, relation regclass, left_out text[], alias text, more text[],
	OUT statement text, OUT comments text, OUT made text) RETURNS record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT format(E'CREATE TYPE %s AS (\n    %s\n);', proposed_type.name, string_agg(format('%I %s', t.attribute, t.type), E',\n    ' ORDER BY t.number) || coalesce(E',\n    ' || (SELECT string_agg(m, E',\n    ') FROM unnest(proposed_type.more) m), '')),
		   string_agg(format('COMMENT ON COLUMN %s.%I IS %L;', proposed_type.name, t.attribute, t.label), E'\n' ORDER BY t.number),
		   string_agg(format('%s.%I', proposed_type.alias, t.name), ', ' ORDER BY t.number)
	  FROM ootspg_internal.told_columns(proposed_type.relation, proposed_type.left_out) WITH ORDINALITY t(name, attribute, type, label, number);
END;
COMMENT ON FUNCTION ootspg_internal.proposed_type(text, regclass, text[], text, text[]) IS 'the type of a proposed document, labels for it, and the values of a row';

-- Rows of other tables that refer to one of ours become lists within its document.
CREATE FUNCTION ootspg_internal.proposed_lists(relation regclass, key text, schema text, type text, OUT statements text, OUT attributes text[], OUT comments text, OUT made text) RETURNS record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	c record;
	t record;
BEGIN
	FOR c IN SELECT k.conrelid::regclass AS child, r.relname::text AS name, f.from_column FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid, ootspg_internal.references_of(k.conrelid::regclass) f
			  WHERE k.confrelid = relation AND k.contype = 'f' AND f.target = relation AND f.to_column = key AND k.conrelid <> relation
				AND ootspg_internal.is_xml_name(r.relname::text) ORDER BY 2 LOOP
		SELECT * INTO t FROM ootspg_internal.proposed_type(format('%s.%I', schema, type || '_' || c.name), c.child,
			ARRAY[c.from_column] || ARRAY(SELECT p.attname::text FROM pg_attribute p JOIN pg_index i ON i.indrelid = p.attrelid AND i.indisprimary AND p.attnum = ANY (i.indkey)
										   WHERE p.attrelid = c.child AND (p.attidentity <> '' OR p.atthasdef)), 'c', NULL);
		CONTINUE WHEN t.statement IS NULL;
		statements := concat_ws(E'\n', statements, t.statement, t.comments);
		attributes := attributes || format('%I %s.%I[]', c.name, schema, type || '_' || c.name);
		comments := concat_ws(E'\n', comments, format('COMMENT ON COLUMN %s.%I.%I IS %L;', schema, type || '_document', c.name,
			coalesce(regexp_replace(obj_description(c.child, 'pg_class'), '[[:cntrl:]]+', ' ', 'g'), initcap(left(c.name, 1)) || replace(substr(c.name, 2), '_', ' '))));
		made := concat_ws(', ', made, format('ARRAY(SELECT ROW(%s)::%s.%I FROM %s c WHERE c.%I = e.%I)', t.made, schema, type || '_' || c.name, c.child, c.from_column, key));
		statements := concat_ws(E'\n', statements, CASE WHEN NOT ootspg_internal.is_indexed(c.child, c.from_column) THEN format('CREATE INDEX ON %s (%I);', c.child, c.from_column) END);
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.proposed_lists(regclass, text, text, text) IS 'types, attributes and values of what other tables have for a row of ours';

CREATE FUNCTION ootspg.propose(relation regclass, evidence_type text DEFAULT NULL, provider text DEFAULT NULL, line ootspg.edm_line DEFAULT 'oots-edm:v2.0') RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
	schema text := (SELECT quote_ident(n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation);
	type text := coalesce(evidence_type, (SELECT left(trim(regexp_replace(lower(c.relname), '[^a-z0-9]+', '-', 'g'), '-'), 40) FROM pg_class c WHERE c.oid = relation));
	word text := replace(type, '-', '_');
	named text := coalesce(provider, (SELECT min(p.provider) FROM ootspg.provider p HAVING count(*) = 1), 'registry');
	title text := coalesce(regexp_replace(obj_description(relation, 'pg_class'), '[[:cntrl:]]+', ' ', 'g'), initcap(left(type, 1)) || replace(substr(type, 2), '-', ' '));
	texts regtype[] := ARRAY['text', 'character varying', 'character']::regtype[];
	persons regclass;
	person_key text;
	subject record;
	own_key text;
	issued text;
	document record;
	lists record;
	out text := '';
BEGIN
	IF schema IS NULL THEN
		RETURN NULL;
	END IF;
	IF type !~ '^[a-z][a-z0-9-]{0,39}$' THEN
		PERFORM ootspg_internal.raise_configuration(format('"%s" cannot be the name of a proposed evidence type', type), 'Give one of up to 40 small letters, digits and hyphens, as in ootspg.propose(''registry.diploma'', ''diploma'').');
	END IF;
	-- whom it is about: the table itself, or one that it refers to, that has names and a day of birth
	FOR subject IN SELECT r.target, r.from_column, r.to_column, g.* FROM (SELECT relation AS target, NULL::text AS from_column, NULL::text AS to_column UNION ALL SELECT * FROM ootspg_internal.references_of(relation)) r,
			LATERAL (SELECT ootspg_internal.guess_column(r.target, '{^family_?name,surname,last_?name,^uzv,nachname,nom$,apellido,cognome,nazwisko,priezvisko,prijmeni}', texts) AS family,
							ootspg_internal.guess_column(r.target, '{^given_?name,first_?name,forename,^v[aā]rds?$,vorname,prenom,nombre,^nome$,imie,meno,jmeno}', texts) AS given,
							ootspg_internal.guess_column(r.target, '{^date_of_birth,birth.*date,born,birth,dzim,geb,naiss,nacim,nascita,urodz,naroden}', ARRAY['date'::regtype]) AS born) g
			ORDER BY (g.family IS NOT NULL)::int + (g.given IS NOT NULL)::int + (g.born IS NOT NULL)::int DESC LIMIT 1 LOOP
		persons := subject.target;
	END LOOP;
	person_key := coalesce(subject.to_column, (SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = persons AND i.indisprimary),
		(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = persons AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum LIMIT 1));
	own_key := (SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = relation AND i.indisprimary AND i.indnkeyatts = 1);
	issued := ootspg_internal.guess_column(relation, '{issu,enter,regist,grant,award,creat,valid_from,^from,since,date}', ARRAY['date'::regtype]);
	SELECT * INTO lists FROM ootspg_internal.proposed_lists(relation, own_key, schema, word);
	SELECT * INTO document FROM ootspg_internal.proposed_type(format('%s.%I', schema, word || '_document'), relation,
		ARRAY_remove(ARRAY[subject.from_column] || CASE WHEN persons <> relation THEN ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = own_key AND (a.attidentity <> '' OR a.atthasdef)) END, NULL),
		'e', lists.attributes || CASE WHEN persons <> relation THEN ARRAY(SELECT format('%s text', n) FROM unnest(ARRAY['holder_family_name', 'holder_given_name']) n) END);
	IF document.statement IS NULL OR person_key IS NULL THEN
		PERFORM ootspg_internal.raise_configuration(format('%s has no column that a document could be made of', relation), 'Name the table that the evidence is in.');
	END IF;
	out := format(E'-- Evidence type "%s" from %s, as ootspg.propose() sees it. Read it first: lines that end in -- ? are guesses, or take what only you know.\n', type, relation);
	out := out || E'\n-- Whom to find (doc/matching.md)\n' || format('CREATE VIEW %s.%I AS
    SELECT p.%I AS person_id, %s AS family_name, %s AS given_name, %s AS date_of_birth%s
      FROM %s p;', schema, word || '_people', person_key,
		coalesce('p.' || quote_ident(subject.family), 'NULL::text'), coalesce('p.' || quote_ident(subject.given), 'NULL::text'), coalesce('p.' || quote_ident(subject.born), 'NULL::date'),
		CASE WHEN subject.family IS NULL OR subject.given IS NULL OR subject.born IS NULL THEN '   -- ? where are name and day of birth?' ELSE '   -- ? and who is protected: , p.secret AS protected' END, persons);
	IF subject.family IS NOT NULL AND subject.born IS NOT NULL THEN
		out := out || format(E'\nCREATE INDEX ON %s (%I, ootspg.name_key(%I));', persons, subject.born, subject.family);
	END IF;
	IF subject.from_column IS NOT NULL AND NOT ootspg_internal.is_indexed(relation, subject.from_column) THEN
		out := out || format(E'\nCREATE INDEX ON %s (%I);', relation, subject.from_column);
	END IF;
	out := out || E'\n\n-- What to prove, with what people read as comments (doc/documents.md)' || coalesce(E'\n' || lists.statements, '') || E'\n' || document.statement
		|| format(E'\nCOMMENT ON TYPE %s.%I IS %L;\n', schema, word || '_document', title) || concat_ws(E'\n', document.comments, lists.comments)
		|| CASE WHEN persons <> relation THEN format(E'\nCOMMENT ON COLUMN %1$s.%2$I.holder_family_name IS ''Family name of the holder'';\nCOMMENT ON COLUMN %1$s.%2$I.holder_given_name IS ''Given name of the holder'';', schema, word || '_document') ELSE '' END
		|| format(E'\nCREATE VIEW %s.%I AS
    SELECT %s AS person_id, %s AS issuing_date,%s
           ROW(%s)::%s.%I AS document
      FROM %s e%s;', schema, word || '_evidence', format('%s.%I', CASE WHEN persons = relation THEN 'e' ELSE 'p' END, person_key),
			coalesce('e.' || quote_ident(issued), 'CURRENT_DATE'), CASE WHEN issued ~* 'issu' THEN '' ELSE '   -- ? the day it was issued' END,
			concat_ws(', ', document.made, lists.made, CASE WHEN persons <> relation THEN concat_ws(', ', coalesce('p.' || quote_ident(subject.family), 'NULL'), coalesce('p.' || quote_ident(subject.given), 'NULL')) END), schema, word || '_document', relation,
			CASE WHEN persons <> relation THEN format(' JOIN %s p ON p.%I = e.%I', persons, subject.to_column, subject.from_column) ELSE '' END);
	IF NOT EXISTS (SELECT FROM ootspg.provider p WHERE p.provider = named) THEN
		out := out || format(E'\n\n-- Who we are
INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain)
VALUES (%L, ''urn:cef.eu:names:identifier:EAS:9939'',   -- ? scheme of the identifier
        ''LV00000000000'',   -- ? as the Data Services Directory has it
        ''{"EN": "Registry"}'',   -- ? by language
        ''LV'', ''registry.example'');   -- ? country, domain of content ids', named);
	END IF;
	out := out || format(E'\n\n-- How it is served (doc/publish.md)
SELECT ootspg.install_data_model(%1$L, ''1.0'', root => %2$L, published => CURRENT_DATE,
    locations => ''{"%3$s": "https://sr.oots.tech.ec.europa.eu/%4$s/%1$s-1.0"}'');   -- ? as the Semantic Repository has it
SELECT ootspg.import_labels(%1$L, ''1.0'', %5$L, ''EN'');   -- ? the language of all comments above, those that were made here included; what other languages lack: ootspg.data_model_label
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
VALUES (%1$L, %6$L, %7$L,   -- ? identifier in the Data Services Directory
        jsonb_build_object(''EN'', %8$L), %9$L,   -- ? title by language: EN is what everybody abroad reads
        ''{R1}'', ''Substantial'',   -- ? procedures it is for, level of assurance
        ''exempt'');   -- ? required, once there is a preview space (doc/preview.md)
INSERT INTO ootspg.evidence_type_line
VALUES (%1$L, %3$L, ''https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/%7$s'');   -- ? as the Evidence Broker has it
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, model, model_version, readable)
VALUES (%1$L, ''xml'', ''application/xml'', %10$L, %1$L, ''1.0'', ''generated'');

-- What is still wrong with it; then SELECT ootspg.activate(%1$L);
SELECT * FROM ootspg.rehearse(%1$L);' || E'\n', type, replace(initcap(replace(type, '-', ' ')), ' ', ''), line, CASE line WHEN 'oots-edm:v1.0' THEN 'distributions' ELSE 'datamodels' END,
		format('%s.%I', schema, word || '_document'), named, uuid_in(overlay(overlay(md5(type || ' of ' || relation::text) placing '4' from 13) placing '8' from 17)::cstring), title,
		format('%s.%I', schema, word || '_people'), format('%s.%I', schema, word || '_evidence'));
	RETURN out;
END $$;
COMMENT ON FUNCTION ootspg.propose(regclass, text, text, ootspg.edm_line) IS
'a script that makes an evidence type of a table of the registry: views, index, composite type with labels, rows of the configuration, and a rehearsal. Text only: nothing is done. Lines that end in "-- ?" are guesses, or take what only a person can know';
