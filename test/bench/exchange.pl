# exchange.pl: whole exchanges through the loopback access point, for run-bench (Exchanges.pm says what it needs).
# Prints lines "name CPU ELAPSED" in µs, of turns; names of measures are those of the file measures:
#
#	load-…     requests enough under way all the time; CPU of each kind of process and time for one exchange, and what it counted
#	alone-…    one request at a time
#	…-p50 p95 p99   from the arrival of a request to the submission of its answer (elapsed)
#	listed-…   one request at a time, and a long time between two looks at an empty list
#	idle-…     a minute without requests: calls, transactions, CPU
#
#	full-, waiting-, drained-cost, status-ms, registration-ms	with SCALE=1, see scale.pl
#
#	exchange.pl KEY_DIRECTORY POSTMASTER	BENCH_EXCHANGES, BENCH_TURNS, BENCH_ALONE in the environment: few for a quick look
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::Bin;
use Exchanges;
require "$FindBin::Bin/scale.pl";

my $bench = Exchanges->new(@ARGV);
my $exchanges = $ENV{BENCH_EXCHANGES} // 1500;	# of one turn
my $turns = $ENV{BENCH_TURNS} // 3;
my $alone = int(($ENV{BENCH_ALONE} // 1000) / $turns) + 1;	# one at a time, in all

sub put { my ($name, $cpu, $elapsed) = @_; printf "%s %.3f %.3f\n", $name, $cpu, $elapsed; return; }

sub put_cost
{
	my ($name, $cost) = @_;

	put("$name-$_", $cost->{$_}, 0) for qw(exchange answer server loopback requester);
	put("$name-exchanges", 0, $cost->{elapsed});
	put("$name-" . (qw(late p50 p95 p99))[$_], 0, $cost->{submission}[$_]) for 1 .. 3;
	return;
}

sub load
{
	my $cost = $bench->exchanges($exchanges, 50);

	put_cost('load', $cost);
	put('load-cost', $cost->{exchange} + $cost->{answer}, $cost->{elapsed});
	put('load-rate', 0, 1e6 / $cost->{elapsed});
	put('load-exchange-ms', $cost->{exchange} / 1000, 0);
	put('load-answer-ms', $cost->{answer} / 1000, 0);
	put('load-fsyncs', 0, $cost->{fsyncs});
	put('load-wal-records', 0, $cost->{records});
	put('load-wal-kb', 0, $cost->{bytes} / 1000);
	put('load-transactions', 0, $cost->{transactions});
	return;
}

my $late = 0;	# of 1 000

sub alone
{
	my $cost = $bench->exchanges($alone, 1);

	put_cost('alone', $cost);
	$late += $cost->{answer_times}[0] / $turns;
	put('alone-answered-p50', 0, $cost->{answer_times}[1]);
	put('alone-answered-p99', 0, $cost->{answer_times}[3]);
	return;
}

# Each is found by one list; it may not wait for the one after.
sub listed
{
	my ($times, $seconds) = @_;
	my $late = 0;

	$bench->poll_interval("$seconds s");
	for (1 .. $times)
	{
		my (undef, $elapsed) = $bench->requester(1, 1);
		$late += $elapsed > ($seconds + 0.1) * 1e6;
	}
	put('listed-late', 0, $late / $times);
	return;
}

# With the interval of a fresh row. One transaction looks twice, so that it is not counted itself.
sub idle
{
	my ($seconds) = @_;
	my $ap = $bench->{ap};
	my $calls = sub { my $stats = $ap->stats; my $sum = 0; $sum += $stats->{$_} for grep { /^calls/ } keys %$stats; $sum };

	$bench->sql(q{UPDATE ootspg.access_point SET poll_interval = DEFAULT});
	# idle means that the answering workers have gone, too
	$ap->wait_until('answering workers go', sub { $bench->sql('SELECT answering FROM ootspg_internal.worker_state()') eq '0' });
	my ($calls_before, $before) = ($calls->(), $bench->cpu_by_kind);
	my $transactions = $bench->sql(qq{
		SELECT pg_stat_force_next_flush();
		DO \$\$
		DECLARE
			transactions bigint := (SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database);
		BEGIN
			PERFORM pg_sleep($seconds), pg_stat_clear_snapshot();
			PERFORM set_config('bench.transactions', (SELECT sum(xact_commit + xact_rollback) - transactions FROM pg_stat_database)::text, false);
		END \$\$;
		SELECT current_setting('bench.transactions')}) =~ s/^\n//r;
	my $after = $bench->cpu_by_kind;
	put('idle-calls', 0, ($calls->() - $calls_before) * 60 / $seconds);
	put('idle-transactions', 0, $transactions * 60 / $seconds);
	put('idle-cpu', ($after->{exchange} - $before->{exchange}) * 60 / $seconds, 0);
	return;
}

# the worker notes each message before it reads it, in the first minute of its life: a price of the beginning; without messages the
# minute is as any other
my $begun = time;
$bench->requester($exchanges / 5, 50);
if ($turns > 1)
{
	idle(30);
	$bench->poll_interval('0.2 s');
}
do { $bench->requester($exchanges / 5, 50) } while (time - $begun < ($turns > 1 ? 65 : 0));
for (1 .. $turns)
{
	$bench->poll_interval('0.2 s');
	load();
	$bench->poll_interval('0.1 s');
	alone();
}
put('alone-late', 0, $late);
scale($bench, $exchanges, $turns) if $ENV{SCALE};
listed(5, 2) if $turns > 1;
$bench->stop;
