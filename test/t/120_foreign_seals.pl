# Seals as other states' software writes them: EU DSS's and xades4j's defaults, any order
# of certificates, the former form, other algorithms. What is found signed is the
# document, always, and the signer is whom the signed properties name.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $node = start_node('foreign');
my $keys = $node->basedir . '/keys';
my $files = PostgreSQL::Test::Utils::tempdir;
my $sha512 = 'http://www.w3.org/2001/04/xmlenc#sha512';
my $inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
my $evidence = '<ev:Evidence xmlns:ev="urn:ev"><ev:Name>Anna</ev:Name><ev:Part><ev:Note>fine</ev:Note></ev:Part></ev:Evidence>';

$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
make_pair($keys, $_, $_) for qw(p256 p521 bp256 bp384 bp512 k256 rsa2048 rsa3072);
make_pair($keys, 'root', 'p256', 'basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign');
make_issued($keys, 'middle', 'p256', 'root', 'basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign');
make_issued($keys, 'leaf', 'p256', 'middle');
make_pair($keys, 'stranger', 'p256');
# from 1 November 2026 to the end of 2029
make_dated_pair($keys, 'long', 1793491200, 1893455999);

my $now = $node->safe_psql('postgres', q{SELECT to_char(now() AT TIME ZONE 'UTC' + '1 min', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')});

sub signed
{
	return make_signed(evidence => $evidence, keys => $keys, files => $files, time => $now, @_);
}

sub accepted
{
	my ($name, $document, $content) = @_;
	ask_verdict($name, $document, 'valid, step, reason, form, convert_from(signed_content, \'UTF8\')', 't|||baseline|' . ($content // $evidence));
	return;
}

# What leaves the signature out

accepted('XPath filter 2 in place of the enveloped transform, as EU DSS has it', signed(transforms => $filter2->() . $canonical));
accepted('white space around its path', signed(transforms => $filter2->("\n /descendant::ds:Signature\t") . $canonical));
accepted('a prefix of its own', signed(transforms => $filter2->('/descendant::dsig:Signature', "Filter=\"subtract\" xmlns:dsig=\"$ds\"") . $canonical));
accepted('the older XPath', signed(transforms => $filter->() . $canonical));
accepted('a filter and no canonicalisation', signed(transforms => $filter2->()));

# What makes octets of it

my $wordy = $evidence =~ s/ xmlns:ev/ xmlns:u="urn:unused" xmlns:ev/r;
my $sorted = $evidence =~ s/ xmlns:ev="urn:ev"/ xmlns:ev="urn:ev" xmlns:u="urn:unused"/r;
accepted('no canonicalisation is Canonical XML 1.0', signed(evidence => $wordy, transforms => $enveloped), $sorted);
accepted('an exclusive one leaves out what is not used', signed(evidence => $wordy));
accepted('two canonicalisations', signed(transforms => $enveloped . $canonical x 2));
accepted('two of different kinds', signed(evidence => $wordy, transforms => "$enveloped<ds:Transform Algorithm=\"$inclusive\"/>$canonical"));
accepted('a reference to the properties without Transforms', signed(properties_transforms => undef));
accepted('two canonicalisations of the properties', signed(properties_transforms => $canonical x 2));

# A filter costs what the document's size allows: XPath would join sets of all nodes

my $wide = '<e xmlns="urn:e"' . join('', map { " xmlns:n$_=\"urn:n$_\"" } 1 .. 100) . '>' . '<n1:x/>' x 20000 . '</e>';
ask_verdict('an XPath over twenty thousand elements with a hundred namespaces each comes to a result',
	changed(signed(transforms => $filter->() . $canonical), qr/<ev:Part>.*<\/ev:Part>/, sub { $wide }), 'valid, step', 'f|9 signature', setting => 'statement_timeout = \'60 s\'');

# Who signed

my @chain = map { "$keys/$_.pem" } qw(leaf middle);
my $leaf = unpack 'H*', decode_base64(certificate_digest("$keys/leaf.pem", $files, $sha256));
for (['the issuer first', x509_data(reverse @chain)],
	['each certificate in its own X509Data', join '', map { x509_data($_) } @chain],
	['the same, the issuer first', join '', map { x509_data($_) } reverse @chain],
	['a stranger\'s certificate first', x509_data("$keys/stranger.pem", @chain)],
	['the root as well', x509_data("$keys/root.pem", reverse @chain)],
	['a KeyName, a KeyValue and names beside', '<ds:KeyName>stranger</ds:KeyName><ds:KeyValue><x:ECKeyValue xmlns:x="http://www.w3.org/2009/xmldsig11#"/></ds:KeyValue>'
		  . x509_data(@chain) =~ s/(<ds:X509Certificate>)/<ds:X509SubjectName>CN=stranger<\/ds:X509SubjectName>$1/r . '<ds:RetrievalMethod URI="http://127.0.0.1:9/"/>'])
{
	my ($name, $data) = @$_;
	# xmlsec1 would read what it finds in KeyInfo, which is not signed
	ask_verdict($name, changed(signed(name => 'leaf'), qr/(?<=<ds:KeyInfo>).*(?=<\/ds:KeyInfo>)/s, $data), 'valid, step, reason, chain, encode(certificate_sha256, \'hex\')',
		"t|||valid|$leaf", arguments => ", pg_read_binary_file('$keys/root.pem')");
}
my $key_reference = "<ds:Reference Id=\"ref-2\" URI=\"#key-1\"><ds:Transforms>$canonical</ds:Transforms><ds:DigestMethod Algorithm=\"$sha256\"/><ds:DigestValue/></ds:Reference>";
my $format = '<xades:DataObjectFormat ObjectReference="#ref-1"/>';
accepted('KeyInfo is signed as well', signed(key_info_attributes => ' Id="key-1"', references => $key_reference));
accepted('and has a DataObjectFormat', signed(key_info_attributes => ' Id="key-1"', references => $key_reference, format => $format . $format =~ s/ref-1/ref-2/r));

# The former form

my $bound = certificate_digest("$keys/long.pem", $files, $sha256);
my $serial = '<xades:IssuerSerial><ds:X509IssuerName>CN=somebody else</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber></xades:IssuerSerial>';
my %former = (name => 'long', time => '2026-11-02T00:00:00Z', binding => bound_by($bound, 'SigningCertificate', $sha256, $serial));
ask_verdict('SigningCertificate of the former form, and it is said', signed(%former), 'valid, step, reason, form', 't|||former');
ask_verdict('which can be switched off', signed(%former), 'valid, step, reason, form', 'f|8 certificate|there is no SigningCertificateV2 with an accepted digest|',
	setting => 'ootspg.accept_former_seals = off');
my $late = 'SigningCertificate without V2 is a form of seals made before 23 February 2028';
for (['2028-02-23T00:00:00Z', $late], ['2028-02-23T01:30:00+01:00', $late], ['2029-01-01T00:00:00Z', $late],
	['2028-02-22T23:59:59Z', undef], ['2028-02-23T00:59:59+01:00', undef])
{
	my ($time, $reason) = @$_;
	ask_verdict("$time is too late for the former form: " . ($reason ? 'yes' : 'no'), signed(%former, time => $time), 'valid, reason',
		sub { ($_[0] eq "f|$late") == defined $reason });
	ask_verdict("$time: not said of the present form", signed(name => 'long', time => $time), 'valid, reason', sub { $_[0] ne "f|$late" });
}

# A policy is told, not followed

my $policy = '<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId><xades:Identifier> urn:oid:1.2.3 </xades:Identifier></xades:SigPolicyId></xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>';
ask_verdict('a policy', signed(policy => $policy), 'valid, policy', 't|urn:oid:1.2.3');
ask_verdict('one that is implied', signed(policy => '<xades:SignaturePolicyIdentifier><xades:SignaturePolicyImplied/></xades:SignaturePolicyIdentifier>'), 'valid, policy, policy IS NULL', 't||f');
ask_verdict('no policy', signed(), 'valid, policy IS NULL', 't|t');

# Algorithms

for (['bp256', 'ecdsa-sha256'], ['bp384', 'ecdsa-sha384'], ['bp512', 'ecdsa-sha512'])
{
	my ($name, $method) = @$_;
	ask_verdict("a Brainpool curve: $name", signed(name => $name, method => "$more$method"), 'valid, step, reason, algorithm', "t|||$method");
}
ask_verdict('a curve that is not one of ours', signed(name => 'k256'), 'valid, step, reason', 'f|8 certificate|the certificate\'s key does not fit the signature method, or is too short');

# DSS writes r and s only as long as the longer of the two.
my ($short, $signed);
for my $attempt (1 .. 100)
{
	$signed = signed(name => 'p521', method => "${more}ecdsa-sha512");
	my ($value) = $signed =~ /<ds:SignatureValue>([^<]*)</;
	my ($r, $s) = unpack 'a66 a66', decode_base64($value);
	next if (ord($r) | ord($s)) != 0;
	$short = changed($signed, quotemeta $value, encode_base64(substr($r, 1) . substr($s, 1)));
	last;
}
accepted('a value of P-521 that lost two zeros', $short);
my ($lost) = $short =~ /<ds:SignatureValue>([^<]*)</;
ask_verdict('but not an odd number of octets', changed($short, quotemeta $lost, encode_base64(substr decode_base64($lost), 0, 129)), 'valid, reason',
	'f|SignatureValue is not base64 of the key\'s length');

# RSA-PSS: xmlsec1 1.2 knows none, so it digests and openssl signs.

sub pss
{
	my ($digest, $uri, @options) = @_;
	my $document = changed(signed(name => 'rsa3072', method => "${more}rsa-sha256"), quotemeta "${more}rsa-sha256", $uri);
	my ($info) = $document =~ /(<ds:SignedInfo>.*<\/ds:SignedInfo>)/s;
	my $octets = $node->safe_psql('postgres', "SELECT encode(ootspg.canonical(decode('"
		  . encode_base64($info =~ s/<ds:SignedInfo/<ds:SignedInfo xmlns:ds="$ds"/r, '') . "', 'base64')), 'hex')");
	write_file("$files/info", pack 'H*', $octets);
	run_openssl('dgst', "-$digest", '-sign', "$keys/rsa3072.key", (map { ('-sigopt', $_) } @options), '-out', "$files/value", "$files/info");
	return changed($document, qr/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>' . encode_base64(slurp_file("$files/value")));
}

my $mgf1 = 'http://www.w3.org/2007/05/xmldsig-more#';
my $unfit = 'f|9 signature|the signature or a digest does not fit';
for (['sha256', 32], ['sha384', 48], ['sha512', 64])
{
	my ($digest, $salt) = @$_;
	ask_verdict("RSA-PSS with $digest", pss($digest, "$mgf1$digest-rsa-MGF1", 'rsa_padding_mode:pss', "rsa_pss_saltlen:$salt"), 'valid, step, reason, algorithm', "t|||$digest-rsa-MGF1");
}
my @as_named = ('rsa_padding_mode:pss', 'rsa_pss_saltlen:32');
for (['a salt of no octets', 'sha256', 'rsa_padding_mode:pss', 'rsa_pss_saltlen:0'], ['a shorter salt', 'sha256', 'rsa_padding_mode:pss', 'rsa_pss_saltlen:20'],
	['a longer salt', 'sha256', 'rsa_padding_mode:pss', 'rsa_pss_saltlen:33'], ['the longest salt', 'sha256', 'rsa_padding_mode:pss', 'rsa_pss_saltlen:max'],
	['SHA-1 in the mask', 'sha256', @as_named, 'rsa_mgf1_md:sha1'], ['another digest', 'sha384', @as_named], ['the padding of PKCS#1 v1.5', 'sha256'])
{
	my ($name, $digest, @options) = @$_;
	ask_verdict("no RSA-PSS: $name", pss($digest, "${mgf1}sha256-rsa-MGF1", @options), 'valid, step, reason', $unfit);
}
ask_verdict('RSA-PSS is not taken for PKCS#1 v1.5', pss('sha256', "${more}rsa-sha256", @as_named), 'valid, step, reason', $unfit);
my $pss = pss('sha256', "${mgf1}sha256-rsa-MGF1", @as_named);
my $method = 'f|7 algorithms|the signature method is not accepted';
ask_verdict('RSA-PSS of another document', changed($pss, 'Anna', 'Berta'), 'valid, step, reason', $unfit);
ask_verdict("no RSA-PSS: $_", changed($pss, 'sha256-rsa-MGF1', $_), 'valid, step, reason', $method) for 'rsa-pss', 'sha1-rsa-MGF1', 'sha224-rsa-MGF1';
ask_verdict('parameters are not understood', changed($pss, 'sha256-rsa-MGF1"/>', 'sha256-rsa-MGF1"><p:RSAPSSParams xmlns:p="urn:p"/></ds:SignatureMethod>'), 'valid, step, reason', $method);
ask_verdict('RSA-PSS over an EC key', changed(signed(), "\Q${more}ecdsa-sha256", "${mgf1}sha256-rsa-MGF1"), 'valid, step', 'f|8 certificate');
judge($node);

# Memory stays flat, also where a verification ends before its end

SKIP:
{
	skip 'no /proc', 1 unless -r '/proc/self/status';
	my @documents = map { encode_base64($_, '') } $pss, changed($pss, 'Anna', 'Berta'), signed(transforms => $filter2->() . $canonical x 2),
	  signed(transforms => $filter->()), signed(%former);
	$node->safe_psql('postgres', "CREATE TABLE document AS SELECT decode(d, 'base64') AS d FROM unnest(string_to_array('@documents', ' ')) d");
	$node->safe_psql('postgres', <<'END');
CREATE FUNCTION resident() RETURNS bigint LANGUAGE sql AS $$ SELECT substring(pg_read_file('/proc/' || pg_backend_pid() || '/status') from 'VmRSS:\s*(\d+)')::bigint $$;
CREATE FUNCTION turns(n int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..n LOOP PERFORM FROM document, ootspg.verify_seal(d); END LOOP; END $$;
END
	my (undef, $before, undef, $after) = split /\n/, $node->safe_psql('postgres', 'SELECT turns(200); SELECT resident(); SELECT turns(2000); SELECT resident();');
	cmp_ok($after - $before, '<', 1024, 'ten thousand verdicts in one session leave no more than 1 MB behind');
}

$node->stop;
unlike(slurp_file($node->logfile), qr/func=xmlSec|parser error|Entity:|TRAP/, 'the libraries do not write to the log');
done_testing();
