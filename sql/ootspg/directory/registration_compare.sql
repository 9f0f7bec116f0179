-- What a directory says beside what we serve: findings, each pass, differs or missing. Texts
-- are compared as they are shown. What the sides tell in several places is a list, sorted.

CREATE TYPE ootspg_internal.finding AS (place integer, finding text, result text, ours text, theirs text);
COMMENT ON TYPE ootspg_internal.finding IS 'one point that was compared, and how it looks on either side';

CREATE FUNCTION ootspg_internal.compared(place integer, finding text, ours text, theirs text) RETURNS ootspg_internal.finding
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ROW(place, finding, CASE WHEN ours IS NOT DISTINCT FROM theirs THEN 'pass' WHEN theirs IS NULL THEN 'missing' ELSE 'differs' END,
			   ours, theirs)::ootspg_internal.finding;
END;
COMMENT ON FUNCTION ootspg_internal.compared(integer, text, text, text) IS 'the finding that two texts make';

-- Hosts and environments of the repository vary, and so does the folder of data models from
-- line to line (D-MOD-08); what stands behind them names the thing.
CREATE FUNCTION ootspg_internal.without_host(url text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT lower(regexp_replace(url, '^https?://[^/]+/((distributions|datamodels)/)?', ''));
END;
COMMENT ON FUNCTION ootspg_internal.without_host(text) IS 'path of a URL, for comparing';

CREATE FUNCTION ootspg_internal.shown_country(country text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE country WHEN 'GR' THEN 'EL' ELSE country END;
END;
COMMENT ON FUNCTION ootspg_internal.shown_country(text) IS 'Greece has one code in the list of 1.0 and another one in what directories tell';

CREATE FUNCTION ootspg_internal.shown_values(concepts jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT string_agg(v.shown, '; ' ORDER BY v.shown) FROM (
		SELECT lower(c ->> 'concept') || ' = ' || (SELECT string_agg(DISTINCT x, ', ' ORDER BY x) FROM jsonb_array_elements_text(c -> 'values') x) AS shown
		  FROM jsonb_array_elements(concepts) c) v;
END;
COMMENT ON FUNCTION ootspg_internal.shown_values(jsonb) IS 'classification concepts of an answer with their values, as text';

-- Data Services Directory: what it should say -----------------------------------------

CREATE FUNCTION ootspg_internal.published_access(t ootspg.directory_target, e ootspg.evidence_type, OUT services text, OUT lines text) RETURNS record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH own AS (
		SELECT r.* FROM ootspg_internal.reached(t, (e).provider) r
		 WHERE (t).line <> 'oots-edm:v1.0' OR r.data_service = (e).data_service)	-- where an access service has one line, and a type its own
	SELECT (SELECT string_agg(DISTINCT o.access_key, ', ' ORDER BY o.access_key) FROM own o),
		   CASE WHEN (t).line = 'oots-edm:v1.0' THEN (SELECT string_agg(DISTINCT o.line, ', ' ORDER BY o.line) FROM own o)
				ELSE (SELECT string_agg(DISTINCT r.line, ', ' ORDER BY r.line) FROM ootspg_internal.reached(t, NULL) r	-- whoever shares it
					   WHERE r.access_key IN (SELECT o.access_key FROM own o)) END;
END;
COMMENT ON FUNCTION ootspg_internal.published_access(ootspg.directory_target, ootspg.evidence_type) IS 'access services of an evidence type, and the lines they list';

CREATE FUNCTION ootspg_internal.published_distributions(t ootspg.directory_target, evidence_type text, OUT formats text, OUT languages text) RETURNS record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT string_agg(DISTINCT d.shown, ', ' ORDER BY d.shown), string_agg(DISTINCT d.media_type || ' ' || d.languages, ', ' ORDER BY d.media_type || ' ' || d.languages)
	  FROM (SELECT x.media_type,
				   concat_ws(' ', x.media_type, CASE WHEN s.structured THEN ootspg_internal.without_host(m.url || CASE WHEN x.subset IS NULL THEN '' ELSE '/' || x.subset END) END) AS shown,
				   (SELECT string_agg(l.language, '+' ORDER BY l.language) FROM ootspg.distribution_language l
					 WHERE l.evidence_type = x.evidence_type AND l.distribution = x.distribution) AS languages
			  FROM ootspg.distribution x, LATERAL (SELECT x.media_type IN ('application/xml', 'application/json') AS structured) s,
				   LATERAL (SELECT ootspg_internal.target_model(t, x.model, x.model_version) AS url) m
			 WHERE x.evidence_type = published_distributions.evidence_type AND NOT x.companion_only
			   AND (x.subset IS NULL OR (t).transformation OR (t).line = 'oots-edm:v2.0')) d;
END;
COMMENT ON FUNCTION ootspg_internal.published_distributions(ootspg.directory_target, text) IS 'formats with data models or subsets of them, and the languages of each format';

-- Since 1.2 the values may stand at the question too, and what other evidence types ask for
-- may stand at the provider: only the concepts of this type count, wherever they stand.
CREATE FUNCTION ootspg_internal.published_values(e ootspg.evidence_type) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT string_agg(v.shown, '; ' ORDER BY v.shown) FROM (
		SELECT a.concept || ' = ' || (SELECT string_agg(DISTINCT x, ', ' ORDER BY x) FROM unnest(a.supported) x) AS shown
		  FROM ootspg.provider_concept a
		 WHERE a.provider = (e).provider
		   AND a.concept IN (SELECT q.concept FROM ootspg.evidence_type_concept q WHERE q.evidence_type = (e).evidence_type)) v;
END;
COMMENT ON FUNCTION ootspg_internal.published_values(ootspg.evidence_type) IS 'the values for which we are the right provider, of the concepts that the evidence type asks for';

CREATE TYPE ootspg_internal.entry_facts AS (entries bigint, identifier text, access text, lines text, formats text, languages text, level text,
	country text, jurisdiction text, supported text, broken text, v20 boolean);
COMMENT ON TYPE ootspg_internal.entry_facts IS 'an entry of the Data Services Directory as it is compared; v20: places and languages as 2.0 has them';

CREATE FUNCTION ootspg_internal.served_facts(t ootspg.directory_target, evidence_type text) RETURNS ootspg_internal.entry_facts
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ROW(1, e.data_service, a.services, a.lines, f.formats, f.languages, CASE WHEN (t).level_of_assurance THEN e.level_of_assurance END,
			   ootspg_internal.shown_country(p.country),
			   concat_ws(' ', ootspg_internal.shown_country(d.jurisdiction), CASE WHEN (t).line <> 'oots-edm:v2.0' THEN concat_ws(' ', d.jurisdiction_nuts, d.jurisdiction_lau)
				ELSE (SELECT string_agg(c, ' ' ORDER BY c) FROM unnest(d.jurisdiction_codes) c) END),
			   ootspg_internal.published_values(e), 'none', (t).line = 'oots-edm:v2.0')::ootspg_internal.entry_facts
	  FROM ootspg.evidence_type e JOIN ootspg.provider p USING (provider) LEFT JOIN ootspg.publisher d USING (provider),
		   LATERAL ootspg_internal.published_access(t, e) a, LATERAL ootspg_internal.published_distributions(t, e.evidence_type) f
	 WHERE e.evidence_type = served_facts.evidence_type;
END;
COMMENT ON FUNCTION ootspg_internal.served_facts(ootspg.directory_target, text) IS 'what the directory should say about an evidence type';

-- and what it says -------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.told_facts(evidence_type text, http_status integer, content_type text, body bytea) RETURNS ootspg_internal.entry_facts
LANGUAGE sql
BEGIN ATOMIC
	WITH entry AS MATERIALIZED (	-- rows about our evidence type and our provider
		SELECT a.*, concat_ws(' ', a.media_type, ootspg_internal.without_host(coalesce(a.transformation, a.data_model))) AS format,
			   a.media_type || ' ' || (SELECT string_agg(u, '+' ORDER BY u) FROM unnest(a.languages) u) AS spoken,
			   concat_ws(' ', ootspg_internal.shown_country(a.jurisdiction ->> 'level1'), a.jurisdiction ->> 'level2', a.jurisdiction ->> 'level3',
				(SELECT string_agg(b ->> 'code', ' ' ORDER BY b ->> 'code') FROM jsonb_array_elements(a.jurisdiction -> 'areas') b)) AS place
		  FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a, ootspg.evidence_type e JOIN ootspg.provider p USING (provider)
		 WHERE e.evidence_type = told_facts.evidence_type AND a.class = 'registered' AND a.publisher_scheme = p.scheme AND a.publisher = p.identifier
		   AND lower(ootspg_internal.eb_key(a.classification)) IN (SELECT lower(ootspg_internal.eb_key(l.classification)) FROM ootspg.evidence_type_line l
																	 WHERE l.evidence_type = e.evidence_type))
	SELECT ROW(count(DISTINCT x.object), string_agg(DISTINCT lower(x.data_service), ', ' ORDER BY lower(x.data_service)),
			   string_agg(DISTINCT x.access_service_scheme || '::' || x.access_service, ', ' ORDER BY x.access_service_scheme || '::' || x.access_service),
			   (SELECT string_agg(DISTINCT c, ', ' ORDER BY c) FROM entry y, unnest(y.conforms_to) c),
			   string_agg(DISTINCT x.format, ', ' ORDER BY x.format), string_agg(DISTINCT x.spoken, ', ' ORDER BY x.spoken),
			   string_agg(DISTINCT x.level_of_assurance, ', ' ORDER BY x.level_of_assurance),
			   string_agg(DISTINCT ootspg_internal.shown_country(x.country), ', ' ORDER BY ootspg_internal.shown_country(x.country)),
			   string_agg(DISTINCT x.place, ', ' ORDER BY x.place),
			   (SELECT ootspg_internal.shown_values(jsonb_agg(DISTINCT c)) FROM entry y, jsonb_array_elements(y.publisher_values || y.service_values) c
				 WHERE jsonb_array_length(c -> 'values') > 0
				   AND lower(c ->> 'concept') IN (SELECT q.concept::text FROM ootspg.evidence_type_concept q WHERE q.evidence_type = told_facts.evidence_type)),
			   coalesce((SELECT string_agg(DISTINCT b.rule, ', ' ORDER BY b.rule) FROM (SELECT DISTINCT data_service, publisher_scheme, publisher FROM entry) y,
						unnest(ootspg_internal.broken_answer_rules(body, y.data_service, y.publisher_scheme, y.publisher)) b(rule)), 'none'),
			   bool_or(x.specification ~ E'^oots-cs:v2\\.') IS TRUE)::ootspg_internal.entry_facts
	  FROM entry x;
END;
COMMENT ON FUNCTION ootspg_internal.told_facts(text, integer, text, bytea) IS 'what an answer says about an evidence type of ours; entries is 0 when it says nothing';

CREATE FUNCTION ootspg_internal.compare_line(line text, theirs ootspg_internal.entry_facts) RETURNS ootspg_internal.finding
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT ootspg_internal.compared(0, 'line', line, CASE WHEN line = ANY (string_to_array((theirs).lines, ', ')) THEN line END);
END;
COMMENT ON FUNCTION ootspg_internal.compare_line(text, ootspg_internal.entry_facts) IS 'is the entry found by who names the line?';

-- An answer has the shape of the version asked for, whatever was submitted: what only one of
-- the shapes can say is compared where both sides have it.
CREATE FUNCTION ootspg_internal.compare_entry(ours ootspg_internal.entry_facts, theirs ootspg_internal.entry_facts) RETURNS SETOF ootspg_internal.finding
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT (ootspg_internal.compared(v.place, v.finding, v.here, v.there)).*
	  FROM (VALUES
		(0, 'entry', 'there', CASE WHEN (theirs).entries > 0 THEN 'there' END, true),
		(1, 'identifier', (ours).identifier, (theirs).identifier, true),
		(2, 'access service', (ours).access, (theirs).access, true),
		(3, 'lines', (ours).lines, (theirs).lines, true),
		(4, 'distributions', (ours).formats, (theirs).formats, true),
		(5, 'languages', (ours).languages, (theirs).languages, (ours).v20 AND (theirs).v20),
		(6, 'level of assurance', (ours).level, (theirs).level, (ours).level IS NOT NULL),
		(7, 'country', (ours).country, (theirs).country, true),
		(8, 'jurisdiction', (ours).jurisdiction, (theirs).jurisdiction, (ours).v20 = (theirs).v20),
		(8, 'jurisdiction', split_part((ours).jurisdiction, ' ', 1), split_part((theirs).jurisdiction, ' ', 1), (ours).v20 <> (theirs).v20),
		(9, 'classification values', (ours).supported, (theirs).supported, true),
		(10, 'entries', (ours).entries::text, (theirs).entries::text, true),
		(11, 'broken rules', (ours).broken, (theirs).broken, true)) v(place, finding, here, there, applies)
	 WHERE v.applies AND (v.place = 0 OR (theirs).entries > 0);
END;
COMMENT ON FUNCTION ootspg_internal.compare_entry(ootspg_internal.entry_facts, ootspg_internal.entry_facts) IS 'an entry as it is served and as it is published, point by point';

-- Evidence Broker ---------------------------------------------------------------------

CREATE FUNCTION ootspg_internal.compare_requirement(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea)
RETURNS SETOF ootspg_internal.finding
LANGUAGE sql
BEGIN ATOMIC
	WITH theirs AS MATERIALIZED (	-- lists of the requirement that our type stands in; of the list since 2.0, of the type before
		SELECT CASE WHEN cardinality(a.list_countries) > 0 THEN a.list_countries ELSE a.type_countries END AS countries
		  FROM ootspg_internal.read_broker_answer(http_status, content_type, body) a
		 WHERE a.class = 'registered' AND lower(substring(a.requirement FROM '[^/]+$')) = (r).requirement
		   AND lower(ootspg_internal.eb_key(a.classification)) IN (SELECT lower(ootspg_internal.eb_key(l.classification)) FROM ootspg.evidence_type_line l
																	 WHERE l.evidence_type = (r).evidence_type))
	SELECT (ootspg_internal.compared(0, 'list', 'there', CASE WHEN EXISTS (SELECT FROM theirs) THEN 'there' END)).*
	UNION ALL
	SELECT (ootspg_internal.compared(1, 'jurisdiction', ootspg_internal.shown_country(d.jurisdiction),
			(SELECT string_agg(DISTINCT c.shown, ', ' ORDER BY c.shown) FROM theirs h, unnest(h.countries) u, LATERAL ootspg_internal.shown_country(u) c(shown)))).*
	  FROM ootspg.evidence_type e LEFT JOIN ootspg.publisher d USING (provider)
	 WHERE e.evidence_type = (r).evidence_type AND EXISTS (SELECT FROM theirs);
END;
COMMENT ON FUNCTION ootspg_internal.compare_requirement(ootspg_internal.directory_reading, integer, text, bytea) IS 'what the Evidence Broker says about an evidence type and a requirement';
