# TimeStampAuthority: a small time-stamping authority (RFC 3161) over HTTP: openssl ts gives the stamps. What it does next is
# said by mode(): grant, refuse (a refusal by its protocol), fail (HTTP 500), garbage, other (a stamp upon something else), or hold: no answer
# until it is said to do something else.
package TimeStampAuthority;

use strict;
use warnings FATAL => 'all';

use IO::Socket::INET;
use IPC::Run;
use PostgreSQL::Test::Utils;
use POSIX ();
use Time::HiRes;
use SealTest;

# make(directory, name, issuer): key and certificate of an authority
sub make
{
	my ($dir, $name, $issuer) = @_;

	make_issued($dir, $name, 'p256', $issuer, 'extendedKeyUsage=critical,timeStamping', 'keyUsage=critical,digitalSignature', 'basicConstraints=CA:FALSE');
	write_file("$dir/$name.serial", "01\n");
	write_file("$dir/$name.conf", <<"END");
[tsa]
default_tsa = here
[here]
serial = $dir/$name.serial
crypto_device = builtin
signer_cert = $dir/$name.pem
certs = $dir/$issuer.pem
signer_key = $dir/$name.key
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
END
	return;
}

# answer(directory, name, request): the answer of the authority, DER
sub answer
{
	my ($dir, $name, $request) = @_;

	write_file("$dir/$name.tsq", $request);
	run_openssl('ts', '-reply', '-config', "$dir/$name.conf", '-queryfile', "$dir/$name.tsq", '-out', "$dir/$name.tsr");
	return slurp_file("$dir/$name.tsr");
}

# start(directory, name): serves until the test ends
sub start
{
	my ($class, $dir, $name) = @_;
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 20, Proto => 'tcp') or die "listen: $!";
	my $self = bless { directory => $dir, name => $name, port => $socket->sockport, parent => $$ }, $class;

	$self->mode('grant');
	$self->{pid} = fork // die "fork: $!";
	if ($self->{pid} == 0)
	{
		$SIG{TERM} = sub { POSIX::_exit(0) };
		$SIG{PIPE} = 'IGNORE';
		while (1)
		{
			my $client = $socket->accept or next;
			eval { $self->serve($client) };
			close $client;
		}
	}
	close $socket;
	return $self;
}

sub url { my ($self) = @_; return "http://127.0.0.1:$self->{port}/tsa"; }

# The server reads whole words only.
sub mode
{
	my ($self, $mode) = @_;
	my $file = "$self->{directory}/$self->{name}.mode";

	write_file("$file.new", $mode);
	rename "$file.new", $file or die "$file: $!";
	return;
}

# How many requests it had
sub asked { my ($self) = @_; return (-s "$self->{directory}/$self->{name}.asked") // 0; }

sub serve
{
	my ($self, $client) = @_;
	my ($dir, $name) = @{$self}{qw(directory name)};
	my ($length, $body, $status) = (0, '', '200 OK');

	while (defined(my $line = <$client>))
	{
		$length = $1 if $line =~ /^Content-Length:\s*(\d+)/i;
		print $client "HTTP/1.1 100 Continue\r\n\r\n" if $line =~ /^Expect: 100-continue/i;
		last if $line =~ /^\r?\n/;
	}
	read $client, $body, $length;
	open my $count, '>>', "$dir/$name.asked" or die;
	print $count '.';
	close $count;
	my $mode;
	Time::HiRes::sleep(0.01) while ($mode = slurp_file("$dir/$name.mode")) eq 'hold';
	my $answer = 'no answer';
	$status = '500 Internal Server Error' if $mode eq 'fail';
	substr($body, index($body, "\x04\x20") + 2, 32, 'x' x 32) if $mode eq 'other';
	# a policy that it has not
	$body = slurp_file("$dir/refused.tsq") if $mode eq 'refuse';
	$answer = answer($dir, $name, $body) if $mode =~ /^(?:grant|other|refuse)$/;
	print $client "HTTP/1.1 $status\r\nContent-Type: application/timestamp-reply\r\nContent-Length: " . length($answer) . "\r\nConnection: close\r\n\r\n$answer";
	return;
}

sub DESTROY
{
	my ($self) = @_;

	return if $$ != $self->{parent} || !$self->{pid};
	local ($?, $!);
	kill 'TERM', $self->{pid};
	waitpid $self->{pid}, 0;
	return;
}

1;
