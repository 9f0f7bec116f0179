-- What belongs to which duty. Replaced by every update of the extension, so that each release
-- grants what it has; ootspg.grant_duty() is then called again.

-- Functions that do something belong to one duty; all others in schema ootspg only
-- compute and go with every duty but that of the preview space.
CREATE OR REPLACE FUNCTION ootspg_internal.duty_functions(duty text) RETURNS SETOF regprocedure
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT p.oid::regprocedure
	  FROM pg_catalog.pg_proc p
	  LEFT JOIN (VALUES
		('answer', 'exchange'), ('answer_of', 'exchange'), ('expire_previews', 'exchange'), ('evidence', 'exchange'), ('seal', 'exchange'),
		('activate', 'configure'), ('deactivate', 'configure'), ('set_seal_key', 'configure'), ('load_trust_list', 'configure'), ('install_data_model', 'configure'), ('import_labels', 'configure'), ('missing_labels', 'configure'), ('propose', 'configure'),
		('export_configuration', 'configure'), ('compare_configuration', 'configure'), ('apply_configuration', 'configure'),
		('submission', 'configure'), ('submission_missing', 'configure'), ('export_fragment', 'configure'), ('import_fragment', 'configure'), ('submission_conflicts', 'configure'),
		('set_published', 'configure'), ('submission_diff', 'configure'), ('finalize_submission', 'configure'), ('confirm_withdrawal', 'configure'),
		('check_code_lists', 'configure'), ('publish_code_list', 'configure'), ('import_code_list', 'configure'),
		('register', 'configure'), ('sample_request', 'configure'), ('rehearse', 'configure'), ('activate_when_accepted', 'configure'), ('read_directories', 'configure'),
		('resume', 'operate'), ('pause', 'operate'), ('drain', 'operate'), ('retry', 'operate'), ('retry_all', 'operate'),
		('give_up', 'operate'), ('release', 'operate'), ('dismiss', 'operate'), ('settle_promise', 'operate'), ('reset_exchange_counters', 'operate'),
		('announce_maintenance', 'operate'), ('cancel_maintenance', 'operate'), ('announce_weekly_window', 'operate'), ('end_weekly_window', 'operate'), ('maintenance_notice', 'operate'), ('maintenance_notice', 'monitor'), ('availability', 'operate'), ('availability', 'monitor'),
		('open_incident', 'operate'), ('change_incident', 'operate'), ('incident_report', 'operate'), ('flag_requester', 'operate'), ('settle_doubt', 'operate'), ('doubt_sample', 'operate'), ('announce_change', 'operate'),
		('statistics', 'operate'), ('statistics', 'monitor'), ('statistics_json', 'operate'), ('statistics_json', 'monitor'), ('statistics_csv', 'operate'), ('statistics_csv', 'monitor'),
		('statistics_svg', 'operate'), ('statistics_svg', 'monitor'), ('support_data', 'operate'), ('support_data', 'monitor'),
		('preview_space_settings', 'preview'), ('preview_look', 'preview'), ('preview_open', 'preview'), ('preview_authenticate', 'preview'), ('preview_add', 'preview'),
		('preview_part', 'preview'), ('preview_rendering', 'preview'), ('preview_decide', 'preview'), ('preview_refused', 'preview'), ('read_matching_log', 'matching'), ('new_matching_key', 'configure'),
		('subject_keys', NULL), ('identifier_keys', NULL), ('read_audit', 'audit'), ('exchanges_of', 'audit'), ('rewrap_audit', 'audit'), ('add_audit_key', 'audit'),
		('verify_audit', 'audit'), ('audit_proof', 'audit'), ('export_exchanges', 'audit'), ('hold_exchange', 'audit'), ('hold_person', 'audit'), ('hold_requester', 'audit'), ('end_hold', 'audit'),
		('maintain', 'maintain'), ('purge', 'maintain'), ('make_audit_heads', 'maintain'),
		('grant_duty', NULL), ('revoke_duty', NULL)) acting(name, owner) ON acting.name = p.proname
	 WHERE p.pronamespace = to_regnamespace('ootspg')
	   AND (acting.owner = duty_functions.duty OR acting.name IS NULL AND duty_functions.duty <> 'preview')	-- who is open to the world has what it needs
	UNION ALL
	SELECT p.oid::regprocedure
	  FROM pg_catalog.pg_proc p
	 WHERE p.pronamespace = to_regnamespace('ootspg_internal') AND duty_functions.duty <> 'preview'
	   AND (p.proname IN ('own_providers', 'has_duty', 'require', 'require_localized')	-- domains ask the last two
			OR starts_with(p.proname, 'bound_role_')	-- what shows and compares roles in rows
			OR (duty_functions.duty = 'matching' AND p.proname IN ('open_matching', 'matching_key_digest'))
			OR (duty_functions.duty = 'configure' AND p.provolatile IN ('i', 's') AND p.prorettype <> 'trigger'::regtype
				AND NOT starts_with(p.proname, 'preview_') AND p.proname NOT IN ('open_matching', 'matching_key_digest'))	-- of the functions of the preview space, which run as their owner
			OR (duty_functions.duty = 'configure' AND p.proname IN ('scanned_tables', 'source_faults', 'matching_faults', 'rehearse_distribution'))	-- of rehearse()
			OR (duty_functions.duty = 'configure' AND p.proname IN ('keep_found_labels'))	-- of install_data_model(), with the caller's rights
			OR (duty_functions.duty = 'configure' AND p.proname IN ('apply_row', 'remove_row', 'apply_differences'))	-- of apply_configuration(), with the caller's rights
			OR (duty_functions.duty IN ('audit', 'monitor', 'operate') AND p.proname = 'search_keys')
			OR (duty_functions.duty IN ('audit', 'monitor') AND p.proname = 'reader_certificate')	-- of audit_reader_status
			OR (duty_functions.duty IN ('monitor', 'operate') AND p.proname = 'encryption_faults')
			OR (duty_functions.duty = 'audit' AND p.proname = 'may_audit')	-- of held_exchange
			OR (duty_functions.duty IN ('monitor', 'operate') AND p.proname IN ('service_faults', 'evidence_type_state', 'evidence_type_figures', 'own_counted_exchanges'))
			OR (duty_functions.duty IN ('monitor', 'operate') AND p.proname = 'key_status')
			OR (duty_functions.duty IN ('monitor', 'operate') AND p.proname IN ('this_copy', 'gateway_state', 'answering_now', 'row_keeper', 'worker_state', 'gateway_troubles', 'answering_faults',
				'verdict_now', 'worst', 'shown_finding', 'discovery_name', 'is_silent_copy', 'in_the_way', 'access_points_now', 'directory_sources_now', 'evidence_types_now', 'promises_overdue', 'trust_lists_now', 'failures')));
END;
COMMENT ON FUNCTION ootspg_internal.duty_functions(text) IS 'functions that ootspg.grant_duty() lets a duty execute';

CREATE OR REPLACE FUNCTION ootspg_internal.duty_tables(duty text, OUT object regclass, OUT privileges text) RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT t.object::regclass, t.privileges
	  FROM (VALUES
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.provider', 'ootspg.data_model', 'ootspg.data_model_location',
			'ootspg.evidence_type', 'ootspg.evidence_type_line', 'ootspg.distribution', 'ootspg.identity_link', 'ootspg.code_map']),
		('configure', 'SELECT', ARRAY['ootspg.seal_key', 'ootspg.key_grant', 'ootspg.activation', 'ootspg.seal_key_status', 'ootspg.provider_role']),
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.access_point', 'ootspg.publisher', 'ootspg.access_service', 'ootspg.directory_entry',
			'ootspg.distribution_language', 'ootspg.classification_concept', 'ootspg.evidence_type_concept', 'ootspg.provider_concept',
			'ootspg.requirement', 'ootspg.evidence_type_list', 'ootspg.evidence_type_list_member', 'ootspg.reference_framework',
			'ootspg.requirement_framework', 'ootspg.directory_target', 'ootspg.registry_object', 'ootspg.model_release',
			'ootspg.directory_route', 'ootspg.directory_source', 'ootspg.classification_code_list', 'ootspg.classification_code']),
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.accepted_party', 'ootspg.accepted_requester']),
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.added_code', 'ootspg.preview_space', 'ootspg.time_stamp_authority']),
		('configure', 'SELECT, DELETE', ARRAY['ootspg.trust_list']),	-- deleted: not trusted any more
		('configure', 'SELECT', ARRAY['ootspg.trust_service']),
		('exchange', 'SELECT', ARRAY['ootspg.trust_list', 'ootspg.trust_service']),
		('monitor', 'SELECT', ARRAY['ootspg.trust_list', 'ootspg.trust_service']),
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.data_model_label', 'ootspg.data_model_field', 'ootspg.letterhead']),
		('exchange', 'SELECT', ARRAY['ootspg.data_model_label', 'ootspg.data_model_field', 'ootspg.letterhead']),
		('configure', 'SELECT', ARRAY['ootspg.acceptance', 'ootspg.past_activation']),
		('operate', 'SELECT', ARRAY['ootspg.accepted_party', 'ootspg.accepted_requester', 'ootspg.acceptance']),
		('monitor', 'SELECT', ARRAY['ootspg.accepted_party', 'ootspg.acceptance', 'ootspg.past_activation']),
		('configure', 'SELECT, UPDATE', ARRAY['ootspg.fragment']),	-- ended by its validity, so that it stays known whose its entries are
		('configure', 'SELECT, DELETE', ARRAY['ootspg.activation_on_acceptance']),	-- deleted: withdrawn
		('configure', 'SELECT', ARRAY['ootspg.published_data_set', 'ootspg.final_submission', 'ootspg.model_withdrawal', 'ootspg.model_deadline',
			'ootspg.sent_submission', 'ootspg.submission_status', 'ootspg.outbox', 'ootspg.registration',
			'ootspg.registration_finding', 'ootspg.registration_check', 'ootspg.published_code_list',
			'ootspg.directory_discovery']),
		('audit', 'SELECT', ARRAY['ootspg.promise', 'ootspg.overdue_promise']),
		('operate', 'SELECT', ARRAY['ootspg.overdue_promise']),
		('monitor', 'SELECT', ARRAY['ootspg.overdue_promise']),
		('operate', 'SELECT', ARRAY['ootspg.job', 'ootspg.failure', 'ootspg.availability_interval', 'ootspg.maintenance_window', 'ootspg.incident', 'ootspg.incident_clock', 'ootspg.doubt', 'ootspg.change_notice', 'ootspg.exchange_statistics']),
		('operate', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.holiday', 'ootspg.availability_target']),
		('operate', 'SELECT', ARRAY['ootspg.weekly_window']),
		('monitor', 'SELECT', ARRAY['ootspg.job', 'ootspg.failure', 'ootspg.availability_interval', 'ootspg.availability_target', 'ootspg.maintenance_window', 'ootspg.weekly_window', 'ootspg.incident_clock', 'ootspg.change_notice',
			'ootspg.exchange_statistics']),
		('configure', 'SELECT', ARRAY['ootspg.out_of_service', 'ootspg.evidence_type_status']),
		('operate', 'SELECT', ARRAY['ootspg.out_of_service', 'ootspg.evidence_type_status', 'ootspg.exchange_counters']),
		('monitor', 'SELECT', ARRAY['ootspg.out_of_service', 'ootspg.evidence_type_status', 'ootspg.exchange_counters']),
		('operate', 'SELECT', ARRAY['ootspg.evidence_type', 'ootspg.access_point', 'ootspg.access_point_event', 'ootspg.inbox', 'ootspg.outbox', 'ootspg.status',
			'ootspg.registration', 'ootspg.registration_finding', 'ootspg.registration_check', 'ootspg.directory_discovery']),
		('exchange', 'SELECT', ARRAY['ootspg.provider', 'ootspg.seal_key', 'ootspg.data_model', 'ootspg.data_model_location',
			'ootspg.evidence_type', 'ootspg.evidence_type_line', 'ootspg.distribution', 'ootspg.activation',
			'ootspg.identity_link', 'ootspg.code_map']),
		('matching', 'SELECT', ARRAY['ootspg.matching_log']),
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.audit_reader']),
		('configure', 'SELECT', ARRAY['ootspg.audit_reader_status']),
		('monitor', 'SELECT', ARRAY['ootspg.audit_reader', 'ootspg.audit_reader_status', 'ootspg.security_event']),
		('audit', 'SELECT', ARRAY['ootspg.audit_key', 'ootspg.audit_reader', 'ootspg.audit_reader_status', 'ootspg.audit_access', 'ootspg.security_event']),
		('audit', 'SELECT', ARRAY['ootspg.search_key_status', 'ootspg.exchange', 'ootspg.evidence_event', 'ootspg.purge_record', 'ootspg.audit_head', 'ootspg.hold', 'ootspg.held_exchange', 'ootspg.retention']),
		-- messages and headers are read by read_audit(), which asks what for
		('audit', 'SELECT (event_id, event_time, written_at, exchange_id, provider, event_type, direction, written_by, facts, media_type, first_part_sha256, exception_code, exception_type, severity, detail, audit_key)',
			ARRAY['ootspg.exchange_event']),
		('configure', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['ootspg.retention']),
		('monitor', 'SELECT', ARRAY['ootspg.access_point', 'ootspg.access_point_event', 'ootspg.inbox', 'ootspg.outbox', 'ootspg.status',
			'ootspg.registration', 'ootspg.registration_finding', 'ootspg.registration_check', 'ootspg.directory_discovery']),
		('monitor', 'SELECT', ARRAY['ootspg.search_key_status', 'ootspg.seal_key', 'ootspg.seal_key_status', 'ootspg.activation', 'ootspg.purge_record',
			'ootspg.evidence_type'])	-- whose provider is asked by the policies of activation and registration_check
		) d(duty, privileges, objects), LATERAL unnest(d.objects) t0(object), LATERAL (SELECT t0.object, d.privileges) t
	 WHERE d.duty = duty_tables.duty;
END;
COMMENT ON FUNCTION ootspg_internal.duty_tables(text) IS 'table privileges that ootspg.grant_duty() grants';
