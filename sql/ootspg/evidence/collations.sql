-- Keys of names stay what they are from one server to the next (unicode.c), but an index sorts them by a collation, which the
-- C library or ICU may change with the system.
CREATE FUNCTION ootspg_internal.warn_of_collations() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	stale	record;
BEGIN
	FOR stale IN
		WITH made_by_key AS (
			SELECT d.classid, d.objid FROM pg_depend d
			 WHERE d.refclassid = 'pg_proc'::regclass
			   AND d.refobjid IN ('ootspg.name_key(text)'::regprocedure, 'ootspg.name_key(text, integer)'::regprocedure)
		), sorted AS (
			SELECT i.indexrelid, i.indcollation FROM pg_index i JOIN made_by_key k ON k.classid = 'pg_class'::regclass AND k.objid = i.indexrelid
			UNION
			SELECT i.indexrelid, i.indcollation FROM pg_index i JOIN pg_attrdef a ON a.adrelid = i.indrelid AND a.adnum = ANY (i.indkey)
			  JOIN made_by_key k ON k.classid = 'pg_attrdef'::regclass AND k.objid = a.oid
		), version AS (
			SELECT c.oid, format('ALTER COLLATION %s REFRESH VERSION', c.oid::regcollation) AS noted
			  FROM pg_collation c WHERE c.collversion <> pg_collation_actual_version(c.oid)
			UNION ALL
			SELECT '"default"'::regcollation, format('ALTER DATABASE %I REFRESH COLLATION VERSION', d.datname)
			  FROM pg_database d WHERE d.datname = current_database() AND d.datcollversion <> pg_database_collation_actual_version(d.oid)
		)
		SELECT s.indexrelid::regclass AS index, v.noted
		  FROM sorted s JOIN version v ON v.oid = ANY (s.indcollation::oid[])
		 ORDER BY s.indexrelid::regclass::text
	LOOP
		RAISE WARNING 'index % of names was sorted by another version of its collation', stale.index
			USING DETAIL = 'Who is registered may not be found by it.',
				  HINT = format('REINDEX INDEX CONCURRENTLY %s; then, after all indexes of that collation: %s', stale.index, stale.noted);
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.warn_of_collations() IS
'warns of indexes upon ootspg.name_key() whose collation had another version when it was noted last, as after an upgrade of the system';
