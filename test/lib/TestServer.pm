# TestServer: a program of this repository that a test talks to over HTTP, and
# that ends with the test. A class for each program inherits from it; its objects
# have name, directory (a File::Temp) and plain_port.
package TestServer;

use strict;
use warnings FATAL => 'all';

use IO::Socket::INET;
use POSIX ();
use Socket qw(IPPROTO_TCP SOL_SOCKET SO_RCVTIMEO TCP_NODELAY);
use Time::HiRes;

sub file { my ($self, $name) = @_; return "$self->{directory}/$name"; }

sub run_openssl
{
	my (@arguments) = @_;
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDERR, '>', '/dev/null';
		exec('openssl', @arguments) or POSIX::_exit(127);
	}
	waitpid $pid, 0;
	die "openssl $arguments[0] failed" if $?;
	return;
}

# Starts the program, which writes its port last to the file port.
sub spawn
{
	my ($self, $program, @arguments) = @_;

	unlink $self->file('port'), $self->file('plain_port');
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDERR, '>>', $self->file('log') or POSIX::_exit(126);
		exec($program, @arguments) or POSIX::_exit(127);
	}
	$self->{pid} = $pid;
	delete $self->{socket};
	$self->wait_until("$self->{name} listens",
		sub { -e $self->file('port') or (waitpid($pid, POSIX::WNOHANG()) and die "$self->{name} ended: " . $self->log) });
	return;
}

# request(method, path, headers, content): status, headers (names in lower case)
# and content; the status is 599 when the connection broke. HTTP::Tiny would wait
# 40 ms for many an answer: it writes head and body apart, and does not turn off
# Nagle's algorithm.
sub request
{
	my ($self, $method, $path, $headers, $content) = @_;
	my $socket = $self->{socket} //= IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{plain_port}, Timeout => 60);
	if ($socket)
	{
		$socket->setsockopt(SOL_SOCKET, SO_RCVTIMEO, pack('l!l!', 60, 0));
		$socket->setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
	}
	my $answer = $socket && eval {
		local $SIG{PIPE} = 'IGNORE';
		my $head = join '', map { "$_: $headers->{$_}\r\n" } sort keys %$headers;
		$socket->print("$method $path HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}Content-Length: " . length($content) . "\r\n\r\n$content")
		  or die "could not send: $!";
		$socket->flush;
		read_answer($socket);
	};
	return $answer if $answer;
	my $broken = $@ || "could not connect: $!";
	delete $self->{socket};
	if ($self->{pid} and waitpid($self->{pid}, POSIX::WNOHANG()) == $self->{pid})
	{
		delete $self->{pid};
		die "$self->{name} has ended by itself with status $?: " . $self->log;
	}
	return { status => 599, headers => {}, content => $broken };
}

sub read_answer
{
	my ($socket) = @_;
	my %answer = (headers => {}, content => '');
	local $/ = "\r\n";

	my $line = <$socket> // die 'closed without an answer';
	($answer{status}) = $line =~ m{^HTTP/1\.1 (\d+)} or die "not HTTP: $line";
	while (defined($line = <$socket>) and $line ne "\r\n")
	{
		chomp $line;
		my ($name, $value) = split /: */, $line, 2;
		$answer{headers}{ lc $name } = $value;
	}
	my $length = $answer{headers}{'content-length'} // die 'no Content-Length';
	while (length $answer{content} < $length)
	{
		read $socket, $answer{content}, $length - length $answer{content}, length $answer{content} or die 'cut midway';
	}
	return \%answer;
}

sub read_number
{
	my ($self, $name) = @_;
	open my $in, '<', $self->file($name) or die "$name: $!";
	my $number = <$in>;
	close $in;
	chomp $number;
	return $number;
}

sub log
{
	my ($self) = @_;
	open my $in, '<', $self->file('log') or return '';
	local $/ = undef;
	return <$in> // '';
}

sub end
{
	my ($self, $signal) = @_;
	return unless $self->{pid};
	local $?;
	kill $signal, $self->{pid};
	waitpid $self->{pid}, 0;
	$self->{exit} = $?;
	delete $self->{pid};
	return;
}

# The exit status is 0 when it ended as it should.
sub stop { my ($self) = @_; $self->end('TERM'); return $self->{exit}; }
sub kill9 { my ($self) = @_; $self->end('KILL'); return; }

sub DESTROY { my ($self) = @_; $self->end('KILL'); return; }

# control(lines): what the commands print; dies when one is refused.
sub control
{
	my ($self, @lines) = @_;
	my $answer = $self->request('POST', '/control', {}, join("\n", @lines));
	die "$answer->{status} $answer->{content}" unless $answer->{status} == 200;
	return $answer->{content};
}

# stats(): the key value lines as a hash
sub stats
{
	my ($self) = @_;
	return { map { split ' ', $_, 2 } split /\n/, $self->control('stats') };
}

# wait_until(what, condition, seconds): the first true value of the condition.
sub wait_until
{
	my ($self, $what, $condition, $seconds) = @_;
	my $deadline = Time::HiRes::time() + ($seconds // $ENV{PG_TEST_TIMEOUT_DEFAULT} // 180);
	for (;;)
	{
		my $value = $condition->();
		return $value if $value;
		die "waited too long: $what" if Time::HiRes::time() > $deadline;
		Time::HiRes::sleep(0.02);
	}
}

1;
