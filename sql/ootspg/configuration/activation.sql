-- Into service and out of it: what is promised is tried first.

-- Where roles are to answer, one of them at least must be able to read: else each answer would fail. So must who says so.
CREATE FUNCTION ootspg_internal.check_readers(type ootspg.evidence_type) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	mine text := ootspg_internal.unreadable(type.evidence_type, to_regrole(quote_ident(session_user)));
	missing record;
BEGIN
	IF mine IS NOT NULL THEN
		RAISE EXCEPTION 'role "%" may not use % itself', session_user, mine
			USING ERRCODE = 'insufficient_privilege', HINT = 'Who puts an evidence type into service, now or when a directory accepts it, serves what it may read.';
	END IF;
	SELECT bound_role_name AS role_name, ootspg_internal.unreadable(type.evidence_type, bound_role_oid) AS views
	  INTO missing
	  FROM ootspg.provider_role p, ootspg_internal.bound_role_name(p.role_name), ootspg_internal.bound_role_oid(p.role_name)
	 WHERE p.duty = 'exchange' AND (p.provider IS NULL OR p.provider = type.provider) AND bound_role_oid IS NOT NULL
	 ORDER BY 2 NULLS FIRST, 1 LIMIT 1;
	IF missing.views IS NOT NULL THEN
		PERFORM ootspg_internal.raise_configuration(
			format('role "%s" has to answer but may not read %s', missing.role_name, missing.views),
			'Grant SELECT on the views, USAGE on their schema, and what functions in the views need.');
	END IF;
	-- the workers' roles are told apart: they may be named before they are granted what they need
	FOR missing IN SELECT DISTINCT bound_role_name AS role_name, ootspg_internal.unreadable(type.evidence_type, bound_role_oid) AS views
			  FROM ootspg.access_point a JOIN ootspg.provider p ON p.provider = type.provider,
				   ootspg_internal.bound_role_name(coalesce(p.answer_role, a.answer_role)), ootspg_internal.bound_role_oid(coalesce(p.answer_role, a.answer_role))
			 WHERE bound_role_oid IS NOT NULL ORDER BY 1 LOOP
		IF missing.views IS NOT NULL THEN
			RAISE WARNING 'role "%" of the workers may not read %', missing.role_name, missing.views
				USING HINT = 'Until it is granted SELECT on the views, USAGE on their schema and EXECUTE on functions, requests get EDM:ERR:0008.';
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_readers(ootspg.evidence_type) IS '42501 when the session''s role may not read the type''s views itself; OT003 when there are roles with duty exchange for the type and none of them may read its views; warns of answer roles that may not';

-- What leaves without a seal whatever the type says; under "require" that must not be a surprise (D-SIG-08).
CREATE FUNCTION ootspg_internal.seal_obstacle(d ootspg.distribution) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT CASE WHEN d.seal_form = 'none' THEN 'its seal_form is none'
				WHEN d.media_type IN ('image/jpeg', 'image/png') THEN 'JPEG and PNG cannot be sealed in this version'
				WHEN d.seal_form = 'own' OR d.media_type = 'application/pdf' OR d.seal_form <> 'standard' THEN NULL
				WHEN d.media_type = 'application/json' THEN 'JSON is sealed only where seal_form is compact or flattened'
				WHEN EXISTS (SELECT FROM pg_attribute a
							  WHERE a.attrelid = coalesce(d.source, (SELECT t.typrelid FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
																	  WHERE p.oid = ootspg_internal.find_function(d.source_function, 'text[]'::regtype)))
								AND a.attname = d.document AND a.atttypid = 'bytea'::regtype AND NOT a.attisdropped)
				THEN 'a document in bytea leaves as it is' END
$$;
COMMENT ON FUNCTION ootspg_internal.seal_obstacle(ootspg.distribution) IS 'why documents of the distribution are never sealed, whatever evidence_type.seal says; NULL when they can be';

-- Time stamps need somebody who gives them, and a place in the seal.
CREATE FUNCTION ootspg_internal.check_stamped(type ootspg.evidence_type) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER	-- who may configure one provider need not see the authorities
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	compact text;
BEGIN
	IF type.seal = 'none' THEN
		PERFORM ootspg_internal.raise_configuration(format('evidence type "%s" has seals of level T, and its seal is none', type.evidence_type),
			'Set evidence_type.seal to prefer or require, or seal_level to B.');
	ELSIF NOT EXISTS (SELECT FROM ootspg.time_stamp_authority) THEN
		PERFORM ootspg_internal.raise_configuration(format('evidence type "%s" has seals of level T, and there is no time-stamping authority', type.evidence_type),
			'Add a row to ootspg.time_stamp_authority.');
	END IF;
	SELECT d.distribution INTO compact FROM ootspg.distribution d WHERE d.evidence_type = type.evidence_type AND d.seal_form = 'compact' ORDER BY 1 LIMIT 1;
	IF FOUND AND type.seal = 'require' THEN
		PERFORM ootspg_internal.raise_configuration(format('distribution "%s" would leave without the time stamp that evidence type "%s" requires: a compact JWS has no place for one', compact, type.evidence_type),
			'Let its seal_form be flattened, or set evidence_type.seal to prefer.');
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_stamped(ootspg.evidence_type) IS 'OT003 when seals of the type cannot be of level T as configured';

CREATE FUNCTION ootspg_internal.check_activation(type ootspg.evidence_type) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	d ootspg.distribution;
	companion ootspg.distribution;
	missing text;
	obstacle text;
	seals_json boolean;
BEGIN
	IF type.preview = 'required' AND NOT EXISTS (SELECT FROM ootspg.preview_space p WHERE p.provider = type.provider) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('evidence type "%s" needs a preview, and provider "%s" has no preview space', type.evidence_type, type.provider),
			'Write a row of ootspg.preview_space (doc/preview.md); or set preview to ''exempt'', where no requester''s law asks for a preview.');
	END IF;
	IF type.reauthentication <> 'none' AND (type.preview = 'exempt' OR NOT EXISTS (
			SELECT FROM ootspg.preview_space p WHERE p.provider = type.provider AND p.authentication <> 'none' AND p.matching_key IS NOT NULL)) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('users of evidence type "%s" are to sign in again, and cannot', type.evidence_type),
			'It takes a type that is not exempt from preview, and a preview space with authentication = ''proxy'' and a matching_key of ootspg.new_matching_key().');
	END IF;
	IF NOT EXISTS (SELECT FROM ootspg.evidence_type_line l WHERE l.evidence_type = type.evidence_type) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('evidence type "%s" is served on no line', type.evidence_type),
			'Add its classification for each line to ootspg.evidence_type_line.');
	END IF;
	IF NOT EXISTS (SELECT FROM ootspg.distribution x WHERE x.evidence_type = type.evidence_type AND NOT x.companion_only) THEN
		PERFORM ootspg_internal.raise_configuration(
			format('evidence type "%s" has no distribution that can be requested', type.evidence_type),
			'Add at least one row to ootspg.distribution.');
	END IF;
	PERFORM ootspg_internal.check_requestable(type.evidence_type);
	PERFORM ootspg_internal.check_registry(type);
	PERFORM ootspg_internal.check_codes(type);
	FOR d IN SELECT * FROM ootspg.distribution x WHERE x.evidence_type = type.evidence_type LOOP
		IF type.subject_source IS NULL AND d.source IS NULL THEN
			PERFORM ootspg_internal.raise_configuration(
				format('evidence type "%s" has no view to match subjects against', type.evidence_type),
				'A source function needs evidence_type.subject_source.');
		END IF;
		IF d.readable IS NOT NULL THEN
			SELECT * INTO companion FROM ootspg.distribution x
			 WHERE x.evidence_type = d.evidence_type AND x.distribution = d.readable;
			IF companion.media_type IN ('application/xml', 'application/json')
				OR companion.source IS DISTINCT FROM d.source
				OR companion.source_function IS DISTINCT FROM d.source_function THEN
				PERFORM ootspg_internal.raise_configuration(
					format('distribution "%s" cannot be the human-readable version of "%s"', d.readable, d.distribution),
					'It must be a document for people (PDF or image) in a column of the same source.');
			END IF;
		ELSIF d.media_type IN ('application/xml', 'application/json') AND d.model IS NULL THEN
			PERFORM ootspg_internal.raise_configuration(
				format('distribution "%s" conforms to no data model and has no human-readable version', d.distribution),
				'Name its model, or a distribution in column "readable" (D-MOD-02).');
		END IF;
		obstacle := ootspg_internal.seal_obstacle(d);
		IF type.seal = 'require' AND obstacle IS NOT NULL THEN
			PERFORM ootspg_internal.raise_configuration(
				format('distribution "%s" would leave without the seal that evidence type "%s" requires: %s', d.distribution, type.evidence_type, obstacle),
				'Change distribution.seal_form, or set evidence_type.seal to prefer: what can be sealed leaves sealed then, and the rest as it is (D-SIG-08).');
		END IF;
		IF d.model IS NOT NULL THEN
			SELECT l.line INTO missing FROM ootspg.evidence_type_line l
			 WHERE l.evidence_type = type.evidence_type
			   AND NOT EXISTS (SELECT FROM ootspg.data_model_location u
								WHERE u.model = d.model AND u.version = d.model_version AND u.line = l.line)
			 ORDER BY l.line LIMIT 1;
			IF FOUND THEN
				PERFORM ootspg_internal.raise_configuration(
					format('data model "%s" %s has no URL for %s', d.model, d.model_version, missing),
					'Add it to ootspg.data_model_location.');
			END IF;
			IF type.seal = 'require' AND d.media_type = 'application/xml' AND d.seal_form = 'standard'
				AND NOT (SELECT m.sealable FROM ootspg.data_model m WHERE m.model = d.model AND m.version = d.model_version) THEN
				PERFORM ootspg_internal.raise_configuration(
					format('data model "%s" %s leaves no room for a seal', d.model, d.model_version),
					'Set evidence_type.seal to none or prefer (D-SIG-05).');
			END IF;
		END IF;
	END LOOP;
	IF type.seal_level = 'T' THEN
		PERFORM ootspg_internal.check_stamped(type);
	END IF;
	IF type.seal <> 'none' THEN
		-- a key that cannot be used is found out here, whatever it is to seal
		SELECT f.seals_json INTO seals_json FROM ootspg.seal_key k, ootspg_internal.key_facts(k.seal_key, k.key_uri, k.certificate_uri, k.provider) f WHERE k.seal_key = type.seal_key;
		IF NOT seals_json AND EXISTS (SELECT FROM ootspg.distribution x WHERE x.evidence_type = type.evidence_type AND x.seal_form IN ('compact', 'flattened')) THEN
			PERFORM ootspg_internal.raise_configuration(
				format('seal key "%s" cannot seal JSON: it is on one of Brainpool''s curves', type.seal_key),
				'Use a key on P-256 or P-384 (D-SIG-12).');
		END IF;
	END IF;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_activation(ootspg.evidence_type) IS 'OT003 or OT004 when the type cannot be served as configured';

CREATE FUNCTION ootspg.activate(evidence_type text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	type ootspg.evidence_type;
BEGIN
	SELECT * INTO type FROM ootspg.evidence_type t WHERE t.evidence_type = activate.evidence_type;
	IF NOT FOUND OR NOT ootspg_internal.has_duty(session_user, 'configure', type.provider) THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to configure', activate.evidence_type
			USING ERRCODE = 'OT006', HINT = 'ootspg.grant_duty() gives the duty to configure.';
	END IF;
	PERFORM ootspg_internal.check_activation(type);
	PERFORM ootspg_internal.check_readers(type);
	INSERT INTO ootspg.activation (evidence_type) VALUES (activate.evidence_type) ON CONFLICT DO NOTHING;
	PERFORM ootspg_internal.tell_unpublishable(type);
	PERFORM ootspg_internal.tell_missing_labels(type.evidence_type);
END $$;
COMMENT ON FUNCTION ootspg.activate(text) IS
'puts an evidence type into service after checking views, lines, models, companions and seal key; refuses with a hint otherwise, and says by NOTICE what directories would miss, and which labels people would';

-- What activate() promised must stay true: a change to a type in service is checked
-- when its transaction ends, so that several rows may change together. New rows are not:
-- a restored dump brings them in any order.
CREATE FUNCTION ootspg_internal.check_active() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	type ootspg.evidence_type;
BEGIN
	-- rows that only follow what the registry did to its views (registry_watch.sql): that is told, not refused
	IF TG_OP = 'UPDATE' AND ootspg_internal.only_follows(to_jsonb(OLD), to_jsonb(NEW)) THEN
		RETURN NULL;
	END IF;
	SELECT t.* INTO type FROM ootspg.evidence_type t JOIN ootspg.activation a USING (evidence_type)
	 WHERE t.evidence_type = coalesce(NEW.evidence_type, OLD.evidence_type);
	IF FOUND THEN
		PERFORM ootspg_internal.check_activation(type);
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_active() IS 'refuses a change that leaves an active evidence type unservable';

CREATE CONSTRAINT TRIGGER check_active AFTER UPDATE ON ootspg.evidence_type
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_active();
CREATE CONSTRAINT TRIGGER check_active AFTER UPDATE OR DELETE ON ootspg.evidence_type_line
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_active();
CREATE CONSTRAINT TRIGGER check_active AFTER UPDATE OR DELETE ON ootspg.distribution
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_active();

CREATE FUNCTION ootspg.deactivate(evidence_type text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM ootspg.evidence_type t WHERE t.evidence_type = deactivate.evidence_type
					AND ootspg_internal.has_duty(session_user, 'configure', t.provider)) THEN
		RAISE EXCEPTION 'evidence type "%" does not exist or is not yours to configure', deactivate.evidence_type
			USING ERRCODE = 'OT006', HINT = 'ootspg.grant_duty() gives the duty to configure.';
	END IF;
	DELETE FROM ootspg.activation a WHERE a.evidence_type = deactivate.evidence_type;
END $$;
COMMENT ON FUNCTION ootspg.deactivate(text) IS 'takes an evidence type out of service; requests for it get EDM:ERR:0004';
