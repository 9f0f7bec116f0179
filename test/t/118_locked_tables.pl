# Who may configure one provider may lock the tables of all, and hold the lock. Messages are fetched and
# sent meanwhile, nothing is lost, no attempt is used up, operators see who it is and are obeyed.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('locked', undef, 'autovacuum = off', 'deadlock_timeout = 60s');
my $number = 0;

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

$node->safe_psql('postgres', q{
	CREATE ROLE road_conf LOGIN; CREATE ROLE operator LOGIN;
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain)
	VALUES ('road', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000009', '{"EN": "Road"}', 'LV', 'road.example.lv');
	SELECT ootspg.grant_duty('road_conf', 'configure', 'road'), ootspg.grant_duty('operator', 'operate')});
is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', 'a request is answered');

# lock(table, lock): a session of road_conf's that has it
sub lock_table
{
	my ($table) = @_;
	local $ENV{PGUSER} = 'road_conf';
	my $session = start_sql($node, 'postgres', "BEGIN; LOCK TABLE $table IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3600)");

	$ENV{PGUSER} = 'postgres';
	$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks WHERE relation = '$table'::regclass AND mode = 'AccessExclusiveLock' AND granted") or die "$table is not locked";
	return $session;
}
sub let_go
{
	my ($session) = @_;
	sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600)%' AND pid <> pg_backend_pid()});
	$session->{run}->finish;
	return;
}

# What has the duty to configure may lock, and answering reads
my @tables = split /\n/, sql(q{
	SELECT DISTINCT object FROM ootspg_internal.duty_tables('configure') WHERE privileges ~ 'UPDATE|DELETE'
	   AND object::text ~ '^ootspg\.(access_point|accepted_party|accepted_requester|provider|evidence_type|evidence_type_line|distribution|data_model|data_model_location|identity_link|code_map)$' ORDER BY 1});
is(scalar @tables, 11, 'tables that may be locked');
for my $table (@tables)
{
	my $session = lock_table($table);
	my $request = ask($node, $ap, ++$number);

	wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.inbox WHERE state = 'waiting' AND acknowledged_at IS NOT NULL}, "$table is locked: a request is fetched");
	# a change of the configuration is told, but cannot be read
	sql('SELECT ootspg_internal.wake_for_configuration()');
	wait_sql($node, q{SELECT reason LIKE '%} . "table $table is locked by role \"road_conf\"" . q{%' FROM ootspg.status}, '… the status tells who is in the way');
	wait_sql($node, q{SELECT last_error = '55P03' FROM ootspg.inbox WHERE state = 'waiting'}, '… answering it was tried') unless $table =~ /^ootspg\.(access_point|provider)$/;	# without them it is not known as whom
	my $next = ask($node, $ap, ++$number);
	wait_sql($node, q{SELECT count(*) = 2 FROM ootspg.inbox WHERE state = 'waiting' AND acknowledged_at IS NOT NULL}, '… the next request is fetched');
	if ($table eq 'ootspg.access_point')
	{
		is(sqlstate($node, 'postgres', q{SET lock_timeout = '20 s'; SET SESSION AUTHORIZATION operator; SELECT ootspg.pause()}), '', '… an operator pauses');
		is(sql('SELECT state FROM ootspg.status'), 'paused', '… and sees it');
		my $late = ask($node, $ap, ++$number);
		is(sqlstate($node, 'postgres', q{SET lock_timeout = '20 s'; SET SESSION AUTHORIZATION operator; SELECT ootspg.resume()}), '', '… and resumes');
		let_go($session);
		is(wait_answer($ap, $late)->{action}, 'ExecuteQueryResponse', '… what came later is answered, too');
	}
	else
	{
		let_go($session);
	}
	is(wait_answer($ap, $_)->{action}, 'ExecuteQueryResponse', '… when it is gone, each is answered') for $request, $next;
	is(sql(q{SELECT max(attempts) || ' ' || count(*) FILTER (WHERE state <> 'answered') FROM ootspg.inbox}), '1 0', '… in its first attempt');
}

# Sending goes on: an answer that was ready before
{
	my $log = -s $node->logfile;
	sql('ALTER SYSTEM SET ootspg.send = off');
	$node->reload;
	$node->wait_for_log(qr/parameter "ootspg.send" changed to "off"/, $log);
	my $request = ask($node, $ap, ++$number);
	wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.outbox WHERE state = 'waiting'}, 'an answer waits to be sent');
	my $session = lock_table('ootspg.access_point');
	sql('ALTER SYSTEM RESET ootspg.send');
	$node->reload;
	is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', '… and is sent while the access points cannot be read');
	let_go($session);
}

# Directories: their sources
{
	sql(slurp_file('test/fixtures/directory.sql'));
	sql(q{INSERT INTO ootspg.directory_source (environment, base_url, country, roots_uri, read_every) VALUES ('test', 'http://localhost:9', 'LV', 'file:roots.pem', '1 s')});
	wait_sql($node, q{SELECT count(*) > 0 FROM ootspg_internal.directory_reading}, 'directories are read back');
	my $session = lock_table('ootspg.directory_source');
	sql('SELECT ootspg_internal.wake_for_configuration()');
	is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', 'the sources of directories are locked: requests are answered');
	is(sql('SELECT count(*) FROM ootspg.status WHERE directory IS NOT NULL'), '1', '… and the status is shown');
	let_go($session);
}
unlike(slurp_file($node->logfile), qr/begins anew|exited with exit code [1-9]/, 'no worker ended by all that');
is(scalar(() = slurp_file($node->logfile) =~ /canceling statement due to lock timeout/g), 0, 'the log is not filled');

$node->stop;
$ap->stop;
done_testing();
