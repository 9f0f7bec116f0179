# Requests that others published, put to the extension byte for byte: providers, data
# services and a small registry are set up as these messages expect them, and each
# gets the answer that the specification foresees. Their rule verdicts are those of
# 020_published_requests.pl.
use strict;
use warnings FATAL => 'all';

use MIME::Base64 qw(decode_base64 encode_base64);
use OotsSchema;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = shared_file('data')
  or plan skip_all => 'the published examples are not beside the repository (OOTSPG_SHARED)';

my $node = start_node('published_answered');
$node->safe_psql('postgres', slurp_file('test/fixtures/pdf.sql') . <<'END');
CREATE EXTENSION ootspg;
CREATE SCHEMA registry;
CREATE TABLE registry.person (id integer PRIMARY KEY, family_name text, given_name text, date_of_birth date, place_of_birth text);
INSERT INTO registry.person VALUES (1, 'Smith', 'John', '1970-03-01', 'Hamburg, Germany'), (2, 'Smith', 'Jack', '1999-03-01', 'Düsseldorf'),
	(3, 'Dupont', 'Jean', '1992-10-22', 'Berlin'), (4, 'Smith', 'John', '1970-03-02', 'Hamburg, Germany');
CREATE VIEW registry.people AS SELECT id AS person_id, family_name, given_name, date_of_birth, place_of_birth FROM registry.person;
CREATE TYPE registry.birth AS (family_name text, given_name text, date_of_birth date, place_of_birth text);
CREATE TYPE registry.majority AS (of_age boolean);
CREATE TYPE registry.passed AS (passed boolean);
CREATE VIEW registry.evidence AS
	SELECT id AS person_id, DATE '2020-01-02' AS issuing_date, 'DE' AS language,
		   ROW(family_name, given_name, date_of_birth, place_of_birth)::registry.birth AS birth,
		   ROW(date_of_birth < DATE '2005-01-01')::registry.majority AS majority,
		   ROW(true)::registry.passed AS passed,
		   pdf_of(id::text) AS pdf
	  FROM registry.person;
CREATE VIEW registry.sample AS
	SELECT 0 AS person_id, DATE '2020-01-01' AS issuing_date, pdf_of('sample') AS pdf;

INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment) VALUES
	('berlin', 'urn:cef.eu:names:identifier:EAS:9930', 'DE73524311', '{"DE": "Standesamt", "EN": "Registration Office"}', 'DE', 'berlin.example.de', 'test'),
	('school', 'urn:cef.eu:names:identifier:EAS:0204', '02-SchoolAuthority-34', '{"EN": "School Authority"}', 'DE', 'school.example.de', 'test'),
	('tester', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots', 'blue_gw', '{"FR": "Test"}', 'FR', 'test.example.fr', 'test');
SELECT ootspg.install_data_model('birth', '1.0.0', 'Birth', '2022-01-01',
	locations => '{"oots-edm:v1.0": "https://sr.oots.tech.europa.eu/distributions/certificate-of-birth-1.0.0"}');
SELECT ootspg.install_data_model('education', '1.0.0', 'Education', '2022-01-01',
	locations => '{"oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/secondary-education-evidence-1.0.0"}');
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview) VALUES
	('birth', 'berlin', '2af27699-f131-4411-8fdb-9e8cd4e8bded', '{"EN": "Birth certificate"}', 'registry.people', '{R1,X4}', 'Substantial', 'exempt'),
	('diploma', 'berlin', '41170824-15d9-4c16-984e-63b75b937b8c', '{"EN": "Birth certificate"}', 'registry.people', '{T3}', 'Substantial', 'exempt'),
	('education', 'school', '487fdfdc-7f92-42bb-a690-dcbd3d65f435', '{"EN": "School certificate"}', 'registry.people', '{T2}', 'Substantial', 'exempt'),
	('test', 'tester', '00000000-0000-0000-0000-000000000000', '{"EN": "Test evidence"}', 'registry.people', '{R1}', 'Low', 'exempt');
INSERT INTO ootspg.evidence_type_line VALUES
	('birth', 'oots-edm:v1.0', 'https://sr.oots.tech.europa.eu/evidencetypeclassifications/DE/ca8afed6-2dc0-422a-a931-d21c3d8d370e'),
	('diploma', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/DE/ca8afed6-2dc0-422a-a931-d21c3d8d370e'),
	('education', 'oots-edm:v1.2', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/DE/edf717b7-b373-40b1-b51b-cbb7c9d64de5'),
	('test', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/oots/00000000-0000-0000-0000-000000000000');
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, sample_source, document, model, model_version, subset) VALUES
	('birth', 'whole', 'application/xml', 'registry.evidence', NULL, 'birth', 'birth', '1.0.0', NULL),
	('birth', 'majority', 'application/xml', 'registry.evidence', NULL, 'majority', 'birth', '1.0.0', 'age-of-majority'),
	('diploma', 'pdf', 'application/pdf', 'registry.evidence', NULL, 'pdf', NULL, NULL, NULL),
	('education', 'passed', 'application/xml', 'registry.evidence', NULL, 'passed', 'education', '1.0.0', 'passed'),
	('test', 'pdf', 'application/pdf', 'registry.evidence', 'registry.sample', 'pdf', NULL, NULL, NULL);
SELECT ootspg.activate(evidence_type) FROM ootspg.evidence_type;
END

sub bytea
{
	my ($bytes) = @_;
	return defined $bytes ? "decode('" . encode_base64($bytes, '') . "', 'base64')" : 'NULL';
}

# ask(body, header, first): what comes of it, after the statements in first; with
# them nothing stays. result and reason, message, header, documents
sub ask
{
	my ($body, $header, $first) = @_;
	my $answer = sprintf q{CREATE TEMP TABLE answer AS SELECT * FROM ootspg.answer(%s, %s);}, bytea($body), bytea($header);
	my $shown = q{
		SELECT coalesce(x.error_code, x.outcome) || coalesce(' ' || x.reason, ''),
			   encode((SELECT content FROM answer WHERE part = 1), 'hex'), encode(x.answer_header, 'hex'),
			   (SELECT string_agg(media_type || ' ' || encode(content, 'hex'), ' ' ORDER BY part) FROM answer WHERE part > 1),
			   (SELECT string_agg(DISTINCT rule_id, ' ') FROM answer, ootspg.check_message(content, x.answer_header)
				 WHERE part = 1 AND severity IN ('fatal', 'warning'))
		  FROM ootspg.exchange x WHERE x.exchange_id = (SELECT min(exchange_id) FROM answer);};
	my $output = $node->safe_psql('postgres', $first ? "BEGIN; $first; $answer $shown ROLLBACK;" : "$answer $shown");
	my ($result, $message, $answer_header, $files, $broken) = split /\|/, $output, -1;
	my ($line) = $body =~ /oots-edm:(v\d\.\d)/;

	($message, $answer_header) = map { pack 'H*', $_ } $message, $answer_header;
	return {
		result => $result,
		message => $message,
		header => $answer_header,
		files => [ split / /, $files ],
		broken => $broken,
		invalid => schema_missing() ? '' : schema_errors($message, line => $line)
	};
}

# answered(name, answer, result, patterns of the message...): and nothing against it
sub answered
{
	my ($name, $answer, $result, @patterns) = @_;

	is($answer->{result}, $result, $name);
	is("$answer->{broken}$answer->{invalid}", '', "$name: the answer keeps the rules");
	like($answer->{message}, $_, "$name: $_") for @patterns;
	return;
}

my %birth = (
	body => slurp_file("$data/examples/edm-1.0/2.1_Step_1__Evidence_Request_-_Birth_-_full_example.xml"),
	header => slurp_file("$data/examples/edm-1.0/2.1_Step_1__Evidence_Request_Header_-_Birth.xml"));
my %diploma = (
	body => slurp_file("$data/examples/edm-2.0/requete.xml"),
	header => slurp_file("$data/examples/edm-2.0/requete.entete.xml"));
my $untimed = 'UPDATE ootspg.evidence_type SET t1 = DEFAULT';

# They were sent years or months ago, and say so in their headers.
answered('1.0 birth, long ago', ask(@birth{qw(body header)}, $untimed), 'EDM:ERR:0005 time limit T1 passed',
	qr/ requestId="urn:uuid:4ffb5281-179d-4578-adf2-39fd13ccc797"/, qr/"rs:TimeoutExceptionType"/);
answered('2.0, long ago', ask(@diploma{qw(body header)}, $untimed), 'EDM:ERR:0005 time limit T1 passed');
$node->safe_psql('postgres', q{UPDATE ootspg.evidence_type SET t1 = '0'});

# 1.0: a subset of the birth certificate, and no more than the subset
my $answer = ask(@birth{qw(body header)});
answered(
	'1.0 birth', $answer, 'evidence',
	qr/ requestId="urn:uuid:4ffb5281-179d-4578-adf2-39fd13ccc797"/,
	qr{<sdg:Identifier schemeID="eidas">DK/DE/123123123</sdg:Identifier><sdg:FamilyName>Smith</sdg:FamilyName><sdg:GivenName>John</sdg:GivenName><sdg:DateOfBirth>1970-03-01</sdg:DateOfBirth><sdg:PlaceOfBirth>Hamburg, Germany</sdg:PlaceOfBirth>},
	qr{<sdg:ConformsTo>https://sr\.oots\.tech\.europa\.eu/distributions/certificate-of-birth-1\.0\.0/age-of-majority</sdg:ConformsTo>},
	qr{<sdg:EvidenceTypeClassification>https://sr\.oots\.tech\.europa\.eu/evidencetypeclassifications/DE/});
is_deeply($answer->{files}, [ 'application/xml', unpack 'H*', '<Birth><OfAge>true</OfAge></Birth>' ], '1.0 birth: the subset only');
like($answer->{header}, $_, "1.0 birth: header: $_")
  for qr{<eb:From><eb:PartyId type="urn:cef\.eu:names:identifier:EAS:0060">8889909098<}, qr{<eb:To><eb:PartyId type="urn:cef\.eu:names:identifier:EAS:0204">991-APEvidenceRequester-91<},
  qr{<eb:ConversationId>c73b7fdc-1ab0-4b1e-b295-ac9e4a35d764<}, qr{"originalSender" type="urn:cef\.eu:names:identifier:EAS:9930">DE73524311<},
  qr{"finalRecipient" type="urn:cef\.eu:names:identifier:EAS:0096">DK22233223<};
answered('1.0 birth, again', ask(@birth{qw(body header)}), 'EDM:ERR:0003 request id used before');
answered('1.0 birth, subset no longer offered', ask(@birth{qw(body header)}, q{DELETE FROM ootspg_internal.used_request; DELETE FROM ootspg.distribution WHERE subset IS NOT NULL}),
	'EDM:ERR:0007 format, model or subset not offered');

# 1.0: the representative lives in GR, where the list has EL
answered('1.0 tax', ask(slurp_file("$data/examples/edm-1.0/4.1_Step_1__Evidence_Request__-_Tax_-_full_example.xml")),
	'EDM:ERR:0003 R-EDM-REQ-C067', qr/ requestId="urn:uuid:361e43b5-bd1b-4eb5-9b1f-93971ce2e811"/, qr/ detail="R-EDM-REQ-C067"/, qr/>DK22234444</);

# 1.2: line ends around URLs that are compared as they stand. Without these the first
# request asks for a preview, the second has a link we never gave, and with the
# preview waived the first is served. It has the id of the 1.0 birth, which is used:
# rules are looked at before that.
for my $part ([ '1', 'EDM:ERR:0007 preview required but not offered' ], [ '2-after-preview', 'EDM:ERR:0003 unknown preview location' ])
{
	my ($file, $result) = @$part;
	my $body = slurp_file("$data/examples/edm-1.2/education-request-$file.xml");
	my $mended = $body =~ s/>\s+([^\s<>]+)\s+</>$1</gr;
	my $refused = ask($mended, undef, 'DELETE FROM ootspg_internal.used_request');

	answered("1.2 education $file, mended", $refused, $result);
	unlike($refused->{message}, qr/preview\.space/, "1.2 education $file, mended: no link is repeated");
	answered("1.2 education $file", ask($body), 'EDM:ERR:0003 R-EDM-REQ-C027', qr/ detail="R-EDM-REQ-C027"/);
	next if $file ne '1';

	$mended =~ s{(PossibilityForPreview.*?<rim:Value>)true}{$1false}s or die 'no flag';
	$mended =~ s/4ffb5281-179d-4578-adf2-39fd13ccc797/4ffb5281-179d-4578-adf2-000000000001/;
	my $served = ask($mended);
	answered('1.2 education, mended, no preview', $served, 'evidence', qr{datamodels/secondary-education-evidence-1\.0\.0/passed<});
	is_deeply($served->{files}, [ 'application/xml', unpack 'H*', '<Education><Passed>true</Passed></Education>' ], '1.2 education, mended, no preview: the subset');
}

# The PDF of a view, as hexadecimal digits
sub pdf_of { return $node->safe_psql('postgres', "SELECT encode(pdf_of('$_[0]'), 'hex')") }

# 2.0: the requester is answered, its platform is not
$answer = ask(@diploma{qw(body header)});
answered(
	'2.0', $answer, 'evidence',
	qr/ requestId="urn:uuid:1a2b3c4d-0000-4000-8000-000000000000"/,
	qr{<sdg:Identifier schemeID="eidas">FR/DE/123123123</sdg:Identifier><sdg:FamilyName>Dupont<},
	qr{"EvidenceRequester".*?EAS:0009">00000000000002</sdg:Identifier><sdg:Name lang="FR">Ministère de l'enseignement supérieur<},
	qr/"rim:RegistryPackageType"/);
is_deeply($answer->{files}, [ 'application/pdf', pdf_of(3) ], '2.0: the document of that person');
unlike($answer->{message}, qr/OOTSFRANCE/, '2.0: the platform is not repeated');
like($answer->{header}, $_, "2.0: header: $_")
  for qr{>AP_DE_01<.*>AP_FR_01<}s, qr{>e0a6a5b7-6b2e-4b9c-9a63-8f0c6d3a1b24<}, qr{"ExchangeId">1a2b3c4d-0000-4000-8000-000000000002<},
  qr{"SpecificationId">oots-edm:v2\.0<}, qr{"finalRecipient" type="urn:cef\.eu:names:identifier:EAS:0009">00000000000002<};

# As a real access point handed them over: a system check, which gets the sample,
# and a procedure that is not served.
my %recorded = (
	# its person has no identifier, which an answer is only warned about
	'requete' => [ 'evidence', 'R-EDM-RESP-C027' ],
	'requete.demarcheInconnue' => [ 'EDM:ERR:0004 procedure not served', '' ]);
for my $file (sort keys %recorded)
{
	my $soap = slurp_file("$data/domibus-recorded/$file.xml");
	my ($header) = $soap =~ m{(<(?:\w+:)?Messaging\b.*</(?:\w+:)?Messaging>)}s;
	my ($body) = $soap =~ m{<value>([^<]*)</value>};
	my ($result, $broken) = @{ $recorded{$file} };

	$answer = ask(decode_base64($body), $header);
	is($answer->{result}, $result, "recorded $file");
	is($answer->{broken}, $broken, "recorded $file: the rules");
	is($answer->{invalid}, '', "recorded $file: the schemas");
	is($answer->{files}[1], $result eq 'evidence' ? pdf_of('sample') : undef, "recorded $file: its document");
}

$node->stop;
done_testing();
