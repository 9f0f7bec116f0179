-- Providers of one database are apart (D-SEC-04). Rows that belong to one of them have its policies where the duties
-- are; here is what all share, and what would reach from one to another. doc/security.md says what remains shared.

-- Tables that say what evidence of every provider means: all read them, whoever configures all writes them. A trigger
-- says in words what policies do in silence.
CREATE FUNCTION ootspg_internal.require_whole() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF row_security_active(TG_RELID) AND NOT ootspg_internal.own_providers(current_user, 'configure') && ARRAY['*'] THEN
		RAISE EXCEPTION USING MESSAGE = CASE TG_LEVEL WHEN 'ROW' THEN format('rows of ootspg.%s are not deleted with a duty for one provider', TG_TABLE_NAME)
												   ELSE format('ootspg.%s is shared by all providers', TG_TABLE_NAME) END,
			  ERRCODE = 'insufficient_privilege', HINT = 'To change it takes the duty to configure without a provider: ootspg.grant_duty(role, ''configure'').';
	END IF;
	IF TG_LEVEL = 'ROW' THEN
		RETURN OLD;
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_whole() IS '42501 unless the role has the duty to configure without a provider';

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['code_map', 'data_model', 'data_model_location', 'model_release', 'requirement', 'classification_concept'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY every_provider ON ootspg.%I FOR SELECT USING (true)', t);
		EXECUTE format('CREATE POLICY whole_database ON ootspg.%I USING ((SELECT ootspg_internal.own_providers(current_user, ''configure'')) && ARRAY[''*''])', t);
		EXECUTE format('CREATE TRIGGER require_whole BEFORE INSERT OR UPDATE OR DELETE ON ootspg.%I FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.require_whole()', t);
	END LOOP;
END $$;

-- With its row go the duties of everybody for the provider, its auditors' too.
CREATE TRIGGER require_whole BEFORE DELETE ON ootspg.provider
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.require_whole();

-- A list has evidence types of its own provider, unless somebody who configures all makes it; whoever has the type sees
-- what it is a member of.
CREATE POLICY own_type ON ootspg.evidence_type_list_member FOR SELECT
	USING (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = evidence_type_list_member.evidence_type));
CREATE POLICY own_types_only ON ootspg.evidence_type_list_member AS RESTRICTIVE FOR INSERT
	WITH CHECK (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = evidence_type_list_member.evidence_type
		AND (SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', t.provider]));
CREATE POLICY own_types_only_changed ON ootspg.evidence_type_list_member AS RESTRICTIVE FOR UPDATE USING (true)
	WITH CHECK (EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = evidence_type_list_member.evidence_type
		AND (SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', t.provider]));

CREATE FUNCTION ootspg_internal.tell_lists() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	lists text;
BEGIN
	SELECT string_agg(format('%s of provider "%s"', l.evidence_type_list, l.provider), ', ' ORDER BY l.evidence_type_list) INTO lists
	  FROM ootspg.evidence_type_list_member m JOIN ootspg.evidence_type_list l USING (evidence_type_list) WHERE m.evidence_type = OLD.evidence_type;
	IF lists IS NOT NULL THEN
		RAISE EXCEPTION 'evidence type "%" is a member of lists of the Evidence Broker', OLD.evidence_type
			USING ERRCODE = 'foreign_key_violation', DETAIL = 'They are: ' || lists || '.',
			HINT = 'Take it off these lists in ootspg.evidence_type_list_member first. A list of another provider is changed by that provider, or by whoever configures all.';
	END IF;
	RETURN OLD;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_lists() IS 'says which lists keep an evidence type from being deleted';
CREATE TRIGGER tell_lists BEFORE DELETE ON ootspg.evidence_type
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.tell_lists();

-- An access point serves every provider, and so does its history.
ALTER TABLE ootspg.access_point_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY any_duty ON ootspg.access_point_event FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*']);
ALTER TABLE ootspg.registration_check ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_type ON ootspg.registration_check FOR SELECT
	USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY['*']
		OR EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = registration_check.evidence_type));
ALTER TABLE ootspg.purge_record ENABLE ROW LEVEL SECURITY;
CREATE POLICY every_provider ON ootspg.purge_record FOR SELECT USING (true);
ALTER TABLE ootspg.provider_role ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_provider ON ootspg.provider_role FOR SELECT
	USING (provider IS NULL OR (SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', provider]);
