-- What partitions of the audit have beside their columns. They are no members of the extension, so that the
-- defaults of the cluster and of the database get at them.

CREATE FUNCTION ootspg_internal.settle_partition(partition regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	grantee text;
BEGIN
	-- default privileges may give it away; the policies are the parent's, and nobody reads a partition by itself (D-SEC-04)
	FOR grantee IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
					 FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = settle_partition.partition AND a.grantee <> c.relowner LOOP
		EXECUTE format('REVOKE ALL ON TABLE %s FROM %s CASCADE', settle_partition.partition, grantee);
	END LOOP;
	EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', settle_partition.partition);
	-- rows have no key of their own; a publication must not keep ootspg.purge() from deleting them
	EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', settle_partition.partition);
END $$;
COMMENT ON FUNCTION ootspg_internal.settle_partition(regclass) IS 'takes from a partition of the audit what default privileges gave, and lets it be deleted from while it is published';

SELECT ootspg_internal.settle_partition(i.inhrelid::regclass) FROM pg_catalog.pg_inherits i
 WHERE i.inhparent IN ('ootspg.exchange_event'::regclass, 'ootspg.evidence_event'::regclass);

-- So for all tables without a primary key (published FOR ALL TABLES they could not be changed).
ALTER TABLE ootspg.exchange_event REPLICA IDENTITY FULL;
ALTER TABLE ootspg.evidence_event REPLICA IDENTITY FULL;
ALTER TABLE ootspg.provider_role REPLICA IDENTITY FULL;
ALTER TABLE ootspg.past_activation REPLICA IDENTITY FULL;
ALTER TABLE ootspg.access_point_event REPLICA IDENTITY FULL;
ALTER TABLE ootspg.registration_check REPLICA IDENTITY FULL;

-- Estimates of the planner come from all rows, whoever asks: they must not tell how often somebody was asked about.
ALTER TABLE ootspg.exchange ALTER subject_key SET STATISTICS 0, ALTER subject_identifier_key SET STATISTICS 0,
	ALTER representative_key SET STATISTICS 0, ALTER representative_identifier_key SET STATISTICS 0,
	ALTER request_id SET STATISTICS 0, ALTER conversation_id SET STATISTICS 0, ALTER wire_exchange_id SET STATISTICS 0,
	ALTER message_id SET STATISTICS 0, ALTER requester_identifier SET STATISTICS 0;
DELETE FROM pg_catalog.pg_statistic s USING pg_catalog.pg_attribute a
 WHERE s.starelid = 'ootspg.exchange'::regclass AND a.attrelid = s.starelid AND a.attnum = s.staattnum AND a.attstattarget = 0;
