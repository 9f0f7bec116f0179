-- Submissions (life cycle management, LCM): from rows to registry objects to one message.
-- SQL says what stands where, for each line; src/directory/tree.c writes it canonically.

CREATE FUNCTION ootspg_internal.write_xml(tree jsonb) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_write_xml'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.write_xml(jsonb) IS
'canonical XML of a tree like ["sdg:Title", {"lang": "EN"}, "Birth certificate"]; null is nothing, an array that begins with an array is a list';

CREATE FUNCTION ootspg_internal.submission_objects(message bytea,
	OUT place integer, OUT service text, OUT kind text, OUT object_id text, OUT identifier text,
	OUT source text, OUT target text, OUT countries text[], OUT content bytea)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_submission_objects'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.submission_objects(bytea) IS
'registry objects and associations of a submission: what each is about, and its content so that equal content is equal bytes; OT001 when it is no submission';

CREATE FUNCTION ootspg.check_submission(
	message bytea, line text DEFAULT NULL, service text DEFAULT NULL, submission_id text DEFAULT NULL,
	OUT rule_id text, OUT severity text, OUT location text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_check_submission'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.check_submission(bytea, text, text, text) IS
'rules that a submission to a directory, or the answer to one, breaks: one row for each place; only severity fatal justifies a refusal. Without line the object model decides, without service (dsd, eb) the classification scheme; an answer must name submission_id when it is given. Unreadable input is one row of rule XML, never an error';

CREATE FUNCTION ootspg.check_submission(
	message xml, line text DEFAULT NULL, service text DEFAULT NULL, submission_id text DEFAULT NULL,
	OUT rule_id text, OUT severity text, OUT location text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT c.* FROM ootspg.check_submission(convert_to(message::text, 'UTF8'), line, service, submission_id) c;
END;
COMMENT ON FUNCTION ootspg.check_submission(xml, text, text, text) IS 'the same for a value of type xml, as ootspg.submission() gives it';

CREATE FUNCTION ootspg.submission_rules(
	OUT rule_id text, OUT message text,
	OUT v10 text, OUT v11 text, OUT v12 text, OUT v20 text, OUT expects text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_submission_rules'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.submission_rules() IS
'every rule that check_submission() and check_directory_answer() know: for which message (dsd, eb, success, error; dsd answer, dsd refusal, eb answer), severity on each line (NULL: not on that line) and what it asks for. R-*-V10-* in 2.0: condition of 1.0 whose number there is not known. A rule that looks elsewhere on some lines has several rows';

-- Pieces of trees.
CREATE FUNCTION ootspg_internal.leaf(element text, value text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN value IS NOT NULL THEN jsonb_build_array(element, value) END;
END;
COMMENT ON FUNCTION ootspg_internal.leaf(text, text) IS 'element with text; NULL for NULL';

CREATE FUNCTION ootspg_internal.leaf(element text, attribute text, attribute_value text, value text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array(element, jsonb_build_object(attribute, attribute_value), value);
END;
COMMENT ON FUNCTION ootspg_internal.leaf(text, text, text, text) IS 'element with an attribute and text';

CREATE FUNCTION ootspg_internal.texts(element text, localized jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_agg(ootspg_internal.leaf(element, 'lang', t.key, t.value) ORDER BY t.key <> 'EN', t.key COLLATE "C")
	  FROM jsonb_each_text(localized) t;
END;
COMMENT ON FUNCTION ootspg_internal.texts(text, jsonb) IS 'one element for each language, EN first; NULL for NULL';

-- 1.x tells regions and local units by level, 2.0 by codes of a list of the state.
CREATE FUNCTION ootspg_internal.jurisdiction_tree(line text, country text, nuts text, lau text, list text, codes text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array('sdg:Jurisdiction',
		ootspg_internal.leaf('sdg:AdminUnitLevel1', country),
		CASE WHEN line <> 'oots-edm:v2.0' THEN ootspg_internal.leaf('sdg:AdminUnitLevel2', nuts) END,
		CASE WHEN line <> 'oots-edm:v2.0' THEN ootspg_internal.leaf('sdg:AdminUnitLevel3', lau) END,
		CASE WHEN line = 'oots-edm:v2.0' THEN
			(SELECT jsonb_agg(ootspg_internal.leaf('sdg:AdditionalJurisdictionClassification', 'listID', list, code) ORDER BY place)
			   FROM unnest(codes) WITH ORDINALITY c(code, place)) END);
END;
COMMENT ON FUNCTION ootspg_internal.jurisdiction_tree(text, text, text, text, text, text[]) IS 'sdg:Jurisdiction on a line';

CREATE FUNCTION ootspg_internal.concept_tree(element text, line text, c ootspg.classification_concept, supported text[]) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array(element,
		CASE WHEN line = 'oots-edm:v1.0' OR (c).code_list IS NULL THEN ootspg_internal.leaf('sdg:Identifier', (c).concept::text)
			 ELSE ootspg_internal.leaf('sdg:Identifier', 'schemeID', (c).code_list, (c).concept::text) END,
		ootspg_internal.leaf('sdg:Type', CASE WHEN line = 'oots-edm:v2.0' THEN (c).kind ELSE initcap((c).kind) END),
		ootspg_internal.leaf('sdg:ValueExpression', (c).value_expression),
		ootspg_internal.texts('sdg:Description', (c).description),
		(SELECT jsonb_build_array('sdg:SupportedValue', jsonb_agg(ootspg_internal.leaf(
				CASE (c).kind WHEN 'boolean' THEN 'sdg:BooleanValue' ELSE 'sdg:StringValue' END, v.value) ORDER BY v.place))
		   FROM unnest(supported) WITH ORDINALITY v(value, place) HAVING count(*) > 0));
END;
COMMENT ON FUNCTION ootspg_internal.concept_tree(text, text, ootspg.classification_concept, text[]) IS 'an information concept: a question, or with supported values an answer';

-- Identifiers of the Semantic Repository as the target takes them (D-MOD-08, D-REG-10).
CREATE FUNCTION ootspg_internal.at_target(t ootspg.directory_target, url text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN (t).repository IS NULL THEN url ELSE regexp_replace(url, '^https://[^/]+', (t).repository) END;
END;
COMMENT ON FUNCTION ootspg_internal.at_target(ootspg.directory_target, text) IS 'the URL on the host of the target''s repository';

CREATE FUNCTION ootspg_internal.target_classification(t ootspg.directory_target, evidence_type text) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ootspg_internal.at_target(t, l.classification) FROM ootspg.evidence_type_line l
	 WHERE l.evidence_type = target_classification.evidence_type AND l.line::text = ANY ((t).lines::text[])
	 ORDER BY l.line::text = (t).line::text DESC, l.line DESC LIMIT 1;
END;
COMMENT ON FUNCTION ootspg_internal.target_classification(ootspg.directory_target, text) IS 'classification of the target''s line, else of the newest listed line the type is served on';

CREATE FUNCTION ootspg_internal.target_model(t ootspg.directory_target, model text, version text) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT replace(ootspg_internal.at_target(t, u.conforms_to),
				   CASE (t).line WHEN 'oots-edm:v1.0' THEN '/datamodels/' ELSE '/distributions/' END,
				   CASE (t).line WHEN 'oots-edm:v1.0' THEN '/distributions/' ELSE '/datamodels/' END)
	  FROM ootspg.data_model_location u
	 WHERE u.model = target_model.model AND u.version = target_model.version
	 ORDER BY u.line::text = (t).line::text DESC, u.line DESC LIMIT 1;
END;
COMMENT ON FUNCTION ootspg_internal.target_model(ootspg.directory_target, text, text) IS 'URL of a data model, below /distributions/ in 1.0 and /datamodels/ later';

CREATE FUNCTION ootspg_internal.address_tree(p ootspg.provider, d ootspg.publisher) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array('sdg:Address',
		ootspg_internal.leaf('sdg:FullAddress', (p).full_address),
		ootspg_internal.leaf('sdg:LocatorDesignator', (d).locator_designator),
		ootspg_internal.leaf('sdg:PostCode', (d).post_code),
		ootspg_internal.leaf('sdg:PostCityName', (d).post_city_name),
		ootspg_internal.leaf('sdg:Thoroughfare', (d).thoroughfare),
		ootspg_internal.leaf('sdg:AdminUnitLevel1', (p).country),
		ootspg_internal.leaf('sdg:AdminUnitLevel2', (p).nuts));
END;
COMMENT ON FUNCTION ootspg_internal.address_tree(ootspg.provider, ootspg.publisher) IS 'sdg:Address of a provider';

CREATE FUNCTION ootspg_internal.publisher_tree(t ootspg.directory_target, provider text) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_array('sdg:' || CASE (t).line WHEN 'oots-edm:v1.0' THEN 'Publisher' ELSE (t).publisher_element END,
		ootspg_internal.leaf('sdg:Identifier', 'schemeID', p.scheme, p.identifier),
		ootspg_internal.texts('sdg:Name', p.name),
		CASE WHEN (t).line <> 'oots-edm:v1.0' THEN ootspg_internal.texts('sdg:Description', d.description) END,
		ootspg_internal.address_tree(p, d),
		ootspg_internal.jurisdiction_tree((t).line, d.jurisdiction, d.jurisdiction_nuts, d.jurisdiction_lau, d.jurisdiction_list, d.jurisdiction_codes),
		CASE WHEN (t).supported_values = 'publisher' THEN
			(SELECT jsonb_agg(ootspg_internal.concept_tree('sdg:ClassificationConcept', (t).line, c, a.supported) ORDER BY c.concept)
			   FROM ootspg.provider_concept a JOIN ootspg.classification_concept c USING (concept)
			  WHERE a.provider = p.provider) END)
	  FROM ootspg.provider p JOIN ootspg.publisher d USING (provider)
	 WHERE p.provider = publisher_tree.provider;
END;
COMMENT ON FUNCTION ootspg_internal.publisher_tree(ootspg.directory_target, text) IS 'what the DSD is told about a provider';

CREATE FUNCTION ootspg_internal.distributions_tree(t ootspg.directory_target, evidence_type text) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_agg(jsonb_build_array('sdg:DistributedAs',
			ootspg_internal.leaf('sdg:Format', d.media_type),
			CASE WHEN (t).line = 'oots-edm:v2.0' THEN
				(SELECT jsonb_agg(ootspg_internal.leaf('sdg:Language', l.language) ORDER BY l.language)
				   FROM ootspg.distribution_language l
				  WHERE l.evidence_type = d.evidence_type AND l.distribution = d.distribution) END,
			CASE WHEN s.structured THEN ootspg_internal.leaf('sdg:ConformsTo',	-- never beside PDF and images
				m.url || CASE WHEN (t).line = 'oots-edm:v2.0' AND d.subset IS NOT NULL THEN '/' || d.subset ELSE '' END) END,
			CASE WHEN s.structured AND (t).line <> 'oots-edm:v2.0' THEN
				ootspg_internal.leaf('sdg:Transformation', m.url || '/' || d.subset) END)
			ORDER BY d.distribution COLLATE "C")
	  FROM ootspg.distribution d,
		   LATERAL (SELECT d.media_type IN ('application/xml', 'application/json') AS structured) s,
		   LATERAL (SELECT ootspg_internal.target_model(t, d.model, d.model_version) AS url) m
	 WHERE d.evidence_type = distributions_tree.evidence_type AND NOT d.companion_only
	   AND (d.subset IS NULL OR (t).transformation OR (t).line = 'oots-edm:v2.0');
END;
COMMENT ON FUNCTION ootspg_internal.distributions_tree(ootspg.directory_target, text) IS 'formats, languages and data models of an evidence type';

CREATE FUNCTION ootspg_internal.evidence_type_tree(t ootspg.directory_target, evidence_type text) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_array('sdg:DataServiceEvidenceType',
		ootspg_internal.leaf('sdg:Identifier', e.data_service::text),
		ootspg_internal.leaf('sdg:EvidenceTypeClassification', ootspg_internal.target_classification(t, e.evidence_type)),
		ootspg_internal.texts('sdg:Title', e.title),
		ootspg_internal.texts('sdg:Description', e.description),
		ootspg_internal.distributions_tree(t, e.evidence_type),
		CASE WHEN (t).level_of_assurance THEN ootspg_internal.leaf('sdg:AuthenticationLevelOfAssurance', e.level_of_assurance) END,
		CASE WHEN (t).line <> 'oots-edm:v1.0' THEN ootspg_internal.texts('sdg:Note', d.note) END,
		CASE WHEN (t).line <> 'oots-edm:v2.0' AND d.context IS NOT NULL THEN
			jsonb_build_array('sdg:EvidenceProviderJurisdictionDetermination',
				ootspg_internal.leaf('sdg:JurisdictionContextId', d.context::text),
				ootspg_internal.texts('sdg:JurisdictionContext', d.context_name),
				ootspg_internal.leaf('sdg:JurisdictionLevel', d.context_level)) END,
		(SELECT jsonb_agg(ootspg_internal.concept_tree('sdg:EvidenceProviderClassification', (t).line, c,
				CASE WHEN (t).supported_values = 'evidence type' THEN a.supported END) ORDER BY c.concept)
		   FROM ootspg.evidence_type_concept q JOIN ootspg.classification_concept c USING (concept)
		   LEFT JOIN ootspg.provider_concept a ON a.concept = c.concept AND a.provider = e.provider
		  WHERE q.evidence_type = e.evidence_type))
	  FROM ootspg.evidence_type e JOIN ootspg.directory_entry d USING (evidence_type)
	 WHERE e.evidence_type = evidence_type_tree.evidence_type;
END;
COMMENT ON FUNCTION ootspg_internal.evidence_type_tree(ootspg.directory_target, text) IS 'what the DSD is told about an evidence type';

CREATE FUNCTION ootspg_internal.access_service_tree(t ootspg.directory_target, party_id_type text, party_id text, name jsonb, lines text[], publisher jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array('sdg:AccessService',
		ootspg_internal.leaf('sdg:Identifier', 'schemeID', party_id_type, party_id),
		CASE WHEN (t).line <> 'oots-edm:v1.0' THEN ootspg_internal.texts('sdg:Name', name) END,
		(SELECT jsonb_agg(ootspg_internal.leaf('sdg:ConformsTo', l) ORDER BY l) FROM unnest(lines) l),
		publisher);
END;
COMMENT ON FUNCTION ootspg_internal.access_service_tree(ootspg.directory_target, text, text, jsonb, text[], jsonb) IS 'an access point; in the two-object model with its provider inside';

-- Registry objects with the ids they had before.
CREATE FUNCTION ootspg_internal.derived_id(name text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT overlay(overlay(encode(substr(sha256(convert_to(name, 'UTF8')), 1, 16), 'hex')
				   PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid;
END;
COMMENT ON FUNCTION ootspg_internal.derived_id(text) IS
'a UUID (version 8) that every database derives alike from a name, so that the same requirement or access point has one id in fragments of different databases';

CREATE FUNCTION ootspg_internal.object_id(service text, kind text, key text) RETURNS ootspg.registry_object
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	object ootspg.registry_object;
BEGIN
	SELECT o.* INTO object FROM ootspg.registry_object o
	 WHERE o.service = object_id.service AND o.kind = object_id.kind AND o.key = object_id.key;
	IF NOT FOUND THEN
		object := ROW(service, kind, key,
			CASE kind WHEN 'Requirement' THEN key::uuid	-- named by its own UUID in everybody's submissions
				 ELSE ootspg_internal.derived_id(concat_ws(' ', service, kind, key)) END,
			ootspg_internal.derived_id(concat_ws(' ', service, 'classification', kind, key)));
		INSERT INTO ootspg.registry_object SELECT object.* ON CONFLICT DO NOTHING;
	END IF;
	RETURN object;
END $$;
COMMENT ON FUNCTION ootspg_internal.object_id(text, text, text) IS 'the ids of a registry object, kept from the first time on';

CREATE FUNCTION ootspg_internal.registry_object(service text, kind text, key text, content jsonb) RETURNS bytea
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	object ootspg.registry_object := ootspg_internal.object_id(service, kind, key);
BEGIN
	RETURN ootspg_internal.write_xml(jsonb_build_array('rim:RegistryObject', jsonb_build_object('id', 'urn:uuid:' || object.object_id),
		jsonb_build_array('rim:Slot', jsonb_build_object('name', kind),
			jsonb_build_array('rim:SlotValue', jsonb_build_object('xsi:type', 'rim:AnyValueType'), content)),
		jsonb_build_array('rim:Classification', jsonb_build_object('id', 'urn:uuid:' || object.classification_id,
			'classificationScheme', 'urn:fdc:oots:classification:' || service, 'classificationNode', kind))));
END $$;
COMMENT ON FUNCTION ootspg_internal.registry_object(text, text, text, jsonb) IS 'a registry object with one slot and its classification';

CREATE FUNCTION ootspg_internal.association(service text, type text, source_kind text, source_key text, target_kind text, target_key text) RETURNS bytea
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	object ootspg.registry_object := ootspg_internal.object_id(service, type, source_key || ' -> ' || target_key);
	source ootspg.registry_object := ootspg_internal.object_id(service, source_kind, source_key);
	target ootspg.registry_object := ootspg_internal.object_id(service, target_kind, target_key);
BEGIN
	RETURN ootspg_internal.write_xml(jsonb_build_array('rim:RegistryObject', jsonb_build_object(
		'xsi:type', 'rim:AssociationType',	-- rules compare this prefix
		'id', 'urn:uuid:' || object.object_id,
		'type', 'urn:oasis:names:tc:ebxml-regrep:AssociationType:' || type,
		'sourceObject', 'urn:uuid:' || source.object_id, 'targetObject', 'urn:uuid:' || target.object_id)));
END $$;
COMMENT ON FUNCTION ootspg_internal.association(text, text, text, text, text, text) IS 'an association of two registry objects, each named by kind and key';

-- What is published: types with an entry, on the lines that the target lists.
CREATE FUNCTION ootspg_internal.published_types(t ootspg.directory_target, provider text,
	OUT evidence_type text, OUT provider_name text, OUT data_service uuid, OUT lines text[])
RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT e.evidence_type, e.provider, e.data_service,
		   ARRAY(SELECT l.line::text FROM ootspg.evidence_type_line l
				  WHERE l.evidence_type = e.evidence_type AND l.line::text = ANY ((t).lines::text[]) ORDER BY 1)
	  FROM ootspg.evidence_type e JOIN ootspg.directory_entry d USING (evidence_type) JOIN ootspg.provider p USING (provider)
	 WHERE d.publish AND p.environment = (t).environment
	   AND (published_types.provider IS NULL OR e.provider = published_types.provider);
END;
COMMENT ON FUNCTION ootspg_internal.published_types(ootspg.directory_target, text) IS 'evidence types to be published, with the lines they are listed on';

CREATE FUNCTION ootspg_internal.dsd_objects(t ootspg.directory_target, provider text) RETURNS SETOF bytea
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	two_objects boolean := t.line = 'oots-edm:v1.0';
BEGIN
	IF two_objects THEN
		-- 1.0 has one line in an access service, so a provider has an object for each
		RETURN QUERY
		SELECT ootspg_internal.registry_object('dsd', 'EvidenceProvider', o.key,
				ootspg_internal.access_service_tree(t, o.party_id_type, o.party_id, NULL, ARRAY[o.line], ootspg_internal.publisher_tree(t, o.provider_name)))
		  FROM (SELECT DISTINCT key, party_id_type, party_id, line, provider_name FROM ootspg_internal.reached(t, dsd_objects.provider)) o ORDER BY o.key;
		RETURN QUERY
		SELECT ootspg_internal.association('dsd', 'ServesEvidenceType', 'EvidenceProvider', o.key, 'DataServiceEvidenceType', o.data_service::text)
		  FROM ootspg_internal.reached(t, dsd_objects.provider) o ORDER BY o.key, o.data_service;
	ELSE
		RETURN QUERY
		SELECT ootspg_internal.registry_object('dsd', 'EvidenceProvider', o.provider_key, ootspg_internal.publisher_tree(t, o.provider_name))
		  FROM (SELECT DISTINCT provider_key, provider_name FROM ootspg_internal.reached(t, dsd_objects.provider)) o ORDER BY o.provider_key;
		RETURN QUERY
		SELECT ootspg_internal.registry_object('dsd', 'AccessService', o.access_key,
				ootspg_internal.access_service_tree(t, o.party_id_type, o.party_id, o.name, o.lines, NULL))
		  FROM (SELECT access_key, party_id_type, party_id, array_agg(DISTINCT line) AS lines,
					   (array_agg(access_name ORDER BY provider_name) FILTER (WHERE access_name IS NOT NULL))[1] AS name
				  FROM ootspg_internal.reached(t, dsd_objects.provider) GROUP BY 1, 2, 3) o ORDER BY o.access_key;
		RETURN QUERY
		SELECT ootspg_internal.association('dsd', 'ProvidesEvidenceType', 'EvidenceProvider', o.provider_key, 'DataServiceEvidenceType', o.data_service::text)
		  FROM (SELECT DISTINCT provider_key, data_service FROM ootspg_internal.reached(t, dsd_objects.provider) WHERE data_service IS NOT NULL) o ORDER BY 1;
		RETURN QUERY
		SELECT ootspg_internal.association('dsd', 'UsesAccessService', 'EvidenceProvider', o.provider_key, 'AccessService', o.access_key)
		  FROM (SELECT DISTINCT provider_key, access_key FROM ootspg_internal.reached(t, dsd_objects.provider)) o ORDER BY 1;
	END IF;
	RETURN QUERY
	SELECT ootspg_internal.registry_object('dsd', 'DataServiceEvidenceType', e.data_service::text, ootspg_internal.evidence_type_tree(t, e.evidence_type))
	  FROM ootspg_internal.published_types(t, dsd_objects.provider) e ORDER BY e.data_service;
END $$;
COMMENT ON FUNCTION ootspg_internal.dsd_objects(ootspg.directory_target, text) IS 'registry objects for the DSD, of one provider or of all';

-- Who is reached by which access service, on which line, for which evidence type. An
-- access service may list lines beyond those of the types: rows without type.
CREATE FUNCTION ootspg_internal.reached(t ootspg.directory_target, provider text,
	OUT provider_name text, OUT provider_key text, OUT party_id_type text, OUT party_id text, OUT access_key text, OUT access_name jsonb,
	OUT line text, OUT key text, OUT data_service uuid)
RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT e.provider_name, p.scheme || '::' || p.identifier, a.party_id_type, a.party_id, a.party_id_type || '::' || a.party_id, a.name::jsonb,
		   l.line, format('%s::%s behind %s::%s %s', p.scheme, p.identifier, a.party_id_type, a.party_id, l.line),
		   CASE WHEN l.line = ANY (e.lines) THEN e.data_service END
	  FROM ootspg_internal.published_types(t, reached.provider) e
	  JOIN ootspg.provider p ON p.provider = e.provider_name
	  JOIN ootspg.access_service a ON a.provider = e.provider_name,
		   LATERAL (SELECT line FROM unnest(e.lines) line UNION SELECT line::text FROM unnest(a.lines) line WHERE line::text = ANY ((t).lines::text[])) l
	 WHERE (t).line <> 'oots-edm:v1.0' OR l.line = ANY (e.lines);
END;
COMMENT ON FUNCTION ootspg_internal.reached(ootspg.directory_target, text) IS 'providers, access services, lines and evidence types as they belong together';
