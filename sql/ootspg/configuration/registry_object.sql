-- Views and functions of the registry are somebody else's: they are dropped, made again, renamed, changed. A row that
-- names one keeps beside its number what it was called and whose it was, so that it is found again.

-- Names of functions stand in statements as they are written.
CREATE FUNCTION ootspg_internal.parts_of_name(name text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN parse_ident(name);
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.parts_of_name(text) IS 'schema and name; NULL when no statement could name something so';

-- By the catalog: to_regclass() and to_regprocedure() ask for USAGE of the schema, which neither the owner of the extension
-- nor who looks at a plan needs to have. Rights are asked where something is read (readable.sql).
CREATE FUNCTION ootspg_internal.find_relation(name text) RETURNS regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT c.oid::regclass FROM ootspg_internal.parts_of_name(find_relation.name) part, pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	 WHERE cardinality(part) = 2 AND n.nspname = part[1]::name AND c.relname = part[2]::name;
END;
COMMENT ON FUNCTION ootspg_internal.find_relation(text) IS 'the relation of a qualified name, whoever may use its schema; NULL when there is none';

CREATE FUNCTION ootspg_internal.find_function(name text, argument regtype) RETURNS regprocedure
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT p.oid::regprocedure FROM ootspg_internal.parts_of_name(find_function.name) part, pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
	 WHERE cardinality(part) = 2 AND n.nspname = part[1]::name AND p.proname = part[2]::name AND p.pronargs = 1 AND p.proargtypes[0] = find_function.argument;
END;
COMMENT ON FUNCTION ootspg_internal.find_function(text, regtype) IS 'the function of a qualified name and one argument, whoever may use its schema; NULL when there is none';

CREATE FUNCTION ootspg_internal.is_there(relation regclass) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = relation);
END;
COMMENT ON FUNCTION ootspg_internal.is_there(regclass) IS 'does the relation that a row names exist?';

CREATE FUNCTION ootspg_internal.identity_of(relation regclass, OUT name text, OUT owner text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT format('%I.%I', n.nspname, c.relname), pg_catalog.pg_get_userbyid(c.relowner)::text
	  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
END;
COMMENT ON FUNCTION ootspg_internal.identity_of(regclass) IS 'qualified name and owner of a relation, NULL when it is gone';

-- Whoever may create something in the registry's schema must not be able to give evidence by taking a free name.
CREATE FUNCTION ootspg_internal.relation_again(name text, owner text) RETURNS regclass
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT c.oid::regclass FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
	 WHERE c.oid = ootspg_internal.find_relation(name) AND (r.rolname = owner OR r.rolsuper);
END;
COMMENT ON FUNCTION ootspg_internal.relation_again(text, text) IS 'the relation of that name, if that role or a superuser owns it';

-- What a row is to say of a relation. A row that comes with a name is one of a dump: its name holds where the number is
-- that of nothing, or of something else; what is not there at all does not keep the rest of the row out.
CREATE FUNCTION ootspg_internal.settled(INOUT relation regclass, INOUT name text, INOUT owner text, before regclass)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	seen_name text;
	seen_owner text;
BEGIN
	SELECT i.name, i.owner INTO seen_name, seen_owner FROM ootspg_internal.identity_of(relation) i;
	IF relation IS NULL THEN
		name := NULL;
		owner := NULL;
	ELSIF before IS NULL AND name IS NOT NULL AND seen_name IS DISTINCT FROM name THEN
		relation := coalesce(ootspg_internal.find_relation(name), 0::oid::regclass);
		-- what is not there cannot be asked who may read it: such rows are a restore's, not of one provider's people
		IF relation = 0::oid::regclass AND row_security_active('ootspg.evidence_type') THEN
			PERFORM ootspg_internal.raise_configuration(format('there is no relation %s', name), 'Name a view or table of the registry, as in registry.people.');
		END IF;
		owner := coalesce((ootspg_internal.identity_of(relation)).owner, owner);
	ELSIF seen_name IS NOT NULL THEN
		name := seen_name;
		owner := seen_owner;
	ELSIF relation = before THEN
		relation := coalesce(ootspg_internal.relation_again(name, owner), relation);
		owner := coalesce((ootspg_internal.identity_of(relation)).owner, owner);
	ELSE
		PERFORM ootspg_internal.raise_configuration(format('there is no relation number %s', relation::oid), 'Name a view or table of the registry, as in registry.people.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.settled(regclass, text, text, regclass) IS 'relation, name and owner as a row is to have them, from what was written and which relation the row had before';

CREATE FUNCTION ootspg_internal.only_follows(before jsonb, now jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	-- of what follows from other columns a trigger does not see the new value yet
	SELECT before - n.all_names - 'readable_row' = now - n.all_names - 'readable_row'
		   AND NOT EXISTS (SELECT FROM unnest(ARRAY['subject_source', 'source', 'sample_source']) k
							WHERE now->>k IS DISTINCT FROM before->>k AND now->>(k || '_name') IS DISTINCT FROM before->>(k || '_name'))
	  FROM (SELECT array_agg(k || suffix) FROM unnest(ARRAY['subject_source', 'source', 'sample_source']) k, unnest(ARRAY['', '_name', '_owner']) suffix) n(all_names);
END;
COMMENT ON FUNCTION ootspg_internal.only_follows(jsonb, jsonb) IS 'does the changed row still name the same relations, renamed or made again, and differ in nothing else?';

-- Nothing of the registry's is run to find out: this is asked on behalf of the owner of the extension as well, by event
-- triggers, views and activate(), whoever made the view and its types.
CREATE FUNCTION ootspg_internal.is_truth(type regtype) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_is_truth'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.is_truth(regtype) IS 'can values of the type be cast to boolean?';

CREATE FUNCTION ootspg_internal.require_truth(relation regclass, column_name text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	column_type text;
BEGIN
	SELECT format_type(a.atttypid, a.atttypmod) INTO column_type FROM pg_attribute a
	 WHERE a.attrelid = relation AND a.attname = column_name AND a.attnum > 0 AND NOT a.attisdropped
	   AND NOT ootspg_internal.is_truth(a.atttypid);
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(
			format('column "%s" of %s is %s, which is no truth value', column_name, relation, column_type),
			format('Make it boolean in the view, as in (%I = ''Y'') AS %I.', column_name, column_name));
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_truth(regclass, text) IS 'OT003 when there is such a column and it cannot be cast to boolean';

-- What a generated document is made of (src/configuration/configuration.c says the same): the first structured distribution of the same rows.
CREATE FUNCTION ootspg_internal.origin(d ootspg.distribution) RETURNS ootspg.distribution
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT x FROM ootspg.distribution x
	 WHERE x.evidence_type = d.evidence_type AND x.media_type IN ('application/xml', 'application/json')
	   AND (x.source, x.source_function, x.subset) IS NOT DISTINCT FROM (d.source, d.source_function, d.subset)
	   AND (d.model IS NULL OR (x.model, x.model_version) IS NOT DISTINCT FROM (d.model, d.model_version))
	 ORDER BY x.distribution LIMIT 1
$$;
COMMENT ON FUNCTION ootspg_internal.origin(ootspg.distribution) IS 'the distribution whose documents a generated one shows; NULL: it shows the column "document" of its source';

CREATE FUNCTION ootspg_internal.is_generated(d ootspg.distribution) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT d.document = 'generated' AND d.media_type = 'application/pdf';
END;
COMMENT ON FUNCTION ootspg_internal.is_generated(ootspg.distribution) IS 'are its documents made of structured ones of the same row?';

-- strict: of a type about to be in service; before, what it is made of may be a row still to come.
CREATE FUNCTION ootspg_internal.require_origin(relation regclass, d ootspg.distribution, strict boolean) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = 'generated' AND NOT a.attisdropped) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('documents of distribution "%s" are to be generated, and %s has a column of that name', d.distribution, relation),
			'Give the column another name in the view.');
	END IF;
	IF d.companion_only OR (ootspg_internal.origin(d)).distribution IS NOT NULL THEN
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = 'document' AND NOT a.attisdropped)
		OR NOT ootspg_internal.check_shown_column(relation, 'document', d.model, d.model_version) THEN
		IF NOT strict THEN
			RETURN;
		END IF;
		PERFORM ootspg_internal.raise_configuration(
			format('there is nothing to generate documents of distribution "%s" from', d.distribution),
			'Give the view a column "document" that is structured (a composite type, xml or jsonb), or the type a structured distribution of the same source, model and subset.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_origin(regclass, ootspg.distribution, boolean) IS 'OT003 when the distribution''s documents cannot be generated from what the relation has';

CREATE FUNCTION ootspg_internal.require_evidence_columns(relation regclass, d ootspg.distribution) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	column_type regtype;
	optional text;
BEGIN
	PERFORM ootspg_internal.require_column(relation, 'person_id', 'the registry''s key of the subject');
	IF ootspg_internal.is_generated(d) THEN
		PERFORM ootspg_internal.require_origin(relation, d, false);
	ELSE
		PERFORM ootspg_internal.require_column(relation, d.document, 'the document');
		PERFORM ootspg_internal.check_document_column(relation, d.document, d.media_type, d.model, d.model_version);
	END IF;
	IF ootspg_internal.require_column(relation, 'issuing_date', 'the issuing date every evidence carries (D-MOD-01)') <> 'date'::regtype THEN
		PERFORM ootspg_internal.raise_configuration(
			format('column "issuing_date" of %s is not a date', relation), 'Cast it in the view.');
	END IF;
	FOREACH optional IN ARRAY ARRAY['valid_from', 'valid_until'] LOOP
		SELECT a.atttypid INTO column_type FROM pg_attribute a
		 WHERE a.attrelid = relation AND a.attname = optional AND NOT a.attisdropped;
		IF FOUND AND column_type <> 'date'::regtype THEN
			PERFORM ootspg_internal.raise_configuration(
				format('column "%s" of %s is not a date', optional, relation), 'Cast it in the view.');
		END IF;
	END LOOP;
	SELECT a.atttypid INTO column_type FROM pg_attribute a
	 WHERE a.attrelid = relation AND a.attname = 'available_at' AND NOT a.attisdropped;
	IF FOUND AND column_type <> 'timestamptz'::regtype THEN
		PERFORM ootspg_internal.raise_configuration(
			format('column "available_at" of %s is not timestamptz', relation), 'Cast it in the view, as in (day + time ''12:00'') AT TIME ZONE ''Europe/Riga''; or give it another name.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_evidence_columns(regclass, ootspg.distribution) IS 'OT003 unless the relation has what the distribution reads, of types that can be read';

CREATE FUNCTION ootspg_internal.require_source_function(source_function text) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	relation regclass;
BEGIN
	SELECT t.typrelid::regclass INTO relation
	  FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
	 WHERE p.oid = ootspg_internal.find_function(source_function, 'text[]'::regtype) AND p.prokind = 'f' AND p.proretset AND t.typrelid <> 0;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(
			format('"%s" is no set-returning function of one text[] that returns rows of a table, view or composite type', source_function),
			'Write its name with schema and without arguments, as in registry.births_of.');
	END IF;
	RETURN relation;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_source_function(text) IS 'the relation whose rows the function returns; OT003 unless there is such a function';

-- One truth value, neither none nor several: whether evidence leaves hangs on it.
CREATE FUNCTION ootspg_internal.require_entitlement(entitlement text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF entitlement IS NOT NULL AND NOT EXISTS (
			SELECT FROM pg_proc p
			 WHERE p.oid = ootspg_internal.find_function(entitlement, 'ootspg.entitlement_question'::regtype)
			   AND p.prokind = 'f' AND NOT p.proretset AND p.prorettype = 'boolean'::regtype) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('"%s" is no function of one ootspg.entitlement_question that returns boolean', entitlement),
			'Write its name with schema and without arguments, as in registry.may_see_birth.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_entitlement(text) IS 'OT003 unless the function can be asked, or there is none to ask';
