# Ready documents are what they are declared to be, or do not leave: a PDF that nobody can open, that is encrypted or runs something, a picture that is cut
# off, an SVG with scripts end in EDM:ERR:0008 with the reason in the audit, are refused in words where somebody looks, and found at rehearsal. A setting
# lets them leave, as until 0.2.0.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PdfTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('ready_documents');
load_registry($node, 'postgres');

sub sql { return $node->safe_psql('postgres', $_[0]) }

my $good = pdf_classic(pdf_objects());
my %script = (1 => '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>');
my %documents = (
	'a PDF' => [ 'application/pdf', $good, '' ],
	'a PDF with a cross-reference stream' => [ 'application/pdf', pdf_streams(pdf_objects()), '' ],
	'a mark' => [ 'application/pdf', "%PDF-1.4\n% birth entry\n%%EOF\n", 'content of document column "ready" cannot leave: the PDF has no cross-reference' ],
	'cut off' => [ 'application/pdf', substr($good, 0, 300) . "\n%%EOF\n", 'content of document column "ready" cannot leave: the PDF has no cross-reference' ],
	'with a script' => [ 'application/pdf', pdf_classic(pdf_objects(%script)), qr/^content of document column "ready" cannot leave: the PDF .*(?:JavaScript|script|runs)/ ],
	'encrypted' => [ 'application/pdf', pdf_classic(pdf_objects(), '/Encrypt << /Filter /Standard >> '), 'content of document column "ready" cannot leave: the PDF is encrypted' ],
	'text' => [ 'application/pdf', 'a text', 'content of document column "ready" is not application/pdf' ],
	'half a PNG' => [ 'image/png', "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 'content of document column "ready" cannot leave: the PNG is cut off' ],
	'half a JPEG' => [ 'image/jpeg', "\xff\xd8\xff\xe0\0\x10JFIF", 'content of document column "ready" cannot leave: the JPEG is cut off' ],
	'an SVG' => [ 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>', '' ],
	'an SVG that runs' => [ 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', 'content of document column "ready" cannot leave: the SVG has scripts' ],
	'an SVG that looks elsewhere' => [ 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://example.org/x.png"/></svg>', 'content of document column "ready" cannot leave: the SVG refers to something outside of it' ]);
sql(q{CREATE TABLE registry.ready (person_id text, issuing_date date, ready bytea);
	INSERT INTO registry.ready VALUES ('010190-10001', '2020-01-01', '');
	UPDATE ootspg.distribution SET readable = NULL; DELETE FROM ootspg.distribution WHERE distribution = 'xml';
	UPDATE ootspg.distribution SET source = 'registry.ready', sample_source = NULL, document = 'ready'});

# What a query is refused with; '' when it is not
sub refused
{
	my ($stdout, $stderr);
	$node->psql('postgres', $_[0], stdout => \$stdout, stderr => \$stderr);
	return $stderr =~ /ERROR:  (.*)/ ? $1 : '';
}

my $number = 0;
for my $what (sort keys %documents)
{
	my ($media_type, $bytes, $fault) = @{ $documents{$what} };
	my $refusal;
	sql("UPDATE ootspg.distribution SET media_type = '$media_type'; UPDATE registry.ready SET ready = '\\x" . unpack('H*', $bytes) . "'");
	$refusal = refused(q{SELECT content FROM ootspg.evidence('birth', '{010190-10001}'::text[])});
	if (ref $fault) { like($refusal, $fault, "$what: evidence()"); $fault = $refusal }
	else { is($refusal, $fault, "$what: evidence()") }
	is(sql(q{SELECT fault FROM ootspg.rehearse('birth', 1) WHERE persons = 1}), $fault, "$what: rehearse()");
	my (undef, $outcome, $error, $reason) = split /\|/, answer($node, 'postgres', ++$number . ", format => '$media_type'");
	is(join('|', $outcome, $error // '', $reason // ''), $fault eq '' ? 'evidence||' : 'error|EDM:ERR:0008|a row cannot become evidence: SQLSTATE OT005', "$what: answer()");
}
sql(q{UPDATE ootspg.distribution SET media_type = 'application/pdf'});
sql(q{UPDATE registry.ready SET ready = convert_to(E'%PDF-1.4\n%%EOF\n', 'UTF8')});
is(sql(q{SET ootspg.send_broken_documents = on; SELECT count(*) FROM ootspg.evidence('birth', '{010190-10001}'::text[])}), '1', 'a setting lets them leave');
is(sql(q{SET ootspg.send_broken_documents = on; SELECT fault FROM ootspg.rehearse('birth', 1) WHERE persons = 1}), 'the PDF has no cross-reference', 'and a rehearsal still finds them');

$node->stop;
done_testing();
