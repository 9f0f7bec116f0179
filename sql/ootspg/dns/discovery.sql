-- Where a directory is, when its source does not say so: by a NAPTR record of a name that
-- has country, directory and environment in it. The exchange worker looks the names up; what
-- it finds is kept as long as the record may be, and longer when nothing newer can be found.

CREATE TABLE ootspg_internal.directory_discovery (
	environment		text NOT NULL,
	service			text NOT NULL,
	name			text NOT NULL,
	base_url		text,
	found_at		timestamptz,
	valid_until		timestamptz,
	next_at			timestamptz NOT NULL DEFAULT clock_timestamp(),
	failures		smallint NOT NULL DEFAULT 0,
	failure			text,
	PRIMARY KEY (environment, service),
	FOREIGN KEY (environment, service) REFERENCES ootspg.directory_source ON UPDATE CASCADE ON DELETE CASCADE
);
COMMENT ON TABLE ootspg_internal.directory_discovery IS 'what DNS last said of each source without base_url; holds for its name only';
COMMENT ON COLUMN ootspg_internal.directory_discovery.failure IS 'why the last lookup told nothing; NULL: it did';

CREATE FUNCTION ootspg_internal.discovery_name(s ootspg.directory_source) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT lower((s).country) || '.' || (s).service || '.v1.cs.'
		|| CASE (s).environment WHEN 'production' THEN 'prod' WHEN 'acceptance' THEN 'acc' ELSE 'testing' END || '.oots.tech.ec.europa.eu';
END;
COMMENT ON FUNCTION ootspg_internal.discovery_name(ootspg.directory_source) IS
'name whose NAPTR record leads to a directory. The label of Greece is el, as in all codes of OOTS: nothing says that gr would be published instead, and where it is, base_url helps';

CREATE FUNCTION ootspg_internal.discovered_url(s ootspg.directory_source) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT d.base_url FROM ootspg_internal.directory_discovery d
	 WHERE d.environment = (s).environment AND d.service = (s).service AND d.name = ootspg_internal.discovery_name(s);
END;
COMMENT ON FUNCTION ootspg_internal.discovered_url(ootspg.directory_source) IS 'base URL as it was found for a source, NULL when it never was';

-- Asking ---------------------------------------------------------------------------

-- A source that has changed is another question. Nothing here waits for a row that somebody
-- has locked: the worker has more to do.
CREATE FUNCTION ootspg_internal.take_discoveries(most integer, OUT environment text, OUT service text, OUT name text) RETURNS SETOF record
LANGUAGE sql
BEGIN ATOMIC
	DELETE FROM ootspg_internal.directory_discovery d
	 WHERE (d.environment, d.service) IN (SELECT x.environment, x.service FROM ootspg_internal.directory_discovery x
										   WHERE NOT EXISTS (SELECT FROM ootspg.directory_source s WHERE s.environment = x.environment AND s.service = x.service
																AND s.base_url IS NULL AND ootspg_internal.discovery_name(s) = x.name)
											 FOR UPDATE SKIP LOCKED);
	INSERT INTO ootspg_internal.directory_discovery (environment, service, name)
	SELECT s.environment, s.service, ootspg_internal.discovery_name(s) FROM ootspg.directory_source s
	 WHERE s.base_url IS NULL
	   AND NOT EXISTS (SELECT FROM ootspg_internal.directory_discovery x WHERE x.environment = s.environment AND x.service = s.service);
	UPDATE ootspg_internal.directory_discovery d SET next_at = clock_timestamp() + interval '1 min'	-- in case its answer is lost
	 WHERE (d.environment, d.service) IN (SELECT x.environment, x.service FROM ootspg_internal.directory_discovery x WHERE x.next_at <= clock_timestamp() AND NOT ootspg_internal.is_silent_copy()
										   ORDER BY x.next_at LIMIT most FOR UPDATE SKIP LOCKED)
	RETURNING d.environment, d.service, d.name;
END;
COMMENT ON FUNCTION ootspg_internal.take_discoveries(integer) IS 'names that are due; called by the exchange worker, which looks them up';

-- Judging --------------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.read_naptr_answer(message bytea, OUT "order" integer, OUT preference integer, OUT flags text, OUT services text,
	OUT regexp text, OUT uri text, OUT refused text, OUT ttl integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_read_naptr_answer'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.read_naptr_answer(bytea) IS
'NAPTR records of a DNS message in the order in which they are tried, each with the URI it leads to, or why it leads nowhere (RFC 3402, RFC 3403); one row with refused alone when there is no answer. The service field is shown and not asked. Never raises for what is in the message';

-- The record gives https://host or https://host/path/; common services stand at /service there. Whoever answers
-- for DNS must not choose among the services of this host: what listens without TLS here is nobody's directory.
CREATE FUNCTION ootspg_internal.base_url_of(uri text, service text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require('gateway url', uri);
	IF uri !~ '^https://' AND NOT coalesce(current_setting('ootspg.discover_locally', true)::boolean, false) THEN
		RETURN NULL;
	END IF;
	RETURN rtrim(uri, '/') || CASE WHEN rtrim(uri, '/') ~ '^https?://[^/]+$' THEN '/' || service ELSE '' END;
EXCEPTION WHEN SQLSTATE 'OT003' THEN
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.base_url_of(text, text) IS 'base URL of a directory behind the URI of a record; NULL when it is not https';

CREATE FUNCTION ootspg_internal.choose_naptr(message bytea, service text, OUT base_url text, OUT ttl integer, OUT failure text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r record;
	reasons text[] := '{}';
BEGIN
	FOR r IN SELECT * FROM ootspg_internal.read_naptr_answer(message) LOOP
		IF r.ttl IS NULL THEN
			failure := r.refused;
			RETURN;
		END IF;
		base_url := ootspg_internal.base_url_of(r.uri, service);
		IF base_url IS NOT NULL THEN
			ttl := r.ttl;
			RETURN;
		END IF;
		r.refused := coalesce(r.refused, 'its URI is not https');
		IF r.refused <> ALL (reasons) THEN
			reasons := reasons || r.refused;
		END IF;
	END LOOP;
	failure := 'no NAPTR record can be used: ' || array_to_string(reasons, ', ');
END $$;
COMMENT ON FUNCTION ootspg_internal.choose_naptr(bytea, text) IS 'the directory that an answer leads to, or why to none';

-- Records are believed for five minutes at least and a day at most, whatever they say.
CREATE FUNCTION ootspg_internal.file_discovery(environment text, service text, name text, failure text, message bytea) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	d ootspg_internal.directory_discovery;
	chosen record;
BEGIN
	SELECT * INTO d FROM ootspg_internal.directory_discovery x
	 WHERE x.environment = file_discovery.environment AND x.service = file_discovery.service AND x.name = file_discovery.name FOR UPDATE SKIP LOCKED;
	IF NOT FOUND THEN
		RETURN;	-- the source has changed, or is about to be looked up anew
	END IF;
	IF failure IS NULL THEN
		BEGIN
			SELECT * INTO chosen FROM ootspg_internal.choose_naptr(message, service);
			failure := chosen.failure;
		EXCEPTION WHEN OTHERS THEN
			failure := format('the answer could not be judged: SQLSTATE %s', SQLSTATE);
		END;
	END IF;
	IF failure IS NOT NULL THEN
		UPDATE ootspg_internal.directory_discovery x SET failure = file_discovery.failure, failures = least(d.failures + 1, 100),
			   next_at = clock_timestamp() + least(interval '1 h', interval '10 s' * 2 ^ least(d.failures, 12))
		 WHERE x.environment = d.environment AND x.service = d.service;
		RETURN;
	END IF;
	d.found_at := clock_timestamp();
	d.valid_until := d.found_at + least(greatest(make_interval(secs => chosen.ttl), interval '5 min'), interval '1 d');
	UPDATE ootspg_internal.directory_discovery x SET base_url = chosen.base_url, found_at = d.found_at, valid_until = d.valid_until,
		   next_at = d.valid_until, failures = 0, failure = NULL
	 WHERE x.environment = d.environment AND x.service = d.service;
	IF d.base_url IS DISTINCT FROM chosen.base_url THEN
		UPDATE ootspg_internal.directory_reading r SET next_at = clock_timestamp()
		 WHERE r.reading_id IN (SELECT x.reading_id FROM ootspg_internal.directory_reading x
								 WHERE x.environment = d.environment AND x.service = d.service FOR UPDATE SKIP LOCKED);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.file_discovery(text, text, text, text, bytea) IS
'what DNS said of a name, or why it said nothing; a failure keeps what was found before. Called by the exchange worker';

-- For whoever has a duty: addresses of directories are public.
CREATE VIEW ootspg.directory_discovery AS
SELECT s.environment, s.service, ootspg_internal.discovery_name(s) AS name, d.base_url, d.found_at, d.valid_until, d.failure, d.next_at AS next_attempt
  FROM ootspg.directory_source s
  LEFT JOIN ootspg_internal.directory_discovery d ON (d.environment, d.service, d.name) = (s.environment, s.service, ootspg_internal.discovery_name(s))
 WHERE s.base_url IS NULL;
COMMENT ON VIEW ootspg.directory_discovery IS 'directories that are found by DNS: sources without base_url';
COMMENT ON COLUMN ootspg.directory_discovery.environment IS 'environment of the row of ootspg.directory_source';
COMMENT ON COLUMN ootspg.directory_discovery.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.directory_discovery.found_at IS 'when base_url was found';
COMMENT ON COLUMN ootspg.directory_discovery.next_attempt IS 'when the name is looked up again';
COMMENT ON COLUMN ootspg.directory_discovery.name IS 'name whose NAPTR records are looked up';
COMMENT ON COLUMN ootspg.directory_discovery.base_url IS 'what was found, in use even after valid_until until something else is; NULL: nothing yet';
COMMENT ON COLUMN ootspg.directory_discovery.valid_until IS 'end of the record''s life, by its TTL; then it is looked up again';
COMMENT ON COLUMN ootspg.directory_discovery.failure IS 'why the last lookup told nothing';
