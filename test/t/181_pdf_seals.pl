# PDF sealed by PAdES-BASELINE-B: files of every kind of cross-reference and form, judged by
# poppler, OpenSSL and qpdf; what must not be sealed; what was done to a sealed file afterwards; and
# signatures that are not what they should be.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use Digest::SHA qw(sha256);
use IPC::Run;
use OotspgTest;
use PdfTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $node = start_node('pdfseals');
my $keys = $node->basedir . '/keys';
my $files = PostgreSQL::Test::Utils::tempdir;
my @usage = ('keyUsage=critical,digitalSignature,nonRepudiation', 'basicConstraints=CA:FALSE');
my @authority = ('basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign');

$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
make_pair($keys, 'root', 'p384', @authority);
make_issued($keys, 'inter', 'p256', 'root', @authority);
make_issued($keys, $_, $_, 'inter', @usage) for 'p256', 'p384', 'rsa3072', 'bp256', 'bp384', 'bp512';
append_to_file("$keys/$_.pem", slurp_file("$keys/inter.pem")) for 'p256', 'p384', 'rsa3072', 'bp256', 'bp384', 'bp512';
make_pair($keys, 'forger', 'p256');

sub with_key
{
	my ($pdf, $key) = @_;
	return 'ootspg_internal.seal_with(' . pdf_bytes($pdf) . ', ' . uris($key // 'p256') . ')';
}

sub sealed
{
	return pack 'H*', $node->safe_psql('postgres', "SELECT encode(" . with_key(@_) . ", 'hex')");
}

sub quietly
{
	my @command = @_;
	my $output = '';
	return (IPC::Run::run(\@command, '<', \undef, '>&', \$output) ? 1 : 0, $output);
}

# Judges who know nothing of us

sub judged
{
	my ($name, $pdf, %o) = @_;
	my $file = write_file("$files/judged.pdf", $pdf);
	my ($covered, $der) = signed_around($pdf);
	my ($fine, $said) = quietly('pdfsig', '-nocert', $file);

	# the library behind pdfsig has no curves of Brainpool
	if (!$o{brainpool})
	{
		like($said, qr/Signature Validation: Signature is Valid\./, "$name: pdfsig");
		unlike($said, qr/Signature Validation: (?!Signature is Valid)/, "$name: pdfsig finds nothing else");
	}
	like($said, qr/Total document signed/, "$name: of the whole");
	like($said, qr/Signature Type: ETSI\.CAdES\.detached/, "$name: of its kind");
	write_file("$files/covered", $covered);
	write_file("$files/signature.der", $der =~ s/\0+\z//r . "\0" x 4);
	# the library wants no octet after the signature, and knows where it ends
	write_file("$files/signature.der", substr $der, 0, 4 + unpack 'n', substr $der, 2, 2);
	($fine, $said) = quietly('openssl', 'cms', '-verify', '-cades', '-binary', '-inform', 'DER', '-in', "$files/signature.der", '-content', "$files/covered",
		'-CAfile', "$keys/root.pem", '-purpose', 'any', '-out', "$files/content");
	ok($fine, "$name: openssl cms -verify -cades") or diag($said);
	($fine, $said) = quietly('qpdf', '--check', $file);
	ok($fine, "$name: qpdf --check") or diag($said);
	ask_verdict("$name: verify_seal()", $pdf, "valid, step, reason, format, form, chain, indication, sub_indication, signed_content = decode('" . unpack('H*', $pdf) . "', 'hex')",
		't|||PAdES|baseline|valid|TOTAL-PASSED||t', arguments => ", pg_read_binary_file('$keys/root.pem')");
	return;
}

my %writers = (classic => \&pdf_classic, streams => \&pdf_streams, hybrid => \&pdf_hybrid);
my $annotation = '<< /Type /Annot /Subtype /Link /Rect [1 1 2 2] /Border [0 0 0] >>';
my $page = pdf_objects()->{3};
my %shapes = (
	'nothing yet' => pdf_objects(),
	'annotations in the page' => pdf_objects(3 => $page =~ s/>>$/\/Annots [7 0 R] >>/r, 7 => $annotation),
	'annotations as an object' => pdf_objects(3 => $page =~ s/>>$/\/Annots 8 0 R >>/r, 7 => $annotation, 8 => '[7 0 R]'),
	'a form in the catalog' => pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /DA (/Helv 0 Tf) >> >>'),
	'a form as an object' => pdf_objects(1 => '<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R>>', 7 => '<</Fields[]>>'),
	'fields as an object' => pdf_objects(1 => '<</AcroForm 7 0 R/Type/Catalog/Pages 2 0 R>>', 7 => '<</SigFlags 0/Fields 8 0 R>>', 8 => '[]'),
	'a tree of pages' => pdf_objects(2 => '<< /Type /Pages /Kids [9 0 R] /Count 1 >>', 9 => '<< /Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1 >>', 3 => $page =~ s/Parent 2/Parent 9/r),
	'odd words' => pdf_objects(6 => "<</Title(a\\)b(c)\\\\)/Author<feff00c4>/X#20Y[true false null -1 +.5 4. (\\101\\r\n) <41 4>]% a comment >>\n>>"));
for my $shape (sort keys %shapes)
{
	for my $writer (sort keys %writers)
	{
		my $pdf = $writers{$writer}->($shapes{$shape});
		my $sealed = sealed($pdf);

		is(substr($sealed, 0, length $pdf), $pdf, "$writer, $shape: all octets stay");
		judged("$writer, $shape", $sealed);
	}
}
judged("a key of kind $_", sealed(pdf_classic(pdf_objects()), $_), brainpool => scalar(/^bp/)) for 'p384', 'rsa3072', 'bp256', 'bp384', 'bp512';
$node->append_conf('postgresql.conf', 'ootspg.rsa_pss = on');
$node->reload;
$node->poll_query_until('postgres', q{SELECT current_setting('ootspg.rsa_pss') = 'on'}) or die;
judged('RSA-PSS', my $pss = sealed(pdf_classic(pdf_objects()), 'rsa3072'));
ask_verdict('it is one', $pss, 'valid, algorithm', 't|sha256-rsa-MGF1');

judged('no end of line at the end', sealed(pdf_classic(pdf_objects()) =~ s/\n\z//r));
judged('several revisions', sealed(pdf_update(pdf_update(pdf_streams(pdf_objects()), 6 => '<< /Title (Two) >>'), 12 => '<< /Title (Three) >>')));
judged('a tagged page', sealed(pdf_classic(pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /StructTreeRoot 7 0 R >>', 7 => '<< /Type /StructTreeRoot >>'))));
like(sealed(pdf_classic(pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /StructTreeRoot 7 0 R >>', 7 => '<< /Type /StructTreeRoot >>'))), qr{/Tabs/S/Annots}, 'its annotations follow the structure');
my $sealed = sealed(pdf_classic(pdf_objects()));
my $twice = sealed($sealed, 'p384');
my (undef, $said) = quietly('pdfsig', '-nocert', write_file("$files/twice.pdf", $twice));
is(scalar(() = $said =~ /Signature Validation: Signature is Valid\./g), 2, 'two seals: both hold');
ask_verdict('two seals: the later covers all', $twice, 'valid, algorithm', 't|ecdsa-sha384');
judge($node);

# What a chain needs is made room for

make_issued($keys, 'deep0', 'rsa3072', 'root', @authority);
make_issued($keys, "deep$_", 'rsa3072', 'deep' . ($_ - 1), @authority) for 1 .. 5;
make_issued($keys, 'deep', 'rsa3072', 'deep5', @usage);
append_to_file("$keys/deep.pem", slurp_file("$keys/deep$_.pem")) for reverse 0 .. 5;
judged('a chain of seven', sealed(pdf_classic(pdf_objects()), 'deep'));
judge($node);

# What must not be sealed

sub not_sealed
{
	my ($name, $pdf, $reason) = @_;
	refused($node, 'SELECT ' . with_key($pdf), 'OT005', "the document cannot be sealed: \Q$reason\E", $name);
	return;
}

sub certified
{
	my ($level) = @_;
	return pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] /SigFlags 3 >> /Perms << /DocMDP 8 0 R >> >>',
		7 => '<< /FT /Sig /T (a) /V 8 0 R /Subtype /Widget /Rect [0 0 0 0] >>',
		8 => "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Contents <00> /ByteRange [0 1 2 3] /Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /P $level /V /1.2 >> >>] >>");
}

my $locked = 'the PDF has a signature that lets nothing be added';
not_sealed("certified at level $_", pdf_classic(certified($_)), $locked) for 1 .. 3;
not_sealed('certified, in streams', pdf_streams(certified(2)), $locked);
my $field = certified(1);
$field->{1} = '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] >> >>';
not_sealed('fields that a signature locks', pdf_classic({ %$field, 8 => $field->{8} =~ s/DocMDP/FieldMDP/r }), $locked);
not_sealed('a field that locks', pdf_classic({ %$field, 7 => $field->{7} =~ s/>>$/\/Lock << \/Action \/All >> >>/r, 8 => '<< /Type /Sig >>' }), $locked);
not_sealed('a form of XFA', pdf_classic(pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /XFA [] >> >>')), 'the PDF has a form of XFA');
my $plain = pdf_classic(pdf_objects());
not_sealed('encrypted', pdf_classic(pdf_objects(7 => '<< /Filter /Standard >>'), '/Encrypt 7 0 R'), 'the PDF is encrypted');
not_sealed('no cross-reference', $plain =~ s/startxref/startxxxx/r, 'the PDF has no cross-reference');
not_sealed('a wrong place', $plain =~ s/startxref\n\d+/startxref\n17/r, "the PDF's cross-reference can't be followed");
not_sealed('a place outside', $plain =~ s/startxref\n\d+/startxref\n99999999/r, "the PDF's cross-reference can't be followed");
not_sealed('no end', $plain =~ s/%%EOF/%%XXX/r, 'the PDF has no mark at its end');
not_sealed('a circle', $plain =~ s{/Size}{/Prev @{[ index $plain, 'xref' ]} /Size}r, "the PDF's cross-reference runs in a circle");
not_sealed('no catalog', pdf_classic(pdf_objects(1 => '<< /Type /Nothing >>')), 'the PDF has no catalog');
not_sealed('no pages', pdf_classic(pdf_objects(2 => '<< /Type /Pages /Kids [] >>')), 'the PDF has no pages');
not_sealed('pages in a circle', pdf_classic(pdf_objects(2 => '<< /Type /Pages /Kids [2 0 R] >>')), 'the PDF has no pages');
not_sealed('a key twice', pdf_classic(pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /Pages 3 0 R >>')), 'the PDF has no catalog');

# What was done afterwards, or before

sub attack
{
	my ($name, $pdf, $step, $reason) = @_;
	ask_verdict($name, $pdf, 'valid, step, reason, signed_content IS NULL, indication', "f|$step|$reason|t|" . ($step =~ /^(2|4|5|9)/ ? 'TOTAL-FAILED' : 'INDETERMINATE'));
	return;
}

my $after = 'no signature covers the whole file: something was added after it, or is not covered';
my $gap = 'ByteRange leaves out something else than the signature\'s value';
my $changed = 'the document is not what was signed';
my $other = '<< /Length 38 >>' . "\nstream\nBT /F1 18 Tf 20 100 Td (Sum 900) Tj ET\nendstream";
my ($range) = $sealed =~ /(\/ByteRange\[[^\]]*\])/;
my (undef, $first, $second, $rest) = signature_places($sealed);
my $with_range = sub { my $new = sprintf '/ByteRange[%d %d %d %d', @_; $sealed =~ s{\Q$range\E}{sprintf '%-*s', length $range, "$new]"}er };

attack('content replaced', pdf_update($sealed, 4 => $other), '4 position', $after);
attack('something hidden shown', pdf_update($sealed, 1 => '<< /Type /Catalog /Pages 2 0 R /OCProperties << >> >>'), '4 position', 'the PDF has no signature');
attack('an annotation over it', pdf_update($sealed, 3 => $page =~ s/>>$/\/Annots [20 0 R] >>/r, 20 => $annotation), '4 position', $after);
attack('the information only', pdf_update($sealed, 6 => '<< /Title (Other) >>'), '4 position', $after);
attack('octets behind the end', "$sealed%%EOF\n", '4 position', $after);
attack('one line', "$sealed\n", '4 position', $after);
attack('a word changed', $sealed =~ s/Sum 100/Sum 900/r, '9 signature', $changed);
attack('the time changed', $sealed =~ s/M\(D:\d{4}/M(D:2020/r, '9 signature', $changed);
attack('a pair alone', $with_range->(0, $first, 0, 0), '4 position', $after);
attack('a wider gap', $with_range->(0, $first - 10, $second, $rest), '4 position', $gap);
attack('a gap that ends late', $with_range->(0, $first, $second + 1, $rest - 1), '4 position', $gap);
attack('a late beginning', $with_range->(1, $first - 1, $second, $rest), '4 position', $gap);
attack('an early end', $with_range->(0, $first, $second, $rest - 1), '4 position', $after);
attack('beyond the end', $with_range->(0, $first, $second, $rest + 1), '4 position', $after);
attack('the whole as one', $with_range->(0, length $sealed, length $sealed, 0), '4 position', $gap);
attack('no value', $sealed =~ s/<30[0-9a-f]+>/'<' . '0' x ($second - $first - 2) . '>'/er, '2 parsing', 'the signature\'s value is not DER and zeros');
attack('octets in what fills up', $sealed =~ s/0>>>\nendobj/1>>>\nendobj/r, '2 parsing', 'the signature\'s value is not DER and zeros');
attack('white space in what fills up', $sealed =~ s/0>>>\nendobj/$_>>>\nendobj/r, '2 parsing', 'the signature\'s value is not DER and zeros') for "\0", ' ', "\n";
attack('another kind', $sealed =~ s/ETSI\.CAdES\.detached/adbe.pkcs7.detached/r, '5 structure', 'the signature is of another kind than ETSI.CAdES.detached');
attack('a time stamp, it says', $sealed =~ s{/Type/Sig}{/TypX/Sig}r, '9 signature', $changed);
attack('the value in two places', pdf_update($sealed, 30 => '<< /Type /Sig >>'), '4 position', $after);
attack('a forger after us', do { my $forged = sealed(pdf_update($sealed, 4 => $other), 'forger'); substr $forged, 0, -1 }, '4 position', $after);
ask_verdict('a forger after us is the one who sealed', sealed(pdf_update($sealed, 4 => $other), 'forger'), 'valid, chain, indication', 't|untrusted|INDETERMINATE',
	arguments => ", pg_read_binary_file('$keys/root.pem')");
attack('not sealed', $plain, '4 position', 'the PDF has no signature');
attack('no PDF that can be followed', "%PDF-1.7\n%%EOF\n", '2 parsing', 'the PDF has no cross-reference');

# Signatures by openssl in the place of ours

sub signed_by_openssl
{
	my ($content, @options) = @_;
	my (undef, $der) = signed_around($content);
	my ($covered) = signed_around($content);

	write_file("$files/covered", $covered);
	run_openssl('cms', '-sign', '-binary', '-signer', "$keys/p256.pem", '-inkey', "$keys/p256.key", '-certfile', "$keys/inter.pem",
		'-outform', 'DER', '-in', "$files/covered", '-out', "$files/other.der", @options);
	my $digits = unpack 'H*', slurp_file("$files/other.der");
	return $content =~ s/<30[0-9a-f]+>/'<' . $digits . '0' x ($second - $first - 2 - length $digits) . '>'/er;
}

my $structure = '5 structure';
attack('a time of its own', signed_by_openssl($sealed, '-cades'), $structure, 'the signature has a signing time of its own');
attack('the time, and no certificate named', signed_by_openssl($sealed), $structure, 'the signature has a signing time of its own');
attack('no attributes', signed_by_openssl($sealed, '-noattr'), $structure, 'the signed attributes do not say what is signed');
attack('the content inside', signed_by_openssl($sealed, '-cades', '-nodetach'), $structure, 'the signature is not a detached one of data');
attack('two signers', signed_by_openssl($sealed, '-cades', '-signer', "$keys/forger.pem", '-inkey', "$keys/forger.key"), $structure, 'the signature does not have exactly one signer');
judge($node);

# Every octet counts but those of the signature's value, where issuers' certificates lie unsigned, as they do in all forms; no cut file is taken; nothing raises

my $hex = unpack 'H*', $sealed;
is($node->safe_psql('postgres', qq{SELECT count(*) FILTER (WHERE valid AND NOT inside), bool_and(certificate_sha256 = own AND signing_time IS NOT NULL) FILTER (WHERE valid AND inside)
	FROM (SELECT decode('$hex', 'hex') d) s, LATERAL (SELECT certificate_sha256 AS own FROM ootspg.verify_seal(d)) o, generate_series(0, octet_length(d) - 1, 5) n,
		LATERAL (SELECT n BETWEEN $first AND @{[$second - 1]} AS inside) i, ootspg.verify_seal(set_byte(d, n, get_byte(d, n) # (1 << (n % 3))))}),
	'0|t', 'a changed octet, wherever it is');
is($node->safe_psql('postgres', qq{SELECT count(*) FILTER (WHERE valid)
	FROM (SELECT decode('$hex', 'hex') d) s, generate_series(0, octet_length(d) - 1, 5) n, ootspg.verify_seal(substr(d, 1, n))}), '0', 'a cut file');

# Many seals, one after the other

is($node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE valid) FROM generate_series(1, 500), LATERAL ootspg.verify_seal(" . with_key($plain) . ")"), '500', 'all of 500 hold');

SKIP:
{
	skip 'no /proc', 1 unless -r '/proc/self/status';
	$node->safe_psql('postgres', <<'END' =~ s/SEAL/with_key($plain)/er =~ s/LOCKED/pdf_bytes(pdf_classic(certified(1)))/er);
CREATE FUNCTION resident() RETURNS bigint LANGUAGE sql AS $$ SELECT substring(pg_read_file('/proc/' || pg_backend_pid() || '/status') from 'VmRSS:\s*(\d+)')::bigint $$;
CREATE FUNCTION turns(n int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
	FOR i IN 1..n LOOP PERFORM FROM ootspg.verify_seal(SEAL); PERFORM FROM ootspg.verify_seal(LOCKED); END LOOP; END $$;
END
	my (undef, $before, undef, $resident) = split /\n/, $node->safe_psql('postgres', 'SELECT turns(200); SELECT resident(); SELECT turns(3000); SELECT resident();');
	cmp_ok($resident - $before, '<', 1024, 'three thousand seals and verdicts in one session leave no more than 1 MB behind');
}

$node->stop;
unlike(slurp_file($node->logfile), qr/TRAP/, 'nothing trapped');
done_testing();
