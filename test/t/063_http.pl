# The HTTP client against peers that are slow, broken, hostile or wrong: each failure has
# its name, nothing hangs, nothing but the peer's URL is ever called. The peers are tiny
# servers of this test; the client runs in a backend, through try_http().
use strict;
use warnings FATAL => 'all';

use IO::Select;
use IO::Socket::INET;
use IPC::Run;
use JSON::PP;
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;
use Time::HiRes qw(sleep time);

# What the environment says about proxies must not count
$ENV{$_} = 'http://127.0.0.1:1' for qw(http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY);
my $node = start_node('http');
delete @ENV{qw(http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY)};
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');

my $directory = PostgreSQL::Test::Utils::tempdir();
my $parent = $$;
my @children;

END
{
	local $?;
	if ($$ == $parent)
	{
		# with the processes of their own
		kill 'KILL', map { -$_ } @children;
		waitpid $_, 0 for @children;
	}
}

sub run_child
{
	my ($code) = @_;
	my $pid = fork // die "fork: $!";
	if (!$pid)
	{
		setpgrp;
		# the parent's END blocks, of Test::More too, are not ours
		$SIG{__DIE__} = 'DEFAULT';
		eval { $code->(); 1 } or print STDERR $@;
		require POSIX;
		POSIX::_exit(0);
	}
	push @children, $pid;
	return $pid;
}

sub listener
{
	return IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1) // die "listen: $!";
}

# Head and body of a request, or nothing at the end
sub read_request
{
	my ($client) = @_;
	my $head = '';
	while ($head !~ /\r\n\r\n$/)
	{
		sysread($client, $head, 1, length $head) or return;
	}
	my $body = '';
	my ($length) = $head =~ /^Content-Length: (\d+)/mi;
	while (length $body < ($length // 0))
	{
		sysread($client, $body, $length - length $body, length $body) or return;
	}
	return ($head, $body);
}

my $servers = 0;

# serve(handler): a server with a child for each connection; the handler gets the
# connection, head and body, and returns true to keep the connection. What comes in is
# written down in a file. Returns URL and file.

sub serve
{
	my ($handler) = @_;
	my $socket = listener();
	my $file = "$directory/requests." . ++$servers;

	run_child(sub {
		$SIG{PIPE} = 'IGNORE';
		$SIG{CHLD} = 'IGNORE';
		while (my $client = $socket->accept)
		{
			next if fork;
			while (my ($head, $body) = read_request($client))
			{
				open my $out, '>>:raw', $file or die "$file: $!";
				syswrite $out, "<$$>$head$body";
				close $out;
				last unless $handler->($client, $head, $body);
			}
			close $client;
			require POSIX;
			POSIX::_exit(0);
		}
	});
	my $port = $socket->sockport;
	close $socket;
	return ("http://127.0.0.1:$port/", $file);
}

sub answer
{
	my ($client, $status, $body, @headers) = @_;
	return syswrite $client, join("\r\n", "HTTP/1.1 $status", 'Content-Length: ' . length $body, @headers, '', $body);
}

# calls(url, arguments of try_http): its rows
sub calls
{
	my ($url, %options) = @_;
	my $arguments = join '', map { ", $_ => '" . ($options{$_} =~ s/'/''/gr) . "'" } sort keys %options;
	my $rows = $node->safe_psql('postgres', "SELECT coalesce(json_agg(r), '[]') FROM ootspg_internal.try_http('$url'$arguments) r");
	return @{ decode_json($rows) };
}

# The only row
sub try
{
	my ($url, %options) = @_;
	my ($row) = calls($url, %options);
	return $row;
}

# fails(what, row, failure, may have arrived, words of the detail)
sub fails
{
	my ($what, $row, $failure, $arrived, $words) = @_;
	is("$row->{failure} " . ($row->{may_have_arrived} ? 'sent' : 'not sent'), "$failure " . ($arrived ? 'sent' : 'not sent'), $what) or diag(encode_json($row));
	like($row->{detail}, $words, '... with words') if $words;
	return;
}

my ($hello) = serve(sub { answer($_[0], '200 OK', 'hello', 'Content-Type: text/plain;x="y"', 'Date: Sun, 06 Nov 1994 08:49:37 GMT') });

# What is sent
my ($url, $file) = serve(sub { answer($_[0], '200 OK', 'hello', 'Content-Type: text/plain;x="y"', 'Date: Sun, 06 Nov 1994 08:49:37 GMT') });
my $row = try($url, body => 'a request', content_type => 'application/soap+xml; charset=UTF-8', login => 'me', password => 'pass:word');
is_deeply([ @$row{qw(failure may_have_arrived status answer_type length detail)} ], [ 'answered', JSON::PP::true, 200, 'text/plain;x="y"', 5, '' ], 'an answer');
like($row->{server_time}, qr/^1994-11-06T08:49:37/, 'with the server\'s time');
my $request = slurp_file($file);
like($request, qr/^<\d+>POST \/ HTTP\/1\.1\r\n/, 'a body is posted');
like($request, qr/\r\nAuthorization: Basic bWU6cGFzczp3b3Jk\r\n/, 'the login goes ahead, unasked');
like($request, qr/\r\nContent-Type: application\/soap\+xml; charset=UTF-8\r\n/, 'with its type');
like($request, qr/\r\nUser-Agent: ootspg\/[\d.]+\w*\r\n/, 'under our name');
unlike($request, qr/^(Expect|Accept|Cookie|Accept-Encoding):/mi, 'without what is not needed');
like($request, qr/\r\n\r\na request$/, 'the body');
is(try("${url}path?a=b")->{status}, 200, 'GET');
like(slurp_file($file), qr/>GET \/path\?a=b HTTP\/1\.1\r\n(?!.*Authorization).*$/s, 'without a login');

# What is not called at all
for (
	[ 'http://192.0.2.1/', 'for this host only' ],
	[ 'http://example.org/', 'for this host only' ],
	[ 'http://127.0.0.1.example.org/', 'for this host only' ],
	[ 'http://localhost.example.org/', 'for this host only' ],
	[ 'http://[2001:db8::1]/', 'for this host only' ],
	[ 'http://me:secret@127.0.0.1/', 'credentials' ],
	[ 'https://me@access-point.invalid/', 'credentials' ],
	[ 'http://127.0.0.1/#here', 'fragment' ],
	[ 'ftp://127.0.0.1/', 'neither https nor http' ],
	[ 'file:///etc/passwd', 'malformed|neither' ],
	[ '127.0.0.1', 'malformed|neither' ],
	[ 'https:///', 'malformed' ],
	[ '', 'malformed' ],
	[ 'https://access-point.invalid/' . 'x' x 3000, 'too long' ])
{
	fails("not called: " . substr($_->[0], 0, 40), try($_->[0]), 'local', 0, qr/$_->[1]/);
	unlike(try($_->[0])->{detail}, qr/secret/, 'and no secret told');
}
fails("not called: $_", try('https://access-point.invalid/', $_ => '/missing.pem'), 'local', 0, qr/not readable/) for qw(ca_file certificate_file);
fails('not called: a relative path', try('https://access-point.invalid/', ca_file => 'PG_VERSION'), 'local', 0, qr/not readable/);
fails('not called: cleartext through a proxy', try($url, proxy => 'http://127.0.0.1:1'), 'local', 0, qr/proxy/);
fails('not called: a header with a line end', try($url, body => 'x', content_type => "a\nb"), 'local', 0, qr/header/);
is(try($url =~ s/127\.0\.0\.1/localhost/r)->{failure}, 'answered', 'localhost is this host');
is(try($url =~ s/127\.0\.0\.1/127.1/r)->{failure}, 'answered', 'and so is 127.1');

# Peers that are not there
my $closed = listener();
my $closed_port = $closed->sockport;
close $closed;
fails('refused', try("http://127.0.0.1:$closed_port/"), 'unreachable', 0, qr/connect/i);
fails('no such name', try('https://access-point.invalid/'), 'unresolved', 0, qr/resolve/i);

# Peers that are slow
($url) = serve(sub { sleep 60 });
$row = try($url, body => 'x', total_ms => 700);
fails('no answer in time', $row, 'timeout', 1, qr/timed out/i);
cmp_ok($row->{milliseconds}, '<', 3000, 'and no longer');
fails('no byte for a while', try($url, body => 'x', stall_ms => 1000), 'timeout', 1, qr/too slow/i);
($url) = serve(sub { syswrite $_[0], "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"; sleep 60 });
$row = try($url, stall_ms => 1000);
fails('no byte in the middle', $row, 'timeout', 1);
cmp_ok($row->{milliseconds}, '<', 6000, 'is noticed');
my $silent = listener();
fails('no TLS handshake in time', try('https://127.0.0.1:' . $silent->sockport . '/', connect_ms => 500), 'timeout', 0);
close $silent;

# Somebody cancels; the next call is not disturbed
($url) = serve(sub { sleep 60 });
my ($stdout, $stderr);
$node->psql('postgres', "SET statement_timeout = '500ms'; SELECT * FROM ootspg_internal.try_http('$url'); SET statement_timeout = 0; SELECT failure FROM ootspg_internal.try_http('$hello')",
	stdout => \$stdout, stderr => \$stderr, on_error_stop => 0);
like($stderr, qr/canceling statement due to statement timeout/, 'a call can be cancelled');
is($stdout, 'answered', 'and the next one is as usual');

# Peers that break off, or talk too much, or something else
my %cut = (
	'before the answer' => '',
	'in the status line' => 'HTTP/1.1 20',
	'in a header' => "HTTP/1.1 200 OK\r\nContent-Le",
	'in the body' => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
	'in a chunk' => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
	'before the last chunk' => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
	'not HTTP' => "SSH-2.0-OpenSSH_9.2\r\n");
for my $where (sort keys %cut)
{
	my ($url) = serve(sub { syswrite $_[0], $cut{$where}; 0 });
	fails("cut $where", try($url, body => 'x'), 'cut', 1);
}
my %large = (
	'by its length' => [ "HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n", 'x', 1000001 ],
	'without a length' => [ "HTTP/1.1 200 OK\r\n\r\n", 'x', 5000000 ],
	'in chunks' => [ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", 1100000 ],
	'by a header' => [ "HTTP/1.1 200 OK\r\n", 'X: ' . 'y' x 90000 . "\r\n", 1 ],
	'by many headers' => [ "HTTP/1.1 200 OK\r\n", "X: y\r\n", 200 ],
	'by interim answers' => [ '', "HTTP/1.1 102 Processing\r\n\r\n", 100000 ]);
for my $how (sort keys %large)
{
	my ($start, $more, $count) = @{ $large{$how} };
	my ($url) = serve(sub { syswrite $_[0], $start . $more x $count; 0 });
	fails("too large $how", try($url, max_answer => 1000000), 'too large', 1);
}
($url) = serve(sub { answer($_[0], '200 OK', 'x' x 1000000) });
is(try($url, max_answer => 1000000)->{length}, 1000000, 'just small enough');
($url) = serve(sub { answer($_[0], '200 OK', 'x' x $_[2]) });
is(try($url, max_answer => 0, body => '0')->{failure}, 'answered', 'nothing is not too large');

# Redirects are answers; so are interim ones, but not the last
($url, $file) = serve(sub { answer($_[0], '302 Found', '', "Location: $hello") });
is(try($url)->{status}, 302, 'a redirect is not followed');
($url) = serve(sub { syswrite $_[0], "HTTP/1.1 100 Continue\r\nContent-Type: a/b\r\n\r\n"; answer($_[0], '503 Busy', 'no', "Trailer: x") });
is_deeply([ @{ try($url, body => 'x') }{qw(status answer_type)} ], [ 503, '' ], 'the last answer counts');
($url) = serve(sub { answer($_[0], '200 OK', '', 'Content-Type: a/b', 'Content-Type: c/d') });
is(try($url)->{answer_type}, '', 'two types are none');
($url) = serve(sub { answer($_[0], '200 OK', '', "Content-Type: a/b;x=\xff") });
is(try($url)->{answer_type}, '', 'nor is one that is not ASCII');

# Connections are kept for the next call, and used by one call at a time
($url, $file) = serve(sub { answer($_[0], '200 OK', 'x'); 1 });
$node->safe_psql('postgres', join ';', map { "SELECT * FROM ootspg_internal.try_http('$url')" } 1 .. 3);
my %connections = map { $_ => 1 } slurp_file($file) =~ /<(\d+)>GET/g;
is(scalar keys %connections, 1, 'three calls one after the other use one connection');
($url) = serve(sub {
	my $all = "$directory/requests.$servers";
	sleep 0.02 until (() = slurp_file($all) =~ /GET/g) >= 20;
	answer($_[0], '200 OK', 'x' x 100000);
	0 });
is(scalar(grep { $_->{failure} eq 'answered' && $_->{length} == 100000 } calls($url, calls => 20)), 20,
	'twenty calls are under way at a time: none is answered before all were made');
# a server that closes the kept connection the moment it is used again
($url) = serve(sub { answer($_[0], '200 OK', 'x', 'Connection: keep-alive'); 0 });
is($node->safe_psql('postgres', join ';', map { "SELECT failure FROM ootspg_internal.try_http('$url', body => 'x')" } 1 .. 3), join("\n", ('answered') x 3), 'a kept connection may be gone');
# a body larger than the socket's buffers, read slowly
($url) = serve(sub { answer($_[0], '200 OK', length $_[2]) });
is($node->safe_psql('postgres', "SELECT length FROM ootspg_internal.try_http('$url', body => convert_to(repeat('x', 20000000), 'UTF8'))"), '8', 'a large request arrives');

# TLS
make_pair($directory, 'other', 'rsa2048');
run_openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', "$directory/ca.key", '-out', "$directory/ca.pem", '-days', '2', '-subj', '/CN=Test CA');

# certificate(name, subject alternative name, days): NAME.key and NAME.pem by the CA
sub certificate
{
	my ($name, $san, @validity) = @_;
	run_openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', "$directory/$name.key", '-out', "$directory/$name.csr", '-subj', "/CN=$name");
	append_to_file("$directory/$name.ext", "subjectAltName=$san\n");
	run_openssl('x509', '-req', '-in', "$directory/$name.csr", '-CA', "$directory/ca.pem", '-CAkey', "$directory/ca.key", '-CAcreateserial',
		'-out', "$directory/$name.pem", '-extfile', "$directory/$name.ext", @validity);
	return;
}
certificate('server', 'IP:127.0.0.1', '-days', '2');
certificate('elsewhere', 'DNS:elsewhere.example', '-days', '2');
certificate('expired', 'IP:127.0.0.1', '-days', '0');	# over a second later; newer OpenSSL makes none that is over before it began
certificate('client', 'DNS:client.example', '-days', '2');
run_openssl('pkey', '-in', "$directory/client.key", '-aes128', '-passout', 'pass:secret', '-out', "$directory/locked.key");

# serve_tls(name, options of s_server): a server that answers GET with a page about the connection
sub serve_tls
{
	my ($name, @options) = @_;
	my $socket = listener();
	my $port = $socket->sockport;
	close $socket;
	my $pid = run_child(sub {
		open STDOUT, '>', '/dev/null';
		open STDERR, '>', '/dev/null';
		open STDIN, '<', '/dev/null';
		exec 'openssl', 's_server', '-accept', "127.0.0.1:$port", '-cert', "$directory/$name.pem", '-key', "$directory/$name.key", '-www', '-quiet', @options;
	});
	for (1 .. 100)
	{
		last if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
		sleep 0.1;
	}
	return "https://127.0.0.1:$port/";
}
my %trusted = (ca_file => "$directory/ca.pem");
my $tls = serve_tls('server');
is_deeply([ @{ try($tls, %trusted) }{qw(failure status)} ], [ 'answered', 200 ], 'a server we trust');
fails('a certificate nobody knows', try($tls), 'tls', 0, qr/certificate/i);
fails('a certificate of somebody else', try($tls, ca_file => "$directory/other.pem"), 'tls', 0, qr/certificate/i);
fails('a certificate of another name', try($tls =~ s/127\.0\.0\.1/localhost/r, %trusted), 'tls', 0, qr/name/i);
fails('a certificate of another host', try(serve_tls('elsewhere'), %trusted), 'tls', 0, qr/name/i);
fails('a certificate that has expired', try(serve_tls('expired'), %trusted), 'tls', 0, qr/expired/i);
fails('trust in nothing', try($tls, ca_file => '/dev/null'), 'local', 0);
fails('an old protocol', try(serve_tls('server', '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'), %trusted), 'tls', 0);
is(try(serve_tls('server', '-tls1_2'), %trusted)->{failure}, 'answered', 'TLS 1.2 will do');
my $plain = listener();
run_child(sub { while (my $client = $plain->accept) { syswrite $client, "HTTP/1.1 400 Speak HTTP\r\n\r\n"; sleep 1 } });
fails('no TLS at all', try('https://127.0.0.1:' . $plain->sockport . '/', %trusted), 'tls', 0);

for my $version ('-tls1_2', '-tls1_3')
{
	my $mutual = serve_tls('server', $version, '-Verify', '1', '-verify_return_error', '-CAfile', "$directory/ca.pem");
	is(try($mutual, %trusted, certificate_file => "$directory/client.pem", key_file => "$directory/client.key")->{failure}, 'answered', "a client certificate with $version");
	is(try($mutual, %trusted)->{failure}, 'tls', 'is asked for');
	is(try($mutual, %trusted, certificate_file => "$directory/other.pem", key_file => "$directory/other.key")->{failure}, 'tls', 'and looked at');
	$row = try($mutual, %trusted, certificate_file => "$directory/client.pem", key_file => "$directory/locked.key");
	fails('nobody asks for a pass phrase', $row, 'local', 0);
	fails('nor takes a key that does not fit', try($mutual, %trusted, certificate_file => "$directory/client.pem", key_file => "$directory/other.key"), 'local', 0);
}

# Proxies: one that connects, one that does not
sub serve_proxy
{
	my ($refuse) = @_;
	return serve(sub {
		my ($client, $head) = @_;
		return answer($client, '407 Who are you', '') if $refuse;
		my ($target) = $head =~ /^CONNECT (\S+)/ or return;
		my $server = IO::Socket::INET->new(PeerAddr => $target) or return;
		syswrite $client, "HTTP/1.1 200 Connected\r\nContent-Type: of/proxy\r\n\r\n";
		my $select = IO::Select->new($client, $server);
		while (my @ready = $select->can_read(20))
		{
			for my $from (@ready)
			{
				sysread($from, my $bytes, 65536) or return 0;
				syswrite($from == $client ? $server : $client, $bytes);
			}
		}
		return 0;
	});
}
my ($proxy, $proxy_file) = serve_proxy(0);
$row = try($tls, %trusted, proxy => $proxy, login => 'me', password => 'secret');
is_deeply([ @$row{qw(failure status)} ], [ 'answered', 200 ], 'through a proxy');
unlike($row->{answer_type}, qr/proxy/, 'whose headers are not the answer\'s');
unlike(slurp_file($proxy_file), qr/Authorization|secret/, 'and which learns no login');
($proxy) = serve_proxy(1);
fails('a proxy that refuses', try($tls, %trusted, proxy => $proxy), 'unreachable', 0);
fails('a proxy that is not there', try($tls, %trusted, proxy => "http://127.0.0.1:$closed_port"), 'unreachable', 0);
fails('a proxy without address', try($tls, %trusted, proxy => 'http://proxy.invalid:3128'), 'unresolved', 0);

unlike(slurp_file($node->logfile), qr/was terminated by signal/, 'no backend crashed');

# Who waits for a peer still hears that it should go, or that the server is gone
($url) = serve(sub { sleep 60 });
for my $how ('terminated', 'orphaned')
{
	my $session = IPC::Run::start(
		[ 'psql', '-XAtq', '-h', $node->host, '-p', $node->port, '-U', 'postgres', '-d', 'postgres', '-c', "SELECT failure FROM ootspg_internal.try_http('$url', body => '$how')" ],
		'>', \my $out, '2>', \my $err);
	my $waiting = "FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND query LIKE '%$how%'";
	$node->poll_query_until('postgres', "SELECT count(*) = 1 $waiting") or die 'no call waits';
	my $pid = $node->safe_psql('postgres', "SELECT pid $waiting");
	if ($how eq 'terminated') { $node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)") }
	else { $node->kill9 }
	my $patience = 300;
	sleep 0.1 while kill(0, $pid) && $patience-- > 0;
	ok(!kill(0, $pid), "a call that waits can be $how");
	eval { $session->finish };
}
# The next life clears away what the killed one held.
$node->start;
$node->stop;
done_testing();
