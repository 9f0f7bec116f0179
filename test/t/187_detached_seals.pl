# Seals that lie beside their document: XAdES and JAdES (sigD), ours and those of others, what they are judged to be of, and how they
# leave: as annexes in packages of line 2.0, and nowhere else.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use Digest::SHA qw(sha256 sha384 sha512);
use JSON::PP;
use MIME::Base64 qw(encode_base64 decode_base64 encode_base64url decode_base64url);
use OotspgTest;
use PdfTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;
use TimeStampAuthority;

my $node = start_node('detachedseals');
my $keys = $node->basedir . '/keys';
my $files = PostgreSQL::Test::Utils::tempdir;
my @authority = ('basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign');

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub bytea { return "decode('" . encode_base64($_[0], '') . "', 'base64')"; }
sub bytes_of { return pack 'H*', sql("SELECT encode($_[0], 'hex')"); }

load_registry($node, 'postgres');
make_pair($keys, 'root', 'p384', @authority);
make_issued($keys, $_, $_, 'root') for 'p256', 'p384', 'p521', 'rsa3072', 'bp256';
my $trusted = bytea(slurp_file("$keys/root.pem"));
my $png = "\x89PNG\r\n\x1a\n" . join '', map { pack('N', length $_->[1]) . $_->[0] . $_->[1] . "\0\0\0\0" } [ IHDR => "\0" x 13 ], [ IDAT => 'x' ], [ IEND => '' ];
my $jpeg = "\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x04ab\xff\xda\0\x04abxyz\xff\xd9";
my $json = '{"name": "J\u0101nis", "sum": 1.50}';
my %documents = (png => $png, jpeg => $jpeg, json => $json, xml => '<a b="1"><!-- c --> </a>', pdf => pdf_classic(pdf_objects()), other => "anything \0 at all");

sub seal { return bytes_of('ootspg_internal.seal_with(' . bytea($_[0]) . ', ' . uris($_[1]) . ", 'detached')"); }

# What is judged: the seal, and what is said to be beside it
sub judged
{
	my ($name, $seal, $document, $columns, $expected) = @_;
	ask_verdict($name, $seal, $columns, $expected, arguments => ", $trusted, NULL, " . (defined $document ? bytea($document) : 'NULL'));
	return;
}

sub refused_seal { my ($name, $seal, $document, $expected) = @_; judged($name, $seal, $document, "concat_ws('|', valid, step, reason, sub_indication, signed_content IS NULL)", "f|$expected|t"); return; }

# Our own, of everything, by every key

for my $kind (sort keys %documents)
{
	for my $key ($kind eq 'json' ? ('p256', 'p384', 'rsa3072') : ('p256', 'p384', 'rsa3072', 'bp256'))
	{
		my $seal = seal($documents{$kind}, $key);
		my $format = $kind eq 'json' ? 'JAdES' : 'XAdES';
		my $missing = $kind eq 'json' ? 'the seal is of documents elsewhere (sigD)' : 'the seal is of a document beside it, and none is given';
		judged("$kind, $key", $seal, $documents{$kind}, "valid, indication, format, level, signed_content = " . bytea($documents{$kind}), "t|TOTAL-PASSED|$format|B|t");
		refused_seal("$kind, $key: of something else", $seal, "$documents{$kind} ", '9 signature|the document beside the seal is not the one that was sealed|HASH_FAILURE');
		refused_seal("$kind, $key: of nothing", $seal, undef, "6 references|$missing|SIGNED_DATA_NOT_FOUND");
		refused_seal("$kind, $key: of an empty document", $seal, '', '9 signature|the document beside the seal is not the one that was sealed|HASH_FAILURE');
	}
}
my $xades = seal($png, 'p256');
my $jades = seal($json, 'p256');
like($xades, qr{<xades:MimeType>image/png<}, 'XAdES says what it is of');
my $header = decode_json(decode_base64url(decode_json($jades)->{protected}));
is_deeply([ sort keys %{ decode_json($jades) } ], [ 'protected', 'signature' ], 'JAdES: no payload');
is_deeply($header->{sigD}, { mId => 'http://uri.etsi.org/19182/ObjectIdByURIHash', pars => [ 'ni:///sha-256;' . encode_base64url(sha256($json)) ], hashM => 'S256', hashV => [ encode_base64url(sha256($json)) ], ctys => ['json'] }, 'JAdES: what it is of');
is_deeply([ $header->{crit}, $header->{cty}, $header->{typ} ], [ [ 'b64', 'sigD' ], undef, 'jose+json' ], 'JAdES: critical, and no type of a payload that is none');
refused($node, 'SELECT ' . "ootspg_internal.seal_with(" . bytea($json) . ', ' . uris('bp256') . ", 'detached')", 'OT004', "seal key \"bp256\" could not make a seal: JSON can't be sealed on Brainpool's curves", 'JSON and a key of Brainpool');

# A document where none belongs

my $text = 'the seal is in its document, and another one is given';
my $sub = 'FORMAT_FAILURE';
refused_seal('enveloped XAdES', bytes_of("ootspg_internal.seal_with('<a/>', " . uris('p256') . ')'), '<a/>', "4 position|$text|$sub");
refused_seal('PAdES', bytes_of('ootspg_internal.seal_with(' . bytea($documents{pdf}) . ', ' . uris('p256') . ')'), $documents{pdf}, "4 position|$text|$sub");
refused_seal('JAdES with payload', bytes_of('ootspg_internal.seal_with(' . bytea($json) . ', ' . uris('p256') . ", 'flattened')"), $json, "4 position|$text|$sub");

# XAdES of others: SignedInfo changed and signed again

sub raw_signature
{
	my ($input, $key) = @_;
	my ($digest, $n) = ($key // 'p256') eq 'p521' ? ('sha512', 66) : ('sha256', 32);

	write_file("$files/input", $input);
	run_openssl('dgst', "-$digest", '-sign', "$keys/" . ($key // 'p256') . '.key', '-out', "$files/value", "$files/input");
	my ($r, $s) = run_openssl('asn1parse', '-inform', 'DER', '-in', "$files/value") =~ /INTEGER\s*:([0-9A-F]+)/g;
	return join '', map { "\0" x ($n - length) . $_ } map { pack 'H*', length($_) % 2 ? "0$_" : $_ } $r, $s;
}

sub signed_again
{
	my ($change, $seal) = @_;
	my ($info) = ($seal // $xades) =~ m{(<ds:SignedInfo>.*</ds:SignedInfo>)}s;
	my $new = $change->($info);
	my $value = encode_base64(raw_signature($new =~ s/^<ds:SignedInfo>/<ds:SignedInfo xmlns:ds="$ds">/r), '');
	return ($seal // $xades) =~ s/\Q$info\E/$new/r =~ s/(<ds:SignatureValue[^>]*>)[^<]*/$1$value/r;
}

sub with_uri { my ($uri) = @_; return signed_again(sub { $_[0] =~ s/(<ds:Reference Id="[^"]*")>/$1 URI="$uri">/r }); }

judged("of others, $_", with_uri($_), $png, 'valid, signed_content = ' . bytea($png), 't|t') for 'photo.png', 'cid:1@example.org', 'https://example.invalid/x.png', 'file:///etc/passwd';
refused_seal('a reference to all of the seal', with_uri(''), $png, "6 references|no reference covers the document|$sub");
refused_seal('a reference to a part of it', with_uri('#key'), $png, "6 references|no reference covers the document|$sub");
refused_seal('a reference to a part of something', with_uri('a.xml#b'), $png, "6 references|no reference covers the document|$sub");
my $xades_uri = 'http://uri.etsi.org/01903/v1.3.2#';
my ($reference) = $xades =~ m{(<ds:Reference Id.*?</ds:Reference>)};
refused_seal('two documents', signed_again(sub { $_[0] =~ s/\Q$reference\E/$reference$reference/r =~ s/(.*Id="ref)-/$1-2-/r }), $png, "6 references|SignedInfo has more than references to the document, the properties and KeyInfo|$sub");
refused_seal('no document', signed_again(sub { $_[0] =~ s/\Q$reference\E//r }), $png, "6 references|no reference covers the document|$sub");
for my $transforms ("<ds:Transform Algorithm=\"$exc\"></ds:Transform>", '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"></ds:Transform>', $filter2->(), $enveloped)
{
	judged('a document made into something else', signed_again(sub { $_[0] =~ s{(<ds:Reference Id="[^"]*">)}{$1<ds:Transforms>$transforms</ds:Transforms>}r }), $png, 'valid, step', 'f|6 references');
}
my $prefixes = '<c:InclusiveNamespaces xmlns:c="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="ds"></c:InclusiveNamespaces>';
refused_seal('prefixes of a canonicalisation', signed_again(sub { $_[0] =~ s{(#sp-.*?<ds:Transform Algorithm="[^"]*">)}{$1$prefixes}r }), $png, "6 references|a reference has transforms other than one canonicalisation|$sub");
judged('the digest changed', $xades =~ s{(<ds:DigestValue>)(.)}{$1 . ($2 eq 'A' ? 'B' : 'A')}er, $png, 'valid, step, reason', 'f|9 signature|the signature or a digest does not fit');
judged('the time changed', $xades =~ s{(<xades:SigningTime>\d{3})(\d)}{$1 . ($2 + 1) % 10}er, $png, 'valid, step, reason', 'f|9 signature|the signature or a digest does not fit');
judged('the type changed', $xades =~ s{image/png}{image/gif}r, $png, 'valid, step, reason', 'f|9 signature|the signature or a digest does not fit');
judged('the digest of another algorithm', signed_again(sub { my $digest = encode_base64(sha512($png), ''); $_[0] =~ s{xmlenc#sha256("></ds:DigestMethod><ds:DigestValue>)[^<]*}{xmlenc#sha512$1$digest}r }), $png, 'valid', 't');
# EU DSS leaves off an octet of r and s where both begin with zero, which they do in one of four signatures with P-521
{
	my $p521 = $xades =~ s{<ds:X509Certificate>.*</ds:X509Certificate>}{x509_data("$keys/p521.pem") =~ s/<.?ds:X509Data>//gr}er
	  =~ s{(<xades:CertDigest>.*?<ds:DigestValue>)[^<]*}{$1 . certificate_digest("$keys/p521.pem", $files, $sha256)}er;
	my ($properties) = $p521 =~ m{(<xades:SignedProperties.*</xades:SignedProperties>)};
	my $digest = encode_base64(sha256($properties =~ s/^<xades:SignedProperties/<xades:SignedProperties xmlns:xades="$xades_uri"/r =~ s/<ds:(DigestMethod|DigestValue)/<ds:$1 xmlns:ds="$ds"/gr), '');
	my ($info) = $p521 =~ m{(<ds:SignedInfo>.*</ds:SignedInfo>)};
	my $new = $info =~ s{(#sp-.*<ds:DigestValue>)[^<]*}{$1$digest}r =~ s/ecdsa-sha256/ecdsa-sha512/r;
	my $value = '';
	$value = raw_signature($new =~ s/^<ds:SignedInfo>/<ds:SignedInfo xmlns:ds="$ds">/r, 'p521') until $value =~ /^\0.{65}\0/s;
	for my $short ($value, substr($value, 1, 65) . substr($value, 67))
	{
		judged('P-521, ' . length($short) . ' octets', $p521 =~ s/\Q$info\E/$new/r =~ s{(<ds:SignatureValue[^>]*>)[^<]*}{$1 . encode_base64($short, '')}er, $png, 'valid, algorithm', 't|ecdsa-sha512');
	}
}
judged('SHA-1', signed_again(sub { $_[0] =~ s{http://www.w3.org/2001/04/xmlenc#sha256}{http://www.w3.org/2000/09/xmldsig#sha1}r }), $png, 'valid, step', 'f|7 algorithms');
judged('the seal inside of something', "<a>$xades</a>", $png, 'valid, step', 'f|4 position');
judged('spaces around it', "<?xml version=\"1.0\"?>\n<!-- x -->$xades\n", $png, 'valid', 't');

# JAdES of others

my %good = (alg => 'ES256', iat => time, 'x5t#S256' => $header->{'x5t#S256'}, x5c => $header->{x5c}, crit => ['sigD']);
my $by = 'http://uri.etsi.org/19182/ObjectIdByURI';

sub jws
{
	my ($members, $payload, $compact) = @_;
	my %header = (%good, %$members);
	delete $header{$_} for grep { !defined $header{$_} } keys %header;
	my $protected = encode_base64url(encode_json(\%header));
	my $signature = encode_base64url(raw_signature("$protected.$payload"));
	return $compact ? "$protected..$signature" : encode_json({ protected => $protected, signature => $signature });
}

sub by_hash { my (%o) = @_; return { mId => "${by}Hash", pars => ['a.json'], hashM => 'S256', hashV => [ encode_base64url(sha256(encode_base64url($json))) ], %o }; }

my $uri = { mId => $by, pars => ['a.json'], ctys => ['json'] };
my $encoded = encode_base64url($json);
judged('by digest, of the encoded octets', jws({ sigD => by_hash() }, ''), $json, 'valid, signed_content = ' . bytea($json), 't|t');
judged('by digest, SHA-512', jws({ sigD => by_hash(hashM => 'S512', hashV => [ encode_base64url(sha512($encoded)) ]) }, ''), $json, 'valid', 't');
judged('by address', jws({ sigD => $uri }, $encoded), $json, 'valid, signed_content = ' . bytea($json), 't|t');
judged('by address, compact', jws({ sigD => $uri }, $encoded, 1), $json, 'valid', 't');
judged('by address, octets as they are', jws({ sigD => $uri, b64 => JSON::PP::false, crit => [ 'b64', 'sigD' ] }, $json), $json, 'valid', 't');
judged('not named at all', jws({ crit => undef }, $encoded), $json, 'valid', 't');
judged('of anything', jws({ sigD => $uri }, encode_base64url($png)), $png, 'valid, signed_content = ' . bytea($png), 't|t');
judged('a signature over something else', jws({ sigD => $uri }, $encoded), "$json ", 'valid, step', 'f|9 signature');
refused_seal('not critical', jws({ sigD => $uri, crit => undef }, $encoded), $json, "5 structure|sigD is not critical|$sub");
refused_seal('two documents', jws({ sigD => { %$uri, pars => [ 'a.json', 'b.json' ] } }, $encoded), $json, "6 references|sigD does not name one document|$sub");
refused_seal('no document', jws({ sigD => { %$uri, pars => [] } }, $encoded), $json, "6 references|sigD does not name one document|$sub");
refused_seal('no address', jws({ sigD => { %$uri, pars => [ {} ] } }, $encoded), $json, "6 references|sigD does not name one document|$sub");
refused_seal('a part of a HTTP message', jws({ sigD => { %$uri, mId => 'http://uri.etsi.org/19182/HttpHeaders' } }, $encoded), $json, "6 references|sigD names its document in a way that is not understood|$sub");
refused_seal('no mechanism', jws({ sigD => { pars => ['a.json'] } }, $encoded), $json, "6 references|sigD names its document in a way that is not understood|$sub");
refused_seal('no object', jws({ sigD => 'x' }, $encoded), $json, "6 references|sigD is not an object|$sub");
refused_seal('a member besides', jws({ sigD => { %$uri, spURI => 'x' } }, $encoded), $json, "6 references|sigD has a member that is not one of it|$sub");
refused_seal('SHA-1', jws({ sigD => by_hash(hashM => 'S1') }, ''), $json, '7 algorithms|the digest in sigD has another algorithm than S256, S384 and S512|CRYPTO_CONSTRAINTS_FAILURE_NO_POE');
refused_seal('two digests', jws({ sigD => by_hash(hashV => [ 'AA', 'AA' ]) }, ''), $json, "6 references|sigD does not have one digest|$sub");
refused_seal('a digest cut off', jws({ sigD => by_hash(hashV => [ substr encode_base64url(sha256($encoded)), 0, 20 ]) }, ''), $json, '9 signature|the document beside the seal is not the one that was sealed|HASH_FAILURE');
refused_seal('an empty digest', jws({ sigD => by_hash(hashV => ['']) }, ''), $json, '9 signature|the document beside the seal is not the one that was sealed|HASH_FAILURE');
refused_seal('the right digest, the signature over the document', jws({ sigD => by_hash() }, $encoded), $json, '9 signature|the signature does not fit|SIG_CRYPTO_FAILURE');
refused_seal('payload and sigD', encode_json({ %{ decode_json(jws({ sigD => $uri }, $encoded)) }, payload => $encoded }), undef, '6 references|the seal is of documents elsewhere (sigD)|SIGNED_DATA_NOT_FOUND');
refused_seal('payload and sigD, and a document', encode_json({ %{ decode_json(jws({ sigD => $uri }, $encoded)) }, payload => $encoded }), $json, "5 structure|the seal is of its payload and of documents elsewhere|$sub");
judge($node);

# Time stamps

make_pair($files, 'tsaroot', 'p256', @authority);
TimeStampAuthority::make($files, 'tsa', 'tsaroot');
my $tsa = bytea(slurp_file("$files/tsaroot.pem"));
for ([ $xades, $png, 'XAdES' ], [ $jades, $json, 'JAdES' ])
{
	my ($seal, $document, $name) = @$_;
	my $answer = TimeStampAuthority::answer($files, 'tsa', bytes_of('ootspg.stamp_request(' . bytea($seal) . ')'));
	is(sql("SELECT valid, level, stamp, stamped_at IS NOT NULL FROM ootspg.verify_seal(ootspg.add_stamp(" . bytea($seal) . ', ' . bytea($answer) . ", $tsa), $trusted || convert_to(E'\\n', 'UTF8') || $tsa, NULL, " . bytea($document) . ')'), 't|T|valid|t', "$name: level T");
}

# Evidence

make_pair("$keys/seal/civil", 'birth', 'p256');
sql(qq{SELECT ootspg.set_seal_key('birth', 'civil', 'file:birth.key', 'file:birth.pem');
	CREATE TABLE registry.face (person_id text, issuing_date date, png bytea, json jsonb, pdf bytea, xml xml);
	INSERT INTO registry.face VALUES ('010190-10001', '2020-01-01', @{[bytea($png)]}, '$json', @{[pdf_bytes(pdf_classic(pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /Perms << /DocMDP 7 0 R >> >>', 7 => '<< /Type /Sig >>')))]}, '<a/>');
	UPDATE ootspg.distribution SET readable = NULL; DELETE FROM ootspg.distribution WHERE distribution = 'pdf';
	ALTER TABLE ootspg.evidence_type DISABLE TRIGGER check_active; ALTER TABLE ootspg.distribution DISABLE TRIGGER check_active;
	UPDATE ootspg.evidence_type SET seal = 'require', seal_key = 'birth'});
my $number = 0;

sub serve { sql("UPDATE ootspg.distribution SET media_type = '$_[0]', source = 'registry.face', sample_source = NULL, document = '$_[1]', model = NULL, model_version = NULL, seal_form = 'detached'"); return; }

for ([ 'image/png', 'png', 'XAdES', 'application/xml' ], [ 'application/json', 'json', 'JAdES', 'application/json' ], [ 'application/pdf', 'pdf', 'XAdES', 'application/xml' ], [ 'application/xml', 'xml', 'XAdES', 'application/xml' ])
{
	my ($media_type, $column, $format, $seal_type) = @$_;
	serve($media_type, $column);
	is(sql(q{SELECT string_agg(concat_ws('|', e.role, e.media_type, e.sealed, e.title, e.sha256 = sha256(e.content), e.conforms_to IS NULL), ';') FROM ootspg.evidence('birth', ARRAY['010190-10001']) e}),
		"MainEvidence|$media_type|t|Birth certificate|t|t;Annex|$seal_type|t|Birth certificate ($format)|t|t", "$media_type: the document and its seal");
	is(sql(q{SELECT v.valid, v.format FROM (SELECT array_agg(content) AS part FROM ootspg.evidence('birth', ARRAY['010190-10001'])) e, ootspg.verify_seal(e.part[2], beside => e.part[1]) v}), "t|$format", "$media_type: which holds");
	sql("CREATE TEMP TABLE answered AS SELECT * FROM ootspg.answer(birth_request(@{[++$number]}, 'oots-edm:v2.0', '$media_type'));
		CREATE TABLE answered_$column AS SELECT * FROM answered");
	is(sql("SELECT count(*) FROM answered_$column"), 3, "$media_type: the response and both");
	is(sql("SELECT v.valid FROM answered_$column d, answered_$column s, ootspg.verify_seal(s.content, beside => d.content) v WHERE d.part = 2 AND s.part = 3"), 't', "$media_type: which holds in the answer");
	is(sql("SELECT count(*) FROM answered_$column a, ootspg.check_message(a.content) c WHERE a.part = 1 AND c.severity = 'error'"), 0, "$media_type: the answer breaks no rule");
	my $response = sql("SELECT convert_from(content, 'UTF8') FROM answered_$column WHERE part = 1");
	like($response, qr/AssociationType:Annex/, "$media_type: an annex of it");
	like($response, qr/classificationNode="Annex"/, "$media_type: classified so");
	is(sql("SELECT string_agg(concat_ws('|', role, media_type, seal_key, seal_level, certificate_sha256 IS NOT NULL), ';' ORDER BY role DESC) FROM ootspg.evidence_event WHERE exchange_id = (SELECT max(exchange_id) FROM ootspg.exchange)"),
		"MainEvidence|$media_type|birth|B|t;Annex|$seal_type|birth|B|t", "$media_type: the audit has both");
}
serve('image/png', 'png');
is(answer($node, 'postgres', ++$number . ", 'oots-edm:v1.2', 'image/png'") =~ s/^\d+\|//r, 'error|EDM:ERR:0008|a row cannot become evidence: SQLSTATE OT005', 'a line without packages: require');
sql("UPDATE ootspg.evidence_type SET seal = 'prefer'");
is(answer($node, 'postgres', ++$number . ", 'oots-edm:v1.2', 'image/png'") =~ s/^\d+\|//r, 'evidence||', '… prefer');
is(sql('SELECT role, seal_level FROM ootspg.evidence_event WHERE exchange_id = (SELECT max(exchange_id) FROM ootspg.exchange)'), 'MainEvidence|', '… unsealed');
like(slurp_file($node->logfile), qr/evidence of type "birth" leaves without a seal of ours: a detached seal goes along in packages of line 2.0 only/, '… and the log says why');
$node->append_conf('postgresql.conf', 'ootspg.max_pieces = 1');
$node->reload;
$node->poll_query_until('postgres', q{SELECT current_setting('ootspg.max_pieces') = '1'}) or die;
is(answer($node, 'postgres', ++$number . ", 'oots-edm:v2.0', 'image/png'") =~ s/^\d+\|//r, 'error|EDM:ERR:0008|evidence is larger than allowed: SQLSTATE OT002', 'seals count as documents');

# Before anybody asks

sql('ALTER TABLE ootspg.evidence_type ENABLE TRIGGER check_active; ALTER TABLE ootspg.distribution ENABLE TRIGGER check_active');

sub activation
{
	my ($stdout, $stderr);
	$node->psql('postgres', "SELECT ootspg.deactivate('birth'); UPDATE ootspg.evidence_type SET seal = 'require'; $_[0]; SET client_min_messages = warning; SELECT ootspg.activate('birth')", stdout => \$stdout, stderr => \$stderr);
	return $stderr =~ /ERROR:  (?:distribution "xml" would leave without the seal that evidence type "birth" requires: )?(.*)/ ? $1 : 'in service';
}

is(activation('SELECT 1'), 'a detached seal goes along in packages of line 2.0 only, and the type is served on oots-edm:v1.0', 'a line without packages is refused');
is(activation("DELETE FROM ootspg.evidence_type_line WHERE line <> 'oots-edm:v2.0'"), 'in service', '… line 2.0 alone is fine');
is(activation("UPDATE ootspg.distribution SET seal_form = 'standard'"), 'JPEG and PNG are sealed only where seal_form is detached', 'not said how');

done_testing();
