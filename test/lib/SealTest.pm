# SealTest: throw-away keys and certificates made by openssl in the test run, and
# what the tests of seals say about SQL calls. No key is kept anywhere.
package SealTest;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use IPC::Run;
use MIME::Base64;
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(make_key make_pair make_dated_pair make_issued run_openssl
  uris refused xmlsec_verify write_file
  $ds $xades $exc $more $sha256 $enveloped $canonical $filter $filter2
  certificate_digest bound_by x509_data make_signed changed ask_verdict judge);

# What signatures are made of

our $ds = 'http://www.w3.org/2000/09/xmldsig#';
our $xades = 'http://uri.etsi.org/01903/v1.3.2#';
our $exc = 'http://www.w3.org/2001/10/xml-exc-c14n#';
our $more = 'http://www.w3.org/2001/04/xmldsig-more#';
our $sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
our $enveloped = "<ds:Transform Algorithm=\"${ds}enveloped-signature\"/>";
our $canonical = "<ds:Transform Algorithm=\"$exc\"/>";

# The filters of others that leave the signature out, with another path or a different set of nodes
our $filter = sub {
	my ($path) = @_;
	return '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>' . ($path // 'not(ancestor-or-self::ds:Signature)')
	  . '</ds:XPath></ds:Transform>';
};
our $filter2 = sub {
	my ($path, $attributes) = @_;
	return '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" '
	  . ($attributes // 'Filter="subtract"') . '>' . ($path // '/descendant::ds:Signature') . '</f:XPath></ds:Transform>';
};

# how long the certificates of make_pair() hold
our $days = 30;

my @subject = ('-subj', '/C=EE/O=Test Registry/CN=Test eSeal/organizationIdentifier=NTREE-10000001');
my $usage = 'keyUsage=critical,digitalSignature,nonRepudiation';
my %kinds = (
	p256 => [ 'EC', 'ec_paramgen_curve:P-256' ],
	p384 => [ 'EC', 'ec_paramgen_curve:P-384' ],
	p521 => [ 'EC', 'ec_paramgen_curve:P-521' ],
	ed25519 => ['ED25519'],
	ed448 => ['ED448'],
	bp256 => [ 'EC', 'ec_paramgen_curve:brainpoolP256r1' ],
	bp384 => [ 'EC', 'ec_paramgen_curve:brainpoolP384r1' ],
	bp512 => [ 'EC', 'ec_paramgen_curve:brainpoolP512r1' ],
	k256 => [ 'EC', 'ec_paramgen_curve:secp256k1' ],
	rsa2048 => [ 'RSA', 'rsa_keygen_bits:2048' ],
	rsa3072 => [ 'RSA', 'rsa_keygen_bits:3072' ]);

sub run_openssl
{
	my @command = @_;
	my $output = '';

	IPC::Run::run([ 'openssl', @command ], '<', \'', '>&', \$output)
	  or die "openssl @command: $output";
	return $output;
}

sub write_file
{
	my ($path, $content) = @_;

	open my $file, '>:raw', $path or die "$path: $!";
	print $file $content;
	close $file or die "$path: $!";
	return $path;
}

# make_key(directory, name, kind): NAME.key with mode 0600
sub make_key
{
	my ($dir, $name, $kind) = @_;
	my ($algorithm, $option) = @{ $kinds{$kind} };

	run_openssl('genpkey', '-algorithm', $algorithm, $option ? ('-pkeyopt', $option) : (), '-out', "$dir/$name.key");
	chmod 0600, "$dir/$name.key";
	return;
}

# make_pair(directory, name, kind, extensions...): also NAME.pem, self-signed
sub make_pair
{
	my ($dir, $name, $kind, @extensions) = @_;

	@extensions = ($usage, 'basicConstraints=CA:FALSE') unless @extensions;
	make_key($dir, $name, $kind);
	run_openssl('req', '-x509', '-key', "$dir/$name.key", '-out', "$dir/$name.pem", '-days', $days,
		@subject, map { ('-addext', $_) } @extensions);
	return;
}

# make_issued(directory, name, kind, issuer, extensions...): NAME.pem issued by ISSUER
sub make_issued
{
	my ($dir, $name, $kind, $issuer, @extensions) = @_;

	@extensions = ($usage, 'basicConstraints=CA:FALSE') unless @extensions;
	make_key($dir, $name, $kind);
	write_file("$dir/$name.ext", join("\n", @extensions, ''));
	run_openssl('req', '-new', '-key', "$dir/$name.key", '-out', "$dir/$name.csr",
		'-subj', "/C=EE/O=Test Registry/CN=$name");
	run_openssl('x509', '-req', '-in', "$dir/$name.csr", '-out', "$dir/$name.pem", '-days', '30',
		'-CA', "$dir/$issuer.pem", '-CAkey', "$dir/$issuer.key", '-CAcreateserial',
		'-extfile', "$dir/$name.ext");
	return;
}

# make_dated_pair(directory, name, from, to): P-256, valid between two times
sub make_dated_pair
{
	my ($dir, $name, $from, $to) = @_;
	my ($start, $end) = map { strftime('%Y%m%d%H%M%SZ', gmtime $_) } $from, $to;

	make_key($dir, $name, 'p256');
	write_file("$dir/index", '');
	write_file("$dir/ca.conf", <<"END");
[ca]
default_ca = here
[here]
database = $dir/index
new_certs_dir = $dir
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = CA:FALSE
END
	run_openssl('req', '-new', '-key', "$dir/$name.key", '-out', "$dir/$name.csr", '-subj', '/CN=Dated');
	run_openssl('ca', '-batch', '-notext', '-selfsign', '-config', "$dir/ca.conf", '-keyfile', "$dir/$name.key",
		'-in', "$dir/$name.csr", '-out', "$dir/$name.pem", '-startdate', $start, '-enddate', $end);
	return;
}

# uris(name, certificate): the three arguments that name a key, as SQL
sub uris
{
	my ($name, $certificate) = @_;

	$certificate //= $name;
	return "'$name', 'file:$name.key', 'file:$certificate.pem'";
}

# refused(node, sql, sqlstate, message, test name): the call raises just that
sub refused
{
	my ($node, $sql, $state, $message, $name) = @_;
	my ($stdout, $stderr);

	$node->psql('postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$stdout, stderr => \$stderr);
	like($stderr, qr/ERROR:  \Q$state\E: $message/, $name);
	unlike($stderr, qr/PRIVATE|BEGIN /, "$name: nothing of a key is shown");
	return;
}

# xmlsec1 looks for a key by what KeyInfo says since 1.3, unless it is told not to; before, it knows no such option.
my @given_key = `xmlsec1 --help-verify 2>&1` =~ /--lax-key-search/ ? '--lax-key-search' : ();


# xmlsec_verify(certificate file, files...): how many files xmlsec1 finds good, and
# whether it says that all are
sub xmlsec_verify
{
	my ($certificate, @files) = @_;
	my ($stdout, $stderr) = ('', '');
	my $all = IPC::Run::run(
		[ 'xmlsec1', '--verify', @given_key, '--pubkey-cert-pem', $certificate, '--enabled-reference-uris', 'empty,same-doc', @files ],
		'>', \$stdout, '2>', \$stderr);
	my $good = () = "$stdout$stderr" =~ /^(?:Verification status: )?OK$/mg;

	return ($good, $all ? 1 : 0);
}

# changed(document, pattern, change): one change of a document, which must be possible
sub changed
{
	my ($document, $pattern, $change) = @_;
	$document =~ s/$pattern/ref $change ? $change->() : $change/e or die "nothing matches $pattern";
	return $document;
}

sub der_of
{
	my ($path) = @_;
	return run_openssl('x509', '-in', $path, '-outform', 'DER');
}

# certificate_digest(certificate file, directory, algorithm's URI): in base64
sub certificate_digest
{
	my ($certificate, $files, $uri) = @_;
	my %algorithm = ($sha256 => 'sha256', "${more}sha384" => 'sha384', 'http://www.w3.org/2001/04/xmlenc#sha512' => 'sha512', "${ds}sha1" => 'sha1');

	write_file("$files/cert.der", der_of($certificate));
	run_openssl('dgst', "-$algorithm{$uri}", '-binary', '-out', "$files/cert.digest", "$files/cert.der");
	return encode_base64(slurp_file("$files/cert.digest"), '');
}

# bound_by(digest in base64, element, algorithm's URI, more of Cert): what binds the certificate
sub bound_by
{
	my ($digest, $element, $uri, $rest) = @_;

	$element //= 'SigningCertificateV2';
	$uri //= $sha256;
	$rest //= '';
	return "<xades:$element><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm=\"$uri\"/><ds:DigestValue>$digest</ds:DigestValue></xades:CertDigest>$rest</xades:Cert></xades:$element>";
}

# x509_data(certificate files...): one ds:X509Data
sub x509_data
{
	return '<ds:X509Data>' . join('', map { "<ds:X509Certificate>\n" . encode_base64(der_of($_)) . '</ds:X509Certificate>' } @_) . '</ds:X509Data>';
}

sub reference
{
	my ($attributes, $transforms, $digest) = @_;
	$transforms = defined $transforms ? "<ds:Transforms>$transforms</ds:Transforms>" : '';
	return "<ds:Reference $attributes>$transforms<ds:DigestMethod Algorithm=\"$digest\"/><ds:DigestValue/></ds:Reference>";
}

# make_signed(evidence => document, keys => directory, files => directory, option => value...):
# the document with a signature made by xmlsec1; undef for transforms leaves Transforms out
sub make_signed
{
	my %o = (
		name => 'p256',
		method => "${more}ecdsa-sha256",
		c14n => $exc,
		transforms => "$enveloped$canonical",
		properties_transforms => $canonical,
		digest => $sha256,
		properties_digest => $sha256,
		certificate_digest => $sha256,
		time => '2026-01-02T03:04:05Z',
		format => '<xades:DataObjectFormat ObjectReference="#ref-1"><xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat>',
		more_key_info => '',
		key_info_attributes => '',
		document_attributes => '',
		references => '',
		policy => '',
		@_);
	my ($keys, $files) = @o{qw(keys files)};
	my $v2 = $o{v2} // 'SigningCertificateV2';
	my $binding = $o{binding} // bound_by($o{bound} // certificate_digest("$keys/$o{name}.pem", $files, $o{certificate_digest}), $v2, $o{certificate_digest});
	my $data = $o{key_info} // x509_data("$keys/$o{name}.pem");

	my $template = "<ds:Signature xmlns:ds=\"$ds\" Id=\"sig-1\"><ds:SignedInfo>\n<ds:CanonicalizationMethod Algorithm=\"$o{c14n}\"/><ds:SignatureMethod Algorithm=\"$o{method}\"/>"
	  . reference("Id=\"ref-1\" URI=\"\"$o{document_attributes}", $o{transforms}, $o{digest})
	  . reference('Type="http://uri.etsi.org/01903#SignedProperties" URI="#sp-1"', $o{properties_transforms}, $o{properties_digest})
	  . "$o{references}</ds:SignedInfo>\n<ds:SignatureValue/>\n<ds:KeyInfo$o{key_info_attributes}>$o{more_key_info}$data</ds:KeyInfo>\n"
	  . "<ds:Object><xades:QualifyingProperties xmlns:xades=\"$xades\" Target=\"#sig-1\"><xades:SignedProperties Id=\"sp-1\"><xades:SignedSignatureProperties>\n"
	  . "<xades:SigningTime>$o{time}</xades:SigningTime>$binding$o{policy}"
	  . "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>$o{format}</xades:SignedDataObjectProperties></xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>";
	write_file("$files/template.xml", changed($o{evidence}, qr/(?=<\/[^>]*>\z)/, $template));
	my $output = '';
	IPC::Run::run([ 'xmlsec1', '--sign', @given_key, '--output', "$files/signed.xml",
			($o{key} ? @{ $o{key} } : ('--privkey-pem', "$keys/$o{name}.key")), "$files/template.xml" ], '>&', \$output)
	  or die "xmlsec1: $output";
	return slurp_file("$files/signed.xml") =~ s/^<\?xml[^>]*\?>\n//r =~ s/\n\z//r;
}

# Verdicts are asked for in one session, when judge() says so: a session each would take
# longer than all that is judged.

my @asked;

# ask_verdict(name, document, columns, expected, option => value...): what verify_seal() will say; options: arguments
# after the document, a setting for this one
sub ask_verdict
{
	my ($name, $document, $columns, $expected, %o) = @_;
	my $setting = $o{setting} ? "SET $o{setting};" : '';

	push @asked, [ $name, "$setting SELECT $columns FROM ootspg.verify_seal(decode('" . encode_base64($document, '') . "', 'base64')" . ($o{arguments} // '') . '); RESET ALL;', $expected ];
	return;
}

# judge(node): asks, and compares with what is expected: a text, a pattern, or code that is given the answer
sub judge
{
	my ($node) = @_;
	my @answers = split /^----\n/m, $node->safe_psql('postgres', join("\n\\echo ----\n", map { $_->[1] } @asked) . "\n\\echo ----\n") . "\n";

	is(scalar @answers, scalar @asked, 'a verdict on everything');
	for my $i (0 .. $#asked)
	{
		my ($name, undef, $expected) = @{ $asked[$i] };
		my $answer = $answers[$i] =~ s/\n\z//r;
		ref $expected ? ok($expected->($answer), "$name ($answer)") : is($answer, $expected, $name);
	}
	@asked = ();
	return;
}

1;
