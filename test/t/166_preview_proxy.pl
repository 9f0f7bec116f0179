# ootspg-preview behind nginx and Apache as doc/preview_program.md says: the manual's own words are the configuration. A
# server that is not installed is left out.
use strict;
use warnings FATAL => 'all';

use IO::Socket::INET;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use Test::More;

my %binary;
$binary{apache} = (grep { -x } map { "$_/apache2" } split /:/, "$ENV{PATH}:/usr/sbin")[0];
$binary{nginx} = (grep { -x } map { "$_/nginx" } split /:/, "$ENV{PATH}:/usr/sbin")[0];
my @servers = grep { $binary{$_} } qw(nginx apache) or plan(skip_all => 'neither nginx nor apache2 is installed');

my $node = start_node('proxy');
$node->safe_psql('postgres', slurp_file('test/preview/fake.sql'));
my $directory = PostgreSQL::Test::Utils::tempdir_short();
my $secret = 'a secret that proxy and program share, long enough';
append_to_file("$directory/secret", $secret);
TestServer::run_openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', "$directory/key.pem", '-out', "$directory/certificate.pem", '-subj', '/CN=localhost', '-days', '2');
my $program = PreviewProgram->new($node, "listen=unix:$directory/preview.sock", 'forwarded=on', "proxy_secret_file=$directory/secret", 'claim.family_name=X-Family')
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');
my $manual = slurp_file('doc/preview_program.md');

# The manual's block with this test's addresses and files
sub recipe
{
	my ($language, $port) = @_;
	my ($text) = $manual =~ /^```$language\n(.*?)^```$/ms or die "no block of $language";
	$text =~ s{listen 443 ssl}{listen 127.0.0.1:$port ssl};
	$text =~ s{\*:443}{127.0.0.1:$port};
	$text =~ s{/etc/ssl/preview\.pem}{$directory/certificate.pem}g;
	$text =~ s{/etc/ssl/private/preview\.key}{$directory/key.pem}g;
	$text =~ s{/var/log/nginx/error\.log}{$directory/nginx-error.log}g;
	$text =~ s{/run/ootspg-preview\.sock}{$directory/preview.sock}g;
	return $text;
}

my %configuration = (
	nginx => sub {
		my $temporary = join '', map { "${_}_temp_path $directory/$_;\n" } qw(client_body proxy fastcgi uwsgi scgi);
		return "daemon off;\npid $directory/nginx.pid;\nerror_log $directory/nginx-error.log;\nevents {}\nhttp {\n$temporary" . recipe('nginx', shift) . "}\n";
	},
	apache => sub {
		my $port = shift;
		my $modules = join '', map { "LoadModule ${_}_module /usr/lib/apache2/modules/mod_$_.so\n" } qw(mpm_event authz_core ssl socache_shmcb proxy proxy_http headers);
		return "ServerRoot $directory\nPidFile $directory/apache.pid\nServerName localhost\nErrorLog $directory/apache-error.log\nListen 127.0.0.1:$port\nMutex file:$directory default\n$modules" . recipe('apache', $port);
	});

my $port;
sub ask
{
	my ($request, $body) = @_;
	append_to_file("$directory/request", '');
	open my $out, '>:raw', "$directory/request" or die $!;
	print $out "$request\r\nHost: preview.civil.example.lv\r\nConnection: close\r\n" . (defined $body ? "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " . length($body) . "\r\n" : '') . "\r\n" . ($body // '');
	close $out;
	return scalar qx(openssl s_client -connect 127.0.0.1:$port -quiet -ign_eof <$directory/request 2>/dev/null);
}

for my $server (@servers)
{
	$port = PostgreSQL::Test::Cluster::get_free_port();	# no other test takes it meanwhile
	open my $out, '>', "$directory/$server.conf" or die $!;
	print $out $configuration{$server}->($port);
	close $out;
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDERR, '>>', "$directory/$server.log";
		exec($binary{$server}, $server eq 'nginx' ? ('-p', $directory, '-e', "$directory/nginx-error.log", '-c', "$directory/nginx.conf") : ('-DFOREGROUND', '-f', "$directory/apache.conf")) or POSIX::_exit(127);
	}
	$program->wait_until("$server listens", sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or (waitpid($pid, POSIX::WNOHANG()) and die "$server ended: " . slurp_file("$directory/$server.log")) });

	my $path = '/' . PreviewProgram::link_of('welcome');
	my $answer = ask("GET $path HTTP/1.1");
	like($answer, qr/^HTTP\/1.1 200 .*has asked for a document|^HTTP\/1.1 200 .*lūgusi dokumentu/s, "$server: the page");
	like($answer, qr/\r\nStrict-Transport-Security: max-age=31536000\r\n/i, "$server: HSTS");
	like($answer, qr/\r\nCache-Control: no-store\r\n/i, "$server: the program's headers");
	like(ask("POST $path?returnurl=https%3A%2F%2Fportal.example%2F HTTP/1.1", 'a=b'), qr/^HTTP\/1.1 303 .*\r\nLocation: (https:\/\/preview.civil.example.lv)?\Q$path\E\?returnurl=https%3A%2F%2Fportal.example%2F\r\n/s, "$server: redirections");
	like(ask("POST $path/choose HTTP/1.1", 'x' x 100_000), qr/^HTTP\/1.1 (413|502) /, "$server: too large");
	$node->safe_psql('postgres', 'TRUNCATE preview_fake.call');
	ask('GET /' . PreviewProgram::link_of('unknown') . " HTTP/1.1\r\nX-Forwarded-For: 203.0.113.5");
	is($node->safe_psql('postgres', q{SELECT detail->>'source' FROM preview_fake.call}), '127.0.0.1', "$server: what a client says of its address is not believed");
	unlike(ask('GET /signin/' . PreviewProgram::link_of('authenticate') . " HTTP/1.1\r\nX-Ootspg-Proxy: $secret\r\nX-Family: B"), qr/^HTTP\/1.1 200/, "$server: a client that knows the secret cannot use it");
	my $logged = join '', map { -e $_ ? slurp_file($_) : '' } glob "$directory/*.log";
	unlike($logged, qr/_{5}/, "$server: no link in its logs");
	kill 'TERM', $pid;
	waitpid $pid, 0;
}
is($program->stop, 0, 'it ends');
done_testing();
