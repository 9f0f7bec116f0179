-- From exempt to preview: vehicles are shown to their owner before they leave. Run as registry_owner; url is where users
-- reach ootspg-preview.
INSERT INTO ootspg.preview_space (provider, base_url, description, languages, national_language, authority, texts, contact, logo, logo_media_type)
VALUES ('road', :'url', '{"EN": "Look at the documents and decide which of them are used.", "LV": "Apskatiet dokumentus un izlemiet, kurus izmantot."}', '{LV,EN,DE,FR}', 'LV',
	'{"EN": "Vehicle Register of the demo", "LV": "Demonstrācijas transportlīdzekļu reģistrs"}',
	'{"time_zone": {"EN": "Riga time", "LV": "pēc Rīgas laika", "DE": "Rigaer Zeit", "FR": "heure de Riga"}}', '{"email": "help@road.example.lv"}',
	convert_to('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="21" fill="#7a1f2e"/><path d="M10 28h28v6H10zM15 16h18l5 12H10z" fill="#fff"/></svg>', 'UTF8'), 'image/svg+xml');

UPDATE ootspg.evidence_type SET preview = 'required' WHERE evidence_type = 'vehicle';
