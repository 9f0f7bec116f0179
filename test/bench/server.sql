-- One turn of what is measured inside of the server; prints name, CPU and elapsed µs.
TRUNCATE bench.result;
CALL bench.measure('seal-2', 'SELECT count(ootspg_internal.seal_with(content, ''bench'', ''file:bench.key'', ''file:bench.pem'')) FROM bench.document, generate_series(1, 4000) WHERE kilobytes = 2', 4000);
CALL bench.measure('seal-8', 'SELECT count(ootspg_internal.seal_with(content, ''bench'', ''file:bench.key'', ''file:bench.pem'')) FROM bench.document, generate_series(1, 2000) WHERE kilobytes = 8', 2000);
CALL bench.measure('seal-64', 'SELECT count(ootspg_internal.seal_with(content, ''bench'', ''file:bench.key'', ''file:bench.pem'')) FROM bench.document, generate_series(1, 300) WHERE kilobytes = 64', 300);
CALL bench.measure_evidence('sized', 2, 3);
CALL bench.measure_evidence('sized-unsealed', 2, 3);
CALL bench.measure_evidence('sized', 4, 3);
CALL bench.measure_evidence('sized-unsealed', 4, 3);
CALL bench.measure_evidence('sized', 8, 3);
CALL bench.measure_evidence('sized-unsealed', 8, 3);
CALL bench.measure_evidence('sized', 64, 3);
CALL bench.measure_evidence('sized-unsealed', 64, 3);
SELECT count(*) AS persons FROM bench.person \gset
CALL bench.measure('bulk', 'CALL bench.bulk()', :persons);
SELECT name || ' ' || cpu || ' ' || elapsed FROM bench.result;
