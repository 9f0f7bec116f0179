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

-- Hosts and environments of the repository vary; what stands behind them names the thing.
CREATE FUNCTION ootspg_internal.without_host(url text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT lower(regexp_replace(url, '^https?://[^/]+/', ''));
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
			 WHERE x.evidence_type = published_distributions.evidence_type
			   AND (x.subset IS NULL OR (t).transformation OR (t).line = 'oots-edm:v2.0')) d;
END;
COMMENT ON FUNCTION ootspg_internal.published_distributions(ootspg.directory_target, text) IS 'formats with data models or subsets of them, and the languages of each format';

CREATE FUNCTION ootspg_internal.published_values(t ootspg.directory_target, e ootspg.evidence_type) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT string_agg(v.shown, '; ' ORDER BY v.shown) FROM (
		SELECT a.concept || ' = ' || (SELECT string_agg(DISTINCT x, ', ' ORDER BY x) FROM unnest(a.supported) x) AS shown
		  FROM ootspg.provider_concept a
		 WHERE a.provider = (e).provider
		   AND a.concept IN (SELECT q.concept FROM ootspg.evidence_type_concept q WHERE q.evidence_type = (e).evidence_type)) v;
END;
COMMENT ON FUNCTION ootspg_internal.published_values(ootspg.directory_target, ootspg.evidence_type) IS 'the values for which we are the right provider, of the concepts that the evidence type asks for';

-- and what it says -------------------------------------------------------------------

-- Since 1.2 the values may stand at the question too, and what other evidence types ask for
-- may stand at the provider: only the concepts of this type count, wherever they stand.
CREATE FUNCTION ootspg_internal.compare_entry(r ootspg_internal.directory_reading, http_status integer, content_type text, body bytea)
RETURNS SETOF ootspg_internal.finding
LANGUAGE sql
BEGIN ATOMIC
	WITH entry AS MATERIALIZED (	-- rows about our evidence type and our provider
		SELECT a.* FROM ootspg_internal.read_directory_answer(http_status, content_type, body) a, ootspg.evidence_type e JOIN ootspg.provider p USING (provider)
		 WHERE e.evidence_type = (r).evidence_type AND a.class = 'registered' AND a.publisher_scheme = p.scheme AND a.publisher = p.identifier
		   AND lower(ootspg_internal.eb_key(a.classification)) IN (SELECT lower(ootspg_internal.eb_key(l.classification)) FROM ootspg.evidence_type_line l
																	 WHERE l.evidence_type = e.evidence_type)),
	theirs AS (
		SELECT count(DISTINCT x.object) AS entries, string_agg(DISTINCT lower(x.data_service), ', ' ORDER BY lower(x.data_service)) AS identifier,
			   string_agg(DISTINCT x.access_service_scheme || '::' || x.access_service, ', ' ORDER BY x.access_service_scheme || '::' || x.access_service) AS access,
			   (SELECT string_agg(DISTINCT c, ', ' ORDER BY c) FROM entry y, unnest(y.conforms_to) c) AS lines,
			   string_agg(DISTINCT concat_ws(' ', x.media_type, ootspg_internal.without_host(coalesce(x.transformation, x.data_model))), ', '
						  ORDER BY concat_ws(' ', x.media_type, ootspg_internal.without_host(coalesce(x.transformation, x.data_model)))) AS formats,
			   (SELECT string_agg(DISTINCT l.shown, ', ' ORDER BY l.shown) FROM entry y,
					   LATERAL (SELECT y.media_type || ' ' || string_agg(u, '+' ORDER BY u) AS shown FROM unnest(y.languages) u) l) AS languages,
			   string_agg(DISTINCT x.level_of_assurance, ', ' ORDER BY x.level_of_assurance) AS level,
			   string_agg(DISTINCT ootspg_internal.shown_country(x.country), ', ' ORDER BY ootspg_internal.shown_country(x.country)) AS country,
			   (SELECT string_agg(DISTINCT j.shown, ', ' ORDER BY j.shown) FROM entry y,
					   LATERAL (SELECT concat_ws(' ', ootspg_internal.shown_country(y.jurisdiction ->> 'level1'), y.jurisdiction ->> 'level2', y.jurisdiction ->> 'level3',
								(SELECT string_agg(b ->> 'code', ' ' ORDER BY b ->> 'code') FROM jsonb_array_elements(y.jurisdiction -> 'areas') b)) AS shown) j) AS jurisdiction,
			   (SELECT ootspg_internal.shown_values(jsonb_agg(DISTINCT c)) FROM entry y, jsonb_array_elements(y.publisher_values || y.service_values) c
				 WHERE jsonb_array_length(c -> 'values') > 0
				   AND lower(c ->> 'concept') IN (SELECT q.concept::text FROM ootspg.evidence_type_concept q WHERE q.evidence_type = (r).evidence_type)) AS supported,
			   coalesce((SELECT string_agg(DISTINCT b.rule, ', ' ORDER BY b.rule) FROM (SELECT DISTINCT data_service, publisher_scheme, publisher FROM entry) y,
						unnest(ootspg_internal.broken_answer_rules(body, y.data_service, y.publisher_scheme, y.publisher)) b(rule)), 'none') AS broken,
			   -- the shape of the answer is that of the version asked for, not of the submission
			   bool_or(x.specification ~ '^oots-cs:v2\.') IS TRUE AS v20
		  FROM entry x),
	ours AS (
		SELECT e.data_service::text AS identifier, e.level_of_assurance AS level, ootspg_internal.shown_country(p.country) AS country, a.services AS access, a.lines, f.formats, f.languages,
			   concat_ws(' ', ootspg_internal.shown_country(d.jurisdiction), CASE WHEN (t).line <> 'oots-edm:v2.0' THEN concat_ws(' ', d.jurisdiction_nuts, d.jurisdiction_lau)
				ELSE (SELECT string_agg(c, ' ' ORDER BY c) FROM unnest(d.jurisdiction_codes) c) END) AS jurisdiction, ootspg_internal.shown_country(d.jurisdiction) AS jurisdiction_country,
			   ootspg_internal.published_values(t, e) AS supported, t
		  FROM ootspg.evidence_type e JOIN ootspg.provider p USING (provider) JOIN ootspg.publisher d USING (provider),
			   LATERAL (SELECT ootspg_internal.target((r).service, (r).environment) AS t) t0,
			   LATERAL ootspg_internal.published_access(t, e) a, LATERAL ootspg_internal.published_distributions(t, e.evidence_type) f
		 WHERE e.evidence_type = (r).evidence_type)
	SELECT c.* FROM ours o, theirs h, LATERAL (
		SELECT (ootspg_internal.compared(0, CASE (r).line WHEN '' THEN 'entry' ELSE 'line' END,
			coalesce(nullif((r).line, ''), 'there'), CASE WHEN h.entries = 0 THEN NULL WHEN (r).line = '' THEN 'there' WHEN (r).line = ANY (string_to_array(h.lines, ', ')) THEN (r).line END)).*
		UNION ALL
		SELECT (ootspg_internal.compared(v.place, v.finding, v.ours, v.theirs)).*
		  FROM (VALUES
			(1, 'identifier', o.identifier, h.identifier, true),
			(2, 'access service', o.access, h.access, true),
			(3, 'lines', o.lines, h.lines, true),
			(4, 'distributions', o.formats, h.formats, true),
			(5, 'languages', o.languages, h.languages, h.v20 AND (o.t).line = 'oots-edm:v2.0'),
			(6, 'level of assurance', o.level, h.level, (o.t).level_of_assurance),
			(7, 'country', o.country, h.country, true),
			(8, 'jurisdiction', CASE WHEN h.v20 = ((o.t).line = 'oots-edm:v2.0') THEN o.jurisdiction ELSE o.jurisdiction_country END,
				CASE WHEN h.v20 = ((o.t).line = 'oots-edm:v2.0') THEN h.jurisdiction ELSE split_part(h.jurisdiction, ' ', 1) END, true),
			(9, 'classification values', o.supported, h.supported, true),
			(10, 'entries', '1', h.entries::text, true),
			(11, 'broken rules', 'none', h.broken, true)) v(place, finding, ours, theirs, applies)
		 WHERE v.applies AND (r).line = '' AND h.entries > 0) c;
END;
COMMENT ON FUNCTION ootspg_internal.compare_entry(ootspg_internal.directory_reading, integer, text, bytea) IS 'what the Data Services Directory says about us, point by point';

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
	  FROM ootspg.evidence_type e JOIN ootspg.publisher d USING (provider)
	 WHERE e.evidence_type = (r).evidence_type AND EXISTS (SELECT FROM theirs);
END;
COMMENT ON FUNCTION ootspg_internal.compare_requirement(ootspg_internal.directory_reading, integer, text, bytea) IS 'what the Evidence Broker says about an evidence type and a requirement';
