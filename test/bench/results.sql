-- Hands out what bench.measure() noted: name, CPU and elapsed µs.
SELECT name || ' ' || cpu || ' ' || elapsed FROM bench.result;
TRUNCATE bench.result;
