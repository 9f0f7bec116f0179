# Memory of the exchange worker and of the answering workers is flat over thousands of
# exchanges, some of them on broken connections. OOTSPG_EXCHANGES=100000 makes a long run of
# it. And the exchange worker waits in peace while the answering workers have more to do than
# they can take.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use List::Util;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;
use Time::HiRes;

plan skip_all => 'no /proc/self/status to read' unless -r '/proc/self/status';

my $exchanges = $ENV{OOTSPG_EXCHANGES} // 3000;
my $warm_up = 1000;
my $samples = 5;
# kB. Caches of the server fill up with partitions, plans and statistics, then no more.
my $allowed = 1024;

my ($node, $ap) = exchange_node('load', AccessPoint->start, 'fsync = off', 'autovacuum = off', "log_statement = 'none'",
	'max_wal_size = 4GB', 'ootspg.answer_workers = 2');
my $requests = $node->basedir . '/requests';
my $number = 1;

$ap->control('personality 5.2.1', 'retention 0 2000');
append_to_file($requests, $node->safe_psql('postgres', q{
	SELECT translate(encode(birth_request(0, 'oots-edm:' || l, f), 'base64'), E'\n', '')
	  FROM unnest(ARRAY['v1.0', 'v1.2']) l, unnest(ARRAY['application/xml', 'application/pdf']) f}) . "\n");

sub exchange
{
	my ($count) = @_;
	my ($out, $error) = run_command([ 'test/build/requester', $ap->plain_url, 'requester:loopback-Password-1', $requests, $number, $count, 50 ]);

	$number += $count;
	is($error, '', "each of $count requests has one answer");
	return;
}

# kB that each worker has for itself alone; shared buffers that it touched don't count
sub memory
{
	my %memory;
	for my $line (split /\n/, $node->safe_psql('postgres', q{SELECT pid, backend_type FROM pg_stat_activity WHERE backend_type LIKE 'ootspg %'}))
	{
		my ($pid, $type) = split /\|/, $line;
		my ($size) = slurp_file("/proc/$pid/status") =~ /RssAnon:\s+(\d+)/;
		$memory{"$type $pid"} = $size unless $type =~ /launcher/;
	}
	return \%memory;
}

# Memory contexts of the workers at rest, in kB, as they tell them in the log. A call that is
# under way has contexts of its own: so when all is delivered, and the least of several times.
sub contexts
{
	my %least;
	wait_sql($node, q{SELECT count(*) = 0 FROM ootspg.outbox WHERE state IN ('waiting', 'submitting', 'doubtful', 'submitted')}, 'all that was sent has its final state');
	for (1 .. 5)
	{
		my $offset = -s $node->logfile;
		my %contexts;
		my $asked = $node->safe_psql('postgres', q{SELECT count(pg_log_backend_memory_contexts(pid)) FROM pg_stat_activity WHERE backend_type IN ('ootspg exchange', 'ootspg answer')});
		$ap->wait_until('the workers tell their memory contexts', sub {
			my $log = slurp_file($node->logfile, $offset);
			%contexts = map { /\[(\d+)\].*Grand total: (\d+) bytes/ ? ($1 => $2 / 1024) : () } split /\n/, $log;
			keys %contexts >= $asked;
		});
		$least{$_} = List::Util::min($contexts{$_}, $least{$_} // ()) for keys %contexts;
	}
	return \%least;
}

exchange($warm_up);
my $before = memory();
my $contexts_before = contexts();
my $started = Time::HiRes::time();
for my $sample (1 .. $samples)
{
	$ap->control('rule retrieveMessage user=provider skip=20 cut-midway', 'rule submitMessage user=provider skip=20 cut-after');
	exchange($exchanges / $samples);
	my $now = memory();
	note(sprintf '%d exchanges, %.0f s: %s kB', $sample * $exchanges / $samples, Time::HiRes::time() - $started, join ', ', map { "$_ $now->{$_}" } sort keys %$now);
}
my $after = memory();
my $contexts_after = contexts();
is(join(' ', sort keys %$after), join(' ', sort keys %$before), 'the same processes have done it all');
for my $process (sort keys %$before)
{
	my ($pid) = $process =~ /(\d+)/;
	cmp_ok($after->{$process} - $before->{$process}, '<', $allowed, "$process: its own memory does not grow (was $before->{$process} kB)");
	cmp_ok($contexts_after->{$pid} - $contexts_before->{$pid}, '<', 256, "$process: its memory contexts do not grow");
}
is($node->safe_psql('postgres', q{SELECT count(*), count(DISTINCT exchange_id) FROM ootspg.outbox}), join('|', ($warm_up + $exchanges) x 2), 'one answer each');

# More requests than all workers together have claimed, and none of them gets anywhere
my $lock = start_sql($node, 'postgres', 'BEGIN; LOCK TABLE registry.person IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(180);');
wait_sql($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, 'the registry is locked');
ask($node, $ap, 1_000_000 + $_) for 1 .. 40;
wait_sql($node, q{SELECT count(*) = 40 AND bool_and(acknowledged_at IS NOT NULL) AND count(*) FILTER (WHERE leased_by IS NULL) > 20 FROM ootspg.inbox WHERE state = 'waiting'}, 'requests wait');
my $transactions = q{
	DO $$ BEGIN
		PERFORM set_config('x.before', (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())::text, false);
		PERFORM pg_sleep(3), pg_stat_clear_snapshot();
	END $$;
	SELECT xact_commit - current_setting('x.before')::bigint FROM pg_stat_database WHERE datname = current_database()};
# what the workers did before they waited is counted late
my $windows = 0;
while ($windows < 3 && $node->safe_psql('postgres', $transactions) >= 30)
{
	$windows++;
}
cmp_ok($windows, '<', 3, 'the exchange worker looks for them once in a while only');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
finish_sql($lock);
wait_sql($node, q{SELECT count(*) = 0 FROM ootspg.inbox WHERE state = 'waiting'}, 'then all are answered');

$node->stop;
$ap->stop;
done_testing();
