-- How long the audit is kept (D-LOG-16, -17), and what is kept longer because somebody said why (D-LOG-20).

CREATE TABLE ootspg.retention (
	provider		text PRIMARY KEY REFERENCES ootspg.provider,
	months			integer NOT NULL CHECK (months BETWEEN 12 AND 1200),
	reason			text
);
COMMENT ON TABLE ootspg.retention IS 'providers whose audit is kept longer than ootspg.retention says; never shorter (IR (EU) 2022/1463 art. 17(4))';
COMMENT ON COLUMN ootspg.retention.provider IS 'whose exchanges';
COMMENT ON COLUMN ootspg.retention.months IS 'months from the latest event of an exchange; the longer one of this and the setting counts';
COMMENT ON COLUMN ootspg.retention.reason IS 'the law that asks for it';

CREATE TABLE ootspg.hold (
	hold_id			bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	provider		text,
	exchange_id		bigint,
	person_keys		bytea[],
	requester_identifier text,
	reason			text NOT NULL CHECK (reason <> ''),
	author			text NOT NULL DEFAULT session_user,
	set_at			timestamptz NOT NULL DEFAULT now(),
	review_on		date NOT NULL,
	ended_at		timestamptz,
	ended_by		text,
	end_reason		text,
	CHECK (num_nonnulls(exchange_id, person_keys, requester_identifier) = 1),
	CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
COMMENT ON TABLE ootspg.hold IS 'exchanges that ootspg.purge() leaves, however old: of a dispute, an audit, a suspected incident, or restricted for a person (D-LOG-20); ended, never deleted';
COMMENT ON COLUMN ootspg.hold.hold_id IS 'number of the hold';
COMMENT ON COLUMN ootspg.hold.provider IS 'exchanges of this provider only; NULL: of all';
COMMENT ON COLUMN ootspg.hold.exchange_id IS 'this exchange, and what belongs to it by its preview';
COMMENT ON COLUMN ootspg.hold.person_keys IS 'or those about a person or company, or where they represent somebody: search keys, as ootspg.subject_keys() gives them';
COMMENT ON COLUMN ootspg.hold.requester_identifier IS 'or those of a requester';
COMMENT ON COLUMN ootspg.hold.reason IS 'why, without personal data';
COMMENT ON COLUMN ootspg.hold.author IS 'session user who set it';
COMMENT ON COLUMN ootspg.hold.set_at IS 'when it was set';
COMMENT ON COLUMN ootspg.hold.review_on IS 'day on which somebody looks whether it is still needed';
COMMENT ON COLUMN ootspg.hold.ended_at IS 'when it ended; NULL: it holds';
COMMENT ON COLUMN ootspg.hold.ended_by IS 'session user who ended it';
COMMENT ON COLUMN ootspg.hold.end_reason IS 'why it ended';

DO $$
BEGIN
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.retention', '');
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.hold', '');
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.hold_hold_id_seq', '');
	ALTER TABLE ootspg.retention ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own_provider ON ootspg.retention FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*', provider]);
	CREATE POLICY own_configuration ON ootspg.retention USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', provider]);
	ALTER TABLE ootspg.hold ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own_audit ON ootspg.hold FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, 'audit')) && ARRAY['*', provider]);
END $$;

CREATE FUNCTION ootspg_internal.place_hold(provider text, exchange_id bigint, person_keys bytea[], requester_identifier text, reason text, review_on date) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	id bigint;
BEGIN
	IF NOT ootspg_internal.may_audit(coalesce(place_hold.provider, '')) THEN
		RAISE EXCEPTION 'role "%" may not hold exchanges of %', session_user, coalesce(format('provider "%s"', place_hold.provider), 'all providers')
			USING ERRCODE = 'insufficient_privilege', HINT = 'It takes the duty to audit; without a provider, for all of them.';
	END IF;
	IF place_hold.review_on IS NULL OR place_hold.review_on < current_date THEN
		RAISE EXCEPTION 'a hold is looked at again on a day to come' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	INSERT INTO ootspg.hold AS h (provider, exchange_id, person_keys, requester_identifier, reason, review_on)
	VALUES (place_hold.provider, place_hold.exchange_id, place_hold.person_keys, place_hold.requester_identifier, place_hold.reason, place_hold.review_on) RETURNING h.hold_id INTO id;
	RETURN id;
END $$;
COMMENT ON FUNCTION ootspg_internal.place_hold(text, bigint, bytea[], text, text, date) IS 'writes a hold, by who may audit the provider';

CREATE FUNCTION ootspg.hold_exchange(exchange bigint, reason text, review_on date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	of_provider text;
BEGIN
	SELECT x.provider INTO of_provider FROM ootspg.exchange x WHERE x.exchange_id = exchange;
	IF NOT FOUND THEN
		SELECT e.provider INTO of_provider FROM ootspg.exchange_event e WHERE e.exchange_id = exchange ORDER BY e.event_id LIMIT 1;
		IF NOT FOUND OR exchange = 0 THEN
			RAISE EXCEPTION 'there is no exchange %', exchange USING ERRCODE = 'no_data_found';
		END IF;
	END IF;
	RETURN ootspg_internal.place_hold(of_provider, exchange, NULL, NULL, reason, hold_exchange.review_on);
END $$;
COMMENT ON FUNCTION ootspg.hold_exchange(bigint, text, date) IS 'keeps an exchange from ootspg.purge() until ootspg.end_hold(); returns the number of the hold (D-LOG-20)';

CREATE FUNCTION ootspg.hold_person(subject ootspg.subject, reason text, review_on date, provider text DEFAULT NULL) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT ootspg_internal.place_hold(hold_person.provider, NULL, ootspg.subject_keys(hold_person.subject) || coalesce(ootspg.identifier_keys((hold_person.subject).identifier), '{}'), NULL, hold_person.reason, hold_person.review_on);
END;
COMMENT ON FUNCTION ootspg.hold_person(ootspg.subject, text, date, text) IS
'keeps the exchanges about a person or company, or where they represented somebody: restriction of processing (GDPR art. 18) is this. The keys are those of secrets in ootspg.search_keys now: after a new one it is set anew for what comes';

CREATE FUNCTION ootspg.hold_requester(identifier text, reason text, review_on date, provider text DEFAULT NULL) RETURNS bigint
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT ootspg_internal.place_hold(hold_requester.provider, NULL, NULL, hold_requester.identifier, hold_requester.reason, hold_requester.review_on);
END;
COMMENT ON FUNCTION ootspg.hold_requester(text, text, date, text) IS 'keeps the exchanges of a requester, as of a suspected incident';

CREATE FUNCTION ootspg.end_hold(hold_id bigint, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE ootspg.hold h SET ended_at = now(), ended_by = session_user, end_reason = end_hold.reason
	 WHERE h.hold_id = end_hold.hold_id AND h.ended_at IS NULL AND ootspg_internal.may_audit(coalesce(h.provider, ''));
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no hold % that you may end', end_hold.hold_id USING ERRCODE = 'no_data_found';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.end_hold(bigint, text) IS 'ends a hold; its row stays';

-- One condition for all, asked by ootspg.purge() as well (src/audit/guard.c)
CREATE FUNCTION ootspg_internal.held_by(exchange bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT h.hold_id FROM ootspg.hold h
	 WHERE h.ended_at IS NULL
	   AND (h.exchange_id = held_by.exchange
			OR EXISTS (SELECT FROM ootspg.exchange y WHERE y.exchange_id = h.exchange_id AND y.first_exchange_id = held_by.exchange)
			OR EXISTS (SELECT FROM ootspg.exchange x
						WHERE x.exchange_id = held_by.exchange AND (h.provider IS NULL OR h.provider = x.provider)
						  AND (h.exchange_id = x.first_exchange_id OR h.requester_identifier = x.requester_identifier
							   OR x.subject_key = ANY (h.person_keys) OR x.subject_identifier_key = ANY (h.person_keys)
							   OR x.representative_key = ANY (h.person_keys) OR x.representative_identifier_key = ANY (h.person_keys))));
END;
COMMENT ON FUNCTION ootspg_internal.held_by(bigint) IS 'holds that keep an exchange';

CREATE FUNCTION ootspg_internal.kept_longer(exchange bigint) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM ootspg_internal.held_by(exchange))
		OR EXISTS (SELECT FROM ootspg.exchange_event e JOIN ootspg.retention r ON r.provider = e.provider WHERE e.exchange_id = exchange AND e.event_time >= now() - make_interval(months => r.months))
		OR EXISTS (SELECT FROM ootspg.exchange x JOIN ootspg.retention r ON r.provider = x.provider WHERE x.exchange_id = exchange AND x.received_at >= now() - make_interval(months => r.months));
END;
COMMENT ON FUNCTION ootspg_internal.kept_longer(bigint) IS 'is the exchange held, or its provider''s retention not over?';

CREATE VIEW ootspg.held_exchange WITH (security_barrier) AS
SELECT h.hold_id, x.exchange_id, x.provider, x.received_at, h.reason, h.author, h.set_at, h.review_on, h.review_on <= current_date AS to_be_reviewed
  FROM ootspg.hold h JOIN ootspg.exchange x ON (h.provider IS NULL OR h.provider = x.provider)
   AND (h.exchange_id IN (x.exchange_id, x.first_exchange_id) OR h.requester_identifier = x.requester_identifier
		OR x.subject_key = ANY (h.person_keys) OR x.subject_identifier_key = ANY (h.person_keys)
		OR x.representative_key = ANY (h.person_keys) OR x.representative_identifier_key = ANY (h.person_keys)
		OR x.exchange_id = (SELECT y.first_exchange_id FROM ootspg.exchange y WHERE y.exchange_id = h.exchange_id))
 WHERE h.ended_at IS NULL AND ootspg_internal.may_audit(coalesce(x.provider, ''));
COMMENT ON VIEW ootspg.held_exchange IS 'exchanges that holds keep, of the session''s providers (D-LOG-20)';
COMMENT ON COLUMN ootspg.held_exchange.hold_id IS 'the hold; an exchange may have several';
COMMENT ON COLUMN ootspg.held_exchange.exchange_id IS 'the exchange';
COMMENT ON COLUMN ootspg.held_exchange.provider IS 'whose it is';
COMMENT ON COLUMN ootspg.held_exchange.received_at IS 'when its request came';
COMMENT ON COLUMN ootspg.held_exchange.reason IS 'why it is kept';
COMMENT ON COLUMN ootspg.held_exchange.author IS 'who said so';
COMMENT ON COLUMN ootspg.held_exchange.set_at IS 'when';
COMMENT ON COLUMN ootspg.held_exchange.review_on IS 'when somebody looks at it again';
COMMENT ON COLUMN ootspg.held_exchange.to_be_reviewed IS 'that day has come';

CREATE FUNCTION ootspg_internal.mark_purged(event_ids bigint[]) RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_mark_purged'
LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION ootspg_internal.mark_purged(bigint[]) IS 'notes in the leaves of heads that these rows were purged, so that they are not missed';

-- What went is said in the audit itself, and so in the next head: how many rows, and the digest of their numbers.
CREATE FUNCTION ootspg_internal.note_purge(table_name text, event_ids bigint[], providers text[], older_than timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.mark_purged(event_ids);
	PERFORM ootspg_internal.prepare_audit(now());
	INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type, facts)
	SELECT now(), 0, nullif(g.provider, ''), 'purged', jsonb_build_object('table', table_name, 'rows', count(*), 'older_than', to_char(older_than AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
		   'event_ids_sha256', encode(sha256(convert_to(string_agg(g.event_id::text, ',' ORDER BY g.event_id), 'UTF8')), 'hex'))
	  FROM unnest(event_ids, providers) g(event_id, provider) GROUP BY g.provider ORDER BY g.provider;
END $$;
COMMENT ON FUNCTION ootspg_internal.note_purge(text, bigint[], text[], timestamptz) IS 'writes an event for each provider whose rows were purged, and marks their leaves';

CREATE FUNCTION ootspg.purge(most integer) RETURNS ootspg.purge_record
AS 'MODULE_PATHNAME', 'ootspg_purge'
LANGUAGE C STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.purge(integer) IS 'the same for so many exchanges at most, the oldest first: small transactions, repeated until exchanges is 0';
