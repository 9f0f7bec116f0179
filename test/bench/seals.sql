-- What the seals are measured with. psql variable: seal_loop, the path of the library that seal_loop.c becomes.
-- Canonical text of four sizes
CREATE TABLE bench.document (kilobytes integer PRIMARY KEY, content bytea NOT NULL);
INSERT INTO bench.document
SELECT kb, convert_to('<r:Sized xmlns:r="urn:example:sized:1.0">'
		|| (SELECT string_agg('<r:Line>' || rpad('line ' || i, 128 - 17, ' text') || '</r:Line>', '') FROM generate_series(1, kb * 8) i)
		|| '</r:Sized>', 'UTF8')
  FROM unnest(ARRAY[2, 4, 8, 64]) kb;

CREATE FUNCTION bench.seal_loop(document bytea, name text, key_uri text, certificate_uri text, count integer) RETURNS integer
AS :'seal_loop', 'bench_seal_loop' LANGUAGE C STRICT;
