-- What a submission would change in a directory, and the last step before it is sent.

CREATE FUNCTION ootspg_internal.entries(message bytea, OUT entry text, OUT object_id text, OUT content bytea, OUT ends text[]) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH o AS (SELECT * FROM ootspg_internal.submission_objects(message)),
	named AS (SELECT o.*, coalesce(o.kind, 'object') || ' ' || coalesce(o.identifier, o.object_id, '') AS entry FROM o)
	SELECT DISTINCT ON (1)
		   CASE WHEN n.source IS NULL AND n.target IS NULL THEN n.entry
				ELSE format('%s %s -> %s', n.kind, coalesce(s.entry, n.source), coalesce(t.entry, n.target)) END,
		   n.object_id, n.content, CASE WHEN n.source IS NOT NULL OR n.target IS NOT NULL THEN ARRAY[s.entry, t.entry] END
	  FROM named n LEFT JOIN named s ON s.object_id = n.source LEFT JOIN named t ON t.object_id = n.target
	 ORDER BY 1, n.object_id;
END;
COMMENT ON FUNCTION ootspg_internal.entries(bytea) IS 'registry objects by names that people can read and confirm; an association is named by its ends';

CREATE FUNCTION ootspg_internal.difference(t ootspg.directory_target, message bytea, published bytea,
	OUT change text, OUT entry text, OUT owner text, OUT must_confirm boolean)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off	-- compiling takes longer than any state's data set
AS $$
BEGIN
	RETURN QUERY
	WITH new AS MATERIALIZED (SELECT * FROM ootspg_internal.entries(message)),
	old AS MATERIALIZED (SELECT * FROM ootspg_internal.entries(published)),
	owners AS MATERIALIZED (SELECT s.object_id, string_agg(DISTINCT s.owner, ', ') AS owner FROM ootspg_internal.state_objects(t) s GROUP BY 1),
	-- what a fragment has brought is its owner's, also when it is no longer valid
	brought AS MATERIALIZED (
		SELECT s.object_id, string_agg(DISTINCT f.owner, ', ') AS owner FROM ootspg.fragment f, ootspg_internal.submission_objects(f.content) s
		 WHERE f.environment = t.environment AND f.service = t.service GROUP BY 1),
	removed AS (
		SELECT o.*, b.owner, k.object_id IS NOT NULL AND b.object_id IS NULL AS own
		  FROM old o LEFT JOIN brought b ON b.object_id = o.object_id
		  LEFT JOIN ootspg.registry_object k ON k.service = t.service AND 'urn:uuid:' || k.object_id = o.object_id
		 WHERE NOT EXISTS (SELECT FROM new n WHERE n.entry = o.entry))
	SELECT d.* FROM (
		SELECT CASE WHEN o.entry IS NULL THEN 'added' ELSE 'changed' END AS change, n.entry, w.owner, false AS must_confirm
		  FROM new n LEFT JOIN old o USING (entry) LEFT JOIN owners w ON w.object_id = n.object_id
		 WHERE o.content IS DISTINCT FROM n.content
		UNION ALL
		SELECT 'removed', r.entry, CASE WHEN r.own THEN 'this database' ELSE r.owner END,
			   -- an association goes with its ends
			   NOT r.own AND NOT EXISTS (SELECT FROM removed e WHERE e.entry = r.ends[1]) AND NOT EXISTS (SELECT FROM removed e WHERE e.entry = r.ends[2])
		  FROM removed r) d
	 ORDER BY d.entry COLLATE "C";
END $$;
COMMENT ON FUNCTION ootspg_internal.difference(ootspg.directory_target, bytea, bytea) IS 'what a message changes against what is published';

-- Whoever sent it: a submission that was made here carries out what waited for it.
CREATE FUNCTION ootspg_internal.record_published(t ootspg.directory_target, message bytea) RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	submission ootspg.final_submission;
BEGIN
	INSERT INTO ootspg.published_data_set AS p (environment, service, message) VALUES (t.environment, t.service, record_published.message)
	ON CONFLICT ON CONSTRAINT published_data_set_pkey DO UPDATE
	   SET message = EXCLUDED.message, recorded_at = EXCLUDED.recorded_at, recorded_by = EXCLUDED.recorded_by;
	SELECT f.* INTO submission FROM ootspg.final_submission f
	 WHERE f.environment = t.environment AND f.service = t.service AND f.message = record_published.message;
	RETURN CASE WHEN FOUND THEN ootspg_internal.activate_accepted(t, submission) END;
END $$;
COMMENT ON FUNCTION ootspg_internal.record_published(ootspg.directory_target, bytea) IS 'records what was accepted, and lets the changes that waited for it follow: these are returned';

CREATE FUNCTION ootspg.set_published(target text, message bytea, environment text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	t := ootspg_internal.target(set_published.target, set_published.environment);
	PERFORM FROM ootspg_internal.submission_objects(set_published.message);
	PERFORM ootspg_internal.record_published(t, set_published.message);
END $$;
COMMENT ON FUNCTION ootspg.set_published(text, bytea, text) IS
'records what a directory holds for the state: the submission accepted last, whoever sent it; NULL when the directory is known to hold nothing. A final submission of this database carries out what waited for it';

CREATE FUNCTION ootspg.submission_diff(target text DEFAULT 'dsd', environment text DEFAULT NULL, published bytea DEFAULT NULL,
	OUT change text, OUT entry text, OUT owner text, OUT must_confirm boolean)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	t := ootspg_internal.target(submission_diff.target, submission_diff.environment);
	RETURN QUERY SELECT d.* FROM ootspg_internal.difference(t,
		convert_to(ootspg.submission(t.service, t.environment)::text, 'UTF8'),
		coalesce(submission_diff.published, (SELECT p.message FROM ootspg.published_data_set p WHERE p.environment = t.environment AND p.service = t.service))) d;
END $$;
COMMENT ON FUNCTION ootspg.submission_diff(text, text, bytea) IS
'entries that a submission would add, change or remove, against what is published as ootspg.set_published() recorded it, or against another submission; must_confirm marks removals of entries that are not of this database';

CREATE FUNCTION ootspg.finalize_submission(target text DEFAULT 'dsd', environment text DEFAULT NULL, removals text[] DEFAULT '{}', id uuid DEFAULT gen_random_uuid()) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
	message bytea;
	known ootspg.published_data_set;
	refused record;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	t := ootspg_internal.target(finalize_submission.target, finalize_submission.environment);
	message := convert_to(ootspg.submission(t.service, t.environment, finalize_submission.id)::text, 'UTF8');
	SELECT c.* INTO refused FROM ootspg.check_submission(message, t.line::text, t.service) c WHERE c.severity = 'fatal' LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('the submission breaks rule %s at %s', refused.rule_id, refused.location),
			'ootspg.check_submission() lists all that it breaks.');
	END IF;
	PERFORM ootspg_internal.require_codes(message);
	SELECT p.* INTO known FROM ootspg.published_data_set p WHERE p.environment = t.environment AND p.service = t.service;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('it is not known what the %s holds for the state in %s', upper(t.service), t.environment),
			'Record the submission accepted last with ootspg.set_published(), or NULL if there was none: what is not in the next one is removed.');
	END IF;
	SELECT count(*) AS count, min(d.entry COLLATE "C") AS first INTO refused FROM ootspg_internal.difference(t, message, known.message) d
	 WHERE d.must_confirm AND d.entry <> ALL (finalize_submission.removals);
	IF refused.count > 0 THEN
		PERFORM ootspg_internal.raise_configuration(format('the submission would remove %s of others, the first is %s',
				CASE refused.count WHEN 1 THEN '1 entry' ELSE refused.count || ' entries' END, refused.first),
			'Import the fragment they belong to, or confirm each by its name in removals; ootspg.submission_diff() lists them.');
	END IF;
	INSERT INTO ootspg.final_submission (submission_id, environment, service, message, removals)
	VALUES (finalize_submission.id, t.environment, t.service, message, finalize_submission.removals);
	RETURN finalize_submission.id;
END $$;
COMMENT ON FUNCTION ootspg.finalize_submission(text, text, text[], uuid) IS
'keeps a submission in ootspg.final_submission, ready to be sent, unless it breaks a fatal rule, has codes that their list lacks or that came without a new version, or would remove entries of others that are not confirmed by name';
