-- The configuration of one provider as one document: exported here, compared and applied there, kept under version
-- control. What is a matter of the place stays out of it: environment, roles, access points, secrets, links to persons.

-- Every table of the configuration of a provider, those that others refer to first. Rows are a provider's by the column
-- "owner", whose row of the table of that name has the provider; rows that all providers share go along where they are used.
CREATE FUNCTION ootspg_internal.configuration_tables(OUT rank bigint, OUT name text, OUT owner text, OUT used text) RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT t.rank, t.name, t.owner, t.used
	  FROM unnest(
		ARRAY['provider', 'preview_space', 'letterhead', 'retention', 'publisher', 'access_service', 'seal_key', 'data_model', 'data_model_location', 'data_model_label', 'data_model_field', 'classification_concept', 'requirement',
			'evidence_type', 'evidence_type_line', 'distribution', 'distribution_language', 'directory_entry', 'evidence_type_concept',
			'provider_concept', 'evidence_type_list', 'evidence_type_list_member', 'reference_framework', 'requirement_framework', 'activation'],
		ARRAY['provider', 'provider', 'provider', 'provider', 'provider', 'provider', 'provider', NULL, NULL, NULL, NULL, NULL, NULL,
			'provider', 'evidence_type', 'evidence_type', 'evidence_type', 'evidence_type', 'evidence_type',
			'provider', 'provider', 'evidence_type_list', 'provider', 'reference_framework', 'evidence_type'],
		ARRAY[NULL, NULL, NULL, NULL, NULL, NULL, NULL,
			'(x.model, x.version) IN (SELECT d.model, d.model_version FROM ootspg.distribution d JOIN ootspg.evidence_type t USING (evidence_type) WHERE t.provider = $1)',
			'(x.model, x.version) IN (SELECT d.model, d.model_version FROM ootspg.distribution d JOIN ootspg.evidence_type t USING (evidence_type) WHERE t.provider = $1)',
			'(x.model, x.version) IN (SELECT d.model, d.model_version FROM ootspg.distribution d JOIN ootspg.evidence_type t USING (evidence_type) WHERE t.provider = $1)',
			'(x.model, x.version) IN (SELECT d.model, d.model_version FROM ootspg.distribution d JOIN ootspg.evidence_type t USING (evidence_type) WHERE t.provider = $1)',
			'x.concept IN (SELECT c.concept FROM ootspg.evidence_type_concept c JOIN ootspg.evidence_type t USING (evidence_type) WHERE t.provider = $1'
			' UNION SELECT c.concept FROM ootspg.provider_concept c WHERE c.provider = $1)',
			'x.requirement IN (SELECT l.requirement FROM ootspg.evidence_type_list l WHERE l.provider = $1'
			' UNION SELECT r.requirement FROM ootspg.requirement_framework r JOIN ootspg.reference_framework f USING (reference_framework) WHERE f.provider = $1)'])
		WITH ORDINALITY t(name, owner, used, rank);
END;
COMMENT ON FUNCTION ootspg_internal.configuration_tables() IS
'tables of a provider''s configuration document in the order of their references; owner: the column that says whose a row is, NULL for rows that all providers share, of which those go along that meet the condition used';

-- What follows from other columns, and what belongs to the place, is not in the document.
CREATE FUNCTION ootspg_internal.configuration_columns(name text, OUT column_name text, OUT is_key boolean, OUT is_relation boolean) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT a.attname::text, coalesce(a.attnum = ANY (i.indkey), false), a.atttypid = 'regclass'::regtype
	  FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
	 WHERE a.attrelid = to_regclass('ootspg.' || quote_ident(configuration_columns.name)) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
	   AND (configuration_columns.name, a.attname::text) NOT IN (('provider', 'environment'), ('provider', 'answer_role'), ('preview_space', 'closed_from'), ('preview_space', 'closed_until'), ('activation', 'activated_at'), ('activation', 'activated_by'))
	   AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute r WHERE r.attrelid = a.attrelid AND r.atttypid = 'regclass'::regtype
						AND a.attname IN (r.attname || '_name', r.attname || '_owner'))
	 ORDER BY a.attnum;
END;
COMMENT ON FUNCTION ootspg_internal.configuration_columns(text) IS 'columns of a table that stand in the configuration document; relations stand there by name';

-- Rows of every provider that the caller sees, so that a row of the same key can be told to be another's.
CREATE FUNCTION ootspg_internal.configured_rows(name text, provider text, OUT key jsonb, OUT value jsonb, OUT mine boolean) RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET intervalstyle = postgres
SET datestyle = 'ISO'
SET bytea_output = hex
AS $$
DECLARE
	t record;
	keys text;
	columns text;
	sorted text;
BEGIN
	SELECT c.* INTO STRICT t FROM ootspg_internal.configuration_tables() c WHERE c.name = configured_rows.name;
	SELECT string_agg(format('%L, x.%I', c.column_name, c.column_name), ', ') FILTER (WHERE c.is_key),
		   string_agg(format('%L, x.%I', c.column_name, c.column_name), ', ') FILTER (WHERE NOT c.is_relation),
		   string_agg(format('x.%I::text COLLATE "C"', c.column_name), ', ') FILTER (WHERE c.is_key)
	  INTO keys, columns, sorted FROM ootspg_internal.configuration_columns(t.name) c;
	SELECT concat_ws(', ', columns, string_agg(format('%L, coalesce((ootspg_internal.identity_of(x.%I)).name, x.%I)', c.column_name, c.column_name, c.column_name || '_name'), ', '))
	  INTO columns FROM ootspg_internal.configuration_columns(t.name) c WHERE c.is_relation;
	RETURN QUERY EXECUTE format('SELECT jsonb_build_object(%s), jsonb_build_object(%s), coalesce(%s, false) FROM ootspg.%I x ORDER BY %s', keys, columns,
		coalesce(t.used, CASE WHEN t.owner = 'provider' THEN 'x.provider = $1'
							  ELSE format('x.%1$I IN (SELECT o.%1$I FROM ootspg.%1$I o WHERE o.provider = $1)', t.owner) END), t.name, sorted)
		USING configured_rows.provider;
END $$;
COMMENT ON FUNCTION ootspg_internal.configured_rows(text, text) IS 'rows of a table of the configuration as they stand in documents; mine: they belong to the provider, or are shared and used by it';

CREATE FUNCTION ootspg.export_configuration(provider text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	tables jsonb;
BEGIN
	PERFORM ootspg_internal.require_configure(export_configuration.provider);
	SELECT jsonb_object_agg(t.name, (SELECT coalesce(jsonb_agg(r.value ORDER BY r.number), '[]')
			FROM ootspg_internal.configured_rows(t.name, export_configuration.provider) WITH ORDINALITY r(key, value, mine, number) WHERE r.mine))
	  INTO tables FROM ootspg_internal.configuration_tables() t;
	IF tables->'provider' = '[]' THEN
		PERFORM ootspg_internal.raise_configuration(format('there is no provider "%s"', export_configuration.provider), 'Providers are rows of ootspg.provider.');
	END IF;
	RETURN jsonb_build_object('format', 1, 'provider', export_configuration.provider, 'tables', tables);
END $$;
COMMENT ON FUNCTION ootspg.export_configuration(text) IS
'the configuration of one provider as one document, the same whenever the rows are: provider, what is published of it, keys by reference, data models in use, evidence types with views by name, lists, and which types are in service. Without environment, roles, access points, links to persons and anything secret';

-- Servers since 16 take a number for a relation; in a document it is no name.
CREATE FUNCTION ootspg_internal.relation_named(name text) RETURNS regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT CASE WHEN name !~ '^[[:space:]]*[0-9]+[[:space:]]*$' THEN to_regclass(name) END;
END;
COMMENT ON FUNCTION ootspg_internal.relation_named(text) IS 'the relation that a document names, NULL when it is not here';

-- The rows of a document, in the form that rows here have.
CREATE FUNCTION ootspg_internal.document_row(name text, given jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET intervalstyle = postgres
SET datestyle = 'ISO'
SET bytea_output = hex
AS $$
DECLARE
	relations text[] := ARRAY(SELECT c.column_name FROM ootspg_internal.configuration_columns(document_row.name) c WHERE c.is_relation);
	wrong text;
	result jsonb;
BEGIN
	IF jsonb_typeof(given) IS DISTINCT FROM 'object' THEN
		PERFORM ootspg_internal.raise_configuration(format('a row of "%s" in the document is no object', document_row.name), 'Take a document of ootspg.export_configuration() as the pattern.');
	END IF;
	SELECT k INTO wrong FROM jsonb_object_keys(given) k
	 WHERE k NOT IN (SELECT c.column_name FROM ootspg_internal.configuration_columns(document_row.name) c) ORDER BY 1 LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('the document has a column "%s" of "%s", which is no part of a configuration here', wrong, document_row.name),
			'It belongs to the place, or to a later version of the extension: remove it from the document, or update the extension.');
	END IF;
	SELECT c.column_name INTO wrong FROM ootspg_internal.configuration_columns(document_row.name) c WHERE c.is_key AND given->>c.column_name IS NULL LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('a row of "%s" in the document lacks "%s"', document_row.name, wrong), 'Each row says all columns of its key.');
	END IF;
	EXECUTE format('SELECT to_jsonb(jsonb_populate_record(NULL::ootspg.%I, $1))', document_row.name) INTO result USING given - relations;
	SELECT jsonb_object_agg(g.key, CASE WHEN g.key <> ALL (relations) THEN result->g.key
										ELSE coalesce(to_jsonb((ootspg_internal.identity_of(ootspg_internal.relation_named(g.value #>> '{}'))).name), g.value) END)
	  INTO result FROM jsonb_each(given) g;
	RETURN result;
END $$;
COMMENT ON FUNCTION ootspg_internal.document_row(text, jsonb) IS 'a row of a configuration document with its values as the table has them, as far as the document says them; OT003 when it is none of the table';

CREATE FUNCTION ootspg_internal.document_rows(document jsonb, OUT rank bigint, OUT name text, OUT key jsonb, OUT value jsonb) RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t record;
	wrong text;
BEGIN
	IF document->'format' IS DISTINCT FROM '1' OR jsonb_typeof(document->'tables') IS DISTINCT FROM 'object' OR jsonb_typeof(document->'provider') IS DISTINCT FROM 'string' THEN
		PERFORM ootspg_internal.raise_configuration(
			CASE WHEN jsonb_typeof(document->'format') = 'number' AND (document->>'format')::numeric > 1 THEN format('the document has format %s, of a later version', document->>'format')
				 ELSE 'this is no configuration document' END,
			'This version reads format 1, as ootspg.export_configuration() writes it: an object of format, provider and tables.');
	END IF;
	SELECT k INTO wrong FROM jsonb_each(document->'tables') e(k, v)
	 WHERE k NOT IN (SELECT c.name FROM ootspg_internal.configuration_tables() c) OR jsonb_typeof(v) <> 'array' ORDER BY 1 LIMIT 1;
	IF wrong IS NOT NULL THEN
		PERFORM ootspg_internal.raise_configuration(format('"%s" in the document is no list of rows of a table of the configuration', wrong),
			format('Tables of the configuration are: %s.', (SELECT string_agg(c.name, ', ' ORDER BY c.rank) FROM ootspg_internal.configuration_tables() c)));
	END IF;
	FOR t IN SELECT c.* FROM ootspg_internal.configuration_tables() c ORDER BY c.rank LOOP
		FOR value IN SELECT ootspg_internal.document_row(t.name, e) FROM jsonb_array_elements(document->'tables'->t.name) e LOOP
			rank := t.rank;
			name := t.name;
			SELECT jsonb_object_agg(c.column_name, value->c.column_name) INTO key FROM ootspg_internal.configuration_columns(t.name) c WHERE c.is_key;
			-- whose it is says a row of the document, never one that happens to be here
			IF (CASE t.owner WHEN 'provider' THEN value->'provider' IS DISTINCT FROM document->'provider'
							ELSE t.owner IS NOT NULL AND (document->'tables'->t.owner @> jsonb_build_array(jsonb_build_object(coalesce(t.owner, ''), value->t.owner))) IS NOT TRUE END) THEN
				PERFORM ootspg_internal.raise_configuration(format('row %s of "%s" in the document is not one of provider "%s"', key, t.name, document->>'provider'),
					'A document has the rows of one provider, and none that hang on rows of others.');
			END IF;
			RETURN NEXT;
		END LOOP;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.document_rows(jsonb) IS 'rows of a configuration document, checked: its format, that they are of the provider, and of columns that this version has';

CREATE FUNCTION ootspg.compare_configuration(document jsonb, OUT table_name text, OUT key jsonb, OUT column_name text, OUT here jsonb, OUT document_says jsonb) RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	difference record;
BEGIN
	PERFORM ootspg_internal.require_configure(coalesce(document->>'provider', ''));
	FOR difference IN
		WITH said AS MATERIALIZED (SELECT d.*, count(*) OVER (PARTITION BY d.name, d.key) AS times FROM ootspg_internal.document_rows(document) d),
		there AS MATERIALIZED (SELECT t.rank, t.name, t.owner, r.* FROM ootspg_internal.configuration_tables() t, ootspg_internal.configured_rows(t.name, document->>'provider') r)
		SELECT coalesce(s.name, h.name) AS name, coalesce(s.key, h.key) AS key, s.times > 1 AS twice, s.key IS NOT NULL AND h.owner IS NOT NULL AND NOT h.mine AS foreign_row,
			   s.value AS said, h.value AS there
		  FROM said s FULL JOIN there h ON h.name = s.name AND h.key = s.key
		 WHERE s.key IS NOT NULL OR (h.mine AND h.owner IS NOT NULL AND h.name <> 'provider' AND document->'tables' ? h.name)	-- a provider ends by hand
		 ORDER BY coalesce(s.rank, h.rank), coalesce(s.key, h.key)::text COLLATE "C" LOOP
		IF difference.twice OR difference.foreign_row THEN
			PERFORM ootspg_internal.raise_configuration(
				format(CASE WHEN difference.twice THEN 'the document has row %s of "%s" twice' ELSE 'row %s of "%s" belongs to another provider here' END, difference.key, difference.name),
				CASE WHEN difference.twice THEN 'Remove one of them.' ELSE 'Names of evidence types, keys and lists are of the whole database: choose another.' END);
		END IF;
		table_name := difference.name;
		key := difference.key;
		IF difference.said IS NULL OR difference.there IS NULL THEN
			column_name := NULL;
			here := difference.there;
			document_says := difference.said;
			RETURN NEXT;
		ELSE
			FOR column_name, here, document_says IN
				SELECT s.key, difference.there->s.key, s.value FROM jsonb_each(difference.said) s
				 WHERE s.value IS DISTINCT FROM difference.there->s.key ORDER BY s.key COLLATE "C" LOOP
				RETURN NEXT;
			END LOOP;
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg.compare_configuration(jsonb) IS
'what apply_configuration() would change: a row for each column that differs; column_name is NULL where the whole row is in the document only, or here only. Tables and columns that the document does not name are not compared';
