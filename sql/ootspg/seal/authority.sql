-- Whom time stamps are asked from, and the answers that wait for some (src/exchange/stamping.c, src/worker/stamping.c).

CREATE TABLE ootspg.time_stamp_authority (
	authority		text PRIMARY KEY CHECK (ootspg_internal.require('name', authority)),
	url				text NOT NULL CHECK (ootspg_internal.require('gateway url', url)),
	turn			smallint NOT NULL DEFAULT 1,
	trusted_uri		text NOT NULL CHECK (ootspg_internal.require('file uri', trusted_uri)),
	policy			text CHECK (policy ~ E'^[0-2](\\.(0|[1-9]\\d{0,9})){1,12}$'),
	ca_uri			text CHECK (ootspg_internal.require('file uri', ca_uri)),
	proxy			text CHECK (ootspg_internal.require('proxy url', proxy)),
	call_timeout	interval NOT NULL DEFAULT '5 s' CHECK (call_timeout BETWEEN '0.1 s' AND '1 min')
);
COMMENT ON TABLE ootspg.time_stamp_authority IS 'time-stamping authorities (RFC 3161) that the workers ask for stamps upon seals of evidence types whose seal_level is T: the first of them that answers';
COMMENT ON COLUMN ootspg.time_stamp_authority.authority IS 'short local name';
COMMENT ON COLUMN ootspg.time_stamp_authority.url IS 'where requests are sent; https, or http to this very host, as to a proxy of one''s own';
COMMENT ON COLUMN ootspg.time_stamp_authority.turn IS 'smaller ones are asked first; one that has just failed comes after the others';
COMMENT ON COLUMN ootspg.time_stamp_authority.trusted_uri IS 'file: URI in the directory credentials below ootspg.key_directory of the PEM certificates that must vouch for the stamps; others are not taken';
COMMENT ON COLUMN ootspg.time_stamp_authority.policy IS 'policy that is asked for, and that stamps must have; NULL: the authority''s own';
COMMENT ON COLUMN ootspg.time_stamp_authority.ca_uri IS 'file: URI of the certificates that the server''s TLS certificate must chain to; NULL: the system''s';
COMMENT ON COLUMN ootspg.time_stamp_authority.proxy IS 'HTTP proxy of the calls; NULL: none';
COMMENT ON COLUMN ootspg.time_stamp_authority.call_timeout IS 'longest time of one call; then the next authority is asked';

-- It lasts for the length of a call: nothing of it is dumped, and a message whose pieces are not here any more is answered anew.
CREATE TABLE ootspg_internal.stamping (
	exchange_id		bigint,
	number			integer,
	inbox_id		bigint NOT NULL,
	asked			bytea NOT NULL,
	piece			bytea NOT NULL,
	content			bytea,
	content_key		text,
	imprint			bytea,
	token			bytea,
	attempts		integer NOT NULL DEFAULT 0,
	next_at			timestamptz,
	give_up_at		timestamptz NOT NULL,
	last_error		text,
	PRIMARY KEY (exchange_id, number)
);
ALTER TABLE ootspg_internal.stamping ALTER content SET STORAGE EXTERNAL;	-- soon gone
COMMENT ON TABLE ootspg_internal.stamping IS 'pieces of answers that wait for time stamps upon their seals; gone with the answer';
COMMENT ON COLUMN ootspg_internal.stamping.exchange_id IS 'exchange whose answer waits';
COMMENT ON COLUMN ootspg_internal.stamping.number IS '1 … within the answer';
COMMENT ON COLUMN ootspg_internal.stamping.inbox_id IS 'the message, to be answered again when all stamps are there';
COMMENT ON COLUMN ootspg_internal.stamping.asked IS 'digest of what the piece was built for';
COMMENT ON COLUMN ootspg_internal.stamping.piece IS 'what the answer says of it, as the library packs it';
COMMENT ON COLUMN ootspg_internal.stamping.content IS 'the sealed document; NULL: it is not there yet, and told of';
COMMENT ON COLUMN ootspg_internal.stamping.content_key IS 'secret of ootspg.content_keys that piece and content are closed to; NULL: they are as they are';
COMMENT ON COLUMN ootspg_internal.stamping.imprint IS 'what its stamp is to be upon; NULL: it needs none';
COMMENT ON COLUMN ootspg_internal.stamping.token IS 'the stamp; NULL: it has not come';
COMMENT ON COLUMN ootspg_internal.stamping.attempts IS 'calls that were begun';
COMMENT ON COLUMN ootspg_internal.stamping.next_at IS 'when the next authority is asked; NULL: none need be';
COMMENT ON COLUMN ootspg_internal.stamping.give_up_at IS 'when the answer leaves without';
COMMENT ON COLUMN ootspg_internal.stamping.last_error IS 'why the last call gave no stamp';

CREATE TRIGGER wake_worker AFTER INSERT ON ootspg_internal.stamping
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('stamps');

-- What to ask, and whom: authorities that have just failed come last. The row is taken for as long as the call may last.
CREATE FUNCTION ootspg_internal.take_stampings(room integer, failing text[])
RETURNS TABLE (exchange_id bigint, number integer, imprint bytea, authority text, url text, policy text, trusted_uri text, ca_uri text, proxy text, timeout_ms integer)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	DELETE FROM ootspg_internal.stamping s WHERE s.give_up_at < now() - interval '1 h';
	WITH a AS (
		SELECT a.*, row_number() OVER (ORDER BY a.authority = ANY (take_stampings.failing), a.turn, a.authority) - 1 AS place, count(*) OVER () AS all_of_them
		  FROM ootspg.time_stamp_authority a
	), due AS (
		SELECT s.exchange_id, s.number, s.attempts FROM ootspg_internal.stamping s
		 WHERE s.next_at <= now() AND s.give_up_at > now() AND s.token IS NULL AND NOT ootspg_internal.is_silent_copy()
		 ORDER BY s.next_at LIMIT take_stampings.room FOR UPDATE SKIP LOCKED
	)
	UPDATE ootspg_internal.stamping s SET attempts = s.attempts + 1, next_at = now() + a.call_timeout + interval '5 s'
	  FROM due d, a
	 WHERE s.exchange_id = d.exchange_id AND s.number = d.number AND a.place = d.attempts % a.all_of_them
	RETURNING s.exchange_id, s.number, s.imprint, a.authority, a.url, a.policy, a.trusted_uri, a.ca_uri, a.proxy, (extract(epoch FROM a.call_timeout) * 1000)::integer;
END;
COMMENT ON FUNCTION ootspg_internal.take_stampings(integer, text[]) IS 'stamps to be fetched now, each with the authority whose turn it is';

-- Each round through the authorities begins a little later than the one before.
CREATE FUNCTION ootspg_internal.file_stamping(exchange_id bigint, number integer, token bytea, error text) RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	UPDATE ootspg_internal.stamping s
	   SET token = file_stamping.token, last_error = coalesce(file_stamping.error, s.last_error),
		   next_at = CASE WHEN file_stamping.token IS NULL THEN now() + CASE WHEN s.attempts % n.authorities = 0 THEN least(s.attempts / n.authorities, 10) ELSE 0 END * interval '1 s' END
	  FROM (SELECT greatest(count(*), 1) AS authorities FROM ootspg.time_stamp_authority) n
	 WHERE s.exchange_id = file_stamping.exchange_id AND s.number = file_stamping.number;
	WITH done AS (
		UPDATE ootspg_internal.inbox_queue q SET next_attempt_at = now()
		 WHERE q.state = 'waiting' AND q.inbox_id = (SELECT s.inbox_id FROM ootspg_internal.stamping s WHERE s.exchange_id = file_stamping.exchange_id LIMIT 1)
		   AND NOT EXISTS (SELECT FROM ootspg_internal.stamping s WHERE s.exchange_id = file_stamping.exchange_id AND s.imprint IS NOT NULL AND s.token IS NULL)
		RETURNING q.inbox_id)
	SELECT count(*) > 0 FROM done;
END;
COMMENT ON FUNCTION ootspg_internal.file_stamping(bigint, integer, bytea, text) IS 'notes what a call for a time stamp gave; true when the message can be answered now';

DO $$
BEGIN
	ALTER TABLE ootspg.time_stamp_authority ENABLE ROW LEVEL SECURITY;
	CREATE POLICY whole_state ON ootspg.time_stamp_authority USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*']);
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.time_stamp_authority', '');
END $$;
