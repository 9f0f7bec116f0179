# OpenIdProvider: a service that signs people in by OpenID Connect (discovery, authorization code, ID token by RS256,
# keys, user information), as far as a proxy in front of a preview needs one. Whoever comes is who be() said last, without
# being asked for a password; fault() makes the next answers wrong in one way each.
package OpenIdProvider;

use strict;
use warnings FATAL => 'all';

use parent 'TestServer';

use File::Temp;
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64 encode_base64url);
use POSIX ();

# new(client, secret, redirect address): started
sub new
{
	my ($class, $client, $secret, $redirect) = @_;
	my $self = bless { name => 'openid provider', directory => File::Temp->newdir, client => $client, secret => $secret, redirect => $redirect }, $class;
	my $listener = IO::Socket::INET->new(Listen => 16, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1) // die "listen: $!";
	$self->{plain_port} = $listener->sockport;
	$self->{issuer} = "http://127.0.0.1:$self->{plain_port}";
	TestServer::run_openssl(qw(genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out), $self->file("$_.pem")) for qw(own strange);
	$self->fault('');
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		$SIG{$_} = 'DEFAULT' for qw(TERM INT);
		eval { $self->serve($listener) };
		POSIX::_exit(1);
	}
	$self->{pid} = $pid;
	close $listener;
	return $self;
}

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
sub be { my ($self, %claims) = @_; $self->keep('claims', encode_json({ sub => 'somebody', %claims })); return; }

# '': none. denied: the user gives up; key: the token is signed by another key; issuer, audience, nonce, expired: it is one of
# somebody else's, or of yesterday.
sub fault { my ($self, $fault) = @_; $self->keep('fault', $fault); return; }

sub serve
{
	my ($self, $listener) = @_;
	while (my $socket = $listener->accept)
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

sub answer
{
	my ($self, $request) = @_;
	my $path = $request->{path};
	my $issuer = $self->{issuer};

	return json({ issuer => $issuer, authorization_endpoint => "$issuer/authorize", token_endpoint => "$issuer/token", userinfo_endpoint => "$issuer/userinfo", jwks_uri => "$issuer/keys",
		end_session_endpoint => "$issuer/leave", response_types_supported => ['code'], response_modes_supported => [qw(query form_post)], subject_types_supported => ['public'],
		id_token_signing_alg_values_supported => ['RS256'], token_endpoint_auth_methods_supported => ['client_secret_basic'] })
	  if $path eq '/.well-known/openid-configuration';
	return json({ keys => [ $self->public_key ] }) if $path eq '/keys';
	return $self->authorize($request->{fields}) if $path eq '/authorize';
	return $self->token($request) if $path eq '/token';
	return $self->user_information($request) if $path eq '/userinfo';
	return [ 302, 'text/plain', '', "Location: $request->{fields}{post_logout_redirect_uri}" ] if $path eq '/leave';
	return [ 404, 'text/plain', 'nothing here' ];
}

sub json { my ($value) = @_; return [ 200, 'application/json', encode_json($value) ]; }

sub public_key
{
	my ($self) = @_;
	my ($modulus) = qx(openssl rsa -in @{[ $self->file('own.pem') ]} -noout -modulus 2>/dev/null) =~ /=([0-9A-F]+)/ or die 'no modulus';
	return { kty => 'RSA', use => 'sig', alg => 'RS256', kid => 'own', n => encode_base64url(pack 'H*', $modulus), e => 'AQAB' };
}

# The user is known at sight, and leads back with a code, which is good for once.
sub authorize
{
	my ($self, $asked) = @_;
	my %wanted = (client_id => $self->{client}, redirect_uri => $self->{redirect}, response_type => 'code');
	for my $name (sort keys %wanted)
	{
		return [ 400, 'text/plain', "not our $name: " . ($asked->{$name} // 'none') ] if ($asked->{$name} // '') ne $wanted{$name};
	}
	$self->keep('asked', encode_json($asked));
	my %back = (state => $asked->{state});
	if ($self->kept('fault') eq 'denied') { $back{error} = 'access_denied' }
	else
	{
		$back{code} = 'code-' . ++$self->{codes};
		$self->{nonces}{ $back{code} } = $asked->{nonce};
	}
	if (($asked->{response_mode} // '') eq 'form_post')
	{
		my $fields = join '', map { "<input type=\"hidden\" name=\"$_\" value=\"$back{$_}\">" } sort keys %back;
		return [ 200, 'text/html', "<form method=\"post\" action=\"$self->{redirect}\">$fields<button>Go</button></form>" ];
	}
	return [ 302, 'text/plain', '', "Location: $self->{redirect}?" . join '&', map { "$_=" . escaped($back{$_}) } sort keys %back ];
}

sub token
{
	my ($self, $request) = @_;
	my ($basic) = ($request->{headers}{authorization} // '') =~ /^Basic (\S+)/;
	my $nonce = delete $self->{nonces}{ $request->{fields}{code} // '' };
	return [ 401, 'application/json', '{"error": "invalid_client"}' ] unless decode_base64($basic // '') eq join ':', map { escaped($_) } $self->{client}, $self->{secret};
	return [ 400, 'application/json', '{"error": "invalid_grant"}' ] unless defined $nonce and $request->{fields}{redirect_uri} eq $self->{redirect};
	my $fault = $self->kept('fault');
	my $now = time;
	my %claims = (%{ decode_json($self->kept('claims')) }, iss => $self->{issuer}, aud => $self->{client}, iat => $now, exp => $now + 300, nonce => $nonce);
	$claims{iss} = 'https://evil.example' if $fault eq 'issuer';
	$claims{aud} = 'somebody-else' if $fault eq 'audience';
	$claims{nonce} = 'another' if $fault eq 'nonce';
	@claims{qw(iat exp)} = ($now - 7200, $now - 3600) if $fault eq 'expired';
	return json({ access_token => 'open-' . $request->{fields}{code}, token_type => 'Bearer', expires_in => 300, id_token => $self->signed(\%claims, $fault) });
}

sub signed
{
	my ($self, $claims, $fault) = @_;
	my $text = join '.', map { encode_base64url(encode_json($_)) } { alg => 'RS256', kid => 'own', typ => 'JWT' }, $claims;
	$self->keep('signed', $text);
	my ($key, $file) = ($self->file($fault eq 'key' ? 'strange.pem' : 'own.pem'), $self->file('signed'));
	return "$text." . encode_base64url(scalar qx(openssl dgst -sha256 -sign $key $file));
}

sub user_information
{
	my ($self, $request) = @_;
	return [ 401, 'text/plain', 'no token' ] unless ($request->{headers}{authorization} // '') =~ /^Bearer open-code-/;
	return json(decode_json($self->kept('claims')));
}

1;
