-- Evidence is built for some persons or all, unsealed and sent nowhere, so that what is wrong with a view is found
-- before the first foreign request finds it.

CREATE FUNCTION ootspg_internal.rehearsed_pieces(evidence_type text, distribution text, person_id text, line text,
	OUT role text, OUT media_type text, OUT valid_from text, OUT valid_until text, OUT content bytea)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_rehearsed_pieces'
LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg_internal.rehearsed_pieces(text, text, text, text) IS 'the pieces that a person would get, unsealed, without content where they are not there yet; of types out of service as well';

CREATE FUNCTION ootspg_internal.document_fault(media_type text, content bytea) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_document_fault'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.document_fault(text, bytea) IS 'what is wrong with a document of that media type: a PDF that cannot be followed, is encrypted or runs something, a picture that is cut off, an SVG with scripts or references outside; NULL: nothing';

-- What our own checks let through and a reader abroad will not make sense of. NULL: nothing
CREATE FUNCTION ootspg_internal.odd_piece(media_type text, valid_from text, valid_until text, content bytea) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT CASE
		WHEN valid_until::date < valid_from::date THEN 'the validity ends before it begins'
		ELSE ootspg_internal.document_fault(media_type, content)
		END;
END;
COMMENT ON FUNCTION ootspg_internal.odd_piece(text, text, text, bytea) IS 'what is odd about a piece that could leave; NULL: nothing';

-- One person's evidence: what hinders or disfigures it. An error of the registry is told by its SQLSTATE only.
CREATE FUNCTION ootspg_internal.person_faults(d ootspg.distribution, person_id text, line text) RETURNS SETOF text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	piece record;
	pieces integer := 0;
	fault text;
BEGIN
	FOR piece IN SELECT * FROM ootspg_internal.rehearsed_pieces(d.evidence_type, d.distribution, person_id, line) LOOP
		pieces := pieces + 1;
		IF piece.content IS NULL THEN
			RETURN NEXT 'not there yet: requesters are told when it will be';
			CONTINUE;
		END IF;
		fault := ootspg_internal.odd_piece(piece.media_type, piece.valid_from, piece.valid_until, piece.content);
		IF fault IS NOT NULL THEN
			RETURN NEXT fault;
		END IF;
	END LOOP;
	IF pieces = 0 THEN
		RETURN NEXT 'the document is NULL: counts as "no record"';
	END IF;
EXCEPTION
	WHEN query_canceled OR admin_shutdown OR out_of_memory OR disk_full THEN
		RAISE;
	WHEN OTHERS THEN
		RETURN NEXT CASE WHEN SQLSTATE LIKE 'OT%' THEN SQLERRM ELSE 'the registry fails with SQLSTATE ' || SQLSTATE END;
END $$;
COMMENT ON FUNCTION ootspg_internal.person_faults(ootspg.distribution, text, text) IS 'faults of one person''s evidence';

-- Columns that evidence is made of (doc/evidence_types.md), beside those that distributions name.
CREATE FUNCTION ootspg_internal.unread_columns(relation regclass, read text[]) RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT a.attname::text FROM pg_attribute a
	 WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> ALL (read)
	 ORDER BY a.attnum;
END;
COMMENT ON FUNCTION ootspg_internal.unread_columns(regclass, text[]) IS 'columns of a view that nothing reads: a misspelt optional one, perhaps';

-- The plan of a question, as it is asked (only volatile functions may EXPLAIN): which tables of more than a few rows it reads from end to end.
CREATE FUNCTION ootspg_internal.scanned_tables(question text) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json, VERBOSE) ' || question INTO plan;
	RETURN QUERY
	WITH RECURSIVE node(n) AS (
		SELECT plan::jsonb -> 0 -> 'Plan'
		UNION ALL
		SELECT child FROM node, jsonb_array_elements(n -> 'Plans') child)
	SELECT DISTINCT format('%I.%I', n ->> 'Schema', n ->> 'Relation Name')
	  FROM node JOIN pg_class c ON c.oid = ootspg_internal.find_relation(format('%I.%I', n ->> 'Schema', n ->> 'Relation Name'))
	 WHERE n ->> 'Node Type' = 'Seq Scan' AND c.relpages > 100;
END $$;
COMMENT ON FUNCTION ootspg_internal.scanned_tables(text) IS 'tables of more than 100 pages that the plan of a query reads from end to end';

-- What concerns a distribution's view as a whole. examples are keys of persons that it has.
CREATE FUNCTION ootspg_internal.source_faults(e ootspg.evidence_type, d ootspg.distribution, examples text[]) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found bigint;
	name text;
BEGIN
	FOR name IN SELECT u FROM ootspg_internal.unread_columns(d.source,
			'{person_id,issuing_date,valid_from,valid_until,language,title,evidence_id,evidence_key,piece_order,available_at,issuing_authority_scheme,issuing_authority_identifier,issuing_authority_name}'
			|| (SELECT array_agg(CASE WHEN ootspg_internal.is_generated(x) THEN 'document' ELSE x.document END) FROM ootspg.distribution x WHERE x.evidence_type = e.evidence_type AND x.source = d.source)
			|| CASE WHEN e.subject_source IS NULL THEN ootspg_internal.subject_columns() ELSE '{}' END) u LOOP
		RETURN NEXT format('column "%s" of %s is read by nothing', name, d.source);
	END LOOP;
	IF examples[1] IS NOT NULL THEN
		FOR name IN SELECT t FROM ootspg_internal.scanned_tables(format('SELECT 1 FROM %s s WHERE s.person_id = %L', d.source, examples[1])) t LOOP
			RETURN NEXT format('a person''s evidence is found by reading all of %s: an index is missing', name);
		END LOOP;
	END IF;
	IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = d.source AND a.attname = 'evidence_id' AND NOT a.attisdropped) THEN
		EXECUTE format('SELECT count(*) FROM (SELECT FROM %s s WHERE s.evidence_id IS NOT NULL GROUP BY s.evidence_id HAVING count(*) > 1) twice', d.source) INTO found;
		IF found > 0 THEN
			RETURN NEXT format('%s values of evidence_id stand in several rows', found);
		END IF;
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.source_faults(ootspg.evidence_type, ootspg.distribution, text[]) IS 'what is wrong or odd about a distribution''s view as a whole';

CREATE FUNCTION ootspg_internal.subject_columns() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT '{person_id,protected,family_name,given_name,birth_name,place_of_birth,date_of_birth,vat,tax,business_code,lei,eori,seed,sic}'::text[];
END;
COMMENT ON FUNCTION ootspg_internal.subject_columns() IS 'columns by which subjects are matched (doc/evidence_types.md)';

-- How persons are found: what makes everybody unknown, and what makes the search long.
CREATE FUNCTION ootspg_internal.matching_faults(e ootspg.evidence_type, relation regclass) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	name text;
	everybody boolean;
	found bigint;
BEGIN
	FOR name IN SELECT u FROM ootspg_internal.unread_columns(relation, ootspg_internal.subject_columns()) u WHERE e.subject_source IS NOT NULL LOOP
		RETURN NEXT format('column "%s" of %s is read by nothing', name, relation);
	END LOOP;
	IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = 'protected' AND NOT a.attisdropped) THEN
		EXECUTE format('SELECT bool_and(coalesce(s.protected::text, ''f'') NOT IN (''f'', ''false'', ''0'')) FROM %s s', relation) INTO everybody;
		IF everybody THEN
			RETURN NEXT format('everybody in %s counts as protected, so that nobody is found', relation);
		END IF;
	END IF;
	IF e.subject <> 'natural person' THEN
		RETURN;
	END IF;
	IF ootspg_internal.require_column(relation, 'date_of_birth', 'an attribute of every natural person') <> 'date'::regtype THEN
		EXECUTE format('SELECT count(*) FROM %s s WHERE s.date_of_birth::text !~ ''^[0-9]{4}-[0-9]{2}-[0-9]{2}$''', relation) INTO found;
		IF found > 0 THEN
			RETURN NEXT format('%s dates of birth in %s are not written YYYY-MM-DD: such persons are never found', found, relation);
		END IF;
	END IF;
	FOR name IN SELECT t FROM ootspg_internal.scanned_tables(
			format('SELECT 1 FROM %s s WHERE s.date_of_birth = ''1990-01-01'' AND ootspg.name_key(s.family_name::text) = ''x''', relation)) t LOOP
		RETURN NEXT format('a person is found by reading all of %s: an index is missing (doc/matching.md)', name);
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.matching_faults(ootspg.evidence_type, regclass) IS 'what is wrong or odd about a view of subjects';

-- Keys of persons to rehearse with; a function is asked for those of the subjects' view.
CREATE FUNCTION ootspg_internal.rehearsed_persons(relation regclass, persons integer) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result text[];
BEGIN
	EXECUTE format('SELECT array_agg(DISTINCT k.person_id) FROM (SELECT s.person_id::text FROM %s s WHERE s.person_id IS NOT NULL LIMIT $1) k', relation)
		INTO result USING persons;
	RETURN coalesce(result, '{}');
END $$;
COMMENT ON FUNCTION ootspg_internal.rehearsed_persons(regclass, integer) IS 'keys of some persons of a view, of all for NULL';

CREATE FUNCTION ootspg_internal.unmatched_persons(relation regclass, persons text[]) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	result text[];
BEGIN
	EXECUTE format('SELECT array_agg(p) FROM unnest($1) p WHERE NOT EXISTS (SELECT FROM %s s WHERE s.person_id::text = p)', relation)
		INTO result USING persons;
	RETURN result;
END $$;
COMMENT ON FUNCTION ootspg_internal.unmatched_persons(regclass, text[]) IS 'persons with evidence whom nobody can be matched with';

CREATE FUNCTION ootspg_internal.rehearse_distribution(e ootspg.evidence_type, d ootspg.distribution, line text, persons integer,
	OUT fault text, OUT persons_with text[]) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	tried text[] := ootspg_internal.rehearsed_persons(coalesce(d.source, e.subject_source), persons);
	person text;
	faults text[];
BEGIN
	IF d.source IS NOT NULL THEN
		RETURN QUERY SELECT f, NULL::text[] FROM ootspg_internal.source_faults(e, d, tried) f;
		persons_with := CASE WHEN e.subject_source IS NOT NULL THEN ootspg_internal.unmatched_persons(e.subject_source, tried) END;
		IF persons_with IS NOT NULL THEN
			fault := format('person_id of %s is not in %s', d.source, e.subject_source);
			RETURN NEXT;
		END IF;
	END IF;
	FOREACH person IN ARRAY tried LOOP
		faults := ARRAY(SELECT DISTINCT f FROM ootspg_internal.person_faults(d, person, line) f);
		persons_with := ARRAY[person];
		FOREACH fault IN ARRAY CASE faults WHEN '{}' THEN ARRAY[NULL] ELSE faults END LOOP
			RETURN NEXT;
		END LOOP;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.rehearse_distribution(ootspg.evidence_type, ootspg.distribution, text, integer) IS
'faults of a distribution and persons who have them; without fault: persons whose evidence is right';

-- Asked of the tables themselves: the caller sees rows of its own providers only.
CREATE FUNCTION ootspg_internal.gone_sources(e ootspg.evidence_type, OUT distribution text, OUT fault text) RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	s record;
	remedy text;
BEGIN
	FOR s IN
		SELECT NULL::text AS distribution, 'subject_source' AS named_in, e.subject_source AS relation, e.subject_source_name AS name, e.subject_source_owner AS owner, NULL::text AS function
		 WHERE e.subject_source IS NOT NULL AND NOT ootspg_internal.is_there(e.subject_source)
		UNION ALL
		SELECT d.distribution, 'source', d.source, d.source_name, d.source_owner, NULL
		  FROM ootspg.distribution d WHERE d.evidence_type = e.evidence_type AND d.source IS NOT NULL AND NOT ootspg_internal.is_there(d.source)
		UNION ALL
		SELECT d.distribution, 'source_function', NULL, NULL, NULL, d.source_function
		  FROM ootspg.distribution d WHERE d.evidence_type = e.evidence_type AND d.source_function IS NOT NULL AND to_regprocedure(d.source_function || '(text[])') IS NULL
		ORDER BY 1 NULLS FIRST LOOP
		BEGIN
			PERFORM ootspg_internal.raise_gone(ROW(e.evidence_type, s.distribution, s.named_in, s.relation, s.name, s.owner, s.function));
		EXCEPTION WHEN SQLSTATE 'OT003' THEN
			GET STACKED DIAGNOSTICS remedy = PG_EXCEPTION_HINT;
			distribution := s.distribution;
			fault := SQLERRM || '. ' || remedy;
			RETURN NEXT;
		END;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.gone_sources(ootspg.evidence_type) IS 'views and functions of a type that are gone, in the words that everything else has for it';

CREATE FUNCTION ootspg.rehearse(evidence_type text, sample integer DEFAULT 1000, line ootspg.edm_line DEFAULT NULL,
	OUT distribution text, OUT fault text, OUT persons bigint, OUT examples text[]) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	e ootspg.evidence_type;
	asked text := rehearse.line;
BEGIN
	SELECT * INTO e FROM ootspg.evidence_type t WHERE t.evidence_type = rehearse.evidence_type;
	SELECT max(l.line) INTO asked FROM ootspg.evidence_type_line l
	 WHERE l.evidence_type = e.evidence_type AND l.line::text = coalesce(asked, l.line::text);
	IF asked IS NULL THEN
		RAISE EXCEPTION 'evidence type "%" does not exist, is not yours to see, or is not served on that line', rehearse.evidence_type USING ERRCODE = 'OT006';
	END IF;
	RETURN QUERY SELECT g.distribution, g.fault, NULL::bigint, NULL::text[] FROM ootspg_internal.gone_sources(e) g;
	IF FOUND THEN	-- the rest would be errors of PostgreSQL about the same
		RETURN;
	END IF;
	IF e.preview <> 'exempt' AND NOT EXISTS (SELECT FROM ootspg.preview_space p WHERE p.provider = e.provider) THEN
		RETURN QUERY SELECT NULL::text, 'requests for a preview get EDM:ERR:0007: the provider has no row in ootspg.preview_space', NULL::bigint, NULL::text[];
	END IF;
	IF ootspg_internal.generates(e.evidence_type) THEN
		RETURN QUERY SELECT NULL::text, concat_ws('. ', w.fault, w.remedy), NULL::bigint, NULL::text[] FROM ootspg_internal.writer_fault() w WHERE w.fault IS NOT NULL
			UNION ALL SELECT NULL, format('data model "%s" version %s lacks %s labels that generated documents show, in %s: ootspg.missing_labels() lists them, ootspg.import_labels() or rows of ootspg.data_model_label add them', l.model, l.version, l.missing, l.languages), NULL, NULL
						FROM ootspg_internal.lacking_labels(e.evidence_type) l;
	END IF;
	RETURN QUERY SELECT NULL::text, f, NULL::bigint, NULL::text[]
		FROM (SELECT e.subject_source AS relation WHERE e.subject_source IS NOT NULL
			  UNION SELECT d.source FROM ootspg.distribution d WHERE d.evidence_type = e.evidence_type AND d.source IS NOT NULL AND e.subject_source IS NULL) r,
			 ootspg_internal.matching_faults(e, r.relation) f;
	RETURN QUERY SELECT d.distribution, r.fault, nullif(count(p.person), 0), (array_agg(p.person ORDER BY p.person) FILTER (WHERE r.fault IS NOT NULL AND p.person IS NOT NULL))[1:5]
		FROM ootspg.distribution d, ootspg_internal.rehearse_distribution(e, d, asked, sample) r
		LEFT JOIN LATERAL unnest(r.persons_with) p(person) ON true
	   WHERE d.evidence_type = e.evidence_type AND NOT d.companion_only	-- rehearsed with what they accompany
	   GROUP BY d.distribution, r.fault ORDER BY d.distribution COLLATE "C", r.fault IS NOT NULL, count(p.person) DESC, r.fault COLLATE "C";
END $$;
COMMENT ON FUNCTION ootspg.rehearse(text, integer, ootspg.edm_line) IS
'builds the evidence of some persons (sample; NULL: all) without sealing or sending it, of a type in service or not, with the caller''s privileges: a row for each fault of each distribution, with the number of persons and the keys of some; without fault: persons whose evidence is right. Rows without distribution tell how persons are matched, and what lacks where documents are generated';
