\echo Use "CREATE EXTENSION ootspg" to load this file. \quit

-- Some databases still have standard_conforming_strings = off, and a script is read whole before a SET in it counts:
-- no plain literal here has a backslash.

DO $$
BEGIN
	IF pg_catalog.current_setting('server_encoding') <> 'UTF8' THEN
		RAISE EXCEPTION 'ootspg needs a database of encoding UTF8'
			USING ERRCODE = 'feature_not_supported',
			DETAIL = 'Messages and evidence are UTF-8; names that another encoding cannot hold could not be matched.',
			HINT = 'Create the database with ENCODING ''UTF8'' and move the registry or its views there.';
	END IF;
END $$;

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
