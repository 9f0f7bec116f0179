# OpenIdProvider: a service that signs people in by OpenID Connect (discovery, authorization code, ID token by RS256,
# keys, user information), as far as a proxy in front of a preview needs one.
package OpenIdProvider;

use strict;
use warnings FATAL => 'all';

use parent 'SignInService';

use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64url);

# new(client, secret, redirect address): started. Its faults: denied: the user gives up; key: the token is signed by another
# key; issuer, audience, nonce, expired: it is one of somebody else's, or of yesterday.
sub new
{
	my ($class, $client, $secret, $redirect) = @_;
	my $self = $class->create('openid provider', client => $client, secret => $secret, redirect => $redirect);
	TestServer::run_openssl(qw(genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out), $self->file("$_.pem")) for qw(own strange);
	$self->begin;
	return $self;
}

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
	return [ 302, 'text/plain', '', "Location: $self->{redirect}?" . join '&', map { "$_=" . SignInService::escaped($back{$_}) } sort keys %back ];
}

sub token
{
	my ($self, $request) = @_;
	my ($basic) = ($request->{headers}{authorization} // '') =~ /^Basic (\S+)/;
	my $nonce = delete $self->{nonces}{ $request->{fields}{code} // '' };
	return [ 401, 'application/json', '{"error": "invalid_client"}' ] unless decode_base64($basic // '') eq join ':', map { SignInService::escaped($_) } $self->{client}, $self->{secret};
	return [ 400, 'application/json', '{"error": "invalid_grant"}' ] unless defined $nonce and $request->{fields}{redirect_uri} eq $self->{redirect};
	my $fault = $self->kept('fault');
	my $now = time;
	my %claims = (sub => 'somebody', %{ decode_json($self->kept('claims')) }, iss => $self->{issuer}, aud => $self->{client}, iat => $now, exp => $now + 300, nonce => $nonce);
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
	return json({ sub => 'somebody', %{ decode_json($self->kept('claims')) } });
}

1;
