-- Which evidence types we serve, on which lines, from which views.

CREATE TABLE ootspg.evidence_type (
	evidence_type	text PRIMARY KEY CHECK (ootspg_internal.require('name', evidence_type)),
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE,
	data_service	uuid NOT NULL UNIQUE,
	title			ootspg.localized_text NOT NULL,
	description		ootspg.localized_text,
	subject			text NOT NULL DEFAULT 'natural person' CHECK (ootspg_internal.require('subject', subject)),
	subject_source	regclass,
	procedures		text[] NOT NULL CHECK (ootspg_internal.require('procedures', procedures::text)),
	level_of_assurance text NOT NULL CHECK (ootspg_internal.require('level of assurance', level_of_assurance)),
	preview			text NOT NULL DEFAULT 'required' CHECK (ootspg_internal.require('preview', preview)),
	given_names		text NOT NULL DEFAULT 'set' CHECK (ootspg_internal.require('given names', given_names)),
	legal_number	text NOT NULL DEFAULT '^(.+)$',
	representation	boolean NOT NULL DEFAULT false,
	entitlement		text,
	seal			text NOT NULL DEFAULT 'none' CHECK (ootspg_internal.require('seal', seal)),
	seal_key		text,
	no_record		text NOT NULL DEFAULT 'empty' CHECK (ootspg_internal.require('no record', no_record)),
	t1				interval NOT NULL DEFAULT '5 min' CHECK (t1 >= '0'),
	subject_source_name text,
	subject_source_owner text,
	t2				interval NOT NULL DEFAULT '16 min' CHECK (t2 >= '0'),
	t3				interval NOT NULL DEFAULT '40 min' CHECK (t3 >= '0'),
	reauthentication text NOT NULL DEFAULT 'none' CHECK (ootspg_internal.require('reauthentication', reauthentication)),
	additional_attributes jsonb NOT NULL DEFAULT '{}' CHECK (ootspg_internal.require_additional_attributes(additional_attributes)),
	seal_level		text NOT NULL DEFAULT 'B' CHECK (ootspg_internal.require('seal level', seal_level)),
	CONSTRAINT evidence_type_seal_key_fkey FOREIGN KEY (provider, seal_key) REFERENCES ootspg.seal_key (provider, seal_key) ON UPDATE CASCADE,
	CONSTRAINT evidence_type_seal_needs_key CHECK (seal = 'none' OR seal_key IS NOT NULL)
);
COMMENT ON TABLE ootspg.evidence_type IS 'evidence types; served once ootspg.activate() has accepted them';
COMMENT ON COLUMN ootspg.evidence_type.evidence_type IS 'short local name; never in messages, which know it by data_service';
COMMENT ON COLUMN ootspg.evidence_type.provider IS 'whose evidence it is';
COMMENT ON COLUMN ootspg.evidence_type.title IS 'name by language, as directories and answers show it';
COMMENT ON COLUMN ootspg.evidence_type.description IS 'explanation by language, for the directories';
COMMENT ON COLUMN ootspg.evidence_type.subject IS 'whom evidence is about: natural person or legal person; decides what is matched';
COMMENT ON COLUMN ootspg.evidence_type.seal_level IS 'level of seals (ETSI baseline). B: basic; T: with a time stamp of one of ootspg.time_stamp_authority, which the workers fetch before the answer leaves. Where none is to be had, prefer leaves at level B and the audit says so, require answers EDM:ERR:0008 (D-SIG-03, D-SIG-08)';
COMMENT ON COLUMN ootspg.evidence_type.seal_key IS 'key of the same provider to seal with; needed unless seal is none';
COMMENT ON COLUMN ootspg.evidence_type.data_service IS 'identifier of the data service evidence type in the Data Services Directory';
COMMENT ON COLUMN ootspg.evidence_type.subject_source IS 'view of persons or companies to match against; NULL: the distribution''s own view. With it, a known person without a record can be told from an unknown one';
COMMENT ON COLUMN ootspg.evidence_type.subject_source_name IS 'what subject_source is called, noted by itself; a view that was dropped and made again is found by it';
COMMENT ON COLUMN ootspg.evidence_type.subject_source_owner IS 'whose it was; a view of the name that another role owns does not stand in for it';
COMMENT ON COLUMN ootspg.evidence_type.procedures IS 'procedure codes the type is served for, of the list Procedures or ootspg.added_code; 00 (system check) is answered always, with sample evidence';
COMMENT ON COLUMN ootspg.evidence_type.level_of_assurance IS 'lowest level of assurance accepted: Low, Substantial or High (D-IDM-05)';
COMMENT ON COLUMN ootspg.evidence_type.preview IS 'required: where the requester''s law asks for it, evidence leaves after the user has seen it and agreed, and the type is in service only with a preview space; offered: the same as long as there is one; exempt: the type is served to requests without PossibilityForPreview only (D-PRE-01 to -03)';
COMMENT ON COLUMN ootspg.evidence_type.given_names IS 'set: all given names equal in any order; first: the first equal, plus a further attribute (D-IDM-13)';
COMMENT ON COLUMN ootspg.evidence_type.legal_number IS 'regular expression whose first group takes the company number out of the last segment of an eIDAS legal identifier asserted by the provider''s country (D-IDM-19)';
COMMENT ON COLUMN ootspg.evidence_type.representation IS 'requests by a representative are served, if entitlement says so (D-IDM-17, D-IDM-18)';
COMMENT ON COLUMN ootspg.evidence_type.entitlement IS 'function (ootspg.entitlement_question) returning boolean that decides whether the user may use the evidence; NULL: own record only (D-IDM-16)';
COMMENT ON COLUMN ootspg.evidence_type.seal IS 'none; prefer: what distribution.seal_form says is sealed, unsealed and logged when the key fails or the document can''t be, and everything else leaves as it is; require: no evidence without seal, so that only types can be activated whose every distribution can have one (D-SIG-01, D-SIG-08)';
COMMENT ON COLUMN ootspg.evidence_type.no_record IS 'answer for a known person without record: empty (a success with an empty list, as in all official samples), by line (EDM:ERR:0004 in 1.x, an empty list in 2.0), not found (EDM:ERR:0004)';
COMMENT ON COLUMN ootspg.evidence_type.t1 IS 'time limit from the request''s sending to its answer (D-TMO-01); 0 switches it off';
COMMENT ON COLUMN ootspg.evidence_type.reauthentication IS 'none; required: the user signs in again in the preview space before anything is shown, also where the requester''s law asks for no preview (D-PRE-02, D-PRE-10); on ambiguity: only where the request does not tell for sure who it is about, because several persons match, the policy asks for an attribute that it lacks, or its level of assurance is too low';
COMMENT ON COLUMN ootspg.evidence_type.additional_attributes IS 'what users are asked for in the preview space when their new sign-in leaves several persons: columns of the view that persons are matched against, each with what it is called by language, as {"birth_name": {}, "mother": {"EN": "First name of your mother"}}; {}: nothing. Used for matching only (D-PRE-13)';
COMMENT ON COLUMN ootspg.evidence_type.t2 IS 'time limit from the issue of a preview''s link to the second request; 0 switches it off';
COMMENT ON COLUMN ootspg.evidence_type.t3 IS 'time limit from the sending of the second request to its answer, for the user to decide; 0 switches it off';

CREATE TABLE ootspg.evidence_type_line (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	line			ootspg.edm_line NOT NULL,
	classification	text NOT NULL,
	PRIMARY KEY (evidence_type, line),
	CONSTRAINT evidence_type_line_classification_check CHECK (ootspg_internal.require_url('classification', line, classification))
);
COMMENT ON TABLE ootspg.evidence_type_line IS 'lines on which an evidence type is served, with its EvidenceTypeClassification there';
COMMENT ON COLUMN ootspg.evidence_type_line.evidence_type IS 'what is served there';
COMMENT ON COLUMN ootspg.evidence_type_line.line IS 'requests of this line are answered';
COMMENT ON COLUMN ootspg.evidence_type_line.classification IS 'URL of its EvidenceTypeClassification, of the shape that the line asks for (R-EDM-REQ-C027, R-EDM-REQ-C034)';

CREATE TABLE ootspg.distribution (
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	distribution	text NOT NULL CHECK (ootspg_internal.require('name', distribution)),
	media_type		text NOT NULL CHECK (ootspg_internal.require('media type', media_type)),
	source			regclass,
	source_function	text,
	sample_source	regclass,
	document		text NOT NULL DEFAULT 'document',
	model			text,
	model_version	text,
	subset			text CHECK (ootspg_internal.require('subset', subset)),
	readable		text,
	source_name		text,
	source_owner	text,
	sample_source_name text,
	sample_source_owner text,
	companion_only	boolean NOT NULL DEFAULT false,
	seal_form		text NOT NULL DEFAULT 'standard' CHECK (ootspg_internal.require('seal form', seal_form)),
	readable_row	text GENERATED ALWAYS AS (nullif(readable, 'generated')) STORED,
	PRIMARY KEY (evidence_type, distribution),
	FOREIGN KEY (model, model_version) REFERENCES ootspg.data_model ON UPDATE CASCADE,
	CONSTRAINT distribution_readable_fkey FOREIGN KEY (evidence_type, readable_row) REFERENCES ootspg.distribution DEFERRABLE INITIALLY DEFERRED,
	CONSTRAINT distribution_seal_form_fits CHECK (seal_form NOT IN ('compact', 'flattened') OR media_type = 'application/json'),
	CONSTRAINT distribution_one_source CHECK (num_nonnulls(source, source_function) = 1),
	CONSTRAINT distribution_model_and_version CHECK ((model IS NULL) = (model_version IS NULL)),
	CONSTRAINT distribution_subset_of_model CHECK (subset IS NULL OR model IS NOT NULL)
);
COMMENT ON TABLE ootspg.distribution IS 'formats of an evidence type: a view or function, one row of it per piece of evidence, and its document column';
COMMENT ON COLUMN ootspg.distribution.evidence_type IS 'evidence type it is a format of';
COMMENT ON COLUMN ootspg.distribution.distribution IS 'short local name within the evidence type; never in messages';
COMMENT ON COLUMN ootspg.distribution.media_type IS 'format, as requests ask for it and answers declare it: application/xml, application/json, application/pdf or an image';
COMMENT ON COLUMN ootspg.distribution.model_version IS 'version of model; both or neither';
COMMENT ON COLUMN ootspg.distribution.source IS 'view with person_id, issuing_date and the document column; see doc/evidence_types.md for the optional ones';
COMMENT ON COLUMN ootspg.distribution.source_function IS 'set-returning function (person_ids text[]) standing in for the view';
COMMENT ON COLUMN ootspg.distribution.sample_source IS 'view of fictitious evidence, one row, for procedure 00 (D-OPS-10)';
COMMENT ON COLUMN ootspg.distribution.source_name IS 'what source is called, noted by itself; a view that was dropped and made again is found by it';
COMMENT ON COLUMN ootspg.distribution.source_owner IS 'whose it was; a view of the name that another role owns does not stand in for it';
COMMENT ON COLUMN ootspg.distribution.sample_source_name IS 'the same of sample_source';
COMMENT ON COLUMN ootspg.distribution.sample_source_owner IS 'the same of sample_source';
COMMENT ON COLUMN ootspg.distribution.document IS 'column of the document: a composite value, xml, jsonb or bytea; generated, of application/pdf: no column, it is made of the structured document of the same row, and of labels (D-MOD-03)';
COMMENT ON COLUMN ootspg.distribution.model IS 'data model the structured document conforms to';
COMMENT ON COLUMN ootspg.distribution.subset IS 'last path segment of the Transformation (1.x) or of the subset''s own URL (2.0); the source then yields only that subset (D-MOD-09)';
COMMENT ON COLUMN ootspg.distribution.readable IS 'distribution of the same source that is the human-readable version of this one (D-MOD-02); generated: a PDF made of its documents and of the labels of its data model, sealed as PDF is (a distribution of that name would be meant first)';
COMMENT ON COLUMN ootspg.distribution.readable_row IS 'readable where it names a distribution, kept by itself';
COMMENT ON COLUMN ootspg.distribution.companion_only IS 'true: never requested and never published, it leaves only as the human-readable version of the distributions that name it in readable, as a subset''s PDF must (D-MOD-09)';
COMMENT ON COLUMN ootspg.distribution.seal_form IS 'how documents are sealed where evidence_type.seal says so. standard: XML and SVG that the view gives as a composite or xml by enveloped XAdES, PDF by PAdES, others not; compact, flattened: JSON as payload of a JWS of that form (JAdES); detached: documents of any kind leave octet for octet, and in line 2.0 a seal of them goes along as an annex, a JWS of JSON (JAdES) and XAdES of all else, in 1.x none; own: they bear their issuer''s signature and leave octet for octet, and require refuses one without (D-SIG-02); none: never';

CREATE TABLE ootspg.activation (
	evidence_type	text PRIMARY KEY REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	activated_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	activated_by	text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ootspg.activation IS 'evidence types in service; written by ootspg.activate() and ootspg.deactivate()';
COMMENT ON COLUMN ootspg.activation.evidence_type IS 'requests for it are answered while the row is there';
COMMENT ON COLUMN ootspg.activation.activated_at IS 'first activate() since it was last out of service; later ones change nothing';
COMMENT ON COLUMN ootspg.activation.activated_by IS 'session user of that activate(), or of what carried out a plan of ootspg.activation_on_acceptance';
