# Submissions to the directories that others published are read and judged as the
# specification predicts; our own, of every line, fit the published schemas and keep
# the rules; a state that is collected from two databases is whole.
use strict;
use warnings FATAL => 'all';

use OotsSchema;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

# What each published message breaks, and why that is right; and what it holds.
# Transformation (S021) is forbidden by the workbook and used by its own example.
my %published = (
	'3.3_The_Regrep_LCM_Successful_Response.xml' => [ '', undef ],
	'3.4_The_Regrep_LCM_Error_Response.xml' => [ '', undef ],
	'5.4_LCM_Submit_Objects_to_the_Evidence_Broker_-_Birth_Certificate.xml' => [ '',
		'eb ContainsEvidence 1, eb DerivesFromReferenceFramework 1, eb EvidenceType 1, eb EvidenceTypeList 1, eb FulfillsRequirement 1, eb ReferenceFramework 1, eb Requirement 1' ],
	'5.4_LCM_Submit_Objects_to_the_Evidence_Broker_-_Bulk_submission.xml' => [ '',
		'eb ContainsEvidence 7, eb DerivesFromReferenceFramework 4, eb EvidenceType 7, eb EvidenceTypeList 4, eb FulfillsRequirement 4, eb ReferenceFramework 4, eb Requirement 3' ],
	'5.5_LCM_Submit_Objects_to_the_DSD_-_Birth_Certificate.xml' => [ 'R-DSD-SUB-S021 caution',
		'dsd DataServiceEvidenceType 1, dsd EvidenceProvider 2, dsd ServesEvidenceType 2' ],
	'5.5_LCM_Submit_Objects_to_the_DSD_-_Bulk_submission.xml' => [ 'R-DSD-SUB-S021 caution',
		'dsd DataServiceEvidenceType 3, dsd EvidenceProvider 6, dsd ServesEvidenceType 6' ],
);

my $node = start_node('submissions');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file('test/fixtures/directory.sql'));

# SQL literal of a message
sub literal
{
	my ($bytes) = @_;
	return q{'\x} . unpack('H*', $bytes) . q{'::bytea};
}

sub verdicts
{
	my ($bytes, $line) = @_;
	my $arguments = literal($bytes) . ($line ? ", '$line'" : '');
	return $node->safe_psql('postgres',
		"SELECT string_agg(DISTINCT rule_id || ' ' || severity, ', ') FROM ootspg.check_submission($arguments)");
}

SKIP:
{
	skip 'the published examples are not beside the repository', 1 unless shared_file('data/examples/lcm-1.0');
	my @files = glob '"' . shared_file('data/examples/lcm-1.0') . '/*.xml"';
	is_deeply([ map { m{([^/]+)$} } sort @files ], [ sort keys %published ], 'every published message is known');
	for my $file (sort keys %published)
	{
		my $bytes = slurp_file(shared_file("data/examples/lcm-1.0/$file"));
		my ($broken, $objects) = @{ $published{$file} };

		is(verdicts($bytes), $broken, "$file: verdict");
		is(schema_errors($bytes) // '', '', "$file: fits the schemas");
		next unless $objects;
		is($node->safe_psql('postgres', qq{
			SELECT string_agg(concat_ws(' ', service, kind, count), ', ' ORDER BY service, kind COLLATE "C")
			  FROM (SELECT service, kind, count(*) FROM ootspg_internal.submission_objects(@{[literal($bytes)]}) GROUP BY 1, 2) o}),
			$objects, "$file: objects");
	}
	# the answer to our submission, and to another one
	my $success = slurp_file(shared_file('data/examples/lcm-1.0/3.3_The_Regrep_LCM_Successful_Response.xml'));
	for my $case ([ 'urn:uuid:f7dc04fe-337c-4523-85c7-35a7ab95bbac', '' ], [ 'urn:uuid:00000000-0000-4000-8000-000000000001', 'R-LCM-SUC-004' ])
	{
		is($node->safe_psql('postgres', qq{SELECT string_agg(rule_id, ' ') FROM ootspg.check_submission(@{[literal($success)]}, submission_id => '$case->[0]')}),
			$case->[1], "an answer held against submission $case->[0]");
	}
}

# Code lists as they are published: every code of the key column, whatever it is called
SKIP:
{
	my $folder = shared_file('data/codelists-1.0') or skip 'the published code lists are not beside the repository', 1;
	my $host = 'https://sr.oots.tech.ec.europa.eu/codelists/LV';
	my @refused;
	for my $file (glob qq{"$folder/*.gc"})
	{
		my $content = slurp_file($file);
		my ($name) = $file =~ m{([A-Za-z0-9]+)[^/]*$};
		my ($key) = $content =~ m{<ColumnRef Ref="([^"]*)"};
		my %codes = map { $_ => 1 } $content =~ m{<Value ColumnRef="\Q@{[$key // '']}\E">\s*<SimpleValue>\s*([^<]*?)\s*</}g;
		my ($version) = $content =~ m{<Version>([^<]*)<};
		my (undef, undef, $stderr) = $node->psql('postgres', qq{\\set VERBOSITY sqlstate
			SELECT ootspg.import_code_list('$host/$name', @{[literal($content)]})});
		push @refused, "$name $1" and next if $stderr =~ /(OT\d+)/;
		is($node->safe_psql('postgres', qq{SELECT count(*) || ' ' || version FROM ootspg.classification_code_list JOIN ootspg.classification_code USING (code_list) WHERE code_list = '$host/$name' GROUP BY version}),
			scalar(keys %codes) . " $version", "$name: its codes and its version");
	}
	is("@refused", 'EDMErrorCodes OT001 LAU2022 OT001', 'one is not well-formed, one empty');
	is($node->safe_psql('postgres', qq{SELECT string_agg(code || ' ' || name::text, ', ' ORDER BY code) FROM ootspg.classification_code WHERE code_list = '$host/LanguageCode' AND code IN ('LV', 'BO')}),
		'BO {"DE": "Tibetisch", "EN": "Tibetan", "FR": "tibétain"}, LV {"DE": "Lettisch", "EN": "Latvian", "FR": "letton"}', 'names where a column tells its language');
}

my %own;
for my $line ('v1.0', 'v1.1', 'v1.2', 'v2.0')
{
	for my $service ('dsd', 'eb')
	{
		my $message = $own{"$service $line"} = $node->safe_psql('postgres', qq{
			INSERT INTO ootspg.directory_target (environment, service, line) VALUES ('test', '$service', 'oots-edm:$line')
			ON CONFLICT ON CONSTRAINT directory_target_pkey DO UPDATE SET line = EXCLUDED.line;
			SELECT ootspg.submission('$service')});
		like($message, qr/^<lcm:SubmitObjectsRequest /, "$service $line: a submission");
		unlike(verdicts($message, "oots-edm:$line"), qr/fatal/, "$service $line: breaks no fatal rule");
	}
}

SKIP:
{
	my $reason = schema_missing();
	skip $reason, 1 if $reason;

	for my $name (sort keys %own)
	{
		# the SDG schema beside the repository is that of 1.0.0; later lines are held against RegRep only
		is(schema_errors($own{$name}, line => $name =~ /v1\.0$/ ? 'v1.0' : 'v2.0'), '', "$name fits the schemas");
	}
	like(schema_errors($own{'dsd v1.0'} =~ s/<sdg:Format>.*?<\/sdg:Format>//r), qr/Format/, 'SDG: a missing format is noticed');
	like(schema_errors($own{'dsd v2.0'} =~ s/ id="[^"]*"//r, line => 'v2.0'), qr/'id'/, 'RegRep: a missing id is noticed');
}

# Two databases of one state: the schools' register exports, the authority collects.
$node->safe_psql('postgres', 'CREATE DATABASE authority');
load_registry($node, 'authority');
$node->safe_psql('authority', slurp_file('test/fixtures/directory.sql'));
$node->safe_psql('authority', q{
	DELETE FROM ootspg.requirement_framework WHERE requirement::text LIKE '%2';
	DELETE FROM ootspg.evidence_type_list WHERE provider = 'schools';
	DELETE FROM ootspg.evidence_type WHERE provider = 'schools'; DELETE FROM ootspg.provider WHERE provider = 'schools'});
for my $database ('postgres', 'authority')
{
	$node->safe_psql($database, q{
		DELETE FROM ootspg.directory_target;
		UPDATE ootspg.access_service SET lines = '{oots-edm:v1.0,oots-edm:v1.1,oots-edm:v1.2,oots-edm:v2.0}'});
}
for my $service ('dsd', 'eb')
{
	my $fragment = $node->safe_psql('postgres', "SELECT ootspg.export_fragment('schools', '$service')");
	my $whole = $node->safe_psql('postgres', "SELECT ootspg.submission('$service')");

	is($node->safe_psql('authority', "SELECT ootspg.import_fragment('schools', @{[literal($fragment)]}, 'Ministry of Education') > 0"), 't', "$service: a fragment of another database");
	$node->safe_psql('authority', q{INSERT INTO ootspg.requirement_framework SELECT requirement, reference_framework FROM ootspg.requirement, ootspg.reference_framework ON CONFLICT DO NOTHING});
	is($node->safe_psql('authority', "SELECT string_agg(change || ' ' || entry, ', ') FROM ootspg.submission_diff('$service', published => @{[literal($whole)]})"),
		'', "$service: collected from two databases, the state is what one database would submit");
	is($node->safe_psql('authority', "SELECT string_agg(DISTINCT severity, ' ') FROM ootspg.check_submission(ootspg.submission('$service'))") =~ /fatal/ ? 1 : 0,
		0, "$service: and breaks no fatal rule");
}

# A dump carries all of it: the restored database submits the same, ids and all
$node->command_ok([ 'pg_dump', '-f', $node->basedir . '/authority.sql', $node->connstr('authority') ], 'dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $node->basedir . '/authority.sql', $node->connstr('restored') ], 'restore');
for my $service ('dsd', 'eb')
{
	my $same = "SELECT ootspg.submission('$service', id => '00000000-0000-4000-8000-000000000001')";
	is($node->safe_psql('restored', $same), $node->safe_psql('authority', $same), "$service: the restored database submits the same");
}

# Whatever is done to a submission, checking it gives rows and reading it either objects or OT001, OT002
$node->safe_psql('postgres', slurp_file('test/fixtures/mutate.sql'));
is($node->safe_psql('postgres', <<'END'), '2000|objects refused', 'two thousand mutations, none with another error');
CREATE FUNCTION reads(message text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ootspg_internal.submission_objects(convert_to(message, 'UTF8'));
	RETURN 'objects';
EXCEPTION WHEN SQLSTATE 'OT001' OR SQLSTATE 'OT002' THEN
	RETURN 'refused';
END $$;
SELECT setseed(0.20260901) \g /dev/null
SELECT count(DISTINCT m.message_number), string_agg(DISTINCT reads(m.message), ' ' ORDER BY reads(m.message))
  FROM (SELECT row_number() OVER () AS message_number, mutate(CASE WHEN n % 2 = 0 THEN mutate(o.message) ELSE o.message END) AS message
		  FROM generate_series(1, 1000) n, (SELECT ootspg.submission(service)::text AS message FROM unnest(ARRAY['dsd', 'eb']) service) o) m
  LEFT JOIN LATERAL ootspg.check_submission(convert_to(m.message, 'UTF8')) v ON true;
END

# A large state: thousands of entries in seconds, and hostile sizes are refused by the limits
$node->append_conf('postgresql.conf', 'ootspg.max_elements = 1000000');
$node->reload;
my $large = $node->safe_psql('authority', q{
	WITH provider AS (
		SELECT n, format('<rim:RegistryObject id="urn:uuid:%s"><rim:Slot name="EvidenceProvider"><rim:SlotValue xsi:type="rim:AnyValueType"><sdg:Publisher><sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:9939">LV-%s</sdg:Identifier><sdg:Name lang="EN">Municipality %2$s</sdg:Name><sdg:Address><sdg:AdminUnitLevel1>LV</sdg:AdminUnitLevel1></sdg:Address><sdg:Jurisdiction><sdg:AdminUnitLevel1>LV</sdg:AdminUnitLevel1></sdg:Jurisdiction></sdg:Publisher></rim:SlotValue></rim:Slot><rim:Classification id="urn:uuid:%3$s" classificationScheme="urn:fdc:oots:classification:dsd" classificationNode="EvidenceProvider"/></rim:RegistryObject><rim:RegistryObject xsi:type="rim:AssociationType" id="urn:uuid:%4$s" type="urn:oasis:names:tc:ebxml-regrep:AssociationType:ProvidesEvidenceType" sourceObject="urn:uuid:%1$s" targetObject="%5$s"/>',
			ootspg_internal.derived_id('p' || n), n, ootspg_internal.derived_id('c' || n), ootspg_internal.derived_id('a' || n),
			(SELECT o.object_id FROM ootspg.fragment f, ootspg_internal.submission_objects(f.content) o WHERE o.kind = 'DataServiceEvidenceType' LIMIT 1)) AS xml
		  FROM generate_series(1, 4000) n)
	SELECT '<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0" xmlns:sdg="http://data.europa.eu/p4s" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="urn:uuid:00000000-0000-4000-8000-000000000001"><rim:RegistryObjectList>'
		   || string_agg(xml, '' ORDER BY n) || '</rim:RegistryObjectList></lcm:SubmitObjectsRequest>' FROM provider});
open my $file, '>:raw', $node->basedir . '/large.xml' or die $!;
print $file $large;
close $file;
is($node->safe_psql('authority', "SELECT ootspg.import_fragment('municipalities', pg_read_binary_file('@{[$node->basedir]}/large.xml'), 'Association of municipalities')"), '8000', 'a large fragment');
my $started = time;
is($node->safe_psql('authority', q{SELECT count(*) FROM ootspg_internal.submission_objects(convert_to(ootspg.submission()::text, 'UTF8')) WHERE kind = 'EvidenceProvider'}), '4002', 'all are in the submission');
cmp_ok(time - $started, '<', 60, 'and it takes no minute');

$node->stop;
done_testing();
