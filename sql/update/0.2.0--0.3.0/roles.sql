-- Roles in rows are bound by OID from now on: what is there is bound to who has the name today.
\part configuration/bound_role.sql
DROP FUNCTION ootspg_internal.answer_role_fault(name);
-- reads no column while its type changes; it is made again below
CREATE OR REPLACE FUNCTION ootspg_internal.has_duty(who name, duty text, provider text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT false;
END;
ALTER TABLE ootspg.provider_role ALTER role_name TYPE ootspg.bound_role USING role_name::text::ootspg.bound_role;
ALTER TABLE ootspg.access_point ALTER answer_role TYPE ootspg.bound_role USING answer_role::text::ootspg.bound_role;
-- NULL: answered by the access point's role, as before
ALTER TABLE ootspg.provider ADD answer_role ootspg.bound_role;
-- ids used before stay used for everybody
ALTER TABLE ootspg_internal.used_request ADD addressee text NOT NULL DEFAULT '', DROP CONSTRAINT used_request_pkey;
ALTER TABLE ootspg_internal.used_request ADD PRIMARY KEY (request_key, addressee);
-- reads a whole row of provider, and is to know that it has grown
DROP FUNCTION ootspg_internal.missing_facts(ootspg.directory_target, text);
