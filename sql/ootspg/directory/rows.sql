-- Whose rows these are (D-SEC-04), and what a dump carries. After the duties, whose
-- functions the policies ask.
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['publisher', 'access_service', 'provider_concept', 'evidence_type_list', 'reference_framework'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY own_provider ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY[''*'', provider])', t);
		EXECUTE format('CREATE POLICY own_configuration ON ootspg.%I USING ((SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*'', provider])', t);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['directory_entry', 'distribution_language', 'evidence_type_concept', 'model_withdrawal', 'activation_on_acceptance'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY own_provider ON ootspg.%1$I FOR SELECT USING (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = %1$I.evidence_type))', t);
		EXECUTE format('CREATE POLICY own_configuration ON ootspg.%1$I USING (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = %1$I.evidence_type'
					   ' AND (SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*'', t.provider]))', t);
	END LOOP;
	EXECUTE 'ALTER TABLE ootspg.evidence_type_list_member ENABLE ROW LEVEL SECURITY';
	EXECUTE 'CREATE POLICY own_provider ON ootspg.evidence_type_list_member FOR SELECT USING (EXISTS (SELECT FROM ootspg.evidence_type_list l WHERE l.evidence_type_list = evidence_type_list_member.evidence_type_list))';
	EXECUTE 'CREATE POLICY own_configuration ON ootspg.evidence_type_list_member USING (EXISTS (SELECT FROM ootspg.evidence_type_list l WHERE l.evidence_type_list = evidence_type_list_member.evidence_type_list'
			' AND (SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*'', l.provider]))';
	EXECUTE 'ALTER TABLE ootspg.requirement_framework ENABLE ROW LEVEL SECURITY';
	EXECUTE 'CREATE POLICY own_provider ON ootspg.requirement_framework FOR SELECT USING (EXISTS (SELECT FROM ootspg.reference_framework f WHERE f.reference_framework = requirement_framework.reference_framework))';
	EXECUTE 'CREATE POLICY own_configuration ON ootspg.requirement_framework USING (EXISTS (SELECT FROM ootspg.reference_framework f WHERE f.reference_framework = requirement_framework.reference_framework'
			' AND (SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*'', f.provider]))';
	-- what concerns the whole state is for those who configure every provider
	FOREACH t IN ARRAY ARRAY['directory_target', 'registry_object', 'fragment', 'published_data_set', 'final_submission',
			'classification_code_list', 'classification_code', 'published_code_list'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY whole_state ON ootspg.%I USING ((SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*''])', t);
	END LOOP;
	-- its code lists are for every provider to read
	FOREACH t IN ARRAY ARRAY['classification_code_list', 'classification_code'] LOOP
		EXECUTE format('CREATE POLICY every_provider ON ootspg.%I FOR SELECT USING (true)', t);
	END LOOP;
END $$;

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['directory_target', 'publisher', 'access_service', 'directory_entry', 'distribution_language',
			'classification_concept', 'evidence_type_concept', 'provider_concept', 'requirement', 'evidence_type_list',
			'evidence_type_list_member', 'reference_framework', 'requirement_framework', 'registry_object', 'fragment',
			'published_data_set', 'final_submission', 'model_release', 'model_withdrawal', 'activation_on_acceptance',
			'classification_code_list', 'classification_code', 'published_code_list'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(format('ootspg.%I', t)::regclass, '');
	END LOOP;
END $$;
