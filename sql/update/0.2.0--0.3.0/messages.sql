-- Environments have names of their own beside the three known ones.
ALTER TABLE ootspg.provider DROP CONSTRAINT provider_environment_check,
	ADD CONSTRAINT provider_environment_check CHECK (ootspg_internal.require('environment', environment));
ALTER TABLE ootspg.accepted_party DROP CONSTRAINT accepted_party_environment_check,
	ADD CONSTRAINT accepted_party_environment_check CHECK (ootspg_internal.require('environment', environment));
ALTER TABLE ootspg.directory_route DROP CONSTRAINT directory_route_environment_check,
	ADD CONSTRAINT directory_route_environment_check CHECK (ootspg_internal.require('environment', environment));
ALTER TABLE ootspg.directory_target DROP CONSTRAINT directory_target_environment_check,
	ADD CONSTRAINT directory_target_environment_check CHECK (ootspg_internal.require('environment', environment));
ALTER TABLE ootspg.fragment DROP CONSTRAINT fragment_environment_check,
	ADD CONSTRAINT fragment_environment_check CHECK (ootspg_internal.require('environment', environment));
ALTER TABLE ootspg.published_data_set DROP CONSTRAINT published_data_set_environment_check,
	ADD CONSTRAINT published_data_set_environment_check CHECK (ootspg_internal.require('environment', environment));
ALTER TABLE ootspg.directory_source DROP CONSTRAINT directory_source_environment_check,
	ADD CONSTRAINT directory_source_environment_check CHECK (ootspg_internal.require('environment', environment)),
	ADD CONSTRAINT directory_source_found_by_dns CHECK (base_url IS NOT NULL OR environment IN ('production', 'acceptance', 'test'));

-- What a known person without record gets is an empty list by default; rows that are there keep what they say.
ALTER TABLE ootspg.evidence_type ALTER no_record SET DEFAULT 'empty';

-- Links compare country codes without regard to letter case, and nothing else.
DROP INDEX ootspg.identity_link_live;
