# SignInProxy: Apache in front of ootspg-preview as doc/preview_program.md configures it, with one of its ways to sign in, and
# a browser that goes between it and the service that signs people in.
#
#	my $proxy = SignInProxy->new($program, $directory, $service, $secret);
#	$proxy->start(['auth_openidc'], sub { changes the recipe's text });
#	my $user = $proxy->browser->go('GET', $path)->press;
package SignInProxy;

use strict;
use warnings FATAL => 'all';

use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils qw(slurp_file);
use POSIX ();
use TestServer;

my $modules = '/usr/lib/apache2/modules';
my $apache = (grep { -x } map { "$_/apache2" } split /:/, "$ENV{PATH}:/usr/sbin")[0];
my $host = 'preview.civil.example.lv';

# has(module): Apache is installed with it
sub has { my ($module) = @_; return $apache && -e "$modules/mod_$module.so"; }

sub host { return $host; }

# manual(language, word): the first block of the manual in the language that has the word
sub manual
{
	my ($language, $word) = @_;
	my ($block) = grep { /$word/ } slurp_file('doc/preview_program.md') =~ /^```$language\n(.*?)^```$/msg;
	return $block // die "the manual has no $language with $word";
}

# The settings of the program that a block of the manual names, as options; a secret that it shares with the proxy in the file
sub settings
{
	my ($directory, $secret, $block) = @_;
	open my $out, '>', "$directory/secret" or die $!;
	print $out $secret;
	close $out;
	$block =~ s{/etc/ootspg/proxy-secret}{$directory/secret};
	return ("listen=unix:$directory/preview.sock", 'forwarded=on', map { s/ = /=/r } split /\n/, $block);
}

# The manual's recipe for OpenID Connect with the service's address and secrets of the test
sub openid_recipe
{
	my ($service) = @_;
	my $recipe = manual('apache', 'OIDCClientID');
	$recipe =~ s{(OIDCProviderMetadataURL +)\S+}{$1$service->{issuer}/.well-known/openid-configuration};
	$recipe =~ s{(OIDCClientSecret +)\S+}{$1$service->{secret}};
	$recipe =~ s{(OIDCCryptoPassphrase +)\S+}{$1a-passphrase-of-this-test};
	# the manual says it of releases before 2.4.15
	my ($release) = slurp_file("$modules/mod_auth_openidc.so") =~ /mod_auth_openidc-2\.4\.(\d+)/;
	$recipe =~ s{(OIDCPassClaimsAs +headers) none}{$1} if defined $release && $release < 15;
	return $recipe;
}

# The manual's recipe for SAML with a pair of keys and what the service tells of itself
sub saml_recipe
{
	my ($directory, $service) = @_;
	my $recipe = manual('apache', 'MellonEnable');

	TestServer::run_openssl(qw(req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=preview -keyout), "$directory/saml.key", '-out', "$directory/saml.pem");
	open my $out, '>', "$directory/identity-service.xml" or die $!;
	print $out $service->kept('metadata');
	close $out;
	$recipe =~ s{/etc/ssl/private/preview-saml\.key}{$directory/saml.key};
	$recipe =~ s{/etc/ssl/preview-saml\.pem}{$directory/saml.pem};
	$recipe =~ s{/etc/ootspg/identity-service\.xml}{$directory/identity-service.xml};
	return $recipe;
}

sub new
{
	my ($class, $program, $directory, $service, $secret) = @_;
	TestServer::run_openssl(qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout), "$directory/key.pem", '-out', "$directory/certificate.pem");
	return bless { program => $program, directory => $directory, service => $service, secret => $secret, port => PostgreSQL::Test::Cluster::get_free_port() }, $class;
}

# start(modules, recipe): the manual's site with the recipe in it, but for addresses and files
sub start
{
	my ($self, $more_modules, $recipe) = @_;
	my ($directory, $port, $site) = (@$self{qw(directory port)}, manual('apache', 'VirtualHost'));

	$recipe =~ s{the secret of the file}{$self->{secret}};
	$site =~ s{</VirtualHost>}{$recipe</VirtualHost>};
	$site =~ s{\*:443}{127.0.0.1:$port};
	$site =~ s{/etc/ssl/preview\.pem}{$directory/certificate.pem};
	$site =~ s{/etc/ssl/private/preview\.key}{$directory/key.pem};
	$site =~ s{/run/ootspg-preview\.sock}{$directory/preview.sock};
	open my $out, '>', "$directory/apache.conf" or die $!;
	print $out "ServerRoot $directory\nPidFile $directory/apache.pid\nServerName localhost\nErrorLog $directory/apache-error.log\nListen 127.0.0.1:$port\nMutex file:$directory default\n",
	  (map { "LoadModule ${_}_module $modules/mod_$_.so\n" } qw(mpm_event authn_core authz_core authz_user ssl socache_shmcb proxy proxy_http headers), @$more_modules), $site;
	close $out;
	$self->{pid} = fork // die "fork: $!";
	if ($self->{pid} == 0)
	{
		open STDERR, '>>', "$directory/apache.log";
		exec($apache, '-DFOREGROUND', '-f', "$directory/apache.conf") or POSIX::_exit(127);
	}
	$self->{program}->wait_until('apache listens', sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or (waitpid($self->{pid}, POSIX::WNOHANG()) and die 'apache2 ended: ' . $self->logged) });
	return;
}

sub stop
{
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;
	local $?;
	kill 'TERM', $pid;
	waitpid $pid, 0;
	return;
}

sub DESTROY { my ($self) = @_; $self->stop; return; }

sub logged { my ($self) = @_; return join '', map { slurp_file($_) } glob "$self->{directory}/*.log"; }

sub browser { my ($self) = @_; return bless { proxy => $self, cookies => {}, headers => '' }, 'SignInProxy::Browser'; }

# A browser that keeps cookies by their SameSite, and follows redirections between the site and the service.
package SignInProxy::Browser;

use strict;
use warnings FATAL => 'all';

use SignInService;

# site(method, path, body, foreign): one request to the proxy; foreign: a form of another site sends it
sub site
{
	my ($self, $method, $path, $body, $foreign) = @_;
	my ($port, $file) = ($self->{proxy}{port}, "$self->{proxy}{directory}/request");
	my $cookies = join '; ', map { "$_=$self->{cookies}{$_}[0]" } grep { !($foreign && $method eq 'POST' && $self->{cookies}{$_}[1] ne 'none') } sort keys %{ $self->{cookies} };
	my $request = "$method $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\nAccept: text/html,*/*\r\nAccept-Language: en\r\n$self->{headers}" . ($cookies ? "Cookie: $cookies\r\n" : '')
	  . (defined $body ? "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " . length($body) . "\r\n" : '') . "\r\n" . ($body // '');
	open my $out, '>:raw', $file or die $!;
	print $out $request;
	close $out;
	my $answer = qx(openssl s_client -connect 127.0.0.1:$port -quiet -ign_eof <$file 2>/dev/null);
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

# go(method, path, body): where it ends; the service's form, should it answer by one, is handed in from the service's own site
sub go
{
	my ($self, $method, $path, $body) = @_;
	my ($proxy, $foreign) = ($self->{proxy}, 0);
	my ($service, $port) = @$proxy{qw(service port)};
	for (1 .. 10)
	{
		$self->site($method, $path, $body, $foreign);
		($method, $body, $foreign) = ('GET', undef, 0);
		last unless $self->{status} =~ /^30[23]$/;
		my $location = $self->{location};
		if ($location =~ /^\Q$service->{issuer}\E(.*)/)
		{
			my $answer = $service->request('GET', $1, { Connection => 'close' }, '');
			delete $service->{socket};
			($self->{status}, $self->{page}) = @$answer{qw(status content)};
			$location = $answer->{headers}{location} // '';
			if ($answer->{content} =~ /<form method="post" action="([^"]+)"/)
			{
				($location, $method, $foreign) = ($1, 'POST', 1);
				$body = join '&', map { my ($n, $v) = @$_; "$n=" . SignInService::escaped($v) } map { [ /name="([^"]+)" value="([^"]*)"/ ] } $answer->{content} =~ /<input [^>]*>/g;
				$self->{handed_in} = [ $location, $body ];
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

1;
