# Mutations: thousands of requests and headers, each valid but for one to three
# changes that nobody foresaw. Whatever comes in, no call fails, every exchange is
# kept, what leaves keeps the rules, and evidence is about the person asked for. The
# generator has a fixed seed, so that every run sees the same messages.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $seed = 20260901;
my $requests_per_base = 320;    # 32 bases
my $headers_per_base = 200;     # 8 of these

# next_random(n): 0 … n - 1, by a linear congruential generator of our own
my $state = $seed;

sub next_random
{
	my ($count) = @_;

	$state = ($state * 1103515245 + 12345) % 2147483648;
	return int($state / 256) % $count;
}

sub one_of
{
	my @values = @_;
	return @values ? $values[ next_random(scalar @values) ] : undef;
}

my @odd = (
	'x' x 300, 'long ' x 4000, '1' x 40, '0', '-1', '00', 'R1', 'T1', "\t", "\xC2\xA0", "\xE2\x80\x8B", '&#x85;', '&#9;&#10;&#13;', '&#x7F;',
	'&lt;script&gt;', '&lt;!--', ']]&gt;', '&amp;amp;', '&quot;', '%s%n%d', "'; SELECT 1; --", '{"a": 1}', '$1', '\\', '\\x00',
	'Ωμέγα', 'Ивáн', '王小明', 'محمد', "\xF0\x9F\x8E\x96", "e\xCC\x81\xCC\x81\xCC\x81", 'ß', 'İı', "\xEF\xBB\xBFx", "\xEF\xBF\xBD",
	'1990-02-30', '1990-01-01Z', '1990-01-01+14:00', '1990-01-01+99:99', '1990-1-1', '1990', '1990-01', '-1990-01-01', '0000-00-00', '9999-12-31', '10000-01-01',
	'99999999999999999999-01-01', 'infinity', 'now', 'epoch', '4713-01-01 BC', '1990-01-01T00:00:00', '2026-09-01T24:00:00Z', '2026-09-01T10:00:60Z',
	'2026-09-01T10:00:00.123456789012Z', '2026-09-01T10:00:00-14:00', 'true', 'false', '1', 'TRUE', 'EN', 'LV', 'en', 'High', 'Low',
	'oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0', 'oots-edm:v9', 'urn:uuid:', 'urn:cef.eu:names:identifier:EAS:9939', 'eidas',
	'DE/LV/', 'LV/DE/40003000001', 'LV/DE/40003000002', 'DE/LV/A1B2C3D4E', 'application/pdf', 'application/xml', 'https://sr.oots.tech.ec.europa.eu/x y',
	# other people of the registry
	'Ozoliņš', 'Jānis', '1990-01-01', 'Bērziņa', 'Anna Marija', '1991-02-02', 'Kalniņš', 'Pēteris', '1992-03-03', 'Slepens', 'Liepa', '1994-05-05',
	'OZOLINS', 'Berzina', 'Anna', 'Beta SIA', 'Substantial', '<b xmlns="urn:example:other">1</b>', '<![CDATA[Ozoliņš]]>', 'Ozo<!-- c -->liņš');
my @names = ('id', 'lang', 'xml:lang', 'schemeID', 'xsi:type', 'name', 'a', 'xmlns', 'xmlns:sdg', 'xmlns:b');
my @inserted = (
	'<!-- c -->', '<?pi x?>', '<![CDATA[]]>', '<![CDATA[x]]>', '&amp;', '&unknown;', '&#0;', '&#x1;', '&#xD800;', "\x01", "\x00", "\xC0\x80", "\xED\xA0\x80",
	'<x/>', '<x>', '</x>', '<', '>', '"', "\n\n", '<!DOCTYPE a>', '<!DOCTYPE a [<!ENTITY e "x">]>', '<?xml version="1.0"?>', '<a:b/>',
	'<d>' x 40 . '</d>' x 40, '<d>' x 600 . '</d>' x 600, '<rim:Slot/>', '<sdg:Person/>', '<rim:SlotValue xsi:type="rim:AnyValueType"/>');

# Where the elements are: [begin, begin of content, end of content, end, number of the parent]
sub elements
{
	my ($text) = @_;
	my (@elements, @open);

	while ($text =~ m{<(/?)([^\s<>/?!]+)[^<>]*?(/?)>}g)
	{
		my ($begin, $end) = ($-[0], $+[0]);

		if ($1)
		{
			my $element = $elements[ pop @open // return @elements ];
			@$element[ 2, 3 ] = ($begin, $end);
			next;
		}
		push @elements, [ $begin, $end, $end, $end, @open ? $open[-1] : -1 ];
		push @open, $#elements unless $3;
	}
	return @elements;
}

# Each changes the text in one place among those it is given and says what it did.
sub change_element
{
	my ($text) = @_;
	my @elements = elements($$text);
	my $number = next_random(scalar(@elements) || return 'no element');
	my ($begin, $inner, $inner_end, $end, $parent) = @{ $elements[$number] };
	my $what = one_of(qw(drop empty blank duplicate swap rename wrap unwrap));
	my $whole = substr $$text, $begin, $end - $begin;

	if ($what eq 'swap')
	{
		my $other = one_of(grep { $_->[4] == $parent && $_->[0] >= $end } @elements) // return 'no sibling';
		my $others = substr $$text, $other->[0], $other->[3] - $other->[0], $whole;
		substr $$text, $begin, $end - $begin, $others;
	}
	else
	{
		my $changed =
			$what eq 'drop' ? ''
		  : $what eq 'duplicate' ? $whole x one_of(2, 2, 2, 3, 50)
		  : $what eq 'rename' ? $whole =~ s/^<(\/?[\w:]+)(.*?)(?:\1(>))?$/<$1x$2/sr
		  : $what eq 'wrap' ? "<sdg:Wrap>$whole</sdg:Wrap>"
		  : $what eq 'unwrap' ? substr($$text, $inner, $inner_end - $inner)
		  : substr($$text, $begin, $inner - $begin) . ($what eq 'blank' ? one_of(' ', "\n\t", '&#32;') : '') . substr($$text, $inner_end, $end - $inner_end);
		substr $$text, $begin, $end - $begin, $changed;
	}
	return "$what element $number";
}

sub change_text
{
	my ($text) = @_;
	my @texts;
	push @texts, [ $-[1], $+[1] ] while $$text =~ />([^<>]+)</g;
	my ($begin, $end) = @{ one_of(@texts) // return 'no text' };
	my $value = next_random(scalar @odd);

	substr $$text, $begin, $end - $begin, $odd[$value];
	return "text at $begin is odd value $value";
}

sub change_attribute
{
	my ($text) = @_;
	my @attributes;
	push @attributes, [ $-[0], $+[0], $1, $2 ] while $$text =~ /\s([\w:]+)="([^"<>]*)"/g;
	my ($begin, $end, $name, $value) = @{ one_of(@attributes) // return 'no attribute' };
	my $what = one_of(qw(drop empty rename odd odd twice));
	my $changed =
		$what eq 'drop' ? ''
	  : $what eq 'empty' ? qq{ $name=""}
	  : $what eq 'rename' ? ' ' . one_of(@names) . qq{="$value"}
	  : $what eq 'odd' ? qq{ $name="} . one_of(grep { !/</ } @odd) . '"'
	  : qq{ $name="$value" $name="$value"};

	substr $$text, $begin, $end - $begin, $changed;
	return "$what attribute $name at $begin";
}

sub change_bytes
{
	my ($text) = @_;
	my $place = next_random(length($$text) || return 'no byte');
	my $what = one_of(qw(truncate flip flip flip cut));

	if ($what eq 'truncate')
	{
		substr $$text, $place, length($$text), '';
	}
	elsif ($what eq 'cut')
	{
		substr $$text, $place, 1 + next_random(20), '';
	}
	else
	{
		substr $$text, $place, 1, chr(ord(substr $$text, $place, 1) ^ 1 << next_random(8));
	}
	return "$what at $place";
}

sub insert_markup
{
	my ($text) = @_;
	my $place = next_random(length($$text) + 1);
	my $value = next_random(scalar @inserted);

	# mostly between elements, where it does most
	$place = index($$text, '>', $place) + 1 if next_random(4);
	substr $$text, $place, 0, $inserted[$value];
	return "insert $value at $place";
}

sub mutate
{
	my ($text) = @_;
	my $times = 1 + (next_random(4) == 0) * (1 + next_random(2));
	my @what;

	for (1 .. $times)
	{
		my $how = one_of(
			\&change_element, \&change_element, \&change_element, \&change_text, \&change_text, \&change_text,
			\&change_attribute, \&change_attribute, \&change_bytes, \&insert_markup);
		push @what, $how->(\$text);
	}
	return ($text, join ', ', @what);
}

my $node = start_node('mutations', 'restart_after_crash = on', "log_statement = 'none'", 'log_min_messages = fatal', 'max_wal_size = 4GB');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file('test/fixtures/ask.sql'));
$node->safe_psql('postgres', <<'END');
-- Much time, since headers are written before all calls
UPDATE ootspg.evidence_type SET t1 = '1 hour';
CREATE TABLE registry.company (number text PRIMARY KEY);
INSERT INTO registry.company VALUES ('40003000001'), ('40003000002');
CREATE VIEW registry.companies AS SELECT number AS person_id FROM registry.company;
CREATE VIEW registry.extracts AS SELECT number AS person_id, DATE '2020-02-29' AS issuing_date, pdf_of('company ' || number) AS pdf FROM registry.company;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject, subject_source, procedures, level_of_assurance, preview, t1)
VALUES ('extract', 'civil', 'b1c2d3e4-2222-4333-8444-000000000002', '{"EN": "Extract"}', 'legal person', 'registry.companies', '{R1}', 'Low', 'exempt', '1 hour');
INSERT INTO ootspg.evidence_type_line SELECT 'extract', line, classification FROM ootspg.evidence_type_line;
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) VALUES ('extract', 'pdf', 'application/pdf', 'registry.extracts', 'pdf');
SELECT ootspg.activate('extract');
-- Representatives may act, so that their part of the message is read as well
CREATE FUNCTION registry.may(question ootspg.entitlement_question) RETURNS boolean LANGUAGE sql STABLE AS $$SELECT true$$;
UPDATE ootspg.evidence_type SET representation = true, entitlement = 'registry.may' WHERE evidence_type = 'birth';
CREATE TABLE call (n integer PRIMARY KEY, what text, request bytea, header bytea);
CREATE TABLE result (n integer PRIMARY KEY, exchange_id bigint, outcomes text, parts bytea[], failure text);
END

# The messages that are changed, four kinds on every line.
my @bases = map { my ($line, @hex) = split /\|/; [ $line, map { pack 'H*', $_ } @hex ] } split /\n/, $node->safe_psql('postgres', <<'END');
SELECT line, encode(request, 'hex'), encode(test_header(line), 'hex')
  FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, LATERAL (VALUES
	(1, request(line, id => 'REQUEST-ID')),
	(2, request(line, test_person('Bērziņa', 'Anna Marija', '1991-02-02', 'DE/LV/A1B2C3D4E', 'High'), wanted('application/xml') || CASE line WHEN 'oots-edm:v2.0' THEN wanted('application/pdf') ELSE '' END, id => 'REQUEST-ID')),
	(3, request(line, test_company('LV/DE/40003000001', 'Alfa SIA', 'High'), service => 'b1c2d3e4-2222-4333-8444-000000000002', id => 'REQUEST-ID')),
	(4, request(line, id => 'REQUEST-ID', more_query => test_slot('AuthorizedRepresentative', 'AnyValueType', test_person('Kalniņš', 'Pēteris', '1992-03-03', 'DE/LV/Z9Y8X7W6V', 'High',
		CASE line WHEN 'oots-edm:v2.0' THEN '<sdg:SectorSpecificAttribute><sdg:AttributeName>PowerOfRepresentationScope</sdg:AttributeName>'
			|| '<sdg:AttributeURI>https://example.eu/scope</sdg:AttributeURI><sdg:AttributeValue>R1</sdg:AttributeValue></sdg:SectorSpecificAttribute>' ELSE '' END))))
	) c(kind, request) ORDER BY line, kind
END
is(scalar @bases, 16, "bases were written; seed $seed");

my ($n, $plain, $changed_requests, $changed_headers) = (0, 0, 0, 0);
my $messages = PostgreSQL::Test::Utils::tempdir() . '/messages';
open my $out, '>:raw', $messages or die "$messages: $!";

# add(base, change request, header: without, as it is, changed)
sub add
{
	my ($base, $change_request, $header_kind) = @_;
	my ($line, $request, $header) = @{ $bases[$base] };
	my $id = sprintf '00000000-0000-4000-8000-%012d', ++$n;
	my $what = "base $base";

	$request =~ s/REQUEST-ID/$id/;
	if ($change_request)
	{
		($request, my $how) = mutate($request);
		$what .= ": $how";
	}
	if ($header_kind == 2)
	{
		($header, my $how) = mutate($header);
		$what .= "; header: $how";
	}
	print $out join("\t", $n, $what, '\\\\x' . unpack('H*', $request), $header_kind ? '\\\\x' . unpack('H*', $header) : '\\N'), "\n";
	return;
}

for my $base (0 .. $#bases)
{
	for my $header_kind (0, 1)
	{
		add($base, 0, $header_kind);
		$plain++;
		$changed_requests += $requests_per_base;
		add($base, 1, $header_kind) for 1 .. $requests_per_base;
	}
	next if $base % 2;
	$changed_headers += $headers_per_base;
	add($base, 0, 2) for 1 .. $headers_per_base;
}
close $out or die "$messages: $!";
cmp_ok($changed_requests, '>=', 2500, 'requests were changed');
cmp_ok($changed_headers, '>=', 300, 'headers were changed');

# A commit after each call tells which one took the backend along.
my ($stdout, $stderr) = ('', '');
my $status = $node->psql('postgres', <<"END", stdout => \$stdout, stderr => \$stderr);
\\copy call FROM '$messages'
SET synchronous_commit = off;
DO \$\$
DECLARE
	c call;
BEGIN
	FOR c IN SELECT * FROM call ORDER BY n LOOP
		BEGIN
			INSERT INTO result (n, exchange_id, outcomes, parts)
			SELECT c.n, min(a.exchange_id), string_agg(DISTINCT a.outcome, ' '), array_agg(a.content ORDER BY a.part) FROM ootspg.answer(c.request, c.header) a;
		EXCEPTION WHEN OTHERS THEN
			INSERT INTO result (n, failure) VALUES (c.n, SQLSTATE || ' ' || SQLERRM);
		END;
		COMMIT;
	END LOOP;
END \$\$;
END
is("$status$stderr", '0', 'all were put to one backend');
$node->poll_query_until('postgres', 'SELECT true');
is($node->safe_psql('postgres', 'SELECT n, what FROM call WHERE n = (SELECT coalesce(max(n), 0) + 1 FROM result)'), '', 'and it answered to the last');
unlike(slurp_file($node->logfile), qr/was terminated by signal/, 'no backend crashed');

# none(query, name): the query finds no exchange; what it finds is shown with its change
sub none
{
	my ($query, $name) = @_;
	is( $node->safe_psql('postgres', "SELECT n, what, f.fact FROM call JOIN result USING (n) LEFT JOIN ootspg.exchange x USING (exchange_id), LATERAL ($query) f(fact) ORDER BY n LIMIT 20"),
		'', $name);
	return;
}

none('SELECT failure WHERE failure IS NOT NULL', 'no call raises an error');
none(q{SELECT x.outcome WHERE x.outcome IS DISTINCT FROM outcomes}, 'every call has its exchange');
is($node->safe_psql('postgres', 'SELECT count(*) - (SELECT count(*) FROM call) FROM ootspg.exchange'), '0', 'and no exchange is without call');
none(
	q{SELECT count(*) FROM ootspg.exchange_event e WHERE e.exchange_id = x.exchange_id AND direction = 'in'
	  HAVING count(*) <> 1 OR NOT bool_and(first_part = request AND e.header IS NOT DISTINCT FROM call.header)},
	'what came in is kept byte for byte, once');
none(
	q{SELECT count(*) FROM ootspg.exchange_event e WHERE e.exchange_id = x.exchange_id AND direction = 'out' AND first_part = parts[1] AND e.header IS NOT DISTINCT FROM answer_header
	  HAVING count(*) <> CASE outcomes WHEN 'unanswerable' THEN 0 ELSE 1 END},
	'and so is what went out');
none(
	q{SELECT string_agg(DISTINCT rule_id, ' ') FROM ootspg.check_message(parts[1], answer_header) WHERE severity = 'fatal' AND parts[1] IS NOT NULL HAVING count(*) > 0},
	'what went out keeps the rules');
none(q{SELECT outcomes WHERE (outcomes = 'unanswerable') <> (parts[1] IS NULL) OR (parts[1] IS NULL OR header IS NULL) <> (answer_header IS NULL)}, 'and goes with a header if it came with one');
none(q{SELECT outcomes WHERE outcomes <> 'evidence' AND cardinality(parts) > 1}, 'evidence goes as evidence only');
none(
	q{SELECT string_agg(DISTINCT rule_id, ' ') FROM ootspg.check_message(request, header) WHERE severity = 'fatal' AND outcomes IN ('evidence', 'empty') HAVING count(*) > 0},
	'evidence is sent for requests only that break no rule');
none(
	q{SELECT count(*) FROM ootspg.evidence_event e WHERE e.exchange_id = x.exchange_id
	  HAVING array_agg(sha256_as_held ORDER BY event_id) IS DISTINCT FROM (SELECT array_agg(sha256(p) ORDER BY i) FROM unnest(parts[2:]) WITH ORDINALITY u(p, i))},
	'and every piece is in the log');

# Who the evidence is about, by an XML parser that is not ours
$node->safe_psql('postgres', <<'END');
-- inside is the name of an element or of a slot
CREATE FUNCTION values_of(message bytea, inside text, element text) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(btrim(value, E' \n\t\r'))
	  FROM XMLTABLE('//*[local-name()="IsAbout" or local-name()="Slot"]//*' PASSING (convert_from(message, 'UTF8')::xml)
			COLUMNS name text PATH 'local-name()', value text PATH 'string()', place text PATH 'local-name(ancestor::*[local-name()="IsAbout"])', slot text PATH 'string(ancestor::*[local-name()="Slot"][1]/@name)')
	 WHERE name = element AND inside IN (place, slot)
$$;
CREATE FUNCTION is_in(value text, names text[]) RETURNS boolean LANGUAGE sql AS $$
	SELECT EXISTS (SELECT FROM unnest(names) name WHERE ootspg.names_match(value, name))
$$;
END
none(
	q{SELECT concat_ws(' ', p.code, piece[1]) FROM unnest(parts[2:]) u(content), regexp_matches(convert_from(content, 'UTF8'), '(R-\d{5})') piece
		LEFT JOIN registry.birth b ON b.entry_no = piece[1] LEFT JOIN registry.person p USING (code)
	  WHERE evidence_type = 'birth' AND (p.secret
			OR NOT is_in(p.family_name, values_of(request, 'NaturalPerson', 'FamilyName')) OR NOT is_in(p.given_name, values_of(request, 'NaturalPerson', 'GivenName'))
			OR NOT p.born::text = ANY (SELECT left(d, 10) FROM unnest(values_of(request, 'NaturalPerson', 'DateOfBirth')) d)
			OR NOT is_in(p.family_name, values_of(parts[1], 'IsAbout', 'FamilyName')) OR NOT is_in(p.given_name, values_of(parts[1], 'IsAbout', 'GivenName'))
			OR NOT p.born::text = ANY (SELECT left(d, 10) FROM unnest(values_of(parts[1], 'IsAbout', 'DateOfBirth')) d)) IS NOT FALSE
		AND NOT (system_check AND piece[1] = 'R-00000')},
	'evidence is about the person asked for and nobody else');
none(
	q{SELECT piece[1] FROM unnest(parts[2:]) u(content), regexp_matches(convert_from(content, 'UTF8'), 'company (\d+)') piece
	  WHERE NOT 'LV/DE/' || piece[1] = ANY (values_of(request, 'LegalPerson', 'LegalPersonIdentifier')) IS TRUE},
	'or about the company');
none(q{SELECT concat_ws(' ', outcomes, reason) WHERE what NOT LIKE '%:%' AND outcomes <> 'evidence'}, "the $plain messages as they were get evidence");
my %count = map { split /\|/ } split /\n/, $node->safe_psql('postgres', 'SELECT outcomes, count(*) FROM result GROUP BY 1');
cmp_ok($count{$_} // 0, '>', 100, "there were many of outcome $_: " . ($count{$_} // 0)) for qw(evidence error unanswerable);

$node->stop;
done_testing();
