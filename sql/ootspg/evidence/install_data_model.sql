-- Data models as data (src/evidence).

CREATE FUNCTION ootspg_internal.is_xml_name(name text) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_is_xml_name'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.is_xml_name(text) IS
'can it be the name of an element, or a prefix: an NCName of Namespaces in XML';

CREATE FUNCTION ootspg_internal.types_in_service(model text, version text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT string_agg(DISTINCT format('"%s"', d.evidence_type), ', ') FROM ootspg.distribution d JOIN ootspg.activation a USING (evidence_type)
	 WHERE d.model = types_in_service.model AND d.model_version = types_in_service.version;
END;
COMMENT ON FUNCTION ootspg_internal.types_in_service(text, text) IS 'evidence types in service that use a version of a data model; NULL when there are none';

CREATE FUNCTION ootspg.install_data_model(
	model			text,
	version			text,
	root			text,
	published		date,
	namespace		text DEFAULT '',
	prefix			text DEFAULT '',
	schema			bytea DEFAULT NULL,
	sha256			bytea DEFAULT NULL,
	element_names	text DEFAULT 'camel',
	sealable		boolean DEFAULT true,
	locations		jsonb DEFAULT '{}'
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	m		ALIAS FOR $1;
	v		ALIAS FOR $2;
	differs	boolean;
	used	text;
BEGIN
	IF sha256 IS NOT NULL AND sha256(schema) IS DISTINCT FROM sha256 THEN
		RAISE EXCEPTION 'schema of data model "%" version % does not have the checksum given', m, v
			USING ERRCODE = 'OT003', HINT = 'Fetch the schema again, or ask its publisher for the checksum (D-MOD-15).';
	END IF;
	IF ootspg_internal.is_xml_name(root) IS NOT TRUE THEN
		RAISE EXCEPTION 'root of data model "%" version % is not an XML name', m, v
			USING ERRCODE = 'OT003', HINT = 'Give the local name of the root element, without prefix.';
	END IF;
	IF prefix <> '' AND (namespace = '' OR prefix IN ('xml', 'xmlns', 'ds', 'xades')
			OR NOT ootspg_internal.is_xml_name(prefix)) THEN
		RAISE EXCEPTION 'prefix of data model "%" version % cannot be used', m, v
			USING ERRCODE = 'OT003', HINT = 'A prefix is an XML name other than xml, xmlns, ds and xades, and stands for a namespace; leave it empty for a default namespace.';
	END IF;
	PERFORM ootspg_internal.require_schema(schema);

	-- of what nothing in service uses nobody has evidence yet: it is under construction, and may be corrected
	used := ootspg_internal.types_in_service(m, v);
	INSERT INTO ootspg.data_model AS d (model, version, namespace, prefix, root, element_names, schema, published, sealable)
	VALUES (m, v, install_data_model.namespace, install_data_model.prefix, install_data_model.root,
			install_data_model.element_names, install_data_model.schema, install_data_model.published,
			install_data_model.sealable)
	ON CONFLICT ON CONSTRAINT data_model_pkey DO UPDATE
	   SET namespace = EXCLUDED.namespace, prefix = EXCLUDED.prefix, root = EXCLUDED.root, element_names = EXCLUDED.element_names,
		   schema = EXCLUDED.schema, published = EXCLUDED.published, sealable = EXCLUDED.sealable
	 WHERE used IS NULL AND (d.namespace, d.prefix, d.root, d.element_names, d.schema, d.published, d.sealable)
		   IS DISTINCT FROM (EXCLUDED.namespace, EXCLUDED.prefix, EXCLUDED.root, EXCLUDED.element_names, EXCLUDED.schema, EXCLUDED.published, EXCLUDED.sealable);
	SELECT (d.namespace, d.prefix, d.root, d.element_names, d.schema_sha256, d.published, d.sealable)
		   IS DISTINCT FROM
		   (install_data_model.namespace, install_data_model.prefix, install_data_model.root,
			install_data_model.element_names, sha256(install_data_model.schema),
			install_data_model.published, install_data_model.sealable)
	  INTO STRICT differs
	  FROM ootspg.data_model d WHERE d.model = m AND d.version = v;

	PERFORM ootspg_internal.keep_found_labels(m, v);
	INSERT INTO ootspg.data_model_location AS d (model, version, line, conforms_to)
	SELECT m, v, l.key, l.value FROM jsonb_each_text(locations) l
	ON CONFLICT ON CONSTRAINT data_model_location_pkey DO UPDATE SET conforms_to = EXCLUDED.conforms_to
	 WHERE used IS NULL AND d.conforms_to <> EXCLUDED.conforms_to;
	IF differs OR EXISTS (
		SELECT FROM ootspg.data_model_location l JOIN jsonb_each_text(locations) given ON given.key = l.line
		 WHERE l.model = m AND l.version = v AND l.conforms_to <> given.value)
	THEN
		RAISE EXCEPTION 'data model "%" version % is installed already and differs', m, v
			USING ERRCODE = 'OT003', HINT = format('It is in service, with %s: what is in service never changes. Install the changed model under a version of its own.', used);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.install_data_model(text, text, text, date, text, text, bytea, bytea, text, boolean, jsonb) IS
'adds a version of a data model: root element, namespace, XML Schema with its SHA-256 and the labels in it, and its persistent URL by line, as in {"oots-edm:v1.2": "https://…"}. The same again does nothing but add further lines; another content replaces a version that no evidence type in service uses, and is refused with OT003 otherwise';

CREATE FUNCTION ootspg_internal.keep_data_model() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF ootspg_internal.types_in_service(OLD.model, OLD.version) IS NULL THEN
		RETURN NEW;
	END IF;
	RAISE EXCEPTION 'data model "%" version % is in service and never changes', OLD.model, OLD.version
		USING ERRCODE = 'OT003', HINT = 'Install the changed model under a version of its own.';
END $$;
COMMENT ON FUNCTION ootspg_internal.keep_data_model() IS 'refuses to change a data model that evidence types in service use';

CREATE TRIGGER keep_data_model BEFORE UPDATE ON ootspg.data_model
	FOR EACH ROW WHEN ((OLD.namespace, OLD.prefix, OLD.root, OLD.element_names, OLD.schema, OLD.published)
		IS DISTINCT FROM (NEW.namespace, NEW.prefix, NEW.root, NEW.element_names, NEW.schema, NEW.published))
	EXECUTE FUNCTION ootspg_internal.keep_data_model();
