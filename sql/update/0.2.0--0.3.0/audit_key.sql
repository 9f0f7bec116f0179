-- What names a person may be closed to readers, contents that wait to a key of the server's own.
ALTER TABLE ootspg.exchange_event ADD COLUMN audit_key uuid;
ALTER TABLE ootspg_internal.inbox_part ADD COLUMN content_key text;
ALTER TABLE ootspg_internal.outbox_part ADD COLUMN content_key text;

-- Messages and headers are read for a purpose by ootspg.read_audit(): ootspg.grant_duty(), called again, grants the other columns.
DO $$
DECLARE
	grantee text;
BEGIN
	FOR grantee IN SELECT DISTINCT a.grantee::regrole::text
					 FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
					WHERE c.oid = 'ootspg.exchange_event'::regclass AND a.privilege_type = 'SELECT' AND a.grantee NOT IN (0, c.relowner) LOOP
		EXECUTE pg_catalog.format('REVOKE SELECT ON TABLE ootspg.exchange_event FROM %s', grantee);
	END LOOP;
END $$;
