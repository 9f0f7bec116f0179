# exchange.pl: whole exchanges through the loopback access point, for run-bench. The server
# is found by the environment and has the registry of registry.sql and the requests of
# answer.sql; its workers run. Prints lines "name CPU ELAPSED" in µs:
#
#	load-…     requests enough under way all the time; CPU of each kind of process and time for one exchange
#	alone-…    one request at a time
#	…-p50 p95 p99   from the arrival of a request to the submission of its answer (elapsed)
#	idle-…     a minute without requests: calls, transactions, CPU
#
#	exchange.pl KEY_DIRECTORY POSTMASTER
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use POSIX ();

my ($key_directory, $postmaster) = @ARGV;
my $type = 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots';
my $password = 'loopback-Password-1';
my $requests = "$key_directory/../requests";
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
my $exchanges = $ENV{BENCH_EXCHANGES} // 1500;	# of one turn
my $number = 1;

sub sql
{
	my ($statement) = @_;
	open my $out, '-|', 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', $statement or die "psql: $!";
	my $text = join '', <$out>;
	close $out or die "psql failed: $statement";
	chomp $text;
	return $text;
}

# CPU µs of a process, all its threads
sub cpu
{
	my ($pid) = @_;
	open my $in, '<', "/proc/$pid/stat" or return 0;
	my @fields = split ' ', <$in> =~ s/^.*\) //r;
	return ($fields[11] + $fields[12]) * 1e6 / $ticks;
}

# Kind of process and its CPU so far
sub cpu_by_kind
{
	my ($ap) = @_;
	my %cpu = (loopback => cpu($ap->{pid}), server => 0, exchange => 0, answer => 0);

	for my $file (glob '/proc/[0-9]*/status')
	{
		my ($pid) = $file =~ /(\d+)/;
		open my $in, '<', $file or next;
		next unless join('', <$in>) =~ /^PPid:\s*$postmaster$/m;
		open $in, '<', "/proc/$pid/cmdline" or next;
		my ($kind) = (<$in> // '') =~ /ootspg (exchange|answer)/;
		$cpu{ $kind // 'server' } += cpu($pid);
	}
	return \%cpu;
}

sub run_requester
{
	my ($ap, $count, $open) = @_;
	open my $out, '-|', 'test/build/requester', $ap->plain_url, "requester:$password", $requests, $number, $count, $open or die "requester: $!";
	my $line = <$out> // '';
	close $out or die 'the requester failed';
	$number += $count;
	return split ' ', $line;
}

sub measure
{
	my ($ap, $name, $count, $open) = @_;
	my $mark = sql('SELECT coalesce(max(inbox_id), 0) FROM ootspg.inbox');
	my $before = cpu_by_kind($ap);
	my ($cpu, $elapsed) = run_requester($ap, $count, $open);
	$ap->wait_until('all is delivered', sub { sql(q{SELECT count(*) FROM ootspg.outbox WHERE state <> 'delivered'}) eq '0' });
	my $after = cpu_by_kind($ap);

	$after->{requester} = $cpu;
	$before->{requester} = 0;
	printf "%s-%s %.1f 0\n", $name, $_, ($after->{$_} - $before->{$_}) / $count for sort keys %$after;
	printf "%s-exchanges 0 %.1f\n", $name, $elapsed / $count;
	my @times = split /\|/, sql(qq{
		SELECT percentile_disc(0.50) WITHIN GROUP (ORDER BY us), percentile_disc(0.95) WITHIN GROUP (ORDER BY us), percentile_disc(0.99) WITHIN GROUP (ORDER BY us)
		  FROM (SELECT extract(epoch FROM o.submitted_at - i.received_at) * 1e6 AS us
				  FROM ootspg.inbox i JOIN ootspg.outbox o USING (exchange_id) WHERE i.inbox_id > $mark) t});
	printf "%s-%s 0 %.1f\n", $name, (qw(p50 p95 p99))[$_], $times[$_] for 0 .. 2;
	return;
}

# With the interval of a fresh row. One transaction looks twice, so that it is not counted itself.
sub measure_idle
{
	my ($ap, $seconds) = @_;
	my $calls = sub { my $stats = $ap->stats; my $sum = 0; $sum += $stats->{$_} for grep { /^calls/ } keys %$stats; $sum };

	sql(q{UPDATE ootspg.access_point SET poll_interval = DEFAULT});
	# idle means that the answering workers have gone, too
	$ap->wait_until('answering workers go', sub { sql('SELECT answering FROM ootspg_internal.worker_state()') eq '0' });
	my ($calls_before, $before) = ($calls->(), cpu_by_kind($ap));
	my $transactions = sql(qq{
		SELECT pg_stat_force_next_flush();
		DO \$\$
		DECLARE
			transactions bigint := (SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database);
		BEGIN
			PERFORM pg_sleep($seconds), pg_stat_clear_snapshot();
			PERFORM set_config('bench.transactions', (SELECT sum(xact_commit + xact_rollback) - transactions FROM pg_stat_database)::text, false);
		END \$\$;
		SELECT current_setting('bench.transactions')}) =~ s/^\n//r;
	my $after = cpu_by_kind($ap);
	printf "idle-calls 0 %.1f\n", ($calls->() - $calls_before) * 60 / $seconds;
	printf "idle-transactions 0 %.1f\n", $transactions * 60 / $seconds;
	printf "idle-cpu %.1f 0\n", ($after->{exchange} - $before->{exchange}) * 60 / $seconds;
	return;
}

my $ap = AccessPoint->start;
$ap->control('auth on', 'personality 5.2.1', 'retention 0 5000');
$ap->party('provider', 'AP_LV_01', $type, $password);
$ap->party('requester', 'AP_DE_01', $type, $password);
open my $file, '>', "$key_directory/credentials/ap.password" or die $!;
print $file "$password\n";
close $file or die $!;
chmod 0600, "$key_directory/credentials/ap.password";
open $file, '>', $requests or die "$requests: $!";
print $file sql(q{
	SELECT translate(encode(convert_to(replace(convert_from(body, 'UTF8'), id, '00000000-0000-4000-8000-000000000000'), 'UTF8'), 'base64'), E'\n', '')
	  FROM bench.request ORDER BY n LIMIT 500}), "\n";
close $file or die $!;
sql(q{
	CREATE ROLE answerer LOGIN;
	SELECT ootspg.grant_duty('answerer', 'exchange');
	GRANT USAGE ON SCHEMA bench TO answerer;
	GRANT SELECT ON ALL TABLES IN SCHEMA bench TO answerer});
sql('INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role, user_name, password_uri, poll_interval) VALUES '
	  . "('ap', '" . $ap->url . "', 'AP_LV_01', '$type', 'answerer', 'provider', 'file:ap.password', '0.2 s')");
sql(q{SELECT ootspg.resume('ap')});

run_requester($ap, $exchanges / 5, 50);
for (1 .. 3)
{
	measure($ap, 'load', $exchanges, 50);
	measure($ap, 'alone', $exchanges / 15, 1);
}
measure_idle($ap, 30);
$ap->stop;
