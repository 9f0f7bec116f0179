# Attacks on seals, each refused by the step of verification that is there for it,
# beside what plain xmlsec1 says to the same file: where that is "good", only the
# strict steps protect. Seals that differ from ours but are honest are accepted.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use IPC::Run;
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $node = start_node('attacks', 'ootspg.max_message_size = 64kB');
my $keys = $node->basedir . '/keys';
my $files = PostgreSQL::Test::Utils::tempdir;
my $ds = 'http://www.w3.org/2000/09/xmldsig#';
my $xades = 'http://uri.etsi.org/01903/v1.3.2#';
my $exc = 'http://www.w3.org/2001/10/xml-exc-c14n#';
my $sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

make_pair($keys, $_, $_) for qw(p256 rsa2048 rsa3072);
make_pair($keys, 'forger', 'p256');
make_pair($keys, 'encipher', 'p256', 'keyUsage=keyAgreement', 'basicConstraints=CA:FALSE');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');

my $evidence = '<ev:Evidence xmlns:ev="urn:ev"><ev:Name>Anna</ev:Name><ev:Part><ev:Note>fine</ev:Note></ev:Part></ev:Evidence>';

sub seal
{
	my ($key) = @_;
	return $node->safe_psql('postgres',
		"SELECT convert_from(ootspg_internal.seal_with('$evidence', " . uris($key) . '), \'UTF8\')');
}

sub verdict
{
	my ($document, $columns) = @_;
	return $node->safe_psql('postgres',
		"SELECT $columns FROM ootspg.verify_seal(decode('" . encode_base64($document, '') . "', 'base64'))");
}

# attack(name, document, step, reason, what plain xmlsec1 says if it matters: 1 good, 0 not)
sub attack
{
	my ($name, $document, $step, $reason, $plain) = @_;

	is(verdict($document, 'valid, step, reason, signed_content IS NULL'), "f|$step|$reason|t", $name);
	is((xmlsec_verify("$keys/p256.pem", write_file("$files/attack.xml", $document)))[1],
		$plain, "$name: plain xmlsec1 " . ($plain ? 'is taken in' : 'refuses, too'))
	  if defined $plain;
	return;
}

sub accepted
{
	my ($name, $document, $content) = @_;
	is(verdict($document, 'valid, step, reason, convert_from(signed_content, \'UTF8\')'),
		't|||' . ($content // $evidence), $name);
	return;
}

# One change of a sealed document, which must be possible.
sub changed
{
	my ($document, $pattern, $change) = @_;
	$document =~ s/$pattern/ref $change ? $change->() : $change/e or die "nothing matches $pattern";
	return $document;
}

my $sealed = seal('p256');
my ($signature) = $sealed =~ /(<ds:Signature .*<\/ds:Signature>)/;
my ($object) = $sealed =~ /(<ds:Object>.*<\/ds:Object>)/;
my ($sp) = $sealed =~ /Id="(sp-[^"]*)"/;
my ($value) = $sealed =~ /<ds:SignatureValue [^>]*>([^<]*)</;
my $unfit = 'the signature or a digest does not fit';
my $parts = 'the signature is not SignedInfo, SignatureValue, KeyInfo and one Object';

accepted('the seal itself', $sealed);
is((xmlsec_verify("$keys/p256.pem", write_file("$files/attack.xml", $sealed)))[1], 1, 'xmlsec1 accepts it, too');

# 1, 2: limits and parsing

attack('a document that is too large', "<a>" . ('x' x 70000) . "</a>", '1 limits', verdict("<a>" . ('x' x 70000) . "</a>", 'reason'));
attack('not XML', 'Anna', '2 parsing', verdict('Anna', 'reason'));
attack('no octets at all', '', '2 parsing', verdict('', 'reason'));
attack('a DTD with an entity that gives the same text',
	'<!DOCTYPE e [<!ENTITY n "Anna">]>' . changed($sealed, 'Anna', '&n;'),
	'2 parsing', 'it contains a document type declaration');

# 3: identifiers

my $forged_same = $object =~ s/\d{4}-\d\d-\d\dT/2001-01-01T/r;
attack('forged properties first, genuine ones second, with the same identifier',
	changed($sealed, '<ds:Object>', $forged_same . '<ds:Object>'), '3 identifiers', 'two elements have the same identifier', 0);
attack('xml:id spoofs the properties on an earlier element',
	changed($sealed, '<ev:Name>', "<ev:Name xml:id=\"$sp\">"), '3 identifiers', 'two elements have the same identifier', 0);
attack('an ID in another namespace and case does', changed($sealed, '<ev:Name>', "<ev:Name xmlns:q=\"urn:q\" q:iD=\" $sp \">"),
	'3 identifiers', 'two elements have the same identifier');

# 4: position

attack('the document wrapped in another root', "<wrap>$sealed</wrap>", '4 position', 'the root has no signature as its child', 0);
attack('the seal moved to a deeper element', changed(changed($sealed, qr/<ds:Signature .*<\/ds:Signature>/, ''), '</ev:Part>', "$signature</ev:Part>"),
	'4 position', 'the root has no signature as its child', 1);
attack('no seal', $evidence, '4 position', 'the root has no signature as its child');
my $second = $signature =~ s/(sig|ref|sp|sv)-/$1-2/gr;
attack('two seals', changed($sealed, '<ds:Signature ', $second . '<ds:Signature '), '4 position', 'the root has more than one signature', 0);
attack('the seal as root, the document inside of it', changed($signature, '</ds:Object>', "</ds:Object><ds:Object>$evidence</ds:Object>"),
	'4 position', 'the root has no signature as its child');

# 5: structure

my $forged_other = $forged_same =~ s/\Q$sp\E/sp-forged/r;
attack('forged properties with another identifier before the genuine ones',
	changed($sealed, '<ds:Object>', $forged_other . '<ds:Object>'), '5 structure', $parts, 1);
attack('a further ds:Object', changed($sealed, '</ds:Signature>', '<ds:Object>Berta</ds:Object></ds:Signature>'), '5 structure', $parts, 1);
attack('a ds:Manifest as a further ds:Object', changed($sealed, '</ds:Signature>', '<ds:Object><ds:Manifest/></ds:Object></ds:Signature>'), '5 structure', $parts);
attack('forged properties in the same ds:Object', changed($sealed, '<ds:Object>', '<ds:Object>' . ($forged_other =~ s/<\/?ds:Object>//gr)),
	'5 structure', 'the Object is not one QualifyingProperties', 1);
attack('forged signed properties in the same QualifyingProperties',
	changed($sealed, '</xades:SignedProperties>', '</xades:SignedProperties><xades:SignedProperties Id="sp-forged"></xades:SignedProperties>'),
	'5 structure', 'QualifyingProperties hold more than signed and unsigned properties', 1);
attack('properties of another signature', changed($sealed, 'Target="#sig-', 'Target="#sig-0'), '5 structure', 'the properties do not name their signature', 1);
attack('no properties', changed($sealed, qr/<ds:Object>.*<\/ds:Object>/, ''), '5 structure', $parts);
attack('no KeyInfo', changed($sealed, qr/<ds:KeyInfo>.*<\/ds:KeyInfo>/, ''), '5 structure', $parts);

# 6: references. Their SignedInfo is signed anew below; here it is enough that no step
# before the cryptographic one lets them through.

my $uri = qr/(?<=Id="ref-)([^"]*)" URI=""/;
for ('http://127.0.0.1:9/evidence.xml', 'file:///etc/hostname', '#ref', 'evidence.xml', '#xpointer(/)')
{
	my $target = $_;
	attack("a reference to $target", changed($sealed, $uri, sub { "$1\" URI=\"$target\"" }),
		'6 references', 'no reference covers the document');
}
attack('a reference without URI', changed($sealed, $uri, sub { "$1\"" }), '6 references', 'no reference covers the document');
attack('a third reference', changed($sealed, '</ds:SignedInfo>', "<ds:Reference URI=\"\"><ds:DigestMethod Algorithm=\"$sha256\"/><ds:DigestValue>AA==</ds:DigestValue></ds:Reference></ds:SignedInfo>"),
	'6 references', 'SignedInfo does not have exactly two references');
attack('properties without their type', changed($sealed, ' Type="http://uri.etsi.org/01903#SignedProperties"', ''), '6 references', 'no reference has the type of signed properties');
attack('the type with a version', changed($sealed, '01903#SignedProperties', '01903/v1.3.2#SignedProperties'), '6 references', 'no reference has the type of signed properties');
attack('a reference to other properties', changed($sealed, "URI=\"#$sp\"", 'URI="#sp-other"'), '6 references', 'the reference to the properties points elsewhere');

# Attacks with a SignedInfo of their own, signed with the genuine key by xmlsec1.

sub reference
{
	my ($attributes, $transforms, $digest) = @_;
	return "<ds:Reference $attributes><ds:Transforms>$transforms</ds:Transforms><ds:DigestMethod Algorithm=\"$digest\"/><ds:DigestValue/></ds:Reference>";
}

# signed(option => value...): the evidence with a signature made by xmlsec1
sub signed
{
	my %o = (
		name => 'p256',
		method => 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
		c14n => $exc,
		transforms => "<ds:Transform Algorithm=\"${ds}enveloped-signature\"/><ds:Transform Algorithm=\"$exc\"/>",
		properties_transforms => "<ds:Transform Algorithm=\"$exc\"/>",
		digest => $sha256,
		properties_digest => $sha256,
		certificate_digest => $sha256,
		time => '2026-01-02T03:04:05Z',
		format => '<xades:DataObjectFormat ObjectReference="#ref-1"><xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat>',
		key => undef,
		more_key_info => '',
		cert => undef,
		@_);
	my %algorithm = ($sha256 => 'sha256', 'http://www.w3.org/2001/04/xmldsig-more#sha384' => 'sha384',
		'http://www.w3.org/2001/04/xmlenc#sha512' => 'sha512', "${ds}sha1" => 'sha1');
	my $der = run_openssl('x509', '-in', "$keys/$o{name}.pem", '-outform', 'DER');
	write_file("$files/cert.der", $der);
	run_openssl('dgst', "-$algorithm{$o{certificate_digest}}", '-binary', '-out', "$files/cert.digest", "$files/cert.der");
	my $digest = $o{bound} // encode_base64(slurp_file("$files/cert.digest"), '');
	my $certificate = encode_base64($der);
	my $v2 = $o{v2} // 'SigningCertificateV2';

	my $template = "<ds:Signature xmlns:ds=\"$ds\" Id=\"sig-1\"><ds:SignedInfo>\n<ds:CanonicalizationMethod Algorithm=\"$o{c14n}\"/><ds:SignatureMethod Algorithm=\"$o{method}\"/>"
	  . reference('Id="ref-1" URI=""', $o{transforms}, $o{digest})
	  . reference('Type="http://uri.etsi.org/01903#SignedProperties" URI="#sp-1"', $o{properties_transforms}, $o{properties_digest})
	  . "</ds:SignedInfo>\n<ds:SignatureValue/>\n<ds:KeyInfo>$o{more_key_info}<ds:X509Data><ds:X509Certificate>\n$certificate</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\n"
	  . "<ds:Object><xades:QualifyingProperties xmlns:xades=\"$xades\" Target=\"#sig-1\"><xades:SignedProperties Id=\"sp-1\"><xades:SignedSignatureProperties>\n"
	  . "<xades:SigningTime>$o{time}</xades:SigningTime><xades:$v2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm=\"$o{certificate_digest}\"/><ds:DigestValue>$digest</ds:DigestValue></xades:CertDigest></xades:Cert></xades:$v2>"
	  . "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>$o{format}</xades:SignedDataObjectProperties></xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>";
	write_file("$files/template.xml", changed($evidence, '</ev:Evidence>', "$template</ev:Evidence>"));
	my $output = '';
	IPC::Run::run([ 'xmlsec1', '--sign', given_key(), '--output', "$files/signed.xml",
			($o{key} ? @{ $o{key} } : ('--privkey-pem', "$keys/$o{name}.key")), "$files/template.xml" ], '>&', \$output)
	  or die "xmlsec1: $output";
	return slurp_file("$files/signed.xml") =~ s/^<\?xml[^>]*\?>\n//r =~ s/\n\z//r;
}

my $now = $node->safe_psql('postgres', q{SELECT to_char(now() AT TIME ZONE 'UTC' + '1 min', 'YYYY-MM-DD"T"HH24:MI:SS')});
my $more = 'http://www.w3.org/2001/04/xmldsig-more#';
my $enveloped = "<ds:Transform Algorithm=\"${ds}enveloped-signature\"/>";

accepted('a seal by xmlsec1, with line breaks', signed(time => "${now}Z"));
accepted('SigningTime with fraction and zone', signed(time => $node->safe_psql('postgres', q{SELECT to_char(now() AT TIME ZONE '-02:30' + '1 min', 'YYYY-MM-DD"T"HH24:MI:SS".25+02:30"')})));
accepted('stronger digests', signed(time => "${now}Z", digest => 'http://www.w3.org/2001/04/xmlenc#sha512', properties_digest => "${more}sha384", certificate_digest => 'http://www.w3.org/2001/04/xmlenc#sha512'));
accepted('RSA with 2048 bits, which is still read', signed(time => "${now}Z", name => 'rsa2048', method => "${more}rsa-sha256"));
accepted('RSA with SHA-512', signed(time => "${now}Z", name => 'rsa3072', method => "${more}rsa-sha512"));
accepted('inclusive canonicalisation', signed(time => "${now}Z", c14n => 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
		transforms => $enveloped . '<ds:Transform Algorithm="http://www.w3.org/2006/12/xml-c14n11"/>'));
accepted('a list of inclusive namespaces', signed(time => "${now}Z",
		transforms => "$enveloped<ds:Transform Algorithm=\"$exc\"><ec:InclusiveNamespaces xmlns:ec=\"$exc\" PrefixList=\"ev\"/></ds:Transform>"));
accepted('a KeyName is not looked at', signed(time => "${now}Z", more_key_info => '<ds:KeyName>forger</ds:KeyName>'));
accepted('unsigned properties', changed($sealed, '</xades:SignedProperties>',
		'</xades:SignedProperties><xades:UnsignedProperties><xades:UnsignedSignatureProperties></xades:UnsignedSignatureProperties></xades:UnsignedProperties>'));

my $one = 'a reference has transforms other than one canonicalisation';
my $begin = 'the reference to the document does not begin with the enveloped signature transform';
my $xpath = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath xmlns:ev="urn:ev">not(ancestor-or-self::ev:Name)</ds:XPath></ds:Transform>';
my $xslt = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><same/></xsl:template></xsl:stylesheet></ds:Transform>';

attack('an XPath that leaves the name out', signed(transforms => "$enveloped$xpath<ds:Transform Algorithm=\"$exc\"/>"), '6 references', $one, 1);
attack('an XPath in place of the enveloped transform', signed(transforms => '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>' . "<ds:Transform Algorithm=\"$exc\"/>"), '6 references', $begin, 1);
attack('a style sheet that gives the same whatever comes', signed(transforms => "$enveloped$xslt"), '6 references', $one, 1);
attack('no canonicalisation', signed(transforms => $enveloped), '6 references', $one, 1);
attack('two canonicalisations', signed(transforms => "$enveloped<ds:Transform Algorithm=\"$exc\"/><ds:Transform Algorithm=\"$exc\"/>"), '6 references', $one, 1);
attack('a canonicalisation with comments', signed(transforms => "$enveloped<ds:Transform Algorithm=\"${exc}WithComments\"/>"), '6 references', $one, 1);
attack('properties with the enveloped transform', signed(properties_transforms => "$enveloped<ds:Transform Algorithm=\"$exc\"/>"), '6 references', $one, 1);

# 7: algorithms

attack('SHA-1 for the document', signed(digest => "${ds}sha1"), '7 algorithms', 'a digest method is not accepted', 1);
attack('SHA-1 for the properties', signed(properties_digest => "${ds}sha1"), '7 algorithms', 'a digest method is not accepted', 1);
attack('ECDSA with SHA-1', signed(method => "${more}ecdsa-sha1"), '7 algorithms', 'the signature method is not accepted', 1);
run_openssl('pkey', '-in', "$keys/p256.key", '-pubout', '-outform', 'DER', '-out', "$files/public.der");
attack('HMAC with the public key as its secret',
	signed(method => "${more}hmac-sha256", key => [ '--hmackey', "$files/public.der" ]), '7 algorithms', 'the signature method is not accepted');
attack('a canonicalisation of SignedInfo with comments', signed(c14n => "${exc}WithComments"), '7 algorithms', 'the canonicalisation method is not accepted', 1);

# 8: certificate

attack('an RSA method over an EC key', changed($sealed, 'ecdsa-sha256', 'rsa-sha256'), '8 certificate', 'the certificate\'s key does not fit the signature method, or is too short', 0);
attack('a certificate that may not sign', signed(name => 'encipher'), '8 certificate', 'the certificate\'s key usage does not allow signatures');
attack('a certificate that is none', changed($sealed, '<ds:X509Certificate>MII', '<ds:X509Certificate>MIJ'), '8 certificate', 'a certificate in KeyInfo can\'t be read');
attack('a certificate with something after it', changed($sealed, '</ds:X509Certificate>', '!</ds:X509Certificate>'), '8 certificate', 'a certificate in KeyInfo can\'t be read');
attack('a key without certificate', changed($sealed, qr/<ds:X509Certificate>[^<]*<\/ds:X509Certificate>/, ''), '8 certificate', 'KeyInfo has no certificate');
attack('a RetrievalMethod in place of certificates', changed($sealed, qr/<ds:X509Data>.*<\/ds:X509Data>/, '<ds:RetrievalMethod URI="http://127.0.0.1:9/key"/>'),
	'8 certificate', 'KeyInfo does not have one X509Data with few certificates');

# 9: signature

attack('the name changed', changed($sealed, 'Anna', 'Berta'), '9 signature', $unfit, 0);
attack('the name moved to another element', changed(changed($sealed, 'fine', 'Anna'), 'Anna', 'fine'), '9 signature', $unfit, 0);
attack('the namespace changed', changed($sealed, 'urn:ev', 'urn:ew'), '9 signature', $unfit, 0);
attack('an element added after the seal', changed($sealed, '</ev:Evidence>', '<ev:Name>Berta</ev:Name></ev:Evidence>'), '9 signature', $unfit, 0);
attack('SigningTime changed', changed($sealed, qr/<xades:SigningTime>\d{4}/, '<xades:SigningTime>2001'), '9 signature', $unfit, 0);
attack('the forger\'s certificate in KeyInfo', changed($sealed, qr/<ds:KeyInfo>.*<\/ds:KeyInfo>/, sub { seal('forger') =~ /(<ds:KeyInfo>.*<\/ds:KeyInfo>)/; $1 }), '9 signature', $unfit);
my $not_base64 = 'SignatureValue is not base64 of the key\'s length';
attack('the signature truncated', changed($sealed, qr/\Q$value\E/, encode_base64(substr(decode_base64($value), 0, 63), '')), '9 signature', $not_base64, 0);
attack('the signature with another octet', changed($sealed, qr/\Q$value\E/, encode_base64("\0" . decode_base64($value), '')), '9 signature', $not_base64, 0);
attack('the signature in DER', changed($sealed, qr/\Q$value\E/, encode_base64("\x30\x44" . ("\x02\x20" . ("\1" x 32)) x 2, '')), '9 signature', $not_base64, 0);
attack('the signature empty', changed($sealed, qr/\Q$value\E/, ''), '9 signature', $not_base64, 0);
attack('the signature all zero', changed($sealed, qr/\Q$value\E/, encode_base64("\0" x 64, '')), '9 signature', $unfit, 0);
attack('base64 with other characters between', changed($sealed, qr/\Q$value\E/, substr($value, 0, 10) . '-' . substr($value, 10)), '9 signature', $not_base64);
attack('base64 with something after its end', changed($sealed, qr/\Q$value\E/, "${value}AAAA"), '9 signature', $not_base64);

# 11: properties, signed by the genuine key

attack('a time long before the certificate', signed(time => '2001-01-02T03:04:05Z'), '11 properties', 'SigningTime is outside of the certificate\'s validity', 1);
attack('a time after the certificate', signed(time => '2999-01-02T03:04:05Z'), '11 properties', 'SigningTime is outside of the certificate\'s validity', 1);
attack('a time in the future', signed(time => $node->safe_psql('postgres', q{SELECT to_char(now() AT TIME ZONE 'UTC' + '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')})), '11 properties', 'SigningTime is in the future', 1);
for ("$now", '2026-02-30T00:00:00Z', '2026-1-2T03:04:05Z', 'now', '', '2026-01-02T03:04:05.Z', '2026-01-02T03:04:05Zulu', '2026-01-02T24:00:00Z', '2026-01-02T03:04:05+99:00')
{
	attack("\"$_\" as time", signed(time => $_), '11 properties', 'there is no readable SigningTime with a time zone');
}
my $no_v2 = 'there is no SigningCertificateV2 with an accepted digest';
attack('the old SigningCertificate', signed(v2 => 'SigningCertificate'), '11 properties', $no_v2, 1);
attack('SHA-1 of the certificate', signed(certificate_digest => "${ds}sha1"), '11 properties', $no_v2, 1);
attack('the digest of another certificate', signed(bound => encode_base64('x' x 32, '')), '11 properties', 'SigningCertificateV2 names another certificate', 1);
attack('part of the digest of the certificate', signed(bound => 'AAAA'), '11 properties', 'SigningCertificateV2 names another certificate', 1);
my $no_format = 'DataObjectFormat does not name the reference to the document';
attack('no DataObjectFormat', signed(time => "${now}Z", format => ''), '11 properties', $no_format, 1);
attack('DataObjectFormat of something else', signed(time => "${now}Z", format => '<xades:DataObjectFormat ObjectReference="#sp-1"/>'), '11 properties', $no_format, 1);

# Not attacks: what a seal does not protect is not handed on

accepted('a comment in a text, by design', changed($sealed, 'Anna', 'An<!-- x -->na'));
is((xmlsec_verify("$keys/p256.pem", write_file("$files/attack.xml", changed($sealed, 'Anna', 'An<!-- x -->na'))))[1], 1, 'xmlsec1 accepts it, too');
accepted('base64 with blanks: white space means nothing there', changed($sealed, qr/\Q$value\E/, join("\n ", '', $value =~ /(.{1,16})/g, '')));
accepted('an XML declaration and a comment before the root', "<?xml version=\"1.0\"?>\n<!-- x -->$sealed");
accepted('empty elements and quotes written otherwise', changed(changed($sealed, '></ds:Transform>', '/>'), 'xmlns:ev="urn:ev"', "xmlns:ev='urn:ev'"));

is($node->safe_psql('postgres', 'SELECT count(*) FROM ootspg.verify_seal(NULL)'), '0', 'no document, no verdict');

# Every octet of a sealed document changed: never valid with other content, never an error

my $document = encode_base64($sealed, '');
is($node->safe_psql('postgres', qq{SELECT count(*) FILTER (WHERE valid AND convert_from(signed_content, 'UTF8') <> '$evidence') || ' ' || (count(*) = max(octet_length(d)))
	FROM (SELECT decode('$document', 'base64') d) s, generate_series(0, octet_length(d) - 1) n, ootspg.verify_seal(set_byte(d, n, get_byte(d, n) # (1 << (n % 7))))}),
	'0 true', 'no change of one octet gives a valid seal over another content');
is($node->safe_psql('postgres', qq{SELECT count(*) FILTER (WHERE valid)
	FROM (SELECT decode('$document', 'base64') d) s, generate_series(0, octet_length(d) - 1) n, ootspg.verify_seal(substr(d, 1, n))}),
	'0', 'no beginning of it is valid');

$node->stop;
unlike(slurp_file($node->logfile), qr/func=xmlSec|parser error|Entity:/, 'the libraries do not write to the log');
done_testing();
