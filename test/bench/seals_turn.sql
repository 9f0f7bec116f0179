-- One turn of seals: seal() of text as anybody may give it, and the seal alone of text that is canonical as it was written. The
-- text is taken out of its table once, as a value that a view has just made would be.
\set key '''bench'', ''file:bench.key'', ''file:bench.pem'''
SELECT format('CALL bench.measure(%L, %L, %s)', 'seal-' || kilobytes,
			  format('SELECT count(ootspg_internal.seal_with(content, %s)) FROM (SELECT content || ''''::bytea AS content FROM bench.document WHERE kilobytes = %s OFFSET 0) d, generate_series(1, %s)', :'key', kilobytes, times), times),
	   format('CALL bench.measure(%L, %L, %s)', 'canonical-' || kilobytes,
			  format('SELECT bench.seal_loop(content, %s, %s) FROM bench.document WHERE kilobytes = %s', :'key', times, kilobytes), times)
  FROM bench.document, LATERAL (SELECT CASE WHEN kilobytes > 8 THEN 400 ELSE 6000 END AS times) t
 ORDER BY kilobytes \gexec
