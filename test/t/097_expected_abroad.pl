# What correspondents expect of an answer: an empty list where there is no record, errors by their cause, codes of lists
# that have grown, authorities that are not the provider, names in two scripts; and no answer of ours breaks our own rules.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('expected');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file('test/fixtures/ask.sql'));
my @lines = map { "oots-edm:$_" } qw(v1.0 v1.1 v1.2 v2.0);

sub sql
{
	my ($statement) = @_;
	return $node->safe_psql('postgres', $statement);
}

# asked(request, statement before, which is not kept): what came of it, what the answer says at a pattern, what rules it breaks
sub asked
{
	my ($request, $before, $pattern) = @_;
	$before //= '';
	$pattern //= '(?!)';
	return sql(qq{
		BEGIN; $before;
		CREATE TEMP TABLE answered AS SELECT * FROM ootspg.answer($request);
		SELECT concat_ws(' ', x.outcome, x.error_code, x.reason), (SELECT substring(convert_from(content, 'UTF8') from '$pattern') FROM answered WHERE part = 1),
			   (SELECT string_agg(DISTINCT rule_id, ' ') FROM answered, ootspg.check_message(content) WHERE part = 1 AND severity = 'fatal')
		  FROM ootspg.exchange x WHERE x.exchange_id = (SELECT min(exchange_id) FROM answered); ROLLBACK}) =~ s/^(?:\s*\n)+//r;
}

# A known person without record, by default and as the type says
my $ilze = q{test_person('Liepa', 'Ilze', '1994-05-05', 'DE/LV/A1B2C3D4E', 'High')};
is(sql(q{SELECT no_record FROM ootspg.evidence_type}), 'empty', 'new types answer by an empty list');
for my $line (@lines)
{
	my $by_line = $line =~ /v2/ ? 'empty no record of this type||' : 'error EDM:ERR:0004 no record of this type||';
	is(asked("request('$line', $ilze)"), 'empty no record of this type||', "$line: no record");
	is(asked("request('$line', $ilze)", q{UPDATE ootspg.evidence_type SET no_record = 'by line'}), $by_line, "$line: no record, by line");
	is(asked("request('$line', $ilze)", q{UPDATE ootspg.evidence_type SET no_record = 'not found'}), 'error EDM:ERR:0004 no record of this type||', "$line: no record, not found");
}

# Failures by their cause
sql(q{
	CREATE FUNCTION registry.fails() RETURNS bytea LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no words' USING ERRCODE = current_setting('test.state'); END $$;
	CREATE VIEW registry.failing AS SELECT person_id, issuing_date, registry.fails() AS pdf FROM registry.birth_evidence;
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) VALUES ('birth', 'failing', 'image/png', 'registry.failing', 'pdf')});
my %failures = (
	'08006' => '0008', '08001' => '0008', 'HV000' => '0008', '22012' => '0008', '42501' => '0008',
	'55P03' => '0005', '57014' => '0005', '25P03' => '0005', '57P01' => '0008');
for my $state (sort keys %failures)
{
	is(asked(q{request('oots-edm:v1.2', wanted => wanted('image/png'))}, "SET LOCAL test.state = '$state'"),
		"error EDM:ERR:$failures{$state} registry failed with SQLSTATE $state||", "a registry that fails with $state");
}
is(asked(q{request('oots-edm:v1.2', wanted => wanted('image/png'))}, "SET LOCAL test.state = '$_'; SET LOCAL ootspg.unreachable_registry = 'EDM:ERR:0006'"),
	'error EDM:ERR:' . ($_ eq '08006' ? '0006' : '0008') . " registry failed with SQLSTATE $_||", "with the setting: $_") for qw(08006 22012);
# a cancel of our own session is none of the registry's
is(sqlstate($node, 'postgres', q{
	SET statement_timeout = '200ms';
	CREATE OR REPLACE FUNCTION registry.fails() RETURNS bytea LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(600); RETURN ''; END $$;
	SELECT outcome FROM ootspg.answer(request('oots-edm:v1.2', wanted => wanted('image/png')))}), '57014', 'a cancel here goes on up');

# Lists that have grown
for my $line (@lines)
{
	is(asked("request('$line', procedure_code => 'Q7')"), 'error EDM:ERR:0004 procedure unknown||', "$line: a procedure that nobody knows");
	is(asked("request('$line', procedure_code => '$_')"), 'error EDM:ERR:0003 R-EDM-REQ-C003||', "$line: no procedure: $_") for 'births', 'r1', 'R1 S1';
	my $added = q{INSERT INTO ootspg.added_code (code_list, code, source) VALUES ('Procedures', 'Q7', 'list of 2027')};
	is(asked("request('$line', procedure_code => 'Q7')", $added), 'error EDM:ERR:0004 procedure not served||', "$line: known, but not served");
	is(asked("request('$line', procedure_code => 'Q7')", "$added; UPDATE ootspg.evidence_type SET procedures = '{R1,Q7}'"), 'evidence||', "$line: served");
	is(sql(qq{BEGIN; $added; SELECT count(*) FROM ootspg.check_message(request('$line', procedure_code => 'Q7')) WHERE severity = 'fatal'}), '0', "$line: and it breaks no rule");
}
is(sqlstate($node, 'postgres', q{UPDATE ootspg.evidence_type SET procedures = '{R1,Q7}'}), 'OT003', 'a procedure that no list has is not served');
is(sqlstate($node, 'postgres', q{UPDATE ootspg.evidence_type SET procedures = '{R1,births}'}), 'OT003', 'what is no procedure is refused at once');
my $ukraine = q{convert_to(replace(convert_from(request('oots-edm:v2.0'), 'UTF8'), 'DE/LV/A1B2C3D4E', 'UA/LV/A1B2C3D4E'), 'UTF8')};
is(asked($ukraine), 'error EDM:ERR:0003 R-EDM-REQ-C040||', 'a country that takes no part');
is(asked($ukraine, q{INSERT INTO ootspg.added_code VALUES ('OOTS_Country', 'UA', 'accession')}), 'evidence||', 'and once it does');
my $scheme = q{convert_to(replace(convert_from(request('oots-edm:v1.2'), 'UTF8'), 'EAS:0204', 'EAS:0999'), 'UTF8')};
like(asked($scheme), qr/^error EDM:ERR:0003 R-EDM-REQ-C012/, 'a scheme that no list has');
is(asked($scheme, q{INSERT INTO ootspg.added_code VALUES ('EAS', '0999', 'list of 2027')}), 'evidence||', 'and once it has');
is(sqlstate($node, 'postgres', qq{INSERT INTO ootspg.added_code VALUES ($_)}), $_ =~ /Unheard/ ? '23514' : 'OT003', "refused: $_")
  for q{'Procedures', 'Q 7', 'x'}, q{'Procedures', '', 'x'}, q{'Unheard', 'Q7', 'x'};

# Who writes the list: those who configure every provider. It is dumped, and restored whatever comes first.
sql(q{CREATE ROLE one_provider LOGIN; CREATE ROLE every_provider LOGIN; SELECT ootspg.grant_duty('one_provider', 'configure', 'civil'), ootspg.grant_duty('every_provider', 'configure')});
is(sqlstate($node, 'postgres', q{SET SESSION AUTHORIZATION one_provider; INSERT INTO ootspg.added_code VALUES ('Procedures', 'Q7', 'x')}), '42501', 'not for one provider only');
is(sqlstate($node, 'postgres', q{SET SESSION AUTHORIZATION every_provider; INSERT INTO ootspg.added_code VALUES ('Procedures', 'Q7', 'x')}), '', 'but for all');
is(sql(q{SET SESSION AUTHORIZATION one_provider; SELECT count(*) FROM ootspg.added_code}), '1', 'everybody with a duty may read it');
sql(q{UPDATE ootspg.evidence_type SET procedures = '{R1,Q7}'; INSERT INTO ootspg.added_code VALUES ('OOTS_Country', 'UA', 'accession');
	INSERT INTO ootspg.identity_link (provider, identifier, person_id, source, level_of_assurance) VALUES ('civil', 'UA/LV/A1B2C3D4E', '010190-10001', 'clerk', 'High');
	UPDATE ootspg.provider SET environment = 'training'});
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', $dump ], 'dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', $dump ], 'restored');
is($node->safe_psql('restored', q{SELECT string_agg(code, ' ' ORDER BY code) FROM ootspg.added_code}), 'Q7 UA', 'with its codes');
is($node->safe_psql('restored', q{SELECT outcome FROM ootspg.answer(request('oots-edm:v1.2', procedure_code => 'Q7')) WHERE part = 1}), 'evidence', 'and they count');

# Environments of other names
is(sql(q{SELECT environment FROM ootspg.provider}), 'training', 'an environment of our own');
is(sqlstate($node, 'postgres', qq{UPDATE ootspg.provider SET environment = '$_'}), 'OT003', "no environment: '$_'") for '', 'Two words', "a\nb", 'x' x 40;
is(asked(q{request('oots-edm:v1.2'), test_header('oots-edm:v1.2')}, q{INSERT INTO ootspg.accepted_party (environment, party_id, party_id_type, name, source)
	VALUES ('training', 'AP_DE_01', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots', 'DE', 'x')}), 'evidence||', 'accepted there');
like(asked(q{request('oots-edm:v1.2'), test_header('oots-edm:v1.2')}, q{INSERT INTO ootspg.accepted_party (environment, party_id, party_id_type, name, source)
	VALUES ('test', 'AP_DE_01', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots', 'DE', 'x')}), qr/^error EDM:ERR:0002/, 'not where it is accepted elsewhere');
is(sqlstate($node, 'postgres', q{INSERT INTO ootspg.directory_source (environment, country, roots_uri) VALUES ('training', 'LV', 'file:roots.pem')}), '23514', 'no name in DNS for it');

# Who issued a piece
sql(q{CREATE VIEW registry.of_towns AS SELECT e.*, current_setting('test.scheme', true) AS issuing_authority_scheme, nullif(current_setting('test.identifier', true), '') AS issuing_authority_identifier,
	nullif(current_setting('test.name', true), '') AS issuing_authority_name FROM registry.birth_evidence e});
my $authority = q{<sdg:IssuingAuthority>(.*)</sdg:IssuingAuthority>};
my $town = q{UPDATE ootspg.distribution SET source = 'registry.of_towns' WHERE distribution = 'pdf'; SET LOCAL test.scheme = 'urn:cef.eu:names:identifier:EAS:9939'; SET LOCAL test.identifier = 'LV-TOWN-1'};
for my $line (@lines)
{
	my $request = "request('$line')";
	my $identifier = '<sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:9939">LV-TOWN-1</sdg:Identifier>';

	is(asked($request, qq{$town; SET LOCAL test.name = 'Cēsis'}, $authority), qq{evidence|$identifier<sdg:Name lang="LV">Cēsis</sdg:Name>|}, "$line: a town issued it");
	is(asked($request, qq{$town; SET LOCAL test.name = '{"LV": "Cēsis", "EN": "Town of Cēsis"}'}, $authority),
		qq{evidence|$identifier<sdg:Name lang="EN">Town of Cēsis</sdg:Name><sdg:Name lang="LV">Cēsis</sdg:Name>|}, "$line: in two languages");
	like(asked("request('$line')", undef, $authority), qr/^evidence\|.*LV90000000001.*\|$/, "$line: else the provider");
}
for my $fault ("SET LOCAL test.identifier = ''; SET LOCAL test.name = 'Town'", "SET LOCAL test.name = ''", "SET LOCAL test.name = 'T'", "SET LOCAL test.scheme = 'x'; SET LOCAL test.name = 'Town'",
	qq{SET LOCAL test.name = '{"xx": "Town"}'}, qq{SET LOCAL test.name = 'Town'; SET LOCAL test.identifier = 'a b'})
{
	is(asked(q{request('oots-edm:v1.2')}, "$town; $fault"), 'error EDM:ERR:0008 a row cannot become evidence: SQLSTATE OT005||', "no authority: $fault");
}
is(asked(q{request('oots-edm:v1.2')}, "$town; SET LOCAL test.name = 'Town'; CREATE OR REPLACE VIEW registry.of_towns AS SELECT person_id, $_ AS issuing_date, language, document, pdf,
	'urn:cef.eu:names:identifier:EAS:9939'::text AS issuing_authority_scheme, 'x'::text AS issuing_authority_identifier, 'Town'::text AS issuing_authority_name FROM registry.birth_evidence"),
	'error EDM:ERR:0008 a row cannot become evidence: SQLSTATE OT005||', "no day of issue: $_") for q{DATE '0044-03-15 BC'}, q{DATE '12000-01-01'};

# A scheme that 1.0 alone admits
my $unregistered = q{UPDATE ootspg.provider SET scheme = 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots-evidence-provider'};
my $to_it = q{, 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots-evidence-provider'), 'UTF8')};
my $mine = sub { qq{convert_to(replace(convert_from(request('$_[0]'), 'UTF8'), 'urn:cef.eu:names:identifier:EAS:9939'$to_it} };
is(asked($mine->('oots-edm:v1.0'), $unregistered), 'evidence||', '1.0: a provider of such a scheme is served, by the rules');
like(asked($mine->('oots-edm:v1.2'), $unregistered), qr/^unanswerable the provider has no scheme of this line/, '1.2: no answer could name it');
is(sqlstate($node, 'postgres', qq{BEGIN; SELECT ootspg.deactivate('birth'); $unregistered; SELECT ootspg.activate('birth')}), 'OT003', 'not on lines that do not have the scheme');
is(sqlstate($node, 'postgres', qq{BEGIN; SELECT ootspg.deactivate('birth'); $unregistered; DELETE FROM ootspg.evidence_type_line WHERE line <> 'oots-edm:v1.0'; SELECT ootspg.activate('birth'); ROLLBACK}), '', 'on 1.0 alone it is');
is(sqlstate($node, 'postgres', q{UPDATE ootspg.provider SET scheme = 'urn:oasis:names:tc:ebcore:partyid-type:unregistered: x'}), 'OT003', 'blanks are none of a scheme');

# 1.1 as tolerant as 1.0, and as strict in what it emits
my $odd = q{test_slot('EvidenceProviderClassification', 'CollectionValueType', '<rim:Element xsi:type="rim:AnyValueType"><sdg:EvidenceProviderClassification><sdg:Identifier>0a1b2c3d-1111-4222-8333-444455556666</sdg:Identifier>'
	'<sdg:Type>Codelist</sdg:Type><sdg:SupportedValue><sdg:StringValue>x</sdg:StringValue></sdg:SupportedValue></sdg:EvidenceProviderClassification></rim:Element>')};
is(asked("request('$_', more_slots => $odd)"), $_ =~ /v1\.[01]/ ? 'evidence||' : 'error EDM:ERR:0003 R-EDM-REQ-C095||', "$_: type Codelist") for @lines;
my $place = q{test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High', '<sdg:PlaceOfBirth>Å</sdg:PlaceOfBirth>')};
is(asked("request('$_', $place)"), $_ =~ /v1\.[01]/ ? 'evidence||' : 'error EDM:ERR:0003 R-EDM-REQ-C092||', "$_: a place of one letter") for @lines;
my $form = q{test_person('Ozoliņš', 'Jānis', '1990-01-01', 'anything', 'High')};
like(asked("request('oots-edm:v1.1', $form)"), qr/^error EDM:ERR:0003 R-EDM-REQ-C040/, 'what the answer repeats keeps its form');

# A name in its original script stands beside the Latin one, in either order
for my $names (['Ozoliņš', 'Озолиньш'], ['Озолиньш', 'Ozoliņš'])
{
	my $both = join '', map { qq{<sdg:FamilyName} . (/^О/ ? ' nonLatin="true"' : '') . ">$_</sdg:FamilyName>" } @$names;
	my $request = qq{convert_to(replace(convert_from(request('%s'), 'UTF8'), '<sdg:FamilyName>Ozoliņš</sdg:FamilyName>', '%s'), 'UTF8')};
	is(asked(sprintf($request, 'oots-edm:v1.1', $both), undef, '<sdg:FamilyName>(.*)</sdg:FamilyName>'), 'evidence|Ozoliņš|', "two scripts: @$names");
	like(asked(sprintf($request, 'oots-edm:v1.1', $both . '<sdg:FamilyName nonLatin="true">Иванов</sdg:FamilyName>')), qr/^error EDM:ERR:0003 sdg:FamilyName/, 'but not two of them');
}

# Persons of one name, by the view that the manual shows
sql(q{INSERT INTO registry.person VALUES ('060695-10007', 'Suharto', '', '1995-06-06', NULL, false); INSERT INTO registry.birth VALUES ('060695-10007', '1995-06-07', 'R-10007', 'x', NULL);
	CREATE VIEW registry.named AS SELECT code AS person_id, coalesce(nullif(family_name, ''), given_name) AS family_name, coalesce(nullif(given_name, ''), family_name) AS given_name, born AS date_of_birth FROM registry.person
	UNION ALL SELECT code, coalesce(nullif(family_name, ''), given_name), 'XXX', born FROM registry.person WHERE family_name = '' OR given_name = ''});
my %one_name = ('Suharto' => 'evidence', 'XXX' => 'evidence', '-' => 'error EDM:ERR:0004 no person', 'Ahmed' => 'error EDM:ERR:0004 no person');
is(asked("request('oots-edm:v1.2', test_person('Suharto', '$_', '1995-06-06', NULL, 'High'))", q{UPDATE ootspg.evidence_type SET subject_source = 'registry.named'}), "$one_name{$_}||", "one name, written beside $_")
  for sort keys %one_name;
is(asked("request('oots-edm:v1.2')", q{UPDATE ootspg.evidence_type SET subject_source = 'registry.named'}), 'evidence||', 'the others as ever');

# Somebody who acts for another is seen, or the request is refused; slots of the query that stand outside it are nobody's
my $nobody = q{test_slot('%s', 'AnyValueType', '%s')};
like(asked(sprintf "request('%s', more_query => $nobody)", 'oots-edm:v1.1', 'AuthorizedRepresentativeLegalPerson', '<sdg:Person/>'), qr/^error EDM:ERR:0003/, 'a representative who is nobody');
like(asked(sprintf "request('%s', more_slots => $nobody)", 'oots-edm:v1.0', 'AuthorizedRepresentative', '<sdg:Person><sdg:LevelOfAssurance>High</sdg:LevelOfAssurance></sdg:Person>'),
	qr/^error EDM:ERR:0003 R-EDM-REQ-S019/, 'a representative where nobody looks');

$node->stop;
done_testing();
