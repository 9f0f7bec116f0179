# scale.pl: the long measures, when SCALE is set: what exchanges and looks cost when every table is full and nothing is analysed.
# exchange.pl includes it.
use strict;
use warnings FATAL => 'all';

my $old = $ENV{BENCH_OLD} // 1_000_000;
my $waiting = $ENV{BENCH_WAITING} // 100_000;
my $backlog = $ENV{BENCH_BACKLOG} // 10_000;

sub run_file
{
	my ($file, %variables) = @_;
	system('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', (map { ('-v', "$_=$variables{$_}") } sort keys %variables), '-f', $file, '-o', '/dev/null') == 0 or die "$file failed";
	return;
}

# look(name, view): CPU ms of one look in a session that has looked before
sub look
{
	my ($bench, $name, $view) = @_;
	my $look = "PERFORM count(v) FROM (SELECT * FROM $view OFFSET 0) v;";
	my $us = $bench->sql(qq{DO \$\$ DECLARE cpu bigint; BEGIN $look cpu := bench.cpu(); FOR n IN 1 .. 20 LOOP $look END LOOP; PERFORM set_config('bench.us', ((bench.cpu() - cpu) / 20e3)::text, false); END \$\$; SELECT current_setting('bench.us')});
	put($name, $us / 1000, 0);
	return;
}

# full: tables full; waiting: messages of another access point wait besides; drained: so many of its own, all at once, as the exchange worker sees them
sub scale
{
	my ($bench, $exchanges, $turns) = @_;
	my $both = sub { my ($name, $cost) = @_; put($name, $cost->{exchange} + $cost->{answer}, $cost->{elapsed}); };

	run_file('test/bench/scale.sql', old => $old, waiting => 0);
	$both->('full-cost', $bench->exchanges($exchanges, 50)) for 1 .. $turns;
	look($bench, 'status-ms', 'ootspg.status');
	$bench->sql("DELETE FROM ootspg.access_point WHERE access_point = 'silent'");
	run_file('test/bench/scale.sql', old => 0, waiting => $waiting);
	$both->('waiting-cost', $bench->exchanges($exchanges, 50)) for 1 .. $turns;
	look($bench, 'status-waiting-ms', 'ootspg.status');
	# those who answer are through, and gone, before all is delivered
	put('drained-exchange', $bench->exchanges($backlog, $backlog)->{exchange}, 0);
	run_file('test/bench/types.sql');
	$bench->sql('SELECT ootspg.maintain()');
	look($bench, 'registration-ms', 'ootspg.registration');
	return;
}

1;
