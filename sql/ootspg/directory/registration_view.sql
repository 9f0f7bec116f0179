-- What is known of our registration, for people.

-- The ends of certificates are told ahead: a new root must be fetched and installed by hand. So
-- is a signature that does not fit our clock; it may be old, since there may be a cache in between.
CREATE VIEW ootspg_internal.directory_trust AS
SELECT a.environment, a.service, string_agg(c.caution, '; ' ORDER BY c.caution) AS cautions
  FROM (SELECT DISTINCT ON (x.environment, x.service) x.* FROM ootspg_internal.directory_answer x ORDER BY x.environment, x.service, x.received_at DESC) a,
	   LATERAL (VALUES
		(CASE WHEN a.root_not_after < clock_timestamp() + interval '6 months' THEN 'the root certificate ends on ' || a.root_not_after::date END),
		(CASE WHEN a.signer_not_after < clock_timestamp() + interval '1 month' THEN 'the signer''s certificate ends on ' || a.signer_not_after::date END),
		(CASE WHEN a.signed_at > a.received_at + interval '5 min' THEN 'answers are signed in the future' END),
		(CASE WHEN a.signed_at < a.received_at - interval '1 day' THEN 'the last answer was signed on ' || a.signed_at::date END)) c(caution)
 WHERE c.caution IS NOT NULL
 GROUP BY 1, 2;
COMMENT ON VIEW ootspg_internal.directory_trust IS 'what will soon be, or may be, the matter with the signatures of a directory';

CREATE FUNCTION ootspg_internal.shown_finding(f ootspg_internal.registration_finding, requirement text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN requirement <> '' THEN 'requirement ' || requirement || ', ' ELSE '' END
		|| (f).finding || ': ' || coalesce((f).ours, 'nothing') || ' here, ' || coalesce((f).theirs, 'nothing') || ' published';
END;
COMMENT ON FUNCTION ootspg_internal.shown_finding(ootspg_internal.registration_finding, text) IS 'a difference in words';

CREATE VIEW ootspg.registration_finding WITH (security_barrier) AS
SELECT r.evidence_type, e.provider, r.environment, r.service, nullif(r.line, '') AS line, nullif(r.requirement, '') AS requirement,
	   f.finding, f.result, f.ours, f.theirs, f.since, r.checked_at AS last_checked
  FROM ootspg_internal.registration_finding f
  JOIN ootspg_internal.directory_reading r USING (reading_id)
  JOIN ootspg.evidence_type e USING (evidence_type)
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*', e.provider] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.registration_finding IS 'each point that was compared with the directories, whether it passes or not';
COMMENT ON COLUMN ootspg.registration_finding.evidence_type IS 'evidence type that was asked for';
COMMENT ON COLUMN ootspg.registration_finding.provider IS 'whose it is';
COMMENT ON COLUMN ootspg.registration_finding.environment IS 'environment of the instance that answered';
COMMENT ON COLUMN ootspg.registration_finding.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.registration_finding.finding IS 'what was compared';
COMMENT ON COLUMN ootspg.registration_finding.last_checked IS 'last answer that was compared';
COMMENT ON COLUMN ootspg.registration_finding.line IS 'NULL: the query without line';
COMMENT ON COLUMN ootspg.registration_finding.requirement IS 'asked of the Evidence Broker; NULL otherwise';
COMMENT ON COLUMN ootspg.registration_finding.result IS 'pass, differs, missing';
COMMENT ON COLUMN ootspg.registration_finding.ours IS 'as it is served';
COMMENT ON COLUMN ootspg.registration_finding.theirs IS 'as it is published';
COMMENT ON COLUMN ootspg.registration_finding.since IS 'first answer with this result';

-- A verdict, or that there is none any more. This and the next are such that the planner puts them into the query: called, they
-- would cost more than all else that it does.
CREATE FUNCTION ootspg_internal.verdict_now(verdict text, checked_at timestamptz, read_every interval) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN verdict IS NULL OR checked_at < statement_timestamp() - 3 * read_every THEN 'unknown' ELSE verdict END;
END;
COMMENT ON FUNCTION ootspg_internal.verdict_now(text, timestamptz, interval) IS 'unknown when nothing was heard for three times read_every';

CREATE FUNCTION ootspg_internal.worst(verdicts text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN 'missing' = ANY (verdicts) THEN 'missing' WHEN 'unknown' = ANY (verdicts) THEN 'unknown'
				WHEN 'differs' = ANY (verdicts) THEN 'differs' WHEN 'published' = ANY (verdicts) THEN 'published' END;
END;
COMMENT ON FUNCTION ootspg_internal.worst(text[]) IS 'the verdict on several things; NULL for none';

CREATE VIEW ootspg.registration WITH (security_barrier) AS
SELECT e.evidence_type, e.provider, p.environment, l.line,
	   CASE WHEN NOT d.publish THEN 'not to be published' WHEN s.environment IS NULL THEN 'unknown' ELSE dsd.state END AS state,
	   CASE WHEN NOT d.publish OR NOT EXISTS (SELECT FROM ootspg.evidence_type_list_member m WHERE m.evidence_type = e.evidence_type) THEN 'not to be published'
			WHEN b.environment IS NULL THEN 'unknown' ELSE coalesce(eb.state, 'unknown') END AS broker_state,
	   nullif(coalesce(dsd.differences, '{}') || coalesce(eb.differences, '{}'), '{}') AS differences,
	   least(dsd.checked_at, eb.checked_at) AS last_checked,
	   coalesce(dsd.failure, eb.failure, CASE WHEN s.environment IS NULL AND d.publish THEN 'no directory to read: ootspg.directory_source' END) AS failure,
	   least(dsd.next_at, eb.next_at) AS next_check
  FROM ootspg.evidence_type e
  JOIN ootspg.provider p USING (provider)
  JOIN ootspg.directory_entry d USING (evidence_type)
  JOIN ootspg.evidence_type_line l USING (evidence_type)
  LEFT JOIN ootspg.directory_source s ON s.environment = p.environment AND s.service = 'dsd'
  LEFT JOIN ootspg.directory_source b ON b.environment = p.environment AND b.service = 'eb'
  LEFT JOIN LATERAL (	-- the entry, and that it is found by this line
	SELECT coalesce(ootspg_internal.worst(array_agg(ootspg_internal.verdict_now(r.verdict, r.checked_at, s.read_every))), 'unknown') AS state,
		   min(r.checked_at) AS checked_at, min(r.next_at) AS next_at, min(r.failure) AS failure,
		   (SELECT array_agg(ootspg_internal.shown_finding(f, '') ORDER BY f.place, f.finding) FROM ootspg_internal.registration_finding f
			 WHERE f.result <> 'pass' AND f.reading_id = ANY (array_agg(r.reading_id))) AS differences
	  FROM ootspg_internal.directory_reading r
	 WHERE (r.environment, r.service, r.evidence_type) = (s.environment, 'dsd', e.evidence_type) AND r.line IN ('', l.line::text)) dsd ON true
  LEFT JOIN LATERAL (	-- every requirement that it proves
	SELECT ootspg_internal.worst(array_agg(ootspg_internal.verdict_now(r.verdict, r.checked_at, b.read_every))) AS state,
		   min(r.checked_at) AS checked_at, min(r.next_at) AS next_at, min(r.failure) AS failure,
		   (SELECT array_agg(ootspg_internal.shown_finding(f, x.requirement) ORDER BY x.requirement, f.place)
			  FROM ootspg_internal.registration_finding f JOIN ootspg_internal.directory_reading x USING (reading_id)
			 WHERE f.result <> 'pass' AND f.reading_id = ANY (array_agg(r.reading_id))) AS differences
	  FROM ootspg_internal.directory_reading r
	 WHERE (r.environment, r.service, r.evidence_type) = (b.environment, 'eb', e.evidence_type)) eb ON true
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*', e.provider] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.registration IS 'what the directories say about each evidence type and line, beside what is served';
COMMENT ON COLUMN ootspg.registration.evidence_type IS 'evidence type that is served, or is to be';
COMMENT ON COLUMN ootspg.registration.provider IS 'whose it is';
COMMENT ON COLUMN ootspg.registration.environment IS 'environment of the provider, whose directories are read';
COMMENT ON COLUMN ootspg.registration.line IS 'line on which it is served';
COMMENT ON COLUMN ootspg.registration.last_checked IS 'the older of the last answers that were compared';
COMMENT ON COLUMN ootspg.registration.next_check IS 'when a directory is read next';
COMMENT ON COLUMN ootspg.registration.state IS 'in the Data Services Directory: published; differs: see differences; missing; unknown: never read, or not for three times read_every; not to be published';
COMMENT ON COLUMN ootspg.registration.broker_state IS 'the same for the Evidence Broker, over all requirements that the evidence type proves';
COMMENT ON COLUMN ootspg.registration.differences IS 'what does not pass, in words; ootspg.registration_finding has all that was compared';
COMMENT ON COLUMN ootspg.registration.failure IS 'why the last reading told nothing; the state is that of the reading before';
