-- Canonical XML and XML Schemas (src/xml).
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

CREATE FUNCTION ootspg_internal.is_canonical(document bytea) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_is_canonical'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.is_canonical(bytea) IS
'true when the text is seen to be its own canonical form without being parsed, so that it is sealed as it is; false says nothing';

CREATE FUNCTION ootspg_internal.require_schema(schema bytea) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_require_schema'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.require_schema(bytea) IS
'true when it is an XML Schema that stands alone and compiles; raises OT003 otherwise; NULL passes';

CREATE FUNCTION ootspg_internal.schema_fault(schema bytea, document bytea) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_schema_fault'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.schema_fault(bytea, bytea) IS
'where the document first breaks the schema: element and line, no content; NULL when it is valid';
