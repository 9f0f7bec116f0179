# The directory service's answers, as the database sees them: each is verified against the
# test's root and then read. What is sound is read for what was published, what misbehaves
# is refused or says nothing about registrations, and a question is answered from its rows.
use strict;
use warnings FATAL => 'all';

use DirectoryService;
use JSON::PP;
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $node = start_node('dialogue');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
my ($v1, $v2) = ('oots-cs:v1.0', 'oots-cs:v2.0');
my $birth = 'https://sr.oots.tech.europa.eu/evidencetypeclassifications/XA/ca8afed6-2dc0-422a-a931-d21c3d8d370e';
my $requirement = 'https://sr.oots.tech.europa.eu/requirements/315cfd75-6605-49c4-b0fe-799833b41099';
my ($concept, $context) = ('b07146b6-1468-41a7-a10f-ee2a61429dbc', '5ce148b9-5578-4049-aecf-af7bb55714b5');
my %birth = ('country-code' => 'XA', 'evidence-type-classification' => $birth);

sub literal
{
	my ($text) = @_;
	return defined $text ? q{convert_from('\x} . unpack('H*', $text) . q{', 'UTF8')} : 'NULL';
}

# arguments(answer): status, type and body, as the readers take them
sub arguments
{
	my ($answer) = @_;
	return "$answer->{status}, " . literal($answer->{headers}{'content-type'}) . q{, '\x} . unpack('H*', $answer->{content}) . q{'};
}

# rows(query): every row as a hash
sub rows
{
	my ($query) = @_;
	return @{ decode_json($node->safe_psql('postgres', "SELECT coalesce(json_agg(row_to_json(r)), '[]') FROM ($query) r")) };
}

# verdict(answer, root): valid, or the step that refused it
sub verdict
{
	my ($answer, $root) = @_;
	my ($verdict) = rows(q{SELECT valid, refused FROM ootspg_internal.verify_directory_answer('\x} . unpack('H*', $answer->{content}) . q{', }
		  . join(', ', map { literal($_) } @{ $answer->{headers} }{ 'digest', 'oots-response-sig' }) . q{, '\x} . unpack('H*', $root) . q{')});
	return $verdict->{valid} ? 'valid' : $verdict->{refused};
}

sub said { my ($reader, $answer) = @_; return rows("SELECT * FROM ootspg_internal.read_${reader}_answer(" . arguments($answer) . ')'); }

# A submission of objects [id, kind, content] and associations [type, source, target]
sub submission
{
	my ($service, $objects, $associations) = @_;
	my $number = 0;
	my $uuid = sub { return sprintf 'urn:uuid:00000000-0000-4000-8000-%012x', $_[0] };

	return '<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0" '
	  . 'xmlns:sdg="http://data.europa.eu/p4s" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="' . $uuid->(1) . '" checkReferences="true"><rim:RegistryObjectList>'
	  . join('', map {
			my ($id, $kind, $content) = @$_;
			qq{<rim:RegistryObject id="} . $uuid->($id) . qq{"><rim:Slot name="$kind"><rim:SlotValue xsi:type="rim:AnyValueType">$content</rim:SlotValue></rim:Slot>}
			  . qq{<rim:Classification id="} . $uuid->($id + 1000) . qq{" classificationScheme="urn:fdc:oots:classification:$service" classificationNode="$kind"/></rim:RegistryObject>}
		} @$objects)
	  . join('', map {
			my ($type, $source, $target) = @$_;
			qq{<rim:RegistryObject xsi:type="rim:AssociationType" id="} . $uuid->(2000 + $number++) . qq{" type="urn:oasis:names:tc:ebxml-regrep:AssociationType:$type" }
			  . qq{sourceObject="} . $uuid->($source) . qq{" targetObject="} . $uuid->($target) . qq{"/>}
		} @$associations)
	  . '</rim:RegistryObjectList></lcm:SubmitObjectsRequest>';
}

sub provider
{
	my ($name, $place, $value) = @_;
	return qq{<sdg:Publisher><sdg:Identifier schemeID="urn:x:EP">$name</sdg:Identifier><sdg:Name lang="EN">$name</sdg:Name>}
	  . '<sdg:Address><sdg:AdminUnitLevel1>XA</sdg:AdminUnitLevel1></sdg:Address>'
	  . "<sdg:Jurisdiction><sdg:AdminUnitLevel1>XA</sdg:AdminUnitLevel1><sdg:AdminUnitLevel3>$place</sdg:AdminUnitLevel3></sdg:Jurisdiction>"
	  . "<sdg:ClassificationConcept><sdg:Identifier>$concept</sdg:Identifier><sdg:Type>Codelist</sdg:Type><sdg:Description lang=\"EN\">Which</sdg:Description>"
	  . "<sdg:SupportedValue><sdg:StringValue>$value</sdg:StringValue></sdg:SupportedValue></sdg:ClassificationConcept></sdg:Publisher>";
}

# Two providers behind one access point; who answers depends on a place and on a concept
my $services = submission('dsd', [
	[ 10, 'AccessService', '<sdg:AccessService><sdg:Identifier schemeID="urn:x:AP">AP_XA</sdg:Identifier><sdg:ConformsTo>oots-edm:v1.0</sdg:ConformsTo><sdg:ConformsTo>oots-edm:v2.0</sdg:ConformsTo></sdg:AccessService>' ],
	[ 11, 'EvidenceProvider', provider('EP-1', '100', 'resident') ],
	[ 12, 'EvidenceProvider', provider('EP-2', '200', 'abroad') ],
	[ 13, 'DataServiceEvidenceType', '<sdg:DataServiceEvidenceType><sdg:Identifier>2af27699-f131-4411-8fdb-9e8cd4e8bded</sdg:Identifier>'
		. "<sdg:EvidenceTypeClassification>$birth</sdg:EvidenceTypeClassification><sdg:Title lang=\"EN\">Birth</sdg:Title>"
		. '<sdg:DistributedAs><sdg:Format>application/xml</sdg:Format><sdg:Language>EN</sdg:Language><sdg:ConformsTo>https://sr/birth</sdg:ConformsTo></sdg:DistributedAs>'
		. '<sdg:DistributedAs><sdg:Format>application/pdf</sdg:Format></sdg:DistributedAs><sdg:AuthenticationLevelOfAssurance>High</sdg:AuthenticationLevelOfAssurance>'
		. "<sdg:EvidenceProviderJurisdictionDetermination><sdg:JurisdictionContextId>$context</sdg:JurisdictionContextId>"
		. '<sdg:JurisdictionContext lang="EN">Place</sdg:JurisdictionContext><sdg:JurisdictionLevel>LAU</sdg:JurisdictionLevel></sdg:EvidenceProviderJurisdictionDetermination>'
		. "<sdg:EvidenceProviderClassification><sdg:Identifier>$concept</sdg:Identifier><sdg:Type>Codelist</sdg:Type><sdg:Description lang=\"EN\">Which</sdg:Description></sdg:EvidenceProviderClassification>"
		. '</sdg:DataServiceEvidenceType>' ] ],
	[ [ 'ProvidesEvidenceType', 11, 13 ], [ 'ProvidesEvidenceType', 12, 13 ], [ 'UsesAccessService', 11, 10 ], [ 'UsesAccessService', 12, 10 ] ]);
my $proofs = submission('eb', [
	[ 20, 'EvidenceType', "<sdg:EvidenceType><sdg:EvidenceTypeClassification>$birth</sdg:EvidenceTypeClassification><sdg:Title lang=\"EN\">Birth</sdg:Title>"
		. '<sdg:Jurisdiction><sdg:AdminUnitLevel1>XA</sdg:AdminUnitLevel1></sdg:Jurisdiction></sdg:EvidenceType>' ],
	[ 21, 'EvidenceTypeList', '<sdg:EvidenceTypeList><sdg:Identifier>970918e4-1b27-41f0-be20-0a7c5fe4059f</sdg:Identifier><sdg:Name lang="EN">List</sdg:Name></sdg:EvidenceTypeList>' ],
	[ 22, 'Requirement', "<sdg:Requirement><sdg:Identifier>$requirement</sdg:Identifier><sdg:Name lang=\"EN\">Birth</sdg:Name></sdg:Requirement>" ],
	[ 23, 'ReferenceFramework', '<sdg:ReferenceFramework><sdg:Identifier>118fd444-6443-42be-a084-c9fbfd1f674d</sdg:Identifier><sdg:Title lang="EN">Procedure</sdg:Title>'
		. '<sdg:RelatedTo><sdg:Identifier>R1</sdg:Identifier></sdg:RelatedTo><sdg:Jurisdiction><sdg:AdminUnitLevel1>XA</sdg:AdminUnitLevel1></sdg:Jurisdiction></sdg:ReferenceFramework>' ] ],
	[ [ 'ContainsEvidence', 21, 20 ], [ 'FulfillsRequirement', 21, 22 ], [ 'DerivesFromReferenceFramework', 22, 23 ] ]);

for my $alg ('ES256', 'EdDSA')
{
	my $ds = DirectoryService->start(alg => $alg);
	my $root = $ds->root_pem;
	my ($answer, @rows);

	# ask(reader, query …): the rows of an answer whose signature is sound
	my $ask = sub {
		my ($reader, @query) = @_;
		$answer = $ds->query(@query);
		is(verdict($answer, $root), 'valid', "$alg: verified");
		return said($reader, $answer);
	};

	($rows[0]) = $ask->('directory', 'services', $v2, %birth);
	is("$rows[0]{class} $rows[0]{code}", 'not registered DSD:ERR:0001', "$alg: nothing is published");
	$ds->publish('dsd', 'XA', $services);
	$ds->publish('eb', 'XA', $proofs);
	($rows[0]) = $ask->('directory', 'services', $v2, %birth, 'evidence-type-classification' => "${birth}0");
	is("$rows[0]{class} $rows[0]{code}", 'not registered DSD:ERR:0002', "$alg: another evidence type");
	($rows[0]) = $ask->('directory', 'services', $v2, 'country-code' => 'XA');
	is("$rows[0]{class} $rows[0]{code}", 'refused DSD:ERR:0003', "$alg: a query that says too little");

	# The question in each shape, answered from its rows
	for my $version ($v1, $v2)
	{
		my %place = $version eq $v1 ? (jurisdiction => { 'evidence-type-id' => '2af27699-f131-4411-8fdb-9e8cd4e8bded', 'jurisdiction-context-id' => $context, 'jurisdiction-admin-l3' => '200' }) : ();
		my %follow = %birth;

		@rows = $ask->('directory', 'services', $version, %birth);
		is_deeply([ map { "$_->{class} $_->{input} $_->{input_id}" . ($_->{input_level} ? " $_->{input_level}" : '') } @rows ],
			[ $version eq $v1 ? "additional input jurisdiction $context LAU" : (), "additional input concept $concept" ], "$alg $version: what is asked");
		%follow = (%follow, $_->{input} eq 'concept' ? ($_->{input_id} => 'abroad') : %{ $place{jurisdiction} }) for @rows;
		@rows = $ask->('directory', 'services', $version, %follow);
		is_deeply([ sort map { join ' ', @$_{qw(class data_service publisher access_service media_type country)} } @rows ],
			[ map { "registered 2af27699-f131-4411-8fdb-9e8cd4e8bded EP-2 AP_XA $_ XA" } $version eq $v1 ? qw(application/pdf application/pdf application/xml application/xml) : qw(application/pdf application/xml) ],
			"$alg $version: and then the one provider");
		is_deeply({ map { map { $_ => 1 } @{ $_->{conforms_to} } } @rows }, { 'oots-edm:v1.0' => 1, 'oots-edm:v2.0' => 1 }, "$alg $version: with all specifications");
		is($rows[0]{specification}, $version eq $v1 ? undef : $v2, "$alg $version: the shape is told");
		($rows[0]) = $ask->('directory', 'services', $version, %follow, $concept => 'nobody');
		is("$rows[0]{class} $rows[0]{code}", 'refused DSD:ERR:0006', "$alg $version: a wrong answer to it");

		# The broker
		@rows = $ask->('broker', 'types', $version, 'requirement-id' => $requirement, 'country-code' => 'XA');
		is_deeply([ map { [ @$_{qw(class requirement list classification list_countries type_countries)} ] } @rows ],
			[ [ 'registered', $requirement, '970918e4-1b27-41f0-be20-0a7c5fe4059f', $birth, $version eq $v1 ? ([], ['XA']) : (['XA'], []) ] ], "$alg $version: what proves a requirement");
		@rows = $ask->('broker', 'requirements', $version, 'procedure-id' => 'R1', 'country-code' => 'XA');
		is_deeply([ map { "$_->{class} $_->{requirement}" } @rows ], ["registered $requirement"], "$alg $version: requirements of a procedure");
		($rows[0]) = $ask->('broker', 'types', $version, 'requirement-id' => "${requirement}0");
		is("$rows[0]{class} $rows[0]{code}", 'not registered EB:ERR:0002', "$alg $version: another requirement");
		($rows[0]) = $ask->('broker', 'types', $version);
		is("$rows[0]{class} $rows[0]{code}", 'refused EB:ERR:0003', "$alg $version: no requirement");
	}

	# Misbehaviour: the verdict, and what would be read by whoever does not ask for it
	$ds->control('additional-input any off');
	for my $case (
		[ 'bad-digest', '1 digest', 'registered' ], [ 'no-digest', '1 digest', 'registered' ],
		[ 'bad-signature', '7 signature', 'registered' ], [ 'no-signature', '2 parts', 'registered' ],
		[ 'alg=none', '2 parts', 'registered' ], [ 'alg=HS256', '2 parts', 'registered' ],
		[ 'wrong-root', '6 chain', 'registered' ], [ 'expired', '6 chain', 'registered' ],
		[ 'garbage', 'valid', 'unreadable' ], [ 'dtd', 'valid', 'unreadable' ], [ 'big-header', 'valid', 'registered' ],
		[ 'http-after=503', 'valid', 'failed' ], [ 'http=503', '1 digest', 'failed' ], [ 'http=404', '1 digest', 'failed' ],
		[ 'json-error', '1 digest', 'failed' ], [ 'json-error=404', '1 digest', 'failed' ], [ 'html', '1 digest', 'unreadable' ],
		[ 'redirect=http://localhost:1/', '1 digest', 'failed' ])
	{
		my ($rule, $step, $class) = @$case;
		$ds->control("rule times=2 $rule");
		is(verdict($ds->query('services', $v2, %birth), $root), $step, "$alg: $rule: verdict");
		($rows[0]) = said('directory', $ds->query('services', $v2, %birth));
		is($rows[0]{class}, $class, "$alg: $rule: reading");
	}
	is($ds->stats->{misbehaved}, 36, "$alg: all of it happened");

	# Roots behind a damaged one would be missing without a word
	my $body = '-----BEGIN CERTIFICATE-----';
	for my $roots ("$root$body\nAAAA\n-----END CERTIFICATE-----\n$root", "$root$body\nAAAA", $root . $root =~ s/END CERTIFICATE/END CERTIFICAT/r)
	{
		refused($node, q{SELECT ootspg_internal.verify_directory_answer('', '', '', '\x} . unpack('H*', $roots) . q{')}, '22023',
			qr/a certificate in the trust anchors can't be read/, "$alg: a damaged file of roots");
	}
	is(verdict($ds->query('services', $v2, %birth), "a comment\n$root\nand more words\n$root\n"), 'valid', "$alg: words between roots do no harm");

	# Damage: nothing but a refusal's own words ever says that nothing is there
	if ($alg eq 'ES256')
	{
		my $state = 20261125;
		my $random = sub { $state = ($state * 1103515245 + 12345) % 2147483648; return int($state / 256) % $_[0] };
		my @marks = ('<', '>', '/', '"', '=', '&', '&#0;', '<!--', ']]>', 'sdg:', 'xmlns=""', 'Requirement', 'EvidenceTypeList', "\xFF", "\0", '', '<rs:Exception/>');
		for my $reader ('broker', 'directory')
		{
			my $sound = $reader eq 'broker' ? $ds->query('types', $v2, 'requirement-id' => $requirement) : $ds->query('services', $v2, %birth);
			my @bodies;
			for (1 .. 400)
			{
				my $body = $sound->{content};
				substr($body, $random->(length $body), $random->(12)) = $marks[ $random->(scalar @marks) ] for 0 .. $random->(3);
				$body = substr $body, 0, $random->(length $body) unless $random->(5);
				push @bodies, unpack 'H*', $body;
			}
			my $file = SealTest::write_file(PostgreSQL::Test::Utils::tempdir() . "/$reader", join '', map { "$_\n" } @bodies);
			is( $node->safe_psql('postgres', "CREATE TABLE $reader (body text); \\copy $reader FROM '$file'\n"
					  . "SELECT count(*), count(*) FILTER (WHERE class NOT IN ('registered', 'refused', 'unreadable')) FROM "
					  . "(SELECT class FROM $reader, LATERAL (SELECT class FROM ootspg_internal.read_${reader}_answer(200, 'application/x-ebrs+xml', decode(body, 'hex')) LIMIT 1) r) r"),
				'400|0', "damaged answers of a $reader");
		}
	}
	is($ds->stop, 0, "$alg: the service ends well");
}

unlike(slurp_file($node->logfile), qr/was terminated by signal/, 'no backend crashed');
$node->stop;
done_testing();
