# Roles in rows are bound as PostgreSQL's own grants are: duties and answer roles follow a rename and end with the role,
# whatever database that happens in, and nobody gets them by a name. No row makes more of who wrote it than they are.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('roles');
my $directory = PostgreSQL::Test::Utils::tempdir;

sub sql
{
	my ($sql, $role, $database) = @_;
	return $node->safe_psql($database // 'postgres', $sql, $role ? (extra_params => [ '-U', $role ]) : ());
}

# What a role is refused with, '' when it is not
sub refused
{
	my ($role, $sql) = @_;
	return sqlstate($node, 'postgres', $sql, extra_params => [ '-U', $role ]);
}

load_registry($node, 'postgres');
sql('CREATE DATABASE elsewhere');
sql(q{
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain)
	VALUES ('traffic', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000002', '{"EN": "Road Traffic"}', 'LV', 'traffic.example.lv');
	CREATE ROLE alice LOGIN; CREATE ROLE clerk LOGIN; CREATE ROLE leaver LOGIN; CREATE ROLE road_conf LOGIN; CREATE ROLE all_conf LOGIN;
	SELECT ootspg.grant_duty('alice', duty, 'civil') FROM unnest(ARRAY['configure', 'audit']) duty;
	SELECT ootspg.grant_duty('alice', 'operate'), ootspg.grant_duty('clerk', 'audit', 'civil'), ootspg.grant_duty('leaver', 'monitor');
	SELECT ootspg.grant_duty('road_conf', 'configure', 'traffic'), ootspg.grant_duty('all_conf', 'configure')});
like(answer($node, 'postgres', '1'), qr/^1\|evidence/, 'an exchange of civil');

# Another person gets a name that became free, in the other database, and a duty for another provider
my $exchanges = q{SELECT count(*) FROM ootspg.exchange};
is(sql($exchanges, 'alice'), '1', 'alice audits civil');
sql('DROP OWNED BY alice');
sql('DROP ROLE alice; CREATE ROLE alice LOGIN', undef, 'elsewhere');
sql(q{SELECT ootspg.grant_duty('alice', duty, 'traffic') FROM unnest(ARRAY['configure', 'audit']) duty});
is(sql($exchanges, 'alice'), '0', 'dropped and made again: the new role sees no exchange of civil');
is(sql(q{SELECT string_agg(provider, ' ') FROM ootspg.provider}, 'alice'), 'traffic', '… no provider but its own');
is(sql(q{WITH u AS (UPDATE ootspg.provider SET full_address = 'x' RETURNING provider) SELECT string_agg(provider, ' ') FROM u}, 'alice'), 'traffic', '… and changes no other');
is(sql(q{SELECT ootspg_internal.has_duty('alice', 'operate', NULL), ootspg_internal.has_duty('alice', 'configure', 'civil')}), 'f|f', '… nor has the old one\'s other duties');
is(sql(q{SELECT count(*) FROM ootspg.provider_role WHERE role_name LIKE 'pg_gone%'}), '0', '… whose rows are gone with the next grant');

# DROP OWNED alone takes the grants; a later one gives nothing back but what it says
sql(q{SELECT ootspg.grant_duty('leaver', 'audit', 'civil')});
sql(q{DROP OWNED BY leaver; SELECT ootspg.grant_duty('leaver', 'monitor', 'traffic')});
is(sql(q{SELECT string_agg(duty || ' ' || provider, ', ') FROM ootspg.provider_role WHERE role_name = 'leaver'}), 'monitor traffic', 'what DROP OWNED took does not come back');

# A rename takes the duty along, also in a session that is there, and the old name is free
sql('ALTER ROLE clerk RENAME TO clerk_2', undef, 'elsewhere');
is(sql($exchanges, 'clerk_2'), '1', 'renamed, the role keeps its duty');
is(sql(q{SELECT count(*) FROM ootspg.provider_role WHERE role_name = 'clerk_2'}), '1', '… and the row has the new name');
sql(q{CREATE ROLE clerk LOGIN; SELECT ootspg.grant_duty('clerk', 'monitor', 'traffic')});
is(sql(q{SELECT ootspg_internal.has_duty('clerk', 'audit', 'civil'), ootspg_internal.has_duty('clerk_2', 'audit', 'civil')}), 'f|t', '… who gets the old name gets nothing');
sql(q{SELECT ootspg.revoke_duty('clerk_2', 'audit', 'civil')});
is(sql(q{SELECT ootspg_internal.has_duty('clerk_2', 'audit', 'civil'), has_schema_privilege('clerk_2', 'ootspg_internal', 'USAGE'), has_schema_privilege('clerk', 'ootspg_internal', 'USAGE')}), 'f|f|t',
	'revoke_duty() by the new name takes it from this role alone');

# revoke_duty() of a role that is gone
sql(q{DROP OWNED BY leaver; DROP ROLE leaver});
like(sql(q{SELECT role_name FROM ootspg.provider_role WHERE role_name LIKE 'pg_gone%'}), qr/^pg_gone\(\d+ leaver\)$/, 'a role that is gone is shown as gone');
sql(q{SELECT ootspg.revoke_duty('leaver', 'monitor', 'traffic')});
is(sql(q{SELECT count(*) FROM ootspg.provider_role WHERE role_name LIKE 'pg_gone%'}), '0', 'revoke_duty() removes what it left');
is(sqlstate($node, 'postgres', q{SELECT ootspg.revoke_duty('leaver', 'monitor', 'traffic')}), '42704', '… once');

# A dump names roles as they are called when it is made; restored where they are missing, their rows are nobody's for good
sql(q{CREATE ROLE answers LOGIN; SELECT ootspg.grant_duty('answers', 'exchange'), ootspg.grant_duty('clerk_2', 'audit', 'civil');
	GRANT USAGE ON SCHEMA registry TO answers; GRANT SELECT ON ALL TABLES IN SCHEMA registry TO answers;
	INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role) VALUES ('ap', 'http://localhost:1', 'x', 'x', 'answers')});
$node->command_ok([ 'pg_dump', '--format=custom', '--file', "$directory/dump", $node->connstr('postgres') ], 'dumped');
my $duties = q{SELECT string_agg(concat_ws(' ', role_name, duty, provider), ', ' ORDER BY role_name::text, duty, provider) FROM ootspg.provider_role};
my $before = sql($duties);
like($before, qr/^alice audit traffic, alice configure traffic, all_conf configure, answers exchange, clerk monitor traffic, clerk_2 audit civil/, 'the duties before');
sql('CREATE DATABASE copy TEMPLATE template0');
$node->command_ok([ 'pg_restore', '--exit-on-error', '--dbname', $node->connstr('copy'), "$directory/dump" ], 'restored in the same cluster');
is(sql($duties, undef, 'copy'), $before, '… every duty is there');
is(sql($exchanges, 'clerk_2', 'copy'), '1', '… and holds');
my $other = start_node('other');
$other->safe_psql('postgres', 'CREATE ROLE clerk_2 LOGIN; CREATE DATABASE copy TEMPLATE template0');
$other->command_ok([ 'pg_restore', '--exit-on-error', '--no-privileges', '--no-owner', '--dbname', $other->connstr('copy'), "$directory/dump" ],
	'restored where roles are missing');
like(slurp_file($other->logfile), qr/WARNING:  $_/, "… told: $_")
	for 'there is no role "alice" here: its duty "audit" is nobody\'s', 'there is no role "answers" that a worker can be: requests will wait';
like($other->safe_psql('copy', $duties), qr/^clerk_2 audit civil, pg_gone\(0 alice\) audit traffic, pg_gone\(0 alice\) configure traffic, pg_gone\(0 all_conf\)/, '… nothing is lost');
$other->safe_psql('copy', q{CREATE ROLE alice LOGIN; SELECT ootspg.grant_duty('alice', 'monitor', 'civil')});
is($other->safe_psql('copy', q{SELECT ootspg_internal.has_duty('alice', 'configure', 'traffic'), ootspg_internal.has_duty('alice', 'monitor', 'civil')}), 'f|t',
	'… and who gets the name later gets no more than is given');
is($other->safe_psql('copy', q{SELECT answer_role FROM ootspg.access_point}), 'pg_gone(0 answers)', '… nor answers');
$other->stop;

# The type by itself
sub bound { my ($text) = @_; return sql("SELECT v, ootspg_internal.bound_role_oid(v)::regrole, ootspg_internal.bound_role_name(v) FROM (SELECT '$text'::ootspg.bound_role) b(v)"); }
sql('CREATE ROLE "Two Words"; CREATE ROLE "' . 'ā' x 31 . '"');
is(bound('clerk'), 'clerk|clerk|clerk', 'a role');
is(bound('Two Words'), 'Two Words|"Two Words"|Two Words', '… as it is called, without quotes');
is(bound('pg_gone(5 clerk)'), 'pg_gone(5 clerk)||clerk', 'what is gone stays gone, whoever has the name');
is(bound('nowhere'), 'pg_gone(0 nowhere)||nowhere', 'what is missing is gone');
is(bound('ā' x 40), sprintf('%s|"%1$s"|%1$s', 'ā' x 31), 'long names are cut between letters');
is(bound($_), "pg_gone(0 $_)||$_", 'what is not quite so is a name') for 'pg_gone', 'pg_gone(', 'pg_gone(1 x';
is(sql(q{SELECT string_agg(v::text, ' ' ORDER BY v), count(DISTINCT v) FROM (VALUES ('pg_gone(2 a)'::ootspg.bound_role), ('clerk'), ('pg_gone(0 b)'), ('clerk'), ('pg_gone(0 a)'), ('pg_gone(2 a)')) b(v)}),
	'pg_gone(0 a) pg_gone(0 b) pg_gone(2 a) pg_gone(2 a) clerk clerk|4', 'they are told apart');

# As whom requests are answered ------------------------------------------------------

sql(q{CREATE ROLE super LOGIN SUPERUSER; CREATE ROLE bypass LOGIN BYPASSRLS; CREATE ROLE maker LOGIN CREATEROLE; CREATE ROLE replica LOGIN REPLICATION;
	CREATE ROLE middle; CREATE ROLE of_super LOGIN; CREATE ROLE programs LOGIN; CREATE ROLE reads_all LOGIN; CREATE ROLE keeper LOGIN; CREATE ROLE dba LOGIN; CREATE ROLE plain LOGIN;
	GRANT super TO middle; GRANT middle TO of_super; GRANT pg_execute_server_program TO programs; GRANT pg_read_all_data TO reads_all;
	ALTER DATABASE postgres OWNER TO dba; GRANT dba TO keeper; GRANT answers TO all_conf});
is(sqlstate($node, 'postgres', "UPDATE ootspg.access_point SET answer_role = '$_'"), 'OT003', "$_ does not answer")
	for qw(postgres super bypass maker replica of_super programs reads_all pg_read_server_files pg_database_owner dba keeper nobody);
is(sqlstate($node, 'postgres', "UPDATE ootspg.provider SET answer_role = '$_' WHERE provider = 'civil'"), 'OT003', "$_ does not answer for a provider") for qw(super of_super);
is(sqlstate($node, 'postgres', q{SET row_security = off; SET SESSION AUTHORIZATION all_conf; UPDATE ootspg.access_point SET answer_role = 'super'}), '42501', 'who is no superuser restores nothing');
is(refused('all_conf', q{UPDATE ootspg.access_point SET answer_role = 'plain'}), '42501', 'nobody names a role that they are no member of');
is(refused('all_conf', q{UPDATE ootspg.access_point SET answer_role = 'super'}), 'OT003', '… least of all a superuser');
is(refused('all_conf', q{UPDATE ootspg.access_point SET poll_interval = '20 s'}), '', '… which hinders no other change');
sql('GRANT plain TO all_conf');
is(refused('all_conf', q{UPDATE ootspg.access_point SET answer_role = 'plain'}), '', 'a member does');
sql(q{SELECT ootspg.grant_duty('plain', 'exchange', 'civil'); GRANT USAGE ON SCHEMA registry TO plain; GRANT SELECT ON registry.people, registry.birth_evidence TO plain});
is(sql(q{SELECT string_agg(f, '; ') FROM ootspg_internal.answering_faults('ap') f}),
	'role "plain" may not read registry.birth_sample, for evidence type "birth": requests get EDM:ERR:0008', 'a view that the role may not read is told');
sql('GRANT SELECT ON registry.birth_sample TO plain');
is(sql(q{SELECT string_agg(f, '; ') FROM ootspg_internal.answering_faults('ap') f}), '', '… until it may');
sql('GRANT middle TO plain');
is(sql(q{SELECT min(f) FROM ootspg_internal.answering_faults('ap') f}), 'role "plain" is a member of "super", which is a superuser: requests wait', 'what a role becomes after the row was written is told as well');
sql('REVOKE middle FROM plain');
# a provider's own
is(refused('road_conf', q{UPDATE ootspg.provider SET answer_role = 'plain' WHERE provider = 'traffic'}), '42501', 'a provider\'s role is one that its people are members of');
sql('CREATE ROLE road_answers LOGIN; GRANT road_answers TO road_conf');
is(refused('road_conf', q{UPDATE ootspg.provider SET answer_role = 'road_answers' WHERE provider = 'traffic'}), '', '… then they may name it');
is(refused('road_conf', q{UPDATE ootspg.provider SET answer_role = NULL WHERE provider = 'traffic'}), '42501', '… but not go back to the access point\'s');
is(refused('all_conf', q{UPDATE ootspg.provider SET answer_role = NULL WHERE provider = 'traffic'}), '', '… which who configures for all may');
is(sql(q{SELECT ootspg_internal.sharing_providers('ap')}), 'civil, traffic', 'that several providers share a role is told');

# A source is what the configuring role may read itself ----------------------------------

my $type = q{INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview, entitlement)
	VALUES ('vehicle', 'traffic', 'b1c2d3e4-2222-4333-8444-000000000001', '{"EN": "Vehicle"}', (SELECT oid FROM pg_class WHERE relname = '%s'), '{R1}', 'Low', 'exempt', %s)};
my $source = q{INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, %s, document) VALUES ('vehicle', 'pdf', 'application/pdf', %s, 'pdf')};
my $view = q{(SELECT oid FROM pg_class WHERE relname = 'birth_evidence')};
sql(q{CREATE SCHEMA road AUTHORIZATION road_conf;
	CREATE VIEW road.people AS SELECT 'X' AS person_id, 'A' AS family_name, 'B' AS given_name, DATE '1990-01-01' AS date_of_birth;
	CREATE VIEW road.vehicles AS SELECT 'X' AS person_id, DATE '2020-01-01' AS issuing_date, 'x'::bytea AS pdf;
	ALTER VIEW road.people OWNER TO road_conf; ALTER VIEW road.vehicles OWNER TO road_conf;
	CREATE FUNCTION registry.births_of(text[]) RETURNS SETOF registry.birth_evidence LANGUAGE sql AS 'SELECT * FROM registry.birth_evidence';
	CREATE FUNCTION registry.may(ootspg.entitlement_question) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	REVOKE EXECUTE ON FUNCTION registry.births_of(text[]), registry.may(ootspg.entitlement_question) FROM PUBLIC;
	GRANT USAGE ON SCHEMA registry TO road_conf});
(my $own_type = sprintf $type, 'people', 'NULL') =~ s/relname = 'people'/relname = 'people' AND relnamespace = 'road'::regnamespace/;
(my $their_type = $own_type) =~ s/'road'::/'registry'::/;
(my $their_entitlement = $own_type) =~ s/NULL\)$/'registry.may')/;
is(refused('road_conf', $their_type), '42501', 'no persons of another\'s view');
is(refused('road_conf', $their_entitlement), '42501', 'no entitlement function of another');
is(refused('road_conf', $own_type), '', 'one\'s own is taken');
is(refused('road_conf', sprintf $source, 'source', $view), '42501', 'no evidence of another\'s view');
is(refused('road_conf', sprintf $source, 'source_function', q{'registry.births_of'}), '42501', 'no evidence of another\'s function');
is(refused('road_conf', sprintf $source, 'source, sample_source', "'road.vehicles', $view"), '42501', 'no sample of another\'s view');
is(refused('road_conf', sprintf $source, 'source', q{'road.vehicles'}), '', 'one\'s own is taken');
is(refused('road_conf', "UPDATE ootspg.distribution SET source = $view WHERE evidence_type = 'vehicle'"), '42501', 'nor later');
is(refused('road_conf', q{UPDATE ootspg.evidence_type SET title = '{"EN": "Car registration"}' WHERE evidence_type = 'vehicle'}), '', 'other changes ask for nothing');
sql(q{INSERT INTO ootspg.evidence_type_line SELECT 'vehicle', line, classification FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v1.2'});
sql(q{GRANT USAGE ON SCHEMA road TO answers; GRANT SELECT ON road.people, road.vehicles TO answers});
is(refused('road_conf', q{SELECT ootspg.activate('vehicle')}), '', 'activated');
sql(q{ALTER VIEW road.vehicles OWNER TO postgres; REVOKE ALL ON road.vehicles FROM road_conf});
is(refused('road_conf', q{SELECT ootspg.activate('vehicle')}), '42501', '… not when it may read the view no more');

# Requests are answered, and their ids used up, by who has the duty for the addressee ----------

sql(q{CREATE ROLE road_service LOGIN; CREATE ROLE civil_service LOGIN; GRANT USAGE ON SCHEMA registry TO civil_service, road_service;
	GRANT SELECT ON ALL TABLES IN SCHEMA registry TO civil_service, road_service;
	SELECT ootspg.grant_duty('road_service', 'exchange', 'traffic'), ootspg.grant_duty('road_service', 'monitor', 'civil'), ootspg.grant_duty('civil_service', 'exchange', 'civil');
	CREATE TABLE requests AS SELECT n, birth_request(n) AS to_civil, convert_to(replace(convert_from(birth_request(n), 'UTF8'), 'LV90000000001', 'LV90000000002'), 'UTF8') AS to_traffic
	  FROM generate_series(101, 102) n;
	GRANT SELECT ON requests TO PUBLIC});
is(sql('SELECT outcome FROM requests, ootspg.answer(to_civil) WHERE n = 101', 'road_service'), 'unanswerable', 'a request to civil: traffic\'s role answers nothing, though another duty shows it civil');
is(sql('SELECT provider IS NULL, reason FROM ootspg.exchange ORDER BY exchange_id DESC LIMIT 1'), 't|addressed to a provider that the role does not answer for', '… in nobody\'s name');
is(sql('SELECT outcome FROM requests, ootspg.answer(to_traffic) WHERE n = 101', 'road_service'), 'error', '… the same id in a request to traffic is answered by traffic');
is(sql('SELECT DISTINCT outcome FROM requests, ootspg.answer(to_civil) WHERE n = 101', 'civil_service'), 'evidence', '… and by civil when it comes there');
is(sql('SELECT error_code, reason FROM ootspg.exchange WHERE exchange_id = (SELECT exchange_id FROM requests, ootspg.answer(to_civil) WHERE n = 101)', 'postgres'), '',
	'(a statement sees no exchange that it makes)');
is(sql('SELECT error_code, reason FROM ootspg.exchange ORDER BY exchange_id DESC LIMIT 1'), 'EDM:ERR:0003|request id used before', '… once');
is(refused('road_service', q{SELECT * FROM ootspg.evidence('birth', '{010190-10001}'::text[])}), 'OT006', 'evidence() takes the duty for the type\'s provider');
sql(q{INSERT INTO ootspg.seal_key VALUES ('civil-key', 'civil', 'file:a.key', 'file:a.crt')});
my ($stdout, $stderr);
$node->psql('postgres', q{SELECT ootspg.seal('<a/>'::bytea, 'civil-key')}, stderr => \$stderr, extra_params => [ '-U', 'road_service' ]);
like($stderr, qr/there is no seal key "civil-key"/, 'seal() that for the key\'s provider');
# ids of an earlier version are used for everybody
sql(q{INSERT INTO ootspg_internal.used_request (request_key, exchange_id) SELECT 'urn:uuid:00000000-0000-4000-8000-000000000102', 1});
is(sql('SELECT outcome FROM requests, ootspg.answer(to_civil) WHERE n = 102', 'civil_service'), 'error', 'an id without addressee is used for all');

# Row-level security in parallel plans, also when it is the first that a session asks
sql(q{ALTER TABLE ootspg.exchange SET (parallel_workers = 2)});
my $parallel = 'SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; ';
like(sql($parallel . 'EXPLAIN (COSTS OFF) SELECT count(*) FROM ootspg.exchange WHERE outcome = \'evidence\'', 'clerk_2'), qr/Gather/, 'a parallel plan');
is(sql($parallel . 'SELECT count(*) FROM ootspg.exchange WHERE outcome = \'evidence\'', 'clerk_2'), '2', '… works');
is(sql($parallel . 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM ootspg.exchange WHERE outcome = \'evidence\'; COMMIT', 'clerk_2'), '2', '… in each kind of transaction');

$node->stop;
done_testing();
