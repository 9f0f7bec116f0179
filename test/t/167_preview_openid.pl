# Signing in once more by OpenID Connect, for real: Apache with mod_auth_openidc as doc/preview_program.md configures it, a
# provider, the program and the database. Wrong claims, wrong tokens and headers from outside open nothing.
use strict;
use warnings FATAL => 'all';
use utf8;

use IO::Socket::INET;
use OotspgTest;
use OpenIdProvider;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use RegistryTest;
use Test::More;

my $modules = '/usr/lib/apache2/modules';
my $apache = (grep { -x } map { "$_/apache2" } split /:/, "$ENV{PATH}:/usr/sbin")[0];
plan(skip_all => 'apache2 with mod_auth_openidc is not installed') unless $apache and -e "$modules/mod_auth_openidc.so";

my $node = start_node('openid');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file("test/fixtures/$_.sql")) for qw(ask preview);
$node->safe_psql('postgres', q{CREATE ROLE preview_space LOGIN; SELECT ootspg.grant_duty('preview_space', 'preview');
	UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = (ootspg.new_matching_key()).public_key;
	UPDATE ootspg.evidence_type SET reauthentication = 'required' WHERE evidence_type = 'award'});
$node->{preview_role} = 'preview_space';

my $host = 'preview.civil.example.lv';
my $secret = 'a secret that proxy and program share, long enough';
my $directory = PostgreSQL::Test::Utils::tempdir_short();
append_to_file("$directory/secret", $secret);
TestServer::run_openssl(qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout), "$directory/key.pem", '-out', "$directory/certificate.pem");
my $manual = slurp_file('doc/preview_program.md');
my ($settings) = $manual =~ /^```conf\n(proxy_secret_file.*?)^```$/ms or die 'the manual has no settings';
$settings =~ s{/etc/ootspg/proxy-secret}{$directory/secret};
my $program = PreviewProgram->new($node, "listen=unix:$directory/preview.sock", 'forwarded=on', map { s/ = /=/r } split /\n/, $settings)
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');
my $provider = OpenIdProvider->new('preview', 'the-secret-of-the-client', "https://$host/p/signin/return");

my $port = do { my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) // die "listen: $!"; $probe->sockport };
my $pid;

# Apache by the manual's own words, but for addresses and files
sub start_apache
{
	my (@more) = @_;
	my ($site, $openid) = $manual =~ /^```apache\n(.*?)^```$/msg or die 'the manual has no recipe';
	$openid =~ s{(OIDCProviderMetadataURL +)\S+}{$1$provider->{issuer}/.well-known/openid-configuration};
	$openid =~ s{(OIDCClientSecret +)\S+}{$1$provider->{secret}};
	$openid =~ s{(OIDCCryptoPassphrase +)\S+}{$1a-passphrase-of-this-test};
	$openid =~ s{the secret of the file}{$secret};
	$openid .= join '', map { "$_\n" } @more;
	$site =~ s{</VirtualHost>}{$openid</VirtualHost>};
	$site =~ s{\*:443}{127.0.0.1:$port};
	$site =~ s{/etc/ssl/preview\.pem}{$directory/certificate.pem};
	$site =~ s{/etc/ssl/private/preview\.key}{$directory/key.pem};
	$site =~ s{/run/ootspg-preview\.sock}{$directory/preview.sock};
	open my $out, '>', "$directory/apache.conf" or die $!;
	print $out "ServerRoot $directory\nPidFile $directory/apache.pid\nServerName localhost\nErrorLog $directory/apache-error.log\nListen 127.0.0.1:$port\nMutex file:$directory default\n",
	  (map { "LoadModule ${_}_module $modules/mod_$_.so\n" } qw(mpm_event authn_core authz_core authz_user ssl socache_shmcb proxy proxy_http headers auth_openidc)), $site;
	close $out;
	$pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDERR, '>>', "$directory/apache.log";
		exec($apache, '-DFOREGROUND', '-f', "$directory/apache.conf") or POSIX::_exit(127);
	}
	$program->wait_until('apache listens', sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or (waitpid($pid, POSIX::WNOHANG()) and die 'apache2 ended: ' . slurp_file("$directory/apache.log")) });
	return;
}

sub stop_apache { kill 'TERM', $pid; waitpid $pid, 0; return; }

# A browser that keeps cookies by their SameSite, and follows redirections between the site and the provider.
package Walker
{
	sub new { return bless { cookies => {}, headers => '' }, shift; }

	sub site
	{
		my ($self, $method, $path, $body, $foreign) = @_;
		my $cookies = join '; ', map { "$_=$self->{cookies}{$_}[0]" } grep { !($foreign && $method eq 'POST' && $self->{cookies}{$_}[1] ne 'none') } sort keys %{ $self->{cookies} };
		my $request = "$method $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\nAccept: text/html,*/*\r\nAccept-Language: en\r\n$self->{headers}" . ($cookies ? "Cookie: $cookies\r\n" : '')
		  . (defined $body ? "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " . length($body) . "\r\n" : '') . "\r\n" . ($body // '');
		open my $out, '>:raw', "$directory/request" or die $!;
		print $out $request;
		close $out;
		my $answer = qx(openssl s_client -connect 127.0.0.1:$port -quiet -ign_eof <$directory/request 2>/dev/null);
		my ($head, $content) = split /\r\n\r\n/, $answer, 2;
		while ($head =~ /^Set-Cookie: ([^=]+)=([^;\r]*)([^\r]*)/mgi)
		{
			my ($name, $value, $rest) = ($1, $2, $3);
			if ($value eq '' or $rest =~ /expires=Thu, 01.Jan.1970/i) { delete $self->{cookies}{$name} }
			else { $self->{cookies}{$name} = [ $value, lc($rest =~ /SameSite=(\w+)/i ? $1 : 'lax') ] }
		}
		($self->{status}) = $head =~ /^HTTP\/1.1 (\d+)/;
		($self->{location}) = $head =~ /^Location: (\S+)/mi;
		$self->{page} = $content // '';
		return $self;
	}

	# go(path): where it ends; the provider's form, should it answer by one, is handed in from the provider's own site
	sub go
	{
		my ($self, $method, $path, $body) = @_;
		my $foreign = 0;
		for (1 .. 10)
		{
			$self->site($method, $path, $body, $foreign);
			($method, $body, $foreign) = ('GET', undef, 0);
			last unless $self->{status} =~ /^30[23]$/;
			my $location = $self->{location};
			if ($location =~ /^\Q$provider->{issuer}\E(.*)/)
			{
				my $answer = $provider->request('GET', $1, { Connection => 'close' }, '');
				delete $provider->{socket};
				($self->{status}, $self->{page}) = @$answer{qw(status content)};
				$location = $answer->{headers}{location} // '';
				if ($answer->{content} =~ /<form method="post" action="([^"]+)"/)
				{
					($location, $method, $foreign) = ($1, 'POST', 1);
					$body = join '&', map { my ($n, $v) = @$_; "$n=" . OpenIdProvider::escaped($v) } map { [ /name="([^"]+)" value="([^"]*)"/ ] } $answer->{content} =~ /<input [^>]*>/g;
				}
			}
			$path = $location =~ m{^https://\Q$host\E(?::$port)?(/.*)} ? $1 : $location =~ m{^/} ? $location : last;
		}
		$self->{path} = $path;
		return $self;
	}

	sub heading { my ($self) = @_; my ($text) = $self->{page} =~ m{<h1[^>]*>(.*?)</h1>}s; return "$self->{status} " . (($text // '') =~ s/<[^>]*>//gr); }

	sub submit
	{
		my ($self, $wanted) = @_;
		my ($action, $body) = $self->{page} =~ m{<form method="post"[^>]* action="([^"]*$wanted[^"]*)"[^>]*>(.*?)</form>}s or die "no form $wanted in $self->{page}";
		my ($token) = $body =~ /name="form" value="([^"]+)"/;
		return $self->go('POST', $action, "form=$token");
	}

	sub press { my ($self) = @_; my ($path) = $self->{page} =~ /<a class="button" href="([^"]+)"/; return $self->go('GET', $path =~ s/&amp;/&/gr); }
}

sub value { return $node->safe_psql('postgres', shift) }
sub first
{
	my ($name) = @_;
	is(value("SELECT first('$name', award_request('oots-edm:v2.0'), test_header('oots-edm:v2.0'))"), 'preview EDM:ERR:0002', "$name: a link");
	return '/p/' . value("SELECT link('$name')");
}
# at_the_button(name): somebody who has opened the link, and is asked to sign in
sub at_the_button
{
	my ($name) = @_;
	my $user = Walker->new->go('GET', first($name))->submit('/open');
	is($user->heading, '200 Sign in once more', "$name: nothing is shown before");
	return $user;
}
my %right = (family_name => 'OZOLIŅŠ', given_name => 'Jānis', birthdate => '1990-01-01');

start_apache();
$provider->be(%right);
my $user = at_the_button('right');
$user->press;
is($user->heading, '200 You are signed in', 'by the provider and back');
is(value(q{SELECT count(*) FROM ootspg.exchange_event WHERE event_type LIKE 'preview%authenticated'}), 0, 'nothing was compared by a GET');
like(JSON::PP::decode_json($provider->kept('asked'))->{prompt}, qr/^login$/, 'the provider was asked for a sign-in of now');
$user->submit('/signin/');
is($user->heading, '200 Look at your documents and decide', 'the right person sees the documents');
is(value(q{SELECT event_type FROM ootspg.exchange_event WHERE event_type LIKE 'preview%authenticated'}), 'preview_authenticated', 'which is in the audit');

# Somebody else: nothing is shown; who leaves and signs in again as himself goes on
$provider->be(%right, given_name => 'Kārlis');
$user = at_the_button('wrong')->press->submit('/signin/');
is($user->heading, '403 You are signed in as somebody else', 'another name');
unlike($user->{page}, qr/Kārlis|OZOL|medal/i, '... nobody is named');
$provider->be(%right);
$user->press;
is($user->heading, '200 You are signed in', 'signed out and in again');
$user->submit('/signin/');
is($user->heading, '200 Look at your documents and decide', '... as the right person');
$provider->be(%right, birthdate => '1990-01-02');
is(at_the_button('born')->press->submit('/signin/')->heading, '403 You are signed in as somebody else', 'another date of birth');
$provider->be(family_name => 'Ozoliņš');
is(at_the_button('half')->press->submit('/signin/')->heading, '403 You are signed in as somebody else', 'claims that are missing');

# Headers from outside say nothing, whatever they are called
$provider->be(%right, family_name => 'Kalniņš');
$user = at_the_button('headers');
my $link = value("SELECT link('headers')");
my %forged = (family_name => 'Ozoliņš', given_name => 'Jānis', birthdate => '1990-01-01');
my $forged = '';
for my $prefix (qw(OIDC_CLAIM_ oidc_claim_ OIDC-CLAIM- Oidc_Claim-))
{
	$forged .= "$prefix$_: $forged{$_}\r\n" for sort keys %forged;
}
utf8::encode($forged);
$user->{headers} = "X-Ootspg-Proxy: $secret\r\n$forged";
is($user->site('GET', "/p/signin/$link")->{status}, 302, 'with the headers of a proxy, but no sign-in: to the provider');
for my $path ("//p/signin/$link", "/p//signin/$link", "/p/%73ignin/$link", "/p/x/../signin/$link", "/p/SIGNIN/$link", "/signin/$link")
{
	$user->site('GET', $path);
	isnt($user->heading, '200 You are signed in', "... nor by $path");
}
$user->go('GET', "/p/signin/$link")->submit('/signin/');
is($user->heading, '403 You are signed in as somebody else', 'signed in: the headers of the proxy count, not his');

# Tokens that are none
for my $fault (qw(key issuer audience nonce expired denied))
{
	$provider->be(%right);
	$user = at_the_button($fault);
	$provider->fault($fault);
	$user->press;
	unlike($user->heading, qr/You are signed in/, "$fault: refused by the proxy");
	$provider->fault('');
	$user->go('GET', "/p/signin/" . value("SELECT link('$fault')"));
	is($user->heading, '200 You are signed in', "$fault: a good one afterwards is taken");
}
is($user->go('GET', '/p/signin/return?code=code-1&state=guess')->{status} >= 400 ? 'refused' : 'taken', 'refused', 'an answer that nobody asked for');

# A provider that answers by a form from its own site: its answer comes by POST without our cookie, and the way goes on by GET
stop_apache();
start_apache('OIDCResponseMode form_post', 'OIDCCookieSameSite Off');
$user = at_the_button('form')->press;
is($user->heading, '200 You are signed in', 'form_post: back');
$user->submit('/signin/');
is($user->heading, '200 Look at your documents and decide', 'form_post: the same browser, the documents');

stop_apache();
$provider->stop;
my $tokens = value("SELECT string_agg(link, '|') FROM asked_for WHERE link IS NOT NULL");
my $logged = join '', $program->log, map { -e $_ ? slurp_file($_) : '' } glob "$directory/*.log";
unlike($logged, qr/$tokens|OZOLI|Kalni/, 'no link and no name in any log');
is($program->stop, 0, 'it ends');
done_testing();
