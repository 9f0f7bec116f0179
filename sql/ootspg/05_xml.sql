
-- The canonical form of XML (src/xml).
CREATE FUNCTION ootspg.canonical(document bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_canonical'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.canonical(bytea) IS
'exclusive canonical XML 1.0 without comments, the bytes that a seal''s digest is made of; refuses what the limits of ootspg refuse';

CREATE FUNCTION ootspg_internal.canonical_rewrite(document bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_canonical_rewrite'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.canonical_rewrite(bytea) IS
'the same by the writer that evidence is written with; a test that both agree. Refuses processing instructions';
