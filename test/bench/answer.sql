-- Requests to answer, and tables for the bare transaction: as answer() writes them, but
-- neither partitioned nor computing anything. psql variables: requests.
\ir ../fixtures/requests.sql
CREATE TABLE bench.request (n serial PRIMARY KEY, id text NOT NULL, body bytea NOT NULL, header bytea NOT NULL, born date NOT NULL, family_name text NOT NULL);
INSERT INTO bench.request (id, body, header, born, family_name)
SELECT id, test_request('oots-edm:v2.0', t.data_service::text, l.classification,
						test_person(replace(p.family_name, '&', '&amp;'), p.given_name, p.born::text, 'DE/LV/' || p.code, 'High'),
						id, wanted => '<sdg:DistributedAs><sdg:Format>application/xml</sdg:Format></sdg:DistributedAs>'),
	   test_header('oots-edm:v2.0'), p.born, p.family_name
  FROM (SELECT row_number() OVER (ORDER BY code) AS n, * FROM bench.person) p,
	   LATERAL (SELECT gen_random_uuid()::text AS id WHERE p.n > 0) i,
	   ootspg.evidence_type t JOIN ootspg.evidence_type_line l USING (evidence_type)
 WHERE t.evidence_type = 'residence' AND p.n <= :requests;
SELECT exchange_id AS sample, outcome FROM bench.request r, ootspg.answer(r.body, r.header) WHERE r.n = 1 AND part = 2 \gset
DELETE FROM bench.request WHERE n = 1;
\if :{?sample}
\else
	\warn no evidence in answer to the first request
	SELECT 1 / 0;
\endif
CREATE TABLE bench.used_request (LIKE ootspg_internal.used_request INCLUDING ALL);
CREATE TABLE bench.exchange (LIKE ootspg.exchange INCLUDING ALL EXCLUDING IDENTITY);
SELECT tableoid::regclass AS event_table FROM ootspg.exchange_event WHERE exchange_id = :sample LIMIT 1 \gset
SELECT tableoid::regclass AS evidence_table FROM ootspg.evidence_event WHERE exchange_id = :sample LIMIT 1 \gset
CREATE TABLE bench.exchange_event (LIKE :event_table INCLUDING ALL EXCLUDING GENERATED);
CREATE TABLE bench.evidence_event (LIKE :evidence_table INCLUDING ALL);
CREATE VIEW bench.sample_used_request AS SELECT * FROM ootspg_internal.used_request WHERE exchange_id = :sample;
CREATE VIEW bench.sample_exchange AS SELECT * FROM ootspg.exchange WHERE exchange_id = :sample;
CREATE VIEW bench.sample_exchange_event AS SELECT * FROM ootspg.exchange_event WHERE exchange_id = :sample;
CREATE VIEW bench.sample_evidence_event AS SELECT * FROM ootspg.evidence_event WHERE exchange_id = :sample;
