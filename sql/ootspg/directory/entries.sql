-- What the Data Services Directory (DSD) and the Evidence Broker (EB) are told beside
-- what serves requests: side tables of providers and evidence types, so that what is
-- published and what is served come from one place (D-REG-01 to D-REG-05).

CREATE TABLE ootspg.directory_target (
	environment		text NOT NULL CHECK (ootspg_internal.require('environment', environment)),
	service			text NOT NULL CHECK (ootspg_internal.require('service', service)),
	line			ootspg.edm_line NOT NULL DEFAULT 'oots-edm:v1.2',
	country			text CHECK (ootspg_internal.require('country', country)),
	lines			ootspg.edm_line[],
	repository		text CHECK (repository ~ '^https://[a-zA-Z0-9.-]+$'),
	specification	text NOT NULL DEFAULT 'by line',
	check_references boolean NOT NULL DEFAULT true,
	publisher_element text NOT NULL DEFAULT 'Publisher' CHECK (publisher_element ~ '^[A-Za-z]+$'),
	supported_values text NOT NULL DEFAULT 'publisher' CHECK (ootspg_internal.require('supported values', supported_values)),
	access_services	text NOT NULL DEFAULT 'one' CHECK (ootspg_internal.require('access services', access_services)),
	transformation	boolean NOT NULL DEFAULT true,
	level_of_assurance boolean NOT NULL DEFAULT true,
	PRIMARY KEY (environment, service)
);
COMMENT ON TABLE ootspg.directory_target IS 'what an instance of a directory expects where the specification leaves it open; without a row the defaults hold. Settle the values with the service desk';
COMMENT ON COLUMN ootspg.directory_target.environment IS 'environment of the instance; only providers of the same environment are published there (D-REG-10)';
COMMENT ON COLUMN ootspg.directory_target.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.directory_target.line IS 'line whose object model and shapes the instance takes: two kinds of registry objects in v1.0, three from v1.1 on';
COMMENT ON COLUMN ootspg.directory_target.country IS 'the submitting state; NULL: the country of the providers';
COMMENT ON COLUMN ootspg.directory_target.lines IS 'lines that may be listed as ConformsTo of access services; NULL: v1.0 alone for an instance of v1.0, else every line';
COMMENT ON COLUMN ootspg.directory_target.repository IS 'scheme and host of the Semantic Repository whose identifiers the instance takes, as in https://sr.oots.tech.ec.europa.eu; NULL: identifiers go as they are configured';
COMMENT ON COLUMN ootspg.directory_target.specification IS 'value of the slot SpecificationIdentifier; by line: none in v1.0, oots-lcm:v1.0 later; none: no slot';
COMMENT ON COLUMN ootspg.directory_target.check_references IS 'checkReferences of the submission; the texts since June 2024 ask for true';
COMMENT ON COLUMN ootspg.directory_target.publisher_element IS 'name of the element in the slot EvidenceProvider of the three-object model';
COMMENT ON COLUMN ootspg.directory_target.supported_values IS 'where the values of classification concepts that a provider supports stand';
COMMENT ON COLUMN ootspg.directory_target.access_services IS 'how many access services a provider may have';
COMMENT ON COLUMN ootspg.directory_target.transformation IS 'subsets are submitted as Transformation in 1.x: the workbook forbids it, Schematron and examples have it';
COMMENT ON COLUMN ootspg.directory_target.level_of_assurance IS 'the level of assurance is submitted: the workbook forbids it, the Schematron checks it';

CREATE TABLE ootspg.publisher (
	provider		text PRIMARY KEY REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	description		ootspg.localized_text,
	locator_designator text,
	post_code		text,
	post_city_name	text,
	thoroughfare	text,
	jurisdiction	text NOT NULL CHECK (ootspg_internal.require('country', jurisdiction)),
	jurisdiction_nuts text CHECK (ootspg_internal.require('nuts', jurisdiction_nuts)),
	jurisdiction_lau text CHECK (jurisdiction_lau ~ '^[A-Za-z0-9_-]{1,20}$'),
	jurisdiction_list text CHECK (jurisdiction_list ~ '^https://'),
	jurisdiction_codes text[],
	CHECK ((jurisdiction_list IS NULL) = (jurisdiction_codes IS NULL))
);
COMMENT ON TABLE ootspg.publisher IS 'what the directories are told about a provider beside ootspg.provider: parts of its address, and where it is competent';
COMMENT ON COLUMN ootspg.publisher.provider IS 'provider that is published';
COMMENT ON COLUMN ootspg.publisher.locator_designator IS 'number of the house or flat';
COMMENT ON COLUMN ootspg.publisher.post_code IS 'postal code of the address';
COMMENT ON COLUMN ootspg.publisher.post_city_name IS 'city of the address';
COMMENT ON COLUMN ootspg.publisher.thoroughfare IS 'street of the address';
COMMENT ON COLUMN ootspg.publisher.description IS 'from 1.1 on';
COMMENT ON COLUMN ootspg.publisher.jurisdiction IS 'country in which the provider is competent (AdminUnitLevel1)';
COMMENT ON COLUMN ootspg.publisher.jurisdiction_nuts IS 'region (AdminUnitLevel2), 1.x only';
COMMENT ON COLUMN ootspg.publisher.jurisdiction_lau IS 'local administrative unit (AdminUnitLevel3), 1.x only';
COMMENT ON COLUMN ootspg.publisher.jurisdiction_list IS 'URL of the code list of jurisdiction_codes, 2.0 only (AdditionalJurisdictionClassification)';
COMMENT ON COLUMN ootspg.publisher.jurisdiction_codes IS 'codes of that list, 2.0 only';

CREATE TABLE ootspg.access_service (
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	party_id_type	text NOT NULL CHECK (ootspg_internal.require('agent scheme', party_id_type)),
	party_id		text NOT NULL CHECK (ootspg_internal.require('identifier', party_id)),
	name			ootspg.localized_text,
	lines			ootspg.edm_line[],
	PRIMARY KEY (provider, party_id_type, party_id)
);
COMMENT ON TABLE ootspg.access_service IS 'access points that providers are reached by, as requesters find them in the directory';
COMMENT ON COLUMN ootspg.access_service.provider IS 'provider that is reached there; several may share an access point';
COMMENT ON COLUMN ootspg.access_service.party_id_type IS 'type of the ebMS PartyId, as in the P-Modes of the peers';
COMMENT ON COLUMN ootspg.access_service.party_id IS 'ebMS PartyId, as in the P-Modes of the peers';
COMMENT ON COLUMN ootspg.access_service.name IS 'from 1.1 on';
COMMENT ON COLUMN ootspg.access_service.lines IS 'lines listed as ConformsTo; NULL: those on which published evidence types are served. Set it where providers of several databases share the access point: all of them must list the same';

CREATE TABLE ootspg.directory_entry (
	evidence_type	text PRIMARY KEY REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	publish			boolean NOT NULL DEFAULT true,
	note			ootspg.localized_text,
	context			uuid,
	context_name	ootspg.localized_text,
	context_level	text CHECK (ootspg_internal.require('context level', context_level)),
	CHECK (num_nonnulls(context, context_name, context_level) IN (0, 3))
);
COMMENT ON TABLE ootspg.directory_entry IS 'which evidence types are published, and what the directory is told about them beside ootspg.evidence_type; every type in service has a row (D-REG-01)';
COMMENT ON COLUMN ootspg.directory_entry.evidence_type IS 'evidence type it speaks of';
COMMENT ON COLUMN ootspg.directory_entry.publish IS 'false: deliberately not published';
COMMENT ON COLUMN ootspg.directory_entry.note IS 'from 1.1 on';
COMMENT ON COLUMN ootspg.directory_entry.context IS 'identifier of the context (place of birth, residence …) that finds the competent provider, 1.x only';
COMMENT ON COLUMN ootspg.directory_entry.context_name IS 'its name';
COMMENT ON COLUMN ootspg.directory_entry.context_level IS 'the level of area that the directory asks for';

CREATE TABLE ootspg.distribution_language (
	evidence_type	text NOT NULL,
	distribution	text NOT NULL,
	language		text NOT NULL CHECK (ootspg_internal.require('language', language)),
	PRIMARY KEY (evidence_type, distribution, language),
	FOREIGN KEY (evidence_type, distribution) REFERENCES ootspg.distribution ON UPDATE CASCADE ON DELETE CASCADE
);
COMMENT ON TABLE ootspg.distribution_language IS 'languages a distribution can be had in, published from 2.0 on';
COMMENT ON COLUMN ootspg.distribution_language.evidence_type IS 'evidence type that can be had in the language';
COMMENT ON COLUMN ootspg.distribution_language.distribution IS 'format of that evidence type';
COMMENT ON COLUMN ootspg.distribution_language.language IS 'upper-case code, as LV; what is published only: each piece says its own by column language of the view';

CREATE TABLE ootspg.classification_concept (
	concept			uuid PRIMARY KEY,
	kind			text NOT NULL CHECK (ootspg_internal.require('concept kind', kind)),
	code_list		text CHECK (code_list ~ E'^https://sr(\\.[a-zA-Z]+)?\\.oots\\.tech\\.ec\\.europa\\.eu/codelists/[A-Z]{2}/[A-Za-z0-9]{2,50}$'),
	value_expression text CHECK (value_expression ~ '^https://'),
	description		ootspg.localized_text NOT NULL
);
COMMENT ON TABLE ootspg.classification_concept IS 'questions by which the directory chooses among the providers of an evidence type, like the kind of school';
COMMENT ON COLUMN ootspg.classification_concept.concept IS 'identifier of the concept, the same in every submission and in every database';
COMMENT ON COLUMN ootspg.classification_concept.kind IS 'of its values: codelist: codes of code_list; string: free text; boolean';
COMMENT ON COLUMN ootspg.classification_concept.description IS 'the question, as the requester''s portal shows it';
COMMENT ON COLUMN ootspg.classification_concept.code_list IS 'code list of the Semantic Repository that the values come from; 2.0 asks for it';
COMMENT ON COLUMN ootspg.classification_concept.value_expression IS 'URL that defines the values; 2.0 asks for it beside a code list';

CREATE TABLE ootspg.evidence_type_concept (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	concept			uuid NOT NULL REFERENCES ootspg.classification_concept,
	PRIMARY KEY (evidence_type, concept)
);
COMMENT ON TABLE ootspg.evidence_type_concept IS 'the questions asked for an evidence type';
COMMENT ON COLUMN ootspg.evidence_type_concept.evidence_type IS 'for this evidence type';
COMMENT ON COLUMN ootspg.evidence_type_concept.concept IS 'the provider is found by this question';

CREATE TABLE ootspg.provider_concept (
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	concept			uuid NOT NULL REFERENCES ootspg.classification_concept,
	supported		text[] NOT NULL CHECK (cardinality(supported) > 0 AND array_position(supported, NULL) IS NULL),
	PRIMARY KEY (provider, concept)
);
COMMENT ON TABLE ootspg.provider_concept IS 'the answers for which a provider is the right one';
COMMENT ON COLUMN ootspg.provider_concept.provider IS 'for these values this provider is the right one';
COMMENT ON COLUMN ootspg.provider_concept.concept IS 'of this question';
COMMENT ON COLUMN ootspg.provider_concept.supported IS 'values: codes of the concept''s list, texts, or true and false';

CREATE TABLE ootspg.requirement (
	requirement		uuid PRIMARY KEY,
	name			ootspg.localized_text NOT NULL,
	description		ootspg.localized_text
);
COMMENT ON TABLE ootspg.requirement IS 'requirements of the Semantic Repository that evidence types prove (D-REG-05)';
COMMENT ON COLUMN ootspg.requirement.name IS 'name by language';
COMMENT ON COLUMN ootspg.requirement.requirement IS 'the last part of its URL, …/requirements/<UUID>';
COMMENT ON COLUMN ootspg.requirement.description IS 'from 1.1 on';

CREATE TABLE ootspg.evidence_type_list (
	evidence_type_list uuid PRIMARY KEY,
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE,
	requirement		uuid NOT NULL REFERENCES ootspg.requirement,
	name			ootspg.localized_text,
	no_match		boolean NOT NULL DEFAULT false,
	match_description ootspg.localized_text
);
COMMENT ON TABLE ootspg.evidence_type_list IS 'evidence types that together prove a requirement; several lists of one requirement are alternatives';
COMMENT ON COLUMN ootspg.evidence_type_list.provider IS 'whose row it is; types of other providers are added by whoever configures all';
COMMENT ON COLUMN ootspg.evidence_type_list.requirement IS 'the requirement that its members prove together';
COMMENT ON COLUMN ootspg.evidence_type_list.name IS 'name by language; NULL: none is published';
COMMENT ON COLUMN ootspg.evidence_type_list.evidence_type_list IS 'identifier of the list, stable across submissions';
COMMENT ON COLUMN ootspg.evidence_type_list.no_match IS 'the state has no evidence for the requirement: the list is empty, from 2.0 on';
COMMENT ON COLUMN ootspg.evidence_type_list.match_description IS 'says why, from 2.0 on';

CREATE TABLE ootspg.evidence_type_list_member (
	evidence_type_list uuid NOT NULL REFERENCES ootspg.evidence_type_list ON UPDATE CASCADE ON DELETE CASCADE,
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE,
	PRIMARY KEY (evidence_type_list, evidence_type)
);
COMMENT ON TABLE ootspg.evidence_type_list_member IS 'the evidence types of a list';
COMMENT ON COLUMN ootspg.evidence_type_list_member.evidence_type_list IS 'the list';
COMMENT ON COLUMN ootspg.evidence_type_list_member.evidence_type IS 'evidence type that is needed, with all others of the list';

CREATE TABLE ootspg.reference_framework (
	reference_framework uuid PRIMARY KEY,
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE,
	title			ootspg.localized_text NOT NULL,
	description		ootspg.localized_text,
	procedures		text[] NOT NULL CHECK (ootspg_internal.require('procedures', procedures::text)),
	country			text NOT NULL CHECK (ootspg_internal.require('country', country)),
	nuts			text CHECK (ootspg_internal.require('nuts', nuts)),
	lau				text CHECK (lau ~ '^[A-Za-z0-9_-]{1,20}$')
);
COMMENT ON TABLE ootspg.reference_framework IS 'procedures as the state implements them: the requesting side of the Evidence Broker, kept by whoever submits';
COMMENT ON COLUMN ootspg.reference_framework.reference_framework IS 'identifier, the same in every submission';
COMMENT ON COLUMN ootspg.reference_framework.title IS 'name by language';
COMMENT ON COLUMN ootspg.reference_framework.description IS 'explanation by language';
COMMENT ON COLUMN ootspg.reference_framework.country IS 'country where it applies (AdminUnitLevel1)';
COMMENT ON COLUMN ootspg.reference_framework.provider IS 'whose row it is: the provider of this database that speaks for the submitting authority';
COMMENT ON COLUMN ootspg.reference_framework.procedures IS 'codes of the procedures of the SDG Regulation it implements';
COMMENT ON COLUMN ootspg.reference_framework.nuts IS 'region, 1.x only';
COMMENT ON COLUMN ootspg.reference_framework.lau IS 'local administrative unit, 1.x only';

CREATE TABLE ootspg.requirement_framework (
	requirement		uuid NOT NULL REFERENCES ootspg.requirement,
	reference_framework uuid NOT NULL REFERENCES ootspg.reference_framework ON UPDATE CASCADE ON DELETE CASCADE,
	PRIMARY KEY (requirement, reference_framework)
);
COMMENT ON TABLE ootspg.requirement_framework IS 'which requirements a procedure has';
COMMENT ON COLUMN ootspg.requirement_framework.requirement IS 'requirement that must be proven';
COMMENT ON COLUMN ootspg.requirement_framework.reference_framework IS 'in this procedure of the state';

CREATE TABLE ootspg.registry_object (
	service			text NOT NULL CHECK (service IN ('dsd', 'eb')),
	kind			text NOT NULL,
	key				text NOT NULL,
	object_id		uuid NOT NULL,
	classification_id uuid NOT NULL,
	PRIMARY KEY (service, kind, key),
	UNIQUE (service, object_id)
);
COMMENT ON TABLE ootspg.registry_object IS 'ids under which this database''s registry objects are submitted, kept so that the next submission has the same. To take over what another program has submitted, write its ids here before the first submission';
COMMENT ON COLUMN ootspg.registry_object.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.registry_object.object_id IS 'id of the registry object in submissions';
COMMENT ON COLUMN ootspg.registry_object.kind IS 'classification node, or type of association';
COMMENT ON COLUMN ootspg.registry_object.key IS 'what the object is about, by identifiers that do not depend on this database';
COMMENT ON COLUMN ootspg.registry_object.classification_id IS 'id of its classification; associations do not use it';

CREATE TABLE ootspg.fragment (
	environment		text NOT NULL CHECK (ootspg_internal.require('environment', environment)),
	service			text NOT NULL CHECK (service IN ('dsd', 'eb')),
	fragment		text NOT NULL CHECK (ootspg_internal.require('name', fragment)),
	owner			text NOT NULL CHECK (owner <> ''),
	valid_from		date NOT NULL DEFAULT current_date,
	valid_until		date CHECK (valid_until >= valid_from),
	content			bytea NOT NULL,
	imported_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	imported_by		text NOT NULL DEFAULT session_user,
	PRIMARY KEY (environment, service, fragment)
);
COMMENT ON TABLE ootspg.fragment IS 'what other providers of the state publish, for the submitting authority; written by ootspg.import_fragment()';
COMMENT ON COLUMN ootspg.fragment.environment IS 'environment in whose submissions it stands';
COMMENT ON COLUMN ootspg.fragment.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.fragment.fragment IS 'name it was imported under; the next import under it replaces it';
COMMENT ON COLUMN ootspg.fragment.valid_from IS 'first day on which it is part of submissions';
COMMENT ON COLUMN ootspg.fragment.content IS 'registry objects as they came, in the form of a submission';
COMMENT ON COLUMN ootspg.fragment.imported_at IS 'when it was imported last';
COMMENT ON COLUMN ootspg.fragment.imported_by IS 'session user of that import';
COMMENT ON COLUMN ootspg.fragment.owner IS 'who answers for it';
COMMENT ON COLUMN ootspg.fragment.valid_until IS 'last day on which it is part of submissions; NULL: until it is replaced';

CREATE TABLE ootspg.published_data_set (
	environment		text NOT NULL CHECK (ootspg_internal.require('environment', environment)),
	service			text NOT NULL CHECK (service IN ('dsd', 'eb')),
	message			bytea,
	recorded_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	recorded_by		text NOT NULL DEFAULT session_user,
	PRIMARY KEY (environment, service)
);
COMMENT ON TABLE ootspg.published_data_set IS 'what a directory holds for the state as far as known; written by ootspg.set_published()';
COMMENT ON COLUMN ootspg.published_data_set.environment IS 'environment of the instance';
COMMENT ON COLUMN ootspg.published_data_set.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.published_data_set.recorded_at IS 'when that became known';
COMMENT ON COLUMN ootspg.published_data_set.recorded_by IS 'session user who said so, or the worker''s role when the directory did';
COMMENT ON COLUMN ootspg.published_data_set.message IS 'the last accepted submission; NULL: it is known that the directory holds nothing';

CREATE TABLE ootspg.final_submission (
	submission_id	uuid PRIMARY KEY,
	environment		text NOT NULL,
	service			text NOT NULL,
	message			bytea NOT NULL,
	removals		text[] NOT NULL,
	finalized_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	finalized_by	text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ootspg.final_submission IS 'submissions ready to be sent, as they were checked; written by ootspg.finalize_submission()';
COMMENT ON COLUMN ootspg.final_submission.environment IS 'environment of the instance it is for';
COMMENT ON COLUMN ootspg.final_submission.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.final_submission.message IS 'the submission, byte for byte as it was checked and will leave';
COMMENT ON COLUMN ootspg.final_submission.finalized_at IS 'when it was checked';
COMMENT ON COLUMN ootspg.final_submission.finalized_by IS 'session user of ootspg.finalize_submission()';
COMMENT ON COLUMN ootspg.final_submission.submission_id IS 'id of the message, which the answer names as requestId';
COMMENT ON COLUMN ootspg.final_submission.removals IS 'entries of others whose removal was confirmed by name';
