-- What the Evidence Broker is told: evidence types, their lists, requirements and frameworks as registry objects.

CREATE FUNCTION ootspg_internal.eb_objects(t ootspg.directory_target, provider text) RETURNS SETOF bytea
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	requirements uuid[];
BEGIN
	RETURN QUERY	-- types of one classification are one type to the EB
	SELECT ootspg_internal.registry_object('eb', 'EvidenceType', ootspg_internal.eb_key(c.classification), c.tree)
	  FROM (SELECT DISTINCT ON (1) ootspg_internal.target_classification(t, e.evidence_type) AS classification, ootspg_internal.eb_type_tree(t, e.evidence_type) AS tree
			  FROM ootspg_internal.published_types(t, eb_objects.provider) e ORDER BY 1, e.evidence_type) c;
	RETURN QUERY
	SELECT ootspg_internal.registry_object('eb', 'EvidenceTypeList', l.evidence_type_list::text, ootspg_internal.eb_list_tree(t, l))
	  FROM ootspg.evidence_type_list l JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = t.environment AND (eb_objects.provider IS NULL OR l.provider = eb_objects.provider) ORDER BY l.evidence_type_list;
	RETURN QUERY
	SELECT ootspg_internal.registry_object('eb', 'ReferenceFramework', f.reference_framework::text, ootspg_internal.eb_framework_tree(t, f))
	  FROM ootspg.reference_framework f JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = t.environment AND (eb_objects.provider IS NULL OR f.provider = eb_objects.provider) ORDER BY f.reference_framework;
	RETURN QUERY
	SELECT ootspg_internal.registry_object('eb', 'Requirement', r.requirement::text, jsonb_build_array('sdg:Requirement',
			ootspg_internal.leaf('sdg:Identifier', coalesce(t.repository, 'https://sr.oots.tech.ec.europa.eu') || '/requirements/' || r.requirement),
			ootspg_internal.texts('sdg:Name', r.name),
			CASE WHEN t.line <> 'oots-edm:v1.0' THEN ootspg_internal.texts('sdg:Description', r.description) END))
	  FROM ootspg.requirement r
	 WHERE r.requirement IN (SELECT l.requirement FROM ootspg.evidence_type_list l JOIN ootspg.provider p USING (provider)
							  WHERE p.environment = t.environment AND (eb_objects.provider IS NULL OR l.provider = eb_objects.provider)
							 UNION
							 SELECT m.requirement FROM ootspg.requirement_framework m JOIN ootspg.reference_framework f USING (reference_framework) JOIN ootspg.provider p USING (provider)
							  WHERE p.environment = t.environment AND (eb_objects.provider IS NULL OR f.provider = eb_objects.provider))
	 ORDER BY r.requirement;
	RETURN QUERY
	SELECT ootspg_internal.association('eb', 'ContainsEvidence', 'EvidenceTypeList', m.list, 'EvidenceType', m.type)
	  FROM (SELECT DISTINCT l.evidence_type_list::text AS list, ootspg_internal.eb_key(ootspg_internal.target_classification(t, e.evidence_type)) AS type
			  FROM ootspg.evidence_type_list l JOIN ootspg.provider p USING (provider)
			  JOIN ootspg.evidence_type_list_member USING (evidence_type_list)
			  JOIN ootspg_internal.published_types(t, NULL) e USING (evidence_type)
			 WHERE p.environment = t.environment AND (eb_objects.provider IS NULL OR l.provider = eb_objects.provider)) m ORDER BY m.list, m.type;
	RETURN QUERY
	SELECT ootspg_internal.association('eb', 'FulfillsRequirement', 'EvidenceTypeList', l.evidence_type_list::text, 'Requirement', l.requirement::text)
	  FROM ootspg.evidence_type_list l JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = t.environment AND (eb_objects.provider IS NULL OR l.provider = eb_objects.provider) ORDER BY l.evidence_type_list;
	RETURN QUERY
	SELECT ootspg_internal.association('eb', 'DerivesFromReferenceFramework', 'Requirement', m.requirement::text, 'ReferenceFramework', m.reference_framework::text)
	  FROM ootspg.requirement_framework m JOIN ootspg.reference_framework f USING (reference_framework) JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = t.environment AND (eb_objects.provider IS NULL OR f.provider = eb_objects.provider) ORDER BY m.requirement, m.reference_framework;
END $$;
COMMENT ON FUNCTION ootspg_internal.eb_objects(ootspg.directory_target, text) IS 'registry objects for the EB, of one provider or of all';

CREATE FUNCTION ootspg_internal.eb_key(classification text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT substring(classification FROM '[^/]+/[^/]+$');
END;
COMMENT ON FUNCTION ootspg_internal.eb_key(text) IS 'country and UUID of a classification, the same on every host';

CREATE FUNCTION ootspg_internal.eb_type_tree(t ootspg.directory_target, evidence_type text) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_array('sdg:EvidenceType',
		ootspg_internal.leaf('sdg:EvidenceTypeClassification', ootspg_internal.target_classification(t, e.evidence_type)),
		ootspg_internal.texts('sdg:Title', e.title),
		ootspg_internal.texts('sdg:Description', e.description),
		CASE WHEN (t).line <> 'oots-edm:v2.0' THEN	-- 2.0 has it in the list
			ootspg_internal.jurisdiction_tree((t).line, d.jurisdiction, d.jurisdiction_nuts, d.jurisdiction_lau, NULL, NULL) END)
	  FROM ootspg.evidence_type e JOIN ootspg.publisher d USING (provider)
	 WHERE e.evidence_type = eb_type_tree.evidence_type;
END;
COMMENT ON FUNCTION ootspg_internal.eb_type_tree(ootspg.directory_target, text) IS 'what the EB is told about an evidence type';

CREATE FUNCTION ootspg_internal.eb_list_tree(t ootspg.directory_target, l ootspg.evidence_type_list) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_array('sdg:EvidenceTypeList',
		ootspg_internal.leaf('sdg:Identifier', (l).evidence_type_list::text),
		ootspg_internal.texts('sdg:Name', (l).name),
		CASE WHEN (t).line = 'oots-edm:v2.0' AND (l).no_match THEN jsonb_build_array(
			ootspg_internal.leaf('sdg:MatchType', 'NoMatch'), ootspg_internal.texts('sdg:MatchDescription', (l).match_description)) END,
		CASE WHEN (t).line = 'oots-edm:v2.0' THEN
			ootspg_internal.jurisdiction_tree((t).line, d.jurisdiction, NULL, NULL, d.jurisdiction_list, d.jurisdiction_codes) END)
	  FROM ootspg.publisher d WHERE d.provider = (l).provider;
END;
COMMENT ON FUNCTION ootspg_internal.eb_list_tree(ootspg.directory_target, ootspg.evidence_type_list) IS 'what the EB is told about a list of evidence types';

CREATE FUNCTION ootspg_internal.eb_framework_tree(t ootspg.directory_target, f ootspg.reference_framework) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_array('sdg:ReferenceFramework',
		ootspg_internal.leaf('sdg:Identifier', (f).reference_framework::text),
		ootspg_internal.texts('sdg:Title', (f).title),
		ootspg_internal.texts('sdg:Description', (f).description),
		(SELECT jsonb_agg(jsonb_build_array('sdg:RelatedTo', ootspg_internal.leaf('sdg:Identifier', code)) ORDER BY code) FROM unnest((f).procedures) code),
		ootspg_internal.jurisdiction_tree((t).line, (f).country, (f).nuts, (f).lau, NULL, NULL));
END;
COMMENT ON FUNCTION ootspg_internal.eb_framework_tree(ootspg.directory_target, ootspg.reference_framework) IS 'what the EB is told about a procedure';
