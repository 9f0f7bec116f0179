\echo Use "ALTER EXTENSION ootspg UPDATE" to load this file. \quit

-- From 0.1.0: what changes in objects that are there. The parts of sql/ootspg that are new follow.

ALTER TABLE ootspg.provider_role DROP CONSTRAINT provider_role_duty_check;
ALTER TABLE ootspg.provider_role ADD CONSTRAINT provider_role_duty_check
	CHECK (duty IN ('configure', 'exchange', 'operate', 'audit', 'maintain', 'monitor'));

ALTER TABLE ootspg.exchange DROP CONSTRAINT exchange_state_check;
ALTER TABLE ootspg.exchange ADD CONSTRAINT exchange_state_check
	CHECK (state IN ('answered', 'unanswerable', 'quarantined'));

COMMENT ON COLUMN ootspg.exchange_event.event_type IS
'request_received, request_unreadable, duplicate_request, sender_refused, match, preview_not_required, response_built, error_built, no_answer; of messages through an access point (D-LOG-10): message_received, message_duplicate, message_quarantined, message_submitted, message_doubtful, message_acknowledged, message_failed, message_parked, message_expired; of operators: message_retried, message_given_up, message_released, message_dismissed; of registrations: submission_accepted, submission_refused, submission_unknown';
COMMENT ON FUNCTION ootspg_internal.require(text, text) IS
'true when the value is of that kind (country, language, agent scheme, level of assurance, procedure, media type, line, identifier, name, URLs and file URIs of access points); raises OT003 otherwise; NULL passes';
COMMENT ON FUNCTION ootspg.grant_duty(name, text, text) IS
'gives a role a duty (configure, exchange, operate, audit, maintain, monitor), for one provider or, without one, for all; call it again after an update of the extension';

-- What the Data Services Directory (DSD) and the Evidence Broker (EB) are told beside
-- what serves requests: side tables of providers and evidence types, so that what is
-- published and what is served come from one place (D-REG-01 to D-REG-05).

CREATE TABLE ootspg.directory_target (
	environment		text NOT NULL CHECK (environment IN ('production', 'acceptance', 'test')),
	service			text NOT NULL CHECK (service IN ('dsd', 'eb')),
	line			ootspg.edm_line NOT NULL DEFAULT 'oots-edm:v1.2',
	country			text CHECK (ootspg_internal.require('country', country)),
	lines			ootspg.edm_line[],
	repository		text CHECK (repository ~ '^https://[a-zA-Z0-9.-]+$'),
	specification	text NOT NULL DEFAULT 'by line',
	check_references boolean NOT NULL DEFAULT true,
	publisher_element text NOT NULL DEFAULT 'Publisher' CHECK (publisher_element ~ '^[A-Za-z]+$'),
	supported_values text NOT NULL DEFAULT 'publisher' CHECK (supported_values IN ('publisher', 'evidence type')),
	access_services	text NOT NULL DEFAULT 'one' CHECK (access_services IN ('one', 'several')),
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
	context_level	text CHECK (context_level IN ('Country', 'NUTS1', 'NUTS2', 'NUTS3', 'LAU')),
	CHECK (num_nonnulls(context, context_name, context_level) IN (0, 3))
);
COMMENT ON TABLE ootspg.directory_entry IS 'which evidence types are published, and what the directory is told about them beside ootspg.evidence_type; every type in service has a row (D-REG-01)';
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

CREATE TABLE ootspg.classification_concept (
	concept			uuid PRIMARY KEY,
	kind			text NOT NULL CHECK (kind IN ('codelist', 'string', 'boolean')),
	code_list		text CHECK (code_list ~ '^https://sr(\.[a-zA-Z]+)?\.oots\.tech\.ec\.europa\.eu/codelists/[A-Z]{2}/[A-Za-z0-9]{2,50}$'),
	value_expression text CHECK (value_expression ~ '^https://'),
	description		ootspg.localized_text NOT NULL
);
COMMENT ON TABLE ootspg.classification_concept IS 'questions by which the directory chooses among the providers of an evidence type, like the kind of school';
COMMENT ON COLUMN ootspg.classification_concept.code_list IS 'code list of the Semantic Repository that the values come from; 2.0 asks for it';
COMMENT ON COLUMN ootspg.classification_concept.value_expression IS 'URL that defines the values; 2.0 asks for it beside a code list';

CREATE TABLE ootspg.evidence_type_concept (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	concept			uuid NOT NULL REFERENCES ootspg.classification_concept,
	PRIMARY KEY (evidence_type, concept)
);
COMMENT ON TABLE ootspg.evidence_type_concept IS 'the questions asked for an evidence type';

CREATE TABLE ootspg.provider_concept (
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	concept			uuid NOT NULL REFERENCES ootspg.classification_concept,
	supported		text[] NOT NULL CHECK (cardinality(supported) > 0 AND array_position(supported, NULL) IS NULL),
	PRIMARY KEY (provider, concept)
);
COMMENT ON TABLE ootspg.provider_concept IS 'the answers for which a provider is the right one';

CREATE TABLE ootspg.requirement (
	requirement		uuid PRIMARY KEY,
	name			ootspg.localized_text NOT NULL,
	description		ootspg.localized_text
);
COMMENT ON TABLE ootspg.requirement IS 'requirements of the Semantic Repository that evidence types prove (D-REG-05)';
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
COMMENT ON COLUMN ootspg.evidence_type_list.evidence_type_list IS 'identifier of the list, stable across submissions';
COMMENT ON COLUMN ootspg.evidence_type_list.no_match IS 'the state has no evidence for the requirement: the list is empty, from 2.0 on';
COMMENT ON COLUMN ootspg.evidence_type_list.match_description IS 'says why, from 2.0 on';

CREATE TABLE ootspg.evidence_type_list_member (
	evidence_type_list uuid NOT NULL REFERENCES ootspg.evidence_type_list ON UPDATE CASCADE ON DELETE CASCADE,
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE,
	PRIMARY KEY (evidence_type_list, evidence_type)
);
COMMENT ON TABLE ootspg.evidence_type_list_member IS 'the evidence types of a list';

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
COMMENT ON COLUMN ootspg.registry_object.kind IS 'classification node, or type of association';
COMMENT ON COLUMN ootspg.registry_object.key IS 'what the object is about, by identifiers that do not depend on this database';
COMMENT ON COLUMN ootspg.registry_object.classification_id IS 'id of its classification; associations do not use it';

CREATE TABLE ootspg.fragment (
	environment		text NOT NULL CHECK (environment IN ('production', 'acceptance', 'test')),
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
COMMENT ON COLUMN ootspg.fragment.owner IS 'who answers for it';
COMMENT ON COLUMN ootspg.fragment.valid_until IS 'last day on which it is part of submissions; NULL: until it is replaced';

CREATE TABLE ootspg.published_data_set (
	environment		text NOT NULL CHECK (environment IN ('production', 'acceptance', 'test')),
	service			text NOT NULL CHECK (service IN ('dsd', 'eb')),
	message			bytea,
	recorded_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	recorded_by		text NOT NULL DEFAULT session_user,
	PRIMARY KEY (environment, service)
);
COMMENT ON TABLE ootspg.published_data_set IS 'what a directory holds for the state as far as known; written by ootspg.set_published()';
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
COMMENT ON COLUMN ootspg.final_submission.submission_id IS 'id of the message, which the answer names as requestId';
COMMENT ON COLUMN ootspg.final_submission.removals IS 'entries of others whose removal was confirmed by name';
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
	 WHERE d.evidence_type = distributions_tree.evidence_type
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
-- Changes that wait for the directory (D-REG-04). A plan is a row. Submissions are made as
-- if it were carried out, requests are served as if it were not; once the directory has
-- accepted a submission that says it, it is carried out in the same transaction.

CREATE TABLE ootspg.activation_on_acceptance (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	change			text NOT NULL GENERATED ALWAYS AS
		(coalesce(line::text, CASE WHEN level_of_assurance IS NULL THEN 'service' ELSE 'level of assurance' END)) STORED,
	line			ootspg.edm_line,
	classification	text,
	level_of_assurance text CHECK (ootspg_internal.require('level of assurance', level_of_assurance)),
	asked_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	asked_by		text NOT NULL DEFAULT session_user,
	PRIMARY KEY (evidence_type, change),
	CHECK (line IS NULL OR level_of_assurance IS NULL),
	CHECK ((line IS NULL) = (classification IS NULL)),
	CHECK (line IS NULL OR ootspg_internal.require_url('classification', line, classification))
);
COMMENT ON TABLE ootspg.activation_on_acceptance IS
'changes that are made when a submission to the DSD that says them is accepted (D-REG-04); written by ootspg.activate_when_accepted(), withdrawn by DELETE';
COMMENT ON COLUMN ootspg.activation_on_acceptance.change IS 'service: the evidence type goes into service; a line: it is served there, or has another classification there; level of assurance';
COMMENT ON COLUMN ootspg.activation_on_acceptance.asked_at IS 'only submissions made later can say it';

CREATE FUNCTION ootspg_internal.make_change(plan ootspg.activation_on_acceptance) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	type ootspg.evidence_type;
	hint text;
BEGIN
	IF plan.line IS NOT NULL THEN
		INSERT INTO ootspg.evidence_type_line (evidence_type, line, classification) VALUES (plan.evidence_type, plan.line, plan.classification)
		ON CONFLICT ON CONSTRAINT evidence_type_line_pkey DO UPDATE SET classification = EXCLUDED.classification;
	ELSIF plan.level_of_assurance IS NOT NULL THEN
		UPDATE ootspg.evidence_type t SET level_of_assurance = plan.level_of_assurance WHERE t.evidence_type = plan.evidence_type;
	ELSE
		INSERT INTO ootspg.activation (evidence_type) VALUES (plan.evidence_type) ON CONFLICT DO NOTHING;
	END IF;
	-- now and not at the end of the transaction: that may be the worker's, with messages of others
	SELECT t.* INTO type FROM ootspg.evidence_type t JOIN ootspg.activation a USING (evidence_type) WHERE t.evidence_type = plan.evidence_type;
	IF FOUND THEN
		PERFORM ootspg_internal.check_activation(type);
		IF plan.change = 'service' THEN
			PERFORM ootspg_internal.check_readers(type);
		END IF;
	END IF;
EXCEPTION WHEN integrity_constraint_violation OR SQLSTATE 'OT003' THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	PERFORM ootspg_internal.raise_configuration(
		format('ootspg.activation_on_acceptance ("%s", %s) cannot be carried out: %s', plan.evidence_type, plan.change, SQLERRM),
		concat_ws(' ', nullif(hint, ''), 'A row that is no longer wanted is deleted.'));
END $$;
COMMENT ON FUNCTION ootspg_internal.make_change(ootspg.activation_on_acceptance) IS 'carries out a plan; OT003 names it when that is not possible';

-- In the order in which target_classification() prefers lines, so that says_change() sees
-- those before that count more; into service last, when the lines are there.
CREATE FUNCTION ootspg_internal.planned_changes(t ootspg.directory_target) RETURNS SETOF ootspg.activation_on_acceptance
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT a.* FROM ootspg.activation_on_acceptance a JOIN ootspg.evidence_type e USING (evidence_type) JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = (t).environment
	 ORDER BY a.evidence_type, a.change = 'service', a.line::text = (t).line::text DESC NULLS LAST, a.line DESC;
END;
COMMENT ON FUNCTION ootspg_internal.planned_changes(ootspg.directory_target) IS 'plans of an environment in the order in which they are carried out';

-- What no submission can say would wait for ever.
CREATE FUNCTION ootspg_internal.require_told(t ootspg.directory_target, line ootspg.edm_line, level_of_assurance text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF line <> ALL (t.lines::text[]) THEN
		PERFORM ootspg_internal.raise_configuration(format('ootspg.directory_target (%s, dsd): column "lines" lacks %s, so that it is never published', t.environment, line),
			'Add it there, or add the row of ootspg.evidence_type_line at once.');
	END IF;
	IF level_of_assurance IS NOT NULL AND NOT t.level_of_assurance THEN
		PERFORM ootspg_internal.raise_configuration(format('ootspg.directory_target (%s, dsd): column "level_of_assurance" is false, so that no level is published', t.environment),
			'Change ootspg.evidence_type at once.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_told(ootspg.directory_target, ootspg.edm_line, text) IS 'OT003 when the directory is never told such a change';

CREATE FUNCTION ootspg.activate_when_accepted(evidence_type text, line text DEFAULT NULL, classification text DEFAULT NULL, level_of_assurance text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	type ootspg.evidence_type;
	t ootspg.directory_target;
	plan ootspg.activation_on_acceptance;
BEGIN
	SELECT e.* INTO type FROM ootspg.evidence_type e WHERE e.evidence_type = activate_when_accepted.evidence_type
	   AND ootspg_internal.has_duty(session_user, 'configure', e.provider);
	IF NOT FOUND THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to configure', activate_when_accepted.evidence_type
			USING ERRCODE = 'OT006', HINT = 'ootspg.grant_duty() gives the duty to configure.';
	END IF;
	IF (activate_when_accepted.line IS NULL) <> (activate_when_accepted.classification IS NULL) THEN
		RAISE EXCEPTION 'a line and the classification on it belong together' USING ERRCODE = 'invalid_parameter_value', HINT = 'Give both or neither.';
	END IF;
	t := ootspg_internal.target('dsd', (SELECT p.environment FROM ootspg.provider p WHERE p.provider = type.provider));
	PERFORM ootspg_internal.require_told(t, activate_when_accepted.line, activate_when_accepted.level_of_assurance);
	INSERT INTO ootspg.activation_on_acceptance AS a (evidence_type, line, classification, level_of_assurance)
	SELECT type.evidence_type, v.line, v.classification, v.level
	  FROM (VALUES (activate_when_accepted.line, activate_when_accepted.classification, NULL), (NULL, NULL, activate_when_accepted.level_of_assurance)) v(line, classification, level)
	 WHERE num_nonnulls(v.line, v.level) > 0
	UNION ALL
	SELECT type.evidence_type, NULL, NULL, NULL WHERE num_nonnulls(activate_when_accepted.line, activate_when_accepted.level_of_assurance) = 0
	ON CONFLICT ON CONSTRAINT activation_on_acceptance_pkey DO UPDATE
	   SET classification = EXCLUDED.classification, level_of_assurance = EXCLUDED.level_of_assurance, asked_at = EXCLUDED.asked_at, asked_by = EXCLUDED.asked_by
	 WHERE (a.classification, a.level_of_assurance) IS DISTINCT FROM (EXCLUDED.classification, EXCLUDED.level_of_assurance);
	BEGIN	-- better refused now than when the answer has come
		FOR plan IN SELECT p.* FROM ootspg_internal.planned_changes(t) p WHERE p.evidence_type = type.evidence_type LOOP
			PERFORM ootspg_internal.make_change(plan);
		END LOOP;
		RAISE SQLSTATE 'OTDRY';
	EXCEPTION WHEN SQLSTATE 'OTDRY' THEN
		NULL;
	END;
END $$;
COMMENT ON FUNCTION ootspg.activate_when_accepted(text, text, text, text) IS
'once a submission to the DSD that says it is accepted (D-REG-04): serves an evidence type on a line, asks for another level of assurance, or, when neither is given, puts it into service. Submissions made from now on say it';

CREATE FUNCTION ootspg_internal.says_change(t ootspg.directory_target, message bytea, plan ootspg.activation_on_acceptance) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH o AS MATERIALIZED (SELECT s.* FROM ootspg_internal.submission_objects(message) s),
	entry AS (
		SELECT o.object_id, x.classification, x.level
		  FROM ootspg.evidence_type e JOIN o ON o.kind = 'DataServiceEvidenceType' AND lower(o.identifier) = e.data_service::text,
			   xmltable(XMLNAMESPACES('http://data.europa.eu/p4s' AS sdg), '//sdg:DataServiceEvidenceType'
						PASSING xmlparse(DOCUMENT convert_from(o.content, 'UTF8'))
						COLUMNS classification text PATH 'sdg:EvidenceTypeClassification', level text PATH 'sdg:AuthenticationLevelOfAssurance') x
		 WHERE e.evidence_type = (plan).evidence_type),
	provider AS (SELECT p.source AS object_id FROM o p JOIN entry e ON e.object_id = p.target),
	lines AS (	-- in the two-object model the access service is part of the provider
		SELECT c.line
		  FROM (SELECT p.object_id FROM provider p UNION SELECT u.target FROM o u JOIN provider p ON u.kind = 'UsesAccessService' AND u.source = p.object_id) r
		  JOIN o USING (object_id),
			   xmltable(XMLNAMESPACES('http://data.europa.eu/p4s' AS sdg), '//sdg:AccessService/sdg:ConformsTo'
						PASSING xmlparse(DOCUMENT convert_from(o.content, 'UTF8')) COLUMNS line text PATH '.') c)
	SELECT EXISTS (SELECT FROM entry e WHERE CASE (plan).change
		WHEN 'service' THEN true
		WHEN 'level of assurance' THEN e.level = (plan).level_of_assurance
		ELSE EXISTS (SELECT FROM lines l WHERE l.line = (plan).line::text)
			-- an entry has one classification: that which target_classification() would choose then
			AND e.classification = (
				SELECT ootspg_internal.at_target(t, l.classification)
				  FROM (SELECT k.line::text, k.classification FROM ootspg.evidence_type_line k WHERE k.evidence_type = (plan).evidence_type AND k.line <> (plan).line
						UNION ALL SELECT (plan).line::text, (plan).classification) l
				 WHERE l.line = ANY ((t).lines::text[])
				 ORDER BY l.line = (t).line::text DESC, l.line DESC LIMIT 1) END);
END;
COMMENT ON FUNCTION ootspg_internal.says_change(ootspg.directory_target, bytea, ootspg.activation_on_acceptance) IS 'whether the DSD is told by this submission what the plan is about';

CREATE FUNCTION ootspg_internal.activate_accepted(t ootspg.directory_target, submission ootspg.final_submission) RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	plan ootspg.activation_on_acceptance;
	made text[] := '{}';
BEGIN
	FOR plan IN SELECT p.* FROM ootspg_internal.planned_changes(t) p WHERE p.asked_at < submission.finalized_at LOOP
		CONTINUE WHEN NOT ootspg_internal.says_change(t, submission.message, plan);
		PERFORM ootspg_internal.make_change(plan);
		DELETE FROM ootspg.activation_on_acceptance a WHERE a.evidence_type = plan.evidence_type AND a.change = plan.change;
		made := made || format('%s: %s', plan.evidence_type, plan.change);
	END LOOP;
	RETURN made;
END $$;
COMMENT ON FUNCTION ootspg_internal.activate_accepted(ootspg.directory_target, ootspg.final_submission) IS 'carries out what waited for the acceptance of this submission, and tells what that was';
-- The whole state or nothing: a submission replaces all that the state had in a directory.
-- So the submitting authority collects fragments of other providers, merges them with its
-- own, looks for conflicts and differences, and removes nobody's entries unasked.

CREATE FUNCTION ootspg_internal.require_configure(provider text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT ootspg_internal.has_duty(session_user, 'configure', provider) THEN
		RAISE EXCEPTION 'role "%" may not configure %', session_user,
				CASE WHEN provider IS NULL THEN 'every provider' ELSE format('provider "%s"', provider) END
			USING ERRCODE = 'insufficient_privilege',
			HINT = CASE WHEN provider IS NULL THEN 'A submission speaks for the whole state: ootspg.grant_duty() gives the duty to configure without naming a provider.'
						ELSE 'ootspg.grant_duty() gives duties.' END;
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_configure(text) IS 'refuses a session without the duty to configure the provider, or all when it is NULL';

CREATE FUNCTION ootspg_internal.require_environment(environment text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	known text[] := ARRAY(SELECT p.environment FROM ootspg.provider p UNION SELECT f.environment FROM ootspg.fragment f ORDER BY 1);
BEGIN
	IF environment IS NULL AND cardinality(known) <> 1 THEN
		RAISE EXCEPTION 'the environment must be named'
			USING ERRCODE = 'invalid_parameter_value',
			HINT = format('It is production, acceptance or test; providers here have: %s.', coalesce(nullif(array_to_string(known, ', '), ''), 'none'));
	END IF;
	RETURN coalesce(environment, known[1]);
END $$;
COMMENT ON FUNCTION ootspg_internal.require_environment(text) IS 'the environment, by default the only one of this database';

CREATE FUNCTION ootspg_internal.target(service text, environment text) RETURNS ootspg.directory_target
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
	countries text[];
BEGIN
	IF service IS NULL OR service NOT IN ('dsd', 'eb') THEN
		RAISE EXCEPTION '"%" is not a directory', service USING ERRCODE = 'invalid_parameter_value', HINT = 'It is dsd or eb.';
	END IF;
	environment := ootspg_internal.require_environment(environment);
	SELECT d.* INTO t FROM ootspg.directory_target d WHERE d.environment = target.environment AND d.service = target.service;
	IF NOT FOUND THEN	-- the defaults stand in the table and nowhere else
		INSERT INTO ootspg.directory_target AS d (environment, service) VALUES (target.environment, target.service)
		ON CONFLICT ON CONSTRAINT directory_target_pkey DO UPDATE SET line = d.line
		RETURNING d.* INTO STRICT t;
	END IF;
	t.lines := coalesce(t.lines, CASE t.line WHEN 'oots-edm:v1.0' THEN ARRAY['oots-edm:v1.0']
		ELSE ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0'] END::ootspg.edm_line[]);
	t.specification := CASE WHEN t.specification = 'none' OR (t.specification = 'by line' AND t.line = 'oots-edm:v1.0') THEN NULL
							WHEN t.specification = 'by line' THEN 'oots-lcm:v1.0' ELSE t.specification END;
	IF t.country IS NULL THEN
		countries := ARRAY(SELECT DISTINCT p.country FROM ootspg.provider p WHERE p.environment = t.environment ORDER BY 1);
		IF cardinality(countries) <> 1 THEN
			PERFORM ootspg_internal.raise_configuration(
				format('ootspg.directory_target (%s, %s): column "country" is NULL and providers do not tell it', t.environment, t.service),
				'Set it to the submitting state: a submission belongs to one.');
		END IF;
		t.country := countries[1];
	END IF;
	RETURN t;
END $$;
COMMENT ON FUNCTION ootspg_internal.target(text, text) IS 'what the instance expects, defaults filled in';

-- Missing facts are named by table, row and column (D-REG-02), the first that is found.
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
	SELECT format('ootspg.access_service has no row for provider "%s"', s.provider_name), 'Columns "party_id_type" and "party_id" say by which access point it is reached.'
	  FROM services s WHERE s.count = 0
	UNION ALL
	SELECT format('ootspg.access_service has %s rows for provider "%s"', s.count, s.provider_name), 'Leave one, or set column "access_services" of ootspg.directory_target to several.'
	  FROM services s WHERE s.count > 1 AND (t).access_services = 'one'
	UNION ALL
	SELECT format('ootspg.access_service ("%s", %s): column "lines" lacks %s, on which evidence type "%s" is served', e.provider_name, a.party_id, l.line, e.evidence_type),
		   'Add the line, or leave the column NULL.'
	  FROM types e JOIN ootspg.access_service a ON a.provider = e.provider_name, unnest(e.lines) l(line)
	 WHERE NOT l.line = ANY (a.lines::text[])
	UNION ALL
	SELECT format('ootspg.distribution has no row for evidence type "%s"', e.evidence_type), 'Add a format in which it can be had.'
	  FROM types e WHERE NOT EXISTS (SELECT FROM ootspg.distribution d WHERE d.evidence_type = e.evidence_type)
	UNION ALL
	SELECT format('ootspg.distribution ("%s", "%s"): column "model" is NULL', d.evidence_type, d.distribution), 'The directory is told the data model of every XML or JSON (R-DSD-SUB-C038a, C038b).'
	  FROM types e JOIN ootspg.distribution d USING (evidence_type) WHERE d.model IS NULL AND d.media_type IN ('application/xml', 'application/json')
	UNION ALL
	SELECT format('ootspg.data_model_location has no row for data model "%s" %s', d.model, d.model_version), 'Add its URL in the Semantic Repository.'
	  FROM types e JOIN ootspg.distribution d USING (evidence_type)
	 WHERE d.model IS NOT NULL AND ootspg_internal.target_model(t, d.model, d.model_version) IS NULL
	UNION ALL
	SELECT format('ootspg.provider_concept has no row for provider "%s" and concept %s', e.provider_name, q.concept), 'Say for which answers the provider is the right one.'
	  FROM types e JOIN ootspg.evidence_type_concept q USING (evidence_type)
	 WHERE NOT EXISTS (SELECT FROM ootspg.provider_concept a WHERE a.provider = e.provider_name AND a.concept = q.concept)
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

CREATE FUNCTION ootspg_internal.assemble(t ootspg.directory_target, id uuid, remark text, objects bytea[]) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	frame text := convert_from(ootspg_internal.write_xml(jsonb_build_array('lcm:SubmitObjectsRequest',
		jsonb_build_object('id', 'urn:uuid:' || id, 'checkReferences', CASE WHEN t.check_references THEN 'true' END, 'comment', remark),
		CASE WHEN t.specification IS NOT NULL THEN jsonb_build_array('rim:Slot', jsonb_build_object('name', 'SpecificationIdentifier'),
			jsonb_build_array('rim:SlotValue', jsonb_build_object('xsi:type', 'rim:StringValueType'),
				ootspg_internal.leaf('rim:Value', t.specification))) END,
		jsonb_build_array('rim:RegistryObjectList', ''))), 'UTF8');
	last constant text := '</rim:RegistryObjectList></lcm:SubmitObjectsRequest>';
	content text;
BEGIN
	SELECT string_agg(convert_from(o, 'UTF8'), '' ORDER BY place) INTO content FROM unnest(objects) WITH ORDINALITY u(o, place);
	RETURN ootspg.canonical(convert_to(left(frame, -length(last)) || coalesce(content, '') || last, 'UTF8'));
END $$;
COMMENT ON FUNCTION ootspg_internal.assemble(ootspg.directory_target, uuid, text, bytea[]) IS 'one message of registry objects';

CREATE FUNCTION ootspg_internal.served_message(t ootspg.directory_target, provider text, remark text) RETURNS bytea
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_facts(t, provider);
	RETURN ootspg_internal.assemble(t, gen_random_uuid(), remark,
		CASE t.service WHEN 'dsd' THEN ARRAY(SELECT o FROM ootspg_internal.dsd_objects(t, served_message.provider) o)
			 ELSE ARRAY(SELECT o FROM ootspg_internal.eb_objects(t, served_message.provider) o) END);
END $$;
COMMENT ON FUNCTION ootspg_internal.served_message(ootspg.directory_target, text, text) IS 'what the tables say, for one provider or for all';

-- Plans are carried out, told, and undone: so the directory is told what the tables will
-- say, by the same functions and under the same constraints. Those of every provider, since
-- entries refer to each other. Ids given on the way are kept: they say what is ours later.
CREATE FUNCTION ootspg_internal.own_message(t ootspg.directory_target, provider text, remark text) RETURNS bytea
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	plans ootspg.activation_on_acceptance[] := ARRAY(SELECT p FROM ootspg_internal.planned_changes(t) p);
	plan ootspg.activation_on_acceptance;
	message bytea;
	ids ootspg.registry_object[];
BEGIN
	IF plans = '{}' THEN
		RETURN ootspg_internal.served_message(t, provider, remark);
	END IF;
	BEGIN
		FOREACH plan IN ARRAY plans LOOP
			PERFORM ootspg_internal.make_change(plan);
		END LOOP;
		message := ootspg_internal.served_message(t, provider, remark);
		ids := ARRAY(SELECT o FROM ootspg.registry_object o WHERE o.service = t.service);
		RAISE SQLSTATE 'OTDRY';
	EXCEPTION WHEN SQLSTATE 'OTDRY' THEN
		INSERT INTO ootspg.registry_object SELECT o.* FROM unnest(ids) o ON CONFLICT DO NOTHING;
	END;
	RETURN message;
END $$;
COMMENT ON FUNCTION ootspg_internal.own_message(ootspg.directory_target, text, text) IS
'what this database publishes, for one provider or for all: what the tables will say when all that waits for acceptance is carried out';

-- Everything of the state: our own and each fragment that is valid today.
CREATE FUNCTION ootspg_internal.state_objects(t ootspg.directory_target,
	OUT owner text, OUT kind text, OUT object_id text, OUT identifier text, OUT source text, OUT target text, OUT countries text[], OUT content bytea)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'this database', o.kind, o.object_id, o.identifier, o.source, o.target, o.countries, o.content
	  FROM ootspg_internal.submission_objects(ootspg_internal.own_message(t, NULL, NULL)) o;
	RETURN QUERY
	SELECT f.owner, o.kind, o.object_id, o.identifier, o.source, o.target, o.countries, o.content
	  FROM ootspg.fragment f, ootspg_internal.submission_objects(f.content) o
	 WHERE f.environment = t.environment AND f.service = t.service
	   AND current_date >= f.valid_from AND (f.valid_until IS NULL OR current_date <= f.valid_until);
END $$;
COMMENT ON FUNCTION ootspg_internal.state_objects(ootspg.directory_target) IS 'registry objects of the whole state with their owners';

CREATE FUNCTION ootspg_internal.conflicts(t ootspg.directory_target,
	OUT conflict text, OUT kind text, OUT identifier text, OUT object_id text, OUT owners text[])
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off	-- compiling takes longer than any state's data set
AS $$
BEGIN
	RETURN QUERY
	WITH o AS MATERIALIZED (SELECT * FROM ootspg_internal.state_objects(t))
	SELECT c.conflict, c.kind, c.identifier, c.object_id, c.owners FROM (
		SELECT 1 AS rank, 'same id, different content' AS conflict, min(o.kind) AS kind, min(o.identifier) AS identifier, o.object_id, array_agg(DISTINCT o.owner) AS owners
		  FROM o GROUP BY o.object_id HAVING count(DISTINCT o.content) > 1
		UNION ALL
		SELECT 2, 'same entry, different ids', o.kind, coalesce(o.identifier, o.source || ' -> ' || o.target), min(o.object_id), array_agg(DISTINCT o.owner)
		  FROM o GROUP BY o.kind, coalesce(o.identifier, o.source || ' -> ' || o.target) HAVING count(DISTINCT o.object_id) > 1
		UNION ALL
		SELECT 3, 'dangling reference', o.kind, e.id, o.object_id, ARRAY[o.owner]
		  FROM o, LATERAL (VALUES (o.source, o.kind = 'DerivesFromReferenceFramework'), (o.target, o.kind = 'FulfillsRequirement')) e(id, requirement)
		 WHERE e.id IS NOT NULL AND NOT EXISTS (SELECT FROM o other WHERE other.object_id = e.id)
		   -- requirements are commonly managed: from 1.1 on they may be referred to only
		   AND NOT (e.requirement AND t.line <> 'oots-edm:v1.0')
		UNION ALL
		SELECT 4, 'country ' || x.country, o.kind, o.identifier, o.object_id, ARRAY[o.owner]
		  FROM o, LATERAL (SELECT DISTINCT country FROM unnest(o.countries) country) x WHERE x.country <> t.country
		UNION ALL
		SELECT 5, 'not of the object model', o.kind, o.identifier, o.object_id, ARRAY[o.owner]
		  FROM o WHERE o.kind IS NULL OR o.kind <> ALL (CASE
			WHEN t.service = 'eb' THEN ARRAY['EvidenceType', 'EvidenceTypeList', 'Requirement', 'ReferenceFramework', 'ContainsEvidence', 'FulfillsRequirement', 'DerivesFromReferenceFramework']
			WHEN t.line = 'oots-edm:v1.0' THEN ARRAY['EvidenceProvider', 'DataServiceEvidenceType', 'ServesEvidenceType']
			ELSE ARRAY['EvidenceProvider', 'AccessService', 'DataServiceEvidenceType', 'ProvidesEvidenceType', 'UsesAccessService'] END)) c
	 ORDER BY c.rank, c.kind, c.identifier, c.object_id;
END $$;
COMMENT ON FUNCTION ootspg_internal.conflicts(ootspg.directory_target) IS 'where the parts of the state contradict each other';

CREATE FUNCTION ootspg.submission_conflicts(target text DEFAULT 'dsd', environment text DEFAULT NULL,
	OUT conflict text, OUT kind text, OUT identifier text, OUT object_id text, OUT owners text[])
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	RETURN QUERY SELECT c.* FROM ootspg_internal.conflicts(ootspg_internal.target(submission_conflicts.target, submission_conflicts.environment)) c;
END $$;
COMMENT ON FUNCTION ootspg.submission_conflicts(text, text) IS
'contradictions between this database and the fragments: one id with different content, one entry under two ids, dangling references, another country, another object model. A submission is made when there are none';

CREATE FUNCTION ootspg.submission(target text DEFAULT 'dsd', environment text DEFAULT NULL, id uuid DEFAULT gen_random_uuid()) RETURNS xml
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
	conflict record;
	objects bytea[];
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	t := ootspg_internal.target(submission.target, submission.environment);
	SELECT c.* INTO conflict FROM ootspg_internal.conflicts(t) c LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(
			format('parts of the state contradict each other: %s (%s %s)', conflict.conflict, conflict.kind, coalesce(conflict.identifier, conflict.object_id)),
			format('ootspg.submission_conflicts(%L, %L) lists all.', t.service, t.environment));
	END IF;
	SELECT array_agg(o.content ORDER BY o.rank, o.kind COLLATE "C", o.identifier COLLATE "C", o.object_id) INTO objects
	  FROM (SELECT DISTINCT ON (s.object_id) s.*, s.source IS NOT NULL AS rank FROM ootspg_internal.state_objects(t) s ORDER BY s.object_id) o;
	IF objects IS NULL THEN
		PERFORM ootspg_internal.raise_configuration(format('nothing is to be published in %s', t.environment),
			'Add rows to ootspg.directory_entry, or import fragments. An empty submission would remove all that the state has.');
	END IF;
	RETURN xmlparse(DOCUMENT convert_from(ootspg_internal.assemble(t, submission.id, NULL, objects), 'UTF8'));
END $$;
COMMENT ON FUNCTION ootspg.submission(text, text, uuid) IS
'the complete submission of the state to the DSD or the EB (target dsd, eb): what this database publishes and every fragment that is valid today. OT003 names the row and column that is missing, or the first conflict';

CREATE FUNCTION ootspg.export_fragment(provider text, target text DEFAULT 'dsd') RETURNS xml
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	p ootspg.provider;
BEGIN
	PERFORM ootspg_internal.require_configure(export_fragment.provider);
	SELECT x.* INTO p FROM ootspg.provider x WHERE x.provider = export_fragment.provider;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('there is no provider "%s"', export_fragment.provider), 'Providers are rows of ootspg.provider.');
	END IF;
	RETURN xmlparse(DOCUMENT convert_from(ootspg_internal.own_message(ootspg_internal.target(export_fragment.target, p.environment), p.provider,
		format('fragment of %s::%s, not to be submitted alone', p.scheme, p.identifier)), 'UTF8'));
END $$;
COMMENT ON FUNCTION ootspg.export_fragment(text, text) IS
'what one provider publishes, for the authority that submits for the state: the form of a submission, but never to be submitted alone, for that would remove all others';

-- Whether a fragment is complete shows when all are together.
CREATE FUNCTION ootspg_internal.judged_together(rule_id text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT rule_id ~ '^R-DSD-SUB-S0(23|25|27|28a|28b|33|34|35)$' OR rule_id ~ '^R-EB-SUB-S0(31|33|35|36.|38.|40.|44|45|46|47|48|5[1-6])$';
END;
COMMENT ON FUNCTION ootspg_internal.judged_together(text) IS 'rules about what must be in a message together, which a fragment need not keep';

CREATE FUNCTION ootspg.import_fragment(fragment text, content bytea, owner text, environment text DEFAULT NULL,
	valid_from date DEFAULT current_date, valid_until date DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
	services text[];
	objects integer;
	broken record;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	SELECT count(*), array_agg(DISTINCT o.service) INTO objects, services FROM ootspg_internal.submission_objects(import_fragment.content) o;
	IF cardinality(services) IS DISTINCT FROM 1 OR services[1] IS NULL THEN
		RAISE EXCEPTION 'fragment "%" does not belong to one directory', fragment
			USING ERRCODE = 'OT001', HINT = 'All its objects carry the classification scheme of the DSD or that of the EB.';
	END IF;
	t := ootspg_internal.target(services[1], import_fragment.environment);
	SELECT c.* INTO broken FROM ootspg.check_submission(import_fragment.content, t.line::text, t.service) c
	 WHERE c.severity = 'fatal' AND NOT ootspg_internal.judged_together(c.rule_id) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'fragment "%" breaks rule % at %', fragment, broken.rule_id, broken.location
			USING ERRCODE = 'OT001', DETAIL = format('Expected: %s.', broken.detail),
			HINT = 'ootspg.check_submission() lists all; its owner has to correct it.';
	END IF;
	INSERT INTO ootspg.fragment AS f (environment, service, fragment, owner, valid_from, valid_until, content)
	VALUES (t.environment, t.service, import_fragment.fragment, import_fragment.owner, import_fragment.valid_from, import_fragment.valid_until, import_fragment.content)
	ON CONFLICT ON CONSTRAINT fragment_pkey DO UPDATE
	   SET owner = EXCLUDED.owner, valid_from = EXCLUDED.valid_from, valid_until = EXCLUDED.valid_until, content = EXCLUDED.content,
		   imported_at = EXCLUDED.imported_at, imported_by = EXCLUDED.imported_by;
	RETURN objects;
END $$;
COMMENT ON FUNCTION ootspg.import_fragment(text, bytea, text, text, date, date) IS
'keeps what another provider publishes, a file or an export of another database, under a name; replaces the former one of that name. Refuses what breaks fatal rules, apart from those about completeness. Returns the number of registry objects';

CREATE FUNCTION ootspg.import_fragment(fragment text, content xml, owner text, environment text DEFAULT NULL,
	valid_from date DEFAULT current_date, valid_until date DEFAULT NULL) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
	SELECT ootspg.import_fragment(fragment, convert_to(content::text, 'UTF8'), owner, environment, valid_from, valid_until);
END;
COMMENT ON FUNCTION ootspg.import_fragment(text, xml, text, text, date, date) IS 'the same for a value of type xml, as ootspg.export_fragment() gives it';
-- What a submission would change in a directory, and the last step before it is sent.

CREATE FUNCTION ootspg_internal.entries(message bytea, OUT entry text, OUT object_id text, OUT content bytea, OUT ends text[]) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH o AS (SELECT * FROM ootspg_internal.submission_objects(message)),
	named AS (SELECT o.*, coalesce(o.kind, 'object') || ' ' || coalesce(o.identifier, o.object_id, '') AS entry FROM o)
	SELECT DISTINCT ON (1)
		   CASE WHEN n.source IS NULL AND n.target IS NULL THEN n.entry
				ELSE format('%s %s -> %s', n.kind, coalesce(s.entry, n.source), coalesce(t.entry, n.target)) END,
		   n.object_id, n.content, CASE WHEN n.source IS NOT NULL OR n.target IS NOT NULL THEN ARRAY[s.entry, t.entry] END
	  FROM named n LEFT JOIN named s ON s.object_id = n.source LEFT JOIN named t ON t.object_id = n.target
	 ORDER BY 1, n.object_id;
END;
COMMENT ON FUNCTION ootspg_internal.entries(bytea) IS 'registry objects by names that people can read and confirm; an association is named by its ends';

CREATE FUNCTION ootspg_internal.difference(t ootspg.directory_target, message bytea, published bytea,
	OUT change text, OUT entry text, OUT owner text, OUT must_confirm boolean)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off	-- compiling takes longer than any state's data set
AS $$
BEGIN
	RETURN QUERY
	WITH new AS MATERIALIZED (SELECT * FROM ootspg_internal.entries(message)),
	old AS MATERIALIZED (SELECT * FROM ootspg_internal.entries(published)),
	owners AS MATERIALIZED (SELECT s.object_id, string_agg(DISTINCT s.owner, ', ') AS owner FROM ootspg_internal.state_objects(t) s GROUP BY 1),
	-- what a fragment has brought is its owner's, also when it is no longer valid
	brought AS MATERIALIZED (
		SELECT s.object_id, string_agg(DISTINCT f.owner, ', ') AS owner FROM ootspg.fragment f, ootspg_internal.submission_objects(f.content) s
		 WHERE f.environment = t.environment AND f.service = t.service GROUP BY 1),
	removed AS (
		SELECT o.*, b.owner, k.object_id IS NOT NULL AND b.object_id IS NULL AS own
		  FROM old o LEFT JOIN brought b ON b.object_id = o.object_id
		  LEFT JOIN ootspg.registry_object k ON k.service = t.service AND 'urn:uuid:' || k.object_id = o.object_id
		 WHERE NOT EXISTS (SELECT FROM new n WHERE n.entry = o.entry))
	SELECT d.* FROM (
		SELECT CASE WHEN o.entry IS NULL THEN 'added' ELSE 'changed' END AS change, n.entry, w.owner, false AS must_confirm
		  FROM new n LEFT JOIN old o USING (entry) LEFT JOIN owners w ON w.object_id = n.object_id
		 WHERE o.content IS DISTINCT FROM n.content
		UNION ALL
		SELECT 'removed', r.entry, CASE WHEN r.own THEN 'this database' ELSE r.owner END,
			   -- an association goes with its ends
			   NOT r.own AND NOT EXISTS (SELECT FROM removed e WHERE e.entry = r.ends[1]) AND NOT EXISTS (SELECT FROM removed e WHERE e.entry = r.ends[2])
		  FROM removed r) d
	 ORDER BY d.entry COLLATE "C";
END $$;
COMMENT ON FUNCTION ootspg_internal.difference(ootspg.directory_target, bytea, bytea) IS 'what a message changes against what is published';

-- Whoever sent it: a submission that was made here carries out what waited for it.
CREATE FUNCTION ootspg_internal.record_published(t ootspg.directory_target, message bytea) RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	submission ootspg.final_submission;
BEGIN
	INSERT INTO ootspg.published_data_set AS p (environment, service, message) VALUES (t.environment, t.service, record_published.message)
	ON CONFLICT ON CONSTRAINT published_data_set_pkey DO UPDATE
	   SET message = EXCLUDED.message, recorded_at = EXCLUDED.recorded_at, recorded_by = EXCLUDED.recorded_by;
	SELECT f.* INTO submission FROM ootspg.final_submission f
	 WHERE f.environment = t.environment AND f.service = t.service AND f.message = record_published.message;
	RETURN CASE WHEN FOUND THEN ootspg_internal.activate_accepted(t, submission) END;
END $$;
COMMENT ON FUNCTION ootspg_internal.record_published(ootspg.directory_target, bytea) IS 'records what was accepted, and lets the changes that waited for it follow: these are returned';

CREATE FUNCTION ootspg.set_published(target text, message bytea, environment text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	t := ootspg_internal.target(set_published.target, set_published.environment);
	PERFORM FROM ootspg_internal.submission_objects(set_published.message);
	PERFORM ootspg_internal.record_published(t, set_published.message);
END $$;
COMMENT ON FUNCTION ootspg.set_published(text, bytea, text) IS
'records what a directory holds for the state: the submission accepted last, whoever sent it; NULL when the directory is known to hold nothing. A final submission of this database carries out what waited for it';

CREATE FUNCTION ootspg.submission_diff(target text DEFAULT 'dsd', environment text DEFAULT NULL, published bytea DEFAULT NULL,
	OUT change text, OUT entry text, OUT owner text, OUT must_confirm boolean)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	t := ootspg_internal.target(submission_diff.target, submission_diff.environment);
	RETURN QUERY SELECT d.* FROM ootspg_internal.difference(t,
		convert_to(ootspg.submission(t.service, t.environment)::text, 'UTF8'),
		coalesce(submission_diff.published, (SELECT p.message FROM ootspg.published_data_set p WHERE p.environment = t.environment AND p.service = t.service))) d;
END $$;
COMMENT ON FUNCTION ootspg.submission_diff(text, text, bytea) IS
'entries that a submission would add, change or remove, against what is published as ootspg.set_published() recorded it, or against another submission; must_confirm marks removals of entries that are not of this database';

CREATE FUNCTION ootspg.finalize_submission(target text DEFAULT 'dsd', environment text DEFAULT NULL, removals text[] DEFAULT '{}', id uuid DEFAULT gen_random_uuid()) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
	message bytea;
	known ootspg.published_data_set;
	refused record;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	t := ootspg_internal.target(finalize_submission.target, finalize_submission.environment);
	message := convert_to(ootspg.submission(t.service, t.environment, finalize_submission.id)::text, 'UTF8');
	SELECT c.* INTO refused FROM ootspg.check_submission(message, t.line::text, t.service) c WHERE c.severity = 'fatal' LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('the submission breaks rule %s at %s', refused.rule_id, refused.location),
			'ootspg.check_submission() lists all that it breaks.');
	END IF;
	PERFORM ootspg_internal.require_codes(message);
	SELECT p.* INTO known FROM ootspg.published_data_set p WHERE p.environment = t.environment AND p.service = t.service;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('it is not known what the %s holds for the state in %s', upper(t.service), t.environment),
			'Record the submission accepted last with ootspg.set_published(), or NULL if there was none: what is not in the next one is removed.');
	END IF;
	SELECT count(*) AS count, min(d.entry COLLATE "C") AS first INTO refused FROM ootspg_internal.difference(t, message, known.message) d
	 WHERE d.must_confirm AND d.entry <> ALL (finalize_submission.removals);
	IF refused.count > 0 THEN
		PERFORM ootspg_internal.raise_configuration(format('the submission would remove %s of others, the first is %s',
				CASE refused.count WHEN 1 THEN '1 entry' ELSE refused.count || ' entries' END, refused.first),
			'Import the fragment they belong to, or confirm each by its name in removals; ootspg.submission_diff() lists them.');
	END IF;
	INSERT INTO ootspg.final_submission (submission_id, environment, service, message, removals)
	VALUES (finalize_submission.id, t.environment, t.service, message, finalize_submission.removals);
	RETURN finalize_submission.id;
END $$;
COMMENT ON FUNCTION ootspg.finalize_submission(text, text, text[], uuid) IS
'keeps a submission in ootspg.final_submission, ready to be sent, unless it breaks a fatal rule, has codes that their list lacks or that came without a new version, or would remove entries of others that are not confirmed by name';
-- Versions of data models and of the metadata model (oots-edm, whose versions are the
-- lines): a new one is applied within twelve months of its publication (D-MOD-05), the
-- former stays available for twelve months from then on (D-MOD-06).

CREATE TABLE ootspg.model_release (
	model			text NOT NULL CHECK (ootspg_internal.require('name', model)),
	version			text NOT NULL,
	published		date NOT NULL,
	PRIMARY KEY (model, version)
);
COMMENT ON TABLE ootspg.model_release IS 'versions published in the Semantic Repository that are not installed here, or not yet; lines as versions v1.2, v2.0 of model oots-edm. Installed models stand in ootspg.data_model';
COMMENT ON COLUMN ootspg.model_release.published IS 'day of publication; deadlines count from here';

CREATE TABLE ootspg.model_withdrawal (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	model			text NOT NULL,
	version			text NOT NULL,
	reason			text NOT NULL,
	confirmed_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	confirmed_by	text NOT NULL DEFAULT session_user,
	PRIMARY KEY (evidence_type, model, version)
);
COMMENT ON TABLE ootspg.model_withdrawal IS 'early withdrawals of model versions that were confirmed; written by ootspg.confirm_withdrawal()';

CREATE FUNCTION ootspg_internal.time_left(deadline date) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN deadline <= current_date THEN 'passed'
				WHEN deadline <= current_date + interval '1 month' THEN '1 month'
				WHEN deadline <= current_date + interval '3 months' THEN '3 months'
				WHEN deadline <= current_date + interval '6 months' THEN '6 months' END;
END;
COMMENT ON FUNCTION ootspg_internal.time_left(date) IS 'within how much time a deadline comes: 6 months, 3 months, 1 month, passed; NULL: later';

CREATE VIEW ootspg.model_deadline WITH (security_invoker) AS
WITH version AS (	-- both tables may tell of a version; when they differ, the earlier day counts
	SELECT k.model, k.version, min(k.published) AS published
	  FROM (SELECT m.model, m.version, m.published FROM ootspg.data_model m
			UNION ALL SELECT r.model, r.version, r.published FROM ootspg.model_release r) k
	 GROUP BY 1, 2),
in_use AS (
	SELECT d.evidence_type, d.model, d.model_version AS version FROM ootspg.distribution d WHERE d.model IS NOT NULL
	UNION
	SELECT l.evidence_type, split_part(l.line, ':', 1), split_part(l.line, ':', 2) FROM ootspg.evidence_type_line l),
ordered AS (
	SELECT v.*, lead(v.version) OVER w AS successor, lead(v.published) OVER w AS successor_published
	  FROM version v WINDOW w AS (PARTITION BY v.model ORDER BY v.published, v.version)),
used AS (
	SELECT u.evidence_type, u.model, u.version, v.published FROM in_use u JOIN version v USING (model, version))
SELECT o.model, o.version, o.published,
	   (o.published + interval '12 months')::date AS apply_by,
	   s.behind,
	   CASE WHEN s.behind <> '{}' THEN ootspg_internal.time_left((o.published + interval '12 months')::date) END AS apply_warning,
	   o.successor,
	   (o.successor_published + interval '12 months')::date AS keep_until,
	   s.served_by,
	   CASE WHEN s.served_by <> '{}' THEN ootspg_internal.time_left((o.successor_published + interval '12 months')::date) END AS keep_warning
  FROM ordered o,
	   LATERAL (SELECT ARRAY(SELECT u.evidence_type FROM used u WHERE u.model = o.model AND u.version = o.version ORDER BY 1) AS served_by,
					   ARRAY(SELECT u.evidence_type FROM used u WHERE u.model = o.model GROUP BY 1
							 HAVING max(u.published) < o.published ORDER BY 1) AS behind) s;
COMMENT ON VIEW ootspg.model_deadline IS 'versions of data models, and of the metadata model as oots-edm, with their two deadlines';
COMMENT ON COLUMN ootspg.model_deadline.apply_by IS 'twelve months after publication: by then every evidence type of the model serves this version or a later one (D-MOD-05)';
COMMENT ON COLUMN ootspg.model_deadline.behind IS 'evidence types that serve only earlier versions';
COMMENT ON COLUMN ootspg.model_deadline.apply_warning IS '6 months, 3 months, 1 month before apply_by, passed after it; NULL when nothing is behind, or there is more time';
COMMENT ON COLUMN ootspg.model_deadline.keep_until IS 'twelve months after the successor''s publication: until then the version stays available (D-MOD-06)';
COMMENT ON COLUMN ootspg.model_deadline.served_by IS 'evidence types that can be had in this version';
COMMENT ON COLUMN ootspg.model_deadline.keep_warning IS 'the same for keep_until; after it the version may be withdrawn';

CREATE FUNCTION ootspg.confirm_withdrawal(evidence_type text, model text, version text, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	provider text := (SELECT t.provider FROM ootspg.evidence_type t WHERE t.evidence_type = confirm_withdrawal.evidence_type);
BEGIN
	IF provider IS NULL OR NOT ootspg_internal.has_duty(session_user, 'configure', provider) THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to configure', evidence_type
			USING ERRCODE = 'OT006', HINT = 'ootspg.grant_duty() gives the duty to configure.';
	END IF;
	IF coalesce(btrim(reason), '') = '' THEN
		PERFORM ootspg_internal.raise_configuration('an early withdrawal needs a reason', 'It is kept for those who ask why the version is no longer available.');
	END IF;
	INSERT INTO ootspg.model_withdrawal (evidence_type, model, version, reason)
	VALUES (confirm_withdrawal.evidence_type, confirm_withdrawal.model, confirm_withdrawal.version, confirm_withdrawal.reason)
	ON CONFLICT ON CONSTRAINT model_withdrawal_pkey DO UPDATE
	   SET reason = EXCLUDED.reason, confirmed_at = clock_timestamp(), confirmed_by = session_user;
END $$;
COMMENT ON FUNCTION ootspg.confirm_withdrawal(text, text, text, text) IS
'allows an evidence type to drop a model version (a line as model oots-edm, version v1.2) before its twelve months are over, and keeps the reason';

-- Checked when the transaction ends, so that a version may move from one distribution to another.
CREATE FUNCTION ootspg_internal.check_withdrawal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	old_model text := CASE TG_TABLE_NAME WHEN 'distribution' THEN to_jsonb(OLD)->>'model' ELSE split_part(to_jsonb(OLD)->>'line', ':', 1) END;
	old_version text := CASE TG_TABLE_NAME WHEN 'distribution' THEN to_jsonb(OLD)->>'model_version' ELSE split_part(to_jsonb(OLD)->>'line', ':', 2) END;
	type text := CASE TG_OP WHEN 'DELETE' THEN OLD.evidence_type ELSE NEW.evidence_type END;
	keep record;
BEGIN
	SELECT d.successor, d.keep_until INTO keep FROM ootspg.model_deadline d
	 WHERE d.model = old_model AND d.version = old_version AND d.keep_until > current_date AND type <> ALL (d.served_by);
	IF FOUND AND EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = type)
		AND NOT EXISTS (SELECT FROM ootspg.model_withdrawal w WHERE w.evidence_type = type AND w.model = old_model AND w.version = old_version) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('evidence type "%s" may not drop %s %s before %s', type, old_model, old_version, to_char(keep.keep_until, 'YYYY-MM-DD')),
			format('Serve it beside %s until then (D-MOD-06), or give the reason to ootspg.confirm_withdrawal().', keep.successor));
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_withdrawal() IS 'refuses to drop a model version within twelve months of its successor''s publication';

CREATE CONSTRAINT TRIGGER check_withdrawal AFTER UPDATE OR DELETE ON ootspg.distribution
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_withdrawal();
CREATE CONSTRAINT TRIGGER check_withdrawal AFTER UPDATE OR DELETE ON ootspg.evidence_type_line
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_withdrawal();
-- Answers of the directories to queries, by rule: what is published about a state, and
-- what of it does not hold (src/directory/check_answer.c). Rules are those of submission_rules().

CREATE FUNCTION ootspg.check_directory_answer(
	answer bytea, line text DEFAULT NULL, service text DEFAULT NULL,
	OUT rule_id text, OUT severity text, OUT location text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_check_directory_answer'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.check_directory_answer(bytea, text, text) IS
'rules that an answer of the Data Services Directory or the Evidence Broker to a query breaks: one row for each place. Without line (oots-cs:v1.0 and so on) its slot SpecificationIdentifier decides, which answers of 1.0 do not have; without service (dsd, eb) its content. Unreadable input is one row of rule XML, never an error';

CREATE FUNCTION ootspg_internal.broken_answer_rules(body bytea, data_service text, publisher_scheme text, publisher text) RETURNS text[]
AS 'MODULE_PATHNAME', 'ootspg_broken_answer_rules'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.broken_answer_rules(bytea, text, text, text) IS
'fatal rules that the entries of one publisher for one data service break in an answer of the Data Services Directory: what stands below their access services, and in their registry objects but below none. Empty for what cannot be read, is refused or has no such entry: read_directory_answer() tells that';
-- Code lists of the state, which answers to classification concepts and jurisdictions in
-- 2.0 are taken from. The service refuses to lose a value in use and to gain one without
-- a new version (rule set MS-CLASS), so that is looked at here first (D-REG-07). How the
-- lists travel in a submission is not known: they are kept and checked, never emitted.

-- 2022-12 as well as 1.2; by number, so that 1.10 follows 1.9, and 1.0 is no step from 1.
CREATE FUNCTION ootspg_internal.version_key(version text) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_to_array(translate(regexp_replace(version, '([.-]0+)+$', ''), '-', '.'), '.')::integer[];
END;
COMMENT ON FUNCTION ootspg_internal.version_key(text) IS 'orders versions of code lists';

CREATE TABLE ootspg.classification_code_list (
	code_list		text PRIMARY KEY CHECK (code_list ~ '^https://sr(\.[a-zA-Z]+)?\.oots\.tech\.ec\.europa\.eu/codelists/[A-Z]{2}/[A-Za-z0-9]{2,50}$'),
	version			text NOT NULL CHECK (version ~ '^[0-9]{1,9}([.-][0-9]{1,9}){0,7}$')
);
COMMENT ON TABLE ootspg.classification_code_list IS 'code lists of the state that are kept here, once they have codes: what refers to them is checked against them. A list that is not kept is not checked';
COMMENT ON COLUMN ootspg.classification_code_list.code_list IS 'its URL in the Semantic Repository, as in classification_concept.code_list and publisher.jurisdiction_list';
COMMENT ON COLUMN ootspg.classification_code_list.version IS 'version of the codes as they stand in ootspg.classification_code: raise it when you add or remove one. Numbers with points or hyphens, compared number by number';

CREATE TABLE ootspg.classification_code (
	code_list		text NOT NULL REFERENCES ootspg.classification_code_list ON UPDATE CASCADE ON DELETE CASCADE,
	code			text NOT NULL CHECK (code ~ '^\S+( \S+)*$' AND char_length(code) <= 256),
	name			ootspg.localized_text,
	PRIMARY KEY (code_list, code)
);
COMMENT ON TABLE ootspg.classification_code IS 'the codes of each list; one that rows of this database use is not removed';

CREATE TABLE ootspg.published_code_list (
	code_list		text NOT NULL,
	version			text NOT NULL,
	codes			text[] NOT NULL,
	recorded_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	recorded_by		text NOT NULL DEFAULT session_user,
	PRIMARY KEY (code_list, version)
);
COMMENT ON TABLE ootspg.published_code_list IS 'versions of code lists as they were published; written by ootspg.publish_code_list(). Outlives the list';

CREATE FUNCTION ootspg_internal.lacks_code(code_list text, code text) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
	-- codes, not the row of the list: a dump restores all codes at once, but rows that use them before or after
	SELECT EXISTS (SELECT FROM ootspg.classification_code k WHERE k.code_list = lacks_code.code_list)
	   AND NOT EXISTS (SELECT FROM ootspg.classification_code k WHERE k.code_list = lacks_code.code_list AND k.code = lacks_code.code);
END;
COMMENT ON FUNCTION ootspg_internal.lacks_code(text, text) IS 'is the list kept here, without the code?';

CREATE FUNCTION ootspg_internal.configured_codes(OUT provider text, OUT code_list text, OUT code text, OUT place text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT a.provider, c.code_list, v.code, format('ootspg.provider_concept ("%s", %s): column "supported"', a.provider, a.concept)
	  FROM ootspg.provider_concept a JOIN ootspg.classification_concept c USING (concept), unnest(a.supported) v(code)
	 WHERE c.kind = 'codelist' AND c.code_list IS NOT NULL
	UNION ALL
	SELECT d.provider, d.jurisdiction_list, v.code, format('ootspg.publisher ("%s"): column "jurisdiction_codes"', d.provider)
	  FROM ootspg.publisher d, unnest(d.jurisdiction_codes) v(code);
END;
COMMENT ON FUNCTION ootspg_internal.configured_codes() IS 'codes of code lists that rows of this database use';

CREATE FUNCTION ootspg_internal.message_codes(message bytea, OUT code_list text, OUT code text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	-- in 1.0 a concept does not name its list: then it is the one that the concept has here
	SELECT DISTINCT coalesce(nullif(v.code_list, ''), c.code_list), v.code
	  FROM xmltable(XMLNAMESPACES('http://data.europa.eu/p4s' AS sdg),
					'//sdg:SupportedValue/sdg:StringValue | //sdg:AdditionalJurisdictionClassification'
					PASSING xmlparse(DOCUMENT convert_from(ootspg.canonical(message), 'UTF8'))	-- which keeps the limits
					COLUMNS code_list text PATH 'string(@listID | ../self::sdg:SupportedValue/../sdg:Identifier/@schemeID)',
							concept text PATH 'string(../self::sdg:SupportedValue/../sdg:Identifier)',
							code text PATH 'normalize-space(.)') v
	  LEFT JOIN ootspg.classification_concept c ON c.concept::text = lower(v.concept) AND c.kind = 'codelist';
END;
COMMENT ON FUNCTION ootspg_internal.message_codes(bytea) IS 'codes of code lists that a submission or fragment uses';

CREATE FUNCTION ootspg_internal.last_published(OUT code_list text, OUT version text, OUT codes text[]) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT DISTINCT ON (p.code_list) p.code_list, p.version, p.codes FROM ootspg.published_code_list p
	 ORDER BY p.code_list, ootspg_internal.version_key(p.version) DESC;
END;
COMMENT ON FUNCTION ootspg_internal.last_published() IS 'each code list as it was published last';

CREATE FUNCTION ootspg_internal.version_faults(OUT code_list text, OUT code text, OUT fault text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH list AS (
		SELECT l.code_list, p.codes AS published, ARRAY(SELECT k.code FROM ootspg.classification_code k WHERE k.code_list = l.code_list) AS codes,
			   ootspg_internal.version_key(l.version) < ootspg_internal.version_key(p.version) AS below
		  FROM ootspg.classification_code_list l JOIN ootspg_internal.last_published() p USING (code_list)
		 WHERE ootspg_internal.version_key(l.version) <= ootspg_internal.version_key(p.version))
	SELECT l.code_list, a.code, 'added without a new version' FROM list l, LATERAL (SELECT unnest(l.codes) EXCEPT SELECT unnest(l.published)) a(code)
	UNION ALL
	SELECT l.code_list, r.code, 'removed without a new version' FROM list l, LATERAL (SELECT unnest(l.published) EXCEPT SELECT unnest(l.codes)) r(code)
	UNION ALL
	SELECT l.code_list, NULL, 'version below the published one' FROM list l WHERE l.below;
END;
COMMENT ON FUNCTION ootspg_internal.version_faults() IS 'where lists differ from what was published last without a step of their version';

CREATE FUNCTION ootspg.check_code_lists(code_list text DEFAULT NULL, OUT list text, OUT code text, OUT fault text, OUT place text) RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	RETURN QUERY
	WITH used AS (
		SELECT c.code_list, c.code, c.place FROM ootspg_internal.configured_codes() c
		UNION ALL
		SELECT m.code_list, m.code, format('ootspg.fragment (%s, %s, "%s")', f.environment, f.service, f.fragment)
		  FROM ootspg.fragment f, ootspg_internal.message_codes(f.content) m
		 WHERE current_date >= f.valid_from AND (f.valid_until IS NULL OR current_date <= f.valid_until)
		UNION ALL
		SELECT m.code_list, m.code, format('ootspg.published_data_set (%s, %s)', p.environment, p.service)
		  FROM ootspg.published_data_set p, ootspg_internal.message_codes(p.message) m),
	faults AS (
		SELECT u.code_list, u.code, CASE WHEN u.code = ANY (p.codes) THEN 'removed, but in use' ELSE 'not in the list' END AS fault, u.place
		  FROM used u LEFT JOIN ootspg_internal.last_published() p USING (code_list) WHERE ootspg_internal.lacks_code(u.code_list, u.code)
		UNION ALL
		SELECT v.code_list, v.code, v.fault, NULL FROM ootspg_internal.version_faults() v)
	SELECT f.* FROM faults f WHERE f.code_list = coalesce(check_code_lists.code_list, f.code_list)
	 ORDER BY f.code_list COLLATE "C", f.fault, f.code COLLATE "C", f.place COLLATE "C";
END $$;
COMMENT ON FUNCTION ootspg.check_code_lists(text) IS
'what the common services would refuse of the code lists kept here, or of one: codes in use that are not in their list, by rows here, by fragments, or as a directory holds them; changes without a step of the version';

CREATE FUNCTION ootspg_internal.require_codes(message bytea) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	broken record;
BEGIN
	WITH used AS MATERIALIZED (SELECT m.* FROM ootspg_internal.message_codes(message) m)
	SELECT f.* INTO broken FROM (
		SELECT u.code_list, u.code, 'not in the list' AS fault FROM used u WHERE ootspg_internal.lacks_code(u.code_list, u.code)
		UNION ALL
		SELECT v.code_list, v.code, v.fault FROM ootspg_internal.version_faults() v WHERE v.code_list IN (SELECT u.code_list FROM used u)) f
	 ORDER BY f.code_list COLLATE "C", f.fault, f.code COLLATE "C" LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(concat_ws(' ', 'code list', broken.code_list || ':', '"' || broken.code || '"', broken.fault),
			'ootspg.check_code_lists() lists all and says which rows and fragments use them.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_codes(bytea) IS 'OT003 when a submission uses what is not in its list, or a list that changed without a step of its version';

CREATE FUNCTION ootspg.publish_code_list(code_list text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kept ootspg.classification_code_list;
	codes text[];
	broken record;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	SELECT l.* INTO kept FROM ootspg.classification_code_list l WHERE l.code_list = publish_code_list.code_list FOR UPDATE;	-- no code is added meanwhile
	codes := ARRAY(SELECT k.code FROM ootspg.classification_code k WHERE k.code_list = kept.code_list ORDER BY k.code COLLATE "C");
	IF codes = '{}' THEN
		PERFORM ootspg_internal.raise_configuration(format('ootspg.classification_code has no row for code list %s', publish_code_list.code_list),
			'Add its codes, or read them with ootspg.import_code_list().');
	END IF;
	SELECT c.* INTO broken FROM ootspg.check_code_lists(kept.code_list) c LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(concat_ws(' ', 'code list', broken.list || ':', '"' || broken.code || '"', broken.fault, '(' || broken.place || ')'),
			'ootspg.check_code_lists() lists all that would be refused.');
	END IF;
	INSERT INTO ootspg.published_code_list (code_list, version, codes) VALUES (kept.code_list, kept.version, codes) ON CONFLICT DO NOTHING;
END $$;
COMMENT ON FUNCTION ootspg.publish_code_list(text) IS
'records that the codes of a list are published under its version, and what later changes are compared with; refuses what ootspg.check_code_lists() finds in the list';

-- Genericode, as the Semantic Repository publishes lists; some have rows twice, then the first counts.
CREATE FUNCTION ootspg.import_code_list(code_list text, content bytea) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	document xml;
	version text;
	codes text[];
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	document := xmlparse(DOCUMENT convert_from(ootspg.canonical(content), 'UTF8'));	-- which keeps the limits
	SELECT x.version INTO version FROM xmltable(XMLNAMESPACES('http://docs.oasis-open.org/codelist/ns/genericode/1.0/' AS gc),
		'/gc:CodeList' PASSING document COLUMNS version text PATH 'normalize-space(Identification/Version)') x;
	codes := ARRAY(SELECT DISTINCT x.code FROM xmltable(XMLNAMESPACES('http://docs.oasis-open.org/codelist/ns/genericode/1.0/' AS gc),
		'/gc:CodeList/SimpleCodeList/Row' PASSING document
		COLUMNS code text PATH 'normalize-space(Value[@ColumnRef = /gc:CodeList/ColumnSet/Key[1]/ColumnRef/@Ref]/SimpleValue)') x);
	IF coalesce(version, '') = '' OR codes = '{}' OR '' = ANY (codes) THEN
		RAISE EXCEPTION 'the content for % is not a code list in genericode', code_list
			USING ERRCODE = 'OT001', HINT = 'It has gc:CodeList, Identification/Version, ColumnSet/Key, and rows in SimpleCodeList, each with a code.';
	END IF;
	INSERT INTO ootspg.classification_code_list AS l (code_list, version) VALUES (import_code_list.code_list, version)
	ON CONFLICT ON CONSTRAINT classification_code_list_pkey DO UPDATE SET version = EXCLUDED.version;
	DELETE FROM ootspg.classification_code k WHERE k.code_list = import_code_list.code_list AND NOT EXISTS (SELECT FROM unnest(codes) c WHERE c = k.code);
	INSERT INTO ootspg.classification_code AS k (code_list, code, name)
	SELECT import_code_list.code_list, u.code, jsonb_object_agg(n.language, n.name ORDER BY n.place DESC) FILTER (WHERE char_length(n.name) > 1)
	  FROM unnest(codes) u(code)
	  LEFT JOIN (SELECT c.language, r.code, r.name, r.place	-- columns whose language is told in two letters, the first of each
				   FROM (SELECT DISTINCT ON (1) upper(x.language) AS language, x.id
						   FROM xmltable(XMLNAMESPACES('http://docs.oasis-open.org/codelist/ns/genericode/1.0/' AS gc),
								'/gc:CodeList/ColumnSet/Column[not(@Id = ../Key[1]/ColumnRef/@Ref)]' PASSING document
								COLUMNS language text PATH 'string(Data/@Lang)', id text PATH 'string(@Id)', place FOR ORDINALITY) x
						  WHERE x.language ~ '^[A-Za-z]{2}$' AND x.id !~ '"' ORDER BY 1, x.place) c,
						xmltable(XMLNAMESPACES('http://docs.oasis-open.org/codelist/ns/genericode/1.0/' AS gc),
							'/gc:CodeList/SimpleCodeList/Row' PASSING document
							COLUMNS code text PATH 'normalize-space(Value[@ColumnRef = /gc:CodeList/ColumnSet/Key[1]/ColumnRef/@Ref]/SimpleValue)',
									name text PATH format('normalize-space(Value[@ColumnRef = "%s"]/SimpleValue)', c.id), place FOR ORDINALITY) r) n USING (code)
	 GROUP BY u.code
	ON CONFLICT ON CONSTRAINT classification_code_pkey DO UPDATE SET name = EXCLUDED.name;
	RETURN cardinality(codes);
END $$;
COMMENT ON FUNCTION ootspg.import_code_list(text, bytea) IS
'reads a code list in genericode (gc:CodeList): its version, its codes and their names replace those that are kept under the URL. Returns the number of codes';

CREATE FUNCTION ootspg.import_code_list(code_list text, content xml) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
	SELECT ootspg.import_code_list(code_list, convert_to(content::text, 'UTF8'));
END;
COMMENT ON FUNCTION ootspg.import_code_list(text, xml) IS 'the same for a value of type xml';

-- Checked when the transaction ends, so that a code may change in the list and where it is used.
CREATE FUNCTION ootspg_internal.check_codes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	changed jsonb := CASE TG_TABLE_NAME WHEN 'classification_code' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
	broken record;
BEGIN
	SELECT c.* INTO broken FROM ootspg_internal.configured_codes() c
	 WHERE CASE TG_TABLE_NAME WHEN 'classification_code' THEN c.code_list = changed->>'code_list' AND c.code = changed->>'code'
							  WHEN 'classification_concept' THEN c.code_list = changed->>'code_list'
							  ELSE c.provider = changed->>'provider' END
	   AND ootspg_internal.lacks_code(c.code_list, c.code) LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('%s has "%s", which is not in code list %s', broken.place, broken.code, broken.code_list),
			'A code in use is in ootspg.classification_code, when the list is kept there; adding one takes a new version (D-REG-07).');
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_codes() IS 'refuses codes that a list kept here does not have, and to remove one in use';

-- Not on new codes: an INSERT completes a list, and what a list still lacks is found before a submission.
CREATE CONSTRAINT TRIGGER check_codes AFTER DELETE OR UPDATE OF code_list, code ON ootspg.classification_code
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_codes();
CREATE CONSTRAINT TRIGGER check_codes AFTER UPDATE OF kind, code_list ON ootspg.classification_concept
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_codes();
CREATE CONSTRAINT TRIGGER check_codes AFTER INSERT OR UPDATE OF concept, supported ON ootspg.provider_concept
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_codes();
CREATE CONSTRAINT TRIGGER check_codes AFTER INSERT OR UPDATE OF jurisdiction_list, jurisdiction_codes ON ootspg.publisher
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_codes();
-- Who may ask (D-REG-08). The sender of a message is the access point that its ebMS header
-- names and ours has authenticated; whom the sender asks for is its own word. So access
-- points are listed, and the requesters behind one only where its row says so. As long as
-- nobody is listed, whoever the P-Modes of our access point let in is answered.

CREATE TABLE ootspg.accepted_party (
	environment		text NOT NULL DEFAULT 'production' CHECK (environment IN ('production', 'acceptance', 'test')),
	party_id_type	text NOT NULL CHECK (party_id_type ~ '^\S(.{0,253}\S)?$'),
	party_id		text NOT NULL CHECK (party_id ~ '^\S(.{0,253}\S)?$'),
	name			text NOT NULL,
	source			text NOT NULL,
	requesters		text NOT NULL DEFAULT 'all' CHECK (requesters IN ('all', 'listed')),
	valid_from		timestamptz NOT NULL DEFAULT now(),
	valid_until		timestamptz CHECK (valid_until > valid_from),
	PRIMARY KEY (party_id, party_id_type, environment)
);
COMMENT ON TABLE ootspg.accepted_party IS 'access points whose evidence requests are answered (D-REG-08); messages of others stay unopened. Without any row everybody that our access point lets in is answered, see ootspg.acceptance';
COMMENT ON COLUMN ootspg.accepted_party.environment IS 'its requests are answered for providers of this environment only (D-REG-10)';
COMMENT ON COLUMN ootspg.accepted_party.party_id_type IS 'type of the ebMS PartyId in From, as in the P-Modes';
COMMENT ON COLUMN ootspg.accepted_party.party_id IS 'ebMS PartyId in From, as in the P-Modes';
COMMENT ON COLUMN ootspg.accepted_party.name IS 'whose access point it is';
COMMENT ON COLUMN ootspg.accepted_party.source IS 'where that is known from: the national or the EU list, and its date or version';
COMMENT ON COLUMN ootspg.accepted_party.requesters IS 'all: whomever it asks for; listed: only those of ootspg.accepted_requester';
COMMENT ON COLUMN ootspg.accepted_party.valid_until IS 'end of its acceptance; NULL: none known. A row that has ended keeps the list';

CREATE TABLE ootspg.accepted_requester (
	environment		text NOT NULL DEFAULT 'production',
	party_id_type	text NOT NULL,
	party_id		text NOT NULL,
	scheme			text NOT NULL CHECK (ootspg_internal.require('agent scheme', scheme)),
	identifier		text NOT NULL CHECK (ootspg_internal.require('identifier', identifier)),
	name			text NOT NULL,
	PRIMARY KEY (party_id, party_id_type, environment, scheme, identifier),
	FOREIGN KEY (party_id, party_id_type, environment) REFERENCES ootspg.accepted_party ON UPDATE CASCADE ON DELETE CASCADE
);
COMMENT ON TABLE ootspg.accepted_requester IS 'evidence requesters that an access point may ask for, where its row in ootspg.accepted_party has requesters = listed';
COMMENT ON COLUMN ootspg.accepted_requester.scheme IS 'agent scheme of the EvidenceRequester, as in urn:cef.eu:names:identifier:EAS:0204';
COMMENT ON COLUMN ootspg.accepted_requester.identifier IS 'identifier of the EvidenceRequester under that scheme';

-- The last row taken away opens the door: that must not happen unnoticed.
CREATE FUNCTION ootspg_internal.tell_open_door() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM ootspg.accepted_party) THEN
		RAISE WARNING 'no access point is listed any more: everybody that our access point lets in is answered'
			USING HINT = 'To end the acceptance of an access point, set valid_until; its row keeps the list.';
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_open_door() IS 'warns when the list of accepted access points becomes empty';
CREATE TRIGGER tell_open_door AFTER DELETE OR TRUNCATE ON ootspg.accepted_party
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.tell_open_door();
-- What was in service, from when to when (D-REG-09). ootspg.activation has what is; a row
-- that leaves it is kept here, whoever removed it and why.

CREATE TABLE ootspg.past_activation (
	evidence_type	text NOT NULL,
	provider		text NOT NULL,
	data_service	uuid NOT NULL,
	activated_at	timestamptz NOT NULL,
	activated_by	text NOT NULL,
	deactivated_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	deactivated_by	text NOT NULL DEFAULT session_user
);
CREATE INDEX past_activation_data_service ON ootspg.past_activation (data_service);
COMMENT ON TABLE ootspg.past_activation IS 'evidence types that were in service, with the time they were; never changed, and kept when the type itself is deleted (D-REG-09)';
COMMENT ON COLUMN ootspg.past_activation.evidence_type IS 'its name when it went out of service';
COMMENT ON COLUMN ootspg.past_activation.data_service IS 'by which directories and requests know it, whatever its name here';

CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.past_activation
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
ALTER TABLE ootspg.past_activation ENABLE ALWAYS TRIGGER audit_guard;

-- At the end of service, not at its begin: a restored dump brings rows of ootspg.activation, and removes none.
CREATE FUNCTION ootspg_internal.keep_activation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO ootspg.past_activation (evidence_type, provider, data_service, activated_at, activated_by)
	SELECT t.evidence_type, t.provider, t.data_service, OLD.activated_at, OLD.activated_by
	  FROM ootspg.evidence_type t WHERE t.evidence_type = OLD.evidence_type;
	IF EXISTS (SELECT FROM ootspg.directory_entry d WHERE d.evidence_type = OLD.evidence_type AND d.publish) THEN
		RAISE NOTICE 'evidence type "%" is out of service, but published: directories, and what other states have cached of them, may lag', OLD.evidence_type
			USING HINT = 'Requests that still come get EDM:ERR:0004. To withdraw it, set publish = false in ootspg.directory_entry and submit once more.';
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.keep_activation() IS 'keeps when an evidence type was in service, and reminds of what is published';
CREATE TRIGGER keep_activation AFTER DELETE ON ootspg.activation
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.keep_activation();

-- While everything about it is still there: the cascade comes after the row is gone.
CREATE FUNCTION ootspg_internal.end_service() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM ootspg.activation a WHERE a.evidence_type = OLD.evidence_type;
	RETURN OLD;
END $$;
COMMENT ON FUNCTION ootspg_internal.end_service() IS 'takes an evidence type out of service before it is deleted';
CREATE TRIGGER end_service BEFORE DELETE ON ootspg.evidence_type
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.end_service();
-- Access points: where evidence requests come from and answers go to. A row describes
-- one; whether it is used is decided by ootspg.resume() and ootspg.pause(), and
-- never by restoring a copy of the database.

CREATE TABLE ootspg.access_point (
	access_point	text PRIMARY KEY CHECK (ootspg_internal.require('name', access_point)),
	url				text NOT NULL CHECK (ootspg_internal.require('gateway url', url)),
	party_id		text NOT NULL CHECK (party_id <> ''),
	party_id_type	text NOT NULL CHECK (party_id_type <> ''),
	answer_role		name NOT NULL,
	user_name		text,
	password_uri	text CHECK (ootspg_internal.require('file uri', password_uri)),
	ca_uri			text CHECK (ootspg_internal.require('file uri', ca_uri)),
	certificate_uri	text CHECK (ootspg_internal.require('file uri', certificate_uri)),
	key_uri			text CHECK (ootspg_internal.require('file uri', key_uri)),
	proxy			text CHECK (ootspg_internal.require('proxy url', proxy)),
	server			text NOT NULL DEFAULT 'probe' CHECK (server IN ('probe', '5.0', '5.1.0', '5.1.1')),
	final_recipient	text CHECK (final_recipient <> ''),
	poll_interval	interval NOT NULL DEFAULT '10 s' CHECK (poll_interval BETWEEN '0.1 s' AND '1 h'),
	connections		smallint NOT NULL DEFAULT 4 CHECK (connections BETWEEN 1 AND 16),
	connect_timeout	interval NOT NULL DEFAULT '10 s' CHECK (connect_timeout BETWEEN '0.1 s' AND '5 min'),
	stall_timeout	interval NOT NULL DEFAULT '30 s' CHECK (stall_timeout BETWEEN '0.1 s' AND '30 min'),
	call_timeout	interval NOT NULL DEFAULT '2 min' CHECK (call_timeout BETWEEN '0.1 s' AND '2 h'),
	inline_limit	integer NOT NULL DEFAULT 2048 CHECK (inline_limit BETWEEN 0 AND 65536),
	resubmit_after	interval NOT NULL DEFAULT '4 min' CHECK (resubmit_after BETWEEN '0.1 s' AND '1 d'),
	give_up_after	interval NOT NULL DEFAULT '24 h' CHECK (give_up_after BETWEEN '1 s' AND '30 d'),
	trust_timestamp	boolean NOT NULL DEFAULT false,
	CONSTRAINT access_point_login CHECK ((user_name IS NULL) = (password_uri IS NULL)),
	CONSTRAINT access_point_client_certificate CHECK ((certificate_uri IS NULL) = (key_uri IS NULL)),
	CONSTRAINT access_point_doubt CHECK (resubmit_after < give_up_after)
);
COMMENT ON TABLE ootspg.access_point IS 'eDelivery access points (Domibus, Harmony) that the exchange worker talks to; secrets are references to files below ootspg.key_directory. A new one is paused until ootspg.resume()';
COMMENT ON COLUMN ootspg.access_point.url IS 'of the WS plugin, as in https://ap.example/domibus/services/wsplugin; http only to this very host (D-SEC-01)';
COMMENT ON COLUMN ootspg.access_point.party_id IS 'our PartyId there; messages that name another sender are never submitted';
COMMENT ON COLUMN ootspg.access_point.party_id_type IS 'type of our PartyId; always carried together with it';
COMMENT ON COLUMN ootspg.access_point.answer_role IS 'role that answers what comes in: it has the duty to exchange, may read the views, and is no superuser (D-SEC-04, D-SEC-05)';
COMMENT ON COLUMN ootspg.access_point.user_name IS 'plugin user for HTTP Basic authentication; NULL for none';
COMMENT ON COLUMN ootspg.access_point.password_uri IS 'file: URI of the password of user_name';
COMMENT ON COLUMN ootspg.access_point.ca_uri IS 'file: URI of the certificates that the server''s must chain to; NULL: the system''s';
COMMENT ON COLUMN ootspg.access_point.certificate_uri IS 'file: URI of our TLS client certificate';
COMMENT ON COLUMN ootspg.access_point.key_uri IS 'file: URI of its private key';
COMMENT ON COLUMN ootspg.access_point.server IS 'probe: found out by asking; else the line of the WS plugin: 5.0; 5.1.0 (also Harmony 2.0 to 2.2.1); 5.1.1 (also 5.2, Harmony 2.2.2 and later)';
COMMENT ON COLUMN ootspg.access_point.final_recipient IS 'only messages to this final recipient are received; NULL: all';
COMMENT ON COLUMN ootspg.access_point.poll_interval IS 'time between two looks at an empty list of pending messages';
COMMENT ON COLUMN ootspg.access_point.connections IS 'calls at the same time';
COMMENT ON COLUMN ootspg.access_point.stall_timeout IS 'time without a byte in either direction';
COMMENT ON COLUMN ootspg.access_point.inline_limit IS 'kB of payload above which a submission is sent as MTOM';
COMMENT ON COLUMN ootspg.access_point.resubmit_after IS 'time after a call without answer before an unknown message is submitted again; longer than the call itself may go on inside the access point';
COMMENT ON COLUMN ootspg.access_point.give_up_after IS 'age at which a message that could not be delivered is left to an operator; below the time the access point remembers message ids';
COMMENT ON COLUMN ootspg.access_point.trust_timestamp IS 'count T1 from the message''s Timestamp (D-TMO-02); off, since access points write the time of retrieval there: then from the time the message came here';

-- What operators decided and workers learned. Not part of a dump: a restored copy is silent.
CREATE TABLE ootspg_internal.access_point_state (
	access_point	text PRIMARY KEY REFERENCES ootspg.access_point ON UPDATE CASCADE ON DELETE CASCADE,
	state			text NOT NULL CHECK (state IN ('paused', 'running', 'draining', 'stopped')),
	reason			text,
	copy			text,
	plugin			text CHECK (plugin IN ('5.0', '5.1', '5.2')),
	changed_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	changed_by		text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ootspg_internal.access_point_state IS 'running, paused by an operator, draining towards a pause, or stopped by the worker because going on would do harm';
COMMENT ON COLUMN ootspg_internal.access_point_state.copy IS 'the copy of the database for which an operator said go; see ootspg_internal.this_copy()';
COMMENT ON COLUMN ootspg_internal.access_point_state.plugin IS 'what the last probe and the answers tell of the WS plugin';

CREATE TABLE ootspg.access_point_event (
	event_time		timestamptz NOT NULL DEFAULT clock_timestamp(),
	access_point	text NOT NULL,
	event_type		text NOT NULL CHECK (event_type IN ('resumed', 'paused', 'draining', 'stopped', 'failing', 'working', 'probed', 'taken_over')),
	sqlstate		text,
	detail			text,
	written_by		text NOT NULL DEFAULT session_user
);
CREATE INDEX access_point_event_time ON ootspg.access_point_event USING brin (event_time);
COMMENT ON TABLE ootspg.access_point_event IS 'history of each access point: what operators said, when it failed and worked again (D-OPS-02, D-OPS-04, D-OPS-11); never changed';
COMMENT ON COLUMN ootspg.access_point_event.sqlstate IS 'class of a failure';
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.access_point_event
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
ALTER TABLE ootspg.access_point_event ENABLE ALWAYS TRIGGER audit_guard;

-- Workers ------------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.wake_worker() RETURNS trigger
AS 'MODULE_PATHNAME', 'ootspg_wake_worker'
LANGUAGE C;
COMMENT ON FUNCTION ootspg_internal.wake_worker() IS 'when this transaction commits, the database''s exchange worker looks at what changed; argument: answer, send or configuration';

CREATE FUNCTION ootspg_internal.wake_for_work() RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_wake_for_work'
LANGUAGE C;
COMMENT ON FUNCTION ootspg_internal.wake_for_work() IS 'when this transaction commits, the exchange worker looks for messages to answer and to send';

CREATE FUNCTION ootspg_internal.wake_for_configuration() RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_wake_for_configuration'
LANGUAGE C;
COMMENT ON FUNCTION ootspg_internal.wake_for_configuration() IS 'when this transaction commits, the exchange worker takes its access points into use anew';

CREATE FUNCTION ootspg_internal.this_copy() RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_this_copy'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.this_copy() IS 'tells this database in this data directory from every copy of it: system identifier, database, inode of the control file, ootspg.site';

CREATE FUNCTION ootspg_internal.require_workers() RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_require_workers'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.require_workers() IS 'raises 55000 when the library is not preloaded, so that there are no workers';

CREATE FUNCTION ootspg_internal.worker_state(OUT exchange_worker integer, OUT answering integer, OUT state text)
AS 'MODULE_PATHNAME', 'ootspg_worker_state'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.worker_state() IS 'process of this database''s exchange worker, number of answering ones, and why there is none';

CREATE FUNCTION ootspg_internal.gateway_state(OUT access_point text, OUT last_success timestamptz, OUT last_error_at timestamptz,
	OUT last_error text, OUT next_attempt timestamptz, OUT pending integer, OUT clock_offset interval)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_gateway_state'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.gateway_state() IS 'what the exchange worker last saw of each access point; in shared memory, so that an idle worker writes nothing';

-- Privileges of a role go and come without a word to us.
CREATE FUNCTION ootspg_internal.answer_role_fault(answer_role name) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT CASE
			WHEN r.oid IS NULL THEN format('role "%s" does not exist', answer_role_fault.answer_role)
			WHEN NOT r.rolcanlogin AND current_setting('server_version_num')::integer < 170000 THEN format('role "%s" may not log in', r.rolname)
			WHEN NOT has_database_privilege(r.oid, current_database(), 'CONNECT') THEN format('role "%s" may not connect to this database', r.rolname)
			WHEN NOT r.rolsuper AND NOT EXISTS (SELECT FROM ootspg.provider_role p WHERE p.duty = 'exchange'
				AND pg_has_role(r.oid, to_regrole(quote_ident(p.role_name::text)), 'MEMBER')) THEN format('role "%s" has not the duty to exchange', r.rolname) END
	  FROM (VALUES (true)) one LEFT JOIN pg_catalog.pg_roles r ON r.rolname = answer_role_fault.answer_role;
END;
COMMENT ON FUNCTION ootspg_internal.answer_role_fault(name) IS 'why the role cannot answer what an access point receives; NULL when it can';

CREATE FUNCTION ootspg_internal.check_access_point() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = NEW.answer_role AND (r.rolcanlogin OR current_setting('server_version_num')::integer >= 170000)) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('there is no role "%s" that a worker can be', NEW.answer_role),
			'Create it with LOGIN, without password; ootspg.grant_duty() gives it the duty to exchange.');
	END IF;
	IF (SELECT count(*) FROM ootspg.access_point a WHERE a.access_point <> NEW.access_point) >= 16 THEN
		PERFORM ootspg_internal.raise_configuration('a database talks to 16 access points at most', 'Several providers may share one.');
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER check_access_point BEFORE INSERT OR UPDATE ON ootspg.access_point
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_access_point();

CREATE FUNCTION ootspg_internal.new_access_point() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO ootspg_internal.access_point_state (access_point, state, reason)
	VALUES (NEW.access_point, 'paused', 'not resumed yet') ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$;
CREATE TRIGGER new_access_point AFTER INSERT ON ootspg.access_point
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.new_access_point();

CREATE TRIGGER wake_worker AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ootspg.access_point
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('configuration');
CREATE TRIGGER wake_worker AFTER INSERT OR UPDATE OF state, copy OR DELETE OR TRUNCATE ON ootspg_internal.access_point_state
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('configuration');

-- An access point serves all providers of the database: whoever configures it has the duty for all.
ALTER TABLE ootspg.access_point ENABLE ROW LEVEL SECURITY;
CREATE POLICY any_duty ON ootspg.access_point FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*']);
CREATE POLICY own_configuration ON ootspg.access_point USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*']);

SELECT pg_catalog.pg_extension_config_dump('ootspg.access_point', '');
SELECT pg_catalog.pg_extension_config_dump('ootspg.access_point_event', '');
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
-- Who sees and writes the lists of accepted parties, and what they amount to. Like the
-- access points, they are for every provider of the database.

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['accepted_party', 'accepted_requester'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY any_duty ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY[''*''])', t);
		EXECUTE format('CREATE POLICY own_configuration ON ootspg.%I USING ((SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*''])', t);
		PERFORM pg_catalog.pg_extension_config_dump(format('ootspg.%I', t)::regclass, '');
	END LOOP;
END $$;
ALTER TABLE ootspg.past_activation ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_provider ON ootspg.past_activation FOR SELECT
	USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*', provider]);
SELECT pg_catalog.pg_extension_config_dump('ootspg.past_activation', '');

-- As owner: whoever sees only part of the list would be told that everybody is accepted.
CREATE VIEW ootspg.acceptance WITH (security_barrier) AS
SELECT e.environment,
	   CASE WHEN NOT EXISTS (SELECT FROM ootspg.accepted_party) THEN 'everybody'
			WHEN l.parties = 0 THEN 'nobody'
			ELSE 'listed' END AS accepted,
	   l.parties, l.narrowed, l.next_end
  FROM (SELECT p.environment FROM ootspg.provider p UNION SELECT a.environment FROM ootspg.accepted_party a) e
  CROSS JOIN LATERAL (
	SELECT count(*) AS parties, count(*) FILTER (WHERE a.requesters = 'listed') AS narrowed, min(a.valid_until) AS next_end
	  FROM ootspg.accepted_party a
	 WHERE a.environment = e.environment AND a.valid_from <= clock_timestamp() AND (a.valid_until > clock_timestamp() OR a.valid_until IS NULL)) l
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.acceptance IS 'who may ask the providers of each environment, now (D-REG-08)';
COMMENT ON COLUMN ootspg.acceptance.accepted IS 'everybody: no list is kept, the P-Modes of the access point decide alone; listed: the access points of ootspg.accepted_party; nobody: a list is kept, and has no valid row for this environment';
COMMENT ON COLUMN ootspg.acceptance.parties IS 'access points accepted now';
COMMENT ON COLUMN ootspg.acceptance.narrowed IS 'of these, those that may ask for listed requesters only';
COMMENT ON COLUMN ootspg.acceptance.next_end IS 'when the next acceptance ends';
-- The access point's WS plugin as ootspg speaks it (src/accesspoint), and whether it can
-- be reached (src/http): for diagnosis and tests, by the owner only. All are volatile,
-- though most only compute, so that no duty comes to execute them.

CREATE FUNCTION ootspg_internal.gateway_request(operation text, message_id text DEFAULT NULL,
	consume boolean DEFAULT false, with_role boolean DEFAULT true,
	final_recipient text DEFAULT NULL, received_from timestamptz DEFAULT NULL, received_to timestamptz DEFAULT NULL,
	header bytea DEFAULT NULL, content_ids text[] DEFAULT '{}', media_types text[] DEFAULT '{}', contents bytea[] DEFAULT '{}',
	mtom_bytes integer DEFAULT 1048576,
	OUT content_type text, OUT body bytea) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_gateway_request'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.gateway_request(text, text, boolean, boolean, text, timestamptz, timestamptz, bytea, text[], text[], bytea[], integer) IS
'the request that would be sent to the access point for an operation: list, retrieve, mark, status, errors or submit. A submission takes its ebMS header and, one for each part, content ids, media types and contents';

CREATE FUNCTION ootspg_internal.read_gateway_answer(operation text, asked text, http_status integer, content_type text, body bytea,
	failure text DEFAULT 'answered', may_have_arrived boolean DEFAULT true,
	OUT trouble text, OUT sqlstate text, OUT outcome_unknown boolean, OUT fault_code text, OUT detail text,
	OUT message_ids text[], OUT status text, OUT errors jsonb, OUT submitted_id text,
	OUT header bytea, OUT message_id text, OUT from_party text, OUT from_party_type text, OUT parts jsonb,
	OUT speaks_5_2 boolean) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_read_gateway_answer'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.read_gateway_answer(text, text, integer, text, bytea, text, boolean) IS
'what an answer of the access point to an operation about a message (asked) is taken for; trouble none: the other columns hold. Never raises for what is in the answer. failure is what try_http() says of a call, answered for a whole answer';

CREATE FUNCTION ootspg_internal.gateway_troubles(OUT trouble text, OUT sqlstate text, OUT scope text, OUT permanent boolean,
	OUT description text, OUT hint text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_gateway_troubles'
LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.gateway_troubles() IS
'what can go wrong with a call to the access point. scope: does it concern one message, the whole access point for a while, or all calls until an operator has seen to it. permanent: trying the same again is of no use';

CREATE FUNCTION ootspg_internal.try_http(url text, body bytea DEFAULT NULL, content_type text DEFAULT NULL,
	login text DEFAULT NULL, password text DEFAULT NULL, ca_file text DEFAULT NULL, certificate_file text DEFAULT NULL,
	key_file text DEFAULT NULL, proxy text DEFAULT NULL,
	connect_ms integer DEFAULT 10000, stall_ms integer DEFAULT 30000, total_ms integer DEFAULT 60000,
	max_answer integer DEFAULT 1048576, calls integer DEFAULT 1,
	OUT failure text, OUT may_have_arrived boolean, OUT status integer, OUT answer_type text, OUT length bigint,
	OUT server_time timestamptz, OUT milliseconds integer, OUT detail text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_try_http'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 1;
COMMENT ON FUNCTION ootspg_internal.try_http(text, bytea, text, text, text, text, text, text, text, integer, integer, integer, integer, integer) IS
'calls a URL as ootspg would, from the database server: GET, or POST of a body; that many calls at the same time, one row for each. Answers the question whether the access point can be reached, and why not';
-- What came in and what goes out, a row a message. Contents stand apart and go when
-- they are not needed any more; the rows stay as long as the audit, because they know
-- which messages were received (D-TMO-07) and which ids were used.

CREATE TABLE ootspg.inbox (
	inbox_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	access_point	text NOT NULL,
	message_id		text NOT NULL,
	from_party		text,
	from_party_type	text,
	service			text,
	action			text,
	received_at		timestamptz NOT NULL,
	acknowledged_at	timestamptz,
	exchange_id		bigint NOT NULL,
	state			text NOT NULL CHECK (state IN ('fetching', 'waiting', 'directory', 'answered', 'unanswerable', 'quarantined', 'dismissed')),
	attempts		smallint NOT NULL DEFAULT 0,
	next_attempt_at	timestamptz NOT NULL,
	leased_by		integer,
	last_error		text,
	reason			text,
	duplicates		integer NOT NULL DEFAULT 0,
	UNIQUE (access_point, message_id)
);
CREATE UNIQUE INDEX inbox_sender ON ootspg.inbox (from_party_type, from_party, message_id) WHERE from_party IS NOT NULL;
CREATE INDEX inbox_due ON ootspg.inbox (next_attempt_at) WHERE state IN ('waiting', 'fetching');
CREATE INDEX inbox_unacknowledged ON ootspg.inbox (access_point) WHERE acknowledged_at IS NULL;
CREATE INDEX inbox_quarantined ON ootspg.inbox (inbox_id) WHERE state = 'quarantined';
CREATE INDEX inbox_exchange ON ootspg.inbox (exchange_id);
COMMENT ON TABLE ootspg.inbox IS 'messages received through access points, without their contents';
COMMENT ON COLUMN ootspg.inbox.acknowledged_at IS 'when the access point confirmed that the message is ours now; NULL: it is still pending there';
COMMENT ON COLUMN ootspg.inbox.exchange_id IS 'the exchange it began';
COMMENT ON COLUMN ootspg.inbox.state IS 'fetching: asked for by a server that forgets what it handed over; waiting for its answer; directory: a directory''s answer to a submission, to be filed at once; answered, or filed; unanswerable: no valid answer exists; quarantined: see reason, for an operator to ootspg.release() or ootspg.dismiss(); dismissed';
COMMENT ON COLUMN ootspg.inbox.attempts IS 'how often an answer was begun';
COMMENT ON COLUMN ootspg.inbox.leased_by IS 'process that is answering';
COMMENT ON COLUMN ootspg.inbox.last_error IS 'SQLSTATE of the last attempt that failed';
COMMENT ON COLUMN ootspg.inbox.duplicates IS 'how often the same message came again';

CREATE TABLE ootspg_internal.inbox_part (
	inbox_id		bigint NOT NULL,
	part			smallint NOT NULL,
	content_id		text,
	media_type		text,
	content			bytea NOT NULL,
	PRIMARY KEY (inbox_id, part)
);
COMMENT ON TABLE ootspg_internal.inbox_part IS 'contents of messages not yet answered, or in quarantine; part 0 is the eb:Messaging header, part -1 an answer of the access point as it came';

CREATE TABLE ootspg.outbox (
	outbox_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	access_point	text NOT NULL,
	exchange_id		bigint NOT NULL,
	message_id		text NOT NULL UNIQUE,
	action			text NOT NULL,
	created_at		timestamptz NOT NULL,
	expires_at		timestamptz,
	state			text NOT NULL CHECK (state IN ('waiting', 'submitting', 'doubtful', 'submitted', 'delivered', 'parked', 'given up', 'expired')),
	attempts		smallint NOT NULL DEFAULT 0,
	checks			smallint NOT NULL DEFAULT 0,
	next_attempt_at	timestamptz NOT NULL,
	first_attempt_at timestamptz,
	last_attempt_at	timestamptz,
	submitted_at	timestamptz,
	final_at		timestamptz,
	gateway_status	text,
	last_error		text,
	reason			text
);
CREATE INDEX outbox_due ON ootspg.outbox (access_point, next_attempt_at) WHERE state IN ('waiting', 'submitting', 'doubtful', 'submitted');
CREATE INDEX outbox_parked ON ootspg.outbox (outbox_id) WHERE state = 'parked';
CREATE INDEX outbox_exchange ON ootspg.outbox (exchange_id);
COMMENT ON TABLE ootspg.outbox IS 'messages to be sent through access points, without their contents';
COMMENT ON COLUMN ootspg.outbox.message_id IS 'chosen and committed before the first call, kept in every repetition of it';
COMMENT ON COLUMN ootspg.outbox.expires_at IS 'end of T1: evidence not handed over by then is replaced by EDM:ERR:0005 (D-TMO-03)';
COMMENT ON COLUMN ootspg.outbox.state IS 'waiting; submitting: a call is under way; doubtful: a call ended without answer, its status is asked for; submitted: the access point has it; delivered: the receiver''s access point confirmed it; parked: for an operator to ootspg.retry() or ootspg.give_up(); given up; expired: replaced by another answer';
COMMENT ON COLUMN ootspg.outbox.checks IS 'how often its status was asked for since it changed';
COMMENT ON COLUMN ootspg.outbox.gateway_status IS 'last status that the access point told';

CREATE TABLE ootspg_internal.outbox_part (
	outbox_id		bigint NOT NULL,
	part			smallint NOT NULL,
	content_id		text,
	media_type		text,
	content			bytea NOT NULL,
	PRIMARY KEY (outbox_id, part)
);
COMMENT ON TABLE ootspg_internal.outbox_part IS 'contents of messages on their way; part 0 is the eb:Messaging header. Removed with the final state (D-SEC-06)';

-- Evidence and messages are compressed cheaply where the server can.
DO $$
BEGIN
	ALTER TABLE ootspg_internal.inbox_part ALTER content SET COMPRESSION lz4;
	ALTER TABLE ootspg_internal.outbox_part ALTER content SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END $$;

CREATE TRIGGER wake_worker AFTER INSERT ON ootspg.inbox
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('answer');
CREATE TRIGGER wake_worker AFTER INSERT ON ootspg.outbox
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('send');

ALTER TABLE ootspg.inbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY any_duty ON ootspg.inbox FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*']);
ALTER TABLE ootspg.outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY any_duty ON ootspg.outbox FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*']);

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['ootspg.inbox', 'ootspg.inbox_inbox_id_seq', 'ootspg_internal.inbox_part',
			'ootspg.outbox', 'ootspg.outbox_outbox_id_seq', 'ootspg_internal.outbox_part'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(t::regclass, '');
	END LOOP;
END $$;
-- What operators do and see. Deciding functions write who decided what: into the
-- history of the access point, or into the audit of the exchange.

CREATE FUNCTION ootspg_internal.require_operator() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT ootspg_internal.has_duty(session_user, 'operate', NULL) THEN
		RAISE EXCEPTION 'role "%" may not operate the exchange', session_user
			USING ERRCODE = 'insufficient_privilege', HINT = 'ootspg.grant_duty() gives the duty to operate, for all providers.';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_operator() IS '42501 unless the session''s role has the duty to operate';

CREATE FUNCTION ootspg_internal.decide(access_point text, state text, event_type text, reason text, copy text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	name text;
BEGIN
	IF access_point IS NOT NULL AND NOT EXISTS (SELECT FROM ootspg.access_point a WHERE a.access_point = decide.access_point) THEN
		RAISE EXCEPTION 'access point "%" does not exist', decide.access_point
			USING ERRCODE = 'undefined_object', HINT = 'TABLE ootspg.access_point shows those that do.';
	END IF;
	FOR name IN SELECT a.access_point FROM ootspg.access_point a
				 WHERE decide.access_point IS NULL OR a.access_point = decide.access_point ORDER BY 1 LOOP
		INSERT INTO ootspg_internal.access_point_state AS s (access_point, state, reason, copy)
		VALUES (name, decide.state, decide.reason, decide.copy)
		ON CONFLICT ON CONSTRAINT access_point_state_pkey DO UPDATE
		   SET state = EXCLUDED.state, reason = EXCLUDED.reason, copy = coalesce(EXCLUDED.copy, s.copy),
			   changed_at = clock_timestamp(), changed_by = session_user;
		INSERT INTO ootspg.access_point_event (access_point, event_type, detail) VALUES (name, decide.event_type, decide.reason);
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.decide(text, text, text, text, text) IS 'an operator''s decision about one access point or all';

CREATE FUNCTION ootspg.resume(access_point text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_operator(), ootspg_internal.require_workers();
	PERFORM ootspg_internal.decide(resume.access_point, 'running', 'resumed', NULL, ootspg_internal.this_copy());
END $$;
COMMENT ON FUNCTION ootspg.resume(text) IS 'use an access point, or all: this copy of the database, and no other one, receives and sends from now on';

CREATE FUNCTION ootspg.pause(access_point text DEFAULT NULL, reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_operator();
	PERFORM ootspg_internal.decide(pause.access_point, 'paused', 'paused', pause.reason, NULL);
END $$;
COMMENT ON FUNCTION ootspg.pause(text, text) IS 'make no further call to an access point, or to any; calls under way end';

CREATE FUNCTION ootspg.drain(access_point text DEFAULT NULL, reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_operator(), ootspg_internal.require_workers();
	PERFORM ootspg_internal.decide(drain.access_point, 'draining', 'draining', drain.reason, NULL);
END $$;
COMMENT ON FUNCTION ootspg.drain(text, text) IS 'fetch nothing new, answer and deliver what is here, then pause (D-OPS-12)';

-- Messages ------------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.tell_decision(exchange_id bigint, event_type text, facts jsonb, detail text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.ensure_partitions(clock_timestamp());
	INSERT INTO ootspg.exchange_event (event_time, exchange_id, event_type, facts, detail)
	VALUES (clock_timestamp(), tell_decision.exchange_id, tell_decision.event_type, tell_decision.facts, tell_decision.detail);
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_decision(bigint, text, jsonb, text) IS 'a decision, of an operator or a directory, in the audit of an exchange';

CREATE FUNCTION ootspg_internal.raise_no_message(kind text, id bigint, needed text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION '% message % is not %', kind, id, needed
		USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format('SELECT * FROM ootspg.%s shows messages and their states.', kind);
END $$;

-- A message that the access point may have under its id gets a new one: there the old one stays taken.
CREATE FUNCTION ootspg_internal.renew_message_id(outbox_id bigint) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	old_id text;
	new_id text;
BEGIN
	SELECT o.message_id, gen_random_uuid() || substring(o.message_id FROM '@.*$') INTO STRICT old_id, new_id
	  FROM ootspg.outbox o WHERE o.outbox_id = renew_message_id.outbox_id;
	UPDATE ootspg_internal.outbox_part p SET content = convert_to(replace(convert_from(p.content, 'UTF8'), old_id, new_id), 'UTF8')
	 WHERE p.outbox_id = renew_message_id.outbox_id AND p.part = 0;
	UPDATE ootspg.outbox o SET message_id = new_id WHERE o.outbox_id = renew_message_id.outbox_id;
	RETURN new_id;
END $$;
COMMENT ON FUNCTION ootspg_internal.renew_message_id(bigint) IS 'another MessageId for a message that is submitted once more after its delivery failed';

CREATE FUNCTION ootspg.retry(outbox_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	message ootspg.outbox;
	new_id text;
BEGIN
	PERFORM ootspg_internal.require_operator();
	SELECT * INTO message FROM ootspg.outbox o WHERE o.outbox_id = retry.outbox_id AND o.state = 'parked' FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_no_message('outbox', retry.outbox_id, 'parked');
	END IF;
	IF message.gateway_status IS NOT NULL THEN
		new_id := ootspg_internal.renew_message_id(retry.outbox_id);
	END IF;
	UPDATE ootspg.outbox o
	   SET state = 'waiting', created_at = clock_timestamp(), next_attempt_at = clock_timestamp(), attempts = 0, checks = 0,
		   gateway_status = NULL, last_error = NULL, reason = NULL, submitted_at = NULL
	 WHERE o.outbox_id = retry.outbox_id;
	PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_retried',
		jsonb_strip_nulls(jsonb_build_object('message_id', message.message_id, 'new_message_id', new_id)), message.reason);
	PERFORM ootspg_internal.wake_for_work();
END $$;
COMMENT ON FUNCTION ootspg.retry(bigint) IS 'submit a parked message once more, with a new MessageId when the access point had it already; evidence whose T1 is over is replaced by EDM:ERR:0005 (D-TMO-03)';

CREATE FUNCTION ootspg.retry_all(access_point text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	id bigint;
	retried bigint := 0;
BEGIN
	PERFORM ootspg_internal.require_operator();
	FOR id IN SELECT o.outbox_id FROM ootspg.outbox o
			   WHERE o.state = 'parked' AND (retry_all.access_point IS NULL OR o.access_point = retry_all.access_point) ORDER BY 1 LOOP
		PERFORM ootspg.retry(id);
		retried := retried + 1;
	END LOOP;
	RETURN retried;
END $$;
COMMENT ON FUNCTION ootspg.retry_all(text) IS 'ootspg.retry() for every parked message of an access point, or of all; returns how many';

CREATE FUNCTION ootspg.give_up(outbox_id bigint, reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	message ootspg.outbox;
BEGIN
	PERFORM ootspg_internal.require_operator();
	SELECT * INTO message FROM ootspg.outbox o
	 WHERE o.outbox_id = give_up.outbox_id AND o.state IN ('parked', 'waiting', 'doubtful', 'submitted') FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_no_message('outbox', give_up.outbox_id, 'one that is still to be delivered');
	END IF;
	UPDATE ootspg.outbox o SET state = 'given up', final_at = clock_timestamp(), reason = coalesce(give_up.reason, o.reason)
	 WHERE o.outbox_id = give_up.outbox_id;
	DELETE FROM ootspg_internal.outbox_part p WHERE p.outbox_id = give_up.outbox_id;
	PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_given_up',
		jsonb_build_object('message_id', message.message_id, 'state', message.state), coalesce(give_up.reason, message.reason));
END $$;
COMMENT ON FUNCTION ootspg.give_up(bigint, text) IS 'deliver a message no more; its contents are erased (D-SEC-06)';

CREATE FUNCTION ootspg.release(inbox_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	message ootspg.inbox;
	new_exchange bigint;
BEGIN
	PERFORM ootspg_internal.require_operator();
	SELECT * INTO message FROM ootspg.inbox i WHERE i.inbox_id = release.inbox_id AND i.state = 'quarantined' FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_no_message('inbox', release.inbox_id, 'in quarantine');
	END IF;
	IF EXISTS (SELECT FROM ootspg.outbox o WHERE o.exchange_id = message.exchange_id) THEN
		RAISE EXCEPTION 'inbox message % was answered with an error already', release.inbox_id
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A request has one answer; ootspg.dismiss() ends the matter.';
	END IF;
	IF EXISTS (SELECT FROM ootspg_internal.inbox_part p WHERE p.inbox_id = release.inbox_id AND p.part = -1) THEN
		-- the only copy of what a server forgot: never thrown away, but read once more
		UPDATE ootspg.inbox i SET state = 'fetching', next_attempt_at = clock_timestamp(), reason = NULL, last_error = NULL
		 WHERE i.inbox_id = release.inbox_id;
		PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_released', jsonb_build_object('message_id', message.message_id), 'to be read again');
		PERFORM ootspg_internal.wake_for_configuration();
	ELSIF NOT EXISTS (SELECT FROM ootspg_internal.inbox_part p WHERE p.inbox_id = release.inbox_id AND p.part = 1) THEN
		IF message.acknowledged_at IS NOT NULL THEN
			RAISE EXCEPTION 'inbox message % holds nothing to be answered', release.inbox_id
				USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'The access point has handed it over and does not do so again; ootspg.dismiss() ends the matter.';
		END IF;
		-- nothing of it is here: forget that we know it, so that it is fetched again
		DELETE FROM ootspg.inbox i WHERE i.inbox_id = release.inbox_id;
		PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_released', jsonb_build_object('message_id', message.message_id), 'to be fetched again');
		PERFORM ootspg_internal.wake_for_configuration();
	ELSE
		new_exchange := nextval('ootspg.exchange_exchange_id_seq');
		UPDATE ootspg.inbox i SET state = CASE i.service WHEN 'LifecycleManager' THEN 'directory' ELSE 'waiting' END,
			   attempts = 0, next_attempt_at = clock_timestamp(), exchange_id = new_exchange, reason = NULL, last_error = NULL
		 WHERE i.inbox_id = release.inbox_id;
		PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_released',
			jsonb_build_object('message_id', message.message_id, 'exchange_id', new_exchange), 'to be dealt with');
		PERFORM ootspg_internal.file_directory_answers();
		PERFORM ootspg_internal.wake_for_work();
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.release(bigint) IS 'take a message out of quarantine: answer or file it, as an exchange of its own, or fetch it again where nothing of it could be had';

CREATE FUNCTION ootspg.dismiss(inbox_id bigint, reason text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	message ootspg.inbox;
BEGIN
	PERFORM ootspg_internal.require_operator();
	SELECT * INTO message FROM ootspg.inbox i WHERE i.inbox_id = dismiss.inbox_id AND i.state IN ('quarantined', 'waiting') FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_no_message('inbox', dismiss.inbox_id, 'in quarantine or waiting');
	END IF;
	UPDATE ootspg.inbox i SET state = 'dismissed', reason = coalesce(dismiss.reason, i.reason) WHERE i.inbox_id = dismiss.inbox_id;
	DELETE FROM ootspg_internal.inbox_part p WHERE p.inbox_id = dismiss.inbox_id;
	PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_dismissed',
		jsonb_build_object('message_id', message.message_id), coalesce(dismiss.reason, message.reason));
END $$;
COMMENT ON FUNCTION ootspg.dismiss(bigint, text) IS 'end the matter of a message in quarantine, or of one that waits and is not to be answered (as after a restore); its contents are erased';
-- Submissions on their way. They leave through an access point like any message; the
-- directory's answer comes back as a message of its own. A submission is checked
-- (ootspg.final_submission), sent, then accepted, refused or unknown (D-REG-04).

CREATE TABLE ootspg.directory_route (
	environment		text NOT NULL CHECK (environment IN ('production', 'acceptance', 'test')),
	service			text NOT NULL CHECK (service IN ('dsd', 'eb')),
	access_point	text NOT NULL REFERENCES ootspg.access_point ON UPDATE CASCADE,
	party_id		text NOT NULL CHECK (party_id <> ''),
	party_id_type	text NOT NULL CHECK (party_id_type <> ''),
	ebms_service	text NOT NULL DEFAULT 'LifecycleManager',
	ebms_service_type text NOT NULL DEFAULT 'urn:oasis:names:tc:ebcore:ebrs:ebms:binding:1.0',
	action			text NOT NULL DEFAULT 'SubmitObjectsRequest',
	original_sender	text,
	original_sender_type text,
	final_recipient	text,
	final_recipient_type text,
	properties		jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(properties) = 'object'),
	media_type		text NOT NULL DEFAULT 'application/x-ebrs+xml',
	answer_within	interval NOT NULL DEFAULT '24 h' CHECK (answer_within > '0'),
	PRIMARY KEY (environment, service)
);
COMMENT ON TABLE ootspg.directory_route IS 'how submissions reach an instance of a directory; only for the authority that submits for its state. Values come with the P-Mode from the service desk';
COMMENT ON COLUMN ootspg.directory_route.access_point IS 'our access point that the submissions leave through';
COMMENT ON COLUMN ootspg.directory_route.party_id IS 'PartyId of the directory''s access point';
COMMENT ON COLUMN ootspg.directory_route.original_sender IS 'message property; NULL: our PartyId with its type';
COMMENT ON COLUMN ootspg.directory_route.final_recipient IS 'message property; NULL: the PartyId of the directory with its type';
COMMENT ON COLUMN ootspg.directory_route.properties IS 'further message properties, as in {"SpecificationId": "oots-lcm:v1.0"}';
COMMENT ON COLUMN ootspg.directory_route.answer_within IS 'time after which a submission without answer counts as unknown: then look it up in the directory';

CREATE TABLE ootspg.sent_submission (
	submission_id	uuid PRIMARY KEY REFERENCES ootspg.final_submission,
	outbox_id		bigint NOT NULL,
	message_id		text NOT NULL UNIQUE,
	conversation_id	uuid NOT NULL UNIQUE,
	sent_at			timestamptz NOT NULL DEFAULT clock_timestamp(),
	sent_by			text NOT NULL DEFAULT session_user,
	answer_due		timestamptz NOT NULL,
	state			text NOT NULL DEFAULT 'sent' CHECK (state IN ('sent', 'accepted', 'refused', 'unknown')),
	answered_at		timestamptz,
	answer			bytea,
	codes			text[]
);
COMMENT ON TABLE ootspg.sent_submission IS 'submissions handed to the outbox, and what the directory answered; written by ootspg.register()';
COMMENT ON COLUMN ootspg.sent_submission.state IS 'sent; accepted; refused: see codes and answer; unknown: the answer says neither';
COMMENT ON COLUMN ootspg.sent_submission.codes IS 'LCM:ERR codes of a refusal';

CREATE FUNCTION ootspg_internal.read_registry_response(header bytea, body bytea,
	OUT request_id text, OUT status text, OUT codes text[], OUT ref_to_message_id text, OUT conversation_id text)
AS 'MODULE_PATHNAME', 'ootspg_read_registry_response'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.read_registry_response(bytea, bytea) IS
'what the answer to a submission says and belongs to; NULL where it says nothing, all NULL when it is no rs:RegistryResponse';

CREATE FUNCTION ootspg_internal.property_tree(name text, type text, value text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array('eb:Property', jsonb_strip_nulls(jsonb_build_object('name', name, 'type', type)), value);
END;
COMMENT ON FUNCTION ootspg_internal.property_tree(text, text, text) IS 'a message property';

CREATE FUNCTION ootspg_internal.party_tree(element text, party_id text, party_id_type text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array(element, ootspg_internal.leaf('eb:PartyId', 'type', party_id_type, party_id),
							 ootspg_internal.leaf('eb:Role', 'http://sdg.europa.eu/edelivery/gateway'));
END;
COMMENT ON FUNCTION ootspg_internal.party_tree(text, text, text) IS 'eb:From or eb:To';

CREATE FUNCTION ootspg_internal.submission_header(r ootspg.directory_route, message_id text, conversation_id uuid, content_id text) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT ootspg_internal.write_xml(jsonb_build_array('eb:Messaging', jsonb_build_array('eb:UserMessage',
		jsonb_build_array('eb:MessageInfo', ootspg_internal.leaf('eb:MessageId', message_id)),
		jsonb_build_array('eb:PartyInfo', ootspg_internal.party_tree('eb:From', a.party_id, a.party_id_type),
			ootspg_internal.party_tree('eb:To', (r).party_id, (r).party_id_type)),
		jsonb_build_array('eb:CollaborationInfo',
			ootspg_internal.leaf('eb:Service', 'type', (r).ebms_service_type, (r).ebms_service),
			ootspg_internal.leaf('eb:Action', (r).action),
			ootspg_internal.leaf('eb:ConversationId', conversation_id::text)),
		jsonb_build_array('eb:MessageProperties',
			ootspg_internal.property_tree('originalSender', coalesce((r).original_sender_type, a.party_id_type), coalesce((r).original_sender, a.party_id)),
			ootspg_internal.property_tree('finalRecipient', coalesce((r).final_recipient_type, (r).party_id_type), coalesce((r).final_recipient, (r).party_id)),
			(SELECT jsonb_agg(ootspg_internal.property_tree(p.key, NULL, p.value) ORDER BY p.key) FROM jsonb_each_text((r).properties) p)),
		jsonb_build_array('eb:PayloadInfo', jsonb_build_array('eb:PartInfo', jsonb_build_object('href', 'cid:' || content_id),
			jsonb_build_array('eb:PartProperties', ootspg_internal.property_tree('MimeType', NULL, (r).media_type)))))))
	  FROM ootspg.access_point a WHERE a.access_point = (r).access_point;
END;
COMMENT ON FUNCTION ootspg_internal.submission_header(ootspg.directory_route, text, uuid, text) IS 'eb:Messaging of a submission';

-- An earlier submission without answer may still be taken: which of two would hold then nobody could say.
CREATE FUNCTION ootspg_internal.require_no_other(environment text, service text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	other uuid;
BEGIN
	SELECT s.submission_id INTO other FROM ootspg.sent_submission s JOIN ootspg.final_submission f USING (submission_id)
	 WHERE f.environment = require_no_other.environment AND f.service = require_no_other.service
	   AND s.state = 'sent' AND s.answer_due > clock_timestamp() LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'submission % to the % in % has no answer yet', other, upper(require_no_other.service), require_no_other.environment
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Wait for it, or until ootspg.submission_status calls it unknown.';
	END IF;
END $$;

CREATE FUNCTION ootspg.register(target text DEFAULT 'dsd', environment text DEFAULT NULL, removals text[] DEFAULT '{}', submission_id uuid DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
	r ootspg.directory_route;
	id uuid := register.submission_id;
	conversation uuid := gen_random_uuid();
	domain text;
	message text;
	queued bigint;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	t := ootspg_internal.target(register.target, register.environment);
	SELECT d.* INTO r FROM ootspg.directory_route d WHERE d.environment = t.environment AND d.service = t.service;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('there is no route to the %s in %s', upper(t.service), t.environment),
			'Only the state''s one submitting authority sends: describe the route in ootspg.directory_route. Every other provider hands over ootspg.export_fragment().');
	END IF;
	PERFORM ootspg_internal.require_no_other(t.environment, t.service);
	IF id IS NULL THEN
		id := ootspg.finalize_submission(t.service, t.environment, register.removals);
	ELSIF NOT EXISTS (SELECT FROM ootspg.final_submission f WHERE f.submission_id = id AND f.environment = t.environment AND f.service = t.service)
		OR EXISTS (SELECT FROM ootspg.sent_submission s WHERE s.submission_id = id) THEN
		RAISE EXCEPTION 'submission % is no final one of this directory, or was sent already', id
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'ootspg.finalize_submission() makes one; each is sent once.';
	END IF;
	SELECT min(p.content_domain) INTO domain FROM ootspg.provider p WHERE p.environment = t.environment;
	message := gen_random_uuid() || '@' || domain;
	INSERT INTO ootspg.outbox (access_point, exchange_id, message_id, action, created_at, state, next_attempt_at)
	VALUES (r.access_point, nextval('ootspg.exchange_exchange_id_seq'), message, r.action, clock_timestamp(), 'waiting', clock_timestamp())
	RETURNING outbox_id INTO queued;
	INSERT INTO ootspg_internal.outbox_part (outbox_id, part, content_id, media_type, content)
	SELECT queued, 0, NULL, NULL, ootspg_internal.submission_header(r, message, conversation, id || '@' || domain)
	UNION ALL SELECT queued, 1, id || '@' || domain, r.media_type, f.message FROM ootspg.final_submission f WHERE f.submission_id = id;
	INSERT INTO ootspg.sent_submission (submission_id, outbox_id, message_id, conversation_id, answer_due)
	VALUES (id, queued, message, conversation, clock_timestamp() + r.answer_within);
	RETURN id;
END $$;
COMMENT ON FUNCTION ootspg.register(text, text, text[], uuid) IS
'submits what is served to a directory (dsd or eb), for the whole state: the final submission given, or one that ootspg.finalize_submission() makes now. Only where this database is the state''s one submitting authority';

-- Answers -------------------------------------------------------------------------

-- requestId first, then what the message layer says.
CREATE FUNCTION ootspg_internal.answered_submission(request_id text, ref_to text, conversation text) RETURNS uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT s.submission_id FROM ootspg.sent_submission s
	 WHERE 'urn:uuid:' || s.submission_id = lower(request_id) OR s.message_id = ref_to OR s.conversation_id::text = lower(conversation)
	 ORDER BY ('urn:uuid:' || s.submission_id = lower(request_id)) IS TRUE DESC, (s.message_id = ref_to) IS TRUE DESC LIMIT 1;
END;
COMMENT ON FUNCTION ootspg_internal.answered_submission(text, text, text) IS 'the submission that an answer belongs to, NULL for none';

CREATE FUNCTION ootspg_internal.quarantine_directory_answer(inbox_id bigint, error text, reason text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	message ootspg.inbox;
BEGIN
	UPDATE ootspg.inbox i SET state = 'quarantined', last_error = error, reason = quarantine_directory_answer.reason
	 WHERE i.inbox_id = quarantine_directory_answer.inbox_id RETURNING * INTO message;
	PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_quarantined', jsonb_build_object('message_id', message.message_id), message.reason);
END $$;
COMMENT ON FUNCTION ootspg_internal.quarantine_directory_answer(bigint, text, text) IS 'leaves an answer of a directory to an operator';

CREATE FUNCTION ootspg_internal.file_directory_answer(inbox_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	message ootspg.inbox;
	header bytea;
	body bytea;
	said record;
	submission ootspg.final_submission;
	verdict text;
	made text[];
BEGIN
	SELECT * INTO STRICT message FROM ootspg.inbox i WHERE i.inbox_id = file_directory_answer.inbox_id;
	SELECT p.content INTO header FROM ootspg_internal.inbox_part p WHERE p.inbox_id = message.inbox_id AND p.part = 0;
	SELECT p.content INTO body FROM ootspg_internal.inbox_part p WHERE p.inbox_id = message.inbox_id AND p.part = 1;
	SELECT * INTO said FROM ootspg_internal.read_registry_response(header, body);
	SELECT f.* INTO submission FROM ootspg.final_submission f
	 WHERE f.submission_id = ootspg_internal.answered_submission(said.request_id, said.ref_to_message_id, said.conversation_id);
	IF NOT FOUND THEN
		PERFORM ootspg_internal.quarantine_directory_answer(message.inbox_id, NULL, 'answers no submission of this database');
		RETURN;
	END IF;
	verdict := CASE said.status WHEN 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success' THEN 'accepted'
			   WHEN 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure' THEN 'refused' ELSE 'unknown' END;
	UPDATE ootspg.sent_submission s SET state = verdict, answered_at = message.received_at, answer = body, codes = said.codes
	 WHERE s.submission_id = submission.submission_id AND s.answered_at IS NULL;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.quarantine_directory_answer(message.inbox_id, NULL, 'a second answer to one submission');
		RETURN;
	END IF;
	IF verdict = 'accepted' THEN
		made := ootspg_internal.record_published(ootspg_internal.target(submission.service, submission.environment), submission.message);
	END IF;
	UPDATE ootspg.inbox i SET state = 'answered' WHERE i.inbox_id = message.inbox_id;
	DELETE FROM ootspg_internal.inbox_part p WHERE p.inbox_id = message.inbox_id;
	PERFORM ootspg_internal.tell_decision(message.exchange_id, 'submission_' || verdict,
		jsonb_build_object('message_id', message.message_id, 'submission_id', submission.submission_id, 'service', submission.service,
						   'environment', submission.environment, 'codes', to_jsonb(said.codes), 'activated', to_jsonb(made)), NULL);
	PERFORM pg_notify('ootspg_registration', format('%s %s %s %s', submission.environment, submission.service, submission.submission_id, verdict));
END $$;
COMMENT ON FUNCTION ootspg_internal.file_directory_answer(bigint) IS 'finds the submission that an answer belongs to, and lets the consequences follow';

-- One answer that makes trouble keeps no other from being filed.
CREATE FUNCTION ootspg_internal.file_directory_answers() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	id bigint;
BEGIN
	FOR id IN SELECT i.inbox_id FROM ootspg.inbox i WHERE i.state = 'directory' ORDER BY 1 LOOP
		BEGIN
			PERFORM ootspg_internal.file_directory_answer(id);
		EXCEPTION WHEN OTHERS THEN
			PERFORM ootspg_internal.quarantine_directory_answer(id, SQLSTATE, 'the directory''s answer could not be filed');
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.file_directory_answers() IS 'files what directories answered; called by the exchange worker in the transaction that stores it';

CREATE VIEW ootspg.submission_status WITH (security_invoker, security_barrier) AS
SELECT f.submission_id, f.environment, f.service, f.finalized_at, f.finalized_by,
	   CASE WHEN s.submission_id IS NULL THEN 'checked'
			WHEN s.state <> 'sent' THEN s.state
			WHEN o.state IN ('parked', 'given up') THEN 'not delivered'
			WHEN s.answer_due < clock_timestamp() THEN 'unknown'
			ELSE 'sent' END AS state,
	   s.sent_at, s.sent_by, o.state AS delivery, s.answer_due, s.answered_at, s.codes
  FROM ootspg.final_submission f
  LEFT JOIN ootspg.sent_submission s USING (submission_id)
  LEFT JOIN ootspg.outbox o USING (outbox_id);
COMMENT ON VIEW ootspg.submission_status IS 'submissions from their last check to the directory''s answer';
COMMENT ON COLUMN ootspg.submission_status.state IS 'checked; sent; not delivered: see ootspg.outbox; accepted; refused; unknown: no answer in time, or one that says neither; then look it up in the directory';

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['directory_route', 'sent_submission'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY whole_state ON ootspg.%I USING ((SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*''])', t);
	END LOOP;
	FOREACH t IN ARRAY ARRAY['directory_route', 'sent_submission'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(format('ootspg.%I', t)::regclass, '');
	END LOOP;
END $$;
-- Answers of the directories of the Common Services: is one signed by whoever runs the
-- directory (src/seal), and what does it say (src/directory)? For diagnosis and tests, by
-- the owner only. Volatile, though they only compute, so that no duty comes to execute them.

CREATE FUNCTION ootspg_internal.verify_directory_answer(body bytea, digest text, signature text, trusted bytea,
	moment timestamptz DEFAULT now(),
	OUT valid boolean, OUT refused text, OUT reason text, OUT subject text, OUT not_after timestamptz,
	OUT certificate_sha256 bytea, OUT root_sha256 bytea, OUT root_not_after timestamptz, OUT signed_at timestamptz) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_verify_directory_answer'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.verify_directory_answer(bytea, text, text, bytea, timestamptz) IS
'is the body what its sender signed? digest and signature are the headers digest and oots-response-sig, as they came; trusted holds the roots of that directory and environment as PEM. refused names the step that failed; unless valid, the signer is only what the answer claims';

CREATE FUNCTION ootspg_internal.read_directory_answer(http_status integer, content_type text, body bytea,
	OUT class text, OUT reason text, OUT retryable boolean, OUT code text, OUT message_code text, OUT specification text,
	OUT object integer, OUT data_service text, OUT classification text, OUT level_of_assurance text, OUT service_values jsonb,
	OUT access_service text, OUT access_service_scheme text, OUT conforms_to text[],
	OUT publisher text, OUT publisher_scheme text, OUT country text, OUT jurisdiction jsonb, OUT publisher_values jsonb,
	OUT media_type text, OUT languages text[], OUT data_model text, OUT transformation text,
	OUT input text, OUT input_id text, OUT input_level text, OUT input_type text, OUT input_list text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_read_directory_answer'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.read_directory_answer(integer, text, bytea) IS
'what a data service directory answered: class registered (one row for each object, access service, publisher and distribution), additional input (one for each thing it asks for), not registered, refused, failed or unreadable (one row). Only not registered says that nothing is there. Never raises for what is in the answer; http_status NULL: there was none. To be asked after verify_directory_answer()';

CREATE FUNCTION ootspg_internal.read_broker_answer(http_status integer, content_type text, body bytea,
	OUT class text, OUT reason text, OUT retryable boolean, OUT code text, OUT message_code text, OUT specification text,
	OUT requirement text, OUT list text, OUT match text, OUT list_countries text[],
	OUT classification text, OUT type_countries text[]) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_read_broker_answer'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.read_broker_answer(integer, text, bytea) IS
'what the evidence broker answered: class registered (one row for each evidence type of each list of each requirement; classification NULL: a list of none), not registered, refused, failed or unreadable (one row). Countries are those of jurisdictions, of the list since 2.0 and of the type before. Only not registered says that nothing is there. Never raises for what is in the answer; http_status NULL: there was none. To be asked after verify_directory_answer()';
-- Where the instances of the directories are read back.

CREATE TABLE ootspg.directory_source (
	environment		text NOT NULL CHECK (environment IN ('production', 'acceptance', 'test')),
	service			text NOT NULL DEFAULT 'dsd' CHECK (service IN ('dsd', 'eb')),
	base_url		text CHECK (ootspg_internal.require('gateway url', base_url)),
	country			text NOT NULL CHECK (ootspg_internal.require('country', country)),
	roots_uri		text NOT NULL CHECK (ootspg_internal.require('file uri', roots_uri)),
	signer_subject	text CHECK (signer_subject <> ''),
	ca_uri			text CHECK (ootspg_internal.require('file uri', ca_uri)),
	proxy			text CHECK (ootspg_internal.require('proxy url', proxy)),
	accept_version	text NOT NULL DEFAULT 'oots-cs:v2.0' CHECK (accept_version ~ '^oots-cs:v\d+\.\d+(, *oots-cs:v\d+\.\d+)*$'),
	cache_for		interval NOT NULL DEFAULT '1 h' CHECK (cache_for BETWEEN '0' AND '1 d'),
	read_every		interval NOT NULL DEFAULT '1 d' CHECK (read_every >= '1 s'),
	call_timeout	interval NOT NULL DEFAULT '1 min' CHECK (call_timeout BETWEEN '0.1 s' AND '10 min'),
	PRIMARY KEY (environment, service)
);
COMMENT ON TABLE ootspg.directory_source IS 'where an instance of the Data Services Directory (dsd) or the Evidence Broker (eb) is read back';
COMMENT ON COLUMN ootspg.directory_source.base_url IS 'what stands before /rest/search, as in https://query.cs.acc.oots.tech.ec.europa.eu/dsd; NULL: found by DNS, see ootspg.directory_discovery';
COMMENT ON COLUMN ootspg.directory_source.country IS 'country whose entries are asked for: ours';
COMMENT ON COLUMN ootspg.directory_source.roots_uri IS 'file: URI of the root certificates, PEM, that signatures of this instance must chain to; never one file for two environments (D-REG-10)';
COMMENT ON COLUMN ootspg.directory_source.signer_subject IS 'subject of the certificate that answers must be signed with, as RFC 2253 text; NULL: any below the roots';
COMMENT ON COLUMN ootspg.directory_source.ca_uri IS 'file: URI of the certificates that the server''s TLS certificate must chain to; NULL: the system''s';
COMMENT ON COLUMN ootspg.directory_source.accept_version IS 'versions of the answer that are asked for';
COMMENT ON COLUMN ootspg.directory_source.cache_for IS 'when what is served changes, an answer of at most this age is compared anew; an older one is fetched again';
COMMENT ON COLUMN ootspg.directory_source.read_every IS 'time between two readings of an entry; failures are tried again sooner';

-- A copy of the database that nobody said go for leaves directories alone as well. Where there
-- is no access point, nothing tells copies apart, and nothing is at stake.
CREATE FUNCTION ootspg_internal.is_silent_copy() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER	-- the status asks it for whoever may read the status
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM ootspg.access_point)
	   AND NOT EXISTS (SELECT FROM ootspg_internal.access_point_state s WHERE s.copy = ootspg_internal.this_copy());
END;
COMMENT ON FUNCTION ootspg_internal.is_silent_copy() IS 'has no access point been resumed in this copy of the database?';

-- Two environments that share an address or a trust store are one (D-REG-10).
CREATE FUNCTION ootspg_internal.separate_environments() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	other ootspg.directory_source;
BEGIN
	SELECT s.* INTO other FROM ootspg.directory_source s
	 WHERE s.environment <> NEW.environment AND (s.roots_uri = NEW.roots_uri OR rtrim(s.base_url, '/') = rtrim(NEW.base_url, '/')) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'directory_source: % and % name the same %', NEW.environment, other.environment,
				CASE WHEN other.roots_uri = NEW.roots_uri THEN 'roots_uri' ELSE 'base_url' END
			USING ERRCODE = 'OT003', HINT = 'Environments have directories and root certificates of their own.';
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION ootspg_internal.separate_environments() IS 'OT003 when environments are mixed';

CREATE TRIGGER separate_environments BEFORE INSERT OR UPDATE ON ootspg.directory_source
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.separate_environments();

CREATE TRIGGER wake_worker AFTER INSERT OR UPDATE OR DELETE ON ootspg.directory_source
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('configuration');

DO $$
BEGIN
	ALTER TABLE ootspg.directory_source ENABLE ROW LEVEL SECURITY;
	CREATE POLICY whole_state ON ootspg.directory_source USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*']);
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.directory_source', '');
END $$;
-- Where a directory is, when its source does not say so: by a NAPTR record of a name that
-- has country, directory and environment in it. The exchange worker looks the names up; what
-- it finds is kept as long as the record may be, and longer when nothing newer can be found.

CREATE TABLE ootspg_internal.directory_discovery (
	environment		text NOT NULL,
	service			text NOT NULL,
	name			text NOT NULL,
	base_url		text,
	found_at		timestamptz,
	valid_until		timestamptz,
	next_at			timestamptz NOT NULL DEFAULT clock_timestamp(),
	failures		smallint NOT NULL DEFAULT 0,
	failure			text,
	PRIMARY KEY (environment, service),
	FOREIGN KEY (environment, service) REFERENCES ootspg.directory_source ON UPDATE CASCADE ON DELETE CASCADE
);
COMMENT ON TABLE ootspg_internal.directory_discovery IS 'what DNS last said of each source without base_url; holds for its name only';
COMMENT ON COLUMN ootspg_internal.directory_discovery.failure IS 'why the last lookup told nothing; NULL: it did';

CREATE FUNCTION ootspg_internal.discovery_name(s ootspg.directory_source) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT lower((s).country) || '.' || (s).service || '.v1.cs.'
		|| CASE (s).environment WHEN 'production' THEN 'prod' WHEN 'acceptance' THEN 'acc' ELSE 'testing' END || '.oots.tech.ec.europa.eu';
END;
COMMENT ON FUNCTION ootspg_internal.discovery_name(ootspg.directory_source) IS
'name whose NAPTR record leads to a directory. The label of Greece is el, as in all codes of OOTS: nothing says that gr would be published instead, and where it is, base_url helps';

CREATE FUNCTION ootspg_internal.discovered_url(s ootspg.directory_source) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT d.base_url FROM ootspg_internal.directory_discovery d
	 WHERE d.environment = (s).environment AND d.service = (s).service AND d.name = ootspg_internal.discovery_name(s);
END;
COMMENT ON FUNCTION ootspg_internal.discovered_url(ootspg.directory_source) IS 'base URL as it was found for a source, NULL when it never was';

-- Asking ---------------------------------------------------------------------------

-- A source that has changed is another question. Nothing here waits for a row that somebody
-- has locked: the worker has more to do.
CREATE FUNCTION ootspg_internal.take_discoveries(most integer, OUT environment text, OUT service text, OUT name text) RETURNS SETOF record
LANGUAGE sql
BEGIN ATOMIC
	DELETE FROM ootspg_internal.directory_discovery d
	 WHERE (d.environment, d.service) IN (SELECT x.environment, x.service FROM ootspg_internal.directory_discovery x
										   WHERE NOT EXISTS (SELECT FROM ootspg.directory_source s WHERE s.environment = x.environment AND s.service = x.service
																AND s.base_url IS NULL AND ootspg_internal.discovery_name(s) = x.name)
											 FOR UPDATE SKIP LOCKED);
	INSERT INTO ootspg_internal.directory_discovery (environment, service, name)
	SELECT s.environment, s.service, ootspg_internal.discovery_name(s) FROM ootspg.directory_source s
	 WHERE s.base_url IS NULL
	   AND NOT EXISTS (SELECT FROM ootspg_internal.directory_discovery x WHERE x.environment = s.environment AND x.service = s.service);
	UPDATE ootspg_internal.directory_discovery d SET next_at = clock_timestamp() + interval '1 min'	-- in case its answer is lost
	 WHERE (d.environment, d.service) IN (SELECT x.environment, x.service FROM ootspg_internal.directory_discovery x WHERE x.next_at <= clock_timestamp() AND NOT ootspg_internal.is_silent_copy()
										   ORDER BY x.next_at LIMIT most FOR UPDATE SKIP LOCKED)
	RETURNING d.environment, d.service, d.name;
END;
COMMENT ON FUNCTION ootspg_internal.take_discoveries(integer) IS 'names that are due; called by the exchange worker, which looks them up';

-- Judging --------------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.read_naptr_answer(message bytea, OUT "order" integer, OUT preference integer, OUT flags text, OUT services text,
	OUT regexp text, OUT uri text, OUT refused text, OUT ttl integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_read_naptr_answer'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.read_naptr_answer(bytea) IS
'NAPTR records of a DNS message in the order in which they are tried, each with the URI it leads to, or why it leads nowhere (RFC 3402, RFC 3403); one row with refused alone when there is no answer. The service field is shown and not asked. Never raises for what is in the message';

-- The record gives https://host or https://host/path/; common services stand at /service there.
CREATE FUNCTION ootspg_internal.base_url_of(uri text, service text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require('gateway url', uri);
	RETURN rtrim(uri, '/') || CASE WHEN rtrim(uri, '/') ~ '^https?://[^/]+$' THEN '/' || service ELSE '' END;
EXCEPTION WHEN SQLSTATE 'OT003' THEN
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.base_url_of(text, text) IS 'base URL of a directory behind the URI of a record; NULL when it could not be configured either';

CREATE FUNCTION ootspg_internal.choose_naptr(message bytea, service text, OUT base_url text, OUT ttl integer, OUT failure text)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r record;
	reasons text[] := '{}';
BEGIN
	FOR r IN SELECT * FROM ootspg_internal.read_naptr_answer(message) LOOP
		IF r.ttl IS NULL THEN
			failure := r.refused;
			RETURN;
		END IF;
		base_url := ootspg_internal.base_url_of(r.uri, service);
		IF base_url IS NOT NULL THEN
			ttl := r.ttl;
			RETURN;
		END IF;
		r.refused := coalesce(r.refused, 'its URI is neither https nor of this host');
		IF r.refused <> ALL (reasons) THEN
			reasons := reasons || r.refused;
		END IF;
	END LOOP;
	failure := 'no NAPTR record can be used: ' || array_to_string(reasons, ', ');
END $$;
COMMENT ON FUNCTION ootspg_internal.choose_naptr(bytea, text) IS 'the directory that an answer leads to, or why to none';

-- Records are believed for five minutes at least and a day at most, whatever they say.
CREATE FUNCTION ootspg_internal.file_discovery(environment text, service text, name text, failure text, message bytea) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	d ootspg_internal.directory_discovery;
	chosen record;
BEGIN
	SELECT * INTO d FROM ootspg_internal.directory_discovery x
	 WHERE x.environment = file_discovery.environment AND x.service = file_discovery.service AND x.name = file_discovery.name FOR UPDATE SKIP LOCKED;
	IF NOT FOUND THEN
		RETURN;	-- the source has changed, or is about to be looked up anew
	END IF;
	IF failure IS NULL THEN
		BEGIN
			SELECT * INTO chosen FROM ootspg_internal.choose_naptr(message, service);
			failure := chosen.failure;
		EXCEPTION WHEN OTHERS THEN
			failure := format('the answer could not be judged: SQLSTATE %s', SQLSTATE);
		END;
	END IF;
	IF failure IS NOT NULL THEN
		UPDATE ootspg_internal.directory_discovery x SET failure = file_discovery.failure, failures = least(d.failures + 1, 100),
			   next_at = clock_timestamp() + least(interval '1 h', interval '10 s' * 2 ^ least(d.failures, 12))
		 WHERE x.environment = d.environment AND x.service = d.service;
		RETURN;
	END IF;
	d.found_at := clock_timestamp();
	d.valid_until := d.found_at + least(greatest(make_interval(secs => chosen.ttl), interval '5 min'), interval '1 d');
	UPDATE ootspg_internal.directory_discovery x SET base_url = chosen.base_url, found_at = d.found_at, valid_until = d.valid_until,
		   next_at = d.valid_until, failures = 0, failure = NULL
	 WHERE x.environment = d.environment AND x.service = d.service;
	IF d.base_url IS DISTINCT FROM chosen.base_url THEN
		UPDATE ootspg_internal.directory_reading r SET next_at = clock_timestamp()
		 WHERE r.reading_id IN (SELECT x.reading_id FROM ootspg_internal.directory_reading x
								 WHERE x.environment = d.environment AND x.service = d.service FOR UPDATE SKIP LOCKED);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.file_discovery(text, text, text, text, bytea) IS
'what DNS said of a name, or why it said nothing; a failure keeps what was found before. Called by the exchange worker';

-- For whoever has a duty: addresses of directories are public.
CREATE VIEW ootspg.directory_discovery AS
SELECT s.environment, s.service, ootspg_internal.discovery_name(s) AS name, d.base_url, d.found_at, d.valid_until, d.failure, d.next_at AS next_attempt
  FROM ootspg.directory_source s
  LEFT JOIN ootspg_internal.directory_discovery d ON (d.environment, d.service, d.name) = (s.environment, s.service, ootspg_internal.discovery_name(s))
 WHERE s.base_url IS NULL;
COMMENT ON VIEW ootspg.directory_discovery IS 'directories that are found by DNS: sources without base_url';
COMMENT ON COLUMN ootspg.directory_discovery.name IS 'name whose NAPTR records are looked up';
COMMENT ON COLUMN ootspg.directory_discovery.base_url IS 'what was found, in use even after valid_until until something else is; NULL: nothing yet';
COMMENT ON COLUMN ootspg.directory_discovery.valid_until IS 'end of the record''s life, by its TTL; then it is looked up again';
COMMENT ON COLUMN ootspg.directory_discovery.failure IS 'why the last lookup told nothing';
-- Reading back: what do the directories say about us? (D-REG-03) To the Data Services
-- Directory one query for each evidence type, and one more for each of its lines, because
-- requesters filter by line; to the Evidence Broker one for each requirement that our types
-- prove. The exchange worker fetches; what an answer means is said in 97_registration_*.sql.

CREATE TABLE ootspg_internal.directory_reading (
	reading_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment		text NOT NULL,
	service			text NOT NULL,
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	line			text NOT NULL DEFAULT '',
	requirement		text NOT NULL DEFAULT '',
	more			text NOT NULL DEFAULT '',
	asked			text,
	answered		text,
	compare			boolean NOT NULL DEFAULT false,
	next_at			timestamptz NOT NULL DEFAULT clock_timestamp(),
	failures		smallint NOT NULL DEFAULT 0,
	failure			text,
	verdict			text CHECK (verdict IN ('published', 'differs', 'missing')),
	changed_at		timestamptz,
	checked_at		timestamptz,
	FOREIGN KEY (environment, service) REFERENCES ootspg.directory_source ON UPDATE CASCADE ON DELETE CASCADE,
	UNIQUE (environment, service, evidence_type, line, requirement)
);
COMMENT ON TABLE ootspg_internal.directory_reading IS 'what is asked about an evidence type, and what became of it';
COMMENT ON COLUMN ootspg_internal.directory_reading.line IS 'empty for the query that names none';
COMMENT ON COLUMN ootspg_internal.directory_reading.requirement IS 'asked of the Evidence Broker; empty for the other directory';
COMMENT ON COLUMN ootspg_internal.directory_reading.more IS 'parameters that the directory asked for (DSD:ERR:0005), with our own values';
COMMENT ON COLUMN ootspg_internal.directory_reading.asked IS 'the query under way; its answer is one to all readings that wait for it';
COMMENT ON COLUMN ootspg_internal.directory_reading.answered IS 'the query that the verdict is from';
COMMENT ON COLUMN ootspg_internal.directory_reading.compare IS 'to be compared with the answer that is there';
COMMENT ON COLUMN ootspg_internal.directory_reading.failure IS 'why the last reading told nothing; NULL: it did';
COMMENT ON COLUMN ootspg_internal.directory_reading.checked_at IS 'when the answer came that the verdict is from';

-- Refusals are not kept, only that there was one: so that none older is believed after it.
CREATE TABLE ootspg_internal.directory_answer (
	environment		text NOT NULL,
	service			text NOT NULL,
	query			text NOT NULL,
	content_type	text,
	body			bytea,
	received_at		timestamptz NOT NULL,
	signed_at		timestamptz,
	signer_not_after timestamptz,
	root_sha256		bytea NOT NULL,
	root_not_after	timestamptz NOT NULL,
	FOREIGN KEY (environment, service) REFERENCES ootspg.directory_source ON UPDATE CASCADE ON DELETE CASCADE,
	PRIMARY KEY (environment, service, query)
);
COMMENT ON TABLE ootspg_internal.directory_answer IS 'the last answer to each query whose signature was valid';
COMMENT ON COLUMN ootspg_internal.directory_answer.query IS 'versions asked for, path and parameters';
COMMENT ON COLUMN ootspg_internal.directory_answer.body IS 'NULL: a refusal';

-- Which queries ---------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.url_encoded(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(CASE WHEN chr(b.byte) ~ '[A-Za-z0-9._~-]' THEN chr(b.byte) ELSE '%' || upper(lpad(to_hex(b.byte), 2, '0')) END, '' ORDER BY b.place)
	  FROM (SELECT get_byte(convert_to(value, 'UTF8'), i) AS byte, i AS place FROM generate_series(0, octet_length(value) - 1) i) b;
END;
COMMENT ON FUNCTION ootspg_internal.url_encoded(text) IS 'percent-encoded (RFC 3986)';

CREATE FUNCTION ootspg_internal.requirement_url(t ootspg.directory_target, requirement text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce((t).repository, 'https://sr.oots.tech.ec.europa.eu') || '/requirements/' || requirement;
END;
COMMENT ON FUNCTION ootspg_internal.requirement_url(ootspg.directory_target, text) IS 'a requirement as the target names it';

CREATE FUNCTION ootspg_internal.reading_path(r ootspg_internal.directory_reading, country text) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target := ootspg_internal.target(r.service, r.environment);
BEGIN
	IF r.service = 'eb' THEN
		RETURN '/rest/search?queryId=' || ootspg_internal.url_encoded('urn:fdc:oots:eb:ebxml-regrep:queries:evidence-types-by-requirement-and-jurisdiction')
			|| '&requirement-id=' || ootspg_internal.url_encoded(ootspg_internal.requirement_url(t, r.requirement)) || '&country-code=' || country;
	END IF;
	RETURN '/rest/search?queryId=' || ootspg_internal.url_encoded('urn:fdc:oots:dsd:ebxml-regrep:queries:dataservices-by-evidencetype-and-jurisdiction')
		|| '&evidence-type-classification=' || ootspg_internal.url_encoded(ootspg_internal.target_classification(t, r.evidence_type))
		|| '&country-code=' || country
		|| CASE WHEN r.line <> '' THEN '&specification=' || ootspg_internal.url_encoded(r.line) ELSE '' END || r.more;
END $$;
COMMENT ON FUNCTION ootspg_internal.reading_path(ootspg_internal.directory_reading, text) IS 'path and parameters of a query';

CREATE FUNCTION ootspg_internal.wanted_readings(OUT environment text, OUT service text, OUT evidence_type text, OUT line text, OUT requirement text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT s.environment, s.service, e.evidence_type, about.line, about.requirement
	  FROM ootspg.directory_source s JOIN ootspg.provider p USING (environment) JOIN ootspg.evidence_type e USING (provider)
	  JOIN ootspg.directory_entry d USING (evidence_type),
		   LATERAL (
			SELECT '' AS line, '' AS requirement WHERE s.service = 'dsd'
			UNION ALL
			SELECT l.line::text, '' FROM ootspg.evidence_type_line l
			 WHERE l.evidence_type = e.evidence_type AND s.service = 'dsd' AND s.accept_version <> 'oots-cs:v1.0'	-- which knows no such parameter
			UNION
			SELECT '', l.requirement::text FROM ootspg.evidence_type_list l JOIN ootspg.evidence_type_list_member m USING (evidence_type_list)
			 WHERE m.evidence_type = e.evidence_type AND s.service = 'eb') about
	 WHERE d.publish;
END;
COMMENT ON FUNCTION ootspg_internal.wanted_readings() IS 'what should be asked: about each entry and line that is published, and each requirement it proves';

CREATE FUNCTION ootspg_internal.schedule_readings() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM ootspg_internal.directory_reading d WHERE d.reading_id IN (
		SELECT r.reading_id FROM ootspg_internal.directory_reading r
		 WHERE NOT EXISTS (SELECT FROM ootspg_internal.wanted_readings() w
							WHERE (w.environment, w.service, w.evidence_type, w.line, w.requirement) = (r.environment, r.service, r.evidence_type, r.line, r.requirement))
		   FOR UPDATE SKIP LOCKED);
	INSERT INTO ootspg_internal.directory_reading (environment, service, evidence_type, line, requirement)
	SELECT w.* FROM ootspg_internal.wanted_readings() w
	 WHERE NOT EXISTS (SELECT FROM ootspg_internal.directory_reading r	-- a conflict would wait for who holds the row
						WHERE (w.environment, w.service, w.evidence_type, w.line, w.requirement) = (r.environment, r.service, r.evidence_type, r.line, r.requirement))
	ON CONFLICT DO NOTHING;
	DELETE FROM ootspg_internal.directory_answer a WHERE a.received_at < clock_timestamp() - interval '30 days';
END $$;
COMMENT ON FUNCTION ootspg_internal.schedule_readings() IS 'a reading for everything that should be asked, and for nothing else';

CREATE FUNCTION ootspg_internal.configuration_changed() RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	SELECT ootspg_internal.schedule_readings();
	UPDATE ootspg_internal.directory_reading d SET compare = true WHERE d.reading_id IN (
		SELECT r.reading_id FROM ootspg_internal.directory_reading r WHERE r.answered IS NOT NULL AND NOT r.compare FOR UPDATE SKIP LOCKED);
END;
COMMENT ON FUNCTION ootspg_internal.configuration_changed() IS 'what is served may have changed: called by the exchange worker, which then compares';

-- Asking ---------------------------------------------------------------------------

-- A query that cannot be made tells so in its row, and keeps no other from being asked. One
-- that is under way already is not asked again. Whoever holds a row in a transaction of
-- theirs does not hold up the worker.
CREATE FUNCTION ootspg_internal.take_readings(most integer, OUT reading_id bigint, OUT base_url text, OUT path text, OUT accept_version text,
	OUT ca_uri text, OUT proxy text, OUT roots_uri text, OUT timeout_ms integer)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.directory_reading;
	s ootspg.directory_source;
	under_way boolean;
BEGIN
	FOR r IN SELECT d.* FROM ootspg_internal.directory_reading d WHERE d.next_at <= clock_timestamp() AND NOT ootspg_internal.is_silent_copy()
			  ORDER BY date_trunc('minute', d.next_at), d.environment, d.service, d.requirement, d.reading_id FOR UPDATE SKIP LOCKED LOOP
		SELECT x.* INTO STRICT s FROM ootspg.directory_source x WHERE x.environment = r.environment AND x.service = r.service;
		BEGIN
			path := ootspg_internal.reading_path(r, s.country);
			under_way := EXISTS (SELECT FROM ootspg_internal.directory_reading d
								  WHERE d.environment = r.environment AND d.service = r.service AND d.asked = path AND d.next_at > clock_timestamp());
			EXIT WHEN most <= 0 AND NOT under_way;
			base_url := rtrim(coalesce(s.base_url, ootspg_internal.discovered_url(s)), '/');
			IF base_url IS NULL THEN
				PERFORM ootspg_internal.keep_failure(r, s, 'the address of the directory is not known: ootspg.directory_discovery');
				CONTINUE;
			END IF;
			UPDATE ootspg_internal.directory_reading d
			   SET asked = path, next_at = clock_timestamp() + s.call_timeout + interval '1 min'	-- in case its answer is lost
			 WHERE d.reading_id = r.reading_id;
			CONTINUE WHEN under_way;
			reading_id := r.reading_id;
			accept_version := s.accept_version;
			ca_uri := s.ca_uri;
			proxy := s.proxy;
			roots_uri := s.roots_uri;
			timeout_ms := extract(epoch FROM s.call_timeout) * 1000;
			most := most - 1;
			RETURN NEXT;
		EXCEPTION WHEN OTHERS THEN
			PERFORM ootspg_internal.keep_failure(r, s, format('the query could not be made: SQLSTATE %s', SQLSTATE));
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.take_readings(integer) IS 'queries that are due; called by the exchange worker, which asks them';

CREATE FUNCTION ootspg.read_directories() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT (ootspg_internal.has_duty(session_user, 'configure', NULL) OR ootspg_internal.has_duty(session_user, 'operate', NULL)) THEN
		RAISE EXCEPTION 'role "%" may not have the directories read', session_user
			USING ERRCODE = 'insufficient_privilege', HINT = 'ootspg.grant_duty() gives the duty to configure or to operate, for all providers.';
	END IF;
	PERFORM ootspg_internal.require_workers();
	UPDATE ootspg_internal.directory_discovery SET next_at = clock_timestamp();	-- first, as the worker does
	PERFORM ootspg_internal.schedule_readings();
	UPDATE ootspg_internal.directory_reading SET next_at = clock_timestamp(), asked = NULL;
	PERFORM ootspg_internal.wake_for_configuration();
END $$;
COMMENT ON FUNCTION ootspg.read_directories() IS 'have all entries read back now; ootspg.registration tells the outcome';

-- What is served has changed: the worker compares it with what is published.
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['provider', 'evidence_type', 'evidence_type_line', 'distribution', 'distribution_language', 'data_model_location',
			'publisher', 'access_service', 'directory_entry', 'evidence_type_concept', 'provider_concept', 'directory_target',
			'evidence_type_list', 'evidence_type_list_member'] LOOP
		EXECUTE format('CREATE TRIGGER compare_registration AFTER INSERT OR UPDATE OR DELETE ON ootspg.%I'
					   ' FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker(''configuration'')', t);
	END LOOP;
END $$;
-- What a directory says beside what we serve: findings, each pass, differs or missing. Texts
-- are compared as they are shown. What the sides tell in several places is a list, sorted.

CREATE TYPE ootspg_internal.finding AS (place integer, finding text, result text, ours text, theirs text);
COMMENT ON TYPE ootspg_internal.finding IS 'one point that was compared, and how it looks on either side';

CREATE FUNCTION ootspg_internal.compared(place integer, finding text, ours text, theirs text) RETURNS ootspg_internal.finding
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ROW(place, finding, CASE WHEN ours IS NOT DISTINCT FROM theirs THEN 'pass' WHEN theirs IS NULL THEN 'missing' ELSE 'differs' END,
			   ours, theirs)::ootspg_internal.finding;
END;
COMMENT ON FUNCTION ootspg_internal.compared(integer, text, text, text) IS 'the finding that two texts make';

-- Hosts and environments of the repository vary, and so does the folder of data models from
-- line to line (D-MOD-08); what stands behind them names the thing.
CREATE FUNCTION ootspg_internal.without_host(url text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT lower(regexp_replace(url, '^https?://[^/]+/((distributions|datamodels)/)?', ''));
END;
COMMENT ON FUNCTION ootspg_internal.without_host(text) IS 'path of a URL, for comparing';

CREATE FUNCTION ootspg_internal.shown_country(country text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE country WHEN 'GR' THEN 'EL' ELSE country END;
END;
COMMENT ON FUNCTION ootspg_internal.shown_country(text) IS 'Greece has one code in the list of 1.0 and another one in what directories tell';

CREATE FUNCTION ootspg_internal.shown_values(concepts jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(v.shown, '; ' ORDER BY v.shown) FROM (
		SELECT lower(c ->> 'concept') || ' = ' || (SELECT string_agg(DISTINCT x, ', ' ORDER BY x) FROM jsonb_array_elements_text(c -> 'values') x) AS shown
		  FROM jsonb_array_elements(concepts) c) v;
END;
COMMENT ON FUNCTION ootspg_internal.shown_values(jsonb) IS 'classification concepts of an answer with their values, as text';

-- Data Services Directory: what it should say -----------------------------------------

CREATE FUNCTION ootspg_internal.published_access(t ootspg.directory_target, e ootspg.evidence_type, OUT services text, OUT lines text) RETURNS record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH own AS (
		SELECT r.* FROM ootspg_internal.reached(t, (e).provider) r
		 WHERE (t).line <> 'oots-edm:v1.0' OR r.data_service = (e).data_service)	-- where an access service has one line, and a type its own
	SELECT (SELECT string_agg(DISTINCT o.access_key, ', ' ORDER BY o.access_key) FROM own o),
		   CASE WHEN (t).line = 'oots-edm:v1.0' THEN (SELECT string_agg(DISTINCT o.line, ', ' ORDER BY o.line) FROM own o)
				ELSE (SELECT string_agg(DISTINCT r.line, ', ' ORDER BY r.line) FROM ootspg_internal.reached(t, NULL) r	-- whoever shares it
					   WHERE r.access_key IN (SELECT o.access_key FROM own o)) END;
END;
COMMENT ON FUNCTION ootspg_internal.published_access(ootspg.directory_target, ootspg.evidence_type) IS 'access services of an evidence type, and the lines they list';

CREATE FUNCTION ootspg_internal.published_distributions(t ootspg.directory_target, evidence_type text, OUT formats text, OUT languages text) RETURNS record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT string_agg(DISTINCT d.shown, ', ' ORDER BY d.shown), string_agg(DISTINCT d.media_type || ' ' || d.languages, ', ' ORDER BY d.media_type || ' ' || d.languages)
	  FROM (SELECT x.media_type,
				   concat_ws(' ', x.media_type, CASE WHEN s.structured THEN ootspg_internal.without_host(m.url || CASE WHEN x.subset IS NULL THEN '' ELSE '/' || x.subset END) END) AS shown,
				   (SELECT string_agg(l.language, '+' ORDER BY l.language) FROM ootspg.distribution_language l
					 WHERE l.evidence_type = x.evidence_type AND l.distribution = x.distribution) AS languages
			  FROM ootspg.distribution x, LATERAL (SELECT x.media_type IN ('application/xml', 'application/json') AS structured) s,
				   LATERAL (SELECT ootspg_internal.target_model(t, x.model, x.model_version) AS url) m
			 WHERE x.evidence_type = published_distributions.evidence_type
			   AND (x.subset IS NULL OR (t).transformation OR (t).line = 'oots-edm:v2.0')) d;
END;
COMMENT ON FUNCTION ootspg_internal.published_distributions(ootspg.directory_target, text) IS 'formats with data models or subsets of them, and the languages of each format';

-- Since 1.2 the values may stand at the question too, and what other evidence types ask for
-- may stand at the provider: only the concepts of this type count, wherever they stand.
CREATE FUNCTION ootspg_internal.published_values(e ootspg.evidence_type) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT string_agg(v.shown, '; ' ORDER BY v.shown) FROM (
		SELECT a.concept || ' = ' || (SELECT string_agg(DISTINCT x, ', ' ORDER BY x) FROM unnest(a.supported) x) AS shown
		  FROM ootspg.provider_concept a
		 WHERE a.provider = (e).provider
		   AND a.concept IN (SELECT q.concept FROM ootspg.evidence_type_concept q WHERE q.evidence_type = (e).evidence_type)) v;
END;
COMMENT ON FUNCTION ootspg_internal.published_values(ootspg.evidence_type) IS 'the values for which we are the right provider, of the concepts that the evidence type asks for';

CREATE TYPE ootspg_internal.entry_facts AS (entries bigint, identifier text, access text, lines text, formats text, languages text, level text,
	country text, jurisdiction text, supported text, broken text, v20 boolean);
COMMENT ON TYPE ootspg_internal.entry_facts IS 'an entry of the Data Services Directory as it is compared; v20: places and languages as 2.0 has them';

CREATE FUNCTION ootspg_internal.served_facts(t ootspg.directory_target, evidence_type text) RETURNS ootspg_internal.entry_facts
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ROW(1, e.data_service, a.services, a.lines, f.formats, f.languages, CASE WHEN (t).level_of_assurance THEN e.level_of_assurance END,
			   ootspg_internal.shown_country(p.country),
			   concat_ws(' ', ootspg_internal.shown_country(d.jurisdiction), CASE WHEN (t).line <> 'oots-edm:v2.0' THEN concat_ws(' ', d.jurisdiction_nuts, d.jurisdiction_lau)
				ELSE (SELECT string_agg(c, ' ' ORDER BY c) FROM unnest(d.jurisdiction_codes) c) END),
			   ootspg_internal.published_values(e), 'none', (t).line = 'oots-edm:v2.0')::ootspg_internal.entry_facts
	  FROM ootspg.evidence_type e JOIN ootspg.provider p USING (provider) LEFT JOIN ootspg.publisher d USING (provider),
		   LATERAL ootspg_internal.published_access(t, e) a, LATERAL ootspg_internal.published_distributions(t, e.evidence_type) f
	 WHERE e.evidence_type = served_facts.evidence_type;
END;
COMMENT ON FUNCTION ootspg_internal.served_facts(ootspg.directory_target, text) IS 'what the directory should say about an evidence type';

-- and what it says -------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.told_facts(evidence_type text, http_status integer, content_type text, body bytea) RETURNS ootspg_internal.entry_facts
LANGUAGE sql
BEGIN ATOMIC
	WITH entry AS MATERIALIZED (	-- rows about our evidence type and our provider
		SELECT a.*, concat_ws(' ', a.media_type, ootspg_internal.without_host(coalesce(a.transformation, a.data_model))) AS format,
			   a.media_type || ' ' || (SELECT string_agg(u, '+' ORDER BY u) FROM unnest(a.languages) u) AS spoken,
			   concat_ws(' ', ootspg_internal.shown_country(a.jurisdiction ->> 'level1'), a.jurisdiction ->> 'level2', a.jurisdiction ->> 'level3',
				(SELECT string_agg(b ->> 'code', ' ' ORDER BY b ->> 'code') FROM jsonb_array_elements(a.jurisdiction -> 'areas') b)) AS place
		  FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a, ootspg.evidence_type e JOIN ootspg.provider p USING (provider)
		 WHERE e.evidence_type = told_facts.evidence_type AND a.class = 'registered' AND a.publisher_scheme = p.scheme AND a.publisher = p.identifier
		   AND lower(ootspg_internal.eb_key(a.classification)) IN (SELECT lower(ootspg_internal.eb_key(l.classification)) FROM ootspg.evidence_type_line l
																	 WHERE l.evidence_type = e.evidence_type))
	SELECT ROW(count(DISTINCT x.object), string_agg(DISTINCT lower(x.data_service), ', ' ORDER BY lower(x.data_service)),
			   string_agg(DISTINCT x.access_service_scheme || '::' || x.access_service, ', ' ORDER BY x.access_service_scheme || '::' || x.access_service),
			   (SELECT string_agg(DISTINCT c, ', ' ORDER BY c) FROM entry y, unnest(y.conforms_to) c),
			   string_agg(DISTINCT x.format, ', ' ORDER BY x.format), string_agg(DISTINCT x.spoken, ', ' ORDER BY x.spoken),
			   string_agg(DISTINCT x.level_of_assurance, ', ' ORDER BY x.level_of_assurance),
			   string_agg(DISTINCT ootspg_internal.shown_country(x.country), ', ' ORDER BY ootspg_internal.shown_country(x.country)),
			   string_agg(DISTINCT x.place, ', ' ORDER BY x.place),
			   (SELECT ootspg_internal.shown_values(jsonb_agg(DISTINCT c)) FROM entry y, jsonb_array_elements(y.publisher_values || y.service_values) c
				 WHERE jsonb_array_length(c -> 'values') > 0
				   AND lower(c ->> 'concept') IN (SELECT q.concept::text FROM ootspg.evidence_type_concept q WHERE q.evidence_type = told_facts.evidence_type)),
			   coalesce((SELECT string_agg(DISTINCT b.rule, ', ' ORDER BY b.rule) FROM (SELECT DISTINCT data_service, publisher_scheme, publisher FROM entry) y,
						unnest(ootspg_internal.broken_answer_rules(body, y.data_service, y.publisher_scheme, y.publisher)) b(rule)), 'none'),
			   bool_or(x.specification ~ '^oots-cs:v2\.') IS TRUE)::ootspg_internal.entry_facts
	  FROM entry x;
END;
COMMENT ON FUNCTION ootspg_internal.told_facts(text, integer, text, bytea) IS 'what an answer says about an evidence type of ours; entries is 0 when it says nothing';

CREATE FUNCTION ootspg_internal.compare_line(line text, theirs ootspg_internal.entry_facts) RETURNS ootspg_internal.finding
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ootspg_internal.compared(0, 'line', line, CASE WHEN line = ANY (string_to_array((theirs).lines, ', ')) THEN line END);
END;
COMMENT ON FUNCTION ootspg_internal.compare_line(text, ootspg_internal.entry_facts) IS 'is the entry found by who names the line?';

-- An answer has the shape of the version asked for, whatever was submitted: what only one of
-- the shapes can say is compared where both sides have it.
CREATE FUNCTION ootspg_internal.compare_entry(ours ootspg_internal.entry_facts, theirs ootspg_internal.entry_facts) RETURNS SETOF ootspg_internal.finding
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT (ootspg_internal.compared(v.place, v.finding, v.here, v.there)).*
	  FROM (VALUES
		(0, 'entry', 'there', CASE WHEN (theirs).entries > 0 THEN 'there' END, true),
		(1, 'identifier', (ours).identifier, (theirs).identifier, true),
		(2, 'access service', (ours).access, (theirs).access, true),
		(3, 'lines', (ours).lines, (theirs).lines, true),
		(4, 'distributions', (ours).formats, (theirs).formats, true),
		(5, 'languages', (ours).languages, (theirs).languages, (ours).v20 AND (theirs).v20),
		(6, 'level of assurance', (ours).level, (theirs).level, (ours).level IS NOT NULL),
		(7, 'country', (ours).country, (theirs).country, true),
		(8, 'jurisdiction', (ours).jurisdiction, (theirs).jurisdiction, (ours).v20 = (theirs).v20),
		(8, 'jurisdiction', split_part((ours).jurisdiction, ' ', 1), split_part((theirs).jurisdiction, ' ', 1), (ours).v20 <> (theirs).v20),
		(9, 'classification values', (ours).supported, (theirs).supported, true),
		(10, 'entries', (ours).entries::text, (theirs).entries::text, true),
		(11, 'broken rules', (ours).broken, (theirs).broken, true)) v(place, finding, here, there, applies)
	 WHERE v.applies AND (v.place = 0 OR (theirs).entries > 0);
END;
COMMENT ON FUNCTION ootspg_internal.compare_entry(ootspg_internal.entry_facts, ootspg_internal.entry_facts) IS 'an entry as it is served and as it is published, point by point';

-- Evidence Broker ---------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.compare_requirement(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea)
RETURNS SETOF ootspg_internal.finding
LANGUAGE sql
BEGIN ATOMIC
	WITH theirs AS MATERIALIZED (	-- lists of the requirement that our type stands in; of the list since 2.0, of the type before
		SELECT CASE WHEN cardinality(a.list_countries) > 0 THEN a.list_countries ELSE a.type_countries END AS countries
		  FROM ootspg_internal.read_broker_answer(http_status, content_type, body) a
		 WHERE a.class = 'registered' AND lower(substring(a.requirement FROM '[^/]+$')) = (r).requirement
		   AND lower(ootspg_internal.eb_key(a.classification)) IN (SELECT lower(ootspg_internal.eb_key(l.classification)) FROM ootspg.evidence_type_line l
																	 WHERE l.evidence_type = (r).evidence_type))
	SELECT (ootspg_internal.compared(0, 'list', 'there', CASE WHEN EXISTS (SELECT FROM theirs) THEN 'there' END)).*
	UNION ALL
	SELECT (ootspg_internal.compared(1, 'jurisdiction', ootspg_internal.shown_country(d.jurisdiction),
			(SELECT string_agg(DISTINCT c.shown, ', ' ORDER BY c.shown) FROM theirs h, unnest(h.countries) u, LATERAL ootspg_internal.shown_country(u) c(shown)))).*
	  FROM ootspg.evidence_type e LEFT JOIN ootspg.publisher d USING (provider)
	 WHERE e.evidence_type = (r).evidence_type AND EXISTS (SELECT FROM theirs);
END;
COMMENT ON FUNCTION ootspg_internal.compare_requirement(ootspg_internal.directory_reading, integer, text, bytea) IS 'what the Evidence Broker says about an evidence type and a requirement';
-- From an answer to findings: is it believed, what does it mean, what has changed?

CREATE TABLE ootspg_internal.registration_finding (
	reading_id		bigint NOT NULL REFERENCES ootspg_internal.directory_reading ON DELETE CASCADE,
	place			integer NOT NULL,
	finding			text NOT NULL,
	result			text NOT NULL CHECK (result IN ('pass', 'differs', 'missing')),
	ours			text,
	theirs			text,
	since			timestamptz NOT NULL,
	PRIMARY KEY (reading_id, finding)
);
COMMENT ON TABLE ootspg_internal.registration_finding IS 'what the last comparison of each reading found';

CREATE TABLE ootspg.registration_check (
	checked_at		timestamptz NOT NULL,
	environment		text NOT NULL,
	service			text NOT NULL,
	evidence_type	text NOT NULL,
	line			text NOT NULL,
	requirement		text NOT NULL,
	finding			text NOT NULL,
	result			text NOT NULL,
	ours			text,
	theirs			text
);
CREATE INDEX registration_check_entry ON ootspg.registration_check (evidence_type, environment, service, line, requirement, checked_at);
COMMENT ON TABLE ootspg.registration_check IS 'history of what was compared with the directories: a row whenever a finding changed';
COMMENT ON COLUMN ootspg.registration_check.checked_at IS 'when the answer came';
COMMENT ON COLUMN ootspg.registration_check.line IS 'empty for the query without line';
COMMENT ON COLUMN ootspg.registration_check.requirement IS 'empty but for the Evidence Broker';
COMMENT ON COLUMN ootspg.registration_check.result IS 'pass, differs, missing';
COMMENT ON COLUMN ootspg.registration_check.ours IS 'as it is served';
COMMENT ON COLUMN ootspg.registration_check.theirs IS 'as it is published';
SELECT pg_catalog.pg_extension_config_dump('ootspg.registration_check', '');

CREATE TYPE ootspg_internal.judgement AS (failure text, more text, findings ootspg_internal.finding[], success boolean);
COMMENT ON TYPE ootspg_internal.judgement IS 'what an answer means: why nothing, or what to ask next, or findings; success: it is no refusal';

-- Meaning --------------------------------------------------------------------------

-- DSD:ERR:0005: answered with our own jurisdiction, at the level that is asked for, and our
-- own supported values. 2.0 asks for values only.
CREATE FUNCTION ootspg_internal.further_parameters(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
	SELECT string_agg(q.parameter, '') FROM (
		SELECT DISTINCT '&' || ootspg_internal.url_encoded(v.name) || '=' || ootspg_internal.url_encoded(v.value) AS parameter
		  FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a
		  JOIN ootspg.evidence_type e ON e.evidence_type = (r).evidence_type
		  LEFT JOIN ootspg.publisher d USING (provider)
		  LEFT JOIN ootspg.provider_concept c ON c.provider = e.provider AND c.concept::text = lower(a.input_id),
			   LATERAL (VALUES ('evidence-type-id', CASE WHEN a.specification ~ '^oots-cs:v2\.' IS NOT TRUE THEN a.data_service END),
				('jurisdiction-context-id', CASE WHEN a.input = 'jurisdiction' THEN a.input_id END),
				(CASE a.input_level WHEN 'LAU' THEN 'jurisdiction-admin-l3' ELSE 'jurisdiction-admin-l2' END,
				 CASE WHEN a.input = 'jurisdiction' THEN CASE WHEN a.input_level = 'LAU' THEN d.jurisdiction_lau
					WHEN a.input_level ~ '^NUTS[123]$' THEN left(d.jurisdiction_nuts, 2 + right(a.input_level, 1)::integer) END END),	-- NUTS1 is LV0, NUTS3 is LV006
				(a.input_id, CASE WHEN a.input = 'concept' THEN c.supported[1] END)) v(name, value)
		 WHERE a.class = 'additional input' AND v.value IS NOT NULL) q;
END;
COMMENT ON FUNCTION ootspg_internal.further_parameters(ootspg_internal.directory_reading, integer, text, bytea) IS 'what the directory asks for, with our values; NULL when we have none';

-- A signed answer to another query says nothing about this one.
CREATE FUNCTION ootspg_internal.answers_reading(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea) RETURNS boolean
LANGUAGE sql
BEGIN ATOMIC
	SELECT CASE (r).service WHEN 'eb' THEN
		EXISTS (SELECT FROM ootspg_internal.read_broker_answer(http_status, content_type, body) a
				 WHERE lower(substring(a.requirement FROM '[^/]+$')) = (r).requirement)
	ELSE
		EXISTS (SELECT FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a JOIN ootspg.evidence_type_line l
					ON lower(ootspg_internal.eb_key(l.classification)) = lower(ootspg_internal.eb_key(a.classification)) WHERE l.evidence_type = (r).evidence_type)
	END;
END;
COMMENT ON FUNCTION ootspg_internal.answers_reading(ootspg_internal.directory_reading, integer, text, bytea) IS 'is it about what was asked?';

CREATE FUNCTION ootspg_internal.findings_of(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea)
RETURNS ootspg_internal.finding[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	theirs ootspg_internal.entry_facts;
BEGIN
	IF r.service = 'eb' THEN
		RETURN ARRAY(SELECT f FROM ootspg_internal.compare_requirement(r, http_status, content_type, body) f);
	END IF;
	theirs := ootspg_internal.told_facts(r.evidence_type, http_status, content_type, body);
	IF r.line <> '' THEN
		RETURN ARRAY[ootspg_internal.compare_line(r.line, theirs)];
	END IF;
	RETURN ARRAY(SELECT f FROM ootspg_internal.compare_entry(ootspg_internal.served_facts(ootspg_internal.target(r.service, r.environment), r.evidence_type), theirs) f);
END $$;
COMMENT ON FUNCTION ootspg_internal.findings_of(ootspg_internal.directory_reading, integer, text, bytea) IS 'findings about what was asked';

CREATE FUNCTION ootspg_internal.judge_reading(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea) RETURNS ootspg_internal.judgement
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	said record;
	j ootspg_internal.judgement;
BEGIN
	IF r.service = 'eb' THEN
		SELECT a.class, a.code, a.reason INTO said FROM ootspg_internal.read_broker_answer(http_status, content_type, body) a LIMIT 1;
	ELSE
		SELECT a.class, a.code, a.reason INTO said FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a LIMIT 1;
	END IF;
	j.success := said.class = 'registered';
	CASE said.class
	WHEN 'registered', 'not registered' THEN
		IF j.success AND NOT ootspg_internal.answers_reading(r, http_status, content_type, body) THEN
			j.failure := 'the answer is about something else than was asked';
		ELSE
			j.findings := ootspg_internal.findings_of(r, http_status, content_type, body);
		END IF;
	WHEN 'additional input' THEN
		j.more := ootspg_internal.further_parameters(r, http_status, content_type, body);
		IF j.more IS NULL OR r.more <> '' THEN
			j.more := NULL;
			j.failure := 'the directory asks for values that we do not have';
		END IF;
	ELSE
		j.failure := concat_ws(': ', said.class, said.code, said.reason);
	END CASE;
	RETURN j;
END $$;
COMMENT ON FUNCTION ootspg_internal.judge_reading(ootspg_internal.directory_reading, integer, text, bytea) IS 'what a verified answer means';

-- Keeping --------------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.keep_failure(r ootspg_internal.directory_reading, s ootspg.directory_source, failure text) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	UPDATE ootspg_internal.directory_reading d SET failure = keep_failure.failure, failures = least((r).failures + 1, 100), more = '', asked = NULL,
		   next_at = clock_timestamp() + least((s).read_every, interval '10 s' * 2 ^ least((r).failures, 12))
	 WHERE d.reading_id = (r).reading_id;
END;
COMMENT ON FUNCTION ootspg_internal.keep_failure(ootspg_internal.directory_reading, ootspg.directory_source, text) IS 'an answer that tells nothing: what was known stays known, and it is tried again after a growing pause';

CREATE FUNCTION ootspg_internal.keep_findings(r ootspg_internal.directory_reading, findings ootspg_internal.finding[], answered_at timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	changes bigint;
	outcome text;
BEGIN
	outcome := CASE WHEN EXISTS (SELECT FROM unnest(findings) f WHERE f.place = 0 AND f.result = 'missing') THEN 'missing'
					WHEN EXISTS (SELECT FROM unnest(findings) f WHERE f.result <> 'pass') THEN 'differs' ELSE 'published' END;
	DELETE FROM ootspg_internal.registration_finding x WHERE x.reading_id = r.reading_id AND x.finding <> ALL (SELECT f.finding FROM unnest(findings) f);
	WITH changed AS (
		INSERT INTO ootspg_internal.registration_finding AS x (reading_id, place, finding, result, ours, theirs, since)
		SELECT r.reading_id, f.place, f.finding, f.result, f.ours, f.theirs, answered_at FROM unnest(findings) f
		ON CONFLICT ON CONSTRAINT registration_finding_pkey DO UPDATE SET result = EXCLUDED.result, ours = EXCLUDED.ours, theirs = EXCLUDED.theirs,
			   since = CASE WHEN x.result = EXCLUDED.result THEN x.since ELSE EXCLUDED.since END
		 WHERE (x.result, x.ours, x.theirs) IS DISTINCT FROM (EXCLUDED.result, EXCLUDED.ours, EXCLUDED.theirs)
		RETURNING x.finding, x.result, x.ours, x.theirs)
	INSERT INTO ootspg.registration_check (checked_at, environment, service, evidence_type, line, requirement, finding, result, ours, theirs)
	SELECT answered_at, r.environment, r.service, r.evidence_type, r.line, r.requirement, c.finding, c.result, c.ours, c.theirs FROM changed c;
	GET DIAGNOSTICS changes = ROW_COUNT;
	UPDATE ootspg_internal.directory_reading d SET verdict = outcome, checked_at = answered_at,
		   changed_at = CASE WHEN changes > 0 THEN answered_at ELSE d.changed_at END
	 WHERE d.reading_id = r.reading_id;
	IF changes > 0 OR r.verdict IS DISTINCT FROM outcome THEN
		PERFORM pg_notify('ootspg_registration', concat_ws(' ', r.environment, r.service, r.evidence_type, nullif(r.line || r.requirement, ''), outcome));
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.keep_findings(ootspg_internal.directory_reading, ootspg_internal.finding[], timestamptz) IS 'writes findings down, and tells those that are new';

-- Believing ------------------------------------------------------------------------

-- The stricter environment keeps a root that two of them would share.
CREATE FUNCTION ootspg_internal.strictness(environment text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT array_position(ARRAY['test', 'acceptance', 'production'], environment);
END;
COMMENT ON FUNCTION ootspg_internal.strictness(text) IS 'order of the environments';

CREATE FUNCTION ootspg_internal.distrust(s ootspg.directory_source, query text, signed record) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT signed.valid THEN
		RETURN format('the signature of the answer is not accepted: %s, %s', signed.refused, signed.reason);
	ELSIF s.signer_subject IS NOT NULL AND s.signer_subject <> signed.subject THEN
		RETURN 'the answer is signed by another than signer_subject: ' || signed.subject;
	ELSIF EXISTS (SELECT FROM ootspg_internal.directory_answer a WHERE a.root_sha256 = signed.root_sha256
				   AND ootspg_internal.strictness(a.environment) > ootspg_internal.strictness(s.environment)) THEN
		RETURN 'the answer is signed below a root certificate of another environment';	-- D-REG-10
	ELSIF EXISTS (SELECT FROM ootspg_internal.directory_answer a WHERE a.environment = s.environment AND a.service = s.service
				   AND a.query = distrust.query AND a.signed_at > signed.signed_at) THEN
		RETURN 'the answer was signed before one that came earlier';	-- replayed
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.distrust(ootspg.directory_source, text, record) IS 'why an answer is not believed; NULL: it is';

CREATE FUNCTION ootspg_internal.judge_answer(r ootspg_internal.directory_reading, s ootspg.directory_source,
	http_status integer, content_type text, body bytea, digest text, signature text, trusted bytea, trouble text) RETURNS ootspg_internal.judgement
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	signed record;
	j ootspg_internal.judgement;
	query text := s.accept_version || ' ' || r.asked;
BEGIN
	IF http_status IS NULL THEN
		j.failure := concat_ws(': ', 'the directory could not be reached', trouble);
		RETURN j;
	ELSIF http_status <> 200 THEN
		j.failure := format('the directory answered with HTTP status %s', http_status);
		RETURN j;
	END IF;
	BEGIN
		SELECT * INTO signed FROM ootspg_internal.verify_directory_answer(body, digest, signature, trusted);
	EXCEPTION WHEN invalid_parameter_value THEN
		j.failure := 'the file of roots_uri cannot be used';
		RETURN j;
	END;
	j.failure := ootspg_internal.distrust(s, query, signed);
	IF j.failure IS NOT NULL THEN
		RETURN j;
	END IF;
	j := ootspg_internal.judge_reading(r, http_status, content_type, body);
	IF j.failure IS NULL THEN
		INSERT INTO ootspg_internal.directory_answer AS a (environment, service, query, content_type, body, received_at, signed_at, signer_not_after, root_sha256, root_not_after)
		VALUES (r.environment, r.service, query, content_type, CASE WHEN j.success THEN body END, clock_timestamp(),
				signed.signed_at, signed.not_after, signed.root_sha256, signed.root_not_after)
		ON CONFLICT ON CONSTRAINT directory_answer_pkey DO UPDATE SET content_type = EXCLUDED.content_type, body = EXCLUDED.body, received_at = EXCLUDED.received_at,
			signed_at = EXCLUDED.signed_at, signer_not_after = EXCLUDED.signer_not_after, root_sha256 = EXCLUDED.root_sha256, root_not_after = EXCLUDED.root_not_after;
	END IF;
	RETURN j;
EXCEPTION WHEN OTHERS THEN
	j := ROW(format('the answer could not be judged: SQLSTATE %s', SQLSTATE), NULL, NULL, false);
	RETURN j;
END $$;
COMMENT ON FUNCTION ootspg_internal.judge_answer(ootspg_internal.directory_reading, ootspg.directory_source, integer, text, bytea, text, text, bytea, text) IS 'what an answer means, if it is believed; then it is kept';

CREATE FUNCTION ootspg_internal.file_reading(reading_id bigint, http_status integer, content_type text, body bytea, digest text, signature text, trusted bytea, trouble text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.directory_reading;
	s ootspg.directory_source;
	j ootspg_internal.judgement;
BEGIN
	-- all that wait for this answer; whoever is held by another transaction is asked about again later
	FOR r IN SELECT d.* FROM ootspg_internal.directory_reading d JOIN ootspg_internal.directory_reading first USING (environment, service, asked)
			  WHERE first.reading_id = file_reading.reading_id ORDER BY d.reading_id FOR UPDATE OF d SKIP LOCKED LOOP
		IF s IS NULL THEN
			SELECT x.* INTO STRICT s FROM ootspg.directory_source x WHERE x.environment = r.environment AND x.service = r.service;
		END IF;
		IF j.success IS NOT TRUE THEN
			j := ootspg_internal.judge_answer(r, s, http_status, content_type, body, digest, signature, trusted, trouble);
			IF j.findings IS NOT NULL THEN
				PERFORM ootspg_internal.keep_findings(r, j.findings, clock_timestamp());
			END IF;
		END IF;
		IF j.failure IS NOT NULL THEN
			PERFORM ootspg_internal.keep_failure(r, s, j.failure);
		ELSE
			UPDATE ootspg_internal.directory_reading d
			   SET failure = CASE WHEN j.more IS NULL THEN NULL ELSE d.failure END, failures = 0, more = coalesce(j.more, ''), asked = NULL, answered = d.asked,
				   compare = r.reading_id <> file_reading.reading_id AND j.success,	-- the others a few at a time
				   next_at = CASE WHEN j.more IS NULL THEN clock_timestamp() + s.read_every ELSE clock_timestamp() END
			 WHERE d.reading_id = r.reading_id;
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.file_reading(bigint, integer, text, bytea, text, text, bytea, text) IS
'what came for a query, or why nothing came: believed only with a valid signature; a failure keeps the verdict of before. Called by the exchange worker';

-- What is served may have changed since an answer came: no need to ask for it once more when
-- it is fresh. Refusals are not kept, and asked about again, but not all the time. A few at a
-- time, since the worker has others to serve.
CREATE FUNCTION ootspg_internal.compare_again(most integer) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.directory_reading;
	s ootspg.directory_source;
	a ootspg_internal.directory_answer;
	j ootspg_internal.judgement;
BEGIN
	FOR r IN SELECT d.* FROM ootspg_internal.directory_reading d WHERE d.compare AND d.asked IS NULL ORDER BY d.reading_id LIMIT most FOR UPDATE SKIP LOCKED LOOP
		UPDATE ootspg_internal.directory_reading d SET compare = false WHERE d.reading_id = r.reading_id;
		SELECT x.* INTO STRICT s FROM ootspg.directory_source x WHERE x.environment = r.environment AND x.service = r.service;
		BEGIN
			SELECT x.* INTO a FROM ootspg_internal.directory_answer x
			 WHERE x.environment = r.environment AND x.service = r.service AND x.body IS NOT NULL
			   AND x.query = s.accept_version || ' ' || r.answered AND starts_with(r.answered, ootspg_internal.reading_path(r, s.country))	-- more may have been asked for
			   AND x.received_at > clock_timestamp() - s.cache_for;
			IF FOUND THEN
				j := ootspg_internal.judge_reading(r, 200, a.content_type, a.body);
				CONTINUE WHEN j.findings IS NULL;
				PERFORM ootspg_internal.keep_findings(r, j.findings, a.received_at);
			ELSE
				UPDATE ootspg_internal.directory_reading d
				   SET next_at = least(d.next_at, greatest(clock_timestamp(), coalesce(r.checked_at, '-infinity') + interval '1 min'))
				 WHERE d.reading_id = r.reading_id;
			END IF;
		EXCEPTION WHEN OTHERS THEN
			PERFORM ootspg_internal.keep_failure(r, s, format('the query could not be made: SQLSTATE %s', SQLSTATE));
		END;
	END LOOP;
	RETURN FOUND;
END $$;
COMMENT ON FUNCTION ootspg_internal.compare_again(integer) IS
'compares what is served now with the answers that are there, of some readings; false when none was left. Called by the exchange worker';
-- What is known of our registration, for people.

-- The ends of certificates are told ahead: a new root must be fetched and installed by hand. So
-- is a signature that does not fit our clock; it may be old, since there may be a cache in between.
CREATE VIEW ootspg_internal.directory_trust AS
SELECT a.environment, a.service, string_agg(c.caution, '; ' ORDER BY c.caution) AS cautions
  FROM (SELECT DISTINCT ON (x.environment, x.service) x.* FROM ootspg_internal.directory_answer x ORDER BY x.environment, x.service, x.received_at DESC) a,
	   LATERAL (VALUES
		(CASE WHEN a.root_not_after < clock_timestamp() + interval '6 months' THEN 'the root certificate ends on ' || a.root_not_after::date END),
		(CASE WHEN a.signer_not_after < clock_timestamp() + interval '1 month' THEN 'the signer''s certificate ends on ' || a.signer_not_after::date END),
		(CASE WHEN a.signed_at > a.received_at + interval '5 min' THEN 'answers are signed in the future' END),
		(CASE WHEN a.signed_at < a.received_at - interval '1 day' THEN 'the last answer was signed on ' || a.signed_at::date END)) c(caution)
 WHERE c.caution IS NOT NULL
 GROUP BY 1, 2;
COMMENT ON VIEW ootspg_internal.directory_trust IS 'what will soon be, or may be, the matter with the signatures of a directory';

CREATE FUNCTION ootspg_internal.shown_finding(f ootspg_internal.registration_finding, requirement text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN requirement <> '' THEN 'requirement ' || requirement || ', ' ELSE '' END
		|| (f).finding || ': ' || coalesce((f).ours, 'nothing') || ' here, ' || coalesce((f).theirs, 'nothing') || ' published';
END;
COMMENT ON FUNCTION ootspg_internal.shown_finding(ootspg_internal.registration_finding, text) IS 'a difference in words';

CREATE VIEW ootspg.registration_finding WITH (security_barrier) AS
SELECT r.evidence_type, e.provider, r.environment, r.service, nullif(r.line, '') AS line, nullif(r.requirement, '') AS requirement,
	   f.finding, f.result, f.ours, f.theirs, f.since, r.checked_at AS last_checked
  FROM ootspg_internal.registration_finding f
  JOIN ootspg_internal.directory_reading r USING (reading_id)
  JOIN ootspg.evidence_type e USING (evidence_type)
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*', e.provider] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.registration_finding IS 'each point that was compared with the directories, whether it passes or not';
COMMENT ON COLUMN ootspg.registration_finding.line IS 'NULL: the query without line';
COMMENT ON COLUMN ootspg.registration_finding.requirement IS 'asked of the Evidence Broker; NULL otherwise';
COMMENT ON COLUMN ootspg.registration_finding.result IS 'pass, differs, missing';
COMMENT ON COLUMN ootspg.registration_finding.ours IS 'as it is served';
COMMENT ON COLUMN ootspg.registration_finding.theirs IS 'as it is published';
COMMENT ON COLUMN ootspg.registration_finding.since IS 'first answer with this result';

-- A verdict, or that there is none any more.
CREATE FUNCTION ootspg_internal.verdict_now(verdict text, checked_at timestamptz, read_every interval) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN verdict IS NULL OR checked_at < clock_timestamp() - 3 * read_every THEN 'unknown' ELSE verdict END;
END;
COMMENT ON FUNCTION ootspg_internal.verdict_now(text, timestamptz, interval) IS 'unknown when nothing was heard for three times read_every';

CREATE FUNCTION ootspg_internal.worst(verdicts text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT v FROM unnest(verdicts) v ORDER BY array_position(ARRAY['missing', 'unknown', 'differs', 'published'], v) LIMIT 1;
END;
COMMENT ON FUNCTION ootspg_internal.worst(text[]) IS 'the verdict on several things; NULL for none';

CREATE VIEW ootspg.registration WITH (security_barrier) AS
SELECT e.evidence_type, e.provider, p.environment, l.line,
	   CASE WHEN NOT d.publish THEN 'not to be published' WHEN s.environment IS NULL THEN 'unknown' ELSE dsd.state END AS state,
	   CASE WHEN NOT d.publish OR NOT EXISTS (SELECT FROM ootspg.evidence_type_list_member m WHERE m.evidence_type = e.evidence_type) THEN 'not to be published'
			WHEN b.environment IS NULL THEN 'unknown' ELSE coalesce(eb.state, 'unknown') END AS broker_state,
	   nullif(coalesce(dsd.differences, '{}') || coalesce(eb.differences, '{}'), '{}') AS differences,
	   least(dsd.checked_at, eb.checked_at) AS last_checked,
	   coalesce(dsd.failure, eb.failure, CASE WHEN s.environment IS NULL AND d.publish THEN 'no directory to read: ootspg.directory_source' END) AS failure,
	   least(dsd.next_at, eb.next_at) AS next_check
  FROM ootspg.evidence_type e
  JOIN ootspg.provider p USING (provider)
  JOIN ootspg.directory_entry d USING (evidence_type)
  JOIN ootspg.evidence_type_line l USING (evidence_type)
  LEFT JOIN ootspg.directory_source s ON s.environment = p.environment AND s.service = 'dsd'
  LEFT JOIN ootspg.directory_source b ON b.environment = p.environment AND b.service = 'eb'
  LEFT JOIN LATERAL (	-- the entry, and that it is found by this line
	SELECT coalesce(ootspg_internal.worst(array_agg(ootspg_internal.verdict_now(r.verdict, r.checked_at, s.read_every))), 'unknown') AS state,
		   min(r.checked_at) AS checked_at, min(r.next_at) AS next_at, min(r.failure) AS failure,
		   (SELECT array_agg(ootspg_internal.shown_finding(f, '') ORDER BY f.place, f.finding) FROM ootspg_internal.registration_finding f
			 WHERE f.result <> 'pass' AND f.reading_id = ANY (array_agg(r.reading_id))) AS differences
	  FROM ootspg_internal.directory_reading r
	 WHERE (r.environment, r.service, r.evidence_type) = (s.environment, 'dsd', e.evidence_type) AND r.line IN ('', l.line::text)) dsd ON true
  LEFT JOIN LATERAL (	-- every requirement that it proves
	SELECT ootspg_internal.worst(array_agg(ootspg_internal.verdict_now(r.verdict, r.checked_at, b.read_every))) AS state,
		   min(r.checked_at) AS checked_at, min(r.next_at) AS next_at, min(r.failure) AS failure,
		   (SELECT array_agg(ootspg_internal.shown_finding(f, x.requirement) ORDER BY x.requirement, f.place)
			  FROM ootspg_internal.registration_finding f JOIN ootspg_internal.directory_reading x USING (reading_id)
			 WHERE f.result <> 'pass' AND f.reading_id = ANY (array_agg(r.reading_id))) AS differences
	  FROM ootspg_internal.directory_reading r
	 WHERE (r.environment, r.service, r.evidence_type) = (b.environment, 'eb', e.evidence_type)) eb ON true
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*', e.provider] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.registration IS 'what the directories say about each evidence type and line, beside what is served';
COMMENT ON COLUMN ootspg.registration.state IS 'in the Data Services Directory: published; differs: see differences; missing; unknown: never read, or not for three times read_every; not to be published';
COMMENT ON COLUMN ootspg.registration.broker_state IS 'the same for the Evidence Broker, over all requirements that the evidence type proves';
COMMENT ON COLUMN ootspg.registration.differences IS 'what does not pass, in words; ootspg.registration_finding has all that was compared';
COMMENT ON COLUMN ootspg.registration.failure IS 'why the last reading told nothing; the state is that of the reading before';
-- One look for operators: the access points of this database, and the directories it is
-- read back from.

CREATE VIEW ootspg.status WITH (security_barrier) AS
SELECT current_database()::text AS database, a.access_point, NULL AS directory,
	   CASE WHEN w.state <> 'running' THEN w.state
			WHEN a.access_point IS NULL THEN 'no access point'
			WHEN s.state = 'running' AND s.copy IS DISTINCT FROM ootspg_internal.this_copy() THEN 'silent'
			WHEN s.state IS NULL THEN 'paused'
			WHEN s.state = 'running' AND g.last_error_at > coalesce(g.last_success, '-infinity') THEN 'failing'
			ELSE s.state END AS state,
	   CASE WHEN s.state = 'running' AND s.copy IS DISTINCT FROM ootspg_internal.this_copy()
			THEN 'this copy of the database is not the one that was resumed; ootspg.resume() makes it so'
			WHEN a.access_point IS NOT NULL AND s.state IS NULL THEN 'not resumed yet'
			WHEN s.state <> 'paused' THEN coalesce(s.reason, ootspg_internal.answer_role_fault(a.answer_role) || ': requests wait')
			ELSE s.reason END AS reason,
	   s.changed_at AS since,
	   CASE WHEN a.server = 'probe' THEN s.plugin ELSE a.server END AS server,
	   CASE WHEN a.server = '5.0' OR (a.server = 'probe' AND s.plugin = '5.0') THEN 'one-phase retrieval'
			WHEN a.server = '5.1.0' OR (a.server = 'probe' AND s.plugin = '5.1') THEN 'retrieved twice'
			WHEN a.server = '5.1.1' OR (a.server = 'probe' AND s.plugin = '5.2') THEN 'retrieved, then marked' END AS receiving,
	   g.last_success, g.last_error_at, g.last_error, t.description AS last_error_text, g.next_attempt,
	   coalesce(g.pending, 0) AS pending,
	   i.waiting, i.quarantined, i.oldest_unanswered, i.overdue,
	   o.to_send, o.in_flight, o.parked, o.given_up, o.oldest_undelivered,
	   g.clock_offset, w.exchange_worker, w.answering AS answer_workers
  FROM ootspg_internal.worker_state() w
  LEFT JOIN ootspg.access_point a ON true
  LEFT JOIN ootspg_internal.access_point_state s USING (access_point)
  LEFT JOIN ootspg_internal.gateway_state() g USING (access_point)
  LEFT JOIN ootspg_internal.gateway_troubles() t ON t.sqlstate = g.last_error
  CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE i.state IN ('waiting', 'fetching')) AS waiting, count(*) FILTER (WHERE i.state = 'quarantined') AS quarantined,
		   min(i.received_at) FILTER (WHERE i.state = 'waiting') AS oldest_unanswered,
		   count(*) FILTER (WHERE i.state = 'waiting' AND i.received_at < now() - interval '6 min') AS overdue
	  FROM ootspg.inbox i WHERE i.access_point = a.access_point AND i.state IN ('waiting', 'fetching', 'quarantined')) i
  CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE o.state = 'waiting') AS to_send, count(*) FILTER (WHERE o.state IN ('submitting', 'doubtful', 'submitted')) AS in_flight,
		   count(*) FILTER (WHERE o.state = 'parked') AS parked, count(*) FILTER (WHERE o.state = 'given up') AS given_up,
		   min(o.created_at) FILTER (WHERE o.state IN ('waiting', 'submitting', 'doubtful', 'submitted', 'parked')) AS oldest_undelivered
	  FROM ootspg.outbox o WHERE o.access_point = a.access_point AND o.state IN ('waiting', 'submitting', 'doubtful', 'submitted', 'parked', 'given up')) o
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user)
UNION ALL
SELECT current_database()::text, NULL, s.environment || ' ' || s.service,
	   CASE WHEN w.state <> 'running' THEN w.state
			WHEN ootspg_internal.is_silent_copy() THEN 'silent'
			WHEN r.readings = 0 THEN 'nothing to read'
			WHEN r.failure IS NOT NULL THEN 'failing'
			ELSE r.state END,
	   nullif(concat_ws('; ', CASE WHEN r.others > 0 THEN format('%s of %s readings are not as served: %s', r.others, r.readings, r.which) END, c.cautions), ''),
	   r.changed_at, NULL, NULL,
	   r.checked_at, NULL, NULL, r.failure, r.next_at,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, NULL, NULL, NULL, NULL,
	   NULL, w.exchange_worker, w.answering
  FROM ootspg_internal.worker_state() w
  CROSS JOIN ootspg.directory_source s
  CROSS JOIN LATERAL (
	SELECT count(*) AS readings, min(d.failure) AS failure, max(d.changed_at) AS changed_at, max(d.checked_at) AS checked_at, min(d.next_at) AS next_at,
		   ootspg_internal.worst(array_agg(ootspg_internal.verdict_now(d.verdict, d.checked_at, s.read_every))) AS state,
		   count(*) FILTER (WHERE d.verdict <> 'published') AS others,
		   string_agg(DISTINCT d.evidence_type, ', ' ORDER BY d.evidence_type) FILTER (WHERE d.verdict <> 'published') AS which
	  FROM ootspg_internal.directory_reading d WHERE d.environment = s.environment AND d.service = s.service) r
  LEFT JOIN ootspg_internal.directory_trust c ON c.environment = s.environment AND c.service = s.service
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.status IS 'each access point of this database, or one row without any: whether it is used and why not, what works and what does not, what is stuck and since when; and each directory it is read back from';
COMMENT ON COLUMN ootspg.status.state IS 'running; failing: see last_error_text; paused; draining; stopped: by the worker, see reason; silent: a copy of the database nobody said go for; no access point: none is described; or what is the matter with the workers';
COMMENT ON COLUMN ootspg.status.directory IS 'environment and directory, in rows about one: their state is the worst of ootspg.registration, since is its last change';
COMMENT ON COLUMN ootspg.status.server IS 'line of the WS plugin, declared or found out';
COMMENT ON COLUMN ootspg.status.receiving IS 'how messages are taken over, which follows from the server';
COMMENT ON COLUMN ootspg.status.pending IS 'messages known to be pending at the access point';
COMMENT ON COLUMN ootspg.status.overdue IS 'requests waiting longer than T1 and its grace (D-TMO-11)';
COMMENT ON COLUMN ootspg.status.in_flight IS 'messages handed over, or about to be, and not yet confirmed by the receiver''s access point (D-SEC-03)';
COMMENT ON COLUMN ootspg.status.clock_offset IS 'how much the access point''s clock is ahead of ours, to a second (D-LOG-27)';
-- What belongs to which duty. Replaced by every update of the extension, so that each release
-- grants what it has; ootspg.grant_duty() is then called again.

-- Functions that do something belong to one duty; all others in schema ootspg only
-- compute and go with every duty.
CREATE OR REPLACE FUNCTION ootspg_internal.duty_functions(duty text) RETURNS SETOF regprocedure
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT p.oid::regprocedure
	  FROM pg_catalog.pg_proc p
	  LEFT JOIN (VALUES
		('answer', 'exchange'), ('evidence', 'exchange'), ('seal', 'exchange'),
		('activate', 'configure'), ('deactivate', 'configure'), ('set_seal_key', 'configure'), ('install_data_model', 'configure'),
		('submission', 'configure'), ('export_fragment', 'configure'), ('import_fragment', 'configure'), ('submission_conflicts', 'configure'),
		('set_published', 'configure'), ('submission_diff', 'configure'), ('finalize_submission', 'configure'), ('confirm_withdrawal', 'configure'),
		('check_code_lists', 'configure'), ('publish_code_list', 'configure'), ('import_code_list', 'configure'),
		('register', 'configure'), ('activate_when_accepted', 'configure'), ('read_directories', 'configure'),
		('resume', 'operate'), ('pause', 'operate'), ('drain', 'operate'), ('retry', 'operate'), ('retry_all', 'operate'),
		('give_up', 'operate'), ('release', 'operate'), ('dismiss', 'operate'),
		('maintain', 'maintain'), ('purge', 'maintain'),
		('grant_duty', NULL), ('revoke_duty', NULL)) acting(name, owner) ON acting.name = p.proname
	 WHERE p.pronamespace = to_regnamespace('ootspg')
	   AND (acting.name IS NULL OR acting.owner = duty_functions.duty)
	UNION ALL
	SELECT p.oid::regprocedure
	  FROM pg_catalog.pg_proc p
	 WHERE p.pronamespace = to_regnamespace('ootspg_internal')
	   AND (p.proname IN ('own_providers', 'has_duty', 'require', 'require_localized')	-- domains ask the last two
			OR (duty_functions.duty = 'configure' AND p.provolatile IN ('i', 's') AND p.prorettype <> 'trigger'::regtype)
			OR (duty_functions.duty = 'monitor' AND p.proname = 'key_status')
			OR (duty_functions.duty IN ('monitor', 'operate') AND p.proname IN ('this_copy', 'gateway_state', 'worker_state', 'gateway_troubles', 'answer_role_fault',
				'verdict_now', 'worst', 'shown_finding', 'discovery_name', 'is_silent_copy'))
			OR (duty_functions.duty = 'maintain' AND p.proname = 'ensure_partitions'));
END;
COMMENT ON FUNCTION ootspg_internal.duty_functions(text) IS 'functions that ootspg.grant_duty() lets a duty execute';

CREATE OR REPLACE FUNCTION ootspg_internal.duty_tables(duty text, OUT object regclass, OUT privileges text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT t.object::regclass, t.privileges
	  FROM (VALUES
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.provider', 'ootspg.data_model', 'ootspg.data_model_location',
			'ootspg.evidence_type', 'ootspg.evidence_type_line', 'ootspg.distribution', 'ootspg.identity_link', 'ootspg.code_map']),
		('configure', 'SELECT', ARRAY['ootspg.seal_key', 'ootspg.activation', 'ootspg.seal_key_status', 'ootspg.provider_role']),
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.access_point', 'ootspg.publisher', 'ootspg.access_service', 'ootspg.directory_entry',
			'ootspg.distribution_language', 'ootspg.classification_concept', 'ootspg.evidence_type_concept', 'ootspg.provider_concept',
			'ootspg.requirement', 'ootspg.evidence_type_list', 'ootspg.evidence_type_list_member', 'ootspg.reference_framework',
			'ootspg.requirement_framework', 'ootspg.directory_target', 'ootspg.registry_object', 'ootspg.model_release',
			'ootspg.directory_route', 'ootspg.directory_source', 'ootspg.classification_code_list', 'ootspg.classification_code']),
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.accepted_party', 'ootspg.accepted_requester']),
		('configure', 'SELECT', ARRAY['ootspg.acceptance', 'ootspg.past_activation']),
		('operate', 'SELECT', ARRAY['ootspg.accepted_party', 'ootspg.accepted_requester', 'ootspg.acceptance']),
		('monitor', 'SELECT', ARRAY['ootspg.accepted_party', 'ootspg.acceptance', 'ootspg.past_activation']),
		('configure', 'SELECT, UPDATE', ARRAY['ootspg.fragment']),	-- ended by its validity, so that it stays known whose its entries are
		('configure', 'SELECT, DELETE', ARRAY['ootspg.activation_on_acceptance']),	-- deleted: withdrawn
		('configure', 'SELECT', ARRAY['ootspg.published_data_set', 'ootspg.final_submission', 'ootspg.model_withdrawal', 'ootspg.model_deadline',
			'ootspg.sent_submission', 'ootspg.submission_status', 'ootspg.outbox', 'ootspg.registration',
			'ootspg.registration_finding', 'ootspg.registration_check', 'ootspg.published_code_list',
			'ootspg.directory_discovery']),
		('operate', 'SELECT', ARRAY['ootspg.access_point', 'ootspg.access_point_event', 'ootspg.inbox', 'ootspg.outbox', 'ootspg.status',
			'ootspg.registration', 'ootspg.registration_finding', 'ootspg.registration_check', 'ootspg.directory_discovery']),
		('exchange', 'SELECT', ARRAY['ootspg.provider', 'ootspg.seal_key', 'ootspg.data_model', 'ootspg.data_model_location',
			'ootspg.evidence_type', 'ootspg.evidence_type_line', 'ootspg.distribution', 'ootspg.activation',
			'ootspg.identity_link', 'ootspg.code_map']),
		('audit', 'SELECT', ARRAY['ootspg.exchange', 'ootspg.exchange_event', 'ootspg.evidence_event', 'ootspg.purge_record']),
		('monitor', 'SELECT', ARRAY['ootspg.access_point', 'ootspg.access_point_event', 'ootspg.inbox', 'ootspg.outbox', 'ootspg.status',
			'ootspg.registration', 'ootspg.registration_finding', 'ootspg.registration_check', 'ootspg.directory_discovery']),
		('monitor', 'SELECT', ARRAY['ootspg.seal_key', 'ootspg.seal_key_status', 'ootspg.activation', 'ootspg.purge_record',
			'ootspg.evidence_type'])	-- whose provider is asked by the policy of activation
		) d(duty, privileges, objects), LATERAL unnest(d.objects) t0(object), LATERAL (SELECT t0.object, d.privileges) t
	 WHERE d.duty = duty_tables.duty;
END;
COMMENT ON FUNCTION ootspg_internal.duty_tables(text) IS 'table privileges that ootspg.grant_duty() grants';
-- Nothing for PUBLIC (design decision; D-SEC-04). Roles get their rights by ootspg.grant_duty().
REVOKE ALL ON SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
DO $$
DECLARE
	t regtype;
BEGIN
	FOR t IN SELECT p FROM ootspg_internal.public_types() p LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON TYPE %s FROM PUBLIC', t);
	END LOOP;
END $$;
