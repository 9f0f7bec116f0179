# SignInService: what services that sign people in have in common, for tests: whoever comes is who be() said last, without
# being asked for a password; fault() makes the next answers wrong in one way each. A class for each protocol inherits from
# it, and answers requests: answer({method, path, headers, fields}) gives [status, media type, content, headers…].
package SignInService;

use strict;
use warnings FATAL => 'all';

use parent 'TestServer';

use File::Temp;
use IO::Socket::INET;
use JSON::PP;
use POSIX ();

# create(name, what the class keeps): its address is known, it does not answer yet
sub create
{
	my ($class, $name, %more) = @_;
	my $self = bless { name => $name, directory => File::Temp->newdir, %more }, $class;
	$self->{listener} = IO::Socket::INET->new(Listen => 16, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1) // die "listen: $!";
	$self->{plain_port} = $self->{listener}->sockport;
	$self->{issuer} = "http://127.0.0.1:$self->{plain_port}";
	$self->fault('');
	return $self;
}

sub begin
{
	my ($self) = @_;
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		$SIG{$_} = 'DEFAULT' for qw(TERM INT);
		eval { $self->serve };
		POSIX::_exit(1);
	}
	$self->{pid} = $pid;
	close delete $self->{listener};
	return;
}

# What it and the test know of each other are files, since it is another process.
sub keep
{
	my ($self, $name, $content) = @_;
	open my $out, '>:raw', $self->file("$name.new") or die "$name: $!";
	print $out $content;
	close $out;
	rename $self->file("$name.new"), $self->file($name) or die "$name: $!";
	return;
}

sub kept
{
	my ($self, $name) = @_;
	open my $in, '<:raw', $self->file($name) or return '';
	local $/ = undef;
	return scalar <$in> // '';
}

# Claims of whoever signs in from now on
sub be { my ($self, %claims) = @_; $self->keep('claims', encode_json(\%claims)); return; }

# '': none; the others are those of the class
sub fault { my ($self, $fault) = @_; $self->keep('fault', $fault); return; }

sub serve
{
	my ($self) = @_;
	while (my $socket = $self->{listener}->accept)
	{
		my $answer = eval { $self->answer(read_request($socket)) } // [ 500, 'text/plain', $@ ];
		my ($status, $type, $content, @headers) = @$answer;
		print $socket "HTTP/1.1 $status x\r\nContent-Type: $type\r\nContent-Length: " . length($content) . "\r\nConnection: close\r\n" . join('', map { "$_\r\n" } @headers) . "\r\n$content";
		close $socket;
	}
	return;
}

sub read_request
{
	my ($socket) = @_;
	local $/ = "\r\n";
	my ($method, $target) = (<$socket> // '') =~ /^(\w+) (\S+)/ or die 'no request';
	my %headers;
	while (defined(my $line = <$socket>))
	{
		last if $line eq "\r\n";
		$headers{ lc $1 } = $2 if $line =~ /^([^:]+): *(.*)\r\n/;
	}
	my $body = '';
	read $socket, $body, $headers{'content-length'} if $headers{'content-length'};
	my ($path, $query) = split /\?/, $target, 2;
	return { method => $method, path => $path, headers => \%headers, fields => fields($method eq 'POST' ? $body : $query // '') };
}

sub fields
{
	my ($text) = @_;
	return { map { my ($name, $value) = map { tr/+/ /r =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger } split /=/, $_, 2; ($name => $value // '') } split /&/, $text };
}

sub escaped { my ($text) = @_; $text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge; return $text; }

1;
