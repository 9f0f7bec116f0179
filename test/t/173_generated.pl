# Documents that nobody has in a column: readable = 'generated' and document = 'generated' are all a DBA writes, and a sealed PDF leaves with the
# structured evidence or in its place, on every line; translations where 2.0 asks for them. What the server lacks for it is told beforehand.
use strict;
use warnings FATAL => 'all';
use utf8;

use Compress::Zlib;
use Encode qw(decode_utf8 encode_utf8);
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

for my $tool (qw(qpdf pdfinfo pdftotext))
{
	plan skip_all => "$tool is not installed" if system("command -v $tool >/dev/null") != 0;
}
my $node = start_node('generated');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file('test/fixtures/ask.sql'));
my $folder = $node->basedir;
my $one = '010190-10001';

sub sql { return decode_utf8($node->safe_psql('postgres', encode_utf8($_[0]))) }

# What the statements are refused with, and the notices before
sub refused_with
{
	my ($stdout, $stderr);
	$node->psql('postgres', encode_utf8($_[0]), stdout => \$stdout, stderr => \$stderr);
	return decode_utf8($stderr);
}

sub output_of { return decode_utf8(scalar qx{@_ 2>&1}) }

# text_of(bytes): what a PDF says, tagged, once it was found sound
sub text_of
{
	my ($bytes) = @_;
	open my $handle, '>:raw', "$folder/document.pdf" or die $!;
	print $handle $bytes;
	close $handle or die $!;
	return 'not sound: ' . output_of("qpdf --check '$folder/document.pdf'") if output_of("qpdf --check '$folder/document.pdf' >/dev/null && echo sound") ne "sound\n";
	my $text = output_of("pdfinfo -struct-text '$folder/document.pdf'");
	$text =~ s/\x{a0}/ /g;
	return $text;
}

sub attached_to
{
	my ($pdf) = @_;
	my ($stream) = $pdf =~ m{/EmbeddedFile/Subtype/application#2F\w+/Params<<[^>]*>>/Length \d+/Filter/FlateDecode>>\nstream\n(.*?)\nendstream}s;
	return uncompress($stream);
}

# evidence(more): pieces as [role, media type, language, sealed, bytes]
sub evidence
{
	my ($distribution) = @_;
	return map { my @piece = split /\|/; $piece[4] = pack 'H*', $piece[4]; [@piece] } split /\n/,
	  sql("SELECT role, media_type, language, sealed, encode(content, 'hex') FROM ootspg.evidence('birth', '{$one}'::text[], distribution => '$distribution')");
}

sub kinds { return join ' ', map { "$_->[0] $_->[1] " . ($_->[2] || '-') . " $_->[3]" } @_ }

# A companion without a column
sql(q{
	UPDATE ootspg.provider SET full_address = 'Ēku iela 7, Rīga';
	ALTER TABLE registry.person ADD COLUMN language text;
	CREATE OR REPLACE VIEW registry.plain_evidence AS SELECT person_id, issuing_date, language, '5e1d1f0a-7a52-4be0-9c52-0a4c3a1d9e01'::uuid AS evidence_id, document FROM registry.birth_evidence;
	SELECT ootspg.deactivate('birth');
	UPDATE ootspg.distribution SET readable = 'generated', source = 'registry.plain_evidence', sample_source = NULL WHERE distribution = 'xml';
	DELETE FROM ootspg.distribution WHERE distribution = 'pdf'});
my $notices = refused_with(q{SELECT ootspg.activate('birth')});
like($notices, qr/NOTICE:  data model "birth" version 1\.0 lacks \d+ labels that readable documents would show, in EN/, 'labels that lack are told at activation');
is(sql(q{SELECT count(*) FROM ootspg.rehearse('birth') WHERE fault LIKE 'data model "birth" version 1.0 lacks % labels that generated documents show, in EN: %'}), '1', 'and at rehearsal');
sql(q{
	COMMENT ON TYPE registry.birth_document IS 'Birth entry';
	COMMENT ON COLUMN registry.birth_document.entry_number IS 'Entry number';
	SELECT ootspg.import_labels('birth', '1.0', 'registry.birth_document', 'EN');
	INSERT INTO ootspg.data_model_label (model, version, path, language, label)
	SELECT 'birth', '1.0', path, l, CASE path WHEN 'EntryNumber' THEN e ELSE path || ' ' || l END
	  FROM ootspg_internal.model_fields('birth', '1.0'), (VALUES ('EN', 'Entry number'), ('LV', 'Ieraksta numurs'), ('DE', 'Eintragsnummer')) v(l, e) WHERE code = ''
	ON CONFLICT DO NOTHING});
my @pieces = evidence('xml');
is(kinds(@pieces), 'MainEvidence application/xml LV f HumanReadableVersion application/pdf LV f', 'evidence() brings a PDF along');
my $text = text_of($pieces[1][4]);
like($text, qr/Dzimšanas apliecība/, "with the type's title, in the evidence's language");
like($text, qr/Civilstāvokļa reģistrs/, 'the issuer');
like($text, qr/"Ēku iela 7, Rīga"/, 'where it was issued');
like($text, qr/Ieraksta numurs/, 'labels');
like($text, qr/R-10001/, 'values');
like($text, qr/5e1d1f0a-7a52-4be0-9c52-0a4c3a1d9e01/, 'and the identifier of the evidence that it shows');
is(attached_to($pieces[1][4]), $pieces[0][4], 'the structured document is attached to it');
is(sql(q{SELECT count(DISTINCT content) FROM generate_series(1, 3) n, LATERAL (SELECT content FROM ootspg.evidence('birth', ('{010190-10001}'::text[])[1:n]) e WHERE role = 'HumanReadableVersion') p}), '1',
	'the same row gives the same bytes');

# By a role that has the duty to exchange and nothing else, on its provider's letterhead; for several persons in one scan
sql(q{INSERT INTO ootspg.letterhead (provider, footer) VALUES ('civil', '{"LV": "Ēku iela 1", "EN": "1 Eku Street"}');
	CREATE ROLE civil_service;
	SELECT ootspg.grant_duty('civil_service', 'exchange', 'civil');
	GRANT USAGE ON SCHEMA registry TO civil_service;
	GRANT SELECT ON registry.people, registry.plain_evidence TO civil_service});
my @several = map { [ split /\|/ ] } split /\n/, sql(q{SET ROLE civil_service; SELECT person_id, role, encode(content, 'hex') FROM ootspg.evidence('birth', '{010190-10001,020291-10002,030392-10003}'::text[])});
is(join(' ', map { "$_->[0] $_->[1]" } @several), join(' ', map { ("$_ MainEvidence", "$_ HumanReadableVersion") } qw(010190-10001 020291-10002 030392-10003)), 'several persons, each with the own PDF');
like(text_of(pack 'H*', $several[5][2]), qr/R-10003/, 'which shows the own record');
like(output_of("pdftotext '$folder/document.pdf' -"), qr/Ēku iela 1/, 'on the letterhead');

# Sealed as PDF is, the main evidence as XML
make_pair("$folder/keys/seal/civil", 'birth', 'p256');
sql(q{SELECT ootspg.set_seal_key('birth', 'civil', 'file:birth.key', 'file:birth.pem');
	UPDATE ootspg.evidence_type SET seal = 'require', seal_key = 'birth'});
@pieces = evidence('xml');
is(kinds(@pieces), 'MainEvidence application/xml LV t HumanReadableVersion application/pdf LV t', 'both are sealed');
is(sql(q{SELECT string_agg(v.format || ' ' || v.valid, ', ' ORDER BY e.role DESC) FROM ootspg.evidence('birth', '{010190-10001}'::text[]) e, ootspg.verify_seal(e.content) v}), 'XAdES true, PAdES true',
	'each in its form');
like(text_of($pieces[1][4]), qr/Ieraksta numurs/, 'the PDF is sound with its seal');

# Answers: 1.x sends it along, 2.0 on request, as companion or translation
my $model = '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/birth-1.0</sdg:ConformsTo>';
sql(q{CREATE TABLE sent (exchange_id bigint, part int, media_type text, outcome text, content bytea);
	CREATE FUNCTION send(request bytea) RETURNS text LANGUAGE sql AS $$
		DELETE FROM sent;
		INSERT INTO sent SELECT exchange_id, part, media_type, outcome, content FROM ootspg.answer(request);
		SELECT min(outcome) || ': ' || coalesce(string_agg(media_type, ' ' ORDER BY part) FILTER (WHERE part > 1), '-') FROM sent $$;
	CREATE FUNCTION faults() RETURNS bigint LANGUAGE sql AS $$
		SELECT count(*) FROM sent, ootspg.check_message(content) c WHERE part = 1 AND c.severity = 'fatal' $$});
for my $line (qw(v1.1 v1.2))
{
	is(sql(qq{SELECT send(request('oots-edm:$line', wanted => wanted('application/xml', '$model')))}), 'evidence: application/xml application/pdf', "$line: both parts");
	is(sql('SELECT faults()'), '0', "$line: by the rules");
}
my %asked = (
	'' => [ 'application/xml', '' ],
	'<sdg:AssociatedDocumentRequest>HumanReadableVersion</sdg:AssociatedDocumentRequest>' => [ 'application/xml application/pdf', 'HumanReadableVersion' ],
	'<sdg:Language>DE</sdg:Language><sdg:AssociatedDocumentRequest>Translation</sdg:AssociatedDocumentRequest>' => [ 'application/xml application/pdf', 'Translation' ],
	'<sdg:Language>DE</sdg:Language><sdg:AssociatedDocumentRequest>HumanReadableVersion</sdg:AssociatedDocumentRequest><sdg:AssociatedDocumentRequest>Translation</sdg:AssociatedDocumentRequest>' =>
	  [ 'application/xml application/pdf application/pdf', 'HumanReadableVersion Translation' ],
	'<sdg:Language>LV</sdg:Language><sdg:AssociatedDocumentRequest>Translation</sdg:AssociatedDocumentRequest>' => [ 'application/xml', '' ],
	'<sdg:Language>FR</sdg:Language><sdg:AssociatedDocumentRequest>Translation</sdg:AssociatedDocumentRequest>' => [ 'application/xml', '' ],
	'<sdg:Language>FR</sdg:Language><sdg:Language>EN</sdg:Language><sdg:AssociatedDocumentRequest>Translation</sdg:AssociatedDocumentRequest>' => [ 'application/xml application/pdf', 'Translation' ]);
for my $more (sort keys %asked)
{
	my ($types, $roles) = @{ $asked{$more} };
	is(sql(qq{SELECT send(request('oots-edm:v2.0', wanted => wanted('application/xml', '$model$more')))}), "evidence: $types", "2.0: $more");
	is(sql(q{SELECT coalesce(string_agg(m[1], ' '), '') FROM sent, regexp_matches(convert_from(content, 'UTF8'), 'AssociationType:(\w+)"', 'g') m WHERE part = 1}), $roles, '… joined as what they are');
	is(sql('SELECT faults()'), '0', '… by the rules');
}
is(sql(qq{SELECT send(request('oots-edm:v2.0', wanted => wanted('application/xml', '$model<sdg:Language>DE</sdg:Language><sdg:AssociatedDocumentRequest>Translation</sdg:AssociatedDocumentRequest>')))}),
	'evidence: application/xml application/pdf', 'a translation into German');
$text = text_of(pack 'H*', sql(q{SELECT encode(content, 'hex') FROM sent WHERE part = 3}));
like($text, qr/Eintragsnummer/, 'has German labels');
like($text, qr/"Übersetzung"\s+TD\s+"LV – DE"/, 'and says what it is') or diag(encode_utf8($text));
like(sql(q{SELECT convert_from(content, 'UTF8') FROM sent WHERE part = 2}), qr/R-10001.*Signature/s, 'beside the original, sealed');
is(sql(q{SELECT string_agg(role || ' ' || (seal_key IS NOT NULL), ', ' ORDER BY role) FROM ootspg.evidence_event WHERE exchange_id = (SELECT min(exchange_id) FROM sent)}), 'MainEvidence true, Translation true',
	'the audit has both');

# PDF as the main evidence: of the structured distribution of the same rows, or of the column "document"
sql(q{INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) VALUES ('birth', 'page', 'application/pdf', 'registry.plain_evidence', 'generated')});
@pieces = evidence('page');
is(kinds(@pieces), 'MainEvidence application/pdf LV t', 'a PDF for whoever wants PDF');
like(text_of($pieces[0][4]), qr/Ieraksta numurs/, 'with the labels of the model of the structured distribution');
for my $line (qw(v1.0 v1.2 v2.0))
{
	is(sql(qq{SELECT send(request('oots-edm:$line'))}), 'evidence: application/pdf', "$line: PDF");
	is(sql('SELECT faults()'), '0', "$line: by the rules");
}
is(sql(q{SELECT send(request('oots-edm:v2.0', wanted => wanted('application/pdf', '<sdg:Language>EN</sdg:Language><sdg:AssociatedDocumentRequest>Translation</sdg:AssociatedDocumentRequest>')))}),
	'evidence: application/pdf application/pdf', '2.0: and its translation');
is(sql('SELECT faults()'), '0', '… by the rules');
is(refused_with(q{SET client_min_messages = warning; SELECT ootspg.deactivate('birth'); DELETE FROM ootspg.distribution WHERE distribution = 'xml'; SELECT ootspg.activate('birth')}), '', 'the structured distribution goes');
like(text_of((evidence('page'))[0][4]), qr/Entry number/, 'alone, with the comments of the composite type');
like(refused_with(q{CREATE VIEW registry.bare AS SELECT person_id, issuing_date, 1 AS number FROM registry.plain_evidence;
	UPDATE ootspg.distribution SET source = 'registry.bare'}), qr/there is nothing to generate documents of distribution "page" from/, 'a view without a structured column is refused');
like(refused_with(q{CREATE VIEW registry.named AS SELECT *, 1 AS generated FROM registry.plain_evidence;
	UPDATE ootspg.distribution SET source = 'registry.named'}), qr/registry\.named has a column of that name/, 'a column that is called generated is not passed over silently');

# What the server lacks
my $broken = "SET ootspg.document_fonts = '/nowhere.ttf'";
like(refused_with(qq{$broken; SELECT ootspg.activate('birth')}), qr{ERROR:  documents cannot be generated: .*/nowhere\.ttf}, 'a font that is not there: refused at activation');
like(sql(qq{$broken; SELECT string_agg(fault, ' ') FROM ootspg.rehearse('birth', 1) WHERE distribution IS NULL}), qr{documents cannot be generated: .*/nowhere\.ttf}, 'told at rehearsal');
is(sql(qq{$broken; SELECT send(request('oots-edm:v2.0'))}), 'error: -', 'and no evidence at all when asked');
is(sql(q{SELECT error_code || ' ' || reason FROM ootspg.exchange ORDER BY exchange_id DESC LIMIT 1}), 'EDM:ERR:0008 evidence type does not fit its registry: SQLSTATE OT003', '… with the reason in the audit');

$node->stop;
done_testing();
