\echo Use "CREATE EXTENSION ootspg" to load this file. \quit

-- ootspg is for people: configuration, functions, views. ootspg_internal is
-- for the extension itself and may change with any release.
CREATE SCHEMA ootspg_internal;
COMMENT ON SCHEMA ootspg IS 'OOTS evidence provider: configuration, functions and reports';
COMMENT ON SCHEMA ootspg_internal IS 'internals of ootspg, subject to change; use schema ootspg';

CREATE FUNCTION ootspg.library_version() RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_library_version'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.library_version() IS
'version of the loaded library; differs from the installed extension''s until ALTER EXTENSION ootspg UPDATE';
