# SealTest: throw-away keys and certificates made by openssl in the test run, and
# what the tests of seals say about SQL calls. No key is kept anywhere.
package SealTest;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use IPC::Run;
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(given_key make_key make_pair make_dated_pair make_issued run_openssl
  uris refused xmlsec_verify write_file);

my @subject = ('-subj', '/C=EE/O=Test Registry/CN=Test eSeal/organizationIdentifier=NTREE-10000001');
my $usage = 'keyUsage=critical,digitalSignature,nonRepudiation';
my %kinds = (
	p256 => [ 'EC', 'ec_paramgen_curve:P-256' ],
	p384 => [ 'EC', 'ec_paramgen_curve:P-384' ],
	p521 => [ 'EC', 'ec_paramgen_curve:P-521' ],
	ed25519 => ['ED25519'],
	ed448 => ['ED448'],
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
	run_openssl('req', '-x509', '-key', "$dir/$name.key", '-out', "$dir/$name.pem", '-days', '30',
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

sub given_key { return @given_key; }

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

1;
