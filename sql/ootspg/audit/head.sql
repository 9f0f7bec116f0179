-- Heads of the audit (D-LOG-14): minutes after rows can no longer change they become leaves of a Merkle tree (RFC 6962), one for
-- each provider and period. The head is sealed, names the head before it, and is also a line of the log and a file: whoever
-- keeps it elsewhere can tell for ever whether a row was there, and as it is. Rows know nothing of it, and writers wait for nobody.

-- Numbers of events are given to transactions that have an xid already: then those that could write a row with a number
-- given before a moment are all those with an xid given before that moment, prepared ones among them.
CREATE FUNCTION ootspg_internal.next_event_id() RETURNS bigint
AS 'MODULE_PATHNAME', 'ootspg_next_event_id'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION ootspg_internal.next_event_id() IS 'the number of the next event, for a transaction that has its xid by then';
ALTER TABLE ootspg.exchange_event ALTER event_id SET DEFAULT ootspg_internal.next_event_id();
ALTER TABLE ootspg.evidence_event ALTER event_id SET DEFAULT ootspg_internal.next_event_id();

CREATE TABLE ootspg_internal.audit_run (
	run				bigint PRIMARY KEY,
	after_event		bigint NOT NULL,
	last_event		bigint NOT NULL,
	gathered_to		bigint NOT NULL,
	begun_after		timestamptz,
	marked_at		timestamptz NOT NULL,
	marked_by		xid8 NOT NULL,
	finished_at		timestamptz
);
COMMENT ON TABLE ootspg_internal.audit_run IS 'ranges of event_id whose rows heads were made of; the last one may be under way';
COMMENT ON COLUMN ootspg_internal.audit_run.marked_by IS 'transactions with a smaller xid could write into the range; it is read when they are over';
COMMENT ON COLUMN ootspg_internal.audit_run.gathered_to IS 'rows up to this number have become leaves';

CREATE TABLE ootspg_internal.audit_leaf (
	provider		text NOT NULL,
	number			bigint NOT NULL,
	chunk			integer NOT NULL,
	run				bigint NOT NULL,
	count			integer NOT NULL,
	first_event		bigint NOT NULL,
	last_event		bigint NOT NULL,
	root			bytea NOT NULL,
	leaves			bytea NOT NULL,
	purged			bytea,
	PRIMARY KEY (provider, number, chunk)
);
ALTER TABLE ootspg_internal.audit_leaf ALTER leaves SET STORAGE EXTERNAL;	-- digests do not compress
CREATE INDEX audit_leaf_run ON ootspg_internal.audit_leaf (run, provider);
COMMENT ON TABLE ootspg_internal.audit_leaf IS 'digests of the rows of each head, 1024 in a chunk: they name the row that is not as it was; gone when the rows of the chunk were purged';
COMMENT ON COLUMN ootspg_internal.audit_leaf.leaves IS 'for each row event_id, event_time, exchange_id, table and digest; empty: all were purged';
COMMENT ON COLUMN ootspg_internal.audit_leaf.purged IS 'a bit for each row that ootspg.purge() took; NULL: none';

CREATE TABLE ootspg.audit_head (
	provider		text NOT NULL,
	number			bigint NOT NULL,
	run				bigint NOT NULL,
	period_from		timestamptz,
	period_until	timestamptz NOT NULL,
	first_event		bigint NOT NULL,
	last_event		bigint NOT NULL,
	rows			bigint NOT NULL,
	root			bytea NOT NULL,
	previous		bytea,
	made_at			timestamptz NOT NULL,
	document		bytea NOT NULL,
	digest			bytea NOT NULL,
	seal_key		text,
	seal			bytea,
	fault			text,
	stamp			bytea,
	filed_at		timestamptz,
	PRIMARY KEY (provider, number)
);
COMMENT ON TABLE ootspg.audit_head IS 'heads of the audit: what stood in ootspg.exchange_event and ootspg.evidence_event, by one digest a provider and period; sealed, and never changed (D-LOG-14)';
COMMENT ON COLUMN ootspg.audit_head.provider IS 'whose rows; empty: rows of no known provider';
COMMENT ON COLUMN ootspg.audit_head.number IS '1 … for each provider';
COMMENT ON COLUMN ootspg.audit_head.run IS 'heads of one run are of the same range of event_id';
COMMENT ON COLUMN ootspg.audit_head.period_from IS 'rows written after this, for the most part: what was written but not committed by then is here as well; NULL: from the beginning';
COMMENT ON COLUMN ootspg.audit_head.period_until IS 'rows written by then; what had a number and was not committed by then is here too';
COMMENT ON COLUMN ootspg.audit_head.first_event IS 'smallest event_id';
COMMENT ON COLUMN ootspg.audit_head.last_event IS 'largest event_id';
COMMENT ON COLUMN ootspg.audit_head.rows IS 'how many rows, leaves of the tree';
COMMENT ON COLUMN ootspg.audit_head.root IS 'root of the tree over the rows in the order of event_id (RFC 6962 §2.1, SHA-256)';
COMMENT ON COLUMN ootspg.audit_head.previous IS 'digest of the provider''s head before this one; NULL: it is the first';
COMMENT ON COLUMN ootspg.audit_head.made_at IS 'when it was made';
COMMENT ON COLUMN ootspg.audit_head.document IS 'all of the above as JSON, the octets that are sealed';
COMMENT ON COLUMN ootspg.audit_head.digest IS 'SHA-256 of document';
COMMENT ON COLUMN ootspg.audit_head.seal_key IS 'ootspg.seal_key that it was sealed with; NULL: see fault';
COMMENT ON COLUMN ootspg.audit_head.seal IS 'CMS signature (CAdES) beside document, DER, as openssl cms -verify takes it';
COMMENT ON COLUMN ootspg.audit_head.fault IS 'why it has no seal';
COMMENT ON COLUMN ootspg.audit_head.stamp IS 'time stamp (RFC 3161) upon seal; NULL: none has come';
COMMENT ON COLUMN ootspg.audit_head.filed_at IS 'when the log had its line and ootspg.audit_head_directory its files';

-- What comes after the head itself: its stamp, and that it was filed.
CREATE FUNCTION ootspg_internal.keep_head() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF TG_OP = 'UPDATE' THEN
		IF to_jsonb(OLD) - 'stamp' - 'filed_at' = to_jsonb(NEW) - 'stamp' - 'filed_at' AND (OLD.stamp IS NULL OR OLD.stamp = NEW.stamp) THEN
			RETURN NEW;
		END IF;
	END IF;
	RAISE EXCEPTION 'heads of the audit are never changed' USING ERRCODE = 'OT006', HINT = 'They stay when ootspg.purge() has taken their rows.';
END $$;
COMMENT ON FUNCTION ootspg_internal.keep_head() IS 'refuses every change of a head but the arrival of its time stamp';
CREATE TRIGGER keep_head BEFORE UPDATE OR DELETE ON ootspg.audit_head FOR EACH ROW EXECUTE FUNCTION ootspg_internal.keep_head();
CREATE TRIGGER keep_heads BEFORE TRUNCATE ON ootspg.audit_head FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.keep_head();
ALTER TABLE ootspg.audit_head ENABLE ALWAYS TRIGGER keep_head;
ALTER TABLE ootspg.audit_head ENABLE ALWAYS TRIGGER keep_heads;

-- An unfinished run ends with the database that it began in.
DO $$
BEGIN
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.audit_head', '');
	PERFORM pg_catalog.pg_extension_config_dump('ootspg_internal.audit_run', 'WHERE finished_at IS NOT NULL');
	PERFORM pg_catalog.pg_extension_config_dump('ootspg_internal.audit_leaf', 'WHERE run IN (SELECT r.run FROM ootspg_internal.audit_run r WHERE r.finished_at IS NOT NULL)');
	ALTER TABLE ootspg.audit_head ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own_audit ON ootspg.audit_head FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, 'audit')) && ARRAY['*', provider]);
END $$;

-- Rows are found by their numbers, which come in the order of writing: such an index costs next to nothing.
CREATE FUNCTION ootspg_internal.index_numbers(partition regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET default_tablespace = ''
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
					WHERE i.indrelid = index_numbers.partition AND a.attname = 'event_id') THEN
		EXECUTE format('CREATE INDEX ON %s USING brin (event_id) WITH (pages_per_range = 32)', index_numbers.partition);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.index_numbers(regclass) IS 'gives a partition of the audit the index by which heads are made and verified';
SELECT ootspg_internal.index_numbers(i.inhrelid::regclass) FROM pg_catalog.pg_inherits i
 WHERE i.inhparent IN ('ootspg.exchange_event'::regclass, 'ootspg.evidence_event'::regclass);

CREATE FUNCTION ootspg_internal.next_xid() RETURNS xid8
AS 'MODULE_PATHNAME', 'ootspg_next_xid'
LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION ootspg_internal.next_xid() IS 'the xid that no transaction has yet';

CREATE FUNCTION ootspg_internal.gather_leaves(run bigint, after bigint, until bigint) RETURNS bigint
AS 'MODULE_PATHNAME', 'ootspg_gather_leaves'
LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION ootspg_internal.gather_leaves(bigint, bigint, bigint) IS 'makes leaves of the rows in a range of event_id; returns how many';

CREATE FUNCTION ootspg_internal.tree_root(digests bytea[]) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_tree_root'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.tree_root(bytea[]) IS 'root over leaves, or over roots of subtrees of as many leaves each but the last';

CREATE FUNCTION ootspg_internal.tree_path(digests bytea[], place integer) RETURNS bytea[]
AS 'MODULE_PATHNAME', 'ootspg_tree_path'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.tree_path(bytea[], integer) IS 'inclusion proof (RFC 6962 §2.1.1) of the digest at that place, from 0';

CREATE FUNCTION ootspg_internal.leaf_digests(leaves bytea) RETURNS bytea[]
AS 'MODULE_PATHNAME', 'ootspg_leaf_digests'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.leaf_digests(bytea) IS 'digests of a chunk''s rows, in order';

CREATE FUNCTION ootspg_internal.leaf_place(leaves bytea, digest bytea) RETURNS integer
AS 'MODULE_PATHNAME', 'ootspg_leaf_place'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.leaf_place(bytea, bytea) IS 'where a digest stands in a chunk, from 0';

CREATE FUNCTION ootspg_internal.seal_detached(octets bytea, name text, key_uri text, certificate_uri text, provider text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_seal_detached'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg_internal.seal_detached(bytea, text, text, text, text) IS 'CMS signature (CAdES) upon the octets by a key in the provider''s place; raises OT004 when it cannot be used';

CREATE FUNCTION ootspg_internal.detached_facts(octets bytea, signature bytea, OUT fault text, OUT certificate_sha256 bytea) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_detached_facts'
LANGUAGE C STABLE STRICT ROWS 1 PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.detached_facts(bytea, bytea) IS 'why such a signature does not hold, NULL: it does; and whose it is';

CREATE FUNCTION ootspg_internal.judge_stamp(octets bytea, token bytea, OUT state text, OUT stamped_at timestamptz) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_judge_stamp'
LANGUAGE C STABLE STRICT ROWS 1 PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.judge_stamp(bytea, bytea) IS 'what a time stamp upon the octets is worth; who stamped is not looked at';

CREATE FUNCTION ootspg_internal.write_head(name text, kind text, octets bytea) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_write_head'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION ootspg_internal.write_head(text, text, bytea) IS 'writes a file into ootspg.audit_head_directory, where there is one; false: the log says why not';

CREATE FUNCTION ootspg_internal.log_head(line text) RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_log_head'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION ootspg_internal.log_head(text) IS 'a line of the server''s log';

CREATE FUNCTION ootspg_internal.json_moment(moment timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(to_json(to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'null');
END;
COMMENT ON FUNCTION ootspg_internal.json_moment(timestamptz) IS 'a moment in JSON, in UTC';

CREATE FUNCTION ootspg_internal.head_document(h ootspg.audit_head) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT convert_to(format('{"audit_head": 1, "provider": %s, "number": %s, "period_from": %s, "period_until": %s, "first_event": %s, "last_event": %s, "rows": %s, "root": "%s", "previous": %s, "made_at": %s}',
		to_json(h.provider), h.number, ootspg_internal.json_moment(h.period_from), ootspg_internal.json_moment(h.period_until), h.first_event, h.last_event, h.rows,
		encode(h.root, 'hex'), coalesce('"' || encode(h.previous, 'hex') || '"', 'null'), ootspg_internal.json_moment(h.made_at)), 'UTF8');
END;
COMMENT ON FUNCTION ootspg_internal.head_document(ootspg.audit_head) IS 'what is sealed of a head';

-- Of rows of nobody any provider's key tells that they were there. A head without a usable key stands without a seal.
CREATE FUNCTION ootspg_internal.seal_document(provider text, document bytea, OUT seal_key text, OUT seal bytea, OUT fault text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	k ootspg.seal_key;
BEGIN
	fault := 'there is no seal key';
	FOR k IN SELECT x.* FROM ootspg.seal_key x WHERE seal_document.provider IN ('', x.provider) ORDER BY x.provider, x.seal_key LOOP
		BEGIN
			seal := ootspg_internal.seal_detached(document, k.seal_key, k.key_uri, k.certificate_uri, k.provider);
			seal_key := k.seal_key;
			fault := NULL;
			RETURN;
		EXCEPTION WHEN SQLSTATE 'OT004' THEN
			fault := SQLERRM;
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.seal_document(text, bytea) IS 'a detached seal by the first key of the provider that can be used, or why there is none';

CREATE FUNCTION ootspg_internal.make_heads(run bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.audit_run;
	h ootspg.audit_head;
	s record;
BEGIN
	SELECT * INTO STRICT r FROM ootspg_internal.audit_run x WHERE x.run = make_heads.run;
	FOR h.provider, h.number, h.first_event, h.last_event, h.rows, h.root IN
		SELECT l.provider, l.number, min(l.first_event), max(l.last_event), sum(l.count), ootspg_internal.tree_root(array_agg(l.root ORDER BY l.chunk))
		  FROM ootspg_internal.audit_leaf l WHERE l.run = make_heads.run GROUP BY l.provider, l.number ORDER BY l.provider LOOP
		h.run := r.run;
		h.period_from := r.begun_after;
		h.period_until := r.marked_at;
		h.made_at := clock_timestamp();
		h.previous := (SELECT p.digest FROM ootspg.audit_head p WHERE p.provider = h.provider AND p.number = h.number - 1);
		h.document := ootspg_internal.head_document(h);
		h.digest := sha256(h.document);
		SELECT * INTO s FROM ootspg_internal.seal_document(h.provider, h.document);
		h.seal_key := s.seal_key;
		h.seal := s.seal;
		h.fault := s.fault;
		INSERT INTO ootspg.audit_head SELECT h.*;
		-- a time-stamping authority is asked by the exchange worker, as for seals of evidence
		INSERT INTO ootspg_internal.stamping (exchange_id, number, inbox_id, asked, piece, imprint, next_at, give_up_at)
		SELECT 0, coalesce((SELECT max(x.number) FROM ootspg_internal.stamping x WHERE x.exchange_id = 0), 0) + 1, 0, h.digest, ''::bytea, sha256(h.seal), now(), now() + interval '1 day'
		 WHERE h.seal IS NOT NULL AND EXISTS (SELECT FROM ootspg.time_stamp_authority);
	END LOOP;
	UPDATE ootspg_internal.audit_run x SET finished_at = clock_timestamp() WHERE x.run = make_heads.run;
END $$;
COMMENT ON FUNCTION ootspg_internal.make_heads(bigint) IS 'makes the heads of a run whose leaves are all there';

-- What has no line in the log yet, and no files: after the commit, so that nobody keeps a head that does not exist.
CREATE FUNCTION ootspg_internal.file_heads() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	h ootspg.audit_head;
	name text;
	t record;
BEGIN
	FOR t IN SELECT s.asked, s.number, s.token FROM ootspg_internal.stamping s WHERE s.exchange_id = 0 AND s.token IS NOT NULL FOR UPDATE SKIP LOCKED LOOP
		UPDATE ootspg.audit_head x SET stamp = t.token, filed_at = NULL WHERE x.digest = t.asked AND x.stamp IS NULL;
		DELETE FROM ootspg_internal.stamping s WHERE s.exchange_id = 0 AND s.number = t.number;
	END LOOP;
	FOR h IN SELECT x.* FROM ootspg.audit_head x WHERE x.filed_at IS NULL ORDER BY x.provider, x.number LIMIT 100 LOOP
		name := format('%s-%s', coalesce(nullif(h.provider, ''), '+nobody'), lpad(h.number::text, 10, '0'));
		CONTINUE WHEN NOT (ootspg_internal.write_head(name, 'json', h.document)
			AND coalesce(ootspg_internal.write_head(name, 'p7s', h.seal), true) AND coalesce(ootspg_internal.write_head(name, 'tst', h.stamp), true));
		PERFORM ootspg_internal.log_head(format('audit head %s of provider "%s": %s rows to event %s, root %s, digest %s, %s', h.number, h.provider, h.rows, h.last_event, encode(h.root, 'hex'), encode(h.digest, 'hex'),
			CASE WHEN h.seal IS NULL THEN 'not sealed' WHEN h.stamp IS NOT NULL THEN 'sealed and time-stamped' ELSE 'sealed' END));
		UPDATE ootspg.audit_head x SET filed_at = clock_timestamp() WHERE x.provider = h.provider AND x.number = h.number;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.file_heads() IS 'takes time stamps that have come; writes heads into the log and into ootspg.audit_head_directory';

-- One bounded step: what is there is filed; a range is marked; its rows become leaves once all who could write them are over; its heads are made.
CREATE FUNCTION ootspg_internal.audit_head_step(pause interval) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	most CONSTANT bigint := 262144;		-- of a run, so that what verifies it holds it in memory
	at_once CONSTANT bigint := 8192;
	r ootspg_internal.audit_run;
	last bigint;
	until bigint;
BEGIN
	-- what is read must be read anew
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'heads of the audit are made in transactions that read what is committed' USING ERRCODE = 'active_sql_transaction', HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED.';
	END IF;
	LOCK TABLE ootspg_internal.audit_run IN SHARE ROW EXCLUSIVE MODE;
	PERFORM ootspg_internal.file_heads();
	SELECT * INTO r FROM ootspg_internal.audit_run x ORDER BY x.run DESC LIMIT 1;
	IF NOT FOUND OR r.finished_at IS NOT NULL THEN
		SELECT s.last_value INTO last FROM ootspg_internal.event_seq s WHERE s.is_called;
		until := least(last, greatest(coalesce(r.last_event, 0), 0) + most);
		IF last IS NULL OR until <= coalesce(r.last_event, 0) OR (until = last AND r.marked_at > clock_timestamp() - pause) THEN
			RETURN 'idle';
		END IF;
		IF (SELECT q.seqcache FROM pg_sequence q WHERE q.seqrelid = 'ootspg_internal.event_seq'::regclass) <> 1 THEN
			RAISE EXCEPTION 'heads of the audit need numbers of events that are given in order' USING ERRCODE = 'OT006', HINT = 'ALTER SEQUENCE ootspg_internal.event_seq CACHE 1, and start the server again.';
		END IF;
		-- in this order: whoever has a number by now has an xid by then
		INSERT INTO ootspg_internal.audit_run (run, after_event, last_event, gathered_to, begun_after, marked_at, marked_by)
		VALUES (coalesce(r.run, 0) + 1, coalesce(r.last_event, -9223372036854775808), until, coalesce(r.last_event, -9223372036854775808), r.marked_at, clock_timestamp(), ootspg_internal.next_xid());
		RETURN 'marked';
	END IF;
	IF pg_snapshot_xmin(pg_current_snapshot()) < r.marked_by THEN
		RETURN 'waiting';
	END IF;
	IF r.gathered_to = r.after_event THEN
		PERFORM brin_summarize_new_values(i.indexrelid) FROM pg_inherits p JOIN pg_index i ON i.indrelid = p.inhrelid JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
		  WHERE p.inhparent IN ('ootspg.exchange_event'::regclass, 'ootspg.evidence_event'::regclass) AND m.amname = 'brin';
	END IF;
	until := least(greatest(r.gathered_to, 0) + at_once, r.last_event);
	PERFORM ootspg_internal.gather_leaves(r.run, r.gathered_to, until);
	UPDATE ootspg_internal.audit_run x SET gathered_to = until WHERE x.run = r.run;
	IF until < r.last_event THEN
		RETURN 'more';
	END IF;
	PERFORM ootspg_internal.make_heads(r.run);
	RETURN 'made';
END $$;
COMMENT ON FUNCTION ootspg_internal.audit_head_step(interval) IS 'the next step towards heads of the audit: idle, marked, waiting (for transactions that may still write), more, made';

CREATE FUNCTION ootspg_internal.require_maintainer() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT ootspg_internal.has_duty(session_user, 'maintain', NULL) AND NOT pg_has_role(session_user, current_user, 'USAGE') THEN
		RAISE EXCEPTION 'role "%" may not maintain the audit of all providers', session_user
			USING ERRCODE = 'insufficient_privilege', HINT = 'It takes the duty to maintain without a provider: ootspg.grant_duty(role, ''maintain'').';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_maintainer() IS 'refuses who has not the duty to maintain, for all providers';

CREATE FUNCTION ootspg.make_audit_heads() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_maintainer();
	RETURN ootspg_internal.audit_head_step('0 s');
END $$;
COMMENT ON FUNCTION ootspg.make_audit_heads() IS
'the next step towards heads of the audit, each a transaction of its own: marked (a range of rows), waiting (for transactions that may still write into it), more, made (heads), idle (nothing new). The exchange worker does this by itself, see ootspg.audit_head_interval; for the duty to maintain';
