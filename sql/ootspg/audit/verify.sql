-- Whether the audit is as it was when its heads were made, and the proof that a row belongs to a head.

CREATE FUNCTION ootspg_internal.verify_run(run bigint, after bigint, until bigint, OUT what text, OUT table_name text, OUT provider text, OUT head bigint,
	OUT event_id bigint, OUT exchange_id bigint, OUT event_time timestamptz) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_verify_run'
LANGUAGE C STABLE STRICT ROWS 10 PARALLEL UNSAFE;
COMMENT ON FUNCTION ootspg_internal.verify_run(bigint, bigint, bigint) IS 'rows of a run''s range that are not what its leaves say';

CREATE FUNCTION ootspg_internal.audit_rows(exchange bigint, OUT table_name text, OUT event_id bigint, OUT event_time timestamptz, OUT provider text, OUT content bytea, OUT leaf bytea)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_audit_rows'
LANGUAGE C STABLE STRICT ROWS 10 PARALLEL UNSAFE;
COMMENT ON FUNCTION ootspg_internal.audit_rows(bigint) IS 'rows of an exchange as heads see them: the text that is digested, and its leaf';

CREATE FUNCTION ootspg_internal.may_audit(provider text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT ootspg_internal.has_duty(session_user, 'audit', nullif(provider, ''));
END;
COMMENT ON FUNCTION ootspg_internal.may_audit(text) IS 'may the session''s user read the audit of the provider (none: all of it)?';

-- A head by itself: its leaves, its own text, its seal, and the head before it.
CREATE FUNCTION ootspg_internal.head_faults(run bigint, OUT provider text, OUT head bigint, OUT what text, OUT detail text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH trees AS (
		SELECT l.provider, l.number, sum(l.count) AS rows, ootspg_internal.tree_root(array_agg(l.root ORDER BY l.chunk)) AS root
		  FROM ootspg_internal.audit_leaf l WHERE l.run = head_faults.run GROUP BY l.provider, l.number)
	SELECT coalesce(h.provider, t.provider), coalesce(h.number, t.number), f.what, f.detail
	  FROM (SELECT * FROM ootspg.audit_head x WHERE x.run = head_faults.run) h FULL JOIN trees t ON t.provider = h.provider AND t.number = h.number
	  LEFT JOIN ootspg.audit_head p ON p.provider = h.provider AND p.number = h.number - 1
	  LEFT JOIN LATERAL ootspg_internal.detached_facts(h.document, h.seal) s ON h.seal IS NOT NULL
	  LEFT JOIN LATERAL ootspg_internal.judge_stamp(h.seal, h.stamp) m ON h.stamp IS NOT NULL,
		   LATERAL (VALUES
			(h.number IS NULL, 'head missing', 'there are leaves, but no head of them'),
			(t.number IS NULL, 'leaves missing', 'what a head was made of is gone'),
			(t.root <> h.root OR t.rows <> h.rows, 'leaves changed', 'the root over the leaves is not the head''s'),
			(h.document <> ootspg_internal.head_document(h), 'head changed', 'its columns are not what was sealed'),
			(h.digest <> sha256(h.document), 'head changed', 'its digest is not that of its document'),
			(h.number > 1 AND p.number IS NULL, 'head missing', 'there is no head before it'),
			(h.previous IS DISTINCT FROM p.digest AND (p.number IS NOT NULL OR h.number = 1), 'head changed', 'it names another head as the one before it'),
			(s.fault IS NOT NULL, 'seal broken', s.fault),
			(m.state IS NOT NULL AND m.state NOT IN ('valid', 'untrusted', 'not checked'), 'time stamp broken', m.state)) f(is_so, what, detail)
	 WHERE f.is_so;
END;
COMMENT ON FUNCTION ootspg_internal.head_faults(bigint) IS 'what is wrong with the heads of a run, apart from the rows';

CREATE FUNCTION ootspg.verify_audit("from" timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL)
RETURNS TABLE (what text, provider text, head bigint, table_name text, event_id bigint, exchange_id bigint, event_time timestamptz, detail text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.audit_run;
	before ootspg_internal.audit_run;
BEGIN
	FOR r IN SELECT x.* FROM ootspg_internal.audit_run x
			  WHERE x.finished_at IS NOT NULL AND x.marked_at >= coalesce(verify_audit."from", '-infinity') AND coalesce(x.begun_after, '-infinity') <= coalesce(verify_audit.until, 'infinity') ORDER BY x.run LOOP
		SELECT * INTO before FROM ootspg_internal.audit_run x WHERE x.run < r.run AND x.finished_at IS NOT NULL ORDER BY x.run DESC LIMIT 1;
		IF r.after_event <> coalesce(before.last_event, -9223372036854775808) AND ootspg_internal.may_audit('') THEN
			RETURN QUERY SELECT 'heads missing', ''::text, NULL::bigint, NULL::text, before.last_event, NULL::bigint, before.marked_at, format('rows from event %s on to %s belong to no run', before.last_event, r.after_event);
		END IF;
		RETURN QUERY SELECT f.what, f.provider, f.head, NULL::text, NULL::bigint, NULL::bigint, r.marked_at, f.detail
					   FROM ootspg_internal.head_faults(r.run) f WHERE ootspg_internal.may_audit(f.provider) ORDER BY f.provider, f.head;
		RETURN QUERY SELECT f.what, f.provider, f.head, f.table_name, f.event_id, f.exchange_id, f.event_time,
						CASE f.what WHEN 'row added' THEN 'no head has it' WHEN 'row changed' THEN 'it is not what its head has' WHEN 'row missing' THEN 'its head has it; ootspg.purge() did not take it' ELSE 'they are not what their digest says' END
					   FROM ootspg_internal.verify_run(r.run, r.after_event, r.last_event) f WHERE ootspg_internal.may_audit(f.provider) ORDER BY f.event_id, f.table_name;
	END LOOP;
	-- numbers that nobody was given yet: none is counted twice, for the sequence is read after the rows
	IF verify_audit.until IS NULL THEN
		RETURN QUERY SELECT 'row added'::text, coalesce(e.provider, ''), NULL::bigint, e.name, e.event_id, e.exchange_id, e.event_time, 'its number was never given'::text
					   FROM (SELECT 'exchange_event' AS name, x.provider, x.event_id, x.exchange_id, x.event_time FROM ootspg.exchange_event x WHERE x.event_id > (SELECT s.last_value FROM ootspg_internal.event_seq s)
							 UNION ALL SELECT 'evidence_event', x.provider, x.event_id, x.exchange_id, x.event_time FROM ootspg.evidence_event x WHERE x.event_id > (SELECT s.last_value FROM ootspg_internal.event_seq s)) e
					  WHERE ootspg_internal.may_audit(coalesce(e.provider, ''));
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.verify_audit(timestamptz, timestamptz) IS
'compares the audit of heads made in that time (NULL: of all) with its heads: no row is what one wishes for. what: row missing, row added, row changed; leaves, head, seal or time stamp where these themselves are not as they were. The first one comes first. What no head has yet is not looked at. Against who can write heads, too, compare ootspg.audit_head.digest with what was kept elsewhere (D-LOG-14)';

CREATE FUNCTION ootspg.audit_proof(exchange bigint)
RETURNS TABLE (table_name text, event_id bigint, provider text, state text, head bigint, rows bigint, place bigint, leaf bytea, path bytea[], root bytea, content bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT a.table_name, a.event_id, a.provider, CASE WHEN c.number IS NOT NULL THEN 'proven' WHEN r.run IS NOT NULL THEN 'not as it was' ELSE 'no head yet' END,
		   c.number, h.rows, c.chunk * 1024::bigint + c.place, a.leaf,
		   ootspg_internal.tree_path(ootspg_internal.leaf_digests(c.leaves), c.place)
			|| ootspg_internal.tree_path((SELECT array_agg(l.root ORDER BY l.chunk) FROM ootspg_internal.audit_leaf l WHERE l.provider = c.provider AND l.number = c.number), c.chunk),
		   h.root, a.content
	  FROM ootspg_internal.audit_rows(exchange) a
	  LEFT JOIN ootspg_internal.audit_run r ON r.finished_at IS NOT NULL AND a.event_id > r.after_event AND a.event_id <= r.last_event
	  LEFT JOIN LATERAL (SELECT x.*, ootspg_internal.leaf_place(x.leaves, a.leaf) AS place FROM ootspg_internal.audit_leaf x
						  WHERE x.run = r.run AND x.provider = a.provider AND a.event_id BETWEEN x.first_event AND x.last_event AND ootspg_internal.leaf_place(x.leaves, a.leaf) IS NOT NULL LIMIT 1) c ON true
	  LEFT JOIN ootspg.audit_head h ON h.provider = c.provider AND h.number = c.number
	 WHERE ootspg_internal.may_audit(a.provider)
	 ORDER BY a.event_id, a.table_name;
END $$;
COMMENT ON FUNCTION ootspg.audit_proof(bigint) IS
'for each row of the audit about an exchange the text that is digested (content), its leaf, where it stands among the rows of its head, and the inclusion proof (path, RFC 6962 §2.1.1) that leads to the head''s root. state: proven; no head yet; not as it was';
