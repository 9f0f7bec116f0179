-- A configuration document applied: by the caller's own privileges, through the functions that try what they write, and
-- judged by the triggers of the tables as rows written by hand are.

-- What would fail in the middle, or in words that do not say who can help, is told before anything is written.
CREATE FUNCTION ootspg_internal.require_applicable(differences jsonb, provider text, environment text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	named text;
BEGIN
	SELECT string_agg(DISTINCT format('%s %s', d->>'table_name', d->>'key'), ', ') INTO named
	  FROM jsonb_array_elements(differences) d JOIN ootspg_internal.configuration_tables() t ON t.name = d->>'table_name' WHERE t.owner IS NULL;
	IF named IS NOT NULL AND row_security_active('ootspg.data_model') AND NOT ootspg_internal.own_providers(current_user, 'configure') && ARRAY['*'] THEN
		RAISE EXCEPTION 'the document changes rows that all providers share: %', named
			USING ERRCODE = 'insufficient_privilege',
			HINT = 'Whoever has the duty to configure without a provider applies them first, or the whole document; what is the same here already needs nobody.';
	END IF;
	SELECT string_agg(DISTINCT v.value #>> '{}', ', ') INTO named
	  FROM jsonb_array_elements(differences) d, ootspg_internal.configuration_columns(d->>'table_name') c,
		   LATERAL (SELECT CASE d->>'column_name' WHEN c.column_name THEN d->'document_says' END UNION ALL SELECT d->'document_says'->c.column_name WHERE d->>'column_name' IS NULL) v(value)
	 WHERE c.is_relation AND v.value <> 'null' AND ootspg_internal.relation_named(v.value #>> '{}') IS NULL;
	IF named IS NOT NULL THEN
		PERFORM ootspg_internal.raise_configuration(format('relations that the document names are not here: %s', named),
			'Bring the registry''s views first, or correct their names in the document; a name has its schema.');
	END IF;
	IF environment IS NULL AND NOT EXISTS (SELECT FROM ootspg.provider p WHERE p.provider = require_applicable.provider) THEN
		PERFORM ootspg_internal.raise_configuration(format('provider "%s" is new here, and nothing says of which environment it is to be', provider),
			'Name it: ootspg.apply_configuration(document, environment => ''production''). A document does not carry it, so that a copy for trials is not taken for the real one.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_applicable(jsonb, text, text) IS 'refuses differences that the caller may not apply, or that name relations that are not here, all of them at once';

CREATE FUNCTION ootspg_internal.apply_row(name text, key jsonb, is_new boolean, said jsonb, document jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns text := (SELECT string_agg(quote_ident(c), ', ') FROM jsonb_object_keys(said) c);
	whole jsonb;
BEGIN
	IF name IN ('seal_key', 'data_model') THEN
		SELECT r.value || said INTO whole FROM (SELECT '{}'::jsonb AS value UNION ALL
			SELECT h.value FROM ootspg_internal.configured_rows(apply_row.name, document->>'provider') h WHERE h.key = apply_row.key) r ORDER BY r.value <> '{}' DESC LIMIT 1;
	END IF;
	IF name = 'seal_key' THEN
		PERFORM ootspg.set_seal_key(whole->>'seal_key', whole->>'provider', whole->>'key_uri', whole->>'certificate_uri');
	ELSIF name = 'data_model' THEN
		PERFORM ootspg.install_data_model(whole->>'model', whole->>'version', whole->>'root', (whole->>'published')::date, coalesce(whole->>'namespace', ''), coalesce(whole->>'prefix', ''),
			(whole->>'schema')::bytea, NULL, coalesce(whole->>'element_names', 'camel'), coalesce((whole->>'sealable')::boolean, true));
	ELSIF name IN ('data_model_label', 'data_model_field') AND is_new THEN
		-- installing the model may have brought them by now
		EXECUTE format('INSERT INTO ootspg.%1$I (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::ootspg.%1$I, $1) ON CONFLICT ON CONSTRAINT %1$s_pkey DO UPDATE SET %3$I = EXCLUDED.%3$I',
			name, columns, CASE name WHEN 'data_model_label' THEN 'label' ELSE 'form' END) USING said;
	ELSIF is_new THEN
		EXECUTE format('INSERT INTO ootspg.%1$I (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::ootspg.%1$I, $1)', name, columns) USING said;
	ELSE
		EXECUTE format('UPDATE ootspg.%1$I x SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::ootspg.%1$I, $1)) FROM jsonb_populate_record(NULL::ootspg.%1$I, $2) k WHERE %3$s', name, columns,
			(SELECT string_agg(format('x.%1$I = k.%1$I', c.column_name), ' AND ') FROM ootspg_internal.configuration_columns(apply_row.name) c WHERE c.is_key)) USING said, key;
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.apply_row(text, jsonb, boolean, jsonb, jsonb) IS 'writes what a document says of a row: all of a new one, else the columns that differ';

CREATE FUNCTION ootspg_internal.remove_row(name text, key jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('DELETE FROM ootspg.%1$I x USING jsonb_populate_record(NULL::ootspg.%1$I, $1) k WHERE %2$s', name,
		(SELECT string_agg(format('x.%1$I = k.%1$I', c.column_name), ' AND ') FROM ootspg_internal.configuration_columns(remove_row.name) c WHERE c.is_key)) USING key;
END $$;
COMMENT ON FUNCTION ootspg_internal.remove_row(text, jsonb) IS 'removes a row that a document does not have';

CREATE FUNCTION ootspg_internal.apply_differences(differences jsonb, document jsonb, environment text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	d record;
BEGIN
	-- out of service first, so that what only such a type uses may change
	PERFORM ootspg.deactivate(x.key->>'evidence_type') FROM jsonb_to_recordset(differences) x(table_name text, key jsonb, document_says jsonb)
	  WHERE x.table_name = 'activation' AND x.document_says IS NULL;
	FOR d IN
		SELECT t.name, x.key, bool_or(x.column_name IS NULL) AS is_new,
			   CASE WHEN bool_or(x.column_name IS NULL) THEN jsonb_agg(x.document_says)->0 ELSE jsonb_object_agg(coalesce(x.column_name, ''), x.document_says) END AS said
		  FROM jsonb_array_elements(differences) e,
			   LATERAL (SELECT e->>'table_name' AS name, e->'key' AS key, e->>'column_name' AS column_name, e->'document_says' AS document_says) x
		  JOIN ootspg_internal.configuration_tables() t ON t.name = x.name
		 WHERE t.name <> 'activation' AND (x.column_name IS NOT NULL OR x.document_says <> 'null')
		 GROUP BY t.rank, t.name, x.key ORDER BY t.rank, x.key::text COLLATE "C" LOOP
		IF d.name = 'provider' AND d.is_new THEN
			d.said := d.said || jsonb_build_object('environment', environment);
		END IF;
		PERFORM ootspg_internal.apply_row(d.name, d.key, d.is_new, d.said, document);
	END LOOP;
	FOR d IN
		SELECT t.name, e->'key' AS key FROM jsonb_array_elements(differences) e JOIN ootspg_internal.configuration_tables() t ON t.name = e->>'table_name'
		 WHERE t.name <> 'activation' AND e->>'column_name' IS NULL AND e->'document_says' = 'null'
		 ORDER BY t.rank DESC, (e->'key')::text COLLATE "C" LOOP
		PERFORM ootspg_internal.remove_row(d.name, d.key);
	END LOOP;
	-- also what is in service already: new rows of it have been judged by nobody
	IF differences <> '[]' THEN
		PERFORM ootspg.activate(r.key->>'evidence_type') FROM ootspg_internal.document_rows(document) r WHERE r.name = 'activation';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.apply_differences(jsonb, jsonb, text) IS 'carries out what ootspg.compare_configuration() found: out of service, written, removed, into service';

CREATE FUNCTION ootspg.apply_configuration(document jsonb, remove boolean DEFAULT false, environment text DEFAULT NULL,
	OUT table_name text, OUT key jsonb, OUT column_name text, OUT here jsonb, OUT document_says jsonb) RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	provider text := document->>'provider';
	present text;
	differences jsonb;
BEGIN
	PERFORM ootspg_internal.require_configure(coalesce(provider, ''));
	-- one at a time for a provider
	SELECT p.environment INTO present FROM ootspg.provider p WHERE p.provider = apply_configuration.document->>'provider' FOR NO KEY UPDATE;
	IF present <> apply_configuration.environment THEN
		PERFORM ootspg_internal.raise_configuration(format('provider "%s" is of environment %s here, not %s', provider, present, apply_configuration.environment),
			'Environment is named for a provider that is new here; it is changed in ootspg.provider alone.');
	END IF;
	SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.number), '[]') INTO differences
	  FROM ootspg.compare_configuration(document) WITH ORDINALITY c(table_name, key, column_name, here, document_says, number)
	 WHERE c.document_says IS NOT NULL
		OR (apply_configuration.remove AND (c.table_name <> 'seal_key' OR has_table_privilege('ootspg.seal_key', 'DELETE')));
	PERFORM ootspg_internal.require_applicable(differences, provider, apply_configuration.environment);
	PERFORM ootspg_internal.apply_differences(differences, document, apply_configuration.environment);
	RETURN QUERY SELECT e->>'table_name', e->'key', e->>'column_name', nullif(e->'here', 'null'), nullif(e->'document_says', 'null') FROM jsonb_array_elements(differences) e;
END $$;
COMMENT ON FUNCTION ootspg.apply_configuration(jsonb, boolean, text) IS
'makes the configuration here what the document says, all of it or nothing, and returns what it changed, as compare_configuration() showed it: no row, no change. Takes nothing away, rows or service, unless remove is true, and then only from tables that the document names, never the provider and never what providers share; environment: of a provider that is new here. Seal keys are tried by set_seal_key(), data models by install_data_model(), types go into service by activate(), and through all of that again when something was changed';
