-- What the exchange worker does at regular times (src/worker/jobs.c): a row a job. Jobs run on the one node that was resumed, never on a
-- standby; what one of them raises is its own trouble, told here and in ootspg.status, and it is tried again.

CREATE TABLE ootspg_internal.job_run (
	job				text PRIMARY KEY,
	every			interval NOT NULL,
	last_run		timestamptz NOT NULL,
	last_success	timestamptz,
	result			text,
	sqlstate		text,
	failures		integer NOT NULL DEFAULT 0,
	next_run		timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE ootspg_internal.job_run IS 'the last run of each job of the exchange worker; see ootspg.job';

CREATE FUNCTION ootspg_internal.job_ended(job text, every interval, next_run timestamptz, result text, sqlstate text) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	INSERT INTO ootspg_internal.job_run AS r (job, every, last_run, last_success, result, sqlstate, failures, next_run)
	VALUES (job_ended.job, job_ended.every, clock_timestamp(), CASE WHEN job_ended.sqlstate IS NULL THEN clock_timestamp() END, job_ended.result, job_ended.sqlstate,
			CASE WHEN job_ended.sqlstate IS NULL THEN 0 ELSE 1 END, job_ended.next_run)
	ON CONFLICT ON CONSTRAINT job_run_pkey DO UPDATE
	   SET every = EXCLUDED.every, last_run = EXCLUDED.last_run, last_success = coalesce(EXCLUDED.last_success, r.last_success),
		   result = coalesce(EXCLUDED.result, r.result), sqlstate = EXCLUDED.sqlstate, next_run = EXCLUDED.next_run,
		   failures = CASE WHEN EXCLUDED.sqlstate IS NULL THEN 0 ELSE r.failures + 1 END;
END;
COMMENT ON FUNCTION ootspg_internal.job_ended(text, interval, timestamptz, text, text) IS 'keeps what became of a run of a job';

CREATE VIEW ootspg.job WITH (security_barrier) AS
SELECT r.job, r.every, r.last_run, r.last_success, r.result, r.sqlstate, r.failures, r.next_run
  FROM ootspg_internal.job_run r
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.job IS 'what the exchange worker does at regular times: when it last did, with what result, and when it will again; a job whose last run failed has a row of ootspg.status';
COMMENT ON COLUMN ootspg.job.job IS 'availability, maintenance, incidents, statistics or audit';
COMMENT ON COLUMN ootspg.job.every IS 'time between two runs that go well';
COMMENT ON COLUMN ootspg.job.last_run IS 'when it last ran';
COMMENT ON COLUMN ootspg.job.last_success IS 'when it last ran well';
COMMENT ON COLUMN ootspg.job.result IS 'what it did then, in words';
COMMENT ON COLUMN ootspg.job.sqlstate IS 'what the last run failed with; NULL: it went well';
COMMENT ON COLUMN ootspg.job.failures IS 'runs in a row that failed';
COMMENT ON COLUMN ootspg.job.next_run IS 'when it runs next';
