-- What elements and codes of a data model are called, in every language somebody may read them (src/document).

CREATE TABLE ootspg.data_model_label (
	model			text NOT NULL,
	version			text NOT NULL,
	path			text NOT NULL CHECK (ootspg_internal.require('label', path)),
	code			text NOT NULL DEFAULT '',
	language		text NOT NULL CHECK (ootspg_internal.require('language', language)),
	label			text NOT NULL CHECK (ootspg_internal.require('label', label)),
	PRIMARY KEY (model, version, path, code, language),
	FOREIGN KEY (model, version) REFERENCES ootspg.data_model ON UPDATE CASCADE ON DELETE CASCADE
);
COMMENT ON TABLE ootspg.data_model_label IS 'labels of the fields and codes of data models, which readable documents show; those of a schema come along with it, ootspg.import_labels() takes comments of a type, all may be edited at any time';
COMMENT ON COLUMN ootspg.data_model_label.model IS 'with version: the data model';
COMMENT ON COLUMN ootspg.data_model_label.version IS 'its version';
COMMENT ON COLUMN ootspg.data_model_label.path IS 'names from below the root with / between them, as in BirthPlace/City; an attribute is @name, the root its own name. A shorter end of the path, as City, holds wherever no longer one is a row';
COMMENT ON COLUMN ootspg.data_model_label.code IS 'value of the field that the label stands for; empty: the label is the field''s own';
COMMENT ON COLUMN ootspg.data_model_label.language IS 'language of the label, as in EN';
COMMENT ON COLUMN ootspg.data_model_label.label IS 'what people read';

CREATE TABLE ootspg.data_model_field (
	model			text NOT NULL,
	version			text NOT NULL,
	path			text NOT NULL CHECK (ootspg_internal.require('label', path)),
	form			text NOT NULL CHECK (ootspg_internal.require('form', form)),
	PRIMARY KEY (model, version, path),
	FOREIGN KEY (model, version) REFERENCES ootspg.data_model ON UPDATE CASCADE ON DELETE CASCADE
);
COMMENT ON TABLE ootspg.data_model_field IS 'how fields are written in readable documents, where their values do not tell: a number may be an amount or an identifier. Found in schemas and types like labels';
COMMENT ON COLUMN ootspg.data_model_field.model IS 'with version: the data model';
COMMENT ON COLUMN ootspg.data_model_field.version IS 'its version';
COMMENT ON COLUMN ootspg.data_model_field.path IS 'as in ootspg.data_model_label';
COMMENT ON COLUMN ootspg.data_model_field.form IS 'text: as it stands; number: with the language''s decimal mark; amount: with its groups of thousands as well; truth: yes or no. Without a row, dates and times are written in the language''s manner and all else as it stands';

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['data_model_label', 'data_model_field'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY every_provider ON ootspg.%I FOR SELECT USING (true)', t);
		EXECUTE format('CREATE POLICY whole_database ON ootspg.%I USING ((SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*''])', t);
		EXECUTE format('CREATE TRIGGER require_whole BEFORE INSERT OR UPDATE OR DELETE ON ootspg.%I FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.require_whole()', t);
		PERFORM pg_catalog.pg_extension_config_dump(format('ootspg.%I', t)::regclass, '');
		-- each backend keeps what it read (configuration/kept.sql)
		EXECUTE format('CREATE TRIGGER _forget AFTER INSERT OR UPDATE OR DELETE ON ootspg.%I FOR EACH ROW EXECUTE FUNCTION ootspg_internal.forget_configuration()', t);
		EXECUTE format('CREATE TRIGGER _forget_all AFTER TRUNCATE ON ootspg.%I FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.forget_configuration()', t);
		EXECUTE format('ALTER TABLE ootspg.%1$I ENABLE ALWAYS TRIGGER _forget, ENABLE ALWAYS TRIGGER _forget_all', t);
	END LOOP;
END $$;

CREATE FUNCTION ootspg_internal.schema_labels(schema bytea, root text,
	OUT path text, OUT code text, OUT language text, OUT label text, OUT form text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_schema_labels'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.schema_labels(bytea, text) IS
'fields and codes of an XML Schema, each once without language, and once for each label that an annotation gives it';

CREATE FUNCTION ootspg_internal.type_labels(type oid, root text, camel boolean,
	OUT path text, OUT code text, OUT language text, OUT label text, OUT form text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_type_labels'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.type_labels(oid, text, boolean) IS
'fields and codes of a composite type or view, with what comments on its columns call them';

-- What people wrote stays: only what is not there yet is added. Not a trigger: a restored dump brings the labels itself.
CREATE FUNCTION ootspg_internal.keep_found_labels(model text, version text) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
	INSERT INTO ootspg.data_model_label (model, version, path, code, language, label)
	SELECT DISTINCT ON (f.path, f.code, f.language) m.model, m.version, f.path, f.code, f.language, f.label
	  FROM ootspg.data_model m, ootspg_internal.schema_labels(m.schema, m.root) f
	 WHERE m.model = $1 AND m.version = $2 AND f.label IS NOT NULL
	ON CONFLICT DO NOTHING;
	INSERT INTO ootspg.data_model_field (model, version, path, form)
	SELECT DISTINCT ON (f.path) m.model, m.version, f.path, f.form
	  FROM ootspg.data_model m, ootspg_internal.schema_labels(m.schema, m.root) f
	 WHERE m.model = $1 AND m.version = $2 AND f.form IS NOT NULL AND f.code = ''
	ON CONFLICT DO NOTHING;
$$;
COMMENT ON FUNCTION ootspg_internal.keep_found_labels(text, text) IS 'adds the labels that the schema of a data model has, where there are none yet';

CREATE FUNCTION ootspg.import_labels(model text, version text, type regtype, language text) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	d ootspg.data_model;
	added integer;
BEGIN
	SELECT * INTO d FROM ootspg.data_model m WHERE m.model = import_labels.model AND m.version = import_labels.version;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('there is no data model "%s" version %s', import_labels.model, import_labels.version),
			'Install it with ootspg.install_data_model().');
	END IF;
	INSERT INTO ootspg.data_model_field (model, version, path, form)
	SELECT DISTINCT ON (f.path) d.model, d.version, f.path, f.form
	  FROM ootspg_internal.type_labels(import_labels.type::oid, d.root, d.element_names = 'camel') f WHERE f.form IS NOT NULL AND f.code = ''
	ON CONFLICT DO NOTHING;
	INSERT INTO ootspg.data_model_label AS l (model, version, path, code, language, label)
	SELECT DISTINCT ON (f.path) d.model, d.version, f.path, '', import_labels.language, f.label
	  FROM ootspg_internal.type_labels(import_labels.type::oid, d.root, d.element_names = 'camel') f WHERE f.label IS NOT NULL
	ON CONFLICT ON CONSTRAINT data_model_label_pkey DO UPDATE SET label = EXCLUDED.label WHERE l.label <> EXCLUDED.label;
	GET DIAGNOSTICS added = ROW_COUNT;
	RETURN added;
END $$;
COMMENT ON FUNCTION ootspg.import_labels(text, text, regtype, text) IS
'makes labels of a data model from the comments on the columns of a composite type or view, in the language they are written in, and tells how many are new or changed; what types of numbers there are is noted as well';

-- Fields and codes that a data model is known to have: from its schema, from the composite types of the columns that
-- distributions read, and from the labels themselves.
CREATE FUNCTION ootspg_internal.model_fields(model text, version text, OUT path text, OUT code text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT f.path, f.code
	  FROM ootspg.data_model m, ootspg_internal.schema_labels(m.schema, m.root) f WHERE m.model = $1 AND m.version = $2
	UNION
	SELECT f.path, f.code
	  FROM ootspg.data_model m JOIN ootspg.distribution d ON d.model = m.model AND d.model_version = m.version
	  JOIN pg_attribute a ON a.attrelid = d.source AND a.attname = CASE WHEN ootspg_internal.is_generated(d) THEN 'document' ELSE d.document END AND NOT a.attisdropped
	  JOIN pg_type t ON t.oid = a.atttypid AND t.typtype = 'c', ootspg_internal.type_labels(t.oid, m.root, m.element_names = 'camel') f
	 WHERE m.model = $1 AND m.version = $2 AND m.schema IS NULL
	UNION
	SELECT l.path, l.code FROM ootspg.data_model_label l WHERE l.model = $1 AND l.version = $2
$$;
COMMENT ON FUNCTION ootspg_internal.model_fields(text, text) IS 'paths and codes of a data model, from its schema, from types of documents and from its labels';

CREATE FUNCTION ootspg.missing_labels(model text, version text, languages text[] DEFAULT NULL,
	OUT path text, OUT code text, OUT language text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT f.path, f.code, w.language
	  FROM ootspg_internal.model_fields($1, $2) f
	 CROSS JOIN (SELECT DISTINCT upper(x) AS language
				   FROM unnest(coalesce($3, ARRAY['EN'] || ARRAY(SELECT l.language FROM ootspg.data_model_label l WHERE l.model = $1 AND l.version = $2))) x) w
	 CROSS JOIN LATERAL (SELECT string_to_array(f.path, '/') AS names) n
	 CROSS JOIN LATERAL generate_series(1, cardinality(n.names)) i
	  LEFT JOIN (SELECT l.path, l.code, l.language FROM ootspg.data_model_label l WHERE l.model = $1 AND l.version = $2) g
		ON (g.path, g.code, g.language) = (array_to_string(n.names[i:], '/'), f.code, w.language)
	 GROUP BY f.path, f.code, w.language
	HAVING count(g.path) = 0
	 ORDER BY w.language, f.path COLLATE "C", f.code COLLATE "C"
$$;
COMMENT ON FUNCTION ootspg.missing_labels(text, text, text[]) IS
'fields and codes of a data model that have no label in a language; languages: by default English and those that any label of the model is in. What has none is shown in English, in the evidence''s own language, or by its name written as words';

-- Of models whose documents are shown by their labels: those without a human-readable version of their own, and what is generated.
CREATE FUNCTION ootspg_internal.lacking_labels(evidence_type text, OUT model text, OUT version text, OUT missing bigint, OUT languages text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT d.model, d.model_version, count(x.path), string_agg(DISTINCT x.language, ', ')
	  FROM (SELECT DISTINCT coalesce(v.model, o.model) AS model, coalesce(v.model_version, o.model_version) AS model_version
			  FROM ootspg.distribution v LEFT JOIN LATERAL (SELECT (ootspg_internal.origin(v)).* WHERE ootspg_internal.is_generated(v)) o ON true
			 WHERE v.evidence_type = $1 AND (ootspg_internal.is_generated(v) OR v.readable IS NULL OR v.readable = 'generated')) d,
		   ootspg.missing_labels(d.model, d.model_version) x
	 GROUP BY 1, 2 ORDER BY 1, 2
$$;
COMMENT ON FUNCTION ootspg_internal.lacking_labels(text) IS 'data models of an evidence type whose documents people read by labels, with the number of those that lack, and in which languages';

CREATE FUNCTION ootspg_internal.tell_missing_labels(evidence_type text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	m record;
BEGIN
	FOR m IN SELECT * FROM ootspg_internal.lacking_labels(evidence_type) LOOP
		RAISE NOTICE 'data model "%" version % lacks % labels that readable documents would show, in %', m.model, m.version, m.missing, m.languages
			USING HINT = format('SELECT * FROM ootspg.missing_labels(%L, %L) lists them, rows of ootspg.data_model_label add them; without them people read names of elements.', m.model, m.version);
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_missing_labels(text) IS 'a NOTICE for each data model of an evidence type that lacks labels';
