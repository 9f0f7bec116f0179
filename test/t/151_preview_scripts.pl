# The official scripts of previews, byte for byte but for the link, which is ours: TC06 to TC10 of October 2023 (1.0), the
# education example of 1.2, the example of 2.0 with its second request made from the first. What is answered keeps the
# rules and the schemas, and says what the official answers say.
use strict;
use warnings FATAL => 'all';

use MIME::Base64 qw(encode_base64);
use OotsSchema;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = shared_file('data')
  or plan skip_all => 'the published examples are not beside the repository (OOTSPG_SHARED)';
my $scripts = "$data/projectathon-2023-10";
plan skip_all => 'the scripts are not beside the repository' unless -d $scripts;

my $node = start_node('preview_scripts');
$node->safe_psql('postgres', slurp_file('test/fixtures/pdf.sql') . <<'END');
CREATE EXTENSION ootspg;
CREATE SCHEMA registry;
CREATE TABLE registry.person (id integer PRIMARY KEY, family_name text, given_name text, date_of_birth date, place_of_birth text);
INSERT INTO registry.person VALUES (1, 'Smith', 'Jonas', '1999-03-01', 'Düsseldorf'), (2, 'Smith', 'Jack', '1999-03-01', 'Düsseldorf'), (3, 'Dupont', 'Jean', '1992-10-22', 'Berlin');
CREATE VIEW registry.people AS SELECT id AS person_id, family_name, given_name, date_of_birth, place_of_birth FROM registry.person;
CREATE TYPE registry.passed AS (passed boolean);
CREATE VIEW registry.evidence AS
	SELECT id AS person_id, DATE '2020-01-02' AS issuing_date, 'DE' AS language, ROW(true)::registry.passed AS passed, pdf_of(id::text) AS pdf FROM registry.person;
INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment) VALUES
	('school', 'urn:cef.eu:names:identifier:EAS:0204', '02-SchoolAuthority-34', '{"EN": "School Authority"}', 'DE', 'school.example.de', 'test'),
	('berlin', 'urn:cef.eu:names:identifier:EAS:9930', 'DE73524311', '{"EN": "Registration Office"}', 'DE', 'berlin.example.de', 'test');
INSERT INTO ootspg.preview_space (provider, base_url) VALUES ('school', 'https://preview.space.example.com/'), ('berlin', 'https://preview.space.example.com/berlin/');
SELECT ootspg.install_data_model('elmo', '1.7.0', 'Elmo', '2022-01-01', locations => '{"oots-edm:v1.0": "https://sr.oots.tech.ec.europa.eu/distributions/elmo-1.7.0"}');
SELECT ootspg.install_data_model('education', '1.0.0', 'Education', '2022-01-01', locations => '{"oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/secondary-education-evidence-1.0.0"}');
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance) VALUES
	('diploma', 'school', '59f098d4-8afe-4ac2-9197-b8fe9e1c2c85', '{"EN": "Diploma"}', 'registry.people', '{T1,T2}', 'Substantial'),
	('elmo', 'school', '5460b4c7-6301-4dbc-ba10-798bdbea6f4a', '{"EN": "Diploma supplement"}', 'registry.people', '{T3}', 'Substantial'),
	('education', 'school', '487fdfdc-7f92-42bb-a690-dcbd3d65f435', '{"EN": "School certificate"}', 'registry.people', '{T2}', 'Substantial'),
	('birth', 'berlin', '41170824-15d9-4c16-984e-63b75b937b8c', '{"EN": "Birth certificate"}', 'registry.people', '{T3}', 'Substantial');
INSERT INTO ootspg.evidence_type_line VALUES
	('diploma', 'oots-edm:v1.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/EU/b6a49e54-8b3c-4688-acad-380440dc5962'),
	('elmo', 'oots-edm:v1.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/EU/42d48a82-0bd7-4c59-af18-b0d21dc21e7f'),
	('education', 'oots-edm:v1.2', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/DE/edf717b7-b373-40b1-b51b-cbb7c9d64de5'),
	('birth', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/DE/ca8afed6-2dc0-422a-a931-d21c3d8d370e');
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, subset) VALUES
	('diploma', 'pdf', 'application/pdf', 'registry.evidence', 'pdf', NULL, NULL, NULL),
	('elmo', 'xml', 'application/xml', 'registry.evidence', 'passed', 'elmo', '1.7.0', NULL),
	('education', 'passed', 'application/xml', 'registry.evidence', 'passed', 'education', '1.0.0', 'passed'),
	('birth', 'pdf', 'application/pdf', 'registry.evidence', 'pdf', NULL, NULL, NULL);
UPDATE ootspg.evidence_type SET t1 = '0', t3 = '0';
SELECT ootspg.activate(evidence_type) FROM ootspg.evidence_type;
END

sub bytea { my ($bytes) = @_; return defined $bytes ? "decode('" . encode_base64($bytes, '') . "', 'base64')" : 'NULL'; }
sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# What an answer says, and what is wrong with it: exchange, outcome, message, media types of its files
sub read_answer
{
	my ($line, $rows) = @_;
	my @parts = map { [ split /\|/ ] } split /\n/, $rows;
	my %answer = (exchange => $parts[0][0], outcome => $parts[0][1], message => pack('H*', $parts[0][3] // ''), files => join ' ', map { $_->[2] } @parts[ 1 .. $#parts ]);

	return \%answer if $answer{message} eq '';
	$answer{code} = join ' ', $answer{message} =~ /<rs:Exception [^>]*?code="([^"]*)"/;
	($answer{request_id}) = $answer{message} =~ /requestId="([^"]*)"/;
	$answer{wrong} = sql('SELECT string_agg(DISTINCT rule_id, $$ $$) FROM ootspg.check_message(' . bytea($answer{message}) . q{) WHERE severity = 'fatal'})	# their persons have no identifier, which is a warning
	  . (schema_missing() ? '' : schema_errors($answer{message}, line => $line));
	return \%answer;
}

sub ask
{
	my ($line, $body, $header) = @_;
	return read_answer($line, sql(sprintf q{SELECT exchange_id, outcome, media_type, encode(content, 'hex') FROM ootspg.answer(%s, %s) ORDER BY part}, bytea($body), bytea($header)));
}

sub late_answer
{
	my ($line, $exchange) = @_;
	return read_answer($line, sql("SELECT $exchange, outcome, media_type, encode(content, 'hex') FROM ootspg.answer_of($exchange) ORDER BY part"));
}

my $browser = 'b' x 43;
sub decide { my ($link, $use, $refuse) = @_; return sql("SELECT ootspg.preview_open('$link', '$browser')->>'page', ootspg.preview_decide('$link', '$browser', '$use', '$refuse')->>'page'"); }

# The first request of a script; its link
sub first
{
	my ($name, $line, $body, $header) = @_;
	my $answer = ask($line, $body, $header);
	my ($location) = $answer->{message} =~ m{"PreviewLocation">.*?<rim:Value>(https://preview\.space\.example\.com/[^<]*)<};

	is("$answer->{outcome} $answer->{code}", 'preview EDM:ERR:0002', "$name: a link");
	is($answer->{wrong}, '', "$name: … in an answer that keeps the rules");
	like($answer->{message}, qr/type="rs:AuthorizationExceptionType"/, "$name: … as the official one says it");
	return $location =~ m{([\w-]{43})$} ? ($location, $1) : BAIL_OUT("$name: no link");
}

# second(name, line, body, header, link's address): the body with our link in the place of its own
sub second
{
	my ($line, $body, $location, $header) = @_;
	$body =~ s{(<rim:Slot name="PreviewLocation">.*?<rim:Value>)[^<\s]*}{$1$location}s or die 'no location';
	return ask($line, $body, $header);
}

sub answered
{
	my ($name, $answer, $body, $outcome, $files) = @_;
	my ($id) = $body =~ /QueryRequest[^>]*?\sid="([^"]*)"/s;

	is("$answer->{outcome} $answer->{files}", "$outcome $files", "$name: what is answered");
	is($answer->{request_id}, $id, "$name: to the second request");
	is($answer->{wrong}, '', "$name: the rules are kept");
	unlike($answer->{message}, qr/Preview(?:Location|Description|Method)/, "$name: nothing of the preview");
	return;
}

sub script { my ($name) = @_; return slurp_file("$scripts/$name.xml"); }

# TC06, and both providers of TC07: the second request waits, the user agrees
for my $case ([ 'TC06', '' ], [ 'TC07', '_EP1' ], [ 'TC07', '_EP2' ])
{
	my ($name, $provider) = @$case;
	my ($one, $two) = map { script("${name}_Request_$_$provider") } 1, 2;

	sql(q{UPDATE ootspg.evidence_type_line SET classification = 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/EU/c10047cd-f02b-4cf2-b337-de2a0d24ce4f' WHERE evidence_type = 'diploma'}) if $provider eq '_EP2';
	my ($location, $link) = first("$name$provider", 'v1.0', $one);
	my $held = second('v1.0', $two, $location);
	is("$held->{outcome} $held->{message}", 'held ', "$name$provider: no answer yet");
	is(decide($link, '{1}', '{}'), 'list|done', "$name$provider: the user agrees");
	answered("$name$provider", late_answer('v1.0', $held->{exchange}), $two, 'evidence', 'application/pdf');
	sql('DELETE FROM ootspg_internal.used_request');
}
sql(q{UPDATE ootspg.evidence_type_line SET classification = 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/EU/b6a49e54-8b3c-4688-acad-380440dc5962' WHERE evidence_type = 'diploma'});

# TC08: the user does not agree: an empty list
my ($location, $link) = first('TC08', 'v1.0', script('TC08_Request_1'));
my $held = second('v1.0', script('TC08_Request_2'), $location);
decide($link, '{}', '{1}');
answered('TC08', late_answer('v1.0', $held->{exchange}), script('TC08_Request_2'), 'empty', '');
sql('DELETE FROM ootspg_internal.used_request');

# TC09: the user does nothing: EDM:ERR:0005, without slots of the preview
($location, $link) = first('TC09', 'v1.0', script('TC09_Request_1'));
$held = second('v1.0', script('TC09_Request_2'), $location);
sql(q{UPDATE ootspg_internal.preview_session SET ends_at = clock_timestamp() - interval '1 s' WHERE state = 'issued'; SELECT ootspg.expire_previews()});
my $late = late_answer('v1.0', $held->{exchange});
answered('TC09', $late, script('TC09_Request_2'), 'error', '');
is($late->{code}, 'EDM:ERR:0005', 'TC09: a time-out');
sql('DELETE FROM ootspg_internal.used_request');

# TC10: structured evidence; the user is faster than the second request
($location, $link) = first('TC10', 'v1.0', script('TC10_Request_1'));
is(decide($link, '{1}', '{}'), 'list|waiting', 'TC10: the user agrees before the second request is there');
answered('TC10', second('v1.0', script('TC10_Request_2'), $location), script('TC10_Request_2'), 'evidence', 'application/xml');
sql('DELETE FROM ootspg_internal.used_request');

# 1.2: white space round URLs, which rules compare as they stand, is taken off; that behind the link stays
my ($one, $two) = map { slurp_file("$data/examples/edm-1.2/education-request-$_.xml") =~ s/>\s+(https:[^\s<>]+|[0-9a-f-]{36})\s+</>$1</gr } '1', '2-after-preview';
$two =~ s{(<rim:Slot name="PreviewLocation">.*?<rim:Value>[^<]*)}{$1\n            }s or die;
($location, $link) = first('1.2', 'v1.2', $one);
$held = second('v1.2', $two, $location);
is($held->{outcome}, 'held', '1.2: held');
decide($link, '{1}', '{}');
answered('1.2', late_answer('v1.2', $held->{exchange}), $two, 'evidence', 'application/xml');
sql('DELETE FROM ootspg_internal.used_request');
# 1.1 is asked in the words of 1.2, but for its name
sql(q{INSERT INTO ootspg.data_model_location VALUES ('education', '1.0.0', 'oots-edm:v1.1', 'https://sr.oots.tech.ec.europa.eu/datamodels/secondary-education-evidence-1.0.0');
	INSERT INTO ootspg.evidence_type_line SELECT evidence_type, 'oots-edm:v1.1', classification FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v1.2'});
s/oots-edm:v1\.2/oots-edm:v1.1/ for $one, $two;
($location, $link) = first('1.1', 'v1.1', $one);
decide($link, '{1}', '{}');
answered('1.1', second('v1.1', $two, $location), $two, 'evidence', 'application/xml');

# 2.0: the header's ExchangeId ties both
$one = slurp_file("$data/examples/edm-2.0/requete.xml");
my $header = slurp_file("$data/examples/edm-2.0/requete.entete.xml");
$one =~ s{(<rim:Slot name="PossibilityForPreview">.*?<rim:Value>)\w*}{$1true}s or die;
($two = $one) =~ s{(<rim:Slot name="PossibilityForPreview">)}{<rim:Slot name="PreviewLocation"><rim:SlotValue xsi:type="rim:StringValueType"><rim:Value>x</rim:Value></rim:SlotValue></rim:Slot><rim:Slot name="ReturnLocation"><rim:SlotValue xsi:type="rim:StringValueType"><rim:Value>https://portail.example.fr/retour</rim:Value></rim:SlotValue></rim:Slot>$1}s or die;
$two =~ s/1a2b3c4d-0000-4000-8000-000000000000/1a2b3c4d-0000-4000-8000-0000000000ff/ or die;
($location, $link) = first('2.0', 'v2.0', $one, $header);
is(second('v2.0', $two =~ s/-0000000000ff/-0000000000fe/r, $location, $header =~ s/1a2b3c4d-0000-4000-8000-000000000002/1a2b3c4d-0000-4000-8000-000000000003/r)->{code}, 'EDM:ERR:0003', '2.0: another ExchangeId is refused');
$held = second('v2.0', $two, $location, $header);
is($held->{outcome}, 'held', '2.0: held') or diag($held->{message});
decide($link, '{1}', '{}');
answered('2.0', late_answer('v2.0', $held->{exchange}), $two, 'evidence', 'application/pdf');
is(sql("SELECT ootspg.preview_look('$link', '$browser')->'facts'->'return'->>'url'"), 'https://portail.example.fr/retour', '2.0: the way back');
is(second('v2.0', $two =~ s/-0000000000ff/-0000000000fd/r, $location, $header)->{code}, 'EDM:ERR:0003', '2.0: a link is good for one second request');

$node->stop;
done_testing();
