-- Submissions on their way. They leave through an access point like any message; the
-- directory's answer comes back as a message of its own. A submission is checked
-- (ootspg.final_submission), sent, then accepted, refused or unknown (D-REG-04).

CREATE TABLE ootspg.directory_route (
	environment		text NOT NULL CHECK (ootspg_internal.require('environment', environment)),
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
COMMENT ON COLUMN ootspg.directory_route.environment IS 'environment of the instance; submissions of it go this way';
COMMENT ON COLUMN ootspg.directory_route.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.directory_route.party_id_type IS 'type of that PartyId';
COMMENT ON COLUMN ootspg.directory_route.ebms_service IS 'ebMS Service of the submission''s header';
COMMENT ON COLUMN ootspg.directory_route.ebms_service_type IS 'type of that Service';
COMMENT ON COLUMN ootspg.directory_route.action IS 'ebMS Action of the submission''s header';
COMMENT ON COLUMN ootspg.directory_route.original_sender_type IS 'type of original_sender; goes with it';
COMMENT ON COLUMN ootspg.directory_route.final_recipient_type IS 'type of final_recipient; goes with it';
COMMENT ON COLUMN ootspg.directory_route.media_type IS 'media type of the submission''s part';
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
COMMENT ON COLUMN ootspg.sent_submission.submission_id IS 'the submission, as it was checked';
COMMENT ON COLUMN ootspg.sent_submission.outbox_id IS 'message it left as; how far that is says ootspg.outbox';
COMMENT ON COLUMN ootspg.sent_submission.message_id IS 'ebMS MessageId, by which answers refer to it';
COMMENT ON COLUMN ootspg.sent_submission.conversation_id IS 'ebMS ConversationId, the same in the answer';
COMMENT ON COLUMN ootspg.sent_submission.sent_at IS 'when it was handed to the outbox';
COMMENT ON COLUMN ootspg.sent_submission.sent_by IS 'session user of ootspg.register()';
COMMENT ON COLUMN ootspg.sent_submission.answer_due IS 'from then on without answer: unknown';
COMMENT ON COLUMN ootspg.sent_submission.answered_at IS 'when the answer came; NULL: none yet';
COMMENT ON COLUMN ootspg.sent_submission.answer IS 'the answer''s message as it came';
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
	queued := ootspg_internal.outbox_add(r.access_point, nextval('ootspg.exchange_exchange_id_seq'), message, r.action, NULL);
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

-- Whoever saw a submission pass knows its ids: an answer is believed only from the party it
-- was sent to, and where body and message layer speak of the same submission (D-REG-04).
CREATE FUNCTION ootspg_internal.answer_fault(message ootspg.inbox, submission uuid, request_id text, status text, codes text[],
	ref_to text, conversation text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT CASE
			WHEN s.submission_id IS NULL THEN 'answers no submission of this database'
			WHEN r.party_id IS NULL OR (r.access_point, r.party_id, r.party_id_type)
					IS DISTINCT FROM ((answer_fault.message).access_point, (answer_fault.message).from_party, (answer_fault.message).from_party_type)
				THEN 'its sender is not the party of the directory''s route'
			WHEN answer_fault.request_id IS NOT NULL AND lower(answer_fault.request_id) <> 'urn:uuid:' || s.submission_id
				THEN 'its requestId is not that of the submission'
			WHEN answer_fault.request_id IS NULL AND NOT (answer_fault.status = 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure'
					AND 'LCM:ERR:0003' = ANY (answer_fault.codes)) IS TRUE
				THEN 'it has no requestId'
			WHEN answer_fault.ref_to <> s.message_id OR (answer_fault.ref_to IS NULL AND lower(answer_fault.conversation) IS DISTINCT FROM s.conversation_id::text)
				THEN 'it belongs to another message' END
	  FROM (VALUES (true)) one
	  LEFT JOIN ootspg.sent_submission s ON s.submission_id = answer_fault.submission
	  LEFT JOIN ootspg.final_submission f USING (submission_id)
	  LEFT JOIN ootspg.directory_route r ON r.environment = f.environment AND r.service = f.service;
END;
COMMENT ON FUNCTION ootspg_internal.answer_fault(ootspg.inbox, uuid, text, text, text[], text, text) IS 'why an answer is not believed to be a directory''s to that submission; NULL when it is';

-- A peer may send what nobody asked for as long as it likes: of each sender so much is kept in a day.
CREATE FUNCTION ootspg_internal.is_stray_beyond_limit(inbox_id bigint) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT count(*) > coalesce(current_setting('ootspg.stray_messages', true)::integer, 100)
		OR coalesce(sum(p.bytes), 0) > pg_size_bytes(coalesce(current_setting('ootspg.stray_size', true), '10MB'))
	  FROM (SELECT is_stray_beyond_limit.inbox_id
			UNION SELECT q.inbox_id FROM ootspg_internal.inbox_history m
			  JOIN ootspg_internal.inbox_queue q ON q.state <> 'waiting' AND q.state = 'quarantined' AND q.received_at > m.received_at - interval '1 d'
			  JOIN ootspg_internal.inbox_history i ON i.inbox_id = q.inbox_id
				AND i.from_party_type IS NOT DISTINCT FROM m.from_party_type AND i.from_party IS NOT DISTINCT FROM m.from_party
			 WHERE m.inbox_id = is_stray_beyond_limit.inbox_id) s
	  CROSS JOIN LATERAL (SELECT sum(length(p.content)) AS bytes FROM ootspg_internal.inbox_part p WHERE p.inbox_id = s.inbox_id HAVING count(*) > 0) p;
END;
COMMENT ON FUNCTION ootspg_internal.is_stray_beyond_limit(bigint) IS 'does a message that nobody asked for exceed what is kept of its sender''s in a day (ootspg.stray_messages, ootspg.stray_size)?';

-- For an operator to see; the contents only within the limits.
CREATE FUNCTION ootspg_internal.put_aside(inbox_id bigint, error text, reason text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	message ootspg.inbox;
	stray boolean := ootspg_internal.is_stray_beyond_limit(put_aside.inbox_id);
BEGIN
	IF stray THEN
		PERFORM ootspg_internal.inbox_end(put_aside.inbox_id, 'dismissed', error, put_aside.reason || '; more than is kept of its sender''s in a day');
		DELETE FROM ootspg_internal.inbox_part p WHERE p.inbox_id = put_aside.inbox_id;
	ELSE
		UPDATE ootspg_internal.inbox_queue q SET state = 'quarantined', last_error = error WHERE q.inbox_id = put_aside.inbox_id;
		UPDATE ootspg_internal.inbox_history h SET reason = put_aside.reason WHERE h.inbox_id = put_aside.inbox_id;
	END IF;
	SELECT i.* INTO message FROM ootspg.inbox i WHERE i.inbox_id = put_aside.inbox_id;
	PERFORM ootspg_internal.tell_decision(message.exchange_id, CASE WHEN stray THEN 'message_dismissed' ELSE 'message_quarantined' END,
		jsonb_build_object('message_id', message.message_id), message.reason);
END $$;
COMMENT ON FUNCTION ootspg_internal.put_aside(bigint, text, text) IS 'leaves a message that nobody asked for to an operator, or dismisses it when its sender sent too many';

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
	fault text;
	made text[];
BEGIN
	SELECT * INTO STRICT message FROM ootspg.inbox i WHERE i.inbox_id = file_directory_answer.inbox_id;
	SELECT ootspg_internal.open_content(p.content, p.content_key, 'inbox_part', p.inbox_id, p.part) INTO header FROM ootspg_internal.inbox_part p WHERE p.inbox_id = message.inbox_id AND p.part = 0;
	SELECT ootspg_internal.open_content(p.content, p.content_key, 'inbox_part', p.inbox_id, p.part) INTO body FROM ootspg_internal.inbox_part p WHERE p.inbox_id = message.inbox_id AND p.part = 1;
	SELECT * INTO said FROM ootspg_internal.read_registry_response(header, body);
	SELECT f.* INTO submission FROM ootspg.final_submission f
	 WHERE f.submission_id = ootspg_internal.answered_submission(said.request_id, said.ref_to_message_id, said.conversation_id);
	fault := ootspg_internal.answer_fault(message, submission.submission_id, said.request_id, said.status, said.codes, said.ref_to_message_id, said.conversation_id);
	IF fault IS NOT NULL THEN
		PERFORM ootspg_internal.put_aside(message.inbox_id, NULL, fault);
		RETURN;
	END IF;
	verdict := CASE said.status WHEN 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success' THEN 'accepted'
			   WHEN 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure' THEN 'refused' ELSE 'unknown' END;
	UPDATE ootspg.sent_submission s SET state = verdict, answered_at = message.received_at, answer = body, codes = said.codes
	 WHERE s.submission_id = submission.submission_id AND s.answered_at IS NULL;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.put_aside(message.inbox_id, NULL, 'a second answer to one submission');
		RETURN;
	END IF;
	IF verdict = 'accepted' THEN
		made := ootspg_internal.record_published(ootspg_internal.target(submission.service, submission.environment), submission.message);
	END IF;
	PERFORM ootspg_internal.inbox_end(message.inbox_id, 'answered', NULL, NULL);
	DELETE FROM ootspg_internal.inbox_part p WHERE p.inbox_id = message.inbox_id;
	PERFORM ootspg_internal.tell_decision(message.exchange_id, 'submission_' || verdict,
		jsonb_build_object('message_id', message.message_id, 'submission_id', submission.submission_id, 'service', submission.service,
						   'environment', submission.environment, 'codes', to_jsonb(said.codes), 'activated', to_jsonb(made)), NULL);
	PERFORM pg_notify('ootspg_registration', '');	-- anybody may listen: what changed is told where rights are asked
END $$;
COMMENT ON FUNCTION ootspg_internal.file_directory_answer(bigint) IS 'finds the submission that an answer belongs to, and lets the consequences follow';

-- One answer that makes trouble keeps no other from being filed. What somebody else's lock is in the
-- way of is filed later: the exchange worker comes back to it.
CREATE FUNCTION ootspg_internal.file_directory_answers() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
	id bigint;
BEGIN
	FOR id IN SELECT q.inbox_id FROM ootspg_internal.inbox_queue q WHERE q.state <> 'waiting' AND q.state = 'directory' ORDER BY 1 LOOP
		BEGIN
			PERFORM ootspg_internal.file_directory_answer(id);
		EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
			NULL;
		WHEN OTHERS THEN
			PERFORM ootspg_internal.put_aside(id, SQLSTATE, 'the directory''s answer could not be filed');
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
COMMENT ON COLUMN ootspg.submission_status.submission_id IS 'id of the message';
COMMENT ON COLUMN ootspg.submission_status.environment IS 'environment of the instance it is for';
COMMENT ON COLUMN ootspg.submission_status.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.submission_status.finalized_at IS 'when it was checked';
COMMENT ON COLUMN ootspg.submission_status.finalized_by IS 'session user who had it checked';
COMMENT ON COLUMN ootspg.submission_status.sent_at IS 'when it was handed to the outbox; NULL: not yet';
COMMENT ON COLUMN ootspg.submission_status.sent_by IS 'session user of ootspg.register()';
COMMENT ON COLUMN ootspg.submission_status.delivery IS 'state of its message in ootspg.outbox';
COMMENT ON COLUMN ootspg.submission_status.answer_due IS 'from then on without answer: unknown';
COMMENT ON COLUMN ootspg.submission_status.answered_at IS 'when the answer came';
COMMENT ON COLUMN ootspg.submission_status.codes IS 'LCM:ERR codes of a refusal';
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
