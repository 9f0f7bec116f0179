-- One exchange is one row with one state; its immutable history is in the audit.

CREATE TABLE ootspg.exchange (
	exchange_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	received_at		timestamptz NOT NULL,
	answered_at		timestamptz,
	state			text NOT NULL CHECK (state IN ('answered', 'unanswerable', 'quarantined', 'held')),
	outcome			text NOT NULL CHECK (outcome IN ('evidence', 'empty', 'deferred', 'error', 'unanswerable', 'preview', 'held')),
	provider		text,
	environment		text,
	line			text,
	evidence_type	text,
	data_service	text,
	procedure_code	text,
	system_check	boolean NOT NULL DEFAULT false,
	request_id		text,
	conversation_id	text,
	wire_exchange_id text,
	message_id		text,
	requester_scheme text,
	requester_identifier text,
	requester_country text,
	subject_kind	text,
	subject_key		bytea,
	subject_identifier_key bytea,
	representative_key bytea,
	representative_identifier_key bytea,
	response_id		uuid,
	error_code		text,
	reason			text,
	answer_header	bytea,
	sqlstate		text,
	search_key		text,
	first_exchange_id bigint
);
-- An index for each search that doc/security.md names, and none else: each costs every answer. Procedures are a few dozen, and so
-- are searched within a time.
CREATE INDEX exchange_received_at ON ootspg.exchange USING brin (received_at) WITH (pages_per_range = 16);
CREATE INDEX exchange_request_id ON ootspg.exchange (request_id);
CREATE INDEX exchange_conversation_id ON ootspg.exchange (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX exchange_requester ON ootspg.exchange (requester_identifier, received_at);
CREATE INDEX exchange_evidence_type ON ootspg.exchange (evidence_type, received_at);
-- few rows, so that it costs answers that succeed nothing, and finds the last failure of a type at once
CREATE INDEX exchange_failure ON ootspg.exchange (evidence_type, received_at) WHERE sqlstate IS NOT NULL AND NOT system_check;
CREATE INDEX exchange_subject ON ootspg.exchange (subject_key);
CREATE INDEX exchange_subject_identifier ON ootspg.exchange (subject_identifier_key) WHERE subject_identifier_key IS NOT NULL;
CREATE INDEX exchange_representative ON ootspg.exchange (representative_key) WHERE representative_key IS NOT NULL;
-- As in the audit: headers compress well, and lz4 does it at a tenth of the price, where the server has it.
DO $$
BEGIN
	ALTER TABLE ootspg.exchange ALTER answer_header SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END $$;
COMMENT ON TABLE ootspg.exchange IS 'exchanges: a request and what became of it, searchable by the elements of Implementing Regulation (EU) 2022/1463 art. 13(1) (D-LOG-04)';
COMMENT ON COLUMN ootspg.exchange.exchange_id IS 'number of the exchange in this database; events and messages refer to it';
COMMENT ON COLUMN ootspg.exchange.received_at IS 'when the request came here, by this server''s clock';
COMMENT ON COLUMN ootspg.exchange.answered_at IS 'when the answer was built; when it was delivered says ootspg.outbox';
COMMENT ON COLUMN ootspg.exchange.state IS 'answered; unanswerable: no valid answer exists; quarantined: for an operator to decide; held: a user is deciding';
COMMENT ON COLUMN ootspg.exchange.provider IS 'provider it was for; NULL: none could be told';
COMMENT ON COLUMN ootspg.exchange.environment IS 'environment of the provider then; outside production it is no exchange of citizens (D-LOG-30)';
COMMENT ON COLUMN ootspg.exchange.line IS 'line of the request, as oots-edm:v1.2; NULL: it could not be told';
COMMENT ON COLUMN ootspg.exchange.evidence_type IS 'local name of what was asked for; NULL: no such type';
COMMENT ON COLUMN ootspg.exchange.data_service IS 'identifier of the data service evidence type that the request named';
COMMENT ON COLUMN ootspg.exchange.procedure_code IS 'code of the procedure that the request named, as R1';
COMMENT ON COLUMN ootspg.exchange.request_id IS 'id of the request as it came; unique for ever for each provider (D-TMO-07)';
COMMENT ON COLUMN ootspg.exchange.conversation_id IS 'ConversationId of the ebMS header';
COMMENT ON COLUMN ootspg.exchange.message_id IS 'MessageId of the request''s ebMS header';
COMMENT ON COLUMN ootspg.exchange.requester_scheme IS 'agent scheme of the evidence requester';
COMMENT ON COLUMN ootspg.exchange.requester_identifier IS 'its identifier under that scheme';
COMMENT ON COLUMN ootspg.exchange.requester_country IS 'country of its address, as LV';
COMMENT ON COLUMN ootspg.exchange.subject_kind IS 'natural person or legal person';
COMMENT ON COLUMN ootspg.exchange.representative_key IS 'digest of the representative''s names and birth date, or of its legal identifier; NULL: nobody acted for the subject';
COMMENT ON COLUMN ootspg.exchange.representative_identifier_key IS 'digest of the representative''s eIDAS identifier';
COMMENT ON COLUMN ootspg.exchange.response_id IS 'id of the answer';
COMMENT ON COLUMN ootspg.exchange.error_code IS 'code of the error that was answered, as EDM:ERR:0004';
COMMENT ON COLUMN ootspg.exchange.outcome IS 'evidence; empty: success with an empty list; deferred: not all of it was there yet, see ootspg.promise; error: see error_code; unanswerable: no valid answer exists; preview: a link, for the user to look first; held: no answer yet';
COMMENT ON COLUMN ootspg.exchange.system_check IS 'procedure 00: sample evidence, excluded from statistics (D-OPS-10, D-LOG-30)';
COMMENT ON COLUMN ootspg.exchange.wire_exchange_id IS 'ExchangeId of the ebMS header (2.0)';
COMMENT ON COLUMN ootspg.exchange.subject_key IS 'digest of names and birth date, or of the legal identifier; found by ootspg.exchanges_of() (D-LOG-22)';
COMMENT ON COLUMN ootspg.exchange.subject_identifier_key IS 'digest of the eIDAS identifier; found by ootspg.exchanges_of()';
COMMENT ON COLUMN ootspg.exchange.search_key IS 'id of the secret, as in ootspg.search_keys, that its search keys were made with; NULL: none (D-LOG-15)';
COMMENT ON COLUMN ootspg.exchange.first_exchange_id IS 'of a second request: the exchange that offered the preview; what the user decided stands there in ootspg.evidence_event';
COMMENT ON COLUMN ootspg.exchange.reason IS 'rule id or internal reason of an error; never personal data (D-LOG-09)';
COMMENT ON COLUMN ootspg.exchange.answer_header IS 'eb:Messaging element for the answer, for whoever called ootspg.answer() with a header; of messages through an access point the audit has it';
COMMENT ON COLUMN ootspg.exchange.sqlstate IS 'what the registry, or building evidence from it, failed with; its words are not kept (D-LOG-09)';

-- Request ids are unique for ever (TDD 4.4, D-TMO-07): the first to register one owns it. For each addressee: what is sent to
-- one provider takes nothing from another.
CREATE TABLE ootspg_internal.used_request (
	request_key		text NOT NULL,
	exchange_id		bigint NOT NULL,
	addressee		text NOT NULL DEFAULT '',
	PRIMARY KEY (request_key, addressee)
);
COMMENT ON TABLE ootspg_internal.used_request IS 'request ids already processed, lower case; kept as long as the audit';
COMMENT ON COLUMN ootspg_internal.used_request.addressee IS 'scheme and identifier of the provider; empty: every one, as versions before 0.3.0 had it';

CREATE TYPE ootspg.subject AS (
	kind			text,
	identifier		text,
	family_name		text,
	given_name		text,
	date_of_birth	date,
	birth_name		text,
	place_of_birth	text,
	legal_name		text,
	legal_identifiers jsonb
);
COMMENT ON TYPE ootspg.subject IS 'a natural or legal person as an application or a request names it; make one with ootspg.natural_person() or ootspg.legal_person()';
COMMENT ON COLUMN ootspg.subject.kind IS 'natural person or legal person';
COMMENT ON COLUMN ootspg.subject.identifier IS 'eIDAS identifier with both country codes, as DE/LV/A1B2C3; NULL: none known';
COMMENT ON COLUMN ootspg.subject.family_name IS 'of a natural person, in any spelling that doc/matching.md knows';
COMMENT ON COLUMN ootspg.subject.given_name IS 'all given names, separated by blanks';
COMMENT ON COLUMN ootspg.subject.date_of_birth IS 'day of birth; always compared';
COMMENT ON COLUMN ootspg.subject.birth_name IS 'name at birth; NULL: not told';
COMMENT ON COLUMN ootspg.subject.place_of_birth IS 'place as the sender writes it; NULL: not told';
COMMENT ON COLUMN ootspg.subject.legal_name IS 'name of a company';
COMMENT ON COLUMN ootspg.subject.legal_identifiers IS 'further identifiers of a company by kind, as in {"VAT": "…"}';

CREATE FUNCTION ootspg.natural_person(family_name text, given_name text, date_of_birth date,
	identifier text DEFAULT NULL, birth_name text DEFAULT NULL, place_of_birth text DEFAULT NULL)
RETURNS ootspg.subject LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ROW('natural person', identifier, family_name, given_name, date_of_birth, birth_name, place_of_birth, NULL, NULL)::ootspg.subject;
END;
COMMENT ON FUNCTION ootspg.natural_person(text, text, date, text, text, text) IS 'a natural person to be matched';

CREATE FUNCTION ootspg.legal_person(identifier text, legal_name text, legal_identifiers jsonb DEFAULT NULL)
RETURNS ootspg.subject LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ROW('legal person', identifier, NULL, NULL, NULL, NULL, NULL, legal_name, legal_identifiers)::ootspg.subject;
END;
COMMENT ON FUNCTION ootspg.legal_person(text, text, jsonb) IS
'a legal person to be matched; legal_identifiers as in {"VAT": "LV40003000000", "LEI": "…"}';

CREATE TYPE ootspg.entitlement_question AS (
	evidence_type	text,
	procedure_code	text,
	requester_scheme text,
	requester_identifier text,
	person_id		text,
	subject			ootspg.subject,
	representative	ootspg.subject,
	powers			text[]
);
COMMENT ON TYPE ootspg.entitlement_question IS
'what an entitlement function is asked: may this evidence about the matched person_id be used? representative is NULL when the user acts for themselves (D-IDM-16, D-IDM-17)';
COMMENT ON COLUMN ootspg.entitlement_question.evidence_type IS 'evidence type that is asked for';
COMMENT ON COLUMN ootspg.entitlement_question.procedure_code IS 'procedure of the request, as R1';
COMMENT ON COLUMN ootspg.entitlement_question.requester_scheme IS 'agent scheme of the evidence requester';
COMMENT ON COLUMN ootspg.entitlement_question.requester_identifier IS 'its identifier under that scheme, as the requester says it';
COMMENT ON COLUMN ootspg.entitlement_question.person_id IS 'registry''s key of the person or company that was matched';
COMMENT ON COLUMN ootspg.entitlement_question.subject IS 'whom the evidence is about, as the request names it';
COMMENT ON COLUMN ootspg.entitlement_question.representative IS 'who acts for the subject; NULL: nobody does';
COMMENT ON COLUMN ootspg.entitlement_question.powers IS 'powers that the request says the representative has; empty: none';

CREATE FUNCTION ootspg.subject_key(subject ootspg.subject) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_subject_key'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg.subject_key(ootspg.subject) IS
'search key of a person (names and birth date) or company (identifier) in exchanges without a secret; raises 55000 when ootspg.search_keys is set: see ootspg.subject_keys() (D-LOG-21, D-LOG-22)';

CREATE FUNCTION ootspg.identifier_key(identifier text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_identifier_key'
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg.identifier_key(text) IS 'search key of an eIDAS identifier in exchanges without a secret; see ootspg.identifier_keys()';
