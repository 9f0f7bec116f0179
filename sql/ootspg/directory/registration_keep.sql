-- From an answer to findings: is it believed, what does it mean, what has changed?

CREATE TABLE ootspg_internal.registration_finding (
	reading_id		bigint NOT NULL REFERENCES ootspg_internal.directory_reading ON DELETE CASCADE,
	place			integer NOT NULL,
	finding			text NOT NULL,
	result			text NOT NULL CHECK (result IN ('pass', 'differs', 'missing')),
	ours			text,
	theirs			text,
	since			timestamptz NOT NULL,
	PRIMARY KEY (reading_id, finding)
);
-- what ootspg.registration shows of them: few
CREATE INDEX registration_finding_unlike ON ootspg_internal.registration_finding (reading_id) WHERE result <> 'pass';
COMMENT ON TABLE ootspg_internal.registration_finding IS 'what the last comparison of each reading found';

CREATE TABLE ootspg.registration_check (
	checked_at		timestamptz NOT NULL,
	environment		text NOT NULL,
	service			text NOT NULL,
	evidence_type	text NOT NULL,
	line			text NOT NULL,
	requirement		text NOT NULL,
	finding			text NOT NULL,
	result			text NOT NULL,
	ours			text,
	theirs			text
);
CREATE INDEX registration_check_entry ON ootspg.registration_check (evidence_type, environment, service, line, requirement, checked_at);
COMMENT ON TABLE ootspg.registration_check IS 'history of what was compared with the directories: a row whenever a finding changed';
COMMENT ON COLUMN ootspg.registration_check.environment IS 'environment of the instance that answered';
COMMENT ON COLUMN ootspg.registration_check.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.registration_check.evidence_type IS 'evidence type that was asked for; stays when that is deleted';
COMMENT ON COLUMN ootspg.registration_check.finding IS 'what was compared';
COMMENT ON COLUMN ootspg.registration_check.checked_at IS 'when the answer came';
COMMENT ON COLUMN ootspg.registration_check.line IS 'empty for the query without line';
COMMENT ON COLUMN ootspg.registration_check.requirement IS 'empty but for the Evidence Broker';
COMMENT ON COLUMN ootspg.registration_check.result IS 'pass, differs, missing';
COMMENT ON COLUMN ootspg.registration_check.ours IS 'as it is served';
COMMENT ON COLUMN ootspg.registration_check.theirs IS 'as it is published';
SELECT pg_catalog.pg_extension_config_dump('ootspg.registration_check', '');

CREATE TYPE ootspg_internal.judgement AS (failure text, more text, findings ootspg_internal.finding[], success boolean);
COMMENT ON TYPE ootspg_internal.judgement IS 'what an answer means: why nothing, or what to ask next, or findings; success: it is no refusal';

-- Meaning --------------------------------------------------------------------------

-- DSD:ERR:0005: answered with our own jurisdiction, at the level that is asked for, and our
-- own supported values. 2.0 asks for values only.
CREATE FUNCTION ootspg_internal.further_parameters(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
	SELECT string_agg(q.parameter, '') FROM (
		SELECT DISTINCT '&' || ootspg_internal.url_encoded(v.name) || '=' || ootspg_internal.url_encoded(v.value) AS parameter
		  FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a
		  JOIN ootspg.evidence_type e ON e.evidence_type = (r).evidence_type
		  LEFT JOIN ootspg.publisher d USING (provider)
		  LEFT JOIN ootspg.provider_concept c ON c.provider = e.provider AND c.concept::text = lower(a.input_id),
			   LATERAL (VALUES ('evidence-type-id', CASE WHEN a.specification ~ E'^oots-cs:v2\\.' IS NOT TRUE THEN a.data_service END),
				('jurisdiction-context-id', CASE WHEN a.input = 'jurisdiction' THEN a.input_id END),
				(CASE a.input_level WHEN 'LAU' THEN 'jurisdiction-admin-l3' ELSE 'jurisdiction-admin-l2' END,
				 CASE WHEN a.input = 'jurisdiction' THEN CASE WHEN a.input_level = 'LAU' THEN d.jurisdiction_lau
					WHEN a.input_level ~ '^NUTS[123]$' THEN left(d.jurisdiction_nuts, 2 + right(a.input_level, 1)::integer) END END),	-- NUTS1 is LV0, NUTS3 is LV006
				(a.input_id, CASE WHEN a.input = 'concept' THEN c.supported[1] END)) v(name, value)
		 WHERE a.class = 'additional input' AND v.value IS NOT NULL) q;
END;
COMMENT ON FUNCTION ootspg_internal.further_parameters(ootspg_internal.directory_reading, integer, text, bytea) IS 'what the directory asks for, with our values; NULL when we have none';

-- A signed answer to another query says nothing about this one.
CREATE FUNCTION ootspg_internal.answers_reading(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea) RETURNS boolean
LANGUAGE sql
BEGIN ATOMIC
	SELECT CASE (r).service WHEN 'eb' THEN
		EXISTS (SELECT FROM ootspg_internal.read_broker_answer(http_status, content_type, body) a
				 WHERE lower(substring(a.requirement FROM '[^/]+$')) = (r).requirement)
	ELSE
		EXISTS (SELECT FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a JOIN ootspg.evidence_type_line l
					ON lower(ootspg_internal.eb_key(l.classification)) = lower(ootspg_internal.eb_key(a.classification)) WHERE l.evidence_type = (r).evidence_type)
	END;
END;
COMMENT ON FUNCTION ootspg_internal.answers_reading(ootspg_internal.directory_reading, integer, text, bytea) IS 'is it about what was asked?';

CREATE FUNCTION ootspg_internal.findings_of(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea)
RETURNS ootspg_internal.finding[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	theirs ootspg_internal.entry_facts;
BEGIN
	IF r.service = 'eb' THEN
		RETURN ARRAY(SELECT f FROM ootspg_internal.compare_requirement(r, http_status, content_type, body) f);
	END IF;
	theirs := ootspg_internal.told_facts(r.evidence_type, http_status, content_type, body);
	IF r.line <> '' THEN
		RETURN ARRAY[ootspg_internal.compare_line(r.line, theirs)];
	END IF;
	RETURN ARRAY(SELECT f FROM ootspg_internal.compare_entry(ootspg_internal.served_facts(ootspg_internal.target(r.service, r.environment), r.evidence_type), theirs) f);
END $$;
COMMENT ON FUNCTION ootspg_internal.findings_of(ootspg_internal.directory_reading, integer, text, bytea) IS 'findings about what was asked';

CREATE FUNCTION ootspg_internal.judge_reading(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea) RETURNS ootspg_internal.judgement
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	said record;
	j ootspg_internal.judgement;
BEGIN
	IF r.service = 'eb' THEN
		SELECT a.class, a.code, a.reason INTO said FROM ootspg_internal.read_broker_answer(http_status, content_type, body) a LIMIT 1;
	ELSE
		SELECT a.class, a.code, a.reason INTO said FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a LIMIT 1;
	END IF;
	j.success := said.class = 'registered';
	CASE said.class
	WHEN 'registered', 'not registered' THEN
		IF j.success AND NOT ootspg_internal.answers_reading(r, http_status, content_type, body) THEN
			j.failure := 'the answer is about something else than was asked';
		ELSE
			j.findings := ootspg_internal.findings_of(r, http_status, content_type, body);
		END IF;
	WHEN 'additional input' THEN
		j.more := ootspg_internal.further_parameters(r, http_status, content_type, body);
		IF j.more IS NULL OR r.more <> '' THEN
			j.more := NULL;
			j.failure := 'the directory asks for values that we do not have';
		END IF;
	ELSE
		j.failure := concat_ws(': ', said.class, said.code, said.reason);
	END CASE;
	RETURN j;
END $$;
COMMENT ON FUNCTION ootspg_internal.judge_reading(ootspg_internal.directory_reading, integer, text, bytea) IS 'what a verified answer means';

-- Keeping --------------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.keep_failure(r ootspg_internal.directory_reading, s ootspg.directory_source, failure text) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
	UPDATE ootspg_internal.directory_reading d SET failure = keep_failure.failure, failures = least((r).failures + 1, 100), more = '', asked = NULL,
		   next_at = clock_timestamp() + least((s).read_every, interval '10 s' * 2 ^ least((r).failures, 12))
	 WHERE d.reading_id = (r).reading_id;
END;
COMMENT ON FUNCTION ootspg_internal.keep_failure(ootspg_internal.directory_reading, ootspg.directory_source, text) IS 'an answer that tells nothing: what was known stays known, and it is tried again after a growing pause';

CREATE FUNCTION ootspg_internal.keep_findings(r ootspg_internal.directory_reading, findings ootspg_internal.finding[], answered_at timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	changes bigint;
	outcome text;
BEGIN
	outcome := CASE WHEN EXISTS (SELECT FROM unnest(findings) f WHERE f.place = 0 AND f.result = 'missing') THEN 'missing'
					WHEN EXISTS (SELECT FROM unnest(findings) f WHERE f.result <> 'pass') THEN 'differs' ELSE 'published' END;
	DELETE FROM ootspg_internal.registration_finding x WHERE x.reading_id = r.reading_id AND x.finding <> ALL (SELECT f.finding FROM unnest(findings) f);
	WITH changed AS (
		INSERT INTO ootspg_internal.registration_finding AS x (reading_id, place, finding, result, ours, theirs, since)
		SELECT r.reading_id, f.place, f.finding, f.result, f.ours, f.theirs, answered_at FROM unnest(findings) f
		ON CONFLICT ON CONSTRAINT registration_finding_pkey DO UPDATE SET result = EXCLUDED.result, ours = EXCLUDED.ours, theirs = EXCLUDED.theirs,
			   since = CASE WHEN x.result = EXCLUDED.result THEN x.since ELSE EXCLUDED.since END
		 WHERE (x.result, x.ours, x.theirs) IS DISTINCT FROM (EXCLUDED.result, EXCLUDED.ours, EXCLUDED.theirs)
		RETURNING x.finding, x.result, x.ours, x.theirs)
	INSERT INTO ootspg.registration_check (checked_at, environment, service, evidence_type, line, requirement, finding, result, ours, theirs)
	SELECT answered_at, r.environment, r.service, r.evidence_type, r.line, r.requirement, c.finding, c.result, c.ours, c.theirs FROM changed c;
	GET DIAGNOSTICS changes = ROW_COUNT;
	UPDATE ootspg_internal.directory_reading d SET verdict = outcome, checked_at = answered_at,
		   changed_at = CASE WHEN changes > 0 THEN answered_at ELSE d.changed_at END
	 WHERE d.reading_id = r.reading_id;
	IF changes > 0 OR r.verdict IS DISTINCT FROM outcome THEN
		PERFORM pg_notify('ootspg_registration', '');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.keep_findings(ootspg_internal.directory_reading, ootspg_internal.finding[], timestamptz) IS 'writes findings down, and tells those that are new';

-- Believing ------------------------------------------------------------------------

-- The stricter environment keeps a root that two of them would share.
CREATE FUNCTION ootspg_internal.strictness(environment text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(array_position(ARRAY['test', 'acceptance', 'production'], environment), 1);
END;
COMMENT ON FUNCTION ootspg_internal.strictness(text) IS 'order of the environments; one of a name of its own counts as a test';

CREATE FUNCTION ootspg_internal.distrust(s ootspg.directory_source, query text, signed record) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT signed.valid THEN
		RETURN format('the signature of the answer is not accepted: %s, %s', signed.refused, signed.reason);
	ELSIF s.signer_subject IS NOT NULL AND s.signer_subject <> signed.subject THEN
		RETURN 'the answer is signed by another than signer_subject: ' || signed.subject;
	ELSIF EXISTS (SELECT FROM ootspg_internal.directory_answer a WHERE a.root_sha256 = signed.root_sha256
				   AND ootspg_internal.strictness(a.environment) > ootspg_internal.strictness(s.environment)) THEN
		RETURN 'the answer is signed below a root certificate of another environment';	-- D-REG-10
	ELSIF EXISTS (SELECT FROM ootspg_internal.directory_answer a WHERE a.environment = s.environment AND a.service = s.service
				   AND a.query = distrust.query AND a.signed_at > signed.signed_at) THEN
		RETURN 'the answer was signed before one that came earlier';	-- replayed
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.distrust(ootspg.directory_source, text, record) IS 'why an answer is not believed; NULL: it is';

CREATE FUNCTION ootspg_internal.judge_answer(r ootspg_internal.directory_reading, s ootspg.directory_source,
	http_status integer, content_type text, body bytea, digest text, signature text, trusted bytea, trouble text) RETURNS ootspg_internal.judgement
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	signed record;
	j ootspg_internal.judgement;
	query text := s.accept_version || ' ' || r.asked;
BEGIN
	IF http_status IS NULL THEN
		j.failure := concat_ws(': ', 'the directory could not be reached', trouble);
		RETURN j;
	ELSIF http_status <> 200 THEN
		j.failure := format('the directory answered with HTTP status %s', http_status);
		RETURN j;
	END IF;
	BEGIN
		SELECT * INTO signed FROM ootspg_internal.verify_directory_answer(body, digest, signature, trusted);
	EXCEPTION WHEN invalid_parameter_value THEN
		j.failure := 'the file of roots_uri cannot be used';
		RETURN j;
	END;
	j.failure := ootspg_internal.distrust(s, query, signed);
	IF j.failure IS NOT NULL THEN
		RETURN j;
	END IF;
	j := ootspg_internal.judge_reading(r, http_status, content_type, body);
	IF j.failure IS NULL THEN
		INSERT INTO ootspg_internal.directory_answer AS a (environment, service, query, content_type, body, received_at, signed_at, signer_not_after, root_sha256, root_not_after)
		VALUES (r.environment, r.service, query, content_type, CASE WHEN j.success THEN body END, clock_timestamp(),
				signed.signed_at, signed.not_after, signed.root_sha256, signed.root_not_after)
		ON CONFLICT ON CONSTRAINT directory_answer_pkey DO UPDATE SET content_type = EXCLUDED.content_type, body = EXCLUDED.body, received_at = EXCLUDED.received_at,
			signed_at = EXCLUDED.signed_at, signer_not_after = EXCLUDED.signer_not_after, root_sha256 = EXCLUDED.root_sha256, root_not_after = EXCLUDED.root_not_after;
	END IF;
	RETURN j;
EXCEPTION WHEN OTHERS THEN
	j := ROW(format('the answer could not be judged: SQLSTATE %s', SQLSTATE), NULL, NULL, false);
	RETURN j;
END $$;
COMMENT ON FUNCTION ootspg_internal.judge_answer(ootspg_internal.directory_reading, ootspg.directory_source, integer, text, bytea, text, text, bytea, text) IS 'what an answer means, if it is believed; then it is kept';

CREATE FUNCTION ootspg_internal.file_reading(reading_id bigint, http_status integer, content_type text, body bytea, digest text, signature text, trusted bytea, trouble text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.directory_reading;
	s ootspg.directory_source;
	j ootspg_internal.judgement;
BEGIN
	-- all that wait for this answer; whoever is held by another transaction is asked about again later
	FOR r IN SELECT d.* FROM ootspg_internal.directory_reading d JOIN ootspg_internal.directory_reading first USING (environment, service, asked)
			  WHERE first.reading_id = file_reading.reading_id ORDER BY d.reading_id FOR UPDATE OF d SKIP LOCKED LOOP
		IF s IS NULL THEN
			SELECT x.* INTO STRICT s FROM ootspg.directory_source x WHERE x.environment = r.environment AND x.service = r.service;
		END IF;
		IF j.success IS NOT TRUE THEN
			j := ootspg_internal.judge_answer(r, s, http_status, content_type, body, digest, signature, trusted, trouble);
			IF j.findings IS NOT NULL THEN
				PERFORM ootspg_internal.keep_findings(r, j.findings, clock_timestamp());
			END IF;
		END IF;
		IF j.failure IS NOT NULL THEN
			PERFORM ootspg_internal.keep_failure(r, s, j.failure);
		ELSE
			UPDATE ootspg_internal.directory_reading d
			   SET failure = CASE WHEN j.more IS NULL THEN NULL ELSE d.failure END, failures = 0, more = coalesce(j.more, ''), asked = NULL, answered = d.asked,
				   compare = r.reading_id <> file_reading.reading_id AND j.success,	-- the others a few at a time
				   next_at = CASE WHEN j.more IS NULL THEN clock_timestamp() + s.read_every ELSE clock_timestamp() END
			 WHERE d.reading_id = r.reading_id;
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.file_reading(bigint, integer, text, bytea, text, text, bytea, text) IS
'what came for a query, or why nothing came: believed only with a valid signature; a failure keeps the verdict of before. Called by the exchange worker';

-- What is served may have changed since an answer came: no need to ask for it once more when
-- it is fresh. Refusals are not kept, and asked about again, but not all the time. A few at a
-- time, since the worker has others to serve.
CREATE FUNCTION ootspg_internal.compare_again(most integer) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r ootspg_internal.directory_reading;
	s ootspg.directory_source;
	a ootspg_internal.directory_answer;
	j ootspg_internal.judgement;
BEGIN
	FOR r IN SELECT d.* FROM ootspg_internal.directory_reading d WHERE d.compare AND d.asked IS NULL ORDER BY d.reading_id LIMIT most FOR UPDATE SKIP LOCKED LOOP
		UPDATE ootspg_internal.directory_reading d SET compare = false WHERE d.reading_id = r.reading_id;
		SELECT x.* INTO STRICT s FROM ootspg.directory_source x WHERE x.environment = r.environment AND x.service = r.service;
		BEGIN
			SELECT x.* INTO a FROM ootspg_internal.directory_answer x
			 WHERE x.environment = r.environment AND x.service = r.service AND x.body IS NOT NULL
			   AND x.query = s.accept_version || ' ' || r.answered AND starts_with(r.answered, ootspg_internal.reading_path(r, s.country))	-- more may have been asked for
			   AND x.received_at > clock_timestamp() - s.cache_for;
			IF FOUND THEN
				j := ootspg_internal.judge_reading(r, 200, a.content_type, a.body);
				CONTINUE WHEN j.findings IS NULL;
				PERFORM ootspg_internal.keep_findings(r, j.findings, a.received_at);
			ELSE
				UPDATE ootspg_internal.directory_reading d
				   SET next_at = least(d.next_at, greatest(clock_timestamp(), coalesce(r.checked_at, '-infinity') + interval '1 min'))
				 WHERE d.reading_id = r.reading_id;
			END IF;
		EXCEPTION WHEN OTHERS THEN
			PERFORM ootspg_internal.keep_failure(r, s, format('the query could not be made: SQLSTATE %s', SQLSTATE));
		END;
	END LOOP;
	RETURN FOUND;
END $$;
COMMENT ON FUNCTION ootspg_internal.compare_again(integer) IS
'compares what is served now with the answers that are there, of some readings; false when none was left. Called by the exchange worker';
