-- Named exchanges for whoever may ask for them (D-LOG-25): one file with nothing of any other exchange, sealed, which
-- ootspg-audit verifies without this database.

CREATE FUNCTION ootspg_internal.zip(names text[], contents bytea[]) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_zip'
LANGUAGE C IMMUTABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.zip(text[], bytea[]) IS 'a ZIP file of files that are not compressed';

-- What is in one exchange's rows, as the manifest lists it; messages are files of their own.
CREATE FUNCTION ootspg_internal.export_rows(exchange bigint) RETURNS TABLE (row_fact jsonb, names text[], contents bytea[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT jsonb_build_object('exchange', export_rows.exchange, 'table', p.table_name, 'event_id', p.event_id, 'provider', p.provider, 'state', p.state, 'file', format('rows/%s-%s.txt', p.table_name, p.event_id),
				'head', p.head, 'rows', p.rows, 'place', p.place, 'path', (SELECT coalesce(jsonb_agg(encode(x.h, 'hex') ORDER BY x.n), '[]') FROM unnest(p.path) WITH ORDINALITY x(h, n)))
			|| CASE WHEN e.first_part IS NULL THEN '{}' ELSE jsonb_build_object('first_part', format('messages/%s-first_part', p.event_id)) END
			|| CASE WHEN e.header IS NULL THEN '{}' ELSE jsonb_build_object('header', format('messages/%s-header', p.event_id)) END,
		   array_remove(ARRAY[format('rows/%s-%s.txt', p.table_name, p.event_id), CASE WHEN e.first_part IS NOT NULL THEN format('messages/%s-first_part', p.event_id) END,
							  CASE WHEN e.header IS NOT NULL THEN format('messages/%s-header', p.event_id) END], NULL),
		   array_remove(ARRAY[p.content, e.first_part, e.header], NULL)
	  FROM ootspg.audit_proof(export_rows.exchange) p
	  LEFT JOIN ootspg.exchange_event e ON p.table_name = 'exchange_event' AND e.event_id = p.event_id AND e.exchange_id = export_rows.exchange
	 ORDER BY p.event_id;
END;
COMMENT ON FUNCTION ootspg_internal.export_rows(bigint) IS 'for each row of an exchange what an export says of it, and its files';

-- What somebody may look for and does not find.
CREATE FUNCTION ootspg_internal.export_missing(exchange bigint) RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT format('exchange %s: %s', export_missing.exchange, m.what)
	  FROM (VALUES
		(NOT EXISTS (SELECT FROM ootspg.exchange x WHERE x.exchange_id = export_missing.exchange), 'it has no row in ootspg.exchange'),
		(NOT EXISTS (SELECT FROM ootspg.exchange_event e WHERE e.exchange_id = export_missing.exchange AND e.direction = 'in' AND e.first_part IS NOT NULL), 'the request as it came'),
		(NOT EXISTS (SELECT FROM ootspg.exchange_event e WHERE e.exchange_id = export_missing.exchange AND e.direction = 'out' AND e.first_part IS NOT NULL), 'an answer as it left'),
		(NOT EXISTS (SELECT FROM ootspg.exchange_event e WHERE e.exchange_id = export_missing.exchange AND e.event_type = 'message_acknowledged'), 'the confirmation that the other access point received the answer'),
		(true, 'receipts and signatures of the access point, which it keeps itself'),
		(true, 'the evidence, which is never kept; its digests are in rows of evidence_event')) m(is_so, what)
	 WHERE m.is_so
	UNION ALL
	SELECT format('exchange %s: row %s of %s: %s', export_missing.exchange, p.event_id, p.table_name, CASE p.state WHEN 'no head yet' THEN 'it is too young to have a head' ELSE 'it is not what its head has: changed, or added' END)
	  FROM ootspg.audit_proof(export_missing.exchange) p WHERE p.state <> 'proven';
END;
COMMENT ON FUNCTION ootspg_internal.export_missing(bigint) IS 'what an export of the exchange lacks, in words';

-- Where the audit is encrypted to its readers, the wrapped keys of these rows go along: who has a reader's private key opens the messages.
CREATE FUNCTION ootspg_internal.export_keys(exchanges bigint[]) RETURNS TABLE (name text, content bytea)
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT format('keys/%s-%s.cms', k.key_id, row_number() OVER (PARTITION BY k.key_id ORDER BY k.wrapped_at)), k.wrapped
	  FROM ootspg.audit_key k WHERE k.key_id IN (SELECT e.audit_key FROM ootspg.exchange_event e WHERE e.exchange_id = ANY (exchanges)) ORDER BY 1;
END;
COMMENT ON FUNCTION ootspg_internal.export_keys(bigint[]) IS 'wrapped keys of the rows of these exchanges, each a file';

CREATE FUNCTION ootspg.export_exchanges(exchanges bigint[], purpose text) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	ids bigint[] := ARRAY(SELECT DISTINCT i FROM unnest(exchanges) i WHERE i IS NOT NULL ORDER BY i);
	of_provider text;
	providers bigint;
	names text[] := '{}';
	contents bytea[] := '{}';
	facts jsonb := '[]';
	missing text[] := '{}';
	id bigint;
	item record;
	manifest bytea;
	sealed record;
BEGIN
	IF coalesce(btrim(purpose), '') = '' THEN
		RAISE EXCEPTION 'an export says what it is for' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT min(coalesce(e.provider, '')), count(DISTINCT coalesce(e.provider, '')) INTO of_provider, providers FROM ootspg.exchange_event e WHERE e.exchange_id = ANY (ids) AND e.exchange_id <> 0;
	IF providers = 0 OR 0 = ANY (ids) OR EXISTS (SELECT FROM unnest(ids) i WHERE NOT EXISTS (SELECT FROM ootspg.exchange_event e WHERE e.exchange_id = i)) THEN
		RAISE EXCEPTION 'there is no such exchange' USING ERRCODE = 'no_data_found', HINT = 'They are named by ootspg.exchange.exchange_id.';
	END IF;
	IF providers > 1 THEN
		RAISE EXCEPTION 'the exchanges are of several providers' USING ERRCODE = 'invalid_parameter_value', HINT = 'Each provider exports and seals its own.';
	END IF;
	IF NOT ootspg_internal.may_audit(of_provider) THEN
		RAISE EXCEPTION 'role "%" may not export exchanges of provider "%"', session_user, of_provider USING ERRCODE = 'insufficient_privilege', HINT = 'It takes the duty to audit.';
	END IF;
	-- for good before anything is shown, also where the caller rolls back
	PERFORM ootspg_internal.record_access(purpose, 'export', ids);
	FOREACH id IN ARRAY ids LOOP
		FOR item IN SELECT * FROM ootspg_internal.export_rows(id) LOOP
			facts := facts || item.row_fact;
			names := names || item.names;
			contents := contents || item.contents;
		END LOOP;
		SELECT names || format('exchanges/%s.json', x.exchange_id), contents || convert_to(jsonb_pretty(to_jsonb(x) - 'answer_header'), 'UTF8') INTO names, contents
		  FROM ootspg.exchange x WHERE x.exchange_id = id;
		missing := missing || ARRAY(SELECT m FROM ootspg_internal.export_missing(id) m);
	END LOOP;
	FOR item IN SELECT h.* FROM ootspg.audit_head h WHERE h.provider = of_provider AND h.number IN (SELECT (r ->> 'head')::bigint FROM jsonb_array_elements(facts) r) ORDER BY h.number LOOP
		names := names || format('heads/%s.json', item.number);
		contents := contents || item.document;
		IF item.seal IS NOT NULL THEN
			names := names || format('heads/%s.p7s', item.number);
			contents := contents || item.seal;
		ELSE
			missing := missing || format('head %s: it has no seal', item.number);
		END IF;
		IF item.stamp IS NOT NULL THEN
			names := names || format('heads/%s.tst', item.number);
			contents := contents || item.stamp;
		END IF;
	END LOOP;
	FOR item IN SELECT k.* FROM ootspg_internal.export_keys(ids) k LOOP
		names := names || item.name;
		contents := contents || item.content;
	END LOOP;
	manifest := convert_to(jsonb_pretty(jsonb_build_object('ootspg_export', 1, 'provider', of_provider, 'made_at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
		'made_by', session_user, 'purpose', purpose, 'exchanges', to_jsonb(ids), 'rows', facts, 'missing', to_jsonb(missing),
		'files', (SELECT jsonb_agg(jsonb_build_object('name', f.name, 'size', length(f.content), 'sha256', encode(sha256(f.content), 'hex')) ORDER BY f.n) FROM unnest(names, contents) WITH ORDINALITY f(name, content, n)))), 'UTF8');
	SELECT * INTO sealed FROM ootspg_internal.seal_document(of_provider, manifest);
	IF sealed.seal IS NULL THEN
		RAISE EXCEPTION 'the export cannot be sealed: %', sealed.fault USING ERRCODE = 'OT004', HINT = 'Set a seal key of the provider: ootspg.set_seal_key().';
	END IF;
	PERFORM ootspg_internal.prepare_audit(now());
	INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type, facts)
	VALUES (now(), 0, nullif(of_provider, ''), 'exported', jsonb_build_object('exchanges', to_jsonb(ids), 'manifest_sha256', encode(sha256(manifest), 'hex')));
	RETURN ootspg_internal.zip(ARRAY['manifest.json', 'manifest.p7s'] || names, ARRAY[manifest, sealed.seal] || contents);
END $$;
COMMENT ON FUNCTION ootspg.export_exchanges(bigint[], text) IS
'these exchanges of one provider as a ZIP file: the rows of the audit, messages as they travelled, heads with seals and inclusion proofs, and what is missing; sealed by the provider. ootspg-audit verify checks it on any machine. The export itself is an event of the audit; for the duty to audit (D-LOG-25, IR (EU) 2022/1463 art. 17(5))';
