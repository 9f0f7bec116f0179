# Answers of a directory: signatures made by the openssl program are found good, and every
# broken one is refused for what is broken in it; published answers are read for what they
# say, damaged ones never for more than that, and nothing raises or falls over.
use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256 sha256_hex sha384 sha512);
use File::Temp;
use JSON::PP;
use MIME::Base64 qw(encode_base64 encode_base64url decode_base64 decode_base64url);
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $node = start_node('directory');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
my $directory = File::Temp->newdir;
my $json = JSON::PP->new->canonical;

sub literal
{
	my ($bytes) = @_;
	return 'NULL' unless defined $bytes;
	return q{'\x} . unpack('H*', $bytes) . q{'::bytea};
}

sub quoted
{
	my ($text) = @_;
	return 'NULL' unless defined $text;
	$text =~ s/'/''/g;
	return "'$text'";
}

# rows(query): every row as a hash
sub rows
{
	my ($query) = @_;
	return @{ decode_json($node->safe_psql('postgres', "SELECT coalesce(json_agg(row_to_json(r)), '[]') FROM ($query) r")) };
}

# An authority as the Commission's: a root, an authority below it, signers of two kinds
my $authority = 'basicConstraints=critical,CA:TRUE';
my @ca = ($authority, 'keyUsage=critical,keyCertSign,cRLSign');
make_pair($directory, 'root', 'p256', @ca);
make_pair($directory, 'other', 'p256', @ca);
make_issued($directory, 'ca', 'p256', 'root', @ca);
make_issued($directory, 'signer', 'p256', 'ca');
make_issued($directory, 'edwards', 'ed25519', 'ca');
make_issued($directory, 'wide', 'p384', 'ca');
make_issued($directory, 'goldilocks', 'ed448', 'ca');
make_issued($directory, 'rsa', 'rsa3072', 'ca');
make_issued($directory, 'server', 'p256', 'ca', 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=serverAuth', 'basicConstraints=CA:FALSE');
make_issued($directory, 'mail', 'p256', 'ca', 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=emailProtection', 'basicConstraints=CA:FALSE');
make_issued($directory, 'agreeing', 'p256', 'ca', 'keyUsage=critical,keyAgreement', 'basicConstraints=CA:FALSE');
make_issued($directory, 'below', 'p256', 'signer');
# a root that goes before its signers do
make_key($directory, 'brief', 'p256');
run_openssl('req', '-x509', '-key', "$directory/brief.key", '-out', "$directory/brief.pem", '-days', '10', '-subj', '/CN=Brief Root', map { ('-addext', $_) } @ca);
make_issued($directory, 'outlasting', 'p256', 'brief');

sub pem { return join '', map { slurp_file("$directory/$_.pem") } @_ }

sub der
{
	my ($name) = @_;
	my ($base64) = slurp_file("$directory/$name.pem") =~ /-----BEGIN CERTIFICATE-----(.*?)-----END/s;
	return decode_base64($base64);
}

# header(signer, changes...): the protected header as JSON, members replaced or, when undef, left out
sub header
{
	my ($signer, %changes) = @_;
	my %member = (
		alg => 'ES256',
		kid => encode_base64('issuer and serial', ''),
		'x5t#o' => { digAlg => 'S512', digVal => encode_base64url(sha512(der($signer))) },
		x5c => [ map { encode_base64(der($_), '') } $signer, 'ca', 'root' ],
		typ => 'jose',
		b64 => JSON::PP::false,
		iat => time,
		sigD => { mId => 'http://uri.etsi.org/19182/HttpHeaders', pars => ['digest'] },
		crit => [ 'b64', 'sigD' ],
		%changes);
	delete $member{$_} for grep { !defined $member{$_} } keys %member;
	return $json->encode(\%member);
}

# sign(key, input): 64 octets, by openssl
sub sign
{
	my ($key, $input) = @_;
	write_file("$directory/input", $input);
	if ($key =~ /edwards|goldilocks/)
	{
		run_openssl('pkeyutl', '-sign', '-rawin', '-inkey', "$directory/$key.key", '-in', "$directory/input", '-out', "$directory/output");
		return slurp_file("$directory/output");
	}
	run_openssl('dgst', '-sha256', '-sign', "$directory/$key.key", '-out', "$directory/output", "$directory/input");
	my $der = slurp_file("$directory/output");
	return $der unless ord($der) == 0x30;
	my ($r, $s) = unpack 'x[2] x C/a x C/a', $der;
	return join '', map { substr("\0" x 32 . $_, -32) } $r, $s;
}

sub digest { return 'SHA-256=' . encode_base64(sha256($_[0]), '') }

# compact(key, header, digest): a signature header
sub compact
{
	my ($key, $header, $digest) = @_;
	my $part = encode_base64url($header);
	return "$part.." . encode_base64url(sign($key, "$part.digest: $digest"));
}

my $body = "<?xml version=\"1.0\"?>\n<answer>\xc3\xa4</answer>\n";
my $digest = digest($body);

sub verdict
{
	my ($signature, %with) = @_;
	my %as = (body => $body, digest => $digest, trusted => pem('root'), moment => 'now()', %with);
	my ($row) = rows('SELECT * FROM ootspg_internal.verify_directory_answer('
		  . join(', ', literal($as{body}), quoted($as{digest}), quoted($signature), literal($as{trusted}), $as{moment}) . ')');
	return $row;
}

sub good
{
	my ($name, $signature, %with) = @_;
	my $verdict = verdict($signature, %with);
	is(join(': ', grep { defined } @$verdict{qw(refused reason)}), '', $name);
	ok($verdict->{valid}, 'is valid');
	return $verdict;
}

sub bad
{
	my ($name, $step, $reason, $signature, %with) = @_;
	my $verdict = verdict($signature, %with);
	ok(!$verdict->{valid}, "$name is refused");
	is("$verdict->{refused}: $verdict->{reason}", "$step: $reason", 'for what is wrong');
	return $verdict;
}

my $signature = compact('signer', header('signer'), $digest);
my $verdict = good('ES256', $signature);
is($verdict->{subject}, 'CN=signer,O=Test Registry,C=EE', 'the signer');
is($verdict->{certificate_sha256}, '\\x' . sha256_hex(der('signer')), 'its certificate');
is($verdict->{root_sha256}, '\\x' . sha256_hex(der('root')), 'its root');
is($node->safe_psql('postgres', "SELECT count(*) FROM unnest(ARRAY['$verdict->{not_after}', '$verdict->{root_not_after}']::timestamptz[]) d WHERE d BETWEEN now() + interval '29 days' AND now() + interval '31 days'"), '2', 'and how long they hold');
good('EdDSA', compact('edwards', header('edwards', alg => 'EdDSA'), $digest));
good('a certificate for mail', compact('mail', header('mail'), $digest));

# Any number that begins with zero or one bit must survive the way to DER
good("ES256 again ($_)", compact('signer', header('signer', iat => $_), $digest)) for 1 .. 12;

# What others may write differently
my $lower = $digest =~ s/SHA-256/sha-256/r;
good('a digest in lower case', compact('signer', header('signer'), $lower), digest => $lower);
good('an empty body', compact('signer', header('signer'), digest('')), body => '', digest => digest(''));
good('a chain without the root', compact('signer', header('signer', x5c => [ map { encode_base64(der($_), '') } qw(signer ca) ]), $digest));
good('members nobody needs', compact('signer', header('signer', jku => 'http://attacker.example/', kid => undef, typ => undef, iat => undef, more => [ { a => 1.5e3 }, undef, 'x' ]), $digest));
good('the digest of the certificate as S384', compact('signer', header('signer', 'x5t#o' => { digAlg => 'S384', digVal => encode_base64url(sha384(der('signer'))) }), $digest));
good('the digest of the certificate as x5t#S256', compact('signer', header('signer', 'x5t#o' => undef, 'x5t#S256' => encode_base64url(sha256(der('signer')))), $digest));
good('white space in JSON', compact('signer', JSON::PP->new->pretty->encode(decode_json(header('signer'))), $digest));
good('escapes in JSON', compact('signer', header('signer') =~ s{/}{\\/}gr =~ s{"alg"}{"\\u0061l\\u0067"}r, $digest));
good('several roots', $signature, trusted => pem('other', 'root'));
good('an authority as the anchor', $signature, trusted => pem('ca'));

# Step 1
bad('no digest', '1 digest', 'there is no digest header', $signature, digest => undef);
bad('another body', '1 digest', 'the digest is that of another body', $signature, body => "$body ");
bad('another algorithm', '1 digest', 'the digest is not one of SHA-256', $signature, digest => 'SHA-512=' . encode_base64(sha512($body), ''));
bad('two digests', '1 digest', 'the digest is not base64 of a SHA-256', $signature, digest => "$digest,SHA-512=x");
bad('a digest without padding', '1 digest', 'the digest is not base64 of a SHA-256', $signature, digest => $digest =~ s/=$//r);
bad('a digest in base64url', '1 digest', 'the digest is not base64 of a SHA-256', compact('signer', header('signer'), 'SHA-256=' . encode_base64url(sha256($body))), digest => 'SHA-256=' . encode_base64url(sha256($body)));
bad('white space at a digest', '1 digest', 'the digest is not base64 of a SHA-256', $signature, digest => "$digest ");

# Step 2
my ($first, $last) = split /\.\./, $signature;
my $form = 'the signature header is not two parts with an empty one between them';
bad('no signature', '2 parts', 'there is no signature header', undef);
bad('an empty signature', '2 parts', $form, '');
bad('one dot', '2 parts', $form, "$first.$last");
bad('four parts', '2 parts', $form, "$first..$last.");
bad('a payload', '2 parts', $form, "$first." . encode_base64url("digest: $digest") . ".$last");
bad('a long header', '2 parts', 'the signature header is too long', 'A' x 32700 . "..$last");
bad('padding', '2 parts', 'the signature is not base64url', "$signature==");
bad('white space', '2 parts', 'the signature is not base64url', "$signature\n");
bad('a second spelling', '2 parts', 'the signature is not base64url', "$first.." . substr($last, 0, -1) . chr(1 + ord substr $last, -1)) if $last =~ /[AQgw]$/;
bad('a short signature', '2 parts', 'the signature does not have 64 octets', "$first.." . encode_base64url(substr decode_base64url($last), 0, 63));
bad('a DER signature', '2 parts', 'the signature does not have 64 octets', "$first.." . encode_base64url(slurp_file("$directory/output")));

# Steps 3 and 4: each signed well, so that nothing but the header is wrong
sub bad_header
{
	my ($name, $step, $reason, @changes) = @_;
	return bad($name, $step, $reason, compact('signer', @changes == 1 ? $changes[0] : header('signer', @changes), $digest));
}
bad('a padded header', '3 header', 'the header is not base64url', "$first=..$last");
bad('a header in base64', '3 header', 'the header is not base64url', "+$first..$last");
bad_header('no JSON', '3 header', 'the header is not JSON', $_) for '', ' ', 'null', '[]', '"x"', '{', header('signer') . '{}', header('signer') =~ s/\}$/,}/r, "\xef\xbb\xbf" . header('signer'),
  header('signer') =~ s/jose/jo\xffse/r, header('signer') =~ s/jose/jo\\u0000se/r, header('signer') =~ s/jose/jo\\ud800se/r, header('signer') =~ s/jose/jo\nse/r, header('signer') =~ s/"iat":/"iat":0/r, header('signer') =~ s/"jose"/nul/r;
my $twice = 'the header has a member twice';
bad_header('a member twice', '3 header', $twice, header('signer') =~ s/^\{/{"alg":"none",/r);
bad_header('a member twice under two spellings', '3 header', $twice, header('signer') =~ s/^\{/{"\\u0061lg":"none",/r);
bad_header('a member twice within', '3 header', $twice, header('signer') =~ s/"pars"/"mId":"x","pars"/r);
bad_header('a deep header', '3 header', 'the header is too deep or has too many values', more => decode_json('[' x 20 . ']' x 20));
bad_header('a wide header', '3 header', 'the header is too deep or has too many values', more => [ (0) x 300 ]);
bad_header("algorithm $_", '4 algorithm', 'the algorithm is neither ES256 nor EdDSA', alg => $_) for qw(none None NONE HS256 RS256 PS256 ES384 ES256K es256 eddsa Ed25519), '';
bad_header('no algorithm', '3 header', 'the header names no algorithm', alg => undef);
bad_header('an algorithm that is no text', '3 header', 'the header names no algorithm', alg => ['ES256']);
bad_header('nothing critical', '3 header', 'the header has no list of critical members', crit => undef);
bad_header('b64 not critical', '3 header', 'b64 and sigD are not both critical, each once', crit => ['sigD']);
bad_header('sigD not critical', '3 header', 'b64 and sigD are not both critical, each once', crit => ['b64']);
bad_header('critical twice', '3 header', 'b64 and sigD are not both critical, each once', crit => [qw(b64 sigD b64)]);
bad_header('nothing critical', '3 header', 'b64 and sigD are not both critical, each once', crit => []);
bad_header('something else critical', '3 header', 'a critical member is not understood', crit => [qw(b64 sigD exp)]);
bad_header('b64 left out', '3 header', 'b64 is not false', b64 => undef);
bad_header('b64 true', '3 header', 'b64 is not false', b64 => JSON::PP::true);
bad_header('b64 as text', '3 header', 'b64 is not false', b64 => 'false');
bad_header('no sigD', '3 header', 'sigD is not about HTTP headers', sigD => undef);
bad_header('another mechanism', '3 header', 'sigD is not about HTTP headers', sigD => { mId => 'http://uri.etsi.org/19182/ObjectIdByURI', pars => ['digest'] });
my $alone = 'what is signed is not the digest header alone';
bad_header('nothing signed', '3 header', $alone, sigD => { mId => 'http://uri.etsi.org/19182/HttpHeaders', pars => [] });
bad_header('another header signed', '3 header', $alone, sigD => { mId => 'http://uri.etsi.org/19182/HttpHeaders', pars => ['Digest'] });
bad_header('two headers signed', '3 header', $alone, sigD => { mId => 'http://uri.etsi.org/19182/HttpHeaders', pars => [ 'digest', 'date' ] });
bad_header('more in sigD', '3 header', 'sigD has members that are not understood', sigD => { mId => 'http://uri.etsi.org/19182/HttpHeaders', pars => ['digest'], hashM => 'S256' });

# Step 5
my @chain = map { encode_base64(der($_), '') } qw(signer ca root);
bad_header('no chain', '5 certificate', 'the header has no certificates', x5c => undef);
bad_header('an empty chain', '5 certificate', 'the header has no certificates', x5c => []);
bad_header('a long chain', '5 certificate', 'the header has too many certificates', x5c => [ (@chain) x 4 ]);
bad_header('a chain in base64url', '5 certificate', 'a certificate is not base64', x5c => [ $chain[0] =~ tr{+/}{-_}r . '-' ]);
bad_header('a chain with line ends', '5 certificate', 'a certificate is not base64', x5c => [ encode_base64(der('signer')), @chain[ 1, 2 ] ]);
bad_header('no certificate', '5 certificate', 'a certificate can\'t be read', x5c => [ encode_base64('0' x 300, '') ]);
bad_header('bytes behind a certificate', '5 certificate', 'a certificate can\'t be read', x5c => [ encode_base64(der('signer') . 'x', ''), @chain[ 1, 2 ] ]);
bad_header('no digest of the certificate', '5 certificate', 'the header names no certificate by its digest', 'x5t#o' => undef);
bad_header('another digest of the certificate', '5 certificate', 'the digest of the certificate has another algorithm than S512 and S384', 'x5t#o' => { digAlg => 'S1', digVal => 'AAAA' });
bad_header('a padded digest of the certificate', '5 certificate', 'the digest of the certificate is not base64url', 'x5t#o' => { digAlg => 'S512', digVal => encode_base64(sha512(der('signer')), '') });
bad_header('a digest of another certificate', '5 certificate', 'the digest of the certificate is that of another one', 'x5t#o' => { digAlg => 'S512', digVal => encode_base64url(sha512(der('ca'))) });
bad_header('two digests that differ', '5 certificate', 'the digest of the certificate is that of another one', 'x5t#S256' => encode_base64url(sha256(der('ca'))));
my $fits = 'the certificate\'s key does not fit the algorithm';
bad_header('EdDSA with P-256', '5 certificate', $fits, alg => 'EdDSA');
bad('ES256 with Ed25519', '5 certificate', $fits, compact('edwards', header('edwards'), $digest));
for my $name (qw(wide goldilocks rsa))
{
	bad("a key of another kind ($name)", '5 certificate', $fits, encode_base64url(header($name, alg => $_)) . '..' . 'A' x 86) for 'ES256', 'EdDSA';
}
bad('a certificate for TLS', '5 certificate', 'the certificate is for TLS only', compact('server', header('server'), $digest));
bad('a certificate for key agreement', '5 certificate', 'the certificate\'s key usage does not allow signatures', compact('agreeing', header('agreeing'), $digest));
bad('an authority itself', '5 certificate', 'the certificate\'s key usage does not allow signatures', compact('ca', header('ca'), $digest));

# Step 6
my $no_root = 'the chain does not end in a configured root';
$verdict = bad('a root that is not configured', '6 chain', $no_root, $signature, trusted => pem('other'));
is($verdict->{subject}, 'CN=signer,O=Test Registry,C=EE', 'the signer is named nevertheless');
is($verdict->{root_sha256}, undef, 'but no root');
bad_header('a chain with a gap', '6 chain', $no_root, x5c => [ @chain[ 0, 2 ] ]);
bad('a signer signing a signer', '6 chain', $no_root, compact('below', header('below', x5c => [ map { encode_base64(der($_), '') } qw(below signer ca root) ]), $digest));
bad('a signer of its own', '6 chain', $no_root, compact('brief', header('outlasting', x5c => [ map { encode_base64(der($_), '') } qw(outlasting brief) ]), $digest));
bad('later', '6 chain', 'a certificate of the chain has expired', $signature, moment => q{now() + interval '40 days'});
bad('earlier', '6 chain', 'a certificate of the chain is not valid yet', $signature, moment => q{now() - interval '40 days'});
my $outlasting = compact('outlasting', header('outlasting', x5c => [ map { encode_base64(der($_), '') } qw(outlasting brief) ]), $digest);
good('a root in its time', $outlasting, trusted => pem('brief'));
bad('a root beyond its time', '6 chain', 'a certificate of the chain has expired', $outlasting, trusted => pem('brief'), moment => q{now() + interval '20 days'});

# Step 7
my $misfit = 'the signature is not one of this header and digest';
my $part = encode_base64url(header('signer'));
my %inputs = (
	'without the space' => "$part.digest:$digest",
	'with the name in upper case' => "$part.Digest: $digest",
	'with a line end' => "$part.digest: $digest\n",
	'of the encoded payload' => "$part." . encode_base64url("digest: $digest"),
	'of the digest alone' => "$part.$digest",
	'of the body' => "$part.$body",
	'of nothing' => "$part.");
bad("a signature $_", '7 signature', $misfit, "$part.." . encode_base64url(sign('signer', $inputs{$_}))) for sort keys %inputs;
bad('a signature of another header', '7 signature', $misfit, encode_base64url(header('signer', iat => 1)) . "..$last");
bad('a signature of another digest', '7 signature', $misfit, $signature, body => 'x', digest => digest('x'));
bad('a digest respelled', '7 signature', $misfit, $signature, digest => $lower);
bad('a signature of another key', '7 signature', $misfit, compact('mail', header('signer'), $digest));
bad('r and s exchanged', '7 signature', $misfit, "$first.." . encode_base64url(join '', reverse unpack 'a32 a32', decode_base64url($last)));
bad('zeroes', '7 signature', $misfit, "$first.." . 'A' x 86);
bad('zeroes for EdDSA', '7 signature', $misfit, encode_base64url(header('edwards', alg => 'EdDSA')) . '..' . 'A' x 86);
my $order = pack 'H*', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
bad('the order of the curve', '7 signature', $misfit, "$first.." . encode_base64url($order x 2));

# What is wrong with the question is raised
for my $case (
	[ 'no roots', qr/there is no certificate in the trust anchors/, literal('nothing'), 'now()' ],
	[ 'an empty file of roots', qr/there is no certificate in the trust anchors/, literal(''), 'now()' ],
	[ 'no moment', qr/must not be null/, literal(pem('root')), 'NULL' ],
	[ 'an infinite moment', qr/infinite moment/, literal(pem('root')), q{'infinity'} ])
{
	my ($name, $message, $trusted, $moment) = @$case;
	$node->psql('postgres', "SELECT ootspg_internal.verify_directory_answer('', '', '', $trusted, $moment)", stderr => \my $stderr);
	like($stderr, $message, "$name is an error");
}

# damaged(thing, mark...): it, cut or changed in some places, the same each time
my $state = 20261125;

sub random
{
	my ($below) = @_;
	$state = ($state * 1103515245 + 12345) % 2147483648;
	return int($state / 256) % $below;
}

sub damaged
{
	my ($bytes, @marks) = @_;
	return substr $bytes, 0, random(length $bytes) unless random(4);
	for (0 .. random(3))
	{
		my $with = (chr random(256), @marks)[ random(1 + @marks) ];
		substr($bytes, random(length $bytes), 1 + random(3)) = $with;
	}
	return $bytes;
}

sub copy_in
{
	my ($table, @lines) = @_;
	my $file = write_file(PostgreSQL::Test::Utils::tempdir() . "/$table", join '', map { join("\t", @$_) . "\n" } @lines);
	return $node->psql('postgres', "\\copy $table FROM '$file'");
}

# Damaged headers, and damaged JSON that is encoded well: nothing but the whole is good
my @damaged;
for my $whole ($signature, compact('edwards', header('edwards', alg => 'EdDSA'), $digest))
{
	my ($header, $value) = split /\.\./, $whole;
	push @damaged, grep { $_ ne $whole } map { damaged($whole, '.', '=', '-', '', ' ') =~ s/[^ -\[\]-~]/?/gr } 1 .. 300;
	push @damaged, grep { $_ ne $whole } map { encode_base64url(damaged(decode_base64url($header), '"', '{', '}', '[', ']', ',', '\\u0', "\0", 'A', '')) . "..$value" } 1 .. 300;
}
$node->safe_psql('postgres', 'CREATE TABLE damaged (n int, signature text)');
my $n = 0;
is(copy_in('damaged', map { [ ++$n, $_ ] } @damaged), 0, "$n damaged signatures");
is( $node->safe_psql('postgres', 'SELECT count(*), count(*) FILTER (WHERE valid), count(*) FILTER (WHERE refused IS NULL OR reason IS NULL) FROM damaged d, ootspg_internal.verify_directory_answer('
		  . literal($body) . ", '$digest', d.signature, " . literal(pem('root')) . ') v'),
	"$n|0|0", 'all of them are refused, for a reason');

# Published answers of the 1.0 line: read by us and, their comments taken out, by their text
sub texts
{
	my ($element, $text) = @_;
	return map { s/^\s+|\s+$//gr } $text =~ m{<sdg:$element(?: [^>]*)?>([^<]*)</sdg:$element>}g;
}

sub check_registered
{
	my ($name, $text, @rows) = @_;
	my (undef, @accesses) = split /<sdg:AccessService>/, $text;
	my (undef, @distributions) = split /<sdg:DistributedAs>/, $text;
	my @expected;

	for my $access (@accesses)
	{
		my ($as, $publisher) = $access =~ m{<sdg:Identifier schemeID="([^"]*)">\s*([^<]*?)\s*<.*?<sdg:Publisher>\s*<sdg:Identifier}s ? ("$1 $2", $access =~ s/.*?<sdg:Publisher>//sr) : die $access;
		my ($scheme, $id) = $publisher =~ m{<sdg:Identifier schemeID="([^"]*)">\s*([^<]*?)\s*<};
		for my $distribution (@distributions)
		{
			my ($own) = $distribution =~ m{(.*?)</sdg:DistributedAs>}s;
			push @expected, join ' ', (texts('EvidenceTypeClassification', $text))[0], $as, "$scheme $id", (texts('AdminUnitLevel1', $publisher))[0], (texts('ConformsTo', $access))[0],
			  map { (texts($_, $own))[0] // '-' } qw(Format ConformsTo Transformation);
		}
	}
	is_deeply([ map { join ' ', map { ref ? @$_ : $_ // '-' } @$_{qw(classification access_service_scheme access_service publisher_scheme publisher country conforms_to media_type data_model transformation)} } @rows ], \@expected, "$name: " . @expected . ' rows');
	my ($level) = texts('AuthenticationLevelOfAssurance', $text);
	is($rows[0]{level_of_assurance}, $level, 'their level of assurance');
	is_deeply([ map { @{ $_->{values} } } map { @{ $_->{publisher_values} } } grep { $_->{media_type} eq $rows[0]{media_type} && !$_->{transformation} } @rows ], [ texts('StringValue', $text) ], 'and the values of their publishers');
	return;
}

sub check_question
{
	my ($name, $text, @rows) = @_;
	my @concepts = $text =~ m{<sdg:EvidenceProviderClassification>\s*<sdg:Identifier>([^<]*)<}g;

	is_deeply([ map { "$_->{input} $_->{input_id} " . ($_->{input_level} // $_->{input_list}) } @rows ],
		[ (map { 'jurisdiction ' . join ' ', $_, texts('JurisdictionLevel', $text) } texts('JurisdictionContextId', $text)), map { "concept $_ " . (texts('ValueExpression', $text))[0] } @concepts ], "$name: what it asks for");
	is_deeply([ @{ $rows[0] }{qw(code classification)} ], [ 'DSD:ERR:0005', texts('EvidenceTypeClassification', $text) ], 'and about what');
	return;
}

my $published = shared_file('data/examples/dsd-1.0');
SKIP:
{
	skip 'the published answers are not beside the repository', 1 unless $published;
	my (%whole, %class);

	for my $file (glob "$published/*.xml")
	{
		my ($name) = $file =~ m{/([^/]*)\.xml$};
		my $text = ($whole{$name} = slurp_file($file)) =~ s/<!--.*?-->//gsr;
		my ($code) = $text =~ /code="([^"]*)"/;
		my @rows = rows(q{SELECT * FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', } . literal($whole{$name}) . ')');

		$class{$name} = $name =~ /^4\.3/ ? 'registered' : $code eq 'DSD:ERR:0005' ? 'additional input' : $text =~ /ObjectNotFound/ ? 'not registered' : 'refused';
		is_deeply({ map { ("$_->{class} " . ($_->{code} // '-') => 1) } @rows }, { "$class{$name} " . ($code // '-') => 1 }, "$name is $class{$name}");
		check_registered($name, $text, @rows) if $class{$name} eq 'registered';
		check_question($name, $text, @rows) if $class{$name} eq 'additional input';
	}

	# Damage: it may hit a value, but never makes one statement about registrations into another
	$node->safe_psql('postgres', 'CREATE TABLE damaged_body (whole text, class text, cut boolean, body bytea)');
	my @lines;
	for my $name (sort keys %whole)
	{
		my ($end) = $whole{$name} =~ m{^(.*)</query:QueryResponse>}s;
		push @lines, map { [ $name, $class{$name}, 't', '\\\\x' . unpack('H*', substr $whole{$name}, 0, random(length $end)) ] } 1 .. 20;
		push @lines, map { [ $name, $class{$name}, 'f', '\\\\x' . unpack('H*', damaged($whole{$name}, '<', '>', '', "\0", '&', '"', '</rim:Slot>', '<!--')) ] } 1 .. 60;
	}
	is(copy_in('damaged_body', @lines), 0, @lines . ' damaged answers');
	is($node->psql('postgres', q{CREATE TABLE reading AS SELECT d.class AS whole, d.cut, r.* FROM damaged_body d, ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', d.body) r}), 0, 'raise nothing');
	is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT class, ', ') FROM reading WHERE cut}), 'unreadable', 'what was cut is not read');
	is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT concat_ws(' as ', whole, class), ', ') FROM reading WHERE class NOT IN (whole, 'unreadable', 'refused') OR class = 'refused' AND whole = 'registered'}), '', 'nothing passes for what it was not');
	is($node->safe_psql('postgres', q{SELECT bool_or(class = 'registered') AND bool_or(class = 'additional input') AND bool_or(class = 'refused') FROM reading}), 't', 'though much can be read');
}

# Nothing of OpenSSL or libxml2 is left behind, whatever the verdict
SKIP:
{
	skip 'no /proc/self/status to read', 1 unless -r '/proc/self/status';
	my $own = literal($body) . ", '$digest'";
	my ($roots, $others) = map { literal(pem($_)) } qw(root other);
	my $answer = literal($published ? slurp_file((glob "$published/4.4.3*.xml")[0]) : $body);
	my $growth = $node->safe_psql('postgres', <<"END");
CREATE FUNCTION many(calls integer) RETURNS integer LANGUAGE plpgsql AS \$\$
BEGIN
	FOR i IN 1 .. calls LOOP
		PERFORM ootspg_internal.verify_directory_answer($own, '$signature', $roots);
		PERFORM ootspg_internal.verify_directory_answer($own, '$signature', $others);
		PERFORM ootspg_internal.verify_directory_answer($own, '$first..' || repeat('A', 86), $roots);
		PERFORM ootspg_internal.verify_directory_answer($own, '$signature.', $roots);
		PERFORM ootspg_internal.read_directory_answer(200, 'text/xml', $answer);
	END LOOP;
	RETURN (regexp_match(pg_read_file('/proc/self/status'), 'RssAnon:\\s+(\\d+)'))[1];
END \$\$;
SELECT -many(100) + many(600);
END
	cmp_ok($growth, '<', 1024, "memory is flat over three thousand answers ($growth kB)");
}

unlike(slurp_file($node->logfile), qr/was terminated by signal/, 'no backend crashed');
$node->stop;
done_testing();
