# NameServer: a name server for one test, on a port of 127.0.0.1, by UDP and TCP. It says
# of each name what the test tells it to, well or badly, and ends with the test.
#
#	my $ns = NameServer->start;
#	$ns->tell('lv.dsd.example', records => [ NameServer::naptr(100, 10, 'U', '', '!.*!https://a.example/dsd!') ]);
#	$ns->tell('lv.dsd.example', silent => 1);
#	is($ns->asked, 2);
#
# What can be told: records (resource records without their owner), rcode, truncated (the
# UDP answer is cut, TCP gives all), silent, wrong_id, bytes (instead of all that follows
# the id), count (of records, whatever is there), tail (after the records). A name it was
# not told of does not exist.
package NameServer;

use strict;
use warnings FATAL => 'all';

use File::Temp;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(SOL_SOCKET SO_RCVTIMEO);
use Storable qw(nstore retrieve);

my ($class_in, $naptr, $nxdomain) = (1, 35, 3);

sub character_string { my ($text) = @_; return pack('C/a*', $text); }

# A record as it follows its owner's name; ttl in seconds
sub record
{
	my ($type, $ttl, $data) = @_;
	return pack('n n N n/a*', $type, $class_in, $ttl, $data);
}

sub naptr
{
	my ($order, $preference, $flags, $service, $regexp, $ttl) = @_;
	return record($naptr, $ttl // 3600, pack('n n', $order, $preference) . character_string($flags) . character_string($service)
		  . character_string($regexp) . "\0");
}

sub question { my ($name) = @_; return join('', map { character_string($_) } split /\./, $name) . pack('C n n', 0, $naptr, $class_in); }

# message(question, told…): an answer without its id; owners point to the question.
sub message
{
	my ($question, %told) = @_;
	my @records = map { "\xc0\x0c$_" } @{ $told{records} // [] };

	return $told{bytes} if defined $told{bytes};
	return pack('n n4', 0x8180 | ($told{cut} ? 0x0200 : 0) | ($told{rcode} // 0), 1, $told{count} // scalar @records, 0, 0)
	  . $question . join('', @records) . ($told{tail} // '');
}

sub start
{
	my ($class) = @_;
	my $self = bless { directory => File::Temp->newdir('names.XXXXXX', TMPDIR => 1), told => {} }, $class;

	for my $try (1 .. 20)
	{
		$self->{udp} = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "udp: $!";
		$self->{port} = $self->{udp}->sockport;
		$self->{tcp} = IO::Socket::INET->new(Proto => 'tcp', LocalAddr => '127.0.0.1', LocalPort => $self->{port}, Listen => 5) and last;
	}
	$self->{tcp} or die "tcp: $!";
	$self->tell_all;
	# its reading end tells the child that we are gone, however we went
	pipe(my $alive, $self->{alive}) or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		close $self->{alive};
		eval { $self->serve($alive) };
		print STDERR "name server: $@" if $@;
		POSIX::_exit($@ ? 1 : 0);
	}
	$self->{pid} = $pid;
	close $_ for $alive, delete $self->{udp}, delete $self->{tcp};
	return $self;
}

sub address { my ($self) = @_; return "127.0.0.1:$self->{port}"; }
sub file { my ($self, $name) = @_; return "$self->{directory}/$name"; }

sub tell_all
{
	my ($self) = @_;
	nstore($self->{told}, $self->file('told.new'));
	rename $self->file('told.new'), $self->file('told') or die "rename: $!";
	return;
}

sub tell { my ($self, $name, %told) = @_; $self->{told}{$name} = \%told; $self->tell_all; return; }

# asked(): how many questions came; in list context "udp NAME" or "tcp NAME" of each
sub asked
{
	my ($self) = @_;
	open my $in, '<', $self->file('asked') or return;
	my @lines = <$in>;
	chomp @lines;
	return @lines;
}

# What to send for a question, without the length that TCP wants; nothing for silence.
sub reply
{
	my ($self, $query, $protocol) = @_;
	return if length $query < 17;
	my ($at, @labels) = (12);
	while (my $length = unpack("x$at C", $query))
	{
		push @labels, substr $query, $at + 1, $length;
		$at += 1 + $length;
	}
	my $name = lc join '.', @labels;
	my %told = %{ retrieve($self->file('told'))->{$name} // { rcode => $nxdomain } };

	open my $out, '>>', $self->file('asked') or die "asked: $!";
	print $out "$protocol $name\n";
	close $out or die "asked: $!";
	return if $told{silent};
	%told = (cut => 1) if $told{truncated} and $protocol eq 'udp';
	my $id = unpack 'n', $query;
	return pack('n', $told{wrong_id} ? $id ^ 1 : $id) . message(substr($query, 12, $at + 5 - 12), %told);
}

sub serve_tcp
{
	my ($self) = @_;
	my $peer = $self->{tcp}->accept or return;
	$peer->setsockopt(SOL_SOCKET, SO_RCVTIMEO, pack('l!l!', 5, 0));
	(read($peer, my $length, 2) // 0) == 2 or return;
	(read($peer, my $query, unpack 'n', $length) // 0) > 0 or return;
	my $reply = $self->reply($query, 'tcp') // return;
	local $SIG{PIPE} = 'IGNORE';
	print $peer pack('n/a*', $reply);
	return close $peer;
}

sub serve
{
	my ($self, $alive) = @_;
	my $select = IO::Select->new($alive, $self->{udp}, $self->{tcp});

	for (;;)
	{
		for my $ready ($select->can_read)
		{
			return if $ready == $alive;
			if ($ready == $self->{tcp}) { $self->serve_tcp; next; }
			my $from = $self->{udp}->recv(my $query, 4096) // next;
			my $reply = $self->reply($query, 'udp') // next;
			$self->{udp}->send($reply, 0, $from);
		}
	}
	return;
}

sub stop
{
	my ($self) = @_;
	return unless $self->{pid};
	local $?;
	close delete $self->{alive};
	waitpid delete $self->{pid}, 0;
	return;
}

sub DESTROY { my ($self) = @_; $self->stop; return; }

1;
