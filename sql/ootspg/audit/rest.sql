-- The catch-all of the audit. What has no partition of its month yet is written here at once, so that
-- whoever answers makes none and waits for nobody who does; ootspg.maintain() moves it to its month.

CREATE TABLE ootspg_internal.exchange_event_rest PARTITION OF ootspg.exchange_event DEFAULT;
COMMENT ON TABLE ootspg_internal.exchange_event_rest IS 'events whose month has no partition yet; ootspg.maintain() moves them';
CREATE INDEX exchange_event_rest_exchange ON ootspg_internal.exchange_event_rest (exchange_id);
CREATE INDEX exchange_event_rest_time ON ootspg_internal.exchange_event_rest (event_time);

CREATE TABLE ootspg_internal.evidence_event_rest PARTITION OF ootspg.evidence_event DEFAULT;
COMMENT ON TABLE ootspg_internal.evidence_event_rest IS 'pieces of evidence whose month has no partition yet; ootspg.maintain() moves them';
CREATE INDEX evidence_event_rest_exchange ON ootspg_internal.evidence_event_rest (exchange_id);
CREATE INDEX evidence_event_rest_time ON ootspg_internal.evidence_event_rest (event_time);
CREATE INDEX evidence_event_rest_evidence ON ootspg_internal.evidence_event_rest (evidence_id);

CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg_internal.exchange_event_rest
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg_internal.evidence_event_rest
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
ALTER TABLE ootspg_internal.exchange_event_rest ENABLE ALWAYS TRIGGER audit_guard;
ALTER TABLE ootspg_internal.evidence_event_rest ENABLE ALWAYS TRIGGER audit_guard;

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['ootspg_internal.exchange_event_rest', 'ootspg_internal.evidence_event_rest'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(t::regclass, '');
	END LOOP;
END $$;

CREATE FUNCTION ootspg_internal.audit_partition(parent text, moment timestamptz) RETURNS regclass
AS 'MODULE_PATHNAME', 'ootspg_audit_partition'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.audit_partition(text, timestamptz) IS 'the partition of the audit table whose bounds hold the moment; NULL: the catch-all takes it';

CREATE FUNCTION ootspg_internal.prepare_audit(moment timestamptz) RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_prepare_audit'
LANGUAGE C STRICT;
COMMENT ON FUNCTION ootspg_internal.prepare_audit(timestamptz) IS 'before events of the moment are written: they have a place until the transaction ends';

CREATE FUNCTION ootspg_internal.move_events(origin text, target text, first timestamptz, until timestamptz) RETURNS bigint
AS 'MODULE_PATHNAME', 'ootspg_move_events'
LANGUAGE C STRICT;
COMMENT ON FUNCTION ootspg_internal.move_events(text, text, timestamptz, timestamptz) IS 'moves audit rows as they are from one table to another; returns how many';

-- The name of a month's partition; another one where something else has it.
CREATE FUNCTION ootspg_internal.free_partition_name(parent text, month timestamptz) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
	name text := parent || to_char(month, '_"y"YYYY"m"MM');
	child text := name;
	i integer := 1;
BEGIN
	WHILE to_regclass('ootspg_internal.' || child) IS NOT NULL LOOP
		i := i + 1;
		child := name || '_' || i;
	END LOOP;
	RETURN child;
END $$;
COMMENT ON FUNCTION ootspg_internal.free_partition_name(text, timestamptz) IS 'how a month''s partition is to be called';

-- Partitions are made by one at a time, who holds up nobody for long: whoever writes or reads the
-- catch-all just now is waited for a moment only, and so are we. Tables of the audit are the owner''s to lock.
CREATE FUNCTION ootspg_internal.may_attach(parent text, month timestamptz) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
	crowded boolean;
BEGIN
	-- the month that is going on is moved while others wait: not if that takes long
	EXECUTE format('SELECT count(*) > 1000 FROM (SELECT FROM ootspg_internal.%I WHERE event_time >= $1 LIMIT 1001) r', parent || '_rest') INTO crowded USING month;
	IF crowded AND month + interval '1 month' > now() THEN
		RETURN false;
	END IF;
	EXECUTE format('LOCK TABLE ONLY ootspg.%I IN SHARE UPDATE EXCLUSIVE MODE', parent);
	EXECUTE format('LOCK TABLE ootspg_internal.%I IN ACCESS EXCLUSIVE MODE', parent || '_rest');
	RETURN ootspg_internal.audit_partition(parent, month) IS NULL;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
	RETURN false;
END $$;
COMMENT ON FUNCTION ootspg_internal.may_attach(text, timestamptz) IS 'takes the locks that a new partition needs; false: somebody was there first, or is using the catch-all';

-- pg_restore --disable-triggers enables them again, but no more than usual.
CREATE FUNCTION ootspg_internal.enable_guards() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	guarded regclass;
BEGIN
	FOR guarded IN SELECT t.tgrelid FROM pg_trigger t WHERE t.tgfoid = 'ootspg_internal.audit_guard'::regproc AND t.tgenabled <> 'A' LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_guard', guarded);
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.enable_guards() IS 'the audit''s guards stand under session_replication_role = replica, too';
