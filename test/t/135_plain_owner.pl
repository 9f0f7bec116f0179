# The extension belongs to a role that cannot log in and is no superuser, as the manual advises, and that may not use the
# registry's schema: whoever updates it, all of it is that role's, everything works, and it can be given to another.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('plain_owner');

sub sql { my ($sql, @as) = @_; return $node->safe_psql('postgres', $sql, @as ? (extra_params => [ '-U', $as[0] ]) : ()); }

# What a statement says beside its result
sub said
{
	my ($sql) = @_;
	my ($stdout, $stderr);
	$node->psql('postgres', $sql, stdout => \$stdout, stderr => \$stderr);
	return $stderr;
}

# Whose everything in the schemas is, but for event triggers, which only a superuser can own
my $owners = q{
	SELECT string_agg(DISTINCT pg_get_userbyid(o.owner), ' ') FROM (
		SELECT nspowner FROM pg_namespace WHERE nspname ~ '^ootspg'
		UNION ALL SELECT relowner FROM pg_class WHERE relnamespace::regnamespace::text ~ '^ootspg'
		UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace::regnamespace::text ~ '^ootspg'
		UNION ALL SELECT typowner FROM pg_type WHERE typnamespace::regnamespace::text ~ '^ootspg'
		UNION ALL SELECT oprowner FROM pg_operator WHERE oprnamespace::regnamespace::text ~ '^ootspg'
		UNION ALL SELECT opcowner FROM pg_opclass WHERE opcnamespace::regnamespace::text ~ '^ootspg'
		UNION ALL SELECT opfowner FROM pg_opfamily WHERE opfnamespace::regnamespace::text ~ '^ootspg'
		UNION ALL SELECT extowner FROM pg_extension WHERE extname = 'ootspg') o(owner)};
my $watched = q{SELECT string_agg(DISTINCT pg_get_userbyid(evtowner), ' ') FROM pg_event_trigger WHERE evtname ~ '^ootspg'};

sql(q{CREATE ROLE keeper SUPERUSER NOLOGIN; CREATE ROLE heir NOLOGIN; CREATE ROLE other_superuser SUPERUSER LOGIN;
	CREATE ROLE service LOGIN; CREATE ROLE caretaker LOGIN; CREATE ROLE configurer LOGIN});
sql(q{SET ROLE keeper; CREATE EXTENSION ootspg VERSION '0.2.0'; RESET ROLE; ALTER ROLE keeper NOSUPERUSER});
sql(slurp_file("test/fixtures/$_.sql")) for qw(requests registry birth_request);
my $duties = q{SELECT ootspg.grant_duty('service', 'exchange', 'civil'), ootspg.grant_duty('configurer', 'configure', 'civil'),
	ootspg.grant_duty('caretaker', 'maintain'), ootspg.grant_duty('caretaker', 'monitor'), ootspg.grant_duty('caretaker', 'audit')};
sql($duties);
sql(q{GRANT USAGE ON SCHEMA registry TO service, configurer; GRANT SELECT ON ALL TABLES IN SCHEMA registry TO service, configurer});

sql('ALTER EXTENSION ootspg UPDATE', 'other_superuser');
sql($duties);
is(sql($owners), 'keeper', 'what another superuser\'s update makes is the owner\'s as well');
is(sql($watched), 'postgres', 'event triggers are the one\'s who initialised the cluster');

# twice: after an update, and after the extension was given away
my $request = 0;
foreach my $owner ('keeper', 'heir')
{
	sql('REASSIGN OWNED BY keeper TO heir') if $owner eq 'heir';
	is(sql($owners), $owner, "$owner has it all");
	$request++;
	is(sql("SELECT DISTINCT outcome FROM ootspg.answer(birth_request($request))", 'service'), 'evidence', "$owner: a request is answered");
	is(sql(q{SELECT count(*) FROM ootspg.evidence('birth', ARRAY['010190-10001'])}, 'service'), '1', "$owner: evidence() by key");
	is(sql(q{SELECT ootspg.maintain(); SELECT exchanges FROM ootspg.purge(); SELECT count(*) FROM ootspg.exchange}, 'caretaker'), "\n0\n$request", "$owner: housekeeping and audit");
	is(sql(q{SELECT ootspg.deactivate('birth'); SELECT ootspg.activate('birth')}, 'configurer'), "\n", "$owner: a type goes out of service and into it");
	is(sql(q{UPDATE ootspg.distribution SET source = 'registry.birth_evidence' WHERE evidence_type = 'birth'; SELECT count(DISTINCT distribution) FROM ootspg.rehearse('birth')}, 'configurer'),
		'2', "$owner: sources are named and rehearsed");
	like(said('DROP VIEW registry.birth_sample'), qr/registry\.birth_sample of role "postgres", which it is read from, is gone/, "$owner: who drops a view is told");
	is(sql(q{SELECT count(*) FROM ootspg.out_of_service; SELECT state FROM ootspg.status WHERE evidence_type = 'birth'; SELECT state FROM ootspg.evidence_type_status}, 'caretaker'),
		"1\nout of service\nout of service", "$owner: and so is who monitors");
	like(said(q{CREATE VIEW registry.birth_sample AS SELECT * FROM registry.birth_evidence LIMIT 1; GRANT SELECT ON registry.birth_sample TO service, configurer}),
		qr/"birth" can be served again/, "$owner: made again, it is found by its name");
	is(sql('SELECT count(*) FROM ootspg.out_of_service', 'caretaker'), '0', "$owner: nothing is out of service");
}

# What a question reads may lie where the one who rehearses may not look
sql(q{CREATE SCHEMA hidden; ALTER TABLE registry.birth SET SCHEMA hidden;
	INSERT INTO hidden.birth SELECT '010190-10001', '1990-01-11', repeat('x', 500) || g FROM generate_series(1, 3000) g; DROP INDEX hidden.birth_person; ANALYZE hidden.birth});
like(sql(q{SELECT string_agg(fault, E'\n') FROM ootspg.rehearse('birth', 1)}, 'configurer'), qr/hidden\.birth/, 'a table in a schema of somebody else is named by the rehearsal');

# Every column that the manual has for evidence views is one that is read
my ($table) = slurp_file('doc/evidence_types.md') =~ /^## 3\..*?\n\n(\| column .*?)\n\n/ms;
my @columns = map { /`(\w+)`/g } map { (split /\|/)[1] } split /\n/, $table;
cmp_ok(scalar @columns, '>', 10, 'the manual has a table of columns');
my %made = (person_id => q{'010190-10001'}, issuing_date => q{DATE '2020-01-01'}, language => q{'LV'}, evidence_id => 'gen_random_uuid()', available_at => 'NULL::timestamptz');
sql('CREATE VIEW registry.whole AS SELECT ' . join(', ', map { ($made{$_} // 'NULL::text') . " AS $_" } grep { !/^valid_/ } @columns)
	. q{, NULL::date AS valid_from, NULL::date AS valid_until, NULL::date AS valid_form, convert_to('x', 'UTF8') AS document;
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source) VALUES ('birth', 'whole', 'image/png', 'registry.whole')});
is(sql(q{SELECT fault FROM ootspg.rehearse('birth') WHERE fault LIKE '%read by nothing'}), 'column "valid_form" of registry.whole is read by nothing', 'nothing but a misspelt one is read by nothing');

done_testing();
