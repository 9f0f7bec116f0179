# Evidence of every media type under "prefer" and "require": what is sealed and how, what bears its
# issuer's signature and leaves octet for octet, what is refused, and when.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PdfTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

# What a rehearsal finds in documents is told beside what seals ask of them: they are let leave.
my $node = start_node('sealforms', 'ootspg.send_broken_documents = on');
my $keys = $node->basedir . '/keys/seal/civil';
my $pdf = pdf_classic(pdf_objects());
my $locked = pdf_classic(pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /Perms << /DocMDP 7 0 R >> >>', 7 => '<< /Type /Sig >>'));
my $script = pdf_classic(pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\(1\)) >> >>'));

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

load_registry($node, 'postgres');
make_pair($keys, 'birth', 'p256');
make_pair($keys, 'issuer', 'p384');
sql(q{SELECT ootspg.set_seal_key('birth', 'civil', 'file:birth.key', 'file:birth.pem'), ootspg.set_seal_key('issuer', 'civil', 'file:issuer.key', 'file:issuer.pem')});
sql(qq{CREATE TABLE registry.face (person_id text, issuing_date date, pdf bytea, json jsonb, svg xml, bytes bytea);
	INSERT INTO registry.face VALUES ('010190-10001', '2020-01-01', @{[pdf_bytes($pdf)]}, '{"name": "Jānis", "sum": 1.50}', '<svg xmlns="http://www.w3.org/2000/svg"><text>1</text></svg>', NULL),
		('020291-10002', '2020-01-01', @{[pdf_bytes($locked)]}, '[1]', '<svg xmlns="http://www.w3.org/2000/svg"/>', NULL),
		('030392-10003', '2020-01-01', @{[pdf_bytes($script)]}, '[1]', '<svg xmlns="http://www.w3.org/2000/svg"><a href="https://example.org"/></svg>', NULL);
	UPDATE registry.face SET bytes = ootspg.seal(@{[pdf_bytes($pdf)]}, 'issuer') WHERE person_id = '010190-10001';
	UPDATE registry.face SET bytes = pdf WHERE bytes IS NULL});
sql(q{UPDATE ootspg.distribution SET readable = NULL; DELETE FROM ootspg.distribution WHERE distribution = 'pdf';
	ALTER TABLE ootspg.evidence_type DISABLE TRIGGER check_active; ALTER TABLE ootspg.distribution DISABLE TRIGGER check_active;
	UPDATE ootspg.evidence_type SET seal = 'prefer', seal_key = 'birth'});

# evidence(media type, column, form, person): sealed, verdict and whether the octets are those of the view
sub evidence
{
	my ($media_type, $column, $form, $person, $seal) = @_;
	my ($stdout, $stderr);

	sql(qq{UPDATE ootspg.distribution SET media_type = '$media_type', source = 'registry.face', sample_source = NULL, document = '$column', model = NULL, model_version = NULL, seal_form = '$form';
		UPDATE ootspg.evidence_type SET seal = '$seal'});
	$node->psql('postgres', qq{SELECT e.sealed, v.valid, v.format, v.algorithm, e.sha256 = sha256(e.content), e.content = f.bytes, position(f.pdf IN e.content) = 1
		FROM registry.face f, ootspg.evidence('birth', ARRAY['$person']) e, ootspg.verify_seal(e.content) v WHERE f.person_id = '$person'}, stdout => \$stdout, stderr => \$stderr);
	my ($error) = $stderr =~ /ERROR:  (.*)/;
	return $error // $stdout;
}

my ($one, $two) = ('010190-10001', '020291-10002');
for my $seal ('prefer', 'require')
{
	is(evidence('application/pdf', 'pdf', 'standard', $one, $seal), 't|t|PAdES|ecdsa-sha256|t|f|t', "$seal: PDF is sealed, and nothing of it changed");
	is(evidence('application/json', 'json', 'compact', $one, $seal), 't|t|JAdES|ecdsa-sha256|t|f|f', "$seal: JSON, compact");
	is(evidence('application/json', 'json', 'flattened', $one, $seal), 't|t|JAdES|ecdsa-sha256|t|f|f', "$seal: JSON, flattened");
	is(evidence('image/svg+xml', 'svg', 'standard', $one, $seal), 't|t|XAdES|ecdsa-sha256|t|f|f', "$seal: SVG");
	is(evidence('application/pdf', 'bytes', 'own', $one, $seal), 'f|t|PAdES|ecdsa-sha384|t|t|t', "$seal: what bears its issuer's signature leaves octet for octet");
}
is(evidence('application/pdf', 'pdf', 'standard', $two, 'prefer'), 'f|f|PAdES||t|t|t', 'prefer: what must not be sealed leaves as it is');
is(evidence('application/pdf', 'pdf', 'standard', $two, 'require'), 'the document cannot be sealed: the PDF has a signature that lets nothing be added', 'require: or not at all');
is(evidence('application/pdf', 'bytes', 'standard', $one, 'prefer'), 'f|t|PAdES|ecdsa-sha384|t|t|t', 'prefer: what is signed already is left alone');
is(evidence('application/pdf', 'bytes', 'standard', $one, 'require'), 't|t|PAdES|ecdsa-sha256|t|f|t', 'require: it gets ours beside');
is(evidence('application/pdf', 'bytes', 'own', $two, 'prefer'), 'f|f|PAdES||t|t|t', 'prefer: unsigned although it should be');
is(evidence('application/pdf', 'bytes', 'own', $two, 'require'), 'document column "bytes" does not hold a document that is signed', 'require: refused');
is(evidence('application/pdf', 'pdf', 'none', $one, 'prefer'), 'f|f|PAdES||t|f|t', 'none: never');
is(evidence('application/json', 'json', 'standard', $one, 'prefer'), 'f|f|JAdES||t|f|f', 'JSON that nobody said how to seal');
like(slurp_file($node->logfile), qr/evidence of type "birth" leaves without a seal of ours: $_/, "the log says why: $_") for 'it has a signature already', 'the PDF has a signature that lets nothing be added';
sql(q{ALTER TABLE ootspg.evidence_type ENABLE TRIGGER check_active; ALTER TABLE ootspg.distribution ENABLE TRIGGER check_active});

# Before anybody asks

sub activation
{
	my ($media_type, $column, $form, $key) = @_;
	my ($stdout, $stderr);

	$key //= 'birth';
	$node->psql('postgres', qq{SELECT ootspg.deactivate('birth'); UPDATE ootspg.evidence_type SET seal = 'require', seal_key = '$key';
		UPDATE ootspg.distribution SET media_type = '$media_type', document = '$column', seal_form = '$form', readable = NULL, @{[$media_type =~ /json/ ? "model = 'birth', model_version = '1.0'" : 'model = NULL, model_version = NULL']}; SET client_min_messages = warning; SELECT ootspg.activate('birth')},
		stdout => \$stdout, stderr => \$stderr);
	return $stderr =~ /ERROR:  (?:distribution "xml" would leave without the seal that evidence type "birth" requires: )?(.*)/ ? $1 : 'in service';
}

sql(q{DELETE FROM ootspg.data_model_location; UPDATE ootspg.data_model SET schema = NULL; INSERT INTO ootspg.data_model_location SELECT 'birth', '1.0', l.line, 'https://sr.oots.tech.ec.europa.eu/' ||
	CASE l.line WHEN 'oots-edm:v1.0' THEN 'distributions' ELSE 'datamodels' END || '/birth-1.0' FROM ootspg.evidence_type_line l});
is(activation('application/pdf', 'pdf', $_), 'in service', "PDF: $_") for 'standard', 'own';
is(activation('application/pdf', 'pdf', 'none'), 'its seal_form is none', 'PDF: none');
is(activation('application/json', 'json', $_), 'in service', "JSON: $_") for 'compact', 'flattened', 'own';
is(activation('application/json', 'json', 'standard'), 'JSON is sealed only where seal_form is compact, flattened or detached', 'JSON: not said how');
make_pair($keys, 'bp256', 'bp256');
sql(q{SELECT ootspg.set_seal_key('brainpool', 'civil', 'file:bp256.key', 'file:bp256.pem')});
is(activation('application/json', 'json', 'compact', 'brainpool'), q{seal key "brainpool" cannot seal JSON: it is on one of Brainpool's curves}, 'JSON and a key of Brainpool');
is(activation('application/pdf', 'pdf', 'standard', 'brainpool'), 'in service', 'PDF and such a key');
is(activation('image/svg+xml', 'svg', 'standard'), 'in service', 'SVG as xml');
is(activation('image/svg+xml', 'bytes', 'standard'), 'a document in bytea leaves as it is', 'SVG as bytes');
is(activation($_, 'bytes', 'standard'), 'JPEG and PNG are sealed only where seal_form is detached', $_) for 'image/png', 'image/jpeg';
like(activation('application/pdf', 'pdf', 'compact'), qr/distribution_seal_form_fits/, 'PDF in a JWS');
like(activation('application/pdf', 'pdf', 'cades'), qr/cades/, 'a form that is none');

# Rehearsed

sub rehearsed
{
	return sql(q{SELECT fault FROM ootspg.rehearse('birth') WHERE persons IS NOT NULL AND fault IS NOT NULL AND distribution = 'xml' ORDER BY 1});
}

is(activation('application/pdf', 'pdf', 'standard'), 'in service', 'PDF again');
is(rehearsed(), "the PDF has JavaScript\nthe document cannot be sealed: the PDF has a signature that lets nothing be added", 'a rehearsal finds the PDF that runs something, and the one that can\'t be sealed');
is(activation('application/pdf', 'bytes', 'own'), 'in service', 'signed ones');
is(rehearsed(), 'document column "bytes" does not hold a document that is signed', 'and those that are not signed');
is(activation('image/svg+xml', 'svg', 'standard'), 'in service', 'SVG again');
is(rehearsed(), 'the SVG refers to something outside of it', 'and the picture that leads elsewhere');

# Documents as such

sub fault
{
	my ($name, $media_type, $content, $expected) = @_;
	is(sql("SELECT ootspg_internal.document_fault('$media_type', " . pdf_bytes($content) . ')'), $expected, $name);
	return;
}

my @launch = (7 => '<< /S 8 0 R /F (x) >>', 8 => '/Launch');
fault('PDF', 'application/pdf', $_->(pdf_objects()), '') for \&pdf_classic, \&pdf_streams, \&pdf_hybrid;
fault('JavaScript in an annotation, in a stream', 'application/pdf', pdf_streams(pdf_objects(3 => pdf_objects()->{3} =~ s/>>$/\/Annots [7 0 R] >>/r, 7 => '<< /Subtype /Link /A << /S /Java#53cript >> >>')), 'the PDF has JavaScript');
fault('JavaScript in a rendition', 'application/pdf', pdf_classic(pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Rendition /JS (1) >> >>')), 'the PDF has JavaScript');
fault('a program, in two steps', 'application/pdf', pdf_classic(pdf_objects(1 => '<< /Type /Catalog /Pages 2 0 R /AA << /WC 7 0 R >> >>', @launch)), 'the PDF starts programs');
fault('a program that nothing leads to', 'application/pdf', pdf_classic(pdf_objects(@launch)), '');
fault('an object that is another', 'application/pdf', pdf_classic(pdf_objects()) =~ s/4 0 obj/9 0 obj/r, 'the PDF has an object that can\'t be read');
fault('no end mark', 'application/pdf', "%PDF-1.7\n", 'the document is not what its media type says');

my $svg = sub { "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:x=\"http://www.w3.org/1999/xlink\">$_[0]</svg>" };
my $outside = 'the SVG refers to something outside of it';
fault("SVG: $_->[0]", 'image/svg+xml', $svg->($_->[0]), $_->[1])
  for ['<g id="a"/><use x:href="#a"/>', ''], ['<image href="data:image/png;base64,AA"/>', ''], ['<rect fill="red" style="fill:url(#a)"/>', ''],
  ['<script>1</script>', 'the SVG has scripts'], ['<rect onload="1"/>', 'the SVG has scripts'], ['<g><a x:href="javascript:1"/></g>', $outside], ['<image href="https://e.org/a.png"/>', $outside],
  ['<image href="data:text/html,1"/>', $outside], ['<rect style="fill: URL( \'https://e.org\')"/>', $outside], ['<style>@import "a.css";</style>', $outside], ['<foreignObject/>', 'the SVG has foreign objects'];

my $chunk = sub { pack('N', length $_[1]) . $_[0] . $_[1] . "\0\0\0\0" };
my $png = "\x89PNG\r\n\x1a\n" . $chunk->('IHDR', "\0" x 13) . $chunk->('IDAT', 'x') . $chunk->('IEND', '');
fault('PNG', 'image/png', $png, '');
fault('PNG, cut off', 'image/png', substr($png, 0, -3), 'the PNG is cut off');
fault('PNG, more behind it', 'image/png', "${png}x", 'the PNG has something behind its end');
fault('PNG without a header', 'image/png', $png =~ s/IHDR/IDAT/r, 'the PNG does not begin with its header');
my $jpeg = "\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x04ab\xff\xda\0\x04abxyz\xff\xd9";
fault('JPEG', 'image/jpeg', $jpeg, '');
fault('JPEG, cut off', 'image/jpeg', substr($jpeg, 0, -2), 'the JPEG is cut off');
fault('JPEG without a frame', 'image/jpeg', $jpeg =~ s/\xff\xc0/\xff\xfe/r, 'the JPEG has no frame');
fault('JPEG, a segment too long', 'image/jpeg', $jpeg =~ s/\xe0\0\x04/\xe0\xf0\x04/r, "the JPEG's segments can't be followed");
is(sql("SELECT count(*) FROM generate_series(0, @{[length $_->[1]]}) n, ootspg_internal.document_fault('$_->[0]', substr(" . pdf_bytes($_->[1]) . ', 1, n))'), length($_->[1]) + 1, "$_->[0], cut anywhere")
  for [ 'image/png', $png ], [ 'image/jpeg', $jpeg ], [ 'application/pdf', $pdf ];

$node->stop;
done_testing();
