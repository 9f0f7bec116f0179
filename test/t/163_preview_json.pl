# The JSON interface of ootspg-preview for platforms with pages of their own, and that its description says what it does.
use strict;
use warnings FATAL => 'all';

use IO::Socket::UNIX;
use JSON::PP;
use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use Test::More;
use utf8;

my $node = start_node('json');
$node->safe_psql('postgres', slurp_file('test/preview/fake.sql'));
my $program = PreviewProgram->new($node)
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');
my $description = decode_json(slurp_file('doc/preview_openapi.json'));
my $browser = 'b' x 43;
my %answered;

sub value { return $node->safe_psql('postgres', shift) }

# Over the Unix socket; the answer must be one that the description has.
sub ask
{
	my ($method, $path, $body, %headers) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => "$program->{directory}/json") or die "json: $!";
	my $content = defined $body ? ref $body ? encode_json($body) : $body : '';
	%headers = ('Ootspg-Browser' => $browser, %headers);
	print $socket "$method $path HTTP/1.1\r\nHost: x\r\n", (map { "$_: $headers{$_}\r\n" } grep { defined $headers{$_} } keys %headers),
	  'Content-Length: ' . length($content) . "\r\n\r\n$content";
	$socket->flush;
	my $answer = TestServer::read_answer($socket);
	$answer->{json} = decode_json($answer->{content}) if $answer->{headers}{'content-type'} =~ /json/;
	my $template = $path =~ s/\?.*//r =~ s{/previews/[\w-]{43}}{/previews/{link}}r =~ s{/pieces/\d+}{/pieces/{piece}}r =~ s{/parts/\d+}{/parts/{part}}r;
	my $described = $description->{paths}{$template}{ lc $method };
	if ($described)
	{
		my $response = $described->{responses}{ $answer->{status} };
		ok($response, "$method $template: $answer->{status} is described");
		$answered{"$method $template"} = 1;
	}
	return $answer;
}

my $list = '/v1/previews/' . PreviewProgram::link_of('list');
my $welcome = '/v1/previews/' . PreviewProgram::link_of('welcome');

is(ask('GET', '/v1/settings')->{json}{authority}{en}, 'Civil Register of Latvia', 'settings');
my $answer = ask('GET', $list);
is($answer->{json}{page}, 'list', 'a look');
is($answer->{json}{pieces}[0]{titles}{lv}, 'Dzimšanas apliecība', 'in Unicode');
is($answer->{headers}{'cache-control'}, 'no-store', 'kept nowhere');
is(ask('GET', '/v1/previews/' . PreviewProgram::link_of('unknown'))->{content}, "{\"page\": \"neutral\"}\n", 'an unknown link');
is(ask('POST', "$welcome/open", { return_url => 'https://portal.example/', return_method => 'GET' })->{json}{page}, 'list', 'open');
is(value("SELECT detail FROM preview_fake.call WHERE what = 'open'"), '{"url": "https://portal.example/", "method": "GET"}', 'with the way back');
is(ask('GET', $welcome, undef, 'Ootspg-Browser' => 'c' x 43)->{json}{page}, 'other_browser', 'bound to the browser');
is(ask('POST', '/v1/previews/' . PreviewProgram::link_of('authenticate') . '/authentication', { family_name => 'Bērziņš' })->{json}{page}, 'list', 'sign in');
is_deeply(ask('POST', '/v1/previews/' . PreviewProgram::link_of('more') . '/attributes', { PlaceOfBirth => '', DateOfBirth => 'x' })->{json},
	{ errors => { PlaceOfBirth => 'missing', DateOfBirth => 'invalid' } }, 'attributes that are wrong');
$answer = ask('GET', "$list/pieces/1/parts/1");
is("$answer->{headers}{'content-type'} " . substr($answer->{content}, 0, 5), 'application/pdf %PDF-', 'a part');
like(ask('GET', '/v1/previews/' . PreviewProgram::link_of('xml') . '/pieces/1/rendering?language=de')->{content}, qr/^<article lang="de">/, 'a rendering');
is(ask('GET', "$list/pieces/9/parts/1")->{status}, 404, 'no such part');
is(ask('POST', "$list/decision", { use => [1], refuse => [] })->{json}{page}, 'waiting', 'the decision');
is(value("SELECT detail FROM preview_fake.call WHERE what = 'decide'"), '{"use": [1], "refuse": []}', 'as said');
is(ask('GET', '/healthz')->{content}, "ok\n", 'healthy');

# What is none of it
for ([ 'no JSON', '{"use"' ], [ 'no object', '[1]' ], [ 'nothing', '' ], [ 'no arrays', '{"use": 1, "refuse": []}' ], [ 'no numbers', '{"use": ["1); DROP"], "refuse": []}' ],
	[ 'one missing', '{"use": [1]}' ], [ 'a negative number', '{"use": [-1], "refuse": []}' ], [ 'deep', '[' x 5000 . ']' x 5000 ], [ 'no UTF-8', "{\"use\": [], \"refuse\": [], \"\xff\": 1}" ],
	[ 'a zero character', '{"use": [], "refuse": [], "x": "\u0000"}' ], [ 'half of a pair', '{"use": [], "refuse": [], "x": "\ud800"}' ])
{
	is(ask('POST', "$list/decision", $_->[1])->{status}, 400, "a decision of $_->[0]");
}
is(ask('POST', "$list/decision", { use => [1], refuse => [] }, 'Ootspg-Browser' => $_)->{status}, 400, 'a browser of ' . ($_ // 'none')) for undef, 'short', 'x' x 44, '%' x 43;
is(ask('GET', "$list/decision")->{status}, 405, 'a decision is no reading');
is(ask('DELETE', $list)->{status}, 405, 'nothing is deleted');
is(ask('GET', $_)->{status}, 404, "$_ is nothing") for '/', '/v1', '/v1/previews/short', "$list/x", "$list/pieces/0/parts/1", "$list/pieces/1/parts/1/x", "$list/pieces/1", '/' . PreviewProgram::link_of('list'), '/static/style.css';
is(ask('GET', '/v1/previews/' . PreviewProgram::link_of('broken'))->{status}, 422, 'an error of the database');
unlike(ask('GET', '/v1/previews/' . PreviewProgram::link_of('broken'))->{content}, qr/secret words/, 'without its words');

# Counters, without anything of whom; the interface is nowhere on the listener of the pages
PreviewProgram::Browser->new($program)->get('/' . PreviewProgram::link_of($_)) for qw(three three over);
$answer = ask('GET', '/metrics');
like($answer->{content}, qr/^ootspg_preview_pages_total\{route="link",page="list",status="200"\} 2$/m, 'pages are counted');
unlike($answer->{content}, qr/_{5}/, 'links are not');
is(PreviewProgram::Browser->new($program)->get($_)->{status}, 404, "$_ is no page") for '/metrics', '/v1/settings', $list;
my $mode = sprintf '%o', (stat "$program->{directory}/json")[2] & 0777;
is($mode, '660', 'the socket is for its user and group');

is(join(', ', grep { !$answered{$_} } map { my $path = $_; map { uc($_) . " $path" } grep { /^(get|post)$/ } keys %{ $description->{paths}{$path} } } sort keys %{ $description->{paths} }), '',
	'all that is described was asked');
is($program->stop, 0, 'it ends');

# Over the network: to those who show a certificate of the authority, and nobody else
my $directory = PostgreSQL::Test::Utils::tempdir();
my @key = qw(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2);
TestServer::run_openssl('req', '-x509', @key, '-keyout', "$directory/$_.key", '-out', "$directory/$_.pem", '-subj', "/CN=$_") for qw(server authority stranger);
for ([ 'platform', 'authority' ], [ 'intruder', 'stranger' ])
{
	my ($name, $issuer) = @$_;
	TestServer::run_openssl('req', @key, '-keyout', "$directory/$name.key", '-out', "$directory/$name.csr", '-subj', "/CN=$name");
	TestServer::run_openssl('x509', '-req', '-in', "$directory/$name.csr", '-CA', "$directory/$issuer.pem", '-CAkey', "$directory/$issuer.key", '-set_serial', 2, '-days', 2, '-out', "$directory/$name.pem");
}
$program = PreviewProgram->new($node, 'json_listen=127.0.0.1:0', "json_client_ca=$directory/authority.pem", "tls_certificate=$directory/server.pem", "tls_key=$directory/server.key");
my ($pages_port, $json_port) = $program->log =~ /listening on port (\d+)/g;
sub over_network
{
	my ($port, $path, @certificate) = @_;
	return scalar qx(printf 'GET $path HTTP/1.1\\r\\nHost: x\\r\\nOotspg-Browser: $browser\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client -quiet -connect 127.0.0.1:$port -ign_eof @certificate 2>/dev/null);
}
my $xml = '/v1/previews/' . PreviewProgram::link_of('xml');
sub shown { my ($name) = @_; return ('-cert', "$directory/$name.pem", '-key', "$directory/$name.key") }
like(over_network($json_port, $xml, shown('platform')), qr/^HTTP\/1\.1 200 .*"page": "list"/s, 'a certificate of the authority');
is(over_network($json_port, $xml), '', 'none: refused before a word');
is(over_network($json_port, $xml, shown('intruder')), '', 'one of another authority');
is(over_network($json_port, $xml, shown('stranger')), '', 'one that signs itself');
like(over_network($pages_port, '/' . PreviewProgram::link_of('welcome')), qr/^HTTP\/1\.1 200 /, 'users show none');
like(over_network($pages_port, $xml, shown('platform')), qr/^HTTP\/1\.1 404 /, 'and the interface is not there, whoever asks');
is($program->stop, 0, 'it ends');
done_testing();
