
-- Checks that a database with standard_conforming_strings = off got without their backslashes.
ALTER TABLE ootspg.accepted_party DROP CONSTRAINT accepted_party_party_id_check, DROP CONSTRAINT accepted_party_party_id_type_check,
	ADD CHECK (party_id_type ~ E'^\\S(.{0,253}\\S)?$'), ADD CHECK (party_id ~ E'^\\S(.{0,253}\\S)?$');
ALTER TABLE ootspg.classification_concept DROP CONSTRAINT classification_concept_code_list_check,
	ADD CHECK (code_list ~ E'^https://sr(\\.[a-zA-Z]+)?\\.oots\\.tech\\.ec\\.europa\\.eu/codelists/[A-Z]{2}/[A-Za-z0-9]{2,50}$');
ALTER TABLE ootspg.directory_source DROP CONSTRAINT directory_source_accept_version_check,
	ADD CHECK (accept_version ~ E'^oots-cs:v\\d+\\.\\d+(, *oots-cs:v\\d+\\.\\d+)*$');
ALTER TABLE ootspg.classification_code_list DROP CONSTRAINT classification_code_list_code_list_check,
	ADD CHECK (code_list ~ E'^https://sr(\\.[a-zA-Z]+)?\\.oots\\.tech\\.ec\\.europa\\.eu/codelists/[A-Z]{2}/[A-Za-z0-9]{2,50}$');
ALTER TABLE ootspg.classification_code DROP CONSTRAINT classification_code_code_check,
	ADD CONSTRAINT classification_code_code_check CHECK (code ~ E'^\\S+( \\S+)*$' AND char_length(code) <= 256);
