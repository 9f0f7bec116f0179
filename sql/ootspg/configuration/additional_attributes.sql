-- What users may be asked for in the preview space, as evidence types declare it (D-PRE-13).

CREATE FUNCTION ootspg_internal.require_additional_attributes(attributes jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	a record;
BEGIN
	IF jsonb_typeof(attributes) <> 'object' OR (SELECT count(*) > 8 FROM jsonb_object_keys(attributes)) THEN
		PERFORM ootspg_internal.raise_configuration('additional attributes are an object of at most eight', 'Write them as in {"birth_name": {}, "mother": {"EN": "First name of your mother"}}.');
	END IF;
	FOR a IN SELECT * FROM jsonb_each(attributes) LOOP
		IF a.key !~ '^[a-z][a-z0-9_]{0,62}$' OR a.key IN ('family_name', 'given_name', 'date_of_birth', 'protected') THEN
			PERFORM ootspg_internal.raise_configuration(format('"%s" is no additional attribute', a.key), 'They are columns in small letters of the view that persons are matched against, but for those that every request has.');
		END IF;
		IF a.value <> '{}' THEN
			PERFORM ootspg_internal.require_localized(a.value);
		END IF;
	END LOOP;
	RETURN true;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_additional_attributes(jsonb) IS 'true when it is an object of columns with their names by language; raises OT003 otherwise';
