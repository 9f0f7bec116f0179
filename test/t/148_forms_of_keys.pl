# An EC key in plain PKCS #8 is put together without OpenSSL's decoders, all others are left to
# them: whatever form a key has, it seals, or is refused, and what it seals verifies.
use strict;
use warnings FATAL => 'all';

use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $node = start_node('forms');
my $keys = $node->basedir . '/keys';

$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');

# key(name, content): a file that may hold a key
sub key
{
	my ($name, $content) = @_;
	write_file("$keys/$name.key", $content);
	chmod 0600, "$keys/$name.key" or die $!;
	return;
}

sub pem { my ($name, $der) = @_; return "-----BEGIN $name-----\n" . encode_base64($der) . "-----END $name-----\n"; }
sub der { my ($pem) = @_; return decode_base64($pem =~ s/-----[^-]+-----//gr); }
sub pkcs8 { my ($file) = @_; return run_openssl('pkcs8', '-topk8', '-nocrypt', '-in', $file); }

# seals(name, certificate): does the key seal, and does the seal verify? In a session of its own.
sub seals
{
	my ($name, $certificate, $uri) = @_;
	$uri //= "file:$name.key";
	my ($out, $errors) = ('', '');
	$node->psql('postgres', qq{SELECT v.valid, v.algorithm FROM ootspg.verify_seal(ootspg_internal.seal_with('<a>x</a>', '$name', '$uri', 'file:$certificate.pem'), NULL) v},
		stdout => \$out, stderr => \$errors);
	return $out eq '' ? ($errors =~ /ERROR:\s+(.*)/)[0] : $out;
}

my %algorithms = (p256 => 'ecdsa-sha256', p384 => 'ecdsa-sha384');
for my $curve (sort keys %algorithms)
{
	make_pair($keys, $curve, $curve);
	like(seals($curve, $curve), qr/^t\|\S*$algorithms{$curve}$/, "$curve: plain PKCS #8");

	write_file("$keys/$curve.sec1", run_openssl('ec', '-in', "$keys/$curve.key"));
	key("$curve-sec1", slurp_file("$keys/$curve.sec1") =~ s/^.*?(?=-----BEGIN)//sr);
	like(seals("$curve-sec1", $curve), qr/^t\|/, "$curve: RFC 5915");

	write_file("$keys/$curve.bare", run_openssl('ec', '-in', "$keys/$curve.key", '-no_public') =~ s/^.*?(?=-----BEGIN)//sr);
	key("$curve-bare", pkcs8("$keys/$curve.bare"));
	isnt(slurp_file("$keys/$curve-bare.key"), slurp_file("$keys/$curve.key"), "$curve: a key without its point");
	like(seals("$curve-bare", $curve), qr/^t\|/, '… seals');

	key("$curve-behind", slurp_file("$keys/$curve.pem") . slurp_file("$keys/$curve.key"));
	like(seals("$curve-behind", $curve), qr/^t\|/, "$curve: behind its certificate, in one file");
}

make_pair($keys, 'rsa', 'rsa3072');
like(seals('rsa', 'rsa'), qr/^t\|/, 'RSA');

run_openssl('pkcs8', '-topk8', '-in', "$keys/p256.key", '-passout', 'pass:open', '-out', "$keys/locked.key");
chmod 0600, "$keys/locked.key" or die $!;
key('phrase', "open\n");
like(seals('locked', 'p256', 'file:locked.key?passphrase-file=phrase.key'), qr/^t\|/, 'encrypted');

# What is no sound key is refused for what it is, by whoever reads it
make_pair($keys, 'other', 'p256');
like(seals('other', 'p256'), qr/^key of seal key "other" cannot be used: it does not belong to the certificate/, 'another key');

my $der = der(slurp_file("$keys/p256.key"));
my $point = substr $der, -64;
key('torn', pem('PRIVATE KEY', substr $der, 0, -10));
key('longer', pem('PRIVATE KEY', $der . "\0"));
key('strayed', pem('PRIVATE KEY', substr($der, 0, -64) . ("\1" x 64)));
key('zero', pem('PRIVATE KEY', do { my $d = $der; my $at = index($d, "\x04\x20") + 2; substr($d, $at, 32) = "\0" x 32; $d }));
for my $name (qw(torn strayed zero))
{
	like(seals($name, 'p256'), qr/^key of seal key "$name" cannot be used: /, "$name: refused");
}
like(seals('longer', 'p256'), qr/^t\||^key of seal key "longer" cannot be used: /, 'longer: as OpenSSL sees it');

# One octet after another: nothing raises but the refusal, nothing ends the session, and no other key comes of it
my $spoiled = 0;
for (my $at = 0; $at < length($der) - 64; $at += 7)
{
	my $copy = $der;
	substr($copy, $at, 1) = chr(ord(substr $copy, $at, 1) ^ 0x55);
	key('spoiled', pem('PRIVATE KEY', $copy));
	my $seen = seals('spoiled', 'p256');
	$spoiled++ if $seen =~ /^key of seal key "spoiled" cannot be used: |^t\|/;
	diag("octet $at: $seen") unless $seen =~ /^key of seal key "spoiled" cannot be used: |^t\|/;
}
is($spoiled, int((length($der) - 64 + 6) / 7), 'each spoiled key is refused, or seals what verifies');
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is there');

$node->stop;
done_testing();
