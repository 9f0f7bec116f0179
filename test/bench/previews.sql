-- Previews to measure: a type beside that of registry.sql, of the same evidence, which users look at first, and requests for
-- it, of persons whom others do not ask for. Each step of a preview is a function of its number. psql variable: previews.
CREATE ROLE space LOGIN;
INSERT INTO ootspg.preview_space (provider, base_url, languages, national_language)
VALUES ('civil', 'https://preview.civil.example.lv/p/', '{LV,EN}', 'LV');
SELECT ootspg.grant_duty('space', 'preview', 'civil');
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview, seal, seal_key, t1, t3)
VALUES ('shown', 'civil', gen_random_uuid(), '{"EN": "Evidence of residence"}', 'bench.people', '{R1}', 'Substantial', 'required', 'require', 'bench', '0', '0');	-- requests wait here for their turn
INSERT INTO ootspg.evidence_type_line SELECT 'shown', line, classification FROM ootspg.evidence_type_line WHERE evidence_type = 'residence';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version)
SELECT 'shown', distribution, media_type, source, document, model, model_version FROM ootspg.distribution WHERE evidence_type = 'residence';
SELECT ootspg.activate('shown');

CREATE TABLE bench.preview (n serial PRIMARY KEY, first bytea NOT NULL, second bytea NOT NULL, link text) WITH (fillfactor = 40);
CREATE FUNCTION bench.preview_request(p bench.person, more_slots text DEFAULT '') RETURNS bytea LANGUAGE sql AS $$
	SELECT test_request('oots-edm:v2.0', t.data_service::text, l.classification, test_person(replace(p.family_name, '&', '&amp;'), p.given_name, p.born::text, 'DE/LV/' || p.code, 'High'),
						gen_random_uuid()::text, wanted => '<sdg:DistributedAs><sdg:Format>application/xml</sdg:Format></sdg:DistributedAs>', preview => 'true', more_slots => more_slots)
	  FROM ootspg.evidence_type t JOIN ootspg.evidence_type_line l USING (evidence_type) WHERE t.evidence_type = 'shown'
$$;
INSERT INTO bench.preview (first, second)
SELECT bench.preview_request(p), bench.preview_request(p, test_slot('PreviewLocation', 'StringValueType', '<rim:Value>https://preview.civil.example.lv/p/@</rim:Value>')
			|| test_slot('ReturnLocation', 'StringValueType', '<rim:Value>https://portal.example.de/back</rim:Value>'))
  FROM bench.person p WHERE code > '00010000' ORDER BY code LIMIT :previews;
VACUUM ANALYZE bench.preview;

-- What the browser of each has in its cookie
CREATE FUNCTION bench.browser() RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT repeat('b', 43)$$;
CREATE FUNCTION bench.is(got text, wanted text) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$BEGIN ASSERT got = wanted, coalesce(got, 'nothing'); END$$;
CREATE FUNCTION bench.started(k bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	found text := (SELECT (regexp_match(convert_from(a.content, 'UTF8'), 'https://preview.civil.example.lv/p/([^<]*)<'))[1]
					 FROM bench.preview p, ootspg.answer(p.first, test_header('oots-edm:v2.0')) a WHERE p.n = k);
BEGIN
	ASSERT found IS NOT NULL, 'no link';
	UPDATE bench.preview SET link = found WHERE n = k;
END $$;
CREATE FUNCTION bench.opened(k bigint) RETURNS void LANGUAGE sql AS $$
	SELECT bench.is(ootspg.preview_open(link, bench.browser())->>'page', 'list') FROM bench.preview WHERE n = k
$$;
CREATE FUNCTION bench.looked(k bigint) RETURNS void LANGUAGE sql AS $$
	SELECT bench.is(ootspg.preview_look(link, bench.browser())->>'page', 'list') FROM bench.preview WHERE n = k
$$;
CREATE FUNCTION bench.held(k bigint) RETURNS void LANGUAGE sql AS $$
	SELECT bench.is(a.outcome, 'held') FROM bench.preview p, ootspg.answer(convert_to(replace(convert_from(p.second, 'UTF8'), '/p/@<', '/p/' || p.link || '<'), 'UTF8'), test_header('oots-edm:v2.0')) a WHERE p.n = k
$$;
CREATE FUNCTION bench.decided(k bigint) RETURNS void LANGUAGE sql AS $$
	SELECT bench.is(ootspg.preview_decide(link, bench.browser(), '{1}', '{}')->>'page', 'done') FROM bench.preview WHERE n = k
$$;
-- step(what, first, last): so many of them one after the other, each in a transaction; CPU µs of this backend and elapsed µs of one
CREATE PROCEDURE bench.step(what text, first bigint, last bigint, INOUT cpu float DEFAULT NULL, INOUT elapsed float DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE
	cpu_before bigint := bench.cpu();
	began timestamptz := clock_timestamp();
BEGIN
	FOR k IN first .. last LOOP
		EXECUTE format('SELECT bench.%I($1)', what) USING k;
		COMMIT;
	END LOOP;
	cpu := (bench.cpu() - cpu_before) / 1e3 / (last - first + 1);
	elapsed := extract(epoch FROM clock_timestamp() - began) * 1e6 / (last - first + 1);
END $$;
CREATE SEQUENCE bench.next_started;
CREATE SEQUENCE bench.next_opened;
CREATE SEQUENCE bench.next_held;
CREATE SEQUENCE bench.next_decided;
