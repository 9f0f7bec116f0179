-- Contents of messages that come in and go out. They stand apart and go when they are not needed any
-- more; what is known about messages stays (inbox.sql, outbox.sql). What fits a page stays in its row: a second table
-- with an index of its own would double what is written for rows that go soon.

CREATE TABLE ootspg_internal.inbox_part (
	inbox_id		bigint NOT NULL,
	part			smallint NOT NULL,
	content_id		text,
	media_type		text,
	content			bytea NOT NULL,
	PRIMARY KEY (inbox_id, part)
) WITH (toast_tuple_target = 8160);
COMMENT ON TABLE ootspg_internal.inbox_part IS 'contents of messages not yet answered, or in quarantine; part 0 is the eb:Messaging header, part -1 an answer of the access point as it came';

CREATE TABLE ootspg_internal.outbox_part (
	outbox_id		bigint NOT NULL,
	part			smallint NOT NULL,
	content_id		text,
	media_type		text,
	content			bytea NOT NULL,
	PRIMARY KEY (outbox_id, part)
) WITH (toast_tuple_target = 8160);
COMMENT ON TABLE ootspg_internal.outbox_part IS 'contents of messages on their way; part 0 is the eb:Messaging header. Removed with the final state (D-SEC-06)';

-- Evidence and messages are compressed cheaply where the server can.
DO $$
BEGIN
	ALTER TABLE ootspg_internal.inbox_part ALTER content SET COMPRESSION lz4;
	ALTER TABLE ootspg_internal.outbox_part ALTER content SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END $$;

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['ootspg_internal.inbox_part', 'ootspg_internal.outbox_part'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(t::regclass, '');
	END LOOP;
END $$;
