-- Codes of the registry in the words of others.

CREATE TABLE ootspg.code_map (
	code_map		text NOT NULL CHECK (ootspg_internal.require('name', code_map)),
	registry_value	text NOT NULL,
	code			text NOT NULL,
	PRIMARY KEY (code_map, registry_value)
);
COMMENT ON TABLE ootspg.code_map IS 'registry values to code list values, for views; see ootspg.code()';
COMMENT ON COLUMN ootspg.code_map.code_map IS 'name by which views ask for it: ootspg.code(code_map, value)';
COMMENT ON COLUMN ootspg.code_map.registry_value IS 'value as the registry has it; letter case counts';
COMMENT ON COLUMN ootspg.code_map.code IS 'code that evidence gets (D-MOD-16)';

CREATE FUNCTION ootspg.code(code_map text, registry_value text) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan	-- so that no plan shows the value (D-LOG-06)
AS $$
DECLARE
	result text;
BEGIN
	SELECT m.code INTO result FROM ootspg.code_map m
	 WHERE m.code_map = code.code_map AND m.registry_value = code.registry_value;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'code map "%" does not know a registry value', code.code_map
			USING ERRCODE = 'OT005', HINT = 'Add the missing value to ootspg.code_map; evidence is never built with a guessed code (D-MOD-16).';
	END IF;
	RETURN result;
END $$;
COMMENT ON FUNCTION ootspg.code(text, text) IS
'the code of a registry value; raises OT005 when the map lacks it (D-MOD-16)';
