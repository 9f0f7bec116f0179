-- 200 evidence types on four lines, each read back from both directories: some published, some not as they are served.
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview, seal)
SELECT 'type' || n, 'civil', gen_random_uuid(), '{"EN": "Evidence"}', 'bench.people', '{R1}', 'Substantial', 'exempt', 'none' FROM generate_series(1, 200) n;
INSERT INTO ootspg.evidence_type_line
SELECT t.evidence_type, l.line, 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/' || t.data_service
  FROM ootspg.evidence_type t, unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) l(line) WHERE t.evidence_type LIKE 'type%';
INSERT INTO ootspg.directory_entry (evidence_type) SELECT evidence_type FROM ootspg.evidence_type WHERE evidence_type LIKE 'type%';
INSERT INTO ootspg.directory_source (environment, service, base_url, country, roots_uri) VALUES ('test', 'dsd', 'http://localhost:1', 'LV', 'file:x.pem'), ('test', 'eb', 'http://localhost:1', 'LV', 'file:x.pem');
INSERT INTO ootspg_internal.directory_reading (environment, service, evidence_type, line, requirement, next_at, verdict, checked_at)
SELECT 'test', 'dsd', e.evidence_type, l.line, '', 'infinity', CASE WHEN random() < 0.9 THEN 'published' ELSE 'differs' END, now()
  FROM ootspg.directory_entry e, unnest(ARRAY['', 'oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) l(line) WHERE e.evidence_type LIKE 'type%'
ON CONFLICT (environment, service, evidence_type, line, requirement) DO UPDATE SET verdict = excluded.verdict, checked_at = now(), next_at = 'infinity';
INSERT INTO ootspg_internal.directory_reading (environment, service, evidence_type, line, requirement, next_at, verdict, checked_at)
SELECT 'test', 'eb', e.evidence_type, '', 'https://sr.oots.tech.ec.europa.eu/requirements/1', 'infinity', 'published', now() FROM ootspg.directory_entry e WHERE e.evidence_type LIKE 'type%'
ON CONFLICT (environment, service, evidence_type, line, requirement) DO UPDATE SET verdict = excluded.verdict, checked_at = now(), next_at = 'infinity';
INSERT INTO ootspg_internal.registration_finding (reading_id, place, finding, result, ours, theirs, since)
SELECT r.reading_id, p.n, 'title ' || p.n, CASE WHEN p.n = 1 AND r.verdict = 'differs' THEN 'differs' ELSE 'pass' END, 'a', 'b', now() FROM ootspg_internal.directory_reading r, generate_series(1, 3) p(n);
