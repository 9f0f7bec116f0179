# previews.pl: what previews cost, for run-bench: the registry of registry.sql, the previews of previews.sql; the server is found
# by the environment. Prints lines "name CPU ELAPSED" of turns; names are those of the file measures:
#
#	preview-started -opened -looked -held -decided		one step, one after the other: CPU µs of the backend, elapsed µs
#	preview-…-rate			so many a second, four sessions (elapsed)
#	page-piece, page-document		pages by ootspg-preview, eight browsers at a time: CPU µs of the program, elapsed µs of one
#	  -p50 -p99 -rate		from asking to the last octet, µs, and so many a second (elapsed)
#	program-idle-mb, program-open-mb	memory of the program at its start, and with 1 000 connections that have had a document (elapsed)
#
#	previews.pl BINDIR PREVIEWS
use strict;
use warnings FATAL => 'all';

use IO::Select;
use IO::Socket::INET;
use List::Util qw(min);
use POSIX ();
use Time::HiRes;

my ($bindir, $previews) = @ARGV;
my $turns = 3;
my $sessions = 4;
my $browser = 'b' x 43;
my %next = map { $_ => 1 } my @steps = qw(started opened held decided);

sub put { my ($name, $cpu, $elapsed) = @_; printf "%s %.3f %.3f\n", $name, $cpu, $elapsed; return; }

sub sql
{
	my ($statement) = @_;
	open my $out, '-|', 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', $statement or die "psql: $!";
	my $text = join '', <$out>;
	close $out or die "psql failed: $statement";
	chomp $text;
	return $text;
}

# Each step by itself: CPU and elapsed µs
sub one_by_one
{
	my ($count) = @_;
	for my $step ('started', 'opened', 'looked', 'held', 'decided')
	{
		my $first = $next{$step} // $next{held};
		my $last = $first + $count - 1;
		put("preview-$step", split /\|/, sql("CALL bench.step('$step', $first, $last)"));
		$next{$step} = $last + 1 if $next{$step};
	}
	return;
}

# Several sessions at once: so many a second
sub rate
{
	my ($step, $count) = @_;
	sql("SELECT setval('bench.next_$step', $next{$step}, false)");
	my $script = "$ENV{TMPDIR}/$step.sql";
	open my $out, '>', $script or die "$script: $!";
	print $out "SELECT bench.$step(nextval('bench.next_$step'));\n";
	close $out;
	my $told = qx($bindir/pgbench -n -M prepared -c $sessions -j 1 -t @{[ int($count / $sessions) ]} -f $script 2>&1);
	my ($rate) = $told =~ /^tps = ([\d.]+)/m or die "pgbench: $told";
	die "pgbench: $told" if $told =~ /aborted/;
	put("preview-$step-rate", 0, $rate);
	$next{$step} += int($count / $sessions) * $sessions;
	return;
}

# The program on a port of its own
sub start_program
{
	pipe my $read, my $write or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDERR, '>&', $write;
		exec("$bindir/ootspg-preview", '--listen=127.0.0.1:0', '--connections=1100', "--database=host=$ENV{PGHOST} port=$ENV{PGPORT} user=space dbname=postgres") or POSIX::_exit(127);
	}
	close $write;
	my $port;
	while (my $line = <$read>)
	{
		$port = $1 if $line =~ /listening on port (\d+)/;
		last if $line =~ /is ready/;
	}
	# its log is read on, so that it never waits for us
	my $reader = fork // die "fork: $!";
	if ($reader == 0) { 1 while sysread $read, my $block, 65536; POSIX::_exit(0); }
	return ($pid, $port // die 'ootspg-preview does not start');
}

sub memory_mb
{
	my ($pid) = @_;
	open my $in, '<', "/proc/$pid/status" or die $!;
	my ($anonymous) = join('', <$in>) =~ /^RssAnon:\s+(\d+) kB/m or die 'no memory told';
	return $anonymous / 1024;
}

sub cpu
{
	my ($pid) = @_;
	my $sum = 0;
	for my $file (glob "/proc/$pid/task/[0-9]*/schedstat")
	{
		open my $in, '<', $file or next;
		$sum += (split ' ', <$in> // 0)[0] / 1000;
	}
	return $sum;
}

sub connection { my ($port) = @_; return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 60) // die "connect: $!"; }

sub ask { my ($socket, $path) = @_; syswrite $socket, "GET $path HTTP/1.1\r\nHost: preview\r\nAccept-Language: en\r\nCookie: __Host-ootspg=$browser.en\r\n\r\n" or die "send: $!"; return; }

# The whole answer of a connection; dies unless it is a page that has the words
sub answer
{
	my ($socket, $words) = @_;
	my $text = '';
	for (;;)
	{
		sysread $socket, $text, 65536, length $text or die "closed after: $text";
		my $head = index $text, "\r\n\r\n";
		next if $head < 0;
		my ($length) = substr($text, 0, $head) =~ /^Content-Length: (\d+)/mi or die "no length: $text";
		last if length $text >= $head + 4 + $length;
	}
	die "another page: ", substr($text, 0, 1500) unless $text =~ /^HTTP\/1\.1 200 .*$words/s;
	return;
}

# pages(name, paths, words, count): from request to the last octet, eight at a time
sub pages
{
	my ($pid, $port, $name, $paths, $words, $count) = @_;
	my @sockets = map { connection($port) } 1 .. 8;
	my (@times, %asked);
	my $sent = 0;
	my $send = sub { my ($socket) = @_; $asked{$socket} = Time::HiRes::time(); ask($socket, $paths->[ $sent++ % @$paths ]); };
	my $cpu = cpu($pid);
	my $began = Time::HiRes::time();
	my $select = IO::Select->new(@sockets);
	$send->($_) for @sockets;
	while (@times < $count)
	{
		for my $socket ($select->can_read)
		{
			answer($socket, $words);
			push @times, (Time::HiRes::time() - $asked{$socket}) * 1e6;
			$sent < $count ? $send->($socket) : $select->remove($socket);
		}
	}
	my $elapsed = Time::HiRes::time() - $began;
	@times = sort { $a <=> $b } @times;
	put("page-$name", (cpu($pid) - $cpu) / $count, $elapsed * 1e6 / $count);
	put("page-$name-p50", 0, $times[ $count / 2 ]);
	put("page-$name-p99", 0, $times[ $count * 0.99 ]);
	put("page-$name-p99-ms", 0, $times[ $count * 0.99 ] / 1000);
	put("page-$name-rate", 0, $count / $elapsed);
	return;
}

my $alone = 100;
one_by_one($alone) for 1 .. $turns;
my $rated = $previews - $turns * $alone;
rate($_, $rated) for 'started', 'opened';
my @links = split /\n/, sql("SELECT link FROM bench.preview WHERE n BETWEEN $next{held} AND $next{opened} - 1 ORDER BY n LIMIT 200");
my ($pid, $port) = start_program();
my $idle = memory_mb($pid);
my $count = min($previews, 3000);
for (1 .. $turns)
{
	pages($pid, $port, 'piece', [ map { "/p/$_" } @links ], 'Office of Citizenship', $count / $turns);
	pages($pid, $port, 'document', [ map { "/p/$_/piece/1/part/1" } @links ], 'ResidenceEvidence', $count / $turns);
}
put('program-idle-mb', 0, $idle);
# one after the other, and soon: who asks for nothing is ended
my @open;
for (1 .. 1000)
{
	push @open, connection($port);
	ask($open[-1], "/p/$links[0]/piece/1/part/1");
	answer($open[-1], 'ResidenceEvidence');
}
die 'connections were ended' if IO::Select->new(@open)->can_read(0);
put('program-open-mb', 0, memory_mb($pid));
kill 'TERM', $pid;
waitpid $pid, 0;
rate($_, $rated) for 'held', 'decided';
