-- Wrong values of an access point are refused in words, before the table's own checks,
-- which can only name themselves.

CREATE FUNCTION ootspg_internal.outside(name text, value interval, shortest interval, longest interval) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT format('column "%s" is %s, not from %s to %s', name, value, shortest, longest) WHERE value NOT BETWEEN shortest AND longest;
END;
COMMENT ON FUNCTION ootspg_internal.outside(text, interval, interval, interval) IS 'what is wrong with an interval; NULL when it lies between the two, or is NULL';

CREATE FUNCTION ootspg_internal.access_point_fault(a ootspg.access_point, OUT fault text, OUT hint text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT v.fault, v.hint FROM (VALUES
		(CASE WHEN (a).url ~ '[?#]' THEN format('URL "%s" has a query or a fragment', (a).url) END,
			'It is the address of the service itself, as in https://ap.example/domibus/services/wsplugin, without ?wsdl.'),
		(CASE WHEN (a).party_id = '' OR (a).party_id_type = '' THEN 'column "party_id" or "party_id_type" is empty' END,
			'Both stand in the access point''s PMode.'),
		(CASE WHEN (a).user_name IS NOT NULL AND (a).password_uri IS NULL THEN 'user_name has no password' END,
			'password_uri names the file of the password, as in file:ap.password; without login both are NULL.'),
		(CASE WHEN (a).user_name IS NULL AND (a).password_uri IS NOT NULL THEN 'password_uri has no user' END,
			'user_name is the plugin user; without login both are NULL.'),
		(CASE WHEN ((a).certificate_uri IS NULL) <> ((a).key_uri IS NULL) THEN 'a client certificate and its key go together' END,
			'certificate_uri and key_uri name their files, which may be one file; without a client certificate both are NULL.'),
		(CASE WHEN (a).server NOT IN ('probe', '5.0', '5.1.0', '5.1.1') THEN format('"%s" is no line of the WS plugin', (a).server) END,
			'It is probe, which finds out, or 5.0, 5.1.0 (also Harmony 2.0 to 2.2.1), 5.1.1 (also 5.2, Harmony 2.2.2 and later).'),
		(CASE WHEN (a).final_recipient = '' THEN 'column "final_recipient" is empty' END, 'NULL receives messages to all.'),
		(ootspg_internal.outside('poll_interval', (a).poll_interval, '0.1 s', '1 h'), 'The default is 10 s.'),
		(CASE WHEN (a).connections NOT BETWEEN 1 AND 16 THEN format('column "connections" is %s, not from 1 to 16', (a).connections) END, 'The default is 4.'),
		(ootspg_internal.outside('connect_timeout', (a).connect_timeout, '0.1 s', '5 min'), 'The default is 10 s.'),
		(ootspg_internal.outside('stall_timeout', (a).stall_timeout, '0.1 s', '30 min'), 'The default is 30 s.'),
		(ootspg_internal.outside('call_timeout', (a).call_timeout, '0.1 s', '2 h'), 'The default is 2 min.'),
		(CASE WHEN (a).inline_limit NOT BETWEEN 0 AND 65536 THEN format('column "inline_limit" is %s, not from 0 to 65536', (a).inline_limit) END,
			'It counts kB; the default is 2048.'),
		(ootspg_internal.outside('resubmit_after', (a).resubmit_after, '0.1 s', '1 d'), 'It is twice call_timeout at least; the default is 4 min.'),
		(ootspg_internal.outside('give_up_after', (a).give_up_after, '1 s', '30 d'), 'The default is 24 h.'),
		(CASE WHEN (a).resubmit_after >= (a).give_up_after THEN 'resubmit_after is not shorter than give_up_after' END,
			'A message is submitted again several times before it is given up.')) v(fault, hint)
	 WHERE v.fault IS NOT NULL LIMIT 1;
END;
COMMENT ON FUNCTION ootspg_internal.access_point_fault(ootspg.access_point) IS 'the first thing that is wrong with the values of a row, and what is right; NULL when nothing is';

CREATE FUNCTION ootspg_internal.check_access_point_values() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wrong record;
BEGIN
	SELECT * INTO wrong FROM ootspg_internal.access_point_fault(NEW);
	IF wrong.fault IS NOT NULL THEN
		PERFORM ootspg_internal.raise_configuration(format('access point "%s": %s', NEW.access_point, wrong.fault), wrong.hint);
	END IF;
	-- not refused: a row that was written before comes back from a dump
	IF NEW.resubmit_after < 2 * NEW.call_timeout THEN
		RAISE WARNING 'access point "%": resubmit_after is less than twice call_timeout', NEW.access_point
			USING HINT = 'A message may be submitted again while the access point still works on the first call; it is then refused there by its id.';
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_access_point_values() IS 'OT003 for values that an access point cannot have';
CREATE TRIGGER check_access_point_values BEFORE INSERT OR UPDATE ON ootspg.access_point
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_access_point_values();
