-- What can be served is not yet what can be published: directories ask for more. Whoever puts a type into service is told.

-- What a type and its provider lack whatever a directory expects. lines: those that are published
CREATE FUNCTION ootspg_internal.publishing_gaps(evidence_type text, provider text, lines text[], OUT place integer, OUT fact text, OUT remedy text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT 1, format('ootspg.access_service has no row for provider "%s"', publishing_gaps.provider), 'Columns "party_id_type" and "party_id" say by which access point it is reached.'
	 WHERE NOT EXISTS (SELECT FROM ootspg.access_service a WHERE a.provider = publishing_gaps.provider)
	UNION ALL
	SELECT 2, format('ootspg.access_service ("%s", %s): column "lines" lacks %s, on which evidence type "%s" is served', a.provider, a.party_id, l.line, publishing_gaps.evidence_type),
		   'Add the line, or leave the column NULL.'
	  FROM ootspg.access_service a, unnest(publishing_gaps.lines) l(line)
	 WHERE a.provider = publishing_gaps.provider AND NOT l.line = ANY (a.lines::text[])
	UNION ALL
	SELECT 3, format('ootspg.distribution has no row for evidence type "%s"', publishing_gaps.evidence_type), 'Add a format in which it can be had.'
	 WHERE NOT EXISTS (SELECT FROM ootspg.distribution d WHERE d.evidence_type = publishing_gaps.evidence_type AND NOT d.companion_only)
	UNION ALL
	SELECT 4, format('ootspg.distribution ("%s", "%s"): column "model" is NULL', d.evidence_type, d.distribution), 'The directory is told the data model of every XML or JSON (R-DSD-SUB-C038a, C038b).'
	  FROM ootspg.distribution d
	 WHERE d.evidence_type = publishing_gaps.evidence_type AND d.model IS NULL AND d.media_type IN ('application/xml', 'application/json')
	UNION ALL
	SELECT 5, format('ootspg.provider_concept has no row for provider "%s" and concept %s', publishing_gaps.provider, q.concept), 'Say for which answers the provider is the right one.'
	  FROM ootspg.evidence_type_concept q
	 WHERE q.evidence_type = publishing_gaps.evidence_type
	   AND NOT EXISTS (SELECT FROM ootspg.provider_concept a WHERE a.provider = publishing_gaps.provider AND a.concept = q.concept);
END;
COMMENT ON FUNCTION ootspg_internal.publishing_gaps(text, text, text[]) IS 'facts that every directory of data services must be told about a type and no row tells, in the order of place';

CREATE FUNCTION ootspg_internal.tell_unpublishable(type ootspg.evidence_type) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	gap record;
BEGIN
	IF EXISTS (SELECT FROM ootspg.directory_entry d WHERE d.evidence_type = type.evidence_type AND NOT d.publish) THEN
		RETURN;		-- deliberately not
	END IF;
	FOR gap IN
		SELECT -1 AS place, 'ootspg.directory_entry has no row for it' AS fact,
			   'Every type in service is published (D-REG-01); a row with publish = false says that it deliberately is not.' AS remedy
		 WHERE NOT EXISTS (SELECT FROM ootspg.directory_entry d WHERE d.evidence_type = type.evidence_type)
		UNION ALL
		SELECT 0, format('ootspg.publisher has no row for provider "%s"', type.provider), 'Column "jurisdiction" says where it is competent.'
		 WHERE NOT EXISTS (SELECT FROM ootspg.publisher d WHERE d.provider = type.provider)
		UNION ALL
		SELECT g.place, g.fact, g.remedy FROM ootspg_internal.publishing_gaps(type.evidence_type, type.provider,
			ARRAY(SELECT l.line::text FROM ootspg.evidence_type_line l WHERE l.evidence_type = type.evidence_type)) g
		ORDER BY 1, 2 LOOP
		RAISE NOTICE 'evidence type "%" can be served, but not published yet: %', type.evidence_type, gap.fact USING HINT = gap.remedy;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_unpublishable(ootspg.evidence_type) IS 'says by NOTICE, one for each reason, why a type cannot be published; nothing when a row says that it is not to be';
