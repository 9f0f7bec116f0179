# PgBouncer in transaction mode between an application and answer(), and between users and their previews: each transaction may be
# another session's, none of it may matter.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($pgbouncer) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin';
plan skip_all => 'no pgbouncer (Debian: pgbouncer)' unless $pgbouncer;

my $node = start_node('pooled', q{shared_preload_libraries = 'ootspg'});
load_registry($node, 'postgres');
$node->safe_psql('postgres', q{CREATE ROLE app LOGIN; GRANT USAGE ON SCHEMA registry TO app; GRANT SELECT ON ALL TABLES IN SCHEMA registry TO app; SELECT ootspg.grant_duty('app', 'exchange', 'civil')});

my $directory = PostgreSQL::Test::Utils::tempdir_short();
my $port = PostgreSQL::Test::Cluster::get_free_port();
PostgreSQL::Test::Utils::append_to_file("$directory/users.txt", qq{"app" ""\n"space" ""\n});
PostgreSQL::Test::Utils::append_to_file("$directory/pgbouncer.ini", sprintf <<'END', $node->host, $node->port, $port, $directory, $directory);
[databases]
postgres = host=%s port=%d
[pgbouncer]
listen_port = %d
unix_socket_dir = %s
auth_type = trust
auth_file = %s/users.txt
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = extra_float_digits,options
END
my ($out, $err) = ('', '');
my $run = IPC::Run::start([ $pgbouncer, "$directory/pgbouncer.ini" ], '>', \$out, '2>', \$err, my $timer = IPC::Run::timer($PostgreSQL::Test::Utils::timeout_default));
my $pooled = "host=$directory port=$port dbname=postgres user=app";
while (!-S "$directory/.s.PGSQL.$port" && !$timer->is_expired) { $run->pump_nb; select undef, undef, undef, 0.05; }

# Requests are made beforehand: the application gets bytes
$node->safe_psql('postgres', q{CREATE TABLE request AS SELECT i, birth_request(i) AS body FROM generate_series(1, 40) i; GRANT SELECT ON request TO app});

# Four clients upon two sessions, ten requests each; every statement a transaction of its own
my @clients = map {
	my $client = $_;
	my %session = (out => '', err => '');
	my $sql = join "\n", map { "SELECT count(*) FROM ootspg.answer((SELECT body FROM request WHERE i = $_));" } map { $client * 10 + $_ } 1 .. 10;
	$session{run} = IPC::Run::start([ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $pooled ], '<', \$sql, '>', \$session{out}, '2>', \$session{err},
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	\%session;
} 0 .. 3;
foreach my $client (@clients)
{
	ok($client->{run}->finish, 'a client is served') or diag($client->{err});
	is(scalar(() = $client->{out} =~ /^[1-9]\d*$/mg), 10, 'with ten answers');
}
is($node->safe_psql('postgres', q{SELECT outcome, count(*), count(DISTINCT request_id) FROM ootspg.exchange GROUP BY 1}), 'evidence|40|40', 'each is answered once, with evidence');
is($node->safe_psql('postgres', q{SELECT sum(answers) FROM ootspg.exchange_counters}), '40', 'and counted once');
is($node->safe_psql('postgres', q{SELECT DISTINCT written_by FROM ootspg.exchange_event}), 'app', 'written by the role that the pool connects as');
is(sqlstate($node, 'postgres', 'SELECT count(*) FROM ootspg.answer((SELECT body FROM request WHERE i = 1))', connstr => $pooled), '', 'a request id used before is an answer as well, whichever session it comes by');
is($node->safe_psql('postgres', q{SELECT error_code FROM ootspg.exchange WHERE outcome = 'error'}), 'EDM:ERR:0003', 'namely that it was');

# A preview: each call of either side is a transaction of its own, and the session before it is thrown away
$node->safe_psql('postgres', 'ALTER DEFAULT PRIVILEGES IN SCHEMA registry GRANT SELECT ON TABLES TO app');
$node->safe_psql('postgres', slurp_file("test/fixtures/$_.sql")) for 'ask', 'preview';
$node->safe_psql('postgres', q{CREATE ROLE space LOGIN; SELECT ootspg.grant_duty('space', 'preview'); SELECT setval('asked', 500000000000)});
# pooled(role, statement): its output
sub pooled
{
	my ($role, $sql) = @_;
	my $answer = $node->safe_psql('postgres', $sql, connstr => "host=$directory port=$port dbname=postgres user=$role");
	$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = '$role'");
	return $answer;
}
sub ask_award
{
	my ($more) = @_;
	my $body = $node->safe_psql('postgres', "SELECT encode(award_request('oots-edm:v2.0'$more), 'base64')");
	return pooled('app', "SELECT outcome, (regexp_match(convert_from(content, 'UTF8'), '<rim:Value>https://preview.example.lv/p/([^<]*)<'))[1]
		FROM ootspg.answer(decode('$body', 'base64'), test_header('oots-edm:v2.0')) WHERE part IS NULL OR part = 1");
}
my $first = ask_award('');
my ($link) = $first =~ /^preview\|([\w-]{43})$/ or die "no link: $first";
my $browser = 'b' x 43;
is(pooled('space', "SELECT ootspg.preview_open('$link', '$browser')->>'page'"), 'list', 'a user begins');
is(pooled('space', "SELECT count(*) FROM ootspg.preview_part('$link', '$browser', 1, 1)"), '1', '... looks at a document');
is(pooled('space', "SELECT ootspg.preview_decide('$link', '$browser', '{1}', '{2,3}')->>'page'"), 'waiting', '... and decides');
like(ask_award(", more_slots => location_slot('https://preview.example.lv/p/$link') || return_slot('oots-edm:v2.0')"), qr/^evidence\|/, 'evidence leaves after that');

$run->kill_kill;
$node->stop;
done_testing();
