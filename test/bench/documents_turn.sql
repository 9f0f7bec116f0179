-- One turn of documents, in a session that is warm: it has made each kind once.
SELECT octet_length(bench.pdf(value)) FROM bench.birth_value WHERE n = 1 \g /dev/null
SELECT octet_length(bench.pdf(value)) FROM bench.insurance_value WHERE n <= 3 \g /dev/null
SELECT substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+)') AS before \gset
CALL bench.measure('document-1', 'SELECT sum(octet_length(bench.pdf(value))) FROM bench.birth_value', 200);
CALL bench.measure('document-20', 'SELECT sum(octet_length(bench.pdf(value))) FROM bench.insurance_value WHERE pages = 20', 20);
CALL bench.measure('document-40', 'SELECT sum(octet_length(bench.pdf(value))) FROM bench.insurance_value WHERE pages = 40', 20);
INSERT INTO bench.result SELECT 'document-kept', 0, substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+)')::integer - :before;
INSERT INTO bench.result SELECT 'document-bytes-1', 0, octet_length(bench.pdf(value)) FROM bench.birth_value WHERE n = 1;
INSERT INTO bench.result SELECT 'document-bytes-20', 0, octet_length(bench.pdf(value)) / 20 FROM bench.insurance_value WHERE pages = 20 AND n = 1;
