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
	IF access_point IS NOT NULL AND NOT EXISTS (SELECT FROM ootspg_internal.access_points_now() a WHERE a.access_point = decide.access_point) THEN
		RAISE EXCEPTION 'access point "%" does not exist', decide.access_point
			USING ERRCODE = 'undefined_object', HINT = 'TABLE ootspg.access_point shows those that do.';
	END IF;
	FOR name IN SELECT a.access_point FROM ootspg_internal.access_points_now() a
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

-- Volatile, though it only reads, so that no duty comes to execute it that is not named (configuration/duty_objects.sql).
CREATE FUNCTION ootspg_internal.answering_faults(access_point text) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH answering AS (	-- the access point's own role also answers what is for nobody here
		SELECT NULL AS provider, a.answer_role, true AS own FROM ootspg.access_point a WHERE a.access_point = answering_faults.access_point
		UNION ALL
		SELECT p.provider, coalesce(p.answer_role, a.answer_role), p.answer_role IS NOT NULL FROM ootspg.access_point a, ootspg.provider p
		 WHERE a.access_point = answering_faults.access_point
		   AND (p.answer_role IS NOT NULL OR EXISTS (SELECT FROM ootspg.evidence_type t JOIN ootspg.activation v USING (evidence_type) WHERE t.provider = p.provider))),
	fault AS (
		SELECT r.provider, ootspg_internal.answer_role_fault(r.answer_role, r.provider) || ': requests wait' AS fault FROM answering r
		 WHERE r.own OR ootspg_internal.answer_role_fault(r.answer_role) IS NULL	-- else it is told already
		UNION ALL
		SELECT r.provider, format('role "%s" may not read %s, for evidence type "%s": requests get EDM:ERR:0008',
				ootspg_internal.bound_role_name(r.answer_role), ootspg_internal.unreadable(t.evidence_type, ootspg_internal.bound_role_oid(r.answer_role)), t.evidence_type)
		  FROM answering r JOIN ootspg.evidence_type t USING (provider) JOIN ootspg.activation v USING (evidence_type)
		 WHERE ootspg_internal.unreadable(t.evidence_type, ootspg_internal.bound_role_oid(r.answer_role)) IS NOT NULL)
	SELECT f.fault FROM fault f WHERE f.fault IS NOT NULL AND ootspg_internal.is_own(NULL) ORDER BY f.provider NULLS FIRST, f.fault;
END $$;
COMMENT ON FUNCTION ootspg_internal.answering_faults(text) IS 'what keeps the roles that answer for an access point from doing so, the worst first; for duties without a provider';

-- Views and functions of all its providers run with what this role may read (doc/security.md).
CREATE FUNCTION ootspg_internal.sharing_providers(access_point text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT string_agg(p.provider, ', ' ORDER BY p.provider) FROM ootspg.access_point a, ootspg.provider p
	 WHERE a.access_point = sharing_providers.access_point
	   AND ootspg_internal.bound_role_oid(coalesce(p.answer_role, a.answer_role)) = ootspg_internal.bound_role_oid(a.answer_role)
	HAVING count(*) > 1
	   AND EXISTS (SELECT FROM ootspg.provider_role d WHERE d.duty = 'configure' AND d.provider IS NOT NULL);
END;
COMMENT ON FUNCTION ootspg_internal.sharing_providers(text) IS 'providers that the access point''s own role answers for, when they are several and not configured by the same people';

CREATE FUNCTION ootspg_internal.tell_answering(access_point text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
	point record;
	fault text;
BEGIN
	FOR point IN SELECT a.access_point AS name, ootspg_internal.sharing_providers(a.access_point) AS sharing, a.answer_role FROM ootspg.access_point a
				  WHERE tell_answering.access_point IS NULL OR a.access_point = tell_answering.access_point ORDER BY 1 LOOP
		FOR fault IN SELECT f FROM ootspg_internal.answering_faults(point.name) f LOOP
			RAISE WARNING 'access point "%": %', point.name, fault USING HINT = 'doc/operate.md shows what a role that answers needs.';
		END LOOP;
		IF point.sharing IS NOT NULL THEN
			RAISE WARNING 'role "%" answers for several providers: %', point.answer_role, point.sharing
				USING HINT = 'Who configures one of them decides what is read with the rights given for the others. provider.answer_role gives each its own.';
		END IF;
	END LOOP;
EXCEPTION WHEN lock_not_available THEN
	NULL;	-- the status tells who is in the way
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_answering(text) IS 'warns of what keeps an access point, or all, from being answered for; says nothing while somebody has locked what that is seen by';

CREATE FUNCTION ootspg.resume(access_point text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_operator(), ootspg_internal.require_workers();
	PERFORM ootspg_internal.decide(resume.access_point, 'running', 'resumed', NULL, ootspg_internal.this_copy());
	PERFORM ootspg_internal.tell_answering(resume.access_point);
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
	PERFORM ootspg_internal.prepare_audit(clock_timestamp());
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
	  FROM ootspg_internal.outbox_history o WHERE o.outbox_id = renew_message_id.outbox_id;
	UPDATE ootspg_internal.outbox_part p SET (content, content_key) = (SELECT c.closed, c.content_key FROM ootspg_internal.close_content(
			convert_to(replace(convert_from(ootspg_internal.open_content(p.content, p.content_key, 'outbox_part', p.outbox_id, 0), 'UTF8'), old_id, new_id), 'UTF8'),
			'outbox_part', p.outbox_id, 0) c)
	 WHERE p.outbox_id = renew_message_id.outbox_id AND p.part = 0;
	UPDATE ootspg_internal.outbox_history h SET message_id = new_id WHERE h.outbox_id = renew_message_id.outbox_id;
	RETURN new_id;
END $$;
COMMENT ON FUNCTION ootspg_internal.renew_message_id(bigint) IS 'another MessageId for a message that is submitted once more after its delivery failed';

-- A retry makes the row anew: whoever waited for it finds it gone, and then there again.
CREATE FUNCTION ootspg_internal.lock_outgoing(outbox_id bigint, states text[]) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	FOR attempt IN 1 .. 2 LOOP
		PERFORM FROM ootspg_internal.outbox_queue q WHERE q.outbox_id = lock_outgoing.outbox_id AND q.state = ANY (states) FOR UPDATE;
		IF FOUND THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END $$;
COMMENT ON FUNCTION ootspg_internal.lock_outgoing(bigint, text[]) IS 'nobody else decides about the message until the transaction ends; false: it is in none of these states';

CREATE FUNCTION ootspg.retry(outbox_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	message ootspg.outbox;
	new_id text;
BEGIN
	PERFORM ootspg_internal.require_operator();
	IF NOT ootspg_internal.lock_outgoing(retry.outbox_id, ARRAY['parked']) THEN
		PERFORM ootspg_internal.raise_no_message('outbox', retry.outbox_id, 'parked');
	END IF;
	SELECT o.* INTO message FROM ootspg.outbox o WHERE o.outbox_id = retry.outbox_id;
	IF message.gateway_status IS NOT NULL THEN
		new_id := ootspg_internal.renew_message_id(retry.outbox_id);
	END IF;
	-- as fresh as on its first day: the worker is told of rows that come
	DELETE FROM ootspg_internal.outbox_queue q WHERE q.outbox_id = retry.outbox_id;
	UPDATE ootspg_internal.outbox_history h SET created_at = clock_timestamp() WHERE h.outbox_id = retry.outbox_id;
	INSERT INTO ootspg_internal.outbox_queue (outbox_id, access_point, exchange_id, message_id, created_at, expires_at, first_attempt_at, last_attempt_at)
	SELECT h.outbox_id, h.access_point, h.exchange_id, h.message_id, h.created_at, h.expires_at, message.first_attempt_at, message.last_attempt_at
	  FROM ootspg_internal.outbox_history h WHERE h.outbox_id = retry.outbox_id;
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
	FOR id IN SELECT o.outbox_id FROM ootspg_internal.outbox_queue o
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
	IF NOT ootspg_internal.lock_outgoing(give_up.outbox_id, ARRAY['parked', 'waiting', 'doubtful', 'submitted']) THEN
		PERFORM ootspg_internal.raise_no_message('outbox', give_up.outbox_id, 'one that is still to be delivered');
	END IF;
	SELECT o.* INTO message FROM ootspg.outbox o WHERE o.outbox_id = give_up.outbox_id;
	UPDATE ootspg_internal.outbox_queue q SET state = 'given up', reason = coalesce(give_up.reason, q.reason) WHERE q.outbox_id = give_up.outbox_id;
	UPDATE ootspg_internal.outbox_history h SET final_at = clock_timestamp() WHERE h.outbox_id = give_up.outbox_id;
	DELETE FROM ootspg_internal.outbox_part p WHERE p.outbox_id = give_up.outbox_id;
	PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_given_up',
		jsonb_build_object('message_id', message.message_id, 'state', message.state), coalesce(give_up.reason, message.reason));
END $$;
COMMENT ON FUNCTION ootspg.give_up(bigint, text) IS 'deliver a message no more; its contents are erased (D-SEC-06)';

-- While a message lay in quarantine its sender may have sent the same request in another one.
CREATE FUNCTION ootspg_internal.answered_meanwhile(inbox_id bigint) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT u.exchange_id FROM ootspg_internal.inbox_part p
	  JOIN ootspg_internal.used_request u
		ON u.request_key = lower(substring(encode(substring(ootspg_internal.open_content(p.content, p.content_key, 'inbox_part', p.inbox_id, 1) FOR 8192), 'escape') FROM 'QueryRequest[^>]*[[:space:]]id[[:space:]]*=[[:space:]]*["'']([^"'']*)["'']'))
	 WHERE p.inbox_id = answered_meanwhile.inbox_id AND p.part = 1 LIMIT 1;
END;
COMMENT ON FUNCTION ootspg_internal.answered_meanwhile(bigint) IS 'the exchange that used the id of the request in a message, as far as the message''s beginning tells; NULL for none';

CREATE FUNCTION ootspg.release(inbox_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	message ootspg.inbox;
	new_exchange bigint;
	meanwhile bigint;
BEGIN
	PERFORM ootspg_internal.require_operator();
	PERFORM FROM ootspg_internal.inbox_queue q WHERE q.inbox_id = release.inbox_id AND q.state = 'quarantined' FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_no_message('inbox', release.inbox_id, 'in quarantine');
	END IF;
	SELECT i.* INTO message FROM ootspg.inbox i WHERE i.inbox_id = release.inbox_id;
	IF EXISTS (SELECT FROM ootspg_internal.outbox_history o WHERE o.exchange_id = message.exchange_id) THEN
		RAISE EXCEPTION 'inbox message % was answered with an error already', release.inbox_id
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A request has one answer; ootspg.dismiss() ends the matter.';
	END IF;
	IF EXISTS (SELECT FROM ootspg_internal.inbox_part p WHERE p.inbox_id = release.inbox_id AND p.part = -1) THEN
		-- the only copy of what a server forgot: never thrown away, but read once more
		PERFORM ootspg_internal.inbox_back(release.inbox_id, 'fetching', NULL);
		PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_released', jsonb_build_object('message_id', message.message_id), 'to be read again');
		PERFORM ootspg_internal.wake_for_configuration();
	ELSIF NOT EXISTS (SELECT FROM ootspg_internal.inbox_part p WHERE p.inbox_id = release.inbox_id AND p.part = 1) THEN
		IF message.acknowledged_at IS NOT NULL THEN
			RAISE EXCEPTION 'inbox message % holds nothing to be answered', release.inbox_id
				USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'The access point has handed it over and does not do so again; ootspg.dismiss() ends the matter.';
		END IF;
		-- nothing of it is here: forget that we know it, so that it is fetched again
		DELETE FROM ootspg_internal.inbox_queue q WHERE q.inbox_id = release.inbox_id;
		DELETE FROM ootspg_internal.inbox_history h WHERE h.inbox_id = release.inbox_id;
		PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_released', jsonb_build_object('message_id', message.message_id), 'to be fetched again');
		PERFORM ootspg_internal.wake_for_configuration();
	ELSE
		new_exchange := nextval('ootspg.exchange_exchange_id_seq');
		PERFORM ootspg_internal.inbox_back(release.inbox_id, CASE message.service WHEN 'LifecycleManager' THEN 'directory' ELSE 'waiting' END, new_exchange);
		meanwhile := ootspg_internal.answered_meanwhile(release.inbox_id);
		IF meanwhile IS NOT NULL THEN
			RAISE NOTICE 'the request in inbox message % came by another message too, which was dealt with: exchange %', release.inbox_id, meanwhile
				USING HINT = 'Released, it gets EDM:ERR:0003, since its id is used. ootspg.dismiss() answers nothing.';
		END IF;
		PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_released',
			jsonb_strip_nulls(jsonb_build_object('message_id', message.message_id, 'exchange_id', new_exchange, 'answered_meanwhile', meanwhile)), 'to be dealt with');
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
	PERFORM FROM ootspg_internal.inbox_queue q WHERE q.inbox_id = dismiss.inbox_id AND q.state IN ('quarantined', 'waiting') FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_no_message('inbox', dismiss.inbox_id, 'in quarantine or waiting');
	END IF;
	SELECT i.* INTO message FROM ootspg.inbox i WHERE i.inbox_id = dismiss.inbox_id;
	PERFORM ootspg_internal.inbox_end(dismiss.inbox_id, 'dismissed', message.last_error, coalesce(dismiss.reason, message.reason));
	DELETE FROM ootspg_internal.inbox_part p WHERE p.inbox_id = dismiss.inbox_id;
	PERFORM ootspg_internal.tell_decision(message.exchange_id, 'message_dismissed',
		jsonb_build_object('message_id', message.message_id), coalesce(dismiss.reason, message.reason));
END $$;
COMMENT ON FUNCTION ootspg.dismiss(bigint, text) IS 'end the matter of a message in quarantine, or of one that waits and is not to be answered (as after a restore); its contents are erased';
