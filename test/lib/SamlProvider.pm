# SamlProvider: a service that signs people in by SAML 2.0 (requests by redirect, answers by a form, signing out by redirect),
# with the attributes and levels of eIDAS, as far as a proxy in front of a preview needs one. Assertions are signed by xmlsec1.
package SamlProvider;

use strict;
use warnings FATAL => 'all';

use parent 'SignInService';

use AccessPoint;
use Compress::Raw::Zlib;
use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64);
use POSIX qw(strftime);

my $names = 'http://eidas.europa.eu/attributes/naturalperson';
my %attributes = (family_name => 'CurrentFamilyName', given_name => 'CurrentGivenName', birthdate => 'DateOfBirth', identifier => 'PersonIdentifier');
my $asserted = 'urn:oasis:names:tc:SAML:2.0:assertion';
my $protocol = 'urn:oasis:names:tc:SAML:2.0:protocol';
my $signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
  . '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#%s"><ds:Transforms>'
  . '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>'
  . '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>';

# new(entity, where it is answered, where it is signed out): started; its description is the file metadata. Its faults: denied:
# the user gives up; key: signed by another key; unsigned; altered: another name, after it was signed; beside: an unsigned
# assertion before the signed one; issuer, audience, expired: it is one of somebody else's, or of yesterday; level: a
# low one; again: the answer to another request, once more.
sub new
{
	my ($class, $entity, $answered, $signed_out) = @_;
	my $self = $class->create('saml provider', entity => $entity, answered => $answered, signed_out => $signed_out);
	TestServer::run_openssl(qw(req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Identity -keyout), $self->file("$_.pem"), '-out', $self->file("$_.crt")) for qw(own strange);
	my $certificate = join '', $self->kept('own.crt') =~ /^([A-Za-z0-9+\/=]+)$/mg;
	$self->keep('metadata', qq{<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="$self->{issuer}"><IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="$protocol">}
		. qq{<KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>$certificate</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>}
		. qq{<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="$self->{issuer}/leave"/>}
		. qq{<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="$self->{issuer}/authorize"/></IDPSSODescriptor></EntityDescriptor>});
	$self->begin;
	return $self;
}

sub answer
{
	my ($self, $request) = @_;

	return $self->authorize($request->{fields}) if $request->{path} eq '/authorize';
	return $self->leave($request->{fields}) if $request->{path} eq '/leave';
	return [ 404, 'text/plain', 'nothing here' ];
}

# What was sent by redirect: deflated, in base64; its id, or why it is refused
sub asked
{
	my ($self, $fields) = @_;
	my $inflation = Compress::Raw::Zlib::Inflate->new(-WindowBits => -15, -LimitOutput => 0);
	my $deflated = decode_base64($fields->{SAMLRequest} // '');
	my $xml = '';
	$inflation->inflate($deflated, $xml);
	$self->keep('asked', $xml);
	my ($issuer) = $xml =~ m{<saml:Issuer>([^<]*)</saml:Issuer>};
	die "not of $self->{entity}: $xml" unless ($issuer // '') eq $self->{entity} and $fields->{Signature};
	my ($id) = $xml =~ / ID="([^"]+)"/ or die 'no id';
	return $id;
}

sub instant { my ($seconds) = @_; return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + ($seconds // 0))); }

# The user is known at sight; the answer goes through his browser.
sub authorize
{
	my ($self, $fields) = @_;
	my $request = $self->asked($fields);
	my $fault = $self->kept('fault');
	my $assertion = $fault eq 'denied' ? '' : $self->assertion($request, $fault);
	my $status = $fault eq 'denied' ? 'Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:StatusCode>' : 'Success"/>';
	my $response = qq{<samlp:Response xmlns:samlp="$protocol" xmlns:saml="$asserted" ID="_} . AccessPoint::uuid() . qq{" Version="2.0" IssueInstant="} . instant() . qq{" Destination="$self->{answered}" InResponseTo="$request">}
	  . qq{<saml:Issuer>$self->{issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:$status</samlp:Status>$assertion</samlp:Response>};
	my %form = (SAMLResponse => encode_base64($response, ''), RelayState => $fields->{RelayState});
	%form = (%{ decode_json($self->kept('sent')) }, RelayState => $fields->{RelayState}) if $fault eq 'again';
	$self->keep('sent', encode_json(\%form));
	my $inputs = join '', map { "<input type=\"hidden\" name=\"$_\" value=\"" . ($form{$_} =~ s/&/&amp;/gr) . '">' } sort keys %form;
	return [ 200, 'text/html', "<form method=\"post\" action=\"$self->{answered}\">$inputs<button>Go</button></form>" ];
}

sub assertion
{
	my ($self, $request, $fault) = @_;
	my %claims = %{ decode_json($self->kept('claims')) };
	my $xml = $self->unsigned(\%claims, $request, $fault);

	$xml = $self->signed($xml, $fault eq 'key' ? 'strange' : 'own') unless $fault eq 'unsigned';
	$xml =~ s{(<saml:AttributeValue[^>]*>)[^<]*}{$1Somebody} if $fault eq 'altered';
	$xml = $self->unsigned({ %claims, given_name => 'Somebody' }, $request, '') . $xml if $fault eq 'beside';
	return $xml;
}

sub unsigned
{
	my ($self, $claims, $request, $fault) = @_;
	my $id = '_' . AccessPoint::uuid();
	my ($issuer, $audience) = ($fault eq 'issuer' ? 'https://evil.example' : $self->{issuer}, $fault eq 'audience' ? 'https://elsewhere.example' : $self->{entity});
	my ($from, $until) = $fault eq 'expired' ? (instant(-7200), instant(-3600)) : (instant(-60), instant(300));
	my $level = $fault eq 'level' ? 'low' : 'high';
	my $attributes = join '', map {
		utf8::encode(my $value = $claims->{$_});
		qq{<saml:Attribute Name="$names/$attributes{$_}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml:AttributeValue xmlns:n="$names" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="n:$attributes{$_}Type">$value</saml:AttributeValue></saml:Attribute>}
	} grep { defined $claims->{$_} } sort keys %attributes;
	return qq{<saml:Assertion xmlns:saml="$asserted" ID="$id" Version="2.0" IssueInstant="} . instant() . qq{"><saml:Issuer>$issuer</saml:Issuer>} . sprintf($fault eq 'unsigned' ? '' : $signature, $id)
	  . qq{<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">somebody</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">}
	  . qq{<saml:SubjectConfirmationData InResponseTo="$request" NotOnOrAfter="$until" Recipient="$self->{answered}"/></saml:SubjectConfirmation></saml:Subject>}
	  . qq{<saml:Conditions NotBefore="$from" NotOnOrAfter="$until"><saml:AudienceRestriction><saml:Audience>$audience</saml:Audience></saml:AudienceRestriction></saml:Conditions>}
	  . qq{<saml:AuthnStatement AuthnInstant="} . instant() . qq{" SessionIndex="one"><saml:AuthnContext><saml:AuthnContextClassRef>http://eidas.europa.eu/LoA/$level</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>}
	  . qq{<saml:AttributeStatement>$attributes</saml:AttributeStatement></saml:Assertion>};
}

sub signed
{
	my ($self, $xml, $key) = @_;
	my ($file, $output, $key_file) = map { $self->file($_) } 'assertion', 'assertion.signed', "$key.pem";

	$self->keep('assertion', $xml);
	system("xmlsec1 --sign --privkey-pem $key_file --id-attr:ID $asserted:Assertion --output $output $file >/dev/null 2>&1") == 0 or die 'xmlsec1 does not sign';
	return $self->kept('assertion.signed') =~ s/^<\?xml[^>]*>\s*//r =~ s/\s+\z//r;
}

# Signing out, and back with an answer whose signature stands in the address
sub leave
{
	my ($self, $fields) = @_;
	my $request = $self->asked($fields);
	my $response = qq{<samlp:LogoutResponse xmlns:samlp="$protocol" xmlns:saml="$asserted" ID="_} . AccessPoint::uuid() . qq{" Version="2.0" IssueInstant="} . instant() . qq{" Destination="$self->{signed_out}" InResponseTo="$request">}
	  . qq{<saml:Issuer>$self->{issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>};
	my ($deflation) = Compress::Raw::Zlib::Deflate->new(-WindowBits => -15, -AppendOutput => 1);
	my $deflated = '';
	$deflation->deflate($response, $deflated);
	$deflation->flush($deflated);
	my $query = 'SAMLResponse=' . SignInService::escaped(encode_base64($deflated, '')) . (defined $fields->{RelayState} ? '&RelayState=' . SignInService::escaped($fields->{RelayState}) : '')
	  . '&SigAlg=' . SignInService::escaped('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
	$self->keep('query', $query);
	my ($key, $file) = ($self->file('own.pem'), $self->file('query'));
	return [ 302, 'text/plain', '', "Location: $self->{signed_out}?$query&Signature=" . SignInService::escaped(encode_base64(scalar qx(openssl dgst -sha256 -sign $key $file), '')) ];
}

1;
