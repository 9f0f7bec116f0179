-- The one row that connects the registers with the world, written by registry_owner. The
-- access point answers on this very host.
-- Times are those of a show, of which a warning would speak: see doc/operate.md for real ones.
SET client_min_messages = error;
INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role, user_name, password_uri, poll_interval, resubmit_after)
VALUES ('gateway', :'url', 'AP_LV_01', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots', 'registry_service',
	'registry', 'file:gateway.password', '0.2 s', '2 s');
