# Attacks on seals, each refused by the step of verification that is there for it,
# beside what plain xmlsec1 says to the same file: where that is "good", only the
# strict steps protect. Seals that differ from ours but are honest are accepted.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $node = start_node('attacks', 'ootspg.max_message_size = 64kB');
my $keys = $node->basedir . '/keys';
my $files = PostgreSQL::Test::Utils::tempdir;

make_pair($keys, $_, $_) for qw(p256 rsa2048 rsa3072);
make_pair($keys, 'forger', 'p256');
make_pair($keys, 'tls', 'p256', 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=serverAuth', 'basicConstraints=CA:FALSE');
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

	ask_verdict($name, $document, 'valid, step, reason, signed_content IS NULL', "f|$step|$reason|t");
	is((xmlsec_verify("$keys/p256.pem", write_file("$files/attack.xml", $document)))[1],
		$plain, "$name: plain xmlsec1 " . ($plain ? 'is taken in' : 'refuses, too'))
	  if defined $plain;
	return;
}

sub accepted
{
	my ($name, $document, $content) = @_;
	ask_verdict($name, $document, 'valid, step, reason, convert_from(signed_content, \'UTF8\')', 't|||' . ($content // $evidence));
	return;
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
for (['a character to escape', 'urn:a&amp;b', 'a namespace name contains a character that needs escaping'],
	['a blank', 'urn:a b', 'a namespace name in it has characters that a URI has not'],
	['a letter beyond ASCII', "urn:\xc4\xa3", 'a namespace name in it has characters that a URI has not'],
	['no scheme', 'a', 'a namespace name is not an absolute URI'])
{
	my ($name, $uri, $reason) = @$_;
	attack("a namespace name with $name, which no engine here can make canonical", changed($sealed, '<ev:Note>', "<ev:Note xmlns:z=\"$uri\">"), '2 parsing', $reason);
}
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
	'6 references', 'the seal is of a document beside it, and none is given');

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
	'6 references', 'SignedInfo has more than references to the document, the properties and KeyInfo');
attack('properties without their type', changed($sealed, ' Type="http://uri.etsi.org/01903#SignedProperties"', ''), '6 references', 'no reference has the type of signed properties');
attack('the type with a version', changed($sealed, '01903#SignedProperties', '01903/v1.3.2#SignedProperties'), '6 references', 'no reference has the type of signed properties');
attack('a reference to other properties', changed($sealed, "URI=\"#$sp\"", 'URI="#sp-other"'), '6 references', 'the reference to the properties points elsewhere');

# Attacks with a SignedInfo of their own, signed with the genuine key by xmlsec1.

sub signed
{
	return make_signed(evidence => $evidence, keys => $keys, files => $files, @_);
}

my $now = $node->safe_psql('postgres', q{SELECT to_char(now() AT TIME ZONE 'UTC' + '1 min', 'YYYY-MM-DD"T"HH24:MI:SS')});

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

my $one = 'a reference has transforms other than one or two canonicalisations';
my $begin = 'the reference to the document does not begin with a transform that leaves the signature out, and only it';
my $every = 'the reference leaves out every signature, and the document has more than one';
my $xpath = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath xmlns:ev="urn:ev">not(ancestor-or-self::ev:Name)</ds:XPath></ds:Transform>';
my $xslt = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/"><same/></xsl:template></xsl:stylesheet></ds:Transform>';
my $counter = "<xades:UnsignedSignatureProperties><xades:CounterSignature><ds:Signature><ds:SignedInfo/></ds:Signature></xades:CounterSignature></xades:UnsignedSignatureProperties>";
my $hidden = "<ds:Signature xmlns:ds=\"$ds\"><ev:Name>Berta</ev:Name></ds:Signature>";

attack('an XPath that leaves the name out', signed(transforms => "$enveloped$xpath$canonical"), '6 references', $one, 1);
attack('a style sheet that gives the same whatever comes', signed(transforms => "$enveloped$xslt"), '6 references', $one, 1);
attack('three canonicalisations', signed(transforms => $enveloped . $canonical x 3), '6 references', $one, 1);
attack('a canonicalisation with comments', signed(transforms => "$enveloped<ds:Transform Algorithm=\"${exc}WithComments\"/>"), '6 references', $one, 1);
attack('properties with the enveloped transform', signed(properties_transforms => "$enveloped$canonical"), '6 references', $one, 1);
attack('properties filtered', signed(properties_transforms => $filter2->() . $canonical), '6 references', $one, 1);
attack('no transform leaves the signature out', changed(signed(), "\Q$enveloped\E", ''), '6 references', $begin, 0);
attack('no Transforms at all for the document', changed(signed(), qr/<ds:Transforms>.*?<\/ds:Transforms>/, ''), '6 references', $begin, 0);
attack('empty Transforms', changed(signed(), qr/<ds:Transforms>.*?<\/ds:Transforms>/, '<ds:Transforms/>'), '6 references', 'a reference has no transform in its Transforms', 0);

# Filters leave out every signature there is: what calls itself one is not signed.

for ([ 'filter 2', $filter2 ], [ 'XPath', $filter ])
{
	my ($name, $by) = @$_;
	my $filtered = signed(transforms => $by->() . $canonical);

	attack("$name: content hidden in a second signature", changed($filtered, '</ev:Part>', "$hidden</ev:Part>"), '6 references', $every);
	attack("$name: content hidden deeper", changed($filtered, '</ev:Note>', "<ev:Note>$hidden</ev:Note></ev:Note>"), '6 references', $every);
	attack("$name: a signature inside of the signature", changed($filtered, '</xades:SignedProperties>',
			"</xades:SignedProperties><xades:UnsignedProperties>$counter</xades:UnsignedProperties>"), '6 references', $every, 1);
	attack("$name: the name changed", changed($filtered, 'Anna', 'Berta'), '9 signature', $unfit, 0);
	attack("$name: an element added", changed($filtered, '</ev:Part>', '<ev:Note/></ev:Part>'), '9 signature', $unfit, 0);
	attack("$name after the enveloped transform", signed(transforms => $enveloped . $by->() . $canonical), '6 references', $one, 1);
	attack("$name before the enveloped transform", signed(transforms => $by->() . $enveloped . $canonical), '6 references', $one, 1);
	attack("$name twice", signed(transforms => $by->() x 2 . $canonical), '6 references', $one, 1);
	attack("$name behind a canonicalisation", changed(signed(transforms => $by->() . $canonical), qr/(<ds:Transforms>)(.*?)(\Q$canonical\E)/, sub { "$1$3$2" }), '6 references', $begin);
}
for my $path ('/descendant::ev:Name', '//ds:Signature', '/descendant::ds:Signature | /descendant::ev:Name', '/descendant::ds:Signature[1]',
	'/descendant::ds:*', '/descendant::Signature', '/descendant::ev:Signature', '/descendant::none:Signature', 'here()/ancestor::ds:Signature[1]',
	'/descendant::<!-- x -->ds:Signature', '/descendant::ds:Signature<f:XPath/>', '<![CDATA[/descendant::ds:Signature]]>', '')
{
	attack("filter 2 with the path \"$path\"", changed(signed(transforms => $filter2->() . $canonical), '/descendant::ds:Signature', $path), '6 references', $begin);
}
for my $attributes ('', 'Filter="intersect"', 'Filter="union"', 'Filter="Subtract"', 'f:Filter="subtract"', 'Filter="subtract" f:Filter="union"', 'Filter="subtract" xml:lang="x"')
{
	attack("filter 2 with \"$attributes\"", changed(signed(transforms => $filter2->() . $canonical), ' Filter="subtract"', " $attributes"), '6 references', $begin);
}
attack('filter 2 without a path', changed(signed(transforms => $filter2->() . $canonical), qr/<f:XPath .*<\/f:XPath>/, ''), '6 references', $begin);
attack('filter 2 with two', changed(signed(transforms => $filter2->() . $canonical), qr/(<f:XPath .*<\/f:XPath>)/, sub { "$1$1" }), '6 references', $begin);
attack('filter 2 whose prefix stands for something else', changed(signed(transforms => $filter2->() . $canonical), qr/xmlns:f="[^"]*"/, sub { "$& xmlns:ds=\"urn:ds\"" }), '6 references', $begin);
for my $path ('not(ancestor-or-self::ev:Name)', 'true()', 'not(self::ds:Signature)', 'not(ancestor-or-self::ds:Signature) and true()', 'not(ancestor-or-self::ev:Signature)',
	'not(ancestor-or-self::<!-- x -->ds:Signature)')
{
	attack("an XPath \"$path\"", changed(signed(transforms => $filter->() . $canonical), quotemeta 'not(ancestor-or-self::ds:Signature)', $path), '6 references', $begin);
}

# A third reference: to KeyInfo, and to nothing else

my $key_reference = "<ds:Reference Id=\"ref-2\" URI=\"#key-1\"><ds:Transforms>$canonical</ds:Transforms><ds:DigestMethod Algorithm=\"$sha256\"/><ds:DigestValue/></ds:Reference>";
my %with_key = (key_info_attributes => ' Id="key-1"', references => $key_reference);
my $beyond = 'SignedInfo has more than references to the document, the properties and KeyInfo';
my $other_type = 'a reference has a type that is not its own';
attack('a signed KeyInfo changed', changed(signed(%with_key, more_key_info => '<ds:KeyName>a</ds:KeyName>'), 'KeyName>a<', 'KeyName>b<'), '9 signature', $unfit, 0);
attack('a signed KeyInfo with another digest method', signed(%with_key, references => $key_reference =~ s/\Q$sha256\E/${ds}sha1/r), '7 algorithms', 'a digest method is not accepted', 1);
attack('a signed KeyInfo that is filtered', changed(signed(%with_key), qr/(#key-1.*?)\Q$canonical\E/s, sub { "$1$enveloped" }), '6 references', $one);
attack('KeyInfo signed twice', signed(%with_key, references => $key_reference . $key_reference =~ s/ref-2/ref-3/r), '6 references', $beyond, 1);
attack('the document signed twice', signed(references => "<ds:Reference URI=\"\"><ds:Transforms>$enveloped$canonical</ds:Transforms><ds:DigestMethod Algorithm=\"$sha256\"/><ds:DigestValue/></ds:Reference>"),
	'6 references', $beyond, 1);
attack('a third reference to the signature\'s value', changed(signed(%with_key), '#key-1', '#sig-1'), '6 references', $beyond);
attack('the document as a manifest', changed(signed(), ' URI=""', " URI=\"\" Type=\"${ds}Manifest\""), '6 references', $other_type);
attack('the document as a signature that is countersigned', signed(document_attributes => ' Type="http://uri.etsi.org/01903#CountersignedSignature"'), '6 references', $other_type, 1);
attack('the document as properties', signed(document_attributes => ' Type="http://uri.etsi.org/01903#SignedProperties"'), '6 references', $other_type, 1);
attack('KeyInfo as properties', signed(%with_key, references => $key_reference =~ s/URI/Type="http:\/\/uri.etsi.org\/01903#SignedProperties" URI/r), '6 references', $other_type, 1);

# A countersignature is nothing that is judged here; anything else that calls itself a signature in there is a trap

my $inner = 'there is a signature inside of the signature that is no countersignature';
accepted('a countersignature', changed($sealed, '</xades:SignedProperties>', "</xades:SignedProperties><xades:UnsignedProperties>$counter</xades:UnsignedProperties>"));
attack('a signature among the unsigned properties', changed($sealed, '</xades:SignedProperties>',
		"</xades:SignedProperties><xades:UnsignedProperties><xades:UnsignedSignatureProperties>$hidden</xades:UnsignedSignatureProperties></xades:UnsignedProperties>"), '5 structure', $inner, 1);
attack('a countersignature that is none', changed($sealed, '</xades:SignedProperties>',
		"</xades:SignedProperties><xades:UnsignedProperties>$counter</xades:UnsignedProperties>" =~ s/<ds:SignedInfo\/>//r), '5 structure', $inner, 1);

# Attributes that an engine may take for its own

my $foreign = 'an element of the signature has an attribute of another vocabulary';
attack('another URI beside the URI', changed($sealed, ' URI=""', ' xmlns:x="urn:x" x:URI="#sp-1" URI=""'), '5 structure', $foreign);
attack('another algorithm beside the algorithm', changed($sealed, '<ds:Transform Algorithm', '<ds:Transform xmlns:x="urn:x" x:Algorithm="urn:x" Algorithm'), '5 structure', $foreign);
attack('another Target of the properties', changed($sealed, ' Target=', ' xmlns:x="urn:x" x:Target="#x" Target='), '5 structure', $foreign, 1);
accepted('an attribute that names the schema', changed($sealed, ' Target=', ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a b" Target='));
attack('an xml:id beside the Id', changed($sealed, '<ds:KeyInfo>', '<ds:KeyInfo xml:id="k">'), '5 structure', $foreign, 1);

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
attack('a certificate for a TLS server', signed(name => 'tls'), '8 certificate', 'the certificate is for TLS only');
attack('a key without certificate', changed($sealed, qr/<ds:X509Certificate>[^<]*<\/ds:X509Certificate>/, ''), '8 certificate', 'KeyInfo has no certificate');
attack('a RetrievalMethod in place of certificates', changed($sealed, qr/<ds:X509Data>.*<\/ds:X509Data>/, '<ds:RetrievalMethod URI="http://127.0.0.1:9/key"/>'),
	'8 certificate', 'KeyInfo has no certificate');
attack('many certificates', signed(key_info => x509_data(map { "$keys/p256.pem" } 1 .. 11)), '8 certificate', 'KeyInfo has too many certificates');
attack('many certificates, each in its own X509Data', signed(key_info => join '', map { x509_data("$keys/p256.pem") } 1 .. 11), '8 certificate', 'KeyInfo has too many certificates');
my $unnamed = 'KeyInfo does not have the certificate that the properties name';
attack('the forger\'s certificate in KeyInfo', changed($sealed, qr/<ds:KeyInfo>.*<\/ds:KeyInfo>/, sub { seal('forger') =~ /(<ds:KeyInfo>.*<\/ds:KeyInfo>)/; $1 }), '8 certificate', $unnamed);
attack('the forger\'s key, under the name of another', signed(key => [ '--privkey-pem', "$keys/forger.key" ]), '9 signature', $unfit, 0);
attack('the same, with the forger\'s certificate before', signed(key => [ '--privkey-pem', "$keys/forger.key" ], key_info => x509_data("$keys/forger.pem", "$keys/p256.pem")), '9 signature', $unfit, 0);
attack('the same, with the forger\'s certificate alone', signed(key => [ '--privkey-pem', "$keys/forger.key" ], key_info => x509_data("$keys/forger.pem")), '8 certificate', $unnamed);
is(verdict(signed(name => 'forger', time => "${now}Z", key_info => x509_data("$keys/p256.pem", "$keys/forger.pem"), more_key_info => '<ds:KeyName>p256</ds:KeyName>'),
		q{valid, certificate_sha256 = decode('} . unpack('H*', decode_base64(certificate_digest("$keys/forger.pem", $files, $sha256))) . q{', 'hex')}),
	't|t', 'who signs by his own name is told by his own name, whatever stands first in KeyInfo');

# 9: signature

attack('the name changed', changed($sealed, 'Anna', 'Berta'), '9 signature', $unfit, 0);
attack('the name moved to another element', changed(changed($sealed, 'fine', 'Anna'), 'Anna', 'fine'), '9 signature', $unfit, 0);
attack('the namespace changed', changed($sealed, 'urn:ev', 'urn:ew'), '9 signature', $unfit, 0);
attack('an element added after the seal', changed($sealed, '</ev:Evidence>', '<ev:Name>Berta</ev:Name></ev:Evidence>'), '9 signature', $unfit, 0);
attack('SigningTime changed', changed($sealed, qr/<xades:SigningTime>\d{4}/, '<xades:SigningTime>2001'), '9 signature', $unfit, 0);
my $not_base64 = 'SignatureValue is not base64 of the key\'s length';
attack('the signature truncated', changed($sealed, qr/\Q$value\E/, encode_base64(substr(decode_base64($value), 0, 63), '')), '9 signature', $not_base64, 0);
attack('the signature truncated by two', changed($sealed, qr/\Q$value\E/, encode_base64(substr(decode_base64($value), 0, 62), '')), '9 signature', $unfit, 0);
attack('two octets for a signature', changed($sealed, qr/\Q$value\E/, encode_base64("\1\1", '')), '9 signature', $unfit);
attack('the signature with two more octets', changed($sealed, qr/\Q$value\E/, encode_base64("\0" . substr(decode_base64($value), 0, 32) . "\0" . substr(decode_base64($value), 32), '')), '9 signature', $not_base64);
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
my $twice = 'the properties name the signing certificate more than once';
my $bound = certificate_digest("$keys/p256.pem", $files, $sha256);
for my $element ('SigningCertificateV2', 'SigningCertificate')
{
	attack("$element with SHA-1 of the certificate", signed(v2 => $element, certificate_digest => "${ds}sha1"), '8 certificate', $no_v2, 1);
	attack("$element with the digest of another certificate", signed(v2 => $element, bound => encode_base64('x' x 32, '')), '8 certificate', $unnamed, 1);
	attack("$element with part of the digest of the certificate", signed(v2 => $element, bound => encode_base64(substr(decode_base64($bound), 0, 16), '')), '8 certificate', $unnamed, 1);
	attack("$element with a digest that is none", signed(v2 => $element, bound => '!'), '8 certificate', 'the digest of the signing certificate is not base64', 1);
	attack("$element twice", signed(binding => bound_by($bound, $element) . bound_by(encode_base64('x' x 32, ''), $element)), '8 certificate', $twice, 1);
	my ($second) = bound_by($bound, $element) =~ m{(<xades:Cert>.*</xades:Cert>)};
	attack("$element whose certificate comes second", signed(binding => changed(bound_by(encode_base64('x' x 32, ''), $element), '</xades:Cert>', "</xades:Cert>$second")),
		'8 certificate', $unnamed, 1);
}
attack('both forms', signed(binding => bound_by(encode_base64('x' x 32, ''), 'SigningCertificate') . bound_by($bound)), '8 certificate', $twice, 1);
attack('neither form', signed(binding => ''), '8 certificate', $no_v2, 1);
attack('a former form that is not signed', changed($sealed, '<xades:SigningCertificateV2>', bound_by($bound, 'SigningCertificate') . '<xades:SigningCertificateV2>'), '8 certificate', $twice, 0);
my $no_format = 'DataObjectFormat does not name the reference to the document';
attack('no DataObjectFormat', signed(time => "${now}Z", format => ''), '11 properties', $no_format, 1);
attack('DataObjectFormat of something else', signed(time => "${now}Z", format => '<xades:DataObjectFormat ObjectReference="#sp-1"/>'), '11 properties', $no_format, 1);

attack('DataObjectFormat twice', signed(time => "${now}Z", format => '<xades:DataObjectFormat ObjectReference="#ref-1"/>' x 2), '11 properties', $no_format, 1);
attack('DataObjectFormat of something else besides', signed(time => "${now}Z", format => '<xades:DataObjectFormat ObjectReference="#ref-1"/><xades:DataObjectFormat ObjectReference="#sp-1"/>'), '11 properties', $no_format, 1);
attack('DataObjectFormat of a reference to KeyInfo that is not there', signed(time => "${now}Z", format => '<xades:DataObjectFormat ObjectReference="#ref-1"/><xades:DataObjectFormat ObjectReference="#ref-2"/>'),
	'11 properties', $no_format, 1);
attack('DataObjectFormat of KeyInfo only', signed(%with_key, time => "${now}Z", format => '<xades:DataObjectFormat ObjectReference="#ref-2"/>'), '11 properties', $no_format, 1);

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

judge($node);
$node->stop;
unlike(slurp_file($node->logfile), qr/func=xmlSec|parser error|Entity:/, 'the libraries do not write to the log');
done_testing();
