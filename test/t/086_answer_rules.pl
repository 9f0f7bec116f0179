# Answers of the directories to queries, by rule: those that others published are judged
# as the specification predicts, those to our own submissions keep the rules, and whatever
# is done to any of them is judged without an error.
use strict;
use warnings FATAL => 'all';

use DirectoryService;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

# What the published answers, all of 1.0, break there: nothing. As answers of 2.0 they have
# the host without ec and data models below distributions/, or ask by a Codelist without
# scheme; a refusal that asks nothing is none of the rules' business.
my %published = (
	'4.3._Query_Response_of_the_DSD_-_Birth_Certificate.xml' => 'R-DSD-RESP-C010 R-DSD-RESP-V10-C003',
	'4.3._Query_Response_of_the_DSD_-_Birth_Certificate_Simple_Flow.xml' => 'R-DSD-RESP-C010 R-DSD-RESP-V10-C003',
	'4.3._Query_Response_of_the_DSD_-_Secondary_Education.xml' => 'R-DSD-RESP-C010 R-DSD-RESP-V10-C003',
	'4.3._Query_Response_of_the_DSD_-_Social_Security_Contributions.xml' => 'R-DSD-RESP-C010 R-DSD-RESP-V10-C003',
	(map { ("4.4.1_Query_Error_Response_of_the_DSD_-_$_.xml" => '') } 'Birth_Certificate', 'Secondary_Education', 'Social_Security_Contributions'),
	(map { ("4.4.3._Query_Error_Response_of_the_DSD_requesting_additional_User_Provided_Attributes_-_${_}_-_DSD-ERR005.xml" => 'R-DSD-ERR-C031 R-DSD-ERR-C032') }
		'Birth_Certificate', 'Secondary_Education', 'Social_Security_Contributions'));

my $node = start_node('answer_rules');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file('test/fixtures/directory.sql'));
my %bases;    # what is mutated below

# SQL literal of a message
sub literal
{
	my ($bytes) = @_;
	return q{'\x} . unpack('H*', $bytes) . q{'::bytea};
}

sub broken
{
	my ($bytes, $line) = @_;
	my $arguments = literal($bytes) . ($line ? ", '$line'" : '');
	return $node->safe_psql('postgres', "SELECT string_agg(DISTINCT rule_id, ' ') FROM ootspg.check_directory_answer($arguments)");
}

sub ours
{
	my ($bytes) = @_;
	return $node->safe_psql('postgres', qq{
		SELECT ootspg_internal.broken_answer_rules(@{[literal($bytes)]}, e.data_service::text, p.scheme, p.identifier)
		  FROM ootspg.evidence_type e JOIN ootspg.provider p USING (provider) WHERE e.evidence_type = 'birth'});
}

SKIP:
{
	skip 'the published examples are not beside the repository', 1 unless shared_file('data/examples/dsd-1.0');
	my @files = glob '"' . shared_file('data/examples/dsd-1.0') . '/*.xml"';
	is_deeply([ map { m{([^/]+)$} } sort @files ], [ sort keys %published ], 'every published answer is known');
	for my $file (sort keys %published)
	{
		my $bytes = slurp_file(shared_file("data/examples/dsd-1.0/$file"));

		is(broken($bytes), '', "$file: keeps the rules of 1.0");
		is(broken($bytes, 'oots-cs:v2.0'), $published{$file}, "$file: as an answer of 2.0");
		$bases{$file} = $bytes;
	}
}

# What is submitted on each line comes back by the rules of the line that is asked for
my $ds = DirectoryService->start;
my ($birth, $diploma, $requirement) = split /\|/, $node->safe_psql('postgres', q{
	UPDATE ootspg.publisher SET jurisdiction_lau = '0001000' WHERE provider = 'civil';
	SELECT max(classification) FILTER (WHERE evidence_type = 'birth'), max(classification) FILTER (WHERE evidence_type = 'diploma'),
		   'https://sr.oots.tech.ec.europa.eu/requirements/' || (SELECT requirement FROM ootspg.evidence_type_list WHERE provider = 'civil')
	  FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v2.0'});
# born where the register is; 2.0 does not ask
my %place = ('evidence-type-id' => 'b1c2d3e4-2222-4333-8444-555566667777', 'jurisdiction-context-id' => '5ce148b9-0000-4049-8ecf-000000000001', 'jurisdiction-admin-l3' => '0001000');
for my $line ('v1.0', 'v1.2', 'v2.0')
{
	for my $service ('dsd', 'eb')
	{
		$ds->publish($service, 'LV', $node->safe_psql('postgres', qq{
			INSERT INTO ootspg.directory_target (environment, service, line) VALUES ('test', '$service', 'oots-edm:$line')
			ON CONFLICT ON CONSTRAINT directory_target_pkey DO UPDATE SET line = EXCLUDED.line;
			SELECT ootspg.submission('$service')}));
	}
	my %answers = (
		found => $ds->query('services', "oots-cs:$line", 'country-code' => 'LV', 'evidence-type-classification' => $birth, $line eq 'v2.0' ? () : %place)->{content},
		question => $ds->query('services', "oots-cs:$line", 'country-code' => 'LV', 'evidence-type-classification' => $diploma)->{content},
		types => $ds->query('types', "oots-cs:$line", 'country-code' => 'LV', 'requirement-id' => $requirement)->{content});
	like($answers{found}, qr/Type:Success.*<sdg:AccessService>/s, "$line: registered");
	like($answers{question}, qr/"DSD:ERR:0005"/, "$line: a question");
	like($answers{types}, qr/<sdg:EvidenceTypeList>/, "$line: evidence types");
	for my $name (sort keys %answers)
	{
		is(broken($answers{$name}), '', "$line: $name keeps the rules");
		$bases{"$name $line"} = $answers{$name};
	}
	is(ours($answers{found}), '{}', "$line: so does our entry");
	is(ours($answers{found} =~ s/>oots-edm:/>edm:/gr), '{R-DSD-RESP-C015}', "$line: and is told when it does not");
}
$ds->stop;

# Whatever is done to an answer, judging it gives rows, and the rules of an entry are among those of the answer
$node->safe_psql('postgres', slurp_file('test/fixtures/mutate.sql'));
$node->safe_psql('postgres', 'CREATE TABLE base (message text)');
$node->safe_psql('postgres', "INSERT INTO base VALUES (convert_from(@{[literal($bases{$_})]}, 'UTF8'))") for sort keys %bases;
my ($mutations, $broken, $strange) = split /\|/, $node->safe_psql('postgres', <<'END');
SELECT setseed(0.20260901) \g /dev/null
CREATE TABLE mutation AS SELECT row_number() OVER () AS number, convert_to(mutate(CASE WHEN n % 2 = 0 THEN mutate(message) ELSE message END), 'UTF8') AS answer FROM generate_series(1, 200) n, base;
WITH judged AS (
	SELECT m.number, array_agg(DISTINCT v.rule_id) FILTER (WHERE v.severity = 'fatal') AS rules,
		   ootspg_internal.broken_answer_rules(m.answer, e.data_service::text, p.scheme, p.identifier) AS ours
	  FROM mutation m LEFT JOIN LATERAL ootspg.check_directory_answer(m.answer) v ON true, ootspg.evidence_type e JOIN ootspg.provider p USING (provider)
	 WHERE e.evidence_type = 'birth' GROUP BY m.number, m.answer, e.data_service, p.scheme, p.identifier)
SELECT count(*), count(*) FILTER (WHERE ours <> '{}'), count(*) FILTER (WHERE NOT ours <@ coalesce(rules, '{}')) FROM judged
END
is($mutations, 200 * keys %bases, 'all mutations are judged');
cmp_ok($broken, '>', 20, '… some break our entry');
is($strange, 0, '… and none breaks it by a rule that the answer keeps');

# An answer full of faulty neighbours neither takes long nor hides what is ours
is($node->safe_psql('postgres', q{
	SET statement_timeout = '60 s';
	SELECT ootspg_internal.broken_answer_rules(convert_to(format(
		'<q:QueryResponse xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0" xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0" xmlns:s="http://data.europa.eu/p4s"'
		' status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"><RegistryObjectList><RegistryObject><Slot name="DataServiceEvidenceType"><SlotValue>'
		'<s:DataServiceEvidenceType><s:Identifier>1</s:Identifier>%s%s</s:DataServiceEvidenceType></SlotValue></Slot></RegistryObject></RegistryObjectList></q:QueryResponse>',
		repeat('<s:AccessService><s:ConformsTo/><s:Publisher><s:Identifier/></s:Publisher></s:AccessService>', 10000),
		'<s:AccessService><s:ConformsTo/><s:Publisher><s:Identifier schemeID="a">b</s:Identifier></s:Publisher></s:AccessService>'), 'UTF8'), '1', 'a', 'b')}),
	'{R-DSD-RESP-S010,R-DSD-RESP-C002,R-DSD-RESP-C015,R-DSD-RESP-C017}', 'ten thousand faulty neighbours');

$node->stop;
done_testing();
