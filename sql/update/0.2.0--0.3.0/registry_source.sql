
-- What views are called and whose they are, beside their numbers. Those that are gone already have no name any more.
ALTER TABLE ootspg.evidence_type ADD COLUMN subject_source_name text, ADD COLUMN subject_source_owner text;
ALTER TABLE ootspg.distribution ADD COLUMN source_name text, ADD COLUMN source_owner text,
	ADD COLUMN sample_source_name text, ADD COLUMN sample_source_owner text;
SET LOCAL session_replication_role = replica;	-- not a change of the configuration: no trigger needs to look
UPDATE ootspg.evidence_type t
   SET subject_source_name = pg_catalog.format('%I.%I', n.nspname, c.relname), subject_source_owner = pg_catalog.pg_get_userbyid(c.relowner)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = t.subject_source;
UPDATE ootspg.distribution d
   SET source_name = pg_catalog.format('%I.%I', n.nspname, c.relname), source_owner = pg_catalog.pg_get_userbyid(c.relowner)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = d.source;
UPDATE ootspg.distribution d
   SET sample_source_name = pg_catalog.format('%I.%I', n.nspname, c.relname), sample_source_owner = pg_catalog.pg_get_userbyid(c.relowner)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = d.sample_source;
SET LOCAL session_replication_role = origin;
