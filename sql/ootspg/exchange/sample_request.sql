-- A valid request for a person, so that anybody can see a real answer before a foreign authority asks.

CREATE FUNCTION ootspg_internal.request_slot(name text, type text, content jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array('rim:Slot', jsonb_build_object('name', name),
		jsonb_build_array('rim:SlotValue', jsonb_build_object('xsi:type', 'rim:' || type,
			'collectionType', CASE type WHEN 'CollectionValueType' THEN 'urn:oasis:names:tc:ebxml-regrep:CollectionType:Set' END), content));
END;
COMMENT ON FUNCTION ootspg_internal.request_slot(text, text, jsonb) IS 'a slot of a request with its one value';

CREATE FUNCTION ootspg_internal.element_of_slot(content jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array('rim:Element', jsonb_build_object('xsi:type', 'rim:AnyValueType'), content);
END;
COMMENT ON FUNCTION ootspg_internal.element_of_slot(jsonb) IS 'an element of a collection';

CREATE FUNCTION ootspg_internal.subject_tree(s ootspg.subject, level_of_assurance text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE (s).kind
		WHEN 'natural person' THEN ootspg_internal.request_slot('NaturalPerson', 'AnyValueType', jsonb_build_array('sdg:Person',
			ootspg_internal.leaf('sdg:LevelOfAssurance', level_of_assurance),
			CASE WHEN (s).identifier IS NOT NULL THEN ootspg_internal.leaf('sdg:Identifier', 'schemeID', 'eidas', (s).identifier) END,
			ootspg_internal.leaf('sdg:FamilyName', (s).family_name),
			ootspg_internal.leaf('sdg:GivenName', (s).given_name),
			ootspg_internal.leaf('sdg:DateOfBirth', to_char((s).date_of_birth, 'YYYY-MM-DD')),
			ootspg_internal.leaf('sdg:BirthName', (s).birth_name),
			ootspg_internal.leaf('sdg:PlaceOfBirth', (s).place_of_birth)))
		WHEN 'legal person' THEN ootspg_internal.request_slot('LegalPerson', 'AnyValueType', jsonb_build_array('sdg:LegalPerson',
			ootspg_internal.leaf('sdg:LevelOfAssurance', level_of_assurance),
			(SELECT jsonb_agg(ootspg_internal.leaf('sdg:Identifier', 'schemeID', i.key, i.value) ORDER BY i.key) FROM jsonb_each_text((s).legal_identifiers) i),
			CASE WHEN (s).identifier IS NOT NULL THEN ootspg_internal.leaf('sdg:LegalPersonIdentifier', 'schemeID', 'eidas', (s).identifier) END,
			ootspg_internal.leaf('sdg:LegalName', (s).legal_name)))
		END;
END;
COMMENT ON FUNCTION ootspg_internal.subject_tree(ootspg.subject, text) IS 'the slot of a request that names whom it is about';

CREATE FUNCTION ootspg_internal.wanted_tree(d ootspg.distribution, line text) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_array('sdg:DistributedAs',
		ootspg_internal.leaf('sdg:Format', (d).media_type),
		ootspg_internal.leaf('sdg:ConformsTo', m.url || CASE WHEN wanted_tree.line = 'oots-edm:v2.0' AND (d).subset IS NOT NULL THEN '/' || (d).subset ELSE '' END),
		CASE WHEN wanted_tree.line <> 'oots-edm:v2.0' THEN ootspg_internal.leaf('sdg:Transformation', m.url || '/' || (d).subset) END)
	  FROM (SELECT (SELECT u.conforms_to FROM ootspg.data_model_location u
					 WHERE u.model = (d).model AND u.version = (d).model_version AND u.line::text = wanted_tree.line) AS url) m;
END;
COMMENT ON FUNCTION ootspg_internal.wanted_tree(ootspg.distribution, text) IS 'the format that a request asks for';

CREATE FUNCTION ootspg_internal.query_tree(e ootspg.evidence_type, d ootspg.distribution, line text, subject ootspg.subject) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_array('query:Query', jsonb_build_object('queryDefinition', 'DocumentQuery'),
		ootspg_internal.request_slot('EvidenceRequest', 'AnyValueType', jsonb_build_array('sdg:DataServiceEvidenceType',
			ootspg_internal.leaf('sdg:Identifier', (e).data_service::text),
			ootspg_internal.leaf('sdg:EvidenceTypeClassification', l.classification),
			ootspg_internal.texts('sdg:Title', (e).title),
			ootspg_internal.wanted_tree(d, query_tree.line))),
		ootspg_internal.subject_tree(subject, (e).level_of_assurance))
	  FROM ootspg.evidence_type_line l WHERE l.evidence_type = (e).evidence_type AND l.line::text = query_tree.line;
END;
COMMENT ON FUNCTION ootspg_internal.query_tree(ootspg.evidence_type, ootspg.distribution, text, ootspg.subject) IS 'what a request asks for, and about whom';

-- The provider asks itself: its own identifier is one that every line takes for a requester.
CREATE FUNCTION ootspg_internal.request_tree(p ootspg.provider, line text, procedure_code text, query jsonb, id uuid, issued timestamptz,
	preview boolean, preview_location text) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_array('query:QueryRequest', jsonb_build_object('id', 'urn:uuid:' || id),
		ootspg_internal.request_slot('SpecificationIdentifier', 'StringValueType', ootspg_internal.leaf('rim:Value', line)),
		ootspg_internal.request_slot('IssueDateTime', 'DateTimeValueType',
			ootspg_internal.leaf('rim:Value', to_char(issued AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))),
		CASE WHEN line = 'oots-edm:v2.0' THEN ootspg_internal.request_slot('Procedure', 'StringValueType', ootspg_internal.leaf('rim:Value', procedure_code))
			 ELSE ootspg_internal.request_slot('Procedure', 'InternationalStringValueType', jsonb_build_array('rim:Value',
					jsonb_build_array('rim:LocalizedString', jsonb_build_object('xml:lang', 'EN', 'value', procedure_code)))) END,
		CASE WHEN preview_location IS NOT NULL THEN ootspg_internal.request_slot('PreviewLocation', 'StringValueType', ootspg_internal.leaf('rim:Value', preview_location)) END,
		CASE WHEN preview_location IS NOT NULL AND line = 'oots-edm:v2.0' THEN ootspg_internal.request_slot('ReturnLocation', 'StringValueType',
			ootspg_internal.leaf('rim:Value', 'https://portal.example/')) END,
		ootspg_internal.request_slot('PossibilityForPreview', 'BooleanValueType', ootspg_internal.leaf('rim:Value', preview::text)),
		ootspg_internal.request_slot('ExplicitRequestGiven', 'BooleanValueType', ootspg_internal.leaf('rim:Value', 'true')),
		ootspg_internal.request_slot('Requirements', 'CollectionValueType', ootspg_internal.element_of_slot(jsonb_build_array('sdg:Requirement',
			ootspg_internal.leaf('sdg:Identifier', 'https://sr.oots.tech.ec.europa.eu/requirements/' || ootspg_internal.derived_id('sample requirement')),
			ootspg_internal.leaf('sdg:Name', 'lang', 'EN', 'Sample requirement')))),
		ootspg_internal.request_slot('EvidenceRequester', 'CollectionValueType', ootspg_internal.element_of_slot(jsonb_build_array('sdg:Agent',
			ootspg_internal.leaf('sdg:Identifier', 'schemeID', (p).scheme, (p).identifier),
			ootspg_internal.texts('sdg:Name', (p).name),
			jsonb_build_array('sdg:Address', ootspg_internal.leaf('sdg:AdminUnitLevel1', (p).country)),
			ootspg_internal.leaf('sdg:Classification', 'ER')))),
		ootspg_internal.request_slot('EvidenceProvider', 'AnyValueType', jsonb_build_array('sdg:Agent',
			ootspg_internal.leaf('sdg:Identifier', 'schemeID', (p).scheme, (p).identifier),
			ootspg_internal.texts('sdg:Name', (p).name))),
		jsonb_build_array('query:ResponseOption', jsonb_build_object('returnType', 'LeafClassWithRepositoryItem')),
		query);
END;
COMMENT ON FUNCTION ootspg_internal.request_tree(ootspg.provider, text, text, jsonb, uuid, timestamptz, boolean, text) IS 'a request as a tree of XML';

CREATE FUNCTION ootspg.sample_request(evidence_type text, subject ootspg.subject, line ootspg.edm_line DEFAULT NULL,
	distribution text DEFAULT NULL, procedure_code text DEFAULT NULL, preview boolean DEFAULT false, preview_location text DEFAULT NULL) RETURNS bytea
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	e ootspg.evidence_type;
	d ootspg.distribution;
	p ootspg.provider;
	asked text := sample_request.line;
BEGIN
	SELECT * INTO e FROM ootspg.evidence_type t WHERE t.evidence_type = sample_request.evidence_type;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to see', sample_request.evidence_type USING ERRCODE = 'OT006';
	END IF;
	SELECT max(l.line) INTO asked FROM ootspg.evidence_type_line l
	 WHERE l.evidence_type = e.evidence_type AND l.line::text = coalesce(asked, l.line::text);
	SELECT * INTO d FROM ootspg.distribution x
	 WHERE x.evidence_type = e.evidence_type AND x.distribution = coalesce(sample_request.distribution, x.distribution) AND NOT x.companion_only
	 ORDER BY x.distribution COLLATE "C" LIMIT 1;
	IF asked IS NULL OR d.evidence_type IS NULL THEN
		RAISE EXCEPTION 'evidence type "%" is not served like that', e.evidence_type
			USING ERRCODE = 'OT006', HINT = 'Its lines stand in ootspg.evidence_type_line, its formats in ootspg.distribution.';
	END IF;
	IF subject IS NULL OR subject.kind IS DISTINCT FROM e.subject THEN
		RAISE EXCEPTION 'evidence type "%" is about a %', e.evidence_type, e.subject
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Make the subject with ootspg.natural_person() or ootspg.legal_person().';
	END IF;
	SELECT * INTO p FROM ootspg.provider x WHERE x.provider = e.provider;
	RETURN ootspg_internal.write_xml(ootspg_internal.request_tree(p, asked, coalesce(procedure_code, e.procedures[1]),
		ootspg_internal.query_tree(e, d, asked, subject), gen_random_uuid(), clock_timestamp(),
		coalesce(preview, false), preview_location));
END $$;
COMMENT ON FUNCTION ootspg.sample_request(text, ootspg.subject, ootspg.edm_line, text, text, boolean, text) IS
'a valid evidence request for a subject, of a new id, as a foreign authority would send it: give it to ootspg.answer() to see the real answer. By default the newest line the type is served on, its first distribution by name and its first procedure; the provider stands for the requester';
