# Providers of one database do not get in each other's way: what all share, lists that name
# others' types, a provider's row, purging, notifications. What each sees of another is 107's.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('apart');

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# as(role, sql): what it gives, or SQLSTATE and words of its refusal
sub as
{
	my ($role, $sql) = @_;
	my ($stdout, $stderr);
	$node->psql('postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$stdout, stderr => \$stderr, extra_params => [ '-U', $role ]);
	return $stderr =~ /ERROR:  (.*)/s ? $1 : $stdout;
}

load_registry($node, 'postgres');
sql(q{
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	SELECT 'road', scheme, 'LV90000000002', name, country, 'road.example', environment FROM ootspg.provider;
	CREATE ROLE civil LOGIN; CREATE ROLE road LOGIN; CREATE ROLE everything LOGIN; CREATE ROLE road_maintainer LOGIN; CREATE ROLE maintainer LOGIN;
	CREATE ROLE road_auditor LOGIN;
	SELECT ootspg.grant_duty('civil', 'configure', 'civil'), ootspg.grant_duty('road', 'configure', 'road'), ootspg.grant_duty('everything', 'configure'),
		   ootspg.grant_duty('road_maintainer', 'maintain', 'road'), ootspg.grant_duty('maintainer', 'maintain'), ootspg.grant_duty('road_auditor', 'audit', 'road');
	INSERT INTO ootspg.code_map VALUES ('marital', 'D', 'divorced')});

# Shared rows: what evidence of all says (D-MOD-16)
my %shared = (
	code_map => [ q{('marital', 'M', 'married')}, q{code = 'married'} ],
	data_model => [ q{('x', '1.0', '', '', 'X')}, 'sealable = false' ],
	data_model_location => [ q{('birth', '1.0', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/datamodels/x')}, 'conforms_to = conforms_to' ],
	model_release => [ q{('x', '1.0', '2026-01-01')}, 'published = published' ],
	requirement => [ q{(gen_random_uuid(), '{"EN": "Mine"}')}, q{name = '{"EN": "Renamed"}'} ],
	classification_concept => [ q{(gen_random_uuid(), 'string', NULL, NULL, '{"EN": "Mine"}')}, q{kind = 'boolean'} ]);
for my $table (sort keys %shared)
{
	my ($row, $change) = @{ $shared{$table} };
	like(as('road', $_), qr/^42501: ootspg\.$table is shared by all providers\nHINT:  To change it takes the duty to configure without a provider/, "one provider's people: $_")
	  for "INSERT INTO ootspg.$table VALUES $row", "UPDATE ootspg.$table SET $change", "DELETE FROM ootspg.$table";
	is(as('everything', "BEGIN; UPDATE ootspg.$table SET $change; ROLLBACK"), '', "who configures all changes $table");
}
like(as('road', q{SELECT ootspg.install_data_model('x', '1.0', 'X', '2026-01-01')}), qr/^42501/, 'nor does install_data_model()');
is(as('everything', q{SELECT ootspg.install_data_model('x', '1.0', 'X', '2026-01-01')}), '', '… but with the duty for all');
is(as('road', q{SELECT code FROM ootspg.code_map}), 'divorced', 'all read them');

# Lists of the Evidence Broker
as('everything', q{INSERT INTO ootspg.requirement VALUES ('aaaaaaaa-0000-4333-8444-000000000001', '{"EN": "Requirement"}')});
is(as('road', q{INSERT INTO ootspg.evidence_type_list (evidence_type_list, provider, requirement) VALUES ('aaaaaaaa-2222-4333-8444-000000000001', 'road', 'aaaaaaaa-0000-4333-8444-000000000001')}), '', 'a list of its own');
my $member = q{INSERT INTO ootspg.evidence_type_list_member VALUES ('aaaaaaaa-2222-4333-8444-000000000001', 'birth')};
like(as('road', $member), qr/^42501/, 'has no type of another provider');
is(as('everything', $member), '', 'unless who configures all makes it');
is(as('civil', 'SELECT evidence_type_list FROM ootspg.evidence_type_list_member'), 'aaaaaaaa-2222-4333-8444-000000000001', 'whose type it is sees the list');
like(as('civil', q{DELETE FROM ootspg.evidence_type WHERE evidence_type = 'birth'}),
	qr/^23503: evidence type "birth" is a member of lists of the Evidence Broker\nDETAIL:  They are: aaaaaaaa-2222-4333-8444-000000000001 of provider "road"\.\nHINT:  /, '… and is told what keeps it');
is(as('civil', 'WITH d AS (DELETE FROM ootspg.evidence_type_list_member RETURNING 1) SELECT count(*) FROM d'), '0', 'the list is not its own to change');
like(as('road', q{UPDATE ootspg.evidence_type_list_member SET evidence_type = 'birth'}), qr/^42501/, 'nor does a change bring another\'s type in');

# A provider's row carries everybody's duties for it
sql('DELETE FROM ootspg.evidence_type_list_member; DELETE FROM ootspg.evidence_type_list');
like(as('road', 'DELETE FROM ootspg.provider'), qr/^42501: rows of ootspg\.provider are not deleted with a duty for one provider/, 'its own people do not delete it');
is(sql(q{SELECT count(*) FROM ootspg.provider_role WHERE provider = 'road'}), '3', 'and its auditors keep their duty');
is(as('everything', q{DELETE FROM ootspg.provider WHERE provider = 'road'}), '', 'who configures all does');
is(sql(q{SELECT count(*) FROM ootspg.provider_role WHERE provider = 'road'}), '0', 'then duties go too');

# purge() takes rows of all
like(as('road_maintainer', 'SELECT exchanges FROM ootspg.purge()'), qr/^42501: role "road_maintainer" may not purge the exchanges of all providers/, 'purge() is not for one provider\'s people');
is(as('maintainer', 'SELECT exchanges FROM ootspg.purge()'), '0', 'but for those who maintain all');
is(sql('SELECT exchanges FROM ootspg.purge()'), '0', 'and for the owner');

# Notifications say that something changed, not what
is(sql(q{SELECT count(*), count(*) FILTER (WHERE p.prosrc ~ $$pg_notify\('ootspg_registration', ''\)$$) FROM pg_proc p WHERE p.pronamespace::regnamespace::text ~ '^ootspg' AND p.prosrc ~ 'notify'}), '2|2', 'no notification has words');

$node->stop;
done_testing();
