-- Messages that are being read. What an access point hands over may be more than this
-- server has memory for, and end the worker or the server each time it is read: so the
-- attempt is written down before, and forgotten with the record of its outcome.

CREATE TABLE ootspg_internal.reading_attempt (
	access_point	text NOT NULL,
	message_id		text NOT NULL,
	attempts		smallint NOT NULL DEFAULT 1,
	begun_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (access_point, message_id)
);
COMMENT ON TABLE ootspg_internal.reading_attempt IS 'messages whose reading began and has no outcome yet; the second end of a worker or server with one in hand puts that into quarantine. Not part of a dump';
COMMENT ON COLUMN ootspg_internal.reading_attempt.attempts IS 'how often it was begun';
