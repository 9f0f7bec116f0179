# JSON sealed by JAdES-BASELINE-B, compact and flattened: judged by the command jose and by OpenSSL;
# what is not protected, what is critical, and headers that are not what they should be.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use Digest::SHA qw(sha256 sha384 sha512);
use Encode;
use IPC::Run;
use JSON::PP;
use POSIX qw(strftime);
use MIME::Base64 qw(encode_base64 decode_base64 encode_base64url decode_base64url);
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $node = start_node('jsonseals');
my $keys = $node->basedir . '/keys';
my $files = PostgreSQL::Test::Utils::tempdir;
my @usage = ('keyUsage=critical,digitalSignature,nonRepudiation', 'basicConstraints=CA:FALSE');
my @authority = ('basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign');
my $evidence = '{"name": "Jānis \u0041", "sum": 100, "list": [1, 2.50, null]}';

$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
make_pair($keys, 'root', 'p384', @authority);
make_issued($keys, 'inter', 'p256', 'root', @authority);
make_issued($keys, $_, $_, 'inter', @usage) for 'p256', 'p384', 'rsa3072';
append_to_file("$keys/$_.pem", slurp_file("$keys/inter.pem") . slurp_file("$keys/root.pem")) for 'p256', 'p384', 'rsa3072';
make_pair($keys, 'forger', 'p256');
make_pair($keys, 'p521', 'p521');

sub certificates
{
	my ($key) = @_;
	my $pem = slurp_file("$keys/$key.pem");
	return map { s/\s//gr } $pem =~ /BEGIN CERTIFICATE-----(.*?)-----END/gs;
}

my %algorithm = (p256 => 'ES256', p384 => 'ES384', rsa3072 => 'RS256');
my %octets = (p256 => 32, p384 => 48, p521 => 66, forger => 32, bp256 => 32, bp384 => 48, bp512 => 64);
my %digest = (p256 => 'sha256', p384 => 'sha384', p521 => 'sha512', rsa3072 => 'sha256', forger => 'sha256', bp256 => 'sha256', bp384 => 'sha384', bp512 => 'sha512');

sub sealed
{
	my ($form, $key, $json) = @_;
	return $node->safe_psql('postgres', "SELECT convert_from(ootspg_internal.seal_with(decode('" . encode_base64($json // $evidence, '') . "', 'base64'), " . uris($key // 'p256') . ", '$form'), 'UTF8')");
}

sub parts
{
	my ($jws) = @_;
	return split /\./, $jws unless $jws =~ /^\{/;
	my $json = decode_json($jws);
	is_deeply([ sort keys %$json ], [ 'payload', 'protected', 'signature' ], 'flattened: three members');
	return @$json{ 'protected', 'payload', 'signature' };
}

# The key of a certificate as JOSE writes it
sub jwk
{
	my ($key) = @_;
	my $public = run_openssl('pkey', '-in', "$keys/$key.key", '-pubout', '-text', '-noout');

	if ($key eq 'rsa3072')
	{
		my ($modulus) = $public =~ /Modulus:\s*((?:[0-9a-f]{2}:?\s*)+)/;
		return { kty => 'RSA', n => encode_base64url(pack('H*', $modulus =~ s/[:\s]//gr) =~ s/^\0+//r), e => 'AQAB' };
	}
	my ($point) = $public =~ /pub:\s*04:((?:[0-9a-f]{2}:?\s*)+)/;
	my $coordinates = pack 'H*', $point =~ s/[:\s]//gr;
	return { kty => 'EC', crv => $key eq 'p256' ? 'P-256' : 'P-384', x => encode_base64url(substr $coordinates, 0, $octets{$key}), y => encode_base64url(substr $coordinates, $octets{$key}) };
}

# Seals of ours before others

for my $form ('compact', 'flattened')
{
	for my $key (sort keys %algorithm)
	{
		my $name = "$form, $key";
		my $jws = sealed($form, $key);
		my ($protected, $payload, $signature) = parts($jws);
		my $header = decode_json(decode_base64url($protected));
		my @chain = certificates($key);

		is(decode_base64url($payload), $evidence, "$name: the payload is the document, octet for octet");
		is(join(',', sort keys %$header), 'alg,cty,iat,typ,x5c,x5t#S256', "$name: what the header says");
		is_deeply([ @$header{ 'alg', 'cty', 'typ' } ], [ $algorithm{$key}, 'json', $form eq 'compact' ? 'jose' : 'jose+json' ], "$name: its names");
		is($header->{'x5t#S256'}, encode_base64url(sha256(decode_base64($chain[0]))), "$name: its certificate");
		is_deeply($header->{x5c}, [ @chain[ 0, 1 ] ], "$name: the chain without its anchor");
		like($header->{iat}, qr/^\d{10}$/, "$name: its time, in whole seconds");
		write_file("$files/key.jwk", encode_json(jwk($key)));
		my ($output, $error) = ('', '');
		ok(IPC::Run::run([ 'jose', 'jws', 'ver', '-i', write_file("$files/sealed.jws", $jws), '-k', "$files/key.jwk", '-O', '-' ], '<', \undef, '>', \$output, '2>', \$error), "$name: jose jws ver")
		  or diag($error);
		is($output, $evidence, "$name: and what it took for the payload");
		ask_verdict("$name: verify_seal()", $jws, "valid, step, reason, format, form, chain, indication, sub_indication, convert_from(signed_content, 'UTF8')",
			"t|||JAdES|baseline|valid|TOTAL-PASSED||$evidence", arguments => ", pg_read_binary_file('$keys/root.pem')");
		ask_verdict("$name: nobody is trusted", $jws, 'valid, chain, indication, sub_indication', 't|untrusted|INDETERMINATE|NO_CERTIFICATE_CHAIN_FOUND',
			arguments => ", pg_read_binary_file('$keys/forger.pem')");
	}
}
like(sealed('compact'), qr/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\z/, 'compact: base64url and two dots');
refused($node, "SELECT ootspg_internal.seal_with('{}', " . uris('p256') . ')', '22023', 'JSON is sealed in one of three forms, and none is named', 'JSON without a form');
refused($node, "SELECT ootspg_internal.seal_with('{}', " . uris('p256') . ", 'general')", '22023', 'no seal has the form "general"', 'a form that is none');
is($node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE valid) FROM generate_series(1, 2000) n, LATERAL ootspg.verify_seal(ootspg_internal.seal_with(convert_to('[' || n || ']', 'UTF8'), "
	  . uris('p256') . ", 'compact'))"), '2000', 'leading zeros of r and s: all of 2 000 hold');

# Brainpool's curves, whose names in JOSE nobody knows yet, and RSA-PSS

for my $key ('bp256', 'bp384', 'bp512')
{
	make_issued($keys, $key, $key, 'inter', @usage);
	append_to_file("$keys/$key.pem", slurp_file("$keys/inter.pem"));
	refused($node, "SELECT ootspg_internal.seal_with('{}', " . uris($key) . ", 'compact')", 'OT004', "seal key \"$key\" could not make a seal: JSON can't be sealed on Brainpool's curves", "$key seals no JSON");
}
$node->append_conf('postgresql.conf', 'ootspg.rsa_pss = on');
$node->reload;
$node->poll_query_until('postgres', q{SELECT current_setting('ootspg.rsa_pss') = 'on'}) or die;
my $pss = sealed('flattened', 'rsa3072');
my ($error, $output) = ('', '');
is(decode_json(decode_base64url((parts($pss))[0]))->{alg}, 'PS256', 'RSA-PSS: PS256');
write_file("$files/key.jwk", encode_json(jwk('rsa3072')));
ok(IPC::Run::run([ 'jose', 'jws', 'ver', '-i', write_file("$files/sealed.jws", $pss), '-k', "$files/key.jwk", '-O', '-' ], '<', \undef, '>', \$output, '2>', \$error), 'RSA-PSS: jose jws ver') or diag($error);
is($output, $evidence, 'RSA-PSS: and its payload');
is($node->safe_psql('postgres', "SELECT valid, algorithm FROM ootspg.verify_seal(ootspg_internal.seal_with('<a/>', " . uris('rsa3072') . '))'), 't|sha256-rsa-MGF1', 'XML with RSA-PSS');
is($node->safe_psql('postgres', "SELECT valid, algorithm FROM ootspg.verify_seal(ootspg_internal.seal_with('<a/>', " . uris('bp384') . '))'), 't|ecdsa-sha384', "XML by a key on one of Brainpool's curves");

# Headers by hand

sub raw_signature
{
	my ($key, $input, @options) = @_;
	my $n = $octets{$key};

	write_file("$files/input", $input);
	run_openssl('dgst', "-$digest{$key}", '-sign', "$keys/$key.key", (map { ('-sigopt', $_) } @options), '-out', "$files/value", "$files/input");
	my $value = slurp_file("$files/value");
	return $value unless $n;
	my ($r, $s) = run_openssl('asn1parse', '-inform', 'DER', '-in', "$files/value") =~ /INTEGER\s*:([0-9A-F]+)/g;
	return join '', map { "\0" x ($n - length) . $_ } map { pack 'H*', length($_) % 2 ? "0$_" : $_ } $r, $s;
}

my @chain = certificates('p256');
my %good = (alg => 'ES256', cty => 'json', iat => time, 'x5t#S256' => encode_base64url(sha256(decode_base64($chain[0]))), x5c => [ @chain[ 0, 1 ] ]);

# jws(option => value...): members of the header (undef: without), its text, key, payload, whether it is encoded
sub jws
{
	my (%o) = @_;
	my %header = (%good, %{ $o{header} // {} });
	delete $header{$_} for grep { !defined $header{$_} } keys %header;
	my $protected = encode_base64url($o{text} ? $o{text}->(encode_json(\%header)) : encode_json(\%header));
	my $payload = $o{plain} ? $evidence : encode_base64url($o{payload} // $evidence);
	my $signature = encode_base64url($o{value} // raw_signature($o{key} // 'p256', "$protected.$payload", @{ $o{options} // [] }));
	return ($protected, $payload, $signature);
}

sub compact
{
	return join '.', jws(@_);
}

sub accepted
{
	my ($name, $document, $columns, $expected) = @_;
	ask_verdict($name, $document, "valid, step, reason, convert_from(signed_content, 'UTF8')" . ($columns ? ", $columns" : ''), "t|||$evidence" . (defined $expected ? "|$expected" : ''));
	return;
}

sub attack
{
	my ($name, $document, $step, $reason) = @_;
	ask_verdict($name, $document, 'valid, step, reason, signed_content IS NULL', "f|$step|$reason|t");
	return;
}

my ($structure, $algorithms, $certificate, $properties, $unfit) = ('5 structure', '7 algorithms', '8 certificate', '11 properties', 'the signature does not fit');
my $other = { 'x5t#S256' => undef, 'x5t#o' => { digAlg => 'S512', digVal => encode_base64url(sha512(decode_base64($chain[0]))) } };
my $former = { iat => undef, sigT => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime) };
my @forged = certificates('forger');
my $forger = { x5c => \@forged, 'x5t#S256' => encode_base64url(sha256(decode_base64($forged[0]))) };
my @large = certificates('p521');
my @rsa = certificates('rsa3072');
my $of_rsa = { x5c => \@rsa, 'x5t#S256' => encode_base64url(sha256(decode_base64($rsa[0]))) };

accepted('as it should be', compact());
accepted('SHA-512 in x5t#o', compact(header => $other));
accepted('SHA-384 in x5t#o', compact(header => { 'x5t#S256' => undef, 'x5t#o' => { digAlg => 'S384', digVal => encode_base64url(sha384(decode_base64($chain[0]))) } }));
accepted('the signer alone', compact(header => { x5c => [ $chain[0] ] }));
accepted('sigT of the former form', compact(header => { %$former, crit => ['sigT'] }), 'form', 'former');
ask_verdict('which can be switched off', compact(header => $former), 'valid, step, reason', "f|$properties|sigT is a form of former seals", setting => 'ootspg.accept_former_seals = off');
accepted('a member that nobody knows', compact(header => { 'urn:x' => 1 }));
accepted('a policy', compact(header => { sigPId => { id => 'urn:oid:1.2' } }), 'policy', 'urn:oid:1.2');
accepted('P-521', compact(header => { alg => 'ES512', x5c => \@large, 'x5t#S256' => encode_base64url(sha256(decode_base64($large[0]))) }, key => 'p521'));
for (['bp256', 'ESB256'], ['bp384', 'ESB384'], ['bp512', 'ESB512'])
{
	my ($key, $alg) = @$_;
	my ($first) = certificates($key);
	accepted("$alg on its curve", compact(header => { alg => $alg, x5c => [$first], 'x5t#S256' => encode_base64url(sha256(decode_base64($first))) }, key => $key));
}
accepted('RSA-PSS', compact(header => { %$of_rsa, alg => 'PS256' }, key => 'rsa3072', options => [ 'rsa_padding_mode:pss', 'rsa_pss_saltlen:32' ]));
attack('a salt of another length', compact(header => { %$of_rsa, alg => 'PS256' }, key => 'rsa3072', options => [ 'rsa_padding_mode:pss', 'rsa_pss_saltlen:20' ]), '9 signature', $unfit);
attack('RSA-PSS is not PKCS#1', compact(header => { %$of_rsa, alg => 'RS256' }, key => 'rsa3072', options => [ 'rsa_padding_mode:pss', 'rsa_pss_saltlen:32' ]), '9 signature', $unfit);

my ($protected, $payload, $signature) = jws();
my $flat = sub { encode_json({ payload => $payload, protected => $protected, signature => $signature, @_ }) };
accepted('flattened', $flat->());
accepted('flattened, with white space', " \n" . $flat->() . "\n");
accepted('flattened, with unsigned properties', $flat->(header => { etsiU => ['e30'] }));
accepted('general, with one signature', encode_json({ payload => $payload, signatures => [ { protected => $protected, signature => $signature } ] }));
($protected, $payload, $signature) = jws(header => { b64 => JSON::PP::false, crit => ['b64'] }, plain => 1);
accepted('not encoded', $flat->(payload => Encode::decode('UTF-8', $payload)));
accepted('encoded, and it says so', compact(header => { b64 => JSON::PP::true, crit => ['b64'] }));
attack('not encoded, but not critical', compact(header => { b64 => JSON::PP::false }), $structure, 'b64 is not a truth value that is critical');
attack('encoded as text', compact(header => { b64 => 'false', crit => ['b64'] }), $structure, 'b64 is not a truth value that is critical');

# What is critical

my $unknown = 'a critical member is not understood';
my $no_list = 'crit is not a list of names';
attack("critical: $_->[0]", compact(header => { crit => $_->[1], %{ $_->[3] // {} } }), $structure, $_->[2])
  for ['nothing', [], $no_list], ['a text', 'b64', $no_list], ['an object', {}, $no_list], ['unknown', ['urn:x'], $unknown, { 'urn:x' => 1 }], ['registered', ['alg'], $unknown],
  ['a number', [1], $unknown], ['one that is not there', ['b64'], 'a critical member is named twice, or is not there'],
  ['one twice', [ 'b64', 'b64' ], 'a critical member is named twice, or is not there', { b64 => JSON::PP::true }], ['sigPId', ['sigPId'], $unknown, { sigPId => {} }];

# Algorithms and keys

attack("alg: " . ($_ // 'none at all'), compact(header => { alg => $_ }), $algorithms, 'the algorithm is not accepted') for 'none', 'None', 'NONE', '', 'HS256', 'ES256K', 'EdDSA', 'RSA1_5', undef, 1;
attack('alg none, and no value', compact(header => { alg => 'none' }, value => ''), $algorithms, 'the algorithm is not accepted');
attack('ES384 over P-256', compact(header => { alg => 'ES384' }), $certificate, 'the certificate\'s key is not one for the algorithm');
attack('RS256 over an EC key', compact(header => { alg => 'RS256' }), $certificate, 'the certificate\'s key does not fit the signature method, or is too short');
attack("a key from $_", compact(header => { $_ => 'https://127.0.0.1/' }), $structure, 'the header names a key otherwise than by its certificate') for 'jku', 'x5u', 'jwk';
my $unbound = 'the header does not name its certificate by one digest';
attack('no digest of the certificate', compact(header => { 'x5t#S256' => undef }), $certificate, $unbound);
attack('two digests', compact(header => { %$other, 'x5t#S256' => $good{'x5t#S256'} }), $certificate, $unbound);
attack('sigX5ts only', compact(header => { 'x5t#S256' => undef, sigX5ts => [ $other->{'x5t#o'} ] }), $certificate, $unbound);
attack('the digest of the issuer', compact(header => { 'x5t#S256' => encode_base64url(sha256(decode_base64($chain[1]))) }), $certificate, 'the first certificate is not the one that the header names');
attack('the issuer first', compact(header => { x5c => [ reverse @chain[ 0, 1 ] ] }), $certificate, 'the first certificate is not the one that the header names');
attack('SHA-1 in x5t#o', compact(header => { 'x5t#S256' => undef, 'x5t#o' => { digAlg => 'S1', digVal => 'AA' } }), $algorithms, 'the digest of the certificate has another algorithm than S512 and S384');
attack('no certificates', compact(header => { x5c => undef }), $certificate, 'the header has no certificates');
attack('eleven certificates', compact(header => { x5c => [ ($chain[0]) x 11 ] }), $certificate, 'the header has too many certificates');
attack('a certificate in base64url', compact(header => { x5c => [ $chain[0] =~ tr{+/}{-_}r . '_' ] }), $certificate, 'a certificate can\'t be read');
attack('a forger signs for us', compact(key => 'forger'), '9 signature', $unfit);
ask_verdict('a forger signs for himself', compact(header => $forger, key => 'forger'), 'valid, chain, indication', 't|untrusted|INDETERMINATE', arguments => ", pg_read_binary_file('$keys/root.pem')");

# Values, times, forms

attack('a value in DER', compact(value => do { jws(); slurp_file("$files/value") }), '9 signature', $unfit);
attack('a value of zeros', compact(value => "\0" x 64), '9 signature', $unfit);
attack('no value', compact(value => ''), '9 signature', $unfit);
attack('no time', compact(header => { iat => undef }), $properties, 'the header does not tell one time of signing');
attack('two times', compact(header => { sigT => '2026-01-01T00:00:00Z' }), $properties, 'the header does not tell one time of signing');
attack("a time that is $_", compact(header => { iat => $_ }), $properties, 'the time of signing can\'t be read') for 'now', '1', 1.5, -1;
attack('a time before the certificate', compact(header => { iat => 1 }), $properties, 'the time of signing is outside of the certificate\'s validity');
attack('a time to come', compact(header => { iat => time + 86_400 }), $properties, 'the time of signing is in the future');
attack('the document elsewhere', compact(header => { sigD => { mId => 'http://uri.etsi.org/19182/ObjectIdByURIHash', pars => ['a'], hashV => ['AA'], hashM => 'S256' }, crit => ['sigD'] }), '6 references', 'the seal is of documents elsewhere (sigD)');
attack('the document elsewhere, not critical', compact(header => { sigD => {} }), '6 references', 'the seal is of documents elsewhere (sigD)');
($protected, $payload, $signature) = jws();
attack('no payload', "$protected..$signature", '6 references', 'the JWS has no payload: what is sealed lies elsewhere');
attack('another payload', join('.', $protected, encode_base64url('{"sum": 900}'), $signature), '9 signature', $unfit);
attack('four parts', "$protected.$payload.$signature.", $structure, 'the JWS is not three parts');
attack('two parts', "$protected.$payload", $structure, 'the JWS is not three parts');
attack('a line behind it', "$protected.$payload.$signature\n", '9 signature', 'the signature is not base64url');
attack('padding', "$protected.$payload.$signature==", '9 signature', 'the signature is not base64url');
attack('a member twice in the header', compact(text => sub { $_[0] =~ s/\}$/,"alg":"none"}/r }), '2 parsing', 'the header has a member twice');
attack('something behind the header', compact(text => sub { "$_[0] {}" }), '2 parsing', 'the header is not JSON');
my $member = 'the JWS has a member that is not one of a JWS';
attack('a member beside', $flat->(extra => 1), $structure, $member);
attack('signature and signatures', $flat->(signatures => [ { protected => $protected, signature => $signature } ]), $structure, $member);
attack("unprotected: $_", $flat->(header => { $_ => 'none' }), $structure, 'the JWS has an unprotected header with more than etsiU') for 'alg', 'x5c', 'etsiU';
attack('payload twice', $flat->() =~ s/^\{/{"payload":"e30",/r, '2 parsing', 'the JWS is not JSON, has a member twice, or too many values');
attack('general without signatures', encode_json({ payload => $payload, signatures => [] }), $structure, 'the JWS does not have exactly one signature');
attack('general with two', encode_json({ payload => $payload, signatures => [ ({ protected => $protected, signature => $signature }) x 2 ] }), $structure, 'the JWS does not have exactly one signature');
attack('JSON that is no JWS', $evidence, $structure, $member);
judge($node);

# Every octet counts

for my $document ("$protected.$payload.$signature", $flat->())
{
	my $hex = unpack 'H*', $document;
	is($node->safe_psql('postgres', qq{SELECT count(*) FILTER (WHERE valid)
		FROM (SELECT decode('$hex', 'hex') d) s, generate_series(0, octet_length(d) - 1) n, ootspg.verify_seal(set_byte(d, n, get_byte(d, n) # (1 << (n % 7))))}), '0', 'a changed octet, wherever it is');
	is($node->safe_psql('postgres', qq{SELECT count(*) FILTER (WHERE valid)
		FROM (SELECT decode('$hex', 'hex') d) s, generate_series(0, octet_length(d) - 1) n, ootspg.verify_seal(substr(d, 1, n))}), '0', 'a cut document');
}

SKIP:
{
	skip 'no /proc', 1 unless -r '/proc/self/status';
	$node->safe_psql('postgres', <<'END' =~ s/SEAL/"ootspg_internal.seal_with('{}', " . uris('p256') . ", 'flattened')"/er);
CREATE FUNCTION resident() RETURNS bigint LANGUAGE sql AS $$ SELECT substring(pg_read_file('/proc/' || pg_backend_pid() || '/status') from 'VmRSS:\s*(\d+)')::bigint $$;
CREATE FUNCTION turns(n int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..n LOOP PERFORM FROM ootspg.verify_seal(SEAL); PERFORM FROM ootspg.verify_seal('e30.e30.AA'); END LOOP; END $$;
END
	my (undef, $before, undef, $after) = split /\n/, $node->safe_psql('postgres', 'SELECT turns(500); SELECT resident(); SELECT turns(10000); SELECT resident();');
	cmp_ok($after - $before, '<', 1024, 'ten thousand seals and verdicts in one session leave no more than 1 MB behind');
}

$node->stop;
unlike(slurp_file($node->logfile), qr/TRAP/, 'nothing trapped');
done_testing();
