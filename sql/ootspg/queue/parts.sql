-- Contents of messages that come in and go out. They stand apart and go when they are not needed any
-- more; what is known about messages stays (inbox.sql, outbox.sql). What fits a page stays in its row: a second table
-- with an index of its own would double what is written for rows that go soon.

CREATE TABLE ootspg_internal.inbox_part (
	inbox_id		bigint NOT NULL,
	part			smallint NOT NULL,
	content_id		text,
	media_type		text,
	content			bytea NOT NULL,
	content_key		text,
	PRIMARY KEY (inbox_id, part)
) WITH (toast_tuple_target = 8160);
COMMENT ON TABLE ootspg_internal.inbox_part IS 'contents of messages not yet answered, or in quarantine; part 0 is the eb:Messaging header, part -1 an answer of the access point as it came';
COMMENT ON COLUMN ootspg_internal.inbox_part.content_key IS 'secret of ootspg.content_keys that content is closed to; NULL: it is as it came';

CREATE TABLE ootspg_internal.outbox_part (
	outbox_id		bigint NOT NULL,
	part			smallint NOT NULL,
	content_id		text,
	media_type		text,
	content			bytea NOT NULL,
	content_key		text,
	PRIMARY KEY (outbox_id, part)
) WITH (toast_tuple_target = 8160);
COMMENT ON TABLE ootspg_internal.outbox_part IS 'contents of messages on their way; part 0 is the eb:Messaging header. parts -1 and -2, where the audit is closed to its readers, header and body of the request, for the answer that replaces evidence which expired. Removed with the final state (D-SEC-06)';
COMMENT ON COLUMN ootspg_internal.outbox_part.content_key IS 'secret of ootspg.content_keys that content is closed to; NULL: it is as it leaves';

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

CREATE FUNCTION ootspg_internal.open_content(content bytea, content_key text, table_name text, id bigint, part integer) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_open_content'
LANGUAGE C VOLATILE;	-- no duty comes to execute it
COMMENT ON FUNCTION ootspg_internal.open_content(bytea, text, text, bigint, integer) IS 'the content of a row as it came or leaves; raises OT004 when its secret is missing, OT008 when it was changed or belongs to another row';

CREATE FUNCTION ootspg_internal.close_content(content bytea, table_name text, id bigint, part integer, OUT closed bytea, OUT content_key text) RETURNS record
AS 'MODULE_PATHNAME', 'ootspg_close_content'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION ootspg_internal.close_content(bytea, text, bigint, integer) IS 'a content closed for its row to the current secret of ootspg.content_keys; as it is where there is none';
