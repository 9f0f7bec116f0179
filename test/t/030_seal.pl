# Seal keys and sealing: which keys are refused and how, what a seal looks like, that
# xmlsec1 and verify_seal() accept every one of 5 000, rotation and expiry.
use strict;
use warnings FATAL => 'all';

use File::Copy qw(copy);
use POSIX qw(mkfifo);

use FindBin;
use lib "$FindBin::RealBin/../lib";
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $node = start_node('seal');
my $keys = $node->basedir . '/keys';
my $outside = $node->basedir . '/outside';
my $files = PostgreSQL::Test::Utils::tempdir;
my $facts = 'SELECT * FROM ootspg_internal.key_facts';

$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
mkdir $outside or die $!;

# Which keys may seal

make_pair($keys, $_, $_) for qw(p256 p384 rsa3072);
my %algorithms = (p256 => 'ecdsa-sha256', p384 => 'ecdsa-sha384', rsa3072 => 'rsa-sha256');
for my $kind (sort keys %algorithms)
{
	is($node->safe_psql('postgres', 'SELECT algorithm, subject FROM ootspg_internal.key_facts(' . uris($kind) . ')'),
		"$algorithms{$kind}|organizationIdentifier=NTREE-10000001,CN=Test eSeal,O=Test Registry,C=EE",
		"$kind makes $algorithms{$kind}");
}

make_pair($keys, $_, $_) for qw(rsa2048 p521);
make_pair($keys, 'authority', 'p256', 'basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign,digitalSignature');
make_pair($keys, 'encipher', 'p256', 'keyUsage=keyAgreement', 'basicConstraints=CA:FALSE');
make_pair($keys, 'other', 'p256');
make_dated_pair($keys, 'expired', time - 7200, time - 3600);
make_dated_pair($keys, 'early', time + 3600, time + 7200);
make_pair($outside, 'far', 'p256');
copy("$keys/p256.key", "$keys/grouped.key");
chmod 0640, "$keys/grouped.key";
copy("$keys/p256.key", "$keys/world.key");
chmod 0604, "$keys/world.key";
copy("$keys/p256.pem", "$keys/writable.pem");
chmod 0666, "$keys/writable.pem";
symlink "$outside/far.key", "$keys/astray.key" or die $!;
symlink $outside, "$keys/door" or die $!;
symlink 'p256.key', "$keys/inside.key" or die $!;
mkfifo("$keys/pipe.key", 0600) or die $!;
mkdir "$keys/folder.key" or die $!;
write_file("$keys/nonsense.key", "no key\n");
chmod 0600, "$keys/nonsense.key";
write_file("$keys/nonsense.pem", "no certificate\n");
write_file("$keys/large.key", 'x' x 70000);
chmod 0600, "$keys/large.key";
write_file("$keys/disorder.pem", slurp_file("$keys/p256.pem") . slurp_file("$keys/other.pem"));

for my $case (
	[ 'rsa2048', 'rsa2048', 'certificate', 'its algorithm or size is not allowed for new seals' ],
	[ 'p521', 'p521', 'certificate', 'its algorithm or size is not allowed for new seals' ],
	[ 'authority', 'authority', 'certificate', 'it is the certificate of an authority' ],
	[ 'encipher', 'encipher', 'certificate', 'the certificate\'s key usage does not allow signatures' ],
	[ 'expired', 'expired', 'certificate', 'it has expired' ],
	[ 'early', 'early', 'certificate', 'it is not valid yet' ],
	[ 'other', 'p256', 'key', 'it does not belong to the certificate' ],
	[ 'p384', 'p256', 'key', 'it does not belong to the certificate' ],
	[ 'rsa3072', 'p256', 'key', 'it does not belong to the certificate' ],
	[ 'grouped', 'p256', 'key', 'its group or others have access to it' ],
	[ 'world', 'p256', 'key', 'its group or others have access to it' ],
	[ 'p256', 'writable', 'certificate', 'everybody may write it' ],
	[ 'astray', 'p256', 'key', 'it lies outside of its place in ootspg.key_directory' ],
	[ 'door/far', 'p256', 'key', 'it lies outside of its place in ootspg.key_directory' ],
	[ '../outside/far', 'p256', 'key', 'it lies outside of its place in ootspg.key_directory' ],
	[ 'p256', '../outside/far', 'certificate', 'it lies outside of its place in ootspg.key_directory' ],
	[ "$outside/far", 'p256', 'key', 'it lies outside of its place in ootspg.key_directory' ],
	[ "//$outside/far", 'p256', 'key', 'it lies outside of its place in ootspg.key_directory' ],
	[ '//host/p256', 'p256', 'key', 'its URI names a host' ],
	[ 'absent', 'p256', 'key', 'it does not exist' ],
	[ 'pipe', 'p256', 'key', 'it is not a regular file' ],
	[ 'folder', 'p256', 'key', 'it is not a regular file' ],
	[ 'nonsense', 'p256', 'key', 'it holds no private key in PEM form' ],
	[ 'p256', 'nonsense', 'certificate', 'there is no certificate in it' ],
	[ 'large', 'p256', 'key', 'it is too large' ],
	[ '%2e%2e/outside/far', 'p256', 'key', 'its URI has characters other than those of a plain path' ],
	[ 'p256', 'disorder', 'certificate', 'a certificate after it is not its issuer\'s' ])
{
	my ($key, $certificate, $what, $reason) = @$case;

	refused($node, "$facts('k', 'file:$key.key', 'file:$certificate.pem')", 'OT004',
		qr/$what of seal key "k" cannot be used: \Q$reason\E$/m, "$key with $certificate: $reason");
}
refused($node, "$facts('k', 'pkcs11:token=ootspg;object=seal', 'file:p256.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: no provider serves the scheme of its URI/, 'a scheme without provider');
refused($node, "$facts('k', 'pkcs11:token=x?pin-value=1234', 'file:p256.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: its URI contains a PIN/, 'a PIN in a URI');
refused($node, "$facts('k', '/etc/passwd', 'file:p256.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: its URI has no scheme/, 'a bare path is no URI');
refused($node, "$facts('k', 'file:p256.key?pass=x', 'file:p256.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: its URI has a query that is not understood/, 'a foreign query');
is($node->safe_psql('postgres', "SELECT algorithm FROM ootspg_internal.key_facts('k', 'file:inside.key', 'file://$keys/p256.pem')"),
	'ecdsa-sha256', 'a link that stays inside and an absolute URI are fine');

write_file("$keys/both.pem", slurp_file("$keys/p256.key") . slurp_file("$keys/p256.pem"));
chmod 0600, "$keys/both.pem";
is($node->safe_psql('postgres', "SELECT algorithm FROM ootspg_internal.key_facts('k', 'file:both.pem', 'file:both.pem')"),
	'ecdsa-sha256', 'key and certificate in one file, which can be replaced at once');

# Encrypted keys

run_openssl('pkcs8', '-topk8', '-in', "$keys/p256.key", '-out', "$keys/locked.key", '-v2', 'aes-256-cbc', '-passout', 'pass:open sesame');
chmod 0600, "$keys/locked.key";
for (['phrase', "open sesame\n", 0600], ['wrong', "close sesame\n", 0600], ['public', "open sesame\n", 0644])
{
	my ($name, $content, $mode) = @$_;
	chmod $mode, write_file("$keys/$name", $content);
}
is($node->safe_psql('postgres', "SELECT algorithm FROM ootspg_internal.key_facts('k', 'file:locked.key?passphrase-file=phrase', 'file:p256.pem')"),
	'ecdsa-sha256', 'an encrypted key opens with its pass phrase file');
refused($node, "$facts('k', 'file:locked.key', 'file:p256.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: it is encrypted, and its URI names no pass phrase file/, 'no pass phrase');
refused($node, "$facts('k', 'file:locked.key?passphrase-file=wrong', 'file:p256.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: its pass phrase does not fit/, 'a wrong pass phrase');
refused($node, "$facts('k', 'file:locked.key?passphrase-file=public', 'file:p256.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: its pass phrase file is missing, too large/, 'a pass phrase file open to others');

# What a seal looks like

my $uuid = qr/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
for my $kind (sort keys %algorithms)
{
	my $sealed = $node->safe_psql('postgres',
		"SELECT convert_from(ootspg_internal.seal_with(convert_to('<e:a xmlns:e=\"urn:e\"><b/></e:a>', 'UTF8'), " . uris($kind) . "), 'UTF8')");
	my $file = write_file("$files/$kind.xml", $sealed);
	my $der = $node->safe_psql('postgres',
		"SELECT encode(certificate_sha256, 'base64') FROM ootspg_internal.key_facts(" . uris($kind) . ')');
	my ($id) = $sealed =~ /<ds:Signature xmlns:ds="[^"]*" Id="sig-($uuid)">/;

	is_deeply([ xmlsec_verify("$keys/$kind.pem", $file) ], [ 1, 1 ], "$kind: xmlsec1 accepts the seal");
	like($sealed, qr/^<e:a xmlns:e="urn:e"><b><\/b><ds:Signature .*<\/ds:Signature><\/e:a>$/s, "$kind: the seal is the root's last child");
	like($sealed, qr/xmldsig-more#\Q$algorithms{$kind}\E"/, "$kind: the signature method");
	like($sealed, qr/<ds:Reference Id="ref-$id" URI="">/, "$kind: a reference to the document");
	like($sealed, qr/<ds:Reference Type="http:\/\/uri.etsi.org\/01903#SignedProperties" URI="#sp-$id">/, "$kind: a reference to the properties");
	like($sealed, qr/<xades:QualifyingProperties xmlns:xades="[^"]*" Target="#sig-$id"><xades:SignedProperties Id="sp-$id">/, "$kind: Target");
	like($sealed, qr/<xades:DataObjectFormat ObjectReference="#ref-$id"><xades:MimeType>application\/xml</, "$kind: ObjectReference");
	like($sealed, qr/<xades:SigningTime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ</, "$kind: SigningTime in UTC, whole seconds");
	like($sealed, qr/<xades:Cert><xades:CertDigest><ds:DigestMethod [^>]*#sha256"><\/ds:DigestMethod><ds:DigestValue>\Q$der\E</, "$kind: digest of the certificate's DER");
	my @ids = $sealed =~ / Id="([^"]*)"/g;
	is(scalar @ids, 4, "$kind: four identifiers");
	like($_, qr/^(sig|ref|sp|sv)-$uuid$/, "$kind: identifier") for @ids;
	is($node->safe_psql('postgres', "SELECT ootspg.canonical(s) = s FROM convert_to('$sealed', 'UTF8') s"), 't', "$kind: the sealed document is canonical");
}

# A chain goes into KeyInfo, its anchor does not

make_issued($keys, 'middle', 'p256', 'authority', 'basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign');
make_issued($keys, 'leaf', 'p256', 'middle');
write_file("$keys/chain.pem", join '', map { slurp_file("$keys/$_.pem") } qw(leaf middle authority));
my $chained = "ootspg_internal.seal_with('<a/>', " . uris('leaf', 'chain') . ')';
is($node->safe_psql('postgres', "SELECT regexp_count(convert_from($chained, 'UTF8'), '<ds:X509Certificate>')"), '2',
	'seal certificate and intermediate, but not the anchor');
for (['authority', 'valid'], ['middle', 'valid'], ['leaf', 'valid'], ['other', 'untrusted'])
{
	my ($anchor, $chain) = @$_;
	is($node->safe_psql('postgres', "SELECT valid, chain, revocation FROM ootspg.verify_seal($chained, pg_read_binary_file('$keys/$anchor.pem'))"),
		"t|$chain|not checked", "anchored at $anchor: $chain");
}
refused($node, "SELECT * FROM ootspg.verify_seal($chained, 'no anchors')", '22023',
	qr/there is no certificate in the trust anchors/, 'anchors that are none');

# xsi:type with a prefix that canonical XML drops

refused($node, 'SELECT ootspg_internal.seal_with(\'<a xmlns:p="urn:p" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="p:T"/>\', '
	  . uris('p256') . ')', 'OT005', qr/the document cannot be sealed: an xsi:type uses a prefix/, 'an xsi:type that loses its prefix');
for ('<p:a xmlns:p="urn:p" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><b xsi:type="p:T"/></p:a>',
	'<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="T" xmlns:q="urn:q" q:type="urn:x">xsi:type="p:T"</a>')
{
	is($node->safe_psql('postgres', "SELECT valid FROM ootspg.verify_seal(ootspg_internal.seal_with('$_', " . uris('p256') . '))'),
		't', 'other types are sealed');
}

# 5 000 seals, all good

$node->safe_psql('postgres', 'CREATE TABLE sealed AS SELECT n, document, ootspg_internal.seal_with(document, '
	  . uris('p256') . q{) AS seal FROM generate_series(1, 5000) n,
	convert_to(format('<r:Record xmlns:r="urn:r" xmlns:unused="urn:u" b="%s &#9;&lt;&quot;" a="ä"><Name>O&apos;Brien &amp; Å %s</Name>&#13;<r:Empty/>%s</r:Record>', n, n, repeat('x', n % 1000)), 'UTF8') document});
is($node->safe_psql('postgres', q{SELECT count(*), count(*) FILTER (WHERE valid), count(*) FILTER (WHERE signed_content = ootspg.canonical(document)),
	count(*) FILTER (WHERE ootspg.canonical(seal) = seal) FROM sealed, ootspg.verify_seal(seal)}),
	'5000|5000|5000|5000', 'verify_seal() accepts all, their content and they themselves are canonical');
is($node->safe_psql('postgres', q{SELECT min(octet_length(v)), max(octet_length(v)), count(*) FILTER (WHERE get_byte(v, 0) = 0 OR get_byte(v, 32) = 0) > 0
	FROM sealed, decode(substring(convert_from(seal, 'UTF8') from '<ds:SignatureValue[^>]*>([^<]*)<'), 'base64') v}),
	'64|64|t', 'every SignatureValue has 64 bytes, those with leading zeros too');
is($node->safe_psql('postgres', q{SELECT count(DISTINCT substring(convert_from(seal, 'UTF8') from 'Id="sig-([^"]*)"')) FROM sealed}), '5000', 'no identifier comes twice');

my @sealed;
for my $row (split /\n/, $node->safe_psql('postgres', q{SELECT n || ' ' || translate(encode(seal, 'base64'), E'\n', '') FROM sealed}))
{
	my ($n, $base64) = split / /, $row;
	push @sealed, write_file("$files/$n.xml", decode_base64($base64));
}
my ($good, $all) = (0, 1);
while (my @batch = splice @sealed, 0, 500)
{
	my ($batch_good, $batch_all) = xmlsec_verify("$keys/p256.pem", @batch);
	$good += $batch_good;
	$all &&= $batch_all;
}
is($good, 5000, 'xmlsec1 accepts 5000');
is($all, 1, 'and says so');

# Rotation in one session, without a restart

copy("$keys/p256.$_", "$keys/current.$_") for qw(key pem);
chmod 0600, "$keys/current.key";
my $digest = 'SELECT encode(certificate_sha256, \'hex\') FROM ootspg_internal.key_facts(' . uris('current') . ');';
my ($old, $new) = map { $node->safe_psql('postgres', $digest =~ s/current/$_/gr) } qw(p256 other);
is($node->safe_psql('postgres', join "\n", $digest,
		"\\! cp -p $keys/other.key $keys/next && mv $keys/next $keys/current.key",
		"\\! cp -p $keys/other.pem $keys/next && mv $keys/next $keys/current.pem",
		'SELECT pg_sleep(1.1);', $digest,
		'SELECT encode(certificate_sha256, \'hex\') FROM ootspg.verify_seal(ootspg_internal.seal_with(\'<a/>\', ' . uris('current') . '));'),
	"$old\n\n$new\n$new", 'new files are used by a session that has used the old');
my ($stdout, $stderr);
$node->psql('postgres', join("\n", $digest, "\\! chmod 0644 $keys/current.key", 'SELECT pg_sleep(1.1);', $digest, $digest,
		"\\! chmod 0600 $keys/current.key", $digest), stdout => \$stdout, stderr => \$stderr, on_error_stop => 0);
is($stdout, "$new\n\n$new", 'a key opened to others is not used any more, and used again when closed');
is(() = $stderr =~ /its group or others have access to it/g, 2, 'it is refused each time');
$node->psql('postgres', join("\n", $digest, "\\! cp $keys/p256.pem $keys/current.pem", 'SELECT pg_sleep(1.1);', $digest),
	stdout => \$stdout, stderr => \$stderr, on_error_stop => 0);
is($stdout, "$new\n", 'half a rotation stops sealing');
like($stderr, qr/it does not belong to the certificate/, 'and says why');

# Expiry in a session

make_dated_pair($keys, 'brief', time - 5, time + 8);
$node->psql('postgres', join("\n", 'SELECT algorithm FROM ootspg_internal.key_facts(' . uris('brief') . ');',
		'SELECT pg_sleep(extract(epoch FROM not_after - clock_timestamp()) + 0.2) FROM ootspg_internal.key_facts(' . uris('brief') . ');',
		'SELECT ootspg_internal.seal_with(\'<a/>\', ' . uris('brief') . ');'), stdout => \$stdout, stderr => \$stderr, on_error_stop => 0);
is($stdout, "ecdsa-sha256\n", 'a key is good until its certificate ends');
like($stderr, qr/certificate of seal key "brief" cannot be used: it has expired/, 'and not a moment longer');

# Not for everybody

refused($node, "CREATE ROLE nobody; SET ROLE nobody; SELECT ootspg_internal.seal_with('<a/>', " . uris('p256') . ')', '42501',
	qr/permission denied/, 'keys are not for everybody');

# Memory stays flat

my $resident = q{CREATE FUNCTION resident() RETURNS bigint LANGUAGE sql AS $$ SELECT substring(pg_read_file('/proc/' || pg_backend_pid() || '/status') from 'VmRSS:\s*(\d+)')::bigint $$;
CREATE FUNCTION turns(n int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..n LOOP PERFORM FROM ootspg.verify_seal(ootspg_internal.seal_with('<a>text</a>', URIS)); PERFORM FROM ootspg.verify_seal('<a><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></a>'); END LOOP; END $$;};
$resident =~ s/URIS/uris('p256')/e;
SKIP:
{
	skip 'no /proc', 1 unless -r '/proc/self/status';
	$node->safe_psql('postgres', $resident);
	my (undef, $before, undef, $after) = split /\n/, $node->safe_psql('postgres', 'SELECT turns(1000); SELECT resident(); SELECT turns(10000); SELECT resident();');
	cmp_ok($after - $before, '<', 1024, 'ten thousand seals and verdicts in one session leave no more than 1 MB behind');
}

$node->stop;
unlike(slurp_file($node->logfile), qr/func=xmlSec|PRIVATE KEY|open sesame/, 'nothing of libxmlsec1 or of keys in the log');
done_testing();
