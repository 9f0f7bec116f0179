# Workers and where there are none: on a standby, until it is promoted, and in a server that did
# not preload the library. Who takes over by itself, and who waits for a word.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($primary, $ap) = exchange_node('primary', undef, 'wal_level = replica', 'max_wal_senders = 8', 'hot_standby = on', 'autovacuum = off',
	q{ootspg.site = 'riga'});
my $number = 0;
my $workers = q{SELECT count(*) FROM pg_stat_activity WHERE backend_type ~ '^ootspg'};

$ap->control('rule any user=provider times=1000000 delay=1');
sub calls { return 1_000_000 - $ap->stats->{'rule-uses-left'}; }

# Without an index on two cores each standby costs a second: one backup for all of them
$primary->backup('base');
my %site = (heir => 'riga', stranger => 'cesis', nameless => '');
my %standby;
for my $name (sort keys %site)
{
	$standby{$name} = PostgreSQL::Test::Cluster->new($name);
	$standby{$name}->init_from_backup($primary, 'base', has_streaming => 1);
	$standby{$name}->append_conf('postgresql.conf', "ootspg.site = '$site{$name}'");
	$standby{$name}->start;
}
is(wait_answer($ap, ask($primary, $ap, ++$number))->{action}, 'ExecuteQueryResponse', 'the primary works');
my @requests = map { request_bytes($primary, ++$number) } 1 .. 3;
$primary->wait_for_catchup($standby{$_}, 'replay', $primary->lsn('insert')) for sort keys %standby;
is($standby{heir}->safe_psql('postgres', $workers), '0', 'a standby has no workers, not even a launcher');
is($standby{heir}->safe_psql('postgres', 'SELECT state FROM ootspg.status'), 'no workers: this server is a standby', '… and says so');
is(sqlstate($standby{heir}, 'postgres', 'SELECT ootspg.resume()'), '25006', '… and cannot be resumed');

$primary->stop('immediate');
my $request = send_request($ap, shift @requests);
my $before = calls();

# Copies that nobody said go for are silent after their promotion, too
for my $name ('nameless', 'stranger')
{
	$standby{$name}->promote;
	$standby{$name}->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'ootspg exchange'
		AND state = 'idle' AND wait_event = 'Extension'}) or die 'no worker';
	is($standby{$name}->safe_psql('postgres', q{SELECT state, reason ~ 'ootspg.resume' FROM ootspg.status}), 'silent|t',
		"promoted, $name: silent, and the status says what to do");
	is(calls(), $before, '… it makes no call');
	is($standby{$name}->safe_psql('postgres', q{SELECT count(*) FROM ootspg.access_point_event WHERE event_type = 'taken_over'}), '0', '… and takes nothing over');
}

$standby{heir}->promote;
is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', 'promoted, of the same site: it takes over by itself');
is($standby{heir}->safe_psql('postgres', q{SELECT count(*) FROM ootspg.access_point_event WHERE event_type = 'taken_over'}), '1', '… and notes it');
is($standby{heir}->safe_psql('postgres', 'SELECT state FROM ootspg.status'), 'running', '… and runs');
$standby{heir}->restart;
$request = send_request($ap, shift @requests);
is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', 'after its restart, too');
$standby{heir}->stop;

$request = send_request($ap, shift @requests);
$standby{nameless}->safe_psql('postgres', 'SELECT ootspg.resume()');
is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', 'promoted, without a site: it works once it is resumed');
$standby{nameless}->stop;

# Without the library preloaded: all of SQL, and no workers
my $plain = $standby{stranger};
$plain->append_conf('postgresql.conf', q{shared_preload_libraries = ''});
$plain->restart;
is($plain->safe_psql('postgres', $workers), '0', 'not preloaded: no workers');
like(answer($plain, 'postgres', ++$number), qr/^\d+\|evidence/, '… SQL functions work');
my ($stdout, $stderr);
$plain->psql('postgres', "\\set VERBOSITY verbose\nSELECT ootspg.resume()", stdout => \$stdout, stderr => \$stderr);
like($stderr, qr/55000: this server has no ootspg workers.*HINT:  Add ootspg to shared_preload_libraries in postgresql.conf and restart the server/s,
	'… resume() says what is to be done');
is($plain->safe_psql('postgres', 'SELECT state, exchange_worker FROM ootspg.status'), 'no workers: ootspg is not in shared_preload_libraries|', '… so does the status');
is(sqlstate($plain, 'postgres', 'SELECT ootspg.pause()'), '', '… pause() needs no workers');
is(sqlstate($plain, 'postgres', 'SELECT ootspg.drain()'), '55000', '… drain() does');
is(sqlstate($plain, 'postgres', q{UPDATE ootspg.access_point SET poll_interval = '1 s'; SET ootspg.destroy_audit = on; DROP EXTENSION ootspg CASCADE}), '', '… whoever wakes or drops finds nobody, and no error');

$plain->stop;
$ap->stop;
done_testing();
