-- Secrets go only where an operator has said go: who changes where calls go to, through what, or with which
-- credentials, does not also decide that they are sent there (D-SEC-01, D-SEC-08).

CREATE FUNCTION ootspg_internal.pause_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	changed text;
	paused_as text;
BEGIN
	SELECT string_agg(o.key, ', ' ORDER BY o.key) INTO STRICT changed
	  FROM jsonb_each(to_jsonb(OLD)) o JOIN jsonb_each(to_jsonb(NEW)) n USING (key)
	 WHERE o.value <> n.value AND o.key = ANY (ARRAY['url', 'proxy', 'user_name', 'password_uri', 'ca_uri', 'certificate_uri', 'key_uri']);
	paused_as := changed || ' changed: ootspg.resume() uses it';
	UPDATE ootspg_internal.access_point_state s
	   SET state = 'paused', reason = paused_as, changed_at = clock_timestamp(), changed_by = session_user
	 WHERE s.access_point = NEW.access_point AND s.state IN ('running', 'draining');
	IF FOUND THEN
		INSERT INTO ootspg.access_point_event (access_point, event_type, detail) VALUES (NEW.access_point, 'paused', paused_as);
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.pause_changed() IS 'pauses an access point whose address or credentials changed, until an operator resumes it';
CREATE TRIGGER pause_changed AFTER UPDATE ON ootspg.access_point
	FOR EACH ROW WHEN ((OLD.url, OLD.proxy, OLD.user_name, OLD.password_uri, OLD.ca_uri, OLD.certificate_uri, OLD.key_uri)
		IS DISTINCT FROM (NEW.url, NEW.proxy, NEW.user_name, NEW.password_uri, NEW.ca_uri, NEW.certificate_uri, NEW.key_uri))
	EXECUTE FUNCTION ootspg_internal.pause_changed();
