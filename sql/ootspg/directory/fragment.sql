-- The whole state or nothing: a submission replaces all that the state had in a directory.
-- So the submitting authority collects fragments of other providers, merges them with its
-- own, looks for conflicts and differences, and removes nobody's entries unasked.

CREATE FUNCTION ootspg_internal.require_configure(provider text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT ootspg_internal.has_duty(session_user, 'configure', provider) THEN
		RAISE EXCEPTION 'role "%" may not configure %', session_user,
				CASE WHEN provider IS NULL THEN 'every provider' ELSE format('provider "%s"', provider) END
			USING ERRCODE = 'insufficient_privilege',
			HINT = CASE WHEN provider IS NULL THEN 'A submission speaks for the whole state: ootspg.grant_duty() gives the duty to configure without naming a provider.'
						ELSE 'ootspg.grant_duty() gives duties.' END;
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_configure(text) IS 'refuses a session without the duty to configure the provider, or all when it is NULL';

CREATE FUNCTION ootspg_internal.require_environment(environment text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	known text[] := ARRAY(SELECT p.environment FROM ootspg.provider p UNION SELECT f.environment FROM ootspg.fragment f ORDER BY 1);
BEGIN
	IF environment IS NULL AND cardinality(known) <> 1 THEN
		RAISE EXCEPTION 'the environment must be named'
			USING ERRCODE = 'invalid_parameter_value',
			HINT = format('It is production, acceptance or test; providers here have: %s.', coalesce(nullif(array_to_string(known, ', '), ''), 'none'));
	END IF;
	RETURN coalesce(environment, known[1]);
END $$;
COMMENT ON FUNCTION ootspg_internal.require_environment(text) IS 'the environment, by default the only one of this database';

CREATE FUNCTION ootspg_internal.target(service text, environment text) RETURNS ootspg.directory_target
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
	countries text[];
BEGIN
	IF service IS NULL OR service NOT IN ('dsd', 'eb') THEN
		RAISE EXCEPTION '"%" is not a directory', service USING ERRCODE = 'invalid_parameter_value', HINT = 'It is dsd or eb.';
	END IF;
	environment := ootspg_internal.require_environment(environment);
	SELECT d.* INTO t FROM ootspg.directory_target d WHERE d.environment = target.environment AND d.service = target.service;
	IF NOT FOUND THEN	-- the defaults stand in the table and nowhere else
		INSERT INTO ootspg.directory_target AS d (environment, service) VALUES (target.environment, target.service)
		ON CONFLICT ON CONSTRAINT directory_target_pkey DO UPDATE SET line = d.line
		RETURNING d.* INTO STRICT t;
	END IF;
	t.lines := coalesce(t.lines, CASE t.line WHEN 'oots-edm:v1.0' THEN ARRAY['oots-edm:v1.0']
		ELSE ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0'] END::ootspg.edm_line[]);
	t.specification := CASE WHEN t.specification = 'none' OR (t.specification = 'by line' AND t.line = 'oots-edm:v1.0') THEN NULL
							WHEN t.specification = 'by line' THEN 'oots-lcm:v1.0' ELSE t.specification END;
	IF t.country IS NULL THEN
		countries := ARRAY(SELECT DISTINCT p.country FROM ootspg.provider p WHERE p.environment = t.environment ORDER BY 1);
		IF cardinality(countries) <> 1 THEN
			PERFORM ootspg_internal.raise_configuration(
				format('ootspg.directory_target (%s, %s): column "country" is NULL and providers do not tell it', t.environment, t.service),
				'Set it to the submitting state: a submission belongs to one.');
		END IF;
		t.country := countries[1];
	END IF;
	RETURN t;
END $$;
COMMENT ON FUNCTION ootspg_internal.target(text, text) IS 'what the instance expects, defaults filled in';

-- Missing facts are named by table, row and column (D-REG-02), the first that is found.
CREATE FUNCTION ootspg_internal.require_facts(t ootspg.directory_target, provider text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missing record;
BEGIN
	SELECT f.* INTO missing FROM ootspg_internal.missing_facts(t, require_facts.provider) f LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(missing.fact, missing.remedy);
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.require_facts(ootspg.directory_target, text) IS 'OT003 when a fact is missing that the directory must be told';

CREATE FUNCTION ootspg_internal.missing_dsd_facts(t ootspg.directory_target, provider text, OUT fact text, OUT remedy text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH types AS (SELECT * FROM ootspg_internal.published_types(t, missing_dsd_facts.provider)),
	services AS (SELECT p.provider_name, count(a.party_id) AS count
				   FROM (SELECT DISTINCT provider_name FROM types) p LEFT JOIN ootspg.access_service a ON a.provider = p.provider_name GROUP BY 1)
	SELECT g.fact, g.remedy
	  FROM (SELECT DISTINCT x.place, x.fact, x.remedy FROM types e, ootspg_internal.publishing_gaps(e.evidence_type, e.provider_name, e.lines) x ORDER BY 1, 2) g
	UNION ALL
	SELECT format('ootspg.access_service has %s rows for provider "%s"', s.count, s.provider_name), 'Leave one, or set column "access_services" of ootspg.directory_target to several.'
	  FROM services s WHERE s.count > 1 AND (t).access_services = 'one'
	UNION ALL
	SELECT format('ootspg.data_model_location has no row for data model "%s" %s', d.model, d.model_version), 'Add its URL in the Semantic Repository.'
	  FROM types e JOIN ootspg.distribution d USING (evidence_type)
	 WHERE d.model IS NOT NULL AND ootspg_internal.target_model(t, d.model, d.model_version) IS NULL
	UNION ALL
	SELECT format('ootspg.classification_concept (%s): column "%s" is NULL', c.concept, CASE WHEN c.code_list IS NULL THEN 'code_list' ELSE 'value_expression' END),
		   'A concept of kind codelist names its list and the definition of its values in 2.0.'
	  FROM types e JOIN ootspg.evidence_type_concept q USING (evidence_type) JOIN ootspg.classification_concept c USING (concept)
	 WHERE (t).line = 'oots-edm:v2.0' AND c.kind = 'codelist' AND (c.code_list IS NULL OR c.value_expression IS NULL);
END;
COMMENT ON FUNCTION ootspg_internal.missing_dsd_facts(ootspg.directory_target, text) IS 'facts that the DSD must be told and no row tells';

CREATE FUNCTION ootspg_internal.missing_eb_facts(t ootspg.directory_target, provider text, OUT fact text, OUT remedy text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT format('ootspg.evidence_type_list_member has no row for evidence type "%s"', e.evidence_type), 'Say which requirement it proves, alone or with others (D-REG-05).'
	  FROM ootspg_internal.published_types(t, missing_eb_facts.provider) e
	 WHERE NOT EXISTS (SELECT FROM ootspg.evidence_type_list_member m WHERE m.evidence_type = e.evidence_type)
	UNION ALL
	SELECT format('ootspg.publisher has no row for provider "%s"', l.provider), 'Column "jurisdiction" says where it is competent.'
	  FROM ootspg.evidence_type_list l JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = (t).environment AND (missing_eb_facts.provider IS NULL OR l.provider = missing_eb_facts.provider)
	   AND NOT EXISTS (SELECT FROM ootspg.publisher d WHERE d.provider = l.provider)
	UNION ALL
	SELECT format('ootspg.evidence_type_list_member has no row of a published evidence type for list %s', l.evidence_type_list), 'Only a list with no_match may be empty, and only from 2.0 on.'
	  FROM ootspg.evidence_type_list l JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = (t).environment AND (missing_eb_facts.provider IS NULL OR l.provider = missing_eb_facts.provider)
	   AND NOT (l.no_match AND (t).line = 'oots-edm:v2.0')
	   AND NOT EXISTS (SELECT FROM ootspg.evidence_type_list_member m JOIN ootspg_internal.published_types(t, NULL) e USING (evidence_type)
						WHERE m.evidence_type_list = l.evidence_type_list)
	UNION ALL
	SELECT format('ootspg.requirement_framework has no row for reference framework %s', f.reference_framework), 'Say which requirements the procedure has.'
	  FROM ootspg.reference_framework f JOIN ootspg.provider p USING (provider)
	 WHERE p.environment = (t).environment AND (missing_eb_facts.provider IS NULL OR f.provider = missing_eb_facts.provider)
	   AND NOT EXISTS (SELECT FROM ootspg.requirement_framework m WHERE m.reference_framework = f.reference_framework);
END;
COMMENT ON FUNCTION ootspg_internal.missing_eb_facts(ootspg.directory_target, text) IS 'facts that the EB must be told and no row tells';

CREATE FUNCTION ootspg_internal.missing_facts(t ootspg.directory_target, provider text, OUT fact text, OUT remedy text) RETURNS SETOF record
LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH own AS (
		SELECT p.* FROM ootspg.provider p
		 WHERE p.environment = (t).environment AND (missing_facts.provider IS NULL OR p.provider = missing_facts.provider)),
	types AS (
		SELECT e.*, d.evidence_type IS NOT NULL AS has_entry, d.publish, a.evidence_type IS NOT NULL AS active
		  FROM ootspg.evidence_type e JOIN own USING (provider) LEFT JOIN ootspg.directory_entry d USING (evidence_type)
		  LEFT JOIN ootspg.activation a USING (evidence_type)),
	published AS (SELECT * FROM types WHERE publish)
	SELECT format('ootspg.directory_entry has no row for evidence type "%s", which is in service', e.evidence_type),
		   'Every type in service is published (D-REG-01); a row with publish = false says that it deliberately is not.'
	  FROM types e WHERE e.active AND NOT e.has_entry
	UNION ALL
	SELECT format('ootspg.publisher has no row for provider "%s"', p.provider), 'Column "jurisdiction" says where it is competent.'
	  FROM own p WHERE EXISTS (SELECT FROM published e WHERE e.provider = p.provider) AND NOT EXISTS (SELECT FROM ootspg.publisher d WHERE d.provider = p.provider)
	UNION ALL
	SELECT format('ootspg.evidence_type_line has no row for evidence type "%s" on a line that the target lists', e.evidence_type),
		   format('Add its classification for %s, add its lines to column "lines" of ootspg.directory_target, or do not publish it.', (t).line)
	  FROM ootspg_internal.published_types(t, missing_facts.provider) e WHERE e.lines = '{}'
	UNION ALL
	SELECT m.* FROM ootspg_internal.missing_dsd_facts(t, missing_facts.provider) m WHERE (t).service = 'dsd'
	UNION ALL
	SELECT m.* FROM ootspg_internal.missing_eb_facts(t, missing_facts.provider) m WHERE (t).service = 'eb';
END;
COMMENT ON FUNCTION ootspg_internal.missing_facts(ootspg.directory_target, text) IS 'facts that a directory must be told and no row tells';

CREATE FUNCTION ootspg_internal.assemble(t ootspg.directory_target, id uuid, remark text, objects bytea[]) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	frame text := convert_from(ootspg_internal.write_xml(jsonb_build_array('lcm:SubmitObjectsRequest',
		jsonb_build_object('id', 'urn:uuid:' || id, 'checkReferences', CASE WHEN t.check_references THEN 'true' END, 'comment', remark),
		CASE WHEN t.specification IS NOT NULL THEN jsonb_build_array('rim:Slot', jsonb_build_object('name', 'SpecificationIdentifier'),
			jsonb_build_array('rim:SlotValue', jsonb_build_object('xsi:type', 'rim:StringValueType'),
				ootspg_internal.leaf('rim:Value', t.specification))) END,
		jsonb_build_array('rim:RegistryObjectList', ''))), 'UTF8');
	last constant text := '</rim:RegistryObjectList></lcm:SubmitObjectsRequest>';
	content text;
BEGIN
	SELECT string_agg(convert_from(o, 'UTF8'), '' ORDER BY place) INTO content FROM unnest(objects) WITH ORDINALITY u(o, place);
	RETURN ootspg.canonical(convert_to(left(frame, -length(last)) || coalesce(content, '') || last, 'UTF8'));
END $$;
COMMENT ON FUNCTION ootspg_internal.assemble(ootspg.directory_target, uuid, text, bytea[]) IS 'one message of registry objects';

CREATE FUNCTION ootspg_internal.served_message(t ootspg.directory_target, provider text, remark text) RETURNS bytea
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_facts(t, provider);
	RETURN ootspg_internal.assemble(t, gen_random_uuid(), remark,
		CASE t.service WHEN 'dsd' THEN ARRAY(SELECT o FROM ootspg_internal.dsd_objects(t, served_message.provider) o)
			 ELSE ARRAY(SELECT o FROM ootspg_internal.eb_objects(t, served_message.provider) o) END);
END $$;
COMMENT ON FUNCTION ootspg_internal.served_message(ootspg.directory_target, text, text) IS 'what the tables say, for one provider or for all';

-- Plans are carried out, told, and undone: so the directory is told what the tables will
-- say, by the same functions and under the same constraints. Those of every provider, since
-- entries refer to each other. Ids given on the way are kept: they say what is ours later.
CREATE FUNCTION ootspg_internal.own_message(t ootspg.directory_target, provider text, remark text) RETURNS bytea
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	plans ootspg.activation_on_acceptance[] := ARRAY(SELECT p FROM ootspg_internal.planned_changes(t) p);
	plan ootspg.activation_on_acceptance;
	message bytea;
	ids ootspg.registry_object[];
BEGIN
	IF plans = '{}' THEN
		RETURN ootspg_internal.served_message(t, provider, remark);
	END IF;
	BEGIN
		FOREACH plan IN ARRAY plans LOOP
			PERFORM ootspg_internal.make_change(plan);
		END LOOP;
		message := ootspg_internal.served_message(t, provider, remark);
		ids := ARRAY(SELECT o FROM ootspg.registry_object o WHERE o.service = t.service);
		RAISE SQLSTATE 'OTDRY';
	EXCEPTION WHEN SQLSTATE 'OTDRY' THEN
		INSERT INTO ootspg.registry_object SELECT o.* FROM unnest(ids) o ON CONFLICT DO NOTHING;
	END;
	RETURN message;
END $$;
COMMENT ON FUNCTION ootspg_internal.own_message(ootspg.directory_target, text, text) IS
'what this database publishes, for one provider or for all: what the tables will say when all that waits for acceptance is carried out';

-- Everything of the state: our own and each fragment that is valid today.
CREATE FUNCTION ootspg_internal.state_objects(t ootspg.directory_target,
	OUT owner text, OUT kind text, OUT object_id text, OUT identifier text, OUT source text, OUT target text, OUT countries text[], OUT content bytea)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'this database', o.kind, o.object_id, o.identifier, o.source, o.target, o.countries, o.content
	  FROM ootspg_internal.submission_objects(ootspg_internal.own_message(t, NULL, NULL)) o;
	RETURN QUERY
	SELECT f.owner, o.kind, o.object_id, o.identifier, o.source, o.target, o.countries, o.content
	  FROM ootspg.fragment f, ootspg_internal.submission_objects(f.content) o
	 WHERE f.environment = t.environment AND f.service = t.service
	   AND current_date >= f.valid_from AND (f.valid_until IS NULL OR current_date <= f.valid_until);
END $$;
COMMENT ON FUNCTION ootspg_internal.state_objects(ootspg.directory_target) IS 'registry objects of the whole state with their owners';

CREATE FUNCTION ootspg_internal.conflicts(t ootspg.directory_target,
	OUT conflict text, OUT kind text, OUT identifier text, OUT object_id text, OUT owners text[])
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off	-- compiling takes longer than any state's data set
AS $$
BEGIN
	RETURN QUERY
	WITH o AS MATERIALIZED (SELECT * FROM ootspg_internal.state_objects(t))
	SELECT c.conflict, c.kind, c.identifier, c.object_id, c.owners FROM (
		SELECT 1 AS rank, 'same id, different content' AS conflict, min(o.kind) AS kind, min(o.identifier) AS identifier, o.object_id, array_agg(DISTINCT o.owner) AS owners
		  FROM o GROUP BY o.object_id HAVING count(DISTINCT o.content) > 1
		UNION ALL
		SELECT 2, 'same entry, different ids', o.kind, coalesce(o.identifier, o.source || ' -> ' || o.target), min(o.object_id), array_agg(DISTINCT o.owner)
		  FROM o GROUP BY o.kind, coalesce(o.identifier, o.source || ' -> ' || o.target) HAVING count(DISTINCT o.object_id) > 1
		UNION ALL
		SELECT 3, 'dangling reference', o.kind, e.id, o.object_id, ARRAY[o.owner]
		  FROM o, LATERAL (VALUES (o.source, o.kind = 'DerivesFromReferenceFramework'), (o.target, o.kind = 'FulfillsRequirement')) e(id, requirement)
		 WHERE e.id IS NOT NULL AND NOT EXISTS (SELECT FROM o other WHERE other.object_id = e.id)
		   -- requirements are commonly managed: from 1.1 on they may be referred to only
		   AND NOT (e.requirement AND t.line <> 'oots-edm:v1.0')
		UNION ALL
		SELECT 4, 'country ' || x.country, o.kind, o.identifier, o.object_id, ARRAY[o.owner]
		  FROM o, LATERAL (SELECT DISTINCT country FROM unnest(o.countries) country) x WHERE x.country <> t.country
		UNION ALL
		SELECT 5, 'not of the object model', o.kind, o.identifier, o.object_id, ARRAY[o.owner]
		  FROM o WHERE o.kind IS NULL OR o.kind <> ALL (CASE
			WHEN t.service = 'eb' THEN ARRAY['EvidenceType', 'EvidenceTypeList', 'Requirement', 'ReferenceFramework', 'ContainsEvidence', 'FulfillsRequirement', 'DerivesFromReferenceFramework']
			WHEN t.line = 'oots-edm:v1.0' THEN ARRAY['EvidenceProvider', 'DataServiceEvidenceType', 'ServesEvidenceType']
			ELSE ARRAY['EvidenceProvider', 'AccessService', 'DataServiceEvidenceType', 'ProvidesEvidenceType', 'UsesAccessService'] END)) c
	 ORDER BY c.rank, c.kind, c.identifier, c.object_id;
END $$;
COMMENT ON FUNCTION ootspg_internal.conflicts(ootspg.directory_target) IS 'where the parts of the state contradict each other';

CREATE FUNCTION ootspg.submission_conflicts(target text DEFAULT 'dsd', environment text DEFAULT NULL,
	OUT conflict text, OUT kind text, OUT identifier text, OUT object_id text, OUT owners text[])
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	RETURN QUERY SELECT c.* FROM ootspg_internal.conflicts(ootspg_internal.target(submission_conflicts.target, submission_conflicts.environment)) c;
END $$;
COMMENT ON FUNCTION ootspg.submission_conflicts(text, text) IS
'contradictions between this database and the fragments: one id with different content, one entry under two ids, dangling references, another country, another object model. A submission is made when there are none';

CREATE FUNCTION ootspg.submission_missing(target text DEFAULT 'dsd', environment text DEFAULT NULL,
	OUT fact text, OUT remedy text) RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	RETURN QUERY SELECT m.* FROM ootspg_internal.missing_facts(ootspg_internal.target(submission_missing.target, submission_missing.environment), NULL) m;
END $$;
COMMENT ON FUNCTION ootspg.submission_missing(text, text) IS
'everything that a directory must be told and no row tells: table, row and column, and what to do (D-REG-02). ootspg.submission() is made when there is nothing';

CREATE FUNCTION ootspg.submission(target text DEFAULT 'dsd', environment text DEFAULT NULL, id uuid DEFAULT gen_random_uuid()) RETURNS xml
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
	conflict record;
	objects bytea[];
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	t := ootspg_internal.target(submission.target, submission.environment);
	SELECT c.* INTO conflict FROM ootspg_internal.conflicts(t) c LIMIT 1;
	IF FOUND THEN
		PERFORM ootspg_internal.raise_configuration(
			format('parts of the state contradict each other: %s (%s %s)', conflict.conflict, conflict.kind, coalesce(conflict.identifier, conflict.object_id)),
			format('ootspg.submission_conflicts(%L, %L) lists all.', t.service, t.environment));
	END IF;
	SELECT array_agg(o.content ORDER BY o.rank, o.kind COLLATE "C", o.identifier COLLATE "C", o.object_id) INTO objects
	  FROM (SELECT DISTINCT ON (s.object_id) s.*, s.source IS NOT NULL AS rank FROM ootspg_internal.state_objects(t) s ORDER BY s.object_id) o;
	IF objects IS NULL THEN
		PERFORM ootspg_internal.raise_configuration(format('nothing is to be published in %s', t.environment),
			'Add rows to ootspg.directory_entry, or import fragments. An empty submission would remove all that the state has.');
	END IF;
	RETURN xmlparse(DOCUMENT convert_from(ootspg_internal.assemble(t, submission.id, NULL, objects), 'UTF8'));
END $$;
COMMENT ON FUNCTION ootspg.submission(text, text, uuid) IS
'the complete submission of the state to the DSD or the EB (target dsd, eb): what this database publishes and every fragment that is valid today. OT003 names the row and column that is missing, or the first conflict';

CREATE FUNCTION ootspg.export_fragment(provider text, target text DEFAULT 'dsd') RETURNS xml
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	p ootspg.provider;
BEGIN
	PERFORM ootspg_internal.require_configure(export_fragment.provider);
	SELECT x.* INTO p FROM ootspg.provider x WHERE x.provider = export_fragment.provider;
	IF NOT FOUND THEN
		PERFORM ootspg_internal.raise_configuration(format('there is no provider "%s"', export_fragment.provider), 'Providers are rows of ootspg.provider.');
	END IF;
	RETURN xmlparse(DOCUMENT convert_from(ootspg_internal.own_message(ootspg_internal.target(export_fragment.target, p.environment), p.provider,
		format('fragment of %s::%s, not to be submitted alone', p.scheme, p.identifier)), 'UTF8'));
END $$;
COMMENT ON FUNCTION ootspg.export_fragment(text, text) IS
'what one provider publishes, for the authority that submits for the state: the form of a submission, but never to be submitted alone, for that would remove all others';

-- Whether a fragment is complete shows when all are together.
CREATE FUNCTION ootspg_internal.judged_together(rule_id text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT rule_id ~ '^R-DSD-SUB-S0(23|25|27|28a|28b|33|34|35)$' OR rule_id ~ '^R-EB-SUB-S0(31|33|35|36.|38.|40.|44|45|46|47|48|5[1-6])$';
END;
COMMENT ON FUNCTION ootspg_internal.judged_together(text) IS 'rules about what must be in a message together, which a fragment need not keep';

CREATE FUNCTION ootspg.import_fragment(fragment text, content bytea, owner text, environment text DEFAULT NULL,
	valid_from date DEFAULT current_date, valid_until date DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t ootspg.directory_target;
	services text[];
	objects integer;
	broken record;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	SELECT count(*), array_agg(DISTINCT o.service) INTO objects, services FROM ootspg_internal.submission_objects(import_fragment.content) o;
	IF cardinality(services) IS DISTINCT FROM 1 OR services[1] IS NULL THEN
		RAISE EXCEPTION 'fragment "%" does not belong to one directory', fragment
			USING ERRCODE = 'OT001', HINT = 'All its objects carry the classification scheme of the DSD or that of the EB.';
	END IF;
	t := ootspg_internal.target(services[1], import_fragment.environment);
	SELECT c.* INTO broken FROM ootspg.check_submission(import_fragment.content, t.line::text, t.service) c
	 WHERE c.severity = 'fatal' AND NOT ootspg_internal.judged_together(c.rule_id) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'fragment "%" breaks rule % at %', fragment, broken.rule_id, broken.location
			USING ERRCODE = 'OT001', DETAIL = format('Expected: %s.', broken.detail),
			HINT = 'ootspg.check_submission() lists all; its owner has to correct it.';
	END IF;
	INSERT INTO ootspg.fragment AS f (environment, service, fragment, owner, valid_from, valid_until, content)
	VALUES (t.environment, t.service, import_fragment.fragment, import_fragment.owner, import_fragment.valid_from, import_fragment.valid_until, import_fragment.content)
	ON CONFLICT ON CONSTRAINT fragment_pkey DO UPDATE
	   SET owner = EXCLUDED.owner, valid_from = EXCLUDED.valid_from, valid_until = EXCLUDED.valid_until, content = EXCLUDED.content,
		   imported_at = EXCLUDED.imported_at, imported_by = EXCLUDED.imported_by;
	RETURN objects;
END $$;
COMMENT ON FUNCTION ootspg.import_fragment(text, bytea, text, text, date, date) IS
'keeps what another provider publishes, a file or an export of another database, under a name; replaces the former one of that name. Refuses what breaks fatal rules, apart from those about completeness. Returns the number of registry objects';

CREATE FUNCTION ootspg.import_fragment(fragment text, content xml, owner text, environment text DEFAULT NULL,
	valid_from date DEFAULT current_date, valid_until date DEFAULT NULL) RETURNS integer
LANGUAGE sql
BEGIN ATOMIC
	SELECT ootspg.import_fragment(fragment, convert_to(content::text, 'UTF8'), owner, environment, valid_from, valid_until);
END;
COMMENT ON FUNCTION ootspg.import_fragment(text, xml, text, text, date, date) IS 'the same for a value of type xml, as ootspg.export_fragment() gives it';
