-- Code lists of the state, which answers to classification concepts and jurisdictions in
-- 2.0 are taken from. The service refuses to lose a value in use and to gain one without
-- a new version (rule set MS-CLASS), so that is looked at here first (D-REG-07). How the
-- lists travel in a submission is not known: they are kept and checked, never emitted.

-- 2022-12 as well as 1.2; by number, so that 1.10 follows 1.9, and 1.0 is no step from 1.
CREATE FUNCTION ootspg_internal.version_key(version text) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_to_array(translate(regexp_replace(version, '([.-]0+)+$', ''), '-', '.'), '.')::integer[];
END;
COMMENT ON FUNCTION ootspg_internal.version_key(text) IS 'orders versions of code lists';

CREATE TABLE ootspg.classification_code_list (
	code_list		text PRIMARY KEY CHECK (code_list ~ E'^https://sr(\\.[a-zA-Z]+)?\\.oots\\.tech\\.ec\\.europa\\.eu/codelists/[A-Z]{2}/[A-Za-z0-9]{2,50}$'),
	version			text NOT NULL CHECK (version ~ '^[0-9]{1,9}([.-][0-9]{1,9}){0,7}$')
);
COMMENT ON TABLE ootspg.classification_code_list IS 'code lists of the state that are kept here, once they have codes: what refers to them is checked against them. A list that is not kept is not checked';
COMMENT ON COLUMN ootspg.classification_code_list.code_list IS 'its URL in the Semantic Repository, as in classification_concept.code_list and publisher.jurisdiction_list';
COMMENT ON COLUMN ootspg.classification_code_list.version IS 'version of the codes as they stand in ootspg.classification_code: raise it when you add or remove one. Numbers with points or hyphens, compared number by number';

CREATE TABLE ootspg.classification_code (
	code_list		text NOT NULL REFERENCES ootspg.classification_code_list ON UPDATE CASCADE ON DELETE CASCADE,
	code			text NOT NULL CHECK (code ~ E'^\\S+( \\S+)*$' AND char_length(code) <= 256),
	name			ootspg.localized_text,
	PRIMARY KEY (code_list, code)
);
COMMENT ON TABLE ootspg.classification_code IS 'the codes of each list; one that rows of this database use is not removed';
COMMENT ON COLUMN ootspg.classification_code.code_list IS 'list it is in';
COMMENT ON COLUMN ootspg.classification_code.code IS 'as it stands in provider_concept.supported and publisher.jurisdiction_codes';
COMMENT ON COLUMN ootspg.classification_code.name IS 'what the code means, for people';

CREATE TABLE ootspg.published_code_list (
	code_list		text NOT NULL,
	version			text NOT NULL,
	codes			text[] NOT NULL,
	recorded_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	recorded_by		text NOT NULL DEFAULT session_user,
	PRIMARY KEY (code_list, version)
);
COMMENT ON TABLE ootspg.published_code_list IS 'versions of code lists as they were published; written by ootspg.publish_code_list(). Outlives the list';
COMMENT ON COLUMN ootspg.published_code_list.code_list IS 'URL of the list';
COMMENT ON COLUMN ootspg.published_code_list.version IS 'version that was published';
COMMENT ON COLUMN ootspg.published_code_list.codes IS 'codes it had in that version';
COMMENT ON COLUMN ootspg.published_code_list.recorded_at IS 'when ootspg.publish_code_list() recorded it';
COMMENT ON COLUMN ootspg.published_code_list.recorded_by IS 'session user who recorded it';

CREATE FUNCTION ootspg_internal.lacks_code(code_list text, code text) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
	-- codes, not the row of the list: a dump restores all codes at once, but rows that use them before or after
	SELECT EXISTS (SELECT FROM ootspg.classification_code k WHERE k.code_list = lacks_code.code_list)
	   AND NOT EXISTS (SELECT FROM ootspg.classification_code k WHERE k.code_list = lacks_code.code_list AND k.code = lacks_code.code);
END;
COMMENT ON FUNCTION ootspg_internal.lacks_code(text, text) IS 'is the list kept here, without the code?';

CREATE FUNCTION ootspg_internal.configured_codes(OUT provider text, OUT code_list text, OUT code text, OUT place text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT a.provider, c.code_list, v.code, format('ootspg.provider_concept ("%s", %s): column "supported"', a.provider, a.concept)
	  FROM ootspg.provider_concept a JOIN ootspg.classification_concept c USING (concept), unnest(a.supported) v(code)
	 WHERE c.kind = 'codelist' AND c.code_list IS NOT NULL
	UNION ALL
	SELECT d.provider, d.jurisdiction_list, v.code, format('ootspg.publisher ("%s"): column "jurisdiction_codes"', d.provider)
	  FROM ootspg.publisher d, unnest(d.jurisdiction_codes) v(code);
END;
COMMENT ON FUNCTION ootspg_internal.configured_codes() IS 'codes of code lists that rows of this database use';

CREATE FUNCTION ootspg_internal.submission_codes(message bytea, OUT code_list text, OUT concept text, OUT code text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_submission_codes'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.submission_codes(bytea) IS
'values of concepts, and jurisdictions, as they stand in a submission or fragment, each with the code list that it names';

CREATE FUNCTION ootspg_internal.message_codes(message bytea, OUT code_list text, OUT code text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	-- in 1.0 a concept does not name its list: then it is the one that the concept has here
	SELECT DISTINCT coalesce(v.code_list, c.code_list), v.code
	  FROM ootspg_internal.submission_codes(message) v
	  LEFT JOIN ootspg.classification_concept c ON c.concept::text = lower(v.concept) AND c.kind = 'codelist';
END;
COMMENT ON FUNCTION ootspg_internal.message_codes(bytea) IS 'codes of code lists that a submission or fragment uses';

CREATE FUNCTION ootspg_internal.last_published(OUT code_list text, OUT version text, OUT codes text[]) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT DISTINCT ON (p.code_list) p.code_list, p.version, p.codes FROM ootspg.published_code_list p
	 ORDER BY p.code_list, ootspg_internal.version_key(p.version) DESC;
END;
COMMENT ON FUNCTION ootspg_internal.last_published() IS 'each code list as it was published last';

CREATE FUNCTION ootspg_internal.version_faults(OUT code_list text, OUT code text, OUT fault text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH list AS (
		SELECT l.code_list, p.codes AS published, ARRAY(SELECT k.code FROM ootspg.classification_code k WHERE k.code_list = l.code_list) AS codes,
			   ootspg_internal.version_key(l.version) < ootspg_internal.version_key(p.version) AS below
		  FROM ootspg.classification_code_list l JOIN ootspg_internal.last_published() p USING (code_list)
		 WHERE ootspg_internal.version_key(l.version) <= ootspg_internal.version_key(p.version))
	SELECT l.code_list, a.code, 'added without a new version' FROM list l, LATERAL (SELECT unnest(l.codes) EXCEPT SELECT unnest(l.published)) a(code)
	UNION ALL
	SELECT l.code_list, r.code, 'removed without a new version' FROM list l, LATERAL (SELECT unnest(l.published) EXCEPT SELECT unnest(l.codes)) r(code)
	UNION ALL
	SELECT l.code_list, NULL, 'version below the published one' FROM list l WHERE l.below;
END;
COMMENT ON FUNCTION ootspg_internal.version_faults() IS 'where lists differ from what was published last without a step of their version';

CREATE FUNCTION ootspg.check_code_lists(code_list text DEFAULT NULL, OUT list text, OUT code text, OUT fault text, OUT place text) RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	RETURN QUERY
	WITH used AS (
		SELECT c.code_list, c.code, c.place FROM ootspg_internal.configured_codes() c
		UNION ALL
		SELECT m.code_list, m.code, format('ootspg.fragment (%s, %s, "%s")', f.environment, f.service, f.fragment)
		  FROM ootspg.fragment f, ootspg_internal.message_codes(f.content) m
		 WHERE current_date >= f.valid_from AND (f.valid_until IS NULL OR current_date <= f.valid_until)
		UNION ALL
		SELECT m.code_list, m.code, format('ootspg.published_data_set (%s, %s)', p.environment, p.service)
		  FROM ootspg.published_data_set p, ootspg_internal.message_codes(p.message) m),
	faults AS (
		SELECT u.code_list, u.code, CASE WHEN u.code = ANY (p.codes) THEN 'removed, but in use' ELSE 'not in the list' END AS fault, u.place
		  FROM used u LEFT JOIN ootspg_internal.last_published() p USING (code_list) WHERE ootspg_internal.lacks_code(u.code_list, u.code)
		UNION ALL
		SELECT v.code_list, v.code, v.fault, NULL FROM ootspg_internal.version_faults() v)
	SELECT f.* FROM faults f WHERE f.code_list = coalesce(check_code_lists.code_list, f.code_list)
	 ORDER BY f.code_list COLLATE "C", f.fault, f.code COLLATE "C", f.place COLLATE "C";
END $$;
COMMENT ON FUNCTION ootspg.check_code_lists(text) IS
'what the common services would refuse of the code lists kept here, or of one: codes in use that are not in their list, by rows here, by fragments, or as a directory holds them; changes without a step of the version';

CREATE FUNCTION ootspg_internal.require_codes(message bytea) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	broken record;
BEGIN
	WITH used AS MATERIALIZED (SELECT m.* FROM ootspg_internal.message_codes(message) m)
	SELECT f.* INTO broken FROM (
		SELECT u.code_list, u.code, 'not in the list' AS fault FROM used u WHERE ootspg_internal.lacks_code(u.code_list, u.code)
		UNION ALL
		SELECT v.code_list, v.code, v.fault FROM ootspg_internal.version_faults() v WHERE v.code_list IN (SELECT u.code_list FROM used u)) f
	 ORDER BY f.code_list COLLATE "C", f.fault, f.code COLLATE "C" LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(concat_ws(' ', 'code list', broken.code_list || ':', '"' || broken.code || '"', broken.fault),
			'ootspg.check_code_lists() lists all and says which rows and fragments use them.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_codes(bytea) IS 'OT003 when a submission uses what is not in its list, or a list that changed without a step of its version';

CREATE FUNCTION ootspg.publish_code_list(code_list text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kept ootspg.classification_code_list;
	codes text[];
	broken record;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	SELECT l.* INTO kept FROM ootspg.classification_code_list l WHERE l.code_list = publish_code_list.code_list FOR UPDATE;	-- no code is added meanwhile
	codes := ARRAY(SELECT k.code FROM ootspg.classification_code k WHERE k.code_list = kept.code_list ORDER BY k.code COLLATE "C");
	IF codes = '{}' THEN
		PERFORM ootspg_internal.raise_configuration(format('ootspg.classification_code has no row for code list %s', publish_code_list.code_list),
			'Add its codes, or read them with ootspg.import_code_list().');
	END IF;
	SELECT c.* INTO broken FROM ootspg.check_code_lists(kept.code_list) c LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(concat_ws(' ', 'code list', broken.list || ':', '"' || broken.code || '"', broken.fault, '(' || broken.place || ')'),
			'ootspg.check_code_lists() lists all that would be refused.');
	END IF;
	INSERT INTO ootspg.published_code_list (code_list, version, codes) VALUES (kept.code_list, kept.version, codes) ON CONFLICT DO NOTHING;
END $$;
COMMENT ON FUNCTION ootspg.publish_code_list(text) IS
'records that the codes of a list are published under its version, and what later changes are compared with; refuses what ootspg.check_code_lists() finds in the list';

CREATE FUNCTION ootspg_internal.genericode(content bytea, OUT place integer, OUT language text, OUT value text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_genericode'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.genericode(bytea) IS
'a code list in genericode: its version at place 0, then of each row the code, without language, and its names, of the first column of each language';

-- Genericode, as the Semantic Repository publishes lists; some have rows twice, then the first counts.
CREATE FUNCTION ootspg.import_code_list(code_list text, content bytea) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	version text;
	codes text[];
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	SELECT g.value INTO version FROM ootspg_internal.genericode(content) g WHERE g.place = 0;
	codes := ARRAY(SELECT DISTINCT g.value FROM ootspg_internal.genericode(content) g WHERE g.place > 0 AND g.language IS NULL);
	IF coalesce(version, '') = '' OR codes = '{}' OR '' = ANY (codes) THEN
		RAISE EXCEPTION 'the content for % is not a code list in genericode', code_list
			USING ERRCODE = 'OT001', HINT = 'It has gc:CodeList, Identification/Version, ColumnSet/Key, and rows in SimpleCodeList, each with a code.';
	END IF;
	INSERT INTO ootspg.classification_code_list AS l (code_list, version) VALUES (import_code_list.code_list, version)
	ON CONFLICT ON CONSTRAINT classification_code_list_pkey DO UPDATE SET version = EXCLUDED.version;
	DELETE FROM ootspg.classification_code k WHERE k.code_list = import_code_list.code_list AND NOT EXISTS (SELECT FROM unnest(codes) c WHERE c = k.code);
	INSERT INTO ootspg.classification_code AS k (code_list, code, name)
	WITH g AS MATERIALIZED (SELECT v.* FROM ootspg_internal.genericode(content) v WHERE v.place > 0)
	SELECT import_code_list.code_list, u.code, jsonb_object_agg(n.language, n.name ORDER BY n.place DESC) FILTER (WHERE char_length(n.name) > 1)
	  FROM unnest(codes) u(code)
	  LEFT JOIN (SELECT r.value AS code, upper(l.language) AS language, l.value AS name, l.place
				   FROM g r JOIN g l USING (place) WHERE r.language IS NULL AND l.language IS NOT NULL) n USING (code)
	 GROUP BY u.code
	ON CONFLICT ON CONSTRAINT classification_code_pkey DO UPDATE SET name = EXCLUDED.name;
	RETURN cardinality(codes);
END $$;
COMMENT ON FUNCTION ootspg.import_code_list(text, bytea) IS
'reads a code list in genericode (gc:CodeList): its version, its codes and their names replace those that are kept under the URL. Returns the number of codes';

CREATE FUNCTION ootspg.import_code_list(code_list text, content xml) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
	SELECT ootspg.import_code_list(code_list, convert_to(content::text, 'UTF8'));
END;
COMMENT ON FUNCTION ootspg.import_code_list(text, xml) IS 'the same for a value of type xml';

-- Checked when the transaction ends, so that a code may change in the list and where it is used.
CREATE FUNCTION ootspg_internal.check_codes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	changed jsonb := CASE TG_TABLE_NAME WHEN 'classification_code' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
	broken record;
BEGIN
	SELECT c.* INTO broken FROM ootspg_internal.configured_codes() c
	 WHERE CASE TG_TABLE_NAME WHEN 'classification_code' THEN c.code_list = changed->>'code_list' AND c.code = changed->>'code'
							  WHEN 'classification_concept' THEN c.code_list = changed->>'code_list'
							  ELSE c.provider = changed->>'provider' END
	   AND ootspg_internal.lacks_code(c.code_list, c.code) LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('%s has "%s", which is not in code list %s', broken.place, broken.code, broken.code_list),
			'A code in use is in ootspg.classification_code, when the list is kept there; adding one takes a new version (D-REG-07).');
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_codes() IS 'refuses codes that a list kept here does not have, and to remove one in use';

-- Not on new codes: an INSERT completes a list, and what a list still lacks is found before a submission.
CREATE CONSTRAINT TRIGGER check_codes AFTER DELETE OR UPDATE OF code_list, code ON ootspg.classification_code
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_codes();
CREATE CONSTRAINT TRIGGER check_codes AFTER UPDATE OF kind, code_list ON ootspg.classification_concept
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_codes();
CREATE CONSTRAINT TRIGGER check_codes AFTER INSERT OR UPDATE OF concept, supported ON ootspg.provider_concept
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_codes();
CREATE CONSTRAINT TRIGGER check_codes AFTER INSERT OR UPDATE OF jurisdiction_list, jurisdiction_codes ON ootspg.publisher
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_codes();
