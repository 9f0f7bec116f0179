-- Who sees and writes the lists of accepted parties, and what they amount to. Like the
-- access points, they are for every provider of the database.

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['accepted_party', 'accepted_requester'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY any_duty ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY[''*''])', t);
		EXECUTE format('CREATE POLICY own_configuration ON ootspg.%I USING ((SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*''])', t);
		PERFORM pg_catalog.pg_extension_config_dump(format('ootspg.%I', t)::regclass, '');
	END LOOP;
END $$;
ALTER TABLE ootspg.past_activation ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_provider ON ootspg.past_activation FOR SELECT
	USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*', provider]);
SELECT pg_catalog.pg_extension_config_dump('ootspg.past_activation', '');

-- As owner: whoever sees only part of the list would be told that everybody is accepted.
CREATE VIEW ootspg.acceptance WITH (security_barrier) AS
SELECT e.environment,
	   CASE WHEN NOT EXISTS (SELECT FROM ootspg.accepted_party) THEN 'everybody'
			WHEN l.parties = 0 THEN 'nobody'
			ELSE 'listed' END AS accepted,
	   l.parties, l.narrowed, l.next_end
  FROM (SELECT p.environment FROM ootspg.provider p UNION SELECT a.environment FROM ootspg.accepted_party a) e
  CROSS JOIN LATERAL (
	SELECT count(*) AS parties, count(*) FILTER (WHERE a.requesters = 'listed') AS narrowed, min(a.valid_until) AS next_end
	  FROM ootspg.accepted_party a
	 WHERE a.environment = e.environment AND a.valid_from <= clock_timestamp() AND (a.valid_until > clock_timestamp() OR a.valid_until IS NULL)) l
 WHERE (SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
COMMENT ON VIEW ootspg.acceptance IS 'who may ask the providers of each environment, now (D-REG-08)';
COMMENT ON COLUMN ootspg.acceptance.environment IS 'environment of providers, or of listed access points';
COMMENT ON COLUMN ootspg.acceptance.accepted IS 'everybody: no list is kept, the P-Modes of the access point decide alone; listed: the access points of ootspg.accepted_party; nobody: a list is kept, and has no valid row for this environment';
COMMENT ON COLUMN ootspg.acceptance.parties IS 'access points accepted now';
COMMENT ON COLUMN ootspg.acceptance.narrowed IS 'of these, those that may ask for listed requesters only';
COMMENT ON COLUMN ootspg.acceptance.next_end IS 'when the next acceptance ends';
