# ootspg-preview among those who mean harm, or mean nothing by it: long, broken and slow requests, floods, words of
# the database with markup in them, a database that goes and comes, certificates that change.
use strict;
use warnings FATAL => 'all';

use IO::Select;
use IO::Socket::INET;
use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use Test::More;
use Time::HiRes;

my $node = start_node('hostile');
$node->safe_psql('postgres', slurp_file('test/preview/fake.sql'));
my $program = PreviewProgram->new($node, 'request_seconds=2', 'connections=60', 'workers=2')
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');

sub browser { return PreviewProgram::Browser->new($program, 'Accept-Language' => 'en', @_) }
sub value { return $node->safe_psql('postgres', shift) }
sub link_of { return PreviewProgram::link_of(@_) }

sub connect_raw { return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $program->{plain_port}, Timeout => 10) // die "connect: $!" }

# What comes back until the program closes; '' when it closes without a word.
sub raw
{
	my ($bytes) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $socket = connect_raw();
	my $answer = '';
	syswrite $socket, $bytes;
	while (IO::Select->new($socket)->can_read(20)) { sysread($socket, $answer, 65536, length $answer) or last }
	return $answer;
}

sub alive { is(browser()->get('/' . link_of('welcome'))->{status}, 200, "alive after: $_[0]") }

my $path = '/' . link_of('welcome');
for (
	[ 'a line without end', 'GET /' . 'a' x 100_000 . " HTTP/1.1\r\nHost: x\r\n\r\n", qr/^(HTTP\/1.. 4\d\d|$)/ ],
	[ 'a head without end', "GET $path HTTP/1.1\r\nHost: x\r\n" . join('', map { "X-$_: " . 'b' x 500 . "\r\n" } 1 .. 300) . "\r\n", qr/^(HTTP\/1.. 4\d\d|$)/ ],
	[ 'no method', "\r\n\r\n\r\n", qr/^(HTTP\/1.. 4\d\d|$)/ ],
	[ 'rubbish', join('', map { chr } 0 .. 255) x 20, qr/^(HTTP\/1.. 4\d\d|$)/ ],
	[ 'TLS to a plain port', "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . 'r' x 500, qr/^(HTTP\/1.. 4\d\d|$)/ ],
	[ 'no host', "GET $path HTTP/1.1\r\n\r\n", qr/^HTTP\/1.. 400/ ],
	[ 'HTTP/9.9', "GET $path HTTP/9.9\r\nHost: x\r\n\r\n", qr/^(HTTP\/1.. [45]\d\d|$)/ ],
	[ 'a method of nobody', "EVIL $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", qr/^HTTP\/1.. 405.*\r\nAllow: GET, HEAD, POST\r\n/s ],
	[ 'a link for a method', "$path /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", qr/^HTTP\/1.. 4\d\d/ ],
	[ 'TRACE', "TRACE $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Secret: 1\r\n\r\n", qr/^HTTP\/1.. 405(?!.*X-Secret)/s ],
	[ 'DELETE', "DELETE $path/decide HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", qr/^HTTP\/1.. 405/ ],
	[ 'a body too long, said so', "POST $path/choose HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nx", qr/^HTTP\/1.. 413/ ],
	[ 'a body too long, in chunks', "POST $path/choose HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" . ("4000\r\n" . 'c' x 16384 . "\r\n") x 8 . "0\r\n\r\n", qr/^(HTTP\/1.. 413|$)/ ],
	[ 'two lengths', "POST $path/choose HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\nabcde", qr/^(HTTP\/1.. [34]\d\d|$)/ ],
	[ 'length no number', "POST $path/choose HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", qr/^(HTTP\/1.. 4\d\d|$)/ ],
	[ 'a zero byte in the path', "GET $path%00.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", qr/^HTTP\/1.. 404/ ],
	[ 'dots in the path', "GET /static/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", qr/^HTTP\/1.. 404/ ],
	[ 'an address as the path', "GET http://evil.example$path HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", qr/^HTTP\/1.. 404(?!.*evil)/s ],
	[ 'a million parameters', "GET $path?" . 'a&' x 5000 . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", qr/^(HTTP\/1.. (200|4\d\d)|$)/ ],
	[ 'cookies of others', "GET $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: " . '__Host-ootspg=' . '%' x 200 . "; __Host-ootspg=\"\r\n\r\n", qr/^HTTP\/1.. (200|431)/ ],
	[ 'languages of others', "GET $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Language: " . 'xx;q=9,;;;q=,*,' x 300 . "\r\n\r\n", qr/^HTTP\/1.. 200/ ])
{
	my ($what, $bytes, $expected) = @$_;
	like(raw($bytes), $expected, $what);
	alive($what);
}
unlike($program->log, qr/method=\S*welcome/, 'no link is logged as a method');
like($program->log, qr/method=other route=none status=404/, '... which is only said to be another');

# The host of a request is nobody's word: it stands nowhere
my $answer = raw("POST $path HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
like($answer, qr/^HTTP\/1.. 303.*\r\nLocation: $path\r\n/s, 'redirections have no host');
unlike(raw("GET $path HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n"), qr/evil/, 'nor have pages');

# Bodies that are no forms, or forms of other languages
my $user = browser()->get('/' . link_of('list'));
for my $type ('application/json', 'multipart/form-data; boundary=x', 'text/plain')
{
	$user->ask('POST', '/' . link_of('list') . '/decide', '{"form": 1}', 'Content-Type' => $type);
	is($user->{status}, 403, "$type is no form of ours");
}
$user->ask('POST', '/' . link_of('list') . '/choose', 'go=check&piece-1=%ff%fe&piece-2=use&piece-99999999999=use&piece--1=use&lang=%00&step=piece-999999999999999999999');
is($user->{status}, 422, 'choices of pieces that are none');
$user->ask('POST', '/' . link_of('list') . '/choose', join '&', 'go=check', map { "piece-$_=use" } 2 .. 3000);
is($user->{status}, 422, 'more choices than anybody has');

# Markup in whatever the database says is text
my $evil = q{<script>alert(1)</script>"'&<b>};
my $json = q{jsonb_build_object('en', $e$} . $evil . q{$e$)};
value(qq{INSERT INTO preview_fake.session (link, page, facts) SELECT preview_fake.link('evil' || p), p, jsonb_build_object(
	'requester', jsonb_build_object('names', $json, 'official', $json, 'country', \$e\$$evil\$e\$), 'provider', jsonb_build_object('names', $json), 'evidence', $json,
	'procedure', jsonb_build_object('names', $json), 'reference', \$e\$$evil\$e\$, 'about', jsonb_build_object('kind', 'company', 'name', \$e\$$evil\$e\$),
	'known', jsonb_build_object('FamilyName', \$e\$$evil\$e\$, \$e\$$evil\$e\$, 'x'), 'ask', jsonb_build_array(\$e\$$evil\$e\$), 'correction_url', jsonb_build_object('en', 'https://x.example/' || \$e\$$evil\$e\$),
	'return', jsonb_build_object('url', 'https://x.example/' || \$e\$$evil\$e\$, 'host', \$e\$$evil\$e\$, 'method', \$e\$$evil\$e\$), 'deadline', \$e\$$evil\$e\$)
	FROM unnest('{welcome,authenticate,more,list,waiting,done,not_found,over,locked,closed}'::text[]) p});
for my $name (qw(welcome authenticate more list waiting done not_found over locked closed))
{
	my $page = browser()->get('/' . link_of("evil$name"));
	unlike($page->{page}, qr/<script>|<b>|alert\(1\)<\/script>"|="[^"]*"'&/, "$name: words are words");
	unlike(join("\n", values %{ $page->{answer}{headers} }), qr/alert/, "$name: in no header");
}
value(q{UPDATE preview_fake.settings SET value = value || jsonb_build_object('authority', } . $json . q{, 'contact', jsonb_build_object('email', 'a@b"><script>', 'url', 'javascript:alert(1)', 'phone', '<b>'), 'privacy_url', 'javascript:alert(1)')});
$program->stop;
$program->start;
for (qw(help privacy accessibility))
{
	my $page = browser()->get("/$_");
	unlike($page->{page}, qr/<script>|<b>|href="javascript/, "$_: the authority's words are words");
}

# Slow ones are ended, and starve nobody meanwhile: fifty of them, of sixty connections
my @slow = map { my $socket = connect_raw(); syswrite $socket, "POST $path/choose HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"; $socket } 1 .. 50;
alive('fifty that say nothing');
my $select = IO::Select->new(@slow);
my $deadline = time + 60;
my $fed = 0;
while ($select->count and time < $deadline)
{
	# a byte now and then does not help
	local $SIG{PIPE} = 'IGNORE';
	if ($fed++ < 200) { syswrite $_, 'X' for $select->handles }
	for my $socket ($select->can_read(0.2))
	{
		my $byte;
		$select->remove($socket) unless sysread $socket, $byte, 4096;
	}
}
is($select->count, 0, 'who sends byte by byte is ended');

# More at once than there may be: turned away, and all is well when they have gone
my @many = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $program->{plain_port}, Timeout => 5) } 1 .. 100;
undef @many;
$program->wait_until('it serves again after a flood', sub { my $b = eval { browser()->get($path) }; $b and $b->{status} == 200 }, 30);
pass('it serves again after a flood');

# The database goes: said, with when to come again; it comes: served, without a restart of ours
$node->stop('fast');
$user = browser()->get($path);
is("$user->{status} " . $user->heading, '503 Something went wrong on our side', 'no database');
like($user->{answer}{headers}{'retry-after'}, qr/^\d+$/, '... when to come again');
is(browser()->get('/healthz')->{status}, 503, '... and not healthy');
$node->start;
is(browser()->get($path)->{status}, 200, 'the database is back');
is(browser()->get('/healthz')->{page}, "ok\n", 'healthy');
value('SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = \'ootspg-preview\'');
is(browser()->get($path)->{status}, 200, 'a connection that was ended is made again within the request');

# Killed and started: nobody notices
$user = browser()->get('/' . link_of('list'));
$program->kill9;
$program->start;
$user->submit('choose', { go => 'decide', 'piece-1' => 'use' });
is($user->heading, 'Your choice is kept', 'the form of a program that was killed is good for the next');

# The server's words about its errors go nowhere
browser()->get('/' . link_of('broken'));
like($program->log, qr/refused a call with SQLSTATE XX000/, 'an error is logged by its code');
unlike($program->log, qr/secret words|_{5}|evil|alert/, 'and by nothing else');
is($program->stop, 0, 'it ends when told to');

# TLS by itself; a certificate that is replaced while it runs
my $directory = PostgreSQL::Test::Utils::tempdir();
sub certificate
{
	my ($name) = @_;
	TestServer::run_openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', "$directory/key.pem", '-out', "$directory/certificate.pem", '-subj', "/CN=$name", '-days', '2');
}
certificate('first.example');
$program = PreviewProgram->new($node, "tls_certificate=$directory/certificate.pem", "tls_key=$directory/key.pem");
sub tls { my ($more) = @_; return qx(printf 'GET $path HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client -connect 127.0.0.1:$program->{plain_port} -ign_eof $more 2>&1) }
my $said = tls('');
like($said, qr/CN ?= ?first.example/, 'TLS');
like($said, qr/HTTP\/1.1 200.*\r\nStrict-Transport-Security: max-age=31536000\r\n/s, 'with HSTS');
unlike(tls('-tls1_1'), qr/HTTP\/1.1 200/, 'nothing older than TLS 1.2');
certificate('second.example');
kill 'HUP', $program->{pid};
$program->wait_until('the new certificate', sub { $program->log =~ /read again/ });
like(tls(''), qr/CN ?= ?second.example/, 'the new certificate');
append_to_file("$directory/certificate.pem.bad", 'nonsense');
rename "$directory/certificate.pem.bad", "$directory/certificate.pem" or die;
kill 'HUP', $program->{pid};
$program->wait_until('the bad certificate', sub { $program->log =~ /cannot be used/ });
like(tls(''), qr/CN ?= ?second.example/, 'one that cannot be used changes nothing');
is($program->stop, 0, 'it ends when told to');

# What cannot work is said at once
sub refused
{
	my ($what, $expected, @arguments) = @_;
	my ($stdout, $stderr);
	IPC::Run::run([ $program->{program}, '--listen=127.0.0.1:0', @arguments ], '>', \$stdout, '2>', \$stderr, IPC::Run::timeout(60));
	like($stderr, $expected, $what);
}
refused('no such setting', qr/there is no setting "colour"/, '--colour=red');
refused('no number', qr/workers must be a number from 1 to 64/, '--workers=many');
refused('half of TLS', qr/belong together/, '--tls_key=x');
refused('claims of anybody', qr/proxy_secret_file is missing/, '--claim.name=X-Name');
refused('interface for anybody', qr/Unix socket, or there is a json_client_ca/, '--json_listen=127.0.0.1:0');
append_to_file("$directory/short", "short\n");
refused('a secret that is none', qr/at least 32 characters/, "--proxy_secret_file=$directory/short");
append_to_file("$directory/conf", "# comment\n\nworkers = 3\nnonsense\n");
refused('a file that cannot be read', qr/line 4 of .* is not "name = value"/, "--config=$directory/conf");

done_testing();
