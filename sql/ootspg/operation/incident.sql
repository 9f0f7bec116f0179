-- Registers of what went wrong, of whom is doubted and of what will change: Implementing Regulation (EU) 2022/1463 art. 1(18), 21(3), 22(3), 26,
-- 29 and GDPR art. 33. Texts are the operators' own and name no person; exchanges are named by their numbers.

CREATE TABLE ootspg.incident (
	incident_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind			text NOT NULL CHECK (kind IN ('non-performance', 'failed transmission', 'unrequested evidence', 'changed in transit', 'disclosed in transit', 'security breach', 'broken audit')),
	state			text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'assessed', 'reported', 'closed')),
	happened_at		timestamptz NOT NULL,
	aware_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	opened_by		text NOT NULL DEFAULT session_user,
	component		text,
	description		text NOT NULL CHECK (length(description) BETWEEN 1 AND 10000),
	exchanges		bigint[] NOT NULL DEFAULT '{}' CHECK (cardinality(exchanges) <= 10000),
	personal_data	boolean,
	high_risk		boolean,
	substantial		boolean NOT NULL DEFAULT false,
	reported_at		timestamptz,
	closed_at		timestamptz,
	history			jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX incident_open ON ootspg.incident (kind, component) WHERE state <> 'closed';
COMMENT ON TABLE ootspg.incident IS 'incidents (D-OPS-05) and personal-data breaches (D-SEC-10): what, when, which exchanges, what was done, what was reported';
COMMENT ON COLUMN ootspg.incident.incident_id IS 'number of the incident';
COMMENT ON COLUMN ootspg.incident.kind IS 'as art. 1(18) names them: non-performance, failed transmission, unrequested evidence, changed or disclosed in transit, security breach; and broken audit';
COMMENT ON COLUMN ootspg.incident.state IS 'open; assessed: personal_data is decided; reported; closed';
COMMENT ON COLUMN ootspg.incident.happened_at IS 'when it happened, as far as known';
COMMENT ON COLUMN ootspg.incident.aware_at IS 'when somebody here became aware of it: the 72 hours of GDPR art. 33 begin';
COMMENT ON COLUMN ootspg.incident.opened_by IS 'session user who opened it; the worker''s role: it was found by itself';
COMMENT ON COLUMN ootspg.incident.component IS 'access point or evidence type it concerns; NULL: none in particular';
COMMENT ON COLUMN ootspg.incident.description IS 'what happened, without personal data';
COMMENT ON COLUMN ootspg.incident.exchanges IS 'numbers of the exchanges concerned';
COMMENT ON COLUMN ootspg.incident.personal_data IS 'is it a personal-data breach? NULL: not assessed yet, and the clock runs';
COMMENT ON COLUMN ootspg.incident.high_risk IS 'is there a high risk for persons, who must be told then (GDPR art. 34)?';
COMMENT ON COLUMN ootspg.incident.substantial IS 'marked for the technical support dashboard';
COMMENT ON COLUMN ootspg.incident.reported_at IS 'when it was reported to the authority or the contact point';
COMMENT ON COLUMN ootspg.incident.closed_at IS 'when it was closed';
COMMENT ON COLUMN ootspg.incident.history IS 'measures and changes: when, who, what, in words';

CREATE TABLE ootspg.doubt (
	doubt_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	requester_scheme text NOT NULL,
	requester_identifier text NOT NULL,
	exchange_id		bigint,
	reason			text NOT NULL CHECK (length(reason) BETWEEN 1 AND 10000),
	flagged_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	flagged_by		text NOT NULL DEFAULT session_user,
	settled_at		timestamptz,
	outcome			text
);
COMMENT ON TABLE ootspg.doubt IS 'doubts whether requests are lawful (D-OPS-06, art. 21(3)); a doubt changes no answer';
COMMENT ON COLUMN ootspg.doubt.doubt_id IS 'number, for ootspg.doubt_sample()';
COMMENT ON COLUMN ootspg.doubt.requester_scheme IS 'agent scheme of the requester';
COMMENT ON COLUMN ootspg.doubt.requester_identifier IS 'its identifier';
COMMENT ON COLUMN ootspg.doubt.exchange_id IS 'exchange that gave rise to it; NULL: none in particular';
COMMENT ON COLUMN ootspg.doubt.reason IS 'why, without personal data';
COMMENT ON COLUMN ootspg.doubt.flagged_at IS 'when it was raised';
COMMENT ON COLUMN ootspg.doubt.flagged_by IS 'session user who raised it';
COMMENT ON COLUMN ootspg.doubt.settled_at IS 'when it was settled; NULL: not yet';
COMMENT ON COLUMN ootspg.doubt.outcome IS 'with what outcome';

CREATE TABLE ootspg.change_notice (
	change_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind			text NOT NULL CHECK (kind IN ('data model', 'endpoint', 'certificate', 'version', 'evidence type', 'other')),
	takes_effect_at	timestamptz NOT NULL,
	critical		boolean NOT NULL DEFAULT false,
	description		text NOT NULL CHECK (length(description) BETWEEN 1 AND 10000),
	announced_at	timestamptz NOT NULL DEFAULT clock_timestamp(),
	announced_by	text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE ootspg.change_notice IS 'changes that may affect others (D-OPS-08, art. 26(2), (3))';
COMMENT ON COLUMN ootspg.change_notice.change_id IS 'number of the notice';
COMMENT ON COLUMN ootspg.change_notice.kind IS 'what changes';
COMMENT ON COLUMN ootspg.change_notice.takes_effect_at IS 'from when';
COMMENT ON COLUMN ootspg.change_notice.critical IS 'others must know without delay';
COMMENT ON COLUMN ootspg.change_notice.description IS 'what, in words for others';
COMMENT ON COLUMN ootspg.change_notice.announced_at IS 'when it was announced: the lead time begins';
COMMENT ON COLUMN ootspg.change_notice.announced_by IS 'session user who did';

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['incident', 'doubt', 'change_notice'] LOOP
		EXECUTE format('ALTER TABLE ootspg.%I ENABLE ROW LEVEL SECURITY', t);
		EXECUTE format('CREATE POLICY any_duty ON ootspg.%I FOR SELECT USING ((SELECT ootspg_internal.own_providers(current_user, NULL)) && ARRAY[''*''])', t);
		PERFORM pg_catalog.pg_extension_config_dump(format('ootspg.%I', t)::regclass, '');
	END LOOP;
	FOREACH t IN ARRAY ARRAY['incident_incident_id_seq', 'doubt_doubt_id_seq', 'change_notice_change_id_seq'] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(format('ootspg.%I', t)::regclass, '');
	END LOOP;
END $$;

CREATE FUNCTION ootspg.open_incident(kind text, description text, exchanges bigint[] DEFAULT '{}', happened_at timestamptz DEFAULT now(),
	component text DEFAULT NULL, substantial boolean DEFAULT false) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	id bigint;
	unknown bigint;
BEGIN
	PERFORM ootspg_internal.require_operator();
	SELECT x INTO unknown FROM unnest(exchanges) x WHERE NOT EXISTS (SELECT FROM ootspg.exchange e WHERE e.exchange_id = x) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'there is no exchange %', coalesce(unknown::text, 'NULL') USING ERRCODE = 'undefined_object';
	END IF;
	INSERT INTO ootspg.incident (kind, description, exchanges, happened_at, component, substantial)
	VALUES (open_incident.kind, open_incident.description, coalesce(open_incident.exchanges, '{}'), open_incident.happened_at, open_incident.component, open_incident.substantial)
	RETURNING incident_id INTO id;
	RETURN id;
END $$;
COMMENT ON FUNCTION ootspg.open_incident(text, text, bigint[], timestamptz, text, boolean) IS 'opens an incident and returns its number; description without personal data';

CREATE FUNCTION ootspg.change_incident(incident_id bigint, note text, state text DEFAULT NULL, personal_data boolean DEFAULT NULL, high_risk boolean DEFAULT NULL,
	substantial boolean DEFAULT NULL, exchanges bigint[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	i ootspg.incident;
	target text;
BEGIN
	PERFORM ootspg_internal.require_operator();
	IF coalesce(note, '') = '' OR length(note) > 10000 THEN
		RAISE EXCEPTION 'a change of an incident says in up to 10000 characters what was done' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT x.* INTO i FROM ootspg.incident x WHERE x.incident_id = change_incident.incident_id FOR UPDATE;
	target := coalesce(state, i.state);
	IF i.incident_id IS NULL OR i.state = 'closed' THEN
		RAISE EXCEPTION 'incident % is not open', incident_id USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'TABLE ootspg.incident shows all; what is closed stays.';
	END IF;
	i.personal_data := coalesce(personal_data, i.personal_data);
	IF target <> 'open' AND i.personal_data IS NULL THEN
		RAISE EXCEPTION 'incident % is not assessed', incident_id USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Say with personal_data whether it is a personal-data breach (GDPR art. 4(12)).';
	END IF;
	IF target = 'closed' AND i.personal_data AND i.reported_at IS NULL THEN
		RAISE EXCEPTION 'incident % is a personal-data breach that was not reported', incident_id
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Report it first (state => ''reported''), or assess it anew.';
	END IF;
	UPDATE ootspg.incident x
	   SET state = target, personal_data = i.personal_data, high_risk = coalesce(change_incident.high_risk, x.high_risk), substantial = coalesce(change_incident.substantial, x.substantial),
		   exchanges = ARRAY(SELECT DISTINCT e FROM unnest(x.exchanges || change_incident.exchanges) e ORDER BY e),
		   reported_at = CASE WHEN target = 'reported' THEN coalesce(x.reported_at, clock_timestamp()) ELSE x.reported_at END,
		   closed_at = CASE WHEN target = 'closed' THEN clock_timestamp() END,
		   history = x.history || jsonb_build_object('at', clock_timestamp(), 'by', session_user, 'state', target, 'note', note)
	 WHERE x.incident_id = change_incident.incident_id;
END $$;
COMMENT ON FUNCTION ootspg.change_incident(bigint, text, text, boolean, boolean, boolean, bigint[]) IS
'writes down a measure, an assessment, a report or the end of an incident; one that is not assessed, or a breach that is not reported, is not closed';

CREATE VIEW ootspg.incident_clock WITH (security_barrier) AS
SELECT i.incident_id, i.kind, i.state, i.aware_at, i.aware_at + interval '72 hours' AS report_until, i.aware_at + interval '72 hours' < now() AS overdue
  FROM ootspg.incident i
 WHERE i.state <> 'closed' AND i.reported_at IS NULL AND i.personal_data IS NOT FALSE
   AND ((SELECT ootspg_internal.own_providers(session_user, NULL)) && ARRAY['*'] OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user));
COMMENT ON VIEW ootspg.incident_clock IS 'incidents that are, or may be, personal-data breaches and were not reported: until when they must be (GDPR art. 33)';
COMMENT ON COLUMN ootspg.incident_clock.incident_id IS 'number of the incident';
COMMENT ON COLUMN ootspg.incident_clock.kind IS 'its kind';
COMMENT ON COLUMN ootspg.incident_clock.state IS 'its state';
COMMENT ON COLUMN ootspg.incident_clock.aware_at IS 'when the clock began';
COMMENT ON COLUMN ootspg.incident_clock.report_until IS '72 hours later';
COMMENT ON COLUMN ootspg.incident_clock.overdue IS 'true: they are over';

CREATE FUNCTION ootspg.incident_report(incident_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_operator();
	RETURN (SELECT to_jsonb(i) || jsonb_build_object('report_until', i.aware_at + interval '72 hours',
					'exchanges', (SELECT coalesce(jsonb_agg(jsonb_build_object('exchange_id', x.exchange_id, 'received_at', x.received_at, 'conversation_id', x.conversation_id, 'request_id', x.request_id,
										'provider', x.provider, 'evidence_type', x.evidence_type, 'procedure', x.procedure_code, 'requester_identifier', x.requester_identifier,
										'requester_country', x.requester_country, 'outcome', x.outcome, 'error_code', x.error_code) ORDER BY x.exchange_id), '[]')
									FROM ootspg.exchange x WHERE x.exchange_id = ANY (i.exchanges)))
			  FROM ootspg.incident i WHERE i.incident_id = incident_report.incident_id);
END $$;
COMMENT ON FUNCTION ootspg.incident_report(bigint) IS 'an incident with its exchanges, for the authority or the contact point; of persons it names none';

CREATE FUNCTION ootspg.flag_requester(requester_scheme text, requester_identifier text, reason text, exchange_id bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	id bigint;
BEGIN
	PERFORM ootspg_internal.require_operator();
	INSERT INTO ootspg.doubt (requester_scheme, requester_identifier, reason, exchange_id)
	VALUES (flag_requester.requester_scheme, flag_requester.requester_identifier, flag_requester.reason, flag_requester.exchange_id) RETURNING doubt_id INTO id;
	RETURN id;
END $$;
COMMENT ON FUNCTION ootspg.flag_requester(text, text, text, bigint) IS 'writes down a doubt whether a requester asks lawfully, and returns its number';

CREATE FUNCTION ootspg.settle_doubt(doubt_id bigint, outcome text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_operator();
	UPDATE ootspg.doubt d SET settled_at = clock_timestamp(), outcome = settle_doubt.outcome WHERE d.doubt_id = settle_doubt.doubt_id AND d.settled_at IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'doubt % is not open', doubt_id USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
END $$;
COMMENT ON FUNCTION ootspg.settle_doubt(bigint, text) IS 'writes down how a doubt ended';

CREATE FUNCTION ootspg.doubt_sample(doubt_id bigint, sample integer DEFAULT 20, OUT exchange_id bigint, OUT received_at timestamptz, OUT conversation_id text, OUT request_id text,
	OUT evidence_type text, OUT procedure_code text, OUT outcome text, OUT error_code text) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ootspg_internal.require_operator();
	RETURN QUERY SELECT x.exchange_id, x.received_at, x.conversation_id, x.request_id, x.evidence_type, x.procedure_code, x.outcome, x.error_code
				   FROM ootspg.doubt d JOIN ootspg.exchange x USING (requester_scheme, requester_identifier)
				  WHERE d.doubt_id = doubt_sample.doubt_id AND NOT x.system_check
				  ORDER BY x.exchange_id = d.exchange_id DESC NULLS LAST, x.received_at DESC LIMIT least(sample, 1000);
END $$;
COMMENT ON FUNCTION ootspg.doubt_sample(bigint, integer) IS 'earlier requests of a requester under doubt, the doubted one and the latest first, for the national contact point; nobody''s data are in it';

CREATE FUNCTION ootspg.announce_change(kind text, takes_effect_at timestamptz, description text, critical boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	c ootspg.change_notice;
BEGIN
	PERFORM ootspg_internal.require_operator();
	INSERT INTO ootspg.change_notice (kind, takes_effect_at, description, critical)
	VALUES (announce_change.kind, announce_change.takes_effect_at, announce_change.description, announce_change.critical) RETURNING * INTO c;
	RETURN to_jsonb(c) || jsonb_build_object('lead_days', floor(extract(epoch FROM c.takes_effect_at - c.announced_at) / 86400));
END $$;
COMMENT ON FUNCTION ootspg.announce_change(text, timestamptz, text, boolean) IS 'writes down a change that may affect others and returns the notice, with its lead time in days';

-- What the workers see opens an incident a component, and gathers in it until somebody closes it.
CREATE FUNCTION ootspg_internal.find_incidents() RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found record;
	id bigint;
	opened integer := 0;
BEGIN
	FOR found IN SELECT o.access_point AS component, array_agg(DISTINCT o.exchange_id ORDER BY o.exchange_id) AS exchanges, min(o.created_at) AS happened_at
				   FROM ootspg_internal.outbox_queue o WHERE o.state = 'parked' AND o.exchange_id IS NOT NULL
					AND NOT EXISTS (SELECT FROM ootspg.incident i WHERE i.kind = 'failed transmission' AND i.component = o.access_point AND i.exchanges @> ARRAY[o.exchange_id])
				  GROUP BY 1 LOOP
		SELECT i.incident_id INTO id FROM ootspg.incident i
		 WHERE i.kind = 'failed transmission' AND i.component = found.component AND i.state <> 'closed' AND cardinality(i.exchanges) < 9000 ORDER BY 1 LIMIT 1 FOR UPDATE;
		IF id IS NULL THEN
			INSERT INTO ootspg.incident (kind, description, component, happened_at)
			VALUES ('failed transmission', 'answers could not be delivered and wait for an operator', found.component, found.happened_at) RETURNING incident_id INTO id;
			opened := opened + 1;
			RAISE LOG 'ootspg incident %: answers through access point "%" could not be delivered', id, found.component;
		END IF;
		UPDATE ootspg.incident i SET exchanges = i.exchanges || found.exchanges[1:1000] WHERE i.incident_id = id;
	END LOOP;
	RETURN format('%s incidents opened', opened);
END $$;
COMMENT ON FUNCTION ootspg_internal.find_incidents() IS 'the job that opens incidents of what the workers see';
