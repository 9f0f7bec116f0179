
-- What only accompanies another distribution, as a subset's PDF must. Nothing did so until now: all could be requested.
ALTER TABLE ootspg.distribution ADD COLUMN companion_only boolean NOT NULL DEFAULT false;

-- Wrong words are refused in words.
ALTER TABLE ootspg.provider DROP CONSTRAINT provider_content_domain_check, ADD CONSTRAINT provider_content_domain_check CHECK (ootspg_internal.require('content domain', content_domain));
ALTER TABLE ootspg.provider_role DROP CONSTRAINT provider_role_duty_check, ADD CONSTRAINT provider_role_duty_check CHECK (ootspg_internal.require('duty', duty));
ALTER TABLE ootspg.data_model DROP CONSTRAINT data_model_element_names_check, ADD CONSTRAINT data_model_element_names_check CHECK (ootspg_internal.require('element names', element_names));
ALTER TABLE ootspg.accepted_party DROP CONSTRAINT accepted_party_requesters_check, ADD CONSTRAINT accepted_party_requesters_check CHECK (ootspg_internal.require('requesters', requesters));
ALTER TABLE ootspg.directory_target DROP CONSTRAINT directory_target_service_check, ADD CONSTRAINT directory_target_service_check CHECK (ootspg_internal.require('service', service)),
	DROP CONSTRAINT directory_target_supported_values_check, ADD CONSTRAINT directory_target_supported_values_check CHECK (ootspg_internal.require('supported values', supported_values)),
	DROP CONSTRAINT directory_target_access_services_check, ADD CONSTRAINT directory_target_access_services_check CHECK (ootspg_internal.require('access services', access_services));
ALTER TABLE ootspg.directory_entry DROP CONSTRAINT directory_entry_context_level_check, ADD CONSTRAINT directory_entry_context_level_check CHECK (ootspg_internal.require('context level', context_level));
ALTER TABLE ootspg.classification_concept DROP CONSTRAINT classification_concept_kind_check, ADD CONSTRAINT classification_concept_kind_check CHECK (ootspg_internal.require('concept kind', kind));
ALTER TABLE ootspg.directory_source DROP CONSTRAINT directory_source_service_check, ADD CONSTRAINT directory_source_service_check CHECK (ootspg_internal.require('service', service));
ALTER TABLE ootspg.distribution DROP CONSTRAINT distribution_subset_check, ADD CONSTRAINT distribution_subset_check CHECK (ootspg_internal.require('subset', subset));
ALTER TABLE ootspg.evidence_type DROP CONSTRAINT evidence_type_subject_check, ADD CONSTRAINT evidence_type_subject_check CHECK (ootspg_internal.require('subject', subject)),
	DROP CONSTRAINT evidence_type_preview_check, ADD CONSTRAINT evidence_type_preview_check CHECK (ootspg_internal.require('preview', preview)),
	DROP CONSTRAINT evidence_type_given_names_check, ADD CONSTRAINT evidence_type_given_names_check CHECK (ootspg_internal.require('given names', given_names)),
	DROP CONSTRAINT evidence_type_seal_check, ADD CONSTRAINT evidence_type_seal_check CHECK (ootspg_internal.require('seal', seal)),
	DROP CONSTRAINT evidence_type_no_record_check, ADD CONSTRAINT evidence_type_no_record_check CHECK (ootspg_internal.require('no record', no_record));

-- Types in service go on as they did, but no change of their rows passes until they say what they mean.
DO $$
DECLARE
	d record;
BEGIN
	FOR d IN SELECT a.evidence_type, min(a.distribution COLLATE "C") AS leaves, string_agg(a.distribution, ', ' ORDER BY a.distribution COLLATE "C") AS all_of_them
			   FROM ootspg.distribution a JOIN ootspg.activation USING (evidence_type)
			  GROUP BY a.evidence_type, a.media_type, a.model, a.model_version, a.subset HAVING count(*) > 1 ORDER BY 1, 2 LOOP
		RAISE WARNING 'distributions % of evidence type "%" answer the same requests, and only "%" leaves', d.all_of_them, d.evidence_type, d.leaves
			USING HINT = 'Set companion_only where one is only the human-readable version of another.';
	END LOOP;
	FOR d IN SELECT s.evidence_type, s.distribution, c.distribution AS readable
			   FROM ootspg.distribution s JOIN ootspg.activation USING (evidence_type)
			   JOIN ootspg.distribution c ON c.evidence_type = s.evidence_type AND c.distribution = s.readable
			  WHERE s.subset IS NOT NULL AND c.subset IS DISTINCT FROM s.subset ORDER BY 1, 2 LOOP
		RAISE WARNING 'distribution "%" of evidence type "%" is the human-readable version of the subset "%", and is given to whoever asks for the whole', d.readable, d.evidence_type, d.distribution
			USING HINT = 'Set its column companion_only.';
	END LOOP;
	FOR d IN SELECT s.evidence_type, s.distribution, w.distribution AS whole
			   FROM ootspg.distribution s JOIN ootspg.activation USING (evidence_type)
			   JOIN ootspg.distribution w ON w.evidence_type = s.evidence_type AND w.subset IS NULL AND w.document = s.document
				AND (w.model, w.model_version) = (s.model, s.model_version) AND (w.source, w.source_function) IS NOT DISTINCT FROM (s.source, s.source_function)
			  WHERE s.subset IS NOT NULL ORDER BY 1, 2 LOOP
		RAISE WARNING 'distribution "%" of evidence type "%" is a subset and has the very document of "%", which is the whole', d.distribution, d.evidence_type, d.whole
			USING HINT = 'Give it a view, or a document column, of its own, and look what has left.';
	END LOOP;
END $$;
