# pg_dump and pg_restore carry everything that matters: configuration, exchanges,
# used request ids, the audit with its protection, and the counters (D-LOG-14).
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('dump');
$node->safe_psql('postgres', 'CREATE ROLE registrar LOGIN; CREATE ROLE leaver LOGIN; CREATE DATABASE register');
load_registry($node, 'register');
seal_registry($node, 'register', 'required');

# A view that groups by a primary key depends on that key, so a dump makes it in two
# steps: rows of ootspg.distribution are loaded while it has its columns only.
$node->safe_psql('register', q{
	CREATE VIEW registry.grouped AS
		SELECT p.code AS person_id, max(b.entered) AS issuing_date, pdf_of(p.family_name || count(*)) AS pdf
		  FROM registry.person p JOIN registry.birth b USING (code) GROUP BY p.code;
	INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
	VALUES ('grouped', 'civil', 'b1c2d3e4-2222-4333-8444-555566660000', '{"EN": "Grouped"}', 'registry.people', '{R1}', 'High', 'exempt');
	INSERT INTO ootspg.evidence_type_line
	SELECT 'grouped', line, classification FROM ootspg.evidence_type_line WHERE evidence_type = 'birth';
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document)
	VALUES ('grouped', 'pdf', 'application/pdf', 'registry.grouped', 'pdf');
	SELECT ootspg.activate('grouped');
	INSERT INTO ootspg.identity_link (provider, identifier, person_id, source, level_of_assurance)
	VALUES ('civil', 'DE/LV/A1B2C3', '020291-10002', 'counter', 'High');
	INSERT INTO ootspg.accepted_party (party_id_type, party_id, name, source, requesters) VALUES ('x', 'AP_X', 'X', 'list', 'listed');
	INSERT INTO ootspg.accepted_requester (party_id_type, party_id, scheme, identifier, name) VALUES ('x', 'AP_X', 'urn:cef.eu:names:identifier:EAS:9939', '1', 'One');
	SELECT ootspg.deactivate('grouped'), ootspg.activate('grouped');
	INSERT INTO ootspg.code_map VALUES ('sex', 'V', 'M');
	INSERT INTO ootspg.classification_code_list VALUES ('https://sr.oots.tech.ec.europa.eu/codelists/LV/Areas', '1.0');
	INSERT INTO ootspg.classification_code SELECT code_list, unnest(ARRAY['north', 'south']) FROM ootspg.classification_code_list;
	INSERT INTO ootspg.classification_concept SELECT 'b07146b6-0000-41a7-a10f-000000000001', 'codelist', code_list, NULL, '{"EN": "Area"}' FROM ootspg.classification_code_list;
	INSERT INTO ootspg.provider_concept VALUES ('civil', 'b07146b6-0000-41a7-a10f-000000000001', '{north,south}');
	INSERT INTO ootspg.publisher (provider, jurisdiction, jurisdiction_list, jurisdiction_codes) SELECT 'civil', 'LV', code_list, '{north}' FROM ootspg.classification_code_list;
	SELECT ootspg.publish_code_list(code_list) FROM ootspg.classification_code_list;
	SELECT ootspg.activate_when_accepted('grouped', line, classification, 'Substantial') FROM ootspg.evidence_type_line WHERE evidence_type = 'birth' AND line = 'oots-edm:v2.0';
	SELECT ootspg.grant_duty('registrar', 'exchange', 'civil'), ootspg.grant_duty('leaver', 'audit');
	SELECT ootspg.maintain()});
my $grouped = q{'oots-edm:v1.2', service => 'b1c2d3e4-2222-4333-8444-555566660000'};
like(answer($node, 'register', '1'), qr/^1\|evidence/, 'evidence before the dump');
# of a month without a partition
$node->safe_psql('register', q{INSERT INTO ootspg.exchange_event (event_time, exchange_id, event_type) VALUES (now() - interval '14 months', 1, 'old')});
is($node->safe_psql('register', 'SELECT count(*) FROM ootspg_internal.exchange_event_rest'), '1', 'what has no partition stands in the catch-all');
like(answer($node, 'register', q{2, 'oots-edm:v2.0', 'application/xml'}), qr/^2\|evidence/, 'sealed evidence');
like(answer($node, 'register', q{3, family => 'Nobody'}), qr/^3\|error\|EDM:ERR:0004/, 'an error');
like(answer($node, 'register', "4, $grouped"), qr/^4\|evidence/, 'evidence of the grouping view');

# Every row of ours, table by table. What is kept for previews stays out of dumps, which outlive it; the restored
# extension has a secret of its own.
my @tables = split /\n/, $node->safe_psql('register', q{
	SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace)
	   AND relname NOT IN ('preview_secret', 'preview_source', 'preview_session', 'preview_piece', 'preview_content', 'late_answer', 'security_event') ORDER BY 1});
cmp_ok(scalar @tables, '>=', 20, 'there are tables to compare');

sub rows
{
	my ($server, $database, @which) = @_;
	# a role that is missing there is shown as gone
	return join "\n", map {
		my $row = $_ eq 'ootspg.provider_role' ? "concat_ws(' ', ootspg_internal.bound_role_name(role_name), duty, provider)" : 't::text';
		$server->safe_psql($database, "SELECT '$_', count(*), md5(string_agg($row, chr(10) ORDER BY $row)) FROM $_ t")
	} @which;
}

# What a partition has of its own.
my $protection = q{
	SELECT c.relname, pg_get_expr(c.relpartbound, c.oid), c.relrowsecurity, c.relreplident,
		   (SELECT string_agg(pg_get_indexdef(i.indexrelid), ' ' ORDER BY i.indexrelid::regclass::text) FROM pg_index i WHERE i.indrelid = c.oid),
		   (SELECT string_agg(pg_get_triggerdef(t.oid) || t.tgenabled::text, ' ') FROM pg_trigger t WHERE t.tgrelid = c.oid),
		   (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid)
	  FROM pg_class c WHERE c.relispartition AND c.relkind = 'r' ORDER BY 1};
my $rows = rows($node, 'register', @tables);
sub security_events { my ($server, $database) = @_; return split /\n/, $server->safe_psql($database, 'SELECT to_jsonb(t) FROM ootspg.security_event t'); }
my @security_events = security_events($node, 'register');
cmp_ok(scalar @security_events, '>', 0, 'there are security events');
my $partitions = $node->safe_psql('register', $protection);
like($partitions, qr/audit_guard/, 'partitions are guarded');
like($partitions, qr/\|t\|f\|/, 'and read by nobody, and can be published');

# The restored database goes on where the other one stopped.
sub goes_on
{
	my ($server, $database, $name) = @_;
	my $last_event = $server->safe_psql($database, 'SELECT max(event_id) FROM (SELECT event_id FROM ootspg.exchange_event UNION ALL SELECT event_id FROM ootspg.evidence_event) e');

	is(rows($server, $database, @tables), $rows, "$name: every row is there");
	my %there = map { $_ => 1 } security_events($server, $database);
	is(join("\n", grep { !$there{$_} } @security_events), '', "$name: every security event, and those of the restore itself");
	$server->safe_psql($database, 'SELECT ootspg_internal.enable_guards()');	# as maintain() does
	is($server->safe_psql($database, $protection), $partitions, "$name: partitions have indexes, triggers and constraints");
	for my $statement (map { ("UPDATE $_ SET provider = NULL", "DELETE FROM $_", "TRUNCATE $_") }
		'ootspg.exchange_event', 'ootspg.evidence_event', (grep { /_event_(?:y|rest)/ } @tables))
	{
		is(sqlstate($server, $database, $statement), 'OT008', "$name: $statement is refused");
	}
	like(answer($server, $database, '1'), qr/^5\|error\|EDM:ERR:0003\|request id used before$/, "$name: a replay is refused, the next exchange is the fifth");
	like(answer($server, $database, "6, $grouped"), qr/^6\|evidence/, "$name: the grouping view serves");
	is($server->safe_psql($database, "SELECT count(*), count(*) FILTER (WHERE event_id > $last_event) = count(*) FROM ootspg.exchange_event WHERE exchange_id IN (5, 6)"),
		'6|t', "$name: event ids go on");
	is($server->safe_psql($database, "SELECT count(DISTINCT event_id) = count(*) FROM (SELECT event_id FROM ootspg.exchange_event UNION ALL SELECT event_id FROM ootspg.evidence_event) e"),
		't', "$name: no event id twice");
	return;
}

my $directory = PostgreSQL::Test::Utils::tempdir;
$node->command_ok([ 'pg_dump', '--file', "$directory/plain.sql", $node->connstr('register') ], 'plain dump');
$node->command_ok([ 'pg_dump', '--format=custom', '--file', "$directory/custom.dump", $node->connstr('register') ], 'custom dump');
like(slurp_file("$directory/plain.sql"), qr/CREATE OR REPLACE VIEW registry\.grouped/, 'the grouping view is made in two steps');

$node->safe_psql('postgres', 'CREATE DATABASE plain TEMPLATE template0');
$node->command_ok([ 'psql', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/plain.sql", $node->connstr('plain') ], 'plain: restored');
goes_on($node, 'plain', 'plain');
like(answer($node, 'plain', q{7, 'oots-edm:v2.0', 'application/xml'}), qr/^7\|evidence/, 'plain: sealed evidence again');
is($node->safe_psql('plain', q{
	SELECT has_function_privilege('registrar', 'ootspg.answer(bytea, bytea)', 'EXECUTE'), has_function_privilege('leaver', 'ootspg.answer(bytea, bytea)', 'EXECUTE'),
		   ootspg_internal.has_duty('registrar', 'exchange', 'civil'), has_table_privilege('public', 'ootspg.exchange', 'SELECT')}),
	't|f|t|f', 'plain: duties are those given');

$node->safe_psql('postgres', 'CREATE DATABASE custom TEMPLATE template0');
# Several at a time: pg_restore does not know then which of an extension's tables refer to
# which, so data come by themselves, with triggers and references off (doc/security.md).
for my $part ([ 'pre-data' ], [ 'data', '--data-only', '--disable-triggers', '--jobs=3' ], [ 'post-data', '--jobs=3' ])
{
	my ($section, @options) = @$part;
	$node->command_ok([ 'pg_restore', '--exit-on-error', "--section=$section", @options, '--dbname', $node->connstr('custom'), "$directory/custom.dump" ],
		"custom: $section restored, several at a time");
}
goes_on($node, 'custom', 'custom');

# Another machine: no keys, none of the roles. A dump holds no key and needs none.
unlike(slurp_file("$directory/plain.sql"), qr/PRIVATE KEY|BEGIN CERTIFICATE/, 'no key in the dump');
my $other = start_node('elsewhere', "ootspg.key_directory = '$directory/none'");
$other->safe_psql('postgres', 'CREATE DATABASE register TEMPLATE template0');
$other->command_ok([ 'pg_restore', '--exit-on-error', '--no-privileges', '--dbname', $other->connstr('register'), "$directory/custom.dump" ],
	'elsewhere: restored without key directory and roles');
is($other->safe_psql('register', q{SELECT name, ootspg_internal.has_duty(name, duty, 'civil') IS TRUE FROM ootspg.provider_role, ootspg_internal.bound_role_name(role_name) name ORDER BY 1}),
	"leaver|f\nregistrar|f", 'elsewhere: a duty of a role that does not exist is nobody\'s');
goes_on($other, 'register', 'elsewhere');
like($other->safe_psql('register', 'SELECT state FROM ootspg.seal_key_status'), qr/cannot be used/, 'elsewhere: the key\'s status says it is missing');
like(answer($other, 'register', q{7, 'oots-edm:v2.0', 'application/xml'}), qr/^7\|error\|EDM:ERR:0008/, 'elsewhere: no evidence without the seal it must have');
$other->safe_psql('register', q{CREATE ROLE newcomer LOGIN; SELECT ootspg.grant_duty('newcomer', 'audit', 'civil')});
is($other->safe_psql('register', 'SELECT count(*) > 0 FROM ootspg.exchange', extra_params => [ '-U', 'newcomer' ]),
	't', 'elsewhere: duties given there work beside those of missing roles');

$other->stop;
$node->stop;
done_testing();
