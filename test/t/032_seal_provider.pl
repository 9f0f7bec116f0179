# Keys that an OpenSSL provider serves (D-SIG-07), with a provider of our own in a token's
# place: key and certificate by URI, and the server's own OpenSSL left as it is.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir;

system(qw(cc -shared -fPIC -Wall -Werror -o), "$dir/testtoken.so", "$FindBin::RealBin/../provider/testtoken.c") == 0
  or die 'the provider does not compile';
for my $kind (qw(p256 p384 rsa3072))
{
	make_pair($dir, $kind, $kind);
	run_openssl('pkcs8', '-topk8', '-nocrypt', '-in', "$dir/$kind.key", '-outform', 'DER', '-out', "$dir/$kind.der");
	run_openssl('x509', '-in', "$dir/$kind.pem", '-outform', 'DER', '-out', "$dir/$kind.crt");
}
write_file("$dir/empty.der", '');
my $configuration = write_file("$dir/openssl.cnf", <<"END");
openssl_conf = start
[start]
providers = providers
[providers]
default = built_in
testtoken = testtoken
[built_in]
activate = 1
[testtoken]
module = $dir/testtoken.so
activate = 1
END

my $node;
{
	local $ENV{OPENSSL_CONF} = $configuration;
	local $ENV{TESTTOKEN_DIRECTORY} = $dir;
	$node = start_node('provider');
}
make_pair($node->basedir . '/keys', 'other', 'p256');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');

for (['p256', 'ecdsa-sha256'], ['p384', 'ecdsa-sha384'], ['rsa3072', 'rsa-sha256'])
{
	my ($kind, $algorithm) = @$_;
	my $arguments = "'k', 'testtoken:object=$kind', 'testtoken:object=$kind'";
	is($node->safe_psql('postgres', "SELECT algorithm FROM ootspg_internal.key_facts($arguments)"), $algorithm, "$kind by URI");
	is($node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE valid) FROM generate_series(1, 100), ootspg.verify_seal(ootspg_internal.seal_with('<a/>', $arguments))"),
		'100', "$kind makes seals");
	my $file = write_file("$dir/sealed.xml", $node->safe_psql('postgres', "SELECT convert_from(ootspg_internal.seal_with('<a/>', $arguments), 'UTF8')"));
	is((xmlsec_verify("$dir/$kind.pem", $file))[0], 1, "$kind: xmlsec1 accepts the seal");
}
my $facts = 'SELECT * FROM ootspg_internal.key_facts';
refused($node, "$facts('k', 'testtoken:object=p256', 'file:other.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: it does not belong to the certificate/, 'a certificate of another key');
refused($node, "$facts('k', 'testtoken:object=absent', 'file:other.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: the provider found no private key under its URI/, 'no such key');
refused($node, "$facts('k', 'testtoken:object=empty', 'file:other.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: the provider found no private key under its URI/, 'a key that is none');
refused($node, "$facts('k', 'testtoken:label=p256', 'file:other.pem')", 'OT004',
	qr/key of seal key "k" cannot be used: the provider can't open its URI/, 'a URI the provider does not like');
refused($node, "$facts('k', 'file:other.key', 'testtoken:object=absent')", 'OT004',
	qr/certificate of seal key "k" cannot be used: there is no certificate in it/, 'no such certificate');

$node->stop;
done_testing();
