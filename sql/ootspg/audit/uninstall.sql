-- DROP EXTENSION destroys the audit; it asks twice while the law wants it kept.
CREATE FUNCTION ootspg_internal.keep_audit() RETURNS event_trigger
AS 'MODULE_PATHNAME', 'ootspg_keep_audit'
LANGUAGE C;
COMMENT ON FUNCTION ootspg_internal.keep_audit() IS
'refuses what would drop the extension while exchanges younger than ootspg.retention are recorded, unless ootspg.destroy_audit is on (D-LOG-16)';

CREATE EVENT TRIGGER ootspg_keep_audit ON ddl_command_start WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
	EXECUTE FUNCTION ootspg_internal.keep_audit();
COMMENT ON EVENT TRIGGER ootspg_keep_audit IS 'keeps the audit of ootspg for as long as the law wants it';
