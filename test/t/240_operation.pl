# Being there: working days, availability to the second, the maintenance calendar, incidents and their clocks, doubts, and statistics that
# tell nothing small.
use strict;
use warnings FATAL => 'all';

use JSON::PP;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('operation');
load_registry($node, 'postgres');
sub sql { my ($sql) = @_; return $node->safe_psql('postgres', "SET timezone = 'UTC'; $sql"); }
sub as { my ($role, $sql) = @_; return $node->safe_psql('postgres', "SET timezone = 'UTC'; $sql", connstr => $node->connstr('postgres') . " user=$role"); }
sub refused { my ($sql, $role) = @_; return sqlstate($node, 'postgres', $sql, $role ? (connstr => $node->connstr('postgres') . " user=$role") : ()); }
sql(q{CREATE ROLE operator LOGIN; CREATE ROLE watcher LOGIN; CREATE ROLE neighbour LOGIN;
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain)
	VALUES ('other', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000777', '{"EN": "Other"}', 'LV', 'other.example.lv');
	SELECT ootspg.grant_duty('operator', 'operate'); SELECT ootspg.grant_duty('watcher', 'monitor'); SELECT ootspg.grant_duty('neighbour', 'operate', 'other')});

# Holidays
is(sql(q{SELECT string_agg(ootspg_internal.easter(y, false)::text, ' ') FROM unnest('{2000,2008,2011,2019,2024,2025,2026,2038,2049}'::int[]) y}),
	'2000-04-23 2008-03-23 2011-04-24 2019-04-21 2024-03-31 2025-04-20 2026-04-05 2038-04-25 2049-04-18', 'Easter in the west');
is(sql(q{SELECT string_agg(ootspg_internal.easter(y, true)::text, ' ') FROM unnest('{2000,2011,2024,2025,2026,2027}'::int[]) y}), '2000-04-30 2011-04-24 2024-05-05 2025-04-20 2026-04-12 2027-05-02', 'and in the east');
is(sql(q{SELECT count(DISTINCT c) FROM unnest('{AT,BE,BG,CY,CZ,DE,DK,EE,ES,FI,FR,GR,HR,HU,IE,IT,LT,LU,LV,MT,NL,PL,PT,RO,SE,SI,SK}'::text[]) c WHERE ootspg_internal.is_known_holiday(c, '2026-01-01') AND ootspg_internal.is_known_holiday(c, '2026-12-25')}), '27', 'all states of the Union');
is(sql(q{SELECT string_agg(d::date::text, ' ' ORDER BY d) FROM generate_series('2026-01-01'::timestamp, '2026-12-31', '1 day') d WHERE ootspg_internal.is_known_holiday('IE', d::date)}),
	'2026-01-01 2026-02-02 2026-03-17 2026-04-06 2026-05-04 2026-06-01 2026-08-03 2026-10-26 2026-12-25 2026-12-26', 'a year of Ireland');
is(sql(q{SELECT ootspg.working_days('LV', '2026-03-27', '2026-04-07'), ootspg.working_days('FR', '2026-03-27', '2026-04-07'), ootspg.working_days('XX', '2026-04-03', '2026-04-04')}), '4|5|0', 'around Easter, neither end counted');
as('operator', q{INSERT INTO ootspg.holiday VALUES ('LV', '2026-03-30', false), ('LV', '2026-04-04', true), ('LV', '2026-04-03', true)});
is(sql(q{SELECT ootspg.working_days('LV', '2026-03-27', '2026-04-07')}), '5', 'rows add and take away');
is(refused('SELECT ootspg.working_days(\'LV\', \'1000-01-01\', \'2026-01-01\')'), '54000', 'not for ever');

# A synthetic month of 30 days: all of the budget is used, not a microsecond more; then one
sql(q{INSERT INTO ootspg_internal.availability_seen (seen_at) VALUES ('2026-07-01');
	INSERT INTO ootspg.availability_interval (component_kind, component, state, cause, began_at, ended_at) VALUES
	('access point', 'ap', 'up', NULL, '2026-06-01', '2026-06-10'), ('access point', 'ap', 'down', 'x', '2026-06-10', '2026-06-10 10:00'),
	('access point', 'ap', 'up', NULL, '2026-06-10 10:00', '2026-06-20'), ('access point', 'ap', 'down', 'y', '2026-06-20', '2026-06-20 04:24'), ('access point', 'ap', 'up', NULL, '2026-06-20 04:24', NULL)});
my $june = q{FROM ootspg.availability('2026-06-01', '2026-07-01')};
is(sql("SELECT component, target, availability, up, down, left_out, allowed, budget, forecast $june"), 'ap|98|98.0000|705:36:00|14:24:00|00:00:00|14:24:00|00:00:00|00:00:00', '98 % of 30 days is 14 h 24 min down');
sql(q{UPDATE ootspg.availability_interval SET ended_at = ended_at + interval '1 microsecond' WHERE cause = 'y'; UPDATE ootspg.availability_interval SET began_at = began_at + interval '1 microsecond' WHERE ended_at IS NULL});
is(sql("SELECT availability < 98, budget $june"), 't|-00:00:00.000001', 'a microsecond more is too much');
is(sql("SELECT availability, counted, not_measured FROM ootspg.availability('2026-05-31', '2026-07-02')"), '97.9999|720:00:00|24:00:00', 'what was not measured counts on neither side');
is(sql("SELECT allowed, budget, forecast FROM ootspg.availability('2026-06-16', '2026-07-16')"), '14:24:00|09:59:59.999999|05:35:59.999998', 'half of the time is over: what is left, and what will be');

# Maintenance of four hours, announced five working days ahead or four
sub window { my ($announced) = @_; return qq{INSERT INTO ootspg.maintenance_window (component_kind, component, country, starts_at, ends_at, reason, announced_at, switches)
	VALUES ('access point', 'ap', 'LV', '2026-06-20', '2026-06-20 04:00', 'x', '$announced', false)}; }
sql(window('2026-06-15'));
is(sql("SELECT left_out, down $june"), '00:00:00|14:24:00.000001', 'four working days are too few');
is(sql('SELECT flaw FROM ootspg_internal.calendar()'), 'announced 4 working days ahead, where 5 are needed', 'and it says so');
sql(window('2026-06-12'));
is(sql("SELECT left_out, down, counted, allowed, availability $june"), '04:00:00|10:24:00.000001|716:00:00|14:19:12|98.5474', 'five are enough: it is left out above and below the line');
is(as('watcher', q{SELECT cause, notice FROM ootspg.failure ORDER BY began_at LIMIT 1}), 'x|Access point "ap" of postgres was not available since 2026-06-10 00:00:00 UTC, until 2026-06-10 10:00:00 UTC. Cause: x.', 'the notice of a failure');
sql(q{INSERT INTO ootspg.availability_target VALUES ('access point', '*', 99, 'x'), ('access point', 'ap', 99.5, 'x')});
is(sql("SELECT target, allowed $june"), '99.5|03:34:48', 'a target of its own');
sql(q{DELETE FROM ootspg.availability_target WHERE component = 'ap'});
is(sql("SELECT target $june"), '99', 'that of its kind');
is(refused('SELECT * FROM ootspg.availability()', 'neighbour'), '42501', 'not for who operates one provider');

# Calendar
is(sql(q{SELECT string_agg(ootspg_internal.notice_days(l, false)::text, ' ') FROM unnest('{4 h,4:00:00.000001,12 h,12:00:00.000001}'::interval[]) l}), '5 10 10 30', 'notice periods');
is(sql(q{SELECT count(*) FILTER (WHERE in_time), count(*) FILTER (WHERE NOT in_time) FROM ootspg_internal.calendar() WHERE window_id IS NULL}), '0|0', 'no weekly window');
as('operator', q{SELECT ootspg.announce_weekly_window('access point', 'ap', 7, '02:00', '1 h')});
is(sql(q{SELECT bool_or(NOT in_time) AND bool_or(in_time) AND count(*) BETWEEN 4 AND 6 FROM ootspg_internal.calendar() WHERE window_id IS NULL}), 't', 'a weekly one: the first weeks are too early');
my ($code, $stdout, $stderr) = $node->psql('postgres', q{SELECT ootspg.announce_maintenance(now() + interval '1 day', now() + interval '26 h', 'new disks')->>'flaw' IS NOT NULL}, connstr => $node->connstr('postgres') . ' user=operator');
is("$code$stdout", '0t', 'announced late');
like($stderr, qr/WARNING:  this maintenance counts as down: announced 0 working days ahead/, 'with a warning');
is(refused(q{SELECT ootspg.announce_maintenance(now() - interval '1 day', now(), 'x')}, 'operator'), 'OT003', 'not of the past');
is(refused(q{SELECT ootspg.announce_maintenance(now() + interval '1 day', now() + interval '2 days', 'x')}, 'watcher'), '42501', 'nor by who only watches');
like(as('operator', q{SELECT ootspg.announce_maintenance(date_trunc('year', now()) + interval '2 years 22 h', date_trunc('year', now()) + interval '2 years 25 h', 'new disks', 'preview space', 'civil') - 'notice' - 'announced_at' - 'working_days_given'}),
	qr/"text": "Maintenance: preview space \\"civil\\" of postgres will not be available from \d+-01-01 22:00 UTC to \d+-01-02 01:00 UTC. Reason: new disks."/, 'in time, with its text');

# It switches, and back only what it switched
sql(q{INSERT INTO ootspg.preview_space (provider, base_url) VALUES ('civil', 'https://preview.example/p/'), ('other', 'https://other.example/p/');
	UPDATE ootspg.preview_space SET closed_until = 'infinity' WHERE provider = 'other';
	INSERT INTO ootspg.maintenance_window (country, starts_at, ends_at, reason) VALUES ('LV', now() - interval '1 h', now() + interval '1 h', 'now')});
is(sql('SELECT ootspg_internal.heed_calendar()'), '1 switched off, 0 on', 'begun');
is(sql('SELECT closed_until IS NOT NULL FROM ootspg.preview_space WHERE provider = \'civil\''), 't', 'the preview space is closed');
is(sql('SELECT ootspg_internal.heed_calendar()'), '0 switched off, 0 on', 'once');
as('operator', q{SELECT ootspg.cancel_maintenance(window_id) FROM ootspg.maintenance_window WHERE reason = 'now'});
is(sql('SELECT ootspg_internal.heed_calendar()'), '0 switched off, 1 on', 'over');
is(sql('SELECT provider, closed_until FROM ootspg.preview_space ORDER BY 1'), "civil|\nother|infinity", 'what somebody else closed stays closed');

# Measured: on change, and what was not looked at
sql(q{DELETE FROM ootspg.availability_interval; DELETE FROM ootspg_internal.availability_seen});
is(sql('SELECT ootspg_internal.measure_availability()'), '1 components changed', 'the evidence type');
is(sql('SELECT ootspg_internal.measure_availability()'), '0 components changed', 'nothing new');
sql(q{UPDATE ootspg_internal.availability_seen SET seen_at = now() - interval '10 min'; UPDATE ootspg.availability_interval SET began_at = now() - interval '1 h'});
is(sql('SELECT ootspg_internal.measure_availability()'), '1 components changed', 'nobody was there for ten minutes');
is(sql(q{SELECT state, cause, round(extract(epoch FROM ended_at - began_at) / 60) FROM ootspg.availability_interval ORDER BY interval_id}), "up||50\ndown|the server or its exchange worker was off|10\nup||", 'which counts as down');
sql(q{DROP VIEW registry.birth_evidence CASCADE});
is(sql('SELECT ootspg_internal.measure_availability()'), '1 components changed', 'its view is gone');
like(as('watcher', 'SELECT notice FROM ootspg.failure WHERE ended_at IS NULL'), qr/^Evidence type "birth" of postgres is not available since .* UTC, its end is not known yet\. Cause: out of service: /, 'an event with a text');
like(slurp_file($node->logfile), qr/LOG:  ootspg down: evidence type "birth": out of service/, 'and a line of the log');
sql(q{DELETE FROM ootspg.activation});
sql('SELECT ootspg_internal.measure_availability()');
is(sql('SELECT count(*) FROM ootspg.availability_interval WHERE ended_at IS NULL'), '0', 'what is not in use is not missed');

# Incidents
my $incident = as('operator', q{SELECT ootspg.open_incident('security breach', 'a laptop was lost')});
is(as('operator', q{SELECT report_until = aware_at + interval '72 h', overdue FROM ootspg.incident_clock}), 't|f', 'the clock runs');
is(refused("SELECT ootspg.change_incident($incident, 'all well', 'closed')", 'operator'), '55000', 'not closed before it is assessed');
as('operator', "SELECT ootspg.change_incident($incident, 'names were on it', 'assessed', personal_data => true, high_risk => true)");
is(refused("SELECT ootspg.change_incident($incident, 'all well', 'closed')", 'operator'), '55000', 'nor a breach before it is reported');
sql("UPDATE ootspg.incident SET aware_at = aware_at - interval '73 h'");
is(as('watcher', 'SELECT overdue FROM ootspg.incident_clock'), 't', 'three days are over');
as('operator', "SELECT ootspg.change_incident($incident, 'told', 'reported')");
as('operator', "SELECT ootspg.change_incident($incident, 'wiped', 'closed')");
is(as('operator', "SELECT x->>'state', jsonb_array_length(x->'history'), x->'exchanges' FROM ootspg.incident_report($incident) x"), 'closed|3|[]', 'all of it can be exported');
is(refused("SELECT ootspg.change_incident($incident, 'more')", 'operator'), '55000', 'closed is closed');
is(refused("SELECT ootspg.open_incident('failed transmission', 'x', '{4711}')", 'operator'), '42704', 'exchanges are such');
is(sql(q{SELECT count(ootspg.open_incident(k, 'x')) FROM unnest('{non-performance,failed transmission,unrequested evidence,changed in transit,disclosed in transit}'::text[]) k}), '5', 'each kind');

# History of exchanges for doubts and statistics: 2 May 2026, production
sql(q{INSERT INTO ootspg.exchange (received_at, answered_at, state, outcome, error_code, provider, environment, evidence_type, procedure_code, requester_scheme, requester_identifier, requester_country, system_check, request_id)
	SELECT '2026-05-02 10:00'::timestamptz + n * interval '1 min', '2026-05-02 10:00'::timestamptz + n * interval '1 min' + CASE WHEN n % 20 = 0 THEN interval '3 s' ELSE interval '200 ms' END, 'answered',
		   CASE WHEN n % 10 = 0 THEN 'error' ELSE 'evidence' END, CASE WHEN n % 10 = 0 THEN 'EDM:ERR:0004' END, CASE WHEN n = 100 THEN 'other' ELSE 'civil' END, 'production', 'birth', CASE WHEN n = 1 THEN E'no "code", <b>' ELSE 'R1' END, 's', 'DE1',
		   CASE WHEN n <= 60 THEN 'DE' WHEN n <= 96 THEN 'FR' WHEN n <= 99 THEN 'IT' ELSE 'ES' END, n > 100, 'r' || n
	  FROM generate_series(1, 105) n});
my $doubt = as('operator', q{SELECT ootspg.flag_requester('s', 'DE1', 'asks at night')});
is(as('operator', "SELECT count(*), min(request_id) FROM ootspg.doubt_sample($doubt, 7)"), '7|r100', 'the latest requests of a doubted requester, no system checks');
as('operator', "SELECT ootspg.settle_doubt($doubt, 'lawful')");
is(refused("SELECT ootspg.settle_doubt($doubt, 'lawful')", 'operator'), '55000', 'settled once');
is(as('operator', q{SELECT ootspg.announce_change('endpoint', now() + interval '10 days', 'a new address')->>'lead_days'}), '9', 'a change with its lead time');

# Statistics
sql(q{INSERT INTO ootspg_internal.statistics_done (until) VALUES ('2026-05-01')});
is(sql('SELECT ootspg_internal.keep_statistics()'), '31 days summed up', 'a month at a time');
sql('SELECT ootspg_internal.keep_statistics()');
is(sql('SELECT sum(answers) FROM ootspg.exchange_statistics'), '100', 'each exchange once, system checks not');
my $may = q{FROM ootspg.statistics('2026-05-15', 0)};
is(as('watcher', "SELECT string_agg(value || ' ' || answers, ', ' ORDER BY value) $may WHERE dimension = 'country'"), 'DE 60, ES 1, FR 36, IT 3', 'as it was');
is(as('watcher', "SELECT answers, seconds_50, seconds_95, seconds_99 $may WHERE dimension = 'total'"), '100|0.25|0.25|5', 'percentiles by their bounds');
is(as('watcher', q{SELECT string_agg(value || ' ' || coalesce(answers::text, '-'), ', ' ORDER BY value) FROM ootspg.statistics('2026-05-15') WHERE dimension = 'country'}), 'DE 60, ES -, FR -, IT -', 'small ones are hidden, and with them the next, or 1 + 3 < 5 would say it');
is(as('watcher', q{SELECT string_agg(value || ' ' || coalesce(answers::text, '-'), ', ' ORDER BY value) FROM ootspg.statistics('2026-05-15') WHERE dimension = 'procedure'}), 'R1 -, other -', 'a single one hides its neighbour');
is(as('neighbour', 'SELECT sum(answers) FROM ootspg.exchange_statistics'), '1', 'who operates one provider sees its rows');
is(refused("SELECT * FROM ootspg.statistics('2026-05-15')", 'neighbour'), '', 'and its figures');
is(as('neighbour', "SELECT count(*), count(answers) FROM ootspg.statistics('2026-05-15')"), '6|0', 'which are too small');
is(sql(q{SELECT ootspg_internal.suppressed('{4,4,50}', 5), ootspg_internal.suppressed('{4,4}', 5) IS NULL, ootspg_internal.suppressed('{1,1,1,1,1,9}', 5), ootspg_internal.suppressed('{7,9}', 5), ootspg_internal.suppressed('{3}', 5) IS NULL}),
	'{t,t,t}|t|{t,t,t,t,t,t}|{f,f}|t', 'what a sum would tell is hidden too');
like(as('watcher', q{SELECT ootspg.statistics_csv('2026-05-15')}), qr/^dimension,value,answers,seconds_50,seconds_95,seconds_99\r\ntotal,"total",100,0.25,0.25,5\r\ncountry,"DE",60,/, 'CSV');
is(scalar @{ JSON::PP->new->decode(as('watcher', q{SELECT ootspg.statistics_json('2026-05-15')}))->{rows} }, 11, 'JSON');
like(as('watcher', q{SELECT xmlparse(DOCUMENT ootspg.statistics_svg('2026-05-15', 'country'))}), qr{<title>Answers of 2026-05 by country</title>.*>DE</text><rect [^>]*width="360".*>FR</text><rect [^>]*width="0".*not shown}s, 'a plot that is XML');
like(sql(q{SELECT xmlparse(DOCUMENT ootspg.statistics_svg('2020-01-01', 'x<&'))}), qr/by x&lt;&amp;/, 'of nothing as well');
is(as('watcher', q{SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(ootspg.support_data()) k}), 'access_points at database evidence_types failures jobs peers providers seal_keys versions workers', 'support data');
unlike(as('watcher', 'SELECT ootspg.support_data()'), qr/DE1|subject|"r\d/, 'with nobody in them');

done_testing();
