# Time and memory of each entry for foreign bytes grow with their number and no faster,
# whatever they are made of: compared are sizes with each other, never seconds.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

plan skip_all => 'no /proc to read a process\'s own CPU and memory from' unless -r '/proc/self/schedstat' && -w '/proc/self/clear_refs';

# Four times the bytes may take this many times the CPU: four, what caches add, and noise, but not sixteen.
my $most_growth = 12;
# Less than this is noise.
my $least_cpu = 4_000_000;
# Bytes of memory for each byte that came (doc/security.md), and what a first call needs besides.
my $most_memory = 60;
my $least_memory = 8 * 1024 * 1024;

my $node = start_node('growth', 'jit = off', 'autovacuum = off');
load_registry($node, 'postgres');
seal_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file('test/fixtures/growth.sql') . 'SELECT ootspg.maintain();');

my %cases;

sub quote { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }

# add_case(name, statement, before, piece, after, most)
sub add_case
{
	my ($name, $statement, $before, $piece, $after, $most) = @_;
	$cases{$name} = [ $statement, $before, $piece, $after, $most ];
	return;
}

# Each element of a document often, and each kind of node and long name in its root.
sub add_document
{
	my ($name, $statement, $xml) = @_;
	my @open;
	my %seen;

	$xml =~ s/^<\?xml.*?\?>\s*//;
	while ($xml =~ /<(\/?)([\w:.-]+)[^<>]*?(\/?)>/g)
	{
		my ($closes, $element, $empty) = ($1, $2, $3);
		my ($from, $to) = ($-[0], $+[0]);
		if (!$closes && !$empty)
		{
			push @open, [ $element, $from ];
			next;
		}
		if ($closes)
		{
			my $start = pop @open;
			($element, $from) = @$start;
		}
		last unless @open;
		my $place = join '/', (map { $_->[0] } @open), $element;
		next if $seen{$place}++;
		add_case("$name: $place often", $statement, substr($xml, 0, $from), substr($xml, $from, $to - $from), substr($xml, $to));
	}
	my ($begin, $end) = $xml =~ /^(.*?<[^>]*>)(.*)$/s;
	my %nodes = (comments => '<!---->', instructions => '<?a?> ', 'CDATA sections' => '<![CDATA[]]>', elements => '<a/>', 'elements and texts' => 'a<a> a </a>',
		attributes => '<a a="1" b="2" c="3" d="4" e="5" f="6" g="7" h="8"/>', 'namespaces' => '<a:a xmlns:a="urn:#"/>', references => '&#60;', 'nested elements' => ('<a>' x 40) . ('</a>' x 40),
		'long names' => '<' . ('n' x 1000) . '/>', 'different names' => '<n#/>', 'different attributes' => '<n a#="#"/>');
	add_case("$name: $_", $statement, $begin, $nodes{$_}, $end) for keys %nodes;
	my ($tag) = $begin =~ /(.*)>$/s;
	add_case("$name: a long attribute", $statement, "$tag a=\"", 'x', '">' . $end);
	add_case("$name: a long text", $statement, $begin, 'x y ', $end);
	return;
}

my $fetch = sub { $node->safe_psql('postgres', "SELECT convert_from($_[0], 'UTF8')") };

# Requests and their headers
my $header = $fetch->(q{test_header('oots-edm:v2.0')});
add_document("request, $_", 'SELECT outcome FROM ootspg.answer($1)', $fetch->("birth_request(1, '$_')")) for 'oots-edm:v1.0', 'oots-edm:v2.0';
add_document('header', q{SELECT outcome FROM ootspg.answer(birth_request(1, 'oots-edm:v2.0'), $1)}, $header);
for my $field ('FamilyName', 'GivenName', 'DateOfBirth', 'Identifier')
{
	my ($before, $after) = $fetch->(q{birth_request(1, 'oots-edm:v1.2')}) =~ m{^(.*<sdg:Person>.*?<sdg:$field[^>]*>)[^<]*(</sdg:$field>.*)$}s or next;
	my %values = (letters => 'a', 'combining marks' => "\x{301}\x{316}", 'growing letters' => "\x{fdfa}", 'marks that are letters' => "\x{ff9e}\x{f73}", blanks => 'a ');
	add_case("$field of $_", 'SELECT outcome FROM ootspg.answer($1)', $before, $values{$_}, $after) for keys %values;
}
add_case("$_->[0] of $_->[1]", $_->[3], '', $_->[2], '')
  for map { my $s = $_; map { [ $s->[0], @$_, $s->[1] ] } [ 'marks', "\x{301}\x{316}" ], [ 'growing letters', "\x{fdfa}" ], [ 'marks that are letters', "\x{ff9e}\x{f73}" ], [ 'letters', 'Š' ], [ 'parts', 'A-' ] }
  [ 'name_key()', q{SELECT ootspg.name_key(convert_from($1, 'UTF8'))} ], [ 'subject_key()', q{SELECT ootspg.subject_key(ootspg.natural_person(convert_from($1, 'UTF8'), 'A', '1990-01-01'))} ],
  [ 'names_match()', q{SELECT ootspg.names_match(convert_from($1, 'UTF8'), convert_from($1, 'UTF8'))} ],
  [ 'given_names_match()', q{SELECT ootspg.given_names_match(convert_from($1, 'UTF8'), convert_from($1, 'UTF8'))} ],
  [ 'identifier_key()', q{SELECT ootspg.subject_key(ootspg.legal_person(convert_from($1, 'UTF8')))} ];

# Answers of the access point
my $soap = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://eu.domibus.wsplugin/" xmlns:eb="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/">';
my $read = sub { "SELECT trouble || coalesce(detail, '') FROM ootspg_internal.read_gateway_answer('$_[0]', 'm-1\@x', 200, $_[1], \$1)" };
my $plain = q{'application/soap+xml'};
my $part = '<eb:PartInfo href="cid:p1"><eb:PartProperties><eb:Property name="MimeType">application/xml</eb:Property></eb:PartProperties></eb:PartInfo>';
my $retrieved = "$soap<s:Header><eb:Messaging><eb:UserMessage><eb:MessageInfo><eb:MessageId>m-1\@x</eb:MessageId></eb:MessageInfo><eb:PayloadInfo>$part</eb:PayloadInfo></eb:UserMessage></eb:Messaging></s:Header><s:Body><w:retrieveMessageResponse>"
  . '<payload payloadId="cid:p1"><value>QUJD</value></payload></w:retrieveMessageResponse></s:Body></s:Envelope>';
add_document('retrieved message', $read->('retrieve', $plain), $retrieved);
add_document('list', $read->('list', $plain), "$soap<s:Body><w:listPendingMessagesResponse><messageID>a</messageID></w:listPendingMessagesResponse></s:Body></s:Envelope>");
add_document('errors', $read->('errors', $plain),
	"$soap<s:Body><w:getMessageErrorsResponse><item><domibusErrorCode>EBMS_0004</domibusErrorCode><errorDetail>x</errorDetail><mshRole>SENDING</mshRole><timestamp>2026-01-01T00:00:00Z</timestamp></item></w:getMessageErrorsResponse></s:Body></s:Envelope>");
add_document('fault', $read->('submit', $plain),
	"$soap<s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>x</s:Text></s:Reason><s:Detail><w:FaultDetail><code>EBMS_0004</code><message>m</message></w:FaultDetail></s:Detail></s:Fault></s:Body></s:Envelope>");
my ($head, $tail) = $retrieved =~ /^(.*<value>)QUJD(.*)$/s;
add_case("inline payload: $_->[0]", $read->('retrieve', $plain), $head, $_->[1], $tail) for [ 'base64', 'QUJD' ], [ 'blanks', 'QUJ D ' ], [ 'padding', 'QQ==' ];
my $mime = q{'multipart/related; boundary=b; start="<r>"'};
my $root = "--b\r\nContent-ID: <r>\r\n\r\n";
add_case('MIME parts', $read->('list', $mime), $root, "x\r\n--b\r\nContent-ID: <#>\r\n\r\n", "\r\n--b--\r\n");
add_case('MIME parts of one id', $read->('list', $mime), $root, "x\r\n--b\r\n\r\n", "\r\n--b--\r\n");
add_case('nearly delimiters', $read->('list', $mime), $root, "\r\n--b-", "\r\n--b--\r\n");
add_case('headers of a MIME part', $read->('list', $mime), "--b\r\nContent-ID: <r>\r\n", "X-#: y\r\n", "\r\n\r\n--b--\r\n");
add_case('folded headers', $read->('list', $mime), "--b\r\nContent-ID: <r>\r\nX: y", "\r\n y", "\r\n\r\nx\r\n--b--\r\n");
add_case("a part in $_->[0]", $read->('list', $mime), "--b\r\nContent-ID: <r>\r\nContent-Transfer-Encoding: $_->[0]\r\n\r\n", $_->[1], "\r\n--b--\r\n") for [ 'base64', 'QUJD' ], [ 'quoted-printable', '=41' ];
my $included = "$root$retrieved\r\n--b\r\nContent-ID: <big>\r\n\r\n";
$included =~ s{QUJD}{<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:big"/>};
add_case('one included part', $read->('retrieve', $mime), $included, 'x', "\r\n--b--\r\n");
my $often = join '', map { "<payload payloadId=\"cid:p$_\"><value><x:Include xmlns:x=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:big\"/></value></payload>" } 1 .. 200;
(my $many = $included) =~ s{<payload .*?</payload>}{$often};
my $parts = join '', map { "<eb:PartInfo href=\"cid:p$_\"/>" } 1 .. 200;
$many =~ s{<eb:PartInfo.*</eb:PartInfo>}{$parts};
add_case('one part included often', $read->('retrieve', $mime), $many, 'x', "\r\n--b--\r\n");
add_case("Content-Type: $_", "SELECT trouble FROM ootspg_internal.read_gateway_answer('list', NULL, 200, convert_from(\$1, 'UTF8'), 'x')", 'multipart/related', $_, ';boundary=b', 800000)
  for ';a=b', ';a="b"', ';', ' ', ';boundary=b', ';"';

# Directories
my $objects = '<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0" xmlns:sdg="http://data.europa.eu/p4s" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="urn:uuid:00000000-0000-4000-8000-000000000001"><rim:RegistryObjectList>';
my $concept = '<rim:RegistryObject id="o"><rim:Slot name="EvidenceProvider"><rim:SlotValue xsi:type="rim:AnyValueType"><sdg:Publisher><sdg:Identifier schemeID="s">p</sdg:Identifier><sdg:Name lang="EN">n</sdg:Name><sdg:Address><sdg:AdminUnitLevel1>LV</sdg:AdminUnitLevel1></sdg:Address>'
  . '<sdg:ClassificationConcept><sdg:Identifier schemeID="l">c</sdg:Identifier><sdg:SupportedValue><sdg:StringValue>v</sdg:StringValue></sdg:SupportedValue></sdg:ClassificationConcept></sdg:Publisher></rim:SlotValue></rim:Slot>'
  . '<rim:Classification id="k" classificationScheme="urn:fdc:oots:classification:dsd" classificationNode="EvidenceProvider"/></rim:RegistryObject>';
my $end = '</rim:RegistryObjectList></lcm:SubmitObjectsRequest>';
my %submissions = (
	'check_submission()' => q{SELECT count(*) FROM ootspg.check_submission($1, 'oots-edm:v1.2', 'dsd')},
	'submission_objects()' => 'SELECT count(*) FROM ootspg_internal.submission_objects($1)',
	'message_codes()' => 'SELECT count(*) FROM ootspg_internal.message_codes($1)',
	'import_fragment()' => q{SELECT ootspg.import_fragment('f', $1, 'o')});
for my $name (sort keys %submissions)
{
	add_case("$name: associations in a circle", $submissions{$name}, $objects,
		'<rim:RegistryObject xsi:type="rim:AssociationType" id="a#" type="urn:oasis:names:tc:ebxml-regrep:AssociationType:ServesEvidenceType" sourceObject="a1" targetObject="a#"/>', $end);
	add_document($name, $submissions{$name}, "$objects$concept$end") if $name ne 'import_fragment()';
}
my $answer = '<query:QueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0" xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" xmlns:sdg="http://data.europa.eu/p4s" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"><rim:RegistryObjectList>'
  . '<rim:RegistryObject id="urn:uuid:00000000-0000-4000-8000-000000000001"><rim:Slot name="DataServiceEvidenceType"><rim:SlotValue><sdg:DataServiceEvidenceType><sdg:Identifier>i</sdg:Identifier><sdg:EvidenceTypeClassification>c</sdg:EvidenceTypeClassification><sdg:Title lang="EN">t</sdg:Title>'
  . '<sdg:DistributedAs><sdg:Format>application/pdf</sdg:Format><sdg:Language>EN</sdg:Language></sdg:DistributedAs><sdg:AccessService><sdg:Identifier schemeID="s">a</sdg:Identifier><sdg:ConformsTo>oots-edm:v1.2</sdg:ConformsTo><sdg:Publisher><sdg:Identifier schemeID="s">p</sdg:Identifier><sdg:Name lang="EN">n</sdg:Name>'
  . '<sdg:Jurisdiction><sdg:AdminUnitLevel1>LV</sdg:AdminUnitLevel1></sdg:Jurisdiction><sdg:ClassificationConcept><sdg:Identifier>c</sdg:Identifier><sdg:SupportedValue><sdg:StringValue>v</sdg:StringValue></sdg:SupportedValue></sdg:ClassificationConcept></sdg:Publisher></sdg:AccessService>'
  . '</sdg:DataServiceEvidenceType></rim:SlotValue></rim:Slot></rim:RegistryObject></rim:RegistryObjectList></query:QueryResponse>';
add_document('read_directory_answer()', q{SELECT count(*) FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', $1)}, $answer);
add_document('check_directory_answer()', q{SELECT count(*) FROM ootspg.check_directory_answer($1)}, $answer);
my $import = q{SELECT ootspg.import_code_list('https://sr.oots.tech.ec.europa.eu/codelists/LV/Growth', $1)};
my $genericode = '<gc:CodeList xmlns:gc="http://docs.oasis-open.org/codelist/ns/genericode/1.0/"><Identification><Version>1</Version></Identification><ColumnSet><Column Id="code"><Data Type="string"/></Column><Column Id="name"><Data Type="string" Lang="en"/></Column><Key Id="k"><ColumnRef Ref="code"/></Key></ColumnSet>'
  . '<SimpleCodeList><Row><Value ColumnRef="code"><SimpleValue>a</SimpleValue></Value><Value ColumnRef="name"><SimpleValue>Name</SimpleValue></Value></Row></SimpleCodeList></gc:CodeList>';
add_document('code list', $import, $genericode);
my ($columns, $rows) = $genericode =~ /^(.*<ColumnSet>)(.*)$/s;
add_case('code list: columns', $import, $columns, '<Column Id="c#"><Data Lang="en"/></Column>', $rows);
my ($before_row, $after_row) = $genericode =~ m{^(.*<SimpleCodeList>)(.*)$}s;
add_case('code list: rows', $import, $before_row, '<Row><Value ColumnRef="code"><SimpleValue>c#</SimpleValue></Value><Value ColumnRef="name"><SimpleValue>n#</SimpleValue></Value></Row>', $after_row);

# Name servers: a header that says how much is to follow
my $dns = sub { "SELECT failure FROM ootspg_internal.choose_naptr(decode('00008400$_[0]00000000', 'hex') || \$1, 'x')" };
add_case("DNS: $_->[0]", $dns->($_->[1]), '', $_->[2], '', 65000)
  for [ 'labels', '00010001', "\x01a" ], [ 'questions', 'ffff0000', "\x01a" ], [ 'answers', '0000ffff', "\x01a" ], [ 'long labels', '0001ffff', "\x3f" . ('a' x 63) ];

# Seals
add_document('seal()', q{SELECT length(ootspg.seal($1, 'birth'))}, '<a><b>c</b></a>');
add_document('canonical()', 'SELECT length(ootspg.canonical($1))', '<a><b>c</b></a>');
add_document('verify_seal()', 'SELECT step FROM ootspg.verify_seal($1)', $node->safe_psql('postgres', q{SELECT convert_from(ootspg.seal('<a><b>c</b></a>'::bytea, 'birth'), 'UTF8')}));

# The header of a directory's signature, and its length
my $signed = sub { "SELECT v::text FROM ootspg_internal.verify_directory_answer('x'::bytea, 'SHA-256=' || encode(sha256('x'::bytea), 'base64'), $_[0], ''::bytea, now()) v" };
my $token = q{translate(encode($1, 'base64'), E'+/=\n', '-_') || '..AAAA'};
add_case("signature: $_->[0]", $signed->($token), $_->[1], $_->[2], $_->[3], 24000)
  for [ 'members', '{"a":1', ',"m#":1', '}' ], [ 'strings', '{"a":"', 'x', '"}' ], [ 'escapes', '{"a":"', '\\u0041', '"}' ], [ 'arrays', '{"a":', '[', '1' ], [ 'certificates', '{"x5c":["AAAA"', ',"AAAA"', ']}' ];
add_case('signature: long', $signed->(q{convert_from($1, 'UTF8')}), 'e30..', 'A', '');

# Schemas: compiled as long as that grows with their size, refused beyond
my $compile = 'SELECT ootspg_internal.require_schema($1)';
my $schema = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:x" targetNamespace="urn:x">';
my $pattern = "$schema<xs:simpleType name=\"s\"><xs:restriction base=\"xs:string\"><xs:pattern value=\"";
my $type = "$schema<xs:element name=\"R\"><xs:complexType>";
my $string = '<xs:simpleType name="t0"><xs:restriction base="xs:string"/></xs:simpleType>';
my %schemas;
$schemas{"pattern $_"} = [ $pattern, $_, '"/></xs:restriction></xs:simpleType></xs:schema>' ] for '(a|b)?', 'a?', 'a|', '(a*b*)*', '(a?){0,9}', '[a-z]';
$schemas{"$_->[0] of $_->[1]"} = [ "$type<xs:$_->[0]>", $_->[2], "</xs:$_->[0]></xs:complexType></xs:element></xs:schema>" ]
  for map { my $model = $_; map { [ $model, @$_ ] } [ 'optional elements', '<xs:element name="e#" minOccurs="0"/>' ], [ 'elements', '<xs:element name="e#"/>' ], [ 'repeated elements', '<xs:element name="e#" minOccurs="0" maxOccurs="unbounded"/>' ] } 'sequence', 'choice';
$schemas{attributes} = [ "$type<xs:sequence/>", '<xs:attribute name="a#"/>', '</xs:complexType></xs:element></xs:schema>' ];
$schemas{substitutes} = [ "$type<xs:sequence><xs:element ref=\"h\" maxOccurs=\"unbounded\"/></xs:sequence></xs:complexType></xs:element><xs:element name=\"h\"/>", '<xs:element name="s#" substitutionGroup="h"/>', '</xs:schema>' ];
$schemas{members} = [ "$schema$string<xs:simpleType name=\"u\"><xs:union memberTypes=\"t0", ' t0', '"/></xs:simpleType></xs:schema>' ];
$schemas{enumerations} = [ "$schema<xs:simpleType name=\"t\"><xs:restriction base=\"xs:string\">", '<xs:enumeration value="v#"/>', '</xs:restriction></xs:simpleType></xs:schema>' ];
$schemas{types} = [ $schema, '<xs:complexType name="t#"><xs:sequence><xs:element name="a"/><xs:element name="b" minOccurs="0"/></xs:sequence></xs:complexType>', '</xs:schema>' ];
add_case("schema: $_", $compile, @{ $schemas{$_} }) for keys %schemas;
my $chained = sub { my ($first, $each, $last) = @_; join '', $schema, $first, (map { my $n = $_; my $p = $n - 1; $each =~ s/#/$n/gr =~ s/%/$p/gr } 1 .. 3000), $last, '</xs:schema>' };
my %refused = (
	'a chain of types' => $chained->('<xs:complexType name="t0"/>', '<xs:complexType name="t#"><xs:complexContent><xs:extension base="t%"/></xs:complexContent></xs:complexType>', ''),
	'a chain of simple types' => $chained->($string, '<xs:simpleType name="t#"><xs:restriction base="t%"/></xs:simpleType>', ''),
	'a chain of substitutions' => $chained->('<xs:element name="s0"/>', '<xs:element name="s#" substitutionGroup="s%"/>', ''),
	'groups that double' => $chained->('<xs:group name="g0"><xs:sequence><xs:element name="e"/></xs:sequence></xs:group>', '<xs:group name="g#"><xs:sequence><xs:group ref="g%"/><xs:group ref="g%"/></xs:sequence></xs:group>', '<xs:element name="R"><xs:complexType><xs:group ref="g30"/></xs:complexType></xs:element>'),
	'unions that double' => $chained->($string, '<xs:simpleType name="t#"><xs:union memberTypes="t% t%"/></xs:simpleType>', ''),
	'nested sequences' => $type . ('<xs:sequence minOccurs="0" maxOccurs="5">' x 60) . '<xs:element name="e"/>' . ('</xs:sequence>' x 60) . '</xs:complexType></xs:element></xs:schema>',
	'values of an ambiguous pattern' => "$pattern(a|aa)*b\"/></xs:restriction></xs:simpleType><xs:simpleType name=\"t\"><xs:restriction base=\"s\">" . ('<xs:enumeration value="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"/>' x 9) . '</xs:restriction></xs:simpleType></xs:schema>');
is(sqlstate($node, 'postgres', 'SELECT ootspg_internal.require_schema(convert_to(' . quote($refused{$_}) . ", 'UTF8'))"), 'OT003', "schema: $_") for sort keys %refused;

my $table = join ",\n", map { my ($statement, $before, $piece, $after, $most) = @{ $cases{$_} }; '(' . join(', ', map({ quote($_) } $_, $statement, $before, $piece, $after), $most // 'NULL') . ')' } sort keys %cases;
$node->safe_psql('postgres', "INSERT INTO growth.worst_case VALUES $table");

# A session for each: what libraries keep of one case would be there for the next.
my $run = sub {
	my ($runs, @names) = @_;
	my %rows;
	my $sql = join '', map { "\\connect\nSET client_min_messages = error;\nSELECT " . quote($_) . " AS name, r.* FROM growth.run(" . quote($_) . ", $runs) r;\n" } @names;
	for (split /\n/, $node->safe_psql('postgres', $sql, timeout => 3600))
	{
		my ($name, $step, $bytes, $cpu, $memory, $outcome) = /^(.*)\|(\d+)\|(\d+)\|(\d+)\|(\d+)\|([^|]*)$/ or next;
		$rows{$name}[ $step - 1 ] = { bytes => $bytes, cpu => $cpu, memory => $memory, outcome => $outcome };
	}
	return %rows;
};
my $fine = sub {
	my ($steps) = @_;
	my (undef, $middle, $large) = @$steps;
	return 'no result' if !$large;
	my $floor = $middle->{cpu} > $least_cpu ? $middle->{cpu} : $least_cpu;
	return sprintf('CPU %.1f and %.1f ms', $middle->{cpu} / 1e6, $large->{cpu} / 1e6) if $large->{cpu} > $most_growth * $floor;
	return sprintf('%d kB of memory for %d kB', $large->{memory} / 1024, $large->{bytes} / 1024) if $large->{memory} > $most_memory * $large->{bytes} + $least_memory;
	return '';
};
my @names = sort keys %cases;
my %measured = $run->(1, @names);
# what seems to grow too fast is looked at again before it is believed
my @again = grep { $fine->($measured{$_}) } @names;
%measured = (%measured, $run->(5, @again)) if @again;
for my $name (@names)
{
	is($fine->($measured{$name}), '', $name);
	note(sprintf '%s: %s', $_->{outcome}, join ', ', map { $_ } sprintf('%d kB: %.1f ms, %.1f bytes a byte', $_->{bytes} / 1024, $_->{cpu} / 1e6, $_->{memory} / $_->{bytes})) for $measured{$name}[2];
}

$node->stop;
done_testing();
