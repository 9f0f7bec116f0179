-- Names: coarse key for the index, exact comparison, given name policies (D-IDM-11 … -13).

CREATE FUNCTION ootspg.name_policy_version() RETURNS integer
AS 'MODULE_PATHNAME', 'ootspg_name_policy_version'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.name_policy_version() IS
'version of the name normalisation this release applies; recorded with each match (D-IDM-12)';

-- What stands in indexes is not for parallel workers: a build would load the library in the
-- midst of a parallel operation, where the server refuses to set its settings.
CREATE FUNCTION ootspg.name_key(name text) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_name_key'
LANGUAGE C IMMUTABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg.name_key(text) IS
'coarse key of a name, the same for all its spellings; index it: CREATE INDEX ON person (date_of_birth, ootspg.name_key(family_name))';

CREATE FUNCTION ootspg.name_key(name text, version integer) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_name_key_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION ootspg.name_key(text, integer) IS
'coarse key of a name under that policy version; raises 22023 for a version this release does not know';

CREATE FUNCTION ootspg.names_match(a text, b text) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_names_match'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.names_match(text, text) IS
'true when the names share a documented spelling; equality after normalisation, not similarity (D-IDM-11)';

CREATE FUNCTION ootspg.given_names_match(a text, b text, policy text DEFAULT 'set') RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_given_names_match'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.given_names_match(text, text, text) IS
'policy set: all given names equal in any order; policy first: the first equal, to be combined with a further attribute (D-IDM-13)';

CREATE FUNCTION ootspg_internal.name_table(OUT source text, OUT spellings text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_name_table'
LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 120;
COMMENT ON FUNCTION ootspg_internal.name_table() IS 'lines of the folding table as compiled in';

CREATE FUNCTION ootspg_internal.name_alternatives(OUT source text, OUT alternative text) RETURNS SETOF record
LANGUAGE SQL IMMUTABLE PARALLEL SAFE ROWS 300
BEGIN ATOMIC
	SELECT t.source, a.alternative
	FROM ootspg_internal.name_table() t,
		pg_catalog.unnest(pg_catalog.string_to_array(CASE WHEN t.spellings = '' THEN '|' ELSE t.spellings END, '|')) a (alternative)
	GROUP BY t.source, a.alternative;
END;
COMMENT ON FUNCTION ootspg_internal.name_alternatives() IS
'folding table of the name policy: letters and what they may be spelt like';
