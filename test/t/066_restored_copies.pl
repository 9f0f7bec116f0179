# Copies of a database stay silent, however they were made, until an operator says go in
# the copy itself. The original goes on by itself whatever was copied from it.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('original', undef, 'wal_level = replica', 'max_wal_senders = 4', 'autovacuum = off');
my $number = 0;
my $silent = 'this copy of the database is not the one that was resumed; ootspg.resume() makes it so';

# Calls as the plugin user of the provider's side, counted by a rule that lets them pass
$ap->control('rule any user=provider times=1000000 delay=1');
sub calls { return 1_000_000 - $ap->stats->{'rule-uses-left'}; }

# The worker has looked at its access points, twice, and sleeps
sub settled
{
	my ($copy, $database) = @_;
	my $asleep = q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'ootspg exchange' AND datname = current_database()
		AND state = 'idle' AND wait_event = 'Extension'};

	$copy->poll_query_until($database, $asleep) or die 'no worker';
	$copy->safe_psql($database, 'SELECT ootspg_internal.wake_for_configuration()');
	$copy->poll_query_until($database, $asleep) or die 'no worker';
	return;
}

# stays_silent(node, database, state and reason, name)
sub stays_silent
{
	my ($copy, $database, $status, $name) = @_;
	my $readings = q{SELECT coalesce(sum(failures), -1), max(next_at) FROM ootspg_internal.directory_reading};
	my $before = calls();

	# its first look may note what there would be to read
	settled($copy, $database);
	my $read = $copy->safe_psql($database, $readings);
	settled($copy, $database);
	is($copy->safe_psql($database, 'SELECT state, reason FROM ootspg.status WHERE directory IS NULL'), $status, "$name: the status says so");
	is(calls(), $before, '… and it makes no call');
	is($copy->safe_psql($database, q{SELECT state FROM ootspg.status WHERE directory = 'test dsd'}), 'silent', '… not to directories either');
	is($copy->safe_psql($database, $readings), $read, '… and none is tried');
	is($copy->safe_psql($database, q{SELECT count(*) FROM ootspg.access_point_event WHERE event_type = 'taken_over'}), '0', '… and takes nothing over');
	return;
}

# resumed(node, database, request, name): go, and what waits there is answered
sub resumed
{
	my ($copy, $database, $request, $name) = @_;

	$copy->safe_psql($database, 'SELECT ootspg.resume()');
	return is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', $name);
}

is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', 'the original works');
$node->safe_psql('postgres', slurp_file('test/fixtures/directory.sql'));
$node->safe_psql('postgres', q{INSERT INTO ootspg.directory_source (environment, base_url, country, roots_uri, read_every) VALUES ('test', 'http://localhost:9', 'LV', 'file:roots.pem', '1 s')});
$node->poll_query_until('postgres', q{SELECT bool_and(failure LIKE 'the directory could not be reached: no connection%') FROM ootspg.registration}) or die 'it reads no directory';
$node->backup('base');
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', $dump ], 'a dump');
unlike(slurp_file($dump), qr/COPY ootspg_internal\.access_point_state/, '… holds no decision to go');
my @requests = map { request_bytes($node, ++$number) } 1 .. 4;
$node->stop('fast');
$node->backup_fs_cold('cold');

# What the original would fetch at once waits for all copies
my $request = send_request($ap, shift @requests);

my $cold = PostgreSQL::Test::Cluster->new('cold');
$cold->init_from_backup($node, 'cold');
$cold->start;
stays_silent($cold, 'postgres', "silent|$silent", 'files of a stopped server, copied');

$cold->safe_psql('postgres', 'CREATE DATABASE restored');
$cold->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $cold->connstr('restored'), '-f', $dump ], 'the dump is restored');
stays_silent($cold, 'restored', 'paused|not resumed yet', 'dump, restored beside');
$cold->safe_psql('postgres', q{ALTER SYSTEM SET session_replication_role = replica});
$cold->reload;
$cold->safe_psql('postgres', 'CREATE DATABASE untriggered');
$cold->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $cold->connstr('untriggered'), '-f', $dump ], 'the dump is restored without triggers');
$cold->safe_psql('postgres', q{ALTER SYSTEM RESET session_replication_role});
$cold->reload;
stays_silent($cold, 'untriggered', 'paused|not resumed yet', 'dump, restored without triggers');
resumed($cold, 'restored', $request, 'resumed, the restored database works');

# Nobody speaks up while the copies are made: workers come when they are there
$cold->safe_psql('restored', 'ALTER SYSTEM SET ootspg.exchange = off');
$cold->reload;
$cold->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'ootspg exchange'}) or die 'workers stay';
$cold->safe_psql('postgres', 'CREATE DATABASE cloned TEMPLATE restored');
$cold->safe_psql('restored', 'SELECT ootspg.pause()');
$request = send_request($ap, shift @requests);
$cold->safe_psql('postgres', 'ALTER SYSTEM RESET ootspg.exchange');
$cold->reload;
stays_silent($cold, 'cloned', "silent|$silent", 'CREATE DATABASE … TEMPLATE');
resumed($cold, 'cloned', $request, 'resumed, the cloned database works');
$cold->stop;

$request = send_request($ap, shift @requests);
my $base = PostgreSQL::Test::Cluster->new('base');
$base->init_from_backup($node, 'base');
$base->start;
stays_silent($base, 'postgres', "silent|$silent", 'pg_basebackup, started on its own');
$base->restart;
stays_silent($base, 'postgres', "silent|$silent", '… also after a restart');
# a name of the installation alone is no word of an operator: this is no standby that was promoted
$base->append_conf('postgresql.conf', "ootspg.site = 'riga'");
$base->restart;
stays_silent($base, 'postgres', "silent|$silent", '… also with a name of its site');
resumed($base, 'postgres', $request, 'resumed, it works');
$base->stop;

# None of that concerns the original
$request = send_request($ap, shift @requests);
$node->start;
is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', 'the original goes on after its restart');
is($node->safe_psql('postgres', 'SELECT state, count(*) OVER () FROM ootspg.status WHERE directory IS NULL'), 'running|1', '… with no word of anybody');
is($node->safe_psql('postgres', q{SELECT count(*) FROM ootspg.access_point_event WHERE event_type = 'resumed'}), '1', '… but the first');

$node->stop;
$ap->stop;
done_testing();
