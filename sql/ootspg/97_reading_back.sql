-- Reading back: what do the directories say about us, and is it what we serve? (D-REG-03)
-- One query for each evidence type, and one more for each of its lines, because requesters
-- filter by line. The exchange worker fetches; an answer is believed when its signature
-- chains to the roots of its environment, and only one that says so means "not registered".

CREATE TABLE ootspg_internal.directory_reading (
	reading_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	environment		text NOT NULL,
	service			text NOT NULL,
	evidence_type	text NOT NULL REFERENCES ootspg.evidence_type ON UPDATE CASCADE ON DELETE CASCADE,
	line			text NOT NULL,
	more			text NOT NULL DEFAULT '',
	next_at			timestamptz NOT NULL DEFAULT clock_timestamp(),
	failures		smallint NOT NULL DEFAULT 0,
	failure			text,
	verdict			text CHECK (verdict IN ('published', 'differs', 'missing')),
	differences		text[],
	checked_at		timestamptz,
	root_not_after	timestamptz,
	FOREIGN KEY (environment, service) REFERENCES ootspg.directory_source ON UPDATE CASCADE ON DELETE CASCADE,
	UNIQUE (environment, service, evidence_type, line)
);
COMMENT ON TABLE ootspg_internal.directory_reading IS 'queries and their last answers; line is empty for the query that names none';
COMMENT ON COLUMN ootspg_internal.directory_reading.more IS 'parameters that the directory asked for (DSD:ERR:0005), with our own values';
COMMENT ON COLUMN ootspg_internal.directory_reading.failure IS 'why the last reading told nothing; NULL: it did';

CREATE TABLE ootspg.registration_check (
	checked_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	environment		text NOT NULL,
	service			text NOT NULL,
	evidence_type	text NOT NULL,
	line			text NOT NULL,
	verdict			text NOT NULL,
	differences		text[]
);
CREATE INDEX registration_check_entry ON ootspg.registration_check (evidence_type, environment, service, line, checked_at);
COMMENT ON TABLE ootspg.registration_check IS 'history of what the directories said: a row whenever it changed';
COMMENT ON COLUMN ootspg.registration_check.line IS 'empty for the query without line';

-- Asking ---------------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.url_encoded(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(CASE WHEN chr(b.byte) ~ '[A-Za-z0-9._~-]' THEN chr(b.byte) ELSE '%' || upper(lpad(to_hex(b.byte), 2, '0')) END, '' ORDER BY b.place)
	  FROM (SELECT get_byte(convert_to(value, 'UTF8'), i) AS byte, i AS place FROM generate_series(0, octet_length(value) - 1) i) b;
END;
COMMENT ON FUNCTION ootspg_internal.url_encoded(text) IS 'percent-encoded (RFC 3986)';

CREATE FUNCTION ootspg_internal.reading_path(r ootspg_internal.directory_reading, country text) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target := ootspg_internal.target(r.service, r.environment);
BEGIN
	RETURN '/rest/search?queryId=' || ootspg_internal.url_encoded('urn:fdc:oots:dsd:ebxml-regrep:queries:dataservices-by-evidencetype-and-jurisdiction')
		|| '&evidence-type-classification=' || ootspg_internal.url_encoded(ootspg_internal.target_classification(t, r.evidence_type))
		|| '&country-code=' || country
		|| CASE WHEN r.line <> '' THEN '&specification=' || ootspg_internal.url_encoded(r.line) ELSE '' END || r.more;
END $$;
COMMENT ON FUNCTION ootspg_internal.reading_path(ootspg_internal.directory_reading, text) IS 'path and parameters of a query';

CREATE FUNCTION ootspg_internal.schedule_readings() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM ootspg_internal.directory_reading r
	 WHERE NOT EXISTS (SELECT FROM ootspg.directory_entry d JOIN ootspg.evidence_type e USING (evidence_type) JOIN ootspg.provider p USING (provider)
						WHERE d.evidence_type = r.evidence_type AND d.publish AND p.environment = r.environment
						  AND (r.line = '' OR r.line IN (SELECT l.line::text FROM ootspg.evidence_type_line l WHERE l.evidence_type = r.evidence_type)));
	INSERT INTO ootspg_internal.directory_reading (environment, service, evidence_type, line)
	SELECT s.environment, s.service, e.evidence_type, l.line
	  FROM ootspg.directory_source s JOIN ootspg.provider p USING (environment) JOIN ootspg.evidence_type e USING (provider)
	  JOIN ootspg.directory_entry d USING (evidence_type),
		   LATERAL (SELECT '' UNION ALL SELECT x.line::text FROM ootspg.evidence_type_line x
					 WHERE x.evidence_type = e.evidence_type AND s.accept_version <> 'oots-cs:v1.0') l(line)	-- 1.0 knows no such parameter
	 WHERE d.publish
	ON CONFLICT DO NOTHING;
END $$;
COMMENT ON FUNCTION ootspg_internal.schedule_readings() IS 'a query for each entry and line that is published, and for no other';

-- A query that cannot be made tells so in its row, and keeps no other from being asked.
CREATE FUNCTION ootspg_internal.take_readings(most integer, OUT reading_id bigint, OUT base_url text, OUT path text, OUT accept_version text,
	OUT ca_uri text, OUT proxy text, OUT roots_uri text, OUT timeout_ms integer)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.directory_reading;
	s ootspg.directory_source;
BEGIN
	PERFORM ootspg_internal.schedule_readings();
	FOR r IN SELECT d.* FROM ootspg_internal.directory_reading d WHERE d.next_at <= clock_timestamp()
			  ORDER BY d.next_at LIMIT most FOR UPDATE SKIP LOCKED LOOP
		SELECT x.* INTO STRICT s FROM ootspg.directory_source x WHERE x.environment = r.environment AND x.service = r.service;
		BEGIN
			path := ootspg_internal.reading_path(r, s.country);
			reading_id := r.reading_id;
			base_url := rtrim(coalesce(s.base_url, ootspg_internal.discovered_url(s)), '/');
			IF base_url IS NULL THEN
				PERFORM ootspg_internal.keep_verdict(r, ROW(NULL, NULL, 'the address of the directory is not known: ootspg.directory_discovery', NULL)::ootspg_internal.reading_verdict, NULL);
				CONTINUE;
			END IF;
			accept_version := s.accept_version;
			ca_uri := s.ca_uri;
			proxy := s.proxy;
			roots_uri := s.roots_uri;
			timeout_ms := extract(epoch FROM s.call_timeout) * 1000;
			UPDATE ootspg_internal.directory_reading d SET next_at = clock_timestamp() + s.call_timeout + interval '1 min'	-- in case its answer is lost
			 WHERE d.reading_id = r.reading_id;
			RETURN NEXT;
		EXCEPTION WHEN OTHERS THEN
			PERFORM ootspg_internal.keep_verdict(r, ROW(NULL, NULL, format('the query could not be made: SQLSTATE %s', SQLSTATE), NULL)::ootspg_internal.reading_verdict, NULL);
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
	UPDATE ootspg_internal.directory_reading SET next_at = clock_timestamp();
	PERFORM ootspg_internal.wake_for_configuration();
END $$;
COMMENT ON FUNCTION ootspg.read_directories() IS 'have all entries read back now; ootspg.registration tells the outcome';

-- Judging --------------------------------------------------------------------------

CREATE TYPE ootspg_internal.reading_verdict AS (verdict text, differences text[], failure text, more text);
COMMENT ON TYPE ootspg_internal.reading_verdict IS 'what an answer means: a verdict, or why there is none, or what to ask next';

-- Hosts and environments of the repository vary; what stands behind them names the thing.
CREATE FUNCTION ootspg_internal.without_host(url text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT lower(regexp_replace(url, '^https?://[^/]+/', ''));
END;
COMMENT ON FUNCTION ootspg_internal.without_host(text) IS 'path of a URL, for comparing';

CREATE FUNCTION ootspg_internal.expected_distributions(t ootspg.directory_target, evidence_type text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ARRAY(
		SELECT DISTINCT concat_ws(' ', d.media_type, CASE WHEN s.structured THEN ootspg_internal.without_host(
			ootspg_internal.target_model(t, d.model, d.model_version) || CASE WHEN (t).line = 'oots-edm:v2.0' AND d.subset IS NOT NULL THEN '/' || d.subset ELSE '' END) END)
		  FROM ootspg.distribution d, LATERAL (SELECT d.media_type IN ('application/xml', 'application/json') AS structured) s
		 WHERE d.evidence_type = expected_distributions.evidence_type ORDER BY 1);
END;
COMMENT ON FUNCTION ootspg_internal.expected_distributions(ootspg.directory_target, text) IS 'formats and data models as the directory should tell them';

-- Rows of an answer that are about our evidence type and our provider.
CREATE FUNCTION ootspg_internal.our_entries(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea,
	OUT object integer, OUT data_service text, OUT level_of_assurance text, OUT access text, OUT conforms_to text[], OUT country text, OUT distribution text)
RETURNS SETOF record
LANGUAGE sql
BEGIN ATOMIC
	SELECT a.object, lower(a.data_service), a.level_of_assurance, a.access_service_scheme || '::' || a.access_service, a.conforms_to, a.country,
		   concat_ws(' ', a.media_type, ootspg_internal.without_host(a.data_model))
	  FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a, ootspg.evidence_type e JOIN ootspg.provider p USING (provider)
	 WHERE e.evidence_type = (r).evidence_type AND a.class = 'registered' AND a.publisher_scheme = p.scheme AND a.publisher = p.identifier
	   AND lower(ootspg_internal.eb_key(a.classification)) IN (SELECT lower(ootspg_internal.eb_key(l.classification)) FROM ootspg.evidence_type_line l
																 WHERE l.evidence_type = e.evidence_type);
END;
COMMENT ON FUNCTION ootspg_internal.our_entries(ootspg_internal.directory_reading, integer, text, bytea) IS 'what an answer says about us';

CREATE FUNCTION ootspg_internal.compare_entry(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea) RETURNS ootspg_internal.reading_verdict
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target := ootspg_internal.target(r.service, r.environment);
	e ootspg.evidence_type;
	p ootspg.provider;
	found record;
	wanted record;
	differences text[];
BEGIN
	SELECT * INTO STRICT e FROM ootspg.evidence_type x WHERE x.evidence_type = r.evidence_type;
	SELECT * INTO STRICT p FROM ootspg.provider x WHERE x.provider = e.provider;
	SELECT count(DISTINCT o.object) AS objects, array_agg(DISTINCT o.data_service) AS services, array_agg(DISTINCT o.access) AS accesses,
		   array_agg(DISTINCT o.distribution) AS distributions, array_agg(DISTINCT o.country) AS countries,
		   array_agg(DISTINCT o.level_of_assurance) FILTER (WHERE o.level_of_assurance IS NOT NULL) AS levels,
		   (SELECT array_agg(DISTINCT c) FROM ootspg_internal.our_entries(r, http_status, content_type, body) x, unnest(x.conforms_to) c) AS lines
	  INTO found FROM ootspg_internal.our_entries(r, http_status, content_type, body) o;
	-- a signed answer to another query says nothing about this one
	IF NOT EXISTS (SELECT FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a JOIN ootspg.evidence_type_line l
					ON lower(ootspg_internal.eb_key(l.classification)) = lower(ootspg_internal.eb_key(a.classification)) WHERE l.evidence_type = r.evidence_type) THEN
		RETURN ROW(NULL, NULL, 'the answer is about another evidence type', NULL)::ootspg_internal.reading_verdict;
	END IF;
	IF found.objects = 0 OR (r.line <> '' AND r.line <> ALL (coalesce(found.lines, '{}'))) THEN
		RETURN ROW('missing', NULL, NULL, NULL)::ootspg_internal.reading_verdict;
	END IF;
	IF r.line <> '' THEN
		RETURN ROW('published', NULL, NULL, NULL)::ootspg_internal.reading_verdict;
	END IF;
	SELECT ARRAY(SELECT a.party_id_type || '::' || a.party_id FROM ootspg.access_service a WHERE a.provider = e.provider ORDER BY 1) AS accesses,
		   ARRAY(SELECT l.line::text FROM ootspg.evidence_type_line l WHERE l.evidence_type = e.evidence_type AND l.line::text = ANY (t.lines::text[])) AS lines,
		   ootspg_internal.expected_distributions(t, e.evidence_type) AS distributions INTO wanted;
	SELECT array_agg(d.difference ORDER BY d.place) INTO differences FROM (VALUES
		(1, 'identifier', found.services <> ARRAY[e.data_service::text]),
		(2, 'access service', found.accesses <> wanted.accesses),
		(3, 'lines', NOT found.lines @> wanted.lines),
		(4, 'distributions', found.distributions <> wanted.distributions),
		(5, 'level of assurance', t.level_of_assurance AND found.levels IS DISTINCT FROM ARRAY[e.level_of_assurance]),
		(6, 'country', found.countries IS DISTINCT FROM ARRAY[p.country]),
		(7, 'registered twice', found.objects > 1)) d(place, difference, there)
	 WHERE d.there;
	RETURN ROW(CASE WHEN differences IS NULL THEN 'published' ELSE 'differs' END, differences, NULL, NULL)::ootspg_internal.reading_verdict;
END $$;
COMMENT ON FUNCTION ootspg_internal.compare_entry(ootspg_internal.directory_reading, integer, text, bytea) IS 'an entry beside what we serve';

-- DSD:ERR:0005: answered with our own jurisdiction and our own supported values.
CREATE FUNCTION ootspg_internal.further_parameters(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
	SELECT string_agg(q.parameter, '') FROM (
		SELECT DISTINCT '&' || ootspg_internal.url_encoded(v.name) || '=' || ootspg_internal.url_encoded(v.value) AS parameter
		  FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a
		  JOIN ootspg.evidence_type e ON e.evidence_type = (r).evidence_type
		  LEFT JOIN ootspg.publisher d USING (provider)
		  LEFT JOIN ootspg.provider_concept c ON c.provider = e.provider AND c.concept::text = lower(a.input_id),
			   LATERAL (VALUES ('evidence-type-id', CASE WHEN a.input = 'jurisdiction' THEN a.data_service END),
				('jurisdiction-context-id', CASE WHEN a.input = 'jurisdiction' THEN a.input_id END),
				(CASE a.input_level WHEN 'LAU' THEN 'jurisdiction-admin-l3' ELSE 'jurisdiction-admin-l2' END,
				 CASE WHEN a.input = 'jurisdiction' THEN CASE a.input_level WHEN 'LAU' THEN d.jurisdiction_lau ELSE d.jurisdiction_nuts END END),
				(a.input_id, CASE WHEN a.input = 'concept' THEN c.supported[1] END)) v(name, value)
		 WHERE a.class = 'additional input' AND v.value IS NOT NULL) q;
END;
COMMENT ON FUNCTION ootspg_internal.further_parameters(ootspg_internal.directory_reading, integer, text, bytea) IS 'what the directory asks for, with our values; NULL when we have none';

CREATE FUNCTION ootspg_internal.judge_reading(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea) RETURNS ootspg_internal.reading_verdict
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	said record;
	more text;
BEGIN
	SELECT a.class, a.code, a.reason INTO said FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a LIMIT 1;
	CASE said.class
	WHEN 'registered' THEN
		RETURN ootspg_internal.compare_entry(r, http_status, content_type, body);
	WHEN 'not registered' THEN
		RETURN ROW('missing', NULL, NULL, NULL)::ootspg_internal.reading_verdict;
	WHEN 'additional input' THEN
		more := ootspg_internal.further_parameters(r, http_status, content_type, body);
		IF more IS NULL OR r.more <> '' THEN
			RETURN ROW(NULL, NULL, 'the directory asks for values that we do not have', NULL)::ootspg_internal.reading_verdict;
		END IF;
		RETURN ROW(NULL, NULL, NULL, more)::ootspg_internal.reading_verdict;
	ELSE
		RETURN ROW(NULL, NULL, concat_ws(': ', said.class, said.code, said.reason), NULL)::ootspg_internal.reading_verdict;
	END CASE;
END $$;
COMMENT ON FUNCTION ootspg_internal.judge_reading(ootspg_internal.directory_reading, integer, text, bytea) IS 'what a verified answer means';

CREATE FUNCTION ootspg_internal.keep_verdict(r ootspg_internal.directory_reading, v ootspg_internal.reading_verdict, root_not_after timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s ootspg.directory_source;
BEGIN
	SELECT * INTO STRICT s FROM ootspg.directory_source x WHERE x.environment = r.environment AND x.service = r.service;
	IF v.more IS NOT NULL THEN
		UPDATE ootspg_internal.directory_reading d SET more = v.more, next_at = clock_timestamp() WHERE d.reading_id = r.reading_id;
	ELSIF v.verdict IS NULL THEN
		UPDATE ootspg_internal.directory_reading d SET failure = v.failure, failures = least(r.failures + 1, 100), more = '',
			   next_at = clock_timestamp() + least(s.read_every, interval '10 s' * 2 ^ least(r.failures, 12))
		 WHERE d.reading_id = r.reading_id;
	ELSE
		UPDATE ootspg_internal.directory_reading d SET failure = NULL, failures = 0, more = '', verdict = v.verdict, differences = v.differences,
			   checked_at = clock_timestamp(), root_not_after = keep_verdict.root_not_after, next_at = clock_timestamp() + s.read_every
		 WHERE d.reading_id = r.reading_id;
		IF (v.verdict, v.differences) IS DISTINCT FROM (r.verdict, r.differences) THEN
			INSERT INTO ootspg.registration_check (environment, service, evidence_type, line, verdict, differences)
			VALUES (r.environment, r.service, r.evidence_type, r.line, v.verdict, v.differences);
			PERFORM pg_notify('ootspg_registration', concat_ws(' ', r.environment, r.service, r.evidence_type, nullif(r.line, ''), v.verdict));
		END IF;
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.keep_verdict(ootspg_internal.directory_reading, ootspg_internal.reading_verdict, timestamptz) IS 'writes a verdict down, and tells it when it is a new one';

CREATE FUNCTION ootspg_internal.file_reading(reading_id bigint, http_status integer, content_type text, body bytea, digest text, signature text, trusted bytea) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.directory_reading;
	signed record;
	v ootspg_internal.reading_verdict;
	root_not_after timestamptz;
BEGIN
	SELECT * INTO r FROM ootspg_internal.directory_reading d WHERE d.reading_id = file_reading.reading_id FOR UPDATE;
	IF NOT FOUND THEN
		RETURN;	-- not published any more
	END IF;
	BEGIN
		IF http_status IS NULL THEN
			v.failure := 'the directory could not be reached';
		ELSIF http_status <> 200 THEN
			v.failure := format('the directory answered with HTTP status %s', http_status);
		ELSE
			SELECT * INTO signed FROM ootspg_internal.verify_directory_answer(body, digest, signature, trusted);
			root_not_after := signed.root_not_after;
			IF signed.valid THEN
				v := ootspg_internal.judge_reading(r, http_status, content_type, body);
			ELSE
				v.failure := format('the signature of the answer is not accepted: %s, %s', signed.refused, signed.reason);
			END IF;
		END IF;
	EXCEPTION WHEN OTHERS THEN
		v := ROW(NULL, NULL, format('the answer could not be judged: SQLSTATE %s', SQLSTATE), NULL)::ootspg_internal.reading_verdict;
	END;
	PERFORM ootspg_internal.keep_verdict(r, v, root_not_after);
END $$;
COMMENT ON FUNCTION ootspg_internal.file_reading(bigint, integer, text, bytea, text, text, bytea) IS
'what came for a query: believed only with a valid signature; a failure keeps the verdict of before. Called by the exchange worker';

CREATE VIEW ootspg.registration WITH (security_barrier) AS
SELECT e.evidence_type, e.provider, p.environment, l.line,
	   CASE WHEN NOT d.publish THEN 'not to be published'
			WHEN s.environment IS NULL THEN 'unknown'
			WHEN a.verdict IS NULL OR a.checked_at < clock_timestamp() - 3 * s.read_every THEN 'unknown'
			WHEN a.verdict = 'missing' OR b.verdict = 'missing' THEN 'missing'
			ELSE a.verdict END AS state,
	   a.differences,
	   a.checked_at AS last_checked,
	   coalesce(a.failure, b.failure, CASE WHEN s.environment IS NULL AND d.publish THEN 'no directory to read: ootspg.directory_source' END) AS failure,
	   least(a.next_at, b.next_at) AS next_check,
	   a.root_not_after
  FROM ootspg.evidence_type e
  JOIN ootspg.provider p USING (provider)
  JOIN ootspg.directory_entry d USING (evidence_type)
  JOIN ootspg.evidence_type_line l USING (evidence_type)
  LEFT JOIN ootspg.directory_source s ON s.environment = p.environment AND s.service = 'dsd'
  LEFT JOIN ootspg_internal.directory_reading a ON (a.environment, a.service, a.evidence_type, a.line) = (s.environment, s.service, e.evidence_type, '')
  LEFT JOIN ootspg_internal.directory_reading b ON (b.environment, b.service, b.evidence_type, b.line) = (s.environment, s.service, e.evidence_type, l.line::text)
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*', e.provider] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.registration IS 'what the Data Services Directory says about each evidence type and line, beside what is served';
COMMENT ON COLUMN ootspg.registration.state IS 'published; differs: see differences; missing; unknown: never read, or not for three times read_every; not to be published';
COMMENT ON COLUMN ootspg.registration.differences IS 'identifier, access service, lines, distributions, level of assurance, country, registered twice';
COMMENT ON COLUMN ootspg.registration.failure IS 'why the last reading told nothing; the state is that of the reading before';
COMMENT ON COLUMN ootspg.registration.root_not_after IS 'end of the root certificate that the last signature chained to';

SELECT pg_catalog.pg_extension_config_dump('ootspg.registration_check', '');
