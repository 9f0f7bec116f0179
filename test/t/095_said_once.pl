# What the schemas and the profile allow once, said twice: every element of a valid request
# and of its header is doubled, on every line and in either order, with other content. None
# of them gets evidence but those that may stand often; these are listed here, so that the
# test fails when the table of occurrences refuses too much as well.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('said_once');
load_registry($node, 'postgres');
$node->safe_psql('postgres', q{UPDATE ootspg.evidence_type SET t1 = '1 hour'});

# Elements that may stand often, by their path from the slot (or the message) that holds them
my %often = map { $_ => 1 } (
	'Requirements/SlotValue/Element', 'Requirements/SlotValue/Element/Requirement/Name', 'Requirements/SlotValue/Element/Requirement/Description',
	# who is no requester may be an intermediary platform
	'EvidenceRequester/SlotValue/Element', 'EvidenceRequester/SlotValue/Element/Agent/Name',
	'EvidenceProvider/SlotValue/Agent/Name',
	'EvidenceProviderClassification/SlotValue/Element', 'EvidenceProviderClassification/SlotValue/Element/EvidenceProviderClassification/Description',
	'EvidenceProviderClassification/SlotValue/Element/EvidenceProviderClassification/SupportedValue/StringValue',
	'EvidenceRequest/SlotValue/DataServiceEvidenceType/Title', 'EvidenceRequest/SlotValue/DataServiceEvidenceType/Description',
	'NaturalPerson/SlotValue/Person/SectorSpecificAttribute');
my %often_on = (
	'oots-edm:v2.0' => {
		map { ("EvidenceRequest/SlotValue/DataServiceEvidenceType/DistributedAs$_" => 1) } '', '/Language', '/AssociatedDocumentRequest'
	});

# Other content, that the rules take as well
my %other = (
	'High' => 'Low', 'true' => 'false', 'false' => 'true', 'DE' => 'SE', 'EN' => 'DE', 'ER' => 'IP', 'R1' => 'S1', 'string' => 'boolean',
	'application/pdf' => 'application/json', 'HumanReadableVersion' => 'Annex', 'Male' => 'Female', 'QueryManager' => 'OtherManager',
	'ExecuteQueryRequest' => 'ExecuteQueryResponse', 'oots-edm:v1.0' => 'oots-edm:v1.1', 'oots-edm:v1.1' => 'oots-edm:v1.2',
	'oots-edm:v1.2' => 'oots-edm:v1.1', 'oots-edm:v2.0' => 'oots-edm:v1.2', 'application/x-ebrs+xml' => 'application/xml');

sub differently
{
	my ($text) = @_;

	return $text if $text !~ /\S/;
	return $other{$text} if exists $other{$text};
	return $text if $text =~ /^(?:rim:|urn:oasis:|DocumentQuery|LeafClass|eidas$)/;
	return $text =~ s/^(\d{4}-\d\d-)(\d)/$1 . ($2 ? 0 : 1)/er if $text =~ /^\d{4}-/;
	# the last letter or digit is another one
	return $text =~ s/([0-9A-Za-z])(?=[^0-9A-Za-z]*$)/$1 eq '9' ? '0' : $1 eq 'z' ? 'a' : $1 eq 'Z' ? 'A' : chr(ord($1) + 1)/er;
}

# The copy of an element: its texts are others, and the values of its attributes
sub copy_of
{
	my ($element) = @_;
	my $is_type = $element =~ /^<sdg:Type>/;

	# another type would ask for other things beside it
	$element =~ s/(Type|)>([^<>]+)</"$1>" . ($1 && !$is_type ? $2 : differently($2)) . '<'/ge;
	$element =~ s/ (schemeID|lang|xml:lang|value|href)="([^"]*)"/qq{ $1="} . ($1 eq 'schemeID' && $2 !~ m{^https} ? $2 : differently($2)) . '"'/ge;
	return $element;
}

# Every element below the root: where it begins, where it ends, its path
sub elements_of
{
	my ($message) = @_;
	my (@open, @found);

	while ($message =~ m{<(/?)([\w:]+)((?:\s[^<>]*?)?)(/?)>}g)
	{
		my ($closing, $name, $attributes, $empty, $begin, $end) = ($1, $2, $3, $4, $-[0], $+[0]);
		my ($local) = $name =~ /(\w+)$/;

		$local = $1 if $local eq 'Slot' && $attributes =~ /name="(\w+)"/;
		if (!$closing)
		{
			push @open, [ $local, $begin ];
		}
		if ($closing || $empty)
		{
			my $path = join '/', map { $_->[0] } @open[ 1 .. $#open ];
			my (undef, $from) = @{ pop @open };
			push @found, [ $from, $end, $path =~ s{^(?:Query/(?=.))?}{}r ] if @open;
		}
	}
	return @found;
}

my ($n, @alike) = (0);
my $file = PostgreSQL::Test::Utils::tempdir() . '/calls';
open my $out, '>:raw', $file or die "$file: $!";

sub call
{
	my ($line, $what, $may, $request, $header) = @_;
	my $id = sprintf '00000000-0000-4000-8000-%012d', ++$n;

	# another id beside it in the double of what holds it does not matter
	$request =~ s/REQUEST-ID/$id/g;
	print $out join("\t", $n, $line, $what, $may ? 't' : 'f', map { '\\\\x' . unpack('H*', $_) } $request, $header), "\n";
	return;
}

for my $line ('oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0')
{
	my $repository = 'https://sr.oots.tech.ec.europa.eu';
	my $language = $line eq 'oots-edm:v2.0' ? '<sdg:Language>EN</sdg:Language>' : '';
	my $associated = $line eq 'oots-edm:v2.0' ? '<sdg:AssociatedDocumentRequest>HumanReadableVersion</sdg:AssociatedDocumentRequest>' : '';
	my ($request, $header) = map { pack 'H*', $_ } split /\|/, $node->safe_psql('postgres', qq{
		SELECT encode(test_request('$line', 'b1c2d3e4-2222-4333-8444-555566667777', '$repository/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888',
				test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High', '<sdg:BirthName>Bērzs</sdg:BirthName><sdg:PlaceOfBirth>Cēsis</sdg:PlaceOfBirth>'
					'<sdg:CurrentAddress><sdg:FullAddress>Iela 1</sdg:FullAddress><sdg:AdminUnitLevel1>DE</sdg:AdminUnitLevel1></sdg:CurrentAddress><sdg:Gender>Male</sdg:Gender>'
					'<sdg:SectorSpecificAttribute><sdg:AttributeName>Colour</sdg:AttributeName><sdg:AttributeURI>https://example.eu/colour</sdg:AttributeURI><sdg:AttributeValue>red</sdg:AttributeValue></sdg:SectorSpecificAttribute>'),
				'REQUEST-ID', '<sdg:DistributedAs><sdg:Format>application/pdf</sdg:Format>$language$associated</sdg:DistributedAs>',
				more_slots => test_slot('EvidenceProviderClassification', 'CollectionValueType', '<rim:Element xsi:type="rim:AnyValueType"><sdg:EvidenceProviderClassification>'
					'<sdg:Identifier>0a1b2c3d-1111-4222-8333-444455556666</sdg:Identifier><sdg:Type>string</sdg:Type><sdg:Description lang="EN">Which register</sdg:Description>'
					'<sdg:SupportedValue><sdg:StringValue>birth</sdg:StringValue></sdg:SupportedValue></sdg:EvidenceProviderClassification></rim:Element>')), 'hex'),
			encode(test_header('$line'), 'hex')});

	call($line, 'as it is', 1, $request, $header);
	for (elements_of($request))
	{
		my ($begin, $end, $path) = @$_;
		my $element = substr $request, $begin, $end - $begin;
		my $may = $often{$path} || $often_on{$line}{$path};
		my $copy = copy_of($element);

		push @alike, "$line $path" if $copy eq $element && $element =~ />[^<>]/;
		call($line, "$path behind", $may, substr($request, 0, $end) . $copy . substr($request, $end), $header);
		call($line, "$path before", $may, substr($request, 0, $begin) . $copy . substr($request, $begin), $header);
		# and once more within itself, where it holds nothing but text
		call($line, "$path within", 0, substr($request, 0, $begin) . ($element =~ s/>/>$copy/r) . substr($request, $end), $header)
		  if $element =~ /^[^>]*[^\/]>[^<>]*<[^<>]*>$/;
	}
	for (elements_of($header))
	{
		my ($begin, $end, $path) = @$_;
		my $element = substr $header, $begin, $end - $begin;
		my $copy = copy_of($element);

		call($line, "header $path behind", 0, $request, substr($header, 0, $end) . $copy . substr($header, $end));
		call($line, "header $path before", 0, $request, substr($header, 0, $begin) . $copy . substr($header, $begin));
		call($line, "header $path within", 0, $request, substr($header, 0, $begin) . ($element =~ s/>/>$copy/r) . substr($header, $end))
		  if $element =~ /^[^>]*[^\/]>[^<>]*<[^<>]*>$/;
	}
}
close $out or die "$file: $!";
is("@alike", '', 'each double has other content');
cmp_ok($n, '>', 600, 'many messages were changed');

$node->safe_psql('postgres', <<"END");
CREATE TABLE call (n integer PRIMARY KEY, line text, what text, may boolean, request bytea, header bytea);
CREATE TABLE result (n integer, outcome text, reason text);
\\copy call FROM '$file'
DO \$\$
DECLARE
	c call;
	id bigint;
BEGIN
	FOR c IN SELECT * FROM call ORDER BY n LOOP
		SELECT min(exchange_id) INTO id FROM ootspg.answer(c.request, c.header);
		INSERT INTO result SELECT c.n, x.outcome, x.reason FROM ootspg.exchange x WHERE x.exchange_id = id;
	END LOOP;
END \$\$;
END
is($node->safe_psql('postgres', 'SELECT count(*) FROM result'), $n, 'each has its exchange');
is($node->safe_psql('postgres', q{SELECT line, what, outcome, reason FROM call JOIN result USING (n) WHERE NOT may AND outcome IN ('evidence', 'empty') ORDER BY n}),
	'', 'what is said twice gets no evidence');
is($node->safe_psql('postgres', q{SELECT line, what, outcome, reason FROM call JOIN result USING (n) WHERE may AND outcome <> 'evidence' ORDER BY n}),
	'', 'and what may be said often gets it');
is($node->safe_psql('postgres', q{SELECT count(*) FROM call JOIN result USING (n) WHERE NOT may AND reason LIKE '%registry failed%'}), '0', 'never by the registry');

# A sender of two names is none, on whatever level the second one stands, and even where one of them is accepted
my $second = '<eb:PartyId type="urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots">EVIL</eb:PartyId>';
$node->safe_psql('postgres', q{
	INSERT INTO ootspg.accepted_party (party_id, name, source, party_id_type, environment)
	SELECT 'AP_DE_01', 'Germany', 'by telephone', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots', environment FROM ootspg.provider});
my %senders = (
	'as it is' => [ '(<eb:From>)', '\1', 'evidence' ],
	'two PartyIds' => [ '(</eb:PartyId><eb:Role>[^<]*</eb:Role></eb:From>)', "</eb:PartyId>$second</eb:From>", 'unknown sender' ],
	'two From' => [ '(</eb:From>)', "\\1<eb:From>$second</eb:From>", 'unknown sender' ],
	'two PartyInfo' => [ '(</eb:PartyInfo>)', "\\1<eb:PartyInfo><eb:From>$second</eb:From></eb:PartyInfo>", 'unknown sender' ],
	'two UserMessages' => [ '(</eb:UserMessage>)', "\\1<eb:UserMessage><eb:PartyInfo><eb:From>$second</eb:From></eb:PartyInfo></eb:UserMessage>", 'unknown sender' ]);
for my $case (sort keys %senders)
{
	my ($pattern, $replacement, $expected) = @{ $senders{$case} };
	my $got = $node->safe_psql('postgres', sprintf q{
		CREATE TEMP TABLE answered AS SELECT * FROM ootspg.answer(birth_request(%d, 'oots-edm:v1.2'),
			convert_to(regexp_replace(convert_from(test_header('oots-edm:v1.2'), 'UTF8'), '%s', '%s'), 'UTF8'));
		SELECT coalesce(reason, outcome) FROM ootspg.exchange WHERE exchange_id = (SELECT min(exchange_id) FROM answered)}, 900000 + ++$n, $pattern, $replacement);
	like($got, $expected eq 'evidence' ? qr/^evidence$/ : qr/^(?:unknown sender|eb:.*more than once)/, "sender: $case");
	is($node->safe_psql('postgres', q{SELECT sender_refused FROM (SELECT request_id IS NULL AS sender_refused FROM ootspg.exchange ORDER BY exchange_id DESC LIMIT 1) x}),
		$expected eq 'evidence' ? 'f' : 't', "sender: $case: opened or not");
}

$node->stop;
done_testing();
