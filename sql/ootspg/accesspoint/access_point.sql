-- Access points: where evidence requests come from and answers go to. A row describes
-- one; whether it is used is decided by ootspg.resume() and ootspg.pause(), and
-- never by restoring a copy of the database.

CREATE TABLE ootspg.access_point (
	access_point	text PRIMARY KEY CHECK (ootspg_internal.require('name', access_point)),
	url				text NOT NULL CHECK (ootspg_internal.require('gateway url', url)),
	party_id		text NOT NULL CHECK (party_id <> ''),
	party_id_type	text NOT NULL CHECK (party_id_type <> ''),
	answer_role		ootspg.bound_role NOT NULL,
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
COMMENT ON COLUMN ootspg.access_point.access_point IS 'short local name, by which functions of operators take it';
COMMENT ON COLUMN ootspg.access_point.proxy IS 'HTTP proxy of calls to url, as in http://proxy.example:3128; NULL: none, whatever the environment says';
COMMENT ON COLUMN ootspg.access_point.connect_timeout IS 'longest time for name, connection and TLS handshake of a call';
COMMENT ON COLUMN ootspg.access_point.call_timeout IS 'longest time of a whole call, its data included';
COMMENT ON COLUMN ootspg.access_point.url IS 'of the WS plugin, as in https://ap.example/domibus/services/wsplugin; http only to this very host (D-SEC-01)';
COMMENT ON COLUMN ootspg.access_point.party_id IS 'our PartyId there; messages that name another sender are never submitted';
COMMENT ON COLUMN ootspg.access_point.party_id_type IS 'type of our PartyId; always carried together with it';
COMMENT ON COLUMN ootspg.access_point.answer_role IS 'role that answers what comes in: it has the duty to exchange, may read the views, and has no right beyond what it was granted (D-SEC-04, D-SEC-05). Providers with an answer_role of their own are answered by that';
COMMENT ON COLUMN ootspg.access_point.user_name IS 'plugin user for HTTP Basic authentication; NULL for none';
COMMENT ON COLUMN ootspg.access_point.password_uri IS 'file: URI of the password of user_name';
COMMENT ON COLUMN ootspg.access_point.ca_uri IS 'file: URI of the certificates that the server''s must chain to; NULL: the system''s';
COMMENT ON COLUMN ootspg.access_point.certificate_uri IS 'file: URI of our TLS client certificate';
COMMENT ON COLUMN ootspg.access_point.key_uri IS 'file: URI of its private key';
COMMENT ON COLUMN ootspg.access_point.server IS 'probe: found out by asking; else the line of the WS plugin: 5.0; 5.1.0 (also Harmony 2.0 to 2.2.1); 5.1.1 (also 5.2, Harmony 2.2.2 and later)';
COMMENT ON COLUMN ootspg.access_point.final_recipient IS 'only messages to this final recipient are received; NULL: all';
COMMENT ON COLUMN ootspg.access_point.poll_interval IS 'time between two looks at an empty list of pending messages';
COMMENT ON COLUMN ootspg.access_point.connections IS 'calls at the same time';
COMMENT ON COLUMN ootspg.access_point.stall_timeout IS 'time with less than a byte a second in both directions together';
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
COMMENT ON COLUMN ootspg.access_point_event.event_time IS 'when it happened, by this server''s clock';
COMMENT ON COLUMN ootspg.access_point_event.access_point IS 'its name then; the row stays when the access point is deleted';
COMMENT ON COLUMN ootspg.access_point_event.event_type IS 'resumed, paused, draining: by operators; stopped: by the worker; failing and working again; probed: the server told its version; taken_over: by this copy of the database';
COMMENT ON COLUMN ootspg.access_point_event.detail IS 'reason or what was found, in words without personal data';
COMMENT ON COLUMN ootspg.access_point_event.written_by IS 'session user: the operator, or the worker''s role';
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
	OUT last_error text, OUT next_attempt timestamptz, OUT pending integer, OUT clock_offset interval, OUT cause text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_gateway_state'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.gateway_state() IS 'what the exchange worker last saw of each access point; in shared memory, so that an idle worker writes nothing';

CREATE FUNCTION ootspg_internal.check_access_point() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF TG_OP = 'INSERT' OR OLD.answer_role::text <> NEW.answer_role::text THEN
		PERFORM ootspg_internal.require_answer_role(NEW.answer_role);
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
