--
-- The rows of an exchange are written without a statement, and yet as by one: digests are those of the generated
-- column, and what somebody has put on a table (triggers, rules, checks, columns) is heeded.
--
\set ECHO none
\set own regress_ootspg_rows
\getenv folder PG_ABS_SRCDIR
\set fixture :folder '/test/fixtures/own_database.sql'
\i :fixture
\set fixture :folder '/test/fixtures/requests.sql'
\i :fixture
\set fixture :folder '/test/fixtures/registry.sql'
\i :fixture
\set fixture :folder '/test/fixtures/ask.sql'
\i :fixture
CREATE TABLE seen (n serial, op text, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen (op, what) VALUES (TG_WHEN || ' ' || TG_LEVEL, TG_TABLE_NAME); RETURN NEW; END $$;
CREATE FUNCTION noted() RETURNS SETOF text LANGUAGE sql AS $$ WITH gone AS (DELETE FROM seen RETURNING op, what) SELECT op || ' ' || regexp_replace(what, '_y\d+m\d+', '_month') || ' ' || count(*) FROM gone GROUP BY op, what ORDER BY 1 $$;
\set ECHO all
\pset tuples_only on
\set VERBOSITY terse

SELECT ootspg.maintain();

-- Values are where they belong, those of defaults and of the generated column as well, and indexes find the rows
SELECT outcome FROM ask(request(), test_header('oots-edm:v2.0'));
SELECT event_type, first_part_sha256 IS NOT DISTINCT FROM sha256(first_part) AS digest, written_by = session_user AS by, written_at BETWEEN now() - interval '1 min' AND clock_timestamp() AS at,
	   tableoid::regclass::text ~ '_y\d+m\d+$' AS partition FROM ootspg.exchange_event ORDER BY event_id;
SELECT role, decision, sha256_as_held IS NOT NULL FROM ootspg.evidence_event;
SET enable_seqscan = off;
SELECT count(*) FROM ootspg.exchange x JOIN ootspg.exchange_event e USING (exchange_id) JOIN ootspg.evidence_event v USING (exchange_id) WHERE x.request_id LIKE 'urn:uuid:%';
RESET enable_seqscan;

-- Triggers, of the parent, of a partition, of the exchange
CREATE TRIGGER before_statement BEFORE INSERT ON ootspg.exchange_event FOR EACH STATEMENT EXECUTE FUNCTION note();
SELECT outcome FROM ask(request());
SELECT * FROM noted();
DROP TRIGGER before_statement ON ootspg.exchange_event;
\set ECHO none
SELECT format('CREATE TRIGGER after_row AFTER INSERT ON %s FOR EACH ROW EXECUTE FUNCTION note()', tableoid::regclass) FROM ootspg.evidence_event LIMIT 1 \gexec
\set ECHO all
CREATE TRIGGER before_row BEFORE INSERT ON ootspg.exchange FOR EACH ROW EXECUTE FUNCTION note();
SELECT outcome FROM ask(request());
SELECT * FROM noted();
DROP TRIGGER before_row ON ootspg.exchange;

-- Rules, checks, and columns that give themselves a value
CREATE RULE also AS ON INSERT TO ootspg.exchange DO ALSO INSERT INTO public.seen (op, what) VALUES ('RULE', 'exchange');
SELECT outcome FROM ask(request());
SELECT * FROM noted();
DROP RULE also ON ootspg.exchange;
ALTER TABLE ootspg.exchange ADD CONSTRAINT not_today CHECK (outcome <> 'evidence') NOT VALID;
SELECT outcome FROM ask(request());
ALTER TABLE ootspg.exchange DROP CONSTRAINT not_today;
ALTER TABLE ootspg.exchange ADD COLUMN ours text DEFAULT 'given';
SELECT outcome FROM ask(request());
SELECT count(*) FROM ootspg.exchange WHERE ours = 'given' AND exchange_id = (SELECT max(exchange_id) FROM ootspg.exchange);
ALTER TABLE ootspg.exchange DROP COLUMN ours;

-- A moment without a partition has the catch-all
BEGIN;
\set ECHO none
SELECT format('ALTER TABLE ootspg.exchange_event DETACH PARTITION %s', tableoid::regclass) FROM ootspg.exchange_event LIMIT 1 \gexec
\set ECHO all
SELECT outcome FROM ask(request());
SELECT tableoid::regclass, count(*) FROM ootspg.exchange_event GROUP BY 1;
ROLLBACK;

\set ECHO none
\set fixture :folder '/test/fixtures/leave_database.sql'
\i :fixture
