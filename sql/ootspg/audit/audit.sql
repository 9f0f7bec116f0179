-- The audit: insert-only, partitioned by month (UTC), written in the transaction of
-- the effect it records (D-LOG-01 ff., IR (EU) 2022/1463 art. 17). The parents have no
-- indexes on purpose: partitions carry their own, so that a dump of the partitions
-- restores into a freshly created extension.

CREATE SEQUENCE ootspg_internal.event_seq;

CREATE TABLE ootspg.exchange_event (
	event_id		bigint NOT NULL DEFAULT nextval('ootspg_internal.event_seq'),
	event_time		timestamptz NOT NULL,
	written_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	exchange_id		bigint NOT NULL,
	provider		text,
	event_type		text NOT NULL,
	direction		text CHECK (direction IN ('in', 'out')),
	written_by		text NOT NULL DEFAULT session_user,
	facts			jsonb,
	media_type		text,
	first_part		bytea,
	first_part_sha256 bytea GENERATED ALWAYS AS (sha256(first_part)) STORED,
	header			bytea,
	exception_code	text,
	exception_type	text,
	severity		text,
	detail			text,
	audit_key		uuid
) PARTITION BY RANGE (event_time);
COMMENT ON TABLE ootspg.exchange_event IS 'what happened in each exchange, one row an event, never changed (D-LOG-01)';
COMMENT ON COLUMN ootspg.exchange_event.event_id IS 'order of writing, over both tables of events';
COMMENT ON COLUMN ootspg.exchange_event.event_time IS 'when it happened; decides the partition';
COMMENT ON COLUMN ootspg.exchange_event.written_at IS 'when the row was written';
COMMENT ON COLUMN ootspg.exchange_event.exchange_id IS 'ootspg.exchange it belongs to; 0: none';
COMMENT ON COLUMN ootspg.exchange_event.provider IS 'whose exchange it is; NULL: nobody''s. Who may audit that provider reads it';
COMMENT ON COLUMN ootspg.exchange_event.direction IS 'in: what came; out: what left; NULL: neither';
COMMENT ON COLUMN ootspg.exchange_event.written_by IS 'session user: the answering role, or the operator';
COMMENT ON COLUMN ootspg.exchange_event.media_type IS 'media type of first_part';
COMMENT ON COLUMN ootspg.exchange_event.first_part_sha256 IS 'SHA-256 of first_part as it stands here: of the closed value where audit_key is set';
COMMENT ON COLUMN ootspg.exchange_event.audit_key IS 'key of ootspg.audit_key that first_part and header are closed to; NULL: they are as they travelled (D-LOG-15)';
COMMENT ON COLUMN ootspg.exchange_event.header IS 'ebMS header, eb:Messaging, as received or built';
COMMENT ON COLUMN ootspg.exchange_event.exception_code IS 'code of the error answered, as EDM:ERR:0004';
COMMENT ON COLUMN ootspg.exchange_event.exception_type IS 'xsi:type of the exception answered';
COMMENT ON COLUMN ootspg.exchange_event.severity IS 'severity of the exception answered';
COMMENT ON COLUMN ootspg.exchange_event.event_type IS
'request_received, request_unreadable, duplicate_request, sender_refused, match, preview_not_required, response_built, deferral_built, error_built, no_answer; of previews: preview_offered (with the answer that has the link), preview_visited, preview_authenticated, preview_not_authenticated, preview_locked, preview_moved (to another browser), request_held, preview_decided, preview_expired, and with exchange_id 0 preview_source_locked; of messages through an access point (D-LOG-10): message_received, message_duplicate, message_quarantined, message_submitted, message_doubtful, message_acknowledged, message_failed, message_parked, message_expired; of operators: message_retried, message_given_up, message_released, message_dismissed, promise_settled; of registrations: submission_accepted, submission_refused, submission_unknown; outside exchanges, with exchange_id 0: evidence_handed_out by ootspg.evidence(), exported by ootspg.export_exchanges(), purged by ootspg.purge()';
COMMENT ON COLUMN ootspg.exchange_event.facts IS 'elements of art. 13(1) and of the decision: flags, levels of assurance, requirements, match policy, attributes used, candidates; never evidence, never attribute values (D-LOG-05, D-IDM-26)';
COMMENT ON COLUMN ootspg.exchange_event.first_part IS 'first MIME part byte for byte as received or built (D-LOG-03)';
COMMENT ON COLUMN ootspg.exchange_event.detail IS 'rule or reason applied (D-LOG-09)';

-- Messages compress well; lz4 does it at a tenth of the price, where the server has it.
DO $$
BEGIN
	ALTER TABLE ootspg.exchange_event ALTER first_part SET COMPRESSION lz4, ALTER header SET COMPRESSION lz4, ALTER facts SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END $$;

CREATE TABLE ootspg.evidence_event (
	event_id		bigint NOT NULL DEFAULT nextval('ootspg_internal.event_seq'),
	event_time		timestamptz NOT NULL,
	exchange_id		bigint NOT NULL,
	provider		text,
	evidence_id		uuid NOT NULL,
	role			text NOT NULL,
	media_type		text NOT NULL,
	content_id		text NOT NULL,
	size_bytes		bigint NOT NULL,
	sha256_as_held	bytea NOT NULL,
	conforms_to		text,
	language		text,
	seal_key		text,
	certificate_sha256 bytea,
	decision		text NOT NULL CHECK (decision IN ('approved', 'rejected', 'left_without_decision', 'not_required')),
	seal_level		text
) PARTITION BY RANGE (event_time);
COMMENT ON TABLE ootspg.evidence_event IS 'pieces of evidence that left in an answer, or were offered in a preview: identity, size and digest, never content (D-LOG-05)';
COMMENT ON COLUMN ootspg.evidence_event.event_id IS 'order of writing, over both tables of events';
COMMENT ON COLUMN ootspg.evidence_event.event_time IS 'when the answer was built, or the user decided; decides the partition';
COMMENT ON COLUMN ootspg.evidence_event.exchange_id IS 'ootspg.exchange it left in; of a preview the one that offered it';
COMMENT ON COLUMN ootspg.evidence_event.provider IS 'whose evidence it is; who may audit that provider reads it';
COMMENT ON COLUMN ootspg.evidence_event.evidence_id IS 'identifier that the answer gives the piece';
COMMENT ON COLUMN ootspg.evidence_event.role IS 'MainEvidence, or HumanReadableVersion or Translation of it, or Annex: the seal of the document before it';
COMMENT ON COLUMN ootspg.evidence_event.media_type IS 'media type it left with';
COMMENT ON COLUMN ootspg.evidence_event.content_id IS 'Content-ID of its MIME part';
COMMENT ON COLUMN ootspg.evidence_event.size_bytes IS 'bytes of the document as held';
COMMENT ON COLUMN ootspg.evidence_event.conforms_to IS 'URL of its data model or subset; NULL: none';
COMMENT ON COLUMN ootspg.evidence_event.language IS 'language code that the view gave, or that it was generated in; NULL: none';
COMMENT ON COLUMN ootspg.evidence_event.seal_key IS 'seal key it was sealed with; NULL: it left unsealed (D-SIG-08)';
COMMENT ON COLUMN ootspg.evidence_event.certificate_sha256 IS 'SHA-256 of that key''s certificate (DER)';
COMMENT ON COLUMN ootspg.evidence_event.seal_level IS 'level of that seal: B, or T with a time stamp (ETSI baseline); NULL: unsealed, or recorded before levels were';
COMMENT ON COLUMN ootspg.evidence_event.sha256_as_held IS 'digest of the document as held; not the digest AS4 signs, which is of the part as transmitted (D-LOG-12)';
COMMENT ON COLUMN ootspg.evidence_event.decision IS 'the user''s decision after preview, or not_required (D-LOG-07, D-LOG-08)';

CREATE FUNCTION ootspg_internal.audit_guard() RETURNS trigger
AS 'MODULE_PATHNAME', 'ootspg_audit_guard'
LANGUAGE C;
COMMENT ON FUNCTION ootspg_internal.audit_guard() IS 'refuses UPDATE and TRUNCATE always, DELETE outside ootspg.purge() (D-LOG-13)';

CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.exchange_event
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg.evidence_event
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard();
-- under session_replication_role = replica as well
ALTER TABLE ootspg.exchange_event ENABLE ALWAYS TRIGGER audit_guard;
ALTER TABLE ootspg.evidence_event ENABLE ALWAYS TRIGGER audit_guard;

-- Partitions are made ahead and are not members of the extension: pg_dump dumps them with
-- their rows. What has none stands in the catch-all (rest.sql): nothing is lost, nobody waits.
CREATE FUNCTION ootspg_internal.make_partitions(month timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET default_tablespace = ''		-- the caller's may not be the owner's to use
SET default_table_access_method = heap
AS $$
DECLARE
	parent	text;
	child	text;
BEGIN
	FOREACH parent IN ARRAY ARRAY['exchange_event', 'evidence_event'] LOOP
		CONTINUE WHEN ootspg_internal.audit_partition(parent, month) IS NOT NULL OR NOT ootspg_internal.may_attach(parent, month);
		child := ootspg_internal.free_partition_name(parent, month);
		EXECUTE format('CREATE TABLE ootspg_internal.%I (LIKE ootspg.%I INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION) WITH (toast_tuple_target = 4080)', child, parent);
		EXECUTE format('CREATE INDEX %I ON ootspg_internal.%I (exchange_id)', child || '_exchange', child);
		EXECUTE format('CREATE INDEX %I ON ootspg_internal.%I USING brin (event_time)', child || '_time', child);
		IF parent = 'evidence_event' THEN
			EXECUTE format('CREATE INDEX %I ON ootspg_internal.%I (evidence_id)', child || '_evidence', child);
		END IF;
		EXECUTE format('CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON ootspg_internal.%I FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.audit_guard()', child);
		EXECUTE format('ALTER TABLE ootspg_internal.%I ENABLE ALWAYS TRIGGER audit_guard', child);
		PERFORM ootspg_internal.move_events(parent || '_rest', child, month, month + interval '1 month');
		PERFORM ootspg_internal.settle_partition(format('ootspg_internal.%I', child)::regclass);
		PERFORM ootspg_internal.index_numbers(format('ootspg_internal.%I', child)::regclass);
		EXECUTE format('ALTER TABLE ootspg.%I ATTACH PARTITION ootspg_internal.%I FOR VALUES FROM (%L) TO (%L)',
					   parent, child, month, month + interval '1 month');
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.make_partitions(timestamptz) IS 'makes the audit partitions that begin at the moment and last a month, when they are missing and nobody is in the way';

CREATE FUNCTION ootspg_internal.ensure_partitions(moment timestamptz) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
BEGIN ATOMIC
	SELECT ootspg_internal.make_partitions(date_trunc('month', moment))
	 WHERE moment BETWEEN now() - interval '1 month' AND now() + interval '2 months';
END;
COMMENT ON FUNCTION ootspg_internal.ensure_partitions(timestamptz) IS 'makes the audit partitions of a month when they are missing; of near months only, all others are left to the catch-all';

CREATE FUNCTION ootspg_internal.analyze_unknown() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t regclass;
BEGIN
	FOR t IN SELECT c.oid FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
			  WHERE c.relnamespace IN (to_regnamespace('ootspg'), to_regnamespace('ootspg_internal')) AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0
				AND (s.n_mod_since_analyze > 1000 + 0.2 * s.n_live_tup
					 OR NOT EXISTS (SELECT FROM pg_stats p WHERE p.schemaname = c.relnamespace::regnamespace::text AND p.tablename = c.relname)) LOOP
		EXECUTE format('ANALYZE %s', t);
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.analyze_unknown() IS 'statistics of our tables that have none, or old ones, as after a restore, an upgrade or without autovacuum';

CREATE FUNCTION ootspg.maintain() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
BEGIN
	PERFORM ootspg_internal.ensure_partitions(now()), ootspg_internal.ensure_partitions(now() + interval '1 month');
	PERFORM ootspg_internal.make_partitions(rest.month)
	   FROM (SELECT DISTINCT date_trunc('month', e.event_time) AS month
			   FROM (SELECT event_time FROM ootspg_internal.exchange_event_rest UNION ALL SELECT event_time FROM ootspg_internal.evidence_event_rest) e) rest
	  WHERE rest.month < now();
	PERFORM ootspg_internal.enable_guards();
	PERFORM ootspg_internal.analyze_unknown();
	PERFORM ootspg_internal.warn_of_collations();
END $$;
COMMENT ON FUNCTION ootspg.maintain() IS
'makes this and next month''s audit partitions, moves what was written before there was one, sees that the guards are on, analyses tables of which the planner knows nothing, as after a restore, warns of indexes of names that an upgrade of the system left out of order; run it daily, in a transaction of its own';

CREATE TABLE ootspg.purge_record (
	purged_at		timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
	older_than		timestamptz NOT NULL,
	exchanges		bigint NOT NULL,
	events			bigint NOT NULL,
	pieces			bigint NOT NULL,
	purged_by		text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ootspg.purge_record IS 'what ootspg.purge() removed: counts only (D-LOG-18)';
COMMENT ON COLUMN ootspg.purge_record.purged_at IS 'when ootspg.purge() ran';
COMMENT ON COLUMN ootspg.purge_record.older_than IS 'exchanges whose last event was before this were removed (D-LOG-16)';
COMMENT ON COLUMN ootspg.purge_record.exchanges IS 'how many exchanges';
COMMENT ON COLUMN ootspg.purge_record.events IS 'rows of ootspg.exchange_event that went with them';
COMMENT ON COLUMN ootspg.purge_record.pieces IS 'rows of ootspg.evidence_event that went with them';
COMMENT ON COLUMN ootspg.purge_record.purged_by IS 'session user who called it';

CREATE FUNCTION ootspg.purge() RETURNS ootspg.purge_record
AS 'MODULE_PATHNAME', 'ootspg_purge'
LANGUAGE C
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg.purge() IS
'removes exchanges whose latest event is older than ootspg.retention months, whole exchanges only (D-LOG-16 to -18)';
