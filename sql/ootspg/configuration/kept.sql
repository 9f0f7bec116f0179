-- What answering reads of these tables, each backend keeps (src/configuration/kept.c). Each row that changes tells all of them, at
-- commit, and its own at once; for each row, not each statement, because logical replication knows rows only, and ahead of other triggers
-- in the order of names, which may answer, or ask for a sample, themselves.

CREATE FUNCTION ootspg_internal.forget_configuration() RETURNS trigger
AS 'MODULE_PATHNAME', 'ootspg_forget_configuration'
LANGUAGE C;
COMMENT ON FUNCTION ootspg_internal.forget_configuration() IS 'makes every backend read its configuration again';

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['provider', 'seal_key', 'evidence_type', 'evidence_type_line', 'distribution', 'activation', 'data_model',
			'data_model_location', 'accepted_party', 'accepted_requester'] LOOP
		EXECUTE format('CREATE TRIGGER _forget AFTER INSERT OR UPDATE OR DELETE ON ootspg.%I FOR EACH ROW EXECUTE FUNCTION ootspg_internal.forget_configuration()', t);
		EXECUTE format('CREATE TRIGGER _forget_all AFTER TRUNCATE ON ootspg.%I FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.forget_configuration()', t);
		-- under session_replication_role = replica as well
		EXECUTE format('ALTER TABLE ootspg.%1$I ENABLE ALWAYS TRIGGER _forget, ENABLE ALWAYS TRIGGER _forget_all', t);
	END LOOP;
END $$;
