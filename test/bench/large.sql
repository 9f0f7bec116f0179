-- Peak of memory while one piece of evidence of 5 MB is built and sealed, against its size: "large-peak 0 RATIO". In a session
-- of its own that has built a small one and has read the rows, so that neither code nor shared pages count.
\set person '''99999999'''
INSERT INTO bench.person SELECT :person, family_name, given_name, DATE '1900-01-01', birthplace, sex, citizenship, document_no, issued, office FROM bench.person LIMIT 1;
INSERT INTO bench.residence SELECT :person, since + n, until, street, house, city, municipality, postcode, cadastre, kind FROM bench.residence, generate_series(1, 1600) n WHERE code = '00000001';
CREATE FUNCTION bench.memory(what text) RETURNS bigint LANGUAGE sql VOLATILE AS
	$$ SELECT substring(pg_read_file('/proc/self/status') FROM what || ':\s+(\d+) kB')::bigint * 1024 $$;
\connect -
SELECT octet_length(content) AS small FROM ootspg.evidence('residence', '{00000001}'::text[]) \g /dev/null
SELECT sum(octet_length(r::text)) FROM bench.residence r WHERE code = :person \g /dev/null
SELECT bench.memory('VmRSS') AS before \gset
SELECT octet_length(content) AS size FROM ootspg.evidence('residence', ARRAY[:person]) \gset
SELECT 'large-peak 0 ' || round((bench.memory('VmHWM') - :before)::numeric / :size, 2);
DELETE FROM bench.residence WHERE code = :person;
DELETE FROM bench.person WHERE code = :person;
