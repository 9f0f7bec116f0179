# Seals whose certificates were revoked, or not, or perhaps: lists that the caller gives, and lists and OCSP responses that a seal
# brings; against what was stamped before.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use MIME::Base64;
use OotspgTest;
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;
use TimeStampAuthority;

my $node = start_node('revocation');
my $keys = $node->basedir . '/keys';
my $files = PostgreSQL::Test::Utils::tempdir;
my @authority = ('basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign');

sub bytea { return "decode('" . encode_base64($_[0], '') . "', 'base64')"; }

sub bytes_of { return pack 'H*', $node->safe_psql('postgres', "SELECT encode($_[0], 'hex')"); }

$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
make_pair($files, 'root', 'p384', @authority);
make_issued($files, 'inter', 'p256', 'root', @authority, 'subjectKeyIdentifier=hash');
make_issued($files, 'signer', 'p256', 'inter', 'keyUsage=critical,digitalSignature,nonRepudiation', 'basicConstraints=CA:FALSE', 'authorityKeyIdentifier=keyid');
TimeStampAuthority::make($files, 'tsa', 'root');
make_issued($files, 'responder', 'p256', 'inter', 'extendedKeyUsage=OCSPSigning', 'keyUsage=critical,digitalSignature', 'basicConstraints=CA:FALSE', 'noCheck=yes');
make_pair($files, 'forger', 'p256', @authority);
write_file("$keys/signer.key", slurp_file("$files/signer.key"));
chmod 0600, "$keys/signer.key";
write_file("$keys/signer.pem", slurp_file("$files/signer.pem") . slurp_file("$files/inter.pem"));

my $now = time;
sub serial { return run_openssl('x509', '-noout', '-serial', '-in', "$files/$_[0].pem") =~ /serial=(\w+)/ ? $1 : die; }
sub utc { return strftime('%y%m%d%H%M%SZ', gmtime $_[0]); }

# index(issuer, certificate => time of revocation, or 0 …): what the authority knows
sub index_of
{
	my ($issuer, %known) = @_;
	write_file("$files/$issuer.index", join '', map { my $at = $known{$_};
		($at ? 'R' : 'V') . "\t" . utc($now + 86400) . "\t" . ($at ? utc($at) : '') . "\t" . serial($_) . "\tunknown\t/CN=$_\n" } sort keys %known);
	write_file("$files/$issuer.conf", "[ca]\ndefault_ca = here\n[here]\ndatabase = $files/$issuer.index\ndefault_md = sha256\ndefault_crl_days = 1\n");
	return;
}

# crl(issuer, certificate => time …, -option => value …): its list, DER
sub crl
{
	my ($issuer, %o) = @_;
	my @options = map { $_ => delete $o{$_} } grep { /^-/ } sort keys %o;
	index_of($issuer, %o);
	run_openssl('ca', '-gencrl', '-config', "$files/$issuer.conf", '-keyfile', "$files/$issuer.key", '-cert', "$files/$issuer.pem", '-out', "$files/crl.pem", @options);
	run_openssl('crl', '-in', "$files/crl.pem", '-outform', 'DER', '-out', "$files/crl.der");
	return slurp_file("$files/crl.der");
}

my $trusted = bytea(slurp_file("$files/root.pem"));
my $xml = bytes_of("ootspg_internal.seal_with('<a/>', " . uris('signer') . ')');
my $answer = TimeStampAuthority::answer($files, 'tsa', bytes_of('ootspg.stamp_request(' . bytea($xml) . ')'));
my $stamped = bytes_of('ootspg.add_stamp(' . bytea($xml) . ', ' . bytea($answer) . ", $trusted)");
my ($root, $inter) = (crl('root'), crl('inter'));
my $passed = 't|TOTAL-PASSED||';

sub asks
{
	my ($name, $document, $lists, $expected) = @_;
	ask_verdict($name, $document, 'valid, indication, sub_indication, revocation', $expected, arguments => ", $trusted" . (defined $lists ? ', ARRAY[' . join(', ', map { bytea($_) } @$lists) . ']::bytea[]' : ''));
	return;
}

asks('nobody knows', $xml, undef, "${passed}not checked");
asks('both lists, and nobody is on them', $xml, [ $root, $inter ], "${passed}good");
asks('in one file', $xml, [ join '', map { "-----BEGIN X509 CRL-----\n" . encode_base64($_) . "-----END X509 CRL-----\n" } $root, $inter ], "${passed}good");
asks('no list of the root', $xml, [$inter], 't|INDETERMINATE|TRY_LATER|unknown');
asks('no list of the intermediate', $xml, [$root], 't|INDETERMINATE|TRY_LATER|unknown');
my $revoked = crl('inter', signer => $now - 60);
asks('the signer was revoked', $xml, [ $root, $revoked ], 't|INDETERMINATE|REVOKED_NO_POE|revoked');
asks('… whatever else is not known', $xml, [$revoked], 't|INDETERMINATE|REVOKED_NO_POE|revoked');
asks('the intermediate was revoked', $xml, [ crl('root', inter => $now - 60), $inter ], 't|INDETERMINATE|REVOKED_CA_NO_POE|revoked');
asks('another one was revoked', $xml, [ $root, crl('inter', responder => $now - 60) ], "${passed}good");
my $later = crl('inter', signer => $now + 3600);
asks('revoked after the stamp', $stamped, [ $root, $later ], "${passed}revoked later");
asks('… which without one is revoked', $xml, [ $root, $later ], 't|INDETERMINATE|REVOKED_NO_POE|revoked');
asks('revoked before the stamp', $stamped, [ $root, $revoked ], 't|INDETERMINATE|REVOKED_NO_POE|revoked');
my $old = crl('inter', '-crl_lastupdate' => utc($now - 7200), '-crl_nextupdate' => utc($now - 3600));
asks('a list that is out of date', $xml, [ $root, $old ], 't|INDETERMINATE|TRY_LATER|unknown');
asks('… and a new one', $xml, [ $root, $old, $inter ], "${passed}good");
my $forged = do
{
	# the name of the intermediate, another key
	make_key($files, 'false', 'p256');
	run_openssl('req', '-x509', '-key', "$files/false.key", '-out', "$files/false.pem", '-days', '30', '-subj', '/C=EE/O=Test Registry/CN=inter', map { ('-addext', $_) } @authority);
	crl('false', signer => $now - 60);
};
asks('a forged list', $xml, [ $root, $forged ], 't|INDETERMINATE|TRY_LATER|unknown');
asks('a forged list beside the right one', $xml, [ $root, $forged, $inter ], "${passed}good");

# What the seal brings

sub with_values
{
	my ($document, $crls, $responses) = @_;
	my $values = '<xades:RevocationValues><xades:CRLValues>' . join('', map { '<xades:EncapsulatedCRLValue>' . encode_base64($_, '') . '</xades:EncapsulatedCRLValue>' } @$crls) . '</xades:CRLValues>'
	  . '<xades:OCSPValues>' . join('', map { '<xades:EncapsulatedOCSPValue>' . encode_base64($_, '') . '</xades:EncapsulatedOCSPValue>' } @$responses) . '</xades:OCSPValues></xades:RevocationValues>';
	return changed($document, qr{(?=</xades:UnsignedSignatureProperties>)}, $values);
}

# response(time of revocation or 0): what the intermediate's responder says of the signer
sub response
{
	index_of('inter', signer => $_[0]);
	run_openssl('ocsp', '-issuer', "$files/inter.pem", '-cert', "$files/signer.pem", '-reqout', "$files/ocsp.req", '-no_nonce');
	run_openssl('ocsp', '-index', "$files/inter.index", '-CA', "$files/inter.pem", '-rsigner', "$files/responder.pem", '-rkey', "$files/responder.key", '-reqin', "$files/ocsp.req", '-respout', "$files/ocsp.der", '-ndays', '1');
	return slurp_file("$files/ocsp.der");
}

asks('it brings both lists', with_values($stamped, [ $root, $inter ], []), undef, "${passed}good");
asks('it brings junk', with_values($stamped, [ 'x', $forged ], ['y']), undef, "${passed}not checked");
asks('it brings that it was revoked', with_values($stamped, [$revoked], []), undef, 't|INDETERMINATE|REVOKED_NO_POE|revoked');
asks('it brings one of two lists, the other is given', with_values($stamped, [$inter], []), [$root], "${passed}good");
asks('an OCSP response, and a list', with_values($stamped, [$root], [ response(0) ]), undef, "${passed}good");
asks('an OCSP response says revoked', with_values($stamped, [$root], [ response($now - 60) ]), undef, 't|INDETERMINATE|REVOKED_NO_POE|revoked');
asks('an OCSP response that is spoiled', with_values($stamped, [$root], [ do { my $response = response(0); substr($response, -700, 1) ^= "\x01"; $response } ]), undef, "${passed}not checked");

# A holder of a key that was revoked brings a certificate with the issuer's name, a newer list signed by it, and what was good before
my $genuine = crl('inter', signer => $now - 60, '-crl_lastupdate' => utc($now - 30), '-crl_nextupdate' => utc($now + 86400));
my $newer = crl('false');
my $false = encode_base64(run_openssl('x509', '-in', "$files/false.pem", '-outform', 'DER'), '');
my $shadowed = changed($stamped, qr{(?=</ds:X509Data>)}, "<ds:X509Certificate>$false</ds:X509Certificate>");
asks('it brings a forged authority', $shadowed, [ $root, $inter ], "${passed}good");
asks('… and a newer list by it', with_values($shadowed, [$newer], []), [ $root, $genuine ], 't|INDETERMINATE|REVOKED_NO_POE|revoked');
asks('… and an OCSP response from before', with_values($shadowed, [$newer], [ response(0) ]), [ $root, $genuine ], 't|INDETERMINATE|REVOKED_NO_POE|revoked');
asks('… a forged list alone', with_values($shadowed, [$newer], []), [ $root, $inter ], "${passed}good");
# … nor does it count where that authority is trusted as well, for what it issues itself
{
	my $two = bytea(slurp_file("$files/root.pem") . slurp_file("$files/false.pem"));
	ask_verdict('a newer list of another anchor of that name, who was revoked', with_values($stamped, [$newer], []), 'chain, indication, sub_indication, revocation', 'valid|INDETERMINATE|REVOKED_NO_POE|revoked', arguments => ", $two, ARRAY[" . bytea($root) . ', ' . bytea($genuine) . ']');
	ask_verdict('… who was not', with_values($stamped, [$newer], []), 'chain, indication, sub_indication, revocation', 'valid|TOTAL-PASSED||good', arguments => ", $two, ARRAY[" . bytea($root) . ', ' . bytea($inter) . ']');
	ask_verdict('… given and not brought', $stamped, 'chain, indication, sub_indication, revocation', 'valid|INDETERMINATE|REVOKED_NO_POE|revoked', arguments => ", $two, ARRAY[" . join(', ', map { bytea($_) } $root, $genuine, $newer) . ']');
}
judge($node);

refused($node, "SELECT * FROM ootspg.verify_seal(" . bytea($xml) . ", $trusted, ARRAY['x'::bytea])", '22023', "a list of revoked certificates can't be read", 'no list');
refused($node, "SELECT * FROM ootspg.verify_seal(" . bytea($xml) . ", $trusted, ARRAY[" . bytea("$inter ") . '])', '22023', "a list of revoked certificates can't be read", 'a list and something behind it');
is($node->safe_psql('postgres', "SELECT revocation FROM ootspg.verify_seal(" . bytea($xml) . ', NULL, ARRAY[' . bytea($revoked) . '])'), 'not checked', 'without anchors nothing is known of a chain');

done_testing();
