# Requests and headers that others published, checked by ootspg.check_message().
# The expected verdicts are reasoned from the specification, example by example.

use strict;
use warnings FATAL => 'all';

use MIME::Base64 qw(decode_base64 encode_base64);
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = shared_file('data')
	or plan skip_all => 'the published examples are not beside the repository (OOTSPG_SHARED)';

my %requests = (
	# The code list Codelist of its provider classification is spelt with a
	# capital, which only later lines refuse (C095); no collectionType, idem (S053).
	'examples/edm-1.0/2.1_Step_1__Evidence_Request_-_Birth_-_full_example.xml' => '',

	# The representative lives in GR; the list of countries has EL for Greece.
	'examples/edm-1.0/4.1_Step_1__Evidence_Request__-_Tax_-_full_example.xml' =>
		'fatal R-EDM-REQ-C067',

	# Line ends stand round the classification and the value expression: C027
	# and C101 compare what stands there, unlike C008, C019, C034, C035 and C097.
	# xsi:lang is an unknown attribute, so C004 has nothing to look at.
	'examples/edm-1.2/education-request-1.xml' => 'fatal R-EDM-REQ-C027 fatal R-EDM-REQ-C101',
	'examples/edm-1.2/education-request-2-after-preview.xml' =>
		'fatal R-EDM-REQ-C027 fatal R-EDM-REQ-C101',

	# checked by its authors against the rules of 2.0.1
	'examples/edm-2.0/requete.xml' => '',);

my %headers = (
	'examples/edm-1.0/2.1_Step_1__Evidence_Request_Header_-_Birth.xml' => '',
	'examples/edm-1.0/2.2_Step_2__Evidence_Response_Header_-_Birth.xml' => '',
	'examples/edm-1.0/oots_request_header.xml' => '',
	'examples/edm-1.0/oots_response_header.xml' => '',
	'examples/edm-2.0/requete.entete.xml' => '',
	'examples/edm-2.0/reponse.entete.xml' => '',
	'examples/edm-2.0/erreur.entete.xml' => '',);

my $node = start_node('published_requests');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');

sub bytea
{
	my ($bytes) = @_;
	return 'NULL' unless defined $bytes;
	return "decode('" . encode_base64($bytes, '') . "', 'base64')";
}

# the verdict, one severity and rule after the other
sub verdict
{
	my ($message, $header) = @_;
	my $query = sprintf q{SELECT coalesce(string_agg(DISTINCT severity || ' ' || rule_id, ' '), '')
		FROM ootspg.check_message(%s, %s)}, bytea($message), bytea($header);
	return $node->safe_psql('postgres', $query);
}

foreach my $file (sort keys %requests)
{
	is(verdict(slurp_file("$data/$file"), undef), $requests{$file}, $file);
}
foreach my $file (sort keys %headers)
{
	is(verdict(undef, slurp_file("$data/$file")), $headers{$file}, $file);
}
is( verdict(
		slurp_file("$data/examples/edm-2.0/requete.xml"),
		slurp_file("$data/examples/edm-2.0/requete.entete.xml")),
	'',
	'a 2.0 request with its header');

# A real access point hands messages over in a SOAP envelope: its header, and the
# request in base64. The system check 00 is a valid procedure, and so is T3 of
# the request that its receiver did not serve: that is no matter of rules.
my %recorded = (
	'domibus-recorded/requete.xml' => '',
	'domibus-recorded/requete.demarcheInconnue.xml' => '',);

foreach my $file (sort keys %recorded)
{
	my $soap = slurp_file("$data/$file");
	my ($header) = $soap =~ m{(<(?:\w+:)?Messaging\b.*</(?:\w+:)?Messaging>)}s;
	my ($body) = $soap =~ m{<value>([^<]*)</value>};
	is(verdict(decode_base64($body), $header), $recorded{$file}, $file);
}

$node->stop;
done_testing();
