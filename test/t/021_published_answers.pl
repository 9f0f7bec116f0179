# The rules of answers against responses and errors that others published, and
# the messages of our own regression tests against the published schemas.
use strict;
use warnings FATAL => 'all';

use OotsSchema;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

# What each published answer breaks, and why that is right.
my %published = (
	'edm-1.0/2.2_Step_2__Evidence_Response_-_Birth_-_full_example.xml' => '',
	# an invisible character (U+007F) clings to the end of the severity
	'edm-1.0/3.2_Step_2_Error_Response_-_Education_-_full_example.xml' => 'R-EDM-ERR-C014',
	'edm-1.0/4.2_Step_2__Evidence_Response_-_Tax_-_full_example.xml' => '',
	# the requester's name says lang="en", the list has upper case only; its
	# xsi:lang is no xml:lang, so C020 has nothing to look at
	'edm-1.2/education-error-preview-required.xml' => 'R-EDM-ERR-C028',
	# EvidenceTypeClassification stands between line ends, and is compared raw
	'edm-1.2/education-response.xml' => 'R-EDM-RESP-C017',
	# checked against the official rules by their publisher
	'edm-2.0/erreur.xml' => '',
	'edm-2.0/erreurCapaciteNonSupportee.xml' => '',
	'edm-2.0/erreurExpiration.xml' => '',
	'edm-2.0/erreurRequeteInvalide.xml' => '',
	'edm-2.0/reponse.xml' => '',
);

my $node = start_node('answers');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');

SKIP:
{
	skip 'the published examples are not beside the repository', scalar keys %published
	  unless shared_file('data/examples');
	for my $file (sort keys %published)
	{
		my $bytes = unpack 'H*', slurp_file(shared_file("data/examples/$file"));
		my $broken = $node->safe_psql('postgres',
			"SELECT string_agg(DISTINCT rule_id, ' ' ORDER BY rule_id) FROM ootspg.check_message('\\x$bytes')");
		is($broken, $published{$file}, $file);
	}
}

# The regression tests build their messages with functions that stand before
# the table of lines; every right message fits the schemas.
sub base_messages
{
	my ($test, $schema, @kinds) = @_;
	my ($functions) = slurp_file("sql/$test.sql") =~ /(CREATE SCHEMA $schema;.*?)^CREATE TABLE lines/ms
	  or die "sql/$test.sql has no table of lines";
	my %messages;

	$node->safe_psql('postgres', $functions);
	for my $kind (@kinds)
	{
		for my $line ('v1.0', 'v1.1', 'v1.2', 'v2.0')
		{
			$messages{"$kind $line"} = $node->safe_psql('postgres',
				"SET search_path = $schema; SELECT base('$line', '$kind')");
		}
	}
	return %messages;
}

SKIP:
{
	my $reason = schema_missing();
	skip $reason, 1 if $reason;

	my %messages = (
		base_messages('rules_response', 'responses', 'success', 'empty', 'deferral'),
		base_messages('rules_error', 'errors', 'not_found', 'anonymous', 'preview'));
	for my $name (sort keys %messages)
	{
		my ($line) = $name =~ /(v\S+)$/;
		is(schema_errors($messages{$name}, line => $line), '', "$name fits the schemas");
	}

	# the schemas are really looked at
	my $message = $messages{'success v1.2'};
	like(schema_errors($message =~ s/<sdg:IssuingDate>.*?<\/sdg:IssuingDate>//r),
		qr/IssuingDate/, 'SDG: a missing date is noticed');
	like(schema_errors($messages{'success v2.0'} =~ s/ status="[^"]*"//r, line => 'v2.0'),
		qr/status/, 'RegRep: a missing status is noticed');
}

$node->stop;
done_testing();
