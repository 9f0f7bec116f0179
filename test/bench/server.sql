-- One turn of what is measured inside of the server; prints name, CPU and elapsed µs.
TRUNCATE bench.result;
\set key '''bench'', ''file:bench.key'', ''file:bench.pem'''
SELECT format('CALL bench.measure(%L, %L, %s)', 'seal-' || kilobytes,
			  format('SELECT count(ootspg_internal.seal_with(content, %s)) FROM bench.document, generate_series(1, %s) WHERE kilobytes = %s', :'key', times, kilobytes), times),
	   format('CALL bench.measure(%L, %L, %s)', 'canonical-' || kilobytes,
			  format('SELECT bench.seal_loop(content, %s, %s) FROM bench.document WHERE kilobytes = %s', :'key', times, kilobytes), times)
  FROM bench.document, LATERAL (SELECT CASE WHEN kilobytes > 8 THEN 400 ELSE 6000 END AS times) t
 ORDER BY kilobytes \gexec
SELECT count(*) AS persons FROM bench.person \gset
CALL bench.measure('bulk', 'CALL bench.bulk()', :persons);
SELECT name || ' ' || cpu || ' ' || elapsed FROM bench.result;
