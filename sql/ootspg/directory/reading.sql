-- Reading back: what do the directories say about us? (D-REG-03) To the Data Services
-- Directory one query for each evidence type, and one more for each of its lines, because
-- requesters filter by line; to the Evidence Broker one for each requirement that our types
-- prove. The exchange worker fetches; what an answer means is said in 97_registration_*.sql.

CREATE TABLE ootspg_internal.directory_reading (
	reading_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment		text NOT NULL,
	service			text NOT NULL,
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	line			text NOT NULL DEFAULT '',
	requirement		text NOT NULL DEFAULT '',
	more			text NOT NULL DEFAULT '',
	asked			text,
	answered		text,
	compare			boolean NOT NULL DEFAULT false,
	next_at			timestamptz NOT NULL DEFAULT clock_timestamp(),
	failures		smallint NOT NULL DEFAULT 0,
	failure			text,
	verdict			text CHECK (verdict IN ('published', 'differs', 'missing')),
	changed_at		timestamptz,
	checked_at		timestamptz,
	FOREIGN KEY (environment, service) REFERENCES ootspg.directory_source ON UPDATE CASCADE ON DELETE CASCADE,
	UNIQUE (environment, service, evidence_type, line, requirement)
);
COMMENT ON TABLE ootspg_internal.directory_reading IS 'what is asked about an evidence type, and what became of it';
COMMENT ON COLUMN ootspg_internal.directory_reading.line IS 'empty for the query that names none';
COMMENT ON COLUMN ootspg_internal.directory_reading.requirement IS 'asked of the Evidence Broker; empty for the other directory';
COMMENT ON COLUMN ootspg_internal.directory_reading.more IS 'parameters that the directory asked for (DSD:ERR:0005), with our own values';
COMMENT ON COLUMN ootspg_internal.directory_reading.asked IS 'the query under way; its answer is one to all readings that wait for it';
COMMENT ON COLUMN ootspg_internal.directory_reading.answered IS 'the query that the verdict is from';
COMMENT ON COLUMN ootspg_internal.directory_reading.compare IS 'to be compared with the answer that is there';
COMMENT ON COLUMN ootspg_internal.directory_reading.failure IS 'why the last reading told nothing; NULL: it did';
COMMENT ON COLUMN ootspg_internal.directory_reading.checked_at IS 'when the answer came that the verdict is from';

-- Refusals are not kept, only that there was one: so that none older is believed after it.
CREATE TABLE ootspg_internal.directory_answer (
	environment		text NOT NULL,
	service			text NOT NULL,
	query			text NOT NULL,
	content_type	text,
	body			bytea,
	received_at		timestamptz NOT NULL,
	signed_at		timestamptz,
	signer_not_after timestamptz,
	root_sha256		bytea NOT NULL,
	root_not_after	timestamptz NOT NULL,
	FOREIGN KEY (environment, service) REFERENCES ootspg.directory_source ON UPDATE CASCADE ON DELETE CASCADE,
	PRIMARY KEY (environment, service, query)
);
COMMENT ON TABLE ootspg_internal.directory_answer IS 'the last answer to each query whose signature was valid';
COMMENT ON COLUMN ootspg_internal.directory_answer.query IS 'versions asked for, path and parameters';
COMMENT ON COLUMN ootspg_internal.directory_answer.body IS 'NULL: a refusal';

-- Which queries ---------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.url_encoded(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(CASE WHEN chr(b.byte) ~ '[A-Za-z0-9._~-]' THEN chr(b.byte) ELSE '%' || upper(lpad(to_hex(b.byte), 2, '0')) END, '' ORDER BY b.place)
	  FROM (SELECT get_byte(convert_to(value, 'UTF8'), i) AS byte, i AS place FROM generate_series(0, octet_length(value) - 1) i) b;
END;
COMMENT ON FUNCTION ootspg_internal.url_encoded(text) IS 'percent-encoded (RFC 3986)';

CREATE FUNCTION ootspg_internal.requirement_url(t ootspg.directory_target, requirement text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce((t).repository, 'https://sr.oots.tech.ec.europa.eu') || '/requirements/' || requirement;
END;
COMMENT ON FUNCTION ootspg_internal.requirement_url(ootspg.directory_target, text) IS 'a requirement as the target names it';

CREATE FUNCTION ootspg_internal.reading_path(r ootspg_internal.directory_reading, country text) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target := ootspg_internal.target(r.service, r.environment);
BEGIN
	IF r.service = 'eb' THEN
		RETURN '/rest/search?queryId=' || ootspg_internal.url_encoded('urn:fdc:oots:eb:ebxml-regrep:queries:evidence-types-by-requirement-and-jurisdiction')
			|| '&requirement-id=' || ootspg_internal.url_encoded(ootspg_internal.requirement_url(t, r.requirement)) || '&country-code=' || country;
	END IF;
	RETURN '/rest/search?queryId=' || ootspg_internal.url_encoded('urn:fdc:oots:dsd:ebxml-regrep:queries:dataservices-by-evidencetype-and-jurisdiction')
		|| '&evidence-type-classification=' || ootspg_internal.url_encoded(ootspg_internal.target_classification(t, r.evidence_type))
		|| '&country-code=' || country
		|| CASE WHEN r.line <> '' THEN '&specification=' || ootspg_internal.url_encoded(r.line) ELSE '' END || r.more;
END $$;
COMMENT ON FUNCTION ootspg_internal.reading_path(ootspg_internal.directory_reading, text) IS 'path and parameters of a query';

CREATE FUNCTION ootspg_internal.wanted_readings(OUT environment text, OUT service text, OUT evidence_type text, OUT line text, OUT requirement text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT s.environment, s.service, e.evidence_type, about.line, about.requirement
	  FROM ootspg.directory_source s JOIN ootspg.provider p USING (environment) JOIN ootspg.evidence_type e USING (provider)
	  JOIN ootspg.directory_entry d USING (evidence_type),
		   LATERAL (
			SELECT '' AS line, '' AS requirement WHERE s.service = 'dsd'
			UNION ALL
			SELECT l.line::text, '' FROM ootspg.evidence_type_line l
			 WHERE l.evidence_type = e.evidence_type AND s.service = 'dsd' AND s.accept_version <> 'oots-cs:v1.0'	-- which knows no such parameter
			UNION
			SELECT '', l.requirement::text FROM ootspg.evidence_type_list l JOIN ootspg.evidence_type_list_member m USING (evidence_type_list)
			 WHERE m.evidence_type = e.evidence_type AND s.service = 'eb') about
	 WHERE d.publish;
END;
COMMENT ON FUNCTION ootspg_internal.wanted_readings() IS 'what should be asked: about each entry and line that is published, and each requirement it proves';

CREATE FUNCTION ootspg_internal.schedule_readings() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM ootspg_internal.directory_reading d WHERE d.reading_id IN (
		SELECT r.reading_id FROM ootspg_internal.directory_reading r
		 WHERE NOT EXISTS (SELECT FROM ootspg_internal.wanted_readings() w
							WHERE (w.environment, w.service, w.evidence_type, w.line, w.requirement) = (r.environment, r.service, r.evidence_type, r.line, r.requirement))
		   FOR UPDATE SKIP LOCKED);
	INSERT INTO ootspg_internal.directory_reading (environment, service, evidence_type, line, requirement)
	SELECT w.* FROM ootspg_internal.wanted_readings() w
	 WHERE NOT EXISTS (SELECT FROM ootspg_internal.directory_reading r	-- a conflict would wait for who holds the row
						WHERE (w.environment, w.service, w.evidence_type, w.line, w.requirement) = (r.environment, r.service, r.evidence_type, r.line, r.requirement))
	ON CONFLICT DO NOTHING;
	DELETE FROM ootspg_internal.directory_answer a WHERE a.received_at < clock_timestamp() - interval '30 days';
END $$;
COMMENT ON FUNCTION ootspg_internal.schedule_readings() IS 'a reading for everything that should be asked, and for nothing else';

CREATE FUNCTION ootspg_internal.configuration_changed() RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	SELECT ootspg_internal.schedule_readings();
	UPDATE ootspg_internal.directory_reading d SET compare = true WHERE d.reading_id IN (
		SELECT r.reading_id FROM ootspg_internal.directory_reading r WHERE r.answered IS NOT NULL AND NOT r.compare FOR UPDATE SKIP LOCKED);
END;
COMMENT ON FUNCTION ootspg_internal.configuration_changed() IS 'what is served may have changed: called by the exchange worker, which then compares';

-- Asking ---------------------------------------------------------------------------

-- A query that cannot be made tells so in its row, and keeps no other from being asked. One
-- that is under way already is not asked again. Whoever holds a row in a transaction of
-- theirs does not hold up the worker.
CREATE FUNCTION ootspg_internal.take_readings(most integer, OUT reading_id bigint, OUT base_url text, OUT path text, OUT accept_version text,
	OUT ca_uri text, OUT proxy text, OUT roots_uri text, OUT timeout_ms integer, OUT discovered boolean)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.directory_reading;
	s ootspg.directory_source;
	under_way boolean;
BEGIN
	FOR r IN SELECT d.* FROM ootspg_internal.directory_reading d WHERE d.next_at <= clock_timestamp() AND NOT ootspg_internal.is_silent_copy()
			  ORDER BY date_trunc('minute', d.next_at), d.environment, d.service, d.requirement, d.reading_id FOR UPDATE SKIP LOCKED LOOP
		SELECT x.* INTO STRICT s FROM ootspg.directory_source x WHERE x.environment = r.environment AND x.service = r.service;
		BEGIN
			path := ootspg_internal.reading_path(r, s.country);
			under_way := EXISTS (SELECT FROM ootspg_internal.directory_reading d
								  WHERE d.environment = r.environment AND d.service = r.service AND d.asked = path AND d.next_at > clock_timestamp());
			EXIT WHEN most <= 0 AND NOT under_way;
			base_url := rtrim(coalesce(s.base_url, ootspg_internal.discovered_url(s)), '/');
			IF base_url IS NULL THEN
				PERFORM ootspg_internal.keep_failure(r, s, 'the address of the directory is not known: ootspg.directory_discovery');
				CONTINUE;
			END IF;
			UPDATE ootspg_internal.directory_reading d
			   SET asked = path, next_at = clock_timestamp() + s.call_timeout + interval '1 min'	-- in case its answer is lost
			 WHERE d.reading_id = r.reading_id;
			CONTINUE WHEN under_way;
			reading_id := r.reading_id;
			accept_version := s.accept_version;
			ca_uri := s.ca_uri;
			proxy := s.proxy;
			roots_uri := s.roots_uri;
			timeout_ms := extract(epoch FROM s.call_timeout) * 1000;
			discovered := s.base_url IS NULL;
			most := most - 1;
			RETURN NEXT;
		EXCEPTION WHEN OTHERS THEN
			PERFORM ootspg_internal.keep_failure(r, s, format('the query could not be made: SQLSTATE %s', SQLSTATE));
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.take_readings(integer) IS 'queries that are due; called by the exchange worker, which asks them';

CREATE FUNCTION ootspg.read_directories() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT (ootspg_internal.has_duty(session_user, 'configure', NULL) OR ootspg_internal.has_duty(session_user, 'operate', NULL)) THEN
		RAISE EXCEPTION 'role "%" may not have the directories read', session_user
			USING ERRCODE = 'insufficient_privilege', HINT = 'ootspg.grant_duty() gives the duty to configure or to operate, for all providers.';
	END IF;
	PERFORM ootspg_internal.require_workers();
	UPDATE ootspg_internal.directory_discovery SET next_at = clock_timestamp();	-- first, as the worker does
	PERFORM ootspg_internal.schedule_readings();
	UPDATE ootspg_internal.directory_reading SET next_at = clock_timestamp(), asked = NULL;
	PERFORM ootspg_internal.wake_for_configuration();
END $$;
COMMENT ON FUNCTION ootspg.read_directories() IS 'have all entries read back now; ootspg.registration tells the outcome';

-- What is served has changed: the worker compares it with what is published.
DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['provider', 'evidence_type', 'evidence_type_line', 'distribution', 'distribution_language', 'data_model_location',
			'publisher', 'access_service', 'directory_entry', 'evidence_type_concept', 'provider_concept', 'directory_target',
			'evidence_type_list', 'evidence_type_list_member'] LOOP
		EXECUTE format('CREATE TRIGGER compare_registration AFTER INSERT OR UPDATE OR DELETE ON ootspg.%I'
					   ' FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker(''configuration'')', t);
	END LOOP;
END $$;
