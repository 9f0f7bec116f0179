-- What a directory must be told and no row tells, so that nothing incomplete is submitted: named by table, row and
-- column (D-REG-02).

-- The first that is found.
CREATE FUNCTION ootspg_internal.require_facts(t ootspg.directory_target, provider text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missing record;
BEGIN
	SELECT f.* INTO missing FROM ootspg_internal.missing_facts(t, require_facts.provider) f LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(missing.fact, missing.remedy);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_facts(ootspg.directory_target, text) IS 'OT003 when a fact is missing that the directory must be told';

CREATE FUNCTION ootspg_internal.missing_dsd_facts(t ootspg.directory_target, provider text, OUT fact text, OUT remedy text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH types AS (SELECT * FROM ootspg_internal.published_types(t, missing_dsd_facts.provider)),
	services AS (SELECT p.provider_name, count(a.party_id) AS count
				   FROM (SELECT DISTINCT provider_name FROM types) p LEFT JOIN ootspg.access_service a ON a.provider = p.provider_name GROUP BY 1)
	SELECT g.fact, g.remedy
	  FROM (SELECT DISTINCT x.place, x.fact, x.remedy FROM types e, ootspg_internal.publishing_gaps(e.evidence_type, e.provider_name, e.lines) x ORDER BY 1, 2) g
	UNION ALL
	SELECT format('ootspg.access_service has %s rows for provider "%s"', s.count, s.provider_name), 'Leave one, or set column "access_services" of ootspg.directory_target to several.'
	  FROM services s WHERE s.count > 1 AND (t).access_services = 'one'
	UNION ALL
	SELECT format('ootspg.data_model_location has no row for data model "%s" %s', d.model, d.model_version), 'Add its URL in the Semantic Repository.'
	  FROM types e JOIN ootspg.distribution d USING (evidence_type)
	 WHERE d.model IS NOT NULL AND ootspg_internal.target_model(t, d.model, d.model_version) IS NULL
	UNION ALL
	SELECT format('ootspg.classification_concept (%s): column "%s" is NULL', c.concept, CASE WHEN c.code_list IS NULL THEN 'code_list' ELSE 'value_expression' END),
		   'A concept of kind codelist names its list and the definition of its values in 2.0.'
	  FROM types e JOIN ootspg.evidence_type_concept q USING (evidence_type) JOIN ootspg.classification_concept c USING (concept)
	 WHERE (t).line = 'oots-edm:v2.0' AND c.kind = 'codelist' AND (c.code_list IS NULL OR c.value_expression IS NULL);
END;
COMMENT ON FUNCTION ootspg_internal.missing_dsd_facts(ootspg.directory_target, text) IS 'facts that the DSD must be told and no row tells';

CREATE FUNCTION ootspg_internal.missing_eb_facts(t ootspg.directory_target, provider text, OUT fact text, OUT remedy text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT format('ootspg.evidence_type_list_member has no row for evidence type "%s"', e.evidence_type), 'Say which requirement it proves, alone or with others (D-REG-05).'
	  FROM ootspg_internal.published_types(t, missing_eb_facts.provider) e
	 WHERE NOT EXISTS (SELECT FROM ootspg.evidence_type_list_member m WHERE m.evidence_type = e.evidence_type)
	UNION ALL
	SELECT format('ootspg.publisher has no row for provider "%s"', l.provider), 'Column "jurisdiction" says where it is competent.'
	  FROM ootspg.evidence_type_list l JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = (t).environment AND (missing_eb_facts.provider IS NULL OR l.provider = missing_eb_facts.provider)
	   AND NOT EXISTS (SELECT FROM ootspg.publisher d WHERE d.provider = l.provider)
	UNION ALL
	SELECT format('ootspg.evidence_type_list_member has no row of a published evidence type for list %s', l.evidence_type_list), 'Only a list with no_match may be empty, and only from 2.0 on.'
	  FROM ootspg.evidence_type_list l JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = (t).environment AND (missing_eb_facts.provider IS NULL OR l.provider = missing_eb_facts.provider)
	   AND NOT (l.no_match AND (t).line = 'oots-edm:v2.0')
	   AND NOT EXISTS (SELECT FROM ootspg.evidence_type_list_member m JOIN ootspg_internal.published_types(t, NULL) e USING (evidence_type)
						WHERE m.evidence_type_list = l.evidence_type_list)
	UNION ALL
	SELECT format('ootspg.requirement_framework has no row for reference framework %s', f.reference_framework), 'Say which requirements the procedure has.'
	  FROM ootspg.reference_framework f JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = (t).environment AND (missing_eb_facts.provider IS NULL OR f.provider = missing_eb_facts.provider)
	   AND NOT EXISTS (SELECT FROM ootspg.requirement_framework m WHERE m.reference_framework = f.reference_framework);
END;
COMMENT ON FUNCTION ootspg_internal.missing_eb_facts(ootspg.directory_target, text) IS 'facts that the EB must be told and no row tells';

CREATE FUNCTION ootspg_internal.missing_facts(t ootspg.directory_target, provider text, OUT fact text, OUT remedy text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH own AS (
		SELECT p.* FROM ootspg.provider p
		 WHERE p.environment = (t).environment AND (missing_facts.provider IS NULL OR p.provider = missing_facts.provider)),
	types AS (
		SELECT e.*, d.evidence_type IS NOT NULL AS has_entry, d.publish, a.evidence_type IS NOT NULL AS active
		  FROM ootspg.evidence_type e JOIN own USING (provider) LEFT JOIN ootspg.directory_entry d USING (evidence_type)
		  LEFT JOIN ootspg.activation a USING (evidence_type)),
	published AS (SELECT * FROM types WHERE publish)
	SELECT format('ootspg.directory_entry has no row for evidence type "%s", which is in service', e.evidence_type),
		   'Every type in service is published (D-REG-01); a row with publish = false says that it deliberately is not.'
	  FROM types e WHERE e.active AND NOT e.has_entry
	UNION ALL
	SELECT format('ootspg.publisher has no row for provider "%s"', p.provider), 'Column "jurisdiction" says where it is competent.'
	  FROM own p WHERE EXISTS (SELECT FROM published e WHERE e.provider = p.provider) AND NOT EXISTS (SELECT FROM ootspg.publisher d WHERE d.provider = p.provider)
	UNION ALL
	SELECT format('ootspg.evidence_type_line has no row for evidence type "%s" on a line that the target lists', e.evidence_type),
		   format('Add its classification for %s, add its lines to column "lines" of ootspg.directory_target, or do not publish it.', (t).line)
	  FROM ootspg_internal.published_types(t, missing_facts.provider) e WHERE e.lines = '{}'
	UNION ALL
	SELECT m.* FROM ootspg_internal.missing_dsd_facts(t, missing_facts.provider) m WHERE (t).service = 'dsd'
	UNION ALL
	SELECT m.* FROM ootspg_internal.missing_eb_facts(t, missing_facts.provider) m WHERE (t).service = 'eb';
END;
COMMENT ON FUNCTION ootspg_internal.missing_facts(ootspg.directory_target, text) IS 'facts that a directory must be told and no row tells';
