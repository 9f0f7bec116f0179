# What make bench makes of its figures, and that it ends: no part holds it up for ever.
use strict;
use warnings FATAL => 'all';

use POSIX ();

use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $directory = PostgreSQL::Test::Utils::tempdir;

# ran(command…): exit code and what it printed
sub ran
{
	my @command = @_;
	my $out = '';
	IPC::Run::run(\@command, '>', \$out, '2>&1', IPC::Run::timeout(4 * $PostgreSQL::Test::Utils::timeout_default));
	return ($? >> 8, $out);
}

sub written
{
	my ($name, $text) = @_;
	PostgreSQL::Test::Utils::append_to_file("$directory/$name", $text);
	return "$directory/$name";
}

# Three turns each; the median of the turns' ratios counts
my $measures = written('measures', "1\tquick\ta/b\tcpu\t<=\t2\n2\tmany\trate\telapsed\t>=\t400\n3\tleft out\tnever\tcpu\t<=\t1\n\tonly shown\trate\telapsed\n");
my $figures = written('figures', join '', map { "a $_->[0] 0\nb $_->[1] 0\nrate 0 $_->[2]\n" } [ 3, 2, 100 ], [ 9, 1, 300 ], [ 4, 4, 900 ]);
my ($code, $table) = ran('awk', '-f', 'test/bench/measures.awk', $measures, $figures);
like($table, qr/quick +1\.50 +<= 2 +met/, 'a limit that is kept');
like($table, qr/many +300\.00 +>= 400 +NOT MET/, 'one that is not');
like($table, qr/left out +<= 1 +not run/, 'what was not measured is in the table');
like($table, qr/1 met, 1 NOT MET, 1 not run/, 'and counted');

# One core is shared, and from some core on the one exchange worker is the limit
my $exchanges = written('exchanges', "load-exchange 2000 0\nload-answer 1500 0\nload-server 500 0\nload-rate 0 321\n");
my ($drawn, $svg) = ran('awk', '-v', 'load=0.1', '-f', 'test/bench/sizing.awk', $exchanges);
is($drawn, 0, 'the picture of sizes is drawn');
like($svg, qr/With 7 KB one core carries 250 exchanges a second, two cores 500, eight 500;/, 'and says in words what is to be seen');
like($svg, qr/seen: 321 on two cores/, 'with what was seen');
isnt((ran('awk', '-f', 'test/bench/sizing.awk', $figures))[0], 0, 'not without figures of exchanges');
unlike(slurp_file('doc/sizing.svg'), qr/<script|href=|url\((?!#)/, 'that of the manual asks nobody for anything');
like(slurp_file('doc/sizing.svg'), qr/role="img" aria-labelledby="title description"/, 'and says what it is');

# Neither what waits nor what will not hear
foreach my $part ('exec cat "$1"', 'trap "" TERM; while :; do cat "$1"; done')
{
	my $pipe = "$directory/pipe" . length $part;
	POSIX::mkfifo($pipe, 0600) or die "$pipe: $!";
	my ($status, $out) = ran('bash', '-c', '. test/bin/lib.sh; set +e; time_limit=1; with_progress waits bash -c "$1" part "$2"; echo "ended with $?"', 'bench', $part, $pipe);
	like($out, qr/waits .*FAILED\nended with [1-9]/s, "a part that waits is ended: $part");
}
done_testing();
