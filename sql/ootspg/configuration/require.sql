-- Checks of configuration values. Each returns true or raises SQLSTATE OT003 with
-- a hint, so that a wrong row is refused in words at configuration time.

CREATE FUNCTION ootspg_internal.require(kind text, value text) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_require'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.require(text, text) IS
'true when the value is of that kind (country, language, agent scheme, level of assurance, procedure, media type, line, identifier, name, URLs and file URIs of access points); raises OT003 otherwise; NULL passes';

CREATE FUNCTION ootspg_internal.require_url(kind text, line text, url text) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_require_url'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.require_url(text, text, text) IS
'true when the URL has the shape the line asks of a classification or a data model (R-EDM-REQ-C027, C034; D-MOD-08); raises OT003 otherwise';

CREATE FUNCTION ootspg_internal.require_localized(texts jsonb) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_require_localized'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.require_localized(jsonb) IS
'true when it is an object of upper-case language codes to texts of at least two characters (R-EDM-REQ-C028, C092); raises OT003 otherwise; NULL passes';

CREATE DOMAIN ootspg.localized_text AS jsonb
	CHECK (ootspg_internal.require_localized(VALUE));
COMMENT ON DOMAIN ootspg.localized_text IS
'text in one or more languages, as in {"EN": "Birth certificate", "LV": "Dzimšanas apliecība"}';

CREATE DOMAIN ootspg.edm_line AS text
	CHECK (ootspg_internal.require('line', VALUE));
COMMENT ON DOMAIN ootspg.edm_line IS
'a line of the evidence exchange data model: oots-edm:v1.0, v1.1, v1.2 or v2.0';
