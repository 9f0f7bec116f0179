# Five kinds of evidence as PDF: what is on their pages, and how many pages there are; and a human-readable version that a view
# makes goes out with the structured one, whose very bytes are attached to it. OOTSPG_PICTURES names a directory
# that gets a picture of each first page.
use strict;
use warnings FATAL => 'all';
use utf8;

use Compress::Zlib;
use Encode qw(decode_utf8 encode_utf8);
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

for my $tool (qw(qpdf pdfinfo pdftotext pdftoppm))
{
	plan skip_all => "$tool is not installed" if system("command -v $tool >/dev/null") != 0;
}
my $node = start_node('document_kinds');
load_registry($node, 'postgres');
my $folder = $node->basedir;

sub sql { return $node->safe_psql('postgres', encode_utf8($_[0])) }
sub output_of { return decode_utf8(scalar qx{@_ 2>&1}) }

sql(q{
	CREATE SCHEMA kinds;
	SET search_path = kinds;
	CREATE TYPE place AS (country_code text, city text);
	CREATE TYPE parent AS ("role" text, full_name text, date_of_birth date);
	CREATE TYPE birth AS (entry text, family_name text, given_name text[], date_of_birth date, place_of_birth place, parent parent[]);
	COMMENT ON TYPE birth IS 'Birth certificate';
	CREATE TYPE address AS (street text, house_number text, postal_code text, city text, country text);
	CREATE TYPE residence AS (name text, personal_number text, current_address address, former_address address[]);
	COMMENT ON TYPE residence IS 'Certificate of residence';
	CREATE TYPE period AS ("from" date, "to" date, employer text, income numeric(12,2));
	CREATE TYPE insurance AS (insured text, period period[]);
	COMMENT ON TYPE insurance IS 'Social insurance periods';
	CREATE TYPE course AS (code text, name text, ects numeric(4,1), grade text);
	CREATE TYPE term AS (name text, course course[]);
	CREATE TYPE diploma AS (holder text, degree text, awarded date, term term[]);
	COMMENT ON TYPE diploma IS 'Diploma supplement'});

my %kinds = (
	birth => [ 1, q{ROW('2026/17', 'Bērziņa', ARRAY['Anna', 'Marija'], '2026-01-03', ROW('LV', 'Rīga'), ARRAY[ROW('mother', 'Ilze Bērziņa', '1995-05-06'), ROW('father', 'Jānis Bērziņš', '1993-11-21')]::kinds.parent[])::kinds.birth},
		'EN', 'Birth certificate', 'Anna', '3 January 2026', 'Ilze Bērziņa' ],
	residence => [ 1, q{ROW('Παπαδοπούλου Ελένη', '880714-12345', ROW('Große Straße', '12 a', '10115', 'Berlin', 'DE'), ARRAY[ROW('Rue de l’Église', '7 bis', '75011', 'Paris', 'FR'), ROW('שדרות רוטשילד', '22', '6688218', 'תל אביב', 'IL')]::kinds.address[])::kinds.residence},
		'EN', 'Certificate of residence', 'Παπαδοπούλου Ελένη', 'Rue de l’Église', 'שדרות רוטשילד' ],
	insurance => [ 6, q{ROW('Kowalska, Agnieszka', (SELECT array_agg(ROW(DATE '2005-01-01' + n * 31, DATE '2005-01-31' + n * 31, 'Instytut Meteorologii', 1234.5 + n)::kinds.period ORDER BY n) FROM generate_series(0, 199) n))::kinds.insurance},
		'PL', 'Social insurance periods', '01.01.2005', '1 433,50', 'Strona 1 z' ],
	vehicle => [ 1, q{'{"registrationNumber": "AB-123-CD", "firstRegistration": "2021-03-15", "vehicle": {"make": "Renault", "massKg": 1708.5, "electric": true}, "inspections": [{"date": "2025-03-10", "odometer": 41233}, {"date": "2023-03-14", "odometer": 19877}]}'::json},
		'FR', 'AB-123-CD', '15/03/2021', '1708,5', 'oui' ],
	diploma => [ 1, q{ROW('Žofia Kováčová', 'Magister', '2025-06-20', (SELECT array_agg(ROW('Semester ' || t, ARRAY[ROW('INF-' || t, 'Algorithms', 6.0, 'A'), ROW('INF-1' || t, 'Cryptography', 5.5, 'B')]::kinds.course[])::kinds.term) FROM generate_series(1, 3) t))::kinds.diploma},
		'SK', 'Diploma supplement', '20. 6. 2025', 'Semester 3', '5,5' ]);
for my $kind (sort keys %kinds)
{
	my ($pages, $value, $language, @texts) = @{ $kinds{$kind} };
	my $file = "$folder/$kind.pdf";
	open my $handle, '>:raw', $file or die $!;
	print $handle pack 'H*', sql(qq{SELECT encode(ootspg.document($value, 'application/pdf', languages => '{$language}', facts => '{"issuer": "Authority", "issued": "2026-11-30", "identifier": "urn:uuid:7d9f1b6e-52a1-4c57-9a31-0a4a7d1f6c22"}'), 'hex')});
	close $handle or die $!;
	is(output_of("qpdf --check '$file' >/dev/null && echo sound"), "sound\n", "$kind: a sound file");
	like(output_of("pdfinfo '$file'"), qr/^Pages: +$pages$/m, "$kind: pages");
	my $read = output_of("pdfinfo -struct-text '$file'");
	my $shown = output_of("pdftotext -layout '$file' -");
	s/\x{a0}/ /g for $read, $shown;
	for my $text (@texts)
	{
		ok($read =~ /\Q$text\E/ || $shown =~ /\Q$text\E/, encode_utf8("$kind: $text"));
	}
	cmp_ok(-s $file, '<', 20480 * $pages, "$kind: no more than 20 kB a page");
	system("pdftoppm -png -r 60 -singlefile '$file' '$ENV{OOTSPG_PICTURES}/document-$kind'") if $ENV{OOTSPG_PICTURES};
}

# In service: one view, the same document twice
sql(q{
	CREATE VIEW registry.readable_evidence AS
	SELECT e.person_id, e.issuing_date, e.language, e.document, ootspg.document(e.document, 'application/pdf', 'birth', '1.0', '{LV,EN}', jsonb_build_object('issued', e.issuing_date)) AS pdf
	  FROM registry.birth_evidence e;
	SELECT ootspg.import_labels('birth', '1.0', 'registry.birth_document', 'EN');
	UPDATE ootspg.distribution SET source = 'registry.readable_evidence' WHERE evidence_type = 'birth';
	SET client_min_messages = warning;
	SELECT ootspg.activate('birth');
	CREATE ROLE civil_service;
	SELECT ootspg.grant_duty('civil_service', 'exchange', 'civil');
	GRANT USAGE ON SCHEMA registry TO civil_service;
	GRANT SELECT ON registry.people, registry.readable_evidence, registry.birth_sample TO civil_service});
my @pieces = map { [ split /\|/ ] } split /\n/, sql(q{
	SET ROLE civil_service;
	SELECT role, media_type, encode(content, 'hex') FROM ootspg.evidence('birth', '{010190-10001}'::text[], distribution => 'xml')});
is(join(' ', map { "$_->[0] $_->[1]" } @pieces), 'MainEvidence application/xml HumanReadableVersion application/pdf', 'a role with the duty to exchange gets both versions');
my ($xml, $pdf) = map { pack 'H*', $_->[2] } @pieces;
my ($attached) = $pdf =~ m{/EmbeddedFile/Subtype/application#2Fxml/Params<<[^>]*>>/Length \d+/Filter/FlateDecode>>\nstream\n(.*?)\nendstream}s;
is(uncompress($attached), $xml, 'the readable version has the structured one with it, byte for byte');
is(sql(q{SELECT count(*) FROM ootspg.rehearse('birth') WHERE fault LIKE '%PDF%'}), '0', 'a rehearsal finds nothing wrong with it');

$node->stop;
done_testing();
