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

